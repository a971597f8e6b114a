/* Fuzzed frames over USB, both ways. To the card: what comes back must be, word for word, what a C card says that is
 * given the same words without USB. To the driver: garbage, halves and frames of other sessions must not be taken for
 * answers, and damage in one's own session is a stated error. Part of usb_driver.
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"
#include "../../../driver/frame.h"
#include "../../../driver/link.h"
#include "../../../host/lib/plan.h"
#include "../../../sim/model/card.h"

#define BATCH_WORDS (1 << 17)
#define BATCH_FRAMES 50
#define CARD 2 /* of its own: the twin has seen no other session either */

typedef struct fuzz {
    nave_card *card;
    nave_model *twin;
    nave_plan *plan;
    nave_dsp dsp;
    uint32_t *words; /* the batch */
    size_t count;
    uint8_t *expected; /* what the twin said, frame behind frame */
    size_t expected_bytes, expected_room;
    uint32_t epoch, sequence, written[2];
    uint64_t bytes_out, bytes_in, frames_in, by_type[256];
} fuzz;

static uint32_t word(void)
{
    return next(1u << 16) << 16 | next(1u << 16);
}

/* A well made frame whose payload stands at words + count + 8 already. */
static void frame(fuzz *f, uint32_t type, uint32_t context, uint64_t position, uint32_t length)
{
    uint32_t *h = f->words + f->count;
    h[0] = NAVE_MAGIC;
    h[1] = NAVE_PROTOCOL_VERSION | type << 8 | context << 16;
    h[2] = f->sequence++;
    h[3] = f->epoch;
    h[4] = length;
    h[5] = (uint32_t)position;
    h[6] = (uint32_t)(position >> 32);
    h[7] = f->dsp.crc32c(0, h, 28);
    if (length)
        h[8 + length / 4] = f->dsp.crc32c(0, h + 8, length);
    f->count += nave_frame_bytes(length) / 4;
}

static void random_payload(fuzz *f, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++)
        f->words[f->count + 8 + i] = next(3) ? next(16) : word();
}

/* One frame that a host would send, in a state that takes it more often than not. */
static void sensible(fuzz *f)
{
    const uint32_t c = next(2);
    uint32_t *payload = f->words + f->count + 8;
    switch (next(8)) {
    case 0:
        frame(f, NAVE_FRAME_UNLOAD, c, 0, 0);
        memcpy(f->words + f->count + 8, f->plan->words, 4 * f->plan->word_count);
        frame(f, NAVE_FRAME_PLAN_LOAD, c, (uint64_t)c << 21, (uint32_t)(4 * f->plan->word_count));
        f->words[f->count + 8] = next(2);
        frame(f, NAVE_FRAME_START, c, 0, 4);
        f->written[c] = 0;
        f->words[f->count + 8] = NAVE_PARAM_DRY;
        f->words[f->count + 9] = 1 << 28;
        frame(f, NAVE_FRAME_PARAM, c, 0, 8);
        break;
    case 1:
        frame(f, NAVE_FRAME_REG_READ, 0, 4 * next(0x240), 0);
        break;
    case 2:
        payload[0] = word();
        frame(f, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, 4);
        break;
    case 3:
        random_payload(f, 16);
        frame(f, NAVE_FRAME_RAM_WRITE, 0, 4 * next(1000), 64);
        break;
    case 4:
        payload[0] = 4 * (1 + next(40));
        frame(f, NAVE_FRAME_RAM_READ, 0, 4 * next(1000), 4);
        break;
    default:
        random_payload(f, 2 * 64);
        frame(f, NAVE_FRAME_AUDIO_IN, c, f->written[c], 2 * 64 * 4);
        f->written[c] += 64;
    }
}

/* Any type, context, position and length. A SYNC only where it is refused: what output a good one drops hangs on when
 * the host reads. */
static void any(fuzz *f)
{
    const uint32_t type = next(4) ? 1 + next(14) : next(256);
    uint32_t n = next(3) ? next(4) : next(50) ? next(200) : next(2) ? next(2000) : 16384;
    n += type == NAVE_FRAME_SYNC && n == 0;
    random_payload(f, n);
    frame(f, type, next(4) ? next(9) : next(1 << 16), next(2) ? 4 * next(4096) : (uint64_t)word() << next(33), 4 * n);
}

static void damage(fuzz *f, size_t at)
{
    uint32_t *h = f->words + at;
    const size_t n = f->count - at;
    const uint32_t how = next(6);
    f->sequence -= how < 4; /* it will not count */
    switch (how) {
    case 0: /* a bit of it, anywhere */
        h[next((uint32_t)n)] ^= 1u << next(32);
        break;
    case 1: /* its end is missing */
        f->count = at + next((uint32_t)n);
        break;
    case 2: /* a word came twice */
        memmove(h + n / 2 + 1, h + n / 2, (n - n / 2) * 4);
        f->count++;
        break;
    case 3: /* another session, sequence, version or length, under a good CRC */
        h[(const uint32_t[]){3, 2, 1, 4}[next(4)]] ^= 1u << next(12);
        if ((h[1] >> 8 & 0xff) == NAVE_FRAME_SYNC)
            h[1] &= ~0xff00u;
        h[7] = f->dsp.crc32c(0, h, 28);
        break;
    case 4: /* noise behind it, some like a beginning */
        for (uint32_t k = next(12); k; k--)
            f->words[f->count++] = next(3) ? word() : NAVE_MAGIC;
        break;
    default: /* twice */
        memcpy(h + n, h, n * 4);
        f->count += n;
    }
}

static void make_batch(fuzz *f, int frames)
{
    f->count = 0;
    f->epoch++;
    frame(f, NAVE_FRAME_SYNC, 0, 0, 0);
    for (int i = 1; i < frames && f->count < BATCH_WORDS / 2; i++) {
        const size_t at = f->count;
        if (next(2))
            sensible(f);
        else
            any(f);
        if (next(6) == 0)
            damage(f, at);
    }
}

/* What the twin says to the batch. */
static int foretell(fuzz *f)
{
    size_t at = 0;
    f->expected_bytes = 0;
    for (;;) {
        size_t n;
        at += nave_model_write(f->twin, (uint8_t *)f->words + at, f->count * 4 - at);
        const uint8_t *out = nave_model_read(f->twin, &n);
        if (!out && at == f->count * 4)
            return 0;
        for (; out; out = nave_model_read(f->twin, &n)) {
            if (f->expected_bytes + n > f->expected_room) {
                f->expected_room = 2 * (f->expected_bytes + n);
                f->expected = realloc(f->expected, f->expected_room);
                if (!f->expected)
                    return -1;
            }
            memcpy(f->expected + f->expected_bytes, out, n);
            f->expected_bytes += n;
        }
    }
}

static void show(const char *who, const uint8_t *frame, size_t bytes)
{
    printf("%s:", who);
    for (size_t at = 0; at + 4 <= bytes && at < 48; at += 4) {
        uint32_t w;
        memcpy(&w, frame + at, 4);
        printf(" %08x", w);
    }
    printf("\n");
}

/* The batch over USB. NULL: the card said the same. */
static const char *same_over_usb(fuzz *f)
{
    const size_t bytes = f->count * 4;
    size_t at = 0, got = 0;
    double moved = now_s();
    while (at < bytes || got < f->expected_bytes) {
        size_t taken = 0, n = 0;
        const uint8_t *in;
        if (at < bytes && nave_backend_usb.send(f->card, (uint8_t *)f->words + at, bytes - at, &taken))
            return "the card is lost while it is written to";
        at += taken;
        const int err = nave_backend_usb.receive(f->card, &in, &n, taken ? 0 : 10);
        if (err && err != NAVE_E_AGAIN)
            return "the card is lost while it is read from";
        if (!err && (got + n > f->expected_bytes || memcmp(f->expected + got, in, n) != 0)) {
            show("said", in, n);
            show("C card", f->expected + got, f->expected_bytes - got);
            return "a frame differs from what the C card says";
        }
        if (!err) {
            got += n;
            f->frames_in++;
            f->by_type[in[5]]++;
        }
        if (taken || !err)
            moved = now_s();
        else if (now_s() - moved > 20)
            return "the card says less than the C card";
    }
    f->bytes_out += bytes;
    f->bytes_in += got;
    return NULL;
}

static int is_listed(const char *serial)
{
    nave_device_info info[8];
    size_t n = 0;
    nave_list_devices(info, 8, &n); /* asks each card for its descriptor and its strings */
    for (size_t d = 0; d < n && d < 8; d++)
        if (strcmp(info[d].serial, serial) == 0)
            return 1;
    return 0;
}

static void to_the_card(fuzz *f, int frames)
{
    int done = 0, asked = 0, answered = 0;
    const char *wrong = NULL;
    nave_text why = {""};
    char options[96], detail[256];
    snprintf(options, sizeof(options), "%s,serial=%s", strchr(usb, ':') + 1, "0123456789ABCDF1");
    const double begin = now_s();
    int err = nave_backend_usb.open(&f->card, options, &why);
    while (!err && !wrong && done < frames) {
        make_batch(f, BATCH_FRAMES);
        err = foretell(f);
        if (!err)
            wrong = same_over_usb(f);
        done += BATCH_FRAMES;
        if (done % 1000 == 0) {
            asked++;
            answered += is_listed("0123456789ABCDF1");
        }
    }
    const uint64_t skipped = err ? 0 : nave_backend_usb.activity(f->card)->skipped_words;
    snprintf(detail, sizeof(detail), "error %d (%.80s) %s, at frame %d", err, why.text, wrong ? wrong : "", done);
    check(!err && !wrong, "fuzzed frames over USB are answered as the C card answers them", detail);
    check(answered == asked, "the device gives its descriptors after each thousand frames", detail);
    check(skipped == 0, "no word from the card was out of place", detail);
    if (!err)
        nave_backend_usb.close(f->card);
    printf("%d fuzzed frames, %.1f MB; %llu frames back, %.1f MB (%llu REPLY, %llu ERROR, %llu DATA, %llu AUDIO_OUT), "
           "all as of the "
           "C card; descriptors %d of %d times; %.1f s\n",
           done, (double)f->bytes_out / 1e6, (unsigned long long)f->frames_in, (double)f->bytes_in / 1e6,
           (unsigned long long)f->by_type[NAVE_FRAME_REPLY], (unsigned long long)f->by_type[NAVE_FRAME_ERROR],
           (unsigned long long)f->by_type[NAVE_FRAME_DATA], (unsigned long long)f->by_type[NAVE_FRAME_AUDIO_OUT],
           answered, asked, now_s() - begin);
}

/* A frame as a card makes it. */
static size_t from_card(fuzz *f, uint32_t epoch, uint32_t sequence, uint32_t type, uint32_t words)
{
    f->count = 0;
    random_payload(f, words);
    f->epoch = epoch;
    f->sequence = sequence;
    frame(f, type, next(8), next(1000), 4 * words);
    return f->count;
}

static const uint32_t types[] = {NAVE_FRAME_REPLY, NAVE_FRAME_AUDIO_OUT, NAVE_FRAME_DATA,
                                 NAVE_FRAME_ERROR, NAVE_FRAME_METERS,    0x99};

/* A transfer that belongs to nobody: noise, or frames of another session, whole, cut or damaged. */
static void leave_stale(fuzz *f, const nave_link *link)
{
    uint32_t epoch = word();
    epoch += epoch == link->epoch;
    size_t n = from_card(f, epoch, word(), types[next(6)], next(3) ? 3 : next(500));
    switch (next(4)) {
    case 0:
        for (size_t i = 0; i < n; i++)
            f->words[i] = next(4) ? word() : NAVE_MAGIC;
        break;
    case 1:
        n = 1 + next((uint32_t)n);
        break;
    case 2:
        f->words[next((uint32_t)n)] ^= 1u << next(32);
        break;
    }
    nave_direct_leave(f->words, 4 * n);
}

/* In the link's own session, but damaged, out of turn or of no known type. Returns what is to be said of it. */
static const char *leave_wrong(fuzz *f, const nave_link *link)
{
    const uint32_t how = next(3);
    const size_t n = from_card(f, link->epoch, link->expected_sequence + (how == 0 ? 1 + next(1000) : 0),
                               how == 1 ? 0x99 : NAVE_FRAME_AUDIO_OUT, 20);
    if (how == 2)
        f->words[8 + next(21)] ^= 1u << next(32);
    nave_direct_leave(f->words, 4 * n);
    return (const char *[]){"was lost", "unknown type", "was damaged"}[how];
}

static void to_the_driver(fuzz *f, int cases)
{
    nave_link link;
    nave_text why = {""};
    char options[64], detail[256];
    int good = 1, refused = 0, wrong = 0, transfers = 0;
    uint32_t value = 0;
    snprintf(options, sizeof(options), "%s", strchr(usb, ':') + 1);
    int err = nave_link_open(&link, &nave_backend_usb, options, &why);
    check(!err, "a link", why.text);
    if (err)
        return;
    for (int i = 0; i < cases && !err && good; i++) {
        for (uint32_t k = next(4); k; k--, transfers++)
            leave_stale(f, &link);
        if (next(20) == 0) {
            const char *wanted = leave_wrong(f, &link);
            wrong++;
            transfers++;
            const int said = nave_link_command(&link, NAVE_FRAME_REG_READ, 0, NAVE_REG_ID, NULL, 0, &value, &why);
            refused += said == NAVE_E_PROTOCOL && strstr(why.text, wanted);
            err = nave_link_reopen(&link, options, &why);
        }
        const uint32_t pattern = word();
        value = 0;
        if (!err)
            err = nave_link_command(&link, NAVE_FRAME_REG_WRITE, 0, NAVE_REG_SCRATCH, &pattern, 4, NULL, &why);
        if (!err)
            err = nave_link_command(&link, NAVE_FRAME_REG_READ, 0, NAVE_REG_SCRATCH, NULL, 0, &value, &why);
        good = value == pattern;
    }
    snprintf(detail, sizeof(detail), "error %d (%.120s), %d of %d refused", err, why.text, refused, wrong);
    check(!err && good, "what belongs to no session is not taken for an answer", detail);
    check(refused == wrong, "damage in one's own session is a stated error", detail);
    nave_link_close(&link);
    printf("%d transfers of garbage and of other sessions between %d commands, %d of %d faults of the own session "
           "stated\n",
           transfers, 2 * cases, refused, wrong);
}

void test_frames(int frames)
{
    fuzz f = {.epoch = 1};
    nave_dsp_init(&f.dsp, NAVE_CPU_ALL);
    f.plan = live_plan(NAVE_LIVE);
    f.words = malloc((BATCH_WORDS + 3 * 16384) * sizeof(*f.words));
    f.twin = nave_direct_twin();
    if (f.words && f.twin && f.plan) {
        nave_direct_befall_card(CARD, "work"); /* it comes into being */
        to_the_card(&f, frames);
        nave_direct_befall_card(1, "unplug 1000000000");
        nave_direct_befall_card(CARD, "unplug 1000000000");
        for (int i = 0; i < 200 && is_listed("0123456789ABCDF1"); i++)
            usleep(10000);
        to_the_driver(&f, frames / 50);
    } else
        check(0, "memory for the fuzz", "");
    nave_model_destroy(f.twin);
    nave_plan_free(f.plan);
    free(f.words);
    free(f.expected);
}
