/* Block floating point FFT, AVX2 (twin of sim/model/fft.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"
#include "fft_wide.h"

int32_t *nave_fft_avx2(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude, int *exponent)
{
    return fft(t, x, y, flags, magnitude, exponent);
}
#include "isa_end.h"
#endif
