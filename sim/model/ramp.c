/* Ramps of parameters: straight lines from frame to frame, the target exact (twin of rtl/dyn/ramp.v).
 * After i of n frames: value = start + (target - start) * i / n, the quotient towards zero. One division an event, by a
 * serial divider; its remainder is handed out frame by frame.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

void nave_ramp_to(nave_ramp *r, int64_t target, uint32_t frames)
{
    r->target = nave_saturate(target, 63);
    r->left = r->frames = frames ? frames : 1;
    const int64_t way = r->target - r->value;
    r->step = way / r->frames;
    r->rest = way % r->frames;
    r->owed = 0;
}

int nave_ramp_step(nave_ramp *r)
{
    if (r->left == 0)
        return 0;
    r->left--;
    r->value += r->step;
    r->owed += r->rest;
    if (r->owed >= (int64_t)r->frames) {
        r->owed -= r->frames;
        r->value++;
    } else if (r->owed <= -(int64_t)r->frames) {
        r->owed += r->frames;
        r->value--;
    }
    return r->left != 0;
}
