// rtl/stream: words come out once and in order under any pattern of valid and ready, at full rate where both are high;
// the clock crossing at many ratios of its clocks; the arbiter's bursts whole and fair. SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../seed.h"
#include "../undefined.h"
#include "Vstream_top.h"
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <verilated.h>

static int passed, failed;
static std::mt19937 dice;

static void report(bool good, const char *what, int a, int b)
{
    (good ? passed : failed)++;
    if (!good)
        printf("FAIL %s (%d, %d)\n", what, a, b);
}

static void reset(Vstream_top &d)
{
    d.rst = 1;
    d.s_valid = d.m_ready = d.a_valid = d.b_ready = 0;
    for (int i = 0; i < 4; i++) {
        d.clk = d.m_clk = 0;
        d.eval();
        d.clk = d.m_clk = 1;
        d.eval();
    }
    d.rst = 0;
    d.clk = d.m_clk = 0;
    d.eval();
}

// Blocks 0..2. in, out: a side is ready once in so many clocks (1: always); hold: the clock in which the reader stops
// for 40.
static bool one_clock(int block, int in, int out, int hold, unsigned *clocks)
{
    Vstream_top d;
    const nave::CoverageAtEnd coverage;
    reset(d);
    static const unsigned capacity[3] = {8, 10, 2};
    std::deque<uint32_t> inside;
    uint32_t sent = 0, got = 0, next = dice();
    bool offers = false;
    const uint32_t words = 500;
    for (*clocks = 0; got < words && *clocks < 40000; ++*clocks) {
        const bool held = hold >= 0 && (int)*clocks >= hold && (int)*clocks < hold + 40;
        offers = offers || (sent < words && dice() % in == 0);
        d.s_valid = offers << block;
        d.s_data = next;
        d.m_ready = (!held && dice() % out == 0) << block;
        d.clk = 0;
        d.eval();
        const unsigned level = block == 0 ? d.level0 : block == 1 ? d.level1 : (unsigned)inside.size();
        if (level != inside.size())
            return false;
        if (held && (int)*clocks == hold + 39 && in == 1 && sent < words && inside.size() != capacity[block])
            return false; // it holds what it says
        const bool give = d.m_valid & d.m_ready, take = d.s_valid & d.s_ready;
        if (give) {
            if (inside.empty() || d.m_data[block] != inside.front())
                return false;
            inside.pop_front();
            got++;
        }
        if (take) {
            inside.push_back(next);
            next = dice();
            sent++;
            offers = false;
        }
        d.clk = 1;
        d.eval();
    }
    return got == words && inside.empty();
}

// The clock crossing, with periods and a phase in ticks.
static bool two_clocks(int period_in, int period_out, int phase, int in, int out)
{
    Vstream_top d;
    const nave::CoverageAtEnd coverage;
    reset(d);
    std::deque<uint32_t> inside;
    uint32_t sent = 0, got = 0, next = dice();
    const uint32_t words = 400;
    d.s_data = next;
    for (long t = 0; got < words && t < 400000; t++) {
        const bool edge_in = t % period_in == 0, edge_out = (t + phase) % period_out == 0;
        d.eval();
        const bool take = edge_in && d.s_valid >> 3 && d.s_ready >> 3 & 1;
        const bool give = edge_out && d.m_valid >> 3 & 1 && d.m_ready >> 3;
        if (give) {
            if (inside.empty() || d.m_data[3] != inside.front())
                return false;
            inside.pop_front();
            got++;
        }
        if (take) {
            inside.push_back(next);
            sent++;
        }
        if (inside.size() > 8)
            return false;
        d.clk = edge_in;
        d.m_clk = edge_out;
        d.eval();
        d.clk = d.m_clk = 0;
        d.eval();
        if (edge_in) {
            if (take)
                next = dice();
            d.s_valid = (sent < words && ((d.s_valid && !take) || dice() % in == 0)) << 3;
            d.s_data = next;
        }
        if (edge_out)
            d.m_ready = (dice() % out == 0) << 3;
    }
    return got == words;
}

static bool arbitrate(int in, int out)
{
    Vstream_top d;
    const nave::CoverageAtEnd coverage;
    reset(d);
    uint32_t count[3] = {0, 0, 0}, expected[3] = {0, 0, 0};
    int left[3] = {1, 3, 7}, owner = -1, waits[3] = {0, 0, 0};
    bool offers[3] = {false, false, false};
    for (int clock = 0; clock < 20000; clock++) {
        d.a_valid = d.a_last = 0;
        for (int i = 0; i < 3; i++) {
            offers[i] = offers[i] || dice() % in == 0;
            d.a_valid |= offers[i] << i;
            d.a_last |= (left[i] == 1) << i;
            d.a_data[i] = (uint32_t)i << 28 | count[i];
        }
        d.b_ready = dice() % out == 0;
        d.clk = 0;
        d.eval();
        if (d.b_valid && d.b_ready) {
            const int i = d.b_index;
            if (i > 2 || d.a_ready != 1u << i || (owner >= 0 && owner != i) ||
                d.b_data != ((uint32_t)i << 28 | expected[i]))
                return false;
            expected[i]++;
            owner = d.b_last ? -1 : i;
            for (int k = 0; k < 3 && d.b_last; k++)
                waits[k] = k != i && offers[k] ? waits[k] + 1 : 0;
            if (waits[0] > 2 || waits[1] > 2 || waits[2] > 2)
                return false;
            waits[i] = 0;
            offers[i] = false;
            count[i]++;
            if (--left[i] == 0)
                left[i] = 1 + dice() % 9;
        } else if (d.a_ready & d.a_valid) {
            return false;
        }
        d.clk = 1;
        d.eval();
    }
    return expected[0] > 100 && expected[1] > 100 && expected[2] > 100;
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    const uint32_t seed = (uint32_t)seed_of_run();
    random_undefined(seed);
    dice.seed(seed);
    unsigned clocks;
    for (int block = 0; block < 3; block++) {
        for (int in = 1; in <= 4; in++)
            for (int out = 1; out <= 4; out++)
                report(one_clock(block, in, out, -1, &clocks), "order", block, in * 10 + out);
        report(one_clock(block, 1, 1, -1, &clocks) && clocks <= 503, "a word a clock", block, (int)clocks);
        for (int hold = 0; hold < 40; hold++)
            report(one_clock(block, 1, 1, hold, &clocks), "stall", block, hold);
    }
    for (int in = 1; in <= 7; in++)
        for (int out = 1; out <= 7; out++)
            for (int rate = 1; rate <= 2; rate++)
                report(two_clocks(in, out, (int)(dice() % 7), rate, 1 + (int)(dice() % 3)), "crossing", in, out);
    for (int in = 1; in <= 6; in++)
        for (int out = 1; out <= 3; out++)
            report(arbitrate(in, out), "arbiter", in, out);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
