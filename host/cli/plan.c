/* nave plan: what a response costs on a board, before anything is rendered.
 * SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <inttypes.h>

#include "cli.h"

static void print_tiers(const nave_plan_report *r)
{
    printf("tiers       %9s %10s %9s %6s\n", "partition", "partitions", "offset", "batch");
    for (uint32_t i = 0; i < r->tiers; i++)
        printf("            %9u %10u %9" PRIu64 " %6u\n", r->tier[i].partition_frames, r->tier[i].partitions,
               r->tier[i].offset_frames, r->tier[i].batch);
}

static void print_text(const nave_plan_report *r, const nave_ir_info *ir, const nave_card_limits *limits,
                       const char *path)
{
    char ram[32], all[32], gain[32];
    printf("plan        %s, %s, for %s\n", r->name, r->mode == NAVE_LIVE ? "live" : "offline", limits->board);
    printf("response    %s: %u path%s, %" PRIu64 " frames, %.3f s at %u Hz", nave_cli_basename(path), ir->paths,
           ir->paths == 1 ? "" : "s", ir->frames, (double)ir->frames / ir->rate_hz, ir->rate_hz);
    if (ir->source_rate_hz != ir->rate_hz)
        printf(" (file: %u Hz)", ir->source_rate_hz);
    printf(", gain %s dB\n", nave_cli_decibels(gain, ir->applied_gain_db));
    printf("channels    %u in, %u out\n", r->inputs, r->outputs);
    if (r->mode == NAVE_LIVE)
        printf("latency     %u samples, %.2f ms (tick %u)\n", r->latency_frames, 1e3 * r->latency_frames / r->rate_hz,
               r->tick_frames);
    else
        printf("latency     0 samples: the output is aligned with the input\n");
    printf("RAM         %s of %s (%.1f %%)\n", nave_cli_bytes(ram, r->ram_bytes),
           nave_cli_bytes(all, limits->ram_bytes), 100.0 * (double)r->ram_bytes / (double)limits->ram_bytes);
    print_tiers(r);
    if (r->budget_tick_cycles) {
        printf("worst tick  %" PRIu64 " of %" PRIu64 " cycles, average %" PRIu64 "\n", r->worst_tick_cycles,
               r->budget_tick_cycles, r->average_tick_cycles);
        printf("load        average %.1f %%, peak %.1f %%\n", 100 * r->load_average, 100 * r->load_peak);
    } else {
        printf("worst tick  %" PRIu64 " cycles, average %" PRIu64 "; no budget: the card is a program\n",
               r->worst_tick_cycles, r->average_tick_cycles);
    }
    if (r->realtime_bound > 0)
        printf("bound       %.1f x real time, by %s\n", r->realtime_bound, r->bound_by);
    printf("hash        %s\n", r->hash);
}

static void print_json(const nave_cli *cli, const nave_plan_report *r, const nave_ir_info *ir,
                       const nave_card_limits *limits, const char *path)
{
    nave_json j;
    nave_json_open(&j, cli->command);
    nave_json_boolean(&j, "fits", 1);
    nave_json_string(&j, "profile", r->name);
    nave_json_string(&j, "hash", r->hash);
    nave_json_string(&j, "mode", r->mode == NAVE_LIVE ? "live" : "offline");
    nave_json_string(&j, "board", limits->board);
    nave_json_object(&j, "response");
    nave_json_string(&j, "path", path);
    nave_json_integer(&j, "inputs", ir->inputs);
    nave_json_integer(&j, "outputs", ir->outputs);
    nave_json_integer(&j, "paths", ir->paths);
    nave_json_integer(&j, "frames", ir->frames);
    nave_json_integer(&j, "rate_hz", ir->rate_hz);
    nave_json_integer(&j, "source_rate_hz", ir->source_rate_hz);
    nave_json_number(&j, "applied_gain_db", ir->applied_gain_db);
    nave_json_string(&j, "hash", ir->hash);
    nave_json_end_object(&j);
    nave_json_integer(&j, "inputs", r->inputs);
    nave_json_integer(&j, "outputs", r->outputs);
    nave_json_integer(&j, "rate_hz", r->rate_hz);
    nave_json_integer(&j, "tick_frames", r->tick_frames);
    nave_json_integer(&j, "latency_frames", r->latency_frames);
    nave_json_number(&j, "latency_ms", 1e3 * r->latency_frames / r->rate_hz);
    nave_json_integer(&j, "ram_bytes", r->ram_bytes);
    nave_json_integer(&j, "board_ram_bytes", limits->ram_bytes);
    nave_json_array(&j, "tiers");
    for (uint32_t i = 0; i < r->tiers; i++) {
        nave_json_object(&j, NULL);
        nave_json_integer(&j, "partition_frames", r->tier[i].partition_frames);
        nave_json_integer(&j, "partitions", r->tier[i].partitions);
        nave_json_integer(&j, "batch", r->tier[i].batch);
        nave_json_integer(&j, "offset_frames", r->tier[i].offset_frames);
        nave_json_end_object(&j);
    }
    nave_json_end_array(&j);
    nave_json_integer(&j, "worst_tick_cycles", r->worst_tick_cycles);
    nave_json_integer(&j, "average_tick_cycles", r->average_tick_cycles);
    nave_json_integer(&j, "budget_tick_cycles", r->budget_tick_cycles);
    nave_json_number(&j, "load_average", r->load_average);
    nave_json_number(&j, "load_peak", r->load_peak);
    nave_json_number(&j, "realtime_bound", r->realtime_bound);
    nave_json_string(&j, "bound_by", r->bound_by);
    nave_json_close(&j);
}

static int refuse(const nave_cli *cli, const nave_cli_args *args, int err, const nave_text *why)
{
    if (args->json) {
        nave_json j;
        nave_json_open(&j, cli->command);
        if (err == NAVE_E_FIT)
            nave_json_boolean(&j, "fits", 0);
        nave_json_error(&j, err, why);
        nave_json_close(&j);
    }
    nave_cli_error(cli, "%s", nave_cli_reason(err, why));
    return nave_cli_exit_code(err);
}

static int run_plan(nave_cli *cli, nave_cli_args *args)
{
    nave_card_limits limits;
    nave_ir *ir = NULL;
    nave_ir_info info;
    nave_plan *plan = NULL;
    nave_plan_report report;
    nave_text why = {""};
    const char *board = args->board ? args->board : "model";
    int code = nave_cli_check_plan(cli, args);
    if (code)
        return code;
    if (nave_board_limits(board, &limits)) {
        nave_cli_error(cli, "there is no board '%s': model, cynthion and ulx3s are known.", board);
        return NAVE_EXIT_USAGE;
    }
    args->ir.rate_hz = args->plan.rate_hz;
    int err = nave_ir_load(&ir, args->operands[0], &args->ir, &why);
    if (!err)
        err = nave_ir_get_info(ir, &info);
    if (!err)
        err = nave_plan_compile(&plan, ir, &args->plan, &limits, &why);
    if (!err)
        err = nave_plan_get_report(plan, &report);
    if (err)
        code = refuse(cli, args, err, &why);
    else if (args->json)
        print_json(cli, &report, &info, &limits, args->operands[0]);
    else if (!args->quiet)
        print_text(&report, &info, &limits, args->operands[0]);
    nave_plan_free(plan);
    nave_ir_free(ir);
    return code;
}

static const nave_cli_option board_options[] = {
    {.name = "board",
     .letter = 'b',
     .kind = NAVE_CLI_TEXT,
     .value = "BOARD",
     .offset = offsetof(nave_cli_args, board),
     .help = "plan for this board: model (default), cynthion or ulx3s; no card is needed"},
    {.name = "rate",
     .letter = 'r',
     .kind = NAVE_CLI_RATE,
     .value = "HZ",
     .offset = offsetof(nave_cli_args, plan.rate_hz),
     .low = 8000,
     .high = 384000,
     .help = "the session's rate, such as 48000 or 44.1kHz; default: the response's"},
    {.name = "channels",
     .letter = 'c',
     .kind = NAVE_CLI_COUNT,
     .value = "N",
     .offset = offsetof(nave_cli_args, plan.channels),
     .low = 1,
     .high = NAVE_MAX_CHANNELS,
     .help = "channels of the session; default: as many as the response has inputs"},
    {.name = NULL}};

static const nave_cli_group groups[] = {{"Session", board_options},
                                        {"Plan", nave_cli_plan_options},
                                        {"Response", nave_cli_ir_options},
                                        {"General", nave_cli_general_options},
                                        {NULL, NULL}};

static const nave_cli_example examples[] = {
    {"nave plan /usr/share/gx_head/sounds/greathall.wav --live --tick 64 --rate 48k",
     "latency and load of a hall in a session at 48 kHz"},
    {"nave plan hall.wav --board cynthion --channels 2 --live", "does it fit the small board?"},
    {"nave plan hall.wav --json | jq .latency_ms", "for a script"},
    {NULL, NULL}};

const nave_cli_command nave_cli_plan = {
    .name = "plan",
    .operands = "IR",
    .summary = "show what a response costs on a board, before anything is rendered",
    .description =
        "Compiles an impulse response to a plan and shows its latency, RAM, the cycles of its worst tick and "
        "its load, all known before the card starts. A plan that doesn't fit is refused with the reason and "
        "the nearest one that would; the exit code is then 3.",
    .min_operands = 1,
    .max_operands = 1,
    .operand_pattern = "",
    .groups = groups,
    .examples = examples,
    .run = run_plan,
};
