/* Streams run from start to end over synthetic material, for selftest and bench.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "runs.h"

#define LARGEST_BLOCK 4096

int nave_run_new(nave_run *run, uint32_t inputs, uint32_t outputs, uint64_t frames_in, uint64_t room)
{
    memset(run, 0, sizeof *run);
    run->inputs = inputs;
    run->outputs = outputs;
    run->frames_in = frames_in;
    run->room = room;
    for (uint32_t c = 0; c < inputs; c++)
        if (!(run->in[c] = calloc(frames_in + 1, sizeof **run->in)))
            return NAVE_E_NOMEM;
    for (uint32_t c = 0; c < outputs; c++)
        if (!(run->out[c] = calloc(room + 1, sizeof **run->out)))
            return NAVE_E_NOMEM;
    return NAVE_OK;
}

void nave_run_free(nave_run *run)
{
    for (int c = 0; c < NAVE_MAX_CHANNELS; c++) {
        free(run->in[c]);
        free(run->out[c]);
    }
    memset(run, 0, sizeof *run);
}

static size_t block_size(uint64_t *seed)
{
    if (!*seed)
        return LARGEST_BLOCK;
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return 1 + (*seed >> 33) % 1500;
}

static int read_ready(nave_run *run, nave_stream *st, size_t most, size_t *given)
{
    void *out[NAVE_MAX_CHANNELS];
    size_t left = (size_t)(run->room - run->frames_out);
    for (uint32_t c = 0; c < run->outputs; c++)
        out[c] = run->out[c] + run->frames_out;
    int err = nave_stream_read(st, out, most < left ? most : left, given);
    if (!err)
        run->frames_out += *given;
    return err == NAVE_E_AGAIN ? NAVE_OK : err;
}

int nave_run_wait(nave_stream *st)
{
    int err = NAVE_E_AGAIN;
    for (int i = 0; i < 50 && err == NAVE_E_AGAIN; i++)
        err = nave_stream_wait(st, 200);
    return err == NAVE_E_AGAIN ? NAVE_E_TIMEOUT : err;
}

static int write_and_read(nave_run *run, nave_stream *st, uint64_t seed)
{
    uint64_t done = 0;
    size_t given = 0;
    int err = NAVE_OK;
    while (done < run->frames_in) {
        const void *in[NAVE_MAX_CHANNELS];
        size_t taken = 0, n = block_size(&seed);
        n = n < run->frames_in - done ? n : (size_t)(run->frames_in - done);
        for (uint32_t c = 0; c < run->inputs; c++)
            in[c] = run->in[c] + done;
        err = nave_stream_write(st, in, n, &taken);
        if (err && err != NAVE_E_AGAIN)
            return err;
        done += taken;
        err = read_ready(run, st, block_size(&seed), &given);
        if (err)
            return err;
        if (!taken && !given)
            err = nave_run_wait(st);
        if (err)
            return err;
    }
    err = nave_stream_finish(st);
    while (!err && run->frames_out < run->room) {
        err = read_ready(run, st, block_size(&seed), &given);
        if (!err && !given)
            err = nave_run_wait(st);
    }
    return err == NAVE_E_STATE ? NAVE_OK : err;
}

static int process(nave_run *run, nave_stream *st, uint64_t seed)
{
    while (run->frames_out < run->frames_in) {
        const void *in[NAVE_MAX_CHANNELS];
        void *out[NAVE_MAX_CHANNELS];
        size_t n = block_size(&seed);
        n = n < run->frames_in - run->frames_out ? n : (size_t)(run->frames_in - run->frames_out);
        for (uint32_t c = 0; c < run->inputs; c++)
            in[c] = run->in[c] + run->frames_out;
        for (uint32_t c = 0; c < run->outputs; c++)
            out[c] = run->out[c] + run->frames_out;
        int err = nave_stream_process(st, in, out, n);
        if (err)
            return err;
        run->frames_out += n;
    }
    return NAVE_OK;
}

int nave_run_stream(nave_run *run, nave_device *dev, const nave_plan *plan, const nave_run_settings *settings,
                    nave_text *why)
{
    nave_stream *st = NULL;
    nave_stream_settings s;
    nave_stream_settings_default(&s);
    s.input = NAVE_F64;
    s.output = NAVE_Q44;
    s.wet_db = settings->wet_db;
    s.dry_db = settings->dry_db;
    run->frames_out = 0;
    int err = nave_stream_open(&st, dev, plan, &s, why);
    if (err)
        return err;
    if (settings->change_frame)
        err = nave_stream_set_param(st, NAVE_PARAM_WET_GAIN, settings->wet_db - 6, settings->change_frame);
    if (!err)
        err = settings->live_calls ? process(run, st, settings->cut_seed) : write_and_read(run, st, settings->cut_seed);
    if (err)
        snprintf(why->text, sizeof why->text, "the stream stopped at frame %llu: %s.",
                 (unsigned long long)run->frames_out, nave_strerror(err));
    nave_stream_close(st);
    return err;
}
