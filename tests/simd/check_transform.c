/* Transforms and the steps between complex and real ones: SIMD against the C model.
 * SPDX-License-Identifier: ISC */
#include "simd_test.h"
#include <string.h>

static uint32_t limit_for(source *r)
{
    static const uint32_t edge[] = {
        NAVE_LIMIT_RADIX2,     NAVE_LIMIT_RADIX4_FIRST,     NAVE_LIMIT_RADIX4, NAVE_LIMIT_POST,
        NAVE_LIMIT_RADIX4 / 2, NAVE_LIMIT_RADIX4_FIRST / 2, 1u << 30,          0x7fffffff};
    const uint32_t kind = pick(r, 4);
    uint64_t limit = kind == 0 ? (uint64_t)edge[pick(r, sizeof(edge) / sizeof(*edge))] * (1u << pick(r, 3)) + pick(r, 2)
                     : kind == 1 ? (1ull << pick(r, 32)) - pick(r, 2)
                                 : any(r) >> (33 + pick(r, 31));
    return limit > 1u << 31 ? 1u << 31 : limit < 1 ? 1 : (uint32_t)limit;
}

/* The first pass after which the words differ, found with tables that end early. */
static uint32_t guilty_pass(const nave_tables *t, const nave_dsp *dsp, const int32_t *start)
{
    const size_t words = 2u << t->log2n, bytes = words * sizeof(int32_t);
    uint32_t guilty = t->passes - 1;
    for (uint32_t passes = 1; passes < t->passes; passes++) {
        nave_tables cut = *t;
        cut.passes = passes;
        room m[4];
        for (int i = 0; i < 4; i++) {
            m[i] = room_make(bytes, 0);
            memcpy(m[i].at, start, bytes);
        }
        uint32_t ma = largest(start, words), mb = ma;
        int ea = 0, eb = 0;
        const int32_t *a = nave_fft_c(&cut, (int32_t *)m[0].at, (int32_t *)m[1].at, 0, &ma, &ea);
        const int32_t *b = dsp->fft(&cut, (int32_t *)m[2].at, (int32_t *)m[3].at, 0, &mb, &eb);
        const int same = ma == mb && ea == eb && !memcmp(a, b, bytes);
        for (int i = 0; i < 4; i++)
            room_free(&m[i]);
        if (!same) {
            guilty = passes - 1;
            break;
        }
    }
    return guilty;
}

static void one_fft(suite *s, const nave_dsp *dsp, uint32_t log2n, pattern p, uint32_t limit, unsigned flags)
{
    const nave_tables *t = s->tables[log2n];
    const size_t words = 2u << log2n, bytes = words * sizeof(int32_t);
    room start = room_make(bytes, 0), m[4];
    for (int i = 0; i < 4; i++)
        m[i] = room_make(bytes, 0);
    fill(&s->random, (int32_t *)start.at, words, p, limit, INT32_MAX);
    memcpy(m[0].at, start.at, bytes);
    memcpy(m[2].at, start.at, bytes);
    uint32_t ma = largest((int32_t *)start.at, words), mb = ma;
    const uint32_t before = ma;
    int ea = 3, eb = 3;
    const int32_t *a = nave_fft_c(t, (int32_t *)m[0].at, (int32_t *)m[1].at, flags, &ma, &ea);
    const int32_t *b = dsp->fft(t, (int32_t *)m[2].at, (int32_t *)m[3].at, flags, &mb, &eb);
    size_t i = flags & NAVE_FFT_HALF ? words / 2 : 0;
    while (i < words && a[i] == b[i])
        i++;
    if (i < words)
        fault(s,
              "fft n %u, %s, magnitude %u, flags %u: pass %u, first difference in the result at word %zu: %d, not %d",
              1u << log2n, pattern_name[p], before, flags, guilty_pass(t, dsp, (int32_t *)start.at), i, b[i], a[i]);
    else if (ea != eb || (!(flags & NAVE_FFT_HALF) && ma != mb))
        fault(s, "fft n %u, %s, magnitude %u, flags %u: exponent %d, not %d; magnitude %u, not %u", 1u << log2n,
              pattern_name[p], before, flags, eb, ea, mb, ma);
    else if ((a == (int32_t *)m[0].at) != (b == (int32_t *)m[2].at) && b != (int32_t *)m[2].at &&
             b != (int32_t *)m[3].at)
        fault(s, "fft n %u: the result is in neither buffer", 1u << log2n);
    else if (!room_intact(&m[2]) || !room_intact(&m[3]))
        fault(s, "fft n %u, %s: writes outside its buffers", 1u << log2n, pattern_name[p]);
    else
        passed(s);
    for (int k = 0; k < 4; k++)
        room_free(&m[k]);
    room_free(&start);
}

void check_fft(suite *s, const nave_dsp *dsp)
{
    for (uint32_t log2n = NAVE_LOG2_MIN_PARTITION; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++) {
        /* as many words for each size, at least each pattern with each flag */
        uint32_t cases = s->cases >> (log2n - NAVE_LOG2_MIN_PARTITION);
        if (cases < 4 * PATTERNS)
            cases = 4 * PATTERNS;
        for (uint32_t i = 0; i < cases; i++)
            one_fft(s, dsp, log2n, (pattern)(i % PATTERNS), i < PATTERNS ? 1u << 31 : limit_for(&s->random),
                    i / PATTERNS % 4);
    }
}

/* A test that never reaches a shift proves nothing about it: counts those that the model makes on the same signals. */
void check_fft_shifts(suite *s)
{
    static const char *const kind[4] = {"first pass, radix 2", "first pass, radix 4", "middle pass", "last pass"};
    static const int from[4] = {-29, -28, 0, 0}, to[4] = {2, 3, 3, 4};
    for (uint32_t i = 0; i < 400 * PATTERNS; i++) {
        const uint32_t log2n = 6 + i % 4;
        const nave_tables *t = s->tables[log2n];
        int32_t start[2 << 9], x[2 << 9], y[2 << 9];
        const size_t words = 2u << log2n;
        fill(&s->random, start, words, (pattern)(i / 4 % PATTERNS), limit_for(&s->random), INT32_MAX);
        if (largest(start, words) == 0)
            continue;
        int before = 0;
        for (uint32_t passes = 1; passes <= t->passes; passes++) {
            nave_tables cut = *t;
            cut.passes = passes;
            uint32_t m = largest(start, words);
            int exponent = 0;
            memcpy(x, start, sizeof(x));
            nave_fft_c(&cut, x, y, passes == t->passes && i / 2 % 2 ? NAVE_FFT_LAST30 : 0, &m, &exponent);
            const int k = passes == 1 ? (t->pass[0] != NULL) : passes < t->passes ? 2 : 3;
            s->shifts[k][exponent - before + 31]++;
            before = exponent;
        }
    }
    for (int k = 0; k < 4; k++)
        for (int shift = from[k]; shift <= to[k]; shift++) {
            if (s->shifts[k][shift + 31])
                passed(s);
            else
                fault(s, "fft: no signal makes the %s shift by %d", kind[k], shift);
        }
}

static void compare(suite *s, const char *what, uint32_t n, const char *signal, const int32_t *a, const int32_t *b,
                    int shift_a, int shift_b, uint32_t magnitude_a, uint32_t magnitude_b, const room *guarded)
{
    uint32_t i = 0;
    while (i < 2 * n && a[i] == b[i])
        i++;
    if (i < 2 * n)
        fault(s, "%s n %u, %s: bin %u %s: %d, not %d", what, n, signal, i / 2, i % 2 ? "im" : "re", b[i], a[i]);
    else if (shift_a != shift_b || magnitude_a != magnitude_b)
        fault(s, "%s n %u, %s: shift %d, not %d; magnitude %u, not %u", what, n, signal, shift_b, shift_a, magnitude_b,
              magnitude_a);
    else if (!room_intact(guarded))
        fault(s, "%s n %u, %s: writes outside its buffer", what, n, signal);
    else
        passed(s);
}

void check_post(suite *s, const nave_dsp *dsp)
{
    for (uint32_t log2n = NAVE_LOG2_MIN_PARTITION; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++)
        for (uint32_t i = 0; i < 2 * PATTERNS + (s->cases >> (log2n - NAVE_LOG2_MIN_PARTITION)); i++) {
            const uint32_t n = 1u << log2n, most = (1u << 30) - 1, limit = i < PATTERNS ? most : limit_for(&s->random);
            const pattern p = (pattern)(i % PATTERNS);
            room z = room_make(8 * n, 0), a = room_make(8 * n, 0), b = room_make(8 * n, 0);
            fill(&s->random, (int32_t *)z.at, 2 * n, p, limit < most ? limit : most, (int32_t)most);
            const uint32_t m = largest((int32_t *)z.at, 2 * n);
            const int sa = nave_post_c(s->tables[log2n], (int32_t *)z.at, m, (int32_t *)a.at);
            const int sb = dsp->post(s->tables[log2n], (int32_t *)z.at, m, (int32_t *)b.at);
            compare(s, "post", n, pattern_name[p], (int32_t *)a.at, (int32_t *)b.at, sa, sb, 0, 0, &b);
            room_free(&z);
            room_free(&a);
            room_free(&b);
        }
}

void check_pre(suite *s, const nave_dsp *dsp)
{
    for (uint32_t log2n = NAVE_LOG2_MIN_PARTITION; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++)
        for (uint32_t i = 0; i < 2 * PATTERNS + (s->cases >> (log2n - NAVE_LOG2_MIN_PARTITION)); i++) {
            const uint32_t n = 1u << log2n, most = 1u << 30, limit = i < PATTERNS ? most : limit_for(&s->random);
            const uint32_t tiles = (n + NAVE_TILE_BINS - 1) / NAVE_TILE_BINS,
                           tile = n < NAVE_TILE_BINS ? n : NAVE_TILE_BINS;
            const pattern p = (pattern)(i % PATTERNS);
            room x = room_make(8 * n, 0), a = room_make(8 * n, 0), b = room_make(8 * n, 0);
            int32_t *bins = (int32_t *)x.at;
            uint8_t align[(1 << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS];
            const uint32_t kind = pick(&s->random, 3);
            fill(&s->random, bins, 2 * n, p, limit < most ? limit : most, (int32_t)most - 1);
            uint32_t m = 0;
            for (uint32_t k = 0; k < tiles; k++) {
                align[k] = kind == 0 ? 0 : kind == 1 ? (uint8_t)pick(&s->random, 4) : (uint8_t)pick(&s->random, 33);
                if (align[k] == 32)
                    align[k] = NAVE_SKIP;
                for (uint32_t w = 0; w < 2 * tile && align[k] != NAVE_SKIP; w++) {
                    const uint32_t v = nave_magnitude32(nave_round32(bins[2 * tile * k + w], align[k]));
                    m = v > m ? v : m;
                }
            }
            uint32_t za = 1, zb = 2;
            const int sa = nave_pre_c(s->tables[log2n], bins, align, m, (int32_t *)a.at, &za);
            const int sb = dsp->pre(s->tables[log2n], bins, align, m, (int32_t *)b.at, &zb);
            compare(s, "pre", n, pattern_name[p], (int32_t *)a.at, (int32_t *)b.at, sa, sb, za, zb, &b);
            room_free(&x);
            room_free(&a);
            room_free(&b);
        }
}
