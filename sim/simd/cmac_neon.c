/* Complex multiply-accumulate of a tile, NEON (twin of sim/model/cmac.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"
#include "cmac_wide.h"

void nave_align_neon(int32_t *dst, const int32_t *src, size_t n, unsigned shift)
{
    align_row(dst, src, (uint32_t)n, shift);
}

void nave_cmac_neon(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude)
{
    cmac(job, y, shift, magnitude);
}
#endif
