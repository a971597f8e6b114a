/* What the machine can do at best, measured by small loops.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_BENCH_ROOFLINE_H
#define NAVE_BENCH_ROOFLINE_H
#include <stddef.h>

typedef struct nave_roofline {
    const char *name;               /* of the vector instructions; NULL: none known for this machine */
    double clock_hz;                /* of the core while it is busy */
    double products_per_cycle;      /* 32 by 32 to 64 bits, nothing else done */
    double multiply_adds_per_cycle; /* the same, each added to a 64-bit sum */
} nave_roofline;

double nave_bench_now_s(void);
void nave_bench_roofline(nave_roofline *out);
/* Bytes a cycle that can be read, over and over, from a buffer of this size (64-byte aligned). */
double nave_bench_read_bytes_per_cycle(const nave_roofline *r, const void *buffer, size_t bytes);
#endif
