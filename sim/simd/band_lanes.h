/* Bands over lanes_<isa>.h: a lane a band, a vector a channel, frame after frame (twin of
 * sim/model/{band,detector,gain, level,width}.c). What no band uses (hold, gates, auto release, wet, level, width) is
 * left out of a block. SPDX-License-Identifier: ISC */
#ifndef NAVE_BAND_LANES_H
#define NAVE_BAND_LANES_H
#include "../model/dyn_block.h"
#include "svf_lanes.h"

#define STATE_SHIFT 18 /* Q7.43 to Q7.25 */

typedef struct pace { /* of an envelope: its share a frame */
    lanes mantissa, by, half;
    choice at_once;
} pace;

typedef struct curve_lanes {
    int on, gates, holds, autos, at_once;
    choice is_on, below, gate, opens, automatic;
    lanes threshold, half_knee, hysteresis, range, slope, inverse_knee, hold_frames;
    rounding knee, gain;
    pace attack, release, slow_attack, slow_release;
} curve_lanes;

typedef struct envelope_lanes {
    lanes fast, slow, hold;
    choice open;
} envelope_lanes;

typedef struct band_lanes {
    unsigned first, count; /* bands */
    int averages, links, wets, levels, widths, listens;
    choice rms, peak, at_once, listen;
    lanes average, offset, link, makeup, wet, level, width;
    rounding share;
    curve_lanes curve[NAVE_DYN_CURVES];
} band_lanes;

typedef struct channel_lanes { /* a channel's states */
    lanes average, gain, lowest;
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

static inline void pace_set(pace *p, chooser *at_once, unsigned lane, nave_coef share, unsigned less)
{
    const unsigned by = share.shift - less;
    set_lane(&p->mantissa, lane, share.mantissa);
    set_lane(&p->by, lane, by);
    set_lane(&p->half, lane, (INT64_C(1) << (by - 1)) - 1);
    at_once->word[lane] = share.mantissa && share.shift <= 30 ? -1 : 0;
}

static inline void curve_begin(curve_lanes *k, const nave_band *band, nave_band_state *z, unsigned channels,
                               unsigned count, unsigned curve, channel_lanes *state)
{
    chooser on = {{0}}, below = on, gate = on, opens = on, automatic = on, once[4] = {on, on, on, on};
    memset(k, 0, sizeof(*k));
    for (unsigned b = 0; b < count; b++) {
        const nave_curve *c = &band[b].curve[curve];
        if (!(c->flags & NAVE_CURVE_ON))
            continue;
        on.word[b] = -1;
        below.word[b] = c->flags & NAVE_CURVE_ABOVE ? 0 : -1;
        gate.word[b] = c->flags & NAVE_CURVE_GATE ? -1 : 0;
        opens.word[b] = c->flags & NAVE_CURVE_OPENS ? -1 : 0;
        automatic.word[b] = c->flags & NAVE_CURVE_AUTO ? -1 : 0;
        set_lane(&k->threshold, b, c->threshold);
        set_lane(&k->half_knee, b, c->half_knee);
        set_lane(&k->hysteresis, b, c->hysteresis);
        set_lane(&k->range, b, c->range < 0 ? 0 : c->range);
        set_lane(&k->slope, b, c->slope.mantissa);
        set_lane(&k->inverse_knee, b, c->inverse_knee.mantissa);
        set_lane(&k->hold_frames, b, c->hold_frames);
        set_rounding(&k->knee, b, c->inverse_knee.shift < 6 ? 0 : c->inverse_knee.shift - 6);
        set_rounding(&k->gain, b, c->slope.shift);
        pace_set(&k->attack, &once[0], b, c->attack, STATE_SHIFT);
        pace_set(&k->release, &once[1], b, c->release, STATE_SHIFT);
        pace_set(&k->slow_attack, &once[2], b, c->slow_attack, STATE_SHIFT);
        pace_set(&k->slow_release, &once[3], b, c->slow_release, STATE_SHIFT);
        k->on = 1;
        k->gates |= (c->flags & NAVE_CURVE_GATE) != 0;
        k->autos |= (c->flags & NAVE_CURVE_AUTO) != 0;
        k->holds |= c->hold_frames != 0;
        for (unsigned i = 0; i < 4; i++)
            k->at_once |= once[i].word[b] != 0;
    }
    k->is_on = chosen(&on);
    k->below = chosen(&below);
    k->gate = chosen(&gate);
    k->opens = chosen(&opens);
    k->automatic = chosen(&automatic);
    k->attack.at_once = chosen(&once[0]);
    k->release.at_once = chosen(&once[1]);
    k->slow_attack.at_once = chosen(&once[2]);
    k->slow_release.at_once = chosen(&once[3]);
    for (unsigned ch = 0; ch < channels; ch++) {
        envelope_lanes *e = &state[ch].envelope[curve];
        chooser open = {{0}};
        memset(e, 0, sizeof(*e));
        for (unsigned b = 0; b < count; b++) {
            const nave_envelope *from = &z[b].envelope[ch][curve];
            set_lane(&e->fast, b, from->fast);
            set_lane(&e->slow, b, from->slow);
            set_lane(&e->hold, b, from->hold_left);
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
    for (unsigned b = 0; b < count; b++) {
        const nave_band *c = &band[b];
        const uint32_t shift = c->average.shift;
        rms.word[b] = c->detector == NAVE_DETECT_RMS ? -1 : 0;
        peak.word[b] = c->detector == NAVE_DETECT_PEAK ? -1 : 0;
        listen.word[b] = c->side & NAVE_SIDE_LISTEN ? -1 : 0;
        once.word[b] = c->average.mantissa && shift <= 30 ? -1 : 0;
        set_lane(&k->average, b, c->average.mantissa);
        set_rounding(&k->share, b, shift < 31 ? 2 : shift > 62 ? 33 : shift - 29);
        set_lane(&k->offset, b, (peak.word[b] ? INT64_C(28) : INT64_C(54)) << 25);
        set_lane(&k->link, b, c->link_q30);
        set_lane(&k->makeup, b, c->makeup);
        set_lane(&k->wet, b, c->wet_q30);
        set_lane(&k->level, b, c->level_q30);
        set_lane(&k->width, b, c->width_q30);
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
    for (unsigned ch = 0; ch < channels; ch++) {
        memset(&state[ch], 0, sizeof(state[ch]));
        state[ch].lowest = l_all(INT32_MAX);
        for (unsigned b = 0; b < count; b++)
            set_lane(&state[ch].average, b, z[b].average[ch]);
    }
    for (unsigned i = 0; i < NAVE_DYN_CURVES; i++)
        curve_begin(&k->curve[i], band, z, channels, count, i, state);
}

static inline void bands_end(const band_lanes *k, nave_band_state *z, unsigned channels, const channel_lanes *state,
                             nave_dyn_lowest *lowest)
{
    for (unsigned ch = 0; ch < channels; ch++) {
        lanes open[NAVE_DYN_CURVES];
        for (unsigned i = 0; i < NAVE_DYN_CURVES; i++)
            open[i] = l_pick(state[ch].envelope[i].open, l_all(1), l_all(0));
        for (unsigned b = 0; b < k->count; b++) {
            z[b].average[ch] = lane_of(&state[ch].average, b);
            z[b].gain[ch] = (int32_t)lane_of(&state[ch].gain, b);
            lowest->band[k->first + b][ch] = (int32_t)lane_of(&state[ch].lowest, b);
            for (unsigned i = 0; i < NAVE_DYN_CURVES; i++) {
                const envelope_lanes *e = &state[ch].envelope[i];
                if (k->curve[i].on)
                    z[b].envelope[ch][i] = (nave_envelope){lane_of(&e->fast, b), lane_of(&e->slow, b),
                                                           (uint32_t)lane_of(&e->hold, b), (int)lane_of(&open[i], b)};
            }
        }
    }
}

/* ---- a frame ---- */
/* nave_scale_q30 */
INLINE lanes scale_q30(lanes x, lanes factor)
{
    return limit(round_const(l_mul(x, factor), 30), 32);
}

INLINE lanes log2_lanes(lanes v)
{
    const lanes top = l_top_bit(v), index = l_and(l_logical(l_left_by(v, l_sub(l_all(63), top)), 55), l_all(255));
    const lanes rest = l_and(l_logical(l_left_by(v, l_sub(l_all(63), top)), 32), l_all(0x7fffff));
    const lanes both = l_gather(nave_log2_table, index), low = l_and(both, l_all(UINT32_MAX));
    const lanes chord = l_mul(l_sub(l_logical(both, 32), low), rest);
    const lanes sum = l_add(l_add(l_left(top, 25), low), round_const(chord, 23));
    return l_min(sum, l_all(INT32_MAX));
}

/* nave_scale(x, nave_exp2_q25(level)) */
INLINE lanes scale_exp2(lanes x, lanes level)
{
    const lanes in = l_min(level, l_all(NAVE_GAIN_TOP_Q25 - 1)), octave = l_right(in, 25);
    const lanes both = l_gather(nave_exp2_table, l_and(l_logical(in, 17), l_all(255)));
    const lanes low = l_and(both, l_all(UINT32_MAX));
    const lanes chord = l_mul(l_sub(l_logical(both, 32), low), l_and(in, l_all(0x1ffff)));
    const lanes mantissa = l_add(low, round_const(chord, 17));
    const choice none = l_greater(l_all(-32), octave);
    const lanes by = l_pick(none, l_all(30), l_sub(l_all(30), octave));
    const lanes half = l_sub(l_left_by(l_all(1), l_sub(by, l_all(1))), l_all(1));
    return limit(round_lanes(l_mul(x, l_pick(none, l_all(0), mantissa)), by, half, l_all(1)), 32);
}

/* nave_approach_wide by shares below 1 */
INLINE lanes approach_wide(const band_lanes *k, lanes y, lanes target)
{
    const lanes difference = limit(l_sub(target, y), 61);
    const lanes low = l_mul(l_and(difference, l_all(0x7fffffff)), k->average);
    const lanes sum = l_add(l_left(l_mul(l_right(difference, 31), k->average), 2), l_right(low, 29));
    const lanes sticky = l_pick(l_equal(l_and(low, l_all(0x1fffffff)), l_all(0)), sum, l_or(sum, l_all(1)));
    return l_pick(k->at_once, target, l_add(y, round_lanes(sticky, k->share.by, k->share.half, k->share.bit)));
}

INLINE lanes detect(const band_lanes *k, lanes *average, lanes x)
{
    lanes v = l_abs(x);
    if (k->averages) {
        const lanes target = l_pick(k->rms, round_const(l_mul(x, x), 2), l_left(v, 26));
        const lanes next = approach_wide(k, *average, target);
        *average = l_pick(k->peak, *average, next);
        v = l_pick(k->peak, v, next);
    }
    const lanes level = l_sub(log2_lanes(l_pick(l_equal(v, l_all(0)), l_all(1), v)), k->offset);
    return l_pick(k->rms, round_const(level, 1), level);
}

INLINE lanes approach(lanes y, lanes target, lanes mantissa, lanes by, lanes half)
{
    const lanes difference = limit(round_const(l_sub(target, y), STATE_SHIFT), 32);
    return l_add(y, round_lanes(l_mul(difference, mantissa), by, half, l_all(1)));
}

INLINE choice in_attack(const curve_lanes *k, lanes a, lanes b)
{
    return c_or(c_and(k->opens, l_greater(a, b)), c_without(l_greater(b, a), k->opens));
}

/* nave_curve_gain */
INLINE lanes curve_gain(const curve_lanes *k, lanes level, choice open)
{
    const lanes over = l_sub(level, k->threshold), zero = l_all(0);
    const lanes excess = limit(l_pick(k->below, l_sub(k->threshold, level), over), 32);
    const lanes into = limit(l_add(excess, k->half_knee), 32);
    const lanes share = limit(round_lanes(l_mul(into, k->inverse_knee), k->knee.by, k->knee.half, k->knee.bit), 32);
    const lanes bent = round_const(l_mul(into, share), 32);
    const lanes v = l_pick(l_greater(k->half_knee, excess), bent, excess);
    lanes gain = round_lanes(l_mul(v, k->slope), k->gain.by, k->gain.half, k->gain.bit);
    gain = l_max(l_min(gain, k->range), l_sub(zero, k->range));
    gain = l_pick(l_greater(into, zero), gain, zero);
    if (k->gates) {
        const lanes closes = l_sub(k->threshold, l_pick(open, k->hysteresis, zero));
        gain = l_pick(k->gate, l_pick(l_greater(closes, level), l_sub(zero, k->range), zero), gain);
    }
    return gain;
}

/* nave_envelope_step of curves that are on; others give 0 and keep what they are. */
INLINE lanes envelope_step(const curve_lanes *k, envelope_lanes *z, lanes level)
{
    const lanes zero = l_all(0), target = l_left(curve_gain(k, level, z->open), STATE_SHIFT);
    z->open = c_or(c_and(k->is_on, l_equal(target, zero)), c_without(z->open, k->is_on));
    const choice attack = c_or(l_equal(target, z->fast), in_attack(k, target, z->fast));
    lanes fast = approach(z->fast, target, l_pick(attack, k->attack.mantissa, k->release.mantissa),
                          l_pick(attack, k->attack.by, k->release.by), l_pick(attack, k->attack.half, k->release.half));
    if (k->at_once)
        fast = l_pick(c_or(c_and(attack, k->attack.at_once), c_without(k->release.at_once, attack)), target, fast);
    if (k->holds) {
        const choice held = c_without(l_greater(z->hold, zero), attack);
        fast = l_pick(held, z->fast, fast);
        const lanes hold = l_pick(attack, k->hold_frames, l_pick(held, l_sub(z->hold, l_all(1)), z->hold));
        z->hold = l_pick(k->is_on, hold, z->hold);
    }
    z->fast = l_pick(k->is_on, fast, z->fast);
    lanes reached = fast;
    if (k->autos) {
        const choice a = in_attack(k, target, z->slow);
        lanes slow = approach(z->slow, target, l_pick(a, k->slow_attack.mantissa, k->slow_release.mantissa),
                              l_pick(a, k->slow_attack.by, k->slow_release.by),
                              l_pick(a, k->slow_attack.half, k->slow_release.half));
        slow = l_pick(c_or(c_and(a, k->slow_attack.at_once), c_without(k->slow_release.at_once, a)), target, slow);
        z->slow = l_pick(k->automatic, slow, z->slow);
        reached = l_pick(c_and(k->automatic, in_attack(k, z->slow, fast)), z->slow, fast);
    }
    return l_pick(k->is_on, round_const(reached, STATE_SHIFT), zero);
}

/* What the band makes of a word, before the width. */
INLINE lanes band_word(const band_lanes *k, channel_lanes *z, lanes level, lanes loudest, lanes heard, lanes x)
{
    if (k->links) {
        const lanes above = limit(l_sub(loudest, level), 32);
        level = limit(l_add(level, scale_q30(above, k->link)), 32);
    } else {
        level = loudest;
    }
    lanes gain = k->makeup;
    for (unsigned i = 0; i < NAVE_DYN_CURVES; i++)
        if (k->curve[i].on)
            gain = l_add(gain, envelope_step(&k->curve[i], &z->envelope[i], level));
    z->gain = limit(gain, 32);
    z->lowest = l_min(z->lowest, z->gain);
    lanes change = limit(l_sub(scale_exp2(x, z->gain), x), 32);
    if (k->wets)
        change = scale_q30(change, k->wet);
    lanes y = limit(l_add(x, change), 32);
    if (k->levels)
        y = scale_q30(y, k->level);
    return k->listens ? l_pick(k->listen, heard, y) : y;
}

INLINE void width_words(const band_lanes *k, unsigned mid_side, lanes *first, lanes *second)
{
    lanes a = *first, b = *second;
    if (mid_side) {
        b = limit(l_add(b, scale_q30(b, k->width)), 32);
    } else {
        const lanes half = limit(round_const(l_sub(a, b), 1), 32), change = scale_q30(half, k->width);
        a = limit(l_add(a, change), 32);
        b = limit(l_sub(b, change), 32);
    }
    *first = l_pick(k->listen, *first, a);
    *second = l_pick(k->listen, *second, b);
}

INLINE void band_run(band_lanes *k, channel_lanes *state, unsigned channels, unsigned mid_side,
                     const nave_dyn_row *side, nave_dyn_row *x, size_t frames)
{
    for (size_t n = 0; n < frames; n++) {
        const lanes heard = l_load(side[n].band[k->first]), words = l_load(x[n].band[k->first]);
        const lanes left = l_low(heard), level = detect(k, &state[0].average, left);
        if (channels == 2) {
            const lanes right = l_high(heard), other = detect(k, &state[1].average, right);
            const lanes loudest = l_max(level, other);
            lanes a = band_word(k, &state[0], level, loudest, left, l_low(words));
            lanes b = band_word(k, &state[1], other, loudest, right, l_high(words));
            if (k->widths)
                width_words(k, mid_side, &a, &b);
            l_store(x[n].band[k->first], l_join(a, b));
        } else {
            const lanes y = band_word(k, &state[0], level, level, left, l_low(words));
            l_store(x[n].band[k->first], l_join(y, y));
        }
    }
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
