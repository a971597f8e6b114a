/* From a spectrum to packed real samples before the inverse transform, NEON (twin of sim/model/pre.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"
#include "spectrum_wide.h"

int nave_pre_neon(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
                  uint32_t *z_magnitude)
{
    return pre(t, spectrum, align, magnitude, z, z_magnitude);
}
#endif
