/* Settings of the dynamics: what is outside its range is refused with a sentence that names it, what is inside is
 * taken.
 *
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/dyn_coefficients.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static nave_dyn_settings plain(void)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, 48000);
    s.bands = 4;
    s.lookahead_s = 0.01;
    return s;
}

static int dials(const nave_dyn_settings *s, nave_text *why)
{
    int64_t dial[NAVE_DIALS];
    return nave_dyn_dials(s, dial, why);
}

/* Sets a double of the settings to each value; word: what the sentence must have. */
static void refuses(size_t offset, double bad, double good, const char *word)
{
    nave_dyn_settings s = plain();
    nave_text why = {""};
    double *field = (double *)((char *)&s + offset);
    *field = bad;
    ck_assert_msg(dials(&s, &why) == NAVE_E_ARG, "%s of %g was taken", word, bad);
    ck_assert_msg(strstr(why.text, word) != NULL, "\"%s\" does not say %s", why.text, word);
    *field = good;
    ck_assert_msg(dials(&s, &why) == NAVE_OK, "%s of %g: %s", word, good, why.text);
    *field = NAN;
    ck_assert_int_eq(dials(&s, NULL), NAVE_E_ARG);
}

#define AT(field) offsetof(nave_dyn_settings, field)

START_TEST(each_setting_is_refused_outside_its_range)
{
    refuses(AT(rate_hz), 7999, 384000, "sample rate");
    refuses(AT(wet), 1.1, 0, "wet");
    refuses(AT(output_db), 61, 60, "output gain");
    refuses(AT(lookahead_s), 0.021, 0.02, "look-ahead");
    refuses(AT(dc_filter_hz), -1, 5, "DC filter");
    refuses(AT(ceiling_db), 13, -60, "ceiling");
    refuses(AT(limiter_release_s), -0.1, 0, "release of the limiter");
    refuses(AT(limiter_lookahead_s), 0.03, 0, "look-ahead of the limiter");
    refuses(AT(crossover_hz[1]), 4, 48000, "crossover 2");
    refuses(AT(eq[7].hz), 1, 20, "frequency of equaliser section 8");
    refuses(AT(eq[0].q), 0.05, 40, "Q of equaliser section 1");
    refuses(AT(eq[3].gain_db), -31, -30, "gain of equaliser section 4");
    refuses(AT(band[3].average_s), 6, 5, "averaging time of band 4");
    refuses(AT(band[0].link), -0.1, 0.5, "link of band 1");
    refuses(AT(band[0].lookahead_s), 0.011, 0.01, "look-ahead of band 1");
    refuses(AT(band[1].low_cut_hz), 24000, 200, "low cut of the side-chain of band 2");
    refuses(AT(band[1].high_cut_hz), 24000, 200, "high cut of the side-chain of band 2");
    refuses(AT(band[2].makeup_db), 70, -60, "makeup of band 3");
    refuses(AT(band[2].wet), 2, 0, "wet of band 3");
    refuses(AT(band[2].width), 2.1, 2, "width of band 3");
    refuses(AT(band[1].curve[2].threshold_db), 21, -120, "threshold of band 2");
    refuses(AT(band[1].curve[0].ratio), 0.9, INFINITY, "ratio of band 2");
    refuses(AT(band[1].curve[0].knee_db), -1, 72, "knee of band 2");
    refuses(AT(band[1].curve[0].range_db), 121, 0, "range of band 2");
    refuses(AT(band[1].curve[0].hysteresis_db), -1, 3, "hysteresis of band 2");
    refuses(AT(band[1].curve[0].attack_s), 2.1, 2, "attack of band 2");
    refuses(AT(band[1].curve[0].hold_s), 6, 5, "hold of band 2");
    refuses(AT(band[1].curve[0].release_s), 5.1, 5, "release of band 2");
}
END_TEST

START_TEST(counts_and_kinds_are_checked)
{
    nave_text why = {""};
    nave_dyn_shape shape;
    nave_dyn_settings s = plain();
    s.bands = 9;
    ck_assert_int_eq(dials(&s, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "bands"));
    s = plain();
    s.slope_db = 12;
    ck_assert_int_eq(dials(&s, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "24 or 48"));
    s = plain();
    s.band[0].detector = 3;
    ck_assert_int_eq(dials(&s, &why), NAVE_E_ARG);
    s = plain();
    s.band[0].curve[0].kind = NAVE_CURVE_EXPAND;
    s.band[0].curve[0].ratio = 51;
    ck_assert_int_eq(dials(&s, &why), NAVE_E_ARG);
    s = plain();
    s.eq[0].kind = (nave_dyn_eq_kind)(NAVE_EQ_HIGH_CUT + 1);
    ck_assert_int_eq(dials(&s, &why), NAVE_E_ARG);
    s = plain();
    ck_assert_int_eq(nave_dyn_shape_of(&s, 3, &shape, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "channels"));
    ck_assert_int_eq(nave_dyn_shape_of(&s, 2, &shape, &why), NAVE_OK);
    ck_assert_uint_eq(nave_dyn_latency(&shape), 480 + 72 + 20);
}
END_TEST

START_TEST(changes_name_what_differs_and_jump_what_has_no_between)
{
    int64_t a[NAVE_DIALS], b[NAVE_DIALS];
    nave_dyn_event event[NAVE_DIALS];
    nave_dyn_settings s = plain();
    ck_assert_int_eq(nave_dyn_dials(&s, a, NULL), NAVE_OK);
    ck_assert_uint_eq(nave_dyn_changes(a, a, 7, 100, event), 0);
    s.band[2].curve[1].threshold_db = -31;
    s.band[2].detector = NAVE_DETECT_RMS;
    s.mid_side = 1;
    ck_assert_int_eq(nave_dyn_dials(&s, b, NULL), NAVE_OK);
    const size_t n = nave_dyn_changes(a, b, 7, 100, event);
    ck_assert_uint_eq(n, 3);
    for (size_t i = 0; i < n; i++) {
        const int moves = event[i].dial == NAVE_DIAL_BAND + 2 * 64 + NAVE_BAND_CURVE + 16 + NAVE_CURVE_THRESHOLD;
        ck_assert_uint_eq(event[i].ramp_frames, moves ? 100 : 0);
        ck_assert_uint_eq(event[i].frame, 7);
        ck_assert_int_eq(event[i].value, b[event[i].dial]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dyn coefficients");
    TCase *tc = tcase_create("dyn coefficients");
    tcase_add_test(tc, each_setting_is_refused_outside_its_range);
    tcase_add_test(tc, counts_and_kinds_are_checked);
    tcase_add_test(tc, changes_name_what_differs_and_jump_what_has_no_between);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
