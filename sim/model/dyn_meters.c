/* Meters of the dynamics engine: what each tick was like, in integers, the same on every card.
 * SPDX-License-Identifier: ISC */
#include "dyn_plan.h"
#include "arith.h"
#include <string.h>

void nave_dyn_meter(nave_dyn_meters *m, const nave_dyn *d, int side, const int32_t *const *x, size_t frames)
{
    const nave_dyn_blocks *blocks = d->blocks ? d->blocks : &nave_dyn_blocks_c;
    nave_peak_reading reading[NAVE_DYN_BLOCK];
    for (uint32_t c = 0; c < d->shape.channels; c++) {
        uint32_t peak = m->peak[side][c], true_peak = m->reading[side][c];
        for (size_t n = 0; n < frames; n++) {
            const uint32_t size = nave_magnitude32(x[c][n]);
            peak = size > peak ? size : peak;
            m->square[side][c] += (uint64_t)size * size >> 16;
        }
        if (m->true_peak) {
            blocks->peak(&m->history[side][c], x[c], frames, reading);
            for (size_t n = 0; n < frames; n++)
                true_peak = reading[n].peak > true_peak ? reading[n].peak : true_peak;
        }
        m->peak[side][c] = peak;
        m->reading[side][c] = true_peak;
    }
}

void nave_dyn_meter_gains(nave_dyn_meters *m, const nave_dyn *d, const nave_dyn_lowest *lowest, size_t frames)
{
    const int first = m->frames == 0;
    m->frames += (uint32_t)frames;
    for (uint32_t c = 0; c < d->shape.channels; c++)
        for (uint32_t b = 0; b < d->crossover.bands; b++) {
            const int32_t gain = lowest->band[b][c];
            m->band[b][c] = first || gain < m->band[b][c] ? gain : m->band[b][c];
        }
    m->limiter = first || lowest->limiter < m->limiter ? lowest->limiter : m->limiter;
}

uint32_t nave_dyn_meters_words(const nave_dyn *d)
{
    return NAVE_METERS_HEAD_WORDS + d->shape.channels * (NAVE_METERS_CHANNEL_WORDS + NAVE_DYN_BANDS);
}

void nave_dyn_meters_take(nave_dyn_meters *m, const nave_dyn *d, uint32_t *words)
{
    uint32_t *w = words;
    *w++ = d->shape.channels | d->crossover.bands << 8;
    *w++ = m->frames;
    *w++ = (uint32_t)m->limiter;
    for (uint32_t c = 0; c < d->shape.channels; c++)
        for (int side = 0; side < 2; side++) {
            *w++ = m->peak[side][c];
            *w++ = m->reading[side][c];
            *w++ = (uint32_t)m->square[side][c];
            *w++ = (uint32_t)(m->square[side][c] >> 32);
        }
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
        for (uint32_t c = 0; c < d->shape.channels; c++)
            *w++ = b < d->crossover.bands ? (uint32_t)m->band[b][c] : 0;
    m->frames = 0;
    m->limiter = 0;
    memset(m->band, 0, sizeof(m->band));
    memset(m->peak, 0, sizeof(m->peak));
    memset(m->reading, 0, sizeof(m->reading));
    memset(m->square, 0, sizeof(m->square));
}
