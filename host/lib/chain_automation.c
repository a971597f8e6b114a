/* Automation: points over time, and the values between them.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include <math.h>

/* A thousandth of a frame is no later frame: 0.1 s are 4800 frames, whatever 0.1 is in binary. */
static uint64_t frame_of(double time_s, double rate_hz)
{
    return (uint64_t)ceil(time_s * rate_hz - 1e-3);
}

static double amplitude(double db)
{
    return pow(10, db / 20);
}

static double between(const nave_chain_key *key, double a, double b, double share)
{
    /* from silence or to it there is no straight line of dB: then the amplitude goes straight */
    if (key->kind == NAVE_VALUE_GAIN && (isinf(a) || isinf(b))) {
        const double v = amplitude(a) + (amplitude(b) - amplitude(a)) * share;
        return v > 0 ? 20 * log10(v) : -INFINITY;
    }
    if (isinf(a) || isinf(b)) /* a ratio: its inverse is what the curve has */
        return 1 / (1 / a + (1 / b - 1 / a) * share);
    return a + (b - a) * share;
}

double nave_lane_value(const nave_chain_lane *lane, double rate_hz, uint64_t frame, int before)
{
    uint32_t k = 0;
    const nave_chain_point *p = lane->point;
    while (k < lane->points && frame_of(p[k].time_s, rate_hz) + (before != 0) <= frame)
        k++;
    if (k == 0)
        return p[0].value;
    if (k == lane->points || !p[k].linear)
        return p[k - 1].value;
    const uint64_t from = frame_of(p[k - 1].time_s, rate_hz), to = frame_of(p[k].time_s, rate_hz);
    return between(lane->target.key, p[k - 1].value, p[k].value, (double)(frame - from) / (double)(to - from));
}

uint64_t nave_lanes_next(const nave_chain *c, uint32_t stage, double rate_hz, uint64_t frame)
{
    uint64_t next = UINT64_MAX;
    for (uint32_t i = 0; i < c->lanes; i++)
        for (uint32_t k = 0; c->lane[i].target.stage == stage && k < c->lane[i].points; k++) {
            const uint64_t at = frame_of(c->lane[i].point[k].time_s, rate_hz);
            next = at > frame && at < next ? at : next;
        }
    return next;
}

int nave_lanes_move(const nave_chain *c, uint32_t stage, double rate_hz, uint64_t frame)
{
    for (uint32_t i = 0; i < c->lanes; i++) {
        const nave_chain_lane *lane = &c->lane[i];
        for (uint32_t k = 1; lane->target.stage == stage && k < lane->points; k++)
            if (lane->point[k].linear && lane->point[k].value != lane->point[k - 1].value &&
                frame_of(lane->point[k - 1].time_s, rate_hz) <= frame &&
                frame < frame_of(lane->point[k].time_s, rate_hz))
                return 1;
    }
    return 0;
}

void nave_lanes_apply(const nave_chain *c, uint32_t stage, double rate_hz, uint64_t frame, int before, nave_stage *s)
{
    for (uint32_t i = 0; i < c->lanes; i++) {
        const nave_chain_target *t = &c->lane[i].target;
        if (t->stage == stage)
            nave_stage_set(s, t->key, t->offset, nave_lane_value(&c->lane[i], rate_hz, frame, before));
    }
}
