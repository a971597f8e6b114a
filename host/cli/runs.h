/* Streams run from start to end over synthetic material, for selftest and bench.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_RUNS_H
#define NAVE_RUNS_H
#include "cli.h"

typedef struct nave_run {
    uint32_t inputs, outputs;
    uint64_t frames_in, frames_out, room; /* room: frames that each of out holds */
    double *in[NAVE_MAX_CHANNELS];
    int64_t *out[NAVE_MAX_CHANNELS]; /* Q44 */
} nave_run;

typedef struct nave_run_settings {
    double wet_db, dry_db;
    uint64_t change_frame; /* 0: none; else wet falls by 6 dB from this frame on */
    uint64_t cut_seed;     /* 0: blocks of 4096; else blocks of odd sizes from this seed */
    int live_calls;        /* 1: nave_stream_process, without the tail */
} nave_run_settings;

int nave_run_new(nave_run *run, uint32_t inputs, uint32_t outputs, uint64_t frames_in, uint64_t room);
void nave_run_free(nave_run *run);
/* Waits until a write may take or a read may give something: a card at the other end of a cable answers in its own
 * time, and not all that it says helps. NAVE_E_TIMEOUT after 10 s, NAVE_E_STATE at the end of the stream. */
int nave_run_wait(nave_stream *st);
/* Fills run->out from run->in. */
int nave_run_stream(nave_run *run, nave_device *dev, const nave_plan *plan, const nave_run_settings *settings,
                    nave_text *why);
#endif
