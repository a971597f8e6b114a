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

/* Relative work of a step, to spread a tier's steps evenly over its period: cycles of one lane whose RAM gives a
 * product's two words in 9 cycles. The same for every card, so that a plan is the same for every card. */
static uint64_t weight(const nave_plan_tier *t, uint32_t op, uint32_t paths)
{
    const uint64_t frames = nave_tier_frames(t);
    if (op == NAVE_STEP_CMAC)
        return 9 * paths * t->partitions * (frames / nave_tier_tiles(t));
    const uint64_t passes = 3 * (t->log2_partition / 2) * frames / 4;
    return passes + (op == NAVE_STEP_FORWARD ? 11 : 20) * frames / 2 + 300; /* its RAM: 8 or 24 bytes a frame */
}

static uint32_t paths_to(const nave_card_plan *plan, const nave_plan_tier *t, uint32_t output)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->paths; i++)
        n += plan->path[t->first_path + i].output == output;
    return n;
}

/* A tier's steps in the order that they need, before they have phases. */
typedef struct step_list {
    nave_plan_step *step;
    uint64_t *work;
    uint32_t n;
} step_list;

static void add(step_list *list, uint32_t op, uint32_t tier, uint32_t channel, uint32_t block, uint64_t work)
{
    list->step[list->n] = (nave_plan_step){
        .op = (uint8_t)op, .tier = (uint8_t)tier, .channel = (uint8_t)channel, .block = (uint8_t)block};
    list->work[list->n++] = work;
}

static void list_steps(const nave_card_plan *plan, uint32_t tier, step_list *list)
{
    const nave_plan_tier *t = &plan->tier[tier];
    list->n = 0;
    for (uint32_t c = 0; c < plan->inputs; c++)
        for (uint32_t j = 0; j < t->batch; j++)
            add(list, NAVE_STEP_FORWARD, tier, c, j, weight(t, NAVE_STEP_FORWARD, 0));
    for (uint32_t o = 0; o < plan->outputs; o++) {
        const uint32_t paths = paths_to(plan, t, o);
        if (paths == 0)
            continue;
        for (uint32_t i = 0; i < nave_tier_tiles(t); i++) {
            add(list, NAVE_STEP_CMAC, tier, o, 0, weight(t, NAVE_STEP_CMAC, paths));
            list->step[list->n - 1].first_tile = (uint8_t)i;
            list->step[list->n - 1].tiles = 1;
        }
        for (uint32_t j = 0; j < t->batch; j++)
            add(list, NAVE_STEP_INVERSE, tier, o, j, weight(t, NAVE_STEP_INVERSE, 0));
    }
}

/* Phases in the list's order so that no tick has more than `most` work beside what smaller tiers put there. 1 if it
 * can be done. */
static int pack(step_list *list, const uint64_t *load, uint32_t period, uint64_t most)
{
    uint32_t phase = 0;
    uint64_t used = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        while (phase < period && load[phase] + used + list->work[i] > most) {
            phase++;
            used = 0;
        }
        if (phase == period)
            return 0;
        used += list->work[i];
        list->step[i].phase = (uint16_t)phase;
    }
    return 1;
}

/* Schedules the tier with the least worst tick; load has the work of each tick of the longest period. */
static void add_tier(nave_card_plan *plan, uint32_t tier, step_list *list, uint64_t *load, uint32_t longest)
{
    const uint32_t period = nave_tier_period(plan, &plan->tier[tier]);
    list_steps(plan, tier, list);
    uint64_t low = 0, high = 0;
    for (uint32_t i = 0; i < list->n; i++)
        high += list->work[i];
    uint64_t before = 0;
    for (uint32_t t = 0; t < period; t++)
        before = load[t] > before ? load[t] : before;
    high += before; /* all in one tick always fits */
    while (low + 1 < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (pack(list, load, period, middle))
            high = middle;
        else
            low = middle;
    }
    pack(list, load, period, high);
    for (uint32_t i = 0; i < list->n; i++) {
        for (uint32_t t = list->step[i].phase; t < longest; t += period)
            load[t] += list->work[i];
        nave_plan_step *last = plan->step + plan->steps - 1;
        const nave_plan_step *s = &list->step[i];
        if (i > 0 && s->op == NAVE_STEP_CMAC && last->op == s->op && last->channel == s->channel &&
            last->phase == s->phase)
            last->tiles++; /* one step for the tiles of one tick */
        else
            plan->step[plan->steps++] = *s;
    }
}

static int schedule(nave_card_plan *plan, size_t most_steps)
{
    uint32_t longest = 1;
    for (uint32_t i = 0; i < plan->tiers; i++)
        if (nave_tier_period(plan, &plan->tier[i]) > longest)
            longest = nave_tier_period(plan, &plan->tier[i]);
    step_list list = {.step = malloc(most_steps * sizeof(*list.step)), .work = malloc(most_steps * sizeof(*list.work))};
    uint64_t *load = calloc(longest, sizeof(*load));
    const int good = list.step && list.work && load;
    for (uint32_t i = 0; good && i < plan->tiers; i++)
        add_tier(plan, i, &list, load, longest);
    free(load);
    free(list.work);
    free(list.step);
    return good ? NAVE_OK : NAVE_E_NOMEM;
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
        most_steps += (c->inputs + c->outputs) * (size_t)cut->batch +
                      c->outputs * ((1u << cut->tier[i].log2_partition) / NAVE_TILE_BINS + 1);
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
    }
    if (schedule(c, most_steps))
        return NAVE_E_NOMEM;
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
