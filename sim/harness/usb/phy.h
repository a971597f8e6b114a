/* ULPI PHY model (USB3343 wired as on Cynthion, D+ and D- crossed): registers, RX CMDs, packets both ways with their
 * times on the wire. It checks the link: who drives the bus, turnarounds, answer times, order of register writes. Time
 * is in clocks of 60 MHz, which is a byte at high speed and a fifth of a bit at full speed.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_PHY_H
#define NAVE_SIM_USB_PHY_H

#include "device.h"
#include "packet.h"

#include <cstdint>
#include <deque>
#include <random>
#include <string>

namespace nave_usb
{

enum Line : uint8_t { SE0 = 0, J = 1, K = 2, RELEASED = 4 };

// A packet of the host on its way to the device, with what goes wrong with it.
struct Incoming {
    Bytes bytes;
    uint64_t start = 0; // first bit of SYNC
    uint64_t end = 0;   // last bit of EOP
    int error_at = -1;  // RX CMD with RxError at this byte
};

// A packet of the device.
struct Outgoing {
    Bytes bytes;
    uint64_t start = 0, end = 0;
};

struct PhyStatistics {
    unsigned decision_least = ~0u, decision_most = 0; // clocks from DIR low to TX CMD
    unsigned answer_least = ~0u, answer_most = 0;     // clocks from end of packet to first SYNC bit on the wire
    unsigned register_writes = 0, register_aborts = 0;
};

class Phy
{
  public:
    explicit Phy(uint64_t seed) : random_(seed)
    {
        power_up(0);
    }
    // one clock: looks at what the link drives now, gives what the PHY drives after the edge
    void step(const Pins &now, Pins &next, uint64_t time);
    void drive(Line line)
    {
        host_line_ = line;
    }
    void set_vbus(bool on)
    {
        vbus_ = on ? 3 : 0;
    }
    void send(const Incoming &packet)
    {
        incoming_.push_back(packet);
    }
    bool take(Outgoing &packet);
    // what the host's port sees: its own drive, the pull-up, the device's chirp or test level
    Line line() const;
    Line driven_by_device() const
    {
        return device_line_;
    }
    bool high_speed() const
    {
        return (function_ & 7) == 0; // high-speed transceiver, terminations on
    }
    bool transmitting() const
    {
        return state_ == TX || !outgoing_.empty();
    }
    bool resting() const;
    uint64_t next_event() const
    {
        return state_ == ASLEEP ? awake_at_ : ~uint64_t(0);
    }
    uint8_t read_register(unsigned address) const
    {
        return registers_[address & 63];
    }
    // chance in 256 that a register access is interrupted by an RX CMD, and that bytes of a packet come with gaps
    unsigned interrupt_chance = 16, gap_chance = 8;
    bool scratch_fails = false;   // a PHY that does not remember what was written to it
    bool unasked_allowed = false; // the test packet comes without a token
    std::string violation;        // the first rule the link broke
    PhyStatistics statistics;

  private:
    enum State {
        ASLEEP,
        IDLE,
        COMMAND,
        RX_COMMAND,
        RX,
        TX,
        REGISTER_DATA,
        REGISTER_STOP,
        REGISTER_TURN,
        REGISTER_READ
    };
    void power_up(uint64_t time);
    void complain(uint64_t time, const std::string &what);
    void write_register(uint64_t time);
    void idle(const Pins &now, Pins &next, uint64_t time);
    void command(const Pins &now, Pins &next, uint64_t time);
    void receive(Pins &next, uint64_t time);
    void transmit(const Pins &now, Pins &next, uint64_t time);
    void begin_receive(Pins &next, uint64_t time);
    uint8_t rx_command(unsigned active) const;
    unsigned line_state() const;
    unsigned chance(unsigned n)
    {
        return unsigned(random_() % n);
    }

    std::mt19937_64 random_;
    State state_ = ASLEEP;
    uint8_t registers_[64];
    uint8_t function_ = 0x41;
    Line host_line_ = RELEASED, device_line_ = RELEASED;
    unsigned vbus_ = 3;
    uint64_t awake_at_ = 0;
    bool dir_before_ = true;
    uint8_t reported_ = 0xff;   // the last RX CMD, without the packet bits
    uint64_t report_after_ = 0; // no RX CMD before
    // command and registers
    unsigned delay_ = 0;
    uint8_t command_ = 0, data_ = 0;
    bool seen_ = false;
    // receiving
    std::deque<Incoming> incoming_;
    Incoming packet_;
    std::vector<uint64_t> due_; // when each byte is handed over
    size_t at_ = 0;
    uint64_t rx_end_ = 0;
    bool first_ = false, error_told_ = false;
    uint64_t free_since_ = 0, wire_end_ = 0;
    bool answer_expected_ = false;
    // transmitting
    Bytes sent_;
    bool raw_ = false, accepted_ = false;
    uint64_t tx_start_ = 0, tx_end_ = 0, next_byte_ = 0;
    unsigned ones_ = 0, stuffed_ = 0;
    std::deque<Outgoing> outgoing_;
};

} // namespace nave_usb

#endif
