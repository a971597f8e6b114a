/* The manual page and the shell completions, made from the tables of the subcommands.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "cli.h"

/* troff: a leading dot or quote and every backslash and hyphen have meanings. */
static void put_troff(FILE *f, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", f);
    for (const char *p = text; *p; p++) {
        if (*p == '\\')
            fputs("\\e", f);
        else if (*p == '-')
            fputs("\\-", f);
        else if (*p == '~')
            fputs("\\(ti", f);
        else if (*p == '\'')
            fputs("\\(aq", f);
        else if (*p == '\n' && p[1] == '\n')
            fputs("\n.PP", f);
        else
            putc(*p, f);
    }
}

static void put_troff_line(FILE *f, const char *text)
{
    put_troff(f, text);
    putc('\n', f);
}

static void man_option(FILE *f, const nave_cli_option *o)
{
    fputs(".TP\n", f);
    if (o->letter)
        fprintf(f, "\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", f);
    put_troff(f, o->name);
    fputs("\\fR", f);
    if (o->value)
        fprintf(f, " \\fI%s\\fR", o->value);
    putc('\n', f);
    for (int i = 0; o->choices && o->choices[i]; i++) {
        fputs(i ? ", \\fB" : "\\fB", f);
        put_troff(f, o->choices[i]);
        fputs("\\fR", f);
    }
    if (o->choices)
        fputs(":\n", f);
    put_troff(f, o->help);
    fputs(".\n", f);
}

static void man_command(FILE *f, const nave_cli_command *c)
{
    fprintf(f, ".SS nave %s [OPTION]...%s", c->name, *c->operands ? " " : "");
    put_troff_line(f, c->operands);
    put_troff_line(f, c->description);
    for (const nave_cli_group *g = c->groups; g->title; g++) {
        fprintf(f, ".PP\n\\fI%s\\fR\n", g->title);
        for (const nave_cli_option *o = g->options; o->name; o++)
            man_option(f, o);
    }
    fputs(".PP\n\\fIExamples\\fR\n", f);
    for (const nave_cli_example *e = c->examples; e->line; e++) {
        fputs(".PP\n", f);
        put_troff(f, e->what);
        fputs(":\n.PP\n.RS 4\n.nf\n", f);
        put_troff_line(f, e->line);
        fputs(".fi\n.RE\n", f);
    }
}

void nave_cli_print_man(FILE *f)
{
    fputs(".\\\" Made by scripts/gen/gen_cli_docs from the tables of host/cli. Do not edit.\n"
          ".\\\" SPDX-License-Identifier: ISC\n",
          f);
    fprintf(f, ".TH NAVE 1 \"\" \"nave %s\" \"User Commands\"\n", nave_version());
    fputs(".SH NAME\nnave \\- convolution reverb with the same bits on every card and every computer\n"
          ".SH SYNOPSIS\n\\fBnave\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIFILE\\fR]...\n"
          ".SH DESCRIPTION\n"
          "nave renders audio through impulse responses on a nave card, or on its C model where no card is plugged in. "
          "A render on the card, in simulation and on the model gives identical samples; a receipt beside each render "
          "lets \\fBnave verify\\fR prove it years later. What a plan costs is known before it starts.\n"
          ".SH COMMANDS\n",
          f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++)
        man_command(f, *c);
    fputs(
        ".SH VALUES\n"
        "A time needs its unit: 20ms, 1.5s. A level is in dB, with or without the unit: \\-3, \\-3dB; "
        "\\fB\\-\\-wet\\fR "
        "and \\fB\\-\\-dry\\fR also take \\-inf. A rate is in Hz: 48000, 44.1kHz.\n"
        ".SH EXIT STATUS\n"
        ".TP\n0\nDone.\n"
        ".TP\n1\nFailure: standard error says of what. Of several files the others are still rendered.\n"
        ".TP\n2\nThe command line can't be understood.\n"
        ".TP\n3\nThe plan does not fit the card; the message names the nearest that would.\n"
        ".TP\n4\nVerification found a difference.\n"
        ".TP\n130\nInterrupted. The first SIGINT, SIGTERM or SIGHUP stops cleanly and leaves no half file; the second "
        "ends the program at once.\n"
        ".SH FILES\n"
        ".TP\n\\fIOUT\\fR.nave\nThe receipt of a render: versions, plan, response, settings and hashes of the samples, "
        "as text.\n",
        f);
}

static const char *choice_words(char *buf, size_t size, const char *const *choices)
{
    buf[0] = 0;
    for (int i = 0; choices[i]; i++) {
        size_t n = strlen(buf);
        snprintf(buf + n, size - n, "%s%s", i ? " " : "", choices[i]);
    }
    return buf;
}

/* The same option means the same in every command, so values are completed by name alone. */
static void bash_values(FILE *f, const nave_cli_command *c)
{
    char words[256];
    for (const nave_cli_group *g = c->groups; g->title; g++) {
        for (const nave_cli_option *o = g->options; o->name; o++) {
            if (o->kind == NAVE_CLI_FLAG)
                continue;
            fprintf(f, "    %s:--%s", c->name, o->name);
            if (o->letter)
                fprintf(f, " | %s:-%c", c->name, o->letter);
            if (o->choices)
                fprintf(f, ") mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\"); return ;;\n",
                        choice_words(words, sizeof words, o->choices));
            else if (o->kind == NAVE_CLI_FILE)
                fputs(") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n", f);
            else
                fputs(") return ;;\n", f);
        }
    }
}

static void bash_words(FILE *f, const nave_cli_command *c)
{
    fprintf(f, "    %s) words='", c->name);
    const char *space = "";
    for (const nave_cli_group *g = c->groups; g->title; g++) {
        for (const nave_cli_option *o = g->options; o->name; o++) {
            fprintf(f, "%s--%s", space, o->name);
            space = " ";
        }
    }
    fputs("' ;;\n", f);
}

static void put_command_names(FILE *f)
{
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++)
        fprintf(f, "%s%s", c == nave_cli_commands() ? "" : " ", (*c)->name);
}

void nave_cli_print_bash(FILE *f)
{
    fputs("# bash completion for nave. Made by scripts/gen/gen_cli_docs from the tables of host/cli. Do not edit.\n"
          "# SPDX-License-Identifier: ISC\n"
          "_nave() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          f);
    put_command_names(f);
    fputs(" --help --version' -- \"$cur\")\n        return\n    fi\n    case $command:$prev in\n", f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++)
        bash_values(f, *c);
    fputs("    esac\n    case $command in\n", f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++)
        bash_words(f, *c);
    fputs("    esac\n"
          "    case $command:$cur in\n"
          "    *:-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
          "    help:*) mapfile -t COMPREPLY < <(compgen -W '",
          f);
    put_command_names(f);
    fputs("' -- \"$cur\") ;;\n", f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++) {
        const char *pattern = (*c)->operand_pattern;
        if (!pattern)
            continue;
        fprintf(f, "    %s:*) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f ", (*c)->name);
        /* Directories are offered too, because what is looked for may be in one. */
        if (*pattern)
            fprintf(f, "-X '!%s' -- \"$cur\"; compgen -d ", pattern);
        fputs("-- \"$cur\") ;;\n", f);
    }
    fputs("    esac\n}\ncomplete -F _nave nave\n", f);
}

/* Inside '...' of both shells' completions; zsh also gives brackets and colons a meaning in a description. */
static void put_description(FILE *f, const char *text, int zsh)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            fputs("'\\''", f);
        else if (zsh && (*p == '[' || *p == ']' || *p == ':' || *p == '\\'))
            fprintf(f, "\\%c", *p);
        else
            putc(*p, f);
    }
}

static void zsh_option(FILE *f, const nave_cli_option *o)
{
    char words[256];
    for (int is_letter = 0; is_letter < (o->letter ? 2 : 1); is_letter++) {
        if (is_letter)
            fprintf(f, "            '-%c[", o->letter);
        else
            fprintf(f, "            '--%s%s[", o->name, o->kind == NAVE_CLI_FLAG ? "" : "=");
        put_description(f, o->help, 1);
        putc(']', f);
        if (o->choices)
            fprintf(f, ":%s:(%s)", o->value, choice_words(words, sizeof words, o->choices));
        else if (o->kind == NAVE_CLI_FILE)
            fprintf(f, ":%s:_files", o->value);
        else if (o->kind != NAVE_CLI_FLAG)
            fprintf(f, ":%s: ", o->value);
        fputs("' \\\n", f);
    }
}

void nave_cli_print_zsh(FILE *f)
{
    fputs("#compdef nave\n"
          "# zsh completion for nave. Made by scripts/gen/gen_cli_docs from the tables of host/cli. Do not edit.\n"
          "# SPDX-License-Identifier: ISC\n"
          "_nave() {\n"
          "    local -a commands\n    commands=(\n",
          f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++) {
        fprintf(f, "        '%s:", (*c)->name);
        put_description(f, (*c)->summary, 1);
        fputs("'\n", f);
    }
    fputs("    )\n"
          "    if (( CURRENT == 2 )); then\n"
          "        _describe -t commands 'nave command' commands\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "    case $command in\n",
          f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++) {
        fprintf(f, "    %s)\n        _arguments \\\n", (*c)->name);
        for (const nave_cli_group *g = (*c)->groups; g->title; g++)
            for (const nave_cli_option *o = g->options; o->name; o++)
                zsh_option(f, o);
        if (*c == &nave_cli_help) {
            fputs("            '1:COMMAND:(", f);
            put_command_names(f);
            fputs(")'\n", f);
        } else {
            const char *pattern = (*c)->operand_pattern;
            if (pattern && *pattern)
                fprintf(f, "            '*:FILE:_files -g \"%s\"'\n", pattern);
            else
                fprintf(f, "            %s\n", pattern ? "'*:FILE:_files'" : "'*: : '");
        }
        fputs("        ;;\n", f);
    }
    fputs("    esac\n}\n_nave \"$@\"\n", f);
}

void nave_cli_print_fish(FILE *f)
{
    char words[256];
    fputs("# fish completion for nave. Made by scripts/gen/gen_cli_docs from the tables of host/cli. Do not edit.\n"
          "# SPDX-License-Identifier: ISC\n"
          "complete -c nave -f -n __fish_use_subcommand -l help -s h -d 'show help'\n"
          "complete -c nave -f -n __fish_use_subcommand -l version -d 'print the version'\n",
          f);
    for (const nave_cli_command *const *c = nave_cli_commands(); *c; c++) {
        fprintf(f, "complete -c nave -f -n __fish_use_subcommand -a %s -d '", (*c)->name);
        put_description(f, (*c)->summary, 0);
        fputs("'\n", f);
        for (const nave_cli_group *g = (*c)->groups; g->title; g++) {
            for (const nave_cli_option *o = g->options; o->name; o++) {
                fprintf(f, "complete -c nave -n '__fish_seen_subcommand_from %s' -l %s", (*c)->name, o->name);
                if (o->letter)
                    fprintf(f, " -s %c", o->letter);
                if (o->choices)
                    fprintf(f, " -x -a '%s'", choice_words(words, sizeof words, o->choices));
                else if (o->kind == NAVE_CLI_FILE)
                    fputs(" -r -F", f);
                else if (o->kind != NAVE_CLI_FLAG)
                    fputs(" -x", f);
                fputs(" -d '", f);
                put_description(f, o->help, 0);
                fputs("'\n", f);
            }
        }
    }
}
