/* ULPI PHY model, see phy.h.
 * SPDX-License-Identifier: ISC */
#include "phy.h"

#include <algorithm>
#include <cstring>

namespace nave_usb
{

void Phy::power_up(uint64_t time)
{
    state_ = ASLEEP;
    memset(registers_, 0, sizeof registers_);
    registers_[0] = 0x24;
    registers_[1] = 0x04;
    registers_[4] = function_ = 0x41;
    registers_[0x0a] = 0x06;
    registers_[0x39] = 0x04;
    awake_at_ = time + 30000; // 0.5 ms; the link waits for longer
    device_line_ = RELEASED;
    reported_ = 0xff;
    incoming_.clear();
    outgoing_.clear();
}

void Phy::complain(uint64_t time, const std::string &what)
{
    if (violation.empty()) {
        violation = what + " (clock " + std::to_string(time) + ")";
    }
}

bool Phy::take(Outgoing &packet)
{
    if (outgoing_.empty()) {
        return false;
    }
    packet = outgoing_.front();
    outgoing_.pop_front();
    return true;
}

Line Phy::line() const
{
    if (device_line_ != RELEASED) {
        return device_line_;
    }
    if (host_line_ != RELEASED) {
        return host_line_;
    }
    bool pull_up = (function_ & 0x1c) == 0x04 && (function_ & 3) != 0 && state_ != ASLEEP;
    if (!pull_up) {
        return SE0;
    }
    return registers_[0x39] & 2 ? J : K; // crossed wires: without the swap the host sees a low-speed device
}

unsigned Phy::line_state() const
{
    Line l = device_line_ != RELEASED ? device_line_ : host_line_;
    if (l == RELEASED) {
        return high_speed() || !(function_ & 4) || (function_ & 3) == 0 ? SE0 : J;
    }
    return l;
}

uint8_t Phy::rx_command(unsigned active) const
{
    unsigned l = line_state();
    if (active && high_speed()) {
        l = J; // not squelched
    }
    return uint8_t(l | vbus_ << 2 | active << 4 | 0x40);
}

bool Phy::resting() const
{
    bool steady = state_ == TX && raw_;
    return incoming_.empty() && outgoing_.empty() &&
           (state_ == ASLEEP || steady || (state_ == IDLE && reported_ == rx_command(0)));
}

void Phy::write_register(uint64_t time)
{
    statistics.register_writes++;
    unsigned address = command_ & 63;
    if (scratch_fails && address == 0x16) {
        return;
    }
    registers_[address] = data_;
    if (address == 4) {
        function_ = data_;
        if ((data_ & 4) && (data_ & 0x18) == 0 && !(registers_[0x39] & 2)) {
            complain(time, "pull-up on before D+ and D- were swapped");
        }
        if ((data_ & 4) && (data_ & 0x18) == 0 && registers_[0x0a] & 6) {
            complain(time, "pull-up and pull-downs on together");
        }
    }
}

void Phy::begin_receive(Pins &next, uint64_t time)
{
    packet_ = incoming_.front();
    incoming_.pop_front();
    state_ = RX;
    at_ = 0;
    error_told_ = false;
    first_ = true;
    due_.clear();
    bool high = high_speed();
    unsigned delay = 1 + chance(3);
    uint64_t t = packet_.start + (high ? 5 : 80) + delay;
    unsigned ones = 1, stuffed = 0;
    for (uint8_t b : packet_.bytes) {
        stuffed += stuffed_bits(b, ones);
        due_.push_back(t + due_.size() * (high ? 1 : 40) + (high ? stuffed / 8 : stuffed * 5));
    }
    rx_end_ = packet_.end + 3 + chance(6); // ULPI: 3 to 8 clocks
    if (!due_.empty()) {
        rx_end_ = std::max(rx_end_, due_.back() + 1);
    }
    wire_end_ = packet_.end;
    next.dir = true;
    next.nxt = chance(2) != 0;           // DIR and NXT together say what an RX CMD would
    next.to_link = uint8_t(chance(256)); // turnaround: anything
    (void)time;
}

void Phy::receive(Pins &next, uint64_t time)
{
    next.dir = true;
    if (first_ || (packet_.error_at >= 0 && size_t(packet_.error_at) <= at_ && !error_told_)) {
        error_told_ = !first_;
        next.nxt = false;
        next.to_link = rx_command(error_told_ ? 3 : 1);
        first_ = false;
        return;
    }
    if (at_ < packet_.bytes.size()) {
        // at most two clocks late: the next bytes are coming
        if (time >= due_[at_] && (chance(256) >= gap_chance || time >= due_[at_] + 2)) {
            next.nxt = true;
            next.to_link = packet_.bytes[at_++];
        } else {
            next.nxt = false;
            next.to_link = rx_command(1);
        }
        return;
    }
    next.nxt = false;
    if (time < rx_end_) {
        next.to_link = rx_command(1);
        return;
    }
    if (reported_ != 0xfe && chance(3)) { // an RX CMD that ends the packet, or DIR low alone
        reported_ = 0xfe;
        next.to_link = rx_command(0);
        return;
    }
    bool told = reported_ == 0xfe;
    reported_ = told ? rx_command(0) : 0xff;
    report_after_ = told ? 0 : time + 30 + chance(16);
    next.dir = false;
    next.to_link = 0;
    state_ = IDLE;
    free_since_ = time;
    answer_expected_ = true;
}

void Phy::idle(const Pins &now, Pins &next, uint64_t time)
{
    if (now.enable && !now.dir && !dir_before_ && now.from_link != 0) {
        command_ = now.from_link;
        state_ = COMMAND;
        delay_ = chance(3);
        seen_ = false;
        command(now, next, time);
        return;
    }
    while (!incoming_.empty() && incoming_.front().start < tx_end_) {
        incoming_.pop_front(); // both talked at once
    }
    if (!incoming_.empty() && time >= incoming_.front().start + 3) {
        begin_receive(next, time);
        return;
    }
    if (reported_ != rx_command(0) && time >= report_after_ && !now.dir && !dir_before_) {
        state_ = RX_COMMAND;
        delay_ = 0;
        next.dir = true;
        next.nxt = false;
        next.to_link = uint8_t(chance(256));
    }
}

void Phy::command(const Pins &now, Pins &next, uint64_t time)
{
    unsigned kind = command_ >> 6;
    if (!seen_) {
        seen_ = true;
        if (kind == 0) {
            complain(time, "link drives neither a command nor zeros");
        }
        if (kind == 1 && (function_ & 0x18) == 0) {
            unsigned decision = unsigned(time - free_since_);
            if (command_ == 0x40) {
                complain(time, "packet without PID");
            } else if (answer_expected_ && !unasked_allowed) {
                bool high = high_speed();
                statistics.decision_least = std::min(statistics.decision_least, decision);
                statistics.decision_most = std::max(statistics.decision_most, decision);
                if (decision < (high ? 1u : 7u) || decision > (high ? 14u : 18u)) {
                    complain(time, "answer " + std::to_string(decision) + " clocks after DIR fell");
                }
            } else if (!unasked_allowed) {
                complain(time, "packet that nobody asked for");
            }
        }
    } else if (now.from_link != command_) {
        complain(time, "command changed before NXT");
    }
    // an RX CMD that comes between: the link must start again
    if (kind >= 2 && !now.nxt && chance(256) < interrupt_chance) {
        statistics.register_aborts++;
        state_ = RX_COMMAND;
        delay_ = 0;
        next.dir = true;
        next.nxt = false;
        next.to_link = uint8_t(chance(256));
        return;
    }
    if (!now.nxt) {
        next.nxt = delay_ == 0;
        if (delay_) {
            delay_--;
        }
        return;
    }
    // accepted at this edge
    next.nxt = false;
    if (kind == 1) {
        state_ = TX;
        raw_ = (function_ & 0x18) == 0x10;
        sent_.clear();
        if (!raw_) {
            sent_.push_back(pid_byte(command_ & 15));
        }
        tx_start_ = time + 1 + chance(2);
        ones_ = 1;
        stuffed_ = 0;
        accepted_ = false;
        // at full speed a byte is taken when the one before it is through, or when it is through itself
        next_byte_ = tx_start_ + (high_speed() || raw_ ? chance(4) : 40 + 40 * chance(2));
        if (answer_expected_ && !raw_ && !unasked_allowed) {
            unsigned answer = unsigned(tx_start_ - wire_end_);
            statistics.answer_least = std::min(statistics.answer_least, answer);
            statistics.answer_most = std::max(statistics.answer_most, answer);
            // 8 to 192 bits at high speed; 2 to 7.5 bits, and a PHY's own delay, at full speed
            if (answer < (high_speed() ? 1u : 10u) || answer > (high_speed() ? 24u : 45u)) {
                complain(time, "answer on the wire after " + std::to_string(answer) + " clocks");
            }
        }
        answer_expected_ = false;
        transmit(now, next, time);
    } else if (kind == 2) {
        state_ = REGISTER_DATA;
        delay_ = chance(3);
        next.nxt = delay_ == 0;
    } else {
        state_ = REGISTER_TURN;
        next.dir = true;
        next.to_link = uint8_t(chance(256));
    }
}

void Phy::transmit(const Pins &now, Pins &next, uint64_t time)
{
    if (now.stp) {
        if (now.from_link != 0) {
            complain(time, "STP without zeros");
        }
        if (raw_) {
            device_line_ = RELEASED;
        } else {
            Outgoing p;
            bool high = high_speed();
            unsigned stuffed = stuffed_bits(sent_);
            p.bytes = sent_;
            p.start = tx_start_;
            uint64_t length = high ? 4 + sent_.size() + stuffed / 8 + 1 : 40 + sent_.size() * 40 + stuffed * 5 + 15;
            p.end = std::max(tx_start_ + length, time + 2 + chance(4));
            tx_end_ = p.end;
            outgoing_.push_back(p);
        }
        state_ = IDLE;
        next.nxt = false;
        report_after_ = time + 4;
        return;
    }
    if (now.nxt && accepted_) {
        sent_.push_back(now.from_link);
        if (raw_) {
            device_line_ = now.from_link ? J : K;
            sent_.clear();
            next_byte_ = time + 1;
        } else {
            for (unsigned i = 0; i < 8; i++) {
                ones_ = now.from_link >> i & 1 ? ones_ + 1 : 0;
                if (ones_ == 6) {
                    ones_ = 0;
                    stuffed_++;
                }
            }
            if (high_speed()) {
                next_byte_ = time + 1;
                if (stuffed_ >= 8) { // a byte's time is needed for the stuffed bits
                    stuffed_ -= 8;
                    next_byte_++;
                }
            } else {
                next_byte_ += 40 + 5 * stuffed_;
                stuffed_ = 0;
            }
        }
        if (sent_.size() > 1100) {
            complain(time, "packet without end");
        }
    }
    accepted_ = time + 1 >= next_byte_;
    next.nxt = accepted_;
}

void Phy::step(const Pins &now, Pins &next, uint64_t time)
{
    bool turning = now.dir || dir_before_;
    if (now.enable && turning && state_ != ASLEEP) {
        complain(time, "link drives while the bus is the PHY's");
    }
    if (!now.enable && !turning && state_ != ASLEEP) {
        complain(time, "nobody drives the bus");
    }
    if (now.stp && state_ != TX && state_ != REGISTER_STOP && state_ != ASLEEP && !turning) {
        complain(time, "STP that ends nothing");
    }
    if (!now.reset_n) {
        power_up(time);
        next.dir = true;
        next.nxt = false;
        dir_before_ = now.dir;
        return;
    }
    if (answer_expected_ && time - free_since_ > (high_speed() ? 24 : 40) && state_ != COMMAND) {
        answer_expected_ = false;
    }
    switch (state_) {
    case ASLEEP:
        if (now.enable && now.from_link != 0) {
            complain(time, "command before the PHY is awake");
        }
        if (time >= awake_at_) {
            next.dir = false;
            next.to_link = 0;
            state_ = IDLE;
        }
        break;
    case IDLE:
        next.dir = false;
        next.nxt = false;
        idle(now, next, time);
        break;
    case COMMAND:
        command(now, next, time);
        break;
    case RX_COMMAND:
        next.dir = delay_ == 0;
        next.nxt = false;
        if (delay_ == 0) {
            next.to_link = rx_command(0);
            reported_ = rx_command(0);
            delay_ = 1;
        } else {
            next.to_link = 0;
            state_ = IDLE;
        }
        break;
    case RX:
        receive(next, time);
        break;
    case TX:
        transmit(now, next, time);
        break;
    case REGISTER_DATA:
        if (!now.nxt) {
            if (chance(256) < interrupt_chance) {
                statistics.register_aborts++;
                state_ = RX_COMMAND;
                delay_ = 0;
                next.dir = true;
                break;
            }
            delay_--;
            next.nxt = delay_ == 0;
            break;
        }
        data_ = now.from_link;
        next.nxt = false;
        state_ = REGISTER_STOP;
        if (chance(256) < interrupt_chance) { // DIR meets STP: the write is lost
            statistics.register_aborts++;
            state_ = RX_COMMAND;
            delay_ = 0;
            next.dir = true;
        }
        break;
    case REGISTER_STOP:
        if (!now.stp) {
            complain(time, "register write without STP");
        } else {
            write_register(time);
        }
        state_ = IDLE;
        break;
    case REGISTER_TURN:
        next.dir = true;
        next.to_link = registers_[command_ & 63];
        state_ = REGISTER_READ;
        break;
    case REGISTER_READ:
        next.dir = false;
        next.to_link = 0;
        state_ = IDLE;
        break;
    }
    dir_before_ = now.dir;
}

} // namespace nave_usb
