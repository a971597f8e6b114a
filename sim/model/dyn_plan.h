/* The plan of a dynamics engine as words of the link (page: README.md), and what its context keeps.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_MODEL_DYN_PLAN_H
#define NAVE_MODEL_DYN_PLAN_H
#include "dyn_block.h"

#define NAVE_DYN_PLAN_MAGIC 0x4e59444eu /* "NDYN" */
#define NAVE_DYN_PLAN_VERSION 1u
#define NAVE_DYN_PLAN_HEADER_WORDS 16u
#define NAVE_DYN_PLAN_WORDS (NAVE_DYN_PLAN_HEADER_WORDS + 2u * NAVE_DIALS)
#define NAVE_DYN_MAX_LOOKAHEAD 8192u
#define NAVE_DYN_MAX_TICK 8192u

enum { NAVE_METERS_NONE = 0, NAVE_METERS_LEVELS = 1, NAVE_METERS_TRUE_PEAK = 2 };

typedef struct nave_dyn_plan {
    nave_dyn_shape shape;
    uint32_t external; /* 1: the side-chain's channels follow those of the audio, or of its bands */
    uint32_t meters;   /* NAVE_METERS_* */
    uint32_t tick_frames, ram_bytes;
    int64_t dial[NAVE_DIALS];
} nave_dyn_plan;

/* Bytes of RAM that a card keeps for such an engine. */
uint32_t nave_dyn_plan_bytes(const nave_dyn_shape *shape);
/* Channels of AUDIO_IN: the audio or its bands, then the side-chain. */
uint32_t nave_dyn_inputs(const nave_dyn_plan *plan);
/* words: NAVE_DYN_PLAN_WORDS. */
void nave_dyn_plan_encode(const nave_dyn_plan *plan, uint32_t *words);
/* 0, or the index of the first bad word + 1. */
uint32_t nave_dyn_plan_decode(nave_dyn_plan *plan, const uint32_t *words, size_t n);

/* What a tick was like; sums are exact integers. */
#define NAVE_METERS_HEAD_WORDS 3u
#define NAVE_METERS_CHANNEL_WORDS 8u
typedef struct nave_dyn_meters {
    uint32_t true_peak; /* 1: readings of the oversampled peak too */
    uint32_t frames;
    int32_t limiter;                                 /* log2 Q7.25, lowest of the tick */
    int32_t band[NAVE_DYN_BANDS][NAVE_DYN_CHANNELS]; /* likewise */
    uint32_t peak[2][NAVE_DYN_CHANNELS];             /* of input and output, Q28 */
    uint32_t reading[2][NAVE_DYN_CHANNELS];          /* true peak, NAVE_PEAK_DELAY frames late, Q28 */
    uint64_t square[2][NAVE_DYN_CHANNELS];           /* sum of x^2 >> 16, Q40 */
    nave_peak_history history[2][NAVE_DYN_CHANNELS];
} nave_dyn_meters;
/* dyn_meters.c: frames of the input (side 0) or the output (1) of the engine; and the gains of as many frames. */
void nave_dyn_meter(nave_dyn_meters *m, const nave_dyn *d, int side, const int32_t *const *x, size_t frames);
void nave_dyn_meter_gains(nave_dyn_meters *m, const nave_dyn *d, const nave_dyn_lowest *lowest, size_t frames);
/* Words of a METERS frame; the tick's figures begin anew. */
uint32_t nave_dyn_meters_words(const nave_dyn *d);
void nave_dyn_meters_take(nave_dyn_meters *m, const nave_dyn *d, uint32_t *words);
#endif
