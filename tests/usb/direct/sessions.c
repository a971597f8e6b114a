/* Sessions that break off, what they leave behind, and readers that are slow. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"

/* Sessions that end anywhere in a frame, with output under way that nobody reads. */
void test_abandoned(int sessions)
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
void test_half_a_frame(void)
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

void test_slow_reader(void)
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
