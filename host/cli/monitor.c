/* nave monitor: what goes on at a card, whoever uses it.
 * SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* In the order of nave_activity. */
static const struct {
    const char *name, *key;
} counters[] = {{"bad packets", "bad_packets"},
                {"missing handshakes", "missing_handshakes"},
                {"repeated packets", "repeated_packets"},
                {"bus resets", "bus_resets"},
                {"suspends", "suspends"},
                {"overlong", "overlong_packets"},
                {"ragged", "ragged_packets"},
                {"aborted", "aborted_packets"}};
enum { COUNTERS = sizeof counters / sizeof *counters, CONTEXTS = 8, METER_COLUMNS = 24 };

static double decibels(uint32_t peak_q28)
{
    return peak_q28 ? 20 * log10((double)peak_q28 / 268435456.0) : -INFINITY;
}

static void print_meter(uint32_t peak_q28)
{
    char text[32];
    const double db = decibels(peak_q28);
    const int filled = db <= -60 ? 0 : db >= 0 ? METER_COLUMNS : (int)((db + 60) / 60 * METER_COLUMNS);
    printf("  [");
    for (int i = 0; i < METER_COLUMNS; i++)
        putchar(i < filled ? '#' : ' ');
    printf("] %7s dBFS%s\n", nave_cli_decibels(text, db), db > 0 ? " over" : "");
}

static void print_text(const nave_activity *now, const nave_activity *before, double seconds)
{
    if (now->pid) {
        printf("held by %u (%s)", now->pid, now->program);
        if (seconds > 0)
            printf(", %.2f MB/s to the card, %.2f MB/s from it",
                   (double)(now->bytes_out - before->bytes_out) / seconds * 1e-6,
                   (double)(now->bytes_in - before->bytes_in) / seconds * 1e-6);
        printf(", reopened %" PRIu64 " times, %" PRIu64 " words skipped\n", now->reopened, now->skipped_words);
    } else {
        printf("no program holds this card\n");
    }
    for (unsigned c = 0; c < CONTEXTS; c++) {
        if (!now->context[c].used)
            continue;
        const double rate_hz = now->context[c].rate_hz ? now->context[c].rate_hz : 1;
        printf("stream %u: %u in, %u out, %u Hz, planned load %.1f %%", c, now->context[c].inputs,
               now->context[c].outputs, now->context[c].rate_hz, now->context[c].load_permille / 10.0);
        if (seconds > 0)
            printf(", %.1f x real time",
                   (double)(now->context[c].frames_out - before->context[c].frames_out) / rate_hz / seconds);
        printf(", %.1f s done, %" PRIu64 " clipped\n", (double)now->context[c].frames_out / rate_hz,
               now->context[c].clipped_samples);
        for (unsigned o = 0; o < now->context[c].outputs && o < NAVE_MAX_CHANNELS; o++)
            print_meter(now->context[c].peak_q28[o]);
    }
    printf("USB:");
    for (int i = 0; i < COUNTERS; i++)
        printf("%s %u %s", i ? "," : "", now->usb_counter[i], counters[i].name);
    printf("\n");
    fflush(stdout);
}

static void print_json(const nave_cli *cli, const nave_activity *a)
{
    nave_json j;
    nave_json_open(&j, cli->command);
    nave_json_integer(&j, "pid", a->pid);
    nave_json_string(&j, "program", a->pid ? a->program : NULL);
    nave_json_integer(&j, "bytes_to_card", a->bytes_out);
    nave_json_integer(&j, "bytes_from_card", a->bytes_in);
    nave_json_integer(&j, "skipped_words", a->skipped_words);
    nave_json_integer(&j, "reopened", a->reopened);
    nave_json_array(&j, "streams");
    for (unsigned c = 0; c < CONTEXTS; c++) {
        if (!a->context[c].used)
            continue;
        nave_json_object(&j, NULL);
        nave_json_integer(&j, "context", c);
        nave_json_integer(&j, "inputs", a->context[c].inputs);
        nave_json_integer(&j, "outputs", a->context[c].outputs);
        nave_json_integer(&j, "rate_hz", a->context[c].rate_hz);
        nave_json_number(&j, "planned_load", a->context[c].load_permille / 1000.0);
        nave_json_integer(&j, "frames_in", a->context[c].frames_in);
        nave_json_integer(&j, "frames_out", a->context[c].frames_out);
        nave_json_integer(&j, "clipped_samples", a->context[c].clipped_samples);
        nave_json_array(&j, "peak_dbfs");
        for (unsigned o = 0; o < a->context[c].outputs && o < NAVE_MAX_CHANNELS; o++)
            nave_json_number(&j, NULL, decibels(a->context[c].peak_q28[o]));
        nave_json_end_array(&j);
        nave_json_end_object(&j);
    }
    nave_json_end_array(&j);
    nave_json_object(&j, "usb");
    for (int i = 0; i < COUNTERS; i++)
        nave_json_integer(&j, counters[i].key, a->usb_counter[i]);
    nave_json_end_object(&j);
    nave_json_close(&j);
}

/* On a terminal until a signal comes; else once, for a script. */
static int run_monitor(nave_cli *cli, nave_cli_args *args)
{
    const int live = isatty(STDOUT_FILENO) && !args->json && !args->quiet;
    nave_activity now, before;
    nave_text why = {""};
    const struct timespec period = {.tv_nsec = 200000000};
    double last_s = 0;
    memset(&before, 0, sizeof before);
    do {
        const int err = nave_look(args->device ? args->device : "usb:", &now, &why);
        if (err) {
            nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
            return nave_cli_exit_code(err);
        }
        const double now_s = nave_cli_now_s();
        if (args->json) {
            print_json(cli, &now);
        } else if (!args->quiet) {
            if (live)
                printf("\033[H\033[J");
            print_text(&now, &before, last_s > 0 && now.pid == before.pid ? now_s - last_s : 0);
        }
        before = now;
        last_s = now_s;
        if (live)
            nanosleep(&period, NULL);
    } while (live && !atomic_load(&cli->interrupted));
    return NAVE_EXIT_OK;
}

static const nave_cli_group groups[] = {
    {"Card", nave_cli_device_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {
    {"nave monitor", "the card on USB, while another program uses it"},
    {"nave monitor -d usb:serial=0123456789ABCDEF --json", "once, for a script"},
    {NULL, NULL}};

const nave_cli_command nave_cli_monitor = {
    .name = "monitor",
    .operands = "",
    .summary = "show load, meters and USB counters of a card in use",
    .description = "Shows who holds a card on USB, its streams with planned load, speed and peak meters, and what the "
                   "card's USB counters say. Disturbs nothing: the card need not be free. On a terminal it goes on "
                   "until it is interrupted, else it prints once. Without --device it takes the only card on USB.",
    .groups = groups,
    .examples = examples,
    .run = run_monitor,
};
