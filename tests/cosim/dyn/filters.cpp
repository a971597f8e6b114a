// rtl/dyn/filters.v against sim/model: equaliser and splits, cuts, merge, gain and DC filter of random chains, the
// three at once, dials that change between frames, stalls on every side; clocks a frame. SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../conv/cosim.h"
#include "Vnave_filters.h"
#include "words.h"
#include <deque>

static const uint32_t MAX_CLOCKS = 4000; // without a word that moves

struct Band {
    uint32_t band, last;
    uint64_t data;
};
struct Cut {
    uint32_t band;
    bool low, high;
    uint64_t data;
};

static uint64_t pair_of(int32_t first, int32_t second)
{
    return (uint64_t)(uint32_t)second << 32 | (uint32_t)first;
}

// What the dials say, as the C card has it.
struct Config {
    uint32_t bands = 1, steep = 0, mid_side = 0;
    nave_eq_section eq[NAVE_DYN_SECTIONS] = {}, dc = {}, cut[NAVE_DYN_BANDS][2] = {};
    nave_crossover crossover = {};
    nave_coef output = {1 << 30, 30};
};

struct Model {
    nave_svf eq[2][NAVE_DYN_SECTIONS] = {}, dc[2] = {}, cut[NAVE_DYN_BANDS][2][2] = {};
    nave_crossover_state in[2] = {}, out[2] = {};

    void frame_in(const Config &c, const int32_t *x, int32_t (*band)[NAVE_DYN_BANDS])
    {
        int64_t v[2];
        for (uint32_t ch = 0; ch < 2; ch++) {
            v[ch] = nave_to_q44(x[ch]);
            for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
                v[ch] = nave_eq_step(&c.eq[i], &eq[ch][i], v[ch]);
        }
        if (c.mid_side) {
            const int64_t mid = nave_round64(v[0] + v[1], 1), side = nave_round64(v[0] - v[1], 1);
            v[0] = mid;
            v[1] = side;
        }
        nave_crossover_split(&c.crossover, in, 2, v, band);
    }
    void frame_out(const Config &c, int32_t (*band)[NAVE_DYN_BANDS], int32_t *x)
    {
        int64_t v[2];
        nave_crossover_merge(&c.crossover, out, 2, band, v);
        if (c.mid_side) {
            const int64_t left = v[0] + v[1], right = v[0] - v[1];
            v[0] = left;
            v[1] = right;
        }
        for (uint32_t ch = 0; ch < 2; ch++) {
            x[ch] = nave_scale(nave_to_q28(v[ch]), c.output);
            if (c.dc.kind != NAVE_EQ_OFF)
                x[ch] = nave_to_q28(nave_eq_step(&c.dc, &dc[ch], nave_to_q44(x[ch])));
        }
    }
    int32_t cut_one(const Config &c, uint32_t band, uint32_t ch, int32_t x)
    {
        if (c.cut[band][0].kind == NAVE_EQ_OFF && c.cut[band][1].kind == NAVE_EQ_OFF)
            return x;
        const int64_t low = nave_eq_step(&c.cut[band][0], &cut[band][ch][0], nave_to_q44(x));
        return nave_to_q28(nave_eq_step(&c.cut[band][1], &cut[band][ch][1], low));
    }
};

struct Bench {
    Vnave_filters top;
    Suite &s;
    uint64_t clocks = 0;
    uint32_t still = 0, wrong = 0, compared = 0;
    Config c;
    Model model;
    std::deque<uint64_t> in, heard, out;
    std::deque<Band> bands[8], merge;
    uint32_t head = 0, tail = 0, bands_left = 0; // of bands
    std::deque<Cut> cuts;
    uint32_t stall[6] = {};

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
    }
    void clock()
    {
        top.clk = 0;
        top.eval();
        edge();
    }
    bool differs(const char *name, bool same, uint64_t got, uint64_t expected)
    {
        compared++;
        still = 0;
        if (!same && !wrong++)
            s.fail("%s: %016llx, model %016llx; %u bands, steep %u, mid/side %u", name, (unsigned long long)got,
                   (unsigned long long)expected, c.bands, c.steep, c.mid_side);
        return !same;
    }
    // All that waits goes through. False: it differs, or nothing moves.
    bool run()
    {
        bool s_on = false, c_on = false, q_on = false;
        while (!in.empty() || !heard.empty() || !out.empty() || bands_left || !merge.empty() || !cuts.empty()) {
            s_on = s_on || (!in.empty() && now(0));
            c_on = c_on || (!cuts.empty() && now(1));
            q_on = q_on || (!merge.empty() && now(2));
            top.s_valid = s_on;
            if (s_on)
                top.s_data = in.front();
            top.c_valid = c_on;
            if (c_on) {
                top.c_band = cuts.front().band;
                top.c_low = cuts.front().low;
                top.c_high = cuts.front().high;
                top.c_data = cuts.front().data;
            }
            top.q_valid = q_on;
            if (q_on) {
                top.q_last = merge.front().last;
                top.q_data = merge.front().data;
            }
            top.band_ready = now(3);
            top.heard_ready = now(4);
            top.m_ready = now(5);
            top.clk = 0;
            top.eval();
            if (top.s_valid && top.s_ready) {
                in.pop_front();
                s_on = false;
            }
            if (top.c_valid && top.c_ready) {
                cuts.pop_front();
                c_on = false;
            }
            if (top.q_valid && top.q_ready) {
                merge.pop_front();
                q_on = false;
            }
            if (top.band_valid && top.band_ready) {
                std::deque<Band> &of = bands[top.band_frame];
                const Band b = of.empty() ? Band{9, 9, 0} : of.front();
                const bool first = top.band_frame == head; // rows are complete in the order of frames
                if (differs("band",
                            b.band == top.band && b.last == top.band_last && b.data == top.band_data &&
                                (first || !b.last),
                            top.band_data, b.data))
                    return false;
                of.pop_front();
                bands_left--;
                head = (head + b.last) % 8;
            }
            if (top.heard_valid && top.heard_ready) {
                if (differs("cut", !heard.empty() && heard.front() == top.heard_data, top.heard_data,
                            heard.empty() ? 0 : heard.front()))
                    return false;
                heard.pop_front();
            }
            if (top.m_valid && top.m_ready) {
                if (differs("out", !out.empty() && out.front() == top.m_data, top.m_data,
                            out.empty() ? 0 : out.front()))
                    return false;
                out.pop_front();
            }
            edge();
            if (++still > MAX_CLOCKS) {
                s.fail("nothing moves: %zu frames, %zu bands, %zu cuts, %zu to merge; %u bands", in.size(),
                       (size_t)bands_left, cuts.size(), merge.size(), c.bands);
                wrong++;
                return false;
            }
        }
        top.s_valid = top.c_valid = top.q_valid = 0;
        for (uint32_t n = 0; !(top.s_idle && top.c_idle && top.q_idle) && n < MAX_CLOCKS; n++)
            clock();
        return top.s_idle && top.c_idle && top.q_idle;
    }
    void start()
    {
        top.s_valid = top.c_valid = top.q_valid = top.p_valid = top.clear = 0;
        top.rst = 1;
        clock();
        top.rst = 0;
        top.clear = 1;
        clock();
        top.clear = 0;
        while (top.clearing)
            clock();
        model = Model();
    }
    void put(uint32_t set, uint32_t word, uint64_t data)
    {
        top.p_valid = 1;
        top.p_address = set << 2 | word;
        top.p_data = data;
        clock();
        top.p_valid = 0;
    }
    void put_eq(uint32_t set, const nave_eq_section &e)
    {
        put(set, 0, filter_word(e.svf.q2, e.svf.t_headroom));
        put(set, 1, filter_word(e.svf.p2, e.svf.b_headroom));
        put(set, 2, mix_word(e.band, 1));
        put(set, 3, mix_word(e.shelf, 0));
    }
    void any_eq(nave_eq_section &e, bool on)
    {
        e = {on ? 1 + s.below(2) : 0, any_section(s, s.below(8) == 0), any_coef(s, 20), any_coef(s, 20)};
    }
    void configure(uint32_t bands_now, uint32_t steep, uint32_t mid_side, uint32_t eqs, bool cut_all)
    {
        const nave_coef minus_one = {-(1 << 30), 30};
        c.bands = c.crossover.bands = bands_now;
        c.steep = steep;
        c.mid_side = mid_side;
        for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++) {
            any_eq(c.eq[i], eqs == 9 ? s.below(2) : i < eqs);
            put_eq(i, c.eq[i]);
        }
        any_eq(c.dc, eqs == 9 ? s.below(2) : 1);
        put_eq(8, c.dc);
        c.output = any_gain(s);
        put(9, 0, gain_word(c.output));
        for (uint32_t i = 0; i < NAVE_DYN_BANDS - 1; i++) {
            c.crossover.split[i].steep = steep;
            for (uint32_t k = 0; k < 2; k++) {
                const nave_svf_coef f = any_section(s, s.below(16) == 0);
                c.crossover.split[i].section[k] = f;
                for (uint32_t at = 16; at <= 32; at += 16) {
                    put(at + 2 * i + k, 0, filter_word(f.q2, f.t_headroom));
                    put(at + 2 * i + k, 1, filter_word(f.p2, f.b_headroom));
                }
            }
        }
        for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
            for (uint32_t k = 0; k < 2; k++) {
                nave_eq_section &e = c.cut[b][k];
                e = {cut_all || s.below(2) ? 1 + k : 0, any_section(s, false), minus_one, minus_one};
                put_eq(48 + 2 * b + k, e);
            }
        top.in_splits = top.out_splits = c.bands - 1;
        top.in_steep = top.out_steep = steep;
        top.in_mid_side = top.out_mid_side = mid_side;
        top.in_eq = top.in_eq_high = 0;
        for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++) {
            top.in_eq |= (c.eq[i].kind != 0) << i;
            top.in_eq_high |= (c.eq[i].kind == 2) << i;
        }
        top.out_dc = c.dc.kind != 0;
        top.out_dc_high = c.dc.kind == 2;
    }
    void give(uint32_t frames, bool with_cuts)
    {
        for (uint32_t f = 0; f < frames; f++) {
            int32_t band[2][NAVE_DYN_BANDS], x[2] = {s.word(), s.word()};
            in.push_back(pair_of(x[0], x[1]));
            model.frame_in(c, x, band);
            for (uint32_t b = 0; b < c.bands; b++)
                bands[tail].push_back({b, b + 1 == c.bands, pair_of(band[0][b], band[1][b])});
            bands_left += c.bands;
            tail = (tail + 1) % 8;
            for (uint32_t b = 0; b < c.bands && with_cuts; b++) {
                const int32_t side[2] = {s.word(), s.word()};
                cuts.push_back({b, c.cut[b][0].kind != 0, c.cut[b][1].kind != 0, pair_of(side[0], side[1])});
                heard.push_back(pair_of(model.cut_one(c, b, 0, side[0]), model.cut_one(c, b, 1, side[1])));
            }
            for (uint32_t b = 0; b < c.bands; b++) {
                for (uint32_t ch = 0; ch < 2; ch++)
                    band[ch][b] = s.word();
                merge.push_back({b, b + 1 == c.bands, pair_of(band[0][b], band[1][b])});
            }
            model.frame_out(c, band, x);
            out.push_back(pair_of(x[0], x[1]));
        }
    }
};

static void random_chains(Suite &s)
{
    for (uint32_t n = 0; n < s.cases; n++) {
        Bench b(s);
        b.start();
        bool good = true;
        for (uint32_t epoch = 0; epoch < 6 && good; epoch++) {
            b.configure(1 + s.below(8), s.below(2), s.below(2), 9, false);
            for (uint32_t &stall : b.stall)
                stall = s.below(3) ? 0 : s.below(200);
            b.give(1 + s.below(12), true);
            good = b.run();
        }
        if (good)
            s.count(b.compared != 0);
        else if (!b.wrong)
            s.fail("never idle");
        b.top.final();
        nave::count_coverage();
    }
}

// Clocks a frame when nothing waits outside.
static void speed(Suite &s)
{
    static const struct {
        const char *name;
        uint32_t bands, steep, eqs, cuts, most;
    } chain[] = {{"6 bands LR24, 4 sections of equaliser", 6, 0, 4, 0, 250},
                 {"the same, all cuts", 6, 0, 4, 1, 400},
                 {"8 bands LR24, 8 sections", 8, 0, 8, 0, 400},
                 {"8 bands LR48, 8 sections", 8, 1, 8, 0, 625},
                 {"the same, all cuts", 8, 1, 8, 1, 800},
                 {"1 band", 1, 0, 0, 0, 100}};
    for (const auto &k : chain) {
        const uint32_t frames = 200;
        Bench b(s);
        b.start();
        b.configure(k.bands, k.steep, 0, k.eqs, k.cuts != 0);
        b.give(frames, k.cuts != 0);
        const uint64_t begin = b.clocks;
        if (!b.run())
            continue;
        const double clocks = (double)(b.clocks - begin) / frames;
        printf("  %-40s %6.1f clocks a frame\n", k.name, clocks);
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
    Suite s("filters", 60);
    random_chains(s);
    speed(s);
    return s.finish();
}
