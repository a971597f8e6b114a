/* Twiddle factors from one octant (twin of rtl/conv/twiddle.v).
 * SPDX-License-Identifier: ISC */
#include "twiddle.h"
#include <stdlib.h>

void nave_twiddle(uint32_t k, int32_t w[2])
{
    const uint32_t octant = (k / NAVE_TWIDDLE_OCTANT) % 8, within = k % NAVE_TWIDDLE_OCTANT;
    const int32_t *entry = nave_twiddle_rom[octant % 2 ? NAVE_TWIDDLE_OCTANT - within : within];
    const uint32_t quadrant = octant / 2;
    const int swap = octant % 2;
    int32_t c = swap ? entry[1] : entry[0], s = swap ? entry[0] : entry[1];
    /* cos and sin of the angle left after whole quarter turns, then the turns */
    if (quadrant == 0) {
        w[0] = c;
        w[1] = -s;
    } else if (quadrant == 1) {
        w[0] = -s;
        w[1] = -c;
    } else if (quadrant == 2) {
        w[0] = -c;
        w[1] = s;
    } else {
        w[0] = s;
        w[1] = c;
    }
}

nave_tables *nave_tables_create(uint32_t log2n)
{
    const uint32_t n = 1u << log2n;
    const size_t header = (sizeof(nave_tables) + 63) / 64 * 64;
    /* passes: n/4 * (1 + 1/4 + ...) columns of three factors, each vector rounded up to whole cache lines */
    const size_t words = 2 * (size_t)n + NAVE_MAX_PASSES * 3 * 16 + n + 32;
    const size_t bytes = (header + words * sizeof(int32_t) + 63) / 64 * 64;
    nave_tables *t = aligned_alloc(64, bytes);
    if (!t)
        return NULL;
    int32_t *at = (int32_t *)((char *)t + header);
    t->log2n = log2n;
    t->passes = 0;
    uint32_t columns = 1;
    if (log2n % 2) {
        t->pass[t->passes++] = NULL;
        columns = 2;
    }
    for (; columns < n; columns *= 4) {
        t->pass[t->passes++] = at;
        const uint32_t step = NAVE_TWIDDLE_ROOT / (4 * columns);
        for (uint32_t i = 1; i < 4; i++)
            for (uint32_t p = 0; p < columns; p++, at += 2)
                nave_twiddle(p * i * step, at);
        at += (16 - (uintptr_t)(at - (int32_t *)t) % 16) % 16;
    }
    t->real = at;
    for (uint32_t k = 0; k <= n / 2; k++, at += 2)
        nave_twiddle(k * (NAVE_TWIDDLE_ROOT / 2 >> log2n), at);
    return t;
}

void nave_tables_free(nave_tables *tables)
{
    free(tables);
}
