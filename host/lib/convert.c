/* Between the host's samples and the card's words. Numbers below 2^51 are moved to and from integers by adding
 * 1.5 * 2^52, whose last place is 1: exact, one rounding to nearest even, and every compiler can vectorise it.
 * SPDX-License-Identifier: ISC */
#include "convert.h"
#include <string.h>

#define NAVE_SHIFTER 6755399441055744.0 /* 1.5 * 2^52 */

static inline int64_t bits_of(double v)
{
    int64_t b;
    memcpy(&b, &v, sizeof(b));
    return b;
}

static inline int32_t to_q28(double v)
{
    double scaled = v * 268435456.0;
    scaled = scaled < 2147483647.0 ? scaled : 2147483647.0;
    scaled = scaled > -2147483648.0 ? scaled : -2147483648.0;
    return (int32_t)(uint32_t)(uint64_t)bits_of(scaled + NAVE_SHIFTER);
}

int nave_q28_from_f32(int32_t *restrict out, const float *restrict in, size_t n)
{
    int nan = 0;
    for (size_t i = 0; i < n; i++) {
        nan |= in[i] != in[i];
        out[i] = to_q28(in[i]);
    }
    return nan;
}

int nave_q28_from_f64(int32_t *restrict out, const double *restrict in, size_t n)
{
    int nan = 0;
    for (size_t i = 0; i < n; i++) {
        nan |= in[i] != in[i];
        out[i] = to_q28(in[i]);
    }
    return nan;
}

static inline double from_q44(int64_t v)
{
    const int64_t shifted = v + bits_of(NAVE_SHIFTER);
    double d;
    memcpy(&d, &shifted, sizeof(d));
    return (d - NAVE_SHIFTER) * (1.0 / 17592186044416.0);
}

void nave_f32_from_q44(float *restrict out, const int64_t *restrict in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)from_q44(in[i]);
}

void nave_f64_from_q44(double *restrict out, const int64_t *restrict in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = from_q44(in[i]);
}
