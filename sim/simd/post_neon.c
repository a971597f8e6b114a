/* From the transform of packed real samples to their spectrum, NEON (twin of sim/model/post.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"
#include "spectrum_wide.h"

int nave_post_neon(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum)
{
    return post(t, z, magnitude, spectrum);
}
#endif
