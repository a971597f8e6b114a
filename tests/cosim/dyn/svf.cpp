// rtl/dyn/svf.v against sim/model/svf.h and eq.c: jobs of all kinds on many sections, as close as they may follow.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../conv/cosim.h"
#include "Vnave_svf.h"
#include "words.h"
#include <deque>

static const uint32_t SECTIONS = 24, SETS = 16, APART = 44; // clocks between jobs of a section

struct Result {
    uint32_t tag;
    int64_t value;
    bool means; // or only its tag is compared
};

struct Bench {
    Vnave_svf top;
    Suite &s;
    uint64_t clocks = 0;
    nave_svf state[256] = {};
    nave_eq_section set[64] = {};
    nave_coef gain[64] = {};
    uint64_t last[256] = {};
    std::deque<Result> ap, soon, lp, y;
    uint32_t wrong = 0, compared = 0;

    explicit Bench(Suite &suite) : s(suite)
    {
    }
    void compare(const char *name, std::deque<Result> &expected, bool valid, uint64_t got)
    {
        if (!valid || top.rst)
            return;
        if (expected.empty()) {
            wrong++;
            s.fail("clock %llu: %s that nobody asked for", (unsigned long long)clocks, name);
            return;
        }
        const Result r = expected.front();
        expected.pop_front();
        compared++;
        const int64_t value = (int64_t)(got << 10) >> 10;
        if (((r.means && value != r.value) || top.m_tag != r.tag) && !wrong++)
            s.fail("clock %llu: %s %llx of %u, model %llx of %u", (unsigned long long)clocks, name,
                   (unsigned long long)value, (unsigned)top.m_tag, (unsigned long long)r.value, r.tag);
    }
    void clock()
    {
        top.clk = 0;
        top.eval();
        compare("ap", ap, top.ap_valid, top.ap);
        compare("soon", soon, top.soon_valid, 0);
        compare("lp", lp, top.lp_valid, top.lp);
        compare("y", y, top.y_valid, top.y);
        top.clk = 1;
        top.eval();
        clocks++;
    }
    void put(uint32_t address, uint64_t data)
    {
        top.p_valid = 1;
        top.p_address = address;
        top.p_data = data;
        clock();
        top.p_valid = 0;
    }
    void start()
    {
        top.s_valid = 0;
        top.p_valid = 0;
        top.clear = 0;
        top.rst = 1;
        clock();
        top.rst = 0;
        for (uint32_t i = s.below(9); i; i--)
            clock();
        top.clear = 1;
        clock();
        top.clear = 0;
        uint32_t n = 0;
        for (; top.clearing && n < 2000; n++)
            clock();
        if (n == 0 || n == 2000)
            s.fail("states cleared for %u clocks", n);
        memset(state, 0, sizeof(state));
    }
    void new_set(uint32_t i)
    {
        const bool wild = s.below(4) == 0;
        set[i].svf = any_section(s, wild);
        set[i].band = any_coef(s, 20);
        set[i].shelf = any_coef(s, 20);
        gain[i] = any_gain(s);
        const bool gains = i >= SETS;
        put(i << 2, gains ? gain_word(gain[i]) : filter_word(set[i].svf.q2, set[i].svf.t_headroom));
        put(i << 2 | 1, filter_word(set[i].svf.p2, set[i].svf.b_headroom));
        put(i << 2 | 2, mix_word(set[i].band, 1));
        put(i << 2 | 3, mix_word(set[i].shelf, 0));
    }
    void push_lp(Result r)
    {
        lp.push_back(r);
        soon.push_back({r.tag, 0, false});
    }
    void job(int64_t x)
    {
        const uint32_t kind = s.below(8), section = s.below(SECTIONS), i = s.below(SETS), tag = s.below(256);
        const bool bare = kind >= 6, scales = kind == 7, eq = kind < 3, high = kind == 2;
        while (!bare && last[section] + APART > clocks)
            clock();
        top.s_valid = 1;
        top.s_section = section;
        top.s_set = scales ? SETS + i : i;
        top.s_bare = bare;
        top.s_gain = scales;
        top.s_eq = eq;
        top.s_high = high;
        top.s_tag = tag;
        top.s_x = (uint64_t)x & 0x7fffffffffffffull;
        for (;;) {
            top.clk = 0;
            top.eval();
            if (top.s_ready)
                break;
            clock();
        }
        if (!bare)
            last[section] = clocks;
        clock();
        top.s_valid = s.below(2); // nothing is taken between the phases
        nave_svf &z = state[section];
        if (eq) {
            set[i].kind = high ? NAVE_EQ_HIGH : NAVE_EQ_LOW;
            y.push_back({tag, nave_eq_step(&set[i], &z, x), true});
        } else if (scales)
            ap.push_back({tag, nave_to_q44(nave_scale(nave_to_q28(x), gain[SETS + i])), true});
        else if (bare)
            ap.push_back({tag, nave_limit_state(x), true});
        else {
            const nave_svf_out out = nave_svf_step(&set[i].svf, &z, x);
            ap.push_back({tag, out.ap, true});
            push_lp({tag, out.lp, true});
        }
        if (bare)
            push_lp({tag, 0, false});
        for (uint32_t n = 3; n; n--)
            clock();
        top.s_valid = 0;
    }
};

int main()
{
    Suite s("svf", 400);
    for (uint32_t n = 0; n < s.cases; n++) {
        Bench b(s);
        b.start();
        for (uint32_t i = 0; i < 2 * SETS; i++)
            b.new_set(i);
        for (uint32_t i = 0; i < 400 && !b.wrong; i++)
            b.job(any_q44(s));
        for (uint32_t i = 0; i < 70; i++)
            b.clock();
        if (!b.ap.empty() || !b.soon.empty() || !b.lp.empty() || !b.y.empty())
            s.fail("%zu results are missing", b.ap.size() + b.soon.size() + b.lp.size() + b.y.size());
        else if (!b.wrong)
            s.count(b.compared != 0);
        b.top.final();
        nave::count_coverage();
    }
    return s.finish();
}
