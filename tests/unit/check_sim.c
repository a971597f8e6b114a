/* driver/sim.c without a Verilated card: this program is its own child, a C card that talks as nave-sim does, or one
 * that goes wrong in the way that NAVE_TEST_CHILD says. SPDX-License-Identifier: ISC */
#include "../../sim/model/card.h"
#include "../property/property.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the child ---- */
static void put(int fd, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n) { /* in odd pieces: the link is a stream */
        const size_t piece = n < 4093 ? n : 4093;
        const ssize_t done = write(fd, p, piece);
        if (done <= 0)
            _exit(4);
        p += done;
        n -= (size_t)done;
    }
}

static int child(int status_fd)
{
    const char *way = getenv("NAVE_TEST_CHILD");
    const int dies = strcmp(way, "dies") == 0, raves = strcmp(way, "raves") == 0;
    if (strcmp(way, "is mute") == 0)
        return 1;
    const nave_model_config config = {.ram_bytes = 8u << 20,
                                      .clock_hz = 120000000,
                                      .lanes = 2,
                                      .log2_max_partition = 13,
                                      .max_plan_words = 4096,
                                      .cpu_mask = ~0u};
    nave_model *m = nave_model_create(&config);
    uint64_t status[4] = {0, 0, 0, 1}, read_bytes = 0;
    uint8_t bytes[5000];
    ssize_t n;
    while ((n = read(0, bytes + read_bytes % 4, sizeof(bytes) - 4)) > 0) {
        const size_t have = (size_t)n + read_bytes % 4, whole = have / 4 * 4;
        read_bytes += (uint64_t)n;
        for (size_t done = 0; done < whole;) {
            done += nave_model_write(m, bytes + done, whole - done);
            size_t size;
            const uint8_t *frame;
            while ((frame = nave_model_read(m, &size))) {
                put(1, frame, size);
                status[1] += size / 4;
            }
        }
        memmove(bytes, bytes + whole, have - whole);
        status[0] = read_bytes / 4;
        if (dies && read_bytes > 100000) {
            fprintf(stderr, "first\nthe \001last line\n");
            return 1;
        }
        if (raves && read_bytes > 100000) {
            memset(bytes, 0x5a, sizeof(bytes));
            put(1, bytes, sizeof(bytes));
        }
        if (read_bytes % 4 == 0)
            put(status_fd, status, sizeof(status));
    }
    nave_model_destroy(m);
    return 0;
}

/* ---- the tests ---- */
static nave_text why;

static int open_sim(nave_device **dev, const char *way, const char *spec)
{
    setenv("NAVE_TEST_CHILD", way, 1);

    char self[4096];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    setenv("NAVE_SIM", self, 1);
    why.text[0] = '\0';
    return nave_open(dev, spec, &why);
}

static void no_child_is_left(void)
{
    ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child is left behind");
}

START_TEST(a_render_through_the_child_has_the_bits_of_the_model)
{
    rng r = rng_for("sim render");
    nave_ir *ir = ir_mono(&r, 3000);
    const signal_q28 in = signal_noise(&r, 2, 20000, 0.5);
    for (int live = 0; live < 2; live++) {
        nave_plan *plan = live ? plan_live(ir, 2, 128) : plan_offline(ir, 2, 0, 0);
        nave_device *model = device("model:"), *sim = NULL;
        ck_assert_msg(open_sim(&sim, "is good", "sim:") == NAVE_OK, "%s", why.text);
        take a = play(model, plan, &in), b = play(sim, plan, &in);
        assert_same(&a, &b);
        way w = way_plain();
        w.random = &r; /* any cut */
        w.write = w.read = 700;
        take c = play_way(sim, plan, &in, &w);
        assert_same(&a, &c);
        take_free(&a);
        take_free(&b);
        take_free(&c);
        nave_close(model);
        nave_close(sim);
        nave_plan_free(plan);
        no_child_is_left();
    }
    nave_ir_free(ir);
}
END_TEST

static int play_until_lost(const char *way_of_child)
{
    rng r = rng_for("sim lost");
    nave_ir *ir = ir_mono(&r, 1000);
    nave_plan *plan = plan_offline(ir, 1, 0, 0);
    nave_device *sim = NULL;
    nave_stream *st = NULL;
    nave_text said = {""};
    int err = open_sim(&sim, way_of_child, "sim:");
    ck_assert_msg(err == NAVE_OK, "%s", why.text);
    err = nave_stream_open(&st, sim, plan, NULL, &said);
    float *silence = calloc(65536, sizeof(float));
    for (int i = 0; i < 100 && !err; i++) {
        const void *in[1] = {silence};
        void *out[1] = {silence};
        size_t n;
        err = nave_stream_write(st, in, 4096, &n);
        err = err == NAVE_E_AGAIN ? NAVE_OK : err;
        if (!err)
            err = nave_stream_read(st, out, 65536, &n);
    }
    nave_stream_close(st);
    nave_plan *again = plan_offline(ir, 1, 0, 0);
    ck_assert_int_ne(nave_stream_open(&st, sim, again, NULL, &why), NAVE_OK); /* says why it was lost */
    nave_close(sim);
    no_child_is_left();
    nave_plan_free(again);
    nave_plan_free(plan);
    nave_ir_free(ir);
    free(silence);
    return err;
}

START_TEST(a_child_that_dies_is_a_lost_card_with_its_last_words)
{
    ck_assert_int_eq(play_until_lost("dies"), NAVE_E_LOST);
    ck_assert_msg(strstr(why.text, "the ?last line") && !strstr(why.text, "first"), "%s", why.text);
}
END_TEST

START_TEST(a_child_that_sends_noise_is_a_protocol_error)
{
    ck_assert_int_eq(play_until_lost("raves"), NAVE_E_PROTOCOL);
}
END_TEST

START_TEST(a_child_that_ends_at_once_is_an_error)
{
    nave_device *dev = NULL;
    ck_assert_int_eq(open_sim(&dev, "is mute", "sim:"), NAVE_E_LOST);
    ck_assert_msg(strstr(why.text, "without a word"), "%s", why.text);
    no_child_is_left();
}
END_TEST

START_TEST(a_host_that_dies_ends_its_child)
{
    int alive[2]; /* the child has the write end for as long as it lives */
    ck_assert_int_eq(pipe(alive), 0);
    const pid_t host = fork();
    if (host == 0) {
        nave_device *dev = NULL;
        if (open_sim(&dev, "is good", "sim:") == NAVE_OK)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    close(alive[1]);
    int status;
    ck_assert_int_eq(waitpid(host, &status, 0), host);
    ck_assert(WIFSIGNALED(status));
    struct pollfd end = {.fd = alive[0], .events = POLLIN};
    ck_assert_msg(poll(&end, 1, 5000) == 1 && (end.revents & POLLHUP), "the child lives on");
    close(alive[0]);
}
END_TEST

START_TEST(what_can_t_be_opened_says_how_it_could)
{
    static const struct {
        const char *spec, *says;
        int err;
    } bad[] = {{"sim:lanes=3", "1 lane or 2", NAVE_E_ARG},    {"sim:ram=none", "port, hyperram, sdram", NAVE_E_ARG},
               {"sim:board=b", "cynthion", NAVE_E_ARG},       {"sim:lanes", "lanes=2", NAVE_E_ARG},
               {"sim:colour=red", "options are", NAVE_E_ARG}, {"sim:board=cynthion,lanes=9", "1 lane", NAVE_E_ARG}};
    nave_device *dev = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(open_sim(&dev, "is good", bad[i].spec), bad[i].err);
        ck_assert_msg(strstr(why.text, bad[i].says), "%s: %s", bad[i].spec, why.text);
    }
    setenv("NAVE_SIM", "/nowhere", 1);
    ck_assert_int_eq(nave_open(&dev, "sim:board=ulx3s", &why), NAVE_E_DEVICE);
    ck_assert_msg(strstr(why.text, "nave-sim-sdram2") && strstr(why.text, "make sim"), "%s", why.text);
    nave_device_info info[8];
    size_t n;
    ck_assert_int_eq(nave_list_devices(info, 8, &n), NAVE_OK);
    for (size_t i = 0; i < n && i < 8; i++)
        ck_assert_msg(strncmp(info[i].spec, "sim:", 4), "%s is listed and is not there", info[i].spec);
    no_child_is_left();
}
END_TEST

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--status=", 9) == 0)
            return child(atoi(argv[i] + 9));
    return RUN_TESTS("sim", 60, a_render_through_the_child_has_the_bits_of_the_model,
                     a_child_that_dies_is_a_lost_card_with_its_last_words, a_child_that_sends_noise_is_a_protocol_error,
                     a_child_that_ends_at_once_is_an_error, a_host_that_dies_ends_its_child,
                     what_can_t_be_opened_says_how_it_could);
}
