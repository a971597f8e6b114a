/* nave as a file tool, to stand beside fconvolver and brutefir: the same work (read a response and a file, convolve,
 * write a float WAV), none of what `nave render` adds (hashes, loudness, noise measurement, receipt).
 *
 *   bench_nave_file IN.wav RESPONSE.wav OUT.wav
 *
 * SPDX-License-Identifier: ISC */
#include "../../host/include/nave.h"
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#define CHANNELS 2
#define BLOCK 8192

static void quit(const char *what)
{
    fprintf(stderr, "bench_nave_file: %s\n", what);
    exit(1);
}

static void give(SNDFILE *out, nave_stream *st, float planar[CHANNELS][BLOCK], float *mixed, sf_count_t *left)
{
    size_t given;
    do {
        void *const to[CHANNELS] = {planar[0], planar[1]};
        const int err = nave_stream_read(st, to, *left < BLOCK ? (size_t)*left : BLOCK, &given);
        if (err)
            quit(nave_strerror(err));
        for (size_t n = 0; n < given; n++)
            for (int c = 0; c < CHANNELS; c++)
                mixed[CHANNELS * n + (size_t)c] = planar[c][n];
        if (sf_writef_float(out, mixed, (sf_count_t)given) != (sf_count_t)given)
            quit("the output can't be written");
        *left -= (sf_count_t)given;
    } while (given && *left);
}

int main(int argc, char **argv)
{
    static float planar[CHANNELS][BLOCK], mixed[CHANNELS * BLOCK];
    if (argc != 4)
        quit("usage: bench_nave_file IN.wav RESPONSE.wav OUT.wav");
    SF_INFO info = {0};
    SNDFILE *in = sf_open(argv[1], SFM_READ, &info);
    if (!in || info.channels != CHANNELS)
        quit(argv[1]);
    sf_count_t left = info.frames;
    SF_INFO wanted = {.samplerate = info.samplerate, .channels = CHANNELS, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *out = sf_open(argv[3], SFM_WRITE, &wanted);
    if (!out)
        quit(argv[3]);
    nave_device *dev;
    nave_device_info dev_info;
    nave_ir *ir;
    nave_ir_settings is;
    nave_plan *plan;
    nave_plan_settings ps;
    nave_stream *st;
    nave_text why = {""};
    nave_ir_settings_default(&is);
    is.rate_hz = (uint32_t)info.samplerate;
    nave_plan_settings_default(&ps);
    ps.mode = NAVE_OFFLINE;
    ps.tick_frames = 0;
    ps.channels = CHANNELS;
    if (nave_open(&dev, NULL, &why) || nave_device_get_info(dev, &dev_info) || nave_ir_load(&ir, argv[2], &is, &why) ||
        nave_plan_compile(&plan, ir, &ps, &dev_info.limits, &why) || nave_stream_open(&st, dev, plan, NULL, &why))
        quit(why.text);
    for (sf_count_t got; (got = sf_readf_float(in, mixed, BLOCK)) > 0;) {
        for (sf_count_t n = 0; n < got; n++)
            for (int c = 0; c < CHANNELS; c++)
                planar[c][n] = mixed[CHANNELS * n + c];
        for (size_t done = 0, taken; done < (size_t)got; done += taken) {
            const void *const from[CHANNELS] = {planar[0] + done, planar[1] + done};
            const int err = nave_stream_write(st, from, (size_t)got - done, &taken);
            if (err && err != NAVE_E_AGAIN)
                quit(nave_strerror(err));
            if (taken < (size_t)got - done) {
                static float other[CHANNELS][BLOCK], other_mixed[CHANNELS * BLOCK];
                give(out, st, other, other_mixed, &left);
            }
        }
    }
    if (nave_stream_finish(st))
        quit("the stream does not end");
    give(out, st, planar, mixed, &left);
    nave_stream_close(st);
    nave_plan_free(plan);
    nave_ir_free(ir);
    nave_close(dev);
    if (sf_close(out))
        quit(argv[3]);
    sf_close(in);
    return 0;
}
