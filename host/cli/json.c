/* JSON written as it comes; numbers stay numbers, what JSON can't say becomes null.
 * SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli.h"

int nave_cli_utf8_length(const unsigned char *p)
{
    int n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 1;
    if (n == 1)
        return p[0] < 0x80;
    uint32_t code = p[0] & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] > 0xf4 || code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    return n;
}

static void put_string(FILE *f, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    putc('"', f);
    while (*p) {
        int n = nave_cli_utf8_length(p);
        if (n == 0) {
            fputs("\\ufffd", f);
            p++;
        } else if (*p == '"' || *p == '\\') {
            putc('\\', f);
            putc(*p++, f);
        } else if (*p < 0x20 || *p == 0x7f) {
            fprintf(f, "\\u%04x", *p++);
        } else {
            fwrite(p, 1, (size_t)n, f);
            p += n;
        }
    }
    putc('"', f);
}

static void begin_element(nave_json *j, const char *key)
{
    if (j->depth > 0) {
        fprintf(j->f, "%s\n%*s", j->filled[j->depth] ? "," : "", 2 * j->depth, "");
        j->filled[j->depth] = 1;
    }
    if (key) {
        put_string(j->f, key);
        fputs(": ", j->f);
    }
}

static void begin_container(nave_json *j, const char *key, char mark)
{
    begin_element(j, key);
    putc(mark, j->f);
    j->depth++;
    j->filled[j->depth] = 0;
}

static void end_container(nave_json *j, char mark)
{
    int filled = j->filled[j->depth--];
    if (filled)
        fprintf(j->f, "\n%*s", 2 * j->depth, "");
    putc(mark, j->f);
}

void nave_json_object(nave_json *j, const char *key)
{
    begin_container(j, key, '{');
}

void nave_json_end_object(nave_json *j)
{
    end_container(j, '}');
}

void nave_json_array(nave_json *j, const char *key)
{
    begin_container(j, key, '[');
}

void nave_json_end_array(nave_json *j)
{
    end_container(j, ']');
}

void nave_json_string(nave_json *j, const char *key, const char *value)
{
    begin_element(j, key);
    if (value)
        put_string(j->f, value);
    else
        fputs("null", j->f);
}

void nave_json_number(nave_json *j, const char *key, double value)
{
    begin_element(j, key);
    if (isfinite(value))
        fprintf(j->f, "%.12g", value);
    else
        fputs("null", j->f);
}

void nave_json_integer(nave_json *j, const char *key, uint64_t value)
{
    begin_element(j, key);
    fprintf(j->f, "%" PRIu64, value);
}

void nave_json_boolean(nave_json *j, const char *key, int value)
{
    begin_element(j, key);
    fputs(value ? "true" : "false", j->f);
}

void nave_json_open(nave_json *j, const char *command)
{
    memset(j, 0, sizeof *j);
    j->f = stdout;
    nave_json_object(j, NULL);
    nave_json_string(j, "command", command);
    nave_json_string(j, "nave", nave_version());
}

void nave_json_close(nave_json *j)
{
    nave_json_end_object(j);
    putc('\n', j->f);
}

void nave_json_error(nave_json *j, int err, const nave_text *why)
{
    nave_json_object(j, "error");
    begin_element(j, "code");
    fprintf(j->f, "%d", err);
    nave_json_string(j, "name", nave_strerror(err));
    nave_json_string(j, "text", nave_cli_reason(err, why));
    nave_json_end_object(j);
}

void nave_json_device(nave_json *j, const char *key, const nave_device_info *info)
{
    nave_json_object(j, key);
    nave_json_string(j, "device", info->spec);
    nave_json_string(j, "name", info->name);
    nave_json_string(j, "serial", info->serial);
    nave_json_string(j, "isa", info->isa);
    nave_json_integer(j, "protocol_version", info->protocol_version);
    nave_json_integer(j, "card_version", info->card_version);
    nave_json_string(j, "board", info->limits.board);
    nave_json_integer(j, "ram_bytes", info->limits.ram_bytes);
    nave_json_integer(j, "clock_hz", info->limits.clock_hz);
    nave_json_integer(j, "lanes", info->limits.lanes);
    nave_json_integer(j, "max_partition_frames", info->limits.max_partition_frames);
    nave_json_integer(j, "ram_bytes_per_second", info->limits.ram_bytes_per_second);
    nave_json_integer(j, "usb_bytes_per_second", info->limits.usb_bytes_per_second);
    nave_json_integer(j, "contexts", info->limits.contexts);
    nave_json_integer(j, "max_plan_words", info->limits.max_plan_words);
    nave_json_end_object(j);
}
