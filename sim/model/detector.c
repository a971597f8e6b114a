/* Detectors: the level of a side-chain as log2 (twin of rtl/dyn/detector.v).
 *
 * peak: |x|; RMS: x^2 averaged by a one-pole filter; low-pass: |x| averaged by the same. Averages are Q10.54.
 * Multiplies a sample: 1 (square) + 2 (average), and the small one of log2.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

int64_t nave_approach_wide(int64_t y, int64_t target, nave_coef a)
{
    if (a.mantissa && a.shift <= 30)
        return target;
    const int64_t difference = nave_saturate(target - y, 61);
    const int64_t low = (difference & INT64_C(0x7fffffff)) * a.mantissa;
    /* two places below the units of the upper product and a sticky bit: the sum is rounded as the whole product would
     * be */
    const int64_t sum = (difference >> 31) * a.mantissa * 4 + (low >> 29);
    return y + nave_round64(sum | ((low & 0x1fffffff) != 0), a.shift < 31 ? 2 : a.shift > 62 ? 33 : a.shift - 29);
}

int32_t nave_detect(uint32_t kind, nave_coef share, int64_t *average, int32_t x)
{
    if (kind == NAVE_DETECT_RMS) {
        *average = nave_approach_wide(*average, nave_round64((int64_t)x * x, 2), share);
        return (int32_t)nave_round64(nave_log2_q25((uint64_t)*average) - (INT64_C(54) << 25), 1);
    }
    if (kind == NAVE_DETECT_LOW_PASS) {
        *average = nave_approach_wide(*average, (int64_t)nave_magnitude32(x) << 26, share);
        return (int32_t)(nave_log2_q25((uint64_t)*average) - (INT64_C(54) << 25));
    }
    return (int32_t)(nave_log2_q25(nave_magnitude32(x)) - (INT64_C(28) << 25));
}
