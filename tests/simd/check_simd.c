/* The SIMD blocks give the bits of the C model: each set of CPU flags, each function, each size, random signals and
 * worst cases. NAVE_SEED repeats a run, NAVE_CASES sets its length, --bench measures instead.
 * SPDX-License-Identifier: ISC */
#include "simd_test.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void check(suite *s, const nave_dsp *dsp);
typedef void function(void);

/* One function of a table: checked once for each implementation, however many sets of flags choose it. */
typedef struct block {
    const char *name;
    size_t at; /* in nave_dsp */
    check *run;
} block;

static const block blocks[] = {
    {"load", offsetof(nave_dsp, load), check_load},
    {"fft", offsetof(nave_dsp, fft), check_fft},
    {"post", offsetof(nave_dsp, post), check_post},
    {"cmac", offsetof(nave_dsp, cmac), check_cmac},
    {"pre", offsetof(nave_dsp, pre), check_pre},
    {"overlap", offsetof(nave_dsp, overlap), check_overlap},
    {"align", offsetof(nave_dsp, align), check_align},
    {"mix", offsetof(nave_dsp, mix_q28), check_mix},
    {"crc32c", offsetof(nave_dsp, crc32c), check_crc},
    {"eq", offsetof(nave_dsp, dyn.eq), check_dyn_eq},
    {"split", offsetof(nave_dsp, dyn.split), check_dyn_split},
    {"merge", offsetof(nave_dsp, dyn.merge), check_dyn_merge},
    {"bands", offsetof(nave_dsp, dyn.bands), check_dyn_bands},
    {"peak", offsetof(nave_dsp, dyn.peak), check_dyn_peak},
    {"log2", offsetof(nave_dsp, dyn.log2), check_dyn_log2},
    {"apply", offsetof(nave_dsp, dyn.apply), check_dyn_apply},
};
enum { BLOCKS = sizeof(blocks) / sizeof(*blocks), MASKS = 16 };

static function *implementation(const nave_dsp *dsp, const block *b)
{
    function *f;
    memcpy(&f, (const char *)dsp + b->at, sizeof(f));
    return f;
}

static void name_of(unsigned mask, char name[48])
{
    static const struct {
        unsigned flag;
        const char *name;
    } flags[] = {
        {NAVE_CPU_AVX2, "avx2"}, {NAVE_CPU_AVX512, "avx512"}, {NAVE_CPU_NEON, "neon"}, {NAVE_CPU_SSE42, "sse42"}};
    strcpy(name, mask ? "" : "c");
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (mask & flags[i].flag) {
            strcat(name, *name ? "+" : "");
            strcat(name, flags[i].name);
        }
}

/* The table of an empty mask is the specification itself, and no mask brings what it doesn't name. */
static void check_table(suite *s, unsigned mask, const nave_dsp *dsp, const nave_dsp *model)
{
    nave_dsp same;
    nave_dsp_init(&same, mask & nave_cpu_flags());
    for (int i = 0; i < BLOCKS; i++) {
        if (implementation(dsp, &blocks[i]) != implementation(&same, &blocks[i]) ||
            ((mask & nave_cpu_flags()) == 0 && implementation(dsp, &blocks[i]) != implementation(model, &blocks[i])))
            fault(s, "%s: the table holds a function that its flags don't allow", blocks[i].name);
        else
            passed(s);
    }
}

static void check_all(suite *s)
{
    nave_dsp tables[MASKS], model = {.name = "c",
                                     .load = nave_load_c,
                                     .fft = nave_fft_c,
                                     .post = nave_post_c,
                                     .cmac = nave_cmac_c,
                                     .align = nave_align_c,
                                     .pre = nave_pre_c,
                                     .overlap = nave_overlap_c,
                                     .mix_q28 = nave_mix_q28_c,
                                     .mix_q44 = nave_mix_q44_c,
                                     .crc32c = nave_crc32c_c,
                                     .dyn = nave_dyn_blocks_c};
    for (unsigned mask = 0; mask < MASKS; mask++) {
        char name[48];
        name_of(mask, name);
        s->isa = name;
        nave_dsp_init(&tables[mask], mask);
        check_table(s, mask, &tables[mask], &model);
        for (int i = 0; i < BLOCKS; i++) {
            /* the model needs no comparison with itself, only its checksum the value of the catalogues */
            int known = implementation(&tables[mask], &blocks[i]) == implementation(&model, &blocks[i]) &&
                        (mask != 0 || blocks[i].run != check_crc);
            for (unsigned before = 0; before < mask; before++)
                known |= implementation(&tables[before], &blocks[i]) == implementation(&tables[mask], &blocks[i]);
            if (known)
                continue;
            const uint32_t failed = s->failed, count = s->passed;
            blocks[i].run(s, &tables[mask]);
            printf("%-8s %-8s %6u passed, %u failed\n", name, blocks[i].name, s->passed - count, s->failed - failed);
            fflush(stdout);
        }
    }
    s->isa = "c";
    check_fft_shifts(s);
    check_dyn_limit(s, &model);
    nave_dsp best;
    nave_dsp_init(&best, NAVE_CPU_ALL);
    s->isa = best.name;
    check_dyn_limit(s, &best);
}

int main(int argc, char **argv)
{
    const char *seed = getenv("NAVE_SEED"), *cases = getenv("NAVE_CASES");
    suite s = {.random = {seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) * 1000003}, .cases = 1000};
    if (cases && strtoul(cases, NULL, 0) > 0)
        s.cases = (uint32_t)strtoul(cases, NULL, 0);
    printf("NAVE_SEED=%" PRIu64 " NAVE_CASES=%u, this machine:", s.random.state, s.cases);
    char name[48];
    name_of(nave_cpu_flags(), name);
    printf(" %s\n", name);
    s.random.state = s.random.state * 2 + 1; /* never 0 */
    nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1] = {0};
    for (uint32_t log2n = NAVE_LOG2_MIN_PARTITION; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++)
        if (!(s.tables[log2n] = tables[log2n] = nave_tables_create(log2n))) {
            fprintf(stderr, "check_simd: out of memory\n");
            return 1;
        }
    int code = 0;
    if (argc > 1 && !strcmp(argv[1], "--bench")) {
        code = bench(&s);
    } else {
        check_all(&s);
        printf("%u passed, %u failed\n", s.passed, s.failed);
        code = s.failed > 0;
    }
    for (uint32_t log2n = 0; log2n <= NAVE_LOG2_MAX_PARTITION; log2n++)
        nave_tables_free(tables[log2n]);
    return code;
}
