/* driver/usb.c and what stands on it, against the Verilated device in the same process: what befalls a card ends in the
 * same bits or in a stated error, never in wrong audio, never in a hang. Usage: usb_driver [long]; NAVE_SEED.
 * SPDX-License-Identifier: ISC */
#include "../../../driver/protocol.h"
#include "../../../sim/harness/usb/direct.h"
#include "../../../sim/model/dsp.h"
#include "nave.h"
#include <libusb.h>
#include <math.h>
#include <pthread.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RATE_HZ 48000
#define IN_FRAMES 30000
#define IR_FRAMES 9000
#define BLOCK 64
#define FADE_FRAMES 256

static int passed, failed;
static uint64_t random_state;
static char usb[64]; /* "usb:wait=5", with patience where a sanitizer makes the card slow */
static char folder[] = "/tmp/nave-usb-XXXXXX", in_path[64], ir_path[64], out_path[64];

static void check(int good, const char *what, const char *detail)
{
    passed += good;
    failed += !good;
    if (!good) {
        char state[256];
        nave_direct_state(state);
        printf("FAIL %s: %s\n     %s\n", what, detail, state);
    }
    fflush(stdout);
}

static uint32_t next(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void write_file(const char *path, int frames, double decay)
{
    SF_INFO info = {.samplerate = RATE_HZ, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_24};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    for (int n = 0; n < frames; n++) {
        const float x[2] = {(float)((next(20001) / 1e4 - 1) * 0.2 * exp(-decay * n)),
                            (float)((next(20001) / 1e4 - 1) * 0.2 * exp(-decay * n))};
        sf_writef_float(f, x, 1);
    }
    sf_close(f);
}

static int render(const char *spec, nave_render_result *r, nave_text *why)
{
    nave_device *dev = NULL;
    nave_render_settings s;
    nave_render_settings_default(&s);
    s.receipt = 0;
    s.dry_db = -6;
    why->text[0] = '\0';
    int err = nave_open(&dev, spec, why);
    if (!err)
        err = nave_render_file(dev, in_path, ir_path, out_path, &s, r, why);
    nave_close(dev);
    return err;
}

static int same_bits, stated;

/* A render under `command`: the hash of the model, or, where the card was lost before there was a render, an error that
 * says so. */
static void befallen(const char *name, const char *command, const nave_render_result *expected, const char *after)
{
    char detail[700];
    nave_render_result r = {0};
    nave_text why;
    const double begin = now_s();
    nave_direct_befall(command);
    const int err = render(usb, &r, &why);
    nave_direct_befall(after);
    const int same = !err && strcmp(r.output_hash, expected->output_hash) == 0;
    const int said = (err == NAVE_E_LOST || err == NAVE_E_DEVICE) && r.frames_out == 0 && why.text[0];
    same_bits += same;
    stated += said;
    snprintf(detail, sizeof(detail), "'%s': error %d (%s), hash %.16s, expected %.16s, lost %u times", command, err,
             why.text, r.output_hash, expected->output_hash, r.recoveries);
    check(same || said, name, detail);
    printf("%-28s %-22s lost %u times%s%s%s, %.2f s\n", name, command, r.recoveries,
           r.took_over ? ", the model did the rest" : "", said ? ", " : "", said ? why.text : "", now_s() - begin);
}

static void unplugged_at_random(int runs, uint64_t pieces, const nave_render_result *expected)
{
    static const unsigned away_ms[] = {0, 1, 30, 200, 900, 2500};
    for (int i = 0; i < runs; i++) {
        char command[64];
        snprintf(command, sizeof(command), "unplug %u after %u", away_ms[next(6)], next((uint32_t)pieces));
        befallen("unplugged at a random moment", command, expected, "work");
    }
}

static void held_by_another(void)
{
    nave_device *a = NULL, *b = NULL;
    nave_text why = {""};
    char pid[32];
    snprintf(pid, sizeof(pid), "held by %u (usb_driver", (unsigned)getpid());
    check(nave_open(&a, usb, &why) == NAVE_OK, "opened once", why.text);
    const int err = nave_open(&b, "usb:", &why);
    check(err == NAVE_E_BUSY && strstr(why.text, pid), "who holds a busy card is named", why.text);
    nave_activity seen;
    check(nave_look("usb:", &seen, &why) == NAVE_OK && seen.pid == (uint32_t)getpid(), "a look shows the holder",
          why.text);
    nave_close(a);
    check(nave_open(&b, usb, &why) == NAVE_OK, "free again", why.text);
    nave_close(b);
}

static void *close_later(void *user)
{
    usleep(300000);
    nave_close(user);
    return NULL;
}

static void waits_for_another(void)
{
    nave_device *a = NULL, *b = NULL;
    nave_text why = {""};
    pthread_t thread;
    check(nave_open(&a, usb, &why) == NAVE_OK, "opened", why.text);
    pthread_create(&thread, NULL, close_later, a);
    check(nave_open(&b, usb, &why) == NAVE_OK, "wait= waits for the holder", why.text);
    pthread_join(thread, NULL);
    nave_close(b);
}

static void refused(void)
{
    nave_device *dev;
    nave_text why = {""};
    nave_direct_refuse(LIBUSB_ERROR_ACCESS);
    int err = nave_open(&dev, "usb:", &why);
    check(err == NAVE_E_DEVICE && strstr(why.text, "70-nave.rules"), "no permission names the rule", why.text);
    nave_direct_refuse(0);
    err = nave_open(&dev, "usb:serial=nobody", &why);
    check(err == NAVE_E_DEVICE && strstr(why.text, "no card nobody"), "another serial number is not found", why.text);
    err = nave_open(&dev, "usb:serial", &why);
    check(err == NAVE_E_ARG, "an option needs its value", why.text);
    err = nave_open(&dev, "usb:wait=x", &why);
    check(err == NAVE_E_ARG, "a wait is a number", why.text);
    nave_direct_befall("unplug 300");
    usleep(100000);
    err = nave_open(&dev, "usb:", &why);
    check(err == NAVE_E_DEVICE, "an unplugged card is not there", why.text);
    err = nave_open(&dev, usb, &why);
    check(err == NAVE_OK, "wait= waits for the plug", why.text);
    nave_close(err ? NULL : dev);
}

static nave_plan *live_plan(nave_mode mode)
{
    nave_ir *ir = NULL;
    nave_plan *plan = NULL;
    nave_plan_settings ps;
    nave_ir_settings is;
    nave_card_limits limits;
    nave_text why = {""};
    nave_plan_settings_default(&ps);
    nave_ir_settings_default(&is);
    ps.mode = mode;
    ps.tick_frames = mode == NAVE_LIVE ? BLOCK : 0;
    ps.channels = 2;
    nave_board_limits("ulx3s", &limits);
    int err = nave_ir_load(&ir, ir_path, &is, &why);
    if (!err)
        err = nave_plan_compile(&plan, ir, &ps, &limits, &why);
    check(!err, "plan", why.text);
    nave_ir_free(ir);
    return plan;
}

static void live_input(float x[2][BLOCK], uint64_t from)
{
    for (int n = 0; n < BLOCK; n++) {
        const double t = (double)(from + (uint64_t)n);
        x[0][n] = (float)(0.3 * sin(t * 0.01));
        x[1][n] = (float)(0.3 * sin(t * 0.013 + 1));
    }
}

static int live_block(nave_stream *st, uint64_t from, float y[2][BLOCK])
{
    float x[2][BLOCK];
    const void *in[2] = {x[0], x[1]};
    void *out[2] = {y[0], y[1]};
    live_input(x, from);
    return nave_stream_process(st, in, out, BLOCK);
}

/* Eight times full scale and more: what a look says of it is what the stream itself asks the card for. */
static void clipping_is_seen(void)
{
    nave_device *dev = NULL;
    nave_stream *st = NULL;
    nave_plan *plan = live_plan(NAVE_LIVE);
    nave_stream_settings s;
    nave_stream_stats stats = {0};
    nave_activity seen;
    nave_text why = {""};
    float x[2][BLOCK], y[2][BLOCK];
    const void *in[2] = {x[0], x[1]};
    void *out[2] = {y[0], y[1]};
    nave_stream_settings_default(&s);
    s.dry_db = 18;
    memset(&seen, 0, sizeof(seen));
    int err = nave_open(&dev, usb, &why);
    if (!err)
        err = nave_stream_open(&st, dev, plan, &s, &why);
    for (int b = 0; b < RATE_HZ / 2 / BLOCK && !err;
         b++) { /* the last of it is silence, so that the count stands still */
        for (int n = 0; n < 2 * BLOCK; n++)
            x[n / BLOCK][n % BLOCK] = b < RATE_HZ / 5 / BLOCK ? 3.0f : 0.0f;
        err = nave_stream_process(st, in, out, BLOCK);
    }
    if (!err)
        err = nave_look("usb:", &seen, &why);
    if (!err)
        err = nave_stream_get_stats(st, &stats);
    char detail[128];
    snprintf(detail, sizeof(detail), "error %d, a look says %llu, the stream %llu", err,
             (unsigned long long)seen.context[0].clipped_samples, (unsigned long long)stats.clipped_samples);
    check(!err && stats.clipped_samples > 1000 && seen.context[0].clipped_samples == stats.clipped_samples,
          "a look shows clipped samples", detail);
    nave_stream_close(st);
    nave_close(dev);
    nave_plan_free(plan);
}

/* What comes after the return is what a fresh stream gives, once the fade is over. */
static void compare_with_fresh(nave_stream *st, const nave_plan *plan, uint64_t from)
{
    nave_device *model = NULL;
    nave_stream *fresh = NULL;
    nave_text why = {""};
    int err = nave_open(&model, "model:", &why);
    if (!err)
        err = nave_stream_open(&fresh, model, plan, NULL, &why);
    const uint32_t skip = (128 + FADE_FRAMES) / BLOCK + 1;
    int same = 1;
    for (uint32_t b = 0; b < skip + 40 && !err; b++) {
        float a[2][BLOCK], c[2][BLOCK];
        err = live_block(st, from + (uint64_t)b * BLOCK, a);
        if (!err)
            err = live_block(fresh, from + (uint64_t)b * BLOCK, c);
        if (b >= skip)
            same = same && memcmp(a, c, sizeof(a)) == 0;
    }
    check(!err && same, "a live stream that came back gives the right bits", why.text);
    nave_stream_close(fresh);
    nave_close(model);
}

/* The largest step from a sample to the next, block after block. */
static void follow(const float y[BLOCK], float *last, float *step)
{
    for (int n = 0; n < BLOCK; n++) {
        *step = fabsf(y[n] - *last) > *step ? fabsf(y[n] - *last) : *step;
        *last = y[n];
    }
}

static void live_lost(const char *command, int expected)
{
    nave_device *dev = NULL;
    nave_stream *st = NULL;
    nave_plan *plan = live_plan(NAVE_LIVE);
    nave_text why = {""};
    uint64_t at = 0;
    float y[2][BLOCK], last = 0, step = 0;
    int err = nave_open(&dev, usb, &why);
    if (!err)
        err = nave_stream_open(&st, dev, plan, NULL, &why);
    for (int b = 0; b < 100 && !err; b++, at += BLOCK) {
        err = live_block(st, at, y);
        follow(y[0], &last, &step);
    }
    check(!err, "a live stream runs", why.text);
    nave_direct_befall(command);
    const double begin = now_s();
    for (int b = 0; b < 100000 && !err; b++, at += BLOCK) {
        err = live_block(st, at, y);
        follow(y[0], &last, &step);
    }
    const double took_s = now_s() - begin;
    char detail[128];
    snprintf(detail, sizeof(detail), "error %d after %.0f ms", err, took_s * 1000);
    check(err == expected && took_s < 0.3, "a live stream says within 250 ms that its card is lost", detail);
    for (int b = 0; b < FADE_FRAMES / BLOCK + 1; b++, at += BLOCK) {
        live_block(st, at, y);
        follow(y[0], &last, &step);
    }
    snprintf(detail, sizeof(detail), "largest step %g, last %g", step, last);
    check(step < 0.05 && last == 0, "it fades to silence without a click", detail);
    nave_direct_befall("work");
    err = nave_device_reopen(dev, 5, &why);
    check(err == NAVE_OK, "its card is opened again", why.text);
    if (!err)
        compare_with_fresh(st, plan, at);
    nave_stream_close(st);
    nave_close(dev);
    nave_plan_free(plan);
}

/* A card that hangs and then wakes up between two sessions. */
static void hung_between(void)
{
    nave_device *dev = NULL;
    nave_stream *st = NULL;
    nave_plan *plan = live_plan(NAVE_LIVE);
    nave_text why = {""};
    float y[2][BLOCK];
    uint64_t at = 0;
    int err = nave_open(&dev, usb, &why);
    if (!err)
        err = nave_stream_open(&st, dev, plan, NULL, &why);
    for (int b = 0; b < 20 && !err; b++, at += BLOCK)
        err = live_block(st, at, y);
    check(!err, "a live stream runs", why.text);
    nave_direct_befall("hang");
    while (!err) {
        err = live_block(st, at, y);
        at += BLOCK;
    }
    nave_direct_befall("work");
    nave_stream_close(st);
    nave_close(dev);
    dev = NULL;
    err = nave_open(&dev, usb, &why);
    check(!err, "a card that hung and woke up is opened again", why.text);
    nave_close(dev);
    nave_plan_free(plan);
}

/* Sessions that end anywhere in a frame, with output under way that nobody reads. */
static void abandoned(int sessions)
{
    nave_plan *plan = live_plan(NAVE_OFFLINE);
    nave_text why = {""};
    int good = 1;
    nave_direct_befall("lossy");
    for (int i = 0; i < sessions; i++) {
        nave_device *dev = NULL;
        nave_stream *st = NULL;
        int err = nave_open(&dev, usb, &why);
        if (!err)
            err = nave_stream_open(&st, dev, plan, NULL, &why);
        static float x[100000];
        const void *in[2] = {x, x};
        size_t taken = 0;
        if (!err)
            err = nave_stream_write(st, in, 1000 + next(60000), &taken);
        good = good && err == NAVE_OK;
        if (next(2))
            nave_direct_befall("unplug 20"); /* else its transfers are taken back where they are */
        nave_stream_close(st);
        nave_close(dev);
    }
    check(good, "a session after one that broke off begins anew", why.text);
    nave_plan_free(plan);
}

/* A transfer that ends within a frame, as a killed program may leave one behind: the frame must not swallow what comes
 * after it. If it did, the answer to the first SYNC would be missed, and opening send as much as the longest frame. */
static void half_a_frame(void)
{
    uint32_t left[8 + 100] = {NAVE_MAGIC, NAVE_PROTOCOL_VERSION | NAVE_FRAME_AUDIO_OUT << 8, 7, 0x12345678, 4000};
    nave_device *dev = NULL;
    nave_dsp dsp;
    nave_activity seen = {0};
    nave_text why = {""};
    char detail[256];
    nave_dsp_init(&dsp, NAVE_CPU_ALL);
    left[7] = dsp.crc32c(0, left, 28);
    for (unsigned n = 12; n <= sizeof(left); n = n < 32 ? n + 20 : n + 124) {
        nave_direct_leave(left, n);
        int err = nave_open(&dev, "usb:wait=5,patience=20", &why);
        if (!err)
            err = nave_look("usb:", &seen, &why);
        snprintf(detail, sizeof(detail), "%u bytes left: error %d (%.120s), %llu bytes sent", n, err, why.text,
                 (unsigned long long)seen.bytes_out);
        check(!err && seen.bytes_out < NAVE_MAX_PAYLOAD_BYTES, "half a frame is known at its transfer's end", detail);
        nave_close(err ? NULL : dev);
    }
}

static void slow_reader(void)
{
    nave_device *dev = NULL;
    nave_stream *st = NULL;
    nave_plan *plan = live_plan(NAVE_OFFLINE);
    nave_text why = {""};
    static float x[100000], y[2][100000];
    const void *in[2] = {x, x};
    uint64_t written = 0, read = 0;
    int err = nave_open(&dev, usb, &why);
    if (!err)
        err = nave_stream_open(&st, dev, plan, NULL, &why);
    for (int i = 0; i < 40 && !err; i++) { /* writes as long as it may, reads late and little */
        size_t taken = 0, given = 0;
        void *out[2] = {y[0], y[1]};
        err = nave_stream_write(st, in, 50000, &taken);
        err = err == NAVE_E_AGAIN ? NAVE_OK : err;
        written += taken;
        usleep(10000);
        if (!err)
            err = nave_stream_read(st, out, 3000, &given);
        read += given;
    }
    char detail[128];
    snprintf(detail, sizeof(detail), "error %d, %llu frames in, %llu out", err, (unsigned long long)written,
             (unsigned long long)read);
    check(!err && written && read, "a slow reader holds the card up and loses nothing", detail);
    nave_stream_close(st);
    nave_close(dev);
    nave_plan_free(plan);
}

static const char *const befalls[][3] = {
    {"a bad cable", "spoil 5", "spoil 0"},
    {"a cable that is no good", "spoil 25", "spoil 0"},
    {"storms of NAK", "storm 30000", "storm 0"},
    {"both pipes halted", "halt after 200", "work"},
    {"a bus reset", "reset after 200", "work"},
    {"suspended and resumed", "suspend after 200", "work"},
    {"unplugged for good", "unplug 6000 after 200", "work"},
};
enum { BEFALLS = sizeof(befalls) / sizeof(befalls[0]) };

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";
    const int is_long = strcmp(only, "long") == 0;
    const char *given = getenv("NAVE_SEED");
    const uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    nave_render_result expected = {0}, r = {0};
    nave_text why = {""};
    printf("seed %llu (NAVE_SEED repeats this run)\n", (unsigned long long)seed);
    const char *patience = getenv("NAVE_PATIENCE");
    snprintf(usb, sizeof(usb), patience ? "usb:wait=5,patience=%s" : "usb:wait=5", patience);
    random_state = 12345;
    if (!mkdtemp(folder))
        return 1;
    snprintf(in_path, sizeof(in_path), "%s/in.wav", folder);
    snprintf(ir_path, sizeof(ir_path), "%s/ir.wav", folder);
    snprintf(out_path, sizeof(out_path), "%s/out.wav", folder);
    setenv("XDG_RUNTIME_DIR", folder, 1);
    write_file(in_path, IN_FRAMES, 0);
    write_file(ir_path, IR_FRAMES, 0.0005);
    random_state = seed;

    check(render("model:", &expected, &why) == NAVE_OK, "model", why.text);
    const uint64_t before = nave_direct_pieces();
    befallen("nothing befalls it", "work", &expected, "work");
    const uint64_t pieces = nave_direct_pieces() - before;
    printf("a render is %llu pieces\n", (unsigned long long)pieces);
    const int all = !*only || is_long;
    if (all || !strcmp(only, "open")) {
        refused();
        held_by_another();
        waits_for_another();
    }
    for (int i = 0; i < BEFALLS && (all || !strcmp(only, "befalls")); i++)
        befallen(befalls[i][0], befalls[i][1], &expected, befalls[i][2]);
    if (all || !strcmp(only, "slow"))
        slow_reader();
    if (all || !strcmp(only, "half"))
        half_a_frame();
    if (all || !strcmp(only, "abandoned"))
        abandoned(is_long ? 60 : 6);
    if (all || !strcmp(only, "live")) {
        live_lost("unplug 200", NAVE_E_LOST);
        if (!patience) /* else it is patient with a card that hangs */
            live_lost("hang", NAVE_E_TIMEOUT);
        hung_between();
        clipping_is_seen();
    }
    if (is_long)
        befallen("a card that hangs", "hang after 200", &expected, "work");
    if (all || !strcmp(only, "unplug"))
        unplugged_at_random(is_long ? 100 : 10, pieces, &expected);
    check(render(usb, &r, &why) == NAVE_OK && !strcmp(r.output_hash, expected.output_hash), "well at the end",
          why.text);
    char things[32];
    snprintf(things, sizeof(things), "%u", nave_direct_open_things());
    check(nave_direct_open_things() == 0, "everything of libusb was freed", things);
    check(!*nave_direct_broken(), "rules of the bus", nave_direct_broken());
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    check(system(command) == 0, "clean up", folder);
    printf("%d renders had the same bits, %d ended in a stated error\n", same_bits, stated);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
