/* A host controller's port: transfers are queued for each endpoint and done one after another on the simulated bus.
 * Both fronts, the usbredir server and the direct one, are made of it.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_PORT_H
#define NAVE_SIM_USB_PORT_H

#include "host.h"

#include <deque>
#include <map>

namespace nave_usb
{

// A device with its card: what the port must know of it beside its pins.
class CardDevice
{
  public:
    virtual ~CardDevice() = default;
    virtual Device &device() = 0;
    // the card will send by itself, if it is clocked
    virtual bool pending() = 0;
    // words that went from the card to the device since the beginning
    virtual uint64_t words_given() = 0;
};

enum class Outcome { OK, STALL, ERROR, BABBLE, CANCELLED, GONE };

struct Request {
    uint64_t id = 0;
    uint8_t endpoint = 0; // with the direction
    Setup setup = {};     // of endpoint 0
    Bytes data;           // to the device, or from it when it is done
    size_t length = 0;    // wanted of an IN
    size_t sent = 0;
};

class Port
{
  public:
    Port(CardDevice &card, uint64_t seed) : host(card.device(), seed), card_(card)
    {
    }
    std::function<void(const Request &, Outcome)> complete;
    bool plug();   // and wait for the pull-up; true: there is one
    void unplug(); // everything queued ends as GONE
    bool plugged() const
    {
        return plugged_;
    }
    bool reset(); // and an address; true: the device is high speed
    void submit(Request request);
    // True: it is queued no longer and ends as CANCELLED. An IN that was answered a moment ago has its data put back.
    bool cancel(uint64_t id);
    // An answer that comes before what the card says next.
    void leave(Bytes data)
    {
        back_[order_++] = std::move(data);
    }
    // Does a piece of what is queued. False: nothing will happen until something is submitted.
    bool work();
    std::string state() const; // for a person who looks for a hang
    bool lossy = false;        // data of a transfer that is taken back is lost, as most controllers do it
    Host host;
    uint64_t packets = 0; // bulk transfers' pieces so far, a clock for tests that pull the plug

  private:
    void control(Request request);
    bool out();
    bool in();
    Outcome outcome(Status status) const;
    std::deque<Request> control_, out_, in_;
    std::map<uint64_t, Bytes> back_; // data that came for a transfer that no longer exists, by the order of its coming
    struct Answered {
        uint64_t id, order;
        Bytes data;
    };
    std::deque<Answered> answered_;
    uint64_t order_ = 0, given_ = 0; // words of the card at the last IN
    CardDevice &card_;
    bool plugged_ = false;
    bool empty_ = false; // the device said NAK to the last IN and nothing happened since
};

} // namespace nave_usb

#endif
