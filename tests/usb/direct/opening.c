/* Opening a card: who holds it, waiting, errors that name the fix. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"
#include "../../../driver/card_lock.h"
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

/* What a card of another time says of itself is an error that names both versions and the fix. */
static void other_versions(void)
{
    static const struct {
        uint32_t truth, lie;
        const char *said, *what;
    } of[] = {
        {NAVE_PROTOCOL_VERSION, NAVE_PROTOCOL_VERSION + 1,
         "the card speaks protocol 2 and this library 1: load the bitstream", "another protocol is refused"},
        {NAVE_VERSION_MINOR << 8, (NAVE_VERSION_MINOR + 1) << 8,
         "of version 0.2 and this library of 0.1: load the bitstream", "another bitstream is refused"},
        {NAVE_VERSION_MINOR << 8, (NAVE_VERSION_MINOR << 8) + 7, NULL, "a patch of the same version is taken"},
        {NAVE_MAGIC, 1, "no nave card", "what is no card is refused"},
    };
    for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
        nave_device *dev = NULL;
        nave_text why = {""};
        char command[64];
        snprintf(command, sizeof(command), "lie %u %u", of[i].truth, of[i].lie);
        nave_direct_befall(command);
        const int err = nave_open(&dev, usb, &why);
        nave_direct_befall("lie 0 0");
        check(of[i].said ? err == NAVE_E_VERSION && strstr(why.text, of[i].said) : err == NAVE_OK, of[i].what,
              why.text);
        nave_close(err ? NULL : dev);
    }
}

/* A monitor that looks all the time is no reason for a card to be busy. */
static void *look_on(void *user)
{
    nave_activity seen;
    while (!__atomic_load_n((int *)user, __ATOMIC_RELAXED))
        nave_card_lock_look("looked-at", &seen);
    return NULL;
}

static void looks_disturb_nobody(void)
{
    pthread_t thread[2];
    int stop = 0, busy = 0, takes = 0;
    nave_text why = {""};
    for (int i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, look_on, &stop);
    for (const double begin = now_s(); now_s() - begin < 1; takes++) {
        nave_card_lock lock = {0};
        const int err = nave_card_lock_take(&lock, "looked-at", &why);
        busy += err != NAVE_OK;
        if (!err)
            nave_card_lock_release(&lock);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    char detail[160];
    snprintf(detail, sizeof(detail), "%d of %d opens (%.80s)", busy, takes, why.text);
    check(busy == 0 && takes > 20, "a look makes no card busy", detail);
}

/* What a search waits for: with hotplug it is told of the plug, without it looks again; both find the card. The plug
 * may fall between two rounds of the search, where the next one finds the card untold: then it is tried again. */
static void waits_for_the_plug(int hotplug)
{
    nave_text why = {""};
    char detail[256];
    unsigned told = 0;
    int err = NAVE_OK;
    nave_direct_hotplug(hotplug);
    for (int i = 0; i < (hotplug ? 8 : 1) && !err && !told; i++) {
        nave_device *dev = NULL;
        nave_direct_befall("unplug 500");
        usleep(50000);
        const unsigned before = nave_direct_arrivals();
        err = nave_open(&dev, usb, &why);
        told = nave_direct_arrivals() - before;
        nave_close(err ? NULL : dev);
    }
    nave_direct_hotplug(1);
    snprintf(detail, sizeof(detail), "error %d (%.120s), told %u times", err, why.text, told);
    check(!err && (told > 0) == hotplug,
          hotplug ? "hotplug wakes the search" : "without hotplug the search looks again", detail);
}

void test_opening(void)
{
    refused();
    held_by_another();
    waits_for_another();
    other_versions();
    looks_disturb_nobody();
    waits_for_the_plug(1);
    waits_for_the_plug(0);
}
