/* A running chain: a stream for each stage, the words of one into the next.
 * SPDX-License-Identifier: ISC */
#include "../../driver/boards.h"
#include "../../sim/model/dyn_plan.h"
#include "chain_stream.h"
#include "convert.h"
#include "sample_hash.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FRAMES 4096 /* between stages */

/* ---- meters ---- */

static double db_of(double v, double one)
{
    return v > 0 ? 20 * log10(v / one) : -INFINITY;
}

static void take_meters(void *user, uint64_t position, const uint8_t *payload, uint32_t length)
{
    const nave_chain_running *r = ((const nave_stream *)user)->meters_user;
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

/* The limits that the chain's plans keep to. */
static int plan_limits(nave_chain_stream *st, nave_card_limits *out, nave_text *why)
{
    nave_device_info info;
    nave_device_get_info(st->dev, &info);
    *out = info.limits;
    if (st->session.board[0] && nave_board_limits(st->session.board, out))
        return nave_fail(why, NAVE_E_ARG, "no board is called '%s': there are %s", st->session.board,
                         nave_board_names());
    memcpy(st->session.board, out->board, sizeof(st->session.board));
    return NAVE_OK;
}

/* A stream of the plan, at its first frame. */
static int start_stage(nave_chain_stream *st, nave_chain_running *r, nave_text *why)
{
    nave_stream_settings s;
    nave_stream_settings_default(&s);
    s.input = NAVE_Q28;
    s.output = r->index + 1 < st->c->stages || r->p.crossovers ? NAVE_Q28 : st->session.output;
    if (!r->p.dynamics && !r->p.crossovers) {
        nave_stage *now = st->scratch;
        *now = st->c->stage[r->index];
        nave_lanes_apply(st->c, r->index, st->session.rate_hz, 0, 0, now);
        s.wet_db = r->gain_db[0] = now->send_db;
        s.dry_db = r->gain_db[1] = now->dry_db;
    }
    memcpy(r->dial, r->p.dial, sizeof(r->dial));
    r->written = r->cut = 0;
    r->have = r->done = 0;
    r->finished = 0;
    const int err = nave_stream_open(&r->stream, st->dev, r->p.plan, &s, why);
    if (err)
        return err;
    r->stream->in_chain = 1;
    r->stream->latency = 0; /* the chain has its own, once for all stages */
    if (r->p.dynamics && st->session.meters) {
        r->stream->meters_user = r;
        st->dev->link.sink[r->stream->context].meters = take_meters;
    }
    return NAVE_OK;
}

/* Behind those that are open; the plan is then the chain's to free. */
static int open_context(nave_chain_stream *st, uint32_t index, const nave_stage_plan *p, nave_text *why)
{
    const nave_chain_running *ahead = st->stages ? &st->stage[st->stages - 1] : NULL;
    nave_chain_running *r = &st->stage[st->stages++];
    r->p = *p;
    r->chain = st;
    r->index = index;
    r->before = ahead ? ahead->before + ahead->p.latency_frames : 0;
    for (uint32_t k = 0; k < st->c->lanes && !p->crossovers; k++)
        r->has_lanes |= st->c->lane[k].target.stage == index;
    const int err = start_stage(st, r, why);
    if (err)
        return err;
    for (uint32_t c = 0; c < r->p.outputs + NAVE_DYN_CHANNELS; c++)
        if (!(r->block[c] = calloc(BLOCK_FRAMES, sizeof(int32_t))))
            return nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    return NAVE_OK;
}

static int open_stage(nave_chain_stream *st, uint32_t i, uint32_t channels, const nave_card_limits *limits,
                      nave_text *why)
{
    nave_stage_plan p[NAVE_STAGE_PLANS];
    uint32_t count = 0, k = 0;
    int err = nave_stage_plans_make(p, &count, st->c, i, &st->session, channels, limits, why);
    if (!err && st->stages + count > NAVE_CHAIN_MAX_STAGES)
        err = nave_fail(why, NAVE_E_FIT,
                        "%s takes more than the %d contexts of a card (linear phase takes two): use fewer stages",
                        st->c->name, NAVE_CHAIN_MAX_STAGES);
    for (; k < count && !err; k++)
        err = open_context(st, i, &p[k], why);
    for (; k < count; k++)
        nave_stage_plan_free(&p[k]);
    return err;
}

static uint32_t silence_of(const nave_chain_stream *st)
{
    return st->session.plan.mode == NAVE_LIVE ? 2 * st->session.plan.tick_frames : 0;
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
    nave_card_limits limits;
    if (!err)
        err = plan_limits(st, &limits, why);
    if (!err)
        err = check_card(st, why);
    for (uint32_t i = 0; i < chain->stages && !err; i++)
        err = open_stage(st, i, i ? st->stage[st->stages - 1].p.outputs : session->channels, &limits, why);
    if (!err && session->side_chain) {
        const nave_chain_running *last = &st->stage[st->stages - 1];
        st->side_capacity =
            last->before + last->p.latency_frames + (size_t)(st->stages + 1) * (4 * BLOCK_FRAMES + 65536);
        for (uint32_t c = 0; c < session->channels && !err; c++)
            if (!(st->side[c] = calloc(st->side_capacity, sizeof(int32_t))))
                err = nave_fail(why, NAVE_E_NOMEM, "out of memory for the side-chain");
    }
    if (err) {
        nave_chain_close(st);
        return err;
    }
    st->silence = silence_of(st);
    nave_chain_report_begin(&st->report, st->c, &st->session);
    for (uint32_t i = 0; i < st->stages; i++)
        nave_chain_report_add(&st->report, st->c, st->stage[i].index, &st->stage[i].p);
    *out = st;
    return NAVE_OK;
}

int nave_chain_restart(nave_chain_stream *st, nave_device *dev, nave_text *why)
{
    for (uint32_t i = 0; i < st->stages; i++) {
        nave_stream_close(st->stage[i].stream);
        st->stage[i].stream = NULL;
    }
    st->dev = dev;
    st->frames_in = st->side_end = 0;
    st->silence = silence_of(st);
    st->finished = 0;
    st->hand_count = 0;
    int err = check_card(st, why);
    for (uint32_t i = 0; i < st->stages && !err; i++)
        err = start_stage(st, &st->stage[i], why);
    return err;
}

void nave_chain_close(nave_chain_stream *st)
{
    if (!st)
        return;
    for (uint32_t i = 0; i < st->stages; i++) {
        nave_chain_running *r = &st->stage[i];
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

/* ---- audio ---- */

/* n frames into a stage, the side-chain's of the same frames beside them. */
static int feed_stage(nave_chain_stream *st, nave_chain_running *r, int32_t *const *from, size_t done, size_t n,
                      size_t *taken)
{
    const void *in[2 * NAVE_MAX_CHANNELS];
    const uint32_t channels = r->p.inputs;
    int32_t side[NAVE_DYN_CHANNELS][NAVE_DIAL_STEP_FRAMES];
    *taken = 0;
    if (r->has_lanes || (st->session.side_chain && r->p.dynamics))
        n = n < NAVE_DIAL_STEP_FRAMES ? n : NAVE_DIAL_STEP_FRAMES;
    const int err = nave_chain_move_lanes(st, r, r->written + n);
    if (err)
        return err;
    for (uint32_t c = 0; c < channels; c++)
        in[c] = from[c] + done;
    if (st->session.side_chain && r->p.dynamics)
        for (uint32_t c = 0; c < r->p.outputs; c++) {
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
        nave_chain_running *r = &st->stage[i], *next = &st->stage[i + 1];
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
    nave_chain_running *last = &st->stage[st->stages - 1];
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

void nave_chain_facts(const nave_chain_stream *st, char plan_hash[65], char board[24], uint64_t *tail_frames)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    memcpy(board, st->session.board, sizeof(st->session.board));
    *tail_frames = 0;
    for (uint32_t i = 0; i < st->stages; i++) {
        nave_plan_report r;
        nave_plan_get_report(st->stage[i].p.plan, &r);
        sha256_update(&sha, strlen(r.hash), (const uint8_t *)r.hash);
        *tail_frames += st->stage[i].p.dynamics || st->stage[i].p.crossovers ? 0 : r.response_frames - 1;
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
