/* Two cards in one process, each with its own plug. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"

static const char *const serials[2] = {"0123456789ABCDEF", "0123456789ABCDF0"};

typedef struct job {
    char spec[96], out[64];
    nave_render_result result;
    nave_text why;
    int err;
} job;

static void *run_job(void *user)
{
    job *j = user;
    j->err = render(j->spec, j->out, &j->result, &j->why);
    return NULL;
}

/* Renders on both at once, `command` befalls the first. */
static void at_once(const char *name, const char *command, const nave_render_result *expected, uint32_t recoveries)
{
    job jobs[2];
    pthread_t thread[2];
    char detail[400];
    memset(jobs, 0, sizeof(jobs));
    nave_direct_befall_card(0, command);
    for (int i = 0; i < 2; i++) {
        snprintf(jobs[i].spec, sizeof(jobs[i].spec), "%s,serial=%s", usb, serials[i]);
        snprintf(jobs[i].out, sizeof(jobs[i].out), "card%d.wav", i);
        pthread_create(&thread[i], NULL, run_job, &jobs[i]);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    nave_direct_befall_card(0, "work");
    for (int i = 0; i < 2; i++) {
        snprintf(detail, sizeof(detail), "card %d: error %d (%.200s), hash %.16s, expected %.16s, lost %u times", i,
                 jobs[i].err, jobs[i].why.text, jobs[i].result.output_hash, expected->output_hash,
                 jobs[i].result.recoveries);
        check(!jobs[i].err && strcmp(jobs[i].result.output_hash, expected->output_hash) == 0, name, detail);
        check(jobs[i].result.recoveries == (i == 0 ? recoveries : 0), "only the card that was unplugged is lost",
              detail);
    }
    printf("%-28s %-22s lost %u and %u times\n", name, command, jobs[0].result.recoveries, jobs[1].result.recoveries);
}

void test_several_cards(const nave_render_result *expected)
{
    nave_device *dev[2] = {NULL, NULL}, *again = NULL;
    nave_device_info info[8];
    nave_text why = {""};
    size_t n = 0;
    char spec[2][96];
    nave_direct_befall_card(1, "work"); /* it comes into being */
    int listed[2] = {0, 0};
    nave_list_devices(info, 8, &n);
    for (size_t d = 0; d < n && d < 8; d++)
        for (int i = 0; i < 2; i++) {
            snprintf(spec[i], sizeof(spec[i]), "usb:serial=%s", serials[i]);
            listed[i] += strcmp(info[d].spec, spec[i]) == 0;
        }
    check(listed[0] == 1 && listed[1] == 1, "both cards are listed", "");
    int err = nave_open(&again, usb, &why);
    check(err == NAVE_E_ARG && strstr(why.text, "2 cards are on USB: name one with usb:serial="),
          "without a number two cards are one too many", why.text);
    for (int i = 0; i < 2; i++) {
        snprintf(spec[i], sizeof(spec[i]), "%s,serial=%s", usb, serials[i]);
        check(nave_open(&dev[i], spec[i], &why) == NAVE_OK, "two cards are open at once", why.text);
        nave_device_get_info(dev[i], &info[i]);
        check(strcmp(info[i].serial, serials[i]) == 0, "and each is the one that was named", info[i].serial);
    }
    snprintf(spec[0], sizeof(spec[0]), "usb:serial=%s", serials[0]);
    check(nave_open(&again, spec[0], &why) == NAVE_E_BUSY, "a card that is open is busy", why.text);
    nave_close(dev[0]);
    nave_close(dev[1]);
    at_once("two cards at once", "work", expected, 0);
    at_once("one of two, back again", "unplug 100 after 150", expected, 1);
    at_once("one of two, for good", "unplug 8000 after 150", expected, 1);
    err = nave_open(&again, usb, &why);
    check(err == NAVE_OK, "the one that is left needs no number", why.text);
    nave_close(err ? NULL : again);
    snprintf(spec[0], sizeof(spec[0]), "usb:wait=20,serial=%s", serials[0]);
    err = nave_open(&again, spec[0], &why);
    check(err == NAVE_OK, "and the other one is waited for", why.text);
    nave_close(err ? NULL : again);
    nave_direct_befall_card(1, "unplug 1000000000"); /* one card for the tests that follow */
    for (int i = 0; i < 100; i++) {
        nave_list_devices(info, 8, &n);
        int there = 0;
        for (size_t d = 0; d < n && d < 8; d++)
            there += strcmp(info[d].serial, serials[1]) == 0;
        if (!there)
            return;
        usleep(10000);
    }
    check(0, "an unplugged card is not listed", serials[1]);
}
