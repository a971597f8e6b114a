/* Mixer, NEON (twin of sim/model/mix.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#include "simd.h"
#include "wide_neon.h"

static inline lanes limit(lanes v, int bits)
{
    const lanes top = l_all(((int64_t)1 << (bits - 1)) - 1), bottom = l_all(-((int64_t)1 << (bits - 1)));
    v = vbslq_s64(vcgtq_s64(v, top), top, v);
    return vbslq_s64(vcgtq_s64(bottom, v), bottom, v);
}

/* v / 2^shift; |v| <= 2^62 */
static inline lanes round_by(lanes v, int shift)
{
    const lanes right = l_all(-shift), odd = vandq_s64(vshlq_s64(v, right), l_all(1));
    return vshlq_s64(l_add(l_add(v, l_all(((int64_t)1 << (shift - 1)) - 1)), odd), right);
}

static inline lanes mixed(const nave_mix_job *job, size_t i)
{
    const lanes low_mask = l_all((1 << 28) - 1), half = l_all(1 << 27);
    const lanes wet = limit(l_load(job->wet + i), 54);
    const lanes low = vmull_n_s32(vmovn_s64(vandq_s64(wet, low_mask)), job->wet_q28);
    const lanes quotient = l_add(vmull_n_s32(vshrn_n_s64(wet, 28), job->wet_q28), vshrq_n_s64(low, 28));
    const lanes rest = l_add(vandq_s64(low, low_mask), vandq_s64(quotient, l_all(1)));
    const lanes wet_part = l_sub(quotient, vreinterpretq_s64_u64(vcgtq_s64(rest, half)));
    return l_add(wet_part, round_by(vmull_n_s32(vld1_s32(job->dry + i), job->dry_q28), 12));
}

static inline uint32_t differences(lanes a, lanes b)
{
    return 2 + (uint32_t)vaddvq_s64(vreinterpretq_s64_u64(vceqq_s64(a, b)));
}

static inline nave_mix_job rest_of(const nave_mix_job *job, size_t from)
{
    return (nave_mix_job){job->wet + from, job->dry + from, job->frames - from, job->wet_q28, job->dry_q28};
}

uint32_t nave_mix_q28_neon(int32_t *out, const nave_mix_job *job)
{
    const size_t whole = job->frames - job->frames % 2;
    const nave_mix_job rest = rest_of(job, whole);
    uint32_t limited = 0;
    for (size_t i = 0; i < whole; i += 2) {
        const lanes m = round_by(mixed(job, i), 16), v = limit(m, 32);
        limited += differences(m, v);
        vst1_s32(out + i, vmovn_s64(v));
    }
    return limited + nave_mix_q28_c(out + whole, &rest);
}

uint32_t nave_mix_q44_neon(int64_t *out, const nave_mix_job *job)
{
    const size_t whole = job->frames - job->frames % 2;
    const nave_mix_job rest = rest_of(job, whole);
    uint32_t limited = 0;
    for (size_t i = 0; i < whole; i += 2) {
        const lanes m = mixed(job, i), v = limit(m, 48);
        limited += differences(m, v);
        l_store(out + i, v);
    }
    return limited + nave_mix_q44_c(out + whole, &rest);
}
#endif
