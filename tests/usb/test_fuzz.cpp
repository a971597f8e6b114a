/* Random packets: any bytes, and packets that are nearly right, in any order and at any distance. After each thousand
 * the device must answer a GET_DESCRIPTOR; what it sends itself must always be whole packets at the right times.
 * SPDX-License-Identifier: ISC */
#include "usb_test.h"

#include <cstdio>
#include <cstdlib>

namespace nave_usb
{

// after_token: mostly data comes behind an OUT or SETUP
static Bytes random_packet(std::mt19937_64 &random, unsigned address, bool after_token)
{
    static const uint8_t token_pids[] = {PID_OUT, PID_IN, PID_SETUP, PID_PING, PID_SOF};
    static const uint8_t data_pids[] = {PID_DATA0, PID_DATA1, PID_DATA2, PID_MDATA};
    static const uint8_t handshakes[] = {PID_ACK, PID_NAK, PID_STALL, PID_NYET};
    Bytes p;
    switch (after_token && random() % 4 ? 7 : random() % 8) {
    case 0: // noise
        p.resize(random() % 20);
        for (uint8_t &b : p) {
            b = uint8_t(random());
        }
        return p;
    case 1:
        return {pid_byte(handshakes[random() % 4])};
    case 2:
    case 3:
    case 4: {
        unsigned to = random() % 8 ? address : unsigned(random() % 128);
        unsigned endpoint = random() % 8 ? unsigned(random() % 2) : unsigned(random() % 16);
        p = token_packet(token_pids[random() % 5], to | endpoint << 7);
        break;
    }
    default: {
        size_t size = random() % 4 ? random() % 16 : random() % 600;
        Bytes data(random() % 3 ? 8 : size);
        for (uint8_t &b : data) {
            b = uint8_t(random() % 2 ? random() : random() % 12);
        }
        if (data.size() == 8 && data[0] == 0 && data[1] == 3 && data[2] == 2) {
            data[2] = 7; // a test mode would be meant for ever
        }
        p = data_packet(data_pids[random() % 8 ? random() % 2 : random() % 4], data.data(), data.size());
    }
    }
    switch (random() % 16) {
    case 0:
        p[random() % p.size()] ^= uint8_t(1u << random() % 8);
        break;
    case 1:
        p.resize(random() % p.size());
        break;
    case 2:
        p.push_back(uint8_t(random()));
        break;
    }
    return p;
}

void test_fuzz()
{
    const char *given = getenv("NAVE_CASES");
    unsigned long cases = given ? strtoul(given, nullptr, 0) : 20000, done = 0, answered = 0, answers = 0, bad = 0;
    for (unsigned run = 0; done < cases; run++) {
        bool high = run % 5 != 4;
        Bench b(1000 + run);
        b.loop = true;
        b.loop_transfer = 40;
        check(b.start(high), "fuzz: start");
        unsigned address = 5;
        bool after_token = false;
        for (unsigned k = 0; k < (high ? 10 : 2) && done < cases; k++) {
            for (unsigned i = 0; i < 1000 && done < cases; i++, done++) {
                b.host.room(high ? 800 : 30000);
                Bytes packet = random_packet(b.random, address, after_token);
                b.host.send_raw(packet, b.random() % 32 ? -1 : int(b.random() % 8));
                after_token = !packet.empty() && (packet[0] == pid_byte(PID_OUT) || packet[0] == pid_byte(PID_SETUP)) &&
                              b.random() % 8;
                if (after_token) {
                    continue;
                }
                if (b.random() % 4) {
                    Bytes p;
                    unsigned pid = b.host.receive(&p);
                    answers += pid != PID_NONE;
                    bad += pid == PID_BAD;
                    if ((pid == PID_DATA0 || pid == PID_DATA1) && b.random() % 2) {
                        b.host.send_handshake(PID_ACK);
                    }
                } else {
                    b.host.idle(b.random() % 60);
                    Outgoing p;
                    while (b.host.phy.transmitting()) { // talked over or not, it is waited for
                        b.host.phy.take(p);
                        b.host.tick();
                    }
                }
            }
            b.host.idle(300); // what it still has to say
            Outgoing rest;
            while (b.host.phy.take(rest)) {
            }
            // a SET_ADDRESS may have come through
            Transfer t;
            for (unsigned a = 0; a < 128; a++) {
                b.host.address = uint8_t((address + a) % 128);
                b.host.error_limit = 1;
                t = b.get_descriptor(1, 0, 18);
                if (t.status == Status::OK) {
                    break;
                }
            }
            address = b.host.address;
            bool good = t.data == Bytes(nave_usb_device, nave_usb_device + 18);
            answered += good;
            if (!good) {
                check(false, "fuzz: no answer after packet " + std::to_string(done) + ", run " + std::to_string(run));
                return;
            }
        }
        b.check_rules("fuzz, run " + std::to_string(run));
    }
    printf("fuzz: %lu packets, %lu answers of the device, %lu times asked for its descriptor\n", done, answers,
           answered);
    check(bad == 0, "fuzz: what the device sends is always whole");
    check(answered >= cases / 1000, "fuzz: GET_DESCRIPTOR answered after each thousand");
}

} // namespace nave_usb
