// The link in Verilog with words going in, the C card that says what must come out, RAM and contexts behind it.
// SPDX-License-Identifier: ISC
#pragma once
#include "../../../sim/harness/coverage.h"
#include "contexts.h"
#include <cstdio>

static const uint32_t ram_words = ram_bytes / 4, stage_words = 16384;
static unsigned seen[16]; // answers by status

class Bench
{
  public:
    Bench(uint32_t seed, int stalls)
        : random(seed), dice(seed ^ 0x5a5a5a5a), stalls(stalls), ram(ram_words + stage_words), port(2),
          card(new_card()), contexts(d, ram, dice)
    {
        d.rst = 1;
        d.s_valid = 0;
        for (int i = 0; i < 4; i++)
            edge();
        d.rst = 0;
    }
    ~Bench()
    {
        nave::count_coverage();
        nave_model_destroy(card);
    }

    std::mt19937 random;
    uint32_t below(uint32_t n)
    {
        return random() % n;
    }
    void send(const Words &w)
    {
        input.insert(input.end(), w.begin(), w.end());
        for (auto &f : answers_to(card, w)) {
            const uint32_t type = f[1] >> 8 & 0xff;
            if (type == NAVE_FRAME_REPLY || type == NAVE_FRAME_ERROR)
                seen[f[9] & 15]++;
            expected.insert(expected.end(), f.begin(), f.end());
        }
    }
    Frame frame(uint32_t type, uint32_t context = 0, uint64_t position = 0, const Words &payload = {})
    {
        return Frame(card, type, context, position, payload);
    }
    void sync()
    {
        Frame f = frame(NAVE_FRAME_SYNC);
        f.epoch = random();
        f.sequence = random();
        send(f.words());
    }
    Words noise(size_t n)
    {
        Words w(n);
        for (auto &v : w)
            v = random();
        return w;
    }
    // Until all words have gone in and all answers have come. stall_in, stall_out: hold that word for a while.
    bool drain(long stall_in = -1, long stall_out = -1)
    {
        long quiet = 0, in = 0, out = 0, held_in = 0, held_out = 0;
        while (quiet < 500) {
            const bool hold_in = in == stall_in && held_in++ < 50, hold_out = out == stall_out && held_out++ < 50;
            d.s_valid = !input.empty() && !hold_in && (offered || !stalls || dice() % (1 + stalls));
            d.s_data = input.empty() ? 0 : input.front();
            offered = d.s_valid;
            d.m_ready = !hold_out && (!stalls || dice() % (1 + stalls));
            ram.answer(port, [this](int n) { return stalls && dice() % n == 0; });
            contexts.drive();
            d.c_ready = port[0].c_ready | port[1].c_ready << 1;
            d.w_ready = port[0].w_ready | port[1].w_ready << 1;
            d.r_valid = port[0].r_valid | port[1].r_valid << 1;
            d.r_data = port[port[1].r_valid].r_data;
            d.clk = 0;
            d.eval();
            record();
            quiet = ram.active() || contexts.busy() ? 0 : quiet + 1;
            if (d.s_valid && d.s_ready) {
                input.pop_front();
                in++;
                offered = false;
                quiet = 0;
            }
            if (d.m_valid && d.m_ready) {
                quiet = 0;
                out++;
                if (expected.empty() || expected.front() != d.m_data) {
                    printf("word %zu out is %08x, the C card's %08x\n", compared, d.m_data,
                           expected.empty() ? 0 : expected.front());
                    for (size_t i = 0; i < recent.size(); i++)
                        printf("%08x%c", recent[i], i % 8 == 7 ? '\n' : ' ');
                    printf("\n");
                    return false;
                }
                frame_left = frame_left ? frame_left - 1 : 7;
                if (frame_left == 3 && !in_payload)
                    length = d.m_data;
                if (frame_left == 0) {
                    const bool more = !in_payload && length;
                    if (d.m_last == more) {
                        printf("word %zu: m_last is %d\n", compared, d.m_last);
                        return false;
                    }
                    in_payload = more;
                    frame_left = more ? length / 4 + 1 : 0;
                } else if (d.m_last) {
                    printf("word %zu: m_last inside a frame\n", compared);
                    return false;
                }
                compared++;
                expected.pop_front();
                recent.push_back(d.m_data);
                if (recent.size() > 24)
                    recent.pop_front();
            }
            for (unsigned i = 0; i < 2; i++) {
                port[i].c_valid = d.c_valid >> i & 1;
                port[i].c_write = d.c_write >> i & 1;
                port[i].w_valid = d.w_valid >> i & 1;
                port[i].c_address = (uint32_t)(d.c_address >> (17 * i) & 0x1ffff);
                port[i].c_words = d.c_words >> (7 * i) & 0x7f;
                port[i].w_data = (uint32_t)(d.w_data >> (32 * i));
            }
            ram.clock(port);
            contexts.clock();
            d.clk = 1;
            d.eval();
            clocks++;
        }
        if (!input.empty() || !expected.empty()) {
            printf("%zu words were not taken, %zu did not come out\n", input.size(), expected.size());
            return false;
        }
        if (memcmp(ram.memory.data(), test_ram(card), ram_bytes)) {
            printf("RAM differs\n");
            return false;
        }
        return ram.errors == 0;
    }
    uint64_t frames_in(unsigned c)
    {
        return test_frames_in(card, c);
    }
    void read_registers()
    {
        for (uint32_t a = 0; a < 0x70; a += 4)
            send(frame(NAVE_FRAME_REG_READ, 0, a).words());
        for (uint32_t a = 0x100; a < 0x140; a += 4)
            send(frame(NAVE_FRAME_REG_READ, 0, a + 0x40 * below(9)).words());
    }
    size_t compared = 0, clocks = 0;
    FILE *vectors = nullptr; // each clock's pins for tests/cosim/icarus

  private:
    std::mt19937 dice;
    int stalls;
    Vnave_link d;
    nave::RamPorts ram;
    std::vector<nave::RamPort> port;
    nave_model *card;
    Contexts contexts;
    std::deque<uint32_t> input, expected, recent;
    bool offered = false, in_payload = false;
    size_t frame_left = 0;
    uint32_t length = 0;

    void record()
    {
        if (!vectors)
            return;
        fprintf(vectors, "%x %08x %x %x %x %x %x %x %x %x %x ", d.s_valid, d.s_data, d.m_ready, d.x_ready, d.d_valid,
                d.d_status, d.d_value, d.d_answered, d.xq_valid, d.xq_offset, d.xq_words);
        fprintf(vectors, "%x %x %x %llx %x %x %x %x %x %x ", d.xm_ready, d.xt_valid, d.xt_context,
                (unsigned long long)d.xt_position, d.xt_length, d.xp_valid, d.xp_data, d.xr_value, d.tick, d.clipped);
        fprintf(vectors, "%x %x %x %x ", d.c_ready, d.w_ready, d.r_valid, d.r_data);
        fprintf(vectors, "%x %x %x %x %x %x %x %x %x %x %x\n", d.s_ready, d.m_valid, d.m_valid ? d.m_data : 0,
                d.m_valid && d.m_last, d.x_valid, d.x_valid ? d.x_type : 0, d.c_valid, d.w_valid, d.xt_ready,
                d.xm_valid, d.xm_valid ? d.xm_data : 0);
    }
    void edge()
    {
        d.clk = 0;
        d.eval();
        d.clk = 1;
        d.eval();
    }
};
