/* The text of a chain to its stages. What is wrong is named by line and column.
 * SPDX-License-Identifier: ISC */
#include "chain_parse.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_WORD "nave-chain"

int nave_parser_column(const nave_chain_parser *p, const char *at)
{
    int n = 1;
    for (const char *q = p->line; q < at; q++)
        n += (*q & 0xc0) != 0x80;
    return n;
}

int nave_parser_fail(const nave_chain_parser *p, const char *at, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return nave_fail(p->why, NAVE_E_FORMAT, "%s:%d:%d: %s", p->c->name, p->number, nave_parser_column(p, at), text);
}

/* ---- sections ---- */

static int end_section(nave_chain_parser *p)
{
    if (p->part == NAVE_PART_REVERB && !p->response_seen)
        p->stage->response[0] = 0; /* the one that the caller gives */
    if (p->part != NAVE_PART_DYNAMICS)
        return NAVE_OK;
    for (uint32_t i = 0; i + 1 < p->stage->dyn.bands; i++) {
        int there = 0;
        for (int k = 0; k < p->seen_count; k++)
            there |= p->seen[k] == nave_key_crossover.offset + i * sizeof(double);
        if (!there)
            return nave_fail(p->why, NAVE_E_FORMAT, "%s:%d:1: crossover %u is missing: number crossovers from 1",
                             p->c->name, p->stage->line[NAVE_PART_DYNAMICS], i + 1);
    }
    if (p->most_band > (int)p->stage->dyn.bands)
        return nave_fail(p->why, NAVE_E_FORMAT,
                         "%s:%d:%d: there is no band %d: %u crossover%s make%s %u band%s; add a crossover", p->c->name,
                         p->band_line, p->band_column, p->most_band, p->stage->dyn.bands - 1,
                         p->stage->dyn.bands == 2 ? "" : "s", p->stage->dyn.bands == 2 ? "s" : "", p->stage->dyn.bands,
                         p->stage->dyn.bands == 1 ? "" : "s");
    return NAVE_OK;
}

/* The stage that a section belongs to: the last one, or a new one. */
static int take_stage(nave_chain_parser *p, nave_part part, const char *at)
{
    nave_chain *c = p->c;
    nave_stage *last = c->stages ? &c->stage[c->stages - 1] : NULL;
    /* of the parts that the last stage has, none may come at or behind this one: an engine runs them in one order */
    if (part != NAVE_PART_REVERB && last && !(last->parts >> part)) {
        p->stage = last;
    } else {
        if (c->stages == NAVE_CHAIN_MAX_STAGES)
            return nave_parser_fail(p, at, "more than %d stages: a card has that many contexts", NAVE_CHAIN_MAX_STAGES);
        p->stage = &c->stage[c->stages++];
        nave_stage_default(p->stage);
    }
    p->stage->parts |= 1u << part;
    p->stage->line[part] = p->number;
    p->stage->number[part] = p->sections[part];
    if (part == NAVE_PART_LIMITER)
        p->stage->dyn.limiter = 1;
    return NAVE_OK;
}

static int section_header(nave_chain_parser *p, const char *at)
{
    const char *end = memchr(at, ']', (size_t)(p->end - at));
    if (!end)
        return nave_parser_fail(p, p->end, "']' expected: a section is written as [dynamics]");
    const char *from = nave_skip_blanks(at + 1, end), *to = nave_drop_blanks(from, end);
    const char *word = from;
    while (word < to && !nave_is_blank(*word))
        word++;
    int err = end_section(p);
    if (err)
        return err;
    if (nave_skip_blanks(end + 1, p->end) != p->end)
        return nave_parser_fail(p, nave_skip_blanks(end + 1, p->end), "the line ends after ']'");
    p->seen_count = p->response_seen = p->most_band = 0;
    const size_t n = (size_t)(word - from);
    if (n == 10 && strncasecmp(from, "automation", n) == 0) {
        if (p->automation++ || word != to)
            return nave_parser_fail(p, from, "a chain has one [automation]");
        p->part = -1;
        return NAVE_OK;
    }
    for (p->part = 0; p->part < NAVE_PARTS; p->part++)
        if (strlen(nave_part_names[p->part]) == n && strncasecmp(nave_part_names[p->part], from, n) == 0)
            break;
    if (p->part == NAVE_PARTS) {
        const char *names[NAVE_PARTS + 2];
        memcpy(names, nave_part_names, sizeof(nave_part_names));
        names[NAVE_PARTS] = "automation";
        names[NAVE_PARTS + 1] = NULL;
        const char *near = nave_chain_nearest(from, n, names);
        if (near)
            return nave_parser_fail(p, from, "no section is called '%.*s': did you mean [%s]?", (int)(n > 40 ? 40 : n),
                                    from, near);
        return nave_parser_fail(
            p, from,
            "no section is called '%.*s': there are [eq], [dynamics], [output], [limiter], [reverb] "
            "and [automation]",
            (int)(n > 40 ? 40 : n), from);
    }
    p->sections[p->part]++;
    const char *digits = nave_skip_blanks(word, to);
    if (digits != to) {
        int number = 0;
        const char *q = digits;
        for (; q < to && *q >= '0' && *q <= '9' && number < 1000; q++)
            number = 10 * number + (*q - '0');
        if (q != to || number != p->sections[p->part])
            return nave_parser_fail(p, digits, "this is the %d. [%s]: write [%s %d], or leave the number away",
                                    p->sections[p->part], nave_part_names[p->part], nave_part_names[p->part],
                                    p->sections[p->part]);
    }
    return take_stage(p, (nave_part)p->part, from);
}

/* ---- lines ---- */

/* key = value, up to the end or a ';'. */
static int statement(nave_chain_parser *p, const char **at)
{
    const char *key = *at, *equals = key;
    while (equals < p->end && *equals != '=' && *equals != ';')
        equals++;
    if (equals == p->end || *equals == ';')
        return nave_parser_fail(p, nave_drop_blanks(key, equals), "'=' and a value expected");
    const char *key_end = nave_drop_blanks(key, equals);
    if (key_end == key)
        return nave_parser_fail(p, key, "a setting's name expected before '='");
    if (p->part == -2)
        return nave_parser_fail(p, key, "a section such as [eq] expected before the first setting");
    *at = nave_skip_blanks(equals + 1, p->end);
    const int err = nave_chain_read_setting(p, key, key_end, at);
    if (err)
        return err;
    if (*at < p->end && **at != ';')
        return nave_parser_fail(p, *at, "the end of the line expected");
    if (*at < p->end)
        *at = nave_skip_blanks(*at + 1, p->end);
    return NAVE_OK;
}

static int utf8_length(const unsigned char *p, size_t n)
{
    const int length = *p < 0x80                 ? 1
                       : *p >= 0xc2 && *p < 0xe0 ? 2
                       : *p >= 0xe0 && *p < 0xf0 ? 3
                       : *p >= 0xf0 && *p < 0xf5 ? 4
                                                 : 0;
    if (!length || (size_t)length > n || (*p < 32 && *p != '\t') || *p == 127)
        return 0;
    for (int i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static int one_line(nave_chain_parser *p, const char *end)
{
    int quoted = 0;
    for (const char *q = p->line; q < end;) {
        const int n = utf8_length((const unsigned char *)q, (size_t)(end - q));
        if (!n)
            return nave_parser_fail(p, q, "this byte is no UTF-8 text: a chain is a text file");
        q += n;
    }
    p->end = p->line;
    while (p->end < end && (*p->end != '#' || quoted)) {
        quoted ^= *p->end == '"';
        p->end++;
    }
    p->end = nave_drop_blanks(p->line, p->end);
    const char *at = nave_skip_blanks(p->line, p->end);
    if (p->number == 1) {
        const size_t n = strlen(FIRST_WORD);
        if ((size_t)(p->end - at) < n || strncmp(at, FIRST_WORD, n))
            return nave_parser_fail(p, at, "a chain begins with the line '" FIRST_WORD " 1'");
        at = nave_skip_blanks(at + n, p->end);
        if (p->end - at != 1 || *at != '1')
            return nave_fail(p->why, NAVE_E_VERSION,
                             "%s:1:%d: this library reads version 1 of chains: write '" FIRST_WORD " 1'", p->c->name,
                             nave_parser_column(p, at));
        return NAVE_OK;
    }
    if (at < p->end && *at == '[')
        return section_header(p, at);
    int err = NAVE_OK;
    while (!err && at < p->end)
        err = statement(p, &at);
    return err;
}

/* An engine that gets its bands from the convolver has no equaliser: that becomes a stage in front of it. */
static int split_linear(nave_chain_parser *p)
{
    nave_chain *c = p->c;
    for (uint32_t i = 0; i < c->stages; i++) {
        nave_stage *s = &c->stage[i];
        if (!nave_stage_is_linear(s))
            continue;
        for (uint32_t k = 0; k < c->lanes; k++)
            if (c->lane[k].target.stage == i && c->lane[k].target.key == &nave_key_crossover)
                return nave_fail(p->why, NAVE_E_FORMAT,
                                 "%s:%d:1: '%s' is automated: crossovers of linear phase are a response and stay where "
                                 "they are",
                                 c->name, s->line[NAVE_PART_DYNAMICS], c->lane[k].name);
        if (!(s->parts >> NAVE_PART_EQ & 1))
            continue;
        if (c->stages == NAVE_CHAIN_MAX_STAGES)
            return nave_fail(p->why, NAVE_E_FORMAT,
                             "%s:%d:1: more than %d stages: an [eq] before linear phase is one of its own", c->name,
                             s->line[NAVE_PART_EQ], NAVE_CHAIN_MAX_STAGES);
        memmove(s + 1, s, (c->stages - i) * sizeof(*s));
        c->stages++;
        nave_stage *rest = s + 1;
        nave_stage_default(s);
        s->parts = 1u << NAVE_PART_EQ;
        s->line[NAVE_PART_EQ] = rest->line[NAVE_PART_EQ];
        s->number[NAVE_PART_EQ] = rest->number[NAVE_PART_EQ];
        s->sections = rest->sections;
        memcpy(s->section_number, rest->section_number, sizeof(s->section_number));
        for (uint32_t k = 0; k < NAVE_DYN_SECTIONS; k++) {
            const nave_dyn_eq_settings off = s->dyn.eq[k];
            s->dyn.eq[k] = rest->dyn.eq[k];
            rest->dyn.eq[k] = off;
        }
        rest->parts &= ~(1u << NAVE_PART_EQ);
        rest->sections = 0;
        for (uint32_t k = 0; k < c->lanes; k++) {
            nave_chain_target *t = &c->lane[k].target;
            const int of_eq = t->offset >= offsetof(nave_stage, dyn.eq) &&
                              t->offset < offsetof(nave_stage, dyn.eq) + sizeof(s->dyn.eq);
            t->stage += t->stage > i || (t->stage == i && !of_eq);
        }
    }
    return NAVE_OK;
}

/* What one line alone can't tell. */
static int check_stages(nave_chain_parser *p)
{
    nave_chain *c = p->c;
    if (c->stages == 0)
        return nave_parser_fail(p, p->line, "the chain has no stage: add a section such as [limiter]");
    for (uint32_t i = 0; i < c->stages; i++) {
        nave_stage *s = &c->stage[i];
        nave_dyn_settings settings;
        nave_dyn_shape shape;
        nave_text reason = {""};
        int line = 0;
        for (int part = 0; part < NAVE_PARTS; part++)
            line = s->parts >> part & 1 && (!line || part == NAVE_PART_DYNAMICS) ? s->line[part] : line;
        if (s->parts >> NAVE_PART_REVERB & 1)
            continue;
        nave_stage_settings(s, 384000, &settings);
        if (nave_dyn_shape_of(&settings, 2, &shape, &reason))
            return nave_fail(p->why, NAVE_E_FORMAT, "%s:%d:1: %s", c->name, line, reason.text);
    }
    return NAVE_OK;
}

int nave_chain_parse_text(nave_chain *out, const char *name, const char *text, size_t bytes, nave_text *why)
{
    memset(out, 0, sizeof(*out));
    snprintf(out->name, sizeof(out->name), "%s", name);
    if (bytes > NAVE_CHAIN_MAX_BYTES)
        return nave_fail(why, NAVE_E_FORMAT, "%s is longer than %d bytes: no chain file", name, NAVE_CHAIN_MAX_BYTES);
    nave_chain_parser *p = calloc(1, sizeof(*p));
    if (!p)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    p->c = out;
    p->why = why;
    p->part = -2;
    int err = NAVE_OK;
    const char *at = text, *end = text + bytes;
    do {
        const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        const char *line_end = newline ? newline : end;
        if (line_end > at && line_end[-1] == '\r')
            line_end--;
        p->line = at;
        p->number++;
        err = one_line(p, line_end);
        at = newline ? newline + 1 : end;
    } while (!err && at < end);
    if (!err)
        err = end_section(p);
    if (!err)
        err = split_linear(p);
    if (!err)
        err = check_stages(p);
    free(p);
    return err ? err : nave_chain_write_text(out, why);
}
