/* The buses behind the direct front, one a card: one thread clocks each; what it finishes waits in its context until
 * that handles events, as with the real libusb. Locks are taken in the order bus, world, context.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_DIRECT_BUS_H
#define NAVE_SIM_USB_DIRECT_BUS_H
#include "befall.h"
#include "model_card.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <libusb.h>

namespace nave_usb
{
class Bus;
}

struct libusb_context {
    std::mutex mutex; // guards what follows
    std::condition_variable event;
    std::deque<libusb_transfer *> done;
    bool interrupted = false;
    libusb_hotplug_callback_fn arrived = nullptr;
    void *arrived_user = nullptr;
    unsigned seen = 0; // as many plugs `arrived` was told of
};

struct libusb_device {
    libusb_context *context = nullptr;
    nave_usb::Bus *bus = nullptr;
    unsigned generation = 0; // one more with each plug
    std::atomic<unsigned> references{1};
};

struct libusb_device_handle {
    libusb_context *context;
    libusb_device *device;
};

namespace nave_usb
{

uint64_t now_ms();

struct Flying {
    libusb_transfer *transfer; // null: a control transfer that someone waits for
    Request *answer;
    Outcome *outcome;
    bool *finished;
};

struct World {
    std::mutex mutex; // guards contexts and buses
    std::vector<libusb_context *> contexts;
    std::atomic<unsigned> plugs{0}, things{0}; // things: that are not freed
    std::atomic<int> refuse{0}, hotplug{1};    // hotplug: the system has it
    std::atomic<unsigned> told{0};             // hotplug callbacks made
    std::vector<std::unique_ptr<Bus>> buses;   // its threads use the others: it ends first
    void plugged();                            // wakes who waits for that
};

World &world();
// The bus of that card; it and those before it are made when they are first asked for.
Bus &bus(size_t card = 0);
std::vector<Bus *> buses();

class Bus
{
  public:
    explicit Bus(size_t number)
        : card_(FIRST_SERIAL + number), port_(card_, seed() + number), befall_(port_, seed() + number)
    {
        port_.complete = [this](const Request &r, Outcome o) { complete(r, o); };
        befall_.hang = [this](bool on) { card_.deaf = on; };
        befall_.storm = [this](unsigned clocks) { card_.storm = clocks; };
        befall_.lie = [this](uint32_t truth, uint32_t lie) {
            card_.truth = truth;
            card_.lie = lie;
        };
        thread_ = std::thread([this] { run(); });
        std::unique_lock<std::mutex> l = lock();
        changed_.wait(l, [this] { return bool(present_); });
    }
    ~Bus()
    {
        {
            std::unique_lock<std::mutex> l = lock();
            stop_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    std::unique_lock<std::mutex> lock()
    {
        waiting_++;
        std::unique_lock<std::mutex> l(mutex_);
        waiting_--;
        return l;
    }
    static uint64_t seed()
    {
        const char *given = getenv("NAVE_SEED");
        return given ? strtoull(given, nullptr, 0) : 1;
    }
    bool alive(unsigned generation) const
    {
        return present_ && generation == generation_;
    }
    // with the lock held
    void submit(Request r, const Flying &f)
    {
        r.id = next_id_++;
        flying_[r.id] = f;
        port_.submit(std::move(r));
        changed_.notify_all();
    }
    int control(std::unique_lock<std::mutex> &l, const Setup &setup, Bytes &data);
    void cancel(libusb_transfer *t);
    void run();
    void complete(const Request &r, Outcome o);
    static constexpr uint64_t FIRST_SERIAL = 0x0123456789abcdef;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<unsigned> waiting_{0};
    ModelCard card_;
    Port port_;
    Befall befall_;
    std::atomic<bool> present_{false};
    bool stop_ = false, claimed_ = false;
    std::atomic<unsigned> generation_{0};
    uint64_t next_id_ = 1;
    std::unordered_map<uint64_t, Flying> flying_;
    std::thread thread_;
};

} // namespace nave_usb

#endif
