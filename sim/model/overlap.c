/* Overlap-save output: the kept half of an inverse transform, scaled by its exponent, added to the mix (twin of
 * rtl/conv/overlap.v). A contribution is limited to 54 bits (512.0), so that 512 of them can never overflow a word.
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

#define NAVE_CONTRIBUTION_BITS 54

static int64_t scaled(int32_t v, int shift)
{
    if (shift < 0)
        return nave_round32(v, shift < -32 ? 32u : (unsigned)-shift);
    const int up = shift > 32 ? 32 : shift; /* 2^32 already limits every word but 0 */
    const int64_t wide = (int64_t)((uint64_t)(int64_t)v << up);
    if (up == 32 && v == INT32_MIN)
        return -((int64_t)1 << (NAVE_CONTRIBUTION_BITS - 1));
    return nave_saturate(wide, NAVE_CONTRIBUTION_BITS);
}

void nave_overlap_c(int64_t *mix, const int32_t *z, size_t n, int shift)
{
    for (size_t i = 0; i < n; i += 2) {
        mix[i] += scaled(z[i + 1], shift);
        mix[i + 1] += scaled(z[i], shift);
    }
}
