/* Fuzzer of plans: changes to the words of a good one, then load, start, audio. The first byte chooses plan and format,
 * the rest are changes of 6 bytes (word, value) up to a zero word number beyond the plan, then audio.
 * SPDX-License-Identifier: ISC */
#include "fuzz_card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_card f;
    static nave_plan *plan[FUZZ_PLANS];
    static uint32_t words[16384], audio[16 * 256];
    if (!f.frame) {
        fuzz_open(&f);
        fuzz_plans(plan);
    }
    if (size < 2)
        return 0;
    const nave_plan *p = plan[data[0] % FUZZ_PLANS];
    const uint32_t format = data[0] >> 4 & 1;
    size_t changes = data[1] % 16, n = p->word_count;
    data += 2;
    size -= 2;
    memcpy(words, p->words, 4 * n);
    for (; changes && size >= 6; changes--, data += 6, size -= 6) {
        const uint32_t at = (uint32_t)(data[0] | (data[1] & 0x3f) << 8) % (uint32_t)n;
        uint32_t value;
        memcpy(&value, data + 2, 4);
        switch (data[1] >> 6) {
        case 0:
            words[at] = value;
            break;
        case 1:
            words[at] ^= 1u << (value & 31);
            break;
        case 2:
            words[at] += 64 * (uint32_t)(int32_t)(int8_t)value; /* bases and rings are multiples of 64 */
            break;
        default:
            words[at] = words[value % n];
        }
    }
    if (words[2] <= 16384 && words[2] > n) /* the plan says that it is longer: so it is */
        n = words[2];
    fuzz_begin(&f, 0);
    for (size_t at = 0; at < p->image_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
        const size_t left = p->image_bytes - at;
        fuzz_say(&f, NAVE_FRAME_RAM_WRITE, 0, p->image_base + at, (const uint8_t *)p->image + at,
                 (uint32_t)(left < NAVE_MAX_PAYLOAD_BYTES ? left : NAVE_MAX_PAYLOAD_BYTES));
    }
    fuzz_say(&f, NAVE_FRAME_PLAN_LOAD, 0, 0, words, (uint32_t)(4 * n));
    fuzz_say(&f, NAVE_FRAME_START, 0, 0, &format, 4);
    const uint32_t inputs = 1 + ((words[3] & 0xff) - 1) % 16; /* as the plan has, if it is legal */
    for (uint32_t k = 0; k < 5; k++) {
        for (uint32_t i = 0; i < 256 * inputs; i++)
            audio[i] = size ? (uint32_t)data[(k * 64 + i) % size] * 0x01010101u : i * 2654435761u;
        fuzz_say(&f, NAVE_FRAME_AUDIO_IN, 0, 256 * k, audio, 4 * 256 * inputs);
    }
    fuzz_listen(&f);
    return 0;
}
