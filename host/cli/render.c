/* nave render: files through an impulse response.
 * SPDX-License-Identifier: ISC */
#include "jobs.h"

static int check_arguments(const nave_cli *cli, nave_cli_args *args)
{
    const int has_chain = args->chain || args->preset;
    const char *missing = !args->output ? "-o OUT" : !args->response && !has_chain ? "--ir IR" : NULL;
    if (missing) {
        nave_cli_error(cli, "%s is missing: nave render IN -o OUT --ir IR, or --chain FILE.", missing);
        return NAVE_EXIT_USAGE;
    }
    if (args->side_chain && !has_chain) {
        nave_cli_error(cli, "--side-chain is for chains: add --chain FILE.");
        return NAVE_EXIT_USAGE;
    }
    nave_cli_args plain;
    nave_cli_args_default(&plain);
    if (has_chain && (args->wet_db != plain.wet_db || args->dry_db != plain.dry_db)) {
        nave_cli_error(cli, "--wet and --dry are for renders without a chain: write send and dry in its [reverb].");
        return NAVE_EXIT_USAGE;
    }
    if (args->plot_linear && !args->plot) {
        nave_cli_error(cli, "--linear is for plots: add --plot PNG, or leave --linear away.");
        return NAVE_EXIT_USAGE;
    }
    return NAVE_EXIT_OK;
}

/* A bad response fails once, not once a file, and before a directory is made. */
static int check_response(const nave_cli *cli, const nave_cli_args *args)
{
    nave_ir *ir = NULL;
    nave_text why = {""};
    if (args->chain || args->preset)
        return NAVE_EXIT_OK;
    int err = nave_ir_load(&ir, args->response, &args->ir, &why);
    nave_ir_free(ir);
    if (err)
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
    return nave_cli_exit_code(err);
}

static void plot_all(nave_cli *cli, const nave_cli_args *args, nave_cli_job *jobs, int count)
{
    for (int i = 0; i < count && args->plot && !atomic_load(&cli->interrupted); i++) {
        if (!jobs[i].begun || jobs[i].err)
            continue;
        nave_plot_settings p = {.input_path = jobs[i].input,
                                .output_path = jobs[i].output,
                                .response_path = args->chain    ? args->chain
                                                 : args->preset ? args->preset
                                                                : args->response,
                                .gains = jobs[i].gains,
                                .png_path = jobs[i].plot,
                                .linear_frequency = args->plot_linear};
        jobs[i].err = nave_plot_render(&p, &jobs[i].why);
        if (jobs[i].err)
            nave_cli_error(cli, "the plot of %s: %s", jobs[i].output, nave_cli_reason(jobs[i].err, &jobs[i].why));
    }
}

static void put_json(nave_json *j, const nave_cli_job *job)
{
    const nave_render_result *r = &job->result;
    nave_json_object(j, NULL);
    nave_json_string(j, "input", job->input);
    nave_json_string(j, "output", job->output);
    nave_json_boolean(j, "ok", job->begun && !job->err);
    if (job->err || !job->begun) {
        nave_json_error(j, job->begun ? job->err : NAVE_E_CANCELLED, &job->why);
        nave_json_end_object(j);
        return;
    }
    nave_json_string(j, "receipt", r->receipt_path[0] ? r->receipt_path : NULL);
    nave_json_string(j, "plot", job->plot);
    nave_json_integer(j, "frames_in", r->frames_in);
    nave_json_integer(j, "frames_out", r->frames_out);
    nave_json_integer(j, "channels", r->channels);
    nave_json_integer(j, "rate_hz", r->rate_hz);
    nave_json_number(j, "seconds", r->seconds);
    nave_json_number(j, "realtime", r->realtime);
    nave_json_number(j, "peak_dbfs", r->peak_dbfs);
    nave_json_number(j, "true_peak_dbtp", r->true_peak_dbtp);
    nave_json_number(j, "loudness_lufs", r->loudness_lufs);
    nave_json_number(j, "error_rms_dbfs", r->error_rms_dbfs);
    nave_json_integer(j, "clipped_samples", r->clipped_samples);
    nave_json_integer(j, "card_losses", r->recoveries);
    nave_json_boolean(j, "model_took_over", r->took_over);
    nave_json_string(j, "input_hash", r->input_hash);
    nave_json_string(j, "output_hash", r->output_hash);
    nave_json_string(j, "plan_hash", r->plan_hash);
    nave_json_string(j, "ir_hash", r->ir_hash);
    nave_json_string(j, "chain_hash", r->chain_hash[0] ? r->chain_hash : NULL);
    nave_json_end_object(j);
}

/* The code that all failures share, else 1. */
static int summarise(const nave_cli *cli, const nave_cli_args *args, const nave_cli_job *jobs, int count)
{
    int code = NAVE_EXIT_OK, failed = 0, done = 0;
    for (int i = 0; i < count; i++) {
        done += jobs[i].begun && !jobs[i].err;
        if (!jobs[i].err || jobs[i].err == NAVE_E_CANCELLED)
            continue;
        int this_code = nave_cli_exit_code(jobs[i].err);
        code = failed == 0 || code == this_code ? this_code : NAVE_EXIT_FAILURE;
        failed++;
    }
    if (args->json) {
        nave_json j;
        nave_json_open(&j, cli->command);
        nave_json_string(&j, "response", args->response);
        nave_json_string(&j, "chain", args->chain ? args->chain : args->preset);
        nave_json_integer(&j, "done", (uint64_t)done);
        nave_json_integer(&j, "failed", (uint64_t)(count - done));
        nave_json_array(&j, "files");
        for (int i = 0; i < count; i++)
            put_json(&j, &jobs[i]);
        nave_json_end_array(&j);
        nave_json_close(&j);
    }
    if (atomic_load(&cli->interrupted) && done < count) {
        nave_cli_error(cli, "interrupted: %d of %d files are complete, no half file was left.", done, count);
        return NAVE_EXIT_INTERRUPTED;
    }
    if (failed && count > 1)
        nave_cli_error(cli, "%d of %d files failed.", failed, count);
    return code;
}

static int run_render(nave_cli *cli, nave_cli_args *args)
{
    nave_device *dev = NULL;
    nave_cli_job *jobs = NULL;
    nave_chain *chain = NULL;
    nave_text why = {""};
    int count = args->operand_count;
    int code = check_arguments(cli, args);
    if (!code)
        code = nave_cli_check_plan(cli, args);
    if (!code)
        code = nave_cli_open_chain(cli, args, &chain);
    if (code)
        return code;
    int err = nave_open(&dev, args->device, &why);
    if (err) {
        nave_chain_free(chain);
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
        return nave_cli_exit_code(err);
    }
    code = check_response(cli, args);
    if (!code)
        code = nave_cli_jobs_new(cli, args, &jobs);
    if (!code)
        code = nave_cli_jobs_run(cli, args, dev, chain, jobs, count);
    nave_close(dev);
    nave_chain_free(chain);
    if (!code) {
        plot_all(cli, args, jobs, count);
        code = summarise(cli, args, jobs, count);
    }
    nave_cli_jobs_free(jobs, count);
    return code;
}

static const nave_cli_group groups[] = {{"Render", nave_cli_render_options},   {"Response", nave_cli_ir_options},
                                        {"Plan", nave_cli_plan_options},       {"Card", nave_cli_device_options},
                                        {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {
    {"nave render /usr/share/sonic-pi/samples/ambi_piano.flac -o piano.wav \\\n"
     "--ir /usr/share/gx_head/sounds/greathall.wav --normalise energy --wet -15dB --dry -3dB",
     "a piano in a hall: the room 12 dB below the piano"},
    {"nave render *.wav -o wet/ --ir hall.wav --wet -12dB --dry 0dB --plot wet/",
     "a folder of files, with a plot beside each"},
    {"nave render voice.wav -o voice24.wav -f pcm24 --ir plate.wav \\\n"
     "--predelay 20ms --length 1.5s --fade-out 200ms",
     "a shortened response, 24 bits"},
    {"nave render mix.wav -o master.wav --preset mastering-gentle --plot master.png",
     "a master, and a picture of what each band was turned down"},
    {"nave render mix.wav -o master.wav --chain master.chain", "a chain of your own; nave chain --help"},
    {"nave verify piano.wav.nave", "is it still the same, sample by sample?"},
    {NULL, NULL}};

const nave_cli_command nave_cli_render = {
    .name = "render",
    .operands = "IN... -o OUT [--ir IR] [--chain FILE]",
    .summary = "render files through an impulse response or a chain",
    .description =
        "Renders sound files through an impulse response, or a chain of equaliser, dynamics, reverb and limiter, on a "
        "card, by default the C card, which gives the same bits "
        "as "
        "every other. The response is converted to the rate of each file. The output appears under its name only when "
        "it is complete, with a receipt OUT.nave beside it that nave verify can check. Several files are rendered at "
        "once; one that fails doesn't stop the others.\n\n"
        "A time needs its unit: 20ms, 1.5s. A level is in dB: -3 or -3dB, and -inf for --wet and --dry.",
    .min_operands = 1,
    .max_operands = -1,
    .operand_pattern = "",
    .groups = groups,
    .examples = examples,
    .run = run_render,
};
