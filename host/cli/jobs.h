/* The files that one call of nave render works on.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CLI_JOBS_H
#define NAVE_CLI_JOBS_H
#include "cli.h"

typedef struct nave_cli_job {
    const char *input;
    char *output, *plot; /* plot NULL: none wanted */
    int begun, err;
    nave_text why;
    nave_render_result result;
    nave_plot_gains *gains; /* NULL: no plot of a chain */
} nave_cli_job;

/* Names the outputs, makes the directory that is missing, refuses names that collide or that are the input's own.
 * NAVE_EXIT_OK or an exit code after a message. *jobs is freed with nave_cli_jobs_free. */
int nave_cli_jobs_new(const nave_cli *cli, const nave_cli_args *args, nave_cli_job **jobs);
void nave_cli_jobs_free(nave_cli_job *jobs, int count);
/* Renders all, several at once, and prints a line for each unless quiet or json. dev is used by one of the threads;
 * the others open their own. */
int nave_cli_jobs_run(nave_cli *cli, const nave_cli_args *args, nave_device *dev, const nave_chain *chain,
                      nave_cli_job *jobs, int count);
#endif
