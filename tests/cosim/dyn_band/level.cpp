// rtl/dyn/level.v against sim/model/level.c: every entry of both tables with its neighbours in every octave, words and
// levels at random, one a clock or with gaps; NAVE_EVERY=1: every fraction of exp2.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../conv/cosim.h"
#include "Vlevel_top.h"
extern "C" {
#include "../../../sim/model/dyn.h"
}
#include <deque>

struct Bench {
    Suite &s;
    Vlevel_top top;
    nave::CoverageAtEnd coverage;
    struct Word {
        uint64_t v;
        bool exponential;
        uint32_t y, shift;
        uint64_t since;
    };
    std::deque<Word> expected;
    uint64_t clocks = 0, words[2] = {0, 0}, wrong = 0, latency = 0;

    explicit Bench(Suite &suite) : s(suite)
    {
        top.in_valid = 0;
        top.rst = 1;
        clock();
        clock();
        top.rst = 0;
        for (int i = 0; i < 20; i++)
            clock();
    }
    void clock()
    {
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        clocks++;
    }
    void check()
    {
        if (!top.out_valid)
            return;
        if (expected.empty()) {
            wrong++;
            s.fail("a word that nobody asked for");
            return;
        }
        const Word w = expected.front();
        expected.pop_front();
        words[w.exponential]++;
        if (!latency)
            latency = clocks - w.since;
        if (clocks - w.since != latency || top.y != w.y || (w.exponential && top.shift != w.shift)) {
            if (!wrong++)
                s.fail("%s of %llx: %08x, shift %u, after %llu clocks; model %08x, %u, %llu",
                       w.exponential ? "exp2" : "log2", (unsigned long long)w.v, top.y, top.shift,
                       (unsigned long long)(clocks - w.since), w.y, w.shift, (unsigned long long)latency);
        }
    }
    void give(uint64_t v, bool exponential)
    {
        const nave_coef power = nave_exp2_q25((int32_t)v);
        expected.push_back(
            {v, exponential, exponential ? (uint32_t)power.mantissa : (uint32_t)nave_log2_q25(v), power.shift, clocks});
        top.in_valid = 1;
        top.exponential = exponential;
        top.v = v;
        clock();
        check();
        top.in_valid = 0;
        top.v = s.any64();
        top.exponential = (uint8_t)s.below(2);
    }
    void drain()
    {
        for (int i = 0; i < 40; i++) {
            clock();
            check();
        }
        if (!expected.empty())
            s.fail("%zu words did not come", expected.size());
        expected.clear();
    }
    void end(const char *what)
    {
        drain();
        printf("  %-30s %9llu log2, %9llu exp2, %llu wrong\n", what, (unsigned long long)words[0],
               (unsigned long long)words[1], (unsigned long long)wrong);
        s.count(!wrong && words[0] + words[1]);
        words[0] = words[1] = wrong = 0;
    }
};

int main()
{
    Suite s("level", 400000);
    Bench b(s);
    for (uint32_t length = 1; length <= 64; length++)
        for (uint32_t i = 0; i <= 256; i++)
            for (int beside = -2; beside <= 2; beside++) {
                const unsigned __int128 edge = (((unsigned __int128)(256 + i)) << (length - 1)) >> 8;
                b.give((uint64_t)(edge >> 64 ? ~0ull : (uint64_t)edge) + (uint64_t)(int64_t)beside, false);
            }
    for (uint32_t i = 0; i < 64; i++) {
        b.give(~0ull << i, false);
        b.give(~0ull >> i, false);
    }
    b.end("log2, entries of the table");
    for (int64_t i = -(64 << 8); i <= 64 << 8; i++)
        for (int beside = -2; beside <= 2; beside++) {
            b.give((uint32_t)((i << 17) + beside), true);
            b.give((uint32_t)((i << 17) + (int)s.below(1 << 17)), true);
        }
    b.give(0x80000000, true);
    b.give(0x7fffffff, true);
    b.end("exp2, entries of the table");
    for (uint32_t i = 0; i < s.cases; i++) {
        const bool exponential = s.below(2);
        b.give(exponential ? (uint64_t)(uint32_t)s.word() | s.any64() << 32 : s.any64() >> s.below(64), exponential);
        for (uint32_t gap = s.below(4) ? 0 : s.below(4); gap; gap--) {
            b.clock();
            b.check();
        }
    }
    b.end("both, at random");
    if (getenv("NAVE_EVERY")) {
        for (uint32_t i = 0; i < 1u << 25; i++)
            b.give(i, true);
        b.end("exp2, every fraction");
        for (uint32_t i = 0; i < 1u << 31; i += 32) /* 2^26 of the numbers with their first 1 in bit 31 */
            b.give(0x80000000u + i + s.below(32), false);
        b.end("log2, 1 of 32 fractions");
    }
    printf("  latency %llu clocks, one word a clock\n", (unsigned long long)b.latency);
    return s.finish();
}
