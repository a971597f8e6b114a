/* Twiddle factors: the ROM and the orders in which transforms read it.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TWIDDLE_H
#define NAVE_TWIDDLE_H
#include <stdint.h>

#define NAVE_TWIDDLE_OCTANT 2048
#define NAVE_TWIDDLE_ROOT (8 * NAVE_TWIDDLE_OCTANT)
#define NAVE_TWIDDLE_FRACTION 29
#define NAVE_LOG2_MIN_PARTITION 6
#define NAVE_LOG2_MAX_PARTITION 13
#define NAVE_MAX_PASSES 8

extern const int32_t nave_twiddle_rom[NAVE_TWIDDLE_OCTANT + 1][2];

/* w[0] + j w[1] = exp(-j 2 pi k / 16384), any k, by the symmetry of the octants: cos and sin trade places, never
 * values. */
void nave_twiddle(uint32_t k, int32_t w[2]);

/* All that a real transform of 2 << log2n samples reads. One allocation, 64-byte aligned, no change after creation.
 * Pass i > 0 (radix 4, m = its number of columns): pass[i] holds w^1 of all columns, then w^2, then w^3, each 2 m
 * words. */
typedef struct nave_tables {
    uint32_t log2n;  /* of the complex transform */
    uint32_t passes; /* radix 2 first where log2n is odd, then radix 4 */
    const int32_t *pass[NAVE_MAX_PASSES];
    const int32_t *real; /* exp(-j pi k / n), k = 0 .. n/2 */
} nave_tables;

/* NULL when out of memory. Freed with nave_tables_free. */
nave_tables *nave_tables_create(uint32_t log2n);
void nave_tables_free(nave_tables *tables);
#endif
