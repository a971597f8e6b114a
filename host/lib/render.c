/* Rendering a file: input, response, card, output, receipt.
 * SPDX-License-Identifier: ISC */
#include "measure.h"
#include "plan.h"
#include "receipt.h"
#include "render_chain.h"
#include "render_job.h"
#include "../../driver/protocol.h" /* after nave.h, which has enums of the same names */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct output {
    nave_audio_writer *writer;
    nave_measure *measure;
    nave_sample_hash hash;
} output;

void nave_render_settings_default(nave_render_settings *out)
{
    memset(out, 0, sizeof *out);
    nave_ir_settings_default(&out->ir);
    nave_plan_settings_default(&out->plan);
    out->wet_db = 0;
    out->dry_db = -INFINITY;
    out->format = NAVE_FILE_AUTO;
    out->dither = 1;
    out->seed = 1;
    out->tail = 1;
    out->overwrite = 1;
    out->receipt = 1;
    out->recover = 1;
}

static int check_settings(const nave_render_settings *s, nave_text *why)
{
    if (!(s->wet_db <= 18) || !(s->dry_db <= 18))
        return nave_fail(why, NAVE_E_ARG, "wet %g dB and dry %g dB: give -inf to 18 dB", s->wet_db, s->dry_db);
    if ((unsigned)s->format > NAVE_FILE_FLOAT)
        return nave_fail(why, NAVE_E_ARG, "unknown sample format %d: use pcm16, pcm24, pcm32 or float", (int)s->format);
    return NAVE_OK;
}

static int take_words(void *user, const int32_t *words, size_t frames, nave_text *why)
{
    output *o = user;
    nave_measure_add(o->measure, words, frames);
    nave_sample_hash_add(&o->hash, words, frames);
    return nave_audio_writer_write(o->writer, words, frames, why);
}

static int open_output(output *o, nave_render_job *job, const char *out_path, nave_text *why)
{
    const nave_audio_target target = {.word = (nave_word)job->settings.format,
                                      .channels = job->channels_out,
                                      .rate_hz = job->rate_hz,
                                      .frames = job->frames_expected,
                                      .like = job->reader,
                                      .overwrite = job->settings.overwrite};
    int err = nave_audio_writer_open(&o->writer, out_path, &target, why);
    if (err)
        return err;
    job->word = nave_audio_writer_word(o->writer);
    job->settings.format = (nave_file_format)job->word;
    job->sink = take_words;
    job->user = o;
    nave_sample_hash_init(&o->hash, job->word, job->channels_out, job->rate_hz);
    return nave_measure_open(&o->measure, job->word, job->channels_out, job->rate_hz, why);
}

static int fill_result(nave_render_result *r, const nave_render_job *job, output *o, nave_text *why)
{
    r->frames_in = job->frames_in;
    r->frames_out = job->frames_out;
    r->channels = job->channels_out;
    r->rate_hz = job->rate_hz;
    r->error_rms_dbfs = job->error_rms_dbfs;
    r->clipped_samples = job->clipped_samples;
    r->recoveries = job->recoveries;
    r->took_over = job->took_over;
    memcpy(r->input_hash, job->input_hash, sizeof r->input_hash);
    memcpy(r->plan_hash, job->report.hash, sizeof r->plan_hash);
    memcpy(r->ir_hash, job->ir_info.hash, sizeof r->ir_hash);
    nave_sample_hash_end(&o->hash, r->output_hash);
    return nave_measure_result(o->measure, &r->peak_dbfs, &r->true_peak_dbtp, &r->loudness_lufs, why);
}

static int copy_path(char *to, const char *from, nave_text *why)
{
    if (strlen(from) >= NAVE_RECEIPT_PATH_BYTES)
        return nave_fail(why, NAVE_E_ARG, "the path '%.60s...' is too long for a receipt", from);
    strcpy(to, from);
    return NAVE_OK;
}

static int make_receipt(nave_receipt *r, const nave_render_job *job, const nave_render_result *result,
                        const char *in_path, const char *ir_path, const char *out_path, nave_text *why)
{
    const nave_plan_report *plan = &job->report;
    memset(r, 0, sizeof *r);
    snprintf(r->library, sizeof r->library, "%s", nave_version());
    snprintf(r->profile, sizeof r->profile, "%s", plan->name);
    r->protocol = NAVE_PROTOCOL_VERSION;
    int err = copy_path(r->input_path, in_path, why);
    if (!err)
        err = copy_path(r->ir_path, ir_path, why);
    if (!err)
        err = copy_path(r->output_path, out_path, why);
    memcpy(r->input_hash, result->input_hash, sizeof r->input_hash);
    memcpy(r->ir_hash, result->ir_hash, sizeof r->ir_hash);
    memcpy(r->plan_hash, result->plan_hash, sizeof r->plan_hash);
    memcpy(r->output_hash, result->output_hash, sizeof r->output_hash);
    r->channels_in = job->channels_in;
    r->channels_out = job->channels_out;
    r->rate_hz = job->rate_hz;
    r->frames_in = job->frames_in;
    r->frames_out = job->frames_out;
    r->settings = job->settings;
    r->chosen_min_partition = plan->tier[0].partition_frames;
    r->chosen_max_partition = plan->tiers ? plan->tier[plan->tiers - 1].partition_frames : 0;
    r->chosen_batch = plan->tiers ? plan->tier[plan->tiers - 1].batch : 0;
    nave_plan_name_tiers(plan, r->chosen_tiers, sizeof r->chosen_tiers);
    r->peak_dbfs = result->peak_dbfs;
    r->true_peak_dbtp = result->true_peak_dbtp;
    r->loudness_lufs = result->loudness_lufs;
    r->error_rms_dbfs = result->error_rms_dbfs;
    r->clipped_samples = result->clipped_samples;
    return err;
}

/* The receipt is complete on the disk before the audio gets its name, and gets its own name last. */
int nave_render_commit(nave_audio_writer **writer, const struct nave_receipt *receipt, const char *receipt_path,
                       int overwrite, nave_text *why)
{
    char *temp_path = NULL, *final_path = NULL;
    int err = NAVE_OK;
    if (receipt)
        err = nave_receipt_write(receipt, receipt_path, overwrite, &temp_path, &final_path, why);
    if (err)
        return err;
    err = nave_audio_writer_commit(*writer, why);
    *writer = NULL;
    if (err && receipt)
        unlink(temp_path);
    if (!err && receipt)
        err = nave_temp_commit(temp_path, final_path, overwrite, why);
    free(temp_path);
    free(final_path);
    return err;
}

int nave_render_receipt_path(const nave_render_settings *s, char *path, size_t cap, const char *out_path,
                             nave_text *why)
{
    struct stat st;
    if ((size_t)snprintf(path, cap, "%s.nave", out_path) >= cap)
        return nave_fail(why, NAVE_E_ARG, "the path '%.60s...' is too long for a receipt beside it", out_path);
    if (stat(path, &st) != 0)
        return NAVE_OK;
    if (!S_ISREG(st.st_mode))
        return nave_fail(why, NAVE_E_IO, "the receipt's name '%s' is not that of a file: remove it or write no receipt",
                         path);
    if (!s->overwrite)
        return nave_fail(why, NAVE_E_IO, "the receipt '%s' exists: remove it, or allow overwriting", path);
    return NAVE_OK;
}

int nave_render_file(nave_device *dev, const char *in_path, const char *ir_path, const char *out_path,
                     const nave_render_settings *settings, nave_render_result *result, nave_text *why)
{
    nave_render_settings defaults;
    nave_render_result unused;
    nave_render_job job;
    output o = {0};
    nave_receipt *receipt = NULL;

    if (settings && settings->chain)
        return nave_render_chain(dev, in_path, ir_path, out_path, settings, result, why);
    if (!dev || !in_path || !ir_path || !out_path)
        return nave_fail(why, NAVE_E_ARG, "nave_render_file needs a device and three paths");
    nave_render_settings_default(&defaults);
    const nave_render_settings *s = settings ? settings : &defaults;
    nave_render_result *r = result ? result : &unused;
    memset(r, 0, sizeof *r);
    int err = check_settings(s, why);
    if (!err && s->receipt)
        err = nave_render_receipt_path(s, r->receipt_path, sizeof r->receipt_path, out_path, why);
    if (!err)
        err = nave_render_job_open(&job, dev, in_path, ir_path, s, why);
    if (err)
        return err;
    err = open_output(&o, &job, out_path, why);
    if (!err)
        err = nave_render_job_run(&job, why);
    if (!err)
        err = fill_result(r, &job, &o, why);
    if (!err && s->receipt) {
        receipt = malloc(sizeof *receipt);
        err = receipt ? make_receipt(receipt, &job, r, in_path, ir_path, out_path, why)
                      : nave_fail(why, NAVE_E_NOMEM, "out of memory for the receipt");
    }
    if (!err)
        err = nave_render_commit(&o.writer, receipt, r->receipt_path, s->overwrite, why);
    nave_audio_writer_abort(o.writer);
    nave_measure_close(o.measure);
    free(receipt);
    r->seconds = nave_now_s() - job.started_s;
    r->realtime = r->seconds > 0 ? (double)job.frames_in / job.rate_hz / r->seconds : 0;
    nave_render_job_close(&job);
    return err;
}
