/* Plans for the whole card's test: what the host's compiler makes of random responses, and random words that are legal
 * and that no compiler makes; the C card; where a byte of its RAM belongs to.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TEST_CARD_PLANS_H
#define NAVE_TEST_CARD_PLANS_H
#ifdef __cplusplus
extern "C" {
#endif
#include "../../../driver/protocol.h"
#include "../../../sim/model/card.h"

typedef struct test_random {
    uint64_t state;
} test_random;
uint32_t test_next(test_random *r);
uint32_t test_below(test_random *r, uint32_t n);

typedef struct test_limits {
    uint32_t max_log2, max_batch, lanes, max_plan_words;
    uint32_t ram_bytes; /* that one plan may take */
    uint64_t cycles;    /* that a tick may take, about */
} test_limits;

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
/* One with these sizes, for measuring: a room of `frames`. tick 0: offline. */
int test_plan_room(test_plan *plan, uint32_t channels, uint32_t frames, uint32_t tick, uint32_t partition,
                   const test_limits *limits);
void test_plan_free(test_plan *plan);

nave_model *test_card(const test_limits *limits, uint32_t ram_bytes);
uint8_t *test_ram(nave_model *m);
uint32_t test_expected_sequence(const nave_model *m);
uint32_t test_epoch(const nave_model *m);
int test_running(const nave_model *m, uint32_t context);
uint64_t test_frames_in(const nave_model *m, uint32_t context);
uint32_t test_crc(const void *bytes, uint32_t n);
/* Which part of which context's region holds the byte. */
void test_where(const nave_model *m, uint32_t byte, char *text, uint32_t room);
#ifdef __cplusplus
}
#endif
#endif
