/* CRC-32C by carry-less multiplication of 64 bytes at a time (twin of sim/model/crc.c). What has been read is kept as a
 * remainder-preserving state of four vectors: x^d of each 128-bit lane is its low half times x^(d+32) plus its high
 * half times x^(d-32), mod P, bits reflected. The state's own CRC, by the crc32 instruction, ends it.
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("sse4.2,avx2,avx512f,avx512dq,avx512bw,avx512vl,vpclmulqdq"))),     \
                             apply_to = function)
#else
#pragma GCC target("sse4.2,avx2,avx512f,avx512dq,avx512bw,avx512vl,vpclmulqdq")
#endif
#include "simd.h"
#include <immintrin.h>

#define NAVE_CRC_BLOCK 256 /* bytes of the state */

static inline __m512i ahead(__m512i v, __m512i by, __m512i next)
{
    const __m512i low = _mm512_clmulepi64_epi128(v, by, 0x00), high = _mm512_clmulepi64_epi128(v, by, 0x11);
    return _mm512_ternarylogic_epi64(low, high, next, 0x96);
}

static inline __m512i factors(int64_t low, int64_t high)
{
    return _mm512_set_epi64(high, low, high, low, high, low, high, low);
}

uint32_t nave_crc32c_vpclmul(uint32_t crc, const void *bytes, size_t n)
{
    if (n < 2 * NAVE_CRC_BLOCK)
        return nave_crc32c_sse42(crc, bytes, n);
    const __m512i block = factors(0xdcb17aa4, 0xb9e02b86), vector = factors(0x740eef02, 0x9e4addf8);
    const uint8_t *p = bytes;
    __m512i s0 = _mm512_loadu_si512(p), s1 = _mm512_loadu_si512(p + 64);
    __m512i s2 = _mm512_loadu_si512(p + 128), s3 = _mm512_loadu_si512(p + 192);
    s0 = _mm512_xor_si512(s0, _mm512_zextsi128_si512(_mm_cvtsi32_si128((int32_t)~crc)));
    for (p += NAVE_CRC_BLOCK, n -= NAVE_CRC_BLOCK; n >= NAVE_CRC_BLOCK; p += NAVE_CRC_BLOCK, n -= NAVE_CRC_BLOCK) {
        s0 = ahead(s0, block, _mm512_loadu_si512(p));
        s1 = ahead(s1, block, _mm512_loadu_si512(p + 64));
        s2 = ahead(s2, block, _mm512_loadu_si512(p + 128));
        s3 = ahead(s3, block, _mm512_loadu_si512(p + 192));
    }
    s1 = ahead(s0, vector, s1);
    s2 = ahead(s1, vector, s2);
    s3 = ahead(s2, vector, s3);
    uint64_t state[8], rest = 0;
    _mm512_storeu_si512(state, s3);
    for (int i = 0; i < 8; i++)
        rest = _mm_crc32_u64(rest, state[i]);
    return nave_crc32c_sse42(~(uint32_t)rest, p, n);
}
#include "isa_end.h"
#endif
