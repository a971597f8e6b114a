/* Overlap-save output, NEON (twin of sim/model/overlap.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"

static inline lanes limited(lanes v)
{
    const lanes top = l_all(((int64_t)1 << 53) - 1), bottom = l_all(-((int64_t)1 << 53));
    v = vbslq_s64(vcgtq_s64(v, top), top, v);
    return vbslq_s64(vcgtq_s64(bottom, v), bottom, v);
}

void nave_overlap_neon(int64_t *mix, const int32_t *z, size_t n, int shift)
{
    if (shift < -31)
        return; /* all round to 0 */
    const int up = shift < 0 ? 0 : shift > 32 ? 32 : shift;
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i += 4) {
        words v = w_exchange(w_load(z + i));
        if (shift < 0)
            v = w_align(v, (unsigned)-shift);
        /* 22: 31 + 22 bits need no limit */
        const lanes a = l_left(vmovl_s32(vget_low_s32(v)), up), b = l_left(vmovl_high_s32(v), up);
        l_store(mix + i, l_add(l_load(mix + i), up > 22 ? limited(a) : a));
        l_store(mix + i + 2, l_add(l_load(mix + i + 2), up > 22 ? limited(b) : b));
    }
    nave_overlap_c(mix + whole, z + whole, n - whole, shift);
}
#endif
