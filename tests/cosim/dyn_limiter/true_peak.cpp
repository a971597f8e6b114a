// rtl/dyn/true_peak.v against sim/model/true_peak.c: readings of up to four signals, by every stall.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_true_peak.h"
#include "streams.h"
#include <deque>

static const uint32_t MAX_CLOCKS = 2000; // without a word that moves

struct Reading {
    uint32_t signal, above;
    nave_peak_reading of[2];
};

struct Bench {
    Vnave_true_peak top;
    Suite &s;
    uint64_t clocks = 0;
    nave_peak_history history[4][2] = {};
    std::deque<Reading> expected;

    explicit Bench(Suite &suite) : s(suite)
    {
        top.s_valid = 0;
        top.m_ready = 0;
    }
    void clock()
    {
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        clocks++;
    }
    void reset()
    {
        top.rst = 1;
        for (uint32_t i = 1 + s.below(3); i; i--)
            clock();
        top.rst = 0;
        memset(history, 0, sizeof(history));
        expected.clear();
    }
    bool same(const Reading &r)
    {
        const uint32_t low = (uint32_t)top.m_peak, high = (uint32_t)(top.m_peak >> 32);
        const uint32_t louder = r.of[0].peak > r.of[1].peak ? r.of[0].peak : r.of[1].peak;
        const uint32_t above = r.of[0].above > r.of[1].above ? r.of[0].above : r.of[1].above;
        const uint32_t wanted = r.above ? louder : r.of[1].peak;
        if (top.m_signal == r.signal && low == r.of[0].peak && high == wanted && (!r.above || top.m_above == above))
            return true;
        s.fail("signal %u: peak %08x, %08x, above %08x of signal %u; model %08x, %08x, %08x", r.signal, low, high,
               (unsigned)top.m_above, (unsigned)top.m_signal, r.of[0].peak, wanted, above);
        return false;
    }
    /* Gives `frames` frames and takes all readings, but leaves at most `leave` under way. False: a difference. */
    bool run(uint32_t frames, uint32_t signals, uint32_t always_above, Stalls in, Stalls out, uint32_t leave)
    {
        Signal source[4][2];
        uint32_t given = 0, still = 0;
        bool valid = false;
        uint32_t signal = 0, above = 0;
        int32_t x[2] = {0, 0};
        while (given < frames || expected.size() > leave) {
            if (!valid && given < frames && in.now(s)) {
                valid = true;
                signal = signals == 4 ? s.below(4) : given % signals;
                above = always_above == 2 ? s.below(2) : always_above || signal == 0;
                for (uint32_t c = 0; c < 2; c++)
                    x[c] = source[signal][c].next(s);
            }
            top.s_valid = valid;
            top.s_signal = signal;
            top.s_above = above;
            top.s_data = (uint64_t)(uint32_t)x[1] << 32 | (uint32_t)x[0];
            top.m_ready = out.now(s);
            top.clk = 0;
            top.eval();
            const bool take = top.s_ready && valid, give = top.m_valid && top.m_ready;
            if (give) {
                if (expected.empty()) {
                    s.fail("a reading that nothing asked for");
                    return false;
                }
                if (!same(expected.front()))
                    return false;
                expected.pop_front();
            }
            if (take) {
                Reading r = {signal, above, {}};
                for (uint32_t c = 0; c < 2; c++)
                    r.of[c] = nave_peak_step(&history[signal][c], x[c]);
                expected.push_back(r);
                valid = false;
                given++;
            }
            clock();
            still = take || give ? 0 : still + 1;
            if (still > MAX_CLOCKS) {
                s.fail("nothing moves after %u frames", given);
                return false;
            }
        }
        return true;
    }
};

static void rate(Suite &s, uint32_t signals, uint32_t most)
{
    Bench b(s);
    b.reset();
    bool good = b.run(signals, signals, 0, {}, {}, 0); // past the clearing
    const uint64_t begin = b.clocks;
    const uint32_t frames = 200;
    good = good && b.run(frames * signals, signals, 0, {}, {}, 0);
    const double each = (double)(b.clocks - begin) / frames;
    printf("  %u signals: %.1f clocks a frame\n", signals, each);
    if (good && each > most)
        s.fail("%u signals take %.1f clocks a frame, %u wanted", signals, each, most);
    else
        s.count(good);
}

int main()
{
    Suite s("true_peak", 60);
    for (uint32_t i = 0; i < s.cases; i++) {
        Bench b(s);
        bool good = true;
        for (uint32_t part = 0; part < 3 && good; part++) {
            Stalls in, out;
            in.choose(s);
            out.choose(s);
            b.reset(); // with readings under way, from the second on
            good = b.run(40 + s.below(200), 1 + s.below(4), s.below(3), in, out, s.below(3));
        }
        s.count(good);
    }
    rate(s, 1, 86);
    rate(s, 3, 225);
    return s.finish();
}
