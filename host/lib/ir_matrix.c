/* N x M responses from a small text file: one line a path, `input output file[:channel] [gain_db]`.
 * SPDX-License-Identifier: ISC */
#include "audio_file.h"
#include "ir.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_TEXT_BYTES 262144
#define SNIFF_BYTES 4096
#define READ_WORDS 16384

typedef struct entry {
    uint32_t input, output, channel; /* from 0; channel UINT32_MAX: not given */
    double gain_db;
    char *file; /* as it is opened */
    uint32_t line;
} entry;

typedef struct matrix {
    const char *path;
    uint32_t count;
    entry entries[NAVE_IR_MAX_PATHS];
} matrix;

typedef struct cursor {
    const char *path, *at, *line_start;
    uint32_t line;
    locale_t c_locale;
} cursor;

static int is_text(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if ((c < 32 && c != '\n' && c != '\r' && c != '\t') || c == 127)
            return 0;
    }
    return 1;
}

int nave_ir_is_matrix(const char *path)
{
    char head[SNIFF_BYTES];
    uint64_t bytes;
    int fd;
    if (nave_open_regular(path, &fd, &bytes, NULL))
        return 0;
    const ssize_t n = read(fd, head, sizeof head);
    close(fd);
    return n > 0 && is_text(head, (size_t)n);
}

static int fault(const cursor *c, const char *at, nave_text *why, const char *what)
{
    return nave_fail(why, NAVE_E_FORMAT, "%s:%u:%d: %s (a line is: input output file[:channel] [gain_db])", c->path,
                     c->line, (int)(at - c->line_start) + 1, what);
}

static void skip_blanks(cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t' || *c->at == '\r')
        c->at++;
}

static int at_end_of_line(const cursor *c)
{
    return *c->at == '\n' || *c->at == 0 || *c->at == '#';
}

static int parse_port(cursor *c, const char *what, uint32_t *out, nave_text *why)
{
    uint32_t value = 0;
    skip_blanks(c);
    const char *start = c->at;
    while (*c->at >= '0' && *c->at <= '9' && value < 10000)
        value = value * 10 + (uint32_t)(*c->at++ - '0');
    const int ends = strchr(" \t\r\n", *c->at) != NULL; /* the end of the text too */
    if (c->at == start || !ends || value < 1 || value > NAVE_MAX_CHANNELS)
        return fault(c, start, why, what);
    *out = value - 1;
    return NAVE_OK;
}

/* The file's name relative to the matrix file's folder, and its channel. */
static int parse_file(cursor *c, entry *e, nave_text *why)
{
    skip_blanks(c);
    const char *start = c->at, *name = c->at;
    size_t length;
    if (*c->at == '"') {
        name = ++c->at;
        while (*c->at && *c->at != '"' && *c->at != '\n')
            c->at++;
        if (*c->at != '"')
            return fault(c, start, why, "the name's closing quote is missing");
        length = (size_t)(c->at++ - name);
    } else {
        while (*c->at && !strchr(" \t\r\n", *c->at))
            c->at++;
        length = (size_t)(c->at - name);
        /* A colon belongs to the name unless only digits follow. */
        size_t digits = 0;
        while (digits < length && name[length - 1 - digits] >= '0' && name[length - 1 - digits] <= '9')
            digits++;
        if (digits > 0 && digits < length && name[length - 1 - digits] == ':') {
            c->at -= digits + 1;
            length -= digits + 1;
        }
    }
    if (length == 0)
        return fault(c, start, why, "the file's name is missing");
    e->channel = UINT32_MAX;
    if (*c->at == ':') {
        uint32_t value = 0;
        start = ++c->at;
        while (*c->at >= '0' && *c->at <= '9' && value < 100000)
            value = value * 10 + (uint32_t)(*c->at++ - '0');
        if (value < 1 || value > 1024)
            return fault(c, start, why, "the channel must be a number from 1");
        e->channel = value - 1;
    }
    if (!strchr(" \t\r\n", *c->at))
        return fault(c, c->at, why, "a blank must follow the file");
    const char *slash = name[0] == '/' ? NULL : strrchr(c->path, '/');
    const size_t folder = slash ? (size_t)(slash - c->path) + 1 : 0;
    if (folder + length >= PATH_MAX)
        return fault(c, start, why, "the file's name is too long");
    e->file = malloc(folder + length + 1);
    if (!e->file)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", c->path);
    memcpy(e->file, c->path, folder);
    memcpy(e->file + folder, name, length);
    e->file[folder + length] = 0;
    return NAVE_OK;
}

static int parse_gain(cursor *c, entry *e, nave_text *why)
{
    skip_blanks(c);
    if (at_end_of_line(c))
        return NAVE_OK;
    char *end;
    const char *start = c->at;
    e->gain_db = strtod_l(start, &end, c->c_locale);
    if (end == start || !strchr(" \t\r\n", *end) || !(e->gain_db >= -120 && e->gain_db <= 60))
        return fault(c, start, why, "the gain must be a number of dB from -120 to 60");
    c->at = end;
    skip_blanks(c);
    return at_end_of_line(c) ? NAVE_OK : fault(c, c->at, why, "nothing but a comment may follow the gain");
}

static int parse_entry(cursor *c, matrix *m, nave_text *why)
{
    if (m->count == NAVE_IR_MAX_PATHS)
        return fault(c, c->at, why, "more paths than pairs of inputs and outputs");
    entry *e = &m->entries[m->count];
    *e = (entry){.line = c->line};
    const char *start = c->at;
    int err = parse_port(c, "the input must be a number from 1 to 16", &e->input, why);
    if (!err)
        err = parse_port(c, "the output must be a number from 1 to 16", &e->output, why);
    if (!err)
        err = parse_file(c, e, why);
    if (err)
        return err;
    m->count++; /* from here on the entry's name is freed with the matrix */
    err = parse_gain(c, e, why);
    for (uint32_t i = 0; i + 1 < m->count && !err; i++)
        if (m->entries[i].input == e->input && m->entries[i].output == e->output)
            err = fault(c, start, why, "this input and output have a path already");
    return err;
}

static int parse_text(const char *text, matrix *m, nave_text *why)
{
    cursor c = {.path = m->path, .at = text, .line_start = text, .line = 1};
    int err = NAVE_OK;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark, which some editors put first */
        c.at = c.line_start = text + 3;
    c.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c.c_locale)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", m->path);
    while (*c.at && !err) {
        skip_blanks(&c);
        if (!at_end_of_line(&c))
            err = parse_entry(&c, m, why);
        if (err)
            break;
        while (*c.at && *c.at != '\n')
            c.at++;
        if (*c.at == '\n')
            c.line_start = ++c.at;
        c.line++;
    }
    freelocale(c.c_locale);
    if (!err && m->count == 0)
        err = nave_fail(why, NAVE_E_FORMAT,
                        "'%s' is text but names no path: write lines like '1 1 hall.wav:1', or give an audio file",
                        m->path);
    return err;
}

static int read_text(const char *path, char **text, nave_text *why)
{
    uint64_t bytes;
    int fd;
    int err = nave_open_regular(path, &fd, &bytes, why);
    if (err)
        return err;
    if (bytes > MAX_TEXT_BYTES) {
        err = nave_fail(why, NAVE_E_FORMAT, "'%s' is text of more than %d bytes: this is no matrix file", path,
                        MAX_TEXT_BYTES);
        goto out_close_file;
    }
    *text = malloc((size_t)bytes + 1);
    if (!*text) {
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", path);
        goto out_close_file;
    }
    size_t have = 0;
    while (have < bytes) {
        const ssize_t n = read(fd, *text + have, (size_t)bytes - have);
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    (*text)[have] = 0;
    if (!is_text(*text, have))
        err = nave_fail(why, NAVE_E_FORMAT, "'%s' begins as text but is not text: give a matrix file or audio", path);
out_close_file:
    close(fd);
    return err;
}

/* Reads a file once and deals its channels to all the paths that want them. */
static int deal_channels(nave_ir *ir, const matrix *m, const char *file, nave_text *why)
{
    nave_audio_reader *reader;
    size_t got;
    int err = nave_audio_reader_open(&reader, file, why);
    if (err)
        return err;
    const uint32_t channels = nave_audio_reader_info(reader)->channels;
    const size_t block_frames = READ_WORDS / channels;
    double *block = malloc(READ_WORDS * sizeof *block);
    if (!block)
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", file);
    for (uint64_t at = 0; !err && at < ir->frames; at += got) {
        const uint64_t left = ir->frames - at;
        err = nave_audio_reader_read_f64(reader, block, left < block_frames ? (size_t)left : block_frames, &got, why);
        if (err || got == 0)
            break;
        for (uint32_t p = 0; p < m->count; p++) {
            const entry *e = &m->entries[p];
            if (strcmp(e->file, file) != 0)
                continue;
            const double gain = pow(10, e->gain_db / 20);
            const uint32_t channel = e->channel == UINT32_MAX ? 0 : e->channel;
            for (size_t i = 0; i < got; i++)
                ir->samples[p][at + i] = block[i * channels + channel] * gain;
        }
    }
    free(block);
    nave_audio_reader_close(reader);
    return err;
}

static int is_first_of_file(const matrix *m, uint32_t p)
{
    for (uint32_t i = 0; i < p; i++)
        if (strcmp(m->entries[i].file, m->entries[p].file) == 0)
            return 0;
    return 1;
}

/* Length and rate of the whole before anything is allocated. */
static int survey(const matrix *m, uint64_t *frames, uint32_t *rate_hz, nave_text *why)
{
    *frames = 0;
    *rate_hz = 0;
    for (uint32_t p = 0; p < m->count; p++) {
        if (!is_first_of_file(m, p))
            continue;
        const char *file = m->entries[p].file;
        nave_audio_reader *reader;
        int err = nave_audio_reader_open(&reader, file, why);
        if (err)
            return err;
        const nave_audio_info info = *nave_audio_reader_info(reader);
        nave_audio_reader_close(reader);
        for (uint32_t i = p; i < m->count; i++) {
            const entry *e = &m->entries[i];
            if (strcmp(e->file, file) != 0)
                continue;
            if (e->channel == UINT32_MAX && info.channels > 1)
                return nave_fail(why, NAVE_E_CHANNELS,
                                 "%s:%u: '%s' has %u channels: say which, such as :1 after its name", m->path, e->line,
                                 file, info.channels);
            if (e->channel != UINT32_MAX && e->channel >= info.channels)
                return nave_fail(why, NAVE_E_CHANNELS, "%s:%u: channel %u is not in '%s', which has %u", m->path,
                                 e->line, e->channel + 1, file, info.channels);
        }
        if (*rate_hz && info.rate_hz != *rate_hz)
            return nave_fail(why, NAVE_E_RATE,
                             "%s:%u: '%s' has %u Hz, the files before it have %u Hz: convert them to one rate", m->path,
                             m->entries[p].line, file, info.rate_hz, *rate_hz);
        *rate_hz = info.rate_hz;
        err = nave_ir_check_size(m->count, info.frames, file, why);
        if (err)
            return err;
        *frames = info.frames > *frames ? info.frames : *frames;
    }
    return NAVE_OK;
}

int nave_ir_load_matrix(nave_ir **out, const char *path, nave_text *why)
{
    char *text = NULL;
    uint64_t frames = 0;
    uint32_t rate_hz = 0;
    nave_ir *ir = NULL;

    *out = NULL;
    matrix *m = calloc(1, sizeof *m);
    if (!m)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while reading '%s'", path);
    m->path = path;
    int err = read_text(path, &text, why);
    if (!err)
        err = parse_text(text, m, why);
    if (!err)
        err = survey(m, &frames, &rate_hz, why);
    if (!err)
        err = nave_ir_new(&ir, m->count, frames, why);
    for (uint32_t p = 0; p < m->count && !err; p++) {
        ir->input[p] = m->entries[p].input;
        ir->output[p] = m->entries[p].output;
        if (is_first_of_file(m, p))
            err = deal_channels(ir, m, m->entries[p].file, why);
    }
    if (err) {
        nave_ir_free(ir);
    } else {
        ir->rate_hz = ir->source_rate_hz = rate_hz;
        *out = ir;
    }
    for (uint32_t p = 0; p < m->count; p++)
        free(m->entries[p].file);
    free(text);
    free(m);
    return err;
}
