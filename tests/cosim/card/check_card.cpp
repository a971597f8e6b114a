// The whole card in Verilog against the C card: the same words into both, good frames and bad; every word that comes
// out is compared, the RAM after each frame or at the end of the case, all registers at its end. A case is a session of
// one to three contexts with random plans. NAVE_SEED repeats a run, NAVE_CASES says how many cases, NAVE_CASE=k runs
// case k alone, NAVE_TRACE=FILE.fst traces it (a build with TRACE=1). SPDX-License-Identifier: ISC
#include "../../../sim/harness/card.h"
#include "plans.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <random>
#include <string>
#include <vector>

typedef std::vector<uint32_t> Words;

struct Frame {
    uint32_t version = NAVE_PROTOCOL_VERSION, type = 0, context = 0, sequence = 0, epoch = 0;
    uint64_t position = 0;
    Words payload;
    Words words() const
    {
        Words w = {
            NAVE_MAGIC,         version | type << 8 | context << 16, sequence, epoch, (uint32_t)payload.size() * 4,
            (uint32_t)position, (uint32_t)(position >> 32)};
        w.push_back(test_crc(w.data(), 28));
        if (!payload.empty()) {
            w.insert(w.end(), payload.begin(), payload.end());
            w.push_back(test_crc(payload.data(), (uint32_t)payload.size() * 4));
        }
        return w;
    }
};

static unsigned status_seen[16];
static uint64_t all_clocks, all_words;
static unsigned all_plans;
static double all_seconds;

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
        Frame f;
        f.type = type;
        f.context = context;
        f.position = position;
        f.payload = std::move(payload);
        f.sequence = test_expected_sequence(model);
        f.epoch = test_epoch(model);
        return f;
    }
    void send(const Words &w)
    {
        size_t done = 0, n;
        do {
            done += nave_model_write(model, (const uint8_t *)w.data() + done, w.size() * 4 - done);
            while (const uint8_t *f = nave_model_read(model, &n)) {
                const uint32_t *word = (const uint32_t *)f;
                if ((word[1] >> 8 & 0xff) == NAVE_FRAME_REPLY || (word[1] >> 8 & 0xff) == NAVE_FRAME_ERROR)
                    status_seen[word[9] & 15]++;
                expected.insert(expected.end(), word, word + n / 4);
            }
        } while (done < w.size() * 4);
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
    std::deque<uint32_t> recent;
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

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *given = getenv(name);
    return given ? strtoull(given, nullptr, 0) : otherwise;
}

static test_limits limits_of_build()
{
    const unsigned log2n = nave::Card::log2_max_partition();
    test_limits l = {};
    l.max_log2 = log2n;
    l.max_batch = log2n >= 13 ? 8 : 1u << (log2n - 10);
    l.lanes = nave::Card::lanes();
    l.max_plan_words = 4096;
    l.cycles = 60000;
    return l;
}

static bool run_case(uint64_t seed, uint64_t k)
{
    test_random r = {seed * 1000003 + k};
    nave::CardSettings s;
    s.stalls = k % 3 ? 1 + test_next(&r) : 0;
    s.fill = 1 + test_next(&r) % 1000000;
    if (getenv("NAVE_TRACE"))
        s.trace = getenv("NAVE_TRACE");
    Both b(s, limits_of_build());
    b.step_by_step = k % 4 == 0;
    Session session(b, r, limits_of_build());
    const clock_t start = clock();
    session.run();
    all_seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
    all_clocks += b.rtl.clocks;
    all_words += b.compared;
    if (b.rtl.ram_errors())
        b.fail("the RAM model saw a rule broken");
    if (b.failed)
        printf("FAIL case %llu (%s)\n  repeat: NAVE_SEED=%llu NAVE_CASE=%llu %s\n", (unsigned long long)k,
               session.what.c_str(), (unsigned long long)seed, (unsigned long long)k, program_invocation_name);
    else if (getenv("NAVE_VERBOSE"))
        printf("case %llu: %llu clocks, %llu words (%s)\n", (unsigned long long)k, (unsigned long long)b.rtl.clocks,
               (unsigned long long)b.compared, session.what.c_str());
    return !b.failed;
}

int main()
{
    const uint64_t seed = from_environment("NAVE_SEED", std::random_device{}());
    const uint64_t cases = from_environment("NAVE_CASES", 20);
    printf("card with RAM %s, %u lanes, partitions up to %u: seed %llu (NAVE_SEED), %llu cases (NAVE_CASES)\n",
           nave::Card::ram_kind(), nave::Card::lanes(), 1u << nave::Card::log2_max_partition(),
           (unsigned long long)seed, (unsigned long long)cases);
    unsigned passed = 0, failed = 0;
    if (getenv("NAVE_CASE"))
        (run_case(seed, from_environment("NAVE_CASE", 0)) ? passed : failed)++;
    else
        for (uint64_t k = 0; k < cases && failed < 5; k++)
            (run_case(seed, k) ? passed : failed)++;
    printf("%u plans started, %llu words compared, %llu clocks, %.0f kcycles/s of CPU time with the C card and the "
           "checks\n",
           all_plans, (unsigned long long)all_words, (unsigned long long)all_clocks,
           (double)all_clocks / all_seconds / 1e3);
    if (cases >= 100 && !getenv("NAVE_CASE"))
        for (unsigned s = 0; s <= NAVE_STATUS_FULL; s++)
            if (!status_seen[s]) {
                printf("FAIL status %u was never answered\n", s);
                failed++;
            }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
