/* Plan words: encode and decode.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "dsp.h"
#include <stdlib.h>
#include <string.h>

size_t nave_plan_words(const nave_card_plan *plan)
{
    return NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * (size_t)plan->tiers +
           NAVE_PLAN_PATH_WORDS * (size_t)plan->paths + NAVE_PLAN_STEP_WORDS * (size_t)plan->steps;
}

void nave_plan_encode(const nave_card_plan *plan, uint32_t *w)
{
    memset(w, 0, NAVE_PLAN_HEADER_WORDS * sizeof(*w));
    w[0] = NAVE_PLAN_MAGIC;
    w[1] = NAVE_PLAN_VERSION;
    w[2] = (uint32_t)nave_plan_words(plan);
    w[3] = plan->inputs | plan->outputs << 8;
    w[4] = plan->tick_frames;
    w[5] = plan->in_ring_frames;
    w[6] = plan->in_base;
    w[7] = plan->mix_ring_frames;
    w[8] = plan->mix_base;
    w[9] = plan->ram_bytes;
    w[10] = plan->tiers;
    w[11] = plan->paths;
    w[12] = plan->steps;
    w += NAVE_PLAN_HEADER_WORDS;
    for (uint32_t i = 0; i < plan->tiers; i++, w += NAVE_PLAN_TIER_WORDS) {
        const nave_plan_tier *t = &plan->tier[i];
        w[0] = t->log2_partition | t->batch << 8 | t->y_shared << 16;
        w[1] = t->partitions;
        w[2] = t->offset_frames;
        w[3] = t->x_base;
        w[4] = t->y_base;
        w[5] = t->stride_bytes;
        w[6] = (uint32_t)t->h_exponent;
        w[7] = t->first_path | t->paths << 16;
    }
    for (uint32_t i = 0; i < plan->paths; i++, w += NAVE_PLAN_PATH_WORDS) {
        w[0] = plan->path[i].input | (uint32_t)plan->path[i].output << 8;
        w[1] = plan->path[i].h_base;
    }
    for (uint32_t i = 0; i < plan->steps; i++, w += NAVE_PLAN_STEP_WORDS) {
        const nave_plan_step *s = &plan->step[i];
        w[0] = s->op | (uint32_t)s->tier << 8 | (uint32_t)s->channel << 16 | (uint32_t)s->block << 24;
        w[1] = s->phase | (uint32_t)s->first_tile << 16 | (uint32_t)s->tiles << 24;
    }
}

uint32_t nave_plan_word(const void *plan, uint32_t index)
{
    return ((const uint32_t *)plan)[index];
}

static void decode_tier(nave_plan_tier *t, const uint32_t *w)
{
    t->log2_partition = w[0] & 0xff;
    t->batch = w[0] >> 8 & 0xff;
    t->y_shared = w[0] >> 16;
    t->partitions = w[1];
    t->offset_frames = w[2];
    t->x_base = w[3];
    t->y_base = w[4];
    t->stride_bytes = w[5];
    t->h_exponent = (int32_t)w[6];
    t->first_path = w[7] & 0xffff;
    t->paths = w[7] >> 16;
}

static void decode_step(nave_plan_step *s, const uint32_t *w)
{
    s->op = (uint8_t)(w[0] & 0xff);
    s->tier = (uint8_t)(w[0] >> 8 & 0xff);
    s->channel = (uint8_t)(w[0] >> 16 & 0xff);
    s->block = (uint8_t)(w[0] >> 24);
    s->phase = (uint16_t)(w[1] & 0xffff);
    s->first_tile = (uint8_t)(w[1] >> 16 & 0xff);
    s->tiles = (uint8_t)(w[1] >> 24);
}

int nave_plan_decode(nave_card_plan *plan, const uint32_t *w, size_t n, const nave_plan_limits *limits)
{
    memset(plan, 0, sizeof(*plan));
    const uint32_t bad = nave_plan_check(w, (uint32_t)n, limits);
    if (bad)
        return (int)bad;
    plan->inputs = w[3] & 0xff;
    plan->outputs = w[3] >> 8;
    plan->tick_frames = w[4];
    plan->in_ring_frames = w[5];
    plan->in_base = w[6];
    plan->mix_ring_frames = w[7];
    plan->mix_base = w[8];
    plan->ram_bytes = w[9];
    plan->tiers = w[10];
    plan->paths = w[11];
    plan->steps = w[12];
    plan->path = calloc(plan->paths, sizeof(*plan->path));
    plan->step = calloc(plan->steps, sizeof(*plan->step));
    if (!plan->path || !plan->step) {
        nave_plan_clear(plan);
        return -1;
    }
    w += NAVE_PLAN_HEADER_WORDS;
    for (uint32_t i = 0; i < plan->tiers; i++, w += NAVE_PLAN_TIER_WORDS)
        decode_tier(&plan->tier[i], w);
    for (uint32_t i = 0; i < plan->paths; i++, w += NAVE_PLAN_PATH_WORDS)
        plan->path[i] =
            (nave_plan_path){.input = (uint8_t)(w[0] & 0xff), .output = (uint8_t)(w[0] >> 8), .h_base = w[1]};
    for (uint32_t i = 0; i < plan->steps; i++, w += NAVE_PLAN_STEP_WORDS)
        decode_step(&plan->step[i], w);
    return 0;
}

void nave_plan_clear(nave_card_plan *plan)
{
    free(plan->path);
    free(plan->step);
    plan->path = NULL;
    plan->step = NULL;
}
