/* The host's end of the link.
 * SPDX-License-Identifier: ISC */
#include "link.h"
#include "frame.h"
#include "why.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAVE_ANSWER_TIMEOUT_MS 2000
#define NAVE_LIVE_TIMEOUT_MS 250

const char *nave_status_text(uint32_t status)
{
    static const char *const text[] = {"done",
                                       "unknown frame type",
                                       "wrong payload length",
                                       "no such context",
                                       "address outside the card",
                                       "malformed plan",
                                       "context is in another state",
                                       "audio for another frame than expected",
                                       "a frame is missing",
                                       "other protocol version",
                                       "value out of range",
                                       "payload was damaged",
                                       "too many parameter changes wait"};
    return status < sizeof(text) / sizeof(text[0]) ? text[status] : "unknown status";
}

int nave_link_give_up(nave_link *link, int err, const char *what)
{
    if (link->failure == NAVE_OK) {
        const char *why = err == NAVE_E_LOST && link->backend->reason ? link->backend->reason(link->card) : "";
        link->failure = err;
        if (*why)
            nave_fail(&link->reason, err, "%s: %s", what, why);
        else
            nave_fail(&link->reason, err, "%s", what);
    }
    return link->failure;
}

void *nave_link_payload(nave_link *link)
{
    return link->frame + 8;
}

static int elapsed_ms(const struct timespec *since)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)((now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000);
}

static int send_all(nave_link *link, const uint8_t *bytes, size_t n)
{
    struct timespec moved;
    clock_gettime(CLOCK_MONOTONIC, &moved);
    for (;;) {
        size_t taken = 0;
        int err = link->backend->send(link->card, bytes, n, &taken);
        if (err)
            return nave_link_give_up(link, err, "the card went away while it was written to");
        bytes += taken;
        n -= taken;
        if (!n)
            return NAVE_OK;
        err = nave_link_pump(link, link->answer_timeout_ms);
        if (err && err != NAVE_E_AGAIN)
            return err;
        if (taken || !err)
            clock_gettime(CLOCK_MONOTONIC, &moved);
        else if (elapsed_ms(&moved) >= link->answer_timeout_ms)
            return nave_link_give_up(link, NAVE_E_TIMEOUT,
                                     "the card neither takes nor gives words; unplug and replug it");
    }
}

int nave_link_send(nave_link *link, uint32_t type, uint32_t context, uint64_t position, uint32_t length)
{
    if (link->failure)
        return link->failure;
    uint32_t *h = link->frame;
    h[0] = NAVE_MAGIC;
    h[1] = NAVE_PROTOCOL_VERSION | type << 8 | context << 16;
    h[2] = link->sequence++;
    h[3] = link->epoch;
    h[4] = length;
    h[5] = (uint32_t)position;
    h[6] = (uint32_t)(position >> 32);
    h[7] = link->dsp.crc32c(0, h, 28);
    size_t n = NAVE_HEADER_BYTES;
    if (length) {
        h[8 + length / 4] = link->dsp.crc32c(0, h + 8, length);
        n += length + 4;
    }
    if (link->activity) {
        link->activity->bytes_out += n;
        link->activity->frames_out++;
    }
    return send_all(link, (const uint8_t *)h, n);
}

static int deliver(nave_link *link, const uint8_t *frame, size_t n)
{
    uint32_t h[8], crc, words[3] = {0, 0, 0};
    memcpy(h, frame, n < sizeof(h) ? n : sizeof(h));
    const uint8_t *payload = frame + NAVE_HEADER_BYTES;
    if (n < NAVE_HEADER_BYTES || !nave_header_good(h, link->dsp.crc32c) || n != nave_frame_bytes(h[4]))
        goto bad_crc;
    if (h[3] != link->epoch) { /* of a killed session, and it may have lost its end with it */
        link->stale_frames++;
        return NAVE_OK;
    }
    if (h[4]) {
        memcpy(&crc, payload + h[4], 4);
        if (link->dsp.crc32c(0, payload, h[4]) != crc)
            goto bad_crc;
    }
    if (h[2] != link->expected_sequence++) {
        link->sequence_errors++;
        return nave_link_give_up(link, NAVE_E_PROTOCOL, "a frame from the card was lost");
    }
    const uint32_t type = h[1] >> 8 & 0xff, context = h[1] >> 16;
    if (type == NAVE_FRAME_AUDIO_OUT) {
        if (context < NAVE_LINK_CONTEXTS && link->sink[context].audio)
            link->sink[context].audio(link->sink[context].user, h[5] | (uint64_t)h[6] << 32, payload, h[4]);
        return NAVE_OK;
    }
    if (type == NAVE_FRAME_METERS) {
        if (context < NAVE_LINK_CONTEXTS && link->sink[context].meters)
            link->sink[context].meters(link->sink[context].user, h[5] | (uint64_t)h[6] << 32, payload, h[4]);
        return NAVE_OK;
    }
    if ((type == NAVE_FRAME_REPLY || type == NAVE_FRAME_ERROR) && h[4] == sizeof(words)) {
        memcpy(words, payload, sizeof(words));
        if (type == NAVE_FRAME_ERROR)
            return nave_link_give_up(link, NAVE_E_PROTOCOL, nave_status_text(words[1]));
        if (link->asked && words[0] == link->asked_sequence) {
            if (words[1] == NAVE_STATUS_OK)
                *link->asked = words[2];
            link->asked = NULL;
            return NAVE_OK;
        }
        link->answer_sequence = words[0];
        link->answer_status = words[1];
        link->answer_value = words[2];
        link->answered = 1;
        return NAVE_OK;
    }
    if (type == NAVE_FRAME_DATA) {
        if (link->data && h[4] == link->data_bytes) {
            memcpy(link->data, payload, h[4]);
            link->answer_sequence = link->sequence - 1;
            link->answer_status = NAVE_STATUS_OK;
            link->answered = 1;
        }
        return NAVE_OK;
    }
    return nave_link_give_up(link, NAVE_E_PROTOCOL, "the card sent a frame of an unknown type");
bad_crc:
    link->crc_errors++;
    return nave_link_give_up(link, NAVE_E_PROTOCOL, "a frame from the card was damaged");
}

int nave_link_pump(nave_link *link, int timeout_ms)
{
    if (link->failure)
        return link->failure;
    int any = 0;
    for (;;) {
        const uint8_t *frame;
        size_t n;
        int err = link->backend->receive(link->card, &frame, &n, any ? 0 : timeout_ms);
        if (err == NAVE_E_AGAIN)
            return any ? NAVE_OK : NAVE_E_AGAIN;
        if (err)
            return nave_link_give_up(link, err, "the card went away while it was read from");
        any = 1;
        if (link->activity) {
            link->activity->bytes_in += n;
            link->activity->frames_in++;
        }
        err = deliver(link, frame, n);
        if (err)
            return err;
    }
}

int nave_link_command(nave_link *link, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                      uint32_t length, uint32_t *value, nave_text *why)
{
    if (length)
        memcpy(nave_link_payload(link), payload, length);
    const uint32_t sequence = link->sequence;
    link->answered = 0;
    int err = nave_link_send(link, type, context, position, length);
    while (!err && !link->answered)
        err = nave_link_pump(link, link->answer_timeout_ms);
    if (err == NAVE_E_AGAIN)
        err = nave_link_give_up(link, NAVE_E_TIMEOUT, "the card did not answer in time");
    if (err)
        return nave_fail(why, err, "%s", link->reason.text);
    if (link->answer_sequence != sequence)
        return nave_fail(why,
                         nave_link_give_up(link, NAVE_E_PROTOCOL, "the card answered another command than the last"),
                         "%s", link->reason.text);
    if (value)
        *value = link->answer_value;
    if (link->answer_status != NAVE_STATUS_OK)
        return nave_fail(why, NAVE_E_PROTOCOL, "the card refused a command: %s (detail %u)",
                         nave_status_text(link->answer_status), link->answer_value);
    return NAVE_OK;
}

int nave_link_ask(nave_link *link, uint32_t address, uint64_t *value)
{
    if (link->asked)
        return NAVE_OK;
    link->asked = value;
    link->asked_sequence = link->sequence;
    return nave_link_send(link, NAVE_FRAME_REG_READ, 0, address, 0);
}

int nave_link_read_ram(nave_link *link, uint64_t address, uint32_t n, const uint8_t **data, nave_text *why)
{
    /* behind the request, which is sent before the answer can come */
    link->data = (uint8_t *)link->frame + NAVE_HEADER_BYTES + 64;
    link->data_bytes = n;
    const int err = nave_link_command(link, NAVE_FRAME_RAM_READ, 0, address, &n, sizeof(n), NULL, why);
    *data = link->data;
    link->data = NULL;
    return err;
}

/* A program that was killed may have left the card within a frame, which would swallow the SYNC: then as many words as
 * any frame has bring it to an end, and the card looks for the next header. */
static int sync(nave_link *link, uint32_t *version, nave_text *why)
{
    if (!link->backend->reason) /* in this process: nobody was before us */
        return nave_link_command(link, NAVE_FRAME_SYNC, 0, 0, NULL, 0, version, why);
    const int patience_ms = link->answer_timeout_ms;
    link->answer_timeout_ms = patience_ms / 4;
    int err = nave_link_command(link, NAVE_FRAME_SYNC, 0, 0, NULL, 0, version, why);
    link->answer_timeout_ms = patience_ms;
    if (err != NAVE_E_TIMEOUT)
        return err;
    link->failure = NAVE_OK;
    link->epoch++; /* an answer that was only late is of the epoch before */
    memset(link->frame, 0, NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4);
    err = send_all(link, (const uint8_t *)link->frame, NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4);
    if (err)
        return nave_fail(why, err, "%s", link->reason.text);
    return nave_link_command(link, NAVE_FRAME_SYNC, 0, 0, NULL, 0, version, why);
}

/* A new epoch, another one than any earlier session had: what that left on the way is dropped. */
static int begin(nave_link *link, const char *options, nave_text *why)
{
    int err = link->backend->open(&link->card, options, why);
    if (err)
        return err;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    link->epoch = (uint32_t)now.tv_nsec ^ (uint32_t)now.tv_sec << 20;
    link->sequence = link->expected_sequence = 0;
    link->asked = NULL;
    link->failure = NAVE_OK;
    const int patience_ms = link->backend->patience_ms ? link->backend->patience_ms(link->card) : 0;
    link->answer_timeout_ms = patience_ms ? patience_ms : NAVE_ANSWER_TIMEOUT_MS;
    link->live_timeout_ms = patience_ms ? patience_ms : NAVE_LIVE_TIMEOUT_MS;
    link->activity = link->backend->activity ? link->backend->activity(link->card) : NULL;
    uint32_t version = 0;
    err = sync(link, &version, why);
    if (!err && version != NAVE_PROTOCOL_VERSION)
        err = nave_fail(why, NAVE_E_VERSION,
                        "the card speaks protocol %u and this library %u: load the bitstream of this version", version,
                        NAVE_PROTOCOL_VERSION);
    if (err) {
        link->backend->close(link->card);
        link->card = NULL;
        link->activity = NULL;
    }
    return err;
}

int nave_link_open(nave_link *link, const nave_card_backend *backend, const char *options, nave_text *why)
{
    memset(link, 0, sizeof(*link));
    nave_dsp_init(&link->dsp, NAVE_CPU_ALL);
    link->backend = backend;
    link->frame = aligned_alloc(64, (NAVE_HEADER_BYTES + 64 + NAVE_MAX_PAYLOAD_BYTES + 63) / 64 * 64);
    if (!link->frame)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    const int err = begin(link, options, why);
    if (err) {
        free(link->frame);
        memset(link, 0, sizeof(*link));
    }
    return err;
}

int nave_link_reopen(nave_link *link, const char *options, nave_text *why)
{
    if (link->card)
        link->backend->close(link->card);
    link->card = NULL;
    link->activity = NULL;
    const int err = begin(link, options, why);
    if (err)
        link->failure = NAVE_E_LOST;
    return err;
}

void nave_link_close(nave_link *link)
{
    if (link->card)
        link->backend->close(link->card);
    free(link->frame);
    memset(link, 0, sizeof(*link));
}
