/* Live streams whose card is lost, hangs or clips. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"

#define BLOCK 64
#define FADE_FRAMES 256

nave_plan *live_plan(nave_mode mode)
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

/* Nobody calls while the card goes away: the first call that comes 200 ms later must say so. */
static void quiet(const char *what, int (*call)(nave_device *dev, nave_stream *st), nave_mode mode)
{
    nave_device *dev = NULL;
    nave_stream *st = NULL;
    nave_plan *plan = live_plan(mode);
    nave_text why = {""};
    char detail[128];
    int err = nave_open(&dev, usb, &why);
    if (!err)
        err = nave_stream_open(&st, dev, plan, NULL, &why);
    check(!err, "a stream for a quiet card", why.text);
    usleep(50000);
    nave_direct_befall("unplug 400");
    const double begin = now_s();
    usleep(200000);
    if (!err)
        err = call(dev, st);
    const double took_s = now_s() - begin;
    snprintf(detail, sizeof(detail), "error %d, %.0f ms after it was unplugged", err, took_s * 1000);
    check(err == NAVE_E_LOST && took_s < 0.25, what, detail);
    check(nave_device_reopen(dev, 5, &why) == NAVE_OK, "a quiet card is opened again", why.text);
    nave_stream_close(st);
    nave_close(dev);
    nave_plan_free(plan);
}

static int call_process(nave_device *dev, nave_stream *st)
{
    float y[2][BLOCK];
    (void)dev;
    return live_block(st, 0, y);
}

/* Sends nothing: only a transfer that was in flight can have told. */
static int call_read(nave_device *dev, nave_stream *st)
{
    static float y[2][1 << 16];
    void *out[2] = {y[0], y[1]};
    size_t given;
    (void)dev;
    return nave_stream_read(st, out, 1 << 16, &given);
}

void test_quiet(void)
{
    quiet("a live stream that pauses learns that its card is lost", call_process, NAVE_LIVE);
    quiet("a reader who waits learns that its card is lost", call_read, NAVE_OFFLINE);
    /* no call at all before the reopening: that must see for itself that the card was lost */
    nave_device *dev = NULL;
    nave_text why = {""};
    int err = nave_open(&dev, usb, &why);
    check(!err && nave_device_reopen(dev, 1, &why) == NAVE_E_STATE, "a card that is there is not lost", why.text);
    nave_direct_befall("unplug 300");
    usleep(200000);
    if (!err)
        err = nave_device_reopen(dev, 5, &why);
    check(!err, "a card that nobody missed is opened again", why.text);
    nave_close(dev);
}

void test_live(void)
{
    live_lost("unplug 200", NAVE_E_LOST);
    if (!getenv("NAVE_PATIENCE")) /* else it is patient with a card that hangs */
        live_lost("hang", NAVE_E_TIMEOUT);
    hung_between();
    clipping_is_seen();
}
