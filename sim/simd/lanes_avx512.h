/* Eight 64-bit lanes, AVX-512: what the parts of the dynamics engine need of a machine (lanes_avx2.h: four).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LANES_AVX512_H
#define NAVE_LANES_AVX512_H
#include <stdint.h>

enum { LANES = 8 };
typedef __m512i lanes;
typedef __mmask8 choice; /* a bit a lane */

static inline lanes l_load(const void *p)
{
    return _mm512_loadu_si512(p);
}

static inline void l_store(void *p, lanes v)
{
    _mm512_storeu_si512(p, v);
}

/* The low halves, as 32-bit words. */
static inline void l_store_low(int32_t *p, lanes v)
{
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi64_epi32(v));
}

static inline lanes l_load_32(const int32_t *p)
{
    return _mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)p));
}

static inline lanes l_all(int64_t v)
{
    return _mm512_set1_epi64(v);
}

static inline lanes l_add(lanes a, lanes b)
{
    return _mm512_add_epi64(a, b);
}

static inline lanes l_sub(lanes a, lanes b)
{
    return _mm512_sub_epi64(a, b);
}

static inline lanes l_and(lanes a, lanes b)
{
    return _mm512_and_epi64(a, b);
}

static inline lanes l_or(lanes a, lanes b)
{
    return _mm512_or_epi64(a, b);
}

/* Low halves times low halves. */
static inline lanes l_mul(lanes a, lanes b)
{
    return _mm512_mul_epi32(a, b);
}

static inline lanes l_left(lanes a, unsigned by)
{
    return _mm512_slli_epi64(a, by);
}

static inline lanes l_left_by(lanes a, lanes by)
{
    return _mm512_sllv_epi64(a, by);
}

static inline lanes l_right(lanes a, unsigned by)
{
    return _mm512_srai_epi64(a, by);
}

static inline lanes l_right_by(lanes a, lanes by)
{
    return _mm512_srav_epi64(a, by);
}

static inline lanes l_logical(lanes a, unsigned by)
{
    return _mm512_srli_epi64(a, by);
}

static inline lanes l_logical_by(lanes a, lanes by)
{
    return _mm512_srlv_epi64(a, by);
}

static inline lanes l_min(lanes a, lanes b)
{
    return _mm512_min_epi64(a, b);
}

static inline lanes l_max(lanes a, lanes b)
{
    return _mm512_max_epi64(a, b);
}

static inline lanes l_abs(lanes a)
{
    return _mm512_abs_epi64(a);
}

static inline choice l_greater(lanes a, lanes b)
{
    return _mm512_cmpgt_epi64_mask(a, b);
}

static inline choice l_equal(lanes a, lanes b)
{
    return _mm512_cmpeq_epi64_mask(a, b);
}

/* Lanes of which the sign is set. */
static inline choice l_chosen(lanes a)
{
    return _mm512_movepi64_mask(a);
}

static inline choice c_and(choice a, choice b)
{
    return (choice)(a & b);
}

/* a but not b */
static inline choice c_without(choice a, choice b)
{
    return (choice)(a & (choice)~b);
}

static inline choice c_or(choice a, choice b)
{
    return (choice)(a | b);
}

/* a where the lane is chosen, else b */
static inline lanes l_pick(choice c, lanes a, lanes b)
{
    return _mm512_mask_mov_epi64(b, c, a);
}

/* 63 - leading zeros, of lanes that aren't 0 */
static inline lanes l_top_bit(lanes a)
{
    return _mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(a));
}

/* 64 bits at word index of a table of 32-bit words */
static inline lanes l_gather(const void *table, lanes index)
{
    return _mm512_i64gather_epi64(index, table, 4);
}

/* Low halves with their sign; high halves with theirs. */
static inline lanes l_low(lanes a)
{
    return _mm512_srai_epi64(_mm512_slli_epi64(a, 32), 32);
}

static inline lanes l_high(lanes a)
{
    return _mm512_srai_epi64(a, 32);
}

/* Low halves of `low`, low halves of `high` above them. */
static inline lanes l_join(lanes low, lanes high)
{
    return _mm512_mask_shuffle_epi32(low, 0xaaaa, high, 0xa0);
}

/* The lanes two places up; those that come in are the last two of `below`. */
static inline lanes l_up(lanes a, lanes below)
{
    return _mm512_alignr_epi64(a, below, 6);
}

/* A pair in the last two lanes. */
static inline lanes l_pair(const int64_t *p)
{
    return _mm512_broadcast_i64x2(_mm_loadu_si128((const __m128i *)(const void *)p));
}

/* ---- the same lanes as doubles ---- */
typedef __m512d reals;

static inline reals r_load(const double *p)
{
    return _mm512_loadu_pd(p);
}

static inline void r_store(double *p, reals v)
{
    _mm512_storeu_pd(p, v);
}

static inline reals r_all(double v)
{
    return _mm512_set1_pd(v);
}

static inline reals r_add(reals a, reals b)
{
    return _mm512_add_pd(a, b);
}

static inline reals r_sub(reals a, reals b)
{
    return _mm512_sub_pd(a, b);
}

static inline reals r_min(reals a, reals b)
{
    return _mm512_min_pd(a, b);
}

static inline reals r_max(reals a, reals b)
{
    return _mm512_max_pd(a, b);
}

/* a * b + c and c - a * b, rounded once */
static inline reals r_multiply_add(reals a, reals b, reals c)
{
    return _mm512_fmadd_pd(a, b, c);
}

static inline reals r_multiply_sub(reals a, reals b, reals c)
{
    return _mm512_fnmadd_pd(a, b, c);
}

/* The larger of a (>= 0) and |b|. */
static inline reals r_largest(reals a, reals b)
{
    return _mm512_range_pd(a, b, 11);
}

static inline reals r_pick(choice c, reals a, reals b)
{
    return _mm512_mask_mov_pd(b, c, a);
}

static inline choice r_greater(reals a, reals b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ);
}

static inline choice r_equal(reals a, reals b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ);
}

static inline reals r_multiply(reals a, reals b)
{
    return _mm512_mul_pd(a, b);
}

static inline reals r_bits(lanes bits)
{
    return _mm512_castsi512_pd(bits);
}

/* Of integers below 2^51. */
static inline reals r_of(lanes v)
{
    return _mm512_cvtepi64_pd(v);
}

static inline lanes r_integers(reals v)
{
    return _mm512_cvtpd_epi64(v);
}

/* Words of 32 bits. */
static inline reals r_load_32(const int32_t *p)
{
    return _mm512_cvtepi32_pd(_mm256_loadu_si256((const __m256i *)p));
}

static inline void r_store_32(int32_t *p, reals v)
{
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtpd_epi32(v));
}

/* The lanes two places up; those that come in are the last two of `below`. */
static inline reals r_up(reals a, reals below)
{
    return _mm512_castsi512_pd(_mm512_alignr_epi64(_mm512_castpd_si512(a), _mm512_castpd_si512(below), 6));
}

/* A pair in the last two lanes. */
static inline reals r_pair(const double *p)
{
    return _mm512_broadcast_f64x2(_mm_loadu_pd(p));
}
#endif
