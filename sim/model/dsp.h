/* The arithmetic blocks of the card as one table of functions. The C functions of sim/model are the specification and
 * are assigned first; sim/simd overrides them by CPU flags and never differs from them by a bit.
 *
 * A complex word is two int32, re then im. A spectrum of a partition of n frames has n complex words: bin 0 holds the
 * two real bins, DC in re and Nyquist in im. Buffers are 64-byte aligned unless a function says otherwise.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_DSP_H
#define NAVE_DSP_H
#include "dyn_block.h"
#include "twiddle.h"
#include <stddef.h>
#include <stdint.h>

#define NAVE_LOG2_TILE_BINS 7
#define NAVE_TILE_BINS (1 << NAVE_LOG2_TILE_BINS)
#define NAVE_MAX_BATCH 8
#define NAVE_SPECTRUM_BITS 30 /* of a spectrum's mantissas, sign not counted */
#define NAVE_SKIP 255         /* an alignment shift that leaves nothing of a block */

/* Largest magnitudes that a step can take without a shift (see sim/model/README.md for the bounds). */
#define NAVE_LIMIT_RADIX2 1073741823u      /* (2^31 - 1) / 2 */
#define NAVE_LIMIT_RADIX4_FIRST 536870911u /* (2^31 - 1) / 4 */
#define NAVE_LIMIT_RADIX4 409618690u       /* (2^31 - 2) / (1 + 3 sqrt 2) */
#define NAVE_LIMIT_POST 444758420u         /* (2^30 - 2) / (1 + sqrt 2) */
#define NAVE_LIMIT_PRE 444758420u          /* (2^31 - 2) / (2 + 2 sqrt 2) */

enum {
    NAVE_FFT_LAST30 = 1, /* the last pass leaves 30 bits instead of 31 */
    NAVE_FFT_HALF = 2    /* only the second half of the result is wanted: the first is not defined, nor is *magnitude */
};

typedef struct nave_cmac_job {
    uint32_t bins;       /* of this tile: 64..NAVE_TILE_BINS, a multiple of 8 */
    uint32_t first;      /* 1: bin 0 of the tile is DC and Nyquist */
    uint32_t paths;      /* inputs that feed this output, >= 1 */
    uint32_t partitions; /* >= 1 */
    uint32_t batch;      /* 1..NAVE_MAX_BATCH output blocks */
    const int32_t *const
        *x; /* [path * (partitions + batch - 1) + r]: the tile of the block that is r blocks older than the newest */
    const uint8_t *align; /* for each x: its rounded right shift 0..31, or NAVE_SKIP: x counts as zero and isn't read */
    const int32_t *const *h; /* [path * partitions + p] */
} nave_cmac_job;

typedef struct nave_mix_job {
    const int64_t *wet; /* Q44 sums of the tiers */
    const int32_t *dry; /* Q28 input of the same frames */
    size_t frames;      /* any number */
    int32_t wet_q28, dry_q28;
} nave_mix_job;

typedef struct nave_dsp {
    const char *name;
    /* Copies n words and returns their largest magnitude. Any n and alignment. */
    uint32_t (*load)(int32_t *dst, const int32_t *src, size_t n);
    /* Complex transform of 1 << log2n words of x, whose largest magnitude is *magnitude. Destroys x and y, returns the
     * one that holds the result in natural order; adds the shifts made to *exponent; sets *magnitude of the result. */
    int32_t *(*fft)(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude, int *exponent);
    /* Transform of packed real samples to the spectrum; magnitude < 2^30 of z. Returns the shift made. */
    int (*post)(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum);
    /* Exact sums of products, then one rounding to 30 bits by the tile's own shift. y[j], shift[j], magnitude[j]: block
     * j, 0 the oldest of the batch. magnitude[j] == 0: the tile is zero and shift[j] 0. */
    void (*cmac)(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude);
    /* Rounds n words (a multiple of 16) by a right shift of 1..31: what cmac does to an x whose alignment that is. */
    void (*align)(int32_t *dst, const int32_t *src, size_t n, unsigned shift);
    /* Spectrum, of 30 bits as cmac leaves it (tile i to be aligned by align[i], or NAVE_SKIP; largest magnitude after
     * that given) to packed real samples before the inverse transform, with re and im exchanged, so that the forward
     * transform inverts. Sets the magnitude of z. Returns the shift made. */
    int (*pre)(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
               uint32_t *z_magnitude);
    /* Adds n samples (n even; z holds complex words with re and im exchanged) times 2^shift to the mix. */
    void (*overlap)(int64_t *mix, const int32_t *z, size_t n, int shift);
    /* out = wet * wet gain + dry * dry gain, narrowed; returns the number of words that were limited. */
    uint32_t (*mix_q28)(int32_t *out, const nave_mix_job *job);
    uint32_t (*mix_q44)(int64_t *out, const nave_mix_job *job);
    /* CRC-32C (Castagnoli) continued over n bytes; start with 0. */
    uint32_t (*crc32c)(uint32_t crc, const void *bytes, size_t n);
    nave_dyn_blocks dyn; /* of the dynamics engine */
} nave_dsp;

/* CPU flags for nave_dsp_init: what may be used. A mask, so that tests walk every variant. */
enum { NAVE_CPU_AVX2 = 1, NAVE_CPU_AVX512 = 2, NAVE_CPU_NEON = 4, NAVE_CPU_SSE42 = 8, NAVE_CPU_ALL = 0xff };
/* What this machine has. */
unsigned nave_cpu_flags(void);
/* Fills the table with the C functions, then with the best of what mask & nave_cpu_flags() allows. */
void nave_dsp_init(nave_dsp *dsp, unsigned mask);

/* sim/model: the specification */
uint32_t nave_load_c(int32_t *dst, const int32_t *src, size_t n);
int32_t *nave_fft_c(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude, int *exponent);
int nave_post_c(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum);
void nave_cmac_c(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude);
void nave_align_c(int32_t *dst, const int32_t *src, size_t n, unsigned shift);
int nave_pre_c(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
               uint32_t *z_magnitude);
void nave_overlap_c(int64_t *mix, const int32_t *z, size_t n, int shift);
uint32_t nave_mix_q28_c(int32_t *out, const nave_mix_job *job);
uint32_t nave_mix_q44_c(int64_t *out, const nave_mix_job *job);
uint32_t nave_crc32c_c(uint32_t crc, const void *bytes, size_t n);
#endif
