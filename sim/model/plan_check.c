/* The checks of a plan that let the sequencer run without any. Freestanding, 32-bit, nothing is kept: the firmware of
 * rtl/card compiles this very file, so that both cards refuse the same plans at the same word.
 * SPDX-License-Identifier: ISC */
#include "plan_check.h"
#include "plan.h"

/* What later words are checked against. */
typedef struct plan_facts {
    const void *plan;
    uint32_t words;
    uint32_t inputs, outputs, tick_frames, in_ring_frames, mix_ring_frames, ram_bytes, tiers, paths, steps;
    struct {
        uint8_t log2, batch;
        uint16_t period; /* ticks */
        uint32_t offset_frames;
    } tier[NAVE_PLAN_MAX_TIERS];
} plan_facts;

uint32_t nave_divide(uint32_t a, uint32_t b, uint32_t *rest)
{
    uint32_t quotient = 0, bit = 1;
    while (b < a && b >> 31 == 0) {
        b <<= 1;
        bit <<= 1;
    }
    for (; bit; bit >>= 1, b >>= 1)
        if (a >= b) {
            a -= b;
            quotient |= bit;
        }
    if (rest)
        *rest = a;
    return quotient;
}

static int is_multiple(uint32_t a, uint32_t b)
{
    uint32_t rest;
    nave_divide(a, b, &rest);
    return rest == 0;
}

static uint32_t word(const plan_facts *f, uint32_t index)
{
    return nave_plan_word(f->plan, index);
}

static uint32_t tier_at(uint32_t tier)
{
    return NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * tier;
}

static uint32_t paths_at(const plan_facts *f)
{
    return tier_at(f->tiers);
}

/* rows * row_bytes from base, 64-byte aligned, inside the plan's RAM. */
static int inside(const plan_facts *f, uint32_t base, uint32_t rows, uint32_t row_bytes)
{
    return base % 64 == 0 && base <= f->ram_bytes && (uint64_t)rows * row_bytes <= f->ram_bytes - base;
}

#define NAVE_CHECK(condition, at)                                                                                      \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return (at) + 1;                                                                                           \
    } while (0)

static uint32_t check_ring(const plan_facts *f, uint32_t at, uint32_t channels, uint32_t word_bytes, uint32_t *frames)
{
    *frames = word(f, at);
    NAVE_CHECK(*frames && *frames <= 1u << 24 && is_multiple(*frames, f->tick_frames), at);
    NAVE_CHECK(inside(f, word(f, at + 1), channels * word_bytes, *frames), at + 1);
    return 0;
}

static uint32_t check_header(plan_facts *f, const nave_plan_limits *limits)
{
    const uint32_t n = f->words;
    NAVE_CHECK(n >= NAVE_PLAN_HEADER_WORDS, 0);
    NAVE_CHECK(word(f, 0) == NAVE_PLAN_MAGIC, 0);
    NAVE_CHECK(word(f, 1) == NAVE_PLAN_VERSION, 1);
    NAVE_CHECK(word(f, 2) == n && n <= limits->max_words, 2);
    f->inputs = word(f, 3) & 0xff;
    f->outputs = word(f, 3) >> 8;
    NAVE_CHECK(f->inputs >= 1 && f->inputs <= NAVE_PLAN_MAX_CHANNELS, 3);
    NAVE_CHECK(f->outputs >= 1 && f->outputs <= NAVE_PLAN_MAX_CHANNELS, 3);
    f->tick_frames = word(f, 4);
    NAVE_CHECK(f->tick_frames >= 64 && f->tick_frames <= NAVE_MAX_BATCH << NAVE_LOG2_MAX_PARTITION &&
                   f->tick_frames % 64 == 0,
               4);
    f->ram_bytes = word(f, 9);
    uint32_t bad = check_ring(f, 5, f->inputs, 4, &f->in_ring_frames);
    if (!bad)
        bad = check_ring(f, 7, f->outputs, 8, &f->mix_ring_frames);
    if (bad)
        return bad;
    f->tiers = word(f, 10);
    f->paths = word(f, 11);
    f->steps = word(f, 12);
    NAVE_CHECK(f->tiers >= 1 && f->tiers <= NAVE_PLAN_MAX_TIERS, 10);
    NAVE_CHECK(f->paths >= 1 && f->paths <= NAVE_PLAN_MAX_TIERS * NAVE_PLAN_MAX_CHANNELS * NAVE_PLAN_MAX_CHANNELS, 11);
    NAVE_CHECK(f->steps >= 1 && f->steps <= NAVE_PLAN_MAX_STEPS, 12);
    for (uint32_t i = 13; i < NAVE_PLAN_HEADER_WORDS; i++)
        NAVE_CHECK(word(f, i) == 0, i);
    NAVE_CHECK(n == paths_at(f) + NAVE_PLAN_PATH_WORDS * f->paths + NAVE_PLAN_STEP_WORDS * f->steps, 2);
    return 0;
}

static uint32_t check_tier(plan_facts *f, uint32_t i, const nave_plan_limits *limits)
{
    const uint32_t at = tier_at(i), size = word(f, at);
    const uint32_t log2 = size & 0xff, batch = size >> 8 & 0xff, shared = size >> 16;
    NAVE_CHECK(shared <= 1, at);
    NAVE_CHECK(log2 >= NAVE_LOG2_MIN_PARTITION && log2 <= limits->max_log2, at);
    NAVE_CHECK(batch >= 1 && batch <= limits->max_batch, at);
    const uint32_t frames = 1u << log2;
    uint32_t rest;
    f->tier[i].log2 = (uint8_t)log2;
    f->tier[i].batch = (uint8_t)batch;
    f->tier[i].period = (uint16_t)nave_divide(batch * frames, f->tick_frames, &rest);
    NAVE_CHECK(rest == 0, at);
    NAVE_CHECK((f->in_ring_frames & (frames - 1)) == 0 && f->in_ring_frames >= (batch + 1) * frames, at);
    const uint32_t partitions = word(f, at + 1);
    NAVE_CHECK(partitions >= 1 && partitions <= NAVE_PLAN_MAX_PARTITIONS, at + 1);
    f->tier[i].offset_frames = word(f, at + 2);
    NAVE_CHECK(f->tier[i].offset_frames % 64 == 0 && f->tier[i].offset_frames <= 1u << 30, at + 2);
    const uint32_t stride = word(f, at + 5);
    NAVE_CHECK(stride >= 8 * frames && stride % 64 == 0 && stride <= 16 * frames, at + 5);
    NAVE_CHECK(inside(f, word(f, at + 3), (partitions + batch - 1) * f->inputs, stride), at + 3);
    NAVE_CHECK(inside(f, word(f, at + 4), batch * (shared ? 1 : f->outputs), stride), at + 4);
    const int32_t exponent = (int32_t)word(f, at + 6);
    NAVE_CHECK(exponent >= -1000 && exponent <= 1000, at + 6);
    const uint32_t paths = word(f, at + 7);
    NAVE_CHECK(paths >> 16 && (paths & 0xffff) + (paths >> 16) <= f->paths, at + 7);
    return 0;
}

static uint32_t check_paths(const plan_facts *f)
{
    const uint32_t at = paths_at(f);
    for (uint32_t i = 0; i < f->paths; i++) {
        const uint32_t path = word(f, at + 2 * i);
        NAVE_CHECK((path & 0xff) < f->inputs && path >> 8 < f->outputs, at + 2 * i);
    }
    for (uint32_t i = 0; i < f->tiers; i++) {
        const uint32_t partitions = word(f, tier_at(i) + 1), stride = word(f, tier_at(i) + 5),
                       paths = word(f, tier_at(i) + 7);
        uint32_t k = at + 2 * (paths & 0xffff), before = 0;
        for (const uint32_t end = k + 2 * (paths >> 16); k < end; k += 2) {
            const uint32_t path = word(f, k) + 1; /* sorted by output, then input */
            NAVE_CHECK(inside(f, word(f, k + 1), partitions, stride), k + 1);
            NAVE_CHECK(path > before, k);
            before = path;
        }
    }
    return 0;
}

/* Spectra of the response, then each tier's x and y, then the rings: in this order and apart, so that what a step
 * writes is never what the same step still reads. All of them were found to be inside: no sum leaves a word. */
static uint32_t check_order(const plan_facts *f)
{
    const uint32_t first_x = word(f, tier_at(0) + 3);
    for (uint32_t i = 0; i < f->tiers; i++) {
        const uint32_t bytes = word(f, tier_at(i) + 1) * word(f, tier_at(i) + 5), paths = word(f, tier_at(i) + 7);
        uint32_t k = paths_at(f) + 2 * (paths & 0xffff) + 1;
        for (const uint32_t end = k + 2 * (paths >> 16); k < end; k += 2)
            NAVE_CHECK(word(f, k) + bytes <= first_x, k);
    }
    uint32_t end = 0;
    for (uint32_t i = 0; i < f->tiers; i++) {
        const uint32_t at = tier_at(i), batch = f->tier[i].batch, stride = word(f, at + 5);
        const uint32_t x = word(f, at + 3), y = word(f, at + 4), shared = word(f, at) >> 16;
        NAVE_CHECK(x >= end, at + 3);
        end = x + stride * (word(f, at + 1) + batch - 1) * f->inputs;
        NAVE_CHECK(y >= end, at + 4);
        end = y + stride * batch * (shared ? 1 : f->outputs);
    }
    const uint32_t in = word(f, 6);
    NAVE_CHECK(in >= end, 6);
    NAVE_CHECK(word(f, 8) >= in + 4 * f->in_ring_frames * f->inputs, 8);
    return 0;
}

static uint32_t check_step(const plan_facts *f, uint32_t at)
{
    const uint32_t a = word(f, at), b = word(f, at + 1);
    const uint32_t op = a & 0xff, tier = a >> 8 & 0xff, channel = a >> 16 & 0xff, block = a >> 24;
    const uint32_t phase = b & 0xffff, first_tile = b >> 16 & 0xff, tiles = b >> 24;
    NAVE_CHECK(op <= NAVE_STEP_INVERSE && tier < f->tiers, at);
    const uint32_t log2 = f->tier[tier].log2, batch = f->tier[tier].batch, frames = 1u << log2;
    NAVE_CHECK(channel < (op == NAVE_STEP_FORWARD ? f->inputs : f->outputs), at);
    NAVE_CHECK(block < batch, at);
    NAVE_CHECK(phase < f->tier[tier].period, at + 1);
    if (op == NAVE_STEP_CMAC)
        NAVE_CHECK(block == 0 && tiles >= 1 &&
                       first_tile + tiles <= (log2 > NAVE_LOG2_TILE_BINS ? frames >> NAVE_LOG2_TILE_BINS : 1),
                   at + 1);
    else
        NAVE_CHECK(first_tile == 0 && tiles == 0, at + 1);
    const uint32_t late = phase * f->tick_frames;
    if (op == NAVE_STEP_FORWARD) /* what it reads must not be overwritten yet */
        NAVE_CHECK(late + (batch + 1 - block) * frames <= f->in_ring_frames, at + 1);
    if (op == NAVE_STEP_INVERSE) { /* in time for the mixer, and not further ahead than the ring */
        const uint32_t tick_start = batch * frames - f->tick_frames + late;
        const uint32_t from = block * frames + f->tier[tier].offset_frames;
        NAVE_CHECK(from >= tick_start && from + frames - tick_start <= f->mix_ring_frames, at + 1);
    }
    return 0;
}

uint32_t nave_plan_check(const void *plan, uint32_t words, const nave_plan_limits *limits)
{
    plan_facts f;
    f.plan = plan;
    f.words = words;
    uint32_t bad = check_header(&f, limits);
    if (bad)
        return bad;
    for (uint32_t i = 0; !bad && i < f.tiers; i++)
        bad = check_tier(&f, i, limits);
    if (!bad)
        bad = check_paths(&f);
    if (!bad)
        bad = check_order(&f);
    for (uint32_t at = paths_at(&f) + NAVE_PLAN_PATH_WORDS * f.paths; !bad && at < words; at += NAVE_PLAN_STEP_WORDS)
        bad = check_step(&f, at);
    return bad;
}
