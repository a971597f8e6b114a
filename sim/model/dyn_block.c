/* Blocks of frames by the functions of one frame: the specification of what SIMD does (twin: none, the card's engine
 * goes frame by frame).
 * SPDX-License-Identifier: ISC */
#include "dyn_block.h"
#include <string.h>

const nave_dyn_blocks nave_dyn_blocks_c = {nave_dyn_eq_c, nave_dyn_split_c, nave_dyn_bands_c, nave_dyn_merge_c,
                                           nave_dyn_peak_c};

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

/* The bands of a frame: their words go into the ring, what was there `lookahead` frames ago comes out. */
static void bands_of_frame(nave_dyn *d, const int32_t *external, nave_dyn_row *row)
{
    const uint32_t channels = d->shape.channels, bands = d->crossover.bands, width = (NAVE_DYN_BANDS + 1) * channels;
    int32_t *now = d->ring + (size_t)(d->ring_at & d->ring_mask) * width;
    const int32_t *old = d->ring + (size_t)((d->ring_at - d->shape.lookahead_frames) & d->ring_mask) * width;
    for (uint32_t c = 0; c < channels; c++) {
        for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
            now[b * channels + c] = b < bands ? row->band[b][c] : 0;
        now[NAVE_DYN_BANDS * channels + c] = external[c];
    }
    for (uint32_t b = 0; b < bands; b++) {
        const nave_band *p = &d->band[b];
        uint32_t ahead =
            p->lookahead_frames < d->shape.lookahead_frames ? p->lookahead_frames : d->shape.lookahead_frames;
        if (p->side & NAVE_SIDE_LISTEN)
            ahead = 0; /* what is heard keeps the latency */
        const uint32_t at = (d->ring_at - (d->shape.lookahead_frames - ahead)) & d->ring_mask;
        const uint32_t column = (p->side & NAVE_SIDE_EXTERNAL ? NAVE_DYN_BANDS : b) * channels;
        for (uint32_t c = 0; c < channels; c++)
            row->band[b][c] = old[b * channels + c];
        nave_band_step(p, &d->band_state[b], channels, d->mid_side, d->ring + (size_t)at * width + column,
                       row->band[b]);
    }
    d->ring_at++;
}

void nave_dyn_bands_c(nave_dyn *d, const int32_t *const *external, nave_dyn_row *row, size_t frames,
                      nave_dyn_lowest *lowest)
{
    memset(lowest->band, 0x7f, sizeof(lowest->band));
    for (size_t n = 0; n < frames; n++) {
        int32_t side[NAVE_DYN_CHANNELS] = {0};
        for (uint32_t c = 0; c < d->shape.channels && external; c++)
            side[c] = external[c][n];
        bands_of_frame(d, side, &row[n]);
        for (uint32_t b = 0; b < d->crossover.bands; b++)
            for (uint32_t c = 0; c < d->shape.channels; c++) {
                const int32_t gain = d->band_state[b].gain[c];
                lowest->band[b][c] = gain < lowest->band[b][c] ? gain : lowest->band[b][c];
            }
    }
}

void nave_dyn_peak_c(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading)
{
    for (size_t n = 0; n < frames; n++)
        reading[n] = nave_peak_step(z, x[n]);
}
