// rtl/link against the C card: the same words in, good and bad, must give the same answer frames, counters and RAM.
// The contexts behind the link are a second C card; payloads reach it through the RTL's ports only.
// SPDX-License-Identifier: ISC
#include "bench.h"
#include "reference.h"
#include "../seed.h"
#include "../undefined.h"
#include <cstdlib>
#include <verilated.h>

static uint32_t some_length(Bench &b)
{
    switch (b.below(8)) {
    case 0:
        return 1 + b.below(16384);
    case 1: {
        static const uint32_t edge[] = {63, 64, 65, 127, 128, 1023, 1024, 1025, 16384};
        return edge[b.below(9)];
    }
    default:
        return 1 + b.below(200);
    }
}

static Frame good_frame(Bench &b)
{
    const uint32_t c = b.below(3);
    uint32_t words[512];
    switch (b.below(12)) {
    case 0:
        return b.frame(NAVE_FRAME_REG_READ, c, b.below(0x60) * 4);
    case 1:
        return b.frame(NAVE_FRAME_REG_WRITE, c, b.below(4) ? NAVE_REG_SCRATCH : b.below(64), b.noise(1));
    case 2:
    case 3: {
        const Words p = b.noise(some_length(b));
        return b.frame(NAVE_FRAME_RAM_WRITE, c, 4 * b.below(ram_words - p.size() + 1), p);
    }
    case 4: {
        const uint32_t n = some_length(b);
        return b.frame(NAVE_FRAME_RAM_READ, c, 4 * b.below(ram_words - n + 1), {4 * n});
    }
    case 5: {
        const size_t n = reference_plan(words, 1 + b.below(3));
        if (b.below(4) == 0)
            words[b.below((uint32_t)n)] ^= 1u << b.below(32);
        return b.frame(NAVE_FRAME_PLAN_LOAD, c, 64 * b.below(ram_bytes / 64 - 300), Words(words, words + n));
    }
    case 6:
        return b.frame(NAVE_FRAME_START, c, 0, {b.below(8) ? b.below(2) : b.below(4)});
    case 7:
        return b.frame(b.below(6) ? NAVE_FRAME_START : b.below(2) ? NAVE_FRAME_STOP : NAVE_FRAME_UNLOAD, c);
    case 8:
        return b.frame(NAVE_FRAME_PARAM, c, b.frames_in(c) + b.below(300), {b.below(4), (uint32_t)b.random()});
    default: {
        Words p = b.noise(6 * (1 + b.below(b.below(20) ? 60 : 2000)));
        const int quiet = b.below(2) ? 3 : 0;
        for (auto &v : p)
            v = (uint32_t)((int32_t)v >> quiet);
        return b.frame(NAVE_FRAME_AUDIO_IN, c, b.frames_in(c) + (b.below(8) ? 0 : b.below(3) - 1), p);
    }
    }
}

// One thing that happens on the link: a good frame, or one of the ways to be bad.
static void happen(Bench &b)
{
    Frame f = good_frame(b);
    switch (b.below(24)) {
    case 0:
        f.sequence += 1 + b.below(3);
        return b.send(f.words());
    case 1:
        f.epoch ^= 1u << b.below(32);
        return b.send(f.words());
    case 2:
        f.version = b.below(256);
        return b.send(f.words());
    case 3:
        f.type = b.below(256);
        return b.send(f.words());
    case 4:
        f.context = b.below(65536);
        return b.send(f.words());
    case 5: { // one bit, anywhere
        Words w = f.words();
        w[b.below(w.size())] ^= 1u << b.below(32);
        return b.send(w);
    }
    case 6: { // in the payload
        Words w = f.words();
        w[w.size() > 8 ? 8 + b.below(w.size() - 8) : 7] ^= 1u << b.below(32);
        return b.send(w);
    }
    case 7: { // cut short: its payload swallows what comes next
        Words w = f.words();
        w.resize(b.below(w.size()));
        return b.send(w);
    }
    case 8:
        return b.send(b.noise(b.below(40)));
    case 9: { // headers that look right for a while
        Words w;
        for (uint32_t i = b.below(20) + 1; i; i--)
            w.push_back(b.below(3) ? NAVE_MAGIC : b.below(65536) * 4);
        return b.send(w);
    }
    case 10: { // a length that no frame has
        Words w = f.words();
        w[4] = b.below(2) ? 65540 + 4 * b.below(1000) : w[4] + 1 + b.below(3);
        w[7] = test_crc(f.card, w.data(), 28);
        return b.send(w);
    }
    case 11:
        f.position = b.below(2) ? (uint64_t)b.random() << 32 | b.random() : f.position + 1 + b.below(3);
        return b.send(f.words());
    case 12:
        f.payload.resize(b.below(4));
        return b.send(f.words());
    case 13: // twice
        b.send(f.words());
        return b.send(f.words());
    case 14:
        if (b.below(6) == 0)
            b.sync();
        return;
    case 15: { // SYNC that is itself bad
        Frame s = b.frame(NAVE_FRAME_SYNC, b.below(2) ? 0 : b.below(20), 0, b.noise(b.below(3)));
        s.epoch = b.below(2) ? s.epoch : b.random();
        Words w = s.words();
        if (b.below(3) == 0)
            w.back() ^= 1;
        return b.below(4) ? b.send(w) : void();
    }
    default:
        return b.send(f.words());
    }
}

static void running_context(Bench &b, uint32_t channels)
{
    uint32_t words[512];
    const size_t n = reference_plan(words, channels);
    b.sync();
    b.send(b.frame(NAVE_FRAME_RAM_WRITE, 0, 64 * 300, b.noise(4096)).words());
    b.send(b.frame(NAVE_FRAME_PLAN_LOAD, 1, 64 * 300, Words(words, words + n)).words());
    b.send(b.frame(NAVE_FRAME_START, 1, 0, {1}).words());
}

static bool random_round(uint32_t seed, int stalls, const char *vectors = nullptr)
{
    random_undefined(seed);
    Bench b(seed, stalls);
    if (vectors && !(b.vectors = fopen(vectors, "w")))
        return false;
    b.send(b.noise(b.below(20)));
    running_context(b, 1 + b.below(3));
    for (int i = 0; i < 120; i++)
        happen(b);
    if (b.below(4) == 0) { // more changes than are kept
        running_context(b, 1);
        for (int i = 0; i < 260; i++)
            b.send(b.frame(NAVE_FRAME_PARAM, 1, 1000 + i, {1, (uint32_t)i}).words());
    }
    b.send(Words(16384 + 16, 0)); // a frame that was cut short ends here
    b.sync();
    b.read_registers();
    const bool good = b.drain();
    if (b.vectors)
        fclose(b.vectors);
    return good;
}

// Three frames, with each word in and out held in turn.
static bool stall_everywhere(uint32_t seed)
{
    long in = 0, out = 0;
    for (long at = -1; at < 400; at++) {
        random_undefined(seed);
        Bench b(seed, 0);
        running_context(b, 1);
        if (!b.drain())
            return false;
        Words w = b.frame(NAVE_FRAME_RAM_WRITE, 0, 4 * 61, b.noise(70)).words();
        in = w.size();
        b.send(w);
        b.send(b.frame(NAVE_FRAME_RAM_READ, 0, 4 * 61, {4 * 70}).words());
        b.send(b.frame(NAVE_FRAME_AUDIO_IN, 1, 0, b.noise(64)).words());
        in += 10 + 73;
        out = 15 + 79 + 137;
        if (!b.drain(at < in ? at : -1, at < out ? at : -1)) {
            printf("with word %ld held\n", at);
            return false;
        }
        if (at > in && at > out)
            break;
    }
    return true;
}

// What random frames seldom meet: each bit of both CRCs, every mixture of faults, both sides of each limit.
static bool edges(uint32_t seed, int stalls)
{
    random_undefined(seed);
    Bench b(seed, stalls);
    running_context(b, 2);
    for (int bit = 0; bit < 32; bit++)
        for (int which = 0; which < 2; which++) {
            Words w = b.frame(NAVE_FRAME_RAM_WRITE, 0, 256 * bit, b.noise(3)).words();
            (which ? w.back() : w[7]) ^= 1u << bit;
            b.send(w);
            b.send(b.frame(NAVE_FRAME_REG_READ, 0, NAVE_REG_SCRATCH).words());
        }
    for (int faults = 0; faults < 64; faults++) { // the order in which they are found
        Frame f = b.frame(NAVE_FRAME_RAM_WRITE, faults & 16 ? 9 : 0, faults & 32 ? ram_bytes : 0, b.noise(4));
        f.version += faults & 1;
        f.epoch += faults >> 1 & 1;
        f.sequence += faults >> 2 & 1 ? (faults & 1 ? 1 : -1) : 0;
        Words w = f.words();
        w.back() ^= faults >> 3 & 1;
        b.send(w);
    }
    static const uint32_t context[] = {0, 1, 7, 8, 9, 15, 16, 0x100, 0x8000, 0xffff};
    for (uint32_t c : context) {
        b.send(b.frame(NAVE_FRAME_REG_READ, c, NAVE_REG_ID).words());
        b.send(b.frame(NAVE_FRAME_STOP, c).words());
    }
    static const uint32_t size[] = {1, 2, 63, 64, 65, 300, 1024, 1025, 16383, 16384};
    for (uint32_t n : size)
        for (int64_t beside = -8; beside <= 8; beside += 4) {
            const uint64_t at = (uint64_t)(ram_bytes - 4 * (int64_t)n + beside);
            b.send(b.frame(NAVE_FRAME_RAM_WRITE, 0, at, b.noise(n)).words());
            b.send(b.frame(NAVE_FRAME_RAM_READ, 0, at, {4 * n}).words());
        }
    static const uint64_t position[] = {
        ram_bytes, ram_bytes + 4ull, 0x80000000ull, 0xfffffffcull, 1ull << 32, 1ull << 63, 1, 2};
    for (uint64_t at : position) {
        b.send(b.frame(NAVE_FRAME_RAM_WRITE, 0, at, b.noise(2)).words());
        b.send(b.frame(NAVE_FRAME_RAM_READ, 0, at, {8}).words());
        b.send(b.frame(NAVE_FRAME_REG_READ, 0, at).words());
        b.send(b.frame(NAVE_FRAME_REG_WRITE, 0, at | NAVE_REG_SCRATCH, b.noise(1)).words());
    }
    static const uint32_t bytes[] = {0, 1, 2, 3, 4, 6, 65532, 65536, 65540, 1u << 20, 0x80000000u, 0xfffffffcu};
    for (uint32_t n : bytes)
        b.send(b.frame(NAVE_FRAME_RAM_READ, 0, 0, {n}).words());
    for (uint32_t c = 0; c < 9; c++)
        for (uint32_t a = 0; a < NAVE_REG_CONTEXT_STRIDE; a += 4)
            b.send(b.frame(NAVE_FRAME_REG_READ, 0, NAVE_REG_CONTEXT_BASE + c * NAVE_REG_CONTEXT_STRIDE + a).words());
    for (uint32_t a = 0; a < 0x100; a += 2)
        b.send(b.frame(NAVE_FRAME_REG_READ, 0, a).words());
    for (uint32_t sequence : {0xfffffffeu, 0u, 0x7fffffffu}) { // it wraps
        Frame f = b.frame(NAVE_FRAME_SYNC);
        f.epoch = sequence ^ 0x5a5a5a5a;
        f.sequence = sequence;
        b.send(f.words());
        for (int i = 0; i < 4; i++)
            b.send(b.frame(NAVE_FRAME_REG_READ, 0, NAVE_REG_FRAMES_OK).words());
    }
    b.read_registers();
    return b.drain();
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    const uint32_t seed = (uint32_t)seed_of_run();
    const int rounds = argc > 1 ? atoi(argv[1]) : 40;
    if (argc > 2) // one round, its pins written to a file
        return !random_round(seed, 1, argv[2]);
    int passed = 0, failed = 0;
    for (int i = 0; i < rounds && failed < 3; i++) {
        const bool good = random_round(seed + i, i % 4);
        if (!good)
            printf("FAIL round %d (NAVE_SEED=%u repeats it as round 0)\n", i, seed + i);
        (good ? passed : failed)++;
    }
    if (stall_everywhere(seed))
        passed++;
    else
        failed++;
    for (int stalls = 0; stalls < 2; stalls++) {
        const bool good = edges(seed, stalls);
        if (!good)
            printf("FAIL limits, stalls %d\n", stalls);
        (good ? passed : failed)++;
    }
    if (rounds >= 40)
        for (uint32_t s = 0; s <= NAVE_STATUS_FULL; s++)
            if (!seen[s]) {
                printf("FAIL status %u was never answered\n", s);
                failed++;
            }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
