/* Synthetic responses and noise from integers, so that they are the same on every machine.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "cli.h"

/* A counter put through a mixing function: any sample can be had without the ones before. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

void nave_synth_noise(double *out, uint64_t frames, uint64_t seed)
{
    uint64_t base = mix(seed);
    for (uint64_t n = 0; n < frames; n++)
        out[n] = (double)((int64_t)(mix(base + n) >> 40) - (1 << 23)) / (1 << 24);
}

/* The decay falls by 60 dB over the length: 2^-10 in ten halvings, straight between them. */
static double decay(uint64_t n, uint64_t frames)
{
    double position = 10.0 * (double)n / (double)frames;
    int halvings = (int)position;
    return (1 - 0.5 * (position - halvings)) / (double)(1u << halvings);
}

int nave_synth_response(nave_ir **out, uint32_t paths, uint32_t inputs, uint32_t outputs, uint64_t frames,
                        uint32_t rate_hz, uint64_t seed, nave_text *why)
{
    double *samples[NAVE_MAX_CHANNELS] = {NULL};
    uint32_t input[NAVE_MAX_CHANNELS], output[NAVE_MAX_CHANNELS];
    nave_ir_settings settings;
    nave_ir_settings_default(&settings);
    settings.rate_hz = rate_hz;
    settings.normalise = NAVE_NORMALISE_ENERGY;
    int err = NAVE_OK;
    for (uint32_t p = 0; p < paths && !err; p++) {
        samples[p] = calloc(frames, sizeof **samples);
        if (!samples[p]) {
            err = NAVE_E_NOMEM;
            break;
        }
        nave_synth_noise(samples[p], frames, seed + p);
        for (uint64_t n = 0; n < frames; n++)
            samples[p][n] *= decay(n, frames);
        samples[p][0] = 1;
        /* As many paths as inputs: a diagonal. More: every input to every output. */
        int full = inputs > 0 && paths != inputs;
        input[p] = full ? p / outputs : p;
        output[p] = full ? p % outputs : p;
    }
    if (!err)
        err = nave_ir_create(out, (const double *const *)samples, frames, inputs ? input : NULL, inputs ? output : NULL,
                             paths, &settings, why);
    for (uint32_t p = 0; p < paths; p++)
        free(samples[p]);
    return err;
}
