/* Split and merge of the crossover over lanes_<isa>.h: all sections of a block as one wave (svf_lanes.h).
 *
 * Between two places go u, which the next section filters, and w, which passes by it. LR24, two places a split: u = lp,
 * w = ap; then low = lp and u = w - low. LR48, five places: u = ap, w = lp; u = w, w = ap; u = lp twice; then low.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CROSSOVER_LANES_H
#define NAVE_CROSSOVER_LANES_H
#include "svf_lanes.h"

enum {
    MOST_SPLITS = NAVE_DYN_BANDS - 1,
    MOST_SPLIT_VECTORS = (5 * MOST_SPLITS + PLACES - 1) / PLACES,
    MOST_MERGE_PLACES = 2 * (MOST_SPLITS - 1),
    MOST_MERGE_VECTORS = (MOST_MERGE_PLACES + PLACES - 1) / PLACES
};

/* ---- split ---- */
typedef struct split_state {
    bank bank[MOST_SPLIT_VECTORS];
    reals u[MOST_SPLIT_VECTORS + 1], w[MOST_SPLIT_VECTORS + 1]; /* of a vector at the step before; [0]: what comes in */
    reals seen;
} split_state;
typedef struct split_wave {
    split_state state;
    choice is[MOST_SPLIT_VECTORS][5]; /* a place's number within its split */
    unsigned per, places, vectors;
    real_frame x[NAVE_DYN_BLOCK]; /* the input; then, behind it, what the last split leaves */
} split_wave;

/* 0: these words are the model's. */
static inline int split_begin(split_wave *a, const nave_crossover *c, nave_crossover_state *z, uint32_t channels)
{
    static const unsigned char steep_coef[5] = {0, 1, 1, 0, 1};
    const unsigned splits = c->bands - 1;
    int exact = 1;
    a->per = c->split[0].steep ? 5 : 2;
    a->places = a->per * splits;
    a->vectors = (a->places + PLACES - 1) / PLACES;
    a->state.seen = r_all(0);
    place_all(a->state.bank, a->vectors);
    memset(a->state.u, 0, (a->vectors + 1) * sizeof(*a->state.u));
    memset(a->state.w, 0, (a->vectors + 1) * sizeof(*a->state.w));
    for (unsigned v = 0; v < a->vectors; v++) {
        lanes role[5];
        memset(role, 0, sizeof(role));
        for (unsigned lane = 0; lane < LANES; lane++) {
            const unsigned g = v * PLACES + lane / 2, i = g / a->per, k = g % a->per;
            set_lane(&role[k], lane, -1);
            if (g >= a->places || lane % 2 >= channels)
                continue;
            const nave_svf_coef *coef = &c->split[i].section[a->per == 5 ? steep_coef[k] : 0];
            bank_set(&a->state.bank[v], lane, coef, &z[lane % 2].split[i][k]);
            exact &= svf_is_exact(coef, &z[lane % 2].split[i][k]);
        }
        for (unsigned k = 0; k < 5; k++)
            a->is[v][k] = l_chosen(role[k]);
    }
    return exact;
}

static inline void split_end(const split_wave *a, nave_crossover_state *z, uint32_t channels)
{
    for (unsigned g = 0; g < a->places; g++)
        for (unsigned ch = 0; ch < channels; ch++)
            bank_get(&a->state.bank[g / PLACES], 2 * (g % PLACES) + ch, &z[ch].split[g / a->per][g % a->per]);
}

/* vectors and steep are constants where that pays: then all states stay in registers. */
INLINE void split_step(const split_wave *a, split_state *z, unsigned vectors, int steep, int all, size_t step,
                       size_t frames, real_frame *x, nave_dyn_row *row)
{
    const real_frame silence = {0, 0};
    const unsigned per = steep ? 5 : 2, last = a->places - 1;
    z->u[0] = r_pair(step < frames ? x[step] : silence);
    UNROLL for (unsigned v = vectors; v-- > 0;)
    { /* from the end: what a vector takes is that of earlier steps */
        const choice *is = a->is[v];
        const choice running = all ? is[0] : places_running(&z->bank[v], step, frames);
        const reals w = r_up(z->w[v + 1], z->w[v]);
        const svf_lanes y = svf_lanes_step(&z->bank[v], r_up(z->u[v + 1], z->u[v]), all, running, &z->seen);
        const reals low = limit_word(rounded(y.lp, r_all(0x1p-16)));
        const reals rest = r_multiply_sub(low, r_all(0x1p16), w);
        if (steep) {
            z->u[v + 1] = r_pick(is[0], y.ap, r_pick(is[1], w, r_pick(is[4], rest, y.lp)));
            z->w[v + 1] = r_pick(is[0], y.lp, r_pick(is[1], y.ap, w));
        } else {
            z->u[v + 1] = r_pick(is[0], y.lp, rest);
            z->w[v + 1] = y.ap;
        }
        int32_t narrow[LANES];
        r_store_32(narrow, low);
        for (unsigned i = v * PLACES / per; i < (v + 1) * PLACES / per; i++) { /* splits that end in this vector */
            const unsigned g = (i + 1) * per - 1;
            if (g <= last && (all || step - g < frames))
                memcpy(row[step - g].band[i], narrow + 2 * (g - v * PLACES), sizeof(row->band[i]));
        }
    }
    if (all || step - last < frames)
        memcpy(x[step - last], (const char *)&z->u[vectors] + 16 * (last % PLACES), sizeof(*x));
}

INLINE void split_run(split_wave *a, unsigned vectors, int steep, size_t frames, nave_dyn_row *row)
{
    split_state z = a->state;
    for (size_t step = 0; step < frames + a->places - 1; step++)
        if (step + 1 < a->places || step >= frames)
            split_step(a, &z, vectors, steep, 0, step, frames, a->x, row);
        else
            split_step(a, &z, vectors, steep, 1, step, frames, a->x, row);
    a->state = z;
}

static inline int of_one_slope(const nave_crossover *c)
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
    if (frames < SHORTEST_WAVE || c->bands < 2 || !of_one_slope(c) || !split_begin(&a, c, z, channels)) {
        nave_dyn_split_c(c, z, channels, x, row, frames);
        return;
    }
    for (size_t n = 0; n < frames; n++)
        for (uint32_t ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            a.x[n][ch] = ch < channels ? (double)x[n][ch] : 0;
    if (a.per == 5)
        split_run(&a, a.vectors, 1, frames, row);
    else if (a.vectors == 1)
        split_run(&a, 1, 0, frames, row);
    else if (a.vectors == 2)
        split_run(&a, 2, 0, frames, row);
    else if (a.vectors == 3)
        split_run(&a, 3, 0, frames, row);
    else
        split_run(&a, a.vectors, 0, frames, row);
    if (!was_exact(a.state.seen)) {
        nave_dyn_split_c(c, z, channels, x, row, frames);
        return;
    }
    split_end(&a, z, channels);
    for (size_t n = 0; n < frames; n += PLACES) {
        int32_t narrow[LANES];
        const size_t count = frames - n < PLACES ? frames - n : PLACES;
        r_store_32(narrow, limit_word(rounded(r_load(a.x[n]), r_all(0x1p-16))));
        for (size_t i = 0; i < count; i++)
            memcpy(row[n + i].band[c->bands - 1], narrow + 2 * i, sizeof(row->band[0]));
    }
}

/* ---- merge ---- */
typedef struct merge_state {
    bank bank[MOST_MERGE_VECTORS];
    reals u[MOST_MERGE_VECTORS + 1];
    reals seen;
} merge_state;
typedef struct merge_wave {
    merge_state state;
    int32_t word[NAVE_DYN_BLOCK + MOST_MERGE_PLACES][MOST_MERGE_VECTORS * LANES]; /* of a step: what places add */
    unsigned per, places, vectors;
    real_frame y[NAVE_DYN_BLOCK];
} merge_wave;

static inline int merge_begin(merge_wave *a, const nave_crossover *c, nave_crossover_state *z, uint32_t channels,
                              const nave_dyn_row *row, size_t frames)
{
    int exact = 1;
    a->per = c->split[0].steep ? 2 : 1;
    a->places = a->per * (c->bands - 2);
    a->vectors = (a->places + PLACES - 1) / PLACES;
    a->state.seen = r_all(0);
    place_all(a->state.bank, a->vectors);
    memset(a->state.u, 0, (a->vectors + 1) * sizeof(*a->state.u));
    memset(a->word, 0, (frames + a->places - 1) * sizeof(*a->word));
    for (unsigned g = 0; g < a->places; g++) {
        const unsigned i = g / a->per + 1, k = g % a->per;
        for (unsigned ch = 0; ch < channels; ch++) {
            bank_set(&a->state.bank[g / PLACES], 2 * (g % PLACES) + ch, &c->split[i].section[k], &z[ch].merge[i][k]);
            exact &= svf_is_exact(&c->split[i].section[k], &z[ch].merge[i][k]);
        }
        for (size_t n = 0; n < frames && k + 1 == a->per; n++)
            memcpy(&a->word[n + g][2 * g], row[n].band[i], sizeof(row->band[i]));
    }
    for (size_t n = 0; n < frames; n++)
        for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            a->y[n][ch] = row[n].band[0][ch] * 0x1p16;
    return exact;
}

INLINE void merge_step(const merge_wave *a, merge_state *z, unsigned vectors, int all, size_t step, size_t frames,
                       real_frame *y)
{
    const real_frame silence = {0, 0};
    z->u[0] = r_pair(step < frames ? y[step] : silence);
    UNROLL for (unsigned v = vectors; v-- > 0;)
    {
        const choice running = all ? l_chosen(l_all(0)) : places_running(&z->bank[v], step, frames);
        const svf_lanes s = svf_lanes_step(&z->bank[v], r_up(z->u[v + 1], z->u[v]), all, running, &z->seen);
        z->u[v + 1] = r_multiply_add(r_load_32(&a->word[step][v * LANES]), r_all(0x1p16), s.ap);
    }
    const unsigned last = a->places - 1;
    if (all || step - last < frames)
        memcpy(y[step - last], (const char *)&z->u[vectors] + 16 * (last % PLACES), sizeof(*y));
}

INLINE void merge_run(merge_wave *a, unsigned vectors, size_t frames)
{
    merge_state z = a->state;
    for (size_t step = 0; step < frames + a->places - 1; step++)
        if (step + 1 < a->places || step >= frames)
            merge_step(a, &z, vectors, 0, step, frames, a->y);
        else
            merge_step(a, &z, vectors, 1, step, frames, a->y);
    a->state = z;
}

INLINE void merge_lanes(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, const nave_dyn_row *row,
                        nave_dyn_frame *y, size_t frames)
{
    merge_wave a;
    if (frames < SHORTEST_WAVE || c->bands < 3 || !of_one_slope(c) || !merge_begin(&a, c, z, channels, row, frames)) {
        nave_dyn_merge_c(c, z, channels, row, y, frames);
        return;
    }
    if (a.vectors == 1)
        merge_run(&a, 1, frames);
    else if (a.vectors == 2)
        merge_run(&a, 2, frames);
    else
        merge_run(&a, a.vectors, frames);
    if (!was_exact(a.state.seen)) {
        nave_dyn_merge_c(c, z, channels, row, y, frames);
        return;
    }
    for (unsigned g = 0; g < a.places; g++)
        for (unsigned ch = 0; ch < channels; ch++)
            bank_get(&a.state.bank[g / PLACES], 2 * (g % PLACES) + ch, &z[ch].merge[g / a.per + 1][g % a.per]);
    for (size_t n = 0; n < frames; n++)
        for (unsigned ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            y[n][ch] = (int64_t)a.y[n][ch] + (ch < channels ? nave_to_q44(row[n].band[c->bands - 1][ch]) : 0);
}
#endif
