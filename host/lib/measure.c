/* Peak, true peak and loudness of what goes into a file, measured in a thread of its own.
 *
 * libebur128's true peak costs more than a convolution. So a stretch whose samples cannot reach the true peak found so
 * far is passed over; one that may is first interpolated here with the same kernel, many frames at a time, and goes
 * through libebur128 only when it comes within MARGIN of a new peak: the result is libebur128's. A stretch is led in by
 * LEAD_FRAMES of what was before it, more than the kernel's memory (13 taps below 96 kHz, 25 above).
 * SPDX-License-Identifier: ISC */
#include "measure.h"
#include <ebur128.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE 4
#define BLOCK_FRAMES 4096
#define STRETCH_FRAMES 128
#define LEAD_FRAMES 32
/* The sum of magnitudes of any phase of the interpolator: 1.9 with 13 windowed sinc taps, 2.32 with 25. */
#define MAX_RISE_13_TAPS 2.0f
#define MAX_RISE_25_TAPS 2.5f
#define MARGIN 1.01f
#define KERNEL_TAPS 49 /* of libebur128's windowed sinc, over all phases */
#define MAX_TAPS 25    /* of one phase */
#define GROUP 8        /* frames interpolated at a time */

struct nave_measure {
    nave_word word;
    uint32_t channels;
    ebur128_state *loudness, *true_peak;
    float peak, top; /* thread only: largest sample, largest true peak so far */
    float max_rise;
    int phases, taps;
    float kernel[4][MAX_TAPS];
    float channel[LEAD_FRAMES + STRETCH_FRAMES + GROUP]; /* thread only: one channel of a stretch */
    float *block;                                        /* thread only: lead-in, then the block as float */
    int failed;                                          /* thread only until it is joined */
    pthread_t thread;
    int running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int32_t *queue[QUEUE]; /* under lock: the blocks from first on, count of them, are the thread's */
    size_t frames[QUEUE];
    unsigned first, count;
    int ended;
};

static float scale_of(nave_word word)
{
    return word == NAVE_WORD_PCM16 ? 0x1p-15f : word == NAVE_WORD_PCM24 ? 0x1p-23f : 0x1p-31f;
}

static float largest(const float *x, size_t count)
{
    float most = 0;
    for (size_t i = 0; i < count; i++) {
        const float v = fabsf(x[i]);
        most = v > most ? v : most;
    }
    return most;
}

/* Hann-windowed sinc, cut into its phases; phase 0 is the sample itself. */
static void make_kernel(nave_measure *m, uint32_t rate_hz)
{
    m->phases = rate_hz < 96000 ? 4 : rate_hz < 192000 ? 2 : 1;
    m->taps = (KERNEL_TAPS + m->phases - 1) / m->phases;
    for (int j = 0; j < KERNEL_TAPS && m->phases > 1; j++) {
        const double t = M_PI * (j - KERNEL_TAPS / 2) / m->phases;
        const double window = 0.5 - 0.5 * cos(2 * M_PI * j / (KERNEL_TAPS - 1));
        m->kernel[j % m->phases][j / m->phases] = (float)(window * (t == 0 ? 1 : sin(t) / t));
    }
}

/* The largest value between the samples of one channel, x[0] and the taps before it known. */
static float between(const nave_measure *m, const float *x, size_t frames)
{
    float most = 0;
    for (size_t at = 0; at < frames; at += GROUP)
        for (int p = 1; p < m->phases; p++) {
            float sum[GROUP] = {0};
            for (int t = 0; t < m->taps; t++)
                for (int i = 0; i < GROUP; i++)
                    sum[i] += m->kernel[p][t] * x[(ptrdiff_t)at + i - t];
            for (int i = 0; i < GROUP; i++) {
                const float v = fabsf(sum[i]);
                most = v > most ? v : most;
            }
        }
    return most;
}

static int may_raise_top(nave_measure *m, const float *lead, size_t frames)
{
    const size_t all = LEAD_FRAMES + frames;
    if (largest(lead, all * m->channels) * m->max_rise <= m->top)
        return 0;
    float *one = m->channel;
    memset(one + all, 0, GROUP * sizeof *one); /* the last group may look beyond the stretch */
    for (uint32_t c = 0; c < m->channels; c++) {
        for (size_t i = 0; i < all; i++)
            one[i] = lead[i * m->channels + c];
        if (between(m, one + LEAD_FRAMES, frames) * MARGIN > m->top)
            return 1;
    }
    return 0;
}

static void find_true_peak(nave_measure *m, const float *block, size_t frames)
{
    for (size_t at = 0; at < frames; at += STRETCH_FRAMES) {
        const size_t n = frames - at < STRETCH_FRAMES ? frames - at : STRETCH_FRAMES;
        const float *from = block + at * m->channels, *lead = from - (size_t)LEAD_FRAMES * m->channels;
        const float most = largest(from, n * m->channels);
        m->peak = most > m->peak ? most : m->peak;
        m->top = m->peak > m->top ? m->peak : m->top;
        if (!may_raise_top(m, lead, n))
            continue;
        m->failed |= ebur128_add_frames_float(m->true_peak, lead, LEAD_FRAMES) != EBUR128_SUCCESS;
        m->failed |= ebur128_add_frames_float(m->true_peak, from, n) != EBUR128_SUCCESS;
        for (uint32_t c = 0; c < m->channels; c++) {
            double top = 0;
            m->failed |= ebur128_prev_true_peak(m->true_peak, c, &top) != EBUR128_SUCCESS;
            m->top = (float)top > m->top ? (float)top : m->top;
        }
    }
}

static void take_block(nave_measure *m, const int32_t *words, size_t frames)
{
    const size_t lead = (size_t)LEAD_FRAMES * m->channels, count = frames * m->channels;
    float *to = m->block + lead;
    if (m->word == NAVE_WORD_FLOAT) {
        memcpy(to, words, count * sizeof *to);
    } else {
        const float scale = scale_of(m->word);
        for (size_t i = 0; i < count; i++)
            to[i] = (float)words[i] * scale;
    }
    m->failed |= ebur128_add_frames_float(m->loudness, to, frames) != EBUR128_SUCCESS;
    find_true_peak(m, to, frames);
    memmove(m->block, m->block + count, lead * sizeof *to);
}

static void *run(void *user)
{
    nave_measure *m = user;
    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (m->count == 0 && !m->ended)
            pthread_cond_wait(&m->changed, &m->lock);
        if (m->count == 0)
            break;
        const unsigned at = m->first;
        pthread_mutex_unlock(&m->lock);
        take_block(m, m->queue[at], m->frames[at]);
        pthread_mutex_lock(&m->lock);
        m->first = (at + 1) % QUEUE;
        m->count--;
        pthread_cond_broadcast(&m->changed);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

int nave_measure_open(nave_measure **out, nave_word word, uint32_t channels, uint32_t rate_hz, nave_text *why)
{
    *out = NULL;
    nave_measure *m = calloc(1, sizeof *m);
    if (!m)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the meters");
    m->word = word;
    m->channels = channels;
    m->max_rise = rate_hz < 96000 ? MAX_RISE_13_TAPS : MAX_RISE_25_TAPS;
    make_kernel(m, rate_hz);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->changed, NULL);
    m->loudness = ebur128_init(channels, rate_hz, EBUR128_MODE_I);
    m->true_peak = ebur128_init(channels, rate_hz, EBUR128_MODE_TRUE_PEAK);
    m->block = calloc((size_t)(LEAD_FRAMES + BLOCK_FRAMES) * channels, sizeof *m->block);
    int good = m->loudness && m->true_peak && m->block;
    for (int i = 0; i < QUEUE; i++) {
        m->queue[i] = malloc((size_t)BLOCK_FRAMES * channels * sizeof *m->queue[i]);
        good = good && m->queue[i];
    }
    if (good)
        m->running = pthread_create(&m->thread, NULL, run, m) == 0;
    if (!m->running) {
        nave_measure_close(m);
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the meters");
    }
    *out = m;
    return NAVE_OK;
}

void nave_measure_add(nave_measure *m, const int32_t *words, size_t frames)
{
    while (frames) {
        const size_t n = frames < BLOCK_FRAMES ? frames : BLOCK_FRAMES;
        pthread_mutex_lock(&m->lock);
        while (m->count == QUEUE)
            pthread_cond_wait(&m->changed, &m->lock);
        const unsigned at = (m->first + m->count) % QUEUE;
        pthread_mutex_unlock(&m->lock);
        memcpy(m->queue[at], words, n * m->channels * sizeof *words);
        m->frames[at] = n;
        pthread_mutex_lock(&m->lock);
        m->count++;
        pthread_cond_broadcast(&m->changed);
        pthread_mutex_unlock(&m->lock);
        words += n * m->channels;
        frames -= n;
    }
}

static void join(nave_measure *m)
{
    if (!m->running)
        return;
    pthread_mutex_lock(&m->lock);
    m->ended = 1;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    m->running = 0;
}

int nave_measure_result(nave_measure *m, double *peak_dbfs, double *true_peak_dbtp, double *loudness_lufs,
                        nave_text *why)
{
    join(m);
    *peak_dbfs = m->peak > 0 ? 20 * log10(m->peak) : -INFINITY;
    *true_peak_dbtp = m->top > 0 ? 20 * log10(m->top) : -INFINITY;
    if (m->failed || ebur128_loudness_global(m->loudness, loudness_lufs) != EBUR128_SUCCESS)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory in the loudness meter");
    return NAVE_OK;
}

void nave_measure_close(nave_measure *m)
{
    if (!m)
        return;
    join(m);
    if (m->loudness)
        ebur128_destroy(&m->loudness);
    if (m->true_peak)
        ebur128_destroy(&m->true_peak);
    for (int i = 0; i < QUEUE; i++)
        free(m->queue[i]);
    free(m->block);
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    free(m);
}
