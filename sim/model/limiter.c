/* True-peak limiter with look-ahead and bounded work (twin of rtl/dyn/limiter.v).
 *
 *   need      = max(0, log2(peak + above) - ceiling), of the loudest channel, above: its maximum of 64 frames
 *   held      = maximum of the last lookahead + 2 margin + 1 values of need
 *   reduction = held at once when it rises, an exponential in dB when it falls
 *   gain      = 2^-(mean of a box filter of a box filter of reduction): never less than need around the peak
 *
 * The sums of the boxes are exact integers, so nothing drifts. What is left over the ceiling by the tables' rounding is
 * cut off at the sample. Off, it only delays. Multiplies a frame: 1 release, 1 boxes, 1 a channel, 2 small of the
 * tables.
 *
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

#define STATE_SHIFT 18 /* Q7.43 to Q7.25 */

/* Puts a word in, gives the one of `frames` frames ago; of no frames: the word itself. */
static int32_t delay(nave_delay *z, int32_t v)
{
    if (z->frames == 0)
        return v;
    const int32_t old = z->word[z->at];
    z->word[z->at] = v;
    z->at = z->at + 1 < z->frames ? z->at + 1 : 0;
    return old;
}

static int32_t slide(nave_slide *z, int32_t v)
{
    for (uint32_t i = 0; i < z->stages; i++) {
        const int32_t old = delay(&z->stage[i], v);
        v = old > v ? old : v;
    }
    return v;
}

static int32_t *take(nave_delay *z, uint32_t frames, int32_t *memory)
{
    *z = (nave_delay){memory, frames, 0};
    return memory + frames;
}

/* A window of `frames`: stages that double it, and one that adds the rest. Uses frames - 1 words. */
static int32_t *take_slide(nave_slide *z, uint32_t frames, int32_t *memory)
{
    uint32_t window = 1;
    z->stages = 0;
    while (window < frames) {
        const uint32_t step = 2 * window <= frames ? window : frames - window;
        memory = take(&z->stage[z->stages++], step, memory);
        window += step;
    }
    return memory;
}

static uint32_t limited(uint32_t lookahead)
{
    return lookahead < 2 ? 2 : lookahead > NAVE_LIMIT_MAX_LOOKAHEAD ? NAVE_LIMIT_MAX_LOOKAHEAD : lookahead;
}

uint32_t nave_limiter_latency(uint32_t lookahead)
{
    return limited(lookahead) + NAVE_PEAK_DELAY + NAVE_LIMIT_MARGIN;
}

void nave_limiter_box_frames(uint32_t lookahead, uint32_t frames[2])
{
    frames[0] = limited(lookahead) / 2 + 1;
    frames[1] = limited(lookahead) - limited(lookahead) / 2 + 1;
}

static uint32_t window_frames(uint32_t lookahead)
{
    return limited(lookahead) + 2 * NAVE_LIMIT_MARGIN + 1;
}

size_t nave_limiter_words(uint32_t lookahead)
{
    uint32_t box[2];
    nave_limiter_box_frames(lookahead, box);
    return (size_t)(NAVE_DYN_CHANNELS + 1) * nave_limiter_latency(lookahead) + window_frames(lookahead) - 1 +
           NAVE_LIMIT_ABOVE - 1 + box[0] + box[1];
}

void nave_limiter_start(nave_limiter_state *z, uint32_t lookahead, nave_coef share, int32_t *memory)
{
    uint32_t box[2];
    nave_limiter_box_frames(lookahead, box);
    *z = (nave_limiter_state){.share = share};
    for (uint32_t c = 0; c < NAVE_DYN_CHANNELS; c++)
        memory = take(&z->audio[c], nave_limiter_latency(lookahead), memory);
    memory = take(&z->ceiling, nave_limiter_latency(lookahead), memory);
    memory = take_slide(&z->need, window_frames(lookahead), memory);
    memory = take_slide(&z->above, NAVE_LIMIT_ABOVE, memory);
    memory = take(&z->box[0], box[0], memory);
    take(&z->box[1], box[1], memory);
}

/* The loudest channel's reading, Q28. */
static uint32_t reading(nave_limiter_state *z, uint32_t channels, const int32_t *x)
{
    uint32_t peak = 0, above = 0;
    for (uint32_t c = 0; c < channels; c++) {
        const nave_peak_reading r = nave_peak_step(&z->history[c], x[c]);
        peak = r.peak > peak ? r.peak : peak;
        above = r.above > above ? r.above : above;
    }
    z->peak_in = peak;
    return (uint32_t)nave_saturate((int64_t)peak + slide(&z->above, (int32_t)nave_saturate(above, 32)), 33);
}

/* The sum of the last values of a box as a share of 2^31: each word that went in goes out again, so nothing drifts. */
static int32_t box(nave_delay *z, int64_t *sum, int32_t v)
{
    *sum += (int64_t)v - delay(z, v);
    return (int32_t)nave_round64(*sum, nave_bit_length64(z->frames));
}

void nave_limiter_step(const nave_limiter *c, nave_limiter_state *z, uint32_t channels, int32_t *x)
{
    const int64_t over = nave_log2_q25(reading(z, channels, x)) - (INT64_C(28) << 25) - c->ceiling;
    const int32_t need = c->on && over > 0 ? (int32_t)nave_saturate(over, 32) : 0;
    const int64_t held = (int64_t)slide(&z->need, need) << STATE_SHIFT;
    if (held >= z->reduction || (c->release.mantissa && c->release.shift <= 30)) {
        z->reduction = held;
    } else {
        const int32_t fall = (int32_t)nave_saturate(nave_round64(held - z->reduction, STATE_SHIFT), 32);
        z->reduction += nave_round64((int64_t)fall * c->release.mantissa, c->release.shift - STATE_SHIFT);
    }
    const int32_t released = (int32_t)nave_saturate(nave_round64(z->reduction, STATE_SHIFT), 32);
    const int32_t boxed = box(&z->box[1], &z->sum[1], box(&z->box[0], &z->sum[0], released));
    z->gain = (int32_t)nave_saturate(-(int64_t)nave_scale(boxed, z->share), 32);
    const nave_coef gain = nave_exp2_q25(z->gain);
    const int32_t top = delay(&z->ceiling, c->on ? nave_scale(1 << 28, nave_exp2_q25(c->ceiling)) : INT32_MAX);
    for (uint32_t ch = 0; ch < channels; ch++) {
        const int32_t y = nave_scale(delay(&z->audio[ch], x[ch]), gain);
        x[ch] = y > top ? top : y < -top ? -top : y;
    }
}
