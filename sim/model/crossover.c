/* Crossover: serial Linkwitz-Riley splits and the merge that makes the sum of the bands an allpass (twin of
 * rtl/dyn/crossover.v).
 *
 * LR24: lp4 = lp of lp; LR48: lp8 = the low-passes of both Butterworth sections, twice; hp = ap - lp with ap through
 * the section(s) once. A band is rounded to Q28 before it is taken from ap, so low + high = ap to the last bit of Q44.
 * The merge passes the sum of the lower bands through the allpass of each split they have not seen.
 * Multiplies a sample and channel: (bands - 1) * 4 + (bands - 2) * 2 (LR24), (bands - 1) * 10 + (bands - 2) * 4 (LR48).
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

/* Takes each channel's x to ap - low, and gives its low band. A section runs for all channels before the next one. */
static void split_one(const nave_split *split, nave_crossover_state *z, uint32_t i, uint32_t channels, int64_t *x,
                      int32_t (*band)[NAVE_DYN_BANDS])
{
    const nave_svf_coef *c = split->section;
    int64_t ap[NAVE_DYN_CHANNELS], low[NAVE_DYN_CHANNELS];
    for (uint32_t ch = 0; ch < channels; ch++) {
        const nave_svf_out first = nave_svf_step(&c[0], &z[ch].split[i][0], x[ch]);
        ap[ch] = first.ap;
        low[ch] = first.lp;
    }
    if (split->steep)
        for (uint32_t ch = 0; ch < channels; ch++) {
            nave_svf *s = z[ch].split[i];
            ap[ch] = nave_svf_step(&c[1], &s[1], ap[ch]).ap;
            low[ch] = nave_svf_step(&c[1], &s[2], low[ch]).lp;
            low[ch] = nave_svf_step(&c[0], &s[3], low[ch]).lp;
            low[ch] = nave_svf_step(&c[1], &s[4], low[ch]).lp;
        }
    else
        for (uint32_t ch = 0; ch < channels; ch++)
            low[ch] = nave_svf_step(&c[0], &z[ch].split[i][1], low[ch]).lp;
    for (uint32_t ch = 0; ch < channels; ch++) {
        band[ch][i] = nave_to_q28(low[ch]);
        x[ch] = nave_limit_state(ap[ch] - nave_to_q44(band[ch][i]));
    }
}

void nave_crossover_split(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, int64_t *x,
                          int32_t (*band)[NAVE_DYN_BANDS])
{
    for (uint32_t i = 0; i + 1 < c->bands; i++)
        split_one(&c->split[i], z, i, channels, x, band);
    for (uint32_t ch = 0; ch < channels; ch++)
        band[ch][c->bands - 1] = nave_to_q28(x[ch]);
}

void nave_crossover_merge(const nave_crossover *c, nave_crossover_state *z, uint32_t channels,
                          int32_t (*band)[NAVE_DYN_BANDS], int64_t *y)
{
    for (uint32_t ch = 0; ch < channels; ch++)
        y[ch] = nave_to_q44(band[ch][0]);
    for (uint32_t i = 1; i < c->bands; i++) {
        const nave_split *split = &c->split[i];
        for (uint32_t ch = 0; ch < channels && i + 1 < c->bands; ch++) {
            y[ch] = nave_svf_step(&split->section[0], &z[ch].merge[i][0], y[ch]).ap;
            if (split->steep)
                y[ch] = nave_svf_step(&split->section[1], &z[ch].merge[i][1], y[ch]).ap;
        }
        for (uint32_t ch = 0; ch < channels; ch++)
            y[ch] = nave_limit_state(y[ch] + nave_to_q44(band[ch][i]));
    }
}
