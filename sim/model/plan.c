/* Plan words: encode, and decode with every check that lets the sequencer run without any.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "dsp.h"
#include <stdlib.h>
#include <string.h>

size_t nave_plan_words(const nave_card_plan *plan)
{
    return NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * (size_t)plan->tiers +
           NAVE_PLAN_PATH_WORDS * (size_t)plan->paths + NAVE_PLAN_STEP_WORDS * (size_t)plan->steps;
}

void nave_plan_encode(const nave_card_plan *plan, uint32_t *w)
{
    memset(w, 0, NAVE_PLAN_HEADER_WORDS * sizeof(*w));
    w[0] = NAVE_PLAN_MAGIC;
    w[1] = NAVE_PLAN_VERSION;
    w[2] = (uint32_t)nave_plan_words(plan);
    w[3] = plan->inputs | plan->outputs << 8;
    w[4] = plan->tick_frames;
    w[5] = plan->in_ring_frames;
    w[6] = plan->in_base;
    w[7] = plan->mix_ring_frames;
    w[8] = plan->mix_base;
    w[9] = plan->ram_bytes;
    w[10] = plan->tiers;
    w[11] = plan->paths;
    w[12] = plan->steps;
    w += NAVE_PLAN_HEADER_WORDS;
    for (uint32_t i = 0; i < plan->tiers; i++, w += NAVE_PLAN_TIER_WORDS) {
        const nave_plan_tier *t = &plan->tier[i];
        w[0] = t->log2_partition | t->batch << 8 | t->y_shared << 16;
        w[1] = t->partitions;
        w[2] = t->offset_frames;
        w[3] = t->x_base;
        w[4] = t->y_base;
        w[5] = t->stride_bytes;
        w[6] = (uint32_t)t->h_exponent;
        w[7] = t->first_path | t->paths << 16;
    }
    for (uint32_t i = 0; i < plan->paths; i++, w += NAVE_PLAN_PATH_WORDS) {
        w[0] = plan->path[i].input | (uint32_t)plan->path[i].output << 8;
        w[1] = plan->path[i].h_base;
    }
    for (uint32_t i = 0; i < plan->steps; i++, w += NAVE_PLAN_STEP_WORDS) {
        const nave_plan_step *s = &plan->step[i];
        w[0] = s->op | (uint32_t)s->tier << 8 | (uint32_t)s->channel << 16 | (uint32_t)s->block << 24;
        w[1] = s->phase | (uint32_t)s->first_tile << 16 | (uint32_t)s->tiles << 24;
    }
}

/* A region of n elements inside the plan's RAM, 64-byte aligned. */
static int inside(const nave_card_plan *plan, uint32_t base, uint64_t bytes)
{
    return base % 64 == 0 && base <= plan->ram_bytes && bytes <= plan->ram_bytes - base;
}

#define NAVE_CHECK(condition, word)                                                                                    \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return (int)(word) + 1;                                                                                    \
    } while (0)

static int decode_header(nave_card_plan *plan, const uint32_t *w, size_t n)
{
    NAVE_CHECK(n >= NAVE_PLAN_HEADER_WORDS, 0);
    NAVE_CHECK(w[0] == NAVE_PLAN_MAGIC, 0);
    NAVE_CHECK(w[1] == NAVE_PLAN_VERSION, 1);
    NAVE_CHECK(w[2] == n, 2);
    plan->inputs = w[3] & 0xff;
    plan->outputs = w[3] >> 8;
    NAVE_CHECK(plan->inputs >= 1 && plan->inputs <= NAVE_PLAN_MAX_CHANNELS, 3);
    NAVE_CHECK(plan->outputs >= 1 && plan->outputs <= NAVE_PLAN_MAX_CHANNELS, 3);
    plan->tick_frames = w[4];
    NAVE_CHECK(w[4] >= 64 && w[4] <= NAVE_MAX_BATCH << NAVE_LOG2_MAX_PARTITION && w[4] % 64 == 0, 4);
    plan->in_ring_frames = w[5];
    plan->in_base = w[6];
    plan->mix_ring_frames = w[7];
    plan->mix_base = w[8];
    plan->ram_bytes = w[9];
    NAVE_CHECK(w[5] && w[5] % w[4] == 0 && w[5] <= 1u << 24, 5);
    NAVE_CHECK(inside(plan, w[6], 4ull * w[5] * plan->inputs), 6);
    NAVE_CHECK(w[7] && w[7] % w[4] == 0 && w[7] <= 1u << 24, 7);
    NAVE_CHECK(inside(plan, w[8], 8ull * w[7] * plan->outputs), 8);
    plan->tiers = w[10];
    plan->paths = w[11];
    plan->steps = w[12];
    NAVE_CHECK(w[10] >= 1 && w[10] <= NAVE_PLAN_MAX_TIERS, 10);
    NAVE_CHECK(w[11] >= 1 && w[11] <= NAVE_PLAN_MAX_TIERS * NAVE_PLAN_MAX_CHANNELS * NAVE_PLAN_MAX_CHANNELS, 11);
    NAVE_CHECK(w[12] >= 1 && w[12] <= NAVE_PLAN_MAX_STEPS, 12);
    for (size_t i = 13; i < NAVE_PLAN_HEADER_WORDS; i++)
        NAVE_CHECK(w[i] == 0, i);
    NAVE_CHECK(n == nave_plan_words(plan), 2);
    return 0;
}

static int decode_tier(nave_card_plan *plan, uint32_t i, const uint32_t *w, size_t at, uint32_t max_log2)
{
    nave_plan_tier *t = &plan->tier[i];
    t->log2_partition = w[0] & 0xff;
    t->batch = w[0] >> 8 & 0xff;
    t->y_shared = w[0] >> 16;
    NAVE_CHECK(t->y_shared <= 1, at);
    NAVE_CHECK(t->log2_partition >= NAVE_LOG2_MIN_PARTITION && t->log2_partition <= max_log2, at);
    NAVE_CHECK(t->batch >= 1 && t->batch <= NAVE_MAX_BATCH, at);
    const uint32_t frames = nave_tier_frames(t);
    NAVE_CHECK((t->batch * frames) % plan->tick_frames == 0, at);
    NAVE_CHECK(plan->in_ring_frames % frames == 0 && plan->in_ring_frames >= (t->batch + 1) * frames, at);
    t->partitions = w[1];
    NAVE_CHECK(w[1] >= 1 && w[1] <= 1u << 20, at + 1);
    t->offset_frames = w[2];
    NAVE_CHECK(w[2] % 64 == 0 && w[2] <= 1u << 30, at + 2);
    t->x_base = w[3];
    t->y_base = w[4];
    t->stride_bytes = w[5];
    NAVE_CHECK(w[5] >= 8 * frames && w[5] % 64 == 0 && w[5] <= 16 * frames, at + 5);
    NAVE_CHECK(inside(plan, w[3], (uint64_t)w[5] * nave_tier_slots(t) * plan->inputs), at + 3);
    NAVE_CHECK(inside(plan, w[4], (uint64_t)w[5] * t->batch * (t->y_shared ? 1 : plan->outputs)), at + 4);
    t->h_exponent = (int32_t)w[6];
    NAVE_CHECK(t->h_exponent >= -1000 && t->h_exponent <= 1000, at + 6);
    t->first_path = w[7] & 0xffff;
    t->paths = w[7] >> 16;
    NAVE_CHECK(t->paths >= 1 && t->first_path + t->paths <= plan->paths, at + 7);
    return 0;
}

/* Spectra of the response, then each tier's x and y, then the rings: in this order and apart, so that what a step
 * writes is never what the same step still reads. */
static int check_order(const nave_card_plan *plan)
{
    uint64_t end = 0;
    size_t at = NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * (size_t)plan->tiers;
    for (uint32_t i = 0; i < plan->tiers; i++) {
        const nave_plan_tier *t = &plan->tier[i];
        for (uint32_t k = t->first_path; k < t->first_path + t->paths; k++)
            NAVE_CHECK(plan->path[k].h_base + (uint64_t)t->stride_bytes * t->partitions <= plan->tier[0].x_base,
                       at + 2 * k + 1);
    }
    at = NAVE_PLAN_HEADER_WORDS;
    for (uint32_t i = 0; i < plan->tiers; i++, at += NAVE_PLAN_TIER_WORDS) {
        const nave_plan_tier *t = &plan->tier[i];
        NAVE_CHECK(t->x_base >= end, at + 3);
        end = nave_x_address(t, plan->inputs, 0);
        NAVE_CHECK(t->y_base >= end, at + 4);
        end = t->y_base + (uint64_t)t->stride_bytes * t->batch * (t->y_shared ? 1 : plan->outputs);
    }
    NAVE_CHECK(plan->in_base >= end, 6);
    NAVE_CHECK(plan->mix_base >= plan->in_base + 4ull * plan->in_ring_frames * plan->inputs, 8);
    return 0;
}

static int decode_paths(nave_card_plan *plan, const uint32_t *w, size_t at)
{
    for (uint32_t i = 0; i < plan->paths; i++) {
        plan->path[i].input = (uint8_t)(w[2 * i] & 0xff);
        plan->path[i].output = (uint8_t)(w[2 * i] >> 8 & 0xff);
        plan->path[i].h_base = w[2 * i + 1];
        NAVE_CHECK(w[2 * i] >> 16 == 0 && plan->path[i].input < plan->inputs && plan->path[i].output < plan->outputs,
                   at + 2 * i);
    }
    for (uint32_t i = 0; i < plan->tiers; i++) {
        const nave_plan_tier *t = &plan->tier[i];
        for (uint32_t k = t->first_path; k < t->first_path + t->paths; k++) {
            const nave_plan_path *p = &plan->path[k];
            NAVE_CHECK(inside(plan, p->h_base, (uint64_t)t->stride_bytes * t->partitions), at + 2 * k + 1);
            if (k > t->first_path)
                NAVE_CHECK(p[-1].output < p->output || (p[-1].output == p->output && p[-1].input < p->input),
                           at + 2 * k);
        }
    }
    return 0;
}

static int decode_steps(nave_card_plan *plan, const uint32_t *w, size_t at)
{
    for (uint32_t i = 0; i < plan->steps; i++) {
        nave_plan_step *s = &plan->step[i];
        const uint32_t a = w[2 * i], b = w[2 * i + 1];
        s->op = (uint8_t)(a & 0xff);
        s->tier = (uint8_t)(a >> 8 & 0xff);
        s->channel = (uint8_t)(a >> 16 & 0xff);
        s->block = (uint8_t)(a >> 24);
        s->phase = (uint16_t)(b & 0xffff);
        s->first_tile = (uint8_t)(b >> 16 & 0xff);
        s->tiles = (uint8_t)(b >> 24);
        NAVE_CHECK(s->op <= NAVE_STEP_INVERSE && s->tier < plan->tiers, at + 2 * i);
        const nave_plan_tier *t = &plan->tier[s->tier];
        NAVE_CHECK(s->channel < (s->op == NAVE_STEP_FORWARD ? plan->inputs : plan->outputs), at + 2 * i);
        NAVE_CHECK(s->block < t->batch, at + 2 * i);
        NAVE_CHECK(s->phase < nave_tier_period(plan, t), at + 2 * i + 1);
        if (s->op == NAVE_STEP_CMAC)
            NAVE_CHECK(s->block == 0 && s->tiles >= 1 && (uint32_t)s->first_tile + s->tiles <= nave_tier_tiles(t),
                       at + 2 * i + 1);
        else
            NAVE_CHECK(s->first_tile == 0 && s->tiles == 0, at + 2 * i + 1);
        const uint64_t frames = nave_tier_frames(t), late = (uint64_t)s->phase * plan->tick_frames;
        if (s->op == NAVE_STEP_FORWARD) /* what it reads must not be overwritten yet */
            NAVE_CHECK(late + (t->batch + 1 - s->block) * frames <= plan->in_ring_frames, at + 2 * i + 1);
        if (s->op == NAVE_STEP_INVERSE) { /* in time for the mixer, and not further ahead than the ring */
            const uint64_t tick_start = (uint64_t)t->batch * frames - plan->tick_frames + late;
            const uint64_t from = s->block * frames + t->offset_frames;
            NAVE_CHECK(from >= tick_start && from + frames - tick_start <= plan->mix_ring_frames, at + 2 * i + 1);
        }
    }
    return 0;
}

int nave_plan_decode(nave_card_plan *plan, const uint32_t *words, size_t n, uint32_t max_log2)
{
    memset(plan, 0, sizeof(*plan));
    int bad = decode_header(plan, words, n);
    if (bad)
        return bad;
    plan->path = calloc(plan->paths, sizeof(*plan->path));
    plan->step = calloc(plan->steps, sizeof(*plan->step));
    if (!plan->path || !plan->step) {
        nave_plan_clear(plan);
        return -1;
    }
    size_t at = NAVE_PLAN_HEADER_WORDS;
    for (uint32_t i = 0; !bad && i < plan->tiers; i++, at += NAVE_PLAN_TIER_WORDS)
        bad = decode_tier(plan, i, words + at, at, max_log2);
    if (!bad)
        bad = decode_paths(plan, words + at, at);
    if (!bad)
        bad = check_order(plan);
    at += NAVE_PLAN_PATH_WORDS * (size_t)plan->paths;
    if (!bad)
        bad = decode_steps(plan, words + at, at);
    if (bad)
        nave_plan_clear(plan);
    return bad;
}

void nave_plan_clear(nave_card_plan *plan)
{
    free(plan->path);
    free(plan->step);
    plan->path = NULL;
    plan->step = NULL;
}
