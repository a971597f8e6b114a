/* The one way an error gets its sentence.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_WHY_H
#define NAVE_WHY_H
#include "../host/include/nave.h"

/* Writes the sentence (why may be NULL) and returns err. */
int nave_fail(nave_text *why, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
#endif
