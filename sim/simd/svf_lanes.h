/* Sections of sim/model/svf.h side by side, one a lane, over lanes_<isa>.h.
 *
 * A chain of sections runs as a wave: at step T the section in place g is at frame T - g, and what it gives reaches
 * place g + 1 with the next step. A place is a pair of lanes, one a channel, so a step moves all lanes up by two. At
 * the ends of a block, places whose frame isn't in it keep their state. SPDX-License-Identifier: ISC */
#ifndef NAVE_SVF_LANES_H
#define NAVE_SVF_LANES_H
#include "../model/svf.h"
#include <stddef.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { PLACES = LANES / 2 }; /* of a vector */

/* Of a rounding right shift: half - 1 and the bit that breaks a tie; both 0 for a shift of 0. */
typedef struct rounding {
    lanes by, half, bit;
} rounding;

INLINE lanes round_lanes(lanes v, lanes by, lanes half, lanes bit)
{
    return l_right_by(l_add(l_add(v, half), l_and(l_logical_by(v, by), bit)), by);
}

INLINE lanes round_const(lanes v, unsigned by)
{
    return l_right(l_add(l_add(v, l_all((INT64_C(1) << (by - 1)) - 1)), l_and(l_logical(v, by), l_all(1))), by);
}

/* nave_saturate */
INLINE lanes limit(lanes v, unsigned bits)
{
    const int64_t top = (INT64_C(1) << (bits - 1)) - 1;
    return l_max(l_min(v, l_all(top)), l_all(-top - 1));
}

static inline void set_lane(lanes *v, unsigned lane, int64_t word)
{
    memcpy((char *)v + 8 * lane, &word, sizeof(word));
}

static inline int64_t lane_of(const lanes *v, unsigned lane)
{
    int64_t word;
    memcpy(&word, (const char *)v + 8 * lane, sizeof(word));
    return word;
}

static inline void set_rounding(rounding *r, unsigned lane, unsigned by)
{
    set_lane(&r->by, lane, by);
    set_lane(&r->half, lane, by ? (INT64_C(1) << (by - 1)) - 1 : 0);
    set_lane(&r->bit, lane, by != 0);
}

typedef struct bank { /* a vector of sections */
    lanes b, s, m, q2, p2, place;
    rounding t, v, n, w;
} bank;

static inline void bank_set(bank *k, unsigned lane, const nave_svf_coef *c, const nave_svf *z)
{
    set_lane(&k->q2, lane, c->q2.mantissa);
    set_lane(&k->p2, lane, c->p2.mantissa);
    set_rounding(&k->t, lane, NAVE_AUDIO_SHIFT + c->t_headroom);
    set_rounding(&k->v, lane, c->q2.shift - NAVE_AUDIO_SHIFT - c->t_headroom);
    set_rounding(&k->n, lane, NAVE_AUDIO_SHIFT + c->b_headroom);
    set_rounding(&k->w, lane, c->p2.shift - NAVE_AUDIO_SHIFT - c->b_headroom);
    set_lane(&k->b, lane, z->b);
    set_lane(&k->s, lane, z->s);
    set_lane(&k->m, lane, z->m);
}

static inline void bank_get(const bank *k, unsigned lane, nave_svf *z)
{
    *z = (nave_svf){lane_of(&k->b, lane), lane_of(&k->s, lane), lane_of(&k->m, lane)};
}

typedef struct svf_lanes {
    lanes lp, ap, bp;
} svf_lanes;

/* nave_svf_step of all lanes; `all` 0: only those of `running` keep what they become. */
INLINE svf_lanes svf_lanes_step(bank *k, lanes x, int all, choice running)
{
    svf_lanes out;
    const lanes one = l_all(1);
    const lanes t = limit(round_lanes(l_sub(l_sub(x, k->s), k->b), k->t.by, k->t.half, one), 32);
    const lanes v = round_lanes(l_mul(k->q2, t), k->v.by, k->v.half, k->v.bit);
    const lanes b = limit(l_add(k->b, v), NAVE_STATE_BITS);
    const lanes n = limit(round_lanes(b, k->n.by, k->n.half, one), 32);
    const lanes m = round_lanes(l_mul(k->p2, n), k->w.by, k->w.half, k->w.bit);
    out.bp = l_add(k->b, b);
    out.ap = limit(l_sub(x, out.bp), NAVE_STATE_BITS);
    out.lp = limit(l_add(k->s, round_const(l_sub(m, k->m), 2)), NAVE_STATE_BITS);
    const lanes s = limit(l_add(k->s, m), NAVE_STATE_BITS);
    k->b = all ? b : l_pick(running, b, k->b);
    k->m = all ? m : l_pick(running, m, k->m);
    k->s = all ? s : l_pick(running, s, k->s);
    return out;
}

/* The lanes whose frame is in the block. */
INLINE choice places_running(const bank *k, size_t step, size_t frames)
{
    const lanes frame = l_sub(l_all((int64_t)step), k->place);
    return c_and(l_greater(frame, l_all(-1)), l_greater(l_all((int64_t)frames), frame));
}

static inline void place_all(bank *k, unsigned vectors)
{
    for (unsigned v = 0; v < vectors; v++) {
        memset(&k[v], 0, sizeof(k[v]));
        for (unsigned lane = 0; lane < LANES; lane++)
            set_lane(&k[v].place, lane, v * PLACES + lane / 2);
    }
}
#endif
