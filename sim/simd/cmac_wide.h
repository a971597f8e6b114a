/* Complex multiply-accumulate of a tile over the vectors of wide_avx2.h or wide_neon.h (twin of sim/model/cmac.c).
 * SPDX-License-Identifier: ISC */
#include "../model/arith.h"
#include "sweep.h"

static void align_row(int32_t *to, const int32_t *x, uint32_t count, unsigned shift)
{
    for (uint32_t i = 0; i < count; i += 2 * LANES)
        w_store(to + i, w_align(w_load(x + i), shift));
}

static inline wide take(const int64_t *sums, int fresh)
{
    return fresh ? (wide){l_all(0), l_all(0)} : (wide){l_load(sums), l_load(sums + LANES)};
}

static inline void give(int64_t *sums, wide acc)
{
    l_store(sums, acc.re);
    l_store(sums + LANES, acc.im);
}

/* A vector of bins of one or two neighbouring blocks over one sweep. Each x is loaded once. */
static inline __attribute__((always_inline)) void some_bins(const nave_cmac_sweep *s, uint32_t newest, int two,
                                                            uint32_t bin, nave_cmac_sums *sums)
{
    const int32_t *const *x = s->x + newest;
    int64_t *at = sums[s->batch - 1 - newest] + 2 * bin, *older = two ? sums[s->batch - 2 - newest] + 2 * bin : at;
    wide a = take(at, s->fresh), b = take(older, s->fresh);
    words v = w_load(x[0] + 2 * bin);
    for (uint32_t p = 0; p < s->partitions; p++) {
        const words h = w_load(s->h[p] + 2 * bin);
        a = wide_multiply_add(a, v, h);
        if (two || p + 1 < s->partitions)
            v = w_load(x[p + 1] + 2 * bin);
        if (two)
            b = wide_multiply_add(b, v, h);
    }
    if (two)
        give(older, b);
    give(at, a);
}

static void run_sweep(const nave_cmac_sweep *s, nave_cmac_sums *sums, uint32_t bins)
{
    for (uint32_t bin = 0; bin < bins; bin += LANES) {
        uint32_t newest = 0;
        for (; newest + 2 <= s->batch; newest += 2)
            some_bins(s, newest, 1, bin, sums);
        if (newest < s->batch)
            some_bins(s, newest, 0, bin, sums);
    }
}

static uint32_t narrow(int32_t *y, const int64_t *sums, uint32_t bins, unsigned shift)
{
    const int left = shift > 32 ? 0 : 32 - (int)shift;
    const lanes half = l_all(INT64_C(1) << 31);
    words seen = w_zero();
    for (uint32_t bin = 0; bin < bins; bin += LANES) {
        wide v = take(sums + 2 * bin, 0);
        if (shift > 32) /* 33 */
            v = (wide){l_halve(v.re), l_halve(v.im)};
        const words r = wide_high((wide){l_add(l_left(v.re, left), half), l_add(l_left(v.im, left), half)});
        w_store(y + 2 * bin, r);
        seen = w_track(seen, r);
    }
    return w_largest(seen);
}

static uint32_t limit(int32_t *y, uint32_t bins)
{
    words seen = w_zero();
    for (uint32_t i = 0; i < 2 * bins; i += 2 * LANES) {
        const words r = w_min(w_load(y + i), w_all(NAVE_CMAC_TOP));
        w_store(y + i, r);
        seen = w_track(seen, r);
    }
    return w_largest(seen);
}

static inline void cmac(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude)
{
    static const nave_cmac_steps steps = {align_row, run_sweep, LANES};
    nave_cmac_sums sums[NAVE_MAX_BATCH] __attribute__((aligned(64)));
    nave_cmac_run(job, &steps, sums);
    for (uint32_t j = 0; j < job->batch; j++) {
        lanes seen = l_all(0);
        for (uint32_t i = 0; i < 2 * job->bins; i += LANES)
            seen = l_see(seen, l_load(sums[j] + i));
        const unsigned bits = nave_bit_length64(l_or(seen));
        const unsigned s = bits > NAVE_SPECTRUM_BITS ? bits - NAVE_SPECTRUM_BITS : 0;
        shift[j] = (int)s;
        magnitude[j] = narrow(y[j], sums[j], job->bins, s);
        if (magnitude[j] > NAVE_CMAC_TOP) /* -2^30 may stay, 2^30 may not */
            magnitude[j] = limit(y[j], job->bins);
    }
}
