/* Signals in the style of EBU Tech 3341 and 3342, synthesised here and shortened, go through chains that have nothing
 * to do: not a bit changes, so loudness, range and true peak are those of the input whatever measures them. A planted
 * difference of the smallest step is seen.
 * SPDX-License-Identifier: ISC */
#include "../../host/include/nave.h"
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

typedef struct segment {
    double seconds, dbfs, hz, phase_degrees; /* of a stereo sine; -200: silence */
} segment;

typedef struct ebu_case {
    const char *name;
    uint32_t rate_hz;
    segment part[7];
} ebu_case;

/* a tenth of the lengths of the documents; hz below 1: of the rate */
static const ebu_case cases[] = {
    {"3341-1", 48000, {{2, -23, 1000, 0}}},
    {"3341-2", 44100, {{2, -33, 1000, 0}}},
    {"3341-3", 48000, {{1, -36, 1000, 0}, {1.5, -23, 1000, 0}, {1, -36, 1000, 0}}},
    {"3341-4", 48000, {{1, -72, 1000, 0}, {1, -36, 1000, 0}, {1, -23, 1000, 0}, {1, -36, 1000, 0}, {1, -72, 1000, 0}}},
    {"3341-5", 44100, {{1, -26, 1000, 0}, {1, -20, 1000, 0}, {1, -26, 1000, 0}}},
    {"3341-9", 48000, {{0.134, -20, 1000, 0}, {0.166, -30, 1000, 0}, {0.134, -20, 1000, 0}, {0.166, -30, 1000, 0}}},
    {"3341-13", 48000, {{0.6, -200, 1000, 0}, {0.4, -23, 1000, 0}, {0.6, -200, 1000, 0}}},
    {"3341-15", 48000, {{0.5, -6, 0.25, 0}}},
    {"3341-16", 48000, {{0.5, -6, 0.25, 45}}},
    {"3341-17", 48000, {{0.5, -6, 1.0 / 6, 60}}},
    {"3341-18", 48000, {{0.5, -6, 0.125, 67.5}}},
    {"3341-19", 48000, {{0.5, 3, 0.25, 45}}},
    {"3341-16 at 192 kHz", 192000, {{0.2, -6, 0.25, 45}}},
    {"3342-1", 48000, {{1, -20, 1000, 0}, {1, -30, 1000, 0}}},
    {"3342-3", 44100, {{1, -40, 1000, 0}, {1, -20, 1000, 0}}},
    {"3342-4", 48000, {{1, -50, 1000, 0}, {1, -35, 1000, 0}, {1, -20, 1000, 0}, {1, -35, 1000, 0}, {1, -50, 1000, 0}}},
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static const char *const chains[] = {
    "nave-chain 1\n[eq]\n[dynamics]\n[output]\n[limiter]\non = no\n",
    /* at work, and nothing to do: flat sections, a threshold and a ceiling above the signal, no gain, a dry mix */
    "nave-chain 1\n[eq]\nbell 1 = 1 kHz, 0 dB, Q 2\nhigh-shelf = 8 kHz, 0 dB\n[dynamics]\nlookahead = 3 ms\n"
    "band 1 threshold = 18 dB ; band 1 ratio = 8:1 ; band 1 lookahead = 1 ms ; band 1 width = 100 %\n"
    "[output]\ngain = 0 dB\n[limiter]\nceiling = 9 dBTP\n[eq]\n[dynamics]\nmix = 0 %\nband 1 threshold = -60 dB\n",
};

static int32_t *synthesise(const ebu_case *c, size_t *frames)
{
    *frames = 0;
    for (int i = 0; i < 7 && c->part[i].seconds > 0; i++)
        *frames += (size_t)(c->part[i].seconds * c->rate_hz);
    int32_t *x = malloc(*frames * sizeof(*x));
    size_t at = 0;
    for (int i = 0; i < 7 && c->part[i].seconds > 0; i++) {
        const segment *s = &c->part[i];
        const double w = 2 * PI * (s->hz < 1 ? s->hz : s->hz / c->rate_hz);
        const double a = s->dbfs <= -200 ? 0 : pow(10, s->dbfs / 20);
        for (size_t n = 0; n < (size_t)(s->seconds * c->rate_hz); n++, at++) /* 24 bits, as files have them */
            x[at] = (int32_t)(32 *
                              rint(fmax(-0x1p23, fmin(0x1p23 - 1,
                                                      0x1p23 * a * sin(w * (double)n + s->phase_degrees * PI / 180)))));
    }
    return x;
}

/* Differing words of a case through a chain; plant: one step is added to a word on its way. */
static size_t differences(const ebu_case *c, const char *text, int plant)
{
    nave_device *dev = NULL;
    nave_chain *chain = NULL;
    nave_chain_stream *st = NULL;
    nave_chain_session s;
    nave_chain_report r;
    nave_text why = {""};
    size_t frames, done = 0, given = 0, differing = 0;
    int32_t *x = synthesise(c, &frames), *left = calloc(frames + 20000, sizeof(*x)),
            *right = calloc(frames + 20000, sizeof(*x));
    int32_t *in = malloc(frames * sizeof(*in));
    memcpy(in, x, frames * sizeof(*in));
    in[frames / 2] += plant;
    nave_chain_session_default(&s);
    s.rate_hz = c->rate_hz;
    s.input = s.output = NAVE_Q28;
    ck_assert_msg(nave_open(&dev, "model:", &why) == NAVE_OK &&
                      nave_chain_parse(&chain, c->name, text, strlen(text), &why) == NAVE_OK &&
                      nave_chain_open(&st, dev, chain, &s, &why) == NAVE_OK,
                  "%s", why.text);
    nave_chain_get_report(st, &r);
    int finished = 0;
    while (given < frames + r.latency_frames) {
        const void *from[2] = {in + done, x + done};
        void *to[2] = {left + given, right + given};
        size_t taken = 0, got = 0;
        const int err = done < frames ? nave_chain_write(st, from, frames - done, &taken) : NAVE_OK;
        ck_assert(err == NAVE_OK || err == NAVE_E_AGAIN);
        done += taken;
        if (done == frames && !finished) {
            ck_assert_int_eq(nave_chain_finish(st), NAVE_OK);
            finished = 1;
        }
        ck_assert_int_eq(nave_chain_read(st, to, frames + r.latency_frames - given, &got), NAVE_OK);
        ck_assert_msg(taken || got || done < frames, "the chain stopped at frame %zu", given);
        given += got;
    }
    for (size_t i = 0; i < frames; i++)
        differing += (left[r.latency_frames + i] != x[i]) + (right[r.latency_frames + i] != x[i]);
    nave_chain_close(st);
    nave_chain_free(chain);
    nave_close(dev);
    free(x);
    free(in);
    free(left);
    free(right);
    return differing;
}

START_TEST(a_chain_with_nothing_to_do_changes_no_bit)
{
    const ebu_case *c = &cases[_i % (int)CASES];
    const size_t n = differences(c, chains[_i / (int)CASES], 0);
    ck_assert_msg(n == 0, "%s, chain %d: %zu words differ", c->name, _i / (int)CASES, n);
}
END_TEST

START_TEST(one_step_is_seen)
{
    ck_assert_uint_eq(differences(&cases[0], chains[0], 1), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chain ebu");
    TCase *tc = tcase_create("chain ebu");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_chain_with_nothing_to_do_changes_no_bit, 0, (int)(2 * CASES));
    tcase_add_test(tc, one_step_is_seen);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
