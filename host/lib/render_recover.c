/* A render whose card is lost goes on, with the same bits: the input is read again from the start, through the card
 * that is back or through the C model, and the output up to where the file stands is dropped.
 * SPDX-License-Identifier: ISC */
#include "render_run.h"
#include "device.h"
#include <stdlib.h>
#include <string.h>

#define MOST_REOPENED 3 /* a card with a bad contact: then the C model does the rest */
#define REOPEN_WAIT_S 1.0
#define MOST_RECOVERIES (MOST_REOPENED + 1)

int nave_render_may_recover(const nave_device *dev, const nave_render_settings *s, const nave_device *spare,
                            uint32_t recoveries, int err)
{
    /* an error of the link; a command that the card refused would be refused again */
    const int lost = dev->link.failure && err == dev->link.failure;
    return lost && s->recover && !spare && dev->link.backend->returns && recoveries < MOST_RECOVERIES;
}

int nave_render_go_on_with(nave_device **next, nave_device *dev, nave_device **spare, uint32_t recoveries,
                           nave_text *why)
{
    nave_text unused = {""};
    int err = NAVE_E_LOST;
    *next = dev;
    if (recoveries <= MOST_REOPENED)
        err = nave_device_reopen(dev, REOPEN_WAIT_S, &unused);
    if (err) {
        err = nave_open(spare, "model:", why);
        *next = *spare;
    }
    return err;
}

/* Where the input stands again, and what of the output was there already. */
typedef struct replay {
    nave_audio_reader *reader;
    uint64_t feed, drop; /* frames that are still to go each way */
    size_t have, done;
    int32_t *in[NAVE_MAX_CHANNELS];
} replay;

static int replay_feed(nave_render_run *r, replay *p, size_t *moved, nave_text *why)
{
    const void *from[NAVE_MAX_CHANNELS];
    size_t taken = 0;
    int err = NAVE_OK;
    if (p->done == p->have) {
        const size_t n = p->feed < NAVE_RENDER_BLOCK_FRAMES ? (size_t)p->feed : NAVE_RENDER_BLOCK_FRAMES;
        err = nave_audio_reader_read_q28(p->reader, p->in, n, &p->have, why);
        if (err)
            return err;
        p->done = 0;
        if (p->have == 0)
            return nave_fail(why, NAVE_E_FORMAT, "'%s' became shorter while it was rendered: render it again",
                             nave_audio_reader_path(p->reader));
    }
    for (uint32_t c = 0; c < r->job->channels_in; c++)
        from[c] = p->in[c] + p->done;
    err = nave_stream_write(r->stream, from, p->have - p->done, &taken);
    p->done += taken;
    p->feed -= taken;
    r->frames_taken += taken;
    *moved += taken;
    return err == NAVE_E_AGAIN ? NAVE_OK : err;
}

static int replay_drop(nave_render_run *r, replay *p, size_t *moved)
{
    size_t given = 0;
    const size_t n = p->drop < NAVE_RENDER_BLOCK_FRAMES ? (size_t)p->drop : NAVE_RENDER_BLOCK_FRAMES;
    const int err = nave_stream_read(r->stream, r->out, n, &given);
    p->drop -= given;
    *moved += given;
    return err == NAVE_E_AGAIN ? NAVE_OK : err;
}

static int replay_all(nave_render_run *r, replay *p, nave_text *why)
{
    int err = NAVE_OK;
    if (p->feed == 0 && r->ended)
        err = nave_stream_finish(r->stream);
    while (!err && (p->feed || p->drop)) {
        size_t moved = 0;
        if (p->feed) {
            err = replay_feed(r, p, &moved, why);
            if (!err && p->feed == 0 && r->ended)
                err = nave_stream_finish(r->stream);
        }
        if (!err && p->drop)
            err = replay_drop(r, p, &moved);
        if (!err)
            err = nave_render_report_progress(&r->job->settings, r->job->started_s, r->job->frames_out,
                                              r->total == UINT64_MAX ? 0 : r->total, &r->last_progress_s, why);
        if (!err && moved == 0) {
            err = nave_stream_wait(r->stream, 200);
            if (err == NAVE_E_AGAIN)
                err = nave_now_s() - r->last_move_s > NAVE_RENDER_PATIENCE_S ? NAVE_E_TIMEOUT : NAVE_OK;
        } else {
            r->last_move_s = nave_now_s();
        }
    }
    return err;
}

int nave_render_recover(nave_render_run *r, nave_text *why)
{
    nave_render_job *job = r->job;
    nave_device *next;
    replay p = {.feed = r->frames_taken, .drop = job->frames_out + job->report.latency_frames - r->skip};
    nave_stream_close(r->stream);
    r->stream = NULL;
    job->recoveries++;
    int err = nave_render_go_on_with(&next, job->dev, &r->spare, job->recoveries, why);
    if (err)
        return err;
    job->took_over = r->spare != NULL;
    r->last_move_s = nave_now_s();
    err = nave_render_open_stream(r, next, why);
    if (!err)
        err = nave_audio_reader_open(&p.reader, nave_audio_reader_path(job->reader), why);
    for (uint32_t c = 0; c < job->channels_in && !err; c++)
        if (!(p.in[c] = malloc(NAVE_RENDER_BLOCK_FRAMES * sizeof(int32_t))))
            err = nave_fail(why, NAVE_E_NOMEM, "out of memory for the render");
    const uint64_t feed = p.feed;
    if (!err)
        err = replay_all(r, &p, why);
    if (nave_render_may_recover(job->dev, &job->settings, r->spare, job->recoveries, err))
        r->frames_taken = feed; /* lost again: the next one starts from the same place */
    for (uint32_t c = 0; c < job->channels_in; c++)
        free(p.in[c]);
    nave_audio_reader_close(p.reader);
    return err;
}
