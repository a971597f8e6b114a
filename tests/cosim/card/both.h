// Both cards, word by word (check_card.cpp).
// SPDX-License-Identifier: ISC
#pragma once
#include "../../../sim/harness/card.h"
#include "../frame.h"
#include <cstdio>
#include <deque>
#include <string>

static unsigned status_seen[16];

// Both cards, and the host's end of a link to them.
class Both
{
  public:
    Both(const nave::CardSettings &s, const test_limits &limits)
        : rtl(s), model(test_card(&limits, nave::Card::ram_bytes()))
    {
        for (uint32_t i = 0; i < nave::Card::ram_bytes() / 4; i++)
            words()[i] = rtl.peek(i);
    }
    ~Both()
    {
        nave_model_destroy(model);
    }
    nave::Card rtl;
    nave_model *model;
    bool step_by_step = false; // RAM compared after each frame
    bool failed = false;
    uint64_t compared = 0;
    std::string doing = "nothing yet";

    uint32_t *words()
    {
        return (uint32_t *)test_ram(model);
    }
    Frame frame(uint32_t type, uint32_t context = 0, uint64_t position = 0, Words payload = {})
    {
        return Frame(model, type, context, position, std::move(payload));
    }
    void send(const Words &w)
    {
        for (auto &f : answers_to(model, w)) {
            const uint32_t type = f[1] >> 8 & 0xff;
            if (type == NAVE_FRAME_REPLY || type == NAVE_FRAME_ERROR)
                status_seen[f[9] & 15]++;
            expected.insert(expected.end(), f.begin(), f.end());
        }
        rtl.input.insert(rtl.input.end(), w.begin(), w.end());
        // while the model is far ahead the difference, if any, is far behind: a few frames at most
        while (!failed && rtl.input.size() > 30000)
            clock();
        if (step_by_step)
            drain();
    }
    void send(uint32_t type, uint32_t context = 0, uint64_t position = 0, Words payload = {})
    {
        send(frame(type, context, position, std::move(payload)).words());
    }
    void clock()
    {
        if (!rtl.clock())
            return fail("the card hangs: " + rtl.state());
        while (!rtl.output.empty()) {
            const uint32_t got = rtl.output.front();
            rtl.output.pop_front();
            note(got);
            if (expected.empty() || expected.front() != got)
                return differ(got);
            expected.pop_front();
            compared++;
        }
        if (rtl.clocks - started > limit_clocks)
            fail("the case takes more than " + std::to_string(limit_clocks) + " clocks: " + rtl.state());
    }
    // Until nothing is owed; then both have said the same and their RAM is the same.
    void drain()
    {
        while (!failed && !(rtl.input.empty() && rtl.idle()))
            clock();
        if (!failed && !expected.empty())
            fail(std::to_string(expected.size()) + " words did not come out: " + rtl.state());
        while (!failed && !rtl.at_rest()) // what was answered may still be on its way to the RAM
            clock();
        compare_ram();
    }
    // A register of the RTL alone: counters of clocks have no twin.
    uint32_t ask(uint32_t address)
    {
        drain();
        send(NAVE_FRAME_REG_READ, 0, address);
        expected.clear();
        Words got;
        while (!failed && got.size() < 12) {
            if (!rtl.clock())
                fail("the card hangs: " + rtl.state());
            while (!rtl.output.empty()) {
                got.push_back(rtl.output.front());
                rtl.output.pop_front();
            }
        }
        return failed ? 0 : got[10];
    }
    void sync(uint32_t epoch)
    {
        Frame f = frame(NAVE_FRAME_SYNC);
        f.sequence = epoch * 77;
        f.epoch = epoch;
        send(f.words());
    }
    void fail(const std::string &what)
    {
        if (!failed)
            printf("  while: %s\n  %s\n", doing.c_str(), what.c_str());
        failed = true;
    }

  private:
    std::deque<uint32_t> expected;
    uint64_t started = 0, in_frame = 0, frame_words = 8;
    Words header;
    const uint64_t limit_clocks = 60000000;

    void note(uint32_t word)
    {
        if (in_frame == frame_words) {
            in_frame = 0;
            frame_words = 8;
            header.clear();
        }
        if (in_frame < 8)
            header.push_back(word);
        if (++in_frame == 8)
            frame_words = 8 + (header[4] ? header[4] / 4 + 1 : 0);
    }
    void differ(uint32_t got)
    {
        char text[300];
        const uint32_t want = expected.empty() ? 0 : expected.front();
        snprintf(text, sizeof(text), "word %llu of a frame is %08x, the C card's %s%08x; frame type 0x%x, context %u",
                 (unsigned long long)in_frame - 1, got, expected.empty() ? "(none) " : "", want,
                 header.size() > 1 ? header[1] >> 8 & 0xff : 0, header.size() > 1 ? header[1] >> 16 : 0);
        std::string all = text;
        if (header.size() == 8) {
            snprintf(text, sizeof(text), ", position %u, %u bytes", header[5], header[4]);
            all += text;
            if (expected.size() && (header[1] >> 8 & 0xff) != NAVE_FRAME_AUDIO_OUT && header[4] == 12) {
                rtl.clock();
                all += " (answer: sequence, status, value)";
                if (!rtl.output.empty() && expected.size() > 1) {
                    snprintf(text, sizeof(text), ", then %08x, the C card's %08x", rtl.output.front(), expected[1]);
                    all += text;
                }
            }
        }
        fail(all);
        compare_ram();
    }
    void compare_ram()
    {
        const uint32_t n = nave::Card::ram_bytes() / 4;
        for (uint32_t i = 0; i < n; i++)
            if (rtl.peek(i) != words()[i]) {
                char where[200], text[400];
                test_where(model, 4 * i, where, sizeof(where));
                snprintf(text, sizeof(text), "RAM at 0x%x is %08x, the C card's %08x: %s", 4 * i, rtl.peek(i),
                         words()[i], where);
                if (failed)
                    printf("  %s\n", text);
                return fail(text);
            }
    }
};
