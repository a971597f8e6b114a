/* What the USB tests share: the device, its host and a loopback between its word streams; checks that count.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_TESTS_USB_TEST_H
#define NAVE_TESTS_USB_TEST_H

#include "../../sim/harness/usb/host.h"
#include "../../sim/harness/usb/usb_descriptors.h"
#include "../../sim/harness/usb/verilated_device.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>

namespace nave_usb
{

extern unsigned passed, failed;
void check(bool good, const std::string &what);
uint64_t seed();

// The card's side: words as they came, words to give; `loop` sends back what comes.
struct Bench {
    explicit Bench(uint64_t number);
    bool start(bool high_speed_hub = true); // attach, reset, address 5, configuration 1
    bool configure();
    Transfer get_descriptor(unsigned kind, unsigned index, unsigned length);
    Transfer no_data(unsigned type, unsigned request, unsigned value, unsigned index)
    {
        return host.control({uint8_t(type), uint8_t(request), uint16_t(value), uint16_t(index), 0});
    }
    Transfer get(unsigned type, unsigned request, unsigned value, unsigned index, unsigned length)
    {
        return host.control({uint8_t(type), uint8_t(request), uint16_t(value), uint16_t(index), uint16_t(length)});
    }
    unsigned counter(unsigned number);
    void give(uint32_t data, bool last)
    {
        Word w;
        w.data = data;
        w.flag = last;
        to_host.push_back(w);
    }
    // no rule of the bus was broken by the link
    void check_rules(const std::string &name);
    VerilatedDevice device;
    Host host;
    std::deque<Word> from_host, to_host;
    size_t capacity = 4096; // words inside the card's side
    bool loop = false;
    unsigned loop_transfer = 0; // words: a loopback ends a transfer after so many
    unsigned looped = 0;
    unsigned ready_chance = 256, offer_chance = 256; // of 256, each core clock
    std::mt19937_64 random;
};

Bytes lfsr_bytes(uint32_t &state, size_t words);
uint32_t lfsr_next(uint32_t &state);

void test_enumeration();
void test_line();
void test_chapter9();
void test_stream();
void test_faults();
void test_fuzz();

} // namespace nave_usb

#endif
