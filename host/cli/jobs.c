/* Names of outputs, and the threads that render several files at once.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "jobs.h"

static int is_directory(const char *path)
{
    struct stat s;
    return !stat(path, &s) && S_ISDIR(s.st_mode);
}

static int ends_with_slash(const char *path)
{
    size_t n = strlen(path);
    return n > 0 && path[n - 1] == '/';
}

static int is_same_file(const char *a, const char *b)
{
    struct stat s, t;
    return !stat(a, &s) && !stat(b, &t) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* The extension of the output in a directory: the input's, unless its container can't hold what is asked for. */
static const char *extension_for(const char *name, int format)
{
    static const char *const kept[] = {".wav", ".wave", ".rf64", ".w64", ".aif", ".aiff", ".caf", ".flac", NULL};
    const char *dot = strrchr(name, '.');
    if (!dot)
        return ".wav";
    if (!strcasecmp(dot, ".flac") && (format == NAVE_FILE_FLOAT || format == NAVE_FILE_PCM32))
        return ".wav";
    for (int i = 0; kept[i]; i++)
        if (!strcasecmp(dot, kept[i]))
            return dot;
    return ".wav";
}

static char *name_in(const char *directory, const char *input, const char *extension)
{
    const char *name = nave_cli_basename(input);
    const char *dot = strrchr(name, '.');
    int stem = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
    char *path = NULL;
    if (asprintf(&path, "%s%s%.*s%s", directory, ends_with_slash(directory) ? "" : "/", stem, name, extension) < 0)
        return NULL;
    return path;
}

/* A directory if several files go there, or if it is one or is written like one; it is made when missing. */
static int check_target(const nave_cli *cli, const char *option, const char *path, int count, int *directory)
{
    struct stat s;
    *directory = count > 1 || ends_with_slash(path) || is_directory(path);
    if (!*directory || is_directory(path))
        return NAVE_EXIT_OK;
    if (!stat(path, &s)) {
        nave_cli_error(cli, "--%s: '%s' is a file: several inputs need a directory.", option, path);
        return NAVE_EXIT_USAGE;
    }
    if (mkdir(path, 0777)) {
        nave_cli_error(cli, "the directory '%s' can't be made: %s.", path, strerror(errno));
        return NAVE_EXIT_FAILURE;
    }
    return NAVE_EXIT_OK;
}

static int check_names(const nave_cli *cli, const nave_cli_args *args, const nave_cli_job *jobs, int i)
{
    const nave_cli_job *job = &jobs[i];
    for (int k = 0; k < args->operand_count; k++) {
        if (is_same_file(job->output, jobs[k].input)) {
            nave_cli_error(cli, "'%s' is both input and output: name another file or directory with -o.", job->output);
            return NAVE_EXIT_USAGE;
        }
    }
    const char *const read[] = {args->chain, args->side_chain};
    static const char *const what[] = {"chain", "side-chain"};
    for (int k = 0; k < 2; k++) {
        if (read[k] && (is_same_file(job->output, read[k]) || (job->plot && is_same_file(job->plot, read[k])))) {
            nave_cli_error(cli, "'%s' is both %s and output: name another file with -o or --plot.", read[k], what[k]);
            return NAVE_EXIT_USAGE;
        }
    }
    if (args->response && is_same_file(job->output, args->response)) {
        nave_cli_error(cli, "'%s' is both response and output: name another file with -o.", job->output);
        return NAVE_EXIT_USAGE;
    }
    if (job->plot && (!strcmp(job->plot, job->output) || is_same_file(job->plot, job->input) ||
                      (args->response && is_same_file(job->plot, args->response)))) {
        nave_cli_error(cli, "the plot would replace '%s': name another file with --plot.", job->plot);
        return NAVE_EXIT_USAGE;
    }
    for (int k = 0; k < i; k++) {
        if (!strcmp(job->output, jobs[k].output)) {
            nave_cli_error(cli, "'%s' and '%s' would both become '%s': render them into two directories.",
                           jobs[k].input, job->input, job->output);
            return NAVE_EXIT_USAGE;
        }
        if (job->plot && !strcmp(job->plot, jobs[k].plot)) {
            nave_cli_error(cli, "'%s' and '%s' would both be plotted to '%s': plot them into two directories.",
                           jobs[k].input, job->input, job->plot);
            return NAVE_EXIT_USAGE;
        }
    }
    return NAVE_EXIT_OK;
}

static int name_job(nave_cli_job *job, const nave_cli_args *args, int i, int to_directory, int plot_to_directory)
{
    job->input = args->operands[i];
    job->output = to_directory
                      ? name_in(args->output, job->input, extension_for(nave_cli_basename(job->input), args->format))
                      : strdup(args->output);
    if (args->plot)
        job->plot = plot_to_directory ? name_in(args->plot, job->input, ".png") : strdup(args->plot);
    return job->output && (!args->plot || job->plot) ? NAVE_OK : NAVE_E_NOMEM;
}

int nave_cli_jobs_new(const nave_cli *cli, const nave_cli_args *args, nave_cli_job **out)
{
    int count = args->operand_count, to_directory, plot_to_directory = 0;
    nave_cli_job *jobs = calloc((size_t)count, sizeof *jobs);
    if (!jobs)
        goto err_memory;
    int code = check_target(cli, "output", args->output, count, &to_directory);
    if (!code && args->plot)
        code = check_target(cli, "plot", args->plot, count, &plot_to_directory);
    for (int i = 0; i < count && !code; i++)
        if (name_job(&jobs[i], args, i, to_directory, plot_to_directory))
            goto err_memory;
    for (int i = 0; i < count && !code; i++)
        code = check_names(cli, args, jobs, i);
    if (code)
        nave_cli_jobs_free(jobs, count);
    else
        *out = jobs;
    return code;
err_memory:
    nave_cli_jobs_free(jobs, count);
    nave_cli_error(cli, "the memory is full: close other programs and try again.");
    return NAVE_EXIT_FAILURE;
}

void nave_cli_jobs_free(nave_cli_job *jobs, int count)
{
    if (!jobs)
        return;
    for (int i = 0; i < count; i++) {
        free(jobs[i].output);
        free(jobs[i].plot);
        free(jobs[i].gains);
    }
    free(jobs);
}

/* ---- threads -------------------------------------------------------------------------------------------------- */
typedef struct pool {
    nave_cli *cli;
    const nave_cli_args *args;
    const nave_chain *chain;
    nave_cli_job *jobs;
    int count;
    atomic_int next;
    nave_progress_bar *bar;
} pool;

typedef struct worker {
    pool *pool;
    nave_device *dev; /* NULL: opens its own */
    pthread_t thread;
    int started;
} worker;

static void print_line(const pool *p, const nave_cli_job *job)
{
    char peak[32], true_peak[32], loudness[32], error[32];
    const nave_render_result *r = &job->result;
    if (job->err == NAVE_E_CANCELLED)
        return;
    nave_progress_bar_pause(p->bar);
    if (job->err) {
        nave_cli_error(p->cli, "%s: %s", job->input, nave_cli_reason(job->err, &job->why));
    } else {
        if (!p->args->quiet && !p->args->json)
            printf("%s: %.2f s at %.1f x real time; peak %s dBFS, true peak %s dBTP, %s LUFS%s%s%s\n", job->output,
                   r->rate_hz ? (double)r->frames_out / r->rate_hz : 0.0, r->realtime,
                   nave_cli_decibels(peak, r->peak_dbfs), nave_cli_decibels(true_peak, r->true_peak_dbtp),
                   nave_cli_decibels(loudness, r->loudness_lufs), p->chain ? "" : "; error ",
                   p->chain ? "" : nave_cli_decibels(error, r->error_rms_dbfs), p->chain ? "" : " dBFS RMS");
        if (r->recoveries)
            nave_cli_error(p->cli,
                           "warning: %s: the card was lost %u time%s; %s, and no bit is different: look at its cable.",
                           job->output, r->recoveries, r->recoveries == 1 ? "" : "s",
                           r->took_over ? "the C model did the rest" : "it came back");
        if (r->clipped_samples)
            nave_cli_error(
                p->cli, "warning: %s: %llu sample%s went over full scale and %s limited: lower --wet, --dry or --gain.",
                job->output, (unsigned long long)r->clipped_samples, r->clipped_samples == 1 ? "" : "s",
                r->clipped_samples == 1 ? "was" : "were");
    }
    nave_progress_bar_resume(p->bar);
}

static void render_one(pool *p, nave_device *dev, int i)
{
    const nave_cli_args *a = p->args;
    nave_cli_job *job = &p->jobs[i];
    nave_progress_item item = {p->cli, p->bar, i};
    nave_render_settings s;
    nave_render_settings_default(&s);
    s.ir = a->ir;
    s.plan = a->plan;
    s.wet_db = a->wet_db;
    s.dry_db = a->dry_db;
    s.format = (nave_file_format)a->format;
    s.dither = a->dither;
    s.seed = a->seed;
    s.tail = a->tail;
    s.overwrite = a->overwrite;
    s.receipt = a->receipt;
    s.progress = nave_progress_bar_callback;
    s.user = &item;
    s.chain = p->chain;
    s.side_chain_path = a->side_chain;
    if (p->chain && job->plot && (job->gains = malloc(sizeof *job->gains))) {
        nave_plot_gains_begin(job->gains);
        s.meters = nave_plot_gains_take;
        s.meters_user = job->gains;
    }
    job->begun = 1;
    job->err = nave_render_file(dev, job->input, a->response, job->output, &s, &job->result, &job->why);
    nave_progress_bar_set(p->bar, i, 1);
    print_line(p, job);
}

static void *work(void *user)
{
    worker *w = user;
    pool *p = w->pool;
    nave_device *own = NULL;
    nave_text why = {""};
    /* A card that is taken by the first thread is no fault: that thread does the work alone. */
    if (!w->dev && nave_open(&own, p->args->device, &why))
        return NULL;
    int i;
    while (!atomic_load(&p->cli->interrupted) && (i = atomic_fetch_add(&p->next, 1)) < p->count)
        render_one(p, w->dev ? w->dev : own, i);
    nave_close(own);
    return NULL;
}

static int core_count(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

static void weigh(const pool *p)
{
    for (int i = 0; i < p->count; i++) {
        SF_INFO info = {0};
        SNDFILE *f = sf_open(p->jobs[i].input, SFM_READ, &info);
        /* What can't be opened weighs nothing; the library will say why. */
        nave_progress_bar_weight(p->bar, i, f ? (double)info.frames * info.channels : 0);
        if (f)
            sf_close(f);
    }
}

int nave_cli_jobs_run(nave_cli *cli, const nave_cli_args *args, nave_device *dev, const nave_chain *chain,
                      nave_cli_job *jobs, int count)
{
    pool p = {.cli = cli, .args = args, .chain = chain, .jobs = jobs, .count = count};
    int threads = args->jobs ? (int)args->jobs : core_count();
    threads = threads > count ? count : threads;
    worker *workers = calloc((size_t)threads, sizeof *workers);
    p.bar = nave_progress_bar_new(cli, args->quiet, count);
    if (!workers || !p.bar) {
        free(workers);
        nave_progress_bar_free(p.bar);
        nave_cli_error(cli, "the memory is full: close other programs and try again.");
        return NAVE_EXIT_FAILURE;
    }
    if (count > 1)
        weigh(&p);
    /* This thread is the first worker, so that a lack of threads makes it slower, not wrong. */
    for (int i = 1; i < threads; i++) {
        workers[i].pool = &p;
        workers[i].started = !pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    workers[0].pool = &p;
    workers[0].dev = dev;
    work(&workers[0]);
    for (int i = 1; i < threads; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    free(workers);
    nave_progress_bar_free(p.bar);
    return NAVE_EXIT_OK;
}
