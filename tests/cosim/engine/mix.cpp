// rtl/conv/mix.v against sim/model/mix.c: noise, ties of all three roundings, the ends of every word, with stalls
// swept.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_mix.h"
#include "../conv/streams.h"
#include <cstring>

static Vnave_mix *top;
static Giver wet, dry;
static Stall sink;
static std::vector<uint32_t> out;
static uint32_t limited;
static uint64_t cycles;

static void tick(Suite &s)
{
    top->wet_valid = wet.offer(s);
    top->wet_data = wet.offered ? wet.words[wet.at] : s.any64();
    top->dry_valid = dry.offer(s);
    top->dry_data = dry.offered ? dry.words[dry.at] : s.any64();
    top->m_ready = !sink.now(s);
    top->clk = 0;
    top->eval();
    wet.taken(top->wet_valid && top->wet_ready);
    dry.taken(top->dry_valid && top->dry_ready);
    if (top->m_valid && top->m_ready)
        out.push_back(top->m_data);
    limited += top->limited;
    top->clk = 1;
    top->eval();
    cycles++;
}

static int32_t gain(Suite &s)
{
    static const int32_t some[] = {1 << 28, 0,          1,       -1,      INT32_MAX, INT32_MIN,
                                   1 << 27, -(1 << 27), 1 << 11, 1 << 26, 3 << 27,   -(1 << 28)};
    return s.below(2) ? some[s.below(12)] : s.word();
}

static int64_t sum(Suite &s)
{
    static const int64_t some[] = {INT64_MAX,
                                   INT64_MIN,
                                   (int64_t)1 << 53,
                                   -((int64_t)1 << 53),
                                   ((int64_t)1 << 53) - 1,
                                   -((int64_t)1 << 53) - 1,
                                   0,
                                   -1,
                                   1,
                                   ((int64_t)1 << 47) - 1,
                                   -((int64_t)1 << 47),
                                   (int64_t)1 << 47,
                                   ((int64_t)1 << 47) - 0x8000,
                                   ((int64_t)1 << 47) - 0x8001};
    switch (s.below(4)) {
    case 0:
        return some[s.below(14)];
    case 1: // a tie of the last rounding, at unity
        return (int64_t)((((uint64_t)s.any64() & 0xffffffff) << 16 | 0x8000) * (s.below(2) ? 1 : (uint64_t)-1));
    default:
        return (int64_t)s.any64() >> s.below(60);
    }
}

struct Seen {
    uint32_t ties_wet, ties_dry, ties_out, limits;
};
static Seen seen;

static void note(int64_t w, int32_t d, int32_t wg, int32_t dg, bool q44)
{
    const __int128 p = (__int128)nave_saturate(w, 54) * wg;
    const int64_t q = (int64_t)d * dg;
    seen.ties_wet += (p & ((1 << 28) - 1)) == 1 << 27;
    seen.ties_dry += (q & 0xfff) == 0x800;
    const int64_t half = (int64_t)(p >> 28) + (q >> 12);
    seen.ties_out += !q44 && (p & ((1 << 28) - 1)) == 0 && (q & 0xfff) == 0 && (half & 0xffff) == 0x8000;
}

// Runs of one channel after the other; false if something differed.
static void runs(Suite &s, bool timed)
{
    struct Run {
        uint32_t word;
        int32_t wet, dry;
    };
    std::vector<Run> list;
    std::vector<uint32_t> want;
    uint32_t want_limited = 0, frames = 0;
    wet.reset();
    dry.reset();
    out.clear();
    limited = 0;
    const uint32_t channels = timed ? 1 : 1 + s.below(4);
    uint64_t formula = 0;
    for (uint32_t c = 0; c < channels; c++) {
        const uint32_t q44 = s.below(2), with_dry = s.below(2), count = timed ? 1 : 1 + s.below(4);
        std::vector<int32_t> d;
        for (uint32_t r = 0; r < count; r++) {
            const uint32_t n = timed ? 300 : s.below(8) ? 1 + s.below(9) : s.below(40);
            const Run run = {n | q44 << 16 | with_dry << 17 | (r == 0) << 18, gain(s), gain(s)};
            list.push_back(run);
            formula += n * (with_dry ? 8 : 4);
            for (uint32_t i = 0; i < n; i++) {
                const int64_t w = sum(s);
                const int32_t v = s.word();
                wet.give((uint64_t)w);
                d.push_back(v);
                nave_mix_job job = {&w, &v, 1, run.wet, with_dry ? run.dry : 0};
                int64_t wide;
                int32_t narrow;
                want_limited += q44 ? nave_mix_q44_c(&wide, &job) : nave_mix_q28_c(&narrow, &job);
                want.push_back(q44 ? (uint32_t)wide : (uint32_t)narrow);
                if (q44)
                    want.push_back((uint32_t)((uint64_t)wide >> 32));
                note(w, v, run.wet, job.dry_q28, q44);
                frames++;
            }
        }
        if (d.size() % 2)
            d.push_back(s.word());
        for (size_t i = 0; with_dry && i < d.size(); i += 2)
            dry.give(packed(&d[i]));
    }
    seen.limits += want_limited;
    size_t given = 0;
    const uint64_t start = cycles;
    for (uint32_t i = 0; i < 400 * frames + 2000 && (out.size() < want.size() || given < list.size() || !top->idle);
         i++) {
        top->s_valid = given < list.size();
        if (top->s_valid) {
            const Run &r = list[given];
            top->s_frames = r.word & 0xffff;
            top->s_q44 = r.word >> 16 & 1;
            top->s_dry = r.word >> 17 & 1;
            top->s_first = r.word >> 18 & 1;
            top->s_wet_q28 = (uint32_t)r.wet;
            top->s_dry_q28 = (uint32_t)r.dry;
        }
        top->eval();
        const bool taken = top->s_valid && top->s_ready;
        tick(s);
        given += taken;
    }
    top->s_valid = 0;
    const uint64_t took = cycles - start;
    for (size_t i = 0; i < want.size() || i < out.size(); i++)
        if (i >= want.size() || i >= out.size() || want[i] != out[i])
            return s.fail("%zu runs: word %zu of %zu is %08x, model %08x of %zu", list.size(), i, out.size(),
                          i < out.size() ? out[i] : 0, i < want.size() ? want[i] : 0, want.size());
    if (limited != want_limited || !top->idle || wet.at != wet.words.size() || dry.at != dry.words.size())
        return s.fail("%zu runs: %u limited, model %u; idle %d, %zu wet words left, %zu dry", list.size(), limited,
                      want_limited, top->idle, wet.words.size() - wet.at, dry.words.size() - dry.at);
    if (timed) {
        printf("a run of %u samples: %llu clocks, %llu without start and end\n", frames, (unsigned long long)took,
               (unsigned long long)formula);
        if (took > formula + 30)
            return s.fail("the mixer takes %llu clocks for %u samples", (unsigned long long)took, frames);
    }
    s.count(true);
}

int main()
{
    Suite s("mix", 1500);
    top = new Vnave_mix;
    top->s_valid = 0;
    top->rst = 1;
    for (int i = 0; i < 4; i++)
        tick(s);
    top->rst = 0;
    static const uint32_t steps[] = {0, 0, 1, 4, 7};
    for (uint32_t i = 0; i < s.cases; i++) {
        wet.stall.of_8 = steps[s.below(5)];
        dry.stall.of_8 = steps[s.below(5)];
        sink.of_8 = steps[s.below(5)];
        runs(s, false);
    }
    wet.stall.of_8 = dry.stall.of_8 = sink.of_8 = 0;
    for (int i = 0; i < 8; i++)
        runs(s, true);
    printf("ties: %u of wet, %u of dry, %u of the output; %u limited\n", seen.ties_wet, seen.ties_dry, seen.ties_out,
           seen.limits);
    if (s.cases >= 100 && (!seen.ties_wet || !seen.ties_dry || !seen.ties_out || !seen.limits))
        s.fail("a kind of tie or limit was not met");
    top->final();
    nave::count_coverage();
    delete top;
    return s.finish();
}
