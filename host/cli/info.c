/* nave info: facts of a card and of this computer.
 * SPDX-License-Identifier: ISC */
#include <cairo.h>
#include <fftw3.h>
#include <sndfile.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"

typedef struct host_facts {
    char cpu[128];
    struct utsname system;
    long cores;
} host_facts;

static void read_host(host_facts *h)
{
    char line[512];
    memset(h, 0, sizeof *h);
    uname(&h->system);
    h->cores = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(h->cpu, sizeof h->cpu, "%s", h->system.machine);
    FILE *f = fopen("/proc/cpuinfo", "r");
    if (!f)
        return;
    while (fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon)
            continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(h->cpu, sizeof h->cpu, "%.120s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    fclose(f);
}

static void print_json(const nave_cli *cli, const nave_device_info *info, const host_facts *host)
{
    nave_json j;
    nave_json_open(&j, cli->command);
    nave_json_device(&j, "card", info);
    nave_json_object(&j, "host");
    nave_json_string(&j, "cpu", host->cpu);
    nave_json_integer(&j, "cores", (uint64_t)host->cores);
    nave_json_string(&j, "system", host->system.sysname);
    nave_json_string(&j, "release", host->system.release);
    nave_json_string(&j, "machine", host->system.machine);
    nave_json_string(&j, "libsndfile", sf_version_string());
    nave_json_string(&j, "fftw", fftw_version);
    nave_json_string(&j, "cairo", cairo_version_string());
    nave_json_end_object(&j);
    nave_json_close(&j);
}

static void print_text(const nave_device_info *info, const host_facts *host)
{
    const nave_card_limits *l = &info->limits;
    char ram[32];
    printf("card        %s (%s)\n", info->spec, info->name);
    if (info->serial[0])
        printf("serial      %s\n", info->serial);
    printf("versions    protocol %u, card %u, library %s\n", info->protocol_version, info->card_version,
           nave_version());
    if (info->isa[0])
        printf("computes    with %s\n", info->isa);
    printf("board       %s: %s RAM, ", l->board, nave_cli_bytes(ram, l->ram_bytes));
    if (l->lanes)
        printf("%u lane%s, ", l->lanes, l->lanes == 1 ? "" : "s");
    printf("partitions up to %u, %u contexts\n", l->max_partition_frames, l->contexts);
    if (l->clock_hz)
        printf("clock       %.0f MHz\n", l->clock_hz / 1e6);
    else
        printf("clock       none: the card is a program and has no tick budget\n");
    if (l->ram_bytes_per_second)
        printf("RAM burst   %.0f MB/s\n", l->ram_bytes_per_second / 1e6);
    if (l->usb_bytes_per_second)
        printf("USB         %.0f MB/s\n", l->usb_bytes_per_second / 1e6);
    printf("host        %s, %ld core%s, %s %s\n", host->cpu, host->cores, host->cores == 1 ? "" : "s",
           host->system.sysname, host->system.release);
    printf("libraries   %s, %s, cairo %s\n", sf_version_string(), fftw_version, cairo_version_string());
}

static int run_info(nave_cli *cli, nave_cli_args *args)
{
    nave_device *dev = NULL;
    nave_device_info info;
    nave_text why = {""};
    int err = nave_open(&dev, args->device, &why);
    if (err) {
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
        return nave_cli_exit_code(err);
    }
    err = nave_device_get_info(dev, &info);
    nave_close(dev);
    if (err) {
        nave_cli_error(cli, "the card doesn't tell what it is: %s.", nave_strerror(err));
        return nave_cli_exit_code(err);
    }
    host_facts host;
    read_host(&host);
    if (args->json)
        print_json(cli, &info, &host);
    else if (!args->quiet)
        print_text(&info, &host);
    return NAVE_EXIT_OK;
}

static const nave_cli_group groups[] = {
    {"Card", nave_cli_device_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {
    {"nave info", "the default card and this computer"},
    {"nave info -d model:board=cynthion", "the limits that a Cynthion board has"},
    {NULL, NULL}};

const nave_cli_command nave_cli_info = {
    .name = "info",
    .operands = "",
    .summary = "show facts of a card and of this computer",
    .description =
        "Opens a card and shows its versions and limits, and what this computer brings. Put the output into a "
        "bug report.",
    .groups = groups,
    .examples = examples,
    .run = run_info,
};
