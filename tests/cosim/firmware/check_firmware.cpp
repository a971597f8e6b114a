// The card's firmware, compiled for this machine, on an engine that keeps to what rtl/card/README.md promises and to no
// more, against the C card: whole sessions, command by command, answers, audio, registers, and all of the RAM.
// SPDX-License-Identifier: ISC
#include "engine.h"
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
extern "C" {
#include "../../../rtl/card/firmware/firmware.h"
}
#include "../card/plans.h"
#include "../frame.h"
#include "../seed.h"

static Engine *engine_now; // whose registers the firmware sees

extern "C" uint32_t nave_engine_read(uint32_t offset)
{
    return engine_now->read(offset);
}

extern "C" void nave_engine_write(uint32_t offset, uint32_t value)
{
    engine_now->write(offset, value);
}

struct Totals {
    uint64_t commands, ticks, words, clipped, silent, status[16], loud;
};
static Totals totals;

class Session
{
  public:
    Session(uint32_t seed, const test_limits &limits, uint32_t ram_bytes, Engine::Haste haste)
        : limits(limits), ram_bytes(ram_bytes), dice(seed), random{seed},
          engine(ram_bytes, limits.max_log2, (uint32_t)__builtin_ctz(limits.max_plan_words), dice, haste),
          card(test_card(&limits, ram_bytes)), firmware(new nave_fw())
    {
        engine_now = &engine;
        nave_fw_begin(firmware.get());
        for (uint32_t i = 0; i < ram_bytes / 4; i++)
            engine.ram[i] = ((uint32_t *)test_ram(card))[i] = dice() % 4 ? 0 : dice();
        good = send(NAVE_FRAME_SYNC, 0, 0, {});
    }
    ~Session()
    {
        for (auto &p : plan)
            test_plan_free(&p);
        nave_model_destroy(card);
    }

    bool run(uint32_t events)
    {
        for (uint32_t i = 0; i < 2; i++)
            good = good && begin_stream();
        for (uint32_t i = 0; good && i < events; i++)
            good = event();
        return good;
    }

  private:
    test_limits limits;
    uint32_t ram_bytes;
    std::mt19937 dice;
    test_random random;
    Engine engine;
    nave_model *card;
    std::unique_ptr<nave_fw> firmware;
    test_plan plan[8] = {};
    uint64_t base[8] = {}, written[8] = {};
    uint32_t sequence = 0, sent = 0;
    bool good = true;

    uint32_t any()
    {
        return (uint32_t)dice();
    }
    uint32_t below(uint32_t n)
    {
        return any() % n;
    }
    bool fail(const char *format, ...) __attribute__((format(printf, 2, 3)))
    {
        va_list list;
        va_start(list, format);
        printf("command %u: ", sent);
        vprintf(format, list);
        printf("\n");
        va_end(list);
        for (int c = 0; c < 8; c++)
            if (plan[c].words)
                printf("  context %d: %s at 0x%llx\n", c, plan[c].what, (unsigned long long)base[c]);
        return false;
    }

    uint32_t card_register(uint32_t address)
    {
        std::vector<Words> out = ask(NAVE_FRAME_REG_READ, 0, address, {});
        return out[0][10];
    }
    std::vector<Words> ask(uint32_t type, uint32_t context, uint64_t position, const Words &payload)
    {
        return answers_to(card, Frame(card, type, context, position, payload).words());
    }

    // One command to both; everything that can be seen is compared.
    bool send(uint32_t type, uint32_t context, uint64_t position, const Words &payload)
    {
        const uint32_t ticks = card_register(NAVE_REG_TICKS), clipped = card_register(NAVE_REG_CLIPPED);
        const std::vector<Words> expected = ask(type, context, position, payload);
        sent++;
        totals.commands++;
        if (type == NAVE_FRAME_RAM_WRITE) {
            memcpy(engine.ram.data() + position / 4, payload.data(), payload.size() * 4);
            return true;
        }
        engine_now = &engine;
        engine.frames.clear();
        engine.ticks = engine.clipped = 0;
        engine.command(type, context, position, payload);
        nave_fw_command(firmware.get());
        if (engine.is_pending())
            return fail("type 0x%x was not answered", type);
        if (engine.fault)
            return fail("type 0x%x: %s", type, engine.fault);
        engine.settle();
        if (!answers(type, expected) || !audio(expected))
            return false;
        if (engine.ticks != card_register(NAVE_REG_TICKS) - ticks)
            return fail("%u ticks counted", engine.ticks);
        if (engine.clipped != card_register(NAVE_REG_CLIPPED) - clipped)
            return fail("%u words limited", engine.clipped);
        totals.ticks += engine.ticks;
        totals.clipped += engine.clipped;
        for (uint32_t c = 0; c < 8; c++)
            for (uint32_t i = 0; i < 5; i++) {
                const uint32_t v = card_register(NAVE_REG_CONTEXT_BASE + c * NAVE_REG_CONTEXT_STRIDE + 4 * i);
                if (engine.context_register[8 * c + i] != v)
                    return fail("type 0x%x: register %u of context %u is %u, the C card's %u", type, i, c,
                                engine.context_register[8 * c + i], v);
            }
        return same_ram();
    }
    bool answers(uint32_t type, const std::vector<Words> &expected)
    {
        uint32_t status = NAVE_STATUS_OK, value = 0;
        bool answered = true;
        for (auto &f : expected)
            if ((f[1] >> 8 & 0xff) != NAVE_FRAME_AUDIO_OUT) {
                status = f[9];
                value = f[10];
                answered = false;
            }
        totals.status[status & 15]++;
        const bool said = engine.answer >> 4 & 1;
        if ((engine.answer & 15) != status || said != answered)
            return fail("type 0x%x: status %u%s, the C card's is %u (detail %u)", type, engine.answer & 15,
                        said ? ", answered" : "", status, value);
        if (!answered && type != NAVE_FRAME_SYNC && engine.value != value)
            return fail("type 0x%x, status %u: detail %u, the C card's is %u", type, status, engine.value, value);
        return true;
    }
    bool audio(const std::vector<Words> &expected)
    {
        size_t k = 0;
        for (auto &f : expected) {
            if ((f[1] >> 8 & 0xff) != NAVE_FRAME_AUDIO_OUT)
                continue;
            if (k == engine.frames.size())
                return fail("the C card gives another frame of audio");
            const Out &o = engine.frames[k++];
            const uint64_t position = f[5] | (uint64_t)f[6] << 32;
            if (o.context != f[1] >> 16 || o.position != position || o.length != f[4] || o.payload.size() * 4 != f[4])
                return fail("a frame of context %u, position %llu, %u bytes (%zu words); the C card's: %u, %llu, %u",
                            o.context, (unsigned long long)o.position, o.length, o.payload.size(), f[1] >> 16,
                            (unsigned long long)position, f[4]);
            for (uint32_t i = 0; i < o.payload.size(); i++) {
                if (o.payload[i] != f[8 + i])
                    return fail("position %llu, word %u is %08x, the C card's %08x", (unsigned long long)position, i,
                                o.payload[i], f[8 + i]);
                *(o.payload[i] ? &totals.loud : &totals.silent) += 1;
            }
            totals.words += o.payload.size();
        }
        return k == engine.frames.size() || fail("a frame of audio that the C card does not give");
    }
    bool same_ram()
    {
        const uint32_t *want = (const uint32_t *)test_ram(card);
        if (memcmp(engine.ram.data(), want, ram_bytes) == 0)
            return true;
        uint32_t at = 0;
        while (engine.ram[at] == want[at])
            at++;
        char where[256];
        test_where(card, 4 * at, where, sizeof(where));
        return fail("RAM word 0x%x is %08x, the C card's %08x: %s", 4 * at, engine.ram[at], want[at], where);
    }

    Words noise(uint32_t n)
    {
        Words w(n);
        const uint32_t kind = below(8), quiet = below(3) ? below(24) : 24 + below(8);
        for (auto &v : w)
            v = kind == 0   ? 0
                : kind == 1 ? (below(2) ? 0x80000000u : 0x7fffffff)
                : kind == 2 ? (below(200) ? 0 : any())
                            : (uint32_t)((int32_t)any() >> quiet);
        if (kind > 4) /* and some channels silent */
            for (uint32_t i = n / 2; i < n; i++)
                w[i] = 0;
        return w;
    }
    bool fill_ram(uint64_t at, const uint32_t *words, uint32_t n)
    {
        bool fine = true;
        for (uint32_t done = 0; fine && done < n;) {
            const uint32_t now = std::min(n - done, 16384u);
            fine = send(NAVE_FRAME_RAM_WRITE, 0, at + 4 * done, Words(words + done, words + done + now));
            done += now;
        }
        return fine;
    }

    bool load(uint32_t c)
    {
        test_plan p;
        int err = -1;
        for (uint32_t i = 0; err && i < 200; i++)
            err = below(2) ? test_plan_compile(&p, &random, &limits) : test_plan_any(&p, &random, &limits);
        if (err)
            return fail("no plan that is short enough");
        uint64_t at = 64 * (below(4) ? below((ram_bytes - p.ram_bytes) / 64 + 1) : below(ram_bytes / 64));
        const uint32_t other = below(8);
        if (plan[other].words && below(3) == 0) /* right behind another's region, or a little into it */
            at = (base[other] + plan[other].ram_bytes + 63) / 64 * 64 - (below(3) ? 0 : 64);
        Words words(p.words, p.words + p.count);
        if (below(4) == 0) { /* changed somewhere: mostly refused */
            uint32_t &w = words[below(3) ? below(p.count) : below(std::min(p.count, 40u))];
            w = below(2) ? w ^ 1u << below(32) : below(2) ? w + 64 * below(3) - 64 : any();
        }
        if (below(20) == 0)
            words.resize(below(p.count + 1));
        if (!send(NAVE_FRAME_PLAN_LOAD, c, at + (below(30) == 0 ? 32 : 0) + (below(30) ? 0 : (uint64_t)1 << 32),
                  words)) {
            test_plan_free(&p);
            return false;
        }
        if ((engine.answer & 15) != NAVE_STATUS_OK) {
            test_plan_free(&p);
            return true;
        }
        test_plan_free(&plan[c]);
        plan[c] = p;
        base[c] = at;
        return p.image_words == 0 || fill_ram(at + p.image_base, p.image, p.image_words);
    }
    bool begin_stream()
    {
        const uint32_t c = below(8);
        return load(c) && send(NAVE_FRAME_START, c, 0, {below(2)});
    }
    uint32_t a_running()
    {
        for (uint32_t i = 0; i < 20; i++) {
            const uint32_t c = below(8);
            if (test_running(card, c))
                return c;
        }
        return below(8);
    }
    bool send_audio(uint32_t c)
    {
        const uint32_t inputs = plan[c].words ? plan[c].inputs : 1 + below(4),
                       tick = plan[c].words ? plan[c].tick_frames : 64;
        uint32_t frames = below(3) ? tick : 1 + below(2 * tick);
        if (below(10) == 0)
            frames = 1 + below(20);
        if (plan[c].words && plan[c].cycles < 100000 && below(3) == 0)
            frames = tick * (1 + below(4));
        frames = std::min(frames, 16384 / inputs);
        Words w = noise(frames * inputs);
        uint64_t position = test_frames_in(card, c);
        if (below(20) == 0)
            position += below(2) ? (uint64_t)1 << 32 : below(3) - 1;
        if (below(20) == 0)
            w.resize(below((uint32_t)w.size() + 1));
        return send(NAVE_FRAME_AUDIO_IN, c, position, w);
    }
    bool send_params(uint32_t c)
    {
        const bool many = below(12) == 0;
        uint64_t at = test_frames_in(card, c);
        bool fine = true;
        for (uint32_t i = many ? 330 : 1 + below(4); fine && i; i--) {
            at += many ? below(2) : below(60);
            Words w = {below(10) ? 1 + below(2) : any(), any()};
            if (below(2))
                w[1] = (uint32_t)((int32_t)w[1] >> below(8));
            if (below(30) == 0)
                w.resize(below(4));
            fine = send(NAVE_FRAME_PARAM, c, below(30) ? at : at - below(100), w);
        }
        return fine;
    }
    bool event()
    {
        const uint32_t c = a_running();
        switch (below(24)) {
        case 0:
        case 1:
            return begin_stream();
        case 2:
            return send(NAVE_FRAME_START, below(8), 0, Words(below(6) ? 1 : below(3), below(6) ? below(2) : any()));
        case 3:
            return send(below(3) ? NAVE_FRAME_STOP : NAVE_FRAME_UNLOAD, below(8), 0, Words(below(8) == 0, 0));
        case 4:
            return below(6) || (send(NAVE_FRAME_SYNC, 0, 0, {}) && begin_stream() && begin_stream());
        case 5:
        case 6:
        case 7:
            return send_params(c);
        case 8: /* the host writes into what runs: any words are legal */
            return fill_ram(4 * below(ram_bytes / 4 - 64), noise(64).data(), 64);
        case 9: /* again from the begin */
            return send(NAVE_FRAME_STOP, c, 0, {}) && send(NAVE_FRAME_START, c, 0, {below(2)});
        default:
            return send_audio(c);
        }
    }
};

int main(int argc, char **argv)
{
    const char *hasty = getenv("NAVE_HASTE"), *wanted = getenv("NAVE_CASES");
    const uint32_t seed = (uint32_t)seed_of_run();
    const int cases = argc > 1 ? atoi(argv[1]) : wanted ? atoi(wanted) : 120;
    int passed = 0, failed = 0;
    for (int i = 0; i < cases && failed < 3; i++) {
        std::mt19937 dice(seed + i);
        test_limits limits = {};
        limits.max_log2 = 11 + dice() % 3;
        limits.max_batch = 1u << (limits.max_log2 - 10);
        limits.lanes = 1;
        limits.max_plan_words = dice() % 4 ? 4096 : 512;
        limits.cycles = dice() % 4 ? 200000 : 1500000;
        const Engine::Haste haste = (Engine::Haste)(hasty ? atoi(hasty) % 4 : i % 4);
        const uint32_t ram_bytes = (16 + dice() % 48) * 65536;
        limits.ram_bytes = ram_bytes / (1 + dice() % 4);
        Session session(seed + i, limits, ram_bytes, haste);
        const bool good = session.run(60);
        if (!good)
            printf("FAIL case %d (NAVE_SEED=%u NAVE_HASTE=%d repeats it as case 0)\n", i, seed + i, haste);
        (good ? passed : failed)++;
    }
    printf("%llu commands, %llu ticks, %llu words of audio, %llu limited\n", (unsigned long long)totals.commands,
           (unsigned long long)totals.ticks, (unsigned long long)totals.words, (unsigned long long)totals.clipped);
    if (cases >= 100) {
        static const uint32_t of_contexts[] = {NAVE_STATUS_OK,        NAVE_STATUS_BAD_LENGTH,   NAVE_STATUS_BAD_ADDRESS,
                                               NAVE_STATUS_BAD_PLAN,  NAVE_STATUS_BAD_POSITION, NAVE_STATUS_BAD_STATE,
                                               NAVE_STATUS_BAD_VALUE, NAVE_STATUS_FULL};
        for (uint32_t s : of_contexts)
            if (!totals.status[s]) {
                printf("FAIL status %u was never answered\n", s);
                failed++;
            }
        if (!totals.clipped || totals.loud < totals.words / 10 || totals.silent < totals.words / 100) {
            printf("FAIL the audio is all loud or all silent\n");
            failed++;
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
