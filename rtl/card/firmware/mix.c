/* The finished tick through the mixer to the link (twin of nave_context_mix and nave_output_tick of sim/model).
 * SPDX-License-Identifier: ISC */
#include "firmware.h"

/* n frames of a channel, cut where a parameter changes. frame: of the stream. */
static void mix_channel(const nave_fw *f, const nave_fw_context *c, nave_fw_gains *g, uint64_t frame, uint32_t n,
                        uint32_t how)
{
    how |= NAVE_E_MIX_FIRST;
    while (n) {
        while (g->changes && g->next.frame <= frame)
            nave_fw_next_change(f, c, g);
        uint32_t run = n;
        if (g->changes && g->next.frame - frame < run)
            run = (uint32_t)(g->next.frame - frame);
        reg_write(NAVE_E_MIX_WET, g->wet);
        reg_write(NAVE_E_MIX_DRY, g->dry);
        reg_write(NAVE_E_MIX_RUN, run | how);
        how &= ~NAVE_E_MIX_FIRST;
        frame += run;
        n -= run;
    }
}

/* n frames from offset `from` of the tick: one AUDIO_OUT. */
static void mix_chunk(nave_fw *f, nave_fw_context *c, uint32_t from, uint32_t n)
{
    const uint64_t frame = c->frames_out + from;
    const uint32_t q44 = c->format == NAVE_FORMAT_Q44;
    reg_write(NAVE_E_OUT_POSITION_LO, (uint32_t)frame);
    reg_write(NAVE_E_OUT_POSITION_HI, (uint32_t)(frame >> 32));
    reg_write(NAVE_E_OUT_START, (n << (2 + q44)) * c->outputs | (uint32_t)c->number << 20);
    nave_fw_set_mode(f, NAVE_E_MODE_MIX);
    uint32_t wet = c->mix_base + 8 * (c->mix_at + from), dry = c->in_base + 4 * (c->in_at + from);
    nave_fw_gains gains; /* each channel has the same changes */
    for (uint32_t o = 0; o < c->outputs; o++) {
        uint32_t how = q44 ? NAVE_E_MIX_Q44 : 0;
        nave_fw_copy_gains(&gains, &c->gains);
        x_read(wet, n);
        if (o < c->inputs) {
            h_read(dry, n / 2);
            how |= NAVE_E_MIX_HAS_DRY;
        }
        mix_channel(f, c, &gains, frame, n, how);
        wet += 8 * c->mix_ring;
        dry += 4 * c->in_ring;
    }
    nave_fw_copy_gains(&c->gains, &gains);
}

static uint32_t advance(uint32_t at, uint32_t by, uint32_t ring)
{
    at += by;
    return at == ring ? 0 : at;
}

void nave_fw_mix(nave_fw *f, nave_fw_context *c)
{
    const uint32_t tick = c->tick_frames;
    for (uint32_t from = 0, n; from < tick; from += n) {
        n = tick - from < c->chunk_frames ? tick - from : c->chunk_frames;
        mix_chunk(f, c, from, n);
    }
    wait_for(NAVE_E_X_IDLE | NAVE_E_H_IDLE); /* what is cleared was read */
    uint32_t wet = c->mix_base + 8 * c->mix_at;
    for (uint32_t o = 0; o < c->outputs; o++) {
        w_write(wet, 2 * tick | NAVE_E_OF_CONSTANT);
        wet += 8 * c->mix_ring;
    }
    c->in_at = advance(c->in_at, tick, c->in_ring);
    c->mix_at = advance(c->mix_at, tick, c->mix_ring);
    c->frames_out += tick;
    wait_for(NAVE_E_MIXER_IDLE); /* all that was limited is counted */
}
