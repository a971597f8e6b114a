/* nave load: the bitstream of a board, checked and handed to the loader that is installed.
 * SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../driver/protocol.h"
#include "cli.h"
#include "manifest.h"

extern char **environ;

typedef struct loader {
    const char *program, *load[4], *flash[4]; /* words before the file; NULL ends */
    const char *install;
} loader;

typedef struct board_facts {
    const char *name;
    const char *usb[3];  /* vendor:product that show it, NULL ends */
    const char *scan[2]; /* a command whose words hold the id of the fitted part, or NULL */
    loader loaders[2];
} board_facts;

/* Apollo is Cynthion's debug controller, 615b what it is behind while a design has the port */
static const board_facts boards[] = {
    {"cynthion",
     {"1d50:615c", "1d50:615b", NULL},
     {"apollo", "jtag-scan"},
     {{"apollo", {"configure", NULL}, {"flash-program", NULL}, "pip install cynthion"}}},
    {"ulx3s",
     {"0403:6015", NULL},
     {NULL, NULL},
     {{"openFPGALoader", {"-b", "ulx3s", NULL}, {"-b", "ulx3s", "-f", NULL}, "apt install openfpgaloader"},
      {"fujprog", {NULL}, {"-j", "flash", NULL}, "github.com/kost/fujprog"}}},
};
#define BOARDS (sizeof boards / sizeof *boards)

static const board_facts *find_board(const char *name)
{
    for (size_t i = 0; i < BOARDS; i++)
        if (!strcmp(boards[i].name, name))
            return &boards[i];
    return NULL;
}

static int read_id(const char *folder, const char *device, const char *what, char *out)
{
    char path[1024];
    if ((size_t)snprintf(path, sizeof path, "%s/%s/%s", folder, device, what) >= sizeof path)
        return 0;
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    const int n = fscanf(f, "%4[0-9a-f]", out);
    fclose(f);
    return n == 1;
}

/* The board whose ids the system lists; NULL and how many kinds there are when it isn't exactly one. */
static const board_facts *plugged_board(unsigned *kinds)
{
    const char *folder = getenv("NAVE_USB_DEVICES");
    unsigned seen = 0;
    const board_facts *found = NULL;
    folder = folder ? folder : "/sys/bus/usb/devices";
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char vendor[5], product[5], id[12];
        if (!read_id(folder, e->d_name, "idVendor", vendor) || !read_id(folder, e->d_name, "idProduct", product))
            continue;
        snprintf(id, sizeof id, "%s:%s", vendor, product);
        for (size_t i = 0; i < BOARDS; i++)
            for (int k = 0; boards[i].usb[k]; k++)
                if (!strcmp(boards[i].usb[k], id)) {
                    seen |= 1u << i;
                    found = &boards[i];
                }
    }
    if (dir)
        closedir(dir);
    *kinds = (unsigned)__builtin_popcount(seen);
    return *kinds == 1 ? found : NULL;
}

static int on_path(const char *program)
{
    const char *path = getenv("PATH");
    char file[4200];
    for (path = path ? path : ""; *path;) {
        const size_t n = strcspn(path, ":");
        if (n && (size_t)snprintf(file, sizeof file, "%.*s/%s", (int)n, path, program) < sizeof file &&
            !access(file, X_OK))
            return 1;
        path += n + (path[n] == ':');
    }
    return 0;
}

/* The folder of bitstreams: as told, beside the installed program, or in the tree that it was built in. */
static int find_folder(const nave_cli_args *args, char *out, size_t room)
{
    static const char *const beside[] = {"../share/nave/bitstreams", "../bitstreams"};
    const char *given = args->bitstreams ? args->bitstreams : getenv("NAVE_BITSTREAMS");
    char self[2048];
    if (given)
        return (size_t)snprintf(out, room, "%s", given) < room;
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return 0;
    self[n] = 0;
    *strrchr(self, '/') = 0;
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if ((size_t)snprintf(out, room, "%s/%s", self, beside[i]) < room && !access(out, R_OK))
            return 1;
    return 0;
}

/* Ends with the program's exit code, or -1 and errno. out: what it prints, on either stream; NULL: the terminal's. */
static int run_program(char *const argv[], char *out, size_t room)
{
    int pipe_[2] = {-1, -1}, status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    if (out && pipe(pipe_))
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    /* signals go to the watcher here, but a loader has to be stopped by them */
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (out) {
        posix_spawn_file_actions_adddup2(&actions, pipe_[1], 1);
        posix_spawn_file_actions_adddup2(&actions, pipe_[1], 2);
        posix_spawn_file_actions_addclose(&actions, pipe_[0]);
        posix_spawn_file_actions_addclose(&actions, pipe_[1]);
    } else {
        posix_spawn_file_actions_adddup2(&actions, 2,
                                         1); /* results of ours are on standard output, its words are not */
    }
    const int err = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (out) {
        close(pipe_[1]);
        size_t n = 0;
        char rest[512];
        for (ssize_t got; !err;) {
            got = n + 1 < room ? read(pipe_[0], out + n, room - 1 - n) : read(pipe_[0], rest, sizeof rest);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            n += n + 1 < room ? (size_t)got : 0;
        }
        out[n] = 0;
        close(pipe_[0]);
    }
    if (err) {
        errno = err;
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Which of the files fits the fitted part: the only one, the one that is named, or the one whose id the board tells. */
static const nave_manifest_file *choose_file(const nave_cli *cli, const board_facts *board, const nave_manifest *m,
                                             const char *part)
{
    char said[8192], id[16], known[160] = "";
    for (uint32_t i = 0; i < m->files; i++) {
        const size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", m->file[i].part);
        const size_t length = strlen(m->file[i].part), wanted = part ? strlen(part) : 0;
        if (part && wanted && wanted <= length && !strcasecmp(m->file[i].part + length - wanted, part))
            return &m->file[i];
    }
    if (part) {
        nave_cli_error(cli, "there is no bitstream for the part '%s': %s are known.", part, known);
        return NULL;
    }
    if (m->files == 1)
        return &m->file[0];
    if (board->scan[0] && on_path(board->scan[0])) {
        char *argv[] = {(char *)board->scan[0], (char *)board->scan[1], NULL};
        if (!run_program(argv, said, sizeof said))
            for (uint32_t i = 0; i < m->files; i++) {
                snprintf(id, sizeof id, "%08x", m->file[i].idcode);
                if (strcasestr(said, id))
                    return &m->file[i];
            }
    }
    nave_cli_error(cli, "the board doesn't tell which part it has: read the chip and give --part (%s).", known);
    return NULL;
}

static const loader *find_loader(const nave_cli *cli, const board_facts *board)
{
    const size_t count = sizeof board->loaders / sizeof *board->loaders;
    for (size_t i = 0; i < count && board->loaders[i].program; i++)
        if (on_path(board->loaders[i].program))
            return &board->loaders[i];
    nave_cli_error(cli, "no loader for %s is on the PATH: install %s (%s).", board->name, board->loaders[0].program,
                   board->loaders[0].install);
    return NULL;
}

static void report(const nave_cli *cli, const nave_cli_args *args, const nave_manifest *m, const char *path,
                   char *const argv[])
{
    if (args->json) {
        nave_json j;
        nave_json_open(&j, cli->command);
        nave_json_string(&j, "board", m->board);
        nave_json_string(&j, "file", path);
        nave_json_integer(&j, "clock_hz", m->clock_hz);
        nave_json_integer(&j, "lanes", m->lanes);
        nave_json_integer(&j, "protocol", m->protocol);
        nave_json_string(&j, "usb_port", m->usb_port);
        nave_json_string(&j, "behind", m->behind[0] ? m->behind : NULL);
        nave_json_boolean(&j, "loaded", !args->dry_run);
        nave_json_array(&j, "loader");
        for (int i = 0; argv[i]; i++)
            nave_json_string(&j, NULL, argv[i]);
        nave_json_end_array(&j);
        nave_json_close(&j);
    } else if (!args->quiet) {
        printf("%s  %s, %u lane%s at %.2f MHz, protocol %u, USB on %s\n", args->dry_run ? "would load" : "loaded", path,
               m->lanes, m->lanes == 1 ? "" : "s", m->clock_hz / 1e6, m->protocol, m->usb_port);
        printf("with   ");
        for (int i = 0; argv[i]; i++)
            printf(" %s", argv[i]);
        putchar('\n');
        if (m->behind[0])
            printf("note    the bitstream is older than the Verilog beside it: %s\n", m->behind);
    }
}

static int run_load(nave_cli *cli, nave_cli_args *args)
{
    unsigned kinds = 0;
    const board_facts *board = args->operand_count ? find_board(args->operands[0]) : plugged_board(&kinds);
    if (!board) {
        if (args->operand_count)
            nave_cli_error(cli, "there is no bitstream for a board '%s': cynthion and ulx3s are known.",
                           args->operands[0]);
        else
            nave_cli_error(cli, kinds ? "boards of several kinds are plugged in: name one, cynthion or ulx3s."
                                      : "no board is plugged in that can be loaded: name it, cynthion or ulx3s.");
        return args->operand_count ? NAVE_EXIT_USAGE : NAVE_EXIT_FAILURE;
    }
    char folder[4000], path[4200];
    nave_manifest m;
    nave_text why = {""};
    if (!find_folder(args, folder, sizeof folder)) {
        nave_cli_error(cli, "there is no folder of bitstreams beside this program: name it with --bitstreams.");
        return NAVE_EXIT_FAILURE;
    }
    if (nave_manifest_read(&m, folder, board->name, &why)) {
        nave_cli_error(cli, "%s", why.text);
        return NAVE_EXIT_FAILURE;
    }
    if (m.protocol != NAVE_PROTOCOL_VERSION) {
        nave_cli_error(cli, "the bitstream in %s speaks protocol %u, this program %u: take both from one release.",
                       m.folder, m.protocol, NAVE_PROTOCOL_VERSION);
        return NAVE_EXIT_FAILURE;
    }
    if (!m.closes) {
        nave_cli_error(cli, "the bitstream in %s was routed slower than its clock: it is not loaded.", m.folder);
        return NAVE_EXIT_FAILURE;
    }
    const loader *with = find_loader(cli, board);
    const nave_manifest_file *file = with ? choose_file(cli, board, &m, args->part) : NULL;
    if (!file)
        return NAVE_EXIT_FAILURE;
    if (nave_manifest_verify(&m, file, path, &why)) {
        nave_cli_error(cli, "%s", why.text);
        return NAVE_EXIT_FAILURE;
    }
    char *argv[8] = {(char *)with->program};
    int n = 1;
    for (const char *const *word = args->flash ? with->flash : with->load; *word; word++)
        argv[n++] = (char *)*word;
    argv[n] = path;
    if (!args->dry_run) {
        const int code = run_program(argv, NULL, 0);
        if (code) {
            nave_cli_error(cli,
                           "%s ended with %d%s%s and the board may hold no design now: look at what it says above.",
                           with->program, code, code < 0 ? ": " : "", code < 0 ? strerror(errno) : "");
            return NAVE_EXIT_FAILURE;
        }
    }
    report(cli, args, &m, path, argv);
    return NAVE_EXIT_OK;
}

static const nave_cli_option load_options[] = {
    {.name = "bitstreams",
     .kind = NAVE_CLI_FILE,
     .value = "FOLDER",
     .offset = offsetof(nave_cli_args, bitstreams),
     .help = "folder that holds one of each board; default: $NAVE_BITSTREAMS, or the one beside the program"},
    {.name = "part",
     .kind = NAVE_CLI_TEXT,
     .value = "PART",
     .offset = offsetof(nave_cli_args, part),
     .help = "the fitted FPGA, such as 12F or 25F; default: what the board tells"},
    {.name = "flash",
     .kind = NAVE_CLI_FLAG,
     .offset = offsetof(nave_cli_args, flash),
     .set = 1,
     .help = "write it into the board's flash, where it is after power-on; default: until power-off"},
    {.name = "dry-run",
     .letter = 'n',
     .kind = NAVE_CLI_FLAG,
     .offset = offsetof(nave_cli_args, dry_run),
     .set = 1,
     .help = "check all and show the loader's command, but don't run it"},
    {.name = NULL}};

static const nave_cli_group groups[] = {
    {"Bitstream", load_options}, {"General", nave_cli_general_options}, {NULL, NULL}};

static const nave_cli_example examples[] = {{"nave load", "the board that is plugged in"},
                                            {"nave load cynthion --part 12f", "without asking the board"},
                                            {"nave load ulx3s --flash", "to stay after power-off"},
                                            {NULL, NULL}};

const nave_cli_command nave_cli_load = {
    .name = "load",
    .operands = "[BOARD]",
    .summary = "load a board's bitstream",
    .description =
        "Finds the bitstream of a board (cynthion, ulx3s; default: the one that is plugged in), checks it against its "
        "manifest and this program's protocol, and calls the loader that is installed: apollo for Cynthion, "
        "openFPGALoader "
        "or fujprog for the ULX3S.",
    .max_operands = 1,
    .groups = groups,
    .examples = examples,
    .run = run_load,
};
