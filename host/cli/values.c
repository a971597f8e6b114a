/* Values of options: numbers with units, refused with the position of what is wrong.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

typedef struct unit {
    const char *name;
    double factor;
} unit;

static const unit time_units[] = {{"ms", 1e-3}, {"s", 1.0}, {"us", 1e-6}, {NULL, 0}};
static const unit db_units[] = {{"db", 1.0}, {NULL, 0}};
static const unit rate_units[] = {{"hz", 1.0}, {"khz", 1e3}, {"k", 1e3}, {NULL, 0}};

/* Positions are counted from 1, as a user counts characters. */
static int fail_at(nave_text *why, const char *text, const char *at, const char *expected)
{
    if (*at)
        snprintf(why->text, sizeof why->text, "'%.80s' has '%.40s' at position %d, where %s is expected.", text, at,
                 (int)(at - text) + 1, expected);
    else
        snprintf(why->text, sizeof why->text, "'%.80s' ends at position %d, where %s is expected.", text,
                 (int)(at - text) + 1, expected);
    return NAVE_E_ARG;
}

/* A plain decimal number: strtod would also take blanks, hexadecimal, "nan" and "infinity". */
static const char *read_number(const char *text, double *out)
{
    const char *p = text;
    char *end;
    if (*p == '+' || *p == '-')
        p++;
    const char *digit = *p == '.' ? p + 1 : p;
    if (*digit < '0' || *digit > '9')
        return NULL;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        *out = 0;
        return p + 1;
    }
    *out = strtod(text, &end);
    return end;
}

static int read_quantity(const char *text, const unit *units, int unit_needed, const char *number_name,
                         const char *unit_name, double *out, nave_text *why)
{
    double value;
    const char *end = read_number(text, &value);
    if (!end)
        return fail_at(why, text, text, number_name);
    if (!*end && (!unit_needed || value == 0)) {
        *out = value;
        return NAVE_OK;
    }
    const char *name = *end == ' ' ? end + 1 : end;
    for (const unit *u = units; u->name; u++) {
        if (!strcasecmp(name, u->name)) {
            *out = value * u->factor;
            return NAVE_OK;
        }
    }
    return fail_at(why, text, end, unit_name);
}

static int out_of_range(nave_text *why, const char *text, double low, double high, const char *unit_name)
{
    snprintf(why->text, sizeof why->text, "'%.80s' is out of range: from %.10g to %.10g%s%s are allowed.", text, low,
             high, *unit_name ? " " : "", unit_name);
    return NAVE_E_ARG;
}

static int read_integer(const char *text, uint64_t *out, nave_text *why)
{
    uint64_t value = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return fail_at(why, text, p, "a number below 2^64");
        value = value * 10 + digit;
    }
    if (p == text || *p)
        return fail_at(why, text, p, "a digit");
    *out = value;
    return NAVE_OK;
}

static int read_choice(const char *const *choices, const char *text, int *out, nave_text *why)
{
    int n = 0;
    for (; choices[n]; n++) {
        if (!strcmp(choices[n], text)) {
            *out = n;
            return NAVE_OK;
        }
    }
    int at = snprintf(why->text, sizeof why->text, "'%.80s' is not one of ", text);
    for (int i = 0; i < n && at < (int)sizeof why->text; i++)
        at += snprintf(why->text + at, sizeof why->text - (size_t)at, "%s%s",
                       i == 0 ? "" : (i == n - 1 ? " or " : ", "), choices[i]);
    if (at < (int)sizeof why->text)
        snprintf(why->text + at, sizeof why->text - (size_t)at, ".");
    return NAVE_E_ARG;
}

static int read_double(const nave_cli_option *o, const char *text, double *value, nave_text *why)
{
    int err;
    const char *unit_name = "";
    if (o->kind == NAVE_CLI_DB) {
        if (isinf(o->low) && !strncasecmp(text, "-inf", 4) && (!text[4] || !strcasecmp(text + 4, "db"))) {
            *value = -INFINITY;
            return NAVE_OK;
        }
        unit_name = "dB";
        err = read_quantity(text, db_units, 0, "a level such as -3dB", "dB", value, why);
    } else if (o->kind == NAVE_CLI_TIME) {
        unit_name = "s";
        err = read_quantity(text, time_units, 1, "a time such as 20ms or 1.5s", "a unit (ms or s)", value, why);
    } else {
        unit_name = "Hz";
        err = read_quantity(text, rate_units, 0, "a rate such as 48000 or 44.1kHz", "Hz or kHz", value, why);
    }
    if (err)
        return err;
    if (!(*value >= o->low && *value <= o->high))
        return out_of_range(why, text, o->low, o->high, unit_name);
    return NAVE_OK;
}

int nave_cli_parse_value(const nave_cli_option *o, const char *text, nave_cli_args *args, nave_text *why)
{
    void *slot = (char *)args + o->offset;
    double number;
    uint64_t integer;
    uint32_t word;
    int index, err;
    switch (o->kind) {
    case NAVE_CLI_FLAG:
        memcpy(slot, &o->set, sizeof o->set);
        return NAVE_OK;
    case NAVE_CLI_TEXT:
    case NAVE_CLI_FILE:
    case NAVE_CLI_DEVICE:
        if (!*text && o->kind != NAVE_CLI_DEVICE) {
            snprintf(why->text, sizeof why->text, "the value is empty: give %s.", o->value);
            return NAVE_E_ARG;
        }
        memcpy(slot, &text, sizeof text);
        return NAVE_OK;
    case NAVE_CLI_TIME:
    case NAVE_CLI_DB:
        err = read_double(o, text, &number, why);
        if (!err)
            memcpy(slot, &number, sizeof number);
        return err;
    case NAVE_CLI_RATE:
        err = read_double(o, text, &number, why);
        if (err)
            return err;
        if (fabs(number - rint(number)) > 1e-6) {
            snprintf(why->text, sizeof why->text, "'%.80s' is not a whole number of Hz.", text);
            return NAVE_E_ARG;
        }
        word = (uint32_t)rint(number);
        memcpy(slot, &word, sizeof word);
        return NAVE_OK;
    case NAVE_CLI_COUNT:
        err = read_integer(text, &integer, why);
        if (err)
            return err;
        if ((double)integer < o->low || (double)integer > o->high)
            return out_of_range(why, text, o->low, o->high, "");
        word = (uint32_t)integer;
        memcpy(slot, &word, sizeof word);
        return NAVE_OK;
    case NAVE_CLI_SEED:
        err = read_integer(text, &integer, why);
        if (!err)
            memcpy(slot, &integer, sizeof integer);
        return err;
    case NAVE_CLI_CHOICE:
        err = read_choice(o->choices, text, &index, why);
        if (!err)
            memcpy(slot, &index, sizeof index);
        return err;
    }
    return NAVE_E_ARG;
}

int nave_cli_distance(const char *typed, const char *candidate)
{
    int row[64];
    size_t a = strlen(typed), b = strlen(candidate);
    if (a >= 64 || b >= 64)
        return -1;
    for (size_t j = 0; j <= b; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b; j++) {
            int best = diagonal + (typed[i - 1] != candidate[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b] * 3 <= (int)(a > b ? a : b) ? row[b] : -1;
}
