/* One file through the card: what rendering and verifying have in common.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_RENDER_JOB_H
#define NAVE_RENDER_JOB_H
#include "audio_file.h"

typedef struct nave_render_job {
    /* set by nave_render_job_open */
    nave_device *dev;
    nave_render_settings settings; /* ir.rate_hz and plan.channels filled in */
    nave_audio_reader *reader;
    nave_ir *ir;
    nave_plan *plan;
    nave_ir_info ir_info;
    nave_plan_report report;
    uint32_t channels_in, channels_out, rate_hz;
    uint64_t frames_expected; /* of the output; 0: the input does not say how long it is */
    double started_s;         /* monotonic */

    /* set by the caller before nave_render_job_run */
    nave_word word; /* of the file that is written or compared */
    int (*sink)(void *user, const int32_t *words, size_t frames, nave_text *why); /* interleaved memory words */
    void *user;

    /* results of nave_render_job_run */
    uint32_t recoveries; /* how often the card was lost */
    int took_over;       /* the C model did the rest */
    uint64_t frames_in, frames_out, clipped_samples;
    double error_rms_dbfs;
    char input_hash[65];
} nave_render_job;

double nave_now_s(void);
/* Opens the input, loads the response at the input's rate and compiles the plan. On failure nothing is left open. */
int nave_render_job_open(nave_render_job *job, nave_device *dev, const char *in_path, const char *ir_path,
                         const nave_render_settings *settings, nave_text *why);
int nave_render_job_run(nave_render_job *job, nave_text *why);
void nave_render_job_close(nave_render_job *job);

#endif
