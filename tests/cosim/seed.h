// The seed of a run: NAVE_SEED, or any; it is printed, and the same number repeats the run.
// SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

static inline uint64_t seed_of_run()
{
    const char *given = getenv("NAVE_SEED");
    const uint64_t seed = given ? strtoull(given, nullptr, 0) : std::random_device{}();
    printf("NAVE_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    return seed;
}
