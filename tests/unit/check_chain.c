/* Chains: the text is read, written back and refused by line and column; automation gives the values that it says; a
 * chain that runs gives the same bits however it is cut, live and offline.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/chain.h"
#include "../property/property.h"

static nave_text why;

static nave_chain *chain_of(const char *text)
{
    nave_chain *c = NULL;
    why.text[0] = 0;
    ck_assert_msg(nave_chain_parse(&c, "t", text, strlen(text), &why) == NAVE_OK, "%s", why.text);
    return c;
}

/* ---- text ---- */

START_TEST(every_fault_is_named_by_line_and_column)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "t:1:1: a chain begins with the line 'nave-chain 1'"},
        {"nave-chian 1\n", "t:1:1: a chain begins"},
        {"nave-chain 2\n", "t:1:12: this library reads version 1"},
        {"nave-chain 1\n", "t:1:1: the chain has no stage"},
        {"nave-chain 1\n[limter]\n", "t:2:2: no section is called 'limter': did you mean [limiter]?"},
        {"nave-chain 1\n[xyzzy]\n", "t:2:2: no section is called 'xyzzy': there are [eq]"},
        {"nave-chain 1\n[limiter\n", "t:2:9: ']' expected"},
        {"nave-chain 1\n[limiter] x\n", "t:2:11: the line ends after ']'"},
        {"nave-chain 1\n[limiter 2]\n", "t:2:10: this is the 1. [limiter]"},
        {"nave-chain 1\nceiling = -1 dB\n", "t:2:1: a section such as [eq] expected"},
        {"nave-chain 1\n[limiter]\nceling = -1 dB\n", "t:3:1: [limiter] has no 'celing': did you mean 'ceiling'?"},
        {"nave-chain 1\n[limiter]\nceiling -1 dB\n", "t:3:14: '=' and a value expected"},
        {"nave-chain 1\n[limiter]\n = -1 dB\n", "t:3:2: a setting's name expected"},
        {"nave-chain 1\n[limiter]\nceiling =\n", "t:3:10: a level such as -12 dB expected"},
        {"nave-chain 1\n[limiter]\nceiling = loud\n", "t:3:11: a level such as -12 dB expected"},
        {"nave-chain 1\n[limiter]\nceiling = -1\n", "t:3:13: the unit of ceiling is missing here: dB"},
        {"nave-chain 1\n[limiter]\nceiling = -1 Hz\n", "t:3:14: the unit of ceiling is missing"},
        {"nave-chain 1\n[limiter]\nceiling = 20 dB\n", "t:3:11: ceiling is out of range: it may be from -60 to 12 dB"},
        {"nave-chain 1\n[limiter]\nceiling = -1 dB 3\n", "t:3:17: the end of the line expected"},
        {"nave-chain 1\n[limiter]\nceiling = -1 dB\nceiling = -2 dB\n", "t:4:1: ceiling is set twice"},
        {"nave-chain 1\n[limiter]\nrelease = 80\n", "t:3:13: the unit of release is missing here: s, ms or us"},
        {"nave-chain 1\n[limiter]\nrelease = nan s\n", "t:3:11: a time such as"},
        {"nave-chain 1\n[limiter]\non = maybe\n", "t:3:6: on is one of: no, yes"},
        {"nave-chain 1\n[eq]\nbel 1 = 250 Hz, -2 dB\n", "t:3:1: no section of an equaliser is called 'bel'"},
        {"nave-chain 1\n[eq]\nbell x = 250 Hz, -2 dB\n", "t:3:6: a number from 1 to 99"},
        {"nave-chain 1\n[eq]\nbell 1 = 250, -2 dB\n", "t:3:13: the unit of frequency"},
        {"nave-chain 1\n[eq]\nbell 1 = 250 Hz\n", "t:3:16: ', ' and a gain"},
        {"nave-chain 1\n[eq]\nbell 1 = 250 Hz, -2 dB, Q 99\n", "t:3:27: Q is out of range: it may be from 0.1 to 40"},
        {"nave-chain 1\n[eq]\nlow-cut = 25 Hz, -2 dB\n", "t:3:18: Q and its number expected"},
        {"nave-chain 1\n[eq]\nbell = 1 kHz, 1 dB\nbell 1 = 2 kHz, 1 dB\n", "t:4:1: bell 1 is there already"},
        {"nave-chain 1\n[dynamics]\nband 2 threshold = -20 dB\n",
         "t:3:1: there is no band 2: 0 crossovers make 1 band"},
        {"nave-chain 1\n[dynamics]\nband 1 treshold = -20 dB\n", "t:3:8: [dynamics] has no 'band 1 treshold': did you"},
        {"nave-chain 1\n[dynamics]\nband 9 threshold = -20 dB\n",
         "t:3:6: [dynamics] has no 'band 9 threshold': bands are"},
        {"nave-chain 1\n[dynamics]\nband 1 curve 4 ratio = 2:1\n", "t:3:8: "},
        {"nave-chain 1\n[dynamics]\ncrossover 2 = 1 kHz\n", "t:2:1: crossover 1 is missing"},
        {"nave-chain 1\n[dynamics]\ncrossover 8 = 1 kHz\n", "t:3:11: "},
        {"nave-chain 1\n[dynamics]\nslope = 12 dB/oct\n", "t:3:9: slope is one of: 24 dB/oct, 48 dB/oct"},
        {"nave-chain 1\n[dynamics]\nband 1 lookahead = 5 ms\n", "t:2:1: look-ahead of band 1 is 0.005 s"},
        {"nave-chain 1\n[reverb]\nresponse =\n", "t:3:11: the name of a sound file expected"},
        {"nave-chain 1\n[reverb]\nresponse = \"a.wav\n", "t:3:18: '\"' expected"},
        {"nave-chain 1\n[reverb]\nresponse = a\"b.wav\n", "t:3:13: a name with '\"' in it"},
        {"nave-chain 1\n[reverb]\nresponse = a.wav ; response = b.wav\n", "t:3:31: a [reverb] has one response"},
        {"nave-chain 1\n[limiter]\n\xff\n", "t:3:1: this byte is no UTF-8 text"},
        {"nave-chain 1\n[limiter]\n# \xc3\xa4\xc3\xb6\nceiling = \xc3\xa4\n", "t:4:11: a level"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.ceiling = 0 s -1 dB, 0 s -2 dB\n", "t:4:30: times must rise"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.lookahead = 0 s 1 ms\n",
         "t:4:1: lookahead can't be automated"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.cieling = 0 s -1 dB\n", "t:4:9: 'limiter.cieling' can't be"},
        {"nave-chain 1\n[limiter]\n[automation]\nreverb.send = 0 s -1 dB\n",
         "t:4:1: 'reverb.send' can't be automated: the ch"},
        {"nave-chain 1\n[limiter]\n[automation]\nceiling = 0 s -1 dB\n",
         "t:4:1: 'ceiling' can't be automated: a section"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.ceiling = 0 s -1 dB curved\n", "t:4:29: ',', 'linear' or"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.ceiling = 0 s -1 dB linear\n", "t:4:29: ceiling has no point"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.on = 0 s no, 1 s yes linear\n", "t:4:30: on has nothing"},
        {"nave-chain 1\n[limiter]\n[automation]\n[automation]\n", "t:4:2: a chain has one [automation]"},
        {"nave-chain 1\n[limiter]\n[automation]\nlimiter.ceiling = 0 s -1 dB\nlimiter.ceiling = 0 s -1 dB\n",
         "t:5:1: limiter.ceiling has a lane already"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nave_chain *c = NULL;
        why.text[0] = 0;
        ck_assert_msg(nave_chain_parse(&c, "t", bad[i].text, strlen(bad[i].text), &why) != NAVE_OK, "%s", bad[i].text);
        ck_assert_msg(strstr(why.text, bad[i].why) ==
                              (bad[i].why[0] == 't' ? why.text : strstr(why.text, bad[i].why)) &&
                          strstr(why.text, bad[i].why),
                      "%zu: '%s' is not '%s'", i, why.text, bad[i].why);
        ck_assert_ptr_null(c);
    }
}
END_TEST

static void round_trip(const char *text)
{
    nave_chain *a = chain_of(text);
    size_t bytes;
    const char *written = nave_chain_text(a, &bytes);
    ck_assert_uint_eq(strlen(written), bytes);
    nave_chain *b = chain_of(written);
    ck_assert_str_eq(written, nave_chain_text(b, NULL));
    ck_assert_str_eq(a->hash, b->hash);
    ck_assert_uint_eq(a->stages, b->stages);
    for (uint32_t i = 0; i < a->stages; i++) {
        ck_assert_mem_eq(&a->stage[i].dyn, &b->stage[i].dyn, sizeof(a->stage[i].dyn));
        ck_assert_mem_eq(&a->stage[i].ir, &b->stage[i].ir, sizeof(a->stage[i].ir));
    }
    nave_chain_free(a);
    nave_chain_free(b);
}

START_TEST(what_is_written_reads_back_as_the_same)
{
    const char *text;
    for (size_t i = 0; nave_chain_preset(i, NULL, &text); i++)
        round_trip(text);
    round_trip("nave-chain 1\n[dynamics]\nband 1 threshold = -30 dB\nband 1 mode = off\n");
    round_trip("nave-chain 1\n[dynamics]\nband 1 curve 3 ratio = inf:1 ; band 1 curve 3 attack = 0.1 ms\n"
               "band 1 mix = 33.3 %; band 1 side low-cut = off\n[limiter]\nrelease = 1.5 s ; on = no\n"
               "[eq]\nhigh-cut 7 = 12.34 kHz\n[reverb]\nresponse = \"a # b; c.wav\" ; send = -inf dB\n"
               "[automation]\nreverb.send = 0 s -inf dB, 1.25 s -12 dB linear, 3 s 0 dB step\n"
               "eq 1.high-cut 7 frequency = 1 ms 5 kHz\n");
}
END_TEST

START_TEST(sections_make_stages_in_the_order_of_an_engine)
{
    nave_chain *c = chain_of("nave-chain 1\n[eq]\n[limiter]\n[eq]\n[dynamics]\n[reverb]\nresponse = x.wav\n[output]\n");
    ck_assert_uint_eq(c->stages, 4);
    ck_assert_uint_eq(c->stage[0].parts, 1 << NAVE_PART_EQ | 1 << NAVE_PART_LIMITER);
    ck_assert_uint_eq(c->stage[1].parts, 1 << NAVE_PART_EQ | 1 << NAVE_PART_DYNAMICS);
    ck_assert_uint_eq(c->stage[2].parts, 1 << NAVE_PART_REVERB);
    ck_assert_uint_eq(c->stage[3].parts, 1 << NAVE_PART_OUTPUT);
    ck_assert_int_eq(c->stage[1].number[NAVE_PART_EQ], 2);
    nave_chain_free(c);
}
END_TEST

START_TEST(values_have_their_units)
{
    nave_chain *c =
        chain_of("nave-chain 1\n[dynamics]\ncrossover 1 = 2.5 kHz\nband 1 attack = 30 ms\n"
                 "band 2 ratio = 4:1 ; band 2 link = 50 %\n[limiter]\nceiling = -0.3 dBTP ; release = 500 us\n");
    const nave_dyn_settings *s = &c->stage[0].dyn;
    ck_assert_uint_eq(s->bands, 2);
    ck_assert_double_eq(s->crossover_hz[0], 2500);
    ck_assert_double_eq(s->band[0].curve[0].attack_s, 0.03);
    ck_assert_int_eq(s->band[0].curve[0].kind, NAVE_CURVE_COMPRESS);
    ck_assert_double_eq(s->band[1].curve[0].ratio, 4);
    ck_assert_double_eq(s->band[1].link, 0.5);
    ck_assert_double_eq(s->ceiling_db, -0.3);
    ck_assert_double_eq(s->limiter_release_s, 0.0005);
    ck_assert_int_eq(s->limiter, 1);
    nave_chain_free(c);
}
END_TEST

START_TEST(automation_is_a_step_or_a_straight_line)
{
    nave_chain *c = chain_of("nave-chain 1\n[output]\n[reverb]\nresponse = x.wav\n[automation]\n"
                             "output.gain = 0.1 s -6 dB, 0.3 s 0 dB linear, 0.4 s 3 dB\n"
                             "reverb.send = 0 s -inf dB, 1 s 0 dB linear\n");
    const nave_chain_lane *g = &c->lane[0], *s = &c->lane[1];
    ck_assert_double_eq(nave_lane_value(g, 48000, 0, 0), -6);
    ck_assert_double_eq(nave_lane_value(g, 48000, 4800, 0), -6);
    ck_assert_double_eq(nave_lane_value(g, 48000, 9600, 0), -3);
    ck_assert_double_eq(nave_lane_value(g, 48000, 14400, 1), 0);
    ck_assert_double_eq(nave_lane_value(g, 48000, 14400, 0), 0);
    ck_assert_double_eq(nave_lane_value(g, 48000, 19199, 0), 0);
    ck_assert_double_eq(nave_lane_value(g, 48000, 19200, 1), 0);
    ck_assert_double_eq(nave_lane_value(g, 48000, 19200, 0), 3);
    ck_assert_double_eq_tol(nave_lane_value(s, 48000, 24000, 0), 20 * log10(0.5), 1e-12);
    ck_assert(isinf(nave_lane_value(s, 48000, 0, 0)));
    ck_assert_uint_eq(nave_lanes_next(c, 0, 48000, 0), 4800);
    ck_assert_uint_eq(nave_lanes_next(c, 0, 48000, 19200), UINT64_MAX);
    ck_assert_int_eq(nave_lanes_move(c, 0, 48000, 4799), 0);
    ck_assert_int_eq(nave_lanes_move(c, 0, 48000, 4800), 1);
    ck_assert_int_eq(nave_lanes_move(c, 0, 48000, 14400), 0);
    nave_chain_free(c);
}
END_TEST

/* ---- running ---- */

typedef struct run {
    nave_chain_session session;
    uint32_t channels; /* of the input, the side-chain's too */
    int32_t *in[4];
    size_t frames;
    int32_t *out[2];
    size_t given;
} run;

static run run_new(uint32_t channels, int side_chain, size_t frames, uint64_t noise)
{
    run r = {.channels = channels * (side_chain ? 2 : 1), .frames = frames};
    rng dice = {noise};
    nave_chain_session_default(&r.session);
    r.session.channels = channels;
    r.session.side_chain = side_chain;
    r.session.input = r.session.output = NAVE_Q28;
    for (uint32_t c = 0; c < r.channels; c++) {
        r.in[c] = malloc(frames * sizeof(int32_t));
        for (size_t i = 0; i < frames; i++)
            r.in[c][i] = ((int32_t)(rng_next(&dice) & 0x1fffffff) - 0x10000000) / (i / 3000 % 2 ? 20 : 2) / 32 * 32;
    }
    for (int c = 0; c < 2; c++)
        r.out[c] = calloc(frames + 200000, sizeof(int32_t));
    return r;
}

static void run_free(run *r)
{
    for (uint32_t c = 0; c < r->channels; c++)
        free(r->in[c]);
    free(r->out[0]);
    free(r->out[1]);
}

typedef struct chain_change {
    const char *parameter, *value;
    uint64_t at;
    uint32_t ramp;
} chain_change;

/* cut 0: blocks of 4096, else random ones from this seed. live: by nave_chain_process, without the tail. */
static void run_chain(run *r, const nave_chain *c, uint64_t cut, int live, const chain_change *changes,
                      size_t change_count)
{
    nave_device *dev = device("model:");
    nave_chain_stream *st = NULL;
    r->session.plan.mode = live ? NAVE_LIVE : NAVE_OFFLINE;
    r->session.plan.tick_frames = live ? 64 : 0;
    ck_assert_msg(nave_chain_open(&st, dev, c, &r->session, &why) == NAVE_OK, "%s", why.text);
    for (size_t i = 0; i < change_count; i++)
        ck_assert_msg(
            nave_chain_set(st, changes[i].parameter, changes[i].value, changes[i].at, changes[i].ramp, &why) == NAVE_OK,
            "%s", why.text);
    rng dice = {cut};
    size_t done = 0;
    int finished = 0, idle = 0;
    r->given = 0;
    while (idle < 5) {
        size_t n = cut ? 1 + rng_below(&dice, 700) : 4096, taken = 0, given = 0;
        const void *in[4];
        void *out[2] = {r->out[0] + r->given, r->out[1] + r->given};
        n = n < r->frames - done ? n : r->frames - done;
        for (uint32_t k = 0; k < r->channels; k++)
            in[k] = r->in[k] + done;
        if (live) {
            if (n == 0)
                break;
            ck_assert_int_eq(nave_chain_process(st, in, out, n), NAVE_OK);
            done += n;
            r->given += n;
            continue;
        }
        if (n) {
            const int err = nave_chain_write(st, in, n, &taken);
            ck_assert(err == NAVE_OK || err == NAVE_E_AGAIN);
            done += taken;
        } else if (!finished) {
            ck_assert_int_eq(nave_chain_finish(st), NAVE_OK);
            finished = 1;
        }
        ck_assert_int_eq(nave_chain_read(st, out, cut ? 1 + rng_below(&dice, 900) : 100000, &given), NAVE_OK);
        r->given += given;
        idle = taken || given || !finished ? 0 : idle + 1;
    }
    nave_chain_close(st);
    nave_close(dev);
}

static const char *const busy =
    "nave-chain 1\n[eq]\nbell 1 = 900 Hz, 5 dB, Q 2\n[dynamics]\ncrossover 1 = 300 Hz\ncrossover 2 = 4 kHz\n"
    "lookahead = 2 ms\nband 1 threshold = -30 dB ; band 1 ratio = 4:1\nband 2 threshold = -25 dB ; band 2 lookahead = "
    "2 ms\n"
    "band 3 mode = gate ; band 3 threshold = -40 dB\n[limiter]\nceiling = -6 dBTP\n[eq]\nhigh-shelf = 8 kHz, -3 dB\n"
    "[automation]\nlimiter.ceiling = 0 s -6 dB, 0.2 s -12 dB linear\neq.bell 1 gain = 0.05 s 5 dB, 0.15 s -9 dB "
    "linear\n"
    "eq 2.high-shelf gain = 0.1 s -3 dB, 0.11 s 6 dB\ndynamics.band 1 threshold = 0.02 s -30 dB, 0.25 s -50 dB linear\n"
    "dynamics.crossover 1 = 0.1 s 300 Hz, 0.2 s 500 Hz linear\n";

START_TEST(bits_do_not_depend_on_how_the_stream_is_cut)
{
    nave_chain *c = chain_of(busy);
    run a = run_new(2, 0, 15000, test_seed()), b = run_new(2, 0, 15000, test_seed());
    run_chain(&a, c, 0, 0, NULL, 0);
    for (int k = 1; k < 4; k++) {
        run_chain(&b, c, test_seed() + (uint64_t)k, 0, NULL, 0);
        ck_assert_uint_eq(a.given, b.given);
        for (int ch = 0; ch < 2; ch++)
            ck_assert_mem_eq(a.out[ch], b.out[ch], a.given * sizeof(int32_t));
    }
    run_free(&a);
    run_free(&b);
    nave_chain_free(c);
}
END_TEST

START_TEST(live_is_offline_after_two_ticks)
{
    static const chain_change changes[] = {{"dynamics.band 2 threshold", "-40 dB", 5000, 777},
                                           {"limiter.release", "5 ms", 7001, 0},
                                           {"eq.bell 1 frequency", "2 kHz", 9000, 3000}};
    nave_chain *c = chain_of(busy);
    run a = run_new(2, 0, 15000, test_seed()), b = run_new(2, 0, 15000, test_seed());
    run_chain(&a, c, 0, 0, changes, 3);
    run_chain(&b, c, test_seed(), 1, changes, 3);
    ck_assert_uint_eq(b.given, 15000);
    for (int ch = 0; ch < 2; ch++)
        for (size_t i = 0; i < b.given; i++)
            ck_assert_int_eq(b.out[ch][i], i < 128 ? 0 : a.out[ch][i - 128]);
    run_free(&a);
    run_free(&b);
    nave_chain_free(c);
}
END_TEST

START_TEST(the_latency_is_what_was_said_and_a_neutral_chain_changes_no_bit)
{
    const char *text, *name;
    size_t i = 0;
    while ((name = nave_chain_preset(i, NULL, &text)) && strcmp(name, "neutral"))
        i++;
    ck_assert_ptr_nonnull(name);
    for (uint32_t channels = 1; channels <= 2; channels++) {
        nave_chain *c = chain_of(text);
        nave_chain_report report;
        nave_card_limits limits;
        run r = run_new(channels, 0, 20000, test_seed());
        nave_board_limits("model", &limits);
        ck_assert_int_eq(nave_chain_describe(c, &r.session, &limits, &report, &why), NAVE_OK);
        run_chain(&r, c, test_seed(), 0, NULL, 0);
        ck_assert_uint_eq(r.given, r.frames + report.latency_frames);
        for (uint32_t ch = 0; ch < channels; ch++)
            ck_assert_mem_eq(r.in[ch], r.out[ch] + report.latency_frames, r.frames * sizeof(int32_t));
        run_free(&r);
        nave_chain_free(c);
    }
}
END_TEST

START_TEST(a_parameter_changes_at_its_frame_and_not_before)
{
    nave_chain *c = chain_of("nave-chain 1\n[output]\n"), *d = chain_of("nave-chain 1\n[output]\n[automation]\n"
                                                                        "output.gain = 0 s 0 dB, 100 ms -6 dB\n");
    static const chain_change down = {"output.gain", "-6 dB", 4800, 0};
    run a = run_new(1, 0, 10000, test_seed()), b = run_new(1, 0, 10000, test_seed()),
        e = run_new(1, 0, 10000, test_seed());
    run_chain(&a, c, 0, 0, NULL, 0);
    run_chain(&b, c, test_seed(), 0, &down, 1);
    run_chain(&e, d, test_seed() + 9, 0, NULL, 0);
    const size_t latency = a.given - a.frames;
    ck_assert_mem_eq(b.out[0], e.out[0], b.given * sizeof(int32_t));
    ck_assert_mem_eq(a.out[0], b.out[0], (latency + 4800) * sizeof(int32_t));
    for (size_t i = latency + 4800; i < a.given; i++)
        ck_assert_double_eq_tol(b.out[0][i], a.out[0][i] * pow(10, -6.0 / 20), 32);
    run_free(&a);
    run_free(&b);
    run_free(&e);
    nave_chain_free(c);
    nave_chain_free(d);
}
END_TEST

START_TEST(a_lane_has_its_value_at_every_frame)
{
    /* through a limiter first, so that the lane's stage is late and has to count with it */
    nave_chain *c = chain_of("nave-chain 1\n[limiter]\n[output]\n[automation]\n"
                             "output.gain = 100 ms 0 dB, 170 ms -12 dB linear, 180 ms 3 dB, 185 ms 1 dB linear\n");
    ck_assert_uint_eq(c->stages, 2);
    run r = run_new(1, 0, 10000, test_seed());
    for (size_t i = 0; i < r.frames; i++)
        r.in[0][i] = 1 << 26;
    run_chain(&r, c, test_seed(), 0, NULL, 0);
    const size_t latency = r.given - r.frames;
    for (size_t i = 0; i < r.frames; i++) {
        const double db = nave_lane_value(&c->lane[0], 48000, i, 0);
        ck_assert_double_eq_tol(r.out[0][latency + i], ldexp(pow(10, db / 20), 26), 200);
    }
    run_free(&r);
    nave_chain_free(c);
}
END_TEST

static uint64_t metered;
static double deepest;

static void note_meters(void *user, const nave_meters *m)
{
    (void)user;
    if (m->stage != 1)
        return;
    ck_assert_uint_ge(m->first_frame + m->frames, metered);
    metered = m->first_frame + m->frames;
    deepest = m->band_gain_db[0][0] < deepest ? m->band_gain_db[0][0] : deepest;
    ck_assert(m->in_peak_dbfs[0] <= 0 && m->out_peak_dbfs[0] <= 0 && m->limiter_gain_db == 0);
}

START_TEST(the_external_side_chain_is_heard_and_meters_tell)
{
    nave_chain *c =
        chain_of("nave-chain 1\n[output]\n[dynamics]\nband 1 side-chain = external\nband 1 threshold = -40 dB\n"
                 "band 1 ratio = inf:1 ; band 1 attack = 0 s\n");
    run a = run_new(1, 1, 12000, test_seed()), b = run_new(1, 1, 12000, test_seed());
    ck_assert_uint_eq(c->stages, 2); /* the side-chain is as late as the stage before */
    metered = 0;
    deepest = 0;
    a.session.meters = note_meters;
    run_chain(&a, c, test_seed(), 0, NULL, 0);
    ck_assert_double_lt(deepest, -20);
    memset(b.in[1], 0, b.frames * sizeof(int32_t));
    b.session.meters = NULL;
    run_chain(&b, c, 0, 0, NULL, 0);
    ck_assert_uint_eq(a.given, b.given);
    for (size_t i = 0; i < b.frames; i++) /* silence lets all through */
        ck_assert_int_eq(b.out[0][i + b.given - b.frames], b.in[0][i]);
    ck_assert(memcmp(a.out[0], b.out[0], a.given * sizeof(int32_t)) != 0);
    /* a key that begins at frame 5000 is heard from that frame on */
    for (size_t i = 0; i < a.frames; i++) {
        a.in[0][i] = 1 << 26;
        a.in[1][i] = i < 5000 ? 0 : 1 << 27;
    }
    a.session.meters = NULL;
    run_chain(&a, c, test_seed(), 0, NULL, 0);
    for (size_t i = 0; i < a.frames; i++)
        ck_assert_msg((a.out[0][i + a.given - a.frames] == 1 << 26) == (i < 5000), "frame %zu", i);
    run_free(&a);
    run_free(&b);
    nave_chain_free(c);
}
END_TEST

START_TEST(what_a_session_can_not_do_is_refused)
{
    nave_device *dev = device("model:");
    nave_chain_stream *st = NULL;
    nave_chain_session s;
    nave_chain_session_default(&s);
    nave_chain *c = chain_of("nave-chain 1\n[dynamics]\nband 1 side-chain = external\n");
    ck_assert_int_eq(nave_chain_open(&st, dev, c, &s, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "side-chain"));
    s.side_chain = 1;
    ck_assert_int_eq(nave_chain_open(&st, dev, c, &s, &why), NAVE_OK);
    ck_assert_int_eq(nave_chain_set(st, "dynamics.slope", "48 dB/oct", 0, 0, &why), NAVE_E_ARG);
    ck_assert_int_eq(nave_chain_set(st, "dynamics.band 1 treshold", "-3 dB", 0, 0, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "threshold"));
    ck_assert_int_eq(nave_chain_set(st, "dynamics.band 1 threshold", "-3", 0, 0, &why), NAVE_E_ARG);
    ck_assert_int_eq(nave_chain_set(st, "dynamics.band 1 threshold", "-3 dB", 0, 0, &why), NAVE_OK);
    nave_chain_close(st);
    nave_chain_free(c);
    c = chain_of("nave-chain 1\n[limiter]\n");
    nave_chain_session_default(&s);
    s.channels = 3;
    ck_assert_int_eq(nave_chain_open(&st, dev, c, &s, &why), NAVE_E_CHANNELS);
    nave_chain_free(c);
    c = chain_of("nave-chain 1\n[reverb]\n");
    s.channels = 2;
    ck_assert_int_eq(nave_chain_open(&st, dev, c, &s, &why), NAVE_E_ARG);
    nave_chain_free(c);
    nave_close(dev);
}
END_TEST

int main(void)
{
    return RUN_TESTS("chain", 240, every_fault_is_named_by_line_and_column, what_is_written_reads_back_as_the_same,
                     sections_make_stages_in_the_order_of_an_engine, values_have_their_units,
                     automation_is_a_step_or_a_straight_line, bits_do_not_depend_on_how_the_stream_is_cut,
                     live_is_offline_after_two_ticks, the_latency_is_what_was_said_and_a_neutral_chain_changes_no_bit,
                     a_parameter_changes_at_its_frame_and_not_before, a_lane_has_its_value_at_every_frame,
                     the_external_side_chain_is_heard_and_meters_tell, what_a_session_can_not_do_is_refused);
}
