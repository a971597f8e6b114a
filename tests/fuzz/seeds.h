/* Good files that hostile inputs are made from, written by libsndfile and by the library itself.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_SEEDS_H
#define NAVE_TESTS_SEEDS_H
#include "../../host/include/nave.h"
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bytes {
    uint8_t *at;
    size_t n;
} bytes;

static const struct seed_format {
    const char *name;
    int format, channels;
} seed_formats[] = {{"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2},    {"b.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1},
                    {"c.wav", SF_FORMAT_WAVEX | SF_FORMAT_FLOAT, 4},   {"d.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 1},
                    {"e.wav", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 1}, {"f.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW, 2},
                    {"g.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_32, 2},   {"h.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 2},
                    {"i.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1},  {"j.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 2},
                    {"k.aiff", SF_FORMAT_AIFF | SF_FORMAT_FLOAT, 1},   {"l.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_24, 2},
                    {"m.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16, 1},    {"n.au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 1},
                    {"o.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 2}};
#define SEED_FORMATS (sizeof(seed_formats) / sizeof(seed_formats[0]))

/* 0, or -1 */
static inline int seed_write(const char *path, int format, int channels, int frames, int rate)
{
    SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    if (!f)
        return -1;
    sf_set_string(f, SF_STR_TITLE, "a title");
    int ok = 1;
    for (int i = 0; i < frames && ok; i++) {
        float frame[16];
        for (int c = 0; c < channels; c++)
            frame[c] = (float)((i * 7919 + c * 104729) % 2001 - 1000) / 2500.0f;
        ok = sf_writef_float(f, frame, 1) == 1;
    }
    sf_close(f);
    return ok ? 0 : -1;
}

static inline int bytes_read(bytes *b, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return -1;
    fseek(f, 0, SEEK_END);
    b->n = (size_t)ftell(f);
    rewind(f);
    b->at = malloc(b->n + 1);
    const int ok = b->at && fread(b->at, 1, b->n, f) == b->n;
    fclose(f);
    return ok ? 0 : -1;
}

static inline int bytes_write(const uint8_t *at, size_t n, const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return -1;
    const int ok = fwrite(at, 1, n, f) == n;
    return fclose(f) == 0 && ok ? 0 : -1;
}

#endif
