/* From the transform of packed real samples to their spectrum, AVX-512 (twin of sim/model/post.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "edges.h"
#include "simd.h"
#include "wide_avx512.h"

int nave_post_avx512(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum)
{
    const size_t n = (size_t)1 << t->log2n;
    const int shift = nave_headroom_shift(magnitude, NAVE_LIMIT_POST); /* 0..2 */
    const __m128i pre = _mm_cvtsi32_si128(2 - shift), down = _mm_cvtsi32_si128(1 + shift);
    const __m512i one = _mm512_set1_epi64(INT64_C(0x100000000));
    __m512i before = _mm512_load_si512(z), mirrored_before = before;
    for (size_t k = 0; k < n / 2; k += 8) {
        const __m512i low = _mm512_load_si512(z + 2 * k), upper = _mm512_load_si512(z + 2 * (n - k) - 16);
        const __m512i high = wide_mirror(upper, before);
        const __m512i w = _mm512_sll_epi32(_mm512_load_si512(t->real + 2 * k), pre);
        const __m512i sum = _mm512_add_epi32(low, high), difference = _mm512_sub_epi32(low, high);
        const wide a = wide_add_half(wide_leg(_mm512_mask_mov_epi32(sum, NAVE_IM, difference), down));
        const wide p = wide_times(_mm512_mask_mov_epi32(difference, NAVE_IM, sum), w, _mm512_shuffle_epi32(w, 0xf5));
        const wide x = {_mm512_add_epi64(a.re, p.im), _mm512_sub_epi64(a.im, p.re)};
        /* a.im holds a half already: 1 - (ai + half) - pr = half - ai - pr */
        const wide m = {_mm512_sub_epi64(a.re, p.im), _mm512_sub_epi64(one, _mm512_add_epi64(a.im, p.re))};
        const __m512i mirrored = wide_round(m);
        _mm512_store_si512(spectrum + 2 * k, wide_round(x));
        if (k > 0)
            _mm512_store_si512(spectrum + 2 * (n - k), wide_mirror(mirrored_before, mirrored));
        mirrored_before = mirrored;
        before = upper;
    }
    _mm512_store_si512(spectrum + n, wide_mirror(mirrored_before, mirrored_before));
    post_edges(t, z, (unsigned)shift, spectrum);
    return shift;
}
#include "isa_end.h"
#endif
