/* Devices and streams as an interface: every call in every state, with arguments that cannot be.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/convert.h"
#include "../property/property.h"

static nave_ir *ir;
static nave_plan *offline, *live;
static nave_device *dev;
static rng r;

static void setup(void)
{
    r = rng_for("stream");
    ir = ir_mono(&r, 500);
    offline = plan_offline(ir, 2, 64, 2);
    live = plan_live(ir, 2, 64);
    dev = device(NULL);
}

static void teardown(void)
{
    nave_close(dev);
    nave_plan_free(offline);
    nave_plan_free(live);
    nave_ir_free(ir);
}

START_TEST(device_specs_that_cannot_be_are_refused_by_name)
{
    static const struct {
        const char *spec;
        int err;
        const char *word;
    } bad[] = {{"usb:serial=none-such", NAVE_E_DEVICE, "none-such"},
               {"usb:colour=red", NAVE_E_ARG, "colour"},
               {"modell:", NAVE_E_DEVICE, "modell"},
               {"mode:", NAVE_E_DEVICE, "mode:"},
               {":", NAVE_E_DEVICE, ":"},
               {"model:board=", NAVE_E_ARG, "board"},
               {"model:board=xilinx", NAVE_E_ARG, "xilinx"},
               {"model:isa=z80", NAVE_E_ARG, "z80"},
               {"model:isa", NAVE_E_ARG, "isa"},
               {"model:colour=red", NAVE_E_ARG, "colour"},
               {"model:isa=c,board=none", NAVE_E_ARG, "none"},
               {"model:isa=c,,board", NAVE_E_ARG, "board"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nave_device *none = NULL;
        nave_text why = {""};
        const int err = nave_open(&none, bad[i].spec, &why);
        ck_assert_msg(err == bad[i].err && none == NULL && strstr(why.text, bad[i].word), "'%s': %s, '%s'", bad[i].spec,
                      nave_strerror(err), why.text);
        ck_assert_int_eq(nave_open(&none, bad[i].spec, NULL), err);
    }
    char longest[400] = "model:board=";
    memset(longest + 12, 'x', 300);
    nave_device *none = NULL;
    nave_text why = {""};
    ck_assert_int_eq(nave_open(&none, longest, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "128") ? strstr(why.text, "128") : strstr(why.text, "127"));
    ck_assert_int_eq(nave_open(NULL, "model:", &why), NAVE_E_ARG);
}
END_TEST

START_TEST(a_device_tells_what_its_spec_says)
{
    static const char *const boards[] = {"model", "cynthion", "ulx3s"};
    for (int i = 0; i < 3; i++) {
        char spec[64];
        nave_card_limits limits;
        nave_device_info info;
        snprintf(spec, sizeof(spec), "model:board=%s,isa=c", boards[i]);
        nave_device *d = device(spec);
        ck_assert_int_eq(nave_device_get_info(d, &info), NAVE_OK);
        ck_assert_int_eq(nave_board_limits(boards[i], &limits), NAVE_OK);
        ck_assert_str_eq(info.limits.board, boards[i]);
        ck_assert_uint_eq(info.limits.ram_bytes, limits.ram_bytes);
        ck_assert_uint_eq(info.limits.lanes, limits.lanes);
        ck_assert_uint_eq(info.limits.clock_hz, limits.clock_hz);
        ck_assert_uint_eq(info.limits.max_partition_frames, limits.max_partition_frames);
        ck_assert_str_eq(info.isa, "c");
        ck_assert_str_eq(info.spec, spec);
        nave_close(d);
    }
    nave_card_limits limits;
    ck_assert_int_eq(nave_board_limits("none", &limits), NAVE_E_ARG);
    ck_assert_int_eq(nave_board_limits(NULL, &limits), NAVE_E_ARG);
    ck_assert_int_eq(nave_board_limits("model", NULL), NAVE_E_ARG);
    ck_assert_int_eq(nave_device_get_info(NULL, NULL), NAVE_E_ARG);
    size_t count = 0;
    nave_device_info list[8];
    ck_assert_int_eq(nave_list_devices(list, 8, &count), NAVE_OK);
    ck_assert_uint_ge(count, 1);
    nave_device *d = device(list[0].spec); /* what is listed opens */
    nave_close(d);
    size_t again = 0;
    ck_assert_int_eq(nave_list_devices(NULL, 0, &again), NAVE_OK);
    ck_assert_uint_eq(again, count);
    ck_assert_int_eq(nave_list_devices(NULL, 1, &again), NAVE_E_ARG);
    ck_assert_int_eq(nave_list_devices(list, 8, NULL), NAVE_E_ARG);
    nave_close(NULL);
}
END_TEST

START_TEST(every_error_has_a_name)
{
    for (int a = 0; a >= NAVE_E_CANCELLED; a--)
        for (int b = 0; b > a; b--)
            ck_assert_str_ne(nave_strerror(a), nave_strerror(b));
    ck_assert_ptr_nonnull(nave_strerror(-1000));
    ck_assert_ptr_nonnull(nave_strerror(1));
}
END_TEST

START_TEST(a_stream_refuses_settings_that_cannot_be)
{
    const struct {
        nave_sample in, out;
        double wet, dry;
    } bad[] = {{NAVE_Q44, NAVE_F32, 0, 0},    {(nave_sample)4, NAVE_F32, 0, 0},  {NAVE_F32, (nave_sample)4, 0, 0},
               {NAVE_F32, NAVE_F32, 18.1, 0}, {NAVE_F32, NAVE_F32, 0, INFINITY}, {NAVE_F32, NAVE_F32, NAN, 0},
               {NAVE_F32, NAVE_F32, 0, NAN},  {(nave_sample)-1, NAVE_F32, 0, 0}, {NAVE_F32, (nave_sample)-1, 0, 0}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (int k = 0; k < 10; k++) { /* more often than there are contexts: none may be kept */
            nave_stream *st = NULL;
            nave_text why = {""};
            const nave_stream_settings s = {
                .input = bad[i].in, .output = bad[i].out, .wet_db = bad[i].wet, .dry_db = bad[i].dry};
            const int err = nave_stream_open(&st, dev, offline, &s, &why);
            ck_assert_msg(err == NAVE_E_ARG && st == NULL && why.text[0], "case %zu: %s, '%s'", i, nave_strerror(err),
                          why.text);
        }
    nave_stream *st = NULL;
    ck_assert_int_eq(nave_stream_open(NULL, dev, offline, NULL, NULL), NAVE_E_ARG);
    ck_assert_int_eq(nave_stream_open(&st, NULL, offline, NULL, NULL), NAVE_E_ARG);
    ck_assert_int_eq(nave_stream_open(&st, dev, NULL, NULL, NULL), NAVE_E_ARG);
    ck_assert_int_eq(nave_stream_open(&st, dev, offline, NULL, NULL), NAVE_OK);
    nave_stream_close(st);
    nave_stream_close(NULL);
}
END_TEST

START_TEST(contexts_run_out_and_come_back)
{
    nave_stream *st[9] = {NULL};
    nave_text why = {""};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++)
            ck_assert_int_eq(nave_stream_open(&st[i], dev, i % 2 ? live : offline, NULL, &why), NAVE_OK);
        ck_assert_int_eq(nave_stream_open(&st[8], dev, live, NULL, &why), NAVE_E_BUSY);
        ck_assert_ptr_nonnull(strstr(why.text, "close"));
        ck_assert_ptr_null(st[8]);
        for (int i = 0; i < 8; i++)
            nave_stream_close(st[(i * 5 + round) % 8]);
    }
}
END_TEST

START_TEST(ram_runs_out_by_name_and_comes_back)
{
    rng own = rng_for("ram");
    nave_device *small = device("model:board=cynthion");
    nave_ir *large = ir_mono(&own, 150000);
    nave_card_limits limits;
    nave_plan *plan = NULL;
    nave_text why = {""};
    ck_assert_int_eq(nave_board_limits("cynthion", &limits), NAVE_OK);
    ck_assert_msg(nave_plan_compile(&plan, large, NULL, &limits, &why) == NAVE_OK, "%s", why.text);
    ck_assert_uint_gt(report_of(plan).ram_bytes, limits.ram_bytes / 8);
    for (int round = 0; round < 3; round++) {
        nave_stream *st[8] = {NULL};
        int n = 0, err = NAVE_OK;
        while (n < 8 && (err = nave_stream_open(&st[n], small, plan, NULL, &why)) == NAVE_OK)
            n++;
        ck_assert_int_eq(err, NAVE_E_FIT);
        ck_assert_ptr_nonnull(strstr(why.text, "RAM"));
        ck_assert_uint_eq((uint64_t)n, limits.ram_bytes / report_of(plan).ram_bytes);
        while (n)
            nave_stream_close(st[--n]);
    }
    nave_plan_free(plan);
    nave_ir_free(large);
    nave_close(small);
}
END_TEST

START_TEST(calls_out_of_order_are_refused)
{
    const way w = way_plain();
    int32_t word[2][200] = {{0}};
    int64_t out[2][2000];
    const void *in[2] = {word[0], word[1]};
    void *to[2] = {out[0], out[1]};
    size_t n = 99;
    for (int k = 0; k < 2; k++) {
        nave_stream *st = stream_for(dev, k ? live : offline, &w);
        ck_assert_int_eq(nave_stream_write(NULL, in, 1, &n), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_write(st, NULL, 1, &n), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_write(st, in, 1, NULL), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_read(NULL, to, 1, &n), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_read(st, NULL, 1, &n), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_read(st, to, 1, NULL), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_process(NULL, in, to, 1), NAVE_E_ARG);
        if (!k)
            ck_assert_int_eq(nave_stream_process(st, in, to, 64), NAVE_E_STATE); /* offline */
        ck_assert_int_eq(nave_stream_write(st, in, 0, &n), NAVE_OK);
        ck_assert_uint_eq(n, 0);
        ck_assert_int_eq(nave_stream_set_param(NULL, NAVE_PARAM_WET_GAIN, 0, 0), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_set_param(st, (nave_param)0, 0, 0), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_set_param(st, (nave_param)3, 0, 0), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, 18.01, 0), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, NAN, 0), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_DRY_GAIN, INFINITY, 0), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_get_stats(NULL, NULL), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_finish(NULL), NAVE_E_ARG);
        ck_assert_int_eq(nave_stream_finish(st), NAVE_OK);
        ck_assert_int_eq(nave_stream_finish(st), NAVE_E_STATE);
        ck_assert_int_eq(nave_stream_write(st, in, 10, &n), NAVE_E_STATE);
        ck_assert_uint_eq(n, 0);
        ck_assert_int_eq(nave_stream_process(st, in, to, 64), NAVE_E_STATE);
        nave_stream_close(st);
    }
}
END_TEST

/* Nothing written: nothing to read but the latency, and no tail. */
START_TEST(a_stream_without_input_has_no_output)
{
    signal_q28 none = signal_new(2, 0);
    for (int k = 0; k < 2; k++) {
        take t = play(dev, k ? live : offline, &none);
        ck_assert_uint_eq(t.frames, report_of(k ? live : offline).latency_frames);
        take_free(&t);
    }
    signal_free(&none);
}
END_TEST

START_TEST(nan_is_refused_and_the_stream_goes_on)
{
    for (int k = 0; k < 2; k++) {
        nave_stream *st = NULL;
        nave_stream_settings s;
        nave_stream_settings_default(&s);
        s.input = k ? NAVE_F64 : NAVE_F32;
        ck_assert_int_eq(nave_stream_open(&st, dev, offline, &s, NULL), NAVE_OK);
        float single[2][300] = {{0}};
        double twice[2][300] = {{0}};
        float back[2][1000];
        const void *in[2] = {k ? (void *)twice[0] : (void *)single[0], k ? (void *)twice[1] : (void *)single[1]};
        void *to[2] = {back[0], back[1]};
        size_t n;
        for (int at = 0; at < 300; at += 13) {
            single[at & 1][at] = NAN;
            twice[at & 1][at] = -NAN;
            ck_assert_int_eq(nave_stream_write(st, in, 300, &n), NAVE_E_FORMAT);
            ck_assert_uint_eq(n, 0);
            single[at & 1][at] = 0;
            twice[at & 1][at] = 0;
        }
        single[0][5] = INFINITY; /* limited, as anything beyond +-8 */
        twice[0][5] = INFINITY;
        single[1][5] = -INFINITY;
        twice[1][5] = -INFINITY;
        ck_assert_int_eq(nave_stream_write(st, in, 300, &n), NAVE_OK);
        ck_assert_uint_eq(n, 300);
        ck_assert_int_eq(nave_stream_finish(st), NAVE_OK);
        ck_assert_int_eq(nave_stream_read(st, to, 1000, &n), NAVE_OK);
        ck_assert_uint_eq(n, 300 + 499);
        for (size_t i = 0; i < n; i++)
            MUST(fabs(back[0][i] + back[1][i]) < 1e-6 && fabs(back[0][i]) <= 8.0, "frame %zu: %g and %g", i, back[0][i],
                 back[1][i]);
        nave_stream_close(st);
    }
}
END_TEST

START_TEST(samples_become_the_nearest_word)
{
    static const double values[] = {0,       -0.0,    1,         -1,        7.999999999,   -8,
                                    8,       -8.1,    1e30,      -1e30,     1e-9,          -1e-9,
                                    0x1p-28, 0x1p-29, 0x1.8p-28, -0x1p-29,  -0x1.8p-28,    0x1p-150,
                                    1e300,   -1e300,  INFINITY,  -INFINITY, 0x1.fffffffp-1};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) + 20000; i++) {
        const double v =
            i < sizeof(values) / sizeof(values[0]) ? values[i] : ldexp(rng_signed(&r), (int)rng_below(&r, 40) - 34);
        const float f = (float)v;
        int32_t a, b;
        ck_assert(nave_q28_from_f64(&a, &v, 1) == 0);
        ck_assert(nave_q28_from_f32(&b, &f, 1) == 0);
        MUST(a == q28(v), "%a gave %d", v, a);
        MUST(b == q28(f), "%a gave %d", f, b);
        const int64_t wide = (int64_t)rng_next(&r) >> (16 + rng_below(&r, 40)),
                      edge[] = {INT64_MIN >> 16, INT64_MAX >> 16};
        for (int k = 0; k < 3; k++) {
            const int64_t word = k < 2 ? edge[k] : wide;
            double d;
            float s;
            nave_f64_from_q44(&d, &word, 1);
            nave_f32_from_q44(&s, &word, 1);
            MUST(d == (double)word * 0x1p-44 && s == (float)d, "%lld gave %a and %a", (long long)word, d, s);
        }
    }
}
END_TEST

START_TEST(an_earlier_change_of_gain_is_refused_and_harms_nothing)
{
    const way w = way_plain();
    nave_stream *st = stream_for(dev, live, &w);
    int32_t word[2][640] = {{0}};
    int64_t out[2][640];
    const void *in[2] = {word[0], word[1]};
    void *to[2] = {out[0], out[1]};
    ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, -6, 1000), NAVE_OK);
    ck_assert_int_lt(nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, -6, 999), 0);
    for (uint64_t i = 1; i < 256; i++)
        MUST(nave_stream_set_param(st, NAVE_PARAM_DRY_GAIN, -6, 1000 + i) == NAVE_OK, "change %d", (int)i);
    ck_assert_int_lt(nave_stream_set_param(st, NAVE_PARAM_DRY_GAIN, -6, 5000), 0); /* the card keeps 256 */
    for (int k = 0; k < 3; k++)
        ck_assert_int_eq(nave_stream_process(st, in, to, 640), NAVE_OK);
    ck_assert_int_eq(nave_stream_set_param(st, NAVE_PARAM_DRY_GAIN, -6, 5000), NAVE_OK); /* there is room again */
    nave_stream_close(st);
}
END_TEST

int main(void)
{
    static const TTest *tests[13];
    size_t n = 0;
    tests[n++] = device_specs_that_cannot_be_are_refused_by_name;
    tests[n++] = a_device_tells_what_its_spec_says;
    tests[n++] = every_error_has_a_name;
    tests[n++] = a_stream_refuses_settings_that_cannot_be;
    tests[n++] = contexts_run_out_and_come_back;
    tests[n++] = ram_runs_out_by_name_and_comes_back;
    tests[n++] = calls_out_of_order_are_refused;
    tests[n++] = a_stream_without_input_has_no_output;
    tests[n++] = nan_is_refused_and_the_stream_goes_on;
    tests[n++] = samples_become_the_nearest_word;
    tests[n++] = an_earlier_change_of_gain_is_refused_and_harms_nothing;
    return run_tests_with("stream", tests, n, 60, setup, teardown);
}
