/* Receipts: what a render was made of and what came out, as text that a person can read and a program can repeat.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_RECEIPT_H
#define NAVE_RECEIPT_H
#include "audio_file.h"

#define NAVE_RECEIPT_MAX_BYTES 65536
#define NAVE_RECEIPT_PATH_BYTES 4096
#define NAVE_RECEIPT_CHAIN_BYTES 16384

typedef struct nave_receipt {
    char library[32], profile[24];
    uint32_t protocol;
    char input_path[NAVE_RECEIPT_PATH_BYTES], ir_path[NAVE_RECEIPT_PATH_BYTES], output_path[NAVE_RECEIPT_PATH_BYTES];
    char input_hash[65], ir_hash[65], plan_hash[65], output_hash[65];
    uint32_t channels_in, channels_out, rate_hz;
    uint64_t frames_in, frames_out;
    nave_render_settings settings; /* format is the one written, never AUTO; no callbacks */
    /* What the compiler chose where the settings left it free, so that a card of another size can repeat it. */
    uint32_t chosen_min_partition, chosen_max_partition, chosen_batch;
    char chosen_tiers[72];
    double peak_dbfs, true_peak_dbtp, loudness_lufs, error_rms_dbfs;
    uint64_t clipped_samples;
    /* of a render through a chain; then nothing of ir, chosen_*, wet, dry and error_rms_dbfs counts */
    int of_chain;
    char chain_path[NAVE_RECEIPT_PATH_BYTES], chain_hash[65], chain_text[NAVE_RECEIPT_CHAIN_BYTES];
    char side_path[NAVE_RECEIPT_PATH_BYTES], side_hash[65]; /* "-" and zeros: none */
    char plan_board[24];                                    /* whose limits the plans keep to */
} nave_receipt;

/* Writes the text into a temporary file beside path; nave_temp_commit or unlink follows. */
int nave_receipt_write(const nave_receipt *r, const char *path, int overwrite, char **temp_path, char **final_path,
                       nave_text *why);
/* Strict: every key of version 1 once and none else. NAVE_E_FORMAT names file and line, NAVE_E_VERSION a receipt of
 * another version. */
int nave_receipt_read(nave_receipt *out, const char *path, nave_text *why);

/* For tests: text to and from memory. *text is to be freed. */
int nave_receipt_format(const nave_receipt *r, char **text, size_t *bytes, nave_text *why);
int nave_receipt_parse(nave_receipt *out, const char *name, const char *text, size_t bytes, nave_text *why);

#endif
