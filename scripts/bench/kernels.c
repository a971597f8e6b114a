/* The C card's multiply-accumulate and transform in cycles, beside what the machine allows at best.
 *
 *   kernels [--quick]
 *
 * SPDX-License-Identifier: ISC */
#include "../../sim/model/dsp.h"
#include "roofline.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PARTITIONS 64
#define ALIGNED 0 /* no block needs a shift */

static void quit(const char *what)
{
    fprintf(stderr, "kernels: %s\n", what);
    exit(1);
}

static int32_t *noise(size_t words, uint32_t seed)
{
    int32_t *p = aligned_alloc(64, (words * sizeof(*p) + 63) / 64 * 64);
    if (!p)
        quit("out of memory");
    for (size_t i = 0; i < words; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (int32_t)seed >> 4;
    }
    return p;
}

typedef struct cmac_case {
    const char *where;
    uint32_t bins, tiles, partitions,
        batch; /* a spectrum has tiles * bins bins, walked tile by tile as the card does */
} cmac_case;

/* Seconds of one walk over all tiles. */
static double walk(const nave_dsp *dsp, const cmac_case *c, int32_t *x, int32_t *h, double least_s)
{
    const uint32_t slots = c->partitions + c->batch - 1, stride = 2 * c->bins * c->tiles + (c->tiles > 1 ? 16 : 0);
    const int32_t *x_list[MOST_PARTITIONS + NAVE_MAX_BATCH], *h_list[MOST_PARTITIONS];
    uint8_t align[MOST_PARTITIONS + NAVE_MAX_BATCH];
    int32_t *y[NAVE_MAX_BATCH];
    int shift[NAVE_MAX_BATCH];
    uint32_t magnitude[NAVE_MAX_BATCH], walks = 0;
    double best = 1e9;
    for (uint32_t j = 0; j < c->batch; j++)
        y[j] = noise(2 * c->bins, j);
    memset(align, ALIGNED, sizeof(align));
    const double begin = nave_bench_now_s();
    do {
        const double start = nave_bench_now_s();
        for (uint32_t tile = 0; tile < c->tiles; tile++) {
            const size_t at = 2 * (size_t)c->bins * tile;
            for (uint32_t s = 0; s < slots; s++)
                x_list[s] = x + (size_t)s * stride + at;
            for (uint32_t p = 0; p < c->partitions; p++)
                h_list[p] = h + (size_t)p * stride + at;
            const nave_cmac_job job = {.bins = c->bins,
                                       .first = tile == 0,
                                       .paths = 1,
                                       .partitions = c->partitions,
                                       .batch = c->batch,
                                       .x = x_list,
                                       .align = align,
                                       .h = h_list};
            dsp->cmac(&job, y, shift, magnitude);
        }
        const double took = nave_bench_now_s() - start;
        best = took < best ? took : best;
    } while (++walks < 16 || nave_bench_now_s() - begin < least_s);
    for (uint32_t j = 0; j < c->batch; j++)
        free(y[j]);
    return best;
}

static void cmac_table(const nave_dsp *dsp, const nave_roofline *r, double least_s)
{
    const uint32_t bins_of_tile = NAVE_TILE_BINS, tiles = (1u << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS;
    const cmac_case cases[] = {{"L1", 64, 1, 16, 1},
                               {"L1", 64, 1, 16, 4},
                               {"L2", bins_of_tile, tiles / 8, 30, 1},
                               {"L2", bins_of_tile, tiles / 8, 30, 4},
                               {"L3", bins_of_tile, tiles, 30, 1},
                               {"L3", bins_of_tile, tiles, 30, 4},
                               {"L3", bins_of_tile, tiles, 30, 8}};
    printf("| multiply-accumulate: spectra in | partitions | blocks at once | cycles / complex product | product bound "
           "| read bound | of the larger bound |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const cmac_case *c = &cases[i];
        const size_t bins = (size_t)c->bins * c->tiles, row = 2 * bins + (c->tiles > 1 ? 16 : 0);
        const size_t words = row * (2 * c->partitions + c->batch - 1);
        int32_t *x = noise(words, 1), *h = x + row * (c->partitions + c->batch - 1);
        const double products = (double)bins * c->partitions * c->batch;
        const double cycles = walk(dsp, c, x, h, least_s) * r->clock_hz / products;
        printf("| %s, %zu KiB | %u | %u | %.3f |", c->where, words * sizeof(*x) / 1024, c->partitions, c->batch,
               cycles);
        if (r->name) {
            const double multiply = 4 / r->products_per_cycle;
            const double read = (double)words * sizeof(*x) / products /
                                nave_bench_read_bytes_per_cycle(r, x, words * sizeof(*x) / 256 * 256);
            printf(" %.3f | %.3f | %.0f %% |\n", multiply, read, 100 * (multiply > read ? multiply : read) / cycles);
        } else {
            printf(" - | - | - |\n");
        }
        free(x);
    }
}

static void fft_table(const nave_dsp *dsp, const nave_roofline *r, double least_s)
{
    printf("\n| complex transform of | us | passes | cycles / point and pass | product bound | of the bound |\n"
           "|---|---|---|---|---|---|\n");
    for (uint32_t log2n = NAVE_LOG2_MIN_PARTITION; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++) {
        const uint32_t n = 1u << log2n;
        nave_tables *tables = nave_tables_create(log2n);
        int32_t *x = noise(2 * n, log2n), *y = noise(2 * n, log2n + 20);
        if (!tables)
            quit("out of memory");
        uint32_t magnitude = dsp->load(x, x, 2 * n), runs = 0;
        double best = 1e9;
        const double begin = nave_bench_now_s();
        do {
            int exponent = 0;
            const double start = nave_bench_now_s();
            for (int k = 0; k < 8; k++) { /* each transforms what the one before gave */
                int32_t *z = dsp->fft(tables, x, y, 0, &magnitude, &exponent);
                if (z != x) {
                    y = x;
                    x = z;
                }
            }
            const double took = (nave_bench_now_s() - start) / 8;
            best = took < best ? took : best;
        } while (++runs < 16 || nave_bench_now_s() - begin < least_s);
        const double cycles = best * r->clock_hz / n / tables->passes;
        printf("| %u | %.2f | %u | %.2f |", n, best * 1e6, tables->passes, cycles);
        if (r->name) { /* three complex products for four points in each radix-4 pass after the first */
            const uint32_t multiplying = tables->passes - 1;
            const double bound = 3.0 * multiplying / tables->passes / r->products_per_cycle;
            printf(" %.2f | %.0f %% |\n", bound, 100 * bound / cycles);
        } else {
            printf(" - | - |\n");
        }
        free(x);
        free(y);
        nave_tables_free(tables);
    }
}

int main(int argc, char **argv)
{
    const double least_s = argc > 1 && strcmp(argv[1], "--quick") == 0 ? 0.01 : 0.2;
    nave_dsp dsp;
    nave_roofline r;
    nave_dsp_init(&dsp, NAVE_CPU_ALL);
    nave_bench_roofline(&r);
    printf("The card's blocks as %s, in cycles of a core at %.2f GHz (measured). ", dsp.name, r.clock_hz * 1e-9);
    if (r.name)
        printf("At best the machine makes %.1f products (32 by 32 to 64 bits, %s) or %.1f products with their sums a "
               "cycle.\n\n",
               r.products_per_cycle, r.name, r.multiply_adds_per_cycle);
    else
        printf("No roofline is known for this machine.\n\n");
    cmac_table(&dsp, &r, least_s);
    fft_table(&dsp, &r, least_s);
    return 0;
}
