/* Streams: a plan on a context of a card, samples in and out in whatever pieces the caller likes.
 * SPDX-License-Identifier: ISC */
#include "stream.h"
#include "../../driver/why.h"
#include "convert.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void nave_stream_settings_default(nave_stream_settings *out)
{
    *out = (nave_stream_settings){.input = NAVE_F32, .output = NAVE_F32, .wet_db = 0, .dry_db = -INFINITY};
}

static void convert_out(nave_stream *st, void *out, const void *in, size_t n)
{
    switch (st->settings.output) {
    case NAVE_F32:
        nave_f32_from_q44(out, in, n);
        break;
    case NAVE_F64:
        nave_f64_from_q44(out, in, n);
        break;
    default:
        memcpy(out, in, n * st->out_size);
    }
}

/* The link's sink: output of the card goes to the caller who waits for it, the rest into the queue, which has room
 * because write counted it. */
static void take_audio(void *user, uint64_t position, const uint8_t *payload, uint32_t length)
{
    nave_stream *st = user;
    const size_t word = st->settings.output == NAVE_Q28 ? 4 : 8;
    const size_t n = length / (word * st->outputs);
    const size_t direct = st->direct_left < n ? st->direct_left : n;
    if (position != st->frames_got || st->fill + n - direct > st->capacity) {
        st->lost_position = 1;
        return;
    }
    st->frames_got += n;
    st->direct_left -= direct;
    nave_stream_show(st, payload, n);
    for (uint32_t o = 0; o < st->outputs && direct; o++) {
        convert_out(st, st->direct[o], payload + o * n * word, direct);
        st->direct[o] += direct * st->out_size;
    }
    for (size_t done = direct; done < n;) {
        const size_t at = (st->head + st->fill) % st->capacity;
        const size_t run = n - done < st->capacity - at ? n - done : st->capacity - at;
        for (uint32_t o = 0; o < st->outputs; o++)
            convert_out(st, st->queue + (o * st->capacity + at) * st->out_size, payload + (o * n + done) * word, run);
        st->fill += run;
        done += run;
    }
}

static int upload(nave_stream *st, nave_text *why)
{
    const nave_plan *p = st->plan;
    const uint64_t base = st->dev->region[st->context].base;
    for (size_t at = 0; at < p->image_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
        const size_t left = p->image_bytes - at;
        const uint32_t n = left < NAVE_MAX_PAYLOAD_BYTES ? (uint32_t)left : NAVE_MAX_PAYLOAD_BYTES;
        const int err = nave_link_command(&st->dev->link, NAVE_FRAME_RAM_WRITE, st->context, base + p->image_base + at,
                                          (const uint8_t *)p->image + at, n, NULL, why);
        if (err)
            return err;
    }
    return nave_link_command(&st->dev->link, NAVE_FRAME_PLAN_LOAD, st->context, base, p->words,
                             (uint32_t)(4 * p->word_count), NULL, why);
}

static int gain_q28(double db, int32_t *gain)
{
    if (isnan(db) || db > 18.0)
        return NAVE_E_ARG;
    *gain = db == -INFINITY ? 0 : (int32_t)lrint(pow(10.0, db / 20.0) * 268435456.0);
    return NAVE_OK;
}

static int send_param(nave_stream *st, nave_param param, double db, uint64_t at, nave_text *why)
{
    int32_t gain;
    if ((param != NAVE_PARAM_WET_GAIN && param != NAVE_PARAM_DRY_GAIN) || gain_q28(db, &gain))
        return nave_fail(why, NAVE_E_ARG, "a gain of %g dB can't be: take -inf to 18 dB", db);
    const uint32_t words[2] = {param == NAVE_PARAM_WET_GAIN ? NAVE_PARAM_WET : NAVE_PARAM_DRY, (uint32_t)gain};
    return nave_link_command(&st->dev->link, NAVE_FRAME_PARAM, st->context, at, words, sizeof(words), NULL, why);
}

int nave_stream_start(nave_stream *st, nave_text *why)
{
    const uint32_t format = st->settings.output == NAVE_Q28 ? NAVE_FORMAT_Q28 : NAVE_FORMAT_Q44;
    int err = upload(st, why);
    if (!err)
        err = nave_link_command(&st->dev->link, NAVE_FRAME_START, st->context, 0, &format, sizeof(format), NULL, why);
    if (!err && st->settings.wet_db != 0)
        err = send_param(st, NAVE_PARAM_WET_GAIN, st->settings.wet_db, 0, why);
    if (!err && st->settings.dry_db != -INFINITY)
        err = send_param(st, NAVE_PARAM_DRY_GAIN, st->settings.dry_db, 0, why);
    return err;
}

int nave_stream_open(nave_stream **out, nave_device *dev, const nave_plan *plan, const nave_stream_settings *settings,
                     nave_text *why)
{
    if (!out || !dev || !plan)
        return nave_fail(why, NAVE_E_ARG, "nave_stream_open needs a device and a plan");
    nave_stream *st = calloc(1, sizeof(*st));
    if (!st)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    nave_stream_settings_default(&st->settings);
    if (settings)
        st->settings = *settings;
    st->dev = dev;
    st->plan = plan;
    st->inputs = plan->card.inputs;
    st->outputs = plan->card.outputs;
    st->out_size = nave_sample_size(st->settings.output);
    st->end = UINT64_MAX;
    st->latency = plan->report.latency_frames;
    const size_t most = NAVE_MAX_PAYLOAD_BYTES / 4 / st->inputs;
    st->capacity = 2 * (size_t)plan->card.tick_frames + most;
    int err = NAVE_E_ARG;
    if (st->settings.input == NAVE_Q44 || st->settings.input > NAVE_F64 || st->settings.output > NAVE_F64) {
        nave_fail(why, err, "a stream takes F32, F64 or Q28 samples and gives F32, F64, Q28 or Q44");
        goto err_free;
    }
    st->queue = malloc(st->capacity * st->outputs * st->out_size);
    if (!st->queue) {
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory");
        goto err_free;
    }
    err = nave_device_take(dev, plan->card.ram_bytes, &st->context, why);
    if (err)
        goto err_free_queue;
    dev->link.sink[st->context] = (nave_link_sink){.audio = take_audio, .user = st};
    dev->stream[st->context] = st;
    err = nave_stream_start(st, why);
    if (err)
        goto err_give_back;
    *out = st;
    return NAVE_OK;
err_give_back:
    /* it may run already: the next to take this context must find it free */
    nave_link_command(&dev->link, NAVE_FRAME_UNLOAD, st->context, 0, NULL, 0, NULL, NULL);
    dev->link.sink[st->context] = (nave_link_sink){0};
    dev->stream[st->context] = NULL;
    nave_device_give_back(dev, st->context);
err_free_queue:
    free(st->queue);
err_free:
    free(st);
    return err;
}

void nave_stream_close(nave_stream *st)
{
    if (!st)
        return;
    nave_link_command(&st->dev->link, NAVE_FRAME_UNLOAD, st->context, 0, NULL, 0, NULL, NULL);
    st->dev->link.sink[st->context] = (nave_link_sink){0};
    st->dev->stream[st->context] = NULL;
    nave_stream_hide(st);
    nave_device_give_back(st->dev, st->context);
    free(st->queue);
    free(st);
}

/* Frames that can go to the card so that all output they may cause has room in the queue. */
static size_t room(const nave_stream *st)
{
    const uint64_t inside = st->frames_sent - st->frames_got; /* not yet given back */
    const size_t most = NAVE_MAX_PAYLOAD_BYTES / 4 / st->inputs, used = st->fill + (size_t)inside;
    const size_t left = used < st->capacity ? st->capacity - used : 0;
    return left < most ? left : most;
}

static int link_error(const nave_stream *st, int err)
{
    if (st->lost_position)
        return NAVE_E_PROTOCOL;
    return err == NAVE_E_AGAIN ? NAVE_OK : err;
}

/* n frames from planar input (NULL: silence) to the card, converted straight into the link's frame. */
static int send_frames(nave_stream *st, const void *const *in, size_t from, size_t n)
{
    int32_t *payload = nave_link_payload(&st->dev->link);
    int nan = 0;
    for (uint32_t c = 0; c < st->inputs; c++) {
        int32_t *to = payload + c * n;
        if (!in)
            memset(to, 0, n * sizeof(*to));
        else if (st->settings.input == NAVE_F32)
            nan |= nave_q28_from_f32(to, (const float *)in[c] + from, n);
        else if (st->settings.input == NAVE_F64)
            nan |= nave_q28_from_f64(to, (const double *)in[c] + from, n);
        else
            memcpy(to, (const int32_t *)in[c] + from, n * sizeof(*to));
    }
    if (nan)
        return NAVE_E_FORMAT;
    int err = nave_link_send(&st->dev->link, NAVE_FRAME_AUDIO_IN, st->context, st->frames_sent,
                             (uint32_t)(4 * n * st->inputs));
    if (err)
        return err;
    st->frames_sent += n;
    if (in)
        st->frames_in += n;
    /* answers wait for nave_stream_read, which can take them where the caller wants them */
    return nave_stream_ask_clipped(st);
}

int nave_stream_write(nave_stream *st, const void *const *in, size_t frames, size_t *taken)
{
    if (!st || !in || !taken)
        return NAVE_E_ARG;
    *taken = 0;
    if (st->finished)
        return NAVE_E_STATE;
    if (st->left_behind)
        return NAVE_E_LOST;
    while (*taken < frames) {
        size_t n = room(st);
        if (n == 0) {
            const int err = link_error(st, nave_link_pump(&st->dev->link, 0));
            if (err)
                return err;
            n = room(st);
        }
        if (n == 0)
            break;
        n = n < frames - *taken ? n : frames - *taken;
        const int err = send_frames(st, in, *taken, n);
        if (err)
            return err;
        *taken += n;
    }
    return *taken || frames == 0 ? NAVE_OK : NAVE_E_AGAIN;
}

int nave_stream_finish(nave_stream *st)
{
    if (!st)
        return NAVE_E_ARG;
    if (st->finished)
        return NAVE_E_STATE;
    st->finished = 1;
    st->end = st->frames_in ? st->frames_in - st->origin + st->plan->report.response_frames - 1 : 0;
    return NAVE_OK;
}

/* After the end: silence, until the card has given all that the caller gets. */
static int send_tail(nave_stream *st)
{
    const uint64_t tick = st->plan->card.tick_frames;
    const uint64_t last = (st->end + tick - 1) / tick * tick;
    while (st->frames_sent < last) {
        size_t n = room(st);
        if (n == 0)
            return NAVE_OK;
        if (n > last - st->frames_sent)
            n = (size_t)(last - st->frames_sent);
        const int err = send_frames(st, NULL, 0, n);
        if (err)
            return err;
    }
    return NAVE_OK;
}

/* From the queue, cut at the stream's end. */
static size_t pop(nave_stream *st, void *const *out, size_t from, size_t frames)
{
    const uint64_t first = st->frames_got - st->fill; /* card frame at the queue's head */
    uint64_t left = first < st->end ? st->end - first : 0;
    size_t n = frames < st->fill ? frames : st->fill;
    n = n < left ? n : (size_t)left;
    for (size_t done = 0; done < n;) {
        const size_t run = n - done < st->capacity - st->head ? n - done : st->capacity - st->head;
        for (uint32_t o = 0; o < st->outputs; o++)
            memcpy((uint8_t *)out[o] + (from + done) * st->out_size,
                   st->queue + (o * st->capacity + st->head) * st->out_size, run * st->out_size);
        st->head = (st->head + run) % st->capacity;
        st->fill -= run;
        done += run;
    }
    return n;
}

/* What the card has, straight to the caller; the queue is empty. Sends the tail's silence where it is due. */
static int receive(nave_stream *st, void *const *out, size_t from, size_t frames, size_t *given)
{
    const uint64_t left = st->frames_got < st->end ? st->end - st->frames_got : 0;
    const size_t wanted = frames < left ? frames : (size_t)left;
    for (uint32_t o = 0; o < st->outputs; o++)
        st->direct[o] = (uint8_t *)out[o] + from * st->out_size;
    st->direct_left = wanted;
    int err = st->finished ? send_tail(st) : NAVE_OK;
    if (!err)
        err = link_error(st, nave_link_pump(&st->dev->link, 0));
    *given = wanted - st->direct_left;
    st->direct_left = 0;
    return err;
}

int nave_stream_read(nave_stream *st, void *const *out, size_t frames, size_t *given)
{
    if (!st || !out || !given)
        return NAVE_E_ARG;
    *given = 0;
    int err = st->left_behind ? NAVE_E_LOST : NAVE_OK;
    while (!err && *given < frames) {
        size_t n;
        if (st->latency) {
            n = frames - *given < st->latency ? frames - *given : st->latency;
            for (uint32_t o = 0; o < st->outputs; o++)
                memset((uint8_t *)out[o] + *given * st->out_size, 0, n * st->out_size);
            st->latency -= (uint32_t)n;
        } else {
            n = pop(st, out, *given, frames - *given);
            if (n == 0)
                err = receive(st, out, *given, frames - *given, &n);
        }
        *given += n;
        if (n == 0)
            break;
    }
    st->frames_out += *given;
    return err;
}

int nave_stream_wait(nave_stream *st, int timeout_ms)
{
    if (!st)
        return NAVE_E_ARG;
    if (st->left_behind)
        return NAVE_E_LOST;
    if (st->latency || (st->fill && st->frames_got - st->fill < st->end) || (!st->finished && room(st)))
        return NAVE_OK;
    if (st->finished && st->frames_got - st->fill >= st->end)
        return NAVE_E_STATE;
    int err = st->finished ? send_tail(st) : NAVE_OK;
    if (!err)
        err = nave_link_pump(&st->dev->link, timeout_ms);
    return st->lost_position ? NAVE_E_PROTOCOL : err;
}

int nave_stream_set_param(nave_stream *st, nave_param param, double db, uint64_t at_frame)
{
    if (!st)
        return NAVE_E_ARG;
    if (at_frame < st->origin + st->frames_sent)
        return NAVE_E_STATE;
    const int err = send_param(st, param, db, at_frame - st->origin, NULL);
    if (!err) /* what a stream starts with again after its card was lost */
        *(param == NAVE_PARAM_WET_GAIN ? &st->settings.wet_db : &st->settings.dry_db) = db;
    return err;
}

int nave_stream_get_stats(const nave_stream *st, nave_stream_stats *out)
{
    if (!st || !out)
        return NAVE_E_ARG;
    nave_link *link = &st->dev->link;
    uint32_t clipped = 0, ticks = 0;
    const uint32_t base = NAVE_REG_CONTEXT_BASE + st->context * NAVE_REG_CONTEXT_STRIDE;
    int err = nave_link_command(link, NAVE_FRAME_REG_READ, 0, base + NAVE_REG_CONTEXT_CLIPPED, NULL, 0, &clipped, NULL);
    if (!err)
        err = nave_link_command(link, NAVE_FRAME_REG_READ, 0, base + NAVE_REG_CONTEXT_TICKS, NULL, 0, &ticks, NULL);
    *out = (nave_stream_stats){.frames_in = st->frames_in,
                               .frames_out = st->frames_out,
                               .clipped_samples = clipped,
                               .ticks = ticks,
                               .crc_errors = link->crc_errors,
                               .stale_frames = link->stale_frames,
                               .sequence_errors = link->sequence_errors};
    return err;
}
