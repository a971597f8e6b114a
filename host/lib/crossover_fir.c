/* Linear-phase crossovers as responses for the convolver: each band has the magnitude that the engine's own filters of
 * that slope give it, and no phase but a delay.
 *
 *   |low| = 1 / (1 + x^4) of 24 dB/oct, 1 / (1 + x^8) of 48, x = tan(pi f / rate) / tan(pi crossover / rate)
 *   up to band b: 1 - product of (1 - low) over the crossovers up to it; band b is what is new in it
 *
 * Samples are multiples of 2^-36, so that the bands add up to a single 1 exactly, and so that the last places of a
 * CPU's own tan and Fourier transform do not show. SPDX-License-Identifier: ISC */
#include "chain.h"
#include "fftw_guard.h"
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>

#define GRID 0x1p36
/* After this many periods of its frequency a crossover has died down by 170 dB: ln(10) 8.5 / (2 pi sin(pi / order)). */
#define PERIODS_24_DB 4.41
#define PERIODS_48_DB 8.15

/* Crossovers from below, limited as those of the engine. */
static uint32_t sorted_hz(const nave_dyn_settings *s, double *hz)
{
    for (uint32_t i = 0; i + 1 < s->bands; i++) {
        const double f = fmin(s->crossover_hz[i], NAVE_CROSSOVER_TOP * s->rate_hz);
        uint32_t at = i;
        for (; at > 0 && hz[at - 1] > f; at--)
            hz[at] = hz[at - 1];
        hz[at] = f;
    }
    return s->bands - 1;
}

uint32_t nave_crossover_fir_latency(const nave_dyn_settings *s)
{
    double lowest = s->rate_hz;
    for (uint32_t i = 0; i + 1 < s->bands; i++)
        lowest = fmin(lowest, s->crossover_hz[i]);
    return 16 + (uint32_t)ceil((s->slope_db == 48 ? PERIODS_48_DB : PERIODS_24_DB) * s->rate_hz / lowest);
}

/* What lies in the bands up to crossover `last`: half of its symmetric response, from the middle on. */
static void up_to(const nave_dyn_settings *s, const double *hz, uint32_t last, fftw_plan plan, fftw_complex *bins,
                  double *time, size_t n, double *half, uint32_t frames)
{
    for (size_t k = 0; k <= n / 2; k++) {
        double rest = 1;
        for (uint32_t i = 0; i <= last; i++) {
            const double x = k < n / 2 ? tan(M_PI * (double)k / (double)n) / tan(M_PI * hz[i] / s->rate_hz) : INFINITY;
            const double x4 = x * x * x * x;
            rest *= 1 - 1 / (1 + (s->slope_db == 48 ? x4 * x4 : x4));
        }
        bins[k][0] = 1 - rest;
        bins[k][1] = 0;
    }
    fftw_execute(plan);
    for (uint32_t i = 0; i < frames; i++)
        half[i] = rint(time[i] / (double)n * GRID) / GRID;
}

/* The band's response into path, and half of the sum up to it into below. */
static void put_band(double *path, const double *sum, double *below, uint32_t latency)
{
    for (uint32_t i = 0; i <= latency; i++) {
        const double v = sum[i] - below[i];
        path[latency + i] = path[latency - i] = v;
        below[i] = sum[i];
    }
}

int nave_crossover_fir(nave_ir **out, const nave_dyn_settings *s, uint32_t channels, nave_text *why)
{
    const uint32_t latency = nave_crossover_fir_latency(s);
    const size_t frames = 2 * (size_t)latency + 1;
    double hz[NAVE_DYN_BANDS];
    const double *path[NAVE_DYN_BANDS * NAVE_DYN_CHANNELS];
    uint32_t input[NAVE_DYN_BANDS * NAVE_DYN_CHANNELS], output[NAVE_DYN_BANDS * NAVE_DYN_CHANNELS];
    const uint32_t splits = sorted_hz(s, hz);
    size_t n = 8192;
    while (n < 8 * (size_t)latency)
        n *= 2;
    fftw_complex *bins = fftw_alloc_complex(n / 2 + 1);
    double *time = fftw_alloc_real(n), *samples = calloc(frames * s->bands, sizeof(*samples));
    double *sum = calloc(latency + 1, sizeof(*sum)), *below = calloc(latency + 1, sizeof(*below));
    fftw_plan plan = NULL;
    int err = NAVE_E_NOMEM;
    if (bins && time && samples && sum && below) {
        nave_fftw_lock();
        plan = fftw_plan_dft_c2r_1d((int)n, bins, time, FFTW_ESTIMATE);
        nave_fftw_unlock();
    }
    if (!plan) {
        nave_fail(why, err, "out of memory for the crossovers");
        goto err_free;
    }
    for (uint32_t b = 0; b < s->bands; b++) {
        if (b < splits)
            up_to(s, hz, b, plan, bins, time, n, sum, latency + 1);
        else
            for (uint32_t i = 0; i <= latency; i++)
                sum[i] = i == 0;
        put_band(samples + b * frames, sum, below, latency);
        for (uint32_t c = 0; c < channels; c++) {
            path[b * channels + c] = samples + b * frames;
            input[b * channels + c] = c;
            output[b * channels + c] = b * channels + c;
        }
    }
    nave_ir_settings as_it_is;
    nave_ir_settings_default(&as_it_is);
    as_it_is.rate_hz = (uint32_t)s->rate_hz;
    err = nave_ir_create(out, path, frames, input, output, s->bands * channels, &as_it_is, why);
    nave_fftw_lock();
    fftw_destroy_plan(plan);
    nave_fftw_unlock();
err_free:
    fftw_free(bins);
    fftw_free(time);
    free(samples);
    free(sum);
    free(below);
    return err;
}
