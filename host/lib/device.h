/* An opened card: its link, and who has which context and RAM.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LIB_DEVICE_H
#define NAVE_LIB_DEVICE_H
#include "../../driver/link.h"

typedef struct nave_region {
    int used;
    uint64_t base, bytes;
} nave_region;

struct nave_device {
    nave_link link;
    nave_device_info info;
    nave_region region[NAVE_LINK_CONTEXTS];
    struct nave_stream *stream[NAVE_LINK_CONTEXTS]; /* who has it; NULL: nobody */
};

/* Takes a free context with `bytes` of RAM. NAVE_E_BUSY if all are taken, NAVE_E_FIT if the RAM that is left is too
 * small. */
int nave_device_take(nave_device *dev, uint64_t bytes, uint32_t *context, nave_text *why);
void nave_device_give_back(nave_device *dev, uint32_t context);
/* The backend of a spec and where its options begin; NULL when there is none. */
const nave_card_backend *nave_find_backend(const char *spec, const char **options);
/* A register of the card. */
int nave_device_register(nave_device *dev, uint32_t address, uint32_t *value, nave_text *why);
#endif
