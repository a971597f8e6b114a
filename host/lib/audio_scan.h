/* How much audio a container's header promises and how much of it the file has.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_AUDIO_SCAN_H
#define NAVE_AUDIO_SCAN_H
#include <stdint.h>

typedef struct nave_audio_scan {
    uint64_t promised_bytes; /* 0: the container is not known here, or was written to a pipe and does not say */
    uint64_t present_bytes;
} nave_audio_scan;

/* Looks at RIFF, RIFX, RF64, BW64, AIFF, W64, CAF and AU. Never fails: what it cannot read it does not know. The file
 * position of fd is not used. */
void nave_audio_scan_fd(int fd, uint64_t file_bytes, nave_audio_scan *out);

#endif
