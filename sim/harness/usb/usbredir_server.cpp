/* The simulated card as a usbredir device: QEMU's xHCI, and with it any guest's drivers, use it as if it were plugged
 * in. Usage: usbredir_server SOCKET [CONTROL]: both are Unix sockets of QEMU; CONTROL is a serial port on which the
 * guest asks for what befalls the card ("unplug 200": unplugged now, back after 200 ms). SPDX-License-Identifier: ISC
 */
#include "befall.h"
#include "model_card.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <usbredirparser.h>

using namespace nave_usb;

namespace
{

uint64_t now_ms()
{
    using namespace std::chrono;
    return uint64_t(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

int connect_to(const char *path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    for (int i = 0; i < 3000; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0) {
            fcntl(fd, F_SETFL, O_NONBLOCK);
            return fd;
        }
        close(fd);
        usleep(10000);
    }
    return -1;
}

class Server
{
  public:
    Server(CardDevice &card, uint64_t seed) : port(card, seed), befall(port, seed)
    {
        port.complete = [this](const Request &r, Outcome o) { answer(r, o); };
    }
    int run(const char *socket_path, const char *control_path);
    bool verbose = getenv("NAVE_VERBOSE") != nullptr;
    Port port;
    Befall befall;

  private:
    void start();
    void announce();
    void answer(const Request &r, Outcome o);
    void status(uint64_t id, const Request &r, Outcome o);
    bool spin();
    static Server &of(void *p)
    {
        return *static_cast<Server *>(p);
    }
    int fd_ = -1, control_ = -1;
    usbredirparser *parser_ = nullptr;
    bool greeted_ = false, announced_ = false;
    uint8_t configuration_ = 0;
    std::string line_;
};

int usbredir_status(Outcome o)
{
    switch (o) {
    case Outcome::OK:
        return usb_redir_success;
    case Outcome::STALL:
        return usb_redir_stall;
    case Outcome::CANCELLED:
    case Outcome::GONE:
        return usb_redir_cancelled;
    case Outcome::BABBLE:
        return usb_redir_babble;
    default:
        return usb_redir_ioerror;
    }
}

// SET_CONFIGURATION and SET_INTERFACE are messages of their own in this protocol
void Server::status(uint64_t id, const Request &r, Outcome o)
{
    uint8_t code = uint8_t(usbredir_status(o));
    if (r.setup.request == 9 || r.setup.request == 8) {
        if (o == Outcome::OK) {
            configuration_ = r.setup.request == 9 ? uint8_t(r.setup.value) : r.data.empty() ? 0 : r.data[0];
        }
        usb_redir_configuration_status_header h = {};
        h.status = code;
        h.configuration = configuration_;
        usbredirparser_send_configuration_status(parser_, id, &h);
        return;
    }
    usb_redir_alt_setting_status_header h = {};
    h.status = code;
    h.interface = uint8_t(r.setup.index);
    h.alt = uint8_t(r.setup.value);
    usbredirparser_send_alt_setting_status(parser_, id, &h);
}

constexpr uint64_t INTERNAL = uint64_t(1) << 63; // ids of requests that stand for messages

void Server::answer(const Request &r, Outcome o)
{
    if (!parser_) {
        return;
    }
    if (r.id & INTERNAL) {
        status(r.id & ~INTERNAL, r, o);
        return;
    }
    uint8_t *data = const_cast<uint8_t *>(r.data.data());
    if ((r.endpoint & 15) == 0) {
        usb_redir_control_packet_header h = {};
        h.endpoint = r.endpoint;
        h.request = r.setup.request;
        h.requesttype = r.setup.type;
        h.status = uint8_t(usbredir_status(o));
        h.value = r.setup.value;
        h.index = r.setup.index;
        bool in = r.setup.type & 0x80;
        h.length = uint16_t(in ? r.data.size() : r.setup.length);
        usbredirparser_send_control_packet(parser_, r.id, &h, in ? data : nullptr, in ? int(r.data.size()) : 0);
        return;
    }
    bool in = r.endpoint & 0x80;
    size_t n = in ? r.data.size() : r.sent;
    usb_redir_bulk_packet_header h = {};
    h.endpoint = r.endpoint;
    h.status = uint8_t(usbredir_status(o));
    h.length = uint16_t(n);
    h.length_high = uint16_t(n >> 16);
    usbredirparser_send_bulk_packet(parser_, r.id, &h, in ? data : nullptr, in ? int(n) : 0);
}

void Server::announce()
{
    if (!port.plug() || !port.reset()) {
        fprintf(stderr, "usbredir_server: the device does not come up at high speed: %s\n",
                port.host.phy.violation.c_str());
        return;
    }
    Transfer d = port.host.control({0x80, 6, 0x100, 0, 18});
    if (d.data.size() != 18) {
        fprintf(stderr, "usbredir_server: the device gives no descriptor\n");
        return;
    }
    usb_redir_interface_info_header interfaces = {};
    interfaces.interface_count = 1;
    interfaces.interface_class[0] = 0xff;
    usbredirparser_send_interface_info(parser_, &interfaces);
    usb_redir_ep_info_header ends = {};
    memset(ends.type, usb_redir_type_invalid, sizeof(ends.type));
    ends.type[0] = ends.type[16] = usb_redir_type_control;
    ends.max_packet_size[0] = ends.max_packet_size[16] = 64;
    ends.type[1] = ends.type[17] = usb_redir_type_bulk;
    ends.max_packet_size[1] = ends.max_packet_size[17] = 512;
    usbredirparser_send_ep_info(parser_, &ends);
    usb_redir_device_connect_header h = {};
    h.speed = usb_redir_speed_high;
    h.vendor_id = uint16_t(d.data[8] | d.data[9] << 8);
    h.product_id = uint16_t(d.data[10] | d.data[11] << 8);
    h.device_version_bcd = uint16_t(d.data[12] | d.data[13] << 8);
    h.device_class = d.data[4];
    usbredirparser_send_device_connect(parser_, &h);
    announced_ = true;
}

void Server::start()
{
    parser_ = usbredirparser_create();
    parser_->priv = this;
    parser_->log_func = [](void *p, int level, const char *text) {
        if (of(p).verbose || level <= usbredirparser_warning) {
            fprintf(stderr, "usbredir: %s\n", text);
        }
    };
    parser_->read_func = [](void *p, uint8_t *data, int n) {
        ssize_t r = recv(of(p).fd_, data, size_t(n), 0);
        return r > 0 ? int(r) : r < 0 && errno == EAGAIN ? 0 : -1;
    };
    parser_->write_func = [](void *p, uint8_t *data, int n) {
        ssize_t r = send(of(p).fd_, data, size_t(n), MSG_NOSIGNAL);
        return r >= 0 ? int(r) : errno == EAGAIN ? 0 : -1;
    };
    parser_->hello_func = [](void *p, usb_redir_hello_header *) { of(p).greeted_ = true; };
    parser_->reset_func = [](void *p) {
        if (of(p).port.plugged()) {
            of(p).port.reset();
        }
    };
    parser_->control_packet_func = [](void *p, uint64_t id, usb_redir_control_packet_header *h, uint8_t *data, int n) {
        Request r;
        r.id = id;
        r.endpoint = h->endpoint;
        r.setup = {h->requesttype, h->request, h->value, h->index, h->length};
        r.data.assign(data, data + n);
        usbredirparser_free_packet_data(of(p).parser_, data);
        of(p).port.submit(std::move(r));
    };
    parser_->bulk_packet_func = [](void *p, uint64_t id, usb_redir_bulk_packet_header *h, uint8_t *data, int n) {
        Request r;
        r.id = id;
        r.endpoint = h->endpoint;
        r.length = h->length | size_t(h->length_high) << 16;
        r.data.assign(data, data + n);
        usbredirparser_free_packet_data(of(p).parser_, data);
        of(p).port.submit(std::move(r));
    };
    parser_->cancel_data_packet_func = [](void *p, uint64_t id) { of(p).port.cancel(id); };
    parser_->set_configuration_func = [](void *p, uint64_t id, usb_redir_set_configuration_header *h) {
        Request r;
        r.id = id | INTERNAL;
        r.setup = {0, 9, h->configuration, 0, 0};
        of(p).port.submit(std::move(r));
    };
    parser_->get_configuration_func = [](void *p, uint64_t id) {
        Request r;
        r.id = id | INTERNAL;
        r.setup = {0x80, 8, 0, 0, 1};
        of(p).port.submit(std::move(r));
    };
    parser_->set_alt_setting_func = [](void *p, uint64_t id, usb_redir_set_alt_setting_header *h) {
        Request r;
        r.id = id | INTERNAL;
        r.setup = {1, 11, h->alt, h->interface, 0};
        of(p).port.submit(std::move(r));
    };
    parser_->get_alt_setting_func = [](void *p, uint64_t id, usb_redir_get_alt_setting_header *h) {
        Request r;
        r.id = id | INTERNAL;
        r.setup = {0x81, 10, 0, h->interface, 1};
        of(p).port.submit(std::move(r));
    };
    parser_->filter_filter_func = [](void *, usbredirfilter_rule *rules, int) { free(rules); };
    parser_->filter_reject_func = [](void *) {};
    parser_->device_disconnect_ack_func = [](void *) {};
    uint32_t caps[USB_REDIR_CAPS_SIZE] = {};
    for (int cap :
         {usb_redir_cap_connect_device_version, usb_redir_cap_filter, usb_redir_cap_device_disconnect_ack,
          usb_redir_cap_ep_info_max_packet_size, usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length}) {
        usbredirparser_caps_set_cap(caps, cap);
    }
    usbredirparser_init(parser_, "nave simulated card", caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
}

// One round; false: QEMU is gone.
bool Server::spin()
{
    bool busy = announced_ && port.work();
    int wait = busy ? 0 : int(befall.wait_ms(now_ms(), 1000));
    short events = short(POLLIN | (usbredirparser_has_data_to_write(parser_) ? POLLOUT : 0));
    pollfd fds[2] = {{fd_, events, 0}, {control_, POLLIN, 0}};
    poll(fds, control_ < 0 ? 1 : 2, wait);
    if ((fds[0].revents & (POLLIN | POLLHUP)) && usbredirparser_do_read(parser_) == usbredirparser_read_io_error) {
        return false;
    }
    char text[256];
    ssize_t n = control_ >= 0 && fds[1].revents ? read(control_, text, sizeof(text)) : 0;
    for (ssize_t i = 0; i < n; i++) {
        if (text[i] != '\n' && text[i] != '\r') {
            line_ += text[i];
        } else if (!line_.empty()) {
            if (!befall.command(line_, now_ms())) {
                fprintf(stderr, "usbredir_server: no command '%s'\n", line_.c_str());
            }
            line_.clear();
        }
    }
    if (greeted_ && !announced_ && befall.plugged(now_ms())) {
        announce();
    }
    if (announced_ && !befall.plugged(now_ms())) {
        usbredirparser_send_device_disconnect(parser_);
        port.unplug();
        announced_ = false;
    }
    return !usbredirparser_has_data_to_write(parser_) || usbredirparser_do_write(parser_) >= 0;
}

int Server::run(const char *socket_path, const char *control_path)
{
    fd_ = connect_to(socket_path);
    control_ = control_path ? connect_to(control_path) : -1;
    if (fd_ < 0 || (control_path && control_ < 0)) {
        fprintf(stderr, "usbredir_server: nobody listens at %s\n", fd_ < 0 ? socket_path : control_path);
        return 1;
    }
    start();
    while (spin()) {
    }
    usbredirparser_destroy(parser_);
    parser_ = nullptr;
    const HostStatistics &s = port.host.statistics;
    printf("%.3f s of USB time, %llu packets out, %llu in, %llu NAK, %llu spoiled, %llu repeated\n",
           double(port.host.now()) / 60e6, (unsigned long long)s.packets_out, (unsigned long long)s.packets_in,
           (unsigned long long)s.naks, (unsigned long long)befall.spoiled, (unsigned long long)s.repeated_in);
    if (!port.host.phy.violation.empty()) {
        printf("rule of the bus broken: %s\n", port.host.phy.violation.c_str());
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: usbredir_server SOCKET [CONTROL]\n");
        return 2;
    }
    const char *seed = getenv("NAVE_SEED");
    ModelCard card;
    Server server(card, seed ? strtoull(seed, nullptr, 0) : 1);
    server.befall.hang = [&card](bool on) { card.deaf = on; };
    server.befall.storm = [&card](unsigned clocks) { card.storm = clocks; };
    return server.run(argv[1], argc > 2 ? argv[2] : nullptr);
}
