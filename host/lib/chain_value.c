/* Values of a chain's text: numbers with their units.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct unit {
    const char *name;
    double divide, multiply;
} unit;

static const unit db_units[] = {{"dB", 1, 1}, {"dBFS", 1, 1}, {"dBTP", 1, 1}, {NULL, 0, 0}};
static const unit hz_units[] = {{"Hz", 1, 1}, {"kHz", 1, 1000}, {NULL, 0, 0}};
static const unit time_units[] = {{"s", 1, 1}, {"ms", 1000, 1}, {"us", 1e6, 1}, {NULL, 0, 0}};
static const unit share_units[] = {{"%", 100, 1}, {NULL, 0, 0}};

/* A plain decimal number: strtod also takes hexadecimal and "nan". */
static size_t read_number(const char *text, size_t n, double *out)
{
    char copy[64];
    size_t i = 0, digits = 0;
    if (i < n && (text[i] == '-' || text[i] == '+'))
        i++;
    for (int dots = 0; i < n && i < sizeof(copy) - 8; i++) {
        if (text[i] == '.' && !dots++)
            continue;
        if (text[i] < '0' || text[i] > '9')
            break;
        digits++;
    }
    if (digits == 0)
        return 0;
    if (i + 1 < n && (text[i] == 'e' || text[i] == 'E')) {
        size_t k = i + 1 + (text[i + 1] == '-' || text[i + 1] == '+');
        if (k < n && text[k] >= '0' && text[k] <= '9')
            for (i = k; i < n && i < sizeof(copy) - 2 && text[i] >= '0' && text[i] <= '9'; i++)
                ;
    }
    memcpy(copy, text, i);
    copy[i] = 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    *out = c ? strtod_l(copy, NULL, c) : NAN;
    if (c)
        freelocale(c);
    return i;
}

static size_t word_length(const char *text, size_t n)
{
    size_t i = 0;
    while (i < n && !nave_is_blank(text[i]) && text[i] != ',' && text[i] != ';')
        i++;
    return i;
}

static size_t blanks(const char *text, size_t n, size_t at)
{
    while (at < n && nave_is_blank(text[at]))
        at++;
    return at;
}

static int read_choice(const nave_chain_key *key, const char *text, size_t n, double *value, size_t *used, char *hint)
{
    int index = 0, count = 1;
    size_t best = 0;
    for (const char *p = key->choices; *p; p++)
        count += *p == '|';
    for (const char *p = key->choices; p; index++) {
        const size_t length = strcspn(p, "|");
        if (length <= n && length > best && strncasecmp(p, text, length) == 0 &&
            (length == n || nave_is_blank(text[length]) || text[length] == ',' || text[length] == ';')) {
            *value = key->low + index * (key->high - key->low) / (count - 1);
            best = length;
        }
        p = p[length] ? p + length + 1 : NULL;
    }
    *used = best;
    if (best)
        return NAVE_OK;
    char names[120];
    size_t at = 0;
    for (const char *p = key->choices; *p && at + 3 < sizeof(names); p++) {
        if (*p == '|') {
            memcpy(names + at, ", ", 2);
            at += 2;
        } else {
            names[at++] = *p;
        }
    }
    names[at] = 0;
    snprintf(hint, 160, "%s is one of: %s", key->name, names);
    return NAVE_E_FORMAT;
}

static int read_unit(const unit *units, const char *text, size_t n, double number, double *value, size_t *at)
{
    const size_t from = blanks(text, n, *at), length = word_length(text + from, n - from);
    for (; units->name; units++)
        if (strlen(units->name) == length && strncasecmp(units->name, text + from, length) == 0) {
            *value = number / units->divide * units->multiply;
            *at = from + length;
            return NAVE_OK;
        }
    *at = from;
    return NAVE_E_FORMAT;
}

int nave_chain_read_value(const nave_chain_key *key, const char *text, size_t n, double *value, size_t *used,
                          char *hint)
{
    static const struct {
        const unit *units;
        const char *unit, *example;
    } kinds[] = {[NAVE_VALUE_LEVEL] = {db_units, "dB", "a level such as -12 dB"},
                 [NAVE_VALUE_GAIN] = {db_units, "dB", "a level such as -12 dB or -inf dB"},
                 [NAVE_VALUE_HZ] = {hz_units, "Hz or kHz", "a frequency such as 250 Hz or 2.5 kHz"},
                 [NAVE_VALUE_TIME] = {time_units, "s, ms or us", "a time such as 20 ms or 1.5 s"},
                 [NAVE_VALUE_SHARE] = {share_units, "%", "a share such as 50 %"},
                 [NAVE_VALUE_RATIO] = {NULL, "", "a ratio such as 4:1 or inf:1"},
                 [NAVE_VALUE_PLAIN] = {NULL, "", "a number such as 0.71"}};
    double number = 0;
    *used = 0;
    if (key->kind == NAVE_VALUE_CHOICE)
        return read_choice(key, text, n, value, used, hint);
    const size_t word = word_length(text, n);
    if (key->kind == NAVE_VALUE_HZ && key->low == 0 && word == 3 && strncasecmp(text, "off", 3) == 0) {
        *value = 0;
        *used = 3;
        return NAVE_OK;
    }
    size_t at = 0;
    if (key->kind == NAVE_VALUE_GAIN && n >= 4 && strncasecmp(text, "-inf", 4) == 0) {
        number = -INFINITY;
        at = 4;
    } else if (key->kind == NAVE_VALUE_RATIO && n >= 3 && strncasecmp(text, "inf", 3) == 0) {
        number = INFINITY;
        at = 3;
    } else {
        at = read_number(text, n, &number);
    }
    if (at == 0) {
        snprintf(hint, 160, "%s expected", kinds[key->kind].example);
        return NAVE_E_FORMAT;
    }
    *value = number;
    if (kinds[key->kind].units && read_unit(kinds[key->kind].units, text, n, number, value, &at)) {
        *used = at;
        snprintf(hint, 160, "the unit of %s is missing here: %s", key->name, kinds[key->kind].unit);
        return NAVE_E_FORMAT;
    }
    if (key->kind == NAVE_VALUE_RATIO && at + 1 < n && text[at] == ':' && text[at + 1] == '1')
        at += 2;
    if (!(*value >= key->low && *value <= key->high)) {
        const double scale = key->kind == NAVE_VALUE_SHARE ? 100 : 1;
        snprintf(hint, 160, "%s is out of range: it may be from %g to %g %s", key->name, key->low * scale,
                 key->high * scale,
                 key->kind == NAVE_VALUE_TIME ? "s"
                 : key->kind == NAVE_VALUE_HZ ? "Hz"
                                              : kinds[key->kind].unit);
        return NAVE_E_FORMAT;
    }
    *used = at;
    return NAVE_OK;
}
