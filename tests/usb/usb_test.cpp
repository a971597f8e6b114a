/* The USB tests' bench and main program. Usage: usb_test [NAME...]; NAVE_SEED, NAVE_CASES (fuzzed packets).
 * SPDX-License-Identifier: ISC */
#include "usb_test.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace nave_usb
{

unsigned passed, failed;

void check(bool good, const std::string &what)
{
    if (good) {
        passed++;
    } else {
        failed++;
        printf("FAIL %s\n", what.c_str());
        fflush(stdout);
    }
}

uint64_t seed()
{
    static uint64_t value = [] {
        const char *given = getenv("NAVE_SEED");
        return given ? strtoull(given, nullptr, 0) : uint64_t(time(nullptr));
    }();
    return value;
}

Bench::Bench(uint64_t number) : host(device, seed() * 1000 + number), random(seed() * 1000003 + number)
{
    device.ready = [this] { return from_host.size() + to_host.size() < capacity && random() % 256 < ready_chance; };
    device.take = [this](const Word &w) {
        if (!loop) {
            from_host.push_back(w);
            return;
        }
        looped++;
        give(w.data, loop_transfer && looped % loop_transfer == 0);
    };
    device.offer = [this](Word &w) {
        if (to_host.empty() || random() % 256 >= offer_chance) {
            return false;
        }
        w = to_host.front();
        return true;
    };
    device.given = [this] { to_host.pop_front(); };
}

Transfer Bench::get_descriptor(unsigned kind, unsigned index, unsigned length)
{
    return get(0x80, 6, kind << 8 | index, 0, length);
}

bool Bench::configure()
{
    if (no_data(0, 5, 5, 0).status != Status::OK) {
        return false;
    }
    host.address = 5;
    host.frames(2);
    bool good = no_data(0, 9, 1, 0).status == Status::OK;
    host.reset_toggles();
    return good;
}

bool Bench::start(bool high_speed_hub)
{
    return host.wait_attached(10 * MILLISECOND) && host.reset(high_speed_hub) == high_speed_hub && configure();
}

unsigned Bench::counter(unsigned number)
{
    Transfer t = get(0xc0, NAVE_USB_COUNTERS_CODE, 0, 0, 16);
    return t.data.size() == 16 ? t.data[2 * number] | unsigned(t.data[2 * number + 1]) << 8 : ~0u;
}

void Bench::check_rules(const std::string &name)
{
    check(host.phy.violation.empty(), name + ": bus rules: " + host.phy.violation);
}

uint32_t lfsr_next(uint32_t &state)
{
    state = state >> 1 ^ (state & 1 ? 0xedb88320u : 0);
    return state;
}

Bytes lfsr_bytes(uint32_t &state, size_t words)
{
    Bytes b;
    while (words--) {
        uint32_t w = lfsr_next(state);
        for (unsigned i = 0; i < 4; i++) {
            b.push_back(uint8_t(w >> 8 * i));
        }
    }
    return b;
}

} // namespace nave_usb

using namespace nave_usb;

int main(int argc, char **argv)
{
    setvbuf(stdout, nullptr, _IOLBF, 0);
    static const struct {
        const char *name;
        void (*run)();
    } tests[] = {
        {"enumeration", test_enumeration}, {"line", test_line},     {"chapter9", test_chapter9},
        {"stream", test_stream},           {"faults", test_faults}, {"fuzz", test_fuzz},
    };
    printf("seed %llu (NAVE_SEED repeats this run)\n", static_cast<unsigned long long>(seed()));
    for (const auto &t : tests) {
        bool wanted = argc < 2;
        for (int i = 1; i < argc; i++) {
            wanted = wanted || !strcmp(argv[i], t.name);
        }
        if (!wanted) {
            continue;
        }
        clock_t begin = clock();
        unsigned before = passed + failed;
        t.run();
        printf("%-12s %4u checks %6.1f s\n", t.name, passed + failed - before,
               double(clock() - begin) / CLOCKS_PER_SEC);
        fflush(stdout);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
