/* The steps of a tick (twin of sim/model/sequencer.c): what the convolver does is told to it by descriptors.
 * Order: x and y are read in another mode than they are written in, and the mode changes only when the writer is idle;
 * the mix ring is read and written in one mode, so that an inverse waits for the words of the one before.
 * SPDX-License-Identifier: ISC */
#include "firmware.h"

/* The tile's rows, as it gives them; its shifts and magnitudes, as states that are still to be written. */
static void take_tile(nave_fw_pending *p)
{
    uint32_t address = p->address;
    for (uint32_t j = 0; j < p->batch; j++, address += p->stride)
        w_write(address, p->words | NAVE_E_OF_CMAC);
    for (uint32_t j = 0; j < p->batch; j++) {
        const uint32_t magnitude = reg_read(NAVE_E_TILE0), shift = reg_read(NAVE_E_TILE1);
        p->state[j] = (uint16_t)(magnitude ? p->exponent + shift : 0);
    }
    p->kind = NAVE_FW_STATES;
}

/* Only between jobs of the port. */
static void write_states(nave_fw_pending *p)
{
    uint32_t entry = p->entry;
    for (uint32_t j = 0; j < p->batch; j++, entry += p->entry_stride) {
        port_write(entry, 1);
        port_push(p->state[j]);
    }
    p->kind = NAVE_FW_NOTHING;
}

/* What was begun before is on its way into the RAM. */
static void settle(nave_fw *f)
{
    nave_fw_pending *p = &f->pending;
    if (p->kind == NAVE_FW_BLOCK) {
        const uint32_t result = reg_read(NAVE_E_RESULT);
        uint32_t entry = 0;
        if (!(result & NAVE_E_RESULT_ZERO)) {
            entry = (result + NAVE_FW_BIAS) & 0xffff;
            w_write(p->address, p->words | NAVE_E_OF_UNLOAD);
        }
        port_write(p->entry, 1);
        port_push(entry);
        p->kind = NAVE_FW_NOTHING;
    }
    if (p->kind == NAVE_FW_TILE)
        take_tile(p);
    if (p->kind == NAVE_FW_STATES)
        write_states(p);
}

void nave_fw_set_mode(nave_fw *f, uint32_t mode)
{
    if (f->mode == mode)
        return;
    settle(f);
    wait_for(NAVE_E_X_IDLE | NAVE_E_H_IDLE | NAVE_E_WRITER_IDLE | NAVE_E_OP_IDLE | NAVE_E_MIXER_IDLE);
    reg_write(NAVE_E_MODE, mode);
    f->mode = mode;
}

static void select_rows(nave_fw *f, const nave_fw_context *c, const nave_fw_tier *t)
{
    nave_fw_rows *r = &f->rows;
    if (r->tier == t)
        return;
    r->tier = t;
    const uint32_t index = (uint32_t)(t - c->tier);
    port_read(nave_fw_plan(f, c) + 4 * (NAVE_PLAN_HEADER_WORDS + NAVE_PLAN_TIER_WORDS * index), NAVE_PLAN_TIER_WORDS);
    r->shared = port_word() >> 16;
    r->partitions = port_word();
    port_word();
    r->x_base = c->base + port_word();
    r->y_base = c->base + port_word();
    r->stride = port_word();
    r->h_exponent = port_word();
    const uint32_t paths = port_word();
    r->paths_at = c->paths_at + 8 * (paths & 0xffff);
    r->paths = paths >> 16;
    r->x_entries = nave_fw_entry(f, r->x_base);
    r->y_entries = nave_fw_entry(f, r->y_base);
}

static void forward(nave_fw *f, const nave_fw_context *c, const nave_fw_tier *t, uint32_t channel, uint32_t block)
{
    const uint32_t frames = 1u << t->log2, ring = c->in_ring, in = c->in_base + 4 * ring * channel;
    uint32_t now = t->in_at + (block << t->log2), slot = t->slot + block;
    now -= now >= ring ? ring : 0;
    slot -= slot >= t->slots ? t->slots : 0;
    const uint32_t before = (now ? now : ring) - frames, row = channel * t->slots;
    const uint32_t address = f->rows.x_base + f->rows.stride * (row + slot);
    nave_fw_set_mode(f, NAVE_E_MODE_TRANSFORM);
    settle(f);
    reg_write(NAVE_E_OP, NAVE_E_OP_FORWARD | (uint32_t)t->log2 << 4);
    x_read(in + 4 * before, frames / 2);
    x_read(in + 4 * now, frames / 2);
    f->pending.kind = NAVE_FW_BLOCK;
    f->pending.address = address;
    f->pending.words = 2 * frames;
    /* newest first is upwards: as the products are made */
    f->pending.entry = f->rows.x_entries + 4 * (row + t->slots - 1 - slot);
}

typedef struct path_list {
    uint32_t n;
    struct {
        uint32_t entries, x, h; /* addresses: of the input's exponents, of its slot 0, of the response */
    } path[NAVE_PLAN_MAX_CHANNELS];
} path_list;

/* The paths to an output, found by halving: they are sorted. */
static void find_paths(const nave_fw *f, const nave_fw_context *c, const nave_fw_tier *t, uint32_t output,
                       path_list *list)
{
    const nave_fw_rows *r = &f->rows;
    uint32_t low = 0, high = r->paths;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        port_read(r->paths_at + 8 * middle, 1);
        if (port_word() < output << 8)
            low = middle + 1;
        else
            high = middle;
    }
    const uint32_t n = r->paths - low < NAVE_PLAN_MAX_CHANNELS ? r->paths - low : NAVE_PLAN_MAX_CHANNELS;
    list->n = 0;
    if (n == 0)
        return;
    port_read(r->paths_at + 8 * low, 2 * n);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t path = port_word(), h = c->base + port_word();
        if (path >> 8 != output)
            continue;
        const uint32_t row = (path & 0xff) * t->slots;
        list->path[list->n].entries = r->x_entries + 4 * row;
        list->path[list->n].x = r->x_base + r->stride * row;
        list->path[list->n++].h = h;
    }
}

static uint32_t largest(uint32_t entries, uint32_t n, uint32_t top)
{
    port_read(entries, n);
    for (; n; n--) {
        const uint32_t e = port_word();
        top = e > top ? e : top;
    }
    return top;
}

/* How the X reader gives a row whose exponent is e. */
static inline uint32_t alignment(uint32_t top, uint32_t e)
{
    return e == 0 || top - e > 30 ? NAVE_E_SKIP : (top - e) << 16;
}

/* X and H of one tile, path by path, newest block first. While they are pushed, the tile before is finished: not so
 * late that the rings can't take any more and wait for it. */
static void push_tile(nave_fw *f, const nave_fw_tier *t, const path_list *list, uint32_t newest, uint32_t top,
                      uint32_t bins, uint32_t offset)
{
    const uint32_t stride = f->rows.stride, slots = t->slots, ahead = t->batch - 1;
    uint32_t room = 2 * f->limits.max_batch;
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t x = list->path[i].x + stride * newest + offset, h = list->path[i].h + offset;
        uint32_t entries = list->path[i].entries + 4 * (slots - 1 - newest), left = newest + 1;
        uint32_t before_h = ahead;
        for (uint32_t k = slots;;) {
            port_read(entries, left);
            k -= left;
            for (; left; left--) {
                x_read(x, bins | alignment(top, port_word()));
                x -= stride;
                if (before_h) {
                    before_h--;
                } else {
                    h_read(h, bins);
                    h += stride;
                }
                if (--room == 0 && f->pending.kind == NAVE_FW_TILE)
                    take_tile(&f->pending);
            }
            if (k == 0)
                break;
            left = k; /* on from the highest slot */
            entries = list->path[i].entries;
            x += stride * slots;
        }
        if (f->pending.kind == NAVE_FW_STATES)
            write_states(&f->pending);
    }
    settle(f);
}

static void cmac(nave_fw *f, const nave_fw_context *c, const nave_fw_tier *t, uint32_t output, uint32_t first_tile,
                 uint32_t tiles)
{
    const nave_fw_rows *r = &f->rows;
    const uint32_t all = nave_fw_tiles(t), row = r->shared ? 0 : output * t->batch;
    const uint32_t bins = t->log2 < NAVE_LOG2_TILE_BINS ? 1u << t->log2 : NAVE_TILE_BINS;
    uint32_t newest = t->slot + t->batch - 1, top = 0;
    newest -= newest >= t->slots ? t->slots : 0;
    if (f->pending.kind == NAVE_FW_BLOCK)
        settle(f);
    path_list list;
    find_paths(f, c, t, output, &list);
    for (uint32_t i = 0; i < list.n; i++)
        top = largest(list.path[i].entries, t->slots, top);
    uint32_t entry = r->y_entries + 4 * (row * all + first_tile);
    if (top == 0) {
        settle(f);
        for (uint32_t j = 0; j < t->batch; j++, entry += 4 * all) {
            port_write(entry, tiles);
            for (uint32_t i = 0; i < tiles; i++)
                port_push(0);
        }
        return;
    }
    nave_fw_set_mode(f, NAVE_E_MODE_CMAC);
    if (f->pending.words != 2 * bins)
        settle(f); /* tiles of two sizes must not meet in the rings */
    for (uint32_t i = first_tile; i < first_tile + tiles; i++, entry += 4) {
        const uint32_t offset = 8 * bins * i;
        reg_write(NAVE_E_JOB0, bins | (i == 0) << 8 | (uint32_t)t->batch << 12);
        reg_write(NAVE_E_JOB1, r->partitions | list.n << 16);
        push_tile(f, t, &list, newest, top, bins, offset);
        f->pending.kind = NAVE_FW_TILE;
        f->pending.batch = t->batch;
        f->pending.address = r->y_base + r->stride * row + offset;
        f->pending.words = 2 * bins;
        f->pending.stride = r->stride;
        f->pending.entry = entry;
        f->pending.entry_stride = 4 * all;
        f->pending.exponent = top + r->h_exponent;
    }
}

static void inverse(nave_fw *f, const nave_fw_context *c, const nave_fw_tier *t, uint32_t output, uint32_t block)
{
    const nave_fw_rows *r = &f->rows;
    const uint32_t frames = 1u << t->log2, tiles = nave_fw_tiles(t), bins = frames / tiles;
    const uint32_t row = (r->shared ? 0 : output * t->batch) + block, ring = c->mix_ring;
    const uint32_t entries = r->y_entries + 4 * row * tiles;
    settle(f);
    const uint32_t top = largest(entries, tiles, 0);
    if (top == 0)
        return;
    nave_fw_set_mode(f, NAVE_E_MODE_TRANSFORM);
    reg_write(NAVE_E_OP,
              NAVE_E_OP_INVERSE | (uint32_t)t->log2 << 4 | ((top - NAVE_FW_BIAS - t->log2 - 1) & 0xfff) << 16);
    port_read(entries, tiles);
    uint32_t y = r->y_base + r->stride * row;
    for (uint32_t i = 0; i < tiles; i++, y += 8 * bins)
        x_read(y, bins | alignment(top, port_word()));
    uint32_t at = t->mix_at + (block << t->log2);
    while (at >= ring)
        at -= ring;
    const uint32_t first = ring - at < frames ? ring - at : frames;
    const uint32_t mix = c->mix_base + 8 * ring * output;
    wait_for(NAVE_E_WRITER_IDLE);
    h_read(mix + 8 * at, first);
    w_write(mix + 8 * at, 2 * first | NAVE_E_OF_OVERLAP);
    if (first < frames) {
        h_read(mix, frames - first);
        w_write(mix, 2 * (frames - first) | NAVE_E_OF_OVERLAP);
    }
}

/* The tick ends: tiers whose batch is complete with it begin their cycle. */
static void advance_tiers(nave_fw_context *c)
{
    nave_fw_tier *t = c->tier;
    for (uint32_t i = 0; i < c->tiers; i++, t++) {
        if (++t->phase == t->period) {
            t->phase = 0;
            if (t->complete) {
                const uint32_t frames = (uint32_t)t->batch << t->log2;
                uint32_t slot = t->slot + t->batch;
                t->slot = (uint16_t)(slot >= t->slots ? slot - t->slots : slot);
                t->in_at += frames;
                t->in_at -= t->in_at >= c->in_ring ? c->in_ring : 0;
                t->mix_at += frames;
                while (t->mix_at >= c->mix_ring)
                    t->mix_at -= c->mix_ring;
            }
            t->complete = 1;
        }
        reg_write(NAVE_E_PHASE + 4 * i, t->phase | (t->complete ? NAVE_E_PHASE_VALID : 0));
    }
}

void nave_fw_run_tick(nave_fw *f, nave_fw_context *c)
{
    advance_tiers(c);
    for (uint32_t at = c->steps_at; at < c->steps_end; at += 8 * NAVE_FW_STEPS) {
        uint32_t step[NAVE_FW_STEPS][2], due = 0;
        const uint32_t left = (c->steps_end - at) / 4;
        reg_write(NAVE_E_C_ADDRESS, at);
        reg_write(NAVE_E_C_FILTER, left < 2 * NAVE_FW_STEPS ? left : 2 * NAVE_FW_STEPS);
        for (uint32_t word; (word = reg_read(NAVE_E_STEP0)) != UINT32_MAX; due++) {
            step[due][0] = word;
            step[due][1] = reg_read(NAVE_E_STEP1);
        }
        for (uint32_t i = 0; i < due; i++) {
            const uint32_t word = step[i][0], op = word & 0xff, channel = word >> 16 & 0xff, block = word >> 24;
            const nave_fw_tier *t = &c->tier[word >> 8 & 0xff];
            select_rows(f, c, t);
            if (op == NAVE_STEP_FORWARD)
                forward(f, c, t, channel, block);
            else if (op == NAVE_STEP_CMAC)
                cmac(f, c, t, channel, step[i][1] >> 16 & 0xff, step[i][1] >> 24);
            else
                inverse(f, c, t, channel, block);
        }
    }
    settle(f);
}
