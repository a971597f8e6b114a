/* Bands of the dynamics: static curves against theory, link, look-ahead, side-chain, solo, mute, bypass, wet, latency.
 * SPDX-License-Identifier: ISC */
#include "dyn_test.h"

#define CURVE_BOUND_DB 0.001
#define RATE 48000

static const char *const kind_name[] = {"none",      "compression",      "upward compression",
                                        "expansion", "upward expansion", "gate"};

static nave_dyn_settings neutral(void)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, RATE);
    return s;
}

/* A curve that acts at once. */
static nave_dyn_curve_settings instant(nave_dyn_curve_kind kind, double threshold_db, double ratio)
{
    return (nave_dyn_curve_settings){.kind = kind, .threshold_db = threshold_db, .ratio = ratio, .range_db = 60};
}

/* The words of a constant magnitude, in turn positive and negative. */
static signal_q28 constant(uint32_t channels, size_t frames, const double *db)
{
    signal_q28 s = signal_new(channels, frames);
    for (uint32_t c = 0; c < channels; c++)
        for (size_t i = 0; i < frames; i++)
            s.word[c][i] = (i % 2 ? 1 : -1) * q28(pow(10, db[c] / 20));
    return s;
}

/* What the last frame of a constant signal became, dB. */
static double gain_at(const nave_dyn_settings *s, uint32_t channels, const double *db, uint32_t channel)
{
    engine e = engine_of(s, channels);
    signal_q28 in = constant(channels, e.latency + 200, db), out = engine_play(&e, &in, NULL);
    const size_t last = in.frames - 1;
    const double gain = 20 * log10(fabs((double)out.word[channel][last] / in.word[channel][last]) + 1e-300);
    engine_free(&e);
    signal_free(&in);
    signal_free(&out);
    return gain;
}

START_TEST(static_curves_are_those_of_theory)
{
    rng r = rng_for("curves");
    double worst[6] = {0};
    for (uint32_t n = 0; n < cases(300); n++) {
        nave_dyn_settings s = neutral();
        const nave_dyn_curve_kind kind = 1 + n % 5;
        nave_dyn_curve_settings *c = &s.band[0].curve[n % NAVE_DYN_CURVES];
        *c = instant(kind, -60 * fabs(rng_signed(&r)), n % 7 == 0 ? 1 : 1 + pow(10, 1.5 * rng_signed(&r)));
        if (n % 11 == 0 && kind <= NAVE_CURVE_COMPRESS_UP)
            c->ratio = INFINITY;
        if (n % 13 == 0)
            c->ratio = 50;
        c->knee_db = n % 3 ? 24 * fabs(rng_signed(&r)) : 0;
        c->range_db = 80 * fabs(rng_signed(&r));
        s.lookahead_s = 0;
        engine e = engine_of(&s, 1);
        for (double level = -100; level <= 6; level += 0.5 + fabs(rng_signed(&r))) {
            const int32_t x = q28(pow(10, level / 20)), band = x;
            if (kind == NAVE_CURVE_GATE_BELOW && fabs(level - c->threshold_db) < 0.001)
                continue; /* a gate's edge is one step of the tables */
            int32_t y = band;
            nave_band_step(&e.dyn->band[0], &e.dyn->band_state[0], 1, 0, &x, &y);
            const double should = nave_dyn_curve_db(c, 20 * log10(x * 0x1p-28));
            const double is = e.dyn->band_state[0].gain[0] / NAVE_Q25_DB;
            worst[kind] = fmax(worst[kind], fabs(is - should));
            ck_assert_msg(fabs(is - should) < CURVE_BOUND_DB,
                          "%s, threshold %g dB, ratio %g, knee %g dB, range %g dB: %.5f dB at %g dBFS instead of %.5f",
                          kind_name[kind], c->threshold_db, c->ratio, c->knee_db, c->range_db, is, level, should);
            const double wanted = x * pow(10, should / 20); /* the audio gets that gain: one word, or 0.001 dB */
            ck_assert_msg(fabs(y - wanted) <= 1 + 0.000116 * fabs(wanted) || abs(y) == INT32_MAX,
                          "%d became %d, not %.1f", x, y, wanted);
        }
        engine_free(&e);
    }
    for (int k = 1; k < 6; k++)
        figure("static curve, %-18s: at most %.2e dB off theory\n", kind_name[k], worst[k]);
}
END_TEST

START_TEST(curves_of_a_band_add_up)
{
    nave_dyn_settings s = neutral();
    s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -20, 4);
    s.band[0].curve[1] = instant(NAVE_CURVE_COMPRESS_UP, -40, 2);
    s.band[0].curve[2] = instant(NAVE_CURVE_GATE_BELOW, -70, 1);
    s.band[0].makeup_db = 3;
    for (double db = -90; db <= 0; db += 7.3) {
        double should = 3;
        for (int k = 0; k < 3; k++)
            should += nave_dyn_curve_db(&s.band[0].curve[k], db);
        ck_assert_double_eq_tol(gain_at(&s, 1, &db, 0), should, db > -60 ? CURVE_BOUND_DB : 0.02);
    }
}
END_TEST

START_TEST(automatic_makeup_gives_half_of_the_loss_back)
{
    const double full = 0;
    nave_dyn_settings s = neutral();
    s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -24, 4);
    s.band[0].auto_makeup = 1;
    ck_assert_double_eq_tol(gain_at(&s, 1, &full, 0), -9, CURVE_BOUND_DB);
}
END_TEST

START_TEST(a_gate_closes_by_its_hysteresis_below_where_it_opened)
{
    nave_dyn_settings s = neutral();
    nave_dyn_curve_settings *c = &s.band[0].curve[0];
    *c = instant(NAVE_CURVE_GATE_BELOW, -30, 1);
    c->hysteresis_db = 6;
    engine e = engine_of(&s, 1);
    double opened = 99, closed = 99;
    for (int way = 0; way < 2; way++)
        for (double db = way ? 0 : -60; way ? db > -60 : db < 0; db += way ? -0.01 : 0.01) {
            const int32_t x = q28(pow(10, db / 20));
            int32_t y = x;
            nave_band_step(&e.dyn->band[0], &e.dyn->band_state[0], 1, 0, &x, &y);
            if (!way && opened == 99 && y == x)
                opened = db;
            if (way && closed == 99 && y != x)
                closed = db;
        }
    engine_free(&e);
    ck_assert_double_eq_tol(opened, -30, 0.011);
    ck_assert_double_eq_tol(closed, -36, 0.011);
}
END_TEST

START_TEST(link_moves_each_channel_towards_the_loudest)
{
    static const double db[2] = {-6, -18};
    for (double link = 0; link <= 1; link += 0.25) {
        nave_dyn_settings s = neutral();
        s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -30, 3);
        s.band[0].link = link;
        for (uint32_t c = 0; c < 2; c++) {
            const double level = db[c] + link * (db[0] - db[c]);
            ck_assert_double_eq_tol(gain_at(&s, 2, db, c), nave_dyn_curve_db(&s.band[0].curve[0], level),
                                    CURVE_BOUND_DB);
        }
    }
}
END_TEST

START_TEST(mid_and_side_are_compressed_apart)
{
    /* mid 0.4, side 0.05 */
    nave_dyn_settings s = neutral();
    s.mid_side = 1;
    s.band[0].link = 0;
    s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -20, 4);
    engine e = engine_of(&s, 2);
    signal_q28 in = signal_new(2, e.latency + 100);
    for (size_t i = 0; i < in.frames; i++) {
        in.word[0][i] = (i % 2 ? 1 : -1) * q28(0.45);
        in.word[1][i] = (i % 2 ? 1 : -1) * q28(0.35);
    }
    signal_q28 out = engine_play(&e, &in, NULL);
    const double left = abs(out.word[0][in.frames - 1]) * 0x1p-28, right = abs(out.word[1][in.frames - 1]) * 0x1p-28;
    const double gain = pow(10, nave_dyn_curve_db(&s.band[0].curve[0], 20 * log10(0.4)) / 20);
    ck_assert_double_eq_tol((left + right) / 2, 0.4 * gain, 1e-5);
    ck_assert_double_eq_tol((left - right) / 2, 0.05, 1e-8);
    engine_free(&e);
    signal_free(&in);
    signal_free(&out);
}
END_TEST

START_TEST(look_ahead_acts_before_the_hit_by_its_time)
{
    for (double ahead_s = 0; ahead_s <= 0.02; ahead_s += 0.005)
        for (int external = 0; external < 2; external++) {
            nave_dyn_settings s = neutral();
            s.lookahead_s = 0.02;
            s.band[0].lookahead_s = ahead_s;
            s.band[0].external = external;
            s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -20, 4);
            s.band[0].curve[0].release_s = 1;
            engine e = engine_of(&s, 1);
            const size_t hit = 3000, frames = hit + e.latency + 2000;
            signal_q28 in = signal_new(1, frames), side = signal_new(1, frames);
            for (size_t i = 0; i < frames; i++) {
                in.word[0][i] = i >= hit && !external ? FULL_SCALE : FULL_SCALE / 64;
                side.word[0][i] = i >= hit ? FULL_SCALE : 0;
            }
            signal_q28 out = engine_play(&e, &in, &side);
            size_t first = e.latency;
            while (first < frames && out.word[0][first] == FULL_SCALE / 64)
                first++;
            ck_assert_uint_eq(first, hit + e.latency - (size_t)rint(ahead_s * RATE));
            engine_free(&e);
            signal_free(&in);
            signal_free(&side);
            signal_free(&out);
        }
}
END_TEST

START_TEST(side_chain_cuts_decide_what_is_heard)
{
    for (int high = 0; high < 2; high++)
        for (double hz = 60; hz < 20000; hz *= 2.3) {
            nave_dyn_settings s = neutral();
            nave_dyn_band_settings *b = &s.band[0];
            b->detector = NAVE_DETECT_RMS;
            b->average_s = 0.3;
            b->curve[0] = instant(NAVE_CURVE_COMPRESS, -60, INFINITY);
            *(high ? &b->high_cut_hz : &b->low_cut_hz) = 1000;
            engine e = engine_of(&s, 1);
            signal_q28 in = signal_sine(1, 4 * RATE, hz, RATE, 0.5, 0);
            for (size_t i = 0; i < in.frames; i++) {
                int32_t y = in.word[0][i];
                nave_band_step(&e.dyn->band[0], &e.dyn->band_state[0], 1, 0, &in.word[0][i], &y);
            }
            const double g = tan(M_PI * hz / RATE) / tan(M_PI * 1000 / RATE),
                         h = high ? 1 / sqrt(1 + pow(g, 4)) : g * g / sqrt(1 + pow(g, 4));
            const double should = fmin(0, -60 - 20 * log10(0.5 * h / sqrt(2)));
            ck_assert_double_eq_tol(e.dyn->band_state[0].gain[0] / NAVE_Q25_DB, should, 0.02);
            engine_free(&e);
            signal_free(&in);
        }
}
END_TEST

START_TEST(listen_plays_the_side_chain_as_it_is_detected)
{
    rng r = rng_for("listen");
    nave_dyn_settings s = neutral();
    s.lookahead_s = 0.01;
    s.band[0].lookahead_s = 0.005;
    s.band[0].listen = s.band[0].external = 1;
    s.band[0].low_cut_hz = 500;
    s.band[0].high_cut_hz = 4000;
    s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -60, 20);
    engine e = engine_of(&s, 1);
    signal_q28 in = signal_noise(&r, 1, 30000, 1), side = signal_noise(&r, 1, 30000, 1),
               out = engine_play(&e, &in, &side);
    biquad low = biquad_of(BIQUAD_HIGH, 500, RATE, sqrtl(2)), high = biquad_of(BIQUAD_LOW, 4000, RATE, sqrtl(2));
    error_sum error = {0};
    for (size_t i = 0; i + e.latency < in.frames; i++)
        error_add(&error, out.word[0][i + e.latency] * 0x1p-28L,
                  biquad_step(&high, biquad_step(&low, side.word[0][i] * 0x1p-28L)));
    ck_assert_double_lt(error_db(&error), -165);
    engine_free(&e);
    signal_free(&in);
    signal_free(&side);
    signal_free(&out);
}
END_TEST

static void assert_delayed(const signal_q28 *in, const signal_q28 *out, uint32_t latency, const char *what)
{
    for (uint32_t c = 0; c < in->channels; c++)
        for (size_t i = 0; i < in->frames; i++)
            if (out->word[c][i] != (i < latency ? 0 : in->word[c][i - latency]))
                ck_abort_msg("%s: frame %zu of channel %u: %d", what, i, c, out->word[c][i]);
}

START_TEST(a_neutral_chain_changes_no_bit)
{
    rng r = rng_for("neutral");
    signal_q28 in = signal_noise(&r, 2, 20000, 7.99);
    for (int k = 0; k < 8; k++) {
        nave_dyn_settings s = neutral();
        s.lookahead_s = 0.003 * (k % 3);
        s.mid_side = k & 1;
        s.limiter = k >> 1 & 1;
        s.ceiling_db = 12;          /* noise at 7.99 is 18 dB: the limiter would act */
        for (int i = 0; i < 3; i++) /* flat sections, a curve of ratio 1, limits that are never met */
            s.eq[i] = (nave_dyn_eq_settings){.kind = NAVE_EQ_BELL + i, .hz = 300, .q = 2};
        s.band[0].curve[0] = instant(k & 4 ? NAVE_CURVE_COMPRESS : NAVE_CURVE_EXPAND, -60, 1);
        s.band[0].curve[1] = instant(NAVE_CURVE_COMPRESS, 19, 20);
        signal_q28 file = signal_new(2, in.frames); /* words of a 24-bit file; below the ceiling */
        for (uint32_t c = 0; c < 2; c++)
            for (size_t i = 0; i < in.frames; i++)
                file.word[c][i] = in.word[c][i] / 512 * 32;
        engine e = engine_of(&s, 2);
        signal_q28 out = engine_play(&e, &file, NULL);
        assert_delayed(&file, &out, e.latency, "neutral");
        engine_free(&e);
        signal_free(&file);
        signal_free(&out);
    }
    signal_free(&in);
}
END_TEST

START_TEST(latency_is_the_same_whatever_is_bypassed)
{
    nave_dyn_settings all[8];
    for (int k = 0; k < 8; k++) {
        nave_dyn_settings *s = &all[k];
        *s = neutral();
        s->lookahead_s = 0.01;
        s->band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, 10, 4);
    }
    all[1].band[0].bypass = 1;
    all[2].band[0].lookahead_s = 0.01;
    all[3].band[0].listen = 1;
    all[3].band[0].lookahead_s = 0.004;
    all[4].limiter = 1;
    all[4].ceiling_db = 6;
    all[5].wet = 0;
    all[6].band[0].wet = 0.3;
    all[7].mid_side = 1;
    uint32_t latency = 0;
    for (int k = 0; k < 8; k++) {
        engine e = engine_of(&all[k], 2);
        signal_q28 in = signal_new(2, 4000);
        in.word[0][1000] = in.word[1][1000] = 1 << 26;
        signal_q28 out = engine_play(&e, &in, NULL);
        assert_delayed(&in, &out, e.latency, "latency");
        ck_assert_uint_eq(k ? latency : e.latency, e.latency);
        latency = e.latency;
        engine_free(&e);
        signal_free(&in);
        signal_free(&out);
    }
    ck_assert_uint_eq(latency, 480 + 72 + 16 + 4);
}
END_TEST

static nave_dyn_settings three_bands(void)
{
    nave_dyn_settings s = neutral();
    s.bands = 3;
    s.crossover_hz[0] = 200;
    s.crossover_hz[1] = 3000;
    for (int b = 0; b < 3; b++) {
        s.band[b].curve[0] = instant(NAVE_CURVE_COMPRESS, -40 + 3 * b, 3);
        s.band[b].curve[0].attack_s = 0.005;
        s.band[b].curve[0].release_s = 0.05;
        s.band[b].makeup_db = b;
    }
    return s;
}

static int same_words(const signal_q28 *a, const signal_q28 *b)
{
    int same = 1;
    for (uint32_t c = 0; c < a->channels; c++)
        same &= memcmp(a->word[c], b->word[c], a->frames * sizeof(int32_t)) == 0;
    return same;
}

START_TEST(solo_mute_and_bypass_do_what_they_say)
{
    rng r = rng_for("solo");
    signal_q28 in = signal_pink(&r, 2, 20000, 1), solo, muted, quiet, bypassed, flat;
    nave_dyn_settings s = three_bands();
    s.band[1].solo = 1;
    solo = play_settings(&s, &in);
    s = three_bands();
    s.band[0].mute = s.band[2].mute = 1;
    muted = play_settings(&s, &in);
    ck_assert(same_words(&solo, &muted));
    s.band[1].mute = 1;
    quiet = play_settings(&s, &in);
    for (size_t i = 0; i < in.frames; i++)
        ck_assert(quiet.word[0][i] == 0 && quiet.word[1][i] == 0);
    ck_assert(!same_words(&quiet, &muted));

    s = three_bands();
    s.band[1].bypass = 1;
    bypassed = play_settings(&s, &in);
    s = three_bands();
    s.band[1].curve[0].kind = NAVE_CURVE_NONE;
    s.band[1].makeup_db = 0;
    flat = play_settings(&s, &in);
    ck_assert(same_words(&bypassed, &flat));
    signal_q28 *all[] = {&in, &solo, &muted, &quiet, &bypassed, &flat};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        signal_free(all[i]);
}
END_TEST

START_TEST(wet_mixes_the_band_before_and_after)
{
    const double db = -6;
    for (double wet = 0; wet <= 1; wet += 0.25) {
        nave_dyn_settings s = neutral();
        s.band[0].curve[0] = instant(NAVE_CURVE_COMPRESS, -30, 2);
        s.band[0].wet = wet > 0.5 ? 1 : wet * 2; /* of the band and of the whole: they multiply */
        s.wet = wet > 0.5 ? wet : 0.5;
        const double g = pow(10, nave_dyn_curve_db(&s.band[0].curve[0], db) / 20), w = s.band[0].wet * s.wet;
        ck_assert_double_eq_tol(gain_at(&s, 1, &db, 0), 20 * log10(1 + w * (g - 1)), CURVE_BOUND_DB);
    }
}
END_TEST

START_TEST(width_scales_the_side_of_its_band)
{
    rng r = rng_for("width");
    for (int mid_side = 0; mid_side < 2; mid_side++)
        for (double width = 0; width <= 2; width += 0.5) {
            nave_dyn_settings s = neutral();
            s.mid_side = mid_side;
            s.band[0].width = width;
            signal_q28 in = signal_noise(&r, 2, 4000, 0.9);
            engine e = engine_of(&s, 2);
            signal_q28 out = engine_play(&e, &in, NULL);
            for (size_t i = e.latency; i < in.frames; i++) {
                const double l = in.word[0][i - e.latency], x = in.word[1][i - e.latency];
                ck_assert_double_eq_tol(out.word[0][i] + out.word[1][i], l + x, 2.01);
                ck_assert_double_eq_tol(out.word[0][i] - out.word[1][i], width * (l - x), 4.01);
            }
            engine_free(&e);
            signal_free(&in);
            signal_free(&out);
        }
}
END_TEST

START_TEST(no_dial_leads_outside_what_is_defined)
{
    /* every dial at random over its whole word, worst-case audio: words stay words, and two runs agree (with a
     * sanitizer: nothing overflows) */
    rng r = rng_for("wild");
    for (uint32_t n = 0; n < cases(40); n++) {
        nave_dyn_shape shape = {2, rng_below(&r, 100), 2 + rng_below(&r, 200),
                                nave_coef_of((int64_t)rng_next(&r) >> rng_below(&r, 12)), 0};
        int64_t dial[NAVE_DIALS];
        int32_t last[2] = {0};
        for (uint32_t i = 0; i < NAVE_DIALS; i++)
            dial[i] = (int64_t)rng_next(&r) >> (n % 2 ? rng_below(&r, 64) : 2 + rng_below(&r, 12));
        int32_t *memory = malloc(nave_dyn_words(&shape) * sizeof(*memory));
        nave_dyn *d = malloc(sizeof(*d));
        signal_q28 in = signal_new(2, 600), out[2] = {signal_new(2, 600), signal_new(2, 600)};
        for (uint32_t c = 0; c < 2; c++)
            for (size_t i = 0; i < in.frames; i++)
                in.word[c][i] = i % 5 == 0 ? (rng_below(&r, 2) ? INT32_MIN : INT32_MAX) : (int32_t)(rng_next(&r) >> 32);
        for (int run = 0; run < 2; run++) {
            rng same = {n};
            nave_dyn_start(d, &shape, dial, memory);
            for (int i = 0; i < 300; i++)
                ck_assert_int_eq(
                    nave_dyn_set(d, &(nave_dyn_event){rng_below(&same, 600), (int64_t)rng_next(&same),
                                                      rng_below(&same, NAVE_DIALS), rng_below(&same, 400)}),
                    0);
            nave_dyn_process(d, (const int32_t *const *)in.word, (const int32_t *const *)in.word, out[run].word,
                             in.frames);
            last[run] = out[run].word[1][599];
        }
        ck_assert_int_eq(last[0], last[1]);
        ck_assert(same_words(&out[0], &out[1]));
        free(d);
        free(memory);
        signal_free(&in);
        signal_free(&out[0]);
        signal_free(&out[1]);
    }
}
END_TEST

int main(int argc, char **argv)
{
    figures_asked(argc, argv);
    return RUN_TESTS("dyn band", 60, static_curves_are_those_of_theory, curves_of_a_band_add_up,
                     automatic_makeup_gives_half_of_the_loss_back,
                     a_gate_closes_by_its_hysteresis_below_where_it_opened, link_moves_each_channel_towards_the_loudest,
                     mid_and_side_are_compressed_apart, look_ahead_acts_before_the_hit_by_its_time,
                     side_chain_cuts_decide_what_is_heard, listen_plays_the_side_chain_as_it_is_detected,
                     a_neutral_chain_changes_no_bit, latency_is_the_same_whatever_is_bypassed,
                     solo_mute_and_bypass_do_what_they_say, wet_mixes_the_band_before_and_after,
                     width_scales_the_side_of_its_band, no_dial_leads_outside_what_is_defined);
}
