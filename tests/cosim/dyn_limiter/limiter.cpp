// rtl/dyn/limiter.v against sim/model/limiter.c: any look-ahead, dials that move, by every stall.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_limiter.h"
#include "streams.h"
#include <deque>
#include <vector>

static const uint32_t MAX_CLOCKS = 2048 * BANKS + 1000; // without a word that moves: more than clearing takes
static const uint32_t MAX_LOOKAHEAD = (2048 * BANKS - 134) / 5;

struct Frame {
    int32_t x[2];
    nave_limiter dials;
    uint32_t peak, above; // of the louder channel
};

static uint64_t both(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

static nave_coef any_share(Suite &s, uint32_t lookahead)
{
    uint32_t box[2];
    nave_limiter_box_frames(lookahead, box);
    if (s.below(4) == 0)
        return {(int32_t)(0x40000000u | (uint32_t)s.any64() >> 2), 28 + s.below(3)};
    const double share = (double)(1ull << (nave_bit_length64(box[0]) + nave_bit_length64(box[1]))) / box[0] / box[1];
    return nave_coef_of((int64_t)(share * 4503599627370496.0));
}

static nave_coef any_release(Suite &s)
{
    switch (s.below(6)) {
    case 0:
        return nave_coef_of(0);
    case 2:
        return nave_coef_of(1ll << 52);
    case 1:
        return nave_coef_of((1ll << 52) + (int64_t)s.below(2) - (int64_t)s.below(2) * (1ll << s.below(40)));
    default:
        return nave_coef_of((int64_t)(s.any64() >> (12 + s.below(40))));
    }
}

static int32_t any_ceiling(Suite &s)
{
    switch (s.below(8)) {
    case 0:
        return s.word();
    case 1:
        return 14 << 25;
    default:
        return -(int32_t)(s.any64() >> (37 + s.below(10)));
    }
}

struct Bench {
    Vnave_limiter top;
    Suite &s;
    uint64_t clocks = 0, taken = 0, longest = 0;
    uint32_t lookahead = 2;
    nave_limiter_state state;
    nave_peak_history history[2];
    std::vector<int32_t> memory;
    nave_limiter dials = {1, 0, {0, 30}};
    Signal source[2];
    bool silent = false;
    struct Out {
        int32_t x[2], gain;
    };
    std::deque<Out> expected;

    explicit Bench(Suite &suite) : s(suite)
    {
        top.s_valid = 0;
        top.r_valid = 0;
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
    void start(uint32_t frames)
    {
        lookahead = frames;
        const nave_coef share = any_share(s, frames);
        memory.assign(nave_limiter_words(frames), 0);
        nave_limiter_start(&state, frames, share, memory.data());
        memset(history, 0, sizeof(history));
        expected.clear();
        top.lookahead = frames;
        top.share = (uint32_t)share.mantissa;
        top.share_shift = share.shift;
        top.rst = 1;
        for (uint32_t i = 3 + s.below(3); i; i--)
            clock();
        top.rst = 0;
    }
    /* The next frame; its dials may move. */
    Frame next(uint32_t moves)
    {
        Frame f;
        if (moves && s.below(moves) == 0) {
            dials.on = s.below(8) != 0;
            dials.ceiling = any_ceiling(s);
            dials.release = any_release(s);
        } else if (moves && s.below(2) && dials.ceiling < 1 << 30)
            dials.ceiling += (int32_t)s.below(4096);
        f.dials = dials;
        f.peak = f.above = 0;
        for (uint32_t c = 0; c < 2; c++) {
            f.x[c] = silent ? 0 : source[c].next(s);
            const nave_peak_reading r = nave_peak_step(&history[c], f.x[c]);
            f.peak = r.peak > f.peak ? r.peak : f.peak;
            f.above = r.above > f.above ? r.above : f.above;
        }
        return f;
    }
    bool same(const Out &o)
    {
        const uint64_t y = both((uint32_t)o.x[0], (uint32_t)o.x[1]);
        if (top.m_data == y && top.m_gain == (uint32_t)o.gain)
            return true;
        s.fail("look-ahead %u, frame %llu: %016llx, gain %08x; model %016llx, %08x", lookahead,
               (unsigned long long)taken, (unsigned long long)top.m_data, (unsigned)top.m_gain, (unsigned long long)y,
               (uint32_t)o.gain);
        return false;
    }
    /* False: a difference. */
    bool run(uint32_t frames, uint32_t moves, Stalls in, Stalls readings, Stalls out)
    {
        uint32_t given = 0, still = 0;
        uint64_t last = 0;
        bool have = false, x_valid = false, r_valid = false, x_done = false, r_done = false;
        Frame f = {};
        while (given < frames || !expected.empty()) {
            if (!have && given < frames) {
                f = next(moves);
                have = true;
                x_valid = r_valid = false;
            }
            x_valid = have && !x_done && (x_valid || in.now(s));
            r_valid = have && !r_done && (r_valid || readings.now(s));
            top.s_valid = x_valid;
            top.r_valid = r_valid;
            top.s_data = x_valid ? both((uint32_t)f.x[0], (uint32_t)f.x[1]) : s.any64();
            top.s_on = f.dials.on;
            top.s_ceiling = (uint32_t)f.dials.ceiling;
            top.s_release = (uint32_t)f.dials.release.mantissa;
            top.s_shift = f.dials.release.shift;
            top.r_peak = r_valid ? f.peak : (uint32_t)s.any64();
            top.r_above = r_valid ? f.above : (uint32_t)s.any64();
            top.m_ready = out.now(s);
            top.clk = 0;
            top.eval();
            const bool take = x_valid && top.s_ready, took = r_valid && top.r_ready, give = top.m_valid && top.m_ready;
            if (give) {
                if (expected.empty()) {
                    s.fail("look-ahead %u: a frame that nothing was given for", lookahead);
                    return false;
                }
                if (!same(expected.front()))
                    return false;
                expected.pop_front();
                taken++;
            }
            r_done = r_done || took;
            x_done = x_done || take;
            if (take) {
                Out o;
                memcpy(o.x, f.x, sizeof(o.x));
                nave_limiter_step(&f.dials, &state, 2, o.x);
                o.gain = state.gain;
                expected.push_back(o);
                if (last && given > 1 && clocks - last > longest) // clearing is none of it
                    longest = clocks - last;
                last = clocks;
            }
            if (x_done && r_done) {
                have = x_done = r_done = false;
                given++;
            }
            clock();
            still = take || took || give ? 0 : still + 1;
            if (still > MAX_CLOCKS) {
                s.fail("look-ahead %u: nothing moves after %u frames", lookahead, given);
                return false;
            }
        }
        return true;
    }
};

static void rate(Suite &s, uint32_t lookahead, uint32_t most)
{
    Bench b(s);
    b.start(lookahead);
    b.dials = {1, -(1 << 25), nave_coef_of(1ll << 40)};
    bool good = b.run(300, 0, {}, {}, {});
    b.silent = true; // releases take more
    good = good && b.run(100 + lookahead, 0, {}, {}, {});
    printf("  look-ahead %u: %llu clocks a frame at most\n", lookahead, (unsigned long long)b.longest);
    if (good && b.longest > most)
        s.fail("look-ahead %u: %llu clocks a frame, %u wanted", lookahead, (unsigned long long)b.longest, most);
    else
        s.count(good);
}

int main()
{
    Suite s("limiter", 30);
    for (uint32_t i = 0; i < s.cases; i++) {
        Bench b(s);
        bool good = true;
        for (uint32_t part = 0; part < 2 && good; part++) {
            static const uint32_t corners[] = {2, 3, 4, 5, 23, 54, 55, 56, 57, MAX_LOOKAHEAD};
            const uint32_t lookahead = s.below(3)   ? 2 + s.below(s.below(2) ? 70 : 320)
                                       : s.below(4) ? corners[s.below(10)]
                                                    : 2 + s.below(MAX_LOOKAHEAD - 1);
            Stalls in, readings, out;
            in.choose(s);
            readings.choose(s);
            out.choose(s);
            b.start(lookahead);
            good = b.run(lookahead + 50 + s.below(500), s.below(3) ? 1 + s.below(100) : 0, in, readings, out);
            if (good && s.below(2)) { // a start in the middle of frames
                b.top.s_valid = b.top.r_valid = 1;
                for (uint32_t n = s.below(300); n; n--)
                    b.clock();
            }
        }
        s.count(good);
    }
    rate(s, 2, 250);
    rate(s, MAX_LOOKAHEAD, 250);
    return s.finish();
}
