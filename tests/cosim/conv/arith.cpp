// rtl/arith against sim/model/arith.h: small widths exhausted, the card's widths at corners and at random.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Varith_top.h"
#include "cosim.h"
extern "C" {
#include "../../../sim/model/arith.h"
}
#include <deque>

static Varith_top *top;

static void tick()
{
    top->clk = 0;
    top->eval();
    top->clk = 1;
    top->eval();
}

// Compares one output a cycle with what was expected `latency` cycles before.
struct Expect {
    const char *name;
    unsigned latency;
    std::deque<uint64_t> wanted;
    uint64_t compared = 0, wrong = 0;
    void push(uint64_t v)
    {
        wanted.push_back(v);
    }
    void check(Suite &s, uint64_t got)
    {
        if (wanted.size() < latency)
            return;
        compared++;
        if (wanted.front() != got && !wrong++)
            s.fail("%s: item %llu, got %llx, model %llx", name, (unsigned long long)compared, (unsigned long long)got,
                   (unsigned long long)wanted.front());
        wanted.pop_front();
    }
    void finish(Suite &s) const
    {
        printf("  %-16s %8llu words, %llu wrong\n", name, (unsigned long long)compared, (unsigned long long)wrong);
        if (!wrong)
            s.count(compared != 0);
    }
};

static uint64_t mask(uint64_t v, unsigned bits)
{
    return v & ((1ull << bits) - 1);
}

static void rounding(Suite &s)
{
    Expect small = {"round 10 bits", 4, {}}, fft = {"round fft", 4, {}}, align = {"round align", 5, {}},
           negated = {"round negate", 4, {}}, tile = {"round tile", 5, {}};
    for (uint32_t i = 0; i < 1024 * 8 + s.cases * 16; i++) {
        unsigned sh = i / 1024;
        int64_t v = (int64_t)(i % 1024) - 512;
        if (i >= 1024 * 8) { // ties and what is one beside them, of any size, as often as noise
            sh = s.below(63);
            v = (int64_t)s.any64() >> s.below(63);
            if (s.below(2))
                v = (int64_t)((uint64_t)v << s.below(34)) + (int64_t)s.below(3) - 1;
            if (v >= 3ll << 61 || v <= -(3ll << 61)) // the model wants room for the half
                v >>= 1;
        }
        top->v = (uint64_t)v;
        top->shift = sh;
        small.push(mask((uint64_t)nave_round64((int64_t)((uint64_t)v << 54) >> 54, 2 + sh % 8), 6));
        fft.push((uint32_t)nave_round64(v, 29 + sh % 8));
        top->minus = s.below(2);
        negated.push((uint32_t)(top->minus ? -nave_round64(v, 29 + sh % 8) : nave_round64(v, 29 + sh % 8)));
        align.push((uint32_t)nave_round32((int32_t)v, sh % 32));
        tile.push(mask((uint64_t)nave_round64(v, sh), 31));
        tick();
        small.check(s, top->round_small);
        fft.check(s, top->round_fft);
        negated.check(s, top->round_minus);
        align.check(s, top->round_align);
        tile.check(s, top->round_tile);
    }
    small.finish(s);
    fft.finish(s);
    negated.finish(s);
    align.finish(s);
    tile.finish(s);
}

static void saturation(Suite &s)
{
    Expect small = {"saturate 8 bits", 0, {}}, mix = {"saturate mix", 0, {}}, flag = {"limited flag", 0, {}};
    for (uint32_t i = 0; i < 256 + s.cases * 4; i++) {
        int64_t v = (int64_t)s.any64() >> s.below(63);
        if (s.below(2))
            v = (s.below(2) ? 1 : -1) * ((int64_t)1 << 53) + (int64_t)s.below(5) - 2;
        top->v = i < 256 ? (uint64_t)i : (uint64_t)v;
        v = (int64_t)top->v;
        top->eval();
        const int64_t v8 = (int8_t)v;
        small.push(mask((uint64_t)nave_saturate(v8, 5), 5));
        mix.push(mask((uint64_t)nave_saturate(v, 54), 54));
        flag.push((uint64_t)(nave_saturate(v, 54) != v) | (uint64_t)(nave_saturate(v8, 5) != v8) << 1);
        small.check(s, top->saturate_small);
        mix.check(s, top->saturate_mix);
        flag.check(s, top->limited_mix | top->limited_small << 1);
    }
    small.finish(s);
    mix.finish(s);
    flag.finish(s);
}

static void multiplication(Suite &s)
{
    Expect three = {"mul 3 DSP", 5, {}}, four = {"mul 4 DSP", 5, {}};
    Expect re[4] = {{"cmul 3x3 re", 7, {}}, {"cmul 3x4 re", 7, {}}, {"cmul 4x3 re", 7, {}}, {"cmul 4x4 re", 7, {}}};
    Expect im[4] = {{"cmul 3x3 im", 7, {}}, {"cmul 3x4 im", 7, {}}, {"cmul 4x3 im", 7, {}}, {"cmul 4x4 im", 7, {}}};
    static const int32_t corner[] = {0,      1,       -1,     INT32_MAX, INT32_MIN, INT32_MIN + 1,
                                     0x8000, -0x8000, 0xffff, 0x10000,   -0x10000,  0x7fff8000};
    for (uint32_t i = 0; i < 12 * 12 * 12 * 12 + s.cases * 8; i++) {
        int32_t w[4];
        for (uint32_t k = 0, rest = i; k < 4; k++, rest /= 12)
            w[k] = i < 12 * 12 * 12 * 12 ? corner[rest % 12] : s.word();
        top->a_re = (uint32_t)w[0];
        top->a_im = (uint32_t)w[1];
        top->b_re = (uint32_t)w[2];
        top->b_im = (uint32_t)w[3];
        top->split = s.below(4) == 0;
        const uint64_t rr = (uint64_t)((int64_t)w[0] * w[2]), ii = (uint64_t)((int64_t)w[1] * w[3]);
        const uint64_t ri = (uint64_t)((int64_t)w[0] * w[3]), ir = (uint64_t)((int64_t)w[1] * w[2]);
        three.push(rr);
        four.push(rr);
        for (int k = 0; k < 4; k++) {
            re[k].push(top->split ? rr : rr - ii);
            im[k].push(top->split ? ii : ri + ir);
        }
        tick();
        three.check(s, top->mul_3);
        four.check(s, top->mul_4);
        for (int k = 0; k < 4; k++) {
            re[k].check(s, top->cmul_re[k]);
            im[k].check(s, top->cmul_im[k]);
        }
    }
    three.finish(s);
    four.finish(s);
    for (int k = 0; k < 4; k++) {
        re[k].finish(s);
        im[k].finish(s);
    }
}

static void magnitudes(Suite &s)
{
    Expect eight = {"magnitude of 8", 5, {}}, one = {"magnitude of 1", 2, {}};
    uint32_t largest8 = 0, largest1 = 0;
    for (uint32_t i = 0; i < 1000 + s.cases * 4; i++) {
        top->clear = i == 0 || s.below(16) == 0;
        top->valid = (uint8_t)s.any64();
        if (top->clear)
            largest8 = largest1 = 0;
        for (int k = 0; k < 8; k++) {
            const int32_t v = s.below(4) ? s.word() >> s.below(32) : s.word();
            top->word[k] = (uint32_t)v;
            const uint32_t m = nave_magnitude32(v);
            if (top->valid >> k & 1 && m > largest8)
                largest8 = m;
            if (k == 0 && top->valid & 1 && m > largest1)
                largest1 = m;
        }
        eight.push(largest8);
        one.push(largest1);
        tick();
        eight.check(s, top->magnitude);
        one.check(s, top->magnitude_one);
    }
    eight.finish(s);
    one.finish(s);
}

/* A question, six cycles, the answer; now and then another question comes before the answer. */
static void headrooms(Suite &s)
{
    static const uint32_t limits[] = {NAVE_LIMIT_RADIX2, NAVE_LIMIT_RADIX4_FIRST, NAVE_LIMIT_RADIX4,    NAVE_LIMIT_POST,
                                      NAVE_LIMIT_PRE,    NAVE_LIMIT_RADIX4 / 2,   NAVE_LIMIT_RADIX2 / 2};
    uint64_t wrong = 0, seen[5] = {0};
    for (uint32_t i = 0; i < 4000 + s.cases * 4; i++) {
        const uint32_t limit = limits[s.below(7)];
        uint64_t m = s.below(2) ? ((uint64_t)limit << s.below(5)) + s.below(5) - 2 : (uint32_t)s.any64() >> s.below(32);
        if (m > 1ull << 31)
            m = 1ull << 31;
        if (s.below(4) == 0) {
            top->v = s.any64();
            top->limit = limits[s.below(7)];
            top->ask = 1;
            tick();
            top->ask = 0;
            for (uint32_t wait = s.below(6); wait; wait--)
                tick();
        }
        top->v = m;
        top->limit = limit;
        top->ask = 1;
        tick();
        top->ask = 0;
        for (int wait = 0; wait < 5; wait++)
            tick();
        const int want = nave_headroom_shift((uint32_t)m, limit);
        seen[want]++;
        if (top->headroom != want && !wrong++)
            s.fail("headroom of %llu by %u: %u, model %d", (unsigned long long)m, limit, top->headroom, want);
    }
    for (int i = 0; i < 5; i++)
        if (!seen[i])
            s.fail("headroom: no case of shift %d", i);
    printf("  %-16s %8u words, %llu wrong\n", "headroom", 4000 + s.cases * 4, (unsigned long long)wrong);
    if (!wrong)
        s.count(true);
}

static void shifts(Suite &s)
{
    Expect bits = {"bit length", 2, {}}, left = {"shift left", 3, {}};
    for (uint32_t i = 0; i < 10000 + s.cases * 4; i++) {
        uint64_t v = s.any64() >> s.below(64);
        if (s.below(8) == 0)
            v = 1ull << s.below(64);
        top->v = v;
        bits.push(nave_bit_length64(v));
        top->shift = 0;
        left.push((uint32_t)v);
        tick();
        bits.check(s, top->bits);
        left.check(s, top->left);
    }
    for (uint32_t by = 0; by < 32; by++)
        for (uint32_t i = 0; i < 40; i++) {
            top->shift = by;
            top->v = (uint32_t)s.any64();
            left.push((uint32_t)top->v << by);
            tick();
            if (i >= 4) // words of the shift before have left
                left.check(s, top->left);
            else
                left.wanted.pop_front();
        }
    bits.finish(s);
    left.finish(s);
}

int main()
{
    Suite s("arith", 20000);
    top = new Varith_top;
    rounding(s);
    saturation(s);
    multiplication(s);
    magnitudes(s);
    headrooms(s);
    shifts(s);
    top->final();
    nave::count_coverage();
    delete top;
    return s.finish();
}
