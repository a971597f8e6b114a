/* True-peak limiter: the ceiling holds on hostile material, and what it does is what a naive limiter in double does.
 *
 * Two measurements that share nothing with the detector: libebur128, and the whole signal interpolated 16 times by an
 * FFT, which is the ideal low-pass at half the rate: no converter or meter reads more of what lies just below it.
 * SPDX-License-Identifier: ISC */
#include "dyn_test.h"
#include <ebur128.h>

#define CEILING_DB -1.0
#define AIM_DB (CEILING_DB - NAVE_CEILING_MARGIN_DB)
#define UP 16
#define EDGE 2000 /* frames at both ends that the FFT wraps around */

/* dB above full scale. */
static double true_peak_16x(const int32_t *x, size_t n)
{
    double *in = fftw_alloc_real(n), *out = fftw_alloc_real(n * UP), peak = 0;
    fftw_complex *low = fftw_alloc_complex(n / 2 + 1), *high = fftw_alloc_complex(n * UP / 2 + 1);
    ck_assert(in && out && low && high);
    fftw_plan there = fftw_plan_dft_r2c_1d((int)n, in, low, FFTW_ESTIMATE);
    fftw_plan back = fftw_plan_dft_c2r_1d((int)n * UP, high, out, FFTW_ESTIMATE);
    for (size_t i = 0; i < n; i++)
        in[i] = x[i] * 0x1p-28 / (double)n;
    fftw_execute(there);
    memset(high, 0, (n * UP / 2 + 1) * sizeof(*high));
    memcpy(high, low, (n / 2) * sizeof(*high)); /* half the rate itself belongs to no band */
    fftw_execute(back);
    for (size_t i = EDGE * UP; i < (n - EDGE) * UP; i++)
        peak = fmax(peak, fabs(out[i]));
    fftw_destroy_plan(there);
    fftw_destroy_plan(back);
    fftw_free(in);
    fftw_free(out);
    fftw_free(low);
    fftw_free(high);
    return 20 * log10(peak + 1e-20);
}

static double true_peak_ebur128(const int32_t *x, size_t n, double rate)
{
    ebur128_state *s = ebur128_init(1, (unsigned long)rate, EBUR128_MODE_TRUE_PEAK);
    double *v = malloc(n * sizeof(*v)), peak;
    for (size_t i = 0; i < n; i++)
        v[i] = x[i] * 0x1p-28;
    ck_assert_int_eq(ebur128_add_frames_double(s, v, n), EBUR128_SUCCESS);
    ck_assert_int_eq(ebur128_true_peak(s, 0, &peak), EBUR128_SUCCESS);
    ebur128_destroy(&s);
    free(v);
    return 20 * log10(peak + 1e-20);
}

/* Removes what lies above hz. */
static void band_limit(double *x, size_t n, double hz, double rate)
{
    fftw_complex *s = fftw_alloc_complex(n / 2 + 1);
    fftw_plan there = fftw_plan_dft_r2c_1d((int)n, x, s, FFTW_ESTIMATE),
              back = fftw_plan_dft_c2r_1d((int)n, s, x, FFTW_ESTIMATE);
    fftw_execute(there);
    for (size_t k = 0; k <= n / 2; k++)
        for (int c = 0; c < 2; c++)
            s[k][c] = (double)k * rate / (double)n > hz ? 0 : s[k][c] / (double)n;
    fftw_execute(back);
    fftw_destroy_plan(there);
    fftw_destroy_plan(back);
    fftw_free(s);
}

enum {
    WHITE_BURSTS,
    BITS,
    BIT_BURSTS,
    CLIPPED,
    QUARTER,
    QUARTER_BURSTS,
    SQUARE,
    SQUARE_3K,
    TONE_BURSTS,
    IMPULSES,
    LOW_TONE,
    GAUSS,
    MATERIALS
};
static const struct {
    const char *name;
    int below_20k; /* band-limited before it reaches the limiter */
    double bound_db;
} material[MATERIALS] = {
    {"white noise bursts +-1", 0, 0.3}, {"random bits +-1", 0, 0.3},    {"bursts of random bits", 0, 0.3},
    {"clipped master +12 dB", 0, 0.3},  {"fs/4 at 45 degrees", 1, 0.1}, {"fs/4 at 45 degrees, +9 dB bursts", 1, 0.1},
    {"square 997 Hz", 1, 0.1},          {"square 3 kHz", 1, 0.1},       {"19.9 kHz bursts", 1, 0.1},
    {"impulses +12 dB", 1, 0.1},        {"50 Hz +6 dB", 1, 0.1},        {"gaussian bursts +12 dB", 1, 0.1},
};

static signal_q28 make(int kind, size_t n, double rate, rng *r)
{
    signal_q28 s = signal_new(1, n);
    double *v = fftw_alloc_real(n);
    signal_q28 pink = signal_pink(r, 1, n, 1.0);
    for (size_t i = 0; i < n; i++) {
        const double gate = (double)(i / (size_t)(rate / 20) % 2), t = (double)i / rate;
        const double bit = rng_next(r) & 1 ? 1 : -1;
        double gauss = 0;
        for (int k = 0; k < 12; k++)
            gauss += rng_signed(r) / 2;
        const double clipped = fmax(-1, fmin(1, 4 * pink.word[0][i] * 0x1p-28));
        const double all[MATERIALS] = {gate * rng_signed(r),
                                       bit,
                                       gate * bit,
                                       clipped,
                                       sqrt(2) * cos(M_PI / 2 * (double)i + M_PI / 4),
                                       gate * 2.8 * sqrt(2) * cos(M_PI / 2 * (double)i + M_PI / 4),
                                       sin(2 * M_PI * 997 * t) >= 0 ? 1 : -1,
                                       sin(2 * M_PI * 3000 * (t + 0.5 / rate)) >= 0 ? 1 : -1,
                                       gate * 1.4 * sin(2 * M_PI * 19900 * t),
                                       i % 1000 == 0 ? 3.9 : 0,
                                       2 * sin(2 * M_PI * 50 * t),
                                       gate * 2 * gauss};
        v[i] = all[kind];
    }
    if (material[kind].below_20k)
        band_limit(v, n, 20000, rate);
    for (size_t i = 0; i < n; i++)
        s.word[0][i] = q28(v[i]);
    signal_free(&pink);
    fftw_free(v);
    return s;
}

static nave_dyn_settings limiter(double rate)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, rate);
    s.limiter = 1;
    s.ceiling_db = CEILING_DB;
    return s;
}

START_TEST(the_ceiling_holds_on_hostile_material)
{
    rng r = rng_for("hostile");
    const int32_t top = q28(pow(10, AIM_DB / 20)) + 512; /* the tables' 2e-5 dB */
    for (double rate = 44100; rate <= 192000; rate = rate == 44100 ? 48000 : rate * 4)
        for (int k = 0; k < MATERIALS; k++) {
            const size_t n = 1 << 16;
            nave_dyn_settings s = limiter(rate);
            s.limiter_lookahead_s = rng_below(&r, 2) ? 0.0015 : 0.005;
            signal_q28 in = make(k, n, rate, &r), out = play_settings(&s, &in);
            const double fft = true_peak_16x(out.word[0], n) - CEILING_DB;
            const double ebu = true_peak_ebur128(out.word[0], n, rate) - CEILING_DB;
            figure("%6.0f Hz, %-32s in %+6.2f dBTP, over the ceiling: 16x %+.3f dB, libebur128 %+.3f dB\n", rate,
                   material[k].name, true_peak_16x(in.word[0], n), fft, ebu);
            ck_assert_msg(fmax(fft, ebu) <= material[k].bound_db,
                          "%s at %g Hz: over by %.3f dB (16x), %.3f dB (libebur128)", material[k].name, rate, fft, ebu);
            int32_t most = 0;
            for (size_t i = 0; i < n; i++)
                most = abs(out.word[0][i]) > most ? abs(out.word[0][i]) : most;
            ck_assert_int_le(most, top);
            signal_free(&in);
            signal_free(&out);
        }
}
END_TEST

START_TEST(dither_after_the_limiter_adds_no_more_than_itself)
{
    rng r = rng_for("dither");
    const size_t n = 1 << 16;
    const int kind[] = {CLIPPED, GAUSS, WHITE_BURSTS};
    for (size_t k = 0; k < sizeof(kind) / sizeof(*kind); k++) {
        const nave_dyn_settings s = limiter(48000);
        signal_q28 in = make(kind[k], n, 48000, &r), out = play_settings(&s, &in);
        const double before = true_peak_16x(out.word[0], n);
        double most = 0;
        for (size_t i = 0; i < n; i++) { /* 16 bits: 2^13 of 2^-28 a step, triangular over two steps */
            const double noise = (rng_signed(&r) + rng_signed(&r)) / 2;
            const int32_t word = (int32_t)rint(out.word[0][i] * 0x1p-13 + noise) * (1 << 13);
            most = fmax(most, fabs((double)(word - out.word[0][i])));
            out.word[0][i] = word;
        }
        const double after = true_peak_16x(out.word[0], n),
                     own = 20 * log10(1 + 3 * most * 0x1p-28 / pow(10, AIM_DB / 20));
        figure("16-bit dither, %-24s peak %+.4f dB before, %+.4f dB after (ceiling %g)\n", material[kind[k]].name,
               before, after, CEILING_DB);
        ck_assert_double_le(after, before + own); /* an interpolation sums at most 3 words of it */
        ck_assert_double_le(after, CEILING_DB + material[kind[k]].bound_db);
        signal_free(&in);
        signal_free(&out);
    }
}
END_TEST

START_TEST(a_steady_tone_ends_at_the_ceiling)
{
    /* not far below it: a limiter that is merely quiet would pass the test above. The taps' ripple is 0.06 dB,
     * and a peak on the detector's grid is read with the boost of its frequency. */
    static const double hz[] = {50, 997, 5000, 12000, 18000};
    for (size_t k = 0; k < sizeof(hz) / sizeof(*hz); k++) {
        const nave_dyn_settings s = limiter(48000);
        signal_q28 in = signal_sine(1, 1 << 16, hz[k], 48000, 1.7, 0.3), out = play_settings(&s, &in);
        const double off = true_peak_16x(out.word[0] + (1 << 15), 1 << 15) - AIM_DB;
        figure("tone of %5.0f Hz at +4.6 dBFS ends %+.3f dB from where the limiter aims\n", hz[k], off);
        ck_assert_msg(off > -0.2 + 20 * log10(cos(M_PI / 4 * hz[k] / 48000)) && off < 0.1,
                      "%g Hz ends %g dB from the ceiling", hz[k], off);
        signal_free(&in);
        signal_free(&out);
    }
}
END_TEST

/* ---- the same limiter, naively and in double, from the detector's readings ---- */
static void naive(const double *need, size_t n, uint32_t lookahead, double release_share, double *gain)
{
    uint32_t box[2];
    nave_limiter_box_frames(lookahead, box);
    const size_t window = lookahead + 2 * NAVE_LIMIT_MARGIN + 1;
    double *level = calloc(n, sizeof(*level)), *first = calloc(n, sizeof(*first)), reduction = 0;
    for (size_t i = 0; i < n; i++) {
        double held = 0;
        for (size_t k = 0; k < window && k <= i; k++)
            held = fmax(held, need[i - k]);
        reduction = held >= reduction ? held : reduction + release_share * (held - reduction);
        level[i] = reduction;
        for (size_t k = 0; k < box[0] && k <= i; k++)
            first[i] += level[i - k] / box[0];
        gain[i] = 0;
        for (size_t k = 0; k < box[1] && k <= i; k++)
            gain[i] -= first[i - k] / box[1];
    }
    free(level);
    free(first);
}

START_TEST(the_gain_is_that_of_a_naive_limiter)
{
    rng r = rng_for("naive");
    double worst = 0;
    for (uint32_t look = 2; look < 400; look = look * 2 + rng_below(&r, 5)) {
        nave_dyn_settings s = limiter(48000);
        s.limiter_lookahead_s = look / 48000.0;
        s.limiter_release_s = 0.02;
        engine e = engine_of(&s, 2);
        const size_t n = 6000;
        double *need = malloc(n * sizeof(*need)), *gain = malloc(n * sizeof(*gain));
        nave_peak_history history[2] = {0};
        uint32_t above[6000];
        signal_q28 in = signal_new(2, n), out = signal_new(2, n);
        for (size_t i = 0; i < n; i++) {
            const int32_t loud = (rng_next(&r) & 63) == 0 ? 4 : 1;
            uint32_t peak = 0;
            above[i] = 0;
            for (uint32_t c = 0; c < 2; c++) {
                in.word[c][i] = q28(loud * 0.6 * rng_signed(&r));
                const nave_peak_reading reading = nave_peak_step(&history[c], in.word[c][i]);
                peak = reading.peak > peak ? reading.peak : peak;
                above[i] = reading.above > above[i] ? reading.above : above[i];
            }
            uint32_t most = 0;
            for (size_t k = 0; k < NAVE_LIMIT_ABOVE && k <= i; k++)
                most = above[i - k] > most ? above[i - k] : most;
            need[i] = fmax(0, log2((peak + (double)most) * 0x1p-28) - AIM_DB / (20 * log10(2)));
        }
        naive(need, n, look, nave_dyn_share(0.02, 48000), gain);
        for (size_t i = 0; i < n; i++) {
            int32_t x[2] = {in.word[0][i], in.word[1][i]};
            nave_limiter_step(&e.dyn->limiter, &e.dyn->limiter_state, 2, x);
            worst = fmax(worst, fabs(e.dyn->limiter_state.gain * 0x1p-25 - gain[i]));
            for (uint32_t c = 0; c < 2; c++) { /* both channels get it, at the right frame */
                const uint32_t latency = nave_limiter_latency(look);
                const double should = i < latency ? 0 : in.word[c][i - latency] * exp2(gain[i]);
                ck_assert_msg(fabs(x[c] - should) <= 2 + 1e-5 * fabs(should) ||
                                  fabs(should) > 0x1p28 * pow(10, AIM_DB / 20),
                              "look-ahead %u, frame %zu: %d instead of %.1f", look, i, x[c], should);
            }
        }
        ck_assert_msg(worst * 6.02 < 5e-5, "look-ahead %u: the gain is off by %g dB", look, worst * 6.02);
        free(need);
        free(gain);
        signal_free(&in);
        signal_free(&out);
        engine_free(&e);
    }
    figure("gain against a naive limiter in double: at most %.2e dB off\n", worst * 6.02);
}
END_TEST

START_TEST(the_gain_moves_only_within_its_look_ahead)
{
    const nave_dyn_settings s = limiter(48000);
    engine e = engine_of(&s, 1);
    const size_t hit = 3000, n = 12000;
    signal_q28 in = signal_new(1, n);
    for (size_t i = 0; i < n; i++)
        in.word[0][i] = (i / 8 % 2 ? 1 : -1) * FULL_SCALE / (i >= hit && i < hit + 40 ? 1 : 4);
    signal_q28 out = engine_play(&e, &in, NULL);
    size_t first = e.latency;
    while (first < n && out.word[0][first] == in.word[0][first - e.latency])
        first++;
    first -= e.latency;
    /* the interpolator sees a hit half its length before */
    ck_assert_uint_ge(first, hit - 72 - NAVE_PEAK_DELAY - NAVE_LIMIT_MARGIN);
    ck_assert_uint_le(first, hit - 60);
    engine_free(&e);
    signal_free(&in);
    signal_free(&out);
}
END_TEST

START_TEST(release_takes_its_time)
{
    for (int rate = 48000; rate <= 192000; rate *= 4)
        for (double seconds = 0.005; seconds <= 5; seconds *= 10) {
            nave_dyn_settings s = limiter(rate);
            s.limiter_release_s = seconds;
            engine e = engine_of(&s, 1);
            int64_t from = 0;
            uint32_t frames = 0;
            for (int i = 0; i < 4000; i++) {
                int32_t x = i < 3000 ? 2 * FULL_SCALE : 0;
                nave_limiter_step(&e.dyn->limiter, &e.dyn->limiter_state, 1, &x);
            }
            from = e.dyn->limiter_state.reduction;
            ck_assert_int_gt(from, (int64_t)1 << 20);
            while (e.dyn->limiter_state.reduction > (double)from / M_E && frames < 2000000) {
                int32_t x = 0;
                nave_limiter_step(&e.dyn->limiter, &e.dyn->limiter_state, 1, &x);
                frames++;
            }
            ck_assert_msg(fabs(frames - seconds * rate) <= 1 + 0.01 * seconds * rate, "%g s at %d Hz: %u frames",
                          seconds, rate, frames);
            engine_free(&e);
        }
}
END_TEST

START_TEST(the_detector_reads_tones_at_their_height)
{
    /* wherever the peak lies between the samples; up to 20 kHz at 48 kHz */
    double least = 9, most = -9;
    for (double hz = 500; hz <= 20000; hz += 390) {
        const double f = hz / 48000;
        for (int k = 0; k < 8; k++) {
            nave_peak_history z = {0};
            uint32_t peak = 0, above = 0;
            for (int i = 0; i < 3000; i++) {
                const nave_peak_reading r = nave_peak_step(&z, q28(0.7 * sin(2 * M_PI * f * i + k * 0.39)));
                peak = i > 64 && r.peak > peak ? r.peak : peak;
                above = i > 64 && r.above > above ? r.above : above;
            }
            ck_assert_uint_lt(above, FULL_SCALE / 200); /* nothing of it is taken for what lies above */
            const double off = 20 * log10(peak * 0x1p-28 / 0.7);
            least = fmin(least, off);
            most = fmax(most, off);
        }
    }
    figure("tones of 0.5 .. 20 kHz at 48 kHz are read %+.3f .. %+.3f dB off\n", least, most);
    ck_assert_double_gt(least, -0.05);
    ck_assert_double_lt(most, 0.72); /* a peak on the grid is read with the boost of its frequency: 1 / cos(pi f / 4) */
}
END_TEST

START_TEST(no_sample_escapes_the_detector)
{
    /* levels that the narrow words of the interpolation round down by 3 %: the sample itself is what is read */
    nave_peak_history z = {0};
    for (int32_t i = 0; i < 300; i++) {
        const int32_t level = (16 << 14) + 7800;
        const nave_peak_reading r = nave_peak_step(&z, level + i);
        if (i > 2 * NAVE_PEAK_DELAY)
            ck_assert_uint_eq(r.peak, (uint32_t)(level + i - NAVE_PEAK_DELAY));
    }
}
END_TEST

START_TEST(a_steady_level_never_passes_the_ceiling_by_a_bit)
{
    /* so quiet that the detector hears nothing but the sample, and the tables' rounding is what is left to cut off */
    uint32_t at_the_ceiling = 0;
    for (int32_t level = 4100; level < 8100; level += 97) {
        nave_dyn_settings s = limiter(48000);
        s.limiter_lookahead_s = 0.0002;
        engine up = engine_of(&s, 1), down = engine_of(&s, 1);
        up.dyn->limiter.ceiling = down.dyn->limiter.ceiling = nave_log2_q25((uint64_t)level / 2) - (28 << 25);
        const int32_t top = nave_scale(1 << 28, nave_exp2_q25(up.dyn->limiter.ceiling));
        for (int i = 0; i < 400; i++) {
            int32_t x = level, y = -level;
            nave_limiter_step(&up.dyn->limiter, &up.dyn->limiter_state, 1, &x);
            nave_limiter_step(&down.dyn->limiter, &down.dyn->limiter_state, 1, &y);
            MUST(x <= top && y >= -top, "a level of %d gives %d and %d, the ceiling is %d", level, x, y, top);
            at_the_ceiling += x == top && y == -top;
        }
        engine_free(&up);
        engine_free(&down);
    }
    ck_assert_uint_gt(at_the_ceiling, 1000);
}
END_TEST

int main(int argc, char **argv)
{
    figures_asked(argc, argv);
    return RUN_TESTS("dyn limiter", 120, the_ceiling_holds_on_hostile_material,
                     dither_after_the_limiter_adds_no_more_than_itself, a_steady_tone_ends_at_the_ceiling,
                     the_gain_is_that_of_a_naive_limiter, the_gain_moves_only_within_its_look_ahead,
                     release_takes_its_time, the_detector_reads_tones_at_their_height, no_sample_escapes_the_detector,
                     a_steady_level_never_passes_the_ceiling_by_a_bit);
}
