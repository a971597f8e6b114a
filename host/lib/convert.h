/* Between the host's samples and the card's words.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CONVERT_H
#define NAVE_CONVERT_H
#include <stddef.h>
#include <stdint.h>

/* To Q28, rounded to nearest even, limited to +-8. Return 0, or 1 if a sample is NaN. */
int nave_q28_from_f32(int32_t *out, const float *in, size_t n);
int nave_q28_from_f64(int32_t *out, const double *in, size_t n);
/* From Q44 of at most 48 bits; f32 is rounded once, f64 exact. */
void nave_f32_from_q44(float *out, const int64_t *in, size_t n);
void nave_f64_from_q44(double *out, const int64_t *in, size_t n);
#endif
