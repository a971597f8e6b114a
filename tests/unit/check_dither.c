/* The way from the card's words to a file's words.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/dither.h"
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 200000

static const nave_word pcm_words[] = {NAVE_WORD_PCM16, NAVE_WORD_PCM24, NAVE_WORD_PCM32};
static const int pcm_bits[] = {15, 23, 31};

static uint64_t seed(void)
{
    const char *given = getenv("NAVE_SEED");
    return given ? strtoull(given, NULL, 0) : 20240601;
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 29;
}

static float float_of(int32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

START_TEST(rounding_is_to_nearest_even)
{
    for (int w = 0; w < 3; w++) {
        const int shift = 44 - pcm_bits[w];
        nave_dither d = {.word = pcm_words[w]};
        const int64_t half = (int64_t)1 << (shift - 1);
        for (int64_t k = -5; k <= 5; k++)
            for (int64_t delta = -1; delta <= 1; delta++) {
                const int64_t in = k * 2 * half + half + delta;
                const int32_t expected = (int32_t)(delta < 0 ? k : delta > 0 ? k + 1 : k % 2 ? k + 1 : k);
                int32_t out;
                nave_dither_q44(&d, &in, &out, 1, 1, 0, 0);
                ck_assert_int_eq(out, expected);
            }
        ck_assert_uint_eq(d.clipped_samples, 0);
    }
}
END_TEST

START_TEST(full_scale_saturates_and_is_counted)
{
    for (int w = 0; w < 3; w++)
        for (int on = 0; on < 2; on++) {
            nave_dither d = {.word = pcm_words[w], .on = on, .seed = seed()};
            const int64_t one = (int64_t)1 << 44, step = (int64_t)1 << (44 - pcm_bits[w]);
            const int64_t in[] = {INT64_C(1) << 47, -(INT64_C(1) << 47), one + 2 * step, -one - 2 * step,
                                  one - 4 * step};
            const int32_t top = (int32_t)((INT64_C(1) << pcm_bits[w]) - 1);
            int32_t out[5];
            nave_dither_q44(&d, in, out, 1, 5, 0, 0);
            ck_assert_int_eq(out[0], top);
            ck_assert_int_eq(out[1], -top - 1);
            ck_assert_int_eq(out[2], top);
            ck_assert_int_ge(out[3], -top - 1);
            ck_assert_int_le(out[3], -top + 1);
            ck_assert_int_ne(out[4], top);
            ck_assert_uint_ge(d.clipped_samples, 3);
            ck_assert_uint_le(d.clipped_samples, 4);
        }
}
END_TEST

START_TEST(dither_does_not_depend_on_block_cuts_or_stride)
{
    uint64_t s = seed();
    int64_t *in = malloc(FRAMES * sizeof *in);
    int32_t *whole = malloc(FRAMES * sizeof *whole), *cut = malloc(2 * FRAMES * sizeof *cut);
    for (int i = 0; i < FRAMES; i++)
        in[i] = (int64_t)(next(&s) >> 18) - (INT64_C(1) << 45);
    for (int w = 0; w < 3; w++) {
        nave_dither d = {.word = pcm_words[w], .on = 1, .seed = 7};
        nave_dither_q44(&d, in, whole, 1, FRAMES, 3, 1000);
        const uint64_t clipped = d.clipped_samples;
        d.clipped_samples = 0;
        for (size_t at = 0; at < FRAMES;) {
            size_t n = 1 + next(&s) % 3000;
            n = n < FRAMES - at ? n : FRAMES - at;
            nave_dither_q44(&d, in + at, cut + 2 * at, 2, n, 3, 1000 + at);
            at += n;
        }
        ck_assert_uint_eq(d.clipped_samples, clipped);
        for (size_t i = 0; i < FRAMES; i++)
            ck_assert_int_eq(cut[2 * i], whole[i]);
    }
    free(in);
    free(whole);
    free(cut);
}
END_TEST

/* What TPDF promises: mean and power of the error do not depend on where between two steps the input lies. */
START_TEST(dither_error_has_no_mean_and_a_quarter_step_power_at_every_level)
{
    int64_t *in = malloc(FRAMES * sizeof *in);
    int32_t *out = malloc(FRAMES * sizeof *out);
    for (int w = 0; w < 3; w++) {
        const int shift = 44 - pcm_bits[w];
        const int64_t step = (int64_t)1 << shift;
        for (int level = 0; level <= 8; level++) {
            nave_dither d = {.word = pcm_words[w], .on = 1, .seed = seed() + (uint64_t)level};
            const int64_t value = level * step / 8 - step / 2 + 7 * step;
            for (int i = 0; i < FRAMES; i++)
                in[i] = value;
            nave_dither_q44(&d, in, out, 1, FRAMES, (uint32_t)level, 0);
            double mean = 0, power = 0, correlation = 0, last = 0;
            for (int i = 0; i < FRAMES; i++) {
                const double e = out[i] - (double)value / (double)step;
                mean += e / FRAMES;
                power += e * e / FRAMES;
                correlation += e * last / FRAMES;
                last = e;
            }
            /* Five standard deviations of each estimate. */
            ck_assert_double_lt(fabs(mean), 5 * 0.5 / sqrt(FRAMES));
            ck_assert_double_lt(fabs(power - 0.25), 5 * 0.35 / sqrt(FRAMES));
            ck_assert_double_lt(fabs(correlation), 5 * 0.25 / sqrt(FRAMES));
        }
    }
    free(in);
    free(out);
}
END_TEST

START_TEST(channels_and_seeds_have_noise_of_their_own)
{
    int64_t *in = calloc(FRAMES, sizeof *in);
    int32_t *a = malloc(FRAMES * sizeof *a), *b = malloc(FRAMES * sizeof *b);
    for (int i = 0; i < FRAMES; i++)
        in[i] = (int64_t)1 << 28; /* half a step of pcm16 */
    for (int other = 0; other < 3; other++) {
        nave_dither d = {.word = NAVE_WORD_PCM16, .on = 1, .seed = seed()};
        nave_dither_q44(&d, in, a, 1, FRAMES, 0, 0);
        d.seed += other == 1;
        nave_dither_q44(&d, in, b, 1, FRAMES, other == 0, other == 2);
        double correlation = 0;
        for (int i = 0; i < FRAMES; i++)
            correlation += (a[i] - 0.5) * (b[i] - 0.5) / FRAMES;
        ck_assert_double_lt(fabs(correlation), 5 * 0.25 / sqrt(FRAMES));
    }
    free(in);
    free(a);
    free(b);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_file_for_ever)
{
    /* Frozen: an old receipt must verify with a new library. */
    static const int64_t in[8] = {0, 123456789, -987654321, INT64_C(1) << 40, -(INT64_C(1) << 41), 1, -1, 5000000000};
    static const int32_t frozen16[8] = {0, 0, -2, 2048, -4096, 1, 0, 9};
    static const int32_t frozen24[8] = {0, 58, -471, 524288, -1048576, 1, 0, 2384};
    int32_t out[8];
    nave_dither d = {.word = NAVE_WORD_PCM16, .on = 1, .seed = 1};
    nave_dither_q44(&d, in, out, 1, 8, 1, 1000);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(out[i], frozen16[i]);
    d.word = NAVE_WORD_PCM24;
    nave_dither_q44(&d, in, out, 1, 8, 1, 1000);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(out[i], frozen24[i]);
}
END_TEST

START_TEST(float_is_the_nearest_float_of_the_wide_word)
{
    uint64_t s = seed();
    nave_dither d = {.word = NAVE_WORD_FLOAT, .on = 1, .seed = 1};
    for (int i = 0; i < 100000; i++) {
        const int64_t in = ((int64_t)(next(&s) >> 16) - (INT64_C(1) << 47)) >> (i % 40);
        const float expected = (float)ldexp((double)in, -44); /* |in| <= 2^47: exact as a double */
        int32_t out;
        nave_dither_q44(&d, &in, &out, 1, 1, 0, 0);
        ck_assert(float_of(out) == expected);
    }
}
END_TEST

START_TEST(a_q28_word_is_the_wide_word_with_low_zeros)
{
    uint64_t s = seed();
    int32_t narrow[4096], a[4096], b[4096];
    int64_t wide[4096];
    for (int i = 0; i < 4096; i++) {
        narrow[i] = (int32_t)(next(&s) >> 32);
        wide[i] = (int64_t)narrow[i] * 65536;
    }
    for (int w = NAVE_WORD_PCM16; w <= NAVE_WORD_FLOAT; w++)
        for (int on = 0; on < 2; on++) {
            nave_dither d = {.word = (nave_word)w, .on = on, .seed = 3}, e = d;
            nave_dither_q28(&d, narrow, a, 1, 4096, 2, 77);
            nave_dither_q44(&e, wide, b, 1, 4096, 2, 77);
            ck_assert_mem_eq(a, b, sizeof a);
            ck_assert_uint_eq(d.clipped_samples, e.clipped_samples);
        }
}
END_TEST

START_TEST(words_of_the_input_pass_unchanged_without_dither)
{
    for (int v = -32768; v <= 32767; v++) {
        const int32_t q28 = v * 8192, q28_24 = v * 256 * 32;
        int32_t out;
        nave_dither d = {.word = NAVE_WORD_PCM16};
        nave_dither_q28(&d, &q28, &out, 1, 1, 0, 0);
        ck_assert_int_eq(out, v);
        d.word = NAVE_WORD_PCM24;
        nave_dither_q28(&d, &q28_24, &out, 1, 1, 0, 0);
        ck_assert_int_eq(out, v * 256);
        ck_assert_uint_eq(d.clipped_samples, 0);
    }
}
END_TEST

START_TEST(hash_is_of_samples_and_shape)
{
    const int32_t words[8] = {1, -2, 32767, -32768, 0, 5, 6, 7};
    char a[65], b[65], c[65];
    nave_sample_hash h;
    nave_sample_hash_init(&h, NAVE_WORD_PCM16, 2, 48000);
    nave_sample_hash_add(&h, words, 4);
    nave_sample_hash_end(&h, a);
    nave_sample_hash_init(&h, NAVE_WORD_PCM16, 2, 48000);
    nave_sample_hash_add(&h, words, 1);
    nave_sample_hash_add(&h, words + 2, 3);
    nave_sample_hash_end(&h, b);
    ck_assert_str_eq(a, b);
    const struct {
        nave_word word;
        uint32_t channels, rate;
        size_t frames;
    } others[] = {{NAVE_WORD_PCM24, 2, 48000, 4},
                  {NAVE_WORD_PCM16, 1, 48000, 8},
                  {NAVE_WORD_PCM16, 2, 44100, 4},
                  {NAVE_WORD_PCM16, 2, 48000, 3}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        nave_sample_hash_init(&h, others[i].word, others[i].channels, others[i].rate);
        nave_sample_hash_add(&h, words, others[i].frames);
        nave_sample_hash_end(&h, c);
        ck_assert_str_ne(a, c);
    }
}
END_TEST

START_TEST(hash_is_the_sha256_of_little_endian_words_and_a_trailer)
{
    /* Stated in host/lib/README.md, built here byte by byte. */
    const int32_t words[2] = {0x1234, -2};
    const uint8_t bytes[] = {0x34, 0x12, 0xfe, 0xff, 1, 0, 0,    0,    0, 0, 0, 0, 1, 0,
                             0,    0,    2,    0,    0, 0, 0x80, 0xbb, 0, 0, 1, 0, 0, 0};
    uint8_t digest[32];
    char expected[65], found[65];
    struct sha256_ctx sha;
    sha256_init(&sha);
    sha256_update(&sha, sizeof bytes, bytes);
    sha256_digest(&sha, sizeof digest, digest);
    nave_hex(expected, digest, sizeof digest);
    nave_sample_hash h;
    nave_sample_hash_init(&h, NAVE_WORD_PCM16, 2, 48000);
    nave_sample_hash_add(&h, words, 1);
    nave_sample_hash_end(&h, found);
    ck_assert_str_eq(found, expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dither");
    TCase *tc = tcase_create("dither");
    printf("NAVE_SEED=%llu\n", (unsigned long long)seed());
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, rounding_is_to_nearest_even);
    tcase_add_test(tc, full_scale_saturates_and_is_counted);
    tcase_add_test(tc, dither_does_not_depend_on_block_cuts_or_stride);
    tcase_add_test(tc, dither_error_has_no_mean_and_a_quarter_step_power_at_every_level);
    tcase_add_test(tc, channels_and_seeds_have_noise_of_their_own);
    tcase_add_test(tc, the_same_seed_gives_the_same_file_for_ever);
    tcase_add_test(tc, float_is_the_nearest_float_of_the_wide_word);
    tcase_add_test(tc, a_q28_word_is_the_wide_word_with_low_zeros);
    tcase_add_test(tc, words_of_the_input_pass_unchanged_without_dither);
    tcase_add_test(tc, hash_is_of_samples_and_shape);
    tcase_add_test(tc, hash_is_the_sha256_of_little_endian_words_and_a_trailer);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
