/* Spectrum words that a transform's last bits could round either way.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SPECTRA_TIE_H
#define NAVE_SPECTRA_TIE_H
#include <stdint.h>

/* FFTW's last bits differ between CPUs, a plan's words must not. Outside this distance from a tie (in units of the last
 * place) no transform in double precision is wrong; inside it the word is summed again, term by term. */
#define NAVE_TIE_DISTANCE (1.0 / 65536)

typedef struct nave_tie nave_tie;

/* frames: of the partition; NULL when out of memory. */
nave_tie *nave_tie_create(uint32_t frames);
void nave_tie_free(nave_tie *tie);
/* Bin k of the transform of 2 * frames samples of which the first n are h and the others 0: the same bits on every
 * machine with IEEE doubles, error below 1e-15 of the sum of |h|. */
void nave_tie_bin(const nave_tie *tie, const double *h, uint32_t n, uint32_t k, double bin[2]);
/* value to the nearest integer; *near_tie is set if the distance to a tie is below NAVE_TIE_DISTANCE. */
int32_t nave_tie_round(double value, int *near_tie);
#endif
