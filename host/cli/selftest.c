/* nave selftest: does this card compute what the C model computes?
 * SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "runs.h"

typedef enum material { IMPULSE, NOISE, NOISE_LEFT } material;

typedef struct test_case {
    const char *name;
    nave_mode mode;
    uint32_t tick_frames, paths, inputs, outputs; /* of the response; inputs 0: one path for each channel */
    uint32_t channels;
    uint64_t response_frames, input_frames;
    material material;
    double wet_db, dry_db;
    uint64_t change_frame;
    uint32_t partition_frames, batch; /* 0: the compiler chooses */
    uint64_t known;                   /* fingerprint; 0: depends on what the compiler chose */
} test_case;

static const test_case cases[] = {
    {"known bits, stereo, offline", NAVE_OFFLINE, 0, 2, 2, 2, 2, 9000, 10007, NOISE, 0, -6, 5003, 1024, 2,
     0x457682ff08a93ab7},
    {"impulse, mono, offline", NAVE_OFFLINE, 0, 1, 0, 0, 1, 12345, 3000, IMPULSE, 0, -INFINITY, 0, 0, 0, 0},
    {"noise, stereo, offline", NAVE_OFFLINE, 0, 2, 2, 2, 2, 48000, 24001, NOISE, 0, -INFINITY, 0, 0, 0, 0},
    {"noise, true stereo, offline", NAVE_OFFLINE, 0, 4, 2, 2, 2, 20001, 10007, NOISE, 0, -6, 5003, 0, 0, 0},
    {"left only, stereo, offline", NAVE_OFFLINE, 0, 2, 2, 2, 2, 9000, 20000, NOISE_LEFT, 0, -INFINITY, 0, 0, 0, 0},
    {"impulse, stereo, live 64", NAVE_LIVE, 64, 2, 2, 2, 2, 12345, 3000, IMPULSE, 0, -INFINITY, 0, 0, 0, 0},
    {"noise, true stereo, live 64", NAVE_LIVE, 64, 4, 2, 2, 2, 20001, 10007, NOISE, 0, -6, 5003, 0, 0, 0},
    {"noise, 8 channels, live 256", NAVE_LIVE, 256, 1, 0, 0, 8, 9000, 12000, NOISE, 0, -INFINITY, 0, 0, 0, 0},
    {"left only, stereo, live 1024", NAVE_LIVE, 1024, 2, 2, 2, 2, 48000, 20000, NOISE_LEFT, 0, -INFINITY, 0, 0, 0, 0},
};
enum { CASES = sizeof cases / sizeof *cases };
#define RATE_HZ 48000
#define IMPULSE_FRAME 137
#define LEAST_ERROR_DB (-140.0)

typedef struct session {
    nave_cli *cli;
    nave_cli_args *args;
    nave_json json;
    int passed, failed;
} session;

__attribute__((format(printf, 4, 5))) static void report(session *s, int ok, const char *name, const char *format, ...)
{
    char detail[700];
    va_list list;
    va_start(list, format);
    vsnprintf(detail, sizeof detail, format, list);
    va_end(list);
    s->passed += ok;
    s->failed += !ok;
    if (s->args->json) {
        nave_json_object(&s->json, NULL);
        nave_json_string(&s->json, "check", name);
        nave_json_boolean(&s->json, "ok", ok);
        nave_json_string(&s->json, "detail", detail);
        nave_json_end_object(&s->json);
    } else if (!s->args->quiet || !ok) {
        printf("%-4s %-30s %s\n", ok ? "ok" : "FAIL", name, detail);
        fflush(stdout);
    }
}

/* FNV-1a: a short name for the bits that a person can compare; equality itself is tested on the bits. */
static uint64_t fingerprint(const nave_run *run)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t c = 0; c < run->outputs; c++)
        for (uint64_t n = 0; n < run->frames_out; n++)
            for (int b = 0; b < 64; b += 8)
                h = (h ^ ((uint64_t)run->out[c][n] >> b & 0xff)) * 0x100000001b3u;
    return h;
}

static int first_difference(const nave_run *a, const nave_run *b, uint64_t frames, uint32_t *channel, uint64_t *frame)
{
    for (uint64_t n = 0; n < frames; n++) {
        for (uint32_t c = 0; c < a->outputs; c++) {
            if (a->out[c][n] != b->out[c][n]) {
                *channel = c;
                *frame = n;
                return 1;
            }
        }
    }
    return 0;
}

static void compare(session *s, const char *name, const char *what, const nave_run *a, const nave_run *b,
                    uint64_t frames)
{
    uint32_t channel;
    uint64_t frame;
    if (first_difference(a, b, frames, &channel, &frame))
        report(s, 0, name, "%s: differs first at frame %" PRIu64 ", channel %u: %" PRId64 ", expected %" PRId64, what,
               frame, channel + 1, a->out[channel][frame], b->out[channel][frame]);
    else
        report(s, 1, name, "%s: %016" PRIx64, what, fingerprint(a));
}

static int make_case(const test_case *t, nave_ir **ir, nave_plan **plan, nave_plan_report *r, nave_run *run,
                     const nave_card_limits *limits, nave_text *why)
{
    nave_plan_settings ps;
    nave_plan_settings_default(&ps);
    ps.mode = t->mode;
    ps.tick_frames = t->tick_frames;
    ps.channels = t->channels;
    ps.min_partition_frames = ps.max_partition_frames = t->partition_frames;
    ps.batch = t->batch;
    int err = nave_synth_response(ir, t->paths, t->inputs, t->outputs, t->response_frames, RATE_HZ, 7, why);
    if (!err)
        err = nave_plan_compile(plan, *ir, &ps, limits, why);
    if (!err)
        err = nave_plan_get_report(*plan, r);
    if (!err)
        err = nave_run_new(run, r->inputs, r->outputs, t->input_frames,
                           t->input_frames + t->response_frames + r->latency_frames + 1);
    if (err)
        return err;
    for (uint32_t c = 0; c < r->inputs; c++) {
        if (t->material == IMPULSE)
            run->in[c][IMPULSE_FRAME] = 0.5;
        else if (t->material == NOISE || c == 0)
            nave_synth_noise(run->in[c], t->input_frames, 100 + c);
    }
    return NAVE_OK;
}

/* One device over one case: a run of its own buffers over the material of `like`. */
static int run_again(nave_run *again, const nave_run *like, const char *spec, nave_device *dev, const nave_plan *plan,
                     const nave_run_settings *rs, nave_text *why)
{
    nave_device *own = NULL;
    int err = nave_run_new(again, like->inputs, like->outputs, like->frames_in, like->room);
    for (uint32_t c = 0; c < like->inputs && !err; c++)
        memcpy(again->in[c], like->in[c], (size_t)like->frames_in * sizeof(double));
    if (!err && !dev)
        err = nave_open(&own, spec, why);
    if (!err)
        err = nave_run_stream(again, dev ? dev : own, plan, rs, why);
    nave_close(own);
    return err;
}

static void check_impulse(session *s, const test_case *t, const nave_ir *ir, const nave_run *run, uint32_t latency)
{
    nave_ir_info info;
    double sum = 0;
    uint64_t frames = 0;
    nave_ir_get_info(ir, &info);
    for (uint32_t p = 0; p < info.paths; p++) {
        const double *h;
        uint32_t channel;
        nave_ir_get_path(ir, p, NULL, &channel, &h);
        channel = info.inputs ? channel : 0;
        for (uint64_t n = 0; n < run->frames_out; n++, frames++) {
            int64_t k = (int64_t)n - latency - IMPULSE_FRAME;
            double expected = k >= 0 && (uint64_t)k < info.frames ? 0.5 * h[k] : 0;
            double error = ldexp((double)run->out[channel][n], -44) - expected;
            sum += error * error;
        }
    }
    double db = frames ? 10 * log10(sum / (double)frames) : INFINITY;
    report(s, db < LEAST_ERROR_DB, t->name, "the impulse gives the response back, %u frames late: error %.1f dBFS",
           latency, db);
}

static void check_silence(session *s, const test_case *t, const nave_run *run)
{
    uint64_t loud = 0;
    for (uint32_t c = 1; c < run->outputs; c++)
        for (uint64_t n = 0; n < run->frames_out; n++)
            loud += run->out[c][n] != 0;
    report(s, loud == 0, t->name, "the silent channel is exactly silent: %" PRIu64 " samples are not zero", loud);
}

static void check_variants(session *s, const test_case *t, const nave_plan *plan, const nave_run *reference,
                           const nave_run_settings *rs)
{
    static const char *const isas[] = {"avx2", "avx512", "neon"};
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        char spec[32], what[64];
        nave_device *dev = NULL;
        nave_run run = {0};
        nave_text why = {""};
        snprintf(spec, sizeof spec, "model:isa=%s", isas[i]);
        if (nave_open(&dev, spec, NULL))
            continue; /* not offered by this computer */
        int err = run_again(&run, reference, spec, dev, plan, rs, &why);
        snprintf(what, sizeof what, "%s, same bits as plain C", spec);
        if (err)
            report(s, 0, t->name, "%s: %s", spec, nave_cli_reason(err, &why));
        else if (run.frames_out != reference->frames_out)
            report(s, 0, t->name, "%s: %" PRIu64 " frames, expected %" PRIu64, spec, run.frames_out,
                   reference->frames_out);
        else
            compare(s, t->name, what, &run, reference, run.frames_out);
        nave_run_free(&run);
        nave_close(dev);
    }
}

static void check_cuts(session *s, const test_case *t, nave_device *dev, const nave_plan *plan, const nave_run *run,
                       const nave_run_settings *rs)
{
    nave_run cut = {0};
    nave_text why = {""};
    nave_run_settings other = *rs;
    other.cut_seed = 1;
    other.live_calls = t->mode == NAVE_LIVE;
    int err = run_again(&cut, run, NULL, dev, plan, &other, &why);
    uint64_t expected = other.live_calls ? run->frames_in : run->frames_out;
    if (err)
        report(s, 0, t->name, "cut into odd blocks: %s", nave_cli_reason(err, &why));
    else if (cut.frames_out != expected)
        report(s, 0, t->name, "cut into odd blocks: %" PRIu64 " frames, expected %" PRIu64, cut.frames_out, expected);
    else
        compare(s, t->name, other.live_calls ? "live calls of odd sizes, same bits so far" : "odd blocks, same bits",
                &cut, run, expected);
    nave_run_free(&cut);
}

/* Not only equal to the model of this build, which could be wrong in the same way, but to what all builds gave. */
static void check_known(session *s, const test_case *t, const nave_run *run)
{
    if (t->known)
        report(s, fingerprint(run) == t->known, t->name, "known bits: %016" PRIx64 ", expected %016" PRIx64,
               fingerprint(run), t->known);
}

static void check_case(session *s, const test_case *t, nave_device *dev, const nave_device_info *info)
{
    nave_ir *ir = NULL;
    nave_plan *plan = NULL;
    nave_plan_report r;
    nave_run reference = {0}, run = {0};
    nave_text why = {""};
    nave_run_settings rs = {t->wet_db, t->dry_db, t->change_frame, 0, 0};
    int err = make_case(t, &ir, &plan, &r, &reference, &info->limits, &why);
    nave_device *plain = NULL;
    if (!err)
        err = nave_open(&plain, "model:isa=c", &why);
    if (!err)
        err = nave_run_stream(&reference, plain, plan, &rs, &why);
    if (!err)
        err = run_again(&run, &reference, NULL, dev, plan, &rs, &why);
    if (err) {
        report(s, 0, t->name, "%s", nave_cli_reason(err, &why));
        goto err_free;
    }
    uint64_t frames = t->input_frames + t->response_frames - 1 + r.latency_frames;
    report(s, run.frames_out == frames, t->name, "%" PRIu64 " frames come out, %" PRIu64 " expected", run.frames_out,
           frames);
    if (run.frames_out == reference.frames_out)
        compare(s, t->name, "same bits as a fresh C model", &run, &reference, run.frames_out);
    check_known(s, t, &run);
    check_cuts(s, t, dev, plan, &run, &rs);
    check_variants(s, t, plan, &reference, &rs);
    if (t->material == IMPULSE)
        check_impulse(s, t, ir, &run, r.latency_frames);
    if (t->material == NOISE_LEFT)
        check_silence(s, t, &run);
err_free:
    nave_close(plain);
    nave_run_free(&run);
    nave_run_free(&reference);
    nave_plan_free(plan);
    nave_ir_free(ir);
}

#define CHECK_RAM_BYTES (1u << 20)

/* What lies under the audio: versions, registers, RAM and the link's speed. */
static void check_card(session *s, nave_device *dev, const nave_device_info *info)
{
    nave_device_check c;
    nave_text why = {""};
    report(s, 1, "versions", "protocol %u, bitstream %u.%u.%u", info->protocol_version, info->card_version >> 16,
           info->card_version >> 8 & 255, info->card_version & 255);
    const int err = nave_device_run_check(dev, CHECK_RAM_BYTES, 0x6e617665, &c, &why);
    if (err) {
        report(s, 0, "registers and RAM", "%s", nave_cli_reason(err, &why));
        return;
    }
    report(s, 1, "registers", "%u patterns kept, a round trip takes %u us", c.registers, c.round_trip_us);
    report(s, 1, "RAM through the link", "%.1f MiB of an LFSR came back; %.1f MB/s there, %.1f MB/s back",
           (double)c.ram_bytes / 1048576, c.write_bytes_per_second * 1e-6, c.read_bytes_per_second * 1e-6);
}

static int run_selftest(nave_cli *cli, nave_cli_args *args)
{
    session s = {.cli = cli, .args = args};
    nave_device *dev = NULL;
    nave_device_info info;
    nave_text why = {""};
    int err = nave_open(&dev, args->device, &why);
    if (!err)
        err = nave_device_get_info(dev, &info);
    if (err) {
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
        nave_close(dev);
        return nave_cli_exit_code(err);
    }
    if (args->json) {
        nave_json_open(&s.json, cli->command);
        nave_json_device(&s.json, "card", &info);
        nave_json_array(&s.json, "checks");
    } else if (!args->quiet) {
        printf("card %s%s%s\n", info.spec, info.isa[0] ? ", computes with " : "", info.isa);
    }
    check_card(&s, dev, &info);
    for (int i = 0; i < CASES && !atomic_load(&cli->interrupted); i++)
        check_case(&s, &cases[i], dev, &info);
    nave_close(dev);
    if (args->json) {
        nave_json_end_array(&s.json);
        nave_json_integer(&s.json, "passed", (uint64_t)s.passed);
        nave_json_integer(&s.json, "failed", (uint64_t)s.failed);
        nave_json_close(&s.json);
    } else if (!args->quiet) {
        printf("%d passed, %d failed\n", s.passed, s.failed);
    }
    if (atomic_load(&cli->interrupted))
        return NAVE_EXIT_INTERRUPTED;
    return s.failed ? NAVE_EXIT_FAILURE : NAVE_EXIT_OK;
}

static const nave_cli_group groups[] = {
    {"Card", nave_cli_device_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {{"nave selftest", "does this computer's SIMD give the bits of plain C?"},
                                            {"nave selftest -d model:board=cynthion", "with the limits of a board"},
                                            {NULL, NULL}};

const nave_cli_command nave_cli_selftest = {
    .name = "selftest",
    .operands = "",
    .summary = "check that a card computes the bits that every card must",
    .description =
        "Opens a card, loads synthetic responses and compares what it renders, live and offline, with a fresh C "
        "model without SIMD, bit by bit; also each SIMD variant that this computer offers. Checks that an "
        "impulse gives the response back at the promised latency and that silence stays silent. Exits with 1 "
        "if a check fails.",
    .groups = groups,
    .examples = examples,
    .run = run_selftest,
};
