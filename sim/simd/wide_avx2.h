/* Vector words of the narrow SIMD versions, AVX2: four complex words; products and sums in 64-bit lanes.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_WIDE_AVX2_H
#define NAVE_WIDE_AVX2_H
#include <stdint.h>

enum { LANES = 4 };    /* complex words of a vector */
typedef __m256i words; /* re, im, re, im, ... */
typedef __m256i lanes; /* one 64-bit lane for each complex word */
typedef struct wide {
    lanes re, im;
} wide;

static inline words w_load(const int32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

static inline void w_store(int32_t *p, words v)
{
    _mm256_storeu_si256((__m256i *)p, v);
}

static inline words w_zero(void)
{
    return _mm256_setzero_si256();
}

/* one complex word in all places */
static inline words w_repeat(const int32_t *p)
{
    int64_t word;
    __builtin_memcpy(&word, p, sizeof(word));
    return _mm256_set1_epi64x(word);
}

static inline words w_add(words a, words b)
{
    return _mm256_add_epi32(a, b);
}

static inline words w_sub(words a, words b)
{
    return _mm256_sub_epi32(a, b);
}

static inline words w_left(words a, int by)
{
    return _mm256_sll_epi32(a, _mm_cvtsi32_si128(by));
}

/* real parts of a, imaginary parts of b */
static inline words w_parts(words a, words b)
{
    return _mm256_blend_epi32(a, b, 0xaa);
}

static inline words w_exchange(words a)
{
    return _mm256_shuffle_epi32(a, 0xb1);
}

static inline words w_reverse(words a)
{
    return _mm256_permute4x64_epi64(a, 0x1b);
}

static inline words w_min(words a, words b)
{
    return _mm256_min_epi32(a, b);
}

static inline words w_all(int32_t v)
{
    return _mm256_set1_epi32(v);
}

static inline words w_track(words seen, words v)
{
    return _mm256_max_epu32(seen, _mm256_abs_epi32(v));
}

static inline uint32_t w_largest(words seen)
{
    __m128i m = _mm_max_epu32(_mm256_castsi256_si128(seen), _mm256_extracti128_si256(seen, 1));
    m = _mm_max_epu32(m, _mm_shuffle_epi32(m, 0x4e));
    m = _mm_max_epu32(m, _mm_shuffle_epi32(m, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(m);
}

/* round(v / 2^shift), shift 1..31: floor and rest; nothing overflows for any v */
static inline words w_align(words v, unsigned shift)
{
    const words one = w_all(1), low = w_all((int32_t)((1u << shift) - 1)), half = w_all((int32_t)(1u << (shift - 1)));
    const words floor = _mm256_sra_epi32(v, _mm_cvtsi32_si128((int)shift));
    const words rest = w_add(_mm256_and_si256(v, low), _mm256_and_si256(floor, one));
    /* rest <= half, unsigned, where the smaller is rest */
    const words stay = _mm256_cmpeq_epi32(_mm256_min_epu32(rest, half), rest);
    return w_add(floor, _mm256_andnot_si256(stay, one));
}

static inline lanes l_add(lanes a, lanes b)
{
    return _mm256_add_epi64(a, b);
}

static inline lanes l_sub(lanes a, lanes b)
{
    return _mm256_sub_epi64(a, b);
}

static inline lanes l_all(int64_t v)
{
    return _mm256_set1_epi64x(v);
}

static inline lanes l_left(lanes a, int by)
{
    return _mm256_sll_epi64(a, _mm_cvtsi32_si128(by));
}

/* one bit to the right, the lost bit stays in the lowest */
static inline lanes l_halve(lanes a)
{
    const lanes sign = l_all(INT64_MIN);
    const lanes half = l_sub(_mm256_srli_epi64(_mm256_xor_si256(a, sign), 1), l_all(INT64_C(1) << 62));
    return _mm256_or_si256(half, _mm256_and_si256(a, l_all(1)));
}

/* seen | (a ^ sign of a) */
static inline lanes l_see(lanes seen, lanes a)
{
    const lanes sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), a);
    return _mm256_or_si256(seen, _mm256_xor_si256(a, sign));
}

static inline uint64_t l_or(lanes a)
{
    const __m128i m = _mm_or_si128(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    return (uint64_t)_mm_cvtsi128_si64(m) | (uint64_t)_mm_extract_epi64(m, 1);
}

static inline lanes l_load(const int64_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

static inline void l_store(int64_t *p, lanes v)
{
    _mm256_storeu_si256((__m256i *)p, v);
}

/* a * scalar; the scalar fits 32 bits */
static inline wide wide_scale(words a, int32_t by)
{
    const words f = l_all(by);
    return (wide){_mm256_mul_epi32(a, f), _mm256_mul_epi32(_mm256_srli_epi64(a, 32), f)};
}

static inline wide wide_times(words z, words w)
{
    const words zi = _mm256_shuffle_epi32(z, 0xf5), wi = _mm256_shuffle_epi32(w, 0xf5);
    return (wide){l_sub(_mm256_mul_epi32(z, w), _mm256_mul_epi32(zi, wi)),
                  l_add(_mm256_mul_epi32(z, wi), _mm256_mul_epi32(zi, w))};
}

static inline wide wide_multiply_add(wide a, words z, words w)
{
    const wide p = wide_times(z, w);
    return (wide){l_add(a.re, p.re), l_add(a.im, p.im)};
}

/* High halves of lanes that hold the added half already; a low half of zero was a tie. */
static inline words wide_high(wide a)
{
    const words high = _mm256_blend_epi32(_mm256_shuffle_epi32(a.re, 0xf5), a.im, 0xaa);
    const words low = _mm256_blend_epi32(a.re, _mm256_shuffle_epi32(a.im, 0xa0), 0xaa);
    const words tie = _mm256_cmpeq_epi32(low, _mm256_setzero_si256());
    return _mm256_andnot_si256(_mm256_srli_epi32(tie, 31), high);
}

/* Four columns of four words each: one vector for each row. */
static inline void w_columns(const int32_t *x, words row[4])
{
    const words a = w_load(x), b = w_load(x + 8), c = w_load(x + 16), d = w_load(x + 24);
    const words ab0 = _mm256_unpacklo_epi64(a, b), ab1 = _mm256_unpackhi_epi64(a, b);
    const words cd0 = _mm256_unpacklo_epi64(c, d), cd1 = _mm256_unpackhi_epi64(c, d);
    row[0] = _mm256_permute2x128_si256(ab0, cd0, 0x20);
    row[1] = _mm256_permute2x128_si256(ab1, cd1, 0x20);
    row[2] = _mm256_permute2x128_si256(ab0, cd0, 0x31);
    row[3] = _mm256_permute2x128_si256(ab1, cd1, 0x31);
}
#endif
