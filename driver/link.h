/* The host's end of the link: epochs, sequences, commands and their answers, audio out to whom it belongs.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LINK_H
#define NAVE_LINK_H
#include "../sim/model/dsp.h"
#include "card.h"

#define NAVE_LINK_CONTEXTS 8

typedef struct nave_link_sink {
    /* Audio of the sink's context in the format it was started with. Must not call the link. May be called from every
     * function below. */
    void (*audio)(void *user, uint64_t position, const uint8_t *payload, uint32_t length);
    /* METERS of the sink's context; may be NULL. Likewise. */
    void (*meters)(void *user, uint64_t position, const uint8_t *payload, uint32_t length);
    void *user;
} nave_link_sink;

typedef struct nave_link {
    const nave_card_backend *backend;
    nave_card *card;
    nave_dsp dsp; /* its crc32c */
    uint32_t epoch, sequence, expected_sequence;
    uint32_t *frame; /* the one being made */
    nave_link_sink sink[NAVE_LINK_CONTEXTS];
    uint32_t answer_status, answer_value, answer_sequence;
    int answered;
    uint8_t *data; /* where the DATA that is awaited goes; NULL: none is */
    uint32_t data_bytes;
    uint64_t *asked; /* where the register goes that nobody waits for; NULL: none is under way */
    uint32_t asked_sequence;
    int failure; /* the first error that ended the link, NAVE_OK while it is good */
    nave_text reason;
    int answer_timeout_ms, live_timeout_ms;
    nave_activity *activity; /* NULL: nobody can look */
    uint64_t crc_errors, stale_frames, sequence_errors;
} nave_link;

/* Opens the card and begins a new epoch: what an earlier session left on the way is dropped. */
int nave_link_open(nave_link *link, const nave_card_backend *backend, const char *options, nave_text *why);
void nave_link_close(nave_link *link);
/* A failed link again, to the card that `options` name; the sinks stay. On failure it stays failed. */
int nave_link_reopen(nave_link *link, const char *options, nave_text *why);
/* A command and its answer. value may be NULL. */
int nave_link_command(nave_link *link, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                      uint32_t length, uint32_t *value, nave_text *why);
/* Asks for a register and goes on: it is in *value some pump later, or never. One at a time: else nothing is asked.
 * *value lives as long as the card is open. */
int nave_link_ask(nave_link *link, uint32_t address, uint64_t *value);
/* n bytes of the card's RAM from `address`, at most NAVE_MAX_PAYLOAD_BYTES. *data stays valid until the next call. */
int nave_link_read_ram(nave_link *link, uint64_t address, uint32_t n, const uint8_t **data, nave_text *why);
/* Room for the payload of the next frame; nave_link_send completes and sends it. */
void *nave_link_payload(nave_link *link);
int nave_link_send(nave_link *link, uint32_t type, uint32_t context, uint64_t position, uint32_t length);
/* Delivers what has come. Waits at most timeout_ms for the first frame; NAVE_E_AGAIN if none came. */
int nave_link_pump(nave_link *link, int timeout_ms);
/* Ends the link: the card is no longer trusted. Returns err. */
int nave_link_give_up(nave_link *link, int err, const char *what);
/* Text of a status word. */
const char *nave_status_text(uint32_t status);
#endif
