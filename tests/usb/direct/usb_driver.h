/* What the files of usb_driver share: checks that count, a seeded generator, renders, what befalls a card.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_USB_DRIVER_H
#define NAVE_TESTS_USB_DRIVER_H
#include "../../../driver/protocol.h"
#include "../../../sim/harness/usb/direct.h"
#include "../../../sim/model/dsp.h"
#include "nave.h"
#include <libusb.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RATE_HZ 48000

extern char ir_path[64];
extern char usb[64]; /* "usb:wait=5", with patience where a sanitizer makes the card slow */
void check(int good, const char *what, const char *detail);
uint32_t next(uint32_t n); /* a random number below n */
double now_s(void);
/* Renders the same input through the same response to `out`. */
int render(const char *spec, const char *out, nave_render_result *r, nave_text *why);
nave_plan *live_plan(nave_mode mode);

void test_opening(void);
void test_live(void);
void test_quiet(void); /* nobody calls while the card is lost */
void test_abandoned(int sessions);
void test_half_a_frame(void);
void test_card_within_a_frame(void);
void test_slow_reader(void);
void test_frames(int frames);
void test_several_cards(const nave_render_result *expected);
#endif
