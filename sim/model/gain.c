/* Gain computer: a static curve and its timing, all in log2 Q7.25 (twin of rtl/dyn/gain.v).
 *
 * Excess o = level - threshold (above) or threshold - level (below), h = o + half knee.
 *   h <= 0: 0;  o < half knee: slope * h^2 / (4 half knee);  else slope * o;  limited to +-range
 * slope: -(1 - 1/R) compression, 1 - 1/R upward compression, 1 - R expansion, R - 1 upward expansion.
 * Timing: the gain covers 1 - 1/e of a step in dB within the attack (release) time; hold delays a release. State Q7.43.
 * Multiplies a sample and curve: 3 (static), 1 (envelope), 1 more with auto release.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

#define STATE_SHIFT 18 /* Q7.43 to Q7.25 */

static int32_t limit32(int64_t v)
{
    return (int32_t)nave_saturate(v, 32);
}

int32_t nave_curve_gain(const nave_curve *c, int32_t level, int open)
{
    const int64_t range = c->range < 0 ? 0 : c->range;
    if (c->flags & NAVE_CURVE_GATE) {
        const int64_t threshold = (int64_t)c->threshold - (open ? c->hysteresis : 0);
        return level < threshold ? (int32_t)-range : 0;
    }
    const int32_t excess =
        limit32(c->flags & NAVE_CURVE_ABOVE ? (int64_t)level - c->threshold : (int64_t)c->threshold - level);
    const int32_t into_knee = limit32((int64_t)excess + c->half_knee);
    int32_t v = excess;
    if (into_knee <= 0)
        return 0;
    if (excess < c->half_knee) {
        /* the share of the knee, Q0.31; its product with h is half of what the knee gives */
        const unsigned shift = c->inverse_knee.shift < 6 ? 0 : c->inverse_knee.shift - 6;
        const int32_t share = limit32(nave_round64((int64_t)into_knee * c->inverse_knee.mantissa, shift));
        v = (int32_t)nave_round64((int64_t)into_knee * share, 32);
    }
    const int64_t gain = nave_round64((int64_t)v * c->slope.mantissa, c->slope.shift);
    return (int32_t)(gain > range ? range : gain < -range ? -range : gain);
}

static int64_t approach(int64_t y, int64_t target, nave_coef share)
{
    if (share.mantissa && share.shift <= 30)
        return target;
    const int32_t difference = limit32(nave_round64(target - y, STATE_SHIFT));
    return y + nave_round64((int64_t)difference * share.mantissa, share.shift - STATE_SHIFT);
}

static int64_t in_attack(const nave_curve *c, int64_t a, int64_t b)
{
    return c->flags & NAVE_CURVE_OPENS ? a > b : a < b;
}

void nave_envelope_start(const nave_curve *c, nave_envelope *z)
{
    const int32_t silence = (int32_t) - (INT64_C(54) << 25); /* the lowest level that a detector gives */
    const int32_t gain = c->flags & NAVE_CURVE_ON ? nave_curve_gain(c, silence, 0) : 0;
    z->open = 0;
    z->fast = z->slow = (int64_t)gain * (1 << STATE_SHIFT);
    z->hold_left = 0;
}

int32_t nave_envelope_step(const nave_curve *c, nave_envelope *z, int32_t level)
{
    if (!(c->flags & NAVE_CURVE_ON))
        return 0;
    const int64_t target = (int64_t)nave_curve_gain(c, level, z->open) * (1 << STATE_SHIFT);
    z->open = target == 0;
    if (target == z->fast || in_attack(c, target, z->fast)) {
        z->fast = approach(z->fast, target, c->attack);
        z->hold_left = c->hold_frames;
    } else if (z->hold_left) {
        z->hold_left--;
    } else {
        z->fast = approach(z->fast, target, c->release);
    }
    if (!(c->flags & NAVE_CURVE_AUTO))
        return (int32_t)nave_round64(z->fast, STATE_SHIFT);
    z->slow = approach(z->slow, target, in_attack(c, target, z->slow) ? c->slow_attack : c->slow_release);
    return (int32_t)nave_round64(in_attack(c, z->slow, z->fast) ? z->slow : z->fast, STATE_SHIFT);
}
