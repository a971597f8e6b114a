/* The parser: getopt_long driven by a subcommand's tables.
 * SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define MAX_OPTIONS 64
/* Codes of long options: above all characters. */
#define FIRST_CODE 1000

void nave_cli_args_default(nave_cli_args *args)
{
    memset(args, 0, sizeof *args);
    nave_render_settings render;
    nave_render_settings_default(&render);
    args->ir = render.ir;
    args->plan = render.plan;
    args->plan.tick_frames = 0; /* not given */
    args->wet_db = render.wet_db;
    args->dry_db = render.dry_db;
    args->format = render.format;
    args->dither = render.dither;
    args->tail = render.tail;
    args->overwrite = render.overwrite;
    args->receipt = render.receipt;
    args->seed = render.seed;
    args->audio_s = 10;
    args->repeats = 3;
}

void nave_cli_error(const nave_cli *cli, const char *format, ...)
{
    char text[6000];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    /* One call, so that lines of several threads or programs don't mix. File names may hold control characters, which
     * must not reach the terminal. */
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    if (cli->command)
        fprintf(stderr, "nave: %s: %s\n", cli->command, text);
    else
        fprintf(stderr, "nave: %s\n", text);
}

static void report_unknown(const nave_cli *cli, const nave_cli_option *const *options, int count, const char *typed)
{
    char name[64];
    const char *best = NULL;
    int best_distance = 1 << 20;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(typed + 2, "="), typed + 2);
    for (int i = 0; i < count; i++) {
        int d = nave_cli_distance(name, options[i]->name);
        if (d >= 0 && d < best_distance) {
            best = options[i]->name;
            best_distance = d;
        }
    }
    if (best)
        nave_cli_error(cli, "there is no option '--%s': did you mean '--%s'?", name, best);
    else
        nave_cli_error(cli, "there is no option '--%s': nave %s --help lists them.", name, cli->command);
}

/* getopt's own messages are off, so that all errors of the program read alike. */
static void report_bad_option(const nave_cli *cli, const nave_cli_option *const *options, int count, char **argv,
                              int missing_value)
{
    const char *typed = argv[optind - 1];
    int is_long = typed && !strncmp(typed, "--", 2);
    if (missing_value) {
        for (int i = 0; i < count; i++) {
            if (is_long ? optopt == FIRST_CODE + i : optopt == options[i]->letter) {
                nave_cli_error(cli, "--%s needs a value: %s.", options[i]->name, options[i]->value);
                return;
            }
        }
    }
    if (optopt >= FIRST_CODE) {
        nave_cli_error(cli, "--%s takes no value.", options[optopt - FIRST_CODE]->name);
        return;
    }
    if (optopt) {
        for (int i = 0; i < count; i++) {
            if (options[i]->letter == optopt && options[i]->kind == NAVE_CLI_FLAG && is_long) {
                nave_cli_error(cli, "--%s takes no value.", options[i]->name);
                return;
            }
        }
        nave_cli_error(cli, "there is no option '-%c': nave %s --help lists them.", optopt, cli->command);
        return;
    }
    int matches = 0;
    char text[256] = "";
    size_t length = is_long ? strcspn(typed + 2, "=") : 0;
    for (int i = 0; i < count && length; i++) {
        if (!strncmp(options[i]->name, typed + 2, length)) {
            size_t at = strlen(text);
            snprintf(text + at, sizeof text - at, "%s--%s", matches ? " or " : "", options[i]->name);
            matches++;
        }
    }
    if (matches > 1)
        nave_cli_error(cli, "'%s' is short for more than one option: say %s.", typed, text);
    else if (is_long)
        report_unknown(cli, options, count, typed);
    else
        nave_cli_error(cli, "'%s' can't be understood: nave %s --help lists the options.", typed, cli->command);
}

static int report_operands(const nave_cli *cli, const nave_cli_command *command, int count, char **operands)
{
    if (count < command->min_operands) {
        nave_cli_error(cli, "%s is missing: nave %s --help shows examples.", command->operands, command->name);
        return NAVE_EXIT_USAGE;
    }
    if (command->max_operands >= 0 && count > command->max_operands) {
        nave_cli_error(cli, "'%s' is one argument too many: nave %s --help shows examples.",
                       operands[command->max_operands], command->name);
        return NAVE_EXIT_USAGE;
    }
    return NAVE_EXIT_OK;
}

int nave_cli_parse(nave_cli *cli, const nave_cli_command *command, int argc, char **argv, nave_cli_args *args)
{
    const nave_cli_option *options[MAX_OPTIONS];
    struct option table[MAX_OPTIONS + 1];
    char letters[2 * MAX_OPTIONS + 2] = ":";
    int count = 0;
    size_t at = 1;
    memset(table, 0, sizeof table);
    for (const nave_cli_group *g = command->groups; g->title; g++) {
        for (const nave_cli_option *o = g->options; o->name && count < MAX_OPTIONS; o++, count++) {
            options[count] = o;
            table[count].name = o->name;
            table[count].has_arg = o->kind == NAVE_CLI_FLAG ? no_argument : required_argument;
            table[count].val = FIRST_CODE + count;
            if (o->letter) {
                letters[at++] = o->letter;
                if (o->kind != NAVE_CLI_FLAG)
                    letters[at++] = ':';
            }
        }
    }
    letters[at] = 0;
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        const nave_cli_option *o = NULL;
        if (code == '?' || code == ':') {
            report_bad_option(cli, options, count, argv, code == ':');
            return NAVE_EXIT_USAGE;
        }
        for (int i = 0; i < count && !o; i++)
            if (code == FIRST_CODE + i || code == options[i]->letter)
                o = options[i];
        nave_text why = {""};
        if (nave_cli_parse_value(o, optarg, args, &why)) {
            nave_cli_error(cli, "--%s: %s", o->name, why.text);
            return NAVE_EXIT_USAGE;
        }
        if (args->help)
            return NAVE_EXIT_OK;
    }
    args->operands = argv + optind;
    args->operand_count = argc - optind;
    return report_operands(cli, command, args->operand_count, args->operands);
}

static int is_power_of_two(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

int nave_cli_check_plan(nave_cli *cli, nave_cli_args *args)
{
    nave_plan_settings *plan = &args->plan;
    const char *bad = !is_power_of_two(plan->tick_frames)            ? "tick"
                      : !is_power_of_two(plan->min_partition_frames) ? "min-partition"
                      : !is_power_of_two(plan->max_partition_frames) ? "max-partition"
                                                                     : NULL;
    if (bad) {
        nave_cli_error(cli, "--%s must be a power of two: 64, 128, 256 .. 8192.", bad);
        return NAVE_EXIT_USAGE;
    }
    if (plan->mode == NAVE_OFFLINE && plan->tick_frames) {
        nave_cli_error(cli, "--tick is for live plans: add --live, or leave --tick away.");
        return NAVE_EXIT_USAGE;
    }
    if (plan->mode == NAVE_LIVE && plan->batch) {
        nave_cli_error(cli, "--batch is for offline plans: leave --batch or --live away.");
        return NAVE_EXIT_USAGE;
    }
    if (plan->max_partition_frames && plan->min_partition_frames > plan->max_partition_frames) {
        nave_cli_error(cli, "--min-partition is larger than --max-partition: swap them.");
        return NAVE_EXIT_USAGE;
    }
    if (plan->mode == NAVE_LIVE && !plan->tick_frames)
        plan->tick_frames = 64;
    return NAVE_EXIT_OK;
}
