/* Words of a dynamics plan: made by the host, checked whole by the C card; the firmware has no twin yet.
 * SPDX-License-Identifier: ISC */
#include "dyn_plan.h"
#include "plan.h"
#include <string.h>

uint32_t nave_dyn_plan_bytes(const nave_dyn_shape *shape)
{
    return (uint32_t)((nave_dyn_words(shape) * sizeof(int32_t) + 63) / 64 * 64);
}

uint32_t nave_dyn_inputs(const nave_dyn_plan *p)
{
    return p->shape.channels * ((p->shape.given_bands ? p->shape.given_bands : 1) + p->external);
}

void nave_dyn_plan_encode(const nave_dyn_plan *p, uint32_t *words)
{
    memset(words, 0, NAVE_DYN_PLAN_WORDS * sizeof(*words));
    words[0] = NAVE_DYN_PLAN_MAGIC;
    words[1] = NAVE_DYN_PLAN_VERSION;
    words[2] = NAVE_DYN_PLAN_WORDS;
    words[3] = p->shape.channels | p->external << 8 | p->meters << 16;
    words[4] = p->tick_frames;
    words[5] = p->shape.lookahead_frames;
    words[6] = p->shape.limiter_frames;
    words[7] = (uint32_t)p->shape.limiter_share.mantissa;
    words[8] = (uint32_t)p->shape.limiter_share.shift;
    words[9] = p->ram_bytes;
    words[10] = p->shape.given_bands;
    for (uint32_t i = 0; i < NAVE_DIALS; i++) {
        words[NAVE_DYN_PLAN_HEADER_WORDS + 2 * i] = (uint32_t)p->dial[i];
        words[NAVE_DYN_PLAN_HEADER_WORDS + 2 * i + 1] = (uint32_t)((uint64_t)p->dial[i] >> 32);
    }
}

uint32_t nave_dyn_plan_decode(nave_dyn_plan *p, const uint32_t *words, size_t n)
{
    if (n < NAVE_DYN_PLAN_HEADER_WORDS || words[0] != NAVE_DYN_PLAN_MAGIC)
        return 1;
    if (words[1] != NAVE_DYN_PLAN_VERSION)
        return 2;
    if (words[2] != NAVE_DYN_PLAN_WORDS || n != NAVE_DYN_PLAN_WORDS)
        return 3;
    p->shape.channels = words[3] & 0xff;
    p->external = words[3] >> 8 & 0xff;
    p->meters = words[3] >> 16;
    if (p->shape.channels < 1 || p->shape.channels > NAVE_DYN_CHANNELS || p->external > 1 ||
        p->meters > NAVE_METERS_TRUE_PEAK)
        return 4;
    p->tick_frames = words[4];
    if (p->tick_frames == 0 || p->tick_frames % 64 || p->tick_frames > NAVE_DYN_MAX_TICK)
        return 5;
    p->shape.lookahead_frames = words[5];
    if (words[5] > NAVE_DYN_MAX_LOOKAHEAD)
        return 6;
    p->shape.limiter_frames = words[6];
    if (words[6] < 2 || words[6] > NAVE_LIMIT_MAX_LOOKAHEAD)
        return 7;
    /* from 1 on, below 8, as nave_coef_of gives it */
    if (words[7] < UINT32_C(1) << 30 || words[7] > INT32_MAX)
        return 8;
    if (words[8] < 28 || words[8] > 30)
        return 9;
    p->shape.limiter_share.mantissa = (int32_t)words[7];
    p->shape.limiter_share.shift = words[8];
    p->ram_bytes = words[9];
    if (p->ram_bytes != nave_dyn_plan_bytes(&p->shape))
        return 10;
    p->shape.given_bands = words[10];
    if (words[10] > NAVE_DYN_BANDS || nave_dyn_inputs(p) > NAVE_PLAN_MAX_CHANNELS)
        return 11;
    for (uint32_t i = 11; i < NAVE_DYN_PLAN_HEADER_WORDS; i++)
        if (words[i])
            return i + 1;
    for (uint32_t i = 0; i < NAVE_DIALS; i++) {
        const uint32_t *w = words + NAVE_DYN_PLAN_HEADER_WORDS + 2 * i;
        p->dial[i] = (int64_t)(w[0] | (uint64_t)w[1] << 32);
    }
    return 0;
}
