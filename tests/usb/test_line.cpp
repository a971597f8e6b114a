/* The line: start-up of the PHY, attach, chirp and fall-back, suspend, resume, reset in each state, unplug, test modes.
 * SPDX-License-Identifier: ISC */
#include "usb_test.h"

namespace nave_usb
{

static bool alive(Bench &b)
{
    return b.get_descriptor(1, 0, 18).data == Bytes(nave_usb_device, nave_usb_device + 18);
}

static void suspend_and_resume(bool high, unsigned number)
{
    std::string at = high ? "high speed: " : "full speed: ";
    Bench b(number);
    check(b.start(high), at + "start");
    b.no_data(2, 3, 0, 0x81); // a halt must survive
    b.host.idle(2900 * MICROSECOND);
    check(!b.device.suspended() && b.host.phy.high_speed() == high, at + "2.9 ms of silence are no suspend");
    b.host.frames(2);
    b.host.suspend();
    check(b.device.suspended() && !b.host.phy.high_speed(), at + "suspended 4 ms after the last packet");
    check(b.host.phy.line() == J, at + "the pull-up shows while suspended");
    b.host.idle(50 * MILLISECOND);
    check(b.device.suspended(), at + "stays suspended");
    b.host.resume();
    check(!b.device.suspended() && b.host.phy.high_speed() == high, at + "resumed at the same speed");
    check(alive(b), at + "address kept over the suspend");
    Transfer halt = b.get(0x82, 0, 0, 0x81, 2);
    check(halt.data == Bytes({1, 0}), at + "halt kept over the suspend");
    b.host.suspend();
    check(b.host.reset(high) == high, at + "reset while suspended");
    check(b.get(0x80, 8, 0, 0, 1).status == Status::STALL && alive(b), at + "a reset takes address and configuration");
    check(b.counter(NAVE_USB_COUNTER_SUSPENDS) == 2, at + "suspends counted");
    check(b.counter(NAVE_USB_COUNTER_BUS_RESETS) == 2, at + "resets counted");
    b.check_rules(at + "suspend");
}

static void resets()
{
    Bench b(20);
    check(b.start(), "resets: start");
    for (int i = 0; i < 6; i++) {
        bool high = b.random() % 2;
        check(b.host.reset(high, 10 + unsigned(b.random() % 40)) == high, "resets: speed as the hub has it");
        check(b.configure() && alive(b), "resets: configured again");
    }
    // the shortest SE0 that a device may take for a reset at full speed is 2.5 us
    b.host.reset(false);
    check(b.configure(), "resets: full speed");
    b.host.phy.drive(SE0);
    b.host.idle(100);
    b.host.phy.drive(RELEASED);
    b.host.idle(100);
    check(alive(b), "resets: 1.7 us of SE0 are none");
    b.check_rules("resets");
}

static void unplug()
{
    Bench b(21);
    check(b.start(), "unplug: start");
    b.host.unplug();
    check(b.host.phy.line() == SE0 && !b.device.configured(), "unplug: no pull-up without VBUS");
    b.host.plug();
    check(b.start(), "unplug: comes back");
    check(alive(b), "unplug: answers again");
    // in the middle of a chirp
    b.host.phy.drive(SE0);
    b.host.idle(800 * MICROSECOND + 3 * MILLISECOND);
    check(b.host.phy.driven_by_device() == K, "unplug: device chirps");
    b.host.unplug();
    b.host.idle(2 * MILLISECOND); // the PHY tells of VBUS when the link lets go of the bus
    check(b.host.phy.driven_by_device() == RELEASED, "unplug: the chirp ends");
    b.host.phy.drive(RELEASED);
    b.host.plug();
    check(b.start() && alive(b), "unplug: comes back from there");
    b.check_rules("unplug");
}

static void phy_start()
{
    Bench b(22);
    b.host.phy.interrupt_chance = 128; // of 256, at each step of a register access
    check(b.start() && alive(b), "PHY: starts although half of the register accesses are interrupted");
    check(b.host.phy.statistics.register_aborts > 3, "PHY: they were interrupted");
    check(b.host.phy.read_register(0x39) == 6 && b.host.phy.read_register(0x0a) == 0,
          "PHY: swap and pull-downs written");
    b.check_rules("PHY");
    Bench lame(23);
    lame.host.phy.scratch_fails = true;
    check(!lame.host.wait_attached(10 * MILLISECOND), "PHY: one that does not keep a register is not attached");
    lame.host.phy.scratch_fails = false;
    check(lame.start(), "PHY: reset and tried again");
    lame.check_rules("PHY");
}

static void test_modes()
{
    for (unsigned mode = 1; mode <= 4; mode++) {
        std::string at = "test mode " + std::to_string(mode) + ": ";
        Bench b(30 + mode);
        check(b.start(), at + "start");
        b.host.phy.unasked_allowed = mode == 4;
        check(b.no_data(0, 3, 2, mode << 8).status == Status::OK, at + "accepted");
        b.host.idle(MILLISECOND);
        if (mode < 3) {
            check(b.host.phy.driven_by_device() == (mode == 1 ? J : K), at + "level on the line");
            b.host.idle(20 * MILLISECOND);
            check(b.host.phy.driven_by_device() == (mode == 1 ? J : K), at + "and it stays");
        } else if (mode == 3) {
            b.host.idle(20 * MILLISECOND);
            for (unsigned endpoint = 0; endpoint < 16; endpoint++) {
                b.host.address = uint8_t(endpoint * 8);
                check(b.host.in(endpoint, nullptr) == PID_NAK, at + "NAK to any IN, after 20 ms of silence");
            }
        } else {
            Bytes want = data_packet(PID_DATA0, nave_usb_test_packet, sizeof nave_usb_test_packet);
            Outgoing p, before;
            for (int i = 0; i < 5; i++) {
                before = p;
                for (int wait = 0; wait < 1000 && !b.host.phy.take(p); wait++) {
                    b.host.tick();
                }
                check(p.bytes == want, at + "the packet of USB 2.0, 7.1.20");
                check(i < 2 || (p.start - before.end >= 11 && p.start - before.end < 192), at + "its gaps");
            }
        }
        if (mode < 3) {
            b.check_rules(at); // the PHY cannot tell of VBUS while the link transmits: the board's power must go
            continue;
        }
        b.host.unplug();
        b.host.phy.unasked_allowed = false;
        Outgoing rest;
        while (b.host.phy.take(rest)) {
        }
        b.host.plug();
        check(b.start() && alive(b), at + "left by a loss of power");
        b.check_rules(at);
    }
}

void test_line()
{
    suspend_and_resume(true, 10);
    suspend_and_resume(false, 11);
    resets();
    unplug();
    phy_start();
    test_modes();
}

} // namespace nave_usb
