// rtl/card/engine.v as the core sees it: its bus, RAM behind its four ports, a link that stalls. What the RAM should
// hold is kept beside it and compared word by word.
// SPDX-License-Identifier: ISC
#pragma once
#include "../../../sim/harness/coverage.h"
#include "Vnave_engine.h"
#include "Vnave_engine___024root.h"
#include "../../../sim/harness/ram_port.h"
#include "../../../rtl/card/firmware/registers.h"
#include "../conv/streams.h"
#include <cstring>
#include <string>

struct Piece { // of RAM, in words
    uint32_t at, words;
};

class Engine
{
  public:
    explicit Engine(Suite &suite) : s(suite), ram(1u << ADDRESS_BITS), want(1u << ADDRESS_BITS), port(4)
    {
        for (uint32_t &w : want)
            w = (uint32_t)s.any64();
        ram.memory = want;
        top.b_valid = top.x_valid = 0;
        top.rst = 1;
        for (int i = 0; i < 8; i++)
            tick();
        top.rst = 0;
    }
    Suite &s;
    Vnave_engine top;
    nave::CoverageAtEnd coverage;
    nave::RamPorts ram;
    std::vector<uint32_t> want;
    uint64_t cycles = 0, waited_cycles = 0, quiet = 0; // quiet: the RAM had nothing to do and nobody asked
    uint32_t ticks = 0, clipped = 0, answers = 0, answer_status = 0, answer_value = 0, answered = 0;
    uint32_t ram_stall = 0, link_stall = 0, bus_gap = 0;
    std::vector<uint32_t> payload, out;
    struct Header {
        uint16_t context;
        uint64_t position;
        uint32_t length;
    };
    std::vector<Header> headers;

    void new_stalls()
    {
        static const uint32_t steps[] = {0, 0, 1, 3, 6};
        ram_stall = steps[s.below(5)];
        link_stall = steps[s.below(5)];
        bus_gap = s.below(2) ? 0 : s.below(30);
    }
    uint32_t read(uint32_t offset)
    {
        return access(offset, false, 0);
    }
    void write(uint32_t offset, uint32_t v)
    {
        access(offset, true, v);
    }
    void idle(uint32_t mask)
    {
        for (int i = 0; (read(NAVE_E_STATUS) & mask) != mask; i++)
            if (i > 1000000)
                hang("STATUS");
    }
    void x_read(uint32_t word, uint32_t count, uint32_t align = 0)
    {
        write(NAVE_E_X_ADDRESS, 4 * word);
        write(NAVE_E_X_READ, align == NAVE_SKIP ? count | 1u << 21 | s.below(32) << 16 : count | align << 16);
    }
    void h_read(uint32_t word, uint32_t count)
    {
        write(NAVE_E_H_ADDRESS, 4 * word);
        write(NAVE_E_H_READ, count);
    }
    void w_write(uint32_t word, uint32_t words, uint32_t source)
    {
        write(NAVE_E_W_ADDRESS, 4 * word);
        write(NAVE_E_W_WRITE, words | source);
    }
    // a stretch of a ring, cut at its end and, now and then, elsewhere, always behind a multiple of `unit` words
    std::vector<Piece> pieces(uint32_t base, uint32_t ring, uint32_t at, uint32_t words, uint32_t unit)
    {
        std::vector<Piece> list;
        while (words) {
            uint32_t n = ring - at < words ? ring - at : words;
            if (n > unit && s.below(3) == 0)
                n = unit * (1 + s.below(n / unit));
            list.push_back({base + at, n});
            at = (at + n) % ring;
            words -= n;
        }
        return list;
    }
    // the words of bursts that were taken reach the RAM
    void settle()
    {
        for (int i = 0; ram.active(); i++) {
            tick();
            if (i > 100000)
                hang("a burst");
        }
    }
    // true if the RAM holds what it should; else says where it first differs
    bool agrees(const char *what)
    {
        if (ram.errors)
            s.fail("%s: a rule of the RAM port was broken", what), ram.errors = 0;
        if (memcmp(ram.memory.data(), want.data(), 4 * want.size()) == 0)
            return true;
        size_t i = 0;
        while (ram.memory[i] == want[i])
            i++;
        s.fail("%s: RAM word %zx (%s) is %08x, model %08x", what, i, area(i).c_str(), ram.memory[i], want[i]);
        ram.memory = want;
        return false;
    }
    // named areas, for the report; begun anew by each step
    uint32_t place(const std::string &name, uint32_t words)
    {
        next += s.below(2) ? s.below(64) : (16 - next % 16) % 16;
        const uint32_t at = next;
        if (at + words > want.size()) {
            printf("the test's RAM is too small\n");
            exit(1);
        }
        areas.push_back({name, at, words});
        next += words;
        return at;
    }
    void clear_places()
    {
        areas.clear();
        next = s.below(200);
    }
    int32_t *words(uint32_t at) // of the model's RAM
    {
        return (int32_t *)&want[at];
    }
    void tick()
    {
        link_side();
        const auto dice = [&](unsigned n) { return ram_stall && s.below(8 * n) < ram_stall * 3; };
        ram.answer(port, dice);
        uint32_t c_ready = 0, w_ready = 0, r_valid = 0;
        top.r_data = (uint32_t)s.any64();
        for (int i = 0; i < 4; i++) {
            c_ready |= port[i].c_ready << i;
            w_ready |= port[i].w_ready << i;
            r_valid |= port[i].r_valid << i;
            if (port[i].r_valid)
                top.r_data = port[i].r_data;
        }
        top.c_ready = c_ready;
        top.w_ready = w_ready;
        top.r_valid = r_valid;
        top.clk = 0;
        top.eval();
        for (int i = 0; i < 4; i++) {
            port[i].c_valid = top.c_valid >> i & 1;
            port[i].c_write = top.c_write >> i & 1;
            port[i].w_valid = top.w_valid >> i & 1;
            port[i].c_words = top.c_words >> (7 * i) & 127;
            port[i].w_data = top.w_data[i];
            uint64_t address = 0;
            for (int b = 0; b < ADDRESS_BITS; b++) {
                const int at = i * ADDRESS_BITS + b;
                address |= (uint64_t)(top.c_address[at / 32] >> at % 32 & 1) << b;
            }
            port[i].c_address = (uint32_t)address;
        }
        quiet += !ram.active() && !top.c_valid;
        if (!top.rst) {
            ram.clock(port);
            link_edge();
        }
        top.clk = 1;
        top.eval();
        cycles++;
    }
    [[noreturn]] void hang(const char *where)
    {
        printf("HANGS at %s: status %02x, RAM %s\n", where, top.rootp->nave_engine__DOT__status,
               ram.active() ? "busy" : "free");
        printf("%u passed, %u failed\n", s.passed_cases, s.failed_cases + 1);
        exit(1);
    }

  private:
    struct Area {
        std::string name;
        uint32_t at, words;
    };
    std::vector<Area> areas;
    uint32_t next = 0;
    std::vector<nave::RamPort> port;
    uint32_t out_left = 0, payload_at = 0, payload_left = 0;
    bool payload_offered = false;

    std::string area(size_t word)
    {
        for (const Area &a : areas)
            if (word >= a.at && word < a.at + a.words)
                return a.name + " word " + std::to_string(word - a.at);
        return "in no area of this step";
    }
    uint32_t access(uint32_t offset, bool write, uint32_t v)
    {
        for (uint32_t i = bus_gap ? s.below(bus_gap) : 0; i; i--)
            tick();
        top.b_valid = 1;
        top.b_write = write;
        top.b_address = 0x20000000u | offset;
        top.b_wdata = write ? v : (uint32_t)s.any64();
        for (int i = 0; i < 3000000; i++) {
            tick_until_ready = false;
            tick();
            if (tick_until_ready) {
                top.b_valid = 0;
                top.b_wdata = (uint32_t)s.any64();
                return bus_word;
            }
        }
        char where[40];
        snprintf(where, sizeof(where), "%s of register %03x", write ? "write" : "read", offset);
        hang(where);
    }
    bool tick_until_ready = false;
    uint32_t bus_word = 0;
    bool stalls()
    {
        return link_stall && s.below(8) < link_stall;
    }
    void link_side()
    {
        top.xp_ready = out_left && !stalls();
        top.xt_ready = !out_left && !stalls();
        top.xq_ready = !payload_left && !stalls();
        payload_offered = payload_left && (payload_offered || !stalls());
        top.xm_valid = payload_offered;
        top.xm_data = payload_offered ? payload[payload_at] : (uint32_t)s.any64();
    }
    void link_edge()
    {
        if (top.b_valid && top.b_ready) {
            tick_until_ready = true;
            bus_word = top.b_rdata;
        }
        waited_cycles += (top.xp_valid && !top.xp_ready) || (top.xt_valid && !top.xt_ready);
        if (top.xp_valid && top.xp_ready) {
            out.push_back(top.xp_data);
            out_left--;
        }
        if (top.xt_valid && top.xt_ready) {
            headers.push_back({top.xt_context, top.xt_position, top.xt_length});
            out_left = top.xt_length / 4;
        }
        if (top.xm_valid && top.xm_ready) {
            payload_offered = false;
            payload_at++;
            payload_left--;
        }
        if (top.xq_valid && top.xq_ready) {
            payload_at = top.xq_offset;
            payload_left = top.xq_words;
        }
        ticks += top.tick;
        clipped += top.clipped;
        if (top.d_valid) {
            answers++;
            answer_status = top.d_status;
            answer_value = top.d_value;
            answered = top.d_answered;
        }
    }
};
