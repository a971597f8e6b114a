/* Fuzzer of audio files: read as a session's input and as a response.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/audio_file.h"
#include "fuzz_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("damaged.wav");
    nave_audio_reader *r = NULL;
    nave_text why = {""};
    fuzz_claim(bytes_write(data, size, path) == 0, "a file can be written");
    int err = nave_audio_reader_open(&r, path, &why);
    if (err) {
        fuzz_sentence(err, &why);
    } else {
        const uint32_t channels = nave_audio_reader_info(r)->channels;
        fuzz_claim(channels >= 1, "a file has a channel");
        if (channels <= NAVE_MAX_CHANNELS) {
            int32_t *block = malloc(sizeof(*block) * channels * 1000), *plane[NAVE_MAX_CHANNELS];
            uint64_t frames = 0;
            size_t got = 1;
            for (uint32_t c = 0; c < channels; c++)
                plane[c] = block + 1000 * c;
            for (; !err && got && frames < 1000000; frames += got)
                err = nave_audio_reader_read_q28(r, plane, 1000, &got, &why);
            if (err)
                fuzz_sentence(err, &why);
            free(block);
        }
        nave_audio_reader_close(r);
    }
    nave_ir *ir = NULL;
    nave_ir_settings s;
    nave_ir_settings_default(&s);
    s.rate_hz = size & 1 ? 48000 : 0;
    s.length_s = 1; /* the conversion of a minute takes a second */
    err = nave_ir_load(&ir, path, &s, &why);
    if (err)
        fuzz_sentence(err, &why);
    nave_ir_free(ir);
    return 0;
}
