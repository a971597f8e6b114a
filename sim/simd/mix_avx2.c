/* Mixer, AVX2 (twin of sim/model/mix.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx2.h"
#include "simd.h"
#include "wide_avx2.h"

static inline lanes limit(lanes v, int bits)
{
    const lanes top = l_all(((int64_t)1 << (bits - 1)) - 1), bottom = l_all(-((int64_t)1 << (bits - 1)));
    v = _mm256_blendv_epi8(v, top, _mm256_cmpgt_epi64(v, top));
    return _mm256_blendv_epi8(v, bottom, _mm256_cmpgt_epi64(bottom, v));
}

/* arithmetic shift to the right of lanes */
static inline lanes right(lanes v, const int by)
{
    const lanes sign = l_all(INT64_MIN);
    return l_sub(_mm256_srli_epi64(_mm256_xor_si256(v, sign), by), _mm256_srli_epi64(sign, by));
}

/* v / 2^shift; |v| <= 2^62 */
static inline lanes round_by(lanes v, const int shift)
{
    const lanes odd = _mm256_and_si256(_mm256_srli_epi64(v, shift), l_all(1));
    return right(l_add(l_add(v, l_all(((int64_t)1 << (shift - 1)) - 1)), odd), shift);
}

static inline lanes mixed(const nave_mix_job *job, size_t i)
{
    const lanes low_mask = l_all((1 << 28) - 1), half = l_all(1 << 27), one = l_all(1), gain = l_all(job->wet_q28);
    const lanes wet = limit(l_load(job->wet + i), 54);
    const lanes dry = _mm256_cvtepi32_epi64(_mm_loadu_si128((const __m128i *)(job->dry + i)));
    const lanes low = _mm256_mul_epi32(_mm256_and_si256(wet, low_mask), gain);
    /* the multiplier reads the low 32 bits: a logical shift leaves the 26-bit sum's sign there */
    const lanes high = _mm256_mul_epi32(_mm256_srli_epi64(wet, 28), gain);
    const lanes quotient = l_add(high, right(low, 28));
    const lanes rest = l_add(_mm256_and_si256(low, low_mask), _mm256_and_si256(quotient, one));
    const lanes wet_part = l_sub(quotient, _mm256_cmpgt_epi64(rest, half));
    return l_add(wet_part, round_by(_mm256_mul_epi32(dry, l_all(job->dry_q28)), 12));
}

static inline uint32_t differences(lanes a, lanes b)
{
    const lanes same = _mm256_cmpeq_epi64(a, b);
    return 4 - (uint32_t)__builtin_popcount((unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(same)));
}

static inline nave_mix_job rest_of(const nave_mix_job *job, size_t from)
{
    return (nave_mix_job){job->wet + from, job->dry + from, job->frames - from, job->wet_q28, job->dry_q28};
}

uint32_t nave_mix_q28_avx2(int32_t *out, const nave_mix_job *job)
{
    const size_t whole = job->frames - job->frames % 4;
    const nave_mix_job rest = rest_of(job, whole);
    uint32_t limited = 0;
    for (size_t i = 0; i < whole; i += 4) {
        const lanes m = round_by(mixed(job, i), 16), v = limit(m, 32);
        const words packed = _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
        limited += differences(m, v);
        _mm_storeu_si128((__m128i *)(out + i), _mm256_castsi256_si128(packed));
    }
    return limited + nave_mix_q28_c(out + whole, &rest);
}

uint32_t nave_mix_q44_avx2(int64_t *out, const nave_mix_job *job)
{
    const size_t whole = job->frames - job->frames % 4;
    const nave_mix_job rest = rest_of(job, whole);
    uint32_t limited = 0;
    for (size_t i = 0; i < whole; i += 4) {
        const lanes m = mixed(job, i), v = limit(m, 48);
        limited += differences(m, v);
        l_store(out + i, v);
    }
    return limited + nave_mix_q44_c(out + whole, &rest);
}
#include "isa_end.h"
#endif
