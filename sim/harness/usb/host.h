/* USB 2.0 host: one port, straight-line calls that run the clock until they are answered. Times, retries, PING, toggles
 * and microframes as a host controller keeps them; a hook may spoil any packet on its way. Also the place where a
 * usbredir server gets its transfers done: control(), bulk_out() and bulk_in() are what it needs.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_HOST_H
#define NAVE_SIM_USB_HOST_H

#include "device.h"
#include "packet.h"
#include "phy.h"

#include <functional>
#include <random>
#include <string>

namespace nave_usb
{

constexpr uint64_t MILLISECOND = 60000, MICROSECOND = 60;

enum class Status {
    OK,
    STALL,
    NAK,    // the device was not ready within the time given
    ERROR,  // three faults in a row (or as many as `error_limit` says)
    BABBLE, // more data than asked for
};

const char *status_name(Status status);

struct Setup {
    uint8_t type, request;
    uint16_t value, index, length;
};

struct Transfer {
    Status status = Status::OK;
    Bytes data;
};

// A spoiled packet: what to send (none: lost), how much later, with an RxError, how many times.
struct Spoiled {
    Bytes bytes;
    bool lost = false;
    unsigned delay = 0;
    int error_at = -1;
    unsigned copies = 1;
};

struct HostStatistics {
    uint64_t packets_out = 0, packets_in = 0, naks = 0, nyets = 0, pings = 0, faults = 0, repeated_in = 0, sofs = 0;
};

class Host
{
  public:
    Host(Device &device, uint64_t seed) : phy(seed), device_(device), random_(seed * 7 + 1)
    {
    }

    // time
    void tick();
    void idle(uint64_t clocks);         // without traffic: more than 3 ms of it is a suspend
    void frames(unsigned milliseconds); // with SOFs
    uint64_t now() const
    {
        return time_;
    }

    // port
    bool wait_attached(uint64_t clocks);                                // until the pull-up shows
    bool reset(bool high_speed_hub = true, unsigned milliseconds = 12); // true: it is high speed now
    void suspend();
    void resume();
    void unplug(); // VBUS off
    void plug();
    bool high_speed() const
    {
        return high_;
    }

    // transfers
    Transfer control(const Setup &setup, const Bytes &data = {});
    Transfer bulk_out(unsigned endpoint, const Bytes &data, size_t *sent = nullptr);
    Transfer bulk_in(unsigned endpoint, size_t length); // ends with a short packet or at length
    void reset_toggles()
    {
        toggle_out_ = toggle_in_ = ping_ = false;
    }

    // transactions
    void send_token(unsigned pid, unsigned address, unsigned endpoint);
    void send_data(unsigned pid, const Bytes &data);
    void send_handshake(unsigned pid);
    void send_raw(const Bytes &bytes, int error_at = -1);
    unsigned receive(Bytes *packet = nullptr); // PID, PID_NONE for no answer, PID_BAD
    unsigned out(unsigned token, unsigned endpoint, unsigned data_pid, const Bytes &data);
    unsigned in(unsigned endpoint, Bytes *data, bool acknowledge = true);
    unsigned ping(unsigned endpoint);
    void start_of_frame();
    void room(uint64_t clocks); // wait for the next microframe if this one has no room for that much

    uint8_t address = 0;
    unsigned packet_size() const
    {
        return high_ ? 512 : 64;
    }
    unsigned error_limit = 3;
    uint64_t nak_limit = 3 * MILLISECOND; // of waiting in one bulk transfer without progress
    bool use_ping = true;
    std::function<void(Spoiled &)> spoil_out; // host to device
    std::function<bool(Bytes &)> spoil_in;    // device to host; false: lost
    std::function<void()> each_clock;
    Phy phy;
    HostStatistics statistics;

  private:
    void drive(Line line, uint64_t clocks);
    Transfer control_data_in(const Setup &setup);
    Status control_status(bool in);
    uint64_t length_on_wire(const Bytes &bytes) const
    {
        unsigned stuffed = stuffed_bits(bytes);
        return high_ ? 4 + bytes.size() + stuffed / 8 + 1 : 40 + bytes.size() * 40 + stuffed * 5 + 15;
    }

    Device &device_;
    std::mt19937_64 random_;
    Pins pins_;
    uint64_t time_ = 0, quiet_since_ = 0;
    uint64_t free_at_ = 0; // earliest start of the host's next packet
    uint64_t next_sof_ = 0, sof_number_ = 0;
    bool high_ = false, toggle_out_ = false, toggle_in_ = false, ping_ = false;
};

} // namespace nave_usb

#endif
