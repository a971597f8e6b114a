// rtl/conv/convolver.v against the model's blocks in the order in which plans use them: forward (load, FFT, post), the
// CMAC's jobs, inverse (load, pre, FFT, overlap). Stalls swept on every stream, worst cases beside noise.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "Vnave_convolver.h"
#include "streams.h"
extern "C" {
#include "../../../sim/model/arith.h"
}
#include <cstring>
#include <functional>

enum { FFT, POST, PRE };
typedef std::vector<int32_t> Words;
static Vnave_convolver *top;
static uint64_t cycles;
static Giver load, mix, h;
static Stall sink;
static std::vector<uint64_t> unloaded, mixed, tile;
struct Done {
    uint32_t block, shift, magnitude;
};
static std::vector<Done> done;

/* One cycle of all streams. */
static void tick(Suite &s)
{
    top->s_load_valid = load.offer(s);
    top->s_load_data = load.offered ? load.words[load.at] : s.any64();
    const uint8_t align = load.offered ? load.side[load.at] : 0;
    top->s_load_skip = align == NAVE_SKIP;
    top->s_load_shift = align == NAVE_SKIP ? (uint8_t)s.below(32) : align;
    top->s_mix_valid = mix.offer(s);
    top->s_mix_data = mix.offered ? mix.words[mix.at] : s.any64();
    top->s_h_valid = h.offer(s);
    top->s_h_data = h.offered ? h.words[h.at] : s.any64();
    top->m_unload_ready = !sink.now(s);
    top->m_mix_ready = !sink.now(s);
    top->m_tile_ready = !sink.now(s);
    top->clk = 0;
    top->eval();
    load.taken(top->s_load_valid && top->s_load_ready);
    mix.taken(top->s_mix_valid && top->s_mix_ready);
    h.taken(top->s_h_valid && top->s_h_ready);
    if (top->m_unload_valid && top->m_unload_ready)
        unloaded.push_back(top->m_unload_data);
    if (top->m_mix_valid && top->m_mix_ready)
        mixed.push_back(top->m_mix_data);
    if (top->m_tile_valid && top->m_tile_ready)
        tile.push_back(top->m_tile_data);
    if (top->tile_done)
        done.push_back({top->tile_block, top->tile_shift, top->tile_magnitude});
    top->clk = 1;
    top->eval();
    cycles++;
}

static bool wait_for(Suite &s, const std::function<bool()> &what, uint32_t limit)
{
    for (uint32_t i = 0; i < limit; i++) {
        if (what())
            return true;
        tick(s);
    }
    return what();
}

static uint32_t run_load(Suite &s, uint32_t log2n, const Words &x, bool reversed, const uint8_t *align)
{
    load.reset();
    for (uint32_t k = 0; k < 1u << log2n; k++)
        load.give(packed(&x[2 * k]), align ? align[k / NAVE_TILE_BINS] : 0);
    top->s_log2n = log2n;
    top->load_reversed = reversed;
    top->load_start = 1;
    Giver keep = load;
    load.reset(); // words come after the start
    tick(s);
    load = keep;
    top->load_start = 0;
    bool finished = false;
    wait_for(
        s, [&] { return finished |= top->load_done; }, 40u << log2n);
    return finished ? top->load_magnitude : 0xffffffffu;
}

static int run_op(Suite &s, int op, uint32_t log2n, bool last30, uint32_t *magnitude)
{
    top->s_op = op;
    top->s_log2n = log2n;
    top->s_last30 = last30;
    top->s_magnitude = *magnitude;
    top->s_op_valid = 1;
    top->eval();
    wait_for(
        s, [&] { return (bool)top->s_op_ready; }, 100);
    tick(s);
    top->s_op_valid = 0;
    wait_for(
        s, [&] { return (bool)top->m_op_valid; }, 100000);
    const int exponent = (int8_t)top->m_exponent;
    if (op != POST)
        *magnitude = top->m_magnitude;
    top->m_op_ready = 1;
    tick(s);
    top->m_op_ready = 0;
    return exponent;
}

static void start_unload(Suite &s, uint32_t from, uint32_t count, bool overlap)
{
    unloaded.clear();
    mixed.clear();
    top->unload_from = from;
    top->unload_count = count;
    top->unload_overlap = overlap;
    top->unload_start = 1;
    tick(s);
    top->unload_start = 0;
}

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

static void stalls(Suite &s)
{
    static const uint32_t steps[] = {0, 0, 1, 4, 7};
    load.stall.of_8 = steps[s.below(5)];
    mix.stall.of_8 = steps[s.below(5)];
    h.stall.of_8 = steps[s.below(5)];
    sink.of_8 = steps[s.below(5)];
}

/* Words in natural order lie where they came; not one more is taken, though more are offered. */
static void natural(Suite &s, uint32_t log2n)
{
    const uint32_t n = 1u << log2n;
    Words x(2 * n);
    fill(&s.random, x.data(), 2 * n, PATTERN_NOISE, 1u << 31, INT32_MAX);
    Giver more;
    for (uint32_t k = 0; k < n + 20; k++)
        more.give(packed(&x[2 * (k % n)]));
    load.reset();
    top->s_log2n = log2n;
    top->load_reversed = 0;
    top->load_start = 1;
    tick(s);
    top->load_start = 0;
    more.stall = load.stall;
    load = more;
    bool finished = false;
    wait_for(
        s, [&] { return finished |= top->load_done; }, 40 * n);
    for (int i = 0; i < 30; i++)
        tick(s);
    if (!finished || load.at != n)
        return s.fail("load n %u in natural order: %zu words taken", n, load.at);
    load.reset();
    start_unload(s, 0, n, false);
    wait_for(
        s, [&] { return unloaded.size() == n; }, 40 * n);
    for (uint32_t k = 0; k < n; k++)
        if (k >= unloaded.size() || unloaded[k] != packed(&x[2 * k]))
            return s.fail("load n %u in natural order: word %u", n, k);
    s.count(true);
}

static void forward(Suite &s, const nave_tables *t, pattern p)
{
    const uint32_t n = 1u << t->log2n;
    Words x(2 * n);
    fill(&s.random, x.data(), 2 * n, p, 1u << 31, INT32_MAX);
    Lines a(2 * n), b(2 * n), want(2 * n);
    uint32_t model = nave_load_c(a.at, x.data(), 2 * n), seen = run_load(s, t->log2n, x, true, nullptr);
    if (seen != model)
        return s.fail("load n %u %s: magnitude %u, model %u", n, pattern_name[p], seen, model);
    int want_e = 0, e;
    const int32_t *z = nave_fft_c(t, a.at, b.at, NAVE_FFT_LAST30, &model, &want_e);
    e = run_op(s, FFT, t->log2n, true, &seen);
    want_e += nave_post_c(t, z, model, want.at);
    e += run_op(s, POST, t->log2n, true, &seen);
    start_unload(s, 0, n, false);
    wait_for(
        s, [&] { return unloaded.size() == n; }, 40 * n);
    if (e != want_e || unloaded.size() != n)
        return s.fail("forward n %u %s: exponent %d, model %d, %zu words", n, pattern_name[p], e, want_e,
                      unloaded.size());
    for (uint32_t k = 0; k < n; k++)
        if (unloaded[k] != packed(want.at + 2 * k))
            return s.fail("forward n %u %s: bin %u %llx, model %llx", n, pattern_name[p], k,
                          (unsigned long long)unloaded[k], (unsigned long long)packed(want.at + 2 * k));
    s.count(true);
}

static void inverse(Suite &s, const nave_tables *t, pattern p)
{
    const uint32_t n = 1u << t->log2n, tiles = n > NAVE_TILE_BINS ? n / NAVE_TILE_BINS : 1;
    Words y(2 * n);
    fill(&s.random, y.data(), 2 * n, p, 1u << 30, (1 << 30) - 1);
    uint8_t align[(1 << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS];
    uint32_t model = 0;
    for (uint32_t i = 0; i < tiles; i++) {
        align[i] = s.below(5) == 0 ? NAVE_SKIP : (uint8_t)(s.below(2) ? 0 : s.below(32));
        if (align[i] == NAVE_SKIP)
            continue;
        const uint32_t bins = n / tiles;
        const uint32_t m = (uint32_t)nave_round64(largest(&y[2 * bins * i], 2 * bins), align[i]);
        model = m > model ? m : model;
    }
    uint32_t seen = run_load(s, t->log2n, y, true, align);
    if (seen != model)
        return s.fail("load n %u %s: aligned magnitude %u, model %u", n, pattern_name[p], seen, model);
    Lines a(2 * n), b(2 * n);
    int want_e = nave_pre_c(t, y.data(), align, model, a.at, &model), e = run_op(s, PRE, t->log2n, false, &seen);
    if (seen != model || e != want_e)
        return s.fail("pre n %u %s: exponent %d, model %d, magnitude %u, model %u", n, pattern_name[p], e, want_e, seen,
                      model);
    const int32_t *z = nave_fft_c(t, a.at, b.at, 0, &model, &want_e) + n;
    e += run_op(s, FFT, t->log2n, false, &seen);
    if (e != want_e)
        return s.fail("inverse n %u %s: exponent %d, model %d", n, pattern_name[p], e, want_e);
    /* the plan's own shift, any, and those around which a word vanishes or is limited */
    const uint32_t which = s.below(4);
    const int shift = which == 0   ? e + 30
                      : which == 1 ? (int)s.below(90) - 45
                      : which == 2 ? -29 - (int)s.below(8)
                                   : 20 + (int)s.below(16);
    std::vector<int64_t> want(n);
    mix.reset();
    for (uint32_t i = 0; i < n; i++) {
        want[i] = (int64_t)s.any64() >> s.below(60);
        want[i] = nave_saturate(want[i], 63);
        mix.give((uint64_t)want[i]);
    }
    nave_overlap_c(want.data(), z, n, shift);
    top->overlap_shift = (uint32_t)shift & 0x3ff;
    tick(s);
    start_unload(s, n / 2, n / 2, true);
    wait_for(
        s, [&] { return mixed.size() == n; }, 80 * n);
    for (uint32_t i = 0; i < n; i++)
        if (i >= mixed.size() || mixed[i] != (uint64_t)want[i])
            return s.fail("overlap n %u %s shift %d: sample %u of %zu, %llx, model %llx", n, pattern_name[p], shift, i,
                          mixed.size(), i < mixed.size() ? (unsigned long long)mixed[i] : 0,
                          (unsigned long long)want[i]);
    s.count(true);
}

static uint32_t tile_shifts[40];

/* `jobs` tiles of one step: streams run ahead over the end of a job. */
static void multiply(Suite &s, uint32_t bins, uint32_t batch, uint32_t partitions, uint32_t paths, uint32_t jobs,
                     pattern p, bool count)
{
    const uint32_t slots = partitions + batch - 1;
    std::vector<Words> x(paths * slots * jobs), hh(paths * partitions * jobs), want;
    std::vector<uint8_t> align(paths * slots);
    std::vector<Done> want_done;
    // the host's promise: sqrt 2 2^30 sum |h| < 2^63
    unsigned spare = 0;
    while (1u << spare < paths * partitions)
        spare++;
    const uint32_t h_limit = s.below(4) ? 1u << (31 - spare) : 1u << 31; // now and then it is broken: sums wrap
    for (auto &a : align)
        a = s.below(6) == 0 ? NAVE_SKIP : (uint8_t)(s.below(2) ? 0 : s.below(32));
    for (auto &v : x) {
        v.resize(2 * bins);
        fill(&s.random, v.data(), 2 * bins, s.below(3) ? p : PATTERN_NOISE, 1u << 30, (1 << 30) - 1);
    }
    for (auto &v : hh) {
        v.resize(2 * bins);
        fill(&s.random, v.data(), 2 * bins, s.below(3) ? p : PATTERN_NOISE, h_limit, (int32_t)(h_limit - 1));
    }
    load.reset();
    h.reset();
    tile.clear();
    done.clear();
    for (uint32_t job = 0; job < jobs; job++) {
        std::vector<const int32_t *> xs, hs;
        for (uint32_t i = 0; i < paths * slots; i++) {
            const Words &v = x[job * paths * slots + i];
            xs.push_back(v.data());
            for (uint32_t k = 0; k < bins; k++)
                load.give(packed(&v[2 * k]), align[i]);
        }
        for (uint32_t i = 0; i < paths * partitions; i++) {
            const Words &v = hh[job * paths * partitions + i];
            hs.push_back(v.data());
            for (uint32_t k = 0; k < bins; k++)
                h.give(packed(&v[2 * k]));
        }
        nave_cmac_job j = {bins, job == 0, paths, partitions, batch, xs.data(), align.data(), hs.data()};
        int32_t *y[NAVE_MAX_BATCH];
        int shift[NAVE_MAX_BATCH];
        uint32_t magnitude[NAVE_MAX_BATCH];
        const size_t at = want.size();
        want.resize(at + batch, Words(2 * bins));
        for (uint32_t b = 0; b < batch; b++)
            y[b] = want[at + b].data();
        nave_cmac_c(&j, y, shift, magnitude);
        for (uint32_t b = 0; b < batch; b++) {
            want_done.push_back({b, (uint32_t)shift[b], magnitude[b]});
            tile_shifts[shift[b]]++;
        }
    }
    top->cmac = 1;
    uint64_t start = 0;
    for (uint32_t job = 0; job < jobs; job++) {
        top->s_job_valid = 1;
        top->s_job_bins = bins;
        top->s_job_first = job == 0;
        top->s_job_batch = batch;
        top->s_job_partitions = partitions;
        top->s_job_paths = paths;
        wait_for(
            s,
            [&] {
                top->eval();
                return (bool)top->s_job_ready;
            },
            10000000);
        if (job == 1)
            start = cycles;
        tick(s);
        top->s_job_valid = 0;
    }
    wait_for(
        s, [&] { return tile.size() == (size_t)jobs * batch * bins && done.size() == (size_t)jobs * batch; },
        40 * jobs * (paths * slots * bins * 3 + paths * partitions * batch * bins) + 10000);
    const uint64_t took = (cycles - start) / (jobs > 1 ? jobs - 1 : 1);
    top->cmac = 0;
    tick(s);
    const char *shape = pattern_name[p];
    for (uint32_t b = 0; b < jobs * batch; b++) {
        if (b >= done.size() || done[b].block != want_done[b].block || done[b].shift != want_done[b].shift ||
            done[b].magnitude != want_done[b].magnitude)
            return s.fail("cmac %s bins %u batch %u partitions %u paths %u: tile %u block %u shift %d, model %u; "
                          "magnitude %u, model %u",
                          shape, bins, batch, partitions, paths, b / batch, b % batch,
                          b < done.size() ? (int)done[b].shift : -1, want_done[b].shift,
                          b < done.size() ? done[b].magnitude : 0, want_done[b].magnitude);
        for (uint32_t k = 0; k < bins; k++)
            if (b * bins + k >= tile.size() || tile[b * bins + k] != packed(&want[b][2 * k]))
                return s.fail(
                    "cmac %s bins %u batch %u partitions %u paths %u: tile %u block %u bin %u, %llx, model %llx", shape,
                    bins, batch, partitions, paths, b / batch, b % batch, k,
                    b * bins + k < tile.size() ? (unsigned long long)tile[b * bins + k] : 0,
                    (unsigned long long)packed(&want[b][2 * k]));
    }
    if (count) {
        const uint64_t products = (uint64_t)paths * partitions * batch * bins / LANES;
        const uint64_t formula = products + batch * (2 * bins + 18) + 17;
        printf("cmac bins %u batch %u partitions %2u: %6llu cycles a tile, formula %6llu, products alone %6llu\n", bins,
               batch, partitions, (unsigned long long)took, (unsigned long long)formula, (unsigned long long)products);
        if (batch >= LANES && took != formula) // with fewer, a word a cycle of the streams is the bound
            return s.fail("cmac: cycles are not those of the formula");
    }
    s.count(true);
}

int main()
{
    char name[64];
    snprintf(name, sizeof(name), "convolver, %d lane%s", LANES, LANES > 1 ? "s" : "");
    Suite s(name, 150);
    top = new Vnave_convolver;
    top->s_op_valid = top->m_op_ready = top->load_start = top->unload_start = top->cmac = top->s_job_valid = 0;
    top->rst = 1;
    for (int i = 0; i < 8; i++)
        tick(s);
    top->rst = 0;
    nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1] = {nullptr};
    for (uint32_t l = 6; l <= MAX_LOG2N; l++)
        tables[l] = nave_tables_create(l);
    for (uint32_t b = 1; b <= NAVE_MAX_BATCH; b++)
        for (int p = 0; p < PATTERNS; p++) {
            stalls(s);
            multiply(s, s.below(2) ? 64 : NAVE_TILE_BINS, b, 1 + s.below(3), 1 + s.below(2), 2, (pattern)p, false);
        }
    for (uint32_t l = 6; l <= MAX_LOG2N; l++) {
        stalls(s);
        natural(s, l);
    }
    for (uint32_t i = 0; i < s.cases; i++) {
        const uint32_t l = 6 + (s.below(8) ? s.below(4) : s.below(MAX_LOG2N - 5));
        const pattern p = (pattern)s.below(PATTERNS);
        stalls(s);
        switch (s.below(3)) {
        case 0:
            forward(s, tables[l], p);
            break;
        case 1:
            inverse(s, tables[l], p);
            break;
        default:
            multiply(s, 64 + 8 * s.below((NAVE_TILE_BINS - 64) / 8 + 1), 1 + s.below(NAVE_MAX_BATCH), 1 + s.below(5),
                     1 + s.below(3), 1 + s.below(3), p, false);
        }
    }
    load.stall.of_8 = mix.stall.of_8 = h.stall.of_8 = sink.of_8 = 0;
    for (uint32_t partitions = 4; partitions <= 16; partitions *= 2)
        for (uint32_t batch = 1; batch <= 8; batch *= 2)
            multiply(s, NAVE_TILE_BINS, batch, partitions, 1, 4, PATTERN_NOISE, true);
    printf("cmac shifts:");
    for (int i = 0; i < 40; i++)
        if (tile_shifts[i])
            printf(" %d: %u", i, tile_shifts[i]);
    printf("\n");
    for (uint32_t l = 6; l <= MAX_LOG2N; l++)
        nave_tables_free(tables[l]);
    top->final();
    nave::count_coverage();
    delete top;
    return s.finish();
}
