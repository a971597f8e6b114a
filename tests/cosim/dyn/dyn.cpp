// The whole engine, rtl/dyn/dyn.v, against nave_dyn_process of sim/model/dyn.c: random chains, all of whose dials move
// in mid stream, stalls on every side and of the look-ahead's RAM; clocks a frame. SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_dyn.h"
#include "chains.h"
extern "C" {
#include "../../../sim/model/dyn_plan.h"
}
#include <cmath>
#include <deque>
#include <memory>
#include <vector>

static const uint32_t MAX_CLOCKS = 100000; // without a frame

// The RAM of the look-ahead: words come back in order, each after a while.
struct Ram {
    std::vector<uint64_t> word;
    struct Answer {
        uint64_t data, when;
    };
    std::deque<Answer> answers;
};

struct Bench {
    Vnave_dyn top;
    Suite &s;
    std::unique_ptr<nave_dyn> d{new nave_dyn};
    std::vector<int32_t> memory;
    std::deque<nave_dyn_event> events;
    Ram ram;
    uint64_t clocks = 0;
    uint32_t channels = 2, stall[5] = {}, delay = 0, tick = 0; // tick 0: no meters
    nave_dyn_meters meters = {};
    uint32_t in_tick = 0; // frames that the model's meters have seen
    std::deque<uint32_t> words;

    explicit Bench(Suite &suite) : s(suite)
    {
    }
    bool now(uint32_t i)
    {
        return stall[i] == 0 || s.below(stall[i]) == 0;
    }
    void edge()
    {
        top.clk = 1;
        top.eval();
        clocks++;
        top.clk = 0;
        top.eval();
    }
    void start(const nave_dyn_shape &shape, const std::vector<int64_t> &dials, uint32_t tick_frames, bool true_peak)
    {
        channels = shape.channels;
        memory.resize(nave_dyn_words(&shape));
        nave_dyn_start(d.get(), &shape, dials.data(), memory.data());
        tick = tick_frames;
        meters.true_peak = true_peak;
        d->meters = tick ? &meters : nullptr;
        top.meters = tick != 0;
        top.true_peaks = true_peak;
        top.tick = tick ? tick - 1 : s.below(8192);
        top.meter_ready = 0;
        uint32_t rows = 16;
        while (rows < shape.lookahead_frames + 16)
            rows *= 2;
        ram.word.resize(9 * rows);
        for (uint64_t &w : ram.word)
            w = s.any64();
        top.clk = 0;
        top.stereo = channels == 2;
        top.lookahead = shape.lookahead_frames;
        top.ring_mask = rows - 1;
        top.limiter_lookahead = shape.limiter_frames;
        top.limiter_share = (uint32_t)shape.limiter_share.mantissa;
        top.limiter_shift = shape.limiter_share.shift;
        top.l_valid = top.start = top.e_valid = top.s_valid = top.m_ready = 0;
        top.w_ready = top.r_ready = top.d_valid = 0;
        top.rst = 1;
        edge();
        edge();
        top.rst = 0;
        for (uint32_t i = 0; i < NAVE_DIALS; i++) {
            top.l_valid = 1;
            top.l_dial = i;
            top.l_value = (uint64_t)dials[i];
            edge();
        }
        top.l_valid = 0;
        top.start = 1;
        edge();
        top.start = 0;
    }
    void any_stalls()
    {
        for (uint32_t &x : stall)
            x = s.below(2) ? 0 : 1 + s.below(s.below(4) ? 6 : 400);
        delay = s.below(3) ? s.below(60) : 0;
    }
    void event(const nave_dyn_event &e)
    {
        nave_dyn_set(d.get(), &e);
        events.push_back(e);
    }
    void no_more_before(uint64_t frame)
    {
        events.push_back({frame, 0, 700 + s.below(300), 0});
    }
    // The model's frames, tick by tick.
    void model(const int32_t *const *in, const int32_t *const *external, int32_t *const *out, uint32_t frames)
    {
        for (uint32_t done = 0, n; done < frames; done += n) {
            n = frames - done;
            if (tick && n > tick - in_tick)
                n = tick - in_tick;
            const int32_t *x[2] = {in[0] + done, in[1] + done}, *side[2] = {external[0] + done, external[1] + done};
            int32_t *y[2] = {out[0] + done, out[1] + done};
            nave_dyn_process(d.get(), x, side, y, n);
            in_tick += n;
            if (tick && in_tick == tick) {
                uint32_t w[64];
                nave_dyn_meters_take(&meters, d.get(), w);
                words.insert(words.end(), w, w + nave_dyn_meters_words(d.get()));
                in_tick = 0;
            }
        }
    }
    // The next frames, and what the model makes of them. False: they differ, or nothing comes.
    bool run(uint32_t frames, bool loud)
    {
        std::vector<int32_t> word[6];
        for (auto &w : word)
            w.assign(frames, 0);
        for (uint32_t c = 0; c < channels; c++)
            for (uint32_t i = 0; i < frames; i++) {
                word[c][i] = loud ? s.word() : (int32_t)(s.any64() >> 32) >> (4 + s.below(3));
                word[2 + c][i] = s.word();
            }
        const int32_t *in[2] = {word[0].data(), word[1].data()}, *external[2] = {word[2].data(), word[3].data()};
        int32_t *out[2] = {word[4].data(), word[5].data()};
        model(in, external, out, frames);
        uint32_t given = 0, taken = 0, still = 0;
        bool s_on = false;
        uint32_t words_left = nave_dyn_meters_words(d.get());
        while (taken < frames || !words.empty()) {
            s_on = s_on || (given < frames && now(0));
            top.s_valid = s_on;
            if (s_on) {
                // of one channel: what is on the other's wires doesn't matter
                const uint32_t other = channels == 2 ? (uint32_t)word[1][given] : (uint32_t)s.any64();
                const uint32_t other_side = channels == 2 ? (uint32_t)word[3][given] : (uint32_t)s.any64();
                top.s_data = (uint64_t)other << 32 | (uint32_t)word[0][given];
                top.s_external = (uint64_t)other_side << 32 | (uint32_t)word[2][given];
            }
            top.m_ready = now(1);
            top.meter_ready = now(4);
            top.e_valid = !events.empty();
            if (top.e_valid) {
                top.e_frame = events.front().frame;
                top.e_dial = events.front().dial;
                top.e_value = (uint64_t)events.front().value;
                top.e_frames = events.front().ramp_frames;
            }
            top.w_ready = now(2);
            top.r_ready = now(3) && ram.answers.size() < 8;
            top.d_valid = !ram.answers.empty() && ram.answers.front().when <= clocks;
            top.d_data = top.d_valid ? ram.answers.front().data : s.any64();
            top.eval();
            if (top.s_valid && top.s_ready) {
                given++;
                s_on = false;
            }
            if (top.e_valid && top.e_ready)
                events.pop_front();
            if ((top.w_valid && top.w_address >= ram.word.size()) ||
                (top.r_valid && top.r_address >= ram.word.size())) {
                s.fail("the ring leaves its RAM");
                return false;
            }
            if (top.d_valid && top.d_ready)
                ram.answers.pop_front();
            // a read sees what was written before it
            if (top.r_valid && top.r_ready)
                ram.answers.push_back({ram.word[top.r_address], clocks + 1 + delay});
            if (top.w_valid && top.w_ready)
                ram.word[top.w_address] = top.w_data;
            if (top.m_valid && top.m_ready) {
                const uint32_t y[2] = {(uint32_t)top.m_data, (uint32_t)(top.m_data >> 32)};
                for (uint32_t c = 0; c < channels; c++)
                    if (y[c] != (uint32_t)word[4 + c][taken]) {
                        s.fail("frame %u of %u, channel %u: %08x, model %08x; %u channels, %u bands, look-ahead %u",
                               taken, frames, c, y[c], (uint32_t)word[4 + c][taken], channels, d->crossover.bands,
                               d->shape.lookahead_frames);
                        return false;
                    }
                taken++;
                still = 0;
            }
            if (top.meter_valid && top.meter_ready) {
                const bool last = words_left == 1;
                if (words.empty() || words.front() != top.meter_data || last != top.meter_last) {
                    s.fail("frame %u of %u, meters of %u: %08x%s, %u to come of this tick; model %08x, %zu to come",
                           taken, frames, tick, (uint32_t)top.meter_data, top.meter_last ? ", the last" : "",
                           words_left, words.empty() ? 0 : words.front(), words.size());
                    return false;
                }
                words.pop_front();
                words_left = words_left == 1 ? nave_dyn_meters_words(d.get()) : words_left - 1;
                still = 0;
            }
            edge();
            if (++still > MAX_CLOCKS) {
                s.fail("frame %u of %u never comes; %u were taken, %u bands", taken, frames, given, d->crossover.bands);
                return false;
            }
        }
        return true;
    }
};

static void random_chains(Suite &s)
{
    for (uint32_t n = 0; n < s.cases; n++) {
        Bench b(s);
        const nave_dyn_shape shape = any_shape(s, 382);
        const bool wild = s.below(6) == 0;
        b.start(shape, any_chain(s, shape, wild), s.below(3) ? 1 + s.below(30) : 0, s.below(2));
        bool good = true;
        uint64_t frame = 0;
        for (uint32_t k = 0; k < 3 && good; k++) {
            const uint32_t frames = 1 + s.below(80);
            b.any_stalls();
            for (const nave_dyn_event &e : any_events(s, shape, frame, frames, wild))
                b.event(e);
            b.no_more_before(frame + frames);
            good = b.run(frames, s.below(3) == 0);
            frame += frames;
        }
        s.passed_cases += good;
        b.top.final();
        nave::count_coverage();
    }
}

// Clocks a frame where nothing waits outside.
static void speed(Suite &s)
{
    static const struct {
        const char *name;
        uint32_t bands, steep, eqs, curves, cuts, moves, meters, most;
    } chain[] = {{"6 bands LR24, 4 sections, RMS, 1 curve", 6, 0, 4, 1, 0, 0, 0, 250},
                 {"the same, meters", 6, 0, 4, 1, 0, 0, 1, 280},
                 {"the same, meters of true peaks", 6, 0, 4, 1, 0, 0, 2, 320},
                 {"the same, 10 dials of bands move", 6, 0, 4, 1, 0, 10, 0, 1000},
                 {"the same, a split moves", 6, 0, 4, 1, 0, 2, 0, 1300},
                 {"8 bands LR24, 8 sections, 1 curve", 8, 0, 8, 1, 0, 0, 0, 400},
                 {"8 bands LR48, 8 sections, 1 curve", 8, 1, 8, 1, 0, 0, 0, 625},
                 {"8 bands LR48, 8 sections, 3 curves, all cuts", 8, 1, 8, 3, 1, 0, 0, 1000}};
    for (const auto &k : chain) {
        Bench b(s);
        const nave_dyn_shape shape = shape_of(2, 48, 240);
        std::vector<int64_t> dials = any_chain(s, shape, false);
        plain_chain(dials, k.bands, k.steep, k.eqs, k.curves, k.cuts);
        b.start(shape, dials, k.meters ? 64 : 0, k.meters == 2);
        for (uint32_t i = 0; i < k.moves; i++) {
            const uint32_t dial =
                k.moves == 2 ? NAVE_DIAL_SPLIT + i : NAVE_DIAL_BAND + 64 * (i % 6) + NAVE_BAND_MAKEUP - i / 6;
            b.event({30, likely_dial(s, shape, dial), dial, 100000});
        }
        b.no_more_before(10000);
        if (!b.run(60, false))
            continue;
        const uint64_t begin = b.clocks;
        const uint32_t frames = 200;
        if (!b.run(frames, false))
            continue;
        const double clocks = (double)(b.clocks - begin) / frames;
        printf("  %-48s %6.1f clocks a frame\n", k.name, clocks);
        if (clocks > k.most)
            s.fail("%s: %.1f clocks a frame, %u allowed", k.name, clocks, k.most);
        else
            s.count(true);
        b.top.final();
        nave::count_coverage();
    }
}

int main()
{
    Suite s("dynamics engine", 20);
    random_chains(s);
    speed(s);
    return s.finish();
}
