/* Sections of sim/model/svf.h side by side, one a lane, over lanes_<isa>.h, in doubles that hold the model's integers.
 *
 * A product of two words and a sum of words are rounded as the model does, to nearest even, by one fused multiply-add
 * with 1.5 * 2^52: exact while the result is below 2^51. So all words must stay below NAVE_EXACT, 16 times full scale,
 * and p2 below 4: `seen` is the largest word met, and a block in which it was larger is the model's to do again.
 *
 * A chain of sections runs as a wave: at step T the section in place g is at frame T - g, and what it gives reaches
 * place g + 1 with the next step. A place is a pair of lanes, one a channel, so a step moves all lanes up by two. At
 * the ends of a block, places whose frame isn't in it keep their state. SPDX-License-Identifier: ISC */
#ifndef NAVE_SVF_LANES_H
#define NAVE_SVF_LANES_H
#include "../model/dyn_block.h"
#include "real_lanes.h"

#define NAVE_EXACT 0x1p48

enum {
    PLACES = LANES / 2, /* of a vector */
    SHORTEST_WAVE = 8   /* frames; shorter blocks are the model's */
};

typedef double real_frame[NAVE_DYN_CHANNELS];

typedef struct bank { /* a vector of sections */
    reals b, s, m, t_by, q2, n_by, p2, place;
} bank;

static inline void bank_set(bank *k, unsigned lane, const nave_svf_coef *c, const nave_svf *z)
{
    set_real(&k->t_by, lane, power_of_two(-(int)(NAVE_AUDIO_SHIFT + c->t_headroom)));
    set_real(&k->n_by, lane, power_of_two(-(int)(NAVE_AUDIO_SHIFT + c->b_headroom)));
    set_real(&k->q2, lane, c->q2.mantissa * power_of_two(NAVE_AUDIO_SHIFT + (int)c->t_headroom - (int)c->q2.shift));
    set_real(&k->p2, lane, c->p2.mantissa * power_of_two(NAVE_AUDIO_SHIFT + (int)c->b_headroom - (int)c->p2.shift));
    set_real(&k->b, lane, (double)z->b);
    set_real(&k->s, lane, (double)z->s);
    set_real(&k->m, lane, (double)z->m);
}

static inline void bank_get(const bank *k, unsigned lane, nave_svf *z)
{
    *z = (nave_svf){(int64_t)real_of(&k->b, lane), (int64_t)real_of(&k->s, lane), (int64_t)real_of(&k->m, lane)};
}

static inline int is_exact(int64_t v)
{
    return v < (int64_t)NAVE_EXACT && v > -(int64_t)NAVE_EXACT;
}

static inline int svf_is_exact(const nave_svf_coef *c, const nave_svf *z)
{
    return (c->p2.mantissa == 0 || c->p2.shift > 28) && is_exact(z->b) && is_exact(z->s) && is_exact(z->m / 4);
}

typedef struct svf_lanes {
    reals lp, ap, bp;
} svf_lanes;

/* nave_svf_step of all lanes; `all` 0: only those of `running` keep what they become. */
INLINE svf_lanes svf_lanes_step(bank *k, reals x, int all, choice running, reals *seen)
{
    svf_lanes out;
    const reals t = limit_word(rounded(r_sub(r_sub(x, k->s), k->b), k->t_by));
    const reals b = r_add(k->b, rounded(t, k->q2));
    const reals m = rounded(limit_word(rounded(b, k->n_by)), k->p2);
    out.bp = r_add(k->b, b);
    out.ap = r_sub(x, out.bp);
    out.lp = r_add(k->s, rounded(r_sub(m, k->m), r_all(0.25)));
    const reals s = r_add(k->s, m);
    if (all) {
        k->b = b;
        k->m = m;
        k->s = s;
        *seen = r_largest(r_largest(r_largest(*seen, x), b), s);
    } else {
        k->b = r_pick(running, b, k->b);
        k->m = r_pick(running, m, k->m);
        k->s = r_pick(running, s, k->s);
        *seen = r_largest(r_largest(r_largest(*seen, r_pick(running, x, r_all(0))), k->b), k->s);
    }
    return out;
}

/* The lanes whose frame is in the block. */
INLINE choice places_running(const bank *k, size_t step, size_t frames)
{
    const reals frame = r_sub(r_all((double)step), k->place);
    return c_and(r_greater(frame, r_all(-1)), r_greater(r_all((double)frames), frame));
}

static inline void place_all(bank *k, unsigned vectors)
{
    for (unsigned v = 0; v < vectors; v++) {
        memset(&k[v], 0, sizeof(k[v]));
        for (unsigned lane = 0; lane < LANES; lane++)
            set_real(&k[v].place, lane, v * PLACES + lane / 2);
    }
}

static inline int was_exact(reals seen)
{
    double word[LANES], most = 0;
    r_store(word, seen);
    for (unsigned lane = 0; lane < LANES; lane++)
        most = word[lane] > most ? word[lane] : most;
    return most < NAVE_EXACT;
}
#endif
