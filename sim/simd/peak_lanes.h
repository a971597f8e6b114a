/* True-peak readings of a block over lanes_<isa>.h: a lane a frame (twin of sim/model/true_peak.c).
 *
 * With P and M the sum and the difference of the words k and 31 - k: phases 1 and 3, which mirror each other, are
 * (even +- odd) / 2 of 16 products of P and 16 of M; phase 2 is 16 of P; the high-pass mirrors itself around word 15.
 * All sums are below 2^40: doubles hold them exactly.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_PEAK_LANES_H
#define NAVE_PEAK_LANES_H
#include "../model/dyn_block.h"
#include "int_lanes.h"

enum { PEAK_TAPS = NAVE_PEAK_TAPS, PEAK_HALF = PEAK_TAPS / 2, PEAK_HISTORY = PEAK_TAPS - 1 };

typedef struct peak_factors {
    double own[PEAK_TAPS], even[PEAK_HALF], odd[PEAK_HALF], half[PEAK_HALF], high[PEAK_HALF], oldest;
} peak_factors;

static inline void peak_begin(peak_factors *f)
{
    const int32_t(*tap)[PEAK_TAPS] = nave_peak_taps, *above = nave_peak_above_taps;
    for (int k = 0; k < PEAK_HALF; k++) {
        const int j = PEAK_TAPS - 1 - k;
        f->own[k] = tap[0][j];
        f->own[j] = tap[0][k];
        f->even[k] = (tap[1][j] + tap[1][k]) * 0.5;
        f->odd[k] = (tap[1][j] - tap[1][k]) * 0.5;
        f->half[k] = tap[2][k];
        f->high[k] = above[PEAK_HALF - k]; /* of the words k away from word 15 */
    }
    f->oldest = above[0];
}

/* Q30 as Q28 */
INLINE reals peak_narrow(reals sum)
{
    return r_min(rounded(sum, r_all(0.25)), r_all(UINT32_MAX));
}

/* The readings of LANES frames; word: the oldest that counts for the first of them. */
INLINE lanes peak_frames(const peak_factors *f, const double *word, reals middle)
{
    reals even = r_all(0), odd = even, half = even, own = even;
    for (int k = 0; k < PEAK_HALF; k++) {
        const int j = PEAK_TAPS - 1 - k;
        const reals a = r_load(word + k), b = r_load(word + j), p = r_add(a, b), m = r_sub(a, b);
        even = r_multiply_add(p, r_all(f->even[k]), even);
        odd = r_multiply_add(m, r_all(f->odd[k]), odd);
        half = r_multiply_add(p, r_all(f->half[k]), half);
        own = r_multiply_add(a, r_all(f->own[k]), r_multiply_add(b, r_all(f->own[j]), own));
    }
    reals high = r_multiply_add(r_load(word + PEAK_TAPS - 1), r_all(f->oldest),
                                r_multiply(r_load(word + PEAK_HALF - 1), r_all(f->high[0])));
    for (int d = 1; d < PEAK_HALF; d++)
        high = r_multiply_add(r_add(r_load(word + PEAK_HALF - 1 - d), r_load(word + PEAK_HALF - 1 + d)),
                              r_all(f->high[d]), high);
    const reals zero = r_all(0);
    const reals sums = r_largest(r_largest(r_largest(r_largest(zero, own), half), r_add(even, odd)), r_sub(even, odd));
    const reals peak = r_largest(peak_narrow(sums), middle);
    return l_join(r_integers(peak), r_integers(peak_narrow(r_largest(zero, high))));
}

INLINE void peak_lanes(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading)
{
    double narrow[PEAK_HISTORY + NAVE_DYN_BLOCK], middle[NAVE_PEAK_DELAY + NAVE_DYN_BLOCK];
    peak_factors f;
    const size_t whole = frames - frames % LANES;
    if (!whole) {
        nave_dyn_peak_c(z, x, frames, reading);
        return;
    }
    peak_begin(&f);
    const uint32_t at = z->at % PEAK_TAPS;
    for (uint32_t k = 0; k < PEAK_HISTORY; k++) /* the oldest is the next to be overwritten, and was used last */
        narrow[k] = z->narrow[at + 1 + k];
    for (uint32_t k = 0; k < NAVE_PEAK_DELAY; k++)
        middle[k] = z->sample[(z->at - NAVE_PEAK_DELAY + k) % PEAK_TAPS];
    for (size_t n = 0; n < whole; n += LANES) {
        const reals word = r_load_32(x + n);
        r_store(middle + NAVE_PEAK_DELAY + n, word);
        r_store(narrow + PEAK_HISTORY + n,
                r_max(r_min(rounded(word, r_all(0x1p-14)), r_all(0x1p17 - 1)), r_all(-0x1p17)));
    }
    for (size_t n = 0; n < whole; n += LANES)
        l_store(reading + n, peak_frames(&f, narrow + n, r_load(middle + n)));
    for (size_t n = whole < PEAK_TAPS ? 0 : whole - PEAK_TAPS; n < whole; n++) {
        const uint32_t to = (z->at + (uint32_t)n) % PEAK_TAPS;
        z->sample[to] = x[n];
        z->narrow[to] = z->narrow[to + PEAK_TAPS] = (int32_t)narrow[PEAK_HISTORY + n];
    }
    z->at += (uint32_t)whole;
    nave_dyn_peak_c(z, x + whole, frames - whole, reading + whole);
}
#endif
