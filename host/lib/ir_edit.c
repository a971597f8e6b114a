/* Edits of a response, in one fixed order: trim, reverse, fades, normalisation, gain, pre-delay, hash.
 * SPDX-License-Identifier: ISC */
#include "ir.h"
#include "fftw_guard.h"
#include "sample_hash.h"
#include <complex.h>
#include <fftw3.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REFINE_PEAKS 8
#define REFINE_STEPS 10       /* to 1/60 of a bin: within 0.001 dB of the top */
#define LONG_FRAMES (1 << 22) /* beyond, a transform of four times the length would need too much memory */
#define HASH_WORDS 1024

static uint64_t frames_of(double seconds, uint32_t rate_hz)
{
    return (uint64_t)llrint(seconds * rate_hz);
}

static double peak_of(const nave_ir *ir)
{
    double peak = 0;
    for (uint32_t p = 0; p < ir->paths; p++)
        for (uint64_t i = 0; i < ir->frames; i++)
            peak = fabs(ir->samples[p][i]) > peak ? fabs(ir->samples[p][i]) : peak;
    return peak;
}

static int trim(nave_ir *ir, const nave_ir_settings *s, nave_text *why)
{
    const uint64_t start = frames_of(s->trim_start_s, ir->rate_hz);
    if (start >= ir->frames)
        return nave_fail(why, NAVE_E_ARG, "trimming %g s from the start leaves nothing of a response of %.3f s",
                         s->trim_start_s, (double)ir->frames / ir->rate_hz);
    uint64_t kept = ir->frames - start;
    if (s->length_s > 0) {
        const uint64_t most = frames_of(s->length_s, ir->rate_hz);
        if (most == 0)
            return nave_fail(why, NAVE_E_ARG, "a length of %g s is less than one frame at %u Hz", s->length_s,
                             ir->rate_hz);
        kept = kept < most ? kept : most;
    }
    for (uint32_t p = 0; p < ir->paths && start; p++)
        memmove(ir->samples[p], ir->samples[p] + start, kept * sizeof(double));
    ir->frames = kept;
    if (s->trim_below_db < 0) {
        const double level = peak_of(ir) * pow(10, s->trim_below_db / 20);
        uint64_t loud = 0;
        for (uint32_t p = 0; p < ir->paths; p++)
            for (uint64_t i = kept; i > loud; i--)
                if (fabs(ir->samples[p][i - 1]) >= level)
                    loud = i;
        ir->frames = loud ? loud : 1;
    }
    return NAVE_OK;
}

static void reverse(nave_ir *ir)
{
    for (uint32_t p = 0; p < ir->paths; p++) {
        double *x = ir->samples[p];
        for (uint64_t i = 0, j = ir->frames - 1; i < j; i++, j--) {
            const double t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
    }
}

/* Rounded, so that another C library's last bit of cos does not change the response. */
static double fade_at(uint64_t i, uint64_t frames)
{
    return ldexp(rint(ldexp(0.5 - 0.5 * cos(M_PI * ((double)i + 0.5) / (double)frames), 40)), -40);
}

static int fade(nave_ir *ir, const nave_ir_settings *s, nave_text *why)
{
    const uint64_t in = frames_of(s->fade_in_s, ir->rate_hz), out = frames_of(s->fade_out_s, ir->rate_hz);
    if (in > ir->frames || out > ir->frames)
        return nave_fail(why, NAVE_E_ARG, "a fade of %g s is longer than the response's %.3f s: make it shorter",
                         in > ir->frames ? s->fade_in_s : s->fade_out_s, (double)ir->frames / ir->rate_hz);
    for (uint64_t i = 0; i < in; i++)
        for (uint32_t p = 0; p < ir->paths; p++)
            ir->samples[p][i] *= fade_at(i, in);
    for (uint64_t i = 0; i < out; i++)
        for (uint32_t p = 0; p < ir->paths; p++)
            ir->samples[p][ir->frames - 1 - i] *= fade_at(i, out);
    return NAVE_OK;
}

static double loudest_energy(const nave_ir *ir)
{
    double loudest = 0;
    for (uint32_t o = 0; o < NAVE_MAX_CHANNELS; o++) {
        double sum = 0;
        for (uint32_t p = 0; p < ir->paths; p++)
            for (uint64_t i = 0; ir->output[p] == o && i < ir->frames; i++)
                sum += ir->samples[p][i] * ir->samples[p][i];
        loudest = sum > loudest ? sum : loudest;
    }
    return loudest;
}

/* |H| at a frequency in cycles per frame. The phasor is renewed now and then, so that its error stays small. */
static double response_at(const double *x, uint64_t frames, double frequency)
{
    double complex sum = 0, w = 1;
    const double complex step = cexp(-2 * M_PI * I * frequency);
    for (uint64_t i = 0; i < frames; i++) {
        if ((i & 1023) == 0)
            w = cexp(-2 * M_PI * I * fmod(frequency * (double)i, 1.0));
        sum += x[i] * w;
        w *= step;
    }
    return cabs(sum);
}

/* A maximum near a bin: the transform is long enough that there is one top between the two neighbours. */
static double refine(const double *x, uint64_t frames, double low, double high)
{
    const double golden = 0.6180339887498949;
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double fa = response_at(x, frames, a), fb = response_at(x, frames, b);
    for (int i = 0; i < REFINE_STEPS; i++) {
        if (fa > fb) {
            high = b;
            b = a;
            fb = fa;
            a = high - golden * (high - low);
            fa = response_at(x, frames, a);
        } else {
            low = a;
            a = b;
            fa = fb;
            b = low + golden * (high - low);
            fb = response_at(x, frames, b);
        }
    }
    return fa > fb ? fa : fb;
}

static double path_peak(const double *x, uint64_t frames, const fftw_complex *spectrum, uint64_t size)
{
    uint64_t tops[REFINE_PEAKS];
    double levels[REFINE_PEAKS] = {0}, peak = 0;
    int count = 0;

    for (uint64_t k = 0; k <= size / 2; k++) {
        const double level = cabs(spectrum[k]);
        const int is_top =
            (k == 0 || level >= cabs(spectrum[k - 1])) && (k == size / 2 || level > cabs(spectrum[k + 1]));
        peak = level > peak ? level : peak;
        if (!is_top || (count == REFINE_PEAKS && level <= levels[count - 1]))
            continue;
        int at = count < REFINE_PEAKS ? count++ : count - 1;
        for (; at > 0 && levels[at - 1] < level; at--) {
            levels[at] = levels[at - 1];
            tops[at] = tops[at - 1];
        }
        levels[at] = level;
        tops[at] = k;
    }
    /* Between two bins of a transform longer than x a top is at most 1/cos(pi/2 frames/size) above them. */
    const double above = 1 / cos(M_PI / 2 * (double)frames / (double)size);
    for (int i = 0; i < count && levels[i] * above >= peak; i++) {
        const double low = ((double)tops[i] - 1) / (double)size, high = ((double)tops[i] + 1) / (double)size;
        const double top = refine(x, frames, low < 0 ? 0 : low, high > 0.5 ? 0.5 : high);
        peak = top > peak ? top : peak;
    }
    return peak;
}

int nave_ir_peak_response(const nave_ir *ir, double *magnitude, nave_text *why)
{
    uint64_t size = 8;
    while (size < (ir->frames <= LONG_FRAMES ? 4 : 2) * ir->frames)
        size *= 2;
    *magnitude = 0;
    double *buffer = fftw_malloc((size + 2) * sizeof *buffer);
    if (!buffer)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while measuring the response");
    nave_fftw_lock();
    fftw_plan plan = fftw_plan_dft_r2c_1d((int)size, buffer, (fftw_complex *)buffer, FFTW_ESTIMATE);
    nave_fftw_unlock();
    if (!plan) {
        fftw_free(buffer);
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while measuring the response");
    }
    for (uint32_t p = 0; p < ir->paths; p++) {
        memcpy(buffer, ir->samples[p], ir->frames * sizeof *buffer);
        memset(buffer + ir->frames, 0, (size + 2 - ir->frames) * sizeof *buffer);
        fftw_execute(plan);
        const double peak = path_peak(ir->samples[p], ir->frames, (fftw_complex *)buffer, size);
        *magnitude = peak > *magnitude ? peak : *magnitude;
    }
    nave_fftw_lock();
    fftw_destroy_plan(plan);
    nave_fftw_unlock();
    fftw_free(buffer);
    return NAVE_OK;
}

/* To 32 significant bits: the last bits of a sum or a power differ between machines, the response must not. */
static double round_gain(double gain)
{
    int exponent;
    const double mantissa = frexp(gain, &exponent);
    return ldexp(rint(ldexp(mantissa, 32)), exponent - 32);
}

static int scale(nave_ir *ir, const nave_ir_settings *s, nave_text *why)
{
    double level = 1;
    int err = NAVE_OK;
    if (s->normalise == NAVE_NORMALISE_PEAK)
        level = peak_of(ir);
    else if (s->normalise == NAVE_NORMALISE_ENERGY)
        level = sqrt(loudest_energy(ir));
    else if (s->normalise == NAVE_NORMALISE_GAIN)
        err = nave_ir_peak_response(ir, &level, why);
    if (err)
        return err;
    if (!(level > 1e-30) || !isfinite(level))
        return nave_fail(why, NAVE_E_FORMAT,
                         "the response is silent, so it cannot be normalised: check its trims, or use no "
                         "normalisation");
    const double gain = round_gain(pow(10, s->gain_db / 20) / level);
    ir->applied_gain_db = 20 * log10(gain);
    for (uint32_t p = 0; p < ir->paths; p++)
        for (uint64_t i = 0; i < ir->frames; i++)
            ir->samples[p][i] = ir->samples[p][i] * gain + 0.0; /* + 0.0: no negative zeros in the hash */
    return NAVE_OK;
}

static int delay(nave_ir *ir, const nave_ir_settings *s, nave_text *why)
{
    const uint64_t before = frames_of(s->predelay_s, ir->rate_hz);
    if (before == 0)
        return NAVE_OK;
    int err = nave_ir_check_size(ir->paths, ir->frames + before, "(with its pre-delay)", why);
    for (uint32_t p = 0; p < ir->paths && !err; p++) {
        double *longer = realloc(ir->samples[p], (ir->frames + before) * sizeof *longer);
        if (!longer)
            return nave_fail(why, NAVE_E_NOMEM, "out of memory for the pre-delay");
        memmove(longer + before, longer, ir->frames * sizeof *longer);
        memset(longer, 0, before * sizeof *longer);
        ir->samples[p] = longer;
    }
    if (!err)
        ir->frames += before;
    return err;
}

static void put_le64(uint8_t *to, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static void hash(nave_ir *ir)
{
    struct sha256_ctx sha;
    uint8_t bytes[HASH_WORDS * 8], digest[SHA256_DIGEST_SIZE];
    const uint64_t head[] = {1, (uint64_t)ir->any, ir->paths, ir->frames, ir->rate_hz};

    sha256_init(&sha);
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        put_le64(bytes + 8 * i, head[i]);
    sha256_update(&sha, sizeof head, bytes);
    for (uint32_t p = 0; p < ir->paths; p++) {
        put_le64(bytes, ir->input[p]);
        put_le64(bytes + 8, ir->output[p]);
        sha256_update(&sha, 16, bytes);
        for (uint64_t done = 0; done < ir->frames;) {
            const uint64_t n = ir->frames - done < HASH_WORDS ? ir->frames - done : HASH_WORDS;
            for (uint64_t i = 0; i < n; i++) {
                uint64_t word;
                memcpy(&word, &ir->samples[p][done + i], sizeof word);
                put_le64(bytes + 8 * i, word);
            }
            sha256_update(&sha, n * 8, bytes);
            done += n;
        }
    }
    sha256_digest(&sha, sizeof digest, digest);
    nave_hex(ir->hash, digest, sizeof digest);
}

int nave_ir_edit(nave_ir *ir, const nave_ir_settings *s, nave_text *why)
{
    int err = trim(ir, s, why);
    if (err)
        return err;
    if (s->reverse)
        reverse(ir);
    err = fade(ir, s, why);
    if (!err)
        err = scale(ir, s, why);
    if (!err)
        err = delay(ir, s, why);
    if (!err)
        hash(ir);
    return err;
}
