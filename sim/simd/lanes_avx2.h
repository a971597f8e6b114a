/* Four 64-bit lanes, AVX2 and FMA: what lanes_avx512.h has, where AVX2 lacks shifts, limits and masks of 64 bits.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LANES_AVX2_H
#define NAVE_LANES_AVX2_H
#include <stdint.h>

enum { LANES = 4 };
typedef __m256i lanes;
typedef __m256d reals;
typedef __m256d choice; /* the sign of a lane */

static inline lanes l_load(const void *p)
{
    return _mm256_loadu_si256(p);
}

static inline void l_store(void *p, lanes v)
{
    _mm256_storeu_si256(p, v);
}

static inline void l_store_low(int32_t *p, lanes v)
{
    const lanes packed = _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_castsi256_si128(packed));
}

static inline lanes l_load_32(const int32_t *p)
{
    return _mm256_cvtepi32_epi64(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline lanes l_all(int64_t v)
{
    return _mm256_set1_epi64x(v);
}

static inline lanes l_add(lanes a, lanes b)
{
    return _mm256_add_epi64(a, b);
}

static inline lanes l_sub(lanes a, lanes b)
{
    return _mm256_sub_epi64(a, b);
}

static inline lanes l_and(lanes a, lanes b)
{
    return _mm256_and_si256(a, b);
}

static inline lanes l_or(lanes a, lanes b)
{
    return _mm256_or_si256(a, b);
}

static inline lanes l_mul(lanes a, lanes b)
{
    return _mm256_mul_epi32(a, b);
}

static inline lanes l_left(lanes a, unsigned by)
{
    return _mm256_slli_epi64(a, (int)by);
}

static inline lanes l_left_by(lanes a, lanes by)
{
    return _mm256_sllv_epi64(a, by);
}

static inline lanes l_logical(lanes a, unsigned by)
{
    return _mm256_srli_epi64(a, (int)by);
}

static inline lanes l_logical_by(lanes a, lanes by)
{
    return _mm256_srlv_epi64(a, by);
}

/* The sign is where the shift left it: flipped and taken off, it fills what is above. */
static inline lanes l_right(lanes a, unsigned by)
{
    const lanes sign = l_all((int64_t)(UINT64_C(1) << (63 - by)));
    return l_sub(_mm256_xor_si256(l_logical(a, by), sign), sign);
}

static inline lanes l_right_by(lanes a, lanes by)
{
    const lanes sign = l_logical_by(l_all(INT64_MIN), by);
    return l_sub(_mm256_xor_si256(l_logical_by(a, by), sign), sign);
}

static inline choice l_greater(lanes a, lanes b)
{
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(a, b));
}

static inline choice l_equal(lanes a, lanes b)
{
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(a, b));
}

static inline choice l_chosen(lanes a)
{
    return _mm256_castsi256_pd(a);
}

static inline choice c_and(choice a, choice b)
{
    return _mm256_and_pd(a, b);
}

static inline choice c_or(choice a, choice b)
{
    return _mm256_or_pd(a, b);
}

static inline choice c_without(choice a, choice b)
{
    return _mm256_andnot_pd(b, a);
}

static inline reals r_pick(choice c, reals a, reals b)
{
    return _mm256_blendv_pd(b, a, c);
}

static inline lanes l_pick(choice c, lanes a, lanes b)
{
    return _mm256_castpd_si256(r_pick(c, _mm256_castsi256_pd(a), _mm256_castsi256_pd(b)));
}

static inline lanes l_min(lanes a, lanes b)
{
    return l_pick(l_greater(a, b), b, a);
}

static inline lanes l_max(lanes a, lanes b)
{
    return l_pick(l_greater(a, b), a, b);
}

static inline lanes l_abs(lanes a)
{
    const lanes sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), a);
    return l_sub(_mm256_xor_si256(a, sign), sign);
}

/* By the exponent of the upper half as a double, or of the lower one. */
static inline lanes l_top_bit(lanes a)
{
    const lanes high = l_logical(a, 32), two52 = l_all(INT64_C(0x4330000000000000));
    const choice small = l_equal(high, l_all(0));
    const reals word = _mm256_sub_pd(_mm256_castsi256_pd(l_or(l_pick(small, a, high), two52)), _mm256_set1_pd(0x1p52));
    return l_sub(l_logical(_mm256_castpd_si256(word), 52), l_pick(small, l_all(1023), l_all(1023 - 32)));
}

static inline lanes l_gather(const void *table, lanes index)
{
    return _mm256_i64gather_epi64(table, index, 4);
}

static inline lanes l_low(lanes a)
{
    return _mm256_blend_epi32(a, _mm256_srai_epi32(_mm256_shuffle_epi32(a, 0xa0), 31), 0xaa);
}

static inline lanes l_high(lanes a)
{
    return l_low(_mm256_shuffle_epi32(a, 0xf5));
}

static inline lanes l_join(lanes low, lanes high)
{
    return _mm256_blend_epi32(low, _mm256_shuffle_epi32(high, 0xa0), 0xaa);
}

/* ---- the same lanes as doubles ---- */
static inline reals r_load(const double *p)
{
    return _mm256_loadu_pd(p);
}

static inline void r_store(double *p, reals v)
{
    _mm256_storeu_pd(p, v);
}

static inline reals r_all(double v)
{
    return _mm256_set1_pd(v);
}

static inline reals r_add(reals a, reals b)
{
    return _mm256_add_pd(a, b);
}

static inline reals r_sub(reals a, reals b)
{
    return _mm256_sub_pd(a, b);
}

static inline reals r_multiply(reals a, reals b)
{
    return _mm256_mul_pd(a, b);
}

static inline reals r_min(reals a, reals b)
{
    return _mm256_min_pd(a, b);
}

static inline reals r_max(reals a, reals b)
{
    return _mm256_max_pd(a, b);
}

static inline reals r_multiply_add(reals a, reals b, reals c)
{
    return _mm256_fmadd_pd(a, b, c);
}

static inline reals r_multiply_sub(reals a, reals b, reals c)
{
    return _mm256_fnmadd_pd(a, b, c);
}

static inline reals r_largest(reals a, reals b)
{
    return _mm256_max_pd(a, _mm256_andnot_pd(_mm256_set1_pd(-0.0), b));
}

static inline choice r_greater(reals a, reals b)
{
    return _mm256_cmp_pd(a, b, _CMP_GT_OQ);
}

static inline choice r_equal(reals a, reals b)
{
    return _mm256_cmp_pd(a, b, _CMP_EQ_OQ);
}

static inline reals r_bits(lanes bits)
{
    return _mm256_castsi256_pd(bits);
}

/* Integers below 2^51 are the low bits of 1.5 * 2^52 and them. */
static inline reals r_of(lanes v)
{
    const reals rounder = r_all(0x1.8p52);
    return r_sub(r_bits(l_add(v, _mm256_castpd_si256(rounder))), rounder);
}

static inline lanes r_integers(reals v)
{
    const reals rounder = r_all(0x1.8p52);
    return l_sub(_mm256_castpd_si256(r_add(v, rounder)), _mm256_castpd_si256(rounder));
}

static inline reals r_load_32(const int32_t *p)
{
    return _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline void r_store_32(int32_t *p, reals v)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_cvtpd_epi32(v));
}

static inline reals r_up(reals a, reals below)
{
    return _mm256_permute2f128_pd(below, a, 0x21);
}

static inline reals r_pair(const double *p)
{
    return _mm256_broadcast_pd((const __m128d *)(const void *)p);
}
#endif
