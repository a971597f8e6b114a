// Pieces of RAM as one stream of 64-bit words: two RAM words each, the one at the lower address low.
// s_* queues up to 16 pieces: word address, count of 64-bit words, a tag that travels with each of its words, and `skip`:
// then the RAM isn't read and the words are zero. Bursts of the next pieces are asked for while words of the one before
// still come, as far as the fifo has room, so the port never waits for this block.
// Rate: a RAM word a clock, skipped or not; three clocks between pieces. What is behind is only asked for a word when the
// last has gone, so that m_ready ends at a register. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ram_reader #(
    parameter ADDRESS_BITS = 21,
    parameter TAG_BITS = 5,
    parameter LOG2_FIFO = 8  // RAM words; with 64 a burst is only asked for when the one before has left
) (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [ADDRESS_BITS-1:0] s_address,
    input wire [15:0] s_count,
    input wire [TAG_BITS-1:0] s_tag,
    input wire s_skip,
    output wire m_valid,
    input wire m_ready,
    output wire [63:0] m_data,
    output wire [TAG_BITS-1:0] m_tag,
    output wire idle,
    // RAM port, reading only
    output wire c_valid,
    input wire c_ready,
    output wire [ADDRESS_BITS-1:0] c_address,
    output wire [6:0] c_words,
    input wire r_valid,
    input wire [31:0] r_data
);
    generate
        if (LOG2_FIFO < 6) begin : g_illegal
            ram_reader_needs_a_fifo_of_64_words_or_more stop ();
        end
    endgenerate
    localparam [LOG2_FIFO:0] FIFO_WORDS = 1 << LOG2_FIFO;

    // the pieces, for the side that asks and, until their words have come, for the side that gives
    reg [4:0] to_ask_q, to_give_q;
    wire push = s_valid && s_ready;
    wire ask_pop, give_pop, ask_skip, give_skip, bursts_ready;
    wire [ADDRESS_BITS-1:0] ask_address;
    wire [15:0] ask_count, give_count;
    wire [TAG_BITS-1:0] give_tag;
    assign s_ready = !to_give_q[4];
    nave_queue #(
        .WIDTH(ADDRESS_BITS + 17), .LOG2_DEPTH(4)
    ) asking (
        .clk(clk), .rst(rst), .push(push), .in({s_skip, s_count, s_address}), .pop(ask_pop),
        .out({ask_skip, ask_count, ask_address})
    );
    nave_queue #(
        .WIDTH(TAG_BITS + 17), .LOG2_DEPTH(4)
    ) giving (
        .clk(clk), .rst(rst), .push(push), .in({s_skip, s_tag, s_count}), .pop(give_pop),
        .out({give_skip, give_tag, give_count})
    );

    reg [LOG2_FIFO:0] reserved_q;  // words in the fifo and those asked for
    wire [6:0] p_words;
    wire asked, fifo_valid, fifo_pop;
    wire [31:0] fifo_data;
    wire room = reserved_q + {{LOG2_FIFO - 6{1'b0}}, p_words} <= FIFO_WORDS;
    assign ask_pop = to_ask_q != 5'd0 && (ask_skip || bursts_ready);
    nave_ram_bursts #(
        .ADDRESS_BITS(ADDRESS_BITS), .LENGTH_BITS(17)
    ) bursts (
        .clk(clk), .rst(rst), .s_valid(to_ask_q != 5'd0 && !ask_skip), .s_ready(bursts_ready), .s_address(ask_address),
        .s_words({ask_count, 1'b0}), .p_words(p_words), .p_go(room), .asked(asked),
        .c_valid(c_valid), .c_ready(c_ready), .c_address(c_address), .c_words(c_words)
    );
    nave_fifo #(
        .WIDTH(32), .LOG2_DEPTH(LOG2_FIFO), .BLOCK_RAM(1)
    ) words (
        .clk(clk), .rst(rst), .s_valid(r_valid), .s_ready(), .s_data(r_data),
        .m_valid(fifo_valid), .m_ready(fifo_pop), .m_data(fifo_data), .level()
    );

    // the piece whose words are given
    reg busy_q, skip_q, half_q, popped_q, valid_q, idle_q;
    reg [15:0] left_q;
    reg last_q;  // left_q is 1
    reg [TAG_BITS-1:0] tag_q, out_tag_q;
    reg [31:0] low_q;
    reg [63:0] data_q;
    wire move = busy_q && !valid_q && (skip_q || (fifo_valid && half_q));
    assign fifo_pop = busy_q && !skip_q && (!half_q || !valid_q);
    assign give_pop = !busy_q && to_give_q != 5'd0;
    assign m_valid = valid_q;
    assign m_data = data_q;
    assign m_tag = out_tag_q;
    assign idle = idle_q;

    always @(posedge clk) begin
        if (rst) begin
            to_ask_q <= 5'd0;
            to_give_q <= 5'd0;
            reserved_q <= 0;
            busy_q <= 1'b0;
            half_q <= 1'b0;
            popped_q <= 1'b0;
            valid_q <= 1'b0;
            idle_q <= 1'b0;
        end else begin
            to_ask_q <= to_ask_q + {4'd0, push} - {4'd0, ask_pop};
            to_give_q <= to_give_q + {4'd0, push} - {4'd0, give_pop};
            reserved_q <= reserved_q + (asked ? {{LOG2_FIFO - 6{1'b0}}, c_words} : {LOG2_FIFO + 1{1'b0}}) -
                {{LOG2_FIFO{1'b0}}, popped_q};
            popped_q <= fifo_pop && fifo_valid;
            if (give_pop) busy_q <= give_count != 16'd0;
            else if (move && last_q) busy_q <= 1'b0;
            if (fifo_pop && fifo_valid) half_q <= !half_q;
            valid_q <= move || (valid_q && !m_ready);
            idle_q <= to_give_q == 5'd0 && to_ask_q == 5'd0 && bursts_ready && !busy_q && !valid_q;
        end
    end
    always @(posedge clk) begin
        if (give_pop) begin
            left_q <= give_count;
            last_q <= give_count == 16'd1;
            tag_q <= give_tag;
            skip_q <= give_skip;
        end else if (move) begin
            left_q <= left_q - 16'd1;
            last_q <= left_q == 16'd2;
        end
        if (fifo_pop && !half_q) low_q <= fifo_data;
        if (move) begin
            data_q <= skip_q ? 64'd0 : {fifo_data, low_q};
            out_tag_q <= tag_q;
        end
    end
endmodule
`default_nettype wire
