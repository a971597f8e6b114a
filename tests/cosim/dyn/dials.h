// Dials at random, and the words that a C engine's dials mean, by where dials.v sends them.
// SPDX-License-Identifier: ISC
#pragma once
#include "words.h"
#include <map>

enum { TO_IN = 1, TO_OUT = 2, TO_BANDS = 4, TO_LIMITER = 8 };
typedef std::map<uint32_t, uint64_t> Meaning; // by to << 10 | address

static inline void mean_section(Meaning &m, uint32_t to, uint32_t address, const nave_svf_coef &c)
{
    m[to << 10 | address] = filter_word(c.q2, c.t_headroom);
    m[to << 10 | (address + 1)] = filter_word(c.p2, c.b_headroom);
}

static inline void mean_eq(Meaning &m, uint32_t to, uint32_t address, const nave_eq_section &e)
{
    mean_section(m, to, address, e.svf);
    m[to << 10 | (address + 2)] = mix_word(e.band, 1);
    m[to << 10 | (address + 3)] = mix_word(e.shelf, 0);
}

static inline uint64_t plain_word(nave_coef c)
{
    return packed(0, c.shift, c.mantissa);
}

static inline Meaning meaning_of(const nave_dyn *d)
{
    Meaning m;
    const uint32_t stereo = d->shape.channels == 2;
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++) {
        mean_eq(m, TO_IN, i << 2, d->eq[i]);
        m[TO_IN << 10 | (0x203 | i << 3)] = d->eq[i].kind;
    }
    mean_eq(m, TO_OUT, 8 << 2, d->dc);
    m[TO_OUT << 10 | 0x203] = d->dc.kind;
    m[TO_OUT << 10 | 9 << 2] = plain_word(nave_exp2_q25(d->output));
    for (uint32_t to : {TO_IN, TO_OUT}) {
        for (uint32_t i = 0; i < NAVE_DYN_BANDS - 1; i++)
            for (uint32_t k = 0; k < 2; k++)
                mean_section(m, to, (16 + 2 * i + k) << 2, d->crossover.split[i].section[k]);
        m[to << 10 | 0x300] = d->crossover.bands - 1;
        m[to << 10 | 0x301] = d->crossover.split[0].steep;
        m[to << 10 | 0x302] = stereo && d->mid_side;
    }
    m[TO_BANDS << 10 | 0x300] = d->crossover.bands - 1;
    m[TO_BANDS << 10 | 0x302] = stereo && d->mid_side;
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++) {
        const nave_band *p = &d->band[b];
        const uint32_t own = TO_BANDS << 10 | 64 * b, set = TO_BANDS << 10 | 0x300 | b << 3;
        m[own + NAVE_BAND_DETECTOR] = p->detector;
        m[own + NAVE_BAND_AVERAGE] = plain_word(p->average);
        m[own + NAVE_BAND_SIDE] = m[set + 3] = p->side;
        m[set + 4] = p->lookahead_frames;
        m[own + NAVE_BAND_LINK] = (uint32_t)p->link_q30;
        m[own + NAVE_BAND_WET] = (uint32_t)p->wet_q30;
        m[own + NAVE_BAND_LEVEL] = (uint32_t)p->level_q30;
        m[own + NAVE_BAND_WIDTH] = stereo ? (uint32_t)p->width_q30 : 0;
        m[own + NAVE_BAND_MAKEUP] = (uint32_t)p->makeup;
        m[set + 5] = p->low_cut.kind != NAVE_EQ_OFF;
        m[set + 6] = p->high_cut.kind != NAVE_EQ_OFF;
        mean_eq(m, TO_BANDS, 0x200 | (48 + 2 * b) << 2, p->low_cut);
        mean_eq(m, TO_BANDS, 0x200 | (49 + 2 * b) << 2, p->high_cut);
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
            const nave_curve *c = &p->curve[k];
            const uint32_t at = own + NAVE_BAND_CURVE + 16 * k;
            m[at + NAVE_CURVE_FLAGS] = c->flags;
            m[at + NAVE_CURVE_THRESHOLD] = (uint32_t)c->threshold;
            m[at + NAVE_CURVE_HALF_KNEE] = (uint32_t)c->half_knee;
            m[at + NAVE_CURVE_INVERSE_KNEE] = plain_word(c->inverse_knee);
            m[at + NAVE_CURVE_HYSTERESIS] = (uint32_t)c->hysteresis;
            m[at + NAVE_CURVE_RANGE] = (uint32_t)c->range;
            m[at + NAVE_CURVE_SLOPE] = plain_word(c->slope);
            m[at + NAVE_CURVE_ATTACK] = plain_word(c->attack);
            m[at + NAVE_CURVE_RELEASE] = plain_word(c->release);
            m[at + NAVE_CURVE_SLOW_ATTACK] = plain_word(c->slow_attack);
            m[at + NAVE_CURVE_SLOW_RELEASE] = plain_word(c->slow_release);
            m[at + NAVE_CURVE_HOLD] = c->hold_frames;
        }
    }
    m[TO_LIMITER << 10 | 0] = d->limiter.on;
    m[TO_LIMITER << 10 | 1] = (uint32_t)d->limiter.ceiling;
    m[TO_LIMITER << 10 | 2] = plain_word(d->limiter.release);
    return m;
}

// A value of a dial, of any kind and any size.
static inline int64_t any_dial(Suite &s)
{
    static const int64_t corner[] = {0,
                                     1,
                                     -1,
                                     INT64_MAX,
                                     INT64_MIN,
                                     (1ll << 62) - 1,
                                     -(1ll << 62),
                                     1ll << 52,
                                     (1ll << 52) + 1,
                                     1ll << 53,
                                     (1ll << 53) - (1ll << 32),
                                     1000ll << 52,
                                     1ll << 30,
                                     (1ll << 30) + 1,
                                     (1ll << 31) - 1,
                                     1ll << 31,
                                     (1ll << 32) - 1,
                                     1ll << 32,
                                     (1ll << 20) - 1,
                                     1ll << 20};
    switch (s.below(5)) {
    case 0:
        return corner[s.below(20)];
    case 1:
        return s.below(20);
    case 2: // near a power of two, and a tie of its mantissa
        return (s.below(2) ? 1 : -1) *
               (int64_t)((1ull << s.below(62)) + (1ull << s.below(31)) * s.below(4) - s.below(2));
    default:
        return (int64_t)s.any64() >> (1 + s.below(60));
    }
}
