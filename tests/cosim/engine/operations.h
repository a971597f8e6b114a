// The operations of a block and the steps of the CMAC, driven as the firmware does, against sim/model (engine.cpp).
// SPDX-License-Identifier: ISC
#pragma once
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
    e.write(NAVE_E_MODE, NAVE_E_MODE_TRANSFORM);
    const bool early = s.below(2) && pieces.size() < 10;
    if (early)
        for (const Piece &q : pieces)
            e.x_read(q.at, q.words / 2);
    e.write(NAVE_E_OP, log2n << 4);
    if (!early)
        for (const Piece &q : pieces)
            e.x_read(q.at, q.words / 2);
    const uint32_t result = e.read(NAVE_E_RESULT);

    Lines a(2 * n), b(2 * n);
    uint32_t magnitude = nave_load_c(a.at, x.data(), 2 * n);
    int exponent = -28;
    if (magnitude) {
        const int32_t *z = nave_fft_c(t, a.at, b.at, NAVE_FFT_LAST30, &magnitude, &exponent);
        exponent += nave_post_c(t, z, magnitude, e.words(out));
        uint32_t at = out;
        for (const Piece &q : e.pieces(out, 2 * n, 0, 2 * n, 2)) {
            e.w_write(at, q.words, NAVE_E_OF_UNLOAD);
            at += q.words;
        }
    }
    e.idle(NAVE_E_X_IDLE | NAVE_E_WRITER_IDLE | NAVE_E_OP_IDLE);
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

    e.write(NAVE_E_MODE, NAVE_E_MODE_TRANSFORM);
    e.write(NAVE_E_OP, 1 | log2n << 4 | ((uint32_t)base & 0xfff) << 16);
    const auto stretch = e.pieces(2 * 0, ring, from, n, 1);
    // few pieces: none may wait for room while the words that would make it wait for the other port
    if (stretch.size() > 10)
        return inverse(e, t);
    for (const Piece &q : stretch)
        e.h_read(mix + 2 * q.at, q.words);
    for (const Piece &q : stretch)
        e.w_write(mix + 2 * q.at, 2 * q.words, NAVE_E_OF_OVERLAP);
    for (uint32_t i = 0; i < tiles; i++)
        e.x_read(in + 2 * bins * i, bins, align[i]);
    e.idle(NAVE_E_X_IDLE | NAVE_E_H_IDLE | NAVE_E_WRITER_IDLE | NAVE_E_OP_IDLE);

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
            const uint32_t magnitude = e.read(NAVE_E_TILE0), shift = e.read(NAVE_E_TILE1);
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
    e.write(NAVE_E_MODE, NAVE_E_MODE_CMAC);
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
        e.write(NAVE_E_JOB0, bins | (job == 0) << 8 | batch << 12);
        e.write(NAVE_E_JOB1, partitions | paths << 16);
        for (uint32_t at : y)
            e.w_write(at + first, 2 * bins, NAVE_E_OF_CMAC);
        if (!early)
            push_rows(first);
    }
    for (int i = 0; late && i < 40000; i++) // the last job must not lose results that nobody has read
        e.tick();
    while (!results.empty())
        pop();
    e.idle(NAVE_E_X_IDLE | NAVE_E_H_IDLE | NAVE_E_WRITER_IDLE | NAVE_E_OP_IDLE);
    e.settle();
    good = e.agrees(what) && good;
    s.count(good);
}
