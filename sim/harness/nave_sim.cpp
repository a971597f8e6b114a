// nave-sim: the Verilated card as a program. Words of the link come in on stdin and go out on stdout
// (driver/protocol.md). It runs as fast as it can while something is owed and stands still when nothing is. With
// --status=FD it says there, each time it comes to rest, how many words it has taken and given (then nothing more comes
// without another word), and twice a second that it is at work. Ends with stdin: 0 when all was answered, 1 when the
// card hung or the RAM model saw a rule broken. SPDX-License-Identifier: ISC
#include "card.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace
{

const size_t most_input = 1u << 15; // words read ahead
const unsigned slice = 512;         // clocks between looks at the outside

struct Options {
    nave::CardSettings card;
    int status = -1;
    bool report = false;
};

[[noreturn]] void usage(const char *what)
{
    fprintf(stderr,
            "usage: nave-sim [--stalls=SEED] [--trace=FILE.fst] [--trace-from=CLOCK] [--hang=CLOCKS] [--status=FD]\n"
            "                [--report] < words > words\n"
            "nave-sim: %s\n",
            what);
    exit(2);
}

uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    const uint64_t v = strtoull(text, &end, 0);
    if (errno || end == text || *end || *text == '-')
        usage("a number was expected behind =");
    return v;
}

Options parse(int argc, char **argv)
{
    Options o;
    for (int i = 1; i < argc; i++) {
        const std::string arg = argv[i];
        const size_t at = arg.find('=');
        const std::string name = arg.substr(0, at), value = at == std::string::npos ? "" : arg.substr(at + 1);
        if (name == "--stalls")
            o.card.stalls = number(value.c_str());
        else if (name == "--trace")
            o.card.trace = value;
        else if (name == "--trace-from")
            o.card.trace_from = number(value.c_str());
        else if (name == "--hang")
            o.card.hang_clocks = number(value.c_str());
        else if (name == "--status")
            o.status = (int)number(value.c_str());
        else if (name == "--report")
            o.report = true;
        else
            usage(("no option '" + arg + "'").c_str());
    }
    return o;
}

// The RTL's tables are read when the card is made, by names from the top of the source tree: a copy of them lies beside
// the program.
bool go_to_tables()
{
    char path[4096];
    const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n < 0)
        return false;
    path[n] = '\0';
    *strrchr(path, '/') = '\0';
    return chdir(path) == 0 && access("rtl/conv/twiddle_pairs.hex", R_OK) == 0;
}

class Sim
{
  public:
    explicit Sim(const Options &o) : options(o), card(o.card)
    {
        if (options.status >= 0)
            fcntl(options.status, F_SETFL, O_NONBLOCK);
    }

    int run()
    {
        int result = loop();
        const double s = (double)clock() / CLOCKS_PER_SEC; // of this process, whatever else the machine does
        if (options.report)
            fprintf(stderr, "%llu clocks, %.2f s of CPU time, %.0f kcycles/s\n", (unsigned long long)card.clocks, s,
                    (double)card.clocks / s / 1e3);
        if (card.ram_errors()) {
            fprintf(stderr, "the RAM model saw %u rules broken\n", card.ram_errors());
            result = 1;
        }
        return result;
    }

  private:
    const Options options;
    nave::Card card;
    bool ended = false, said = false;
    double spoken = 0;
    std::vector<uint8_t> out;
    size_t out_at = 0;
    uint8_t part[4];
    size_t parts = 0;
    uint64_t taken = 0; // words read

    int loop()
    {
        for (;;) {
            bool rest = card.idle();
            for (unsigned i = 0; i < slice && !rest; i++) {
                if (!card.clock()) {
                    flush(true);
                    fprintf(stderr, "%s\n", card.state().c_str());
                    return 1;
                }
                rest = card.input.empty() && card.idle();
            }
            if (!flush(false))
                return 0; // nobody reads any more
            if (!said && rest && out_at == out.size())
                say(true);
            else if (!rest && now() - spoken > 0.5)
                say(false);
            if (!ended && card.input.size() < most_input && !take(rest))
                return 1;
            if (ended && (options.status >= 0 || (card.idle() && out_at == out.size())))
                return 0; // who drives it by --status has closed it
            if (ended && rest && out_at < out.size())
                flush(true);
        }
    }
    static double now()
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    void say(bool rest)
    {
        spoken = now();
        said = rest;
        if (options.status < 0)
            return;
        const uint64_t words[4] = {taken, card.words_out, card.clocks, rest};
        if (write(options.status, words, sizeof(words)) < 0)
            said = false; // the reader has not come round: again
    }
    // Gives what there is; false when nobody reads any more.
    bool flush(bool wait)
    {
        if (out_at == out.size()) {
            out.clear();
            out_at = 0;
        }
        while (!card.output.empty()) {
            const uint32_t w = card.output.front();
            out.insert(out.end(), {(uint8_t)w, (uint8_t)(w >> 8), (uint8_t)(w >> 16), (uint8_t)(w >> 24)});
            card.output.pop_front();
        }
        while (out_at < out.size()) {
            pollfd p = {1, POLLOUT, 0};
            if (poll(&p, 1, wait ? 1000 : 0) == 0)
                return true;
            const ssize_t n = write(1, &out[out_at], std::min<size_t>(out.size() - out_at, 4096));
            if (n < 0 && errno != EINTR && errno != EAGAIN)
                return false;
            out_at += n > 0 ? (size_t)n : 0;
        }
        return true;
    }
    // Reads what has come; when the card is at rest, waits for it. False on an error.
    bool take(bool rest)
    {
        const bool owing = out_at < out.size();
        pollfd p[2] = {{0, POLLIN, 0}, {1, (short)(owing ? POLLOUT : 0), 0}};
        const int ready = poll(p, owing ? 2 : 1, rest ? (said || options.status < 0 ? -1 : 10) : 0);
        if (ready <= 0 || !p[0].revents)
            return ready >= 0 || errno == EINTR;
        uint8_t bytes[16384];
        const ssize_t n = read(0, bytes, sizeof(bytes));
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            perror("nave-sim: stdin");
            return false;
        }
        if (n == 0)
            ended = true;
        for (ssize_t i = 0; i < n; i++) {
            part[parts++] = bytes[i];
            if (parts < 4)
                continue;
            parts = 0;
            card.input.push_back(part[0] | part[1] << 8 | part[2] << 16 | (uint32_t)part[3] << 24);
            taken++;
            said = false;
        }
        return true;
    }
};

} // namespace

int main(int argc, char **argv)
{
    Options options = parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    if (options.status >= 0)
        signal(SIGINT, SIG_IGN); // the host decides when to stop
    if (!options.card.trace.empty() && options.card.trace[0] != '/') {
        char here[4096];
        if (getcwd(here, sizeof(here)))
            options.card.trace = std::string(here) + "/" + options.card.trace;
    }
    if (!go_to_tables()) {
        fprintf(stderr,
                "nave-sim: the card's tables (rtl/*/*.hex) do not lie beside the program; make sim puts them there\n");
        return 2;
    }
    Sim sim(options);
    return sim.run();
}
