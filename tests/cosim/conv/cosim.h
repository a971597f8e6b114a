// What the block tests share: seed, number of cases, one report for each difference, the closing line.
// SPDX-License-Identifier: ISC
#ifndef NAVE_COSIM_H
#define NAVE_COSIM_H
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include "../seed.h"
#include "../undefined.h"
extern "C" {
#include "../../simd/simd_test.h"
}

struct Suite {
    source random;
    uint32_t cases, passed_cases = 0, failed_cases = 0;

    Suite(const char *name, uint32_t default_cases)
    {
        const uint64_t seed = seed_of_run();
        const char *count = getenv("NAVE_CASES");
        cases = count ? (uint32_t)strtoul(count, nullptr, 0) : default_cases;
        random.state = seed * 0x9e3779b97f4a7c15ull + 1;
        random_undefined(seed); // the model is made after this
        printf("%s: %u random cases (NAVE_CASES)\n", name, cases);
    }
    void count(bool good)
    {
        passed_cases += good;
        failed_cases += !good;
    }
    /* counts a failed case and says where */
    __attribute__((format(printf, 2, 3))) void fail(const char *format, ...)
    {
        failed_cases++;
        if (failed_cases > 20)
            return;
        va_list list;
        va_start(list, format);
        printf("DIFFERS ");
        vprintf(format, list);
        printf("\n");
        va_end(list);
    }
    int finish() const
    {
        printf("%u passed, %u failed\n", passed_cases, failed_cases);
        return failed_cases || !passed_cases;
    }
    uint64_t any64()
    {
        return any(&random);
    }
    uint32_t below(uint32_t n)
    {
        return pick(&random, n);
    }
    /* a 32-bit word that likes corners */
    int32_t word()
    {
        static const int32_t corner[] = {0,       1,        -1,     INT32_MAX, INT32_MIN, INT32_MIN + 1,
                                         0x10000, -0x10000, 0xffff, 0x8000,    -0x8000,   0x7fff};
        return below(3) ? (int32_t)(any64() >> 32) >> below(32) : corner[below(12)];
    }
};
#endif
