/* State of the firmware and its parts (twin of sim/model/context.h).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_FIRMWARE_H
#define NAVE_FIRMWARE_H
#include "../../../driver/protocol.h"
#include "../../../sim/model/plan.h"
#include "engine.h"

#define NAVE_FW_CONTEXTS 8u
#define NAVE_FW_STEPS 32u /* that one job of the step filter looks at */
/* An exponent in the side table is this much higher; 0: a silent block or tile. */
#define NAVE_FW_BIAS 0x4000u

enum { NAVE_FW_FREE = 0, NAVE_FW_LOADED = 1, NAVE_FW_RUNNING = 2 };

/* Where a tier is in its cycle. Positions are of its newest complete batch. */
typedef struct nave_fw_tier {
    uint32_t in_at;         /* of its first frame in the input ring */
    uint32_t mix_at;        /* of its output in the mix ring */
    uint16_t slot, slots;   /* of its first block */
    uint16_t phase, period; /* ticks since it was complete */
    uint8_t log2, batch;
    uint8_t complete; /* 0: there was none yet */
} nave_fw_tier;

typedef struct nave_fw_change {
    uint64_t frame;
    uint32_t param, value;
} nave_fw_change;

/* Gains, and the changes to come. */
typedef struct nave_fw_gains {
    uint32_t wet, dry;
    nave_fw_change next; /* the first of the list */
    uint32_t changes;    /* of the list in RAM: how many, */
    uint32_t first;      /* and which is the first */
} nave_fw_gains;

typedef struct nave_fw_context {
    uint8_t number, state, format, inputs, outputs, tiers;
    uint32_t base, end; /* the region, absolute; so are all addresses here */
    uint32_t tick_frames, fill_frames, chunk_frames;
    uint32_t reciprocal; /* 2^32 / inputs rounded up; 0: one input */
    uint32_t in_base, in_ring, in_at;
    uint32_t mix_base, mix_ring, mix_at; /* at: of the tick */
    uint32_t paths_at, steps_at, steps_end;
    uint32_t ticks, clipped, worst, cycles;
    uint64_t frames_in, frames_out;
    nave_fw_gains gains;
    uint64_t last_change;
    nave_fw_tier tier[NAVE_PLAN_MAX_TIERS];
} nave_fw_context;

/* The rest of a tier: of the one that a step used last. */
typedef struct nave_fw_rows {
    const nave_fw_tier *tier; /* NULL: of none */
    uint32_t partitions, stride, shared, h_exponent;
    uint32_t x_base, y_base;       /* absolute */
    uint32_t x_entries, y_entries; /* addresses in the side table */
    uint32_t paths_at, paths;
} nave_fw_rows;

/* What the hardware was told last and has not said the result of. */
enum { NAVE_FW_NOTHING = 0, NAVE_FW_BLOCK = 1, NAVE_FW_TILE = 2, NAVE_FW_STATES = 3 };
typedef struct nave_fw_pending {
    uint8_t kind, batch;
    uint32_t address, words; /* of the result */
    uint32_t entry;          /* address in the side table */
    /* a tile: one row of each block */
    uint32_t stride, entry_stride, exponent;
    uint16_t state[NAVE_MAX_BATCH]; /* STATES: to be written */
} nave_fw_pending;

typedef struct nave_fw {
    uint32_t ram_bytes, log2_plan_words;
    nave_plan_limits limits;
    uint32_t side_at, plans_at, lists_at; /* behind what the host sees */
    uint32_t mode;
    nave_fw_rows rows;
    nave_fw_pending pending;
    nave_fw_context context[NAVE_FW_CONTEXTS];
} nave_fw;

/* command.c. f: zero before. */
void nave_fw_begin(nave_fw *f);
/* Runs the command that waits, if there is one. */
void nave_fw_command(nave_fw *f);

/* context.c */
void nave_fw_copy_gains(nave_fw_gains *to, const nave_fw_gains *from);
void nave_fw_publish(const nave_fw_context *c);
void nave_fw_start(nave_fw *f, nave_fw_context *c, uint32_t format);
void nave_fw_add_change(nave_fw *f, nave_fw_context *c, const nave_fw_change *change);
void nave_fw_next_change(const nave_fw *f, const nave_fw_context *c, nave_fw_gains *g);
void nave_fw_audio(nave_fw *f, nave_fw_context *c, uint32_t frames);

/* sequencer.c: the steps of the tick whose input is complete. */
void nave_fw_run_tick(nave_fw *f, nave_fw_context *c);
/* The mode may change only when nothing moves. */
void nave_fw_set_mode(nave_fw *f, uint32_t mode);

/* mix.c: the tick as AUDIO_OUT, its mix cleared. */
void nave_fw_mix(nave_fw *f, nave_fw_context *c);

static inline uint32_t nave_fw_plan(const nave_fw *f, const nave_fw_context *c)
{
    return f->plans_at + ((uint32_t)c->number << (f->log2_plan_words + 2));
}
static inline uint32_t nave_fw_entry(const nave_fw *f, uint32_t address)
{
    return f->side_at + (address >> 9 << 2);
}
static inline uint32_t nave_fw_tiles(const nave_fw_tier *t)
{
    return t->log2 > NAVE_LOG2_TILE_BINS ? 1u << (t->log2 - NAVE_LOG2_TILE_BINS) : 1u;
}
#endif
