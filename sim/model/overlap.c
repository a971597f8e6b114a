/* Overlap-save output: the kept half of an inverse transform, scaled by its exponent, added to the mix (twin of
 * rtl/conv/overlap.v). A contribution is limited to 54 bits (512.0), so that 512 of them can never overflow a word;
 * beyond that
 * the word wraps. A shift above 32 counts as 32: such a block has words more than 100 dB above full scale.
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

#define NAVE_CONTRIBUTION_BITS 54

static int64_t scaled(int32_t v, int shift)
{
    if (shift < 0)
        return nave_round32(v, shift < -32 ? 32u : (unsigned)-shift);
    const int up = shift > 32 ? 32 : shift;
    const int64_t wide = (int64_t)((uint64_t)(int64_t)v << up);
    if (up == 32 && v == INT32_MIN)
        return -((int64_t)1 << (NAVE_CONTRIBUTION_BITS - 1));
    return nave_saturate(wide, NAVE_CONTRIBUTION_BITS);
}

void nave_overlap_c(int64_t *mix, const int32_t *z, size_t n, int shift)
{
    for (size_t i = 0; i < n; i += 2) {
        mix[i] = (int64_t)((uint64_t)mix[i] + (uint64_t)scaled(z[i + 1], shift));
        mix[i + 1] = (int64_t)((uint64_t)mix[i + 1] + (uint64_t)scaled(z[i], shift));
    }
}
