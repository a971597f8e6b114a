/* Loader, AVX-512 (twin of sim/model/load.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "simd.h"
#include "wide_avx512.h"

uint32_t nave_load_avx512(int32_t *dst, const int32_t *src, size_t n)
{
    __m512i seen = _mm512_setzero_si512(), other = seen;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m512i a = _mm512_loadu_si512(src + i), b = _mm512_loadu_si512(src + i + 16);
        _mm512_storeu_si512(dst + i, a);
        _mm512_storeu_si512(dst + i + 16, b);
        seen = wide_track(seen, a);
        other = wide_track(other, b);
    }
    seen = _mm512_max_epu32(seen, other);
    const uint32_t rest = nave_load_c(dst + i, src + i, n - i), most = _mm512_reduce_max_epu32(seen);
    return most > rest ? most : rest;
}
#include "isa_end.h"
#endif
