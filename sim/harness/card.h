// The Verilated card: words in, words out, a clock at a time, with the RAM that its build has behind it. Stalls of
// every valid and ready from a seed, a trace on demand. Nothing that moves for long while something is owed is a hang.
// SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace nave
{

struct CardSettings {
    uint64_t stalls = 0;            // seed; 0: nobody stalls but the RAM
    std::string trace;              // FST file, none if empty
    uint64_t trace_from = 0;        // first clock of the trace
    uint64_t hang_clocks = 1000000; // without a word of the link or a burst of the RAM
    uint32_t fill = 0;              // RAM at power-on: noise of this seed, zeros if 0
    size_t output_room = 1u << 18;  // words that wait in `output` before the host counts as slow
};

class Card
{
  public:
    explicit Card(const CardSettings &settings);
    ~Card();
    // One clock. False: the card hangs, state() says where.
    bool clock();
    // Nothing is owed: all words of `input` were judged and their answers are in `output`.
    bool idle() const;
    // Nothing is on its way to the RAM either, for 400 clocks.
    bool at_rest() const;
    // The host's RAM and what lies behind it, by word.
    uint32_t peek(uint32_t word) const;
    void poke(uint32_t word, uint32_t value);
    std::string state() const;   // where it stands, for a person
    unsigned ram_errors() const; // rules that the RAM model saw broken

    static const char *ram_kind();
    static unsigned lanes(), log2_max_partition();
    static uint32_t ram_bytes(); // that the host sees

    std::deque<uint32_t> input, output;
    uint64_t clocks = 0, words_out = 0, bursts = 0, last_in = 0, last_out = 0;

  private:
    struct Inside;
    std::unique_ptr<Inside> in;
    CardSettings settings;
    uint64_t moved = 0; // clock of the last progress
    uint64_t quiet = 0; // clocks without any word of the link
    uint64_t still = 0; // clocks in which the data plane was idle and asked for no RAM
};

} // namespace nave
