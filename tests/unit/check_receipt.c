/* Receipts: what is written reads back exactly, and nothing else is believed.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/receipt.h"
#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static nave_text why;

static uint64_t seed(void)
{
    const char *given = getenv("NAVE_SEED");
    return given ? strtoull(given, NULL, 0) : 31337;
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 29;
}

static double real(uint64_t *s, double low, double high)
{
    return low + (high - low) * ((double)(next(s) >> 11) * 0x1p-53);
}

static nave_receipt any_receipt(uint64_t *s)
{
    static nave_receipt r;
    memset(&r, 0, sizeof r);
    strcpy(r.library, "0.1.0");
    strcpy(r.profile, "nave-1");
    r.protocol = (uint32_t)next(s);
    for (int i = 0; i < 60; i++)
        r.input_path[i] = (char)(1 + next(s) % 255); /* any byte, newline and colon included */
    strcpy(r.ir_path, " room: \\x41 #1\n.wav ");
    memset(r.output_path, 'p', sizeof r.output_path - 1);
    char *const hashes[] = {r.input_hash, r.ir_hash, r.plan_hash, r.output_hash};
    for (int h = 0; h < 4; h++)
        for (int i = 0; i < 64; i++)
            hashes[h][i] = "0123456789abcdef"[next(s) % 16];
    r.channels_in = 2;
    r.channels_out = 16;
    r.rate_hz = 44100;
    r.frames_in = next(s) >> 20;
    r.frames_out = next(s) >> 20;
    nave_ir_settings *ir = &r.settings.ir;
    ir->layout = (nave_layout)(next(s) % 3);
    ir->normalise = (nave_normalise)(next(s) % 4);
    ir->gain_db = real(s, -120, 60);
    ir->predelay_s = real(s, 0, 10);
    ir->trim_start_s = real(s, 0, 1e-300);
    ir->length_s = 0.1;
    ir->trim_below_db = real(s, -200, 0);
    ir->fade_in_s = real(s, 0, 1);
    ir->fade_out_s = real(s, 0, 1);
    ir->reverse = (int)(next(s) % 2);
    r.settings.plan.mode = (nave_mode)(next(s) % 2);
    r.settings.plan.tick_frames = 64;
    r.settings.plan.batch = 8;
    r.settings.wet_db = real(s, -30, 18);
    r.settings.dry_db = -INFINITY;
    r.settings.format = (nave_file_format)(1 + next(s) % 4);
    r.settings.dither = (int)(next(s) % 2);
    r.settings.seed = UINT64_MAX;
    r.settings.tail = (int)(next(s) % 2);
    r.chosen_min_partition = 512;
    r.chosen_max_partition = 8192;
    r.chosen_batch = 4;
    strcpy(r.chosen_tiers, "64x1 1024x4");
    r.peak_dbfs = real(s, -10, 0);
    r.true_peak_dbtp = real(s, -10, 0);
    r.loudness_lufs = -INFINITY;
    r.error_rms_dbfs = real(s, -200, -100);
    r.clipped_samples = next(s);
    return r;
}

START_TEST(what_is_written_reads_back_exactly)
{
    uint64_t s = seed();
    static nave_receipt r, back;
    for (int i = 0; i < 200; i++) {
        char *text;
        size_t bytes;
        r = any_receipt(&s);
        ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_OK);
        ck_assert_msg(nave_receipt_parse(&back, "r", text, bytes, &why) == NAVE_OK, "%s", why.text);
        /* Field by field through the text again: equal text of equal keys, and doubles by their bits. */
        char *again;
        size_t bytes2;
        ck_assert_int_eq(nave_receipt_format(&back, &again, &bytes2, &why), NAVE_OK);
        ck_assert_str_eq(text, again);
        ck_assert_mem_eq(&back.settings.ir, &r.settings.ir, sizeof r.settings.ir);
        ck_assert_mem_eq(&back.settings.plan, &r.settings.plan, sizeof r.settings.plan);
        ck_assert(back.settings.wet_db == r.settings.wet_db && back.settings.dry_db == r.settings.dry_db);
        ck_assert(back.settings.seed == r.settings.seed && back.settings.format == r.settings.format);
        ck_assert(back.settings.tail == r.settings.tail && back.settings.dither == r.settings.dither);
        ck_assert(back.peak_dbfs == r.peak_dbfs && back.error_rms_dbfs == r.error_rms_dbfs);
        ck_assert(back.loudness_lufs == -INFINITY && back.clipped_samples == r.clipped_samples);
        ck_assert_str_eq(back.chosen_tiers, r.chosen_tiers);
        ck_assert_str_eq(back.input_path, r.input_path);
        ck_assert_str_eq(back.ir_path, r.ir_path);
        ck_assert_str_eq(back.output_path, r.output_path);
        ck_assert_str_eq(back.output_hash, r.output_hash);
        free(text);
        free(again);
    }
}
END_TEST

START_TEST(each_key_is_needed_and_wanted_once)
{
    uint64_t s = seed();
    static nave_receipt r, back;
    char *text;
    size_t bytes;
    int lines = 0;
    r = any_receipt(&s);
    ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_OK);
    for (char *line = text; *line; line = strchr(line, '\n') + 1, lines++) {
        const size_t before = (size_t)(line - text), length = (size_t)(strchr(line, '\n') + 1 - line);
        char *changed = malloc(bytes + length + 1);
        memcpy(changed, text, before);
        memcpy(changed + before, line + length, bytes - before - length);
        ck_assert_msg(nave_receipt_parse(&back, "r", changed, bytes - length, &why) < 0, "without %.*s", (int)length,
                      line);
        memcpy(changed, text, bytes);
        memcpy(changed + bytes, line, length);
        ck_assert_msg(nave_receipt_parse(&back, "r", changed, bytes + length, &why) < 0, "twice %.*s", (int)length,
                      line);
        free(changed);
    }
    ck_assert_int_gt(lines, 40);
    free(text);
}
END_TEST

static int parse_with(const char *text, const char *line_start, const char *replacement)
{
    static nave_receipt back;
    const size_t room = strlen(text) + 20000;
    char *changed = malloc(room);
    const char *at = strstr(text, line_start);
    ck_assert(changed && at);
    snprintf(changed, room, "%.*s%s%s", (int)(at - text), text, replacement, strchr(at, '\n'));
    const int err = nave_receipt_parse(&back, "file.nave", changed, strlen(changed), &why);
    free(changed);
    return err;
}

START_TEST(bad_values_are_named_by_line)
{
    static const char *const cases[][2] = {
        {"wet-db:", "wet-db: nan"},
        {"wet-db:", "wet-db: 19"},
        {"wet-db:", "wet-db: 1,5"},
        {"wet-db:", "wet-db:  1"},
        {"wet-db:", "wet-db: 1 "},
        {"wet-db:", "wet-db: "},
        {"response-predelay-s:", "response-predelay-s: inf"},
        {"response-gain-db:", "response-gain-db: -120.0000001"},
        {"rate-hz:", "rate-hz: 4294967296"},
        {"rate-hz:", "rate-hz: -1"},
        {"rate-hz:", "rate-hz: 0x10"},
        {"dither-seed:", "dither-seed: 18446744073709551616"},
        {"format:", "format: -"},
        {"format:", "format: pcm"},
        {"format:", "format: pcm16 "},
        {"tail:", "tail: maybe"},
        {"plan-sha256:", "plan-sha256: 00"},
        {"output:", "output: a\\x00b"},
        {"output:", "output: a\\y"},
        {"output:", "output: a\\x4"},
        {"output:", "output: "},
        {"output:", "output"},
        {"output:", "outputs: x"},
    };
    uint64_t s = seed();
    char *text;
    size_t bytes;
    static nave_receipt r;
    r = any_receipt(&s);
    strcpy(r.input_path, "in.wav");
    ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned line = 1;
        char place[32];
        for (const char *p = text; p < strstr(text, cases[i][0]); p++)
            line += *p == '\n';
        snprintf(place, sizeof place, "file.nave:%u:", line);
        ck_assert_msg(parse_with(text, cases[i][0], cases[i][1]) == NAVE_E_FORMAT, "%s", cases[i][1]);
        ck_assert_msg(strstr(why.text, place), "%s: %s", cases[i][1], why.text);
    }
    char long_path[6000] = "output: ";
    memset(long_path + 8, 'a', 5000);
    ck_assert_int_eq(parse_with(text, "output:", long_path), NAVE_E_FORMAT);
    ck_assert_int_eq(parse_with(text, "rate-hz:", "rate-hz: 7999"), NAVE_E_FORMAT);
    ck_assert_int_eq(parse_with(text, "input-channels:", "input-channels: 17"), NAVE_E_FORMAT);
    ck_assert_int_eq(parse_with(text, "nave receipt 1", "nave receipt 2"), NAVE_E_VERSION);
    ck_assert_int_eq(parse_with(text, "nave receipt 1", "nave receipts"), NAVE_E_FORMAT);
    ck_assert_int_eq(parse_with(text, "nave receipt 1", "nave receipt 1\n\n# a comment"), NAVE_OK);
    free(text);
}
END_TEST

START_TEST(damaged_receipts_never_crash)
{
    uint64_t s = seed();
    static nave_receipt r, back;
    char *text;
    size_t bytes;
    r = any_receipt(&s);
    ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_OK);
    int refused = 0;
    for (int i = 0; i < 20000; i++) {
        char *damaged = malloc(bytes);
        size_t size = bytes;
        memcpy(damaged, text, bytes);
        for (uint64_t k = next(&s) % 4; k < 4; k++)
            damaged[next(&s) % bytes] = (char)next(&s);
        if (next(&s) % 4 == 0)
            size = next(&s) % bytes;
        const int err = nave_receipt_parse(&back, "r", damaged, size, &why);
        ck_assert(err == NAVE_OK || err == NAVE_E_FORMAT || err == NAVE_E_VERSION);
        refused += err != NAVE_OK;
        free(damaged);
    }
    ck_assert_int_gt(refused, 5000);
    free(text);
}
END_TEST

START_TEST(a_country_with_decimal_commas_changes_nothing)
{
    uint64_t s = seed();
    static nave_receipt r, back;
    char *text;
    size_t bytes;
    /* Where none of these is installed the test still checks the C locale. */
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        printf("no locale with a decimal comma is installed\n");
    r = any_receipt(&s);
    r.settings.wet_db = -1.5;
    ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_OK);
    ck_assert_ptr_nonnull(strstr(text, "wet-db: -1.5\n"));
    ck_assert_int_eq(nave_receipt_parse(&back, "r", text, bytes, &why), NAVE_OK);
    ck_assert_double_eq(back.settings.wet_db, -1.5);
    free(text);
}
END_TEST

START_TEST(a_receipt_with_no_meaning_is_not_written)
{
    uint64_t s = seed();
    static nave_receipt r;
    char *text, *temp = NULL, *final = NULL;
    size_t bytes;
    r = any_receipt(&s);
    r.peak_dbfs = NAN;
    ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_E_ARG);
    ck_assert_ptr_null(text);
    r = any_receipt(&s);
    r.settings.format = NAVE_FILE_AUTO;
    ck_assert_int_eq(nave_receipt_format(&r, &text, &bytes, &why), NAVE_E_ARG);
    r = any_receipt(&s);
    ck_assert_int_eq(nave_receipt_write(&r, "/nowhere/x.nave", 1, &temp, &final, &why), NAVE_E_IO);
    ck_assert_int_eq(nave_receipt_read(&r, "/tmp", &why), NAVE_E_IO);
    ck_assert_int_eq(nave_receipt_read(&r, "/nowhere/x.nave", &why), NAVE_E_IO);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("receipt");
    TCase *tc = tcase_create("receipt");
    printf("NAVE_SEED=%llu\n", (unsigned long long)seed());
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, what_is_written_reads_back_exactly);
    tcase_add_test(tc, each_key_is_needed_and_wanted_once);
    tcase_add_test(tc, bad_values_are_named_by_line);
    tcase_add_test(tc, damaged_receipts_never_crash);
    tcase_add_test(tc, a_country_with_decimal_commas_changes_nothing);
    tcase_add_test(tc, a_receipt_with_no_meaning_is_not_written);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
