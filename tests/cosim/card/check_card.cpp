// The whole card in Verilog against the C card: the same words into both, good frames and bad; every word that comes
// out is compared, the RAM after each frame or at the end of the case, all registers at its end. A case is a session of
// one to three contexts with random plans. NAVE_SEED repeats a run, NAVE_CASES says how many cases, NAVE_CASE=k runs
// case k alone, NAVE_TRACE=FILE.fst traces it (a build with TRACE=1). SPDX-License-Identifier: ISC
#include "session.h"
#include "../seed.h"
#include <cerrno>
#include <cstdlib>
#include <ctime>

static uint64_t all_clocks, all_words;
static double all_seconds;

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *given = getenv(name);
    return given ? strtoull(given, nullptr, 0) : otherwise;
}

static test_limits limits_of_build()
{
    const unsigned log2n = nave::Card::log2_max_partition();
    test_limits l = {};
    l.max_log2 = log2n;
    l.max_batch = log2n >= 13 ? 8 : 1u << (log2n - 10);
    l.lanes = nave::Card::lanes();
    l.max_plan_words = 4096;
    l.cycles = 60000;
    return l;
}

static bool run_case(uint64_t seed, uint64_t k)
{
    test_random r = {seed * 1000003 + k};
    nave::CardSettings s;
    s.stalls = k % 3 ? 1 + test_next(&r) : 0;
    s.fill = 1 + test_next(&r) % 1000000;
    if (getenv("NAVE_TRACE"))
        s.trace = getenv("NAVE_TRACE");
    Both b(s, limits_of_build());
    b.step_by_step = k % 4 == 0;
    Session session(b, r, limits_of_build());
    const clock_t start = clock();
    session.run();
    all_seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
    all_clocks += b.rtl.clocks;
    all_words += b.compared;
    if (b.rtl.ram_errors())
        b.fail("the RAM model saw a rule broken");
    if (b.failed)
        printf("FAIL case %llu (%s)\n  repeat: NAVE_SEED=%llu NAVE_CASE=%llu %s\n", (unsigned long long)k,
               session.what.c_str(), (unsigned long long)seed, (unsigned long long)k, program_invocation_name);
    else if (getenv("NAVE_VERBOSE"))
        printf("case %llu: %llu clocks, %llu words (%s)\n", (unsigned long long)k, (unsigned long long)b.rtl.clocks,
               (unsigned long long)b.compared, session.what.c_str());
    return !b.failed;
}

int main()
{
    const uint64_t seed = seed_of_run();
    const uint64_t cases = from_environment("NAVE_CASES", 20);
    printf("card with RAM %s, %u lanes, partitions up to %u: %llu cases (NAVE_CASES)\n", nave::Card::ram_kind(),
           nave::Card::lanes(), 1u << nave::Card::log2_max_partition(), (unsigned long long)cases);
    unsigned passed = 0, failed = 0;
    if (getenv("NAVE_CASE"))
        (run_case(seed, from_environment("NAVE_CASE", 0)) ? passed : failed)++;
    else
        for (uint64_t k = 0; k < cases && failed < 5; k++)
            (run_case(seed, k) ? passed : failed)++;
    printf("%u plans started, %llu words compared, %llu clocks, %.0f kcycles/s of CPU time with the C card and the "
           "checks\n",
           all_plans, (unsigned long long)all_words, (unsigned long long)all_clocks,
           (double)all_clocks / all_seconds / 1e3);
    if (cases >= 100 && !getenv("NAVE_CASE"))
        for (unsigned s = 0; s <= NAVE_STATUS_FULL; s++)
            if (!status_seen[s]) {
                printf("FAIL status %u was never answered\n", s);
                failed++;
            }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
