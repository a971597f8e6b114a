/* CRC-32C by the instruction of ARMv8's CRC extension (twin of sim/model/crc.c).
 * SPDX-License-Identifier: ISC */
#if defined(__aarch64__)
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("crc"))), apply_to = function)
#else
#pragma GCC target("+crc")
#endif
#include "simd.h"
#include <arm_acle.h>
#include <string.h>

uint32_t nave_crc32c_neon(uint32_t crc, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    crc = ~crc;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t v;
        memcpy(&v, p, sizeof(v));
        crc = __crc32cd(crc, v);
    }
    for (; n > 0; n--, p++)
        crc = __crc32cb(crc, *p);
    return ~crc;
}
#include "isa_end.h"
#endif
