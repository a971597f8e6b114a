/* Chains and their card: one that is lost under a live chain; a file rendered and verified, however long the chain's
 * text. SPDX-License-Identifier: ISC */
#include "../../host/lib/chain.h"
#include "../../host/lib/device.h"
#include "../../sim/model/context.h"
#include <check.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK 64
#define BLOCKS 40

static nave_text why;

static nave_chain *chain_of(const char *text)
{
    nave_chain *c = NULL;
    ck_assert_msg(nave_chain_parse(&c, "t", text, strlen(text), &why) == NAVE_OK, "%s", why.text);
    return c;
}

/* ---- a lost card ---- */

/* The C card, as one that may come back. */
static int open_again(nave_card **out, const char *options, nave_text *reason)
{
    (void)options;
    return nave_find_backend("model:", &options)->open(out, "", reason);
}

static void fill(int32_t *x, uint64_t at)
{
    for (uint32_t n = 0; n < TICK; n++)
        x[n] = (int32_t)((at + n) * 2654435761u) >> 4;
}

static void play(nave_chain_stream *st, int32_t *out)
{
    int32_t in[TICK];
    for (int b = 0; b < BLOCKS; b++) {
        const void *from[1] = {in};
        void *to[1] = {out + b * TICK};
        fill(in, (uint64_t)b * TICK);
        ck_assert_int_eq(nave_chain_process(st, from, to, TICK), NAVE_OK);
    }
}

static uint32_t contexts_running(nave_device *dev)
{
    uint32_t running = 0, state;
    for (uint32_t c = 0; c < NAVE_LINK_CONTEXTS; c++) {
        ck_assert_int_eq(
            nave_device_register(dev, NAVE_REG_CONTEXT_BASE + c * NAVE_REG_CONTEXT_STRIDE + NAVE_REG_CONTEXT_STATE,
                                 &state, &why),
            NAVE_OK);
        running += state == NAVE_CONTEXT_RUNNING;
    }
    return running;
}

START_TEST(a_chain_does_not_run_on_when_its_card_is_reopened)
{
    nave_device *dev = NULL;
    nave_chain_stream *st = NULL;
    nave_stream *plain = NULL;
    nave_plan *plan = NULL;
    nave_ir *ir = NULL;
    nave_chain_session s;
    nave_ir_settings is;
    nave_plan_settings ps;
    nave_device_info info;
    static int32_t before[BLOCKS * TICK], after[BLOCKS * TICK];
    const double one[1] = {1};
    const double *const samples[1] = {one};
    nave_chain *c =
        chain_of("nave-chain 1\n[eq]\nbell 1 = 900 Hz, 5 dB, Q 2\n[limiter]\n[eq]\nbell 1 = 90 Hz, -3 dB\n");
    nave_ir_settings_default(&is);
    nave_plan_settings_default(&ps);
    nave_chain_session_default(&s);
    s.channels = 1;
    s.input = s.output = NAVE_Q28;
    s.plan.mode = ps.mode = NAVE_LIVE;
    s.plan.tick_frames = ps.tick_frames = TICK;
    is.rate_hz = 48000;
    ck_assert_msg(nave_open(&dev, "model:", &why) == NAVE_OK, "%s", why.text);
    nave_device_get_info(dev, &info);
    ck_assert_int_eq(nave_ir_create(&ir, samples, 1, NULL, NULL, 1, &is, &why), NAVE_OK);
    ck_assert_int_eq(nave_plan_compile(&plan, ir, &ps, &info.limits, &why), NAVE_OK);
    ck_assert_int_eq(nave_chain_open(&st, dev, c, &s, &why), NAVE_OK);
    ck_assert_int_eq(nave_stream_open(&plain, dev, plan, NULL, &why), NAVE_OK);
    ck_assert_uint_eq(contexts_running(dev), 3);
    play(st, before);

    nave_card_backend returning = *dev->link.backend;
    returning.open = open_again;
    returning.returns = 1;
    dev->link.backend = &returning;
    dev->link.failure = NAVE_E_LOST;
    ck_assert_msg(nave_device_reopen(dev, 0, &why) == NAVE_OK, "%s", why.text);
    ck_assert_uint_eq(contexts_running(dev), 1); /* the plain stream alone */

    int32_t in[TICK], out[TICK];
    const void *from[1] = {in};
    void *to[1] = {out};
    fill(in, 0);
    ck_assert_int_eq(nave_chain_process(st, from, to, TICK), NAVE_E_LOST); /* and the link goes on for the others */
    nave_chain_close(st);
    ck_assert_int_eq(nave_chain_open(&st, dev, c, &s, &why), NAVE_OK);
    play(st, after);
    ck_assert_mem_eq(before, after, sizeof(before));
    nave_chain_close(st);
    nave_stream_close(plain);
    nave_plan_free(plan);
    nave_ir_free(ir);
    nave_chain_free(c);
    nave_close(dev);
}
END_TEST

/* ---- files ---- */

#define FRAMES 4800

static void write_noise(const char *path, uint32_t frames)
{
    int32_t x[TICK];
    SF_INFO info = {.samplerate = 48000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_24};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    ck_assert_ptr_nonnull(f);
    for (uint32_t n = 0; n < frames; n += TICK) {
        fill(x, n);
        ck_assert_int_eq(sf_writef_int(f, x, TICK), TICK);
    }
    sf_close(f);
}

static void write_input(const char *path)
{
    write_noise(path, FRAMES);
}

/* Lanes of points in the shortest way that they can be written. */
static size_t long_chain(char *text, size_t cap)
{
    size_t n = (size_t)snprintf(text, cap, "nave-chain 1\n[eq]\n");
    for (int b = 1; b <= 8; b++)
        n += (size_t)snprintf(text + n, cap - n, "bell %d=%dHz,0dB\n", b, 100 * b);
    n += (size_t)snprintf(text + n, cap - n, "[automation]\n");
    for (int b = 1; b <= 8; b++) {
        n += (size_t)snprintf(text + n, cap - n, "eq.bell %d gain=0s 0dB", b);
        for (int k = 1; k < 880; k++)
            n += (size_t)snprintf(text + n, cap - n, ",%ds %ddB", k, (k + b) % 9);
        n += (size_t)snprintf(text + n, cap - n, "\n");
    }
    return n;
}

START_TEST(a_chain_that_is_accepted_renders_however_long_its_canonical_text)
{
    char folder[] = "/tmp/nave-chain-XXXXXX", in[64], out[64], receipt[96];
    static char text[2 * NAVE_CHAIN_MAX_BYTES];
    nave_device *dev = NULL;
    nave_chain *c = NULL;
    nave_render_settings s;
    nave_render_result result;
    size_t canonical;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(in, sizeof(in), "%s/in.wav", folder);
    snprintf(out, sizeof(out), "%s/out.wav", folder);
    write_input(in);
    const size_t bytes = long_chain(text, sizeof(text));
    ck_assert_uint_le(bytes, NAVE_CHAIN_MAX_BYTES);
    ck_assert_msg(nave_chain_parse(&c, "t", text, bytes, &why) == NAVE_OK, "%s", why.text);
    nave_chain_text(c, &canonical);
    ck_assert_uint_gt(canonical, NAVE_CHAIN_MAX_BYTES);
    ck_assert_int_eq(nave_open(&dev, "model:", &why), NAVE_OK);
    nave_render_settings_default(&s);
    s.chain = c;
    s.receipt = 0;
    ck_assert_msg(nave_render_file(dev, in, NULL, out, &s, &result, &why) == NAVE_OK, "%s", why.text);
    ck_assert_uint_eq(result.frames_out, FRAMES);
    ck_assert_str_eq(result.chain_hash, c->hash);
    ck_assert_int_eq(unlink(out), 0);
    s.receipt = 1; /* which has no room for it, and then there is no file */
    ck_assert_int_eq(nave_render_file(dev, in, NULL, out, &s, &result, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "render without one"));
    snprintf(receipt, sizeof(receipt), "%s.nave", out);
    ck_assert(access(out, F_OK) != 0 && access(receipt, F_OK) != 0);
    nave_close(dev);
    nave_chain_free(c);
    unlink(in);
    rmdir(folder);
}
END_TEST

/* The C card as one with a bad contact: each time it is opened it gives so many frames and is lost. */
static struct {
    uint32_t lives, frames; /* left: openings, frames that this one gives */
    uint32_t frames_each;
    const nave_card_backend *card;
} contact;

static int receive_for_a_while(nave_card *card, const uint8_t **frame, size_t *n, int timeout_ms)
{
    if (contact.frames == 0)
        return NAVE_E_LOST;
    contact.frames--;
    return contact.card->receive(card, frame, n, timeout_ms);
}

static int open_while_it_lives(nave_card **out, const char *options, nave_text *reason)
{
    if (contact.lives == 0)
        return NAVE_E_DEVICE;
    contact.lives--;
    contact.frames = contact.frames_each;
    return open_again(out, options, reason);
}

START_TEST(a_render_whose_card_is_lost_gives_the_same_file)
{
    static const char *const text =
        "nave-chain 1\n[eq]\nbell 1 = 900 Hz, 5 dB, Q 2\n[dynamics]\ncrossover 1 = 300 Hz\n"
        "band 1 threshold = -30 dB\nband 2 side-chain = external\n[limiter]\n[eq]\n"
        "bell 1 = 90 Hz, -3 dB\n[automation]\neq.bell 1 gain = 0 s 0 dB, 80 ms 6 dB linear\n"
        "eq 2.bell 1 gain = 0 s 0 dB, 50 ms -4 dB\n";
    /* frames until it is lost, how often it comes back, losses, whether the C model did the rest */
    static const uint32_t cases[][4] = {{60, 1, 2, 1}, {17, 0, 1, 1}, {30, 2, 3, 1}, {40, 9, 4, 1}, {100000, 9, 0, 0}};
    char folder[] = "/tmp/nave-chain-XXXXXX", in[64], out[64];
    nave_render_settings s;
    nave_render_result first, r;
    nave_chain *c = chain_of(text);
    nave_device *dev = NULL;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(in, sizeof(in), "%s/in.wav", folder);
    snprintf(out, sizeof(out), "%s/out.wav", folder);
    write_input(in);
    nave_render_settings_default(&s);
    s.chain = c;
    s.side_chain_path = in;
    s.overwrite = 1;
    ck_assert_int_eq(nave_open(&dev, "model:", &why), NAVE_OK);
    ck_assert_msg(nave_render_file(dev, in, NULL, out, &s, &first, &why) == NAVE_OK, "%s", why.text);
    nave_close(dev);
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        ck_assert_int_eq(nave_open(&dev, "model:", &why), NAVE_OK);
        contact.card = dev->link.backend;
        contact.frames_each = contact.frames = cases[k][0];
        contact.lives = cases[k][1];
        nave_card_backend loose = *dev->link.backend;
        loose.open = open_while_it_lives;
        loose.receive = receive_for_a_while;
        loose.returns = 1;
        dev->link.backend = &loose;
        ck_assert_msg(nave_render_file(dev, in, NULL, out, &s, &r, &why) == NAVE_OK, "%s", why.text);
        ck_assert_uint_eq(r.recoveries, cases[k][2]);
        ck_assert_int_eq(r.took_over, (int)cases[k][3]);
        ck_assert_uint_eq(r.frames_in, first.frames_in);
        ck_assert_uint_eq(r.clipped_samples, first.clipped_samples);
        ck_assert_str_eq(r.input_hash, first.input_hash);
        ck_assert_str_eq(r.output_hash, first.output_hash);
        nave_close(dev);
    }
    ck_assert_int_eq(nave_open(&dev, "model:", &why), NAVE_OK);
    nave_card_backend loose = *dev->link.backend;
    loose.receive = receive_for_a_while;
    loose.returns = 1;
    dev->link.backend = &loose;
    contact.frames = 12;
    s.recover = 0;
    ck_assert_int_eq(nave_render_file(dev, in, NULL, out, &s, &r, &why), NAVE_E_LOST);
    nave_close(dev);
    nave_chain_free(c);
    unlink(first.receipt_path);
    unlink(out);
    unlink(in);
    rmdir(folder);
}
END_TEST

START_TEST(a_reverb_of_a_small_board_is_verified_on_a_large_one)
{
    char folder[] = "/tmp/nave-chain-XXXXXX", in[64], ir[64], out[64], out2[64];
    nave_render_settings s;
    nave_render_result made, other;
    nave_verify_result verified;
    nave_device *dev = NULL;
    nave_chain *c = chain_of("nave-chain 1\n[reverb]\n[limiter]\n");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(in, sizeof(in), "%s/in.wav", folder);
    snprintf(out, sizeof(out), "%s/out.wav", folder);
    snprintf(ir, sizeof(ir), "%s/ir.wav", folder);
    snprintf(out2, sizeof(out2), "%s/out2.wav", folder);
    write_input(in);
    write_noise(ir, 3 * 48000);
    nave_render_settings_default(&s);
    ck_assert_int_eq(nave_chain_set_response(c, ir, &why), NAVE_OK);
    s.chain = c;
    s.tail = 0;
    s.plan.mode = NAVE_LIVE; /* live plans differ from board to board */
    s.plan.tick_frames = 64;
    ck_assert_int_eq(nave_open(&dev, "model:board=cynthion", &why), NAVE_OK);
    ck_assert_msg(nave_render_file(dev, in, NULL, out, &s, &made, &why) == NAVE_OK, "%s", why.text);
    nave_close(dev);
    ck_assert_int_eq(nave_open(&dev, "model:board=ulx3s", &why), NAVE_OK);
    s.receipt = 0;
    ck_assert_msg(nave_render_file(dev, in, NULL, out2, &s, &other, &why) == NAVE_OK, "%s", why.text);
    ck_assert_str_ne(other.plan_hash, made.plan_hash);
    ck_assert_msg(nave_verify_receipt(dev, made.receipt_path, NULL, NULL, &verified, &why) == NAVE_OK, "%s", why.text);
    ck_assert_int_eq(verified.identical, 1);
    nave_close(dev);
    nave_chain_free(c);
    unlink(made.receipt_path);
    unlink(out2);
    unlink(out);
    unlink(ir);
    unlink(in);
    rmdir(folder);
}
END_TEST

START_TEST(verifying_says_what_the_render_said)
{
    char folder[] = "/tmp/nave-chain-XXXXXX", in[64], out[64];
    nave_device *dev = NULL;
    nave_render_settings s;
    nave_render_result made;
    nave_verify_result verified;
    nave_chain *c = chain_of("nave-chain 1\n[output]\ngain = 30 dB\n");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(in, sizeof(in), "%s/in.wav", folder);
    snprintf(out, sizeof(out), "%s/out.wav", folder);
    write_input(in);
    ck_assert_int_eq(nave_open(&dev, "model:", &why), NAVE_OK);
    nave_render_settings_default(&s);
    s.chain = c;
    ck_assert_msg(nave_render_file(dev, in, NULL, out, &s, &made, &why) == NAVE_OK, "%s", why.text);
    ck_assert_uint_gt(made.clipped_samples, 0);
    ck_assert_msg(nave_verify_receipt(dev, made.receipt_path, NULL, NULL, &verified, &why) == NAVE_OK, "%s", why.text);
    const nave_render_result *again = &verified.render;
    ck_assert_int_eq(verified.identical, 1);
    ck_assert_uint_eq(again->frames_in, made.frames_in);
    ck_assert_uint_eq(again->frames_out, made.frames_out);
    ck_assert_uint_eq(again->clipped_samples, made.clipped_samples);
    ck_assert_double_eq(again->peak_dbfs, made.peak_dbfs);
    ck_assert_double_eq(again->true_peak_dbtp, made.true_peak_dbtp);
    ck_assert(again->loudness_lufs == made.loudness_lufs);
    ck_assert(again->error_rms_dbfs == made.error_rms_dbfs);
    ck_assert_str_eq(again->input_hash, made.input_hash);
    ck_assert_str_eq(again->output_hash, made.output_hash);
    ck_assert_str_eq(again->plan_hash, made.plan_hash);
    ck_assert_str_eq(again->chain_hash, made.chain_hash);
    ck_assert_str_eq(again->ir_hash, made.ir_hash);
    nave_close(dev);
    nave_chain_free(c);
    unlink(made.receipt_path);
    unlink(out);
    unlink(in);
    rmdir(folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chain card");
    TCase *tc = tcase_create("chain card");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, a_chain_does_not_run_on_when_its_card_is_reopened);
    tcase_add_test(tc, a_chain_that_is_accepted_renders_however_long_its_canonical_text);
    tcase_add_test(tc, verifying_says_what_the_render_said);
    tcase_add_test(tc, a_render_whose_card_is_lost_gives_the_same_file);
    tcase_add_test(tc, a_reverb_of_a_small_board_is_verified_on_a_large_one);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
