/* The C card as the link's test needs it (reference.c).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TEST_REFERENCE_H
#define NAVE_TEST_REFERENCE_H
#ifdef __cplusplus
extern "C" {
#endif
#include "../../../driver/protocol.h"
#include "../../../sim/model/card.h"
uint32_t reference_expected(const nave_model *m);
uint32_t reference_epoch(const nave_model *m);
uint8_t *reference_ram(nave_model *m);
uint64_t reference_frames_in(const nave_model *m, unsigned context);
uint32_t reference_crc(const void *bytes, size_t n);
/* Words of a plan of `channels` independent paths, ticks of 64; returns how many. */
size_t reference_plan(uint32_t *words, uint32_t channels);
#ifdef __cplusplus
}
#endif
#endif
