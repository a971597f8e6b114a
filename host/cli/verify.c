/* nave verify: renders again what receipts name and compares every sample.
 * SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"

typedef struct verified {
    int err;
    nave_text why;
    nave_verify_result result;
} verified;

static void print_text(const nave_cli *cli, const char *path, const verified *v, int quiet)
{
    const nave_verify_result *r = &v->result;
    if (!v->err && r->identical) {
        if (!quiet)
            printf("%s: identical: %" PRIu64 " samples, plan %.12s\n", path, r->compared_samples, r->render.plan_hash);
        return;
    }
    nave_cli_error(cli, "%s: %s", path, nave_cli_reason(v->err ? v->err : NAVE_E_MISMATCH, &v->why));
    if (v->err == NAVE_E_MISMATCH && r->differing_samples && !quiet)
        printf("%s: different: first at frame %" PRIu64 " (%.6f s), channel %u; %" PRIu64 " of %" PRIu64
               " samples differ\n",
               path, r->first_difference_frame,
               r->render.rate_hz ? (double)r->first_difference_frame / r->render.rate_hz : 0.0,
               r->first_difference_channel + 1, r->differing_samples, r->compared_samples);
}

static void put_json(nave_json *j, const char *path, const verified *v)
{
    const nave_verify_result *r = &v->result;
    nave_json_object(j, NULL);
    nave_json_string(j, "receipt", path);
    nave_json_boolean(j, "identical", !v->err && r->identical);
    if (v->err)
        nave_json_error(j, v->err, &v->why);
    nave_json_integer(j, "compared_samples", r->compared_samples);
    nave_json_integer(j, "differing_samples", r->differing_samples);
    if (r->differing_samples) {
        nave_json_integer(j, "first_difference_frame", r->first_difference_frame);
        nave_json_integer(j, "first_difference_channel", r->first_difference_channel);
    }
    nave_json_string(j, "expected_hash", r->expected_hash);
    nave_json_string(j, "found_hash", r->found_hash);
    nave_json_string(j, "plan_hash", r->render.plan_hash);
    nave_json_number(j, "seconds", r->render.seconds);
    nave_json_end_object(j);
}

static int verify_all(nave_cli *cli, const nave_cli_args *args, nave_device *dev, nave_progress_bar *bar, nave_json *j)
{
    int failed = 0, different = 0;
    for (int i = 0; i < args->operand_count && !atomic_load(&cli->interrupted); i++) {
        verified v = {0};
        nave_progress_item item = {cli, bar, i};
        v.err = nave_verify_receipt(dev, args->operands[i], nave_progress_bar_callback, &item, &v.result, &v.why);
        if (!v.err && !v.result.identical)
            v.err = NAVE_E_MISMATCH;
        nave_progress_bar_set(bar, i, 1);
        nave_progress_bar_pause(bar);
        print_text(cli, args->operands[i], &v, args->quiet || args->json);
        nave_progress_bar_resume(bar);
        if (args->json)
            put_json(j, args->operands[i], &v);
        different += v.err == NAVE_E_MISMATCH;
        failed += v.err && v.err != NAVE_E_MISMATCH;
    }
    if (atomic_load(&cli->interrupted))
        return NAVE_EXIT_INTERRUPTED;
    return different ? NAVE_EXIT_DIFFERENT : failed ? NAVE_EXIT_FAILURE : NAVE_EXIT_OK;
}

static int run_verify(nave_cli *cli, nave_cli_args *args)
{
    nave_device *dev = NULL;
    nave_text why = {""};
    nave_json j;
    int err = nave_open(&dev, args->device ? args->device : "model:", &why);
    if (err) {
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
        return nave_cli_exit_code(err);
    }
    nave_progress_bar *bar = nave_progress_bar_new(cli, args->quiet, args->operand_count);
    if (!bar) {
        nave_cli_error(cli, "the memory is full: close other programs and try again.");
        nave_close(dev);
        return NAVE_EXIT_FAILURE;
    }
    if (args->json) {
        nave_json_open(&j, cli->command);
        nave_json_array(&j, "receipts");
    }
    int code = verify_all(cli, args, dev, bar, &j);
    if (args->json) {
        nave_json_end_array(&j);
        nave_json_boolean(&j, "identical", code == NAVE_EXIT_OK);
        nave_json_close(&j);
    }
    nave_progress_bar_free(bar);
    nave_close(dev);
    return code;
}

static const nave_cli_group groups[] = {
    {"Card", nave_cli_device_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {{"nave verify piano.wav.nave", "is piano.wav still what was signed off?"},
                                            {"nave verify masters/*.nave --json", "a whole archive, for a script"},
                                            {NULL, NULL}};

const nave_cli_command nave_cli_verify = {
    .name = "verify",
    .operands = "RECEIPT...",
    .summary = "render again what a receipt names and compare every sample",
    .description =
        "Reads the receipt that nave render wrote, renders the input again on the C model (or on --device) and "
        "compares with the output file. Says identical, or shows the first sample that differs and exits "
        "with 4. Also tells when the input, the response or the plan is no longer the same.",
    .min_operands = 1,
    .max_operands = -1,
    .operand_pattern = "*.nave",
    .groups = groups,
    .examples = examples,
    .run = run_verify,
};
