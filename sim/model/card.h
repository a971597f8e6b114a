/* The C reference card: words of the link in, words of the link out (twin of rtl/card/card.v). Nothing is allocated
 * between START and STOP; every input is defined.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_MODEL_CARD_H
#define NAVE_MODEL_CARD_H
#include <stddef.h>
#include <stdint.h>

#define NAVE_MODEL_CONTEXTS 8

typedef struct nave_model nave_model;

typedef struct nave_model_config {
    uint64_t ram_bytes; /* of the card; pages that no plan touches cost nothing */
    uint32_t clock_hz, lanes, log2_max_partition;
    uint32_t max_batch, max_plan_words; /* 0: all that the protocol allows */
    int dynamics;                       /* 1: contexts take dynamics plans too; 0: as a card of convolvers alone */
    unsigned cpu_mask;                  /* NAVE_CPU_*: what its arithmetic may use; never changes a bit */
} nave_model_config;

/* NULL when out of memory. */
nave_model *nave_model_create(const nave_model_config *config);
void nave_model_destroy(nave_model *model);
/* Takes n bytes (a multiple of 4) cut anywhere; returns how many were taken: fewer only while output must be read
 * first. */
size_t nave_model_write(nave_model *model, const void *bytes, size_t n);
/* The next whole frame of output, NULL if there is none. Stays valid until the next call for this card. */
const uint8_t *nave_model_read(nave_model *model, size_t *n);
/* The ISA of the arithmetic: "c", "avx2", .. */
const char *nave_model_isa(const nave_model *model);
#endif
