/* Writing audio files: under a temporary name beside the target, renamed when complete.
 * SPDX-License-Identifier: ISC */
#include "audio_file.h"
#include <errno.h>
#include <inttypes.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BLOCK_WORDS 8192
/* A RIFF file counts its bytes in 32 bits; the rest is room for metadata. */
#define RIFF_MAX_BYTES (UINT32_MAX - (1u << 24))

struct nave_audio_writer {
    SNDFILE *file;
    char *temp_path, *final_path;
    nave_word word;
    uint32_t channels;
    int overwrite;
};

static int container_of(const char *path)
{
    static const struct {
        const char *extension;
        int format;
    } table[] = {{"wav", SF_FORMAT_WAV},   {"wave", SF_FORMAT_WAV}, {"bwf", SF_FORMAT_WAV},   {"rf64", SF_FORMAT_RF64},
                 {"w64", SF_FORMAT_W64},   {"aif", SF_FORMAT_AIFF}, {"aiff", SF_FORMAT_AIFF}, {"aifc", SF_FORMAT_AIFF},
                 {"flac", SF_FORMAT_FLAC}, {"caf", SF_FORMAT_CAF}};
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash + 1 : path, '.');
    for (size_t i = 0; dot && i < sizeof table / sizeof table[0]; i++)
        if (strcasecmp(dot + 1, table[i].extension) == 0)
            return table[i].format;
    return 0;
}

static int subtype_of(nave_word word)
{
    switch (word) {
    case NAVE_WORD_PCM16:
        return SF_FORMAT_PCM_16;
    case NAVE_WORD_PCM24:
        return SF_FORMAT_PCM_24;
    case NAVE_WORD_PCM32:
        return SF_FORMAT_PCM_32;
    default:
        return SF_FORMAT_FLOAT;
    }
}

static nave_word automatic_word(int container, const nave_audio_target *target)
{
    nave_word word = target->like ? nave_audio_reader_info(target->like)->word : NAVE_WORD_PCM24;
    if (word == NAVE_WORD_DOUBLE)
        word = NAVE_WORD_FLOAT;
    if (container == SF_FORMAT_FLAC && word > NAVE_WORD_PCM24)
        word = NAVE_WORD_PCM24; /* the widest that libsndfile writes into FLAC */
    return word;
}

static int choose_format(const char *path, const nave_audio_target *target, SF_INFO *info, nave_word *word,
                         nave_text *why)
{
    int container = container_of(path);
    if (!container)
        return nave_fail(why, NAVE_E_ARG,
                         "'%s' has no extension that nave writes: use .wav, .rf64, .w64, .aiff, .flac or .caf", path);
    *word = target->word ? target->word : automatic_word(container, target);
    if (*word < NAVE_WORD_PCM16 || *word > NAVE_WORD_FLOAT)
        return nave_fail(why, NAVE_E_ARG, "unknown sample format %d: use pcm16, pcm24, pcm32 or float", (int)*word);
    if (container == SF_FORMAT_FLAC && *word > NAVE_WORD_PCM24)
        return nave_fail(why, NAVE_E_ARG, "FLAC holds at most 24 bits, not %s: use pcm24, or a .wav file",
                         nave_word_name(*word));
    const uint64_t bytes_per_frame = (uint64_t)target->channels * (*word == NAVE_WORD_PCM16   ? 2
                                                                   : *word == NAVE_WORD_PCM24 ? 3
                                                                                              : 4);
    const int too_long = target->frames == 0 || target->frames > RIFF_MAX_BYTES / bytes_per_frame;
    if (container == SF_FORMAT_WAV && too_long)
        container = SF_FORMAT_RF64;
    else if (container == SF_FORMAT_WAV && target->channels > 2)
        container = SF_FORMAT_WAVEX;
    if (container == SF_FORMAT_AIFF && too_long && target->frames)
        return nave_fail(why, NAVE_E_ARG, "AIFF holds at most 4 GiB: use .wav, .w64 or .caf for '%s'", path);
    *info = (SF_INFO){
        .samplerate = (int)target->rate_hz, .channels = (int)target->channels, .format = container | subtype_of(*word)};
    if (!sf_format_check(info))
        return nave_fail(why, NAVE_E_ARG, "'%s' cannot hold %u channels of %s at %u Hz: use a .wav file", path,
                         target->channels, nave_word_name(*word), target->rate_hz);
    return NAVE_OK;
}

int nave_audio_writer_open(nave_audio_writer **out, const char *path, const nave_audio_target *target, nave_text *why)
{
    SF_INFO info;
    nave_word word = NAVE_WORD_PCM16;
    int fd, err;

    *out = NULL;
    if (target->channels < 1 || target->channels > NAVE_MAX_CHANNELS)
        return nave_fail(why, NAVE_E_CHANNELS, "cannot write %u channels: nave has 1 to %d", target->channels,
                         NAVE_MAX_CHANNELS);
    err = choose_format(path, target, &info, &word, why);
    if (err)
        return err;
    nave_audio_writer *w = calloc(1, sizeof *w);
    if (!w)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory while opening '%s'", path);
    w->word = word;
    w->channels = target->channels;
    w->overwrite = target->overwrite;
    err = nave_temp_create(path, target->overwrite, &fd, &w->temp_path, &w->final_path, why);
    if (err)
        goto err_free;
    w->file = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
    if (!w->file) {
        err = nave_fail(why, NAVE_E_IO, "cannot write '%s' (%s)", path, sf_strerror(NULL));
        goto err_unlink_temp;
    }
    if ((info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RF64)
        sf_command(w->file, SFC_RF64_AUTO_DOWNGRADE, NULL, SF_TRUE);
    /* The peak chunk holds the time of day: the same render would not give the same file. */
    sf_command(w->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    if (target->like)
        nave_audio_copy_metadata(nave_audio_reader_handle(target->like), w->file);
    *out = w;
    return NAVE_OK;

err_unlink_temp:
    unlink(w->temp_path);
err_free:
    free(w->temp_path);
    free(w->final_path);
    free(w);
    return err;
}

nave_word nave_audio_writer_word(const nave_audio_writer *w)
{
    return w->word;
}

int nave_audio_writer_write(nave_audio_writer *w, const int32_t *interleaved, size_t frames, nave_text *why)
{
    const size_t most = BLOCK_WORDS / w->channels;
    const int32_t scale = w->word == NAVE_WORD_PCM16 ? 65536 : w->word == NAVE_WORD_PCM24 ? 256 : 1;
    union {
        int32_t i32[BLOCK_WORDS];
        float f32[BLOCK_WORDS];
    } block;

    for (size_t done = 0; done < frames;) {
        const size_t n = frames - done < most ? frames - done : most;
        const int32_t *from = interleaved + done * w->channels;
        sf_count_t written;
        errno = 0;
        if (w->word == NAVE_WORD_FLOAT) {
            memcpy(block.f32, from, n * w->channels * sizeof(float));
            written = sf_writef_float(w->file, block.f32, (sf_count_t)n);
        } else {
            for (size_t i = 0; i < n * w->channels; i++)
                block.i32[i] = from[i] * scale;
            written = sf_writef_int(w->file, block.i32, (sf_count_t)n);
        }
        if (written != (sf_count_t)n)
            return nave_fail(why, NAVE_E_IO, "cannot write '%s': %s", w->final_path,
                             errno ? strerror(errno) : sf_strerror(w->file));
        done += n;
    }
    return NAVE_OK;
}

static void free_writer(nave_audio_writer *w)
{
    free(w->temp_path);
    free(w->final_path);
    free(w);
}

int nave_audio_writer_commit(nave_audio_writer *w, nave_text *why)
{
    int err = NAVE_OK;
    errno = 0;
    const int failed = sf_error(w->file) != SF_ERR_NO_ERROR;
    if (sf_close(w->file) != 0 || failed) {
        err = nave_fail(why, NAVE_E_IO, "cannot complete '%s': %s", w->final_path,
                        errno ? strerror(errno) : "the file system refused the last bytes");
        unlink(w->temp_path);
    } else {
        err = nave_temp_commit(w->temp_path, w->final_path, w->overwrite, why);
    }
    free_writer(w);
    return err;
}

void nave_audio_writer_abort(nave_audio_writer *w)
{
    if (!w)
        return;
    /* First the name, then the file: a second interrupt must not leave the name behind. */
    unlink(w->temp_path);
    sf_close(w->file);
    free_writer(w);
}
