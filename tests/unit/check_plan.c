/* The plan compiler: every schedule it makes is legal and in time, refusals name the nearest plan that fits, and a hash
 * stands for the bits.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/plan.h"
#include "../property/property.h"

static nave_card_limits board(const char *name)
{
    nave_card_limits limits;
    ck_assert_int_eq(nave_board_limits(name, &limits), NAVE_OK);
    return limits;
}

typedef struct span {
    uint64_t from, to;
    char name[40];
} span;

static void add_span(span *list, size_t *n, uint64_t from, uint64_t bytes, const char *name, uint32_t number)
{
    MUST(from % 64 == 0, "%s %u begins at %llu", name, number, (unsigned long long)from);
    list[*n] = (span){.from = from, .to = from + bytes};
    snprintf(list[(*n)++].name, sizeof(list->name), "%s %u", name, number);
}

static int by_begin(const void *a, const void *b)
{
    const span *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* Every region of the plan apart from every other, all inside. */
static void assert_regions(const nave_card_plan *c)
{
    span *list = malloc((2 + 2 * NAVE_PLAN_MAX_TIERS + c->paths) * sizeof(*list));
    size_t n = 0;
    add_span(list, &n, c->in_base, 4ull * c->in_ring_frames * c->inputs, "input ring", 0);
    add_span(list, &n, c->mix_base, 8ull * c->mix_ring_frames * c->outputs, "mix ring", 0);
    for (uint32_t i = 0; i < c->tiers; i++) {
        const nave_plan_tier *t = &c->tier[i];
        add_span(list, &n, t->x_base, (uint64_t)t->stride_bytes * nave_tier_slots(t) * c->inputs, "x of tier", i);
        add_span(list, &n, t->y_base, (uint64_t)t->stride_bytes * t->batch * (t->y_shared ? 1 : c->outputs),
                 "y of tier", i);
        for (uint32_t p = t->first_path; p < t->first_path + t->paths; p++) {
            int known = 0; /* paths may share a response */
            for (uint32_t q = t->first_path; q < p; q++)
                known |= c->path[q].h_base == c->path[p].h_base;
            if (!known)
                add_span(list, &n, c->path[p].h_base, (uint64_t)t->stride_bytes * t->partitions, "spectra of path", p);
        }
    }
    qsort(list, n, sizeof(*list), by_begin);
    for (size_t i = 1; i < n; i++)
        MUST(list[i].from >= list[i - 1].to, "%s overlaps %s", list[i].name, list[i - 1].name);
    MUST(list[n - 1].to <= c->ram_bytes, "%s leaves the region", list[n - 1].name);
    free(list);
}

/* Tick by tick: what each step reads has been written, what it writes is not read before, nothing is done twice or
 * late. */
static void assert_schedule(const nave_card_plan *c)
{
    uint64_t longest = 1, latest = 0;
    for (uint32_t i = 0; i < c->tiers; i++) {
        longest = nave_tier_period(c, &c->tier[i]) > longest ? nave_tier_period(c, &c->tier[i]) : longest;
        latest = c->tier[i].offset_frames > latest ? c->tier[i].offset_frames : latest;
    }
    /* for each tier: the newest block transformed of each input, tiles summed and blocks inverted of each output */
    int64_t *x[NAVE_PLAN_MAX_TIERS], *done[NAVE_PLAN_MAX_TIERS];
    uint64_t *tiles[NAVE_PLAN_MAX_TIERS];
    for (uint32_t i = 0; i < c->tiers; i++) {
        x[i] = malloc(c->inputs * sizeof(int64_t));
        done[i] = malloc(c->outputs * sizeof(int64_t));
        tiles[i] = calloc(c->outputs, sizeof(uint64_t));
        for (uint32_t k = 0; k < c->inputs; k++)
            x[i][k] = -1;
        for (uint32_t k = 0; k < c->outputs; k++)
            done[i][k] = -1;
    }
    uint32_t shared_owner[NAVE_PLAN_MAX_TIERS] = {0};
    for (uint64_t tick = 0; tick < 3 * longest; tick++) {
        const uint64_t written = (tick + 1) * c->tick_frames, leaving = tick * c->tick_frames;
        for (uint32_t k = 0; k < c->steps; k++) {
            const nave_plan_step *s = &c->step[k];
            const nave_plan_tier *t = &c->tier[s->tier];
            const uint64_t period = nave_tier_period(c, t), frames = nave_tier_frames(t);
            if (tick + 1 < period || (tick + 1) % period != s->phase)
                continue;
            const int64_t batch = (int64_t)((tick + 1) / period) - 1, block = batch * t->batch + s->block;
            if (s->op == NAVE_STEP_FORWARD) {
                MUST(x[s->tier][s->channel] == block - 1, "tier %u, input %u: block %lld after %lld", s->tier,
                     s->channel, (long long)block, (long long)x[s->tier][s->channel]);
                MUST((uint64_t)(block + 1) * frames <= written, "block %lld is transformed before it is there",
                     (long long)block);
                MUST(block == 0 || written - (uint64_t)(block - 1) * frames <= c->in_ring_frames, "block %lld is gone",
                     (long long)block);
                x[s->tier][s->channel] = block;
            } else if (s->op == NAVE_STEP_CMAC) {
                const int64_t newest = batch * t->batch + t->batch - 1;
                for (uint32_t p = t->first_path; p < t->first_path + t->paths; p++)
                    if (c->path[p].output == s->channel)
                        MUST(x[s->tier][c->path[p].input] == newest,
                             "tier %u sums batch %lld of input %u too early or late", s->tier, (long long)batch,
                             c->path[p].input);
                for (uint32_t i = s->first_tile; i < (uint32_t)s->first_tile + s->tiles; i++) {
                    MUST(!(tiles[s->tier][s->channel] >> i & 1), "tile %u twice", i);
                    tiles[s->tier][s->channel] |= 1ull << i;
                }
                shared_owner[s->tier] = s->channel;
            } else {
                const uint64_t all = nave_tier_tiles(t) == 64 ? UINT64_MAX : (1ull << nave_tier_tiles(t)) - 1;
                MUST(tiles[s->tier][s->channel] == all, "tier %u inverts output %u with tiles %llx of %llx", s->tier,
                     s->channel, (unsigned long long)tiles[s->tier][s->channel], (unsigned long long)all);
                MUST(!t->y_shared || shared_owner[s->tier] == s->channel, "y is another output's");
                MUST(done[s->tier][s->channel] == block - 1, "output block %lld after %lld", (long long)block,
                     (long long)done[s->tier][s->channel]);
                const uint64_t from = (uint64_t)block * frames + t->offset_frames;
                MUST(from >= leaving, "tier %u: block %lld comes %llu frames late", s->tier, (long long)block,
                     (unsigned long long)(leaving - from));
                MUST(from + frames - leaving <= c->mix_ring_frames, "tier %u: block %lld laps the mix ring", s->tier,
                     (long long)block);
                done[s->tier][s->channel] = block;
                if (s->block == t->batch - 1)
                    tiles[s->tier][s->channel] = 0;
            }
        }
        /* all that leaves in this tick is there */
        for (uint32_t i = 0; i < c->tiers; i++)
            for (uint32_t p = c->tier[i].first_path; p < c->tier[i].first_path + c->tier[i].paths; p++) {
                const nave_plan_tier *t = &c->tier[i];
                const int64_t need = (int64_t)written - 1 - t->offset_frames;
                if (need >= 0)
                    MUST(done[i][c->path[p].output] >= need / (int64_t)nave_tier_frames(t),
                         "tick %llu: tier %u is late", (unsigned long long)tick, i);
            }
    }
    for (uint32_t i = 0; i < c->tiers; i++) {
        free(x[i]);
        free(done[i]);
        free(tiles[i]);
    }
}

/* The tiers cover the response once, without a gap. */
static void assert_cover(const nave_plan *plan, uint64_t response)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < plan->card.tiers; i++) {
        const nave_plan_tier *t = &plan->card.tier[i];
        MUST(t->offset_frames == at, "tier %u begins at %u, not %llu", i, t->offset_frames, (unsigned long long)at);
        at += (uint64_t)t->partitions << t->log2_partition;
    }
    const nave_plan_tier *last = &plan->card.tier[plan->card.tiers - 1];
    MUST(at >= response && at - response < nave_tier_frames(last), "%llu frames for a response of %llu",
         (unsigned long long)at, (unsigned long long)response);
}

static void assert_encoding(const nave_plan *plan)
{
    nave_card_plan again;
    const nave_plan_limits most = {.max_log2 = 13, .max_batch = 8, .max_words = 16384};
    const int bad = nave_plan_decode(&again, plan->words, plan->word_count, &most);
    MUST(bad == 0, "the card refuses word %d", bad - 1);
    uint32_t *words = malloc(plan->word_count * sizeof(*words));
    ck_assert_uint_eq(nave_plan_words(&again), plan->word_count);
    nave_plan_encode(&again, words);
    ck_assert_int_eq(memcmp(words, plan->words, plan->word_count * sizeof(*words)), 0);
    nave_plan_clear(&again);
    MUST(4 * plan->word_count <= 65536, "the plan is larger than a frame");
    const nave_plan_limits less = {.max_log2 = 13, .max_batch = 8, .max_words = (uint32_t)plan->word_count - 1};
    ck_assert_int_eq(nave_plan_decode(&again, plan->words, plan->word_count, &less), 3);
    words[NAVE_PLAN_HEADER_WORDS + 1] = 4096;
    ck_assert_int_eq(nave_plan_decode(&again, words, plan->word_count, &most), NAVE_PLAN_HEADER_WORDS + 2);
    free(words);
}

static void assert_legal(const nave_plan *plan, uint64_t response)
{
    assert_encoding(plan);
    assert_regions(&plan->card);
    assert_schedule(&plan->card);
    assert_cover(plan, response);
}

START_TEST(every_live_schedule_is_in_time)
{
    rng r = rng_for("live schedules");
    static const uint32_t lengths[] = {1, 64, 65, 200, 8192, 50000, 240000};
    for (uint32_t tick = 64; tick <= 8192; tick *= 2)
        for (uint32_t most = tick; most <= 8192; most *= 2)
            for (size_t k = 0; k < 7; k++) {
                const uint32_t frames = k % 3 ? lengths[k] : 1 + rng_below(&r, lengths[k]);
                nave_ir *ir = ir_mono(&r, frames);
                nave_plan_settings s;
                nave_plan_settings_default(&s);
                s.mode = NAVE_LIVE;
                s.tick_frames = tick;
                s.max_partition_frames = most;
                s.channels = 1 + rng_below(&r, 3);
                nave_plan *plan = plan_with(ir, &s);
                assert_legal(plan, frames);
                ck_assert_uint_eq(report_of(plan).tick_frames, tick);
                ck_assert_uint_eq(report_of(plan).latency_frames, 2 * tick);
                nave_plan_free(plan);
                nave_ir_free(ir);
            }
}
END_TEST

START_TEST(every_offline_schedule_is_in_time)
{
    rng r = rng_for("offline schedules");
    for (uint32_t log2 = 6; log2 <= 13; log2++)
        for (uint32_t batch = 1; batch <= 8; batch++) {
            const uint32_t frames = 1 + rng_below(&r, 70000);
            nave_ir *ir = ir_mono(&r, frames);
            nave_plan *plan = plan_offline(ir, 1 + rng_below(&r, 3), 1u << log2, batch);
            assert_legal(plan, frames);
            ck_assert_uint_eq(report_of(plan).latency_frames, 0);
            nave_plan_free(plan);
            nave_ir_free(ir);
        }
}
END_TEST

START_TEST(schedules_of_boards_and_matrices_are_in_time_and_within_their_load)
{
    rng r = rng_for("board schedules");
    static const char *const boards[] = {"model", "cynthion", "ulx3s"};
    uint32_t made = 0;
    for (uint32_t k = 0; k < cases(120); k++) {
        const nave_card_limits limits = board(boards[k % 3]);
        const uint32_t inputs = 1 + rng_below(&r, 16), outputs = 1 + rng_below(&r, 16);
        uint32_t in[256], out[256], paths = 0;
        for (uint32_t i = 0; i < inputs; i++)
            for (uint32_t o = 0; o < outputs; o++)
                if (i % outputs == o || o % inputs == i || rng_below(&r, 4) == 0) {
                    in[paths] = i;
                    out[paths++] = o;
                }
        const uint32_t frames = 1 + rng_below(&r, k % 2 ? 3000 : 20000);
        nave_ir *ir = ir_room(&r, frames, in, out, paths, 48000, NAVE_NORMALISE_NONE);
        nave_plan_settings s;
        nave_plan_settings_default(&s);
        if (rng_below(&r, 2)) {
            s.mode = NAVE_LIVE;
            s.tick_frames = 64u << rng_below(&r, 8);
        }
        nave_plan *plan = NULL;
        nave_text why = {""};
        const int err = nave_plan_compile(&plan, ir, &s, &limits, &why);
        if (err) {
            MUST(err == NAVE_E_FIT && k % 3 && plan == NULL && why.text[0], "%s: %s", nave_strerror(err), why.text);
        } else {
            made++;
            assert_legal(plan, frames);
            MUST(plan->card.ram_bytes <= limits.ram_bytes, "the plan is larger than the card's RAM");
            MUST(plan->word_count <= limits.max_plan_words, "the plan has %zu words", plan->word_count);
            MUST(s.mode == NAVE_OFFLINE || report_of(plan).load_peak <= 1.0, "a load of %.2f",
                 report_of(plan).load_peak);
            MUST(report_of(plan).load_average <= report_of(plan).load_peak * (1 + 1e-9), "average above peak");
        }
        nave_plan_free(plan);
        nave_ir_free(ir);
    }
    ck_assert_uint_ge(made, cases(120) / 3);
}
END_TEST

START_TEST(a_plan_that_does_not_fit_is_refused_with_the_nearest_that_does)
{
    rng r = rng_for("refuse");
    const nave_card_limits cynthion = board("cynthion");
    /* 10 s of true stereo at 192 kHz: 60 MiB of spectra into 8 */
    static const uint32_t in[] = {0, 0, 1, 1}, out[] = {0, 1, 0, 1};
    nave_ir *ir = ir_room(&r, 1920000, in, out, 4, 192000, NAVE_NORMALISE_NONE);
    nave_plan *plan = NULL;
    nave_text why = {""};
    ck_assert_int_eq(nave_plan_compile(&plan, ir, NULL, &cynthion, &why), NAVE_E_FIT);
    ck_assert_ptr_null(plan);
    ck_assert_msg(strstr(why.text, "cynthion") && strstr(why.text, "RAM") && strstr(why.text, "would fit"), "'%s'",
                  why.text);
    /* and what it names does fit, a little more does not */
    const char *named = strstr(why.text, "first ");
    ck_assert_ptr_nonnull(named);
    const double seconds = atof(named + 6);
    nave_ir_free(ir);
    ck_assert_msg(seconds > 0.05 && seconds < 10, "'%s'", why.text);
    ir = ir_room(&r, (uint64_t)(seconds * 192000), in, out, 4, 192000, NAVE_NORMALISE_NONE);
    ck_assert_int_eq(nave_plan_compile(&plan, ir, NULL, &cynthion, &why), NAVE_OK);
    assert_legal(plan, (uint64_t)(seconds * 192000));
    nave_plan_free(plan);
    nave_ir_free(ir);
    plan = NULL;
    ir = ir_room(&r, (uint64_t)(seconds * 192000 * 1.1), in, out, 4, 192000, NAVE_NORMALISE_NONE);
    ck_assert_int_eq(nave_plan_compile(&plan, ir, NULL, &cynthion, &why), NAVE_E_FIT);
    nave_ir_free(ir);
    /* too much work for a tick */
    uint32_t many_in[256], many_out[256];
    for (uint32_t i = 0; i < 256; i++) {
        many_in[i] = i / 16;
        many_out[i] = i % 16;
    }
    ir = ir_room(&r, 2000, many_in, many_out, 256, 192000, NAVE_NORMALISE_NONE);
    nave_plan_settings s;
    nave_plan_settings_default(&s);
    s.mode = NAVE_LIVE;
    s.tick_frames = 64;
    ck_assert_int_eq(nave_plan_compile(&plan, ir, &s, &cynthion, &why), NAVE_E_FIT);
    ck_assert_msg(strstr(why.text, "tick") && strstr(why.text, "cynthion"), "'%s'", why.text);
    nave_ir_free(ir);
}
END_TEST

START_TEST(settings_out_of_range_are_refused_by_name)
{
    rng r = rng_for("settings");
    const nave_card_limits limits = board("model");
    nave_ir *ir = ir_mono(&r, 100);
    static const uint32_t pair[] = {0, 1};
    nave_ir *stereo = ir_room(&r, 100, pair, pair, 2, 48000, NAVE_NORMALISE_NONE);
    nave_plan *plan = NULL;
    nave_text why;
    const struct {
        nave_plan_settings s;
        int err;
        const char *word;
    } bad[] = {
        {{.mode = (nave_mode)7}, NAVE_E_ARG, "mode"},
        {{.mode = NAVE_LIVE}, NAVE_E_ARG, "tick"},
        {{.mode = NAVE_LIVE, .tick_frames = 32}, NAVE_E_ARG, "tick"},
        {{.mode = NAVE_LIVE, .tick_frames = 100}, NAVE_E_ARG, "tick"},
        {{.mode = NAVE_LIVE, .tick_frames = 16384}, NAVE_E_ARG, "tick"},
        {{.mode = NAVE_OFFLINE, .tick_frames = 64}, NAVE_E_ARG, "tick"},
        {{.min_partition_frames = 63}, NAVE_E_ARG, "smallest"},
        {{.max_partition_frames = 16384}, NAVE_E_ARG, "largest"},
        {{.min_partition_frames = 512, .max_partition_frames = 256}, NAVE_E_ARG, "larger than"},
        {{.mode = NAVE_LIVE, .tick_frames = 512, .max_partition_frames = 256}, NAVE_E_ARG, "smaller than the tick"},
        {{.batch = 9}, NAVE_E_ARG, "batch"},
        {{.channels = 17}, NAVE_E_ARG, "channels"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        why.text[0] = '\0';
        const int err = nave_plan_compile(&plan, ir, &bad[i].s, &limits, &why);
        MUST(err == bad[i].err && plan == NULL && strstr(why.text, bad[i].word), "case %zu: %s, '%s'", i,
             nave_strerror(err), why.text);
    }
    for (uint32_t channels = 3; channels <= 16; channels++) {
        const nave_plan_settings s = {.channels = channels};
        const int err = nave_plan_compile(&plan, stereo, &s, &limits, &why);
        MUST(err == NAVE_E_CHANNELS && plan == NULL && strstr(why.text, "channels"), "%u channels: '%s'", channels,
             why.text);
    }
    ck_assert_int_eq(nave_plan_compile(NULL, ir, NULL, &limits, &why), NAVE_E_ARG);
    ck_assert_int_eq(nave_plan_compile(&plan, NULL, NULL, &limits, &why), NAVE_E_ARG);
    ck_assert_int_eq(nave_plan_compile(&plan, ir, NULL, NULL, NULL), NAVE_E_ARG);
    nave_ir_free(ir);
    nave_ir_free(stereo);
}
END_TEST

static void assert_hash(const double *h, uint64_t frames, const nave_plan_settings *s, const char *other, int same)
{
    nave_ir *ir = ir_of(&h, frames, NULL, NULL, 1, 48000, NAVE_NORMALISE_NONE);
    nave_plan *plan = plan_with(ir, s);
    ck_assert_uint_eq(strlen(report_of(plan).hash), 64);
    ck_assert_msg((strcmp(report_of(plan).hash, other) == 0) == same, "%s and %s", report_of(plan).hash, other);
    nave_plan_free(plan);
    nave_ir_free(ir);
}

START_TEST(a_hash_stands_for_the_bits)
{
    rng r = rng_for("hash");
    double h[3000];
    for (int i = 0; i < 3000; i++)
        h[i] = rng_signed(&r);
    nave_plan_settings s;
    nave_plan_settings_default(&s);
    const double *path = h;
    nave_ir *ir = ir_of(&path, 3000, NULL, NULL, 1, 48000, NAVE_NORMALISE_NONE);
    nave_plan *plan = plan_with(ir, &s);
    char hash[65];
    strcpy(hash, report_of(plan).hash);
    nave_plan_free(plan);
    nave_ir_free(ir);
    for (int k = 0; k < 3; k++)
        assert_hash(h, 3000, &s, hash, 1);
    h[1234] += 1e-5; /* another response */
    assert_hash(h, 3000, &s, hash, 0);
    h[1234] -= 1e-5;
    assert_hash(h, 2000, &s, hash, 0);
    s.batch = 3; /* another way to run it */
    assert_hash(h, 3000, &s, hash, 0);
    s.batch = 0;
    s.channels = 2;
    assert_hash(h, 3000, &s, hash, 0);
    s.channels = 1;
    assert_hash(h, 3000, &s, hash, 1); /* what 0 means */
    s.rate_hz = 96000;                 /* the rate is for the load only */
    assert_hash(h, 3000, &s, hash, 1);
    s.mode = NAVE_LIVE;
    s.tick_frames = 64;
    assert_hash(h, 3000, &s, hash, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("plan", 240, every_live_schedule_is_in_time, every_offline_schedule_is_in_time,
                     schedules_of_boards_and_matrices_are_in_time_and_within_their_load,
                     a_plan_that_does_not_fit_is_refused_with_the_nearest_that_does,
                     settings_out_of_range_are_refused_by_name, a_hash_stands_for_the_bits);
}
