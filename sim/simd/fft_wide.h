/* Block floating point FFT over the vectors of wide_avx2.h or wide_neon.h (twin of sim/model/fft.c). Products keep the
 * scale of the twiddles; the sums move up so that the wanted word is the high half of a lane.
 * SPDX-License-Identifier: ISC */
#include "../model/arith.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef struct scaling {
    int left, halve; /* of the sums */
    int64_t half;    /* added to leg a */
} scaling;

INLINE words finish(lanes re, lanes im, int halve, scaling by)
{
    if (halve)
        return wide_high((wide){l_halve(re), l_halve(im)});
    return wide_high((wide){l_left(re, by.left), l_left(im, by.left)});
}

/* To y and three rows `row` words further each; only the last two where half is set. */
INLINE words combine(wide a, wide b, wide c, wide d, int halve, int half, scaling by, int32_t *y, size_t row,
                     words seen)
{
    a = (wide){l_add(a.re, l_all(by.half)), l_add(a.im, l_all(by.half))};
    const wide t0 = {l_add(a.re, c.re), l_add(a.im, c.im)}, t1 = {l_sub(a.re, c.re), l_sub(a.im, c.im)};
    const wide t2 = {l_add(b.re, d.re), l_add(b.im, d.im)}, t3 = {l_sub(b.re, d.re), l_sub(b.im, d.im)};
    if (!half) {
        const words y0 = finish(l_add(t0.re, t2.re), l_add(t0.im, t2.im), halve, by);
        const words y1 = finish(l_add(t1.re, t3.im), l_sub(t1.im, t3.re), halve, by);
        w_store(y, y0);
        w_store(y + row, y1);
        seen = w_track(w_track(seen, y0), y1);
    }
    const words y2 = finish(l_sub(t0.re, t2.re), l_sub(t0.im, t2.im), halve, by);
    const words y3 = finish(l_sub(t1.re, t3.im), l_add(t1.im, t3.re), halve, by);
    w_store(y + 2 * row, y2);
    w_store(y + 3 * row, y3);
    return w_track(w_track(seen, y2), y3);
}

INLINE wide leg(words x)
{
    return wide_scale(x, 1 << NAVE_TWIDDLE_FRACTION);
}

/* s >= LANES */
static words columns_of(const int32_t *x, int32_t *y, const int32_t *w, size_t n, size_t columns, scaling by)
{
    const size_t s = n / 4 / columns;
    words seen = w_zero();
    for (size_t q = 0; q < s; q += LANES) { /* column 0: all factors are 1 */
        const int32_t *in = x + 2 * q;
        seen = combine(leg(w_load(in)), leg(w_load(in + 2 * s)), leg(w_load(in + 4 * s)), leg(w_load(in + 6 * s)), 0, 0,
                       by, y + 2 * q, n / 2, seen);
    }
    for (size_t p = 1; p < columns; p++) {
        const words w1 = w_repeat(w + 2 * p), w2 = w_repeat(w + 2 * (columns + p));
        const words w3 = w_repeat(w + 2 * (2 * columns + p));
        for (size_t q = 0; q < s; q += LANES) {
            const int32_t *in = x + 2 * (4 * s * p + q);
            seen = combine(leg(w_load(in)), wide_times(w_load(in + 2 * s), w1), wide_times(w_load(in + 4 * s), w2),
                           wide_times(w_load(in + 6 * s), w3), 0, 0, by, y + 2 * (s * p + q), n / 2, seen);
        }
    }
    return seen;
}

/* s = 1 */
INLINE words last_pass(const int32_t *x, int32_t *y, const int32_t *w, size_t n, int halve, int half, scaling by)
{
    words seen = w_zero();
    for (size_t p = 0; p < n / 4; p += LANES) {
        words row[4];
        w_columns(x + 8 * p, row);
        seen =
            combine(leg(row[0]), wide_times(row[1], w_load(w + 2 * p)), wide_times(row[2], w_load(w + n / 2 + 2 * p)),
                    wide_times(row[3], w_load(w + n + 2 * p)), halve, half, by, y + 2 * p, n / 2, seen);
    }
    return seen;
}

/* First pass without rounding: the sums fit 32 bits. */
static words first_exact(const int32_t *x, int32_t *y, size_t n, int up)
{
    const size_t row = n / 2;
    words seen = w_zero();
    for (size_t q = 0; q < row; q += 2 * LANES) {
        const words a = w_left(w_load(x + q), up), b = w_left(w_load(x + row + q), up);
        const words c = w_left(w_load(x + 2 * row + q), up), d = w_left(w_load(x + 3 * row + q), up);
        const words t0 = w_add(a, c), t1 = w_sub(a, c), t2 = w_add(b, d), t3 = w_exchange(w_sub(b, d));
        const words sum = w_add(t1, t3), difference = w_sub(t1, t3);
        const words y0 = w_add(t0, t2), y1 = w_parts(sum, difference);
        const words y2 = w_sub(t0, t2), y3 = w_parts(difference, sum);
        w_store(y + q, y0);
        w_store(y + row + q, y1);
        w_store(y + 2 * row + q, y2);
        w_store(y + 3 * row + q, y3);
        seen = w_track(w_track(w_track(w_track(seen, y0), y1), y2), y3);
    }
    return seen;
}

static words first_radix2(const int32_t *x, int32_t *y, size_t n, int up, scaling by)
{
    words seen = w_zero();
    for (size_t q = 0; q < n; q += 2 * LANES) {
        const words a = w_load(x + q), b = w_load(x + n + q);
        words sum, difference;
        if (up >= 0) {
            sum = w_left(w_add(a, b), up);
            difference = w_left(w_sub(a, b), up);
        } else {
            const wide l = leg(a), r = leg(b);
            const lanes re = l_add(l.re, l_all(by.half)), im = l_add(l.im, l_all(by.half));
            sum = finish(l_add(re, r.re), l_add(im, r.im), 0, by);
            difference = finish(l_sub(re, r.re), l_sub(im, r.im), 0, by);
        }
        w_store(y + q, sum);
        w_store(y + n + q, difference);
        seen = w_track(w_track(seen, sum), difference);
    }
    return seen;
}

static words one_pass(const int32_t *x, int32_t *y, const int32_t *w, size_t n, size_t columns, int shift, int up,
                      unsigned flags)
{
    const scaling by = {shift > 3 ? 0 : 3 - shift, shift > 3, INT64_C(1) << (NAVE_TWIDDLE_FRACTION - 1 + shift)};
    if (!w)
        return first_radix2(x, y, n, shift > 0 ? -1 : up, by);
    if (columns == 1 && shift == 0)
        return first_exact(x, y, n, up);
    if (4 * columns < n)
        return columns_of(x, y, w, n, columns, by);
    if (by.halve)
        return last_pass(x, y, w, n, 1, 0, by);
    if (flags & NAVE_FFT_HALF)
        return last_pass(x, y, w, n, 0, 1, by);
    return last_pass(x, y, w, n, 0, 0, by);
}

INLINE int32_t *fft(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude, int *exponent)
{
    const size_t n = (size_t)1 << t->log2n;
    if (*magnitude == 0) {
        memset(x, 0, 2 * n * sizeof(*x));
        return x;
    }
    size_t columns = 1;
    for (uint32_t pass = 0; pass < t->passes; pass++) {
        const int32_t *w = t->pass[pass];
        uint32_t limit = !w ? NAVE_LIMIT_RADIX2 : pass == 0 ? NAVE_LIMIT_RADIX4_FIRST : NAVE_LIMIT_RADIX4;
        if (4 * columns == n && (flags & NAVE_FFT_LAST30))
            limit /= 2;
        const int shift = nave_headroom_shift(*magnitude, limit);
        int up = 0;
        while (pass == 0 && shift == 0 && *magnitude << (up + 1) <= limit)
            up++;
        *exponent += shift - up;
        *magnitude = w_largest(one_pass(x, y, w, n, columns, shift, up, flags));
        columns *= w ? 4 : 2;
        int32_t *swap = x;
        x = y;
        y = swap;
    }
    return x;
}
