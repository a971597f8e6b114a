// Random words of the dynamics engine, corners more often than chance, and coefficients as the filters' RAM has them.
// SPDX-License-Identifier: ISC
#pragma once
#include "../conv/cosim.h"
#include <cstring>
extern "C" {
#include "../../../sim/model/dyn.h"
}

// A word of 54 bits.
static inline int64_t any_q44(Suite &s)
{
    static const int64_t corner[] = {0,      1,       -1,      (1ll << 53) - 1, -(1ll << 53),
                                     0x8000, -0x8000, 0x18000, 0x7fff,          1ll << 44};
    switch (s.below(4)) {
    case 0:
        return corner[s.below(10)];
    case 1: // full scale
        return (int64_t)s.word() * 65536;
    default:
        return (int64_t)s.any64() >> (10 + s.below(54));
    }
}

// shift: `least` .. 62
static inline nave_coef any_coef(Suite &s, uint32_t least)
{
    static const int32_t corner[] = {1 << 30, INT32_MAX, -(1 << 30), -INT32_MAX};
    int32_t mantissa = s.below(3) ? (int32_t)((s.any64() >> 34) | 1u << 30) : corner[s.below(4)];
    if (s.below(2) && mantissa > 0)
        mantissa = -mantissa;
    if (s.below(16) == 0)
        return {0, 30};
    return {mantissa, s.below(4) ? least + s.below(12) % (63 - least) : least + s.below(63 - least)};
}

static inline nave_coef any_gain(Suite &s)
{
    return nave_exp2_q25(s.word());
}

// wild: one that no dial gives, so that states are limited.
static inline nave_svf_coef any_section(Suite &s, bool wild)
{
    nave_svf_coef c = {any_coef(s, 29), any_coef(s, 20), s.below(16), s.below(8)};
    if (!wild) { // as the dials have them: positive, and not far from stable
        c.q2.mantissa = c.q2.mantissa < 0 ? -c.q2.mantissa : c.q2.mantissa;
        c.p2.mantissa = c.p2.mantissa < 0 ? -c.p2.mantissa : c.p2.mantissa;
        c.q2.shift = c.q2.shift < 31 ? 31 : c.q2.shift;
        c.p2.shift = c.p2.shift < 31 ? 31 : c.p2.shift;
    }
    const uint32_t t = c.q2.shift - NAVE_AUDIO_SHIFT, b = c.p2.shift - NAVE_AUDIO_SHIFT;
    c.t_headroom = c.t_headroom < t ? c.t_headroom : t;
    c.b_headroom = c.b_headroom < b ? c.b_headroom : b;
    return c;
}

static inline uint64_t packed(uint32_t headroom, uint32_t shift, int32_t mantissa)
{
    return (uint64_t)headroom << 38 | (uint64_t)shift << 32 | (uint32_t)mantissa;
}
static inline uint64_t filter_word(nave_coef c, uint32_t headroom)
{
    return packed(headroom, c.shift - NAVE_AUDIO_SHIFT - headroom, c.mantissa);
}
// band: headroom 1, since twice the band-pass is what there is
static inline uint64_t mix_word(nave_coef c, uint32_t headroom)
{
    return packed(headroom, c.shift - NAVE_AUDIO_SHIFT, c.mantissa);
}
static inline uint64_t gain_word(nave_coef c)
{
    return packed(0, c.shift, c.mantissa);
}
