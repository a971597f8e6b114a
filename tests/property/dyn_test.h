/* What the tests of the dynamics engine share: filters in long double that have nothing in common with the engine's
 * structure, signals, settings made into an engine.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_DYN_H
#define NAVE_TESTS_DYN_H
#include "../../host/lib/dyn_coefficients.h"
#include "property.h"
#include <stdarg.h>

#define FULL_SCALE (1 << 28)

/* ---- a biquad in direct form, by the textbook's bilinear transform ---- */
typedef struct biquad {
    long double b0, b1, b2, a1, a2, x1, x2, y1, y2;
} biquad;

enum { BIQUAD_LOW, BIQUAD_HIGH, BIQUAD_ALLPASS };

static inline biquad biquad_of(int kind, long double hz, long double rate, long double k)
{
    const long double g = tanl(3.14159265358979323846264338327950288L * hz / rate), d = 1 / (1 + k * g + g * g);
    biquad f = {.a1 = 2 * (g * g - 1) * d, .a2 = (1 - k * g + g * g) * d};
    if (kind == BIQUAD_ALLPASS) {
        f.b0 = f.a2;
        f.b1 = f.a1;
        f.b2 = 1;
    } else {
        f.b0 = f.b2 = kind == BIQUAD_LOW ? g * g * d : d;
        f.b1 = kind == BIQUAD_LOW ? 2 * f.b0 : -2 * f.b0;
    }
    return f;
}

static inline long double biquad_step(biquad *f, long double x)
{
    const long double y = f->b0 * x + f->b1 * f->x1 + f->b2 * f->x2 - f->a1 * f->y1 - f->a2 * f->y2;
    f->x2 = f->x1;
    f->x1 = x;
    f->y2 = f->y1;
    f->y1 = y;
    return y;
}

/* ---- error against a reference ---- */
typedef struct error_sum {
    double power, peak;
    size_t frames;
} error_sum;

static inline void error_add(error_sum *e, long double is, long double should)
{
    const double d = (double)(is - should);
    e->power += d * d;
    e->peak = fmax(e->peak, fabs(d));
    e->frames++;
}

static inline double error_db(const error_sum *e)
{
    return 10 * log10(e->power / (double)e->frames + 1e-40);
}

/* ---- engine ---- */
typedef struct engine {
    nave_dyn *dyn;
    int32_t *memory;
    uint32_t latency;
} engine;

static inline void dials_of(const nave_dyn_settings *s, int64_t *dial)
{
    nave_text why = {""};
    ck_assert_msg(nave_dyn_dials(s, dial, &why) == NAVE_OK, "%s", why.text);
}

static inline engine engine_of(const nave_dyn_settings *s, uint32_t channels)
{
    nave_text why = {""};
    nave_dyn_shape shape;
    int64_t dial[NAVE_DIALS];
    engine e;
    ck_assert_msg(nave_dyn_shape_of(s, channels, &shape, &why) == NAVE_OK, "%s", why.text);
    dials_of(s, dial);
    ck_assert_ptr_nonnull(e.dyn = malloc(sizeof(*e.dyn)));
    ck_assert_ptr_nonnull(e.memory = malloc(nave_dyn_words(&shape) * sizeof(*e.memory)));
    nave_dyn_start(e.dyn, &shape, dial, e.memory);
    e.latency = nave_dyn_latency(&shape);
    return e;
}

static inline void engine_free(engine *e)
{
    free(e->dyn);
    free(e->memory);
}

/* All of a signal through an engine in one piece; external may be NULL. */
static inline signal_q28 engine_play(engine *e, const signal_q28 *in, const signal_q28 *external)
{
    signal_q28 out = signal_new(in->channels, in->frames);
    nave_dyn_process(e->dyn, (const int32_t *const *)in->word, external ? (const int32_t *const *)external->word : NULL,
                     out.word, in->frames);
    return out;
}

static inline signal_q28 play_settings(const nave_dyn_settings *s, const signal_q28 *in)
{
    engine e = engine_of(s, in->channels);
    signal_q28 out = engine_play(&e, in, NULL);
    engine_free(&e);
    return out;
}

static inline signal_q28 signal_sine(uint32_t channels, size_t frames, double hz, double rate, double peak,
                                     double phase)
{
    signal_q28 s = signal_new(channels, frames);
    for (uint32_t c = 0; c < channels; c++)
        for (size_t i = 0; i < frames; i++)
            s.word[c][i] = q28(peak * sin(2 * M_PI * hz * (double)i / rate + phase));
    return s;
}

/* --figures prints what the pages quote, and asserts all the same. */
static inline int figures_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--figures") == 0)
            return setenv("NAVE_FIGURES", "1", 1) == 0;
    return 0;
}

__attribute__((format(printf, 1, 2))) static inline void figure(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (getenv("NAVE_FIGURES"))
        vprintf(format, args);
    va_end(args);
    fflush(stdout);
}
#endif
