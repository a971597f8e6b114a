/* Two cards that must say the same: the C model and the fastest instruction set. What a fuzzer finds to differ is a
 * crash. SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_FUZZ_CARD_H
#define NAVE_TESTS_FUZZ_CARD_H
#include "../../driver/protocol.h"
#include "../../host/lib/plan.h"
#include "../../sim/model/card.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_RAM (512u << 10)
#define FUZZ_EPOCH 0x5eed

typedef struct fuzz_card {
    nave_model *card[2];
    uint32_t *frame; /* room for one */
    uint32_t sequence;
    nave_dsp dsp; /* its CRC */
} fuzz_card;

static inline void fuzz_claim(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static inline void fuzz_open(fuzz_card *f)
{
    nave_dsp_init(&f->dsp, NAVE_CPU_ALL);
    for (int i = 0; i < 2; i++) {
        const nave_model_config config = {.ram_bytes = FUZZ_RAM,
                                          .log2_max_partition = 9,
                                          .dynamics = 1,
                                          .cpu_mask = i ? NAVE_CPU_ALL : NAVE_CPU_SSE42}; /* a fast CRC for both */
        fuzz_claim((f->card[i] = nave_model_create(&config)) != NULL, "there is memory");
    }
    fuzz_claim((f->frame = malloc(NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)) != NULL, "there is memory");
}

/* All that both cards have to say, which is the same and well made. */
static inline void fuzz_listen(fuzz_card *f)
{
    for (;;) {
        size_t n[2] = {0};
        const uint8_t *out[2];
        for (int i = 0; i < 2; i++)
            out[i] = nave_model_read(f->card[i], &n[i]);
        fuzz_claim(!out[0] == !out[1], "both cards answer");
        if (!out[0])
            return;
        fuzz_claim(n[0] == n[1] && memcmp(out[0], out[1], n[0]) == 0, "both cards give the same bits");
        uint32_t h[8];
        memcpy(h, out[0], sizeof(h));
        fuzz_claim(n[0] == NAVE_HEADER_BYTES + (h[4] ? h[4] + 4 : 0) && f->dsp.crc32c(0, h, 28) == h[7],
                   "a frame is well made");
    }
}

/* words: 4-byte aligned */
static inline void fuzz_push(fuzz_card *f, const void *words, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        size_t taken[2];
        for (int i = 0; i < 2; i++)
            taken[i] = nave_model_write(f->card[i], (const uint8_t *)words + at, bytes - at);
        fuzz_claim(taken[0] == taken[1], "both cards take as much");
        at += taken[0];
        if (at < bytes && bytes - at < 4)
            break;
        fuzz_listen(f);
    }
}

static inline size_t fuzz_frame(fuzz_card *f, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                                uint32_t length)
{
    uint32_t *h = f->frame;
    h[0] = NAVE_MAGIC;
    h[1] = NAVE_PROTOCOL_VERSION | type << 8 | context << 16;
    h[2] = f->sequence++;
    h[3] = FUZZ_EPOCH;
    h[4] = length;
    h[5] = (uint32_t)position;
    h[6] = (uint32_t)(position >> 32);
    h[7] = f->dsp.crc32c(0, h, 28);
    if (!length)
        return NAVE_HEADER_BYTES;
    memcpy(h + 8, payload, length);
    h[8 + length / 4] = f->dsp.crc32c(0, h + 8, length);
    return NAVE_HEADER_BYTES + length + 4;
}

static inline void fuzz_say(fuzz_card *f, uint32_t type, uint32_t context, uint64_t position, const void *payload,
                            uint32_t length)
{
    fuzz_push(f, f->frame, fuzz_frame(f, type, context, position, payload, length));
}

/* A new epoch, whatever state the last input left; a half frame of it is pushed out by zeros. */
static inline void fuzz_begin(fuzz_card *f, int half)
{
    if (half) {
        memset(f->frame, 0, NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4);
        fuzz_push(f, f->frame, NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4);
    }
    f->sequence = 0;
    fuzz_say(f, NAVE_FRAME_SYNC, 0, 0, NULL, 0);
}

#define FUZZ_PLANS 3
/* Plans that are in order: live, offline, true stereo. */
static inline void fuzz_plans(nave_plan *plan[FUZZ_PLANS])
{
    double h[700];
    for (int i = 0; i < 700; i++)
        h[i] = (double)((i * 7919) % 2001 - 1000) / 20000.0;
    static const uint32_t in[] = {0, 0, 1, 1}, out[] = {0, 1, 0, 1};
    const double *path[] = {h, h + 50, h + 100, h + 150};
    nave_card_limits limits;
    nave_ir_settings is;
    nave_ir_settings_default(&is);
    is.rate_hz = 48000;
    nave_board_limits("model", &limits);
    limits.max_partition_frames = 512;
    for (int k = 0; k < FUZZ_PLANS; k++) {
        nave_ir *ir = NULL;
        nave_plan_settings ps;
        nave_plan_settings_default(&ps);
        ps.max_partition_frames = 256;
        if (k == 0) {
            ps.mode = NAVE_LIVE;
            ps.tick_frames = 64;
        } else {
            ps.batch = 2;
        }
        nave_text why = {""};
        const int err = k == 2 ? nave_ir_create(&ir, path, 200, in, out, 4, &is, &why)
                               : nave_ir_create(&ir, path, 600, NULL, NULL, 1, &is, &why);
        fuzz_claim(err == NAVE_OK && nave_plan_compile(&plan[k], ir, &ps, &limits, &why) == NAVE_OK, why.text);
        nave_ir_free(ir);
    }
}
#endif
