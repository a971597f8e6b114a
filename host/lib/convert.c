/* Between the host's samples and the card's words. Numbers below 2^51 are moved to and from integers by adding
 * 1.5 * 2^52, whose last place is 1: exact, one rounding to nearest even, and every compiler can vectorise it. The
 * same operations for each instruction set, so the same bits.
 * SPDX-License-Identifier: ISC */
#include "convert.h"
#include <math.h>
#include <string.h>

#define NAVE_SHIFTER 6755399441055744.0 /* 1.5 * 2^52 */

#if defined(__x86_64__)
#define NAVE_TARGET_AVX2 __attribute__((target("avx2")))
#ifdef __clang__
#define NAVE_TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#else
#define NAVE_TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=512")))
#endif
/* Defines `name` with the best of three compilations of body(out, in, n). */
#define NAVE_VARIANTS(result, name, body, out_type, in_type)                                                           \
    NAVE_TARGET_AVX512 static result name##_avx512(out_type *restrict out, const in_type *restrict in, size_t n)       \
    {                                                                                                                  \
        return body(out, in, n);                                                                                       \
    }                                                                                                                  \
    NAVE_TARGET_AVX2 static result name##_avx2(out_type *restrict out, const in_type *restrict in, size_t n)           \
    {                                                                                                                  \
        return body(out, in, n);                                                                                       \
    }                                                                                                                  \
    result name(out_type *restrict out, const in_type *restrict in, size_t n)                                          \
    {                                                                                                                  \
        if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&                                \
            __builtin_cpu_supports("avx512vl"))                                                                        \
            return name##_avx512(out, in, n);                                                                          \
        return __builtin_cpu_supports("avx2") ? name##_avx2(out, in, n) : body(out, in, n);                            \
    }
#else
#define NAVE_VARIANTS(result, name, body, out_type, in_type)                                                           \
    result name(out_type *restrict out, const in_type *restrict in, size_t n)                                          \
    {                                                                                                                  \
        return body(out, in, n);                                                                                       \
    }
#endif
#define NAVE_BODY static inline __attribute__((always_inline))

NAVE_BODY int64_t bits_of(double v)
{
    int64_t b;
    memcpy(&b, &v, sizeof(b));
    return b;
}

NAVE_BODY int32_t to_q28(double v)
{
    double scaled = v * 268435456.0;
    scaled = scaled < 2147483647.0 ? scaled : 2147483647.0;
    scaled = scaled > -2147483648.0 ? scaled : -2147483648.0;
    return (int32_t)(uint32_t)(uint64_t)bits_of(scaled + NAVE_SHIFTER);
}

/* Scaling a float by a power of two is exact, and a float above 2^24 has no fraction. */
NAVE_BODY int q28_from_f32(int32_t *restrict out, const float *restrict in, size_t n)
{
    int nan = 0;
    for (size_t i = 0; i < n; i++)
        nan |= in[i] != in[i];
    for (size_t i = 0; i < n; i++) {
        float scaled = in[i] * 268435456.0f;
        scaled = scaled < 2147483520.0f ? scaled : 2147483520.0f;
        scaled = scaled > -2147483648.0f ? scaled : -2147483648.0f;
        const int32_t word = (int32_t)rintf(scaled);
        out[i] = in[i] >= 8.0f ? INT32_MAX : word;
    }
    return nan;
}

NAVE_BODY int q28_from_f64(int32_t *restrict out, const double *restrict in, size_t n)
{
    int nan = 0;
    for (size_t i = 0; i < n; i++)
        nan |= in[i] != in[i];
    for (size_t i = 0; i < n; i++)
        out[i] = to_q28(in[i]);
    return nan;
}

NAVE_BODY double from_q44(int64_t v)
{
    const int64_t shifted = v + bits_of(NAVE_SHIFTER);
    double d;
    memcpy(&d, &shifted, sizeof(d));
    return (d - NAVE_SHIFTER) * (1.0 / 17592186044416.0);
}

NAVE_BODY void f32_from_q44(float *restrict out, const int64_t *restrict in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)from_q44(in[i]);
}

NAVE_BODY void f64_from_q44(double *restrict out, const int64_t *restrict in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = from_q44(in[i]);
}

NAVE_VARIANTS(int, nave_q28_from_f32, q28_from_f32, int32_t, float)
NAVE_VARIANTS(int, nave_q28_from_f64, q28_from_f64, int32_t, double)
NAVE_VARIANTS(void, nave_f32_from_q44, f32_from_q44, float, int64_t)
NAVE_VARIANTS(void, nave_f64_from_q44, f64_from_q44, double, int64_t)
