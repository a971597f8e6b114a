// RAM behind burst ports (rtl/mem/README.md): serves the ports in turn, with gaps where the caller's dice say so, and
// checks their rules: 1..64 words, inside the RAM, none across a multiple of 64, written words there when they are
// taken. SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <cstdio>
#include <vector>

namespace nave
{

struct RamPort { // what one port shows in a clock, and what it is answered
    bool c_valid, c_write, w_valid;
    uint32_t c_address, c_words, w_data;
    bool c_ready, w_ready, r_valid;
    uint32_t r_data;
};

class RamPorts
{
  public:
    explicit RamPorts(size_t words) : words(words), memory(words)
    {
    }

    // Before the clock's edge, from last clock's state: what is answered. `dice(n)` is true once in n times.
    template <class Dice> void answer(std::vector<RamPort> &port, Dice dice)
    {
        for (auto &p : port)
            p.c_ready = p.w_ready = p.r_valid = false;
        if (!busy) {
            turn = (turn + 1) % port.size();
            port[turn].c_ready = !dice(4);
        } else if (job.write) {
            port[turn].w_ready = !dice(3);
        } else if (wait) {
            wait--;
        } else if (!dice(3)) {
            port[turn].r_valid = true;
            port[turn].r_data = memory[job.address];
        }
        rest = dice(2) ? 0 : 9;
    }

    // At the edge.
    void clock(std::vector<RamPort> &port)
    {
        RamPort &p = port[turn];
        if (!busy) {
            if (!p.c_valid || !p.c_ready)
                return;
            if (p.c_words < 1 || p.c_words > 64 || (p.c_address & 63) + p.c_words > 64 ||
                (uint64_t)p.c_address + p.c_words > words) {
                printf("port %zu: burst of %u words at %x breaks a rule\n", turn, p.c_words, p.c_address);
                errors++;
                return;
            }
            busy = true;
            wait = rest;
            job = {p.c_write, p.c_address, p.c_words};
            (job.write ? bursts_written : bursts_read)++;
        } else if (job.write && !p.w_valid) {
            printf("port %zu: a written burst has a gap\n", turn);
            errors++;
            busy = false;
        } else if (job.write ? p.w_ready : p.r_valid) {
            if (job.write)
                memory[job.address] = p.w_data;
            job.address++;
            busy = --job.words != 0;
        }
        for (size_t i = 0; i < port.size(); i++)
            errors += i != turn && port[i].w_ready;
    }

    bool active() const
    {
        return busy;
    }
    const size_t words;
    std::vector<uint32_t> memory;
    unsigned errors = 0, bursts_read = 0, bursts_written = 0;

  private:
    struct Job {
        bool write;
        uint32_t address, words;
    } job{};
    bool busy = false;
    unsigned wait = 0, rest = 0;
    size_t turn = 0;
};

} // namespace nave
