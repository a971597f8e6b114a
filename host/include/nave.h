/* nave: an open DSP coprocessor for audio. Public interface of the host library.
 *
 * Words: a frame is one sample of each channel. Audio inside the card is Q4.28 (1.0 = 0 dBFS = 1 << 28).
 * Ownership: what a function hands out through a `nave_x **` is freed by the matching nave_x_free / nave_x_close.
 * Errors: every function that can fail returns NAVE_OK or a negative nave_error; those that take a
 * `nave_text *why` also write one sentence that names the fault and its fix (why may be NULL).
 * Threads: no global state; one object is used by one thread at a time, different objects by different threads.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_H
#define NAVE_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define NAVE_VERSION_MAJOR 0
#define NAVE_VERSION_MINOR 1
#define NAVE_VERSION_PATCH 0
#define NAVE_MAX_CHANNELS 16

typedef enum nave_error {
    NAVE_OK = 0,
    NAVE_E_ARG = -1,       /* an argument or a setting is outside its range */
    NAVE_E_NOMEM = -2,     /* the host is out of memory */
    NAVE_E_IO = -3,        /* a file can't be opened, read or written */
    NAVE_E_FORMAT = -4,    /* a file is not what it should be: truncated, corrupt, NaN samples */
    NAVE_E_RATE = -5,      /* sample rates do not match and conversion was not allowed */
    NAVE_E_CHANNELS = -6,  /* channel counts do not match */
    NAVE_E_FIT = -7,       /* the plan does not fit the card */
    NAVE_E_DEVICE = -8,    /* no such device */
    NAVE_E_PROTOCOL = -9,  /* the card answered what the protocol does not allow */
    NAVE_E_VERSION = -10,  /* versions of library, card, plan or receipt do not match */
    NAVE_E_BUSY = -11,     /* the device or all of its contexts are in use */
    NAVE_E_LOST = -12,     /* the card went away */
    NAVE_E_AGAIN = -13,    /* nothing could be done now: read or write first */
    NAVE_E_TIMEOUT = -14,  /* the card did not answer in time */
    NAVE_E_MISMATCH = -15, /* verification found a difference */
    NAVE_E_STATE = -16,    /* the call does not fit the object's state */
    NAVE_E_CANCELLED = -17 /* the progress callback asked to stop */
} nave_error;

typedef struct nave_text {
    char text[512];
} nave_text;

/* A short English name of an error; never NULL, static. */
const char *nave_strerror(int err);
/* "0.1.0"; static. */
const char *nave_version(void);

/* ---- devices ------------------------------------------------------------------------------------------------ */
typedef struct nave_device nave_device;

typedef struct nave_card_limits {
    char board[24];     /* "model", "cynthion", "ulx3s" */
    uint64_t ram_bytes; /* RAM for plans, spectra and rings of all contexts */
    uint32_t clock_hz;  /* core clock; 0: the card is a program and has no tick budget */
    uint32_t lanes;     /* complex multiply-accumulate lanes */
    uint32_t max_partition_frames;
    uint32_t ram_bytes_per_second; /* burst bandwidth; 0: not a bound */
    uint32_t usb_bytes_per_second; /* 0: not a bound */
    uint32_t contexts;
    uint32_t max_plan_words; /* of one plan */
} nave_card_limits;

typedef struct nave_device_info {
    char spec[64]; /* what nave_open takes, such as "model:" */
    char name[64];
    char serial[32];
    char isa[16]; /* what the C card computes with: "c", "avx2", "avx512", "neon"; empty for others */
    uint32_t protocol_version;
    uint32_t card_version;
    nave_card_limits limits;
} nave_device_info;

/* Fills at most `cap` entries and sets *count to how many there are. out may be NULL if cap is 0. */
int nave_list_devices(nave_device_info *out, size_t cap, size_t *count);
/* spec: NULL or "" takes the default; "model:" the C card; "model:board=cynthion" the C card with that board's
 * RAM and lanes; "model:isa=c" masks its SIMD (c, avx2, avx512, neon); "usb:" the card on USB, "usb:serial=NUMBER" the
 * one with that number, "usb:wait=SECONDS" also waits until it is there and free, "usb:patience=SECONDS" lets a
 * simulated card take its time. Options are separated by commas. A card serves one program at a time: NAVE_E_BUSY names
 * who holds it. A card that is unplugged makes calls return NAVE_E_LOST within 250 ms. */
int nave_open(nave_device **out, const char *spec, nave_text *why);
void nave_close(nave_device *dev);
int nave_device_get_info(const nave_device *dev, nave_device_info *out);
/* A lost card again, found by its serial number; waits for it at most wait_s. Its live streams run on from where they
 * were, with silence before that, and fade in; other streams and chains, live ones too, say NAVE_E_LOST and are to be
 * closed and opened again. NAVE_E_STATE if the card is not lost. */
int nave_device_reopen(nave_device *dev, double wait_s, nave_text *why);

typedef struct nave_device_check {
    uint64_t ram_bytes;                                   /* written, read back and compared */
    double write_bytes_per_second, read_bytes_per_second; /* of RAM over the link */
    uint32_t registers;                                   /* patterns that the scratch register kept */
    uint32_t round_trip_us;                               /* of a register read, the least of many */
} nave_device_check;
/* Registers, and a pattern from `seed` through at most ram_bytes of the card's RAM. No stream may be open on dev
 * (NAVE_E_STATE). NAVE_E_MISMATCH: why says what came back wrong. */
int nave_device_run_check(nave_device *dev, uint64_t ram_bytes, uint32_t seed, nave_device_check *out, nave_text *why);

typedef struct nave_activity {
    uint32_t pid; /* of the program that holds the card; 0: none, and what follows but the USB counters is 0 */
    char program[28];
    uint64_t bytes_out, bytes_in, frames_out, frames_in, skipped_words, reopened;
    struct {
        uint32_t used, rate_hz, inputs, outputs, load_permille; /* load: predicted for the plan */
        uint32_t peak_q28[NAVE_MAX_CHANNELS];                   /* of the output, falling by 1/8 a block */
        uint64_t frames_in, frames_out, clipped_samples;
    } context[8];
    uint32_t usb_counter[8]; /* bad packets, missing handshakes, repeated packets, bus resets, suspends, overlong,
                              * ragged and aborted packets; each stays at 65535 */
} nave_activity;
/* What goes on at a card, whoever holds it. NAVE_E_DEVICE for a kind of card that has no such thing. */
int nave_look(const char *spec, nave_activity *out, nave_text *why);
/* Limits of a board by name, for planning without a card: "model", "cynthion", "ulx3s". NAVE_E_ARG if unknown. */
int nave_board_limits(const char *board, nave_card_limits *out);

/* ---- impulse responses --------------------------------------------------------------------------------------- */
typedef struct nave_ir nave_ir;

typedef enum nave_normalise {
    NAVE_NORMALISE_NONE = 0, /* samples as they are in the file (full scale = 1.0) */
    NAVE_NORMALISE_PEAK = 1, /* the largest |sample| over all paths becomes 1.0 */
    NAVE_NORMALISE_ENERGY =
        2, /* the loudest output's sum over inputs and time of h^2 becomes 1: white noise keeps its power */
    NAVE_NORMALISE_GAIN = 3 /* the largest magnitude response over all paths becomes 1.0: no sine gets louder */
} nave_normalise;

typedef enum nave_layout {
    NAVE_LAYOUT_AUTO = 0,       /* 1 channel: mono; 2: stereo; 4: true stereo; others: one path a channel */
    NAVE_LAYOUT_DIAGONAL = 1,   /* channel n of the file goes from input n to output n; 1 channel serves all inputs */
    NAVE_LAYOUT_TRUE_STEREO = 2 /* 4 channels: L>L, L>R, R>L, R>R */
} nave_layout;

typedef struct nave_ir_settings {
    uint32_t rate_hz; /* the session's rate; 0: the file's own */
    nave_layout layout;
    nave_normalise normalise;
    double gain_db;       /* after normalisation, -120..60 */
    double predelay_s;    /* silence put before the response, 0..10 */
    double trim_start_s;  /* cut from the start, before the rest, >= 0 */
    double length_s;      /* keep at most this much after trim_start_s; 0: all */
    double trim_below_db; /* cut the tail that stays below this level relative to the peak, -200..0; 0: no cut */
    double fade_in_s, fade_out_s; /* raised cosine over the kept part, >= 0 */
    int reverse;                  /* 1: played backwards, before the fades */
} nave_ir_settings;

typedef struct nave_ir_info {
    uint32_t inputs, outputs, paths, rate_hz; /* inputs 0: one path, used for each channel of the session */
    uint32_t source_rate_hz;
    uint64_t frames;        /* length after all edits */
    double applied_gain_db; /* normalisation and gain_db together */
    char hash[65];          /* SHA-256 of the edited samples (doubles, little endian) and the routing, hex */
} nave_ir_info;

void nave_ir_settings_default(nave_ir_settings *out);
/* path: any format of libsndfile, or a matrix text file (see host/lib/README.md). Resampled with libsoxr to rate_hz
 * with its frequency response kept, that is scaled by source_rate/rate_hz. */
int nave_ir_load(nave_ir **out, const char *path, const nave_ir_settings *settings, nave_text *why);
/* Builds a response from memory: `paths` paths of `frames` samples each, samples[p][n]; path p goes from input[p]
 * to output[p]. input == output == NULL with paths == 1: used for each channel. Edits as for a file; no copy is
 * kept of the arguments. source rate = settings->rate_hz (must not be 0). */
int nave_ir_create(nave_ir **out, const double *const *samples, uint64_t frames, const uint32_t *input,
                   const uint32_t *output, uint32_t paths, const nave_ir_settings *settings, nave_text *why);
void nave_ir_free(nave_ir *ir);
int nave_ir_get_info(const nave_ir *ir, nave_ir_info *out);
/* Path p: its ends and its samples (info.frames of them, owned by ir, valid until it is freed). Either may be NULL. */
int nave_ir_get_path(const nave_ir *ir, uint32_t p, uint32_t *input, uint32_t *output, const double **samples);

/* ---- plans --------------------------------------------------------------------------------------------------- */
typedef struct nave_plan nave_plan;

typedef enum nave_mode {
    NAVE_OFFLINE = 0, /* largest throughput; the output is aligned with the input (latency 0 in the file) */
    NAVE_LIVE = 1     /* smallest latency for the given tick */
} nave_mode;

typedef struct nave_plan_settings {
    nave_mode mode;
    uint32_t channels;    /* of the session's input; 0: as many as the response has inputs (1 if it serves any) */
    uint32_t rate_hz;     /* for load figures; 0: the response's */
    uint32_t tick_frames; /* live: 64, 128, .. 8192. Default 64. offline: must be 0 */
    uint32_t min_partition_frames; /* 64..8192; live: first tier = tick. 0: the compiler chooses */
    uint32_t max_partition_frames; /* 64..8192; 0: the compiler chooses */
    uint32_t batch; /* offline: output blocks for one read of the spectra, 1..8; 0: the compiler chooses */
    char tiers[72]; /* live: these partitions and batches, as a receipt names them: "64x1 256x4"; "": the compiler
                       chooses */
} nave_plan_settings;

typedef struct nave_plan_report {
    char name[24]; /* the profile: "nave-1" */
    char hash[65]; /* SHA-256 of the plan and its spectra, hex: equal hash, equal bits */
    nave_mode mode;
    uint32_t inputs, outputs, rate_hz;
    uint64_t response_frames; /* of the impulse response */
    uint32_t tick_frames;
    uint32_t latency_frames; /* live: from a frame written to the same frame read; offline: 0 */
    uint64_t ram_bytes;
    uint32_t tiers;
    struct {
        uint32_t partition_frames, partitions, batch;
        uint64_t offset_frames;
    } tier[8];
    uint64_t worst_tick_cycles, average_tick_cycles; /* predicted for the limits given */
    uint64_t budget_tick_cycles;                     /* clock_hz * tick / rate; 0 if the card has no clock */
    double load_average, load_peak;                  /* fractions of the budget; 0 if there is none */
    double realtime_bound; /* x real time: the least of multipliers, RAM and USB; 0 if there is no bound */
    char bound_by[16];     /* "multipliers", "ram", "usb" */
} nave_plan_report;

void nave_plan_settings_default(nave_plan_settings *out);
/* NAVE_E_FIT: why says what does not fit and the nearest plan that would. The plan keeps its own copy of all it needs
 * of ir. */
int nave_plan_compile(nave_plan **out, const nave_ir *ir, const nave_plan_settings *settings,
                      const nave_card_limits *limits, nave_text *why);
void nave_plan_free(nave_plan *plan);
int nave_plan_get_report(const nave_plan *plan, nave_plan_report *out);

/* ---- streams ------------------------------------------------------------------------------------------------- */
typedef struct nave_stream nave_stream;

typedef enum nave_sample {
    NAVE_F32 = 0, /* float, 1.0 = full scale. Input beyond +-8 is limited, NaN is NAVE_E_FORMAT */
    NAVE_Q28 = 1, /* int32_t, 1 << 28 = full scale: the card's own word */
    NAVE_Q44 = 2, /* int64_t, 1 << 44 = full scale: output only, the card's wide word */
    NAVE_F64 = 3  /* double; output comes from Q44 */
} nave_sample;

typedef struct nave_stream_settings {
    nave_sample input; /* F32, F64 or Q28. Default F32 */
    nave_sample
        output;    /* any. Default F32. F32, F64 and Q44 come from the card's wide words, Q28 is rounded by the card */
    double wet_db; /* -inf..18; default 0 */
    double dry_db; /* default -inf: nothing of the input is added */
} nave_stream_settings;

typedef enum nave_param { NAVE_PARAM_WET_GAIN = 1, NAVE_PARAM_DRY_GAIN = 2 } nave_param;

typedef struct nave_stream_stats {
    uint64_t frames_in, frames_out;
    uint64_t clipped_samples; /* words that were limited at the card's output (+-8.0 = +18 dBFS) */
    uint64_t ticks;
    uint64_t crc_errors, stale_frames, sequence_errors; /* on the link, both directions */
} nave_stream_stats;

void nave_stream_settings_default(nave_stream_settings *out);
/* Takes a context of dev, loads the plan and starts. dev and plan must outlive the stream. */
int nave_stream_open(nave_stream **out, nave_device *dev, const nave_plan *plan, const nave_stream_settings *settings,
                     nave_text *why);
void nave_stream_close(nave_stream *st);
/* Planar buffers: in[channel][frame]. Takes up to `frames`, sets *taken; NAVE_E_AGAIN if none could be taken until
 * output is read. NAVE_E_STATE after nave_stream_finish. */
int nave_stream_write(nave_stream *st, const void *const *in, size_t frames, size_t *taken);
/* Gives up to `frames`, sets *given, 0 if nothing is ready. The bits do not depend on how the calls cut the stream. */
int nave_stream_read(nave_stream *st, void *const *out, size_t frames, size_t *given);
/* Waits at most timeout_ms until a write may take or a read may give something: NAVE_OK. NAVE_E_AGAIN: the card was
 * silent, or did something that does not help yet. NAVE_E_STATE: the stream is at its end, all was read. */
int nave_stream_wait(nave_stream *st, int timeout_ms);
/* The input ends: what follows is the tail, response_frames - 1 frames of it. Then nave_stream_read gives 0. */
int nave_stream_finish(nave_stream *st);
/* Live: takes and gives exactly `frames`; the output is latency_frames late. May block for the card. in and out may
 * be the same. NAVE_E_STATE for an offline plan. */
int nave_stream_process(nave_stream *st, const void *const *in, void *const *out, size_t frames);
/* Sets a gain from frame `at_frame` of the input on (0: the first), which must not have been written yet. Sample
 * accurate: the same bits offline and live. db: -inf..18. */
int nave_stream_set_param(nave_stream *st, nave_param param, double db, uint64_t at_frame);
int nave_stream_get_stats(const nave_stream *st, nave_stream_stats *out);

/* ---- chains: equaliser, dynamics, limiter and reverbs, one after another on contexts of a card ---------------- */
#define NAVE_CHAIN_MAX_STAGES 8
typedef struct nave_chain nave_chain;

/* A chain from its text (host/lib/chain.md); `name` is what messages call it. NAVE_E_FORMAT: why begins with
 * name:line:column. */
int nave_chain_parse(nave_chain **out, const char *name, const char *text, size_t bytes, nave_text *why);
/* Likewise from a file; responses are found as they are named or beside it. */
int nave_chain_load(nave_chain **out, const char *path, nave_text *why);
void nave_chain_free(nave_chain *chain);
/* The n-th preset's name, what it is for, and its text; static. NULL: there are no more. */
const char *nave_chain_preset(size_t n, const char **what, const char **text);
/* The chain as text, the same for chains that do the same; belongs to the chain. bytes may be NULL. */
const char *nave_chain_text(const nave_chain *chain, size_t *bytes);
/* The response of the first reverb that names none. */
int nave_chain_set_response(nave_chain *chain, const char *path, nave_text *why);

/* What an engine of the chain did in a while; levels in dB, -inf for silence. */
typedef struct nave_meters {
    uint32_t stage, channels, bands;
    uint64_t first_frame, frames; /* of the chain's input: when they went into the engine */
    double band_gain_db[8][2];    /* lowest gain, makeup included */
    double limiter_gain_db;
    double in_peak_dbfs[2], out_peak_dbfs[2], in_rms_dbfs[2], out_rms_dbfs[2];
    double in_true_peak_dbtp[2], out_true_peak_dbtp[2]; /* readings come 16 frames late */
} nave_meters;

typedef struct nave_chain_session {
    uint32_t rate_hz, channels;
    int side_chain;          /* 1: the input has twice the channels, the second half is the external side-chain */
    nave_plan_settings plan; /* mode and tick of the whole chain; the rest for its reverbs */
    char board[24]; /* plans as for the card of this board, so that another one gives its bits; "": dev's own */
    nave_sample input, output;
    void (*meters)(void *user, const nave_meters *m); /* may be NULL; called within the functions of the stream */
    void *user;
} nave_chain_session;
void nave_chain_session_default(nave_chain_session *out);

typedef struct nave_chain_report {
    char hash[65]; /* SHA-256 of the chain's text */
    uint32_t stages, lanes, outputs;
    uint32_t latency_frames; /* live: from a frame written to the same frame read; offline it is taken out of files */
    uint64_t ram_bytes;
    struct {
        char name[48];
        uint32_t inputs, outputs, latency_frames, bands;
        uint64_t ram_bytes;
        double load;                 /* of a convolver, as in nave_plan_report */
        double multiplies_per_frame; /* of a dynamics engine, 32 x 32 bits */
    } stage[NAVE_CHAIN_MAX_STAGES];
} nave_chain_report;
int nave_chain_describe(const nave_chain *chain, const nave_chain_session *session, const nave_card_limits *limits,
                        nave_chain_report *out, nave_text *why);

/* A running chain. The calls are those of nave_stream; frames count from 0 at the chain's input. */
typedef struct nave_chain_stream nave_chain_stream;
/* Takes a context of dev for each stage. dev must outlive the stream, the chain is copied. NAVE_E_DEVICE: the card has
 * no dynamics. */
int nave_chain_open(nave_chain_stream **out, nave_device *dev, const nave_chain *chain,
                    const nave_chain_session *session, nave_text *why);
void nave_chain_close(nave_chain_stream *st);
int nave_chain_write(nave_chain_stream *st, const void *const *in, size_t frames, size_t *taken);
/* The output is latency_frames late (nave_chain_describe). The bits do not depend on how the calls cut the stream. */
int nave_chain_read(nave_chain_stream *st, void *const *out, size_t frames, size_t *given);
int nave_chain_wait(nave_chain_stream *st, int timeout_ms);
/* The input ends: what follows is the tail, the latency included. */
int nave_chain_finish(nave_chain_stream *st);
/* Live: takes and gives exactly `frames`. */
int nave_chain_process(nave_chain_stream *st, const void *const *in, void *const *out, size_t frames);
/* Sets a parameter as the text of a chain does: ("dynamics.band 1 threshold", "-24 dB"), from frame at_frame of the
 * chain's input on, which must not have been written yet, on a straight line of ramp_frames. The same bits offline and
 * live. NAVE_E_STATE: the frame is past. */
int nave_chain_set(nave_chain_stream *st, const char *parameter, const char *value, uint64_t at_frame,
                   uint32_t ramp_frames, nave_text *why);
/* As nave_chain_describe gave it when the stream was opened. */
int nave_chain_get_report(const nave_chain_stream *st, nave_chain_report *out);

/* ---- files --------------------------------------------------------------------------------------------------- */
typedef enum nave_file_format {
    NAVE_FILE_AUTO = 0, /* as the input; float stays float */
    NAVE_FILE_PCM16 = 1,
    NAVE_FILE_PCM24 = 2,
    NAVE_FILE_PCM32 = 3,
    NAVE_FILE_FLOAT = 4
} nave_file_format;

typedef struct nave_progress {
    uint64_t frames_done, frames_total;
    double seconds_elapsed, seconds_left; /* seconds_left < 0: not known yet */
} nave_progress;

typedef struct nave_render_settings {
    nave_ir_settings ir;     /* rate_hz is taken from the input file */
    nave_plan_settings plan; /* channels is taken from the input file */
    double wet_db, dry_db;
    nave_file_format format;
    int dither;    /* 1 (default): TPDF where bits are dropped; 0: rounding only */
    uint64_t seed; /* of the dither; default 1 */
    int tail;      /* 1 (default): render to the end of the response; 0: stop with the input */
    int overwrite; /* 1 (default): an existing output is replaced, when the new one is complete */
    int receipt;   /* 1 (default): write OUT.nave beside the output */
    int recover;   /* 1 (default): a card that is lost in mid-file is opened again, or the C model goes on; same bits;
                      not with a chain */
    int (*progress)(void *user, const nave_progress *p); /* may be NULL; non-zero cancels */
    void *user;
    const nave_chain *chain;     /* NULL: none. Then ir, wet_db and dry_db are those of the chain's own text */
    const char *side_chain_path; /* NULL: none. The external side-chain of `chain`, of the input's rate */
    void (*meters)(void *user, const nave_meters *m); /* of the chain; may be NULL */
    void *meters_user;
} nave_render_settings;

typedef struct nave_render_result {
    uint64_t frames_in, frames_out;
    uint32_t channels, rate_hz;
    double seconds;                                  /* wall clock of the whole call */
    double realtime;                                 /* x real time of the input's length */
    double peak_dbfs, true_peak_dbtp, loudness_lufs; /* of the output file; -inf for silence */
    double error_rms_dbfs; /* of a stretch of the render against double precision, before dither */
    uint64_t clipped_samples;
    uint32_t recoveries; /* how often the card was lost */
    int took_over;       /* 1: the C model rendered the rest */
    char input_hash[65], output_hash[65], plan_hash[65], ir_hash[65];
    char chain_hash[65]; /* empty: no chain. Then error_rms_dbfs is not measured and -inf, and ir_hash is empty */
    char receipt_path[4096];
} nave_render_result;

void nave_render_settings_default(nave_render_settings *out);
/* Renders in_path through ir_path into out_path. The output appears under its name only when it is complete. With a
 * chain, ir_path is NULL or the response of its first reverb that names none; the chain's latency is taken out. */
int nave_render_file(nave_device *dev, const char *in_path, const char *ir_path, const char *out_path,
                     const nave_render_settings *settings, nave_render_result *result, nave_text *why);

typedef struct nave_verify_result {
    int identical;
    uint64_t first_difference_frame; /* if not identical */
    uint32_t first_difference_channel;
    uint64_t differing_samples, compared_samples;
    char expected_hash[65], found_hash[65];
    nave_render_result render;
} nave_verify_result;

/* Renders again what the receipt names (paths as written, else beside the receipt) on `dev` and compares with the
 * output file. NAVE_E_MISMATCH when a sample, the input, the response or the plan differs: why says which. */
int nave_verify_receipt(nave_device *dev, const char *receipt_path, int (*progress)(void *user, const nave_progress *p),
                        void *user, nave_verify_result *result, nave_text *why);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
