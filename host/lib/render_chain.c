/* Rendering a file through a chain: the latency is taken out, the receipt has the chain's text.
 * SPDX-License-Identifier: ISC */
#include "render_chain.h"
#include "measure.h"
#include "receipt.h"
#include "render_run.h"
#include "../../driver/protocol.h" /* after nave.h, which has enums of the same names */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FRAMES 4096

static int open_side(nave_chain_job *job, const char *in_path, const char *side_path, nave_text *why)
{
    if (!side_path)
        return NAVE_OK;
    const int err = nave_audio_reader_open(&job->side, side_path, why);
    if (err)
        return err;
    const nave_audio_info *info = nave_audio_reader_info(job->side);
    if (info->rate_hz != job->rate_hz)
        return nave_fail(why, NAVE_E_RATE, "the side-chain '%s' has %u Hz and '%s' %u Hz: convert one of them",
                         side_path, info->rate_hz, in_path, job->rate_hz);
    if (info->channels != 1 && info->channels != job->channels_in)
        return nave_fail(why, NAVE_E_CHANNELS, "the side-chain '%s' has %u channels: it takes 1 or the input's %u",
                         side_path, info->channels, job->channels_in);
    return NAVE_OK;
}

int nave_chain_job_open(nave_chain_job *job, nave_device *dev, const nave_chain *chain, const char *in_path,
                        const char *side_path, const char *board, const nave_render_settings *settings, nave_text *why)
{
    memset(job, 0, sizeof(*job));
    job->started_s = nave_now_s();
    job->dev = dev;
    job->settings = *settings;
    int err = nave_audio_reader_open(&job->reader, in_path, why);
    if (err)
        return err;
    const nave_audio_info *info = nave_audio_reader_info(job->reader);
    job->channels_in = info->channels;
    job->rate_hz = info->rate_hz;
    if (info->rate_hz < NAVE_MIN_RATE_HZ || info->rate_hz > NAVE_MAX_RATE_HZ)
        err = nave_fail(why, NAVE_E_RATE, "'%s' has %u Hz, nave takes %d to %d Hz: convert it", in_path, info->rate_hz,
                        NAVE_MIN_RATE_HZ, NAVE_MAX_RATE_HZ);
    if (!err)
        err = open_side(job, in_path, side_path, why);
    nave_chain_session s;
    nave_chain_session_default(&s);
    s.rate_hz = job->rate_hz;
    s.channels = job->channels_in;
    s.side_chain = job->side != NULL;
    s.plan = settings->plan;
    snprintf(s.board, sizeof(s.board), "%s", board);
    s.input = NAVE_Q28;
    s.output = NAVE_Q44;
    s.meters = settings->meters;
    s.user = settings->meters_user;
    if (!err)
        err = nave_chain_open(&job->stream, dev, chain, &s, why);
    if (err) {
        nave_chain_job_close(job);
        return err;
    }
    nave_chain_get_report(job->stream, &job->report);
    nave_chain_facts(job->stream, job->plan_hash, job->plan_board, &job->tail_frames);
    if (!settings->tail)
        job->tail_frames = 0;
    job->channels_out = job->report.outputs;
    job->frames_expected = info->frames ? info->frames + job->tail_frames : 0;
    return NAVE_OK;
}

void nave_chain_job_close(nave_chain_job *job)
{
    nave_chain_close(job->stream);
    nave_close(job->spare);
    nave_audio_reader_close(job->side);
    nave_audio_reader_close(job->reader);
    memset(job, 0, sizeof(*job));
}

typedef struct flow {
    nave_chain_job *job;
    int32_t *in[2 * NAVE_MAX_CHANNELS];
    int64_t *out[NAVE_MAX_CHANNELS];
    int32_t *words;
    size_t have, done;
    uint64_t skip, total;
    int ended;
    nave_dither dither;
    double progress_s, moved_s;
} flow;

/* The side-chain beside what was read of the input: silence when it is shorter. */
static int read_side(flow *f, nave_text *why)
{
    nave_chain_job *job = f->job;
    if (!job->side)
        return NAVE_OK;
    const uint32_t channels = nave_audio_reader_info(job->side)->channels;
    size_t have = 0, got = 1;
    while (have < f->have && got) {
        int32_t *to[NAVE_MAX_CHANNELS];
        for (uint32_t c = 0; c < channels; c++)
            to[c] = f->in[job->channels_in + c] + have;
        const int err = nave_audio_reader_read_q28(job->side, to, f->have - have, &got, why);
        if (err)
            return err;
        have += got;
    }
    for (uint32_t c = 0; c < job->channels_in; c++) {
        int32_t *to = f->in[job->channels_in + c];
        if (c < channels)
            memset(to + have, 0, (f->have - have) * sizeof(*to));
        else
            memcpy(to, f->in[job->channels_in], f->have * sizeof(*to));
    }
    return NAVE_OK;
}

/* What is left of a side-chain that is longer, for its hash. */
static int drain_side(flow *f, nave_text *why)
{
    nave_chain_job *job = f->job;
    size_t got = job->side ? 1 : 0;
    int err = NAVE_OK;
    while (!err && got)
        err = nave_audio_reader_read_q28(job->side, f->in + job->channels_in, BLOCK_FRAMES, &got, why);
    if (!err && job->side)
        nave_audio_reader_hash(job->side, job->side_hash);
    return err;
}

static int feed(flow *f, size_t *moved, nave_text *why)
{
    nave_chain_job *job = f->job;
    const void *from[2 * NAVE_MAX_CHANNELS];
    size_t taken = 0;
    if (f->ended)
        return NAVE_OK;
    if (f->done == f->have) {
        int err = nave_audio_reader_read_q28(job->reader, f->in, BLOCK_FRAMES, &f->have, why);
        if (!err)
            err = read_side(f, why);
        if (err)
            return err;
        f->done = 0;
        job->frames_in += f->have;
    }
    if (f->have == 0) {
        if (job->frames_in == 0)
            return nave_fail(why, NAVE_E_FORMAT, "'%s' has no audio: give a file with at least one frame",
                             nave_audio_reader_path(job->reader));
        f->ended = 1;
        f->total = job->frames_in + job->tail_frames;
        *moved += 1;
        const int err = nave_chain_finish(job->stream);
        return err ? nave_render_stream_fault(err, why) : NAVE_OK;
    }
    for (uint32_t c = 0; c < job->channels_in * (job->side ? 2u : 1u); c++)
        from[c] = f->in[c] + f->done;
    const int err = nave_chain_write(job->stream, from, f->have - f->done, &taken);
    f->done += taken;
    *moved += taken;
    return err && err != NAVE_E_AGAIN ? nave_render_stream_fault(err, why) : NAVE_OK;
}

static int drain(flow *f, size_t *moved, nave_text *why)
{
    nave_chain_job *job = f->job;
    for (;;) {
        uint64_t want = f->skip ? f->skip : f->total - job->frames_out;
        size_t given = 0;
        want = want < BLOCK_FRAMES ? want : BLOCK_FRAMES;
        if (want == 0)
            return NAVE_OK;
        int err = nave_chain_read(job->stream, (void *const *)f->out, (size_t)want, &given);
        if (err)
            return nave_render_stream_fault(err, why);
        if (given == 0)
            return NAVE_OK;
        *moved += given;
        if (f->skip) {
            f->skip -= given;
            continue;
        }
        for (uint32_t c = 0; c < job->channels_out; c++)
            nave_dither_q44(&f->dither, f->out[c], f->words + c, job->channels_out, given, c, job->frames_out);
        job->frames_out += given;
        err = job->sink(job->user, f->words, given, why);
        if (err)
            return err;
    }
}

static int report_progress(flow *f, nave_text *why)
{
    const nave_chain_job *job = f->job;
    return nave_render_report_progress(&job->settings, job->started_s, job->frames_out,
                                       f->total == UINT64_MAX ? job->frames_expected : f->total, &f->progress_s, why);
}

static int run_all(flow *f, nave_text *why)
{
    int err = NAVE_OK;
    while (!err && f->job->frames_out < f->total) {
        size_t moved = 0;
        err = feed(f, &moved, why);
        if (!err)
            err = drain(f, &moved, why);
        if (!err)
            err = report_progress(f, why);
        if (err)
            break;
        if (moved) {
            f->moved_s = nave_now_s();
            continue;
        }
        if (nave_now_s() - f->moved_s > NAVE_RENDER_PATIENCE_S)
            return nave_render_time_out(f->job->spare ? NULL : f->job->dev, why);
        err = nave_chain_wait(f->job->stream, 200);
        err = err == NAVE_E_AGAIN || err == NAVE_E_STATE ? NAVE_OK : err;
        if (err)
            nave_render_stream_fault(err, why);
    }
    return err;
}

/* The input again from its start, through the card that is back or the C model; what the file has is dropped. */
static int recover(flow *f, nave_text *why)
{
    nave_chain_job *job = f->job;
    nave_device *next;
    nave_audio_reader *reader = NULL, *side = NULL;
    job->recoveries++;
    int err = nave_render_go_on_with(&next, job->dev, &job->spare, job->recoveries, why);
    if (!err)
        err = nave_audio_reader_open(&reader, nave_audio_reader_path(job->reader), why);
    if (!err && job->side)
        err = nave_audio_reader_open(&side, nave_audio_reader_path(job->side), why);
    if (err) {
        nave_audio_reader_close(reader);
        return err;
    }
    nave_audio_reader_close(job->reader);
    nave_audio_reader_close(job->side);
    job->reader = reader;
    job->side = side;
    job->took_over = job->spare != NULL;
    job->frames_in = 0;
    f->have = f->done = 0;
    f->ended = 0;
    f->skip = job->report.latency_frames + job->frames_out;
    f->moved_s = nave_now_s();
    return nave_chain_restart(job->stream, next, why);
}

int nave_chain_job_run(nave_chain_job *job, nave_text *why)
{
    flow f = {.job = job, .skip = job->report.latency_frames, .total = UINT64_MAX};
    f.dither = (nave_dither){.word = job->word, .on = job->settings.dither, .seed = job->settings.seed};
    f.progress_s = f.moved_s = nave_now_s();
    int good = (f.words = malloc((size_t)BLOCK_FRAMES * job->channels_out * sizeof(*f.words))) != NULL;
    for (uint32_t c = 0; c < 2 * job->channels_in; c++)
        good = (f.in[c] = malloc(BLOCK_FRAMES * sizeof(int32_t))) != NULL && good;
    for (uint32_t c = 0; c < job->channels_out; c++)
        good = (f.out[c] = malloc(BLOCK_FRAMES * sizeof(int64_t))) != NULL && good;
    int err = good ? NAVE_OK : nave_fail(why, NAVE_E_NOMEM, "out of memory for the render");
    uint64_t clipped = 0;
    for (;;) {
        if (!err)
            err = run_all(&f, why);
        if (!err && (err = nave_chain_count_clipped(job->stream, &clipped)))
            nave_render_stream_fault(err, why);
        if (!err || !nave_render_may_recover(job->dev, &job->settings, job->spare, job->recoveries, err))
            break;
        err = recover(&f, why);
    }
    if (!err)
        err = drain_side(&f, why);
    if (!err) {
        job->clipped_samples = f.dither.clipped_samples + clipped;
        nave_audio_reader_hash(job->reader, job->input_hash);
    }
    for (uint32_t c = 0; c < 2 * NAVE_MAX_CHANNELS; c++)
        free(f.in[c]);
    for (uint32_t c = 0; c < NAVE_MAX_CHANNELS; c++)
        free(f.out[c]);
    free(f.words);
    return err;
}

/* ---- a whole render ---- */

typedef struct output {
    nave_audio_writer *writer;
    nave_measure *measure;
    nave_sample_hash hash;
} output;

static int take_words(void *user, const int32_t *words, size_t frames, nave_text *why)
{
    output *o = user;
    nave_measure_add(o->measure, words, frames);
    nave_sample_hash_add(&o->hash, words, frames);
    return nave_audio_writer_write(o->writer, words, frames, why);
}

static int open_output(output *o, nave_chain_job *job, const char *out_path, nave_text *why)
{
    const nave_audio_target target = {.word = (nave_word)job->settings.format,
                                      .channels = job->channels_out,
                                      .rate_hz = job->rate_hz,
                                      .frames = job->frames_expected,
                                      .like = job->reader,
                                      .overwrite = job->settings.overwrite};
    const int err = nave_audio_writer_open(&o->writer, out_path, &target, why);
    if (err)
        return err;
    job->word = nave_audio_writer_word(o->writer);
    job->settings.format = (nave_file_format)job->word;
    job->sink = take_words;
    job->user = o;
    nave_sample_hash_init(&o->hash, job->word, job->channels_out, job->rate_hz);
    return nave_measure_open(&o->measure, job->word, job->channels_out, job->rate_hz, why);
}

static int fill_result(nave_render_result *r, const nave_chain_job *job, output *o, nave_text *why)
{
    r->frames_in = job->frames_in;
    r->frames_out = job->frames_out;
    r->recoveries = job->recoveries;
    r->took_over = job->took_over;
    r->channels = job->channels_out;
    r->rate_hz = job->rate_hz;
    r->error_rms_dbfs = -INFINITY;
    r->clipped_samples = job->clipped_samples;
    memcpy(r->input_hash, job->input_hash, sizeof(r->input_hash));
    memcpy(r->plan_hash, job->plan_hash, sizeof(r->plan_hash));
    memcpy(r->chain_hash, job->report.hash, sizeof(r->chain_hash));
    nave_sample_hash_end(&o->hash, r->output_hash);
    return nave_measure_result(o->measure, &r->peak_dbfs, &r->true_peak_dbtp, &r->loudness_lufs, why);
}

static int copy_text(char *to, size_t cap, const char *from, const char *what, nave_text *why)
{
    if (strlen(from) >= cap)
        return nave_fail(why, NAVE_E_ARG, "%s '%.60s...' is too long for a receipt: render without one", what, from);
    strcpy(to, from);
    return NAVE_OK;
}

static int make_receipt(nave_receipt *r, const nave_chain_job *job, const nave_chain *chain,
                        const nave_render_result *result, const char *in_path, const char *side_path,
                        const char *out_path, nave_text *why)
{
    memset(r, 0, sizeof(*r));
    r->of_chain = 1;
    snprintf(r->library, sizeof(r->library), "%s", nave_version());
    snprintf(r->profile, sizeof(r->profile), "nave-chain-1");
    r->protocol = NAVE_PROTOCOL_VERSION;
    int err = copy_text(r->input_path, sizeof(r->input_path), in_path, "the path", why);
    if (!err)
        err = copy_text(r->output_path, sizeof(r->output_path), out_path, "the path", why);
    if (!err)
        err = copy_text(r->side_path, sizeof(r->side_path), side_path ? side_path : "-", "the path", why);
    if (!err)
        err = copy_text(r->chain_path, sizeof(r->chain_path), chain->name, "the path", why);
    if (!err)
        err = copy_text(r->chain_text, sizeof(r->chain_text), chain->text, "the chain", why);
    memset(r->side_hash, '0', 64);
    if (side_path)
        memcpy(r->side_hash, job->side_hash, sizeof(r->side_hash));
    memcpy(r->plan_board, job->plan_board, sizeof(r->plan_board));
    memcpy(r->chain_hash, chain->hash, sizeof(r->chain_hash));
    memcpy(r->input_hash, result->input_hash, sizeof(r->input_hash));
    memcpy(r->plan_hash, result->plan_hash, sizeof(r->plan_hash));
    memcpy(r->output_hash, result->output_hash, sizeof(r->output_hash));
    r->channels_in = job->channels_in;
    r->channels_out = job->channels_out;
    r->rate_hz = job->rate_hz;
    r->frames_in = job->frames_in;
    r->frames_out = job->frames_out;
    r->settings = job->settings;
    r->peak_dbfs = result->peak_dbfs;
    r->true_peak_dbtp = result->true_peak_dbtp;
    r->loudness_lufs = result->loudness_lufs;
    r->clipped_samples = result->clipped_samples;
    return err;
}

/* The chain as it is rendered: with the response that the caller gives. */
static int with_response(nave_chain **out, const nave_chain *chain, const char *ir_path, nave_text *why)
{
    nave_chain *c = nave_chain_copy(chain);
    if (!c)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    const int err = ir_path ? nave_chain_set_response(c, ir_path, why) : NAVE_OK;
    if (err)
        nave_chain_free(c);
    else
        *out = c;
    return err;
}

int nave_render_chain(nave_device *dev, const char *in_path, const char *ir_path, const char *out_path,
                      const nave_render_settings *s, nave_render_result *result, nave_text *why)
{
    nave_render_result unused;
    nave_chain_job job = {0};
    output o = {0};
    nave_receipt *receipt = NULL;
    nave_chain *chain = NULL;
    if (!dev || !in_path || !out_path)
        return nave_fail(why, NAVE_E_ARG, "nave_render_file needs a device, an input and an output");
    if ((unsigned)s->format > NAVE_FILE_FLOAT)
        return nave_fail(why, NAVE_E_ARG, "unknown sample format %d: use pcm16, pcm24, pcm32 or float", (int)s->format);
    nave_render_result *r = result ? result : &unused;
    memset(r, 0, sizeof(*r));
    int err = NAVE_OK;
    if (s->receipt)
        err = nave_render_receipt_path(s, r->receipt_path, sizeof(r->receipt_path), out_path, why);
    if (!err)
        err = with_response(&chain, s->chain, ir_path, why);
    if (!err)
        err = nave_chain_job_open(&job, dev, chain, in_path, s->side_chain_path, "", s, why);
    if (err) {
        nave_chain_free(chain);
        return err;
    }
    err = open_output(&o, &job, out_path, why);
    if (!err)
        err = nave_chain_job_run(&job, why);
    if (!err)
        err = fill_result(r, &job, &o, why);
    if (!err && s->receipt) {
        receipt = malloc(sizeof(*receipt));
        err = receipt ? make_receipt(receipt, &job, chain, r, in_path, s->side_chain_path, out_path, why)
                      : nave_fail(why, NAVE_E_NOMEM, "out of memory for the receipt");
    }
    if (!err)
        err = nave_render_commit(&o.writer, receipt, r->receipt_path, s->overwrite, why);
    nave_audio_writer_abort(o.writer);
    nave_measure_close(o.measure);
    free(receipt);
    r->seconds = nave_now_s() - job.started_s;
    r->realtime = r->seconds > 0 ? (double)job.frames_in / job.rate_hz / r->seconds : 0;
    nave_chain_job_close(&job);
    nave_chain_free(chain);
    return err;
}
