/* CRC-32C (Castagnoli), bits reflected, as the frames use it (twin of rtl/link/crc.v). Castagnoli instead of the
 * Ethernet polynomial: two bits better Hamming distance at frame lengths, and both host families have it in hardware.
 * SPDX-License-Identifier: ISC */
#include "dsp.h"

uint32_t nave_crc32c_c(uint32_t crc, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1)));
    }
    return ~crc;
}
