/* A fuzzer's bytes as a file.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_FUZZ_FILES_H
#define NAVE_TESTS_FUZZ_FILES_H
#include "seeds.h"
#include <unistd.h>

/* libvorbis 1.3.7 loses its tables when libsndfile gives up on a damaged Ogg header. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libvorbis.so\n";
}

static inline void fuzz_claim(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

/* A folder of this process with two good files, and the path of `name` in it. */
static inline const char *fuzz_file(const char *name)
{
    static char folder[64], path[128];
    if (!folder[0]) {
        strcpy(folder, "/tmp/nave-fuzz-XXXXXX");
        fuzz_claim(mkdtemp(folder) != NULL, "a folder can be made");
        snprintf(path, sizeof(path), "%s/a.wav", folder);
        fuzz_claim(seed_write(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2, 300, 48000) == 0, "a seed can be written");
        snprintf(path, sizeof(path), "%s/b.wav", folder);
        fuzz_claim(seed_write(path, SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1, 100, 48000) == 0, "a seed can be written");
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static inline void fuzz_sentence(int err, const nave_text *why)
{
    fuzz_claim(err < 0 && err >= NAVE_E_CANCELLED && strlen(why->text) > 10, "an error has a sentence");
}
#endif
