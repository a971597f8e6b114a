/* Noise of nave against double precision, with float32 FFTW beside it, and the bounds that it must keep.
 *
 *   accuracy [--quick] [--response SECONDS] [--json FILE] [--seed N]
 *
 * For each response and plan: error of full-scale pink noise, of pink noise at -60 dBFS and of a full-scale 1 kHz sine
 * (all of 24-bit samples), and a silent channel beside a loud one. Exit status 1 if a bound is broken.
 * SPDX-License-Identifier: ISC */
#include "../../host/include/nave.h"
#include "float32.h"
#include "signals.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS 2
#define RATE_HZ 48000
#define PEAK 0.95
#define BLOCK 4096

enum { PINK, PINK_60, SINE, SIGNALS };
static const char *const signal_name[SIGNALS] = {"pink 0 dBFS", "pink -60 dBFS", "sine 1 kHz"};
static const char *const signal_key[SIGNALS] = {"pink", "pink_minus_60", "sine"};

typedef struct material {
    size_t frames, response;
    double *h[CHANNELS], *x[SIGNALS][CHANNELS], *y[SIGNALS][CHANNELS];
} material;

typedef struct plan_case {
    uint32_t tick, partition; /* tick 0: offline with this partition */
} plan_case;

typedef struct bound_result {
    char row[32];
    const char *what;
    double value, limit;
} bound_result;

typedef struct totals {
    FILE *json;
    int rows, bounds, broken;
    bound_result bound[64]; /* 5 a row, 12 rows */
} totals;

static void quit(const char *what)
{
    fprintf(stderr, "accuracy: %s\n", what);
    exit(2);
}

static double *samples(size_t frames)
{
    double *p = calloc(frames, sizeof(*p));
    if (!p)
        quit("out of memory");
    return p;
}

static void convolve(material *m, int signal)
{
    double *whole = samples(m->frames + m->response);
    for (int c = 0; c < CHANNELS; c++) {
        if (nave_bench_convolve(whole, m->x[signal][c], m->frames, m->h[c], m->response))
            quit("out of memory");
        memcpy(m->y[signal][c], whole, m->frames * sizeof(*whole));
    }
    free(whole);
}

static double peak_of(const material *m, int signal)
{
    double peak = 0;
    for (int c = 0; c < CHANNELS; c++)
        for (size_t n = 0; n < m->frames; n++)
            peak = fmax(peak, fabs(m->y[signal][c][n]));
    return peak;
}

/* The reference itself against a plain sum at a few samples: the largest difference. */
static double check_reference(const material *m)
{
    double worst = 0;
    for (int c = 0; c < CHANNELS; c++)
        for (int i = 0; i < 16; i++) {
            const size_t at = i == 0 ? 0 : m->frames * (size_t)i / 15 - 1;
            const double sum = nave_bench_convolve_at(m->x[PINK][c], m->frames, m->h[c], m->response, at);
            worst = fmax(worst, fabs(sum - m->y[PINK][c][at]));
        }
    return worst;
}

static void make_material(material *m, double response_s, double after_s, uint64_t seed)
{
    m->response = (size_t)(response_s * RATE_HZ);
    m->frames = (size_t)((response_s + after_s) * RATE_HZ);
    for (int c = 0; c < CHANNELS; c++) {
        m->h[c] = samples(m->response);
        nave_bench_response(m->h[c], m->response, seed + 20 + (uint64_t)c);
        for (int s = 0; s < SIGNALS; s++) {
            m->x[s][c] = samples(m->frames);
            m->y[s][c] = samples(m->frames);
        }
        if (nave_bench_pink(m->x[PINK][c], m->frames, RATE_HZ, seed + 10 + (uint64_t)c))
            quit("out of memory");
        for (size_t n = 0; n < m->frames; n++) {
            m->x[PINK_60][c][n] = m->x[PINK][c][n] * 1e-3;
            m->x[SINE][c][n] = 0.9999 * sin(2 * M_PI * 1000 * (double)(n % 48) / RATE_HZ + c);
        }
        for (int s = 0; s < SIGNALS; s++)
            nave_bench_to_24_bits(m->x[s][c], m->frames);
    }
    convolve(m, PINK);
    const double gain = PEAK / peak_of(m, PINK);
    for (int c = 0; c < CHANNELS; c++)
        for (size_t n = 0; n < m->response; n++)
            m->h[c][n] *= gain;
    for (int s = 0; s < SIGNALS; s++)
        convolve(m, s);
}

static void free_material(material *m)
{
    for (int c = 0; c < CHANNELS; c++) {
        free(m->h[c]);
        for (int s = 0; s < SIGNALS; s++) {
            free(m->x[s][c]);
            free(m->y[s][c]);
        }
    }
}

/* out: frames of each channel, aligned with the input. */
static void run_nave(nave_device *dev, const nave_plan *plan, const material *m, const double *const x[CHANNELS],
                     double *const out[CHANNELS])
{
    nave_stream_settings ss;
    nave_plan_report report;
    nave_stream *st;
    nave_text why = {""};
    nave_stream_settings_default(&ss);
    ss.input = NAVE_F64;
    ss.output = NAVE_F64; /* the card's wide words: the noise of the card, not of a narrowing after it */
    if (nave_plan_get_report(plan, &report) || nave_stream_open(&st, dev, plan, &ss, &why))
        quit(why.text);
    double *late = samples(BLOCK);
    size_t skip = report.latency_frames;
    for (size_t done = 0, got = 0, taken, given; got < m->frames;) {
        const void *from[CHANNELS] = {x[0] + done, x[1] + done};
        void *to[CHANNELS] = {skip ? late : out[0] + got, skip ? late : out[1] + got};
        taken = 0;
        if (done < m->frames) {
            const int err = nave_stream_write(st, from, m->frames - done < BLOCK ? m->frames - done : BLOCK, &taken);
            if (err && err != NAVE_E_AGAIN)
                quit(nave_strerror(err));
            done += taken;
            if (done == m->frames && nave_stream_finish(st))
                quit("the stream does not end");
        }
        const size_t room = skip ? (skip < BLOCK ? skip : BLOCK) : m->frames - got;
        if (nave_stream_read(st, to, room, &given))
            quit("the stream can't be read");
        if (!given && !taken && done == m->frames)
            quit("the stream ended early");
        if (skip)
            skip -= given;
        else
            got += given;
    }
    free(late);
    nave_stream_close(st);
}

static double error_db(const material *m, int signal, double *const out[CHANNELS])
{
    double squares = 0;
    for (int c = 0; c < CHANNELS; c++)
        for (size_t n = 0; n < m->frames; n++) {
            const double e = out[c][n] - m->y[signal][c][n];
            squares += e * e;
        }
    return nave_bench_db(sqrt(squares / (double)(CHANNELS * m->frames)));
}

/* float32 in the plan's own partitions. */
static double float32_db(const material *m, int signal, const nave_plan_report *r)
{
    double squares = 0;
    for (int c = 0; c < CHANNELS; c++) {
        float *y = calloc(m->frames, sizeof(*y));
        if (!y)
            quit("out of memory");
        for (uint32_t i = 0; i < r->tiers; i++) {
            const size_t from = r->tier[i].offset_frames;
            const size_t most = (size_t)r->tier[i].partitions * r->tier[i].partition_frames;
            const size_t length = m->response - from < most ? m->response - from : most;
            if (nave_bench_float32(y, m->x[signal][c], m->frames, m->h[c], from, length, r->tier[i].partition_frames))
                quit("out of memory");
        }
        for (size_t n = 0; n < m->frames; n++) {
            const double e = y[n] - m->y[signal][c][n];
            squares += e * e;
        }
        free(y);
    }
    return nave_bench_db(sqrt(squares / (double)(CHANNELS * m->frames)));
}

static void bound(totals *t, const char *row, const char *what, double value, double limit)
{
    bound_result *b = &t->bound[t->bounds++];
    *b = (bound_result){.what = what, .value = value, .limit = limit};
    snprintf(b->row, sizeof(b->row), "%s", row);
    t->broken += !(value <= limit);
}

static void print_bounds(const totals *t)
{
    printf("\n");
    for (int i = 0; i < t->bounds; i++) {
        const bound_result *b = &t->bound[i];
        printf("%s  %-20s %-36s %8.1f, at most %7.1f\n", b->value <= b->limit ? "PASS" : "FAIL", b->row, b->what,
               b->value, b->limit);
    }
    printf("\n%s: %d of %d bounds broken\n", t->broken ? "FAIL" : "PASS", t->broken, t->bounds);
}

static void put_json(totals *t, double response_s, const plan_case *p, const double nave[SIGNALS],
                     const double reference[SIGNALS], size_t leaks)
{
    if (!t->json)
        return;
    fprintf(t->json, "%s\n  {\"response_s\": %g, \"mode\": \"%s\", \"partition_or_tick\": %u", t->rows ? "," : "",
            response_s, p->tick ? "live" : "offline", p->tick ? p->tick : p->partition);
    for (int s = 0; s < SIGNALS; s++)
        fprintf(t->json, ", \"%s\": {\"nave_dbfs\": %.2f, \"float32_dbfs\": %.2f}", signal_key[s], nave[s],
                reference[s]);
    fprintf(t->json, ", \"silent_channel_nonzero_words\": %zu}", leaks);
}

static size_t silent_channel(nave_device *dev, const nave_plan *plan, const material *m, double *const out[CHANNELS])
{
    double *silence = samples(m->frames);
    const double *const x[CHANNELS] = {m->x[PINK][0], silence};
    size_t leaks = 0;
    run_nave(dev, plan, m, x, out);
    for (size_t n = 0; n < m->frames; n++)
        leaks += out[1][n] != 0;
    free(silence);
    return leaks;
}

static void measure(totals *t, nave_device *dev, const material *m, double response_s, const plan_case *p)
{
    nave_ir_settings is;
    nave_plan_settings ps;
    nave_plan_report report;
    nave_device_info info;
    nave_ir *ir;
    nave_plan *plan;
    nave_text why = {""};
    nave_ir_settings_default(&is);
    is.rate_hz = RATE_HZ;
    nave_plan_settings_default(&ps);
    ps.mode = p->tick ? NAVE_LIVE : NAVE_OFFLINE;
    ps.tick_frames = p->tick;
    ps.channels = CHANNELS;
    ps.min_partition_frames = ps.max_partition_frames = p->partition;
    const double *const h[CHANNELS] = {m->h[0], m->h[1]};
    const uint32_t channel[CHANNELS] = {0, 1};
    if (nave_device_get_info(dev, &info) ||
        nave_ir_create(&ir, h, m->response, channel, channel, CHANNELS, &is, &why) ||
        nave_plan_compile(&plan, ir, &ps, &info.limits, &why) || nave_plan_get_report(plan, &report))
        quit(why.text);
    double *const out[CHANNELS] = {samples(m->frames), samples(m->frames)};
    double nave[SIGNALS], reference[SIGNALS];
    for (int s = 0; s < SIGNALS; s++) {
        const double *const x[CHANNELS] = {m->x[s][0], m->x[s][1]};
        run_nave(dev, plan, m, x, out);
        nave[s] = error_db(m, s, out);
        reference[s] = float32_db(m, s, &report);
    }
    const size_t leaks = silent_channel(dev, plan, m, out);
    char row[32];
    snprintf(row, sizeof(row), "%g s, %s %u", response_s, p->tick ? "live, tick" : "partition",
             p->tick ? p->tick : p->partition);
    printf("%-22s", row);
    for (int s = 0; s < SIGNALS; s++)
        printf(" | %7.1f %7.1f %5.1f", nave[s], reference[s], reference[s] - nave[s]);
    printf(" | %s\n", leaks ? "LEAKS" : "exactly 0");
    bound(t, row, "pink, full scale, dBFS", nave[PINK], -155);
    bound(t, row, "pink, full scale, over float32, dB", nave[PINK] - reference[PINK], -9);
    bound(t, row, "pink, -60 dBFS, dBFS", nave[PINK_60], -210);
    /* of live plans the largest partition decides */
    const double sine = p->tick || p->partition == 8192 ? -2 : -10;
    bound(t, row, "sine, full scale, over float32, dB", nave[SINE] - reference[SINE], sine);
    bound(t, row, "silent channel, words that are not 0", (double)leaks, 0);
    fflush(stdout);
    put_json(t, response_s, p, nave, reference, leaks);
    t->rows++;
    free(out[0]);
    free(out[1]);
    nave_plan_free(plan);
    nave_ir_free(ir);
}

int main(int argc, char **argv)
{
    static const plan_case all[] = {{0, 64}, {0, 512}, {0, 8192}, {64, 0}};
    static const double responses_s[] = {1, 5, 10};
    totals t = {0};
    int quick = 0;
    double only_s = 0;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            quick = 1;
        else if (strcmp(argv[i], "--response") == 0 && i + 1 < argc)
            only_s = atof(argv[++i]);
        else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
            t.json = fopen(argv[++i], "w");
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            quit("usage: accuracy [--quick] [--response SECONDS] [--json FILE] [--seed N]");
        if (strcmp(argv[i - 1], "--json") == 0 && !t.json)
            quit("the JSON file can't be written");
    }
    nave_device *dev;
    nave_text why = {""};
    if (nave_open(&dev, "model:", &why))
        quit(why.text);
    if (t.json)
        fprintf(t.json, "[");
    printf("Error, RMS dBFS, of stereo at 48 kHz against double precision: nave, float32 FFTW in the same partitions, "
           "dB between\n"
           "Computed on the C card; every card gives the same bits. Seed %llu.\n\n%-22s | %-21s | %-21s | %-21s | "
           "silent channel\n",
           (unsigned long long)seed, "response, plan", signal_name[PINK], signal_name[PINK_60], signal_name[SINE]);
    for (size_t r = 0; r < (quick ? 1 : sizeof(responses_s) / sizeof(responses_s[0])); r++) {
        material m;
        if (only_s > 0 && responses_s[r] != only_s)
            continue;
        make_material(&m, responses_s[r], quick ? 2 : 5, seed);
        const double check = check_reference(&m);
        printf("-- %g s: the reference differs from plain sums by at most %.1f dBFS\n", responses_s[r],
               nave_bench_db(check));
        if (check > 1e-11) /* well below what is measured */
            quit("the reference is not exact enough");
        for (size_t p = 0; p < sizeof(all) / sizeof(all[0]); p++)
            measure(&t, dev, &m, responses_s[r], &all[p]);
        free_material(&m);
    }
    if (t.json) {
        fprintf(t.json, "\n]\n");
        if (fclose(t.json))
            quit("the JSON file can't be written");
    }
    nave_close(dev);
    print_bounds(&t);
    return t.broken ? 1 : 0;
}
