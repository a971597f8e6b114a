// The engine on the C card's arithmetic (engine.h).
// SPDX-License-Identifier: ISC
#include "engine.h"
#include "../../../rtl/card/firmware/registers.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
extern "C" {
#include "../../../sim/model/arith.h"
}

static const size_t tile_fifo = 16;
static const uint32_t of_source[] = {1, 1, 2, 2, 2}; // words of RAM that a word of it is

Engine::Engine(uint32_t ram_bytes, uint32_t log2_max, uint32_t log2_plan_words, std::mt19937 &dice, Haste haste)
    : dice(dice), haste(haste), ram_bytes(ram_bytes), log2_max(log2_max), log2_plan_words(log2_plan_words),
      most_batch(1u << (log2_max - 10))
{
    ram.assign((ram_bytes + 65536 + ram_bytes / 64 + (32u << log2_plan_words) + 32768) / 4, 0);
    for (size_t i = ram_bytes / 4; i < ram.size(); i++)
        ram[i] = dice();
    for (auto &word : latched)
        word = (uint32_t)dice();
    for (uint32_t i = NAVE_LOG2_MIN_PARTITION; i <= log2_max; i++)
        tables[i] = nave_tables_create(i);
}

Engine::~Engine()
{
    for (auto t : tables)
        nave_tables_free(t);
}

void Engine::wrong(const char *what)
{
    if (!fault)
        fault = what;
}

uint32_t Engine::some(size_t most)
{
    return (uint32_t)std::min<size_t>(most, haste == EAGER ? 4096 : 1 + dice() % 128);
}

uint32_t &Engine::ram_at(uint32_t address)
{
    if (address % 4 || address / 4 >= ram.size()) {
        wrong("an address outside the RAM");
        return ram[0];
    }
    return ram[address / 4];
}

void Engine::command(uint32_t t, uint32_t context, uint64_t position, const Words &words)
{
    type = t;
    of_context = context;
    at_position = position;
    payload = words;
    pending = true;
}

// ---- streams

bool Engine::fetch_x()
{
    if (x_queue.empty() || x_words.size() > 64)
        return false;
    for (uint32_t n = some(64); n && !x_queue.empty(); n--) {
        Piece &p = x_queue.front();
        const uint32_t at = p.address + 8 * x_done;
        const bool skip = p.tag & NAVE_E_SKIP >> 16;
        x_words.push_back({skip ? 0 : ram_at(at) | (uint64_t)ram_at(at + 4) << 32, p.tag});
        if (++x_done >= p.count) {
            x_queue.pop_front();
            x_done = 0;
        }
    }
    return true;
}

bool Engine::fetch_h()
{
    if (h_queue.empty() || h_words.size() > 64)
        return false;
    for (uint32_t n = some(64); n && !h_queue.empty(); n--) {
        Piece &p = h_queue.front();
        const uint32_t at = p.address + 8 * h_done;
        h_words.push_back(ram_at(at) | (uint64_t)ram_at(at + 4) << 32);
        if (++h_done >= p.count) {
            h_queue.pop_front();
            h_done = 0;
        }
    }
    return true;
}

bool Engine::give_payload()
{
    if (given_left == 0 && request) {
        given_at = request_word & 0x7fff;
        given_left = request_word >> 16 & 0x7fff;
        given_to_writer = request_word >> 31;
        request = false;
        if (given_at + given_left > payload.size())
            wrong("a payload is read beyond its end");
        return true;
    }
    if (given_left == 0 || !given_to_writer || made[1].size() > 16)
        return false;
    for (uint32_t n = some(given_left); n; n--, given_left--)
        made[1].push_back(payload[given_at++]);
    return true;
}

bool Engine::write_take()
{
    if (w_queue.empty() || to_ram.size() > 1024)
        return false;
    Piece &p = w_queue.front();
    auto &from = made[p.tag & 7];
    const size_t there = p.tag == 0 ? p.count - w_done : from.size();
    if (there == 0)
        return false;
    for (uint32_t n = some(std::min<size_t>(there, p.count - w_done)); n; n--) {
        uint32_t word = 0;
        if (p.tag) {
            word = from.front();
            from.pop_front();
        }
        to_ram.push_back({p.address + 4 * w_done++, word});
    }
    if (w_done == p.count) {
        if (p.count % of_source[p.tag])
            wrong("half a word is written");
        w_queue.pop_front();
        w_done = 0;
    }
    return true;
}

bool Engine::write_put()
{
    if (to_ram.empty())
        return false;
    for (uint32_t n = some(to_ram.size()); n; n--) {
        ram_at(to_ram.front().first) = to_ram.front().second;
        to_ram.pop_front();
    }
    return true;
}

// ---- CPU port

bool Engine::port_go()
{
    if (port == READ && port_taken && port_words.size() < port_fifo) {
        port_words.push_back(ram_at(port_at));
        port_at += 4;
        port_taken--;
        return true;
    }
    if (port == WRITE && !port_words.empty()) {
        ram_at(port_at) = port_words.front();
        port_words.pop_front();
        port_at += 4;
        if (--port_left == 0)
            port = NONE;
        return true;
    }
    if (port == FILTER && steps.empty()) { // one due step waits at most
        const uint32_t a = ram_at(port_at), b = ram_at(port_at + 4);
        const uint32_t phase = latched[NAVE_E_PHASE / 4 + (a >> 8 & 7)];
        port_at += 8;
        port_left -= 2;
        if ((phase & NAVE_E_PHASE_VALID) && (phase & 0xffff) == (b & 0xffff))
            steps.push_back({a, b});
        if (port_left == 0)
            port = NONE;
        return true;
    }
    return false;
}

// ---- block operations

bool Engine::load()
{
    if (op != LOAD || mode != NAVE_E_MODE_TRANSFORM || x_words.empty())
        return false;
    const size_t n = 2u << (op_word >> 4 & 15);
    for (uint32_t k = some(std::min(x_words.size(), (n - op_in.size()) / 2)); k; k--) {
        const XWord w = x_words.front();
        x_words.pop_front();
        const bool skip = w.tag & NAVE_E_SKIP >> 16;
        for (int part = 0; part < 2; part++)
            op_in.push_back(skip ? 0 : nave_round32((int32_t)(w.data >> 32 * part), w.tag & 31));
    }
    if (op_in.size() == n)
        load_done();
    return true;
}

void Engine::load_done()
{
    const nave_tables *t = tables[op_word >> 4 & 15];
    const size_t n = op_in.size();
    Tile x(n), y(n);
    uint32_t magnitude = nave_load_c(x.data(), op_in.data(), n);
    op_given = 0;
    op_out.assign(n, 0);
    if ((op_word & 3) == NAVE_E_OP_FORWARD) {
        int shift = -28;
        result_valid = true;
        result = NAVE_E_RESULT_ZERO;
        op = IDLE;
        if (magnitude) {
            const int32_t *z = nave_fft_c(t, x.data(), y.data(), NAVE_FFT_LAST30, &magnitude, &shift);
            shift += nave_post_c(t, z, magnitude, op_out.data());
            result = (uint32_t)shift & 0xffff;
            op = UNLOAD;
        }
    } else {
        const std::vector<uint8_t> align(n / 2 / NAVE_TILE_BINS + 1, 0);
        op_shift = (int32_t)(op_word << 4) >> 20;
        op_shift += nave_pre_c(t, op_in.data(), align.data(), magnitude, x.data(), &magnitude);
        const int32_t *z = nave_fft_c(t, x.data(), y.data(), NAVE_FFT_HALF, &magnitude, &op_shift) + n / 2;
        op_shift += 44;
        op_out.assign(z, z + n / 2);
        op = OVERLAP;
    }
}

bool Engine::unload()
{
    if (op != UNLOAD || made[2].size() > 16)
        return false;
    for (uint32_t n = some((op_out.size() - op_given) / 2); n; n--)
        for (int part = 0; part < 2; part++)
            made[2].push_back((uint32_t)op_out[op_given++]);
    if (op_given == op_out.size())
        op = IDLE;
    return true;
}

bool Engine::overlap()
{
    if (op != OVERLAP || h_words.size() < 2 || made[3].size() > 16)
        return false;
    int64_t mix[2];
    for (int i = 0; i < 2; i++) {
        mix[i] = (int64_t)h_words.front();
        h_words.pop_front();
    }
    nave_overlap_c(mix, op_out.data() + op_given, 2, op_shift);
    for (int i = 0; i < 2; i++) {
        made[3].push_back((uint32_t)mix[i]);
        made[3].push_back((uint32_t)((uint64_t)mix[i] >> 32));
    }
    op_given += 2;
    if (op_given == op_out.size())
        op = IDLE;
    return true;
}

// ---- CMAC

// An idle CMAC takes its job two clocks after JOB1, before the first word of a read that was asked for later.
bool Engine::cmac_starts() const
{
    return !running && !jobs.empty() && mode == NAVE_E_MODE_CMAC && tiles.size() <= 8;
}

bool Engine::cmac_start()
{
    if (!cmac_starts())
        return false;
    if (open && jobs.front().bins != job.bins && (x_ring.size() || h_ring.size() || x_part.size() || h_part.size()))
        wrong("tiles of two sizes in the rings");
    job = jobs.front();
    jobs.pop_front();
    running = open = true;
    giving = false;
    job_step = 0;
    job_x.clear();
    job_h.clear();
    return true;
}

bool Engine::cmac_x()
{
    if (!open || cmac_starts() || mode != NAVE_E_MODE_CMAC || x_words.empty() || x_ring.size() >= rings())
        return false;
    for (uint32_t n = some(std::min<size_t>(x_words.size(), job.bins - x_part.size() / 2)); n; n--) {
        const XWord w = x_words.front();
        x_words.pop_front();
        for (int part = 0; part < 2; part++)
            x_part.push_back(w.tag & NAVE_E_SKIP >> 16 ? 0 : nave_round32((int32_t)(w.data >> 32 * part), w.tag & 31));
    }
    if (x_part.size() == 2 * job.bins) {
        x_ring.push_back(x_part);
        x_part.clear();
    }
    return true;
}

bool Engine::cmac_h()
{
    if (!open || cmac_starts() || mode != NAVE_E_MODE_CMAC || h_words.empty() || h_ring.size() >= rings())
        return false;
    for (uint32_t n = some(std::min<size_t>(h_words.size(), job.bins - h_part.size() / 2)); n; n--) {
        for (int part = 0; part < 2; part++)
            h_part.push_back((int32_t)(h_words.front() >> 32 * part));
        h_words.pop_front();
    }
    if (h_part.size() == 2 * job.bins) {
        h_ring.push_back(h_part);
        h_part.clear();
    }
    return true;
}

bool Engine::cmac_run()
{
    if (!running || giving || x_ring.size() < job.batch || h_ring.empty())
        return false;
    const bool last = (job_step + 1) % job.partitions == 0; // of a path
    for (uint32_t n = last ? job.batch : 1; n; n--) {
        job_x.push_back(x_ring.front());
        x_ring.pop_front();
    }
    job_h.push_back(h_ring.front());
    h_ring.pop_front();
    if (++job_step == job.paths * job.partitions)
        cmac_sum();
    return true;
}

void Engine::cmac_sum()
{
    std::vector<const int32_t *> x, h;
    for (auto &t : job_x)
        x.push_back(t.data());
    for (auto &t : job_h)
        h.push_back(t.data());
    const std::vector<uint8_t> align(x.size(), 0);
    const nave_cmac_job c = {.bins = job.bins,
                             .first = job.first,
                             .paths = job.paths,
                             .partitions = job.partitions,
                             .batch = job.batch,
                             .x = x.data(),
                             .align = align.data(),
                             .h = h.data()};
    int shift[NAVE_MAX_BATCH];
    uint32_t magnitude[NAVE_MAX_BATCH];
    int32_t *y[NAVE_MAX_BATCH];
    job_y.assign(job.batch, Tile(2 * job.bins));
    for (uint32_t j = 0; j < job.batch; j++)
        y[j] = job_y[j].data();
    nave_cmac_c(&c, y, shift, magnitude);
    job_shift.assign(shift, shift + job.batch);
    job_magnitude.assign(magnitude, magnitude + job.batch);
    giving = true;
    gives = give_at = 0;
}

bool Engine::cmac_give()
{
    if (!running || !giving || made[4].size() > 28)
        return false;
    for (int part = 0; part < 2; part++)
        made[4].push_back((uint32_t)job_y[gives][give_at++]);
    if (give_at < 2 * job.bins)
        return true;
    if (tiles.size() >= tile_fifo)
        wrong("results of tiles are not taken");
    tiles.push_back({job_magnitude[gives], job_shift[gives]});
    give_at = 0;
    if (++gives == job.batch)
        running = false;
    return true;
}

// ---- mixer and link

bool Engine::mix()
{
    if (runs.empty() || mode != NAVE_E_MODE_MIX || mixed.size() > 16 || x_words.empty())
        return false;
    const Run &r = runs.front();
    if (r.how & NAVE_E_MIX_FIRST && run_done == 0)
        dry_half = false;
    if (r.how & NAVE_E_MIX_HAS_DRY && !dry_half) {
        if (h_words.empty())
            return false;
        dry_word = h_words.front();
        h_words.pop_front();
    }
    const int64_t wet = (int64_t)x_words.front().data;
    const int32_t dry = r.how & NAVE_E_MIX_HAS_DRY ? (int32_t)(dry_word >> (dry_half ? 32 : 0)) : 0;
    dry_half = !dry_half;
    x_words.pop_front();
    const nave_mix_job j = {
        .wet = &wet, .dry = &dry, .frames = 1, .wet_q28 = (int32_t)r.wet, .dry_q28 = (int32_t)r.dry};
    int64_t q44;
    int32_t q28;
    if (r.how & NAVE_E_MIX_Q44) {
        const uint32_t limited = nave_mix_q44_c(&q44, &j);
        mixed.push_back({q44, 2, limited});
    } else {
        const uint32_t limited = nave_mix_q28_c(&q28, &j);
        mixed.push_back({q28, 1, limited});
    }
    if (++run_done == r.frames) {
        runs.pop_front();
        run_done = 0;
    }
    return true;
}

bool Engine::mix_out()
{
    if (mixed.empty() || out_left == 0)
        return false;
    for (uint32_t n = some(mixed.size()); n && out_left; n--) {
        const Mixed &m = mixed.front();
        for (uint32_t i = 0; i < m.words; i++)
            frames.back().payload.push_back((uint32_t)((uint64_t)m.word >> 32 * i));
        out_left -= std::min(out_left, m.words);
        clipped += m.limited;
        clipped_words += m.limited;
        mixed.pop_front();
    }
    return true;
}

bool Engine::send_header()
{
    if (!out_waits || out_left)
        return false;
    frames.push_back(out_next);
    out_left = out_next.length / 4;
    out_waits = false;
    return true;
}

// ---- all of it

bool Engine::step()
{
    static bool (Engine::*const part[])() = {
        &Engine::fetch_x, &Engine::fetch_h,    &Engine::write_take, &Engine::write_put, &Engine::give_payload,
        &Engine::port_go, &Engine::load,       &Engine::unload,     &Engine::overlap,   &Engine::cmac_start,
        &Engine::cmac_x,  &Engine::cmac_h,     &Engine::cmac_run,   &Engine::cmac_give, &Engine::mix,
        &Engine::mix_out, &Engine::send_header};
    const uint32_t parts = sizeof(part) / sizeof(part[0]), from = dice() % parts;
    clock++;
    for (uint32_t i = 0; i < parts; i++) {
        const auto now = part[(from + i) % parts];
        if (!(haste == LATE && now == &Engine::write_put) && (this->*now)())
            return true;
    }
    return haste == LATE && write_put();
}

void Engine::settle()
{
    while (step())
        ;
}
