/* What a plot is drawn from: envelopes and a spectrogram, of constant size however long the file is.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_PLOT_H
#define NAVE_PLOT_H
#include <stdint.h>

#include "nave.h"

#define NAVE_PLOT_LANES 2

typedef struct nave_plot_wave {
    uint32_t channels, rate_hz, lanes; /* one lane a channel up to NAVE_PLOT_LANES, else all channels in one */
    uint64_t frames;
    int columns;
    float *low[NAVE_PLOT_LANES], *high[NAVE_PLOT_LANES]; /* a column without samples: low > high */
    double *square[NAVE_PLOT_LANES];                     /* mean square */
    double peak;
} nave_plot_wave;

typedef struct nave_plot_spectrum {
    int columns, rows;
    int linear;
    double low_hz, high_hz;
    double *power; /* [column * rows + row], row 0 lowest; a full-scale sine is 1 */
} nave_plot_spectrum;

/* Frames and rate of a file. */
int nave_plot_probe(const char *path, uint64_t *frames, uint32_t *rate_hz, nave_text *why);
/* Reads path once. Columns spread over duration_s. spectrum may be NULL; its columns, rows and linear are inputs. */
int nave_plot_read(const char *path, double duration_s, int columns, nave_plot_wave *wave, nave_plot_spectrum *spectrum,
                   nave_text *why);
void nave_plot_wave_free(nave_plot_wave *wave);
void nave_plot_spectrum_free(nave_plot_spectrum *spectrum);
/* The frequency at the lower edge of a row. */
double nave_plot_row_hz(const nave_plot_spectrum *spectrum, double row);
#endif
