/* A chain as text again, always the same for the same chain: what its hash is made of.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include "sample_hash.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shortest number that, times 1 / divide, is the same double again. */
static void put_number(FILE *f, double v, double divide)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v * divide);
        if (strtod(text, NULL) / divide == v)
            break;
    }
    fputs(text, f);
}

static int exact(double v, double divide)
{
    char text[40];
    snprintf(text, sizeof(text), "%.15g", v * divide);
    return strtod(text, NULL) / divide == v;
}

static void put_value(FILE *f, const nave_chain_key *key, double v)
{
    switch (key->kind) {
    case NAVE_VALUE_LEVEL:
    case NAVE_VALUE_GAIN:
        if (isinf(v))
            fputs("-inf", f);
        else
            put_number(f, v, 1);
        fputs(" dB", f);
        break;
    case NAVE_VALUE_HZ:
        if (v == 0) {
            fputs("off", f);
        } else {
            put_number(f, v, 1);
            fputs(" Hz", f);
        }
        break;
    case NAVE_VALUE_TIME: {
        const int ms = v < 1 && v > 0 && exact(v, 1000);
        put_number(f, v, ms ? 1000 : 1);
        fputs(ms ? " ms" : " s", f);
        break;
    }
    case NAVE_VALUE_SHARE:
        put_number(f, v, 100);
        fputs(" %", f);
        break;
    case NAVE_VALUE_RATIO:
        if (isinf(v))
            fputs("inf", f);
        else
            put_number(f, v, 1);
        fputs(":1", f);
        break;
    case NAVE_VALUE_PLAIN:
        put_number(f, v, 1);
        break;
    case NAVE_VALUE_CHOICE: {
        int count = 1;
        for (const char *p = key->choices; *p; p++)
            count += *p == '|';
        int index = (int)rint((v - key->low) / (key->high - key->low) * (count - 1));
        const char *p = key->choices;
        while (index-- > 0)
            p += strcspn(p, "|") + 1;
        fprintf(f, "%.*s", (int)strcspn(p, "|"), p);
    }
    }
}

/* The keys of a table whose values are not the defaults. */
static void put_table(FILE *f, const nave_stage *s, const nave_stage *plain, const nave_chain_key *table, size_t base,
                      const char *before)
{
    for (; table->name; table++) {
        const double v = nave_stage_get(s, table, base + table->offset);
        if (v == nave_stage_get(plain, table, base + table->offset))
            continue;
        fprintf(f, "%s%s = ", before, table->name);
        put_value(f, table, v);
        fputc('\n', f);
    }
}

static int differs(const nave_stage *s, const nave_stage *plain, const nave_chain_key *table, size_t base)
{
    for (; table->name; table++)
        if (nave_stage_get(s, table, base + table->offset) != nave_stage_get(plain, table, base + table->offset))
            return 1;
    return 0;
}

static void put_dynamics(FILE *f, const nave_stage *s, const nave_stage *plain)
{
    char before[40];
    put_table(f, s, plain, nave_keys_dynamics, 0, "");
    for (uint32_t i = 0; i + 1 < s->dyn.bands; i++) {
        fprintf(f, "crossover %u = ", i + 1);
        put_value(f, &nave_key_crossover, s->dyn.crossover_hz[i]);
        fputc('\n', f);
    }
    for (uint32_t b = 0; b < s->dyn.bands; b++) {
        const size_t base = offsetof(nave_stage, dyn.band) + b * sizeof(nave_dyn_band_settings);
        snprintf(before, sizeof(before), "band %u ", b + 1);
        put_table(f, s, plain, nave_keys_band, base, before);
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
            const size_t curve = base + offsetof(nave_dyn_band_settings, curve) + k * sizeof(nave_dyn_curve_settings);
            if (k)
                snprintf(before, sizeof(before), "band %u curve %u ", b + 1, k + 1);
            if (s->dyn.band[b].curve[k].kind == NAVE_CURVE_NONE && differs(s, plain, nave_keys_curve, curve))
                fprintf(f, "%smode = off\n", before); /* else its other settings would turn it on */
            put_table(f, s, plain, nave_keys_curve, curve, before);
        }
    }
}

static void put_stage(FILE *f, const nave_stage *s, const nave_stage *plain)
{
    for (int part = 0; part < NAVE_PARTS; part++) {
        if (!(s->parts >> part & 1))
            continue;
        fprintf(f, "\n[%s]\n", nave_part_names[part]);
        switch (part) {
        case NAVE_PART_EQ:
            for (uint32_t i = 0; i < s->sections; i++) {
                const nave_dyn_eq_settings *e = &s->dyn.eq[i];
                fprintf(f, "%s %d = ", nave_eq_kind_names[e->kind], s->section_number[i]);
                put_value(f, &nave_keys_section[0], e->hz);
                if (e->kind <= NAVE_EQ_HIGH_SHELF) {
                    fputs(", ", f);
                    put_value(f, &nave_keys_section[1], e->gain_db);
                }
                fputs(", Q ", f);
                put_value(f, &nave_keys_section[2], e->q);
                fputc('\n', f);
            }
            break;
        case NAVE_PART_DYNAMICS:
            put_dynamics(f, s, plain);
            break;
        case NAVE_PART_OUTPUT:
            put_table(f, s, plain, nave_keys_output, 0, "");
            break;
        case NAVE_PART_LIMITER: {
            nave_stage on = *plain;
            on.dyn.limiter = 1;
            put_table(f, s, &on, nave_keys_limiter, 0, "");
            break;
        }
        default:
            if (*s->response)
                fprintf(f, "response = \"%s\"\n", s->response);
            put_table(f, s, plain, nave_keys_reverb, 0, "");
        }
    }
}

static void put_lanes(FILE *f, const nave_chain *c)
{
    if (c->lanes)
        fputs("\n[automation]\n", f);
    for (uint32_t i = 0; i < c->lanes; i++) {
        const nave_chain_lane *lane = &c->lane[i];
        fprintf(f, "%s = ", lane->name);
        for (uint32_t k = 0; k < lane->points; k++) {
            if (k)
                fputs(", ", f);
            put_value(f, &(nave_chain_key){.kind = NAVE_VALUE_TIME}, lane->point[k].time_s);
            fputc(' ', f);
            put_value(f, lane->target.key, lane->point[k].value);
            if (lane->point[k].linear)
                fputs(" linear", f);
        }
        fputc('\n', f);
    }
}

int nave_chain_write_text(nave_chain *c, nave_text *why)
{
    nave_stage *plain = malloc(sizeof(*plain));
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    free(c->text);
    c->text = NULL;
    FILE *f = plain && locale ? open_memstream(&c->text, &c->bytes) : NULL;
    if (!f) {
        free(plain);
        if (locale)
            freelocale(locale);
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    }
    const locale_t before = uselocale(locale);
    nave_stage_default(plain);
    fputs("nave-chain 1\n", f);
    for (uint32_t i = 0; i < c->stages; i++)
        put_stage(f, &c->stage[i], plain);
    put_lanes(f, c);
    uselocale(before);
    freelocale(locale);
    free(plain);
    if (fclose(f) != 0)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    nave_hash_bytes(c->hash, c->text, c->bytes);
    return NAVE_OK;
}
