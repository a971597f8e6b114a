/* Audio files: only whole ones are read, only whole ones appear.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/audio_file.h"
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/nave-check-XXXXXX";
static nave_text why;

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static int entries_in_folder(void)
{
    DIR *dir = opendir(folder);
    int count = 0;
    for (struct dirent *e; (e = readdir(dir));)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' || e->d_name[1] > '.')
            remove(in_folder(e->d_name));
    closedir(dir);
    rmdir(folder);
}

static void write_words(const char *path, nave_word word, uint32_t channels, const int32_t *words, size_t frames)
{
    const nave_audio_target target = {
        .word = word, .channels = channels, .rate_hz = 48000, .frames = frames, .overwrite = 1};
    nave_audio_writer *w;
    ck_assert_msg(nave_audio_writer_open(&w, path, &target, &why) == NAVE_OK, "%s", why.text);
    ck_assert_int_eq(nave_audio_writer_write(w, words, frames, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_commit(w, &why), NAVE_OK);
}

static void ramp(int32_t *words, size_t count, nave_word word)
{
    uint64_t s = 99;
    for (size_t i = 0; i < count; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        const int32_t v = (int32_t)(s >> 32);
        const float f = (float)v * 0x1p-31f;
        words[i] = word == NAVE_WORD_PCM16 ? v >> 16 : word == NAVE_WORD_PCM24 ? v >> 8 : v;
        if (word == NAVE_WORD_FLOAT)
            memcpy(&words[i], &f, sizeof f);
    }
    if (word == NAVE_WORD_PCM16)
        words[0] = -32768, words[1] = 32767;
    if (word == NAVE_WORD_PCM24)
        words[0] = -8388608, words[1] = 8388607;
    if (word == NAVE_WORD_PCM32)
        words[0] = INT32_MIN, words[1] = INT32_MAX;
}

START_TEST(every_container_gives_back_the_words_it_got)
{
    static const char *const names[] = {"a.wav", "a.rf64", "a.w64", "a.aiff", "a.flac", "a.caf"};
    enum { frames = 20011, channels = 3 };
    int32_t *words = malloc(frames * channels * sizeof *words), *back = malloc(frames * channels * sizeof *back);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        for (int word = NAVE_WORD_PCM16; word <= NAVE_WORD_FLOAT; word++) {
            if (strstr(names[n], "flac") && word > NAVE_WORD_PCM24)
                continue;
            ramp(words, frames * channels, (nave_word)word);
            write_words(in_folder(names[n]), (nave_word)word, channels, words, frames);
            nave_audio_reader *r;
            size_t got;
            char hash[65], expected[65];
            ck_assert_msg(nave_audio_reader_open(&r, in_folder(names[n]), &why) == NAVE_OK, "%s", why.text);
            ck_assert_uint_eq(nave_audio_reader_info(r)->frames, frames);
            ck_assert_int_eq(nave_audio_reader_info(r)->word, word);
            ck_assert_int_eq(nave_audio_reader_read_words(r, back, frames, &got, &why), NAVE_OK);
            ck_assert_uint_eq(got, frames);
            ck_assert_mem_eq(back, words, frames * channels * sizeof *words);
            ck_assert_int_eq(nave_audio_reader_read_words(r, back, 10, &got, &why), NAVE_OK);
            ck_assert_uint_eq(got, 0);
            nave_audio_reader_hash(r, hash);
            nave_audio_reader_close(r);
            nave_sample_hash h;
            nave_sample_hash_init(&h, (nave_word)word, channels, 48000);
            nave_sample_hash_add(&h, words, frames);
            nave_sample_hash_end(&h, expected);
            ck_assert_str_eq(hash, expected);
        }
    free(words);
    free(back);
}
END_TEST

START_TEST(q28_is_exact_for_16_and_24_bits_and_nearest_even_beyond)
{
    enum { frames = 4096 };
    int32_t words[frames], q28[frames], *planes[1] = {q28};
    for (int word = NAVE_WORD_PCM16; word <= NAVE_WORD_FLOAT; word++) {
        ramp(words, frames, (nave_word)word);
        if (word == NAVE_WORD_PCM32)
            for (int i = 0; i < 64; i++) /* every tie, on both sides of zero */
                words[100 + i] = i - 32;
        if (word == NAVE_WORD_FLOAT) {
            const float special[] = {7.999999f, 8.0f, -8.0f, 100.0f, -100.0f, 0x1p-29f, 0x3p-29f, -0x1p-29f, 0x1p-140f};
            memcpy(words + 100, special, sizeof special);
        }
        write_words(in_folder("q.wav"), (nave_word)word, 1, words, frames);
        nave_audio_reader *r;
        size_t got;
        ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("q.wav"), &why), NAVE_OK);
        ck_assert_int_eq(nave_audio_reader_read_q28(r, planes, frames, &got, &why), NAVE_OK);
        ck_assert_uint_eq(got, frames);
        nave_audio_reader_close(r);
        for (int i = 0; i < frames; i++) {
            float f;
            memcpy(&f, &words[i], sizeof f);
            const double x = word == NAVE_WORD_PCM16   ? words[i] * 0x1p-15
                             : word == NAVE_WORD_PCM24 ? words[i] * 0x1p-23
                             : word == NAVE_WORD_PCM32 ? words[i] * 0x1p-31
                                                       : (double)f;
            double expected = nearbyint(x * 0x1p28);
            expected = expected > INT32_MAX ? INT32_MAX : expected < INT32_MIN ? INT32_MIN : expected;
            ck_assert_int_eq(q28[i], (int32_t)expected);
            ck_assert(word > NAVE_WORD_PCM24 || q28[i] * 0x1p-28 == x);
        }
    }
}
END_TEST

START_TEST(truncated_files_are_refused_with_the_number_of_frames)
{
    static const char *const names[] = {"t.wav", "t.rf64", "t.w64", "t.aiff", "t.caf", "t.flac"};
    enum { frames = 30000 };
    int32_t *words = malloc(frames * 2 * sizeof *words);
    ramp(words, frames * 2, NAVE_WORD_PCM16);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        struct stat st;
        write_words(in_folder(names[n]), NAVE_WORD_PCM16, 2, words, frames);
        ck_assert_int_eq(stat(in_folder(names[n]), &st), 0);
        ck_assert_int_eq(truncate(in_folder(names[n]), st.st_size * 2 / 3), 0);
        nave_audio_reader *r;
        int err = nave_audio_reader_open(&r, in_folder(names[n]), &why);
        size_t got = 1, all = 0;
        while (!err && got) {
            int32_t block[2048];
            err = nave_audio_reader_read_words(r, block, 1024, &got, &why);
            all += got;
            if (err || !got)
                nave_audio_reader_close(r);
        }
        ck_assert_msg(err == NAVE_E_FORMAT, "%s was read as %zu frames", names[n], all);
        ck_assert_msg(strstr(why.text, "frame"), "%s", why.text);
    }
    free(words);
}
END_TEST

START_TEST(a_header_that_promises_more_frames_is_refused_at_the_end)
{
    int32_t words[2 * 5000];
    ramp(words, 2 * 5000, NAVE_WORD_PCM16);
    write_words(in_folder("more.flac"), NAVE_WORD_PCM16, 2, words, 5000);
    FILE *f = fopen(in_folder("more.flac"), "r+b"); /* STREAMINFO's total, of which these are the low 16 bits */
    fseek(f, 24, SEEK_SET);
    fputc((5000 + 256) >> 8, f);
    fclose(f);
    nave_audio_reader *r;
    size_t got = 1;
    int err = nave_audio_reader_open(&r, in_folder("more.flac"), &why);
    ck_assert_int_eq(err, NAVE_OK);
    ck_assert_uint_eq(nave_audio_reader_info(r)->frames, 5000 + 256);
    while (!err && got)
        err = nave_audio_reader_read_words(r, words, 1024, &got, &why);
    nave_audio_reader_close(r);
    ck_assert_int_eq(err, NAVE_E_FORMAT);
    ck_assert_msg(strstr(why.text, "5256 frames, 5000 are there"), "%s", why.text);
}
END_TEST

START_TEST(not_a_number_is_named_by_frame_and_channel)
{
    int32_t words[2 * 9000] = {0};
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        memcpy(&words[2 * 8765 + 1], &bad[i], sizeof(float));
        write_words(in_folder("n.wav"), NAVE_WORD_FLOAT, 2, words, 9000);
        nave_audio_reader *r;
        size_t got;
        int32_t left[9000], right[9000], *planes[2] = {left, right};
        ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("n.wav"), &why), NAVE_OK);
        ck_assert_int_eq(nave_audio_reader_read_q28(r, planes, 9000, &got, &why), NAVE_E_FORMAT);
        ck_assert_msg(strstr(why.text, "frame 8765, channel 2"), "%s", why.text);
        nave_audio_reader_close(r);
    }
}
END_TEST

START_TEST(what_is_not_a_regular_audio_file_is_refused_at_once)
{
    nave_audio_reader *r;
    ck_assert_int_eq(nave_audio_reader_open(&r, folder, &why), NAVE_E_IO);
    ck_assert_ptr_nonnull(strstr(why.text, "folder"));
    ck_assert_int_eq(mkfifo(in_folder("pipe.wav"), 0600), 0);
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("pipe.wav"), &why), NAVE_E_IO);
    ck_assert_int_eq(nave_audio_reader_open(&r, "/dev/zero", &why), NAVE_E_IO);
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("none.wav"), &why), NAVE_E_IO);
    FILE *f = fopen(in_folder("empty.wav"), "w");
    fclose(f);
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("empty.wav"), &why), NAVE_E_FORMAT);
    f = fopen(in_folder("junk.wav"), "w");
    for (int i = 0; i < 5000; i++)
        fputc(i * 37 & 255, f);
    fclose(f);
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("junk.wav"), &why), NAVE_E_FORMAT);
    ck_assert_ptr_null(r);
}
END_TEST

START_TEST(an_aborted_output_leaves_nothing_and_keeps_the_old_file)
{
    int32_t words[64] = {1, 2, 3};
    write_words(in_folder("o.wav"), NAVE_WORD_PCM16, 1, words, 64);
    const nave_audio_target target = {
        .word = NAVE_WORD_PCM24, .channels = 2, .rate_hz = 96000, .frames = 32, .overwrite = 1};
    nave_audio_writer *w;
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("o.wav"), &target, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_write(w, words, 32, &why), NAVE_OK);
    ck_assert_int_eq(entries_in_folder(), 2);
    nave_audio_writer_abort(w);
    ck_assert_int_eq(entries_in_folder(), 1);
    nave_audio_reader *r;
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("o.wav"), &why), NAVE_OK);
    ck_assert_uint_eq(nave_audio_reader_info(r)->rate_hz, 48000);
    nave_audio_reader_close(r);
    nave_audio_writer_abort(NULL);
}
END_TEST

START_TEST(output_can_be_its_own_input)
{
    enum { frames = 50000 };
    int32_t *words = malloc(frames * sizeof *words), block[1000];
    ramp(words, frames, NAVE_WORD_PCM16);
    write_words(in_folder("self.wav"), NAVE_WORD_PCM16, 1, words, frames);
    nave_audio_reader *r;
    nave_audio_writer *w;
    size_t got;
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("self.wav"), &why), NAVE_OK);
    const nave_audio_target target = {.channels = 1, .rate_hz = 48000, .frames = frames, .like = r, .overwrite = 1};
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("self.wav"), &target, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_word(w), NAVE_WORD_PCM16);
    for (;;) {
        ck_assert_int_eq(nave_audio_reader_read_words(r, block, 1000, &got, &why), NAVE_OK);
        if (!got)
            break;
        ck_assert_int_eq(nave_audio_writer_write(w, block, got, &why), NAVE_OK);
    }
    ck_assert_int_eq(nave_audio_writer_commit(w, &why), NAVE_OK);
    nave_audio_reader_close(r);
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("self.wav"), &why), NAVE_OK);
    for (size_t at = 0; at < frames; at += got) {
        ck_assert_int_eq(nave_audio_reader_read_words(r, block, 1000, &got, &why), NAVE_OK);
        ck_assert_uint_gt(got, 0);
        ck_assert_mem_eq(block, words + at, got * sizeof *words);
    }
    nave_audio_reader_close(r);
    free(words);
}
END_TEST

START_TEST(targets_that_are_not_files_or_may_not_be_replaced_are_refused)
{
    int32_t words[8] = {0};
    nave_audio_target target = {.word = NAVE_WORD_PCM16, .channels = 1, .rate_hz = 48000, .frames = 8};
    nave_audio_writer *w;
    ck_assert_int_eq(mkdir(in_folder("d.wav"), 0700), 0);
    target.overwrite = 1;
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("d.wav"), &target, &why), NAVE_E_IO);
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("no/such.wav"), &target, &why), NAVE_E_IO);
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("a.xyz"), &target, &why), NAVE_E_ARG);
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("noext"), &target, &why), NAVE_E_ARG);
    target.word = NAVE_WORD_FLOAT;
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("a.flac"), &target, &why), NAVE_E_ARG);
    ck_assert_ptr_nonnull(strstr(why.text, "pcm24"));
    target.word = NAVE_WORD_PCM16;
    target.overwrite = 0;
    write_words(in_folder("old.wav"), NAVE_WORD_PCM16, 1, words, 8);
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("old.wav"), &target, &why), NAVE_E_IO);
    /* The target appears while the new one is being written. */
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("race.wav"), &target, &why), NAVE_OK);
    write_words(in_folder("race.wav"), NAVE_WORD_PCM24, 1, words, 8);
    const int before = entries_in_folder();
    ck_assert_int_eq(nave_audio_writer_write(w, words, 8, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_commit(w, &why), NAVE_E_IO);
    ck_assert_int_eq(entries_in_folder(), before - 1);
    nave_audio_reader *r;
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("race.wav"), &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_reader_info(r)->word, NAVE_WORD_PCM24);
    nave_audio_reader_close(r);
}
END_TEST

START_TEST(a_link_stays_a_link_and_modes_stay)
{
    int32_t words[8] = {0};
    struct stat st;
    write_words(in_folder("real.wav"), NAVE_WORD_PCM16, 1, words, 8);
    ck_assert_int_eq(chmod(in_folder("real.wav"), 0640), 0);
    ck_assert_int_eq(symlink("real.wav", in_folder("link.wav")), 0);
    write_words(in_folder("link.wav"), NAVE_WORD_PCM24, 1, words, 8);
    ck_assert_int_eq(lstat(in_folder("link.wav"), &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(lstat(in_folder("real.wav"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    nave_audio_reader *r;
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("real.wav"), &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_reader_info(r)->word, NAVE_WORD_PCM24);
    nave_audio_reader_close(r);
}
END_TEST

START_TEST(metadata_is_carried_over)
{
    SF_INFO info = {.samplerate = 48000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    SF_BROADCAST_INFO bext = {
        .description = "take 3", .originator = "a recorder", .time_reference_low = 4711, .version = 1};
    SF_CUES cues = {.cue_count = 2};
    cues.cue_points[0] = (SF_CUE_POINT){.indx = 1, .position = 10, .sample_offset = 10};
    cues.cue_points[1] = (SF_CUE_POINT){.indx = 2, .position = 20, .sample_offset = 20};
    short zero[64] = {0};
    SNDFILE *f = sf_open(in_folder("m.wav"), SFM_WRITE, &info);
    sf_set_string(f, SF_STR_TITLE, "the title");
    sf_set_string(f, SF_STR_ARTIST, "the artist");
    sf_command(f, SFC_SET_BROADCAST_INFO, &bext, sizeof bext);
    sf_command(f, SFC_SET_CUE, &cues, sizeof cues);
    sf_writef_short(f, zero, 64);
    sf_close(f);

    nave_audio_reader *r;
    nave_audio_writer *w;
    int32_t words[64] = {0};
    ck_assert_int_eq(nave_audio_reader_open(&r, in_folder("m.wav"), &why), NAVE_OK);
    const nave_audio_target target = {.channels = 1, .rate_hz = 48000, .frames = 64, .like = r, .overwrite = 1};
    ck_assert_int_eq(nave_audio_writer_open(&w, in_folder("m2.wav"), &target, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_write(w, words, 64, &why), NAVE_OK);
    ck_assert_int_eq(nave_audio_writer_commit(w, &why), NAVE_OK);
    nave_audio_reader_close(r);

    SF_BROADCAST_INFO bext2 = {0};
    SF_CUES cues2 = {0};
    info = (SF_INFO){0};
    f = sf_open(in_folder("m2.wav"), SFM_READ, &info);
    ck_assert_str_eq(sf_get_string(f, SF_STR_TITLE), "the title");
    ck_assert_str_eq(sf_get_string(f, SF_STR_ARTIST), "the artist");
    ck_assert_int_eq(sf_command(f, SFC_GET_BROADCAST_INFO, &bext2, sizeof bext2), SF_TRUE);
    ck_assert_str_eq(bext2.description, "take 3");
    ck_assert_uint_eq(bext2.time_reference_low, 4711);
    ck_assert_int_eq(sf_command(f, SFC_GET_CUE, &cues2, sizeof cues2), SF_TRUE);
    ck_assert_uint_eq(cues2.cue_count, 2);
    ck_assert_uint_eq(cues2.cue_points[1].sample_offset, 20);
    sf_close(f);
}
END_TEST

START_TEST(the_same_samples_give_the_same_bytes)
{
    int32_t words[512];
    char *bytes[2];
    long sizes[2];
    ramp(words, 512, NAVE_WORD_FLOAT);
    for (int i = 0; i < 2; i++) {
        write_words(in_folder("same.wav"), NAVE_WORD_FLOAT, 2, words, 256);
        FILE *f = fopen(in_folder("same.wav"), "rb");
        fseek(f, 0, SEEK_END);
        sizes[i] = ftell(f);
        rewind(f);
        bytes[i] = malloc((size_t)sizes[i]);
        ck_assert_uint_eq(fread(bytes[i], 1, (size_t)sizes[i], f), (size_t)sizes[i]);
        fclose(f);
        if (i == 0)
            sleep(1); /* a time stamp in the header would differ */
    }
    ck_assert_int_eq(sizes[0], sizes[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], (size_t)sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}
END_TEST

/* A reader must survive anything: flip bytes in whole files of each kind, read to the end. */
START_TEST(damaged_headers_never_crash)
{
    static const char *const names[] = {"f.wav", "f.w64", "f.aiff", "f.flac", "f.caf", "f.rf64"};
    const char *given = getenv("NAVE_SEED");
    uint64_t s = given ? strtoull(given, NULL, 0) : 4242;
    int32_t words[600];
    unsigned refused = 0;
    ramp(words, 600, NAVE_WORD_PCM16);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        write_words(in_folder(names[n]), NAVE_WORD_PCM16, 2, words, 300);
        uint8_t bytes[16384];
        FILE *f = fopen(in_folder(names[n]), "rb");
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        for (int round = 0; round < 300; round++) {
            uint8_t damaged[16384];
            memcpy(damaged, bytes, size);
            for (int k = 0; k < 1 + round % 4; k++) {
                s = s * 6364136223846793005u + 1442695040888963407u;
                damaged[(s >> 33) % (round % 2 ? 100 : size)] = (uint8_t)(s >> 24);
            }
            f = fopen(in_folder("damaged"), "wb");
            fwrite(damaged, 1, size, f);
            fclose(f);
            nave_audio_reader *r;
            why.text[0] = 0;
            int err = nave_audio_reader_open(&r, in_folder("damaged"), &why);
            const int opened = !err;
            size_t got = 1;
            for (int blocks = 0; !err && got && blocks < 1000; blocks++) {
                double block[1024 * 16];
                const size_t channels = nave_audio_reader_info(r)->channels;
                err = nave_audio_reader_read_f64(r, block, 1024 * 16 / channels, &got, &why);
            }
            if (opened)
                nave_audio_reader_close(r);
            refused += err != 0;
            ck_assert(!err || why.text[0]);
        }
    }
    ck_assert_uint_gt(refused, 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audio_file");
    TCase *tc = tcase_create("audio_file");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_container_gives_back_the_words_it_got);
    tcase_add_test(tc, q28_is_exact_for_16_and_24_bits_and_nearest_even_beyond);
    tcase_add_test(tc, truncated_files_are_refused_with_the_number_of_frames);
    tcase_add_test(tc, a_header_that_promises_more_frames_is_refused_at_the_end);
    tcase_add_test(tc, not_a_number_is_named_by_frame_and_channel);
    tcase_add_test(tc, what_is_not_a_regular_audio_file_is_refused_at_once);
    tcase_add_test(tc, an_aborted_output_leaves_nothing_and_keeps_the_old_file);
    tcase_add_test(tc, output_can_be_its_own_input);
    tcase_add_test(tc, targets_that_are_not_files_or_may_not_be_replaced_are_refused);
    tcase_add_test(tc, a_link_stays_a_link_and_modes_stay);
    tcase_add_test(tc, metadata_is_carried_over);
    tcase_add_test(tc, the_same_samples_give_the_same_bytes);
    tcase_add_test(tc, damaged_headers_never_crash);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
