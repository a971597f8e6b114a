/* A card as the host reaches it: one struct of callbacks, one per backend (usb.c, sim.c, model.c). The words that go
 * through are those of driver/protocol.md; host code above can't tell the backends apart.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CARD_H
#define NAVE_CARD_H
#include "../host/include/nave.h"
#include "protocol.h"

typedef struct nave_card nave_card; /* a backend's own */

typedef struct nave_card_backend {
    const char *name; /* "model": opened by specs that begin with "model:" */
    /* Fills at most cap entries (spec, name, serial only), returns how many there are. May block for a bus scan. */
    size_t (*list)(nave_device_info *out, size_t cap);
    /* options: what follows "name:". Opens and keeps the card for this process. May block, at most 2 s
     * and as long as its options say to wait. */
    int (*open)(nave_card **out, const char *options, nave_text *why);
    /* Stops transfers and frees all. After a lost card too. May block, at most 2 s. */
    void (*close)(nave_card *card);
    /* Takes up to n bytes (a multiple of 4, whole frames or parts), copies what it keeps, never blocks. *taken may be
     * 0: read first. NAVE_E_LOST when the card is gone. */
    int (*send)(nave_card *card, const void *bytes, size_t n, size_t *taken);
    /* The next whole frame, or NAVE_E_AGAIN when none came within timeout_ms, or when the last send took less than all
     * and would take more now. The frame belongs to the backend and
     * stays valid until the next call for this card. NAVE_E_LOST when the card is gone. */
    int (*receive)(nave_card *card, const uint8_t **frame, size_t *n, int timeout_ms);
    /* Facts that registers don't tell: board name, ISA, bandwidths. Never blocks. */
    void (*describe)(nave_card *card, nave_device_info *info);
    /* What follows may be NULL: a card in this process is never lost and no other program holds it. */
    /* Why the card is lost, "" while it isn't; belongs to the card. */
    const char *(*reason)(nave_card *card);
    /* 1: a lost card may come back, and a render goes on without it. 0: it is gone, and that is an error: what a
     * simulated card gave must not be what the C card gave. */
    int returns;
    /* How long an answer may take; NULL or 0: 2 s, and 250 ms for live audio. */
    int (*patience_ms)(nave_card *card);
    /* Shared with monitors in other programs: the holder writes to it what goes on. */
    nave_activity *(*activity)(nave_card *card);
    /* What the holder wrote and what the bus counted, without disturbing it. */
    int (*look)(const char *options, nave_activity *out, nave_text *why);
} nave_card_backend;

extern const nave_card_backend nave_backend_model, nave_backend_sim, nave_backend_usb;

/* All backends, NULL at the end, the default last resort first. */
extern const nave_card_backend *const nave_backends[];
#endif
