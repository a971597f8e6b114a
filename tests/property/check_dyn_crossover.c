/* Crossovers: every band and the sum against long double, at any frequency the engine allows.
 *
 * Bounds: a band is rounded to 2^-28 (-179 dBFS) and the split's multiplier inputs as well; six serial splits and five
 * allpasses of the merge add up to 18 of those. -165 a band and -160 for the sum of six leave the error peak of
 * resonance.
 *
 * SPDX-License-Identifier: ISC */
#include "dyn_test.h"

#define BAND_BOUND_DB -165.0
#define SUM_BOUND_DB -160.0
#define RIPPLE_BOUND_DB 0.0005

static const double six_bands[5] = {30, 120, 1000, 5000, 12000};

/* The textbook's tree: per split a Linkwitz-Riley low and high pass; the sum is the chain of the splits' allpasses. */
typedef struct tree {
    uint32_t bands, order;
    biquad low[7][4], high[7][4], all[7][2];
} tree;

static tree tree_of(const nave_dyn_settings *s)
{
    tree t = {.bands = s->bands, .order = s->slope_db / 12};
    const long double pi = 3.14159265358979323846264338327950288L;
    const long double k[2] = {s->slope_db == 48 ? 2 * cosl(pi / 8) : sqrtl(2), 2 * cosl(3 * pi / 8)};
    for (uint32_t i = 0; i + 1 < s->bands; i++)
        for (uint32_t n = 0; n < t.order; n++) {
            const long double kn = k[s->slope_db == 48 ? n % 2 : 0];
            t.low[i][n] = biquad_of(BIQUAD_LOW, s->crossover_hz[i], s->rate_hz, kn);
            t.high[i][n] = biquad_of(BIQUAD_HIGH, s->crossover_hz[i], s->rate_hz, kn);
            if (n < t.order / 2)
                t.all[i][n] = biquad_of(BIQUAD_ALLPASS, s->crossover_hz[i], s->rate_hz, kn);
        }
    return t;
}

static long double tree_step(tree *t, long double x, long double *band)
{
    long double sum = x;
    for (uint32_t i = 0; i + 1 < t->bands; i++) {
        band[i] = x;
        for (uint32_t n = 0; n < t->order; n++) {
            band[i] = biquad_step(&t->low[i][n], band[i]);
            x = biquad_step(&t->high[i][n], x);
            if (n < t->order / 2)
                sum = biquad_step(&t->all[i][n], sum);
        }
    }
    band[t->bands - 1] = x;
    return sum;
}

static nave_dyn_settings settings_of(double rate, uint32_t slope, uint32_t bands, const double *hz)
{
    nave_dyn_settings s;
    nave_dyn_settings_default(&s, rate);
    s.bands = bands;
    s.slope_db = slope;
    for (uint32_t i = 0; i + 1 < bands; i++)
        s.crossover_hz[i] = hz[i];
    return s;
}

/* The engine's own parameters: what the card would decode from the dials. */
static nave_crossover crossover_of(const nave_dyn_settings *s)
{
    engine e = engine_of(s, 1);
    const nave_crossover c = e.dyn->crossover;
    engine_free(&e);
    return c;
}

/* One channel. */
static void split(const nave_crossover *c, nave_crossover_state *z, int64_t x, int32_t *band)
{
    nave_crossover_split(c, z, 1, &x, (int32_t(*)[NAVE_DYN_BANDS])band);
}

static int64_t merge(const nave_crossover *c, nave_crossover_state *z, int32_t *band)
{
    int64_t y;
    nave_crossover_merge(c, z, 1, (int32_t(*)[NAVE_DYN_BANDS])band, &y);
    return y;
}

static void assert_bands(const nave_dyn_settings *s, const char *name, const signal_q28 *in, double slack_db)
{
    const nave_crossover c = crossover_of(s);
    nave_crossover_state z = {0};
    tree t = tree_of(s);
    error_sum band_error[NAVE_DYN_BANDS] = {{0}}, sum_error = {0};
    for (size_t i = 0; i < in->frames; i++) {
        int32_t band[NAVE_DYN_BANDS];
        long double expected[NAVE_DYN_BANDS];
        const long double sum = tree_step(&t, in->word[0][i] * 0x1p-28L, expected);
        split(&c, &z, (int64_t)in->word[0][i] * 65536, band);
        const int64_t y = merge(&c, &z, band);
        for (uint32_t b = 0; b < s->bands; b++)
            error_add(&band_error[b], band[b] * 0x1p-28L, expected[b]);
        error_add(&sum_error, nave_to_q28(y) * 0x1p-28L, sum);
    }
    double worst = -400;
    for (uint32_t b = 0; b < s->bands; b++)
        worst = fmax(worst, error_db(&band_error[b]));
    figure("%u bands, %u dB/oct, %6.0f Hz, %-16s worst band %.1f dBFS, sum %.1f dBFS\n", s->bands, s->slope_db,
           s->rate_hz, name, worst, error_db(&sum_error));
    ck_assert_msg(worst <= BAND_BOUND_DB + slack_db, "%s, %u dB/oct at %g Hz: a band is off by %.1f dBFS", name,
                  s->slope_db, s->rate_hz, worst);
    ck_assert_msg(error_db(&sum_error) <= SUM_BOUND_DB + slack_db,
                  "%s, %u dB/oct at %g Hz: the sum is off by %.1f dBFS", name, s->slope_db, s->rate_hz,
                  error_db(&sum_error));
}

static void assert_signals(const nave_dyn_settings *s)
{
    rng r = rng_for("bands");
    const size_t frames = (size_t)(1.5 * s->rate_hz);
    signal_q28 in[4] = {signal_pink(&r, 1, frames, 1.0), signal_pink(&r, 1, frames, 0.001),
                        signal_sine(1, frames, 997, s->rate_hz, 1.0, 0.1),
                        signal_sine(1, frames, 997, s->rate_hz, 0.001, 0.1)};
    static const char *const name[4] = {"pink 0 dBFS", "pink -60 dBFS", "997 Hz 0 dBFS", "997 Hz -60 dBFS"};
    for (int i = 0; i < 4; i++) {
        assert_bands(s, name[i], &in[i], 0);
        signal_free(&in[i]);
    }
}

START_TEST(bands_and_their_sum_are_those_of_long_double)
{
    for (int slope = 24; slope <= 48; slope += 24)
        for (int rate = 48000; rate <= 192000; rate *= 4) {
            const nave_dyn_settings s = settings_of(rate, (uint32_t)slope, 6, six_bands);
            assert_signals(&s);
        }
}
END_TEST

START_TEST(up_to_eight_bands_at_any_frequencies)
{
    rng r = rng_for("any");
    for (uint32_t i = 0; i < cases(16); i++) {
        const double rate = (const double[]){44100, 48000, 96000, 192000}[rng_below(&r, 4)];
        const uint32_t bands = 2 + rng_below(&r, 7);
        double hz[7];
        for (uint32_t b = 0; b + 1 < bands; b++) { /* an octave apart and ascending, as far as there is room */
            const double low = 30 * pow(2, b), high = 12000 * pow(2, (double)b - bands + 2);
            hz[b] = fmax(low, low * pow(high / low, 0.5 + 0.5 * rng_signed(&r)));
            hz[b] = b && hz[b] < hz[b - 1] ? hz[b - 1] : hz[b];
        }
        if (i % 4 == 0)
            hz[bands - 2] = NAVE_CROSSOVER_TOP * rate;
        const nave_dyn_settings s = settings_of(rate, rng_below(&r, 2) ? 48 : 24, bands, hz);
        signal_q28 in = signal_noise(&r, 1, 30000, 1.0);
        /* eight bands: two splits more; a split that needs headroom at half the rate: up to two bits less */
        assert_bands(&s, "white noise", &in, i % 4 == 0 ? 8 : 2);
        signal_free(&in);
    }
}
END_TEST

START_TEST(low_and_high_add_up_to_the_allpass_to_the_bit)
{
    rng r = rng_for("exact");
    for (uint32_t n = 0; n < cases(60); n++) {
        const double rate = rng_below(&r, 2) ? 48000 : 192000,
                     hz = 20 * pow(rate * 0.36 / 20, 0.5 + 0.5 * rng_signed(&r));
        const nave_dyn_settings s = settings_of(rate, n % 2 ? 48 : 24, 2, &hz);
        const nave_crossover c = crossover_of(&s);
        nave_crossover_state z = {0};
        nave_svf all[2] = {{0}};
        for (int i = 0; i < 4000; i++) {
            /* full words as well: even what is limited keeps the sum, as long as the sum itself is within the word */
            const int64_t x = (int64_t)rng_next(&r) >> (n % 3 ? 20 : 17);
            int32_t band[NAVE_DYN_BANDS];
            int64_t ap = nave_svf_step(&c.split[0].section[0], &all[0], x).ap;
            if (c.split[0].steep)
                ap = nave_svf_step(&c.split[0].section[1], &all[1], ap).ap;
            split(&c, &z, x, band);
            const int64_t high = ap - (int64_t)band[0] * 65536;
            if (band[1] != nave_to_q28(high))
                ck_abort_msg("%g Hz at %g, frame %d: high is %d, allpass - low %lld", hz, rate, i, band[1],
                             (long long)high);
        }
    }
}
END_TEST

START_TEST(channels_do_not_hear_each_other)
{
    rng r = rng_for("channels");
    for (uint32_t n = 0; n < cases(20); n++) {
        const nave_dyn_settings s = settings_of(48000, n % 2 ? 48 : 24, 2 + n % 5, six_bands);
        const nave_crossover c = crossover_of(&s);
        nave_crossover_state both[2] = {0}, apart[2] = {0};
        for (int i = 0; i < 2000; i++) {
            int32_t band[2][NAVE_DYN_BANDS], alone[NAVE_DYN_BANDS];
            int64_t x[2] = {(int64_t)rng_next(&r) >> 19, (int64_t)rng_next(&r) >> 19}, y[2];
            const int64_t sent[2] = {x[0], x[1]};
            nave_crossover_split(&c, both, 2, x, band);
            nave_crossover_merge(&c, both, 2, band, y);
            for (int ch = 0; ch < 2; ch++) {
                split(&c, &apart[ch], sent[ch], alone);
                if (memcmp(alone, band[ch], s.bands * sizeof(*alone)) || merge(&c, &apart[ch], alone) != y[ch])
                    ck_abort_msg("channel %d, frame %d", ch, i);
            }
        }
    }
}
END_TEST

/* Largest deviation of the sum's magnitude from 1, from 20 Hz to 0.45 of the rate, by a periodic noise whose spectrum
 * is flat; the second period is measured. */
static double ripple_db(const nave_dyn_settings *s)
{
    const size_t n = 1 << 16;
    const nave_crossover c = crossover_of(s);
    nave_crossover_state z = {0};
    rng r = rng_for("ripple");
    double *x = fftw_alloc_real(n), *y = fftw_alloc_real(n), worst = 0;
    fftw_complex *sent = fftw_alloc_complex(n / 2 + 1), *came = fftw_alloc_complex(n / 2 + 1);
    fftw_plan plan = fftw_plan_dft_r2c_1d((int)n, x, sent, FFTW_ESTIMATE);
    fftw_plan back = fftw_plan_dft_c2r_1d((int)n, sent, x, FFTW_ESTIMATE);
    for (size_t k = 0; k <= n / 2; k++) {
        const double angle = M_PI * rng_signed(&r);
        sent[k][0] = k && k < n / 2 ? 0.2 / sqrt((double)n) * cos(angle) : 0;
        sent[k][1] = k && k < n / 2 ? 0.2 / sqrt((double)n) * sin(angle) : 0;
    }
    fftw_execute(back);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)q28(x[i]) * 0x1p-28;
    for (size_t i = 0; i < 2 * n; i++) {
        int32_t band[NAVE_DYN_BANDS];
        split(&c, &z, (int64_t)q28(x[i % n]) * 65536, band);
        y[i % n] = (double)merge(&c, &z, band) * 0x1p-44;
    }
    fftw_execute_dft_r2c(plan, y, came);
    fftw_execute_dft_r2c(plan, x, sent);
    for (size_t k = (size_t)ceil(20 * (double)n / s->rate_hz); k < (size_t)(0.45 * (double)n); k++)
        worst = fmax(worst, fabs(20 * log10(hypot(came[k][0], came[k][1]) / hypot(sent[k][0], sent[k][1]))));
    fftw_destroy_plan(plan);
    fftw_destroy_plan(back);
    fftw_free(sent);
    fftw_free(came);
    fftw_free(x);
    fftw_free(y);
    return worst;
}

START_TEST(the_sum_is_flat)
{
    rng r = rng_for("flat");
    for (int slope = 24; slope <= 48; slope += 24)
        for (int rate = 48000; rate <= 192000; rate *= 4)
            for (uint32_t n = 0; n < 1 + cases(2); n++) {
                double hz[7];
                for (uint32_t b = 0; b < 7; b++)
                    hz[b] = n ? 30 * pow(2.5, b) * pow(2, 0.5 * rng_signed(&r)) : six_bands[b < 5 ? b : 4];
                const nave_dyn_settings s = settings_of(rate, (uint32_t)slope, n ? 8 : 6, hz);
                const double worst = ripple_db(&s);
                figure("%u bands, %d dB/oct, %6d Hz: ripple of the sum %.6f dB\n", s.bands, slope, rate, worst);
                ck_assert_msg(worst < RIPPLE_BOUND_DB, "%u bands, %d dB/oct at %d Hz: ripple %g dB", s.bands, slope,
                              rate, worst);
            }
}
END_TEST

START_TEST(silence_follows_silence)
{
    rng r = rng_for("silence");
    double worst_of_all = 0;
    for (int slope = 24; slope <= 48; slope += 24)
        for (int rate = 48000; rate <= 192000; rate *= 4)
            for (int kind = 0; kind < 3; kind++) {
                const nave_dyn_settings s = settings_of(rate, (uint32_t)slope, 6, six_bands);
                const nave_crossover c = crossover_of(&s);
                nave_crossover_state z = {0};
                const size_t loud = (size_t)rate / 4, frames = (size_t)rate * 3 / 2;
                signal_q28 in = signal_pink(&r, 1, loud, 1.0);
                int32_t worst = 0;
                for (size_t i = 0; i < frames; i++) {
                    int32_t band[NAVE_DYN_BANDS];
                    /* noise; the largest word for as long; a single word of the least weight */
                    const int64_t x = i >= loud ? 0 : kind == 0 ? in.word[0][i] : kind == 1 ? INT32_MAX : i == 7;
                    split(&c, &z, x * 65536, band);
                    const int64_t y = merge(&c, &z, band);
                    for (uint32_t b = 0; i >= frames - 10000 && b < s.bands; b++)
                        worst = abs(band[b]) > worst ? abs(band[b]) : worst;
                    if (i >= frames - 10000)
                        worst = abs(nave_to_q28(y)) > worst ? abs(nave_to_q28(y)) : worst;
                }
                ck_assert_msg(worst <= 32, "%d dB/oct at %d Hz: %d words of 2^-28 are left, 1 of a 24-bit file is 32",
                              slope, rate, worst);
                worst_of_all = fmax(worst_of_all, worst);
                signal_free(&in);
            }
    figure("left after a second of silence: at most %g of 2^-28 (a 24-bit file's last place is 32)\n", worst_of_all);
}
END_TEST

START_TEST(crossovers_may_be_given_in_any_order_and_above_the_limit)
{
    static const double shuffled[5] = {5000, 30, 12000, 1000, 120};
    nave_dyn_settings up = settings_of(48000, 24, 6, six_bands), down = settings_of(48000, 24, 6, shuffled);
    int64_t a[NAVE_DIALS], b[NAVE_DIALS];
    /* band i + 1 belongs to crossover i: each band's makeup tells where it went */
    for (int i = 0; i < 5; i++) {
        up.band[i + 1].makeup_db = six_bands[i] / 1000;
        down.band[i + 1].makeup_db = shuffled[i] / 1000;
    }
    dials_of(&up, a);
    dials_of(&down, b);
    ck_assert_mem_eq(a, b, sizeof(a));
    ck_assert_int_ne(a[NAVE_DIAL_BAND + 64 + NAVE_BAND_MAKEUP], a[NAVE_DIAL_BAND + 128 + NAVE_BAND_MAKEUP]);
    up.crossover_hz[4] = 23000;
    down = up;
    down.crossover_hz[4] = NAVE_CROSSOVER_TOP * 48000;
    dials_of(&up, a);
    dials_of(&down, b);
    ck_assert_mem_eq(a, b, sizeof(a));
    ck_assert_double_lt(ripple_db(&up), RIPPLE_BOUND_DB);
}
END_TEST

int main(int argc, char **argv)
{
    figures_asked(argc, argv);
    return RUN_TESTS("dyn crossover", 60, bands_and_their_sum_are_those_of_long_double,
                     up_to_eight_bands_at_any_frequencies, low_and_high_add_up_to_the_allpass_to_the_bit,
                     channels_do_not_hear_each_other, the_sum_is_flat, silence_follows_silence,
                     crossovers_may_be_given_in_any_order_and_above_the_limit);
}
