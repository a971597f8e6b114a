// SDR SDRAM, 16 bits, four banks, a clock at a time. Checks timing and protocol, not only data: start-up order, tRP,
// tRCD, tRAS, tRC, tRFC, tRRD, tWR, tMRD, rows open and closed when they must be, both sides on DQ, the refresh
// interval. Row and column bits as fitted: address pins that a part does not have are ignored. Undriven reads as noise.
// -7 part, times in ns. SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <cstdio>
#include <deque>
#include <random>
#include <vector>

namespace nave
{

class Sdram
{
  public:
    Sdram(double mhz, unsigned row_bits, unsigned column_bits, uint32_t seed)
        : memory((size_t)4 << (row_bits + column_bits)), row_bits(row_bits), column_bits(column_bits), ns(1000 / mhz),
          dice(seed)
    {
        for (auto &b : bank)
            b = Bank();
    }
    std::vector<uint16_t> memory; // [bank][row][column]
    unsigned errors = 0, refreshes = 0, activations = 0;
    uint64_t now = 0, ready_at = 0;

    struct In {
        bool cke, cs_n, ras_n, cas_n, we_n, dq_oe;
        unsigned ba, a, dqm;
        uint16_t dq;
    };

    // One rising edge with the pins as they are before it; returns what is on DQ before the next one.
    uint16_t clock(const In &in)
    {
        now++;
        const unsigned command = !in.cke || in.cs_n ? 7 : in.ras_n << 2 | in.cas_n << 1 | in.we_n;
        if (in.cke && !was_cke)
            powered = now;
        was_cke = in.cke;
        if (write_left) {
            write_left--;
            store(in);
        }
        switch (command) {
        case 3:
            activate(in);
            break;
        case 5:
            read(in);
            break;
        case 4:
            write(in);
            break;
        case 2:
            precharge(in);
            break;
        case 1:
            refresh();
            break;
        case 0:
            mode(in);
            break;
        case 6:
            error("burst stop is not used here");
            break;
        }
        if (mode_set && since(last_refresh_check) >= 7812.5) {
            // eight may be put off
            last_refresh_check = now;
            due++;
            if (due > refreshes_counted + 8)
                error("refresh is more than eight intervals late");
        }
        uint16_t out = (uint16_t)dice();
        if (drives && in.dq_oe)
            error("both sides drive DQ");
        drives = false;
        if (!queue.empty() && queue.front().at == now) {
            out = queue.front().dq;
            drives = true;
            queue.pop_front();
        }
        return out;
    }
    // Halfword behind a byte address of the map in rtl/mem/sdram.v.
    uint16_t &at(uint32_t halfword)
    {
        const unsigned column = halfword & 255, ba = halfword >> 8 & 3, row = halfword >> 10 & 4095;
        unsigned top = halfword >> 22, r = row, c = column;
        if (row_bits == 13) {
            r |= (top & 1) << 12;
            top >>= 1;
        }
        c |= top << 8;
        return cell(ba, r, c);
    }

  private:
    struct Bank {
        bool open = false;
        unsigned row = 0;
        uint64_t activated = 0, precharged = 0, written = 0;
    } bank[4];
    struct Drive {
        uint64_t at;
        uint16_t dq;
    };
    unsigned row_bits, column_bits;
    double ns;
    std::mt19937 dice;
    bool was_cke = false, mode_set = false, drives = false;
    uint64_t powered = 0, last_refresh = 0, last_mode = 0, last_activate = 0, last_refresh_check = 0, due = 0;
    uint64_t refreshes_counted = 0;
    unsigned cas = 0, write_left = 0, write_bank = 0, write_column = 0, charged = 0;
    std::deque<Drive> queue;

    double since(uint64_t then) const
    {
        return (double)(now - then) * ns + 1e-6;
    }
    void error(const char *what)
    {
        if (errors++ < 5)
            printf("SDRAM at clock %llu: %s\n", (unsigned long long)now, what);
    }
    uint16_t &cell(unsigned ba, unsigned row, unsigned column)
    {
        row &= (1u << row_bits) - 1;
        column &= (1u << column_bits) - 1;
        return memory[((size_t)ba << row_bits | row) << column_bits | column];
    }
    void settled(const char *what)
    {
        if (!mode_set || (last_mode && now - last_mode < 2) || (last_refresh && since(last_refresh) < 70))
            error(what);
    }
    void activate(const In &in)
    {
        Bank &b = bank[in.ba];
        settled("a row is opened before the mode is set, or within tRFC or tMRD");
        if (b.open)
            error("a row is opened in a bank that has one open");
        if (b.precharged && since(b.precharged) < 20)
            error("tRP");
        if (b.activated && since(b.activated) < 67.5)
            error("tRC");
        if (last_activate && since(last_activate) < 14)
            error("tRRD");
        b.open = true;
        b.row = in.a;
        b.activated = last_activate = now;
        activations++;
    }
    Bank &column_command(const In &in)
    {
        Bank &b = bank[in.ba];
        if (!b.open)
            error("a column of a closed bank");
        if (since(b.activated) < 20)
            error("tRCD");
        if (in.a & 0x400)
            error("auto precharge is not used here");
        if (in.dqm)
            error("DQM is set");
        return b;
    }
    void read(const In &in)
    {
        Bank &b = column_command(in);
        write_left = 0;
        while (!queue.empty() && queue.back().at >= now + cas - 1)
            queue.pop_back(); // a read ends the one before
        for (unsigned i = 0; i < 2; i++)
            queue.push_back({now + cas - 1 + i, cell(in.ba, b.row, (in.a & 0x3fe) | ((in.a + i) & 1))});
    }
    void write(const In &in)
    {
        column_command(in);
        write_bank = in.ba;
        write_column = in.a & 0x3ff;
        write_left = 1;
        store(in);
    }
    void store(const In &in)
    {
        Bank &b = bank[write_bank];
        if (!in.dq_oe)
            error("nobody drives a written halfword");
        cell(write_bank, b.row, write_column) = in.dq;
        write_column ^= 1;
        b.written = now;
    }
    void precharge(const In &in)
    {
        if (!powered || since(powered) < 200000)
            error("used within 200 us of power-up");
        for (unsigned i = 0; i < 4; i++) {
            Bank &b = bank[i];
            if (!(in.a & 0x400) && i != in.ba)
                continue;
            if (b.open && since(b.activated) < 45)
                error("tRAS");
            if (b.open && b.written && since(b.written) < 15)
                error("tWR");
            if (b.open || (in.a & 0x400))
                b.precharged = now;
            b.open = false;
        }
        if (in.a & 0x400)
            charged = 1;
    }
    void refresh()
    {
        if (!charged)
            error("refresh before all banks were precharged");
        for (auto &b : bank) {
            if (b.open)
                error("refresh while a row is open");
            if (b.precharged && since(b.precharged) < 20)
                error("tRP before refresh");
        }
        if (last_refresh && since(last_refresh) < 70)
            error("tRFC");
        last_refresh = now;
        refreshes++;
        refreshes_counted++;
    }
    void mode(const In &in)
    {
        if (refreshes < 8)
            error("mode set before eight refreshes");
        if (since(last_refresh) < 70)
            error("tRFC before mode");
        if ((in.a & 0xf) != 1 || in.ba)
            error("mode is not bursts of two in order");
        cas = in.a >> 4 & 7;
        if (cas < 2 || cas > 3 || (cas == 2 && ns < 10))
            error("CAS latency that this clock does not allow");
        mode_set = true;
        last_mode = last_refresh_check = ready_at = now;
        refreshes_counted = due = 0;
    }
};

} // namespace nave
