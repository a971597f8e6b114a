// The engine's registers as the firmware reads and writes them (engine.h).
// SPDX-License-Identifier: ISC
#include "engine.h"
#include "../../../rtl/card/firmware/registers.h"
#include <cstdio>
#include <cstdlib>

static const size_t reader_queue = 4, writer_queue = 4, run_queue = 2;

template <class Condition> void Engine::until(Condition condition)
{
    while (!condition())
        if (!step()) { // the firmware can't be left from within
            printf("HANG: register 0x%02x, command 0x%02x: nothing goes on (mode %u, status 0x%02x)%s%s\n",
                   (unsigned)(latched[64]), type, mode, status(), fault ? "; before: " : "", fault ? fault : "");
            printf("0 passed, 1 failed\n");
            fflush(stdout);
            _Exit(1);
        }
}

uint32_t Engine::status() const
{
    uint32_t s = 0;
    s |= x_queue.empty() && x_words.empty() ? NAVE_E_X_IDLE : 0;
    s |= h_queue.empty() && h_words.empty() ? NAVE_E_H_IDLE : 0;
    s |= w_queue.empty() && to_ram.empty() ? NAVE_E_WRITER_IDLE : 0;
    s |= port == NONE ? NAVE_E_PORT_IDLE : 0;
    s |= op == IDLE && made[2].empty() && made[3].empty() && !running && jobs.empty() ? NAVE_E_OP_IDLE : 0;
    s |= runs.empty() && mixed.empty() ? NAVE_E_MIXER_IDLE : 0;
    s |= !out_waits && out_left == 0 ? NAVE_E_OUT_IDLE : 0;
    return s;
}

uint32_t Engine::read(uint32_t offset)
{
    uint32_t v = 0;
    latched[64] = offset;
    if (haste == EAGER)
        settle();
    else if (haste == RANDOM)
        for (uint32_t n = dice() % 8; n && step(); n--)
            ;
    if (offset != NAVE_E_STATUS)
        idle_reads = 0;
    switch (offset) {
    case NAVE_E_COMMAND:
        return pending | type << 8 | of_context << 16;
    case NAVE_E_POSITION_LO:
        return (uint32_t)at_position;
    case NAVE_E_POSITION_HI:
        return (uint32_t)(at_position >> 32);
    case NAVE_E_LENGTH:
        return (uint32_t)payload.size() * 4;
    case NAVE_E_WORD0:
        return payload.size() > 0 ? payload[0] : dice();
    case NAVE_E_WORD1:
        return payload.size() > 1 ? payload[1] : dice();
    case NAVE_E_CLIPPED:
        return clipped_words;
    case NAVE_E_BUSY:
        return (uint32_t)clock;
    case NAVE_E_PAYLOAD_DATA:
        until([this] { return !request; });
        if (given_left == 0 || given_to_writer) {
            wrong("payload that was not asked for");
            return 0;
        }
        given_left--;
        return payload[given_at++];
    case NAVE_E_STATUS:
        if (!step() && ++idle_reads > 1000)
            until([] { return false; });
        return status();
    case NAVE_E_C_DATA:
        until([this] { return !port_words.empty(); });
        v = port_words.front();
        port_words.pop_front();
        if (port != READ)
            wrong("a word of the port that was not asked for");
        if (--port_left == 0)
            port = NONE;
        return v;
    case NAVE_E_STEP0:
        until([this] { return !steps.empty() || port != FILTER; });
        if (steps.empty())
            return UINT32_MAX;
        v = steps.front().first;
        step1 = steps.front().second;
        steps.pop_front();
        return v;
    case NAVE_E_STEP1:
        return step1;
    case NAVE_E_RESULT:
        until([this] { return result_valid; });
        result_valid = false;
        return result;
    case NAVE_E_TILE0:
        until([this] { return !tiles.empty(); });
        return tiles.front().first;
    case NAVE_E_TILE1:
        if (tiles.empty()) {
            wrong("a tile's shift before it is there");
            return 0;
        }
        v = tiles.front().second;
        tiles.pop_front();
        return v;
    case NAVE_E_RAM_BYTES:
        return ram_bytes;
    case NAVE_E_LOG2_MAX_PARTITION:
        return log2_max;
    case NAVE_E_LANES:
        return 1;
    case NAVE_E_LOG2_PLAN_WORDS:
        return log2_plan_words;
    case NAVE_E_MOST_BATCH:
        return most_batch;
    default:
        wrong("a register that can't be read");
        return 0;
    }
}

void Engine::write(uint32_t offset, uint32_t v)
{
    idle_reads = 0;
    latched[64] = offset;
    if (haste == EAGER)
        settle();
    else if (haste == RANDOM)
        for (uint32_t n = dice() % 8; n && step(); n--)
            ;
    if (offset >= NAVE_E_CONTEXT_REG && offset < NAVE_E_CONTEXT_REG + 256) {
        context_register[(offset - NAVE_E_CONTEXT_REG) / 4] = v;
        return;
    }
    switch (offset) {
    case NAVE_E_ANSWER:
        if (!pending)
            wrong("an answer to nothing");
        if (given_left || request)
            wrong("a payload that is not taken whole");
        answer = v;
        value = latched[NAVE_E_VALUE / 4];
        pending = false;
        break;
    case NAVE_E_EVENT:
        ticks += v & 1;
        break;
    case NAVE_E_PAYLOAD_READ:
        until([this] { return !request; });
        request = true;
        request_word = v;
        break;
    case NAVE_E_OUT_START:
        until([this] { return !out_waits; });
        out_waits = true;
        out_next = {v >> 20 & 7,
                    v & 0x1ffff,
                    latched[NAVE_E_OUT_POSITION_LO / 4] | (uint64_t)latched[NAVE_E_OUT_POSITION_HI / 4] << 32,
                    {}};
        break;
    case NAVE_E_OUT_POSITION_LO:
    case NAVE_E_OUT_POSITION_HI:
        until([this] { return !out_waits; });
        break;
    case NAVE_E_X_READ:
        until([this] { return x_queue.size() < reader_queue; });
        x_queue.push_back({latched[NAVE_E_X_ADDRESS / 4], v & 0xffff, v >> 16});
        break;
    case NAVE_E_H_READ:
        until([this] { return h_queue.size() < reader_queue; });
        h_queue.push_back({latched[NAVE_E_H_ADDRESS / 4], v & 0xffff, 0});
        break;
    case NAVE_E_W_WRITE:
        until([this] { return w_queue.size() < writer_queue; });
        w_queue.push_back({latched[NAVE_E_W_ADDRESS / 4], v & 0xfffff, v >> 24 & 7});
        if ((v >> 24 & 7) > 4 || (v & 0xfffff) == 0)
            wrong("a job of the writer that can't be");
        if ((v >> 24 & 7) == 0 && latched[NAVE_E_W_CONSTANT / 4] != 0)
            wrong("a constant that is not 0");
        break;
    case NAVE_E_MODE:
        if ((status() & 0x37) != 0x37 || result_valid || !tiles.empty())
            wrong("the mode changes while something moves");
        mode = v & 3;
        open = false;
        break;
    case NAVE_E_C_READ:
    case NAVE_E_C_WRITE:
    case NAVE_E_C_FILTER:
        until([this] { return port == NONE && steps.empty(); });
        port = offset == NAVE_E_C_READ ? READ : offset == NAVE_E_C_WRITE ? WRITE : FILTER;
        port_at = latched[NAVE_E_C_ADDRESS / 4];
        port_left = port_taken = v;
        if (v == 0 || v > 32767 || (port == FILTER && (v % 2 || v > 64)))
            wrong("a job of the port that can't be");
        break;
    case NAVE_E_C_PUSH:
        until([this] { return port != WRITE || port_words.size() < port_fifo; });
        if (port != WRITE || port_words.size() >= port_left)
            wrong("a word that the port has no job for");
        else
            port_words.push_back(v);
        break;
    case NAVE_E_OP:
        until([this] { return op == IDLE && made[2].empty() && made[3].empty(); });
        if (mode != NAVE_E_MODE_TRANSFORM || result_valid)
            wrong("an operation that can't be now");
        op = LOAD;
        op_word = v;
        op_in.clear();
        break;
    case NAVE_E_JOB0:
        until([this] { return jobs.empty(); });
        break;
    case NAVE_E_JOB1: {
        until([this] { return jobs.empty(); });
        const uint32_t j = latched[NAVE_E_JOB0 / 4];
        jobs.push_back({j & 0xff, j >> 8 & 1, j >> 12 & 15, v & 0xfff, v >> 16 & 0xfff});
        if (mode != NAVE_E_MODE_CMAC)
            wrong("a job of the CMAC in another mode");
        break;
    }
    case NAVE_E_MIX_RUN:
        until([this] { return runs.size() < run_queue; });
        runs.push_back({v & 0xffff, v, latched[NAVE_E_MIX_WET / 4], latched[NAVE_E_MIX_DRY / 4]});
        if (mode != NAVE_E_MODE_MIX || (v & 0xffff) == 0)
            wrong("a run of the mixer that can't be");
        break;
    default:
        break;
    }
    if (offset < 0x100)
        latched[offset / 4] = v;
}
