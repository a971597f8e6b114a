/* Audio files of a session: a reader that tells a damaged file from a whole one, and a writer whose file appears under
 * its name only when it is complete.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_AUDIO_FILE_H
#define NAVE_AUDIO_FILE_H
#include "../../driver/why.h"
#include "sample_hash.h"

#define NAVE_MIN_RATE_HZ 8000
#define NAVE_MAX_RATE_HZ 384000

typedef struct nave_audio_info {
    uint32_t channels, rate_hz;
    uint64_t frames; /* what the header says; may be 0 for a stream of unknown length */
    int sf_format;   /* libsndfile's */
    nave_word word;  /* the narrowest that holds every sample of the file */
} nave_audio_info;

typedef struct nave_audio_reader nave_audio_reader;
typedef struct nave_audio_writer nave_audio_writer;

/* Regular files only. A container that promises more audio than the file has is NAVE_E_FORMAT. */
int nave_audio_reader_open(nave_audio_reader **out, const char *path, nave_text *why);
void nave_audio_reader_close(nave_audio_reader *r);
const nave_audio_info *nave_audio_reader_info(const nave_audio_reader *r);
const char *nave_audio_reader_path(const nave_audio_reader *r);

/* Each gives up to `frames` and sets *got; 0 at the end. A file that ends before its header says, NaN and infinity are
 * NAVE_E_FORMAT.
 * f64: interleaved, full scale = 1.0, exact for every word.
 * q28: planar out[channel][frame]. pcm16 and pcm24 are exact; pcm32, float and double are rounded to nearest even and
 *      limited to +-8.
 * words: interleaved memory words (sample_hash.h); not for NAVE_WORD_DOUBLE. */
int nave_audio_reader_read_f64(nave_audio_reader *r, double *interleaved, size_t frames, size_t *got, nave_text *why);
int nave_audio_reader_read_q28(nave_audio_reader *r, int32_t *const *out, size_t frames, size_t *got, nave_text *why);
int nave_audio_reader_read_words(nave_audio_reader *r, int32_t *interleaved, size_t frames, size_t *got,
                                 nave_text *why);
/* Back to a frame from the start; the hash must not be asked for afterwards. */
int nave_audio_reader_seek(nave_audio_reader *r, uint64_t frame, nave_text *why);
/* Of all samples; the file must have been read to its end, once. */
void nave_audio_reader_hash(nave_audio_reader *r, char hex[65]);

typedef struct nave_audio_target {
    nave_word word; /* 0: as `like`, or the widest the container takes */
    uint32_t channels, rate_hz;
    uint64_t frames;               /* expected; 0: not known. Decides whether .wav needs 64-bit sizes */
    const nave_audio_reader *like; /* metadata and AUTO word are taken from it; may be NULL */
    int overwrite;                 /* 0: NAVE_E_IO if the target exists, now or at commit */
} nave_audio_target;

/* The extension chooses the container: wav, wave, bwf, rf64, w64, aif, aiff, aifc, flac, caf. The temporary file is
 * called .NAME.nave-XXXXXX, in the target's folder. */
int nave_audio_writer_open(nave_audio_writer **out, const char *path, const nave_audio_target *target, nave_text *why);
nave_word nave_audio_writer_word(const nave_audio_writer *w);
/* Interleaved memory words. */
int nave_audio_writer_write(nave_audio_writer *w, const int32_t *interleaved, size_t frames, nave_text *why);
/* Closes and renames. The writer is freed in every case, and on failure the temporary file is gone. */
int nave_audio_writer_commit(nave_audio_writer *w, nave_text *why);
/* Closes, removes the temporary file and frees. NULL is allowed. */
void nave_audio_writer_abort(nave_audio_writer *w);

/* A temporary file beside a target, for any content. temp_path and final_path are to be freed. A target that is a
 * link is followed once, so that the link stays. */
int nave_temp_create(const char *path, int overwrite, int *fd, char **temp_path, char **final_path, nave_text *why);
int nave_temp_commit(const char *temp_path, const char *final_path, int overwrite, nave_text *why);

/* Opens a regular file for reading without ever blocking on a pipe or a device. */
int nave_open_regular(const char *path, int *fd, uint64_t *bytes, nave_text *why);

/* Internal to audio_*.c: libsndfile's handle of a reader, for its metadata. */
struct sf_private_tag;
struct sf_private_tag *nave_audio_reader_handle(const nave_audio_reader *r);
void nave_audio_copy_metadata(struct sf_private_tag *from, struct sf_private_tag *to);

#endif
