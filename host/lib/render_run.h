/* A render under way: what render_job.c, render_recover.c and render_chain.c share.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_RENDER_RUN_H
#define NAVE_RENDER_RUN_H
#include "dither.h"
#include "reference.h"
#include "render_job.h"

#define NAVE_RENDER_BLOCK_FRAMES 8192
#define NAVE_RENDER_PATIENCE_S 10.0 /* without a frame going in or out */

/* What a run needs beside the job. */
typedef struct nave_render_run {
    nave_render_job *job;
    nave_stream *stream;
    nave_device *spare;    /* the C model that took over; NULL: the job's own device */
    uint64_t frames_taken; /* of the input by this stream */
    nave_reference *reference;
    nave_dither dither;
    int wide;       /* the stream gives Q44, else Q28 */
    int ended;      /* the input is through and the stream knows */
    uint64_t skip;  /* of a live plan's latency, still to be dropped */
    uint64_t total; /* frames to give; UINT64_MAX until it is known */
    int32_t *in[NAVE_MAX_CHANNELS];
    void *out[NAVE_MAX_CHANNELS];
    int32_t *words;
    size_t in_have, in_done; /* frames in `in`, and of those taken */
    double last_progress_s, last_move_s;
} nave_render_run;

int nave_render_open_stream(nave_render_run *r, nave_device *dev, nave_text *why);
int nave_render_stream_fault(int err, nave_text *why);
/* The card took longer than NAVE_RENDER_PATIENCE_S: gives up its link. NULL: the C model that took over has none. */
int nave_render_time_out(nave_device *dev, nave_text *why);
/* Now and then, and at the end. frames_total 0: not known. *last_s: when it was last told. */
int nave_render_report_progress(const nave_render_settings *s, double started_s, uint64_t frames_done,
                                uint64_t frames_total, double *last_s, nave_text *why);
/* Is err a lost card, and may the render go on without it? recoveries: so far; spare: the C model, if it took over. */
int nave_render_may_recover(const nave_device *dev, const nave_render_settings *s, const nave_device *spare,
                            uint32_t recoveries, int err);
/* What goes on: dev again if it is back, else the C model, which is then the caller's *spare to close. The count of
 * recoveries includes this one. */
int nave_render_go_on_with(nave_device **next, nave_device *dev, nave_device **spare, uint32_t recoveries,
                           nave_text *why);
/* A new stream, on the card if it is back, else on the C model, fed with all that the old one had taken: what it gives
 * next is what the old one would have given. */
int nave_render_recover(nave_render_run *r, nave_text *why);
#endif
