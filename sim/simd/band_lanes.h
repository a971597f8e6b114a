/* Bands over lanes_<isa>.h: a lane a band, a vector a channel, frame after frame (twin of
 * sim/model/{band,detector,gain, level,width}.c). What no band uses (hold, gates, auto release, wet, level, width) is
 * left out of a block. SPDX-License-Identifier: ISC */
#ifndef NAVE_BAND_LANES_H
#define NAVE_BAND_LANES_H
#include "../model/dyn_block.h"
#include "level_lanes.h"

#define STATE_SHIFT 18 /* Q7.43 to Q7.25 */

enum { FRAMES = 16 }; /* that go through a part together */

typedef struct pace { /* of an envelope: its share a frame, Q25 to Q43 */
    reals share;
    choice at_once;
} pace;

typedef struct curve_lanes {
    int on, gates, holds, autos, at_once;
    choice is_on, gate, automatic;
    reals above, falls; /* 1 or -1 */
    reals threshold, half_knee, hysteresis, range, slope, inverse_knee, hold_frames;
    pace attack, release, slow_attack, slow_release;
} curve_lanes;

typedef struct envelope_lanes {
    reals fast, slow, hold;
    choice open;
} envelope_lanes;

typedef struct band_lanes {
    unsigned first, count; /* bands */
    int averages, links, wets, levels, widths, listens;
    choice rms, peak, at_once, listen;
    lanes average, offset;
    rounding share;
    reals link, makeup, wet, level, width;
    curve_lanes curve[NAVE_DYN_CURVES];
} band_lanes;

typedef struct channel_lanes { /* a channel's states */
    lanes average;
    reals gain, lowest;
    envelope_lanes envelope[NAVE_DYN_CURVES];
} channel_lanes;

/* ---- parameters and states into lanes ---- */
typedef struct chooser { /* fills a choice lane by lane */
    int64_t word[LANES];
} chooser;

static inline choice chosen(const chooser *c)
{
    return l_chosen(l_load(c->word));
}

static inline double coef_value(nave_coef c)
{
    return c.mantissa * power_of_two(-(int)c.shift);
}

static inline void pace_set(pace *p, chooser *at_once, unsigned lane, nave_coef share)
{
    set_real(&p->share, lane, coef_value(share) * (1 << STATE_SHIFT));
    at_once->word[lane] = share.mantissa && share.shift <= 30 ? -1 : 0;
}

static inline void curve_begin(curve_lanes *k, const nave_band *band, nave_band_state *z, unsigned channels,
                               unsigned count, unsigned curve, channel_lanes *state)
{
    chooser on = {{0}}, gate = on, automatic = on, once[4] = {on, on, on, on};
    memset(k, 0, sizeof(*k));
    for (unsigned b = 0; b < LANES && b < count; b++) {
        const nave_curve *c = &band[b].curve[curve];
        if (!(c->flags & NAVE_CURVE_ON))
            continue;
        on.word[b] = -1;
        gate.word[b] = c->flags & NAVE_CURVE_GATE ? -1 : 0;
        automatic.word[b] = c->flags & NAVE_CURVE_AUTO ? -1 : 0;
        set_real(&k->above, b, c->flags & NAVE_CURVE_ABOVE ? 1 : -1);
        set_real(&k->falls, b, c->flags & NAVE_CURVE_OPENS ? -1 : 1);
        set_real(&k->threshold, b, c->threshold);
        set_real(&k->half_knee, b, c->half_knee);
        set_real(&k->hysteresis, b, c->hysteresis);
        set_real(&k->range, b, c->range < 0 ? 0 : c->range);
        set_real(&k->slope, b, coef_value(c->slope));
        set_real(&k->inverse_knee, b,
                 c->inverse_knee.mantissa *
                     power_of_two(c->inverse_knee.shift < 6 ? 0 : 6 - (int)c->inverse_knee.shift));
        set_real(&k->hold_frames, b, c->hold_frames);
        pace_set(&k->attack, &once[0], b, c->attack);
        pace_set(&k->release, &once[1], b, c->release);
        pace_set(&k->slow_attack, &once[2], b, c->slow_attack);
        pace_set(&k->slow_release, &once[3], b, c->slow_release);
        k->on = 1;
        k->gates |= (c->flags & NAVE_CURVE_GATE) != 0;
        k->autos |= (c->flags & NAVE_CURVE_AUTO) != 0;
        k->holds |= c->hold_frames != 0;
        for (unsigned i = 0; i < 4; i++)
            k->at_once |= once[i].word[b] != 0;
    }
    k->is_on = chosen(&on);
    k->gate = chosen(&gate);
    k->automatic = chosen(&automatic);
    k->attack.at_once = chosen(&once[0]);
    k->release.at_once = chosen(&once[1]);
    k->slow_attack.at_once = chosen(&once[2]);
    k->slow_release.at_once = chosen(&once[3]);
    for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS && ch < channels; ch++) {
        envelope_lanes *e = &state[ch].envelope[curve];
        chooser open = {{0}};
        memset(e, 0, sizeof(*e));
        for (unsigned b = 0; b < LANES && b < count; b++) {
            const nave_envelope *from = &z[b].envelope[ch][curve];
            set_real(&e->fast, b, (double)from->fast);
            set_real(&e->slow, b, (double)from->slow);
            set_real(&e->hold, b, from->hold_left);
            open.word[b] = from->open ? -1 : 0;
            k->holds |= from->hold_left != 0;
        }
        e->open = chosen(&open);
    }
}

static inline void bands_begin(band_lanes *k, const nave_band *band, nave_band_state *z, unsigned channels,
                               channel_lanes *state)
{
    chooser rms = {{0}}, peak = rms, once = rms, listen = rms;
    pace share;
    const unsigned first = k->first, count = k->count;
    memset(k, 0, sizeof(*k));
    memset(&share, 0, sizeof(share));
    k->first = first;
    k->count = count;
    for (unsigned b = 0; b < LANES && b < count; b++) {
        const nave_band *c = &band[b];
        const uint32_t shift = c->average.shift;
        rms.word[b] = c->detector == NAVE_DETECT_RMS ? -1 : 0;
        peak.word[b] = c->detector == NAVE_DETECT_PEAK ? -1 : 0;
        listen.word[b] = c->side & NAVE_SIDE_LISTEN ? -1 : 0;
        once.word[b] = c->average.mantissa && shift <= 30 ? -1 : 0;
        set_lane(&k->average, b, c->average.mantissa);
        set_rounding(&k->share, b, shift < 31 ? 2 : shift > 62 ? 33 : shift - 29);
        set_lane(&k->offset, b, (peak.word[b] ? INT64_C(28) : INT64_C(54)) << 25);
        set_real(&k->link, b, c->link_q30 * 0x1p-30);
        set_real(&k->makeup, b, c->makeup);
        set_real(&k->wet, b, c->wet_q30 * 0x1p-30);
        set_real(&k->level, b, c->level_q30 * 0x1p-30);
        set_real(&k->width, b, c->width_q30 * 0x1p-30);
        k->averages |= !peak.word[b];
        k->links |= c->link_q30 != NAVE_ONE_Q30;
        k->wets |= c->wet_q30 != NAVE_ONE_Q30;
        k->levels |= c->level_q30 != NAVE_ONE_Q30;
        k->widths |= c->width_q30 != 0;
        k->listens |= listen.word[b] != 0;
    }
    k->rms = chosen(&rms);
    k->peak = chosen(&peak);
    k->at_once = chosen(&once);
    k->listen = chosen(&listen);
    for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS && ch < channels; ch++) {
        memset(&state[ch], 0, sizeof(state[ch]));
        state[ch].lowest = r_all(INT32_MAX);
        for (unsigned b = 0; b < LANES && b < count; b++)
            set_lane(&state[ch].average, b, z[b].average[ch]);
    }
    for (unsigned i = 0; i < NAVE_DYN_CURVES; i++)
        curve_begin(&k->curve[i], band, z, channels, count, i, state);
}

static inline void bands_end(const band_lanes *k, nave_band_state *z, unsigned channels, const channel_lanes *state,
                             nave_dyn_lowest *lowest)
{
    for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS && ch < channels; ch++) {
        lanes open[NAVE_DYN_CURVES];
        for (unsigned i = 0; i < NAVE_DYN_CURVES; i++)
            open[i] = l_pick(state[ch].envelope[i].open, l_all(1), l_all(0));
        for (unsigned b = 0; b < LANES && b < k->count; b++) {
            z[b].average[ch] = lane_of(&state[ch].average, b);
            z[b].gain[ch] = (int32_t)real_of(&state[ch].gain, b);
            lowest->band[k->first + b][ch] = (int32_t)real_of(&state[ch].lowest, b);
            for (unsigned i = 0; i < NAVE_DYN_CURVES; i++) {
                const envelope_lanes *e = &state[ch].envelope[i];
                if (k->curve[i].on)
                    z[b].envelope[ch][i] = (nave_envelope){(int64_t)real_of(&e->fast, b), (int64_t)real_of(&e->slow, b),
                                                           (uint32_t)real_of(&e->hold, b), (int)lane_of(&open[i], b)};
            }
        }
    }
}

/* ---- a frame ---- */
/* nave_approach_wide by shares below 1 */
INLINE lanes approach_wide(const band_lanes *k, lanes y, lanes target)
{
    const lanes difference = limit(l_sub(target, y), 61);
    const lanes low = l_mul(l_and(difference, l_all(0x7fffffff)), k->average);
    const lanes sum = l_add(l_left(l_mul(l_right(difference, 31), k->average), 2), l_right(low, 29));
    const lanes sticky = l_pick(l_equal(l_and(low, l_all(0x1fffffff)), l_all(0)), sum, l_or(sum, l_all(1)));
    return l_pick(k->at_once, target, l_add(y, round_lanes(sticky, k->share.by, k->share.half, k->share.bit)));
}

/* What the log2 of a word is taken of, at least 1. */
INLINE lanes detect(const band_lanes *k, lanes *average, lanes x)
{
    lanes v = l_abs(x);
    if (k->averages) {
        const lanes target = l_pick(k->rms, round_const(l_mul(x, x), 2), l_left(v, 26));
        const lanes next = approach_wide(k, *average, target);
        *average = l_pick(k->peak, *average, next);
        v = l_pick(k->peak, v, next);
    }
    return l_pick(l_equal(v, l_all(0)), l_all(1), v);
}

INLINE reals level_of(const band_lanes *k, lanes v)
{
    const lanes level = l_sub(log2_lanes(v), k->offset);
    return r_of(l_pick(k->rms, round_const(level, 1), level));
}

/* y a share of the way on, by `way` */
INLINE reals approach(reals y, reals way, reals share)
{
    return r_add(y, rounded(limit_word(rounded(way, r_all(0x1p-18))), share));
}

/* nave_curve_gain */
INLINE reals curve_gain(const curve_lanes *k, reals level, choice open)
{
    const reals zero = r_all(0), excess = limit_word(r_multiply(r_sub(level, k->threshold), k->above));
    const reals into = limit_word(r_add(excess, k->half_knee));
    const reals share = limit_word(rounded(into, k->inverse_knee));
    const reals bent = rounded(into, r_multiply(share, r_all(0x1p-32)));
    const reals v = r_pick(r_greater(k->half_knee, excess), bent, excess);
    reals gain = rounded(v, k->slope);
    gain = r_max(r_min(gain, k->range), r_sub(zero, k->range));
    gain = r_pick(r_greater(into, zero), gain, zero);
    if (k->gates) {
        const reals closes = r_sub(k->threshold, r_pick(open, k->hysteresis, zero));
        gain = r_pick(k->gate, r_pick(r_greater(closes, level), r_sub(zero, k->range), zero), gain);
    }
    return gain;
}

/* nave_envelope_step of curves that are on; others give 0 and keep what they are. */
INLINE reals envelope_step(const curve_lanes *k, envelope_lanes *z, reals level)
{
    const reals zero = r_all(0), gain = curve_gain(k, level, z->open), target = r_multiply(gain, r_all(0x1p18));
    z->open = c_or(c_and(k->is_on, r_equal(gain, zero)), c_without(z->open, k->is_on));
    const reals way = r_sub(target, z->fast);
    const choice recovers = r_greater(r_multiply(way, k->falls), zero); /* neither attack nor there */
    reals fast = approach(z->fast, way, r_pick(recovers, k->release.share, k->attack.share));
    if (k->at_once)
        fast = r_pick(c_or(c_without(k->attack.at_once, recovers), c_and(k->release.at_once, recovers)), target, fast);
    if (k->holds) {
        const choice held = c_and(r_greater(z->hold, zero), recovers);
        fast = r_pick(held, z->fast, fast);
        const reals hold = r_pick(recovers, r_pick(held, r_sub(z->hold, r_all(1)), z->hold), k->hold_frames);
        z->hold = r_pick(k->is_on, hold, z->hold);
    }
    z->fast = r_pick(k->is_on, fast, z->fast);
    reals reached = fast;
    if (k->autos) {
        const reals far = r_sub(target, z->slow);
        const choice falls = r_greater(zero, r_multiply(far, k->falls)); /* in attack */
        reals slow = approach(z->slow, far, r_pick(falls, k->slow_attack.share, k->slow_release.share));
        slow =
            r_pick(c_or(c_and(k->slow_attack.at_once, falls), c_without(k->slow_release.at_once, falls)), target, slow);
        z->slow = r_pick(k->automatic, slow, z->slow);
        const choice deeper = r_greater(zero, r_multiply(r_sub(z->slow, fast), k->falls));
        reached = r_pick(c_and(k->automatic, deeper), z->slow, fast);
    }
    return r_pick(k->is_on, rounded(reached, r_all(0x1p-18)), zero);
}

INLINE reals linked(const band_lanes *k, reals level, reals loudest)
{
    return k->links ? limit_word(r_add(level, scale(limit_word(r_sub(loudest, level)), k->link))) : loudest;
}

/* What the band makes of a word, before the width. */
INLINE reals band_word(const band_lanes *k, channel_lanes *z, reals gain, lanes heard, lanes word)
{
    const reals x = r_of(word);
    z->gain = limit_word(gain);
    z->lowest = r_min(z->lowest, z->gain);
    reals change = limit_word(r_sub(scale(x, exp2_lanes(z->gain)), x));
    if (k->wets)
        change = scale(change, k->wet);
    reals y = limit_word(r_add(x, change));
    if (k->levels)
        y = scale(y, k->level);
    return k->listens ? r_pick(k->listen, r_of(heard), y) : y;
}

INLINE void width_words(const band_lanes *k, unsigned mid_side, reals *first, reals *second)
{
    reals a = *first, b = *second;
    if (mid_side) {
        b = limit_word(r_add(b, scale(b, k->width)));
    } else {
        const reals half = limit_word(rounded(r_sub(a, b), r_all(0.5))), change = scale(half, k->width);
        a = limit_word(r_add(a, change));
        b = limit_word(r_sub(b, change));
    }
    *first = r_pick(k->listen, *first, a);
    *second = r_pick(k->listen, *second, b);
}

/* A few frames, one part after the other: a frame's own chain of parts is longer than what a CPU looks ahead. */
INLINE void band_frames(band_lanes *k, channel_lanes *state, unsigned channels, unsigned mid_side,
                        const nave_dyn_row *side, nave_dyn_row *x, unsigned frames)
{
    lanes v[2][FRAMES];
    reals level[2][FRAMES], gain[2][FRAMES];
    for (unsigned n = 0; n < frames; n++) {
        const lanes heard = l_load(side[n].band[k->first]);
        v[0][n] = detect(k, &state[0].average, l_low(heard));
        if (channels == 2)
            v[1][n] = detect(k, &state[1].average, l_high(heard));
    }
    for (unsigned n = 0; n < frames; n++) {
        const reals first = level_of(k, v[0][n]), second = channels == 2 ? level_of(k, v[1][n]) : first;
        const reals loudest = r_max(first, second);
        level[0][n] = linked(k, first, loudest);
        gain[0][n] = gain[1][n] = k->makeup;
        if (channels == 2)
            level[1][n] = linked(k, second, loudest);
    }
    for (unsigned i = 0; i < NAVE_DYN_CURVES; i++)
        for (unsigned n = 0; n < frames && k->curve[i].on; n++)
            for (unsigned ch = 0; ch < channels; ch++)
                gain[ch][n] = r_add(gain[ch][n], envelope_step(&k->curve[i], &state[ch].envelope[i], level[ch][n]));
    for (unsigned n = 0; n < frames; n++) {
        const lanes heard = l_load(side[n].band[k->first]), words = l_load(x[n].band[k->first]);
        reals a = band_word(k, &state[0], gain[0][n], l_low(heard), l_low(words)), b = a;
        if (channels == 2) {
            b = band_word(k, &state[1], gain[1][n], l_high(heard), l_high(words));
            if (k->widths)
                width_words(k, mid_side, &a, &b);
        }
        l_store(x[n].band[k->first], l_join(r_integers(a), r_integers(b)));
    }
}

INLINE void band_run(band_lanes *k, channel_lanes *state, unsigned channels, unsigned mid_side,
                     const nave_dyn_row *side, nave_dyn_row *x, size_t frames)
{
    for (size_t n = 0; n < frames; n += FRAMES)
        band_frames(k, state, channels, mid_side, side + n, x + n,
                    frames - n < FRAMES ? (unsigned)(frames - n) : FRAMES);
}

/* Side-chains with cuts: what their bands hear, by the C functions. Returns side or, if there are any, heard. */
static inline const nave_dyn_row *through_cuts(const nave_band *band, nave_band_state *z, uint32_t bands,
                                               uint32_t channels, const nave_dyn_row *side, nave_dyn_row *heard,
                                               size_t frames)
{
    const nave_dyn_row *from = side;
    for (uint32_t b = 0; b < bands; b++) {
        const nave_band *c = &band[b];
        if (c->low_cut.kind == NAVE_EQ_OFF && c->high_cut.kind == NAVE_EQ_OFF)
            continue;
        if (from == side)
            memcpy(heard, side, frames * sizeof(*heard));
        from = heard;
        for (size_t n = 0; n < frames; n++)
            for (uint32_t ch = 0; ch < channels; ch++) {
                nave_svf *cut = z[b].cut[ch];
                const int64_t low_cut = nave_eq_step(&c->low_cut, &cut[0], nave_to_q44(heard[n].band[b][ch]));
                heard[n].band[b][ch] = nave_to_q28(nave_eq_step(&c->high_cut, &cut[1], low_cut));
            }
    }
    return from;
}

INLINE void bands_lanes(const nave_band *band, nave_band_state *z, uint32_t bands, uint32_t channels, uint32_t mid_side,
                        const nave_dyn_row *side, nave_dyn_row *x, size_t frames, nave_dyn_lowest *lowest)
{
    nave_dyn_row heard[NAVE_DYN_BLOCK];
    if (frames < 8) {
        nave_dyn_bands_c(band, z, bands, channels, mid_side, side, x, frames, lowest);
        return;
    }
    side = through_cuts(band, z, bands, channels, side, heard, frames);
    for (unsigned first = 0; first < bands; first += LANES) {
        channel_lanes state[NAVE_DYN_CHANNELS];
        band_lanes k = {.first = first, .count = bands - first < LANES ? bands - first : LANES};
        bands_begin(&k, band + first, z + first, channels, state);
        if (channels == 2)
            band_run(&k, state, 2, mid_side, side, x, frames);
        else
            band_run(&k, state, 1, mid_side, side, x, frames);
        bands_end(&k, z + first, channels, state, lowest);
    }
}
#endif
