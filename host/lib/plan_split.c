/* A run of very many partitions becomes several tiers of one size.
 *
 * The sum of a tier's spectra over its partitions sets the tier's exponent, so a tier of thousands of partitions, as
 * only small ones make, would leave few bits to each. The error of a tier of n partitions grows as n times the square
 * of that sum; the cuts are where the total over the tiers is least. SPDX-License-Identifier: ISC */
#include "plan.h"
#include <math.h>
#include <stdlib.h>

#define NAVE_SPLIT_GROUPS 64u /* cuts are at their borders */

static double squares_of(const nave_routing *r, uint64_t from, uint64_t end)
{
    double sum = 0;
    for (uint32_t k = 0; k < r->responses; k++)
        for (uint64_t n = from; n < end; n++)
            sum += r->samples[k][n] * r->samples[k][n];
    return sum;
}

int nave_partition_sum_squares(nave_routing *r)
{
    const uint64_t blocks = nave_divide_up(r->frames, NAVE_SQUARES_FRAMES);
    if (!(r->squares = malloc((blocks + 1) * sizeof(*r->squares))))
        return NAVE_E_NOMEM;
    for (uint64_t b = 0; b < blocks; b++) {
        const uint64_t end = (b + 1) * NAVE_SQUARES_FRAMES;
        r->squares[b] = squares_of(r, b * NAVE_SQUARES_FRAMES, end < r->frames ? end : r->frames);
    }
    return NAVE_OK;
}

/* By whole blocks, and what lies before and behind them. */
static double squares_between(const nave_routing *r, uint64_t from, uint64_t end)
{
    uint64_t first = nave_divide_up(from, NAVE_SQUARES_FRAMES), last = end / NAVE_SQUARES_FRAMES;
    if (from >= end)
        return 0;
    if (first >= last)
        return squares_of(r, from, end);
    double sum = squares_of(r, from, first * NAVE_SQUARES_FRAMES);
    for (uint64_t b = first; b < last; b++)
        sum += r->squares[b];
    return sum + squares_of(r, last * NAVE_SQUARES_FRAMES, end);
}

/* Size of each group, as a sum of amplitudes over its partitions. */
static void amplitudes(double out[NAVE_SPLIT_GROUPS], const nave_routing *r, uint64_t first_frame, uint64_t frames)
{
    for (uint64_t g = 0; g < NAVE_SPLIT_GROUPS; g++) {
        const uint64_t from = first_frame + frames * g / NAVE_SPLIT_GROUPS;
        const uint64_t end = first_frame + frames * (g + 1) / NAVE_SPLIT_GROUPS;
        out[g] = sqrt(squares_between(r, from, end < r->frames ? end : r->frames) * (double)(end - from));
    }
}

void nave_partition_split(uint32_t *end, uint32_t parts, const nave_routing *r, uint64_t first_frame, uint32_t log2n,
                          uint64_t partitions)
{
    double size[NAVE_SPLIT_GROUPS], least[NAVE_PLAN_MAX_TIERS][NAVE_SPLIT_GROUPS + 1];
    uint32_t cut[NAVE_PLAN_MAX_TIERS][NAVE_SPLIT_GROUPS + 1];
    amplitudes(size, r, first_frame, partitions << log2n);
    /* least[k][g]: the least error of the first g groups in k + 1 tiers, the last of which begins at group cut[k][g] */
    for (uint32_t k = 0; k < parts; k++)
        for (uint32_t g = k + 1; g <= NAVE_SPLIT_GROUPS; g++) {
            double sum = 0;
            least[k][g] = INFINITY;
            cut[k][g] = k;
            for (uint32_t from = g; from-- > k;) {
                sum += size[from];
                if (k == 0 && from > 0)
                    continue;
                const double error = (k ? least[k - 1][from] : 0) + (g - from) * sum * sum;
                if (error < least[k][g]) {
                    least[k][g] = error;
                    cut[k][g] = from;
                }
            }
        }
    uint32_t group = NAVE_SPLIT_GROUPS;
    for (uint32_t k = parts; k-- > 0;) {
        end[k] = (uint32_t)(partitions * group / NAVE_SPLIT_GROUPS);
        group = cut[k][group];
    }
}
