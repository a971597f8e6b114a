/* A progress bar with the time left, for one or many items at once, on a terminal only.
 * SPDX-License-Identifier: ISC */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

struct nave_progress_bar {
    pthread_mutex_t lock;
    const char *command;
    int enabled, drawn, items;
    double start_s, last_s;
    double *weight, *fraction;
};

double nave_cli_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

nave_progress_bar *nave_progress_bar_new(const nave_cli *cli, int quiet, int items)
{
    nave_progress_bar *bar = calloc(1, sizeof *bar);
    if (!bar)
        return NULL;
    bar->weight = calloc((size_t)items, sizeof *bar->weight);
    bar->fraction = calloc((size_t)items, sizeof *bar->fraction);
    if (!bar->weight || !bar->fraction) {
        free(bar->weight);
        free(bar->fraction);
        free(bar);
        return NULL;
    }
    for (int i = 0; i < items; i++)
        bar->weight[i] = 1;
    pthread_mutex_init(&bar->lock, NULL);
    const char *term = getenv("TERM");
    bar->command = cli->command;
    bar->enabled = !quiet && isatty(STDERR_FILENO) && !(term && !strcmp(term, "dumb"));
    bar->items = items;
    bar->start_s = nave_cli_now_s();
    return bar;
}

void nave_progress_bar_weight(nave_progress_bar *bar, int item, double weight)
{
    bar->weight[item] = weight;
}

static void draw(nave_progress_bar *bar, double now)
{
    double sum = 0, done = 0;
    int finished = 0;
    for (int i = 0; i < bar->items; i++) {
        sum += bar->weight[i];
        done += bar->weight[i] * bar->fraction[i];
        finished += bar->fraction[i] >= 1;
    }
    double fraction = sum > 0 ? done / sum : 0, elapsed = now - bar->start_s;
    char left[32] = "", files[40] = "", line[512];
    if (fraction > 0.01 && elapsed > 0.3) {
        unsigned s = (unsigned)(elapsed * (1 - fraction) / fraction + 0.5);
        if (s >= 3600)
            snprintf(left, sizeof left, "  %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
        else
            snprintf(left, sizeof left, "  %u:%02u left", s / 60, s % 60);
    }
    if (bar->items > 1)
        snprintf(files, sizeof files, "  %d of %d", finished, bar->items);
    struct winsize size;
    int columns = 80;
    if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 0)
        columns = size.ws_col < 200 ? size.ws_col : 200;
    int text = (int)(strlen(bar->command) + strlen(left) + strlen(files)) + 12;
    int width = columns - text - 1;
    width = width > 50 ? 50 : width < 0 ? 0 : width;
    char blocks[64];
    for (int i = 0; i < width; i++)
        blocks[i] = (i + 0.5) / width < fraction ? '#' : '.';
    blocks[width] = 0;
    int n = snprintf(line, sizeof line, "\r\033[K%s [%s] %3d %%%s%s", bar->command, blocks, (int)(fraction * 100),
                     files, left);
    if (n > 0 && fwrite(line, 1, (size_t)n, stderr) == (size_t)n)
        fflush(stderr);
    bar->drawn = 1;
    bar->last_s = now;
}

static void clear(nave_progress_bar *bar)
{
    if (bar->drawn)
        fputs("\r\033[K", stderr);
    bar->drawn = 0;
}

void nave_progress_bar_set(nave_progress_bar *bar, int item, double fraction)
{
    pthread_mutex_lock(&bar->lock);
    bar->fraction[item] = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    double now = nave_cli_now_s();
    if (bar->enabled && now - bar->last_s > 0.05)
        draw(bar, now);
    pthread_mutex_unlock(&bar->lock);
}

void nave_progress_bar_pause(nave_progress_bar *bar)
{
    pthread_mutex_lock(&bar->lock);
    clear(bar);
}

void nave_progress_bar_resume(nave_progress_bar *bar)
{
    fflush(stdout);
    pthread_mutex_unlock(&bar->lock);
}

void nave_progress_bar_free(nave_progress_bar *bar)
{
    if (!bar)
        return;
    clear(bar);
    pthread_mutex_destroy(&bar->lock);
    free(bar->weight);
    free(bar->fraction);
    free(bar);
}

int nave_progress_bar_callback(void *user, const nave_progress *p)
{
    nave_progress_item *item = user;
    if (p->frames_total > 0)
        nave_progress_bar_set(item->bar, item->item, (double)p->frames_done / (double)p->frames_total);
    return atomic_load(&item->cli->interrupted);
}
