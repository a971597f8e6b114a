/* A small plan for the link's test to play with.
 * SPDX-License-Identifier: ISC */
#include "reference.h"
#include "../../../sim/model/plan.h"

size_t reference_plan(uint32_t *words, uint32_t channels)
{
    nave_plan_path path[16];
    nave_plan_step step[3 * 16];
    const uint32_t stride = 8 * 64;
    uint32_t at = 0, steps = 0;
    nave_card_plan plan = {.inputs = channels, .outputs = channels, .tick_frames = 64, .in_ring_frames = 128};
    plan.mix_ring_frames = 64;
    plan.tiers = 1;
    nave_plan_tier *t = &plan.tier[0];
    *t = (nave_plan_tier){.log2_partition = 6, .batch = 1, .partitions = 2, .stride_bytes = stride, .h_exponent = -30};
    t->paths = channels;
    for (uint32_t c = 0; c < channels; c++, at += stride * t->partitions)
        path[c] = (nave_plan_path){.input = (uint8_t)c, .output = (uint8_t)c, .h_base = at};
    t->x_base = at;
    at += stride * nave_tier_slots(t) * channels;
    t->y_base = at;
    at += stride * channels;
    plan.in_base = at;
    at += 4 * 128 * channels;
    plan.mix_base = at;
    at += 8 * 64 * channels;
    for (uint32_t c = 0; c < channels; c++)
        step[steps++] = (nave_plan_step){.op = NAVE_STEP_FORWARD, .channel = (uint8_t)c};
    for (uint32_t c = 0; c < channels; c++)
        step[steps++] = (nave_plan_step){.op = NAVE_STEP_CMAC, .channel = (uint8_t)c, .tiles = 1};
    for (uint32_t c = 0; c < channels; c++)
        step[steps++] = (nave_plan_step){.op = NAVE_STEP_INVERSE, .channel = (uint8_t)c};
    plan.ram_bytes = at;
    plan.paths = channels;
    plan.steps = steps;
    plan.path = path;
    plan.step = step;
    nave_plan_encode(&plan, words);
    return nave_plan_words(&plan);
}
