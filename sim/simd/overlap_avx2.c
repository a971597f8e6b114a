/* Overlap-save output, AVX2 (twin of sim/model/overlap.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"

static inline lanes limited(lanes v)
{
    const lanes top = l_all(((int64_t)1 << 53) - 1), bottom = l_all(-((int64_t)1 << 53));
    v = _mm256_blendv_epi8(v, top, _mm256_cmpgt_epi64(v, top));
    return _mm256_blendv_epi8(v, bottom, _mm256_cmpgt_epi64(bottom, v));
}

void nave_overlap_avx2(int64_t *mix, const int32_t *z, size_t n, int shift)
{
    if (shift < -31)
        return; /* all round to 0 */
    const int up = shift < 0 ? 0 : shift > 32 ? 32 : shift;
    const size_t whole = n - n % 8;
    for (size_t i = 0; i < whole; i += 8) {
        words v = w_exchange(w_load(z + i));
        if (shift < 0)
            v = w_align(v, (unsigned)-shift);
        lanes a = l_left(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(v)), up);
        lanes b = l_left(_mm256_cvtepi32_epi64(_mm256_extracti128_si256(v, 1)), up);
        if (up > 22) { /* 31 + 22 bits need no limit */
            a = limited(a);
            b = limited(b);
        }
        l_store(mix + i, l_add(l_load(mix + i), a));
        l_store(mix + i + 4, l_add(l_load(mix + i + 4), b));
    }
    nave_overlap_c(mix + whole, z + whole, n - whole, shift);
}
#include "isa_end.h"
#endif
