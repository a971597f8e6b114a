// A board's top from power-on to answers: RAM test, number of the flash, lamps, enumeration through a ULPI PHY model,
// frames of the link compared with the C card's. A RAM with a stuck bit must stop the card and light the lamp of
// faults. Both clocks have one rate here (rtl/prim/pll.v); the RAM's times are those of 120 MHz.
// SPDX-License-Identifier: ISC
#include "../../../sim/harness/coverage.h"
#include "../../../sim/harness/usb/host.h"
#include "../frame.h"
#include "../seed.h"
#include "../undefined.h"
#include "Vboard_top.h"
#include <cstdio>
#include <memory>
#ifdef NAVE_BOARD_ULX3S
#include "../../../sim/harness/sdram.h"
#else
#include "../../../sim/harness/hyperram.h"
#endif

using namespace nave_usb;

static int passed, failed;

static void report(bool good, const char *what)
{
    (good ? passed : failed)++;
    if (!good)
        printf("FAIL %s\n", what);
}

static const uint64_t flash_number = 0xd163a4f08b2c5e97;

class Board : public Device
{
  public:
    explicit Board(uint32_t seed)
#ifdef NAVE_BOARD_ULX3S
        : ram(120, 13, 9, seed)
#else
        : ram(120, 3, 30, seed)
#endif
    {
        d.button = 0;
        d.flash_miso = 1;
        d.phy_dir = 1;
        d.clk = 0;
        d.eval();
    }
    ~Board() override
    {
        d.final();
        nave::count_coverage();
    }
    Vboard_top d;
    unsigned stuck = 0; // bits of the RAM's data that always read as 0
    uint64_t clocks = 0, adv_edges = 0;
    bool adv = false;

    void settle(Pins &pins) override
    {
        d.phy_dir = pins.dir;
        d.phy_nxt = pins.nxt;
        d.phy_data = pins.to_link;
        d.eval();
        pins.from_link = d.link_data;
        pins.enable = d.link_oe;
        pins.stp = d.link_stp;
        pins.reset_n = d.phy_rst_n;
    }
    void clock(const Pins &) override
    {
#ifdef NAVE_BOARD_ULX3S
        d.sd_dq_i = dq & ~stuck;
        d.eval();
        dq = ram.clock({(bool)d.sd_cke, (bool)d.sd_cs_n, (bool)d.sd_ras_n, (bool)d.sd_cas_n, (bool)d.sd_we_n,
                        (bool)d.sd_dq_oe, d.sd_ba, d.sd_a, d.sd_dqm, (uint16_t)d.sd_dq_o});
#else
        half();
#endif
        d.clk = 1;
        d.eval();
#ifndef NAVE_BOARD_ULX3S
        half();
#endif
        flash();
        d.clk = 0;
        d.eval();
        clocks++;
#ifndef NAVE_BOARD_ULX3S
        adv_edges += adv != (bool)d.adv;
        adv = d.adv;
#endif
    }
    uint32_t timer() override
    {
        return 0;
    }
    void skip(uint32_t) override
    {
    }
    bool resting() override
    {
        return false;
    }

#ifdef NAVE_BOARD_ULX3S
    nave::Sdram ram;
    uint16_t dq = 0;
#else
    nave::HyperRam ram;
    void half()
    {
        const nave::HyperRam::Out out = ram.half({(bool)d.hr_reset_n, (bool)d.hr_cs_n, (bool)d.hr_ck, (bool)d.hr_dq_oe,
                                                  (bool)d.hr_rwds_oe, (uint8_t)d.hr_dq_o});
        d.hr_dq_i = out.dq & ~stuck;
        d.hr_rwds_i = out.rwds;
    }
#endif

  private:
    bool sck = false;
    unsigned bits = 0;
    uint64_t command = 0;
    // the flash: takes a bit when its clock rises, gives one when it falls
    void flash()
    {
        const bool now = d.flash_clock;
        if (d.flash_cs_n) {
            bits = 0;
            command = 0;
        } else if (now && !sck) {
            if (bits < 8)
                command = command << 1 | d.flash_mosi;
            bits++;
        } else if (!now && sck) {
            d.flash_miso = bits >= 40 && bits < 104 && command == 0x4b ? flash_number >> (103 - bits) & 1 : 1;
        }
        sck = now;
    }
};

static Bytes bytes_of(const Words &w)
{
    Bytes b(4 * w.size());
    memcpy(b.data(), w.data(), b.size());
    return b;
}

static Words words_in(Host &host)
{
    host.nak_limit = 4 * MILLISECOND;
    const Transfer t = host.bulk_in(1, 1 << 17);
    Words w(t.data.size() / 4);
    memcpy(w.data(), t.data.data(), 4 * w.size());
    return w;
}

static bool lamp(const Board &b, unsigned n)
{
    return b.d.led >> n & 1;
}

static bool start(Board &b, Host &host)
{
    report(host.wait_attached(12 * MILLISECOND), "the pull-up shows");
    report(host.reset(true, 6), "high speed");
    bool good = host.control({0, 5, 5, 0, 0}).status == Status::OK;
    host.address = 5;
    host.frames(2);
    good = good && host.control({0, 9, 1, 0, 0}).status == Status::OK;
    host.reset_toggles();
    report(good, "address and configuration");
    report(b.ram.errors == 0, "the RAM's times and protocol");
    return good;
}

static void good_board(uint64_t seed)
{
    Board b((uint32_t)seed);
    Host host(b, seed);
    if (!start(b, host))
        return;
    report(lamp(b, 1) && lamp(b, 2) && lamp(b, 3) && !lamp(b, 5), "lamps: RAM good, configured, high speed, no fault");
    const Transfer name = host.control({0x80, 6, 0x0303, 0x0409, 64});
    char text[17], want[17];
    snprintf(want, sizeof(want), "%016llX", (unsigned long long)flash_number);
    for (unsigned i = 0; i < 16; i++)
        text[i] = name.data.size() == 34 ? (char)name.data[2 + 2 * i] : '?';
    text[16] = 0;
    for (char *c = text; *c; c++)
        *c = *c >= 'a' && *c <= 'f' ? (char)(*c - 32) : *c;
    report(!strcmp(text, want), "the serial number is the flash's");
    if (strcmp(text, want))
        printf("  %s, not %s\n", text, want);

#ifdef NAVE_BOARD_ULX3S
    const test_limits limits = {13, 0, 1, 4096, 1u << 20, 0};
    nave_model *card = test_card(&limits, 32768000);
#else
    const test_limits limits = {13, 0, 1, 4096, 1u << 20, 0};
    nave_model *card = test_card(&limits, 7995392);
#endif
    std::mt19937 random((uint32_t)seed);
    unsigned answers = 0;
    auto exchange = [&](const Words &w) {
        if (host.bulk_out(1, bytes_of(w)).status != Status::OK)
            return false;
        for (const Words &f : answers_to(card, w)) {
            const Words got = words_in(host);
            if (got != f) {
                size_t i = 0;
                while (i < f.size() && i < got.size() && f[i] == got[i])
                    i++;
                printf("  answer %u: %zu words, not %zu; word %zu is %08x, not %08x\n", answers, got.size(), f.size(),
                       i, i < got.size() ? got[i] : 0, i < f.size() ? f[i] : 0);
                return false;
            }
            answers++;
        }
        return true;
    };
    Frame sync(card, NAVE_FRAME_SYNC, 0, 0, {});
    sync.epoch = random();
    sync.sequence = random();
    report(exchange(sync.words()), "SYNC");
    bool good = true;
    for (uint32_t address = 0; good && address <= NAVE_REG_SCRATCH; address += 4)
        good = exchange(Frame(card, NAVE_FRAME_REG_READ, 0, address, {}).words());
    report(good, "registers, the C card's");
    report(lamp(b, 4), "lamp: traffic");
    for (uint32_t bytes : {4u, 1024u, 12000u}) {
        Words noise(bytes / 4);
        for (uint32_t &v : noise)
            v = random();
        const uint64_t address = random() % 1000000 * 4;
        good = good && exchange(Frame(card, NAVE_FRAME_RAM_WRITE, 0, address, noise).words()) &&
               exchange(Frame(card, NAVE_FRAME_RAM_READ, 0, address, {bytes}).words());
    }
    report(good, "RAM written and read");
    report(host.phy.violation.empty(), host.phy.violation.c_str());
    report(b.ram.errors == 0, "the RAM's times and protocol to the end");
    b.d.button = 1;
    host.frames(25); // 12 ms of a core clock that is told to be 120 MHz
    report((b.d.led & 0x3f) == 0x3f, "all lamps while the button is pressed");
#ifndef NAVE_BOARD_ULX3S
    report(b.adv_edges > 0 && !b.d.other_phy_rst_n, "CONTROL is asked for, the other PHY rests in reset");
#endif
    nave_model_destroy(card);
}

static void bad_ram(uint64_t seed)
{
    Board b((uint32_t)seed);
    b.stuck = 1u << (seed % 8);
    Host host(b, seed);
    if (!start(b, host))
        return;
    report(!lamp(b, 1) && lamp(b, 5), "lamps of a RAM with a stuck bit");
    const test_limits limits = {13, 0, 1, 4096, 1u << 20, 0};
    nave_model *card = test_card(&limits, 7995392);
    Frame sync(card, NAVE_FRAME_SYNC, 0, 0, {});
    host.bulk_out(1, bytes_of(sync.words()));
    report(words_in(host).empty(), "its card does not answer");
    nave_model_destroy(card);
}

int main()
{
    const uint64_t seed = seed_of_run();
    random_undefined(seed);
    good_board(seed);
    bad_ram(seed + 1);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
