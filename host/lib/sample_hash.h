/* SHA-256 of samples, so that a file's container, metadata and byte order do not matter.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SAMPLE_HASH_H
#define NAVE_SAMPLE_HASH_H
#include <nettle/sha2.h>
#include <stddef.h>
#include <stdint.h>

/* What one sample is in a file. A 32-bit container carries it in memory: the value for pcm, the bits for float. */
typedef enum nave_word {
    NAVE_WORD_PCM16 = 1,
    NAVE_WORD_PCM24 = 2,
    NAVE_WORD_PCM32 = 3,
    NAVE_WORD_FLOAT = 4,
    NAVE_WORD_DOUBLE = 5 /* read only; in memory a double */
} nave_word;

/* "pcm16", "pcm24", "pcm32", "float", "double". */
const char *nave_word_name(nave_word word);

typedef struct nave_sample_hash {
    struct sha256_ctx sha;
    nave_word word;
    uint32_t channels, rate_hz;
    uint64_t frames;
} nave_sample_hash;

void nave_sample_hash_init(nave_sample_hash *h, nave_word word, uint32_t channels, uint32_t rate_hz);
/* Interleaved frames in memory words: int32_t, float bits, or double for NAVE_WORD_DOUBLE. */
void nave_sample_hash_add(nave_sample_hash *h, const void *interleaved, size_t frames);
/* Closes the hash with word, channels, rate and frame count; lower-case hex. */
void nave_sample_hash_end(nave_sample_hash *h, char hex[65]);

void nave_hex(char *hex, const uint8_t *bytes, size_t count);
/* SHA-256 of bytes as they are. */
void nave_hash_bytes(char hex[65], const void *bytes, size_t count);

#endif
