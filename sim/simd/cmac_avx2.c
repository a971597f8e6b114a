/* Complex multiply-accumulate of a tile, AVX2 (twin of sim/model/cmac.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"
#include "cmac_wide.h"

void nave_align_avx2(int32_t *dst, const int32_t *src, size_t n, unsigned shift)
{
    align_row(dst, src, (uint32_t)n, shift);
}

void nave_cmac_avx2(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude)
{
    cmac(job, y, shift, magnitude);
}
#include "isa_end.h"
#endif
