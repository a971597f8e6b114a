/* Live streams: blocks in and out, a lost card fades out and comes back; what monitors see of any stream.
 * SPDX-License-Identifier: ISC */
#include "stream.h"
#include <stdlib.h>
#include <string.h>

#define FADE_FRAMES 256 /* 5 ms at 48 kHz: no click, and short beside what was lost */

static double get(const nave_stream *st, const void *p, size_t n)
{
    switch (st->settings.output) {
    case NAVE_F32:
        return (double)((const float *)p)[n];
    case NAVE_F64:
        return ((const double *)p)[n];
    case NAVE_Q28:
        return ((const int32_t *)p)[n];
    default:
        return (double)((const int64_t *)p)[n];
    }
}

static void put(const nave_stream *st, void *p, size_t n, double value)
{
    switch (st->settings.output) {
    case NAVE_F32:
        ((float *)p)[n] = (float)value;
        break;
    case NAVE_F64:
        ((double *)p)[n] = value;
        break;
    case NAVE_Q28:
        ((int32_t *)p)[n] = (int32_t)value;
        break;
    default:
        ((int64_t *)p)[n] = (int64_t)value;
    }
}

static void fade_in(nave_stream *st, void *const *out, size_t from, size_t frames)
{
    for (size_t n = from; n < from + frames && st->fade_in; n++, st->fade_in--)
        for (uint32_t o = 0; o < st->outputs; o++)
            put(st, out[o], n, get(st, out[o], n) * (FADE_FRAMES - st->fade_in) / FADE_FRAMES);
}

/* From the last frame to silence. */
static void fade_out(nave_stream *st, void *const *out, size_t from, size_t frames)
{
    for (size_t n = from; n < from + frames; n++) {
        for (uint32_t o = 0; o < st->outputs; o++)
            put(st, out[o], n, st->last[o] * st->fade_out / FADE_FRAMES);
        st->fade_out -= st->fade_out != 0;
    }
}

static int process(nave_stream *st, const void *const *in, void *const *out, size_t frames, size_t *done)
{
    const size_t piece = st->plan->card.tick_frames; /* never more than the latency, so that output is always due */
    const void *from[NAVE_MAX_CHANNELS];
    void *to[NAVE_MAX_CHANNELS];
    while (*done < frames) {
        const size_t n = frames - *done < piece ? frames - *done : piece, end = *done + n;
        size_t taken = 0;
        for (uint32_t c = 0; c < st->inputs; c++)
            from[c] = (const uint8_t *)in[c] + *done * nave_sample_size(st->settings.input);
        int err = nave_stream_write(st, from, n, &taken);
        if (err)
            return err;
        while (*done < end) {
            size_t got = 0;
            const uint32_t silence = st->latency;
            for (uint32_t o = 0; o < st->outputs; o++)
                to[o] = (uint8_t *)out[o] + *done * st->out_size;
            err = nave_stream_read(st, to, end - *done, &got);
            if (got > silence)
                fade_in(st, to, silence, got - silence);
            *done += got;
            if (!err && got == 0)
                err = nave_link_pump(&st->dev->link, st->dev->link.live_timeout_ms);
            if (err == NAVE_E_AGAIN)
                return nave_link_give_up(&st->dev->link, NAVE_E_TIMEOUT, "the card gave no live audio in time");
            if (err)
                return err;
        }
    }
    return NAVE_OK;
}

int nave_stream_process(nave_stream *st, const void *const *in, void *const *out, size_t frames)
{
    if (!st || !in || !out)
        return NAVE_E_ARG;
    if (st->plan->report.mode != NAVE_LIVE || st->finished)
        return NAVE_E_STATE;
    size_t done = 0;
    const uint64_t frames_in = st->frames_in;
    const int err = process(st, in, out, frames, &done);
    if (done) {
        st->fade_out = FADE_FRAMES;
        for (uint32_t o = 0; o < st->outputs; o++)
            st->last[o] = get(st, out[o], done - 1);
    }
    if (err != NAVE_OK && err != NAVE_E_FORMAT) { /* the caller plays what is in `out`, whatever happened */
        fade_out(st, out, done, frames - done);
        st->frames_in = frames_in + frames;
        st->frames_out += frames - done;
    }
    return err;
}

int nave_stream_restart(nave_stream *st, nave_text *why)
{
    st->origin = st->frames_in;
    st->frames_sent = st->frames_got = st->asked_at = 0;
    st->head = st->fill = 0;
    st->latency = st->plan->report.latency_frames;
    st->lost_position = 0;
    st->fade_in = FADE_FRAMES;
    return nave_stream_start(st, why);
}

static uint32_t peak_q28(const nave_stream *st, const uint8_t *payload, uint32_t output, size_t n)
{
    uint64_t peak = 0;
    if (st->settings.output == NAVE_Q28) {
        const int32_t *x = (const int32_t *)(const void *)payload + output * n;
        for (size_t i = 0; i < n; i++) {
            const uint64_t size = x[i] < 0 ? (uint64_t) - (int64_t)x[i] : (uint64_t)x[i];
            peak = size > peak ? size : peak;
        }
        return (uint32_t)peak;
    }
    const int64_t *x = (const int64_t *)(const void *)payload + output * n;
    for (size_t i = 0; i < n; i++) {
        const uint64_t size = (uint64_t)(x[i] < 0 ? -x[i] : x[i]);
        peak = size > peak ? size : peak;
    }
    return (uint32_t)(peak >> 16);
}

void nave_stream_show(nave_stream *st, const uint8_t *payload, size_t n)
{
    nave_activity *a = st->dev->link.activity;
    if (!a)
        return;
    a->context[st->context].used = 1;
    a->context[st->context].rate_hz = st->plan->report.rate_hz;
    a->context[st->context].inputs = st->inputs;
    a->context[st->context].outputs = st->outputs;
    a->context[st->context].load_permille = (uint32_t)(1000 * st->plan->report.load_average);
    a->context[st->context].frames_in = st->frames_in;
    a->context[st->context].frames_out = st->origin + st->frames_got;
    for (uint32_t o = 0; o < st->outputs; o++) {
        uint32_t *meter = &a->context[st->context].peak_q28[o];
        const uint32_t peak = peak_q28(st, payload, o, n), falling = *meter - *meter / 8;
        *meter = peak > falling ? peak : falling;
    }
}

int nave_stream_ask_clipped(nave_stream *st)
{
    nave_link *link = &st->dev->link;
    const uint64_t since = st->frames_sent - st->asked_at;
    if (!link->activity || (since < st->plan->report.rate_hz / 5 && st->frames_sent < st->end))
        return NAVE_OK;
    st->asked_at = st->frames_sent;
    return nave_link_ask(link, NAVE_REG_CONTEXT_BASE + st->context * NAVE_REG_CONTEXT_STRIDE + NAVE_REG_CONTEXT_CLIPPED,
                         &link->activity->context[st->context].clipped_samples);
}

void nave_stream_hide(nave_stream *st)
{
    if (st->dev->link.activity)
        st->dev->link.activity->context[st->context].used = 0;
}
