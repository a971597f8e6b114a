/* The meters beside a render: the short way to the true peak gives the long way's result.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/measure.h"
#include <check.h>
#include <ebur128.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nave_text why;

static uint64_t seed(void)
{
    const char *given = getenv("NAVE_SEED");
    return given ? strtoull(given, NULL, 0) : 777;
}

static double noise(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (double)(int32_t)(*s >> 32) * 0x1p-31;
}

/* The meters in uneven blocks against one plain run of libebur128. */
static void compare(const float *x, size_t frames, uint32_t channels, uint32_t rate_hz, uint64_t *s)
{
    nave_measure *m;
    double peak, top, loudness, expected_peak = 0, expected_top = 0, expected_loudness;
    ck_assert_int_eq(nave_measure_open(&m, NAVE_WORD_FLOAT, channels, rate_hz, &why), NAVE_OK);
    int32_t *words = malloc(frames * channels * sizeof *words);
    memcpy(words, x, frames * channels * sizeof *words);
    for (size_t at = 0; at < frames;) {
        size_t n = 1 + (size_t)(fabs(noise(s)) * 9000);
        n = n < frames - at ? n : frames - at;
        nave_measure_add(m, words + at * channels, n);
        at += n;
    }
    ck_assert_int_eq(nave_measure_result(m, &peak, &top, &loudness, &why), NAVE_OK);
    nave_measure_close(m);
    free(words);

    ebur128_state *plain = ebur128_init(channels, rate_hz, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
    ck_assert_int_eq(ebur128_add_frames_float(plain, x, frames), EBUR128_SUCCESS);
    for (uint32_t c = 0; c < channels; c++) {
        double v;
        ebur128_sample_peak(plain, c, &v);
        expected_peak = fmax(expected_peak, v);
        ebur128_true_peak(plain, c, &v);
        expected_top = fmax(expected_top, v);
    }
    ck_assert_int_eq(ebur128_loudness_global(plain, &expected_loudness), EBUR128_SUCCESS);
    ebur128_destroy(&plain);
    ck_assert_double_eq_tol(peak, 20 * log10(expected_peak), 1e-6);
    ck_assert_double_eq_tol(top, 20 * log10(expected_top), 1e-6);
    ck_assert(loudness == expected_loudness || fabs(loudness - expected_loudness) < 1e-9); /* both may be -inf */
}

START_TEST(meters_agree_with_a_plain_run)
{
    static const uint32_t rates[] = {44100, 48000, 96000, 192000};
    uint64_t s = seed();
    enum { frames = 60000 };
    float *x = malloc(frames * 3 * sizeof *x);
    for (int material = 0; material < 4; material++)
        for (uint32_t channels = 1; channels <= 3; channels++) {
            for (size_t i = 0; i < frames * channels; i++) {
                const double t = (double)(i / channels);
                x[i] = (float)(material == 0   ? noise(&s) * 0.3
                               : material == 1 ? 0.5 * sin(t * M_PI / 2 + M_PI / 4) * sin(t / 3000)
                               : material == 2 ? noise(&s) * exp(-t / 900)
                                               : (i % 7001 == 3 ? noise(&s) : 0));
            }
            compare(x, frames, channels, rates[material], &s);
        }
    free(x);
}
END_TEST

START_TEST(a_quarter_rate_sine_shows_its_true_peak)
{
    enum { frames = 48000 };
    nave_measure *m;
    double peak, top, loudness;
    int32_t *words = malloc(frames * sizeof *words);
    for (int i = 0; i < frames; i++)
        words[i] = (int32_t)lrint(16384 * sin(i * M_PI / 2 + M_PI / 4) * fmin(1, i / 4800.0));
    ck_assert_int_eq(nave_measure_open(&m, NAVE_WORD_PCM16, 1, 48000, &why), NAVE_OK);
    nave_measure_add(m, words, frames);
    ck_assert_int_eq(nave_measure_result(m, &peak, &top, &loudness, &why), NAVE_OK);
    nave_measure_close(m);
    free(words);
    ck_assert_double_eq_tol(peak, -9.03, 0.01);
    ck_assert_double_eq_tol(top, -6.02, 0.2);
}
END_TEST

START_TEST(silence_is_minus_infinity)
{
    nave_measure *m;
    double peak, top, loudness;
    int32_t *words = calloc(48000 * 2, sizeof *words);
    ck_assert_int_eq(nave_measure_open(&m, NAVE_WORD_PCM24, 2, 48000, &why), NAVE_OK);
    nave_measure_add(m, words, 48000);
    ck_assert_int_eq(nave_measure_result(m, &peak, &top, &loudness, &why), NAVE_OK);
    nave_measure_close(m);
    free(words);
    ck_assert(peak == -INFINITY && top == -INFINITY && loudness == -INFINITY);
    ck_assert_int_eq(nave_measure_open(&m, NAVE_WORD_PCM24, 2, 48000, &why), NAVE_OK);
    nave_measure_close(m); /* nothing measured, nothing hangs */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("measure");
    TCase *tc = tcase_create("measure");
    printf("NAVE_SEED=%llu\n", (unsigned long long)seed());
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, meters_agree_with_a_plain_run);
    tcase_add_test(tc, a_quarter_rate_sine_shows_its_true_peak);
    tcase_add_test(tc, silence_is_minus_infinity);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
