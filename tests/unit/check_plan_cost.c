/* What plans cost on boards: the formulas of the RTL, room in every live tick, and plans that can be asked for on
 * another board than the one they were chosen for. tests/cosim/card/cycles.c compares with the card's own count.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/plan.h"
#include "../property/property.h"

static const uint32_t pair[] = {0, 1};

static nave_card_limits board(const char *name)
{
    nave_card_limits limits;
    ck_assert_int_eq(nave_board_limits(name, &limits), NAVE_OK);
    return limits;
}

static nave_plan *live_for(const nave_ir *ir, const nave_card_limits *limits, uint32_t tick, const char *tiers)
{
    nave_plan_settings s;
    nave_plan *plan = NULL;
    nave_text why = {""};
    nave_plan_settings_default(&s);
    s.mode = NAVE_LIVE;
    s.tick_frames = tick;
    s.channels = 2;
    strcpy(s.tiers, tiers);
    const int err = nave_plan_compile(&plan, ir, &s, limits, &why);
    ck_assert_msg(err == NAVE_OK, "tiers '%s' on %s: %s", tiers, limits->board, why.text);
    return plan;
}

/* The default plan of a board differs from another's, but its tiers name it: the same bits everywhere. */
START_TEST(a_live_plan_is_the_same_on_every_board_that_is_asked_for_its_tiers)
{
    rng r = rng_for("tiers");
    static const char *const boards[] = {"cynthion", "ulx3s", "model"};
    for (uint32_t k = 0; k < 9; k++) {
        const uint32_t frames = 1000 + rng_below(&r, k == 0 ? 180000 : 40000), tick = 64u << rng_below(&r, 4);
        nave_ir *ir = ir_room(&r, frames, pair, pair, 2, 48000, NAVE_NORMALISE_NONE);
        nave_card_limits limits = board(boards[k % 3]);
        nave_plan *plan = live_for(ir, &limits, tick, "");
        const nave_plan_report first = report_of(plan);
        char tiers[72];
        nave_plan_name_tiers(&first, tiers, sizeof(tiers));
        for (int b = 0; b < 3; b++) {
            limits = board(boards[b]);
            limits.lanes = 1 + rng_below(&r, 2);
            nave_plan *again = live_for(ir, &limits, tick, tiers);
            MUST(strcmp(report_of(again).hash, first.hash) == 0, "%s of %s is another plan on %s", tiers, boards[k % 3],
                 boards[b]);
            nave_plan_free(again);
        }
        nave_plan_free(plan);
        nave_ir_free(ir);
    }
}
END_TEST

START_TEST(tiers_that_are_no_chain_are_refused)
{
    rng r = rng_for("bad tiers");
    nave_ir *ir = ir_mono(&r, 20000);
    const nave_card_limits limits = board("model");
    static const char *const bad[] = {
        "64",         "64x2",        "128x1",        "64x1 64x1",  "64x1 96x1",        "64x1 32x8",       "64x1 256x3",
        "64x1 256x9", "64x1 256x16", "64x1 16384x1", "64x1,256x1", "64x1  256x1",      "64x1 ",           " 64x1",
        "x",          "64x01",       "64x1 -256x1",  "+64x1",      "64x1 256x1 256x1", "64x1 512x1 256x4"};
    nave_plan_settings s;
    nave_plan *plan = NULL;
    nave_text why;
    nave_plan_settings_default(&s);
    s.mode = NAVE_LIVE;
    s.tick_frames = 64;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(s.tiers, sizeof(s.tiers), "%s", bad[i]);
        why.text[0] = '\0';
        MUST(nave_plan_compile(&plan, ir, &s, &limits, &why) == NAVE_E_ARG && strstr(why.text, "tiers"), "'%s': '%s'",
             bad[i], why.text);
    }
    memset(s.tiers, '1', sizeof(s.tiers)); /* without an end */
    ck_assert_int_eq(nave_plan_compile(&plan, ir, &s, &limits, &why), NAVE_E_ARG);
    strcpy(s.tiers, "64x1 8192x8"); /* good, but not for so short a response */
    ck_assert_int_eq(nave_plan_compile(&plan, ir, &s, &limits, &why), NAVE_E_FIT);
    strcpy(s.tiers, "64x1");
    s.mode = NAVE_OFFLINE;
    s.tick_frames = 0;
    ck_assert_int_eq(nave_plan_compile(&plan, ir, &s, &limits, &why), NAVE_E_ARG);
    nave_ir_free(ir);
}
END_TEST

START_TEST(live_ticks_of_boards_leave_room)
{
    rng r = rng_for("room");
    static const struct {
        double seconds;
        uint32_t paths; /* 1: the same response for both channels */
        double load;
    } want[] = {{0.2, 2, 0.85}, {1, 2, 0.85}, {2.35, 2, 0.85}, {5, 1, 0.85}, {5, 2, 0.98}};
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        const uint32_t frames = (uint32_t)(48000 * want[i].seconds), one = want[i].paths == 1;
        nave_ir *ir =
            ir_room(&r, frames, one ? NULL : pair, one ? NULL : pair, want[i].paths, 48000, NAVE_NORMALISE_NONE);
        for (int b = 0; b < 3; b++) {
            nave_card_limits limits = board(b < 2 ? "cynthion" : "ulx3s");
            limits.lanes = b ? 2 : 1;
            nave_plan *plan = live_for(ir, &limits, 64, "");
            MUST(report_of(plan).load_peak <= want[i].load, "%.2f s, %u paths on %s, %u lanes: peak %.3f, average %.3f",
                 want[i].seconds, want[i].paths, limits.board, limits.lanes, report_of(plan).load_peak,
                 report_of(plan).load_average);
            nave_plan_free(plan);
        }
        nave_ir_free(ir);
    }
}
END_TEST

/* Formulas of rtl/conv as tests/cosim/conv counts them, and what follows from the RAM's rate. */
START_TEST(steps_cost_what_their_pipelines_take)
{
    const nave_card_limits cynthion = board("cynthion");
    nave_card_limits fast = cynthion;
    fast.ram_bytes_per_second = 0; /* no RAM is waited for */
    ck_assert_uint_eq(nave_tile_cycles(128, 8), 8 * (256 + 18) + 17);
    for (uint32_t log2 = 6; log2 <= 13; log2++) {
        const uint64_t n = 1ull << log2;
        fast.lanes = 1;
        nave_plan_path path = {0, 0, 0};
        nave_card_plan plan = {.inputs = 1, .outputs = 1, .tick_frames = 64, .tiers = 1, .paths = 1, .steps = 1};
        plan.path = &path;
        plan.tier[0] = (nave_plan_tier){
            .log2_partition = log2, .batch = 4, .partitions = 40, .stride_bytes = (uint32_t)(8 * n), .paths = 1};
        nave_plan_step s = {.op = NAVE_STEP_FORWARD};
        const uint64_t transform = nave_fft_cycles(log2, 1) + nave_pairs_cycles(log2);
        uint64_t alone = nave_step_cycles(&plan, &s, &fast), with = nave_step_cycles(&plan, &s, &cynthion);
        MUST(alone >= transform + 2 * n && alone < transform + 2 * n + 200, "forward of %llu: %llu",
             (unsigned long long)n, (unsigned long long)alone);
        /* read and written: 8 bytes a word each way, written a little faster */
        const double took = (double)(with - alone + 2 * n), ram = 16 * (double)n * 120 / 209;
        MUST(took > 0.97 * ram && took < 1.01 * ram, "forward of %llu: RAM %.0f, not %.0f", (unsigned long long)n, took,
             ram);
        s.op = NAVE_STEP_CMAC;
        s.tiles = (uint8_t)nave_tier_tiles(&plan.tier[0]);
        const double products = 40 * 4 * (double)n, rows = 8 * (double)n * (40 + 43 + 4) * 120 / 209;
        alone = nave_step_cycles(&plan, &s, &fast);
        with = nave_step_cycles(&plan, &s, &cynthion);
        MUST((double)alone > products && (double)alone < 1.25 * products + 8000, "products of %llu: %llu",
             (unsigned long long)n, (unsigned long long)alone);
        MUST((double)with > 0.98 * rows && (double)with < 1.06 * rows + 8000, "products of %llu: RAM %llu, not %.0f",
             (unsigned long long)n, (unsigned long long)with, rows);
        fast.lanes = 2;
        const uint64_t two = nave_step_cycles(&plan, &s, &fast);
        MUST((double)two > products / 2 && two < alone, "two lanes take %llu, one %llu", (unsigned long long)two,
             (unsigned long long)alone);
    }
}
END_TEST

/* The report's figures are those of the ticks, once the response is full of sound; before that they are less. */
START_TEST(the_report_is_the_sum_of_its_ticks)
{
    rng r = rng_for("ticks");
    const nave_card_limits cynthion = board("cynthion");
    for (uint32_t k = 0; k < 4; k++) {
        const uint32_t frames = 500 + rng_below(&r, 12000), tick = 64u << k;
        nave_ir *ir = ir_room(&r, frames, pair, pair, 2, 48000, NAVE_NORMALISE_NONE);
        nave_plan *plan = live_for(ir, &cynthion, tick, "");
        const nave_card_plan *c = &plan->card;
        uint32_t longest = 1;
        for (uint32_t i = 0; i < c->tiers; i++)
            longest = nave_tier_period(c, &c->tier[i]) > longest ? nave_tier_period(c, &c->tier[i]) : longest;
        const uint64_t full = (frames / tick / longest + 3) * longest - 1;
        uint64_t sum = 0, worst = 0;
        for (uint64_t t = 0; t < longest; t++) {
            const uint64_t cycles = nave_plan_tick_cycles(c, &cynthion, full + t);
            MUST(nave_plan_tick_cycles(c, &cynthion, longest - 1 + t) <= cycles, "tick %llu costs more at the start",
                 (unsigned long long)(longest - 1 + t));
            sum += cycles;
            worst = cycles > worst ? cycles : worst;
        }
        ck_assert_uint_eq(worst, report_of(plan).worst_tick_cycles);
        ck_assert_uint_eq(sum / longest, report_of(plan).average_tick_cycles);
        ck_assert(report_of(plan).load_peak * (double)report_of(plan).budget_tick_cycles > (double)worst);
        nave_plan_free(plan);
        nave_ir_free(ir);
    }
}
END_TEST

/* No other partition and batch that fits is predicted to be faster. */
START_TEST(offline_a_board_takes_the_fastest_that_fits)
{
    rng r = rng_for("fastest");
    static const uint32_t lengths[] = {3000, 48000, 240000};
    for (size_t k = 0; k < 3; k++) {
        const nave_card_limits cynthion = board("cynthion");
        nave_ir *ir = ir_room(&r, lengths[k], pair, pair, 2, 48000, NAVE_NORMALISE_NONE);
        nave_plan_settings s;
        nave_plan *plan = NULL, *other;
        nave_text why;
        nave_plan_settings_default(&s);
        ck_assert_int_eq(nave_plan_compile(&plan, ir, &s, &cynthion, &why), NAVE_OK);
        ck_assert_uint_le(plan->card.ram_bytes, cynthion.ram_bytes);
        const double rate = report_of(plan).load_average;
        for (uint32_t log2 = 9; log2 <= 13; log2++)
            for (s.batch = 1; s.batch <= 8; s.batch *= 2) {
                s.min_partition_frames = s.max_partition_frames = 1u << log2;
                if (nave_plan_compile(&other, ir, &s, &cynthion, &why))
                    continue;
                MUST(report_of(other).load_average >= 0.995 * rate, "%u x %u would be faster", 1u << log2, s.batch);
                nave_plan_free(other);
            }
        nave_plan_free(plan);
        nave_ir_free(ir);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("plan cost", 240, a_live_plan_is_the_same_on_every_board_that_is_asked_for_its_tiers,
                     tiers_that_are_no_chain_are_refused, live_ticks_of_boards_leave_room,
                     steps_cost_what_their_pipelines_take, the_report_is_the_sum_of_its_ticks,
                     offline_a_board_takes_the_fastest_that_fits);
}
