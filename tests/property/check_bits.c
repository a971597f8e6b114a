/* The same bits: however a caller cuts the stream, on every instruction set, beside other streams, after others,
 * shifted. SPDX-License-Identifier: ISC */
#include "property.h"

static void assert_any_cut(nave_device *dev, const nave_plan *plan, const signal_q28 *in, rng *r, int slow)
{
    static const size_t cuts[][2] = {{1, 1},    {1, 0},   {0, 1},          {7, 61},
                                     {997, 13}, {64, 64}, {100000, 70000}, {3001, 5003}};
    take whole = play(dev, plan, in);
    for (size_t k = 0; k < 8 + cases(5); k++) {
        way w = way_plain();
        if (k < 8) {
            if (!slow && (cuts[k][0] == 1 || cuts[k][1] == 1))
                continue;
            w.write = cuts[k][0];
            w.read = cuts[k][1];
        } else {
            w.random = r;
            w.write = 1 + rng_below(r, 3000);
            w.read = 1 + rng_below(r, 3000);
        }
        take other = play_way(dev, plan, in, &w);
        assert_same(&whole, &other);
        take_free(&other);
    }
    take_free(&whole);
}

START_TEST(bits_do_not_depend_on_how_the_caller_cuts_the_stream)
{
    rng r = rng_for("cut");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 4567);
    signal_q28 in = signal_noise(&r, 2, 9001, 0.7);
    static const uint32_t sizes[] = {64, 256, 2048};
    for (int k = 0; k < 3; k++) {
        nave_plan *offline = plan_offline(ir, 2, sizes[k], 1 + k), *live = plan_live(ir, 2, sizes[k]);
        assert_any_cut(dev, offline, &in, &r, k == 1);
        assert_any_cut(dev, live, &in, &r, k == 0);
        nave_plan_free(offline);
        nave_plan_free(live);
    }
    signal_free(&in);
    nave_ir_free(ir);
    /* more channels than one frame of the link holds of a tick */
    ir = ir_mono(&r, 20000);
    in = signal_noise(&r, 16, 21000, 0.7);
    nave_plan *wide = plan_offline(ir, 16, 8192, 2);
    assert_any_cut(dev, wide, &in, &r, 0);
    nave_plan_free(wide);
    signal_free(&in);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* nave_stream_process, in place or not, in any pieces: what write and read give, so far. */
START_TEST(process_gives_the_bits_of_write_and_read_also_in_place)
{
    rng r = rng_for("process");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 3000);
    signal_q28 in = signal_noise(&r, 2, 20000, 0.7);
    for (uint32_t tick = 64; tick <= 1024; tick *= 4)
        for (int in_place = 0; in_place < 2; in_place++) {
            nave_plan *plan = plan_live(ir, 2, tick);
            way w = way_plain();
            w.output = NAVE_Q28;
            take expected = play_way(dev, plan, &in, &w);
            nave_stream *st = stream_for(dev, plan, &w);
            int32_t *buffer[2], *result[2];
            for (int c = 0; c < 2; c++) {
                buffer[c] = malloc(in.frames * sizeof(int32_t));
                result[c] = in_place ? buffer[c] : malloc(in.frames * sizeof(int32_t));
                memcpy(buffer[c], in.word[c], in.frames * sizeof(int32_t));
            }
            for (size_t at = 0; at < in.frames;) {
                size_t n = rng_below(&r, 4) ? 1 + rng_below(&r, tick) : 1 + rng_below(&r, 5 * tick);
                n = n < in.frames - at ? n : in.frames - at;
                const void *from[2] = {buffer[0] + at, buffer[1] + at};
                void *to[2] = {result[0] + at, result[1] + at};
                MUST(nave_stream_process(st, from, to, n) == NAVE_OK, "process of %zu frames failed", n);
                at += n;
            }
            for (int c = 0; c < 2; c++)
                for (size_t i = 0; i < in.frames; i++)
                    MUST(result[c][i] == expected.word[c][i],
                         "tick %u, in place %d, channel %d, frame %zu: %d, not %lld", tick, in_place, c, i,
                         result[c][i], (long long)expected.word[c][i]);
            nave_stream_close(st);
            for (int c = 0; c < 2; c++) {
                if (!in_place)
                    free(result[c]);
                free(buffer[c]);
            }
            take_free(&expected);
            nave_plan_free(plan);
        }
    signal_free(&in);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

START_TEST(every_instruction_set_gives_the_bits_of_the_c_model)
{
    static const char *const isas[] = {"model:isa=sse42", "model:isa=avx2", "model:isa=avx512", "model:isa=neon",
                                       "model:"};
    static const uint32_t two_in[] = {0, 0, 1, 1}, two_out[] = {0, 1, 0, 1};
    rng r = rng_for("isa");
    nave_device *c = device("model:isa=c");
    uint32_t compared = 0;
    for (uint32_t log2 = 6; log2 <= 13; log2++) {
        nave_ir *ir = ir_room(&r, 1 + rng_below(&r, 3u << log2), two_in, two_out, 4, 48000, NAVE_NORMALISE_ENERGY);
        nave_plan *plans[] = {plan_offline(ir, 2, 1u << log2, 1 + rng_below(&r, 4)), plan_live(ir, 2, 1u << log2)};
        signal_q28 in = signal_pink(&r, 2, 1 + (1u << log2) + rng_below(&r, 1u << log2), log2 % 2 ? 7.9 : 0.01);
        for (int k = 0; k < 2; k++) {
            take expected = play(c, plans[k], &in);
            for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
                if (lacks(isas[i]))
                    continue;
                nave_device *dev = device(isas[i]);
                take found = play(dev, plans[k], &in);
                assert_same(&expected, &found);
                take_free(&found);
                nave_close(dev);
                compared++;
            }
            take_free(&expected);
            nave_plan_free(plans[k]);
        }
        signal_free(&in);
        nave_ir_free(ir);
    }
    ck_assert_uint_ge(compared, 16); /* at least the default was there to be compared */
    nave_close(c);
}
END_TEST

#define STREAMS 5
START_TEST(streams_on_one_card_do_not_disturb_each_other)
{
    rng r = rng_for("interleaved");
    nave_device *dev = device(NULL);
    nave_ir *ir[STREAMS];
    nave_plan *plan[STREAMS];
    nave_stream *st[STREAMS];
    signal_q28 in[STREAMS];
    take alone[STREAMS], beside[STREAMS];
    size_t written[STREAMS] = {0};
    const way w = way_plain();
    for (int i = 0; i < STREAMS; i++) {
        const uint32_t channels = 1 + (uint32_t)i % 3;
        ir[i] = ir_mono(&r, 500 + rng_below(&r, 9000));
        plan[i] = i % 2 ? plan_live(ir[i], channels, 64u << i) : plan_offline(ir[i], channels, 0, 0);
        in[i] = signal_noise(&r, channels, 5000 + rng_below(&r, 20000), 0.7);
        alone[i] = play(dev, plan[i], &in[i]);
        beside[i] = take_for(plan[i], in[i].frames);
    }
    for (int i = 0; i < STREAMS; i++)
        st[i] = stream_for(dev, plan[i], &w);
    for (int open = STREAMS; open > 0;) {
        const uint32_t i = rng_below(&r, STREAMS);
        if (!st[i])
            continue;
        if (written[i] < in[i].frames) {
            const void *from[NAVE_MAX_CHANNELS];
            size_t taken, n = 1 + rng_below(&r, 4000);
            for (uint32_t c = 0; c < in[i].channels; c++)
                from[c] = in[i].word[c] + written[i];
            n = n < in[i].frames - written[i] ? n : in[i].frames - written[i];
            const int err = nave_stream_write(st[i], from, n, &taken);
            ck_assert(err == NAVE_OK || err == NAVE_E_AGAIN);
            written[i] += taken;
            if (written[i] == in[i].frames)
                ck_assert_int_eq(nave_stream_finish(st[i]), NAVE_OK);
        }
        const size_t given = read_piece(st[i], &beside[i], NAVE_Q44, 1 + rng_below(&r, 3000));
        if (written[i] == in[i].frames && given == 0) {
            nave_stream_close(st[i]);
            st[i] = NULL;
            open--;
        }
    }
    for (int i = 0; i < STREAMS; i++) {
        assert_same(&alone[i], &beside[i]);
        take_free(&alone[i]);
        take_free(&beside[i]);
        signal_free(&in[i]);
        nave_plan_free(plan[i]);
        nave_ir_free(ir[i]);
    }
    nave_close(dev);
}
END_TEST

START_TEST(a_stream_closed_early_leaves_nothing_behind)
{
    rng r = rng_for("reopen");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 6000);
    nave_plan *plans[] = {plan_offline(ir, 2, 0, 0), plan_live(ir, 2, 64)};
    signal_q28 in = signal_noise(&r, 2, 12000, 0.7), loud = signal_noise(&r, 2, 40000, 7.9);
    const way w = way_plain();
    for (int k = 0; k < 2; k++) {
        take expected = play(dev, plans[k], &in);
        for (uint32_t n = 0; n < 20; n++) { /* more than there are contexts */
            nave_stream *st = stream_for(dev, plans[rng_below(&r, 2)], &w);
            const void *from[2] = {loud.word[0], loud.word[1]};
            size_t taken;
            ck_assert_int_eq(nave_stream_write(st, from, rng_below(&r, 40000), &taken), NAVE_OK);
            if (n % 3 == 0)
                ck_assert_int_eq(nave_stream_finish(st), NAVE_OK);
            nave_stream_close(st); /* with output that nobody read */
        }
        take again = play(dev, plans[k], &in);
        assert_same(&expected, &again);
        take_free(&expected);
        take_free(&again);
    }
    for (int k = 0; k < 2; k++)
        nave_plan_free(plans[k]);
    signal_free(&in);
    signal_free(&loud);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* A shift by whole batches meets the same blocks: the same bits. Any other: the same within the noise. */
START_TEST(a_shifted_input_gives_the_shifted_output)
{
    rng r = rng_for("shift");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 5000);
    for (int live = 0; live < 2; live++) {
        nave_plan *plan = live ? plan_live(ir, 1, 128) : plan_offline(ir, 1, 512, 3);
        const nave_plan_report report = report_of(plan);
        const size_t unit = live ? report.tier[report.tiers - 1].partition_frames : report.tick_frames;
        signal_q28 in = signal_noise(&r, 1, 6000, 0.9);
        take straight = play(dev, plan, &in);
        const size_t shifts[] = {unit, 3 * unit, 1, 997};
        for (int k = 0; k < 4; k++) {
            signal_q28 later = signal_new(1, in.frames + shifts[k]);
            memcpy(later.word[0] + shifts[k], in.word[0], in.frames * sizeof(int32_t));
            take t = play(dev, plan, &later);
            ck_assert_uint_eq(t.frames, straight.frames + shifts[k]);
            for (size_t i = 0; i < t.frames; i++) {
                const int64_t expected = i < shifts[k] ? 0 : straight.word[0][i - shifts[k]];
                const int64_t allowed = k < 2 ? 0 : (int64_t)1 << 19; /* 2^-25 */
                MUST(llabs(t.word[0][i] - expected) <= allowed, "live %d, shift %zu, frame %zu: %lld, not %lld", live,
                     shifts[k], i, (long long)t.word[0][i], (long long)expected);
            }
            take_free(&t);
            signal_free(&later);
        }
        take_free(&straight);
        signal_free(&in);
        nave_plan_free(plan);
    }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* Every sample format is the same render: Q28 the rounded Q44, F64 exact, F32 the nearest. */
START_TEST(formats_of_samples_carry_the_same_render)
{
    rng r = rng_for("formats");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 700);
    nave_plan *plan = plan_offline(ir, 1, 64, 4);
    signal_q28 in = signal_noise(&r, 1, 5000, 0.9);
    float *single = malloc(in.frames * sizeof(*single));
    double *twice = malloc(in.frames * sizeof(*twice));
    for (size_t i = 0; i < in.frames; i++) {
        in.word[0][i] &= ~0x3f; /* 26 bits: exact in a float where small, rounded alike where not */
        in.word[0][i] = (int32_t)((float)in.word[0][i]);
        single[i] = (float)in.word[0][i] * 0x1p-28f;
        twice[i] = in.word[0][i] * 0x1p-28;
    }
    way w = way_plain();
    take wide = play_way(dev, plan, &in, &w);
    w.output = NAVE_Q28;
    take narrow = play_way(dev, plan, &in, &w);
    for (size_t i = 0; i < wide.frames; i++) {
        const double exact = (double)wide.word[0][i] * 0x1p-16; /* fits 53 bits */
        MUST(narrow.word[0][i] == (int64_t)rint(exact), "frame %zu", i);
    }
    static const nave_sample inputs[] = {NAVE_F32, NAVE_F64, NAVE_Q28},
                             outputs[] = {NAVE_F32, NAVE_F64, NAVE_Q28, NAVE_Q44};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 4; b++) {
            nave_stream *st = NULL;
            nave_stream_settings s;
            nave_stream_settings_default(&s);
            s.input = inputs[a];
            s.output = outputs[b];
            ck_assert_int_eq(nave_stream_open(&st, dev, plan, &s, NULL), NAVE_OK);
            const void *const from[3][1] = {{single}, {twice}, {in.word[0]}};
            size_t taken, given;
            ck_assert_int_eq(nave_stream_write(st, from[a], in.frames, &taken), NAVE_OK);
            ck_assert_uint_eq(taken, in.frames);
            ck_assert_int_eq(nave_stream_finish(st), NAVE_OK);
            double *block = malloc((wide.frames + 1) * sizeof(*block));
            void *to[1] = {block};
            ck_assert_int_eq(nave_stream_read(st, to, wide.frames + 1, &given), NAVE_OK);
            ck_assert_uint_eq(given, wide.frames);
            for (size_t i = 0; i < given; i++) {
                const double exact = (double)wide.word[0][i] * 0x1p-44;
                const int same = outputs[b] == NAVE_F32   ? ((float *)to[0])[i] == (float)exact
                                 : outputs[b] == NAVE_F64 ? ((double *)to[0])[i] == exact
                                 : outputs[b] == NAVE_Q28 ? ((int32_t *)to[0])[i] == narrow.word[0][i]
                                                          : ((int64_t *)to[0])[i] == wide.word[0][i];
                MUST(same, "input format %d, output format %d, frame %zu", inputs[a], outputs[b], i);
            }
            free(block);
            nave_stream_close(st);
        }
    free(single);
    free(twice);
    take_free(&wide);
    take_free(&narrow);
    signal_free(&in);
    nave_plan_free(plan);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

int main(void)
{
    return RUN_TESTS("bits", 240, bits_do_not_depend_on_how_the_caller_cuts_the_stream,
                     process_gives_the_bits_of_write_and_read_also_in_place,
                     every_instruction_set_gives_the_bits_of_the_c_model, streams_on_one_card_do_not_disturb_each_other,
                     a_stream_closed_early_leaves_nothing_behind, a_shifted_input_gives_the_shifted_output,
                     formats_of_samples_carry_the_same_render);
}
