/* A partitioning becomes a card plan: RAM regions, paths, and the steps with their phases.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "../../driver/why.h"
#include <stdlib.h>
#include <string.h>

/* Spectra of successive partitions start some lines apart modulo powers of two: without it, all of them share one
 * cache set of the host, and one bank row of a card's RAM. 256 bytes keep rows to the card's bursts, where they are
 * small beside the spectrum. `bare`: see nave_plan_layout. */
static uint32_t stride(uint32_t log2n, int bare)
{
    return (8u << log2n) + (bare ? 0 : log2n >= 11 ? 256 : log2n >= 9 ? 64 : 0);
}

static uint64_t round_up(uint64_t v, uint64_t unit)
{
    return nave_divide_up(v, unit) * unit;
}

/* Work is weighed for this card, whatever the card is, so that a partitioning has one schedule and one hash. */
static const nave_card_limits reference_card = {.clock_hz = 120000000, .lanes = 1, .ram_bytes_per_second = 216000000};

/* A tier's steps in the order that they need, before they have phases. `more`: as one more tile of the step before. */
typedef struct step_list {
    nave_plan_step *step;
    uint64_t *work, *more;
    uint16_t *phase, *other;
    uint32_t n;
} step_list;

static uint64_t weigh(const nave_card_plan *plan, nave_plan_step s, uint32_t tiles)
{
    s.tiles = (uint8_t)tiles;
    return nave_step_cycles(plan, &s, &reference_card);
}

static void add(step_list *list, nave_plan_step s, uint64_t work, uint64_t more)
{
    list->step[list->n] = s;
    list->work[list->n] = work;
    list->more[list->n++] = more;
}

static void list_steps(const nave_card_plan *plan, uint32_t tier, step_list *list)
{
    const nave_plan_tier *t = &plan->tier[tier];
    nave_plan_step s = {.op = NAVE_STEP_FORWARD, .tier = (uint8_t)tier};
    const uint64_t forward = weigh(plan, s, 0);
    s.op = NAVE_STEP_INVERSE;
    const uint64_t inverse = weigh(plan, s, 0);
    list->n = 0;
    for (uint32_t j = 0; j < t->batch; j++) /* oldest first: the input ring may let go of them */
        for (uint32_t c = 0; c < plan->inputs; c++) {
            s = (nave_plan_step){NAVE_STEP_FORWARD, (uint8_t)tier, (uint8_t)c, (uint8_t)j, 0, 0, 0};
            add(list, s, forward, forward);
        }
    for (uint32_t o = 0; o < plan->outputs; o++) {
        if (nave_paths_to(plan, t, o) == 0)
            continue;
        s = (nave_plan_step){NAVE_STEP_CMAC, (uint8_t)tier, (uint8_t)o, 0, 0, 0, 0};
        const uint64_t tile = weigh(plan, s, 1), more = weigh(plan, s, 2) - tile;
        s.tiles = 1;
        for (uint32_t i = 0; i < nave_tier_tiles(t); i++) {
            s.first_tile = (uint8_t)i;
            add(list, s, tile, i ? more : tile);
        }
        for (uint32_t j = 0; j < t->batch; j++) {
            s = (nave_plan_step){NAVE_STEP_INVERSE, (uint8_t)tier, (uint8_t)o, (uint8_t)j, 0, 0, 0};
            add(list, s, inverse, inverse);
        }
    }
}

/* Work of step i in the phase where the one before it is, or not. */
static uint64_t work_of(const step_list *list, uint32_t i, int follows)
{
    return follows ? list->more[i] : list->work[i];
}

/* Phases in the list's order so that no tick has more than `most` work beside the `load` that is there. 1 if it can be
 * done. */
static int pack(const step_list *list, uint16_t *to, const uint64_t *load, uint32_t period, uint64_t most)
{
    uint32_t phase = 0;
    uint64_t used = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        while (phase < period && load[phase] + used + work_of(list, i, used > 0) > most) {
            phase++;
            used = 0;
        }
        if (phase == period)
            return 0;
        used += work_of(list, i, used > 0);
        to[i] = (uint16_t)phase;
    }
    return 1;
}

/* The least `most` for which pack() can be done, and its phases. */
static void pack_low(const step_list *list, uint16_t *to, const uint64_t *load, uint32_t period)
{
    uint64_t low = 0, high = 0;
    for (uint32_t i = 0; i < list->n; i++)
        high += list->work[i];
    for (uint32_t t = 0; t < period; t++)
        low = nave_larger(low, load[t]);
    high += low; /* all in one tick always fits */
    for (low = 0; low + 1 < high;) {
        const uint64_t middle = low + (high - low) / 2;
        if (pack(list, to, load, period, middle))
            high = middle;
        else
            low = middle;
    }
    pack(list, to, load, period, high);
}

/* Phases as water fills: as much work has gone up to each phase as there is room for below a common level. Steps that
 * don't fit one to a tick come together at even distances, which leaves the ticks between them to smaller tiers. */
static void pour(const step_list *list, uint16_t *to, const uint64_t *load, uint32_t period)
{
    uint64_t all = 0, low = 0, high = 1;
    for (uint32_t i = 0; i < list->n; i++)
        all += list->work[i];
    for (uint32_t t = 0; t < period; t++)
        high = nave_larger(high, load[t] + all);
    while (low + 1 < high) {
        const uint64_t level = low + (high - low) / 2;
        uint64_t room = 0;
        for (uint32_t t = 0; t < period; t++)
            room += level > load[t] ? level - load[t] : 0;
        if (room >= all)
            high = level;
        else
            low = level;
    }
    uint32_t phase = 0;
    uint64_t before = 0, room = high > load[0] ? high - load[0] : 0;
    for (uint32_t i = 0; i < list->n; i++) {
        while (phase + 1 < period && before + list->work[i] / 2 >= room) {
            phase++;
            room += high > load[phase] ? high - load[phase] : 0;
        }
        before += list->work[i];
        to[i] = (uint16_t)phase;
    }
}

/* Adds the list's work to each tick of the longest period, and returns the most that a tick has then. */
static uint64_t add_load(const step_list *list, const uint16_t *phase, uint32_t period, uint64_t *load,
                         uint32_t longest)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < list->n; i++)
        for (uint32_t t = phase[i]; t < longest; t += period)
            load[t] += work_of(list, i, i > 0 && phase[i] == phase[i - 1]);
    for (uint32_t t = 0; t < longest; t++)
        most = nave_larger(most, load[t]);
    return most;
}

/* Schedules a tier beside what is there, the better of two ways. */
static void level_tier(step_list *list, uint32_t period, uint64_t *load, uint32_t longest, uint64_t *scratch)
{
    uint64_t *busiest = scratch, *with = scratch + longest; /* of the ticks that have a phase */
    for (uint32_t t = 0; t < longest; t++)
        busiest[t % period] = t < period ? load[t] : nave_larger(busiest[t % period], load[t]);
    pack_low(list, list->phase, busiest, period);
    pour(list, list->other, busiest, period);
    memcpy(with, load, longest * sizeof(*load));
    const uint64_t packed = add_load(list, list->phase, period, with, longest);
    memcpy(with, load, longest * sizeof(*load));
    if (add_load(list, list->other, period, with, longest) <= packed)
        memcpy(list->phase, list->other, list->n * sizeof(*list->phase));
    add_load(list, list->phase, period, load, longest);
}

/* Appends the steps; tiles of one tick become one step. */
static void emit(nave_card_plan *plan, const step_list *list, const uint16_t *phase)
{
    for (uint32_t i = 0; i < list->n; i++) {
        nave_plan_step s = list->step[i], *last = plan->step + plan->steps - 1;
        s.phase = phase[i];
        if (i > 0 && s.op == NAVE_STEP_CMAC && last->op == s.op && last->channel == s.channel && last->phase == s.phase)
            last->tiles++;
        else
            plan->step[plan->steps++] = s;
    }
}

/* Tiers one after the other, small ones first or large ones first, whichever has the shorter worst tick. */
static void level(nave_card_plan *plan, step_list *list, uint16_t *best, uint64_t *load, uint32_t longest,
                  size_t most_steps)
{
    uint64_t least = UINT64_MAX;
    for (int large_first = 0; large_first < 2; large_first++) {
        memset(load, 0, longest * sizeof(*load));
        for (uint32_t k = 0; k < plan->tiers; k++) {
            const uint32_t i = large_first ? plan->tiers - 1 - k : k;
            level_tier(&list[i], nave_tier_period(plan, &plan->tier[i]), load, longest, load + longest);
        }
        uint64_t worst = 0;
        for (uint32_t t = 0; t < longest; t++)
            worst = nave_larger(worst, load[t]);
        if (worst < least) {
            least = worst;
            memcpy(best, list[0].phase, most_steps * sizeof(*best));
        }
    }
    for (uint32_t i = 0; i < plan->tiers; i++)
        emit(plan, &list[i], best + (list[i].phase - list[0].phase));
}

static int schedule(nave_card_plan *plan, size_t most_steps)
{
    const uint32_t longest = nave_longest_period(plan);
    nave_plan_step *step = malloc(most_steps * sizeof(*step));
    uint64_t *work = malloc((2 * most_steps + 3 * (size_t)longest) * sizeof(*work));
    uint16_t *phase = calloc(3 * most_steps, sizeof(*phase));
    step_list list[NAVE_PLAN_MAX_TIERS];
    const int good = step && work && phase;
    size_t at = 0;
    for (uint32_t i = 0; good && i < plan->tiers; i++) {
        list[i] = (step_list){.step = step + at,
                              .work = work + at,
                              .more = work + most_steps + at,
                              .phase = phase + at,
                              .other = phase + most_steps + at};
        list_steps(plan, i, &list[i]);
        at += list[i].n;
    }
    if (good)
        level(plan, list, phase + 2 * most_steps, work + 2 * most_steps, longest, most_steps);
    free(phase);
    free(work);
    free(step);
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

/* Regions, paths and steps; without the gaps between spectra if `bare`. */
static int place(nave_plan *plan, const nave_partitioning *cut, const nave_routing *routing, int bare)
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
        most_steps += (c->inputs + c->outputs) * (size_t)cut->tier[i].batch +
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
        t->batch = cut->tier[i].batch;
        t->stride_bytes = stride(t->log2_partition, bare);
        t->first_path = i * routing->routes;
        t->paths = routing->routes;
        for (uint32_t k = 0; k < routing->routes; k++)
            c->path[t->first_path + k] = (nave_plan_path){
                .input = (uint8_t)routing->route[k].input,
                .output = (uint8_t)routing->route[k].output,
                .h_base = (uint32_t)(at + (uint64_t)routing->route[k].response * t->partitions * t->stride_bytes)};
        at = round_up(at + (uint64_t)routing->responses * t->partitions * t->stride_bytes, NAVE_BURST_BYTES);
        if (at > UINT32_MAX)
            return NAVE_E_FIT;
    }
    plan->image_base = 0;
    plan->image_bytes = at;
    for (uint32_t i = 0; i < cut->tiers; i++) {
        nave_plan_tier *t = &c->tier[i];
        t->y_shared = 1; /* in the order of the steps each output is inverted before the next is summed */
        t->x_base = (uint32_t)at;
        at = round_up(at + (uint64_t)t->stride_bytes * nave_tier_slots(t) * c->inputs, NAVE_BURST_BYTES);
        t->y_base = (uint32_t)at;
        at = round_up(at + (uint64_t)t->stride_bytes * t->batch, NAVE_BURST_BYTES);
        if (at > UINT32_MAX)
            return NAVE_E_FIT;
    }
    if (schedule(c, most_steps))
        return NAVE_E_NOMEM;
    c->in_ring_frames = in_ring_frames(c);
    c->mix_ring_frames = mix_ring_frames(c);
    c->in_base = (uint32_t)at;
    at = round_up(at + 4ull * c->in_ring_frames * c->inputs, NAVE_BURST_BYTES);
    c->mix_base = (uint32_t)at;
    at = round_up(at + 8ull * c->mix_ring_frames * c->outputs, NAVE_BURST_BYTES);
    if (at > UINT32_MAX - 64)
        return NAVE_E_FIT;
    c->ram_bytes = (uint32_t)at;
    return NAVE_OK;
}

int nave_plan_layout(nave_plan *plan, const nave_partitioning *cut, const nave_routing *routing)
{
    nave_card_limits small;
    const int err = place(plan, cut, routing, 0);
    /* A plan that the small board can hold without gaps has none, on any board: it shall be the same on all. */
    if (err || nave_board_limits("cynthion", &small) || plan->card.ram_bytes <= small.ram_bytes ||
        !nave_partition_may_fit(cut, routing, small.ram_bytes))
        return err;
    nave_plan_clear(&plan->card);
    const int again = place(plan, cut, routing, 1);
    if (again || plan->card.ram_bytes <= small.ram_bytes)
        return again;
    nave_plan_clear(&plan->card);
    return place(plan, cut, routing, 0);
}
