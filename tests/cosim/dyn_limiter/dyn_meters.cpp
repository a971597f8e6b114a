// rtl/dyn/dyn_meters.v against sim/model/dyn_meters.c: ticks of any length, sources that run ahead, by every stall.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_dyn_meters.h"
#include "streams.h"
#include <deque>
#include <memory>
#include <vector>
extern "C" {
#include "../../../sim/model/dyn_block.h"
#include "../../../sim/model/dyn_plan.h"
}

static const uint32_t MAX_CLOCKS = 3000; // without a word that moves

static uint64_t both(const int32_t *x)
{
    return (uint64_t)(uint32_t)x[1] << 32 | (uint32_t)x[0];
}

struct Frame {
    int32_t x[2][2]; // side, channel
    int32_t gain;
    uint32_t bands;
    bool last;
};

struct Gains {
    uint32_t band;
    int32_t gain[2];
    bool first, last;
};

struct Asked { // of the detector
    uint32_t signal, delay;
    uint32_t peak[2];
};

struct Bench {
    Vnave_dyn_meters top;
    Suite &s;
    uint64_t clocks = 0;
    std::unique_ptr<nave_dyn> engine{new nave_dyn()};
    nave_dyn_meters meters = {};
    nave_peak_history history[2][2] = {};
    std::vector<Frame> frames;
    std::vector<Gains> gains;
    std::vector<uint32_t> words;
    bool true_peak = false, quick = false; // quick: the detector knows at once

    explicit Bench(Suite &suite) : s(suite)
    {
        top.s_valid = top.b_valid = top.r_valid = 0;
        top.t_ready = top.m_ready = 0;
    }
    void clock()
    {
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        clocks++;
    }
    int32_t any_gain()
    {
        return s.below(20) ? -(int32_t)(s.any64() >> (34 + s.below(12))) : s.word();
    }
    /* What comes in, and the words that the model makes of it. */
    void plan(uint32_t ticks, uint32_t longest)
    {
        Signal source[2][2];
        memset(engine.get(), 0, sizeof(nave_dyn));
        engine->blocks = &nave_dyn_blocks_c;
        engine->shape.channels = 1 + s.below(2);
        meters = {};
        memset(history, 0, sizeof(history));
        true_peak = s.below(4) != 0;
        meters.true_peak = true_peak;
        frames.clear();
        gains.clear();
        words.clear();
        uint32_t bands = 1 + s.below(NAVE_DYN_BANDS);
        for (uint32_t t = 0; t < ticks; t++) {
            const uint32_t n = 1 + s.below(longest);
            for (uint32_t i = 0; i < n; i++) {
                if (s.below(8) == 0)
                    bands = 1 + s.below(NAVE_DYN_BANDS);
                Frame f = {{}, any_gain(), bands, i == n - 1};
                for (uint32_t side = 0; side < 2; side++)
                    for (uint32_t c = 0; c < engine->shape.channels; c++)
                        f.x[side][c] = source[side][c].next(s);
                nave_dyn_lowest lowest = {};
                lowest.limiter = f.gain;
                for (uint32_t b = 0; b < bands; b++) {
                    Gains g = {b, {any_gain(), any_gain()}, i == 0, i == n - 1 && b == bands - 1};
                    memcpy(lowest.band[b], g.gain, sizeof(g.gain));
                    gains.push_back(g);
                }
                engine->crossover.bands = bands;
                for (int side = 0; side < 2; side++) {
                    const int32_t *x[2] = {&f.x[side][0], &f.x[side][1]};
                    nave_dyn_meter(&meters, engine.get(), side, x, 1);
                }
                nave_dyn_meter_gains(&meters, engine.get(), &lowest, 1);
                frames.push_back(f);
            }
            const size_t at = words.size();
            words.resize(at + nave_dyn_meters_words(engine.get()));
            nave_dyn_meters_take(&meters, engine.get(), words.data() + at);
        }
    }
    void reset()
    {
        top.stereo = engine->shape.channels == 2;
        top.true_peak = true_peak;
        top.rst = 1;
        for (uint32_t i = 1 + s.below(3); i; i--)
            clock();
        top.rst = 0;
    }
    Asked read(uint32_t signal, uint64_t data)
    {
        Asked a = {signal, quick || s.below(2) ? 0 : s.below(300), {}};
        for (uint32_t c = 0; c < 2; c++)
            a.peak[c] = nave_peak_step(&history[signal - 1][c], (int32_t)(uint32_t)(data >> (32 * c))).peak;
        return a;
    }
    bool run(Stalls in, Stalls ahead, Stalls detector, Stalls out, size_t leave)
    {
        size_t frame = 0, gain = 0, word = 0, tick_end = 0, still = 0;
        bool s_valid = false, b_valid = false;
        std::deque<Asked> asked;
        const size_t per_tick = nave_dyn_meters_words(engine.get());
        while (word + leave < words.size()) {
            s_valid = frame < frames.size() && (s_valid || in.now(s));
            b_valid = gain < gains.size() && (b_valid || ahead.now(s));
            top.s_valid = s_valid;
            top.s_x = s_valid ? both(frames[frame].x[0]) : s.any64();
            top.s_y = s_valid ? both(frames[frame].x[1]) : s.any64();
            top.s_gain = s_valid ? (uint32_t)frames[frame].gain : 0;
            top.s_bands = s_valid ? frames[frame].bands : s.below(16);
            top.s_last = s_valid && frames[frame].last;
            top.b_valid = b_valid;
            top.b_band = b_valid ? gains[gain].band : s.below(8);
            top.b_gain = b_valid ? both(gains[gain].gain) : s.any64();
            top.b_first = b_valid && gains[gain].first;
            top.b_last = b_valid && gains[gain].last;
            top.t_ready = asked.size() < 3 && detector.now(s);
            top.r_valid = !asked.empty() && asked.front().delay == 0;
            top.r_signal = asked.empty() ? s.below(4) : asked.front().signal;
            top.r_peak = asked.empty() ? s.any64() : (uint64_t)asked.front().peak[1] << 32 | asked.front().peak[0];
            top.m_ready = out.now(s);
            top.clk = 0;
            top.eval();
            const bool take = s_valid && top.s_ready, gains_taken = b_valid && top.b_ready,
                       ask = top.t_valid && top.t_ready, answer = top.r_valid && top.r_ready,
                       give = top.m_valid && top.m_ready;
            if (give) {
                const bool last = (word - tick_end) == per_tick - 1;
                if (top.m_data != words[word] || (bool)top.m_last != last) {
                    s.fail("word %zu of a tick: %08x last %d; model %08x, %d", word - tick_end, (unsigned)top.m_data,
                           (int)top.m_last, words[word], last);
                    return false;
                }
                word++;
                tick_end += last ? per_tick : 0;
            }
            if (ask) {
                if (!true_peak || top.t_signal < 1 || top.t_signal > 2) {
                    s.fail("signal %u is asked for", (unsigned)top.t_signal);
                    return false;
                }
                asked.push_back(read(top.t_signal, top.t_data));
            }
            if (!asked.empty() && asked.front().delay)
                asked.front().delay--;
            if (answer)
                asked.pop_front();
            if (take)
                s_valid = false, frame++;
            if (gains_taken)
                b_valid = false, gain++;
            clock();
            still = take || gains_taken || ask || answer || give ? 0 : still + 1;
            if (still > MAX_CLOCKS) {
                s.fail("nothing moves after %zu frames, %zu gains, %zu words", frame, gain, word);
                return false;
            }
        }
        return true;
    }
};

int main()
{
    Suite s("dyn_meters", 60);
    for (uint32_t i = 0; i < s.cases; i++) {
        Bench b(s);
        bool good = true;
        for (uint32_t part = 0; part < 2 && good; part++) {
            Stalls in, ahead, detector, out;
            in.choose(s);
            ahead.choose(s);
            detector.choose(s);
            out.choose(s);
            b.plan(1 + s.below(6), s.below(2) ? 4 : 100);
            b.reset();
            good = b.run(in, ahead, detector, out, s.below(40)); // the second starts in the middle of the first
        }
        s.count(good);
    }
    Bench b(s);
    b.plan(1, 1);
    while (b.engine->shape.channels != 2 || !b.true_peak || b.frames.size() < 50)
        b.plan(1, 400);
    b.quick = true;
    b.reset();
    const bool good = b.run({}, {}, {}, {}, 0);
    const double each = (double)b.clocks / b.frames.size(), bands = (double)b.gains.size() / b.frames.size();
    printf("  %.1f clocks a frame of %.1f bands\n", each, bands);
    if (good && each > 250)
        s.fail("%.1f clocks a frame", each);
    else
        s.count(good);
    return s.finish();
}
