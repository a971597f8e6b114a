/* A frame's size and the check of its header (driver/protocol.md), the same for hosts and for the C card.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_FRAME_H
#define NAVE_FRAME_H
#include "protocol.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* With the header, and the payload's CRC where there is a payload. */
static inline size_t nave_frame_bytes(uint32_t length)
{
    return NAVE_HEADER_BYTES + (length ? length + 4 : 0);
}

/* What a header says of its payload, in bytes. */
static inline uint32_t nave_frame_length(const uint8_t *header)
{
    uint32_t length;
    memcpy(&length, header + 16, 4);
    return length;
}

/* 1: its length can be, and its CRC is right. crc32c: that of a nave_dsp. */
static inline int nave_header_good(const uint32_t h[8], uint32_t (*crc32c)(uint32_t, const void *, size_t))
{
    return h[0] == NAVE_MAGIC && h[4] <= NAVE_MAX_PAYLOAD_BYTES && h[4] % 4 == 0 && crc32c(0, h, 28) == h[7];
}
#endif
