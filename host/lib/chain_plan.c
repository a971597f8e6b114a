/* A stage of a chain as a plan of the card.
 * SPDX-License-Identifier: ISC */
#include "../../sim/model/dyn_plan.h"
#include "chain.h"
#include "sample_hash.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DYN_TICK_FRAMES 256 /* offline: few enough that the dials of a tick's automation have room on the card */

void nave_stage_settings(const nave_stage *s, double rate_hz, nave_dyn_settings *out)
{
    *out = s->dyn;
    out->rate_hz = rate_hz;
    if (!(s->parts >> NAVE_PART_LIMITER & 1))
        out->limiter_lookahead_s = 0;
    /* the shortest that there is, so that a stage without a limiter is hardly late */
    if (out->limiter_lookahead_s * rate_hz < 2)
        out->limiter_lookahead_s = 2 / rate_hz;
}

double nave_stage_multiplies(const nave_stage_plan *p)
{
    const nave_dyn_settings *s = &p->settings;
    double n = 0;
    for (uint32_t i = 0; i < NAVE_DYN_SECTIONS; i++)
        n += s->eq[i].kind != NAVE_EQ_NONE ? 4 : 0;
    if (s->bands > 1)
        n += s->slope_db == 48 ? 14.0 * s->bands - 18 : 6.0 * s->bands - 8;
    for (uint32_t b = 0; b < s->bands; b++) {
        n += 3 + 4; /* detector; link, gain, wet, level */
        n += (s->band[b].low_cut_hz > 0 ? 4 : 0) + (s->band[b].high_cut_hz > 0 ? 4 : 0);
        for (uint32_t k = 0; k < NAVE_DYN_CURVES; k++)
            n += s->band[b].curve[k].kind == NAVE_CURVE_NONE ? 0 : s->band[b].curve[k].auto_release ? 5 : 4;
    }
    return n * p->shape.channels + 2 + p->shape.channels + (s->dc_filter_hz > 0 ? 4 * p->shape.channels : 0);
}

/* What a chain says of its bands that a session can't do. */
static int check_external(const nave_chain *c, const nave_dyn_settings *s, const nave_chain_session *session,
                          nave_text *why)
{
    for (uint32_t b = 0; b < s->bands; b++)
        if (s->band[b].external && !session->side_chain)
            return nave_fail(why, NAVE_E_ARG,
                             "%s: band %u listens to the external side-chain and none is given: give a side-chain file",
                             c->name, b + 1);
    return NAVE_OK;
}

static int dynamics_plan(nave_stage_plan *out, const nave_chain *c, uint32_t stage, const nave_chain_session *session,
                         uint32_t channels, nave_text *why)
{
    nave_stage *s = malloc(sizeof(*s));
    nave_dyn_plan *d = calloc(1, sizeof(*d));
    nave_plan *p = calloc(1, sizeof(*p));
    int err = s && d && p ? NAVE_OK : nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
    if (err)
        goto err_free;
    p->words = malloc(NAVE_DYN_PLAN_WORDS * sizeof(*p->words));
    if (!p->words) {
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory for the chain");
        goto err_free;
    }
    *s = c->stage[stage];
    nave_lanes_apply(c, stage, session->rate_hz, 0, 0, s);
    nave_stage_settings(s, session->rate_hz, &out->settings);
    if (channels > NAVE_DYN_CHANNELS)
        err = nave_fail(why, NAVE_E_CHANNELS, "%s: dynamics take 1 or 2 channels and there are %u: split the file",
                        c->name, channels);
    if (!err)
        err = check_external(c, &out->settings, session, why);
    nave_text reason = {""};
    if (!err) {
        err = nave_dyn_shape_of(&out->settings, channels, &out->shape, &reason);
        if (!err)
            err = nave_dyn_dials(&out->settings, out->dial, &reason);
        if (err)
            nave_fail(why, err, "%s at %u Hz: %s", c->name, session->rate_hz, reason.text);
    }
    if (err)
        goto err_free;
    d->shape = out->shape;
    d->external = session->side_chain != 0;
    d->ram_bytes = nave_dyn_plan_bytes(&d->shape);
    memcpy(d->dial, out->dial, sizeof(d->dial));
    nave_dyn_plan_encode(d, p->words);
    /* meters and ticks change no bit: they are no part of what the plan does */
    nave_hash_bytes(p->report.hash, p->words, NAVE_DYN_PLAN_WORDS * sizeof(*p->words));
    d->meters = session->meters ? NAVE_METERS_TRUE_PEAK : NAVE_METERS_NONE;
    d->tick_frames = session->plan.mode == NAVE_LIVE ? nave_chain_tick(session) : DYN_TICK_FRAMES;
    nave_dyn_plan_encode(d, p->words);
    p->word_count = NAVE_DYN_PLAN_WORDS;
    p->card = (nave_card_plan){
        .inputs = nave_dyn_inputs(d), .outputs = channels, .tick_frames = d->tick_frames, .ram_bytes = d->ram_bytes};
    out->latency_frames = nave_dyn_latency(&d->shape);
    nave_plan_report *r = &p->report;
    snprintf(r->name, sizeof(r->name), "nave-dyn-1");
    r->mode = session->plan.mode;
    r->inputs = p->card.inputs;
    r->outputs = channels;
    r->rate_hz = session->rate_hz;
    r->response_frames = out->latency_frames + 1;
    r->tick_frames = d->tick_frames;
    r->ram_bytes = d->ram_bytes;
    out->plan = p;
    out->dynamics = 1;
    out->inputs = p->card.inputs - channels * d->external;
    out->outputs = channels;
    free(d);
    free(s);
    return NAVE_OK;
err_free:
    nave_plan_free(p);
    free(d);
    free(s);
    return err;
}

int nave_stage_is_linear(const nave_stage *s)
{
    return s->parts >> NAVE_PART_DYNAMICS & 1 && s->dyn.linear_phase && s->dyn.bands > 1;
}

static int crossovers_plan(nave_stage_plan *out, const nave_chain *c, uint32_t stage, const nave_chain_session *session,
                           uint32_t channels, const nave_card_limits *limits, nave_text *why)
{
    nave_dyn_settings s;
    nave_plan_settings plan = session->plan;
    nave_ir *ir = NULL;
    nave_text reason = {""};
    nave_stage_settings(&c->stage[stage], session->rate_hz, &s);
    const uint32_t inputs = channels * (s.bands + (session->side_chain != 0));
    if (inputs > NAVE_PLAN_MAX_CHANNELS)
        return nave_fail(why, NAVE_E_CHANNELS,
                         "%s: %u bands of linear phase in %u channels%s are %u channels, a card takes %d: use fewer "
                         "bands, or phase = minimum",
                         c->name, s.bands, channels, session->side_chain ? " and a side-chain" : "", inputs,
                         NAVE_PLAN_MAX_CHANNELS);
    plan.rate_hz = session->rate_hz;
    plan.channels = channels;
    if (plan.mode == NAVE_LIVE)
        plan.tick_frames = nave_chain_tick(session);
    int err = nave_crossover_fir(&ir, &s, channels, &reason);
    if (!err)
        err = nave_plan_compile(&out->plan, ir, &plan, limits, &reason);
    nave_ir_free(ir);
    if (err)
        return nave_fail(why, err, "%s: the crossovers of the [dynamics] of line %d: %s", c->name,
                         c->stage[stage].line[NAVE_PART_DYNAMICS], reason.text);
    out->crossovers = 1;
    out->inputs = channels;
    out->outputs = channels * s.bands;
    out->latency_frames = nave_crossover_fir_latency(&s);
    return NAVE_OK;
}

static int reverb_plan(nave_stage_plan *out, const nave_chain *c, uint32_t stage, const nave_chain_session *session,
                       uint32_t channels, const nave_card_limits *limits, nave_text *why)
{
    const nave_stage *s = &c->stage[stage];
    char path[2 * NAVE_CHAIN_PATH_BYTES];
    nave_ir *ir = NULL;
    nave_text reason = {""};
    if (!*s->response)
        return nave_fail(why, NAVE_E_ARG,
                         "%s: the [reverb] of line %d has no response: name one there, or give it with "
                         "the chain",
                         c->name, s->line[NAVE_PART_REVERB]);
    snprintf(path, sizeof(path), "%s%s", *s->response == '/' ? "" : c->folder, s->response);
    if (access(path, F_OK) != 0)
        snprintf(path, sizeof(path), "%s", s->response);
    nave_ir_settings settings = s->ir;
    nave_plan_settings plan = session->plan;
    settings.rate_hz = plan.rate_hz = session->rate_hz;
    plan.channels = channels;
    if (plan.mode == NAVE_LIVE)
        plan.tick_frames = nave_chain_tick(session);
    for (uint32_t i = 0; i < c->lanes; i++)
        if (c->lane[i].target.stage == stage && plan.mode == NAVE_OFFLINE)
            plan.batch = 1; /* short ticks: a card keeps few changes of gains for frames to come */
    int err = nave_ir_load(&ir, path, &settings, why);
    if (!err) {
        err = nave_plan_compile(&out->plan, ir, &plan, limits, &reason);
        if (err)
            nave_fail(why, err, "'%s': %s", path, reason.text);
    }
    nave_ir_free(ir);
    if (err)
        return err;
    nave_plan_report r;
    nave_plan_get_report(out->plan, &r);
    out->inputs = r.inputs;
    out->outputs = r.outputs;
    return NAVE_OK;
}

int nave_stage_plans_make(nave_stage_plan out[NAVE_STAGE_PLANS], uint32_t *count, const nave_chain *c, uint32_t stage,
                          const nave_chain_session *session, uint32_t channels, const nave_card_limits *limits,
                          nave_text *why)
{
    int err = NAVE_OK;
    *count = 0;
    memset(out, 0, NAVE_STAGE_PLANS * sizeof(*out));
    if (c->stage[stage].parts >> NAVE_PART_REVERB & 1)
        err = reverb_plan(&out[0], c, stage, session, channels, limits, why);
    else
        err = dynamics_plan(&out[0], c, stage, session, channels, why);
    if (err)
        return err;
    if (nave_stage_is_linear(&c->stage[stage])) {
        out[1] = out[0];
        memset(&out[0], 0, sizeof(out[0]));
        err = crossovers_plan(&out[0], c, stage, session, channels, limits, why);
        if (err) {
            nave_stage_plan_free(&out[1]);
            return err;
        }
    }
    *count = 1 + (out[1].plan != NULL);
    return NAVE_OK;
}

void nave_stage_plan_free(nave_stage_plan *p)
{
    nave_plan_free(p->plan);
    p->plan = NULL;
}
