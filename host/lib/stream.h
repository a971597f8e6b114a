/* A stream, shared by stream.c (what every stream does) and stream_live.c (live ones, and what monitors see).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LIB_STREAM_H
#define NAVE_LIB_STREAM_H
#include "device.h"
#include "plan.h"

struct nave_stream {
    nave_device *dev;
    const nave_plan *plan;
    nave_stream_settings settings;
    uint32_t context, inputs, outputs;
    size_t out_size;      /* bytes of an output sample */
    uint64_t frames_in;   /* given to the card, the tail's silence not counted */
    uint64_t origin;      /* of frames_in, those before the card's frame 0: not 0 after a reopened card */
    uint64_t frames_sent; /* silence counted */
    uint64_t frames_got;  /* from the card */
    uint64_t end;         /* card frames that the caller gets; UINT64_MAX until finish */
    uint32_t latency;     /* frames of silence still to be read before the card's first */
    uint64_t frames_out;
    uint8_t *queue; /* planar: channel o at queue + o * capacity * out_size, a ring of `capacity` frames */
    size_t capacity, head, fill;
    /* while nave_stream_read waits and the queue is empty: where the caller wants the next frames, past the queue */
    uint8_t *direct[NAVE_MAX_CHANNELS];
    size_t direct_left;
    int finished, lost_position;
    int left_behind;                /* its card was reopened, and this stream does not run on there */
    double last[NAVE_MAX_CHANNELS]; /* live: the frame that the caller got last, in steps of the output's sample */
    int in_chain;                   /* a chain's stage: not by itself on a reopened card */
    void *meters_user;              /* of a chain's stage */
    uint64_t asked_at;              /* frames_sent when the card was asked last how much it clipped, for who looks */
    uint32_t fade_out, fade_in;     /* live: frames of each that are still to come */
};

static inline size_t nave_sample_size(nave_sample s)
{
    return s == NAVE_F32 || s == NAVE_Q28 ? 4 : 8;
}

/* Plan, start and gains, on the context that the stream has. */
int nave_stream_start(nave_stream *st, nave_text *why);
/* The same again on a reopened card. */
int nave_stream_restart(nave_stream *st, nave_text *why);
/* n frames of the card's output, for who looks. */
void nave_stream_show(nave_stream *st, const uint8_t *payload, size_t n);
/* Asks the card how much it clipped, a few times a second of audio, if anyone can look. */
int nave_stream_ask_clipped(nave_stream *st);
void nave_stream_hide(nave_stream *st);
#endif
