/* Levels: log2, exp2 and coefficients (twin of rtl/dyn/level.v).
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

int32_t nave_log2_q25(uint64_t v)
{
    const unsigned length = nave_bit_length64(v | (v == 0));
    /* 32 bits of the number with its first 1 on top; what is below can't be seen in Q7.25 */
    const uint32_t top = (uint32_t)((v | (v == 0)) << (64 - length) >> 32);
    const unsigned i = top >> 23 & 255;
    const int64_t chord = (int64_t)(nave_log2_table[i + 1] - nave_log2_table[i]) * (int32_t)(top & 0x7fffff);
    return (int32_t)nave_saturate(((int64_t)(length - 1) << 25) + nave_log2_table[i] + nave_round64(chord, 23), 32);
}

nave_coef nave_exp2_q25(int32_t level)
{
    if (level >= NAVE_GAIN_TOP_Q25)
        level = NAVE_GAIN_TOP_Q25 - 1;
    const int octave = level >> 25; /* -64 .. 13 */
    if (octave < -32)
        return (nave_coef){0, 30};
    const unsigned i = (uint32_t)level >> 17 & 255;
    const int64_t chord = (int64_t)(nave_exp2_table[i + 1] - nave_exp2_table[i]) * (level & 0x1ffff);
    return (nave_coef){(int32_t)(nave_exp2_table[i] + nave_round64(chord, 17)), (uint32_t)(30 - octave)};
}

nave_coef nave_coef_of(int64_t q52)
{
    const uint64_t magnitude = q52 < 0 ? 0 - (uint64_t)q52 : (uint64_t)q52;
    const unsigned length = nave_bit_length64(magnitude);
    if (length < 21)
        return (nave_coef){0, 30};
    uint32_t shift = 83 - length; /* 20 .. 62 */
    int64_t mantissa = length > 31 ? nave_round64(nave_saturate(q52, 63), length - 31) : q52 * (1 << (31 - length));
    if (mantissa == INT64_C(1) << 31 || mantissa == -(INT64_C(1) << 31)) {
        mantissa /= 2;
        shift--;
    }
    return (nave_coef){(int32_t)mantissa, shift};
}
