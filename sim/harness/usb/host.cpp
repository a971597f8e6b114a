/* USB host: time, port, packets and transactions. Transfers are in transfer.cpp.
 * SPDX-License-Identifier: ISC */
#include "host.h"

#include <algorithm>

namespace nave_usb
{

const char *status_name(Status status)
{
    switch (status) {
    case Status::OK:
        return "ok";
    case Status::STALL:
        return "stall";
    case Status::NAK:
        return "nak";
    case Status::ERROR:
        return "error";
    case Status::BABBLE:
        return "babble";
    }
    return "?";
}

void Host::tick()
{
    device_.settle(pins_);
    Pins next = pins_;
    phy.step(pins_, next, time_);
    device_.clock(pins_);
    bool moved = next.dir != pins_.dir || next.nxt != pins_.nxt || (next.dir && next.to_link != pins_.to_link) ||
                 pins_.stp || !device_.resting();
    pins_.dir = next.dir;
    pins_.nxt = next.nxt;
    pins_.to_link = next.to_link;
    time_++;
    if (moved || !phy.resting()) {
        quiet_since_ = time_;
    }
    if (each_clock) {
        each_clock();
    }
}

// Nothing moved for longer than any short counter in the device runs: let time pass until the device or the caller
// acts.
void Host::idle(uint64_t clocks)
{
    uint64_t end = time_ + clocks;
    while (time_ < end) {
        if (time_ - quiet_since_ > 400) {
            uint64_t until = std::min(end, phy.next_event());
            uint32_t timer = device_.timer();
            uint64_t most = until - time_;
            if (timer && timer < 16) {
                quiet_since_ = time_; // about to act: watch what comes of it
            } else if (timer) {
                most = std::min<uint64_t>(most, timer - 8);
            }
            if (most > 4 && quiet_since_ != time_) {
                device_.skip(uint32_t(most - 2));
                time_ += most - 2;
            }
        }
        tick();
    }
}

void Host::frames(unsigned milliseconds)
{
    uint64_t end = time_ + milliseconds * MILLISECOND;
    while (time_ < end) {
        if (time_ < next_sof_) {
            idle(std::min(next_sof_, end) - time_);
        }
        if (time_ >= next_sof_) {
            start_of_frame();
        }
    }
}

void Host::drive(Line line, uint64_t clocks)
{
    phy.drive(line);
    quiet_since_ = time_;
    idle(clocks);
}

bool Host::wait_attached(uint64_t clocks)
{
    for (uint64_t end = time_ + clocks; time_ < end;) {
        if (phy.line() == J) {
            return true;
        }
        idle(200);
    }
    return false;
}

bool Host::reset(bool high_speed_hub, unsigned milliseconds)
{
    uint64_t begin = time_, end = begin + milliseconds * MILLISECOND;
    reset_toggles();
    address = 0;
    high_ = false;
    phy.drive(SE0);
    quiet_since_ = time_;
    // the device's chirp K: 1 ms at least, over 7 ms after the reset began (T0 is up to 3.2 ms into it at high speed)
    uint64_t chirp = 0;
    while (time_ < begin + 6 * MILLISECOND && !chirp) {
        idle(60);
        if (phy.driven_by_device() == K) {
            chirp = time_;
        }
    }
    if (high_speed_hub && chirp) {
        while (phy.driven_by_device() == K && time_ < begin + 9 * MILLISECOND) {
            idle(60);
        }
        uint64_t length = time_ - chirp;
        if (length + 240 < MILLISECOND || time_ > begin + 7 * MILLISECOND + 3200 * MICROSECOND) {
            phy.violation = "chirp K of " + std::to_string(length) + " clocks";
        }
        idle(50 * MICROSECOND);
        for (Line l = K; time_ < end - 300 * MICROSECOND; l = l == K ? J : K) {
            drive(l, (40 + random_() % 21) * MICROSECOND);
            high_ = high_ || phy.high_speed();
        }
    }
    drive(SE0, end > time_ ? end - time_ : 0);
    high_ = phy.high_speed();
    drive(RELEASED, 100 * MICROSECOND);
    next_sof_ = free_at_ = time_;
    frames(1);
    return high_;
}

void Host::suspend()
{
    idle(4 * MILLISECOND);
}

void Host::resume()
{
    drive(K, 20 * MILLISECOND);
    if (high_) {
        drive(SE0, 3 * MICROSECOND); // end of resume; high-speed idle is SE0 too
    } else {
        drive(SE0, 80);
    }
    drive(RELEASED, 10 * MICROSECOND);
    next_sof_ = free_at_ = time_;
    frames(3);
}

void Host::unplug()
{
    phy.set_vbus(false);
    quiet_since_ = time_;
    idle(MILLISECOND);
    reset_toggles();
    address = 0;
    high_ = false;
}

void Host::plug()
{
    phy.set_vbus(true);
    quiet_since_ = time_;
}

void Host::start_of_frame()
{
    uint64_t microframe = high_ ? 7500 : 60000;
    next_sof_ = std::max(next_sof_, time_) + microframe;
    statistics.sofs++;
    auto hook = spoil_out;
    spoil_out = nullptr;
    send_raw(token_packet(PID_SOF, unsigned(sof_number_ >> (high_ ? 3 : 0)) & 2047));
    spoil_out = hook;
    sof_number_++;
    free_at_ = std::max(free_at_, time_ + (high_ ? 11 : 10));
}

void Host::room(uint64_t clocks)
{
    if (time_ + clocks > next_sof_) {
        if (next_sof_ > time_) {
            idle(next_sof_ - time_);
        }
        start_of_frame();
    }
}

void Host::send_raw(const Bytes &bytes, int error_at)
{
    while (time_ < free_at_) {
        tick();
    }
    Incoming p;
    p.bytes = bytes;
    p.start = time_;
    p.end = time_ + length_on_wire(bytes);
    p.error_at = error_at;
    phy.send(p);
    while (time_ < p.end) {
        tick();
    }
    free_at_ = time_ + (high_ ? 11 : 10); // 88 bits between two packets of the host; 2 bits at full speed
}

static void through_hook(Host &host, const Bytes &bytes)
{
    Spoiled s;
    s.bytes = bytes;
    if (host.spoil_out) {
        host.spoil_out(s);
    }
    if (s.delay) {
        host.idle(s.delay);
    }
    for (unsigned i = 0; i < s.copies; i++) {
        if (s.lost) {
            host.idle(bytes.size() + 20);
        } else {
            host.send_raw(s.bytes, s.error_at);
        }
    }
}

void Host::send_token(unsigned pid, unsigned to, unsigned endpoint)
{
    through_hook(*this, token_packet(pid, to | endpoint << 7));
}

void Host::send_data(unsigned pid, const Bytes &data)
{
    through_hook(*this, data_packet(pid, data.data(), data.size()));
}

void Host::send_handshake(unsigned pid)
{
    through_hook(*this, {pid_byte(pid)});
}

unsigned Host::receive(Bytes *packet)
{
    // 736 to 816 bits at high speed, 16 to 18 at full speed (and what the PHY needs)
    uint64_t limit = time_ + (high_ ? 102 : 90);
    Outgoing p;
    while (!phy.take(p)) {
        if (time_ > limit && !phy.transmitting()) {
            free_at_ = std::max(free_at_, time_ + 1);
            return PID_NONE;
        }
        tick();
    }
    while (time_ < p.end + (high_ ? 4 : 10)) { // until the last bit is here, and some clocks to understand it
        tick();
    }
    free_at_ = time_ + (high_ ? 4 : 1);
    if (spoil_in && !spoil_in(p.bytes)) {
        return PID_NONE;
    }
    if (packet) {
        *packet = p.bytes;
    }
    uint8_t first = p.bytes.empty() ? 0 : p.bytes[0];
    if ((first & 15) != (~first >> 4 & 15)) {
        return PID_BAD;
    }
    unsigned pid = first & 15;
    if ((pid & 3) == 3 ? !data_whole(p.bytes) : p.bytes.size() != 1) {
        return PID_BAD;
    }
    return pid;
}

unsigned Host::out(unsigned token, unsigned endpoint, unsigned data_pid, const Bytes &data)
{
    room(high_ ? data.size() + 75 : data.size() * 42 + 700);
    send_token(token, address, endpoint);
    send_data(data_pid, data);
    statistics.packets_out++;
    return receive();
}

unsigned Host::in(unsigned endpoint, Bytes *data, bool acknowledge)
{
    room(high_ ? 595 : 3700);
    send_token(PID_IN, address, endpoint);
    Bytes p;
    unsigned pid = receive(&p);
    if (pid == PID_DATA0 || pid == PID_DATA1) {
        statistics.packets_in++;
        if (data) {
            data->assign(p.begin() + 1, p.end() - 2);
        }
        if (acknowledge) {
            send_handshake(PID_ACK);
        }
    }
    return pid;
}

unsigned Host::ping(unsigned endpoint)
{
    room(140);
    statistics.pings++;
    send_token(PID_PING, address, endpoint);
    return receive();
}

} // namespace nave_usb
