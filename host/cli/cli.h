/* The program nave: what its subcommands share.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CLI_H
#define NAVE_CLI_H
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include "nave.h"

typedef enum nave_cli_exit {
    NAVE_EXIT_OK = 0,
    NAVE_EXIT_FAILURE = 1,
    NAVE_EXIT_USAGE = 2,
    NAVE_EXIT_FIT = 3,
    NAVE_EXIT_DIFFERENT = 4,
    NAVE_EXIT_INTERRUPTED = 130
} nave_cli_exit;

/* ---- options: one table a subcommand; --help, the man page and the completions are made from the same tables ---- */
typedef enum nave_cli_kind {
    NAVE_CLI_FLAG,   /* int: set to `set` */
    NAVE_CLI_TEXT,   /* const char * */
    NAVE_CLI_FILE,   /* const char *, completed as a file */
    NAVE_CLI_DEVICE, /* const char * */
    NAVE_CLI_TIME,   /* double, seconds */
    NAVE_CLI_DB,     /* double; low == -INFINITY allows -inf */
    NAVE_CLI_COUNT,  /* uint32_t */
    NAVE_CLI_SEED,   /* uint64_t */
    NAVE_CLI_RATE,   /* uint32_t, Hz */
    NAVE_CLI_CHOICE  /* int: index into choices */
} nave_cli_kind;

typedef struct nave_cli_option {
    const char *name; /* NULL ends a table */
    char letter;      /* 0: long form only */
    nave_cli_kind kind;
    const char *value; /* how help names the value; NULL for a flag */
    size_t offset;     /* of the destination in nave_cli_args */
    double low, high;
    const char *const *choices;
    int set;
    const char *help;
} nave_cli_option;

typedef struct nave_cli_group {
    const char *title; /* NULL ends a list of groups */
    const nave_cli_option *options;
} nave_cli_group;

typedef struct nave_cli_example {
    const char *line; /* NULL ends a list */
    const char *what;
} nave_cli_example;

typedef enum nave_cli_document {
    NAVE_CLI_HELP = 0,
    NAVE_CLI_MAN,
    NAVE_CLI_BASH,
    NAVE_CLI_ZSH,
    NAVE_CLI_FISH
} nave_cli_document;

typedef struct nave_cli_args {
    int help, json, quiet;
    const char *device;
    nave_ir_settings ir;
    nave_plan_settings plan;
    const char *board;
    const char *response, *output, *plot, *chain, *preset, *side_chain, *bitstreams, *part;
    int flash, dry_run;
    int plot_linear;
    double wet_db, dry_db;
    int format, dither, tail, overwrite, receipt;
    uint64_t seed;
    uint32_t jobs, repeats;
    double audio_s;
    int document;
    char **operands;
    int operand_count;
} nave_cli_args;

typedef struct nave_cli {
    const char *command;    /* for messages; NULL before one is known */
    atomic_int interrupted; /* a signal asked to stop */
} nave_cli;

typedef struct nave_cli_command {
    const char *name; /* NULL ends the list of commands */
    const char *operands, *summary, *description;
    int min_operands, max_operands; /* max -1: any number */
    const char *operand_pattern;    /* of files for completion, "" any file; NULL: no files */
    const nave_cli_group *groups;
    const nave_cli_example *examples;
    int (*run)(nave_cli *cli, nave_cli_args *args);
} nave_cli_command;

extern const nave_cli_command nave_cli_render, nave_cli_plan, nave_cli_verify, nave_cli_devices, nave_cli_info,
    nave_cli_selftest, nave_cli_monitor, nave_cli_bench, nave_cli_chain, nave_cli_load, nave_cli_help;
/* All commands in the order of the manual, NULL at the end. */
const nave_cli_command *const *nave_cli_commands(void);
const nave_cli_command *nave_cli_find_command(const char *name);
/* The name among all commands that is nearest to a mistyped one, or NULL. */
const char *nave_cli_nearest_command(const char *name);

extern const nave_cli_option nave_cli_ir_options[], nave_cli_plan_options[], nave_cli_device_options[],
    nave_cli_general_options[], nave_cli_render_options[];

void nave_cli_args_default(nave_cli_args *args);
/* Parses argv[1..] by the tables of `command`. NAVE_EXIT_OK, or NAVE_EXIT_USAGE after a message. */
int nave_cli_parse(nave_cli *cli, const nave_cli_command *command, int argc, char **argv, nave_cli_args *args);
/* Reads one value; on failure why names the position of what is wrong. */
int nave_cli_parse_value(const nave_cli_option *option, const char *text, nave_cli_args *args, nave_text *why);
/* Is candidate a likely misspelling's target? Fewer edits are nearer; -1: too far. */
int nave_cli_distance(const char *typed, const char *candidate);
/* The device to open, checks that live and tick agree, copies the rate. NAVE_EXIT_USAGE after a message. */
int nave_cli_check_plan(nave_cli *cli, nave_cli_args *args);

void nave_cli_print_overview(FILE *f);
void nave_cli_print_help(FILE *f, const nave_cli_command *command);
void nave_cli_print_man(FILE *f);
void nave_cli_print_bash(FILE *f);
void nave_cli_print_zsh(FILE *f);
void nave_cli_print_fish(FILE *f);

/* chain.c: the chain that --chain or --preset names; *out NULL: none. NAVE_EXIT_OK or an exit code after a message. */
int nave_cli_open_chain(const nave_cli *cli, const nave_cli_args *args, nave_chain **out);

/* ---- messages ------------------------------------------------------------------------------------------------- */
/* "nave: command: sentence." on stderr. */
void nave_cli_error(const nave_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The exit code for an error of the library. */
int nave_cli_exit_code(int err);
/* The sentence in why, or the library's name of err. */
const char *nave_cli_reason(int err, const nave_text *why);
const char *nave_cli_basename(const char *path);
/* Bytes of the valid UTF-8 sequence at p, or 0: file names may hold any bytes, JSON and plots may not. */
int nave_cli_utf8_length(const unsigned char *p);
/* "1.5 MiB"; buf holds at least 32 bytes. */
const char *nave_cli_bytes(char *buf, uint64_t bytes);
/* "-3.20" or "-inf"; buf holds at least 32 bytes. */
const char *nave_cli_decibels(char *buf, double db);

/* ---- JSON ----------------------------------------------------------------------------------------------------- */
typedef struct nave_json {
    FILE *f;
    int depth;
    int filled[16]; /* whether the object or array at this depth has an element */
} nave_json;
/* key NULL: an element of an array, or the outermost object. */
void nave_json_object(nave_json *j, const char *key);
void nave_json_end_object(nave_json *j);
void nave_json_array(nave_json *j, const char *key);
void nave_json_end_array(nave_json *j);
void nave_json_string(nave_json *j, const char *key, const char *value); /* NULL: null */
void nave_json_number(nave_json *j, const char *key, double value);      /* inf and nan: null */
void nave_json_integer(nave_json *j, const char *key, uint64_t value);
void nave_json_boolean(nave_json *j, const char *key, int value);
/* Starts {"command": ..., "nave": version; nave_json_close ends it and the line. */
void nave_json_open(nave_json *j, const char *command);
void nave_json_close(nave_json *j);
/* "error": {"code": -7, "name": "...", "text": "..."} */
void nave_json_error(nave_json *j, int err, const nave_text *why);
void nave_json_device(nave_json *j, const char *key, const nave_device_info *info);

/* ---- progress ------------------------------------------------------------------------------------------------- */
double nave_cli_now_s(void); /* monotonic */
typedef struct nave_progress_bar nave_progress_bar;
/* Draws on stderr if that is a terminal and quiet is 0; otherwise draws nothing. NULL when out of memory. */
nave_progress_bar *nave_progress_bar_new(const nave_cli *cli, int quiet, int items);
/* How much of the whole an item is (frames of a file, say). Default 1. */
void nave_progress_bar_weight(nave_progress_bar *bar, int item, double weight);
void nave_progress_bar_set(nave_progress_bar *bar, int item, double fraction);
/* Clears the line so that a message can be printed; the next update draws it again. Keeps other threads from drawing
 * until nave_progress_bar_resume. */
void nave_progress_bar_pause(nave_progress_bar *bar);
void nave_progress_bar_resume(nave_progress_bar *bar);
void nave_progress_bar_free(nave_progress_bar *bar);
/* What nave_progress callbacks of the library need. */
typedef struct nave_progress_item {
    nave_cli *cli;
    nave_progress_bar *bar;
    int item;
} nave_progress_item;
int nave_progress_bar_callback(void *user, const nave_progress *p);

/* ---- synthetic material: integers only, so that it is the same everywhere ---------------------------------------- */
/* Uniform noise in -0.5..0.5 from a seed. */
void nave_synth_noise(double *out, uint64_t frames, uint64_t seed);
/* A decaying reverb-like response of `paths` paths; input/output as nave_ir_create takes them. */
int nave_synth_response(nave_ir **out, uint32_t paths, uint32_t inputs, uint32_t outputs, uint64_t frames,
                        uint32_t rate_hz, uint64_t seed, nave_text *why);

/* ---- gains of a chain's bands over time, gathered while it renders; memory does not grow with the file ---------- */
#define NAVE_PLOT_GAIN_COLUMNS 1400
#define NAVE_PLOT_GAIN_CURVES 9 /* a limiter's last */
typedef struct nave_plot_gains {
    uint32_t stage, bands; /* of the first engine that has dynamics */
    int any;
    uint64_t frames_a_column;
    float lowest_db[NAVE_PLOT_GAIN_CURVES][NAVE_PLOT_GAIN_COLUMNS]; /* over the channels; 1000: nothing */
} nave_plot_gains;
void nave_plot_gains_begin(nave_plot_gains *g);
/* As nave_render_settings.meters, user: the gains. */
void nave_plot_gains_take(void *user, const nave_meters *m);

/* ---- plot ----------------------------------------------------------------------------------------------------- */
typedef struct nave_plot_settings {
    const char *input_path, *output_path, *response_path, *png_path;
    int linear_frequency;
    const nave_plot_gains *gains; /* NULL: the render had no dynamics */
} nave_plot_settings;
/* Draws waveform of input and output and the spectrogram of the output. NAVE_OK or a nave_error and why. */
int nave_plot_render(const nave_plot_settings *settings, nave_text *why);

#endif
