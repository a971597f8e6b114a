/* nave chain: chains of equaliser, dynamics, reverb and limiter: are they right, what do they cost, which are there.
 * SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"

static int open_preset(const nave_cli *cli, const char *name, nave_chain **out)
{
    const char *text, *at, *nearest = NULL;
    int least = 1 << 20;
    nave_text why = {""};
    for (size_t i = 0; (at = nave_chain_preset(i, NULL, &text)); i++) {
        const int d = nave_cli_distance(name, at);
        if (d == 0) {
            const int err = nave_chain_parse(out, at, text, strlen(text), &why);
            if (err)
                nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
            return nave_cli_exit_code(err);
        }
        if (d > 0 && d < least) {
            least = d;
            nearest = at;
        }
    }
    if (nearest)
        nave_cli_error(cli, "there is no preset '%s': did you mean '%s'?", name, nearest);
    else
        nave_cli_error(cli, "there is no preset '%s': nave chain presets lists them.", name);
    return NAVE_EXIT_USAGE;
}

int nave_cli_open_chain(const nave_cli *cli, const nave_cli_args *args, nave_chain **out)
{
    nave_text why = {""};
    *out = NULL;
    if (args->chain && args->preset) {
        nave_cli_error(cli, "--chain and --preset are two chains: leave one away.");
        return NAVE_EXIT_USAGE;
    }
    if (args->preset)
        return open_preset(cli, args->preset, out);
    if (!args->chain)
        return NAVE_EXIT_OK;
    const int err = nave_chain_load(out, args->chain, &why);
    if (err)
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
    return nave_cli_exit_code(err);
}

static int list_presets(const nave_cli *cli, const nave_cli_args *args)
{
    const char *name, *what;
    nave_json j;
    if (args->json) {
        nave_json_open(&j, cli->command);
        nave_json_array(&j, "presets");
    }
    for (size_t i = 0; (name = nave_chain_preset(i, &what, NULL)); i++) {
        if (args->json) {
            nave_json_object(&j, NULL);
            nave_json_string(&j, "name", name);
            nave_json_string(&j, "what", what);
            nave_json_end_object(&j);
        } else {
            printf("%-18s %s\n", name, what);
        }
    }
    if (args->json) {
        nave_json_end_array(&j);
        nave_json_close(&j);
    }
    return NAVE_EXIT_OK;
}

static void print_text(const nave_chain_report *r, const nave_chain_session *s, const nave_card_limits *limits)
{
    char ram[32];
    printf("chain       %.16s, %u stage%s, %u lane%s of automation\n", r->hash, r->stages, r->stages == 1 ? "" : "s",
           r->lanes, r->lanes == 1 ? "" : "s");
    printf("session     %u channel%s at %u Hz on %s, %u out\n", s->channels, s->channels == 1 ? "" : "s", s->rate_hz,
           limits->board, r->outputs);
    for (uint32_t i = 0; i < r->stages; i++) {
        printf("stage %-5u %-34s latency %5u frames, %s RAM", i + 1, r->stage[i].name, r->stage[i].latency_frames,
               nave_cli_bytes(ram, r->stage[i].ram_bytes));
        if (r->stage[i].bands)
            printf(", %u band%s, %.0f multiplies a frame", r->stage[i].bands, r->stage[i].bands == 1 ? "" : "s",
                   r->stage[i].multiplies_per_frame);
        else if (r->stage[i].load > 0)
            printf(", load %.1f %%", 100 * r->stage[i].load);
        putchar('\n');
    }
    printf("latency     %u frames, %.2f ms%s\n", r->latency_frames, 1e3 * r->latency_frames / s->rate_hz,
           s->plan.mode == NAVE_LIVE ? "" : "; taken out of files");
}

static void print_json(const nave_cli *cli, const nave_chain_report *r, const nave_chain_session *s)
{
    nave_json j;
    nave_json_open(&j, cli->command);
    nave_json_boolean(&j, "good", 1);
    nave_json_string(&j, "hash", r->hash);
    nave_json_integer(&j, "rate_hz", s->rate_hz);
    nave_json_integer(&j, "inputs", s->channels);
    nave_json_integer(&j, "outputs", r->outputs);
    nave_json_integer(&j, "latency_frames", r->latency_frames);
    nave_json_integer(&j, "ram_bytes", r->ram_bytes);
    nave_json_integer(&j, "lanes", r->lanes);
    nave_json_array(&j, "stages");
    for (uint32_t i = 0; i < r->stages; i++) {
        nave_json_object(&j, NULL);
        nave_json_string(&j, "name", r->stage[i].name);
        nave_json_integer(&j, "inputs", r->stage[i].inputs);
        nave_json_integer(&j, "outputs", r->stage[i].outputs);
        nave_json_integer(&j, "latency_frames", r->stage[i].latency_frames);
        nave_json_integer(&j, "bands", r->stage[i].bands);
        nave_json_integer(&j, "ram_bytes", r->stage[i].ram_bytes);
        nave_json_number(&j, "load", r->stage[i].load);
        nave_json_number(&j, "multiplies_per_frame", r->stage[i].multiplies_per_frame);
        nave_json_end_object(&j);
    }
    nave_json_end_array(&j);
    nave_json_close(&j);
}

static int check(nave_cli *cli, nave_cli_args *args, nave_chain *chain)
{
    nave_chain_session s;
    nave_chain_report report;
    nave_card_limits limits;
    nave_text why = {""};
    if (nave_board_limits(args->board ? args->board : "model", &limits)) {
        nave_cli_error(cli, "there is no board '%s': model, cynthion and ulx3s are known.", args->board);
        return NAVE_EXIT_USAGE;
    }
    nave_chain_session_default(&s);
    s.rate_hz = args->plan.rate_hz ? args->plan.rate_hz : 48000;
    s.channels = args->plan.channels ? args->plan.channels : 2;
    s.side_chain = s.channels <= 2; /* the file is not at hand: it may be given */
    s.plan = args->plan;
    int err = args->response ? nave_chain_set_response(chain, args->response, &why) : NAVE_OK;
    if (!err)
        err = nave_chain_describe(chain, &s, &limits, &report, &why);
    if (err) {
        nave_cli_error(cli, "%s", nave_cli_reason(err, &why));
        return nave_cli_exit_code(err);
    }
    if (args->json)
        print_json(cli, &report, &s);
    else if (!args->quiet)
        print_text(&report, &s, &limits);
    return NAVE_EXIT_OK;
}

static int run_chain(nave_cli *cli, nave_cli_args *args)
{
    static const char *const verbs[] = {"check", "show", "presets", NULL};
    nave_chain *chain = NULL;
    const char *verb = args->operands[0];
    int which = 0;
    while (verbs[which] && strcmp(verbs[which], verb))
        which++;
    if (!verbs[which]) {
        int near = 0;
        for (int i = 1; i < 3; i++)
            if (nave_cli_distance(verb, verbs[i]) >= 0)
                near = i;
        nave_cli_error(cli, "'%s' is not check, show or presets: did you mean 'nave chain %s'?", verb, verbs[near]);
        return NAVE_EXIT_USAGE;
    }
    if (which == 2) {
        if (args->operand_count > 1) {
            nave_cli_error(cli, "presets takes no file: nave chain show --preset NAME shows one.");
            return NAVE_EXIT_USAGE;
        }
        return list_presets(cli, args);
    }
    if (args->operand_count == 2)
        args->chain = args->operands[1];
    if (!args->chain && !args->preset) {
        nave_cli_error(cli, "FILE is missing: nave chain %s FILE, or --preset NAME.", verb);
        return NAVE_EXIT_USAGE;
    }
    int code = nave_cli_check_plan(cli, args);
    if (!code)
        code = nave_cli_open_chain(cli, args, &chain);
    if (!code && which == 1)
        fputs(nave_chain_text(chain, NULL), stdout);
    else if (!code)
        code = check(cli, args, chain);
    nave_chain_free(chain);
    return code;
}

static const nave_cli_option chain_options[] = {{.name = "preset",
                                                 .kind = NAVE_CLI_TEXT,
                                                 .value = "NAME",
                                                 .offset = offsetof(nave_cli_args, preset),
                                                 .help = "a chain that nave has, instead of FILE"},
                                                {.name = "ir",
                                                 .letter = 'i',
                                                 .kind = NAVE_CLI_FILE,
                                                 .value = "IR",
                                                 .offset = offsetof(nave_cli_args, response),
                                                 .help = "the response of a [reverb] that names none"},
                                                {.name = "board",
                                                 .letter = 'b',
                                                 .kind = NAVE_CLI_TEXT,
                                                 .value = "BOARD",
                                                 .offset = offsetof(nave_cli_args, board),
                                                 .help = "check for this board: model (default), cynthion or ulx3s"},
                                                {.name = "rate",
                                                 .letter = 'r',
                                                 .kind = NAVE_CLI_RATE,
                                                 .value = "HZ",
                                                 .offset = offsetof(nave_cli_args, plan.rate_hz),
                                                 .low = 8000,
                                                 .high = 384000,
                                                 .help = "the session's rate; default 48000"},
                                                {.name = "channels",
                                                 .letter = 'c',
                                                 .kind = NAVE_CLI_COUNT,
                                                 .value = "N",
                                                 .offset = offsetof(nave_cli_args, plan.channels),
                                                 .low = 1,
                                                 .high = NAVE_MAX_CHANNELS,
                                                 .help = "channels of the session; default 2"},
                                                {.name = NULL}};

static const nave_cli_group groups[] = {
    {"Chain", chain_options}, {"Plan", nave_cli_plan_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {
    {"nave chain presets", "what is there"},
    {"nave chain show --preset vocal >my-vocal.chain", "a preset as a file to start from"},
    {"nave chain check my-vocal.chain --live --tick 64", "is it right, and how late is it live?"},
    {"nave render voice.wav -o out.wav --chain my-vocal.chain --plot out.png", "and through it"},
    {NULL, NULL}};

const nave_cli_command nave_cli_chain = {
    .name = "chain",
    .operands = "check|show|presets [FILE]",
    .summary = "check and show chains of equaliser, dynamics, reverb and limiter",
    .description = "check reads a chain file, names what is wrong by line and column, and prints stages, latency and "
                   "cost. show prints it as nave understands it, or a preset as a file to start from. presets lists "
                   "the chains that nave has.",
    .min_operands = 1,
    .max_operands = 2,
    .operand_pattern = "",
    .groups = groups,
    .examples = examples,
    .run = run_chain,
};
