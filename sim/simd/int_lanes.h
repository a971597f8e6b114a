/* Roundings and limits of 64-bit lanes, over lanes_<isa>.h: for words that are too wide for doubles.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_INT_LANES_H
#define NAVE_INT_LANES_H
#include "real_lanes.h"

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

static inline void set_rounding(rounding *r, unsigned lane, unsigned by)
{
    set_lane(&r->by, lane, by);
    set_lane(&r->half, lane, by ? (INT64_C(1) << (by - 1)) - 1 : 0);
    set_lane(&r->bit, lane, by != 0);
}
#endif
