/* Inside of the C card, shared by card.c, link.c and output.c.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_MODEL_CARD_STATE_H
#define NAVE_MODEL_CARD_STATE_H
#include "card.h"
#include "context.h"

#define NAVE_MODEL_VERSION 0x000100u /* 0.1.0 */
#define NAVE_MOST_PLAN_WORDS (NAVE_MAX_PAYLOAD_BYTES / 4)
#define NAVE_COUNTER(reg) (((reg)-NAVE_REG_FRAMES_OK) / 4)

typedef struct nave_link_frame {
    uint8_t version, type;
    uint16_t context;
    uint32_t sequence, epoch, length;
    uint64_t position;
    const uint8_t *payload;
    int payload_good;
} nave_link_frame;

struct nave_model {
    nave_model_config config;
    nave_engine engine;
    nave_context context[NAVE_MODEL_CONTEXTS];
    uint8_t *ram;
    uint32_t epoch, expected_sequence, scratch;
    uint32_t counter[NAVE_COUNTER(NAVE_REG_CLIPPED) + 1];
    uint8_t *frame; /* a frame that is still coming in */
    size_t frame_bytes;
    uint8_t *out; /* frames that wait to be read, contiguous */
    size_t out_head, out_tail, out_capacity;
    uint32_t out_sequence;
    uint8_t *out_frame; /* the one being made */
};

/* card.c: runs one frame. */
void nave_card_execute(nave_model *m, const nave_link_frame *f);
/* card.c: room that a frame's answers may need. */
size_t nave_output_needed(const nave_model *m, const nave_link_frame *f);

/* link.c: runs what waits for room in the output. */
void nave_link_resume(nave_model *m);

/* Bytes that a frame takes in the output: each begins a cache line. */
static inline size_t nave_output_frame_bytes(size_t payload)
{
    return (NAVE_HEADER_BYTES + payload + 4 + 63) / 64 * 64;
}
/* output.c: grows the output so that it holds `bytes` besides answers. 0 or -1. */
int nave_output_reserve(nave_model *m, size_t bytes);
int nave_output_has_room(nave_model *m, size_t bytes);
/* Begins a frame, returns where its payload goes (32-byte aligned); room was checked before. */
uint8_t *nave_output_begin(nave_model *m, uint32_t type, uint32_t context, uint64_t position, uint32_t length);
void nave_output_end(nave_model *m);
/* Frames of one AUDIO_OUT. */
uint32_t nave_output_chunk_frames(const nave_context *c);
/* The finished tick as AUDIO_OUT frames. */
void nave_output_tick(nave_model *m, nave_context *c, uint32_t number);
#endif
