/* Impulse responses: from a file or from memory to edited paths with a hash.
 * SPDX-License-Identifier: ISC */
#include "ir.h"
#include "audio_file.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define READ_FRAMES 4096

void nave_ir_settings_default(nave_ir_settings *out)
{
    *out = (nave_ir_settings){0};
}

static int in_range(double v, double low, double high)
{
    return v >= low && v <= high; /* false for NaN */
}

int nave_ir_check_settings(const nave_ir_settings *s, nave_text *why)
{
    if (s->rate_hz != 0 && (s->rate_hz < NAVE_MIN_RATE_HZ || s->rate_hz > NAVE_MAX_RATE_HZ))
        return nave_fail(why, NAVE_E_RATE, "a session at %u Hz is not possible: nave runs at %d to %d Hz", s->rate_hz,
                         NAVE_MIN_RATE_HZ, NAVE_MAX_RATE_HZ);
    if ((unsigned)s->layout > NAVE_LAYOUT_TRUE_STEREO)
        return nave_fail(why, NAVE_E_ARG, "unknown layout %d of the response", (int)s->layout);
    if ((unsigned)s->normalise > NAVE_NORMALISE_GAIN)
        return nave_fail(why, NAVE_E_ARG, "unknown normalisation %d of the response", (int)s->normalise);
    const struct {
        const char *name, *unit;
        double value, low, high;
    } checks[] = {
        {"gain", "dB", s->gain_db, -120, 60},
        {"pre-delay", "s", s->predelay_s, 0, 10},
        {"start of the trim", "s", s->trim_start_s, 0, 3600},
        {"length", "s", s->length_s, 0, 3600},
        {"trim level", "dB", s->trim_below_db, -200, 0},
        {"fade-in", "s", s->fade_in_s, 0, 3600},
        {"fade-out", "s", s->fade_out_s, 0, 3600},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (!in_range(checks[i].value, checks[i].low, checks[i].high))
            return nave_fail(why, NAVE_E_ARG, "%s of the response is %g %s: give %g to %g %s", checks[i].name,
                             checks[i].value, checks[i].unit, checks[i].low, checks[i].high, checks[i].unit);
    return NAVE_OK;
}

int nave_ir_check_size(uint64_t paths, uint64_t frames, const char *path, nave_text *why)
{
    if (frames == 0)
        return nave_fail(why, NAVE_E_FORMAT, "response '%s' has no samples: give a file with audio", path);
    if (frames > NAVE_IR_MAX_FRAMES || frames > NAVE_IR_MAX_SAMPLES / paths)
        return nave_fail(why, NAVE_E_FORMAT,
                         "response '%s' has %" PRIu64 " path(s) of %" PRIu64 " frames; nave takes %" PRIu64
                         " frames and %" PRIu64 " samples in all: cut the file to the part that is the response",
                         path, paths, frames, NAVE_IR_MAX_FRAMES, NAVE_IR_MAX_SAMPLES);
    return NAVE_OK;
}

int nave_ir_new(nave_ir **out, uint32_t paths, uint64_t frames, nave_text *why)
{
    *out = NULL;
    nave_ir *ir = calloc(1, sizeof *ir);
    if (!ir)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for a response");
    ir->paths = paths;
    ir->frames = frames;
    ir->input = calloc(paths, sizeof *ir->input);
    ir->output = calloc(paths, sizeof *ir->output);
    ir->samples = calloc(paths, sizeof *ir->samples);
    int short_of_memory = !ir->input || !ir->output || !ir->samples;
    for (uint32_t p = 0; p < paths && !short_of_memory; p++) {
        ir->samples[p] = calloc(frames, sizeof(double));
        short_of_memory = !ir->samples[p];
    }
    if (short_of_memory) {
        nave_ir_free(ir);
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for a response of %" PRIu64 " frames", frames);
    }
    *out = ir;
    return NAVE_OK;
}

void nave_ir_free(nave_ir *ir)
{
    if (!ir)
        return;
    for (uint32_t p = 0; ir->samples && p < ir->paths; p++)
        free(ir->samples[p]);
    free(ir->samples);
    free(ir->input);
    free(ir->output);
    free(ir);
}

static int route_channels(nave_ir *ir, const char *path, nave_layout layout, nave_text *why)
{
    const uint32_t channels = ir->paths;
    if (layout == NAVE_LAYOUT_TRUE_STEREO && channels != 4)
        return nave_fail(why, NAVE_E_CHANNELS,
                         "true stereo needs 4 channels (L>L, L>R, R>L, R>R), '%s' has %u: use the layout diagonal",
                         path, channels);
    if (layout == NAVE_LAYOUT_AUTO)
        layout = channels == 4 ? NAVE_LAYOUT_TRUE_STEREO : NAVE_LAYOUT_DIAGONAL;
    ir->any = channels == 1;
    for (uint32_t p = 0; p < channels; p++) {
        ir->input[p] = layout == NAVE_LAYOUT_TRUE_STEREO ? p / 2 : p;
        ir->output[p] = layout == NAVE_LAYOUT_TRUE_STEREO ? p % 2 : p;
    }
    return NAVE_OK;
}

static int load_audio(nave_ir **out, const char *path, nave_layout layout, nave_text *why)
{
    nave_audio_reader *reader;
    nave_ir *ir = NULL;
    double *block = NULL;
    size_t got;

    *out = NULL;
    int err = nave_audio_reader_open(&reader, path, why);
    if (err)
        return err;
    const nave_audio_info *info = nave_audio_reader_info(reader);
    if (info->channels > NAVE_MAX_CHANNELS) {
        err = nave_fail(why, NAVE_E_CHANNELS,
                        "response '%s' has %u channels, nave takes %d: pick paths with a matrix file", path,
                        info->channels, NAVE_MAX_CHANNELS);
        goto out_close_reader;
    }
    err = nave_ir_check_size(info->channels, info->frames, path, why);
    if (err)
        goto out_close_reader;
    err = nave_ir_new(&ir, info->channels, info->frames, why);
    if (err)
        goto out_close_reader;
    ir->rate_hz = ir->source_rate_hz = info->rate_hz;
    block = malloc((size_t)READ_FRAMES * info->channels * sizeof *block);
    if (!block) {
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", path);
        goto out_close_reader;
    }
    for (uint64_t at = 0; at < ir->frames; at += got) {
        const uint64_t left = ir->frames - at;
        err = nave_audio_reader_read_f64(reader, block, left < READ_FRAMES ? (size_t)left : READ_FRAMES, &got, why);
        if (err || got == 0)
            break;
        for (uint32_t c = 0; c < info->channels; c++)
            for (size_t i = 0; i < got; i++)
                ir->samples[c][at + i] = block[i * info->channels + c];
    }
    if (!err)
        err = route_channels(ir, path, layout, why);

out_close_reader:
    free(block);
    nave_audio_reader_close(reader);
    if (err)
        nave_ir_free(ir);
    else
        *out = ir;
    return err;
}

static int check_levels(const nave_ir *ir, const char *path, nave_text *why)
{
    for (uint32_t p = 0; p < ir->paths; p++)
        for (uint64_t i = 0; i < ir->frames; i++)
            if (!(fabs(ir->samples[p][i]) <= NAVE_IR_MAX_LEVEL))
                return nave_fail(why, NAVE_E_FORMAT,
                                 "response '%s' has the sample %g at frame %" PRIu64
                                 " of path %u, which is not audio: export it again",
                                 path, ir->samples[p][i], i, p + 1);
    return NAVE_OK;
}

/* One order of the paths, so that the same matrix has the same hash however its lines are ordered. */
static int sort_paths(nave_ir *ir, const char *path, nave_text *why)
{
    for (uint32_t i = 1; i < ir->paths; i++)
        for (uint32_t j = i; j > 0; j--) {
            const uint32_t a = ir->output[j - 1] * NAVE_MAX_CHANNELS + ir->input[j - 1];
            const uint32_t b = ir->output[j] * NAVE_MAX_CHANNELS + ir->input[j];
            if (a == b)
                return nave_fail(why, NAVE_E_ARG, "response '%s' has two paths from input %u to output %u", path,
                                 ir->input[j] + 1, ir->output[j] + 1);
            if (a < b)
                break;
            const uint32_t in = ir->input[j], out = ir->output[j];
            double *const samples = ir->samples[j];
            ir->input[j] = ir->input[j - 1];
            ir->output[j] = ir->output[j - 1];
            ir->samples[j] = ir->samples[j - 1];
            ir->input[j - 1] = in;
            ir->output[j - 1] = out;
            ir->samples[j - 1] = samples;
        }
    ir->inputs = ir->outputs = 0;
    for (uint32_t p = 0; p < ir->paths && !ir->any; p++) {
        ir->inputs = ir->input[p] >= ir->inputs ? ir->input[p] + 1 : ir->inputs;
        ir->outputs = ir->output[p] >= ir->outputs ? ir->output[p] + 1 : ir->outputs;
    }
    return NAVE_OK;
}

static int finish(nave_ir **out, nave_ir *ir, const char *path, const nave_ir_settings *s, nave_text *why)
{
    int err = check_levels(ir, path, why);
    if (!err)
        err = sort_paths(ir, path, why);
    if (err)
        goto err_free;
    nave_text reason = {""};
    err = nave_ir_resample(ir, s->rate_hz ? s->rate_hz : ir->rate_hz, &reason);
    if (!err)
        err = nave_ir_edit(ir, s, &reason);
    if (err) {
        nave_fail(why, err, "'%s': %s", path, reason.text);
        goto err_free;
    }
    *out = ir;
    return NAVE_OK;
err_free:
    nave_ir_free(ir);
    return err;
}

int nave_ir_load(nave_ir **out, const char *path, const nave_ir_settings *settings, nave_text *why)
{
    nave_ir_settings defaults;
    nave_ir *ir;

    if (!out || !path)
        return nave_fail(why, NAVE_E_ARG, "nave_ir_load needs out and path");
    *out = NULL;
    nave_ir_settings_default(&defaults);
    const nave_ir_settings *s = settings ? settings : &defaults;
    int err = nave_ir_check_settings(s, why);
    if (err)
        return err;
    if (nave_ir_is_matrix(path)) {
        if (s->layout != NAVE_LAYOUT_AUTO)
            return nave_fail(why, NAVE_E_ARG, "matrix file '%s' states its own layout: leave the layout at auto", path);
        err = nave_ir_load_matrix(&ir, path, why);
    } else {
        err = load_audio(&ir, path, s->layout, why);
    }
    return err ? err : finish(out, ir, path, s, why);
}

int nave_ir_create(nave_ir **out, const double *const *samples, uint64_t frames, const uint32_t *input,
                   const uint32_t *output, uint32_t paths, const nave_ir_settings *settings, nave_text *why)
{
    static const char name[] = "(memory)";
    nave_ir *ir;

    if (!out || !samples || !settings || settings->rate_hz == 0)
        return nave_fail(why, NAVE_E_ARG, "nave_ir_create needs out, samples and settings with a rate");
    *out = NULL;
    if (paths < 1 || paths > NAVE_IR_MAX_PATHS || !input != !output || (!input && paths != 1))
        return nave_fail(why, NAVE_E_ARG,
                         "%u paths: give 1 to %d with an input and an output for each, or 1 without ends", paths,
                         NAVE_IR_MAX_PATHS);
    int err = nave_ir_check_settings(settings, why);
    if (!err)
        err = nave_ir_check_size(paths, frames, name, why);
    for (uint32_t p = 0; p < paths && !err; p++)
        if (!samples[p] || (input && (input[p] >= NAVE_MAX_CHANNELS || output[p] >= NAVE_MAX_CHANNELS)))
            err = nave_fail(why, NAVE_E_ARG, "path %u has no samples or an end that is not 0 to %d", p,
                            NAVE_MAX_CHANNELS - 1);
    if (!err)
        err = nave_ir_new(&ir, paths, frames, why);
    if (err)
        return err;
    ir->any = !input;
    ir->rate_hz = ir->source_rate_hz = settings->rate_hz;
    for (uint32_t p = 0; p < paths; p++) {
        ir->input[p] = input ? input[p] : 0;
        ir->output[p] = output ? output[p] : 0;
        memcpy(ir->samples[p], samples[p], frames * sizeof(double));
    }
    return finish(out, ir, name, settings, why);
}

int nave_ir_get_info(const nave_ir *ir, nave_ir_info *out)
{
    if (!ir || !out)
        return NAVE_E_ARG;
    *out = (nave_ir_info){.inputs = ir->inputs,
                          .outputs = ir->outputs,
                          .paths = ir->paths,
                          .rate_hz = ir->rate_hz,
                          .source_rate_hz = ir->source_rate_hz,
                          .frames = ir->frames,
                          .applied_gain_db = ir->applied_gain_db};
    memcpy(out->hash, ir->hash, sizeof out->hash);
    return NAVE_OK;
}

int nave_ir_get_path(const nave_ir *ir, uint32_t p, uint32_t *input, uint32_t *output, const double **samples)
{
    if (!ir || p >= ir->paths)
        return NAVE_E_ARG;
    if (input)
        *input = ir->input[p];
    if (output)
        *output = ir->output[p];
    if (samples)
        *samples = ir->samples[p];
    return NAVE_OK;
}
