/* Devices: a lost card again, a look at one, and whether its registers and RAM keep what they are given.
 * SPDX-License-Identifier: ISC */
#include "../../driver/why.h"
#include "device.h"
#include "render_job.h"
#include "stream.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_CHUNK_BYTES NAVE_MAX_PAYLOAD_BYTES
#define ROUND_TRIPS 16

int nave_device_reopen(nave_device *dev, double wait_s, nave_text *why)
{
    char options[128];
    if (!dev || !(wait_s >= 0 && wait_s <= 3600))
        return nave_fail(why, NAVE_E_ARG, "nave_device_reopen needs a device, and waits 0 to 3600 s");
    nave_link_pump(&dev->link, 0); /* nobody may have called since it went away */
    if (dev->link.failure == NAVE_OK)
        return nave_fail(why, NAVE_E_STATE, "the card is not lost: there is nothing to reopen");
    if (!dev->link.backend->returns)
        return nave_fail(why, NAVE_E_STATE, "a card in this process can't be reopened: close it");
    int n = snprintf(options, sizeof(options), "wait=%.3f", wait_s);
    if (dev->info.serial[0])
        n += snprintf(options + n, sizeof(options) - (size_t)n, ",serial=%s", dev->info.serial);
    if (dev->link.answer_timeout_ms > 2000)
        snprintf(options + n, sizeof(options) - (size_t)n, ",patience=%d", dev->link.answer_timeout_ms / 1000);
    int err = nave_link_reopen(&dev->link, options, why);
    for (uint32_t c = 0; c < NAVE_LINK_CONTEXTS && !err; c++) {
        nave_stream *st = dev->stream[c];
        if (st && !st->in_chain && st->plan->report.mode == NAVE_LIVE)
            err = nave_stream_restart(st, why);
        else if (st)
            st->left_behind = 1;
    }
    if (!err && dev->link.activity)
        dev->link.activity->reopened++;
    return err;
}

int nave_look(const char *spec, nave_activity *out, nave_text *why)
{
    const char *options;
    if (!spec || !out)
        return nave_fail(why, NAVE_E_ARG, "nave_look needs a device spec and a place for what it sees");
    memset(out, 0, sizeof(*out));
    const nave_card_backend *b = nave_find_backend(spec, &options);
    if (!b || !b->look)
        return nave_fail(why, NAVE_E_DEVICE,
                         "'%s' has nothing to look at from outside: name a card, such as usb:", spec);
    return b->look(options, out, why);
}

static uint32_t next(uint32_t *state)
{
    *state = *state >> 1 ^ (*state & 1 ? 0xedb88320u : 0);
    return *state;
}

static int check_registers(nave_device *dev, nave_device_check *out, nave_text *why)
{
    static const uint32_t pattern[] = {0, 0xffffffff, 0x55555555, 0xaaaaaaaa, 0x00ff00ff, 0x01234567, NAVE_MAGIC};
    uint32_t value = 0;
    for (unsigned i = 0; i < sizeof(pattern) / sizeof(pattern[0]) + 32; i++) {
        const unsigned n = sizeof(pattern) / sizeof(pattern[0]);
        const uint32_t word = i < n ? pattern[i] : 1u << (i - n);
        int err = nave_link_command(&dev->link, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, &word, 4, NULL, why);
        if (!err)
            err = nave_device_register(dev, NAVE_REG_SCRATCH, &value, why);
        if (err)
            return err;
        if (value != word)
            return nave_fail(why, NAVE_E_MISMATCH,
                             "the scratch register kept %08x of %08x: the link or its registers "
                             "are broken",
                             value, word);
        out->registers++;
    }
    double least = 1e9;
    for (int i = 0; i < ROUND_TRIPS; i++) {
        const double begin = nave_now_s();
        const int err = nave_device_register(dev, NAVE_REG_ID, &value, why);
        if (err)
            return err;
        const double took = nave_now_s() - begin;
        least = took < least ? took : least;
    }
    out->round_trip_us = (uint32_t)(least * 1e6);
    return NAVE_OK;
}

static int write_ram(nave_device *dev, uint64_t bytes, uint32_t seed, nave_text *why)
{
    uint32_t state = seed;
    uint32_t *words = malloc(CHECK_CHUNK_BYTES);
    int err = words ? NAVE_OK : nave_fail(why, NAVE_E_NOMEM, "out of memory");
    for (uint64_t at = 0; at < bytes && !err; at += CHECK_CHUNK_BYTES) {
        const uint32_t n = bytes - at < CHECK_CHUNK_BYTES ? (uint32_t)(bytes - at) : CHECK_CHUNK_BYTES;
        for (uint32_t i = 0; i < n / 4; i++)
            words[i] = next(&state);
        err = nave_link_command(&dev->link, NAVE_FRAME_RAM_WRITE, 0, at, words, n, NULL, why);
    }
    free(words);
    return err;
}

static int read_ram(nave_device *dev, uint64_t bytes, uint32_t seed, nave_text *why)
{
    uint32_t state = seed;
    for (uint64_t at = 0; at < bytes; at += CHECK_CHUNK_BYTES) {
        const uint32_t n = bytes - at < CHECK_CHUNK_BYTES ? (uint32_t)(bytes - at) : CHECK_CHUNK_BYTES;
        const uint8_t *data;
        const int err = nave_link_read_ram(&dev->link, at, n, &data, why);
        if (err)
            return err;
        for (uint32_t i = 0; i < n / 4; i++) {
            uint32_t word;
            const uint32_t expected = next(&state);
            memcpy(&word, data + 4 * i, 4);
            if (word != expected)
                return nave_fail(why, NAVE_E_MISMATCH,
                                 "RAM byte %llu reads %08x and was written %08x: the card's RAM "
                                 "or its link is broken",
                                 (unsigned long long)at + 4 * i, word, expected);
        }
    }
    return NAVE_OK;
}

int nave_device_run_check(nave_device *dev, uint64_t ram_bytes, uint32_t seed, nave_device_check *out, nave_text *why)
{
    if (!dev || !out)
        return nave_fail(why, NAVE_E_ARG, "nave_device_run_check needs a device and a place for the result");
    memset(out, 0, sizeof(*out));
    for (uint32_t c = 0; c < NAVE_LINK_CONTEXTS; c++)
        if (dev->region[c].used)
            return nave_fail(why, NAVE_E_STATE,
                             "a stream is open on the card, whose RAM a check would overwrite: close "
                             "it first");
    const uint64_t most = dev->info.limits.ram_bytes / 4 * 4;
    const uint64_t bytes = ram_bytes < most ? ram_bytes / 4 * 4 : most;
    seed = seed ? seed : 1;
    int err = check_registers(dev, out, why);
    const double begin_s = nave_now_s();
    if (!err)
        err = write_ram(dev, bytes, seed, why);
    const double written_s = nave_now_s();
    if (!err)
        err = read_ram(dev, bytes, seed, why);
    if (err)
        return err;
    out->ram_bytes = bytes;
    out->write_bytes_per_second = (double)bytes / (written_s - begin_s);
    out->read_bytes_per_second = (double)bytes / (nave_now_s() - written_s);
    return NAVE_OK;
}
