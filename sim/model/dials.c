/* What the dials mean: every value of a dial gives a legal parameter (twin of rtl/dyn/dials.v).
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

static int32_t word(const nave_ramp *dial)
{
    return (int32_t)nave_saturate(dial->value, 32);
}

static uint32_t between(const nave_ramp *dial, uint32_t least, uint32_t most)
{
    const int64_t v = dial->value;
    return v < least ? least : v > most ? most : (uint32_t)v;
}

/* A share of 0..1. */
static nave_coef share(const nave_ramp *dial)
{
    const int64_t one = INT64_C(1) << 52;
    return nave_coef_of(dial->value < 0 ? 0 : dial->value > one ? one : dial->value);
}

/* q2 and p2 that are stable whatever the dials say: 0 <= q2 < 2, 0 <= p2, q2 (2 + p2) < 4 (rounding included). */
static nave_svf_coef stable(const nave_ramp *dial, uint32_t headroom)
{
    const int64_t one = INT64_C(1) << 52, q2_top = 2 * one - (one >> 20), p2_top = 1000 * one;
    int64_t q2 = dial[0].value, p2 = dial[1].value;
    p2 = p2 < 0 ? 0 : p2 > p2_top ? p2_top : p2;
    q2 = q2 < 0 ? 0 : q2 > q2_top ? q2_top : q2;
    /* q2 <= (4 - 2^-18) / (2 + p2), tested on 24 bits each, so that one multiply decides */
    const int64_t bound = nave_round64(4 * one - (one >> 18), 4);
    if ((q2 >> 24) * ((2 * one + p2) >> 32) > bound)
        q2 = ((int64_t)bound / ((2 * one + p2) >> 32)) << 24;
    /* no more than what the shifts of q2 and p2 leave */
    const nave_coef q = nave_coef_of(q2), p = nave_coef_of(p2);
    const uint32_t t = headroom % 16, b = headroom / 16 % 8;
    const uint32_t q_room = q.shift - NAVE_AUDIO_SHIFT, p_room = p.shift - NAVE_AUDIO_SHIFT;
    return (nave_svf_coef){q, p, t < q_room ? t : q_room, b < p_room ? b : p_room};
}

static nave_eq_section section(const nave_ramp *dial)
{
    const uint32_t kind = between(&dial[NAVE_EQ_KIND], 0, 511), which = kind % 4;
    return (nave_eq_section){which <= NAVE_EQ_HIGH ? which : NAVE_EQ_HIGH, stable(&dial[NAVE_EQ_Q2], kind / 4),
                             nave_coef_of(dial[NAVE_EQ_BAND].value), nave_coef_of(dial[NAVE_EQ_SHELF].value)};
}

/* A cut of the side-chain: x - bp - (lp or hp). */
static nave_eq_section cut(const nave_ramp *dial, uint32_t kind, uint32_t headroom)
{
    const nave_coef minus_one = {-(1 << 30), 30};
    return (nave_eq_section){dial->value ? kind : NAVE_EQ_OFF, stable(dial, headroom), minus_one, minus_one};
}

static nave_curve curve(const nave_ramp *dial)
{
    return (nave_curve){
        .flags = between(&dial[NAVE_CURVE_FLAGS], 0, 31),
        .threshold = word(&dial[NAVE_CURVE_THRESHOLD]),
        .half_knee = word(&dial[NAVE_CURVE_HALF_KNEE]),
        .inverse_knee = nave_coef_of(dial[NAVE_CURVE_INVERSE_KNEE].value),
        .hysteresis = word(&dial[NAVE_CURVE_HYSTERESIS]),
        .range = word(&dial[NAVE_CURVE_RANGE]),
        .slope = nave_coef_of(dial[NAVE_CURVE_SLOPE].value),
        .attack = share(&dial[NAVE_CURVE_ATTACK]),
        .release = share(&dial[NAVE_CURVE_RELEASE]),
        .slow_attack = share(&dial[NAVE_CURVE_SLOW_ATTACK]),
        .slow_release = share(&dial[NAVE_CURVE_SLOW_RELEASE]),
        .hold_frames = between(&dial[NAVE_CURVE_HOLD], 0, UINT32_MAX),
    };
}

static void decode_band(nave_band *b, const nave_ramp *dial, uint32_t offset)
{
    if (offset >= NAVE_BAND_CURVE) {
        const uint32_t k = (offset - NAVE_BAND_CURVE) / 16;
        if (k < NAVE_DYN_CURVES)
            b->curve[k] = curve(dial + NAVE_BAND_CURVE + 16 * k);
        return;
    }
    b->detector = between(&dial[NAVE_BAND_DETECTOR], NAVE_DETECT_PEAK, NAVE_DETECT_LOW_PASS);
    b->average = share(&dial[NAVE_BAND_AVERAGE]);
    b->side = between(&dial[NAVE_BAND_SIDE], 0, NAVE_SIDE_EXTERNAL | NAVE_SIDE_LISTEN);
    b->lookahead_frames = between(&dial[NAVE_BAND_LOOKAHEAD], 0, UINT32_MAX);
    b->link_q30 = (int32_t)between(&dial[NAVE_BAND_LINK], 0, NAVE_ONE_Q30);
    b->wet_q30 = word(&dial[NAVE_BAND_WET]);
    b->level_q30 = word(&dial[NAVE_BAND_LEVEL]);
    b->width_q30 = word(&dial[NAVE_BAND_WIDTH]);
    b->makeup = word(&dial[NAVE_BAND_MAKEUP]);
    const uint32_t headroom = between(&dial[NAVE_BAND_CUT_HEADROOM], 0, 16383);
    b->low_cut = cut(&dial[NAVE_BAND_LOW_CUT], NAVE_EQ_LOW, headroom % 128);
    b->high_cut = cut(&dial[NAVE_BAND_HIGH_CUT], NAVE_EQ_HIGH, headroom / 128);
}

void nave_dyn_decode(nave_dyn *d, uint32_t dial)
{
    const nave_ramp *all = d->dial;
    if (dial >= NAVE_DIAL_BAND) {
        const uint32_t b = (dial - NAVE_DIAL_BAND) / 64, base = NAVE_DIAL_BAND + 64 * b;
        decode_band(&d->band[b], &all[base], dial - base);
    } else if (dial >= NAVE_DIAL_SPLIT) {
        const uint32_t i = (dial - NAVE_DIAL_SPLIT) / 8, base = NAVE_DIAL_SPLIT + 8 * i;
        const uint32_t headroom = between(&all[base + NAVE_SPLIT_HEADROOM], 0, 16383);
        if (i < NAVE_DYN_BANDS - 1) {
            d->crossover.split[i].section[0] = stable(&all[base], headroom % 128);
            d->crossover.split[i].section[1] = stable(&all[base + 2], headroom / 128);
        }
    } else if (dial >= NAVE_DIAL_EQ) {
        const uint32_t i = (dial - NAVE_DIAL_EQ) / 8;
        d->eq[i] = section(&all[NAVE_DIAL_EQ + 8 * i]);
    } else {
        d->crossover.bands = between(&all[NAVE_DIAL_BANDS], 1, NAVE_DYN_BANDS);
        for (uint32_t i = 0; i < NAVE_DYN_BANDS - 1; i++)
            d->crossover.split[i].steep = between(&all[NAVE_DIAL_STEEP], 0, 1);
        d->mid_side = between(&all[NAVE_DIAL_MID_SIDE], 0, 1);
        d->output = word(&all[NAVE_DIAL_OUTPUT]);
        d->dc = section(&all[NAVE_DIAL_DC]);
        d->limiter = (nave_limiter){between(&all[NAVE_DIAL_LIMITER], 0, 1), word(&all[NAVE_DIAL_CEILING]),
                                    share(&all[NAVE_DIAL_LIMITER_RELEASE])};
    }
}
