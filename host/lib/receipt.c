/* Receipts: what a render was made of and what came out, as text that a person can read and a program can repeat. One
 * table of keys serves both ways, so that what is written can be read.
 * SPDX-License-Identifier: ISC */
#include "receipt.h"
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "nave receipt 1"
#define FIRST_LINE_CHAIN "nave chain receipt 1"
#define FIRST_WORDS "nave receipt "
#define MAX_LINES 1024

typedef enum kind { TEXT, HASH, U32, U64, REAL, CHOICE } kind;

typedef struct key {
    const char *name;
    kind kind;
    size_t offset, bytes;
    const char *choices; /* names of the values 0, 1, .. divided by blanks; '-' is a value that may not appear */
    double low, high;    /* of REAL; infinite ends allow infinity */
    enum { EVERY, PLAIN_ONLY, CHAIN_ONLY } of; /* kinds of receipts that have it */
} key;

#define AT(member) offsetof(nave_receipt, member), sizeof(((nave_receipt *)0)->member)
#define SETTING(member) AT(settings.member)
#define ANY_LEVEL -INFINITY, INFINITY

static const key keys[] = {
    {"library", TEXT, AT(library), NULL, 0, 0, EVERY},
    {"protocol", U32, AT(protocol), NULL, 0, 0, EVERY},
    {"profile", TEXT, AT(profile), NULL, 0, 0, EVERY},
    {"input", TEXT, AT(input_path), NULL, 0, 0, EVERY},
    {"input-sha256", HASH, AT(input_hash), NULL, 0, 0, EVERY},
    {"input-channels", U32, AT(channels_in), NULL, 0, 0, EVERY},
    {"input-frames", U64, AT(frames_in), NULL, 0, 0, EVERY},
    {"rate-hz", U32, AT(rate_hz), NULL, 0, 0, EVERY},
    {"response", TEXT, AT(ir_path), NULL, 0, 0, PLAIN_ONLY},
    {"response-sha256", HASH, AT(ir_hash), NULL, 0, 0, PLAIN_ONLY},
    {"response-layout", CHOICE, SETTING(ir.layout), "auto diagonal true-stereo", 0, 0, PLAIN_ONLY},
    {"response-normalise", CHOICE, SETTING(ir.normalise), "none peak energy gain", 0, 0, PLAIN_ONLY},
    {"response-gain-db", REAL, SETTING(ir.gain_db), NULL, -120, 60, PLAIN_ONLY},
    {"response-predelay-s", REAL, SETTING(ir.predelay_s), NULL, 0, 10, PLAIN_ONLY},
    {"response-trim-start-s", REAL, SETTING(ir.trim_start_s), NULL, 0, 3600, PLAIN_ONLY},
    {"response-length-s", REAL, SETTING(ir.length_s), NULL, 0, 3600, PLAIN_ONLY},
    {"response-trim-below-db", REAL, SETTING(ir.trim_below_db), NULL, -200, 0, PLAIN_ONLY},
    {"response-fade-in-s", REAL, SETTING(ir.fade_in_s), NULL, 0, 3600, PLAIN_ONLY},
    {"response-fade-out-s", REAL, SETTING(ir.fade_out_s), NULL, 0, 3600, PLAIN_ONLY},
    {"response-reverse", CHOICE, SETTING(ir.reverse), "no yes", 0, 0, PLAIN_ONLY},
    {"plan-sha256", HASH, AT(plan_hash), NULL, 0, 0, EVERY},
    {"plan-mode", CHOICE, SETTING(plan.mode), "offline live", 0, 0, EVERY},
    {"plan-tick-frames", U32, SETTING(plan.tick_frames), NULL, 0, 0, EVERY},
    {"plan-min-partition-frames", U32, SETTING(plan.min_partition_frames), NULL, 0, 0, EVERY},
    {"plan-max-partition-frames", U32, SETTING(plan.max_partition_frames), NULL, 0, 0, EVERY},
    {"plan-batch", U32, SETTING(plan.batch), NULL, 0, 0, EVERY},
    {"chosen-min-partition-frames", U32, AT(chosen_min_partition), NULL, 0, 0, PLAIN_ONLY},
    {"chosen-max-partition-frames", U32, AT(chosen_max_partition), NULL, 0, 0, PLAIN_ONLY},
    {"chosen-batch", U32, AT(chosen_batch), NULL, 0, 0, PLAIN_ONLY},
    {"chosen-tiers", TEXT, AT(chosen_tiers), NULL, 0, 0, PLAIN_ONLY},
    {"wet-db", REAL, SETTING(wet_db), NULL, -INFINITY, 18, PLAIN_ONLY},
    {"dry-db", REAL, SETTING(dry_db), NULL, -INFINITY, 18, PLAIN_ONLY},
    {"tail", CHOICE, SETTING(tail), "no yes", 0, 0, EVERY},
    {"output", TEXT, AT(output_path), NULL, 0, 0, EVERY},
    {"output-sha256", HASH, AT(output_hash), NULL, 0, 0, EVERY},
    {"output-channels", U32, AT(channels_out), NULL, 0, 0, EVERY},
    {"output-frames", U64, AT(frames_out), NULL, 0, 0, EVERY},
    {"format", CHOICE, SETTING(format), "- pcm16 pcm24 pcm32 float", 0, 0, EVERY},
    {"dither", CHOICE, SETTING(dither), "no yes", 0, 0, EVERY},
    {"dither-seed", U64, SETTING(seed), NULL, 0, 0, EVERY},
    {"peak-dbfs", REAL, AT(peak_dbfs), NULL, ANY_LEVEL, EVERY},
    {"true-peak-dbtp", REAL, AT(true_peak_dbtp), NULL, ANY_LEVEL, EVERY},
    {"loudness-lufs", REAL, AT(loudness_lufs), NULL, ANY_LEVEL, EVERY},
    {"error-rms-dbfs", REAL, AT(error_rms_dbfs), NULL, ANY_LEVEL, PLAIN_ONLY},
    {"clipped-samples", U64, AT(clipped_samples), NULL, 0, 0, EVERY},
    {"chain", TEXT, AT(chain_path), NULL, 0, 0, CHAIN_ONLY},
    {"chain-sha256", HASH, AT(chain_hash), NULL, 0, 0, CHAIN_ONLY},
    {"chain-text", TEXT, AT(chain_text), NULL, 0, 0, CHAIN_ONLY},
    {"side-chain", TEXT, AT(side_path), NULL, 0, 0, CHAIN_ONLY},
    {"side-chain-sha256", HASH, AT(side_hash), NULL, 0, 0, CHAIN_ONLY},
    {"plan-board", TEXT, AT(plan_board), NULL, 0, 0, CHAIN_ONLY},
};
#define KEYS (sizeof keys / sizeof keys[0])

static int has_key(const nave_receipt *r, const key *k)
{
    return k->of == EVERY || (k->of == CHAIN_ONLY) == (r->of_chain != 0);
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

/* A path may hold any byte; one that would break the line is written as \xHH. */
static void put_text(FILE *f, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < 32 || *p == 127 || *p == '\\' || (*p == ' ' && (p == (const unsigned char *)text || !p[1])))
            fprintf(f, "\\x%02x", *p);
        else
            fputc(*p, f);
}

/* The shortest of 15 to 17 digits that reads back as the same double. */
static void put_real(FILE *f, double v)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    fputs(text, f);
}

static int choice_count(const char *choices)
{
    int count = 1;
    for (; *choices; choices++)
        count += *choices == ' ';
    return count;
}

static const char *choice_at(const char *choices, int value, int *length)
{
    for (; value > 0 && choices; value--) {
        choices = strchr(choices, ' ');
        choices = choices ? choices + 1 : NULL;
    }
    *length = choices ? (int)strcspn(choices, " ") : 0;
    return choices;
}

static int put_value(FILE *f, const key *k, const nave_receipt *r)
{
    const void *at = (const char *)r + k->offset;
    int value, length;
    switch (k->kind) {
    case TEXT:
        put_text(f, at);
        return 1;
    case HASH:
        fputs(at, f);
        return 1;
    case U32:
        fprintf(f, "%" PRIu32, *(const uint32_t *)at);
        return 1;
    case U64:
        fprintf(f, "%" PRIu64, *(const uint64_t *)at);
        return 1;
    case REAL:
        put_real(f, *(const double *)at);
        return !isnan(*(const double *)at);
    default:
        memcpy(&value, at, sizeof value); /* int or an enum, which are of one size */
        if (value < 0 || value >= choice_count(k->choices))
            return 0;
        const char *name = choice_at(k->choices, value, &length);
        if (!name)
            return 0;
        fprintf(f, "%.*s", length, name);
        return name[0] != '-';
    }
}

int nave_receipt_format(const nave_receipt *r, char **text, size_t *bytes, nave_text *why)
{
    *text = NULL;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    FILE *f = open_memstream(text, bytes);
    if (!c || !f) {
        if (c)
            freelocale(c);
        if (f)
            fclose(f);
        free(*text);
        *text = NULL;
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while writing a receipt");
    }
    /* The decimal point must not depend on the country of the program that uses the library. */
    locale_t before = uselocale(c);
    int good = 1;
    fputs(r->of_chain ? FIRST_LINE_CHAIN "\n" : FIRST_LINE "\n", f);
    for (size_t i = 0; i < KEYS; i++) {
        if (!has_key(r, &keys[i]))
            continue;
        fprintf(f, "%s: ", keys[i].name);
        good &= put_value(f, &keys[i], r);
        fputc('\n', f);
    }
    uselocale(before);
    freelocale(c);
    if (fclose(f) != 0 || !good) {
        free(*text);
        *text = NULL;
        return nave_fail(why, NAVE_E_ARG, "a receipt cannot hold a value that is not a number or not a choice");
    }
    return NAVE_OK;
}

int nave_receipt_write(const nave_receipt *r, const char *path, int overwrite, char **temp_path, char **final_path,
                       nave_text *why)
{
    char *text;
    size_t bytes;
    int fd;
    int err = nave_receipt_format(r, &text, &bytes, why);
    if (err)
        return err;
    err = nave_temp_create(path, overwrite, &fd, temp_path, final_path, why);
    if (err) {
        free(text);
        return err;
    }
    size_t done = 0;
    while (done < bytes) {
        const ssize_t n = write(fd, text + done, bytes - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    free(text);
    if (close(fd) != 0 || done < bytes) {
        err = nave_fail(why, NAVE_E_IO, "cannot write '%s': %s", path, strerror(errno));
        unlink(*temp_path);
        free(*temp_path);
        free(*final_path);
        *temp_path = *final_path = NULL;
    }
    return err;
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int get_text(const char *v, char *out, size_t cap)
{
    size_t n = 0;
    for (; *v; v++) {
        int c = (unsigned char)*v;
        if (c < 32 || c == 127)
            return 0;
        if (c == '\\') {
            if (v[1] != 'x' || hex_digit(v[2]) < 0 || hex_digit(v[3]) < 0)
                return 0;
            c = hex_digit(v[2]) * 16 + hex_digit(v[3]);
            v += 3;
        }
        if (c == 0 || n + 1 >= cap)
            return 0;
        out[n++] = (char)c;
    }
    out[n] = 0;
    return n > 0;
}

static int get_hash(const char *v, char *out)
{
    size_t n = 0;
    while (n < 64 && hex_digit(v[n]) >= 0)
        n++;
    if (n != 64 || v[64])
        return 0;
    memcpy(out, v, 65);
    return 1;
}

static int get_unsigned(const char *v, uint64_t most, uint64_t *out)
{
    uint64_t n = 0;
    if (!*v)
        return 0;
    for (; *v; v++) {
        const unsigned digit = (unsigned)(*v - '0');
        if (digit > 9 || n > (most - digit) / 10)
            return 0;
        n = n * 10 + digit;
    }
    *out = n;
    return 1;
}

static int get_real(const char *v, const key *k, locale_t c, double *out)
{
    char *end;
    if (*v == ' ' || *v == '+')
        return 0;
    const double x = strtod_l(v, &end, c);
    if (end == v || *end || !(x >= k->low && x <= k->high))
        return 0;
    *out = x;
    return 1;
}

static int get_choice(const char *v, const char *choices, int *out)
{
    for (int i = 0; i < choice_count(choices); i++) {
        int length;
        const char *name = choice_at(choices, i, &length);
        if (name[0] != '-' && strlen(v) == (size_t)length && memcmp(v, name, (size_t)length) == 0) {
            *out = i;
            return 1;
        }
    }
    return 0;
}

static int get_value(const key *k, const char *v, locale_t c, nave_receipt *r)
{
    void *at = (char *)r + k->offset;
    uint64_t n;
    int choice;
    switch (k->kind) {
    case TEXT:
        return get_text(v, at, k->bytes);
    case HASH:
        return get_hash(v, at);
    case U32:
        if (!get_unsigned(v, UINT32_MAX, &n))
            return 0;
        *(uint32_t *)at = (uint32_t)n;
        return 1;
    case U64:
        return get_unsigned(v, UINT64_MAX, at);
    case REAL:
        return get_real(v, k, c, at);
    default:
        if (!get_choice(v, k->choices, &choice))
            return 0;
        memcpy(at, &choice, sizeof choice);
        return 1;
    }
}

static int get_line(nave_receipt *out, const char *name, unsigned number, char *line, uint8_t *seen, locale_t c,
                    nave_text *why)
{
    char *colon = strstr(line, ": ");
    if (!colon)
        return nave_fail(why, NAVE_E_FORMAT, "%s:%u: not a line of the form 'key: value'", name, number);
    *colon = 0;
    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].name, line) != 0 || !has_key(out, &keys[i]))
            continue;
        if (seen[i]++)
            return nave_fail(why, NAVE_E_FORMAT, "%s:%u: '%s' is there twice", name, number, line);
        if (!get_value(&keys[i], colon + 2, c, out))
            return nave_fail(why, NAVE_E_FORMAT, "%s:%u: '%s' cannot have the value '%.60s'", name, number, line,
                             colon + 2);
        return NAVE_OK;
    }
    return nave_fail(why, NAVE_E_FORMAT, "%s:%u: a receipt of version 1 has no '%.60s'", name, number, line);
}

/* Values that no writer of this version can have produced. */
static int check_shape(const nave_receipt *r, const char *name, nave_text *why)
{
    if (r->channels_in < 1 || r->channels_in > NAVE_MAX_CHANNELS || r->channels_out < 1 ||
        r->channels_out > NAVE_MAX_CHANNELS || r->rate_hz < NAVE_MIN_RATE_HZ || r->rate_hz > NAVE_MAX_RATE_HZ ||
        r->frames_in > (uint64_t)1 << 48 || r->frames_out > (uint64_t)1 << 48)
        return nave_fail(why, NAVE_E_FORMAT, "%s: channels, rate or frames are outside of what nave renders", name);
    return NAVE_OK;
}

static int parse_lines(nave_receipt *out, const char *name, char *text, nave_text *why)
{
    uint8_t seen[KEYS] = {0};
    unsigned number = 1;
    int err = NAVE_OK;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", name);
    while (text && !err) {
        char *next = strchr(text, '\n');
        if (next)
            *next++ = 0;
        const size_t length = strlen(text);
        if (length && text[length - 1] == '\r')
            text[length - 1] = 0;
        if (number == 1)
            out->of_chain = strcmp(text, FIRST_LINE_CHAIN) == 0;
        if (number == 1 && !out->of_chain && strcmp(text, FIRST_LINE) != 0)
            err = strncmp(text, FIRST_WORDS, strlen(FIRST_WORDS)) == 0
                      ? nave_fail(why, NAVE_E_VERSION,
                                  "%s is of version '%.20s', this library reads version 1: use a newer nave", name,
                                  text + strlen(FIRST_WORDS))
                      : nave_fail(why, NAVE_E_FORMAT, "%s:1: not a receipt, which begins with '%s'", name, FIRST_LINE);
        else if (number > 1 && *text && *text != '#')
            err = get_line(out, name, number, text, seen, c, why);
        text = next;
        number++;
        if (number > MAX_LINES && !err)
            err = nave_fail(why, NAVE_E_FORMAT, "%s has more than %d lines: not a receipt", name, MAX_LINES);
    }
    freelocale(c);
    for (size_t i = 0; i < KEYS && !err; i++)
        if (!seen[i] && has_key(out, &keys[i]))
            err = nave_fail(why, NAVE_E_FORMAT, "%s: the line '%s: ...' is missing", name, keys[i].name);
    return err ? err : check_shape(out, name, why);
}

int nave_receipt_parse(nave_receipt *out, const char *name, const char *text, size_t bytes, nave_text *why)
{
    memset(out, 0, sizeof *out);
    if (bytes > NAVE_RECEIPT_MAX_BYTES || memchr(text, 0, bytes))
        return nave_fail(why, NAVE_E_FORMAT, "%s is not a receipt: it is too long or not text", name);
    char *copy = malloc(bytes + 1);
    if (!copy)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", name);
    memcpy(copy, text, bytes);
    copy[bytes] = 0;
    const int err = parse_lines(out, name, copy, why);
    free(copy);
    return err;
}

int nave_receipt_read(nave_receipt *out, const char *path, nave_text *why)
{
    char text[NAVE_RECEIPT_MAX_BYTES + 1];
    uint64_t bytes;
    size_t have = 0;
    int fd;
    int err = nave_open_regular(path, &fd, &bytes, why);
    if (err)
        return err;
    while (have < sizeof text) {
        const ssize_t n = read(fd, text + have, sizeof text - have);
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    close(fd);
    return nave_receipt_parse(out, path, text, have, why);
}
