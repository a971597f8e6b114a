/* Loader, NEON (twin of sim/model/load.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"

uint32_t nave_load_neon(int32_t *dst, const int32_t *src, size_t n)
{
    const size_t whole = n - n % 4;
    words seen = w_zero();
    for (size_t i = 0; i < whole; i += 4) {
        const words v = w_load(src + i);
        w_store(dst + i, v);
        seen = w_track(seen, v);
    }
    const uint32_t rest = nave_load_c(dst + whole, src + whole, n - whole), m = w_largest(seen);
    return m > rest ? m : rest;
}
#endif
