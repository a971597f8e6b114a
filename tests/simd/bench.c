/* Times of the blocks: nanoseconds an item for each set of functions, and how much faster than the C model.
 * SPDX-License-Identifier: ISC */
#include "simd_test.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

typedef struct bed { /* all that the timed calls use */
    const nave_dsp *dsp;
    const nave_tables *tables;
    int32_t *start, *x, *y;
    int64_t *mix;
    unsigned char *bytes;
    uint32_t magnitude, n;
    nave_cmac_job job;
    int32_t *tile[NAVE_MAX_BATCH];
    uint8_t align[256];
} bed;

static void run_copy(bed *b)
{
    b->magnitude = b->dsp->load(b->x, b->start, 2 * (size_t)b->n);
}

static void run_fft(bed *b)
{
    /* the copy is part of the time: a transform destroys its input */
    uint32_t m = b->dsp->load(b->x, b->start, 2 * (size_t)b->n);
    int exponent = 0;
    b->dsp->fft(b->tables, b->x, b->y, NAVE_FFT_LAST30, &m, &exponent);
}

static void run_post(bed *b)
{
    b->dsp->post(b->tables, b->start, 1u << 28, b->y);
}

static void run_pre(bed *b)
{
    uint32_t m;
    b->dsp->pre(b->tables, b->start, b->align, 1u << 29, b->x, &m);
}

static void run_overlap(bed *b)
{
    b->dsp->overlap(b->mix, b->start, b->n, 11);
}

static void run_mix_q28(bed *b)
{
    const nave_mix_job job = {b->mix, b->start, b->n, 1 << 27, 1 << 28};
    b->dsp->mix_q28(b->x, &job);
}

static void run_mix_wet(bed *b)
{
    const nave_mix_job job = {b->mix, b->start, b->n, 1 << 28, 0};
    b->dsp->mix_q28(b->x, &job);
}

static void run_fft_half(bed *b)
{
    uint32_t m = b->dsp->load(b->x, b->start, 2 * (size_t)b->n);
    int exponent = 0;
    b->dsp->fft(b->tables, b->x, b->y, NAVE_FFT_HALF, &m, &exponent);
}

static void run_mix_q44(bed *b)
{
    const nave_mix_job job = {b->mix, b->start, b->n, 1 << 27, 1 << 28};
    b->dsp->mix_q44(b->mix + b->n, &job);
}

static void run_crc(bed *b)
{
    b->magnitude = b->dsp->crc32c(0, b->bytes, 65536);
}

static void run_cmac(bed *b)
{
    int shift[NAVE_MAX_BATCH];
    uint32_t m[NAVE_MAX_BATCH];
    b->dsp->cmac(&b->job, b->tile, shift, m);
}

static double best_ns(bed *b, void (*run)(bed *))
{
    double best = 1e30, all = 0;
    for (int i = 0; i < 300 && (i < 5 || all < 3e7); i++) {
        const double start = now_ns();
        run(b);
        const double t = now_ns() - start;
        all += t;
        if (t < best)
            best = t;
    }
    return best;
}

static void row(bed *b, const nave_dsp *tables, unsigned count, const char *what, const char *unit, double items,
                void (*run)(bed *))
{
    double c = 0;
    for (unsigned i = 0; i < count; i++) {
        b->dsp = &tables[i];
        const double ns = best_ns(b, run);
        if (i == 0)
            c = ns;
        printf("%-26s %-8s %10.3f us %9.4f ns a %-8s %6.1f times C\n", what, tables[i].name, ns / 1e3, ns / items, unit,
               c / ns);
    }
}

int bench(suite *s)
{
    static const unsigned masks[] = {0, NAVE_CPU_NEON, NAVE_CPU_AVX2 | NAVE_CPU_SSE42,
                                     NAVE_CPU_AVX512 | NAVE_CPU_AVX2 | NAVE_CPU_SSE42};
    nave_dsp tables[4];
    unsigned count = 0;
    for (unsigned i = 0; i < 4; i++) {
        nave_dsp_init(&tables[count], masks[i]);
        if (i == 0 || (strcmp(tables[count].name, "c") && strcmp(tables[count].name, tables[count - 1].name)))
            count++;
    }
    const size_t n = 8192, rows = 96;
    bed b = {.start = aligned_alloc(64, 8 * n),
             .x = aligned_alloc(64, 8 * n),
             .y = aligned_alloc(64, 8 * n),
             .mix = aligned_alloc(64, 16 * n),
             .bytes = aligned_alloc(64, 65536)};
    int32_t *tiles = aligned_alloc(64, rows * 8 * NAVE_TILE_BINS);
    int code = 1;
    if (!b.start || !b.x || !b.y || !b.mix || !b.bytes || !tiles) {
        fprintf(stderr, "check_simd: out of memory\n");
        goto err_free_bed;
    }
    fill(&s->random, b.start, 2 * n, PATTERN_NOISE, 1u << 28, INT32_MAX);
    fill(&s->random, tiles, rows * 2 * NAVE_TILE_BINS, PATTERN_NOISE, 1u << 26, INT32_MAX);
    memset(b.mix, 0, 16 * n);
    memset(b.bytes, 0x5a, 65536);
    char what[64];
    for (uint32_t log2n = 6; log2n <= 13; log2n++) {
        b.n = 1u << log2n;
        b.tables = s->tables[log2n];
        snprintf(what, sizeof(what), "fft %u (with load)", b.n);
        row(&b, tables, count, what, "point", b.n, run_fft);
    }
    row(&b, tables, count, "fft 8192, half", "point", n, run_fft_half);
    row(&b, tables, count, "load 16384", "word", 2 * n, run_copy);
    row(&b, tables, count, "post 8192", "bin", n, run_post);
    row(&b, tables, count, "pre 8192", "bin", n, run_pre);
    row(&b, tables, count, "overlap 8192", "sample", n, run_overlap);
    row(&b, tables, count, "mix_q28 8192, wet alone", "sample", n, run_mix_wet);
    row(&b, tables, count, "mix_q28 8192", "sample", n, run_mix_q28);
    memset(b.mix, 0, 16 * n);
    row(&b, tables, count, "mix_q44 8192", "sample", n, run_mix_q44);
    row(&b, tables, count, "crc32c 65536", "byte", 65536, run_crc);
    const int32_t *at[96];
    for (uint32_t i = 0; i < rows; i++)
        at[i] = tiles + i * 2 * NAVE_TILE_BINS;
    for (uint32_t j = 0; j < NAVE_MAX_BATCH; j++)
        b.tile[j] = b.x + j * 2 * NAVE_TILE_BINS;
    static const uint32_t shape[][2] = {{1, 1}, {6, 1}, {6, 4}, {30, 1}, {30, 4}, {30, 8}};
    for (size_t i = 0; i < sizeof(shape) / sizeof(*shape); i++) {
        b.job = (nave_cmac_job){.bins = NAVE_TILE_BINS,
                                .paths = 1,
                                .partitions = shape[i][0],
                                .batch = shape[i][1],
                                .x = at,
                                .h = at + 48,
                                .align = b.align};
        snprintf(what, sizeof(what), "cmac %u partitions, batch %u", shape[i][0], shape[i][1]);
        row(&b, tables, count, what, "product", (double)NAVE_TILE_BINS * shape[i][0] * shape[i][1], run_cmac);
    }
    code = 0;
err_free_bed:
    free(tiles);
    free(b.bytes);
    free(b.mix);
    free(b.y);
    free(b.x);
    free(b.start);
    return code;
}
