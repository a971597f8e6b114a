/* Mixer: wet and dry with their gains, narrowed to the output words (twin of rtl/conv/mix.v).
 *
 *   m = round(limit54(wet) wet_q28 / 2^28) + round(dry dry_q28 / 2^12), Q44;  Q44 out: limited to 48 bits (+-8.0);
 *   Q28 out: round(m / 2^16), limited to 32 bits
 *
 * SPDX-License-Identifier: ISC */
#include "arith.h"
#include "dsp.h"

static int64_t mixed(const nave_mix_job *job, size_t i)
{
    const int64_t wet = nave_saturate(job->wet[i], 54);
    /* 54 by 32 bits in two halves that fit 64; the tie is decided by the whole quotient's last bit */
    const int64_t low = (wet & ((1 << 28) - 1)) * job->wet_q28;
    const int64_t quotient = (wet >> 28) * job->wet_q28 + (low >> 28), rest = low & ((1 << 28) - 1);
    const int64_t half = 1 << 27;
    const int64_t up = rest > half || (rest == half && (quotient & 1));
    return quotient + up + nave_round64((int64_t)job->dry[i] * job->dry_q28, 12);
}

uint32_t nave_mix_q28_c(int32_t *out, const nave_mix_job *job)
{
    uint32_t limited = 0;
    for (size_t i = 0; i < job->frames; i++) {
        const int64_t m = nave_round64(mixed(job, i), 16);
        out[i] = (int32_t)nave_saturate(m, 32);
        limited += out[i] != m;
    }
    return limited;
}

uint32_t nave_mix_q44_c(int64_t *out, const nave_mix_job *job)
{
    uint32_t limited = 0;
    for (size_t i = 0; i < job->frames; i++) {
        const int64_t m = mixed(job, i);
        out[i] = nave_saturate(m, 48);
        limited += out[i] != m;
    }
    return limited;
}
