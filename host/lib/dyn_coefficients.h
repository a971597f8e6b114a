/* Dials of the dynamics engine from settings in musical units, in double precision.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_DYN_COEFFICIENTS_H
#define NAVE_DYN_COEFFICIENTS_H
#include "../../driver/why.h"
#include "../../sim/model/dyn.h"

#define NAVE_CROSSOVER_TOP 0.37 /* of the rate: above, a split's sections lose their accuracy */

/* The limiter aims this far below the ceiling: meters of BS.1770 read up to 0.2 dB more than there is. */
#define NAVE_CEILING_MARGIN_DB 0.08

typedef enum nave_dyn_curve_kind {
    NAVE_CURVE_NONE = 0,
    NAVE_CURVE_COMPRESS,    /* above the threshold, down */
    NAVE_CURVE_COMPRESS_UP, /* below the threshold, up */
    NAVE_CURVE_EXPAND,      /* below the threshold, down */
    NAVE_CURVE_EXPAND_UP,   /* above the threshold, up */
    NAVE_CURVE_GATE_BELOW   /* below the threshold, by the range */
} nave_dyn_curve_kind;

typedef struct nave_dyn_curve_settings {
    nave_dyn_curve_kind kind;
    double threshold_db, ratio; /* 1 .. INFINITY (expansion: 1 .. 50) */
    double knee_db;             /* whole width, 0 .. 72 */
    double range_db;            /* largest change, 0 .. 120 */
    double hysteresis_db;       /* gate: closes this much below the threshold */
    double attack_s, hold_s, release_s;
    int auto_release; /* a second envelope: attack 2 * release, release 5 * release, at most 5 s */
} nave_dyn_curve_settings;

typedef struct nave_dyn_band_settings {
    uint32_t detector;  /* NAVE_DETECT_* */
    double average_s;   /* time constant of RMS and low-pass, 0 .. 5 */
    double link;        /* 0 .. 1 */
    double lookahead_s; /* at most that of the chain */
    int external, listen;
    double low_cut_hz, high_cut_hz; /* of the side-chain, 12 dB/oct; 0: none */
    double makeup_db;
    int auto_makeup; /* adds back half of what a level of 0 dBFS loses */
    double wet;      /* 0 .. 1 */
    double width;    /* 0 .. 2 */
    int solo, mute, bypass;
    nave_dyn_curve_settings curve[NAVE_DYN_CURVES];
} nave_dyn_band_settings;

typedef enum nave_dyn_eq_kind {
    NAVE_EQ_NONE = 0,
    NAVE_EQ_BELL,
    NAVE_EQ_LOW_SHELF,
    NAVE_EQ_HIGH_SHELF,
    NAVE_EQ_LOW_CUT,
    NAVE_EQ_HIGH_CUT
} nave_dyn_eq_kind;

typedef struct nave_dyn_eq_settings {
    nave_dyn_eq_kind kind;
    double hz, q, gain_db;
} nave_dyn_eq_settings;

typedef struct nave_dyn_settings {
    double rate_hz;
    uint32_t bands;
    uint32_t slope_db;                       /* 24 or 48 */
    int linear_phase;                        /* bands come from the convolver (crossover_fir.c), if there are several */
    double crossover_hz[NAVE_DYN_BANDS - 1]; /* in any order: band i + 1 starts at crossover i and moves with it */
    nave_dyn_band_settings band[NAVE_DYN_BANDS];
    nave_dyn_eq_settings eq[NAVE_DYN_SECTIONS];
    int mid_side;
    double lookahead_s; /* latency of the dynamics, 0 .. 0.02, fixed while a stream runs */
    double wet;         /* of all bands */
    double output_db;
    double dc_filter_hz; /* 0: none */
    int limiter;
    double ceiling_db, limiter_release_s;
    double limiter_lookahead_s; /* fixed while a stream runs, whether the limiter is on or not */
} nave_dyn_settings;

/* One band, nothing that changes a sample. */
void nave_dyn_settings_default(nave_dyn_settings *s, double rate_hz);

/* A dial of Q10.52. */
int64_t nave_dyn_q52(double v);
/* Section of f Hz and k = 1/Q: q2 and p2. f is limited to 0.37 (crossovers) or 0.46 of the rate by the callers. */
void nave_dyn_svf(double hz, double rate_hz, double k, int64_t *q2, int64_t *p2);
/* Share of a one-pole filter with that time constant; 0 s gives 1. */
double nave_dyn_share(double seconds, double rate_hz);
/* dB to log2 Q7.25. */
int32_t nave_dyn_level(double db);
/* The curve in double precision: the gain of a level. For makeup, plots and tests. */
double nave_dyn_curve_db(const nave_dyn_curve_settings *c, double level_db);

/* Shape and dials of the settings: NAVE_E_ARG and a sentence if one is outside its range. Crossovers are sorted, their
 * bands with them, and limited to 0.37 of the rate. */
int nave_dyn_shape_of(const nave_dyn_settings *s, uint32_t channels, nave_dyn_shape *shape, nave_text *why);
int nave_dyn_dials(const nave_dyn_settings *s, int64_t dial[NAVE_DIALS], nave_text *why);
/* Events that lead from one set of dials to another from `frame` on; returns their number, at most NAVE_DIALS. Numbers
 * that mean something else in between (kinds, flags, counts) jump. */
size_t nave_dyn_changes(const int64_t *from, const int64_t *to, uint64_t frame, uint32_t ramp_frames,
                        nave_dyn_event *event);
#endif
