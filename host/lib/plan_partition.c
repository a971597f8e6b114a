/* Where the response is cut: all chains of partition sizes, ranked by the work that they cost.
 *
 * Live tier i (partition B, period R = B / tick ticks) begins at offset 2 B - 2 tick or later, so that its work may be
 * spread over the whole period. Offline one tier begins at 0 and a tick is a whole batch.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "../../sim/model/dsp.h"
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

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* Appends `partitions` of one size at `offset`, as one tier or several. Returns 0 if there is no room for another. */
static int append_tiers(nave_partitioning *out, const nave_routing *routing, uint32_t log2n, uint64_t offset,
                        uint64_t partitions)
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
        out->tier[out->tiers].partitions = end[i] - done;
        out->tier[out->tiers].offset_frames = (uint32_t)(offset + ((uint64_t)done << log2n));
        out->tiers++;
        out->cost += tier_cost(routing, log2n, end[i] - done, out->batch);
        done = end[i];
    }
    return 1;
}

/* sizes: bit i set = a tier of 64 << i. Returns 0 if the chain makes no sense for this length. */
static int live_chain(nave_partitioning *out, uint32_t sizes, const nave_routing *routing, uint32_t tick)
{
    const uint64_t length = routing->frames;
    uint64_t offset = 0;
    memset(out, 0, sizeof(*out));
    out->tick_frames = tick;
    out->batch = 1;
    for (uint32_t i = 0; sizes >> i; i++) {
        if (!(sizes >> i & 1))
            continue;
        const uint32_t larger = sizes >> (i + 1) << (i + 1), frames = 64u << i;
        uint64_t partitions = ceil_div(length - offset, frames);
        if (larger) {
            const uint64_t next = 2ull * (64u << __builtin_ctz(larger)) - 2ull * tick;
            partitions = next > offset ? ceil_div(next - offset, frames) : 0;
            if (partitions == 0 || offset + partitions * frames >= length)
                return 0;
        }
        if (!append_tiers(out, routing, NAVE_LOG2_MIN_PARTITION + i, offset, partitions))
            return 0;
        offset += partitions * frames;
    }
    return 1;
}

static int by_cost(const void *a, const void *b)
{
    const nave_partitioning *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    if (x->batch != y->batch)
        return x->batch > y->batch ? -1 : 1;
    return x->tiers < y->tiers ? -1 : x->tiers > y->tiers;
}

size_t nave_partition_candidates(nave_partitioning *out, size_t cap, const nave_routing *routing,
                                 const nave_plan_settings *s)
{
    const uint32_t least = s->min_partition_frames ? s->min_partition_frames : 64;
    const uint32_t most = s->max_partition_frames ? s->max_partition_frames : 8192;
    size_t n = 0;
    if (s->mode == NAVE_LIVE) {
        const uint32_t first = (uint32_t)__builtin_ctz(s->tick_frames) - NAVE_LOG2_MIN_PARTITION;
        const uint32_t count = NAVE_LOG2_MAX_PARTITION - NAVE_LOG2_MIN_PARTITION + 1;
        for (uint32_t sizes = 1; sizes < 1u << count && n < cap; sizes++) {
            const uint32_t smallest = (uint32_t)__builtin_ctz(sizes);
            if (smallest != first || (64u << (31 - __builtin_clz(sizes))) > most)
                continue;
            n += (size_t)live_chain(&out[n], sizes, routing, s->tick_frames);
        }
    } else {
        for (uint32_t log2n = NAVE_LOG2_MIN_PARTITION; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++)
            for (uint32_t batch = 1; batch <= NAVE_MAX_BATCH && n < cap; batch++) {
                const uint32_t frames = 1u << log2n;
                /* the default batch is 4, halved only where the card's RAM asks for it */
                const int wanted = s->batch ? batch == s->batch : batch <= 4 && (batch & (batch - 1)) == 0;
                if (frames < least || frames > most || !wanted)
                    continue;
                const uint64_t partitions = ceil_div(routing->frames, frames);
                memset(&out[n], 0, sizeof(out[n]));
                out[n].tick_frames = batch * frames;
                out[n].batch = batch;
                n += (size_t)append_tiers(&out[n], routing, log2n, 0, partitions);
            }
    }
    qsort(out, n, sizeof(*out), by_cost);
    return n;
}
