/* Errors of the host library: a code and one sentence that names the fault and its fix.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_EXPLAIN_H
#define NAVE_EXPLAIN_H
#include "nave.h"

/* Writes the sentence to why (may be NULL) and gives err back, so that a caller can return it. */
int nave_explain(nave_text *why, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
