/* Ramps of parameters: straight lines from frame to frame, the target exact (twin of rtl/dyn/ramp.v).
 * The step is (target - value) / frames towards zero: a serial divider that works once an event.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

void nave_ramp_to(nave_ramp *r, int64_t target, uint32_t frames)
{
    r->target = nave_saturate(target, 63);
    r->left = frames ? frames : 1;
    r->step = (r->target - r->value) / r->left;
}

int nave_ramp_step(nave_ramp *r)
{
    if (r->left == 0)
        return 0;
    r->left--;
    r->value = r->left ? r->value + r->step : r->target;
    return r->left != 0;
}
