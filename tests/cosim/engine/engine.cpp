// rtl/card/engine.v, driven through its registers as the firmware does, against the blocks of sim/model: operations,
// CMAC steps, mixes and moves at random places of the RAM, whose words are all compared after each step. Stalls of RAM,
// link and core swept.
// SPDX-License-Identifier: ISC
#include "driver.h"
extern "C" {
#include "../../../sim/model/arith.h"
}
#include <algorithm>
#include <deque>

typedef std::vector<int32_t> Words;
static const uint32_t CMAC_BINS = NAVE_TILE_BINS;

struct Lines { // 64-byte aligned words of the model
    int32_t *at;
    explicit Lines(size_t n) : at((int32_t *)aligned_alloc(64, (n * 4 + 63) / 64 * 64))
    {
    }
    ~Lines()
    {
        free(at);
    }
};

static pattern some_pattern(Suite &s)
{
    return (pattern)s.below(PATTERNS);
}

// fills both RAMs
static void place_words(Engine &e, uint32_t at, const int32_t *v, uint32_t n)
{
    memcpy(e.words(at), v, 4ull * n);
    memcpy(&e.ram.memory[at], v, 4ull * n);
}

static void place_noise64(Engine &e, uint32_t at, uint32_t n) // sums of the mix ring
{
    Words v(2 * n);
    for (uint32_t i = 0; i < n; i++) {
        const int64_t w = (int64_t)e.s.any64() >> (e.s.below(8) ? 1 + e.s.below(40) : 0);
        memcpy(&v[2 * i], &w, 8);
    }
    place_words(e, at, v.data(), 2 * n);
}

static void forward(Engine &e, const nave_tables *t)
{
    Suite &s = e.s;
    const uint32_t log2n = t->log2n, n = 1u << log2n, ring = 2 * n + 2 * s.below(n);
    e.clear_places();
    const uint32_t in = e.place("input ring", ring), out = e.place("spectrum", 2 * n), from = 2 * s.below(ring / 2);
    const pattern p = some_pattern(s);
    Words x(2 * n);
    fill(&s.random, x.data(), 2 * n, p, 1u << 31, INT32_MAX);
    const auto pieces = e.pieces(in, ring, from, 2 * n, 2);
    uint32_t done = 0;
    for (const Piece &q : pieces) {
        place_words(e, q.at, &x[done], q.words);
        done += q.words;
    }
    e.write(MODE, 1);
    const bool early = s.below(2) && pieces.size() < 10;
    if (early)
        for (const Piece &q : pieces)
            e.x_read(q.at, q.words / 2);
    e.write(OP, log2n << 4);
    if (!early)
        for (const Piece &q : pieces)
            e.x_read(q.at, q.words / 2);
    const uint32_t result = e.read(RESULT);

    Lines a(2 * n), b(2 * n);
    uint32_t magnitude = nave_load_c(a.at, x.data(), 2 * n);
    int exponent = -28;
    if (magnitude) {
        const int32_t *z = nave_fft_c(t, a.at, b.at, NAVE_FFT_LAST30, &magnitude, &exponent);
        exponent += nave_post_c(t, z, magnitude, e.words(out));
        uint32_t at = out;
        for (const Piece &q : e.pieces(out, 2 * n, 0, 2 * n, 2)) {
            e.w_write(at, q.words, FROM_UNLOAD);
            at += q.words;
        }
    }
    e.idle(X_IDLE | W_IDLE | OP_IDLE);
    char what[80];
    snprintf(what, sizeof(what), "forward n %u %s", n, pattern_name[p]);
    if ((result >> 31) != (p == PATTERN_SILENCE || magnitude == 0) ||
        (magnitude && (int16_t)(result & 0xffff) != exponent))
        return s.fail("%s: result %08x, model's exponent %d, magnitude %u", what, result, exponent, magnitude);
    e.settle();
    s.count(e.agrees(what));
}

static void inverse(Engine &e, const nave_tables *t)
{
    Suite &s = e.s;
    const uint32_t log2n = t->log2n, n = 1u << log2n, tiles = n > CMAC_BINS ? n / CMAC_BINS : 1, bins = n / tiles;
    const uint32_t ring = n + s.below(n), from = 2 * s.below(ring / 2) % ring;
    e.clear_places();
    const uint32_t in = e.place("spectrum", 2 * n), mix = e.place("mix ring", 2 * ring);
    const pattern p = some_pattern(s);
    Words y(2 * n);
    fill(&s.random, y.data(), 2 * n, p, 1u << 30, (1 << 30) - 1);
    place_words(e, in, y.data(), 2 * n);
    place_noise64(e, mix, ring);
    std::vector<uint8_t> align(tiles);
    uint32_t magnitude = 0;
    for (uint32_t i = 0; i < tiles; i++) {
        align[i] = s.below(5) == 0 ? NAVE_SKIP : (uint8_t)(s.below(2) ? 0 : s.below(31));
        if (align[i] != NAVE_SKIP)
            magnitude = std::max(magnitude, (uint32_t)nave_round64(largest(&y[2 * bins * i], 2 * bins), align[i]));
    }
    Lines a(2 * n), b(2 * n);
    int shifts = nave_pre_c(t, y.data(), align.data(), magnitude, a.at, &magnitude);
    const int32_t *z = nave_fft_c(t, a.at, b.at, NAVE_FFT_HALF, &magnitude, &shifts) + n;
    // the plan's own exponents, any, and those around which a word vanishes or is limited
    const uint32_t which = s.below(5);
    const int wanted = which == 0   ? 30 - (int)s.below(40)
                       : which == 1 ? -29 - (int)s.below(8)
                       : which == 2 ? 20 + (int)s.below(16)
                       : which == 3 ? (int)s.below(4000) - 2000
                                    : (int)s.below(200) - 100;
    const int base = std::max(-2048, std::min(2047, wanted - 44 - shifts)), shift = base + shifts + 44;

    e.write(MODE, 1);
    e.write(OP, 1 | log2n << 4 | ((uint32_t)base & 0xfff) << 16);
    const auto stretch = e.pieces(2 * 0, ring, from, n, 1);
    // few pieces: none may wait for room while the words that would make it wait for the other port
    if (stretch.size() > 10)
        return inverse(e, t);
    for (const Piece &q : stretch)
        e.h_read(mix + 2 * q.at, q.words);
    for (const Piece &q : stretch)
        e.w_write(mix + 2 * q.at, 2 * q.words, FROM_OVERLAP);
    for (uint32_t i = 0; i < tiles; i++)
        e.x_read(in + 2 * bins * i, bins, align[i]);
    e.idle(X_IDLE | H_IDLE | W_IDLE | OP_IDLE);

    uint32_t done = 0;
    for (const Piece &q : stretch) {
        std::vector<int64_t> sums(q.words + 1);
        // overlap takes pairs; a piece may begin with the second word of one
        for (uint32_t i = 0; i < q.words; i++) {
            int64_t pair[2] = {0, 0};
            const uint32_t k = done + i;
            memcpy(&pair[k % 2], e.words(mix + 2 * (q.at + i)), 8);
            nave_overlap_c(pair, z + k / 2 * 2, 2, shift);
            memcpy(e.words(mix + 2 * (q.at + i)), &pair[k % 2], 8);
        }
        done += q.words;
    }
    e.settle();
    char what[80];
    snprintf(what, sizeof(what), "inverse n %u %s shift %d", n, pattern_name[p], shift);
    s.count(e.agrees(what));
}

// `jobs` tiles of one step. As the firmware queues them, the results of a job are read when the one after next is
// pushed; `late`: only when all are pushed. Words that are queued before the first job wait for it, and for the size of
// its tiles.
static void multiply(Engine &e, uint32_t bins, uint32_t batch, uint32_t partitions, uint32_t paths, uint32_t jobs,
                     bool late = false)
{
    Suite &s = e.s;
    const uint32_t slots = partitions + batch - 1;
    e.clear_places();
    unsigned spare = 0;
    while (1u << spare < paths * partitions)
        spare++;
    const uint32_t h_limit = s.below(4) ? 1u << (31 - spare) : 1u << 31;
    std::vector<uint32_t> x(paths * slots), h(paths * partitions), y(batch);
    std::vector<uint8_t> align(paths * slots);
    const uint32_t row = 2 * bins * jobs;
    Words v(row);
    for (size_t i = 0; i < x.size(); i++) {
        x[i] = e.place("x " + std::to_string(i), row);
        align[i] = s.below(6) == 0 ? NAVE_SKIP : (uint8_t)(s.below(2) ? 0 : s.below(31));
        fill(&s.random, v.data(), row, some_pattern(s), 1u << 30, (1 << 30) - 1);
        place_words(e, x[i], v.data(), row);
    }
    for (size_t i = 0; i < h.size(); i++) {
        h[i] = e.place("h " + std::to_string(i), row);
        fill(&s.random, v.data(), row, some_pattern(s), h_limit, (int32_t)(h_limit - 1));
        place_words(e, h[i], v.data(), row);
    }
    for (uint32_t j = 0; j < batch; j++)
        y[j] = e.place("y of block " + std::to_string(j), row);
    char what[100];
    snprintf(what, sizeof(what), "cmac bins %u batch %u partitions %u paths %u", bins, batch, partitions, paths);
    bool good = true;
    std::deque<std::pair<uint32_t, uint32_t>> results; // magnitude, shift
    const auto pop = [&] {
        for (uint32_t j = 0; j < batch; j++) {
            const uint32_t magnitude = e.read(TILE0), shift = e.read(TILE1);
            if (good && (magnitude != results.front().first || shift != results.front().second)) {
                s.fail("%s: block %u magnitude %u shift %u, model %u %u", what, j, magnitude, shift,
                       results.front().first, results.front().second);
                good = false;
            }
            results.pop_front();
        }
    };
    const auto push_rows = [&](uint32_t first) {
        for (uint32_t p = 0; p < paths; p++)
            for (uint32_t r = 0; r < slots; r++) {
                e.x_read(x[p * slots + r] + first, bins, align[p * slots + r]);
                if (r >= batch - 1)
                    e.h_read(h[p * partitions + r - (batch - 1)] + first, bins);
            }
    };
    e.write(MODE, 2);
    for (uint32_t job = 0; job < jobs; job++) {
        const uint32_t first = 2 * bins * job;
        std::vector<const int32_t *> xs, hs;
        std::vector<int32_t *> ys;
        for (uint32_t at : x)
            xs.push_back(e.words(at + first));
        for (uint32_t at : h)
            hs.push_back(e.words(at + first));
        for (uint32_t at : y)
            ys.push_back(e.words(at + first));
        nave_cmac_job j = {bins, job == 0, paths, partitions, batch, xs.data(), align.data(), hs.data()};
        int shift[NAVE_MAX_BATCH];
        uint32_t magnitude[NAVE_MAX_BATCH];
        nave_cmac_c(&j, ys.data(), shift, magnitude);
        for (uint32_t b = 0; b < batch; b++)
            results.push_back({magnitude[b], (uint32_t)shift[b]});
        if (job > 1 && !late)
            pop();
        const bool early = job == 0 && paths * slots <= 16 && s.below(2);
        if (early)
            push_rows(first);
        e.write(JOB0, bins | (job == 0) << 8 | batch << 12);
        e.write(JOB1, partitions | paths << 16);
        for (uint32_t at : y)
            e.w_write(at + first, 2 * bins, FROM_TILE);
        if (!early)
            push_rows(first);
    }
    for (int i = 0; late && i < 40000; i++) // the last job must not lose results that nobody has read
        e.tick();
    while (!results.empty())
        pop();
    e.idle(X_IDLE | H_IDLE | W_IDLE | OP_IDLE);
    e.settle();
    good = e.agrees(what) && good;
    s.count(good);
}

static int32_t gain(Suite &s)
{
    static const int32_t some[] = {1 << 28, 0, 1, -1, INT32_MAX, INT32_MIN, -(1 << 28), 1 << 27, 1 << 11};
    return s.below(2) ? some[s.below(9)] : s.word();
}

// One AUDIO_OUT frame: channels, each of one or more runs with their own gains.
static void mix(Engine &e)
{
    Suite &s = e.s;
    const uint32_t channels = 1 + s.below(3), frames = 1 + s.below(120), q44 = s.below(2), dry = s.below(3) != 0;
    const uint32_t ring = frames + s.below(100), dry_ring = frames + s.below(100), clipped_before = e.read(CLIPPED);
    const uint64_t position = s.any64();
    const uint32_t context = s.below(8), length = channels * frames * (q44 ? 8 : 4);
    e.clear_places();
    e.out.clear();
    e.headers.clear();
    std::vector<uint32_t> want;
    uint32_t limited = 0, pulses = e.clipped;
    const bool header_first = s.below(2) || length > 32, another = header_first && s.below(2);
    const auto header = [&] {
        e.write(OUT_POSITION_LO, (uint32_t)position);
        e.write(OUT_POSITION_HI, (uint32_t)(position >> 32));
        e.write(OUT_START, length | context << 20);
    };
    e.write(MODE, 3);
    if (header_first)
        header();
    if (another) { // a frame without words: its header waits until the first has gone, and disturbs nothing
        e.write(OUT_POSITION_LO, 1);
        e.write(OUT_POSITION_HI, 2);
        e.write(OUT_START, 0);
    }
    for (uint32_t c = 0; c < channels; c++) {
        const uint32_t wet = e.place("mix ring", 2 * ring), in = e.place("input ring", dry_ring);
        uint32_t wet_at = s.below(ring), dry_at = s.below(dry_ring);
        place_noise64(e, wet, ring);
        Words v(dry_ring);
        for (auto &w : v)
            w = s.word();
        place_words(e, in, v.data(), dry_ring);
        for (uint32_t done = 0; done < frames;) {
            uint32_t n = s.below(3) ? 1 + s.below(frames - done) : frames - done;
            // a run of dry words ends where its ring does: pairs would tear
            if (dry)
                n = std::min(n, dry_ring - dry_at);
            const int32_t wet_q28 = gain(s), dry_q28 = dry ? gain(s) : 0;
            e.write(MIX_WET, (uint32_t)wet_q28);
            e.write(MIX_DRY, dry ? (uint32_t)dry_q28 : s.word());
            for (const Piece &q : e.pieces(0, ring, wet_at, n, 1))
                e.x_read(wet + 2 * q.at, q.words);
            if (dry)
                e.h_read(in + dry_at, (n + 1) / 2);
            e.write(MIX_RUN, n | q44 << 16 | dry << 17 | 1u << 18);
            for (uint32_t i = 0; i < n; i++) {
                int64_t sum, out;
                memcpy(&sum, e.words(wet + 2 * ((wet_at + i) % ring)), 8);
                const int32_t *d = e.words(in + dry_at + i), zero = 0;
                nave_mix_job job = {&sum, dry ? d : &zero, 1, wet_q28, dry_q28};
                if (q44) {
                    limited += nave_mix_q44_c(&out, &job);
                } else {
                    int32_t narrow;
                    limited += nave_mix_q28_c(&narrow, &job);
                    out = narrow;
                }
                want.push_back((uint32_t)out);
                if (q44)
                    want.push_back((uint32_t)((uint64_t)out >> 32));
            }
            wet_at = (wet_at + n) % ring;
            dry_at = (dry_at + n) % dry_ring;
            done += n;
        }
    }
    if (!header_first)
        header();
    e.idle(X_IDLE | H_IDLE | MIX_IDLE | OUT_IDLE);
    const uint32_t counted = e.read(CLIPPED) - clipped_before;
    const char *format = q44 ? "Q44" : "Q28";
    if (e.headers.size() != 1 + another || (another && e.headers[1].position != 0x200000001ull) ||
        e.headers[0].context != context || e.headers[0].position != position || e.headers[0].length != length)
        return s.fail("mix %s: header", format);
    for (size_t i = 0; i < std::max(want.size(), e.out.size()); i++)
        if (i >= want.size() || i >= e.out.size() || want[i] != e.out[i])
            return s.fail("mix %s channels %u frames %u: word %zu of %zu is %08x, model %08x", format, channels, frames,
                          i, e.out.size(), i < e.out.size() ? e.out[i] : 0, i < want.size() ? want[i] : 0);
    if (counted != limited || e.clipped - pulses != limited)
        return s.fail("mix %s: %u limited, %u pulses, model %u", format, counted, e.clipped - pulses, limited);
    s.count(e.agrees("mix"));
}

// constants and payloads to the RAM, the core's own words, payload words to the core
static void moves(Engine &e)
{
    Suite &s = e.s;
    e.clear_places();
    e.write(MODE, 0);
    e.payload.resize(1500);
    for (auto &w : e.payload)
        w = (uint32_t)s.any64();
    for (uint32_t i = 0, n = 1 + s.below(6); i < n; i++) {
        const uint32_t words = s.below(4) ? s.below(40) : s.below(700), at = e.place("moved", words);
        switch (s.below(4)) {
        case 0: {
            const uint32_t v = (uint32_t)s.any64();
            e.write(W_CONSTANT, v);
            e.w_write(at, words, FROM_CONSTANT);
            std::fill(&e.want[at], &e.want[at] + words, v);
            break;
        }
        case 1: {
            const uint32_t offset = s.below(700);
            if (!words)
                break;
            e.write(PAYLOAD_READ, offset | words << 16 | 1u << 31);
            e.w_write(at, words, FROM_PAYLOAD);
            std::copy_n(&e.payload[offset], words, &e.want[at]);
            break;
        }
        case 2: {
            const uint32_t offset = s.below(700), few = words % 20;
            if (!few)
                break;
            e.write(PAYLOAD_READ, offset | few << 16);
            for (uint32_t k = 0; k < few; k++)
                if (e.read(PAYLOAD_DATA) != e.payload[offset + k])
                    return s.fail("payload word %u of %u", k, few);
            break;
        }
        default: {
            e.write(C_ADDRESS, 4 * at);
            e.write(C_WRITE, words);
            for (uint32_t k = 0; k < words; k++) {
                e.want[at + k] = (uint32_t)s.any64();
                e.write(C_PUSH, e.want[at + k]);
            }
            // a read by the same port sees the words without a look at STATUS
            e.write(C_ADDRESS, 4 * at);
            e.write(C_READ, words);
            for (uint32_t k = 0; k < words; k++)
                if (e.read(C_DATA) != e.want[at + k])
                    return s.fail("the core's word %u of %u", k, words);
        }
        }
    }
    e.idle(W_IDLE | C_IDLE);
    e.settle();
    s.count(e.agrees("moves"));
}

// a list of steps: only those due come out, in order
static void filter(Engine &e)
{
    Suite &s = e.s;
    e.clear_places();
    uint32_t phase[8];
    for (uint32_t i = 0; i < 8; i++) {
        phase[i] = s.below(6) | (s.below(3) ? 1u << 31 : 0);
        e.write(PHASE + 4 * i, phase[i]);
    }
    for (int job = 0; job < 3; job++) {
        const uint32_t steps = 1 + s.below(32), at = e.place("steps", 2 * steps);
        Words v(2 * steps);
        std::vector<std::pair<uint32_t, uint32_t>> due;
        for (uint32_t i = 0; i < steps; i++) {
            const uint32_t word0 = (uint32_t)s.any64(), word1 = ((uint32_t)s.any64() & 0xffff0000) | s.below(6);
            v[2 * i] = (int32_t)word0;
            v[2 * i + 1] = (int32_t)word1;
            const uint32_t p = phase[word0 >> 8 & 7];
            if (p >> 31 && (p & 0xffff) == (word1 & 0xffff))
                due.push_back({word0, word1});
        }
        place_words(e, at, v.data(), 2 * steps);
        e.write(C_ADDRESS, 4 * at);
        e.write(C_FILTER, 2 * steps);
        for (const auto &d : due) {
            const uint32_t word0 = e.read(STEP0), word1 = e.read(STEP1);
            if (word0 != d.first || word1 != d.second)
                return s.fail("step filter: %08x %08x, not %08x %08x", word0, word1, d.first, d.second);
        }
        if (e.read(STEP0) != 0xffffffffu || e.read(STEP0) != 0xffffffffu)
            return s.fail("step filter: no end after %zu of %u steps", due.size(), steps);
    }
    s.count(e.agrees("step filter"));
}

// a command of the link and its answer, events, registers of contexts
static void link(Engine &e)
{
    Suite &s = e.s;
    const uint32_t type = s.below(256), context = s.below(8), before = e.answers, ticks = e.ticks;
    if (e.read(COMMAND) & 1)
        return s.fail("a command before there was one");
    e.top.x_type = type;
    e.top.x_context = context;
    e.top.x_position = s.any64();
    e.top.x_length = (uint32_t)s.below(1 << 17);
    e.top.x_word0 = (uint32_t)s.any64();
    e.top.x_word1 = (uint32_t)s.any64();
    e.top.x_valid = 1;
    bool taken = false;
    for (int i = 0; i < 20 && !taken; i++) {
        e.top.eval();
        taken = e.top.x_ready;
        e.tick();
    }
    e.top.x_valid = 0;
    const uint64_t position = e.read(POSITION_LO) | (uint64_t)e.read(POSITION_HI) << 32;
    if (!taken || e.read(COMMAND) != (1 | type << 8 | context << 16) || position != e.top.x_position ||
        e.read(LENGTH) != e.top.x_length || e.read(WORD0) != e.top.x_word0 || e.read(WORD1) != e.top.x_word1)
        return s.fail("a command's fields");
    const uint32_t value = (uint32_t)s.any64(), status = s.below(16), answered = s.below(2);
    e.write(EVENT, 1);
    e.write(VALUE, value);
    if (e.answers != before || e.top.x_ready)
        return s.fail("an answer before its time");
    e.write(ANSWER, status | answered << 4);
    e.read(STATUS);
    if (e.answers != before + 1 || e.answer_status != status || e.answer_value != value || e.answered != answered ||
        e.ticks != ticks + 1 || e.read(COMMAND) & 1)
        return s.fail("an answer, or an event");
    uint32_t v[64];
    for (uint32_t i = 0; i < 64; i++)
        e.write(CONTEXT_REG + 4 * i, v[i] = (uint32_t)s.any64());
    for (uint32_t i = 0; i < 64; i++) {
        e.top.xr_context = i / 8;
        e.top.xr_index = i % 8;
        e.tick();
        e.top.clk = 0;
        e.top.eval();
        if (e.top.xr_value != v[i])
            return s.fail("register %u of context %u", i % 8, i / 8);
    }
    s.count(true);
}

// BUSY counts clocks and stands still while the link keeps a word waiting
static void counters(Engine &e)
{
    Suite &s = e.s;
    e.link_stall = 7;
    e.bus_gap = 0;
    for (int i = 0; i < 4; i++)
        e.tick();
    const uint32_t busy = e.read(BUSY);
    const uint64_t at = e.cycles, waited = e.waited_cycles;
    mix(e);
    for (int i = 0; i < 4; i++)
        e.tick();
    const uint32_t busy_now = e.read(BUSY);
    const int64_t moved = (int64_t)(e.cycles - at), stood = (int64_t)(e.waited_cycles - waited);
    if (busy_now - busy != moved - stood || stood < 10)
        return s.fail("BUSY: %u in %lld clocks of which %lld waited", busy_now - busy, (long long)moved,
                      (long long)stood);
    s.count(true);
}

// a reader alone keeps the RAM busy: the next burst is asked for before the last word of this one came
static void rate(Engine &e, const nave_tables *t)
{
    Suite &s = e.s;
    const uint32_t n = 1u << t->log2n;
    e.ram_stall = e.link_stall = e.bus_gap = 0;
    e.clear_places();
    const uint32_t at = e.place("input", 2 * n);
    Words x(2 * n, 0);
    place_words(e, at, x.data(), 2 * n); // silence: nothing but the load
    e.write(MODE, 1);
    e.write(OP, t->log2n << 4);
    e.x_read(at, n);
    while (!e.ram.active())
        e.tick();
    const uint64_t quiet = e.quiet, cycles = e.cycles;
    while (!(e.read(STATUS) & X_IDLE))
        ;
    const uint64_t took = e.cycles - cycles, lost = e.quiet - quiet;
    if (e.read(RESULT) >> 31 != 1)
        s.fail("silence is not zero");
    printf("a load of %u RAM words: %llu clocks, RAM idle and not asked in %llu\n", 2 * n, (unsigned long long)took,
           (unsigned long long)lost);
    if (lost > 40) // the end, and the look at STATUS
        return s.fail("the RAM was not asked in %llu clocks", (unsigned long long)lost);
    s.count(true);
}

int main()
{
    Suite s("engine", 130);
    Engine e(s);
    nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1] = {nullptr};
    for (uint32_t l = 6; l <= 13; l++)
        tables[l] = nave_tables_create(l);
    static const uint32_t constants[] = {RAM_SIZE, 13, 1, 12, 8};
    for (uint32_t i = 0; i < 5; i++)
        if (e.read(CONSTANTS + 4 * i) != constants[i])
            s.fail("constant %u", i);
    for (uint32_t b = 1; b <= NAVE_MAX_BATCH; b++) {
        e.new_stalls();
        multiply(e, s.below(2) ? 64u : CMAC_BINS, b, 1 + s.below(3), 1 + s.below(2), 1 + s.below(4));
    }
    for (uint32_t i = 0; i < s.cases; i++) {
        const uint32_t l = 6 + (s.below(8) ? s.below(4) : s.below(8));
        e.new_stalls();
        switch (s.below(8)) {
        case 0:
            forward(e, tables[l]);
            break;
        case 1:
            inverse(e, tables[l]);
            break;
        case 2:
            multiply(e, s.below(2) ? 64u : CMAC_BINS, 1 + s.below(8), 1 + s.below(4), 1 + s.below(2), 1 + s.below(3));
            break;
        case 3:
        case 4:
            mix(e);
            break;
        case 5:
            moves(e);
            break;
        case 6:
            filter(e);
            break;
        default:
            link(e);
        }
    }
    for (uint32_t l = 6; l <= 13; l++) {
        e.new_stalls();
        forward(e, tables[l]);
        inverse(e, tables[l]);
    }
    e.new_stalls();
    multiply(e, 64, 8, 1, 1, 3, true);
    multiply(e, CMAC_BINS, 8, 1, 1, 3, true);
    counters(e);
    rate(e, tables[12]);
    e.top.final();
    for (uint32_t l = 6; l <= 13; l++)
        nave_tables_free(tables[l]);
    return s.finish();
}
