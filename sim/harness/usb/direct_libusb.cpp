/* libusb's functions on the simulated bus, see direct.h and direct_bus.h.
 * SPDX-License-Identifier: ISC */
#include "direct.h"
#include "direct_bus.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace nave_usb;

extern "C" {

void nave_direct_befall(const char *command)
{
    nave_direct_befall_card(0, command);
}

void nave_direct_befall_card(unsigned card, const char *command)
{
    Bus &b = bus(card);
    auto l = b.lock();
    b.befall_.command(command, now_ms());
    b.changed_.notify_all();
}

void nave_direct_refuse(int error)
{
    world().refuse = error;
}

nave_model *nave_direct_twin(void)
{
    return ModelCard::c_card();
}

void nave_direct_hotplug(int there)
{
    world().hotplug = there;
}

unsigned nave_direct_arrivals(void)
{
    return world().told;
}

void nave_direct_leave(const void *bytes, size_t n)
{
    auto l = bus().lock();
    auto first = static_cast<const uint8_t *>(bytes);
    bus().port_.leave(Bytes(first, first + n));
}

uint64_t nave_direct_pieces(void)
{
    auto l = bus().lock();
    return bus().port_.packets;
}

void nave_direct_state(char text[256])
{
    std::string all;
    for (Bus *b : buses()) {
        auto l = b->lock();
        all += (all.empty() ? "" : " | ") + b->port_.state() + "; " + b->card_.state();
    }
    snprintf(text, 256, "%s", all.c_str());
}

const char *nave_direct_broken(void)
{
    for (Bus *b : buses()) {
        auto l = b->lock();
        if (!b->port_.host.phy.violation.empty()) {
            return b->port_.host.phy.violation.c_str();
        }
    }
    return "";
}

unsigned nave_direct_open_things(void)
{
    return world().things;
}

int LIBUSB_CALL libusb_init(libusb_context **out)
{
    bus(); // there is one card, if nobody asked for more
    *out = new libusb_context;
    std::lock_guard<std::mutex> l(world().mutex);
    world().contexts.push_back(*out);
    world().things++;
    return LIBUSB_SUCCESS;
}

void LIBUSB_CALL libusb_exit(libusb_context *context)
{
    {
        std::lock_guard<std::mutex> l(world().mutex);
        auto &all = world().contexts;
        all.erase(std::find(all.begin(), all.end(), context));
        world().things--;
    }
    delete context;
}

const char *LIBUSB_CALL libusb_error_name(int)
{
    return "an error of the simulated bus";
}

ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context *context, libusb_device ***out)
{
    auto all = buses();
    auto list = static_cast<libusb_device **>(calloc(all.size() + 1, sizeof(libusb_device *)));
    ssize_t n = 0;
    for (Bus *b : all) {
        auto l = b->lock();
        if (b->present_) {
            list[n] = new libusb_device;
            list[n]->context = context;
            list[n]->bus = b;
            list[n++]->generation = b->generation_;
        }
    }
    *out = list;
    return n;
}

static void unref(libusb_device *d)
{
    if (--d->references == 0) {
        delete d;
    }
}

void LIBUSB_CALL libusb_free_device_list(libusb_device **list, int)
{
    for (libusb_device **d = list; *d; d++) {
        unref(*d);
    }
    free(list);
}

int LIBUSB_CALL libusb_get_device_descriptor(libusb_device *d, libusb_device_descriptor *out)
{
    Bus &b = *d->bus;
    auto l = b.lock();
    Bytes data;
    if (!b.alive(d->generation)) {
        return LIBUSB_ERROR_NO_DEVICE;
    }
    int n = b.control(l, {0x80, 6, 0x100, 0, 18}, data);
    if (n != 18) {
        return n < 0 ? n : LIBUSB_ERROR_IO;
    }
    memcpy(out, data.data(), 18);
    return LIBUSB_SUCCESS;
}

uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device *)
{
    return 1;
}

int LIBUSB_CALL libusb_get_port_numbers(libusb_device *, uint8_t *, int)
{
    return 0; // no sysfs: strings come from the device
}

int LIBUSB_CALL libusb_get_device_speed(libusb_device *d)
{
    auto l = d->bus->lock();
    return d->bus->port_.host.high_speed() ? LIBUSB_SPEED_HIGH : LIBUSB_SPEED_FULL;
}

int LIBUSB_CALL libusb_open(libusb_device *d, libusb_device_handle **out)
{
    Bus &b = *d->bus;
    auto l = b.lock();
    if (world().refuse) {
        return world().refuse;
    }
    if (!b.alive(d->generation)) {
        return LIBUSB_ERROR_NO_DEVICE;
    }
    d->references++;
    *out = new libusb_device_handle{d->context, d};
    world().things++;
    return LIBUSB_SUCCESS;
}

void LIBUSB_CALL libusb_close(libusb_device_handle *h)
{
    world().things--;
    unref(h->device);
    delete h;
}

libusb_device *LIBUSB_CALL libusb_get_device(libusb_device_handle *h)
{
    return h->device;
}

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle *h, uint8_t type, uint8_t request, uint16_t value,
                                        uint16_t index, unsigned char *data, uint16_t length, unsigned)
{
    Bus &b = *h->device->bus;
    auto l = b.lock();
    if (!b.alive(h->device->generation)) {
        return LIBUSB_ERROR_NO_DEVICE;
    }
    Bytes bytes;
    if (!(type & 0x80)) {
        bytes.assign(data, data + length);
    }
    int n = b.control(l, {type, request, value, index, length}, bytes);
    if (n > 0 && (type & 0x80)) {
        memcpy(data, bytes.data(), size_t(n));
    }
    return n;
}

int LIBUSB_CALL libusb_get_string_descriptor_ascii(libusb_device_handle *h, uint8_t index, unsigned char *out, int cap)
{
    unsigned char raw[255];
    int n = libusb_control_transfer(h, 0x80, 6, uint16_t(0x300 | index), 0x409, raw, sizeof(raw), 1000);
    if (n < 2) {
        return n < 0 ? n : LIBUSB_ERROR_IO;
    }
    int length = 0;
    for (int i = 2; i + 1 < n && length < cap - 1; i += 2) {
        out[length++] = raw[i];
    }
    out[length] = 0;
    return length;
}

int LIBUSB_CALL libusb_reset_device(libusb_device_handle *h)
{
    Bus &b = *h->device->bus;
    {
        auto l = b.lock();
        if (!b.alive(h->device->generation)) {
            return LIBUSB_ERROR_NOT_FOUND;
        }
        b.port_.reset();
    }
    return libusb_set_configuration(h, 1);
}

int LIBUSB_CALL libusb_set_configuration(libusb_device_handle *h, int value)
{
    return libusb_control_transfer(h, 0, 9, uint16_t(value), 0, nullptr, 0, 1000);
}

int LIBUSB_CALL libusb_set_auto_detach_kernel_driver(libusb_device_handle *, int)
{
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

int LIBUSB_CALL libusb_claim_interface(libusb_device_handle *h, int)
{
    Bus &b = *h->device->bus;
    auto l = b.lock();
    if (!b.alive(h->device->generation)) {
        return LIBUSB_ERROR_NO_DEVICE;
    }
    if (b.claimed_) {
        return LIBUSB_ERROR_BUSY;
    }
    b.claimed_ = true;
    return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_release_interface(libusb_device_handle *h, int)
{
    Bus &b = *h->device->bus;
    auto l = b.lock();
    if (!b.alive(h->device->generation)) {
        return LIBUSB_ERROR_NO_DEVICE;
    }
    b.claimed_ = false;
    return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_set_interface_alt_setting(libusb_device_handle *h, int interface, int alternate)
{
    int n = libusb_control_transfer(h, 1, 11, uint16_t(alternate), uint16_t(interface), nullptr, 0, 1000);
    return n < 0 ? n : LIBUSB_SUCCESS;
}

libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int)
{
    world().things++;
    return static_cast<libusb_transfer *>(calloc(1, sizeof(libusb_transfer)));
}

void LIBUSB_CALL libusb_free_transfer(libusb_transfer *t)
{
    if (t) {
        world().things--;
        free(t);
    }
}

unsigned char *LIBUSB_CALL libusb_dev_mem_alloc(libusb_device_handle *, size_t n)
{
    world().things++;
    return static_cast<unsigned char *>(malloc(n));
}

int LIBUSB_CALL libusb_dev_mem_free(libusb_device_handle *, unsigned char *p, size_t)
{
    world().things--;
    free(p);
    return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_submit_transfer(libusb_transfer *t)
{
    Bus &b = *t->dev_handle->device->bus;
    auto l = b.lock();
    if (!b.alive(t->dev_handle->device->generation)) {
        return LIBUSB_ERROR_NO_DEVICE;
    }
    Request r;
    r.endpoint = t->endpoint;
    r.length = size_t(t->length);
    if (!(t->endpoint & 0x80)) {
        r.data.assign(t->buffer, t->buffer + t->length);
    }
    b.submit(std::move(r), {t, nullptr, nullptr, nullptr});
    return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_cancel_transfer(libusb_transfer *t)
{
    Bus &b = *t->dev_handle->device->bus;
    auto l = b.lock();
    b.cancel(t);
    return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *most, int *completed)
{
    std::unique_lock<std::mutex> l(context->mutex);
    auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(most->tv_sec * 1000000LL + most->tv_usec);
    auto arrival = [context] { return context->arrived && context->seen != world().plugs; };
    context->event.wait_until(l, until, [&] {
        return !context->done.empty() || context->interrupted || arrival() || (completed && *completed);
    });
    context->interrupted = false;
    if (arrival()) {
        context->seen = world().plugs;
        auto call = context->arrived;
        world().told++;
        l.unlock();
        call(context, nullptr, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED, context->arrived_user);
        l.lock();
    }
    while (!context->done.empty()) {
        libusb_transfer *t = context->done.front();
        context->done.pop_front();
        l.unlock();
        t->callback(t);
        l.lock();
    }
    return LIBUSB_SUCCESS;
}

void LIBUSB_CALL libusb_interrupt_event_handler(libusb_context *context)
{
    std::lock_guard<std::mutex> l(context->mutex);
    context->interrupted = true;
    context->event.notify_all();
}

int LIBUSB_CALL libusb_has_capability(uint32_t)
{
    return world().hotplug;
}

int LIBUSB_CALL libusb_hotplug_register_callback(libusb_context *context, int, int, int, int, int,
                                                 libusb_hotplug_callback_fn call, void *user,
                                                 libusb_hotplug_callback_handle *handle)
{
    std::lock_guard<std::mutex> l(context->mutex);
    context->arrived = call;
    context->arrived_user = user;
    context->seen = world().plugs;
    *handle = 1;
    return LIBUSB_SUCCESS;
}

void LIBUSB_CALL libusb_hotplug_deregister_callback(libusb_context *context, libusb_hotplug_callback_handle)
{
    std::lock_guard<std::mutex> l(context->mutex);
    context->arrived = nullptr;
}
}
