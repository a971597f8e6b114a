/* Complex multiply-accumulate of a tile, NEON (twin of sim/model/cmac.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"
#include "cmac_wide.h"

void nave_cmac_neon(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude)
{
    cmac(job, y, shift, magnitude);
}
#endif
