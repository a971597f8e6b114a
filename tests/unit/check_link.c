/* The link: what the card does with every command, damaged, stale, lost and malicious frames, and what the host's end
 * does with a card that misbehaves. SPDX-License-Identifier: ISC */
#include "../../driver/link.h"
#include "../../driver/why.h"
#include "../../host/lib/plan.h"
#include "../../sim/model/card.h"
#include "../property/property.h"

#define RAM_BYTES (4u << 20)
#define MOST_FRAME (NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)

/* ---- a host that says what it is told to ---- */
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

static size_t make_frame(host *h, uint32_t type, uint32_t context, uint64_t position, const void *payload,
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

static answer listen(host *h)
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

static void push(host *h, const void *bytes, size_t n)
{
    const size_t taken = nave_model_write(h->card, bytes, n);
    MUST(taken == n, "the card took %zu of %zu bytes", taken, n);
}

/* One command in its sequence, and what comes. */
static answer tell(host *h, uint32_t type, uint32_t context, uint64_t position, const void *payload, uint32_t length)
{
    const size_t n = make_frame(h, type, context, position, payload, length);
    push(h, h->frame, n);
    h->sequence++;
    return listen(h);
}

static uint32_t status_of(host *h, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                          uint32_t length)
{
    const uint32_t sequence = h->sequence;
    const answer a = tell(h, type, context, position, payload, length);
    MUST(a.frames == 1 && a.type != NAVE_FRAME_DATA, "%d answers, the last of type 0x%x", a.frames, a.type);
    MUST(a.sequence == sequence, "the answer is to another command");
    return a.status;
}

static uint32_t reg(host *h, uint32_t address)
{
    const answer a = tell(h, NAVE_FRAME_REG_READ, 0, address, NULL, 0);
    MUST(a.frames == 1 && a.type == NAVE_FRAME_REPLY && a.status == NAVE_STATUS_OK, "register 0x%x: status %u", address,
         a.status);
    return a.value;
}

static void begin_epoch(host *h, uint32_t epoch, uint32_t sequence)
{
    h->epoch = epoch;
    h->sequence = sequence;
    h->expected = 0;
    const answer a = tell(h, NAVE_FRAME_SYNC, 0, 0, NULL, 0);
    MUST(a.frames == 1 && a.type == NAVE_FRAME_REPLY && a.status == NAVE_STATUS_OK, "SYNC: status %u", a.status);
    MUST(a.value == NAVE_PROTOCOL_VERSION, "version %u", a.value);
}

static host open_host(unsigned cpu_mask)
{
    host h = {0};
    const nave_model_config config = {
        .ram_bytes = RAM_BYTES, .lanes = 1, .log2_max_partition = 13, .cpu_mask = cpu_mask};
    ck_assert_ptr_nonnull(h.card = nave_model_create(&config));
    ck_assert_ptr_nonnull(h.frame = malloc(MOST_FRAME));
    begin_epoch(&h, 0x1234, 7);
    return h;
}

static void close_host(host *h)
{
    nave_model_destroy(h->card);
    free(h->frame);
    free(h->audio);
}

static nave_plan *small_plan(int live)
{
    rng r = rng_for("small plan");
    nave_ir *ir = ir_mono(&r, 300);
    nave_plan *plan = live ? plan_live(ir, 2, 64) : plan_offline(ir, 2, 64, 2);
    nave_ir_free(ir);
    return plan;
}

static void load_image(host *h, const nave_plan *plan, uint64_t base)
{
    for (size_t at = 0; at < plan->image_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
        const size_t left = plan->image_bytes - at, n = left < NAVE_MAX_PAYLOAD_BYTES ? left : NAVE_MAX_PAYLOAD_BYTES;
        ck_assert_uint_eq(status_of(h, NAVE_FRAME_RAM_WRITE, 0, base + plan->image_base + at,
                                    (const uint8_t *)plan->image + at, (uint32_t)n),
                          NAVE_STATUS_OK);
    }
}

static uint32_t load_plan(host *h, uint32_t context, const nave_plan *plan, uint64_t base)
{
    return status_of(h, NAVE_FRAME_PLAN_LOAD, context, base, plan->words, (uint32_t)(4 * plan->word_count));
}

static const uint32_t q28_format = NAVE_FORMAT_Q28, q44_format = NAVE_FORMAT_Q44;

static void run_plan(host *h, uint32_t context, const nave_plan *plan, uint64_t base)
{
    load_image(h, plan, base);
    ck_assert_uint_eq(load_plan(h, context, plan, base), NAVE_STATUS_OK);
    ck_assert_uint_eq(status_of(h, NAVE_FRAME_START, context, 0, &q44_format, 4), NAVE_STATUS_OK);
}

static int same_audio(const host *a, const host *b)
{
    return a->audio_bytes == b->audio_bytes && (a->audio_bytes == 0 || memcmp(a->audio, b->audio, a->audio_bytes) == 0);
}

/* ---- tests ---- */
START_TEST(frames_may_be_cut_between_any_two_words)
{
    rng r = rng_for("cuts");
    nave_plan *plan = small_plan(1);
    /* a whole session as one string of words */
    host h = {.epoch = 99, .frame = malloc(MOST_FRAME)};
    uint8_t *session = malloc(plan->image_bytes + (1 << 20));
    size_t bytes = 0;
#define SAY(type, context, position, payload, length)                                                                  \
    do {                                                                                                               \
        const size_t made = make_frame(&h, type, context, position, payload, length);                                  \
        memcpy(session + bytes, h.frame, made);                                                                        \
        bytes += made;                                                                                                 \
        h.sequence++;                                                                                                  \
    } while (0)
    SAY(NAVE_FRAME_SYNC, 0, 0, NULL, 0);
    SAY(NAVE_FRAME_RAM_WRITE, 0, 0, plan->image, (uint32_t)plan->image_bytes);
    SAY(NAVE_FRAME_PLAN_LOAD, 3, 0, plan->words, (uint32_t)(4 * plan->word_count));
    SAY(NAVE_FRAME_START, 3, 0, &q28_format, 4);
    int32_t audio[2 * 200];
    for (uint32_t at = 0; at < 2000;) {
        const uint32_t n = 1 + rng_below(&r, 200);
        for (uint32_t i = 0; i < 2 * n; i++)
            audio[i] = (int32_t)rng_next(&r) >> 3;
        SAY(NAVE_FRAME_AUDIO_IN, 3, at, audio, 8 * n);
        SAY(NAVE_FRAME_REG_READ, 0, NAVE_REG_TICKS, NULL, 0);
        at += n;
    }
    free(h.frame);
    uint8_t *expected = NULL;
    size_t expected_bytes = 0;
    for (uint32_t k = 0; k < 2 + cases(60); k++) {
        const nave_model_config config = {.ram_bytes = RAM_BYTES, .log2_max_partition = 13, .cpu_mask = NAVE_CPU_ALL};
        nave_model *card = nave_model_create(&config);
        uint8_t *out = malloc(1 << 20);
        size_t out_bytes = 0, n;
        for (size_t at = 0; at < bytes;) {
            size_t cut = k == 0 ? bytes : k == 1 ? 4 : 4 * (1 + rng_below(&r, 1u << rng_below(&r, 12)));
            cut = cut < bytes - at ? cut : bytes - at;
            at += nave_model_write(card, session + at, cut);
            const uint8_t *frame;
            while ((frame = nave_model_read(card, &n))) {
                memcpy(out + out_bytes, frame, n);
                out_bytes += n;
            }
        }
        if (k == 0) {
            expected = out;
            expected_bytes = out_bytes;
            ck_assert_uint_gt(out_bytes, 16000);
            nave_model_destroy(card);
            continue;
        }
        MUST(out_bytes == expected_bytes && memcmp(out, expected, out_bytes) == 0, "cut %u gives other frames", k);
        free(out);
        nave_model_destroy(card);
    }
    free(expected);
    free(session);
    nave_plan_free(plan);
}
END_TEST

START_TEST(a_damaged_header_is_skipped_and_counted_word_by_word)
{
    host h = open_host(0);
    const uint32_t payload[3] = {1, 2, 3};
    for (uint32_t bit = 0; bit < 256; bit++) {
        const uint32_t before = reg(&h, NAVE_REG_HEADER_ERRORS);
        const size_t n = make_frame(&h, NAVE_FRAME_RAM_WRITE, 0, 64, payload, sizeof(payload));
        h.frame[bit / 32] ^= 1u << bit % 32;
        push(&h, h.frame, n);
        const answer a = listen(&h);
        MUST(a.frames == 0, "bit %u of a header: %d answers, status %u", bit, a.frames, a.status);
        MUST(reg(&h, NAVE_REG_HEADER_ERRORS) == before + n / 4, "bit %u: %u words counted", bit,
             reg(&h, NAVE_REG_HEADER_ERRORS) - before);
    }
    const uint32_t four = 4;
    ck_assert_uint_eq(tell(&h, NAVE_FRAME_RAM_READ, 0, 64, &four, 4).data[0], 0); /* none was applied */
    close_host(&h);
}
END_TEST

START_TEST(a_damaged_payload_changes_nothing_and_may_be_sent_again)
{
    host h = open_host(0);
    const uint32_t payload[3] = {0x11111111, 0x22222222, 0x33333333}, bytes = 12;
    for (uint32_t bit = 0; bit < 128; bit++) {
        const uint32_t before = reg(&h, NAVE_REG_PAYLOAD_ERRORS);
        const size_t n = make_frame(&h, NAVE_FRAME_RAM_WRITE, 0, 4096 + 16 * bit, payload, sizeof(payload));
        h.frame[8 + bit / 32] ^= 1u << bit % 32;
        push(&h, h.frame, n);
        answer a = listen(&h);
        MUST(a.frames == 1 && a.type == NAVE_FRAME_ERROR && a.status == NAVE_STATUS_BAD_PAYLOAD &&
                 a.sequence == h.sequence,
             "bit %u: type 0x%x, status %u", bit, a.type, a.status);
        a = tell(&h, NAVE_FRAME_RAM_READ, 0, 4096 + 16 * bit, &bytes, 4); /* the same sequence number again */
        MUST(a.type == NAVE_FRAME_DATA && a.data[0] == 0 && a.data[1] == 0 && a.data[2] == 0, "bit %u: RAM was written",
             bit);
        MUST(reg(&h, NAVE_REG_PAYLOAD_ERRORS) == before + 1, "bit %u: not counted", bit);
        ck_assert_uint_eq(status_of(&h, NAVE_FRAME_RAM_WRITE, 0, 4096 + 16 * bit, payload, sizeof(payload)),
                          NAVE_STATUS_OK);
        a = tell(&h, NAVE_FRAME_RAM_READ, 0, 4096 + 16 * bit, &bytes, 4);
        MUST(memcmp(a.data, payload, 12) == 0, "RAM does not keep what was written");
    }
    close_host(&h);
}
END_TEST

START_TEST(a_lost_frame_is_named_and_the_stream_goes_on_from_there)
{
    host h = open_host(0);
    const uint32_t wrong[] = {1, 2, 0x80000000u, 0xffffffffu};
    for (int k = 0; k < 4; k++) {
        const uint32_t good = h.sequence, before = 5 + (uint32_t)k;
        ck_assert_uint_eq(status_of(&h, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, &before, 4), NAVE_STATUS_OK);
        const uint32_t value = 77;
        h.sequence = good + 1 + wrong[k];
        const answer a = tell(&h, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, &value, 4);
        ck_assert_int_eq(a.frames, 1);
        ck_assert_uint_eq(a.type, NAVE_FRAME_ERROR);
        ck_assert_uint_eq(a.status, NAVE_STATUS_BAD_SEQUENCE);
        ck_assert_uint_eq(a.value, good + 1);
        h.sequence = a.value;
        ck_assert_uint_eq(reg(&h, NAVE_REG_SCRATCH), before);
        ck_assert_uint_eq(reg(&h, NAVE_REG_SEQUENCE_ERRORS), (uint32_t)k + 1);
    }
    close_host(&h);
}
END_TEST

START_TEST(a_frame_of_another_epoch_is_dropped_and_counted)
{
    nave_plan *plan = small_plan(1);
    host h = open_host(0);
    run_plan(&h, 2, plan, 0);
    int32_t audio[2 * 640] = {0};
    push(&h, h.frame, make_frame(&h, NAVE_FRAME_AUDIO_IN, 2, 0, audio, sizeof(audio))); /* nobody reads its output */
    begin_epoch(&h, 0x5678, 0xfffffffe); /* empties it, and the sequence wraps */
    ck_assert_uint_eq(h.audio_bytes, 0);
    ck_assert_uint_eq(reg(&h, NAVE_REG_CONTEXT_BASE + 2 * NAVE_REG_CONTEXT_STRIDE), 0);
    const uint32_t stale = reg(&h, NAVE_REG_STALE_FRAMES), value = 3;
    h.epoch = 0x1234;
    push(&h, h.frame, make_frame(&h, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, &value, 4));
    ck_assert_int_eq(listen(&h).frames, 0);
    h.epoch = 0x5678;
    ck_assert_uint_eq(reg(&h, NAVE_REG_STALE_FRAMES), stale + 1);
    ck_assert_uint_ne(reg(&h, NAVE_REG_SCRATCH), 3);
    close_host(&h);
    nave_plan_free(plan);
}
END_TEST

/* A malformed SYNC must not end the session that runs. */
START_TEST(a_refused_sync_changes_nothing)
{
    nave_plan *plan = small_plan(1);
    host h = open_host(0);
    run_plan(&h, 0, plan, 0);
    const uint32_t word = 0;
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_SYNC, 0, 0, &word, 4), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(reg(&h, NAVE_REG_CONTEXT_BASE), 2);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_SYNC, 8, 0, NULL, 0), NAVE_STATUS_BAD_CONTEXT);
    ck_assert_uint_eq(reg(&h, NAVE_REG_CONTEXT_BASE), 2);
    h.epoch = 0x9999; /* of another epoch it is only stale */
    push(&h, h.frame, make_frame(&h, NAVE_FRAME_SYNC, 0, 0, &word, 4));
    ck_assert_int_eq(listen(&h).frames, 0);
    h.epoch = 0x1234;
    ck_assert_uint_eq(reg(&h, NAVE_REG_CONTEXT_BASE), 2);
    close_host(&h);
    nave_plan_free(plan);
}
END_TEST

START_TEST(another_protocol_version_is_refused_by_name)
{
    host h = open_host(0);
    const uint32_t scratch = 1;
    for (uint32_t version = 0; version < 256; version++) {
        if (version == NAVE_PROTOCOL_VERSION)
            continue;
        const size_t n = make_frame(&h, version % 2 ? NAVE_FRAME_SYNC : NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH,
                                    &scratch, version % 2 ? 0 : 4);
        h.frame[1] = (h.frame[1] & ~0xffu) | version;
        h.frame[7] = nave_crc32c_c(0, h.frame, 28);
        push(&h, h.frame, n);
        const answer a = listen(&h);
        MUST(a.frames == 1 && a.type == NAVE_FRAME_ERROR && a.status == NAVE_STATUS_BAD_VERSION &&
                 a.value == NAVE_PROTOCOL_VERSION,
             "version %u: %d answers, status %u", version, a.frames, a.status);
    }
    ck_assert_uint_eq(reg(&h, NAVE_REG_SCRATCH), 0);
    close_host(&h);
}
END_TEST

START_TEST(a_card_finds_the_next_frame_after_any_garbage)
{
    rng r = rng_for("garbage");
    host h = open_host(0);
    uint32_t garbage[200];
    for (uint32_t k = 0; k < cases(3000); k++) {
        const uint32_t n = rng_below(&r, 200);
        for (uint32_t i = 0; i < n; i++)
            garbage[i] = rng_below(&r, 4) ? (uint32_t)rng_next(&r) : NAVE_MAGIC;
        if (n > 8 && k % 3 == 0) { /* the beginning of a frame that never ends */
            const size_t whole = make_frame(&h, NAVE_FRAME_REG_READ, 0, 0, NULL, 0);
            memcpy(garbage + n - 5, h.frame, 20);
            (void)whole;
        }
        push(&h, garbage, 4 * (size_t)n);
        const uint32_t value = k;
        ck_assert_uint_eq(status_of(&h, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, &value, 4), NAVE_STATUS_OK);
        MUST(reg(&h, NAVE_REG_SCRATCH) == k, "case %u", k);
    }
    close_host(&h);
}
END_TEST

START_TEST(every_command_is_refused_where_it_is_not_allowed)
{
    nave_plan *plan = small_plan(1);
    host h = open_host(0);
    uint32_t w[64] = {0};
    for (uint32_t type = 0; type < 256; type++) {
        const int known = type >= NAVE_FRAME_SYNC && type <= NAVE_FRAME_PARAM;
        if (!known)
            MUST(status_of(&h, type, 0, 0, NULL, 0) == NAVE_STATUS_BAD_TYPE, "type 0x%x", type);
        if (type != NAVE_FRAME_SYNC)
            for (uint32_t c = 8; c < 65536; c = 2 * c + 1)
                MUST(status_of(&h, type, c, 0, NULL, 0) == NAVE_STATUS_BAD_CONTEXT, "type 0x%x on context %u", type, c);
    }
    /* of another length */
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_REG_READ, 0, 0, w, 4), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, w, 8), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_RAM_WRITE, 0, 0, NULL, 0), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_RAM_READ, 0, 0, w, 8), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_START, 0, 0, NULL, 0), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_STOP, 0, 0, w, 4), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_UNLOAD, 0, 0, w, 4), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 0, w, 4), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PLAN_LOAD, 0, 0, NULL, 0), NAVE_STATUS_BAD_PLAN);
    /* a free context */
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_START, 1, 0, w, 4), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_STOP, 1, 0, NULL, 0), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_UNLOAD, 1, 0, NULL, 0), NAVE_STATUS_BAD_STATE);
    w[0] = NAVE_PARAM_WET;
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 1, 0, w, 8), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_AUDIO_IN, 1, 0, w, 8), NAVE_STATUS_BAD_STATE);
    /* a loaded one */
    load_image(&h, plan, 0);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PLAN_LOAD, 1, 32, plan->words, (uint32_t)(4 * plan->word_count)),
                      NAVE_STATUS_BAD_ADDRESS);
    ck_assert_uint_eq(load_plan(&h, 1, plan, 0), NAVE_STATUS_OK);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_STOP, 1, 0, NULL, 0), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_AUDIO_IN, 1, 0, w, 8), NAVE_STATUS_BAD_STATE);
    w[0] = 2;
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_START, 1, 0, w, 4), NAVE_STATUS_BAD_VALUE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_START, 1, 0, &q44_format, 4), NAVE_STATUS_OK);
    /* a running one */
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_START, 1, 0, &q44_format, 4), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(load_plan(&h, 1, plan, 0), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_AUDIO_IN, 1, 0, NULL, 0), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_AUDIO_IN, 1, 0, w, 12),
                      NAVE_STATUS_BAD_LENGTH); /* one and a half frames */
    ck_assert_int_eq(tell(&h, NAVE_FRAME_AUDIO_IN, 1, 0, w, 16).frames, 0);
    answer a = tell(&h, NAVE_FRAME_AUDIO_IN, 1, 0, w, 16); /* two frames late */
    ck_assert_uint_eq(a.type, NAVE_FRAME_ERROR);
    ck_assert_uint_eq(a.status, NAVE_STATUS_BAD_POSITION);
    ck_assert_uint_eq(a.value, 2);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_AUDIO_IN, 1, 0x100000002u, w, 16), NAVE_STATUS_BAD_POSITION);
    ck_assert_int_eq(tell(&h, NAVE_FRAME_AUDIO_IN, 1, 2, w, 16).frames, 0);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_STOP, 1, 0, NULL, 0), NAVE_STATUS_OK);
    ck_assert_uint_eq(reg(&h, NAVE_REG_CONTEXT_BASE + NAVE_REG_CONTEXT_STRIDE), 1);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_START, 1, 0, &q28_format, 4), NAVE_STATUS_OK); /* from frame 0 again */
    ck_assert_int_eq(tell(&h, NAVE_FRAME_AUDIO_IN, 1, 0, w, 16).frames, 0);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_UNLOAD, 1, 0, NULL, 0), NAVE_STATUS_OK); /* also while it runs */
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_UNLOAD, 1, 0, NULL, 0), NAVE_STATUS_BAD_STATE);
    close_host(&h);
    nave_plan_free(plan);
}
END_TEST

START_TEST(parameters_come_in_order_and_never_for_what_was_written)
{
    nave_plan *plan = small_plan(1);
    host h = open_host(0);
    run_plan(&h, 0, plan, 0);
    int32_t audio[2 * 100] = {0};
    const uint32_t wet[2] = {NAVE_PARAM_WET, 5}, dry[2] = {NAVE_PARAM_DRY, 6}, none[2] = {0, 0}, third[2] = {3, 0};
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 0, none, 8), NAVE_STATUS_BAD_VALUE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 0, third, 8), NAVE_STATUS_BAD_VALUE);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 0, wet, 8), NAVE_STATUS_OK);
    ck_assert_int_eq(tell(&h, NAVE_FRAME_AUDIO_IN, 0, 0, audio, sizeof(audio)).frames, 0);
    answer a = tell(&h, NAVE_FRAME_PARAM, 0, 99, dry, 8);
    ck_assert_uint_eq(a.status, NAVE_STATUS_BAD_POSITION);
    ck_assert_uint_eq(a.value, 100);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 100, dry, 8), NAVE_STATUS_OK);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 5000, dry, 8), NAVE_STATUS_OK);
    a = tell(&h, NAVE_FRAME_PARAM, 0, 4999, wet, 8);
    ck_assert_uint_eq(a.status, NAVE_STATUS_BAD_POSITION);
    ck_assert_uint_eq(a.value, 5000);
    for (uint32_t i = 2; i < NAVE_MAX_PENDING_PARAMS; i++)
        MUST(status_of(&h, NAVE_FRAME_PARAM, 0, 5000 + i, wet, 8) == NAVE_STATUS_OK, "change %u", i);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_PARAM, 0, 9000, wet, 8), NAVE_STATUS_FULL);
    close_host(&h);
    nave_plan_free(plan);
}
END_TEST

START_TEST(ram_ends_where_it_ends)
{
    host h = open_host(0);
    const uint32_t payload[4] = {1, 2, 3, 4};
    static const uint64_t bad[] = {
        RAM_BYTES,  RAM_BYTES - 12, RAM_BYTES - 4,  RAM_BYTES + 4,   1,         2, 3, RAM_BYTES - 17, UINT32_MAX,
        1ull << 32, UINT64_MAX,     UINT64_MAX - 3, UINT64_MAX - 15, 1ull << 63};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const uint32_t bytes = 16;
        MUST(status_of(&h, NAVE_FRAME_RAM_WRITE, 0, bad[i], payload, 16) == NAVE_STATUS_BAD_ADDRESS, "write at %llx",
             (unsigned long long)bad[i]);
        MUST(status_of(&h, NAVE_FRAME_RAM_READ, 0, bad[i], &bytes, 4) == NAVE_STATUS_BAD_ADDRESS, "read at %llx",
             (unsigned long long)bad[i]);
    }
    static const uint32_t sizes[] = {0, 1, 2, 3, 5, NAVE_MAX_PAYLOAD_BYTES + 4, UINT32_MAX, UINT32_MAX - 3};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        MUST(status_of(&h, NAVE_FRAME_RAM_READ, 0, 0, &sizes[i], 4) == NAVE_STATUS_BAD_VALUE, "read of %u bytes",
             sizes[i]);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_RAM_WRITE, 0, RAM_BYTES - 16, payload, 16), NAVE_STATUS_OK);
    const uint32_t bytes = 16, most = NAVE_MAX_PAYLOAD_BYTES;
    answer a = tell(&h, NAVE_FRAME_RAM_READ, 0, RAM_BYTES - 16, &bytes, 4);
    ck_assert_int_eq(memcmp(a.data, payload, 16), 0);
    ck_assert_uint_eq(tell(&h, NAVE_FRAME_RAM_READ, 0, RAM_BYTES - most, &most, 4).type, NAVE_FRAME_DATA);
    close_host(&h);
}
END_TEST

START_TEST(registers_are_those_of_the_table)
{
    host h = open_host(0);
    ck_assert_uint_eq(reg(&h, NAVE_REG_ID), NAVE_MAGIC);
    ck_assert_uint_eq(reg(&h, NAVE_REG_PROTOCOL), NAVE_PROTOCOL_VERSION);
    ck_assert_uint_eq(reg(&h, NAVE_REG_RAM_KIB), RAM_BYTES >> 10);
    ck_assert_uint_eq(reg(&h, NAVE_REG_LANES), 1);
    ck_assert_uint_eq(reg(&h, NAVE_REG_MAX_PARTITION), 8192);
    ck_assert_uint_eq(reg(&h, NAVE_REG_CONTEXTS), 8);
    const uint32_t end = NAVE_REG_CONTEXT_BASE + 8 * NAVE_REG_CONTEXT_STRIDE;
    uint32_t readable = 0;
    for (uint32_t address = 0; address < end + 64; address++) {
        const answer a = tell(&h, NAVE_FRAME_REG_READ, 0, address, NULL, 0);
        readable += a.status == NAVE_STATUS_OK;
        MUST(a.status == NAVE_STATUS_OK || (a.status == NAVE_STATUS_BAD_ADDRESS && a.value == 0), "register 0x%x",
             address);
        MUST(address % 4 == 0 || a.status == NAVE_STATUS_BAD_ADDRESS, "register 0x%x", address);
        if (address != NAVE_REG_SCRATCH)
            MUST(status_of(&h, NAVE_FRAME_REG_WRITE, 0, address, &address, 4) == NAVE_STATUS_BAD_ADDRESS, "0x%x",
                 address);
    }
    ck_assert_uint_eq(readable, 9 + 8 + 5 * 8); /* the page's table */
    ck_assert_uint_eq(tell(&h, NAVE_FRAME_REG_READ, 0, 0x100000000u, NULL, 0).status, NAVE_STATUS_BAD_ADDRESS);
    const uint32_t refused = reg(&h, NAVE_REG_REFUSED), good = reg(&h, NAVE_REG_FRAMES_OK);
    ck_assert_uint_gt(refused, 1000);
    ck_assert_uint_eq(reg(&h, NAVE_REG_FRAMES_OK), good + 1);
    close_host(&h);
}
END_TEST

/* A host that does not read: the card takes no more than it can answer, and nothing is lost when it reads again. */
START_TEST(a_slow_reader_stops_the_card_and_loses_nothing)
{
    nave_plan *plan = small_plan(1);
    rng r = rng_for("slow");
    int32_t *audio = malloc(NAVE_MAX_PAYLOAD_BYTES);
    for (uint32_t i = 0; i < NAVE_MAX_PAYLOAD_BYTES / 4; i++)
        audio[i] = (int32_t)rng_next(&r) >> 4;
    host prompt = open_host(NAVE_CPU_ALL), slow = open_host(NAVE_CPU_ALL);
    run_plan(&prompt, 0, plan, 0);
    run_plan(&slow, 0, plan, 0);
    const uint32_t sizes[] = {NAVE_MAX_PAYLOAD_BYTES, 8 * 64, 8 * 61, 8, NAVE_MAX_PAYLOAD_BYTES - 8};
    uint64_t position = 0;
    size_t stopped = 0;
    for (uint32_t k = 0; k < 60; k++) {
        const uint32_t bytes = sizes[rng_below(&r, 5)];
        tell(&prompt, NAVE_FRAME_AUDIO_IN, 0, position, audio, bytes);
        const size_t n = make_frame(&slow, NAVE_FRAME_AUDIO_IN, 0, position, audio, bytes);
        slow.sequence++;
        for (size_t at = 0; at < n;) {
            const size_t taken = nave_model_write(slow.card, (uint8_t *)slow.frame + at, n - at);
            at += taken;
            if (at < n) { /* full: one frame is read, and the rest tried again */
                stopped++;
                const size_t before = slow.audio_bytes;
                listen(&slow);
                MUST(slow.audio_bytes > before, "the card neither takes nor gives");
            }
        }
        position += bytes / 8;
    }
    listen(&slow);
    ck_assert_uint_gt(stopped, 5);
    ck_assert_uint_eq(prompt.audio_bytes, position / 64 * 64 * 16);
    ck_assert_uint_eq(slow.audio_bytes, prompt.audio_bytes);
    ck_assert_int_eq(memcmp(slow.audio, prompt.audio, slow.audio_bytes), 0);
    free(audio);
    close_host(&prompt);
    close_host(&slow);
    nave_plan_free(plan);
}
END_TEST

/* ---- malformed plans ---- */

/* Loads words as a plan and, if the card takes them, runs some audio; status of the load. */
static uint32_t try_plan(host *h, const uint32_t *words, size_t n, rng *r, uint32_t *bad_word)
{
    const answer a = tell(h, NAVE_FRAME_PLAN_LOAD, 1, 0, words, (uint32_t)(4 * n));
    *bad_word = a.value;
    h->audio_bytes = 0;
    if (a.status != NAVE_STATUS_OK)
        return a.status;
    MUST(status_of(h, NAVE_FRAME_START, 1, 0, &q44_format, 4) == NAVE_STATUS_OK,
         "a plan that was taken does not start");
    const uint32_t inputs = words[3] & 0xff;
    uint32_t audio[NAVE_PLAN_MAX_CHANNELS * 300];
    for (uint32_t i = 0; i < inputs * 300; i++)
        audio[i] = (uint32_t)rng_next(r);
    for (uint32_t k = 0; k < 3; k++)
        MUST(tell(h, NAVE_FRAME_AUDIO_IN, 1, 300 * k, audio, 4 * 300 * inputs).frames == 0, "audio was refused");
    MUST(status_of(h, NAVE_FRAME_UNLOAD, 1, 0, NULL, 0) == NAVE_STATUS_OK, "unload");
    return NAVE_STATUS_OK;
}

/* Every word of a good plan, changed in many ways: refused at a word that exists, or run without a fault and with the
 * same bits by every instruction set (run this under the sanitizers too). */
START_TEST(a_malformed_plan_is_refused_or_runs_and_never_differs)
{
    rng r = rng_for("malformed");
    host model = open_host(0), fast = open_host(NAVE_CPU_ALL);
    uint32_t refused = 0, ran = 0, total = 0;
    for (int live = 0; live < 2; live++) {
        nave_plan *plan = small_plan(live);
        uint32_t *words = malloc(plan->word_count * sizeof(*words));
        load_image(&model, plan, 0);
        load_image(&fast, plan, 0);
        for (size_t w = 0; w < plan->word_count; w++)
            for (uint32_t k = 0; k < 2 + cases(40); k++) {
                memcpy(words, plan->words, plan->word_count * sizeof(*words));
                static const uint32_t worst[] = {0,  1,      UINT32_MAX, 0x80000000u, 0x7fffffff,
                                                 64, 0xffff, 0xff00,     0xffffffc0u};
                const uint32_t way = rng_below(&r, 6);
                words[w] = way == 0   ? worst[rng_below(&r, 9)]
                           : way == 1 ? words[w] ^ 1u << rng_below(&r, 32)
                           : way == 2 ? words[w] + 64 * (1 + rng_below(&r, 64))
                           : way == 3 ? words[w] - 64
                           : way == 4 ? (uint32_t)rng_next(&r)
                                      : plan->words[rng_below(&r, (uint32_t)plan->word_count)];
                if (rng_below(&r, 3) == 0)
                    words[rng_below(&r, (uint32_t)plan->word_count)] ^= 1u << rng_below(&r, 32);
                uint32_t bad[2];
                rng same = r;
                const uint32_t a = try_plan(&model, words, plan->word_count, &r, &bad[0]);
                const uint32_t b = try_plan(&fast, words, plan->word_count, &same, &bad[1]);
                MUST(a == b && (a == NAVE_STATUS_OK ||
                                (a == NAVE_STATUS_BAD_PLAN && bad[0] < plan->word_count && bad[0] == bad[1])),
                     "word %zu is 0x%x: status %u and %u, detail %u", w, words[w], a, b, bad[0]);
                MUST(same_audio(&model, &fast), "word %zu is 0x%x: the instruction sets differ", w, words[w]);
                *(a ? &refused : &ran) += 1;
                total++;
            }
        free(words);
        nave_plan_free(plan);
    }
    ck_assert_uint_gt(refused, total / 4);
    ck_assert_uint_gt(ran, total / 50);
    close_host(&model);
    close_host(&fast);
}
END_TEST

/* A plan whose words or spectra the host broke its promise about: all sums wrap, all bits are defined. */
START_TEST(spectra_of_any_words_give_the_same_bits_on_every_instruction_set)
{
    rng r = rng_for("any words");
    nave_plan *plan = small_plan(0);
    host model = open_host(0), fast = open_host(NAVE_CPU_ALL);
    uint32_t *image = malloc(NAVE_MAX_PAYLOAD_BYTES);
    for (uint32_t k = 0; k < cases(40); k++) {
        for (uint32_t at = 0; at < plan->card.ram_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
            const uint32_t left = plan->card.ram_bytes - at,
                           n = left < NAVE_MAX_PAYLOAD_BYTES ? left : NAVE_MAX_PAYLOAD_BYTES;
            for (uint32_t i = 0; i < n / 4; i++)
                image[i] = k % 4 == 0   ? (rng_below(&r, 2) ? 0x80000000u : 0x7fffffff)
                           : k % 4 == 1 ? 0x80000000u
                                        : (uint32_t)rng_next(&r);
            ck_assert_uint_eq(status_of(&model, NAVE_FRAME_RAM_WRITE, 0, at, image, n), NAVE_STATUS_OK);
            ck_assert_uint_eq(status_of(&fast, NAVE_FRAME_RAM_WRITE, 0, at, image, n), NAVE_STATUS_OK);
        }
        uint32_t bad;
        rng same = r;
        ck_assert_uint_eq(try_plan(&model, plan->words, plan->word_count, &r, &bad), NAVE_STATUS_OK);
        ck_assert_uint_eq(try_plan(&fast, plan->words, plan->word_count, &same, &bad), NAVE_STATUS_OK);
        ck_assert_uint_gt(model.audio_bytes, 0);
        MUST(same_audio(&model, &fast), "case %u differs", k);
    }
    free(image);
    close_host(&model);
    close_host(&fast);
    nave_plan_free(plan);
}
END_TEST

/* ---- the host's end, with a card that misbehaves ---- */
enum fault {
    FAULT_NONE,
    FAULT_HEADER,
    FAULT_PAYLOAD,
    FAULT_LOSS,
    FAULT_SHORT,
    FAULT_OLD_EPOCH,
    FAULT_TYPE,
    FAULT_MUTE,
    FAULT_GONE_READ,
    FAULT_GONE_WRITE,
    FAULT_DEAF,
    FAULT_COUNT
};

struct nave_card {
    nave_model *model;
    enum fault fault;
    int after; /* frames that are still good */
    uint8_t frame[MOST_FRAME];
};

static enum fault next_fault;
static int next_after;

static int faulty_open(nave_card **out, const char *options, nave_text *why)
{
    (void)options;
    (void)why;
    const nave_model_config config = {.ram_bytes = RAM_BYTES, .log2_max_partition = 13, .cpu_mask = NAVE_CPU_ALL};
    nave_card *card = calloc(1, sizeof(*card));
    card->model = nave_model_create(&config);
    card->fault = next_fault;
    card->after = next_after;
    *out = card;
    return NAVE_OK;
}

static void faulty_close(nave_card *card)
{
    nave_model_destroy(card->model);
    free(card);
}

static int faulty_send(nave_card *card, const void *bytes, size_t n, size_t *taken)
{
    *taken = 0;
    if (card->fault == FAULT_GONE_WRITE && card->after-- <= 0)
        return NAVE_E_LOST;
    if (card->fault == FAULT_DEAF && card->after-- <= 0)
        return NAVE_OK;
    *taken = nave_model_write(card->model, bytes, n);
    return NAVE_OK;
}

static int faulty_receive(nave_card *card, const uint8_t **frame, size_t *n, int timeout_ms)
{
    (void)timeout_ms;
    const uint8_t *good = nave_model_read(card->model, n);
    if (!good)
        return NAVE_E_AGAIN;
    memcpy(card->frame, good, *n);
    *frame = card->frame;
    if (card->after-- > 0)
        return NAVE_OK;
    uint32_t *w = (uint32_t *)(void *)card->frame;
    switch (card->fault) {
    case FAULT_HEADER:
        card->frame[13] ^= 0x10;
        break;
    case FAULT_PAYLOAD:
        card->frame[33] ^= 0x10;
        break;
    case FAULT_SHORT:
        *n = 20;
        break;
    case FAULT_LOSS:
        w[2]++;
        w[7] = nave_crc32c_c(0, w, 28);
        break;
    case FAULT_OLD_EPOCH:
        w[3]++;
        w[7] = nave_crc32c_c(0, w, 28);
        break;
    case FAULT_TYPE:
        w[1] = (w[1] & ~0xff00u) | 0x7700;
        w[7] = nave_crc32c_c(0, w, 28);
        break;
    case FAULT_MUTE:
        return NAVE_E_AGAIN;
    case FAULT_GONE_READ:
        return NAVE_E_LOST;
    default:
        break;
    }
    return NAVE_OK;
}

static const nave_card_backend faulty = {
    .name = "faulty", .open = faulty_open, .close = faulty_close, .send = faulty_send, .receive = faulty_receive};

START_TEST(the_host_names_what_a_card_does_wrong_and_stays_closed)
{
    static const int expected[FAULT_COUNT] = {NAVE_OK,         NAVE_E_PROTOCOL, NAVE_E_PROTOCOL, NAVE_E_PROTOCOL,
                                              NAVE_E_PROTOCOL, NAVE_E_TIMEOUT,  NAVE_E_PROTOCOL, NAVE_E_TIMEOUT,
                                              NAVE_E_LOST,     NAVE_E_LOST,     NAVE_E_TIMEOUT};
    for (int fault = 0; fault < FAULT_COUNT; fault++)
        for (int after = 0; after < 3; after++) {
            nave_link link;
            nave_text why = {""};
            next_fault = (enum fault)fault;
            next_after = after;
            int err = nave_link_open(&link, &faulty, "", &why);
            if (after == 0 && fault != FAULT_NONE) {
                MUST(err == expected[fault] && why.text[0], "fault %d at open: %s, '%s'", fault, nave_strerror(err),
                     why.text);
                continue;
            }
            MUST(err == NAVE_OK, "fault %d after %d frames: open gave %s (%s)", fault, after, nave_strerror(err),
                 why.text);
            uint32_t value = 0;
            for (int k = 1; k < 3 && !err; k++)
                err = nave_link_command(&link, NAVE_FRAME_REG_READ, 0, NAVE_REG_ID, NULL, 0, &value, &why);
            MUST(err == expected[fault], "fault %d after %d frames: %s (%s)", fault, after, nave_strerror(err),
                 why.text);
            if (fault != FAULT_NONE) {
                MUST(why.text[0], "fault %d is not named", fault);
                /* and no command passes any more */
                MUST(nave_link_command(&link, NAVE_FRAME_REG_READ, 0, 0, NULL, 0, NULL, NULL) == expected[fault],
                     "fault %d", fault);
                MUST(nave_link_pump(&link, 0) == expected[fault], "fault %d", fault);
            } else {
                ck_assert_uint_eq(value, NAVE_MAGIC);
            }
            if (fault == FAULT_HEADER || fault == FAULT_PAYLOAD || fault == FAULT_SHORT)
                ck_assert_uint_eq(link.crc_errors, 1);
            if (fault == FAULT_LOSS)
                ck_assert_uint_eq(link.sequence_errors, 1);
            if (fault == FAULT_OLD_EPOCH)
                ck_assert_uint_eq(link.stale_frames, 1);
            nave_link_close(&link);
        }
}
END_TEST

START_TEST(every_status_has_a_text)
{
    for (uint32_t a = 0; a <= NAVE_STATUS_FULL; a++)
        for (uint32_t b = 0; b < a; b++)
            ck_assert_str_ne(nave_status_text(a), nave_status_text(b));
    ck_assert_str_eq(nave_status_text(NAVE_STATUS_FULL + 1), "unknown status");
    ck_assert_str_eq(nave_status_text(UINT32_MAX), "unknown status");
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "link", 120, frames_may_be_cut_between_any_two_words, a_damaged_header_is_skipped_and_counted_word_by_word,
        a_damaged_payload_changes_nothing_and_may_be_sent_again,
        a_lost_frame_is_named_and_the_stream_goes_on_from_there, a_frame_of_another_epoch_is_dropped_and_counted,
        a_refused_sync_changes_nothing, another_protocol_version_is_refused_by_name,
        a_card_finds_the_next_frame_after_any_garbage, every_command_is_refused_where_it_is_not_allowed,
        parameters_come_in_order_and_never_for_what_was_written, ram_ends_where_it_ends,
        registers_are_those_of_the_table, a_slow_reader_stops_the_card_and_loses_nothing,
        a_malformed_plan_is_refused_or_runs_and_never_differs,
        spectra_of_any_words_give_the_same_bits_on_every_instruction_set,
        the_host_names_what_a_card_does_wrong_and_stays_closed, every_status_has_a_text);
}
