/* From a spectrum to packed real samples before the inverse transform, AVX2 (twin of sim/model/pre.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"
#include "spectrum_wide.h"

int nave_pre_avx2(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
                  uint32_t *z_magnitude)
{
    return pre(t, spectrum, align, magnitude, z, z_magnitude);
}
#include "isa_end.h"
#endif
