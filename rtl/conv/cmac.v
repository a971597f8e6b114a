// Complex multiply-accumulate of a tile of bins (nave_cmac_c of sim/model/cmac.c), in the buffer of the idle transform:
//   acc_j[k] = sum over paths and partitions of x[k] h[k], exact in 64 bits;
//   y_j[k] = min(round(acc_j[k] / 2^s_j), 2^30 - 1), s_j from the OR of the magnitudes of block j
// Bank 0 holds a ring of X tiles (aligned by load.v), bank 3 of H tiles, banks 1 and 2 the sums, re and im. Each bin of
// a partition is read once and used for all blocks of the batch: its X tile and those of the batch - 1 blocks after it.
// With two lanes, lane l has the bins k = l mod 2. Both rings are filled ahead, over the end of a job too.
// X tiles come path by path, partitions + batch - 1 each, newest block first; H tiles path by path, partitions each.
//
// Tiles of 128 bins; ring of S = 2^(MAX_LOG2N - 9) tiles: 16 for 8192 words; batch up to 8 and S / 2. No EBR of its own.
// Cycles of a job: paths partitions batch bins / LANES + batch (2 bins + 18) + 17 when the streams keep up.
// Overflow: the host scales H so that sums stay below 2^63; sums wrap as the model's.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_cmac #(
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter PART = MAX_LOG2N - 2 - (LANES - 1)
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    s_valid, // a job
    output wire                    s_ready,
    input  wire [7:0]              s_bins,       // 64..128, a multiple of 8; the same for all tiles in the rings
    input  wire                    s_first,      // bin 0 holds two real bins
    input  wire [3:0]              s_batch,      // 1..8
    input  wire [11:0]             s_partitions, // >= 1
    input  wire [11:0]             s_paths,      // >= 1
    output wire                    x_ready, // room for a word of X, which load.v accepts and writes later
    input  wire                    x_take,
    input  wire                    x_write,
    input  wire                    s_h_valid,
    output wire                    s_h_ready,
    input  wire [63:0]             s_h_data,
    output wire                    m_valid, // the tile of block 0, bin by bin, then of block 1...
    input  wire                    m_ready,
    output wire [63:0]             m_data,
    output reg                     done, // one cycle, after the last word of a block was rounded
    output reg [3:0]               done_block,
    output reg [5:0]               done_shift,
    output wire [31:0]             done_magnitude,
    output reg                     done_all, // with the last block's
    // to the transform
    output wire                    split,
    output wire [64*LANES-1:0]     x,
    output wire [64*LANES-1:0]     h,
    input  wire [128*LANES-1:0]    product,
    output wire [4*LANES*PART-1:0] read,
    input  wire [4*LANES*64-1:0]   words,
    output wire [4*LANES-1:0]      write,
    output wire [4*LANES*PART-1:0] write_address,
    output wire [3*LANES*64-1:0]   write_words // of banks 1 to 3; 0 while there is nothing to write
);
    localparam IN_TILE = 7 - (LANES - 1), SLOT = PART - IN_TILE; // a bank's address is {slot, bin / LANES}
    localparam IDLE = 3'd0, RUN = 3'd1, DRAIN = 3'd2, MEASURE = 3'd3, GIVE = 3'd4, END = 3'd5;
    localparam TO_READ = 8, TO_SUM = 12;
    generate
        if (SLOT < 2)
            nave_cmac_needs_MAX_LOG2N_of_11_or_more illegal();
    endgenerate
    integer i;
    genvar l;

    // the job
    reg [2:0] state_q;
    reg open_q; // there was a job: the rings know their tiles' bins
    reg first_q;
    reg [3:0] batch_q, last_block_q;
    reg [7:0] last_bin_q; // counts are kept less one: no subtraction before a comparison
    reg [11:0] last_partition_q, last_path_q;
    assign s_ready = state_q == IDLE;

    // rings: words accepted, words written, tiles full
    reg [7:0] x_taken_q, x_bin_q, h_bin_q;
    reg [SLOT-1:0] x_head_q, x_tail_q, h_head_q, h_tail_q;
    reg [SLOT:0] x_owed_q, x_full_q, h_full_q; // owed: accepted or full, not yet freed
    // known ahead: whether the next word is its tile's last, whether it has room
    reg [7:0] bin_before_last_of_tile_q;
    reg x_taken_last_q, x_last_q, h_last_q, x_room_q, h_room_q;
    assign x_ready = x_room_q;
    assign s_h_ready = h_room_q;
    wire h_take = s_h_valid && s_h_ready;
    wire x_tile_taken = x_take && x_taken_last_q;
    wire x_tile_full = x_write && x_last_q;
    wire h_tile_full = h_take && h_last_q;

    // steps: partitions of paths; in each all bins, in each bin all blocks
    wire [7:0] batch = {4'd0, batch_q}; // as wide as any ring's counters
    reg [11:0] partition_q, path_q;
    reg [IN_TILE-1:0] bin_q;
    reg [3:0] block_q;
    reg stepping_q;
    // what a step needs, and what this one and the next need: registers, as a step takes many cycles
    reg ready_q, next_ready_q;
    reg [SLOT:0] both_q;
    wire [7:0] wanted = state_q == IDLE ? {4'd0, s_batch} : batch;
    // known ahead: the next block and bin, what a step of many cycles stands at
    reg at_last_block_q, at_last_bin_q, at_last_partition_q, at_last_path_q, one_block_q;
    reg [IN_TILE-1:0] bin_before_last_q;
    reg [SLOT:0] x_step_q;
    wire issue = state_q == RUN && (stepping_q || ready_q);
    wire step_end = stepping_q && at_last_block_q && at_last_bin_q; // never with a step's first issue
    wire [SLOT:0] x_freed = step_end ? x_step_q : {(SLOT+1){1'b0}};
    wire [7:0] block = {4'd0, block_q}, older = {4'd0, last_block_q} - block; // in the window
    wire [SLOT-1:0] x_slot = x_tail_q + older[SLOT-1:0];

    // tags: 0 with the addresses, TO_READ with those of the sums, TO_SUM with the new sums
    reg [TO_SUM:1] valid_q, fresh_q, start_q;
    reg [TO_SUM:2] final_q;
    reg [PART-1:0] sum_address_q [1:TO_SUM];
    reg [2:0] block_at_q [1:TO_SUM];
    reg [2:0] split_q;
    assign split = split_q[2];

    // results
    reg [3:0] give_block_q;
    reg [7:0] give_bin_q;
    reg give_part_q;
    reg [4:0] wait_q, room_q;
    wire giving = state_q == GIVE && room_q != 5'd0;
    wire [7:0] give_block = {4'd0, give_block_q};
    wire [PART-1:0] give_address = {give_block[SLOT-1:0], give_bin_q[6:LANES-1]};

    wire [PART-1:0] sums_read = state_q == GIVE ? give_address : sum_address_q[TO_READ];
    reg [64*LANES-1:0] sum_re_q, sum_im_q;
    // X comes to its bank two registers behind load.v, H stands in one
    reg x_written_q, x_write_q, h_write_q, x_last_bit_q, x_upper_q, h_upper_q;
    reg [PART-1:0] x_written_address_q, x_address_q, h_address_q;
    reg [63:0] h_word_q;
    always @(posedge clk) begin
        x_written_q <= x_write;
        x_last_bit_q <= x_bin_q[0];
        x_written_address_q <= {x_head_q, x_bin_q[6:LANES-1]};
        x_write_q <= x_written_q && !rst;
        x_upper_q <= x_last_bit_q;
        x_address_q <= x_written_address_q;
        h_write_q <= h_take && !rst;
        h_upper_q <= h_bin_q[0];
        h_address_q <= {h_head_q, h_bin_q[6:LANES-1]};
        h_word_q <= h_take ? s_h_data : 64'd0;
    end
    generate
        for (l = 0; l < LANES; l = l + 1) begin : lane
            wire mine_x = LANES == 1 || x_upper_q == (l == 1), mine_h = LANES == 1 || h_upper_q == (l == 1);
            assign x[64*l +: 64] = words[64*l +: 64];
            assign h[64*l +: 64] = words[64*(3*LANES+l) +: 64];
            assign read[PART*l +: PART] = {x_slot, bin_q};
            assign read[PART*(LANES+l) +: PART] = sums_read;
            assign read[PART*(2*LANES+l) +: PART] = sums_read;
            assign read[PART*(3*LANES+l) +: PART] = {h_tail_q, bin_q};
            assign write[l] = x_write_q && mine_x;
            assign write[LANES+l] = valid_q[TO_SUM];
            assign write[2*LANES+l] = valid_q[TO_SUM];
            assign write[3*LANES+l] = h_write_q && mine_h;
            assign write_address[PART*l +: PART] = x_address_q;
            assign write_address[PART*(LANES+l) +: PART] = sum_address_q[TO_SUM];
            assign write_address[PART*(2*LANES+l) +: PART] = sum_address_q[TO_SUM];
            assign write_address[PART*(3*LANES+l) +: PART] = h_address_q;
            assign write_words[64*l +: 64] = sum_re_q[64*l +: 64];
            assign write_words[64*(LANES+l) +: 64] = sum_im_q[64*l +: 64];
            assign write_words[64*(2*LANES+l) +: 64] = h_word_q;
            wire [63:0] sum_re, sum_im;
            nave_sum #(.WIDTH(64)) add_re (
                .a(product[128*l +: 64]), .b(words[64*(LANES+l) +: 64]), .with_b(!fresh_q[TO_SUM-1]), .invert(1'b0),
                .carry(1'b0), .y(sum_re));
            nave_sum #(.WIDTH(64)) add_im (
                .a(product[128*l+64 +: 64]), .b(words[64*(2*LANES+l) +: 64]), .with_b(!fresh_q[TO_SUM-1]),
                .invert(1'b0), .carry(1'b0), .y(sum_im));
            always @(posedge clk)
                if (!valid_q[TO_SUM-1]) begin
                    sum_re_q[64*l +: 64] <= 64'd0;
                    sum_im_q[64*l +: 64] <= 64'd0;
                end else begin
                    sum_re_q[64*l +: 64] <= sum_re;
                    sum_im_q[64*l +: 64] <= sum_im;
                end
        end
    endgenerate

    // the OR of the magnitudes of each block, while the last partition passes
    reg [62:0] seen [0:7];
    reg [62:0] now_q;
    reg now_valid_q, now_start_q;
    reg [2:0] now_block_q;
    reg [62:0] ones;
    always @* begin
        ones = 63'd0;
        for (i = 0; i < LANES; i = i + 1)
            ones = ones | (sum_re_q[64*i +: 63] ^ {63{sum_re_q[64*i+63]}}) |
                (sum_im_q[64*i +: 63] ^ {63{sum_im_q[64*i+63]}});
    end
    wire [6:0] bits;
    nave_bit_length length (.clk(clk), .v({1'b0, seen[give_block_q[2:0]]}), .bits(bits));
    always @(posedge clk) begin
        now_q <= ones;
        now_valid_q <= valid_q[TO_SUM] && final_q[TO_SUM];
        now_start_q <= start_q[TO_SUM];
        now_block_q <= block_at_q[TO_SUM];
        if (now_valid_q)
            seen[now_block_q] <= now_q | (now_start_q ? 63'd0 : seen[now_block_q]);
    end

    // one rounder for re and im in turn
    reg [5:0] shift_q;
    reg [8:0] given_q, part_q; // 9: from address to rounded word
    reg [2:0] upper_q;
    reg signed [63:0] sum_q;
    reg [31:0] re_q;
    wire signed [31:0] rounded;
    wire signed [30:0] limited;
    nave_round_even #(.WIDTH(64), .SHIFT_WIDTH(6), .OUT(32)) round (
        .clk(clk), .v(sum_q), .shift(shift_q), .y(rounded));
    nave_saturate #(.WIDTH(32), .OUT(31)) limit (.v(rounded), .y(limited), .limited());
    wire [31:0] word = {limited[30], limited};
    reg word_valid_q;
    reg [63:0] word_q;
    nave_magnitude #(.WORDS(1)) largest (
        .clk(clk), .clear(state_q == MEASURE), .valid(given_q[8]), .v(word), .magnitude(done_magnitude));
    reg [4:0] queued_q;
    reg some_q, gave_q; // queued_q is not 0; room that became free a cycle before
    wire give = m_valid && m_ready;
    assign m_valid = some_q;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) result (
        .clk(clk), .rst(rst), .push(word_valid_q), .in(word_q), .pop(give), .out(m_data));
    generate
        if (LANES == 2) begin : choose
            wire [63:0] sum;
            nave_mux4 #(.WIDTH(64)) of_lane_and_part (
                .a(words[128 +: 64]), .b(words[256 +: 64]), .c(words[192 +: 64]), .d(words[320 +: 64]),
                .select({upper_q[2], part_q[2]}), .y(sum));
            always @(posedge clk)
                sum_q <= sum;
        end else begin : only
            always @(posedge clk)
                sum_q <= part_q[2] ? words[128 +: 64] : words[64 +: 64];
        end
    endgenerate
    wire unused = &{1'b0, bits[6], upper_q[2], wanted, batch, block, older, give_block, last_bin_q[7]};

    always @(posedge clk) begin
        done <= 1'b0;
        done_all <= 1'b0;
        // rings
        if (x_take)
            x_taken_q <= x_tile_taken ? 8'd0 : x_taken_q + 8'd1;
        if (x_write)
            x_bin_q <= x_tile_full ? 8'd0 : x_bin_q + 8'd1;
        if (h_take)
            h_bin_q <= h_tile_full ? 8'd0 : h_bin_q + 8'd1;
        x_head_q <= x_head_q + {{(SLOT-1){1'b0}}, x_tile_full};
        h_head_q <= h_head_q + {{(SLOT-1){1'b0}}, h_tile_full};
        x_tail_q <= x_tail_q + x_freed[SLOT-1:0];
        h_tail_q <= h_tail_q + {{(SLOT-1){1'b0}}, step_end};
        x_owed_q <= x_owed_q + {{SLOT{1'b0}}, x_tile_taken} - x_freed;
        x_full_q <= x_full_q + {{SLOT{1'b0}}, x_tile_full} - x_freed;
        h_full_q <= h_full_q + {{SLOT{1'b0}}, h_tile_full} - {{SLOT{1'b0}}, step_end};
        bin_before_last_of_tile_q <= last_bin_q - 8'd1;
        if (x_take)
            x_taken_last_q <= x_taken_q == bin_before_last_of_tile_q;
        if (x_write)
            x_last_q <= x_bin_q == bin_before_last_of_tile_q;
        if (h_take)
            h_last_q <= h_bin_q == bin_before_last_of_tile_q;
        x_room_q <= open_q && !x_owed_q[SLOT] && !(x_tile_taken && x_owed_q[SLOT-1:0] == {SLOT{1'b1}});
        h_room_q <= open_q && !h_full_q[SLOT] && !(h_tile_full && h_full_q[SLOT-1:0] == {SLOT{1'b1}});
        // steps
        both_q <= batch[SLOT:0] + x_step_q;
        ready_q <= (state_q == IDLE ? s_valid : !step_end) && x_full_q >= wanted[SLOT:0] && h_full_q != {(SLOT+1){1'b0}};
        next_ready_q <= x_full_q >= both_q && h_full_q[SLOT:1] != {SLOT{1'b0}};
        one_block_q <= last_block_q == 4'd0;
        bin_before_last_q <= last_bin_q[6:LANES-1] - 1'b1;
        at_last_partition_q <= partition_q == last_partition_q;
        at_last_path_q <= path_q == last_path_q;
        x_step_q <= at_last_partition_q ? batch[SLOT:0] : {{SLOT{1'b0}}, 1'b1};
        if (state_q == IDLE) begin
            at_last_block_q <= s_batch == 4'd1;
            at_last_bin_q <= 1'b0;
        end else if (issue) begin
            at_last_block_q <= one_block_q || (!at_last_block_q && block_q + 4'd1 == last_block_q);
            if (at_last_block_q)
                at_last_bin_q <= bin_q == bin_before_last_q;
        end
        if (issue) begin
            stepping_q <= !step_end || (next_ready_q && !(at_last_partition_q && at_last_path_q));
            block_q <= at_last_block_q ? 4'd0 : block_q + 4'd1;
            if (at_last_block_q)
                bin_q <= at_last_bin_q ? {IN_TILE{1'b0}} : bin_q + 1'b1;
            if (step_end) begin
                partition_q <= at_last_partition_q ? 12'd0 : partition_q + 12'd1;
                if (at_last_partition_q)
                    path_q <= path_q + 12'd1;
            end
        end
        valid_q <= {valid_q[TO_SUM-1:1], issue};
        fresh_q <= {fresh_q[TO_SUM-1:1], path_q == 12'd0 && partition_q == 12'd0};
        final_q <= {final_q[TO_SUM-1:2], at_last_path_q && at_last_partition_q}; // they are a cycle behind
        start_q <= {start_q[TO_SUM-1:1], bin_q == {IN_TILE{1'b0}}};
        split_q <= {split_q[1:0], first_q && bin_q == {IN_TILE{1'b0}}};
        sum_address_q[1] <= {block[SLOT-1:0], bin_q};
        block_at_q[1] <= block_q[2:0];
        for (i = 2; i <= TO_SUM; i = i + 1) begin
            sum_address_q[i] <= sum_address_q[i-1];
            block_at_q[i] <= block_at_q[i-1];
        end
        // results
        given_q <= {given_q[7:0], giving};
        part_q <= {part_q[7:0], give_part_q};
        upper_q <= {upper_q[1:0], give_bin_q[0]};
        if (given_q[8] && !part_q[8])
            re_q <= word;
        word_valid_q <= given_q[8] && part_q[8];
        word_q <= {word, re_q};
        queued_q <= queued_q + {4'd0, word_valid_q} - {4'd0, give};
        some_q <= word_valid_q || queued_q[4:1] != 4'd0 || (queued_q[0] && !give);
        gave_q <= give;
        room_q <= room_q - {4'd0, giving && give_part_q} + {4'd0, gave_q};
        case (state_q)
        IDLE:
            if (s_valid) begin
                open_q <= 1'b1;
                last_bin_q <= s_bins - 8'd1;
                first_q <= s_first;
                batch_q <= s_batch;
                last_block_q <= s_batch - 4'd1;
                last_partition_q <= s_partitions - 12'd1;
                last_path_q <= s_paths - 12'd1;
                partition_q <= 12'd0;
                path_q <= 12'd0;
                bin_q <= {IN_TILE{1'b0}};
                block_q <= 4'd0;
                stepping_q <= 1'b0;
                state_q <= RUN;
            end
        RUN: begin
            wait_q <= 5'd0;
            if (step_end && at_last_partition_q && at_last_path_q)
                state_q <= DRAIN;
        end
        DRAIN: begin // the last sums on their way to the banks
            wait_q <= wait_q + 5'd1;
            give_block_q <= 4'd0;
            if (wait_q == 5'd15) begin
                wait_q <= 5'd0;
                state_q <= MEASURE;
            end
        end
        MEASURE: begin
            wait_q <= wait_q + 5'd1;
            give_bin_q <= 8'd0;
            give_part_q <= 1'b0;
            if (wait_q == 5'd3) begin
                shift_q <= bits > 7'd30 ? bits[5:0] - 6'd30 : 6'd0;
                wait_q <= 5'd0;
                state_q <= GIVE;
            end
        end
        GIVE:
            if (giving) begin
                give_part_q <= !give_part_q;
                if (give_part_q) begin
                    give_bin_q <= give_bin_q + 8'd1;
                    if (give_bin_q == last_bin_q)
                        state_q <= END;
                end
            end
        END: begin // the last word on its way to the queue
            wait_q <= wait_q + 5'd1;
            if (wait_q == 5'd13) begin
                done <= 1'b1;
                done_block <= give_block_q;
                done_shift <= shift_q;
                done_all <= give_block_q == last_block_q;
                give_block_q <= give_block_q + 4'd1;
                wait_q <= 5'd0;
                state_q <= give_block_q == last_block_q ? IDLE : MEASURE;
            end
        end
        default: state_q <= IDLE;
        endcase
        if (rst) begin
            state_q <= IDLE;
            open_q <= 1'b0;
            done <= 1'b0;
            stepping_q <= 1'b0;
            valid_q <= {TO_SUM{1'b0}};
            given_q <= 9'd0;
            word_valid_q <= 1'b0;
            now_valid_q <= 1'b0;
            x_taken_q <= 8'd0;
            x_bin_q <= 8'd0;
            h_bin_q <= 8'd0;
            x_taken_last_q <= 1'b0;
            x_last_q <= 1'b0;
            h_last_q <= 1'b0;
            x_room_q <= 1'b0;
            h_room_q <= 1'b0;
            ready_q <= 1'b0;
            x_head_q <= {SLOT{1'b0}};
            x_tail_q <= {SLOT{1'b0}};
            h_head_q <= {SLOT{1'b0}};
            h_tail_q <= {SLOT{1'b0}};
            x_owed_q <= {(SLOT+1){1'b0}};
            x_full_q <= {(SLOT+1){1'b0}};
            h_full_q <= {(SLOT+1){1'b0}};
            queued_q <= 5'd0;
            some_q <= 1'b0;
            gave_q <= 1'b0;
            room_q <= 5'd16;
        end
    end
endmodule

`default_nettype wire
