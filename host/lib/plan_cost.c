/* What a plan costs on a card: cycles of each step by the shape of the RTL's pipelines, then ticks, load and bounds.
 * The only model of time: schedules and choices are made from it too. Predictions; the card's counters confirm them.
 *
 * Transforms, tiles and the mixer take turns. Within one of them RAM and multipliers work side by side, so the slower
 * counts. Every row of a plan begins at a multiple of 64 bytes, and a burst of the RAM never crosses one of 256.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include <stdlib.h>
#include <string.h>

/* Cycles that do not come from a pipeline: the card's control core where nothing hides it, and streams that fill and
 * drain. Fitted to the counters of the Verilated card. */
enum {
    CONTROL_COMMAND = 1500, /* a frame of audio, answered; beside the ticks that it completes */
    CONTROL_TICK = 1700,    /* positions, registers, the first step */
    CONTROL_TIER = 60,      /* phase */
    CONTROL_SWITCH = 400,   /* to the steps of another tier: its rows */
    CONTROL_PICK = 120,     /* of 32 steps those that are due */
    CONTROL_CHANNEL = 450,  /* mixer: gains, descriptors */
    CONTROL_CMAC = 1100,    /* mode, paths, rows, to the first descriptor and from the last tile's results */
    CMAC_AGAIN = 1400,      /* less, if it follows another: it begins while the results of that are given */
    CMAC_LOOKS = 300,       /* paths and exponents: hidden behind an inverse transform, */
    CMAC_BEHIND = 2000,     /* but for the first of its cycles */
    CONTROL_SLOT = 22,      /* exponent of a spectrum of x, looked at for the largest */
    CONTROL_ROW = 100,      /* descriptors of a row of x or h: hide behind the RAM unless rows are very short */
    CONTROL_TILE = 250,     /* job: likewise */
    CONTROL_BLOCK = 100,    /* results of a block of a tile, all but the last */
    FORWARD_CYCLES = 60,    /* descriptor to first word, rounding, magnitude, first word out */
    INVERSE_CYCLES = 70,
    MIX_CYCLES = 4, /* rtl/conv/mix.v: a sample, where the RAM is not slower */
    MIX_DRY_CYCLES = 8
};

#define CHIP_PAYLOAD_BYTES 4096u /* a longer one goes through the RAM on its way in */

typedef struct machine {
    uint64_t lanes;
    int has_ram;                      /* 0: it is never waited for */
    double read_cycles, write_cycles; /* of a burst, beside two of each word */
} machine;

static machine machine_of(const nave_card_limits *limits)
{
    machine m = {.lanes = limits->lanes ? limits->lanes : 1};
    if (limits->ram_bytes_per_second && limits->clock_hz) {
        const double more =
            (double)NAVE_BURST_BYTES * limits->clock_hz / limits->ram_bytes_per_second - NAVE_BURST_BYTES / 4.0 * 2;
        m.has_ram = 1;
        m.read_cycles = more > 0 ? more : 0;
        /* HyperRAM holds its CS# for a while behind a read; an SDRAM recovers from a write */
        m.write_cycles = m.read_cycles > 8 ? m.read_cycles - 3 : m.read_cycles + 3;
    }
    return m;
}

static uint64_t ram_cycles(const machine *m, double burst_cycles, uint64_t bytes, uint64_t bursts)
{
    return m->has_ram ? bytes / 2 + (uint64_t)(burst_cycles * (double)bursts + 0.5) : 0;
}

static uint64_t read_cycles(const machine *m, uint64_t bytes)
{
    return ram_cycles(m, m->read_cycles, bytes, nave_divide_up(bytes, NAVE_BURST_BYTES));
}

static uint64_t write_cycles(const machine *m, uint64_t bytes)
{
    return ram_cycles(m, m->write_cycles, bytes, nave_divide_up(bytes, NAVE_BURST_BYTES));
}

/* Bursts of `rows` rows of `bytes` that follow each other at a stride. */
static uint64_t row_bursts(uint64_t rows, uint64_t bytes, uint64_t base, uint64_t stride)
{
    const uint64_t whole = nave_divide_up(bytes, NAVE_BURST_BYTES), step = stride % NAVE_BURST_BYTES;
    if (step == 0)
        return rows * (whole + (base % NAVE_BURST_BYTES != 0));
    return rows * (whole + 1) - rows * (step % 128 ? 64 : 128) / NAVE_BURST_BYTES; /* one of four, or of two, fits */
}

/* rtl/conv/fft.v: three cycles a butterfly, two with two lanes. */
uint64_t nave_fft_cycles(uint32_t log2n, uint32_t lanes)
{
    const uint64_t n = 1ull << log2n, passes = (log2n + 1) / 2;
    return 3 + passes * (lanes >= 2 ? n / 2 + 44 : 3 * n / 4 + 43);
}

/* rtl/conv/pairs.v: packing before an inverse transform, unpacking after a forward one. */
uint64_t nave_pairs_cycles(uint32_t log2n)
{
    return (1ull << log2n) + 45;
}

/* rtl/conv/cmac.v: behind its products a tile is rounded and given, block by block. */
uint64_t nave_tile_cycles(uint32_t bins, uint32_t batch)
{
    return (uint64_t)batch * (2 * bins + 18) + 17;
}

static uint64_t forward_cycles(const machine *m, uint32_t log2n)
{
    const uint64_t n = 1ull << log2n;
    return FORWARD_CYCLES + nave_larger(n, read_cycles(m, 8 * n)) + nave_fft_cycles(log2n, (uint32_t)m->lanes) +
           nave_pairs_cycles(log2n) + nave_larger(n, write_cycles(m, 8 * n));
}

static uint64_t inverse_cycles(const machine *m, const nave_plan_tier *t)
{
    const uint64_t n = nave_tier_frames(t);
    return INVERSE_CYCLES + nave_larger(n, read_cycles(m, 8 * n)) + nave_pairs_cycles(t->log2_partition) +
           nave_fft_cycles(t->log2_partition, (uint32_t)m->lanes) +
           nave_larger(n, read_cycles(m, 8 * n) + write_cycles(m, 8 * n));
}

uint32_t nave_paths_to(const nave_card_plan *plan, const nave_plan_tier *t, uint32_t output)
{
    uint32_t paths = 0;
    for (uint32_t i = 0; i < t->paths; i++)
        paths += plan->path[t->first_path + i].output == output;
    return paths;
}

uint32_t nave_longest_period(const nave_card_plan *plan)
{
    uint32_t longest = 1;
    for (uint32_t i = 0; i < plan->tiers; i++)
        if (nave_tier_period(plan, &plan->tier[i]) > longest)
            longest = nave_tier_period(plan, &plan->tier[i]);
    return longest;
}

/* `filled` of the spectra of each input hold something: rows of silence are not read. */
static uint64_t cmac_cycles(const machine *m, const nave_plan_tier *t, uint64_t paths, uint64_t tiles, uint64_t filled)
{
    const uint64_t bins = nave_tier_frames(t) / nave_tier_tiles(t), slots = nave_tier_slots(t);
    const uint64_t x = paths * (filled < slots ? filled : slots), h = paths * t->partitions, row = 8 * bins;
    const uint64_t reads =
        ram_cycles(m, m->read_cycles, (x + h) * row,
                   row_bursts(x, row, t->x_base, t->stride_bytes) + row_bursts(h, row, t->x_base, t->stride_bytes));
    const uint64_t writes =
        ram_cycles(m, m->write_cycles, t->batch * row, row_bursts(t->batch, row, t->y_base, t->stride_bytes));
    /* fewer blocks than lanes: a word a cycle from the streams is the bound */
    const uint64_t row_products = nave_larger(nave_divide_up(t->batch * bins, m->lanes), bins);
    const uint64_t products = h * row_products, result = nave_tile_cycles((uint32_t)bins, t->batch);
    /* the rings are filled on while a result is given, over the end of a tile; only the last one is waited for */
    const uint64_t first_rows = read_cycles(m, (t->batch + 1) * row);
    const uint64_t by_ram = tiles * reads + (tiles - 1) * writes + row_products;
    const uint64_t by_products = first_rows + tiles * products + (tiles - 1) * result;
    const uint64_t by_control = tiles * (paths * (slots + t->partitions) * CONTROL_ROW + CONTROL_TILE);
    return CONTROL_CMAC + paths * slots * CONTROL_SLOT + (tiles * t->batch - 1) * CONTROL_BLOCK +
           nave_larger(by_control, nave_larger(by_ram, by_products)) + nave_larger(result, writes);
}

static uint64_t step_cycles(const nave_card_plan *plan, const nave_plan_step *s, const machine *m, uint64_t filled)
{
    const nave_plan_tier *t = &plan->tier[s->tier];
    if (s->op == NAVE_STEP_FORWARD)
        return forward_cycles(m, t->log2_partition);
    if (s->op == NAVE_STEP_INVERSE)
        return inverse_cycles(m, t);
    return cmac_cycles(m, t, nave_paths_to(plan, t, s->channel), s->tiles, filled);
}

/* A step behind `last` (NULL: none) of the same tick. */
static uint64_t next_cycles(const nave_card_plan *plan, const nave_plan_step *s, const nave_plan_step *last,
                            const machine *m, uint64_t filled)
{
    uint64_t cycles = step_cycles(plan, s, m, filled);
    if (plan->tiers > 1 && (!last || last->tier != s->tier))
        cycles += CONTROL_SWITCH;
    if (!last || s->op != NAVE_STEP_CMAC)
        return cycles;
    if (last->op == NAVE_STEP_CMAC)
        return cycles - CMAC_AGAIN;
    if (last->op == NAVE_STEP_INVERSE) { /* looked for while a transform that is long enough runs */
        const nave_plan_tier *t = &plan->tier[s->tier];
        const uint64_t runs = inverse_cycles(m, &plan->tier[last->tier]);
        const uint64_t looks = CMAC_LOOKS + (last->tier != s->tier ? CONTROL_SWITCH : 0) +
                               (uint64_t)nave_paths_to(plan, t, s->channel) * nave_tier_slots(t) * CONTROL_SLOT;
        const uint64_t room = runs > CMAC_BEHIND ? runs - CMAC_BEHIND : 0;
        cycles -= looks < room ? looks : room;
    }
    return cycles;
}

uint64_t nave_step_cycles(const nave_card_plan *plan, const nave_plan_step *s, const nave_card_limits *limits)
{
    const machine m = machine_of(limits);
    return step_cycles(plan, s, &m, UINT64_MAX);
}

void nave_tier_estimate(nave_tier_cost *out, const nave_plan_tier *t, const nave_routing *r,
                        const nave_card_limits *limits)
{
    const machine m = machine_of(limits);
    const uint64_t paths = nave_divide_up(r->routes, r->outputs), tiles = nave_tier_tiles(t);
    const uint64_t forward = forward_cycles(&m, t->log2_partition), inverse = inverse_cycles(&m, t);
    out->batch_cycles = t->batch * (r->inputs * forward + r->outputs * inverse) +
                        r->outputs * cmac_cycles(&m, t, paths, tiles, UINT64_MAX);
    out->largest_step = nave_larger(nave_larger(forward, inverse), cmac_cycles(&m, t, paths, 1, UINT64_MAX));
}

/* What every tick does beside its steps, as long as the card counts it: picking the steps, wet and dry through the
 * mixer. */
static uint64_t frame_cycles(const nave_card_plan *plan, const machine *m)
{
    const uint64_t frames = plan->tick_frames;
    uint64_t cycles = CONTROL_TICK + plan->tiers * CONTROL_TIER;
    cycles += nave_divide_up(plan->steps, 32) * CONTROL_PICK + read_cycles(m, 8ull * plan->steps);
    for (uint32_t o = 0; o < plan->outputs; o++) {
        const int dry = o < plan->inputs;
        cycles += CONTROL_CHANNEL + nave_larger((dry ? MIX_DRY_CYCLES : MIX_CYCLES) * frames,
                                                read_cycles(m, 8 * frames) + (dry ? read_cycles(m, 4 * frames) : 0));
    }
    return cycles;
}

/* Between two ticks: the command, audio into its rings, the part of the mix that left cleared. */
static uint64_t between_cycles(const nave_card_plan *plan, const machine *m)
{
    const uint64_t in = 4ull * plan->tick_frames * plan->inputs, out = 8ull * plan->tick_frames * plan->outputs;
    uint64_t cycles = CONTROL_COMMAND + nave_larger(in / 4, write_cycles(m, in)) + write_cycles(m, out);
    if (in > CHIP_PAYLOAD_BYTES)
        cycles += read_cycles(m, in) + write_cycles(m, in);
    return cycles;
}

uint64_t nave_plan_tick_cycles(const nave_card_plan *plan, const nave_card_limits *limits, uint64_t tick)
{
    const machine m = machine_of(limits);
    const nave_plan_step *last = NULL;
    uint64_t cycles = frame_cycles(plan, &m);
    for (uint32_t i = 0; i < plan->steps; i++) {
        const nave_plan_step *s = &plan->step[i];
        const nave_plan_tier *t = &plan->tier[s->tier];
        const uint32_t period = nave_tier_period(plan, t);
        if (tick + 1 < period || (tick + 1) % period != s->phase)
            continue;
        cycles += next_cycles(plan, s, last, &m, (tick + 1) / period * t->batch);
        last = s;
    }
    return cycles;
}

/* What a second of audio asks of the multipliers, in cycles of one lane, and of the RAM, in bytes. */
static void demand(const nave_plan *plan, double *products, double *bytes)
{
    const nave_card_plan *c = &plan->card;
    const double rate = (double)plan->report.rate_hz;
    const uint32_t dry = c->inputs < c->outputs ? c->inputs : c->outputs;
    *products = 0;
    *bytes = rate * (c->inputs * 4.0 + c->outputs * 16.0 + dry * 4.0);
    for (uint32_t i = 0; i < c->steps; i++) {
        const nave_plan_step *s = &c->step[i];
        const nave_plan_tier *t = &c->tier[s->tier];
        const double n = nave_tier_frames(t), per_second = rate / (t->batch * n);
        if (s->op == NAVE_STEP_CMAC) {
            const double bins = n / nave_tier_tiles(t) * s->tiles, paths = nave_paths_to(c, t, s->channel);
            *products += per_second * paths * t->partitions * t->batch * bins;
            *bytes += per_second * 8 * bins * (paths * (t->partitions + nave_tier_slots(t)) + t->batch);
        } else {
            *products += per_second * (0.75 * n * ((t->log2_partition + 1) / 2 - 1) + n / 2);
            *bytes += per_second * (s->op == NAVE_STEP_FORWARD ? 16 : 24) * n;
        }
    }
}

/* The plan's bound: the least of what its multipliers, RAM and USB allow if they alone were busy. */
static void bounds(nave_plan *plan, const nave_card_limits *limits)
{
    nave_plan_report *r = &plan->report;
    double products, bytes;
    demand(plan, &products, &bytes);
    const double usb = (double)r->rate_hz * (plan->card.inputs * 4.0 + plan->card.outputs * 8.0);
    const double by[3] = {limits->clock_hz && limits->lanes ? (double)limits->clock_hz * limits->lanes / products : 0,
                          limits->ram_bytes_per_second ? limits->ram_bytes_per_second / bytes : 0,
                          limits->usb_bytes_per_second ? limits->usb_bytes_per_second / usb : 0};
    static const char name[3][sizeof(r->bound_by)] = {"multipliers", "ram", "usb"};
    for (int i = 0; i < 3; i++)
        if (by[i] > 0 && (r->realtime_bound == 0 || by[i] < r->realtime_bound)) {
            r->realtime_bound = by[i];
            memcpy(r->bound_by, name[i], sizeof(r->bound_by));
        }
}

int nave_plan_cost(nave_plan *plan, const nave_card_limits *limits)
{
    const nave_card_plan *c = &plan->card;
    nave_plan_report *r = &plan->report;
    const machine m = machine_of(limits);
    r->realtime_bound = 0;
    const uint32_t longest = nave_longest_period(c);
    struct {
        uint64_t cycles;
        const nave_plan_step *last;
    } *tick = calloc(longest, sizeof(*tick));
    uint64_t worst = 0, sum = 0;
    if (!tick)
        return NAVE_E_NOMEM;
    const uint64_t fixed = frame_cycles(c, &m), between = between_cycles(c, &m);
    for (uint32_t i = 0; i < c->steps; i++) {
        const nave_plan_step *s = &c->step[i];
        const uint32_t period = nave_tier_period(c, &c->tier[s->tier]);
        for (uint32_t t = s->phase; t < longest; t += period) {
            tick[t].cycles += next_cycles(c, s, tick[t].last, &m, UINT64_MAX);
            tick[t].last = s;
        }
    }
    for (uint32_t t = 0; t < longest; t++) {
        worst = nave_larger(worst, tick[t].cycles + fixed);
        sum += tick[t].cycles + fixed;
    }
    free(tick);
    r->worst_tick_cycles = worst;
    r->average_tick_cycles = sum / longest;
    r->budget_tick_cycles = limits->clock_hz ? (uint64_t)limits->clock_hz * c->tick_frames / r->rate_hz : 0;
    if (r->budget_tick_cycles) {
        r->load_average = ((double)sum / longest + (double)between) / (double)r->budget_tick_cycles;
        r->load_peak = (double)(worst + between) / (double)r->budget_tick_cycles;
        bounds(plan, limits);
    }
    return NAVE_OK;
}
