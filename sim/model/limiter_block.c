/* The limiter over a block of frames: what nave_limiter_step does to each of them, part by part (twin: none, the card's
 * engine goes frame by frame).
 * SPDX-License-Identifier: ISC */
#include "dyn_block.h"
#include <string.h>

#define STATE_SHIFT 18 /* Q7.43 to Q7.25 */

/* Each word goes into the delay, the one of `frames` frames ago takes its place. */
static void delay_block(nave_delay *z, int32_t *v, size_t frames)
{
    for (size_t n = 0; n < frames;) {
        const size_t left = z->frames - z->at, run = frames - n < left ? frames - n : left;
        for (size_t i = 0; i < run; i++) {
            const int32_t old = z->word[z->at + i];
            z->word[z->at + i] = v[n + i];
            v[n + i] = old;
        }
        n += run;
        z->at = z->at + run < z->frames ? z->at + (uint32_t)run : 0;
    }
}

static void slide_block(nave_slide *z, int32_t *v, size_t frames)
{
    int32_t old[NAVE_DYN_BLOCK];
    for (uint32_t s = 0; s < z->stages; s++) {
        memcpy(old, v, frames * sizeof(*v));
        delay_block(&z->stage[s], old, frames);
        for (size_t n = 0; n < frames; n++)
            v[n] = old[n] > v[n] ? old[n] : v[n];
    }
}

static void box_block(nave_delay *z, int64_t *sum, int32_t *v, size_t frames)
{
    int32_t old[NAVE_DYN_BLOCK];
    const unsigned bits = nave_bit_length64(z->frames);
    int64_t s = *sum;
    memcpy(old, v, frames * sizeof(*v));
    delay_block(z, old, frames);
    for (size_t n = 0; n < frames; n++) {
        s += (int64_t)v[n] - old[n];
        v[n] = (int32_t)nave_round64(s, bits);
    }
    *sum = s;
}

/* v: what is held; then what the release makes of it. */
static void release_block(const nave_limiter *c, int64_t *reduction, int32_t *v, size_t frames)
{
    const int at_once = c->release.mantissa && c->release.shift <= 30;
    int64_t z = *reduction;
    for (size_t n = 0; n < frames; n++) {
        const int64_t held = (int64_t)v[n] << STATE_SHIFT;
        if (held >= z || at_once) {
            z = held;
        } else {
            const int32_t fall = (int32_t)nave_saturate(nave_round64(held - z, STATE_SHIFT), 32);
            z += nave_round64((int64_t)fall * c->release.mantissa, c->release.shift - STATE_SHIFT);
        }
        v[n] = (int32_t)nave_saturate(nave_round64(z, STATE_SHIFT), 32);
    }
    *reduction = z;
}

/* Readings of the loudest channel, with what lies above the pass band, as log2. */
static void levels_of(nave_limiter_state *z, const nave_dyn_blocks *blocks, uint32_t channels, int32_t *const *x,
                      int32_t *level, size_t frames)
{
    nave_peak_reading reading[NAVE_DYN_CHANNELS][NAVE_DYN_BLOCK];
    uint32_t peak[NAVE_DYN_BLOCK];
    int32_t above[NAVE_DYN_BLOCK];
    for (uint32_t ch = 0; ch < channels; ch++)
        blocks->peak(&z->history[ch], x[ch], frames, reading[ch]);
    for (size_t n = 0; n < frames; n++) {
        const nave_peak_reading a = reading[0][n], b = reading[channels - 1][n];
        const uint32_t most = a.above > b.above ? a.above : b.above;
        peak[n] = a.peak > b.peak ? a.peak : b.peak;
        above[n] = (int32_t)(most < INT32_MAX ? most : INT32_MAX);
    }
    z->peak_in = peak[frames - 1];
    slide_block(&z->above, above, frames);
    for (size_t n = 0; n < frames; n++)
        peak[n] = (uint32_t)nave_saturate((int64_t)peak[n] + above[n], 33);
    blocks->log2(peak, level, frames);
}

void nave_dyn_limit(nave_dyn *d, const nave_dyn_blocks *blocks, int32_t *const *x, size_t frames,
                    nave_dyn_lowest *lowest)
{
    const nave_limiter *c = &d->limiter;
    nave_limiter_state *z = &d->limiter_state;
    const uint32_t channels = d->shape.channels;
    const int32_t top_in = c->on ? nave_scale(1 << 28, nave_exp2_q25(c->ceiling)) : INT32_MAX;
    int32_t v[NAVE_DYN_BLOCK], top[NAVE_DYN_BLOCK];
    levels_of(z, blocks, channels, x, v, frames);
    for (size_t n = 0; n < frames; n++) {
        const int64_t over = v[n] - (INT64_C(28) << 25) - c->ceiling;
        v[n] = c->on && over > 0 ? (int32_t)nave_saturate(over, 32) : 0;
        top[n] = top_in;
    }
    slide_block(&z->need, v, frames);
    release_block(c, &z->reduction, v, frames);
    box_block(&z->box[0], &z->sum[0], v, frames);
    box_block(&z->box[1], &z->sum[1], v, frames);
    lowest->limiter = INT32_MAX;
    for (size_t n = 0; n < frames; n++) {
        v[n] = (int32_t)nave_saturate(-(int64_t)nave_scale(v[n], z->share), 32);
        lowest->limiter = v[n] < lowest->limiter ? v[n] : lowest->limiter;
    }
    z->gain = v[frames - 1];
    delay_block(&z->ceiling, top, frames);
    for (uint32_t ch = 0; ch < channels; ch++)
        delay_block(&z->audio[ch], x[ch], frames);
    blocks->apply(v, top, channels, x, frames);
}
