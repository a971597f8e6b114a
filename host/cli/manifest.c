/* Reads and checks the manifest beside a board's bitstreams (manifest.h).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <jansson.h>
#include <nettle/sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

static int __attribute__((format(printf, 3, 4))) say(nave_text *why, int err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return err;
}

/* 0: there is no such text, or it is too long */
static int text(const json_t *object, const char *key, char *out, size_t room)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (!value || strlen(value) >= room)
        return 0;
    strcpy(out, value);
    return 1;
}

static int number(const json_t *object, const char *key, uint32_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > UINT32_MAX)
        return 0;
    *out = (uint32_t)json_integer_value(value);
    return 1;
}

/* Every clock that is asked for was reached. */
static int clocks_close(const json_t *root)
{
    const char *name;
    json_t *required, *wanted = json_object_get(root, "required_mhz"), *reached = json_object_get(root, "fmax_mhz");
    if (!json_object_size(wanted) || !json_is_object(reached))
        return 0;
    json_object_foreach(wanted, name, required)
    {
        const json_t *fmax = json_object_get(reached, name);
        if (!json_is_number(required) || !json_is_number(fmax) || json_number_value(fmax) < json_number_value(required))
            return 0;
    }
    return 1;
}

static int read_files(nave_manifest *m, const json_t *root)
{
    const char *name;
    json_t *file, *files = json_object_get(root, "files");
    char id[16];
    json_object_foreach(files, name, file)
    {
        nave_manifest_file *f = &m->file[m->files];
        /* a name is of this folder */
        if (m->files == NAVE_MANIFEST_FILES || strlen(name) >= sizeof f->name || strchr(name, '/') ||
            !text(file, "part", f->part, sizeof f->part) || !text(file, "sha256", f->sha256, sizeof f->sha256) ||
            strlen(f->sha256) != 64 || !text(file, "idcode", id, sizeof id))
            return 0;
        strcpy(f->name, name);
        f->idcode = (uint32_t)strtoul(id, NULL, 16);
        m->files++;
    }
    return m->files > 0;
}

int nave_manifest_read(nave_manifest *m, const char *folder, const char *board, nave_text *why)
{
    char path[4200];
    json_error_t fault;
    memset(m, 0, sizeof *m);
    if ((size_t)snprintf(m->folder, sizeof m->folder, "%s/%s", folder, board) >= sizeof m->folder)
        return say(why, NAVE_E_ARG, "the folder's name is too long: %.60s...", folder);
    snprintf(path, sizeof path, "%s/manifest.json", m->folder);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
    if (!root)
        return say(why, NAVE_E_IO, "%s can't be read (%s, line %d): name the folder with --bitstreams.", path,
                   fault.text, fault.line);
    int err = NAVE_OK;
    if (!text(root, "board", m->board, sizeof m->board) || !text(root, "usb_port", m->usb_port, sizeof m->usb_port) ||
        !number(root, "protocol", &m->protocol) || !number(root, "lanes", &m->lanes) ||
        !number(root, "clock_hz", &m->clock_hz) || !read_files(m, root))
        err = say(why, NAVE_E_FORMAT, "%s lacks a part of a manifest: take it and its bitstream from a release again.",
                  path);
    else if (strcmp(m->board, board))
        err = say(why, NAVE_E_FORMAT, "%s is that of %s, not of %s.", path, m->board, board);
    m->closes = clocks_close(root);
    if (json_object_get(root, "behind") && !text(root, "behind", m->behind, sizeof m->behind))
        strcpy(m->behind, "?");
    json_decref(root);
    return err;
}

int nave_manifest_verify(const nave_manifest *m, const nave_manifest_file *f, char *path, nave_text *why)
{
    struct sha256_ctx hash;
    uint8_t block[16384], digest[SHA256_DIGEST_SIZE];
    char hex[2 * SHA256_DIGEST_SIZE + 1];
    size_t n;
    snprintf(path, 4200, "%s/%s", m->folder, f->name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return say(why, NAVE_E_IO, "%s can't be read (%s).", path, strerror(errno));
    sha256_init(&hash);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        sha256_update(&hash, n, block);
    const int bad = ferror(file);
    fclose(file);
    if (bad)
        return say(why, NAVE_E_IO, "%s can't be read to its end.", path);
    sha256_digest(&hash, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    if (strcmp(hex, f->sha256))
        return say(why, NAVE_E_FORMAT,
                   "%s is not the file that its manifest names (SHA-256 differs): take both from one release.", path);
    return NAVE_OK;
}
