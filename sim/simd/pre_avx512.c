/* From a spectrum to packed real samples before the inverse transform, AVX-512 (twin of sim/model/pre.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "edges.h"
#include "simd.h"
#include "wide_avx512.h"

static inline __m512i aligned_bins(const int32_t *spectrum, const uint8_t *align, size_t bin)
{
    const uint8_t shift = align[bin / NAVE_TILE_BINS];
    if (shift == NAVE_SKIP)
        return _mm512_setzero_si512();
    const __m512i v = _mm512_load_si512(spectrum + 2 * bin);
    return shift == 0 ? v : wide_align(v, wide_align_by(shift));
}

/* exact: nothing is left to scale after the sums. aligned: no tile has to be aligned. */
static inline __attribute__((always_inline)) uint32_t
run(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, int shift, int exact, int aligned, int32_t *z)
{
    const size_t n = (size_t)1 << t->log2n;
    const int up = shift == 0 ? 2 : 3 - shift;
    const __m128i pre = _mm_cvtsi32_si128(up), down = _mm_cvtsi32_si128(3 - up);
    const __m512i one = _mm512_set1_epi64(INT64_C(0x100000000));
    __m512i before = _mm512_setzero_si512(), mirrored_before = before, seen = before;
    for (size_t k = 0; k < n / 2; k += 8) {
        const __m512i low = aligned ? _mm512_load_si512(spectrum + 2 * k) : aligned_bins(spectrum, align, k);
        const __m512i upper =
            aligned ? _mm512_load_si512(spectrum + 2 * (n - k) - 16) : aligned_bins(spectrum, align, n - k - 8);
        const __m512i high = wide_mirror(upper, before);
        const __m512i w = _mm512_sll_epi32(_mm512_load_si512(t->real + 2 * k), pre),
                      w_im = _mm512_shuffle_epi32(w, 0xf5);
        const __m512i sum = _mm512_add_epi32(low, high), difference = _mm512_sub_epi32(low, high);
        const __m512i b = _mm512_mask_mov_epi32(difference, NAVE_IM, sum), b_im = _mm512_shuffle_epi32(b, 0xf5);
        wide a = wide_leg(_mm512_mask_mov_epi32(sum, NAVE_IM, difference), down);
        const wide q = {_mm512_add_epi64(_mm512_mul_epi32(b, w), _mm512_mul_epi32(b_im, w_im)),
                        _mm512_sub_epi64(_mm512_mul_epi32(b_im, w), _mm512_mul_epi32(b, w_im))};
        wide x, m; /* re and im exchanged */
        if (exact) {
            a = wide_add_half(a);
            x = (wide){_mm512_add_epi64(a.im, q.re), _mm512_sub_epi64(a.re, q.im)};
            m = (wide){_mm512_sub_epi64(one, _mm512_sub_epi64(a.im, q.re)), _mm512_add_epi64(a.re, q.im)};
        } else {
            const __m512i re_x = _mm512_sub_epi64(a.re, q.im), im_x = _mm512_add_epi64(a.im, q.re);
            const __m512i re_m = _mm512_add_epi64(a.re, q.im), im_m = _mm512_sub_epi64(q.re, a.im);
            x = wide_add_half((wide){_mm512_slli_epi64(im_x, 1), _mm512_slli_epi64(re_x, 1)});
            m = wide_add_half((wide){_mm512_slli_epi64(im_m, 1), _mm512_slli_epi64(re_m, 1)});
        }
        __m512i words = wide_round(x), mirrored = wide_round(m);
        if (k == 0) {
            words = _mm512_maskz_mov_epi64(0xfe, words);
            mirrored = _mm512_maskz_mov_epi64(0xfe, mirrored);
        } else {
            _mm512_store_si512(z + 2 * (n - k), wide_mirror(mirrored_before, mirrored));
        }
        _mm512_store_si512(z + 2 * k, words);
        seen = wide_track(wide_track(seen, words), mirrored);
        mirrored_before = mirrored;
        before = upper;
    }
    _mm512_store_si512(z + n, wide_mirror(mirrored_before, mirrored_before));
    return _mm512_reduce_max_epu32(seen);
}

int nave_pre_avx512(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude, int32_t *z,
                    uint32_t *z_magnitude)
{
    const uint32_t tiles = ((1u << t->log2n) + NAVE_TILE_BINS - 1) / NAVE_TILE_BINS;
    const int shift = nave_headroom_shift(magnitude, NAVE_LIMIT_PRE); /* 0..2 */
    unsigned any = 0;
    for (uint32_t i = 0; i < tiles; i++)
        any |= align[i];
    uint32_t seen;
    if (shift == 0)
        seen = run(t, spectrum, align, shift, 0, 0, z);
    else
        seen = any ? run(t, spectrum, align, shift, 1, 0, z) : run(t, spectrum, align, shift, 1, 1, z);
    const uint32_t edges = pre_edges(t, spectrum, align, (unsigned)shift, z);
    *z_magnitude = edges > seen ? edges : seen;
    return shift;
}
#include "isa_end.h"
#endif
