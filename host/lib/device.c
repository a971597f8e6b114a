/* Devices: list, open, facts, contexts.
 * SPDX-License-Identifier: ISC */
#include "device.h"
#include "../../driver/why.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *nave_version(void)
{
    return "0.1.0";
}

int nave_list_devices(nave_device_info *out, size_t cap, size_t *count)
{
    if (!count || (cap && !out))
        return NAVE_E_ARG;
    *count = 0;
    for (size_t i = 0; nave_backends[i]; i++) {
        const size_t left = *count < cap ? cap - *count : 0;
        *count += nave_backends[i]->list(left ? out + *count : NULL, left);
    }
    return NAVE_OK;
}

int nave_device_register(nave_device *dev, uint32_t address, uint32_t *value, nave_text *why)
{
    return nave_link_command(&dev->link, NAVE_FRAME_REG_READ, 0, address, NULL, 0, value, why);
}

static int read_facts(nave_device *dev, nave_text *why)
{
    nave_card_limits *l = &dev->info.limits;
    uint32_t id = 0, ram_kib = 0;
    struct {
        uint32_t address, *value;
    } fact[] = {{NAVE_REG_ID, &id},
                {NAVE_REG_PROTOCOL, &dev->info.protocol_version},
                {NAVE_REG_CARD_VERSION, &dev->info.card_version},
                {NAVE_REG_RAM_KIB, &ram_kib},
                {NAVE_REG_CLOCK_HZ, &l->clock_hz},
                {NAVE_REG_LANES, &l->lanes},
                {NAVE_REG_MAX_PARTITION, &l->max_partition_frames},
                {NAVE_REG_CONTEXTS, &l->contexts},
                {NAVE_REG_MAX_PLAN_WORDS, &l->max_plan_words}};
    for (size_t i = 0; i < sizeof(fact) / sizeof(fact[0]); i++) {
        const int err = nave_device_register(dev, fact[i].address, fact[i].value, why);
        if (err)
            return err;
    }
    l->ram_bytes = (uint64_t)ram_kib << 10;
    if (id != NAVE_MAGIC)
        return nave_fail(why, NAVE_E_VERSION, "what answers on this device is no nave card");
    const uint32_t version = dev->info.card_version;
    if (version >> 8 != (NAVE_VERSION_MAJOR << 8 | NAVE_VERSION_MINOR))
        return nave_fail(why, NAVE_E_VERSION,
                         "the card's bitstream is of version %u.%u and this library of %d.%d: load the bitstream that "
                         "came with the library",
                         version >> 16, version >> 8 & 255, NAVE_VERSION_MAJOR, NAVE_VERSION_MINOR);
    return NAVE_OK;
}

const nave_card_backend *nave_find_backend(const char *spec, const char **options)
{
    for (size_t i = 0; nave_backends[i]; i++) {
        const size_t n = strlen(nave_backends[i]->name);
        if (strncmp(spec, nave_backends[i]->name, n) || (spec[n] != ':' && spec[n] != '\0'))
            continue;
        *options = spec[n] ? spec + n + 1 : "";
        return nave_backends[i];
    }
    return NULL;
}

int nave_open(nave_device **out, const char *spec, nave_text *why)
{
    const char *options;
    if (!out)
        return nave_fail(why, NAVE_E_ARG, "nave_open needs a place for the device");
    if (!spec || !*spec)
        spec = "model:";
    const nave_card_backend *b = nave_find_backend(spec, &options);
    if (!b)
        return nave_fail(why, NAVE_E_DEVICE, "no kind of device is called '%s'; `nave devices` lists what there is",
                         spec);
    nave_device *dev = calloc(1, sizeof(*dev));
    if (!dev)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    int err = nave_link_open(&dev->link, b, options, why);
    if (err)
        goto err_free;
    b->describe(dev->link.card, &dev->info);
    snprintf(dev->info.spec, sizeof(dev->info.spec), "%s", spec);
    err = read_facts(dev, why);
    if (err)
        goto err_close_link;
    *out = dev;
    return NAVE_OK;
err_close_link:
    nave_link_close(&dev->link);
err_free:
    free(dev);
    return err;
}

void nave_close(nave_device *dev)
{
    if (!dev)
        return;
    nave_link_close(&dev->link);
    free(dev);
}

int nave_device_get_info(const nave_device *dev, nave_device_info *out)
{
    if (!dev || !out)
        return NAVE_E_ARG;
    *out = dev->info;
    return NAVE_OK;
}

static int overlaps(const nave_device *dev, uint64_t base, uint64_t bytes, uint64_t *next)
{
    for (uint32_t i = 0; i < NAVE_LINK_CONTEXTS; i++) {
        const nave_region *r = &dev->region[i];
        if (r->used && base < r->base + r->bytes && r->base < base + bytes) {
            *next = (r->base + r->bytes + 63) / 64 * 64;
            return 1;
        }
    }
    return 0;
}

int nave_device_take(nave_device *dev, uint64_t bytes, uint32_t *context, nave_text *why)
{
    uint32_t c = 0;
    while (c < NAVE_LINK_CONTEXTS && c < dev->info.limits.contexts && dev->region[c].used)
        c++;
    if (c == NAVE_LINK_CONTEXTS || c == dev->info.limits.contexts)
        return nave_fail(why, NAVE_E_BUSY, "all %u contexts of %s are in use: close a stream first",
                         dev->info.limits.contexts, dev->info.spec);
    uint64_t base = 0, next = 0;
    while (overlaps(dev, base, bytes, &next)) /* each hit moves base on, past one region */
        base = next;
    if (base + bytes > dev->info.limits.ram_bytes)
        return nave_fail(why, NAVE_E_FIT, "%.2f MiB of the card's RAM are needed and no free piece is that large",
                         (double)bytes / 1048576);
    dev->region[c] = (nave_region){.used = 1, .base = base, .bytes = bytes};
    *context = c;
    return NAVE_OK;
}

void nave_device_give_back(nave_device *dev, uint32_t context)
{
    dev->region[context].used = 0;
}
