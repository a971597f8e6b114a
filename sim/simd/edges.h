/* The two bins of a real transform that have no partner: DC with Nyquist, and n/2. Vectors leave them to these.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_EDGES_H
#define NAVE_EDGES_H
#include "../model/arith.h"
#include "../model/dsp.h"

static inline void post_edges(const nave_tables *t, const int32_t *z, unsigned shift, int32_t *spectrum)
{
    const uint32_t n = 1u << t->log2n;
    const unsigned total = NAVE_TWIDDLE_FRACTION + 1 + shift;
    const int32_t *w = t->real + n;
    const int64_t re = z[n], im = z[n + 1];
    spectrum[0] = (int32_t)nave_round64((int64_t)z[0] + z[1], shift);
    spectrum[1] = (int32_t)nave_round64((int64_t)z[0] - z[1], shift);
    spectrum[n] = (int32_t)nave_round64(2 * re * ((int64_t)1 << NAVE_TWIDDLE_FRACTION) + 2 * im * w[0], total);
    spectrum[n + 1] = (int32_t)nave_round64(2 * im * w[1], total);
}

static inline int32_t aligned_word(int32_t word, uint8_t shift)
{
    return shift == NAVE_SKIP ? 0 : nave_round32(word, shift);
}

/* Returns the magnitude of what it stores. */
static inline uint32_t pre_edges(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, unsigned shift,
                                 int32_t *z)
{
    const uint32_t n = 1u << t->log2n;
    const unsigned total = NAVE_TWIDDLE_FRACTION + shift;
    const int32_t *w = t->real + n;
    const int64_t dc = aligned_word(spectrum[0], align[0]), nyquist = aligned_word(spectrum[1], align[0]);
    const int64_t re = aligned_word(spectrum[n], align[n / 2 / NAVE_TILE_BINS]);
    const int64_t im = aligned_word(spectrum[n + 1], align[n / 2 / NAVE_TILE_BINS]);
    z[0] = (int32_t)nave_round64(dc - nyquist, shift);
    z[1] = (int32_t)nave_round64(dc + nyquist, shift);
    z[n] = (int32_t)nave_round64(2 * im * w[1], total);
    z[n + 1] = (int32_t)nave_round64(2 * re * ((int64_t)1 << NAVE_TWIDDLE_FRACTION) - 2 * im * w[0], total);
    uint32_t magnitude = 0;
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t m = nave_magnitude32(z[i / 2 * n + i % 2]);
        magnitude = m > magnitude ? m : magnitude;
    }
    return magnitude;
}
#endif
