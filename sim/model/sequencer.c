/* Plan sequencer: executes the steps of a tick (twin of rtl/conv/sequencer.v).
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "context.h"
#include <string.h>

static int32_t *ram32(const nave_context *ctx, uint64_t byte)
{
    return (int32_t *)(ctx->ram + byte);
}

/* Block `block` of input `channel`: its partition_frames samples and as many before them, to a spectrum. */
static void forward(nave_engine *e, nave_context *ctx, const nave_plan_tier *t, uint32_t tier, uint32_t channel,
                    uint64_t block)
{
    const nave_card_plan *plan = &ctx->plan;
    const uint32_t frames = nave_tier_frames(t), slots = nave_tier_slots(t), ring = plan->in_ring_frames;
    const uint32_t slot = (uint32_t)(block % slots);
    const int32_t *in = ram32(ctx, plan->in_base + 4ull * ring * channel);
    const uint32_t now = (uint32_t)(block * frames % ring), before = (now + ring - frames) % ring;
    const uint32_t first = e->dsp.load(e->buffer[0], in + before, frames);
    const uint32_t second = e->dsp.load(e->buffer[0] + frames, in + now, frames);
    uint32_t magnitude = first > second ? first : second;
    int16_t *exponent = &ctx->x_exponent[tier][channel * slots + slot];
    if (magnitude == 0) {
        *exponent = NAVE_EXPONENT_ZERO;
        return;
    }
    int shift = -NAVE_INPUT_FRACTION;
    const int32_t *z =
        e->dsp.fft(e->tables[t->log2_partition], e->buffer[0], e->buffer[1], NAVE_FFT_LAST30, &magnitude, &shift);
    int32_t *x = ram32(ctx, nave_x_address(t, channel, slot));
    shift += e->dsp.post(e->tables[t->log2_partition], z, magnitude, x);
    *exponent = (int16_t)shift;
    memset(ctx->aligned_by[tier] + (size_t)(channel * slots + slot) * nave_tier_tiles(t), 0, nave_tier_tiles(t));
}

/* The blocks and alignment that feed one output in batch n. Returns the common exponent, NAVE_EXPONENT_ZERO if all
 * is silent. */
static int gather(nave_context *ctx, const nave_plan_tier *t, uint32_t tier, const nave_plan_path *path, uint32_t paths,
                  uint64_t newest)
{
    const uint32_t slots = nave_tier_slots(t);
    int top = NAVE_EXPONENT_ZERO;
    for (uint32_t i = 0; i < paths; i++)
        for (uint32_t s = 0; s < slots; s++) {
            const int e = ctx->x_exponent[tier][path[i].input * slots + s];
            top = e > top ? e : top;
        }
    for (uint32_t i = 0; i < paths; i++) {
        uint32_t slot = (uint32_t)(newest % slots);
        for (uint32_t r = 0; r < slots; r++) {
            const int e = ctx->x_exponent[tier][path[i].input * slots + slot];
            const uint32_t at = i * slots + r;
            ctx->slot_list[at] = path[i].input * slots + slot;
            ctx->x_list[at] = ram32(ctx, nave_x_address(t, path[i].input, slot));
            ctx->align_list[at] = e == NAVE_EXPONENT_ZERO || top - e > 30 ? NAVE_SKIP : (uint8_t)(top - e);
            slot = slot ? slot - 1 : slots - 1;
        }
        for (uint32_t p = 0; p < t->partitions; p++)
            ctx->h_list[i * t->partitions + p] = ram32(ctx, path[i].h_base + (uint64_t)t->stride_bytes * p);
    }
    return top;
}

/* The x of one tile that begins at word `first`: those to be aligned were, now or in an earlier batch. */
static void align_tile(nave_engine *e, nave_context *ctx, const nave_plan_tier *t, uint32_t tier, uint32_t tile,
                       size_t first, size_t words, uint32_t n)
{
    const uint32_t tiles = nave_tier_tiles(t);
    for (uint32_t k = 0; k < n; k++) {
        const uint8_t shift = ctx->align_list[k];
        ctx->tile_list[k] = ctx->x_list[k] + first;
        ctx->tile_align_list[k] = shift;
        if (shift == 0 || shift == NAVE_SKIP)
            continue;
        int32_t *row = ctx->aligned[tier] + ctx->slot_list[k] * nave_aligned_words(t) + first;
        uint8_t *by = ctx->aligned_by[tier] + (size_t)ctx->slot_list[k] * tiles + tile;
        if (*by != shift)
            e->dsp.align(row, ctx->tile_list[k], words, shift);
        *by = shift;
        ctx->tile_list[k] = row;
        ctx->tile_align_list[k] = 0;
    }
}

static void cmac(nave_engine *e, nave_context *ctx, const nave_plan_tier *t, const nave_plan_step *step,
                 uint64_t newest)
{
    const uint32_t frames = nave_tier_frames(t), tiles = nave_tier_tiles(t);
    const uint32_t bins = frames < NAVE_TILE_BINS ? frames : NAVE_TILE_BINS;
    const nave_plan_path *path = ctx->plan.path + t->first_path, *end = path + t->paths;
    while (path < end && path->output != step->channel)
        path++;
    uint32_t paths = 0;
    while (path + paths < end && path[paths].output == step->channel)
        paths++;
    nave_tile_state *state = ctx->tile[step->tier] + (size_t)nave_y_row(t, step->channel, 0) * tiles;
    const int top = paths ? gather(ctx, t, step->tier, path, paths, newest) : NAVE_EXPONENT_ZERO;
    if (top == NAVE_EXPONENT_ZERO) {
        for (uint32_t j = 0; j < t->batch; j++)
            for (uint32_t i = step->first_tile; i < (uint32_t)step->first_tile + step->tiles; i++)
                state[j * tiles + i] = (nave_tile_state){.exponent = NAVE_EXPONENT_ZERO, .magnitude = 0};
        return;
    }
    nave_cmac_job job = {.bins = bins,
                         .paths = paths,
                         .partitions = t->partitions,
                         .batch = t->batch,
                         .x = ctx->tile_list,
                         .align = ctx->tile_align_list,
                         .h = ctx->h_list};
    const uint32_t nx = paths * nave_tier_slots(t), nh = paths * t->partitions;
    for (uint32_t k = 0; k < nh; k++)
        ctx->h_list[k] += 2 * bins * step->first_tile;
    for (uint32_t i = step->first_tile; i < (uint32_t)step->first_tile + step->tiles; i++) {
        int32_t *y[NAVE_MAX_BATCH];
        int shift[NAVE_MAX_BATCH];
        uint32_t magnitude[NAVE_MAX_BATCH];
        for (uint32_t j = 0; j < t->batch; j++)
            y[j] = ram32(ctx, nave_y_address(t, step->channel, j)) + 2 * bins * i;
        job.first = i == 0;
        align_tile(e, ctx, t, step->tier, i, 2 * (size_t)bins * i, 2 * bins, nx);
        e->dsp.cmac(&job, y, shift, magnitude);
        for (uint32_t j = 0; j < t->batch; j++) {
            nave_tile_state *s = &state[j * tiles + i];
            s->magnitude = magnitude[j];
            s->exponent = magnitude[j] ? (int16_t)(top + t->h_exponent + shift[j]) : NAVE_EXPONENT_ZERO;
        }
        for (uint32_t k = 0; k < nh; k++)
            ctx->h_list[k] += 2 * bins;
    }
}

/* Output block `block` of the batch: from its spectrum to the mix. */
static void inverse(nave_engine *e, nave_context *ctx, const nave_plan_tier *t, const nave_plan_step *step,
                    uint64_t block)
{
    const nave_card_plan *plan = &ctx->plan;
    const uint32_t frames = nave_tier_frames(t), tiles = nave_tier_tiles(t);
    const nave_tile_state *state = ctx->tile[step->tier] + (size_t)nave_y_row(t, step->channel, step->block) * tiles;
    int top = NAVE_EXPONENT_ZERO;
    for (uint32_t i = 0; i < tiles; i++)
        top = state[i].exponent > top ? state[i].exponent : top;
    if (top == NAVE_EXPONENT_ZERO)
        return;
    uint8_t align[(1 << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS];
    uint32_t magnitude = 0;
    for (uint32_t i = 0; i < tiles; i++) {
        align[i] = state[i].exponent == NAVE_EXPONENT_ZERO || top - state[i].exponent > 30
                       ? NAVE_SKIP
                       : (uint8_t)(top - state[i].exponent);
        if (align[i] == NAVE_SKIP)
            continue;
        const uint32_t m = (uint32_t)nave_round64(state[i].magnitude, align[i]);
        magnitude = m > magnitude ? m : magnitude;
    }
    const nave_tables *tables = e->tables[t->log2_partition];
    const int32_t *y = ram32(ctx, nave_y_address(t, step->channel, step->block));
    int exponent = top - (int)t->log2_partition - 1;
    exponent += e->dsp.pre(tables, y, align, magnitude, e->buffer[0], &magnitude);
    const int32_t *z = e->dsp.fft(tables, e->buffer[0], e->buffer[1], NAVE_FFT_HALF, &magnitude, &exponent) + frames;
    const uint32_t ring = plan->mix_ring_frames;
    int64_t *mix = (int64_t *)(ctx->ram + plan->mix_base + 8ull * ring * step->channel);
    const uint32_t at = (uint32_t)((block * frames + t->offset_frames) % ring);
    const uint32_t until_end = ring - at < frames ? ring - at : frames;
    e->dsp.overlap(mix + at, z, until_end, exponent + NAVE_MIX_FRACTION);
    if (until_end < frames)
        e->dsp.overlap(mix, z + until_end, frames - until_end, exponent + NAVE_MIX_FRACTION);
}

void nave_context_run_tick(nave_engine *engine, nave_context *ctx)
{
    const nave_card_plan *plan = &ctx->plan;
    for (uint32_t i = 0; i < plan->steps; i++) {
        const nave_plan_step *s = &plan->step[i];
        const nave_plan_tier *t = &plan->tier[s->tier];
        const uint32_t period = nave_tier_period(plan, t);
        const uint64_t since = ctx->ticks + 1;
        if (since < period || since % period != s->phase)
            continue;
        const uint64_t batch = since / period - 1;
        const uint64_t block = batch * t->batch + s->block;
        if (s->op == NAVE_STEP_FORWARD)
            forward(engine, ctx, t, s->tier, s->channel, block);
        else if (s->op == NAVE_STEP_CMAC)
            cmac(engine, ctx, t, s, batch * t->batch + t->batch - 1);
        else
            inverse(engine, ctx, t, s, block);
    }
}
