/* A band: side-chain filters, detectors, link, curves, gain, wet and dry, width (twin of rtl/dyn/band.v).
 *
 * Each channel's level is moved towards the largest of all by the link. Gains of the curves and the makeup add as log2.
 * y = level * (x + wet * (gain x - x)): wet 0 is a bypass, level 0 a mute, both exact at 1 and 0.
 * Multiplies a sample and channel: 8 for the cuts, 3 detector, 1 link, 5 a curve, 3 gain; 1 a pair for the width.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

void nave_band_start(const nave_band *c, nave_band_state *z)
{
    for (uint32_t ch = 0; ch < NAVE_DYN_CHANNELS; ch++) {
        z->average[ch] = 0;
        z->gain[ch] = 0;
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
            nave_envelope_start(&c->curve[k], &z->envelope[ch][k]);
        for (uint32_t k = 0; k < 2; k++)
            z->cut[ch][k] = (nave_svf){0, 0, 0};
    }
}

static int32_t side_chain(const nave_band *c, nave_svf *cut, int32_t x)
{
    if (c->low_cut.kind == NAVE_EQ_OFF && c->high_cut.kind == NAVE_EQ_OFF)
        return x;
    const int64_t low_cut = nave_eq_step(&c->low_cut, &cut[0], nave_to_q44(x));
    return nave_to_q28(nave_eq_step(&c->high_cut, &cut[1], low_cut));
}

/* The sum of the curves and the makeup. */
static int32_t gain_of(const nave_band *c, nave_envelope *envelope, int32_t level)
{
    int64_t gain = c->makeup;
    for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
        gain += nave_envelope_step(&c->curve[k], &envelope[k], level);
    return (int32_t)nave_saturate(gain, 32);
}

void nave_band_step(const nave_band *c, nave_band_state *z, uint32_t channels, uint32_t mid_side, const int32_t *side,
                    int32_t *x)
{
    int32_t heard[NAVE_DYN_CHANNELS], level[NAVE_DYN_CHANNELS], loudest = INT32_MIN;
    for (uint32_t ch = 0; ch < channels; ch++) {
        heard[ch] = side_chain(c, z->cut[ch], side[ch]);
        level[ch] = nave_detect(c->detector, c->average, &z->average[ch], heard[ch]);
        loudest = level[ch] > loudest ? level[ch] : loudest;
    }
    for (uint32_t ch = 0; ch < channels; ch++) {
        const int32_t above = (int32_t)nave_saturate((int64_t)loudest - level[ch], 32);
        const int64_t linked = (int64_t)level[ch] + nave_scale_q30(above, c->link_q30);
        z->gain[ch] = gain_of(c, z->envelope[ch], (int32_t)nave_saturate(linked, 32));
        const int32_t loud = nave_scale(x[ch], nave_exp2_q25(z->gain[ch]));
        const int32_t change = (int32_t)nave_saturate((int64_t)loud - x[ch], 32);
        const int64_t mixed = (int64_t)x[ch] + nave_scale_q30(change, c->wet_q30);
        x[ch] = nave_scale_q30((int32_t)nave_saturate(mixed, 32), c->level_q30);
        if (c->side & NAVE_SIDE_LISTEN)
            x[ch] = heard[ch];
    }
    if (channels == 2 && !(c->side & NAVE_SIDE_LISTEN))
        nave_width_step(c->width_q30, mid_side, &x[0], &x[1]);
}
