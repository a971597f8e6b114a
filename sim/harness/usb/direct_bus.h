/* The bus behind the direct front: one thread clocks it; what it finishes waits in its context until that handles
 * events, as with the real libusb. SPDX-License-Identifier: ISC */
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

struct libusb_context {
    std::deque<libusb_transfer *> done;
    std::condition_variable event;
    bool interrupted = false;
    libusb_hotplug_callback_fn arrived = nullptr;
    void *arrived_user = nullptr;
    unsigned seen = 0; // the generation that `arrived` was told of
};

struct libusb_device {
    libusb_context *context = nullptr;
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

class Bus
{
  public:
    Bus() : port_(card_, seed()), befall_(port_, seed())
    {
        port_.complete = [this](const Request &r, Outcome o) { complete(r, o); };
        befall_.hang = [this](bool on) { card_.deaf = on; };
        befall_.storm = [this](unsigned clocks) { card_.storm = clocks; };
        thread_ = std::thread([this] { run(); });
        std::unique_lock<std::mutex> l = lock();
        changed_.wait(l, [this] { return present_; });
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
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<unsigned> waiting_{0};
    ModelCard card_;
    Port port_;
    Befall befall_;
    bool present_ = false, stop_ = false, claimed_ = false;
    unsigned generation_ = 0;
    uint64_t next_id_ = 1;
    std::unordered_map<uint64_t, Flying> flying_;
    std::deque<libusb_context *> contexts_;
    int refuse_ = 0;
    unsigned things_ = 0;
    std::thread thread_;
};

Bus &bus();

} // namespace nave_usb

#endif
