/* A running chain, shared by chain_stream.c (audio through its stages) and chain_moves.c (dials and gains that change).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LIB_CHAIN_STREAM_H
#define NAVE_LIB_CHAIN_STREAM_H
#include "chain.h"
#include "stream.h"

#define NAVE_DIAL_STEP_FRAMES 256 /* automation: exact at multiples of this, straight lines of dials between */
#define NAVE_CHAIN_MOST_SETS 32

/* A value that was set by hand and holds until it is set again. */
typedef struct nave_chain_hand {
    uint32_t stage;
    const nave_chain_key *key;
    size_t offset;
    double value;
} nave_chain_hand;

typedef struct nave_chain_running {
    nave_stage_plan p;
    nave_stream *stream;
    uint32_t before;  /* latency of the stages in front of this one */
    uint64_t written; /* frames into this stage */
    uint64_t cut;     /* the chain's frame up to which the lanes were sent; 0 at first */
    int has_lanes;
    int64_t dial[NAVE_DIALS]; /* where the engine is at `cut` */
    double gain_db[2];        /* likewise, send and dry */
    int finished;
    int32_t *block[2 * NAVE_MAX_CHANNELS]; /* what the stage gave and the next one has not taken */
    size_t have, done;
    struct nave_chain_stream *chain;
    uint32_t index; /* of the chain's stage */
} nave_chain_running;

struct nave_chain_stream {
    nave_device *dev;
    nave_chain *c;
    nave_chain_session session;
    nave_chain_report report;
    nave_chain_running stage[NAVE_CHAIN_MAX_STAGES]; /* contexts: two of a stage with linear phase */
    uint32_t stages;
    uint64_t frames_in;
    uint32_t silence; /* live: frames still to be read before the chain's first */
    int finished;
    /* the side-chain on its way to later stages: a ring, whose last frame is side_end - 1 */
    int32_t *side[NAVE_DYN_CHANNELS];
    size_t side_capacity;
    uint64_t side_end;
    int32_t *input[2 * NAVE_MAX_CHANNELS];
    nave_dyn_event *event;
    nave_stage *scratch;
    nave_chain_hand hands[NAVE_CHAIN_MOST_SETS];
    uint32_t hand_count;
};

/* Sends what the lanes say for all frames of this stage below `end`. */
int nave_chain_move_lanes(nave_chain_stream *st, nave_chain_running *r, uint64_t end);
#endif
