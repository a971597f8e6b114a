/* The direct front: libusb's functions, as far as driver/usb.c calls them, on the simulated bus in the same process.
 * The driver's own source runs on it, under sanitizers too. A test pulls plugs with these. SPDX-License-Identifier: ISC
 */
#ifndef NAVE_SIM_USB_DIRECT_H
#define NAVE_SIM_USB_DIRECT_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A command of befall.h, such as "unplug 200 after 31". Cards are numbered from 0; naming one makes it and those before
 * it, with a plug of their own. Their serial numbers are 0123456789ABCDEF, 0123456789ABCDF0 and so on. */
void nave_direct_befall(const char *command); /* of card 0 */
void nave_direct_befall_card(unsigned card, const char *command);
/* A C card as those behind the buses are. */
struct nave_model *nave_direct_twin(void);
/* 0: a system without hotplug. */
void nave_direct_hotplug(int there);
unsigned nave_direct_arrivals(void); /* calls of hotplug so far */
/* Errors that the next libusb_open gives instead of opening; 0: none. */
void nave_direct_refuse(int libusb_error);
/* A transfer that the host gets before whatever the card says next: what another program's session left on the way. */
void nave_direct_leave(const void *bytes, size_t n);
uint64_t nave_direct_pieces(void);      /* of bulk transfers of card 0 since the beginning */
void nave_direct_state(char text[256]); /* for a person who looks for a hang */
const char *nave_direct_broken(void);   /* rule of the bus that the device broke, "" if none */
unsigned nave_direct_open_things(void); /* contexts, handles, transfers and mapped buffers that are not freed */

#ifdef __cplusplus
}
#endif
#endif
