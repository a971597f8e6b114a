/* Inside of a plan, shared by the compiler's files.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LIB_PLAN_H
#define NAVE_LIB_PLAN_H
#include "../../sim/model/plan.h"
#include "../include/nave.h"

/* Which response goes from which input to which output. */
typedef struct nave_route {
    uint32_t input, output;
    uint32_t response; /* index of the distinct responses */
} nave_route;

#define NAVE_SQUARES_FRAMES 64u

typedef struct nave_routing {
    uint32_t inputs, outputs, routes, responses;
    nave_route route[NAVE_MAX_CHANNELS * NAVE_MAX_CHANNELS]; /* sorted by output, then input */
    const double *samples[NAVE_MAX_CHANNELS * NAVE_MAX_CHANNELS];
    uint64_t frames;
    double *squares; /* sums over all responses, of NAVE_SQUARES_FRAMES each, for plan_split.c */
} nave_routing;

/* A way to cut the response. */
typedef struct nave_partitioning {
    uint32_t tick_frames, tiers;
    struct {
        uint32_t log2_partition, batch, partitions, offset_frames;
    } tier[NAVE_PLAN_MAX_TIERS];
    double cost; /* ranks the candidates: for a program relative, a frame; live on a card a worst tick can't be less */
} nave_partitioning;

struct nave_plan {
    nave_card_plan card;
    nave_plan_report report;
    uint32_t *words; /* encoded */
    size_t word_count;
    uint32_t image_base; /* of the spectra in the region */
    size_t image_bytes;
    int32_t *image;
};

/* plan_partition.c: candidates by rising cost, at most cap; returns how many. Deterministic: depends on nothing but its
 * arguments, so that the default plan of a response on a board is the same on every host. */
size_t nave_partition_candidates(nave_partitioning *out, size_t cap, const nave_routing *routing,
                                 const nave_plan_settings *settings, const nave_card_limits *limits);
/* Whether settings->tiers is empty or a live chain. */
int nave_partition_tiers_good(const nave_plan_settings *settings);
/* The tiers as nave_plan_settings has them. */
void nave_plan_name_tiers(const nave_plan_report *report, char *out, size_t cap);
/* 0: it needs more RAM than that, whatever its layout. */
int nave_partition_may_fit(const nave_partitioning *cut, const nave_routing *routing, uint64_t ram_bytes);
/* plan_split.c: nave_partition_sum_squares fills r->squares, which the caller frees, or gives NAVE_E_NOMEM. The split
 * cuts `partitions` (64 or more) that begin at first_frame of the response into `parts` tiers with the
 * least error; end[k] is where tier k ends, in partitions. */
int nave_partition_sum_squares(nave_routing *r);
void nave_partition_split(uint32_t *end, uint32_t parts, const nave_routing *routing, uint64_t first_frame,
                          uint32_t log2n, uint64_t partitions);
/* plan_layout.c: RAM regions, paths and steps of a partitioning, the same for every card. words and image aren't made
 * yet. Returns NAVE_E_FIT if addresses would need more than 32 bits. */
int nave_plan_layout(nave_plan *plan, const nave_partitioning *cut, const nave_routing *routing);

#define NAVE_BURST_BYTES 256u /* of a card's RAM: regions begin with one, and none crosses a multiple of it */

static inline uint64_t nave_divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static inline uint64_t nave_larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* plan_cost.c: paths of a tier that end at an output. */
uint32_t nave_paths_to(const nave_card_plan *plan, const nave_plan_tier *t, uint32_t output);
/* In ticks; the periods of all tiers divide it: partitions are powers of two. */
uint32_t nave_longest_period(const nave_card_plan *plan);
/* plan_cost.c: cycles of each tick and the figures that follow from them, into plan->report. */
int nave_plan_cost(nave_plan *plan, const nave_card_limits *limits);
/* Cycles of one step. */
uint64_t nave_step_cycles(const nave_card_plan *plan, const nave_plan_step *step, const nave_card_limits *limits);
/* Of tick `tick` after the start, as the card counts them (registers CONTEXT_CYCLES). Until the response's length has
 * passed, some spectra are still silent and cost less. */
uint64_t nave_plan_tick_cycles(const nave_card_plan *plan, const nave_card_limits *limits, uint64_t tick);
/* Formulas of rtl/conv. */
uint64_t nave_fft_cycles(uint32_t log2n, uint32_t lanes);
uint64_t nave_pairs_cycles(uint32_t log2n);
uint64_t nave_tile_cycles(uint32_t bins, uint32_t batch);
typedef struct nave_tier_cost {
    uint64_t batch_cycles; /* of all its steps, if they were in one tick */
    uint64_t largest_step; /* that can't be cut */
} nave_tier_cost;
/* t: sizes only, no layout. */
void nave_tier_estimate(nave_tier_cost *out, const nave_plan_tier *t, const nave_routing *routing,
                        const nave_card_limits *limits);
/* spectra.c: fills plan->image and the exponents of the tiers, in double precision. */
int nave_plan_spectra(nave_plan *plan, const nave_routing *routing);
#endif
