/* Plan compiler: routing, choice of a partitioning that fits, layout, spectra, hash.
 * SPDX-License-Identifier: ISC */
#include "plan.h"
#include "../../driver/why.h"
#include "sample_hash.h"
#include <nettle/sha2.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#define NAVE_MAX_CANDIDATES 256
#define NAVE_PROFILE "nave-1"

void nave_plan_settings_default(nave_plan_settings *out)
{
    *out = (nave_plan_settings){.mode = NAVE_OFFLINE, .tick_frames = 0};
}

static int power_of_two_between(uint32_t v, uint32_t low, uint32_t high)
{
    return v >= low && v <= high && (v & (v - 1)) == 0;
}

static int check_settings(const nave_plan_settings *s, nave_text *why)
{
    if (s->mode != NAVE_OFFLINE && s->mode != NAVE_LIVE)
        return nave_fail(why, NAVE_E_ARG, "plan mode %d is neither offline nor live", (int)s->mode);
    if (s->mode == NAVE_LIVE && !power_of_two_between(s->tick_frames, 64, 8192))
        return nave_fail(why, NAVE_E_ARG, "a tick of %u frames can't be: take 64, 128, 256 .. 8192", s->tick_frames);
    if (s->mode == NAVE_OFFLINE && s->tick_frames)
        return nave_fail(why, NAVE_E_ARG, "an offline plan chooses its own tick: leave it 0");
    if (s->min_partition_frames && !power_of_two_between(s->min_partition_frames, 64, 8192))
        return nave_fail(why, NAVE_E_ARG, "smallest partition of %u frames can't be: take 64, 128 .. 8192",
                         s->min_partition_frames);
    if (s->max_partition_frames && !power_of_two_between(s->max_partition_frames, 64, 8192))
        return nave_fail(why, NAVE_E_ARG, "largest partition of %u frames can't be: take 64, 128 .. 8192",
                         s->max_partition_frames);
    if (s->max_partition_frames && s->min_partition_frames > s->max_partition_frames)
        return nave_fail(why, NAVE_E_ARG, "smallest partition (%u frames) is larger than the largest (%u)",
                         s->min_partition_frames, s->max_partition_frames);
    if (s->mode == NAVE_LIVE && s->max_partition_frames && s->max_partition_frames < s->tick_frames)
        return nave_fail(why, NAVE_E_ARG, "largest partition (%u frames) is smaller than the tick (%u)",
                         s->max_partition_frames, s->tick_frames);
    if (s->batch > 8)
        return nave_fail(why, NAVE_E_ARG, "a batch of %u blocks can't be: take 1 to 8", s->batch);
    if (!nave_partition_tiers_good(s))
        return nave_fail(why, NAVE_E_ARG,
                         "tiers '%.*s' can't be: take such as '%ux1 %ux4', live only, the first of the tick, each with "
                         "more frames in its batch (1, 2, 4 or 8) than the one before, partitions of 64 to 8192",
                         (int)sizeof(s->tiers), s->tiers, s->tick_frames, 4 * s->tick_frames);
    if (s->channels > NAVE_MAX_CHANNELS)
        return nave_fail(why, NAVE_E_ARG, "%u channels are more than %d", s->channels, NAVE_MAX_CHANNELS);
    return NAVE_OK;
}

static int by_output(const void *a, const void *b)
{
    const nave_route *x = a, *y = b;
    return x->output != y->output ? (x->output < y->output ? -1 : 1) : x->input < y->input ? -1 : x->input > y->input;
}

/* Joins the response's paths to the session's channels. */
static int make_routing(nave_routing *r, const nave_ir *ir, uint32_t channels, nave_text *why)
{
    nave_ir_info info;
    nave_ir_get_info(ir, &info);
    memset(r, 0, sizeof(*r));
    r->frames = info.frames;
    r->responses = info.paths;
    for (uint32_t p = 0; p < info.paths; p++)
        nave_ir_get_path(ir, p, NULL, NULL, &r->samples[p]);
    if (info.inputs == 0) {
        r->inputs = r->outputs = r->routes = channels ? channels : 1;
        for (uint32_t c = 0; c < r->routes; c++)
            r->route[c] = (nave_route){.input = c, .output = c, .response = 0};
        return NAVE_OK;
    }
    if (channels == 0)
        channels = info.inputs;
    r->inputs = channels;
    r->outputs = info.outputs;
    r->routes = info.paths;
    for (uint32_t p = 0; p < info.paths; p++) {
        uint32_t in, out;
        nave_ir_get_path(ir, p, &in, &out, NULL);
        r->route[p] = (nave_route){.input = channels == 1 ? 0 : in, .output = out, .response = p};
    }
    qsort(r->route, r->routes, sizeof(r->route[0]), by_output);
    int several = 0;
    for (uint32_t i = 1; i < r->routes; i++)
        several |= r->route[i].input == r->route[i - 1].input && r->route[i].output == r->route[i - 1].output;
    if (channels != info.inputs && (channels != 1 || several))
        return nave_fail(
            why, NAVE_E_CHANNELS,
            "the response takes %u channels and the session has %u: use a response of %u channels, a mono one "
            "(it serves any number), or a matrix file that names the paths",
            info.inputs, channels, channels);
    return NAVE_OK;
}

static int fits(const nave_plan *plan, const nave_card_limits *limits)
{
    return plan->card.ram_bytes <= limits->ram_bytes && nave_plan_words(&plan->card) <= limits->max_plan_words &&
           (plan->report.mode == NAVE_OFFLINE || plan->report.load_peak <= 1);
}

/* 1: the card can hold these partitions at all. */
static int can_hold(const nave_partitioning *cut, const nave_card_limits *limits)
{
    for (uint32_t i = 0; i < cut->tiers; i++)
        if (1u << cut->tier[i].log2_partition > limits->max_partition_frames ||
            cut->tier[i].partitions > NAVE_PLAN_MAX_PARTITIONS)
            return 0;
    return 1;
}

/* The longest response, in 1/100 s, for which some candidate fits. */
static double longest_that_fits(nave_plan *plan, const nave_routing *routing, const nave_plan_settings *settings,
                                const nave_card_limits *limits, nave_partitioning *cut)
{
    nave_routing shorter = *routing;
    uint64_t low = 0, high = routing->frames;
    while (high - low > plan->report.rate_hz / 100) {
        shorter.frames = low + (high - low) / 2;
        const size_t n = nave_partition_candidates(cut, NAVE_MAX_CANDIDATES, &shorter, settings, limits);
        int good = 0;
        for (size_t i = 0; i < n && !good; i++) {
            if (can_hold(&cut[i], limits) && nave_plan_layout(plan, &cut[i], &shorter) == NAVE_OK &&
                nave_plan_cost(plan, limits) == NAVE_OK)
                good = fits(plan, limits);
            nave_plan_clear(&plan->card);
        }
        if (good)
            low = shorter.frames;
        else
            high = shorter.frames;
    }
    return (double)low / plan->report.rate_hz;
}

/* The least that any candidate needs, which may be of different candidates. */
typedef struct nave_needs {
    uint64_t words, ram_bytes;
    double peak; /* of those whose words and RAM fit */
} nave_needs;

static void note_needs(nave_needs *least, const nave_plan *plan, const nave_card_limits *limits)
{
    const uint64_t words = nave_plan_words(&plan->card), ram = plan->card.ram_bytes;
    least->words = words < least->words ? words : least->words;
    if (words > limits->max_plan_words)
        return;
    least->ram_bytes = ram < least->ram_bytes ? ram : least->ram_bytes;
    if (ram <= limits->ram_bytes && plan->report.load_peak < least->peak)
        least->peak = plan->report.load_peak;
}

/* Why the best candidate is refused, and what would fit. */
static int refuse(nave_plan *plan, const nave_routing *routing, const nave_plan_settings *settings,
                  const nave_card_limits *limits, nave_partitioning *cut, const nave_needs *least, nave_text *why)
{
    char nearest[256];
    const double seconds = longest_that_fits(plan, routing, settings, limits, cut);
    nave_plan_settings offline = *settings;
    offline.mode = NAVE_OFFLINE;
    offline.tick_frames = 0;
    offline.tiers[0] = '\0';
    if (seconds > 0)
        snprintf(nearest, sizeof(nearest), "the first %.2f s of this response would fit (--length %.2fs)", seconds,
                 seconds);
    else if (settings->mode == NAVE_LIVE && longest_that_fits(plan, routing, &offline, limits, cut) > 0)
        snprintf(nearest, sizeof(nearest), "take a longer tick, or render offline");
    else
        snprintf(nearest, sizeof(nearest), "use fewer channels, or another card");
    if (least->words == UINT64_MAX)
        return nave_fail(why, NAVE_E_FIT, "no partitions of these sizes cover %.2f s: %s",
                         (double)routing->frames / plan->report.rate_hz, nearest);
    if (least->words > limits->max_plan_words)
        return nave_fail(why, NAVE_E_FIT, "%s takes plans of %u words and the shortest for %u paths has %llu: %s",
                         limits->board, limits->max_plan_words, routing->routes, (unsigned long long)least->words,
                         nearest);
    if (least->ram_bytes > limits->ram_bytes)
        return nave_fail(
            why, NAVE_E_FIT, "%s has %.2f MiB of RAM and the smallest plan for %.2f s x %u paths needs %.2f MiB: %s",
            limits->board, (double)limits->ram_bytes / 1048576, (double)routing->frames / plan->report.rate_hz,
            routing->routes, (double)least->ram_bytes / 1048576, nearest);
    return nave_fail(why, NAVE_E_FIT, "the worst tick of %u frames would take %.0f %% of its time on %s: %s",
                     settings->tick_frames, least->peak * 100, limits->board, nearest);
}

/* The lower the better; 0 for what does not fit. A card takes the shortest worst tick live and the highest rate
 * offline. Where no clock sets a budget the candidates' own order decides. */
static double rank(const nave_plan *plan, const nave_card_limits *limits, size_t order)
{
    if (!fits(plan, limits))
        return 0;
    if (!limits->clock_hz)
        return (double)(1 + order);
    return plan->report.mode == NAVE_OFFLINE ? (double)plan->report.average_tick_cycles / plan->card.tick_frames
                                             : (double)plan->report.worst_tick_cycles;
}

static int choose(nave_plan *plan, const nave_routing *routing, const nave_plan_settings *settings,
                  const nave_card_limits *limits, nave_text *why)
{
    nave_partitioning *cut = malloc(NAVE_MAX_CANDIDATES * sizeof(*cut));
    if (!cut)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    const size_t n = nave_partition_candidates(cut, NAVE_MAX_CANDIDATES, routing, settings, limits);
    nave_needs least = {.words = UINT64_MAX, .ram_bytes = UINT64_MAX, .peak = 1e9};
    double best_rank = 0;
    size_t best = 0;
    int err = NAVE_OK;
    for (size_t i = 0; i < n && err != NAVE_E_NOMEM; i++) {
        if (best_rank > 0 && plan->report.mode == NAVE_LIVE && limits->clock_hz && cut[i].cost >= best_rank)
            break; /* neither this nor any behind it can be better */
        if (!can_hold(&cut[i], limits))
            continue;
        err = nave_plan_layout(plan, &cut[i], routing);
        if (err == NAVE_OK)
            err = nave_plan_cost(plan, limits);
        if (err == NAVE_OK) {
            const double r = rank(plan, limits, i);
            if (r > 0 && (best_rank == 0 || r < best_rank)) {
                best_rank = r;
                best = i;
            }
            note_needs(&least, plan, limits);
        }
        nave_plan_clear(&plan->card);
    }
    if (err == NAVE_E_NOMEM)
        nave_fail(why, err, "out of memory");
    else if (best_rank > 0 && (err = nave_plan_layout(plan, &cut[best], routing)) == NAVE_OK)
        err = nave_plan_cost(plan, limits);
    else
        err = refuse(plan, routing, settings, limits, cut, &least, why);
    free(cut);
    return err;
}

static void hash_words(struct sha256_ctx *sha, const uint32_t *words, size_t n)
{
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the hash is over little-endian words"
#endif
    sha256_update(sha, 4 * n, (const uint8_t *)words);
}

static int finish(nave_plan *plan)
{
    nave_plan_report *r = &plan->report;
    const nave_card_plan *c = &plan->card;
    plan->word_count = nave_plan_words(c);
    plan->words = malloc(plan->word_count * sizeof(*plan->words));
    if (!plan->words)
        return NAVE_E_NOMEM;
    nave_plan_encode(c, plan->words);
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    hash_words(&sha, plan->words, plan->word_count);
    hash_words(&sha, (const uint32_t *)plan->image, plan->image_bytes / 4);
    sha256_digest(&sha, sizeof(digest), digest);
    nave_hex(r->hash, digest, sizeof(digest));
    snprintf(r->name, sizeof(r->name), NAVE_PROFILE);
    r->inputs = c->inputs;
    r->outputs = c->outputs;
    r->tick_frames = c->tick_frames;
    /* one tick to fill, one for the card to compute and the link to carry, whatever the card is */
    r->latency_frames = r->mode == NAVE_LIVE ? 2 * c->tick_frames : 0;
    r->ram_bytes = c->ram_bytes;
    r->tiers = c->tiers;
    for (uint32_t i = 0; i < c->tiers; i++) {
        r->tier[i].partition_frames = nave_tier_frames(&c->tier[i]);
        r->tier[i].partitions = c->tier[i].partitions;
        r->tier[i].batch = c->tier[i].batch;
        r->tier[i].offset_frames = c->tier[i].offset_frames;
    }
    return NAVE_OK;
}

int nave_plan_compile(nave_plan **out, const nave_ir *ir, const nave_plan_settings *settings,
                      const nave_card_limits *limits, nave_text *why)
{
    if (!out || !ir || !limits)
        return nave_fail(why, NAVE_E_ARG, "nave_plan_compile needs a response and the limits of a card");
    nave_plan_settings defaults;
    nave_plan_settings_default(&defaults);
    if (!settings)
        settings = &defaults;
    int err = check_settings(settings, why);
    if (err)
        return err;
    nave_plan *plan = calloc(1, sizeof(*plan));
    nave_routing *routing = calloc(1, sizeof(*routing));
    if (!plan || !routing) {
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory");
        goto err_free;
    }
    nave_ir_info info;
    nave_ir_get_info(ir, &info);
    plan->report.mode = settings->mode;
    plan->report.rate_hz = settings->rate_hz ? settings->rate_hz : info.rate_hz;
    plan->report.response_frames = info.frames;
    err = make_routing(routing, ir, settings->channels, why);
    if (!err && nave_partition_sum_squares(routing))
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory");
    if (!err)
        err = choose(plan, routing, settings, limits, why);
    if (err)
        goto err_free;
    err = nave_plan_spectra(plan, routing);
    if (!err)
        err = finish(plan);
    if (err) {
        nave_fail(why, err, "out of memory for the spectra");
        goto err_free;
    }
    free(routing->squares);
    free(routing);
    *out = plan;
    return NAVE_OK;
err_free:
    if (routing)
        free(routing->squares);
    free(routing);
    nave_plan_free(plan);
    return err;
}

void nave_plan_name_tiers(const nave_plan_report *report, char *out, size_t cap)
{
    size_t n = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < report->tiers && n < cap; i++) {
        const uint32_t frames = report->tier[i].partition_frames, batch = report->tier[i].batch;
        /* a run that was split is one */
        if (i == 0 || frames != report->tier[i - 1].partition_frames || batch != report->tier[i - 1].batch)
            n += (size_t)snprintf(out + n, cap - n, "%s%ux%u", i ? " " : "", frames, batch);
    }
}

void nave_plan_free(nave_plan *plan)
{
    if (!plan)
        return;
    nave_plan_clear(&plan->card);
    free(plan->words);
    free(plan->image);
    free(plan);
}

int nave_plan_get_report(const nave_plan *plan, nave_plan_report *out)
{
    if (!plan || !out)
        return NAVE_E_ARG;
    *out = plan->report;
    return NAVE_OK;
}
