/* The buses behind the direct front, see direct_bus.h.
 * SPDX-License-Identifier: ISC */
#include "direct_bus.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace nave_usb
{

uint64_t now_ms()
{
    using namespace std::chrono;
    return uint64_t(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

World &world()
{
    static World one;
    return one;
}

void World::plugged()
{
    std::lock_guard<std::mutex> l(mutex);
    plugs++;
    for (libusb_context *c : contexts) {
        std::lock_guard<std::mutex> of_context(c->mutex);
        c->event.notify_all();
    }
}

Bus &bus(size_t card)
{
    static std::mutex making;
    World &w = world();
    std::lock_guard<std::mutex> l(making); // a new bus tells the world of its plug, so that is not locked meanwhile
    while (w.buses.size() <= card) {
        std::unique_ptr<Bus> one(new Bus(w.buses.size()));
        std::lock_guard<std::mutex> of_world(w.mutex);
        w.buses.push_back(std::move(one));
    }
    return *w.buses[card];
}

std::vector<Bus *> buses()
{
    std::vector<Bus *> all;
    std::lock_guard<std::mutex> l(world().mutex);
    for (const auto &b : world().buses) {
        all.push_back(b.get());
    }
    return all;
}

void Bus::run()
{
    for (;;) {
        // who wakes up on this mutex would never get it from a thread that only lets it go to take it again
        do {
            std::this_thread::sleep_for(std::chrono::microseconds(20));
        } while (waiting_);
        std::unique_lock<std::mutex> l(mutex_);
        if (stop_) {
            return;
        }
        bool plugged = befall_.plugged(now_ms());
        if (plugged && !present_) {
            Bytes none;
            present_ = port_.plug() && port_.reset() && port_.host.control({0, 9, 1, 0, 0}).status == Status::OK;
            port_.host.reset_toggles();
            generation_++;
            claimed_ = false;
            world().plugged();
            changed_.notify_all();
        } else if (!plugged && present_) {
            present_ = false;
            port_.unplug();
            changed_.notify_all();
        }
        if (!port_.work()) {
            changed_.wait_for(l, std::chrono::milliseconds(befall_.wait_ms(now_ms(), 20)));
        }
    }
}

void Bus::complete(const Request &r, Outcome o)
{
    auto at = flying_.find(r.id);
    Flying f = at->second;
    flying_.erase(at);
    if (!f.transfer) {
        *f.answer = r;
        *f.outcome = o;
        *f.finished = true;
        changed_.notify_all();
        return;
    }
    libusb_transfer *t = f.transfer;
    bool in = t->endpoint & 0x80;
    t->actual_length = int(in ? r.data.size() : r.sent);
    if (in && !r.data.empty()) {
        memcpy(t->buffer, r.data.data(), std::min(r.data.size(), size_t(t->length)));
    }
    switch (o) {
    case Outcome::OK:
        t->status = LIBUSB_TRANSFER_COMPLETED;
        break;
    case Outcome::STALL:
        t->status = LIBUSB_TRANSFER_STALL;
        break;
    case Outcome::BABBLE:
        t->status = LIBUSB_TRANSFER_OVERFLOW;
        break;
    case Outcome::CANCELLED:
        t->status = LIBUSB_TRANSFER_CANCELLED;
        break;
    case Outcome::GONE:
        t->status = LIBUSB_TRANSFER_NO_DEVICE;
        break;
    default:
        t->status = LIBUSB_TRANSFER_ERROR;
    }
    libusb_context *context = t->dev_handle->context;
    std::lock_guard<std::mutex> l(context->mutex);
    context->done.push_back(t);
    context->event.notify_all();
}

int Bus::control(std::unique_lock<std::mutex> &l, const Setup &setup, Bytes &data)
{
    Request r, answer;
    Outcome outcome = Outcome::GONE;
    bool finished = false;
    r.setup = setup;
    if (!(setup.type & 0x80)) {
        r.data = data;
    }
    submit(std::move(r), {nullptr, &answer, &outcome, &finished});
    changed_.wait(l, [&] { return finished; });
    data = answer.data;
    switch (outcome) {
    case Outcome::OK:
        return int(setup.type & 0x80 ? data.size() : setup.length);
    case Outcome::STALL:
        return LIBUSB_ERROR_PIPE;
    case Outcome::GONE:
        return LIBUSB_ERROR_NO_DEVICE;
    default:
        return LIBUSB_ERROR_IO;
    }
}

void Bus::cancel(libusb_transfer *t)
{
    for (const auto &f : flying_) {
        if (f.second.transfer == t) {
            port_.cancel(f.first);
            return;
        }
    }
}

} // namespace nave_usb
