/* Test material and its exact convolution, shared by the accuracy table and the benchmark.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_BENCH_SIGNALS_H
#define NAVE_BENCH_SIGNALS_H
#include <stddef.h>
#include <stdint.h>

/* Pink noise (1/f power from 10 Hz up), peak just below 1.0. 0, or -1 when out of memory. */
int nave_bench_pink(double *x, size_t frames, uint32_t rate_hz, uint64_t seed);
/* Noise that decays by 60 dB over its length: the shape of a room. */
void nave_bench_response(double *h, size_t frames, uint64_t seed);
/* Rounds to 24-bit samples, limited to what they hold. */
void nave_bench_to_24_bits(double *x, size_t frames);
/* y[0 .. nx + nh - 2], by one long double-precision transform. 0, or -1 when out of memory. */
int nave_bench_convolve(double *y, const double *x, size_t nx, const double *h, size_t nh);
/* y[at] as a plain sum: slow, and no transform in it. */
double nave_bench_convolve_at(const double *x, size_t nx, const double *h, size_t nh, size_t at);
double nave_bench_db(double amplitude);
#endif
