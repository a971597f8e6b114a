/* From a spectrum to packed real samples before the inverse transform (twin of rtl/conv/pair.v).
 *
 *   A = Y[k] + conj Y[n-k],  B = Y[k] - conj Y[n-k],  Q = exp(+j pi k / n) B
 *   z[k] = A + j Q,  z[n-k] = conj(A - j Q)
 *
 * Twice the true value; the inverse's 1/n and this 1/2 are in the exponent. re and im leave exchanged.
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

static int32_t aligned(const int32_t *spectrum, const uint8_t *align, uint32_t bin, uint32_t part)
{
    const uint8_t shift = align[bin / NAVE_TILE_BINS];
    return shift == NAVE_SKIP ? 0 : nave_round32(spectrum[2 * bin + part], shift);
}

static void store(int32_t *z, int64_t re, int64_t im, unsigned shift, uint32_t *magnitude)
{
    z[0] = (int32_t)nave_round64(im, shift);
    z[1] = (int32_t)nave_round64(re, shift);
    for (int i = 0; i < 2; i++)
        if (nave_magnitude32(z[i]) > *magnitude)
            *magnitude = nave_magnitude32(z[i]);
}

int nave_pre_c(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
               uint32_t *z_magnitude)
{
    const uint32_t n = 1u << t->log2n;
    const int shift = nave_headroom_shift(magnitude, NAVE_LIMIT_PRE);
    const unsigned total = (unsigned)(NAVE_TWIDDLE_FRACTION + shift);
    uint32_t m0 = 0;
    const int64_t dc = aligned(spectrum, align, 0, 0), nyquist = aligned(spectrum, align, 0, 1);
    store(z, dc + nyquist, dc - nyquist, (unsigned)shift, &m0);
    for (uint32_t k = 1; k <= n / 2; k++) {
        const uint32_t m = n - k;
        const int32_t *w = t->real + 2 * k;
        const int64_t kr = aligned(spectrum, align, k, 0), ki = aligned(spectrum, align, k, 1);
        const int64_t mr = aligned(spectrum, align, m, 0), mi = aligned(spectrum, align, m, 1);
        const int64_t one = (int64_t)1 << NAVE_TWIDDLE_FRACTION;
        const int64_t ar = (kr + mr) * one, ai = (ki - mi) * one, br = kr - mr, bi = ki + mi;
        const int64_t qr = br * w[0] + bi * w[1], qi = bi * w[0] - br * w[1];
        store(z + 2 * m, ar + qi, qr - ai, total, &m0);
        store(z + 2 * k, ar - qi, ai + qr, total, &m0);
    }
    *z_magnitude = m0;
    return shift;
}
