/* Test material and its exact convolution.
 * SPDX-License-Identifier: ISC */
#include "signals.h"
#include <fftw3.h>
#include <math.h>
#include <string.h>

/* splitmix64: any seed is a good one */
static double uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)(int64_t)(z ^ z >> 31) * 0x1p-63;
}

/* A sum of uniform ones is the same on every machine; log and cos need not be. */
static double gaussian(uint64_t *state)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += uniform(state);
    return sum / 2;
}

int nave_bench_pink(double *x, size_t frames, uint32_t rate_hz, uint64_t seed)
{
    const size_t bins = frames / 2 + 1;
    fftw_complex *spectrum = fftw_alloc_complex(bins);
    double *samples = fftw_alloc_real(frames);
    fftw_plan plan = spectrum && samples ? fftw_plan_dft_c2r_1d((int)frames, spectrum, samples, FFTW_ESTIMATE) : NULL;
    if (plan) {
        double peak = 0;
        for (size_t k = 0; k < bins; k++) {
            const double gain = (double)k * rate_hz >= 10.0 * (double)frames ? 1 / sqrt((double)k) : 0;
            spectrum[k][0] = gain * gaussian(&seed);
            spectrum[k][1] = gain * gaussian(&seed);
        }
        fftw_execute(plan);
        for (size_t n = 0; n < frames; n++)
            peak = fmax(peak, fabs(samples[n]));
        for (size_t n = 0; n < frames; n++)
            x[n] = samples[n] / peak * 0.9999;
        fftw_destroy_plan(plan);
    }
    fftw_free(spectrum);
    fftw_free(samples);
    return plan ? 0 : -1;
}

void nave_bench_response(double *h, size_t frames, uint64_t seed)
{
    for (size_t n = 0; n < frames; n++)
        h[n] = gaussian(&seed) * pow(10, -3.0 * (double)n / (double)frames);
}

void nave_bench_to_24_bits(double *x, size_t frames)
{
    for (size_t n = 0; n < frames; n++)
        x[n] = fmin(fmax(rint(x[n] * 0x1p23), -0x1p23), 0x1p23 - 1) * 0x1p-23;
}

int nave_bench_convolve(double *y, const double *x, size_t nx, const double *h, size_t nh)
{
    size_t size = 1;
    while (size < nx + nh - 1)
        size *= 2;
    double *a = fftw_alloc_real(size), *b = fftw_alloc_real(size);
    fftw_complex *fa = fftw_alloc_complex(size / 2 + 1), *fb = fftw_alloc_complex(size / 2 + 1);
    const int good = a && b && fa && fb;
    if (good) {
        fftw_plan forward = fftw_plan_dft_r2c_1d((int)size, a, fa, FFTW_ESTIMATE);
        fftw_plan inverse = fftw_plan_dft_c2r_1d((int)size, fa, a, FFTW_ESTIMATE);
        memset(a, 0, size * sizeof(*a));
        memset(b, 0, size * sizeof(*b));
        memcpy(a, x, nx * sizeof(*a));
        memcpy(b, h, nh * sizeof(*b));
        fftw_execute(forward);
        fftw_execute_dft_r2c(forward, b, fb);
        for (size_t k = 0; k <= size / 2; k++) {
            const double re = fa[k][0] * fb[k][0] - fa[k][1] * fb[k][1];
            const double im = fa[k][0] * fb[k][1] + fa[k][1] * fb[k][0];
            fa[k][0] = re / (double)size;
            fa[k][1] = im / (double)size;
        }
        fftw_execute(inverse);
        memcpy(y, a, (nx + nh - 1) * sizeof(*y));
        fftw_destroy_plan(forward);
        fftw_destroy_plan(inverse);
    }
    fftw_free(a);
    fftw_free(b);
    fftw_free(fa);
    fftw_free(fb);
    return good ? 0 : -1;
}

double nave_bench_convolve_at(const double *x, size_t nx, const double *h, size_t nh, size_t at)
{
    long double sum = 0;
    for (size_t k = at < nx ? 0 : at - nx + 1; k < nh && k <= at; k++)
        sum += (long double)h[k] * x[at - k];
    return (double)sum;
}

double nave_bench_db(double amplitude)
{
    return amplitude > 0 ? 20 * log10(amplitude) : -INFINITY;
}
