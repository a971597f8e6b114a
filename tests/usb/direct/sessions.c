/* Sessions that break off, what they leave behind, and readers that are slow. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"
#include "../../../driver/card.h"

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

/* The card itself stands within a frame, at each kind of place where a killed program may leave it. Nothing but words
 * can bring it out: the opening sends as many as any frame has. */
void test_card_within_a_frame(void)
{
    static const struct {
        uint32_t length, words; /* of the payload; of the frame that are sent */
    } cut[] = {{0, 1},      {0, 7},     {4, 8},     {4, 9},         {4096, 8},
               {4096, 500}, {65536, 8}, {65536, 9}, {65536, 16391}, {65536, 16392}};
    static uint32_t words[8 + 16384 + 1] = {NAVE_MAGIC, NAVE_PROTOCOL_VERSION | NAVE_FRAME_PLAN_LOAD << 8, 0, 1};
    double worst_s = 0;
    nave_dsp dsp;
    nave_dsp_init(&dsp, NAVE_CPU_ALL);
    for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
        nave_device *dev = NULL;
        nave_card *card = NULL;
        nave_device_check seen;
        nave_text why = {""};
        char detail[256];
        size_t taken = 0;
        words[4] = cut[i].length;
        words[7] = dsp.crc32c(0, words, 28);
        int err = nave_backend_usb.open(&card, strchr(usb, ':') + 1, &why);
        for (size_t at = 0; !err && at < cut[i].words * 4; at += taken) {
            const uint8_t *frame;
            size_t n;
            err = nave_backend_usb.send(card, (uint8_t *)words + at, cut[i].words * 4 - at, &taken);
            if (!err)
                nave_backend_usb.receive(card, &frame, &n, 1);
        }
        usleep(100000); /* until it is on the card */
        nave_backend_usb.close(card);
        const double begin = now_s();
        if (!err)
            err = nave_open(&dev, usb, &why);
        worst_s = now_s() - begin > worst_s ? now_s() - begin : worst_s;
        if (!err)
            err = nave_device_run_check(dev, 65536, 1, &seen, &why);
        snprintf(detail, sizeof(detail), "payload of %u bytes, %u words sent: error %d (%.120s)", cut[i].length,
                 cut[i].words, err, why.text);
        check(!err, "a card that stands within a frame is brought out", detail);
        nave_close(dev);
    }
    printf("a card within a frame is open after %.2f s at most\n", worst_s);
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
