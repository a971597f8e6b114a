/* The checks of a plan, word by word: the card's firmware compiles this very file (twin of rtl/card/firmware).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_MODEL_PLAN_CHECK_H
#define NAVE_MODEL_PLAN_CHECK_H
#include <stdint.h>

/* What a card can hold. */
typedef struct nave_plan_limits {
    uint32_t max_log2; /* of a partition */
    uint32_t max_batch;
    uint32_t max_words; /* of the plan */
} nave_plan_limits;

/* Checks everything that execution relies on: sizes, regions, rings, schedule. Returns 0, or the index of the first bad
 * word + 1. Keeps nothing, needs about 200 bytes of stack and no division of the CPU. */
uint32_t nave_plan_check(const void *plan, uint32_t words, const nave_plan_limits *limits);
/* A word of the plan, index < words: by whoever holds it, plan.c or the firmware. */
uint32_t nave_plan_word(const void *plan, uint32_t index);
/* a / b, and the remainder in *rest if it isn't NULL; b > 0. For a CPU that can't divide. */
uint32_t nave_divide(uint32_t a, uint32_t b, uint32_t *rest);
#endif
