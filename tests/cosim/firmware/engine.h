// The engine of rtl/card as registers on the C card's arithmetic: queues no deeper than they must be, and each part of
// it goes on when the dice say so, so that an order that the firmware only hopes for comes out wrong here.
// SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <deque>
#include <random>
#include <vector>
extern "C" {
#include "../../../driver/protocol.h"
#include "../../../sim/model/dsp.h"
}

typedef std::vector<uint32_t> Words;

struct Out { // an AUDIO_OUT
    uint32_t context, length;
    uint64_t position;
    Words payload;
};

class Engine
{
  public:
    enum Haste { LAZY, EAGER, RANDOM, LATE }; // how far it goes before it must; LATE: words reach the RAM last of all
    Engine(uint32_t ram_bytes, uint32_t log2_max, uint32_t log2_plan_words, std::mt19937 &dice, Haste haste);
    ~Engine();
    Engine(const Engine &) = delete;

    void command(uint32_t type, uint32_t context, uint64_t position, const Words &payload);
    bool is_pending() const
    {
        return pending;
    }
    void settle(); // all that can go on has
    uint32_t read(uint32_t offset);
    void write(uint32_t offset, uint32_t value);

    Words ram;
    uint32_t answer = 0, value = 0, ticks = 0, clipped = 0;
    uint32_t context_register[64] = {};
    std::vector<Out> frames;
    const char *fault = nullptr; // what the firmware did that no engine allows

  private:
    struct Piece { // of RAM
        uint32_t address, count, tag;
    };
    struct XWord {
        uint64_t data;
        uint32_t tag;
    };
    struct Job {
        uint32_t bins, first, batch, partitions, paths;
    };
    struct Run {
        uint32_t frames, how, wet, dry;
    };
    typedef std::vector<int32_t> Tile;

    std::mt19937 &dice;
    Haste haste;
    uint32_t ram_bytes, log2_max, log2_plan_words, most_batch;
    nave_tables *tables[NAVE_LOG2_MAX_PARTITION + 1] = {};
    uint32_t latched[65] = {}; // what was written to a register
    uint64_t idle_reads = 0, clock = 0;

    // link
    bool pending = false, out_waits = false;
    uint32_t type = 0, of_context = 0, clipped_words = 0;
    uint64_t at_position = 0;
    Words payload;
    bool request = false;
    uint32_t request_word = 0, given_at = 0, given_left = 0;
    bool given_to_writer = false;
    uint32_t out_left = 0;
    Out out_next;
    // streams
    std::deque<Piece> x_queue, h_queue, w_queue;
    std::deque<XWord> x_words;
    std::deque<uint64_t> h_words;
    std::deque<uint32_t> made[5]; // by source
    std::deque<std::pair<uint32_t, uint32_t>> to_ram;
    uint32_t x_done = 0, h_done = 0, w_done = 0;
    uint32_t mode = 0;
    // CPU port
    static const size_t port_fifo = 16;
    enum { NONE, READ, WRITE, FILTER } port = NONE;
    uint32_t port_at = 0, port_left = 0, port_taken = 0;
    std::deque<uint32_t> port_words;
    std::deque<std::pair<uint32_t, uint32_t>> steps;
    uint32_t step1 = 0;
    // block operations
    enum { IDLE, LOAD, UNLOAD, OVERLAP } op = IDLE;
    uint32_t op_word = 0, op_given = 0;
    Tile op_in, op_out;
    int op_shift = 0;
    bool result_valid = false;
    uint32_t result = 0;
    // CMAC
    bool running = false, open = false;
    Job job = {};
    std::deque<Job> jobs;
    Tile x_part, h_part;
    std::deque<Tile> x_ring, h_ring;
    std::vector<Tile> job_x, job_h;
    uint32_t job_step = 0, gives = 0, give_at = 0;
    bool giving = false;
    std::vector<Tile> job_y;
    std::vector<uint32_t> job_shift, job_magnitude;
    std::deque<std::pair<uint32_t, uint32_t>> tiles; // magnitude, shift
    // mixer
    std::deque<Run> runs;
    uint32_t run_done = 0;
    uint64_t dry_word = 0;
    bool dry_half = false;
    struct Mixed {
        int64_t word;
        uint32_t words, limited;
    };
    std::deque<Mixed> mixed; // on its way to the link

    uint32_t some(size_t most);
    uint32_t &ram_at(uint32_t address);
    uint32_t rings() const
    {
        return 2 * most_batch;
    }
    bool step(); // one part goes on a little; false: none can
    template <class Condition> void until(Condition condition);
    uint32_t status() const;
    bool fetch_x(), fetch_h(), write_take(), write_put(), give_payload(), send_header();
    bool cmac_starts() const;
    bool port_go(), load(), unload(), overlap(), cmac_start(), cmac_x(), cmac_h(), cmac_run(), cmac_give(), mix(),
        mix_out();
    void load_done(), cmac_sum();
    void wrong(const char *what);
};
