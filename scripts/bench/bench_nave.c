/* nave as the benchmark measures it: from samples in memory to samples in memory through the public interface.
 *
 *   bench_nave TICK IN.f32 RESPONSE.f32 OUT.f32|- [MIN_PARTITION MAX_PARTITION BATCH]
 *
 * TICK 0 is an offline plan. The files are planar stereo, IN and OUT of the same length. Prints the CPU seconds of the
 * convolution and of getting ready for it.
 * SPDX-License-Identifier: ISC */
#include "../../host/include/nave.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHANNELS 2
#define RATE_HZ 48000
#define OFFLINE_BLOCK 8192

static double clock_s(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void quit(const char *what)
{
    fprintf(stderr, "bench_nave: %s\n", what);
    exit(1);
}

static float *read_planar(const char *path, size_t *frames)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        quit(path);
    const size_t bytes = (size_t)ftell(f);
    float *samples = malloc(bytes);
    rewind(f);
    if (!samples || fread(samples, 1, bytes, f) != bytes)
        quit(path);
    fclose(f);
    *frames = bytes / sizeof(float) / CHANNELS;
    return samples;
}

static nave_plan *compile(const char *path, nave_device *dev, const nave_plan_settings *ps)
{
    nave_text why = {""};
    nave_device_info info;
    nave_ir_settings is;
    nave_ir *ir;
    nave_plan *plan;
    size_t frames;
    float *samples = read_planar(path, &frames);
    double *wide = malloc(CHANNELS * frames * sizeof(*wide));
    if (!wide)
        quit("out of memory");
    for (size_t n = 0; n < CHANNELS * frames; n++)
        wide[n] = samples[n];
    nave_ir_settings_default(&is);
    is.rate_hz = RATE_HZ;
    const double *const path_samples[CHANNELS] = {wide, wide + frames};
    const uint32_t channel[CHANNELS] = {0, 1};
    if (nave_device_get_info(dev, &info) ||
        nave_ir_create(&ir, path_samples, frames, channel, channel, CHANNELS, &is, &why) ||
        nave_plan_compile(&plan, ir, ps, &info.limits, &why))
        quit(why.text);
    nave_ir_free(ir);
    free(wide);
    free(samples);
    return plan;
}

static void offline(nave_stream *st, const float *in, float *out, size_t frames)
{
    size_t done = 0, got = 0, taken, given;
    int finished = 0;
    while (got < frames) {
        const void *from[CHANNELS] = {in + done, in + frames + done};
        void *to[CHANNELS] = {out + got, out + frames + got};
        taken = 0;
        if (done < frames) {
            const int err =
                nave_stream_write(st, from, frames - done < OFFLINE_BLOCK ? frames - done : OFFLINE_BLOCK, &taken);
            if (err && err != NAVE_E_AGAIN)
                quit(nave_strerror(err));
            done += taken;
        } else if (!finished) {
            finished = 1;
            if (nave_stream_finish(st))
                quit("the stream does not end");
        }
        if (nave_stream_read(st, to, frames - got, &given))
            quit("the stream can't be read");
        got += given;
        if (!taken && !given && finished)
            quit("the stream ended early");
    }
}

static void live(nave_stream *st, const float *in, float *out, size_t frames, size_t tick)
{
    for (size_t n = 0; n < frames; n += tick) {
        const void *from[CHANNELS] = {in + n, in + frames + n};
        void *to[CHANNELS] = {out + n, out + frames + n};
        if (nave_stream_process(st, from, to, frames - n < tick ? frames - n : tick))
            quit("the stream can't be processed");
    }
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 8)
        quit("usage: bench_nave TICK IN.f32 RESPONSE.f32 OUT.f32|- [MIN_PARTITION MAX_PARTITION BATCH]");
    const size_t tick = (size_t)atoi(argv[1]);
    nave_plan_settings ps;
    nave_plan_report report;
    nave_text why = {""};
    nave_device *dev;
    nave_stream *st;
    size_t frames;
    const double begin = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    nave_plan_settings_default(&ps);
    ps.mode = tick ? NAVE_LIVE : NAVE_OFFLINE;
    ps.tick_frames = (uint32_t)tick;
    ps.channels = CHANNELS;
    if (argc == 8) {
        ps.min_partition_frames = (uint32_t)atoi(argv[5]);
        ps.max_partition_frames = (uint32_t)atoi(argv[6]);
        ps.batch = (uint32_t)atoi(argv[7]);
    }
    if (nave_open(&dev, NULL, &why))
        quit(why.text);
    nave_plan *plan = compile(argv[3], dev, &ps);
    if (nave_plan_get_report(plan, &report) || nave_stream_open(&st, dev, plan, NULL, &why))
        quit(why.text);
    const double ready = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    float *in = read_planar(argv[2], &frames), *out = malloc(CHANNELS * frames * sizeof(*out));
    if (!out)
        quit("out of memory");
    memset(out, 1, CHANNELS * frames * sizeof(*out)); /* the caller's pages, as with the peers, are there before */
    const double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    if (tick)
        live(st, in, out, frames, tick);
    else
        offline(st, in, out, frames);
    const double cpu_s = clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
    printf("cpu %.6f ready %.6f latency %u plan", cpu_s, ready - begin, report.latency_frames);
    for (uint32_t i = 0; i < report.tiers; i++)
        printf(" %ux%u", report.tier[i].partitions, report.tier[i].partition_frames);
    printf(" batch %u\n", report.tier[0].batch);
    if (strcmp(argv[4], "-")) {
        FILE *f = fopen(argv[4], "wb");
        if (!f || fwrite(out, sizeof(*out), CHANNELS * frames, f) != CHANNELS * frames || fclose(f))
            quit(argv[4]);
    }
    nave_stream_close(st);
    nave_plan_free(plan);
    nave_close(dev);
    free(in);
    free(out);
    return 0;
}
