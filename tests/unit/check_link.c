/* The link as a card sees it: every command, damaged, stale, lost and malformed frames, a host that does not read.
 * SPDX-License-Identifier: ISC */
#include "link_host.h"

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

START_TEST(regions_of_contexts_lie_apart)
{
    nave_plan *plan = small_plan(1);
    host h = open_host(0);
    const uint64_t bytes = (plan->card.ram_bytes + 63) / 64 * 64, at = 64 * 100;
    ck_assert_uint_eq(load_plan(&h, 2, plan, at), NAVE_STATUS_OK);
    ck_assert_uint_eq(load_plan(&h, 3, plan, at), NAVE_STATUS_BAD_ADDRESS);
    ck_assert_uint_eq(load_plan(&h, 3, plan, at + bytes - 64), NAVE_STATUS_BAD_ADDRESS);
    ck_assert_uint_eq(load_plan(&h, 3, plan, at + 64 - bytes), NAVE_STATUS_BAD_ADDRESS);
    ck_assert_uint_eq(load_plan(&h, 3, plan, at + bytes), NAVE_STATUS_OK);
    ck_assert_uint_eq(load_plan(&h, 2, plan, at + 64), NAVE_STATUS_BAD_ADDRESS);
    ck_assert_uint_eq(load_plan(&h, 2, plan, at), NAVE_STATUS_OK); /* its own is no hindrance */
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_UNLOAD, 3, 0, NULL, 0), NAVE_STATUS_OK);
    ck_assert_uint_eq(load_plan(&h, 2, plan, at + 64), NAVE_STATUS_OK);
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

START_TEST(a_header_with_a_length_that_no_frame_has_is_skipped)
{
    host h = open_host(0);
    static const uint32_t length[] = {1, 2, 6, NAVE_MAX_PAYLOAD_BYTES + 4, 2 * NAVE_MAX_PAYLOAD_BYTES, 0x80000000u};
    for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
        const uint32_t before = reg(&h, NAVE_REG_HEADER_ERRORS);
        make_frame(&h, NAVE_FRAME_RAM_WRITE, 0, 0, NULL, 0);
        h.frame[4] = length[i];
        h.frame[7] = nave_crc32c_c(0, h.frame, 28);
        push(&h, h.frame, NAVE_HEADER_BYTES);
        MUST(reg(&h, NAVE_REG_HEADER_ERRORS) == before + NAVE_HEADER_BYTES / 4, "a length of %u", length[i]);
    }
    close_host(&h);
}
END_TEST

START_TEST(a_plan_ends_inside_the_ram)
{
    host h = open_host(0);
    nave_plan *plan = small_plan(1);
    const uint64_t last = (RAM_BYTES - plan->card.ram_bytes) / 64 * 64;
    ck_assert_uint_eq(load_plan(&h, 1, plan, last), NAVE_STATUS_OK);
    ck_assert_uint_eq(status_of(&h, NAVE_FRAME_UNLOAD, 1, 0, NULL, 0), NAVE_STATUS_OK);
    const answer a = tell(&h, NAVE_FRAME_PLAN_LOAD, 1, last + 64, plan->words, (uint32_t)(4 * plan->word_count));
    ck_assert_uint_eq(a.status, NAVE_STATUS_BAD_PLAN);
    ck_assert_uint_eq(a.value, 9); /* the word that says how long its RAM is */
    nave_plan_free(plan);
    close_host(&h);
}
END_TEST

/* A tick that does not fit one frame: each part says where it begins. */
START_TEST(parts_of_a_tick_follow_each_other)
{
    rng r = rng_for("parts");
    nave_ir *ir = ir_mono(&r, 300);
    nave_plan *plan = plan_offline(ir, 2, 8192, 1);
    host h = open_host(0);
    run_plan(&h, 1, plan, 0);
    uint32_t *silence = calloc(NAVE_MAX_PAYLOAD_BYTES, 1), w[8];
    uint64_t position = 0;
    const uint8_t *frame;
    size_t n;
    for (uint32_t k = 0; k < 2; k++) {
        push(&h, h.frame, make_frame(&h, NAVE_FRAME_AUDIO_IN, 1, 8192 * k, silence, 2 * 4 * 8192));
        h.sequence++;
        uint32_t parts = 0;
        while ((frame = nave_model_read(h.card, &n))) {
            memcpy(w, frame, sizeof(w));
            ck_assert_uint_eq(w[1] >> 8 & 0xff, NAVE_FRAME_AUDIO_OUT);
            ck_assert_uint_eq(w[5], position);
            position += w[4] / 16;
            parts++;
        }
        ck_assert_uint_eq(parts, 2);
        ck_assert_uint_eq(position, 8192 * (k + 1));
    }
    free(silence);
    nave_plan_free(plan);
    nave_ir_free(ir);
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
    ck_assert_uint_eq(readable, 10 + 8 + 7 * 8); /* the page's table */
    ck_assert_uint_eq(tell(&h, NAVE_FRAME_REG_READ, 0, 0x100000000u, NULL, 0).status, NAVE_STATUS_BAD_ADDRESS);
    const uint32_t refused = reg(&h, NAVE_REG_REFUSED), good = reg(&h, NAVE_REG_FRAMES_OK);
    ck_assert_uint_gt(refused, 1000);
    ck_assert_uint_eq(reg(&h, NAVE_REG_FRAMES_OK), good + 1);
    close_host(&h);
}
END_TEST

/* A host that does not read: the card takes no more than it can answer, and nothing is lost when it reads again. */
static void assert_slow_reader(const nave_plan *plan)
{
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
    ck_assert_uint_ge(stopped, 2);
    const uint64_t tick = report_of(plan).tick_frames;
    ck_assert_uint_eq(prompt.audio_bytes, position / tick * tick * 16);
    ck_assert_uint_eq(slow.audio_bytes, prompt.audio_bytes);
    ck_assert_int_eq(memcmp(slow.audio, prompt.audio, slow.audio_bytes), 0);
    free(audio);
    close_host(&prompt);
    close_host(&slow);
}

START_TEST(a_slow_reader_stops_the_card_and_loses_nothing)
{
    rng r = rng_for("slow plan");
    nave_ir *ir = ir_mono(&r, 300);
    nave_plan *plan = small_plan(1), *large = plan_offline(ir, 2, 1024, 8); /* a tick is more than all answers */
    assert_slow_reader(plan);
    assert_slow_reader(large);
    nave_plan_free(plan);
    nave_plan_free(large);
    nave_ir_free(ir);
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
        regions_of_contexts_lie_apart, parameters_come_in_order_and_never_for_what_was_written, ram_ends_where_it_ends,
        a_header_with_a_length_that_no_frame_has_is_skipped, a_plan_ends_inside_the_ram,
        parts_of_a_tick_follow_each_other, registers_are_those_of_the_table,
        a_slow_reader_stops_the_card_and_loses_nothing);
}
