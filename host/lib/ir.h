/* Impulse responses inside the library.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_IR_H
#define NAVE_IR_H
#include "../../driver/why.h"

#define NAVE_IR_MAX_PATHS (NAVE_MAX_CHANNELS * NAVE_MAX_CHANNELS)
#define NAVE_IR_MAX_FRAMES ((uint64_t)60 * 768000)
#define NAVE_IR_MAX_SAMPLES ((uint64_t)1 << 26) /* over all paths: 512 MiB of doubles */
#define NAVE_IR_MIN_RATE_HZ 8000
#define NAVE_IR_MAX_LEVEL 1e9 /* +180 dBFS: beyond this a sample is not audio */

struct nave_ir {
    int any; /* one path, used for each channel */
    uint32_t inputs, outputs, paths, rate_hz, source_rate_hz;
    uint64_t frames;
    double applied_gain_db;
    char hash[65];
    uint32_t *input, *output; /* ends of each path, from 0 */
    double **samples;         /* each path its own block of `frames` */
};

/* `paths` paths of silence. */
int nave_ir_new(nave_ir **out, uint32_t paths, uint64_t frames, nave_text *why);
int nave_ir_check_size(uint64_t paths, uint64_t frames, const char *path, nave_text *why);
int nave_ir_check_settings(const nave_ir_settings *s, nave_text *why);
/* A matrix text file is told by its first bytes: text and nothing else. */
int nave_ir_is_matrix(const char *path);
int nave_ir_load_matrix(nave_ir **out, const char *path, nave_text *why);
/* Brings every path to rate_hz. */
int nave_ir_resample(nave_ir *ir, uint32_t rate_hz, nave_text *why);
/* All edits after the conversion of the rate, in the order of nave_ir_settings' comments, then the hash. */
int nave_ir_edit(nave_ir *ir, const nave_ir_settings *s, nave_text *why);
/* The largest magnitude response over all paths. */
int nave_ir_peak_response(const nave_ir *ir, double *magnitude, nave_text *why);

#endif
