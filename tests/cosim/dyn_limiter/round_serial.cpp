// rtl/arith/round_serial.v against the exact quotient: every shift, ties, what was cut off before.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_round_serial.h"
#include "../conv/cosim.h"

static const int WIDTH = 52, MAX_CLOCKS = 20;

/* (v + sticky / 4) / 2^shift, ties to even */
static int64_t exact(int64_t v, unsigned sticky, unsigned shift)
{
    const __int128 wide = (__int128)v * 4 + sticky, one = (__int128)1 << (shift + 2);
    const __int128 floor = wide >> (shift + 2), rest = wide - floor * one;
    return (int64_t)(floor + (2 * rest > one || (2 * rest == one && (floor & 1))));
}

int main()
{
    Suite s("round_serial", 20000);
    Vnave_round_serial top;
    top.start = 0;
    top.rst = 1;
    const auto clock = [&] {
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
    };
    clock();
    top.rst = 0;
    for (uint32_t i = 0; i < s.cases; i++) {
        const unsigned shift = i % 64, sticky = s.below(2), tie = shift ? shift - 1 : 0;
        int64_t v = (int64_t)s.any64() >> (64 - WIDTH + (int)s.below(3) * (int)s.below(WIDTH));
        if (s.below(2) && tie < (unsigned)WIDTH - 2) // a tie, or next to one
            v = (int64_t)((uint64_t)v >> tie >> 1 << tie << 1) + ((int64_t)1 << tie) + (int64_t)s.below(3) - 1;
        if (s.below(8) == 0 && shift < 20) // next to what 32 bits hold
            v = ((s.below(2) ? (int64_t)INT32_MAX : (int64_t)INT32_MIN) * ((int64_t)1 << shift)) +
                (int64_t)s.below(2u << shift) - ((int64_t)1 << shift);
        if (v == ((int64_t)1 << (WIDTH - 1)) - 1)
            continue; // its successor has no place
        v = nave_saturate(v, WIDTH);
        top.v = (uint64_t)v & (((uint64_t)1 << WIDTH) - 1);
        top.shift = shift;
        top.sticky = sticky;
        top.start = 1;
        clock();
        top.start = 0;
        top.v = s.any64() >> (64 - WIDTH);
        int clocks = 0;
        for (; top.busy && clocks < MAX_CLOCKS; clocks++)
            clock();
        const int64_t y = (int64_t)(top.y << (64 - WIDTH)) >> (64 - WIDTH);
        const int64_t model = exact(v, sticky, shift);
        if (clocks > 10 || y != model || (int32_t)top.limited != nave_saturate(model, 32))
            s.fail("%lld and %u / 2^%u: %lld, limited %d after %d clocks; model %lld", (long long)v, sticky, shift,
                   (long long)y, (int32_t)top.limited, clocks, (long long)model);
        else
            s.count(true);
    }
    return s.finish();
}
