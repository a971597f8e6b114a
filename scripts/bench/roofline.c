/* What the machine can do at best, measured by small loops. Each takes the best of several runs.
 * SPDX-License-Identifier: ISC */
#include "roofline.h"
#include <stdint.h>
#include <string.h>
#include <time.h>

#define RUNS 7
#define ROUNDS 200000u

double nave_bench_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A chain of additions that each need the one before: one a cycle on every CPU of interest. */
static double clock_hz(void)
{
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        uint64_t v = (uint64_t)run;
        const double start = nave_bench_now_s();
        for (uint32_t i = 0; i < ROUNDS; i++)
            for (int k = 0; k < 16; k++) {
                v += i;
                __asm__ volatile("" : "+r"(v));
            }
        const double took = nave_bench_now_s() - start;
        best = took < best ? took : best;
    }
    return 16.0 * ROUNDS / best;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define TWELVE(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11)
#define ZERO_512(i) __m512i s##i = _mm512_setzero_si512();
#define KEEP(i) __asm__ volatile("" : : "x"(s##i));
/* the empty asm makes each product one of its own */
#define MULTIPLY_512(i)                                                                                                \
    __asm__ volatile("" : "+x"(a));                                                                                    \
    s##i = _mm512_mul_epi32(a, b);                                                                                     \
    KEEP(i)
#define MULTIPLY_ADD_512(i)                                                                                            \
    __asm__ volatile("" : "+x"(a));                                                                                    \
    s##i = _mm512_add_epi64(s##i, _mm512_mul_epi32(a, b));

__attribute__((target("avx512f"))) static void products_512(int add)
{
    __m512i a = _mm512_set1_epi64(3), b = _mm512_set1_epi64(5);
    TWELVE(ZERO_512)
    if (add)
        for (uint32_t i = 0; i < ROUNDS; i++) {
            TWELVE(MULTIPLY_ADD_512)
        }
    else
        for (uint32_t i = 0; i < ROUNDS; i++) {
            TWELVE(MULTIPLY_512)
        }
    TWELVE(KEEP)
}

#define ZERO_256(i) __m256i s##i = _mm256_setzero_si256();
#define MULTIPLY_256(i)                                                                                                \
    __asm__ volatile("" : "+x"(a));                                                                                    \
    s##i = _mm256_mul_epi32(a, b);                                                                                     \
    KEEP(i)
#define MULTIPLY_ADD_256(i)                                                                                            \
    __asm__ volatile("" : "+x"(a));                                                                                    \
    s##i = _mm256_add_epi64(s##i, _mm256_mul_epi32(a, b));

__attribute__((target("avx2"))) static void products_256(int add)
{
    __m256i a = _mm256_set1_epi64x(3), b = _mm256_set1_epi64x(5);
    TWELVE(ZERO_256)
    if (add)
        for (uint32_t i = 0; i < ROUNDS; i++) {
            TWELVE(MULTIPLY_ADD_256)
        }
    else
        for (uint32_t i = 0; i < ROUNDS; i++) {
            TWELVE(MULTIPLY_256)
        }
    TWELVE(KEEP)
}

__attribute__((target("avx512f"))) static void read_512(const uint8_t *p, size_t bytes)
{
    TWELVE(ZERO_512)
    for (size_t i = 0; i + 256 <= bytes; i += 256) {
        s0 = _mm512_or_si512(s0, _mm512_load_si512(p + i));
        s1 = _mm512_or_si512(s1, _mm512_load_si512(p + i + 64));
        s2 = _mm512_or_si512(s2, _mm512_load_si512(p + i + 128));
        s3 = _mm512_or_si512(s3, _mm512_load_si512(p + i + 192));
    }
    TWELVE(KEEP)
}

__attribute__((target("avx2"))) static void read_256(const uint8_t *p, size_t bytes)
{
    TWELVE(ZERO_256)
    for (size_t i = 0; i + 128 <= bytes; i += 128) {
        s0 = _mm256_or_si256(s0, _mm256_load_si256((const __m256i *)(p + i)));
        s1 = _mm256_or_si256(s1, _mm256_load_si256((const __m256i *)(p + i + 32)));
        s2 = _mm256_or_si256(s2, _mm256_load_si256((const __m256i *)(p + i + 64)));
        s3 = _mm256_or_si256(s3, _mm256_load_si256((const __m256i *)(p + i + 96)));
    }
    TWELVE(KEEP)
}

static double products_per_cycle(const nave_roofline *r, int wide, int add)
{
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        const double start = nave_bench_now_s();
        wide ? products_512(add) : products_256(add);
        const double took = nave_bench_now_s() - start;
        best = took < best ? took : best;
    }
    return 12.0 * ROUNDS * (wide ? 8 : 4) / (best * r->clock_hz);
}

void nave_bench_roofline(nave_roofline *out)
{
    const int wide = __builtin_cpu_supports("avx512f");
    memset(out, 0, sizeof(*out));
    out->clock_hz = clock_hz();
    if (!wide && !__builtin_cpu_supports("avx2"))
        return;
    out->name = wide ? "AVX-512" : "AVX2";
    out->products_per_cycle = products_per_cycle(out, wide, 0);
    out->multiply_adds_per_cycle = products_per_cycle(out, wide, 1);
}

double nave_bench_read_bytes_per_cycle(const nave_roofline *r, const void *buffer, size_t bytes)
{
    const size_t rounds = 1 + (8u << 20) / bytes;
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        const double start = nave_bench_now_s();
        for (size_t i = 0; i < rounds; i++)
            strcmp(r->name, "AVX-512") ? read_256(buffer, bytes) : read_512(buffer, bytes);
        const double took = nave_bench_now_s() - start;
        best = took < best ? took : best;
    }
    return (double)(rounds * bytes) / (best * r->clock_hz);
}
#else
void nave_bench_roofline(nave_roofline *out)
{
    memset(out, 0, sizeof(*out));
    out->clock_hz = clock_hz();
}

double nave_bench_read_bytes_per_cycle(const nave_roofline *r, const void *buffer, size_t bytes)
{
    (void)r, (void)buffer, (void)bytes;
    return 0;
}
#endif
