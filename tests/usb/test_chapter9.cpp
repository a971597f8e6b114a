/* Conformance list for USB 2.0 chapter 9, printed as a table: each request in each state, legal and illegal, each
 * descriptor at each length that matters, what each state change does. The expectation is written here, from the
 * standard. SPDX-License-Identifier: ISC */
#include "usb_test.h"

#include <cstdio>

namespace nave_usb
{

enum State { DEFAULT, ADDRESS, CONFIGURED };

static void row(const std::string &what, const std::string &state, const std::string &want, const std::string &got)
{
    bool good = want == got;
    printf("| %-58s | %-10s | %-12s | %-12s |%s\n", what.c_str(), state.c_str(), want.c_str(), got.c_str(),
           good ? "" : " <--");
    check(good, "chapter 9: " + what + ", " + state + ": want " + want + ", got " + got);
}

static std::string hex(const Bytes &b)
{
    std::string s = "ok";
    for (uint8_t x : b) {
        char t[4];
        snprintf(t, sizeof t, " %02x", x);
        s += t;
    }
    return b.size() > 3 ? "ok, " + std::to_string(b.size()) + " bytes" : s;
}

static std::string answer(const Transfer &t)
{
    return t.status == Status::OK ? hex(t.data) : status_name(t.status);
}

static bool bring_to(Bench &b, State state, bool high)
{
    if (!b.host.wait_attached(10 * MILLISECOND) || b.host.reset(high) != high) {
        return false;
    }
    if (state >= ADDRESS) {
        if (b.no_data(0, 5, 9, 0).status != Status::OK) {
            return false;
        }
        b.host.address = 9;
    }
    return state < CONFIGURED || b.no_data(0, 9, 1, 0).status == Status::OK;
}

struct Request {
    const char *what;
    uint8_t type, request;
    uint16_t value, index, length;
    const char *want[3]; // in default, address, configured state
};

#define NEVER                                                                                                          \
    {                                                                                                                  \
        "stall", "stall", "stall"                                                                                      \
    }

// what leaves the state as it is
static const Request requests[] = {
    {"GET_STATUS device", 0x80, 0, 0, 0, 2, {"stall", "ok 00 00", "ok 00 00"}},
    {"GET_STATUS device, wValue 1", 0x80, 0, 1, 0, 2, NEVER},
    {"GET_STATUS device, wIndex 1", 0x80, 0, 0, 1, 2, NEVER},
    {"GET_STATUS device, wLength 1", 0x80, 0, 0, 0, 1, {"stall", "ok 00", "ok 00"}},
    {"GET_STATUS device, wLength 0", 0x80, 0, 0, 0, 0, {"stall", "ok", "ok"}},
    {"GET_STATUS interface 0", 0x81, 0, 0, 0, 2, {"stall", "stall", "ok 00 00"}},
    {"GET_STATUS interface 1", 0x81, 0, 0, 1, 2, NEVER},
    {"GET_STATUS endpoint 0", 0x82, 0, 0, 0, 2, {"stall", "ok 00 00", "ok 00 00"}},
    {"GET_STATUS endpoint 0 IN", 0x82, 0, 0, 0x80, 2, {"stall", "ok 00 00", "ok 00 00"}},
    {"GET_STATUS endpoint 1", 0x82, 0, 0, 0x01, 2, {"stall", "stall", "ok 00 00"}},
    {"GET_STATUS endpoint 0x81", 0x82, 0, 0, 0x81, 2, {"stall", "stall", "ok 00 00"}},
    {"GET_STATUS endpoint 2", 0x82, 0, 0, 0x02, 2, NEVER},
    {"GET_STATUS endpoint 0x8f", 0x82, 0, 0, 0x8f, 2, NEVER},
    {"GET_STATUS endpoint 0x101", 0x82, 0, 0, 0x101, 2, NEVER},
    {"GET_STATUS recipient other", 0x83, 0, 0, 0, 2, NEVER},
    {"GET_STATUS as host-to-device", 0x00, 0, 0, 0, 0, NEVER},
    {"CLEAR_FEATURE remote wake-up", 0x00, 1, 1, 0, 0, NEVER},
    {"CLEAR_FEATURE test mode", 0x00, 1, 2, 0, 0, NEVER},
    {"CLEAR_FEATURE interface", 0x01, 1, 0, 0, 0, NEVER},
    {"CLEAR_FEATURE halt, endpoint 0", 0x02, 1, 0, 0, 0, {"stall", "ok", "ok"}},
    {"CLEAR_FEATURE halt, endpoint 1", 0x02, 1, 0, 0x01, 0, {"stall", "stall", "ok"}},
    {"CLEAR_FEATURE halt, endpoint 0x81", 0x02, 1, 0, 0x81, 0, {"stall", "stall", "ok"}},
    {"CLEAR_FEATURE halt, endpoint 3", 0x02, 1, 0, 0x03, 0, NEVER},
    {"CLEAR_FEATURE feature 1, endpoint 1", 0x02, 1, 1, 0x01, 0, NEVER},
    {"CLEAR_FEATURE halt, endpoint 1, with data", 0x02, 1, 0, 0x01, 2, NEVER},
    {"SET_FEATURE remote wake-up", 0x00, 3, 1, 0, 0, NEVER},
    {"SET_FEATURE feature 7", 0x00, 3, 7, 0, 0, NEVER},
    {"SET_FEATURE test mode 0", 0x00, 3, 2, 0x000, 0, NEVER},
    {"SET_FEATURE test mode 5 (hubs only)", 0x00, 3, 2, 0x500, 0, NEVER},
    {"SET_FEATURE test mode 0xff", 0x00, 3, 2, 0xff00, 0, NEVER},
    {"SET_FEATURE test mode 1, wIndex low not 0", 0x00, 3, 2, 0x101, 0, NEVER},
    {"SET_FEATURE interface", 0x01, 3, 0, 0, 0, NEVER},
    {"SET_FEATURE halt, endpoint 0", 0x02, 3, 0, 0, 0, NEVER},
    {"SET_FEATURE halt, endpoint 2", 0x02, 3, 0, 2, 0, NEVER},
    {"SET_FEATURE feature 2, endpoint 1", 0x02, 3, 2, 1, 0, NEVER},
    {"SET_ADDRESS 128", 0x00, 5, 128, 0, 0, NEVER},
    {"SET_ADDRESS 9, wIndex 1", 0x00, 5, 9, 1, 0, NEVER},
    {"SET_ADDRESS 9, with data", 0x00, 5, 9, 0, 1, NEVER},
    {"SET_ADDRESS to an interface", 0x01, 5, 9, 0, 0, NEVER},
    {"GET_DESCRIPTOR device", 0x80, 6, 0x100, 0, 18, {"ok, 18 bytes", "ok, 18 bytes", "ok, 18 bytes"}},
    {"GET_DESCRIPTOR device, wLength 0", 0x80, 6, 0x100, 0, 0, {"ok", "ok", "ok"}},
    {"GET_DESCRIPTOR device, wLength 1", 0x80, 6, 0x100, 0, 1, {"ok 12", "ok 12", "ok 12"}},
    {"GET_DESCRIPTOR device, wLength 65535",
     0x80,
     6,
     0x100,
     0,
     65535,
     {"ok, 18 bytes", "ok, 18 bytes", "ok, 18 bytes"}},
    {"GET_DESCRIPTOR device 1", 0x80, 6, 0x101, 0, 18, NEVER},
    {"GET_DESCRIPTOR configuration", 0x80, 6, 0x200, 0, 255, {"ok, 32 bytes", "ok, 32 bytes", "ok, 32 bytes"}},
    {"GET_DESCRIPTOR configuration, wLength 31",
     0x80,
     6,
     0x200,
     0,
     31,
     {"ok, 31 bytes", "ok, 31 bytes", "ok, 31 bytes"}},
    {"GET_DESCRIPTOR configuration 1", 0x80, 6, 0x201, 0, 255, NEVER},
    {"GET_DESCRIPTOR string 0", 0x80, 6, 0x300, 0, 255, {"ok, 4 bytes", "ok, 4 bytes", "ok, 4 bytes"}},
    {"GET_DESCRIPTOR string 2", 0x80, 6, 0x302, 0x409, 255, {"ok, 42 bytes", "ok, 42 bytes", "ok, 42 bytes"}},
    {"GET_DESCRIPTOR string 4", 0x80, 6, 0x304, 0x409, 255, NEVER},
    {"GET_DESCRIPTOR string 0xee (MS OS 1.0)", 0x80, 6, 0x3ee, 0, 18, NEVER},
    {"GET_DESCRIPTOR interface (only in a configuration)", 0x80, 6, 0x400, 0, 9, NEVER},
    {"GET_DESCRIPTOR endpoint (only in a configuration)", 0x80, 6, 0x500, 0, 7, NEVER},
    {"GET_DESCRIPTOR qualifier", 0x80, 6, 0x600, 0, 10, {"ok, 10 bytes", "ok, 10 bytes", "ok, 10 bytes"}},
    {"GET_DESCRIPTOR qualifier 1", 0x80, 6, 0x601, 0, 10, NEVER},
    {"GET_DESCRIPTOR other speed", 0x80, 6, 0x700, 0, 255, {"ok, 32 bytes", "ok, 32 bytes", "ok, 32 bytes"}},
    {"GET_DESCRIPTOR debug", 0x80, 6, 0xa00, 0, 4, NEVER},
    {"GET_DESCRIPTOR BOS", 0x80, 6, 0xf00, 0, 255, {"ok, 40 bytes", "ok, 40 bytes", "ok, 40 bytes"}},
    {"GET_DESCRIPTOR 0xff", 0x80, 6, 0xff00, 0, 255, NEVER},
    {"GET_DESCRIPTOR interface recipient", 0x81, 6, 0x100, 0, 18, NEVER},
    {"GET_DESCRIPTOR class type", 0xa0, 6, 0x100, 0, 18, NEVER},
    {"SET_DESCRIPTOR", 0x00, 7, 0x100, 0, 18, NEVER},
    {"SET_DESCRIPTOR without data", 0x00, 7, 0x100, 0, 0, NEVER},
    {"GET_CONFIGURATION", 0x80, 8, 0, 0, 1, {"stall", "ok 00", "ok 01"}},
    {"GET_CONFIGURATION, wValue 1", 0x80, 8, 1, 0, 1, NEVER},
    {"SET_CONFIGURATION 2", 0x00, 9, 2, 0, 0, NEVER},
    {"SET_CONFIGURATION 0x101", 0x00, 9, 0x101, 0, 0, NEVER},
    {"SET_CONFIGURATION 1, wIndex 1", 0x00, 9, 1, 1, 0, NEVER},
    {"SET_CONFIGURATION 1, with data", 0x00, 9, 1, 0, 4, NEVER},
    {"GET_INTERFACE 0", 0x81, 10, 0, 0, 1, {"stall", "stall", "ok 00"}},
    {"GET_INTERFACE 1", 0x81, 10, 0, 1, 1, NEVER},
    {"SET_INTERFACE 0, setting 0", 0x01, 11, 0, 0, 0, {"stall", "stall", "ok"}},
    {"SET_INTERFACE 0, setting 1", 0x01, 11, 1, 0, 0, NEVER},
    {"SET_INTERFACE 1", 0x01, 11, 0, 1, 0, NEVER},
    {"SYNCH_FRAME", 0x82, 12, 0, 0x81, 2, NEVER},
    {"request 2 (reserved)", 0x80, 2, 0, 0, 2, NEVER},
    {"request 4 (reserved)", 0x00, 4, 0, 0, 0, NEVER},
    {"request 0xff", 0x80, 0xff, 0, 0, 2, NEVER},
    {"class request", 0x21, 1, 0, 0, 0, NEVER},
    {"vendor: MS OS 2.0 set", 0xc0, 0x20, 0, 7, 255, {"ok, 162 bytes", "ok, 162 bytes", "ok, 162 bytes"}},
    {"vendor: MS OS 2.0, first 128 bytes (two whole packets)",
     0xc0,
     0x20,
     0,
     7,
     128,
     {"ok, 128 bytes", "ok, 128 bytes", "ok, 128 bytes"}},
    {"vendor: MS OS 2.0, wIndex 8 (alternate enumeration)", 0xc0, 0x20, 0, 8, 0, NEVER},
    {"vendor: MS OS 2.0, wIndex 4 (MS OS 1.0)", 0xc0, 0x20, 0, 4, 16, NEVER},
    {"vendor: counters", 0xc0, 0x21, 0, 0, 16, {"ok, 16 bytes", "ok, 16 bytes", "ok, 16 bytes"}},
    {"vendor: counters, wIndex 1", 0xc0, 0x21, 0, 1, 16, NEVER},
    {"vendor: host to device", 0x40, 0x20, 0, 7, 0, NEVER},
    {"reserved type", 0xe0, 6, 0x100, 0, 18, NEVER},
};

static const char *const state_names[] = {"default", "address", "configured"};

static void all_requests(bool high)
{
    for (int state = DEFAULT; state <= CONFIGURED; state++) {
        Bench b(unsigned(60 + state + (high ? 0 : 3)));
        std::string name = std::string(state_names[state]) + (high ? "" : " FS");
        check(bring_to(b, State(state), high), "chapter 9: state " + name);
        for (const Request &r : requests) {
            Bytes data(r.type & 0x80 ? 0 : r.length, 0x5a);
            std::string got = answer(b.host.control({r.type, r.request, r.value, r.index, r.length}, data));
            row(r.what, name, r.want[state], got);
        }
        // nothing of it changed the state
        row("afterwards: GET_CONFIGURATION", name,
            state == DEFAULT   ? "stall"
            : state == ADDRESS ? "ok 00"
                               : "ok 01",
            answer(b.get(0x80, 8, 0, 0, 1)));
        if (!high) {
            row("SET_FEATURE test mode 1 at full speed", name, "stall", answer(b.no_data(0, 3, 2, 0x100)));
        }
        b.check_rules("chapter 9, " + name);
    }
}

static std::string pid_name(unsigned pid)
{
    switch (pid) {
    case PID_ACK:
        return "ACK";
    case PID_NAK:
        return "NAK";
    case PID_STALL:
        return "STALL";
    case PID_NYET:
        return "NYET";
    case PID_DATA0:
        return "DATA0";
    case PID_DATA1:
        return "DATA1";
    case PID_NONE:
        return "silence";
    }
    return "bad";
}

static void state_changes()
{
    Bench b(70);
    check(bring_to(b, DEFAULT, true), "chapter 9: changes");
    row("SET_ADDRESS 9", "default", "ok", answer(b.no_data(0, 5, 9, 0)));
    row("the old address after it", "address", "silence", pid_name(b.host.in(0, nullptr)));
    b.host.address = 9;
    row("SET_ADDRESS 0", "address", "ok", answer(b.no_data(0, 5, 0, 0)));
    b.host.address = 0;
    row("is back: GET_CONFIGURATION", "default", "stall", answer(b.get(0x80, 8, 0, 0, 1)));
    b.no_data(0, 5, 127, 0);
    b.host.address = 127;
    row("SET_ADDRESS 127: GET_CONFIGURATION", "address", "ok 00", answer(b.get(0x80, 8, 0, 0, 1)));
    row("SET_ADDRESS whose status stage was not fetched", "address", "ok 00", [&] {
        Bytes raw = {0, 5, 3, 0, 0, 0, 0, 0};
        b.host.out(PID_SETUP, 0, PID_DATA0, raw);
        return answer(b.get(0x80, 8, 0, 0, 1)); // still at 127
    }());
    row("bulk OUT before SET_CONFIGURATION", "address", "silence",
        pid_name(b.host.out(PID_OUT, 1, PID_DATA0, {1, 2, 3, 4})));
    row("bulk IN before SET_CONFIGURATION", "address", "silence", pid_name(b.host.in(1, nullptr)));
    row("endpoint 2", "address", "silence", pid_name(b.host.in(2, nullptr)));
    row("SET_CONFIGURATION 1", "address", "ok", answer(b.no_data(0, 9, 1, 0)));
    row("SET_ADDRESS 4", "configured", "stall", answer(b.no_data(0, 5, 4, 0)));
    row("bulk OUT, DATA0", "configured", "ACK", pid_name(b.host.out(PID_OUT, 1, PID_DATA0, {1, 2, 3, 4})));
    row("SET_FEATURE halt, endpoint 1", "configured", "ok", answer(b.no_data(2, 3, 0, 1)));
    row("GET_STATUS endpoint 1", "configured", "ok 01 00", answer(b.get(0x82, 0, 0, 1, 2)));
    row("GET_STATUS endpoint 0x81", "configured", "ok 00 00", answer(b.get(0x82, 0, 0, 0x81, 2)));
    row("bulk OUT while halted", "configured", "STALL", pid_name(b.host.out(PID_OUT, 1, PID_DATA1, {1, 2, 3, 4})));
    row("SET_INTERFACE clears the halt", "configured", "ok", answer(b.no_data(1, 11, 0, 0)));
    row("GET_STATUS endpoint 1", "configured", "ok 00 00", answer(b.get(0x82, 0, 0, 1, 2)));
    row("bulk OUT begins with DATA0 again", "configured", "ACK",
        pid_name(b.host.out(PID_OUT, 1, PID_DATA0, {5, 6, 7, 8})));
    b.no_data(2, 3, 0, 0x81);
    row("SET_CONFIGURATION 1 again", "configured", "ok", answer(b.no_data(0, 9, 1, 0)));
    row("halt gone: GET_STATUS endpoint 0x81", "configured", "ok 00 00", answer(b.get(0x82, 0, 0, 0x81, 2)));
    row("bulk OUT begins with DATA0 again", "configured", "ACK",
        pid_name(b.host.out(PID_OUT, 1, PID_DATA0, {9, 9, 9, 9})));
    b.host.idle(500);
    row("words that came", "configured", "3", std::to_string(b.from_host.size()));
    row("SET_CONFIGURATION 0", "configured", "ok", answer(b.no_data(0, 9, 0, 0)));
    row("bulk IN", "address", "silence", pid_name(b.host.in(1, nullptr)));
    b.no_data(0, 9, 1, 0);
    row("SETUP to endpoint 1", "configured", "silence", pid_name(b.host.out(PID_SETUP, 1, PID_DATA0, Bytes(8, 0))));
    row("SETUP with DATA1", "configured", "silence", pid_name(b.host.out(PID_SETUP, 0, PID_DATA1, Bytes(8, 0))));
    row("SETUP of 7 bytes", "configured", "silence", pid_name(b.host.out(PID_SETUP, 0, PID_DATA0, Bytes(7, 0))));
    row("IN without a request", "configured", "STALL", pid_name(b.host.in(0, nullptr)));
    row("OUT of data without a request", "configured", "STALL", pid_name(b.host.out(PID_OUT, 0, PID_DATA1, {1})));
    Bytes ask = {0x80, 6, 0, 1, 0, 0, 18, 0};
    b.host.out(PID_SETUP, 0, PID_DATA0, ask);
    row("data stage, not acknowledged", "configured", "DATA1", pid_name(b.host.in(0, nullptr, false)));
    row("the same again", "configured", "DATA1", pid_name(b.host.in(0, nullptr)));
    row("IN behind the last data", "configured", "STALL", pid_name(b.host.in(0, nullptr)));
    row("status stage", "configured", "ACK", pid_name(b.host.out(PID_OUT, 0, PID_DATA1, {})));
    row("status stage whose ACK was lost", "configured", "ACK", pid_name(b.host.out(PID_OUT, 0, PID_DATA1, {})));
    b.host.out(PID_SETUP, 0, PID_DATA0, ask);
    row("status stage before the data", "configured", "ACK", pid_name(b.host.out(PID_OUT, 0, PID_DATA1, {})));
    b.host.out(PID_SETUP, 0, PID_DATA0, ask);
    row("SETUP in the data stage: the new one counts", "configured", "ok 01", answer(b.get(0x80, 8, 0, 0, 1)));
    b.host.out(PID_SETUP, 0, PID_DATA0, {0x80, 0xff, 0, 0, 0, 0, 2, 0});
    row("stalled: PING", "configured", "STALL", pid_name(b.host.ping(0)));
    row("stalled: IN", "configured", "STALL", pid_name(b.host.in(0, nullptr)));
    row("stalled: OUT", "configured", "STALL", pid_name(b.host.out(PID_OUT, 0, PID_DATA1, {})));
    row("the next SETUP ends it", "configured", "ok 01", answer(b.get(0x80, 8, 0, 0, 1)));
    b.check_rules("chapter 9, changes");
}

void test_chapter9()
{
    printf("| %-58s | %-10s | %-12s | %-12s |\n|---|---|---|---|\n", "request", "state", "wanted", "got");
    all_requests(true);
    all_requests(false);
    state_changes();
}

} // namespace nave_usb
