/* Settings of a chain's sections and lanes: a key and its value.
 * SPDX-License-Identifier: ISC */
#include "chain_parse.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int remember(nave_chain_parser *p, size_t offset, const char *at, const char *key, size_t n)
{
    for (int i = 0; i < p->seen_count; i++)
        if (p->seen[i] == offset)
            return nave_parser_fail(p, at, "%.*s is set twice in this section", (int)(n > 60 ? 60 : n), key);
    if (p->seen_count == NAVE_PARSER_MAX_SEEN)
        return nave_parser_fail(p, at, "a section has at most %d settings", NAVE_PARSER_MAX_SEEN);
    p->seen[p->seen_count++] = offset;
    return NAVE_OK;
}

static int read_part(nave_chain_parser *p, const nave_chain_key *key, const char **at, double *value)
{
    char hint[160] = "";
    size_t used;
    if (nave_chain_read_value(key, *at, (size_t)(p->end - *at), value, &used, hint))
        return nave_parser_fail(p, *at + used, "%s", hint);
    *at = nave_skip_blanks(*at + used, p->end);
    return NAVE_OK;
}

/* bell 1 = 250 Hz, -2.5 dB, Q 1.2 */
static int eq_setting(nave_chain_parser *p, const char *key, const char *key_end, const char **at)
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
        return near ? nave_parser_fail(p, key, "no section of an equaliser is called '%.*s': did you mean '%s'?",
                                       (int)(n > 40 ? 40 : n), key, near)
                    : nave_parser_fail(p, key, "bell, low-shelf, high-shelf, low-cut or high-cut expected");
    }
    const char *digits = nave_skip_blanks(word, key_end), *q = digits;
    for (; q < key_end && *q >= '0' && *q <= '9' && number < 1000; q++)
        number = 10 * number + (*q - '0');
    if (q != key_end || (q > digits && (number == 0 || number > 99)))
        return nave_parser_fail(p, digits,
                                "a number from 1 to 99 or '=' expected, as in 'bell 1 = 250 Hz, -2.5 dB, Q 1.2'");
    number = number ? number : 1;
    for (uint32_t i = 0; i < s->sections; i++)
        if ((int)s->dyn.eq[i].kind == kind && s->section_number[i] == number)
            return nave_parser_fail(p, key, "%s %d is there already: number it otherwise", nave_eq_kind_names[kind],
                                    number);
    if (s->sections == NAVE_DYN_SECTIONS)
        return nave_parser_fail(p, key, "an [eq] has at most %d sections: begin another [eq]", NAVE_DYN_SECTIONS);
    nave_dyn_eq_settings *e = &s->dyn.eq[s->sections];
    const int has_gain = kind == NAVE_EQ_BELL || kind == NAVE_EQ_LOW_SHELF || kind == NAVE_EQ_HIGH_SHELF;
    int gain_seen = 0, q_seen = 0;
    int err = read_part(p, &nave_keys_section[0], at, &e->hz);
    while (!err && *at < p->end && **at == ',') {
        *at = nave_skip_blanks(*at + 1, p->end);
        if (*at + 1 < p->end && (**at == 'Q' || **at == 'q') && !q_seen++) {
            *at = nave_skip_blanks(*at + 1, p->end);
            err = read_part(p, &nave_keys_section[2], at, &e->q);
        } else if (has_gain && !gain_seen++) {
            err = read_part(p, &nave_keys_section[1], at, &e->gain_db);
        } else {
            return nave_parser_fail(p, *at,
                                    has_gain ? "a gain such as -2.5 dB, or Q and its number expected, each once"
                                             : "Q and its number expected, once: a cut has no gain");
        }
    }
    if (!err && has_gain && !gain_seen)
        return nave_parser_fail(p, *at, "', ' and a gain such as -2.5 dB expected");
    if (err)
        return err;
    e->kind = (nave_dyn_eq_kind)kind;
    s->section_number[s->sections++] = number;
    return NAVE_OK;
}

/* A file's name up to the end, or in quotes. */
static int response_setting(nave_chain_parser *p, const char **at)
{
    const char *from = *at, *to = from;
    if (p->response_seen++)
        return nave_parser_fail(p, from, "a [reverb] has one response: begin another [reverb]");
    if (from < p->end && *from == '"') {
        from++;
        to = memchr(from, '"', (size_t)(p->end - from));
        if (!to)
            return nave_parser_fail(p, p->end, "'\"' expected: the name's end");
        *at = nave_skip_blanks(to + 1, p->end);
    } else {
        while (to < p->end && *to != ';')
            to++;
        const char *quote = memchr(from, '"', (size_t)(to - from));
        if (quote)
            return nave_parser_fail(p, quote, "a name with '\"' in it can't be written: rename the file");
        *at = to;
        to = nave_drop_blanks(from, to);
    }
    if (to == from)
        return nave_parser_fail(p, from, "the name of a sound file expected");
    if ((size_t)(to - from) >= sizeof(p->stage->response))
        return nave_parser_fail(p, from, "the name is longer than %zu bytes", sizeof(p->stage->response) - 1);
    memcpy(p->stage->response, from, (size_t)(to - from));
    return NAVE_OK;
}

/* Who says how a curve is wants one: a compressor, unless another mode is set. */
static void want_curve(nave_chain_parser *p, const nave_chain_target *target, int band)
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

static int plain_setting(nave_chain_parser *p, const char *key, const char *key_end, const char **at)
{
    char hint[160] = "";
    size_t bad = 0;
    double value;
    nave_chain_target target = {0};
    const size_t n = (size_t)(key_end - key);
    if (nave_chain_find(p->stage, (nave_part)p->part, key, n, &target, &bad, hint))
        return nave_parser_fail(p, key + bad, "[%s] has no '%.*s': %s", nave_part_names[p->part],
                                (int)(n > 60 ? 60 : n), key, hint);
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
            p->band_column = nave_parser_column(p, key);
        }
        want_curve(p, &target, band - 1);
    }
    return NAVE_OK;
}

/* ---- automation ---- */

static int add_point(nave_chain_parser *p, nave_chain_lane *lane, const char **at)
{
    static const nave_chain_key time_key = {"time", NAVE_VALUE_TIME, 0, 0, 360000, NULL, 0};
    nave_chain_point point = {0};
    const char *from = *at;
    int err = read_part(p, &time_key, at, &point.time_s);
    if (!err && lane->points && point.time_s <= lane->point[lane->points - 1].time_s)
        return nave_parser_fail(p, from, "times must rise from point to point");
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
            return nave_parser_fail(p, *at, "',', 'linear' or 'step' expected");
        if (point.linear && (lane->target.key->kind == NAVE_VALUE_CHOICE || lane->points == 0))
            return nave_parser_fail(p, *at,
                                    lane->points ? "%s has nothing between its values: use step"
                                                 : "%s has no point before this one: leave 'linear' away",
                                    lane->target.key->name);
        *at = nave_skip_blanks(word, p->end);
    }
    if (lane->points == NAVE_CHAIN_MAX_POINTS)
        return nave_parser_fail(p, from, "a lane has at most %d points", NAVE_CHAIN_MAX_POINTS);
    nave_chain_point *grown = realloc(lane->point, (lane->points + 1) * sizeof(*grown));
    if (!grown)
        return nave_fail(p->why, NAVE_E_NOMEM, "out of memory for the chain");
    lane->point = grown;
    lane->point[lane->points++] = point;
    return NAVE_OK;
}

static int automation_setting(nave_chain_parser *p, const char *key, const char *key_end, const char **at)
{
    char hint[160] = "";
    size_t bad = 0;
    const size_t n = (size_t)(key_end - key);
    if (p->c->lanes == NAVE_CHAIN_MAX_LANES)
        return nave_parser_fail(p, key, "a chain has at most %d lanes", NAVE_CHAIN_MAX_LANES);
    nave_chain_lane *lane = &p->c->lane[p->c->lanes];
    memset(lane, 0, sizeof(*lane));
    if (n >= sizeof(lane->name))
        return nave_parser_fail(p, key, "no setting has so long a name");
    if (nave_chain_find_target(p->c, key, n, &lane->target, &bad, hint))
        return nave_parser_fail(p, key + bad, "'%.*s' can't be automated: %s", (int)n, key, hint);
    if (lane->target.key->fixed)
        return nave_parser_fail(p, key, "%s can't be automated: it is fixed when the chain starts",
                                lane->target.key->name);
    const nave_stage *s = &p->c->stage[lane->target.stage];
    const size_t bands = offsetof(nave_stage, dyn.band);
    if (lane->target.offset >= bands + s->dyn.bands * sizeof(nave_dyn_band_settings) &&
        lane->target.offset < bands + sizeof(s->dyn.band))
        return nave_parser_fail(p, key, "there is no such band: the chain has %u", s->dyn.bands);
    if (lane->target.key == &nave_key_crossover &&
        lane->target.offset >= nave_key_crossover.offset + (s->dyn.bands - 1) * sizeof(double))
        return nave_parser_fail(p, key, "there is no such crossover: the chain has %u", s->dyn.bands - 1);
    for (uint32_t i = 0; i < p->c->lanes; i++)
        if (p->c->lane[i].target.stage == lane->target.stage && p->c->lane[i].target.offset == lane->target.offset)
            return nave_parser_fail(p, key, "%.*s has a lane already", (int)n, key);
    p->c->lanes++;
    memcpy(lane->name, key, n);
    int err = add_point(p, lane, at);
    while (!err && *at < p->end && **at == ',') {
        *at = nave_skip_blanks(*at + 1, p->end);
        err = add_point(p, lane, at);
    }
    return err;
}

int nave_chain_read_setting(nave_chain_parser *p, const char *key, const char *key_end, const char **at)
{
    if (p->part == -1)
        return automation_setting(p, key, key_end, at);
    if (p->part == NAVE_PART_EQ)
        return eq_setting(p, key, key_end, at);
    if (p->part == NAVE_PART_REVERB && key_end - key == 8 && strncasecmp(key, "response", 8) == 0)
        return response_setting(p, at);
    return plain_setting(p, key, key_end, at);
}
