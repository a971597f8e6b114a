/* The host's end of the link with a card that misbehaves: what is wrong is named, and nothing passes afterwards.
 * SPDX-License-Identifier: ISC */
#include "../../driver/link.h"
#include "../../driver/why.h"
#include "../../sim/model/card.h"
#include "../property/property.h"

#define RAM_BYTES (4u << 20)
#define MOST_FRAME (NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)

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
    return RUN_TESTS("link host", 120, the_host_names_what_a_card_does_wrong_and_stays_closed, every_status_has_a_text);
}
