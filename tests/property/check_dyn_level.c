/* Levels, detectors and timing: logarithms against libm, averages against exact integers, times against their
 * definition.
 *
 * Definitions. Attack and release: the time in which the gain covers 1 - 1/e of a step, in dB. Hold: the time from the
 * last attack to the start of a release. Averaging time of RMS (low-pass): the time in which the mean of x^2 (of |x|)
 * covers 1 - 1/e of a step.
 *
 * SPDX-License-Identifier: ISC */
#include "dyn_test.h"

#define TABLE_BOUND_DB 0.0001
#define TIME_BOUND 0.01

static double db_of(int32_t q25)
{
    return q25 / NAVE_Q25_DB;
}

START_TEST(log2_is_right_for_every_chord_and_length)
{
    double worst = 0;
    for (uint32_t i = 0; i < 1u << 23; i++) { /* every chord at 32768 points */
        const uint64_t v = (INT64_C(1) << 31) + ((uint64_t)i << 8 | (i * 2654435761u) >> 24);
        worst = fmax(worst, fabs(nave_log2_q25(v) * 0x1p-25 - log2((double)v)));
    }
    rng r = rng_for("log2");
    for (uint32_t i = 0; i < 2000000; i++) {
        const uint64_t v = rng_next(&r) >> rng_below(&r, 64);
        worst = fmax(worst, fabs(nave_log2_q25(v) * 0x1p-25 - (v ? log2((double)v) : 0)));
    }
    for (unsigned n = 0; n < 64; n++) {
        ck_assert_int_eq(nave_log2_q25(UINT64_C(1) << n), (int32_t)(n << 25));
        ck_assert_int_ge(nave_log2_q25((UINT64_C(2) << n) - 1),
                         (int32_t)(n << 25)); /* no wrap at the top of a length */
    }
    figure("log2: worst error %.2e dB\n", worst * 20 * log10(2));
    ck_assert_double_lt(worst * 20 * log10(2), TABLE_BOUND_DB);
}
END_TEST

START_TEST(exp2_is_right_for_every_fraction)
{
    double worst = 0;
    for (int32_t i = 0; i < 1 << 25; i++) {
        const nave_coef c = nave_exp2_q25(i);
        if (c.shift != 30 || c.mantissa < 1 << 30) /* an assertion each would take minutes */
            ck_abort_msg("2^(%d / 2^25) is %d / 2^%u", i, c.mantissa, c.shift);
        worst = fmax(worst, fabs(c.mantissa * 0x1p-30 / exp2(i * 0x1p-25) - 1));
    }
    for (int octave = -64; octave < 64; octave++)
        for (int k = 0; k < 997; k++) {
            const int32_t level = (int32_t)((int64_t)octave * (1 << 25) + k * 33653);
            const nave_coef c = nave_exp2_q25(level), same = nave_exp2_q25(level & 0x1ffffff);
            const int shown = octave > 13 ? 13 : octave;
            if (octave <= 13)
                ck_assert_int_eq(c.mantissa, octave < -32 ? 0 : same.mantissa);
            ck_assert(octave < -32 ? c.mantissa == 0 : c.shift == (uint32_t)(30 - shown));
        }
    figure("exp2: worst error %.2e dB, all 2^25 fractions\n", 20 * log10(1 + worst));
    ck_assert_double_lt(20 * log10(1 + worst), TABLE_BOUND_DB);
}
END_TEST

/* num / 2^shift to nearest even, by the textbook. */
static __int128 exact_round(__int128 v, unsigned shift)
{
    const __int128 unit = (__int128)1 << shift, floor = v >> shift, rest = v - floor * unit, half = unit >> 1;
    return floor + (shift && (rest > half || (rest == half && (floor & 1))));
}

START_TEST(a_wide_average_is_rounded_once)
{
    rng r = rng_for("average");
    for (uint32_t i = 0; i < 100000; i++) {
        const nave_coef a = {(int32_t)((1u << 30) | (rng_next(&r) >> 34)), 31 + rng_below(&r, 32)};
        int64_t y = (int64_t)(rng_next(&r) >> 4) >> rng_below(&r, 60),
                target = (int64_t)(rng_next(&r) >> 4) >> rng_below(&r, 60);
        if (i % 4 == 0) { /* ties: a difference whose product ends on half */
            y = 0;
            target = (INT64_C(1) << (a.shift - 31 > 58 ? 58 : a.shift - 31)) * (int64_t)(1 + rng_below(&r, 3));
        }
        const nave_coef used = i % 4 ? a : (nave_coef){1 << 30, a.shift};
        const int64_t expected = y + (int64_t)exact_round((__int128)(target - y) * used.mantissa, used.shift);
        ck_assert_msg(nave_approach_wide(y, target, used) == expected, "from %lld to %lld by %d / 2^%u", (long long)y,
                      (long long)target, used.mantissa, used.shift);
    }
    ck_assert_int_eq(nave_approach_wide(5, INT64_C(1) << 60, nave_coef_of(INT64_C(1) << 52)), INT64_C(1) << 60);
    ck_assert_int_eq(nave_approach_wide(INT64_C(1) << 60, 0, nave_coef_of(0)), INT64_C(1) << 60);
}
END_TEST

START_TEST(coefficients_keep_31_bits)
{
    rng r = rng_for("coefficients");
    for (uint32_t i = 0; i < 100000; i++) {
        const int64_t v = (int64_t)rng_next(&r) >> (2 + rng_below(&r, 58));
        const nave_coef c = nave_coef_of(v);
        const double is = ldexp(c.mantissa, -(int)c.shift), should = ldexp((double)v, -52);
        ck_assert_uint_le(c.shift, 62);
        ck_assert_uint_ge(c.shift, 20);
        if (fabs(should) < 0x1p-31) {
            ck_assert_msg(is == 0 || fabs(is - should) <= 0x1p-62, "%g became %g", should, is);
        } else {
            ck_assert_uint_ge(nave_magnitude32(c.mantissa), 1u << 30);
            ck_assert_msg(fabs(is - should) <= 0x1p-31 * fabs(should), "%g became %g", should, is);
        }
    }
}
END_TEST

START_TEST(gains_are_rounded_once_and_limited)
{
    rng r = rng_for("gains");
    ck_assert_int_eq(nave_scale(INT32_MIN, nave_exp2_q25(0)), INT32_MIN);
    for (uint32_t i = 0; i < 100000; i++) {
        const int32_t x = (int32_t)(rng_next(&r) >> 32) >> rng_below(&r, 30);
        const nave_coef g = nave_exp2_q25((int32_t)(rng_next(&r) >> 32));
        __int128 y = exact_round((__int128)x * g.mantissa, g.shift);
        y = y > INT32_MAX ? INT32_MAX : y < INT32_MIN ? INT32_MIN : y;
        ck_assert_int_eq(nave_scale(x, g), (int32_t)y);
        ck_assert_int_eq(nave_scale(x, nave_exp2_q25(0)), x);
        ck_assert_int_eq(nave_scale_q30(x, NAVE_ONE_Q30), x);
    }
}
END_TEST

START_TEST(detectors_read_the_level_they_name)
{
    double worst = 0;
    for (double db = -90; db <= 12; db += 0.37) { /* a constant magnitude: peak, RMS and mean agree */
        const int32_t x = q28(pow(10, db / 20));
        const double true_db = 20 * log10(x * 0x1p-28);
        for (uint32_t kind = NAVE_DETECT_PEAK; kind <= NAVE_DETECT_LOW_PASS; kind++) {
            int64_t average = 0;
            int32_t level = 0;
            for (int i = 0; i < 2000; i++)
                level = nave_detect(kind, nave_coef_of(nave_dyn_q52(nave_dyn_share(0.001, 48000))), &average,
                                    i % 2 ? x : -x);
            worst = fmax(worst, fabs(db_of(level) - true_db));
        }
    }
    figure("detectors: worst error of a steady level from -90 to 12 dBFS %.2e dB\n", worst);
    ck_assert_double_lt(worst, 0.0005); /* at -90 dBFS the words themselves are 2^-28 */

    /* a sine: RMS 3.01 dB, mean 3.92 dB below its peak */
    int64_t power = 0, mean = 0;
    const nave_coef share = nave_coef_of(nave_dyn_q52(nave_dyn_share(0.2, 48000)));
    int32_t rms = 0, low = 0;
    for (int i = 0; i < 48000 * 4; i++) {
        const int32_t x = q28(0.5 * sin(2 * M_PI * 997 * i / 48000.0));
        rms = nave_detect(NAVE_DETECT_RMS, share, &power, x);
        low = nave_detect(NAVE_DETECT_LOW_PASS, share, &mean, x);
    }
    ck_assert_double_eq_tol(db_of(rms), 20 * log10(0.5 / sqrt(2)), 0.01);
    ck_assert_double_eq_tol(db_of(low), 20 * log10(0.5 * 2 / M_PI), 0.01);
    /* every word, the lowest included, has a level */
    for (uint32_t kind = NAVE_DETECT_PEAK; kind <= NAVE_DETECT_LOW_PASS; kind++) {
        int64_t average = 0;
        ck_assert_double_eq_tol(db_of(nave_detect(kind, nave_coef_of(INT64_C(1) << 52), &average, INT32_MIN)),
                                20 * log10(8), 1e-3);
        ck_assert_double_lt(db_of(nave_detect(kind, nave_coef_of(INT64_C(1) << 52), &average, 0)), -160);
    }
}
END_TEST

static nave_dyn_settings one_curve(double rate, nave_dyn_curve_settings c)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, rate);
    s.band[0].curve[0] = c;
    return s;
}

static nave_curve curve_of(double rate, nave_dyn_curve_settings c)
{
    const nave_dyn_settings s = one_curve(rate, c);
    engine e = engine_of(&s, 1);
    const nave_curve curve = e.dyn->band[0].curve[0];
    engine_free(&e);
    return curve;
}

/* Frames until the gain has covered 1 - 1/e of the way to where the level leads. */
static double time_of(const nave_curve *c, nave_envelope *z, double level_db)
{
    const int32_t level = nave_dyn_level(level_db);
    const double from = db_of((int32_t)(z->fast >> 18)), to = db_of(nave_curve_gain(c, level, 0));
    const double mark = from + (to - from) * (1 - exp(-1));
    double before = from;
    ck_assert_double_gt(fabs(to - from), 1);
    for (uint32_t n = 0; n < 4000000; n++) {
        const double now = db_of(nave_envelope_step(c, z, level));
        if (to > from ? now >= mark : now <= mark)
            return n + 1 - (now - mark) / (now - before + 1e-300) * (fabs(now - mark) > 1e-6);
        before = now;
    }
    return INFINITY;
}

START_TEST(attack_and_release_take_their_time)
{
    static const double time_s[] = {0, 0.0001, 0.001, 0.01, 0.1, 0.5, 2, 5};
    double worst = 0;
    for (int rate = 44100; rate <= 192000; rate = rate == 44100 ? 192000 : rate + 1)
        for (int up = 0; up < 2; up++)
            for (size_t i = 0; i < sizeof(time_s) / sizeof(*time_s); i++)
                for (int k = 0; k < 2; k++) {
                    const nave_dyn_curve_settings base = {.kind = up ? NAVE_CURVE_EXPAND : NAVE_CURVE_COMPRESS,
                                                          .threshold_db = -30,
                                                          .ratio = 4,
                                                          .range_db = 60,
                                                          .attack_s = k ? 0 : fmin(time_s[i], 2),
                                                          .release_s = k ? time_s[i] : 0};
                    const nave_curve c = curve_of(rate, base);
                    const double attack_level = up ? -20 : 0, release_level = up ? -45 : -60;
                    nave_envelope z;
                    nave_envelope_start(&c, &z);
                    for (int n = 0; n < 10; n++) /* settled where the step begins */
                        nave_envelope_step(&c, &z, nave_dyn_level(k ? attack_level : release_level));
                    const double frames = time_of(&c, &z, k ? release_level : attack_level);
                    const double wanted = (k ? base.release_s : base.attack_s) * rate;
                    const double off = fabs(frames - wanted) - 1; /* a frame is the grid */
                    worst = fmax(worst, off / fmax(wanted, 1));
                    ck_assert_msg(off <= TIME_BOUND * wanted, "%s of %g s at %d Hz: %g frames instead of %g",
                                  k ? "release" : "attack", wanted / rate, rate, frames, wanted);
                }
    figure("attack and release, 0 .. 5 s, 44.1 and 192 kHz: at most %.4f %% off the definition beyond a frame\n",
           100 * fmax(worst, 0));
}
END_TEST

START_TEST(a_release_of_5_s_at_192_khz_follows_the_exponential_to_its_end)
{
    const nave_curve c = curve_of(
        192000,
        (nave_dyn_curve_settings){
            .kind = NAVE_CURVE_COMPRESS, .threshold_db = -40, .ratio = INFINITY, .range_db = 60, .release_s = 5});
    nave_envelope z;
    double worst = 0;
    nave_envelope_start(&c, &z);
    ck_assert_double_eq_tol(db_of(nave_envelope_step(&c, &z, 0)), -40, 1e-6);
    for (uint32_t n = 1; n <= 192000 * 15; n++) {
        const double now = db_of(nave_envelope_step(&c, &z, nave_dyn_level(-80)));
        if (n % 1000 == 0)
            worst = fmax(worst, fabs(now + 40 * exp(-(double)n / (5 * 192000.0))));
    }
    figure("release of 5 s at 192 kHz, from -40 dB over 15 s: at most %.2e dB off\n", worst);
    ck_assert_double_lt(worst, 0.0005);
}
END_TEST

START_TEST(averages_take_their_time)
{
    for (uint32_t kind = NAVE_DETECT_RMS; kind <= NAVE_DETECT_LOW_PASS; kind++)
        for (int rate = 48000; rate <= 192000; rate *= 4)
            for (double seconds = 0.001; seconds <= 1; seconds *= 10) {
                const nave_coef share = nave_coef_of(nave_dyn_q52(nave_dyn_share(seconds, rate)));
                int64_t average = 0;
                const double mark = (1 - exp(-1)) * 0x1p54;
                uint32_t n = 0;
                while ((double)average < mark && n < 10000000) {
                    nave_detect(kind, share, &average, n % 2 ? FULL_SCALE : -FULL_SCALE);
                    n++;
                }
                ck_assert_msg(fabs(n - seconds * rate) <= 1 + TIME_BOUND * seconds * rate,
                              "kind %u, %g s at %d Hz: %u frames", kind, seconds, rate, n);
            }
}
END_TEST

START_TEST(hold_delays_the_release_and_nothing_else)
{
    const double rate = 48000;
    nave_dyn_curve_settings base = {.kind = NAVE_CURVE_COMPRESS,
                                    .threshold_db = -20,
                                    .ratio = 4,
                                    .range_db = 60,
                                    .attack_s = 0.001,
                                    .release_s = 0.05,
                                    .hold_s = 0.1};
    const nave_curve held = curve_of(rate, base);
    base.hold_s = 0;
    const nave_curve plain = curve_of(rate, base);
    nave_envelope a, b;
    nave_envelope_start(&held, &a);
    nave_envelope_start(&plain, &b);
    int32_t top = 0;
    for (int i = 0; i < 3000; i++) { /* the attack is the same */
        top = nave_envelope_step(&held, &a, 0);
        ck_assert_int_eq(top, nave_envelope_step(&plain, &b, 0));
    }
    for (int i = 0; i < 4800; i++)
        ck_assert_int_eq(nave_envelope_step(&held, &a, nave_dyn_level(-60)), top);
    for (int i = 0; i < 20000; i++) /* and so is the release, 0.1 s later */
        ck_assert_int_eq(nave_envelope_step(&held, &a, nave_dyn_level(-60)),
                         nave_envelope_step(&plain, &b, nave_dyn_level(-60)));
    ck_assert_int_gt((int32_t)(a.fast >> 18), nave_dyn_level(-0.01));
}
END_TEST

START_TEST(auto_release_is_quick_after_a_hit_and_slow_after_a_stretch)
{
    nave_dyn_curve_settings base = {.kind = NAVE_CURVE_COMPRESS,
                                    .threshold_db = -20,
                                    .ratio = 4,
                                    .range_db = 60,
                                    .attack_s = 0.001,
                                    .release_s = 0.1,
                                    .auto_release = 1};
    const double rate = 48000;
    const nave_curve c = curve_of(rate, base);
    double half_s[2];
    for (int stretch = 0; stretch < 2; stretch++) {
        nave_envelope z;
        int32_t top = 0, n = 0;
        nave_envelope_start(&c, &z);
        for (int i = 0; i < (stretch ? 96000 : 480); i++)
            top = nave_envelope_step(&c, &z, 0);
        while (nave_envelope_step(&c, &z, nave_dyn_level(-60)) < top / 2)
            n++;
        half_s[stretch] = n / rate;
    }
    figure("auto release of 0.1 s: half of the reduction is gone after %.3f s (hit of 10 ms), %.3f s (2 s)\n",
           half_s[0], half_s[1]);
    ck_assert_double_eq_tol(half_s[0], 0.1 * log(2), 0.1 * log(2) * TIME_BOUND);
    ck_assert_double_eq_tol(half_s[1], 0.5 * log(2), 0.5 * log(2) * TIME_BOUND);
}
END_TEST

int main(int argc, char **argv)
{
    figures_asked(argc, argv);
    return RUN_TESTS("dyn level", 60, log2_is_right_for_every_chord_and_length, exp2_is_right_for_every_fraction,
                     a_wide_average_is_rounded_once, coefficients_keep_31_bits, gains_are_rounded_once_and_limited,
                     detectors_read_the_level_they_name, attack_and_release_take_their_time,
                     a_release_of_5_s_at_192_khz_follows_the_exponential_to_its_end, averages_take_their_time,
                     hold_delays_the_release_and_nothing_else,
                     auto_release_is_quick_after_a_hit_and_slow_after_a_stretch);
}
