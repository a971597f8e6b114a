/* From the card's words to a file's words: TPDF dither or rounding to nearest even, saturation, clip count. Integers
 * only, so that every machine gives the same file.
 * SPDX-License-Identifier: ISC */
#include "dither.h"
#include <string.h>

/* A bijective mix of 64 bits: two odd multiplies and three xor-shifts leave no bit that depends on one input bit. */
static inline uint64_t mix(uint64_t z)
{
    z ^= z >> 31;
    z *= 0x9e3779b97f4a7c15u;
    z ^= z >> 29;
    z *= 0xd1342543de82ef95u;
    return z ^ z >> 32;
}

static uint64_t channel_key(uint64_t seed, uint32_t channel)
{
    return mix(mix(seed + 0x632be59bd9b4e019u) + channel + 1);
}

/* v / 2^shift to nearest, ties to even. Needs an arithmetic >>, which every compiler we build with has. */
static inline int64_t round_even(int64_t v, int shift)
{
    return (v + ((int64_t)1 << (shift - 1)) - 1 + (v >> shift & 1)) >> shift;
}

static int fraction_bits(nave_word word)
{
    return word == NAVE_WORD_PCM16 ? 15 : word == NAVE_WORD_PCM24 ? 23 : 31;
}

/* The sum of two independent uniform values, each one step of the file wide, makes mean and power of the error
 * independent of the sound. Word and noise are Q44; a Q28 word has its low bits zero. */
static inline int32_t to_pcm(int64_t q44, uint64_t noise, int shift, int64_t top, uint64_t *clipped)
{
    const int64_t up = (int64_t)(noise >> (64 - shift));
    const int64_t down = (int64_t)((noise & 0xffffffffu) >> (32 - shift));
    int64_t v = round_even(q44 + up - down, shift);
    if (v > top || v < -top - 1) {
        v = v > top ? top : -top - 1;
        ++*clipped;
    }
    return (int32_t)v;
}

static inline int32_t to_float(int64_t q44)
{
    /* int64 to float rounds to nearest even once; the power of two is exact. */
    const float f = (float)q44 * 0x1p-44f;
    int32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

void nave_dither_q44(nave_dither *d, const int64_t *in, int32_t *out, size_t stride, size_t frames, uint32_t channel,
                     uint64_t first_frame)
{
    if (d->word == NAVE_WORD_FLOAT) {
        for (size_t i = 0; i < frames; i++)
            out[i * stride] = to_float(in[i]);
        return;
    }
    const int shift = 44 - fraction_bits(d->word);
    const int64_t top = ((int64_t)1 << fraction_bits(d->word)) - 1;
    const uint64_t key = channel_key(d->seed, channel);
    uint64_t clipped = 0;
    if (d->on)
        for (size_t i = 0; i < frames; i++)
            out[i * stride] = to_pcm(in[i], mix(key + first_frame + i), shift, top, &clipped);
    else
        for (size_t i = 0; i < frames; i++)
            out[i * stride] = to_pcm(in[i], 0, shift, top, &clipped);
    d->clipped_samples += clipped;
}

void nave_dither_q28(nave_dither *d, const int32_t *in, int32_t *out, size_t stride, size_t frames, uint32_t channel,
                     uint64_t first_frame)
{
    int64_t wide[512];
    for (size_t done = 0; done < frames;) {
        const size_t n = frames - done < 512 ? frames - done : 512;
        for (size_t i = 0; i < n; i++)
            wide[i] = (int64_t)in[done + i] * 65536;
        nave_dither_q44(d, wide, out + done * stride, stride, n, channel, first_frame + done);
        done += n;
    }
}
