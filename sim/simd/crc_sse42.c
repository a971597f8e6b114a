/* CRC-32C by the crc32 instruction, three streams at a time because one has a latency of three cycles (twin of
 * sim/model/crc.c). The streams are joined by carry-less multiplication with x^(8 distance) mod P.
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("sse4.2,pclmul"))), apply_to = function)
#else
#pragma GCC target("sse4.2,pclmul")
#endif
#include "simd.h"
#include <immintrin.h>
#include <string.h>

static inline uint64_t eight(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

/* crc * x^(8 distance): factor is x^(8 distance - 33), bits reflected; crc32 of the product reduces it. */
static inline uint32_t advance(uint32_t crc, uint32_t factor)
{
    const __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi32_si128((int32_t)crc), _mm_cvtsi32_si128((int32_t)factor), 0);
    return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

static inline __attribute__((always_inline)) uint32_t three(uint32_t crc, const uint8_t *p, size_t stride,
                                                            uint32_t once, uint32_t twice)
{
    uint64_t a = crc, b = 0, c = 0;
    for (size_t i = 0; i < stride; i += 8) {
        a = _mm_crc32_u64(a, eight(p + i));
        b = _mm_crc32_u64(b, eight(p + stride + i));
        c = _mm_crc32_u64(c, eight(p + 2 * stride + i));
    }
    return advance((uint32_t)a, twice) ^ advance((uint32_t)b, once) ^ (uint32_t)c;
}

uint32_t nave_crc32c_sse42(uint32_t crc, const void *bytes, size_t n)
{
    /* strides: 1024 and 128 bytes */
    const uint32_t long_once = 0x170076fa, long_twice = 0xa51b6135, short_once = 0x0d3b6092, short_twice = 0xb9e02b86;
    const uint8_t *p = bytes;
    crc = ~crc;
    for (; n >= 3 * 1024; n -= 3 * 1024, p += 3 * 1024)
        crc = three(crc, p, 1024, long_once, long_twice);
    for (; n >= 3 * 128; n -= 3 * 128, p += 3 * 128)
        crc = three(crc, p, 128, short_once, short_twice);
    for (; n >= 8; n -= 8, p += 8)
        crc = (uint32_t)_mm_crc32_u64(crc, eight(p));
    for (; n > 0; n--, p++)
        crc = _mm_crc32_u8(crc, *p);
    return ~crc;
}
#include "isa_end.h"
#endif
