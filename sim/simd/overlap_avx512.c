/* Overlap-save output, AVX-512 (twin of sim/model/overlap.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "simd.h"
#include "wide_avx512.h"

static inline __attribute__((always_inline)) __m512i add(__m512i mix, __m256i v, int limited, __m128i up)
{
    __m512i wide_v = _mm512_sll_epi64(_mm512_cvtepi32_epi64(v), up);
    if (limited) {
        const __m512i top = _mm512_set1_epi64(((int64_t)1 << 53) - 1), bottom = _mm512_set1_epi64(-((int64_t)1 << 53));
        wide_v = _mm512_max_epi64(_mm512_min_epi64(wide_v, top), bottom);
    }
    return _mm512_add_epi64(mix, wide_v);
}

static inline __attribute__((always_inline)) void run(int64_t *mix, const int32_t *z, size_t n, int shift, int limited,
                                                      int rounded)
{
    const __m128i up = _mm_cvtsi32_si128(rounded ? 0 : shift > 32 ? 32 : shift);
    const wide_shift by = wide_align_by(rounded ? (unsigned)-shift : 1);
    for (size_t i = 0; i < n; i += 16) {
        __m512i v = _mm512_shuffle_epi32(_mm512_loadu_si512(z + i), 0xb1);
        if (rounded)
            v = wide_align(v, by);
        const __m512i a = add(_mm512_loadu_si512(mix + i), _mm512_castsi512_si256(v), limited, up);
        const __m512i b = add(_mm512_loadu_si512(mix + i + 8), _mm512_extracti64x4_epi64(v, 1), limited, up);
        _mm512_storeu_si512(mix + i, a);
        _mm512_storeu_si512(mix + i + 8, b);
    }
}

void nave_overlap_avx512(int64_t *mix, const int32_t *z, size_t n, int shift)
{
    if (shift < -31)
        return; /* all round to 0 */
    const size_t whole = n - n % 16;
    nave_overlap_c(mix + whole, z + whole, n - whole, shift);
    if (shift < 0)
        run(mix, z, whole, shift, 0, 1);
    else if (shift <= 22) /* 31 + 22 bits: nothing to limit */
        run(mix, z, whole, shift, 0, 0);
    else
        run(mix, z, whole, shift, 1, 0);
}
#include "isa_end.h"
#endif
