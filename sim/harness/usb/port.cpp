/* A host controller's port, see port.h.
 * SPDX-License-Identifier: ISC */
#include "port.h"

#include <algorithm>

namespace nave_usb
{

constexpr size_t PIECE_BYTES = 4096;    // of a bulk OUT before the other direction gets its turn
constexpr uint64_t PATIENCE = 2 * 7500; // clocks of NAK
constexpr uint64_t GLANCE = 600;
constexpr size_t REMEMBERED = 64; // answers that may still be cancelled

bool Port::plug()
{
    host.plug();
    plugged_ = true;
    return host.wait_attached(50 * MILLISECOND);
}

void Port::unplug()
{
    plugged_ = false;
    host.unplug();
    for (auto *queue : {&control_, &out_, &in_}) {
        auto gone = std::move(*queue);
        queue->clear();
        for (const Request &r : gone) {
            complete(r, Outcome::GONE);
        }
    }
    back_.clear();
    answered_.clear();
    empty_ = false;
}

bool Port::reset()
{
    bool high = host.reset(true);
    if (host.control({0, 5, 5, 0, 0}).status == Status::OK) {
        host.address = 5;
        host.frames(2);
    }
    return high;
}

Outcome Port::outcome(Status status) const
{
    switch (status) {
    case Status::OK:
        return Outcome::OK;
    case Status::STALL:
        return Outcome::STALL;
    case Status::BABBLE:
        return Outcome::BABBLE;
    default:
        return Outcome::ERROR;
    }
}

void Port::submit(Request request)
{
    if (!plugged_) {
        complete(request, Outcome::GONE);
    } else if ((request.endpoint & 15) == 0) {
        control_.push_back(std::move(request));
    } else if (request.endpoint & 0x80) {
        in_.push_back(std::move(request));
    } else {
        out_.push_back(std::move(request));
    }
}

bool Port::cancel(uint64_t id)
{
    for (auto *queue : {&control_, &out_, &in_}) {
        auto at = std::find_if(queue->begin(), queue->end(), [id](const Request &r) { return r.id == id; });
        if (at == queue->end()) {
            continue;
        }
        Request r = std::move(*at);
        queue->erase(at);
        if ((r.endpoint & 0x80) && !r.data.empty() && !lossy) {
            back_[order_++] = std::move(r.data);
            r.data.clear();
        }
        complete(r, Outcome::CANCELLED);
        return true;
    }
    auto late = std::find_if(answered_.begin(), answered_.end(), [id](const Answered &a) { return a.id == id; });
    if (late != answered_.end()) {
        back_[late->order] = std::move(late->data);
        answered_.erase(late);
    }
    return false;
}

void Port::control(Request r)
{
    Bytes data = r.data;
    Transfer t = host.control(r.setup, data);
    uint8_t recipient = r.setup.type & 0x7f;
    bool toggles = (recipient == 0 && r.setup.request == 9) || (recipient == 1 && r.setup.request == 11);
    if (toggles && t.status == Status::OK) {
        host.reset_toggles();
    } else if (recipient == 2 && r.setup.request == 1 && t.status == Status::OK) {
        host.reset_toggles(); // a cleared halt; the driver clears both ends
    }
    r.data = std::move(t.data);
    complete(r, outcome(t.status));
}

bool Port::out()
{
    Request &r = out_.front();
    Bytes piece(r.data.begin() + long(r.sent), r.data.begin() + long(std::min(r.data.size(), r.sent + PIECE_BYTES)));
    size_t sent = 0;
    host.nak_limit = in_.empty() ? PATIENCE : GLANCE;
    Transfer t = host.bulk_out(r.endpoint & 15, piece, &sent);
    packets++;
    r.sent += sent;
    if (t.status == Status::NAK) {
        return true;
    }
    if (t.status != Status::OK || r.sent == r.data.size()) {
        Request done = std::move(r);
        out_.pop_front();
        complete(done, outcome(t.status));
    }
    return true;
}

bool Port::in()
{
    Request &r = in_.front();
    Transfer t;
    if (!back_.empty()) {
        Bytes &first = back_.begin()->second;
        size_t n = std::min(first.size(), r.length - r.data.size());
        t.data.assign(first.begin(), first.begin() + long(n));
        first.erase(first.begin(), first.begin() + long(n));
        if (first.empty()) {
            back_.erase(back_.begin());
        }
    } else {
        bool still = !card_.pending() && given_ == card_.words_given();
        if (still && empty_) {
            return false;
        }
        given_ = card_.words_given();
        host.nak_limit = still || !out_.empty() ? GLANCE : PATIENCE;
        t = host.bulk_in(r.endpoint & 15, r.length - r.data.size());
        packets++;
        empty_ = t.status == Status::NAK && t.data.empty();
    }
    r.data.insert(r.data.end(), t.data.begin(), t.data.end());
    if (t.status == Status::NAK) {
        return true;
    }
    Request done = std::move(r);
    in_.pop_front();
    if (t.status == Status::OK) {
        answered_.push_back({done.id, order_++, done.data});
        if (answered_.size() > REMEMBERED) {
            answered_.pop_front();
        }
    }
    complete(done, outcome(t.status));
    return true;
}

std::string Port::state() const
{
    return std::to_string(control_.size()) + " control, " + std::to_string(out_.size()) + " OUT, " +
           std::to_string(in_.size()) + " IN queued; " + std::to_string(card_.words_given()) + " words given" +
           (card_.pending() ? ", the card has more" : "") + (empty_ ? ", it said NAK" : "");
}

bool Port::work()
{
    if (!plugged_) {
        return false;
    }
    if (!control_.empty()) {
        Request r = std::move(control_.front());
        control_.pop_front();
        empty_ = false;
        control(std::move(r));
        return true;
    }
    bool busy = false;
    if (!out_.empty()) {
        empty_ = false;
        busy = out();
    }
    if (!in_.empty()) {
        busy = in() || busy;
    }
    return busy;
}

} // namespace nave_usb
