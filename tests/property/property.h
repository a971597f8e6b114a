/* What the property tests share: seeded signals, plans, streams played in any cut, the same convolution in double
 * precision. SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_PROPERTY_H
#define NAVE_TESTS_PROPERTY_H
#include "../../host/include/nave.h"
#include <check.h>
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For loops over samples: an assertion of Check is a write to a file even where it holds. */
#define MUST(condition, ...)                                                                                           \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            ck_abort_msg(__VA_ARGS__);                                                                                 \
    } while (0)

/* ---- random numbers: splitmix64 ---- */
typedef struct rng {
    uint64_t state;
} rng;

static inline uint64_t test_seed(void)
{
    const char *given = getenv("NAVE_SEED");
    return given ? strtoull(given, NULL, 0) : 20240601;
}

/* Each test its own numbers, whatever runs before it. */
static inline rng rng_for(const char *test)
{
    rng r = {test_seed()};
    for (; *test; test++)
        r.state = r.state * 31 + (unsigned char)*test;
    return r;
}

static inline uint64_t rng_next(rng *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t rng_below(rng *r, uint32_t n)
{
    return (uint32_t)(rng_next(r) >> 32) % n;
}

/* -1 .. 1 */
static inline double rng_signed(rng *r)
{
    return (double)(int64_t)rng_next(r) * 0x1p-63;
}

/* A share of the full number of cases: NAVE_PERCENT, 100 if it is not set (a sanitizer run asks for less). */
static inline uint32_t cases(uint32_t full)
{
    const char *given = getenv("NAVE_PERCENT");
    const uint64_t percent = given ? strtoull(given, NULL, 0) : 100;
    const uint64_t n = full * (percent < 100 ? percent : 100) / 100;
    return n ? (uint32_t)n : 1;
}

/* ---- signals, planar Q4.28 ---- */
typedef struct signal {
    uint32_t channels;
    size_t frames;
    int32_t *word[NAVE_MAX_CHANNELS];
} signal_q28;

static inline signal_q28 signal_new(uint32_t channels, size_t frames)
{
    signal_q28 s = {.channels = channels, .frames = frames};
    for (uint32_t c = 0; c < channels; c++)
        ck_assert_ptr_nonnull(s.word[c] = calloc(frames ? frames : 1, sizeof(int32_t)));
    return s;
}

static inline void signal_free(signal_q28 *s)
{
    for (uint32_t c = 0; c < s->channels; c++)
        free(s->word[c]);
}

static inline int32_t q28(double v)
{
    const double w = rint(v * 0x1p28);
    return w >= 2147483647.0 ? INT32_MAX : w <= -2147483648.0 ? INT32_MIN : (int32_t)w;
}

static inline signal_q28 signal_noise(rng *r, uint32_t channels, size_t frames, double peak)
{
    signal_q28 s = signal_new(channels, frames);
    for (uint32_t c = 0; c < channels; c++)
        for (size_t i = 0; i < frames; i++)
            s.word[c][i] = q28(peak * rng_signed(r));
    return s;
}

/* Pink noise (a sum of leaky integrators of white noise, an octave and a half apart) with its highest sample at `peak`.
 */
static inline signal_q28 signal_pink(rng *r, uint32_t channels, size_t frames, double peak)
{
    signal_q28 s = signal_new(channels, frames);
    double *v = malloc(frames * sizeof(*v));
    ck_assert_ptr_nonnull(v);
    for (uint32_t c = 0; c < channels; c++) {
        double state[8] = {0}, top = 1e-9;
        for (size_t i = 0; i < frames; i++) {
            const double white = rng_signed(r);
            double pole = 0.5;
            v[i] = 0.1 * white;
            for (int k = 0; k < 8; k++, pole /= 2.83) {
                state[k] += pole * (white - state[k]);
                v[i] += state[k] / sqrt(pole) * 0.3;
            }
            top = fmax(top, fabs(v[i]));
        }
        for (size_t i = 0; i < frames; i++)
            s.word[c][i] = q28(v[i] * peak / top);
    }
    free(v);
    return s;
}

/* ---- responses ---- */
static inline nave_ir *ir_of(const double *const *samples, uint64_t frames, const uint32_t *in, const uint32_t *out,
                             uint32_t paths, uint32_t rate, nave_normalise normalise)
{
    nave_ir_settings s;
    nave_text why = {""};
    nave_ir *ir = NULL;
    nave_ir_settings_default(&s);
    s.rate_hz = rate;
    s.normalise = normalise;
    ck_assert_msg(nave_ir_create(&ir, samples, frames, in, out, paths, &s, &why) == NAVE_OK, "%s", why.text);
    return ir;
}

/* Decaying noise, as a room has; every path another. in == NULL: one path for every channel. */
static inline nave_ir *ir_room(rng *r, uint64_t frames, const uint32_t *in, const uint32_t *out, uint32_t paths,
                               uint32_t rate, nave_normalise normalise)
{
    const double *path[NAVE_MAX_CHANNELS * NAVE_MAX_CHANNELS];
    double *block = malloc(paths * frames * sizeof(*block));
    ck_assert_ptr_nonnull(block);
    for (uint32_t p = 0; p < paths; p++) {
        path[p] = block + p * frames;
        for (uint64_t i = 0; i < frames; i++)
            block[p * frames + i] = rng_signed(r) * exp(-5.0 * (double)i / (double)frames);
        block[p * frames + frames - 1] = 0.25 * (p % 2 ? -1 : 1); /* the last sample is to be found in the tail */
    }
    nave_ir *ir = ir_of(path, frames, in, out, paths, rate, normalise);
    free(block);
    return ir;
}

static inline nave_ir *ir_mono(rng *r, uint64_t frames)
{
    return ir_room(r, frames, NULL, NULL, 1, 48000, NAVE_NORMALISE_ENERGY);
}

/* ---- plans ---- */
static inline nave_plan *plan_with(const nave_ir *ir, const nave_plan_settings *settings)
{
    nave_card_limits limits;
    nave_plan *plan = NULL;
    nave_text why = {""};
    ck_assert_int_eq(nave_board_limits("model", &limits), NAVE_OK);
    ck_assert_msg(nave_plan_compile(&plan, ir, settings, &limits, &why) == NAVE_OK, "%s", why.text);
    return plan;
}

/* partition and batch 0: the compiler chooses. */
static inline nave_plan *plan_offline(const nave_ir *ir, uint32_t channels, uint32_t partition, uint32_t batch)
{
    nave_plan_settings s;
    nave_plan_settings_default(&s);
    s.channels = channels;
    s.min_partition_frames = s.max_partition_frames = partition;
    s.batch = batch;
    return plan_with(ir, &s);
}

static inline nave_plan *plan_live(const nave_ir *ir, uint32_t channels, uint32_t tick)
{
    nave_plan_settings s;
    nave_plan_settings_default(&s);
    s.mode = NAVE_LIVE;
    s.channels = channels;
    s.tick_frames = tick;
    return plan_with(ir, &s);
}

static inline nave_plan_report report_of(const nave_plan *plan)
{
    nave_plan_report r;
    ck_assert_int_eq(nave_plan_get_report(plan, &r), NAVE_OK);
    return r;
}

static inline nave_device *device(const char *spec)
{
    nave_device *dev = NULL;
    nave_text why = {""};
    ck_assert_msg(nave_open(&dev, spec, &why) == NAVE_OK, "%s", why.text);
    return dev;
}

/* 1: this machine can't do what the spec asks for. */
static inline int lacks(const char *spec)
{
    nave_device *dev = NULL;
    const int err = nave_open(&dev, spec, NULL);
    if (!err)
        nave_close(dev);
    return err == NAVE_E_DEVICE;
}

/* ---- streams ---- */
typedef struct change { /* of a gain */
    uint64_t frame;
    nave_param param;
    double db;
} change;

typedef struct way {    /* of playing */
    size_t write, read; /* frames of a call, 0: all. With random: at most */
    rng *random;
    nave_sample output; /* Q44 or Q28 */
    double wet_db, dry_db;
    const change *changes;
    size_t change_count;
    nave_stream_stats *stats; /* may be NULL */
} way;

static inline way way_plain(void)
{
    return (way){.output = NAVE_Q44, .wet_db = 0, .dry_db = -INFINITY};
}

typedef struct take { /* what came out, planar, Q44 or Q28 */
    uint32_t channels;
    size_t frames;
    int64_t *word[NAVE_MAX_CHANNELS];
} take;

static inline void take_free(take *t)
{
    for (uint32_t c = 0; c < t->channels; c++)
        free(t->word[c]);
}

static inline size_t piece(const way *w, size_t wanted, size_t left)
{
    size_t n = wanted ? wanted : left;
    if (w->random && wanted)
        n = 1 + rng_below(w->random, (uint32_t)wanted);
    return n < left ? n : left;
}

/* One read of at most n frames into the take. */
static inline size_t read_piece(nave_stream *st, take *t, nave_sample format, size_t n)
{
    void *to[NAVE_MAX_CHANNELS];
    int64_t *block = malloc((size_t)t->channels * n * sizeof(*block) + 1);
    size_t given = 0;
    for (uint32_t c = 0; c < t->channels; c++)
        to[c] = block + c * n;
    const int err = nave_stream_read(st, to, n, &given);
    MUST(err == NAVE_OK && given <= n, "a read of %zu frames: %s, %zu given", n, nave_strerror(err), given);
    for (uint32_t c = 0; c < t->channels; c++)
        for (size_t i = 0; i < given; i++)
            t->word[c][t->frames + i] = format == NAVE_Q28 ? ((int32_t *)to[c])[i] : ((int64_t *)to[c])[i];
    t->frames += given;
    free(block);
    return given;
}

static inline nave_stream *stream_for(nave_device *dev, const nave_plan *plan, const way *w)
{
    nave_stream *st = NULL;
    nave_text why = {""};
    nave_stream_settings s;
    nave_stream_settings_default(&s);
    s.input = NAVE_Q28;
    s.output = w->output;
    s.wet_db = w->wet_db;
    s.dry_db = w->dry_db;
    ck_assert_msg(nave_stream_open(&st, dev, plan, &s, &why) == NAVE_OK, "%s", why.text);
    for (size_t i = 0; i < w->change_count; i++)
        ck_assert_int_eq(nave_stream_set_param(st, w->changes[i].param, w->changes[i].db, w->changes[i].frame),
                         NAVE_OK);
    return st;
}

#define NAVE_TEST_SLACK 256 /* frames that a stream which gives too many may overrun, to be seen */

static inline take take_for(const nave_plan *plan, size_t frames)
{
    const nave_plan_report r = report_of(plan);
    const size_t room = frames + r.response_frames + r.latency_frames + NAVE_TEST_SLACK;
    take t = {.channels = r.outputs};
    for (uint32_t c = 0; c < t.channels; c++)
        ck_assert_ptr_nonnull(t.word[c] = malloc(room * sizeof(int64_t)));
    return t;
}

/* Input to its end, tail to its end. */
static inline take play_way(nave_device *dev, const nave_plan *plan, const signal_q28 *in, const way *w)
{
    take t = take_for(plan, in->frames);
    const size_t room = in->frames + report_of(plan).response_frames + report_of(plan).latency_frames + NAVE_TEST_SLACK;
    nave_stream *st = stream_for(dev, plan, w);
    for (size_t written = 0; written < in->frames;) {
        const void *from[NAVE_MAX_CHANNELS];
        size_t taken;
        for (uint32_t c = 0; c < in->channels; c++)
            from[c] = in->word[c] + written;
        const int err = nave_stream_write(st, from, piece(w, w->write, in->frames - written), &taken);
        MUST(err == NAVE_OK || (err == NAVE_E_AGAIN && taken == 0), "a write: %s, %zu taken", nave_strerror(err),
             taken);
        written += taken;
        const size_t given = read_piece(st, &t, w->output, piece(w, w->read ? w->read : 4096, room - t.frames));
        MUST(taken || given, "neither written nor read: the stream stands still");
    }
    ck_assert_int_eq(nave_stream_finish(st), NAVE_OK);
    while (read_piece(st, &t, w->output, piece(w, w->read ? w->read : 4096, room - t.frames)))
        MUST(t.frames < room, "the tail has no end");
    if (w->stats)
        ck_assert_int_eq(nave_stream_get_stats(st, w->stats), NAVE_OK);
    nave_stream_close(st);
    return t;
}

static inline take play(nave_device *dev, const nave_plan *plan, const signal_q28 *in)
{
    const way w = way_plain();
    return play_way(dev, plan, in, &w);
}

static inline void assert_same(const take *a, const take *b)
{
    ck_assert_uint_eq(a->channels, b->channels);
    ck_assert_uint_eq(a->frames, b->frames);
    for (uint32_t c = 0; c < a->channels; c++)
        for (size_t i = 0; i < a->frames; i++)
            MUST(a->word[c][i] == b->word[c][i], "channel %u, frame %zu: %lld and %lld", c, i, (long long)a->word[c][i],
                 (long long)b->word[c][i]);
}

/* ---- the same in double precision ---- */
static inline void convolve_add(double *out, const int32_t *x, size_t nx, const double *h, size_t nh)
{
    size_t n = 64;
    while (n < nx + nh)
        n *= 2;
    double *a = fftw_alloc_real(n), *b = fftw_alloc_real(n);
    fftw_complex *fa = fftw_alloc_complex(n / 2 + 1), *fb = fftw_alloc_complex(n / 2 + 1);
    ck_assert(a && b && fa && fb);
    memset(a, 0, n * sizeof(*a));
    memset(b, 0, n * sizeof(*b));
    for (size_t i = 0; i < nx; i++)
        a[i] = x[i] * 0x1p-28;
    memcpy(b, h, nh * sizeof(*b));
    fftw_plan pa = fftw_plan_dft_r2c_1d((int)n, a, fa, FFTW_ESTIMATE),
              pb = fftw_plan_dft_c2r_1d((int)n, fa, a, FFTW_ESTIMATE);
    fftw_execute(pa);
    fftw_execute_dft_r2c(pa, b, fb);
    for (size_t k = 0; k <= n / 2; k++) {
        const double re = fa[k][0] * fb[k][0] - fa[k][1] * fb[k][1], im = fa[k][0] * fb[k][1] + fa[k][1] * fb[k][0];
        fa[k][0] = re / (double)n;
        fa[k][1] = im / (double)n;
    }
    fftw_execute(pb);
    for (size_t i = 0; i < nx + nh - 1; i++)
        out[i] += a[i];
    fftw_destroy_plan(pa);
    fftw_destroy_plan(pb);
    fftw_free(a);
    fftw_free(b);
    fftw_free(fa);
    fftw_free(fb);
}

/* Output channel o of the response, frames + response - 1 of them; to be freed. */
static inline double *reference(const nave_ir *ir, const signal_q28 *in, uint32_t o)
{
    nave_ir_info info;
    ck_assert_int_eq(nave_ir_get_info(ir, &info), NAVE_OK);
    double *out = calloc(in->frames + info.frames, sizeof(*out));
    ck_assert_ptr_nonnull(out);
    for (uint32_t p = 0; p < info.paths; p++) {
        uint32_t from, to;
        const double *h;
        ck_assert_int_eq(nave_ir_get_path(ir, p, &from, &to, &h), NAVE_OK);
        if (info.inputs == 0)
            from = to = o;
        if (to == o)
            convolve_add(out, in->word[in->channels == 1 ? 0 : from], in->frames, h, info.frames);
    }
    return out;
}

typedef struct distance {
    double error_db;    /* RMS, full scale = 0 */
    double relative_db; /* RMS, to the RMS of what it should be */
    double peak_db;     /* largest error */
} distance;

/* Q44 words from `from` on against the reference, over all of it. */
static inline distance distance_of(const int64_t *word, const double *expected, size_t frames)
{
    double error = 0, power = 0, peak = 0;
    for (size_t i = 0; i < frames; i++) {
        const double e = (double)word[i] * 0x1p-44 - expected[i];
        error += e * e;
        power += expected[i] * expected[i];
        peak = fmax(peak, fabs(e));
    }
    return (distance){.error_db = 10 * log10(error / (double)frames + 1e-40),
                      .relative_db = 10 * log10((error + 1e-40) / (power + 1e-40)),
                      .peak_db = 20 * log10(peak + 1e-20)};
}

/* setup and teardown around each test; may be NULL */
static inline int run_tests_with(const char *name, const TTest *const *tests, size_t count, double seconds, SFun setup,
                                 SFun teardown)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);
    printf("NAVE_SEED=%llu\n", (unsigned long long)test_seed());
    tcase_set_timeout(tc, seconds);
    tcase_add_checked_fixture(tc, setup, teardown);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
#define RUN_TESTS(name, seconds, ...)                                                                                  \
    run_tests_with(name, (const TTest *const[]){__VA_ARGS__},                                                          \
                   sizeof((const TTest *const[]){__VA_ARGS__}) / sizeof(TTest *), seconds, NULL, NULL)
#endif
