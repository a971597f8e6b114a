/* --help from the tables, and the command help itself.
 * SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "cli.h"

#define WIDTH 96
#define OPTION_COLUMN 30

/* Wraps text; the first line starts at column `at`, the others at `indent`. */
static void put_wrapped(FILE *f, const char *text, int at, int indent)
{
    int space = 0;
    while (*text) {
        int word = (int)strcspn(text, " \n");
        if (space && at + 1 + word > WIDTH) {
            fprintf(f, "\n%*s", indent, "");
            at = indent;
        } else if (space) {
            putc(' ', f);
            at++;
        }
        at += (int)fwrite(text, 1, (size_t)word, f);
        text += word;
        for (; *text == '\n'; text++) {
            fprintf(f, "\n%*s", text[1] == '\n' ? 0 : indent, "");
            at = indent;
            space = 0;
        }
        if (*text == ' ') {
            space = 1;
            text += strspn(text, " ");
        }
    }
    putc('\n', f);
}

static void print_option(FILE *f, const nave_cli_option *o)
{
    char left[64], choices[96] = "", help[640];
    if (o->letter)
        snprintf(left, sizeof left, "  -%c, --%s %s", o->letter, o->name, o->value ? o->value : "");
    else
        snprintf(left, sizeof left, "      --%s %s", o->name, o->value ? o->value : "");
    int at = fprintf(f, "%s", left);
    if (at >= OPTION_COLUMN) {
        fprintf(f, "\n%*s", OPTION_COLUMN, "");
        at = OPTION_COLUMN;
    } else {
        at += fprintf(f, "%*s", OPTION_COLUMN - at, "");
    }
    for (int i = 0; o->choices && o->choices[i]; i++) {
        size_t n = strlen(choices);
        snprintf(choices + n, sizeof choices - n, "%s%s", i ? ", " : "", o->choices[i]);
    }
    snprintf(help, sizeof help, "%s%s%s", choices, *choices ? "; " : "", o->help);
    put_wrapped(f, help, at, OPTION_COLUMN);
}

void nave_cli_print_overview(FILE *f)
{
    fprintf(f,
            "nave %s: convolution reverb with the same bits on every card and every computer.\n\n"
            "usage: nave COMMAND [OPTION]... [FILE]...\n\n",
            nave_version());
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++)
        fprintf(f, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fputs("\nA first render:\n"
          "  nave render /usr/share/sonic-pi/samples/ambi_piano.flac -o piano.wav \\\n"
          "      --ir /usr/share/gx_head/sounds/greathall.wav --normalise energy --wet -15dB --dry -3dB\n"
          "  nave verify piano.wav.nave\n\n"
          "nave COMMAND --help teaches one command; nave --version prints the version.\n"
          "Exit codes: 0 done, 1 failure, 2 usage, 3 the plan does not fit the card,\n"
          "4 verification found a difference, 130 interrupted.\n",
          f);
}

void nave_cli_print_help(FILE *f, const nave_cli_command *command)
{
    fprintf(f, "usage: nave %s [OPTION]...%s%s\n\n", command->name, *command->operands ? " " : "", command->operands);
    put_wrapped(f, command->description, 0, 0);
    fputs("\nExamples:\n", f);
    for (const nave_cli_example *e = command->examples; e->line; e++) {
        fputs("  # ", f);
        put_wrapped(f, e->what, 4, 4);
        fputs("  ", f);
        for (const char *p = e->line; *p; p++)
            fprintf(f, "%c%s", *p, *p == '\n' ? "      " : "");
        putc('\n', f);
    }
    for (const nave_cli_group *g = command->groups; g->title; g++) {
        fprintf(f, "\n%s:\n", g->title);
        for (const nave_cli_option *o = g->options; o->name; o++)
            print_option(f, o);
    }
}

static int run_help(nave_cli *cli, nave_cli_args *args)
{
    switch (args->document) {
    case NAVE_CLI_MAN:
        nave_cli_print_man(stdout);
        return NAVE_EXIT_OK;
    case NAVE_CLI_BASH:
        nave_cli_print_bash(stdout);
        return NAVE_EXIT_OK;
    case NAVE_CLI_ZSH:
        nave_cli_print_zsh(stdout);
        return NAVE_EXIT_OK;
    case NAVE_CLI_FISH:
        nave_cli_print_fish(stdout);
        return NAVE_EXIT_OK;
    default:
        break;
    }
    if (args->operand_count == 0) {
        nave_cli_print_overview(stdout);
        return NAVE_EXIT_OK;
    }
    const nave_cli_command *command = nave_cli_find_command(args->operands[0]);
    if (!command) {
        const char *nearest = nave_cli_nearest_command(args->operands[0]);
        if (nearest)
            nave_cli_error(cli, "there is no command '%s': did you mean '%s'?", args->operands[0], nearest);
        else
            nave_cli_error(cli, "there is no command '%s': nave --help lists them.", args->operands[0]);
        return NAVE_EXIT_USAGE;
    }
    nave_cli_print_help(stdout, command);
    return NAVE_EXIT_OK;
}

static const nave_cli_option help_options[] = {{.name = "man",
                                                .kind = NAVE_CLI_FLAG,
                                                .offset = offsetof(nave_cli_args, document),
                                                .set = NAVE_CLI_MAN,
                                                .help = "print the manual page (troff)"},
                                               {.name = "bash",
                                                .kind = NAVE_CLI_FLAG,
                                                .offset = offsetof(nave_cli_args, document),
                                                .set = NAVE_CLI_BASH,
                                                .help = "print the completion for bash"},
                                               {.name = "zsh",
                                                .kind = NAVE_CLI_FLAG,
                                                .offset = offsetof(nave_cli_args, document),
                                                .set = NAVE_CLI_ZSH,
                                                .help = "print the completion for zsh"},
                                               {.name = "fish",
                                                .kind = NAVE_CLI_FLAG,
                                                .offset = offsetof(nave_cli_args, document),
                                                .set = NAVE_CLI_FISH,
                                                .help = "print the completion for fish"},
                                               {.name = "help",
                                                .letter = 'h',
                                                .kind = NAVE_CLI_FLAG,
                                                .offset = offsetof(nave_cli_args, help),
                                                .set = 1,
                                                .help = "show this help"},
                                               {.name = NULL}};

static const nave_cli_group help_groups[] = {{"Options", help_options}, {NULL, NULL}};

static const nave_cli_example help_examples[] = {
    {"nave help render", "how to render"},
    {"nave help --man | man -l -", "the manual page"},
    {"nave help --bash > ~/.local/share/bash-completion/completions/nave", "completion in bash"},
    {NULL, NULL}};

const nave_cli_command nave_cli_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "teach a command; print the manual page and shell completions",
    .description = "Shows how a command is used. The manual page and the completions are made from the same tables as "
                   "this help, so they always fit the program.",
    .max_operands = 1,
    .groups = help_groups,
    .examples = help_examples,
    .run = run_help,
};
