/* Equaliser sections against the audio EQ cookbook's biquads in long double, and the DC filter.
 *
 * Bound: the band-pass, the low-pass and two multiplier inputs are rounded to 2^-28 (-179 dBFS); a boost lifts their
 * error as it lifts the signal, a resonance repeats it. -158 dBFS before the boost leaves 21 dB for that; a bell of Q
 * 40 near the top of the band repeats it more often and is held to -150.
 *
 * SPDX-License-Identifier: ISC */
#include "dyn_test.h"

static const char *const kind_name[] = {"none", "bell", "low shelf", "high shelf", "low cut", "high cut"};

static biquad cookbook(const nave_dyn_eq_settings *e, long double rate)
{
    const long double a = powl(10, e->gain_db / 40.0L), w = 2 * 3.14159265358979323846264338327950288L * e->hz / rate;
    const long double alpha = sinl(w) / (2 * e->q), c = cosl(w), root = 2 * sqrtl(a) * alpha;
    long double b0, b1, b2, a0, a1, a2;
    a0 = 1 + alpha;
    a1 = -2 * c;
    a2 = 1 - alpha;
    switch (e->kind) {
    case NAVE_EQ_BELL:
        b0 = 1 + alpha * a;
        b1 = -2 * c;
        b2 = 1 - alpha * a;
        a0 = 1 + alpha / a;
        a2 = 1 - alpha / a;
        break;
    case NAVE_EQ_LOW_SHELF:
        b0 = a * ((a + 1) - (a - 1) * c + root);
        b1 = 2 * a * ((a - 1) - (a + 1) * c);
        b2 = a * ((a + 1) - (a - 1) * c - root);
        a0 = (a + 1) + (a - 1) * c + root;
        a1 = -2 * ((a - 1) + (a + 1) * c);
        a2 = (a + 1) + (a - 1) * c - root;
        break;
    case NAVE_EQ_HIGH_SHELF:
        b0 = a * ((a + 1) + (a - 1) * c + root);
        b1 = -2 * a * ((a - 1) + (a + 1) * c);
        b2 = a * ((a + 1) + (a - 1) * c - root);
        a0 = (a + 1) - (a - 1) * c + root;
        a1 = 2 * ((a - 1) - (a + 1) * c);
        a2 = (a + 1) - (a - 1) * c - root;
        break;
    case NAVE_EQ_LOW_CUT:
        b0 = b2 = (1 + c) / 2;
        b1 = -(1 + c);
        break;
    default:
        b0 = b2 = (1 - c) / 2;
        b1 = 1 - c;
        break;
    }
    return (biquad){.b0 = b0 / a0, .b1 = b1 / a0, .b2 = b2 / a0, .a1 = a1 / a0, .a2 = a2 / a0};
}

static nave_dyn_settings with_section(double rate, nave_dyn_eq_settings section, uint32_t at)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, rate);
    s.eq[at] = section;
    return s;
}

/* Error of a section, dB of full scale over its boost: what it adds to its input. */
static double section_error(const nave_dyn_settings *s, uint32_t at, const signal_q28 *in)
{
    engine e = engine_of(s, 1);
    biquad reference = cookbook(&s->eq[at], s->rate_hz);
    nave_svf z = {0};
    error_sum error = {0};
    for (size_t i = 0; i < in->frames; i++)
        error_add(&error, (long double)nave_eq_step(&e.dyn->eq[at], &z, nave_to_q44(in->word[0][i])) * 0x1p-44L,
                  biquad_step(&reference, in->word[0][i] * 0x1p-28L));
    engine_free(&e);
    const nave_dyn_eq_settings *q = &s->eq[at];
    return error_db(&error) - fmax(0, q->kind >= NAVE_EQ_LOW_CUT ? 20 * log10(q->q) : q->gain_db);
}

START_TEST(sections_are_those_of_the_cookbook)
{
    rng r = rng_for("sections");
    double worst[6] = {-400, -400, -400, -400, -400, -400};
    for (int rate = 48000; rate <= 192000; rate *= 4) {
        signal_q28 in = signal_pink(&r, 1, 30000, 0.1);
        for (uint32_t n = 0; n < cases(200); n++) {
            const nave_dyn_eq_settings e = {.kind = (nave_dyn_eq_kind)(NAVE_EQ_BELL + n % 5),
                                            .hz = 30 * pow(600, 0.5 + 0.5 * rng_signed(&r)),
                                            .q = pow(4, rng_signed(&r)),
                                            .gain_db = 18 * rng_signed(&r)};
            const uint32_t at = rng_below(&r, NAVE_DYN_SECTIONS);
            const nave_dyn_settings s = with_section(rate, e, at);
            const double error = section_error(&s, at, &in);
            worst[e.kind] = fmax(worst[e.kind], error);
            ck_assert_msg(error <= -158, "%s, %g Hz at %d, Q %g, %g dB: error %.1f dBFS", kind_name[e.kind], e.hz, rate,
                          e.q, e.gain_db, error);
        }
        signal_free(&in);
    }
    for (int k = 1; k < 6; k++)
        figure("%-10s Q 0.25 .. 4, +-18 dB, 30 Hz .. 18 kHz, 48 and 192 kHz: worst error %.1f dBFS\n", kind_name[k],
               worst[k]);
}
END_TEST

START_TEST(narrow_sections_stay_accurate)
{
    rng r = rng_for("narrow");
    double worst = -400;
    for (int rate = 48000; rate <= 192000; rate *= 4)
        for (double q = 10; q <= 40; q *= 2)
            for (double hz = 30; hz < 20000; hz *= 5)
                for (double gain_db = -18; gain_db <= 18; gain_db += 36) {
                    const nave_dyn_settings s =
                        with_section(rate, (nave_dyn_eq_settings){NAVE_EQ_BELL, hz, q, gain_db}, 0);
                    signal_q28 in = signal_pink(&r, 1, 60000, 0.1);
                    worst = fmax(worst, section_error(&s, 0, &in));
                    ck_assert_msg(worst <= -150, "bell of Q %g at %g Hz of %d, %g dB: error %.1f dBFS", q, hz, rate,
                                  gain_db, worst);
                    signal_free(&in);
                }
    figure("bells of Q 10 .. 40: worst error %.1f dBFS\n", worst);
}
END_TEST

START_TEST(a_full_scale_tone_at_the_peak_of_a_narrow_bell_is_not_limited_inside)
{
    for (int rate = 48000; rate <= 192000; rate *= 4)
        for (double hz = 100; hz < 20000; hz *= 4)
            for (double gain_db = -12; gain_db <= 12; gain_db += 6) {
                const nave_dyn_settings s =
                    with_section(rate, (nave_dyn_eq_settings){NAVE_EQ_BELL, hz, 40, gain_db}, 0);
                signal_q28 in = signal_sine(1, (size_t)(60.0 * 40 / hz * rate) / 20, hz, rate, 0.99, 0);
                const double error = section_error(&s, 0, &in);
                ck_assert_msg(error < -120, "bell of Q 40 at %g Hz of %d, %g dB: error %.1f dBFS", hz, rate, gain_db,
                              error);
                signal_free(&in);
            }
}
END_TEST

START_TEST(sections_near_the_top_take_noise_of_full_scale)
{
    /* at half the rate the words inside are 1 + k g + g^2 times the signal */
    rng r = rng_for("top");
    signal_q28 in = signal_noise(&r, 1, 20000, 1.0);
    double worst = -400;
    for (int kind = NAVE_EQ_BELL; kind <= NAVE_EQ_HIGH_CUT; kind++)
        for (double f = 0.2; f < 0.461; f += 0.02)
            for (double q = 0.3; q < 5; q *= 2)
                for (double gain_db = -12; gain_db <= 12; gain_db += 12) {
                    const nave_dyn_settings s =
                        with_section(48000, (nave_dyn_eq_settings){kind, f * 48000, q, gain_db}, 0);
                    const double error = section_error(&s, 0, &in);
                    worst = fmax(worst, error);
                    ck_assert_msg(error < -120, "%s at %g of the rate, Q %g, %g dB: error %.1f dBFS", kind_name[kind],
                                  f, q, gain_db, error);
                }
    figure("0.2 .. 0.46 of the rate, white noise of full scale: worst error %.1f dBFS\n", worst);
    signal_free(&in);
}
END_TEST

START_TEST(sections_follow_each_other)
{
    rng r = rng_for("chain");
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, 48000);
    biquad reference[NAVE_DYN_SECTIONS];
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++) {
        s.eq[i] = (nave_dyn_eq_settings){(nave_dyn_eq_kind)(NAVE_EQ_BELL + i % 5), 60 * pow(2, i), 0.7 + 0.1 * i,
                                         i % 2 ? 4 : -4};
        reference[i] = cookbook(&s.eq[i], 48000);
    }
    s.dc_filter_hz = 5;
    biquad dc = cookbook(&(nave_dyn_eq_settings){NAVE_EQ_LOW_CUT, 5, sqrt(0.5), 0}, 48000);
    signal_q28 in = signal_pink(&r, 1, 60000, 0.3);
    engine e = engine_of(&s, 1);
    signal_q28 out = engine_play(&e, &in, NULL);
    error_sum error = {0};
    for (size_t i = 0; i + e.latency < in.frames; i++) {
        long double x = in.word[0][i] * 0x1p-28L;
        for (uint32_t k = 0; k < NAVE_DYN_SECTIONS; k++)
            x = biquad_step(&reference[k], x);
        error_add(&error, out.word[0][i + e.latency] * 0x1p-28L, biquad_step(&dc, x));
    }
    figure("eight sections and the DC filter: error %.1f dBFS\n", error_db(&error));
    ck_assert_double_lt(error_db(&error), -160);
    engine_free(&e);
    signal_free(&in);
    signal_free(&out);
}
END_TEST

START_TEST(direct_current_goes_and_silence_comes)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, 192000);
    s.dc_filter_hz = 5;
    engine e = engine_of(&s, 1);
    signal_q28 in = signal_new(1, 192000 * 3);
    for (size_t i = 0; i < in.frames; i++)
        in.word[0][i] = q28(0.25);
    signal_q28 out = engine_play(&e, &in, NULL);
    int32_t left = 0;
    for (size_t i = in.frames - 20000; i < in.frames; i++)
        left = abs(out.word[0][i]) > left ? abs(out.word[0][i]) : left;
    figure("DC of 0.25 at 192 kHz through 5 Hz: %d of 2^-28 after 3 s\n", left);
    ck_assert_int_le(left, 32);
    engine_free(&e);
    signal_free(&in);
    signal_free(&out);
}
END_TEST

START_TEST(a_flat_section_gives_its_input)
{
    rng r = rng_for("flat");
    for (int kind = NAVE_EQ_BELL; kind <= NAVE_EQ_HIGH_SHELF; kind++) {
        const nave_dyn_settings s = with_section(48000, (nave_dyn_eq_settings){kind, 900, 1.3, 0}, 3);
        engine e = engine_of(&s, 1);
        nave_svf z = {0};
        for (int i = 0; i < 5000; i++) {
            const int64_t x = (int64_t)rng_next(&r) >> 16;
            ck_assert_int_eq(nave_eq_step(&e.dyn->eq[3], &z, x), x);
        }
        engine_free(&e);
    }
}
END_TEST

int main(int argc, char **argv)
{
    figures_asked(argc, argv);
    return RUN_TESTS("dyn equaliser", 60, sections_are_those_of_the_cookbook, narrow_sections_stay_accurate,
                     a_full_scale_tone_at_the_peak_of_a_narrow_bell_is_not_limited_inside,
                     sections_near_the_top_take_noise_of_full_scale, sections_follow_each_other,
                     direct_current_goes_and_silence_comes, a_flat_section_gives_its_input);
}
