/* Spectra of a plan: the nearest words of the transform, whoever computes it, within the sum that the card is promised.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/plan.h"
#include "../../host/lib/spectra_tie.h"
#include "../property/property.h"

/* Bin k by its definition, in long double. */
static void exact_bin(const double *h, uint32_t n, uint32_t frames, uint32_t k, long double bin[2])
{
    static const long double pi = 3.14159265358979323846264338327950288L;
    bin[0] = bin[1] = 0;
    for (uint32_t i = 0; i < n; i++) {
        const long double angle = pi * (long double)((uint64_t)i * k % (2 * frames)) / frames;
        bin[0] += h[i] * cosl(angle);
        bin[1] -= h[i] * sinl(angle);
    }
}

START_TEST(spectra_are_the_nearest_words_of_the_transform)
{
    rng r = rng_for("spectra");
    for (uint32_t k = 0; k < cases(12); k++) {
        /* many partitions: their sum sets the exponent; few: the largest word does */
        const uint32_t p = 64u << k % 4, frames = 1 + rng_below(&r, (k % 4 < 2 ? 40 : 3) * p);
        double *h = malloc(frames * sizeof(*h));
        for (uint32_t i = 0; i < frames; i++)
            h[i] = k % 3 == 0 ? rng_signed(&r) : k % 3 == 1 ? (double)((int)rng_below(&r, 7) - 3) / 8 : i == frames / 2;
        nave_ir *ir = ir_of((const double *const *)&h, frames, NULL, NULL, 1, 48000, NAVE_NORMALISE_NONE);
        nave_plan *plan = plan_offline(ir, 1, p, 1);
        const nave_plan_tier *t = &plan->card.tier[0];
        const long double scale = ldexpl(1, -t->h_exponent);
        long double most = 0;
        for (uint32_t b = 0; b <= p; b++) {
            long double sum = 0;
            for (uint32_t part = 0; part < t->partitions; part++) {
                const uint32_t left = frames - part * p, n = left < p ? left : p;
                const int32_t *words = plan->image + (plan->card.path[0].h_base + (uint64_t)part * t->stride_bytes) / 4;
                long double bin[2];
                exact_bin(h + part * p, n, p, b, bin);
                for (int c = 0; c < (b == 0 || b == p ? 1 : 2); c++) {
                    const int32_t word = b == p ? words[1] : words[2 * b + (uint32_t)c];
                    const long double value = bin[c] * scale, off = fabsl(value - word);
                    MUST(off <= 0.5L + 1e-6L, "partition %u of %u frames, bin %u: %d for %.9Lf", part, p, b, word,
                         value);
                    MUST(off < 0.5L || fmodl(word, 2) == 0 || off > 0.5L, "an exact tie went to odd");
                }
                sum += hypotl(bin[0], bin[1]) * scale;
            }
            most = fmaxl(most, sum);
        }
        /* the promise to the card, and no bit of headroom wasted */
        MUST(most * 1.41421356L * 0x1p30L < 0x1p63L, "the sum may overflow: %Lg", most);
        MUST(most * 1.41421356L * 0x1p30L > 0x1p60L, "headroom is wasted: %Lg", most);
        nave_plan_free(plan);
        nave_ir_free(ir);
        free(h);
    }
}
END_TEST

/* A word near a tie is found by the definition, so that neither FFTW's plan nor another transform changes it. */
START_TEST(words_do_not_depend_on_who_computes_the_transform)
{
    rng r = rng_for("tie");
    uint32_t near = 0;
    for (uint32_t log2 = 6; log2 <= 13; log2++) {
        const uint32_t frames = 1u << log2;
        double *h = fftw_alloc_real(2 * frames), *keep = fftw_alloc_real(2 * frames);
        fftw_complex *a = fftw_alloc_complex(frames + 1), *b = fftw_alloc_complex(2 * frames),
                     *z = fftw_alloc_complex(2 * frames);
        fftw_plan pa = fftw_plan_dft_r2c_1d((int)(2 * frames), h, a, FFTW_ESTIMATE);
        fftw_plan pb =
            fftw_plan_dft_1d((int)(2 * frames), z, b, FFTW_FORWARD, log2 < 11 ? FFTW_MEASURE : FFTW_ESTIMATE);
        nave_tie *tie = nave_tie_create(frames);
        ck_assert(h && keep && a && b && z && pa && pb && tie);
        for (uint32_t k = 0; k < cases(12) + 1; k++) {
            const uint32_t n = 1 + rng_below(&r, frames);
            for (uint32_t i = 0; i < 2 * frames; i++) /* sums of few halves: many exact ties */
                keep[i] = i >= n ? 0 : k % 2 ? (double)((int)rng_below(&r, 3) - 1) * 0.5 : rng_signed(&r);
            long double size = 0;
            for (uint32_t i = 0; i < n; i++)
                size += fabs(keep[i]);
            memcpy(h, keep, 2 * frames * sizeof(*h));
            fftw_execute(pa);
            for (uint32_t i = 0; i < 2 * frames; i++) {
                z[i][0] = keep[i];
                z[i][1] = 0;
            }
            fftw_execute(pb);
            const double scale = k % 2 ? 1.0 : 0x1p20;
            for (uint32_t bin = 0; bin <= frames; bin++)
                for (int c = 0; c < 2; c++) {
                    int tie_a = 0, tie_b = 0;
                    int32_t word_a = nave_tie_round(a[bin][c] * scale, &tie_a),
                            word_b = nave_tie_round(b[bin][c] * scale, &tie_b);
                    double exact[2];
                    if ((tie_a || tie_b) && (log2 < 11 || near < 2000)) {
                        near++;
                        nave_tie_bin(tie, keep, n, bin, exact);
                        long double wanted[2];
                        exact_bin(keep, n, frames, bin, wanted);
                        MUST(fabsl(exact[c] - wanted[c]) < 1e-15L * size, /* as spectra_tie.h promises */
                             "bin %u of %u: %.17g", bin, frames, exact[c]);
                        word_a = tie_a ? (int32_t)rint(exact[c] * scale) : word_a;
                        word_b = tie_b ? (int32_t)rint(exact[c] * scale) : word_b;
                    } else if (tie_a || tie_b) {
                        continue;
                    }
                    MUST(word_a == word_b, "bin %u of %u: %d and %d", bin, frames, word_a, word_b);
                }
        }
        nave_tie_free(tie);
        fftw_destroy_plan(pa);
        fftw_destroy_plan(pb);
        fftw_free(h);
        fftw_free(keep);
        fftw_free(a);
        fftw_free(b);
        fftw_free(z);
    }
    ck_assert_uint_gt(near, 20);
}
END_TEST

/* Sums of one sign are the worst for a plain sum: it loses ten times the bound. */
START_TEST(a_bin_by_its_definition_keeps_its_bound)
{
    rng r = rng_for("tie bin");
    for (uint32_t frames = 64; frames <= 8192; frames *= 2) {
        double *h = malloc(frames * sizeof(*h));
        nave_tie *tie = nave_tie_create(frames);
        ck_assert(h && tie);
        long double size = 0;
        for (uint32_t i = 0; i < frames; i++) {
            h[i] = 1 + 0.5 * rng_signed(&r);
            size += h[i];
        }
        const uint32_t bins[] = {0, 1, 2, frames / 2, frames - 1, frames, rng_below(&r, frames)};
        for (int k = 0; k < 7; k++) {
            double bin[2];
            long double wanted[2];
            nave_tie_bin(tie, h, frames, bins[k], bin);
            exact_bin(h, frames, frames, bins[k], wanted);
            for (int c = 0; c < 2; c++)
                MUST(fabsl(bin[c] - wanted[c]) < (bins[k] ? 1e-15L : 2e-16L) * size, "bin %u of %u: %Lg of the sum off",
                     bins[k], frames, fabsl(bin[c] - wanted[c]) / size);
        }
        nave_tie_free(tie);
        free(h);
    }
}
END_TEST

START_TEST(a_tie_is_told_and_rounded_to_even)
{
    for (int i = -20; i <= 20; i++) {
        int near = 0;
        ck_assert_int_eq(nave_tie_round(i + 0.5, &near), i % 2 ? i + 1 : i);
        ck_assert_int_eq(near, 1);
        near = 0;
        ck_assert_int_eq(nave_tie_round(i + 0.5 + NAVE_TIE_DISTANCE / 2, &near), i + 1);
        ck_assert_int_eq(near, 1);
        near = 0;
        ck_assert_int_eq(nave_tie_round(i + 0.5 - 2 * NAVE_TIE_DISTANCE, &near), i);
        ck_assert_int_eq(nave_tie_round(i, &near), i);
        ck_assert_int_eq(near, 0);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("spectra", 240, spectra_are_the_nearest_words_of_the_transform,
                     words_do_not_depend_on_who_computes_the_transform, a_bin_by_its_definition_keeps_its_bound,
                     a_tie_is_told_and_rounded_to_even);
}
