/* Writes the fuzzers' first inputs: corpus FOLDER
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/receipt.h"
#include "fuzz_card.h"
#include "seeds.h"
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *folder, const char *target, const char *name, const void *at, size_t n)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
    fuzz_claim(bytes_write(at, n, path) == 0, path);
}

static void frames(const char *folder)
{
    uint8_t session[8000] = {1};
    size_t n = 1;
    static const uint8_t commands[][6] = {
        {NAVE_FRAME_REG_READ, 0, 0, 0, 0, 0},     {NAVE_FRAME_RAM_WRITE, 0, 0, 40, 0, 1},
        {NAVE_FRAME_RAM_READ, 0, 0, 1, 0, 1},     {NAVE_FRAME_RAM_READ, 0, 128, 1, 17, 0},
        {NAVE_FRAME_RAM_WRITE, 0, 128, 3, 19, 0}, {NAVE_FRAME_PLAN_LOAD, 1, 32, 0, 0, 0},
        {NAVE_FRAME_START, 1, 0, 1, 0, 0},        {NAVE_FRAME_PARAM, 1, 0, 2, 10, 0},
        {NAVE_FRAME_AUDIO_IN, 1, 16, 200, 0, 0},  {NAVE_FRAME_AUDIO_IN, 1, 16, 250, 0, 0},
        {NAVE_FRAME_REG_WRITE, 0, 0, 1, 0x20, 0}, {NAVE_FRAME_STOP, 1, 0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        memcpy(session + n, commands[i], 6);
        n += 6;
        for (int k = 0; k < 4 * commands[i][3] && n < sizeof(session); k++)
            session[n++] = (uint8_t)(k % 4 ? 0 : commands[i][0] == NAVE_FRAME_RAM_READ ? 8 : 1);
    }
    put(folder, "fuzz_frames", "session", session, n);
    fuzz_card f = {.frame = malloc(NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)};
    uint8_t raw[200] = {0};
    nave_dsp_init(&f.dsp, NAVE_CPU_ALL);
    size_t bytes = fuzz_frame(&f, NAVE_FRAME_REG_READ, 0, 0, NULL, 0);
    memcpy(raw + 1, f.frame, bytes);
    put(folder, "fuzz_frames", "raw", raw, bytes + 1);
    free(f.frame);
    nave_plan *plan[FUZZ_PLANS];
    fuzz_plans(plan);
    for (int k = 0; k < FUZZ_PLANS; k++) {
        const uint8_t none[] = {(uint8_t)k, 0, 1, 2, 3};
        put(folder, "fuzz_plan", k == 0 ? "live" : k == 1 ? "offline" : "true_stereo", none, sizeof(none));
        for (size_t w = 0; w < plan[k]->word_count;
             w += w < 48 ? 1 : 5) { /* each word of the header and tiers, a little lower and higher */
            for (int up = 0; up < 2; up++) {
                const uint8_t changed[] = {
                    (uint8_t)(k | 0x10), 1, (uint8_t)w, (uint8_t)(0x80 | w >> 8), up ? 16 : 0xf0, 0, 0, 0, 9};
                char name[32];
                snprintf(name, sizeof(name), "word-%d-%zu-%d", k, w, up);
                put(folder, "fuzz_plan", name, changed, sizeof(changed));
            }
        }
        nave_plan_free(plan[k]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    mkdir(argv[1], 0777);
    frames(argv[1]);
    char path[512];
    snprintf(path, sizeof(path), "%s/fuzz_audio", argv[1]);
    mkdir(path, 0777);
    for (size_t i = 0; i < SEED_FORMATS; i++) {
        snprintf(path, sizeof(path), "%s/fuzz_audio/%s", argv[1], seed_formats[i].name);
        fuzz_claim(seed_write(path, seed_formats[i].format, seed_formats[i].channels, 60, 48000) == 0, path);
    }
    static const char *const matrices[] = {"# in out file gain\n1 1 a.wav:1\n1 2 a.wav:2 -3\n2 2 \"b.wav\"\n",
                                           "1 1 b.wav:1 -6.5 # c\n\n16 16 b.wav"};
    put(argv[1], "fuzz_matrix", "one", matrices[0], strlen(matrices[0]));
    put(argv[1], "fuzz_matrix", "two", matrices[1], strlen(matrices[1]));
    const char *name, *text;
    for (size_t i = 0; (name = nave_chain_preset(i, NULL, &text)); i++)
        put(argv[1], "fuzz_chain", name, text, strlen(text));
    static const char more[] =
        "nave-chain 1\n[reverb]\nresponse = \"a b.wav\" ; send = -inf dB\n[eq 1]\nhigh-cut 3 = 9 kHz\n"
        "[eq]\n[automation]\nreverb.send = 0 s -inf dB, 1.5 s 0 dB linear\n"
        "eq 1.high-cut 3 frequency = 1 ms 5 kHz, 2 ms 6 kHz linear\n";
    put(argv[1], "fuzz_chain", "more", more, strlen(more));
    static const uint8_t dials[] = {1,  4, 0,  128, 0,   0, 0, 0, 0, 0,  0, 0, 63,  1,   2,  3,
                                    4,  5, 6,  7,   8,   9, 3, 2, 0, 80, 0, 3, 200, 100, 50, 25,
                                    12, 6, 70, 0,   200, 1, 2, 3, 4, 5,  6, 7, 8,   9,   1,  0};
    put(argv[1], "fuzz_dyn", "dials", dials, sizeof(dials));
    /* a receipt, by rendering once */
    nave_device *dev = NULL;
    nave_render_settings s;
    nave_text why = {""};
    char in[512], ir[512], out[512];
    bytes receipt;
    nave_render_settings_default(&s);
    snprintf(in, sizeof(in), "%s/fuzz_audio/a.wav", argv[1]);
    snprintf(ir, sizeof(ir), "%s/fuzz_audio/b.wav", argv[1]);
    snprintf(out, sizeof(out), "%s/out.wav", argv[1]);
    fuzz_claim(nave_open(&dev, NULL, &why) == 0 && nave_render_file(dev, in, ir, out, &s, NULL, &why) == 0, why.text);
    nave_close(dev);
    unlink(out);
    snprintf(in, sizeof(in), "%s.nave", out);
    fuzz_claim(bytes_read(&receipt, in) == 0, "the receipt can be read");
    unlink(in);
    put(argv[1], "fuzz_receipt", "receipt", receipt.at, receipt.n);
    free(receipt.at);
    return 0;
}
