/* How much audio a container's header promises and how much of it the file has. libsndfile shortens a truncated file
 * to what is there without a word; a render of half a song must not pass for the song.
 * SPDX-License-Identifier: ISC */
#include "audio_scan.h"
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define MAX_CHUNKS 4096

static uint64_t get_le(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static uint64_t get_be(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

/* Sizes that programs write when they cannot seek back: the length is not known, so nothing is promised. */
static int is_placeholder(uint64_t size)
{
    return size == 0 || size >= 0xfffff000u || (size >= 0x7ffff000u && size <= 0x7fffffffu);
}

static void found(nave_audio_scan *out, uint64_t promised, uint64_t at, uint64_t file_bytes)
{
    out->promised_bytes = promised;
    out->present_bytes = at >= file_bytes ? 0 : file_bytes - at;
    if (out->present_bytes > promised)
        out->present_bytes = promised;
}

typedef struct chunk_walk {
    uint64_t first; /* where the chunks begin */
    int id_bytes;   /* 4, or 16 where names are GUIDs */
    int size_bytes; /* 4 or 8 */
    int big_endian;
    uint64_t included; /* bytes of its own header that a chunk's size counts */
    uint64_t align;
    const char *data; /* first four bytes of the audio chunk's name */
    uint64_t skip;    /* bytes at the start of the audio chunk that are not audio */
} chunk_walk;

static void walk(int fd, uint64_t file_bytes, const chunk_walk *w, uint64_t data64, nave_audio_scan *out)
{
    uint64_t at = w->first;
    for (int i = 0; i < MAX_CHUNKS; i++) {
        uint8_t head[24];
        const size_t head_bytes = (size_t)(w->id_bytes + w->size_bytes);
        if (at >= file_bytes || pread(fd, head, head_bytes, (off_t)at) != (ssize_t)head_bytes)
            return;
        const uint8_t *field = head + w->id_bytes;
        uint64_t size = w->big_endian ? get_be(field, w->size_bytes) : get_le(field, w->size_bytes);
        if (memcmp(head, w->data, 4) == 0) {
            if (size == 0xffffffffu && data64)
                size = data64;
            else if (w->size_bytes == 4 ? is_placeholder(size) : size > (uint64_t)INT64_MAX)
                return;
            if (size < w->included + w->skip)
                return;
            found(out, size - w->included - w->skip, at + head_bytes + w->skip, file_bytes);
            return;
        }
        if (size < w->included || size > (uint64_t)INT64_MAX - at - 64)
            return;
        const uint64_t step = head_bytes + size - w->included;
        at += (step + w->align - 1) / w->align * w->align;
    }
}

void nave_audio_scan_fd(int fd, uint64_t file_bytes, nave_audio_scan *out)
{
    uint8_t head[48];
    *out = (nave_audio_scan){0};
    if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head)
        return;
    const int wave = memcmp(head + 8, "WAVE", 4) == 0;
    if (wave && memcmp(head, "RIFF", 4) == 0) {
        walk(fd, file_bytes, &(chunk_walk){12, 4, 4, 0, 0, 2, "data", 0}, 0, out);
    } else if (wave && memcmp(head, "RIFX", 4) == 0) {
        walk(fd, file_bytes, &(chunk_walk){12, 4, 4, 1, 0, 2, "data", 0}, 0, out);
    } else if (wave && (memcmp(head, "RF64", 4) == 0 || memcmp(head, "BW64", 4) == 0)) {
        const uint64_t data64 = memcmp(head + 12, "ds64", 4) == 0 ? get_le(head + 28, 8) : 0;
        if (data64 <= (uint64_t)INT64_MAX)
            walk(fd, file_bytes, &(chunk_walk){12, 4, 4, 0, 0, 2, "data", 0}, data64, out);
    } else if (memcmp(head, "FORM", 4) == 0 && memcmp(head + 8, "AIF", 3) == 0) {
        walk(fd, file_bytes, &(chunk_walk){12, 4, 4, 1, 0, 2, "SSND", 8}, 0, out);
    } else if (memcmp(head, "riff\x2e\x91\xcf\x11", 8) == 0) {
        walk(fd, file_bytes, &(chunk_walk){40, 16, 8, 0, 24, 8, "data", 0}, 0, out);
    } else if (memcmp(head, "caff", 4) == 0) {
        walk(fd, file_bytes, &(chunk_walk){8, 4, 8, 1, 0, 1, "data", 4}, 0, out);
    } else if (memcmp(head, ".snd", 4) == 0 && !is_placeholder(get_be(head + 8, 4))) {
        found(out, get_be(head + 8, 4), get_be(head + 4, 4), file_bytes);
    }
}
