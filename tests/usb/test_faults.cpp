/* Faults on the wire, each kind alone and all together, in both directions: what arrives is identical, or the transfer
 * ends with an error and what arrived until then is right; never a lost or repeated word, never a hang.
 * SPDX-License-Identifier: ISC */
#include "usb_test.h"

#include <cstdio>

namespace nave_usb
{

enum Kind { BIT, PID_BITS, TRUNCATE, LOSE, TWICE, LATE, BABBLE, RX_ERROR, LENGTHEN, KINDS };
static const char *const kind_names[] = {"flipped bit", "wrong PID", "truncated", "lost",  "sent twice",
                                         "late",        "babble",    "RxError",   "longer"};

// One packet in `one_of` is spoiled.
static void spoil(Bench &b, Spoiled &s, int kind, unsigned one_of, unsigned &count)
{
    if (b.random() % one_of) {
        return;
    }
    count++;
    if (kind == KINDS) {
        kind = int(b.random() % KINDS);
    }
    size_t n = s.bytes.size();
    switch (kind) {
    case BIT:
        s.bytes[b.random() % n] ^= uint8_t(1u << b.random() % 8);
        break;
    case PID_BITS: // not so that it is another PID: nothing covers that
        do {
            s.bytes[0] = uint8_t(b.random());
        } while ((s.bytes[0] & 15) == (~s.bytes[0] >> 4 & 15));
        break;
    case TRUNCATE: // nor one of the 65536 that has the right CRC
        do {
            s.bytes.resize(n == 1 ? 0 : b.random() % s.bytes.size());
        } while (data_whole(s.bytes));
        break;
    case LOSE:
        s.lost = true;
        break;
    case TWICE:
        s.copies = 2;
        break;
    case LATE:
        s.delay = 200 + unsigned(b.random() % 400);
        break;
    case BABBLE:
        s.bytes.resize(n + 600, 0xaa);
        break;
    case RX_ERROR:
        s.error_at = int(b.random() % n);
        break;
    case LENGTHEN:
        s.bytes.push_back(uint8_t(b.random()));
        break;
    }
}

static bool spoil_answer(Bench &b, Bytes &p, int kind, unsigned one_of, unsigned &count)
{
    if (b.random() % one_of) {
        return true;
    }
    count++;
    switch (kind == KINDS ? int(b.random() % 4) : kind) {
    case BIT:
        p[b.random() % p.size()] ^= uint8_t(1u << b.random() % 8);
        return true;
    case PID_BITS:
        p[0] = uint8_t(p[0] ^ (1 + b.random() % 255));
        return (p[0] & 15) != (~p[0] >> 4 & 15); // one that happens to be a PID is no fault the host could see
    case TRUNCATE:
        do {
            p.resize(b.random() % p.size());
        } while (data_whole(p));
        return !p.empty();
    default:
        return false;
    }
}

// Words round the card while packets of one kind are spoiled. The host goes on until it is through: all must come back.
static void loop_with(int kind, bool high, unsigned one_of, unsigned number)
{
    std::string at =
        std::string("fault, ") + (kind == KINDS ? "all kinds" : kind_names[kind]) + (high ? "" : ", full speed");
    Bench b(number);
    check(b.start(high), at + ": start");
    b.loop = true;
    b.loop_transfer = 256;
    b.host.error_limit = 1000;
    unsigned out = 0, in = 0;
    b.host.spoil_out = [&](Spoiled &s) { spoil(b, s, kind, one_of, out); };
    b.host.spoil_in = [&](Bytes &p) { return spoil_answer(b, p, kind, one_of, in); };
    uint32_t sent = 7 + number, back = sent;
    bool same = true;
    unsigned rounds = high ? 60 : 12;
    for (unsigned i = 0; i < rounds && same; i++) {
        same = b.host.bulk_out(1, lfsr_bytes(sent, 256)).status == Status::OK;
        Transfer t = b.host.bulk_in(1, 2048);
        same = same && t.status == Status::OK && t.data == lfsr_bytes(back, 256);
    }
    b.host.spoil_out = nullptr;
    b.host.spoil_in = nullptr;
    check(same && out > 0 && in > 0, at + ": identical");
    // the last packet comes once more if its ACK was lost
    Transfer rest = b.host.bulk_in(1, 512);
    check(rest.status == Status::NAK && rest.data.empty(), at + ": nothing left over");
    Transfer t = b.get_descriptor(1, 0, 18);
    check(t.data.size() == 18, at + ": still answers");
    printf("%-28s %4u spoiled to the device, %4u from it, %4llu retries, %3llu repetitions dropped by the host\n",
           at.c_str(), out, in, static_cast<unsigned long long>(b.host.statistics.faults),
           static_cast<unsigned long long>(b.host.statistics.repeated_in));
}

// Three faults in a row end a transfer, as a host controller does: the error is stated, the words until then are right,
// and after a cleared halt the next transfer is marked as a new session.
static void stated_errors(unsigned number)
{
    Bench b(number);
    check(b.start(), "errors: start");
    unsigned spoiled = 0, errors = 0, marks = 0, rounds = 0;
    uint32_t number_of_word = 0;
    bool right = true;
    while (errors < 20 && rounds < 400) {
        rounds++;
        Bytes data;
        for (unsigned i = 0; i < 512; i++) {
            number_of_word++;
            for (unsigned k = 0; k < 4; k++) {
                data.push_back(uint8_t(number_of_word >> 8 * k));
            }
        }
        size_t sent = 0;
        b.from_host.clear();
        b.host.spoil_out = [&](Spoiled &s) { spoil(b, s, KINDS, 3, spoiled); };
        b.host.spoil_in = [&](Bytes &p) { return spoil_answer(b, p, KINDS, 3, spoiled); };
        Transfer t = b.host.bulk_out(1, data, &sent);
        b.host.spoil_out = nullptr;
        b.host.spoil_in = nullptr;
        b.host.idle(800);
        size_t came = b.from_host.size() * 4;
        // the last packet may have come although its ACK was lost
        right = right && (t.status == Status::OK ? came == data.size() : came == sent || came == sent + 512);
        for (size_t i = 0; right && i < b.from_host.size(); i++) {
            right = b.from_host[i].data == number_of_word - 511 + i;
            marks += b.from_host[i].flag;
        }
        if (t.status != Status::OK) {
            errors++;
            b.no_data(2, 1, 0, 1);
            b.host.reset_toggles();
        }
    }
    check(errors == 20, "errors: some transfers end in one");
    check(right, "errors: what came until then is right");
    check(marks >= 10, "errors: the new session is marked");
}

// The same for control transfers: right bytes or an error, whatever is spoiled.
static void control_with_faults(unsigned number)
{
    Bench b(number);
    check(b.start(), "control faults: start");
    unsigned spoiled = 0, errors = 0, good = 0, wrong = 0;
    b.host.spoil_out = [&](Spoiled &s) { spoil(b, s, KINDS, 12, spoiled); };
    b.host.spoil_in = [&](Bytes &p) { return spoil_answer(b, p, KINDS, 12, spoiled); };
    for (int i = 0; i < 400; i++) {
        Transfer t = b.get(0xc0, NAVE_USB_MS_VENDOR_CODE, 0, 7, 255);
        if (t.status != Status::OK) {
            errors++;
        } else if (t.data == Bytes(nave_usb_ms_set, nave_usb_ms_set + sizeof nave_usb_ms_set)) {
            good++;
        } else {
            wrong++;
        }
    }
    b.host.spoil_out = nullptr;
    b.host.spoil_in = nullptr;
    printf("control transfers with faults: %u right, %u errors, %u wrong\n", good, errors, wrong);
    check(wrong == 0 && good > 200, "control faults: right or an error");
    check(b.get_descriptor(1, 0, 18).data.size() == 18, "control faults: answers afterwards");
}

// Reset, suspend and unplug at a random moment of a loopback: what comes afterwards is a continuation, each word at
// most once.
static void interrupted(unsigned number)
{
    Bench b(number);
    check(b.start(), "interrupted: start");
    bool good = true;
    unsigned lost_sessions = 0;
    for (unsigned i = 0; i < 24 && good; i++) {
        b.from_host.clear();
        Bytes data;
        for (uint32_t w = 0; w < 2048; w++) {
            uint32_t word = i << 16 | w;
            for (unsigned k = 0; k < 4; k++) {
                data.push_back(uint8_t(word >> 8 * k));
            }
        }
        size_t part = 4 * (b.random() % 2048);
        b.host.bulk_out(1, Bytes(data.begin(), data.begin() + long(part)));
        if (b.random() % 2) { // in the middle of a packet
            b.host.send_token(PID_OUT, b.host.address, 1);
        }
        switch (i % 3) {
        case 0:
            good = b.host.reset() && b.configure();
            break;
        case 1:
            b.host.suspend();
            b.host.resume();
            break;
        case 2:
            b.host.unplug();
            b.host.idle(b.random() % (20 * MILLISECOND));
            b.host.plug();
            good = b.start();
            break;
        }
        good = good && b.host.bulk_out(1, Bytes(data.begin() + long(part), data.end())).status == Status::OK;
        b.host.idle(1000);
        good = good && b.from_host.size() == 2048;
        unsigned marks = 0;
        for (uint32_t w = 0; good && w < 2048; w++) {
            good = b.from_host[w].data == (i << 16 | w);
            if (b.from_host[w].flag) {
                marks++;
                good = good && (w == part / 4 || (w == 0 && i == 0));
            }
        }
        lost_sessions += marks;
    }
    check(good, "interrupted: every word once, the first after a reset marked");
    check(lost_sessions >= 12, "interrupted: sessions were marked");
    b.check_rules("interrupted");
}

// The same towards the host, and in the middle of what the device sends: short transfers, an IN that is not
// acknowledged, a reset or the loss of VBUS some clocks later. What was not acknowledged comes again, whole.
static void interrupted_in(unsigned number)
{
    Bench b(number);
    check(b.start(), "interrupted IN: start");
    uint32_t out = 3, in = 3;
    bool good = true;
    for (unsigned i = 0; i < 40 && good; i++) {
        unsigned words = 1 + unsigned(b.random() % 200);
        for (unsigned w = 0; w < words; w++) {
            b.give(lfsr_next(out), w + 1 == words);
        }
        b.host.idle(1000);
        b.host.send_token(PID_IN, b.host.address, i % 4 == 3 ? 0 : 1);
        if (i % 8 == 7) { // a control transfer instead, in the data stage
            b.host.out(PID_SETUP, 0, PID_DATA0, {0xc0, NAVE_USB_MS_VENDOR_CODE, 0, 0, 7, 0, 255, 0});
            b.host.send_token(PID_IN, b.host.address, 0);
        }
        b.host.idle(b.random() % 300);
        Outgoing rest;
        if (i % 2) {
            b.host.unplug();
            b.host.plug();
            b.host.phy.take(rest);
            good = b.start();
        } else {
            good = b.host.reset() && b.configure();
        }
        while (b.host.phy.take(rest)) {
        }
        Transfer t = b.host.bulk_in(1, 2048);
        good = good && t.status == Status::OK && t.data == lfsr_bytes(in, words);
    }
    check(good, "interrupted IN: every word once");
    b.check_rules("interrupted IN");
}

// Traffic for other devices, some of it spoiled: an ACK or data that belongs to another token must not be taken for
// ours.
static void foreign_traffic(unsigned number)
{
    Bench b(number);
    check(b.start(), "foreign: start");
    for (uint32_t i = 0; i < 4; i++) {
        b.give(i, i == 3);
    }
    b.host.idle(500);
    Bytes spoiled = token_packet(PID_IN, 9 | 1 << 7);
    spoiled[1] ^= 4;
    for (int kind = 0; kind < 4; kind++) {
        b.host.in(1, nullptr, false); // our data, which the host did not get
        if (kind == 0) {
            b.host.send_token(PID_IN, 9, 1);
        } else if (kind == 1) {
            b.host.send_raw(spoiled);
        } else if (kind == 2) {
            b.host.start_of_frame();
        } else {
            b.host.send_data(PID_DATA0, {1, 2, 3, 4});
        }
        b.host.send_handshake(PID_ACK); // for what another device sent
    }
    Transfer t = b.host.bulk_in(1, 512);
    check(t.status == Status::OK && t.data.size() == 16, "foreign: an ACK behind another packet is not ours");
    spoiled = token_packet(PID_OUT, 9 | 1 << 7);
    spoiled[2] ^= 0x10;
    for (int kind = 0; kind < 4; kind++) {
        b.host.send_token(PID_OUT, b.host.address, 1);
        if (kind == 0) {
            b.host.send_token(PID_OUT, 9, 1);
        } else if (kind == 1) {
            b.host.send_raw(spoiled);
        } else if (kind == 2) {
            b.host.start_of_frame();
        } else {
            b.host.idle(250);
        }
        b.host.send_data(PID_DATA0, {9, 9, 9, 9}); // for another device, or too late
        check(b.host.receive() == PID_NONE, "foreign: data behind another token gets no answer");
    }
    b.host.idle(500);
    check(b.from_host.empty(), "foreign: and is not taken");
    check(b.host.bulk_out(1, {1, 0, 0, 0}).status == Status::OK, "foreign: ours still comes");
    b.check_rules("foreign");
}

// A reader or a host that does not come: nothing moves, nothing is lost.
static void nak_storm(unsigned number)
{
    Bench b(number);
    check(b.start(), "NAK storm: start");
    b.ready_chance = 0;
    uint32_t state = 5;
    Bytes data = lfsr_bytes(state, 1024);
    size_t sent = 0;
    Transfer t = b.host.bulk_out(1, data, &sent);
    check(t.status == Status::NAK && sent > 0 && sent < data.size(),
          "NAK storm: a host that gives up knows what it sent");
    for (int i = 0; i < 2000; i++) {
        b.host.bulk_in(1, 0);
        if (b.host.ping(1) != PID_NAK || b.host.in(1, nullptr) != PID_NAK) {
            check(false, "NAK storm: NAK each time");
            break;
        }
    }
    b.ready_chance = 256;
    check(b.host.bulk_out(1, Bytes(data.begin() + long(sent), data.end())).status == Status::OK, "NAK storm: goes on");
    b.host.idle(1000);
    uint32_t want = 5;
    bool same = b.from_host.size() == 1024;
    for (size_t i = 0; same && i < 1024; i++) {
        same = b.from_host[i].data == lfsr_next(want);
    }
    check(same, "NAK storm: every word once");
    b.check_rules("NAK storm");
}

void test_faults()
{
    for (int kind = BIT; kind <= KINDS; kind++) {
        loop_with(kind, true, 8, unsigned(100 + kind));
    }
    loop_with(KINDS, false, 8, 120);
    stated_errors(121);
    control_with_faults(122);
    interrupted(123);
    nak_storm(124);
    foreign_traffic(126);
    interrupted_in(125);
}

} // namespace nave_usb
