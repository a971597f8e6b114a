/* The parts of the dynamics engine over a block of frames in which no dial moves, as a table of functions: what SIMD
 * overrides. Those of C (dyn_block.c) do the blocks' functions of a frame, frame by frame, and are the specification.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_DYN_BLOCK_H
#define NAVE_DYN_BLOCK_H
#include "dyn.h"

#define NAVE_DYN_BLOCK 256 /* frames at most */

typedef int64_t nave_dyn_frame[NAVE_DYN_CHANNELS]; /* Q10.44; of one channel: the other is 0 */
typedef struct nave_dyn_row {                      /* the bands' words of a frame */
    int32_t band[NAVE_DYN_BANDS][NAVE_DYN_CHANNELS];
} nave_dyn_row;

typedef struct nave_dyn_lowest { /* gains of a block: of the bands that ran, log2 Q7.25 */
    int32_t band[NAVE_DYN_BANDS][NAVE_DYN_CHANNELS], limiter;
} nave_dyn_lowest;

typedef struct nave_dyn_blocks {
    /* Sections one after another; the state of section i of channel c is z[c * stride + i]. */
    void (*eq)(const nave_eq_section *section, nave_svf *z, size_t stride, uint32_t sections, uint32_t channels,
               nave_dyn_frame *x, size_t frames);
    /* x is used up. A row's words of bands and channels that there aren't mean nothing. */
    void (*split)(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, nave_dyn_frame *x,
                  nave_dyn_row *row, size_t frames);
    /* side: what each band hears; x: the delayed audio, replaced by the result. side may be x. */
    void (*bands)(const nave_band *band, nave_band_state *z, uint32_t bands, uint32_t channels, uint32_t mid_side,
                  const nave_dyn_row *side, nave_dyn_row *x, size_t frames, nave_dyn_lowest *lowest);
    void (*merge)(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, const nave_dyn_row *row,
                  nave_dyn_frame *y, size_t frames);
    void (*peak)(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading);
    /* nave_log2_q25 of words */
    void (*log2)(const uint32_t *v, int32_t *level, size_t frames);
    /* Words times 2^gain, log2 Q7.25; none beyond +-top. */
    void (*apply)(const int32_t *gain, const int32_t *top, uint32_t channels, int32_t *const *x, size_t frames);
} nave_dyn_blocks;

extern const nave_dyn_blocks nave_dyn_blocks_c;

void nave_dyn_eq_c(const nave_eq_section *section, nave_svf *z, size_t stride, uint32_t sections, uint32_t channels,
                   nave_dyn_frame *x, size_t frames);
void nave_dyn_split_c(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, nave_dyn_frame *x,
                      nave_dyn_row *row, size_t frames);
void nave_dyn_bands_c(const nave_band *band, nave_band_state *z, uint32_t bands, uint32_t channels, uint32_t mid_side,
                      const nave_dyn_row *side, nave_dyn_row *x, size_t frames, nave_dyn_lowest *lowest);
void nave_dyn_merge_c(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, const nave_dyn_row *row,
                      nave_dyn_frame *y, size_t frames);
void nave_dyn_peak_c(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading);
void nave_dyn_log2_c(const uint32_t *v, int32_t *level, size_t frames);
void nave_dyn_apply_c(const int32_t *gain, const int32_t *top, uint32_t channels, int32_t *const *x, size_t frames);
/* limiter_block.c */
void nave_dyn_limit(nave_dyn *d, const nave_dyn_blocks *blocks, int32_t *const *x, size_t frames,
                    nave_dyn_lowest *lowest);
/* dyn_given.c */
void nave_dyn_take_bands(const nave_dyn *d, const int32_t *const *in, nave_dyn_row *row,
                         int32_t (*whole)[NAVE_DYN_BLOCK], size_t frames);
void nave_dyn_add_bands(const nave_dyn *d, const nave_dyn_row *row, nave_dyn_frame *v, size_t frames);
#endif
