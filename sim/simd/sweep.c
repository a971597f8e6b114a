/* Sweeps over a tile for the SIMD multiply-accumulates.
 * SPDX-License-Identifier: ISC */
#include "sweep.h"
#include "../model/arith.h"

/* Bin 0 of a first tile is two real numbers: replaces what the sweeps made of it. */
static void real_bins(const nave_cmac_job *job, uint32_t lanes, nave_cmac_sums *sums)
{
    const uint32_t slots = job->partitions + job->batch - 1;
    for (uint32_t j = 0; j < job->batch; j++) {
        uint64_t re = 0, im = 0;
        for (uint32_t i = 0; i < job->paths; i++)
            for (uint32_t p = 0; p < job->partitions; p++) {
                const uint32_t r = i * slots + job->batch - 1 - j + p;
                if (job->align[r] == NAVE_SKIP)
                    continue;
                const int32_t *h = job->h[i * job->partitions + p];
                re += (uint64_t)((int64_t)nave_round32(job->x[r][0], job->align[r]) * h[0]);
                im += (uint64_t)((int64_t)nave_round32(job->x[r][1], job->align[r]) * h[1]);
            }
        sums[j][0] = (int64_t)re;
        sums[j][lanes] = (int64_t)im;
    }
}

void nave_cmac_run(const nave_cmac_job *job, const nave_cmac_steps *steps, nave_cmac_sums *sums)
{
    static const int32_t silence[2 * NAVE_TILE_BINS] __attribute__((aligned(64)));
    int32_t rows[NAVE_CMAC_SWEEP + NAVE_MAX_BATCH - 1][2 * NAVE_TILE_BINS] __attribute__((aligned(64)));
    const uint32_t slots = job->partitions + job->batch - 1;
    const uint32_t sweeps = (job->partitions + NAVE_CMAC_SWEEP - 1) / NAVE_CMAC_SWEEP;
    nave_cmac_sweep s = {.batch = job->batch, .fresh = 1};
    for (uint32_t i = 0; i < job->paths; i++)
        for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
            const uint32_t begin = sweep * job->partitions / sweeps, end = (sweep + 1) * job->partitions / sweeps;
            s.partitions = end - begin;
            for (uint32_t p = 0; p < s.partitions; p++)
                s.h[p] = job->h[i * job->partitions + begin + p];
            for (uint32_t r = 0; r < s.partitions + job->batch - 1; r++) {
                const uint32_t slot = i * slots + begin + r;
                if (job->align[slot] == 0) {
                    s.x[r] = job->x[slot];
                } else if (job->align[slot] == NAVE_SKIP) {
                    s.x[r] = silence;
                } else {
                    steps->align_row(rows[r], job->x[slot], 2 * job->bins, job->align[slot]);
                    s.x[r] = rows[r];
                }
            }
            steps->run_sweep(&s, sums, job->bins);
            s.fresh = 0;
        }
    if (job->first)
        real_bins(job, steps->lanes, sums);
}
