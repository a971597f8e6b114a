// The Verilated card and its RAM (card.h). One build is one kind of card: NAVE_CARD_* say which.
// SPDX-License-Identifier: ISC
#include "card.h"
#include "Vcard.h"
#include "Vcard___024root.h"
#include "coverage.h"
#include "hyperram.h"
#include "sdram.h"
#include <cstring>
#include <vector>
#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif

#define NAVE_RAM_PORT 0
#define NAVE_RAM_HYPERRAM 1
#define NAVE_RAM_SDRAM 2

namespace nave
{

static const double clock_mhz = NAVE_CARD_CLOCK_HZ / 1e6;

// Small and quick; the quality is that of a stall.
class Dice
{
  public:
    explicit Dice(uint64_t seed) : s(seed * 0x9e3779b97f4a7c15ull + 0x2545f4914f6cdd1dull)
    {
    }
    uint32_t operator()()
    {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        return (uint32_t)(s >> 32);
    }

  private:
    uint64_t s;
};

// Who stalls, and how often, changes all the time: long runs without a gap meet what many gaps hide, and the reverse.
class Stalls
{
  public:
    explicit Stalls(uint64_t seed) : on(seed != 0), dice(seed)
    {
    }
    enum { IN, OUT, COMMAND, WRITE, READ, KINDS };
    void clock()
    {
        if (!on || left-- > 0)
            return;
        left = 16 + (int)(dice() % 3000);
        for (auto &w : weight)
            w = dice() % 3 ? 0 : dice() % 250;
    }
    bool operator()(int kind)
    {
        return on && weight[kind] && (dice() & 255) < weight[kind];
    }

  private:
    bool on;
    Dice dice;
    int left = 0;
    uint32_t weight[KINDS] = {};
};

#if NAVE_CARD_RAM == NAVE_RAM_PORT
// A RAM on the controller's port: 6 clocks to a burst, then a word a clock. Checks the rules of rtl/mem/README.md.
class PortRam
{
  public:
    explicit PortRam(size_t words) : memory(words)
    {
    }
    std::vector<uint32_t> memory;
    unsigned errors = 0;

    void before(Vcard &d, Stalls &stalls)
    {
        d.c_ready = !left && !stalls(Stalls::COMMAND);
        d.w_ready = left && write && !stalls(Stalls::WRITE);
        d.r_valid = left && !write && !wait && !stalls(Stalls::READ);
        d.r_data = d.r_valid ? memory[at] : 0xdeadbeef;
    }
    void edge(const Vcard &d)
    {
        if (wait)
            wait--;
        if (!left) {
            if (d.c_valid && d.c_ready)
                begin(d);
        } else if (write) {
            if (!d.w_valid) {
                // it may come one clock after the command, not later
                if (late++)
                    error("a written burst has a gap");
            } else {
                late = 0;
                if (d.w_ready) {
                    memory[at++] = d.w_data;
                    left--;
                }
            }
        } else if (d.r_valid) {
            at++;
            left--;
        }
    }

  private:
    bool write = false;
    uint32_t at = 0;
    unsigned left = 0, wait = 0, late = 0;

    void begin(const Vcard &d)
    {
        write = d.c_write;
        at = d.c_address;
        left = d.c_words;
        wait = 6;
        late = 0;
        if (left < 1 || left > 64 || (at & 63) + left > 64 || at + left > memory.size())
            error("a burst breaks a rule");
        if (at + left > memory.size())
            left = 0;
    }
    void error(const char *what)
    {
        if (errors++ < 5)
            fprintf(stderr, "RAM port, word %x: %s\n", at, what);
    }
};
#endif

struct Card::Inside {
    explicit Inside(const CardSettings &s)
        : stalls(s.stalls),
#if NAVE_CARD_RAM == NAVE_RAM_PORT
          ram((size_t)1 << NAVE_CARD_ADDRESS_BITS),
#elif NAVE_CARD_RAM == NAVE_RAM_HYPERRAM
          ram(clock_mhz, s.stalls ? 1 + s.stalls % 4 : 2, s.stalls ? 4 : 30, (uint32_t)s.stalls),
#else
          ram(clock_mhz, 13, NAVE_CARD_ADDRESS_BITS - 14, (uint32_t)s.stalls),
#endif
          d(undefined(s), "card")
    {
    }
    VerilatedContext context;
    // What starts undefined is random, in a build that has it so (--x-initial unique); before the card is made.
    VerilatedContext *undefined(const CardSettings &s)
    {
        context.randReset(2);
        context.randSeed((int)((s.stalls + s.fill) & 0x7fffffff) | 1); // 0 is the clock's
        return &context;
    }
    Stalls stalls;
#if NAVE_CARD_RAM == NAVE_RAM_PORT
    PortRam ram;
#elif NAVE_CARD_RAM == NAVE_RAM_HYPERRAM
    HyperRam ram;
    void half()
    {
        const HyperRam::Out out = ram.half({(bool)d.hr_reset_n, (bool)d.hr_cs_n, (bool)d.hr_ck, (bool)d.hr_dq_oe,
                                            (bool)d.hr_rwds_oe, (uint8_t)d.hr_dq_o});
        d.hr_dq_i = out.dq;
        d.hr_rwds_i = out.rwds;
    }
#else
    Sdram ram;
    uint16_t dq = 0;
#endif
    Vcard d;
    bool offered = false; // a word that was shown stays
    std::string fault;
#if VM_TRACE
    VerilatedFstC fst;
    bool tracing = false;
#endif

    void dump(uint64_t time)
    {
#if VM_TRACE
        if (tracing)
            fst.dump(time);
#else
        (void)time;
#endif
    }
    // The pins around one edge; `sample` looks at the card's ports before it.
    template <class Sample> void edge(uint64_t clocks, Sample sample)
    {
        d.clk = 0;
#if NAVE_CARD_RAM == NAVE_RAM_PORT
        ram.before(d, stalls);
#elif NAVE_CARD_RAM == NAVE_RAM_SDRAM
        d.sd_dq_i = dq;
#endif
        d.eval();
        dump(2 * clocks);
        sample();
#if NAVE_CARD_RAM == NAVE_RAM_PORT
        if (!d.rst) // what stands at the port before has no meaning
            ram.edge(d);
#elif NAVE_CARD_RAM == NAVE_RAM_HYPERRAM
        half();
#else
        dq = ram.clock({(bool)d.sd_cke, (bool)d.sd_cs_n, (bool)d.sd_ras_n, (bool)d.sd_cas_n, (bool)d.sd_we_n,
                        (bool)d.sd_dq_oe, d.sd_ba, d.sd_a, d.sd_dqm, (uint16_t)d.sd_dq_o});
#endif
        d.clk = 1;
        d.eval();
        dump(2 * clocks + 1);
#if NAVE_CARD_RAM == NAVE_RAM_HYPERRAM
        half();
#endif
    }
    const Vcard___024root &r() const
    {
        return *d.rootp;
    }
};

// probes: sim/harness/card.vlt
#define NAVE_PROBE(path) (in->r().nave_card__DOT__##path)

Card::Card(const CardSettings &s) : in(new Inside(s)), settings(s)
{
    Vcard &d = in->d;
#if VM_TRACE
    if (!s.trace.empty()) {
        in->context.traceEverOn(true);
        d.trace(&in->fst, 99);
    }
#else
    if (!s.trace.empty())
        in->fault = "this build has no trace: make sim TRACE=1";
#endif
    d.rst = 1;
    d.s_valid = d.m_ready = 0;
    for (int i = 0; i < 8; i++)
        in->edge(clocks, [] {});
    d.rst = 0;
    for (int i = 0; i < 60000 && !d.ram_ready; i++)
        in->edge(clocks, [] {});
    if (!d.ram_ready)
        in->fault = "the RAM's controller does not become ready";
    const uint32_t words = (uint32_t)1 << NAVE_CARD_ADDRESS_BITS;
    Dice noise(s.fill);
    for (uint32_t i = 0; i < words; i++)
        if (s.fill)
            poke(i, noise());
        else if (NAVE_CARD_RAM == NAVE_RAM_SDRAM && i % 64 == 0) // what it looked for at the start
            poke(i, 0);
}

Card::~Card()
{
#if VM_TRACE
    if (in->tracing)
        in->fst.close();
#endif
    in->d.final();
    nave::count_coverage();
}

bool Card::clock()
{
    Vcard &d = in->d;
    if (!in->fault.empty())
        return false;
#if VM_TRACE
    if (!settings.trace.empty() && !in->tracing && clocks >= settings.trace_from) {
        in->fst.open(settings.trace.c_str());
        in->tracing = true;
    }
#endif
    in->stalls.clock();
    if (!in->offered)
        in->offered = !input.empty() && !in->stalls(Stalls::IN);
    d.s_valid = in->offered;
    d.s_data = in->offered ? input.front() : 0xdeadbeef;
    const bool room = output.size() < settings.output_room;
    d.m_ready = room && !in->stalls(Stalls::OUT);
    in->edge(clocks, [&] {
        bool any = !room;
        quiet++;
        if (d.s_valid && d.s_ready) {
            input.pop_front();
            in->offered = false;
            last_in = clocks;
            any = true;
        }
        if (d.m_valid && d.m_ready) {
            output.push_back(d.m_data);
            words_out++;
            last_out = clocks;
            any = true;
        }
        if (any)
            quiet = 0;
        if (NAVE_PROBE(a_c_valid) && NAVE_PROBE(a_c_ready)) {
            bursts++;
            any = true;
        }
        if (any)
            moved = clocks;
        still = NAVE_PROBE(a_c_valid) || NAVE_PROBE(engine__DOT__status) != 0x7f ? 0 : still + 1;
    });
    clocks++;
    if (d.ram_fault)
        in->fault = "the RAM's controller reports a fault";
    if (clocks - moved > settings.hang_clocks && !idle()) {
        in->fault = "nothing has moved for " + std::to_string(settings.hang_clocks) + " clocks while something is owed";
        return false;
    }
    return true;
}

bool Card::idle() const
{
    // 0 IDLE, 1 TAKE of command.v; 0 FILL, 3 PAYLOAD, 4 TRAILER of frame_rx.v: they wait for the host
    const unsigned command = NAVE_PROBE(link__DOT__commands__DOT__state_q);
    const unsigned rx = NAVE_PROBE(link__DOT__receiver__DOT__state_q);
    return quiet > 64 && input.empty() && (command == 0 || command == 1) && (rx == 0 || rx == 3 || rx == 4) &&
           !in->d.m_valid;
}

bool Card::at_rest() const
{
    return idle() && still > 400;
}

uint32_t Card::peek(uint32_t word) const
{
#if NAVE_CARD_RAM == NAVE_RAM_PORT
    return in->ram.memory[word];
#elif NAVE_CARD_RAM == NAVE_RAM_HYPERRAM
    uint32_t v;
    memcpy(&v, &in->ram.memory[4 * (size_t)word], 4);
    return v;
#else
    return in->ram.at(2 * word) | (uint32_t)in->ram.at(2 * word + 1) << 16;
#endif
}

void Card::poke(uint32_t word, uint32_t value)
{
#if NAVE_CARD_RAM == NAVE_RAM_PORT
    in->ram.memory[word] = value;
#elif NAVE_CARD_RAM == NAVE_RAM_HYPERRAM
    memcpy(&in->ram.memory[4 * (size_t)word], &value, 4);
#else
    in->ram.at(2 * word) = (uint16_t)value;
    in->ram.at(2 * word + 1) = (uint16_t)(value >> 16);
#endif
}

std::string Card::state() const
{
    static const char *const rx[8] = {"FILL", "CHECK", "HEADER", "PAYLOAD", "TRAILER", "FINISH", "?", "?"};
    static const char *const command[16] = {"IDLE", "TAKE",   "JUDGE", "LOOKUP", "RUN", "WAIT", "COPY", "DATA",
                                            "GIVE", "ANSWER", "WORDS", "BEGIN",  "?",   "?",    "?",    "?"};
    static const char *const tx[4] = {"IDLE", "HEADER", "PAYLOAD", "TRAILER"};
    const Vcard &d = in->d;
    char text[400];
    snprintf(
        text, sizeof(text),
        "%s%sclock %llu, last word in at %llu, out at %llu, %llu bursts; frame_rx %s, command %s (frame type 0x%x), "
        "frame_tx %s, s_ready %d, m_valid %d; firmware at 0x%x, engine status 0x%x",
        in->fault.c_str(), in->fault.empty() ? "" : ": ", (unsigned long long)clocks, (unsigned long long)last_in,
        (unsigned long long)last_out, (unsigned long long)bursts, rx[NAVE_PROBE(link__DOT__receiver__DOT__state_q) & 7],
        command[NAVE_PROBE(link__DOT__commands__DOT__state_q) & 15], (unsigned)NAVE_PROBE(link__DOT__x_type),
        tx[NAVE_PROBE(link__DOT__transmitter__DOT__state_q) & 3], d.s_ready, d.m_valid,
        (unsigned)NAVE_PROBE(control__DOT__core__DOT__pc_q), (unsigned)NAVE_PROBE(engine__DOT__status));
    return text;
}

unsigned Card::ram_errors() const
{
    return in->ram.errors;
}

const char *Card::ram_kind()
{
    static const char *const kind[] = {"port", "hyperram", "sdram"};
    return kind[NAVE_CARD_RAM];
}

unsigned Card::lanes()
{
    return NAVE_CARD_LANES;
}

unsigned Card::log2_max_partition()
{
    return NAVE_CARD_LOG2N;
}

uint32_t Card::ram_bytes()
{
    return NAVE_CARD_RAM_BYTES;
}

} // namespace nave
