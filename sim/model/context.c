/* A context's memory, start and mixer.
 * SPDX-License-Identifier: ISC */
#include "context.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static size_t aligned_bytes(const nave_card_plan *plan, const nave_plan_tier *t)
{
    return (size_t)nave_tier_slots(t) * plan->inputs * nave_aligned_words(t) * sizeof(int32_t);
}

/* As the card's RAM: reserved, and present once it is used. */
static int32_t *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

int nave_context_allocate(nave_context *ctx)
{
    const nave_card_plan *plan = &ctx->plan;
    size_t longest = 0;
    for (uint32_t i = 0; i < plan->tiers; i++) {
        const nave_plan_tier *t = &plan->tier[i];
        const size_t slots = nave_tier_slots(t);
        ctx->x_exponent[i] = malloc(slots * plan->inputs * sizeof(int16_t));
        ctx->tile[i] = malloc(sizeof(nave_tile_state) * plan->outputs * t->batch * nave_tier_tiles(t));
        ctx->aligned[i] = reserve(aligned_bytes(plan, t));
        ctx->aligned_by[i] = malloc(slots * plan->inputs * nave_tier_tiles(t));
        if (!ctx->x_exponent[i] || !ctx->tile[i] || !ctx->aligned[i] || !ctx->aligned_by[i])
            goto err_release;
        if (slots * plan->inputs > longest)
            longest = slots * plan->inputs;
    }
    ctx->x_list = malloc(longest * sizeof(*ctx->x_list));
    ctx->h_list = malloc(longest * sizeof(*ctx->h_list));
    ctx->align_list = malloc(longest);
    ctx->slot_list = malloc(longest * sizeof(*ctx->slot_list));
    ctx->tile_list = malloc(longest * sizeof(*ctx->tile_list));
    ctx->tile_align_list = malloc(longest);
    if (!ctx->x_list || !ctx->h_list || !ctx->align_list || !ctx->slot_list || !ctx->tile_list || !ctx->tile_align_list)
        goto err_release;
    return 0;
err_release:
    nave_context_release(ctx);
    return -1;
}

void nave_context_release(nave_context *ctx)
{
    nave_context_dyn_free(ctx);
    for (uint32_t i = 0; i < NAVE_PLAN_MAX_TIERS; i++) {
        free(ctx->x_exponent[i]);
        free(ctx->tile[i]);
        if (ctx->aligned[i])
            munmap(ctx->aligned[i], aligned_bytes(&ctx->plan, &ctx->plan.tier[i]));
        free(ctx->aligned_by[i]);
    }
    free(ctx->x_list);
    free(ctx->h_list);
    free(ctx->align_list);
    free(ctx->slot_list);
    free(ctx->tile_list);
    free(ctx->tile_align_list);
    nave_plan_clear(&ctx->plan);
    memset(ctx, 0, sizeof(*ctx));
}

void nave_context_start(nave_context *ctx, uint32_t format)
{
    const nave_card_plan *plan = &ctx->plan;
    if (ctx->dyn)
        nave_context_dyn_start(ctx);
    memset(ctx->ram + plan->in_base, 0, 4ull * plan->in_ring_frames * plan->inputs);
    memset(ctx->ram + plan->mix_base, 0, 8ull * plan->mix_ring_frames * plan->outputs);
    for (uint32_t i = 0; i < plan->tiers; i++) {
        const nave_plan_tier *t = &plan->tier[i];
        for (uint32_t k = 0; k < nave_tier_slots(t) * plan->inputs; k++)
            ctx->x_exponent[i][k] = NAVE_EXPONENT_ZERO;
        for (uint32_t k = 0; k < nave_y_row(t, plan->outputs - 1, t->batch) * nave_tier_tiles(t); k++)
            ctx->tile[i][k] = (nave_tile_state){.exponent = NAVE_EXPONENT_ZERO, .magnitude = 0};
    }
    ctx->ticks = ctx->frames_in = ctx->frames_out = 0;
    ctx->clipped = 0;
    ctx->changes = 0;
    ctx->format = format;
    ctx->wet_q28 = 1 << 28;
    ctx->dry_q28 = 0;
    ctx->state = NAVE_CONTEXT_RUNNING;
}

void nave_context_forget(nave_context *ctx)
{
    for (uint32_t i = 0; i < ctx->plan.tiers; i++) {
        const nave_plan_tier *t = &ctx->plan.tier[i];
        memset(ctx->aligned_by[i], 0, (size_t)nave_tier_slots(t) * ctx->plan.inputs * nave_tier_tiles(t));
    }
}

static void apply_changes(nave_context *ctx, uint64_t frame)
{
    uint32_t done = 0;
    for (; done < ctx->changes && ctx->change[done].frame <= frame; done++) {
        if (ctx->change[done].param == NAVE_PARAM_WET)
            ctx->wet_q28 = ctx->change[done].value;
        else
            ctx->dry_q28 = ctx->change[done].value;
    }
    ctx->changes -= done;
    memmove(ctx->change, ctx->change + done, ctx->changes * sizeof(ctx->change[0]));
}

void nave_context_mix(nave_engine *engine, nave_context *ctx, uint32_t from, uint32_t n, void *out)
{
    const nave_card_plan *plan = &ctx->plan;
    const uint64_t tick_start = ctx->ticks * plan->tick_frames;
    const uint32_t in_at = (uint32_t)(tick_start % plan->in_ring_frames);
    const uint32_t mix_at = (uint32_t)(tick_start % plan->mix_ring_frames);
    for (uint32_t done = 0; done < n;) {
        const uint64_t frame = tick_start + from + done;
        apply_changes(ctx, frame);
        uint32_t run = n - done < 1u << NAVE_LOG2_MAX_PARTITION ? n - done : 1u << NAVE_LOG2_MAX_PARTITION;
        if (ctx->changes && ctx->change[0].frame - frame < run)
            run = (uint32_t)(ctx->change[0].frame - frame);
        for (uint32_t o = 0; o < plan->outputs; o++) {
            const int64_t *mix = (const int64_t *)(ctx->ram + plan->mix_base + 8ull * plan->mix_ring_frames * o);
            const int32_t *in = (const int32_t *)(ctx->ram + plan->in_base + 4ull * plan->in_ring_frames * o);
            nave_mix_job job = {.wet = mix + mix_at + from + done,
                                .dry = o < plan->inputs ? in + in_at + from + done : engine->silence,
                                .frames = run,
                                .wet_q28 = ctx->wet_q28,
                                .dry_q28 = ctx->dry_q28};
            if (ctx->format == NAVE_FORMAT_Q44)
                ctx->clipped += engine->dsp.mix_q44((int64_t *)out + (size_t)o * n + done, &job);
            else
                ctx->clipped += engine->dsp.mix_q28((int32_t *)out + (size_t)o * n + done, &job);
        }
        done += run;
    }
}

void nave_context_next_tick(nave_context *ctx)
{
    const nave_card_plan *plan = &ctx->plan;
    const uint32_t ring = plan->mix_ring_frames;
    const uint32_t at = ring ? (uint32_t)(ctx->ticks * plan->tick_frames % ring) : 0; /* 0: no convolver */
    for (uint32_t o = 0; o < plan->outputs && ring; o++)
        memset(ctx->ram + plan->mix_base + 8ull * (ring * o + at), 0, 8ull * plan->tick_frames);
    ctx->ticks++;
    ctx->frames_out += plan->tick_frames;
}
