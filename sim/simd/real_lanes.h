/* Integers in the doubles of lanes_<isa>.h: roundings and limits, and words in and out of lanes.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_REAL_LANES_H
#define NAVE_REAL_LANES_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL /* it does by itself what it can, and warns where it is told and can't */
#else
#define UNROLL _Pragma("GCC unroll 4")
#endif
#define NAVE_ROUNDER 0x1.8p52

/* v * by to the nearest integer, ties to even: exact below 2^51, and as far as limits go above. */
INLINE reals rounded(reals v, reals by)
{
    return r_sub(r_multiply_add(v, by, r_all(NAVE_ROUNDER)), r_all(NAVE_ROUNDER));
}

/* nave_saturate to 32 bits */
INLINE reals limit_word(reals v)
{
    return r_max(r_min(v, r_all(INT32_MAX)), r_all(INT32_MIN));
}

static inline double power_of_two(int exponent)
{
    const uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

static inline void set_lane(lanes *v, unsigned lane, int64_t word)
{
    memcpy((char *)v + 8 * lane, &word, sizeof(word));
}

static inline int64_t lane_of(const lanes *v, unsigned lane)
{
    int64_t word;
    memcpy(&word, (const char *)v + 8 * lane, sizeof(word));
    return word;
}

static inline void set_real(reals *v, unsigned lane, double word)
{
    memcpy((char *)v + 8 * lane, &word, sizeof(word));
}

static inline double real_of(const reals *v, unsigned lane)
{
    double word;
    memcpy(&word, (const char *)v + 8 * lane, sizeof(word));
    return word;
}
#endif
