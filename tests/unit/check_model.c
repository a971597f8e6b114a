/* Blocks of the C card, each by itself: narrowing against exact quotients, transforms against long double and FFTW,
 * sums against 128-bit integers, and words that no honest plan makes. SPDX-License-Identifier: ISC */
#include "../../sim/model/arith.h"
#include "../../sim/model/dsp.h"
#include "../property/property.h"

#define MOST_TILES ((1 << NAVE_LOG2_MAX_PARTITION) / NAVE_TILE_BINS)

/* ---- narrowing ---- */

/* v / 2^shift to nearest, ties to even, by the definition: the integer with the smallest distance, of two the even one.
 */
static __int128 nearest(__int128 v, unsigned shift)
{
    const __int128 unit = (__int128)1 << shift;
    __int128 q = v / unit - 2, best = q;
    for (int i = 0; i < 5; i++, q++) {
        const __int128 d = v - q * unit, b = v - best * unit, dq = d < 0 ? -d : d, db = b < 0 ? -b : b;
        if (dq < db || (dq == db && q % 2 == 0))
            best = q;
    }
    return best;
}

START_TEST(rounding_is_to_nearest_even_for_every_small_value)
{
    for (int64_t v = -4096; v <= 4096; v++)
        for (unsigned shift = 0; shift <= 14; shift++) {
            MUST(nave_round64(v, shift) == (int64_t)nearest(v, shift), "%lld >> %u", (long long)v, shift);
            MUST(nave_round32((int32_t)v, shift) == (int32_t)nearest(v, shift), "%lld >> %u", (long long)v, shift);
        }
}
END_TEST

START_TEST(rounding_is_to_nearest_even_for_every_width)
{
    rng r = rng_for("round");
    for (unsigned shift = 0; shift <= 62; shift++) {
        const int64_t half = shift ? (int64_t)1 << (shift - 1) : 0;
        for (int k = 0; k < 2000; k++) {
            int64_t v = (int64_t)rng_next(&r) >> rng_below(&r, 64);
            if (k % 2 && shift) /* on a tie or beside one */
                v = (int64_t)(((uint64_t)v & ~((((uint64_t)half) << 1) - 1)) | (uint64_t)half) +
                    (int64_t)rng_below(&r, 3) - 1;
            if (k == 0)
                v = INT64_MAX;
            if (k == 2)
                v = INT64_MIN;
            MUST(nave_round64(v, shift) == (int64_t)nearest(v, shift), "%lld >> %u gave %lld", (long long)v, shift,
                 (long long)nave_round64(v, shift));
        }
    }
    for (int64_t v = INT32_MIN; v <= INT32_MAX; v += 0x7fffffff / 1000)
        for (unsigned shift = 0; shift <= 40; shift++)
            MUST(nave_round32((int32_t)v, shift) == (int32_t)nearest(v, shift), "%lld >> %u", (long long)v, shift);
    ck_assert_int_eq(nave_round32(INT32_MIN, 32), 0); /* -0.5: to even */
    ck_assert_int_eq(nave_round32(INT32_MIN, 31), -1);
    ck_assert_int_eq(nave_round32(INT32_MAX, 31), 1);
}
END_TEST

START_TEST(saturation_and_headroom_are_exact)
{
    for (unsigned bits = 2; bits <= 8; bits++)
        for (int64_t v = -300; v <= 300; v++) {
            const int64_t top = (1 << (bits - 1)) - 1, low = -(1 << (bits - 1));
            MUST(nave_saturate(v, bits) == (v > top ? top : v < low ? low : v), "%lld to %u bits", (long long)v, bits);
        }
    ck_assert_int_eq(nave_saturate(INT64_MIN, 48), -(INT64_C(1) << 47));
    ck_assert_int_eq(nave_saturate(INT64_MAX, 54), (INT64_C(1) << 53) - 1);
    ck_assert_uint_eq(nave_magnitude32(INT32_MIN), 1u << 31);
    ck_assert_uint_eq(nave_bit_length64(0), 0);
    ck_assert_uint_eq(nave_bit_length64(1), 1);
    ck_assert_uint_eq(nave_bit_length64(UINT64_MAX), 64);
    for (uint32_t m = 0; m < 5000; m++)
        for (uint32_t limit = 1; limit < 70; limit += 3) {
            const int s = nave_headroom_shift(m, limit);
            MUST((uint64_t)limit << s >= m && (s == 0 || (uint64_t)limit << (s - 1) < m), "%u within %u << %d", m,
                 limit, s);
        }
}
END_TEST

START_TEST(twiddles_are_the_nearest_words)
{
    for (uint32_t k = 0; k < NAVE_TWIDDLE_ROOT; k++) {
        const long double angle = 2 * 3.14159265358979323846264338327950288L * k / NAVE_TWIDDLE_ROOT;
        int32_t w[2];
        nave_twiddle(k, w);
        MUST(w[0] == (int32_t)rintl(cosl(angle) * 0x1p29L) && w[1] == (int32_t)rintl(-sinl(angle) * 0x1p29L), "k = %u",
             k);
    }
}
END_TEST

START_TEST(crc32c_is_castagnoli)
{
    static const char digits[] = "123456789";
    uint8_t zeros[32] = {0}, ones[32];
    memset(ones, 0xff, sizeof ones);
    ck_assert_uint_eq(nave_crc32c_c(0, digits, 9), 0xe3069283); /* RFC 3720, B.4 and the catalogue's check word */
    ck_assert_uint_eq(nave_crc32c_c(0, zeros, 32), 0x8a9136aa);
    ck_assert_uint_eq(nave_crc32c_c(0, ones, 32), 0x62a8ab43);
    for (size_t cut = 0; cut <= 9; cut++)
        ck_assert_uint_eq(nave_crc32c_c(nave_crc32c_c(0, digits, cut), digits + cut, 9 - cut), 0xe3069283);
}
END_TEST

/* ---- transforms ---- */
static nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1];

static void make_tables(void)
{
    for (uint32_t i = NAVE_LOG2_MIN_PARTITION; i <= NAVE_LOG2_MAX_PARTITION; i++)
        ck_assert_ptr_nonnull(tables[i] = nave_tables_create(i));
}

static int32_t *words(size_t n)
{
    int32_t *p = aligned_alloc(64, (n * 4 + 63) / 64 * 64);
    ck_assert_ptr_nonnull(p);
    return p;
}

static uint32_t largest(const int32_t *x, size_t n)
{
    uint32_t m = 0;
    for (size_t i = 0; i < n; i++)
        m = nave_magnitude32(x[i]) > m ? nave_magnitude32(x[i]) : m;
    return m;
}

enum { SHAPES = 8 };
/* Noise and the shapes that make a transform grow most or least, up to the magnitude `top`. */
static void shape(rng *r, int32_t *x, size_t n, int which, uint32_t top)
{
    const int32_t t = top > INT32_MAX ? INT32_MAX : (int32_t)top;
    memset(x, 0, n * 4);
    const uint32_t cycles = rng_below(r, (uint32_t)n / 2 + 1);
    for (size_t i = 0; i < n; i++)
        switch (which) {
        case 0:
            x[i] = (int32_t)(rng_signed(r) * t);
            break;
        case 1:
            x[i] = t;
            break;
        case 2:
            x[i] = -t - (top > INT32_MAX);
            break;
        case 3:
            x[i] = i & 1 ? t : -t;
            break;
        case 4:
            x[i] = rng_below(r, 2) ? t : -t;
            break;
        case 5: /* one complex exponential: all of it in one bin */
            x[i] = (int32_t)(t * (i & 1 ? sin : cos)(4 * M_PI * (double)cycles * (double)(i / 2) / (double)n));
            break;
        case 6:
            x[i] = i == cycles ? t : 0;
            break;
        default:
            x[i] = (int32_t)(rng_signed(r) * t) >> 20;
        }
}

static void double_fft(const int32_t *x, size_t n, double *out)
{
    fftw_complex *z = fftw_alloc_complex(n);
    fftw_plan plan = fftw_plan_dft_1d((int)n, z, z, FFTW_FORWARD, FFTW_ESTIMATE);
    for (size_t i = 0; i < n; i++) {
        z[i][0] = x[2 * i];
        z[i][1] = x[2 * i + 1];
    }
    fftw_execute(plan);
    memcpy(out, z, n * sizeof(*z));
    fftw_destroy_plan(plan);
    fftw_free(z);
}

/* Bound: each pass rounds a component by at most half and scales what came before by its growth / 2^shift; an error of
 * one word spreads over four at most. So the error of a component is below passes + 1 words' last places at random, and
 * never reaches 4 a pass plus that of the twiddles (2^-30 of the magnitude a pass). */
static void check_fft_error(rng *r, uint32_t log2, unsigned flags, int which, uint32_t top)
{
    const size_t n = (size_t)1 << log2;
    int32_t *x = words(2 * n), *y = words(2 * n);
    double *expected = malloc(2 * n * sizeof(*expected));
    shape(r, x, 2 * n, which, top);
    double_fft(x, n, expected);
    uint32_t magnitude = largest(x, 2 * n);
    const uint32_t magnitude_in = magnitude;
    int exponent = 3; /* added to, not set */
    const int32_t *z = nave_fft_c(tables[log2], x, y, flags, &magnitude, &exponent);
    exponent -= 3;
    const size_t from = flags & NAVE_FFT_HALF ? n : 0;
    double worst = 0, power = 0, reference_power = 0;
    for (size_t i = from; i < 2 * n; i++) {
        const double e = ldexp(z[i], exponent) - expected[i];
        worst = fmax(worst, fabs(ldexp(e, -exponent)));
        power += ldexp(e, -exponent) * ldexp(e, -exponent);
        reference_power += expected[i] * expected[i];
    }
    const double passes = tables[log2]->passes;
    MUST(worst <= 8 * passes + 8, "n = %zu, shape %d, magnitude %u: one word is %.1f off", n, which, top, worst);
    MUST(sqrt(power / (double)(2 * n - from)) <= 1.0 + passes / 2, "n = %zu, shape %d, magnitude %u: RMS error %.2f", n,
         which, top, sqrt(power / (double)(2 * n - from)));
    if (!(flags & NAVE_FFT_HALF))
        MUST(magnitude == largest(z, 2 * n), "n = %zu: magnitude %u, not %u", n, magnitude, largest(z, 2 * n));
    if (flags & NAVE_FFT_LAST30)
        MUST(largest(z + from, 2 * n - from) < 1u << 30, "n = %zu: more than 30 bits", n);
    /* headroom is not wasted: growth of a pass is known within a factor of 4, so at most 3 bits stay empty */
    if (magnitude_in && !(flags & NAVE_FFT_HALF) && which != 7)
        MUST(magnitude >= 1u << 24 || reference_power == 0 || which == 0 || which == 4 || which == 6,
             "n = %zu, shape %d: only %u left of the word", n, which, magnitude);
    free(x);
    free(y);
    free(expected);
}

START_TEST(the_transform_is_that_of_double_precision)
{
    rng r = rng_for("fft");
    make_tables();
    for (uint32_t log2 = NAVE_LOG2_MIN_PARTITION; log2 <= NAVE_LOG2_MAX_PARTITION; log2++)
        for (int which = 0; which < SHAPES; which++)
            for (int bits = 1; bits <= 32; bits += log2 > 9 ? 5 : 1)
                check_fft_error(&r, log2, (unsigned)bits % 4, which, bits == 32 ? 1u << 31 : (1u << bits) - 1);
}
END_TEST

START_TEST(a_transform_of_silence_is_silence)
{
    make_tables();
    for (uint32_t log2 = NAVE_LOG2_MIN_PARTITION; log2 <= NAVE_LOG2_MAX_PARTITION; log2++) {
        const size_t n = (size_t)2 << log2;
        int32_t *x = words(n), *y = words(n);
        memset(x, 0, n * 4);
        memset(y, 0x55, n * 4);
        uint32_t magnitude = 0;
        int exponent = -28;
        ck_assert_uint_eq(largest(nave_fft_c(tables[log2], x, y, 0, &magnitude, &exponent), n), 0);
        ck_assert_int_eq(exponent, -28);
        ck_assert_uint_eq(magnitude, 0);
        free(x);
        free(y);
    }
}
END_TEST

/* One rounding and one twiddle product each: within 1 last place plus that of a 30-bit twiddle. */
START_TEST(packing_and_unpacking_are_exact_but_for_one_rounding)
{
    rng r = rng_for("post");
    make_tables();
    for (uint32_t log2 = NAVE_LOG2_MIN_PARTITION; log2 <= NAVE_LOG2_MAX_PARTITION; log2++)
        for (int which = 0; which < SHAPES; which++)
            for (int bits = 2; bits <= 30; bits += log2 > 9 ? 7 : 2) {
                const size_t n = (size_t)1 << log2;
                int32_t *z = words(2 * n), *x = words(2 * n), *back = words(2 * n);
                shape(&r, z, 2 * n, which, (1u << bits) - 1);
                const int shift = nave_post_c(tables[log2], z, largest(z, 2 * n), x);
                MUST(largest(x, 2 * n) < 1u << 30, "post of %zu: more than 30 bits", n);
                double worst = fmax(fabs(ldexp(x[0], shift) - ((double)z[0] + z[1])),
                                    fabs(ldexp(x[1], shift) - ((double)z[0] - z[1])));
                for (size_t k = 1; k < n; k++) {
                    const size_t m = n - k;
                    const double ar = (double)z[2 * k] + z[2 * m], ai = (double)z[2 * k + 1] - z[2 * m + 1];
                    const double br = (double)z[2 * k] - z[2 * m], bi = (double)z[2 * k + 1] + z[2 * m + 1];
                    const double c = cos(M_PI * (double)k / (double)n), s = -sin(M_PI * (double)k / (double)n);
                    worst = fmax(worst, fabs(ldexp(x[2 * k], shift) - (ar + br * s + bi * c) / 2));
                    worst = fmax(worst, fabs(ldexp(x[2 * k + 1], shift) - (ai - br * c + bi * s) / 2));
                }
                MUST(ldexp(worst, -shift) <= 2.5, "post of %zu, shape %d, %d bits: %.2f off", n, which, bits,
                     ldexp(worst, -shift));
                /* and back: twice the samples, parts exchanged; tiles aligned by 0 */
                uint8_t align[MOST_TILES] = {0};
                uint32_t magnitude;
                const int down = nave_pre_c(tables[log2], x, align, largest(x, 2 * n), back, &magnitude);
                MUST(magnitude == largest(back, 2 * n), "pre of %zu: magnitude", n);
                double off = 0;
                for (size_t i = 0; i < 2 * n; i++)
                    off = fmax(off, fabs(ldexp(back[i ^ 1], down + shift) - 2.0 * z[i]));
                MUST(ldexp(off, -down - shift) <= 12, "pre of %zu, shape %d, %d bits: %.2f off", n, which, bits,
                     ldexp(off, -down - shift));
                free(z);
                free(x);
                free(back);
            }
}
END_TEST

START_TEST(tiles_of_a_spectrum_are_aligned_and_skipped)
{
    rng r = rng_for("pre");
    make_tables();
    for (uint32_t log2 = 9; log2 <= NAVE_LOG2_MAX_PARTITION; log2++) {
        const size_t n = (size_t)1 << log2, tiles = n / NAVE_TILE_BINS;
        int32_t *y = words(2 * n), *same = words(2 * n), *a = words(2 * n), *b = words(2 * n);
        uint8_t align[MOST_TILES], none[MOST_TILES] = {0};
        shape(&r, y, 2 * n, 0, (1u << 30) - 1);
        for (size_t t = 0; t < tiles; t++) {
            align[t] = t % 3 == 1 ? NAVE_SKIP : (uint8_t)rng_below(&r, 31);
            for (size_t i = 2 * NAVE_TILE_BINS * t; i < 2 * NAVE_TILE_BINS * (t + 1); i++)
                same[i] = align[t] == NAVE_SKIP ? 0 : (int32_t)nearest(y[i], align[t]);
        }
        uint32_t ma, mb;
        const uint32_t magnitude = largest(same, 2 * n);
        ck_assert_int_eq(nave_pre_c(tables[log2], y, align, magnitude, a, &ma),
                         nave_pre_c(tables[log2], same, none, magnitude, b, &mb));
        ck_assert_uint_eq(ma, mb);
        ck_assert_int_eq(memcmp(a, b, 8 * n), 0);
        free(y);
        free(same);
        free(a);
        free(b);
    }
}
END_TEST

/* ---- sums ---- */
#define MOST_PARTITIONS 9
/* Against 128-bit sums, cut to 64 as the words of the card are; hostile: words that make them wrap. */
static void check_cmac_job(rng *r, int hostile)
{
    const uint32_t bins = 64 + 8 * rng_below(r, NAVE_TILE_BINS / 8 - 7), paths = 1 + rng_below(r, 3),
                   partitions = 1 + rng_below(r, MOST_PARTITIONS);
    const uint32_t batch = 1 + rng_below(r, NAVE_MAX_BATCH), slots = partitions + batch - 1;
    const uint32_t nx = paths * slots, nh = paths * partitions;
    const int32_t *x[3 * (MOST_PARTITIONS + 8)], *h[3 * MOST_PARTITIONS];
    uint8_t align[3 * (MOST_PARTITIONS + 8)];
    int32_t *y[NAVE_MAX_BATCH];
    int shift[NAVE_MAX_BATCH];
    uint32_t magnitude[NAVE_MAX_BATCH];
    for (uint32_t i = 0; i < nx; i++) {
        int32_t *w = words(2 * bins);
        shape(r, w, 2 * bins, hostile ? 2 + (int)rng_below(r, 3) : (int)rng_below(r, SHAPES),
              hostile ? 1u << 31 : (1u << 30) - 1);
        x[i] = w;
        align[i] = rng_below(r, 5) ? (uint8_t)(rng_below(r, 2) ? 0 : rng_below(r, 31)) : NAVE_SKIP;
    }
    for (uint32_t i = 0; i < nh; i++) {
        int32_t *w = words(2 * bins);
        shape(r, w, 2 * bins, hostile ? (int)rng_below(r, 5) : (int)rng_below(r, SHAPES),
              hostile ? 1u << 31 : 1u << (4 + rng_below(r, 24)));
        h[i] = w;
    }
    for (uint32_t j = 0; j < batch; j++)
        y[j] = words(2 * bins);
    const nave_cmac_job job = {.bins = bins,
                               .first = rng_below(r, 2),
                               .paths = paths,
                               .partitions = partitions,
                               .batch = batch,
                               .x = x,
                               .align = align,
                               .h = h};
    nave_cmac_c(&job, y, shift, magnitude);
    for (uint32_t j = 0; j < batch; j++) {
        int64_t sum[2 * NAVE_TILE_BINS];
        unsigned bits = 0;
        for (uint32_t k = 0; k < bins; k++) {
            __int128 re = 0, im = 0;
            for (uint32_t i = 0; i < paths; i++)
                for (uint32_t p = 0; p < partitions; p++) {
                    const uint32_t at = i * slots + batch - 1 - j + p;
                    if (align[at] == NAVE_SKIP)
                        continue;
                    const __int128 xr = nearest(x[at][2 * k], align[at]), xi = nearest(x[at][2 * k + 1], align[at]);
                    const int32_t *hh = h[i * partitions + p] + 2 * k;
                    if (job.first && k == 0) {
                        re += xr * hh[0];
                        im += xi * hh[1];
                    } else {
                        re += xr * hh[0] - xi * hh[1];
                        im += xr * hh[1] + xi * hh[0];
                    }
                }
            if (!hostile)
                MUST(re == (int64_t)re && im == (int64_t)im, "the test's own words overflow");
            sum[2 * k] = (int64_t)re;
            sum[2 * k + 1] = (int64_t)im;
        }
        for (uint32_t i = 0; i < 2 * bins; i++) {
            const uint64_t m = (uint64_t)(sum[i] < 0 ? ~sum[i] : sum[i]);
            bits = nave_bit_length64(m) > bits ? nave_bit_length64(m) : bits;
        }
        const unsigned s = bits > 30 ? bits - 30 : 0;
        uint32_t most = 0;
        MUST(shift[j] == (int)s, "block %u: shift %d, not %u", j, shift[j], s);
        for (uint32_t i = 0; i < 2 * bins; i++) {
            __int128 v = nearest(sum[i], s);
            v = v > (1 << 30) - 1 ? (1 << 30) - 1 : v;
            MUST(y[j][i] == (int32_t)v, "block %u, word %u: %d, not %lld", j, i, y[j][i], (long long)v);
            most = nave_magnitude32(y[j][i]) > most ? nave_magnitude32(y[j][i]) : most;
        }
        MUST(magnitude[j] == most, "block %u: magnitude %u, not %u", j, magnitude[j], most);
    }
    for (uint32_t i = 0; i < nx; i++)
        free((void *)x[i]);
    for (uint32_t i = 0; i < nh; i++)
        free((void *)h[i]);
    for (uint32_t j = 0; j < batch; j++)
        free(y[j]);
}

START_TEST(sums_of_products_are_exact_and_rounded_once)
{
    rng r = rng_for("cmac");
    for (uint32_t k = 0; k < cases(400); k++)
        check_cmac_job(&r, 0);
}
END_TEST

START_TEST(words_that_no_compiler_makes_wrap_and_round_as_defined)
{
    rng r = rng_for("hostile cmac");
    for (uint32_t k = 0; k < cases(400); k++)
        check_cmac_job(&r, 1);
}
END_TEST

START_TEST(overlap_adds_scales_and_limits)
{
    rng r = rng_for("overlap");
    for (int shift = -70; shift <= 70; shift++)
        for (uint32_t k = 0; k < 40; k++) {
            int64_t mix[4], before[4];
            int32_t z[4];
            for (int i = 0; i < 4; i++) {
                z[i] = k == 0   ? INT32_MIN
                       : k == 1 ? INT32_MAX
                       : k == 2 ? i - 1
                                : (int32_t)rng_next(&r) >> rng_below(&r, 32);
                before[i] = mix[i] = k < 4 ? (i & 1 ? INT64_MAX : INT64_MIN) : (int64_t)rng_next(&r) >> 12;
            }
            nave_overlap_c(mix, z, 4, shift);
            for (int i = 0; i < 4; i++) {
                const __int128 wide = shift < 0 ? nearest(z[i ^ 1], (unsigned)(shift < -62 ? 62 : -shift))
                                                : (__int128)z[i ^ 1] * ((int64_t)1 << (shift > 32 ? 32 : shift));
                const __int128 top = ((__int128)1 << 53) - 1, v = wide > top ? top : wide < -top - 1 ? -top - 1 : wide;
                const int64_t expected =
                    (int64_t)((uint64_t)before[i] + (uint64_t)(int64_t)v); /* wraps beyond 512 of them */
                MUST(mix[i] == expected, "%d << %d on %lld gave %lld", z[i ^ 1], shift, (long long)before[i],
                     (long long)mix[i]);
            }
        }
}
END_TEST

START_TEST(the_mixer_rounds_once_a_path_and_limits)
{
    rng r = rng_for("mix");
    for (uint32_t k = 0; k < cases(20000); k++) {
        int64_t wet = (int64_t)rng_next(&r) >> rng_below(&r, 64), wide;
        int32_t dry = (int32_t)rng_next(&r) >> rng_below(&r, 32), narrow;
        if (k % 7 == 0)
            wet = k & 1 ? INT64_MIN : INT64_MAX;
        if (k % 5 == 0)
            dry = k & 1 ? INT32_MIN : INT32_MAX;
        const int32_t gains[] = {0, 1, -1, 1 << 28, 1 << 27, INT32_MAX, INT32_MIN, (int32_t)rng_next(&r)};
        const nave_mix_job job = {&wet, &dry, 1, gains[rng_below(&r, 8)], gains[rng_below(&r, 8)]};
        const __int128 top = ((__int128)1 << 53) - 1, w = wet > top ? top : wet < -top - 1 ? -top - 1 : wet;
        const __int128 m = nearest(w * job.wet_q28, 28) + nearest((__int128)dry * job.dry_q28, 12), q = nearest(m, 16);
        const __int128 top48 = ((__int128)1 << 47) - 1;
        const uint32_t a = nave_mix_q44_c(&wide, &job), b = nave_mix_q28_c(&narrow, &job);
        MUST(wide == (int64_t)(m > top48        ? top48
                               : m < -top48 - 1 ? -top48 - 1
                                                : m) &&
                 a == (m > top48 || m < -top48 - 1),
             "wet %lld * %d, dry %d * %d: Q44 %lld", (long long)wet, job.wet_q28, dry, job.dry_q28, (long long)wide);
        MUST(narrow == (q > INT32_MAX   ? INT32_MAX
                        : q < INT32_MIN ? INT32_MIN
                                        : (int32_t)q) &&
                 b == (q > INT32_MAX || q < INT32_MIN),
             "wet %lld * %d, dry %d * %d: Q28 %d", (long long)wet, job.wet_q28, dry, job.dry_q28, narrow);
    }
}
END_TEST

START_TEST(the_loader_copies_and_finds_the_largest_magnitude)
{
    rng r = rng_for("load");
    for (int k = 0; k < 200; k++) {
        const size_t n = rng_below(&r, 300);
        int32_t *x = words(n + 1), *y = words(n + 1);
        shape(&r, x, n + 1, (int)rng_below(&r, 5), k % 9 ? 1u << rng_below(&r, 31) : 1u << 31);
        y[n] = 77;
        ck_assert_uint_eq(nave_load_c(y, x, n), largest(x, n));
        ck_assert_int_eq(memcmp(x, y, n * 4), 0);
        ck_assert_int_eq(y[n], 77);
        free(x);
        free(y);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("model", 120, rounding_is_to_nearest_even_for_every_small_value,
                     rounding_is_to_nearest_even_for_every_width, saturation_and_headroom_are_exact,
                     twiddles_are_the_nearest_words, crc32c_is_castagnoli, the_transform_is_that_of_double_precision,
                     a_transform_of_silence_is_silence, packing_and_unpacking_are_exact_but_for_one_rounding,
                     tiles_of_a_spectrum_are_aligned_and_skipped, sums_of_products_are_exact_and_rounded_once,
                     words_that_no_compiler_makes_wrap_and_round_as_defined, overlap_adds_scales_and_limits,
                     the_mixer_rounds_once_a_path_and_limits, the_loader_copies_and_finds_the_largest_magnitude);
}
