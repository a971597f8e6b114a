/* Blocks of frames by the functions of one frame: the specification of what SIMD does (twin: none, the card's engine
 * goes frame by frame).
 * SPDX-License-Identifier: ISC */
#include "dyn_block.h"
#include <string.h>

const nave_dyn_blocks nave_dyn_blocks_c = {nave_dyn_eq_c,   nave_dyn_split_c, nave_dyn_bands_c, nave_dyn_merge_c,
                                           nave_dyn_peak_c, nave_dyn_log2_c,  nave_dyn_apply_c};

void nave_dyn_eq_c(const nave_eq_section *section, nave_svf *z, size_t stride, uint32_t sections, uint32_t channels,
                   nave_dyn_frame *x, size_t frames)
{
    for (uint32_t i = 0; i < sections; i++)
        if (section[i].kind != NAVE_EQ_OFF)
            for (size_t n = 0; n < frames; n++)
                for (uint32_t c = 0; c < channels; c++)
                    x[n][c] = nave_eq_step(&section[i], &z[c * stride + i], x[n][c]);
}

void nave_dyn_split_c(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, nave_dyn_frame *x,
                      nave_dyn_row *row, size_t frames)
{
    int32_t band[NAVE_DYN_CHANNELS][NAVE_DYN_BANDS];
    for (size_t n = 0; n < frames; n++) {
        nave_crossover_split(c, z, channels, x[n], band);
        for (uint32_t b = 0; b < c->bands; b++)
            for (uint32_t ch = 0; ch < channels; ch++)
                row[n].band[b][ch] = band[ch][b];
    }
}

void nave_dyn_merge_c(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, const nave_dyn_row *row,
                      nave_dyn_frame *y, size_t frames)
{
    int32_t band[NAVE_DYN_CHANNELS][NAVE_DYN_BANDS];
    for (size_t n = 0; n < frames; n++) {
        for (uint32_t b = 0; b < c->bands; b++)
            for (uint32_t ch = 0; ch < channels; ch++)
                band[ch][b] = row[n].band[b][ch];
        nave_crossover_merge(c, z, channels, band, y[n]);
    }
}

void nave_dyn_bands_c(const nave_band *band, nave_band_state *z, uint32_t bands, uint32_t channels, uint32_t mid_side,
                      const nave_dyn_row *side, nave_dyn_row *x, size_t frames, nave_dyn_lowest *lowest)
{
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
        for (uint32_t c = 0; c < NAVE_DYN_CHANNELS; c++)
            lowest->band[b][c] = INT32_MAX;
    for (size_t n = 0; n < frames; n++)
        for (uint32_t b = 0; b < bands; b++) {
            int32_t heard[NAVE_DYN_CHANNELS];
            memcpy(heard, side[n].band[b], sizeof(heard));
            nave_band_step(&band[b], &z[b], channels, mid_side, heard, x[n].band[b]);
            for (uint32_t c = 0; c < channels; c++)
                lowest->band[b][c] = z[b].gain[c] < lowest->band[b][c] ? z[b].gain[c] : lowest->band[b][c];
        }
}

void nave_dyn_peak_c(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading)
{
    for (size_t n = 0; n < frames; n++)
        reading[n] = nave_peak_step(z, x[n]);
}

void nave_dyn_log2_c(const uint32_t *v, int32_t *level, size_t frames)
{
    for (size_t n = 0; n < frames; n++)
        level[n] = nave_log2_q25(v[n]);
}

void nave_dyn_apply_c(const int32_t *gain, const int32_t *top, uint32_t channels, int32_t *const *x, size_t frames)
{
    for (size_t n = 0; n < frames; n++) {
        const nave_coef by = nave_exp2_q25(gain[n]);
        for (uint32_t ch = 0; ch < channels; ch++) {
            const int32_t y = nave_scale(x[ch][n], by);
            x[ch][n] = y > top[n] ? top[n] : y < -top[n] ? -top[n] : y;
        }
    }
}
