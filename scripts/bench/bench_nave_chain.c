/* A chain as the benchmark measures it: from samples in memory to samples in memory through the public interface.
 *
 *   bench_nave_chain TICK CHAIN IN.f32 OUT.f32|OUT.f64|- [CARD]
 *
 * TICK 0 is offline. CARD: what nave_open takes. The files are planar stereo at 48 kHz, IN and OUT of the same length;
 * .f64 has the card's wide words. Prints the CPU seconds of the run and the latency.
 * SPDX-License-Identifier: ISC */
#include "../../host/include/nave.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHANNELS = 2, RATE_HZ = 48000, OFFLINE_BLOCK = 8192 };

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void quit(const char *what)
{
    fprintf(stderr, "bench_nave_chain: %s\n", what);
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

static void offline(nave_chain_stream *st, const float *in, char *out, size_t bytes, size_t frames)
{
    size_t done = 0, got = 0, taken, given;
    int finished = 0;
    while (got < frames) {
        const void *from[CHANNELS] = {in + done, in + frames + done};
        void *to[CHANNELS] = {out + bytes * got, out + bytes * (frames + got)};
        taken = 0;
        if (done < frames) {
            const size_t now = frames - done < OFFLINE_BLOCK ? frames - done : OFFLINE_BLOCK;
            const int err = nave_chain_write(st, from, now, &taken);
            if (err && err != NAVE_E_AGAIN)
                quit(nave_strerror(err));
            done += taken;
        } else if (!finished) {
            finished = 1;
            if (nave_chain_finish(st))
                quit("the stream does not end");
        }
        if (nave_chain_read(st, to, frames - got, &given))
            quit("the stream can't be read");
        got += given;
        if (!taken && !given && finished)
            quit("the stream ended early");
    }
}

static void live(nave_chain_stream *st, const float *in, char *out, size_t bytes, size_t frames, size_t tick)
{
    for (size_t n = 0; n < frames; n += tick) {
        const void *from[CHANNELS] = {in + n, in + frames + n};
        void *to[CHANNELS] = {out + bytes * n, out + bytes * (frames + n)};
        if (nave_chain_process(st, from, to, frames - n < tick ? frames - n : tick))
            quit("the stream can't be processed");
    }
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 6)
        quit("usage: bench_nave_chain TICK CHAIN IN.f32 OUT.f32|OUT.f64|- [CARD]");
    const int wide = strstr(argv[4], ".f64") != NULL;
    const size_t tick = (size_t)atoi(argv[1]), bytes = wide ? sizeof(double) : sizeof(float);
    nave_text why = {""};
    nave_device *dev;
    nave_chain *chain;
    nave_chain_session session;
    nave_chain_stream *st;
    nave_chain_report report;
    size_t frames;
    float *in = read_planar(argv[3], &frames);
    char *out = malloc(CHANNELS * frames * bytes);
    if (!out)
        quit("out of memory");
    memset(out, 1, CHANNELS * frames * bytes); /* the caller's pages, as with the peers, are there before */
    nave_chain_session_default(&session);
    session.rate_hz = RATE_HZ;
    session.plan.mode = tick ? NAVE_LIVE : NAVE_OFFLINE;
    session.plan.tick_frames = (uint32_t)tick;
    session.plan.channels = CHANNELS;
    session.output = wide ? NAVE_F64 : NAVE_F32;
    if (nave_open(&dev, argc == 6 ? argv[5] : NULL, &why) || nave_chain_load(&chain, argv[2], &why) ||
        nave_chain_open(&st, dev, chain, &session, &why) || nave_chain_get_report(st, &report))
        quit(why.text);
    const double start = cpu_s();
    if (tick)
        live(st, in, out, bytes, frames, tick);
    else
        offline(st, in, out, bytes, frames);
    printf("cpu %.6f latency %u\n", cpu_s() - start, (unsigned)report.latency_frames);
    if (strcmp(argv[4], "-")) {
        FILE *f = fopen(argv[4], "wb");
        if (!f || fwrite(out, bytes, CHANNELS * frames, f) != CHANNELS * frames || fclose(f))
            quit(argv[4]);
    }
    nave_chain_close(st);
    nave_chain_free(chain);
    nave_close(dev);
    free(in);
    free(out);
    return 0;
}
