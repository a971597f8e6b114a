/* log2, exp2 and words times gains over lanes_<isa>.h (twin of sim/model/level.c).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LEVEL_LANES_H
#define NAVE_LEVEL_LANES_H
#include "../model/dyn_block.h"
#include "int_lanes.h"

/* nave_scale_q30, factor as a number */
INLINE reals scale(reals x, reals factor)
{
    return limit_word(rounded(x, factor));
}

/* nave_log2_q25 of lanes that are at least 1 */
INLINE lanes log2_lanes(lanes v)
{
    const lanes top = l_top_bit(v), index = l_and(l_logical(l_left_by(v, l_sub(l_all(63), top)), 55), l_all(255));
    const lanes rest = l_and(l_logical(l_left_by(v, l_sub(l_all(63), top)), 32), l_all(0x7fffff));
    const lanes both = l_gather(nave_log2_table, index), low = l_and(both, l_all(UINT32_MAX));
    const lanes chord = l_mul(l_sub(l_logical(both, 32), low), rest);
    const lanes sum = l_add(l_add(l_left(top, 25), low), round_const(chord, 23));
    return l_min(sum, l_all(INT32_MAX));
}

/* nave_exp2_q25 as a number */
INLINE reals exp2_lanes(reals level)
{
    const lanes in = r_integers(r_min(level, r_all(NAVE_GAIN_TOP_Q25 - 1)));
    const lanes both = l_gather(nave_exp2_table, l_and(l_logical(in, 17), l_all(255)));
    const lanes low = l_and(both, l_all(UINT32_MAX));
    const lanes chord = l_mul(l_sub(l_logical(both, 32), low), l_and(in, l_all(0x1ffff)));
    const reals mantissa = r_of(l_add(low, round_const(chord, 17)));
    /* 2^(octave - 30): the exponent of a double is octave and what a bias makes of it */
    const lanes octave = l_left(l_right(in, 25), 52);
    const reals power = r_bits(l_add(octave, l_all(INT64_C(993) << 52)));
    const reals factor = r_multiply(mantissa, power);
    return r_pick(r_greater(r_all(-32 * 0x1p25), level), r_all(0), factor);
}

INLINE void log2_block(const uint32_t *v, int32_t *level, size_t frames)
{
    const size_t whole = frames - frames % LANES;
    for (size_t n = 0; n < whole; n += LANES) {
        const lanes word = l_and(l_load_32((const int32_t *)v + n), l_all(UINT32_MAX));
        l_store_low(level + n, log2_lanes(l_pick(l_equal(word, l_all(0)), l_all(1), word)));
    }
    nave_dyn_log2_c(v + whole, level + whole, frames - whole);
}

INLINE void apply_block(const int32_t *gain, const int32_t *top, uint32_t channels, int32_t *const *x, size_t frames)
{
    const size_t whole = frames - frames % LANES;
    for (size_t n = 0; n < whole; n += LANES) {
        const reals factor = exp2_lanes(r_load_32(gain + n)), most = r_load_32(top + n);
        for (uint32_t ch = 0; ch < channels; ch++) {
            const reals y = scale(r_load_32(x[ch] + n), factor);
            r_store_32(x[ch] + n, r_max(r_min(y, most), r_sub(r_all(0), most)));
        }
    }
    int32_t *const rest[NAVE_DYN_CHANNELS] = {x[0] + whole, x[channels - 1] + whole};
    nave_dyn_apply_c(gain + whole, top + whole, channels, rest, frames - whole);
}
#endif
