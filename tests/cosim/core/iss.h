// Instruction-set simulator of RV32I with mul and mulhu, written from the ISA manual, and how long the core says it
// takes. SPDX-License-Identifier: ISC
#ifndef NAVE_TEST_ISS_H
#define NAVE_TEST_ISS_H
#include <cstdint>
#include <functional>
#include <vector>

struct Access {
    bool write;
    uint32_t address, strobe, data; // of a read: the word as the bus gives it
};

struct Effect { // what an instruction shows outside
    bool bus, writes;
    Access access;
    unsigned rd;
    uint32_t value;
    uint64_t access_clock, write_clock; // from the first instruction's, with a bus that is always ready
};

class Iss
{
  public:
    std::vector<uint32_t> code; // 4096 words
    std::function<uint32_t(uint32_t)> load;
    std::function<void(uint32_t, uint32_t, uint32_t)> store; // address, data, strobe
    uint32_t x[32] = {}, pc = 0;
    uint64_t clocks = 0;
    unsigned seen[64] = {};

    Effect step()
    {
        const uint32_t i = code[pc / 4 & 4095], rs1 = i >> 15 & 31, rs2 = i >> 20 & 31, funct = i >> 12 & 7;
        const uint32_t a = x[rs1], b = x[rs2], from = pc & 0x3fff;
        const int32_t imm_i = (int32_t)i >> 20, imm_s = ((int32_t)i >> 25) * 32 | (int32_t)(i >> 7 & 31);
        const int32_t imm_b =
            ((int32_t)i >> 31) * 4096 | (int32_t)((i >> 7 & 1) << 11 | (i >> 25 & 63) << 5 | (i >> 8 & 15) << 1);
        const int32_t imm_j = ((int32_t)i >> 31) * (1 << 20) |
                              (int32_t)((i >> 12 & 255) << 12 | (i >> 20 & 1) << 11 | (i >> 21 & 1023) << 1);
        Effect e = {};
        e.rd = i >> 7 & 31;
        uint32_t next = (from + 4) & 0x3fff, value = 0; // the core's pc has 14 bits
        bool gives = true, jumps = false;
        const bool conflict = given && given == rs1;
        unsigned takes = conflict ? 4 : 3;
        switch (i & 127) {
        case 0x37:
            value = i & ~4095u;
            break;
        case 0x17:
            value = from + (i & ~4095u);
            break;
        case 0x6f:
            value = next;
            next = from + imm_j;
            jumps = true;
            seen[40]++;
            break;
        case 0x67:
            value = next;
            next = a + imm_i;
            jumps = true;
            seen[41]++;
            break;
        case 0x63: {
            static const bool negate[8] = {0, 1, 0, 0, 0, 1, 0, 1};
            const bool less = funct < 6 ? (int32_t)a < (int32_t)b : a < b;
            const bool taken = (funct < 2 ? a == b : less) != negate[funct];
            seen[32 + funct]++;
            gives = false;
            if (taken) {
                next = from + imm_b;
                takes += 3;
            }
            break;
        }
        case 0x03: {
            const uint32_t at = a + imm_i, word = load(at), shifted = word >> (at & 3) * 8;
            e.bus = true;
            e.access = {false, at, 0, word};
            value = funct == 0   ? (uint32_t)(int32_t)(int8_t)shifted
                    : funct == 1 ? (uint32_t)(int32_t)(int16_t)shifted
                    : funct == 4 ? shifted & 0xff
                    : funct == 5 ? shifted & 0xffff
                                 : word;
            takes += 2;
            seen[42 + funct]++;
            break;
        }
        case 0x23: {
            const uint32_t at = a + imm_s, strobe = (funct == 0 ? 1u : funct == 1 ? 3u : 15u) << (at & 3);
            e.bus = true;
            e.access = {true, at, strobe, b << (at & 3) * 8};
            store(at, b << (at & 3) * 8, strobe);
            gives = false;
            takes += 1;
            seen[48 + funct]++;
            break;
        }
        default:
            value = alu(i, a, i & 32 ? b : (uint32_t)imm_i, takes);
        }
        if (jumps)
            takes += 3;
        if (gives && e.rd) {
            e.writes = true;
            e.value = x[e.rd] = value;
        }
        given = e.writes && !jumps ? e.rd : 0; // behind a jump the write is over before the next instruction reads
        pc = next & 0x3ffc;
        e.access_clock = clocks + (conflict ? 4 : 3);
        clocks += takes;
        e.write_clock = clocks - (jumps ? 3 : 0);
        return e;
    }

  private:
    unsigned given = 0;

    uint32_t alu(uint32_t i, uint32_t a, uint32_t b, unsigned &takes)
    {
        const unsigned funct = i >> 12 & 7, shift = b & 31;
        const bool other = i >> 30 & 1;
        if ((i & 32) && (i >> 25 & 1)) {
            takes += funct ? 32 : 31;
            seen[funct ? 9 : 8]++;
            return funct ? (uint32_t)((uint64_t)a * b >> 32) : a * b;
        }
        seen[funct + (other && (funct == 5 || (funct == 0 && i & 32)) ? 16 : 0)]++;
        if (funct == 1 || funct == 5)
            takes += shift ? shift / 4 + shift % 4 : 1;
        switch (funct) {
        case 0:
            return (i & 32) && other ? a - b : a + b;
        case 1:
            return a << shift;
        case 2:
            return (int32_t)a < (int32_t)b;
        case 3:
            return a < b;
        case 4:
            return a ^ b;
        case 5:
            return other ? (uint32_t)((int32_t)a >> shift) : a >> shift;
        case 6:
            return a | b;
        default:
            return a & b;
        }
    }
};

#endif
