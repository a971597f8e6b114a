/* One file through a chain: what rendering and verifying have in common.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_RENDER_CHAIN_H
#define NAVE_RENDER_CHAIN_H
#include "audio_file.h"
#include "chain.h"

struct nave_receipt;

typedef struct nave_chain_job {
    /* set by nave_chain_job_open */
    nave_device *dev;
    nave_render_settings settings;
    nave_audio_reader *reader, *side;
    nave_chain_stream *stream;
    nave_device *spare; /* the C model that took over; NULL: dev itself */
    nave_chain_report report;
    uint32_t channels_in, channels_out, rate_hz;
    uint64_t frames_expected, tail_frames;
    double started_s;
    char plan_hash[65], plan_board[24];
    /* set by the caller before nave_chain_job_run */
    nave_word word;
    int (*sink)(void *user, const int32_t *words, size_t frames, nave_text *why);
    void *user;
    /* results */
    uint32_t recoveries; /* how often the card was lost */
    int took_over;       /* the C model did the rest */
    uint64_t frames_in, frames_out, clipped_samples;
    char input_hash[65], side_hash[65];
} nave_chain_job;

/* board: whose limits the plans keep to; "": the device's own. */
int nave_chain_job_open(nave_chain_job *job, nave_device *dev, const nave_chain *chain, const char *in_path,
                        const char *side_path, const char *board, const nave_render_settings *settings, nave_text *why);
int nave_chain_job_run(nave_chain_job *job, nave_text *why);
void nave_chain_job_close(nave_chain_job *job);

/* nave_render_file with a chain. */
int nave_render_chain(nave_device *dev, const char *in_path, const char *ir_path, const char *out_path,
                      const nave_render_settings *settings, nave_render_result *result, nave_text *why);
/* render.c: receipt and audio get their names, the receipt last. */
int nave_render_commit(nave_audio_writer **writer, const struct nave_receipt *receipt, const char *receipt_path,
                       int overwrite, nave_text *why);
int nave_render_receipt_path(const nave_render_settings *s, char *path, size_t cap, const char *out_path,
                             nave_text *why);
#endif
