// rtl/dyn/band.v against sim/model/band.c: up to eight bands with dials of every kind and size, moved while frames run,
// stalls on both sides, every bit of audio and gain; and the clocks that a frame takes.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../conv/cosim.h"
#include "Vnave_band.h"
#include "Vnave_band___024root.h"
#include "dials.h"
#include <deque>

static const uint32_t MAX_CLOCKS = 4000; // without a word that moves

struct Op { // a parameter's write, or a job; what it gives
    bool write, start, mid_side;
    uint32_t address, band;
    uint64_t data;
    int32_t side[2], x[2], y[2], gain[2];
};

struct Bench {
    Suite &s;
    Vnave_band top;
    nave::CoverageAtEnd coverage;
    std::deque<Op> given, leaving, gains[8];
    uint64_t clocks = 0, jobs = 0, writes = 0;
    bool good = true;

    explicit Bench(Suite &suite) : s(suite)
    {
    }
    void clock()
    {
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        clocks++;
    }
    void reset(uint32_t channels)
    {
        top.rst = 1;
        top.mono = channels == 1;
        top.s_valid = top.p_valid = top.m_ready = 0;
        for (uint32_t i = 1 + s.below(3); i; i--)
            clock();
        top.rst = 0;
        given.clear();
        leaving.clear();
        for (auto &g : gains)
            g.clear();
        good = true;
    }
    void differs(const char *what, const Op &o, uint32_t channel, uint32_t is, int32_t should)
    {
        if (good)
            s.fail("job %llu, band %u, channel %u, %s: %08x, model %08x", (unsigned long long)jobs, o.band, channel,
                   what, is, (uint32_t)should);
        good = false;
    }
    /* All that was given, in order; a side is ready in so many clocks of eight. */
    bool run(uint32_t s_of_8, uint32_t m_of_8)
    {
        uint32_t still = 0;
        bool offered = false;
        while (good && (!given.empty() || !leaving.empty())) {
            offered = !given.empty() && (offered || s.below(8) < s_of_8);
            top.p_valid = offered && given.front().write;
            top.s_valid = offered && !given.front().write;
            top.p_address = (uint16_t)s.any64() & 511;
            top.p_data = s.any64();
            top.s_band = s.below(8);
            top.s_start = (uint8_t)s.below(2);
            top.s_mid_side = (uint8_t)s.below(2);
            top.s_side = s.any64();
            top.s_x = s.any64();
            if (top.p_valid) {
                top.p_address = (uint16_t)given.front().address;
                top.p_data = given.front().data;
            }
            if (top.s_valid) {
                const Op &o = given.front();
                top.s_band = (uint8_t)o.band;
                top.s_start = o.start;
                top.s_mid_side = o.mid_side;
                top.s_side = (uint32_t)o.side[0] | (uint64_t)(uint32_t)o.side[1] << 32;
                top.s_x = (uint32_t)o.x[0] | (uint64_t)(uint32_t)o.x[1] << 32;
            }
            top.m_ready = s.below(8) < m_of_8;
            top.clk = 0;
            top.eval();
            const bool written = top.p_valid && top.p_ready, taken = top.s_valid && top.s_ready;
            const bool left = top.m_valid && top.m_ready;
            if (left) {
                const Op o = leaving.empty() ? Op() : leaving.front();
                if (leaving.empty())
                    s.fail("words of no job"), good = false;
                else
                    leaving.pop_front();
                if (top.m_band != o.band)
                    differs("band", o, 0, top.m_band, (int32_t)o.band);
                for (uint32_t c = 0; c < (top.mono ? 1 : 2); c++)
                    if ((uint32_t)(top.m_x >> 32 * c) != (uint32_t)o.y[c])
                        differs("audio", o, c, (uint32_t)(top.m_x >> 32 * c), o.y[c]);
                jobs++;
            }
            if (top.g_valid) {
                auto &g = gains[top.g_band];
                if (g.empty())
                    s.fail("a gain of no job, band %u", top.g_band), good = false;
                else if (!(top.mono && top.g_channel) && top.g != (uint32_t)g.front().gain[top.g_channel])
                    differs("gain", g.front(), top.g_channel, top.g, g.front().gain[top.g_channel]);
                if (!g.empty() && top.g_channel)
                    g.pop_front();
            }
            if (written || taken) {
                const Op &o = given.front();
                writes += o.write;
                if (taken && !o.start)
                    leaving.push_back(o);
                given.pop_front();
                offered = false;
            }
            top.clk = 1;
            top.eval();
            clocks++;
            still = written || taken || left ? 0 : still + 1;
            if (still > MAX_CLOCKS) {
                s.fail("nothing moves: %zu to give, %zu to come", given.size(), leaving.size());
                good = false;
            }
        }
        for (const auto &g : gains)
            if (good && !g.empty())
                s.fail("%zu gains did not come", g.size()), good = false;
        return good;
    }
};

/* The model, and what it makes the engine do. */
struct Model {
    Bench &b;
    Dials &d;
    nave_band_state state[8];

    Model(Bench &bench, Dials &dials) : b(bench), d(dials)
    {
    }
    void write(uint32_t band, uint32_t offset)
    {
        Op o = {};
        o.write = true;
        o.address = band * 64 + offset;
        o.data = d.word(band, offset);
        b.given.push_back(o);
    }
    void start(uint32_t band)
    {
        Op o = {};
        o.start = true;
        o.band = band;
        b.given.push_back(o);
        nave_band_start(&d.dyn->band[band], &state[band]);
    }
    void job(uint32_t band, uint32_t channels, bool mid_side, const int32_t *side, const int32_t *x)
    {
        Op o = {};
        o.band = band;
        o.mid_side = mid_side;
        memcpy(o.side, side, sizeof(o.side));
        memcpy(o.x, x, sizeof(o.x));
        memcpy(o.y, x, sizeof(o.y));
        nave_band_step(&d.dyn->band[band], &state[band], channels, mid_side, side, o.y);
        memcpy(o.gain, state[band].gain, sizeof(o.gain));
        b.given.push_back(o);
        b.gains[band].push_back(o);
    }
    /* After all jobs: the last bits, which gains and audio don't show at once. */
    bool same_states(uint32_t bands, uint32_t channels)
    {
        for (uint32_t band = 0; band < bands; band++)
            for (uint32_t c = 0; c < channels; c++) {
                const nave_band_state &z = state[band];
                same("average", band, c, 3, 0, z.average[c]);
                for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
                    same("envelope", band, c, 0, k, z.envelope[c][k].fast);
                    same("slow envelope", band, c, 1, k, z.envelope[c][k].slow);
                }
            }
        return b.good;
    }
    void same(const char *what, uint32_t band, uint32_t channel, uint32_t row, uint32_t k, int64_t should)
    {
        const uint64_t word = b.top.rootp->nave_band__DOT__states__DOT__word[row << 6 | k << 4 | band << 1 | channel];
        const int64_t is = (int64_t)(word << 2) >> 2;
        if (is != should && b.good)
            b.s.fail("band %u, channel %u, %s %u: %lld, model %lld", band, channel, what, k, (long long)is,
                     (long long)should);
        b.good = b.good && is == should;
    }
};

/* One stream: dials, starts, frames; some of the dials move. */
static bool stream(Suite &s, Bench &b, Dials &d, uint64_t *seen)
{
    static const uint32_t rates[] = {8, 8, 7, 3, 1};
    const uint32_t channels = s.below(8) ? 2 : 1, bands = 1 + s.below(8), frames = 10 + s.below(60);
    const uint32_t moves = s.below(3); // never, now and then, often
    Model m(b, d);
    b.reset(channels);
    for (uint32_t band = 0; band < bands; band++) {
        d.band(s, band, s.below(3) ? Dials::MUSIC : Dials::ANY);
        for (uint32_t i = 0; i < 64; i++)
            if (Dials::used(i))
                m.write(band, i);
        m.start(band);
    }
    Signal signal[2];
    for (uint32_t f = 0; f < frames; f++) {
        for (uint32_t band = 0; band < bands; band++) {
            int32_t x[2], side[2];
            for (uint32_t c = 0; c < 2; c++) {
                side[c] = signal[c].next(s);
                x[c] = s.below(4) ? side[c] : s.word();
            }
            if (moves && s.below(moves == 1 ? 40 : 3) == 0) {
                const uint32_t offset = Dials::any(s);
                d.move(s, band, offset);
                m.write(band, offset);
            }
            m.job(band, channels, s.below(64) == 0 ? !signal[0].mid_side : signal[0].mid_side, side, x);
            seen[d.dyn->band[band].detector]++;
            for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
                const uint32_t flags = d.dyn->band[band].curve[k].flags;
                if (flags & NAVE_CURVE_ON)
                    for (uint32_t i = 0; i < 5; i++)
                        seen[3 + i] += flags >> i & 1;
            }
        }
    }
    return b.run(rates[s.below(5)], rates[s.below(5)]) && m.same_states(bands, channels);
}

/* Clocks a stereo frame of six bands without stalls. */
static double speed(Suite &s, Bench &b, Dials &d, uint32_t detector, uint32_t curves, bool automatic, bool hold,
                    bool move)
{
    const uint32_t bands = 6, frames = 60;
    Model m(b, d);
    b.reset(2);
    for (uint32_t band = 0; band < bands; band++) {
        d.band(s, band, Dials::MUSIC);
        d.set(band, NAVE_BAND_DETECTOR, detector);
        d.set(band, NAVE_BAND_SIDE, 0);
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
            d.set(band, NAVE_BAND_CURVE + 16 * k, k < curves ? 3 | (automatic ? 16 : 0) : 0);
            d.set(band, NAVE_BAND_CURVE + 16 * k + NAVE_CURVE_HOLD, hold ? 100 : 0);
        }
        for (uint32_t i = 0; i < 64; i++)
            if (Dials::used(i))
                m.write(band, i);
        m.start(band);
    }
    if (!b.run(8, 8))
        return 1e9;
    const uint64_t begin = b.clocks;
    for (uint32_t f = 0; f < frames; f++)
        for (uint32_t band = 0; band < bands; band++) {
            const int32_t x[2] = {s.word(), s.word()};
            if (move)
                m.write(band, NAVE_BAND_LEVEL);
            m.job(band, 2, false, x, x);
        }
    if (!b.run(8, 8))
        return 1e9;
    return (double)(b.clocks - begin) / frames;
}

int main()
{
    Suite s("band", 400);
    Bench b(s);
    Dials d;
    uint64_t seen[8] = {0};
    for (uint32_t i = 0; i < s.cases; i++)
        s.count(stream(s, b, d, seen));
    printf(
        "  %llu jobs, %llu writes; peak %llu, RMS %llu, low-pass %llu; curves %llu: above %llu, gate %llu, opens %llu, "
        "auto %llu\n",
        (unsigned long long)b.jobs, (unsigned long long)b.writes, (unsigned long long)seen[0],
        (unsigned long long)seen[1], (unsigned long long)seen[2], (unsigned long long)seen[3],
        (unsigned long long)seen[4], (unsigned long long)seen[5], (unsigned long long)seen[6],
        (unsigned long long)seen[7]);
    static const struct {
        const char *what;
        uint32_t detector, curves;
        bool automatic, hold, move;
        double most;
    } work[] = {
        {"peak, one curve", 0, 1, false, false, false, 250},     {"RMS, one curve", 1, 1, false, false, false, 250},
        {"the same, dials move", 1, 1, false, false, true, 350}, {"with hold", 1, 1, false, true, false, 250},
        {"with auto release", 1, 1, true, true, false, 300},     {"three curves", 1, 3, false, false, false, 480},
        {"three with all", 1, 3, true, true, false, 720}};
    for (const auto &w : work) {
        const double is = speed(s, b, d, w.detector, w.curves, w.automatic, w.hold, w.move);
        printf("  six bands, stereo, %-22s %5.1f clocks a frame\n", w.what, is);
        if (is <= w.most)
            s.count(true);
        else
            s.fail("%s: more than %.0f clocks a frame", w.what, w.most);
    }
    return s.finish();
}
