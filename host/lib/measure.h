/* Peak, true peak and loudness of what goes into a file, measured in a thread of its own.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_MEASURE_H
#define NAVE_MEASURE_H
#include "../../driver/why.h"
#include "sample_hash.h"

typedef struct nave_measure nave_measure;

int nave_measure_open(nave_measure **out, nave_word word, uint32_t channels, uint32_t rate_hz, nave_text *why);
/* Interleaved memory words; copied. Waits when the thread is far behind. */
void nave_measure_add(nave_measure *m, const int32_t *words, size_t frames);
/* Waits for the thread; dBFS, dBTP and LUFS, -inf for silence. */
int nave_measure_result(nave_measure *m, double *peak_dbfs, double *true_peak_dbtp, double *loudness_lufs,
                        nave_text *why);
void nave_measure_close(nave_measure *m);

#endif
