/* Responses to the session's rate, with level and frequency response kept.
 *
 * A linear-phase filter rings before each of its input samples. For a response that starts at full level in its first
 * frame half of that ringing would fall before time zero and be lost: -1.4 dB for an impulse at frame 0, at all
 * frequencies. So the part before zero is kept, and replaced by the causal sequence that comes nearest to it (least
 * squares) over the pass band; the stop band, where nothing is audible, pays for it. No delay is added. The worst case,
 * an impulse between two frames of a lower rate, is then within 0.5 dB; upwards it is within 0.03 dB.
 * SPDX-License-Identifier: ISC */
#include "ir.h"
#include <inttypes.h>
#include <math.h>
#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#define FEED_FRAMES 16384
#define ONSET_FRAMES 96       /* length of the causal replacement */
#define ONSET_PAST_FRAMES 512 /* of ringing before zero that is looked at */
#define PASS_BAND 0.91        /* of the lower Nyquist frequency: where soxr's steepest filter begins to fall */
#define ONSET_RIDGE 1e-5      /* keeps the replacement no louder than the response where the pass band leaves it free */
#define RING_LEVEL 1e-8       /* what rings behind the end is kept down to -160 dB of the peak */

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b) {
        const uint32_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

/* pad frames of silence, in, pad frames of silence -> out, exactly out_frames of it. */
static int convert(const double *in, uint64_t in_frames, uint64_t pad, double *out, uint64_t out_frames,
                   uint32_t from_hz, uint32_t to_hz, nave_text *why)
{
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    soxr_error_t fault = NULL;
    soxr_t soxr = soxr_create(from_hz, to_hz, 1, &fault, &io, &quality, &runtime);
    double feed[FEED_FRAMES];
    const uint64_t total = pad + in_frames + pad;
    uint64_t fed = 0, given = 0;

    if (!soxr)
        return nave_fail(why, NAVE_E_NOMEM, "cannot convert the response from %u to %u Hz (%s)", from_hz, to_hz,
                         soxr_strerror(fault));
    while (given < out_frames && !fault) {
        size_t taken = 0, made = 0;
        const size_t n = total - fed < FEED_FRAMES ? (size_t)(total - fed) : FEED_FRAMES;
        for (size_t i = 0; i < n; i++) {
            const uint64_t at = fed + i;
            feed[i] = at >= pad && at < pad + in_frames ? in[at - pad] : 0;
        }
        fault = soxr_process(soxr, n ? feed : NULL, n, &taken, out + given, (size_t)(out_frames - given), &made);
        fed += taken;
        given += made;
        if (n == 0 && made == 0)
            break;
    }
    soxr_delete(soxr);
    if (fault)
        return nave_fail(why, NAVE_E_NOMEM, "cannot convert the response from %u to %u Hz (%s)", from_hz, to_hz,
                         soxr_strerror(fault));
    for (uint64_t i = given; i < out_frames; i++)
        out[i] = 0;
    return NAVE_OK;
}

static double kernel(double edge, int64_t d)
{
    return d == 0 ? edge : sin(M_PI * edge * (double)d) / (M_PI * (double)d);
}

/* Adds to causal[0..] the sequence nearest to past[-count..-1], seen through a low pass at edge (1 = Nyquist). */
static void replace_past(double *causal, uint64_t frames, const double *past_end, uint64_t count, double edge)
{
    static const int n = ONSET_FRAMES;
    double a[ONSET_FRAMES][ONSET_FRAMES], x[ONSET_FRAMES];

    for (int i = 0; i < n; i++) {
        x[i] = 0;
        for (uint64_t m = 1; m <= count; m++)
            x[i] += past_end[-(int64_t)m] * kernel(edge, i + (int64_t)m);
        for (int j = 0; j <= i; j++)
            a[i][j] = kernel(edge, i - j) + (i == j ? ONSET_RIDGE : 0);
    }
    /* Cholesky: the matrix is positive definite by its ridge. */
    for (int j = 0; j < n; j++) {
        for (int k = 0; k < j; k++)
            for (int i = j; i < n; i++)
                a[i][j] -= a[i][k] * a[j][k];
        const double pivot = sqrt(a[j][j] > ONSET_RIDGE / 16 ? a[j][j] : ONSET_RIDGE / 16);
        for (int i = j; i < n; i++)
            a[i][j] /= pivot;
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            x[i] -= a[k][i] * x[k];
        x[i] /= a[i][i];
    }
    for (int i = 0; i < n && (uint64_t)i < frames; i++)
        causal[i] += x[i];
}

static double peak_of(const double *x, uint64_t frames)
{
    double peak = 0;
    for (uint64_t i = 0; i < frames; i++)
        peak = fabs(x[i]) > peak ? fabs(x[i]) : peak;
    return peak;
}

int nave_ir_resample(nave_ir *ir, uint32_t rate_hz, nave_text *why)
{
    const uint32_t from_hz = ir->rate_hz;
    if (rate_hz == from_hz)
        return NAVE_OK;
    if (from_hz < NAVE_IR_MIN_RATE_HZ)
        return nave_fail(why, NAVE_E_RATE, "a response at %u Hz cannot be converted: nave takes %d Hz and more",
                         from_hz, NAVE_IR_MIN_RATE_HZ);
    /* Padding of whole periods of the ratio, so that time zero falls on a frame on both sides. */
    const uint32_t g = gcd(from_hz, rate_hz);
    const uint64_t period = from_hz / g;
    const uint64_t least = from_hz > rate_hz ? (uint64_t)ONSET_PAST_FRAMES * from_hz / rate_hz + 1 : ONSET_PAST_FRAMES;
    const uint64_t pad = (least + period - 1) / period * period;
    const uint64_t lead = pad / period * (rate_hz / g);
    const uint64_t body = (ir->frames * rate_hz + from_hz - 1) / from_hz;
    const uint64_t room = body + lead;
    const double edge = PASS_BAND * (from_hz < rate_hz ? (double)from_hz / rate_hz : 1.0);
    double peak = 0;
    uint64_t kept = body;

    int err = nave_ir_check_size(ir->paths, room, "(converted)", why);
    if (err)
        return err;
    for (uint32_t p = 0; p < ir->paths; p++) {
        double *out = malloc((lead + room) * sizeof *out);
        if (!out)
            return nave_fail(why, NAVE_E_NOMEM, "out of memory while converting the response");
        err = convert(ir->samples[p], ir->frames, pad, out, lead + room, from_hz, rate_hz, why);
        if (err) {
            free(out);
            return err;
        }
        for (uint64_t i = 0; i < lead + room; i++)
            out[i] *= (double)from_hz / rate_hz;
        const uint64_t past = lead < ONSET_PAST_FRAMES ? lead : ONSET_PAST_FRAMES;
        const double path_peak = peak_of(out, lead + room);
        if (peak_of(out + lead - past, past) > path_peak * RING_LEVEL)
            replace_past(out + lead, room, out + lead, past, edge);
        memmove(out, out + lead, room * sizeof *out);
        free(ir->samples[p]);
        ir->samples[p] = out;
        peak = path_peak > peak ? path_peak : peak;
    }
    for (uint32_t p = 0; p < ir->paths; p++)
        for (uint64_t i = room; i > kept; i--)
            if (fabs(ir->samples[p][i - 1]) > peak * RING_LEVEL)
                kept = i;
    for (uint32_t p = 0; p < ir->paths; p++) {
        double *shorter = realloc(ir->samples[p], kept * sizeof *shorter);
        if (shorter)
            ir->samples[p] = shorter;
    }
    ir->frames = kept;
    ir->rate_hz = rate_hz;
    return NAVE_OK;
}
