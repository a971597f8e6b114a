/* nave: the program. Finds the subcommand, reads its options, runs it.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "cli.h"

static const nave_cli_command *const commands[] = {
    &nave_cli_render,  &nave_cli_plan,  &nave_cli_verify, &nave_cli_devices, &nave_cli_info, &nave_cli_selftest,
    &nave_cli_monitor, &nave_cli_bench, &nave_cli_chain,  &nave_cli_load,    &nave_cli_help, NULL};

const nave_cli_command *const *nave_cli_commands(void)
{
    return commands;
}

const nave_cli_command *nave_cli_find_command(const char *name)
{
    for (int i = 0; commands[i]; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

const char *nave_cli_nearest_command(const char *name)
{
    const char *best = NULL;
    int best_distance = 1 << 20;
    for (int i = 0; commands[i]; i++) {
        int d = nave_cli_distance(name, commands[i]->name);
        if (d >= 0 && d < best_distance) {
            best = commands[i]->name;
            best_distance = d;
        }
    }
    return best;
}

int nave_cli_exit_code(int err)
{
    switch (err) {
    case NAVE_OK:
        return NAVE_EXIT_OK;
    case NAVE_E_ARG:
        return NAVE_EXIT_USAGE;
    case NAVE_E_FIT:
        return NAVE_EXIT_FIT;
    case NAVE_E_MISMATCH:
        return NAVE_EXIT_DIFFERENT;
    case NAVE_E_CANCELLED:
        return NAVE_EXIT_INTERRUPTED;
    default:
        return NAVE_EXIT_FAILURE;
    }
}

const char *nave_cli_reason(int err, const nave_text *why)
{
    return why && why->text[0] ? why->text : nave_strerror(err);
}

const char *nave_cli_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *nave_cli_bytes(char *buf, uint64_t bytes)
{
    if (bytes >= 1u << 30)
        snprintf(buf, 32, "%.2f GiB", (double)bytes / (1u << 30));
    else if (bytes >= 1u << 20)
        snprintf(buf, 32, "%.2f MiB", (double)bytes / (1u << 20));
    else
        snprintf(buf, 32, "%.1f KiB", (double)bytes / 1024);
    return buf;
}

const char *nave_cli_decibels(char *buf, double db)
{
    if (isinf(db))
        snprintf(buf, 32, db < 0 ? "-inf" : "inf");
    else if (isnan(db))
        snprintf(buf, 32, "n/a");
    else
        snprintf(buf, 32, "%.2f", db < 0 && db > -0.005 ? 0 : db);
    return buf;
}

typedef struct watcher {
    nave_cli *cli;
    sigset_t set;
} watcher;

/* The first signal asks to stop, so that no half file stays; the second ends the program at once. */
static void *watch_signals(void *user)
{
    watcher *w = user;
    int number;
    if (sigwait(&w->set, &number))
        return NULL;
    atomic_store(&w->cli->interrupted, 1);
    if (sigwait(&w->set, &number))
        return NULL;
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &w->set, NULL);
    raise(number);
    return NULL;
}

static int start_watcher(watcher *w)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(&w->set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction old;
        /* What the caller ignores (nohup, a background job) stays ignored. */
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
            sigaddset(&w->set, numbers[i]);
    }
    pthread_t thread;
    int err = pthread_sigmask(SIG_BLOCK, &w->set, NULL);
    if (!err)
        err = pthread_create(&thread, NULL, watch_signals, w);
    if (!err)
        pthread_detach(thread);
    return err;
}

static int flush_output(const nave_cli *cli, int code)
{
    if (fflush(stdout) || ferror(stdout)) {
        nave_cli_error(cli, "standard output can't be written (%s): look for a full disk or a closed pipe.",
                       strerror(errno));
        return code ? code : NAVE_EXIT_FAILURE;
    }
    return code;
}

static int run_command(nave_cli *cli, const nave_cli_command *command, int argc, char **argv)
{
    nave_cli_args args;
    nave_cli_args_default(&args);
    cli->command = command->name;
    int code = nave_cli_parse(cli, command, argc, argv, &args);
    if (code)
        return code;
    if (args.help) {
        nave_cli_print_help(stdout, command);
        return NAVE_EXIT_OK;
    }
    return command->run(cli, &args);
}

int main(int argc, char **argv)
{
    nave_cli cli = {.command = NULL};
    watcher w = {.cli = &cli};
    if (argc < 2) {
        nave_cli_print_overview(stderr);
        return NAVE_EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        nave_cli_print_overview(stdout);
        return flush_output(&cli, NAVE_EXIT_OK);
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        printf("nave %s\n", nave_version());
        return flush_output(&cli, NAVE_EXIT_OK);
    }
    const nave_cli_command *command = nave_cli_find_command(argv[1]);
    if (!command) {
        const char *nearest = nave_cli_nearest_command(argv[1]);
        if (argv[1][0] == '-')
            nave_cli_error(&cli, "'%s' stands before the command: say nave COMMAND %s.", argv[1], argv[1]);
        else if (nearest)
            nave_cli_error(&cli, "there is no command '%s': did you mean '%s'?", argv[1], nearest);
        else
            nave_cli_error(&cli, "there is no command '%s': nave --help lists them.", argv[1]);
        return NAVE_EXIT_USAGE;
    }
    /* A closed pipe is an error like others, not the end of a render half way. */
    signal(SIGPIPE, SIG_IGN);
    if (start_watcher(&w)) {
        nave_cli_error(&cli, "no thread can be started: close other programs and try again.");
        return NAVE_EXIT_FAILURE;
    }
    int code = run_command(&cli, command, argc - 1, argv + 1);
    return flush_output(&cli, code);
}
