/* Dynamics with linear phase: bands of the convolver through the engine.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/chain.h"
#include "../property/property.h"

#define RATE_HZ 48000

static nave_text why;

static nave_chain *chain_of(const char *text)
{
    nave_chain *c = NULL;
    ck_assert_msg(nave_chain_parse(&c, "t", text, strlen(text), &why) == NAVE_OK, "%s", why.text);
    return c;
}

static void refused(const char *text, const char *part)
{
    nave_chain *c = NULL;
    ck_assert_int_ne(nave_chain_parse(&c, "t", text, strlen(text), &why), NAVE_OK);
    ck_assert_msg(strstr(why.text, part) != NULL, "%s", why.text);
}

typedef struct sound {
    int32_t *x[2];
    size_t frames;
    uint32_t latency;
} sound;

static sound new_sound(size_t frames)
{
    sound s = {.frames = frames};
    for (int c = 0; c < 2; c++)
        ck_assert_ptr_nonnull(s.x[c] = calloc(frames, sizeof(int32_t)));
    return s;
}

static void free_sound(sound *s)
{
    for (int c = 0; c < 2; c++)
        free(s->x[c]);
}

/* Words of a 24-bit file. */
static sound noise(size_t frames, uint64_t seed)
{
    sound s = new_sound(frames);
    rng dice = {seed};
    for (int c = 0; c < 2; c++)
        for (size_t n = 0; n < frames; n++)
            s.x[c][n] = ((int32_t)(rng_next(&dice) & 0x1ffffff) - 0x1000000) / 2 * 32;
    return s;
}

/* cut 0: blocks of 4096, else calls of random lengths; live: in ticks of 64. The latency is taken out. */
static sound through(const char *text, const sound *in, uint64_t cut, int live)
{
    nave_chain *c = chain_of(text);
    nave_device *dev = device("model:");
    nave_chain_stream *st = NULL;
    nave_chain_session s;
    nave_chain_report report;
    nave_chain_session_default(&s);
    s.rate_hz = RATE_HZ;
    s.input = s.output = NAVE_Q28;
    s.plan.mode = live ? NAVE_LIVE : NAVE_OFFLINE;
    s.plan.tick_frames = live ? 64 : 0;
    ck_assert_msg(nave_chain_open(&st, dev, c, &s, &why) == NAVE_OK, "%s", why.text);
    nave_chain_get_report(st, &report);
    const size_t frames = in->frames + report.latency_frames;
    sound out = new_sound(in->frames), all = new_sound(frames);
    rng dice = {cut};
    size_t done = 0, given = 0;
    static const int32_t silence[4096];
    while (given < frames) {
        size_t n = cut ? 1 + rng_below(&dice, 700) : 4096, taken = 0, got = 0;
        const void *from[2] = {silence, silence};
        if (done < in->frames) {
            n = n < in->frames - done ? n : in->frames - done;
            from[0] = in->x[0] + done;
            from[1] = in->x[1] + done;
        }
        void *to[2] = {all.x[0] + given, all.x[1] + given};
        int err = nave_chain_write(st, from, n, &taken);
        ck_assert(err == NAVE_OK || err == NAVE_E_AGAIN);
        done += taken;
        ck_assert_int_eq(nave_chain_read(st, to, frames - given, &got), NAVE_OK);
        given += got;
        if (!taken && !got) {
            err = nave_chain_wait(st, 1000);
            ck_assert(err == NAVE_OK || err == NAVE_E_AGAIN);
        }
    }
    for (int k = 0; k < 2; k++)
        memcpy(out.x[k], all.x[k] + report.latency_frames, in->frames * sizeof(int32_t));
    out.latency = report.latency_frames;
    free_sound(&all);
    nave_chain_close(st);
    nave_chain_free(c);
    nave_close(dev);
    return out;
}

#define HEAD "nave-chain 1\n[dynamics]\nphase = linear\n"
#define SIX                                                                                                            \
    "crossover 1 = 60 Hz\ncrossover 2 = 2 kHz\ncrossover 3 = 300 Hz\ncrossover 4 = 6 kHz\ncrossover 5 = 12 kHz\n"

START_TEST(neutral_bands_add_up_to_the_words_of_a_24_bit_file)
{
    static const char *const texts[] = {HEAD SIX, HEAD "slope = 48 dB/oct\n" SIX, HEAD "crossover 1 = 30 Hz\n",
                                        HEAD "mid-side = yes\nlookahead = 5 ms\n" SIX};
    const sound in = noise(40000, test_seed());
    for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
        sound out = through(texts[k], &in, 0, 0);
        int32_t worst = 0;
        for (int c = 0; c < 2; c++)
            for (size_t n = 0; n < in.frames; n++) {
                const int32_t d = abs(out.x[c][n] - in.x[c][n]);
                worst = d > worst ? d : worst;
            }
        ck_assert_int_lt(worst, 16); /* half a step of the file */
        ck_assert_uint_gt(out.latency, 400);
        free_sound(&out);
    }
    free_sound((sound *)&in);
}
END_TEST

/* The response of one band, by an impulse of a quarter. */
static void check_band(uint32_t slope, uint32_t solo, const double *hz, uint32_t splits)
{
    char text[400];
    int n = snprintf(text, sizeof(text), HEAD "slope = %u dB/oct\nband %u solo = yes\n", slope, solo + 1);
    for (uint32_t i = 0; i < splits; i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "crossover %u = %g Hz\n", i + 1, hz[i]);
    const size_t middle = 16384;
    sound in = new_sound(2 * middle + 1);
    in.x[0][middle] = 1 << 26;
    sound out = through(text, &in, 0, 0);
    for (size_t i = 1; i <= middle; i++)
        ck_assert_int_le(abs(out.x[0][middle + i] - out.x[0][middle - i]), 3); /* rounding alone */
    for (size_t i = 0; i < in.frames; i++)
        ck_assert_int_eq(out.x[1][i], 0);
    for (double f = 20; f < 0.45 * RATE_HZ; f *= 1.31) {
        double sum = 0, rest = 1, want = 0;
        for (size_t i = 0; i < in.frames; i++)
            sum += out.x[0][i] * cos(2 * M_PI * f / RATE_HZ * ((double)i - (double)middle));
        for (uint32_t i = 0; i < splits; i++) {
            const double x = tan(M_PI * f / RATE_HZ) / tan(M_PI * hz[i] / RATE_HZ);
            const double low = 1 / (1 + pow(x, slope / 6.0));
            if (i == solo)
                want = rest * low;
            rest *= 1 - low;
        }
        want = solo == splits ? rest : want;
        ck_assert_double_eq_tol(sum / (1 << 26), want, 3e-6);
    }
    free_sound(&in);
    free_sound(&out);
}

START_TEST(a_band_has_the_magnitude_of_its_crossovers_and_no_phase)
{
    static const double hz[] = {120, 900, 5000};
    for (uint32_t slope = 24; slope <= 48; slope += 24)
        for (uint32_t solo = 0; solo < 4; solo++)
            check_band(slope, solo, hz, 3);
}
END_TEST

START_TEST(bits_do_not_depend_on_how_the_stream_is_cut_live_or_offline)
{
    static const char *const text =
        "nave-chain 1\n[eq]\nbell 1 = 700 Hz, 4 dB, Q 2\n[dynamics]\nphase = linear\nmid-side = yes\nlookahead = 2 ms\n"
        "crossover 1 = 200 Hz\ncrossover 2 = 3 kHz\nband 1 threshold = -30 dB\nband 2 ratio = 4:1\nband 3 mode = "
        "expand\n"
        "[limiter]\n[automation]\ndynamics.band 1 threshold = 0 s -30 dB, 200 ms -10 dB linear\n"
        "eq.bell 1 gain = 0 s 4 dB, 100 ms -4 dB\n";
    const sound in = noise(20000, test_seed());
    sound a = through(text, &in, 0, 0), live = through(text, &in, 0, 1);
    ck_assert_uint_eq(live.latency, a.latency + 2 * 64);
    for (uint64_t k = 1; k < 3; k++) {
        sound b = through(text, &in, test_seed() + k, 0), also = through(text, &in, test_seed() + k, 1);
        for (int c = 0; c < 2; c++) {
            ck_assert_mem_eq(a.x[c], b.x[c], in.frames * sizeof(int32_t));
            ck_assert_mem_eq(live.x[c], also.x[c], in.frames * sizeof(int32_t));
        }
        free_sound(&b);
        free_sound(&also);
    }
    free_sound(&a);
    free_sound(&live);
    free_sound((sound *)&in);
}
END_TEST

START_TEST(live_is_near_offline_by_less_than_a_step_of_24_bits)
{
    /* other partitions, as for any convolution */
    static const char *const text = HEAD SIX "band 2 threshold = -30 dB\nband 4 ratio = 4:1\n";
    const sound in = noise(20000, test_seed());
    sound a = through(text, &in, 0, 0), live = through(text, &in, 0, 1);
    for (int c = 0; c < 2; c++)
        for (size_t n = 0; n < in.frames; n++)
            ck_assert_int_lt(abs(a.x[c][n] - live.x[c][n]), 32);
    free_sound(&a);
    free_sound(&live);
    free_sound((sound *)&in);
}
END_TEST

START_TEST(a_compressor_reduces_its_band_and_no_other)
{
    sound in = new_sound(96000);
    for (size_t n = 0; n < in.frames; n++)
        in.x[0][n] = in.x[1][n] = (int32_t)rint(
            (sin(2 * M_PI * 60 * (double)n / RATE_HZ) + sin(2 * M_PI * 6000 * (double)n / RATE_HZ)) * 0.25 * 0x1p28);
    sound out = through(HEAD "crossover 1 = 600 Hz\nband 1 threshold = -32 dB\nband 1 ratio = inf:1\n"
                             "band 1 attack = 0 s\nband 1 release = 1 s\n",
                        &in, 0, 0);
    double part[2][2] = {{0}};
    for (size_t n = 48000; n < in.frames; n++)
        for (int k = 0; k < 2; k++) {
            const double w = 2 * M_PI * (k ? 6000 : 60) * (double)n / RATE_HZ, v = out.x[0][n] * 0x1p-28 / 24000;
            part[k][0] += v * sin(w);
            part[k][1] += v * cos(w);
        }
    /* a sine of -12 dBFS, 20 dB over the threshold; the other one as it was */
    ck_assert_double_eq_tol(20 * log10(hypot(part[0][0], part[0][1])), -32, 0.05);
    ck_assert_double_eq_tol(20 * log10(hypot(part[1][0], part[1][1])), 20 * log10(0.25), 0.001);
    free_sound(&in);
    free_sound(&out);
}
END_TEST

START_TEST(what_linear_phase_can_not_do_is_named)
{
    refused(HEAD "crossover 1 = 1 kHz\n[automation]\ndynamics.crossover 1 = 0 s 1 kHz, 1 s 2 kHz linear\n",
            "stay where");
    refused(
        "nave-chain 1\n[eq]\nbell 1 = 1 kHz, 1 dB, Q 1\n[dynamics]\nphase = linear\ncrossover 1 = 1 kHz\n[eq]\n[eq]\n"
        "[eq]\n[eq]\n[eq]\n[eq]\n[eq]\n",
        "more than 8 stages");
    nave_chain *c = chain_of("nave-chain 1\n[eq]\nbell 1 = 1 kHz, 1 dB, Q 1\n[dynamics]\nphase = linear\n"
                             "crossover 1 = 1 kHz\n[automation]\neq.bell 1 gain = 0 s 1 dB, 1 s 2 dB\n"
                             "dynamics.band 1 threshold = 0 s -20 dB, 1 s -10 dB\n");
    ck_assert_uint_eq(c->stages, 2);
    ck_assert_uint_eq(c->lane[0].target.stage, 0);
    ck_assert_uint_eq(c->lane[1].target.stage, 1);
    size_t bytes;
    nave_chain *again = chain_of(nave_chain_text(c, &bytes));
    ck_assert_str_eq(again->hash, c->hash);
    nave_chain_free(again);
    nave_chain_free(c);
    /* 8 bands of two channels and a side-chain of two are 18 channels */
    nave_chain_session s;
    nave_chain_report report;
    nave_card_limits limits;
    char text[400];
    int n = snprintf(text, sizeof(text), HEAD);
    for (int i = 1; i < 8; i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "crossover %d = %d Hz\n", i, 100 << i);
    c = chain_of(text);
    nave_chain_session_default(&s);
    nave_board_limits("model", &limits);
    ck_assert_int_eq(nave_chain_describe(c, &s, &limits, &report, &why), NAVE_OK);
    s.side_chain = 1;
    ck_assert_int_eq(nave_chain_describe(c, &s, &limits, &report, &why), NAVE_E_CHANNELS);
    nave_chain_free(c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("linear phase");
    TCase *tc = tcase_create("linear phase");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, neutral_bands_add_up_to_the_words_of_a_24_bit_file);
    tcase_add_test(tc, a_band_has_the_magnitude_of_its_crossovers_and_no_phase);
    tcase_add_test(tc, bits_do_not_depend_on_how_the_stream_is_cut_live_or_offline);
    tcase_add_test(tc, live_is_near_offline_by_less_than_a_step_of_24_bits);
    tcase_add_test(tc, a_compressor_reduces_its_band_and_no_other);
    tcase_add_test(tc, what_linear_phase_can_not_do_is_named);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
