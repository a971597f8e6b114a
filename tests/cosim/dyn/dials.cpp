// rtl/dyn/ramp.v and dials.v against sim/model/ramp.c, dyn.c and dials.c: every word that any dial means, from the
// start on and after every frame, while many dials move. SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "dials.h"
#include "Vdials_top.h"
#include <deque>
#include <memory>
#include <vector>

static const uint32_t MAX_CLOCKS = 200000; // until a frame has been told

struct Bench {
    Vdials_top top;
    Suite &s;
    std::unique_ptr<nave_dyn> d{new nave_dyn};
    std::vector<int32_t> memory;
    std::deque<nave_dyn_event> events;
    Meaning told;
    uint64_t clocks = 0;
    uint32_t stall = 0;

    explicit Bench(Suite &suite) : s(suite)
    {
    }
    void clock()
    {
        top.clk = 1;
        top.eval();
        clocks++;
        top.clk = 0;
        top.eval();
    }
    // False: what the dials mean before the first frame is wrong.
    bool start(uint32_t channels)
    {
        std::vector<int64_t> dials(NAVE_DIALS);
        nave_dyn_shape shape = {};
        shape.channels = channels;
        shape.limiter_frames = 2;
        shape.limiter_share = {1 << 30, 30};
        memory.resize(nave_dyn_words(&shape));
        top.clk = 0;
        top.stereo = channels == 2;
        top.l_valid = top.start = top.e_valid = top.o_ready = 0;
        top.rst = 1;
        clock();
        clock();
        top.rst = 0;
        for (uint32_t i = 0; i < NAVE_DIALS; i++) {
            dials[i] = any_dial(s);
            top.l_valid = 1;
            top.l_dial = i;
            top.l_value = (uint64_t)dials[i];
            clock();
        }
        top.l_valid = 0;
        top.start = 1;
        clock();
        top.start = 0;
        nave_dyn_start(d.get(), &shape, dials.data(), memory.data());
        return frame() && same("start");
    }
    // All that is told of a frame.
    bool frame()
    {
        for (uint32_t n = 0; n < MAX_CLOCKS; n++) {
            top.e_valid = !events.empty();
            if (top.e_valid) {
                top.e_frame = events.front().frame;
                top.e_dial = events.front().dial;
                top.e_value = (uint64_t)events.front().value;
                top.e_frames = events.front().ramp_frames;
            }
            top.o_ready = stall == 0 || s.below(stall) == 0;
            top.eval();
            const bool last = top.o_valid && top.o_ready && top.o_last;
            if (top.o_valid && top.o_ready && !top.o_last)
                for (uint32_t to = 1; to <= TO_LIMITER; to <<= 1)
                    if (top.o_to & to)
                        told[to << 10 | top.o_address] = top.o_data;
            if (top.e_valid && top.e_ready)
                events.pop_front();
            clock();
            if (last)
                return true;
        }
        s.fail("frame %llu is never told", (unsigned long long)d->frame);
        return false;
    }
    bool same(const char *when)
    {
        const Meaning expected = meaning_of(d.get());
        for (const auto &e : expected) {
            const auto got = told.find(e.first);
            if (got == told.end() || got->second != e.second) {
                s.fail("%s, frame %llu: word %03x of %u is %011llx, model %011llx", when, (unsigned long long)d->frame,
                       e.first & 0x3ff, e.first >> 10, got == told.end() ? 0ull : (unsigned long long)got->second,
                       (unsigned long long)e.second);
                return false;
            }
        }
        for (const auto &t : told)
            if (!expected.count(t.first)) {
                s.fail("%s: word %03x of %u means nothing", when, t.first & 0x3ff, t.first >> 10);
                return false;
            }
        return true;
    }
    void any_events(uint32_t frames)
    {
        const uint32_t crowd = s.below(4), n = crowd == 0 ? 200 + s.below(200) : s.below(30);
        std::vector<nave_dyn_event> list(n);
        for (nave_dyn_event &e : list) {
            // groups are small, so that their dials move together, and dials are met again
            e.dial = s.below(3) ? s.below(NAVE_DIALS) : 16 + s.below(12);
            e.frame = d->frame + (crowd == 0 ? 1 + s.below(2) : s.below(frames));
            e.value = any_dial(s);
            e.ramp_frames = s.below(4) == 0 ? s.below(3) : s.below(8) ? s.below(40) : (uint32_t)s.any64();
        }
        for (uint64_t f = d->frame; f < d->frame + frames; f++)
            for (const nave_dyn_event &e : list)
                if (e.frame == f) {
                    nave_dyn_set(d.get(), &e);
                    events.push_back(e);
                }
        events.push_back({d->frame + frames, 0, 700 + s.below(300), 0}); // no more until then
    }
    bool run(uint32_t frames)
    {
        int32_t x[2] = {0, 0};
        const int32_t *in[2] = {&x[0], &x[1]};
        int32_t y[2], *out[2] = {&y[0], &y[1]};
        any_events(frames);
        for (uint32_t i = 0; i < frames; i++) {
            if (!frame())
                return false;
            nave_dyn_process(d.get(), in, nullptr, out, 1);
            if (!same("moving"))
                return false;
        }
        return true;
    }
};

// Clocks of a frame in which so many dials move.
static void speed(Suite &s)
{
    static const struct {
        const char *name;
        uint32_t first, apart, dials;
    } move[] = {{"nothing", 0, 1, 0},
                {"12 levels", NAVE_DIAL_BAND + NAVE_BAND_MAKEUP, 16, 12},
                {"a split's q2 and p2", NAVE_DIAL_SPLIT, 1, 2},
                {"120 dials of bands", NAVE_DIAL_BAND, 1, 120}};
    for (const auto &m : move) {
        Bench b(s);
        if (!b.start(2))
            continue;
        for (uint32_t i = 0; i < m.dials; i++) {
            const nave_dyn_event e = {1, any_dial(s), m.first + m.apart * i, 1000};
            nave_dyn_set(b.d.get(), &e);
            b.events.push_back(e);
        }
        b.events.push_back({1000, 0, 1023, 0});
        b.frame();
        b.frame();
        const uint64_t begin = b.clocks;
        for (uint32_t i = 0; i < 100; i++)
            b.frame();
        printf("  %-24s moves: %5.0f clocks a frame\n", m.name, (double)(b.clocks - begin) / 100);
        b.top.final();
        nave::count_coverage();
    }
}

int main()
{
    Suite s("dials", 12);
    for (uint32_t n = 0; n < s.cases; n++) {
        Bench b(s);
        b.stall = s.below(2) ? 0 : 1 + s.below(4);
        bool good = b.start(1 + s.below(2));
        for (uint32_t k = 0; k < 4 && good; k++)
            good = b.run(1 + s.below(60));
        if (good)
            s.count(true);
        b.top.final();
        nave::count_coverage();
    }
    speed(s);
    return s.finish();
}
