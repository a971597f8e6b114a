// Streams into pieces of RAM. s_* queues up to 16 pieces: word address, count of RAM words, and where they come from:
// 0 `constant`, which stands still until all words are `taken`, 1 the 32-bit stream, 2..4 the 64-bit streams (low word
// first, an even count).
// Words are taken for the next piece while bursts of the one before still go. A burst is asked for when all its words
// are here, so the port never waits for this block. `idle`: the port took the bursts of all pieces, so that a read asked
// for from now on sees their words.
// Rate: a RAM word a clock, two clocks between pieces. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ram_writer #(
    parameter ADDRESS_BITS = 21,
    parameter LOG2_FIFO = 8
) (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [ADDRESS_BITS-1:0] s_address,
    input wire [19:0] s_words,
    input wire [2:0] s_source,
    input wire [31:0] constant,
    output wire taken,
    input wire p_valid,
    output wire p_ready,
    input wire [31:0] p_data,
    input wire [2:0] d_valid,
    output wire [2:0] d_ready,
    input wire [191:0] d_data,
    output wire idle,
    // RAM port, writing only
    output wire c_valid,
    input wire c_ready,
    output wire [ADDRESS_BITS-1:0] c_address,
    output wire [6:0] c_words,
    output wire w_valid,
    input wire w_ready,
    output wire [31:0] w_data
);
    generate
        if (LOG2_FIFO < 6) begin : g_illegal
            ram_writer_needs_a_fifo_of_64_words_or_more stop ();
        end
    endgenerate

    reg [4:0] to_take_q, to_ask_q;
    wire push = s_valid && s_ready;
    wire take_pop, ask_pop, bursts_ready;
    wire [19:0] take_words, ask_words;
    wire [2:0] take_source;
    wire [ADDRESS_BITS-1:0] ask_address;
    assign s_ready = !to_take_q[4] && !to_ask_q[4];
    nave_queue #(
        .WIDTH(23), .LOG2_DEPTH(4)
    ) taking (
        .clk(clk), .rst(rst), .push(push), .in({s_source, s_words}), .pop(take_pop),
        .out({take_source, take_words})
    );
    nave_queue #(
        .WIDTH(ADDRESS_BITS + 20), .LOG2_DEPTH(4)
    ) asking (
        .clk(clk), .rst(rst), .push(push), .in({s_words, s_address}), .pop(ask_pop), .out({ask_words, ask_address})
    );

    // the piece whose words are taken
    reg busy_q, wide_q, word_valid_q, idle_q, taken_q;
    reg last_q;  // left_q is 1
    reg [19:0] left_q;
    reg [31:0] word_q;
    reg [2:0] from_q;  // 0 constant, 1 the 32-bit stream, 2 and 3 the first 64-bit stream, low and high, ...
    reg [LOG2_FIFO:0] inside_q;  // words in the fifo and behind it: room in the fifo, without its own count
    wire fifo_ready = !inside_q[LOG2_FIFO];
    wire free = !word_valid_q || fifo_ready;
    wire [7:0] valid = {{2{d_valid[2]}}, {2{d_valid[1]}}, {2{d_valid[0]}}, p_valid, 1'b1};
    wire [255:0] all = {d_data, p_data, constant};
    wire move = busy_q && free && valid[from_q];
    assign p_ready = busy_q && free && from_q == 3'd1;
    assign d_ready = {3{busy_q && free}} & {from_q == 3'd7, from_q == 3'd5, from_q == 3'd3};
    assign take_pop = !busy_q && to_take_q != 5'd0;
    assign taken = taken_q;

    // its bursts
    reg [6:0] owed_q;
    reg owed_some_q;  // it is not 0
    wire [6:0] p_words;
    wire asked, out_valid, out_ready;
    wire written = w_valid && w_ready;
    wire stored = word_valid_q && fifo_ready;
    wire here = inside_q >= {{LOG2_FIFO - 6{1'b0}}, p_words} && !owed_some_q;
    assign ask_pop = to_ask_q != 5'd0 && bursts_ready;
    nave_ram_bursts #(
        .ADDRESS_BITS(ADDRESS_BITS), .LENGTH_BITS(20)
    ) bursts (
        .clk(clk), .rst(rst), .s_valid(to_ask_q != 5'd0), .s_ready(bursts_ready), .s_address(ask_address),
        .s_words(ask_words), .p_words(p_words), .p_go(here), .asked(asked),
        .c_valid(c_valid), .c_ready(c_ready), .c_address(c_address), .c_words(c_words)
    );
    nave_fifo #(
        .WIDTH(32), .LOG2_DEPTH(LOG2_FIFO), .BLOCK_RAM(1)
    ) words (
        .clk(clk), .rst(rst), .s_valid(stored), .s_ready(), .s_data(word_q),
        .m_valid(out_valid), .m_ready(out_ready), .m_data(w_data), .level()
    );
    assign out_ready = owed_some_q && w_ready;
    assign w_valid = out_valid && owed_some_q;
    assign idle = idle_q;

    always @(posedge clk) begin
        if (rst) begin
            to_take_q <= 5'd0;
            to_ask_q <= 5'd0;
            busy_q <= 1'b0;
            word_valid_q <= 1'b0;
            inside_q <= 0;
            owed_q <= 7'd0;
            owed_some_q <= 1'b0;
            idle_q <= 1'b0;
            taken_q <= 1'b0;
        end else begin
            to_take_q <= to_take_q + {4'd0, push} - {4'd0, take_pop};
            to_ask_q <= to_ask_q + {4'd0, push} - {4'd0, ask_pop};
            if (take_pop) busy_q <= take_words != 20'd0;
            else if (move && last_q) busy_q <= 1'b0;
            word_valid_q <= move || (word_valid_q && !fifo_ready);
            inside_q <= inside_q + {{LOG2_FIFO{1'b0}}, stored} - {{LOG2_FIFO{1'b0}}, written};
            if (asked) owed_q <= c_words;
            else if (written) owed_q <= owed_q - 7'd1;
            owed_some_q <= asked || (owed_some_q && !(written && owed_q == 7'd1));
            idle_q <= to_ask_q == 5'd0 && bursts_ready;
            taken_q <= to_take_q == 5'd0 && !busy_q;
        end
    end
    always @(posedge clk) begin
        if (take_pop) begin
            left_q <= take_words;
            last_q <= take_words == 20'd1;
            wide_q <= take_source[2:1] != 2'd0;
            from_q <= take_source[2:1] == 2'd0 ? take_source : {take_source[1:0] - 2'd1, 1'b0};
        end else if (move) begin
            left_q <= left_q - 20'd1;
            last_q <= left_q == 20'd2;
            from_q[0] <= from_q[0] ^ wide_q;
        end
        if (move) word_q <= all[32*from_q+:32];
    end
endmodule
`default_nettype wire
