/* Verifying a receipt: the same render again, compared with the file sample by sample.
 * SPDX-License-Identifier: ISC */
#include "receipt.h"
#include "render_chain.h"
#include "render_job.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_WORDS 65536

typedef struct comparison {
    nave_audio_reader *reader;
    uint32_t channels;
    uint64_t at_frame;
    nave_sample_hash hash; /* of the new render */
    nave_verify_result *result;
    int32_t block[BLOCK_WORDS];
} comparison;

/* As written, else in the receipt's folder: renders are moved together. */
static void find_file(char *out, size_t cap, const char *written, const char *receipt_path)
{
    const char *slash = strrchr(receipt_path, '/'), *base = strrchr(written, '/');
    const int folder = slash ? (int)(slash - receipt_path) + 1 : 0;
    snprintf(out, cap, "%s", written);
    if (access(out, F_OK) == 0)
        return;
    if (written[0] != '/' && (size_t)snprintf(out, cap, "%.*s%s", folder, receipt_path, written) < cap &&
        access(out, F_OK) == 0)
        return;
    if ((size_t)snprintf(out, cap, "%.*s%s", folder, receipt_path, base ? base + 1 : written) < cap &&
        access(out, F_OK) == 0)
        return;
    snprintf(out, cap, "%s", written);
}

static void compare_words(comparison *c, const int32_t *made, const int32_t *found, size_t frames)
{
    nave_verify_result *r = c->result;
    const size_t count = frames * c->channels;
    r->compared_samples += count;
    if (memcmp(made, found, count * sizeof *made) == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        if (made[i] == found[i])
            continue;
        if (r->differing_samples++ == 0) {
            r->first_difference_frame = c->at_frame + i / c->channels;
            r->first_difference_channel = (uint32_t)(i % c->channels);
        }
    }
}

static int take_words(void *user, const int32_t *words, size_t frames, nave_text *why)
{
    comparison *c = user;
    nave_sample_hash_add(&c->hash, words, frames);
    while (frames) {
        const size_t most = BLOCK_WORDS / c->channels;
        size_t n = frames < most ? frames : most, got;
        const int err = nave_audio_reader_read_words(c->reader, c->block, n, &got, why);
        if (err)
            return err;
        if (got == 0) /* the lengths were compared before, so the file shrinks under us */
            return nave_fail(why, NAVE_E_IO, "the output file became shorter while it was verified");
        compare_words(c, words, c->block, got);
        c->at_frame += got;
        words += got * c->channels;
        frames -= got;
    }
    return NAVE_OK;
}

static int check_output(const nave_receipt *r, const nave_audio_info *info, const char *path, nave_text *why)
{
    if ((int)info->word != (int)r->settings.format || info->channels != r->channels_out ||
        info->rate_hz != r->rate_hz || info->frames != r->frames_out)
        return nave_fail(why, NAVE_E_MISMATCH,
                         "output '%s' was changed: it has %" PRIu64
                         " frames of %u channels of %s at %u Hz, the receipt says %" PRIu64 " of %u of %s at %u Hz",
                         path, info->frames, info->channels, nave_word_name(info->word), info->rate_hz, r->frames_out,
                         r->channels_out, nave_word_name((nave_word)r->settings.format), r->rate_hz);
    return NAVE_OK;
}

/* Opens input, response and plan and compares what is known before a sample is rendered. */
static int open_job(nave_render_job *job, nave_device *dev, const nave_receipt *r, const char *in_path,
                    const char *ir_path, nave_text *why)
{
    nave_render_settings s = r->settings;
    for (int chosen = 0; chosen < 2; chosen++) {
        if (chosen) {
            /* A card of another size may choose another plan by itself; ask for the one that was used. */
            s.plan.min_partition_frames = r->chosen_min_partition;
            s.plan.max_partition_frames = r->chosen_max_partition;
            if (s.plan.mode == NAVE_OFFLINE)
                s.plan.batch = r->chosen_batch;
            else
                snprintf(s.plan.tiers, sizeof s.plan.tiers, "%s", r->chosen_tiers);
        }
        int err = nave_render_job_open(job, dev, in_path, ir_path, &s, why);
        if (err == NAVE_E_FIT && !chosen)
            continue;
        if (err)
            return err;
        if (job->channels_in != r->channels_in || job->rate_hz != r->rate_hz)
            err = nave_fail(why, NAVE_E_MISMATCH,
                            "input '%s' was changed: it has %u channels at %u Hz, the receipt says %u at %u Hz",
                            in_path, job->channels_in, job->rate_hz, r->channels_in, r->rate_hz);
        else if (strcmp(job->ir_info.hash, r->ir_hash) != 0)
            err = nave_fail(why, NAVE_E_MISMATCH,
                            "response '%s' was changed, or is converted otherwise by this computer's libraries: its "
                            "hash is %.12s.., the receipt says %.12s..",
                            ir_path, job->ir_info.hash, r->ir_hash);
        else if (strcmp(job->report.hash, r->plan_hash) == 0)
            return NAVE_OK;
        nave_render_job_close(job);
        if (err)
            return err;
    }
    return nave_fail(why, NAVE_E_MISMATCH,
                     "the plan differs: this library (%s) compiles another one than the receipt's (%s, plan %.12s..): "
                     "verify with that version",
                     nave_version(), r->library, r->plan_hash);
}

static int judge(nave_verify_result *result, const nave_receipt *r, const char *input_hash, const char *in_path,
                 const char *out_path, nave_text *why)
{
    if (strcmp(input_hash, r->input_hash) != 0)
        return nave_fail(why, NAVE_E_MISMATCH, "input '%s' was changed: its samples are not those of the receipt",
                         in_path);
    if (result->differing_samples) {
        const int is_ours = strcmp(result->found_hash, r->output_hash) == 0;
        return nave_fail(why, NAVE_E_MISMATCH,
                         "%s: %" PRIu64 " of %" PRIu64 " samples differ, the first at frame %" PRIu64
                         ", channel %u of '%s'",
                         is_ours ? "this device renders other samples than the receipt's" : "the output was changed",
                         result->differing_samples, result->compared_samples, result->first_difference_frame,
                         result->first_difference_channel + 1, out_path);
    }
    if (strcmp(result->expected_hash, result->found_hash) != 0)
        return nave_fail(why, NAVE_E_MISMATCH,
                         "the render equals '%s', but the receipt has the hash of other samples: the receipt was "
                         "changed or belongs to another file",
                         out_path);
    result->identical = 1;
    return NAVE_OK;
}

static int verify(nave_device *dev, const nave_receipt *r, const char *receipt_path, comparison *c,
                  int (*progress)(void *user, const nave_progress *p), void *user, nave_text *why)
{
    char in_path[2 * NAVE_RECEIPT_PATH_BYTES], ir_path[2 * NAVE_RECEIPT_PATH_BYTES],
        out_path[2 * NAVE_RECEIPT_PATH_BYTES], made_hash[65];
    nave_render_job job;
    nave_render_result *render = &c->result->render;

    find_file(in_path, sizeof in_path, r->input_path, receipt_path);
    find_file(ir_path, sizeof ir_path, r->ir_path, receipt_path);
    find_file(out_path, sizeof out_path, r->output_path, receipt_path);
    int err = nave_audio_reader_open(&c->reader, out_path, why);
    if (err)
        return err;
    err = check_output(r, nave_audio_reader_info(c->reader), out_path, why);
    if (!err)
        err = open_job(&job, dev, r, in_path, ir_path, why);
    if (err)
        return err;
    job.settings.progress = progress;
    job.settings.user = user;
    job.word = (nave_word)r->settings.format;
    job.sink = take_words;
    job.user = c;
    c->channels = r->channels_out;
    nave_sample_hash_init(&c->hash, job.word, job.channels_out, job.rate_hz);
    if (job.channels_out != r->channels_out || (job.frames_expected && job.frames_expected != r->frames_out))
        err = nave_fail(why, NAVE_E_MISMATCH,
                        "input '%s' was changed: it gives %" PRIu64 " frames of %u channels, the receipt says %" PRIu64
                        " of %u",
                        in_path, job.frames_expected, job.channels_out, r->frames_out, r->channels_out);
    if (!err)
        err = nave_render_job_run(&job, why);
    if (!err) {
        nave_audio_reader_hash(c->reader, c->result->found_hash);
        nave_sample_hash_end(&c->hash, made_hash);
        render->frames_in = job.frames_in;
        render->frames_out = job.frames_out;
        render->channels = job.channels_out;
        render->rate_hz = job.rate_hz;
        render->seconds = nave_now_s() - job.started_s;
        render->realtime = render->seconds > 0 ? (double)job.frames_in / job.rate_hz / render->seconds : 0;
        render->peak_dbfs = r->peak_dbfs;
        render->true_peak_dbtp = r->true_peak_dbtp;
        render->loudness_lufs = r->loudness_lufs;
        render->error_rms_dbfs = job.error_rms_dbfs;
        render->clipped_samples = job.clipped_samples;
        memcpy(render->input_hash, job.input_hash, sizeof render->input_hash);
        memcpy(render->output_hash, made_hash, sizeof made_hash);
        memcpy(render->plan_hash, job.report.hash, sizeof render->plan_hash);
        memcpy(render->ir_hash, job.ir_info.hash, sizeof render->ir_hash);
        err = judge(c->result, r, job.input_hash, in_path, out_path, why);
    }
    nave_render_job_close(&job);
    return err;
}

/* The chain of the receipt; its responses lie where its file was, or beside the receipt. */
static int open_chain(nave_chain **out, const nave_receipt *r, const char *receipt_path, nave_text *why)
{
    int err = nave_chain_parse(out, r->chain_path, r->chain_text, strlen(r->chain_text), why);
    if (err)
        return err;
    if (strcmp((*out)->hash, r->chain_hash) != 0) {
        err = nave_fail(why, NAVE_E_MISMATCH,
                        "the chain was changed: its text in the receipt has the hash %.12s.., the receipt says %.12s..",
                        (*out)->hash, r->chain_hash);
        nave_chain_free(*out);
        *out = NULL;
        return err;
    }
    const char *slash = strrchr(r->chain_path, '/');
    if (slash && access(r->chain_path, F_OK) == 0)
        snprintf((*out)->folder, sizeof(*out)->folder, "%.*s", (int)(slash - r->chain_path) + 1, r->chain_path);
    else if ((slash = strrchr(receipt_path, '/')))
        snprintf((*out)->folder, sizeof(*out)->folder, "%.*s", (int)(slash - receipt_path) + 1, receipt_path);
    return NAVE_OK;
}

/* What is known before a sample is rendered, then the render, then the hash of a side-chain. */
static int run_chain(nave_chain_job *job, const nave_receipt *r, const char *in_path, const char *side_path,
                     nave_text *why)
{
    if (job->channels_in != r->channels_in || job->rate_hz != r->rate_hz || job->channels_out != r->channels_out ||
        (job->frames_expected && job->frames_expected != r->frames_out))
        return nave_fail(
            why, NAVE_E_MISMATCH,
            "input '%s' was changed: it gives %" PRIu64 " frames of %u channels at %u Hz, the receipt says "
            "%" PRIu64 " of %u at %u Hz",
            in_path, job->frames_expected, job->channels_out, job->rate_hz, r->frames_out, r->channels_out, r->rate_hz);
    if (strcmp(job->plan_hash, r->plan_hash) != 0)
        return nave_fail(
            why, NAVE_E_MISMATCH,
            "the plans differ: a response of the chain was changed, or this library (%s) makes others than "
            "the receipt's (%s): verify with that version",
            nave_version(), r->library);
    const int err = nave_chain_job_run(job, why);
    if (!err && job->side && strcmp(job->side_hash, r->side_hash) != 0)
        return nave_fail(why, NAVE_E_MISMATCH, "side-chain '%s' was changed: its samples are not those of the receipt",
                         side_path);
    return err;
}

static int verify_chain(nave_device *dev, const nave_receipt *r, const char *receipt_path, comparison *c,
                        int (*progress)(void *user, const nave_progress *p), void *user, nave_text *why)
{
    char in_path[2 * NAVE_RECEIPT_PATH_BYTES], side_path[2 * NAVE_RECEIPT_PATH_BYTES],
        out_path[2 * NAVE_RECEIPT_PATH_BYTES];
    nave_chain *chain = NULL;
    nave_chain_job job;
    nave_render_result *render = &c->result->render;
    nave_render_settings s = r->settings;
    find_file(in_path, sizeof in_path, r->input_path, receipt_path);
    find_file(side_path, sizeof side_path, r->side_path, receipt_path);
    find_file(out_path, sizeof out_path, r->output_path, receipt_path);
    int err = nave_audio_reader_open(&c->reader, out_path, why);
    if (!err)
        err = check_output(r, nave_audio_reader_info(c->reader), out_path, why);
    if (!err)
        err = open_chain(&chain, r, receipt_path, why);
    s.progress = progress;
    s.user = user;
    s.meters = NULL;
    if (!err)
        err = nave_chain_job_open(&job, dev, chain, in_path, strcmp(r->side_path, "-") ? side_path : NULL,
                                  r->plan_board, &s, why);
    if (err) {
        nave_chain_free(chain);
        return err;
    }
    job.word = (nave_word)r->settings.format;
    job.sink = take_words;
    job.user = c;
    c->channels = r->channels_out;
    nave_sample_hash_init(&c->hash, job.word, r->channels_out, r->rate_hz);
    err = run_chain(&job, r, in_path, side_path, why);
    if (!err) {
        nave_audio_reader_hash(c->reader, c->result->found_hash);
        nave_sample_hash_end(&c->hash, render->output_hash);
        render->frames_in = job.frames_in;
        render->frames_out = job.frames_out;
        render->channels = job.channels_out;
        render->rate_hz = job.rate_hz;
        render->seconds = nave_now_s() - job.started_s;
        render->realtime = render->seconds > 0 ? (double)job.frames_in / job.rate_hz / render->seconds : 0;
        render->peak_dbfs = r->peak_dbfs;
        render->true_peak_dbtp = r->true_peak_dbtp;
        render->loudness_lufs = r->loudness_lufs;
        render->error_rms_dbfs = -INFINITY;
        render->clipped_samples = job.clipped_samples;
        memcpy(render->input_hash, job.input_hash, sizeof render->input_hash);
        memcpy(render->plan_hash, job.plan_hash, sizeof render->plan_hash);
        memcpy(render->chain_hash, chain->hash, sizeof render->chain_hash);
        err = judge(c->result, r, job.input_hash, in_path, out_path, why);
    }
    nave_chain_job_close(&job);
    nave_chain_free(chain);
    return err;
}

int nave_verify_receipt(nave_device *dev, const char *receipt_path, int (*progress)(void *user, const nave_progress *p),
                        void *user, nave_verify_result *result, nave_text *why)
{
    nave_verify_result unused;
    if (!dev || !receipt_path)
        return nave_fail(why, NAVE_E_ARG, "nave_verify_receipt needs a device and a receipt's path");
    nave_verify_result *r = result ? result : &unused;
    memset(r, 0, sizeof *r);
    nave_receipt *receipt = malloc(sizeof *receipt);
    comparison *c = calloc(1, sizeof *c);
    int err = receipt && c ? nave_receipt_read(receipt, receipt_path, why)
                           : nave_fail(why, NAVE_E_NOMEM, "out of memory for the receipt");
    if (!err) {
        memcpy(r->expected_hash, receipt->output_hash, sizeof r->expected_hash);
        snprintf(r->render.receipt_path, sizeof r->render.receipt_path, "%s", receipt_path);
        c->result = r;
        err = (receipt->of_chain ? verify_chain : verify)(dev, receipt, receipt_path, c, progress, user, why);
        nave_audio_reader_close(c->reader);
    }
    free(c);
    free(receipt);
    return err;
}
