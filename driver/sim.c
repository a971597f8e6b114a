/* The Verilated card as a backend: nave-sim as a child, the link's words through a socket, no C++ in here. To the host
 * it is as fast as the C card: a call waits while the child is at work, and not at all once it has come to rest.
 * SPDX-License-Identifier: ISC */
#include "card.h"
#include "boards.h"
#include "frame.h"
#include "why.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAVE_SIM_PATH 4096
#define NAVE_SIM_STATUS_FD 3      /* in the child */
#define NAVE_SIM_PATIENCE_MS 5000 /* it says every half second that it is at work; a machine may sleep in between */
#define NAVE_SIM_PATIENCE 4
#define NAVE_SIM_END_MS 1500

typedef struct sim_status { /* nave-sim.cpp writes these */
    uint64_t taken, given, clocks, rest;
} sim_status;

struct nave_card {
    pid_t pid;
    int link, status, errors;
    uint64_t sent, received; /* bytes */
    sim_status last;
    uint8_t odd[4]; /* of a word that the socket took half of */
    size_t odd_bytes;
    size_t from, to; /* what is in `in` */
    nave_card_limits limits;
    int lost, silent;
    char name[64], last_words[256];
    uint8_t in[2 * (NAVE_HEADER_BYTES + NAVE_MAX_PAYLOAD_BYTES + 4)];
};

typedef struct sim_kind {
    const char *ram, *board;
} sim_kind;

static const sim_kind kinds[] = {{"port", "sim"}, {"hyperram", "cynthion"}, {"sdram", "ulx3s"}};
#define NAVE_SIM_KINDS (sizeof(kinds) / sizeof(kinds[0]))

typedef struct sim_settings {
    const sim_kind *kind;
    uint32_t lanes;
    char trace[256], stalls[32];
} sim_settings;

static int look_in(char *path, const char *folder, const char *file)
{
    const int n = snprintf(path, NAVE_SIM_PATH, "%s/%s", folder, file);
    return n < NAVE_SIM_PATH && access(path, X_OK) == 0;
}

/* Beside a program or library that lies at `place`: build/sim, or libexec/nave of the same prefix. */
static int look_beside(char *path, const char *place, const char *file)
{
    static const char *const folders[] = {"sim", "../libexec/nave"};
    const char *slash = strrchr(place, '/');
    const int n = slash ? (int)(slash - place) : -1;
    for (size_t i = 0; n >= 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
        char folder[NAVE_SIM_PATH];
        if (snprintf(folder, sizeof(folder), "%.*s/%s", n, place, folders[i]) < NAVE_SIM_PATH &&
            look_in(path, folder, file))
            return 1;
    }
    return 0;
}

/* Where nave-sim is for such a card. path: NAVE_SIM_PATH bytes. */
static int find_program(char *path, const sim_kind *kind, uint32_t lanes)
{
    char file[64], self[NAVE_SIM_PATH];
    snprintf(file, sizeof(file), "nave-sim-%s%u", kind->ram, lanes);
    const char *given = getenv("NAVE_SIM");
    struct stat about;
    if (given && *given) {
        if (stat(given, &about) == 0 && S_ISREG(about.st_mode)) {
            snprintf(path, NAVE_SIM_PATH, "%s", given);
            return access(path, X_OK) == 0;
        }
        return look_in(path, given, file);
    }
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n > 0) {
        self[n] = '\0';
        if (look_beside(path, self, file))
            return 1;
    }
    Dl_info library;
    if (dladdr(kinds, &library) && library.dli_fname && look_beside(path, library.dli_fname, file))
        return 1;
    return look_in(path, "/usr/local/libexec/nave", file) || look_in(path, "/usr/libexec/nave", file);
}

static void board_of(const sim_kind *kind, nave_card_limits *l)
{
    if (nave_board_limits(kind->board, l) < 0) {
        nave_board_limits("ulx3s", l); /* a RAM on the controller's port is like none: a word a clock */
        snprintf(l->board, sizeof(l->board), "%s", kind->board);
        l->ram_bytes_per_second = 4 * l->clock_hz;
        l->usb_bytes_per_second = 0;
    }
}

static void describe_kind(nave_device_info *info, const sim_kind *kind, uint32_t lanes)
{
    memset(info, 0, sizeof(*info));
    snprintf(info->spec, sizeof(info->spec), "sim:ram=%s,lanes=%u", kind->ram, lanes);
    snprintf(info->name, sizeof(info->name), "Verilated card");
    snprintf(info->serial, sizeof(info->serial), "none");
    board_of(kind, &info->limits);
    info->limits.lanes = lanes;
}

static size_t sim_list(nave_device_info *out, size_t cap)
{
    size_t count = 0;
    char path[NAVE_SIM_PATH];
    for (size_t i = 0; i < NAVE_SIM_KINDS; i++)
        for (uint32_t lanes = 1; lanes <= 2; lanes++) {
            if (!find_program(path, &kinds[i], lanes))
                continue;
            if (count < cap)
                describe_kind(&out[count], &kinds[i], lanes);
            count++;
        }
    return count;
}

static uint32_t board_lanes(const sim_kind *kind)
{
    nave_card_limits l;
    board_of(kind, &l);
    return l.lanes;
}

static int parse_option(char *option, sim_settings *s, nave_text *why)
{
    char *value = strchr(option, '=');
    if (!value)
        return nave_fail(why, NAVE_E_ARG, "sim option '%s' has no value; write for example lanes=2", option);
    *value++ = '\0';
    const int board = strcmp(option, "board") == 0;
    if (board || strcmp(option, "ram") == 0) {
        for (size_t i = 0; i < NAVE_SIM_KINDS; i++)
            if (strcmp(value, board ? kinds[i].board : kinds[i].ram) == 0) {
                s->kind = &kinds[i];
                if (board)
                    s->lanes = board_lanes(s->kind);
                return NAVE_OK;
            }
        return nave_fail(why, NAVE_E_ARG,
                         board ? "no simulated board '%s'; boards are cynthion, ulx3s, sim"
                               : "no simulated RAM '%s'; there are port, hyperram, sdram",
                         value);
    }
    if (strcmp(option, "lanes") == 0) {
        if (strcmp(value, "1") && strcmp(value, "2"))
            return nave_fail(why, NAVE_E_ARG, "lanes=%s: a card has 1 lane or 2", value);
        s->lanes = (uint32_t)(*value - '0');
        return NAVE_OK;
    }
    if (strcmp(option, "trace") == 0 || strcmp(option, "stalls") == 0) {
        char *to = *option == 't' ? s->trace : s->stalls;
        const size_t room = *option == 't' ? sizeof(s->trace) : sizeof(s->stalls);
        if ((size_t)snprintf(to, room, "--%s=%s", option, value) >= room)
            return nave_fail(why, NAVE_E_ARG, "the value of %s= is too long", option);
        return NAVE_OK;
    }
    return nave_fail(why, NAVE_E_ARG, "no sim option '%s'; options are board, ram, lanes, stalls, trace", option);
}

static int parse(sim_settings *s, const char *options, nave_text *why)
{
    char text[512];
    if (strlen(options) >= sizeof(text))
        return nave_fail(why, NAVE_E_ARG, "device options are longer than %zu characters", sizeof(text) - 1);
    strcpy(text, options);
    *s = (sim_settings){.kind = &kinds[0], .lanes = board_lanes(&kinds[0])};
    char *save = NULL;
    for (char *o = strtok_r(text, ",", &save); o; o = strtok_r(NULL, ",", &save)) {
        const int err = parse_option(o, s, why);
        if (err)
            return err;
    }
    return NAVE_OK;
}

/* Above what the child's own take, so that none is overwritten before it was copied. Closes fd. */
static int lift(int fd)
{
    const int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
    if (fd >= 0)
        close(fd);
    return high;
}

static int start(nave_card *card, const char *path, const sim_settings *s, nave_text *why)
{
    extern char **environ;
    int pair[2] = {-1, -1}, states[2] = {-1, -1};
    char status[32];
    snprintf(status, sizeof(status), "--status=%d", NAVE_SIM_STATUS_FD);
    char *argv[5] = {(char *)path, status}, **next = argv + 2;
    if (*s->trace)
        *next++ = (char *)s->trace;
    if (*s->stalls)
        *next++ = (char *)s->stalls;
    posix_spawn_file_actions_t actions;
    int err = posix_spawn_file_actions_init(&actions);
    if (err)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || pipe2(states, O_CLOEXEC) < 0)
        goto err_close;
    for (int i = 0; i < 2; i++) {
        pair[i] = lift(pair[i]);
        states[i] = lift(states[i]);
    }
    card->errors = lift(memfd_create("nave-sim-errors", MFD_CLOEXEC));
    if (pair[0] < 0 || pair[1] < 0 || states[0] < 0 || states[1] < 0 || card->errors < 0)
        goto err_close;
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    fcntl(states[0], F_SETFL, O_NONBLOCK);
    err = posix_spawn_file_actions_adddup2(&actions, pair[1], 0);
    err = err ? err : posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
    err = err ? err : posix_spawn_file_actions_adddup2(&actions, card->errors, 2);
    err = err ? err : posix_spawn_file_actions_adddup2(&actions, states[1], NAVE_SIM_STATUS_FD);
    err = err ? err : posix_spawn(&card->pid, path, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pair[1]);
    close(states[1]);
    card->link = pair[0];
    card->status = states[0];
    if (err) {
        card->pid = 0;
        return nave_fail(why, NAVE_E_DEVICE, "%s can't be started: %s", path, strerror(err));
    }
    return NAVE_OK;
err_close:
    err = errno;
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            close(pair[i]);
        if (states[i] >= 0)
            close(states[i]);
    }
    return nave_fail(why, NAVE_E_DEVICE, "the simulated card can't be connected: %s", strerror(err));
}

/* The last line that it wrote. */
static const char *sim_reason(nave_card *card)
{
    if (!card->lost)
        return "";
    if (card->lost == NAVE_E_TIMEOUT)
        return "the simulated card has been silent for 20 s";
    char text[sizeof(card->last_words)];
    const off_t end = lseek(card->errors, 0, SEEK_END);
    const off_t from = end > (off_t)sizeof(text) - 1 ? end - (off_t)sizeof(text) + 1 : 0;
    ssize_t n = pread(card->errors, text, sizeof(text) - 1, from);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    if (n <= 0)
        return "the simulated card ended without a word";
    text[n] = '\0';
    const char *line = strrchr(text, '\n');
    snprintf(card->last_words, sizeof(card->last_words), "%s", line ? line + 1 : text);
    return card->last_words;
}

static void sim_close(nave_card *card)
{
    if (card->link >= 0)
        shutdown(card->link, SHUT_RDWR);
    if (card->pid > 0) {
        /* its end of the status pipe closes when it is gone */
        struct pollfd gone = {.fd = card->status, .events = POLLIN};
        uint8_t rest[4096];
        while (poll(&gone, 1, NAVE_SIM_END_MS) > 0 && read(card->status, rest, sizeof(rest)) > 0)
            ;
        if (waitpid(card->pid, NULL, WNOHANG) == 0) {
            if (!(gone.revents & POLLHUP))
                kill(card->pid, SIGKILL);
            waitpid(card->pid, NULL, 0);
        }
    }
    if (card->link >= 0)
        close(card->link);
    if (card->status >= 0)
        close(card->status);
    if (card->errors >= 0)
        close(card->errors);
    free(card);
}

static int sim_open(nave_card **out, const char *options, nave_text *why)
{
    sim_settings s;
    char path[NAVE_SIM_PATH];
    int err = parse(&s, options, why);
    if (err)
        return err;
    if (!find_program(path, s.kind, s.lanes))
        return nave_fail(why, NAVE_E_DEVICE,
                         "no program nave-sim-%s%u: `make sim` builds it; else NAVE_SIM says in which folder it is",
                         s.kind->ram, s.lanes);
    nave_card *card = calloc(1, sizeof(*card));
    if (!card)
        return nave_fail(why, NAVE_E_NOMEM, "out of memory");
    card->link = card->status = card->errors = -1;
    nave_device_info info;
    describe_kind(&info, s.kind, s.lanes);
    card->limits = info.limits;
    snprintf(card->name, sizeof(card->name), "%s", info.name);
    err = start(card, path, &s, why);
    if (err) {
        sim_close(card);
        return err;
    }
    *out = card;
    return NAVE_OK;
}

static int lose(nave_card *card, int how)
{
    card->lost = how;
    return NAVE_E_LOST;
}

static int flush_odd(nave_card *card)
{
    while (card->odd_bytes) {
        const ssize_t n = send(card->link, card->odd, card->odd_bytes, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? NAVE_E_AGAIN : lose(card, NAVE_E_LOST);
        card->odd_bytes -= (size_t)n;
        memmove(card->odd, card->odd + n, card->odd_bytes);
    }
    return NAVE_OK;
}

/* The whole frame at the begin of what has come, or NULL. */
static const uint8_t *whole_frame(nave_card *card, size_t *n)
{
    const size_t have = card->to - card->from;
    if (have < NAVE_HEADER_BYTES)
        return NULL;
    const uint8_t *frame = card->in + card->from;
    const uint32_t length = nave_frame_length(frame);
    *n = nave_frame_bytes(length > NAVE_MAX_PAYLOAD_BYTES ? 0 : length); /* not a frame: the link's check says so */
    return have < *n ? NULL : frame;
}

/* Takes what has come, if there is no whole frame yet. */
static int pull(nave_card *card)
{
    memmove(card->in, card->in + card->from, card->to - card->from);
    card->to -= card->from;
    card->from = 0;
    const ssize_t got = recv(card->link, card->in + card->to, sizeof(card->in) - card->to, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        return lose(card, NAVE_E_LOST);
    card->to += got > 0 ? (size_t)got : 0;
    card->received += got > 0 ? (uint64_t)got : 0;
    return got > 0 ? NAVE_OK : NAVE_E_AGAIN;
}

/* Until the child takes, gives or says something. */
static int wait_for_child(nave_card *card, int wants_room)
{
    struct pollfd p[2] = {{.fd = card->link, .events = (short)(POLLIN | (wants_room ? POLLOUT : 0))},
                          {.fd = card->status, .events = POLLIN}};
    if (poll(p, 2, NAVE_SIM_PATIENCE_MS) != 0)
        card->silent = 0;
    else if (++card->silent == NAVE_SIM_PATIENCE)
        return lose(card, NAVE_E_TIMEOUT);
    return NAVE_OK;
}

static int at_rest(nave_card *card)
{
    sim_status s;
    while (read(card->status, &s, sizeof(s)) == (ssize_t)sizeof(s))
        card->last = s;
    return card->last.rest && 4 * card->last.taken == card->sent && 4 * card->last.given == card->received;
}

static int sim_send(nave_card *card, const void *bytes, size_t n, size_t *taken)
{
    *taken = 0;
    for (;;) {
        int err = flush_odd(card);
        const ssize_t sent = err ? -1 : send(card->link, bytes, n, MSG_NOSIGNAL);
        if (sent >= 0) {
            card->odd_bytes = (size_t)(-sent & 3);
            memcpy(card->odd, (const uint8_t *)bytes + sent, card->odd_bytes);
            *taken = (size_t)sent + card->odd_bytes;
            card->sent += *taken;
            return NAVE_OK;
        }
        if (err == NAVE_E_LOST || (!err && errno != EAGAIN && errno != EINTR))
            return lose(card, NAVE_E_LOST);
        size_t frame_bytes;
        if (whole_frame(card, &frame_bytes))
            return NAVE_OK; /* it is to be read first */
        at_rest(card);
        err = pull(card);
        if (err == NAVE_E_AGAIN)
            err = wait_for_child(card, 1);
        if (err)
            return err;
    }
}

/* Whatever timeout_ms says: a card that is at work will give something, or come to rest. */
static int sim_receive(nave_card *card, const uint8_t **frame, size_t *n, int timeout_ms)
{
    (void)timeout_ms;
    for (;;) {
        *frame = whole_frame(card, n);
        if (*frame) {
            card->from += *n;
            return NAVE_OK;
        }
        int err = pull(card);
        if (err == NAVE_E_AGAIN) {
            if (flush_odd(card) == NAVE_E_LOST)
                return NAVE_E_LOST;
            if (at_rest(card))
                return NAVE_E_AGAIN;
            err = wait_for_child(card, card->odd_bytes != 0);
        }
        if (err)
            return err;
    }
}

static void sim_describe(nave_card *card, nave_device_info *info)
{
    memset(info, 0, sizeof(*info));
    snprintf(info->name, sizeof(info->name), "%s", card->name);
    snprintf(info->serial, sizeof(info->serial), "none");
    info->limits = card->limits;
}

const nave_card_backend nave_backend_sim = {.name = "sim",
                                            .list = sim_list,
                                            .open = sim_open,
                                            .close = sim_close,
                                            .send = sim_send,
                                            .receive = sim_receive,
                                            .describe = sim_describe,
                                            .reason = sim_reason};
