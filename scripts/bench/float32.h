/* Partitioned convolution in float32 with FFTW: what a good CPU convolver computes, for comparison.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_BENCH_FLOAT32_H
#define NAVE_BENCH_FLOAT32_H
#include <stddef.h>

/* Adds to y the convolution of x with h[from .. from + length - 1], in uniform partitions (overlap-save); all of its
 * arithmetic, the sums over tiers included, is float32. 0, or -1 when out of memory. */
int nave_bench_float32(float *y, const double *x, size_t frames, const double *h, size_t from, size_t length,
                       size_t partition);
#endif
