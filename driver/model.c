/* The C card as a backend: no bus, the link's words go from call to call.
 * SPDX-License-Identifier: ISC */
#include "card.h"
#include "boards.h"
#include "why.h"
#include "../sim/model/card.h"
#include "../sim/model/dsp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nave_card {
    nave_model *model;
    nave_card_limits limits;
};

static size_t model_list(nave_device_info *out, size_t cap)
{
    if (cap) {
        memset(out, 0, sizeof(*out));
        snprintf(out->spec, sizeof(out->spec), "model:");
        snprintf(out->name, sizeof(out->name), "C card in this process");
        snprintf(out->serial, sizeof(out->serial), "none");
        nave_dsp dsp;
        nave_dsp_init(&dsp, NAVE_CPU_ALL);
        snprintf(out->isa, sizeof(out->isa), "%s", dsp.name);
        nave_board_limits("model", &out->limits);
    }
    return 1;
}

static int isa_mask(const char *name, unsigned *mask)
{
    static const struct {
        const char *name;
        unsigned mask;
    } isa[] = {{"c", 0},
               {"sse42", NAVE_CPU_SSE42},
               {"avx2", NAVE_CPU_SSE42 | NAVE_CPU_AVX2},
               {"avx512", NAVE_CPU_SSE42 | NAVE_CPU_AVX2 | NAVE_CPU_AVX512},
               {"neon", NAVE_CPU_NEON}};
    for (size_t i = 0; i < sizeof(isa) / sizeof(isa[0]); i++)
        if (strcmp(name, isa[i].name) == 0) {
            *mask = isa[i].mask;
            return (isa[i].mask & ~nave_cpu_flags()) ? NAVE_E_DEVICE : NAVE_OK;
        }
    return NAVE_E_ARG;
}

static int parse_option(char *option, nave_card_limits *limits, unsigned *mask, nave_text *why)
{
    char *value = strchr(option, '=');
    if (!value)
        return nave_fail(why, NAVE_E_ARG, "model option '%s' has no value; write board=NAME or isa=NAME", option);
    *value++ = '\0';
    if (strcmp(option, "board") == 0) {
        if (nave_board_limits(value, limits) < 0)
            return nave_fail(why, NAVE_E_ARG, "no board '%s'; boards are %s", value, nave_board_names());
        return NAVE_OK;
    }
    if (strcmp(option, "isa") == 0) {
        const int err = isa_mask(value, mask);
        if (err == NAVE_E_DEVICE)
            return nave_fail(why, err, "this CPU has no %s; leave isa= out to take the best it has", value);
        if (err)
            return nave_fail(why, err, "no instruction set '%s'; sets are c, sse42, avx2, avx512, neon", value);
        return NAVE_OK;
    }
    return nave_fail(why, NAVE_E_ARG, "no model option '%s'; options are board and isa", option);
}

static int model_open(nave_card **out, const char *options, nave_text *why)
{
    char text[128];
    if (strlen(options) >= sizeof(text))
        return nave_fail(why, NAVE_E_ARG, "device options are longer than %zu characters", sizeof(text) - 1);
    strcpy(text, options);
    nave_card *card = calloc(1, sizeof(*card));
    if (!card)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    unsigned mask = NAVE_CPU_ALL;
    nave_board_limits("model", &card->limits);
    char *save = NULL;
    for (char *o = strtok_r(text, ",", &save); o; o = strtok_r(NULL, ",", &save)) {
        const int err = parse_option(o, &card->limits, &mask, why);
        if (err) {
            free(card);
            return err;
        }
    }
    const nave_model_config config = {.ram_bytes = card->limits.ram_bytes,
                                      .clock_hz = card->limits.clock_hz,
                                      .lanes = card->limits.lanes,
                                      .log2_max_partition =
                                          31u - (unsigned)__builtin_clz(card->limits.max_partition_frames),
                                      .max_plan_words = card->limits.max_plan_words,
                                      .dynamics = 1,
                                      .cpu_mask = mask};
    card->model = nave_model_create(&config);
    if (!card->model) {
        free(card);
        return nave_fail(why, NAVE_E_NOMEM, "no memory for the C card's RAM of %llu MiB",
                         (unsigned long long)(config.ram_bytes >> 20));
    }
    *out = card;
    return NAVE_OK;
}

static void model_close(nave_card *card)
{
    nave_model_destroy(card->model);
    free(card);
}

static int model_send(nave_card *card, const void *bytes, size_t n, size_t *taken)
{
    *taken = nave_model_write(card->model, bytes, n);
    return NAVE_OK;
}

static int model_receive(nave_card *card, const uint8_t **frame, size_t *n, int timeout_ms)
{
    (void)timeout_ms; /* what has not come by now will not come without another send */
    *frame = nave_model_read(card->model, n);
    return *frame ? NAVE_OK : NAVE_E_AGAIN;
}

static void model_describe(nave_card *card, nave_device_info *info)
{
    model_list(info, 1);
    info->limits = card->limits;
    snprintf(info->isa, sizeof(info->isa), "%s", nave_model_isa(card->model));
}

const nave_card_backend nave_backend_model = {.name = "model",
                                              .list = model_list,
                                              .open = model_open,
                                              .close = model_close,
                                              .send = model_send,
                                              .receive = model_receive,
                                              .describe = model_describe};
