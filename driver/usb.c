/* A card on USB. Transfers in flight are few and of a fixed size; one thread handles libusb's events.
 *
 * Threads. usb_open starts the event thread, usb_close ends it; it lives exactly as long as the nave_card:
 *
 *   caller:  open --- submit IN --- send/receive: take a finished buffer, submit again --- close: cancel all --- join
 *   events:        run -------------- transfer_done: marks the buffer, wakes the caller ---------- last one back: end
 *
 * The event thread touches nothing but what `lock` guards, calls no one but libusb and submits nothing. So after the
 * join no callback can come, and everything is freed by the caller.
 * A card that goes away ends its transfers at once: `lost` is set there and then, and the next send or receive says so.
 * SPDX-License-Identifier: ISC */
#include "usb.h"
#include "card_lock.h"
#include "why.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAVE_USB_OUT 0x01
#define NAVE_USB_IN 0x81
#define NAVE_USB_COUNTERS_REQUEST 0x21
#define NAVE_USB_QUEUE 8 /* transfers each way: 8 x 16 KiB are 3 ms at 40 MB/s */
/* a multiple of 512, so that no packet of the card is larger than what is left */
#define NAVE_USB_TRANSFER_BYTES 16384
#define NAVE_USB_CLOSE_MS 2000

typedef enum slot_state { SLOT_IDLE, SLOT_FLYING, SLOT_FULL } slot_state;

typedef struct slot {
    nave_card *card;
    struct libusb_transfer *transfer;
    unsigned char *bytes;
    int mapped; /* bytes are the kernel's: no copy is made of them */
    slot_state state;
} slot;

struct nave_card {
    libusb_context *usb;
    libusb_device_handle *handle;
    nave_card_lock held;
    char serial[32];
    int patience_ms;
    pthread_t events;
    int events_run;

    pthread_mutex_t lock; /* guards what follows, with the slots' states */
    pthread_cond_t changed;
    unsigned flying;
    int lost, closing;
    char lost_why[96];
    int finished; /* read by libusb's event loop too */

    /* the caller's own */
    slot in[NAVE_USB_QUEUE], out[NAVE_USB_QUEUE];
    unsigned next_in, next_out; /* slots finish in the order of their submission */
    int held_up;                /* the last send took less than all */
    slot *current;              /* an IN slot that is being read */
    size_t current_at;
    nave_usb_frames frames;
};

static void set_lost(nave_card *card, const char *why)
{
    if (!card->lost && !card->closing)
        snprintf(card->lost_why, sizeof(card->lost_why), "%s", why);
    card->lost = 1;
}

static const char *status_why(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_NO_DEVICE:
        return "it was unplugged or lost its power";
    case LIBUSB_TRANSFER_STALL:
        return "it refused a transfer";
    case LIBUSB_TRANSFER_OVERFLOW:
        return "it sent more than it was asked for";
    case LIBUSB_TRANSFER_CANCELLED:
        return "the system took its transfers back: it was reset";
    default:
        return "its packets come damaged: look at the cable";
    }
}

static void LIBUSB_CALL transfer_done(struct libusb_transfer *t)
{
    slot *s = t->user_data;
    nave_card *card = s->card;
    pthread_mutex_lock(&card->lock);
    const int in = t->endpoint == NAVE_USB_IN;
    s->state = in && t->status == LIBUSB_TRANSFER_COMPLETED ? SLOT_FULL : SLOT_IDLE;
    if (t->status != LIBUSB_TRANSFER_COMPLETED)
        set_lost(card, status_why(t->status));
    else if (!in && t->actual_length != t->length)
        set_lost(card, "it took a part of a transfer");
    card->flying--;
    if (card->closing && card->flying == 0)
        card->finished = 1;
    pthread_cond_broadcast(&card->changed);
    pthread_mutex_unlock(&card->lock);
}

static void *run_events(void *user)
{
    nave_card *card = user;
    for (;;) {
        struct timeval most = {.tv_usec = 100000};
        pthread_mutex_lock(&card->lock);
        const int finished = card->finished;
        pthread_mutex_unlock(&card->lock);
        if (finished)
            return NULL;
        libusb_handle_events_timeout_completed(card->usb, &most, NULL);
    }
}

/* Called by the caller's thread. */
static int submit(nave_card *card, slot *s, int length)
{
    pthread_mutex_lock(&card->lock);
    int err = card->lost ? LIBUSB_ERROR_NO_DEVICE : LIBUSB_SUCCESS;
    if (!err) {
        s->state = SLOT_FLYING;
        card->flying++;
    }
    pthread_mutex_unlock(&card->lock);
    if (err)
        return NAVE_E_LOST;
    s->transfer->length = length;
    err = libusb_submit_transfer(s->transfer);
    if (!err)
        return NAVE_OK;
    pthread_mutex_lock(&card->lock);
    s->state = SLOT_IDLE;
    card->flying--;
    set_lost(card, err == LIBUSB_ERROR_NO_MEM ? "the system has no memory for USB transfers"
                                              : status_why(LIBUSB_TRANSFER_NO_DEVICE));
    pthread_mutex_unlock(&card->lock);
    return NAVE_E_LOST;
}

static int new_slot(nave_card *card, slot *s, unsigned char endpoint)
{
    s->card = card;
    s->transfer = libusb_alloc_transfer(0);
    s->bytes = libusb_dev_mem_alloc(card->handle, NAVE_USB_TRANSFER_BYTES);
    s->mapped = s->bytes != NULL;
    if (!s->bytes)
        s->bytes = malloc(NAVE_USB_TRANSFER_BYTES);
    if (!s->transfer || !s->bytes)
        return NAVE_E_NOMEM;
    libusb_fill_bulk_transfer(s->transfer, card->handle, endpoint, s->bytes, NAVE_USB_TRANSFER_BYTES, transfer_done, s,
                              0);
    return NAVE_OK;
}

static void free_slot(nave_card *card, slot *s)
{
    libusb_free_transfer(s->transfer);
    if (s->mapped)
        libusb_dev_mem_free(card->handle, s->bytes, NAVE_USB_TRANSFER_BYTES);
    else
        free(s->bytes);
}

/* Finds the card and its lock, waiting as long as the options say. Each round looks with a context of its own: one
 * that is older than the card hears of it from udev only, which may not be there. */
static int find_and_lock(nave_card *card, const nave_usb_options *options, nave_text *why)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        int err = libusb_init(&card->usb);
        if (err)
            return nave_usb_fail(why, err, options->serial, "USB was opened");
        err = nave_usb_find(card->usb, options, &card->handle, card->serial, why);
        if (!err) {
            err = nave_card_lock_take(&card->held, card->serial, why);
            if (!err)
                return NAVE_OK;
            libusb_close(card->handle);
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        const double spent = (double)(now.tv_sec - begin.tv_sec) + 1e-9 * (double)(now.tv_nsec - begin.tv_nsec);
        const int may_pass = err == NAVE_E_DEVICE || err == NAVE_E_BUSY || err == NAVE_E_LOST;
        if (may_pass && spent < options->wait_s)
            nave_usb_wait_arrival(card->usb, 100);
        libusb_exit(card->usb);
        if (!may_pass || spent >= options->wait_s)
            return err;
    }
}

/* SET_INTERFACE sets both ends' toggles. If the card stands within a frame, sync() of link.c brings that to its end. */
static int claim(nave_card *card, nave_text *why)
{
    uint8_t configuration = 0;
    libusb_set_auto_detach_kernel_driver(card->handle, 1); /* not there on every system, nor needed there */
    /* asked of the card itself: one that lost its power for a moment has none, and the system does not know */
    int err =
        libusb_control_transfer(card->handle, 0x80, LIBUSB_REQUEST_GET_CONFIGURATION, 0, 0, &configuration, 1, 1000);
    err = err < 0 ? err : LIBUSB_SUCCESS;
    if (!err && configuration == 0)
        err = libusb_reset_device(card->handle);
    if (!err && configuration > 1)
        err = libusb_set_configuration(card->handle, 1);
    if (!err)
        err = libusb_claim_interface(card->handle, 0);
    if (err)
        return nave_usb_fail(why, err, card->serial, "its interface was claimed");
    err = libusb_set_interface_alt_setting(card->handle, 0, 0);
    return err ? nave_usb_fail(why, err, card->serial, "its interface was set up") : NAVE_OK;
}

static int start_events(nave_card *card)
{
    sigset_t all, old;
    sigfillset(&all); /* signals are for the program's threads */
    pthread_sigmask(SIG_SETMASK, &all, &old);
    card->events_run = pthread_create(&card->events, NULL, run_events, card) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return card->events_run ? NAVE_OK : NAVE_E_NOMEM;
}

static void usb_close(nave_card *card);

static int usb_open(nave_card **out, const char *options, nave_text *why)
{
    nave_usb_options wanted;
    int err = nave_usb_parse(&wanted, options, why);
    if (err)
        return err;
    nave_card *card = calloc(1, sizeof(*card));
    if (!card)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&card->lock, NULL);
    pthread_cond_init(&card->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    card->patience_ms = (int)(wanted.patience_s * 1000);
    err = find_and_lock(card, &wanted, why);
    if (err) {
        card->usb = NULL;
        card->handle = NULL;
        goto err_close;
    }
    err = claim(card, why);
    if (err)
        goto err_close;
    int no_memory = nave_usb_frames_init(&card->frames, &card->held.activity->skipped_words);
    for (unsigned i = 0; i < NAVE_USB_QUEUE && !no_memory; i++)
        no_memory = new_slot(card, &card->in[i], NAVE_USB_IN) || new_slot(card, &card->out[i], NAVE_USB_OUT);
    if (no_memory || start_events(card)) {
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory for USB transfers");
        goto err_close;
    }
    for (unsigned i = 0; i < NAVE_USB_QUEUE && !err; i++)
        err = submit(card, &card->in[i], NAVE_USB_TRANSFER_BYTES);
    if (err) {
        nave_fail(why, err, "card %s went away while it was opened: plug it in and try again", card->serial);
        goto err_close;
    }
    *out = card;
    return NAVE_OK;
err_close:
    usb_close(card);
    return err;
}

static void take_back(nave_card *card)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += NAVE_USB_CLOSE_MS / 1000;
    pthread_mutex_lock(&card->lock);
    card->closing = 1;
    card->finished = card->flying == 0;
    pthread_mutex_unlock(&card->lock);
    for (unsigned i = 0; i < NAVE_USB_QUEUE; i++) { /* those that are back already refuse, which is as well */
        libusb_cancel_transfer(card->in[i].transfer);
        libusb_cancel_transfer(card->out[i].transfer);
    }
    pthread_mutex_lock(&card->lock);
    while (card->flying && pthread_cond_timedwait(&card->changed, &card->lock, &until) != ETIMEDOUT)
        ;
    card->finished = 1;
    pthread_mutex_unlock(&card->lock);
    libusb_interrupt_event_handler(card->usb);
    pthread_join(card->events, NULL);
}

static void usb_close(nave_card *card)
{
    if (card->events_run)
        take_back(card);
    if (card->flying) /* the system keeps transfers: their memory must stay */
        return;
    for (unsigned i = 0; i < NAVE_USB_QUEUE; i++) {
        free_slot(card, &card->in[i]);
        free_slot(card, &card->out[i]);
    }
    if (card->handle) {
        libusb_release_interface(card->handle, 0);
        libusb_close(card->handle);
    }
    if (card->usb)
        libusb_exit(card->usb);
    nave_card_lock_release(&card->held);
    pthread_cond_destroy(&card->changed);
    pthread_mutex_destroy(&card->lock);
    nave_usb_frames_free(&card->frames);
    free(card);
}

static int usb_send(nave_card *card, const void *bytes, size_t n, size_t *taken)
{
    *taken = 0;
    while (*taken < n) {
        slot *s = &card->out[card->next_out];
        pthread_mutex_lock(&card->lock);
        const int lost = card->lost, idle = s->state == SLOT_IDLE;
        pthread_mutex_unlock(&card->lock);
        if (lost)
            return NAVE_E_LOST;
        card->held_up = !idle;
        if (!idle)
            return NAVE_OK;
        const size_t left = n - *taken, part = left < NAVE_USB_TRANSFER_BYTES ? left : NAVE_USB_TRANSFER_BYTES;
        memcpy(s->bytes, (const uint8_t *)bytes + *taken, part);
        const int err = submit(card, s, (int)part);
        if (err)
            return err;
        *taken += part;
        card->next_out = (card->next_out + 1) % NAVE_USB_QUEUE;
    }
    return NAVE_OK;
}

/* The next finished IN transfer, or NULL when none comes until then. */
static slot *next_transfer(nave_card *card, const struct timespec *until, int *lost)
{
    slot *s = &card->in[card->next_in], *out = &card->out[card->next_out];
    pthread_mutex_lock(&card->lock);
    while (s->state != SLOT_FULL && !card->lost && !(card->held_up && out->state == SLOT_IDLE) &&
           pthread_cond_timedwait(&card->changed, &card->lock, until) != ETIMEDOUT)
        ;
    const int full = s->state == SLOT_FULL;
    *lost = card->lost;
    pthread_mutex_unlock(&card->lock);
    if (!full)
        return NULL;
    card->next_in = (card->next_in + 1) % NAVE_USB_QUEUE;
    return s;
}

static int usb_receive(nave_card *card, const uint8_t **frame, size_t *n, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    nave_usb_frames_taken(&card->frames);
    while (!nave_usb_frames_whole(&card->frames)) {
        int lost;
        if (!card->current) {
            card->current = next_transfer(card, &until, &lost);
            card->current_at = 0;
            if (!card->current)
                return lost ? NAVE_E_LOST : NAVE_E_AGAIN;
        }
        const size_t n_bytes = (size_t)card->current->transfer->actual_length;
        card->current_at +=
            nave_usb_frames_gather(&card->frames, card->current->bytes + card->current_at, n_bytes - card->current_at);
        if (card->current_at < n_bytes || nave_usb_frames_whole(&card->frames))
            continue;
        if (n_bytes < NAVE_USB_TRANSFER_BYTES)
            nave_usb_frames_end_of_transfer(&card->frames);
        pthread_mutex_lock(&card->lock);
        card->current->state = SLOT_IDLE;
        pthread_mutex_unlock(&card->lock);
        submit(card, card->current, NAVE_USB_TRANSFER_BYTES); /* if the card is lost, the next round says so */
        card->current = NULL;
    }
    *frame = nave_usb_frames_give(&card->frames, n);
    return NAVE_OK;
}

static void usb_describe(nave_card *card, nave_device_info *info)
{
    memset(info, 0, sizeof(*info));
    snprintf(info->name, sizeof(info->name), "card on USB");
    snprintf(info->serial, sizeof(info->serial), "%s", card->serial);
    snprintf(info->limits.board, sizeof(info->limits.board), "usb");
    const int speed = libusb_get_device_speed(libusb_get_device(card->handle));
    info->limits.usb_bytes_per_second = speed >= LIBUSB_SPEED_HIGH ? 40000000u : 1000000u;
}

static const char *usb_reason(nave_card *card)
{
    pthread_mutex_lock(&card->lock);
    const char *why = card->lost ? card->lost_why : "";
    pthread_mutex_unlock(&card->lock);
    return why; /* written once */
}

static int usb_patience_ms(nave_card *card)
{
    return card->patience_ms;
}

static nave_activity *usb_activity(nave_card *card)
{
    return card->held.activity;
}

static int usb_look(const char *options, nave_activity *out, nave_text *why)
{
    nave_usb_options wanted;
    libusb_context *usb;
    libusb_device_handle *handle;
    char serial[32];
    uint8_t raw[16];
    int err = nave_usb_parse(&wanted, options, why);
    if (err)
        return err;
    err = libusb_init(&usb);
    if (err)
        return nave_usb_fail(why, err, wanted.serial, "USB was opened");
    err = nave_usb_find(usb, &wanted, &handle, serial, why);
    if (err)
        goto err_exit;
    nave_card_lock_look(serial, out);
    const int n = libusb_control_transfer(handle, 0xc0, NAVE_USB_COUNTERS_REQUEST, 0, 0, raw, sizeof(raw), 250);
    libusb_close(handle);
    if (n != (int)sizeof(raw))
        err = nave_usb_fail(why, n < 0 ? n : LIBUSB_ERROR_IO, serial, "its counters were read");
    for (unsigned i = 0; i < 8 && !err; i++)
        out->usb_counter[i] = raw[2 * i] | (uint32_t)raw[2 * i + 1] << 8;
err_exit:
    libusb_exit(usb);
    return err;
}

const nave_card_backend nave_backend_usb = {.name = "usb",
                                            .list = nave_usb_list,
                                            .open = usb_open,
                                            .close = usb_close,
                                            .send = usb_send,
                                            .receive = usb_receive,
                                            .describe = usb_describe,
                                            .reason = usb_reason,
                                            .returns = 1,
                                            .patience_ms = usb_patience_ms,
                                            .activity = usb_activity,
                                            .look = usb_look};
