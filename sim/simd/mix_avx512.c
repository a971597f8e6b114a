/* Mixer, AVX-512 (twin of sim/model/mix.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "simd.h"

static inline __m512i limit(__m512i v, int bits)
{
    const int64_t top = ((int64_t)1 << (bits - 1)) - 1;
    return _mm512_max_epi64(_mm512_min_epi64(v, _mm512_set1_epi64(top)), _mm512_set1_epi64(-top - 1));
}

/* v / 2^shift; |v| <= 2^62 */
static inline __m512i round_by(__m512i v, const int shift)
{
    const __m512i one = _mm512_set1_epi64(1), below_half = _mm512_set1_epi64(((int64_t)1 << (shift - 1)) - 1);
    const __m512i odd = _mm512_and_epi64(_mm512_srli_epi64(v, shift), one);
    return _mm512_srai_epi64(_mm512_add_epi64(_mm512_add_epi64(v, below_half), odd), shift);
}

/* wet alone: its gain is 1 and the dry gain 0, which is what most streams ask for: nothing is multiplied */
static inline __attribute__((always_inline)) __m512i mixed(const nave_mix_job *job, size_t i, int wet_alone)
{
    const __m512i rest_mask = _mm512_set1_epi64((1 << 28) - 1), half = _mm512_set1_epi64(1 << 27);
    const __m512i one = _mm512_set1_epi64(1), gain = _mm512_set1_epi64(job->wet_q28);
    const __m512i wet = limit(_mm512_loadu_si512(job->wet + i), 54);
    if (wet_alone)
        return wet;
    const __m512i dry = _mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)(job->dry + i)));
    const __m512i low = _mm512_mul_epi32(_mm512_and_epi64(wet, rest_mask), gain);
    const __m512i high = _mm512_mul_epi32(_mm512_srai_epi64(wet, 28), gain);
    const __m512i quotient = _mm512_add_epi64(high, _mm512_srai_epi64(low, 28));
    const __m512i rest = _mm512_add_epi64(_mm512_and_epi64(low, rest_mask), _mm512_and_epi64(quotient, one));
    const __m512i wet_part = _mm512_mask_add_epi64(quotient, _mm512_cmpgt_epi64_mask(rest, half), quotient, one);
    const __m512i dry_part = round_by(_mm512_mul_epi32(dry, _mm512_set1_epi64(job->dry_q28)), 12);
    return _mm512_add_epi64(wet_part, dry_part);
}

/* masked stores are slow: the C model does the last few frames */
static inline nave_mix_job rest_of(const nave_mix_job *job, size_t from)
{
    return (nave_mix_job){job->wet + from, job->dry + from, job->frames - from, job->wet_q28, job->dry_q28};
}

static inline int is_wet_alone(const nave_mix_job *job)
{
    return job->wet_q28 == 1 << 28 && job->dry_q28 == 0;
}

static inline __attribute__((always_inline)) uint32_t q28(int32_t *out, const nave_mix_job *job, int wet_alone)
{
    const size_t whole = job->frames - job->frames % 8;
    const nave_mix_job rest = rest_of(job, whole);
    uint32_t limited = 0;
    for (size_t i = 0; i < whole; i += 8) {
        const __m512i m = round_by(mixed(job, i, wet_alone), 16), words = limit(m, 32);
        limited += (uint32_t)__builtin_popcount(_mm512_cmpneq_epi64_mask(m, words));
        _mm256_storeu_si256((__m256i *)(out + i), _mm512_cvtepi64_epi32(words));
    }
    return limited + nave_mix_q28_c(out + whole, &rest);
}

static inline __attribute__((always_inline)) uint32_t q44(int64_t *out, const nave_mix_job *job, int wet_alone)
{
    const size_t whole = job->frames - job->frames % 8;
    const nave_mix_job rest = rest_of(job, whole);
    uint32_t limited = 0;
    for (size_t i = 0; i < whole; i += 8) {
        const __m512i m = mixed(job, i, wet_alone), words = limit(m, 48);
        limited += (uint32_t)__builtin_popcount(_mm512_cmpneq_epi64_mask(m, words));
        _mm512_storeu_si512(out + i, words);
    }
    return limited + nave_mix_q44_c(out + whole, &rest);
}

uint32_t nave_mix_q28_avx512(int32_t *out, const nave_mix_job *job)
{
    return is_wet_alone(job) ? q28(out, job, 1) : q28(out, job, 0);
}

uint32_t nave_mix_q44_avx512(int64_t *out, const nave_mix_job *job)
{
    return is_wet_alone(job) ? q44(out, job, 1) : q44(out, job, 0);
}
#include "isa_end.h"
#endif
