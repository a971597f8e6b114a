/* Where the response is cut: all chains of partition sizes, ranked by the work that they cost.
 *
 * A live tier (partition B, batches of b, period b B / tick ticks) begins at offset 2 b B - 2 tick or later, so that
 * its work may be spread over the whole period. On a card, whose RAM is the bound, a batch of small partitions takes
 * the place of a large one: it reads as much, and its transforms are short enough to level the ticks. A program takes
 * no batches: its bound is the multiplier. Offline one tier begins at 0 and a tick is a whole batch.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "../../sim/model/dsp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Relative costs a frame, fixed: they are part of what the profile nave-1 means by "default". A radix-4 pass costs 1.3
 * a complex word, packing and unpacking 2.6, a product 0.65, a load of a spectrum 0.5, a step 200: about cycles of a
 * CPU with AVX-512, so that the chains they choose are the fastest that were measured (1 and 5 s; ticks of 64, 256,
 * 1024).
 */
static double transform_cost(uint32_t log2n)
{
    const double n = (double)(1u << log2n), passes = log2n / 2 + (log2n % 2 ? 0.5 : 0.0);
    return n * (1.3 * passes + 2.6) + 200;
}

static double tier_cost(const nave_routing *r, uint32_t log2n, double partitions, double batch)
{
    const double n = (double)(1u << log2n);
    return ((r->inputs + r->outputs) * transform_cost(log2n) + r->outputs * 200 / batch +
            r->routes * partitions * n * (0.65 + 0.5 / batch)) /
           n;
}

#define NAVE_MOST_PARTITIONS 1024u /* of a tier; beyond that its words lose too many bits, see plan_split.c */

/* Appends `partitions` of one size at `offset`, as one tier or several. Returns 0 if there is no room for another. */
static int append_tiers(nave_partitioning *out, const nave_routing *routing, uint32_t log2n, uint32_t batch,
                        uint64_t offset, uint64_t partitions)
{
    const uint32_t room = NAVE_PLAN_MAX_TIERS - out->tiers;
    uint32_t end[NAVE_PLAN_MAX_TIERS] = {(uint32_t)partitions}, parts = 1, done = 0;
    if (room == 0)
        return 0;
    if (partitions > NAVE_MOST_PARTITIONS) {
        parts = room;
        nave_partition_split(end, parts, routing, offset, log2n, partitions);
    }
    for (uint32_t i = 0; i < parts; i++) {
        out->tier[out->tiers].log2_partition = log2n;
        out->tier[out->tiers].batch = batch;
        out->tier[out->tiers].partitions = end[i] - done;
        out->tier[out->tiers].offset_frames = (uint32_t)(offset + ((uint64_t)done << log2n));
        out->tiers++;
        done = end[i];
    }
    return 1;
}

/* A tier of a live chain. */
typedef struct chain_link {
    uint32_t log2n, log2_batch;
} chain_link;

static uint32_t link_frames(chain_link l)
{
    return 1u << (l.log2n + l.log2_batch);
}

/* Returns 0 if the chain makes no sense for this length. */
static int live_chain(nave_partitioning *out, const chain_link *chain, uint32_t links, const nave_routing *routing,
                      uint32_t tick)
{
    const uint64_t length = routing->frames;
    uint64_t offset = 0;
    memset(out, 0, sizeof(*out));
    out->tick_frames = tick;
    for (uint32_t i = 0; i < links; i++) {
        const uint32_t frames = 1u << chain[i].log2n;
        uint64_t partitions = nave_divide_up(length - offset, frames);
        if (i + 1 < links) {
            const uint64_t next = 2ull * link_frames(chain[i + 1]) - 2ull * tick;
            partitions = next > offset ? nave_divide_up(next - offset, frames) : 0;
            if (partitions == 0 || offset + partitions * frames >= length)
                return 0;
        }
        if (!append_tiers(out, routing, chain[i].log2n, 1u << chain[i].log2_batch, offset, partitions))
            return 0;
        offset += partitions * frames;
    }
    return 1;
}

/* No layout needs less: spectra without gaps, rings as short as the last phases let them be. */
static uint64_t least_ram(const nave_partitioning *cut, const nave_routing *r)
{
    uint64_t bytes = 0, in_frames = 0, mix_frames = cut->tick_frames, unit = cut->tick_frames;
    for (uint32_t i = 0; i < cut->tiers; i++) {
        const uint64_t frames = 1ull << cut->tier[i].log2_partition, batch = cut->tier[i].batch;
        const uint64_t slots = cut->tier[i].partitions + batch - 1, all = batch * frames;
        const uint64_t ahead = cut->tier[i].offset_frames + 2ull * cut->tick_frames;
        bytes += 8 * frames * (r->responses * (uint64_t)cut->tier[i].partitions + r->inputs * slots);
        bytes += 8 * all;
        in_frames = (batch + 1) * frames > in_frames ? (batch + 1) * frames : in_frames;
        mix_frames = ahead > all + mix_frames ? ahead - all : mix_frames;
        unit = frames > unit ? frames : unit;
    }
    return bytes + nave_divide_up(in_frames, unit) * unit * 4 * r->inputs + mix_frames * 8 * r->outputs;
}

int nave_partition_may_fit(const nave_partitioning *cut, const nave_routing *routing, uint64_t ram_bytes)
{
    return least_ram(cut, routing) <= ram_bytes;
}

/* Reads settings->tiers into chain; 0 if it is none. */
static uint32_t read_tiers(const nave_plan_settings *s, chain_link chain[NAVE_PLAN_MAX_TIERS])
{
    uint32_t links = 0, before = 0;
    if (!memchr(s->tiers, '\0', sizeof(s->tiers)))
        return 0;
    for (const char *at = s->tiers; *at; links++) {
        unsigned frames = 0, batch = 0;
        int n = 0;
        if (links == NAVE_PLAN_MAX_TIERS || *at < '1' || *at > '9' ||
            sscanf(at, "%4ux%1u%n", &frames, &batch, &n) != 2 || (at[n] && (at[n] != ' ' || !at[n + 1])))
            return 0;
        if ((frames & (frames - 1)) || frames < 1u << NAVE_LOG2_MIN_PARTITION ||
            frames > 1u << NAVE_LOG2_MAX_PARTITION || batch == 0 || (batch & (batch - 1)) ||
            (links ? frames < 1u << chain[links - 1].log2n : frames != s->tick_frames || batch != 1) ||
            frames * batch <= before)
            return 0;
        chain[links] = (chain_link){(uint32_t)__builtin_ctz(frames), (uint32_t)__builtin_ctz(batch)};
        before = frames * batch;
        at += at[n] ? n + 1 : n;
    }
    return links;
}

int nave_partition_tiers_good(const nave_plan_settings *settings)
{
    chain_link chain[NAVE_PLAN_MAX_TIERS];
    return settings->tiers[0] == '\0' || (settings->mode == NAVE_LIVE && read_tiers(settings, chain) > 0);
}

static double program_cost(const nave_partitioning *cut, const nave_routing *routing)
{
    double cost = 0;
    for (uint32_t i = 0; i < cut->tiers; i++)
        cost += tier_cost(routing, cut->tier[i].log2_partition, cut->tier[i].partitions, cut->tier[i].batch);
    return cost;
}

/* No schedule has a shorter worst tick: neither than the average, nor than the longest step beside what every tick
 * does. Offline (one tick) it is the average. */
static double card_cost(const nave_partitioning *cut, const nave_routing *routing, const nave_card_limits *limits)
{
    double average = 0, every = 0, longest = 0;
    for (uint32_t i = 0; i < cut->tiers; i++) {
        const nave_plan_tier t = {.log2_partition = cut->tier[i].log2_partition,
                                  .batch = cut->tier[i].batch,
                                  .partitions = cut->tier[i].partitions,
                                  .stride_bytes = 8u << cut->tier[i].log2_partition};
        const uint32_t period = (t.batch << t.log2_partition) / cut->tick_frames;
        nave_tier_cost cost;
        nave_tier_estimate(&cost, &t, routing, limits);
        average += (double)cost.batch_cycles / period;
        if (period == 1)
            every += (double)cost.batch_cycles;
        else if ((double)cost.largest_step > longest)
            longest = (double)cost.largest_step;
    }
    return average > every + longest ? average : every + longest;
}

static int by_cost(const void *a, const void *b)
{
    const nave_partitioning *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    if (x->tier[0].batch != y->tier[0].batch)
        return x->tier[0].batch > y->tier[0].batch ? -1 : 1;
    if (x->tiers != y->tiers)
        return x->tiers < y->tiers ? -1 : 1;
    return memcmp(x->tier, y->tier, sizeof(x->tier));
}

/* The candidates with the least cost so far. */
typedef struct candidates {
    nave_partitioning *out;
    size_t cap, n;
    const nave_routing *routing;
    const nave_plan_settings *settings;
    const nave_card_limits *limits;
    uint32_t most_log2, most_log2_batch;
    nave_partitioning smallest; /* of those that can't fit: stands for them in a refusal */
    uint64_t smallest_ram;
} candidates;

static void offer(candidates *c, nave_partitioning *cut)
{
    cut->cost = c->limits->clock_hz ? card_cost(cut, c->routing, c->limits) : program_cost(cut, c->routing);
    const uint64_t ram = least_ram(cut, c->routing);
    if (ram > c->limits->ram_bytes) {
        if (c->smallest_ram == 0 || ram < c->smallest_ram) {
            c->smallest = *cut;
            c->smallest_ram = ram;
        }
        return;
    }
    if (c->n == c->cap) { /* the dearer half goes */
        qsort(c->out, c->n, sizeof(*c->out), by_cost);
        c->n -= c->cap / 2;
    }
    c->out[c->n++] = *cut;
}

#define NAVE_MOST_LINKS 5u /* of a card's chain: more tiers don't pay for their steps */

/* chain[0..links) and all chains that begin so. */
static void grow_live(candidates *c, chain_link *chain, uint32_t links)
{
    nave_partitioning cut;
    const chain_link last = chain[links - 1];
    if (live_chain(&cut, chain, links, c->routing, c->settings->tick_frames))
        offer(c, &cut);
    if (links == (c->most_log2_batch ? NAVE_MOST_LINKS : NAVE_PLAN_MAX_TIERS))
        return;
    for (uint32_t log2n = last.log2n; log2n <= c->most_log2; log2n++)
        for (uint32_t log2_batch = 0; log2_batch <= c->most_log2_batch; log2_batch++) {
            chain[links] = (chain_link){log2n, log2_batch};
            /* its predecessor would have to reach up to it and leave something of the response */
            if (link_frames(chain[links]) > link_frames(last) &&
                2ull * link_frames(chain[links]) - 2ull * c->settings->tick_frames < c->routing->frames)
                grow_live(c, chain, links + 1);
        }
}

static void all_offline(candidates *c, uint32_t least_log2)
{
    for (uint32_t log2n = least_log2; log2n <= c->most_log2; log2n++)
        for (uint32_t batch = 1; batch <= NAVE_MAX_BATCH; batch++) {
            /* a program takes 4, halved only where RAM asks for it; a card what it does fastest */
            const int wanted = c->settings->batch    ? batch == c->settings->batch
                               : c->limits->clock_hz ? 1
                                                     : batch <= 4 && (batch & (batch - 1)) == 0;
            nave_partitioning cut = {.tick_frames = batch << log2n};
            if (wanted &&
                append_tiers(&cut, c->routing, log2n, batch, 0, nave_divide_up(c->routing->frames, 1u << log2n)))
                offer(c, &cut);
        }
}

static uint32_t log2_of(uint32_t frames, uint32_t otherwise)
{
    return frames ? (uint32_t)__builtin_ctz(frames) : otherwise;
}

size_t nave_partition_candidates(nave_partitioning *out, size_t cap, const nave_routing *routing,
                                 const nave_plan_settings *s, const nave_card_limits *limits)
{
    candidates c = {.out = out, .cap = cap, .routing = routing, .settings = s, .limits = limits};
    c.most_log2 = log2_of(s->max_partition_frames, NAVE_LOG2_MAX_PARTITION);
    while (1u << c.most_log2 > limits->max_partition_frames)
        c.most_log2--;
    if (s->mode == NAVE_LIVE) {
        chain_link chain[NAVE_PLAN_MAX_TIERS] = {{log2_of(s->tick_frames, 0), 0}};
        nave_partitioning cut;
        const uint32_t links = read_tiers(s, chain);
        c.most_log2_batch = limits->clock_hz ? 3 : 0;
        if (links && live_chain(&cut, chain, links, routing, s->tick_frames))
            offer(&c, &cut);
        if (!links && chain[0].log2n <= c.most_log2)
            grow_live(&c, chain, 1);
    } else {
        all_offline(&c, log2_of(s->min_partition_frames, NAVE_LOG2_MIN_PARTITION));
    }
    if (c.n == 0 && c.smallest_ram)
        out[c.n++] = c.smallest;
    qsort(out, c.n, sizeof(*out), by_cost);
    return c.n;
}
