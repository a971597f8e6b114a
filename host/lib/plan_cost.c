/* What a plan costs on a card: cycles of each step by the shape of the RTL's pipelines, then ticks, load and bounds.
 * Predictions, not measurements; the RTL's counters are to confirm them.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include <stdlib.h>

#define NAVE_PIPELINE_CYCLES 40u /* to fill and drain, each pass or sweep */
#define NAVE_STEP_CYCLES 16u     /* to fetch and decode */

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* n complex words; a radix-4 butterfly is three products, a radix-2 one of the first pass none. */
static uint64_t transform_cycles(uint32_t log2n, uint32_t lanes)
{
    const uint64_t n = 1ull << log2n;
    uint64_t cycles = log2n % 2 ? n / 2 + NAVE_PIPELINE_CYCLES : 0;
    cycles += log2n / 2 * (divide_up(3 * n / 4, lanes) + NAVE_PIPELINE_CYCLES);
    return cycles + n + NAVE_PIPELINE_CYCLES; /* packing or unpacking: a word a cycle */
}

static uint64_t ram_cycles(uint64_t bytes, const nave_card_limits *limits)
{
    return limits->ram_bytes_per_second ? divide_up(bytes * limits->clock_hz, limits->ram_bytes_per_second) : 0;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t step_products(const nave_card_plan *plan, const nave_plan_step *s, uint64_t *bytes)
{
    const nave_plan_tier *t = &plan->tier[s->tier];
    uint64_t paths = 0;
    for (uint32_t i = 0; i < t->paths; i++)
        paths += plan->path[t->first_path + i].output == s->channel;
    const uint64_t bins = (uint64_t)nave_tier_frames(t) / nave_tier_tiles(t) * s->tiles;
    *bytes = 8 * bins * (paths * (t->partitions + nave_tier_slots(t)) + t->batch);
    return paths * t->partitions * t->batch * bins;
}

uint64_t nave_step_cycles(const nave_card_plan *plan, const nave_plan_step *s, const nave_card_limits *limits)
{
    const nave_plan_tier *t = &plan->tier[s->tier];
    const uint64_t frames = nave_tier_frames(t);
    const uint32_t lanes = limits->lanes ? limits->lanes : 1;
    uint64_t bytes = 0, cycles = 0;
    if (s->op == NAVE_STEP_CMAC)
        cycles = divide_up(step_products(plan, s, &bytes), lanes) + s->tiles * NAVE_PIPELINE_CYCLES;
    else if (s->op == NAVE_STEP_FORWARD)
        return NAVE_STEP_CYCLES + larger(frames, ram_cycles(8 * frames, limits)) +
               larger(transform_cycles(t->log2_partition, lanes), ram_cycles(8 * frames, limits));
    else /* reads a spectrum, then reads and writes the mix */
        return NAVE_STEP_CYCLES + larger(transform_cycles(t->log2_partition, lanes), ram_cycles(8 * frames, limits)) +
               larger(frames, ram_cycles(16 * frames, limits));
    return NAVE_STEP_CYCLES + larger(cycles, ram_cycles(bytes, limits));
}

/* The plan's bound: the least of what its multipliers, RAM and USB allow if they alone were busy. */
static void bounds(nave_plan *plan, const nave_card_limits *limits)
{
    const nave_card_plan *c = &plan->card;
    nave_plan_report *r = &plan->report;
    double products = 0, bytes = 0; /* a second of audio */
    for (uint32_t i = 0; i < c->steps; i++) {
        const nave_plan_step *s = &c->step[i];
        const nave_plan_tier *t = &c->tier[s->tier];
        const double per_second = (double)r->rate_hz / ((double)t->batch * nave_tier_frames(t));
        const double n = nave_tier_frames(t);
        uint64_t b = 0;
        if (s->op == NAVE_STEP_CMAC) {
            products += per_second * (double)step_products(c, s, &b);
            bytes += per_second * (double)b;
        } else {
            products += per_second * (0.75 * n * (t->log2_partition / 2) + n / 2);
            bytes += per_second * (s->op == NAVE_STEP_FORWARD ? 16 : 24) * n;
        }
    }
    const double mix = (double)r->rate_hz * (c->inputs * 4.0 + c->outputs * 16.0);
    const double usb = (double)r->rate_hz * (c->inputs * 4.0 + c->outputs * 8.0);
    const double by[3] = {limits->clock_hz && limits->lanes ? (double)limits->clock_hz * limits->lanes / products : 0,
                          limits->ram_bytes_per_second ? limits->ram_bytes_per_second / (bytes + mix) : 0,
                          limits->usb_bytes_per_second ? limits->usb_bytes_per_second / usb : 0};
    static const char *const name[3] = {"multipliers", "ram", "usb"};
    for (int i = 0; i < 3; i++)
        if (by[i] > 0 && (r->realtime_bound == 0 || by[i] < r->realtime_bound)) {
            r->realtime_bound = by[i];
            for (size_t k = 0; k < sizeof(r->bound_by); k++)
                r->bound_by[k] = k <= __builtin_strlen(name[i]) ? name[i][k] : '\0';
        }
}

int nave_plan_cost(nave_plan *plan, const nave_card_limits *limits)
{
    const nave_card_plan *c = &plan->card;
    nave_plan_report *r = &plan->report;
    r->realtime_bound = 0;
    uint32_t longest = 1; /* all periods divide the longest: partitions are powers of two */
    for (uint32_t i = 0; i < c->tiers; i++)
        if (nave_tier_period(c, &c->tier[i]) > longest)
            longest = nave_tier_period(c, &c->tier[i]);
    uint64_t *tick = calloc(longest, sizeof(*tick)), worst = 0, sum = 0;
    if (!tick)
        return NAVE_E_NOMEM;
    const uint64_t mix_bytes = (uint64_t)c->tick_frames * (4 * c->inputs + 16 * c->outputs);
    const uint64_t fixed = larger((uint64_t)c->tick_frames * c->outputs, ram_cycles(mix_bytes, limits));
    for (uint32_t i = 0; i < c->steps; i++) {
        const uint32_t period = nave_tier_period(c, &c->tier[c->step[i].tier]);
        const uint64_t cycles = nave_step_cycles(c, &c->step[i], limits);
        for (uint32_t t = c->step[i].phase; t < longest; t += period)
            tick[t] += cycles;
    }
    for (uint32_t t = 0; t < longest; t++) {
        worst = larger(worst, tick[t] + fixed);
        sum += tick[t] + fixed;
    }
    free(tick);
    r->worst_tick_cycles = worst;
    r->average_tick_cycles = sum / longest;
    r->budget_tick_cycles = limits->clock_hz ? (uint64_t)limits->clock_hz * c->tick_frames / r->rate_hz : 0;
    if (r->budget_tick_cycles) {
        r->load_average = (double)sum / longest / (double)r->budget_tick_cycles;
        r->load_peak = (double)worst / (double)r->budget_tick_cycles;
        bounds(plan, limits);
    }
    return NAVE_OK;
}
