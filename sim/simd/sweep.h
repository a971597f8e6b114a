/* How the SIMD multiply-accumulates go over a tile: sweeps of a few partitions over all its bins, so that the rows that
 * are read stay few and long, and each sum is loaded and stored once a sweep.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SWEEP_H
#define NAVE_SWEEP_H
#include "../model/dsp.h"

#define NAVE_CMAC_SWEEP 8 /* partitions */
#define NAVE_CMAC_TOP ((1 << NAVE_SPECTRUM_BITS) - 1)

/* Sums of one block: eight (AVX-512) or four real parts, then as many imaginary ones, and so on. */
typedef int64_t nave_cmac_sums[2 * NAVE_TILE_BINS];

typedef struct nave_cmac_sweep {
    const int32_t *x[NAVE_CMAC_SWEEP + NAVE_MAX_BATCH - 1]; /* aligned; block j takes x[batch - 1 - j + p] */
    const int32_t *h[NAVE_CMAC_SWEEP];
    uint32_t partitions, batch;
    int fresh; /* 1: the sums start here */
} nave_cmac_sweep;

typedef struct nave_cmac_steps {
    void (*align_row)(int32_t *to, const int32_t *x, uint32_t words, unsigned shift);
    void (*run_sweep)(const nave_cmac_sweep *s, nave_cmac_sums *sums, uint32_t bins);
    uint32_t lanes; /* real parts that stand together in the sums */
} nave_cmac_steps;

/* All sums of a tile. */
void nave_cmac_run(const nave_cmac_job *job, const nave_cmac_steps *steps, nave_cmac_sums *sums);
#endif
