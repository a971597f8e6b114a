/* A small plan for the link's test (reference.c).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TEST_REFERENCE_H
#define NAVE_TEST_REFERENCE_H
#ifdef __cplusplus
extern "C" {
#endif
#include <stddef.h>
#include <stdint.h>
/* Words of a plan of `channels` independent paths, ticks of 64; returns how many. */
size_t reference_plan(uint32_t *words, uint32_t channels);
#ifdef __cplusplus
}
#endif
#endif
