// What the tests of limiter and meters share: signals with their worst cases, stalls.
// SPDX-License-Identifier: ISC
#pragma once
#include "../conv/cosim.h"
extern "C" {
#include "../../../sim/model/dyn.h"
}

// How often a side of a stream is ready.
struct Stalls {
    uint32_t of_8 = 8;             // clocks of eight
    uint32_t pauses = 0, left = 0; // 1: long ones too, in which frames pile up
    bool now(Suite &s)
    {
        if (left)
            return left--, false;
        if (pauses && s.below(300) == 0)
            left = s.below(900);
        return of_8 == 8 || s.below(8) < of_8;
    }
    void choose(Suite &s)
    {
        static const uint32_t rates[] = {8, 8, 7, 4, 1};
        of_8 = rates[s.below(5)];
        pauses = s.below(3) == 0;
    }
};

// Samples of one channel, in stretches of one kind each.
struct Signal {
    uint32_t kind = 0, left = 0, at = 0, shift = 0;
    int32_t level = INT32_MAX;
    int32_t next(Suite &s)
    {
        if (left == 0) {
            left = 1 + s.below(150);
            kind = s.below(8);
            shift = s.below(4) ? s.below(8) : s.below(32);
            level = s.below(2) ? INT32_MAX >> s.below(6) : 1 << (28 - s.below(20));
        }
        left--;
        at++;
        // the sample that makes a phase largest when the whole row is in the filter
        const uint32_t phase = kind % 4, age = NAVE_PEAK_TAPS - 1 - at % NAVE_PEAK_TAPS;
        const int32_t tap = kind == 7 ? nave_peak_above_taps[age] : nave_peak_taps[phase][age];
        switch (kind) {
        case 0:
            return (int32_t)(s.any64() >> 32) >> shift;
        case 1:
            return s.word();
        case 2:
            return at % 37 ? 0 : s.below(2) ? INT32_MAX : INT32_MIN;
        case 3: // ties of the narrow word
            return (int32_t)((s.any64() >> 32) & 0xffffe000u) >> (shift & 7);
        case 4:
            return at / 4 % 2 ? level : -level;
        case 5:
            return 0;
        default:
            return tap < 0 ? -level - (shift & 1) : level;
        }
    }
};
