/* Equaliser section: y = x + band * bp + shelf * (lp or hp) of one state-variable section (twin: rtl/dyn/svf.v).
 *
 * bell: band = V - 1; shelf: band = A - 1, shelf = A^2 - 1; low cut: band = shelf = -1 of lp; high cut: the same of hp.
 * Flat coefficients (0) give x to the bit. 4 multiplies a sample; words as in svf.h, y limited to 54 bits.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

int64_t nave_eq_step(const nave_eq_section *c, nave_svf *z, int64_t x)
{
    if (c->kind == NAVE_EQ_OFF)
        return x;
    const nave_svf_out out = nave_svf_step(&c->svf, z, x);
    const int32_t bp = (int32_t)nave_saturate(nave_round64(out.bp, NAVE_AUDIO_SHIFT + 1), 32);
    const int32_t side = nave_to_q28(c->kind == NAVE_EQ_HIGH ? x - out.lp - nave_round64(out.bp, 1) : out.lp);
    return nave_limit_state(x + nave_multiply_q44(c->band, bp) + nave_multiply_q44(c->shelf, side));
}
