/* Frames out of the card (twin of rtl/link/frame_tx.v).
 * SPDX-License-Identifier: ISC */
#include "../../driver/frame.h"
#include "card_state.h"
#include <stdlib.h>
#include <string.h>

int nave_output_reserve(nave_model *m, size_t bytes)
{
    const size_t answers = 2 * nave_output_frame_bytes(NAVE_MAX_PAYLOAD_BYTES);
    const size_t wanted = m->out_tail + bytes + answers;
    if (wanted <= m->out_capacity)
        return 0;
    const size_t capacity = (wanted + 63) / 64 * 64;
    uint8_t *grown = aligned_alloc(64, capacity);
    if (!grown)
        return -1;
    if (m->out_tail)
        memcpy(grown, m->out, m->out_tail);
    free(m->out);
    m->out = grown;
    m->out_capacity = capacity;
    return 0;
}

int nave_output_has_room(nave_model *m, size_t bytes)
{
    if (m->out_head == m->out_tail)
        m->out_head = m->out_tail = 0;
    return bytes <= m->out_capacity - m->out_tail;
}

uint8_t *nave_output_begin(nave_model *m, uint32_t type, uint32_t context, uint64_t position, uint32_t length)
{
    uint32_t h[8] = {NAVE_MAGIC,
                     NAVE_PROTOCOL_VERSION | type << 8 | context << 16,
                     m->out_sequence++,
                     m->epoch,
                     length,
                     (uint32_t)position,
                     (uint32_t)(position >> 32),
                     0};
    h[7] = m->engine.dsp.crc32c(0, h, 28);
    m->out_frame = m->out + m->out_tail;
    memcpy(m->out_frame, h, sizeof(h));
    return m->out_frame + NAVE_HEADER_BYTES;
}

void nave_output_end(nave_model *m)
{
    const uint32_t length = nave_frame_length(m->out_frame);
    if (length) {
        const uint32_t crc = m->engine.dsp.crc32c(0, m->out_frame + NAVE_HEADER_BYTES, length);
        memcpy(m->out_frame + NAVE_HEADER_BYTES + length, &crc, 4);
    }
    m->out_tail += nave_output_frame_bytes(length);
}

uint32_t nave_output_chunk_frames(const nave_context *c)
{
    const uint32_t word = c->format == NAVE_FORMAT_Q44 ? 8 : 4;
    /* whole cache lines, so that each channel of a payload is aligned alike */
    const uint32_t most = NAVE_MAX_PAYLOAD_BYTES / (word * c->plan.outputs) / 64 * 64;
    return c->plan.tick_frames < most ? c->plan.tick_frames : most;
}

void nave_output_tick(nave_model *m, nave_context *c, uint32_t number)
{
    const uint32_t word = c->format == NAVE_FORMAT_Q44 ? 8 : 4, chunk = nave_output_chunk_frames(c);
    for (uint32_t from = 0; from < c->plan.tick_frames; from += chunk) {
        const uint32_t n = c->plan.tick_frames - from < chunk ? c->plan.tick_frames - from : chunk;
        uint8_t *payload =
            nave_output_begin(m, NAVE_FRAME_AUDIO_OUT, number, c->frames_out + from, n * word * c->plan.outputs);
        if (c->dyn)
            nave_context_dyn_give(c, from, n, payload);
        else
            nave_context_mix(&m->engine, c, from, n, payload);
        nave_output_end(m);
    }
    if (c->dyn && c->dyn->plan.meters) {
        const uint32_t words = nave_dyn_meters_words(&c->dyn->engine);
        uint32_t *payload = (uint32_t *)(void *)nave_output_begin(m, NAVE_FRAME_METERS, number,
                                                                  c->frames_out + c->plan.tick_frames, 4 * words);
        nave_dyn_meters_take(&c->dyn->meters, &c->dyn->engine, payload);
        nave_output_end(m);
    }
    nave_context_next_tick(c);
}

const uint8_t *nave_model_read(nave_model *m, size_t *n)
{
    if (m->out_head == m->out_tail)
        nave_link_resume(m);
    if (m->out_head == m->out_tail)
        return NULL;
    const uint8_t *frame = m->out + m->out_head;
    const uint32_t length = nave_frame_length(frame);
    *n = nave_frame_bytes(length);
    m->out_head += nave_output_frame_bytes(length);
    return frame;
}
