/* Bands that come from a convolver with linear phase, instead of from the engine's own crossovers (twin of
 * rtl/dyn/dyn_given.v once the card has it).
 * SPDX-License-Identifier: ISC */
#include "dyn_block.h"

/* whole: their sum, for the meters. Mid and side are (l + r) / 2 and (l - r) / 2 of each band, rounded once. */
void nave_dyn_take_bands(const nave_dyn *d, const int32_t *const *in, nave_dyn_row *row,
                         int32_t (*whole)[NAVE_DYN_BLOCK], size_t frames)
{
    const uint32_t channels = d->shape.channels;
    for (size_t n = 0; n < frames; n++) {
        int64_t sum[NAVE_DYN_CHANNELS] = {0};
        for (uint32_t b = 0; b < d->crossover.bands; b++) {
            int32_t *x = row[n].band[b];
            for (uint32_t c = 0; c < channels; c++) {
                x[c] = b < d->shape.given_bands ? in[b * channels + c][n] : 0;
                sum[c] += x[c];
            }
            if (d->mid_side && channels == 2) {
                const int64_t mid = (int64_t)x[0] + x[1], side = (int64_t)x[0] - x[1];
                x[0] = (int32_t)nave_saturate(nave_round64(mid, 1), 32);
                x[1] = (int32_t)nave_saturate(nave_round64(side, 1), 32);
            }
        }
        for (uint32_t c = 0; c < channels; c++)
            whole[c][n] = (int32_t)nave_saturate(sum[c], 32);
    }
}

void nave_dyn_add_bands(const nave_dyn *d, const nave_dyn_row *row, nave_dyn_frame *v, size_t frames)
{
    for (size_t n = 0; n < frames; n++)
        for (uint32_t c = 0; c < NAVE_DYN_CHANNELS; c++) {
            v[n][c] = 0;
            for (uint32_t b = 0; b < d->crossover.bands && c < d->shape.channels; b++)
                v[n][c] += nave_to_q44(row[n].band[b][c]);
        }
}
