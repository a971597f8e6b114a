/* Loader: samples from the input ring to the transform's buffer, watching the magnitude (twin of rtl/conv/load.v).
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

uint32_t nave_load_c(int32_t *dst, const int32_t *src, size_t n)
{
    uint32_t magnitude = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t m = nave_magnitude32(src[i]);
        if (m > magnitude)
            magnitude = m;
        dst[i] = src[i];
    }
    return magnitude;
}
