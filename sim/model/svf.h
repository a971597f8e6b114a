/* The state-variable section with two multiplies that crossovers and equaliser share (twin of rtl/dyn/svf.v).
 *
 *   t = x - s - b;  b' = b + q2 t;  ap = x - b - b';  m' = p2 b';  lp = s + (m' - m) / 4;  s' = s + m'
 *   g = tan(pi f / rate), q2 = 2 k g / (1 + k g + g^2), p2 = 2 g / k
 *
 * ap is the allpass, lp the low-pass, (b + b') / 2 the band-pass with a peak of 1, x minus both the high-pass.
 * Words: x, ap, lp and states Q10.44, limited to 54 bits; multiplier inputs t and b' rounded to Q4.28 and limited to 32
 * bits; coefficients a 32-bit mantissa and a shift. 2 multiplies a sample, all sums exact before one rounding.
 *
 * t is 1 + k g + g^2 times the high-pass, whose resonance is 1/k; b' grows to k g times the signal at half the rate:
 * sections that are high or narrow get headroom, bits that their words give up below.
 *
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SVF_H
#define NAVE_SVF_H
#include "arith.h"

#define NAVE_STATE_BITS 54
#define NAVE_AUDIO_SHIFT 16 /* Q4.28 to Q10.44 */

/* mantissa * 2^-shift; mantissa 0 or 2^30 <= |mantissa| < 2^31. The shift of a filter's coefficient is 20..62
 * (q2: 29..). */
typedef struct nave_coef {
    int32_t mantissa;
    uint32_t shift;
} nave_coef;

typedef struct nave_svf_coef {
    nave_coef q2, p2;
    uint32_t t_headroom, b_headroom; /* 0..15, 0..7: the word is Q(4 + headroom).(28 - headroom) */
} nave_svf_coef;

typedef struct nave_svf {
    int64_t b, s, m;
} nave_svf;

typedef struct nave_svf_out {
    int64_t lp, ap, bp; /* bp: twice the band-pass */
} nave_svf_out;

static inline int64_t nave_limit_state(int64_t v)
{
    return nave_saturate(v, NAVE_STATE_BITS);
}

/* A Q44 word to a multiplier's input. */
static inline int32_t nave_to_q28(int64_t q44)
{
    return (int32_t)nave_saturate(nave_round64(q44, NAVE_AUDIO_SHIFT), 32);
}

static inline int64_t nave_to_q44(int32_t q28)
{
    return (int64_t)q28 * (1 << NAVE_AUDIO_SHIFT);
}

/* Q28 times a coefficient of a filter, Q44. */
static inline int64_t nave_multiply_q44(nave_coef c, int32_t x_q28)
{
    return nave_round64((int64_t)c.mantissa * x_q28, c.shift - NAVE_AUDIO_SHIFT);
}

static inline int64_t nave_narrow(int64_t q44, uint32_t headroom)
{
    return nave_saturate(nave_round64(q44, NAVE_AUDIO_SHIFT + headroom), 32);
}

static inline nave_svf_out nave_svf_step(const nave_svf_coef *c, nave_svf *z, int64_t x)
{
    nave_svf_out out;
    const int64_t t = nave_narrow(x - z->s - z->b, c->t_headroom);
    const int64_t v = nave_round64(c->q2.mantissa * t, c->q2.shift - NAVE_AUDIO_SHIFT - c->t_headroom);
    const int64_t b = nave_limit_state(z->b + v), n = nave_narrow(b, c->b_headroom);
    const int64_t m = nave_round64(c->p2.mantissa * n, c->p2.shift - NAVE_AUDIO_SHIFT - c->b_headroom);
    out.bp = z->b + b;
    out.ap = nave_limit_state(x - out.bp);
    out.lp = nave_limit_state(z->s + nave_round64(m - z->m, 2));
    z->s = nave_limit_state(z->s + m);
    z->b = b;
    z->m = m;
    return out;
}
#endif
