/* Opening a card: who holds it, waiting, errors that name the fix. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"
static void held_by_another(void)
{
    nave_device *a = NULL, *b = NULL;
    nave_text why = {""};
    char pid[32];
    snprintf(pid, sizeof(pid), "held by %u (usb_driver", (unsigned)getpid());
    check(nave_open(&a, usb, &why) == NAVE_OK, "opened once", why.text);
    const int err = nave_open(&b, "usb:", &why);
    check(err == NAVE_E_BUSY && strstr(why.text, pid), "who holds a busy card is named", why.text);
    nave_activity seen;
    check(nave_look("usb:", &seen, &why) == NAVE_OK && seen.pid == (uint32_t)getpid(), "a look shows the holder",
          why.text);
    nave_close(a);
    check(nave_open(&b, usb, &why) == NAVE_OK, "free again", why.text);
    nave_close(b);
}

static void *close_later(void *user)
{
    usleep(300000);
    nave_close(user);
    return NULL;
}

static void waits_for_another(void)
{
    nave_device *a = NULL, *b = NULL;
    nave_text why = {""};
    pthread_t thread;
    check(nave_open(&a, usb, &why) == NAVE_OK, "opened", why.text);
    pthread_create(&thread, NULL, close_later, a);
    check(nave_open(&b, usb, &why) == NAVE_OK, "wait= waits for the holder", why.text);
    pthread_join(thread, NULL);
    nave_close(b);
}

static void refused(void)
{
    nave_device *dev;
    nave_text why = {""};
    nave_direct_refuse(LIBUSB_ERROR_ACCESS);
    int err = nave_open(&dev, "usb:", &why);
    check(err == NAVE_E_DEVICE && strstr(why.text, "70-nave.rules"), "no permission names the rule", why.text);
    nave_direct_refuse(0);
    err = nave_open(&dev, "usb:serial=nobody", &why);
    check(err == NAVE_E_DEVICE && strstr(why.text, "no card nobody"), "another serial number is not found", why.text);
    err = nave_open(&dev, "usb:serial", &why);
    check(err == NAVE_E_ARG, "an option needs its value", why.text);
    err = nave_open(&dev, "usb:wait=x", &why);
    check(err == NAVE_E_ARG, "a wait is a number", why.text);
    nave_direct_befall("unplug 300");
    usleep(100000);
    err = nave_open(&dev, "usb:", &why);
    check(err == NAVE_E_DEVICE, "an unplugged card is not there", why.text);
    err = nave_open(&dev, usb, &why);
    check(err == NAVE_OK, "wait= waits for the plug", why.text);
    nave_close(err ? NULL : dev);
}

void test_opening(void)
{
    refused();
    held_by_another();
    waits_for_another();
}
