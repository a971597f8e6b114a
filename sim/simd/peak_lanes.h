/* True-peak readings of a block over lanes_<isa>.h: a lane a frame (twin of sim/model/true_peak.c).
 *
 * With P and M the sum and the difference of the words k and 31 - k: phases 1 and 3, which mirror each other, are
 * (even +- odd) / 2 of 16 products of P and 16 of M; phase 2 is 16 of P; the high-pass mirrors itself around word 15.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_PEAK_LANES_H
#define NAVE_PEAK_LANES_H
#include "../model/dyn_block.h"
#include "int_lanes.h"

enum { PEAK_HISTORY = NAVE_PEAK_TAPS - 1 };

/* |sum| of Q30 as Q28 */
INLINE lanes peak_magnitude(lanes sum)
{
    return l_min(round_const(l_abs(sum), 2), l_all(UINT32_MAX));
}

INLINE void peak_lanes(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading)
{
    int64_t narrow[PEAK_HISTORY + NAVE_DYN_BLOCK], middle[NAVE_PEAK_DELAY + NAVE_DYN_BLOCK];
    const int32_t(*tap)[NAVE_PEAK_TAPS] = nave_peak_taps, *above = nave_peak_above_taps;
    const size_t whole = frames - frames % LANES;
    if (!whole) {
        nave_dyn_peak_c(z, x, frames, reading);
        return;
    }
    const uint32_t at = z->at % NAVE_PEAK_TAPS;
    for (uint32_t k = 0; k < PEAK_HISTORY; k++) /* the oldest is the next to be overwritten, and was used last */
        narrow[k] = z->narrow[at + 1 + k];
    for (uint32_t k = 0; k < NAVE_PEAK_DELAY; k++)
        middle[k] = z->sample[(z->at - NAVE_PEAK_DELAY + k) % NAVE_PEAK_TAPS];
    for (size_t n = 0; n < whole; n++) {
        middle[NAVE_PEAK_DELAY + n] = x[n];
        narrow[PEAK_HISTORY + n] = nave_saturate(nave_round64(x[n], 14), 18);
    }
    for (size_t n = 0; n < whole; n += LANES) {
        const int64_t *w = narrow + n;
        lanes even = l_all(0), odd = even, half = even, own = even;
        for (int k = 0; k < NAVE_PEAK_TAPS / 2; k++) {
            const int j = NAVE_PEAK_TAPS - 1 - k;
            const lanes a = l_load(w + k), b = l_load(w + j), p = l_add(a, b), m = l_sub(a, b);
            even = l_add(even, l_mul(p, l_all(tap[1][j] + tap[1][k])));
            odd = l_add(odd, l_mul(m, l_all(tap[1][j] - tap[1][k])));
            half = l_add(half, l_mul(p, l_all(tap[2][k])));
            own = l_add(own, l_add(l_mul(a, l_all(tap[0][j])), l_mul(b, l_all(tap[0][k]))));
        }
        lanes high = l_add(l_mul(l_load(w + NAVE_PEAK_TAPS - 1), l_all(above[0])),
                           l_mul(l_load(w + NAVE_PEAK_TAPS / 2 - 1), l_all(above[NAVE_PEAK_TAPS / 2])));
        for (int d = 1; d < NAVE_PEAK_TAPS / 2; d++)
            high = l_add(high, l_mul(l_add(l_load(w + 15 - d), l_load(w + 15 + d)), l_all(above[16 - d])));
        lanes peak = l_abs(l_load(middle + n));
        peak = l_max(peak, peak_magnitude(l_right(l_add(even, odd), 1)));
        peak = l_max(peak, peak_magnitude(l_right(l_sub(even, odd), 1)));
        peak = l_max(peak, l_max(peak_magnitude(half), peak_magnitude(own)));
        l_store(reading + n, l_join(peak, peak_magnitude(high)));
    }
    for (size_t n = whole < NAVE_PEAK_TAPS ? 0 : whole - NAVE_PEAK_TAPS; n < whole; n++) {
        const uint32_t to = (z->at + (uint32_t)n) % NAVE_PEAK_TAPS;
        z->sample[to] = x[n];
        z->narrow[to] = z->narrow[to + NAVE_PEAK_TAPS] = (int32_t)narrow[PEAK_HISTORY + n];
    }
    z->at += (uint32_t)whole;
    nave_dyn_peak_c(z, x + whole, frames - whole, reading + whole);
}
#endif
