/* The text of a chain to its stages. What is wrong is named by line and column.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_WORD "nave-chain"
#define MAX_SEEN 512

typedef struct parser {
    nave_chain *c;
    nave_text *why;
    const char *line; /* its start */
    const char *end;  /* without comment and blanks */
    int number;       /* of the line, from 1 */
    nave_stage *stage;
    int part; /* of the section; -1: automation; -2: none yet */
    int sections[NAVE_PARTS];
    int automation;        /* sections of that name */
    size_t seen[MAX_SEEN]; /* offsets set in this section */
    int seen_count, response_seen;
    int most_band, band_line, band_column; /* the highest band of this section, and where it is named */
} parser;

static int column(const parser *p, const char *at)
{
    int n = 1;
    for (const char *q = p->line; q < at; q++)
        n += (*q & 0xc0) != 0x80;
    return n;
}

static int fail(const parser *p, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int fail(const parser *p, const char *at, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return nave_fail(p->why, NAVE_E_FORMAT, "%s:%d:%d: %s", p->c->name, p->number, column(p, at), text);
}

static const char *skip(const char *at, const char *end)
{
    while (at < end && nave_is_blank(*at))
        at++;
    return at;
}

static const char *back(const char *from, const char *at)
{
    while (at > from && nave_is_blank(at[-1]))
        at--;
    return at;
}

static size_t blanks(const char *text, size_t n, size_t at)
{
    while (at < n && nave_is_blank(text[at]))
        at++;
    return at;
}

/* ---- sections ---- */

static int end_section(parser *p)
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
static int take_stage(parser *p, nave_part part, const char *at)
{
    nave_chain *c = p->c;
    nave_stage *last = c->stages ? &c->stage[c->stages - 1] : NULL;
    /* of the parts that the last stage has, none may come at or behind this one: an engine runs them in one order */
    if (part != NAVE_PART_REVERB && last && !(last->parts >> part)) {
        p->stage = last;
    } else {
        if (c->stages == NAVE_CHAIN_MAX_STAGES)
            return fail(p, at, "more than %d stages: a card has that many contexts", NAVE_CHAIN_MAX_STAGES);
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

static int section_header(parser *p, const char *at)
{
    const char *end = memchr(at, ']', (size_t)(p->end - at));
    if (!end)
        return fail(p, p->end, "']' expected: a section is written as [dynamics]");
    const char *from = skip(at + 1, end), *to = back(from, end);
    const char *word = from;
    while (word < to && !nave_is_blank(*word))
        word++;
    int err = end_section(p);
    if (err)
        return err;
    if (skip(end + 1, p->end) != p->end)
        return fail(p, skip(end + 1, p->end), "the line ends after ']'");
    p->seen_count = p->response_seen = p->most_band = 0;
    const size_t n = (size_t)(word - from);
    if (n == 10 && strncasecmp(from, "automation", n) == 0) {
        if (p->automation++ || word != to)
            return fail(p, from, "a chain has one [automation]");
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
            return fail(p, from, "no section is called '%.*s': did you mean [%s]?", (int)(n > 40 ? 40 : n), from, near);
        return fail(p, from,
                    "no section is called '%.*s': there are [eq], [dynamics], [output], [limiter], [reverb] "
                    "and [automation]",
                    (int)(n > 40 ? 40 : n), from);
    }
    p->sections[p->part]++;
    const char *digits = skip(word, to);
    if (digits != to) {
        int number = 0;
        const char *q = digits;
        for (; q < to && *q >= '0' && *q <= '9' && number < 1000; q++)
            number = 10 * number + (*q - '0');
        if (q != to || number != p->sections[p->part])
            return fail(p, digits, "this is the %d. [%s]: write [%s %d], or leave the number away",
                        p->sections[p->part], nave_part_names[p->part], nave_part_names[p->part], p->sections[p->part]);
    }
    return take_stage(p, (nave_part)p->part, from);
}

/* ---- settings ---- */

static int remember(parser *p, size_t offset, const char *at, const char *key, size_t n)
{
    for (int i = 0; i < p->seen_count; i++)
        if (p->seen[i] == offset)
            return fail(p, at, "%.*s is set twice in this section", (int)(n > 60 ? 60 : n), key);
    if (p->seen_count == MAX_SEEN)
        return fail(p, at, "a section has at most %d settings", MAX_SEEN);
    p->seen[p->seen_count++] = offset;
    return NAVE_OK;
}

static int read_part(parser *p, const nave_chain_key *key, const char **at, double *value)
{
    char hint[160] = "";
    size_t used;
    if (nave_chain_read_value(key, *at, (size_t)(p->end - *at), value, &used, hint))
        return fail(p, *at + used, "%s", hint);
    *at = skip(*at + used, p->end);
    return NAVE_OK;
}

/* bell 1 = 250 Hz, -2.5 dB, Q 1.2 */
static int eq_setting(parser *p, const char *key, const char *key_end, const char **at)
{
    nave_stage *s = p->stage;
    const char *word = key;
    while (word < key_end && !nave_is_blank(*word))
        word++;
    const size_t n = (size_t)(word - key);
    int kind = NAVE_EQ_BELL, number = 0;
    while (nave_eq_kind_names[kind] &&
           (strlen(nave_eq_kind_names[kind]) != n || strncasecmp(nave_eq_kind_names[kind], key, n)))
        kind++;
    if (!nave_eq_kind_names[kind]) {
        const char *near = nave_chain_nearest(key, n, nave_eq_kind_names + 1);
        return near ? fail(p, key, "no section of an equaliser is called '%.*s': did you mean '%s'?",
                           (int)(n > 40 ? 40 : n), key, near)
                    : fail(p, key, "bell, low-shelf, high-shelf, low-cut or high-cut expected");
    }
    const char *digits = skip(word, key_end), *q = digits;
    for (; q < key_end && *q >= '0' && *q <= '9' && number < 1000; q++)
        number = 10 * number + (*q - '0');
    if (q != key_end || (q > digits && (number == 0 || number > 99)))
        return fail(p, digits, "a number from 1 to 99 or '=' expected, as in 'bell 1 = 250 Hz, -2.5 dB, Q 1.2'");
    number = number ? number : 1;
    for (uint32_t i = 0; i < s->sections; i++)
        if ((int)s->dyn.eq[i].kind == kind && s->section_number[i] == number)
            return fail(p, key, "%s %d is there already: number it otherwise", nave_eq_kind_names[kind], number);
    if (s->sections == NAVE_DYN_SECTIONS)
        return fail(p, key, "an [eq] has at most %d sections: begin another [eq]", NAVE_DYN_SECTIONS);
    nave_dyn_eq_settings *e = &s->dyn.eq[s->sections];
    const int has_gain = kind == NAVE_EQ_BELL || kind == NAVE_EQ_LOW_SHELF || kind == NAVE_EQ_HIGH_SHELF;
    int gain_seen = 0, q_seen = 0;
    int err = read_part(p, &nave_keys_section[0], at, &e->hz);
    while (!err && *at < p->end && **at == ',') {
        *at = skip(*at + 1, p->end);
        if (*at + 1 < p->end && (**at == 'Q' || **at == 'q') && !q_seen++) {
            *at = skip(*at + 1, p->end);
            err = read_part(p, &nave_keys_section[2], at, &e->q);
        } else if (has_gain && !gain_seen++) {
            err = read_part(p, &nave_keys_section[1], at, &e->gain_db);
        } else {
            return fail(p, *at,
                        has_gain ? "a gain such as -2.5 dB, or Q and its number expected, each once"
                                 : "Q and its number expected, once: a cut has no gain");
        }
    }
    if (!err && has_gain && !gain_seen)
        return fail(p, *at, "', ' and a gain such as -2.5 dB expected");
    if (err)
        return err;
    e->kind = (nave_dyn_eq_kind)kind;
    s->section_number[s->sections++] = number;
    return NAVE_OK;
}

/* A file's name up to the end, or in quotes. */
static int response_setting(parser *p, const char **at)
{
    const char *from = *at, *to = from;
    if (p->response_seen++)
        return fail(p, from, "a [reverb] has one response: begin another [reverb]");
    if (from < p->end && *from == '"') {
        from++;
        to = memchr(from, '"', (size_t)(p->end - from));
        if (!to)
            return fail(p, p->end, "'\"' expected: the name's end");
        *at = skip(to + 1, p->end);
    } else {
        while (to < p->end && *to != ';')
            to++;
        const char *quote = memchr(from, '"', (size_t)(to - from));
        if (quote)
            return fail(p, quote, "a name with '\"' in it can't be written: rename the file");
        *at = to;
        to = back(from, to);
    }
    if (to == from)
        return fail(p, from, "the name of a sound file expected");
    if ((size_t)(to - from) >= sizeof(p->stage->response))
        return fail(p, from, "the name is longer than %zu bytes", sizeof(p->stage->response) - 1);
    memcpy(p->stage->response, from, (size_t)(to - from));
    return NAVE_OK;
}

/* Who says how a curve is wants one: a compressor, unless another mode is set. */
static void want_curve(parser *p, const nave_chain_target *target, int band)
{
    for (int k = 0; k < NAVE_DYN_CURVES; k++) {
        nave_dyn_curve_settings *c = &p->stage->dyn.band[band].curve[k];
        const size_t from = (size_t)((char *)c - (char *)p->stage),
                     kind = (size_t)((char *)&c->kind - (char *)p->stage);
        if (target->offset < from || target->offset >= from + sizeof(*c) || c->kind != NAVE_CURVE_NONE)
            continue;
        for (int i = 0; i < p->seen_count; i++)
            if (p->seen[i] == kind)
                return;
        c->kind = NAVE_CURVE_COMPRESS;
    }
}

static int plain_setting(parser *p, const char *key, const char *key_end, const char **at)
{
    char hint[160] = "";
    size_t bad = 0;
    double value;
    nave_chain_target target = {0};
    const size_t n = (size_t)(key_end - key);
    if (nave_chain_find(p->stage, (nave_part)p->part, key, n, &target, &bad, hint))
        return fail(p, key + bad, "[%s] has no '%.*s': %s", nave_part_names[p->part], (int)(n > 60 ? 60 : n), key,
                    hint);
    int err = remember(p, target.offset, key, key, n);
    if (!err)
        err = read_part(p, target.key, at, &value);
    if (err)
        return err;
    nave_stage_set(p->stage, target.key, target.offset, value);
    if (target.key == &nave_key_crossover) {
        const uint32_t number = (uint32_t)((target.offset - nave_key_crossover.offset) / sizeof(double)) + 1;
        p->stage->dyn.bands = number + 1 > p->stage->dyn.bands ? number + 1 : p->stage->dyn.bands;
    }
    const size_t bands = offsetof(nave_stage, dyn.band);
    if (target.offset >= bands && target.offset < bands + sizeof(p->stage->dyn.band)) {
        const int band = 1 + (int)((target.offset - bands) / sizeof(nave_dyn_band_settings));
        if (band > p->most_band) {
            p->most_band = band;
            p->band_line = p->number;
            p->band_column = column(p, key);
        }
        want_curve(p, &target, band - 1);
    }
    return NAVE_OK;
}

/* ---- automation ---- */

int nave_chain_find_target(const nave_chain *c, const char *name, size_t n, nave_chain_target *out, size_t *bad,
                           char *hint)
{
    const char *dot = memchr(name, '.', n);
    *bad = 0;
    if (!dot) {
        snprintf(hint, 160, "a section, '.' and a setting expected, such as reverb.send");
        return NAVE_E_ARG;
    }
    size_t word = 0;
    const size_t section = (size_t)(dot - name);
    while (word < section && !nave_is_blank(name[word]))
        word++;
    int number = 0;
    for (size_t i = blanks(name, section, word); i < section && number < 1000; i++)
        number = name[i] >= '0' && name[i] <= '9' ? 10 * number + (name[i] - '0') : 1000;
    number = number ? number : 1;
    for (uint32_t s = 0; s < c->stages; s++)
        for (int part = 0; part < NAVE_PARTS; part++) {
            if (!(c->stage[s].parts >> part & 1) || c->stage[s].number[part] != number ||
                strlen(nave_part_names[part]) != word || strncasecmp(nave_part_names[part], name, word))
                continue;
            const size_t from = blanks(name, n, section + 1);
            const int err = nave_chain_find(&c->stage[s], (nave_part)part, name + from, n - from, out, bad, hint);
            *bad += from;
            out->stage = s;
            return err;
        }
    const char *near = nave_chain_nearest(name, word, nave_part_names);
    if (near && (strlen(near) != word || strncasecmp(near, name, word)))
        snprintf(hint, 160, "did you mean '%s'?", near);
    else
        snprintf(hint, 160, "the chain has no such section");
    return NAVE_E_ARG;
}

static int add_point(parser *p, nave_chain_lane *lane, const char **at)
{
    static const nave_chain_key time_key = {"time", NAVE_VALUE_TIME, 0, 0, 360000, NULL, 0};
    nave_chain_point point = {0};
    const char *from = *at;
    int err = read_part(p, &time_key, at, &point.time_s);
    if (!err && lane->points && point.time_s <= lane->point[lane->points - 1].time_s)
        return fail(p, from, "times must rise from point to point");
    if (!err)
        err = read_part(p, lane->target.key, at, &point.value);
    if (err)
        return err;
    const char *word = *at;
    while (word < p->end && !nave_is_blank(*word) && *word != ',' && *word != ';')
        word++;
    const size_t n = (size_t)(word - *at);
    if (n) {
        point.linear = n == 6 && strncasecmp(*at, "linear", n) == 0;
        if (!point.linear && !(n == 4 && strncasecmp(*at, "step", n) == 0))
            return fail(p, *at, "',', 'linear' or 'step' expected");
        if (point.linear && (lane->target.key->kind == NAVE_VALUE_CHOICE || lane->points == 0))
            return fail(p, *at,
                        lane->points ? "%s has nothing between its values: use step"
                                     : "%s has no point before this one: leave 'linear' away",
                        lane->target.key->name);
        *at = skip(word, p->end);
    }
    if (lane->points == NAVE_CHAIN_MAX_POINTS)
        return fail(p, from, "a lane has at most %d points", NAVE_CHAIN_MAX_POINTS);
    nave_chain_point *grown = realloc(lane->point, (lane->points + 1) * sizeof(*grown));
    if (!grown)
        return nave_fail(p->why, NAVE_E_NOMEM, "out of memory for the chain");
    lane->point = grown;
    lane->point[lane->points++] = point;
    return NAVE_OK;
}

static int automation_setting(parser *p, const char *key, const char *key_end, const char **at)
{
    char hint[160] = "";
    size_t bad = 0;
    const size_t n = (size_t)(key_end - key);
    if (p->c->lanes == NAVE_CHAIN_MAX_LANES)
        return fail(p, key, "a chain has at most %d lanes", NAVE_CHAIN_MAX_LANES);
    nave_chain_lane *lane = &p->c->lane[p->c->lanes];
    memset(lane, 0, sizeof(*lane));
    if (n >= sizeof(lane->name))
        return fail(p, key, "no setting has so long a name");
    if (nave_chain_find_target(p->c, key, n, &lane->target, &bad, hint))
        return fail(p, key + bad, "'%.*s' can't be automated: %s", (int)n, key, hint);
    if (lane->target.key->fixed)
        return fail(p, key, "%s can't be automated: it is fixed when the chain starts", lane->target.key->name);
    const nave_stage *s = &p->c->stage[lane->target.stage];
    const size_t bands = offsetof(nave_stage, dyn.band);
    if (lane->target.offset >= bands + s->dyn.bands * sizeof(nave_dyn_band_settings) &&
        lane->target.offset < bands + sizeof(s->dyn.band))
        return fail(p, key, "there is no such band: the chain has %u", s->dyn.bands);
    if (lane->target.key == &nave_key_crossover &&
        lane->target.offset >= nave_key_crossover.offset + (s->dyn.bands - 1) * sizeof(double))
        return fail(p, key, "there is no such crossover: the chain has %u", s->dyn.bands - 1);
    for (uint32_t i = 0; i < p->c->lanes; i++)
        if (p->c->lane[i].target.stage == lane->target.stage && p->c->lane[i].target.offset == lane->target.offset)
            return fail(p, key, "%.*s has a lane already", (int)n, key);
    p->c->lanes++;
    memcpy(lane->name, key, n);
    int err = add_point(p, lane, at);
    while (!err && *at < p->end && **at == ',') {
        *at = skip(*at + 1, p->end);
        err = add_point(p, lane, at);
    }
    return err;
}

/* ---- lines ---- */

/* key = value, up to the end or a ';'. */
static int statement(parser *p, const char **at)
{
    const char *key = *at, *equals = key;
    while (equals < p->end && *equals != '=' && *equals != ';')
        equals++;
    if (equals == p->end || *equals == ';')
        return fail(p, back(key, equals), "'=' and a value expected");
    const char *key_end = back(key, equals);
    if (key_end == key)
        return fail(p, key, "a setting's name expected before '='");
    if (p->part == -2)
        return fail(p, key, "a section such as [eq] expected before the first setting");
    *at = skip(equals + 1, p->end);
    int err;
    if (p->part == -1)
        err = automation_setting(p, key, key_end, at);
    else if (p->part == NAVE_PART_EQ)
        err = eq_setting(p, key, key_end, at);
    else if (p->part == NAVE_PART_REVERB && key_end - key == 8 && strncasecmp(key, "response", 8) == 0)
        err = response_setting(p, at);
    else
        err = plain_setting(p, key, key_end, at);
    if (err)
        return err;
    if (*at < p->end && **at != ';')
        return fail(p, *at, "the end of the line expected");
    if (*at < p->end)
        *at = skip(*at + 1, p->end);
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

static int one_line(parser *p, const char *end)
{
    int quoted = 0;
    for (const char *q = p->line; q < end;) {
        const int n = utf8_length((const unsigned char *)q, (size_t)(end - q));
        if (!n)
            return fail(p, q, "this byte is no UTF-8 text: a chain is a text file");
        q += n;
    }
    p->end = p->line;
    while (p->end < end && (*p->end != '#' || quoted)) {
        quoted ^= *p->end == '"';
        p->end++;
    }
    p->end = back(p->line, p->end);
    const char *at = skip(p->line, p->end);
    if (p->number == 1) {
        const size_t n = strlen(FIRST_WORD);
        if ((size_t)(p->end - at) < n || strncmp(at, FIRST_WORD, n))
            return fail(p, at, "a chain begins with the line '" FIRST_WORD " 1'");
        at = skip(at + n, p->end);
        if (p->end - at != 1 || *at != '1')
            return nave_fail(p->why, NAVE_E_VERSION,
                             "%s:1:%d: this library reads version 1 of chains: write '" FIRST_WORD " 1'", p->c->name,
                             column(p, at));
        return NAVE_OK;
    }
    if (at < p->end && *at == '[')
        return section_header(p, at);
    int err = NAVE_OK;
    while (!err && at < p->end)
        err = statement(p, &at);
    return err;
}

/* What one line alone can't tell. */
static int check_stages(parser *p)
{
    nave_chain *c = p->c;
    if (c->stages == 0)
        return fail(p, p->line, "the chain has no stage: add a section such as [limiter]");
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
    parser *p = calloc(1, sizeof(*p));
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
        err = check_stages(p);
    free(p);
    return err ? err : nave_chain_write_text(out, why);
}
