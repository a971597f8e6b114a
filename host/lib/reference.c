/* How far a render is from the same convolution in double precision, over a stretch chosen before it starts.
 * SPDX-License-Identifier: ISC */
#include "reference.h"
#include "fftw_guard.h"
#include "ir.h"
#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STRETCH_FRAMES 16384
#define MAX_CHECKED_PATHS 16 /* transforms are dear: of a large matrix the first outputs are checked */

struct nave_reference {
    const nave_ir *ir;
    uint32_t channels_in, channels_out;
    uint64_t past_frames; /* of input before the stretch: response - 1 */
    uint64_t start;       /* of the stretch in the output */
    uint64_t first_input; /* earliest frame of the input that the stretch depends on */
    uint64_t seen_input, seen_output;
    uint32_t have;                     /* frames of the stretch that came */
    int32_t *input[NAVE_MAX_CHANNELS]; /* past_frames + STRETCH_FRAMES each, silence where the file has none */
    double *output[NAVE_MAX_CHANNELS]; /* STRETCH_FRAMES each, full scale = 1 */
};

int nave_reference_open(nave_reference **out, const nave_ir *ir, uint32_t channels_in, uint32_t channels_out,
                        uint64_t total_frames, nave_text *why)
{
    *out = NULL;
    nave_reference *r = calloc(1, sizeof *r);
    if (!r)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the noise figure");
    r->ir = ir;
    r->channels_in = channels_in;
    r->channels_out = channels_out;
    r->past_frames = ir->frames - 1;
    r->start = total_frames > STRETCH_FRAMES ? (total_frames - STRETCH_FRAMES) / 2 : 0;
    r->first_input = r->start > r->past_frames ? r->start - r->past_frames : 0;
    int good = 1;
    for (uint32_t c = 0; c < channels_in; c++) {
        r->input[c] = calloc(r->past_frames + STRETCH_FRAMES, sizeof *r->input[c]);
        good = good && r->input[c];
    }
    for (uint32_t c = 0; c < channels_out; c++) {
        r->output[c] = calloc(STRETCH_FRAMES, sizeof *r->output[c]);
        good = good && r->output[c];
    }
    if (!good) {
        nave_reference_close(r);
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the noise figure");
    }
    *out = r;
    return NAVE_OK;
}

/* The part of [at, at + frames) that lies in [low, high): its offset and its length. */
static size_t overlap(uint64_t at, size_t frames, uint64_t low, uint64_t high, size_t *offset)
{
    const uint64_t from = at > low ? at : low, to = at + frames < high ? at + frames : high;
    *offset = from < to ? (size_t)(from - at) : 0;
    return from < to ? (size_t)(to - from) : 0;
}

void nave_reference_input(nave_reference *r, const int32_t *const *q28, size_t frames)
{
    size_t offset;
    const size_t n = overlap(r->seen_input, frames, r->first_input, r->start + STRETCH_FRAMES, &offset);
    const uint64_t to = r->past_frames + (r->seen_input + offset) - r->start; /* may wrap in between, not in the end */
    for (uint32_t c = 0; c < r->channels_in && n; c++)
        memcpy(r->input[c] + to, q28[c] + offset, n * sizeof **q28);
    r->seen_input += frames;
}

void nave_reference_output(nave_reference *r, const int64_t *const *q44, const int32_t *const *q28, size_t frames)
{
    size_t offset;
    const size_t n = overlap(r->seen_output, frames, r->start, r->start + STRETCH_FRAMES, &offset);
    const uint64_t to = r->seen_output + offset - r->start;
    for (uint32_t c = 0; c < r->channels_out; c++)
        for (size_t i = 0; i < n; i++)
            r->output[c][to + i] = q44 ? (double)q44[c][offset + i] * 0x1p-44 : (double)q28[c][offset + i] * 0x1p-28;
    r->have += (uint32_t)n;
    r->seen_output += frames;
}

/* The least 2^a 3^b 5^c from n on, even. */
static uint64_t transform_size(uint64_t n)
{
    uint64_t best = 2;
    while (best < n)
        best *= 2;
    for (uint64_t five = 1; five < best; five *= 5)
        for (uint64_t three = five; three < best; three *= 3) {
            uint64_t size = three * 2;
            while (size < n)
                size *= 2;
            best = size < best ? size : best;
        }
    return best;
}

typedef struct work {
    uint64_t size;
    double *x, *h, *sum; /* size + 2 each: real in, half a spectrum out, in place */
    fftw_plan forward, backward;
} work;

static void work_end(work *w)
{
    nave_fftw_lock();
    if (w->forward)
        fftw_destroy_plan(w->forward);
    if (w->backward)
        fftw_destroy_plan(w->backward);
    nave_fftw_unlock();
    fftw_free(w->x);
    fftw_free(w->h);
    fftw_free(w->sum);
}

static int work_begin(work *w, uint64_t frames)
{
    *w = (work){.size = transform_size(frames)};
    const size_t bytes = (w->size + 2) * sizeof(double);
    w->x = fftw_malloc(bytes);
    w->h = fftw_malloc(bytes);
    w->sum = fftw_malloc(bytes);
    if (!w->x || !w->h || !w->sum)
        return 0;
    nave_fftw_lock();
    w->forward = fftw_plan_dft_r2c_1d((int)w->size, w->x, (fftw_complex *)w->x, FFTW_ESTIMATE);
    w->backward = fftw_plan_dft_c2r_1d((int)w->size, (fftw_complex *)w->x, w->x, FFTW_ESTIMATE);
    nave_fftw_unlock();
    return w->forward && w->backward;
}

static void transform_input(const nave_reference *r, work *w, uint32_t channel)
{
    const uint64_t frames = r->past_frames + STRETCH_FRAMES;
    for (uint64_t i = 0; i < frames; i++)
        w->x[i] = r->input[channel][i] * 0x1p-28;
    memset(w->x + frames, 0, (w->size + 2 - frames) * sizeof *w->x);
    fftw_execute(w->forward);
}

static void add_path(const nave_reference *r, work *w, const double *samples)
{
    memcpy(w->h, samples, r->ir->frames * sizeof *w->h);
    memset(w->h + r->ir->frames, 0, (w->size + 2 - r->ir->frames) * sizeof *w->h);
    fftw_execute_dft_r2c(w->forward, w->h, (fftw_complex *)w->h);
    const double complex *x = (const double complex *)w->x, *h = (const double complex *)w->h;
    double complex *sum = (double complex *)w->sum;
    for (uint64_t k = 0; k <= w->size / 2; k++)
        sum[k] += x[k] * h[k];
}

/* Squared error of one output over the stretch. */
static double output_error(const nave_reference *r, work *w, uint32_t output, double wet, double dry)
{
    const nave_ir *ir = r->ir;
    double squares = 0;
    memset(w->sum, 0, (w->size + 2) * sizeof *w->sum);
    for (uint32_t p = 0; p < ir->paths; p++) {
        if (!ir->any && ir->output[p] != output)
            continue;
        /* a mono input feeds all paths */
        transform_input(r, w, ir->any ? output : r->channels_in == 1 ? 0 : ir->input[p]);
        add_path(r, w, ir->samples[p]);
    }
    fftw_execute_dft_c2r(w->backward, (fftw_complex *)w->sum, w->sum);
    for (uint32_t i = 0; i < r->have; i++) {
        double y = wet * w->sum[r->past_frames + i] / (double)w->size;
        if (output < r->channels_in)
            y += dry * (r->input[output][r->past_frames + i] * 0x1p-28);
        /* The card limits at +-8; what it limits is counted, not an error. */
        y = y > 8 ? 8 : y < -8 ? -8 : y;
        squares += (r->output[output][i] - y) * (r->output[output][i] - y);
    }
    return squares;
}

int nave_reference_result(nave_reference *r, double wet, double dry, double *error_rms_dbfs, nave_text *why)
{
    work w;
    double squares = 0;
    uint32_t paths = 0, outputs = 0;
    int err = NAVE_OK;
    if (!work_begin(&w, r->past_frames + STRETCH_FRAMES))
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory for the noise figure");
    for (uint32_t o = 0; o < r->channels_out && !err; o++) {
        uint32_t mine = 0;
        for (uint32_t p = 0; p < r->ir->paths; p++)
            mine += r->ir->any || r->ir->output[p] == o;
        if (outputs && paths + mine > MAX_CHECKED_PATHS)
            break;
        squares += output_error(r, &w, o, wet, dry);
        paths += mine;
        outputs++;
    }
    work_end(&w);
    const double mean = outputs && r->have ? squares / ((double)outputs * r->have) : 0;
    *error_rms_dbfs = mean > 0 ? 10 * log10(mean) : -INFINITY;
    return err;
}

void nave_reference_close(nave_reference *r)
{
    if (!r)
        return;
    for (uint32_t c = 0; c < NAVE_MAX_CHANNELS; c++) {
        free(r->input[c]);
        free(r->output[c]);
    }
    free(r);
}
