/* Reads a sound file once into peak and RMS envelopes and a spectrogram, in constant memory.
 * SPDX-License-Identifier: ISC */
#include <fftw3.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

#define CHUNK_FRAMES 4096
#define LOWEST_HZ 20.0

typedef struct analyser {
    nave_plot_spectrum *out;
    uint32_t channels;
    int size, hop, filled;
    uint64_t start; /* frame of the first sample in history, plus size / 2 */
    double duration_frames;
    double *history; /* [channel * size + n] */
    double *window, *in, *bins;
    fftw_complex *transform;
    fftw_plan plan;
    double scale;
    uint32_t *windows_in_column;
    double *row_bin; /* rows + 1 edges, in bins */
} analyser;

static int fail(nave_text *why, int err, const char *path, const char *what)
{
    if (why)
        snprintf(why->text, sizeof why->text, "%.200s: %.200s", path, what);
    return err;
}

double nave_plot_row_hz(const nave_plot_spectrum *s, double row)
{
    double position = row / s->rows;
    if (s->linear)
        return s->low_hz + position * (s->high_hz - s->low_hz);
    return s->low_hz * pow(s->high_hz / s->low_hz, position);
}

static void analyser_free(analyser *a)
{
    if (a->plan)
        fftw_destroy_plan(a->plan);
    fftw_free(a->in);
    fftw_free(a->transform);
    free(a->history);
    free(a->window);
    free(a->bins);
    free(a->windows_in_column);
    free(a->row_bin);
}

static int analyser_init(analyser *a, nave_plot_spectrum *out, uint32_t channels, uint32_t rate_hz, double duration_s)
{
    memset(a, 0, sizeof *a);
    a->out = out;
    a->channels = channels;
    a->size = rate_hz <= 50000 ? 4096 : rate_hz <= 100000 ? 8192 : 16384;
    a->duration_frames = duration_s * rate_hz;
    double hop = floor(a->duration_frames / out->columns);
    a->hop = hop < 1 ? 1 : hop > a->size / 2 ? a->size / 2 : (int)hop;
    /* The first window is centred on the first sample. */
    a->filled = a->size / 2;
    out->low_hz = out->linear ? 0 : LOWEST_HZ;
    out->high_hz = rate_hz / 2.0;
    size_t bins = (size_t)a->size / 2 + 1;
    out->power = calloc((size_t)out->columns * (size_t)out->rows, sizeof *out->power);
    a->history = calloc((size_t)channels * (size_t)a->size, sizeof *a->history);
    a->window = calloc((size_t)a->size, sizeof *a->window);
    a->bins = calloc(bins, sizeof *a->bins);
    a->windows_in_column = calloc((size_t)out->columns, sizeof *a->windows_in_column);
    a->row_bin = calloc((size_t)out->rows + 1, sizeof *a->row_bin);
    a->in = fftw_malloc((size_t)a->size * sizeof *a->in);
    a->transform = fftw_malloc(bins * sizeof *a->transform);
    if (!out->power || !a->history || !a->window || !a->bins || !a->windows_in_column || !a->row_bin || !a->in ||
        !a->transform)
        return NAVE_E_NOMEM;
    a->plan = fftw_plan_dft_r2c_1d(a->size, a->in, a->transform, FFTW_ESTIMATE);
    if (!a->plan)
        return NAVE_E_NOMEM;
    double sum = 0;
    for (int n = 0; n < a->size; n++) {
        /* Blackman-Harris: side lobes below -92 dB, so that quiet tails stay readable beside loud notes. */
        double t = 2 * M_PI * n / a->size;
        a->window[n] = 0.35875 - 0.48829 * cos(t) + 0.14128 * cos(2 * t) - 0.01168 * cos(3 * t);
        sum += a->window[n];
    }
    a->scale = 4 / (sum * sum);
    for (int r = 0; r <= out->rows; r++)
        a->row_bin[r] = nave_plot_row_hz(out, r) * a->size / rate_hz;
    return NAVE_OK;
}

static double row_power(const analyser *a, int row)
{
    double low = a->row_bin[row], high = a->row_bin[row + 1];
    int first = (int)ceil(low), last = (int)floor(high);
    int top = a->size / 2;
    if (first <= last) {
        double most = 0;
        for (int k = first; k <= last && k <= top; k++)
            most = a->bins[k] > most ? a->bins[k] : most;
        return most;
    }
    /* The row is narrower than a bin. */
    double centre = (low + high) / 2;
    int k = (int)centre;
    if (k >= top)
        return a->bins[top];
    return a->bins[k] + (centre - k) * (a->bins[k + 1] - a->bins[k]);
}

static void analyse_window(analyser *a)
{
    int bins = a->size / 2 + 1, rows = a->out->rows;
    memset(a->bins, 0, (size_t)bins * sizeof *a->bins);
    for (uint32_t c = 0; c < a->channels; c++) {
        const double *h = a->history + (size_t)c * (size_t)a->size;
        for (int n = 0; n < a->size; n++)
            a->in[n] = h[n] * a->window[n];
        fftw_execute(a->plan);
        for (int k = 0; k < bins; k++)
            a->bins[k] += (a->transform[k][0] * a->transform[k][0] + a->transform[k][1] * a->transform[k][1]) *
                          a->scale / a->channels;
    }
    double column = (double)a->start / a->duration_frames * a->out->columns;
    int i = column < a->out->columns ? (int)column : a->out->columns - 1;
    double *power = a->out->power + (size_t)i * (size_t)rows;
    for (int r = 0; r < rows; r++)
        power[r] += row_power(a, r);
    a->windows_in_column[i]++;
}

static void analyser_push(analyser *a, const float *frames, int count)
{
    for (int n = 0; n < count; n++) {
        for (uint32_t c = 0; c < a->channels; c++)
            a->history[(size_t)c * (size_t)a->size + (size_t)a->filled] =
                frames ? frames[(size_t)n * a->channels + c] : 0;
        if (++a->filled < a->size)
            continue;
        analyse_window(a);
        a->filled -= a->hop;
        a->start += (uint64_t)a->hop;
        for (uint32_t c = 0; c < a->channels; c++) {
            double *h = a->history + (size_t)c * (size_t)a->size;
            memmove(h, h + a->hop, (size_t)a->filled * sizeof *h);
        }
    }
}

static void analyser_finish(analyser *a, uint64_t frames)
{
    const nave_plot_spectrum *s = a->out;
    while (a->start < frames)
        analyser_push(a, NULL, 1);
    for (int i = 0; i < s->columns; i++) {
        double *power = s->power + (size_t)i * (size_t)s->rows;
        if (a->windows_in_column[i])
            for (int r = 0; r < s->rows; r++)
                power[r] /= a->windows_in_column[i];
        else if (i > 0 && (double)i / s->columns * a->duration_frames < (double)frames)
            memcpy(power, power - s->rows, (size_t)s->rows * sizeof *power);
    }
}

static int wave_init(nave_plot_wave *w, const SF_INFO *info, int columns)
{
    memset(w, 0, sizeof *w);
    w->channels = (uint32_t)info->channels;
    w->rate_hz = (uint32_t)info->samplerate;
    w->lanes = w->channels <= NAVE_PLOT_LANES ? w->channels : 1;
    w->columns = columns;
    for (uint32_t l = 0; l < w->lanes; l++) {
        w->low[l] = malloc((size_t)columns * sizeof(float));
        w->high[l] = malloc((size_t)columns * sizeof(float));
        w->square[l] = calloc((size_t)columns, sizeof(double));
        if (!w->low[l] || !w->high[l] || !w->square[l])
            return NAVE_E_NOMEM;
        for (int i = 0; i < columns; i++) {
            w->low[l][i] = 1;
            w->high[l][i] = -1;
        }
    }
    return NAVE_OK;
}

static void wave_push(nave_plot_wave *w, const float *frames, int count, double frames_per_column, uint32_t *samples)
{
    for (int n = 0; n < count; n++, w->frames++) {
        double column = (double)w->frames / frames_per_column;
        int i = column < w->columns ? (int)column : w->columns - 1;
        for (uint32_t c = 0; c < w->channels; c++) {
            float x = frames[(size_t)n * w->channels + c];
            uint32_t l = w->lanes == 1 ? 0 : c;
            int empty = w->low[l][i] > w->high[l][i];
            if (empty || x < w->low[l][i])
                w->low[l][i] = x;
            if (empty || x > w->high[l][i])
                w->high[l][i] = x;
            w->square[l][i] += (double)x * x;
            w->peak = fabs(x) > w->peak ? fabs(x) : w->peak;
        }
        samples[i] += w->lanes == 1 ? w->channels : 1;
    }
}

/* Of a file shorter than the plot is wide, each sample covers several columns. */
static void wave_finish(nave_plot_wave *w, double frames_per_column, const uint32_t *samples)
{
    for (uint32_t l = 0; l < w->lanes; l++) {
        for (int i = 0; i < w->columns; i++) {
            if (samples[i]) {
                w->square[l][i] /= samples[i];
            } else if (i > 0 && i * frames_per_column < (double)w->frames) {
                w->low[l][i] = w->low[l][i - 1];
                w->high[l][i] = w->high[l][i - 1];
                w->square[l][i] = w->square[l][i - 1];
            }
        }
    }
}

int nave_plot_probe(const char *path, uint64_t *frames, uint32_t *rate_hz, nave_text *why)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file)
        return fail(why, NAVE_E_IO, path, sf_strerror(NULL));
    sf_close(file);
    *frames = (uint64_t)info.frames;
    *rate_hz = (uint32_t)info.samplerate;
    return NAVE_OK;
}

int nave_plot_read(const char *path, double duration_s, int columns, nave_plot_wave *wave, nave_plot_spectrum *spectrum,
                   nave_text *why)
{
    SF_INFO info = {0};
    analyser a;
    sf_count_t got;
    memset(&a, 0, sizeof a);
    memset(wave, 0, sizeof *wave);
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file)
        return fail(why, NAVE_E_IO, path, sf_strerror(NULL));
    double frames_per_column = duration_s * info.samplerate / columns;
    float *chunk = malloc((size_t)CHUNK_FRAMES * (size_t)info.channels * sizeof *chunk);
    uint32_t *samples = calloc((size_t)columns, sizeof *samples);
    int err = chunk && samples ? wave_init(wave, &info, columns) : NAVE_E_NOMEM;
    if (!err && spectrum)
        err = analyser_init(&a, spectrum, (uint32_t)info.channels, (uint32_t)info.samplerate, duration_s);
    if (err) {
        fail(why, err, path, "the plot doesn't fit the memory.");
        goto err_close_file;
    }
    while ((got = sf_readf_float(file, chunk, CHUNK_FRAMES)) > 0) {
        wave_push(wave, chunk, (int)got, frames_per_column, samples);
        if (spectrum)
            analyser_push(&a, chunk, (int)got);
    }
    if (sf_error(file))
        err = fail(why, NAVE_E_IO, path, sf_strerror(file));
    wave_finish(wave, frames_per_column, samples);
    if (spectrum)
        analyser_finish(&a, wave->frames);
err_close_file:
    if (spectrum)
        analyser_free(&a);
    free(samples);
    free(chunk);
    sf_close(file);
    return err;
}

void nave_plot_wave_free(nave_plot_wave *w)
{
    for (uint32_t l = 0; l < NAVE_PLOT_LANES; l++) {
        free(w->low[l]);
        free(w->high[l]);
        free(w->square[l]);
    }
    memset(w, 0, sizeof *w);
}

void nave_plot_spectrum_free(nave_plot_spectrum *s)
{
    free(s->power);
    s->power = NULL;
}
