/* The card convolves: against double precision, for every partition, tick, length, rate, channel count and routing.
 *
 * Bounds, relative to the RMS of what should come out. A block's spectrum has 30 bits below its largest bin, and each
 * of at most nine roundings adds a third of the last one's power: -180 dB of the largest bin. White noise has that bin
 * 12 dB above its RMS, pink noise 25. A response's words lose up to 4 bits of 31, because their sum over 500 partitions
 * must fit (24 dB, shared among the partitions). -145 for white and -135 for pink noise leave a few dB.
 * SPDX-License-Identifier: ISC */
#include "property.h"

#define NOISE_BOUND_DB -145.0
#define PINK_BOUND_DB -135.0

/* Plays and compares; the stream must give latency + frames + response - 1 frames. */
static void assert_convolves(nave_device *dev, const nave_ir *ir, const nave_plan *plan, const signal_q28 *in,
                             double bound_db)
{
    const nave_plan_report r = report_of(plan);
    take t = play(dev, plan, in);
    const size_t frames = in->frames + r.response_frames - 1;
    ck_assert_uint_eq(t.frames, frames + r.latency_frames);
    for (uint32_t o = 0; o < r.outputs; o++) {
        double *expected = reference(ir, in, o);
        const distance d = distance_of(t.word[o] + r.latency_frames, expected, frames);
        ck_assert_msg(d.relative_db <= bound_db,
                      "output %u of %u, response %llu, tick %u, tier 0 %u x %u, %u tiers: error %.1f dB of the signal",
                      o, r.outputs, (unsigned long long)r.response_frames, r.tick_frames, r.tier[0].partition_frames,
                      r.tier[0].batch, r.tiers, d.relative_db);
        for (size_t i = 0; i < r.latency_frames; i++)
            MUST(t.word[o][i] == 0, "frame %zu of the latency is not silent", i);
        free(expected);
    }
    take_free(&t);
}

/* A response that begins and ends with its two largest samples, so that every shift by a frame is seen. */
static void assert_impulse(nave_device *dev, int live, uint32_t partition, uint32_t batch, size_t at, uint32_t frames,
                           rng *r)
{
    double *h = malloc(frames * sizeof(*h));
    for (uint32_t i = 0; i < frames; i++)
        h[i] = 0.01 * rng_signed(r);
    h[0] = 0.75;
    h[frames - 1] += frames > 1 ? -0.5 : 0;
    nave_ir *ir = ir_of((const double *const *)&h, frames, NULL, NULL, 1, 48000, NAVE_NORMALISE_NONE);
    nave_plan *plan = live ? plan_live(ir, 1, partition) : plan_offline(ir, 1, partition, batch);
    const nave_plan_report report = report_of(plan);
    ck_assert_uint_eq(report.latency_frames, live ? 2 * partition : 0);
    signal_q28 in = signal_new(1, at + 1);
    in.word[0][at] = 1 << 28;
    take t = play(dev, plan, &in);
    ck_assert_uint_eq(t.frames, report.latency_frames + at + frames);
    double worst = 0;
    for (size_t i = 0; i < t.frames; i++) {
        const int64_t n = (int64_t)i - (int64_t)report.latency_frames - (int64_t)at;
        const double expected = n >= 0 && n < frames ? h[n] : 0;
        worst = fmax(worst, fabs((double)t.word[0][i] * 0x1p-44 - expected));
    }
    /* white spectra: an impulse uses the whole word, its error is that of the spectrum's 31 bits */
    ck_assert_msg(worst < 0x1p-26, "partition %u, batch %u, response %u, impulse at %zu: off by %g", partition, batch,
                  frames, at, worst);
    take_free(&t);
    signal_free(&in);
    nave_plan_free(plan);
    nave_ir_free(ir);
    free(h);
}

START_TEST(an_impulse_gives_the_response_back_at_its_frame)
{
    rng r = rng_for("impulse");
    nave_device *dev = device(NULL);
    for (uint32_t log2 = 6; log2 <= 13; log2++)
        for (int live = 0; live < 2; live++) {
            const uint32_t p = 1u << log2;
            assert_impulse(dev, live, p, 1 + rng_below(&r, 8), 0, 1, &r);
            assert_impulse(dev, live, p, 1 + rng_below(&r, 8), p - 1, p + 1, &r);
            assert_impulse(dev, live, p, 1 + rng_below(&r, 8), rng_below(&r, 3 * p), 1 + rng_below(&r, 20000), &r);
        }
    nave_close(dev);
}
END_TEST

START_TEST(every_partition_and_batch_convolves)
{
    rng r = rng_for("partition");
    nave_device *dev = device(NULL);
    for (uint32_t log2 = 6; log2 <= 13; log2++)
        for (uint32_t batch = 1; batch <= 8; batch++) {
            if (cases(100) < 100 && rng_below(&r, 100) >= cases(100))
                continue;
            const uint32_t p = 1u << log2;
            nave_ir *ir = ir_mono(&r, 1 + rng_below(&r, 5 * p));
            nave_plan *plan = plan_offline(ir, 1, p, batch);
            const nave_plan_report report = report_of(plan);
            ck_assert_uint_eq(report.tier[0].partition_frames, p);
            ck_assert_uint_eq(report.tier[0].batch, batch);
            signal_q28 in = signal_noise(&r, 1, 1 + rng_below(&r, 3 * p * batch), 0.9);
            assert_convolves(dev, ir, plan, &in, NOISE_BOUND_DB);
            signal_free(&in);
            nave_plan_free(plan);
            nave_ir_free(ir);
        }
    nave_close(dev);
}
END_TEST

START_TEST(every_tick_convolves_live_through_all_its_tiers)
{
    rng r = rng_for("tick");
    nave_device *dev = device(NULL);
    for (uint32_t tick = 64; tick <= 8192; tick *= 2)
        for (uint32_t largest = tick; largest <= 8192; largest *= 2) {
            nave_ir *ir = ir_mono(&r, 1 + rng_below(&r, 6 * largest));
            nave_plan_settings s;
            nave_plan_settings_default(&s);
            s.mode = NAVE_LIVE;
            s.tick_frames = tick;
            s.max_partition_frames = largest;
            nave_plan *plan = plan_with(ir, &s);
            ck_assert_uint_le(report_of(plan).tier[report_of(plan).tiers - 1].partition_frames, largest);
            signal_q28 in = signal_noise(&r, 1, 1 + rng_below(&r, 4 * largest), 0.9);
            assert_convolves(dev, ir, plan, &in, NOISE_BOUND_DB);
            signal_free(&in);
            nave_plan_free(plan);
            nave_ir_free(ir);
        }
    nave_close(dev);
}
END_TEST

/* Tiers such as a card takes, whose RAM asks for batches. */
START_TEST(live_batches_convolve)
{
    rng r = rng_for("live batches");
    nave_device *dev = device(NULL);
    for (uint32_t k = 0; k < cases(60); k++) {
        nave_plan_settings s;
        nave_plan_settings_default(&s);
        s.mode = NAVE_LIVE;
        s.tick_frames = 64u << rng_below(&r, 4);
        uint32_t frames = s.tick_frames, all = frames, links = 1;
        int n = snprintf(s.tiers, sizeof(s.tiers), "%ux1", frames);
        for (uint32_t tries = 0; tries < 6; tries++) {
            const uint32_t next = frames << rng_below(&r, 3), batch = 1u << rng_below(&r, 4);
            if (next > 4096 || next * batch <= all || next * batch > 16384)
                continue;
            n += snprintf(s.tiers + n, sizeof(s.tiers) - (size_t)n, " %ux%u", next, batch);
            frames = next;
            all = next * batch;
            links++;
        }
        nave_ir *ir = ir_mono(&r, 2 * all + frames + rng_below(&r, 4 * frames));
        nave_plan *plan = plan_with(ir, &s);
        ck_assert_uint_eq(report_of(plan).tiers, links);
        signal_q28 in = signal_noise(&r, 1, 1 + rng_below(&r, 3 * all), 0.9);
        assert_convolves(dev, ir, plan, &in, NOISE_BOUND_DB);
        signal_free(&in);
        nave_plan_free(plan);
        nave_ir_free(ir);
    }
    nave_close(dev);
}
END_TEST

START_TEST(every_response_length_convolves)
{
    static const uint32_t lengths[] = {1,   2,   3,   61,  63,  64,   65,   127,  128,  129,  251,  255,  256,   257,
                                       509, 511, 512, 513, 997, 1023, 1024, 1025, 4093, 8191, 8192, 8193, 16381, 30011};
    rng r = rng_for("length");
    nave_device *dev = device(NULL);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        nave_ir *ir = ir_mono(&r, lengths[i]);
        signal_q28 in = signal_noise(&r, 1, 1 + rng_below(&r, 6000), 0.9);
        nave_plan *plans[] = {plan_offline(ir, 1, 0, 0), plan_offline(ir, 1, 64, 3), plan_live(ir, 1, 64),
                              plan_live(ir, 1, 1024)};
        for (int k = 0; k < 4; k++) {
            assert_convolves(dev, ir, plans[k], &in, NOISE_BOUND_DB);
            nave_plan_free(plans[k]);
        }
        signal_free(&in);
        nave_ir_free(ir);
    }
    nave_close(dev);
}
END_TEST

START_TEST(every_rate_convolves)
{
    static const uint32_t rates[] = {44100, 48000, 88200, 96000, 176400, 192000};
    rng r = rng_for("rate");
    nave_device *dev = device(NULL);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        nave_ir *ir = ir_room(&r, rates[i] / 4, NULL, NULL, 1, rates[i], NAVE_NORMALISE_ENERGY);
        nave_plan *plan = plan_offline(ir, 2, 0, 0), *live = plan_live(ir, 2, 128);
        ck_assert_uint_eq(report_of(plan).rate_hz, rates[i]);
        ck_assert_uint_eq(report_of(plan).response_frames, rates[i] / 4);
        signal_q28 in = signal_pink(&r, 2, rates[i] / 8, 1.0);
        assert_convolves(dev, ir, plan, &in, PINK_BOUND_DB);
        assert_convolves(dev, ir, live, &in, PINK_BOUND_DB);
        signal_free(&in);
        nave_plan_free(plan);
        nave_plan_free(live);
        nave_ir_free(ir);
    }
    nave_close(dev);
}
END_TEST

static void assert_routes(nave_device *dev, rng *r, const nave_ir *ir, uint32_t channels, uint32_t outputs)
{
    nave_plan *plans[] = {plan_offline(ir, channels, 0, 0), plan_live(ir, channels, 256)};
    signal_q28 in = signal_noise(r, channels, 3000, 0.5);
    for (int k = 0; k < 2; k++) {
        ck_assert_uint_eq(report_of(plans[k]).inputs, channels);
        ck_assert_uint_eq(report_of(plans[k]).outputs, outputs);
        assert_convolves(dev, ir, plans[k], &in, NOISE_BOUND_DB);
        nave_plan_free(plans[k]);
    }
    signal_free(&in);
}

START_TEST(a_mono_response_serves_1_to_16_channels)
{
    rng r = rng_for("mono");
    nave_device *dev = device(NULL);
    for (uint32_t channels = 1; channels <= 16; channels++) {
        nave_ir *ir = ir_mono(&r, 2500);
        assert_routes(dev, &r, ir, channels, channels);
        nave_ir_free(ir);
    }
    nave_close(dev);
}
END_TEST

START_TEST(stereo_true_stereo_and_matrices_go_from_each_input_to_its_outputs)
{
    static const uint32_t two_in[] = {0, 1}, two_out[] = {0, 1}, four_in[] = {0, 0, 1, 1}, four_out[] = {0, 1, 0, 1};
    rng r = rng_for("matrix");
    nave_device *dev = device(NULL);
    nave_ir *stereo = ir_room(&r, 1500, two_in, two_out, 2, 48000, NAVE_NORMALISE_ENERGY);
    nave_ir *full = ir_room(&r, 1500, four_in, four_out, 4, 48000, NAVE_NORMALISE_ENERGY);
    assert_routes(dev, &r, stereo, 2, 2);
    assert_routes(dev, &r, stereo, 1, 2); /* a mono session: its channel feeds both */
    assert_routes(dev, &r, full, 2, 2);
    nave_ir_free(stereo);
    nave_ir_free(full);
    for (uint32_t k = 0; k < cases(12); k++) {
        const uint32_t inputs = 1 + rng_below(&r, 8), outputs = 1 + rng_below(&r, 8);
        uint32_t in[64], out[64], paths = 0;
        for (uint32_t i = 0; i < inputs; i++)
            for (uint32_t o = 0; o < outputs; o++) /* every input and output has a path, others by chance */
                if (i % outputs == o || o % inputs == i || rng_below(&r, 3) == 0) {
                    in[paths] = i;
                    out[paths++] = o;
                }
        nave_ir *ir = ir_room(&r, 700, in, out, paths, 48000, NAVE_NORMALISE_ENERGY);
        assert_routes(dev, &r, ir, inputs, outputs);
        nave_ir_free(ir);
    }
    nave_close(dev);
}
END_TEST

/* The table of the design (-155 and -210 dBFS): full-scale pink noise through an energy-normalised response of a
 * second. The room is another one for each seed and up to 3 dB louder in its bass. */
START_TEST(pink_noise_keeps_to_the_noise_table)
{
    static const uint32_t partitions[] = {64, 512, 8192};
    rng r = rng_for("pink");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 48000);
    for (int level = 0; level < 2; level++) {
        signal_q28 in = signal_pink(&r, 1, 96000, level ? 1e-3 : 1.0);
        double *expected = reference(ir, &in, 0);
        for (int k = 0; k < 3; k++) {
            nave_plan *plan = plan_offline(ir, 1, partitions[k], 0);
            take t = play(dev, plan, &in);
            const distance d = distance_of(t.word[0], expected, in.frames + 47999);
            ck_assert_msg(d.error_db <= (level ? -209 : -152), "partition %u, %s: %.1f dBFS", partitions[k],
                          level ? "-60 dBFS" : "full scale", d.error_db);
            ck_assert_msg(d.peak_db <= (level ? -192 : -134), "partition %u: one sample is %.1f dBFS off",
                          partitions[k], d.peak_db);
            take_free(&t);
            nave_plan_free(plan);
        }
        free(expected);
        signal_free(&in);
    }
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

/* A sine puts all of the power into two bins: worst case of a block exponent. */
START_TEST(a_sine_keeps_to_the_noise_table)
{
    static const uint32_t partitions[] = {64, 512, 8192};
    static const double bound_db[] = {-143, -143, -132}; /* the room may be 10 dB louder at 1 kHz */
    rng r = rng_for("sine");
    nave_device *dev = device(NULL);
    nave_ir *ir = ir_mono(&r, 48000);
    signal_q28 in = signal_new(1, 96000);
    for (size_t i = 0; i < in.frames; i++)
        in.word[0][i] = q28(sin(2 * M_PI * 1000.0 / 48000.0 * (double)i));
    double *expected = reference(ir, &in, 0);
    for (int k = 0; k < 3; k++) {
        nave_plan *plan = plan_offline(ir, 1, partitions[k], 0);
        take t = play(dev, plan, &in);
        const distance d = distance_of(t.word[0], expected, in.frames + 47999);
        ck_assert_msg(d.error_db <= bound_db[k], "partition %u: %.1f dBFS", partitions[k], d.error_db);
        take_free(&t);
        nave_plan_free(plan);
    }
    free(expected);
    signal_free(&in);
    nave_ir_free(ir);
    nave_close(dev);
}
END_TEST

int main(void)
{
    return RUN_TESTS("convolution", 240, an_impulse_gives_the_response_back_at_its_frame,
                     every_partition_and_batch_convolves, every_tick_convolves_live_through_all_its_tiers,
                     live_batches_convolve, every_response_length_convolves, every_rate_convolves,
                     a_mono_response_serves_1_to_16_channels,
                     stereo_true_stereo_and_matrices_go_from_each_input_to_its_outputs,
                     pink_noise_keeps_to_the_noise_table, a_sine_keeps_to_the_noise_table);
}
