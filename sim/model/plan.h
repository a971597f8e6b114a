/* The plan as the card executes it: words of a static cyclic schedule (page: README.md).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_MODEL_PLAN_H
#define NAVE_MODEL_PLAN_H
#include "dsp.h"
#include "plan_check.h"

#define NAVE_PLAN_MAGIC 0x4e4c504eu /* "NPLN" */
#define NAVE_PLAN_VERSION 1u
#define NAVE_PLAN_HEADER_WORDS 16u
#define NAVE_PLAN_TIER_WORDS 8u
#define NAVE_PLAN_PATH_WORDS 2u
#define NAVE_PLAN_STEP_WORDS 2u
#define NAVE_PLAN_MAX_TIERS 8u
#define NAVE_PLAN_MAX_CHANNELS 16u
#define NAVE_PLAN_MAX_STEPS 4096u
#define NAVE_PLAN_MAX_PARTITIONS 4095u /* of a tier: rtl/conv/cmac.v counts them in 12 bits */

enum { NAVE_STEP_FORWARD = 0, NAVE_STEP_CMAC = 1, NAVE_STEP_INVERSE = 2 };

typedef struct nave_plan_path {
    uint8_t input, output;
    uint32_t h_base; /* partition p at h_base + p * stride, bytes from the region's start */
} nave_plan_path;

typedef struct nave_plan_tier {
    uint32_t log2_partition, batch, partitions;
    uint32_t offset_frames; /* of the response that this tier starts with */
    uint32_t stride_bytes;  /* from one spectrum to the next, at least 8 * partition_frames */
    uint32_t x_base;        /* input c, slot r at x_base + (c * slots + r) * stride */
    uint32_t y_base;        /* output o, block j at y_base + (o * batch + j) * stride, o = 0 if the outputs share it */
    uint32_t y_shared;      /* 1: an output is inverted before the next one is summed */
    int32_t h_exponent;     /* a spectrum's value is mantissa * 2^h_exponent */
    uint32_t first_path, paths; /* sorted by output, then input */
} nave_plan_tier;

typedef struct nave_plan_step {
    uint8_t op, tier, channel, block; /* channel: input of FORWARD, output of the others; block: of the batch */
    uint16_t phase;                   /* ticks after the one that completes the tier's batch */
    uint8_t first_tile, tiles;        /* CMAC */
} nave_plan_step;

typedef struct nave_card_plan {
    uint32_t inputs, outputs, tick_frames;
    uint32_t in_ring_frames, in_base;   /* input c at in_base + 4 c in_ring_frames */
    uint32_t mix_ring_frames, mix_base; /* output o at mix_base + 8 o mix_ring_frames */
    uint32_t ram_bytes;                 /* of the region */
    uint32_t tiers, paths, steps;
    nave_plan_tier tier[NAVE_PLAN_MAX_TIERS];
    nave_plan_path *path;
    nave_plan_step *step;
} nave_card_plan;

/* Words of a plan. */
size_t nave_plan_words(const nave_card_plan *plan);
/* words: nave_plan_words(plan) of them. */
void nave_plan_encode(const nave_card_plan *plan, uint32_t *words);
/* Checks the words (nave_plan_check) and decodes them. Returns 0, or the index of the first bad word + 1 (nothing is
 * kept then), or -1 when out of memory. */
int nave_plan_decode(nave_card_plan *plan, const uint32_t *words, size_t n, const nave_plan_limits *limits);
void nave_plan_clear(nave_card_plan *plan);

static inline uint32_t nave_tier_slots(const nave_plan_tier *t)
{
    return t->partitions + t->batch - 1;
}
static inline uint32_t nave_tier_frames(const nave_plan_tier *t)
{
    return 1u << t->log2_partition;
}
static inline uint64_t nave_x_address(const nave_plan_tier *t, uint32_t input, uint32_t slot)
{
    return t->x_base + (uint64_t)t->stride_bytes * (input * nave_tier_slots(t) + slot);
}
/* A row of y, and of the state of its tiles. */
static inline uint32_t nave_y_row(const nave_plan_tier *t, uint32_t output, uint32_t block)
{
    return (t->y_shared ? 0 : output) * t->batch + block;
}
static inline uint64_t nave_y_address(const nave_plan_tier *t, uint32_t output, uint32_t block)
{
    return t->y_base + (uint64_t)t->stride_bytes * nave_y_row(t, output, block);
}
/* Ticks from one batch to the next. */
static inline uint32_t nave_tier_period(const nave_card_plan *plan, const nave_plan_tier *t)
{
    return (t->batch << t->log2_partition) / plan->tick_frames;
}
static inline uint32_t nave_tier_tiles(const nave_plan_tier *t)
{
    return t->log2_partition > NAVE_LOG2_TILE_BINS ? 1u << (t->log2_partition - NAVE_LOG2_TILE_BINS) : 1u;
}
#endif
