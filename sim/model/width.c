/* Stereo width of a band: the side signal by 1 + change (twin of rtl/dyn/width.v). 1 multiply a pair; 0 changes
 * nothing. The half difference is rounded and limited to 32 bits; results are limited to 32 bits.
 * SPDX-License-Identifier: ISC */
#include "dyn.h"

void nave_width_step(int32_t change_q30, uint32_t mid_side, int32_t *first, int32_t *second)
{
    if (mid_side) {
        *second = (int32_t)nave_saturate((int64_t)*second + nave_scale_q30(*second, change_q30), 32);
        return;
    }
    const int32_t half = (int32_t)nave_saturate(nave_round64((int64_t)*first - *second, 1), 32);
    const int64_t change = nave_scale_q30(half, change_q30);
    *first = (int32_t)nave_saturate(*first + change, 32);
    *second = (int32_t)nave_saturate(*second - change, 32);
}
