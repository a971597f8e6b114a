/* Finding cards on USB, and what the errors of libusb mean to a person.
 * SPDX-License-Identifier: ISC */
#include "usb.h"
#include "why.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define NAVE_USB_MOST_PORTS 7 /* hubs in a row, from the standard */

int nave_usb_fail(nave_text *why, int libusb_error, const char *serial, const char *doing)
{
    const char *card = serial[0] ? serial : "without a serial number";
    switch (libusb_error) {
    case LIBUSB_ERROR_ACCESS:
        return nave_fail(why, NAVE_E_DEVICE,
                         "no permission for card %s: install driver/70-nave.rules in /etc/udev/rules.d (make install "
                         "puts it under PREFIX), run `udevadm control --reload` and plug the card in again",
                         card);
    case LIBUSB_ERROR_BUSY:
        return nave_fail(why, NAVE_E_BUSY, "card %s is busy: another program has claimed its interface; end it", card);
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
        return nave_fail(why, NAVE_E_LOST, "card %s went away while %s: plug it in and try again", card, doing);
    case LIBUSB_ERROR_NO_MEM:
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while %s", doing);
    case LIBUSB_ERROR_TIMEOUT:
        return nave_fail(why, NAVE_E_TIMEOUT, "card %s did not answer while %s: unplug it and plug it in again", card,
                         doing);
    default:
        return nave_fail(why, NAVE_E_DEVICE, "USB failed while %s (%s): unplug card %s and plug it in again", doing,
                         libusb_error_name(libusb_error), card);
    }
}

static int parse_seconds(double *out, const char *name, const char *value, nave_text *why)
{
    char *end;
    *out = strtod(value, &end);
    if (end == value || *end || !(*out >= 0 && *out <= 3600))
        return nave_fail(why, NAVE_E_ARG, "%s=%.40s: give seconds, 0 to 3600", name, value);
    return NAVE_OK;
}

static int parse_option(nave_usb_options *out, const char *name, const char *value, nave_text *why)
{
    if (strcmp(name, "serial") == 0) {
        if (!*value || strlen(value) >= sizeof(out->serial))
            return nave_fail(why, NAVE_E_ARG,
                             "serial=%.40s: a serial number has 1 to %zu characters; `nave devices` "
                             "lists them",
                             value, sizeof(out->serial) - 1);
        strcpy(out->serial, value);
        return NAVE_OK;
    }
    if (strcmp(name, "wait") == 0)
        return parse_seconds(&out->wait_s, name, value, why);
    if (strcmp(name, "patience") == 0)
        return parse_seconds(&out->patience_s, name, value, why);
    return nave_fail(why, NAVE_E_ARG, "no usb option '%.40s'; options are serial, wait and patience", name);
}

int nave_usb_parse(nave_usb_options *out, const char *options, nave_text *why)
{
    char text[128];
    memset(out, 0, sizeof(*out));
    if (strlen(options) >= sizeof(text))
        return nave_fail(why, NAVE_E_ARG, "device options are longer than %zu characters", sizeof(text) - 1);
    strcpy(text, options);
    char *save = NULL;
    for (char *o = strtok_r(text, ",", &save); o; o = strtok_r(NULL, ",", &save)) {
        char *value = strchr(o, '=');
        if (!value)
            return nave_fail(why, NAVE_E_ARG, "usb option '%.40s' has no value; write serial=NUMBER or wait=SECONDS",
                             o);
        *value++ = '\0';
        const int err = parse_option(out, o, value, why);
        if (err)
            return err;
    }
    return NAVE_OK;
}

/* The kernel has read the strings already: no permission is needed, and a card in use is not disturbed. */
static int read_sysfs(libusb_device *device, const char *name, char *out, size_t cap)
{
    uint8_t port[NAVE_USB_MOST_PORTS];
    const int ports = libusb_get_port_numbers(device, port, NAVE_USB_MOST_PORTS);
    char path[128];
    int n = snprintf(path, sizeof(path), "/sys/bus/usb/devices/%d", libusb_get_bus_number(device));
    for (int i = 0; i < ports && n < 80; i++)
        n += snprintf(path + n, sizeof(path) - (size_t)n, "%c%d", i ? '.' : '-', port[i]);
    snprintf(path + n, sizeof(path) - (size_t)n, "/%s", name);
    FILE *f = ports > 0 ? fopen(path, "re") : NULL;
    if (!f)
        return -1;
    const int got = fgets(out, (int)cap, f) != NULL;
    fclose(f);
    if (!got)
        return -1;
    out[strcspn(out, "\n")] = '\0';
    return 0;
}

static int read_string(libusb_device *device, const char *name, uint8_t index, char *out, size_t cap)
{
    out[0] = '\0';
    if (read_sysfs(device, name, out, cap) == 0)
        return 0;
    libusb_device_handle *handle;
    if (!index || libusb_open(device, &handle))
        return -1;
    const int n = libusb_get_string_descriptor_ascii(handle, index, (unsigned char *)out, (int)cap);
    libusb_close(handle);
    return n < 0 ? -1 : 0;
}

/* Others may use the test id too, so the manufacturer's name is asked as well. Where it can't be read for lack of
 * permission the device counts: the error that follows says so. */
static int is_card(libusb_device *device, char serial[32], char name[64])
{
    struct libusb_device_descriptor d;
    char manufacturer[32];
    if (libusb_get_device_descriptor(device, &d) || d.idVendor != NAVE_USB_VENDOR || d.idProduct != NAVE_USB_PRODUCT)
        return 0;
    if (read_string(device, "manufacturer", d.iManufacturer, manufacturer, sizeof(manufacturer)) == 0 &&
        strcmp(manufacturer, NAVE_USB_MANUFACTURER) != 0)
        return 0;
    read_string(device, "serial", d.iSerialNumber, serial, 32);
    if (name)
        read_string(device, "product", d.iProduct, name, 64);
    return 1;
}

size_t nave_usb_list(nave_device_info *out, size_t cap)
{
    libusb_context *usb;
    libusb_device **list;
    size_t count = 0;
    if (libusb_init(&usb))
        return 0;
    const ssize_t n = libusb_get_device_list(usb, &list);
    for (ssize_t i = 0; i < n; i++) {
        nave_device_info info = {.name = ""};
        if (!is_card(list[i], info.serial, info.name))
            continue;
        if (info.serial[0])
            snprintf(info.spec, sizeof(info.spec), "usb:serial=%s", info.serial);
        else
            snprintf(info.spec, sizeof(info.spec), "usb:");
        if (count < cap)
            out[count] = info;
        count++;
    }
    if (n >= 0)
        libusb_free_device_list(list, 1);
    libusb_exit(usb);
    return count;
}

int nave_usb_find(libusb_context *usb, const nave_usb_options *options, libusb_device_handle **out, char serial[32],
                  nave_text *why)
{
    libusb_device **list, *found = NULL;
    size_t cards = 0;
    const ssize_t n = libusb_get_device_list(usb, &list);
    if (n < 0)
        return nave_usb_fail(why, (int)n, options->serial, "the USB devices were listed");
    for (ssize_t i = 0; i < n; i++) {
        char number[32];
        if (!is_card(list[i], number, NULL) || (options->serial[0] && strcmp(number, options->serial) != 0))
            continue;
        found = list[i];
        strcpy(serial, number);
        cards++;
    }
    int err = NAVE_OK;
    if (cards == 0 && options->serial[0])
        err = nave_fail(why, NAVE_E_DEVICE, "no card %s on USB: plug it in; `nave devices` lists what there is",
                        options->serial);
    else if (cards == 0)
        err = nave_fail(why, NAVE_E_DEVICE, "no card on USB: plug one in, or use model: instead");
    else if (cards > 1)
        err = nave_fail(why, NAVE_E_ARG,
                        "%zu cards are on USB: name one with usb:serial=NUMBER; `nave devices` lists "
                        "them",
                        cards);
    else
        err = libusb_open(found, out);
    libusb_free_device_list(list, 1);
    return err == LIBUSB_SUCCESS || cards != 1 ? err : nave_usb_fail(why, err, serial, "it was opened");
}

static int LIBUSB_CALL arrived(libusb_context *usb, libusb_device *device, libusb_hotplug_event event, void *user)
{
    (void)usb, (void)device, (void)event;
    *(int *)user = 1;
    return 0;
}

void nave_usb_wait_arrival(libusb_context *usb, int timeout_ms)
{
    int seen = 0;
    libusb_hotplug_callback_handle handle = 0;
    struct timeval step = {.tv_usec = timeout_ms * 1000};
    /* without hotplug this only lets time pass, and the caller looks again */
    const int has =
        libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
        libusb_hotplug_register_callback(usb, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED, 0, NAVE_USB_VENDOR, NAVE_USB_PRODUCT,
                                         LIBUSB_HOTPLUG_MATCH_ANY, arrived, &seen, &handle) == LIBUSB_SUCCESS;
    libusb_handle_events_timeout_completed(usb, &step, has ? &seen : NULL);
    if (has)
        libusb_hotplug_deregister_callback(usb, handle);
}
