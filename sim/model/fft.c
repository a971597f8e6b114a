/* Block floating point FFT (twin of rtl/conv/fft.v): decimation in time, radix 4 with a radix-2 pass first where
 * log2 n is odd, wide butterflies: the products are summed at full width and rounded once.
 *
 *   out = round((a +- b w^p +- c w^2p +- d w^3p) / 2^(29 + shift)),  w in Q2.29
 *
 * Each pass scales by the largest magnitude that the pass before left and the growth that this pass can have; only the
 * first pass may scale up. Sums stay below (1 + 3 sqrt 2) 2^31 2^29 < 2^62.4.
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"
#include <string.h>

static void track(uint32_t *magnitude, int32_t v)
{
    const uint32_t m = nave_magnitude32(v);
    if (m > *magnitude)
        *magnitude = m;
}

static void store(int32_t *y, int64_t re, int64_t im, unsigned shift, uint32_t *magnitude)
{
    y[0] = (int32_t)nave_round64(re, shift);
    y[1] = (int32_t)nave_round64(im, shift);
    track(magnitude, y[0]);
    track(magnitude, y[1]);
}

static void times(int64_t out[2], const int32_t *z, const int32_t *w)
{
    out[0] = (int64_t)z[0] * w[0] - (int64_t)z[1] * w[1];
    out[1] = (int64_t)z[0] * w[1] + (int64_t)z[1] * w[0];
}

/* rows s apart: x[4 s p + i s + q] of column p to y[s p + i n/4 + q] */
static void radix4(const int32_t *x, int32_t *y, const int32_t *w, uint32_t n, uint32_t columns, int shift,
                   uint32_t *magnitude)
{
    const uint32_t s = n / 4 / columns;
    const unsigned total = (unsigned)(NAVE_TWIDDLE_FRACTION + shift);
    for (uint32_t p = 0; p < columns; p++) {
        for (uint32_t q = 0; q < s; q++) {
            const int32_t *in = x + 2 * (4 * s * p + q);
            int32_t *out = y + 2 * (s * p + q);
            const int64_t one = (int64_t)1 << NAVE_TWIDDLE_FRACTION;
            const int64_t a[2] = {in[0] * one, in[1] * one};
            int64_t b[2], c[2], d[2];
            times(b, in + 2 * s, w + 2 * p);
            times(c, in + 4 * s, w + 2 * (columns + p));
            times(d, in + 6 * s, w + 2 * (2 * columns + p));
            const int64_t t0r = a[0] + c[0], t0i = a[1] + c[1], t1r = a[0] - c[0], t1i = a[1] - c[1];
            const int64_t t2r = b[0] + d[0], t2i = b[1] + d[1], t3r = b[0] - d[0], t3i = b[1] - d[1];
            store(out, t0r + t2r, t0i + t2i, total, magnitude);
            store(out + n / 2, t1r + t3i, t1i - t3r, total, magnitude);
            store(out + n, t0r - t2r, t0i - t2i, total, magnitude);
            store(out + n + n / 2, t1r - t3i, t1i + t3r, total, magnitude);
        }
    }
}

static void radix2(const int32_t *x, int32_t *y, uint32_t n, int shift, uint32_t *magnitude)
{
    for (uint32_t q = 0; q < n / 2; q++) {
        const int64_t ar = x[2 * q], ai = x[2 * q + 1], br = x[n + 2 * q], bi = x[n + 2 * q + 1];
        store(y + 2 * q, ar + br, ai + bi, (unsigned)shift, magnitude);
        store(y + n + 2 * q, ar - br, ai - bi, (unsigned)shift, magnitude);
    }
}

int32_t *nave_fft_c(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude, int *exponent)
{
    const uint32_t n = 1u << t->log2n;
    if (*magnitude == 0) {
        memset(x, 0, 2 * (size_t)n * sizeof(*x));
        return x;
    }
    uint32_t columns = 1;
    for (uint32_t pass = 0; pass < t->passes; pass++) {
        const int two = t->pass[pass] == NULL;
        uint32_t limit = two ? NAVE_LIMIT_RADIX2 : pass == 0 ? NAVE_LIMIT_RADIX4_FIRST : NAVE_LIMIT_RADIX4;
        if (pass == t->passes - 1 && (flags & NAVE_FFT_LAST30))
            limit /= 2;
        int shift = nave_headroom_shift(*magnitude, limit);
        if (pass == 0 && shift == 0) {
            int up = 0;
            while ((*magnitude << (up + 1)) <= limit)
                up++;
            for (uint32_t i = 0; i < 2 * n; i++)
                x[i] = (int32_t)((uint32_t)x[i] << up);
            *exponent -= up;
        }
        *exponent += shift;
        *magnitude = 0;
        if (two)
            radix2(x, y, n, shift, magnitude);
        else
            radix4(x, y, t->pass[pass], n, columns, shift, magnitude);
        columns *= two ? 2 : 4;
        int32_t *swap = x;
        x = y;
        y = swap;
    }
    return x;
}
