/* A context's start, its registers, parameter changes, audio (twin of sim/model/context.c).
 * SPDX-License-Identifier: ISC */
#include "firmware.h"

void nave_fw_publish(const nave_fw_context *c)
{
    const uint32_t at = NAVE_E_CONTEXT_REG + 32u * c->number;
    reg_write(at, c->state);
    reg_write(at + 4, c->ticks);
    reg_write(at + 8, (uint32_t)c->frames_in);
    reg_write(at + 12, (uint32_t)c->frames_out);
    reg_write(at + 16, c->clipped);
    reg_write(at + 20, c->worst);
    reg_write(at + 24, c->cycles);
}

void nave_fw_copy_gains(nave_fw_gains *to, const nave_fw_gains *from)
{
    typedef uint32_t __attribute__((may_alias)) any_word; /* memcpy goes byte by byte here */
    for (uint32_t i = 0; i < sizeof(*to) / 4; i++)
        ((any_word *)to)[i] = ((const any_word *)from)[i];
}

/* Zeroes n words. */
static void fill(uint32_t address, uint32_t n)
{
    const uint32_t most = 1u << 19;
    for (uint32_t now; n; n -= now, address += 4 * now) {
        now = n < most ? n : most;
        w_write(address, now | NAVE_E_OF_CONSTANT);
    }
}

static void start_tier(nave_fw *f, nave_fw_context *c, nave_fw_tier *t, uint32_t at)
{
    port_read(at, NAVE_PLAN_TIER_WORDS);
    const uint32_t size = port_word(), partitions = port_word(), offset = port_word();
    const uint32_t x_base = port_word(), y_base = port_word();
    for (uint32_t i = 5; i < NAVE_PLAN_TIER_WORDS; i++)
        port_word();
    t->log2 = (uint8_t)size;
    t->batch = (uint8_t)(size >> 8);
    t->period = (uint16_t)nave_divide((uint32_t)t->batch << t->log2, c->tick_frames, 0);
    t->slots = (uint16_t)(partitions + t->batch - 1);
    t->slot = t->phase = t->complete = 0;
    t->in_at = 0;
    nave_divide(offset, c->mix_ring, &t->mix_at);
    fill(nave_fw_entry(f, c->base + x_base), (uint32_t)c->inputs * t->slots);
    fill(nave_fw_entry(f, c->base + y_base), (uint32_t)(size >> 16 ? 1 : c->outputs) * t->batch * nave_fw_tiles(t));
}

void nave_fw_start(nave_fw *f, nave_fw_context *c, uint32_t format)
{
    const uint32_t plan = nave_fw_plan(f, c);
    port_read(plan, 13);
    for (uint32_t i = 0; i < 3; i++)
        port_word();
    const uint32_t channels = port_word();
    c->inputs = (uint8_t)channels;
    c->outputs = (uint8_t)(channels >> 8);
    c->tick_frames = port_word();
    c->in_ring = port_word();
    c->in_base = c->base + port_word();
    c->mix_ring = port_word();
    c->mix_base = c->base + port_word();
    port_word();
    c->tiers = (uint8_t)port_word();
    c->paths_at = plan + 4 * (NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * (uint32_t)c->tiers);
    c->steps_at = c->paths_at + 4 * NAVE_PLAN_PATH_WORDS * port_word();
    c->steps_end = c->steps_at + 4 * NAVE_PLAN_STEP_WORDS * port_word();
    fill(c->in_base, c->in_ring * c->inputs);
    fill(c->mix_base, 2 * c->mix_ring * c->outputs);
    for (uint32_t i = 0; i < c->tiers; i++)
        start_tier(f, c, &c->tier[i], plan + 4 * (NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * i));
    c->reciprocal = c->inputs > 1 ? nave_divide(UINT32_MAX, c->inputs, 0) + 1 : 0;
    /* whole cache lines of a host, see sim/model/output.c */
    c->chunk_frames = nave_divide((format == NAVE_FORMAT_Q44 ? 8192 : 16384), c->outputs, 0) & ~63u;
    c->fill_frames = c->in_at = c->mix_at = 0;
    c->ticks = c->clipped = c->worst = c->cycles = 0;
    c->frames_in = c->frames_out = 0;
    c->gains.changes = c->gains.first = 0;
    c->gains.wet = 1u << 28;
    c->gains.dry = 0;
    c->format = (uint8_t)format;
    c->state = NAVE_FW_RUNNING;
    wait_for(NAVE_E_WRITER_IDLE);
}

static uint32_t list_at(const nave_fw *f, const nave_fw_context *c, uint32_t index)
{
    return f->lists_at + (((uint32_t)c->number * NAVE_MAX_PENDING_PARAMS + index % NAVE_MAX_PENDING_PARAMS) << 4);
}

void nave_fw_add_change(nave_fw *f, nave_fw_context *c, const nave_fw_change *change)
{
    nave_fw_gains *g = &c->gains;
    port_write(list_at(f, c, g->first + g->changes), 4);
    port_push((uint32_t)change->frame);
    port_push((uint32_t)(change->frame >> 32));
    port_push(change->param);
    port_push(change->value);
    c->last_change = change->frame;
    if (g->changes++ == 0)
        g->next = *change;
}

/* The first change has come to hold. */
void nave_fw_next_change(const nave_fw *f, const nave_fw_context *c, nave_fw_gains *g)
{
    if (g->next.param == NAVE_PARAM_WET)
        g->wet = g->next.value;
    else
        g->dry = g->next.value;
    g->first++;
    if (--g->changes == 0)
        return;
    port_read(list_at(f, c, g->first), 4);
    const uint32_t low = port_word();
    g->next.frame = (uint64_t)port_word() << 32 | low;
    g->next.param = port_word();
    g->next.value = port_word();
}

/* The payload of AUDIO_IN into the input ring, up to the end of a tick at a time. */
void nave_fw_audio(nave_fw *f, nave_fw_context *c, uint32_t frames)
{
    for (uint32_t done = 0; done < frames;) {
        const uint32_t left = c->tick_frames - c->fill_frames;
        const uint32_t n = frames - done < left ? frames - done : left;
        uint32_t from = done, to = c->in_base + 4 * (c->in_at + c->fill_frames);
        for (uint32_t i = 0; i < c->inputs; i++) {
            w_write(to, n | NAVE_E_OF_PAYLOAD);
            reg_write(NAVE_E_PAYLOAD_READ, n << 16 | from | NAVE_E_TO_WRITER);
            from += frames;
            to += 4 * c->in_ring;
        }
        c->frames_in += n;
        c->fill_frames += n;
        done += n;
        wait_for(NAVE_E_WRITER_IDLE);
        if (n < left)
            break;
        const uint32_t clipped = reg_read(NAVE_E_CLIPPED), busy = reg_read(NAVE_E_BUSY);
        nave_fw_run_tick(f, c);
        nave_fw_mix(f, c);
        const uint32_t took = reg_read(NAVE_E_BUSY) - busy;
        c->worst = took > c->worst ? took : c->worst;
        c->cycles += took;
        c->clipped += reg_read(NAVE_E_CLIPPED) - clipped;
        c->ticks++;
        c->fill_frames = 0;
        reg_write(NAVE_E_EVENT, NAVE_E_EVENT_TICK);
    }
}
