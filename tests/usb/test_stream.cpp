/* The bulk pipes: the same words both ways, transfers of every kind of length, throughput in USB time, slow readers.
 * SPDX-License-Identifier: ISC */
#include "usb_test.h"

#include <cstdio>

namespace nave_usb
{

static uint32_t word_at(const Bytes &b, size_t word)
{
    return b[4 * word] | uint32_t(b[4 * word + 1]) << 8 | uint32_t(b[4 * word + 2]) << 16 |
           uint32_t(b[4 * word + 3]) << 24;
}

// host to card: words and the session mark; lengths around the packet size, with and without an empty packet behind
static void words_out(bool high, unsigned number)
{
    std::string at = high ? "out, high speed: " : "out, full speed: ";
    Bench b(number);
    check(b.start(high), at + "start");
    uint32_t state = uint32_t(number), want = state;
    size_t sent = 0;
    unsigned packet = high ? 512 : 64;
    for (size_t bytes : {size_t(4), size_t(packet - 4), size_t(packet), size_t(packet + 4), size_t(2 * packet),
                         size_t(5 * packet + 12)}) {
        for (int zero = 0; zero < 2; zero++) {
            check(b.host.bulk_out(1, lfsr_bytes(state, bytes / 4)).status == Status::OK, at + "transfer");
            sent += bytes / 4;
            if (zero) {
                check(b.host.bulk_out(1, {}).status == Status::OK, at + "empty packet");
            }
        }
    }
    b.host.idle(2000);
    bool same = b.from_host.size() == sent;
    unsigned marks = 0;
    for (size_t i = 0; same && i < sent; i++) {
        same = b.from_host[i].data == lfsr_next(want);
        marks += b.from_host[i].flag;
    }
    check(same, at + "every word once, in order");
    check(marks == 1 && b.from_host[0].flag, at + "one session mark, at the first word");
    b.no_data(1, 11, 0, 0);
    b.host.reset_toggles();
    b.host.bulk_out(1, lfsr_bytes(state, 3));
    b.host.idle(500);
    check(b.from_host.size() == sent + 3 && b.from_host[sent].flag && !b.from_host[sent + 1].flag,
          at + "SET_INTERFACE marks the next word");
    // bytes that are no word are dropped and counted; the next transfer begins on a word again
    Bytes ragged = lfsr_bytes(state, 2);
    ragged.push_back(0x55);
    b.host.bulk_out(1, ragged);
    Bytes whole = lfsr_bytes(state, 1);
    b.host.bulk_out(1, whole);
    b.host.idle(500);
    check(b.from_host.size() == sent + 6 && b.from_host[sent + 5].data == word_at(whole, 0), at + "a ragged transfer");
    check(b.counter(NAVE_USB_COUNTER_RAGGED_PACKETS) == 1, at + "and its counter");
    b.check_rules(at);
}

// A packet for which there is no room, or that was taken before, must leave those alone that wait: a host may send it
// without asking (at full speed it has no PING, and any host repeats a packet whose ACK it missed).
static void no_room(bool high, unsigned number)
{
    std::string at = high ? "no room, high speed: " : "no room, full speed: ";
    Bench b(number);
    check(b.start(high), at + "start");
    b.capacity = 0;
    uint32_t state = uint32_t(number), want = state;
    size_t words = high ? 128 : 16, sent = 0;
    Bytes part = lfsr_bytes(state, words), last = part;
    unsigned pid = PID_NONE, toggle = 0;
    for (int i = 0; i < 20; i++) { // until all queues are full
        pid = b.host.out(PID_OUT, 1, toggle ? PID_DATA1 : PID_DATA0, part);
        if (pid != PID_ACK && pid != PID_NYET) {
            break;
        }
        last = part;
        part = lfsr_bytes(state, words);
        sent += words;
        toggle ^= 1;
    }
    check(pid == PID_NAK && sent >= 2 * words, at + "it fills up");
    for (int i = 0; i < 3; i++) {
        check(b.host.out(PID_OUT, 1, toggle ? PID_DATA0 : PID_DATA1, last) == PID_ACK, at + "repeated");
        check(b.host.out(PID_OUT, 1, toggle ? PID_DATA1 : PID_DATA0, part) == PID_NAK, at + "not taken");
    }
    b.capacity = 4096;
    // room comes while a packet is on its way: it is taken whole or not at all
    for (int i = 0; i < 20; i++) {
        pid = b.host.out(PID_OUT, 1, toggle ? PID_DATA1 : PID_DATA0, part);
        if (pid == PID_ACK || pid == PID_NYET) {
            break;
        }
    }
    check(pid == PID_ACK || pid == PID_NYET, at + "then there is room");
    b.host.idle(high ? 2000 : 20000);
    bool same = b.from_host.size() == sent + words;
    for (size_t i = 0; same && i < sent + words; i++) {
        same = b.from_host[i].data == lfsr_next(want);
    }
    check(same, at + "every word once, in order");
    b.check_rules(at);
}

// card to host: a transfer ends where the card says
static void words_in(bool high, unsigned number)
{
    std::string at = high ? "in, high speed: " : "in, full speed: ";
    Bench b(number);
    check(b.start(high), at + "start");
    uint32_t state = uint32_t(number), want = state;
    unsigned packet = high ? 512 : 64;
    for (size_t bytes : {size_t(4), size_t(packet - 4), size_t(packet), size_t(packet + 4), size_t(3 * packet),
                         size_t(512), size_t(1024), size_t(2048 + 8)}) {
        for (size_t i = 0; i < bytes / 4; i++) {
            b.give(lfsr_next(state), i + 1 == bytes / 4);
        }
        uint64_t packets = b.host.statistics.packets_in;
        Transfer t = b.host.bulk_in(1, 65536);
        check(t.status == Status::OK && t.data == lfsr_bytes(want, bytes / 4),
              at + "transfer of " + std::to_string(bytes));
        check(b.host.statistics.packets_in - packets == bytes / packet + 1,
              at + "ends with a short packet, an empty one where it is a multiple");
    }
    for (int i = 0; i < 100; i++) {
        b.give(7, false);
    }
    b.host.idle(1000);
    check(b.host.in(1, nullptr) == PID_NAK, at + "words without an end wait for a full bank");
    for (int i = 0; i < 28; i++) {
        b.give(7, false);
    }
    b.host.idle(1000);
    check(b.host.bulk_in(1, 512).data.size() == 512, at + "and leave with it");
    b.check_rules(at);
}

static void halts()
{
    Bench b(48);
    check(b.start(), "halt: start");
    for (int i = 0; i < 4; i++) {
        b.give(uint32_t(i), i == 3);
    }
    check(b.host.bulk_out(1, {1, 2, 3, 4}).status == Status::OK, "halt: before");
    b.no_data(2, 3, 0, 0x01);
    b.no_data(2, 3, 0, 0x81);
    check(b.host.bulk_out(1, {1, 2, 3, 4}).status == Status::STALL, "halt: OUT stalls");
    check(b.host.ping(1) == PID_STALL, "halt: PING stalls");
    check(b.host.bulk_in(1, 64).status == Status::STALL, "halt: IN stalls");
    b.no_data(2, 1, 0, 0x01);
    b.no_data(2, 1, 0, 0x81);
    b.host.reset_toggles();
    check(b.host.bulk_out(1, {5, 6, 7, 8}).status == Status::OK, "halt: OUT cleared, DATA0 next");
    Transfer t = b.host.bulk_in(1, 64);
    check(t.status == Status::OK && t.data.size() == 16 && t.data[4] == 1, "halt: IN cleared, its words still there");
    b.host.idle(300);
    check(b.from_host.size() == 2 && b.from_host[1].data == 0x08070605 && b.from_host[1].flag,
          "halt: the stalled packet is not among the words, the next is marked");
    check(b.host.in(1, nullptr) == PID_NAK, "halt: nothing left");
    // data of the wrong toggle is a repetition: acknowledged, not taken
    check(b.host.out(PID_OUT, 1, PID_DATA0, {9, 9, 9, 9}) == PID_ACK, "halt: repetition acknowledged");
    b.host.idle(300);
    check(b.from_host.size() == 2, "halt: and not taken");
    b.check_rules("halt");
}

static void rate(bool high, bool to_card, unsigned number, double least)
{
    Bench b(number);
    std::string at = std::string(high ? "high" : "full") + " speed, " + (to_card ? "to the card" : "to the host");
    check(b.start(high), at + ": start");
    uint32_t state = 1, want = 1;
    size_t words = high ? 65536 : 4096;
    Bytes data = lfsr_bytes(state, words);
    b.capacity = words;
    if (!to_card) {
        for (size_t i = 0; i < words; i++) {
            b.give(word_at(data, i), i + 1 == words);
        }
        b.host.idle(2000);
    }
    b.host.start_of_frame();
    uint64_t begin = b.host.now();
    bool same;
    if (to_card) {
        same = b.host.bulk_out(1, data).status == Status::OK;
    } else {
        same = b.host.bulk_in(1, data.size()).data == data;
    }
    double seconds = double(b.host.now() - begin) / 60e6;
    if (to_card) {
        b.host.idle(1000);
        same = same && b.from_host.size() == words;
        for (size_t i = 0; same && i < words; i++) {
            same = b.from_host[i].data == lfsr_next(want);
        }
    }
    double speed = double(words * 4) / seconds / 1e6;
    printf("throughput, %s: %.2f MB/s of USB time (counted in simulation)\n", at.c_str(), speed);
    check(same, at + ": identical");
    check(speed >= least, at + ": throughput");
    b.check_rules(at);
}

// both ways through the card's side, with a reader and a writer that stop at random
static void loopback(bool high, unsigned number, unsigned chance)
{
    std::string at = "loopback, " + std::to_string(chance) + "/256: ";
    Bench b(number);
    check(b.start(high), at + "start");
    b.loop = true;
    b.ready_chance = b.offer_chance = chance;
    b.loop_transfer = 300;
    uint32_t out = 99, in = 99;
    for (int i = 0; i < (high ? 20 : 4); i++) {
        // 300 words come back as one transfer; three at a time fit the buffers between
        check(b.host.bulk_out(1, lfsr_bytes(out, 300)).status == Status::OK, at + "out");
        Transfer t = b.host.bulk_in(1, 4096);
        check(t.status == Status::OK && t.data == lfsr_bytes(in, 300), at + "back");
    }
    if (chance < 16) {
        check(!high || (b.host.statistics.pings > 10 && b.host.statistics.nyets > 2),
              at + "PING and NYET were used (" + std::to_string(b.host.statistics.pings) + ", " +
                  std::to_string(b.host.statistics.nyets) + ")");
    }
    b.check_rules(at);
}

void test_stream()
{
    words_out(true, 40);
    words_out(false, 41);
    words_in(true, 42);
    words_in(false, 43);
    for (unsigned k = 0; k < 8; k++) {
        no_room(k % 2, 60 + k);
    }
    halts();
    rate(true, true, 44, 40);
    rate(true, false, 45, 40);
    rate(false, true, 46, 1.0);
    rate(false, false, 47, 1.0);
    loopback(true, 50, 256);
    loopback(true, 51, 32);
    loopback(true, 52, 8);
    loopback(false, 53, 8);
}

} // namespace nave_usb
