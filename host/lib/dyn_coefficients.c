/* Dials of the dynamics engine from settings in musical units: filters, curves, time constants, in double precision.
 * SPDX-License-Identifier: ISC */
#include "dyn_coefficients.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846
#define EQ_TOP 0.46 /* of the rate: above, a section's words grow beyond their headroom */

int64_t nave_dyn_q52(double v)
{
    /* a level of -inf dB is a setting, and no integer */
    return (int64_t)rint(ldexp(fmax(-1024, fmin(1024, v)), 52));
}

void nave_dyn_svf(double hz, double rate_hz, double k, int64_t *q2, int64_t *p2)
{
    const double g = tan(PI * hz / rate_hz);
    *q2 = nave_dyn_q52(2 * k * g / (1 + k * g + g * g));
    *p2 = nave_dyn_q52(2 * g / k);
}

static int64_t bits_above_8(double v, double most)
{
    return (int64_t)fmax(0, fmin(most, ceil(log2(v / 8))));
}

/* What t and b' need for a signal of twice full scale, as a dial has it. */
static int64_t headroom(double hz, double rate_hz, double k)
{
    const double g = tan(PI * hz / rate_hz), resonance = k < sqrt(2) ? 1 / (k * sqrt(1 - k * k / 4)) : 1;
    return bits_above_8(2 * (1 + k * g + g * g) * resonance, 15) +
           16 * bits_above_8(2 * fmax(sqrt(1 + g * g), k * g), 7);
}

double nave_dyn_share(double seconds, double rate_hz)
{
    return seconds > 0 ? -expm1(-1 / (seconds * rate_hz)) : 1;
}

int32_t nave_dyn_level(double db)
{
    return (int32_t)fmax(-0x1p31, fmin(0x1p31 - 1, rint(db * NAVE_Q25_DB)));
}

double nave_dyn_curve_db(const nave_dyn_curve_settings *c, double level_db)
{
    const int above = c->kind == NAVE_CURVE_COMPRESS || c->kind == NAVE_CURVE_EXPAND_UP;
    const double over = above ? level_db - c->threshold_db : c->threshold_db - level_db, half = c->knee_db / 2;
    double slope = 0;
    switch (c->kind) {
    case NAVE_CURVE_NONE:
        return 0;
    case NAVE_CURVE_GATE_BELOW:
        return over > 0 ? -c->range_db : 0;
    case NAVE_CURVE_COMPRESS:
        slope = 1 / c->ratio - 1;
        break;
    case NAVE_CURVE_COMPRESS_UP:
        slope = 1 - 1 / c->ratio;
        break;
    case NAVE_CURVE_EXPAND:
        slope = 1 - c->ratio;
        break;
    case NAVE_CURVE_EXPAND_UP:
        slope = c->ratio - 1;
        break;
    }
    const double v = over + half <= 0 ? 0 : over < half ? (over + half) * (over + half) / (4 * half) : over;
    return fmax(-c->range_db, fmin(c->range_db, slope * v));
}

static double slope_of(const nave_dyn_curve_settings *c)
{
    nave_dyn_curve_settings plain = *c;
    plain.threshold_db = plain.knee_db = 0;
    plain.range_db = INFINITY;
    return nave_dyn_curve_db(&plain, c->kind == NAVE_CURVE_COMPRESS || c->kind == NAVE_CURVE_EXPAND_UP ? 1 : -1);
}

void nave_dyn_settings_default(nave_dyn_settings *s, double rate_hz)
{
    memset(s, 0, sizeof(*s));
    s->rate_hz = rate_hz;
    s->bands = 1;
    s->slope_db = 24;
    s->wet = 1;
    s->ceiling_db = -1;
    s->limiter_release_s = 0.05;
    s->limiter_lookahead_s = 0.0015;
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++) {
        nave_dyn_band_settings *band = &s->band[b];
        band->average_s = 0.01;
        band->link = band->wet = band->width = 1;
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
            band->curve[k] = (nave_dyn_curve_settings){
                .threshold_db = -20, .ratio = 2, .range_db = 120, .attack_s = 0.01, .release_s = 0.1};
    }
    for (uint32_t i = 0; i + 1 < NAVE_DYN_BANDS; i++)
        s->crossover_hz[i] = 100 * pow(2, i);
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
        s->eq[i] = (nave_dyn_eq_settings){.hz = 1000, .q = 0.70710678118654752};
}

static int in(nave_text *why, const char *what, uint32_t number, double v, double least, double most, const char *unit)
{
    if (v >= least && v <= most)
        return NAVE_OK;
    char where[16] = "";
    if (number)
        snprintf(where, sizeof(where), " %u", number);
    return nave_fail(why, NAVE_E_ARG, "%s%s is %g %s; it must be from %g to %g %s", what, where, v, unit, least, most,
                     unit);
}

static int check_curve(const nave_dyn_curve_settings *c, uint32_t band, nave_text *why)
{
    const int expands = c->kind == NAVE_CURVE_EXPAND || c->kind == NAVE_CURVE_EXPAND_UP;
    int err;
    if ((err = in(why, "kind of a curve of band", band, c->kind, NAVE_CURVE_NONE, NAVE_CURVE_GATE_BELOW, "")) ||
        (err = in(why, "threshold of band", band, c->threshold_db, -120, 20, "dB")) ||
        (err = in(why, "ratio of band", band, c->ratio, 1, expands ? 50 : INFINITY, "")) ||
        (err = in(why, "knee of band", band, c->knee_db, 0, 72, "dB")) ||
        (err = in(why, "range of band", band, c->range_db, 0, 120, "dB")) ||
        (err = in(why, "hysteresis of band", band, c->hysteresis_db, 0, 40, "dB")) ||
        (err = in(why, "attack of band", band, c->attack_s, 0, 2, "s")) ||
        (err = in(why, "hold of band", band, c->hold_s, 0, 5, "s")) ||
        (err = in(why, "release of band", band, c->release_s, 0, 5, "s")))
        return err;
    return NAVE_OK;
}

static int check_band(const nave_dyn_settings *s, uint32_t b, nave_text *why)
{
    const nave_dyn_band_settings *p = &s->band[b];
    const double top = EQ_TOP * s->rate_hz;
    int err;
    if ((err = in(why, "detector of band", b + 1, p->detector, NAVE_DETECT_PEAK, NAVE_DETECT_LOW_PASS, "")) ||
        (err = in(why, "averaging time of band", b + 1, p->average_s, 0, 5, "s")) ||
        (err = in(why, "link of band", b + 1, p->link, 0, 1, "")) ||
        (err = in(why, "look-ahead of band", b + 1, p->lookahead_s, 0, s->lookahead_s, "s")) ||
        (err = in(why, "low cut of the side-chain of band", b + 1, p->low_cut_hz, 0, top, "Hz")) ||
        (err = in(why, "high cut of the side-chain of band", b + 1, p->high_cut_hz, 0, top, "Hz")) ||
        (err = in(why, "makeup of band", b + 1, p->makeup_db, -60, 60, "dB")) ||
        (err = in(why, "wet of band", b + 1, p->wet, 0, 1, "")) ||
        (err = in(why, "width of band", b + 1, p->width, 0, 2, "")))
        return err;
    for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
        if ((err = check_curve(&p->curve[k], b + 1, why)))
            return err;
    return NAVE_OK;
}

static int check(const nave_dyn_settings *s, nave_text *why)
{
    int err;
    if ((err = in(why, "sample rate", 0, s->rate_hz, 8000, 384000, "Hz")) ||
        (err = in(why, "number of bands", 0, s->bands, 1, NAVE_DYN_BANDS, "")) ||
        (err = in(why, "wet", 0, s->wet, 0, 1, "")) || (err = in(why, "output gain", 0, s->output_db, -60, 60, "dB")) ||
        (err = in(why, "look-ahead", 0, s->lookahead_s, 0, 0.02, "s")) ||
        (err = in(why, "DC filter", 0, s->dc_filter_hz, 0, 100, "Hz")) ||
        (err = in(why, "ceiling", 0, s->ceiling_db, -60, 12, "dB")) ||
        (err = in(why, "release of the limiter", 0, s->limiter_release_s, 0, 5, "s")) ||
        (err = in(why, "look-ahead of the limiter", 0, s->limiter_lookahead_s, 0, 0.02, "s")))
        return err;
    if (s->slope_db != 24 && s->slope_db != 48)
        return nave_fail(why, NAVE_E_ARG, "the crossovers' slope is %u dB; it must be 24 or 48", s->slope_db);
    for (uint32_t i = 0; i + 1 < s->bands; i++)
        if ((err = in(why, "crossover", i + 1, s->crossover_hz[i], 5, s->rate_hz, "Hz")))
            return err;
    for (uint32_t b = 0; b < s->bands; b++)
        if ((err = check_band(s, b, why)))
            return err;
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
        if ((err = in(why, "kind of equaliser section", i + 1, s->eq[i].kind, NAVE_EQ_NONE, NAVE_EQ_HIGH_CUT, "")) ||
            (err = in(why, "frequency of equaliser section", i + 1, s->eq[i].hz, 5, s->rate_hz, "Hz")) ||
            (err = in(why, "Q of equaliser section", i + 1, s->eq[i].q, 0.1, 40, "")) ||
            (err = in(why, "gain of equaliser section", i + 1, s->eq[i].gain_db, -30, 30, "dB")))
            return err;
    return NAVE_OK;
}

int nave_dyn_shape_of(const nave_dyn_settings *s, uint32_t channels, nave_dyn_shape *shape, nave_text *why)
{
    uint32_t box[2];
    int err;
    if ((err = check(s, why)) || (err = in(why, "number of channels", 0, channels, 1, NAVE_DYN_CHANNELS, "")))
        return err;
    *shape = (nave_dyn_shape){.channels = channels,
                              .lookahead_frames = (uint32_t)rint(s->lookahead_s * s->rate_hz),
                              .limiter_frames = (uint32_t)rint(s->limiter_lookahead_s * s->rate_hz),
                              .given_bands = s->linear_phase && s->bands > 1 ? s->bands : 0};
    nave_limiter_box_frames(shape->limiter_frames, box);
    double share = 1;
    for (int i = 0; i < 2; i++)
        share *= ldexp(1.0 / box[i], (int)nave_bit_length64(box[i]));
    shape->limiter_share = nave_coef_of(nave_dyn_q52(share));
    return NAVE_OK;
}

static void section(const nave_dyn_eq_settings *e, double rate_hz, int64_t *dial)
{
    const double amplitude = pow(10, e->gain_db / 40), hz = fmin(e->hz, EQ_TOP * rate_hz);
    double k = 1 / e->q, band = 0, shelf = 0, factor = 1;
    dial[NAVE_EQ_KIND] = NAVE_EQ_LOW;
    switch (e->kind) {
    case NAVE_EQ_NONE:
        dial[NAVE_EQ_KIND] = NAVE_EQ_OFF;
        break;
    case NAVE_EQ_BELL:
        k /= amplitude;
        band = amplitude * amplitude - 1;
        break;
    case NAVE_EQ_HIGH_SHELF:
        dial[NAVE_EQ_KIND] = NAVE_EQ_HIGH; /* fall through */
    case NAVE_EQ_LOW_SHELF:
        factor = e->kind == NAVE_EQ_LOW_SHELF ? 1 / sqrt(amplitude) : sqrt(amplitude);
        band = amplitude - 1;
        shelf = amplitude * amplitude - 1;
        break;
    case NAVE_EQ_HIGH_CUT:
        dial[NAVE_EQ_KIND] = NAVE_EQ_HIGH; /* fall through */
    case NAVE_EQ_LOW_CUT:
        band = shelf = -1;
        break;
    }
    /* a shelf's corner lies at g * factor, g = tan(pi f / rate) */
    const double corner = atan(tan(PI * hz / rate_hz) * factor) / PI * rate_hz;
    dial[NAVE_EQ_KIND] += 4 * headroom(corner, rate_hz, k);
    nave_dyn_svf(corner, rate_hz, k, &dial[NAVE_EQ_Q2], &dial[NAVE_EQ_P2]);
    dial[NAVE_EQ_BAND] = nave_dyn_q52(band);
    dial[NAVE_EQ_SHELF] = nave_dyn_q52(shelf);
}

static void curve(const nave_dyn_curve_settings *c, double rate_hz, int64_t *dial)
{
    static const uint8_t flags[] = {
        [NAVE_CURVE_NONE] = 0,
        [NAVE_CURVE_COMPRESS] = NAVE_CURVE_ON | NAVE_CURVE_ABOVE,
        [NAVE_CURVE_COMPRESS_UP] = NAVE_CURVE_ON,
        [NAVE_CURVE_EXPAND] = NAVE_CURVE_ON | NAVE_CURVE_OPENS,
        [NAVE_CURVE_EXPAND_UP] = NAVE_CURVE_ON | NAVE_CURVE_ABOVE | NAVE_CURVE_OPENS,
        [NAVE_CURVE_GATE_BELOW] = NAVE_CURVE_ON | NAVE_CURVE_GATE | NAVE_CURVE_OPENS,
    };
    const double half_knee = nave_dyn_level(c->knee_db / 2);
    dial[NAVE_CURVE_FLAGS] = flags[c->kind] | (c->auto_release ? NAVE_CURVE_AUTO : 0);
    dial[NAVE_CURVE_THRESHOLD] = nave_dyn_level(c->threshold_db);
    dial[NAVE_CURVE_HALF_KNEE] = (int64_t)half_knee;
    /* of a knee below 2^-8 log2 units (0.02 dB) nothing can be heard, and its inverse would not fit */
    dial[NAVE_CURVE_INVERSE_KNEE] = half_knee > 0x1p17 ? nave_dyn_q52(0x1p25 / (2 * half_knee)) : 0;
    if (half_knee <= 0x1p17)
        dial[NAVE_CURVE_HALF_KNEE] = 0;
    dial[NAVE_CURVE_HYSTERESIS] = nave_dyn_level(c->hysteresis_db);
    dial[NAVE_CURVE_RANGE] = nave_dyn_level(c->range_db);
    dial[NAVE_CURVE_SLOPE] = c->kind == NAVE_CURVE_NONE ? 0 : nave_dyn_q52(slope_of(c));
    dial[NAVE_CURVE_ATTACK] = nave_dyn_q52(nave_dyn_share(c->attack_s, rate_hz));
    dial[NAVE_CURVE_RELEASE] = nave_dyn_q52(nave_dyn_share(c->release_s, rate_hz));
    dial[NAVE_CURVE_SLOW_ATTACK] = nave_dyn_q52(nave_dyn_share(fmin(5, 2 * c->release_s), rate_hz));
    dial[NAVE_CURVE_SLOW_RELEASE] = nave_dyn_q52(nave_dyn_share(fmin(5, 5 * c->release_s), rate_hz));
    dial[NAVE_CURVE_HOLD] = (int64_t)rint(c->hold_s * rate_hz);
}

static void band(const nave_dyn_settings *s, const nave_dyn_band_settings *b, int any_solo, int64_t *dial)
{
    const double one = NAVE_ONE_Q30, top = EQ_TOP * s->rate_hz;
    double makeup_db = b->makeup_db;
    for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
        curve(&b->curve[k], s->rate_hz, dial + NAVE_BAND_CURVE + 16 * k);
        if (b->auto_makeup)
            makeup_db -= nave_dyn_curve_db(&b->curve[k], 0) / 2;
    }
    dial[NAVE_BAND_DETECTOR] = b->detector;
    dial[NAVE_BAND_AVERAGE] = nave_dyn_q52(nave_dyn_share(b->average_s, s->rate_hz));
    dial[NAVE_BAND_SIDE] = (b->external ? NAVE_SIDE_EXTERNAL : 0) | (b->listen ? NAVE_SIDE_LISTEN : 0);
    dial[NAVE_BAND_LOOKAHEAD] = (int64_t)rint(b->lookahead_s * s->rate_hz);
    dial[NAVE_BAND_LINK] = (int64_t)rint(b->link * one);
    dial[NAVE_BAND_WET] = b->bypass ? 0 : (int64_t)rint(b->wet * s->wet * one);
    dial[NAVE_BAND_LEVEL] = b->mute || (any_solo && !b->solo) ? 0 : NAVE_ONE_Q30;
    dial[NAVE_BAND_WIDTH] = b->bypass ? 0 : (int64_t)rint((b->width - 1) * one);
    dial[NAVE_BAND_MAKEUP] = nave_dyn_level(makeup_db);
    const double cut_hz[2] = {fmin(b->low_cut_hz, top), fmin(b->high_cut_hz, top)};
    for (int i = 0; i < 2; i++)
        if (cut_hz[i] > 0) {
            int64_t *cut = &dial[i ? NAVE_BAND_HIGH_CUT : NAVE_BAND_LOW_CUT];
            nave_dyn_svf(cut_hz[i], s->rate_hz, sqrt(2), &cut[0], &cut[1]);
            dial[NAVE_BAND_CUT_HEADROOM] += headroom(cut_hz[i], s->rate_hz, sqrt(2)) * (i ? 128 : 1);
        }
}

/* order[i]: which crossover is the i-th from below. */
static void sort_crossovers(const nave_dyn_settings *s, uint32_t *order)
{
    for (uint32_t i = 0; i + 1 < s->bands; i++) {
        uint32_t at = i;
        for (; at > 0 && s->crossover_hz[order[at - 1]] > s->crossover_hz[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

int nave_dyn_dials(const nave_dyn_settings *s, int64_t dial[NAVE_DIALS], nave_text *why)
{
    uint32_t order[NAVE_DYN_BANDS];
    int any_solo = 0;
    const int err = check(s, why);
    if (err)
        return err;
    memset(dial, 0, NAVE_DIALS * sizeof(*dial));
    dial[NAVE_DIAL_BANDS] = s->bands;
    dial[NAVE_DIAL_STEEP] = s->slope_db == 48;
    dial[NAVE_DIAL_MID_SIDE] = s->mid_side != 0;
    dial[NAVE_DIAL_OUTPUT] = nave_dyn_level(s->output_db);
    if (s->dc_filter_hz > 0)
        section(&(nave_dyn_eq_settings){NAVE_EQ_LOW_CUT, s->dc_filter_hz, 0.70710678118654752, 0}, s->rate_hz,
                &dial[NAVE_DIAL_DC]);
    dial[NAVE_DIAL_LIMITER] = s->limiter != 0;
    dial[NAVE_DIAL_CEILING] = nave_dyn_level(s->ceiling_db - NAVE_CEILING_MARGIN_DB);
    dial[NAVE_DIAL_LIMITER_RELEASE] = nave_dyn_q52(nave_dyn_share(s->limiter_release_s, s->rate_hz));
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
        section(&s->eq[i], s->rate_hz, &dial[NAVE_DIAL_EQ + 8 * i]);
    sort_crossovers(s, order);
    for (uint32_t b = 0; b < s->bands; b++)
        any_solo |= s->band[b].solo;
    for (uint32_t b = 0; b < s->bands; b++)
        band(s, &s->band[b ? order[b - 1] + 1 : 0], any_solo, &dial[NAVE_DIAL_BAND + 64 * b]);
    /* Butterworth: k = sqrt 2, or 2 cos(pi / 8) and 2 cos(3 pi / 8) */
    const double k0 = s->slope_db == 48 ? 2 * cos(PI / 8) : sqrt(2), k1 = 2 * cos(3 * PI / 8);
    for (uint32_t i = 0; i + 1 < s->bands; i++) {
        const double hz = fmin(s->crossover_hz[order[i]], NAVE_CROSSOVER_TOP * s->rate_hz);
        int64_t *split = &dial[NAVE_DIAL_SPLIT + 8 * i];
        nave_dyn_svf(hz, s->rate_hz, k0, &split[0], &split[1]);
        nave_dyn_svf(hz, s->rate_hz, k1, &split[2], &split[3]);
        split[NAVE_SPLIT_HEADROOM] = headroom(hz, s->rate_hz, k0) + 128 * headroom(hz, s->rate_hz, k1);
    }
    return NAVE_OK;
}

/* Whether the values between two of a dial mean something between. */
static int moves(uint32_t dial)
{
    if (dial >= NAVE_DIAL_BAND) {
        const uint32_t offset = (dial - NAVE_DIAL_BAND) % 64;
        if (offset >= NAVE_BAND_CURVE)
            return (offset - NAVE_BAND_CURVE) % 16 != NAVE_CURVE_FLAGS;
        return (offset >= NAVE_BAND_LINK && offset < NAVE_BAND_CUT_HEADROOM) || offset == NAVE_BAND_AVERAGE;
    }
    if (dial >= NAVE_DIAL_EQ)
        return (dial - NAVE_DIAL_EQ) % 8 != (dial >= NAVE_DIAL_SPLIT ? (uint32_t)NAVE_SPLIT_HEADROOM : NAVE_EQ_KIND);
    return dial == NAVE_DIAL_OUTPUT || dial == NAVE_DIAL_CEILING || dial == NAVE_DIAL_LIMITER_RELEASE ||
           (dial > NAVE_DIAL_DC && dial <= NAVE_DIAL_DC + NAVE_EQ_SHELF);
}

size_t nave_dyn_changes(const int64_t *from, const int64_t *to, uint64_t frame, uint32_t ramp_frames,
                        nave_dyn_event *event)
{
    size_t n = 0;
    for (uint32_t i = 0; i < NAVE_DIALS; i++)
        if (from[i] != to[i])
            event[n++] = (nave_dyn_event){frame, to[i], i, moves(i) ? ramp_frames : 0};
    return n;
}
