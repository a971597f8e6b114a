/* Split and merge of the crossover over lanes_<isa>.h: all sections of a block as one wave (svf_lanes.h).
 *
 * Between two places go u, which the next section filters, and w, which passes by it. LR24, two places a split: u = lp,
 * w = ap; then low = lp and u = w - low. LR48, five places: u = ap, w = lp; u = w, w = ap; u = lp twice; then low.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CROSSOVER_LANES_H
#define NAVE_CROSSOVER_LANES_H
#include "../model/dyn_block.h"
#include "svf_lanes.h"

enum {
    MOST_SPLITS = NAVE_DYN_BANDS - 1,
    MOST_SPLIT_VECTORS = (5 * MOST_SPLITS + PLACES - 1) / PLACES,
    MOST_MERGE_PLACES = 2 * (MOST_SPLITS - 1),
    MOST_MERGE_VECTORS = (MOST_MERGE_PLACES + PLACES - 1) / PLACES
};

typedef struct split_wave {
    bank bank[MOST_SPLIT_VECTORS];
    lanes u[MOST_SPLIT_VECTORS + 1], w[MOST_SPLIT_VECTORS + 1]; /* of a vector at the step before; [0]: what comes in */
    choice is[MOST_SPLIT_VECTORS][5];                           /* a place's number within its split */
    unsigned ends[MOST_SPLIT_VECTORS + 1];                      /* splits that end before a vector */
    unsigned per, places, vectors;
} split_wave;

static const unsigned char split_coef[5] = {0, 1, 1, 0, 1}, split_coef_24[2] = {0, 0};

static inline void split_begin(split_wave *a, const nave_crossover *c, nave_crossover_state *z)
{
    const unsigned splits = c->bands - 1;
    a->per = c->split[0].steep ? 5 : 2;
    a->places = a->per * splits;
    a->vectors = (a->places + PLACES - 1) / PLACES;
    place_all(a->bank, a->vectors);
    memset(a->u, 0, (a->vectors + 1) * sizeof(*a->u));
    memset(a->w, 0, (a->vectors + 1) * sizeof(*a->w));
    for (unsigned v = 0; v < a->vectors; v++) {
        lanes role[5];
        memset(role, 0, sizeof(role));
        a->ends[v] = v * PLACES / a->per;
        for (unsigned lane = 0; lane < LANES; lane++) {
            const unsigned g = v * PLACES + lane / 2, i = g / a->per, k = g % a->per;
            set_lane(&role[k], lane, -1);
            if (g < a->places)
                bank_set(&a->bank[v], lane, &c->split[i].section[a->per == 5 ? split_coef[k] : split_coef_24[k]],
                         &z[lane % 2].split[i][k]);
        }
        for (unsigned k = 0; k < 5; k++)
            a->is[v][k] = l_chosen(role[k]);
    }
    a->ends[a->vectors] = splits;
}

static inline void split_end(const split_wave *a, nave_crossover_state *z, uint32_t channels)
{
    for (unsigned g = 0; g < a->places; g++)
        for (unsigned ch = 0; ch < channels; ch++)
            bank_get(&a->bank[g / PLACES], 2 * (g % PLACES) + ch, &z[ch].split[g / a->per][g % a->per]);
}

INLINE void split_step(split_wave *a, int steep, int all, size_t step, size_t frames, nave_dyn_frame *x,
                       nave_dyn_row *row)
{
    const nave_dyn_frame silence = {0, 0};
    a->u[0] = l_pair(step < frames ? x[step] : silence);
    for (unsigned v = a->vectors; v-- > 0;) { /* from the end: what a vector takes is still that of the step before */
        const choice *is = a->is[v];
        const choice running = all ? is[0] : places_running(&a->bank[v], step, frames);
        const lanes w = l_up(a->w[v + 1], a->w[v]);
        const svf_lanes y = svf_lanes_step(&a->bank[v], l_up(a->u[v + 1], a->u[v]), all, running);
        const lanes low = limit(round_const(y.lp, NAVE_AUDIO_SHIFT), 32);
        const lanes rest = limit(l_sub(w, l_left(low, NAVE_AUDIO_SHIFT)), NAVE_STATE_BITS);
        if (steep) {
            a->u[v + 1] = l_pick(is[0], y.ap, l_pick(is[1], w, l_pick(is[4], rest, y.lp)));
            a->w[v + 1] = l_pick(is[0], y.lp, l_pick(is[1], y.ap, w));
        } else {
            a->u[v + 1] = l_pick(is[0], y.lp, rest);
            a->w[v + 1] = y.ap;
        }
        int32_t narrow[LANES];
        l_store_low(narrow, low);
        for (unsigned i = a->ends[v]; i < a->ends[v + 1]; i++) {
            const unsigned g = (i + 1) * (steep ? 5 : 2) - 1;
            if (all || step - g < frames)
                memcpy(row[step - g].band[i], narrow + 2 * (g - v * PLACES), sizeof(row->band[i]));
        }
    }
    const unsigned last = a->places - 1;
    if (all || step - last < frames)
        memcpy(x[step - last], (const char *)&a->u[a->vectors] + 16 * (last % PLACES), sizeof(*x));
}

INLINE void split_run(split_wave *a, int steep, size_t frames, nave_dyn_frame *x, nave_dyn_row *row)
{
    for (size_t step = 0; step < frames + a->places - 1; step++)
        if (step + 1 < a->places || step >= frames)
            split_step(a, steep, 0, step, frames, x, row);
        else
            split_step(a, steep, 1, step, frames, x, row);
}

INLINE int of_one_slope(const nave_crossover *c)
{
    for (uint32_t i = 1; i + 1 < c->bands; i++)
        if (c->split[i].steep != c->split[0].steep)
            return 0;
    return 1;
}

INLINE void split_lanes(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, nave_dyn_frame *x,
                        nave_dyn_row *row, size_t frames)
{
    split_wave a;
    const uint32_t top = c->bands - 1;
    if (frames < 8 || !of_one_slope(c)) {
        nave_dyn_split_c(c, z, channels, x, row, frames);
        return;
    }
    if (top) {
        split_begin(&a, c, z);
        if (a.per == 5)
            split_run(&a, 1, frames, x, row);
        else
            split_run(&a, 0, frames, x, row);
        split_end(&a, z, channels);
    }
    for (size_t n = 0; n < frames; n++)
        for (uint32_t ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            row[n].band[top][ch] = nave_to_q28(x[n][ch]);
}

typedef struct merge_wave {
    bank bank[MOST_MERGE_VECTORS];
    lanes u[MOST_MERGE_VECTORS + 1];
    int32_t word[NAVE_DYN_BLOCK + MOST_MERGE_PLACES][MOST_MERGE_VECTORS * LANES]; /* of a step: what places add */
    unsigned per, places, vectors;
} merge_wave;

static inline void merge_begin(merge_wave *a, const nave_crossover *c, nave_crossover_state *z, const nave_dyn_row *row,
                               size_t frames)
{
    a->per = c->split[0].steep ? 2 : 1;
    a->places = a->per * (c->bands - 2);
    a->vectors = (a->places + PLACES - 1) / PLACES;
    place_all(a->bank, a->vectors);
    memset(a->u, 0, (a->vectors + 1) * sizeof(*a->u));
    memset(a->word, 0, (frames + a->places - 1) * sizeof(*a->word));
    for (unsigned g = 0; g < a->places; g++) {
        const unsigned i = g / a->per + 1, k = g % a->per;
        for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            bank_set(&a->bank[g / PLACES], 2 * (g % PLACES) + ch, &c->split[i].section[k], &z[ch].merge[i][k]);
        for (size_t n = 0; n < frames && k + 1 == a->per; n++)
            memcpy(&a->word[n + g][2 * g], row[n].band[i], sizeof(row->band[i]));
    }
}

INLINE void merge_step(merge_wave *a, int all, size_t step, size_t frames, const nave_dyn_row *row, nave_dyn_frame *y)
{
    nave_dyn_frame in = {0, 0};
    for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS && step < frames; ch++)
        in[ch] = nave_to_q44(row[step].band[0][ch]);
    a->u[0] = l_pair(in);
    for (unsigned v = a->vectors; v-- > 0;) {
        const choice running = all ? l_chosen(l_all(0)) : places_running(&a->bank[v], step, frames);
        const svf_lanes s = svf_lanes_step(&a->bank[v], l_up(a->u[v + 1], a->u[v]), all, running);
        const lanes band = l_left(l_load_32(&a->word[step][v * LANES]), NAVE_AUDIO_SHIFT);
        a->u[v + 1] = limit(l_add(s.ap, band), NAVE_STATE_BITS);
    }
    const unsigned last = a->places - 1;
    if (all || step - last < frames)
        memcpy(y[step - last], (const char *)&a->u[a->vectors] + 16 * (last % PLACES), sizeof(*y));
}

INLINE void merge_lanes(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, const nave_dyn_row *row,
                        nave_dyn_frame *y, size_t frames)
{
    merge_wave a;
    if (frames < 8 || !of_one_slope(c) || c->bands < 3) {
        nave_dyn_merge_c(c, z, channels, row, y, frames);
        return;
    }
    merge_begin(&a, c, z, row, frames);
    for (size_t step = 0; step < frames + a.places - 1; step++)
        if (step + 1 < a.places || step >= frames)
            merge_step(&a, 0, step, frames, row, y);
        else
            merge_step(&a, 1, step, frames, row, y);
    for (unsigned g = 0; g < a.places; g++)
        for (unsigned ch = 0; ch < channels; ch++)
            bank_get(&a.bank[g / PLACES], 2 * (g % PLACES) + ch, &z[ch].merge[g / a.per + 1][g % a.per]);
    for (size_t n = 0; n < frames; n++)
        for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            y[n][ch] = nave_limit_state(y[n][ch] + nave_to_q44(row[n].band[c->bands - 1][ch]));
}
#endif
