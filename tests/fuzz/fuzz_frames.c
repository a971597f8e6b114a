/* Fuzzer of the card's link. The first byte chooses: 0, the rest is words of the link as they are; else it is a list of
 * commands, framed with good CRCs, sequence and epoch unless a command asks for a fault.
 *   command: type, context, flags, length in words, position (2), payload
 * SPDX-License-Identifier: ISC */
#include "fuzz_card.h"

enum {
    FLAG_BAD_CRC = 1,
    FLAG_BAD_SEQUENCE = 2,
    FLAG_BAD_EPOCH = 4,
    FLAG_BAD_VERSION = 8,
    FLAG_NEXT_POSITION = 16,
    FLAG_PLAN = 32,
    FLAG_CUT = 64
};

/* 1: a half frame may wait */
static int run_commands(fuzz_card *f, nave_plan *const *plan, const uint8_t *data, size_t size)
{
    static uint32_t payload[256];
    uint32_t written = 0;
    int half = 0;
    while (size >= 6) {
        const uint32_t type = data[0] & 15, flags = data[2];
        uint32_t context = data[1] & 7, words = data[3];
        uint64_t position = data[4] | (uint64_t)data[5] << 8;
        data += 6;
        size -= 6;
        if (data[-5] > 0xf0)
            context = 8 + data[-5];
        if (flags & 128)
            position =
                words & 1 ? FUZZ_RAM + 64 - 4 * position : position << (6 + (words / 2 & 31)); /* about the end */
        memset(payload, 0, sizeof(payload));
        const size_t n = 4 * words < size ? 4 * words : size;
        memcpy(payload, data, n);
        data += n;
        size -= n;
        if (type == NAVE_FRAME_AUDIO_IN && flags & FLAG_NEXT_POSITION) {
            position = written;
            words &= ~1u;
            written += words / 2;
        }
        size_t bytes;
        if (type == NAVE_FRAME_PLAN_LOAD && flags & FLAG_PLAN) {
            const nave_plan *p = plan[words % FUZZ_PLANS];
            bytes = fuzz_frame(f, type, context, position & ~63ull, p->words, (uint32_t)(4 * p->word_count));
            written = 0;
        } else {
            bytes = fuzz_frame(f, type, context, position, payload, 4 * words);
        }
        if (flags & FLAG_BAD_CRC)
            f->frame[bytes / 4 - 1] ^= 1u << (words & 31);
        if (flags & FLAG_BAD_SEQUENCE)
            f->frame[2] += words;
        if (flags & FLAG_BAD_EPOCH)
            f->frame[3]++;
        if (flags & FLAG_BAD_VERSION)
            f->frame[1] ^= 2;
        if (flags & (FLAG_BAD_SEQUENCE | FLAG_BAD_EPOCH | FLAG_BAD_VERSION)) {
            f->frame[7] = f->dsp.crc32c(0, f->frame, 28);
            f->sequence--;
        }
        if (flags & FLAG_CUT)
            bytes = bytes / 8 * 4;
        half |= flags & FLAG_CUT;
        fuzz_push(f, f->frame, bytes);
    }
    return half;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_card f;
    static nave_plan *plan[FUZZ_PLANS];
    static int half;
    if (!f.frame) {
        fuzz_open(&f);
        fuzz_plans(plan);
    }
    if (size < 2)
        return 0;
    fuzz_begin(&f, half);
    half = 0;
    if (data[0]) {
        half = run_commands(&f, plan, data + 1, size - 1);
    } else {
        uint32_t *words = malloc(size);
        half = 1;
        memcpy(words, data + 1, size - 1);
        fuzz_push(&f, words, (size - 1) / 4 * 4);
        free(words);
    }
    fuzz_listen(&f);
    return 0;
}
