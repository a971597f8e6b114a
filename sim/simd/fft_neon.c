/* Block floating point FFT, NEON (twin of sim/model/fft.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"
#include "fft_wide.h"

int32_t *nave_fft_neon(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude, int *exponent)
{
    return fft(t, x, y, flags, magnitude, exponent);
}
#endif
