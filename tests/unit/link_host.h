/* A host that says to a card what a test tells it to, and judges every frame that comes back.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_LINK_HOST_H
#define NAVE_TESTS_LINK_HOST_H
#include "../../driver/protocol.h"
#include "../../host/lib/plan.h"
#include "../../sim/model/card.h"
#include "../property/property.h"

#define RAM_BYTES (4u << 20)
#define MOST_FRAME (NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)

typedef struct host {
    nave_model *card;
    uint32_t epoch, sequence, expected; /* of the card's next frame */
    uint32_t *frame;                    /* room for one */
    size_t audio_bytes, audio_room;     /* payloads of AUDIO_OUT, one after the other */
    uint8_t *audio;
} host;

typedef struct answer {
    int frames; /* that came, audio not counted */
    uint32_t type, sequence, status, value;
    uint32_t data[8]; /* begin of DATA */
} answer;

static inline size_t make_frame(host *h, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                                uint32_t length)
{
    uint32_t *w = h->frame;
    w[0] = NAVE_MAGIC;
    w[1] = NAVE_PROTOCOL_VERSION | type << 8 | context << 16;
    w[2] = h->sequence;
    w[3] = h->epoch;
    w[4] = length;
    w[5] = (uint32_t)position;
    w[6] = (uint32_t)(position >> 32);
    w[7] = nave_crc32c_c(0, w, 28);
    if (!length)
        return NAVE_HEADER_BYTES;
    memcpy(w + 8, payload, length);
    w[8 + length / 4] = nave_crc32c_c(0, w + 8, length);
    return NAVE_HEADER_BYTES + length + 4;
}

static inline answer listen(host *h)
{
    answer a = {0};
    const uint8_t *frame;
    size_t n;
    while ((frame = nave_model_read(h->card, &n))) {
        uint32_t w[8], crc;
        memcpy(w, frame, sizeof(w));
        MUST(w[0] == NAVE_MAGIC && w[7] == nave_crc32c_c(0, w, 28), "the card's header is damaged");
        MUST(n == NAVE_HEADER_BYTES + (w[4] ? w[4] + 4 : 0), "%zu bytes with a length of %u", n, w[4]);
        if (w[4]) {
            memcpy(&crc, frame + n - 4, 4);
            MUST(crc == nave_crc32c_c(0, frame + NAVE_HEADER_BYTES, w[4]), "the card's payload is damaged");
        }
        MUST(w[3] == h->epoch && w[2] == h->expected, "the card's frame %u comes as %u", h->expected, w[2]);
        h->expected++;
        const uint32_t type = w[1] >> 8 & 0xff;
        if (type == NAVE_FRAME_AUDIO_OUT) {
            if (h->audio_bytes + w[4] > h->audio_room)
                h->audio = realloc(h->audio, h->audio_room = 2 * (h->audio_bytes + w[4]));
            memcpy(h->audio + h->audio_bytes, frame + NAVE_HEADER_BYTES, w[4]);
            h->audio_bytes += w[4];
            continue;
        }
        a.frames++;
        a.type = type;
        if (type == NAVE_FRAME_DATA) {
            memcpy(a.data, frame + NAVE_HEADER_BYTES, w[4] < sizeof(a.data) ? w[4] : sizeof(a.data));
            continue;
        }
        MUST((type == NAVE_FRAME_REPLY || type == NAVE_FRAME_ERROR) && w[4] == 12, "an answer of type 0x%x", type);
        memcpy(&a.sequence, frame + NAVE_HEADER_BYTES, 12);
    }
    return a;
}

static inline void push(host *h, const void *bytes, size_t n)
{
    const size_t taken = nave_model_write(h->card, bytes, n);
    MUST(taken == n, "the card took %zu of %zu bytes", taken, n);
}

/* One command in its sequence, and what comes. */
static inline answer tell(host *h, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                          uint32_t length)
{
    const size_t n = make_frame(h, type, context, position, payload, length);
    push(h, h->frame, n);
    h->sequence++;
    return listen(h);
}

static inline uint32_t status_of(host *h, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                                 uint32_t length)
{
    const uint32_t sequence = h->sequence;
    const answer a = tell(h, type, context, position, payload, length);
    MUST(a.frames == 1 && a.type != NAVE_FRAME_DATA, "%d answers, the last of type 0x%x", a.frames, a.type);
    MUST(a.sequence == sequence, "the answer is to another command");
    return a.status;
}

static inline uint32_t reg(host *h, uint32_t address)
{
    const answer a = tell(h, NAVE_FRAME_REG_READ, 0, address, NULL, 0);
    MUST(a.frames == 1 && a.type == NAVE_FRAME_REPLY && a.status == NAVE_STATUS_OK, "register 0x%x: status %u", address,
         a.status);
    return a.value;
}

static inline void begin_epoch(host *h, uint32_t epoch, uint32_t sequence)
{
    h->epoch = epoch;
    h->sequence = sequence;
    h->expected = 0;
    const answer a = tell(h, NAVE_FRAME_SYNC, 0, 0, NULL, 0);
    MUST(a.frames == 1 && a.type == NAVE_FRAME_REPLY && a.status == NAVE_STATUS_OK, "SYNC: status %u", a.status);
    MUST(a.value == NAVE_PROTOCOL_VERSION, "version %u", a.value);
}

static inline host open_host(unsigned cpu_mask)
{
    host h = {0};
    const nave_model_config config = {
        .ram_bytes = RAM_BYTES, .lanes = 1, .log2_max_partition = 13, .cpu_mask = cpu_mask};
    ck_assert_ptr_nonnull(h.card = nave_model_create(&config));
    ck_assert_ptr_nonnull(h.frame = malloc(MOST_FRAME));
    begin_epoch(&h, 0x1234, 7);
    return h;
}

static inline void close_host(host *h)
{
    nave_model_destroy(h->card);
    free(h->frame);
    free(h->audio);
}

static inline nave_plan *small_plan(int live)
{
    rng r = rng_for("small plan");
    nave_ir *ir = ir_mono(&r, 300);
    nave_plan *plan = live ? plan_live(ir, 2, 64) : plan_offline(ir, 2, 64, 2);
    nave_ir_free(ir);
    return plan;
}

static inline void load_image(host *h, const nave_plan *plan, uint64_t base)
{
    for (size_t at = 0; at < plan->image_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
        const size_t left = plan->image_bytes - at, n = left < NAVE_MAX_PAYLOAD_BYTES ? left : NAVE_MAX_PAYLOAD_BYTES;
        ck_assert_uint_eq(status_of(h, NAVE_FRAME_RAM_WRITE, 0, base + plan->image_base + at,
                                    (const uint8_t *)plan->image + at, (uint32_t)n),
                          NAVE_STATUS_OK);
    }
}

static inline uint32_t load_plan(host *h, uint32_t context, const nave_plan *plan, uint64_t base)
{
    return status_of(h, NAVE_FRAME_PLAN_LOAD, context, base, plan->words, (uint32_t)(4 * plan->word_count));
}

static const uint32_t q28_format = NAVE_FORMAT_Q28, q44_format = NAVE_FORMAT_Q44;

static inline void run_plan(host *h, uint32_t context, const nave_plan *plan, uint64_t base)
{
    load_image(h, plan, base);
    ck_assert_uint_eq(load_plan(h, context, plan, base), NAVE_STATUS_OK);
    ck_assert_uint_eq(status_of(h, NAVE_FRAME_START, context, 0, &q44_format, 4), NAVE_STATUS_OK);
}
#endif
