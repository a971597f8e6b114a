// rtl/card/control.v with a compiled C program against the same program compiled natively and against the
// instruction-set simulator: every access to the engine's registers. check [VECTORS]: writes the accesses for Icarus,
// then. NAVE_SEED. SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../seed.h"
#include "../undefined.h"
#include "Vnave_control.h"
#include "iss.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <verilated.h>

static std::vector<uint32_t> given, wanted;
static size_t taken;
extern "C" uint32_t nave_test_get(void)
{
    return given[taken++];
}
extern "C" void nave_test_put(uint32_t word)
{
    wanted.push_back(word);
}
extern "C" int nave_test_program(void);

static std::vector<uint32_t> read_hex(const char *path)
{
    std::vector<uint32_t> words;
    FILE *f = fopen(path, "r");
    unsigned word;
    while (f && fscanf(f, "%x", &word) == 1)
        words.push_back(word);
    if (f)
        fclose(f);
    return words;
}

static bool by_simulator(const char *code, const char *high, const char *data)
{
    Iss iss;
    iss.code = read_hex(code);
    const std::vector<uint32_t> behind = read_hex(high);
    iss.code.insert(iss.code.end(), behind.begin(), behind.end());
    const bool whole = iss.code.size() == 2560;
    iss.code.resize(4096);
    std::vector<uint32_t> memory = read_hex(data);
    if (!whole || memory.size() != 1024)
        return false;
    size_t in = 0, out = 0;
    bool good = true;
    iss.load = [&](uint32_t at) {
        if (at >> 28 == 2)
            return at == 0x20000010 && in < given.size() ? given[in++] : (good = false, 0u);
        good = good && at >> 12 == 0x10000;
        return memory[at / 4 % 1024];
    };
    iss.store = [&](uint32_t at, uint32_t word, uint32_t strobe) {
        if (at >> 28 == 2) {
            good = good && at == 0x20000020 && out < wanted.size() && wanted[out++] == word;
            return;
        }
        good = good && at >> 12 == 0x10000;
        uint32_t mask = 0;
        for (unsigned k = 0; k < 4; k++)
            mask |= strobe >> k & 1 ? 255u << 8 * k : 0;
        memory[at / 4 % 1024] = (memory[at / 4 % 1024] & ~mask) | (word & mask);
    };
    unsigned steps = 0;
    for (; good && out < wanted.size() && steps < 10000000; steps++)
        iss.step();
    printf("simulator: %u instructions, %.2f clocks each with memory at once\n", steps, (double)iss.clocks / steps);
    return good && out == wanted.size();
}

// The engine answers once in `slow` clocks; twice, with a reset between: constants survive, variables begin at zero.
static bool by_core(unsigned slow, std::mt19937 &dice)
{
    Vnave_control d;
    const nave::CoverageAtEnd coverage;
    for (int round = 0; round < 2; round++) {
        size_t in = 0, out = 0;
        uint64_t clocks = 0, last = 0;
        d.rst = 1;
        for (int k = 0; k < 4; k++) {
            d.clk = 0;
            d.eval();
            d.clk = 1;
            d.eval();
        }
        d.rst = 0;
        const size_t end = round ? wanted.size() : wanted.size() * 2 / 3;
        for (; out < end; clocks++) {
            d.clk = 0;
            d.b_ready = slow == 1 || dice() % slow == 0;
            d.b_rdata = d.b_ready && in < given.size() ? given[in] : dice();
            d.eval();
            if (d.b_valid && d.b_ready) {
                last = clocks;
                const bool good = d.b_write ? d.b_address == 0x20000020 && d.b_strobe == 15 && d.b_wdata == wanted[out]
                                            : d.b_address == 0x20000010 && in < given.size();
                if (!good) {
                    printf("after %zu words in, %zu out: write %d %08x %x %08x, wanted %08x\n", in, out, d.b_write,
                           d.b_address, d.b_strobe, d.b_wdata, wanted[out]);
                    return false;
                }
                d.b_write ? out++ : in++;
            }
            if (clocks - last > 100000) {
                printf("no access in 100000 clocks, after %zu words in, %zu out\n", in, out);
                return false;
            }
            d.clk = 1;
            d.eval();
        }
        if (round && slow == 1)
            printf("core: %llu clocks\n", (unsigned long long)clocks);
    }
    return true;
}

int main(int argc, char **argv)
{
    const unsigned seed = (unsigned)seed_of_run();
    std::mt19937 dice(seed);
    random_undefined(seed);
    for (int k = 0; k < 200; k++)
        given.push_back(dice() % 5 ? dice() : dice() % 3 * 0x7fffffff);
    nave_test_program();
    if (argc > 1) {
        FILE *f = fopen(argv[1], "w");
        if (!f)
            return 1;
        for (size_t k = 0; k < given.size() || k < wanted.size(); k++)
            fprintf(f, "%08x %08x\n", k < given.size() ? given[k] : 0, k < wanted.size() ? wanted[k] : 0);
        return fclose(f) != 0;
    }
    int passed = 0, failed = 0;
    by_simulator(NAVE_TEST_PROGRAM ".hex", NAVE_TEST_PROGRAM "_high.hex", NAVE_TEST_PROGRAM "_data.hex") ? passed++
                                                                                                         : failed++;
    for (unsigned slow : {1, 2, 9})
        by_core(slow, dice) ? passed++ : failed++;
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
