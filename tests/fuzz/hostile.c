/* Thousands of damaged audio files, responses, matrices and receipts through the library: no crash, no sanitizer
 * report, no partial file, a message that names the fault. Built with ASan and UBSan (fuzz.mk); a child process runs
 * the cases of a batch, so that one that dies costs only itself. hostile [--keep FOLDER]; NAVE_CASES how many (500),
 * NAVE_SEED from which number, NAVE_CASE only that one. SPDX-License-Identifier: ISC */
#include "seeds.h"
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 100
#define MOST_SEEDS 32
#define CASE_SECONDS 20

typedef enum kind { KIND_INPUT, KIND_RESPONSE, KIND_MATRIX, KIND_RECEIPT, KINDS } kind;
static const char *const kind_name[KINDS] = {"input", "response", "matrix", "receipt"};

typedef struct world {
    char folder[256]; /* good files are here, the damaged one of a case too */
    bytes seed[KINDS][MOST_SEEDS];
    const char *seed_name[KINDS][MOST_SEEDS];
    uint32_t seeds[KINDS];
    uint64_t base;
    int keep; /* what failed stays in the folder */
} world;

typedef struct shared { /* with the child */
    volatile uint32_t next, failed, refused, rendered, by_kind[KINDS];
} shared;

typedef struct rng {
    uint64_t state;
} rng;

static uint32_t pick(rng *r, uint32_t below)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static void in_folder(const world *w, char out[512], const char *name)
{
    snprintf(out, 512, "%s/%s", w->folder, name);
}

static void die(const char *what)
{
    fprintf(stderr, "hostile: %s\n", what);
    exit(2);
}

/* libvorbis 1.3.7 loses its tables when libsndfile gives up on a damaged Ogg header. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libvorbis.so\n";
}

/* ---- making a case ---- */

static bytes copy(const bytes *b, size_t room)
{
    bytes c = {malloc(b->n + room + 1), b->n};
    if (!c.at)
        die("out of memory");
    memcpy(c.at, b->at, b->n);
    return c;
}

static void put32(uint8_t *at, uint32_t v, int big)
{
    for (int i = 0; i < 4; i++)
        at[big ? 3 - i : i] = (uint8_t)(v >> 8 * i);
}

/* One change; most of them where headers are. */
static void damage(rng *r, bytes *b, const bytes *other)
{
    static const uint32_t worst[] = {0,     1,          2,           3,           7,           255,    256, 65535,
                                     65536, 0x7fffffff, 0x80000000u, 0xffffffffu, 0xfffffff0u, 384001, 17};
    if (b->n == 0)
        return;
    const size_t zone = pick(r, 3) ? (b->n < 200 ? b->n : 200) : b->n;
    const size_t at = pick(r, (uint32_t)zone), left = b->n - at;
    switch (pick(r, 11)) {
    case 0:
        b->at[at] ^= (uint8_t)(1u << pick(r, 8));
        break;
    case 1:
        b->at[at] = pick(r, 2) ? 0xff : 0;
        break;
    case 2: /* a field of a header */
        if (left >= 4)
            put32(b->at + at, worst[pick(r, 15)], (int)pick(r, 2));
        break;
    case 3:
        if (left >= 4)
            put32(b->at + at / 4 * 4, pick(r, 0xffffffffu), 0);
        break;
    case 4: /* cut off */
        b->n = at;
        break;
    case 5: /* cut out */
        memmove(b->at + at, b->at + at + left / 2, left - left / 2);
        b->n -= left / 2;
        break;
    case 6: { /* said twice; the room was given */
        const size_t n = left < 200 ? left : 200;
        memmove(b->at + at + n, b->at + at, left);
        b->n += n;
        break;
    }
    case 7: { /* of another file */
        const size_t n = other->n < left ? other->n : left;
        memcpy(b->at + at, other->at + (other->n - n), n);
        break;
    }
    case 8: { /* two names change places */
        const size_t to = pick(r, (uint32_t)zone);
        if (left >= 4 && b->n - to >= 4) {
            uint8_t keep[4];
            memcpy(keep, b->at + at, 4);
            memmove(b->at + at, b->at + to, 4);
            memcpy(b->at + to, keep, 4);
        }
        break;
    }
    case 9:
        memset(b->at + at, (int)pick(r, 256), left < 32 ? left : 32);
        break;
    default:
        for (size_t i = at; i < b->n && i < at + 64; i++)
            b->at[i] = (uint8_t)pick(r, 256);
    }
}

/* A text gets damage that a parser sees: lines lost, doubled, changed in their values. */
static void damage_text(rng *r, bytes *b)
{
    static const char *const values[] = {"-1",
                                         "0",
                                         "nan",
                                         "inf",
                                         "-inf",
                                         "1e999",
                                         "18446744073709551616",
                                         "99999999999",
                                         "",
                                         "yes",
                                         "\\x00",
                                         "../../../../etc/passwd",
                                         "\x1b[31m",
                                         "\xff\xfe",
                                         "17",
                                         "0x10",
                                         "1:",
                                         ":",
                                         "\"",
                                         "#",
                                         "%s%n"};
    size_t begin = pick(r, (uint32_t)b->n + 1), end;
    while (begin > 0 && b->at[begin - 1] != '\n')
        begin--;
    for (end = begin; end < b->n && b->at[end] != '\n'; end++)
        ;
    const char *value = values[pick(r, 21)];
    const size_t n = strlen(value), line = end - begin;
    switch (pick(r, 4)) {
    case 0: /* lost */
        memmove(b->at + begin, b->at + end, b->n - end);
        b->n -= line;
        break;
    case 1: /* doubled */
        if (line < 200) {
            memmove(b->at + end, b->at + begin, b->n - begin);
            b->n += line;
        }
        break;
    case 2: { /* another value */
        size_t from = begin;
        while (from < end && b->at[from] != ' ')
            from++;
        from += from < end;
        memmove(b->at + from + n, b->at + end, b->n - end);
        memcpy(b->at + from, value, n);
        b->n = from + n + (b->n - end);
        break;
    }
    default: { /* something put in */
        const size_t at = begin + pick(r, (uint32_t)line + 1);
        memmove(b->at + at + n, b->at + at, b->n - at);
        memcpy(b->at + at, value, n);
        b->n += n;
    }
    }
}

/* ---- judging a case ---- */

static int fault(const char *format, const char *a, const char *b)
{
    printf("    ");
    printf(format, a, b);
    printf("\n");
    return 1;
}

/* An error needs a sentence that a person can read, and that names the file. */
static int bad_message(int err, const nave_text *why, const char *name)
{
    const size_t n = strlen(why->text);
    if (err > 0 || err < NAVE_E_CANCELLED)
        return fault("an error number that does not exist%s%s", "", "");
    if (n < 15)
        return fault("%s without a sentence: '%s'", nave_strerror(err), why->text);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)why->text[i] < ' ' || why->text[i] == 0x7f)
            return fault("the message has a control character: %s%s", why->text, "");
    return strstr(why->text, name) ? 0 : fault("the message does not name %s: '%s'", name, why->text);
}

/* Anything in the folder that was not there before. */
static int leftovers(const world *w, const char *damaged)
{
    DIR *d = opendir(w->folder);
    if (!d)
        die("no folder");
    int found = 0;
    for (struct dirent *e; (e = readdir(d));) {
        int known = e->d_name[0] == '.' && (e->d_name[1] == '\0' || e->d_name[1] == '.');
        for (int k = 0; k < KINDS; k++)
            for (uint32_t i = 0; i < w->seeds[k]; i++)
                known |= strcmp(e->d_name, w->seed_name[k][i]) == 0;
        known |= strncmp(e->d_name, "kept-", 5) == 0 || strcmp(e->d_name, damaged) == 0 ||
                 strcmp(e->d_name, "good.wav") == 0 || strcmp(e->d_name, "room.wav") == 0 ||
                 strcmp(e->d_name, "done.wav") == 0;
        if (!known)
            found = fault("'%s' was left behind%s", e->d_name, "");
    }
    closedir(d);
    return found;
}

static int whole(const char *path, const nave_render_result *result)
{
    SF_INFO info = {0};
    SNDFILE *f = sf_open(path, SFM_READ, &info);
    if (!f)
        return fault("the render can't be read: %s%s", path, "");
    const int same = (uint64_t)info.frames == result->frames_out;
    sf_close(f);
    return same ? 0 : fault("the render has another length than was told: %s%s", path, "");
}

/* 1: failed. */
static int run_case(const world *w, shared *s, nave_device *dev, uint32_t number)
{
    rng r = {w->base + 1000003ull * number};
    const kind k = (kind)(number % 8 < 4    ? KIND_INPUT
                          : number % 8 < 6  ? KIND_RESPONSE
                          : number % 8 == 6 ? KIND_MATRIX
                                            : KIND_RECEIPT);
    const uint32_t which = pick(&r, w->seeds[k]);
    bytes b = copy(&w->seed[k][which], 8192);
    const int intact = pick(&r, 40) == 0;
    const uint32_t changes = intact ? 0 : 1 + pick(&r, 6);
    for (uint32_t i = 0; i < changes && b.n < w->seed[k][which].n + 6000; i++)
        if (k >= KIND_MATRIX && pick(&r, 4))
            damage_text(&r, &b);
        else
            damage(&r, &b, &w->seed[k][pick(&r, w->seeds[k])]);
    const char *extension = strrchr(w->seed_name[k][which], '.');
    char name[64], damaged[512], out[512], receipt[520], good[512], room[512];
    snprintf(name, sizeof(name), "damaged-%u%s", number, extension);
    in_folder(w, damaged, name);
    in_folder(w, out, "out.wav");
    in_folder(w, good, "good.wav");
    in_folder(w, room, "room.wav");
    snprintf(receipt, sizeof(receipt), "%s.nave", out);
    if (bytes_write(b.at, b.n, damaged))
        die("a case can't be written");
    free(b.at);

    nave_text why = {""};
    nave_render_result result;
    nave_verify_result verified;
    int err, failed = 0;
    alarm(CASE_SECONDS);
    if (k == KIND_RECEIPT) {
        err = nave_verify_receipt(dev, damaged, NULL, NULL, &verified, &why);
    } else {
        nave_render_settings settings;
        nave_render_settings_default(&settings);
        err = nave_render_file(dev, k == KIND_INPUT ? damaged : good, k == KIND_INPUT ? room : damaged, out, &settings,
                               &result, &why);
    }
    alarm(0);
    if (err) {
        /* a receipt or a matrix may be refused for a file that it names: then that one is named */
        failed = bad_message(err, &why,
                             k >= KIND_MATRIX && strstr(why.text, w->folder)         ? w->folder
                             : k >= KIND_MATRIX && strstr(why.text, "cannot open '") ? "'"
                                                                                     : name);
        if (intact && k != KIND_RECEIPT && err != NAVE_E_CHANNELS)
            failed |= fault("a good file was refused: %s%s", why.text, "");
        s->refused++;
    } else {
        if (k != KIND_RECEIPT)
            failed = whole(out, &result);
        s->rendered++;
        unlink(out);
        unlink(receipt);
    }
    failed |= leftovers(w, name);
    if (failed)
        printf("case %u (%s from %s, NAVE_SEED=%llu NAVE_CASE=%u)\n", number, kind_name[k], w->seed_name[k][which],
               (unsigned long long)w->base, number);
    if (failed && w->keep) {
        char kept[640];
        snprintf(kept, sizeof(kept), "%s/kept-%s", w->folder, name);
        rename(damaged, kept);
    } else {
        unlink(damaged);
    }
    s->by_kind[k]++;
    fflush(stdout);
    return failed;
}

/* ---- the world ---- */

static void add_seed(world *w, kind k, const char *name)
{
    char path[512];
    in_folder(w, path, name);
    if (bytes_read(&w->seed[k][w->seeds[k]], path))
        die("a seed can't be read");
    w->seed_name[k][w->seeds[k]++] = name;
}

static void make_world(world *w)
{
    char path[512], other[512], third[512];
    for (size_t i = 0; i < SEED_FORMATS; i++) {
        in_folder(w, path, seed_formats[i].name);
        if (seed_write(path, seed_formats[i].format, seed_formats[i].channels, 300, 48000))
            die("libsndfile wrote no seed");
        add_seed(w, KIND_INPUT, seed_formats[i].name);
        if (seed_formats[i].channels != 4)
            add_seed(w, KIND_RESPONSE, seed_formats[i].name);
    }
    in_folder(w, path, "good.wav");
    in_folder(w, other, "room.wav");
    in_folder(w, third, "done.wav");
    if (seed_write(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2, 500, 48000) ||
        seed_write(other, SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1, 200, 48000))
        die("libsndfile wrote no seed");
    static const char *const matrices[] = {
        "# in out file gain\n1 1 a.wav:1\n1 2 a.wav:2 -3\n2 2 \"b.wav\"\n2 1 b.wav:1 -6.5\n",
        "1 1 b.wav\n2 2 d.wav # a comment\n", "\n\n  1 1 i.flac:1 0\n2 2 k.aiff:1 +3\n"};
    static const char *const matrix_names[] = {"p.txt", "q.txt", "r.txt"};
    for (int i = 0; i < 3; i++) {
        char to[512];
        in_folder(w, to, matrix_names[i]);
        if (bytes_write((const uint8_t *)matrices[i], strlen(matrices[i]), to))
            die("a matrix can't be written");
        add_seed(w, KIND_MATRIX, matrix_names[i]);
    }
    nave_device *dev = NULL;
    nave_text why = {""};
    nave_render_settings settings;
    nave_render_settings_default(&settings);
    if (nave_open(&dev, "model:", &why) || nave_render_file(dev, path, other, third, &settings, NULL, &why)) {
        fprintf(stderr, "%s\n", why.text);
        die("the receipt to damage can't be made");
    }
    nave_close(dev);
    add_seed(w, KIND_RECEIPT, "done.wav.nave");
}

static void free_world(world *w)
{
    for (int k = 0; k < KINDS; k++)
        for (uint32_t i = 0; i < w->seeds[k]; i++)
            free(w->seed[k][i].at);
    if (w->keep)
        return;
    DIR *d = opendir(w->folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[512];
        in_folder(w, path, e->d_name);
        if (e->d_name[0] != '.' || strlen(e->d_name) > 2)
            unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(w->folder);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *given = getenv(name);
    return given ? strtoull(given, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
    world w = {.base = number_of("NAVE_SEED", 20240601)};
    const uint32_t cases = (uint32_t)number_of("NAVE_CASES", 500), only = (uint32_t)number_of("NAVE_CASE", UINT32_MAX);
    w.keep = argc == 3 && strcmp(argv[1], "--keep") == 0;
    if (w.keep)
        snprintf(w.folder, sizeof(w.folder), "%s", argv[2]);
    else
        strcpy(w.folder, "/tmp/nave-hostile-XXXXXX");
    if (!(w.keep ? mkdir(w.folder, 0700) == 0 : mkdtemp(w.folder) != NULL))
        die("the folder can't be made");
    shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        die("out of memory");
    make_world(&w);
    printf("NAVE_SEED=%llu NAVE_CASES=%u\n", (unsigned long long)w.base, cases);
    fflush(stdout);
    const uint32_t end = only == UINT32_MAX ? cases : only + 1;
    for (s->next = only == UINT32_MAX ? 0 : only; s->next < end;) {
        const pid_t child = fork();
        if (child < 0)
            die("no process");
        if (child == 0) {
            nave_device *dev = NULL;
            nave_text why = {""};
            if (nave_open(&dev, "model:", &why))
                die(why.text);
            for (uint32_t i = 0; i < BATCH && s->next < end; i++) {
                s->failed += (uint32_t)run_case(&w, s, dev, s->next);
                s->next++;
            }
            nave_close(dev);
            exit(0); /* leaks are looked for here */
        }
        int status;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status)) {
            printf("case %u died: %s %d (NAVE_SEED=%llu NAVE_CASE=%u)\n", s->next,
                   WIFSIGNALED(status) ? (WTERMSIG(status) == SIGALRM ? "hung, signal" : "signal") : "exit",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), (unsigned long long)w.base, s->next);
            fflush(stdout);
            s->failed++;
            s->next++;
        }
    }
    const uint32_t total = end - (only == UINT32_MAX ? 0 : only);
    printf("%u inputs, %u responses, %u matrices, %u receipts: %u refused by name, %u were still good\n",
           s->by_kind[KIND_INPUT], s->by_kind[KIND_RESPONSE], s->by_kind[KIND_MATRIX], s->by_kind[KIND_RECEIPT],
           s->refused, s->rendered);
    printf("%u passed, %u failed\n", total - s->failed, s->failed);
    free_world(&w);
    return s->failed ? 1 : 0;
}
