/* True-peak detector: the signal at 4 points a frame, its own samples, and what it can't see (twin of
 * rtl/dyn/true_peak.v).
 *
 * A plain interpolation by 4 misses up to 1 / cos(pi f / 4 rate) between its points; the taps are boosted by that.
 * Words fit a multiplier of 18 bits: samples rounded to Q4.14 and limited, taps Q2.16, sums exact (160 small multiplies
 * a sample and channel). The sample in the middle is read at full precision, so that no sample escapes. No 32 taps
 * interpolate up to half the rate: a fifth filter reads how much there is above their pass band.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

/* |sum| of Q30 as Q28. */
static uint32_t magnitude(int64_t sum)
{
    return (uint32_t)nave_saturate(nave_round64(sum < 0 ? -sum : sum, 2), 33);
}

nave_peak_reading nave_peak_step(nave_peak_history *z, int32_t x)
{
    const uint32_t at = z->at % NAVE_PEAK_TAPS;
    const int32_t narrow = (int32_t)nave_saturate(nave_round64(x, 14), 18);
    const int32_t middle = z->sample[(z->at - NAVE_PEAK_DELAY) % NAVE_PEAK_TAPS];
    z->sample[at] = x;
    z->narrow[at] = z->narrow[at + NAVE_PEAK_TAPS] = narrow;
    z->at++;

    const int32_t *oldest = z->narrow + at + 1;
    nave_peak_reading r = {.peak = nave_magnitude32(middle)};
    for (uint32_t p = 0; p <= NAVE_PEAK_PHASES; p++) {
        const int32_t *tap = p < NAVE_PEAK_PHASES ? nave_peak_taps[p] : nave_peak_above_taps;
        int64_t sum = 0;
        for (uint32_t k = 0; k < NAVE_PEAK_TAPS; k++)
            sum += (int64_t)oldest[k] * tap[NAVE_PEAK_TAPS - 1 - k];
        if (p == NAVE_PEAK_PHASES)
            r.above = magnitude(sum);
        else
            r.peak = magnitude(sum) > r.peak ? magnitude(sum) : r.peak;
    }
    return r;
}
