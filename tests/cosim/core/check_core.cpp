// rtl/card/core.v against an instruction-set simulator: every register written and every access, in order, for random
// programs and for worst-case operands, under bus stalls; and the clocks that the core's header promises.
// NAVE_SEED, NAVE_CASES. SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../seed.h"
#include "../undefined.h"
#include "Vnave_core.h"
#include "Vnave_core___024root.h"
#include "iss.h"
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <unordered_map>
#include <verilated.h>

static int passed, failed;
static std::mt19937 dice;
static unsigned seen[64];
static uint64_t ran, clocks;

typedef std::vector<uint32_t> Program;
enum { X0, POINTER_0 = 30, POINTER_1 = 31 }; // pointers are only ever written by lui, so that accesses stay aligned

static uint32_t r_type(unsigned funct7, unsigned rs2, unsigned rs1, unsigned funct, unsigned rd)
{
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct << 12 | rd << 7 | 0x33;
}

static uint32_t i_type(int imm, unsigned rs1, unsigned funct, unsigned rd, unsigned opcode)
{
    return (uint32_t)imm << 20 | rs1 << 15 | funct << 12 | rd << 7 | opcode;
}

static uint32_t s_type(int imm, unsigned rs2, unsigned rs1, unsigned funct)
{
    return ((uint32_t)imm >> 5 & 127) << 25 | rs2 << 20 | rs1 << 15 | funct << 12 | ((uint32_t)imm & 31) << 7 | 0x23;
}

static uint32_t b_type(int imm, unsigned rs2, unsigned rs1, unsigned funct)
{
    const uint32_t u = (uint32_t)imm;
    return (u >> 12 & 1) << 31 | (u >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | funct << 12 | (u >> 1 & 15) << 8 |
           (u >> 11 & 1) << 7 | 0x63;
}

static uint32_t j_type(int imm, unsigned rd)
{
    const uint32_t u = (uint32_t)imm;
    return (u >> 20 & 1) << 31 | (u >> 1 & 1023) << 21 | (u >> 11 & 1) << 20 | (u >> 12 & 255) << 12 | rd << 7 | 0x6f;
}

static void set(Program &p, unsigned rd, uint32_t value)
{
    p.push_back(((value + 0x800) & ~4095u) | rd << 7 | 0x37);
    p.push_back(i_type((int32_t)(value << 20) >> 20, rd, 0, rd, 0x13));
}

// Runs the program until it stands on a jump to itself, or for so many instructions; once in `slow` clocks the bus is
// ready.
static void run(const char *what, const Program &program, unsigned instructions, unsigned slow)
{
    Iss iss;
    std::unordered_map<uint32_t, uint32_t> memory;
    const uint32_t salt = dice();
    iss.code = program;
    iss.code.resize(4096, j_type(0, X0));
    auto word = [&](uint32_t at) -> uint32_t & {
        auto found = memory.find(at / 4);
        return found != memory.end() ? found->second : memory[at / 4] = (at / 4 ^ salt) * 2654435761u;
    };
    iss.load = [&](uint32_t at) { return word(at); };
    iss.store = [&](uint32_t at, uint32_t data, uint32_t strobe) {
        for (unsigned k = 0; k < 4; k++)
            if (strobe >> k & 1)
                word(at) = (word(at) & ~(255u << 8 * k)) | (data & 255u << 8 * k);
    };

    auto d = std::unique_ptr<Vnave_core>(new Vnave_core);
    const nave::CoverageAtEnd coverage;
    const auto &inside = *d->rootp;
    std::deque<Effect> due; // accesses and writes, each an entry of its own
    unsigned done = 0;
    bool ended = false, good = true;
    auto more = [&]() {
        while (due.empty() && done < instructions && !ended) {
            const uint32_t at = iss.pc;
            Effect e = iss.step(), access = e;
            done++;
            access.writes = e.bus = false;
            if (access.bus)
                due.push_back(access);
            if (e.writes)
                due.push_back(e);
            ended = iss.pc == at && !e.writes;
        }
        return !due.empty();
    };
    auto wrong = [&](const char *how) {
        printf("  instruction %u, before %04x: %s; write %d x%d = %08x, access %d %d %08x %x %08x\n", done, iss.pc, how,
               inside.nave_core__DOT__write_q, inside.nave_core__DOT__rd_q, inside.nave_core__DOT__result_q, d->b_valid,
               d->b_write, d->b_address, d->b_strobe, d->b_wdata);
        good = false;
    };
    uint32_t asked = 0;
    unsigned idle = 0;
    uint64_t late = 0; // of the core's clocks against the simulator's
    bool first = true;
    d->rst = 1;
    for (int k = 0; k < 3; k++) {
        d->clk = 0;
        d->eval();
        d->clk = 1;
        d->eval();
    }
    d->rst = 0;
    for (uint64_t clock = 0; good && (more() || (ended && idle < 200)); clock++) {
        d->clk = 0;
        d->b_ready = 0;
        d->b_rdata = dice();
        d->i_data = iss.code[asked];
        d->eval();
        idle++;
        if (inside.nave_core__DOT__write_q) {
            const Effect e = more() ? due.front() : Effect();
            if (!e.writes || e.rd != inside.nave_core__DOT__rd_q || e.value != inside.nave_core__DOT__result_q)
                wrong("another write is due");
            if (first)
                late = clock - e.write_clock;
            else if (slow == 1 && clock != e.write_clock + late)
                wrong("not in its clock");
            due.pop_front();
            first = false;
            idle = 0;
        }
        if (good && d->b_valid && (slow == 1 || dice() % slow == 0)) {
            const Effect e = more() ? due.front() : Effect();
            uint32_t mask = 0;
            for (unsigned k = 0; k < 4; k++)
                mask |= e.access.strobe >> k & 1 ? 255u << 8 * k : 0;
            if (!e.bus || e.access.write != d->b_write || e.access.address != d->b_address ||
                (e.access.write && (e.access.strobe != d->b_strobe || ((e.access.data ^ d->b_wdata) & mask))))
                wrong("another access is due");
            else if (slow == 1 && !first && clock != e.access_clock + late)
                wrong("not in its clock");
            d->b_ready = 1;
            if (!e.access.write)
                d->b_rdata = e.access.data;
            due.pop_front();
            idle = 0;
        }
        if (good && idle > 1000 + 100 * slow)
            wrong("nothing comes");
        d->eval();
        asked = d->i_address;
        d->clk = 1;
        d->eval();
    }
    for (unsigned k = 0; k < 64; k++)
        seen[k] += iss.seen[k];
    ran += done;
    clocks += iss.clocks;
    (good ? passed : failed)++;
    if (!good)
        printf("FAIL %s, bus ready once in %u\n", what, slow);
}

static Program random_program()
{
    Program p;
    for (unsigned r = 1; r < 30; r++)
        set(p, r, dice() % 4 ? dice() : dice() % 64 - 32);
    p.push_back((dice() & ~4095u) | POINTER_0 << 7 | 0x37);
    p.push_back((dice() & ~4095u) | POINTER_1 << 7 | 0x37);
    static const unsigned loads[5] = {0, 1, 2, 4, 5}, branches[6] = {0, 1, 4, 5, 6, 7};
    unsigned near = 1 + dice() % 29;
    while (p.size() < 4096) {
        const unsigned rd = dice() % 3 ? near : dice() % 30, pointer = POINTER_0 + dice() % 2;
        const unsigned rs1 = dice() % 3 ? near : dice() % 32, rs2 = dice() % 3 ? dice() % 32 : near;
        const int imm = (int)(dice() % 4096) - 2048;
        near = rd;
        switch (dice() % 16) {
        case 0:
            p.push_back((dice() & ~4095u) | rd << 7 | (dice() % 2 ? 0x37 : 0x17));
            break;
        case 1:
            p.push_back((dice() & ~4095u) | pointer << 7 | 0x37);
            break;
        case 2:
        case 3: {
            const unsigned funct = loads[dice() % 5];
            p.push_back(i_type(imm & ~((1 << funct % 4) - 1), pointer, funct, rd, 0x03));
            break;
        }
        case 4:
        case 5: {
            const unsigned funct = dice() % 3;
            p.push_back(s_type(imm & ~((1 << funct) - 1), rs2, pointer, funct));
            break;
        }
        case 6:
        case 7: // mostly forward, so that a program gets on
            p.push_back(b_type(((int)(dice() % 40) - 8) * 4, rs2, rs1, branches[dice() % 6]));
            break;
        case 8:
            p.push_back(dice() % 2 ? j_type(((int)(dice() % 400) - 80) * 4, rd)
                                   : i_type(imm & ~3, pointer, 0, rd, 0x67));
            break;
        case 9:
            p.push_back(r_type(1, rs2, rs1, dice() % 2 ? 0 : 3, rd));
            break;
        case 10: {
            const bool left = dice() % 2;
            p.push_back(i_type((int)(dice() % 32) | (!left && dice() % 2 ? 0x400 : 0), rs1, left ? 1 : 5, rd, 0x13));
            break;
        }
        case 11:
        case 12: {
            const unsigned funct = dice() % 8;
            p.push_back(funct % 4 == 1 ? i_type((int)(dice() % 32), rs1, funct, rd, 0x13)
                                       : i_type(imm, rs1, funct, rd, 0x13));
            break;
        }
        default: {
            const unsigned funct = dice() % 8;
            p.push_back(r_type(funct % 5 == 0 && dice() % 2 ? 0x20 : 0, rs2, rs1, funct, rd));
        }
        }
    }
    return p;
}

// Every operation of two registers, and every branch, on every pair of the worst operands.
static void extremes(unsigned slow)
{
    static const uint32_t worst[] = {0,          1,          2,          0xffffffff, 0x80000000, 0x7fffffff,
                                     0x55555555, 0xaaaaaaaa, 0x0000ffff, 0xffff0000, 0x00010000, 31,
                                     32,         0x80000001, 0xfffffffe, 0x12345678};
    static const unsigned ops[][2] = {{0, 0}, {0x20, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4},
                                      {0, 5}, {0x20, 5}, {0, 6}, {0, 7}, {1, 0}, {1, 3}};
    for (uint32_t a : worst) {
        Program p;
        set(p, 1, a);
        for (uint32_t b : worst) {
            set(p, 2, b);
            for (auto &op : ops)
                p.push_back(r_type(op[0], 2, 1, op[1], 3));
            for (unsigned funct : {0, 1, 4, 5, 6, 7}) {
                p.push_back(b_type(8, 2, 1, funct));
                p.push_back(i_type(1, 3, 0, 3, 0x13)); // seen if it was not taken
            }
        }
        p.push_back(j_type(0, X0));
        run("operations and branches on extreme operands", p, ~0u, slow);
    }
    Program p;
    for (uint32_t a : worst) {
        set(p, 1, a);
        for (unsigned n = 0; n < 32; n++)
            for (unsigned funct : {1u, 5u, 0x405u})
                p.push_back(i_type((int)(n | (funct & 0x400)), 1, funct & 7, 3, 0x13));
    }
    p.push_back(j_type(0, X0));
    run("every distance of every shift", p, ~0u, slow);
    p.clear();
    set(p, 1, 0x10000000);
    set(p, 4, 0x81c3e7ff);
    for (int at : {-2048, -4, 0, 4, 2044})
        for (unsigned funct = 0; funct < 3; funct++)
            for (int k = 0; k < 4; k += 1 << funct) {
                p.push_back(s_type(at + k, 4, 1, funct));
                p.push_back(i_type(at, 1, 2, 5, 0x03));
                p.push_back(i_type(at + k, 1, funct, 6, 0x03));
                if (funct < 2)
                    p.push_back(i_type(at + k, 1, funct + 4, 7, 0x03));
                p.push_back(i_type(5, 4, 1, 4, 0x13));
                p.push_back(i_type(77, 4, 0, 4, 0x13));
            }
    p.push_back(j_type(0, X0));
    run("loads and stores of every size at every byte", p, ~0u, slow);
    p.clear();
    set(p, 0, 0xffffffff);
    p.push_back(r_type(0, 0, 0, 0, 5));
    p.push_back(i_type(16, 0, 2, 0, 0x03));
    p.push_back(r_type(0, 0, 0, 0, 5));
    p.push_back(j_type(4, X0));
    p.push_back(r_type(0, 0, 0, 0, 5));
    p.push_back(j_type(0, X0));
    run("x0 stays zero", p, ~0u, slow);
}

int main()
{
    const char *cases = getenv("NAVE_CASES");
    const unsigned seed = (unsigned)seed_of_run(), programs = cases ? (unsigned)atoi(cases) : 60;
    dice.seed(seed);
    random_undefined(seed);
    for (unsigned slow : {1, 2, 7})
        extremes(slow);
    for (unsigned k = 0; k < programs; k++)
        run("a random program", random_program(), 4000, k % 3 == 0 ? 1 : 1 + dice() % 9);
    bool all = true;
    for (unsigned k :
         {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 21, 32, 33, 36, 37, 38, 39, 40, 41, 42, 43, 44, 46, 47, 48, 49, 50})
        all = all && seen[k] > 100;
    (all ? passed : failed)++;
    if (!all)
        printf("FAIL every operation was met often\n");
    printf("%llu instructions, %.2f clocks each where the bus is ready\n", (unsigned long long)ran,
           (double)clocks / ran);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
