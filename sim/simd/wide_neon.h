/* Vector words of the narrow SIMD versions, NEON: two complex words; products and sums in 64-bit lanes.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_WIDE_NEON_H
#define NAVE_WIDE_NEON_H
#include <arm_neon.h>
#include <stdint.h>

enum { LANES = 2 };      /* complex words of a vector */
typedef int32x4_t words; /* re, im, re, im */
typedef int64x2_t lanes; /* one 64-bit lane for each complex word */
typedef struct wide {
    lanes re, im;
} wide;

static inline words w_load(const int32_t *p)
{
    return vld1q_s32(p);
}

static inline void w_store(int32_t *p, words v)
{
    vst1q_s32(p, v);
}

static inline words w_zero(void)
{
    return vdupq_n_s32(0);
}

/* one complex word in both places */
static inline words w_repeat(const int32_t *p)
{
    const int32x2_t word = vld1_s32(p);
    return vcombine_s32(word, word);
}

static inline words w_add(words a, words b)
{
    return vaddq_s32(a, b);
}

static inline words w_sub(words a, words b)
{
    return vsubq_s32(a, b);
}

static inline words w_left(words a, int by)
{
    return vshlq_s32(a, vdupq_n_s32(by));
}

/* real parts of a, imaginary parts of b */
static inline words w_parts(words a, words b)
{
    return vtrn2q_s32(vrev64q_s32(a), b);
}

static inline words w_exchange(words a)
{
    return vrev64q_s32(a);
}

static inline words w_reverse(words a)
{
    return vextq_s32(a, a, 2);
}

static inline words w_min(words a, words b)
{
    return vminq_s32(a, b);
}

static inline words w_all(int32_t v)
{
    return vdupq_n_s32(v);
}

static inline words w_track(words seen, words v)
{
    return vreinterpretq_s32_u32(vmaxq_u32(vreinterpretq_u32_s32(seen), vreinterpretq_u32_s32(vabsq_s32(v))));
}

static inline uint32_t w_largest(words seen)
{
    return vmaxvq_u32(vreinterpretq_u32_s32(seen));
}

/* round(v / 2^shift), shift 1..31: floor and rest; nothing overflows for any v */
static inline words w_align(words v, unsigned shift)
{
    const words one = w_all(1), low = w_all((int32_t)((1u << shift) - 1));
    const words floor = vshlq_s32(v, w_all(-(int)shift));
    const uint32x4_t rest = vreinterpretq_u32_s32(w_add(vandq_s32(v, low), vandq_s32(floor, one)));
    return w_sub(floor, vreinterpretq_s32_u32(vcgtq_u32(rest, vdupq_n_u32(1u << (shift - 1)))));
}

static inline lanes l_add(lanes a, lanes b)
{
    return vaddq_s64(a, b);
}

static inline lanes l_sub(lanes a, lanes b)
{
    return vsubq_s64(a, b);
}

static inline lanes l_all(int64_t v)
{
    return vdupq_n_s64(v);
}

static inline lanes l_left(lanes a, int by)
{
    return vshlq_s64(a, l_all(by));
}

/* one bit to the right, the lost bit stays in the lowest */
static inline lanes l_halve(lanes a)
{
    return vorrq_s64(vshrq_n_s64(a, 1), vandq_s64(a, l_all(1)));
}

/* seen | (a ^ sign of a) */
static inline lanes l_see(lanes seen, lanes a)
{
    return vorrq_s64(seen, veorq_s64(a, vshrq_n_s64(a, 63)));
}

static inline uint64_t l_or(lanes a)
{
    return (uint64_t)(vgetq_lane_s64(a, 0) | vgetq_lane_s64(a, 1));
}

static inline lanes l_load(const int64_t *p)
{
    return vld1q_s64(p);
}

static inline void l_store(int64_t *p, lanes v)
{
    vst1q_s64(p, v);
}

static inline int32x2_t reals(words a)
{
    return vmovn_s64(vreinterpretq_s64_s32(a));
}

static inline int32x2_t imaginaries(words a)
{
    return vshrn_n_s64(vreinterpretq_s64_s32(a), 32);
}

/* a * scalar; the scalar fits 32 bits */
static inline wide wide_scale(words a, int32_t by)
{
    return (wide){vmull_n_s32(reals(a), by), vmull_n_s32(imaginaries(a), by)};
}

static inline wide wide_multiply_add(wide a, words z, words w)
{
    const int32x2_t zr = reals(z), zi = imaginaries(z), wr = reals(w), wi = imaginaries(w);
    return (wide){vmlsl_s32(vmlal_s32(a.re, zr, wr), zi, wi), vmlal_s32(vmlal_s32(a.im, zr, wi), zi, wr)};
}

static inline wide wide_times(words z, words w)
{
    return wide_multiply_add((wide){l_all(0), l_all(0)}, z, w);
}

/* High halves of lanes that hold the added half already; a low half of zero was a tie. */
static inline words wide_high(wide a)
{
    const words re = vreinterpretq_s32_s64(a.re), im = vreinterpretq_s32_s64(a.im);
    const words high = vtrn2q_s32(re, im), low = vtrn1q_s32(re, im);
    return vbicq_s32(high, vreinterpretq_s32_u32(vshrq_n_u32(vceqzq_s32(low), 31)));
}

/* Two columns of four words each: one vector for each row. */
static inline void w_columns(const int32_t *x, words row[4])
{
    const int64x2_t a = vreinterpretq_s64_s32(w_load(x)), b = vreinterpretq_s64_s32(w_load(x + 4));
    const int64x2_t c = vreinterpretq_s64_s32(w_load(x + 8)), d = vreinterpretq_s64_s32(w_load(x + 12));
    row[0] = vreinterpretq_s32_s64(vtrn1q_s64(a, c));
    row[1] = vreinterpretq_s32_s64(vtrn2q_s64(a, c));
    row[2] = vreinterpretq_s32_s64(vtrn1q_s64(b, d));
    row[3] = vreinterpretq_s32_s64(vtrn2q_s64(b, d));
}
#endif
