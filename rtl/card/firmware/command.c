/* Commands of the link to the contexts (twin of command() of sim/model/card.c).
 * SPDX-License-Identifier: ISC */
#include "firmware.h"

void nave_fw_begin(nave_fw *f)
{
    reg_write(NAVE_E_W_CONSTANT, 0); /* the only one */
    f->ram_bytes = reg_read(NAVE_E_RAM_BYTES);
    f->log2_plan_words = reg_read(NAVE_E_LOG2_PLAN_WORDS);
    f->limits.max_log2 = reg_read(NAVE_E_LOG2_MAX_PARTITION);
    f->limits.max_batch = reg_read(NAVE_E_MOST_BATCH);
    f->limits.max_words = 1u << f->log2_plan_words;
    f->side_at = f->ram_bytes + NAVE_MAX_PAYLOAD_BYTES; /* behind what the link keeps there */
    f->plans_at = f->side_at + f->ram_bytes / 64;
    for (uint32_t i = 0; i < NAVE_FW_CONTEXTS; i++)
        f->context[i].number = (uint8_t)i;
    f->lists_at = f->plans_at + ((4 * NAVE_FW_CONTEXTS) << f->log2_plan_words);
}

/* The plan is checked where the link keeps its payload. */
uint32_t nave_plan_word(const void *plan, uint32_t index)
{
    (void)plan;
    reg_write(NAVE_E_PAYLOAD_READ, 1u << 16 | index);
    return reg_read(NAVE_E_PAYLOAD_DATA);
}

static void clear(nave_fw_context *c)
{
    const uint8_t number = c->number;
    *c = (nave_fw_context){.number = number};
}

static uint32_t load(nave_fw *f, nave_fw_context *c, uint32_t bytes, uint32_t *value)
{
    const uint32_t base = reg_read(NAVE_E_POSITION_LO), words = bytes / 4;
    if (c->state == NAVE_FW_RUNNING)
        return NAVE_STATUS_BAD_STATE;
    if (base % 64 || base > f->ram_bytes || reg_read(NAVE_E_POSITION_HI))
        return NAVE_STATUS_BAD_ADDRESS;
    const uint32_t bad = nave_plan_check(0, words, &f->limits);
    if (bad) {
        *value = bad - 1;
        return NAVE_STATUS_BAD_PLAN;
    }
    const uint32_t region = nave_plan_word(0, 9);
    if (region > f->ram_bytes - base) {
        *value = 9;
        return NAVE_STATUS_BAD_PLAN;
    }
    for (nave_fw_context *other = f->context; other < f->context + NAVE_FW_CONTEXTS; other++)
        if (other != c && other->state != NAVE_FW_FREE && base < other->end && other->base < base + region)
            return NAVE_STATUS_BAD_ADDRESS;
    w_write(nave_fw_plan(f, c), words | NAVE_E_OF_PAYLOAD);
    reg_write(NAVE_E_PAYLOAD_READ, words << 16 | NAVE_E_TO_WRITER);
    clear(c);
    c->state = NAVE_FW_LOADED;
    c->base = base;
    c->end = base + region;
    f->rows.tier = 0;
    wait_for(NAVE_E_WRITER_IDLE);
    return NAVE_STATUS_OK;
}

static uint32_t start(nave_fw *f, nave_fw_context *c, uint32_t bytes)
{
    const uint32_t format = reg_read(NAVE_E_WORD0);
    if (bytes != 4)
        return NAVE_STATUS_BAD_LENGTH;
    if (format > NAVE_FORMAT_Q44)
        return NAVE_STATUS_BAD_VALUE;
    if (c->state != NAVE_FW_LOADED)
        return NAVE_STATUS_BAD_STATE;
    nave_fw_start(f, c, format);
    return NAVE_STATUS_OK;
}

static uint64_t position(void)
{
    return (uint64_t)reg_read(NAVE_E_POSITION_HI) << 32 | reg_read(NAVE_E_POSITION_LO);
}

static uint32_t audio(nave_fw *f, nave_fw_context *c, uint32_t bytes, uint32_t *value)
{
    if (c->state != NAVE_FW_RUNNING)
        return NAVE_STATUS_BAD_STATE;
    const uint32_t words = bytes / 4; /* at most 2^14: the quotient is exact */
    const uint32_t frames = c->reciprocal ? (uint32_t)((uint64_t)words * c->reciprocal >> 32) : words;
    if (words == 0 || frames * c->inputs != words)
        return NAVE_STATUS_BAD_LENGTH;
    if (position() != c->frames_in) {
        *value = (uint32_t)c->frames_in;
        return NAVE_STATUS_BAD_POSITION;
    }
    nave_fw_audio(f, c, frames);
    return NAVE_STATUS_OK | NAVE_E_ANSWERED;
}

static uint32_t param(nave_fw *f, nave_fw_context *c, uint32_t bytes, uint32_t *value)
{
    if (bytes != 8)
        return NAVE_STATUS_BAD_LENGTH;
    if (c->state != NAVE_FW_RUNNING)
        return NAVE_STATUS_BAD_STATE;
    const nave_fw_change change = {
        .frame = position(), .param = reg_read(NAVE_E_WORD0), .value = reg_read(NAVE_E_WORD1)};
    if (change.param != NAVE_PARAM_WET && change.param != NAVE_PARAM_DRY)
        return NAVE_STATUS_BAD_VALUE;
    uint64_t earliest = c->frames_in;
    if (c->gains.changes && c->last_change > earliest)
        earliest = c->last_change;
    if (change.frame < earliest) {
        *value = (uint32_t)earliest;
        return NAVE_STATUS_BAD_POSITION;
    }
    if (c->gains.changes == NAVE_MAX_PENDING_PARAMS)
        return NAVE_STATUS_FULL;
    nave_fw_add_change(f, c, &change);
    return NAVE_STATUS_OK;
}

void nave_fw_command(nave_fw *f)
{
    const uint32_t command = reg_read(NAVE_E_COMMAND);
    if (!(command & 1))
        return;
    const uint32_t type = command >> 8 & 0xff, bytes = reg_read(NAVE_E_LENGTH);
    nave_fw_context *c = &f->context[command >> 16 & 7];
    uint32_t status = NAVE_STATUS_BAD_TYPE, value = 0;
    if (type == NAVE_FRAME_AUDIO_IN) {
        status = audio(f, c, bytes, &value);
    } else if (type == NAVE_FRAME_PARAM) {
        status = param(f, c, bytes, &value);
    } else if (type == NAVE_FRAME_PLAN_LOAD) {
        status = load(f, c, bytes, &value);
    } else if (type == NAVE_FRAME_START) {
        status = start(f, c, bytes);
    } else if (type == NAVE_FRAME_STOP || type == NAVE_FRAME_UNLOAD) {
        if (bytes)
            status = NAVE_STATUS_BAD_LENGTH;
        else if (c->state == NAVE_FW_FREE || (type == NAVE_FRAME_STOP && c->state != NAVE_FW_RUNNING))
            status = NAVE_STATUS_BAD_STATE;
        else {
            status = NAVE_STATUS_OK;
            if (type == NAVE_FRAME_UNLOAD)
                clear(c);
            else
                c->state = NAVE_FW_LOADED;
        }
    } else if (type == NAVE_FRAME_SYNC) {
        wait_for(NAVE_E_OUT_IDLE);
        for (c = f->context + NAVE_FW_CONTEXTS - 1; c > f->context; c--) {
            clear(c);
            nave_fw_publish(c);
        }
        clear(c);
        status = NAVE_STATUS_OK;
    }
    nave_fw_publish(c);
    reg_write(NAVE_E_VALUE, value);
    reg_write(NAVE_E_ANSWER, status);
}
