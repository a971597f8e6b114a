/* What the parts of the SIMD test share: seeded numbers, signals with their worst cases, buffers with guards.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIMD_TEST_H
#define NAVE_SIMD_TEST_H
#include "../../sim/model/arith.h"
#include "../../sim/model/dsp.h"
#include <stdio.h>

typedef struct source { /* of random numbers: xorshift64* */
    uint64_t state;
} source;

uint64_t any(source *r);
/* 0 .. below - 1 */
uint32_t pick(source *r, uint32_t below);

/* Fills with one of the patterns, no value beyond +limit - 1 or -limit; and at most +top. */
typedef enum pattern {
    PATTERN_NOISE,
    PATTERN_QUIET,
    PATTERN_LOWEST,
    PATTERN_HIGHEST,
    PATTERN_ALTERNATING,
    PATTERN_SIGNS,
    PATTERN_IMPULSE,
    PATTERN_START, /* only the first complex word */
    PATTERN_SPARSE,
    PATTERN_TIES,
    PATTERN_MINUS_ONE,
    PATTERN_SILENCE,
    PATTERN_TONE,
    PATTERN_ALIGNED, /* legs of the last but one pass that add up to more than four times each */
    PATTERNS
} pattern;
extern const char *const pattern_name[PATTERNS];
/* Values in -limit .. min(limit, top). */
void fill(source *r, int32_t *x, size_t n, pattern p, uint32_t limit, int32_t top);
uint32_t largest(const int32_t *x, size_t n);

/* bytes with a guard on either side; off: bytes that the start is away from a line of 64 */
typedef struct room {
    unsigned char *block, *at;
    size_t bytes;
} room;
room room_make(size_t bytes, size_t off);
int room_intact(const room *m);
void room_free(room *m);

typedef struct suite {
    source random;
    uint32_t cases; /* per function and table */
    uint32_t passed, failed;
    const char *isa;
    const nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1];
    /* which shifts the transforms met: [first radix 2, first radix 4, middle, last][shift + 31] */
    uint32_t shifts[4][64];
} suite;

/* Counts, and reports where format is not NULL. */
__attribute__((format(printf, 2, 3))) void fault(suite *s, const char *format, ...);
void passed(suite *s);

void check_fft(suite *s, const nave_dsp *dsp);
void check_fft_shifts(suite *s);
void check_post(suite *s, const nave_dsp *dsp);
void check_pre(suite *s, const nave_dsp *dsp);
void check_cmac(suite *s, const nave_dsp *dsp);
void check_load(suite *s, const nave_dsp *dsp);
void check_overlap(suite *s, const nave_dsp *dsp);
void check_mix(suite *s, const nave_dsp *dsp);
void check_align(suite *s, const nave_dsp *dsp);
void check_crc(suite *s, const nave_dsp *dsp);
void check_dyn_eq(suite *s, const nave_dsp *dsp);
void check_dyn_split(suite *s, const nave_dsp *dsp);
void check_dyn_merge(suite *s, const nave_dsp *dsp);
void check_dyn_bands(suite *s, const nave_dsp *dsp);
void check_dyn_peak(suite *s, const nave_dsp *dsp);
void check_dyn_log2(suite *s, const nave_dsp *dsp);
void check_dyn_apply(suite *s, const nave_dsp *dsp);
void check_dyn_limit(suite *s, const nave_dsp *dsp);
int bench(suite *s);
#endif
