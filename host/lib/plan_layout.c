/* A partitioning becomes a card plan: RAM regions, paths, and the steps with their phases.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "../../driver/why.h"
#include <stdlib.h>
#include <string.h>

/* Spectra of successive partitions start a cache line apart modulo powers of two: without it, all of them share one
 * cache set of the host, and one bank row of a card's RAM. */
#define NAVE_STRIDE_PAD 64u

static uint64_t round_up(uint64_t v, uint64_t unit)
{
    return (v + unit - 1) / unit * unit;
}

/* Relative work of a step, to spread a tier's steps evenly over its period. */
static uint64_t weight(const nave_card_plan *plan, const nave_plan_tier *t, uint32_t op, uint32_t paths)
{
    (void)plan;
    const uint64_t frames = nave_tier_frames(t);
    if (op == NAVE_STEP_CMAC)
        return paths * t->partitions * (frames / nave_tier_tiles(t));
    return frames * (2 * t->log2_partition + 4);
}

static uint32_t paths_to(const nave_card_plan *plan, const nave_plan_tier *t, uint32_t output)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->paths; i++)
        n += plan->path[t->first_path + i].output == output;
    return n;
}

typedef struct tier_walk {
    nave_card_plan *plan;
    uint32_t tier, period, fill;
    uint64_t done, total;
} tier_walk;

static nave_plan_step *add(tier_walk *w, uint32_t op, uint32_t channel, uint32_t block, uint64_t work)
{
    /* by the middle of its work, so that the last step isn't pushed over the end */
    const uint64_t phase = w->total ? (2 * w->done + work) * w->period / (2 * w->total) : 0;
    nave_plan_step *s = w->plan->step + w->plan->steps++;
    *s = (nave_plan_step){.op = (uint8_t)op,
                          .tier = (uint8_t)w->tier,
                          .channel = (uint8_t)channel,
                          .block = (uint8_t)block,
                          .phase = (uint16_t)(phase < w->period ? phase : w->period - 1)};
    w->done += work;
    return s;
}

static void add_tier(nave_card_plan *plan, uint32_t tier)
{
    const nave_plan_tier *t = &plan->tier[tier];
    tier_walk w = {.plan = plan, .tier = tier, .period = nave_tier_period(plan, t)};
    const uint32_t tiles = nave_tier_tiles(t);
    w.total = (plan->inputs + plan->outputs) * t->batch * weight(plan, t, NAVE_STEP_FORWARD, 0);
    for (uint32_t o = 0; o < plan->outputs; o++)
        w.total += tiles * weight(plan, t, NAVE_STEP_CMAC, paths_to(plan, t, o));
    for (uint32_t c = 0; c < plan->inputs; c++)
        for (uint32_t j = 0; j < t->batch; j++)
            add(&w, NAVE_STEP_FORWARD, c, j, weight(plan, t, NAVE_STEP_FORWARD, 0));
    for (uint32_t o = 0; o < plan->outputs; o++) {
        const uint32_t paths = paths_to(plan, t, o);
        if (paths == 0)
            continue;
        for (uint32_t i = 0; i < tiles; i++) {
            nave_plan_step *s = add(&w, NAVE_STEP_CMAC, o, 0, weight(plan, t, NAVE_STEP_CMAC, paths));
            if (i > 0 && s[-1].phase == s->phase) { /* one step for the tiles of one tick */
                s[-1].tiles++;
                plan->steps--;
            } else {
                s->first_tile = (uint8_t)i;
                s->tiles = 1;
            }
        }
        for (uint32_t j = 0; j < t->batch; j++)
            add(&w, NAVE_STEP_INVERSE, o, j, weight(plan, t, NAVE_STEP_INVERSE, 0));
    }
}

static uint32_t in_ring_frames(const nave_card_plan *plan)
{
    uint64_t largest = 64, need = plan->tick_frames;
    for (uint32_t i = 0; i < plan->tiers; i++)
        if (nave_tier_frames(&plan->tier[i]) > largest)
            largest = nave_tier_frames(&plan->tier[i]);
    for (uint32_t i = 0; i < plan->steps; i++) {
        const nave_plan_step *s = &plan->step[i];
        const nave_plan_tier *t = &plan->tier[s->tier];
        const uint64_t behind =
            (t->batch + 1ull - s->block) * nave_tier_frames(t) + (uint64_t)s->phase * plan->tick_frames;
        if (s->op == NAVE_STEP_FORWARD && behind > need)
            need = behind;
        if ((t->batch + 1ull) * nave_tier_frames(t) > need)
            need = (t->batch + 1ull) * nave_tier_frames(t);
    }
    return (uint32_t)round_up(need, largest > plan->tick_frames ? largest : plan->tick_frames);
}

static uint32_t mix_ring_frames(const nave_card_plan *plan)
{
    uint64_t need = plan->tick_frames;
    for (uint32_t i = 0; i < plan->steps; i++) {
        const nave_plan_step *s = &plan->step[i];
        const nave_plan_tier *t = &plan->tier[s->tier];
        if (s->op != NAVE_STEP_INVERSE)
            continue;
        const uint64_t frames = nave_tier_frames(t);
        const uint64_t tick_start = t->batch * frames - plan->tick_frames + (uint64_t)s->phase * plan->tick_frames;
        const uint64_t ahead = s->block * frames + t->offset_frames + frames - tick_start;
        need = ahead > need ? ahead : need;
    }
    return (uint32_t)round_up(need, plan->tick_frames);
}

int nave_plan_layout(nave_plan *plan, const nave_partitioning *cut, const nave_routing *routing)
{
    nave_card_plan *c = &plan->card;
    memset(c, 0, sizeof(*c));
    c->inputs = routing->inputs;
    c->outputs = routing->outputs;
    c->tick_frames = cut->tick_frames;
    c->tiers = cut->tiers;
    c->paths = cut->tiers * routing->routes;
    size_t most_steps = 0;
    uint64_t at = 0;
    for (uint32_t i = 0; i < cut->tiers; i++)
        most_steps += (c->inputs + c->outputs) * (size_t)cut->batch + c->outputs * 32u;
    c->path = calloc(c->paths, sizeof(*c->path));
    c->step = calloc(most_steps, sizeof(*c->step));
    if (!c->path || !c->step)
        return NAVE_E_NOMEM;
    for (uint32_t i = 0; i < cut->tiers; i++) {
        nave_plan_tier *t = &c->tier[i];
        t->log2_partition = cut->tier[i].log2_partition;
        t->partitions = cut->tier[i].partitions;
        t->offset_frames = cut->tier[i].offset_frames;
        t->batch = cut->batch;
        t->stride_bytes = 8 * nave_tier_frames(t) + (t->log2_partition >= 9 ? NAVE_STRIDE_PAD : 0);
        t->first_path = i * routing->routes;
        t->paths = routing->routes;
        for (uint32_t k = 0; k < routing->routes; k++)
            c->path[t->first_path + k] = (nave_plan_path){
                .input = (uint8_t)routing->route[k].input,
                .output = (uint8_t)routing->route[k].output,
                .h_base = (uint32_t)(at + (uint64_t)routing->route[k].response * t->partitions * t->stride_bytes)};
        at += (uint64_t)routing->responses * t->partitions * t->stride_bytes;
        if (at > UINT32_MAX)
            return NAVE_E_FIT;
    }
    plan->image_base = 0;
    plan->image_bytes = at;
    for (uint32_t i = 0; i < cut->tiers; i++) {
        nave_plan_tier *t = &c->tier[i];
        /* each output of an offline batch is inverted before the next is summed; live ones overlap in time */
        t->y_shared = nave_tier_period(c, t) == 1;
        t->x_base = (uint32_t)at;
        at += (uint64_t)t->stride_bytes * nave_tier_slots(t) * c->inputs;
        t->y_base = (uint32_t)at;
        at += (uint64_t)t->stride_bytes * t->batch * (t->y_shared ? 1 : c->outputs);
        if (at > UINT32_MAX)
            return NAVE_E_FIT;
        add_tier(c, i);
    }
    c->in_ring_frames = in_ring_frames(c);
    c->mix_ring_frames = mix_ring_frames(c);
    c->in_base = (uint32_t)at;
    at = round_up(at + 4ull * c->in_ring_frames * c->inputs, 64);
    c->mix_base = (uint32_t)at;
    at = round_up(at + 8ull * c->mix_ring_frames * c->outputs, 64);
    if (at > UINT32_MAX - 64)
        return NAVE_E_FIT;
    c->ram_bytes = (uint32_t)at;
    return NAVE_OK;
}
