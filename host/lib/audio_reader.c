/* Reading audio files: only whole ones, and every sample a number.
 * SPDX-License-Identifier: ISC */
#include "audio_file.h"
#include "audio_scan.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_WORDS 8192

struct nave_audio_reader {
    SNDFILE *file;
    nave_audio_info info;
    char *path;
    uint64_t at_frame;
    nave_sample_hash hash;
    union {
        int32_t i32[BLOCK_WORDS];
        float f32[BLOCK_WORDS];
        double f64[BLOCK_WORDS];
    } block; /* interleaved memory words of the last read */
};

int nave_open_regular(const char *path, int *fd, uint64_t *bytes, nave_text *why)
{
    struct stat st;
    /* O_NONBLOCK: opening a pipe without a writer would wait for ever. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return nave_fail(why, NAVE_E_IO, "cannot open '%s': %s", path, strerror(errno));
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(*fd);
        *fd = -1;
        return nave_fail(why, NAVE_E_IO, "'%s' is %s: give the path of a file", path,
                         S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
    }
    *bytes = (uint64_t)st.st_size;
    return NAVE_OK;
}

static nave_word word_of(int sf_format)
{
    switch (sf_format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_DWVW_24:
    case SF_FORMAT_ALAC_20:
    case SF_FORMAT_ALAC_24:
        return NAVE_WORD_PCM24;
    case SF_FORMAT_PCM_32:
    case SF_FORMAT_ALAC_32:
        return NAVE_WORD_PCM32;
    case SF_FORMAT_FLOAT:
    case SF_FORMAT_VORBIS:
    case SF_FORMAT_OPUS:
    case SF_FORMAT_MPEG_LAYER_I:
    case SF_FORMAT_MPEG_LAYER_II:
    case SF_FORMAT_MPEG_LAYER_III:
        return NAVE_WORD_FLOAT;
    case SF_FORMAT_DOUBLE:
        return NAVE_WORD_DOUBLE;
    default: /* 8 bits, and the coders that decode to 16 */
        return NAVE_WORD_PCM16;
    }
}

static int check_info(const char *path, const SF_INFO *info, nave_text *why)
{
    if (info->channels < 1 || info->channels > 1024)
        return nave_fail(why, NAVE_E_FORMAT, "'%s' has %d channels in its header: the file is corrupt", path,
                         info->channels);
    if (info->samplerate < 1 || info->samplerate > 768000)
        return nave_fail(why, NAVE_E_FORMAT, "'%s' has a sample rate of %d Hz in its header: the file is corrupt", path,
                         info->samplerate);
    if (info->frames < 0)
        return nave_fail(why, NAVE_E_FORMAT, "'%s' has a negative length in its header: the file is corrupt", path);
    return NAVE_OK;
}

int nave_audio_reader_open(nave_audio_reader **out, const char *path, nave_text *why)
{
    SF_INFO info = {0};
    nave_audio_scan scan;
    uint64_t bytes;
    int fd, err;

    *out = NULL;
    err = nave_open_regular(path, &fd, &bytes, why);
    if (err)
        return err;
    if (bytes == 0) {
        close(fd);
        return nave_fail(why, NAVE_E_FORMAT, "'%s' is empty: give a file with audio", path);
    }
    nave_audio_scan_fd(fd, bytes, &scan);
    SNDFILE *file = sf_open_fd(fd, SFM_READ, &info, SF_TRUE);
    if (!file && scan.promised_bytes > scan.present_bytes)
        return nave_fail(why, NAVE_E_FORMAT,
                         "'%s' is truncated: no frame can be read, %.1f %% of the audio is there: copy it again "
                         "from its source",
                         path, 100 * (double)scan.present_bytes / (double)scan.promised_bytes);
    if (!file)
        return nave_fail(why, NAVE_E_FORMAT, "'%s' is not an audio file that libsndfile can read (%s)", path,
                         sf_strerror(NULL));
    err = check_info(path, &info, why);
    if (err)
        goto err_close_file;
    if (scan.promised_bytes > scan.present_bytes) {
        const double there = (double)scan.present_bytes / (double)scan.promised_bytes;
        err = nave_fail(why, NAVE_E_FORMAT,
                        "'%s' is truncated: %" PRId64 " frames are there, %.1f %% of what its header says: copy it "
                        "again from its source",
                        path, (int64_t)info.frames, 100 * there);
        goto err_close_file;
    }
    nave_audio_reader *r = calloc(1, sizeof *r);
    char *name = strdup(path);
    if (!r || !name) {
        free(r);
        free(name);
        err = nave_fail(why, NAVE_E_NOMEM, "out of memory while opening '%s'", path);
        goto err_close_file;
    }
    r->file = file;
    r->path = name;
    r->info =
        (nave_audio_info){(uint32_t)info.channels, (uint32_t)info.samplerate,
                          info.frames >= SF_COUNT_MAX ? 0 : (uint64_t)info.frames, info.format, word_of(info.format)};
    nave_sample_hash_init(&r->hash, r->info.word, r->info.channels, r->info.rate_hz);
    *out = r;
    return NAVE_OK;

err_close_file:
    sf_close(file);
    return err;
}

void nave_audio_reader_close(nave_audio_reader *r)
{
    if (!r)
        return;
    sf_close(r->file);
    free(r->path);
    free(r);
}

const char *nave_audio_reader_path(const nave_audio_reader *r)
{
    return r->path;
}

const nave_audio_info *nave_audio_reader_info(const nave_audio_reader *r)
{
    return &r->info;
}

struct sf_private_tag *nave_audio_reader_handle(const nave_audio_reader *r)
{
    return r->file;
}

/* Exponent bits all set: infinity or NaN. Without a call and without a branch in the loop's good case. */
static int find_not_finite(const nave_audio_reader *r, size_t count, size_t *where)
{
    if (r->info.word == NAVE_WORD_FLOAT) {
        for (size_t i = 0; i < count; i++)
            if ((r->block.i32[i] & 0x7f800000) == 0x7f800000) {
                *where = i;
                return 1;
            }
    } else if (r->info.word == NAVE_WORD_DOUBLE) {
        for (size_t i = 0; i < count; i++)
            if (!isfinite(r->block.f64[i])) {
                *where = i;
                return 1;
            }
    }
    return 0;
}

/* Fills the block with memory words, hashed and checked. */
static int read_block(nave_audio_reader *r, size_t frames, size_t *got, nave_text *why)
{
    const size_t most = BLOCK_WORDS / r->info.channels;
    const sf_count_t want = (sf_count_t)(frames < most ? frames : most);
    sf_count_t n;
    size_t where;

    if (r->info.word == NAVE_WORD_FLOAT)
        n = sf_readf_float(r->file, r->block.f32, want);
    else if (r->info.word == NAVE_WORD_DOUBLE)
        n = sf_readf_double(r->file, r->block.f64, want);
    else
        n = sf_readf_int(r->file, r->block.i32, want);
    if (n < 0 || n > want)
        n = 0;
    if (n == 0 && want > 0 && sf_error(r->file) != SF_ERR_NO_ERROR)
        return nave_fail(why, NAVE_E_FORMAT, "'%s' is corrupt after frame %" PRIu64 " (%s)", r->path, r->at_frame,
                         sf_strerror(r->file));
    if (n == 0 && want > 0 && r->at_frame < r->info.frames)
        return nave_fail(why, NAVE_E_FORMAT,
                         "'%s' is truncated: its header says %" PRIu64 " frames, %" PRIu64
                         " are there: copy it again from its source",
                         r->path, r->info.frames, r->at_frame);
    const size_t count = (size_t)n * r->info.channels;
    const int drop = r->info.word == NAVE_WORD_PCM16 ? 16 : r->info.word == NAVE_WORD_PCM24 ? 8 : 0;
    if (drop)
        for (size_t i = 0; i < count; i++)
            r->block.i32[i] >>= drop;
    if (find_not_finite(r, count, &where))
        return nave_fail(why, NAVE_E_FORMAT,
                         "'%s' has a sample that is not a number (NaN or infinite) at frame %" PRIu64
                         ", channel %zu: export it again",
                         r->path, r->at_frame + where / r->info.channels, where % r->info.channels + 1);
    nave_sample_hash_add(&r->hash, &r->block, (size_t)n);
    r->at_frame += (uint64_t)n;
    *got = (size_t)n;
    return NAVE_OK;
}

int nave_audio_reader_read_f64(nave_audio_reader *r, double *interleaved, size_t frames, size_t *got, nave_text *why)
{
    const size_t channels = r->info.channels;
    const double scale = r->info.word == NAVE_WORD_PCM16   ? 0x1p-15
                         : r->info.word == NAVE_WORD_PCM24 ? 0x1p-23
                                                           : 0x1p-31;
    *got = 0;
    while (*got < frames) {
        size_t n;
        const int err = read_block(r, frames - *got, &n, why);
        if (err || n == 0)
            return err;
        double *to = interleaved + *got * channels;
        for (size_t i = 0; i < n * channels; i++)
            to[i] = r->info.word == NAVE_WORD_FLOAT    ? r->block.f32[i]
                    : r->info.word == NAVE_WORD_DOUBLE ? r->block.f64[i]
                                                       : r->block.i32[i] * scale;
        *got += n;
    }
    return NAVE_OK;
}

/* x * 2^28 to nearest even, limited to the card's +-8. The constant pushes the fraction out of the mantissa, which
 * rounds by the default mode; lrint would be a call. */
static inline int32_t q28_of(double x)
{
    double v = x * 0x1p28;
    uint64_t bits;
    v = v < -0x1p31 ? -0x1p31 : v > 0x1.fffffffcp30 ? 0x1.fffffffcp30 : v;
    v += 0x1.8p52;
    memcpy(&bits, &v, sizeof bits);
    return (int32_t)(uint32_t)bits;
}

static inline int32_t q28_of_pcm32(int32_t v)
{
    return (int32_t)(((int64_t)v + 3 + (v >> 3 & 1)) >> 3);
}

int nave_audio_reader_read_q28(nave_audio_reader *r, int32_t *const *out, size_t frames, size_t *got, nave_text *why)
{
    const size_t channels = r->info.channels;
    *got = 0;
    while (*got < frames) {
        size_t n;
        const int err = read_block(r, frames - *got, &n, why);
        if (err || n == 0)
            return err;
        for (size_t c = 0; c < channels; c++) {
            int32_t *to = out[c] + *got;
            const int32_t *i32 = r->block.i32 + c;
            const float *f32 = r->block.f32 + c;
            const double *f64 = r->block.f64 + c;
            switch (r->info.word) {
            case NAVE_WORD_PCM16:
                for (size_t i = 0; i < n; i++)
                    to[i] = i32[i * channels] * 8192;
                break;
            case NAVE_WORD_PCM24:
                for (size_t i = 0; i < n; i++)
                    to[i] = i32[i * channels] * 32;
                break;
            case NAVE_WORD_PCM32:
                for (size_t i = 0; i < n; i++)
                    to[i] = q28_of_pcm32(i32[i * channels]);
                break;
            case NAVE_WORD_FLOAT:
                for (size_t i = 0; i < n; i++)
                    to[i] = q28_of(f32[i * channels]);
                break;
            case NAVE_WORD_DOUBLE:
                for (size_t i = 0; i < n; i++)
                    to[i] = q28_of(f64[i * channels]);
                break;
            }
        }
        *got += n;
    }
    return NAVE_OK;
}

int nave_audio_reader_read_words(nave_audio_reader *r, int32_t *interleaved, size_t frames, size_t *got, nave_text *why)
{
    *got = 0;
    if (r->info.word == NAVE_WORD_DOUBLE)
        return nave_fail(why, NAVE_E_FORMAT, "'%s' holds doubles, which nave does not write", r->path);
    while (*got < frames) {
        size_t n = 0;
        const int err = read_block(r, frames - *got, &n, why);
        if (err || n == 0)
            return err;
        memcpy(interleaved + *got * r->info.channels, r->block.i32, n * r->info.channels * sizeof(int32_t));
        *got += n;
    }
    return NAVE_OK;
}

int nave_audio_reader_seek(nave_audio_reader *r, uint64_t frame, nave_text *why)
{
    if (frame > INT64_MAX || sf_seek(r->file, (sf_count_t)frame, SEEK_SET) != (sf_count_t)frame)
        return nave_fail(why, NAVE_E_IO, "cannot go to frame %" PRIu64 " of '%s' (%s)", frame, r->path,
                         sf_strerror(r->file));
    r->at_frame = frame;
    return NAVE_OK;
}

void nave_audio_reader_hash(nave_audio_reader *r, char hex[65])
{
    nave_sample_hash_end(&r->hash, hex);
}
