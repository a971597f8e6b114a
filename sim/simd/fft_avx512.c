/* Block floating point FFT, AVX-512 (twin of sim/model/fft.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "../model/arith.h"
#include "simd.h"
#include "wide_avx512.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* How a pass brings its results to the high halves of 64-bit lanes: twiddles up by pre (they must stay 32 bits wide),
 * legs down by 3 - pre, and what is left after the sums. */
typedef struct scaling {
    __m128i pre, down, left;
    int halve; /* 1: one more shift to the right, the lost bit is kept in the lowest */
} scaling;

static inline scaling scale_for(int shift, int most)
{
    const int pre = shift > 3 ? 0 : 3 - shift < most ? 3 - shift : most;
    return (scaling){_mm_cvtsi32_si128(pre), _mm_cvtsi32_si128(3 - pre),
                     _mm_cvtsi32_si128(shift > 3 ? 0 : 3 - shift - pre), shift > 3};
}

static inline __m512i finish(__m512i v, const scaling *by)
{
    if (by->halve)
        return _mm512_or_epi64(_mm512_srai_epi64(v, 1), _mm512_and_epi64(v, _mm512_set1_epi64(1)));
    return _mm512_sll_epi64(v, by->left);
}

/* How sums become words. FINISH: something is left to scale, the half goes in after it. TIES and RARE: the half goes in
 * with leg a; RARE looks for ties in all sums at once, which pays where twiddles make them rare. */
typedef enum rounding { FINISH, TIES, RARE } rounding;

INLINE __m512i put(int32_t *y, __m512i words, __m512i seen)
{
    _mm512_store_si512(y, words);
    return wide_track(seen, words);
}

/* To y and three rows `row` words further each; only the last two where half is set. */
INLINE __m512i combine(wide a, wide b, wide c, wide d, rounding how, int half, const scaling *by, int32_t *y,
                       size_t row, __m512i seen)
{
    if (how != FINISH)
        a = wide_add_half(a);
    wide_keep(&b), wide_keep(&c), wide_keep(&d);
    const wide t0 = wide_add(a, c), t1 = wide_sub(a, c), t2 = wide_add(b, d), t3 = wide_sub(b, d);
    wide s0 = wide_add(t0, t2), s2 = wide_sub(t0, t2);
    wide s1 = {_mm512_add_epi64(t1.re, t3.im), _mm512_sub_epi64(t1.im, t3.re)};
    wide s3 = {_mm512_sub_epi64(t1.re, t3.im), _mm512_add_epi64(t1.im, t3.re)};
    if (how == FINISH) {
        s0 = wide_add_half((wide){finish(s0.re, by), finish(s0.im, by)});
        s1 = wide_add_half((wide){finish(s1.re, by), finish(s1.im, by)});
        s2 = wide_add_half((wide){finish(s2.re, by), finish(s2.im, by)});
        s3 = wide_add_half((wide){finish(s3.re, by), finish(s3.im, by)});
    }
    if (how == RARE) {
        __m512i least = wide_least(wide_least(_mm512_set1_epi32(-1), s2), s3);
        if (!half)
            least = wide_least(wide_least(least, s0), s1);
        if (__builtin_expect(_mm512_mask_testn_epi32_mask(NAVE_RE, least, least) == 0, 1)) {
            if (!half)
                seen = put(y + row, wide_high(s1), put(y, wide_high(s0), seen));
            if (half) { /* nobody asks for its magnitude */
                _mm512_store_si512(y + 2 * row, wide_high(s2));
                _mm512_store_si512(y + 3 * row, wide_high(s3));
                return seen;
            }
            return put(y + 3 * row, wide_high(s3), put(y + 2 * row, wide_high(s2), seen));
        }
    }
    if (!half)
        seen = put(y + row, wide_round(s1), put(y, wide_round(s0), seen));
    return put(y + 3 * row, wide_round(s3), put(y + 2 * row, wide_round(s2), seen));
}

typedef struct factors { /* of one vector of columns: w, w^2, w^3 and their imaginary parts in the even dwords */
    __m512i w[3], im[3];
} factors;

INLINE __m512i butterfly(const __m512i *x, const factors *f, rounding how, int half, const scaling *by, int32_t *y,
                         size_t row, __m512i seen)
{
    return combine(wide_leg(x[0], by->down), wide_times(x[1], f->w[0], f->im[0]), wide_times(x[2], f->w[1], f->im[1]),
                   wide_times(x[3], f->w[2], f->im[2]), how, half, by, y, row, seen);
}

static inline factors factors_of(__m512i w1, __m512i w2, __m512i w3)
{
    return (factors){{w1, w2, w3},
                     {_mm512_shuffle_epi32(w1, 0xf5), _mm512_shuffle_epi32(w2, 0xf5), _mm512_shuffle_epi32(w3, 0xf5)}};
}

static inline __m512i one_factor(const int32_t *w, __m128i pre)
{
    int64_t word;
    memcpy(&word, w, sizeof(word));
    return _mm512_sll_epi32(_mm512_set1_epi64(word), pre);
}

/* A column whose factors are all 1: s words of each row. */
static __m512i unit_column(const int32_t *x, int32_t *y, size_t s, size_t quarter, int shift, __m512i seen)
{
    const __m128i down = _mm_cvtsi32_si128(shift);
    for (size_t q = 0; q < s; q += 8) {
        const int32_t *in = x + 2 * q;
        seen = combine(wide_leg(_mm512_load_si512(in), down), wide_leg(_mm512_load_si512(in + 2 * s), down),
                       wide_leg(_mm512_load_si512(in + 4 * s), down), wide_leg(_mm512_load_si512(in + 6 * s), down),
                       TIES, 0, NULL, y + 2 * q, 2 * quarter, seen);
    }
    return seen;
}

/* First pass without rounding: the sums fit 32 bits. */
static __m512i first_exact(const int32_t *x, int32_t *y, size_t n, int up)
{
    const __m128i by = _mm_cvtsi32_si128(up);
    const size_t row = n / 2;
    __m512i seen = _mm512_setzero_si512();
    for (size_t q = 0; q < n / 2; q += 16) {
        const __m512i a = _mm512_sll_epi32(_mm512_load_si512(x + q), by);
        const __m512i b = _mm512_sll_epi32(_mm512_load_si512(x + row + q), by);
        const __m512i c = _mm512_sll_epi32(_mm512_load_si512(x + 2 * row + q), by);
        const __m512i d = _mm512_sll_epi32(_mm512_load_si512(x + 3 * row + q), by);
        const __m512i t0 = _mm512_add_epi32(a, c), t1 = _mm512_sub_epi32(a, c), t2 = _mm512_add_epi32(b, d);
        const __m512i t3 = _mm512_shuffle_epi32(_mm512_sub_epi32(b, d), 0xb1);
        const __m512i sum = _mm512_add_epi32(t1, t3), difference = _mm512_sub_epi32(t1, t3);
        const __m512i y0 = _mm512_add_epi32(t0, t2), y1 = _mm512_mask_mov_epi32(sum, NAVE_IM, difference);
        const __m512i y2 = _mm512_sub_epi32(t0, t2), y3 = _mm512_mask_mov_epi32(difference, NAVE_IM, sum);
        _mm512_store_si512(y + q, y0);
        _mm512_store_si512(y + row + q, y1);
        _mm512_store_si512(y + 2 * row + q, y2);
        _mm512_store_si512(y + 3 * row + q, y3);
        seen = wide_track(wide_track(wide_track(wide_track(seen, y0), y1), y2), y3);
    }
    return seen;
}

static __m512i first_radix2(const int32_t *x, int32_t *y, size_t n, int shift, int up)
{
    const __m128i left = _mm_cvtsi32_si128(up), down = _mm_cvtsi32_si128(shift);
    const __m512i one = _mm512_set1_epi32(1);
    __m512i seen = _mm512_setzero_si512();
    for (size_t q = 0; q < n / 2; q += 8) {
        const __m512i a = _mm512_load_si512(x + 2 * q), b = _mm512_load_si512(x + n + 2 * q);
        __m512i sum, difference;
        if (shift == 0) {
            sum = _mm512_sll_epi32(_mm512_add_epi32(a, b), left);
            difference = _mm512_sll_epi32(_mm512_sub_epi32(a, b), left);
        } else if (shift == 1) {
            /* floor halves of a + b and a - b by their carries; the lost bit, the same for both, rounds to even */
            const __m512i lost = _mm512_xor_si512(a, b), shifted = _mm512_srai_epi32(lost, 1);
            sum = _mm512_add_epi32(_mm512_and_si512(a, b), shifted);
            difference = _mm512_sub_epi32(shifted, _mm512_andnot_si512(a, b));
            sum = _mm512_add_epi32(sum, _mm512_ternarylogic_epi32(lost, sum, one, 0x80));
            difference = _mm512_add_epi32(difference, _mm512_ternarylogic_epi32(lost, difference, one, 0x80));
        } else {
            const wide l = wide_add_half(wide_leg(a, down)), r = wide_leg(b, down);
            sum = wide_round(wide_add(l, r));
            difference = wide_round(wide_sub(l, r));
        }
        _mm512_store_si512(y + 2 * q, sum);
        _mm512_store_si512(y + n + 2 * q, difference);
        seen = wide_track(wide_track(seen, sum), difference);
    }
    return seen;
}

/* s >= 16: whole vectors within a column */
INLINE __m512i columns_of(const int32_t *x, int32_t *y, const int32_t *w, size_t n, uint32_t columns, rounding how,
                          const scaling *by, __m512i seen)
{
    const size_t s = n / 4 / columns;
    for (uint32_t p = 1; p < columns; p++) {
        const factors f = factors_of(one_factor(w + 2 * p, by->pre), one_factor(w + 2 * (columns + p), by->pre),
                                     one_factor(w + 2 * (2 * columns + p), by->pre));
        for (size_t q = 0; q < s; q += 8) {
            const int32_t *in = x + 2 * (4 * s * p + q);
            const __m512i v[4] = {_mm512_load_si512(in), _mm512_load_si512(in + 2 * s), _mm512_load_si512(in + 4 * s),
                                  _mm512_load_si512(in + 6 * s)};
            seen = butterfly(v, &f, how, 0, by, y + 2 * (s * p + q), n / 2, seen);
        }
    }
    return seen;
}

static __m512i middle_pass(const int32_t *x, int32_t *y, const int32_t *w, size_t n, uint32_t columns, int shift)
{
    const scaling by = scale_for(shift, 2);
    __m512i seen = unit_column(x, y, n / 4 / columns, n / 4, shift, _mm512_setzero_si512());
    if (shift > 0)
        return columns_of(x, y, w, n, columns, RARE, &by, seen);
    return columns_of(x, y, w, n, columns, FINISH, &by, seen);
}

/* a masked broadcast where an insert would wait for the ports of the shuffles */
static inline __m512i two_halves(const int32_t *x, size_t apart)
{
    return _mm512_mask_broadcast_i64x4(_mm512_castsi256_si512(_mm256_load_si256((const __m256i *)x)), 0xf0,
                                       _mm256_load_si256((const __m256i *)(x + apart)));
}

/* Four words from each of eight columns, 16 words apart: v[q] holds word q of all. */
INLINE void transpose(const int32_t *x, __m512i *v, size_t next)
{
    const __m512i a = two_halves(x, 64), b = two_halves(x + 32, 64);
    const __m512i c = two_halves(x + 128, 64), d = two_halves(x + 160, 64);
    const __m512i ab0 = _mm512_unpacklo_epi64(a, b), ab1 = _mm512_unpackhi_epi64(a, b);
    const __m512i cd0 = _mm512_unpacklo_epi64(c, d), cd1 = _mm512_unpackhi_epi64(c, d);
    v[0] = _mm512_shuffle_i64x2(ab0, cd0, 0x88);
    v[next] = _mm512_shuffle_i64x2(ab1, cd1, 0x88);
    v[2 * next] = _mm512_shuffle_i64x2(ab0, cd0, 0xdd);
    v[3 * next] = _mm512_shuffle_i64x2(ab1, cd1, 0xdd);
}

/* s = 4: each vector holds eight columns. Leaves word q of all columns together, as the last pass wants to read it. */
INLINE __m512i planes_of(const int32_t *x, int32_t *y, const int32_t *w, size_t n, size_t begin, size_t end,
                         rounding how, const scaling *by, __m512i seen)
{
    const size_t columns = n / 16;
    for (size_t p = begin; p < end; p += 8) {
        __m512i v[16];
        const factors f = factors_of(_mm512_sll_epi32(_mm512_load_si512(w + 2 * p), by->pre),
                                     _mm512_sll_epi32(_mm512_load_si512(w + 2 * (columns + p)), by->pre),
                                     _mm512_sll_epi32(_mm512_load_si512(w + 2 * (2 * columns + p)), by->pre));
        transpose(x + 32 * p, v, 4);
        transpose(x + 32 * p + 8, v + 1, 4);
        transpose(x + 32 * p + 16, v + 2, 4);
        transpose(x + 32 * p + 24, v + 3, 4);
        seen = butterfly(v, &f, how, 0, by, y + 2 * p, n / 8, seen);
        seen = butterfly(v + 4, &f, how, 0, by, y + n / 2 + 2 * p, n / 8, seen);
        seen = butterfly(v + 8, &f, how, 0, by, y + n + 2 * p, n / 8, seen);
        seen = butterfly(v + 12, &f, how, 0, by, y + n + n / 2 + 2 * p, n / 8, seen);
    }
    return seen;
}

/* The same for n = 64, which has four columns: two of them to a vector of 2 x 4 words, planes by a scatter. */
static __m512i four_columns(const int32_t *x, int32_t *y, const int32_t *w, int shift)
{
    const scaling by = scale_for(shift, 1);
    int32_t sums[128] __attribute__((aligned(64)));
    __m512i seen = _mm512_setzero_si512();
    for (size_t p = 0; p < 4; p += 2) {
        const __m512i pick = _mm512_setr_epi64(0, 0, 0, 0, 1, 1, 1, 1);
        const factors f =
            factors_of(_mm512_sll_epi32(_mm512_permutexvar_epi64(pick, _mm512_loadu_si512(w + 2 * p)), by.pre),
                       _mm512_sll_epi32(_mm512_permutexvar_epi64(pick, _mm512_loadu_si512(w + 8 + 2 * p)), by.pre),
                       _mm512_sll_epi32(_mm512_permutexvar_epi64(pick, _mm512_loadu_si512(w + 16 + 2 * p)), by.pre));
        const int32_t *in = x + 32 * p;
        const __m512i v[4] = {two_halves(in, 32), two_halves(in + 8, 32), two_halves(in + 16, 32),
                              two_halves(in + 24, 32)};
        seen = butterfly(v, &f, FINISH, 0, &by, sums + 8 * p, 32, seen);
    }
    /* sums: word q of column p of row i at 16 i + 4 p + q; plane q wants it at 16 q + 4 i + p */
    const __m512i evens = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13),
                  odds = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    for (size_t i = 0; i < 4; i++) {
        const __m512i low = _mm512_load_si512(sums + 32 * i), high = _mm512_load_si512(sums + 32 * i + 16);
        const __m512i q01 = _mm512_permutex2var_epi64(low, evens, high),
                      q23 = _mm512_permutex2var_epi64(low, odds, high);
        _mm256_store_si256((__m256i *)(y + 8 * i), _mm512_castsi512_si256(q01));
        _mm256_store_si256((__m256i *)(y + 8 * i + 32), _mm512_extracti64x4_epi64(q01, 1));
        _mm256_store_si256((__m256i *)(y + 8 * i + 64), _mm512_castsi512_si256(q23));
        _mm256_store_si256((__m256i *)(y + 8 * i + 96), _mm512_extracti64x4_epi64(q23, 1));
    }
    return seen;
}

static __m512i plane_pass(const int32_t *x, int32_t *y, const int32_t *w, size_t n, int shift)
{
    const scaling first = scale_for(shift, 1), by = scale_for(shift, 2);
    const __m512i seen = planes_of(x, y, w, n, 0, 8, FINISH, &first, _mm512_setzero_si512());
    if (shift > 0)
        return planes_of(x, y, w, n, 8, n / 16, RARE, &by, seen);
    return planes_of(x, y, w, n, 8, n / 16, FINISH, &by, seen);
}

/* s = 1, the last pass: each vector holds eight columns */
INLINE __m512i octets_of(const int32_t *x, int32_t *y, const int32_t *w, size_t n, size_t begin, size_t end,
                         rounding how, int half, const scaling *by, __m512i seen)
{
    for (size_t p = begin; p < end; p += 8) {
        const int32_t *in = x + 2 * p;
        const __m512i v[4] = {_mm512_load_si512(in), _mm512_load_si512(in + n / 2), _mm512_load_si512(in + n),
                              _mm512_load_si512(in + n + n / 2)};
        const factors f = factors_of(_mm512_sll_epi32(_mm512_load_si512(w + 2 * p), by->pre),
                                     _mm512_sll_epi32(_mm512_load_si512(w + n / 2 + 2 * p), by->pre),
                                     _mm512_sll_epi32(_mm512_load_si512(w + n + 2 * p), by->pre));
        seen = butterfly(v, &f, how, half, by, y + 2 * p, n / 2, seen);
    }
    return seen;
}

static __m512i last_pass(const int32_t *x, int32_t *y, const int32_t *w, size_t n, int shift, int half)
{
    const scaling first = scale_for(shift, 1), by = scale_for(shift, 2);
    const __m512i seen = octets_of(x, y, w, n, 0, 8, FINISH, 0, &first, _mm512_setzero_si512());
    if (shift == 0 || shift > 3)
        return octets_of(x, y, w, n, 8, n / 4, FINISH, 0, &by, seen);
    if (half)
        return octets_of(x, y, w, n, 8, n / 4, RARE, 1, &by, seen);
    return octets_of(x, y, w, n, 8, n / 4, RARE, 0, &by, seen);
}

int32_t *nave_fft_avx512(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude,
                         int *exponent)
{
    const size_t n = (size_t)1 << t->log2n;
    if (*magnitude == 0) {
        memset(x, 0, 2 * n * sizeof(*x));
        return x;
    }
    uint32_t columns = 1;
    for (uint32_t pass = 0; pass < t->passes; pass++) {
        const int32_t *w = t->pass[pass];
        const uint32_t s = (uint32_t)(n / 4 / columns);
        uint32_t limit = !w ? NAVE_LIMIT_RADIX2 : pass == 0 ? NAVE_LIMIT_RADIX4_FIRST : NAVE_LIMIT_RADIX4;
        if (s == 1 && (flags & NAVE_FFT_LAST30))
            limit /= 2;
        const int shift = nave_headroom_shift(*magnitude, limit);
        int up = 0;
        if (pass == 0 && shift == 0)
            while (*magnitude << (up + 1) <= limit)
                up++;
        *exponent += shift - up;
        __m512i seen;
        if (!w)
            seen = first_radix2(x, y, n, shift, up);
        else if (pass == 0 && shift == 0)
            seen = first_exact(x, y, n, up);
        else if (s >= 16)
            seen = middle_pass(x, y, w, n, columns, shift);
        else if (s == 4 && n == 64)
            seen = four_columns(x, y, w, shift);
        else if (s == 4)
            seen = plane_pass(x, y, w, n, shift);
        else
            seen = last_pass(x, y, w, n, shift, (flags & NAVE_FFT_HALF) != 0);
        *magnitude = _mm512_reduce_max_epu32(seen);
        columns *= w ? 4 : 2;
        int32_t *swap = x;
        x = y;
        y = swap;
    }
    return x;
}
#include "isa_end.h"
#endif
