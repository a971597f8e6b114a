/* Loader, AVX2 (twin of sim/model/load.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"

uint32_t nave_load_avx2(int32_t *dst, const int32_t *src, size_t n)
{
    const size_t whole = n - n % 8;
    words seen = w_zero();
    for (size_t i = 0; i < whole; i += 8) {
        const words v = w_load(src + i);
        w_store(dst + i, v);
        seen = w_track(seen, v);
    }
    const uint32_t rest = nave_load_c(dst + whole, src + whole, n - whole), m = w_largest(seen);
    return m > rest ? m : rest;
}
#include "isa_end.h"
#endif
