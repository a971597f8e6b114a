/* The C reference card: commands of the link (twin of rtl/card/card.v).
 * SPDX-License-Identifier: ISC */
#include "card.h"
#include "card_state.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static uint32_t word_at(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static uint32_t register_value(const nave_model *m, uint32_t address, uint32_t *status)
{
    *status = NAVE_STATUS_OK;
    switch (address) {
    case NAVE_REG_ID:
        return NAVE_MAGIC;
    case NAVE_REG_PROTOCOL:
        return NAVE_PROTOCOL_VERSION;
    case NAVE_REG_CARD_VERSION:
        return NAVE_MODEL_VERSION;
    case NAVE_REG_RAM_KIB:
        return (uint32_t)(m->config.ram_bytes >> 10);
    case NAVE_REG_CLOCK_HZ:
        return m->config.clock_hz;
    case NAVE_REG_LANES:
        return m->config.lanes;
    case NAVE_REG_MAX_PARTITION:
        return 1u << m->config.log2_max_partition;
    case NAVE_REG_CONTEXTS:
        return NAVE_MODEL_CONTEXTS;
    case NAVE_REG_SCRATCH:
        return m->scratch;
    case NAVE_REG_MAX_PLAN_WORDS:
        return m->config.max_plan_words;
    case NAVE_REG_FEATURES:
        if (m->config.dynamics)
            return NAVE_FEATURE_DYNAMICS;
        break;
    default:
        break;
    }
    if (address >= NAVE_REG_FRAMES_OK && address <= NAVE_REG_CLIPPED && address % 4 == 0)
        return m->counter[(address - NAVE_REG_FRAMES_OK) / 4];
    const uint32_t end = NAVE_REG_CONTEXT_BASE + NAVE_MODEL_CONTEXTS * NAVE_REG_CONTEXT_STRIDE;
    if (address >= NAVE_REG_CONTEXT_BASE && address < end) {
        const nave_context *c = &m->context[(address - NAVE_REG_CONTEXT_BASE) / NAVE_REG_CONTEXT_STRIDE];
        switch ((address - NAVE_REG_CONTEXT_BASE) % NAVE_REG_CONTEXT_STRIDE) {
        case NAVE_REG_CONTEXT_STATE:
            return c->state;
        case NAVE_REG_CONTEXT_TICKS:
            return (uint32_t)c->ticks;
        case NAVE_REG_CONTEXT_FRAMES_IN:
            return (uint32_t)c->frames_in;
        case NAVE_REG_CONTEXT_FRAMES_OUT:
            return (uint32_t)c->frames_out;
        case NAVE_REG_CONTEXT_CLIPPED:
            return c->clipped;
        case NAVE_REG_CONTEXT_CYCLES_WORST: /* a program has no clock */
        case NAVE_REG_CONTEXT_CYCLES:
            return 0;
        default:
            break;
        }
    }
    *status = NAVE_STATUS_BAD_ADDRESS;
    return 0;
}

/* Output bytes that one AUDIO_IN of `frames` frames can cause. */
static size_t output_bytes(const nave_context *c, uint64_t frames)
{
    const size_t word = c->format == NAVE_FORMAT_Q44 ? 8 : 4;
    const size_t tick = c->plan.tick_frames, chunk = nave_output_chunk_frames(c);
    const size_t chunks = (tick + chunk - 1) / chunk;
    const size_t meters = c->dyn ? nave_output_frame_bytes(4 * nave_dyn_meters_words(&c->dyn->engine)) : 0;
    const size_t per_tick = tick * word * c->plan.outputs + chunks * nave_output_frame_bytes(64) + meters;
    return ((c->frames_in % tick + frames) / tick) * per_tick;
}

/* 1: the context holds a plan in this part of the RAM. */
static int overlaps(const nave_model *m, const nave_context *c, uint64_t from, uint64_t bytes)
{
    if (c->state == NAVE_CONTEXT_FREE)
        return 0;
    const uint64_t begin = (uint64_t)(c->ram - m->ram);
    return from < begin + c->plan.ram_bytes && begin < from + bytes;
}

/* 1: another context does. */
static int region_is_taken(const nave_model *m, const nave_context *c, uint64_t from, uint64_t bytes)
{
    for (int i = 0; i < NAVE_MODEL_CONTEXTS; i++)
        if (&m->context[i] != c && overlaps(m, &m->context[i], from, bytes))
            return 1;
    return 0;
}

static uint32_t plan_load(nave_model *m, nave_context *c, const nave_link_frame *f, uint32_t *value)
{
    if (c->state == NAVE_CONTEXT_RUNNING)
        return NAVE_STATUS_BAD_STATE;
    if (f->position % 64 || f->position > m->config.ram_bytes)
        return NAVE_STATUS_BAD_ADDRESS;
    nave_context fresh = {.state = NAVE_CONTEXT_LOADED};
    const nave_plan_limits limits = {.max_log2 = m->config.log2_max_partition,
                                     .max_batch = m->config.max_batch,
                                     .max_words = m->config.max_plan_words};
    const uint32_t *words = (const uint32_t *)f->payload;
    const int dynamics = m->config.dynamics && f->length >= 4 && word_at(f->payload) == NAVE_DYN_PLAN_MAGIC;
    const int bad = dynamics ? nave_context_dyn_load(&fresh, words, f->length / 4)
                             : nave_plan_decode(&fresh.plan, words, f->length / 4, &limits);
    if (bad) {
        *value = (uint32_t)bad - 1;
        return NAVE_STATUS_BAD_PLAN;
    }
    if (fresh.plan.ram_bytes > m->config.ram_bytes - f->position) {
        nave_context_release(&fresh);
        *value = 9;
        return NAVE_STATUS_BAD_PLAN;
    }
    if (region_is_taken(m, c, f->position, fresh.plan.ram_bytes)) {
        nave_context_release(&fresh);
        return NAVE_STATUS_BAD_ADDRESS;
    }
    fresh.ram = m->ram + f->position;
    if (!dynamics && nave_context_allocate(&fresh) < 0)
        return NAVE_STATUS_BAD_PLAN;
    fresh.format = NAVE_FORMAT_Q44; /* the larger output */
    const size_t frames = NAVE_MAX_PAYLOAD_BYTES / 4 / fresh.plan.inputs + fresh.plan.tick_frames;
    if (nave_output_reserve(m, output_bytes(&fresh, frames)) < 0) {
        nave_context_release(&fresh);
        return NAVE_STATUS_BAD_PLAN;
    }
    nave_context_release(c);
    *c = fresh;
    return NAVE_STATUS_OK;
}

static uint32_t param(nave_context *c, const nave_link_frame *f, uint32_t *value)
{
    if (f->length != 8)
        return NAVE_STATUS_BAD_LENGTH;
    if (c->state != NAVE_CONTEXT_RUNNING || c->dyn)
        return NAVE_STATUS_BAD_STATE;
    const uint32_t which = word_at(f->payload);
    if (which != NAVE_PARAM_WET && which != NAVE_PARAM_DRY)
        return NAVE_STATUS_BAD_VALUE;
    const uint64_t earliest = c->changes ? c->change[c->changes - 1].frame : 0;
    if (f->position < c->frames_in || f->position < earliest) {
        *value = (uint32_t)(c->frames_in > earliest ? c->frames_in : earliest);
        return NAVE_STATUS_BAD_POSITION;
    }
    if (c->changes == NAVE_MAX_PENDING_PARAMS)
        return NAVE_STATUS_FULL;
    c->change[c->changes++] =
        (nave_param_change){.frame = f->position, .param = which, .value = (int32_t)word_at(f->payload + 4)};
    return NAVE_STATUS_OK;
}

static uint32_t dial(nave_context *c, const nave_link_frame *f, uint32_t *value)
{
    if (f->length == 0 || f->length % 16)
        return NAVE_STATUS_BAD_LENGTH;
    if (c->state != NAVE_CONTEXT_RUNNING || !c->dyn)
        return NAVE_STATUS_BAD_STATE;
    return nave_context_dyn_dial(c, f->payload, f->length / 16, f->position, value);
}

static uint32_t audio_in(nave_model *m, nave_context *c, uint32_t number, const nave_link_frame *f, uint32_t *value)
{
    if (c->state != NAVE_CONTEXT_RUNNING)
        return NAVE_STATUS_BAD_STATE;
    const nave_card_plan *plan = &c->plan;
    if (f->length == 0 || f->length % (4 * plan->inputs))
        return NAVE_STATUS_BAD_LENGTH;
    if (f->position != c->frames_in) {
        *value = (uint32_t)c->frames_in;
        return NAVE_STATUS_BAD_POSITION;
    }
    const uint32_t frames = f->length / 4 / plan->inputs;
    for (uint32_t done = 0; done < frames;) {
        const uint32_t left = plan->tick_frames - (uint32_t)(c->frames_in % plan->tick_frames);
        const uint32_t n = frames - done < left ? frames - done : left;
        const uint32_t at = c->dyn ? 0 : (uint32_t)(c->frames_in % plan->in_ring_frames);
        if (c->dyn)
            nave_context_dyn_take(c, (const int32_t *)(const void *)f->payload + done, frames, n);
        for (uint32_t ch = 0; ch < plan->inputs && !c->dyn; ch++)
            memcpy(c->ram + plan->in_base + 4ull * (plan->in_ring_frames * ch + at),
                   f->payload + 4 * ((size_t)frames * ch + done), 4ull * n);
        c->frames_in += n;
        done += n;
        if (n == left) {
            if (c->dyn)
                nave_context_dyn_tick(&m->engine, c);
            else
                nave_context_run_tick(&m->engine, c);
            nave_output_tick(m, c, number);
            m->counter[NAVE_COUNTER(NAVE_REG_TICKS)]++;
        }
    }
    return NAVE_STATUS_OK;
}

static uint32_t ram_range(const nave_model *m, uint64_t address, uint64_t bytes)
{
    const int good = address % 4 == 0 && address <= m->config.ram_bytes && bytes <= m->config.ram_bytes - address;
    return good ? NAVE_STATUS_OK : NAVE_STATUS_BAD_ADDRESS;
}

static void ram_write(nave_model *m, const nave_link_frame *f)
{
    memcpy(m->ram + f->position, f->payload, f->length);
    for (int i = 0; i < NAVE_MODEL_CONTEXTS; i++) {
        nave_context *c = &m->context[i];
        if (!c->dyn && overlaps(m, c, f->position, f->length))
            nave_context_forget(c);
    }
}

static uint32_t ram_read(nave_model *m, const nave_link_frame *f, int *answered)
{
    if (f->length != 4)
        return NAVE_STATUS_BAD_LENGTH;
    const uint32_t bytes = word_at(f->payload);
    if (bytes == 0 || bytes % 4 || bytes > NAVE_MAX_PAYLOAD_BYTES)
        return NAVE_STATUS_BAD_VALUE;
    const uint32_t status = ram_range(m, f->position, bytes);
    if (status == NAVE_STATUS_OK) {
        memcpy(nave_output_begin(m, NAVE_FRAME_DATA, f->context, f->position, bytes), m->ram + f->position, bytes);
        nave_output_end(m);
        *answered = 1;
    }
    return status;
}

static void sync(nave_model *m, const nave_link_frame *f)
{
    for (int i = 0; i < NAVE_MODEL_CONTEXTS; i++)
        nave_context_release(&m->context[i]);
    m->epoch = f->epoch;
    m->expected_sequence = f->sequence;
    m->out_head = m->out_tail = 0;
    m->out_sequence = 0;
}

static uint32_t command(nave_model *m, const nave_link_frame *f, uint32_t *value, int *answered)
{
    nave_context *c = f->context < NAVE_MODEL_CONTEXTS ? &m->context[f->context] : NULL;
    uint32_t status;
    if (!c)
        return NAVE_STATUS_BAD_CONTEXT;
    switch (f->type) {
    case NAVE_FRAME_SYNC:
        *value = NAVE_PROTOCOL_VERSION;
        return f->length ? NAVE_STATUS_BAD_LENGTH : NAVE_STATUS_OK;
    case NAVE_FRAME_REG_READ:
        if (f->length)
            return NAVE_STATUS_BAD_LENGTH;
        *value = register_value(m, f->position > UINT32_MAX ? UINT32_MAX : (uint32_t)f->position, &status);
        return status;
    case NAVE_FRAME_REG_WRITE:
        if (f->length != 4)
            return NAVE_STATUS_BAD_LENGTH;
        if (f->position != NAVE_REG_SCRATCH)
            return NAVE_STATUS_BAD_ADDRESS;
        m->scratch = word_at(f->payload);
        return NAVE_STATUS_OK;
    case NAVE_FRAME_RAM_WRITE:
        if (f->length == 0)
            return NAVE_STATUS_BAD_LENGTH;
        status = ram_range(m, f->position, f->length);
        if (status == NAVE_STATUS_OK)
            ram_write(m, f);
        return status;
    case NAVE_FRAME_RAM_READ:
        return ram_read(m, f, answered);
    case NAVE_FRAME_PLAN_LOAD:
        return plan_load(m, c, f, value);
    case NAVE_FRAME_START:
        if (f->length != 4)
            return NAVE_STATUS_BAD_LENGTH;
        if (word_at(f->payload) > NAVE_FORMAT_Q44)
            return NAVE_STATUS_BAD_VALUE;
        if (c->state != NAVE_CONTEXT_LOADED)
            return NAVE_STATUS_BAD_STATE;
        nave_context_start(c, word_at(f->payload));
        return NAVE_STATUS_OK;
    case NAVE_FRAME_STOP:
    case NAVE_FRAME_UNLOAD:
        if (f->length)
            return NAVE_STATUS_BAD_LENGTH;
        if (c->state == NAVE_CONTEXT_FREE || (f->type == NAVE_FRAME_STOP && c->state != NAVE_CONTEXT_RUNNING))
            return NAVE_STATUS_BAD_STATE;
        if (f->type == NAVE_FRAME_UNLOAD)
            nave_context_release(c);
        else
            c->state = NAVE_CONTEXT_LOADED;
        return NAVE_STATUS_OK;
    case NAVE_FRAME_AUDIO_IN: {
        const uint32_t clipped = c->clipped;
        status = audio_in(m, c, f->context, f, value);
        m->counter[NAVE_COUNTER(NAVE_REG_CLIPPED)] += c->clipped - clipped;
        *answered = status == NAVE_STATUS_OK;
        return status;
    }
    case NAVE_FRAME_PARAM:
        return param(c, f, value);
    case NAVE_FRAME_DIAL:
        return m->config.dynamics ? dial(c, f, value) : NAVE_STATUS_BAD_TYPE;
    default:
        return NAVE_STATUS_BAD_TYPE;
    }
}

static void answer(nave_model *m, const nave_link_frame *f, uint32_t status, uint32_t value)
{
    /* audio has no reply to wait for, so its refusal and those of the link go as ERROR */
    const int error = status == NAVE_STATUS_BAD_SEQUENCE || status == NAVE_STATUS_BAD_PAYLOAD ||
                      status == NAVE_STATUS_BAD_VERSION || f->type == NAVE_FRAME_AUDIO_IN;
    const uint32_t words[3] = {f->sequence, status, value};
    memcpy(nave_output_begin(m, error ? NAVE_FRAME_ERROR : NAVE_FRAME_REPLY, f->context, 0, sizeof(words)), words,
           sizeof(words));
    nave_output_end(m);
    if (status != NAVE_STATUS_OK)
        m->counter[NAVE_COUNTER(NAVE_REG_REFUSED)]++;
}

size_t nave_output_needed(const nave_model *m, const nave_link_frame *f)
{
    const size_t answer_bytes = nave_output_frame_bytes(12);
    if (f->type == NAVE_FRAME_RAM_READ)
        return nave_output_frame_bytes(NAVE_MAX_PAYLOAD_BYTES);
    if (f->type != NAVE_FRAME_AUDIO_IN || f->context >= NAVE_MODEL_CONTEXTS)
        return answer_bytes;
    const nave_context *c = &m->context[f->context];
    if (c->state != NAVE_CONTEXT_RUNNING)
        return answer_bytes;
    return answer_bytes + output_bytes(c, f->length / 4 / c->plan.inputs);
}

void nave_card_execute(nave_model *m, const nave_link_frame *f)
{
    uint32_t value = 0, status;
    int answered = 0;
    const int well_made = f->payload_good && f->length == 0 && f->context < NAVE_MODEL_CONTEXTS;
    if (f->type == NAVE_FRAME_SYNC && f->version == NAVE_PROTOCOL_VERSION && well_made) {
        sync(m, f);
    } else if (f->version == NAVE_PROTOCOL_VERSION && f->epoch != m->epoch) {
        m->counter[NAVE_COUNTER(NAVE_REG_STALE_FRAMES)]++;
        return;
    }
    if (f->version != NAVE_PROTOCOL_VERSION) {
        status = NAVE_STATUS_BAD_VERSION;
        value = NAVE_PROTOCOL_VERSION;
    } else if (!f->payload_good) {
        status = NAVE_STATUS_BAD_PAYLOAD;
        m->counter[NAVE_COUNTER(NAVE_REG_PAYLOAD_ERRORS)]++;
    } else if (f->sequence != m->expected_sequence) {
        status = NAVE_STATUS_BAD_SEQUENCE;
        value = m->expected_sequence;
        m->counter[NAVE_COUNTER(NAVE_REG_SEQUENCE_ERRORS)]++;
    } else {
        m->expected_sequence++;
        m->counter[NAVE_COUNTER(NAVE_REG_FRAMES_OK)]++;
        status = command(m, f, &value, &answered);
    }
    if (!answered)
        answer(m, f, status, value);
}

nave_model *nave_model_create(const nave_model_config *config)
{
    nave_model *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->config = *config;
    if (!m->config.max_batch)
        m->config.max_batch = NAVE_MAX_BATCH;
    if (!m->config.max_plan_words)
        m->config.max_plan_words = NAVE_MOST_PLAN_WORDS;
    m->ram = mmap(NULL, config->ram_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m->ram == MAP_FAILED) {
        m->ram = NULL;
        goto err_destroy;
    }
    madvise(m->ram, config->ram_bytes, MADV_HUGEPAGE); /* spectra are read at large strides */
    nave_dsp_init(&m->engine.dsp, config->cpu_mask);
    for (uint32_t i = NAVE_LOG2_MIN_PARTITION; i <= config->log2_max_partition; i++)
        if (!(m->engine.tables[i] = nave_tables_create(i)))
            goto err_destroy;
    const size_t words = 2u << NAVE_LOG2_MAX_PARTITION;
    for (int i = 0; i < 2; i++)
        if (!(m->engine.buffer[i] = aligned_alloc(64, words * sizeof(int32_t))))
            goto err_destroy;
    m->engine.silence = calloc(1u << NAVE_LOG2_MAX_PARTITION, sizeof(int32_t));
    m->frame = aligned_alloc(64, (NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4 + 63) / 64 * 64);
    if (!m->engine.silence || !m->frame || nave_output_reserve(m, 0) < 0)
        goto err_destroy;
    return m;
err_destroy:
    nave_model_destroy(m);
    return NULL;
}

void nave_model_destroy(nave_model *m)
{
    if (!m)
        return;
    for (int i = 0; i < NAVE_MODEL_CONTEXTS; i++)
        nave_context_release(&m->context[i]);
    for (int i = 0; i <= NAVE_LOG2_MAX_PARTITION; i++)
        nave_tables_free(m->engine.tables[i]);
    free(m->engine.buffer[0]);
    free(m->engine.buffer[1]);
    free(m->engine.silence);
    free(m->frame);
    free(m->out);
    if (m->ram)
        munmap(m->ram, m->config.ram_bytes);
    free(m);
}

const char *nave_model_isa(const nave_model *m)
{
    return m->engine.dsp.name;
}
