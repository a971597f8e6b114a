/* Partitioned convolution in float32 with FFTW.
 * SPDX-License-Identifier: ISC */
#include "float32.h"
#include <fftw3.h>
#include <stdlib.h>
#include <string.h>

typedef struct block_convolver {
    size_t partition, partitions, bins;
    float *time;                   /* 2 partitions */
    float *spectrum, *sum, *x, *h; /* interleaved complex; x is a ring of partitions */
    fftwf_plan forward, inverse;
} block_convolver;

static void release(block_convolver *c)
{
    if (c->forward)
        fftwf_destroy_plan(c->forward);
    if (c->inverse)
        fftwf_destroy_plan(c->inverse);
    fftwf_free(c->time);
    fftwf_free(c->spectrum);
    fftwf_free(c->sum);
    fftwf_free(c->x);
    fftwf_free(c->h);
}

static int prepare(block_convolver *c, const double *h, size_t length)
{
    const size_t words = 2 * c->bins;
    c->time = fftwf_alloc_real(2 * c->partition);
    c->spectrum = fftwf_alloc_real(words);
    c->sum = fftwf_alloc_real(words);
    c->x = fftwf_alloc_real(words * c->partitions);
    c->h = fftwf_alloc_real(words * c->partitions);
    if (!c->time || !c->spectrum || !c->sum || !c->x || !c->h)
        return -1;
    const int n = (int)(2 * c->partition);
    c->forward = fftwf_plan_dft_r2c_1d(n, c->time, (fftwf_complex *)c->spectrum, FFTW_ESTIMATE);
    c->inverse = fftwf_plan_dft_c2r_1d(n, (fftwf_complex *)c->sum, c->time, FFTW_ESTIMATE);
    if (!c->forward || !c->inverse)
        return -1;
    memset(c->x, 0, words * c->partitions * sizeof(float));
    for (size_t p = 0; p < c->partitions; p++) {
        memset(c->time, 0, 2 * c->partition * sizeof(float));
        for (size_t i = 0; i < c->partition && p * c->partition + i < length; i++)
            c->time[i] = (float)(h[p * c->partition + i] / n);
        fftwf_execute(c->forward);
        memcpy(c->h + p * words, c->spectrum, words * sizeof(float));
    }
    return 0;
}

static void multiply_add(float *restrict sum, const float *restrict x, const float *restrict h, size_t bins)
{
    for (size_t k = 0; k < 2 * bins; k += 2) {
        sum[k] += x[k] * h[k] - x[k + 1] * h[k + 1];
        sum[k + 1] += x[k] * h[k + 1] + x[k + 1] * h[k];
    }
}

int nave_bench_float32(float *y, const double *x, size_t frames, const double *h, size_t from, size_t length,
                       size_t partition)
{
    block_convolver c = {
        .partition = partition, .partitions = (length + partition - 1) / partition, .bins = partition + 1};
    const size_t words = 2 * c.bins;
    const int err = prepare(&c, h + from, length);
    for (size_t block = 0; !err && block * partition + from < frames; block++) {
        const size_t start = block * partition;
        for (size_t i = 0; i < 2 * partition; i++) {
            const size_t at = start + i; /* one partition late, so that it can't be negative */
            c.time[i] = at >= partition && at - partition < frames ? (float)x[at - partition] : 0;
        }
        fftwf_execute(c.forward);
        const size_t slot = block % c.partitions;
        memcpy(c.x + slot * words, c.spectrum, words * sizeof(float));
        memset(c.sum, 0, words * sizeof(float));
        for (size_t p = 0; p < c.partitions && p <= block; p++)
            multiply_add(c.sum, c.x + (slot + c.partitions - p) % c.partitions * words, c.h + p * words, c.bins);
        fftwf_execute(c.inverse);
        for (size_t i = 0; i < partition && start + from + i < frames; i++)
            y[start + from + i] += c.time[partition + i];
    }
    release(&c);
    return err;
}
