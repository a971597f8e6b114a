/* The C card as the tests need it (c_card.h).
 * SPDX-License-Identifier: ISC */
#include "c_card.h"
#include "../../sim/model/card_state.h"
#include <stdio.h>

nave_model *test_card(const test_limits *limits, uint32_t ram_bytes)
{
    const nave_model_config config = {.ram_bytes = ram_bytes,
                                      .clock_hz = 120000000,
                                      .lanes = limits->lanes,
                                      .log2_max_partition = limits->max_log2,
                                      .max_batch = limits->max_batch,
                                      .max_plan_words = limits->max_plan_words,
                                      .cpu_mask = NAVE_CPU_SSE42}; /* a fast CRC; the arithmetic is the specification */
    return nave_model_create(&config);
}

uint8_t *test_ram(nave_model *m)
{
    return m->ram;
}

uint32_t test_expected_sequence(const nave_model *m)
{
    return m->expected_sequence;
}

uint32_t test_epoch(const nave_model *m)
{
    return m->epoch;
}

int test_running(const nave_model *m, uint32_t context)
{
    return m->context[context].state == NAVE_CONTEXT_RUNNING;
}

uint64_t test_frames_in(const nave_model *m, uint32_t context)
{
    return m->context[context].frames_in;
}

uint32_t test_crc(const nave_model *m, const void *bytes, uint32_t n)
{
    return m->engine.dsp.crc32c(0, bytes, n);
}

static int in_tier(const nave_card_plan *plan, const nave_plan_tier *t, uint32_t tier, uint64_t at, char *text,
                   uint32_t room)
{
    const uint32_t slots = nave_tier_slots(t);
    const uint64_t x = at - t->x_base, y = at - t->y_base;
    if (at >= t->x_base && x < (uint64_t)t->stride_bytes * slots * plan->inputs) {
        const uint32_t row = (uint32_t)(x / t->stride_bytes);
        snprintf(text, room, "tier %u, x of input %u, slot %u, word %u", tier, row / slots, row % slots,
                 (uint32_t)(x % t->stride_bytes / 4));
        return 1;
    }
    if (at >= t->y_base && y < (uint64_t)t->stride_bytes * t->batch * (t->y_shared ? 1 : plan->outputs)) {
        const uint32_t row = (uint32_t)(y / t->stride_bytes);
        snprintf(text, room, "tier %u, y of output %u%s, block %u, tile %u, word %u", tier, row / t->batch,
                 t->y_shared ? " (shared)" : "", row % t->batch, (uint32_t)(y % t->stride_bytes / 8 / NAVE_TILE_BINS),
                 (uint32_t)(y % t->stride_bytes / 4));
        return 1;
    }
    return 0;
}

void test_where(const nave_model *m, uint32_t byte, char *text, uint32_t room)
{
    snprintf(text, room, "no context's region");
    for (uint32_t c = 0; c < NAVE_MODEL_CONTEXTS; c++) {
        const nave_context *x = &m->context[c];
        if (x->state == NAVE_CONTEXT_FREE || m->ram + byte < x->ram || m->ram + byte >= x->ram + x->plan.ram_bytes)
            continue;
        const nave_card_plan *plan = &x->plan;
        const uint64_t at = (uint64_t)(m->ram + byte - x->ram);
        const int n = snprintf(text, room, "context %u, tick %u, ", c, (unsigned)x->ticks);
        text += n;
        room -= (uint32_t)n;
        for (uint32_t i = 0; i < plan->tiers; i++)
            if (in_tier(plan, &plan->tier[i], i, at, text, room))
                return;
        if (at >= plan->mix_base)
            snprintf(text, room, "mix of output %u, frame %u of the ring",
                     (uint32_t)((at - plan->mix_base) / 8 / plan->mix_ring_frames),
                     (uint32_t)((at - plan->mix_base) / 8 % plan->mix_ring_frames));
        else if (at >= plan->in_base)
            snprintf(text, room, "input %u, frame %u of the ring",
                     (uint32_t)((at - plan->in_base) / 4 / plan->in_ring_frames),
                     (uint32_t)((at - plan->in_base) / 4 % plan->in_ring_frames));
        else
            snprintf(text, room, "spectra of the response or a gap");
        return;
    }
}
