/* SHA-256 of samples, so that a file's container, metadata and byte order do not matter.
 * SPDX-License-Identifier: ISC */
#include "sample_hash.h"
#include <endian.h>
#include <string.h>

#define CHUNK_WORDS 2048

const char *nave_word_name(nave_word word)
{
    static const char *const names[] = {"?", "pcm16", "pcm24", "pcm32", "float", "double"};
    return word >= NAVE_WORD_PCM16 && word <= NAVE_WORD_DOUBLE ? names[word] : names[0];
}

void nave_sample_hash_init(nave_sample_hash *h, nave_word word, uint32_t channels, uint32_t rate_hz)
{
    *h = (nave_sample_hash){.word = word, .channels = channels, .rate_hz = rate_hz};
    sha256_init(&h->sha);
}

static void add_words16(nave_sample_hash *h, const int32_t *words, size_t count)
{
    uint16_t packed[CHUNK_WORDS];
    for (size_t done = 0; done < count;) {
        const size_t n = count - done < CHUNK_WORDS ? count - done : CHUNK_WORDS;
        for (size_t i = 0; i < n; i++)
            packed[i] = htole16((uint16_t)words[done + i]);
        sha256_update(&h->sha, n * 2, (const uint8_t *)packed);
        done += n;
    }
}

#if __BYTE_ORDER == __BIG_ENDIAN
static void add_swapped(nave_sample_hash *h, const uint8_t *bytes, size_t count, size_t width)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t le[8];
        for (size_t b = 0; b < width; b++)
            le[b] = bytes[i * width + width - 1 - b];
        sha256_update(&h->sha, width, le);
    }
}
#endif

void nave_sample_hash_add(nave_sample_hash *h, const void *interleaved, size_t frames)
{
    const size_t count = frames * h->channels;
    const size_t width = h->word == NAVE_WORD_DOUBLE ? 8 : 4;
    h->frames += frames;
    if (h->word == NAVE_WORD_PCM16)
        add_words16(h, interleaved, count);
    else
#if __BYTE_ORDER == __BIG_ENDIAN
        add_swapped(h, interleaved, count, width);
#else
        sha256_update(&h->sha, count * width, interleaved);
#endif
}

void nave_hex(char *hex, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * count] = 0;
}

void nave_hash_bytes(char hex[65], const void *bytes, size_t count)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    sha256_update(&sha, count, bytes);
    sha256_digest(&sha, sizeof digest, digest);
    nave_hex(hex, digest, sizeof digest);
}

void nave_sample_hash_end(nave_sample_hash *h, char hex[65])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    const struct {
        uint64_t frames;
        uint32_t word, channels, rate_hz, version;
    } end = {htole64(h->frames), htole32((uint32_t)h->word), htole32(h->channels), htole32(h->rate_hz), htole32(1)};
    sha256_update(&h->sha, sizeof end, (const uint8_t *)&end);
    sha256_digest(&h->sha, sizeof digest, digest);
    nave_hex(hex, digest, sizeof digest);
}
