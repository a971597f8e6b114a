/* Between the transform of packed real samples and their spectrum, both ways, over the vectors of wide_avx2.h or
 * wide_neon.h (twin of sim/model/post.c and pre.c).
 * SPDX-License-Identifier: ISC */
#include "edges.h"

#define INLINE static inline __attribute__((always_inline))

INLINE words narrow(lanes re, lanes im, int left)
{
    return wide_high((wide){l_left(re, left), l_left(im, left)});
}

INLINE int post(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum)
{
    const size_t n = (size_t)1 << t->log2n;
    const int shift = nave_headroom_shift(magnitude, NAVE_LIMIT_POST), left = 2 - shift; /* shift 0..2 */
    const int64_t half = INT64_C(1) << (NAVE_TWIDDLE_FRACTION + shift);
    for (size_t k = 1; k <= n / 2; k += LANES) {
        const size_t m = n - k - LANES + 1;
        const words low = w_load(z + 2 * k), high = w_reverse(w_load(z + 2 * m));
        const words sum = w_add(low, high), difference = w_sub(low, high);
        const wide a = wide_scale(w_parts(sum, difference), 1 << NAVE_TWIDDLE_FRACTION);
        const wide p = wide_times(w_parts(difference, sum), w_load(t->real + 2 * k));
        const lanes re = l_add(a.re, l_all(half)), im = l_add(a.im, l_all(half)), mirrored = l_sub(l_all(half), a.im);
        w_store(spectrum + 2 * m, w_reverse(narrow(l_sub(re, p.im), l_sub(mirrored, p.re), left)));
        w_store(spectrum + 2 * k, narrow(l_add(re, p.im), l_sub(im, p.re), left));
    }
    post_edges(t, z, (unsigned)shift, spectrum);
    return shift;
}

static const int32_t *align_tiles(const int32_t *spectrum, const uint8_t *align, size_t n, int32_t *z)
{
    const size_t tile = n < NAVE_TILE_BINS ? n : NAVE_TILE_BINS;
    unsigned all = 0;
    for (size_t i = 0; i < n / tile; i++)
        all |= align[i];
    if (!all)
        return spectrum;
    for (size_t i = 0; i < n / tile; i++)
        for (size_t at = 2 * i * tile; at < 2 * (i + 1) * tile; at += 2 * LANES) {
            const words v = w_load(spectrum + at);
            w_store(z + at, align[i] == NAVE_SKIP ? w_zero() : align[i] ? w_align(v, align[i]) : v);
        }
    return z;
}

INLINE int pre(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
               uint32_t *z_magnitude)
{
    const size_t n = (size_t)1 << t->log2n;
    const int shift = nave_headroom_shift(magnitude, NAVE_LIMIT_PRE), left = 3 - shift; /* shift 0..2 */
    const int64_t half = INT64_C(1) << (NAVE_TWIDDLE_FRACTION - 1 + shift);
    const int32_t *y = align_tiles(spectrum, align, n, z); /* may be z: each step reads what it writes */
    words seen = w_zero();
    for (size_t k = 1; k <= n / 2; k += LANES) {
        const size_t m = n - k - LANES + 1;
        const words low = w_load(y + 2 * k), high = w_reverse(w_load(y + 2 * m)), w = w_load(t->real + 2 * k);
        const words sum = w_add(low, high), difference = w_sub(low, high);
        const wide a = wide_scale(w_parts(sum, difference), 1 << NAVE_TWIDDLE_FRACTION);
        const wide q = wide_times(w_parts(difference, sum), w_parts(w, w_sub(w_zero(), w)));
        const lanes re = l_add(a.re, l_all(half)), im = l_add(a.im, l_all(half)), mirrored = l_sub(l_all(half), a.im);
        const words zm = narrow(l_add(q.re, mirrored), l_add(re, q.im), left);
        const words zk = narrow(l_add(im, q.re), l_sub(re, q.im), left);
        w_store(z + 2 * m, w_reverse(zm));
        w_store(z + 2 * k, zk);
        seen = w_track(w_track(seen, zm), zk);
    }
    const uint32_t edges = pre_edges(t, spectrum, align, (unsigned)shift, z), others = w_largest(seen);
    *z_magnitude = edges > others ? edges : others;
    return shift;
}
