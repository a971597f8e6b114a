/* Cards on USB, shared by the files of this backend: options, finding a card, errors.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_USB_H
#define NAVE_USB_H
#include "../sim/model/dsp.h"
#include "card.h"
#include <libusb.h>
#include <stdint.h>

#define NAVE_USB_VENDOR 0x1209
#define NAVE_USB_PRODUCT 0x0001 /* pid.codes' test id: a maker sets his own here, in rtl/usb and in 70-nave.rules */
#define NAVE_USB_MANUFACTURER "nave"

typedef struct nave_usb_options {
    char serial[32];   /* empty: the only card */
    double wait_s;     /* for a card that is not there yet, or is held by another program */
    double patience_s; /* 0: the usual time-outs; a simulated card needs more */
} nave_usb_options;

/* "serial=0123456789abcdef,wait=2,patience=30" */
int nave_usb_parse(nave_usb_options *out, const char *options, nave_text *why);
size_t nave_usb_list(nave_device_info *out, size_t cap);
/* Finds and opens the device; NAVE_E_DEVICE when it is not there, NAVE_E_ARG when several are and no serial was
 * given. serial gets the card's. */
int nave_usb_find(libusb_context *usb, const nave_usb_options *options, libusb_device_handle **out, char serial[32],
                  nave_text *why);
/* Until something may have been plugged in, at most timeout_ms. */
void nave_usb_wait_arrival(libusb_context *usb, int timeout_ms);
/* The frame that is put together from transfers (usb_frames.c). */
typedef struct nave_usb_frames {
    nave_dsp dsp;       /* its crc32c */
    uint8_t *frame;     /* begins on a cache line */
    size_t have, given; /* bytes in it; of those, given to the caller */
    uint64_t *skipped_words;
} nave_usb_frames;

int nave_usb_frames_init(nave_usb_frames *f, uint64_t *skipped_words);
void nave_usb_frames_free(nave_usb_frames *f);
/* Takes bytes of a transfer, never past a frame's end; returns how many. Fewer than n: there is a whole frame. */
size_t nave_usb_frames_gather(nave_usb_frames *f, const uint8_t *bytes, size_t n);
int nave_usb_frames_whole(const nave_usb_frames *f);
/* A transfer of the card ends with a frame: one that is not whole then lost its middle, when another program was killed
 * while it read. What stands behind its header may be ours. */
void nave_usb_frames_end_of_transfer(nave_usb_frames *f);
/* The whole frame; stays until it is said to be taken. */
const uint8_t *nave_usb_frames_give(nave_usb_frames *f, size_t *n);
void nave_usb_frames_taken(nave_usb_frames *f);
/* The error of a libusb call as one of ours. */
int nave_usb_fail(nave_text *why, int libusb_error, const char *serial, const char *doing);
#endif
