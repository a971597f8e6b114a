/* The keys of a chain's text: one table serves reading, writing, automation and live changes.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const nave_part_names[NAVE_PARTS + 1] = {"eq", "dynamics", "output", "limiter", "reverb", NULL};
const char *const nave_eq_kind_names[] = {"off", "bell", "low-shelf", "high-shelf", "low-cut", "high-cut", NULL};

#define STAGE(member) offsetof(nave_stage, member)
#define BAND(member) offsetof(nave_dyn_band_settings, member)
#define CURVE(member) offsetof(nave_dyn_curve_settings, member)
#define NO_YES "no|yes"

const nave_chain_key nave_key_crossover = {"crossover", NAVE_VALUE_HZ, STAGE(dyn.crossover_hz), 5, 192000, NULL, 0};

const nave_chain_key nave_keys_dynamics[] = {
    {"slope", NAVE_VALUE_CHOICE, STAGE(dyn.slope_db), 24, 48, "24 dB/oct|48 dB/oct", 1},
    {"phase", NAVE_VALUE_CHOICE, STAGE(dyn.linear_phase), 0, 1, "minimum|linear", 1},
    {"mid-side", NAVE_VALUE_CHOICE, STAGE(dyn.mid_side), 0, 1, NO_YES, 0},
    {"lookahead", NAVE_VALUE_TIME, STAGE(dyn.lookahead_s), 0, 0.02, NULL, 1},
    {"mix", NAVE_VALUE_SHARE, STAGE(dyn.wet), 0, 1, NULL, 0},
    {NULL, 0, 0, 0, 0, NULL, 0}};

const nave_chain_key nave_keys_band[] = {
    {"detector", NAVE_VALUE_CHOICE, BAND(detector), 0, 2, "peak|rms|low-pass", 0},
    {"average", NAVE_VALUE_TIME, BAND(average_s), 0, 5, NULL, 0},
    {"link", NAVE_VALUE_SHARE, BAND(link), 0, 1, NULL, 0},
    {"lookahead", NAVE_VALUE_TIME, BAND(lookahead_s), 0, 0.02, NULL, 0},
    {"side-chain", NAVE_VALUE_CHOICE, BAND(external), 0, 1, "internal|external", 0},
    {"listen", NAVE_VALUE_CHOICE, BAND(listen), 0, 1, NO_YES, 0},
    {"side low-cut", NAVE_VALUE_HZ, BAND(low_cut_hz), 0, 100000, NULL, 0},
    {"side high-cut", NAVE_VALUE_HZ, BAND(high_cut_hz), 0, 100000, NULL, 0},
    {"makeup", NAVE_VALUE_LEVEL, BAND(makeup_db), -60, 60, NULL, 0},
    {"auto-makeup", NAVE_VALUE_CHOICE, BAND(auto_makeup), 0, 1, NO_YES, 0},
    {"mix", NAVE_VALUE_SHARE, BAND(wet), 0, 1, NULL, 0},
    {"width", NAVE_VALUE_SHARE, BAND(width), 0, 2, NULL, 0},
    {"solo", NAVE_VALUE_CHOICE, BAND(solo), 0, 1, NO_YES, 0},
    {"mute", NAVE_VALUE_CHOICE, BAND(mute), 0, 1, NO_YES, 0},
    {"bypass", NAVE_VALUE_CHOICE, BAND(bypass), 0, 1, NO_YES, 0},
    {NULL, 0, 0, 0, 0, NULL, 0}};

const nave_chain_key nave_keys_curve[] = {
    {"mode", NAVE_VALUE_CHOICE, CURVE(kind), 0, 5, "off|compress|compress-up|expand|expand-up|gate", 0},
    {"threshold", NAVE_VALUE_LEVEL, CURVE(threshold_db), -120, 20, NULL, 0},
    {"ratio", NAVE_VALUE_RATIO, CURVE(ratio), 1, INFINITY, NULL, 0},
    {"knee", NAVE_VALUE_LEVEL, CURVE(knee_db), 0, 72, NULL, 0},
    {"range", NAVE_VALUE_LEVEL, CURVE(range_db), 0, 120, NULL, 0},
    {"hysteresis", NAVE_VALUE_LEVEL, CURVE(hysteresis_db), 0, 40, NULL, 0},
    {"attack", NAVE_VALUE_TIME, CURVE(attack_s), 0, 2, NULL, 0},
    {"hold", NAVE_VALUE_TIME, CURVE(hold_s), 0, 5, NULL, 0},
    {"release", NAVE_VALUE_TIME, CURVE(release_s), 0, 5, NULL, 0},
    {"auto-release", NAVE_VALUE_CHOICE, CURVE(auto_release), 0, 1, NO_YES, 0},
    {NULL, 0, 0, 0, 0, NULL, 0}};

const nave_chain_key nave_keys_section[] = {
    {"frequency", NAVE_VALUE_HZ, offsetof(nave_dyn_eq_settings, hz), 5, 192000, NULL, 0},
    {"gain", NAVE_VALUE_LEVEL, offsetof(nave_dyn_eq_settings, gain_db), -30, 30, NULL, 0},
    {"Q", NAVE_VALUE_PLAIN, offsetof(nave_dyn_eq_settings, q), 0.1, 40, NULL, 0},
    {NULL, 0, 0, 0, 0, NULL, 0}};

const nave_chain_key nave_keys_output[] = {{"gain", NAVE_VALUE_LEVEL, STAGE(dyn.output_db), -60, 60, NULL, 0},
                                           {"dc-filter", NAVE_VALUE_HZ, STAGE(dyn.dc_filter_hz), 0, 100, NULL, 0},
                                           {NULL, 0, 0, 0, 0, NULL, 0}};

const nave_chain_key nave_keys_limiter[] = {
    {"on", NAVE_VALUE_CHOICE, STAGE(dyn.limiter), 0, 1, NO_YES, 0},
    {"ceiling", NAVE_VALUE_LEVEL, STAGE(dyn.ceiling_db), -60, 12, NULL, 0},
    {"release", NAVE_VALUE_TIME, STAGE(dyn.limiter_release_s), 0, 5, NULL, 0},
    {"lookahead", NAVE_VALUE_TIME, STAGE(dyn.limiter_lookahead_s), 0, 0.02, NULL, 1},
    {NULL, 0, 0, 0, 0, NULL, 0}};

const nave_chain_key nave_keys_reverb[] = {
    {"send", NAVE_VALUE_GAIN, STAGE(send_db), -INFINITY, 18, NULL, 0},
    {"dry", NAVE_VALUE_GAIN, STAGE(dry_db), -INFINITY, 18, NULL, 0},
    {"layout", NAVE_VALUE_CHOICE, STAGE(ir.layout), 0, 2, "auto|diagonal|true-stereo", 1},
    {"normalise", NAVE_VALUE_CHOICE, STAGE(ir.normalise), 0, 3, "none|peak|energy|gain", 1},
    {"gain", NAVE_VALUE_LEVEL, STAGE(ir.gain_db), -120, 60, NULL, 1},
    {"predelay", NAVE_VALUE_TIME, STAGE(ir.predelay_s), 0, 10, NULL, 1},
    {"trim-start", NAVE_VALUE_TIME, STAGE(ir.trim_start_s), 0, 3600, NULL, 1},
    {"length", NAVE_VALUE_TIME, STAGE(ir.length_s), 0, 3600, NULL, 1},
    {"trim-below", NAVE_VALUE_LEVEL, STAGE(ir.trim_below_db), -200, 0, NULL, 1},
    {"fade-in", NAVE_VALUE_TIME, STAGE(ir.fade_in_s), 0, 3600, NULL, 1},
    {"fade-out", NAVE_VALUE_TIME, STAGE(ir.fade_out_s), 0, 3600, NULL, 1},
    {"reverse", NAVE_VALUE_CHOICE, STAGE(ir.reverse), 0, 1, NO_YES, 1},
    {NULL, 0, 0, 0, 0, NULL, 0}};

double nave_stage_get(const nave_stage *s, const nave_chain_key *key, size_t offset)
{
    const char *at = (const char *)s + offset;
    if (key->kind == NAVE_VALUE_CHOICE) {
        uint32_t v;
        memcpy(&v, at, sizeof(v));
        return v;
    }
    double v;
    memcpy(&v, at, sizeof(v));
    return v;
}

void nave_stage_set(nave_stage *s, const nave_chain_key *key, size_t offset, double value)
{
    char *at = (char *)s + offset;
    const uint32_t word = key->kind == NAVE_VALUE_CHOICE ? (uint32_t)value : 0;
    if (key->kind == NAVE_VALUE_CHOICE)
        memcpy(at, &word, sizeof(word));
    else
        memcpy(at, &value, sizeof(value));
}

void nave_stage_default(nave_stage *s)
{
    memset(s, 0, sizeof(*s));
    nave_dyn_settings_default(&s->dyn, 48000);
    for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
        s->dyn.band[b].curve[0].kind = NAVE_CURVE_NONE;
    nave_ir_settings_default(&s->ir);
    s->send_db = 0;
    s->dry_db = -INFINITY;
}

static int distance(const char *a, size_t n, const char *b)
{
    int row[64];
    const size_t m = strlen(b);
    if (n >= 64 || m >= 64)
        return 64;
    for (size_t j = 0; j <= m; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[m];
}

const char *nave_chain_nearest(const char *word, size_t n, const char *const *candidates)
{
    const char *best = NULL;
    int least = 64;
    for (; *candidates; candidates++) {
        const int d = distance(word, n, *candidates);
        const size_t longer = strlen(*candidates) > n ? strlen(*candidates) : n;
        if (d < least && (size_t)d * 5 <= longer * 2) {
            least = d;
            best = *candidates;
        }
    }
    return best;
}

static const nave_chain_key *in_table(const nave_chain_key *table, const char *name, size_t n)
{
    for (; table->name; table++)
        if (strlen(table->name) == n && strncasecmp(table->name, name, n) == 0)
            return table;
    return NULL;
}

static size_t blanks(const char *text, size_t n, size_t at)
{
    while (at < n && nave_is_blank(text[at]))
        at++;
    return at;
}

/* The end of the word at `at`, blanks after it skipped. */
static size_t skip_word(const char *key, size_t n, size_t at)
{
    while (at < n && !nave_is_blank(key[at]))
        at++;
    return blanks(key, n, at);
}

/* A number after the word `word` at *at: 1 and *at behind it, 0 if it isn't that word, -1 if the number is missing. */
static int numbered(const char *key, size_t n, size_t *at, const char *word, unsigned *number)
{
    const size_t length = strlen(word);
    if (n - *at < length || strncasecmp(key + *at, word, length) || (*at + length < n && key[*at + length] != ' '))
        return 0;
    size_t p = skip_word(key, n, *at);
    unsigned v = 0;
    const size_t digits = p;
    while (p < n && key[p] >= '0' && key[p] <= '9' && v < 1000)
        v = v * 10 + (unsigned)(key[p++] - '0');
    *at = p > digits ? skip_word(key, n, p) : digits;
    *number = v;
    return p > digits && (p == n || key[p] == ' ') ? 1 : -1;
}

static int unknown(const char *key, size_t n, size_t at, size_t *bad, char *hint, const nave_chain_key *first,
                   const nave_chain_key *second, const char *const *more)
{
    const char *names[64];
    size_t count = 0;
    for (; first && first->name; first++)
        names[count++] = first->name;
    for (; second && second->name; second++)
        names[count++] = second->name;
    for (; more && *more; more++)
        names[count++] = *more;
    names[count] = NULL;
    const char *near = nave_chain_nearest(key + at, n - at, names);
    *bad = at;
    int length = near ? snprintf(hint, 160, "did you mean '%s'?", near) : snprintf(hint, 160, "it may be");
    for (size_t i = 0; !near && i < count && length < 140; i++)
        length += snprintf(hint + length, (size_t)(160 - length), "%s %s", i ? "," : "", names[i]);
    return NAVE_E_ARG;
}

static int out_of(unsigned number, unsigned most, const char *what, size_t at, size_t *bad, char *hint)
{
    if (number >= 1 && number <= most)
        return NAVE_OK;
    *bad = at;
    snprintf(hint, 160, "%s are numbered from 1 to %u", what, most);
    return NAVE_E_ARG;
}

static int find_band(const char *key, size_t n, size_t at, unsigned number, nave_chain_target *out, size_t *bad,
                     char *hint)
{
    unsigned curve = 1;
    size_t band = STAGE(dyn.band) + (number - 1) * sizeof(nave_dyn_band_settings);
    const size_t start = at;
    const int has_curve = numbered(key, n, &at, "curve", &curve);
    if (has_curve && out_of(has_curve > 0 ? curve : 0, NAVE_DYN_CURVES, "the curves of a band", start, bad, hint))
        return NAVE_E_ARG;
    const size_t place = band + BAND(curve) + (curve - 1) * sizeof(nave_dyn_curve_settings);
    out->key = in_table(nave_keys_curve, key + at, n - at);
    out->offset = out->key ? place + out->key->offset : 0;
    if (out->key)
        return NAVE_OK;
    out->key = has_curve ? NULL : in_table(nave_keys_band, key + at, n - at);
    if (!out->key)
        return unknown(key, n, at, bad, hint, nave_keys_curve, has_curve ? NULL : nave_keys_band, NULL);
    out->offset = band + out->key->offset;
    return NAVE_OK;
}

static int find_section(const nave_stage *s, const char *key, size_t n, nave_chain_target *out, size_t *bad, char *hint)
{
    for (uint32_t i = 0; i < s->sections; i++) {
        const char *name = nave_eq_kind_names[s->dyn.eq[i].kind];
        unsigned number = 1;
        size_t at = 0;
        const int has = numbered(key, n, &at, name, &number);
        if (!has || (has > 0 && (int)number != s->section_number[i]) || (has < 0 && s->section_number[i] != 1))
            continue;
        out->key = in_table(nave_keys_section, key + at, n - at);
        if (!out->key)
            return unknown(key, n, at, bad, hint, nave_keys_section, NULL, NULL);
        out->offset = STAGE(dyn.eq) + i * sizeof(nave_dyn_eq_settings) + out->key->offset;
        return NAVE_OK;
    }
    *bad = 0;
    snprintf(hint, 160, "this [eq] has no such section: name one that it has, such as 'bell 1 gain'");
    return NAVE_E_ARG;
}

int nave_chain_find(const nave_stage *s, nave_part part, const char *key, size_t n, nave_chain_target *out, size_t *bad,
                    char *hint)
{
    static const char *const more[] = {"crossover 1", "band 1 threshold", NULL};
    static const nave_chain_key *const tables[NAVE_PARTS] = {NULL, nave_keys_dynamics, nave_keys_output,
                                                             nave_keys_limiter, nave_keys_reverb};
    unsigned number = 0;
    size_t at = 0;
    if (part == NAVE_PART_EQ)
        return find_section(s, key, n, out, bad, hint);
    out->key = in_table(tables[part], key, n);
    if (out->key) {
        out->offset = out->key->offset;
        return NAVE_OK;
    }
    if (part != NAVE_PART_DYNAMICS)
        return unknown(key, n, 0, bad, hint, tables[part], NULL, NULL);
    int has = numbered(key, n, &at, "crossover", &number);
    if (has && at == n) {
        out->key = &nave_key_crossover;
        out->offset = nave_key_crossover.offset + (number - 1) * sizeof(double);
        return out_of(has > 0 ? number : 0, NAVE_DYN_BANDS - 1, "crossovers", n ? n - 1 : 0, bad, hint);
    }
    at = 0;
    has = numbered(key, n, &at, "band", &number);
    if (has) {
        if (out_of(has > 0 ? number : 0, NAVE_DYN_BANDS, "bands", 5 < n ? 5 : n, bad, hint))
            return NAVE_E_ARG;
        return find_band(key, n, at, number, out, bad, hint);
    }
    return unknown(key, n, 0, bad, hint, tables[part], NULL, more);
}

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
