/* Options that several subcommands share.
 * SPDX-License-Identifier: ISC */
#include <math.h>
#include <stddef.h>

#include "cli.h"

#define AT(member) offsetof(nave_cli_args, member)
#define END                                                                                                            \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

static const char *const layouts[] = {"auto", "diagonal", "true-stereo", NULL};
static const char *const normalisations[] = {"none", "peak", "energy", "gain", NULL};
static const char *const formats[] = {"auto", "pcm16", "pcm24", "pcm32", "float", NULL};

const nave_cli_option nave_cli_ir_options[] = {
    {.name = "layout", .kind = NAVE_CLI_CHOICE, .value = "LAYOUT", .offset = AT(ir.layout), .choices = layouts,
     .help = "what the channels of the response are. auto: 1 is mono and serves all inputs, 2 is stereo, 4 is true "
             "stereo. diagonal: channel n goes from input n to output n. true-stereo: L>L, L>R, R>L, R>R"},
    {.name = "normalise", .kind = NAVE_CLI_CHOICE, .value = "RULE", .offset = AT(ir.normalise),
     .choices = normalisations,
     .help = "none: samples as in the file. peak: the largest sample becomes 1. energy: white noise keeps its power at "
             "the loudest output. gain: no sine gets louder"},
    {.name = "gain", .kind = NAVE_CLI_DB, .value = "DB", .offset = AT(ir.gain_db), .low = -120, .high = 60,
     .help = "gain of the response, after normalising"},
    {.name = "predelay", .kind = NAVE_CLI_TIME, .value = "TIME", .offset = AT(ir.predelay_s), .low = 0, .high = 10,
     .help = "silence before the response"},
    {.name = "trim-start", .kind = NAVE_CLI_TIME, .value = "TIME", .offset = AT(ir.trim_start_s), .low = 0,
     .high = 3600, .help = "cut this much from the start of the response"},
    {.name = "length", .kind = NAVE_CLI_TIME, .value = "TIME", .offset = AT(ir.length_s), .low = 0, .high = 3600,
     .help = "keep at most this much of the response; 0 keeps all"},
    {.name = "trim-below", .kind = NAVE_CLI_DB, .value = "DB", .offset = AT(ir.trim_below_db), .low = -200, .high = 0,
     .help = "cut the tail that stays below this level, relative to the peak; 0 cuts nothing"},
    {.name = "fade-in", .kind = NAVE_CLI_TIME, .value = "TIME", .offset = AT(ir.fade_in_s), .low = 0, .high = 3600,
     .help = "raised-cosine fade at the start of the response"},
    {.name = "fade-out", .kind = NAVE_CLI_TIME, .value = "TIME", .offset = AT(ir.fade_out_s), .low = 0, .high = 3600,
     .help = "raised-cosine fade at the end of the response"},
    {.name = "reverse", .kind = NAVE_CLI_FLAG, .offset = AT(ir.reverse), .set = 1,
     .help = "play the response backwards"},
    END};

const nave_cli_option nave_cli_plan_options[] = {
    {.name = "offline", .kind = NAVE_CLI_FLAG, .offset = AT(plan.mode), .set = NAVE_OFFLINE,
     .help = "plan for throughput (default): the output is aligned with the input"},
    {.name = "live", .kind = NAVE_CLI_FLAG, .offset = AT(plan.mode), .set = NAVE_LIVE,
     .help = "plan for latency: small partitions first"},
    {.name = "tick", .kind = NAVE_CLI_COUNT, .value = "FRAMES", .offset = AT(plan.tick_frames), .low = 64,
     .high = 8192, .help = "live: frames of one tick, a power of two from 64 to 8192; default 64"},
    {.name = "min-partition", .kind = NAVE_CLI_COUNT, .value = "FRAMES", .offset = AT(plan.min_partition_frames),
     .low = 64, .high = 8192, .help = "smallest partition, a power of two; default: the compiler chooses"},
    {.name = "max-partition", .kind = NAVE_CLI_COUNT, .value = "FRAMES", .offset = AT(plan.max_partition_frames),
     .low = 64, .high = 8192, .help = "largest partition, a power of two; default: the compiler chooses"},
    {.name = "batch", .kind = NAVE_CLI_COUNT, .value = "BLOCKS", .offset = AT(plan.batch), .low = 1, .high = 8,
     .help = "offline: output blocks for one read of the spectra; default: the compiler chooses"},
    END};

const nave_cli_option nave_cli_device_options[] = {
    {.name = "device", .letter = 'd', .kind = NAVE_CLI_DEVICE, .value = "DEV", .offset = AT(device),
     .help = "the card: model: is the C card (default), model:board=cynthion the C card with that board's limits, "
             "model:isa=c without SIMD. nave devices lists what there is"},
    END};

const nave_cli_option nave_cli_general_options[] = {
    {.name = "json", .kind = NAVE_CLI_FLAG, .offset = AT(json), .set = 1,
     .help = "print one JSON object on standard output"},
    {.name = "quiet", .letter = 'q', .kind = NAVE_CLI_FLAG, .offset = AT(quiet), .set = 1,
     .help = "print errors only"},
    {.name = "help", .letter = 'h', .kind = NAVE_CLI_FLAG, .offset = AT(help), .set = 1, .help = "show this help"},
    END};

const nave_cli_option nave_cli_render_options[] = {
    {.name = "output", .letter = 'o', .kind = NAVE_CLI_FILE, .value = "OUT", .offset = AT(output),
     .help = "the output file; a directory (made if OUT ends in /) for several inputs"},
    {.name = "ir", .letter = 'i', .kind = NAVE_CLI_FILE, .value = "IR", .offset = AT(response),
     .help = "the impulse response: a sound file, or a matrix text file"},
    {.name = "wet", .kind = NAVE_CLI_DB, .value = "DB", .offset = AT(wet_db), .low = -INFINITY, .high = 18,
     .help = "level of the reverb; default 0dB"},
    {.name = "dry", .kind = NAVE_CLI_DB, .value = "DB", .offset = AT(dry_db), .low = -INFINITY, .high = 18,
     .help = "level of the input in the output; default -inf: none"},
    {.name = "format", .letter = 'f', .kind = NAVE_CLI_CHOICE, .value = "FORMAT", .offset = AT(format),
     .choices = formats, .help = "samples of the output; auto: as the input"},
    {.name = "no-dither", .kind = NAVE_CLI_FLAG, .offset = AT(dither), .set = 0,
     .help = "round where bits are dropped; default: TPDF dither"},
    {.name = "seed", .kind = NAVE_CLI_SEED, .value = "N", .offset = AT(seed), .help = "of the dither; default 1"},
    {.name = "no-tail", .kind = NAVE_CLI_FLAG, .offset = AT(tail), .set = 0,
     .help = "stop where the input stops; default: render the response to its end"},
    {.name = "no-overwrite", .kind = NAVE_CLI_FLAG, .offset = AT(overwrite), .set = 0,
     .help = "refuse to replace an output that exists"},
    {.name = "no-receipt", .kind = NAVE_CLI_FLAG, .offset = AT(receipt), .set = 0,
     .help = "write no OUT.nave beside the output"},
    {.name = "plot", .kind = NAVE_CLI_FILE, .value = "PNG", .offset = AT(plot),
     .help = "draw input, output and the output's spectrogram; a directory for several inputs"},
    {.name = "linear", .kind = NAVE_CLI_FLAG, .offset = AT(plot_linear), .set = 1,
     .help = "plot: linear frequency axis; default: logarithmic"},
    {.name = "jobs", .letter = 'j', .kind = NAVE_CLI_COUNT, .value = "N", .offset = AT(jobs), .low = 1, .high = 256,
     .help = "files rendered at once; default: one a core"},
    END};
