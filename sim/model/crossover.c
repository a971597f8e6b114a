/* Crossover: serial Linkwitz-Riley splits and the merge that makes the sum of the bands an allpass (twin of
 * rtl/dyn/crossover.v).
 *
 * LR24: lp4 = lp of lp; LR48: lp8 = the low-passes of both Butterworth sections, twice; hp = ap - lp with ap through
 * the section(s) once. A band is rounded to Q28 before it is taken from ap, so low + high = ap to the last bit of Q44.
 * The merge passes the sum of the lower bands through the allpass of each split they have not seen.
 * Multiplies a sample and channel: (bands - 1) * 4 + (bands - 2) * 2 (LR24), (bands - 1) * 10 + (bands - 2) * 4 (LR48).
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

/* Takes x to ap - low, returns the low band. */
static int32_t split_one(const nave_split *split, nave_svf *z, int64_t *x)
{
    const nave_svf_coef *c = split->section;
    nave_svf_out first = nave_svf_step(&c[0], &z[0], *x);
    int64_t ap = first.ap, low;
    if (split->steep) {
        ap = nave_svf_step(&c[1], &z[1], ap).ap;
        low = nave_svf_step(&c[1], &z[2], first.lp).lp;
        low = nave_svf_step(&c[0], &z[3], low).lp;
        low = nave_svf_step(&c[1], &z[4], low).lp;
    } else {
        low = nave_svf_step(&c[0], &z[1], first.lp).lp;
    }
    const int32_t band = nave_to_q28(low);
    *x = nave_limit_state(ap - nave_to_q44(band));
    return band;
}

void nave_crossover_split(const nave_crossover *c, nave_crossover_state *z, int64_t x, int32_t *band)
{
    for (uint32_t i = 0; i + 1 < c->bands; i++)
        band[i] = split_one(&c->split[i], z->split[i], &x);
    band[c->bands - 1] = nave_to_q28(x);
}

int64_t nave_crossover_merge(const nave_crossover *c, nave_crossover_state *z, const int32_t *band)
{
    int64_t y = nave_to_q44(band[0]);
    for (uint32_t i = 1; i < c->bands; i++) {
        if (i + 1 < c->bands) {
            const nave_split *split = &c->split[i];
            y = nave_svf_step(&split->section[0], &z->merge[i][0], y).ap;
            if (split->steep)
                y = nave_svf_step(&split->section[1], &z->merge[i][1], y).ap;
        }
        y = nave_limit_state(y + nave_to_q44(band[i]));
    }
    return y;
}
