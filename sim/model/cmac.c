/* Complex multiply-accumulate of one tile of bins (twin of rtl/conv/cmac.v).
 *
 *   acc_j[k] = sum over paths and partitions of round(x[k] / 2^align) h[k]
 *
 * The host scales h so that no sum of magnitudes reaches 2^63: the sums are exact and their order is free. Each block's
 * tile is then rounded once to 30 bits, by the OR of the magnitudes of its accumulators.
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

/* Wraps, so that it is defined also for plans that break the host's promise. */
static int64_t add_product(int64_t acc, int32_t a, int32_t b)
{
    return (int64_t)((uint64_t)acc + (uint64_t)((int64_t)a * b));
}

static int64_t subtract_product(int64_t acc, int32_t a, int32_t b)
{
    return (int64_t)((uint64_t)acc - (uint64_t)((int64_t)a * b));
}

static void accumulate(const nave_cmac_job *job, uint32_t block, uint32_t k, int64_t acc[2])
{
    const uint32_t slots = job->partitions + job->batch - 1;
    acc[0] = acc[1] = 0;
    for (uint32_t i = 0; i < job->paths; i++)
        for (uint32_t p = 0; p < job->partitions; p++) {
            const uint32_t r = i * slots + job->batch - 1 - block + p;
            if (job->align[r] == NAVE_SKIP)
                continue;
            const int32_t *h = job->h[i * job->partitions + p] + 2 * k;
            const int32_t xr = nave_round32(job->x[r][2 * k], job->align[r]);
            const int32_t xi = nave_round32(job->x[r][2 * k + 1], job->align[r]);
            if (job->first && k == 0) {
                acc[0] = add_product(acc[0], xr, h[0]);
                acc[1] = add_product(acc[1], xi, h[1]);
            } else {
                acc[0] = subtract_product(add_product(acc[0], xr, h[0]), xi, h[1]);
                acc[1] = add_product(add_product(acc[1], xr, h[1]), xi, h[0]);
            }
        }
}

void nave_align_c(int32_t *dst, const int32_t *src, size_t n, unsigned shift)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = (int32_t)nave_round32(src[i], shift);
}

void nave_cmac_c(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude)
{
    const int32_t top = (int32_t)((1u << NAVE_SPECTRUM_BITS) - 1);
    int64_t acc[NAVE_TILE_BINS][2];
    for (uint32_t j = 0; j < job->batch; j++) {
        uint64_t seen = 0;
        for (uint32_t k = 0; k < job->bins; k++) {
            accumulate(job, j, k, acc[k]);
            seen |= (uint64_t)(acc[k][0] ^ (acc[k][0] >> 63)) | (uint64_t)(acc[k][1] ^ (acc[k][1] >> 63));
        }
        const unsigned bits = nave_bit_length64(seen);
        const unsigned s = bits > NAVE_SPECTRUM_BITS ? bits - NAVE_SPECTRUM_BITS : 0;
        shift[j] = (int)s;
        magnitude[j] = 0;
        for (uint32_t k = 0; k < job->bins; k++)
            for (int part = 0; part < 2; part++) {
                int64_t v = nave_round64(acc[k][part], s);
                if (v > top) /* rounding may reach 2^30 */
                    v = top;
                y[j][2 * k + part] = (int32_t)v;
                if (nave_magnitude32((int32_t)v) > magnitude[j])
                    magnitude[j] = nave_magnitude32((int32_t)v);
            }
    }
}
