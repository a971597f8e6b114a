/* memset and memcpy, which the compiler may call on its own; the linker drops what nobody calls.
 * SPDX-License-Identifier: ISC */
#include <stddef.h>

void *memset(void *to, int value, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);

void *memset(void *to, int value, size_t bytes)
{
    unsigned char *at = to;
    while (bytes--)
        *at++ = (unsigned char)value;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    unsigned char *at = to;
    const unsigned char *read = from;
    while (bytes--)
        *at++ = *read++;
    return to;
}
