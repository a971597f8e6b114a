/* Signals, guards and counting for the SIMD test.
 * SPDX-License-Identifier: ISC */
#include "simd_test.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 128

const char *const pattern_name[PATTERNS] = {"noise",        "quiet noise", "lowest", "highest",     "alternating",
                                            "random signs", "impulse",     "start",  "sparse",      "ties",
                                            "-1",           "silence",     "tone",   "aligned legs"};

uint64_t any(source *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * 2685821657736338717ull;
}

uint32_t pick(source *r, uint32_t below)
{
    return (uint32_t)((any(r) >> 32) * below >> 32);
}

static int64_t noise(source *r, uint32_t limit)
{
    return (int64_t)(any(r) % (2 * (uint64_t)limit + 1)) - limit;
}

static int64_t value(source *r, size_t i, size_t n, pattern p, uint32_t limit, const uint32_t draw[4])
{
    const int64_t high = limit, low = -high;
    switch (p) {
    case PATTERN_NOISE:
        return noise(r, limit);
    case PATTERN_QUIET:
        return noise(r, limit) >> draw[0] % 31;
    case PATTERN_LOWEST:
        return low;
    case PATTERN_HIGHEST:
        return high;
    case PATTERN_ALTERNATING:
        return i >> draw[0] % 4 & 1 ? low : high;
    case PATTERN_SIGNS:
        return any(r) >> 63 ? low : high;
    case PATTERN_IMPULSE:
        return i == draw[0] % n ? (draw[1] & 1 ? low : high) : 0;
    case PATTERN_START:
        return i < 2 ? (draw[0] >> i & 1 ? low : high) : 0;
    case PATTERN_SPARSE:
        return pick(r, 16) ? 0 : noise(r, limit);
    case PATTERN_TIES:
        return (int64_t)pick(r, 9) - 4;
    case PATTERN_MINUS_ONE:
        return -1;
    case PATTERN_TONE: {
        const double turn = 2 * acos(-1.0) * (double)(i / 2) * draw[0] / (double)n * 2;
        return llrint(high * (i & 1 ? sin(turn) : cos(turn)));
    }
    case PATTERN_ALIGNED: {
        static const int leg[4][2] = {{1, 0}, {1, 1}, {0, 1}, {-1, 1}};
        const int sign = i / 2 / 16 & 1 ? -1 : 1;
        return high * sign * leg[i / 2 / 4 % 4][i & 1];
    }
    default:
        return 0;
    }
}

void fill(source *r, int32_t *x, size_t n, pattern p, uint32_t limit, int32_t top)
{
    const uint32_t draw[4] = {(uint32_t)(any(r) >> 32), (uint32_t)(any(r) >> 32), (uint32_t)(any(r) >> 32), 0};
    for (size_t i = 0; i < n; i++) {
        int64_t v = value(r, i, n, p, limit, draw);
        if (v > (int64_t)limit || v < -(int64_t)limit)
            v = v < 0 ? -(int64_t)limit : (int64_t)limit;
        x[i] = (int32_t)(v > top ? top : v);
    }
}

uint32_t largest(const int32_t *x, size_t n)
{
    uint32_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (nave_magnitude32(x[i]) > m)
            m = nave_magnitude32(x[i]);
    return m;
}

room room_make(size_t bytes, size_t off)
{
    const size_t all = (GUARD + off + bytes + GUARD + 63) / 64 * 64;
    room m = {aligned_alloc(64, all), NULL, bytes};
    if (!m.block) {
        fprintf(stderr, "check_simd: out of memory\n");
        exit(1);
    }
    memset(m.block, 0xa5, all);
    m.at = m.block + GUARD + off;
    return m;
}

int room_intact(const room *m)
{
    for (size_t i = 0; i < GUARD; i++)
        if (m->at[-1 - (ptrdiff_t)i] != 0xa5 || m->at[m->bytes + i] != 0xa5)
            return 0;
    return 1;
}

void room_free(room *m)
{
    free(m->block);
}

void fault(suite *s, const char *format, ...)
{
    s->failed++;
    if (s->failed > 20) /* the first ones tell */
        return;
    va_list list;
    va_start(list, format);
    printf("FAIL %s ", s->isa);
    vprintf(format, list);
    putchar('\n');
    va_end(list);
}

void passed(suite *s)
{
    s->passed++;
}
