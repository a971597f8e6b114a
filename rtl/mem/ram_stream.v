// Any range of words between a stream and a RAM port, in bursts that the port allows (ram_bursts.v).
// j_* asks for a job; j_ready means that the last one is done, to its last word. s_* gives the words of a writing job, m_*
// those of a reading one. A burst is written when all its words are here and read when there is room for them, so the
// port never waits for this block. Rate: a word a clock. Overflow: none. The fifo holds 2^LOG2_FIFO words; one of less
// than 64 makes shorter bursts, which is enough for a port that moves little.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ram_stream #(
    parameter ADDRESS_BITS = 21,
    parameter LENGTH_BITS = 15,
    parameter LOG2_FIFO = 8,
    parameter BLOCK_RAM = 1
) (
    input wire clk,
    input wire rst,
    input wire j_valid,
    output wire j_ready,
    input wire j_write,
    input wire [ADDRESS_BITS-1:0] j_address,
    input wire [LENGTH_BITS-1:0] j_words,
    input wire s_valid,
    output wire s_ready,
    input wire [31:0] s_data,
    output wire m_valid,
    input wire m_ready,
    output wire [31:0] m_data,
    // RAM port
    output wire c_valid,
    input wire c_ready,
    output wire c_write,
    output wire [ADDRESS_BITS-1:0] c_address,
    output wire [6:0] c_words,
    output wire w_valid,
    input wire w_ready,
    output wire [31:0] w_data,
    input wire r_valid,
    input wire [31:0] r_data
);
    generate
        if (ADDRESS_BITS < 7 || LENGTH_BITS < 8) begin : g_illegal
            ram_stream_needs_7_address_and_8_length_bits_or_more stop ();
        end
        if (LOG2_FIFO < 2) begin : g_illegal_fifo
            ram_stream_needs_a_fifo_of_4_words_or_more stop ();
        end
    endgenerate

    localparam LOG2_BURST = LOG2_FIFO < 6 ? LOG2_FIFO : 6;
    // counts of words as wide as both a burst and the fifo
    localparam COUNT = LOG2_FIFO < 6 ? 7 : LOG2_FIFO + 1;
    localparam [COUNT-1:0] FIFO_WORDS = 1 << LOG2_FIFO;

    reg write_q;
    reg idle_q;  // late by a clock: j_ready is a register
    reg [LENGTH_BITS-1:0] take_q;  // words of a writing job still to come
    reg [6:0] owed_q;  // words of the present writing burst
    reg take_some_q, owed_some_q;  // they are not 0
    reg [COUNT-1:0] reserved_q;  // words inside; of a reading job those asked for too
    wire fifo_s_ready, out_ready, out_valid;
    wire [31:0] out_data;
    // the next burst is planned while the words of the one before still move
    wire asked, bursts_ready;
    wire [6:0] p_words;
    wire [COUNT:0] burst = {{COUNT - 6{1'b0}}, p_words};
    wire room = {1'b0, reserved_q} + burst <= {1'b0, FIFO_WORDS};
    wire here = {1'b0, reserved_q} >= burst && !owed_some_q;
    wire begins = j_valid && j_ready;
    wire taken = s_valid && s_ready;
    wire written = w_valid && w_ready;
    wire given = m_valid && m_ready;

    assign j_ready = idle_q;
    assign c_write = write_q;
    assign s_ready = take_some_q && fifo_s_ready;
    assign m_valid = out_valid && !write_q;
    assign m_data = out_data;
    assign w_valid = out_valid && owed_some_q;
    assign w_data = out_data;

    nave_ram_bursts #(
        .ADDRESS_BITS(ADDRESS_BITS), .LENGTH_BITS(LENGTH_BITS), .LOG2_BURST(LOG2_BURST)
    ) bursts (
        .clk(clk), .rst(rst), .s_valid(begins), .s_ready(bursts_ready), .s_address(j_address), .s_words(j_words),
        .p_words(p_words), .p_go(write_q ? here : room), .asked(asked),
        .c_valid(c_valid), .c_ready(c_ready), .c_address(c_address), .c_words(c_words)
    );
    always @(posedge clk) begin
        if (rst) begin
            take_q <= 0;
            owed_q <= 7'd0;
            take_some_q <= 1'b0;
            owed_some_q <= 1'b0;
            reserved_q <= 0;
            write_q <= 1'b0;
            idle_q <= 1'b0;
        end else begin
            idle_q <= bursts_ready && !owed_some_q && reserved_q == 0 && !begins;
            take_some_q <= begins ? j_write && j_words != 0 : take_some_q && !(taken && take_q == 1);
            owed_some_q <= (asked && write_q) || (owed_some_q && !(written && owed_q == 7'd1));
            if (begins) write_q <= j_write;
            if (begins) take_q <= j_write ? j_words : 0;
            else if (taken) take_q <= take_q - {{LENGTH_BITS - 1{1'b0}}, 1'b1};
            if (asked && write_q) owed_q <= p_words;
            else if (written) owed_q <= owed_q - 7'd1;
            reserved_q <= reserved_q + (asked && !write_q ? burst[COUNT-1:0] : {COUNT{1'b0}}) -
                {{COUNT - 1{1'b0}}, given || written} + {{COUNT - 1{1'b0}}, taken};
        end
    end

    nave_fifo #(
        .WIDTH(32),
        .LOG2_DEPTH(LOG2_FIFO),
        .BLOCK_RAM(BLOCK_RAM)
    ) words (
        .clk(clk),
        .rst(rst),
        .s_valid(write_q ? taken : r_valid),
        .s_ready(fifo_s_ready),
        .s_data(write_q ? s_data : r_data),
        .m_valid(out_valid),
        .m_ready(out_ready),
        .m_data(out_data),
        .level()
    );
    assign out_ready = write_q ? owed_some_q && w_ready : m_ready;
endmodule
`default_nettype wire
