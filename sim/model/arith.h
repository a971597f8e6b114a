/* Narrowing of words: every rounding and saturation of the card is one of these (twin of rtl/arith).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_ARITH_H
#define NAVE_ARITH_H
#include <stdint.h>

/* v / 2^shift to the nearest integer, ties to even. shift 0..62, any v. */
static inline int64_t nave_round64(int64_t v, unsigned shift)
{
    if (shift == 0)
        return v;
    /* the remainder is rounded by itself, so that no sum leaves the word */
    const int64_t floor = v >> shift, rest = v & (((int64_t)1 << shift) - 1);
    return floor + ((rest + ((int64_t)1 << (shift - 1)) - 1 + (floor & 1)) >> shift);
}

/* The same for a 32-bit word; shift >= 32 gives 0, as the exact quotient rounds to it. */
static inline int32_t nave_round32(int32_t v, unsigned shift)
{
    return shift >= 32 ? 0 : (int32_t)nave_round64(v, shift);
}

static inline int64_t nave_saturate(int64_t v, unsigned bits)
{
    const int64_t top = ((int64_t)1 << (bits - 1)) - 1;
    return v > top ? top : v < -top - 1 ? -top - 1 : v;
}

static inline uint32_t nave_magnitude32(int32_t v)
{
    return v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
}

/* Number of bits of v: 0 for 0, 64 for 1 << 63. */
static inline unsigned nave_bit_length64(uint64_t v)
{
    return v ? 64u - (unsigned)__builtin_clzll(v) : 0u;
}

/* Smallest shift >= 0 with magnitude <= limit << shift. */
static inline int nave_headroom_shift(uint32_t magnitude, uint32_t limit)
{
    int shift = 0;
    while (magnitude > ((uint64_t)limit << shift))
        shift++;
    return shift;
}
#endif
