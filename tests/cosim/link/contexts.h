// The contexts behind the link: a C card of their own (check_link.cpp).
// SPDX-License-Identifier: ISC
#pragma once
#include "../../../sim/harness/ram_port.h"
#include "../frame.h"
#include "Vnave_link.h"
#include <deque>
#include <random>

static const uint32_t ram_bytes = 0x40000;

static nave_model *new_card()
{
    test_limits limits = {};
    limits.lanes = 1;
    limits.max_log2 = 13;
    return test_card(&limits, ram_bytes);
}

// The contexts: commands and payloads from the RTL go to a C card of their own, which shares the RAM's contents.
class Contexts
{
  public:
    Contexts(Vnave_link &d, nave::RamPorts &ram, std::mt19937 &dice) : d(d), ram(ram), dice(dice), card(new_card())
    {
        command(NAVE_FRAME_SYNC, 0, 0, {});
    }
    ~Contexts()
    {
        nave_model_destroy(card);
    }

    void drive()
    {
        d.x_ready = state == IDLE && dice() % 3;
        d.xq_valid = state == ASK;
        d.xq_offset = payload.size();
        d.xq_words = part;
        d.xm_ready = state == READ && dice() % 3;
        d.xt_valid = state == OUT;
        if (state == OUT || state == WORDS) {
            const Words &f = frames.front();
            d.xt_context = f[1] >> 16;
            d.xt_position = f[5] | (uint64_t)f[6] << 32;
            d.xt_length = f[4];
            d.xp_data = state == WORDS ? f[8 + sent] : 0;
        }
        d.xp_valid = state == WORDS && (offered || dice() % 3);
        offered = d.xp_valid;
        d.tick = state == COUNT && ticks;
        d.clipped = state == COUNT && clipped;
        d.d_valid = state == DONE;
        d.d_status = status;
        d.d_value = value;
        d.d_answered = answered;
    }
    bool busy() const
    {
        return state != IDLE;
    }
    void clock()
    {
        const uint32_t address = NAVE_REG_CONTEXT_BASE + d.xr_context * NAVE_REG_CONTEXT_STRIDE + d.xr_index * 4;
        if (address != xr_address)
            xr_value = register_value(xr_address = address);
        d.xr_value = xr_value;
        switch (state) {
        case IDLE:
            if (d.x_valid && d.x_ready)
                take();
            break;
        case ASK:
            if (d.xq_ready)
                state = READ;
            break;
        case READ:
            if (d.xm_valid && d.xm_ready) {
                payload.push_back(d.xm_data);
                if (--part == 0)
                    next_part();
            }
            break;
        case OUT:
            if (d.xt_ready)
                state = WORDS;
            break;
        case WORDS:
            if (d.xp_ready && d.xp_valid) {
                offered = false;
                if (++sent == frames.front()[4] / 4) {
                    frames.pop_front();
                    sent = 0;
                    settle();
                }
            }
            break;
        case COUNT:
            ticks -= ticks != 0;
            clipped -= clipped != 0;
            if (!ticks && !clipped)
                state = DONE;
            break;
        case DONE:
            state = IDLE;
            break;
        }
    }

  private:
    enum { IDLE, ASK, READ, OUT, WORDS, COUNT, DONE } state = IDLE;
    Vnave_link &d;
    nave::RamPorts &ram;
    std::mt19937 &dice;
    nave_model *card;
    uint32_t type = 0, context = 0, length = 0, part = 0, sent = 0, sequence = 0, epoch = 0;
    uint32_t status = 0, value = 0, ticks = 0, clipped = 0;
    uint64_t position = 0;
    uint32_t xr_address = UINT32_MAX, xr_value = 0; // the register that was read last, until a command may change it
    bool answered = false, offered = false;
    Words payload;
    std::deque<Words> frames;

    std::vector<Words> command(uint32_t t, uint32_t c, uint64_t p, const Words &words)
    {
        Frame f(card, t, c, p, words);
        f.epoch = t == NAVE_FRAME_SYNC ? ++epoch : epoch;
        f.sequence = sequence++;
        return answers_to(card, f.words());
    }
    uint32_t register_value(uint32_t address)
    {
        return command(NAVE_FRAME_REG_READ, 0, address, {})[0][10];
    }
    void take()
    {
        type = d.x_type;
        context = d.x_context;
        position = d.x_position;
        length = d.x_length / 4;
        payload.clear();
        if (type == NAVE_FRAME_AUDIO_IN || type == NAVE_FRAME_PLAN_LOAD)
            next_part();
        else {
            payload.assign(type == NAVE_FRAME_SYNC ? 0 : length, 0);
            if (payload.size() > 0)
                payload[0] = d.x_word0;
            if (payload.size() > 1)
                payload[1] = d.x_word1;
            run();
        }
    }
    void next_part()
    {
        const uint32_t left = length - payload.size();
        part = left > 1 && dice() % 2 ? 1 + dice() % left : left;
        state = ASK;
        if (!left)
            run();
    }
    void run()
    {
        memcpy(test_ram(card), ram.memory.data(), ram_bytes);
        const uint32_t ticks_before = register_value(NAVE_REG_TICKS), clipped_before = register_value(NAVE_REG_CLIPPED);
        answered = true;
        status = value = 0;
        frames.clear();
        for (auto &f : command(type, context, position, payload)) {
            if ((f[1] >> 8 & 0xff) == NAVE_FRAME_AUDIO_OUT) {
                frames.push_back(f);
                continue;
            }
            answered = false;
            status = f[9];
            value = f[10];
        }
        ticks = register_value(NAVE_REG_TICKS) - ticks_before;
        clipped = register_value(NAVE_REG_CLIPPED) - clipped_before;
        memcpy(ram.memory.data(), test_ram(card), ram_bytes);
        xr_address = UINT32_MAX;
        settle();
    }
    void settle()
    {
        state = !frames.empty() ? OUT : ticks || clipped ? COUNT : DONE;
    }
};
