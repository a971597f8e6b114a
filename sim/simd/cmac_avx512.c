/* Complex multiply-accumulate of a tile, AVX-512 (twin of sim/model/cmac.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "../model/arith.h"
#include "sweep.h"
#include "simd.h"
#include "wide_avx512.h"

static void align_row(int32_t *to, const int32_t *x, uint32_t words, unsigned shift)
{
    const wide_shift by = wide_align_by(shift);
    for (uint32_t i = 0; i < words; i += 16)
        _mm512_store_si512(to + i, wide_align(_mm512_load_si512(x + i), by));
}

static inline void multiply_add(wide *acc, __m512i x, __m512i x_im, __m512i h, __m512i h_im)
{
    acc->re = _mm512_add_epi64(acc->re, _mm512_mul_epi32(x, h));
    acc->im = _mm512_add_epi64(acc->im, _mm512_mul_epi32(x, h_im));
    acc->re = _mm512_sub_epi64(acc->re, _mm512_mul_epi32(x_im, h_im));
    acc->im = _mm512_add_epi64(acc->im, _mm512_mul_epi32(x_im, h));
}

static inline wide take(const int64_t *sums, int fresh)
{
    const __m512i zero = _mm512_setzero_si512();
    return fresh ? (wide){zero, zero} : (wide){_mm512_load_si512(sums), _mm512_load_si512(sums + 8)};
}

static inline void give(int64_t *sums, wide acc)
{
    _mm512_store_si512(sums, acc.re);
    _mm512_store_si512(sums + 8, acc.im);
}

/* Eight bins of `blocks` neighbouring blocks over one sweep. Each x is loaded once and slides along the partitions. */
static inline __attribute__((always_inline)) void eight_bins(const nave_cmac_sweep *s, uint32_t newest, uint32_t blocks,
                                                             uint32_t bin, nave_cmac_sums *sums)
{
    const int32_t *const *x = s->x + newest;
    int64_t *at = sums[s->batch - 1 - newest] + 2 * bin;
    const size_t older = sizeof(*sums) / sizeof(**sums);
    wide a0 = take(at, s->fresh), a1 = {0}, a2 = {0}, a3 = {0};
    __m512i x0 = _mm512_setzero_si512(), x1 = x0, x2 = x0, i0 = x0, i1 = x0, i2 = x0;
    if (blocks > 1) {
        a1 = take(at - older, s->fresh);
        x0 = _mm512_load_si512(x[0] + 2 * bin);
        i0 = _mm512_shuffle_epi32(x0, 0xf5);
    }
    if (blocks > 2) {
        a2 = take(at - 2 * older, s->fresh);
        x1 = _mm512_load_si512(x[1] + 2 * bin);
        i1 = _mm512_shuffle_epi32(x1, 0xf5);
    }
    if (blocks > 3) {
        a3 = take(at - 3 * older, s->fresh);
        x2 = _mm512_load_si512(x[2] + 2 * bin);
        i2 = _mm512_shuffle_epi32(x2, 0xf5);
    }
    x += blocks - 1;
    for (uint32_t p = 0; p < s->partitions; p++) {
        const __m512i h = _mm512_load_si512(s->h[p] + 2 * bin), h_im = _mm512_shuffle_epi32(h, 0xf5);
        const __m512i v = _mm512_load_si512(x[p] + 2 * bin), v_im = _mm512_shuffle_epi32(v, 0xf5);
        if (blocks == 1) {
            multiply_add(&a0, v, v_im, h, h_im);
        } else if (blocks == 2) {
            multiply_add(&a0, x0, i0, h, h_im);
            multiply_add(&a1, v, v_im, h, h_im);
            x0 = v, i0 = v_im;
        } else if (blocks == 3) {
            multiply_add(&a0, x0, i0, h, h_im);
            multiply_add(&a1, x1, i1, h, h_im);
            multiply_add(&a2, v, v_im, h, h_im);
            x0 = x1, i0 = i1, x1 = v, i1 = v_im;
        } else {
            multiply_add(&a0, x0, i0, h, h_im);
            multiply_add(&a1, x1, i1, h, h_im);
            multiply_add(&a2, x2, i2, h, h_im);
            multiply_add(&a3, v, v_im, h, h_im);
            x0 = x1, i0 = i1, x1 = x2, i1 = i2, x2 = v, i2 = v_im;
        }
    }
    give(at, a0);
    if (blocks > 1)
        give(at - older, a1);
    if (blocks > 2)
        give(at - 2 * older, a2);
    if (blocks > 3)
        give(at - 3 * older, a3);
}

static void run_sweep(const nave_cmac_sweep *s, nave_cmac_sums *sums, uint32_t bins)
{
    for (uint32_t bin = 0; bin < bins; bin += 8) {
        uint32_t newest = 0;
        for (; newest + 4 <= s->batch; newest += 4)
            eight_bins(s, newest, 4, bin, sums);
        if (s->batch - newest == 3)
            eight_bins(s, newest, 3, bin, sums);
        else if (s->batch - newest == 2)
            eight_bins(s, newest, 2, bin, sums);
        else if (s->batch - newest == 1)
            eight_bins(s, newest, 1, bin, sums);
    }
}

static uint64_t magnitudes(const int64_t *sums, uint32_t bins)
{
    __m512i seen = _mm512_setzero_si512();
    for (uint32_t i = 0; i < 2 * bins; i += 8) {
        const __m512i v = _mm512_load_si512(sums + i);
        seen = _mm512_ternarylogic_epi64(seen, v, _mm512_srai_epi64(v, 63), 0xf6); /* seen | (v ^ sign) */
    }
    return (uint64_t)_mm512_reduce_or_epi64(seen);
}

static inline __attribute__((always_inline)) uint32_t narrow(int32_t *y, const int64_t *sums, uint32_t bins,
                                                             unsigned shift)
{
    const __m128i left = _mm_cvtsi32_si128(shift > 32 ? 0 : 32 - (int)shift);
    __m512i seen = _mm512_setzero_si512();
    for (uint32_t bin = 0; bin < bins; bin += 8) {
        wide v = take(sums + 2 * bin, 0);
        if (shift > 32) { /* 33: the lost bit stays in the lowest */
            const __m512i one = _mm512_set1_epi64(1);
            v.re = _mm512_or_epi64(_mm512_srai_epi64(v.re, 1), _mm512_and_epi64(v.re, one));
            v.im = _mm512_or_epi64(_mm512_srai_epi64(v.im, 1), _mm512_and_epi64(v.im, one));
        }
        v = (wide){_mm512_sll_epi64(v.re, left), _mm512_sll_epi64(v.im, left)};
        const __m512i words = wide_round(wide_add_half(v));
        _mm512_store_si512(y + 2 * bin, words);
        seen = wide_track(seen, words);
    }
    return _mm512_reduce_max_epu32(seen);
}

static uint32_t limit(int32_t *y, uint32_t bins)
{
    const __m512i top = _mm512_set1_epi32(NAVE_CMAC_TOP);
    __m512i seen = _mm512_setzero_si512();
    for (uint32_t i = 0; i < 2 * bins; i += 16) {
        const __m512i words = _mm512_min_epi32(_mm512_load_si512(y + i), top);
        _mm512_store_si512(y + i, words);
        seen = wide_track(seen, words);
    }
    return _mm512_reduce_max_epu32(seen);
}

void nave_align_avx512(int32_t *dst, const int32_t *src, size_t n, unsigned shift)
{
    align_row(dst, src, (uint32_t)n, shift);
}

void nave_cmac_avx512(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude)
{
    static const nave_cmac_steps steps = {align_row, run_sweep, 8};
    nave_cmac_sums sums[NAVE_MAX_BATCH] __attribute__((aligned(64)));
    nave_cmac_run(job, &steps, sums);
    for (uint32_t j = 0; j < job->batch; j++) {
        const unsigned bits = nave_bit_length64(magnitudes(sums[j], job->bins));
        const unsigned s = bits > NAVE_SPECTRUM_BITS ? bits - NAVE_SPECTRUM_BITS : 0;
        shift[j] = (int)s;
        magnitude[j] = s > 32 ? narrow(y[j], sums[j], job->bins, 33) : narrow(y[j], sums[j], job->bins, s);
        if (magnitude[j] > NAVE_CMAC_TOP) /* -2^30 may stay, 2^30 may not */
            magnitude[j] = limit(y[j], job->bins);
    }
}
#include "isa_end.h"
#endif
