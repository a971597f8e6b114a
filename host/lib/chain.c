/* Chains: made from a file, a text or a preset; what they are made of.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include "audio_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int nave_chain_parse(nave_chain **out, const char *name, const char *text, size_t bytes, nave_text *why)
{
    if (!out || !name || (!text && bytes))
        return nave_fail(why, NAVE_E_ARG, "nave_chain_parse needs a name and a text");
    nave_chain *c = malloc(sizeof(*c));
    if (!c)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    const int err = nave_chain_parse_text(c, name, text ? text : "", bytes, why);
    if (err)
        nave_chain_free(c);
    else
        *out = c;
    return err;
}

int nave_chain_load(nave_chain **out, const char *path, nave_text *why)
{
    uint64_t bytes;
    size_t have = 0;
    int fd;
    if (!out || !path)
        return nave_fail(why, NAVE_E_ARG, "nave_chain_load needs a path");
    int err = nave_open_regular(path, &fd, &bytes, why);
    if (err)
        return err;
    char *text = malloc(NAVE_CHAIN_MAX_BYTES + 1);
    while (text && have <= NAVE_CHAIN_MAX_BYTES) {
        const ssize_t n = read(fd, text + have, NAVE_CHAIN_MAX_BYTES + 1 - have);
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    close(fd);
    err = text ? nave_chain_parse(out, path, text, have, why) : nave_fail(why, NAVE_E_NOMEM, "out of memory");
    free(text);
    const char *slash = strrchr(path, '/');
    if (!err && slash && (size_t)(slash - path) + 1 < sizeof((*out)->folder))
        memcpy((*out)->folder, path, (size_t)(slash - path) + 1);
    return err;
}

void nave_chain_free(nave_chain *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->lanes; i++)
        free(c->lane[i].point);
    free(c->text);
    free(c);
}

static void *copy_of(const void *from, size_t bytes)
{
    void *to = malloc(bytes);
    return to ? memcpy(to, from, bytes) : NULL;
}

nave_chain *nave_chain_copy(const nave_chain *from)
{
    nave_chain *c = malloc(sizeof(*c));
    if (!c)
        return NULL;
    *c = *from;
    int good = (c->text = copy_of(from->text, from->bytes + 1)) != NULL;
    for (uint32_t i = 0; i < c->lanes; i++) {
        const nave_chain_lane *lane = &from->lane[i];
        good = (c->lane[i].point = copy_of(lane->point, lane->points * sizeof(*lane->point))) != NULL && good;
    }
    if (good)
        return c;
    nave_chain_free(c);
    return NULL;
}

const char *nave_chain_text(const nave_chain *c, size_t *bytes)
{
    if (bytes)
        *bytes = c ? c->bytes : 0;
    return c ? c->text : NULL;
}

int nave_chain_set_response(nave_chain *c, const char *path, nave_text *why)
{
    if (!c || !path)
        return nave_fail(why, NAVE_E_ARG, "nave_chain_set_response needs a chain and a path");
    if (strlen(path) >= NAVE_CHAIN_PATH_BYTES || strchr(path, '"') || strchr(path, '\n'))
        return nave_fail(why, NAVE_E_ARG, "the path '%.60s' can't stand in a chain: it is too long or has quotes",
                         path);
    for (uint32_t i = 0; i < c->stages; i++)
        if (c->stage[i].parts >> NAVE_PART_REVERB & 1 && !*c->stage[i].response) {
            strcpy(c->stage[i].response, path);
            return nave_chain_write_text(c, why);
        }
    return nave_fail(why, NAVE_E_ARG,
                     "%s has no [reverb] without a response of its own: add a [reverb] section, or give no response",
                     c->name);
}

void nave_chain_session_default(nave_chain_session *out)
{
    memset(out, 0, sizeof(*out));
    out->rate_hz = 48000;
    out->channels = 2;
    out->input = NAVE_F32;
    out->output = NAVE_F32;
    nave_plan_settings_default(&out->plan);
}

uint32_t nave_chain_tick(const nave_chain_session *session)
{
    return session->plan.tick_frames ? session->plan.tick_frames : 64;
}

static void name_stage(const nave_stage *s, char *out, size_t size)
{
    size_t at = 0;
    out[0] = 0;
    for (int part = 0; part < NAVE_PARTS; part++)
        if (s->parts >> part & 1 && at < size)
            at += (size_t)snprintf(out + at, size - at, "%s%s", at ? " + " : "", nave_part_names[part]);
}

void nave_chain_report_begin(nave_chain_report *out, const nave_chain *c, const nave_chain_session *session)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->hash, c->hash, sizeof(out->hash));
    out->lanes = c->lanes;
    out->outputs = session->channels;
    if (session->plan.mode == NAVE_LIVE) /* one tick to fill, one for the card and the link, whatever the stages */
        out->latency_frames = 2 * nave_chain_tick(session);
}

void nave_chain_report_add(nave_chain_report *out, const nave_chain *c, uint32_t i, const nave_stage_plan *p)
{
    nave_plan_report r;
    nave_plan_get_report(p->plan, &r);
    if (!p->dynamics || !nave_stage_is_linear(&c->stage[i])) { /* else the engine comes behind its crossovers */
        name_stage(&c->stage[i], out->stage[i].name, sizeof(out->stage[i].name));
        out->stage[i].inputs = p->inputs;
        out->stages++;
    }
    out->stage[i].outputs = out->outputs = p->outputs;
    out->stage[i].latency_frames += p->latency_frames;
    out->stage[i].ram_bytes += r.ram_bytes;
    out->stage[i].load += r.load_average;
    out->stage[i].multiplies_per_frame = p->dynamics ? nave_stage_multiplies(p) : 0;
    out->stage[i].bands = p->dynamics ? p->settings.bands : 0;
    out->latency_frames += p->latency_frames;
    out->ram_bytes += r.ram_bytes;
}

int nave_chain_describe(const nave_chain *c, const nave_chain_session *session, const nave_card_limits *limits,
                        nave_chain_report *out, nave_text *why)
{
    if (!c || !session || !limits || !out)
        return nave_fail(why, NAVE_E_ARG, "nave_chain_describe needs a chain, a session and the limits of a card");
    nave_chain_report_begin(out, c, session);
    for (uint32_t i = 0; i < c->stages; i++) {
        nave_stage_plan p[NAVE_STAGE_PLANS];
        uint32_t count;
        const int err = nave_stage_plans_make(p, &count, c, i, session, out->outputs, limits, why);
        if (err)
            return err;
        for (uint32_t k = 0; k < count; k++) {
            nave_chain_report_add(out, c, i, &p[k]);
            nave_stage_plan_free(&p[k]);
        }
    }
    return NAVE_OK;
}
