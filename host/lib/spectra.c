/* Spectra of the response's partitions: double-precision FFTW, then 32-bit words with one exponent a tier.
 *
 * The exponent is the smallest with sqrt(2) 2^30 sum_p |H_p[k]| < 2^63 for each output and bin, so that the card's sums
 * are exact and can't overflow, and with every word inside 32 bits. SPDX-License-Identifier: ISC */
#include "plan.h"
#include "fftw_guard.h"
#include "spectra_tie.h"
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 2^63 / (sqrt(2) 2^30), with a margin that covers the rounding of |X| and of this sum */
#define NAVE_SUM_LIMIT (6.0740e9 * (1 - 1e-6))
#define NAVE_WORD_LIMIT 2147483646.0

typedef struct tier_transform {
    fftw_plan plan;
    double *time;
    fftw_complex *bins;
    nave_tie *tie;
    uint32_t frames;
} tier_transform;

static void transform(tier_transform *tt, const nave_routing *routing, uint32_t response, uint64_t from)
{
    const double *h = routing->samples[response];
    for (uint32_t i = 0; i < 2 * tt->frames; i++)
        tt->time[i] = i < tt->frames && from + i < routing->frames ? h[from + i] : 0.0;
    fftw_execute(tt->plan);
}

/* Largest component and, for each output, the largest sum over its paths and partitions. */
static int survey(tier_transform *tt, const nave_plan_tier *t, const nave_routing *routing, double *component,
                  double *sum)
{
    const uint32_t bins = tt->frames + 1;
    double *total = calloc((size_t)bins * routing->outputs, sizeof(*total));
    if (!total)
        return NAVE_E_NOMEM;
    *component = *sum = 0;
    for (uint32_t r = 0; r < routing->responses; r++)
        for (uint32_t p = 0; p < t->partitions; p++) {
            transform(tt, routing, r, t->offset_frames + (uint64_t)p * tt->frames);
            for (uint32_t k = 0; k < bins; k++) {
                const double re = fabs(tt->bins[k][0]), im = fabs(tt->bins[k][1]), size = sqrt(re * re + im * im);
                *component = fmax(*component, fmax(re, im));
                for (uint32_t i = 0; i < routing->routes; i++)
                    if (routing->route[i].response == r)
                        total[(size_t)routing->route[i].output * bins + k] += size;
            }
        }
    for (size_t k = 0; k < (size_t)bins * routing->outputs; k++)
        *sum = fmax(*sum, total[k]);
    free(total);
    return NAVE_OK;
}

static int exponent_for(const nave_plan_tier *t, double component, double sum)
{
    if (component == 0)
        return 0;
    /* each word may be half off: 0.75 covers |(0.5, 0.5)| */
    const double slack = 0.75 * t->partitions * t->paths;
    int e = (int)ceil(log2(component)) - 32;
    while (ldexp(component, -e) > NAVE_WORD_LIMIT || ldexp(sum, -e) + slack > NAVE_SUM_LIMIT)
        e++;
    return e;
}

/* n samples at h are the partition. */
static void quantise(const tier_transform *tt, const double *h, uint32_t n, int exponent, int32_t *out)
{
    const double scale = ldexp(1.0, -exponent);
    for (uint32_t k = 0; k <= tt->frames; k++) {
        int near_tie = 0;
        double bin[2] = {tt->bins[k][0], tt->bins[k][1]};
        int32_t word[2] = {nave_tie_round(bin[0] * scale, &near_tie), nave_tie_round(bin[1] * scale, &near_tie)};
        if (near_tie) {
            nave_tie_bin(tt->tie, h, n, k, bin);
            word[0] = (int32_t)rint(bin[0] * scale);
            word[1] = (int32_t)rint(bin[1] * scale);
        }
        if (k == tt->frames) {
            out[1] = word[0];
        } else {
            out[2 * k] = word[0];
            out[2 * k + 1] = word[1];
        }
    }
}

static int fill_tier(nave_plan *plan, nave_plan_tier *t, const nave_routing *routing)
{
    int err = NAVE_E_NOMEM;
    tier_transform tt = {.frames = nave_tier_frames(t)};
    tt.time = fftw_alloc_real(2 * (size_t)tt.frames);
    tt.bins = fftw_alloc_complex((size_t)tt.frames + 1);
    tt.tie = nave_tie_create(tt.frames);
    if (!tt.time || !tt.bins || !tt.tie)
        goto err_free;
    nave_fftw_lock();
    tt.plan = fftw_plan_dft_r2c_1d((int)(2 * tt.frames), tt.time, tt.bins, FFTW_ESTIMATE);
    nave_fftw_unlock();
    if (!tt.plan)
        goto err_free;
    double component, sum;
    err = survey(&tt, t, routing, &component, &sum);
    if (err)
        goto err_destroy_plan;
    t->h_exponent = exponent_for(t, component, sum);
    for (uint32_t r = 0; r < routing->responses; r++) {
        const nave_plan_path *path = plan->card.path + t->first_path;
        for (uint32_t i = 0; i < routing->routes; i++)
            if (routing->route[i].response == r)
                path = plan->card.path + t->first_path + i;
        for (uint32_t p = 0; p < t->partitions; p++) {
            const uint64_t from = t->offset_frames + (uint64_t)p * tt.frames, left = routing->frames - from;
            transform(&tt, routing, r, from);
            quantise(&tt, routing->samples[r] + from, left < tt.frames ? (uint32_t)left : tt.frames, t->h_exponent,
                     plan->image + (path->h_base - plan->image_base + (uint64_t)p * t->stride_bytes) / 4);
        }
    }
err_destroy_plan:
    nave_fftw_lock();
    fftw_destroy_plan(tt.plan);
    nave_fftw_unlock();
err_free:
    nave_tie_free(tt.tie);
    fftw_free(tt.time);
    fftw_free(tt.bins);
    return err;
}

int nave_plan_spectra(nave_plan *plan, const nave_routing *routing)
{
    plan->image = aligned_alloc(64, plan->image_bytes);
    if (!plan->image)
        return NAVE_E_NOMEM;
    memset(plan->image, 0, plan->image_bytes);
    for (uint32_t i = 0; i < plan->card.tiers; i++) {
        const int err = fill_tier(plan, &plan->card.tier[i], routing);
        if (err)
            return err;
    }
    return NAVE_OK;
}
