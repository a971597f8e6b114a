/* From the transform z of packed real samples to their spectrum (twin of rtl/conv/pair.v).
 *
 *   A = z[k] + conj z[n-k],  B = z[k] - conj z[n-k],  P = exp(-j pi k / n) B
 *   X[k] = (A - j P) / 2,  X[n-k] = conj((A + j P) / 2)
 *
 * One rounding each. Growth at most 1 + sqrt 2, so that |X| < 2^30.
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

int nave_post_c(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum)
{
    const uint32_t n = 1u << t->log2n;
    const int shift = nave_headroom_shift(magnitude, NAVE_LIMIT_POST);
    const unsigned total = (unsigned)(NAVE_TWIDDLE_FRACTION + 1 + shift);
    spectrum[0] = (int32_t)nave_round64((int64_t)z[0] + z[1], (unsigned)shift);
    spectrum[1] = (int32_t)nave_round64((int64_t)z[0] - z[1], (unsigned)shift);
    for (uint32_t k = 1; k <= n / 2; k++) {
        const uint32_t m = n - k;
        const int32_t *w = t->real + 2 * k;
        const int64_t one = (int64_t)1 << NAVE_TWIDDLE_FRACTION;
        const int64_t ar = ((int64_t)z[2 * k] + z[2 * m]) * one, ai = ((int64_t)z[2 * k + 1] - z[2 * m + 1]) * one;
        const int64_t br = (int64_t)z[2 * k] - z[2 * m], bi = (int64_t)z[2 * k + 1] + z[2 * m + 1];
        const int64_t pr = br * w[0] - bi * w[1], pi = br * w[1] + bi * w[0];
        spectrum[2 * m] = (int32_t)nave_round64(ar - pi, total);
        spectrum[2 * m + 1] = (int32_t)nave_round64(-ai - pr, total);
        spectrum[2 * k] = (int32_t)nave_round64(ar + pi, total);
        spectrum[2 * k + 1] = (int32_t)nave_round64(ai - pr, total);
    }
    return shift;
}
