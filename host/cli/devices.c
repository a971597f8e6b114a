/* nave devices: the cards that can be opened.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "cli.h"

static int list_devices(nave_device_info **out, size_t *count)
{
    nave_device_info *list = NULL;
    size_t room = 0;
    *count = 0;
    int err = nave_list_devices(NULL, 0, count);
    /* A card may be plugged in between two calls: ask until the list has room for all. */
    while (!err && *count > room) {
        room = *count;
        nave_device_info *larger = realloc(list, room * sizeof *list);
        if (!larger) {
            free(list);
            return NAVE_E_NOMEM;
        }
        list = larger;
        err = nave_list_devices(list, room, count);
    }
    if (err) {
        free(list);
        list = NULL;
    }
    *out = list;
    return err;
}

static int run_devices(nave_cli *cli, nave_cli_args *args)
{
    nave_device_info *list = NULL;
    size_t count = 0;
    int err = list_devices(&list, &count);
    if (err) {
        nave_cli_error(cli, "the cards can't be listed: %s.", nave_strerror(err));
        return nave_cli_exit_code(err);
    }
    if (args->json) {
        nave_json j;
        nave_json_open(&j, cli->command);
        nave_json_array(&j, "devices");
        for (size_t i = 0; i < count; i++)
            nave_json_device(&j, NULL, &list[i]);
        nave_json_end_array(&j);
        nave_json_close(&j);
    } else if (!args->quiet) {
        printf("%-24s %-24s %-12s %-8s %-12s %s\n", "DEVICE", "NAME", "BOARD", "ISA", "RAM", "SERIAL");
        for (size_t i = 0; i < count; i++) {
            char ram[32] = "-";
            if (list[i].limits.ram_bytes)
                nave_cli_bytes(ram, list[i].limits.ram_bytes);
            printf("%-24s %-24s %-12s %-8s %-12s %s\n", list[i].spec, list[i].name,
                   list[i].limits.board[0] ? list[i].limits.board : "-", list[i].isa[0] ? list[i].isa : "-", ram,
                   list[i].serial[0] ? list[i].serial : "-");
        }
    }
    free(list);
    return NAVE_EXIT_OK;
}

static const nave_cli_group groups[] = {{"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {{"nave devices", "what -d takes on this machine"},
                                            {"nave devices --json | jq -r '.devices[].device'", "for a script"},
                                            {NULL, NULL}};

const nave_cli_command nave_cli_devices = {
    .name = "devices",
    .operands = "",
    .summary = "list the cards that can be opened",
    .description = "Lists the cards that can be opened, with the names that --device takes. The C card (model:) is "
                   "always there.",
    .groups = groups,
    .examples = examples,
    .run = run_devices,
};
