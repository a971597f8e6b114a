/* Frames into the card: finds headers in the stream of words, checks CRCs (twin of rtl/link/frame_rx.v).
 * SPDX-License-Identifier: ISC */
#include "../../driver/frame.h"
#include "card_state.h"
#include <string.h>

/* 1: a valid header. */
static int parse_header(const nave_model *m, const uint8_t *bytes, nave_link_frame *f)
{
    uint32_t h[8];
    memcpy(h, bytes, sizeof(h));
    if (!nave_header_good(h, m->engine.dsp.crc32c))
        return 0;
    f->version = (uint8_t)(h[1] & 0xff);
    f->type = (uint8_t)(h[1] >> 8 & 0xff);
    f->context = (uint16_t)(h[1] >> 16);
    f->sequence = h[2];
    f->epoch = h[3];
    f->length = h[4];
    f->position = h[5] | (uint64_t)h[6] << 32;
    return 1;
}

/* Runs the whole frame at `bytes`, if its answers have room. */
static int run(nave_model *m, const uint8_t *bytes, nave_link_frame *f)
{
    if (!nave_output_has_room(m, nave_output_needed(m, f)))
        return 0;
    f->payload = bytes + NAVE_HEADER_BYTES;
    f->payload_good = 1;
    if (f->length) {
        uint32_t crc;
        memcpy(&crc, f->payload + f->length, 4);
        f->payload_good = m->engine.dsp.crc32c(0, f->payload, f->length) == crc;
    }
    nave_card_execute(m, f);
    return 1;
}

/* As many whole frames as `n` bytes at `bytes` hold; *full: stopped because output must be read first. */
static size_t consume(nave_model *m, const uint8_t *bytes, size_t n, int *full)
{
    size_t at = 0;
    *full = 0;
    while (n - at >= NAVE_HEADER_BYTES) {
        nave_link_frame f;
        if (!parse_header(m, bytes + at, &f)) {
            m->counter[NAVE_COUNTER(NAVE_REG_HEADER_ERRORS)]++;
            at += 4;
            continue;
        }
        if (n - at < nave_frame_bytes(f.length))
            break;
        if (!run(m, bytes + at, &f)) {
            *full = 1;
            break;
        }
        at += nave_frame_bytes(f.length);
    }
    return at;
}

size_t nave_model_write(nave_model *m, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    const size_t most = NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4;
    size_t taken = 0;
    int full = 0;
    n -= n % 4;
    for (;;) {
        if (m->frame_bytes == 0) { /* whole frames run where they are */
            taken += consume(m, p + taken, n - taken, &full);
            if (full || taken == n)
                return taken;
        }
        const size_t room = most - m->frame_bytes, rest = n - taken;
        const size_t add = rest < room ? rest : room;
        memcpy(m->frame + m->frame_bytes, p + taken, add);
        m->frame_bytes += add;
        taken += add;
        const size_t used = consume(m, m->frame, m->frame_bytes, &full);
        m->frame_bytes -= used;
        memmove(m->frame, m->frame + used, m->frame_bytes);
        if (full || taken == n)
            return taken;
    }
}

void nave_link_resume(nave_model *m)
{
    int full;
    const size_t used = consume(m, m->frame, m->frame_bytes, &full);
    m->frame_bytes -= used;
    memmove(m->frame, m->frame + used, m->frame_bytes);
}
