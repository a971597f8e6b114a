/* Fuzzer of dynamics on the card: changed plans, dials of any value at any frame, audio cut anywhere. What is accepted
 * runs without a fault, and the same on both cards.
 *   first byte: how many words of the plan are changed (index 2, value 8 each); then commands of 12 bytes:
 *   DIAL if the first is odd (dial 2, ramp 2, value 6, frames ahead 1), else audio of byte 1 + 1 frames
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/dyn_coefficients.h"
#include "../../sim/model/dyn_plan.h"
#include "fuzz_card.h"

static void good_plan(nave_dyn_plan *p)
{
    nave_dyn_settings s;
    nave_text why = {""};
    nave_dyn_settings_default(&s, 48000);
    s.bands = 3;
    s.lookahead_s = 0.001;
    s.limiter = 1;
    s.band[1].curve[0].kind = NAVE_CURVE_COMPRESS;
    s.eq[0].kind = NAVE_EQ_BELL;
    memset(p, 0, sizeof(*p));
    fuzz_claim(nave_dyn_shape_of(&s, 2, &p->shape, &why) == NAVE_OK && nave_dyn_dials(&s, p->dial, &why) == NAVE_OK,
               why.text);
    p->tick_frames = 64;
    p->meters = NAVE_METERS_TRUE_PEAK;
    p->ram_bytes = nave_dyn_plan_bytes(&p->shape);
}

static uint64_t number(const uint8_t *at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = n; i > 0; i--)
        v = v << 8 | at[i - 1];
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_card f;
    static uint32_t words[NAVE_DYN_PLAN_WORDS + 2], audio[4 * 256];
    nave_dyn_plan plan;
    if (!f.frame)
        fuzz_open(&f);
    if (size < 1)
        return 0;
    good_plan(&plan);
    nave_dyn_plan_encode(&plan, words);
    unsigned changes = data[0] % 64;
    data++;
    size--;
    for (; changes && size >= 10; changes--, data += 10, size -= 10) {
        const size_t at = number(data, 2) % NAVE_DYN_PLAN_WORDS;
        words[at] = (uint32_t)number(data + 2, 4);
        if (at >= NAVE_DYN_PLAN_HEADER_WORDS)
            words[at | 1] = (uint32_t)number(data + 6, 4);
    }
    /* sizes that follow from the others, so that changed shapes run too */
    nave_dyn_plan changed;
    if (nave_dyn_plan_decode(&changed, words, NAVE_DYN_PLAN_WORDS) == 10)
        words[9] = nave_dyn_plan_bytes(&changed.shape);
    const uint32_t channels = words[3] & 3, inputs = channels * (1 + (words[3] >> 8 & 1));
    const uint32_t format = words[4] / 64 % 2;
    fuzz_begin(&f, 0);
    fuzz_say(&f, NAVE_FRAME_PLAN_LOAD, 1, 0, words, 4 * NAVE_DYN_PLAN_WORDS);
    fuzz_say(&f, NAVE_FRAME_START, 1, 0, &format, 4);
    uint64_t written = 0;
    for (; size >= 12; data += 12, size -= 12) {
        if (data[0] & 1) {
            const int64_t value = (int64_t)(number(data + 5, 6) << 16) >> (data[0] >> 3);
            const uint32_t event[4] = {(uint32_t)number(data + 1, 2), (uint32_t)number(data + 3, 2), (uint32_t)value,
                                       (uint32_t)((uint64_t)value >> 32)};
            fuzz_say(&f, NAVE_FRAME_DIAL, 1, written + data[11], event, data[0] & 2 ? 16 : data[0] & 4 ? 12 : 16);
            continue;
        }
        const uint32_t n = data[1] + 1u;
        for (uint32_t i = 0; i < inputs * n && i < sizeof(audio) / 4; i++)
            audio[i] = (uint32_t)number(data + 2 + i % 7, 4) >> (data[11] & 31);
        if (inputs && inputs <= 4) {
            fuzz_say(&f, NAVE_FRAME_AUDIO_IN, 1, written, audio, 4 * n * inputs);
            written += n;
        }
    }
    fuzz_listen(&f);
    return 0;
}
