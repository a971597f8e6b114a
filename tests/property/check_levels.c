/* Levels: silence, full scale, overload, gains at their frames, linearity. Gains are checked to the bit against
 * integers. SPDX-License-Identifier: ISC */
#include "property.h"

/* The card's gains, from nave.h's decibels and the mixer's page. */
static int32_t gain_of(double db)
{
    return db == -INFINITY ? 0 : (int32_t)lrint(pow(10.0, db / 20.0) * 0x1p28);
}

static __int128 rounded(__int128 v, unsigned shift)
{
    const __int128 one = 1, floor = v >> shift, rest = v - floor * (one << shift), half = one << (shift - 1);
    return floor + (rest > half || (rest == half && (floor & 1)));
}

static int64_t limited(__int128 v, unsigned bits, uint64_t *count)
{
    const __int128 top = ((__int128)1 << (bits - 1)) - 1;
    *count += v > top || v < -top - 1;
    return (int64_t)(v > top ? top : v < -top - 1 ? -top - 1 : v);
}

START_TEST(silence_gives_exact_zeros)
{
    rng r = rng_for("silence");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 9000);
    for (int live = 0; live < 2; live++) {
        nave_plan *plan = live ? plan_live(ir, 2, 64) : plan_offline(ir, 2, 0, 0);
        signal_q28 in = signal_new(2, 30000);
        take t = play(dev, plan, &in);
        ck_assert_uint_eq(t.frames, 30000 + 8999 + (live ? 128 : 0));
        for (uint32_t c = 0; c < 2; c++)
            for (size_t i = 0; i < t.frames; i++)
                MUST(t.word[c][i] == 0, "frame %zu is %lld", i, (long long)t.word[c][i]);
        /* and again once all that was loud has left */
        in.word[0][0] = in.word[1][0] = 1 << 28;
        take_free(&t);
        t = play(dev, plan, &in);
        const nave_plan_report report = report_of(plan);
        size_t gone = report.latency_frames + 9000 + report.tick_frames;
        for (uint32_t i = 0; i < report.tiers; i++) /* a block may hold noise until its end */
            gone += report.tier[i].partition_frames;
        for (uint32_t c = 0; c < 2; c++)
            for (size_t i = gone; i < t.frames; i++)
                MUST(t.word[c][i] == 0, "frame %zu is %lld", i, (long long)t.word[c][i]);
        take_free(&t);
        signal_free(&in);
        nave_plan_free(plan);
    }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

START_TEST(a_silent_channel_stays_at_zero_beside_a_loud_one)
{
    static const uint32_t three_in[] = {0, 1, 2}, three_out[] = {0, 1, 2};
    rng r = rng_for("silent channel");
    nave_device *dev = device(NULL);
    for (int k = 0; k < 4; k++) {
        nave_ir *ir = k & 1 ? ir_room(&r, 5000, three_in, three_out, 3, 48000, NAVE_NORMALISE_PEAK) : ir_mono(&r, 5000);
        nave_plan *plan = k & 2 ? plan_live(ir, 3, 256) : plan_offline(ir, 3, 0, 0);
        signal_q28 in = signal_noise(&r, 3, 20000, 7.9);
        memset(in.word[1], 0, in.frames * sizeof(int32_t));
        take t = play(dev, plan, &in);
        int64_t loud = 0;
        for (size_t i = 0; i < t.frames; i++) {
            MUST(t.word[1][i] == 0, "frame %zu is %lld", i, (long long)t.word[1][i]);
            loud |= t.word[0][i] | t.word[2][i];
        }
        ck_assert_int_ne(loud, 0);
        take_free(&t);
        signal_free(&in);
        nave_plan_free(plan);
        nave_ir_free(ir);
    }
    nave_close(dev);
}
END_TEST

START_TEST(the_sum_of_two_inputs_gives_the_sum_of_their_outputs)
{
    rng r = rng_for("linear");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 3000);
    for (uint32_t k = 0; k < cases(6); k++) {
        nave_plan *plan = k % 2 ? plan_live(ir, 1, 64u << k) : plan_offline(ir, 1, 64u << k, 0);
        const size_t frames = 1000 + rng_below(&r, 9000);
        signal_q28 a = signal_noise(&r, 1, frames, 0.4), b = signal_noise(&r, 1, frames, 0.5),
                   sum = signal_new(1, frames);
        for (size_t i = 0; i < frames; i++)
            sum.word[0][i] = a.word[0][i] + b.word[0][i];
        take ta = play(dev, plan, &a), tb = play(dev, plan, &b), ts = play(dev, plan, &sum);
        double power = 0, error = 0;
        for (size_t i = 0; i < ts.frames; i++) {
            const double e = (double)(ts.word[0][i] - ta.word[0][i] - tb.word[0][i]), s = (double)ts.word[0][i];
            error += e * e;
            power += s * s;
        }
        ck_assert_msg(10 * log10(error / power) < -140, "plan %u: %.1f dB", k, 10 * log10(error / power));
        take_free(&ta);
        take_free(&tb);
        take_free(&ts);
        signal_free(&a);
        signal_free(&b);
        signal_free(&sum);
        nave_plan_free(plan);
    }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* Block exponents follow the level: a signal 6 n dB softer is rounded alike, down to where Q44 ends. */
START_TEST(noise_falls_with_the_signal)
{
    rng r = rng_for("scale");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 3000);
    nave_plan *plan = plan_offline(ir, 1, 256, 2);
    signal_q28 in = signal_noise(&r, 1, 8000, 0.9), soft = signal_new(1, 8000);
    for (size_t i = 0; i < in.frames; i++)
        in.word[0][i] &= ~0xfff; /* so that a signal 72 dB softer is the same number */
    take loud = play(dev, plan, &in);
    for (int down = 1; down <= 12; down++) {
        for (size_t i = 0; i < in.frames; i++)
            soft.word[0][i] = in.word[0][i] >> down;
        take t = play(dev, plan, &soft);
        for (size_t i = 0; i < t.frames; i++) {
            /* each of up to 12 partition sums and the output may be rounded to 2^-44 */
            const int64_t off = t.word[0][i] * ((int64_t)1 << down) - loud.word[0][i];
            MUST(llabs(off) <= 2ll << down, "%d dB down, frame %zu: %lld off", 6 * down, i, (long long)off);
        }
        take_free(&t);
    }
    take_free(&loud);
    signal_free(&in);
    signal_free(&soft);
    nave_plan_free(plan);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

START_TEST(full_scale_and_18_db_above_pass_through_a_unit_response)
{
    const double one = 1.0;
    const double *path = &one;
    rng r = rng_for("full scale");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_of(&path, 1, NULL, NULL, 1, 48000, NAVE_NORMALISE_NONE);
    for (int live = 0; live < 2; live++)
        for (int k = 0; k < 5; k++) {
            nave_plan *plan = live ? plan_live(ir, 1, 64) : plan_offline(ir, 1, 512, 0);
            const uint32_t latency = report_of(plan).latency_frames;
            signal_q28 in = signal_new(1, 5000);
            for (size_t i = 0; i < in.frames; i++) {
                const int up = k == 0 ? 1 : k == 1 ? 0 : k == 2 ? i & 1 : k == 3 ? (i / 32) & 1 : rng_below(&r, 2);
                in.word[0][i] = up ? INT32_MAX : INT32_MIN;
            }
            take t = play(dev, plan, &in);
            for (size_t i = 0; i < in.frames; i++) {
                const double off = fabs((double)t.word[0][i + latency] * 0x1p-44 - in.word[0][i] * 0x1p-28);
                MUST(off < 8 * 0x1p-22, "pattern %d, frame %zu: %g off", k, i, off);
            }
            take_free(&t);
            signal_free(&in);
            nave_plan_free(plan);
        }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* The mixer's arithmetic to the bit: wet from a unity stream, dry from the input. */
static void assert_mix(nave_device *dev, const nave_plan *plan, const signal_q28 *in, const way *w, const take *unity)
{
    nave_stream_stats stats;
    way counted = *w;
    counted.stats = &stats;
    take t = play_way(dev, plan, in, &counted);
    const nave_plan_report report = report_of(plan);
    uint64_t clipped = 0;
    ck_assert_uint_eq(t.frames, unity->frames);
    int32_t wet = gain_of(w->wet_db), dry = gain_of(w->dry_db);
    size_t next = 0;
    for (size_t i = 0; i < t.frames; i++) {
        if (i < report.latency_frames) {
            MUST(t.word[0][i] == 0, "the latency is not silent");
            continue;
        }
        const size_t frame = i - report.latency_frames;
        for (; next < w->change_count && w->changes[next].frame == frame; next++)
            *(w->changes[next].param == NAVE_PARAM_WET_GAIN ? &wet : &dry) = gain_of(w->changes[next].db);
        for (uint32_t c = 0; c < t.channels; c++) {
            const int32_t x = frame < in->frames && c < in->channels ? in->word[c][frame] : 0;
            const __int128 sum = rounded((__int128)unity->word[c][i] * wet, 28) + rounded((__int128)x * dry, 12);
            const int64_t expected =
                w->output == NAVE_Q28 ? limited(rounded(sum, 16), 32, &clipped) : limited(sum, 48, &clipped);
            MUST(t.word[c][i] == expected, "channel %u, frame %zu: %lld, not %lld", c, frame, (long long)t.word[c][i],
                 (long long)expected);
        }
    }
    /* ticks run past the end of the tail, but there is no input and nothing left of the response */
    ck_assert_uint_eq(stats.clipped_samples, clipped);
    ck_assert_uint_eq(stats.frames_in, in->frames);
    ck_assert_uint_eq(stats.frames_out, t.frames);
    ck_assert_uint_eq(stats.crc_errors + stats.stale_frames + stats.sequence_errors, 0);
    take_free(&t);
}

START_TEST(gains_change_at_their_frame_to_the_bit_live_and_offline)
{
    rng r = rng_for("gains");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 1500);
    for (uint32_t k = 0; k < cases(24); k++) {
        nave_plan *plan = k % 2 ? plan_live(ir, 2, 64u << k % 5) : plan_offline(ir, 2, 64u << k % 7, 1 + k % 8);
        signal_q28 in = signal_noise(&r, 2, 3000 + rng_below(&r, 3000), k % 3 ? 0.5 : 1.5);
        take unity = play(dev, plan, &in);
        change changes[40];
        uint64_t at = 0;
        for (size_t i = 0; i < 40; i++) {
            at += rng_below(&r, 3) ? rng_below(&r, 300) : 0; /* some on one frame, some on the first */
            changes[i] = (change){at, rng_below(&r, 2) ? NAVE_PARAM_WET_GAIN : NAVE_PARAM_DRY_GAIN,
                                  rng_below(&r, 5)   ? 18.0 - 40 * fabs(rng_signed(&r))
                                  : rng_below(&r, 2) ? -INFINITY
                                                     : 0.0};
        }
        way w = way_plain();
        w.random = &r;
        w.write = w.read = 2000;
        w.output = k % 4 < 2 ? NAVE_Q44 : NAVE_Q28;
        w.wet_db = -20 * fabs(rng_signed(&r));
        w.dry_db = k % 3 ? 18 - 60 * fabs(rng_signed(&r)) : -INFINITY;
        w.changes = changes;
        w.change_count = k % 6 ? 40 : 0;
        assert_mix(dev, plan, &in, &w, &unity);
        take_free(&unity);
        signal_free(&in);
        nave_plan_free(plan);
    }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

START_TEST(a_gain_set_between_writes_holds_from_its_frame)
{
    rng r = rng_for("between");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 100);
    for (int live = 0; live < 2; live++) {
        nave_plan *plan = live ? plan_live(ir, 1, 64) : plan_offline(ir, 1, 256, 4);
        signal_q28 in = signal_noise(&r, 1, 4000, 0.5);
        take unity = play(dev, plan, &in), t = take_for(plan, in.frames);
        const way w = way_plain();
        nave_stream *st = stream_for(dev, plan, &w);
        const void *first[1] = {in.word[0]}, *rest[1] = {in.word[0] + 1501};
        size_t taken;
        ck_assert_int_eq(nave_stream_write(st, first, 1501, &taken), NAVE_OK);
        ck_assert_uint_eq(taken, 1501);
        ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, -6, 1500), NAVE_E_STATE); /* already written */
        ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, -6, 1501), NAVE_OK);
        ck_assert_int_eq(nave_stream_write(st, rest, in.frames - 1501, &taken), NAVE_OK);
        ck_assert_int_eq(nave_stream_finish(st), NAVE_OK);
        while (read_piece(st, &t, NAVE_Q44, 1000))
            ;
        const size_t latency = report_of(plan).latency_frames;
        ck_assert_uint_eq(t.frames, unity.frames);
        for (size_t i = latency; i < t.frames; i++) {
            const int32_t gain = i - latency < 1501 ? 1 << 28 : gain_of(-6);
            MUST(t.word[0][i] == (int64_t)rounded((__int128)unity.word[0][i] * gain, 28), "frame %zu", i);
        }
        nave_stream_close(st);
        take_free(&t);
        take_free(&unity);
        signal_free(&in);
        nave_plan_free(plan);
    }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* Bypass: unity dry, no wet. Every word of the input comes out again, at the same latency as the effect. */
START_TEST(the_dry_path_is_exact_to_the_bit)
{
    static const uint32_t out_of[] = {0, 0, 0}, to[] = {0, 1, 2};
    rng r = rng_for("dry");
    nave_device *dev = device(NULL);
    nave_ir *wide = ir_room(&r, 800, out_of, to, 3, 48000, NAVE_NORMALISE_PEAK); /* 1 input, 3 outputs */
    nave_ir *ir = ir_mono(&r, 800);
    for (int k = 0; k < 4; k++) {
        nave_plan *plan = k & 1 ? plan_live(k & 2 ? wide : ir, k & 2 ? 1 : 2, 128)
                                : plan_offline(k & 2 ? wide : ir, k & 2 ? 1 : 2, 0, 0);
        signal_q28 in = signal_noise(&r, k & 2 ? 1 : 2, 7000, 8.0);
        in.word[0][0] = INT32_MIN;
        in.word[0][6999] = INT32_MAX;
        nave_stream_stats stats;
        way w = way_plain();
        w.output = NAVE_Q28;
        w.wet_db = -INFINITY;
        w.dry_db = 0;
        w.stats = &stats;
        take t = play_way(dev, plan, &in, &w);
        const size_t latency = report_of(plan).latency_frames;
        ck_assert_uint_eq(stats.clipped_samples, 0);
        for (uint32_t c = 0; c < t.channels; c++)
            for (size_t i = 0; i < t.frames; i++) {
                const size_t frame = i - latency;
                const int64_t expected = i >= latency && frame < in.frames && c < in.channels ? in.word[c][frame] : 0;
                MUST(t.word[c][i] == expected, "channel %u, frame %zu: %lld, not %lld", c, i, (long long)t.word[c][i],
                     (long long)expected);
            }
        take_free(&t);
        signal_free(&in);
        nave_plan_free(plan);
    }
    nave_ir_free(ir);
    nave_ir_free(wide);
    nave_close(dev);
}
END_TEST

/* 18 dBFS is the top of the card's word: what goes over is limited to it with its sign, and counted. */
START_TEST(overload_is_limited_and_counted)
{
    rng r = rng_for("overload");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 2000);
    nave_plan *plan = plan_offline(ir, 1, 0, 0);
    signal_q28 in = signal_noise(&r, 1, 10000, 0.5), hot = signal_new(1, 10000);
    take unity = play(dev, plan, &in);
    for (int k = 0; k < 2; k++) {
        way w = way_plain();
        w.output = k ? NAVE_Q28 : NAVE_Q44;
        w.wet_db = 18;
        w.dry_db = 18;
        assert_mix(dev, plan, &in, &w, &unity);
    }
    for (size_t i = 0; i < in.frames; i++)
        hot.word[0][i] = rng_below(&r, 2) ? INT32_MAX : INT32_MIN;
    double *expected = reference(ir, &hot, 0);
    nave_stream_stats stats;
    way w = way_plain();
    w.stats = &stats;
    take t = play_way(dev, plan, &hot, &w);
    uint64_t least = 0, most = 0;
    for (size_t i = 0; i < t.frames; i++) {
        const double v = (double)t.word[0][i] * 0x1p-44, wanted = fmax(-8, fmin(8, expected[i]));
        MUST(fabs(v - wanted) < 1e-5, "frame %zu: %g, not %g", i, v, wanted);
        least += fabs(expected[i]) > 8 + 1e-5;
        most += fabs(expected[i]) > 8 - 1e-5;
    }
    ck_assert_uint_gt(least, 50); /* the signal does overload */
    ck_assert_uint_ge(stats.clipped_samples, least);
    ck_assert_uint_le(stats.clipped_samples, most);
    free(expected);
    take_free(&t);
    take_free(&unity);
    signal_free(&in);
    signal_free(&hot);
    nave_plan_free(plan);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

int main(void)
{
    return RUN_TESTS("levels", 240, silence_gives_exact_zeros, a_silent_channel_stays_at_zero_beside_a_loud_one,
                     the_sum_of_two_inputs_gives_the_sum_of_their_outputs, noise_falls_with_the_signal,
                     full_scale_and_18_db_above_pass_through_a_unit_response,
                     gains_change_at_their_frame_to_the_bit_live_and_offline,
                     a_gain_set_between_writes_holds_from_its_frame, the_dry_path_is_exact_to_the_bit,
                     overload_is_limited_and_counted);
}
