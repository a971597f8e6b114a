/* Inside of a chain: its stages, the keys of its text, its automation.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LIB_CHAIN_H
#define NAVE_LIB_CHAIN_H
#include "dyn_coefficients.h"
#include "plan.h"

#define NAVE_CHAIN_MAX_BYTES 65536
#define NAVE_CHAIN_MAX_LANES 64
#define NAVE_CHAIN_MAX_POINTS 1024 /* of a lane */
#define NAVE_CHAIN_PATH_BYTES 1024

/* Sections of the text. The first four are parts of one dynamics engine, in the order in which it runs them. */
typedef enum nave_part {
    NAVE_PART_EQ = 0,
    NAVE_PART_DYNAMICS,
    NAVE_PART_OUTPUT,
    NAVE_PART_LIMITER,
    NAVE_PART_REVERB,
    NAVE_PARTS
} nave_part;

typedef struct nave_stage {
    unsigned parts;         /* 1 << nave_part of each section that it was made of */
    int line[NAVE_PARTS];   /* of their headers */
    int number[NAVE_PARTS]; /* which section of that name in the file, from 1 */
    nave_dyn_settings dyn;  /* rate_hz is set when the chain is opened */
    uint32_t sections;      /* of the equaliser that are in use */
    int section_number[NAVE_DYN_SECTIONS];
    char response[NAVE_CHAIN_PATH_BYTES];
    nave_ir_settings ir;
    double send_db, dry_db;
} nave_stage;

typedef enum nave_value_kind {
    NAVE_VALUE_LEVEL, /* double, dB */
    NAVE_VALUE_GAIN,  /* double, dB, -inf too */
    NAVE_VALUE_HZ,    /* double; 0 is `off` where the key allows it */
    NAVE_VALUE_TIME,  /* double, s */
    NAVE_VALUE_SHARE, /* double, % */
    NAVE_VALUE_RATIO, /* double, n:1 */
    NAVE_VALUE_PLAIN, /* double */
    NAVE_VALUE_CHOICE /* int or an enum */
} nave_value_kind;

typedef struct nave_chain_key {
    const char *name; /* NULL ends a table */
    nave_value_kind kind;
    size_t offset; /* in nave_stage, in a band or in a curve */
    double low, high;
    const char *choices; /* divided by '|' */
    int fixed;           /* can't be automated: it is latency, or a file */
} nave_chain_key;

/* A value of a chain. */
typedef struct nave_chain_target {
    uint32_t stage;
    const nave_chain_key *key;
    size_t offset; /* in the stage */
} nave_chain_target;

typedef struct nave_chain_point {
    double time_s, value;
    int linear; /* a straight line from the point before; else a step */
} nave_chain_point;

typedef struct nave_chain_lane {
    nave_chain_target target;
    char name[96]; /* as the text writes it: "dynamics.band 1 threshold" */
    uint32_t points;
    nave_chain_point *point;
} nave_chain_lane;

struct nave_chain {
    char name[256]; /* the file or the preset, for messages */
    char folder[NAVE_CHAIN_PATH_BYTES];
    uint32_t stages, lanes;
    nave_stage stage[NAVE_CHAIN_MAX_STAGES];
    nave_chain_lane lane[NAVE_CHAIN_MAX_LANES];
    char *text; /* canonical */
    size_t bytes;
    char hash[65];
};

static inline int nave_is_blank(char ch)
{
    return ch == ' ' || ch == '\t';
}

/* chain_keys.c */
extern const char *const nave_part_names[NAVE_PARTS + 1];
extern const char *const nave_eq_kind_names[]; /* by nave_dyn_eq_kind */
extern const nave_chain_key nave_keys_dynamics[], nave_keys_band[], nave_keys_curve[], nave_keys_section[],
    nave_keys_output[], nave_keys_limiter[], nave_keys_reverb[], nave_key_crossover;
double nave_stage_get(const nave_stage *s, const nave_chain_key *key, size_t offset);
void nave_stage_set(nave_stage *s, const nave_chain_key *key, size_t offset, double value);
/* Finds a key of n characters of a part, such as "band 1 threshold". NAVE_E_ARG: *bad is where it goes wrong, in `key`,
 * and hint (160 bytes) says what is meant perhaps or would be right. */
int nave_chain_find(const nave_stage *s, nave_part part, const char *key, size_t n, nave_chain_target *out, size_t *bad,
                    char *hint);
/* The same for "section[ n].key". */
int nave_chain_find_target(const nave_chain *c, const char *name, size_t n, nave_chain_target *out, size_t *bad,
                           char *hint);
/* The candidate nearest to a mistyped word; NULL: none is near. */
const char *nave_chain_nearest(const char *word, size_t n, const char *const *candidates);
void nave_stage_default(nave_stage *s);

/* chain_parse.c: out is cleared first; whatever comes back, nave_chain_free frees what it has. name for messages. */
int nave_chain_parse_text(nave_chain *out, const char *name, const char *text, size_t bytes, nave_text *why);
/* chain_value.c: a value of a key, as the text has it. *used: characters read, or where it is wrong. */
int nave_chain_read_value(const nave_chain_key *key, const char *text, size_t n, double *value, size_t *used,
                          char *hint);

/* chain_text.c: makes text and hash from the rest. */
int nave_chain_write_text(nave_chain *c, nave_text *why);

/* chain_automation.c. Frames are those of the chain's input; a point holds from the first frame at or after its time.
 */
/* before: the limit from the left. */
double nave_lane_value(const nave_chain_lane *lane, double rate_hz, uint64_t frame, int before);
/* The first frame after `frame` at which a lane of the stage has a point; UINT64_MAX: none. */
uint64_t nave_lanes_next(const nave_chain *c, uint32_t stage, double rate_hz, uint64_t frame);
/* Is a lane of the stage on its way between two values at `frame`? */
int nave_lanes_move(const nave_chain *c, uint32_t stage, double rate_hz, uint64_t frame);
/* Puts the values of all lanes of a stage at `frame` into s. */
void nave_lanes_apply(const nave_chain *c, uint32_t stage, double rate_hz, uint64_t frame, int before, nave_stage *s);

/* crossover_fir.c: frames by which the bands are late. */
uint32_t nave_crossover_fir_latency(const nave_dyn_settings *s);
/* Input c to output b * channels + c, for each band b from below. rate_hz is that of s. */
int nave_crossover_fir(nave_ir **out, const nave_dyn_settings *s, uint32_t channels, nave_text *why);

/* chain_plan.c: a stage as plans of the card: one, or, with linear phase, the crossovers' and then the engine's. */
#define NAVE_STAGE_PLANS 2
typedef struct nave_stage_plan {
    nave_plan *plan;
    int dynamics;
    int crossovers;           /* a convolver that splits for the engine behind it */
    uint32_t inputs, outputs; /* audio, without the side-chain */
    uint32_t latency_frames;
    nave_dyn_settings settings; /* of a dynamics stage, at its start, with rate and least look-ahead */
    int64_t dial[NAVE_DIALS];
    nave_dyn_shape shape;
} nave_stage_plan;
/* The engine's settings of a stage at a rate. */
void nave_stage_settings(const nave_stage *s, double rate_hz, nave_dyn_settings *out);
int nave_stage_is_linear(const nave_stage *s);
/* The plans of a stage, *count of them; on failure there are none. */
int nave_stage_plans_make(nave_stage_plan out[NAVE_STAGE_PLANS], uint32_t *count, const nave_chain *c, uint32_t stage,
                          const nave_chain_session *session, uint32_t channels, const nave_card_limits *limits,
                          nave_text *why);
/* 32 x 32 bit multiplies a frame (sim/model/dyn.md). */
double nave_stage_multiplies(const nave_stage_plan *p);
void nave_stage_plan_free(nave_stage_plan *p);

/* chain.c */
/* Of a live chain, which may leave it open. */
uint32_t nave_chain_tick(const nave_chain_session *session);
/* Not by way of the text, which may be longer than a chain file's. NULL: out of memory. */
nave_chain *nave_chain_copy(const nave_chain *from);
void nave_chain_report_begin(nave_chain_report *out, const nave_chain *c, const nave_chain_session *session);
void nave_chain_report_add(nave_chain_report *out, const nave_chain *c, uint32_t stage, const nave_stage_plan *p);

/* chain_stream.c: for files. The hash is over those of all stages' plans; the tail is that of the reverbs. */
void nave_chain_facts(const nave_chain_stream *st, char plan_hash[65], char board[24], uint64_t *tail_frames);
int nave_chain_count_clipped(const nave_chain_stream *st, uint64_t *clipped_samples);
/* From the first frame on again, with the same plans, on this device. What nave_chain_set did is forgotten. */
int nave_chain_restart(nave_chain_stream *st, nave_device *dev, nave_text *why);
#endif
