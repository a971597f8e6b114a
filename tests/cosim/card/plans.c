/* Plans for the whole card's test (plans.h).
 * SPDX-License-Identifier: ISC */
#include "plans.h"
#include "../../../host/lib/plan.h"
#include "../../../sim/model/plan_check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t test_next(test_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

uint32_t test_below(test_random *r, uint32_t n)
{
    return (uint32_t)((uint64_t)test_next(r) * n >> 32);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* About what its ticks take: the test wants short cases, the prediction is tested elsewhere. */
static uint64_t cost(const nave_card_plan *plan)
{
    uint64_t sum = 2000 + 20ull * plan->steps;
    for (uint32_t i = 0; i < plan->steps; i++) {
        const nave_plan_step *s = &plan->step[i];
        const nave_plan_tier *t = &plan->tier[s->tier];
        const uint64_t frames = nave_tier_frames(t);
        uint64_t c = 8 * frames;
        if (s->op == NAVE_STEP_CMAC)
            c = (uint64_t)s->tiles * NAVE_TILE_BINS * t->paths * (t->partitions * t->batch + 4);
        sum += c / nave_tier_period(plan, t);
    }
    return sum;
}

static int keep(test_plan *out, const nave_card_plan *card, const test_limits *limits)
{
    memset(out, 0, sizeof(*out));
    out->cycles = cost(card);
    out->count = (uint32_t)nave_plan_words(card);
    out->inputs = card->inputs;
    out->outputs = card->outputs;
    out->tick_frames = card->tick_frames;
    out->ram_bytes = card->ram_bytes;
    if (out->cycles > limits->cycles || out->count > limits->max_plan_words || out->ram_bytes > limits->ram_bytes ||
        out->count > NAVE_MAX_PAYLOAD_BYTES / 4)
        return -1;
    out->words = malloc(4 * out->count);
    nave_plan_encode(card, out->words);
    return 0;
}

static int compile(test_plan *out, const nave_ir *ir, const nave_plan_settings *settings, const test_limits *limits)
{
    const nave_card_limits card = {.board = "test",
                                   .ram_bytes = limits->ram_bytes,
                                   .clock_hz = 120000000,
                                   .lanes = limits->lanes,
                                   .max_partition_frames = 1u << limits->max_log2,
                                   .ram_bytes_per_second = 216000000,
                                   .contexts = 8,
                                   .max_plan_words = limits->max_plan_words};
    nave_plan *plan = NULL;
    nave_text why;
    if (nave_plan_compile(&plan, ir, settings, &card, &why) != NAVE_OK)
        return -1;
    int bad = 0;
    for (uint32_t i = 0; i < plan->card.tiers; i++)
        bad |= plan->card.tier[i].batch > limits->max_batch;
    if (bad || keep(out, &plan->card, limits) < 0) {
        nave_plan_free(plan);
        return -1;
    }
    out->image_base = plan->image_base;
    out->image_words = (uint32_t)(plan->image_bytes / 4);
    out->image = malloc(plan->image_bytes);
    memcpy(out->image, plan->image, plan->image_bytes);
    snprintf(out->what, sizeof(out->what), "%s, %u in, %u out, %u frames, tick %u, %u tiers",
             settings->mode == NAVE_LIVE ? "live" : "offline", out->inputs, out->outputs,
             (unsigned)plan->report.response_frames, out->tick_frames, plan->card.tiers);
    nave_plan_free(plan);
    return 0;
}

static nave_ir *room(test_random *r, uint32_t frames, uint32_t paths, const uint32_t *in, const uint32_t *out)
{
    double *samples = malloc(sizeof(*samples) * frames * paths);
    const double *path[NAVE_MAX_CHANNELS * NAVE_MAX_CHANNELS];
    const double decay = test_below(r, 20);
    for (uint32_t p = 0; p < paths; p++) {
        path[p] = samples + (size_t)frames * p;
        for (uint32_t i = 0; i < frames; i++)
            samples[(size_t)frames * p + i] = ((int32_t)test_next(r) * 0x1p-31) * exp(-decay * i / frames);
    }
    nave_ir_settings s;
    nave_ir_settings_default(&s);
    static const uint32_t rates[] = {8000, 44100, 48000, 96000, 192000};
    s.rate_hz = rates[test_below(r, 5)];
    s.normalise = (nave_normalise)test_below(r, 4);
    nave_ir *ir = NULL;
    nave_text why;
    if (nave_ir_create(&ir, path, frames, in, out, paths, &s, &why) != NAVE_OK)
        ir = NULL;
    free(samples);
    return ir;
}

int test_plan_compile(test_plan *plan, test_random *r, const test_limits *limits)
{
    uint32_t in[16], out[16], paths = 0;
    const uint32_t inputs = 1 + test_below(r, 3), outputs = 1 + test_below(r, 3);
    if (test_below(r, 2)) /* a matrix with holes; each input and output is in use */
        for (uint32_t o = 0; o < outputs; o++)
            for (uint32_t i = 0; i < inputs; i++)
                if (i % outputs == o % inputs || test_below(r, 2)) {
                    in[paths] = i;
                    out[paths++] = o;
                }
    const uint32_t log2 = 6 + test_below(r, limits->max_log2 - 5);
    uint32_t frames = 1 + test_below(r, 12u << log2);
    if (test_below(r, 4) == 0)
        frames = 1 + test_below(r, 200);
    nave_ir *ir = room(r, frames, paths ? paths : 1, paths ? in : NULL, paths ? out : NULL);
    if (!ir)
        return -1;
    nave_plan_settings s;
    nave_plan_settings_default(&s);
    s.channels = paths ? 0 : 1 + test_below(r, 4);
    if (test_below(r, 2)) {
        s.mode = NAVE_LIVE;
        s.tick_frames = 64u << test_below(r, smaller(5, limits->max_log2 - 5));
        if (test_below(r, 2))
            s.max_partition_frames = s.tick_frames << test_below(r, 3);
    } else {
        if (test_below(r, 4))
            s.min_partition_frames = s.max_partition_frames = 1u << log2;
        s.batch = 1 + test_below(r, limits->max_batch);
    }
    if (s.max_partition_frames > 1u << limits->max_log2)
        s.max_partition_frames = 1u << limits->max_log2;
    const int err = compile(plan, ir, &s, limits);
    nave_ir_free(ir);
    return err;
}

/* Sizes and schedule of a tier that the check will take: late enough to be in time, early enough for the rings. */
static int any_tier(nave_card_plan *plan, nave_plan_tier *t, test_random *r, const test_limits *limits)
{
    t->log2_partition = 6 + test_below(r, test_below(r, 2) ? 2 : limits->max_log2 - 5);
    t->batch = 1 + test_below(r, limits->max_batch);
    const uint32_t frames = nave_tier_frames(t);
    if (t->batch * frames % plan->tick_frames)
        return -1;
    t->partitions = 1 + test_below(r, 6);
    t->offset_frames = (1 + test_below(r, 2)) * t->batch * frames + 64 * test_below(r, 20);
    t->stride_bytes = 8 * frames + 64 * test_below(r, frames < 512 ? frames / 8 : 40);
    t->y_shared = test_below(r, 3) == 0;
    t->h_exponent = -60 + (int32_t)test_below(r, 50);
    if (test_below(r, 8) == 0)
        t->h_exponent = -1000 + (int32_t)test_below(r, 2001);
    return 0;
}

static uint32_t rounded(test_random *r, uint32_t base)
{
    return (base + 63) / 64 * 64 + 64 * test_below(r, 3);
}

static void any_layout(nave_card_plan *plan, test_random *r)
{
    uint32_t at = 64 * test_below(r, 4);
    for (uint32_t i = 0; i < plan->tiers; i++) {
        nave_plan_tier *t = &plan->tier[i];
        for (uint32_t k = t->first_path; k < t->first_path + t->paths; k++) {
            plan->path[k].h_base = at = rounded(r, at);
            if (test_below(r, 4)) /* else two paths share their response */
                at += t->stride_bytes * t->partitions;
        }
        at += t->stride_bytes * t->partitions;
    }
    for (uint32_t i = 0; i < plan->tiers; i++) {
        nave_plan_tier *t = &plan->tier[i];
        t->x_base = at = rounded(r, at);
        at += t->stride_bytes * nave_tier_slots(t) * plan->inputs;
        t->y_base = at = rounded(r, at);
        at += t->stride_bytes * t->batch * (t->y_shared ? 1 : plan->outputs);
    }
    plan->in_base = at = rounded(r, at);
    at += 4 * plan->in_ring_frames * plan->inputs;
    plan->mix_base = at = rounded(r, at);
    at += 8 * plan->mix_ring_frames * plan->outputs;
    plan->ram_bytes = rounded(r, at);
}

static void add(nave_card_plan *plan, nave_plan_step step)
{
    if (plan->steps < 200)
        plan->step[plan->steps++] = step;
}

static void any_steps(nave_card_plan *plan, uint32_t tier, test_random *r)
{
    nave_plan_tier *t = &plan->tier[tier];
    const uint32_t period = nave_tier_period(plan, t), tiles = nave_tier_tiles(t);
    for (uint32_t b = 0; b < t->batch; b++)
        for (uint32_t c = 0; c < plan->inputs; c++)
            if (test_below(r, 12))
                add(plan, (nave_plan_step){.op = NAVE_STEP_FORWARD,
                                           .tier = (uint8_t)tier,
                                           .channel = (uint8_t)c,
                                           .block = (uint8_t)b,
                                           .phase = (uint16_t)test_below(r, period)});
    for (uint32_t o = 0; o < plan->outputs; o++) {
        for (uint32_t from = 0; from < tiles;) {
            const uint32_t n = 1 + test_below(r, tiles - from);
            add(plan, (nave_plan_step){.op = NAVE_STEP_CMAC,
                                       .tier = (uint8_t)tier,
                                       .channel = (uint8_t)o,
                                       .phase = (uint16_t)test_below(r, period),
                                       .first_tile = (uint8_t)from,
                                       .tiles = (uint8_t)n});
            from += n;
        }
        for (uint32_t b = 0; b < t->batch; b++)
            add(plan, (nave_plan_step){.op = NAVE_STEP_INVERSE,
                                       .tier = (uint8_t)tier,
                                       .channel = (uint8_t)o,
                                       .block = (uint8_t)b,
                                       .phase = (uint16_t)test_below(r, period)});
    }
}

int test_plan_any(test_plan *out, test_random *r, const test_limits *limits)
{
    nave_plan_path path[64];
    nave_plan_step step[200];
    nave_card_plan plan = {.inputs = 1 + test_below(r, 3), .outputs = 1 + test_below(r, 3)};
    plan.path = path;
    plan.step = step;
    plan.tick_frames = 64u << test_below(r, 5);
    if (test_below(r, 4) == 0)
        plan.tick_frames = 64 * (1 + test_below(r, 24));
    plan.tiers = 1 + test_below(r, 3);
    uint32_t longest = 0, ahead = 0;
    for (uint32_t i = 0; i < plan.tiers; i++) {
        nave_plan_tier *t = &plan.tier[i];
        if (any_tier(&plan, t, r, limits) < 0)
            return -1;
        if (i && test_below(r, 3) == 0) { /* another part of the same frames */
            t->log2_partition = plan.tier[0].log2_partition;
            t->batch = plan.tier[0].batch;
            t->offset_frames = plan.tier[0].offset_frames;
            t->stride_bytes = plan.tier[0].stride_bytes;
        }
        const uint32_t span = (2 * t->batch + 1) * nave_tier_frames(t);
        longest = span > longest ? span : longest;
        ahead = t->offset_frames + span > ahead ? t->offset_frames + span : ahead;
        t->first_path = plan.paths;
        for (uint32_t o = 0; o < plan.outputs; o++)
            for (uint32_t c = 0; c < plan.inputs; c++)
                if (test_below(r, 3))
                    path[plan.paths++] = (nave_plan_path){.input = (uint8_t)c, .output = (uint8_t)o};
        t->paths = plan.paths - t->first_path;
        if (!t->paths)
            return -1;
    }
    /* a multiple of the tick and of each partition */
    uint32_t unit = plan.tick_frames;
    while (unit % (1u << limits->max_log2) && unit < 1u << 20)
        unit += plan.tick_frames;
    for (uint32_t i = 0; i < plan.tiers; i++) /* a smaller one where all partitions allow it */
        if (plan.tick_frames % nave_tier_frames(&plan.tier[i]))
            goto round;
    unit = plan.tick_frames;
round:
    plan.in_ring_frames = (longest + unit - 1) / unit * unit;
    plan.mix_ring_frames = (ahead + plan.tick_frames - 1) / plan.tick_frames * plan.tick_frames;
    any_layout(&plan, r);
    for (uint32_t i = 0; i < plan.tiers; i++)
        any_steps(&plan, i, r);
    if (test_below(r, 4) == 0) { /* tiers whose steps alternate, all in one tick */
        uint32_t n = 0;
        for (uint32_t op = NAVE_STEP_FORWARD; op <= NAVE_STEP_INVERSE; op++)
            for (uint32_t i = n; i < plan.steps; i++)
                if (step[i].op == op) {
                    const nave_plan_step s = step[i];
                    step[i] = step[n];
                    step[n] = s;
                    step[n++].phase = 0;
                }
    } else if (test_below(r, 2))
        for (uint32_t i = plan.steps; i > 1; i--) { /* any order is legal */
            const uint32_t k = test_below(r, i);
            const nave_plan_step s = step[k];
            step[k] = step[i - 1];
            step[i - 1] = s;
        }
    if (keep(out, &plan, limits) < 0)
        return -1;
    const nave_plan_limits check = {
        .max_log2 = limits->max_log2, .max_batch = limits->max_batch, .max_words = limits->max_plan_words};
    if (nave_plan_check(out->words, out->count, &check)) {
        test_plan_free(out);
        return -1;
    }
    out->image_words = plan.tier[0].x_base / 4;
    out->image = malloc(4 * (size_t)out->image_words + 4);
    const uint32_t quiet = test_below(r, 30), wild = test_below(r, 8) == 0;
    for (uint32_t i = 0; i < out->image_words; i++)
        out->image[i] =
            wild ? (test_below(r, 2) ? 0x80000000u : 0x7fffffff) : (uint32_t)((int32_t)test_next(r) >> quiet);
    snprintf(out->what, sizeof(out->what), "any, %u in, %u out, tick %u, %u tiers, %u steps%s", out->inputs,
             out->outputs, out->tick_frames, plan.tiers, plan.steps, wild ? ", largest words" : "");
    return 0;
}

void test_plan_free(test_plan *plan)
{
    free(plan->words);
    free(plan->image);
    memset(plan, 0, sizeof(*plan));
}
