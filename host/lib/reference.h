/* How far a render is from the same convolution in double precision, over a stretch chosen before it starts.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_REFERENCE_H
#define NAVE_REFERENCE_H
#include "../../driver/why.h"

typedef struct nave_reference nave_reference;

/* total_frames: of the output, 0 if not known. Keeps the part of the input that the stretch depends on, so memory
 * grows with the response and not with the file. */
int nave_reference_open(nave_reference **out, const nave_ir *ir, uint32_t channels_in, uint32_t channels_out,
                        uint64_t total_frames, nave_text *why);
/* In order and without gaps, from frame 0 on. */
void nave_reference_input(nave_reference *r, const int32_t *const *q28, size_t frames);
/* The card's words, planar: exactly one of q44 and q28 is given. */
void nave_reference_output(nave_reference *r, const int64_t *const *q44, const int32_t *const *q28, size_t frames);
/* RMS of the difference relative to full scale; -inf if there is none. wet and dry are factors. */
int nave_reference_result(nave_reference *r, double wet, double dry, double *error_rms_dbfs, nave_text *why);
void nave_reference_close(nave_reference *r);

#endif
