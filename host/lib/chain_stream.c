/* A running chain: a stream for each stage, the words of one into the next, dials and gains at their frames.
 * SPDX-License-Identifier: ISC */
#include "../../sim/model/dyn_plan.h"
#include "chain.h"
#include "convert.h"
#include "sample_hash.h"
#include "stream.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FRAMES 4096    /* between stages */
#define DIAL_STEP_FRAMES 256 /* automation: exact at multiples of this, straight lines of dials between */
#define GAIN_STEP_FRAMES 128 /* of a reverb's gains, which go in steps */
#define MOST_DIALS 512       /* of one DIAL frame */
#define MOST_SETS 32

/* A value that was set by hand and holds until it is set again. */
typedef struct hand {
    uint32_t stage;
    const nave_chain_key *key;
    size_t offset;
    double value;
} hand;

typedef struct running {
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
    uint32_t index;
} running;

struct nave_chain_stream {
    nave_device *dev;
    nave_chain *c;
    nave_chain_session session;
    nave_chain_report report;
    running stage[NAVE_CHAIN_MAX_STAGES];
    uint32_t stages;
    uint64_t frames_in;
    uint32_t silence; /* live: frames still to be read before the chain's first */
    int finished;
    /* the side-chain on its way to later stages: a ring that begins at frame side_first */
    int32_t *side[NAVE_DYN_CHANNELS];
    size_t side_capacity;
    uint64_t side_end;
    int32_t *input[2 * NAVE_MAX_CHANNELS];
    nave_dyn_event *event;
    nave_stage *scratch;
    hand hands[MOST_SETS];
    uint32_t hand_count;
};

/* ---- meters ---- */

static double db_of(double v, double one)
{
    return v > 0 ? 20 * log10(v / one) : -INFINITY;
}

static void take_meters(void *user, uint64_t position, const uint8_t *payload, uint32_t length)
{
    const running *r = ((const nave_stream *)user)->meters_user;
    uint32_t w[NAVE_METERS_HEAD_WORDS + NAVE_DYN_CHANNELS * (NAVE_METERS_CHANNEL_WORDS + NAVE_DYN_BANDS)];
    nave_meters m = {0};
    if (length < 12 || length > sizeof(w))
        return;
    memcpy(w, payload, length);
    m.stage = r->index;
    m.channels = w[0] & 0xff;
    m.bands = w[0] >> 8 & 0xff;
    m.frames = w[1];
    if (m.channels > NAVE_DYN_CHANNELS || m.bands > NAVE_DYN_BANDS ||
        length != 4 * (NAVE_METERS_HEAD_WORDS + m.channels * (NAVE_METERS_CHANNEL_WORDS + NAVE_DYN_BANDS)))
        return;
    const uint64_t end = position < r->before ? 0 : position - r->before;
    m.first_frame = end > m.frames ? end - m.frames : 0;
    m.limiter_gain_db = (int32_t)w[2] / NAVE_Q25_DB;
    const uint32_t *v = w + NAVE_METERS_HEAD_WORDS;
    for (uint32_t c = 0; c < m.channels; c++, v += NAVE_METERS_CHANNEL_WORDS) {
        m.in_peak_dbfs[c] = db_of(v[0], 0x1p28);
        m.in_true_peak_dbtp[c] = db_of(v[1], 0x1p28);
        m.in_rms_dbfs[c] = db_of(sqrt((double)(v[2] | (uint64_t)v[3] << 32) / (double)m.frames), 0x1p20);
        m.out_peak_dbfs[c] = db_of(v[4], 0x1p28);
        m.out_true_peak_dbtp[c] = db_of(v[5], 0x1p28);
        m.out_rms_dbfs[c] = db_of(sqrt((double)(v[6] | (uint64_t)v[7] << 32) / (double)m.frames), 0x1p20);
    }
    for (uint32_t b = 0; b < m.bands; b++)
        for (uint32_t c = 0; c < m.channels; c++)
            m.band_gain_db[b][c] = (int32_t)v[b * m.channels + c] / NAVE_Q25_DB;
    m.frames = end - m.first_frame; /* what came before the input's first frame is silence */
    r->chain->session.meters(r->chain->session.user, &m);
}

/* ---- opening ---- */

static int check_card(nave_chain_stream *st, nave_text *why)
{
    uint32_t features = 0;
    for (uint32_t i = 0; i < st->c->stages; i++) {
        if (st->c->stage[i].parts >> NAVE_PART_REVERB & 1)
            continue;
        if (nave_device_register(st->dev, NAVE_REG_FEATURES, &features, NULL) || !(features & NAVE_FEATURE_DYNAMICS))
            return nave_fail(
                why, NAVE_E_DEVICE,
                "this card has no dynamics engine: render chains with them on the C card, --device model:");
        return NAVE_OK;
    }
    return NAVE_OK;
}

static int open_stage(nave_chain_stream *st, uint32_t i, uint32_t channels, uint32_t before, nave_text *why)
{
    running *r = &st->stage[i];
    nave_device_info info;
    nave_stream_settings s;
    nave_device_get_info(st->dev, &info);
    r->chain = st;
    r->index = i;
    r->before = before;
    int err = nave_stage_plan_make(&r->p, st->c, i, &st->session, channels, &info.limits, why);
    if (err)
        return err;
    nave_stream_settings_default(&s);
    s.input = NAVE_Q28;
    s.output = i + 1 < st->c->stages ? NAVE_Q28 : st->session.output;
    if (!r->p.dynamics) {
        nave_stage *now = st->scratch;
        *now = st->c->stage[i];
        nave_lanes_apply(st->c, i, st->session.rate_hz, 0, 0, now);
        s.wet_db = r->gain_db[0] = now->send_db;
        s.dry_db = r->gain_db[1] = now->dry_db;
    }
    memcpy(r->dial, r->p.dial, sizeof(r->dial));
    for (uint32_t k = 0; k < st->c->lanes; k++)
        r->has_lanes |= st->c->lane[k].target.stage == i;
    err = nave_stream_open(&r->stream, st->dev, r->p.plan, &s, why);
    if (err)
        return err;
    r->stream->in_chain = 1;
    r->stream->latency = 0; /* the chain has its own, once for all stages */
    if (r->p.dynamics && st->session.meters) {
        r->stream->meters_user = r;
        st->dev->link.sink[r->stream->context].meters = take_meters;
    }
    for (uint32_t c = 0; c < r->p.outputs + NAVE_DYN_CHANNELS; c++)
        if (!(r->block[c] = calloc(BLOCK_FRAMES, sizeof(int32_t))))
            return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    return NAVE_OK;
}

int nave_chain_open(nave_chain_stream **out, nave_device *dev, const nave_chain *chain,
                    const nave_chain_session *session, nave_text *why)
{
    if (!out || !dev || !chain || !session)
        return nave_fail(why, NAVE_E_ARG, "nave_chain_open needs a device, a chain and a session");
    if (session->channels < 1 || session->channels > NAVE_MAX_CHANNELS ||
        (session->side_chain && session->channels > NAVE_DYN_CHANNELS))
        return nave_fail(why, NAVE_E_CHANNELS, "a chain takes 1 to %d channels, with a side-chain 1 or 2",
                         NAVE_MAX_CHANNELS);
    if (session->input == NAVE_Q44 || session->input > NAVE_F64 || session->output > NAVE_F64)
        return nave_fail(why, NAVE_E_ARG, "a chain takes F32, F64 or Q28 samples and gives F32, F64, Q28 or Q44");
    nave_chain_stream *st = calloc(1, sizeof(*st));
    if (!st)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    st->dev = dev;
    st->session = *session;
    if (session->plan.mode == NAVE_LIVE)
        st->session.plan.tick_frames = nave_chain_tick(session);
    st->c = nave_chain_copy(chain);
    st->scratch = malloc(sizeof(*st->scratch));
    st->event = malloc(2 * NAVE_DIALS * sizeof(*st->event));
    int err = st->c && st->scratch && st->event ? NAVE_OK : nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    for (uint32_t c = 0; c < 2 * session->channels && !err; c++)
        if (!(st->input[c] = calloc(BLOCK_FRAMES, sizeof(int32_t))))
            err = nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    if (!err)
        err = check_card(st, why);
    uint32_t channels = session->channels, before = 0;
    for (uint32_t i = 0; i < chain->stages && !err; i++) {
        st->stages++;
        err = open_stage(st, i, channels, before, why);
        channels = st->stage[i].p.outputs;
        before += st->stage[i].p.latency_frames;
    }
    if (!err && session->side_chain) {
        st->side_capacity = before + (size_t)(chain->stages + 1) * (4 * BLOCK_FRAMES + 65536);
        for (uint32_t c = 0; c < session->channels && !err; c++)
            if (!(st->side[c] = calloc(st->side_capacity, sizeof(int32_t))))
                err = nave_fail(why, NAVE_E_NOMEM, "out of memory for the side-chain");
    }
    if (err) {
        nave_chain_close(st);
        return err;
    }
    st->silence = st->session.plan.mode == NAVE_LIVE ? 2 * st->session.plan.tick_frames : 0;
    nave_chain_report_begin(&st->report, st->c, &st->session);
    for (uint32_t i = 0; i < st->stages; i++)
        nave_chain_report_add(&st->report, st->c, i, &st->stage[i].p);
    *out = st;
    return NAVE_OK;
}

void nave_chain_close(nave_chain_stream *st)
{
    if (!st)
        return;
    for (uint32_t i = 0; i < st->stages; i++) {
        running *r = &st->stage[i];
        nave_stream_close(r->stream);
        nave_stage_plan_free(&r->p);
        for (size_t c = 0; c < sizeof(r->block) / sizeof(r->block[0]); c++)
            free(r->block[c]);
    }
    for (int c = 0; c < NAVE_DYN_CHANNELS; c++)
        free(st->side[c]);
    for (size_t c = 0; c < sizeof(st->input) / sizeof(st->input[0]); c++)
        free(st->input[c]);
    nave_chain_free(st->c);
    free(st->scratch);
    free(st->event);
    free(st);
}

/* ---- dials and gains ---- */

/* Those of one frame after the other; the engine takes what comes at its place. */
static int send_events(nave_chain_stream *st, running *r, const nave_dyn_event *event, size_t n)
{
    for (size_t from = 0; from < n;) {
        uint32_t words[4 * MOST_DIALS];
        size_t count = 0;
        while (from + count < n && count < MOST_DIALS && event[from + count].frame == event[from].frame) {
            const nave_dyn_event *e = &event[from + count];
            uint32_t *w = words + 4 * count++;
            w[0] = e->dial;
            w[1] = e->ramp_frames;
            w[2] = (uint32_t)e->value;
            w[3] = (uint32_t)((uint64_t)e->value >> 32);
        }
        const int err = nave_link_command(&st->dev->link, NAVE_FRAME_DIAL, r->stream->context, event[from].frame, words,
                                          (uint32_t)(16 * count), NULL, NULL);
        if (err)
            return err;
        from += count;
    }
    return NAVE_OK;
}

/* The stage as it is at a frame of the chain: its text, then its lanes, then what was set by hand. */
static const nave_stage *stage_at(nave_chain_stream *st, uint32_t i, uint64_t frame, int before)
{
    nave_stage *s = st->scratch;
    *s = st->c->stage[i];
    nave_lanes_apply(st->c, i, st->session.rate_hz, frame, before, s);
    for (uint32_t k = 0; k < st->hand_count; k++)
        if (st->hands[k].stage == i)
            nave_stage_set(s, st->hands[k].key, st->hands[k].offset, st->hands[k].value);
    return s;
}

static int dials_at(nave_chain_stream *st, running *r, uint64_t frame, int before, int64_t *dial)
{
    nave_dyn_settings settings;
    nave_stage_settings(stage_at(st, r->index, frame, before), st->session.rate_hz, &settings);
    return nave_dyn_dials(&settings, dial, NULL);
}

/* Jumps at frame `from` of the chain, then straight lines to where the dials are at `to`. */
static int move_dials(nave_chain_stream *st, running *r, uint64_t from, uint64_t to, int moves)
{
    int64_t dial[NAVE_DIALS];
    int err = dials_at(st, r, from, 0, dial);
    size_t n = 0;
    if (!err) {
        n = nave_dyn_changes(r->dial, dial, from + r->before, 0, st->event);
        memcpy(r->dial, dial, sizeof(dial));
    }
    if (!err && moves) {
        err = dials_at(st, r, to, 1, dial);
        if (!err) { /* from the frame after, so that frame `from` has its own value and `to` this one */
            n += nave_dyn_changes(r->dial, dial, from + 1 + r->before, (uint32_t)(to - from), st->event + n);
            memcpy(r->dial, dial, sizeof(dial));
        }
    }
    return err ? err : send_events(st, r, st->event, n);
}

static int move_gains(nave_chain_stream *st, running *r, uint64_t from)
{
    const nave_stage *s = stage_at(st, r->index, from, 0);
    const double db[2] = {s->send_db, s->dry_db};
    for (int k = 0; k < 2; k++) {
        if (db[k] == r->gain_db[k])
            continue;
        r->gain_db[k] = db[k];
        const int err =
            nave_stream_set_param(r->stream, k ? NAVE_PARAM_DRY_GAIN : NAVE_PARAM_WET_GAIN, db[k], from + r->before);
        if (err)
            return err;
    }
    return NAVE_OK;
}

/* Sends what the lanes say for all frames of this stage below `end`. */
static int move_lanes(nave_chain_stream *st, running *r, uint64_t end)
{
    const double rate_hz = st->session.rate_hz;
    const uint64_t step = r->p.dynamics ? DIAL_STEP_FRAMES : GAIN_STEP_FRAMES;
    while (r->has_lanes && r->cut != UINT64_MAX && r->cut + r->before < end) {
        const int moves = nave_lanes_move(st->c, r->index, rate_hz, r->cut);
        uint64_t to = nave_lanes_next(st->c, r->index, rate_hz, r->cut);
        if (moves && (r->cut / step + 1) * step < to)
            to = (r->cut / step + 1) * step;
        const int err = r->p.dynamics ? move_dials(st, r, r->cut, to, moves) : move_gains(st, r, r->cut);
        if (err)
            return err;
        r->cut = to;
    }
    return NAVE_OK;
}

/* From where the engine is to what the hands say. */
static int ramp_dials(nave_chain_stream *st, running *r, const int64_t *from, uint64_t at_frame, uint32_t ramp_frames)
{
    int64_t dial[NAVE_DIALS];
    int err = dials_at(st, r, at_frame, 0, dial);
    if (err)
        return err;
    const size_t n = nave_dyn_changes(from, dial, at_frame + r->before, ramp_frames, st->event);
    err = send_events(st, r, st->event, n);
    for (size_t i = 0; i < n && !err; i++)
        r->dial[st->event[i].dial] = st->event[i].value;
    return err;
}

/* which: 0 send, 1 dry. */
static int ramp_gain(running *r, int which, double to_db, uint64_t at_frame, uint32_t ramp_frames)
{
    const double from_db = r->gain_db[which];
    const uint32_t steps = ramp_frames / GAIN_STEP_FRAMES < 64 ? ramp_frames / GAIN_STEP_FRAMES : 64;
    int err = NAVE_OK;
    for (uint32_t i = 1; i <= steps + (steps == 0) && !err; i++) {
        const double a = pow(10, from_db / 20), b = pow(10, to_db / 20), share = steps ? (double)i / steps : 1;
        const double amplitude = a + (b - a) * share;
        const double db = i >= steps ? to_db : amplitude > 0 ? 20 * log10(amplitude) : -INFINITY;
        const uint64_t at = at_frame + r->before + (steps ? (uint64_t)ramp_frames * (i - 1) / steps : 0);
        err = nave_stream_set_param(r->stream, which ? NAVE_PARAM_DRY_GAIN : NAVE_PARAM_WET_GAIN, db, at);
    }
    r->gain_db[which] = to_db;
    return err;
}

int nave_chain_set(nave_chain_stream *st, const char *parameter, const char *value, uint64_t at_frame,
                   uint32_t ramp_frames, nave_text *why)
{
    char hint[160] = "";
    size_t bad = 0, used = 0;
    double v;
    nave_chain_target t = {0};
    if (!st || !parameter || !value)
        return nave_fail(why, NAVE_E_ARG, "nave_chain_set needs a stream, a parameter and a value");
    if (nave_chain_find_target(st->c, parameter, strlen(parameter), &t, &bad, hint))
        return nave_fail(why, NAVE_E_ARG, "'%s', position %zu: %s", parameter, bad + 1, hint);
    if (t.key->fixed)
        return nave_fail(why, NAVE_E_ARG, "%s is fixed while a chain runs", t.key->name);
    if (nave_chain_read_value(t.key, value, strlen(value), &v, &used, hint) || value[used])
        return nave_fail(why, NAVE_E_ARG, "'%s', position %zu: %s", value, used + 1, *hint ? hint : "the end expected");
    for (uint32_t i = 0; i < st->c->lanes; i++)
        if (st->c->lane[i].target.stage == t.stage && st->c->lane[i].target.offset == t.offset)
            return nave_fail(why, NAVE_E_STATE, "'%s' has a lane of automation in the chain: take it out", parameter);
    running *r = &st->stage[t.stage];
    if (at_frame + r->before < r->written || at_frame < st->frames_in)
        return nave_fail(why, NAVE_E_STATE, "frame %llu was written already", (unsigned long long)at_frame);
    uint32_t k = 0;
    while (k < st->hand_count && (st->hands[k].stage != t.stage || st->hands[k].offset != t.offset))
        k++;
    if (k == MOST_SETS)
        return nave_fail(why, NAVE_E_STATE, "a stream sets at most %d parameters by hand", MOST_SETS);
    int64_t from[NAVE_DIALS];
    int err = NAVE_OK;
    memcpy(from, r->dial, sizeof(from));
    if (r->p.dynamics && r->has_lanes) /* the lanes' own dials go on by themselves */
        err = dials_at(st, r, at_frame, 0, from);
    const hand old = st->hands[k];
    const uint32_t old_count = st->hand_count;
    st->hands[k] = (hand){t.stage, t.key, t.offset, v};
    st->hand_count += k == st->hand_count;
    if (!err)
        err = r->p.dynamics ? ramp_dials(st, r, from, at_frame, ramp_frames)
                            : ramp_gain(r, t.key == nave_keys_reverb + 1, v, at_frame, ramp_frames);
    if (err) {
        st->hands[k] = old;
        st->hand_count = old_count;
        return nave_fail(why, err, "the card takes no more changes at once, or the value can't be there: %s",
                         nave_strerror(err));
    }
    return NAVE_OK;
}

/* ---- audio ---- */

/* n frames into a stage, the side-chain's of the same frames beside them. */
static int feed_stage(nave_chain_stream *st, running *r, int32_t *const *from, size_t done, size_t n, size_t *taken)
{
    const void *in[2 * NAVE_MAX_CHANNELS];
    const uint32_t channels = r->p.inputs;
    int32_t side[NAVE_DYN_CHANNELS][DIAL_STEP_FRAMES];
    *taken = 0;
    if (r->has_lanes || (st->session.side_chain && r->p.dynamics))
        n = n < DIAL_STEP_FRAMES ? n : DIAL_STEP_FRAMES;
    const int err = move_lanes(st, r, r->written + n);
    if (err)
        return err;
    for (uint32_t c = 0; c < channels; c++)
        in[c] = from[c] + done;
    if (st->session.side_chain && r->p.dynamics)
        for (uint32_t c = 0; c < channels; c++) {
            for (size_t i = 0; i < n; i++) {
                const uint64_t f = r->written + i;
                const int there = f >= r->before && f - r->before < st->side_end;
                side[c][i] = there ? st->side[c][(f - r->before) % st->side_capacity] : 0;
            }
            in[channels + c] = side[c];
        }
    const int wrote = nave_stream_write(r->stream, in, n, taken);
    r->written += *taken;
    return wrote == NAVE_E_AGAIN ? NAVE_OK : wrote;
}

/* Moves words between the stages as far as they go. */
static int pump(nave_chain_stream *st, int *moved)
{
    *moved = 0;
    for (uint32_t i = 0; i + 1 < st->stages; i++) {
        running *r = &st->stage[i], *next = &st->stage[i + 1];
        for (;;) {
            size_t taken = 0;
            if (r->done == r->have) {
                r->done = 0;
                const int err = nave_stream_read(r->stream, (void *const *)r->block, BLOCK_FRAMES, &r->have);
                if (err && err != NAVE_E_AGAIN)
                    return err;
                if (r->have == 0)
                    break;
            }
            const int err = feed_stage(st, next, r->block, r->done, r->have - r->done, &taken);
            if (err)
                return err;
            r->done += taken;
            *moved |= taken != 0;
            if (taken == 0)
                break;
        }
        if (r->finished && !next->finished && r->done == r->have && nave_stream_wait(r->stream, 0) == NAVE_E_STATE) {
            const int err = nave_stream_finish(next->stream);
            if (err)
                return err;
            next->finished = 1;
            *moved = 1;
        }
    }
    return NAVE_OK;
}

static int convert_in(nave_chain_stream *st, const void *const *in, size_t from, size_t n)
{
    const uint32_t channels = st->session.channels * (st->session.side_chain ? 2 : 1);
    int nan = 0;
    for (uint32_t c = 0; c < channels; c++) {
        if (st->session.input == NAVE_F32)
            nan |= nave_q28_from_f32(st->input[c], (const float *)in[c] + from, n);
        else if (st->session.input == NAVE_F64)
            nan |= nave_q28_from_f64(st->input[c], (const double *)in[c] + from, n);
        else
            memcpy(st->input[c], (const int32_t *)in[c] + from, n * sizeof(int32_t));
    }
    return nan ? NAVE_E_FORMAT : NAVE_OK;
}

static void keep_side(nave_chain_stream *st, size_t n)
{
    for (uint32_t c = 0; c < st->session.channels && st->session.side_chain; c++)
        for (size_t i = 0; i < n; i++)
            st->side[c][(st->side_end + i) % st->side_capacity] = st->input[st->session.channels + c][i];
    st->side_end += n;
}

int nave_chain_write(nave_chain_stream *st, const void *const *in, size_t frames, size_t *taken)
{
    int moved;
    if (!st || !in || !taken)
        return NAVE_E_ARG;
    *taken = 0;
    if (st->finished)
        return NAVE_E_STATE;
    while (*taken < frames) {
        size_t n = frames - *taken < BLOCK_FRAMES ? frames - *taken : BLOCK_FRAMES, got = 0;
        /* later stages may be behind by what lies between; the side-chain must still have their frames */
        if (st->session.side_chain && st->frames_in + n > st->stage[st->stages - 1].written + st->side_capacity / 2)
            break;
        int err = convert_in(st, in, *taken, n);
        const uint64_t side_end = st->side_end;
        if (!err) {
            keep_side(st, n);
            err = feed_stage(st, &st->stage[0], st->input, 0, n, &got);
            st->side_end = side_end + got;
        }
        if (!err)
            err = pump(st, &moved);
        if (err)
            return err;
        *taken += got;
        st->frames_in += got;
        if (got == 0)
            break;
    }
    return *taken || frames == 0 ? NAVE_OK : NAVE_E_AGAIN;
}

int nave_chain_read(nave_chain_stream *st, void *const *out, size_t frames, size_t *given)
{
    if (!st || !out || !given)
        return NAVE_E_ARG;
    *given = 0;
    running *last = &st->stage[st->stages - 1];
    const size_t size = nave_sample_size(st->session.output);
    if (st->silence) {
        const size_t n = frames < st->silence ? frames : st->silence;
        for (uint32_t c = 0; c < last->p.outputs; c++)
            memset(out[c], 0, n * size);
        st->silence -= (uint32_t)n;
        *given = n;
    }
    int moved = 1;
    while (*given < frames && moved) {
        void *to[NAVE_MAX_CHANNELS];
        size_t got = 0;
        int err = pump(st, &moved);
        if (err)
            return err;
        for (uint32_t c = 0; c < last->p.outputs; c++)
            to[c] = (uint8_t *)out[c] + *given * size;
        err = nave_stream_read(last->stream, to, frames - *given, &got);
        if (err && err != NAVE_E_AGAIN)
            return err;
        *given += got;
        moved |= got != 0;
    }
    return NAVE_OK;
}

int nave_chain_wait(nave_chain_stream *st, int timeout_ms)
{
    if (!st)
        return NAVE_E_ARG;
    if (st->silence)
        return NAVE_OK;
    int moved;
    int err = pump(st, &moved);
    if (err || moved)
        return err;
    err = nave_stream_wait(st->stage[st->stages - 1].stream, 0);
    if (err == NAVE_OK && (st->finished || st->stages == 1))
        return err;
    if (err == NAVE_E_STATE)
        return err;
    return nave_link_pump(&st->dev->link, timeout_ms);
}

int nave_chain_finish(nave_chain_stream *st)
{
    if (!st)
        return NAVE_E_ARG;
    if (st->finished)
        return NAVE_E_STATE;
    const int err = nave_stream_finish(st->stage[0].stream);
    st->finished = 1;
    st->stage[0].finished = 1;
    return err;
}

int nave_chain_process(nave_chain_stream *st, const void *const *in, void *const *out, size_t frames)
{
    if (!st || !in || !out)
        return NAVE_E_ARG;
    if (st->session.plan.mode != NAVE_LIVE || st->finished)
        return NAVE_E_STATE;
    const uint32_t inputs = st->session.channels * (st->session.side_chain ? 2 : 1);
    const size_t in_size = nave_sample_size(st->session.input), out_size = nave_sample_size(st->session.output);
    for (size_t done = 0; done < frames;) {
        const void *from[2 * NAVE_MAX_CHANNELS];
        void *to[NAVE_MAX_CHANNELS];
        const size_t tick = st->session.plan.tick_frames, n = frames - done < tick ? frames - done : tick;
        size_t taken = 0;
        for (uint32_t c = 0; c < inputs; c++)
            from[c] = (const uint8_t *)in[c] + done * in_size;
        int err = nave_chain_write(st, from, n, &taken);
        if (err)
            return err;
        for (size_t got = 0; got < taken;) {
            size_t given = 0;
            for (uint32_t c = 0; c < st->report.outputs; c++)
                to[c] = (uint8_t *)out[c] + (done + got) * out_size;
            err = nave_chain_read(st, to, taken - got, &given);
            got += given;
            if (!err && given == 0)
                err = nave_link_pump(&st->dev->link, st->dev->link.live_timeout_ms);
            if (err == NAVE_E_AGAIN)
                return nave_link_give_up(&st->dev->link, NAVE_E_TIMEOUT, "the card gave no live audio in time");
            if (err)
                return err;
        }
        done += taken;
    }
    return NAVE_OK;
}

void nave_chain_facts(const nave_chain_stream *st, char plan_hash[65], uint64_t *tail_frames)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    *tail_frames = 0;
    for (uint32_t i = 0; i < st->stages; i++) {
        nave_plan_report r;
        nave_plan_get_report(st->stage[i].p.plan, &r);
        sha256_update(&sha, strlen(r.hash), (const uint8_t *)r.hash);
        *tail_frames += st->stage[i].p.dynamics ? 0 : r.response_frames - 1;
    }
    sha256_digest(&sha, sizeof(digest), digest);
    nave_hex(plan_hash, digest, sizeof(digest));
}

int nave_chain_count_clipped(const nave_chain_stream *st, uint64_t *clipped_samples)
{
    *clipped_samples = 0;
    for (uint32_t i = 0; i < st->stages; i++) {
        nave_stream_stats stats;
        const int err = nave_stream_get_stats(st->stage[i].stream, &stats);
        if (err)
            return err;
        *clipped_samples += stats.clipped_samples;
    }
    return NAVE_OK;
}

int nave_chain_get_report(const nave_chain_stream *st, nave_chain_report *out)
{
    if (!st || !out)
        return NAVE_E_ARG;
    *out = st->report;
    return NAVE_OK;
}
