// Dials of bands as music has them or of any size, the words that the engine gets of them, signals.
// SPDX-License-Identifier: ISC
#pragma once
#include "../conv/cosim.h"
#include <cmath>
#include <cstring>
extern "C" {
#include "../../../sim/model/dyn.h"
}

struct Dials {
    enum Way { MUSIC, ANY };
    nave_dyn *dyn = new nave_dyn();
    ~Dials()
    {
        delete dyn;
    }
    static bool used(uint32_t offset)
    {
        return offset < NAVE_BAND_CURVE ? offset <= NAVE_BAND_MAKEUP && offset != NAVE_BAND_LOOKAHEAD
                                        : offset % 16 <= NAVE_CURVE_HOLD;
    }
    static uint32_t any(Suite &s)
    {
        uint32_t offset;
        do
            offset = s.below(64);
        while (!used(offset));
        return offset;
    }
    void set(uint32_t band, uint32_t offset, int64_t value)
    {
        dyn->dial[NAVE_DIAL_BAND + 64 * band + offset].value = value;
        nave_dyn_decode(dyn, NAVE_DIAL_BAND + 64 * band + offset);
    }
    static int64_t q52(double v)
    {
        return (int64_t)std::llrint(v * 0x1p52);
    }
    static double unit(Suite &s)
    {
        return (double)(s.any64() >> 11) * 0x1p-53;
    }
    static int64_t share(Suite &s)
    {
        switch (s.below(8)) {
        case 0:
            return q52(1);
        case 1:
            return q52(1) - s.below(4);
        case 2:
            return (int64_t)s.below(3) << s.below(22);
        default:
            return q52(exp2(-20 * unit(s)));
        }
    }
    static int64_t value(Suite &s, uint32_t offset)
    {
        const double db = NAVE_Q25_DB;
        if (offset < NAVE_BAND_CURVE)
            switch (offset) {
            case NAVE_BAND_DETECTOR:
                return s.below(3);
            case NAVE_BAND_AVERAGE:
                return share(s);
            case NAVE_BAND_SIDE:
                return s.below(8) ? 0 : s.below(4);
            case NAVE_BAND_LINK:
                return s.below(2) ? (int64_t)s.below(2) << 30 : (int64_t)(unit(s) * 0x1p30);
            case NAVE_BAND_WET:
            case NAVE_BAND_LEVEL:
                return s.below(2) ? (int64_t)(s.below(8) != 0) << 30 : (int64_t)(unit(s) * 0x1p31);
            case NAVE_BAND_WIDTH:
                return s.below(2) ? 0 : (int64_t)((unit(s) * 2 - 1) * 0x1p30);
            default:
                return s.below(2) ? 0 : (int64_t)((unit(s) * 48 - 24) * db);
            }
        switch (offset % 16) {
        case NAVE_CURVE_FLAGS: {
            static const uint8_t kinds[] = {0, 0, 3, 3, 1, 9, 11, 13, 13};
            return kinds[s.below(9)] | (s.below(3) ? 0 : NAVE_CURVE_AUTO);
        }
        case NAVE_CURVE_THRESHOLD:
            return (int64_t)(-80 * unit(s) * db);
        case NAVE_CURVE_HALF_KNEE:
            return s.below(3) ? (int64_t)(30 * unit(s) * db) : 0;
        case NAVE_CURVE_INVERSE_KNEE:
            return q52(exp2(-4 * unit(s) + 1));
        case NAVE_CURVE_HYSTERESIS:
            return (int64_t)(12 * unit(s) * db);
        case NAVE_CURVE_RANGE:
            return (int64_t)(80 * unit(s) * db);
        case NAVE_CURVE_SLOPE:
            return q52(s.below(2) ? 2 * unit(s) - 1.5 : 40 * unit(s) - 20);
        case NAVE_CURVE_HOLD:
            return s.below(2) ? 0 : s.below(40);
        default:
            return share(s);
        }
    }
    /* of any size, corners more often */
    static int64_t anything(Suite &s)
    {
        switch (s.below(4)) {
        case 0:
            return s.word();
        case 1:
            return (s.below(2) ? 1 : -1) * ((INT64_C(1) << s.below(62)) - s.below(3));
        case 2:
            return (int64_t)s.any64() >> (1 + s.below(62));
        default:
            return s.below(64);
        }
    }
    void move(Suite &s, uint32_t band, uint32_t offset)
    {
        set(band, offset, s.below(8) ? value(s, offset) : anything(s));
        // a knee and its inverse belong together, or the knee is a corner of its own
        if (offset >= NAVE_BAND_CURVE && s.below(4) == 0 && offset % 16 == NAVE_CURVE_FLAGS)
            set(band, offset, s.below(32));
    }
    void band(Suite &s, uint32_t band, Way way)
    {
        for (uint32_t i = 0; i < 64; i++)
            if (used(i)) {
                set(band, i, value(s, i));
                if (way == ANY && s.below(2))
                    set(band, i, anything(s));
            }
        if (way == ANY) // most detectors would be the last otherwise
            set(band, NAVE_BAND_DETECTOR, s.below(3));
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) { // 1 / knee, for half of them
            const int32_t half = dyn->band[band].curve[k].half_knee;
            if (half > 1 << 17 && s.below(2))
                set(band, NAVE_BAND_CURVE + 16 * k + NAVE_CURVE_INVERSE_KNEE, q52(0x1p24 / half));
        }
    }
    static uint64_t coefficient(nave_coef c)
    {
        return (uint64_t)c.shift << 32 | (uint32_t)c.mantissa;
    }
    uint64_t word(uint32_t band, uint32_t offset) const
    {
        const nave_band &b = dyn->band[band];
        if (offset < NAVE_BAND_CURVE)
            switch (offset) {
            case NAVE_BAND_DETECTOR:
                return b.detector;
            case NAVE_BAND_AVERAGE:
                return coefficient(b.average);
            case NAVE_BAND_SIDE:
                return b.side;
            case NAVE_BAND_LINK:
                return (uint32_t)b.link_q30;
            case NAVE_BAND_WET:
                return (uint32_t)b.wet_q30;
            case NAVE_BAND_LEVEL:
                return (uint32_t)b.level_q30;
            case NAVE_BAND_WIDTH:
                return (uint32_t)b.width_q30;
            default:
                return (uint32_t)b.makeup;
            }
        const nave_curve &c = b.curve[offset / 16 - 1];
        switch (offset % 16) {
        case NAVE_CURVE_FLAGS:
            return c.flags;
        case NAVE_CURVE_THRESHOLD:
            return (uint32_t)c.threshold;
        case NAVE_CURVE_HALF_KNEE:
            return (uint32_t)c.half_knee;
        case NAVE_CURVE_INVERSE_KNEE:
            return coefficient(c.inverse_knee);
        case NAVE_CURVE_HYSTERESIS:
            return (uint32_t)c.hysteresis;
        case NAVE_CURVE_RANGE:
            return (uint32_t)c.range;
        case NAVE_CURVE_SLOPE:
            return coefficient(c.slope);
        case NAVE_CURVE_ATTACK:
            return coefficient(c.attack);
        case NAVE_CURVE_RELEASE:
            return coefficient(c.release);
        case NAVE_CURVE_SLOW_ATTACK:
            return coefficient(c.slow_attack);
        case NAVE_CURVE_SLOW_RELEASE:
            return coefficient(c.slow_release);
        default:
            return c.hold_frames;
        }
    }
};

/* Samples of one channel, in stretches of one kind each. */
struct Signal {
    uint32_t kind = 0, left = 0, shift = 0;
    bool mid_side = false;
    int32_t next(Suite &s)
    {
        if (left == 0) {
            left = 1 + s.below(60);
            kind = s.below(6);
            shift = s.below(3) ? s.below(12) : s.below(32);
            mid_side = s.below(2);
        }
        left--;
        switch (kind) {
        case 0:
            return (int32_t)(s.any64() >> 32) >> shift;
        case 1:
            return s.word();
        case 2:
            return s.below(2) ? INT32_MAX : INT32_MIN;
        case 3:
            return 0;
        case 4:
            return (s.below(2) ? 1 : -1) * (INT32_MAX >> shift);
        default:
            return s.below(20) ? 0 : (int32_t)(s.any64() >> 32);
        }
    }
};
