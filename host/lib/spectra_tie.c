/* Spectrum words near a tie, by the definition of the transform with compensated sums. Uses only + - * and fma of IEEE
 * doubles in a fixed order (the build forbids contraction), so every machine finds the same word.
 * SPDX-License-Identifier: ISC */
#include "spectra_tie.h"
#include <math.h>
#include <stdlib.h>

struct nave_tie {
    uint32_t root;      /* 2 * frames */
    double (*angle)[2]; /* cos, sin of 2 pi k / root, k < root */
};

/* Taylor series, |x| <= pi / 4: libm's last bit is its maker's choice. */
static void sin_cos(double x, double *s, double *c)
{
    double term = 1, sum[2] = {0, 0};
    for (int n = 0; n < 24; n++) {
        sum[n & 1] += n & 2 ? -term : term;
        term = term * x / (n + 1);
    }
    *c = sum[0];
    *s = sum[1];
}

nave_tie *nave_tie_create(uint32_t frames)
{
    nave_tie *tie = malloc(sizeof(*tie));
    if (!tie)
        return NULL;
    tie->root = 2 * frames;
    tie->angle = malloc(tie->root * sizeof(*tie->angle));
    if (!tie->angle) {
        free(tie);
        return NULL;
    }
    const double pi = 3.14159265358979323846;
    const uint32_t octant = tie->root / 8;
    for (uint32_t k = 0; k < tie->root; k++) {
        const uint32_t within = k % octant, number = k / octant;
        double c, s;
        sin_cos(2 * pi * (number & 1 ? octant - within : within) / tie->root, &s, &c);
        if (number & 1) {
            const double swap = c;
            c = s;
            s = swap;
        }
        const uint32_t quadrant = number / 2;
        tie->angle[k][0] = quadrant == 0 ? c : quadrant == 1 ? -s : quadrant == 2 ? -c : s;
        tie->angle[k][1] = quadrant == 0 ? s : quadrant == 1 ? c : quadrant == 2 ? -s : -c;
    }
    return tie;
}

void nave_tie_free(nave_tie *tie)
{
    if (tie)
        free(tie->angle);
    free(tie);
}

typedef struct exact_sum {
    double high, low;
} exact_sum;

static void add_product(exact_sum *s, double a, double b)
{
    const double product = a * b, rest = fma(a, b, -product);
    const double sum = s->high + product, back = sum - s->high;
    s->low += (s->high - (sum - back)) + (product - back) + rest;
    s->high = sum;
}

void nave_tie_bin(const nave_tie *tie, const double *h, uint32_t n, uint32_t k, double bin[2])
{
    exact_sum re = {0, 0}, im = {0, 0};
    for (uint32_t i = 0; i < n; i++) {
        const double *w = tie->angle[(uint64_t)i * k % tie->root];
        add_product(&re, h[i], w[0]);
        add_product(&im, h[i], -w[1]);
    }
    bin[0] = re.high + re.low;
    bin[1] = im.high + im.low;
}

int32_t nave_tie_round(double value, int *near_tie)
{
    const double below = floor(value);
    if (fabs(value - below - 0.5) < NAVE_TIE_DISTANCE)
        *near_tie = 1;
    return (int32_t)rint(value);
}
