// A session of one to three contexts with random plans, frames good and bad (check_card.cpp).
// SPDX-License-Identifier: ISC
#pragma once
#include "both.h"
#include "plans.h"

static unsigned all_plans;

class Session
{
  public:
    Session(Both &b, test_random r, const test_limits &limits) : b(b), r(r), limits(limits)
    {
    }

    void run()
    {
        b.send(noise(below(3) ? 0 : below(20), 0));
        b.sync(1 + below(1000000));
        const uint32_t n = 1 + below(3);
        for (uint32_t i = 0; i < n && !b.failed; i++)
            load(i);
        uint64_t budget = 400000;
        for (int i = 0; i < 60 && !b.failed && budget > spent; i++)
            event();
        b.send(Words(16384 + 16, 0)); // a frame that was cut short ends here
        b.sync(below(1000000));
        b.step_by_step = false; // reading changes no RAM, and it is compared behind them
        registers();
        if (!b.failed)
            b.drain();
        for (auto &c : context)
            test_plan_free(&c.plan);
    }
    std::string what;

  private:
    Both &b;
    test_random r;
    test_limits limits;
    struct Context {
        test_plan plan = {};
        uint32_t base = 0;
        unsigned signal = 0;
    } context[3];
    uint64_t spent = 0;

    uint32_t below(uint32_t n)
    {
        return test_below(&r, n);
    }
    Words noise(size_t n, unsigned quiet)
    {
        Words w(n);
        for (auto &v : w)
            v = (uint32_t)((int32_t)test_next(&r) >> quiet);
        return w;
    }
    void load(uint32_t i)
    {
        Context &c = context[i];
        test_plan_free(&c.plan);
        test_limits l = limits;
        l.ram_bytes = nave::Card::ram_bytes() / 3;
        l.cycles = below(12) ? 60000 : 1500000;
        for (int tries = 0; tries < 200; tries++)
            if ((below(3) ? test_plan_compile(&c.plan, &r, &l) : test_plan_any(&c.plan, &r, &l)) == 0)
                break;
        if (!c.plan.words)
            return;
        what += std::string(what.empty() ? "" : "; ") + c.plan.what;
        c.base = (uint32_t)((uint64_t)nave::Card::ram_bytes() / 3 * i + 63) / 64 * 64;
        c.base += 64 * below((nave::Card::ram_bytes() / 3 - c.plan.ram_bytes) / 64);
        b.doing = "loading " + std::string(c.plan.what);
        for (uint32_t at = 0; at < c.plan.image_words && !b.failed;) {
            const uint32_t left = c.plan.image_words - at, most = below(4) ? 16384 : 1 + below(16384);
            const uint32_t n = left < most ? left : most;
            b.send(NAVE_FRAME_RAM_WRITE, i, c.base + c.plan.image_base + 4 * at,
                   Words(c.plan.image + at, c.plan.image + at + n));
            at += n;
        }
        plan_load(i, Words(c.plan.words, c.plan.words + c.plan.count));
        start(i);
    }
    void plan_load(uint32_t i, const Words &w)
    {
        b.doing = "PLAN_LOAD of context " + std::to_string(i);
        b.send(NAVE_FRAME_PLAN_LOAD, i, context[i].base, w);
    }
    void start(uint32_t i)
    {
        all_plans++;
        b.doing = "START of context " + std::to_string(i);
        context[i].signal = below(10);
        b.send(NAVE_FRAME_START, i, 0, {below(2)});
    }
    Words audio(Context &c, uint32_t frames)
    {
        Words w(frames * c.plan.inputs);
        if (below(6) == 0)
            c.signal = below(10);
        for (size_t i = 0; i < w.size(); i++)
            switch (c.signal) {
            case 0:
                w[i] = 0;
                break;
            case 1:
                w[i] = below(2) ? 0x80000000u : 0x7fffffff;
                break;
            case 2:
                w[i] = below(200) ? 0 : test_next(&r);
                break;
            case 3:
                w[i] = (uint32_t)((int32_t)test_next(&r) >> 31); // 0 and -1
                break;
            default:
                w[i] = (uint32_t)((int32_t)test_next(&r) >> (3 * (c.signal - 4)));
            }
        return w;
    }
    Frame audio_in(uint32_t i)
    {
        Context &c = context[i];
        if (!c.plan.words)
            return b.frame(NAVE_FRAME_AUDIO_IN, i, 0, noise(6, 0));
        const uint32_t most = NAVE_MAX_PAYLOAD_BYTES / 4 / c.plan.inputs;
        uint32_t frames = below(3) ? c.plan.tick_frames : 1 + below(3 * c.plan.tick_frames);
        if (below(30) == 0)
            frames = most;
        if (frames > most)
            frames = most;
        while (frames > c.plan.tick_frames && frames / c.plan.tick_frames * c.plan.cycles > 150000)
            frames /= 2;
        b.doing = "audio of " + std::to_string(frames) + " frames to context " + std::to_string(i);
        if (test_running(b.model, i))
            spent += frames * c.plan.cycles / c.plan.tick_frames;
        return b.frame(NAVE_FRAME_AUDIO_IN, i, test_frames_in(b.model, i), audio(c, frames));
    }
    Frame param(uint32_t i)
    {
        const uint32_t tick = context[i].plan.tick_frames;
        uint32_t value = test_next(&r);
        switch (below(5)) {
        case 0:
            value = 1u << 28;
            break;
        case 1:
            value = 0;
            break;
        case 2:
            value = 0x7fffffffu + below(2);
        }
        uint64_t at = test_frames_in(b.model, i) + below(3 * tick + 2);
        if (below(10) == 0)
            at -= 1 + below(4);
        b.doing = "PARAM";
        return b.frame(NAVE_FRAME_PARAM, i, at, {below(20) ? 1 + below(2) : below(5), value});
    }
    // A frame that may be good.
    Frame some_frame()
    {
        const uint32_t i = below(3);
        Context &c = context[i];
        const uint32_t words = nave::Card::ram_bytes() / 4;
        switch (below(24)) {
        case 0:
            b.doing = "a register";
            return b.frame(NAVE_FRAME_REG_READ, i, below(0x60) * 4 == 0x10 ? 0 : some_register());
        case 1:
            return b.frame(NAVE_FRAME_REG_WRITE, i, below(3) ? NAVE_REG_SCRATCH : below(0x300), noise(1, 0));
        case 2: {
            const uint32_t n = 1 + below(below(4) ? 300 : 16384);
            b.doing = "RAM_READ";
            return b.frame(NAVE_FRAME_RAM_READ, i, 4 * below(words - n + 1), {4 * n});
        }
        case 3: { // also into what a running context uses
            const uint32_t n = 1 + below(below(4) ? 300 : 5000);
            b.doing = "RAM_WRITE";
            return b.frame(NAVE_FRAME_RAM_WRITE, i, 4 * below(words - n + 1), noise(n, below(20)));
        }
        case 4:
            if (!c.plan.words)
                break;
            b.doing = "STOP, START";
            b.send(NAVE_FRAME_STOP, i);
            return b.frame(NAVE_FRAME_START, i, 0, {below(6) ? below(2) : below(4)});
        case 5:
            b.doing = "UNLOAD";
            if (below(4) == 0)
                return b.frame(NAVE_FRAME_UNLOAD, i);
            break;
        case 6: { // a plan with a word of its own
            if (!c.plan.words || below(2))
                break;
            b.send(NAVE_FRAME_STOP, i);
            Words w(c.plan.words, c.plan.words + c.plan.count);
            const uint32_t at = below((uint32_t)w.size());
            w[at] = below(2) ? w[at] ^ 1u << below(32) : below(2) ? w[at] + 64 : w[below((uint32_t)w.size())];
            b.doing = "PLAN_LOAD of a changed plan";
            b.send(NAVE_FRAME_PLAN_LOAD, i, c.base, w);
            return b.frame(NAVE_FRAME_PLAN_LOAD, i, c.base, Words(c.plan.words, c.plan.words + c.plan.count));
        }
        case 7: // the region of a neighbour
            if (!c.plan.words)
                break;
            b.doing = "PLAN_LOAD into a neighbour";
            return b.frame(NAVE_FRAME_PLAN_LOAD, (i + 1) % 3, c.base + 64 * below(20),
                           Words(c.plan.words, c.plan.words + c.plan.count));
        case 8:
        case 9:
        case 10:
            if (c.plan.words)
                return param(i);
            break;
        case 11:
            if (below(3) == 0) {
                load(i);
                return b.frame(NAVE_FRAME_REG_READ, 0, NAVE_REG_ID);
            }
            break;
        default:
            break;
        }
        return audio_in(i);
    }
    uint32_t some_register()
    {
        for (;;) {
            const uint32_t a = 4 * below(0xd0), in_context = (a - NAVE_REG_CONTEXT_BASE) % NAVE_REG_CONTEXT_STRIDE;
            const bool cycles = a >= NAVE_REG_CONTEXT_BASE &&
                                (in_context == NAVE_REG_CONTEXT_CYCLES || in_context == NAVE_REG_CONTEXT_CYCLES_WORST);
            if (!cycles)
                return a;
        }
    }
    void event()
    {
        Frame f = some_frame();
        switch (below(60)) {
        case 0:
            f.sequence += 1 + below(3);
            return b.send(f.words());
        case 1:
            f.epoch ^= 1u << below(32);
            return b.send(f.words());
        case 2:
            f.version = below(256);
            return b.send(f.words());
        case 3:
            f.type = below(256);
            return f.type == NAVE_FRAME_SYNC ? void() : b.send(f.words());
        case 4:
            f.context = below(65536);
            return b.send(f.words());
        case 5: { // one bit, anywhere
            Words w = f.words();
            w[below((uint32_t)w.size())] ^= 1u << below(32);
            return b.send(w);
        }
        case 6: { // cut short: its payload swallows what comes next
            Words w = f.words();
            w.resize(below((uint32_t)w.size()));
            return b.send(w);
        }
        case 7:
            f.position = below(2) ? (uint64_t)test_next(&r) << 32 | test_next(&r) : f.position + 1 + below(3);
            return b.send(f.words());
        case 8:
            f.payload.resize(below(4));
            return b.send(f.words());
        case 9: // twice
            b.send(f.words());
            return b.send(f.words());
        case 10:
            b.send(noise(below(40), 0));
            return b.send(f.words());
        case 11:
            if (below(4) == 0) {
                b.doing = "SYNC";
                b.sync(below(100000));
                for (uint32_t i = 0; i < 3 && !b.failed; i++)
                    if (context[i].plan.words && below(4)) {
                        plan_load(i, Words(context[i].plan.words, context[i].plan.words + context[i].plan.count));
                        start(i);
                    }
                return;
            }
            return b.send(f.words());
        case 12:
            if (below(4) == 0 && context[0].plan.words) // more changes than are kept
                for (int i = 0; i < 258; i++)
                    b.send(NAVE_FRAME_PARAM, 0, test_frames_in(b.model, 0) + 2 * context[0].plan.tick_frames + i / 4,
                           {1 + below(2), test_next(&r)});
            return b.send(f.words());
        default:
            return b.send(f.words());
        }
    }
    void registers()
    {
        b.doing = "registers";
        for (uint32_t a = 0; a < NAVE_REG_CONTEXT_BASE && !b.failed; a += 4)
            b.send(NAVE_FRAME_REG_READ, 0, a);
        for (uint32_t c = 0; c < 9 && !b.failed; c++)
            for (uint32_t a = 0; a <= NAVE_REG_CONTEXT_CLIPPED; a += 4)
                b.send(NAVE_FRAME_REG_READ, 0, NAVE_REG_CONTEXT_BASE + NAVE_REG_CONTEXT_STRIDE * c + a);
    }
};
