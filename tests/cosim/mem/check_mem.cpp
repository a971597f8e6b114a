// rtl/mem against RAM models that check timing and protocol: three ports read and write at random, every word is
// compared; then the rate of 256-byte bursts is counted. Built once for the HyperRAM and once for the SDRAM.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../seed.h"
#include "../undefined.h"
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <random>
#include <verilated.h>
#ifdef NAVE_TEST_SDRAM
#include "../../../sim/harness/sdram.h"
#include "Vsdram_top.h"
typedef Vsdram_top Top;
#else
#include "../../../sim/harness/hyperram.h"
#include "Vhyperram_top.h"
typedef Vhyperram_top Top;
#endif

static const double clock_mhz = 120;
static int passed, failed;

static void report(bool good, const char *what)
{
    (good ? passed : failed)++;
    if (!good)
        printf("FAIL %s\n", what);
}

struct Burst {
    bool write;
    uint32_t address, words;
    std::vector<uint32_t> data;
};

// A port's side: one command at a time, its words without a gap, every read word compared in its turn.
struct Port {
    Burst burst;
    bool asks = false;
    std::deque<uint32_t> words;                         // of the burst that is being written
    std::deque<std::pair<uint32_t, uint32_t>> expected; // value, address
};

class Bench
{
  public:
#ifdef NAVE_TEST_SDRAM
    Bench(uint32_t seed, double mhz, unsigned rows, unsigned columns) : random(seed), ram(mhz, rows, columns, seed)
    {
        size_words = 2u << (rows + columns);
#else
    Bench(uint32_t seed, double mhz, unsigned delay, unsigned busy) : random(seed), ram(mhz, delay, busy, seed)
    {
        size_words = 2u << 20;
#endif
        shadow.assign(size_words, 0);
        d.clk = 0;
        d.rst = 1;
        for (int i = 0; i < 4; i++)
            clock();
        d.rst = 0;
        for (int i = 0; i < 60000 && !d.ready; i++)
            clock();
        if (!d.ready)
            failure("the controller does not become ready");
        for (uint32_t i = 0; i < size_words; i++) // the probes of the start are overwritten
            poke(i, 0);
    }

    ~Bench()
    {
        nave::count_coverage();
    }
    std::mt19937 random;
    Top d;
    Port port[3];
    uint64_t clocks = 0, words_moved = 0;
    unsigned errors = 0, faults = 0;
    uint32_t size_words = 0;
    std::vector<uint32_t> shadow;
    bool expect_zero = false;
    uint32_t below(uint32_t n)
    {
        return random() % n;
    }

    Burst some_burst(uint32_t window)
    {
        Burst b;
        b.write = random() & 1;
        b.words = below(4) ? 1 + below(64) : below(2) ? 64 : 1;
        // now and then the same few rows again, else anywhere
        const uint32_t block = below(3) ? below(window / 64) : below(size_words / 64);
        b.address = 64 * block + below(65 - b.words);
        b.data.resize(b.words);
        for (auto &v : b.data)
            v = random();
        return b;
    }
    // next: gives port i its next burst, false if it has none for now
    bool run(const std::function<bool(int, Burst &)> &next, uint64_t limit)
    {
        const uint64_t end = clocks + limit;
        while (clocks < end && errors == 0) {
            bool quiet = true;
            for (int i = 0; i < 3; i++) {
                Port &p = port[i];
                if (!p.asks && p.words.empty())
                    p.asks = next(i, p.burst);
                quiet = quiet && !p.asks && p.words.empty() && p.expected.empty();
            }
            if (quiet) { // the last word is still on its way to the pins
                for (int i = 0; i < 20; i++)
                    clock();
                return true;
            }
            clock();
        }
        if (errors == 0)
            failure("a port waits for ever");
        return false;
    }
    uint32_t peek(uint32_t address)
    {
#ifdef NAVE_TEST_SDRAM
        return ram.at(2 * address) | (uint32_t)ram.at(2 * address + 1) << 16;
#else
        uint32_t v;
        memcpy(&v, &ram.memory[4 * (size_t)address], 4);
        return v;
#endif
    }
    void poke(uint32_t address, uint32_t v)
    {
#ifdef NAVE_TEST_SDRAM
        ram.at(2 * address) = (uint16_t)v;
        ram.at(2 * address + 1) = (uint16_t)(v >> 16);
#else
        memcpy(&ram.memory[4 * (size_t)address], &v, 4);
#endif
    }
    bool contents_agree()
    {
        for (uint32_t i = 0; i < size_words; i++)
            if (peek(i) != shadow[i]) {
                printf("word %x of the RAM is %08x, not %08x\n", i, peek(i), shadow[i]);
                return false;
            }
        return true;
    }
#ifdef NAVE_TEST_SDRAM
    nave::Sdram ram;
#else
    nave::HyperRam ram;
    bool absent = false;
#endif

  private:
    void failure(const char *what)
    {
        if (errors++ < 3)
            printf("clock %llu: %s\n", (unsigned long long)clocks, what);
    }
    void clock()
    {
        d.c_valid = d.c_write = d.w_valid = 0;
        memset(&d.w_data, 0, sizeof(d.w_data));
        memset(&d.c_address, 0, sizeof(d.c_address));
        unsigned __int128 address = 0;
        d.c_words = 0;
        for (int i = 0; i < 3; i++) {
            const Port &p = port[i];
            d.c_valid |= p.asks << i;
            d.c_write |= p.burst.write << i;
            address |= (unsigned __int128)p.burst.address << (24 * i);
            d.c_words |= p.burst.words << (7 * i);
            d.w_valid |= !p.words.empty() << i;
            d.w_data[i] = p.words.empty() ? 0xdeadbeef : p.words.front();
        }
        for (int i = 0; i < 3; i++)
            d.c_address[i] = (uint32_t)(address >> (32 * i));
        d.eval(); // the clock is low: second half
        half();
        d.eval();
        const bool on = !d.rst; // what stands at the ports before has no meaning
        const unsigned c = on ? d.c_valid & d.c_ready : 0, w = on ? d.w_valid & d.w_ready : 0, r = on ? d.r_valid : 0;
        const uint32_t r_data = d.r_data;
        faults += on && fault();
        for (int i = 0; i < 3; i++) {
            Port &p = port[i];
            if (r >> i & 1) {
                words_moved++;
                if (p.expected.empty())
                    failure("a word that nobody asked for");
                else {
                    const uint32_t want = expect_zero ? 0 : p.expected.front().first;
                    if (want != r_data) {
                        printf("port %d, word %x: %08x, not %08x\n", i, p.expected.front().second, r_data, want);
                        failure("wrong word");
                    }
                    p.expected.pop_front();
                }
            }
            if (w >> i & 1) {
                words_moved++;
                p.words.pop_front();
            }
            if (c >> i & 1) {
                const Burst &b = p.burst;
                for (uint32_t k = 0; k < b.words; k++)
                    if (b.write) {
                        shadow[b.address + k] = b.data[k];
                        p.words.push_back(b.data[k]);
                    } else
                        p.expected.push_back({shadow[b.address + k], b.address + k});
                p.asks = false;
            }
        }
        pins_before_edge();
        d.clk = 1;
        d.eval();
        half();
        d.eval();
        d.clk = 0;
        clocks++;
    }
#ifdef NAVE_TEST_SDRAM
    uint16_t dq = 0;
    bool fault() const
    {
        return false;
    }
    void half()
    {
        d.ram_dq_i = dq;
    }
    // the pins of the clock that ends are sampled, the RAM's answer is there in the next one
    void pins_before_edge()
    {
        dq = ram.clock({(bool)d.ram_cke, (bool)d.ram_cs_n, (bool)d.ram_ras_n, (bool)d.ram_cas_n, (bool)d.ram_we_n,
                        (bool)d.ram_dq_oe, d.ram_ba, d.ram_a, d.ram_dqm, (uint16_t)d.ram_dq_o});
    }
#else
    bool fault() const
    {
        return d.fault;
    }
    void pins_before_edge()
    {
    }
    void half()
    {
        const nave::HyperRam::Out out = ram.half({(bool)d.ram_reset_n, (bool)d.ram_cs_n, (bool)d.ram_ck,
                                                  (bool)d.ram_dq_oe, (bool)d.ram_rwds_oe, (uint8_t)d.ram_dq_o});
        d.ram_dq_i = absent ? 0xff : out.dq;
        d.ram_rwds_i = absent ? 0 : out.rwds;
    }
#endif
};

static bool random_traffic(Bench &b)
{
    unsigned left = 1500;
    const bool ran = b.run(
        [&](int, Burst &burst) {
            if (!left || b.below(8) == 0)
                return false;
            left--;
            burst = b.some_burst(4096);
            return true;
        },
        2000000);
    // a port may have had nothing for a moment: what is left goes now
    while (ran && left && b.errors == 0)
        b.run(
            [&](int, Burst &burst) {
                if (!left)
                    return false;
                left--;
                burst = b.some_burst(4096);
                return true;
            },
            2000000);
    return ran && b.contents_agree() && b.ram.errors == 0 && b.errors == 0 && b.faults == 0;
}

static double rate(Bench &b, int kind) // 0 reads, 1 writes, 2 both
{
    const uint64_t clocks = b.clocks, words = b.words_moved;
    unsigned left = 3000;
    uint32_t at[3] = {0, b.size_words / 4, b.size_words / 2};
    b.run(
        [&](int i, Burst &burst) {
            if (!left)
                return false;
            left--;
            burst.write = kind == 1 || (kind == 2 && i == 0);
            burst.words = 64;
            burst.address = at[i];
            at[i] += 64;
            burst.data.assign(64, at[i]);
            return true;
        },
        4000000);
    return (double)(b.words_moved - words) * 4 * clock_mhz / (double)(b.clocks - clocks);
}

static void rates(Bench &b, const char *what, double reads, double writes, double both)
{
    const double r = rate(b, 0), w = rate(b, 1), m = rate(b, 2);
    printf("%s, counted at %.0f MHz in bursts of 256 bytes: reads %.1f MB/s, writes %.1f, one writing and two reading "
           "ports %.1f\n",
           what, clock_mhz, r, w, m);
    report(r >= reads && w >= writes && m >= both && b.errors == 0 && b.ram.errors == 0, "rates");
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    const uint32_t seed = (uint32_t)seed_of_run();
    random_undefined(seed);
    char what[80];
#ifdef NAVE_TEST_SDRAM
    for (unsigned rows = 12; rows <= 13; rows++)
        for (unsigned columns = 8; columns <= 10; columns++) {
            snprintf(what, sizeof(what), "SDRAM of %u row and %u column bits", rows, columns);
            Bench b(seed + rows * 16 + columns, clock_mhz, rows, columns);
            report(b.d.log2_words == rows + columns + 1, "size found at the start");
            report(random_traffic(b), what);
        }
    Bench fast(seed, clock_mhz, 13, 9);
    rates(fast, "SDRAM", 200, 200, 200);
    const double refreshes =
        (double)fast.ram.refreshes * 7.8125e-6 / ((double)(fast.ram.now - fast.ram.ready_at) / 120e6);
    report(refreshes > 0.99 && refreshes < 1.05, "as many refreshes as intervals");
    Bench wrong(seed, 180, 13, 9); // the same clocks are too short there
    report(!random_traffic(wrong) && wrong.ram.errors > 0, "the model finds times that are too short");
#else
    for (unsigned delay = 1; delay <= 4; delay++) {
        Bench b(seed + delay, clock_mhz, delay, delay == 1 ? 2 : 6);
        snprintf(what, sizeof(what), "HyperRAM, data %u half clocks late", delay);
        report(random_traffic(b), what);
        report(b.ram.fixed || b.ram.collisions > 100, "bursts met refreshes");
    }
    Bench fast(seed, clock_mhz, 2, 0), met(seed, clock_mhz, 2, 30);
    report(random_traffic(fast), "HyperRAM without refreshes met");
    const bool fixed = fast.ram.fixed;
    rates(fast, fixed ? "HyperRAM, fixed latency" : "HyperRAM", fixed ? 195 : 208, fixed ? 195 : 208,
          fixed ? 195 : 208);
    rates(met, "HyperRAM, one burst of 30 meets a refresh", fixed ? 195 : 205, fixed ? 195 : 205, fixed ? 195 : 205);
    Bench wrong(seed, 200, 2, 6); // clocks that are long enough at 120 MHz
    report(!random_traffic(wrong) && wrong.ram.errors > 0, "the model finds times that are too short");
    Bench slow(seed, 30, 2, 6);
    report(!random_traffic(slow) && slow.ram.errors > 0, "the model finds a burst longer than tCSM");
    Bench empty(seed, clock_mhz, 2, 6);
    empty.absent = empty.expect_zero = true;
    unsigned left = 20;
    const bool ran = empty.run(
        [&](int, Burst &burst) {
            if (!left)
                return false;
            left--;
            burst = empty.some_burst(4096);
            return true;
        },
        100000);
    report(ran && empty.faults > 0, "no device: zeros and a fault, not a hang");
#endif
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
