/* From the transform of packed real samples to their spectrum, AVX2 (twin of sim/model/post.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"
#include "spectrum_wide.h"

int nave_post_avx2(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum)
{
    return post(t, z, magnitude, spectrum);
}
#include "isa_end.h"
#endif
