/* Chains for usual jobs, as texts that can be shown, changed and kept as files.
 * SPDX-License-Identifier: ISC */
#include "chain.h"
#include <string.h>

static const struct {
    const char *name, *what, *text;
} presets[] = {
    {"mastering-gentle", "four bands that lean a mix together, then a limiter at -1 dBTP",
     "nave-chain 1\n"
     "[eq]\nlow-cut = 22 Hz, Q 0.71\n"
     "[dynamics]\nslope = 24 dB/oct\nlookahead = 5 ms\n"
     "crossover 1 = 120 Hz\ncrossover 2 = 1 kHz\ncrossover 3 = 6 kHz\n"
     "band 1 threshold = -22 dB ; band 1 ratio = 1.6:1 ; band 1 knee = 8 dB ; band 1 attack = 40 ms\n"
     "band 1 release = 250 ms ; band 1 detector = rms ; band 1 lookahead = 5 ms\n"
     "band 2 threshold = -24 dB ; band 2 ratio = 1.5:1 ; band 2 knee = 8 dB ; band 2 attack = 25 ms\n"
     "band 2 release = 180 ms ; band 2 detector = rms ; band 2 lookahead = 5 ms\n"
     "band 3 threshold = -26 dB ; band 3 ratio = 1.5:1 ; band 3 knee = 8 dB ; band 3 attack = 15 ms\n"
     "band 3 release = 120 ms ; band 3 detector = rms ; band 3 lookahead = 5 ms\n"
     "band 4 threshold = -30 dB ; band 4 ratio = 1.5:1 ; band 4 knee = 8 dB ; band 4 attack = 8 ms\n"
     "band 4 release = 90 ms ; band 4 detector = rms ; band 4 lookahead = 5 ms\n"
     "[output]\ngain = 1.5 dB\n"
     "[limiter]\nceiling = -1 dBTP ; release = 80 ms ; lookahead = 5 ms\n"},
    {"vocal", "rumble out, a gate that only leans, a 3:1 compressor, some air, a limiter",
     "nave-chain 1\n"
     "[eq]\nlow-cut = 80 Hz, Q 0.71\nbell 1 = 300 Hz, -2 dB, Q 1\nbell 2 = 3.2 kHz, 1.5 dB, Q 0.9\n"
     "high-shelf = 11 kHz, 2 dB, Q 0.71\n"
     "[dynamics]\nlookahead = 3 ms\n"
     "band 1 threshold = -20 dB ; band 1 ratio = 3:1 ; band 1 knee = 6 dB ; band 1 attack = 6 ms\n"
     "band 1 release = 90 ms ; band 1 detector = rms ; band 1 average = 5 ms ; band 1 makeup = 4 dB\n"
     "band 1 lookahead = 3 ms ; band 1 side low-cut = 120 Hz\n"
     "band 1 curve 2 mode = expand ; band 1 curve 2 threshold = -52 dB ; band 1 curve 2 ratio = 1.6:1\n"
     "band 1 curve 2 range = 12 dB ; band 1 curve 2 attack = 3 ms ; band 1 curve 2 release = 150 ms\n"
     "[limiter]\nceiling = -1 dBTP\n"},
    {"de-ess", "only the sibilants above 5.5 kHz are turned down",
     "nave-chain 1\n"
     "[dynamics]\nslope = 48 dB/oct\nlookahead = 2 ms\ncrossover 1 = 5.5 kHz\n"
     "band 2 threshold = -34 dB ; band 2 ratio = 5:1 ; band 2 knee = 4 dB ; band 2 range = 10 dB\n"
     "band 2 attack = 1 ms ; band 2 release = 40 ms ; band 2 detector = rms ; band 2 average = 2 ms\n"
     "band 2 lookahead = 2 ms\n"},
    {"drum-bus", "punch: slow attack below, fast above, a third of the dry sound kept",
     "nave-chain 1\n"
     "[dynamics]\ncrossover 1 = 150 Hz\nmix = 70 %\n"
     "band 1 threshold = -20 dB ; band 1 ratio = 4:1 ; band 1 attack = 30 ms ; band 1 release = 120 ms\n"
     "band 1 knee = 4 dB ; band 1 makeup = 3 dB\n"
     "band 2 threshold = -22 dB ; band 2 ratio = 4:1 ; band 2 attack = 12 ms ; band 2 release = 80 ms\n"
     "band 2 knee = 4 dB ; band 2 makeup = 3 dB\n"
     "[limiter]\nceiling = -0.5 dBTP ; release = 60 ms\n"},
    {"loudness-14", "a limiter that holds -1 dBTP for a master near -14 LUFS: set the gain in front of it",
     "nave-chain 1\n"
     "[output]\ngain = 3 dB\n"
     "[limiter]\nceiling = -1 dBTP ; release = 120 ms ; lookahead = 6 ms\n"},
    {"brickwall", "nothing but a ceiling at -0.3 dBTP",
     "nave-chain 1\n[limiter]\nceiling = -0.3 dBTP ; release = 50 ms ; lookahead = 1.5 ms\n"},
    {"podcast", "speech: rumble and hum out, levels evened out, ceiling at -1 dBTP",
     "nave-chain 1\n"
     "[eq]\nlow-cut = 75 Hz, Q 0.71\nbell = 180 Hz, -1.5 dB, Q 1\nhigh-shelf = 8 kHz, 1 dB, Q 0.71\n"
     "[dynamics]\nlookahead = 5 ms\n"
     "band 1 threshold = -26 dB ; band 1 ratio = 4:1 ; band 1 knee = 10 dB ; band 1 attack = 10 ms\n"
     "band 1 release = 150 ms ; band 1 auto-release = yes ; band 1 detector = rms ; band 1 makeup = 7 dB\n"
     "band 1 lookahead = 5 ms\n"
     "[limiter]\nceiling = -1 dBTP ; release = 100 ms\n"},
    {"neutral", "every part there and nothing done: not one bit of a file changes",
     "nave-chain 1\n[eq]\n[dynamics]\n[output]\n[limiter]\non = no\n"},
};

const char *nave_chain_preset(size_t n, const char **what, const char **text)
{
    if (n >= sizeof(presets) / sizeof(presets[0]))
        return NULL;
    if (what)
        *what = presets[n].what;
    if (text)
        *text = presets[n].text;
    return presets[n].name;
}
