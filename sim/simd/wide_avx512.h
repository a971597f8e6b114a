/* Eight complex words in 64-bit lanes, AVX-512: products, sums scaled so that the wanted word is the high half of a
 * lane, and the one rounding.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_WIDE_AVX512_H
#define NAVE_WIDE_AVX512_H
#include <stdint.h>

#define NAVE_RE 0x5555 /* the dwords that hold real parts */
#define NAVE_IM 0xaaaa

typedef struct wide { /* eight complex words, real and imaginary parts apart */
    __m512i re, im;
} wide;

/* words of 32 bits times 2^(32 - down) */
static inline wide wide_leg(__m512i x, __m128i down)
{
    return (wide){_mm512_sra_epi64(_mm512_slli_epi64(x, 32), down),
                  _mm512_sra_epi64(_mm512_maskz_mov_epi32(NAVE_IM, x), down)};
}

/* w: the factors, w_im: their imaginary parts in the even dwords */
static inline wide wide_times(__m512i z, __m512i w, __m512i w_im)
{
    const __m512i z_im = _mm512_shuffle_epi32(z, 0xf5);
    return (wide){_mm512_sub_epi64(_mm512_mul_epi32(z, w), _mm512_mul_epi32(z_im, w_im)),
                  _mm512_add_epi64(_mm512_mul_epi32(z, w_im), _mm512_mul_epi32(z_im, w))};
}

static inline wide wide_add(wide a, wide b)
{
    return (wide){_mm512_add_epi64(a.re, b.re), _mm512_add_epi64(a.im, b.im)};
}

static inline wide wide_sub(wide a, wide b)
{
    return (wide){_mm512_sub_epi64(a.re, b.re), _mm512_sub_epi64(a.im, b.im)};
}

/* Keeps the compiler from spreading the differences inside of a over the sums that follow: more operations, not fewer.
 */
static inline void wide_keep(wide *a)
{
    __asm__("" : "+v"(a->re), "+v"(a->im));
}

static inline wide wide_add_half(wide a)
{
    const __m512i half = _mm512_set1_epi64(INT64_C(0x80000000));
    return (wide){_mm512_add_epi64(a.re, half), _mm512_add_epi64(a.im, half)};
}

/* High halves of sums that already hold the added half. A low half of zero was a tie: to even. */
static inline __m512i wide_round(wide a)
{
    const __m512i high = _mm512_mask_shuffle_epi32(a.im, NAVE_RE, a.re, 0xf5);
    const __m512i low = _mm512_mask_shuffle_epi32(a.re, NAVE_IM, a.im, 0xa0);
    return _mm512_mask_and_epi32(high, _mm512_testn_epi32_mask(low, low), high, _mm512_set1_epi32(-2));
}

/* The same where the caller knows that there is no tie. */
static inline __m512i wide_high(wide a)
{
    return _mm512_mask_shuffle_epi32(a.im, NAVE_RE, a.re, 0xf5);
}

/* Smallest low halves, in the even dwords: no zero, no tie. */
static inline __m512i wide_least(__m512i least, wide a)
{
    return _mm512_min_epu32(least, _mm512_min_epu32(a.re, a.im));
}

static inline __m512i wide_track(__m512i seen, __m512i words)
{
    return _mm512_max_epu32(seen, _mm512_abs_epi32(words));
}

/* Complex words in reverse order, one word on: element 0 comes from `before`, 1..7 are 7..1 of v. */
static inline __m512i wide_mirror(__m512i v, __m512i before)
{
    return _mm512_permutex2var_epi64(v, _mm512_setr_epi64(8, 7, 6, 5, 4, 3, 2, 1), before);
}

typedef struct wide_shift { /* of a rounding of 32-bit words, 1..31 */
    __m128i by;
    __m512i rest, half;
} wide_shift;

static inline wide_shift wide_align_by(unsigned shift)
{
    return (wide_shift){_mm_cvtsi32_si128((int)shift), _mm512_set1_epi32((int32_t)((1u << shift) - 1)),
                        _mm512_set1_epi32((int32_t)(1u << (shift - 1)))};
}

static inline __m512i wide_align(__m512i v, wide_shift s)
{
    const __m512i one = _mm512_set1_epi32(1), floor = _mm512_sra_epi32(v, s.by);
    const __m512i rest = _mm512_add_epi32(_mm512_and_epi32(v, s.rest), _mm512_and_epi32(floor, one));
    return _mm512_mask_add_epi32(floor, _mm512_cmpgt_epu32_mask(rest, s.half), floor, one);
}
#endif
