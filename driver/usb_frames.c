/* Frames out of USB transfers: words that begin no frame are skipped, a half frame ends with its transfer.
 * SPDX-License-Identifier: ISC */
#include "frame.h"
#include "usb.h"
#include <stdlib.h>
#include <string.h>

#define NAVE_USB_FRAME_BYTES (NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)

int nave_usb_frames_init(nave_usb_frames *f, uint64_t *skipped_words)
{
    memset(f, 0, sizeof(*f));
    nave_dsp_init(&f->dsp, NAVE_CPU_ALL);
    f->skipped_words = skipped_words;
    f->frame = aligned_alloc(64, (NAVE_USB_FRAME_BYTES + 63) / 64 * 64);
    return f->frame ? NAVE_OK : NAVE_E_NOMEM;
}

void nave_usb_frames_free(nave_usb_frames *f)
{
    free(f->frame);
    f->frame = NULL;
}

static size_t frame_size(const uint8_t *header)
{
    return nave_frame_bytes(nave_frame_length(header));
}

static int header_good(const nave_usb_frames *f, const uint8_t *header)
{
    uint32_t h[8];
    memcpy(h, header, sizeof(h));
    return nave_header_good(h, f->dsp.crc32c);
}

int nave_usb_frames_whole(const nave_usb_frames *f)
{
    return f->have >= NAVE_HEADER_BYTES && header_good(f, f->frame) && f->have >= frame_size(f->frame);
}

static void drop(nave_usb_frames *f, size_t n)
{
    f->have -= n;
    memmove(f->frame, f->frame + n, f->have);
}

/* Drops words until a valid header, or what may be the beginning of one, is in front. `from`: bytes that are dropped in
 * any case. */
static void hunt(nave_usb_frames *f, size_t from)
{
    size_t at = from < f->have ? from : f->have;
    while (f->have - at >= NAVE_HEADER_BYTES && !header_good(f, f->frame + at))
        at += 4;
    *f->skipped_words += at / 4;
    drop(f, at);
}

size_t nave_usb_frames_gather(nave_usb_frames *f, const uint8_t *bytes, size_t n)
{
    size_t at = 0;
    for (;;) {
        if (f->have >= NAVE_HEADER_BYTES)
            hunt(f, 0);
        if (at == n || nave_usb_frames_whole(f))
            return at;
        const size_t want = f->have < NAVE_HEADER_BYTES ? NAVE_HEADER_BYTES : frame_size(f->frame);
        const size_t left = n - at, part = left < want - f->have ? left : want - f->have;
        memcpy(f->frame + f->have, bytes + at, part);
        f->have += part;
        at += part;
    }
}

void nave_usb_frames_end_of_transfer(nave_usb_frames *f)
{
    while (f->have && !nave_usb_frames_whole(f))
        hunt(f, f->have < NAVE_HEADER_BYTES ? f->have : 4);
}

const uint8_t *nave_usb_frames_give(nave_usb_frames *f, size_t *n)
{
    *n = f->given = frame_size(f->frame);
    return f->frame;
}

void nave_usb_frames_taken(nave_usb_frames *f)
{
    drop(f, f->given);
    f->given = 0;
}
