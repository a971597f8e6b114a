/* What a multiband compressor that compresses nothing does to sound: ripple of the sum of its bands, and how far it is
 * from an ideal allpass, or from what its own impulse response makes of a noise.
 *
 *   dynamics_measure impulse OUT.f32              three seconds of stereo, an impulse of 0.5 after the first
 *   dynamics_measure ripple FILE                  FILE: what came of that impulse; largest and smallest gain in dB, 20
 *                                                 Hz to 20 kHz
 *   dynamics_measure allpass IN FILE LATENCY HZ...  error in dBFS of FILE against IN through ideal second-order
 * allpasses, those of Linkwitz-Riley crossovers of 24 dB/oct dynamics_measure own IMPULSE IN FILE          the same
 * against IN convolved with the response in IMPULSE
 *
 * Files are planar stereo at 48 kHz, .f32 or .f64; all is computed in double precision or wider, the left channel.
 * SPDX-License-Identifier: ISC */
#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 2, RATE_HZ = 48000, IMPULSE_FRAMES = 3 * RATE_HZ, IMPULSE_AT = RATE_HZ, MOST_SECTIONS = 8 };
#define IMPULSE_SIZE 0.5

static void quit(const char *what, const char *which)
{
    fprintf(stderr, "dynamics_measure: %s%s\n", what, which);
    exit(1);
}

static void *memory(size_t bytes)
{
    void *p = fftw_malloc(bytes);
    if (!p)
        quit("out of memory", "");
    memset(p, 0, bytes);
    return p;
}

static double *read_left(const char *path, size_t *frames)
{
    FILE *f = fopen(path, "rb");
    const int wide = strstr(path, ".f64") != NULL;
    if (!f || fseek(f, 0, SEEK_END))
        quit("can't be read: ", path);
    const size_t bytes = (size_t)ftell(f), size = wide ? sizeof(double) : sizeof(float);
    char *all = memory(bytes);
    rewind(f);
    if (fread(all, 1, bytes, f) != bytes)
        quit("can't be read: ", path);
    fclose(f);
    *frames = bytes / size / CHANNELS;
    double *left = memory(*frames * sizeof(*left));
    for (size_t n = 0; n < *frames; n++)
        if (wide) {
            memcpy(&left[n], all + n * size, size);
        } else {
            float v;
            memcpy(&v, all + n * size, size);
            left[n] = v;
        }
    fftw_free(all);
    return left;
}

static void write_impulse(const char *path)
{
    float *x = memory(CHANNELS * IMPULSE_FRAMES * sizeof(*x));
    x[IMPULSE_AT] = x[IMPULSE_FRAMES + IMPULSE_AT] = (float)IMPULSE_SIZE;
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(x, sizeof(*x), CHANNELS * IMPULSE_FRAMES, f) != CHANNELS * IMPULSE_FRAMES || fclose(f))
        quit("can't be written: ", path);
    fftw_free(x);
}

static double complex *spectrum(const double *x, size_t frames, size_t size)
{
    double *time = memory(size * sizeof(*time));
    double complex *bins = memory((size / 2 + 1) * sizeof(*bins));
    memcpy(time, x, frames * sizeof(*x));
    fftw_plan plan = fftw_plan_dft_r2c_1d((int)size, time, bins, FFTW_ESTIMATE);
    if (!plan)
        quit("no transform", "");
    fftw_execute(plan);
    fftw_destroy_plan(plan);
    fftw_free(time);
    return bins;
}

static void ripple(const char *path)
{
    size_t frames;
    double *y = read_left(path, &frames), most = -INFINITY, least = INFINITY;
    double complex *h = spectrum(y, frames, frames);
    for (size_t k = frames * 20 / RATE_HZ; k <= frames * 20000 / RATE_HZ; k++) {
        const double db = 20 * log10(cabs(h[k]) / IMPULSE_SIZE + 1e-30);
        most = fmax(most, db);
        least = fmin(least, db);
    }
    printf("most_db %.6f least_db %.6f ripple_db %.6f\n", most, least, most - least);
    fftw_free(h);
    fftw_free(y);
}

typedef struct allpass {
    long double a1, a2, x1, x2, y1, y2;
} allpass;

static long double allpass_step(allpass *f, long double x)
{
    const long double y = f->a2 * x + f->a1 * f->x1 + f->x2 - f->a1 * f->y1 - f->a2 * f->y2;
    f->x2 = f->x1;
    f->x1 = x;
    f->y2 = f->y1;
    f->y1 = y;
    return y;
}

/* The first second is left out: plugins fade in. */
static void print_error(const double *is, const double *should, size_t frames)
{
    double power = 0;
    for (size_t n = RATE_HZ; n < frames; n++)
        power += (is[n] - should[n]) * (is[n] - should[n]);
    printf("error_dbfs %.1f\n", 10 * log10(power / (double)(frames - RATE_HZ) + 1e-40));
}

static void against_allpass(int argc, char **argv)
{
    size_t frames, other;
    double *x = read_left(argv[2], &frames), *is = read_left(argv[3], &other), *y = memory(frames * sizeof(*y));
    const size_t latency = (size_t)atol(argv[4]);
    allpass f[MOST_SECTIONS] = {{0}};
    const int sections = argc - 5;
    if (frames != other || sections > MOST_SECTIONS || latency >= frames)
        quit("lengths, latency or number of crossovers do not fit", "");
    for (int i = 0; i < sections; i++) {
        const long double g = tanl(acosl(-1) * strtold(argv[5 + i], NULL) / RATE_HZ), k = sqrtl(2);
        f[i].a1 = 2 * (g * g - 1) / (1 + k * g + g * g);
        f[i].a2 = (1 - k * g + g * g) / (1 + k * g + g * g);
    }
    for (size_t n = 0; n + latency < frames; n++) {
        long double v = x[n];
        for (int i = 0; i < sections; i++)
            v = allpass_step(&f[i], v);
        y[n + latency] = (double)v;
    }
    print_error(is, y, frames);
    fftw_free(x);
    fftw_free(is);
    fftw_free(y);
}

static void against_own(char **argv)
{
    size_t frames, other, long_as;
    double *h = read_left(argv[2], &long_as), *x = read_left(argv[3], &frames), *is = read_left(argv[4], &other);
    size_t size = 1;
    if (frames != other || long_as <= IMPULSE_AT)
        quit("the files are not of one length", "");
    while (size < frames + long_as)
        size *= 2;
    double complex *a = spectrum(h + IMPULSE_AT, long_as - IMPULSE_AT, size), *b = spectrum(x, frames, size);
    double *y = memory(size * sizeof(*y));
    for (size_t k = 0; k <= size / 2; k++)
        b[k] *= a[k] / (IMPULSE_SIZE * (double)size);
    fftw_plan plan = fftw_plan_dft_c2r_1d((int)size, b, y, FFTW_ESTIMATE);
    if (!plan)
        quit("no transform", "");
    fftw_execute(plan);
    fftw_destroy_plan(plan);
    print_error(is, y, frames);
    fftw_free(a);
    fftw_free(b);
    fftw_free(h);
    fftw_free(x);
    fftw_free(is);
    fftw_free(y);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "impulse"))
        write_impulse(argv[2]);
    else if (argc == 3 && !strcmp(argv[1], "ripple"))
        ripple(argv[2]);
    else if (argc >= 5 && !strcmp(argv[1], "allpass"))
        against_allpass(argc, argv);
    else if (argc == 5 && !strcmp(argv[1], "own"))
        against_own(argv);
    else
        quit("usage: dynamics_measure impulse|ripple|allpass|own ..., see the head of dynamics_measure.c", "");
    return 0;
}
