// Random shapes, chains and events: dials as a host sets them, some of them out of all bounds.
// SPDX-License-Identifier: ISC
#pragma once
#include "dials.h"
#include <algorithm>
#include <vector>

static inline nave_dyn_shape shape_of(uint32_t channels, uint32_t lookahead, uint32_t limiter)
{
    nave_dyn_shape shape = {};
    uint32_t box[2];
    nave_limiter_box_frames(limiter, box);
    const unsigned bits = nave_bit_length64(box[0]) + nave_bit_length64(box[1]);
    shape.channels = channels;
    shape.lookahead_frames = lookahead;
    shape.limiter_frames = limiter;
    shape.limiter_share = nave_coef_of((int64_t)((1ull << 52) / ((double)box[0] * box[1]) * (double)(1ull << bits)));
    return shape;
}

static inline nave_dyn_shape any_shape(Suite &s, uint32_t limiter_most)
{
    return shape_of(1 + (s.below(4) != 0), s.below(3) ? s.below(40) : 0,
                    2 + s.below(s.below(2) ? 20 : limiter_most - 1));
}

static inline int64_t fraction(Suite &s, uint32_t one_bits) // of a value below 2^one_bits, small ones as often
{
    return (int64_t)(s.any64() >> (64 - one_bits)) >> s.below(one_bits < 20 ? one_bits : 20);
}

static inline int64_t either(Suite &s, int64_t v)
{
    return s.below(2) ? v : -v;
}

static inline int64_t section_dial(Suite &s, uint32_t what)
{
    switch (what) {
    case NAVE_EQ_KIND:
        return s.below(3) + 4 * (s.below(2) ? 0 : s.below(128));
    case NAVE_EQ_Q2:
        return fraction(s, 52);
    case NAVE_EQ_P2:
        return fraction(s, 53);
    default:
        return either(s, fraction(s, 53));
    }
}

static inline int64_t likely_dial(Suite &s, const nave_dyn_shape &shape, uint32_t dial)
{
    if (dial < NAVE_DIAL_EQ) {
        switch (dial) {
        case NAVE_DIAL_BANDS:
            return 1 + s.below(8);
        case NAVE_DIAL_OUTPUT:
            return either(s, fraction(s, 26));
        case NAVE_DIAL_CEILING:
            return -fraction(s, 27);
        case NAVE_DIAL_LIMITER_RELEASE:
            return fraction(s, 50);
        case NAVE_DIAL_STEEP:
        case NAVE_DIAL_MID_SIDE:
        case NAVE_DIAL_LIMITER:
            return s.below(2);
        default:
            return section_dial(s, dial - NAVE_DIAL_DC);
        }
    }
    if (dial < NAVE_DIAL_SPLIT)
        return section_dial(s, dial % 8);
    if (dial < NAVE_DIAL_BAND)
        return dial % 8 == 4 ? (s.below(2) ? 0 : s.below(16384)) : dial % 2 ? fraction(s, 53) : fraction(s, 52);
    const uint32_t offset = (dial - NAVE_DIAL_BAND) % 64;
    if (offset < NAVE_BAND_CURVE)
        switch (offset) {
        case NAVE_BAND_DETECTOR:
            return s.below(3);
        case NAVE_BAND_AVERAGE:
            return fraction(s, 52);
        case NAVE_BAND_SIDE:
            return s.below(3) ? 0 : s.below(4);
        case NAVE_BAND_LOOKAHEAD:
            return s.below(2 * shape.lookahead_frames + 2);
        case NAVE_BAND_LINK:
        case NAVE_BAND_WET:
        case NAVE_BAND_LEVEL:
            return s.below(2) ? 1 << 30 : fraction(s, 30);
        case NAVE_BAND_WIDTH:
            return s.below(2) ? 0 : either(s, fraction(s, 30));
        case NAVE_BAND_MAKEUP:
            return either(s, fraction(s, 27));
        case NAVE_BAND_LOW_CUT:
        case NAVE_BAND_HIGH_CUT:
            return s.below(2) ? 0 : fraction(s, 52);
        case NAVE_BAND_CUT_HEADROOM:
            return s.below(2) ? 0 : s.below(16384);
        default:
            return fraction(s, 53);
        }
    switch (offset % 16) {
    case NAVE_CURVE_FLAGS:
        return s.below(3) ? s.below(32) | 1 : 0;
    case NAVE_CURVE_THRESHOLD:
        return -fraction(s, 29);
    case NAVE_CURVE_HALF_KNEE:
    case NAVE_CURVE_HYSTERESIS:
        return fraction(s, 26);
    case NAVE_CURVE_INVERSE_KNEE:
        return fraction(s, 54);
    case NAVE_CURVE_RANGE:
        return fraction(s, 29);
    case NAVE_CURVE_SLOPE:
        return either(s, fraction(s, 54));
    case NAVE_CURVE_HOLD:
        return s.below(2) ? 0 : s.below(30);
    default:
        return fraction(s, 52);
    }
}

static inline int64_t a_dial(Suite &s, const nave_dyn_shape &shape, uint32_t dial, bool wild)
{
    return (wild && s.below(3)) || s.below(60) == 0 ? any_dial(s) : likely_dial(s, shape, dial);
}

static inline std::vector<int64_t> any_chain(Suite &s, const nave_dyn_shape &shape, bool wild)
{
    std::vector<int64_t> dials(NAVE_DIALS);
    for (uint32_t i = 0; i < NAVE_DIALS; i++)
        dials[i] = a_dial(s, shape, i, wild);
    return dials;
}

// So many bands, sections, curves and cuts, and no others: for clocks a frame.
static inline void plain_chain(std::vector<int64_t> &dials, uint32_t bands, uint32_t steep, uint32_t sections,
                               uint32_t curves, uint32_t cuts)
{
    dials[NAVE_DIAL_BANDS] = bands;
    dials[NAVE_DIAL_STEEP] = steep;
    dials[NAVE_DIAL_MID_SIDE] = 0;
    dials[NAVE_DIAL_DC] = 1;
    dials[NAVE_DIAL_LIMITER] = 1;
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
        dials[NAVE_DIAL_EQ + 8 * i] = i < sections;
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++) {
        int64_t *of = &dials[NAVE_DIAL_BAND + 64 * b];
        of[NAVE_BAND_DETECTOR] = NAVE_DETECT_RMS;
        of[NAVE_BAND_SIDE] = 0;
        of[NAVE_BAND_LOW_CUT] = of[NAVE_BAND_HIGH_CUT] = cuts ? 1ll << 46 : 0;
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
            of[NAVE_BAND_CURVE + 16 * k] = k < curves ? NAVE_CURVE_ON | NAVE_CURVE_ABOVE : 0;
    }
}

// Events of the next frames, in the order in which they come.
static inline std::vector<nave_dyn_event> any_events(Suite &s, const nave_dyn_shape &shape, uint64_t frame,
                                                     uint32_t frames, bool wild)
{
    std::vector<nave_dyn_event> list(s.below(4) ? s.below(12) : s.below(4) ? s.below(60) : 200);
    for (nave_dyn_event &e : list) {
        e.dial = s.below(4) ? s.below(NAVE_DIALS) : s.below(12);
        e.frame = frame + s.below(frames);
        e.value = a_dial(s, shape, e.dial, wild);
        e.ramp_frames = s.below(3) ? s.below(40) : 0;
    }
    std::stable_sort(list.begin(), list.end(),
                     [](const nave_dyn_event &a, const nave_dyn_event &b) { return a.frame < b.frame; });
    return list;
}
