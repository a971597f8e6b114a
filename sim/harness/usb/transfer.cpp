/* USB host: control and bulk transfers with the retries a host controller makes.
 * SPDX-License-Identifier: ISC */
#include "host.h"

#include <algorithm>

namespace nave_usb
{

// in: the status stage is an IN of nothing
Status Host::control_status(bool in_stage)
{
    unsigned faults = 0;
    uint64_t limit = time_ + 50 * MILLISECOND;
    while (faults < error_limit) {
        unsigned pid;
        if (in_stage) {
            Bytes data;
            pid = in(0, &data);
            if (pid == PID_DATA1 && data.empty()) {
                return Status::OK;
            }
            if (pid == PID_DATA0 || pid == PID_DATA1) {
                return Status::BABBLE;
            }
        } else {
            pid = out(PID_OUT, 0, PID_DATA1, {});
            if (pid == PID_ACK || pid == PID_NYET) {
                return Status::OK;
            }
        }
        if (pid == PID_STALL) {
            return Status::STALL;
        }
        if (pid == PID_NAK) {
            statistics.naks++;
            if (time_ > limit) {
                return Status::NAK;
            }
            continue;
        }
        faults++;
        statistics.faults++;
    }
    return Status::ERROR;
}

Transfer Host::control_data_in(const Setup &setup)
{
    Transfer t;
    unsigned faults = 0, toggle = 1;
    uint64_t limit = time_ + 50 * MILLISECOND;
    while (t.data.size() < setup.length) {
        Bytes data;
        unsigned pid = in(0, &data);
        if (pid == PID_DATA0 || pid == PID_DATA1) {
            if ((pid == PID_DATA1) != (toggle == 1)) {
                statistics.repeated_in++;
                continue; // ours was acknowledged, the device did not hear it
            }
            toggle ^= 1;
            faults = 0;
            t.data.insert(t.data.end(), data.begin(), data.end());
            if (data.size() > 64 || t.data.size() > setup.length) {
                t.status = Status::BABBLE;
                return t;
            }
            if (data.size() < 64) {
                break;
            }
        } else if (pid == PID_STALL) {
            t.status = Status::STALL;
            return t;
        } else if (pid == PID_NAK) {
            statistics.naks++;
            if (time_ > limit) {
                t.status = Status::NAK;
                return t;
            }
        } else {
            statistics.faults++;
            if (++faults >= error_limit) {
                t.status = Status::ERROR;
                return t;
            }
        }
    }
    return t;
}

Transfer Host::control(const Setup &setup, const Bytes &data)
{
    Transfer t;
    Bytes raw = {setup.type, setup.request};
    for (unsigned w : {setup.value, setup.index, setup.length}) {
        raw.push_back(uint8_t(w));
        raw.push_back(uint8_t(w >> 8));
    }
    unsigned faults = 0;
    while (out(PID_SETUP, 0, PID_DATA0, raw) != PID_ACK) {
        statistics.faults++;
        if (++faults >= error_limit) {
            t.status = Status::ERROR;
            return t;
        }
    }
    if (setup.length && (setup.type & 0x80)) {
        t = control_data_in(setup);
        if (t.status == Status::OK) {
            t.status = control_status(false);
        }
        return t;
    }
    if (setup.length) {
        unsigned toggle = PID_DATA1;
        for (size_t at = 0; at < setup.length;) {
            Bytes part(data.begin() + long(at), data.begin() + long(std::min<size_t>(at + 64, setup.length)));
            unsigned pid = out(PID_OUT, 0, toggle, part);
            if (pid == PID_ACK || pid == PID_NYET) {
                at += part.size();
                toggle ^= PID_DATA0 ^ PID_DATA1;
                faults = 0;
            } else if (pid == PID_STALL) {
                t.status = Status::STALL;
                return t;
            } else if (pid != PID_NAK && ++faults >= error_limit) {
                t.status = Status::ERROR;
                return t;
            }
        }
    }
    t.status = control_status(true);
    return t;
}

Transfer Host::bulk_out(unsigned endpoint, const Bytes &data, size_t *sent)
{
    Transfer t;
    size_t at = 0;
    unsigned faults = 0;
    uint64_t progress = time_;
    bool zero_sent = false;
    // an empty transfer is one packet without data
    while (at < data.size() || (data.empty() && !zero_sent)) {
        unsigned pid;
        Bytes part(data.begin() + long(at), data.begin() + long(std::min<size_t>(at + packet_size(), data.size())));
        bool pinged = ping_ && high_ && use_ping;
        if (pinged) {
            pid = ping(endpoint);
        } else {
            pid = out(PID_OUT, endpoint, toggle_out_ ? PID_DATA1 : PID_DATA0, part);
        }
        if (pid == PID_ACK || (pid == PID_NYET && !pinged)) {
            faults = 0;
            progress = time_;
            ping_ = pid == PID_NYET;
            statistics.nyets += ping_;
            if (!pinged) {
                at += part.size();
                toggle_out_ = !toggle_out_;
                zero_sent = true;
            }
        } else if (pid == PID_STALL) {
            t.status = Status::STALL;
            break;
        } else if (pid == PID_NAK) {
            faults = 0; // the device is there and was understood
            statistics.naks++;
            ping_ = true;
            if (time_ - progress > nak_limit) {
                t.status = Status::NAK;
                break;
            }
        } else {
            statistics.faults++;
            ping_ = true; // a high-speed host asks before it sends again
            if (++faults >= error_limit) {
                t.status = Status::ERROR;
                break;
            }
        }
    }
    if (sent) {
        *sent = at;
    }
    return t;
}

Transfer Host::bulk_in(unsigned endpoint, size_t length)
{
    Transfer t;
    unsigned faults = 0;
    uint64_t progress = time_;
    while (t.data.size() < length) {
        Bytes data;
        unsigned pid = in(endpoint, &data);
        if (pid == PID_DATA0 || pid == PID_DATA1) {
            faults = 0;
            progress = time_;
            if ((pid == PID_DATA1) != toggle_in_) {
                statistics.repeated_in++;
                continue;
            }
            toggle_in_ = !toggle_in_;
            t.data.insert(t.data.end(), data.begin(), data.end());
            if (data.size() > packet_size() || t.data.size() > length) {
                t.status = Status::BABBLE;
                break;
            }
            if (data.size() < packet_size()) {
                break;
            }
        } else if (pid == PID_STALL) {
            t.status = Status::STALL;
            break;
        } else if (pid == PID_NAK) {
            faults = 0;
            statistics.naks++;
            if (time_ - progress > nak_limit) {
                t.status = Status::NAK;
                break;
            }
        } else {
            statistics.faults++;
            if (++faults >= error_limit) {
                t.status = Status::ERROR;
                break;
            }
        }
    }
    return t;
}

} // namespace nave_usb
