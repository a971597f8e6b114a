/* The dynamics engine: equaliser, crossover, bands, merge, output gain, DC filter, limiter, frame by frame, and the
 * events that move its dials (twin of rtl/dyn/dyn.v).
 *
 * SPDX-License-Identifier: ISC */
#include "dyn_plan.h"
#include <string.h>

static uint32_t columns(const nave_dyn_shape *s)
{
    return (NAVE_DYN_BANDS + 1) * s->channels;
}

static uint32_t ring_rows(const nave_dyn_shape *s)
{
    return 1u << nave_bit_length64(s->lookahead_frames);
}

size_t nave_dyn_words(const nave_dyn_shape *s)
{
    return (size_t)ring_rows(s) * columns(s) + nave_limiter_words(s->limiter_frames);
}

uint32_t nave_dyn_latency(const nave_dyn_shape *s)
{
    return s->lookahead_frames + nave_limiter_latency(s->limiter_frames);
}

void nave_dyn_start(nave_dyn *d, const nave_dyn_shape *shape, const int64_t *dials, int32_t *memory)
{
    memset(d, 0, sizeof(*d));
    memset(memory, 0, nave_dyn_words(shape) * sizeof(*memory));
    d->shape = *shape;
    d->ring = memory;
    d->ring_mask = ring_rows(shape) - 1;
    for (uint32_t i = 0; i < NAVE_DIALS; i++) {
        nave_ramp_to(&d->dial[i], dials[i], 0);
        nave_ramp_step(&d->dial[i]);
    }
    for (uint32_t i = 0; i < NAVE_DIALS; i++)
        nave_dyn_decode(d, i);
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
        nave_band_start(&d->band[b], &d->band_state[b]);
    nave_limiter_start(&d->limiter_state, shape->limiter_frames, shape->limiter_share,
                       memory + (size_t)ring_rows(shape) * columns(shape));
}

int nave_dyn_set(nave_dyn *d, const nave_dyn_event *event)
{
    if (event->dial >= NAVE_DIALS || event->frame < d->frame)
        return -1;
    if (d->event_next) { /* what was done makes room */
        memmove(d->event, d->event + d->event_next, (d->event_count - d->event_next) * sizeof(*d->event));
        d->event_count -= d->event_next;
        d->event_next = 0;
    }
    if (d->event_count == NAVE_DYN_EVENTS)
        return -1;
    uint32_t at = d->event_count++;
    for (; at > 0 && d->event[at - 1].frame > event->frame; at--)
        d->event[at] = d->event[at - 1];
    d->event[at] = *event;
    return 0;
}

/* Events of this frame, then one step of every ramp that runs. */
static void move_dials(nave_dyn *d)
{
    for (; d->event_next < d->event_count && d->event[d->event_next].frame <= d->frame; d->event_next++) {
        const nave_dyn_event *e = &d->event[d->event_next];
        if (d->dial[e->dial].left == 0)
            d->moving[d->moving_count++] = (uint16_t)e->dial;
        nave_ramp_to(&d->dial[e->dial], e->value, e->ramp_frames);
    }
    uint32_t left = 0;
    for (uint32_t i = 0; i < d->moving_count; i++) {
        const uint16_t dial = d->moving[i];
        if (nave_ramp_step(&d->dial[dial]))
            d->moving[left++] = dial;
        nave_dyn_decode(d, dial);
    }
    d->moving_count = left;
}

/* The bands of a frame: their words go into the ring, what was there `lookahead` frames ago comes out. */
static void run_bands(nave_dyn *d, int32_t (*band)[NAVE_DYN_BANDS], const int32_t *external)
{
    const uint32_t channels = d->shape.channels, bands = d->crossover.bands, width = columns(&d->shape);
    int32_t *now = d->ring + (size_t)(d->ring_at & d->ring_mask) * width;
    const int32_t *old = d->ring + (size_t)((d->ring_at - d->shape.lookahead_frames) & d->ring_mask) * width;
    for (uint32_t c = 0; c < channels; c++) {
        for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
            now[b * channels + c] = b < bands ? band[c][b] : 0;
        now[NAVE_DYN_BANDS * channels + c] = external[c];
    }
    for (uint32_t b = 0; b < bands; b++) {
        const nave_band *p = &d->band[b];
        uint32_t ahead =
            p->lookahead_frames < d->shape.lookahead_frames ? p->lookahead_frames : d->shape.lookahead_frames;
        if (p->side & NAVE_SIDE_LISTEN)
            ahead = 0; /* what is heard keeps the latency */
        const uint32_t row = (d->ring_at - (d->shape.lookahead_frames - ahead)) & d->ring_mask;
        const uint32_t column = (p->side & NAVE_SIDE_EXTERNAL ? NAVE_DYN_BANDS : b) * channels;
        int32_t x[NAVE_DYN_CHANNELS];
        for (uint32_t c = 0; c < channels; c++)
            x[c] = old[b * channels + c];
        nave_band_step(p, &d->band_state[b], channels, d->mid_side, d->ring + (size_t)row * width + column, x);
        for (uint32_t c = 0; c < channels; c++)
            band[c][b] = x[c];
    }
    d->ring_at++;
}

static void one_frame(nave_dyn *d, int32_t *x, const int32_t *external)
{
    const uint32_t channels = d->shape.channels;
    const int mid_side = d->mid_side && channels == 2;
    int32_t band[NAVE_DYN_CHANNELS][NAVE_DYN_BANDS];
    int64_t v[NAVE_DYN_CHANNELS];
    for (uint32_t c = 0; c < channels; c++) {
        v[c] = nave_to_q44(x[c]);
        for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
            v[c] = nave_eq_step(&d->eq[i], &d->eq_state[c][i], v[c]);
    }
    if (mid_side) { /* (l + r) / 2 and (l - r) / 2 */
        const int64_t mid = nave_round64(v[0] + v[1], 1), side = nave_round64(v[0] - v[1], 1);
        v[0] = mid;
        v[1] = side;
    }
    nave_crossover_split(&d->crossover, d->crossover_state, channels, v, band);
    run_bands(d, band, external);
    nave_crossover_merge(&d->crossover, d->crossover_state, channels, band, v);
    if (mid_side) {
        const int64_t left = v[0] + v[1], right = v[0] - v[1];
        v[0] = left;
        v[1] = right;
    }
    const nave_coef output = nave_exp2_q25(d->output);
    for (uint32_t c = 0; c < channels; c++) {
        x[c] = nave_scale(nave_to_q28(v[c]), output);
        if (d->dc.kind != NAVE_EQ_OFF)
            x[c] = nave_to_q28(nave_eq_step(&d->dc, &d->dc_state[c], nave_to_q44(x[c])));
    }
    nave_limiter_step(&d->limiter, &d->limiter_state, channels, x);
}

void nave_dyn_process(nave_dyn *d, const int32_t *const *in, const int32_t *const *external, int32_t *const *out,
                      size_t frames)
{
    for (size_t i = 0; i < frames; i++, d->frame++) {
        int32_t x[NAVE_DYN_CHANNELS] = {0}, side[NAVE_DYN_CHANNELS] = {0}, before[NAVE_DYN_CHANNELS] = {0};
        if (d->moving_count || d->event_next < d->event_count)
            move_dials(d);
        for (uint32_t c = 0; c < d->shape.channels; c++) {
            x[c] = in[c][i];
            side[c] = external ? external[c][i] : 0;
            before[c] = x[c];
        }
        one_frame(d, x, side);
        if (d->meters)
            nave_dyn_meter(d->meters, d, before, x);
        for (uint32_t c = 0; c < d->shape.channels; c++)
            out[c][i] = x[c];
    }
}
