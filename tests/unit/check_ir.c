/* Impulse responses: layouts, matrix files, conversion of the rate, edits, hostile files.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/audio_file.h"
#include "../../host/lib/ir.h"
#include <check.h>
#include <complex.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/nave-check-XXXXXX";
static nave_text why;

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[600];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static void write_audio(const char *path, int format, int rate, int channels, const double *interleaved, int frames)
{
    SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    ck_assert_ptr_nonnull(f);
    const int subtype = format & SF_FORMAT_SUBMASK;
    if (subtype == SF_FORMAT_FLOAT || subtype == SF_FORMAT_DOUBLE) {
        ck_assert_int_eq(sf_writef_double(f, interleaved, frames), frames);
    } else { /* libsndfile's own scaling to integers is 32767 */
        int words[4096];
        ck_assert_int_le(frames * channels, 4096);
        for (int i = 0; i < frames * channels; i++)
            words[i] = (int)fmin(interleaved[i] * 0x1p31, INT32_MAX);
        ck_assert_int_eq(sf_writef_int(f, words, frames), frames);
    }
    sf_close(f);
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static nave_ir *load(const char *path, const nave_ir_settings *s)
{
    nave_ir *ir;
    ck_assert_msg(nave_ir_load(&ir, path, s, &why) == NAVE_OK, "%s", why.text);
    return ir;
}

static const double *path_of(const nave_ir *ir, uint32_t input, uint32_t output)
{
    nave_ir_info info;
    nave_ir_get_info(ir, &info);
    for (uint32_t p = 0; p < info.paths; p++) {
        uint32_t i, o;
        const double *x;
        ck_assert_int_eq(nave_ir_get_path(ir, p, &i, &o, &x), NAVE_OK);
        if (i == input && o == output)
            return x;
    }
    return NULL;
}

static double complex response(const double *x, uint64_t frames, double cycles)
{
    double complex sum = 0;
    for (uint64_t i = 0; i < frames; i++)
        sum += x[i] * cexp(-2 * M_PI * I * cycles * (double)i);
    return sum;
}

static nave_ir *make(const double *x, uint64_t frames, nave_ir_settings s)
{
    nave_ir *ir;
    const double *paths[1] = {x};
    s.rate_hz = s.rate_hz ? s.rate_hz : 48000;
    ck_assert_msg(nave_ir_create(&ir, paths, frames, NULL, NULL, 1, &s, &why) == NAVE_OK, "%s", why.text);
    return ir;
}

START_TEST(channels_are_routed_as_the_layout_says)
{
    static const struct {
        int channels;
        nave_layout layout;
        uint32_t inputs, outputs, paths;
        uint32_t ends[16][2];
    } cases[] = {
        {1, NAVE_LAYOUT_AUTO, 0, 0, 1, {{0, 0}}},
        {2, NAVE_LAYOUT_AUTO, 2, 2, 2, {{0, 0}, {1, 1}}},
        {4, NAVE_LAYOUT_AUTO, 2, 2, 4, {{0, 0}, {0, 1}, {1, 0}, {1, 1}}},
        {4, NAVE_LAYOUT_TRUE_STEREO, 2, 2, 4, {{0, 0}, {0, 1}, {1, 0}, {1, 1}}},
        {4, NAVE_LAYOUT_DIAGONAL, 4, 4, 4, {{0, 0}, {1, 1}, {2, 2}, {3, 3}}},
        {6, NAVE_LAYOUT_AUTO, 6, 6, 6, {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double x[16 * 3] = {0};
        for (int c = 0; c < cases[k].channels; c++)
            x[c] = (c + 1) / 32.0; /* frame 0 tells the channel */
        write_audio(in_folder("l.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, cases[k].channels, x, 3);
        nave_ir_settings s;
        nave_ir_info info;
        nave_ir_settings_default(&s);
        s.layout = cases[k].layout;
        nave_ir *ir = load(in_folder("l.wav"), &s);
        nave_ir_get_info(ir, &info);
        ck_assert_uint_eq(info.inputs, cases[k].inputs);
        ck_assert_uint_eq(info.outputs, cases[k].outputs);
        ck_assert_uint_eq(info.paths, cases[k].paths);
        ck_assert_uint_eq(info.frames, 3);
        for (uint32_t p = 0; p < info.paths; p++) {
            const double *h = path_of(ir, cases[k].ends[p][0], cases[k].ends[p][1]);
            ck_assert_ptr_nonnull(h);
            ck_assert_double_eq(h[0], (p + 1) / 32.0);
        }
        nave_ir_free(ir);
    }
    double x[3 * 8] = {1};
    nave_ir_settings s;
    nave_ir *ir;
    nave_ir_settings_default(&s);
    s.layout = NAVE_LAYOUT_TRUE_STEREO;
    write_audio(in_folder("l.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 3, x, 8);
    ck_assert_int_eq(nave_ir_load(&ir, in_folder("l.wav"), &s, &why), NAVE_E_CHANNELS);
}
END_TEST

START_TEST(samples_arrive_exactly_from_every_format)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16,  SF_FORMAT_WAV | SF_FORMAT_PCM_U8,
                                  SF_FORMAT_WAV | SF_FORMAT_PCM_32,  SF_FORMAT_WAV | SF_FORMAT_FLOAT,
                                  SF_FORMAT_WAV | SF_FORMAT_DOUBLE,  SF_FORMAT_AIFF | SF_FORMAT_PCM_24,
                                  SF_FORMAT_FLAC | SF_FORMAT_PCM_24, SF_FORMAT_CAF | SF_FORMAT_PCM_16};
    for (size_t k = 0; k < sizeof formats / sizeof formats[0]; k++) {
        double x[500];
        for (int i = 0; i < 500; i++)
            x[i] = (i * 37 % 255 - 127) / 128.0;
        write_audio(in_folder("e.audio"), formats[k], 48000, 1, x, 500);
        nave_ir *ir = load(in_folder("e.audio"), NULL);
        ck_assert_mem_eq(path_of(ir, 0, 0), x, sizeof x);
        nave_ir_free(ir);
    }
}
END_TEST

START_TEST(matrix_files_route_scale_and_ignore_order)
{
    const double a[] = {1, 10, 2, 20, 3, 30}, b[] = {5, 6};
    write_audio(in_folder("a.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 2, a, 3);
    write_audio(in_folder("b c.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 1, b, 2);
    write_text(in_folder("m.txt"), "# a room\n1 1 a.wav:1\n\n 1 3\ta.wav:2 -6.0205999132796239 # quieter\n"
                                   "2 2 \"b c.wav\"\r\n");
    write_text(in_folder("m2.txt"), "2 2 \"b c.wav\"\n1 3 a.wav:2 -6.0205999132796239\n1 1 a.wav:1\n");
    nave_ir *ir = load(in_folder("m.txt"), NULL), *ir2 = load(in_folder("m2.txt"), NULL);
    nave_ir_info info, info2;
    nave_ir_get_info(ir, &info);
    nave_ir_get_info(ir2, &info2);
    ck_assert_uint_eq(info.inputs, 2);
    ck_assert_uint_eq(info.outputs, 3);
    ck_assert_uint_eq(info.paths, 3);
    ck_assert_uint_eq(info.frames, 3);
    ck_assert_str_eq(info.hash, info2.hash);
    ck_assert_double_eq(path_of(ir, 0, 0)[2], 3);
    ck_assert_double_eq_tol(path_of(ir, 0, 2)[2], 15, 1e-12);
    ck_assert_double_eq(path_of(ir, 1, 1)[1], 6);
    ck_assert_double_eq(path_of(ir, 1, 1)[2], 0);
    ck_assert_ptr_null(path_of(ir, 0, 1));
    nave_ir_free(ir);
    nave_ir_free(ir2);
}
END_TEST

START_TEST(matrix_faults_are_named_by_line_and_column)
{
    static const struct {
        const char *text, *place;
        int err;
    } cases[] = {
        {"1 1\n", ":1:4:", NAVE_E_FORMAT},
        {"# x\n0 1 a.wav:1\n", ":2:1:", NAVE_E_FORMAT},
        {"1 17 a.wav:1\n", ":1:3:", NAVE_E_FORMAT},
        {"1 x a.wav\n", ":1:3:", NAVE_E_FORMAT},
        {"1 1 a.wav:1 loud\n", ":1:13:", NAVE_E_FORMAT},
        {"1 1 a.wav:1 nan\n", ":1:13:", NAVE_E_FORMAT},
        {"1 1 a.wav:1 0 0\n", ":1:15:", NAVE_E_FORMAT},
        {"1 1 \"a.wav\n", ":1:5:", NAVE_E_FORMAT},
        {"1 1 a.wav:0\n", ":1:11:", NAVE_E_FORMAT},
        {"1 1 a.wav:1\n\n1 1 a.wav:2", ":3:1:", NAVE_E_FORMAT},
        {"99999999999999999999 1 a.wav:1\n", ":1:1:", NAVE_E_FORMAT},
        {"1 1 a.wav:3\n", ":1:", NAVE_E_CHANNELS},
        {"1 1 a.wav\n", ":1:", NAVE_E_CHANNELS},
        {"1 1 a.wav:1\n2 2 r.wav", ":2:", NAVE_E_RATE},
        {"1 1 none.wav\n", "none.wav", NAVE_E_IO},
        {"1 1 m.txt\n", "m.txt", NAVE_E_FORMAT},
        {"# nothing\n", "names no path", NAVE_E_FORMAT},
    };
    const double a[] = {1, 10, 2, 20};
    write_audio(in_folder("a.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 2, a, 2);
    write_audio(in_folder("r.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 44100, 1, a, 2);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        nave_ir *ir;
        write_text(in_folder("m.txt"), cases[k].text);
        const int err = nave_ir_load(&ir, in_folder("m.txt"), NULL, &why);
        ck_assert_msg(err == cases[k].err && strstr(why.text, cases[k].place), "%s -> %d %s", cases[k].text, err,
                      why.text);
        ck_assert_ptr_null(ir);
    }
}
END_TEST

/* Level, phase and time: an impulse at any place must have the response of a pure delay after conversion. */
START_TEST(conversion_keeps_the_frequency_response)
{
    static const uint32_t rates[][2] = {{44100, 48000},  {48000, 44100},  {96000, 48000}, {48000, 192000},
                                        {44100, 192000}, {192000, 44100}, {8000, 96000}};
    for (size_t k = 0; k < sizeof rates / sizeof rates[0]; k++) {
        const double from = rates[k][0], to = rates[k][1], low = from < to ? from : to;
        static const int places[] = {0, 1, 2, 7, 2000, 3999};
        for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
            /* An impulse in silence leaves room for the filter's ringing; at the start there is none. */
            const double tolerance_db = places[p] >= 2000 ? 1e-3 : from < to ? 0.03 : 0.5;
            double x[4000] = {0};
            x[places[p]] = 1;
            nave_ir *ir = make(x, 4000, (nave_ir_settings){.rate_hz = rates[k][0]});
            ck_assert_int_eq(nave_ir_resample(ir, rates[k][1], &why), NAVE_OK);
            for (double f = 0; f < 0.40; f += 0.033) {
                const double complex h = response(ir->samples[0], ir->frames, f * low / to);
                const double complex ideal = cexp(-2 * M_PI * I * f * low / from * places[p]);
                ck_assert_msg(20 * log10(1 + cabs(h - ideal)) < tolerance_db,
                              "%g > %g Hz, impulse at %d, %g Hz: off by %g dB", from, to, places[p], f * low,
                              20 * log10(1 + cabs(h - ideal)));
            }
            double peak = 0;
            for (uint64_t i = 0; i < ir->frames; i++)
                peak = fmax(peak, fabs(ir->samples[0][i]));
            ck_assert_double_lt(peak, 1.7);
            nave_ir_free(ir);
        }
    }
}
END_TEST

START_TEST(conversion_is_scaled_and_timed)
{
    double x[44100] = {0};
    x[22050] = 0.5;
    write_audio(in_folder("c.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 1, x, 44100);
    nave_ir_settings s;
    nave_ir_info info;
    nave_ir_settings_default(&s);
    s.rate_hz = 96000;
    nave_ir *ir = load(in_folder("c.wav"), &s);
    nave_ir_get_info(ir, &info);
    ck_assert_uint_eq(info.rate_hz, 96000);
    ck_assert_uint_eq(info.source_rate_hz, 44100);
    ck_assert_uint_eq(info.frames, 96000);
    const double *h = path_of(ir, 0, 0);
    uint64_t top = 0;
    for (uint64_t i = 0; i < info.frames; i++)
        top = fabs(h[i]) > fabs(h[top]) ? i : top;
    ck_assert_uint_eq(top, 48000);
    ck_assert_double_eq_tol(creal(response(h, info.frames, 0)), 0.5, 1e-9);
    nave_ir_free(ir);
}
END_TEST

START_TEST(edits_happen_in_the_stated_order)
{
    double x[1000];
    for (int i = 0; i < 1000; i++)
        x[i] = 1000 - i;
    nave_ir_settings s = {.rate_hz = 8000, .trim_start_s = 0.0125, .length_s = 0.05, .predelay_s = 0.001};
    nave_ir_info info;
    nave_ir *ir = make(x, 1000, s);
    nave_ir_get_info(ir, &info);
    ck_assert_uint_eq(info.frames, 400 + 8);
    ck_assert_double_eq(path_of(ir, 0, 0)[7], 0);
    ck_assert_double_eq(path_of(ir, 0, 0)[8], 900);
    ck_assert_double_eq(path_of(ir, 0, 0)[407], 501);
    nave_ir_free(ir);

    s.reverse = 1;
    s.fade_in_s = 0.0125; /* 100 frames of the reversed response */
    s.fade_out_s = 0.025; /* 200 */
    ir = make(x, 1000, s);
    const double *h = path_of(ir, 0, 0);
    for (int i = 0; i < 400; i++) {
        double expected = 501 + i;
        if (i < 100)
            expected *= 0.5 - 0.5 * cos(M_PI * (i + 0.5) / 100);
        if (i >= 200)
            expected *= 0.5 - 0.5 * cos(M_PI * (399 - i + 0.5) / 200);
        ck_assert_double_eq_tol(h[8 + i], expected, 1e-8);
    }
    nave_ir_free(ir);

    double decay[1000] = {0};
    for (int i = 0; i < 1000; i++)
        decay[i] = pow(10, -i * 0.1 / 20) * (i % 2 ? -1 : 1); /* 0.1 dB a frame */
    ir = make(decay, 1000, (nave_ir_settings){.trim_below_db = -60.05});
    nave_ir_get_info(ir, &info);
    ck_assert_uint_eq(info.frames, 601);
    nave_ir_free(ir);
}
END_TEST

START_TEST(normalisation_follows_its_rule)
{
    enum { frames = 997 };
    double a[frames], b[frames], c[frames];
    const double *paths[] = {a, b, c};
    const uint32_t in[] = {0, 1, 0}, out[] = {0, 0, 1};
    uint64_t seed = 5;
    for (int i = 0; i < frames; i++)
        for (int p = 0; p < 3; p++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            (p == 0 ? a : p == 1 ? b : c)[i] = (double)(int32_t)(seed >> 32) * 0x1p-31 * exp(-i / 200.0) * (p + 1);
        }
    for (int rule = NAVE_NORMALISE_PEAK; rule <= NAVE_NORMALISE_GAIN; rule++) {
        nave_ir *ir;
        nave_ir_info info;
        const nave_ir_settings s = {.rate_hz = 48000, .normalise = (nave_normalise)rule};
        ck_assert_int_eq(nave_ir_create(&ir, paths, frames, in, out, 3, &s, &why), NAVE_OK);
        nave_ir_get_info(ir, &info);
        double peak = 0, energy[2] = {0}, gain = 0;
        for (uint32_t p = 0; p < 3; p++) {
            const double *h = path_of(ir, in[p], out[p]);
            for (int i = 0; i < frames; i++) {
                peak = fmax(peak, fabs(h[i]));
                energy[out[p]] += h[i] * h[i];
            }
            for (int k = 0; k < 20000; k++) {
                /* Goertzel's recursion: an independent way to the response. */
                double s1 = 0, s2 = 0;
                const double w = 2 * cos(M_PI * k / 20000.0);
                for (int i = 0; i < frames; i++) {
                    const double s0 = h[i] + w * s1 - s2;
                    s2 = s1;
                    s1 = s0;
                }
                gain = fmax(gain, s1 * s1 + s2 * s2 - w * s1 * s2);
            }
        }
        if (rule == NAVE_NORMALISE_PEAK)
            ck_assert_double_eq_tol(peak, 1, 1e-8);
        if (rule == NAVE_NORMALISE_ENERGY)
            ck_assert_double_eq_tol(fmax(energy[0], energy[1]), 1, 1e-8);
        if (rule == NAVE_NORMALISE_GAIN)
            ck_assert_double_eq_tol(sqrt(gain), 1, 1e-3);
        ck_assert_double_eq_tol(path_of(ir, 0, 0)[3] / a[3], pow(10, info.applied_gain_db / 20), 1e-9);
        nave_ir_free(ir);
    }
}
END_TEST

START_TEST(no_sine_gets_louder_between_the_bins)
{
    /* A short comb has its tops where no power-of-two transform has a bin. */
    double x[48] = {0};
    x[0] = 1;
    x[31] = 1;
    x[47] = -0.75;
    nave_ir *ir = make(x, 48, (nave_ir_settings){.normalise = NAVE_NORMALISE_GAIN});
    double gain = 0;
    for (int k = 0; k <= 200000; k++)
        gain = fmax(gain, cabs(response(path_of(ir, 0, 0), 48, k / 400000.0)));
    ck_assert_double_eq_tol(gain, 1, 1e-6);
    nave_ir_free(ir);
}
END_TEST

START_TEST(hash_tells_samples_and_routing_and_nothing_else)
{
    const double x[] = {1, 0.5, -0.25}, y[] = {1, 0.5, -0.2500001}, z[] = {1, 0.5, -0.25, 0};
    const double *paths[1] = {x};
    const uint32_t zero[] = {0}, one[] = {1};
    const nave_ir_settings s = {.rate_hz = 48000};
    nave_ir *irs[6];
    irs[0] = make(x, 3, s);
    irs[1] = make(y, 3, s);
    irs[2] = make(z, 4, s);
    irs[3] = make(x, 3, (nave_ir_settings){.rate_hz = 44100});
    ck_assert_int_eq(nave_ir_create(&irs[4], paths, 3, zero, zero, 1, &s, &why), NAVE_OK);
    ck_assert_int_eq(nave_ir_create(&irs[5], paths, 3, zero, one, 1, &s, &why), NAVE_OK);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(irs[i]->hash, irs[j]->hash);
    for (int i = 0; i < 6; i++)
        nave_ir_free(irs[i]);
    write_audio(in_folder("h.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, x, 3);
    write_audio(in_folder("h.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 1, (double[]){0.5, 0.25, -0.125}, 3);
    nave_ir *wav = load(in_folder("h.wav"), NULL);
    nave_ir *flac = load(in_folder("h.flac"), &(nave_ir_settings){.normalise = NAVE_NORMALISE_PEAK});
    ck_assert_str_eq(wav->hash, flac->hash);
    nave_ir_free(wav);
    nave_ir_free(flac);
}
END_TEST

START_TEST(settings_out_of_range_are_refused)
{
    const double x[100] = {1};
    const double *paths[1] = {x};
    const nave_ir_settings bad[] = {
        {.rate_hz = 7999},
        {.rate_hz = 400000},
        {.rate_hz = 48000, .gain_db = 61},
        {.rate_hz = 48000, .gain_db = NAN},
        {.rate_hz = 48000, .predelay_s = -1},
        {.rate_hz = 48000, .predelay_s = 11},
        {.rate_hz = 48000, .trim_start_s = 0.01},
        {.rate_hz = 48000, .trim_start_s = INFINITY},
        {.rate_hz = 48000, .length_s = 1e-9},
        {.rate_hz = 48000, .trim_below_db = 1},
        {.rate_hz = 48000, .fade_in_s = 1},
        {.rate_hz = 48000, .fade_out_s = -1e-9},
        {.rate_hz = 48000, .normalise = (nave_normalise)9},
        {.rate_hz = 48000, .layout = (nave_layout)-1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        nave_ir *ir = (nave_ir *)&ir;
        why.text[0] = 0;
        ck_assert_msg(nave_ir_create(&ir, paths, 100, NULL, NULL, 1, &bad[i], &why) < 0, "case %zu", i);
        ck_assert_ptr_null(ir);
        ck_assert(why.text[0]);
    }
}
END_TEST

START_TEST(hostile_responses_are_refused)
{
    double x[64] = {0};
    nave_ir *ir;
    write_audio(in_folder("x.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, x, 0);
    ck_assert_int_eq(nave_ir_load(&ir, in_folder("x.wav"), NULL, &why), NAVE_E_FORMAT);
    for (int rule = NAVE_NORMALISE_PEAK; rule <= NAVE_NORMALISE_GAIN; rule++) {
        write_audio(in_folder("x.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, x, 64);
        ck_assert_int_eq(
            nave_ir_load(&ir, in_folder("x.wav"), &(nave_ir_settings){.normalise = (nave_normalise)rule}, &why),
            NAVE_E_FORMAT);
        ck_assert_ptr_nonnull(strstr(why.text, "silent"));
    }
    const double bad[] = {NAN, INFINITY, 1e300};
    for (int i = 0; i < 3; i++) {
        x[17] = bad[i];
        write_audio(in_folder("x.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 1, x, 64);
        ck_assert_int_eq(nave_ir_load(&ir, in_folder("x.wav"), NULL, &why), NAVE_E_FORMAT);
        ck_assert_msg(strstr(why.text, "frame 17"), "%s", why.text);
    }
    x[17] = 0.5;
    double wide[17 * 4] = {1};
    write_audio(in_folder("x.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 17, wide, 4);
    ck_assert_int_eq(nave_ir_load(&ir, in_folder("x.wav"), NULL, &why), NAVE_E_CHANNELS);
    ck_assert_int_eq(nave_ir_load(&ir, folder, NULL, &why), NAVE_E_IO);
    ck_assert_int_eq(mkfifo(in_folder("p"), 0600), 0);
    ck_assert_int_eq(nave_ir_load(&ir, in_folder("p"), NULL, &why), NAVE_E_IO);
    ck_assert_int_eq(nave_ir_load(&ir, "/dev/zero", NULL, &why), NAVE_E_IO);
    write_text(in_folder("e"), "");
    ck_assert_int_eq(nave_ir_load(&ir, in_folder("e"), NULL, &why), NAVE_E_FORMAT);
    /* A FLAC header that promises 2^36 frames. */
    write_audio(in_folder("x.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 1, x, 64);
    FILE *f = fopen(in_folder("x.flac"), "r+");
    fseek(f, 21, SEEK_SET);
    const int c = fgetc(f);
    fseek(f, 21, SEEK_SET);
    fputc(c | 15, f);
    fclose(f);
    ck_assert_int_eq(nave_ir_load(&ir, in_folder("x.flac"), NULL, &why), NAVE_E_FORMAT);
    ck_assert_msg(strstr(why.text, "cut the file"), "%s", why.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ir");
    TCase *tc = tcase_create("ir");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, channels_are_routed_as_the_layout_says);
    tcase_add_test(tc, samples_arrive_exactly_from_every_format);
    tcase_add_test(tc, matrix_files_route_scale_and_ignore_order);
    tcase_add_test(tc, matrix_faults_are_named_by_line_and_column);
    tcase_add_test(tc, conversion_keeps_the_frequency_response);
    tcase_add_test(tc, conversion_is_scaled_and_timed);
    tcase_add_test(tc, edits_happen_in_the_stated_order);
    tcase_add_test(tc, normalisation_follows_its_rule);
    tcase_add_test(tc, no_sine_gets_louder_between_the_bins);
    tcase_add_test(tc, hash_tells_samples_and_routing_and_nothing_else);
    tcase_add_test(tc, settings_out_of_range_are_refused);
    tcase_add_test(tc, hostile_responses_are_refused);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
