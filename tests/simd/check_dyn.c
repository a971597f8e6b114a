/* The dynamics engine's blocks: SIMD against the C functions. Parameters come from dials, musical ones and any bits;
 * states and words are anything that their limits allow; blocks of every length follow each other.
 * SPDX-License-Identifier: ISC */
#include "simd_test.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 3 };

/* A word of at most `bits` bits and sign, of every size. */
static int64_t word(source *r, unsigned bits)
{
    return pick(r, 64) ? (int64_t)any(r) >> (64 - bits) >> pick(r, bits) : (int64_t)1 << (bits - 1) >> pick(r, 2) << 1;
}

static int64_t legal(source *r, unsigned bits)
{
    return nave_saturate(word(r, bits), bits);
}

/* An engine whose dials mean something, or anything. */
static nave_dyn *engine(source *r)
{
    nave_dyn *d = calloc(1, sizeof(*d));
    if (!d) {
        fprintf(stderr, "check_simd: out of memory\n");
        exit(1);
    }
    const uint32_t wild = pick(r, 4) == 0;
    for (uint32_t i = 0; i < NAVE_DIALS; i++) {
        const int64_t one = INT64_C(1) << 52;
        const uint32_t at = i >= NAVE_DIAL_BAND ? (i - NAVE_DIAL_BAND) % 64 : 99;
        int64_t v = word(r, 53); /* shares and coefficients up to 1 */
        if (i < NAVE_DIAL_BAND && i >= NAVE_DIAL_SPLIT && (i - NAVE_DIAL_SPLIT) % 8 == NAVE_SPLIT_HEADROOM)
            v = pick(r, 4) ? 0 : pick(r, 16384);
        else if (i >= NAVE_DIAL_EQ && i < NAVE_DIAL_SPLIT && i % 8 == NAVE_EQ_KIND)
            v = pick(r, 3) + 4 * (pick(r, 4) ? 0 : pick(r, 128));
        else if (at < 64)
            v = at == NAVE_BAND_DETECTOR || at == NAVE_BAND_SIDE      ? pick(r, 4)
                : at == NAVE_BAND_LINK                                ? pick(r, 3) == 0 ? 0 : NAVE_ONE_Q30 >> pick(r, 3)
                                               : at == NAVE_BAND_WET || at == NAVE_BAND_LEVEL ? NAVE_ONE_Q30 >> (pick(r, 2) * pick(r, 31))
                : at == NAVE_BAND_WIDTH                               ? (pick(r, 2) ? 0 : word(r, 31))
                : at == NAVE_BAND_MAKEUP                              ? word(r, 28)
                : at == NAVE_BAND_LOW_CUT || at == NAVE_BAND_HIGH_CUT ? (pick(r, 4) ? 0 : labs(word(r, 50)))
                : at == NAVE_BAND_CUT_HEADROOM                        ? pick(r, 16384)
                : at < NAVE_BAND_CURVE                                ? labs(v)
                : at % 16 == NAVE_CURVE_FLAGS                         ? pick(r, 32) | pick(r, 2)
                : at % 16 == NAVE_CURVE_THRESHOLD                     ? -(int64_t)pick(r, 500000000)
                : at % 16 == NAVE_CURVE_HALF_KNEE || at % 16 == NAVE_CURVE_HYSTERESIS ? pick(r, 2) * pick(r, 60000000)
                : at % 16 == NAVE_CURVE_RANGE                                         ? pick(r, 700000000)
                : at % 16 == NAVE_CURVE_HOLD                                          ? pick(r, 2) * pick(r, 300)
                : at % 16 == NAVE_CURVE_SLOPE                                         ? word(r, 57)
                                              : labs(v) + (pick(r, 16) ? 0 : one);
        else if (i < NAVE_DIAL_EQ)
            v = word(r, 28);
        d->dial[i].value = wild && pick(r, 2) ? word(r, 62) : v;
    }
    for (uint32_t i = 0; i < NAVE_DIALS; i++)
        nave_dyn_decode(d, i);
    d->crossover.bands = 1 + pick(r, NAVE_DYN_BANDS);
    const uint32_t steep = pick(r, 2);
    for (uint32_t i = 0; i < NAVE_DYN_BANDS - 1; i++)
        d->crossover.split[i].steep = steep;
    return d;
}

static void any_section(source *r, nave_svf *z, size_t n)
{
    const uint32_t kind = pick(r, 4); /* silent, calm, at their limits */
    const unsigned bits = kind == 3 ? NAVE_STATE_BITS : 46, m_bits = kind == 3 ? 61 : 46;
    for (size_t i = 0; i < n; i++)
        z[i] = kind == 0 ? (nave_svf){0, 0, 0} : (nave_svf){legal(r, bits), legal(r, bits), word(r, m_bits)};
}

static uint32_t any_frames(source *r)
{
    return pick(r, 3) ? 1 + pick(r, 40) : 1 + pick(r, NAVE_DYN_BLOCK);
}

/* Rooms for the same words twice: what the model makes, what the other makes. */
typedef struct twice {
    room a, b;
} twice;

static twice twice_make(size_t bytes)
{
    return (twice){room_make(bytes, 0), room_make(bytes, 8)};
}

static void twice_same(twice *t, source *r, unsigned bits, size_t words)
{
    const uint32_t kind = pick(r, 4);
    for (size_t i = 0; i < words; i++) {
        const int64_t v = kind == 0 ? 0 : kind == 1 ? legal(r, bits - 6) : legal(r, bits);
        if (bits > 32) {
            ((int64_t *)t->a.at)[i] = v;
            memcpy(t->b.at + 8 * i, &v, 8);
        } else {
            ((int32_t *)t->a.at)[i] = (int32_t)v;
            memcpy(t->b.at + 4 * i, t->a.at + 4 * i, 4);
        }
    }
}

static void twice_free(twice *t)
{
    room_free(&t->a);
    room_free(&t->b);
}

static int intact(const twice *t)
{
    return room_intact(&t->a) && room_intact(&t->b);
}

static uint32_t other_rows(const nave_dyn_row *a, const nave_dyn_row *b, uint32_t bands, uint32_t channels, size_t n)
{
    uint32_t other = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < bands; k++)
            for (uint32_t c = 0; c < channels; c++)
                other += a[i].band[k][c] != b[i].band[k][c];
    return other;
}

static uint32_t other_frames(const nave_dyn_frame *a, const nave_dyn_frame *b, uint32_t channels, size_t n)
{
    uint32_t other = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < channels; c++)
            other += a[i][c] != b[i][c];
    return other;
}

void check_dyn_eq(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        nave_dyn *d = engine(r);
        const uint32_t channels = 1 + pick(r, 2), sections = pick(r, 4) ? NAVE_DYN_SECTIONS : 1 + pick(r, 8);
        const size_t stride = sections + pick(r, 2);
        nave_svf za[2 * (NAVE_DYN_SECTIONS + 1)], zb[2 * (NAVE_DYN_SECTIONS + 1)];
        any_section(r, za, sizeof(za) / sizeof(*za));
        memcpy(zb, za, sizeof(za));
        for (uint32_t block = 0; block < BLOCKS; block++) {
            const uint32_t n = any_frames(r);
            twice x = twice_make(n * sizeof(nave_dyn_frame));
            twice_same(&x, r, NAVE_STATE_BITS, 2 * n);
            nave_dyn_eq_c(d->eq, za, stride, sections, channels, (nave_dyn_frame *)x.a.at, n);
            dsp->dyn.eq(d->eq, zb, stride, sections, channels, (nave_dyn_frame *)x.b.at, n);
            const uint32_t other = other_frames((nave_dyn_frame *)x.a.at, (nave_dyn_frame *)x.b.at, channels, n);
            const int states = memcmp(za, zb, sizeof(za)) == 0;
            if (other || !states || !intact(&x))
                fault(s, "equaliser of %u sections, %u frames, %u channels, block %u: %u words differ%s", sections, n,
                      channels, block, other, states ? "" : ", states differ");
            else
                passed(s);
            twice_free(&x);
        }
        free(d);
    }
}

void check_dyn_split(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        nave_dyn *d = engine(r);
        const nave_crossover *c = &d->crossover;
        const uint32_t channels = 1 + pick(r, 2);
        nave_crossover_state za[2], zb[2];
        for (uint32_t ch = 0; ch < 2; ch++) {
            any_section(r, za[ch].split[0], sizeof(za[ch].split) / sizeof(nave_svf));
            any_section(r, za[ch].merge[0], sizeof(za[ch].merge) / sizeof(nave_svf));
        }
        memcpy(zb, za, sizeof(za));
        for (uint32_t block = 0; block < BLOCKS; block++) {
            const uint32_t n = any_frames(r);
            twice x = twice_make(n * sizeof(nave_dyn_frame)), row = twice_make(n * sizeof(nave_dyn_row));
            twice_same(&x, r, NAVE_STATE_BITS, 2 * n);
            nave_dyn_split_c(c, za, channels, (nave_dyn_frame *)x.a.at, (nave_dyn_row *)row.a.at, n);
            dsp->dyn.split(c, zb, channels, (nave_dyn_frame *)x.b.at, (nave_dyn_row *)row.b.at, n);
            const uint32_t other =
                other_rows((nave_dyn_row *)row.a.at, (nave_dyn_row *)row.b.at, c->bands, channels, n);
            const int states = memcmp(za, zb, channels * sizeof(*za)) == 0;
            if (other || !states || !intact(&x) || !intact(&row))
                fault(s, "split of %u frames, %u bands%s, %u channels, block %u: %u words differ%s", n, c->bands,
                      c->split[0].steep ? " LR48" : "", channels, block, other, states ? "" : ", states differ");
            else
                passed(s);
            twice_free(&x);
            twice_free(&row);
        }
        free(d);
    }
}

void check_dyn_merge(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        nave_dyn *d = engine(r);
        const nave_crossover *c = &d->crossover;
        const uint32_t channels = 1 + pick(r, 2);
        nave_crossover_state za[2], zb[2];
        for (uint32_t ch = 0; ch < 2; ch++) {
            any_section(r, za[ch].split[0], sizeof(za[ch].split) / sizeof(nave_svf));
            any_section(r, za[ch].merge[0], sizeof(za[ch].merge) / sizeof(nave_svf));
        }
        memcpy(zb, za, sizeof(za));
        for (uint32_t block = 0; block < BLOCKS; block++) {
            const uint32_t n = any_frames(r);
            twice y = twice_make(n * sizeof(nave_dyn_frame)), row = twice_make(n * sizeof(nave_dyn_row));
            twice_same(&row, r, 32, n * sizeof(nave_dyn_row) / 4);
            nave_dyn_merge_c(c, za, channels, (nave_dyn_row *)row.a.at, (nave_dyn_frame *)y.a.at, n);
            dsp->dyn.merge(c, zb, channels, (nave_dyn_row *)row.b.at, (nave_dyn_frame *)y.b.at, n);
            const uint32_t other = other_frames((nave_dyn_frame *)y.a.at, (nave_dyn_frame *)y.b.at, channels, n);
            const int states = memcmp(za, zb, channels * sizeof(*za)) == 0;
            if (other || !states || !intact(&y) || !intact(&row))
                fault(s, "merge of %u frames, %u bands%s, %u channels, block %u: %u words differ%s", n, c->bands,
                      c->split[0].steep ? " LR48" : "", channels, block, other, states ? "" : ", states differ");
            else
                passed(s);
            twice_free(&y);
            twice_free(&row);
        }
        free(d);
    }
}

void check_dyn_peak(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        nave_peak_history za = {.at = (uint32_t)any(r) | (pick(r, 4) ? 0 : 0xfffffff0u)}, zb;
        uint32_t at = za.at;
        for (uint32_t k = 0; k < NAVE_PEAK_TAPS; k++)
            nave_peak_step(&za, (int32_t)word(r, 32));
        za.at = at + (za.at - at);
        zb = za;
        for (uint32_t block = 0; block < BLOCKS; block++) {
            const uint32_t n = any_frames(r);
            twice x = twice_make(n * sizeof(int32_t)), y = twice_make(n * sizeof(nave_peak_reading));
            fill(r, (int32_t *)x.a.at, n, (pattern)pick(r, PATTERNS), UINT32_C(1) << 31 >> pick(r, 2) * pick(r, 31),
                 INT32_MAX);
            memcpy(x.b.at, x.a.at, n * sizeof(int32_t));
            nave_dyn_peak_c(&za, (int32_t *)x.a.at, n, (nave_peak_reading *)y.a.at);
            dsp->dyn.peak(&zb, (int32_t *)x.b.at, n, (nave_peak_reading *)y.b.at);
            const int states = memcmp(&za, &zb, sizeof(za)) == 0;
            if (memcmp(y.a.at, y.b.at, n * sizeof(nave_peak_reading)) || !states || !intact(&x) || !intact(&y))
                fault(s, "true peak of %u frames, block %u: readings differ%s", n, block,
                      states ? "" : ", states differ");
            else
                passed(s);
            twice_free(&x);
            twice_free(&y);
        }
    }
}

/* What an engine can be in: averages and gains within their words. */
static void any_band_state(source *r, nave_band_state *z)
{
    memset(z, 0, sizeof(*z));
    for (uint32_t ch = 0; ch < NAVE_DYN_CHANNELS; ch++) {
        z->average[ch] = pick(r, 2) ? 0 : labs(word(r, 60));
        for (uint32_t k = 0; k < 2; k++)
            any_section(r, &z->cut[ch][k], 1);
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
            z->envelope[ch][k] = (nave_envelope){(int64_t)(int32_t)word(r, 29) * (1 << 18), word(r, 47),
                                                 pick(r, 2) * pick(r, 100), (int)pick(r, 2)};
    }
}

void check_dyn_bands(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        nave_dyn *d = engine(r);
        const uint32_t channels = 1 + pick(r, 2), bands = d->crossover.bands;
        nave_band_state za[NAVE_DYN_BANDS], zb[NAVE_DYN_BANDS];
        for (uint32_t b = 0; b < NAVE_DYN_BANDS; b++)
            any_band_state(r, &za[b]);
        memcpy(zb, za, sizeof(za));
        for (uint32_t block = 0; block < BLOCKS; block++) {
            const uint32_t n = any_frames(r), own = pick(r, 2);
            nave_dyn_lowest la, lb;
            twice x = twice_make(n * sizeof(nave_dyn_row)), side = twice_make(n * sizeof(nave_dyn_row));
            twice_same(&x, r, 32, n * sizeof(nave_dyn_row) / 4);
            twice_same(&side, r, 32, n * sizeof(nave_dyn_row) / 4);
            nave_dyn_row *xa = (nave_dyn_row *)x.a.at, *xb = (nave_dyn_row *)x.b.at;
            nave_dyn_bands_c(d->band, za, bands, channels, d->mid_side, own ? xa : (nave_dyn_row *)side.a.at, xa, n,
                             &la);
            dsp->dyn.bands(d->band, zb, bands, channels, d->mid_side, own ? xb : (nave_dyn_row *)side.b.at, xb, n, &lb);
            uint32_t other = other_rows(xa, xb, bands, channels, n), states = 0;
            for (uint32_t b = 0; b < bands; b++)
                for (uint32_t ch = 0; ch < channels; ch++) {
                    const nave_band_state *a = &za[b], *z = &zb[b];
                    states += a->average[ch] != z->average[ch] || a->gain[ch] != z->gain[ch] ||
                              la.band[b][ch] != lb.band[b][ch] || memcmp(a->cut[ch], z->cut[ch], sizeof(a->cut[ch]));
                    for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++) {
                        const nave_envelope *e = &a->envelope[ch][k], *f = &z->envelope[ch][k];
                        states += e->fast != f->fast || e->slow != f->slow || e->hold_left != f->hold_left ||
                                  e->open != f->open;
                    }
                }
            if (other || states || !intact(&x) || !intact(&side))
                fault(s, "%u bands of %u channels, %u frames, block %u: %u words and %u states differ", bands, channels,
                      n, block, other, states);
            else
                passed(s);
            twice_free(&x);
            twice_free(&side);
        }
        free(d);
    }
}

void check_dyn_log2(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        const uint32_t n = any_frames(r);
        twice v = twice_make(n * sizeof(uint32_t)), y = twice_make(n * sizeof(int32_t));
        twice_same(&v, r, 32, n);
        nave_dyn_log2_c((uint32_t *)v.a.at, (int32_t *)y.a.at, n);
        dsp->dyn.log2((uint32_t *)v.b.at, (int32_t *)y.b.at, n);
        if (memcmp(y.a.at, y.b.at, n * sizeof(int32_t)) || !intact(&v) || !intact(&y))
            fault(s, "log2 of %u words", n);
        else
            passed(s);
        twice_free(&v);
        twice_free(&y);
    }
}

void check_dyn_apply(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases; i++) {
        const uint32_t n = any_frames(r), channels = 1 + pick(r, 2);
        twice gain = twice_make(n * sizeof(int32_t)), top = gain, x[2];
        top = twice_make(n * sizeof(int32_t));
        twice_same(&gain, r, 32, n);
        twice_same(&top, r, 32, n);
        for (uint32_t k = 0; k < n; k++) { /* a ceiling is above 0 */
            int32_t *at = (int32_t *)top.a.at + k;
            *at = *at < 0 ? ~*at : *at;
            memcpy(top.b.at + 4 * k, at, 4);
        }
        for (uint32_t ch = 0; ch < 2; ch++) {
            x[ch] = twice_make(n * sizeof(int32_t));
            twice_same(&x[ch], r, 32, n);
        }
        int32_t *const a[2] = {(int32_t *)x[0].a.at, (int32_t *)x[1].a.at};
        int32_t *const b[2] = {(int32_t *)x[0].b.at, (int32_t *)x[1].b.at};
        nave_dyn_apply_c((int32_t *)gain.a.at, (int32_t *)top.a.at, channels, a, n);
        dsp->dyn.apply((int32_t *)gain.b.at, (int32_t *)top.b.at, channels, b, n);
        if (memcmp(a[0], b[0], 4 * n) || memcmp(a[1], b[1], 4 * n) || !intact(&x[0]) || !intact(&x[1]) ||
            !intact(&gain) || !intact(&top))
            fault(s, "gains of %u frames, %u channels", n, channels);
        else
            passed(s);
        twice_free(&gain);
        twice_free(&top);
        twice_free(&x[0]);
        twice_free(&x[1]);
    }
}

/* The limiter over blocks is the limiter frame by frame. */
void check_dyn_limit(suite *s, const nave_dsp *dsp)
{
    source *r = &s->random;
    for (uint32_t i = 0; i < s->cases / 4; i++) {
        nave_dyn *d = engine(r);
        const uint32_t ahead = pick(r, 4) ? pick(r, 300) : pick(r, NAVE_LIMIT_MAX_LOOKAHEAD), channels = 1 + pick(r, 2);
        const size_t words = nave_limiter_words(ahead);
        int32_t *ma = calloc(words, sizeof(*ma)), *mb = calloc(words, sizeof(*mb));
        nave_limiter_state z;
        if (!ma || !mb)
            exit(1);
        uint32_t box[2];
        nave_limiter_box_frames(ahead, box);
        const nave_coef share = nave_coef_of((int64_t)(0x1p52 * (double)(1u << nave_bit_length64(box[0])) *
                                                       (1u << nave_bit_length64(box[1])) / ((double)box[0] * box[1])));
        nave_limiter_start(&z, ahead, share, ma);
        nave_limiter_start(&d->limiter_state, ahead, share, mb);
        d->shape.channels = channels;
        d->limiter.on = pick(r, 8) != 0;
        for (uint32_t block = 0; block < 4 * BLOCKS; block++) {
            const uint32_t n = any_frames(r);
            twice x[2];
            nave_dyn_lowest lowest;
            int32_t least = INT32_MAX;
            uint32_t other = 0;
            for (uint32_t ch = 0; ch < 2; ch++) {
                x[ch] = twice_make(n * sizeof(int32_t));
                twice_same(&x[ch], r, 32, n);
            }
            int32_t *const b[2] = {(int32_t *)x[0].b.at, (int32_t *)x[1].b.at};
            nave_dyn_limit(d, &dsp->dyn, b, n, &lowest);
            for (uint32_t k = 0; k < n; k++) {
                int32_t frame[2] = {((int32_t *)x[0].a.at)[k], ((int32_t *)x[1].a.at)[k]};
                nave_limiter_step(&d->limiter, &z, channels, frame);
                other += frame[0] != b[0][k] || (channels == 2 && frame[1] != b[1][k]);
                least = z.gain < least ? z.gain : least;
            }
            const nave_limiter_state *q = &d->limiter_state;
            if (other || memcmp(ma, mb, words * sizeof(*ma)) || z.gain != q->gain || z.reduction != q->reduction ||
                z.sum[0] != q->sum[0] || z.sum[1] != q->sum[1] || z.peak_in != q->peak_in || least != lowest.limiter)
                fault(s, "limiter, %u frames of look-ahead, %u channels, block %u of %u: %u frames differ", ahead,
                      channels, block, n, other);
            else
                passed(s);
            twice_free(&x[0]);
            twice_free(&x[1]);
        }
        free(ma);
        free(mb);
        free(d);
    }
}
