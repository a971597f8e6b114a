/* One context of the card: a plan, its RAM region, its stream (twin of rtl/card/firmware/context.c and
 * rtl/conv/sequencer.v). SPDX-License-Identifier: ISC */
#ifndef NAVE_MODEL_CONTEXT_H
#define NAVE_MODEL_CONTEXT_H
#include "../../driver/protocol.h"
#include "dsp.h"
#include "dyn_plan.h"
#include "plan.h"

#define NAVE_EXPONENT_ZERO INT16_MIN /* of a block that is silent */
#define NAVE_INPUT_FRACTION 28
#define NAVE_MIX_FRACTION 44

/* What the contexts of a card share: its arithmetic, twiddles, transform buffers. */
typedef struct nave_engine {
    nave_dsp dsp;
    nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1]; /* by log2 of the partition */
    int32_t *buffer[2];                               /* 2 << NAVE_LOG2_MAX_PARTITION words each */
    int32_t *silence;                                 /* 8192 zero words */
} nave_engine;

typedef struct nave_tile_state {
    int16_t exponent; /* NAVE_EXPONENT_ZERO: the tile is zero and was not written */
    uint32_t magnitude;
} nave_tile_state;

typedef struct nave_param_change {
    uint64_t frame;
    uint32_t param;
    int32_t value;
} nave_param_change;

typedef enum nave_context_state {
    NAVE_CONTEXT_FREE = 0,
    NAVE_CONTEXT_LOADED = 1,
    NAVE_CONTEXT_RUNNING = 2
} nave_context_state;

/* What a context with a dynamics plan has besides. The engine's memory is its own: what the host writes into the region
 * changes nothing. */
typedef struct nave_context_dyn {
    nave_dyn_plan plan;
    nave_dyn engine;
    nave_dyn_meters meters;
    int32_t *memory, *in, *out; /* in, out: of a tick, planar */
} nave_context_dyn;

typedef struct nave_context {
    nave_context_state state;
    nave_card_plan plan;
    uint8_t *ram; /* of the region */
    uint64_t ticks, frames_in, frames_out;
    uint32_t format, clipped;
    int32_t wet_q28, dry_q28;
    nave_param_change change[NAVE_MAX_PENDING_PARAMS];
    uint32_t changes;
    int16_t *x_exponent[NAVE_PLAN_MAX_TIERS]; /* [input * slots + slot] */
    /* A CPU's memory of aligned spectra, for it pays for each alignment: rows as x, and the shift that each tile of a
     * row was last rounded by, 0 if it never was. [input * slots + slot]. No part of what the card computes. */
    int32_t *aligned[NAVE_PLAN_MAX_TIERS];
    uint8_t *aligned_by[NAVE_PLAN_MAX_TIERS];
    nave_tile_state *tile[NAVE_PLAN_MAX_TIERS]; /* [nave_y_row * tiles + tile] */
    const int32_t **x_list, **h_list;           /* of a CMAC job, as long as the longest needs */
    uint8_t *align_list;
    uint32_t *slot_list;       /* where each of x_list is among the slots of its tier */
    const int32_t **tile_list; /* of the tile at hand, aligned or as in x_list */
    uint8_t *tile_align_list;
    nave_context_dyn *dyn; /* NULL: a convolver */
} nave_context;

/* Words of a row of aligned spectra: a cache line more than they need, so that rows don't share one cache set. */
static inline size_t nave_aligned_words(const nave_plan_tier *t)
{
    return 2 * (size_t)nave_tier_frames(t) + 16;
}
/* All memory that running needs. 0, -1 out of memory; ctx->plan is set by the caller before. */
int nave_context_allocate(nave_context *ctx);
void nave_context_release(nave_context *ctx);
/* Clears rings and exponents, unity wet, no dry, frame 0. */
void nave_context_start(nave_context *ctx, uint32_t format);
/* The host wrote into the region: rows that were aligned may be of other words. */
void nave_context_forget(nave_context *ctx);
/* Runs the steps of the tick whose input is complete (ctx->ticks is its number). */
void nave_context_run_tick(nave_engine *engine, nave_context *ctx);
/* Mixes n frames from offset `from` of the tick into planar words: channel o at out + o * n words of the format.
 * Applies the parameter changes that fall into them. */
void nave_context_mix(nave_engine *engine, nave_context *ctx, uint32_t from, uint32_t n, void *out);
/* context_dyn.c: a context of a dynamics plan. ctx->plan gets the figures that all plans have. 0, -1 out of memory, or
 * the index of the first bad word + 1. */
int nave_context_dyn_load(nave_context *ctx, const uint32_t *words, size_t n);
void nave_context_dyn_free(nave_context *ctx);
void nave_context_dyn_start(nave_context *ctx);
/* Frames of planar input that end within the tick. */
void nave_context_dyn_take(nave_context *ctx, const int32_t *in, size_t stride, uint32_t frames);
void nave_context_dyn_tick(nave_engine *engine, nave_context *ctx);
/* n frames from `from` of the tick, in the format. */
void nave_context_dyn_give(nave_context *ctx, uint32_t from, uint32_t n, void *out);
/* events: 4 words each. NAVE_STATUS_*. */
uint32_t nave_context_dyn_dial(nave_context *ctx, const uint8_t *events, uint32_t count, uint64_t frame,
                               uint32_t *value);
/* The tick is done: its mix words are cleared, the next one begins. */
void nave_context_next_tick(nave_context *ctx);
#endif
