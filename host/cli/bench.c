/* nave bench: how fast this card renders on this computer.
 * SPDX-License-Identifier: ISC */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runs.h"

#define RATE_HZ 48000
#define CHANNELS 2
#define OFFLINE_BLOCK 8192

typedef struct measured {
    nave_plan_report plan;
    double realtime, cpu_ns_per_frame, cpu_ns_per_product, worst_call_s;
} measured;

static double clock_s(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A bin of one partition of one path: what one complex multiply-accumulate makes. */
static double products_per_frame(const nave_plan_report *r)
{
    double sum = 0;
    for (uint32_t i = 0; i < r->tiers; i++)
        sum += (double)r->tier[i].partitions * CHANNELS;
    return sum;
}

typedef struct buffers {
    float *in[CHANNELS], *out[CHANNELS];
} buffers;

static void free_buffers(buffers *b)
{
    for (int c = 0; c < CHANNELS; c++) {
        free(b->in[c]);
        free(b->out[c]);
    }
}

static int make_buffers(buffers *b, size_t frames)
{
    memset(b, 0, sizeof *b);
    double *noise = malloc(frames * sizeof *noise);
    int err = noise ? NAVE_OK : NAVE_E_NOMEM;
    for (int c = 0; c < CHANNELS && !err; c++) {
        b->in[c] = malloc(frames * sizeof(float));
        b->out[c] = malloc(frames * sizeof(float));
        if (!b->in[c] || !b->out[c]) {
            err = NAVE_E_NOMEM;
            break;
        }
        nave_synth_noise(noise, frames, 300 + (uint64_t)c);
        for (size_t n = 0; n < frames; n++)
            b->in[c][n] = (float)noise[n];
    }
    free(noise);
    return err;
}

static int read_ready(nave_stream *st, const buffers *b, size_t *given)
{
    void *out[CHANNELS] = {b->out[0], b->out[1]};
    int err = nave_stream_read(st, out, OFFLINE_BLOCK, given);
    return err == NAVE_E_AGAIN ? NAVE_OK : err;
}

/* To the end of the tail: else a part of the work would not be done yet when the clock stops. */
static int pass_offline(nave_stream *st, const buffers *b, uint64_t frames, uint64_t *rendered)
{
    const void *in[CHANNELS] = {b->in[0], b->in[1]};
    size_t taken, given;
    for (uint64_t done = 0; done < frames; *rendered += given) {
        taken = 0;
        int err = nave_stream_write(st, in, frames - done < OFFLINE_BLOCK ? frames - done : OFFLINE_BLOCK, &taken);
        if (err && err != NAVE_E_AGAIN)
            return err;
        done += taken;
        err = read_ready(st, b, &given);
        if (err)
            return err;
        if (!taken && !given)
            err = nave_run_wait(st);
        if (err)
            return err;
    }
    int err = nave_stream_finish(st);
    while (!err) {
        err = read_ready(st, b, &given);
        *rendered += err ? 0 : given;
        if (!err && !given)
            err = nave_run_wait(st);
    }
    return err == NAVE_E_STATE ? NAVE_OK : err;
}

static int pass_live(nave_stream *st, const buffers *b, uint64_t frames, uint32_t tick, uint64_t *rendered,
                     double *worst_s)
{
    const void *in[CHANNELS] = {b->in[0], b->in[1]};
    void *out[CHANNELS] = {b->out[0], b->out[1]};
    for (; *rendered < frames; *rendered += tick) {
        double before = clock_s(CLOCK_MONOTONIC);
        int err = nave_stream_process(st, in, out, tick);
        if (err)
            return err;
        *worst_s = fmax(*worst_s, clock_s(CLOCK_MONOTONIC) - before);
    }
    return NAVE_OK;
}

static int measure(nave_cli *cli, const nave_cli_args *args, nave_device *dev, const nave_plan *plan, measured *m,
                   nave_text *why)
{
    double wall[64], cpu[64];
    buffers b;
    nave_stream *st = NULL;
    uint64_t frames = (uint64_t)(args->audio_s * RATE_HZ), rendered = 0;
    m->worst_call_s = INFINITY;
    int err = make_buffers(&b, OFFLINE_BLOCK);
    for (uint32_t i = 0; i < args->repeats && !err; i++) {
        double worst_s = 0;
        rendered = 0;
        err = atomic_load(&cli->interrupted) ? NAVE_E_CANCELLED : nave_stream_open(&st, dev, plan, NULL, why);
        if (err)
            break;
        double wall_start = clock_s(CLOCK_MONOTONIC), cpu_start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
        err = m->plan.mode == NAVE_LIVE ? pass_live(st, &b, frames, m->plan.tick_frames, &rendered, &worst_s)
                                        : pass_offline(st, &b, frames, &rendered);
        wall[i] = clock_s(CLOCK_MONOTONIC) - wall_start;
        cpu[i] = clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
        /* Of the repeats the least: what other programs did to one tick is not the card's. */
        m->worst_call_s = fmin(m->worst_call_s, worst_s);
        nave_stream_close(st);
        st = NULL;
    }
    free_buffers(&b);
    if (err)
        return err;
    qsort(wall, args->repeats, sizeof *wall, ascending);
    qsort(cpu, args->repeats, sizeof *cpu, ascending);
    m->realtime = (double)rendered / RATE_HZ / wall[args->repeats / 2];
    m->cpu_ns_per_frame = 1e9 * cpu[args->repeats / 2] / (double)rendered;
    m->cpu_ns_per_product = m->cpu_ns_per_frame / products_per_frame(&m->plan);
    return NAVE_OK;
}

static void print_row(const measured *m, double response_s)
{
    char worst[32] = "-", latency[32] = "-", tick[16] = "-", mode[8];
    snprintf(mode, sizeof mode, "%s", m->plan.mode == NAVE_LIVE ? "live" : "offline");
    if (m->plan.mode == NAVE_LIVE) {
        snprintf(tick, sizeof tick, "%u", m->plan.tick_frames);
        snprintf(latency, sizeof latency, "%u (%.2f)", m->plan.latency_frames, 1e3 * m->plan.latency_frames / RATE_HZ);
        snprintf(worst, sizeof worst, "%.0f of %.0f", 1e6 * m->worst_call_s, 1e6 * m->plan.tick_frames / RATE_HZ);
    }
    printf("%-8s %7.0f s %6s %10.1f %9.2f %13s %16s %11.1f %12.3f\n", mode, response_s, tick, m->realtime,
           100 / m->realtime, latency, worst, m->cpu_ns_per_frame, m->cpu_ns_per_product);
    fflush(stdout);
}

static void put_json(nave_json *j, const measured *m, double response_s)
{
    nave_json_object(j, NULL);
    nave_json_string(j, "mode", m->plan.mode == NAVE_LIVE ? "live" : "offline");
    nave_json_number(j, "response_s", response_s);
    nave_json_integer(j, "tick_frames", m->plan.tick_frames);
    nave_json_integer(j, "latency_frames", m->plan.latency_frames);
    nave_json_integer(j, "ram_bytes", m->plan.ram_bytes);
    nave_json_number(j, "realtime", m->realtime);
    nave_json_number(j, "cpu_ns_per_frame", m->cpu_ns_per_frame);
    nave_json_number(j, "cpu_ns_per_product", m->cpu_ns_per_product);
    nave_json_number(j, "worst_call_s", m->plan.mode == NAVE_LIVE ? m->worst_call_s : NAN);
    nave_json_end_object(j);
}

static int bench_one(nave_cli *cli, const nave_cli_args *args, nave_device *dev, double response_s, uint32_t tick,
                     measured *m, nave_text *why)
{
    nave_ir *ir = NULL;
    nave_plan *plan = NULL;
    nave_plan_settings ps;
    nave_device_info info;
    memset(m, 0, sizeof *m);
    nave_plan_settings_default(&ps);
    ps.mode = tick ? NAVE_LIVE : NAVE_OFFLINE;
    ps.tick_frames = tick;
    ps.channels = CHANNELS;
    int err = nave_device_get_info(dev, &info);
    if (!err)
        err = nave_synth_response(&ir, CHANNELS, CHANNELS, CHANNELS, (uint64_t)(response_s * RATE_HZ), RATE_HZ, 7, why);
    if (!err)
        err = nave_plan_compile(&plan, ir, &ps, &info.limits, why);
    if (!err)
        err = nave_plan_get_report(plan, &m->plan);
    if (!err)
        err = measure(cli, args, dev, plan, m, why);
    nave_plan_free(plan);
    nave_ir_free(ir);
    return err;
}

static int bench_all(nave_cli *cli, const nave_cli_args *args, nave_device *dev, nave_json *j)
{
    static const double responses_s[] = {1, 5};
    static const uint32_t ticks[] = {0, 64, 256, 1024};
    for (size_t r = 0; r < sizeof responses_s / sizeof *responses_s; r++) {
        for (size_t t = 0; t < sizeof ticks / sizeof *ticks; t++) {
            measured m;
            nave_text why = {""};
            int err = bench_one(cli, args, dev, responses_s[r], ticks[t], &m, &why);
            if (err) {
                nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
                return nave_cli_exit_code(err);
            }
            if (args->json)
                put_json(j, &m, responses_s[r]);
            else if (!args->quiet)
                print_row(&m, responses_s[r]);
        }
    }
    return NAVE_EXIT_OK;
}

static int run_bench(nave_cli *cli, nave_cli_args *args)
{
    nave_device *dev = NULL;
    nave_device_info info;
    nave_text why = {""};
    nave_json j;
    int err = nave_open(&dev, args->device, &why);
    if (!err)
        err = nave_device_get_info(dev, &info);
    if (err) {
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
        nave_close(dev);
        return nave_cli_exit_code(err);
    }
    if (args->json) {
        nave_json_open(&j, cli->command);
        nave_json_device(&j, "card", &info);
        nave_json_number(&j, "audio_s", args->audio_s);
        nave_json_integer(&j, "repeats", args->repeats);
        nave_json_array(&j, "runs");
    } else if (!args->quiet) {
        printf("%s%s%s, stereo at 48 kHz, %g s of noise, median of %u; measured on this CPU\n", info.spec,
               info.isa[0] ? " with " : "", info.isa, args->audio_s, args->repeats);
        printf("%-8s %9s %6s %10s %9s %13s %16s %11s %12s\n", "mode", "response", "tick", "x realtime", "load %",
               "latency (ms)", "worst call us", "CPU ns/frame", "ns/product");
    }
    int code = bench_all(cli, args, dev, &j);
    if (args->json) {
        nave_json_end_array(&j);
        nave_json_close(&j);
    }
    nave_close(dev);
    return code;
}

static const nave_cli_option bench_options[] = {{.name = "audio",
                                                 .letter = 'a',
                                                 .kind = NAVE_CLI_TIME,
                                                 .value = "TIME",
                                                 .offset = offsetof(nave_cli_args, audio_s),
                                                 .low = 0.1,
                                                 .high = 3600,
                                                 .help = "how much audio a run renders; default 10s"},
                                                {.name = "repeats",
                                                 .letter = 'n',
                                                 .kind = NAVE_CLI_COUNT,
                                                 .value = "N",
                                                 .offset = offsetof(nave_cli_args, repeats),
                                                 .low = 1,
                                                 .high = 64,
                                                 .help = "runs of each line; default 3"},
                                                {.name = NULL}};

static const nave_cli_group groups[] = {
    {"Runs", bench_options}, {"Card", nave_cli_device_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {{"nave bench", "this computer's own speed"},
                                            {"nave bench -d model:isa=c", "the same without SIMD"},
                                            {"nave bench --audio 60s --repeats 5 --json", "longer, for a script"},
                                            {NULL, NULL}};

const nave_cli_command nave_cli_bench = {
    .name = "bench",
    .operands = "",
    .summary = "measure how fast a card renders",
    .description =
        "Renders stereo noise through synthetic responses of 1 s and 5 s, offline and live at ticks of 64, 256 and "
        "1024 frames. What is counted is the output, offline with its tail. The worst call is the longest of one tick, "
        "of the "
        "best run. A product is one complex multiply-accumulate of the plan; its time includes the "
        "transforms.",
    .groups = groups,
    .examples = examples,
    .run = run_bench,
};
