/* Files through the card, and receipts that prove them.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/audio_file.h"
#include "../../host/lib/reference.h"
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/nave-check-XXXXXX";
static nave_text why;
static nave_device *dev;

static uint64_t seed(void)
{
    const char *given = getenv("NAVE_SEED");
    return given ? strtoull(given, NULL, 0) : 2026;
}

static double noise(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (double)(int32_t)(*s >> 32) * 0x1p-31;
}

static const char *in_folder(const char *name)
{
    static char paths[8][512];
    static int turn;
    turn = (turn + 1) % 8;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static int entries(void)
{
    DIR *dir = opendir(folder);
    int count = 0;
    for (struct dirent *e; (e = readdir(dir));)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_msg(nave_open(&dev, "model:", &why) == NAVE_OK, "%s", why.text);
}

static void teardown(void)
{
    char command[600];
    nave_close(dev);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static int32_t word_of(double x, nave_word word)
{
    const float f = (float)x;
    int32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return word == NAVE_WORD_FLOAT ? bits : (int32_t)lrint(x * (word == NAVE_WORD_PCM16 ? 32767 : 8388607));
}

static void write_file(const char *path, nave_word word, uint32_t channels, const double *x, size_t frames)
{
    const nave_audio_target target = {
        .word = word, .channels = channels, .rate_hz = 48000, .frames = frames, .overwrite = 1};
    nave_audio_writer *w;
    int32_t *words = malloc((frames * channels + 1) * sizeof *words);
    for (size_t i = 0; i < frames * channels; i++)
        words[i] = word_of(x[i], word);
    ck_assert_msg(nave_audio_writer_open(&w, path, &target, &why) == NAVE_OK, "%s", why.text);
    ck_assert_int_eq(nave_audio_writer_write(w, words, frames, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_commit(w, &why), NAVE_OK);
    free(words);
}

static double *read_file(const char *path, size_t *frames, uint32_t *channels)
{
    nave_audio_reader *r;
    ck_assert_msg(nave_audio_reader_open(&r, path, &why) == NAVE_OK, "%s", why.text);
    const nave_audio_info *info = nave_audio_reader_info(r);
    double *x = malloc((info->frames * info->channels + 1) * sizeof *x);
    ck_assert_int_eq(nave_audio_reader_read_f64(r, x, info->frames, frames, &why), NAVE_OK);
    ck_assert_uint_eq(*frames, info->frames);
    *channels = info->channels;
    nave_audio_reader_close(r);
    return x;
}

static void write_noise(const char *path, nave_word word, uint32_t channels, size_t frames, double level, double decay,
                        uint64_t s)
{
    double *x = malloc(frames * channels * sizeof *x);
    for (size_t i = 0; i < frames * channels; i++)
        x[i] = noise(&s) * level * exp(-decay * (double)(i / channels));
    write_file(path, word, channels, x, frames);
    free(x);
}

static nave_render_settings defaults(void)
{
    nave_render_settings s;
    nave_render_settings_default(&s);
    return s;
}

static nave_render_result render(const char *in, const char *ir, const char *out, const nave_render_settings *s)
{
    nave_render_result r;
    const int err = nave_render_file(dev, in, ir, out, s, &r, &why);
    ck_assert_msg(err == NAVE_OK, "%s -> %s: %d %s", in, out, err, why.text);
    return r;
}

START_TEST(an_impulse_gives_the_response_back)
{
    enum { lead = 1000, frames = 3001, response = 5003 };
    double x[frames] = {0}, h[response];
    uint64_t s = seed();
    x[lead] = 1;
    for (int i = 0; i < response; i++)
        h[i] = noise(&s) * exp(-i / 1000.0);
    write_file(in_folder("x.wav"), NAVE_WORD_FLOAT, 1, x, frames);
    write_file(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, h, response);
    const nave_render_result r = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), NULL);
    ck_assert_uint_eq(r.frames_in, frames);
    ck_assert_uint_eq(r.frames_out, frames + response - 1);
    size_t n;
    uint32_t channels;
    double *y = read_file(in_folder("y.wav"), &n, &channels);
    ck_assert_uint_eq(n, r.frames_out);
    ck_assert_uint_eq(channels, 1);
    for (size_t i = 0; i < n; i++) {
        const double expected = i >= lead && i < lead + response ? (float)h[i - lead] : 0;
        ck_assert_double_eq_tol(y[i], expected, 1e-7);
    }
    free(y);
}
END_TEST

START_TEST(every_format_verifies_offline_and_live)
{
    static const char *const names[] = {"y.wav", "y.flac", "y.aiff", "y.caf", "y.w64"};
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM24, 2, 20000, 0.5, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 4, 9000, 0.1, 1e-3, seed() + 1);
    for (int format = NAVE_FILE_PCM16; format <= NAVE_FILE_FLOAT; format++)
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
            for (int live = 0; live < 2; live++) {
                if (strstr(names[n], "flac") && format > NAVE_FILE_PCM24)
                    continue;
                nave_render_settings s = defaults();
                nave_verify_result v;
                char receipt[600];
                s.format = (nave_file_format)format;
                s.wet_db = -3.3;
                s.dry_db = -6;
                s.seed = 99;
                s.plan.mode = live ? NAVE_LIVE : NAVE_OFFLINE;
                s.plan.tick_frames = live ? 256 : 0;
                s.ir.normalise = NAVE_NORMALISE_ENERGY;
                s.ir.predelay_s = 0.01;
                const nave_render_result r = render(in_folder("x.wav"), in_folder("h.wav"), in_folder(names[n]), &s);
                ck_assert_double_lt(r.error_rms_dbfs, -150);
                ck_assert_double_gt(r.error_rms_dbfs, -200);
                snprintf(receipt, sizeof receipt, "%s.nave", in_folder(names[n]));
                ck_assert_str_eq(receipt, r.receipt_path);
                const int err = nave_verify_receipt(dev, receipt, NULL, NULL, &v, &why);
                ck_assert_msg(err == NAVE_OK, "%s: %s", receipt, why.text);
                ck_assert_int_eq(v.identical, 1);
                ck_assert_uint_eq(v.compared_samples, 2 * r.frames_out);
                ck_assert_str_eq(v.expected_hash, r.output_hash);
                ck_assert_str_eq(v.found_hash, r.output_hash);
                /* Latency must not be in the file: both ways give the same sound. */
                ck_assert_uint_eq(r.frames_out, 20000 + 9000 + 480 - 1);
            }
}
END_TEST

static int verify_after_change(const char *text)
{
    nave_verify_result v;
    why.text[0] = 0;
    const int err = nave_verify_receipt(dev, in_folder("y.wav.nave"), NULL, NULL, &v, &why);
    ck_assert_int_eq(v.identical, 0);
    ck_assert_msg(strstr(why.text, text), "'%s' does not say '%s'", why.text, text);
    return err;
}

static void flip_byte(const char *path, long from_end)
{
    FILE *f = fopen(path, "r+b");
    fseek(f, -from_end, SEEK_END);
    const int c = fgetc(f);
    fseek(f, -from_end, SEEK_END);
    fputc(c ^ 1, f);
    fclose(f);
}

START_TEST(verify_says_what_was_changed_and_where)
{
    nave_verify_result v;
    nave_render_settings s = defaults();
    s.format = NAVE_FILE_PCM16;
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM16, 2, 5000, 0.5, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, 700, 0.1, 1e-3, seed() + 1);
    const nave_render_result r = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s);

    const uint64_t frame = r.frames_out - 100;
    nave_audio_reader *reader; /* the second channel of that frame, counted from the end of the audio */
    ck_assert_int_eq(nave_audio_reader_open(&reader, in_folder("y.wav"), &why), NAVE_OK);
    nave_audio_reader_close(reader);
    size_t n;
    uint32_t channels;
    double *before = read_file(in_folder("y.wav"), &n, &channels);
    before[2 * frame + 1] += before[2 * frame + 1] > 0 ? -0x1p-15 : 0x1p-15;
    int32_t *words = malloc(n * 2 * sizeof *words);
    for (size_t i = 0; i < 2 * n; i++)
        words[i] = (int32_t)lrint(before[i] * 32768);
    const nave_audio_target target = {
        .word = NAVE_WORD_PCM16, .channels = 2, .rate_hz = 48000, .frames = n, .overwrite = 1};
    nave_audio_writer *w;
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("y.wav"), &target, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_write(w, words, n, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_commit(w, &why), NAVE_OK);
    ck_assert_int_eq(nave_verify_receipt(dev, in_folder("y.wav.nave"), NULL, NULL, &v, &why), NAVE_E_MISMATCH);
    ck_assert_uint_eq(v.first_difference_frame, frame);
    ck_assert_uint_eq(v.first_difference_channel, 1);
    ck_assert_uint_eq(v.differing_samples, 1);
    ck_assert_int_eq(verify_after_change("output was changed"), NAVE_E_MISMATCH);
    free(before);
    free(words);

    render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s);
    ck_assert_int_eq(nave_verify_receipt(dev, in_folder("y.wav.nave"), NULL, NULL, &v, &why), NAVE_OK);
    flip_byte(in_folder("x.wav"), 4); /* the last frame, whose tail alone changes */
    ck_assert_int_eq(verify_after_change("input"), NAVE_E_MISMATCH);
    flip_byte(in_folder("x.wav"), 4);
    flip_byte(in_folder("h.wav"), 3);
    ck_assert_int_eq(verify_after_change("response"), NAVE_E_MISMATCH);
    flip_byte(in_folder("h.wav"), 3);
    ck_assert_int_eq(nave_verify_receipt(dev, in_folder("y.wav.nave"), NULL, NULL, &v, &why), NAVE_OK);
    ck_assert_int_eq(truncate(in_folder("y.wav"), 9000), 0);
    ck_assert_int_eq(verify_after_change("truncated"), NAVE_E_FORMAT);
    ck_assert_int_eq(remove(in_folder("y.wav")), 0);
    ck_assert_int_eq(verify_after_change("y.wav"), NAVE_E_IO);
}
END_TEST

START_TEST(a_moved_folder_still_verifies)
{
    nave_verify_result v;
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM16, 1, 500, 0.5, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, 70, 0.1, 1e-3, seed() + 1);
    render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), NULL);
    ck_assert_int_eq(mkdir(in_folder("moved"), 0700), 0);
    static const char *const names[] = {"x.wav", "h.wav", "y.wav", "y.wav.nave"};
    for (int i = 0; i < 4; i++) {
        char to[300];
        snprintf(to, sizeof to, "moved/%s", names[i]);
        ck_assert_int_eq(rename(in_folder(names[i]), in_folder(to)), 0);
    }
    ck_assert_msg(nave_verify_receipt(dev, in_folder("moved/y.wav.nave"), NULL, NULL, &v, &why) == NAVE_OK, "%s",
                  why.text);
    ck_assert_int_eq(v.identical, 1);
}
END_TEST

static int count_and_cancel(void *user, const nave_progress *p)
{
    int *left = user;
    ck_assert_uint_le(p->frames_done, p->frames_total);
    return --*left < 0;
}

START_TEST(a_failed_render_leaves_nothing_and_keeps_the_old_file)
{
    nave_render_settings s = defaults();
    nave_render_result r;
    struct stat before, after;
    int calls = 0;
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM16, 2, 20000, 0.5, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, 4000, 0.1, 1e-3, seed() + 1);
    write_noise(in_folder("y.wav"), NAVE_WORD_PCM16, 1, 10, 0.5, 0, seed());
    stat(in_folder("y.wav"), &before);
    s.progress = count_and_cancel;
    s.user = &calls;
    ck_assert_int_eq(nave_render_file(dev, in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s, &r, &why),
                     NAVE_E_CANCELLED);
    ck_assert_int_eq(entries(), 3);

    /* Not a number, late in the input: some of the output has been written by then. */
    double *x = calloc(200000, sizeof *x);
    x[199990] = NAN;
    write_file(in_folder("x.wav"), NAVE_WORD_FLOAT, 1, x, 200000);
    ck_assert_int_eq(nave_render_file(dev, in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), NULL, &r, &why),
                     NAVE_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(why.text, "199990"));
    ck_assert_int_eq(entries(), 3);
    write_file(in_folder("x.wav"), NAVE_WORD_FLOAT, 1, x, 0);
    free(x);
    ck_assert_int_eq(nave_render_file(dev, in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), NULL, &r, &why),
                     NAVE_E_FORMAT);
    ck_assert_int_eq(entries(), 3);
    stat(in_folder("y.wav"), &after);
    ck_assert_uint_eq(before.st_ino, after.st_ino);

    write_noise(in_folder("x.wav"), NAVE_WORD_PCM16, 2, 100, 0.5, 0, seed());
    s = defaults();
    s.overwrite = 0;
    ck_assert_int_eq(nave_render_file(dev, in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s, &r, &why),
                     NAVE_E_IO);
    s.wet_db = NAN;
    ck_assert_int_eq(nave_render_file(dev, in_folder("x.wav"), in_folder("h.wav"), in_folder("z.wav"), &s, &r, &why),
                     NAVE_E_ARG);
    ck_assert_int_eq(entries(), 3);
    s = defaults();
    s.receipt = 0;
    render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s);
    ck_assert_int_eq(entries(), 3);
    s.receipt = 1;
    render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s);
    ck_assert_int_eq(entries(), 4);
}
END_TEST

static int write_the_target(void *user, const nave_progress *p)
{
    (void)p;
    write_noise(user, NAVE_WORD_PCM16, 1, 10, 0.5, 0, 1);
    return 0;
}

START_TEST(a_target_that_appears_meanwhile_is_kept)
{
    nave_render_settings s = defaults();
    nave_render_result r;
    size_t n;
    uint32_t channels;
    char target[512];
    strcpy(target, in_folder("y.wav"));
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM16, 2, 1000, 0.5, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, 40, 0.1, 1e-3, seed() + 1);
    s.overwrite = 0;
    s.progress = write_the_target;
    s.user = target;
    ck_assert_int_eq(nave_render_file(dev, in_folder("x.wav"), in_folder("h.wav"), target, &s, &r, &why), NAVE_E_IO);
    ck_assert_int_eq(entries(), 3); /* no temporary file of audio or receipt, no receipt */
    free(read_file(target, &n, &channels));
    ck_assert_uint_eq(n, 10);
}
END_TEST

START_TEST(without_tail_the_file_is_the_beginning_of_the_whole)
{
    nave_render_settings s = defaults();
    size_t n, m;
    uint32_t channels;
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM24, 2, 30011, 0.5, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 2, 12345, 0.1, 1e-3, seed() + 1);
    const nave_render_result with = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("with.wav"), &s);
    s.tail = 0;
    const nave_render_result cut = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("cut.wav"), &s);
    double *a = read_file(in_folder("with.wav"), &n, &channels), *b = read_file(in_folder("cut.wav"), &m, &channels);
    ck_assert_uint_eq(n, 30011 + 12345 - 1);
    ck_assert_uint_eq(m, 30011);
    ck_assert_mem_eq(a, b, m * channels * sizeof *a);
    ck_assert_str_eq(with.input_hash, cut.input_hash);
    free(a);
    free(b);
}
END_TEST

START_TEST(dry_alone_gives_the_input_and_channels_do_not_leak)
{
    nave_render_settings s = defaults();
    s.dither = 0;
    s.tail = 0;
    for (uint32_t channels = 1; channels <= 8; channels++) {
        enum { frames = 9001 };
        double *x = calloc(frames * 8, sizeof *x);
        uint64_t state = seed();
        size_t n;
        uint32_t c;
        for (size_t i = 0; i < frames; i++)
            x[i * channels + channels / 2] = lrint(noise(&state) * 8000) / 32767.0; /* all others are silent */
        write_file(in_folder("x.wav"), NAVE_WORD_PCM16, channels, x, frames);
        write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, 3000, 0.1, 1e-3, seed() + 1);
        s.wet_db = -INFINITY;
        s.dry_db = 0;
        const nave_render_result r = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s);
        ck_assert_str_eq(r.input_hash, r.output_hash);
        s.wet_db = 0;
        s.dry_db = -INFINITY;
        render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), &s);
        double *y = read_file(in_folder("y.wav"), &n, &c);
        ck_assert_uint_eq(c, channels);
        int heard = 0;
        for (size_t i = 0; i < n * channels; i++) {
            ck_assert(i % channels == channels / 2 || y[i] == 0);
            heard |= y[i] != 0;
        }
        ck_assert_int_eq(heard, 1);
        free(x);
        free(y);
    }
}
END_TEST

START_TEST(output_may_be_the_input)
{
    write_noise(in_folder("x.wav"), NAVE_WORD_PCM16, 2, 70000, 0.3, 0, seed());
    write_noise(in_folder("h.wav"), NAVE_WORD_FLOAT, 1, 3000, 0.1, 1e-3, seed() + 1);
    const nave_render_result a = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("y.wav"), NULL);
    const nave_render_result b = render(in_folder("x.wav"), in_folder("h.wav"), in_folder("x.wav"), NULL);
    ck_assert_str_eq(a.output_hash, b.output_hash);
}
END_TEST

/* The figure must see an error that is there: of a known size, in a known place. */
START_TEST(noise_figure_measures_a_planted_error)
{
    enum { frames = 40000, response = 300 };
    double *h = malloc(response * sizeof *h);
    int32_t *x = malloc(frames * sizeof *x);
    uint64_t s = seed();
    nave_ir *ir;
    for (int i = 0; i < response; i++)
        h[i] = noise(&s) * 0.05;
    for (int i = 0; i < frames; i++)
        x[i] = (int32_t)(noise(&s) * 0x1p27);
    const double *paths[1] = {h};
    const nave_ir_settings settings = {.rate_hz = 48000};
    ck_assert_int_eq(nave_ir_create(&ir, paths, response, NULL, NULL, 1, &settings, &why), NAVE_OK);
    static const double planted[] = {0, 1e-3, 1e-7};
    for (int k = 0; k < 3; k++) {
        nave_reference *r;
        double figure;
        int64_t *y = malloc(frames * sizeof *y);
        for (int n = 0; n < frames; n++) {
            double sum = 0.25 * x[n]; /* dry */
            for (int i = 0; i < response && i <= n; i++)
                sum += 0.5 * h[i] * x[n - i]; /* wet */
            y[n] = llrint(sum * 65536 + planted[k] * 0x1p44 * (n % 2 ? 1 : -1));
        }
        ck_assert_int_eq(nave_reference_open(&r, ir, 1, 1, frames, &why), NAVE_OK);
        for (int n = 0; n < frames; n += 1000) {
            const int32_t *in[1] = {x + n};
            const int64_t *out[1] = {y + n};
            nave_reference_input(r, in, 1000);
            nave_reference_output(r, out, NULL, 1000);
        }
        ck_assert_int_eq(nave_reference_result(r, 0.5, 0.25, &figure, &why), NAVE_OK);
        nave_reference_close(r);
        free(y);
        if (planted[k] == 0)
            ck_assert_double_lt(figure, -250); /* rounding to Q44 alone */
        else
            ck_assert_double_eq_tol(figure, 20 * log10(planted[k]), 0.01);
    }
    nave_ir_free(ir);
    free(h);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render");
    TCase *tc = tcase_create("render");
    printf("NAVE_SEED=%llu\n", (unsigned long long)seed());
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_impulse_gives_the_response_back);
    tcase_add_test(tc, every_format_verifies_offline_and_live);
    tcase_add_test(tc, verify_says_what_was_changed_and_where);
    tcase_add_test(tc, a_moved_folder_still_verifies);
    tcase_add_test(tc, a_failed_render_leaves_nothing_and_keeps_the_old_file);
    tcase_add_test(tc, a_target_that_appears_meanwhile_is_kept);
    tcase_add_test(tc, without_tail_the_file_is_the_beginning_of_the_whole);
    tcase_add_test(tc, dry_alone_gives_the_input_and_channels_do_not_leak);
    tcase_add_test(tc, output_may_be_the_input);
    tcase_add_test(tc, noise_figure_measures_a_planted_error);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
