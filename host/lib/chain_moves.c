/* Dials and gains of a running chain at their frames: from lanes, and set by hand.
 * SPDX-License-Identifier: ISC */
#include "chain_stream.h"
#include <math.h>
#include <string.h>

#define GAIN_STEP_FRAMES 128 /* of a reverb's gains, which go in steps */
#define MOST_DIALS 512       /* of one DIAL frame */

/* Those of one frame after the other; the engine takes what comes at its place. */
static int send_events(nave_chain_stream *st, nave_chain_running *r, const nave_dyn_event *event, size_t n)
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

static int dials_at(nave_chain_stream *st, nave_chain_running *r, uint64_t frame, int before, int64_t *dial)
{
    nave_dyn_settings settings;
    nave_stage_settings(stage_at(st, r->index, frame, before), st->session.rate_hz, &settings);
    return nave_dyn_dials(&settings, dial, NULL);
}

/* Jumps at frame `from` of the chain, then straight lines to where the dials are at `to`. */
static int move_dials(nave_chain_stream *st, nave_chain_running *r, uint64_t from, uint64_t to, int moves)
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

static int move_gains(nave_chain_stream *st, nave_chain_running *r, uint64_t from)
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

int nave_chain_move_lanes(nave_chain_stream *st, nave_chain_running *r, uint64_t end)
{
    const double rate_hz = st->session.rate_hz;
    const uint64_t step = r->p.dynamics ? NAVE_DIAL_STEP_FRAMES : GAIN_STEP_FRAMES;
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
static int ramp_dials(nave_chain_stream *st, nave_chain_running *r, const int64_t *from, uint64_t at_frame,
                      uint32_t ramp_frames)
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
static int ramp_gain(nave_chain_running *r, int which, double to_db, uint64_t at_frame, uint32_t ramp_frames)
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
    if (t.key == &nave_key_crossover && nave_stage_is_linear(&st->c->stage[t.stage]))
        return nave_fail(why, NAVE_E_ARG, "crossovers of linear phase are fixed while a chain runs");
    if (nave_chain_read_value(t.key, value, strlen(value), &v, &used, hint) || value[used])
        return nave_fail(why, NAVE_E_ARG, "'%s', position %zu: %s", value, used + 1, *hint ? hint : "the end expected");
    for (uint32_t i = 0; i < st->c->lanes; i++)
        if (st->c->lane[i].target.stage == t.stage && st->c->lane[i].target.offset == t.offset)
            return nave_fail(why, NAVE_E_STATE, "'%s' has a lane of automation in the chain: take it out", parameter);
    nave_chain_running *r = st->stage;
    while (r->index != t.stage || r->p.crossovers)
        r++;
    if (at_frame + r->before < r->written || at_frame < st->frames_in)
        return nave_fail(why, NAVE_E_STATE, "frame %llu was written already", (unsigned long long)at_frame);
    uint32_t k = 0;
    while (k < st->hand_count && (st->hands[k].stage != t.stage || st->hands[k].offset != t.offset))
        k++;
    if (k == NAVE_CHAIN_MOST_SETS)
        return nave_fail(why, NAVE_E_STATE, "a stream sets at most %d parameters by hand", NAVE_CHAIN_MOST_SETS);
    int64_t from[NAVE_DIALS];
    int err = NAVE_OK;
    memcpy(from, r->dial, sizeof(from));
    if (r->p.dynamics && r->has_lanes) /* the lanes' own dials go on by themselves */
        err = dials_at(st, r, at_frame, 0, from);
    const nave_chain_hand old = st->hands[k];
    const uint32_t old_count = st->hand_count;
    st->hands[k] = (nave_chain_hand){t.stage, t.key, t.offset, v};
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
