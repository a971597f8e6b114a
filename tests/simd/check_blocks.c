/* Multiply-accumulate, loader, overlap, mixer and checksum: SIMD against the C model.
 * SPDX-License-Identifier: ISC */
#include "simd_test.h"
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 40, PATHS = 3, SLOTS = PARTITIONS + NAVE_MAX_BATCH - 1 };

typedef struct tiles { /* of one job: x and h, each with guards, and the results of both */
    room x, h, ya, yb;
    const int32_t *x_at[PATHS * SLOTS], *h_at[PATHS * PARTITIONS];
    int32_t *ya_at[NAVE_MAX_BATCH], *yb_at[NAVE_MAX_BATCH];
    uint8_t align[PATHS * SLOTS];
} tiles;

static void fill_tiles(source *r, tiles *t, const nave_cmac_job *job)
{
    const uint32_t words = 2 * job->bins, slots = job->partitions + job->batch - 1;
    const uint32_t kind = pick(r, 4), one_pattern = pick(r, 4), quiet = pick(r, 3);
    const pattern px = (pattern)pick(r, PATTERNS), ph = (pattern)pick(r, PATTERNS);
    /* the host's promise: 2 |x| partitions |h| < 2^63, with room for the rounding's half; the loudest h now and then */
    const uint64_t products = (uint64_t)job->partitions * job->paths;
    uint64_t limit_h = (((uint64_t)1 << 32) - 8) / products, limit_x = 1u << 30;
    if (quiet == 0)
        limit_h = (limit_h >> pick(r, 32)) + 1;
    if (limit_h > INT32_MAX) /* h is never INT32_MIN */
        limit_h = INT32_MAX;
    if (quiet <= 1)
        limit_x = (limit_x >> pick(r, 31)) + 1;
    if (limit_x > 1u << 30)
        limit_x = 1u << 30;
    for (uint32_t i = 0; i < job->paths * slots; i++) {
        const uint32_t draw = pick(r, 36);
        t->align[i] = kind == 0 ? 0 : kind == 1 && draw > 4 ? 0 : kind == 2 ? (uint8_t)(draw % 4) : (uint8_t)draw;
        if (t->align[i] > 31)
            t->align[i] = NAVE_SKIP;
        fill(r, (int32_t *)t->x.at + i * words, words, one_pattern ? (pattern)pick(r, PATTERNS) : px, (uint32_t)limit_x,
             (1 << 30) - 1);
        t->x_at[i] = t->align[i] == NAVE_SKIP ? NULL : (int32_t *)t->x.at + i * words; /* must not be read */
    }
    for (uint32_t i = 0; i < job->paths * job->partitions; i++) {
        fill(r, (int32_t *)t->h.at + i * words, words, one_pattern ? (pattern)pick(r, PATTERNS) : ph, (uint32_t)limit_h,
             INT32_MAX);
        t->h_at[i] = (int32_t *)t->h.at + i * words;
    }
    for (uint32_t j = 0; j < job->batch; j++) {
        t->ya_at[j] = (int32_t *)t->ya.at + j * words;
        t->yb_at[j] = (int32_t *)t->yb.at + j * words;
    }
}

static void one_cmac(suite *s, const nave_dsp *dsp, uint32_t i)
{
    source *r = &s->random;
    nave_cmac_job job = {.bins = i % 2 ? 64u << pick(r, NAVE_LOG2_TILE_BINS - 5)
                                       : 64 + 8 * pick(r, (NAVE_TILE_BINS - 64) / 8 + 1),
                         .first = pick(r, 2),
                         .paths = i % 4 ? 1 : 1 + pick(r, PATHS),
                         .partitions = 1 + (i % 8 ? pick(r, 10) : pick(r, PARTITIONS)),
                         .batch = 1 + i % NAVE_MAX_BATCH};
    const size_t row = 8 * job.bins, slots = job.partitions + job.batch - 1;
    tiles t = {.x = room_make(row * job.paths * slots, 0),
               .h = room_make(row * job.paths * job.partitions, 0),
               .ya = room_make(row * job.batch, 0),
               .yb = room_make(row * job.batch, 0)};
    fill_tiles(r, &t, &job);
    job.x = t.x_at;
    job.h = t.h_at;
    job.align = t.align;
    int sa[NAVE_MAX_BATCH], sb[NAVE_MAX_BATCH];
    uint32_t ma[NAVE_MAX_BATCH], mb[NAVE_MAX_BATCH];
    nave_cmac_c(&job, t.ya_at, sa, ma);
    dsp->cmac(&job, t.yb_at, sb, mb);
    uint32_t at = 0;
    const uint32_t words = 2 * job.bins * job.batch;
    const int32_t *a = (int32_t *)t.ya.at, *b = (int32_t *)t.yb.at;
    while (at < words && a[at] == b[at])
        at++;
    uint32_t j = 0;
    while (j < job.batch && sa[j] == sb[j] && ma[j] == mb[j])
        j++;
    if (j < job.batch)
        fault(s,
              "cmac bins %u, partitions %u, paths %u, batch %u, first %u: block %u: shift %d, not %d; magnitude %u, "
              "not %u",
              job.bins, job.partitions, job.paths, job.batch, job.first, j, sb[j], sa[j], mb[j], ma[j]);
    else if (at < words)
        fault(s, "cmac bins %u, partitions %u, paths %u, batch %u, first %u: block %u, bin %u: %d, not %d", job.bins,
              job.partitions, job.paths, job.batch, job.first, at / (2 * job.bins), at % (2 * job.bins) / 2, b[at],
              a[at]);
    else if (!room_intact(&t.yb))
        fault(s, "cmac bins %u, batch %u: writes outside its tiles", job.bins, job.batch);
    else
        passed(s);
    room_free(&t.x);
    room_free(&t.h);
    room_free(&t.ya);
    room_free(&t.yb);
}

/* Sums made to measure: x = -2^30 twice and 1 once reach any 64-bit value, here ties and what lies beside them. */
static void tied_sums(suite *s, const nave_dsp *dsp, unsigned shift)
{
    enum { BINS = 64 };
    source *r = &s->random;
    int32_t x[3][2 * BINS] __attribute__((aligned(64))), h[3][2 * BINS] __attribute__((aligned(64)));
    int32_t a[2 * BINS] __attribute__((aligned(64))), b[2 * BINS] __attribute__((aligned(64)));
    for (int k = 0; k < BINS; k++) {
        int64_t sum = ((int64_t)(any(r) >> 35) << shift) + ((int64_t)1 << shift >> 1) + pick(r, 3) - 1;
        if (k == 0) /* sets the shift */
            sum = ((int64_t)1 << (NAVE_SPECTRUM_BITS - 1 + shift)) + any(r) % 1000;
        sum = k && pick(r, 2) ? -sum : sum;
        const int64_t quarter = (sum + ((int64_t)1 << 31)) >> 32, rest = sum - quarter * ((int64_t)1 << 32);
        for (int p = 0; p < 2; p++) {
            x[p][2 * k] = x[p][2 * k + 1] = -(1 << 30);
            h[p][2 * k] = (int32_t)-quarter;
            h[p][2 * k + 1] = (int32_t)quarter;
        }
        x[2][2 * k] = 1;
        x[2][2 * k + 1] = -1;
        h[2][2 * k] = (int32_t)(rest / 2);
        h[2][2 * k + 1] = (int32_t)(rest - rest / 2);
    }
    const uint8_t align[3] = {0};
    const nave_cmac_job job = {BINS,  0,
                               1,     3,
                               1,     (const int32_t *const[]){x[0], x[1], x[2]},
                               align, (const int32_t *const[]){h[0], h[1], h[2]}};
    int sa, sb;
    uint32_t ma, mb;
    nave_cmac_c(&job, (int32_t *const[]){a}, &sa, &ma);
    dsp->cmac(&job, (int32_t *const[]){b}, &sb, &mb);
    if (sa != (int)shift || sa != sb || ma != mb || memcmp(a, b, sizeof(a)))
        fault(s, "cmac of ties, shift %u: shift %d, not %d; magnitude %u, not %u", shift, sb, sa, mb, ma);
    else
        passed(s);
}

void check_cmac(suite *s, const nave_dsp *dsp)
{
    for (unsigned i = 0; i < 34 * 20; i++)
        tied_sums(s, dsp, i % 34);
    for (uint32_t i = 0; i < s->cases; i++)
        one_cmac(s, dsp, i);
}

void check_load(suite *s, const nave_dsp *dsp)
{
    for (uint32_t i = 0; i < s->cases; i++) {
        const size_t n = i % 8 ? i / 2 % 100 : pick(&s->random, 5000), off = 4 * pick(&s->random, 16);
        room src = room_make(4 * n, off), a = room_make(4 * n, 0), b = room_make(4 * n, 4 * pick(&s->random, 16));
        fill(&s->random, (int32_t *)src.at, n, (pattern)(i % PATTERNS), 1u << pick(&s->random, 32), INT32_MAX);
        const uint32_t ma = nave_load_c((int32_t *)a.at, (int32_t *)src.at, n);
        const uint32_t mb = dsp->load((int32_t *)b.at, (int32_t *)src.at, n);
        if (ma != mb || memcmp(a.at, b.at, 4 * n) || !room_intact(&b))
            fault(s, "load of %zu words: magnitude %u, not %u%s", n, mb, ma, room_intact(&b) ? "" : ", writes outside");
        else
            passed(s);
        room_free(&src);
        room_free(&a);
        room_free(&b);
    }
}

void check_overlap(suite *s, const nave_dsp *dsp)
{
    for (uint32_t i = 0; i < s->cases; i++) {
        const size_t n = 2 * (i % 8 ? pick(&s->random, 40) : pick(&s->random, 2500));
        const int shift = (int)(i % 81) - 40;
        room z = room_make(4 * n, 8 * pick(&s->random, 8));
        room a = room_make(8 * n, 0), b = room_make(8 * n, 8 * pick(&s->random, 8));
        fill(&s->random, (int32_t *)z.at, n, (pattern)pick(&s->random, PATTERNS),
             1u << (pick(&s->random, 2) ? 31 : pick(&s->random, 32)), INT32_MAX);
        int64_t *ma = (int64_t *)a.at, *mb = (int64_t *)b.at;
        for (size_t k = 0; k < n; k++)
            ma[k] = mb[k] = (int64_t)any(&s->random) >> (2 + pick(&s->random, 60));
        nave_overlap_c(ma, (int32_t *)z.at, n, shift);
        dsp->overlap(mb, (int32_t *)z.at, n, shift);
        size_t k = 0;
        while (k < n && ma[k] == mb[k])
            k++;
        if (k < n)
            fault(s, "overlap shift %d, n %zu: sample %zu: %lld, not %lld", shift, n, k, (long long)mb[k],
                  (long long)ma[k]);
        else if (!room_intact(&b))
            fault(s, "overlap shift %d, n %zu: writes outside the mix", shift, n);
        else
            passed(s);
        room_free(&z);
        room_free(&a);
        room_free(&b);
    }
}

static int32_t gain(source *r)
{
    static const int32_t fixed[] = {0, 1 << 28, -(1 << 28), 1, -1, INT32_MAX, INT32_MIN, 1 << 27, 1 << 16, 3 << 27};
    const uint32_t i = pick(r, 20);
    return i < 10 ? fixed[i] : (int32_t)any(r) >> pick(r, 20);
}

void check_mix(suite *s, const nave_dsp *dsp)
{
    for (uint32_t i = 0; i < s->cases; i++) {
        source *r = &s->random;
        const size_t n = i % 16 ? i % 71 : pick(r, 2000);
        room wet = room_make(8 * n, 8 * pick(r, 8)), dry = room_make(4 * n, 4 * pick(r, 16));
        const size_t size = i / 2 % 2 ? 8 : 4;
        room a = room_make(size * n, 0), b = room_make(size * n, size * pick(r, 8));
        const int wet_alone = pick(r, 4) == 0; /* has a path of its own */
        const nave_mix_job job = {(int64_t *)wet.at, (int32_t *)dry.at, n, wet_alone ? 1 << 28 : gain(r),
                                  wet_alone ? 0 : gain(r)};
        const uint32_t quiet = pick(r, 64), coarse = pick(r, 40);
        for (size_t k = 0; k < n; k++) {
            const int64_t v = pick(r, 8) ? (int64_t)any(r) >> quiet : pick(r, 2) ? INT64_MAX : INT64_MIN;
            ((int64_t *)wet.at)[k] = pick(r, 2) ? v : (int64_t)((uint64_t)(v >> coarse) << coarse);
        }
        fill(r, (int32_t *)dry.at, n, (pattern)pick(r, PATTERNS), 1u << pick(r, 32), INT32_MAX);
        const uint32_t la = size == 8 ? nave_mix_q44_c((int64_t *)a.at, &job) : nave_mix_q28_c((int32_t *)a.at, &job);
        const uint32_t lb = size == 8 ? dsp->mix_q44((int64_t *)b.at, &job) : dsp->mix_q28((int32_t *)b.at, &job);
        size_t k = 0;
        while (k < n && !memcmp(a.at + size * k, b.at + size * k, size))
            k++;
        if (k < n || la != lb)
            fault(s, "mix_%s wet %d, dry %d, frames %zu: first difference at %zu; limited %u, not %u",
                  size == 8 ? "q44" : "q28", job.wet_q28, job.dry_q28, n, k, lb, la);
        else if (!room_intact(&b))
            fault(s, "mix_%s frames %zu: writes outside", size == 8 ? "q44" : "q28", n);
        else
            passed(s);
        room_free(&wet);
        room_free(&dry);
        room_free(&a);
        room_free(&b);
    }
}

void check_align(suite *s, const nave_dsp *dsp)
{
    for (uint32_t i = 0; i < s->cases; i++) {
        const size_t n = 16 * (1 + pick(&s->random, 16));
        const unsigned shift = 1 + pick(&s->random, 31);
        int32_t x[256] __attribute__((aligned(64))), a[256] __attribute__((aligned(64))),
            b[256] __attribute__((aligned(64)));
        for (size_t k = 0; k < n; k++) /* half of them at a tie */
            x[k] = (int32_t)(k % 2 ? any(&s->random) : (any(&s->random) << shift | 1u << (shift - 1)));
        x[pick(&s->random, (uint32_t)n)] = INT32_MIN;
        nave_align_c(a, x, n, shift);
        dsp->align(b, x, n, shift);
        if (memcmp(a, b, n * sizeof(*a)))
            fault(s, "align by %u of %zu words differs", shift, n);
        else
            passed(s);
    }
}

void check_crc(suite *s, const nave_dsp *dsp)
{
    if (dsp->crc32c(0, "123456789", 9) == 0xe3069283u) /* the check value of the catalogues */
        passed(s);
    else
        fault(s, "crc32c of \"123456789\" isn't e3069283");
    for (uint32_t i = 0; i < s->cases; i++) {
        const size_t n = i % 8 ? pick(&s->random, 1200) : pick(&s->random, 20000),
                     cut = n ? pick(&s->random, (uint32_t)n) : 0;
        room m = room_make(n, pick(&s->random, 64));
        for (size_t k = 0; k < n; k++)
            m.at[k] = (unsigned char)(i % 4 ? any(&s->random) >> 56 : i / 4 % 2 * 0xff);
        const uint32_t a = nave_crc32c_c(0, m.at, n);
        const uint32_t b = dsp->crc32c(0, m.at, n), c = dsp->crc32c(dsp->crc32c(0, m.at, cut), m.at + cut, n - cut);
        if (a != b || a != c)
            fault(s, "crc32c of %zu bytes: %08x, in two parts %08x, not %08x", n, b, c, a);
        else
            passed(s);
        room_free(&m);
    }
}
