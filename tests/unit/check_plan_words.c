/* Every rule of the plan check (sim/model/plan_check.c) at its edge: the last value that is allowed is taken, the next
 * one is refused at the word that breaks the rule. SPDX-License-Identifier: ISC */
#include "../../sim/model/plan.h"
#include "../property/property.h"

#define TIER(i) (NAVE_PLAN_HEADER_WORDS + (i)*NAVE_PLAN_TIER_WORDS)
#define PATH(i) (TIER(2) + (i)*NAVE_PLAN_PATH_WORDS)
#define STEP(i) (PATH(6) + (i)*NAVE_PLAN_STEP_WORDS)
#define RAM 80064
#define TAKEN 0 /* as the word that is refused: none */
#define AT(word) ((word) + 1)

static const nave_plan_limits limits = {.max_log2 = 13, .max_batch = 8, .max_words = 4096};

/* Two inputs, three outputs, two tiers; regions without a gap, in the order that is asked for. */
static size_t good_plan(uint32_t *words)
{
    static const nave_plan_path path[] = {{0, 0, 0},    {1, 0, 3264},  {1, 1, 6528},
                                          {0, 2, 9792}, {0, 0, 13056}, {1, 2, 17280}};
    static const nave_plan_step step[] = {{NAVE_STEP_FORWARD, 0, 0, 0, 0, 0, 0}, {NAVE_STEP_FORWARD, 0, 1, 1, 1, 0, 0},
                                          {NAVE_STEP_CMAC, 0, 2, 0, 0, 0, 1},    {NAVE_STEP_INVERSE, 0, 2, 0, 1, 0, 0},
                                          {NAVE_STEP_INVERSE, 0, 1, 1, 0, 0, 0}, {NAVE_STEP_FORWARD, 1, 1, 0, 1, 0, 0},
                                          {NAVE_STEP_CMAC, 1, 0, 0, 0, 1, 1},    {NAVE_STEP_INVERSE, 1, 2, 0, 0, 0, 0}};
    const nave_card_plan plan = {
        .inputs = 2,
        .outputs = 3,
        .tick_frames = 128,
        .in_ring_frames = 1024,
        .in_base = 47296,
        .mix_ring_frames = 1024,
        .mix_base = 55488,
        .ram_bytes = RAM,
        .tiers = 2,
        .paths = 6,
        .steps = 8,
        .tier = {{7, 2, 3, 256, 1088, 21504, 30208, 0, -20, 0, 4}, {8, 1, 2, 512, 2112, 36736, 45184, 1, -20, 4, 2}},
        .path = (nave_plan_path *)path,
        .step = (nave_plan_step *)step};
    nave_plan_encode(&plan, words);
    return nave_plan_words(&plan);
}

typedef struct edit {
    const char *what;
    int refused_at; /* AT(word), or TAKEN */
    struct {
        uint32_t word, value;
    } to[3];
    uint32_t changes;
} edit;

#define ONE(what, at, word, value)                                                                                     \
    {                                                                                                                  \
        what, at, {{word, value}}, 1                                                                                   \
    }
#define TWO(what, at, word, value, word2, value2)                                                                      \
    {                                                                                                                  \
        what, at, {{word, value}, {word2, value2}}, 2                                                                  \
    }
#define STEP_A(op, tier, channel, block) ((op) | (tier) << 8 | (channel) << 16 | (uint32_t)(block) << 24)
#define STEP_B(phase, first, tiles) ((phase) | (first) << 16 | (uint32_t)(tiles) << 24)

static const edit table[] = {
    ONE("magic", AT(0), 0, NAVE_PLAN_MAGIC ^ 1),
    ONE("version", AT(1), 1, NAVE_PLAN_VERSION + 1),
    ONE("length", AT(2), 2, 1),
    ONE("no input", AT(3), 3, 0 | 3 << 8),
    ONE("too many inputs", AT(3), 3, 17 | 3 << 8),
    ONE("no output", AT(3), 3, 2),
    ONE("too many outputs", AT(3), 3, 2 | 17 << 8),
    ONE("tick of 0", AT(4), 4, 0),
    ONE("tick of half a line", AT(4), 4, 96),
    ONE("tick too long", AT(4), 4, (8 << 13) + 64),
    ONE("tick that does not divide a ring", AT(5), 4, 192),
    ONE("no input ring", AT(5), 5, 0),
    ONE("input ring of no whole tick", AT(5), 5, 1000),
    ONE("input ring that a late forward step still reads", TAKEN, 5, 768),
    ONE("input ring that a late forward step no longer reads", AT(STEP(5) + 1), 5, 512),
    ONE("input ring of no whole partition", AT(TIER(1)), 5, 640),
    ONE("input ring shorter than a batch and a block", AT(TIER(0)), 5, 256),
    ONE("input ring beside a line", AT(6), 6, 47296 + 4),
    ONE("input ring inside y", AT(6), 6, 47296 - 64),
    ONE("no mix ring", AT(7), 7, 0),
    ONE("mix ring beside a line", AT(8), 8, 55488 + 8),
    ONE("mix ring inside the input ring", AT(8), 8, 55488 - 64),
    ONE("RAM that ends before the mix ring", AT(8), 9, RAM - 64),
    ONE("RAM that ends behind it", TAKEN, 9, RAM + 64),
    ONE("no tier", AT(10), 10, 0),
    ONE("too many tiers", AT(10), 10, 9),
    ONE("no path", AT(11), 11, 0),
    ONE("no step", AT(12), 12, 0),
    ONE("too many steps", AT(12), 12, NAVE_PLAN_MAX_STEPS + 1),
    ONE("more steps than words", AT(2), 12, 9),
    ONE("a word that means nothing", AT(15), 15, 1),
    ONE("partition too small", AT(TIER(0)), TIER(0), 5 | 8 << 8),
    ONE("partition too large", AT(TIER(0)), TIER(0), 14 | 1 << 8),
    ONE("batch of 0", AT(TIER(0)), TIER(0), 7),
    ONE("batch too large", AT(TIER(0)), TIER(0), 7 | 9 << 8),
    ONE("a way to share that there is not", AT(TIER(0)), TIER(0), 7 | 2 << 8 | 2 << 16),
    ONE("batch of no whole tick", AT(TIER(0)), TIER(0), 6 | 3 << 8),
    ONE("no partition", AT(TIER(0) + 1), TIER(0) + 1, 0),
    ONE("more partitions than are counted", AT(TIER(0) + 1), TIER(0) + 1, NAVE_PLAN_MAX_PARTITIONS + 1),
    ONE("more partitions than there is room for x", AT(PATH(0) + 1), TIER(0) + 1, 20),
    ONE("offset of half a line", AT(TIER(0) + 2), TIER(0) + 2, 256 + 32),
    ONE("earliest offset", TAKEN, TIER(0) + 2, 256),
    ONE("offset that has been played already", AT(STEP(3) + 1), TIER(0) + 2, 192),
    ONE("furthest offset", TAKEN, TIER(0) + 2, 896),
    ONE("offset beyond the mix ring", AT(STEP(4) + 1), TIER(0) + 2, 960),
    ONE("shortest stride", TAKEN, TIER(0) + 5, 1024),
    ONE("stride shorter than a spectrum", AT(TIER(0) + 5), TIER(0) + 5, 960),
    ONE("stride beside a line", AT(TIER(0) + 5), TIER(0) + 5, 1024 + 32),
    ONE("stride too long", AT(TIER(0) + 5), TIER(0) + 5, 2048 + 64),
    ONE("x beside a line", AT(TIER(0) + 3), TIER(0) + 3, 21504 + 32),
    ONE("x behind the RAM", AT(TIER(0) + 3), TIER(0) + 3, RAM),
    ONE("x inside the response", AT(PATH(5) + 1), TIER(0) + 3, 21504 - 64),
    ONE("y inside x", AT(TIER(0) + 4), TIER(0) + 4, 30208 - 64),
    ONE("y behind the RAM", AT(TIER(1) + 4), TIER(1) + 4, RAM),
    ONE("x inside the y before it", AT(TIER(1) + 3), TIER(1) + 3, 36736 - 64),
    ONE("y that is no longer shared", AT(6), TIER(1), 8 | 1 << 8),
    ONE("lowest exponent", TAKEN, TIER(0) + 6, (uint32_t)-1000),
    ONE("exponent too low", AT(TIER(0) + 6), TIER(0) + 6, (uint32_t)-1001),
    ONE("highest exponent", TAKEN, TIER(0) + 6, 1000),
    ONE("exponent too high", AT(TIER(0) + 6), TIER(0) + 6, 1001),
    ONE("tier without paths", AT(TIER(0) + 7), TIER(0) + 7, 0),
    ONE("paths beyond the last", AT(TIER(1) + 7), TIER(1) + 7, 5 | 2 << 16),
    ONE("path from an input that there is not", AT(PATH(3)), PATH(3), 2 | 2 << 8),
    ONE("path to an output that there is not", AT(PATH(3)), PATH(3), 0 | 3 << 8),
    ONE("path with a bit too many", AT(PATH(3)), PATH(3), 0 | 2 << 8 | 1 << 16),
    ONE("path twice", AT(PATH(1)), PATH(1), 0),
    TWO("paths in the wrong order", AT(PATH(3)), PATH(2), 0 | 2 << 8, PATH(3), 1 | 1 << 8),
    ONE("response beside a line", AT(PATH(0) + 1), PATH(0) + 1, 32),
    ONE("response inside x", AT(PATH(5) + 1), PATH(5) + 1, 17280 + 64),
    ONE("response behind the RAM", AT(PATH(5) + 1), PATH(5) + 1, RAM - 64),
    ONE("a step that there is not", AT(STEP(0)), STEP(0), STEP_A(3, 0, 0, 0)),
    ONE("step of a tier that there is not", AT(STEP(0)), STEP(0), STEP_A(NAVE_STEP_FORWARD, 2, 0, 0)),
    ONE("forward of an input that there is not", AT(STEP(0)), STEP(0), STEP_A(NAVE_STEP_FORWARD, 0, 2, 0)),
    ONE("sum of an output that there is not", AT(STEP(2)), STEP(2), STEP_A(NAVE_STEP_CMAC, 0, 3, 0)),
    ONE("forward of the batch's last block", TAKEN, STEP(0), STEP_A(NAVE_STEP_FORWARD, 0, 0, 1)),
    ONE("forward of a block behind the batch", AT(STEP(0)), STEP(0), STEP_A(NAVE_STEP_FORWARD, 0, 0, 2)),
    ONE("last phase", TAKEN, STEP(0) + 1, STEP_B(1, 0, 0)),
    ONE("phase of the next period", AT(STEP(0) + 1), STEP(0) + 1, STEP_B(2, 0, 0)),
    ONE("forward of a tile", AT(STEP(0) + 1), STEP(0) + 1, STEP_B(0, 0, 1)),
    ONE("sum of no tile", AT(STEP(2) + 1), STEP(2) + 1, STEP_B(0, 0, 0)),
    ONE("sum of two tiles of one", AT(STEP(2) + 1), STEP(2) + 1, STEP_B(0, 0, 2)),
    ONE("sum of a block", AT(STEP(2) + 1), STEP(2), STEP_A(NAVE_STEP_CMAC, 0, 2, 1)),
    ONE("sum of both tiles", TAKEN, STEP(6) + 1, STEP_B(0, 0, 2)),
    ONE("sum from the second tile beyond the last", AT(STEP(6) + 1), STEP(6) + 1, STEP_B(0, 1, 2)),
    ONE("inverse of a tile", AT(STEP(3) + 1), STEP(3) + 1, STEP_B(1, 1, 0)),
};

START_TEST(every_rule_holds_at_its_edge)
{
    uint32_t good[256], words[256];
    nave_card_plan plan;
    const size_t n = good_plan(good);
    ck_assert_uint_le(n, 256);
    ck_assert_int_eq(nave_plan_decode(&plan, good, n, &limits), TAKEN);
    nave_plan_clear(&plan);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        memcpy(words, good, sizeof(words));
        for (uint32_t k = 0; k < table[i].changes; k++)
            words[table[i].to[k].word] = table[i].to[k].value;
        const int bad = nave_plan_decode(&plan, words, n, &limits);
        MUST(bad == table[i].refused_at, "%s: refused at word %d, not at %d", table[i].what, bad - 1,
             table[i].refused_at - 1);
        if (!bad)
            nave_plan_clear(&plan);
    }
}
END_TEST

START_TEST(a_card_takes_what_it_can_hold_and_no_more)
{
    uint32_t words[256];
    nave_card_plan plan;
    const size_t n = good_plan(words);

    nave_plan_limits l = {.max_log2 = 8, .max_batch = 2, .max_words = (uint32_t)n};
    ck_assert_int_eq(nave_plan_decode(&plan, words, n, &l), TAKEN);
    nave_plan_clear(&plan);
    l.max_words--;
    ck_assert_int_eq(nave_plan_decode(&plan, words, n, &l), AT(2));
    l.max_words++;
    l.max_batch--;
    ck_assert_int_eq(nave_plan_decode(&plan, words, n, &l), AT(TIER(0)));
    l.max_batch++;
    l.max_log2--;
    ck_assert_int_eq(nave_plan_decode(&plan, words, n, &l), AT(TIER(1)));
    for (size_t less = 0; less < n; less++) /* a plan that was cut short is never read beyond its end */
        ck_assert_int_ne(nave_plan_decode(&plan, words, less, &limits), TAKEN);
}
END_TEST

START_TEST(division_without_a_divider_is_exact)
{
    rng r = rng_for("divide");
    for (uint32_t i = 0; i < 20000; i++) {
        const uint32_t a = (uint32_t)rng_next(&r) >> rng_below(&r, 32),
                       b = ((uint32_t)rng_next(&r) >> rng_below(&r, 32)) | (i % 2);
        uint32_t rest;
        if (b == 0)
            continue;
        const uint32_t whole = i % 3 ? a : a / b * b; /* without a remainder too */
        ck_assert_uint_eq(nave_divide(whole, b, &rest), whole / b);
        ck_assert_uint_eq(rest, whole % b);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("plan words", 60, every_rule_holds_at_its_edge, a_card_takes_what_it_can_hold_and_no_more,
                     division_without_a_divider_is_exact);
}
