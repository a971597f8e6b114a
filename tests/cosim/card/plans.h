/* Plans for the whole card's test: what the host's compiler makes of random responses, and random words that are legal
 * and that no compiler makes.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TEST_CARD_PLANS_H
#define NAVE_TEST_CARD_PLANS_H
#ifdef __cplusplus
extern "C" {
#endif
#include "../c_card.h"

typedef struct test_random {
    uint64_t state;
} test_random;
uint32_t test_next(test_random *r);
uint32_t test_below(test_random *r, uint32_t n);

typedef struct test_plan {
    uint32_t *words;
    uint32_t count;
    uint32_t *image; /* spectra, or any words */
    uint32_t image_base, image_words;
    uint32_t inputs, outputs, tick_frames, ram_bytes;
    uint64_t cycles; /* of a tick, about */
    char what[96];
} test_plan;

/* 0, or -1 where the dice made one that does not fit. */
int test_plan_compile(test_plan *plan, test_random *r, const test_limits *limits);
int test_plan_any(test_plan *plan, test_random *r, const test_limits *limits);
void test_plan_free(test_plan *plan);
#ifdef __cplusplus
}
#endif
#endif
