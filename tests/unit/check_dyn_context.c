/* Dynamics engines on the C card: plans are checked word by word, dials are refused as the protocol says, meters tell
 * what was there, and a card without engines refuses all of it.
 * SPDX-License-Identifier: ISC */
#include "link_host.h"
#include "../../host/lib/dyn_coefficients.h"
#include "../../sim/model/dsp.h"
#include "../../sim/model/dyn_plan.h"

#define TICK 128

static host h;
static uint32_t words[NAVE_DYN_PLAN_WORDS + 1];
static nave_dyn_settings settings;
static nave_dyn_plan plan;

/* The next frame of the card: its type, payload copied. */
static uint32_t next_frame(uint32_t *payload, size_t cap, uint64_t *position)
{
    size_t n;
    uint32_t w[8];
    const uint8_t *frame = nave_model_read(h.card, &n);
    if (!frame)
        return 0;
    memcpy(w, frame, sizeof(w));
    ck_assert_uint_le(w[4], cap);
    if (w[4])
        memcpy(payload, frame + NAVE_HEADER_BYTES, w[4]);
    *position = w[5] | (uint64_t)w[6] << 32;
    return w[1] >> 8 & 0xff;
}

static void send_audio(const void *payload, uint32_t length)
{
    push(&h, h.frame, make_frame(&h, NAVE_FRAME_AUDIO_IN, 2, 0, payload, length));
    h.sequence++;
}

/* The status that context 2 answers with, and what it says more. */
static uint32_t said(uint32_t type, uint64_t position, const void *payload, uint32_t length, uint32_t *value)
{
    const answer a = tell(&h, type, 2, position, payload, length);
    MUST(a.frames == 1 && a.type != NAVE_FRAME_DATA, "%d answers, the last of type 0x%x", a.frames, a.type);
    if (value)
        *value = a.value;
    return a.status;
}

static void begin(int dynamics)
{
    const nave_model_config config = {
        .ram_bytes = 1 << 20, .log2_max_partition = 10, .dynamics = dynamics, .cpu_mask = NAVE_CPU_ALL};
    nave_text why = {""};
    h = (host){.card = nave_model_create(&config), .frame = malloc(MOST_FRAME)};
    ck_assert(h.card && h.frame);
    begin_epoch(&h, 77, 0);
    nave_dyn_settings_default(&settings, 48000);
    settings.lookahead_s = 0.001;
    settings.bands = 2;
    settings.crossover_hz[0] = 1000;
    settings.limiter = 1;
    settings.ceiling_db = -24;
    settings.band[0].curve[0] = (nave_dyn_curve_settings){
        .kind = NAVE_CURVE_COMPRESS, .threshold_db = -40, .ratio = 4, .range_db = 120, .release_s = 0.001};
    memset(&plan, 0, sizeof(plan));
    ck_assert_int_eq(nave_dyn_shape_of(&settings, 2, &plan.shape, &why), NAVE_OK);
    ck_assert_int_eq(nave_dyn_dials(&settings, plan.dial, &why), NAVE_OK);
    plan.tick_frames = TICK;
    plan.meters = NAVE_METERS_TRUE_PEAK;
    plan.ram_bytes = nave_dyn_plan_bytes(&plan.shape);
    nave_dyn_plan_encode(&plan, words);
}

static void end(void)
{
    close_host(&h);
}

static uint32_t load(uint32_t count, uint32_t *value)
{
    return said(NAVE_FRAME_PLAN_LOAD, 64, words, 4 * count, value);
}

START_TEST(a_card_without_engines_refuses_all_of_it)
{
    uint32_t value = 99;
    const uint32_t event[4] = {0};
    begin(0);
    ck_assert_uint_eq(load(NAVE_DYN_PLAN_WORDS, &value), NAVE_STATUS_BAD_PLAN);
    ck_assert_uint_eq(value, 0);
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 0, event, 16, NULL), NAVE_STATUS_BAD_TYPE);
    ck_assert_uint_eq(said(NAVE_FRAME_REG_READ, NAVE_REG_FEATURES, NULL, 0, NULL), NAVE_STATUS_BAD_ADDRESS);
    end();
}
END_TEST

START_TEST(each_bad_word_of_a_plan_is_named)
{
    static const struct {
        uint32_t index, word;
    } bad[] = {{1, 2},   {2, 16},   {3, 0},    {3, 3},  {3, 2 | 2 << 8}, {3, 2 | 3 << 16}, {4, 0},
               {4, 100}, {4, 8256}, {5, 8193}, {6, 1},  {6, 8193},       {7, 1},           {7, 0x80000000},
               {8, 27},  {8, 31},   {9, 64},   {10, 9}, {11, 1},         {15, 1}};
    uint32_t value;
    begin(1);
    ck_assert_uint_eq(said(NAVE_FRAME_REG_READ, NAVE_REG_FEATURES, NULL, 0, &value), NAVE_STATUS_OK);
    ck_assert_uint_eq(value, NAVE_FEATURE_DYNAMICS);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nave_dyn_plan_encode(&plan, words);
        words[bad[i].index] = bad[i].word;
        ck_assert_uint_eq(load(NAVE_DYN_PLAN_WORDS, &value), NAVE_STATUS_BAD_PLAN);
        ck_assert_uint_eq(value, bad[i].index);
    }
    nave_dyn_plan_encode(&plan, words);
    ck_assert_uint_eq(load(NAVE_DYN_PLAN_WORDS - 1, &value), NAVE_STATUS_BAD_PLAN);
    ck_assert_uint_eq(load(NAVE_DYN_PLAN_WORDS + 1, &value), NAVE_STATUS_BAD_PLAN);
    ck_assert_uint_eq(load(1, &value), NAVE_STATUS_BAD_PLAN);
    ck_assert_uint_eq(value, 0);
    ck_assert_uint_eq(said(NAVE_FRAME_PLAN_LOAD, (1 << 20) - 64, words, 4 * NAVE_DYN_PLAN_WORDS, &value),
                      NAVE_STATUS_BAD_PLAN);
    ck_assert_uint_eq(value, 9);
    ck_assert_uint_eq(load(NAVE_DYN_PLAN_WORDS, &value), NAVE_STATUS_OK);
    end();
}
END_TEST

static void start(uint32_t format)
{
    ck_assert_uint_eq(load(NAVE_DYN_PLAN_WORDS, NULL), NAVE_STATUS_OK);
    ck_assert_uint_eq(said(NAVE_FRAME_START, 0, &format, 4, NULL), NAVE_STATUS_OK);
}

START_TEST(dials_are_refused_whole_and_for_a_reason)
{
    static uint32_t event[4 * (NAVE_DYN_EVENTS + 1)];
    static int32_t audio[2 * 200];
    const uint32_t param[2] = {NAVE_PARAM_WET, 1};
    uint32_t value = 0;
    begin(1);
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 0, event, 16, NULL), NAVE_STATUS_BAD_STATE);
    start(NAVE_FORMAT_Q28);
    ck_assert_uint_eq(said(NAVE_FRAME_PARAM, 0, param, 8, NULL), NAVE_STATUS_BAD_STATE);
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 0, NULL, 0, NULL), NAVE_STATUS_BAD_LENGTH);
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 0, event, 20, NULL), NAVE_STATUS_BAD_LENGTH);
    event[4] = NAVE_DIALS;
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 0, event, 32, NULL), NAVE_STATUS_BAD_VALUE);
    event[4] = 0;
    send_audio(audio, 2 * 100 * 4); /* less than a tick: nothing comes back */
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 99, event, 16, &value), NAVE_STATUS_BAD_POSITION);
    ck_assert_uint_eq(value, 100);
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 100, event, 16 * (NAVE_DYN_EVENTS + 1), NULL), NAVE_STATUS_FULL);
    /* nothing of what was refused waits: exactly as many as there is room for are taken */
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 100, event, 16 * NAVE_DYN_EVENTS, NULL), NAVE_STATUS_OK);
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, 100, event, 16, NULL), NAVE_STATUS_FULL);
    end();
}
END_TEST

/* The engine itself beside the card: audio in both formats, dials, meters frame by frame. */
START_TEST(the_card_gives_what_the_engine_gives_and_meters_what_was_there)
{
    static int32_t in[2][4 * TICK], out[2][4 * TICK], side[2][4 * TICK], payload[4 * 4 * TICK];
    static uint32_t got[NAVE_MAX_PAYLOAD_BYTES / 4];
    const uint32_t format = (uint32_t)_i & 1, external = (uint32_t)_i >> 1;
    uint32_t seed = 12345;
    begin(1);
    plan.external = external;
    if (external) /* the second band hears the side-chain */
        plan.dial[NAVE_DIAL_BAND + NAVE_BAND_SIDE] = NAVE_SIDE_EXTERNAL;
    nave_dyn_plan_encode(&plan, words);
    start(format);
    nave_dyn *engine = malloc(sizeof(*engine));
    int32_t *memory = malloc(nave_dyn_words(&plan.shape) * sizeof(*memory));
    nave_dyn_start(engine, &plan.shape, plan.dial, memory);
    const nave_dyn_event event = {150, nave_dyn_level(-6), NAVE_DIAL_OUTPUT, 77};
    const uint32_t w[4] = {event.dial, event.ramp_frames, (uint32_t)event.value,
                           (uint32_t)((uint64_t)event.value >> 32)};
    ck_assert_uint_eq(said(NAVE_FRAME_DIAL, event.frame, w, 16, NULL), NAVE_STATUS_OK);
    ck_assert_int_eq(nave_dyn_set(engine, &event), 0);
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 4 * TICK; i++) {
            seed = seed * 1664525 + 1013904223;
            in[c][i] = (int32_t)seed >> (i / 100 % 2 ? 9 : 4);
            side[c][i] = (int32_t)(seed * 7) >> 6;
        }
    const uint32_t inputs = external ? 4 : 2;
    for (uint32_t i = 0; i < 4 * TICK; i++)
        for (uint32_t c = 0; c < inputs; c++)
            payload[c * 4 * TICK + i] = c < 2 ? in[c][i] : side[c - 2][i];
    send_audio(payload, 4 * inputs * 4 * TICK);
    for (uint64_t t = 0; t < 4; t++) {
        uint64_t position;
        int32_t lowest[2][2], limiter = INT32_MAX;
        uint32_t peak[2] = {0};
        uint64_t square[2] = {0};
        memset(lowest, 0x7f, sizeof(lowest));
        for (size_t i = t * TICK; i < (t + 1) * TICK; i++) { /* one frame a call: what the engine says after each */
            const int32_t *const x[2] = {&in[0][i], &in[1][i]}, *const s[2] = {&side[0][i], &side[1][i]};
            int32_t *const y[2] = {&out[0][i], &out[1][i]};
            nave_dyn_process(engine, x, external ? s : NULL, y, 1);
            for (int b = 0; b < 2; b++)
                for (int c = 0; c < 2; c++)
                    lowest[b][c] =
                        engine->band_state[b].gain[c] < lowest[b][c] ? engine->band_state[b].gain[c] : lowest[b][c];
            limiter = engine->limiter_state.gain < limiter ? engine->limiter_state.gain : limiter;
            for (int c = 0; c < 2; c++) {
                const uint32_t size = (uint32_t)llabs(out[c][i]);
                peak[c] = size > peak[c] ? size : peak[c];
                square[c] += (uint64_t)size * size >> 16;
            }
        }
        ck_assert_uint_eq(next_frame(got, sizeof(got), &position), NAVE_FRAME_AUDIO_OUT);
        ck_assert_uint_eq(position, t * TICK);
        for (uint32_t c = 0; c < 2; c++)
            for (uint32_t i = 0; i < TICK; i++) {
                int64_t y = (int32_t)got[c * TICK + i];
                if (format == NAVE_FORMAT_Q44) {
                    memcpy(&y, got + 2 * (c * TICK + i), sizeof(y));
                    ck_assert_int_eq(y % 65536, 0);
                    y /= 65536;
                }
                ck_assert_int_eq(y, out[c][t * TICK + i]);
            }
        ck_assert_uint_eq(next_frame(got, sizeof(got), &position), NAVE_FRAME_METERS);
        ck_assert_uint_eq(position, (t + 1) * TICK);
        ck_assert_uint_eq(got[0], 2 | 2 << 8);
        ck_assert_uint_eq(got[1], TICK);
        ck_assert_int_eq((int32_t)got[2], limiter);
        for (uint32_t c = 0; c < 2; c++) {
            ck_assert_uint_eq(got[3 + 8 * c + 4], peak[c]);
            ck_assert_uint_eq(got[3 + 8 * c + 6] | (uint64_t)got[3 + 8 * c + 7] << 32, square[c]);
            ck_assert_uint_gt(got[3 + 8 * c + 1], 0);
            for (uint32_t b = 0; b < 8; b++)
                ck_assert_int_eq((int32_t)got[19 + 2 * b + c], b < 2 ? lowest[b][c] : 0);
        }
        ck_assert_int_lt(lowest[0][0], t ? -100000 : 1);
    }
    free(engine);
    free(memory);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dyn context");
    TCase *tc = tcase_create("dyn context");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_card_without_engines_refuses_all_of_it);
    tcase_add_test(tc, each_bad_word_of_a_plan_is_named);
    tcase_add_test(tc, dials_are_refused_whole_and_for_a_reason);
    tcase_add_loop_test(tc, the_card_gives_what_the_engine_gives_and_meters_what_was_there, 0, 4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
