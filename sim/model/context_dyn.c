/* A context that runs a dynamics engine: its memory, start, ticks and dials.
 * SPDX-License-Identifier: ISC */
#include "context.h"
#include <stdlib.h>
#include <string.h>

int nave_context_dyn_load(nave_context *ctx, const uint32_t *words, size_t n)
{
    nave_context_dyn *d = calloc(1, sizeof(*d));
    if (!d)
        return -1;
    const uint32_t bad = nave_dyn_plan_decode(&d->plan, words, n);
    if (bad) {
        free(d);
        return (int)bad;
    }
    const uint32_t channels = d->plan.shape.channels, inputs = nave_dyn_inputs(&d->plan);
    ctx->dyn = d;
    ctx->plan = (nave_card_plan){
        .inputs = inputs, .outputs = channels, .tick_frames = d->plan.tick_frames, .ram_bytes = d->plan.ram_bytes};
    d->memory = calloc(nave_dyn_words(&d->plan.shape), sizeof(int32_t));
    d->in = calloc((size_t)inputs * d->plan.tick_frames, sizeof(int32_t));
    d->out = calloc((size_t)channels * d->plan.tick_frames, sizeof(int32_t));
    if (!d->memory || !d->in || !d->out) {
        nave_context_dyn_free(ctx);
        return -1;
    }
    /* how many words METERS has is asked for before the start */
    d->engine.shape = d->plan.shape;
    return 0;
}

void nave_context_dyn_free(nave_context *ctx)
{
    if (!ctx->dyn)
        return;
    free(ctx->dyn->memory);
    free(ctx->dyn->in);
    free(ctx->dyn->out);
    free(ctx->dyn);
    ctx->dyn = NULL;
}

void nave_context_dyn_start(nave_context *ctx)
{
    nave_context_dyn *d = ctx->dyn;
    nave_dyn_start(&d->engine, &d->plan.shape, d->plan.dial, d->memory);
    memset(&d->meters, 0, sizeof(d->meters));
    d->meters.true_peak = d->plan.meters == NAVE_METERS_TRUE_PEAK;
    d->engine.meters = d->plan.meters ? &d->meters : NULL;
}

void nave_context_dyn_take(nave_context *ctx, const int32_t *in, size_t stride, uint32_t frames)
{
    const uint32_t tick = ctx->plan.tick_frames, at = (uint32_t)(ctx->frames_in % tick);
    for (uint32_t c = 0; c < ctx->plan.inputs; c++)
        memcpy(ctx->dyn->in + (size_t)c * tick + at, in + c * stride, frames * sizeof(int32_t));
}

void nave_context_dyn_tick(nave_engine *engine, nave_context *ctx)
{
    nave_context_dyn *d = ctx->dyn;
    const uint32_t tick = ctx->plan.tick_frames, channels = d->plan.shape.channels;
    const uint32_t audio = ctx->plan.inputs - channels * d->plan.external;
    const int32_t *in[NAVE_DYN_BANDS * NAVE_DYN_CHANNELS], *side[NAVE_DYN_CHANNELS];
    int32_t *out[NAVE_DYN_CHANNELS];
    for (uint32_t c = 0; c < audio; c++)
        in[c] = d->in + (size_t)c * tick;
    for (uint32_t c = 0; c < channels; c++) {
        side[c] = d->plan.external ? d->in + (size_t)(audio + c) * tick : NULL;
        out[c] = d->out + (size_t)c * tick;
    }
    d->engine.blocks = &engine->dsp.dyn;
    nave_dyn_process(&d->engine, in, d->plan.external ? side : NULL, out, tick);
}

void nave_context_dyn_give(nave_context *ctx, uint32_t from, uint32_t n, void *out)
{
    const uint32_t tick = ctx->plan.tick_frames;
    for (uint32_t c = 0; c < ctx->plan.outputs; c++) {
        const int32_t *y = ctx->dyn->out + (size_t)c * tick + from;
        if (ctx->format == NAVE_FORMAT_Q28) {
            memcpy((int32_t *)out + (size_t)c * n, y, n * sizeof(*y));
            continue;
        }
        for (uint32_t i = 0; i < n; i++)
            ((int64_t *)out)[(size_t)c * n + i] = (int64_t)y[i] * 65536;
    }
}

uint32_t nave_context_dyn_dial(nave_context *ctx, const uint8_t *events, uint32_t count, uint64_t frame,
                               uint32_t *value)
{
    nave_dyn *e = &ctx->dyn->engine;
    uint32_t w[4];
    for (uint32_t i = 0; i < count; i++) {
        memcpy(w, events + 16 * i, 4);
        if (w[0] >= NAVE_DIALS)
            return NAVE_STATUS_BAD_VALUE;
    }
    if (frame < ctx->frames_in) {
        *value = (uint32_t)ctx->frames_in;
        return NAVE_STATUS_BAD_POSITION;
    }
    if (count > NAVE_DYN_EVENTS - (e->event_count - e->event_next))
        return NAVE_STATUS_FULL;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(w, events + 16 * i, sizeof(w));
        const nave_dyn_event event = {frame, (int64_t)(w[2] | (uint64_t)w[3] << 32), w[0], w[1]};
        nave_dyn_set(e, &event);
    }
    return NAVE_STATUS_OK;
}
