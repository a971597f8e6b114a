/* Plans and spectra that no compiler makes: refused at a word, or run with the same bits by every instruction set.
 * SPDX-License-Identifier: ISC */
#include "link_host.h"

static int same_audio(const host *a, const host *b)
{
    return a->audio_bytes == b->audio_bytes && (a->audio_bytes == 0 || memcmp(a->audio, b->audio, a->audio_bytes) == 0);
}

/* Loads words as a plan and, if the card takes them, runs some audio; status of the load. */
static uint32_t try_plan(host *h, const uint32_t *words, size_t n, rng *r, uint32_t *bad_word)
{
    const answer a = tell(h, NAVE_FRAME_PLAN_LOAD, 1, 0, words, (uint32_t)(4 * n));
    *bad_word = a.value;
    h->audio_bytes = 0;
    if (a.status != NAVE_STATUS_OK)
        return a.status;
    MUST(status_of(h, NAVE_FRAME_START, 1, 0, &q44_format, 4) == NAVE_STATUS_OK,
         "a plan that was taken does not start");
    const uint32_t inputs = words[3] & 0xff;
    uint32_t audio[NAVE_PLAN_MAX_CHANNELS * 300];
    for (uint32_t i = 0; i < inputs * 300; i++)
        audio[i] = (uint32_t)rng_next(r);
    for (uint32_t k = 0; k < 3; k++)
        MUST(tell(h, NAVE_FRAME_AUDIO_IN, 1, 300 * k, audio, 4 * 300 * inputs).frames == 0, "audio was refused");
    MUST(status_of(h, NAVE_FRAME_UNLOAD, 1, 0, NULL, 0) == NAVE_STATUS_OK, "unload");
    return NAVE_STATUS_OK;
}

/* Every word of a good plan, changed in many ways: refused at a word that exists, or run without a fault and with the
 * same bits by every instruction set (run this under the sanitizers too). */
START_TEST(a_malformed_plan_is_refused_or_runs_and_never_differs)
{
    rng r = rng_for("malformed");
    host model = open_host(0), fast = open_host(NAVE_CPU_ALL);
    uint32_t refused = 0, ran = 0, total = 0;
    for (int live = 0; live < 2; live++) {
        nave_plan *plan = small_plan(live);
        uint32_t *words = malloc(plan->word_count * sizeof(*words));
        load_image(&model, plan, 0);
        load_image(&fast, plan, 0);
        for (size_t w = 0; w < plan->word_count; w++)
            for (uint32_t k = 0; k < 2 + cases(40); k++) {
                memcpy(words, plan->words, plan->word_count * sizeof(*words));
                static const uint32_t worst[] = {0,  1,      UINT32_MAX, 0x80000000u, 0x7fffffff,
                                                 64, 0xffff, 0xff00,     0xffffffc0u};
                const uint32_t way = rng_below(&r, 6);
                words[w] = way == 0   ? worst[rng_below(&r, 9)]
                           : way == 1 ? words[w] ^ 1u << rng_below(&r, 32)
                           : way == 2 ? words[w] + 64 * (1 + rng_below(&r, 64))
                           : way == 3 ? words[w] - 64
                           : way == 4 ? (uint32_t)rng_next(&r)
                                      : plan->words[rng_below(&r, (uint32_t)plan->word_count)];
                if (rng_below(&r, 3) == 0)
                    words[rng_below(&r, (uint32_t)plan->word_count)] ^= 1u << rng_below(&r, 32);
                uint32_t bad[2];
                rng same = r;
                const uint32_t a = try_plan(&model, words, plan->word_count, &r, &bad[0]);
                const uint32_t b = try_plan(&fast, words, plan->word_count, &same, &bad[1]);
                MUST(a == b && (a == NAVE_STATUS_OK ||
                                (a == NAVE_STATUS_BAD_PLAN && bad[0] < plan->word_count && bad[0] == bad[1])),
                     "word %zu is 0x%x: status %u and %u, detail %u", w, words[w], a, b, bad[0]);
                MUST(same_audio(&model, &fast), "word %zu is 0x%x: the instruction sets differ", w, words[w]);
                *(a ? &refused : &ran) += 1;
                total++;
            }
        free(words);
        nave_plan_free(plan);
    }
    ck_assert_uint_gt(refused, total / 4);
    ck_assert_uint_gt(ran, total / 50);
    close_host(&model);
    close_host(&fast);
}
END_TEST

/* A plan whose words or spectra the host broke its promise about: all sums wrap, all bits are defined. */
START_TEST(spectra_of_any_words_give_the_same_bits_on_every_instruction_set)
{
    rng r = rng_for("any words");
    nave_plan *plan = small_plan(0);
    host model = open_host(0), fast = open_host(NAVE_CPU_ALL);
    uint32_t *image = malloc(NAVE_MAX_PAYLOAD_BYTES);
    for (uint32_t k = 0; k < cases(40); k++) {
        for (uint32_t at = 0; at < plan->card.ram_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
            const uint32_t left = plan->card.ram_bytes - at,
                           n = left < NAVE_MAX_PAYLOAD_BYTES ? left : NAVE_MAX_PAYLOAD_BYTES;
            for (uint32_t i = 0; i < n / 4; i++)
                image[i] = k % 4 == 0   ? (rng_below(&r, 2) ? 0x80000000u : 0x7fffffff)
                           : k % 4 == 1 ? 0x80000000u
                                        : (uint32_t)rng_next(&r);
            ck_assert_uint_eq(status_of(&model, NAVE_FRAME_RAM_WRITE, 0, at, image, n), NAVE_STATUS_OK);
            ck_assert_uint_eq(status_of(&fast, NAVE_FRAME_RAM_WRITE, 0, at, image, n), NAVE_STATUS_OK);
        }
        uint32_t bad;
        rng same = r;
        ck_assert_uint_eq(try_plan(&model, plan->words, plan->word_count, &r, &bad), NAVE_STATUS_OK);
        ck_assert_uint_eq(try_plan(&fast, plan->words, plan->word_count, &same, &bad), NAVE_STATUS_OK);
        ck_assert_uint_gt(model.audio_bytes, 0);
        MUST(same_audio(&model, &fast), "case %u differs", k);
    }
    free(image);
    close_host(&model);
    close_host(&fast);
    nave_plan_free(plan);
}
END_TEST

int main(void)
{
    return RUN_TESTS("link plans", 120, a_malformed_plan_is_refused_or_runs_and_never_differs,
                     spectra_of_any_words_give_the_same_bits_on_every_instruction_set);
}
