/* Dynamics engine: parameters, states and blocks. The functions of sim/model are the specification of rtl/dyn; the page
 * is dyn.md. Integers only, every input is defined, nothing is allocated, and no result depends on how a stream is cut.
 *
 * A *dial* is one int64 of the parameter memory (nave_ramp). The host computes its values
 * (host/lib/dyn_coefficients.c); events set dials at a sample time, at once or on a straight line; the blocks read what
 * nave_dyn_decode makes of them.
 *
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_DYN_H
#define NAVE_DYN_H
#include "svf.h"
#include <stddef.h>

#define NAVE_DYN_BANDS 8
#define NAVE_DYN_CHANNELS 2
#define NAVE_DYN_SECTIONS 8 /* of the equaliser */
#define NAVE_DYN_CURVES 3   /* of a band */
#define NAVE_DYN_EVENTS 1024
#define NAVE_DYN_MOVES 120            /* dials that move at the same time; a ramp beyond jumps */
#define NAVE_Q25_DB 5573270.518439377 /* 2^25 / (20 log10 2): log2 units of one dB, for hosts and tests */
#define NAVE_ONE_Q30 (1 << 30)

/* ---- level.c: log2 and exp2 by tables of 256 chords; one small multiply each ---- */
extern const int32_t nave_log2_table[257];
extern const uint32_t nave_exp2_table[257];
#define NAVE_GAIN_TOP_Q25 (14 << 25) /* gains stay below 2^14 */
/* log2 v, Q7.25; 0 counts as 1. */
int32_t nave_log2_q25(uint64_t v);
/* 2^level; limited to below 2^14, below 2^-32 it is 0. 2^0 is exactly {2^30, 30}. */
nave_coef nave_exp2_q25(int32_t level);
/* A dial (Q10.52) as a coefficient; below 2^-31 it is 0. */
nave_coef nave_coef_of(int64_t q52);
/* x times a gain, rounded once and limited to 32 bits. */
static inline int32_t nave_scale(int32_t x, nave_coef gain)
{
    if (gain.shift > 62) /* less than half of the last place */
        return 0;
    return (int32_t)nave_saturate(nave_round64((int64_t)x * gain.mantissa, gain.shift), 32);
}
/* x times a Q1.30 factor; 2^30 gives x. */
static inline int32_t nave_scale_q30(int32_t x, int32_t factor_q30)
{
    return (int32_t)nave_saturate(nave_round64((int64_t)x * factor_q30, 30), 32);
}

/* ---- ramp.c ---- */
typedef struct nave_ramp {
    int64_t value, target, step, rest, owed;
    uint32_t frames, left; /* of the whole way; until the target is reached */
} nave_ramp;
/* Values are limited to 62 bits and a sign. frames 0 and 1: the next step is at the target. One division a call. */
void nave_ramp_to(nave_ramp *r, int64_t target, uint32_t frames);
/* One frame; returns 1 while the value still has to move afterwards. */
int nave_ramp_step(nave_ramp *r);

/* ---- crossover.c ---- */
typedef struct nave_split {
    uint32_t steep;           /* 1: LR48 */
    nave_svf_coef section[2]; /* LR24 uses the first */
} nave_split;
typedef struct nave_crossover {
    uint32_t bands; /* 1..NAVE_DYN_BANDS */
    nave_split split[NAVE_DYN_BANDS - 1];
} nave_crossover;
typedef struct nave_crossover_state { /* of one channel */
    nave_svf split[NAVE_DYN_BANDS - 1][5];
    nave_svf merge[NAVE_DYN_BANDS - 1][2];
} nave_crossover_state;
/* x, y: a Q10.44 word a channel (x is used up); band[channel][..]: Q4.28. */
void nave_crossover_split(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, int64_t *x,
                          int32_t (*band)[NAVE_DYN_BANDS]);
void nave_crossover_merge(const nave_crossover *c, nave_crossover_state *z, uint32_t channels,
                          int32_t (*band)[NAVE_DYN_BANDS], int64_t *y);

/* ---- eq.c: x + band (bp) + shelf (lp or hp) ---- */
enum { NAVE_EQ_OFF = 0, NAVE_EQ_LOW = 1 /* shelf multiplies lp */, NAVE_EQ_HIGH = 2 /* hp */ };
typedef struct nave_eq_section {
    uint32_t kind;
    nave_svf_coef svf;
    nave_coef band, shelf;
} nave_eq_section;
int64_t nave_eq_step(const nave_eq_section *c, nave_svf *z, int64_t x_q44);

/* ---- detector.c ---- */
enum { NAVE_DETECT_PEAK = 0, NAVE_DETECT_RMS = 1, NAVE_DETECT_LOW_PASS = 2 };
/* y towards target by the share a of the difference, 61 bits by 31 in two multiplies, rounded once; a >= 1: target. */
int64_t nave_approach_wide(int64_t y, int64_t target, nave_coef a);
/* The level of a sample as log2, Q7.25; average: the state, Q10.54. */
int32_t nave_detect(uint32_t kind, nave_coef share, int64_t *average, int32_t x_q28);

/* ---- gain.c: static curve and its timing ---- */
enum {
    NAVE_CURVE_ON = 1,
    NAVE_CURVE_ABOVE = 2, /* acts on levels above the threshold, otherwise below */
    NAVE_CURVE_GATE = 4,  /* below the threshold: the whole range; threshold - hysteresis once it is open */
    NAVE_CURVE_OPENS = 8, /* a rising gain is the attack (expander, gate), otherwise a falling one */
    NAVE_CURVE_AUTO = 16  /* a second, slow envelope for the release after long stretches */
};
typedef struct nave_curve {
    uint32_t flags;
    int32_t threshold, half_knee, hysteresis, range; /* Q7.25, log2 of a gain; range >= 0 */
    nave_coef slope, inverse_knee;                   /* gain per excess; 1 / (2 half_knee) */
    nave_coef attack, release, slow_attack, slow_release;
    uint32_t hold_frames;
} nave_curve;
typedef struct nave_envelope {
    int64_t fast, slow; /* Q7.43 */
    uint32_t hold_left;
    int open; /* the curve gave 0: for a gate's hysteresis */
} nave_envelope;
int32_t nave_curve_gain(const nave_curve *c, int32_t level, int open);
/* Where a stream starts: the gain of silence. */
void nave_envelope_start(const nave_curve *c, nave_envelope *z);
int32_t nave_envelope_step(const nave_curve *c, nave_envelope *z, int32_t level);

/* ---- width.c ---- */
/* change_q30: width - 1; 0 changes nothing. mid_side: the words are mid and side. */
void nave_width_step(int32_t change_q30, uint32_t mid_side, int32_t *first, int32_t *second);

/* ---- band.c ---- */
enum { NAVE_SIDE_EXTERNAL = 1, NAVE_SIDE_LISTEN = 2 };
typedef struct nave_band {
    uint32_t detector, side, lookahead_frames;
    nave_coef average;
    int32_t link_q30;
    nave_eq_section low_cut, high_cut;
    int32_t makeup; /* Q7.25 */
    int32_t wet_q30, level_q30, width_q30;
    nave_curve curve[NAVE_DYN_CURVES];
} nave_band;
typedef struct nave_band_state {
    nave_svf cut[NAVE_DYN_CHANNELS][2];
    int64_t average[NAVE_DYN_CHANNELS];
    nave_envelope envelope[NAVE_DYN_CHANNELS][NAVE_DYN_CURVES];
    int32_t gain[NAVE_DYN_CHANNELS]; /* log2 Q7.25 of the last sample, makeup included: for meters */
} nave_band_state;
void nave_band_start(const nave_band *c, nave_band_state *z);
/* side: the side-chain's words; x: the delayed audio, replaced by the result. */
void nave_band_step(const nave_band *c, nave_band_state *z, uint32_t channels, uint32_t mid_side, const int32_t *side,
                    int32_t *x);

/* ---- true_peak.c: BS.1770 by 4 phases ---- */
#define NAVE_PEAK_PHASES 4
#define NAVE_PEAK_TAPS 32
#define NAVE_PEAK_DELAY (NAVE_PEAK_TAPS / 2) /* frames from a sample to the reading in which it is in the middle */
extern const int32_t nave_peak_taps[NAVE_PEAK_PHASES][NAVE_PEAK_TAPS];
extern const int32_t nave_peak_above_taps[NAVE_PEAK_TAPS];
typedef struct nave_peak_history {      /* of one channel */
    int32_t sample[NAVE_PEAK_TAPS];     /* Q4.28; a ring that is written at `at` */
    int32_t narrow[2 * NAVE_PEAK_TAPS]; /* Q4.14, 18 bits; each twice, so that the last of them follow each other */
    uint32_t at;
} nave_peak_history;
typedef struct nave_peak_reading {
    uint32_t peak;  /* largest magnitude around the sample NAVE_PEAK_DELAY frames ago, Q28 */
    uint32_t above; /* 3/4 of what lies above the taps' pass band, Q28 */
} nave_peak_reading;
nave_peak_reading nave_peak_step(nave_peak_history *z, int32_t x_q28);

/* ---- limiter.c ---- */
#define NAVE_LIMIT_MARGIN 4 /* frames before and after a peak that get the whole reduction */
#define NAVE_LIMIT_ABOVE 64 /* frames for which the content above the pass band counts */
#define NAVE_LIMIT_MAX_LOOKAHEAD 8192
typedef struct nave_limiter {
    uint32_t on;
    int32_t ceiling; /* log2 Q7.25 */
    nave_coef release;
} nave_limiter;
typedef struct nave_delay { /* a ring of `frames` words */
    int32_t *word;
    uint32_t frames, at;
} nave_delay;
typedef struct nave_slide { /* maximum of the last frames by doubling: delays of 1, 2, 4, .. and the rest */
    nave_delay stage[16];
    uint32_t stages;
} nave_slide;
typedef struct nave_limiter_state {
    nave_peak_history history[NAVE_DYN_CHANNELS];
    nave_slide above, need;
    nave_delay box[2], audio[NAVE_DYN_CHANNELS], ceiling;
    int64_t sum[2];
    nave_coef share;   /* 2^(bits of a + bits of b) / (a b) of the boxes' frames a and b: 1 .. 4 */
    int64_t reduction; /* Q7.43 after the release */
    int32_t gain;      /* log2 Q7.25 of the last sample: for meters */
    uint32_t peak_in;  /* reading of the last sample */
} nave_limiter_state;
/* lookahead 2..NAVE_LIMIT_MAX_LOOKAHEAD frames: the time in which the gain goes down. */
uint32_t nave_limiter_latency(uint32_t lookahead_frames);
size_t nave_limiter_words(uint32_t lookahead_frames);
/* share: of the boxes' frames, as above; memory: nave_limiter_words zeroed words. */
void nave_limiter_start(nave_limiter_state *z, uint32_t lookahead_frames, nave_coef share, int32_t *memory);
void nave_limiter_box_frames(uint32_t lookahead_frames, uint32_t frames[2]);
void nave_limiter_step(const nave_limiter *c, nave_limiter_state *z, uint32_t channels, int32_t *x);

/* ---- dyn.c: the engine ---- */
/* Dials: the globals, 8 a section of the equaliser, 8 a split, 64 a band (16 and 16 a curve). */
enum {
    NAVE_DIAL_BANDS = 0,
    NAVE_DIAL_STEEP,
    NAVE_DIAL_MID_SIDE,
    NAVE_DIAL_OUTPUT, /* log2 Q7.25 */
    NAVE_DIAL_DC,     /* a section, as below */
    NAVE_DIAL_LIMITER = 9,
    NAVE_DIAL_CEILING, /* log2 Q7.25 */
    NAVE_DIAL_LIMITER_RELEASE,
    NAVE_DIAL_EQ = 16,
    NAVE_DIAL_SPLIT = NAVE_DIAL_EQ + 8 * NAVE_DYN_SECTIONS, /* q2, p2 of the first section, q2, p2 of the second */
    NAVE_DIAL_BAND = NAVE_DIAL_SPLIT + 64,
    NAVE_DIALS = NAVE_DIAL_BAND + 64 * NAVE_DYN_BANDS
};
/* A headroom dial: of t + 16 * of b', a second section's times 128. */
enum { NAVE_SPLIT_HEADROOM = 4 };
enum { NAVE_EQ_KIND = 0 /* + 4 * headroom */, NAVE_EQ_Q2, NAVE_EQ_P2, NAVE_EQ_BAND, NAVE_EQ_SHELF }; /* of a section */
enum {                                                                                               /* of a band */
       NAVE_BAND_DETECTOR = 0,
       NAVE_BAND_AVERAGE,
       NAVE_BAND_SIDE,
       NAVE_BAND_LOOKAHEAD,
       NAVE_BAND_LINK, /* Q1.30, as the next three */
       NAVE_BAND_WET,
       NAVE_BAND_LEVEL,
       NAVE_BAND_WIDTH,
       NAVE_BAND_MAKEUP,  /* log2 Q7.25 */
       NAVE_BAND_LOW_CUT, /* 0: none, else q2; p2 */
       NAVE_BAND_HIGH_CUT = 11,
       NAVE_BAND_CUT_HEADROOM = 13,
       NAVE_BAND_CURVE = 16
};
enum { /* of a curve */
       NAVE_CURVE_FLAGS = 0,
       NAVE_CURVE_THRESHOLD,
       NAVE_CURVE_HALF_KNEE,
       NAVE_CURVE_INVERSE_KNEE, /* Q10.52 */
       NAVE_CURVE_HYSTERESIS,
       NAVE_CURVE_RANGE,
       NAVE_CURVE_SLOPE,
       NAVE_CURVE_ATTACK,
       NAVE_CURVE_RELEASE,
       NAVE_CURVE_SLOW_ATTACK,
       NAVE_CURVE_SLOW_RELEASE,
       NAVE_CURVE_HOLD
};
typedef struct nave_dyn_event {
    uint64_t frame;
    int64_t value;
    uint32_t dial, ramp_frames;
} nave_dyn_event;
typedef struct nave_dyn_shape { /* fixed while a stream runs */
    uint32_t channels;          /* 1 or 2 */
    uint32_t lookahead_frames;  /* of the bands */
    uint32_t limiter_frames;    /* lookahead of the limiter */
    nave_coef limiter_share;    /* nave_limiter_state.share */
    uint32_t given_bands;       /* 0: the engine splits; else so many bands come in, and are added without a phase */
} nave_dyn_shape;
typedef struct nave_dyn {
    nave_dyn_shape shape;
    uint64_t frame; /* the next one */
    nave_ramp dial[NAVE_DIALS];
    uint16_t moving[NAVE_DYN_MOVES]; /* dials whose ramp runs */
    uint32_t moving_count;
    nave_dyn_event event[NAVE_DYN_EVENTS]; /* sorted by frame, equal ones in the order they came */
    uint32_t event_count, event_next;
    /* what the dials mean */
    nave_eq_section eq[NAVE_DYN_SECTIONS], dc;
    nave_crossover crossover;
    uint32_t mid_side;
    int32_t output;
    nave_band band[NAVE_DYN_BANDS];
    nave_limiter limiter;
    /* states */
    nave_svf eq_state[NAVE_DYN_CHANNELS][NAVE_DYN_SECTIONS], dc_state[NAVE_DYN_CHANNELS];
    nave_crossover_state crossover_state[NAVE_DYN_CHANNELS];
    nave_band_state band_state[NAVE_DYN_BANDS];
    nave_limiter_state limiter_state;
    int32_t *ring; /* look-ahead: a row a frame, bands * channels words and the external side-chain's */
    uint32_t ring_mask, ring_at;
    struct nave_dyn_meters *meters;       /* dyn_plan.h; NULL: none. Set after the start */
    const struct nave_dyn_blocks *blocks; /* dyn_block.h; NULL: those of C. Set after the start */
} nave_dyn;
size_t nave_dyn_words(const nave_dyn_shape *shape);
uint32_t nave_dyn_latency(const nave_dyn_shape *shape);
/* dials: NAVE_DIALS values; memory: nave_dyn_words, zeroed here. */
void nave_dyn_start(nave_dyn *d, const nave_dyn_shape *shape, const int64_t *dials, int32_t *memory);
/* -1: no such dial, a frame in the past, or NAVE_DYN_EVENTS are waiting. */
int nave_dyn_set(nave_dyn *d, const nave_dyn_event *event);
/* Planar; external may be NULL (silence). out may be in. With given_bands: in has the channels of band 0, then of
 * band 1...; there is no equaliser. */
void nave_dyn_process(nave_dyn *d, const int32_t *const *in, const int32_t *const *external, int32_t *const *out,
                      size_t frames);
/* Makes the blocks' parameters from the dials of the group that `dial` belongs to. */
void nave_dyn_decode(nave_dyn *d, uint32_t dial);
#endif
