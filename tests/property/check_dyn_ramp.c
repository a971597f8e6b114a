/* Parameters at a stated frame: straight lines, the same bits whatever the cuts, filters that stay calm on their way.
 * SPDX-License-Identifier: ISC */
#include "dyn_test.h"

#define RATE 48000

START_TEST(a_ramp_is_a_straight_line_to_the_exact_target)
{
    rng r = rng_for("line");
    for (uint32_t n = 0; n < cases(2000); n++) {
        const uint32_t frames = rng_below(&r, 3000);
        const int64_t from = (int64_t)rng_next(&r) >> (2 + rng_below(&r, 40)),
                      to = (int64_t)rng_next(&r) >> (2 + rng_below(&r, 40));
        nave_ramp ramp = {.value = from, .target = from};
        uint32_t steps = 0;
        nave_ramp_to(&ramp, to, frames);
        do {
            steps++;
            const int moves = nave_ramp_step(&ramp);
            const __int128 line = from + ((__int128)to - from) * (frames ? steps : 1) / (frames ? frames : 1);
            if (ramp.value != line)
                ck_abort_msg("frame %u of %u from %lld to %lld: %lld", steps, frames, (long long)from, (long long)to,
                             (long long)ramp.value);
            if (moves != (steps < frames))
                ck_abort_msg("frame %u of %u: moves %d", steps, frames, moves);
        } while (steps < frames);
        ck_assert_int_eq(ramp.value, to);
        ck_assert_int_eq(nave_ramp_step(&ramp), 0);
        ck_assert_int_eq(ramp.value, to);
    }
    /* as far as a word goes, and back from the middle of a way */
    nave_ramp ramp = {0};
    nave_ramp_to(&ramp, INT64_MAX, 1);
    nave_ramp_step(&ramp);
    ck_assert_int_eq(ramp.value, INT64_MAX / 2);
    nave_ramp_to(&ramp, INT64_MIN, 2);
    nave_ramp_step(&ramp);
    ck_assert_int_eq(ramp.value, 0);
    nave_ramp_to(&ramp, 8, 4);
    for (int i = 1; i <= 4; i++) {
        nave_ramp_step(&ramp);
        ck_assert_int_eq(ramp.value, 2 * i);
    }
}
END_TEST

START_TEST(a_change_begins_at_its_frame_and_is_linear_in_db)
{
    const uint64_t at = 1234;
    const uint32_t frames = 4800;
    nave_dyn_settings a, b;
    nave_dyn_settings_default(&a, RATE);
    b = a;
    b.band[0].makeup_db = -24;
    int64_t from[NAVE_DIALS], to[NAVE_DIALS];
    nave_dyn_event event[NAVE_DIALS];
    dials_of(&a, from);
    dials_of(&b, to);
    ck_assert_uint_eq(nave_dyn_changes(from, to, at, frames, event), 1);
    engine e = engine_of(&a, 1);
    ck_assert_int_eq(nave_dyn_set(e.dyn, &event[0]), 0);
    signal_q28 in = signal_new(1, 10000), out;
    for (size_t i = 0; i < in.frames; i++)
        in.word[0][i] = FULL_SCALE;
    out = engine_play(&e, &in, NULL);
    /* events are in the time of the input; what comes out at frame i + limiter is what the bands did at frame i */
    const uint32_t limiter = nave_limiter_latency(72);
    double worst = 0;
    for (size_t i = 0; i + limiter < in.frames; i++) {
        const double share = i < at ? 0 : fmin(1, (double)(i - at + 1) / frames);
        worst = fmax(worst, fabs(20 * log10(out.word[0][i + limiter] * 0x1p-28) + 24 * share));
        if (i < at && out.word[0][i + limiter] != FULL_SCALE)
            ck_abort_msg("frame %zu is changed before its time", i);
    }
    ck_assert_double_lt(worst, 0.0001);
    engine_free(&e);
    signal_free(&in);
    signal_free(&out);
}
END_TEST

static nave_dyn_settings random_settings(rng *r)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, RATE);
    s.bands = 6;
    s.lookahead_s = 0.005;
    s.slope_db = 48;
    s.output_db = 3 * rng_signed(r);
    s.ceiling_db = -3 + 2 * rng_signed(r);
    s.limiter = 1;
    for (uint32_t i = 0; i < 5; i++)
        s.crossover_hz[i] = 40 * pow(3.4, i) * pow(2, 0.7 * rng_signed(r));
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
        s.eq[i] = (nave_dyn_eq_settings){.kind = NAVE_EQ_BELL,
                                         .hz = 40 * pow(2, i) * pow(2, rng_signed(r)),
                                         .q = pow(8, rng_signed(r)),
                                         .gain_db = 6 * rng_signed(r)};
    for (uint32_t b = 0; b < 6; b++) {
        nave_dyn_band_settings *p = &s.band[b];
        p->detector = rng_below(r, 3);
        p->link = fabs(rng_signed(r));
        p->wet = fabs(rng_signed(r));
        p->width = 1 + rng_signed(r);
        p->makeup_db = 6 * rng_signed(r);
        p->lookahead_s = 0.005 * fabs(rng_signed(r));
        p->low_cut_hz = rng_below(r, 2) ? 100 : 0;
        for (int k = 0; k < NAVE_DYN_CURVES; k++) {
            p->curve[k].kind = (nave_dyn_curve_kind)rng_below(r, 6);
            p->curve[k].threshold_db = -30 + 20 * rng_signed(r);
            p->curve[k].knee_db = 6 * fabs(rng_signed(r));
            p->curve[k].range_db = 24;
            p->curve[k].hold_s = 0.01 * fabs(rng_signed(r));
            p->curve[k].auto_release = (int)rng_below(r, 2);
        }
    }
    return s;
}

START_TEST(the_bits_do_not_depend_on_how_a_stream_is_cut)
{
    rng r = rng_for("cuts");
    for (uint32_t n = 0; n < cases(10); n++) {
        const nave_dyn_settings a = random_settings(&r), b = random_settings(&r);
        int64_t from[NAVE_DIALS], to[NAVE_DIALS];
        nave_dyn_event event[2 * NAVE_DIALS];
        size_t events, sent = 0;
        dials_of(&a, from);
        dials_of(&b, to);
        events = nave_dyn_changes(from, to, 1000 + rng_below(&r, 200), rng_below(&r, 3000), event);
        events += nave_dyn_changes(to, from, 2500 + rng_below(&r, 200), rng_below(&r, 1000), event + events);
        ck_assert_uint_le(events, NAVE_DYN_EVENTS);
        signal_q28 in = signal_pink(&r, 2, 6000, 1.5), side = signal_pink(&r, 2, 6000, 1), out = signal_new(2, 6000);
        engine whole = engine_of(&a, 2), cut = engine_of(&a, 2);
        for (size_t i = 0; i < events; i++)
            ck_assert_int_eq(nave_dyn_set(whole.dyn, &event[i]), 0);
        signal_q28 expected = engine_play(&whole, &in, &side);
        for (size_t at = 0; at < in.frames;) { /* events come as late as they may, or long before */
            size_t frames = 1 + rng_below(&r, n % 2 ? 7 : 1500);
            frames = frames < in.frames - at ? frames : in.frames - at;
            const size_t ahead = rng_below(&r, 2) ? 0 : 3000;
            for (; sent < events && event[sent].frame < at + frames + ahead; sent++)
                ck_assert_int_eq(nave_dyn_set(cut.dyn, &event[sent]), 0);
            const int32_t *from_in[2] = {in.word[0] + at, in.word[1] + at};
            const int32_t *from_side[2] = {side.word[0] + at, side.word[1] + at};
            int32_t *to_out[2] = {out.word[0] + at, out.word[1] + at};
            nave_dyn_process(cut.dyn, from_in, from_side, to_out, frames);
            at += frames;
        }
        for (uint32_t c = 0; c < 2; c++)
            ck_assert_mem_eq(out.word[c], expected.word[c], in.frames * sizeof(int32_t));
        engine_free(&whole);
        engine_free(&cut);
        signal_free(&in);
        signal_free(&side);
        signal_free(&out);
        signal_free(&expected);
    }
}
END_TEST

START_TEST(filters_on_their_way_stay_calm_and_arrive)
{
    rng r = rng_for("calm");
    double loudest = 0;
    for (uint32_t n = 0; n < cases(25); n++) {
        nave_dyn_settings a, b;
        nave_dyn_settings_default(&a, RATE);
        a.bands = 4;
        a.slope_db = n % 2 ? 24 : 48;
        b = a;
        for (int side = 0; side < 2; side++) {
            nave_dyn_settings *s = side ? &b : &a;
            for (uint32_t i = 0; i < 3; i++)
                s->crossover_hz[i] = 40 * pow(17000 / 40.0, 0.5 + 0.5 * rng_signed(&r));
            for (uint32_t i = 0; i < 4; i++) /* as far apart as they go */
                s->eq[i] = (nave_dyn_eq_settings){.kind = NAVE_EQ_BELL,
                                                  .hz = 30 * pow(20000 / 30.0, 0.5 + 0.5 * rng_signed(&r)),
                                                  .q = pow(10, rng_signed(&r)),
                                                  .gain_db = 3 * rng_signed(&r)};
        }
        int64_t from[NAVE_DIALS], to[NAVE_DIALS];
        nave_dyn_event event[NAVE_DIALS];
        dials_of(&a, from);
        dials_of(&b, to);
        const uint32_t ramp = 1 + rng_below(&r, 4800);
        const size_t events = nave_dyn_changes(from, to, 4000, ramp, event), frames = 4000 + 4800 + 96000;
        engine moving = engine_of(&a, 1), there = engine_of(&b, 1);
        for (size_t i = 0; i < events; i++)
            ck_assert_int_eq(nave_dyn_set(moving.dyn, &event[i]), 0);
        signal_q28 in = signal_pink(&r, 1, frames, 0.25), x = engine_play(&moving, &in, NULL),
                   y = engine_play(&there, &in, NULL);
        for (uint32_t i = 0; i < NAVE_DIALS; i++)
            ck_assert_int_eq(moving.dyn->dial[i].value, to[i]);
        for (size_t i = 0; i < frames; i++)
            loudest = fmax(loudest, fabs(x.word[0][i] * 0x1p-28));
        ck_assert_msg(loudest < 4, "a ramp of %u frames drove a signal of 0.25 to %g", ramp, loudest);
        for (size_t i = frames - 4000; i < frames; i++) /* what the way left has died out */
            if (abs(x.word[0][i] - y.word[0][i]) > 64)
                ck_abort_msg("frame %zu: %d and %d", i, x.word[0][i], y.word[0][i]);
        engine_free(&moving);
        engine_free(&there);
        signal_free(&in);
        signal_free(&x);
        signal_free(&y);
    }
    figure("filters on their way: a signal of 0.25 reaches at most %.2f\n", loudest);
}
END_TEST

START_TEST(events_are_kept_in_order_and_refused_when_they_cannot_be_kept)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, RATE);
    engine e = engine_of(&s, 1);
    const uint32_t dial = NAVE_DIAL_OUTPUT;
    signal_q28 in = signal_new(1, 200);
    int32_t *out[1] = {in.word[0]};
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){50, 3, dial, 0}), 0);
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){20, 2, dial, 0}), 0);
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){20, 7, dial, 0}), 0); /* of one frame the last one counts */
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){0, 1, dial, 0}), 0);
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){0, 1, NAVE_DIALS, 0}), -1);
    static const struct {
        size_t frames;
        int32_t output;
    } step[] = {{1, 1}, {19, 1}, {1, 7}, {29, 7}, {1, 3}};
    for (size_t i = 0; i < sizeof(step) / sizeof(*step); i++) {
        nave_dyn_process(e.dyn, (const int32_t *const *)in.word, NULL, out, step[i].frames);
        ck_assert_int_eq(e.dyn->output, step[i].output);
    }
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){e.dyn->frame - 1, 1, dial, 0}), -1);
    for (uint32_t i = 0; i < NAVE_DYN_EVENTS; i++)
        ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){1000, 1, dial, 0}), 0);
    ck_assert_int_eq(nave_dyn_set(e.dyn, &(nave_dyn_event){1000, 1, dial, 0}), -1);
    engine_free(&e);
    signal_free(&in);
}
END_TEST

int main(int argc, char **argv)
{
    figures_asked(argc, argv);
    return RUN_TESTS("dyn ramp", 60, a_ramp_is_a_straight_line_to_the_exact_target,
                     a_change_begins_at_its_frame_and_is_linear_in_db, the_bits_do_not_depend_on_how_a_stream_is_cut,
                     filters_on_their_way_stay_calm_and_arrive,
                     events_are_kept_in_order_and_refused_when_they_cannot_be_kept);
}
