/* From the card's words to a file's words: TPDF dither or rounding to nearest even, saturation, clip count.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_DITHER_H
#define NAVE_DITHER_H
#include "sample_hash.h"

typedef struct nave_dither {
    nave_word word;
    int on; /* 0: round only */
    uint64_t seed;
    uint64_t clipped_samples; /* words beyond the file's full scale; counted up */
} nave_dither;

/* One channel of `frames` words, written at out[0], out[stride], ... so that the caller interleaves by the way. The
 * noise is a function of (seed, channel, first_frame + i) alone: blocks may be cut anywhere. float takes no dither:
 * it is the exactly rounded value of the word. */
void nave_dither_q44(nave_dither *d, const int64_t *in, int32_t *out, size_t stride, size_t frames, uint32_t channel,
                     uint64_t first_frame);
void nave_dither_q28(nave_dither *d, const int32_t *in, int32_t *out, size_t stride, size_t frames, uint32_t channel,
                     uint64_t first_frame);

#endif
