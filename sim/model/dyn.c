/* The dynamics engine: equaliser, crossover, bands, merge, output gain, DC filter, limiter, and the events that move
 * its dials (twin of rtl/dyn/dyn.v). Each part goes over a block of frames before the next one, which gives the bits of
 * frame by frame, since nothing goes back from a part to one before it.
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
        nave_ramp *dial = &d->dial[e->dial];
        if (dial->left == 0 && d->moving_count == NAVE_DYN_MOVES) {
            dial->value = nave_saturate(e->value, 63);
            nave_dyn_decode(d, e->dial);
            continue;
        }
        if (dial->left == 0)
            d->moving[d->moving_count++] = (uint16_t)e->dial;
        nave_ramp_to(dial, e->value, e->ramp_frames);
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

/* Where a band's side-chain is in the ring: frames back and the first column. */
typedef struct ear {
    uint32_t back, column;
} ear;

static ear ear_of(const nave_dyn *d, uint32_t b)
{
    const nave_band *p = &d->band[b];
    uint32_t ahead = p->lookahead_frames < d->shape.lookahead_frames ? p->lookahead_frames : d->shape.lookahead_frames;
    if (p->side & NAVE_SIDE_LISTEN)
        ahead = 0; /* what is heard keeps the latency */
    return (ear){d->shape.lookahead_frames - ahead,
                 (p->side & NAVE_SIDE_EXTERNAL ? NAVE_DYN_BANDS : b) * d->shape.channels};
}

/* The bands' words go into the ring; x gets those of `lookahead` frames ago, and what is returned those that each band
 * hears: side, or x where all hear what they work on. */
static const nave_dyn_row *through_ring(nave_dyn *d, const int32_t *const *external, nave_dyn_row *x,
                                        nave_dyn_row *side, size_t frames)
{
    const uint32_t channels = d->shape.channels, bands = d->crossover.bands, width = columns(&d->shape);
    int plain = d->shape.lookahead_frames == 0;
    ear ears[NAVE_DYN_BANDS];
    for (uint32_t b = 0; b < bands; b++) {
        ears[b] = ear_of(d, b);
        plain = plain && ears[b].column == b * channels;
    }
    size_t n = plain ? frames - 1 : 0; /* the ring is one row then */
    for (d->ring_at += (uint32_t)n; n < frames; n++, d->ring_at++) {
        int32_t *now = d->ring + (size_t)(d->ring_at & d->ring_mask) * width;
        const int32_t *old = d->ring + (size_t)((d->ring_at - d->shape.lookahead_frames) & d->ring_mask) * width;
        for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
            for (uint32_t c = 0; c < channels; c++)
                now[b * channels + c] = b < bands ? x[n].band[b][c] : 0;
        for (uint32_t c = 0; c < channels; c++)
            now[NAVE_DYN_BANDS * channels + c] = external ? external[c][n] : 0;
        for (uint32_t b = 0; b < bands; b++) {
            const uint32_t row = (d->ring_at - ears[b].back) & d->ring_mask;
            for (uint32_t c = 0; c < channels; c++) {
                x[n].band[b][c] = old[b * channels + c];
                side[n].band[b][c] = d->ring[(size_t)row * width + ears[b].column + c];
            }
        }
    }
    return plain ? x : side;
}

/* What comes in as one sound is split here. */
static void split_block(nave_dyn *d, const nave_dyn_blocks *blocks, const int32_t *const *in, nave_dyn_row *row,
                        size_t frames)
{
    const uint32_t channels = d->shape.channels;
    nave_dyn_frame v[NAVE_DYN_BLOCK];
    for (size_t n = 0; n < frames; n++)
        for (uint32_t c = 0; c < NAVE_DYN_CHANNELS; c++)
            v[n][c] = c < channels ? nave_to_q44(in[c][n]) : 0;
    blocks->eq(d->eq, d->eq_state[0], NAVE_DYN_SECTIONS, NAVE_DYN_SECTIONS, channels, v, frames);
    for (size_t n = 0; n < frames && d->mid_side && channels == 2; n++) { /* (l + r) / 2 and (l - r) / 2 */
        const int64_t mid = nave_round64(v[n][0] + v[n][1], 1), side = nave_round64(v[n][0] - v[n][1], 1);
        v[n][0] = mid;
        v[n][1] = side;
    }
    blocks->split(&d->crossover, d->crossover_state, channels, v, row, frames);
}

/* A block in which no dial moves: each part for all its frames before the next one. */
static void one_block(nave_dyn *d, const int32_t *const *in, const int32_t *const *external, int32_t *const *out,
                      size_t frames)
{
    const nave_dyn_blocks *blocks = d->blocks ? d->blocks : &nave_dyn_blocks_c;
    const uint32_t channels = d->shape.channels;
    const int mid_side = d->mid_side && channels == 2;
    nave_dyn_frame v[NAVE_DYN_BLOCK];
    nave_dyn_row row[NAVE_DYN_BLOCK], side[NAVE_DYN_BLOCK];
    nave_dyn_lowest lowest;
    int32_t whole[NAVE_DYN_CHANNELS][NAVE_DYN_BLOCK];
    const int32_t *const sums[NAVE_DYN_CHANNELS] = {whole[0], whole[1]};
    if (d->shape.given_bands)
        nave_dyn_take_bands(d, in, row, whole, frames);
    else
        split_block(d, blocks, in, row, frames);
    const nave_dyn_row *heard = through_ring(d, external, row, side, frames);
    blocks->bands(d->band, d->band_state, d->crossover.bands, channels, d->mid_side, heard, row, frames, &lowest);
    if (d->shape.given_bands)
        nave_dyn_add_bands(d, row, v, frames);
    else
        blocks->merge(&d->crossover, d->crossover_state, channels, row, v, frames);
    for (size_t n = 0; n < frames && mid_side; n++) {
        const int64_t left = v[n][0] + v[n][1], right = v[n][0] - v[n][1];
        v[n][0] = left;
        v[n][1] = right;
    }
    if (d->meters) /* before out, which may be in */
        nave_dyn_meter(d->meters, d, 0, d->shape.given_bands ? sums : in, frames);
    const nave_coef output = nave_exp2_q25(d->output);
    for (uint32_t c = 0; c < channels; c++)
        for (size_t n = 0; n < frames; n++)
            out[c][n] = nave_to_q28(v[n][c]);
    if (d->output) /* 2^0 changes nothing */
        for (uint32_t c = 0; c < channels; c++)
            for (size_t n = 0; n < frames; n++)
                out[c][n] = nave_scale(out[c][n], output);
    if (d->dc.kind != NAVE_EQ_OFF) {
        for (size_t n = 0; n < frames; n++)
            for (uint32_t c = 0; c < NAVE_DYN_CHANNELS; c++)
                v[n][c] = c < channels ? nave_to_q44(out[c][n]) : 0;
        blocks->eq(&d->dc, d->dc_state, 1, 1, channels, v, frames);
        for (uint32_t c = 0; c < channels; c++)
            for (size_t n = 0; n < frames; n++)
                out[c][n] = nave_to_q28(v[n][c]);
    }
    nave_dyn_limit(d, blocks, out, frames, &lowest);
    if (d->meters) {
        nave_dyn_meter(d->meters, d, 1, (const int32_t *const *)out, frames);
        nave_dyn_meter_gains(d->meters, d, &lowest, frames);
    }
}

void nave_dyn_process(nave_dyn *d, const int32_t *const *in, const int32_t *const *external, int32_t *const *out,
                      size_t frames)
{
    for (size_t done = 0; done < frames;) {
        const int32_t *from[NAVE_DYN_BANDS * NAVE_DYN_CHANNELS], *side[NAVE_DYN_CHANNELS];
        int32_t *to[NAVE_DYN_CHANNELS];
        const uint32_t inputs = d->shape.channels * (d->shape.given_bands ? d->shape.given_bands : 1);
        move_dials(d);
        size_t now = frames - done < NAVE_DYN_BLOCK ? frames - done : NAVE_DYN_BLOCK;
        if (d->moving_count)
            now = 1;
        else if (d->event_next < d->event_count && d->event[d->event_next].frame - d->frame < now)
            now = d->event[d->event_next].frame - d->frame;
        for (uint32_t c = 0; c < inputs; c++)
            from[c] = in[c] + done;
        for (uint32_t c = 0; c < d->shape.channels; c++) {
            side[c] = external ? external[c] + done : NULL;
            to[c] = out[c] + done;
        }
        one_block(d, from, external ? side : NULL, to, now);
        d->frame += now;
        done += now;
    }
}
