/* driver/usb.c and what stands on it, against the Verilated device in the same process: what befalls a card ends in the
 * same bits or in a stated error, never in wrong audio, never in a hang. Usage: usb_driver [TEST]; NAVE_SEED,
 * NAVE_CASES (unplugs at random moments, thousands of fuzzed frames).
 * SPDX-License-Identifier: ISC */
#include "usb_driver.h"
#include <sndfile.h>

#define IN_FRAMES 30000
#define IR_FRAMES 9000

static int passed, failed;
static uint64_t random_state;
char usb[64];
static char folder[] = "/tmp/nave-usb-XXXXXX", in_path[64];
char ir_path[64];

void check(int good, const char *what, const char *detail)
{
    passed += good;
    failed += !good;
    if (!good) {
        char state[256];
        nave_direct_state(state);
        printf("FAIL %s: %s\n     %s\n", what, detail, state);
    }
    fflush(stdout);
}

uint32_t next(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void write_file(const char *path, int frames, double decay)
{
    SF_INFO info = {.samplerate = RATE_HZ, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_24};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    for (int n = 0; n < frames; n++) {
        const float x[2] = {(float)((next(20001) / 1e4 - 1) * 0.2 * exp(-decay * n)),
                            (float)((next(20001) / 1e4 - 1) * 0.2 * exp(-decay * n))};
        sf_writef_float(f, x, 1);
    }
    sf_close(f);
}

int render(const char *spec, const char *out, nave_render_result *r, nave_text *why)
{
    nave_device *dev = NULL;
    nave_render_settings s;
    char out_path[128];
    snprintf(out_path, sizeof(out_path), "%s/%s", folder, out);
    nave_render_settings_default(&s);
    s.receipt = 0;
    s.dry_db = -6;
    why->text[0] = '\0';
    int err = nave_open(&dev, spec, why);
    if (!err)
        err = nave_render_file(dev, in_path, ir_path, out_path, &s, r, why);
    nave_close(dev);
    return err;
}

static int same_bits, stated;

/* A render under `command`: the hash of the model, or, where the card was lost before there was a render, an error that
 * says so. */
static void befallen(const char *name, const char *command, const nave_render_result *expected, const char *after)
{
    char detail[700];
    nave_render_result r = {0};
    nave_text why;
    const double begin = now_s();
    nave_direct_befall(command);
    const int err = render(usb, "out.wav", &r, &why);
    nave_direct_befall(after);
    const int same = !err && strcmp(r.output_hash, expected->output_hash) == 0;
    const int said = (err == NAVE_E_LOST || err == NAVE_E_DEVICE) && r.frames_out == 0 && why.text[0];
    same_bits += same;
    stated += said;
    snprintf(detail, sizeof(detail), "'%s': error %d (%s), hash %.16s, expected %.16s, lost %u times", command, err,
             why.text, r.output_hash, expected->output_hash, r.recoveries);
    check(same || said, name, detail);
    printf("%-28s %-22s lost %u times%s%s%s, %.2f s\n", name, command, r.recoveries,
           r.took_over ? ", the model did the rest" : "", said ? ", " : "", said ? why.text : "", now_s() - begin);
}

static void unplugged_at_random(int runs, uint64_t pieces, const nave_render_result *expected)
{
    static const unsigned away_ms[] = {0, 1, 30, 200, 900, 2500};
    for (int i = 0; i < runs; i++) {
        char command[64];
        snprintf(command, sizeof(command), "unplug %u after %u", away_ms[next(6)], next((uint32_t)pieces));
        befallen("unplugged at a random moment", command, expected, "work");
    }
}

static const char *const befalls[][3] = {
    {"a bad cable", "spoil 5", "spoil 0"},
    {"a cable that is no good", "spoil 25", "spoil 0"},
    {"storms of NAK", "storm 30000", "storm 0"},
    {"both pipes halted", "halt after 200", "work"},
    {"a bus reset", "reset after 200", "work"},
    {"suspended and resumed", "suspend after 200", "work"},
    {"unplugged for good", "unplug 6000 after 200", "work"},
};
enum { BEFALLS = sizeof(befalls) / sizeof(befalls[0]) };

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";
    const char *seed_given = getenv("NAVE_SEED"), *cases = getenv("NAVE_CASES"), *patience = getenv("NAVE_PATIENCE");
    const uint64_t seed = seed_given ? strtoull(seed_given, NULL, 0) : (uint64_t)time(NULL);
    const int unplugs = cases ? atoi(cases) : 10;
    nave_render_result expected = {0}, r = {0};
    nave_text why = {""};
    printf("seed %llu (NAVE_SEED repeats this run)\n", (unsigned long long)seed);
    snprintf(usb, sizeof(usb), patience ? "usb:wait=5,patience=%s" : "usb:wait=5", patience);
    random_state = 12345;
    if (!mkdtemp(folder))
        return 1;
    snprintf(in_path, sizeof(in_path), "%s/in.wav", folder);
    snprintf(ir_path, sizeof(ir_path), "%s/ir.wav", folder);
    setenv("XDG_RUNTIME_DIR", folder, 1);
    write_file(in_path, IN_FRAMES, 0);
    write_file(ir_path, IR_FRAMES, 0.0005);
    random_state = seed;

    check(render("model:", "out.wav", &expected, &why) == NAVE_OK, "model", why.text);
    const uint64_t before = nave_direct_pieces();
    befallen("nothing befalls it", "work", &expected, "work");
    const uint64_t pieces = nave_direct_pieces() - before;
    printf("a render is %llu pieces\n", (unsigned long long)pieces);
    const int all = !*only;
    if (all || !strcmp(only, "open"))
        test_opening();
    for (int i = 0; i < BEFALLS && (all || !strcmp(only, "befalls")); i++)
        befallen(befalls[i][0], befalls[i][1], &expected, befalls[i][2]);
    if (all || !strcmp(only, "slow"))
        test_slow_reader();
    if (all || !strcmp(only, "half")) {
        test_half_a_frame();
        test_card_within_a_frame();
    }
    if (all || !strcmp(only, "abandoned"))
        test_abandoned(unplugs * 3 / 5);
    if (all || !strcmp(only, "live"))
        test_live();
    if (all || !strcmp(only, "quiet"))
        test_quiet();
    if (all || !strcmp(only, "several"))
        test_several_cards(&expected);
    if ((all || !strcmp(only, "frames")) && !getenv("NAVE_CARD")) /* else its twin is not the C card's */
        test_frames(1000 * unplugs);
    if (cases && all)
        befallen("a card that hangs", "hang after 200", &expected, "work");
    if (all || !strcmp(only, "unplug"))
        unplugged_at_random(unplugs, pieces, &expected);
    check(render(usb, "out.wav", &r, &why) == NAVE_OK && !strcmp(r.output_hash, expected.output_hash),
          "well at the end", why.text);
    char things[32];
    snprintf(things, sizeof(things), "%u", nave_direct_open_things());
    check(nave_direct_open_things() == 0, "everything of libusb was freed", things);
    check(!*nave_direct_broken(), "rules of the bus", nave_direct_broken());
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    check(system(command) == 0, "clean up", folder);
    printf("%d renders had the same bits, %d ended in a stated error\n", same_bits, stated);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
