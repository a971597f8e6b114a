/* Equaliser over lanes_<isa>.h: the sections that are on as one wave (svf_lanes.h; twin of sim/model/eq.c).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_EQ_LANES_H
#define NAVE_EQ_LANES_H
#include "svf_lanes.h"

enum { MOST_EQ_VECTORS = (NAVE_DYN_SECTIONS + PLACES - 1) / PLACES };

typedef struct eq_wave {
    bank bank[MOST_EQ_VECTORS];
    reals band[MOST_EQ_VECTORS], shelf[MOST_EQ_VECTORS], u[MOST_EQ_VECTORS + 1];
    choice is_high[MOST_EQ_VECTORS];
    uint32_t section[NAVE_DYN_SECTIONS]; /* of a place */
    unsigned places, vectors;
    reals seen;
    real_frame x[NAVE_DYN_BLOCK];
} eq_wave;

/* Factors below 16: then a product is below 2^51. */
static inline int factor_is_exact(nave_coef c)
{
    return c.mantissa == 0 || c.shift > 26;
}

static inline int eq_begin(eq_wave *a, const nave_eq_section *section, const nave_svf *z, size_t stride,
                           uint32_t sections, uint32_t channels)
{
    lanes high[MOST_EQ_VECTORS];
    int exact = 1;
    a->places = 0;
    for (uint32_t i = 0; i < sections; i++)
        if (section[i].kind != NAVE_EQ_OFF)
            a->section[a->places++] = i;
    a->vectors = (a->places + PLACES - 1) / PLACES;
    a->seen = r_all(0);
    place_all(a->bank, a->vectors);
    memset(a->band, 0, sizeof(a->band));
    memset(a->shelf, 0, sizeof(a->shelf));
    memset(a->u, 0, sizeof(a->u));
    memset(high, 0, sizeof(high));
    for (unsigned g = 0; g < a->places; g++) {
        const nave_eq_section *c = &section[a->section[g]];
        const unsigned v = g / PLACES;
        exact &= factor_is_exact(c->band) && factor_is_exact(c->shelf);
        for (unsigned ch = 0; ch < channels; ch++) {
            const unsigned lane = 2 * (g % PLACES) + ch;
            const nave_svf *from = &z[ch * stride + a->section[g]];
            bank_set(&a->bank[v], lane, &c->svf, from);
            exact &= is_exact(from->b) && is_exact(from->s) && is_exact(from->m);
            set_real(&a->band[v], lane, c->band.mantissa * power_of_two(NAVE_AUDIO_SHIFT - (int)c->band.shift));
            set_real(&a->shelf[v], lane, c->shelf.mantissa * power_of_two(NAVE_AUDIO_SHIFT - (int)c->shelf.shift));
            set_lane(&high[v], lane, c->kind == NAVE_EQ_HIGH ? -1 : 0);
        }
    }
    for (unsigned v = 0; v < a->vectors; v++)
        a->is_high[v] = l_chosen(high[v]);
    return exact;
}

INLINE void eq_step(eq_wave *a, unsigned vectors, int all, size_t step, size_t frames)
{
    const real_frame silence = {0, 0};
    reals seen = a->seen;
    a->u[0] = r_pair(step < frames ? a->x[step] : silence);
    UNROLL for (unsigned v = vectors; v-- > 0;)
    {
        const choice running = all ? a->is_high[v] : places_running(&a->bank[v], step, frames);
        const reals x = r_up(a->u[v + 1], a->u[v]);
        const svf_lanes y = svf_lanes_step(&a->bank[v], x, all, running, &seen);
        seen = r_largest(seen, a->bank[v].m);
        const reals bp = limit_word(rounded(y.bp, r_all(0x1p-17)));
        const reals hp = r_sub(r_sub(x, y.lp), rounded(y.bp, r_all(0.5)));
        const reals side = limit_word(rounded(r_pick(a->is_high[v], hp, y.lp), r_all(0x1p-16)));
        a->u[v + 1] = r_add(r_add(x, rounded(bp, a->band[v])), rounded(side, a->shelf[v]));
    }
    const unsigned last = a->places - 1;
    if (all || step - last < frames)
        memcpy(a->x[step - last], (const char *)&a->u[vectors] + 16 * (last % PLACES), sizeof(*a->x));
    a->seen = seen;
}

INLINE void eq_run(eq_wave *a, unsigned vectors, size_t frames)
{
    for (size_t step = 0; step < frames + a->places - 1; step++)
        if (step + 1 < a->places || step >= frames)
            eq_step(a, vectors, 0, step, frames);
        else
            eq_step(a, vectors, 1, step, frames);
}

INLINE void eq_lanes(const nave_eq_section *section, nave_svf *z, size_t stride, uint32_t sections, uint32_t channels,
                     nave_dyn_frame *x, size_t frames)
{
    eq_wave a;
    if (frames < SHORTEST_WAVE || !eq_begin(&a, section, z, stride, sections, channels)) {
        nave_dyn_eq_c(section, z, stride, sections, channels, x, frames);
        return;
    }
    if (!a.places)
        return;
    for (size_t n = 0; n < frames; n++)
        for (uint32_t ch = 0; ch < NAVE_DYN_CHANNELS; ch++)
            a.x[n][ch] = ch < channels ? (double)x[n][ch] : 0;
    if (a.vectors == 1)
        eq_run(&a, 1, frames);
    else
        eq_run(&a, a.vectors, frames);
    if (!was_exact(a.seen)) {
        nave_dyn_eq_c(section, z, stride, sections, channels, x, frames);
        return;
    }
    for (unsigned g = 0; g < a.places; g++)
        for (unsigned ch = 0; ch < channels; ch++)
            bank_get(&a.bank[g / PLACES], 2 * (g % PLACES) + ch, &z[ch * stride + a.section[g]]);
    for (size_t n = 0; n < frames; n++)
        for (uint32_t ch = 0; ch < channels; ch++)
            x[n][ch] = (int64_t)a.x[n][ch];
}
#endif
