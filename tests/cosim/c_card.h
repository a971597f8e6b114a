/* The C card beside the Verilog: what the next frame must carry, its RAM and where a byte of it belongs to.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TEST_C_CARD_H
#define NAVE_TEST_C_CARD_H
#ifdef __cplusplus
extern "C" {
#endif
#include "../../driver/protocol.h"
#include "../../sim/model/card.h"

typedef struct test_limits {
    uint32_t max_log2, max_batch, lanes, max_plan_words;
    uint32_t ram_bytes; /* that one plan may take */
    uint64_t cycles;    /* that a tick may take, about */
} test_limits;

nave_model *test_card(const test_limits *limits, uint32_t ram_bytes);
uint8_t *test_ram(nave_model *m);
uint32_t test_expected_sequence(const nave_model *m);
uint32_t test_epoch(const nave_model *m);
int test_running(const nave_model *m, uint32_t context);
uint64_t test_frames_in(const nave_model *m, uint32_t context);
uint32_t test_crc(const nave_model *m, const void *bytes, uint32_t n);
/* Which part of which context's region holds the byte. */
void test_where(const nave_model *m, uint32_t byte, char *text, uint32_t room);
#ifdef __cplusplus
}
#endif
#endif
