/* The benchmark's material, and the error of what the programs made of it.
 *
 *   material make DIR SECONDS RESPONSE_S...   in.f32 in.wav, and a response: ir<S>.f32 ir<S>.wav ref<S>.f64
 *   material compare FILE DIR RESPONSE_S LATENCY   FILE: planar .f32, interleaved .raw, or anything libsndfile reads
 *
 * SPDX-License-Identifier: ISC */
#include "signals.h"
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS 2
#define RATE_HZ 48000
#define PEAK 0.95

static void quit(const char *what)
{
    fprintf(stderr, "material: %s\n", what);
    exit(1);
}

static void *memory(size_t bytes)
{
    void *p = malloc(bytes);
    if (!p)
        quit("out of memory");
    return p;
}

static void write_file(const char *dir, const char *name, const void *bytes, size_t n)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
        quit(path);
}

/* Planar as floats for the libraries, a float WAV for the programs, raw interleaved and one file a channel for
 * brutefir. */
static void write_audio(const char *dir, const char *name, const double *samples, size_t frames)
{
    char path[4096], part[256];
    float *planar = memory(CHANNELS * frames * sizeof(float)), *mixed = memory(CHANNELS * frames * sizeof(float));
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t n = 0; n < frames; n++)
            mixed[CHANNELS * n + c] = planar[c * frames + n] = (float)samples[c * frames + n];
    snprintf(part, sizeof(part), "%s.f32", name);
    write_file(dir, part, planar, CHANNELS * frames * sizeof(float));
    snprintf(part, sizeof(part), "%s.raw", name);
    write_file(dir, part, mixed, CHANNELS * frames * sizeof(float));
    for (size_t c = 0; c < CHANNELS; c++) {
        snprintf(part, sizeof(part), "%s_%zu.raw", name, c);
        write_file(dir, part, planar + c * frames, frames * sizeof(float));
    }
    snprintf(path, sizeof(path), "%s/%s.wav", dir, name);
    SF_INFO info = {.samplerate = RATE_HZ, .channels = CHANNELS, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    if (!f || sf_writef_float(f, mixed, (sf_count_t)frames) != (sf_count_t)frames || sf_close(f))
        quit(path);
    free(planar);
    free(mixed);
}

static void make_response(const char *dir, const char *seconds, const double *in, size_t frames)
{
    char name[64];
    const size_t length = (size_t)(atof(seconds) * RATE_HZ), whole = frames + length - 1;
    double *h = memory(CHANNELS * length * sizeof(*h)), *y = memory(CHANNELS * whole * sizeof(*y)), peak = 0;
    for (int pass = 0; pass < 2;
         pass++) { /* again after the gain and the rounding to float: what the programs are given */
        for (size_t c = 0; c < CHANNELS; c++) {
            if (pass == 0)
                nave_bench_response(h + c * length, length, 20 + c);
            if (nave_bench_convolve(y + c * whole, in + c * frames, frames, h + c * length, length))
                quit("out of memory");
        }
        for (size_t n = 0; n < CHANNELS * whole; n++)
            peak = fmax(peak, fabs(y[n]));
        for (size_t n = 0; pass == 0 && n < CHANNELS * length; n++)
            h[n] = (float)(h[n] * PEAK / peak);
    }
    snprintf(name, sizeof(name), "ir%s", seconds);
    write_audio(dir, name, h, length);
    for (size_t c = 0; c < CHANNELS; c++)
        memmove(y + c * frames, y + c * whole, frames * sizeof(*y));
    snprintf(name, sizeof(name), "ref%s.f64", seconds);
    write_file(dir, name, y, CHANNELS * frames * sizeof(*y));
    free(h);
    free(y);
}

static int make(int argc, char **argv)
{
    const size_t frames = (size_t)(atof(argv[3]) * RATE_HZ);
    double *in = memory(CHANNELS * frames * sizeof(*in));
    for (size_t c = 0; c < CHANNELS; c++) {
        if (nave_bench_pink(in + c * frames, frames, RATE_HZ, 10 + c))
            quit("out of memory");
        nave_bench_to_24_bits(in + c * frames, frames);
    }
    write_audio(argv[2], "in", in, frames);
    for (int i = 4; i < argc; i++)
        make_response(argv[2], argv[i], in, frames);
    free(in);
    return 0;
}

static void *read_file(const char *path, size_t *bytes)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        quit(path);
    *bytes = (size_t)ftell(f);
    void *p = memory(*bytes);
    rewind(f);
    if (fread(p, 1, *bytes, f) != *bytes)
        quit(path);
    fclose(f);
    return p;
}

static int ends_with(const char *s, const char *end)
{
    return strlen(s) >= strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

/* Samples at samples[n * step + c * channel_step]. */
static float *read_result(const char *path, size_t *frames, size_t *step, size_t *channel_step)
{
    size_t bytes;
    float *samples;
    if (ends_with(path, ".f32") || ends_with(path, ".raw")) {
        samples = read_file(path, &bytes);
        *frames = bytes / sizeof(float) / CHANNELS;
    } else {
        SF_INFO info = {0};
        SNDFILE *f = sf_open(path, SFM_READ, &info);
        if (!f || info.channels != CHANNELS)
            quit(path);
        samples = memory((size_t)info.frames * CHANNELS * sizeof(float));
        *frames = (size_t)sf_readf_float(f, samples, info.frames);
        sf_close(f);
    }
    *step = ends_with(path, ".f32") ? 1 : CHANNELS;
    *channel_step = ends_with(path, ".f32") ? *frames : 1;
    return samples;
}

static int compare(char **argv)
{
    char path[4096];
    size_t bytes, frames, step, channel_step;
    snprintf(path, sizeof(path), "%s/ref%s.f64", argv[3], argv[4]);
    double *ref = read_file(path, &bytes);
    const size_t whole = bytes / sizeof(double) / CHANNELS, latency = (size_t)atol(argv[5]);
    float *got = read_result(argv[2], &frames, &step, &channel_step);
    /* some programs keep the last part of a block: then what is there is compared */
    const size_t n = frames > latency && frames - latency < whole ? frames - latency : whole;
    if (frames <= latency || n + 65536 < whole)
        quit("the result is much shorter than the input");
    double squares = 0;
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t i = 0; i < n; i++) {
            const double e = got[(i + latency) * step + c * channel_step] - ref[c * whole + i];
            squares += e * e;
        }
    printf("error_dbfs %.1f frames %zu\n", nave_bench_db(sqrt(squares / (double)(CHANNELS * n))), n);
    free(ref);
    free(got);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 5 && strcmp(argv[1], "make") == 0)
        return make(argc, argv);
    if (argc == 6 && strcmp(argv[1], "compare") == 0)
        return compare(argv);
    quit("usage: material make DIR SECONDS RESPONSE_S... | material compare FILE DIR RESPONSE_S LATENCY");
}
