/* One file through the card: what rendering and verifying have in common. Memory does not grow with the file.
 * SPDX-License-Identifier: ISC */
#include "render_run.h"
#include "device.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROGRESS_PERIOD_S 0.1

double nave_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int check_input(const nave_audio_info *info, const char *path, nave_text *why)
{
    if (info->channels > NAVE_MAX_CHANNELS)
        return nave_fail(why, NAVE_E_CHANNELS, "'%s' has %u channels, nave takes %d: split it", path, info->channels,
                         NAVE_MAX_CHANNELS);
    if (info->rate_hz < NAVE_MIN_RATE_HZ || info->rate_hz > NAVE_MAX_RATE_HZ)
        return nave_fail(why, NAVE_E_RATE, "'%s' has %u Hz, nave takes %d to %d Hz: convert it", path, info->rate_hz,
                         NAVE_MIN_RATE_HZ, NAVE_MAX_RATE_HZ);
    return NAVE_OK;
}

int nave_render_job_open(nave_render_job *job, nave_device *dev, const char *in_path, const char *ir_path,
                         const nave_render_settings *settings, nave_text *why)
{
    nave_device_info device;
    memset(job, 0, sizeof *job);
    job->started_s = nave_now_s();
    job->dev = dev;
    job->settings = *settings;
    int err = nave_audio_reader_open(&job->reader, in_path, why);
    if (err)
        return err;
    const nave_audio_info *info = nave_audio_reader_info(job->reader);
    err = check_input(info, in_path, why);
    if (err)
        goto err_close_job;
    job->channels_in = info->channels;
    job->rate_hz = info->rate_hz;
    job->settings.ir.rate_hz = info->rate_hz;
    job->settings.plan.rate_hz = info->rate_hz;
    job->settings.plan.channels = info->channels;
    err = nave_ir_load(&job->ir, ir_path, &job->settings.ir, why);
    if (err)
        goto err_close_job;
    nave_ir_get_info(job->ir, &job->ir_info);
    err = nave_device_get_info(dev, &device);
    if (err) {
        nave_fail(why, err, "the device does not tell its limits (%s): open it again", nave_strerror(err));
        goto err_close_job;
    }
    nave_text reason = {""};
    err = nave_plan_compile(&job->plan, job->ir, &job->settings.plan, &device.limits, &reason);
    if (err) {
        nave_fail(why, err, "'%s': %s", ir_path, reason.text);
        goto err_close_job;
    }
    nave_plan_get_report(job->plan, &job->report);
    job->channels_out = job->report.outputs;
    job->frames_expected =
        info->frames == 0 ? 0 : info->frames + (settings->tail ? job->report.response_frames - 1 : 0);
    return NAVE_OK;

err_close_job:
    nave_render_job_close(job);
    return err;
}

void nave_render_job_close(nave_render_job *job)
{
    nave_plan_free(job->plan);
    nave_ir_free(job->ir);
    nave_audio_reader_close(job->reader);
    job->plan = NULL;
    job->ir = NULL;
    job->reader = NULL;
}

static void run_end(nave_render_run *r)
{
    nave_stream_close(r->stream);
    nave_close(r->spare);
    nave_reference_close(r->reference);
    for (uint32_t c = 0; c < NAVE_MAX_CHANNELS; c++) {
        free(r->in[c]);
        free(r->out[c]);
    }
    free(r->words);
}

static int run_begin(nave_render_run *r, nave_render_job *job, nave_text *why)
{
    const nave_render_settings *s = &job->settings;
    memset(r, 0, sizeof *r);
    r->job = job;
    r->wide = job->word == NAVE_WORD_PCM32 || job->word == NAVE_WORD_FLOAT;
    r->skip = job->report.latency_frames;
    r->total = job->frames_expected ? job->frames_expected : UINT64_MAX;
    r->dither = (nave_dither){.word = job->word, .on = s->dither, .seed = s->seed};
    r->last_progress_s = r->last_move_s = nave_now_s();
    int good = (r->words = malloc((size_t)NAVE_RENDER_BLOCK_FRAMES * job->channels_out * sizeof *r->words)) != NULL;
    for (uint32_t c = 0; c < job->channels_in; c++)
        good = (r->in[c] = malloc(NAVE_RENDER_BLOCK_FRAMES * sizeof(int32_t))) != NULL && good;
    for (uint32_t c = 0; c < job->channels_out; c++)
        good = (r->out[c] = malloc(NAVE_RENDER_BLOCK_FRAMES * (r->wide ? sizeof(int64_t) : sizeof(int32_t)))) != NULL &&
               good;
    if (!good)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the render");
    return nave_reference_open(&r->reference, job->ir, job->channels_in, job->channels_out, job->frames_expected, why);
}

int nave_render_open_stream(nave_render_run *r, nave_device *dev, nave_text *why)
{
    const nave_render_settings *s = &r->job->settings;
    nave_stream_settings stream;
    nave_stream_settings_default(&stream);
    stream.input = NAVE_Q28;
    stream.output = r->wide ? NAVE_Q44 : NAVE_Q28;
    stream.wet_db = s->wet_db;
    stream.dry_db = s->dry_db;
    r->frames_taken = 0;
    return nave_stream_open(&r->stream, dev, r->job->plan, &stream, why);
}

int nave_render_stream_fault(int err, nave_text *why)
{
    return nave_fail(why, err,
                     "the render stopped: %s: reconnect the card and render again, or use model:", nave_strerror(err));
}

static int feed(nave_render_run *r, size_t *moved, nave_text *why)
{
    nave_render_job *job = r->job;
    int err = NAVE_OK;
    if (r->ended)
        return NAVE_OK;
    if (r->in_done == r->in_have) {
        err = nave_audio_reader_read_q28(job->reader, r->in, NAVE_RENDER_BLOCK_FRAMES, &r->in_have, why);
        if (err)
            return err;
        r->in_done = 0;
        job->frames_in += r->in_have;
        nave_reference_input(r->reference, (const int32_t *const *)r->in, r->in_have);
    }
    if (r->in_have == 0) {
        if (job->frames_in == 0)
            return nave_fail(why, NAVE_E_FORMAT, "'%s' has no audio: give a file with at least one frame",
                             nave_audio_reader_path(job->reader));
        r->ended = 1;
        r->total = job->frames_in + (job->settings.tail ? job->report.response_frames - 1 : 0);
        err = nave_stream_finish(r->stream);
        *moved += 1;
        return err ? nave_render_stream_fault(err, why) : NAVE_OK;
    }
    const void *from[NAVE_MAX_CHANNELS];
    size_t taken = 0;
    for (uint32_t c = 0; c < job->channels_in; c++)
        from[c] = r->in[c] + r->in_done;
    err = nave_stream_write(r->stream, from, r->in_have - r->in_done, &taken);
    if (err && err != NAVE_E_AGAIN)
        return nave_render_stream_fault(err, why);
    r->in_done += taken;
    r->frames_taken += taken;
    *moved += taken;
    return NAVE_OK;
}

static int give(nave_render_run *r, size_t frames, nave_text *why)
{
    nave_render_job *job = r->job;
    for (uint32_t c = 0; c < job->channels_out; c++)
        if (r->wide)
            nave_dither_q44(&r->dither, r->out[c], r->words + c, job->channels_out, frames, c, job->frames_out);
        else
            nave_dither_q28(&r->dither, r->out[c], r->words + c, job->channels_out, frames, c, job->frames_out);
    nave_reference_output(r->reference, r->wide ? (const int64_t *const *)r->out : NULL,
                          r->wide ? NULL : (const int32_t *const *)r->out, frames);
    job->frames_out += frames;
    return job->sink(job->user, r->words, frames, why);
}

static int drain(nave_render_run *r, size_t *moved, nave_text *why)
{
    nave_render_job *job = r->job;
    for (;;) {
        uint64_t want = r->skip ? r->skip : r->total - job->frames_out;
        size_t given = 0;
        want = want < NAVE_RENDER_BLOCK_FRAMES ? want : NAVE_RENDER_BLOCK_FRAMES;
        if (want == 0)
            return NAVE_OK;
        int err = nave_stream_read(r->stream, r->out, (size_t)want, &given);
        if (err && err != NAVE_E_AGAIN)
            return nave_render_stream_fault(err, why);
        if (given == 0)
            return NAVE_OK;
        *moved += given;
        if (r->skip) {
            r->skip -= given;
            continue;
        }
        err = give(r, given, why);
        if (err)
            return err;
    }
}

int nave_render_report_progress(const nave_render_settings *s, double started_s, uint64_t frames_done,
                                uint64_t frames_total, double *last_s, nave_text *why)
{
    const double now = nave_now_s();
    const int at_end = frames_total && frames_done >= frames_total;
    if (!s->progress || (now - *last_s < PROGRESS_PERIOD_S && !at_end))
        return NAVE_OK;
    nave_progress p = {.frames_done = frames_done,
                       .frames_total = frames_total,
                       .seconds_elapsed = now - started_s,
                       .seconds_left = -1};
    if (p.frames_done && p.frames_total >= p.frames_done)
        p.seconds_left = p.seconds_elapsed * (double)(p.frames_total - p.frames_done) / (double)p.frames_done;
    *last_s = now;
    if (s->progress(s->user, &p))
        return nave_fail(why, NAVE_E_CANCELLED, "cancelled after %" PRIu64 " frames; nothing was written", frames_done);
    return NAVE_OK;
}

int nave_render_time_out(nave_device *dev, nave_text *why)
{
    if (dev)
        nave_link_give_up(&dev->link, NAVE_E_TIMEOUT, "the card gave no audio");
    return nave_fail(why, NAVE_E_TIMEOUT, "the card gave no audio for %g s: reconnect it and render again",
                     NAVE_RENDER_PATIENCE_S);
}

static int report_progress(nave_render_run *r, nave_text *why)
{
    const nave_render_job *job = r->job;
    return nave_render_report_progress(&job->settings, job->started_s, job->frames_out,
                                       r->total == UINT64_MAX ? 0 : r->total, &r->last_progress_s, why);
}

/* A card at the other end of a cable answers in its own time. */
static int wait_if_idle(nave_render_run *r, size_t moved, nave_text *why)
{
    if (moved) {
        r->last_move_s = nave_now_s();
        return NAVE_OK;
    }
    if (nave_now_s() - r->last_move_s > NAVE_RENDER_PATIENCE_S)
        return nave_render_time_out(r->spare ? NULL : r->job->dev, why);
    const int err = nave_stream_wait(r->stream, 200);
    return err && err != NAVE_E_AGAIN && err != NAVE_E_STATE ? nave_render_stream_fault(err, why) : NAVE_OK;
}

static int run_all(nave_render_run *r, nave_text *why)
{
    int err = NAVE_OK;
    while (!err && r->job->frames_out < r->total) {
        size_t moved = 0;
        err = feed(r, &moved, why);
        if (!err)
            err = drain(r, &moved, why);
        if (!err)
            err = report_progress(r, why);
        if (!err)
            err = wait_if_idle(r, moved, why);
    }
    return err;
}

/* All of it, and what the card counted. */
static int run_and_count(nave_render_run *r, nave_stream_stats *stats, nave_text *why)
{
    int err = run_all(r, why);
    if (err)
        return err;
    err = nave_stream_get_stats(r->stream, stats);
    return err ? nave_render_stream_fault(err, why) : NAVE_OK;
}

int nave_render_job_run(nave_render_job *job, nave_text *why)
{
    nave_render_run r;
    nave_stream_stats stats;
    int err = run_begin(&r, job, why);
    if (err)
        goto err_end;
    err = nave_render_open_stream(&r, job->dev, why);
    for (;;) {
        if (!err)
            err = run_and_count(&r, &stats, why);
        if (!err || !nave_render_may_recover(job->dev, &job->settings, r.spare, job->recoveries, err))
            break;
        err = nave_render_recover(&r, why);
    }
    if (!err)
        err = nave_reference_result(r.reference, pow(10, job->settings.wet_db / 20), pow(10, job->settings.dry_db / 20),
                                    &job->error_rms_dbfs, why);
    if (!err) {
        job->clipped_samples = r.dither.clipped_samples + stats.clipped_samples;
        /* The last frame of the output takes the last of the input, so all of it has been read. */
        nave_audio_reader_hash(job->reader, job->input_hash);
    }
err_end:
    run_end(&r);
    return err;
}
