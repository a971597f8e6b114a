// rtl/card/engine.v, driven through its registers as the firmware does, against the blocks of sim/model: operations,
// CMAC steps, mixes and moves at random places of the RAM, whose words are all compared after each step. Stalls of RAM,
// link and core swept.
// SPDX-License-Identifier: ISC
#include "operations.h"

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
    const uint32_t ring = frames + s.below(100), dry_ring = frames + s.below(100),
                   clipped_before = e.read(NAVE_E_CLIPPED);
    const uint64_t position = s.any64();
    const uint32_t context = s.below(8), length = channels * frames * (q44 ? 8 : 4);
    e.clear_places();
    e.out.clear();
    e.headers.clear();
    std::vector<uint32_t> want;
    uint32_t limited = 0, pulses = e.clipped;
    const bool header_first = s.below(2) || length > 32, another = header_first && s.below(2);
    const auto header = [&] {
        e.write(NAVE_E_OUT_POSITION_LO, (uint32_t)position);
        e.write(NAVE_E_OUT_POSITION_HI, (uint32_t)(position >> 32));
        e.write(NAVE_E_OUT_START, length | context << 20);
    };
    e.write(NAVE_E_MODE, NAVE_E_MODE_MIX);
    if (header_first)
        header();
    if (another) { // a frame without words: its header waits until the first has gone, and disturbs nothing
        e.write(NAVE_E_OUT_POSITION_LO, 1);
        e.write(NAVE_E_OUT_POSITION_HI, 2);
        e.write(NAVE_E_OUT_START, 0);
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
            e.write(NAVE_E_MIX_WET, (uint32_t)wet_q28);
            e.write(NAVE_E_MIX_DRY, dry ? (uint32_t)dry_q28 : s.word());
            for (const Piece &q : e.pieces(0, ring, wet_at, n, 1))
                e.x_read(wet + 2 * q.at, q.words);
            if (dry)
                e.h_read(in + dry_at, (n + 1) / 2);
            e.write(NAVE_E_MIX_RUN, n | q44 << 16 | dry << 17 | 1u << 18);
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
    e.idle(NAVE_E_X_IDLE | NAVE_E_H_IDLE | NAVE_E_MIXER_IDLE | NAVE_E_OUT_IDLE);
    const uint32_t counted = e.read(NAVE_E_CLIPPED) - clipped_before;
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
    e.write(NAVE_E_MODE, 0);
    e.payload.resize(1500);
    for (auto &w : e.payload)
        w = (uint32_t)s.any64();
    for (uint32_t i = 0, n = 1 + s.below(6); i < n; i++) {
        const uint32_t words = s.below(4) ? s.below(40) : s.below(700), at = e.place("moved", words);
        switch (s.below(4)) {
        case 0: {
            const uint32_t v = (uint32_t)s.any64();
            e.write(NAVE_E_W_CONSTANT, v);
            e.w_write(at, words, NAVE_E_OF_CONSTANT);
            std::fill(&e.want[at], &e.want[at] + words, v);
            break;
        }
        case 1: {
            const uint32_t offset = s.below(700);
            if (!words)
                break;
            e.write(NAVE_E_PAYLOAD_READ, offset | words << 16 | 1u << 31);
            e.w_write(at, words, NAVE_E_OF_PAYLOAD);
            std::copy_n(&e.payload[offset], words, &e.want[at]);
            break;
        }
        case 2: {
            const uint32_t offset = s.below(700), few = words % 20;
            if (!few)
                break;
            e.write(NAVE_E_PAYLOAD_READ, offset | few << 16);
            for (uint32_t k = 0; k < few; k++)
                if (e.read(NAVE_E_PAYLOAD_DATA) != e.payload[offset + k])
                    return s.fail("payload word %u of %u", k, few);
            break;
        }
        default: {
            e.write(NAVE_E_C_ADDRESS, 4 * at);
            e.write(NAVE_E_C_WRITE, words);
            for (uint32_t k = 0; k < words; k++) {
                e.want[at + k] = (uint32_t)s.any64();
                e.write(NAVE_E_C_PUSH, e.want[at + k]);
            }
            // a read by the same port sees the words without a look at STATUS
            e.write(NAVE_E_C_ADDRESS, 4 * at);
            e.write(NAVE_E_C_READ, words);
            for (uint32_t k = 0; k < words; k++)
                if (e.read(NAVE_E_C_DATA) != e.want[at + k])
                    return s.fail("the core's word %u of %u", k, words);
        }
        }
    }
    e.idle(NAVE_E_WRITER_IDLE | NAVE_E_PORT_IDLE);
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
        e.write(NAVE_E_PHASE + 4 * i, phase[i]);
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
        e.write(NAVE_E_C_ADDRESS, 4 * at);
        e.write(NAVE_E_C_FILTER, 2 * steps);
        for (const auto &d : due) {
            const uint32_t word0 = e.read(NAVE_E_STEP0), word1 = e.read(NAVE_E_STEP1);
            if (word0 != d.first || word1 != d.second)
                return s.fail("step filter: %08x %08x, not %08x %08x", word0, word1, d.first, d.second);
        }
        if (e.read(NAVE_E_STEP0) != 0xffffffffu || e.read(NAVE_E_STEP0) != 0xffffffffu)
            return s.fail("step filter: no end after %zu of %u steps", due.size(), steps);
    }
    s.count(e.agrees("step filter"));
}

// a command of the link and its answer, events, registers of contexts
static void link(Engine &e)
{
    Suite &s = e.s;
    const uint32_t type = s.below(256), context = s.below(8), before = e.answers, ticks = e.ticks;
    if (e.read(NAVE_E_COMMAND) & 1)
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
    const uint64_t position = e.read(NAVE_E_POSITION_LO) | (uint64_t)e.read(NAVE_E_POSITION_HI) << 32;
    if (!taken || e.read(NAVE_E_COMMAND) != (1 | type << 8 | context << 16) || position != e.top.x_position ||
        e.read(NAVE_E_LENGTH) != e.top.x_length || e.read(NAVE_E_WORD0) != e.top.x_word0 ||
        e.read(NAVE_E_WORD1) != e.top.x_word1)
        return s.fail("a command's fields");
    const uint32_t value = (uint32_t)s.any64(), status = s.below(16), answered = s.below(2);
    e.write(NAVE_E_EVENT, 1);
    e.write(NAVE_E_VALUE, value);
    if (e.answers != before || e.top.x_ready)
        return s.fail("an answer before its time");
    e.write(NAVE_E_ANSWER, status | answered << 4);
    e.read(NAVE_E_STATUS);
    if (e.answers != before + 1 || e.answer_status != status || e.answer_value != value || e.answered != answered ||
        e.ticks != ticks + 1 || e.read(NAVE_E_COMMAND) & 1)
        return s.fail("an answer, or an event");
    uint32_t v[64];
    for (uint32_t i = 0; i < 64; i++)
        e.write(NAVE_E_CONTEXT_REG + 4 * i, v[i] = (uint32_t)s.any64());
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
    const uint32_t busy = e.read(NAVE_E_BUSY);
    const uint64_t at = e.cycles, waited = e.waited_cycles;
    mix(e);
    for (int i = 0; i < 4; i++)
        e.tick();
    const uint32_t busy_now = e.read(NAVE_E_BUSY);
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
    e.write(NAVE_E_MODE, NAVE_E_MODE_TRANSFORM);
    e.write(NAVE_E_OP, t->log2n << 4);
    e.x_read(at, n);
    while (!e.ram.active())
        e.tick();
    const uint64_t quiet = e.quiet, cycles = e.cycles;
    while (!(e.read(NAVE_E_STATUS) & NAVE_E_X_IDLE))
        ;
    const uint64_t took = e.cycles - cycles, lost = e.quiet - quiet;
    if (e.read(NAVE_E_RESULT) >> 31 != 1)
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
        if (e.read(NAVE_E_RAM_BYTES + 4 * i) != constants[i])
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
