// HyperRAM, a HyperBus 1 device of 8 MiB, half a clock at a time. Checks timing and protocol, not only data: start-up
// and CS# times, tCSM, CK while CS# moves, address bits, the exact clock of the first written byte, RWDS and DQ driven
// by one side at a time, burst length, registers. What nobody drives reads as noise. Times in half clocks, from the
// clock given in MHz. SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <cstdio>
#include <deque>
#include <random>
#include <vector>

namespace nave
{

class HyperRam
{
  public:
    // delay: of the device's bytes against CK, in half clocks, the board's included; busy: a refresh is met once in so
    // many bursts (0: never)
    HyperRam(double mhz, unsigned delay, unsigned busy, uint32_t seed)
        : memory(8u << 20), delay(delay), busy(busy), half_ns(500 / mhz), dice(seed)
    {
    }
    std::vector<uint8_t> memory;
    unsigned errors = 0, collisions = 0, bursts = 0, longest = 0;
    unsigned latency = 7;
    bool fixed = true;
    uint64_t now = 0;

    struct In {
        bool reset_n, cs_n, ck, dq_oe, rwds_oe;
        uint8_t dq;
    };
    struct Out {
        uint8_t dq;
        bool rwds;
    };

    Out half(const In &in)
    {
        now++;
        if (!in.reset_n) {
            out_of_reset = now;
            latency = 7;
            fixed = true;
            was_cs_n = true;
            was_ck = false;
            return {(uint8_t)dice(), (bool)(dice() & 1)};
        }
        if (!in.cs_n && was_cs_n)
            select(in);
        if (in.cs_n && !was_cs_n)
            deselect(in);
        if (!in.cs_n && now - low_since > 4000 / half_ns)
            error("CS# is low for more than tCSM (4 us)");
        if (in.ck != was_ck) {
            if (in.cs_n)
                error("CK runs while CS# is high");
            else
                edge(in);
        }
        was_cs_n = in.cs_n;
        was_ck = in.ck;
        // what was put out `delay` halves ago, noise where nothing was
        Out out = {(uint8_t)dice(), (bool)(dice() & 1)};
        while (!queue.empty() && queue.front().at <= now) {
            held = queue.front();
            queue.pop_front();
        }
        if (!in.cs_n && held.drives_dq)
            out.dq = held.dq;
        if (!in.cs_n && held.drives_rwds)
            out.rwds = held.rwds;
        if (!in.cs_n && held.drives_rwds && in.rwds_oe)
            error("both sides drive RWDS");
        if (!in.cs_n && held.drives_dq && in.dq_oe)
            error("both sides drive DQ");
        return out;
    }

  private:
    struct Drive {
        uint64_t at;
        bool drives_dq, drives_rwds, rwds;
        uint8_t dq;
    };
    unsigned delay, busy;
    double half_ns;
    std::mt19937 dice;
    bool was_cs_n = true, was_ck = false, collision = false;
    uint64_t low_since = 0, high_since = 0, out_of_reset = 0;
    uint64_t address = 0;
    unsigned events = 0, first_data = 0;
    uint8_t register_high = 0;
    uint32_t at = 0;
    std::deque<Drive> queue;
    Drive held = {};

    void error(const char *what)
    {
        if (errors++ < 5)
            printf("HyperRAM at half clock %llu, event %u: %s\n", (unsigned long long)now, events, what);
    }
    void drive(bool dq, bool rwds, bool level, uint8_t byte)
    {
        queue.push_back({now + delay, dq, rwds, level, byte});
    }
    void select(const In &in)
    {
        if (now - out_of_reset < 150000 / half_ns)
            error("used within 150 us of reset");
        if (high_since && now - high_since < 7.5 / half_ns)
            error("CS# is high for less than tCSHI");
        if (in.ck || was_ck)
            error("CK is high while CS# falls");
        low_since = now;
        events = 0;
        address = 0;
        collision = fixed || (busy && dice() % busy == 0);
        collisions += collision && !fixed;
        queue.clear();
        held = {};
        drive(false, true, collision, 0);
    }
    void deselect(const In &in)
    {
        if (in.ck || was_ck)
            error("CK is high while CS# rises");
        if (events < 7)
            error("CS# rises inside of the command");
        if (events > 6 && !(address >> 46 & 1) && (events < first_data + 2 || (events - first_data) % 2))
            error("a burst without a whole halfword");
        if (now - low_since > longest)
            longest = (unsigned)(now - low_since);
        high_since = now;
    }
    void edge(const In &in)
    {
        const bool rising = in.ck;
        if (rising != (events % 2 == 0))
            error("CK edges are not in turn");
        if (events == 0 && now - low_since < 1)
            error("CK comes with CS#: no tCSS");
        if (events == 4 && high_since && (now - high_since) * half_ns < 35)
            error("tRWR is not kept");
        if (events < 6) {
            if (!in.dq_oe)
                error("nobody drives the address");
            address = address << 8 | in.dq;
            if (events == 5)
                decode();
        } else if (address >> 46 & 1) {
            write_register(in);
        } else if (events >= first_data) {
            data(in);
        } else if (events + 2 < first_data && in.dq_oe) {
            error("DQ is driven while the device waits");
        }
        events++;
    }
    void decode()
    {
        const bool read = address >> 47 & 1, registers = address >> 46 & 1;
        first_data = 6 + 2 * ((collision ? 2 : 1) * latency - 1);
        if (address >> 3 & 0x1fff)
            error("reserved address bits are set");
        at = (uint32_t)((address >> 16 & 0x1fffffff) << 4 | (address & 7) << 1);
        if (registers) {
            if (address != 0x600001000000)
                error("a register access that is not a write of CR0");
            drive(false, false, false, 0);
            return;
        }
        bursts++;
        if (!(address >> 45 & 1))
            error("a wrapped burst");
        if (at >= memory.size())
            error("address outside the device");
        drive(false, read, false, 0); // RWDS is low until the first byte, or let go for a write
    }
    void write_register(const In &in)
    {
        if (!in.dq_oe)
            error("nobody drives the register's value");
        if (events == 6) {
            register_high = in.dq;
            return;
        }
        if (events > 7) {
            error("more than one halfword for a register");
            return;
        }
        const unsigned value = register_high << 8 | in.dq, code = value >> 4 & 15;
        static const unsigned clocks[16] = {5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4};
        static const double limit_mhz[8] = {0, 0, 0, 83.4, 100, 133.4, 166.7, 200};
        latency = clocks[code];
        fixed = value >> 3 & 1;
        if (value >> 8 != 0x8f || !latency || 500 / half_ns > limit_mhz[latency])
            error("CR0 holds a value that this clock or device does not allow");
    }
    void data(const In &in)
    {
        const bool read = address >> 47 & 1, first = (events - first_data) % 2 == 0;
        if (at >= memory.size()) {
            error("burst runs out of the device");
            return;
        }
        if (read) {
            drive(true, true, first, memory[at]);
        } else {
            if (!in.dq_oe || !in.rwds_oe)
                error("written byte or its mask is not driven");
            memory[at] = in.dq;
        }
        at++;
    }
};

} // namespace nave
