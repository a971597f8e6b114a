// rtl/conv/transform.v against nave_fft_c, nave_post_c, nave_pre_c: every word, exponent and magnitude; all sizes; the
// patterns of tests/simd; counted cycles beside the formulas. A transform that differs is run again, pass by pass.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_transform.h"
#include "Vnave_transform___024root.h"
#include "cosim.h"
extern "C" {
#include "../../../sim/model/arith.h"
}
#include <cmath>
#include <cstring>
#include <vector>

#define CYCLES_FFT(n, passes) (3 + (passes) * (LANES == 2 ? (n) / 2 + 44 : 3 * (n) / 4 + 43))
#define CYCLES_PAIR 45
enum { FFT, POST, PRE };
static const char *const op_name[] = {"fft", "post", "pre"};
typedef std::vector<int32_t> Words;
static Vnave_transform *top;
static uint64_t cycles;

static void tick()
{
    top->clk = 0;
    top->eval();
    top->clk = 1;
    top->eval();
    cycles++;
}

/* From the definition: the sub-transform of the samples that are congruent stands together, one after the other. */
static uint32_t reversed(uint32_t index, uint32_t log2n)
{
    uint32_t address = 0, at = 0, left = log2n;
    if (left % 2) {
        address = index >> (left - 1) & 1;
        at = 1;
        left--;
    }
    for (; left; left -= 2, at += 2)
        address |= (index >> (left - 2) & 3) << at;
    return address;
}

static void write_word(uint32_t address, const int32_t *w)
{
    top->write = 1;
    top->write_address = address;
    top->write_data = (uint32_t)w[0] | (uint64_t)(uint32_t)w[1] << 32;
    tick();
    top->write = 0;
}

static Words read_words(uint32_t log2n, bool rev)
{
    const uint32_t n = 1u << log2n;
    Words out(2 * n);
    uint32_t got = 0;
    for (uint32_t i = 0; got < n; i++) {
        top->read = i < n;
        top->read_address = i < n ? (rev ? reversed(i, log2n) : i) : 0;
        tick();
        if (top->read_valid) {
            out[2 * got] = (int32_t)top->read_data;
            out[2 * got + 1] = (int32_t)(top->read_data >> 32);
            got++;
        }
        if (i > n + 100)
            break;
    }
    top->read = 0;
    return out;
}

static void load(const Words &x, uint32_t log2n, bool rev)
{
    for (uint32_t i = 0; i < 1u << log2n; i++)
        write_word(rev ? reversed(i, log2n) : i, &x[2 * i]);
    for (int i = 0; i < 4; i++)
        tick();
}

struct Result {
    int exponent = 0;
    uint32_t magnitude = 0;
    uint64_t cycles = 0;
    bool finished = false;
};

static void begin(int op, uint32_t log2n, bool last30, uint32_t magnitude)
{
    top->s_valid = 1;
    top->s_op = op;
    top->s_log2n = log2n;
    top->s_last30 = last30;
    top->s_magnitude = magnitude;
    while (top->eval(), !top->s_ready)
        tick();
    tick();
    top->s_valid = 0;
    top->s_magnitude = 0xdeadbeef; // only taken with the command
}

static Result run(Suite &s, int op, uint32_t log2n, bool last30, uint32_t magnitude)
{
    begin(op, log2n, last30, magnitude);
    Result r;
    const uint64_t start = cycles;
    while (!top->m_valid && cycles - start < 200000)
        tick();
    r.finished = top->m_valid;
    r.cycles = cycles - start + 1;
    for (uint32_t stall = s.below(4); stall; stall--) // the result waits
        tick();
    r.exponent = (int8_t)top->m_exponent;
    r.magnitude = top->m_magnitude;
    top->m_ready = 1;
    tick();
    top->m_ready = 0;
    return r;
}

/* What the buffer holds, read behind the RTL's back. */
#define BANK(b, l)                                                                                                     \
    top->rootp                                                                                                         \
        ->nave_transform__DOT__buffer__DOT__bank__BRA__##b##__KET____DOT__part__BRA__##l##__KET____DOT__ram__DOT__word
static uint64_t peek(uint32_t address)
{
    uint32_t bank = 0;
    for (uint32_t a = address; a; a >>= 2)
        bank ^= a & 3;
    const uint32_t row = address >> 2;
#if LANES == 1
    return bank == 0   ? BANK(0, 0)[row]
           : bank == 1 ? BANK(1, 0)[row]
           : bank == 2 ? BANK(2, 0)[row]
                       : BANK(3, 0)[row];
#else
    const uint32_t at = row / 2;
    if (row % 2 == 0)
        return bank == 0   ? BANK(0, 0)[at]
               : bank == 1 ? BANK(1, 0)[at]
               : bank == 2 ? BANK(2, 0)[at]
                              : BANK(3, 0)[at];
    return bank == 0   ? BANK(0, 1)[at]
           : bank == 1 ? BANK(1, 1)[at]
           : bank == 2 ? BANK(2, 1)[at]
                          : BANK(3, 1)[at];
#endif
}

/* Runs a transform that differed again and names the first pass and index. The model's state after k passes is that of
 * a table with k passes; its order is turned to the addresses of the in-place transform. */
static void name_pass(const nave_tables *t, const Words &x, bool last30, uint32_t magnitude)
{
    const uint32_t log2n = t->log2n, n = 1u << log2n;
    load(x, log2n, true);
    begin(FFT, log2n, last30, magnitude);
    uint32_t pass = 0, columns = 1;
    int up = 0;
    while (pass < t->passes && !top->m_valid) {
        const uint32_t digit = top->rootp->nave_transform__DOT__fft__DOT__digit;
        const bool done = top->m_valid;
        tick();
        if (!done && !top->m_valid && top->rootp->nave_transform__DOT__fft__DOT__digit == digit)
            continue;
        nave_tables *part = (nave_tables *)aligned_alloc(64, (sizeof(*t) + 63) / 64 * 64);
        *part = *t;
        part->passes = pass + 1;
        int32_t *a = (int32_t *)aligned_alloc(64, 8 * n), *b = (int32_t *)aligned_alloc(64, 8 * n);
        memcpy(a, x.data(), 8 * n);
        uint32_t m = magnitude;
        int e = 0;
        const int32_t *y = nave_fft_c(part, a, b, pass + 1 == t->passes && last30 ? NAVE_FFT_LAST30 : 0, &m, &e);
        if (pass == 0)
            up = e < 0 ? -e : 0; // the RTL raises where the second pass reads
        columns *= t->pass[pass] ? 4 : 2;
        const uint32_t s = n / columns;
        for (uint32_t i = 0; i < n; i++) { // model: column p, sub-transform r at p s + r
            const uint32_t p = i / s, r = i % s, address = reversed(r, log2n) + p;
            const uint64_t got = peek(address);
            const int32_t re = (int32_t)got << (pass == 0 ? up : 0), im = (int32_t)(got >> 32) << (pass == 0 ? up : 0);
            if (re != y[2 * i] || im != y[2 * i + 1]) {
                printf("  first at fft, pass %u, index %u (column %u of transform %u, address %u): got %d %d, model %d "
                       "%d\n",
                       pass, i, p, r, address, re, im, y[2 * i], y[2 * i + 1]);
                pass = t->passes;
                break;
            }
        }
        free(a);
        free(b);
        free(part);
        pass++;
    }
    for (int i = 0; i < 100000 && !top->m_valid; i++)
        tick();
    top->m_ready = 1;
    tick();
    top->m_ready = 0;
}

static uint32_t seen_shift[3][8], seen_up, seen_zero;

static void compare(Suite &s, int op, const nave_tables *t, Words x, pattern p, bool last30, uint8_t *align)
{
    const uint32_t log2n = t->log2n, n = 1u << log2n;
    Words y(2 * n);
    uint32_t magnitude = largest(x.data(), 2 * n), model_magnitude = magnitude;
    int exponent = 0;
    int32_t *a = (int32_t *)aligned_alloc(64, 8 * n), *b = (int32_t *)aligned_alloc(64, 8 * n);
    memcpy(a, x.data(), 8 * n);
    const int32_t *want = b;
    if (op == FFT)
        want = nave_fft_c(t, a, b, last30 ? NAVE_FFT_LAST30 : 0, &model_magnitude, &exponent);
    else if (op == POST)
        exponent = nave_post_c(t, a, magnitude, b);
    else
        exponent = nave_pre_c(t, a, align, magnitude, b, &model_magnitude);
    load(x, log2n, op != POST);
    const Result r = run(s, op, log2n, last30, magnitude);
    const Words got = read_words(log2n, op == PRE);
    uint32_t first = 2 * n;
    for (uint32_t i = 0; i < 2 * n && first == 2 * n; i++)
        if (got[i] != want[i])
            first = i;
    if (op == FFT) {
        seen_up += exponent < 0;
        seen_zero += magnitude == 0;
    }
    if (exponent >= 0 && exponent < 8)
        seen_shift[op][exponent]++;
    const char *what = op_name[op], *shape = pattern_name[p];
    if (!r.finished)
        s.fail("%s n %u %s: never finished", what, n, shape);
    else if (r.exponent != exponent)
        s.fail("%s n %u %s%s: exponent %d, model %d", what, n, shape, last30 ? " last30" : "", r.exponent, exponent);
    else if (op != POST && r.magnitude != model_magnitude)
        s.fail("%s n %u %s: magnitude %u, model %u", what, n, shape, r.magnitude, model_magnitude);
    else if (first < 2 * n)
        s.fail("%s n %u %s: word %u (bin %u %s), got %d, model %d", what, n, shape, first, first / 2,
               first % 2 ? "im" : "re", got[first], want[first]);
    else
        s.count(true);
    if (op == FFT && r.finished && (first < 2 * n || r.exponent != exponent) && s.failed_cases <= 3)
        name_pass(t, x, last30, magnitude);
    free(a);
    free(b);
}

static void one_case(Suite &s, const nave_tables *t, int op, pattern p)
{
    const uint32_t n = 1u << t->log2n;
    Words x(2 * n);
    uint8_t align[(1 << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS] = {0}; // load.v aligns
    const bool last30 = s.below(2);
    // post wants |z| < 2^30, pre -2^30 .. 2^30 - 1
    const uint32_t limit = op == FFT   ? 1u << (31 - (s.below(3) ? 0 : s.below(31)))
                           : op == PRE ? 1u << 30
                                       : (1u << 30) - 1;
    fill(&s.random, x.data(), 2 * n, p, limit, limit > 1u << 30 ? INT32_MAX : (int32_t)limit - 1);
    compare(s, op, t, x, p, last30, align);
}

/* One word at each limit and beside it: it reaches the second pass, and the last, unchanged or doubled. */
static void limits(Suite &s, const nave_tables *t)
{
    static const uint32_t limit[] = {NAVE_LIMIT_RADIX2, NAVE_LIMIT_RADIX4_FIRST, NAVE_LIMIT_RADIX4,
                                     NAVE_LIMIT_RADIX4 / 2, NAVE_LIMIT_POST};
    const uint32_t n = 1u << t->log2n;
    uint8_t align[(1 << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS] = {0};
    for (uint32_t l : limit)
        for (int up = -1; up <= 2; up++)
            for (int beside = -1; beside <= 1; beside++) {
                const int64_t v = (up < 0 ? (int64_t)l >> 1 : (int64_t)l << up) + beside;
                for (int op = FFT; op <= PRE; op++) {
                    if (v > INT32_MAX || (op != FFT && v >= 1 << 30))
                        continue;
                    Words x(2 * n);
                    x[2 * s.below(n) + s.below(2)] = (int32_t)(s.below(2) ? v : -v);
                    compare(s, op, t, x, PATTERN_IMPULSE, beside & 1, align);
                    x.assign(2 * n, 0);
                    x[0] = (int32_t)v; // the whole transform is v
                    compare(s, op, t, x, PATTERN_IMPULSE, !(beside & 1), align);
                }
            }
}

/* Cycles of each operation beside the formula, which is also that of host/lib/plan_cost.c. */
static void cycle_table(Suite &s, nave_tables **tables, uint32_t top_log2n)
{
    printf("     n     fft formula    post formula     pre formula  fft+post\n");
    for (uint32_t log2n = 6; log2n <= top_log2n; log2n++) {
        const uint32_t n = 1u << log2n, passes = (log2n + 1) / 2;
        Words x(2 * n);
        fill(&s.random, x.data(), 2 * n, PATTERN_NOISE, 1u << 29, 1 << 29);
        uint64_t measured[3];
        for (int op = FFT; op <= PRE; op++) {
            load(x, log2n, true);
            measured[op] = run(s, op, log2n, true, largest(x.data(), 2 * n)).cycles;
        }
        const uint64_t fft = CYCLES_FFT((uint64_t)n, passes), pair = n + CYCLES_PAIR;
        printf("%6u %7llu %7llu %7llu %7llu %7llu %7llu %9llu\n", n, (unsigned long long)measured[FFT],
               (unsigned long long)fft, (unsigned long long)measured[POST], (unsigned long long)pair,
               (unsigned long long)measured[PRE], (unsigned long long)pair,
               (unsigned long long)(measured[FFT] + measured[POST]));
        if (measured[FFT] != fft || measured[POST] != pair || measured[PRE] != pair)
            s.fail("cycles of n %u are not those of the formula", n);
        else
            s.count(true);
    }
    (void)tables;
}

int main()
{
    char name[64];
    snprintf(name, sizeof(name), "transform, %d lane%s", LANES, LANES > 1 ? "s" : "");
    Suite s(name, 60);
    top = new Vnave_transform;
    top->s_valid = top->m_ready = top->write = top->write_clear = top->read = 0;
    top->direct = top->direct_split = top->direct_write = 0;
    memset(&top->direct_write_words, 0, sizeof(top->direct_write_words)); // its caller's while there is nothing
    top->rst = 1;
    for (int i = 0; i < 8; i++)
        tick();
    top->rst = 0;
    const uint32_t top_log2n = MAX_LOG2N;
    nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1] = {nullptr};
    for (uint32_t l = 6; l <= top_log2n; l++)
        tables[l] = nave_tables_create(l);
    for (uint32_t l = 6; l <= top_log2n && l <= 9; l++)
        limits(s, tables[l]);
    for (uint32_t l = 6; l <= top_log2n; l++) // each pattern at each size; the large ones a part of them
        for (int p = 0; p < PATTERNS; p++)
            for (int op = FFT; op <= PRE; op++)
                if (l < 11 || s.below(4) == 0)
                    one_case(s, tables[l], op, (pattern)p);
    for (uint32_t i = 0; i < s.cases; i++)
        one_case(s, tables[6 + (s.below(3) ? s.below(4) : s.below(top_log2n - 5))], (int)s.below(3),
                 (pattern)s.below(PATTERNS));
    cycle_table(s, tables, top_log2n);
    printf("fft: %u scaled up, %u of zeros; shifts summed to", seen_up, seen_zero);
    for (int i = 0; i < 8; i++)
        printf(" %d: %u", i, seen_shift[FFT][i]);
    printf("; post 0..2: %u %u %u; pre 0..2: %u %u %u\n", seen_shift[POST][0], seen_shift[POST][1], seen_shift[POST][2],
           seen_shift[PRE][0], seen_shift[PRE][1], seen_shift[PRE][2]);
    for (uint32_t l = 6; l <= top_log2n; l++)
        nave_tables_free(tables[l]);
    top->final();
    nave::count_coverage();
    delete top;
    return s.finish();
}
