// Keeps one payload until its CRC is known, so that nothing is ever applied by half.
// begin_* opens a payload of so many words, s_* takes them; afterwards any part is read as often as wanted: q_* names
// offset and length, m_* gives the words. Up to 1 << LOG2_CHIP_WORDS words stay in block RAM; a longer payload goes to the
// RAM from word STAGE_ADDRESS on (a multiple of 64), 16384 words that the host does not see, and comes back from there.
// Rate: a word a clock on the chip; that of the RAM port else. Overflow: none, s_ready and q_ready wait.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_payload #(
    parameter ADDRESS_BITS = 21,
    parameter LOG2_CHIP_WORDS = 10,
    parameter [ADDRESS_BITS-1:0] STAGE_ADDRESS = 0
) (
    input wire clk,
    input wire rst,
    input wire begin_valid,
    output wire begin_ready,
    input wire [14:0] begin_words,
    input wire s_valid,
    output wire s_ready,
    input wire [31:0] s_data,
    input wire q_valid,
    output wire q_ready,
    input wire [14:0] q_offset,
    input wire [14:0] q_words,
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
        if (LOG2_CHIP_WORDS < 6 || LOG2_CHIP_WORDS > 14 || STAGE_ADDRESS[5:0] != 0 || ADDRESS_BITS < 16)
        begin : g_illegal
            payload_parameter_is_out_of_range stop ();
        end
    endgenerate

    localparam [14:0] CHIP_WORDS = 1 << LOG2_CHIP_WORDS;

    reg staged_q;
    (* no_rw_check *)  // it is read when all words are in
    reg [31:0] memory[0:(1<<LOG2_CHIP_WORDS)-1];
    reg [LOG2_CHIP_WORDS-1:0] write_q, read_q;
    reg [14:0] owed_q;  // words of the open payload still to come
    reg [14:0] left_q;  // words of the present request still to be fetched from the chip
    reg owed_some_q, left_some_q;  // they are not 0
    reg quiet_q;  // nothing is under way
    reg valid_q, out_valid_q;
    reg [31:0] data_q, out_q;  // a block RAM's output comes late in the clock: nothing but a register behind it

    wire job_ready, stream_s_ready, stream_m_valid;
    wire [31:0] stream_m_data;
    wire begins = begin_valid && begin_ready;
    wire long = begin_words > CHIP_WORDS;
    wire asks = q_valid && q_ready;
    wire take = s_valid && s_ready;
    wire step = !out_valid_q || (m_ready && !staged_q);
    wire fetch = left_some_q && (!valid_q || step);

    assign begin_ready = quiet_q;
    assign s_ready = owed_some_q && (!staged_q || stream_s_ready);
    assign q_ready = quiet_q && !begin_valid;
    assign m_valid = staged_q ? stream_m_valid : out_valid_q;
    assign m_data = staged_q ? stream_m_data : out_q;

    always @(posedge clk) begin
        if (take) memory[write_q] <= s_data;
        if (fetch) data_q <= memory[read_q];
        if (step) out_q <= data_q;
        if (begins) begin
            staged_q <= long;
            write_q <= 0;
        end else if (take) write_q <= write_q + {{LOG2_CHIP_WORDS - 1{1'b0}}, 1'b1};
        if (asks) read_q <= q_offset[LOG2_CHIP_WORDS-1:0];
        else if (fetch) read_q <= read_q + {{LOG2_CHIP_WORDS - 1{1'b0}}, 1'b1};
    end
    always @(posedge clk) begin
        if (rst) begin
            owed_q <= 15'd0;
            left_q <= 15'd0;
            owed_some_q <= 1'b0;
            left_some_q <= 1'b0;
            quiet_q <= 1'b0;
            valid_q <= 1'b0;
            out_valid_q <= 1'b0;
        end else begin
            if (begins) owed_q <= begin_words;
            else if (take) owed_q <= owed_q - 15'd1;
            if (asks && !staged_q) left_q <= q_words;
            else if (fetch) left_q <= left_q - 15'd1;
            owed_some_q <= begins ? begin_words != 15'd0 : owed_some_q && !(take && owed_q == 15'd1);
            left_some_q <= asks && !staged_q ? q_words != 15'd0 : left_some_q && !(fetch && left_q == 15'd1);
            valid_q <= fetch || (valid_q && !step);
            if (step) out_valid_q <= valid_q;
            quiet_q <= job_ready && !owed_some_q && !left_some_q && !valid_q && !out_valid_q && !stream_m_valid && !begins && !asks;
        end
    end

    nave_ram_stream #(
        .ADDRESS_BITS(ADDRESS_BITS),
        .LENGTH_BITS(15)
    ) stage (
        .clk(clk),
        .rst(rst),
        .j_valid((begins && long) || (asks && staged_q)),
        .j_ready(job_ready),
        .j_write(begin_valid),
        .j_address(STAGE_ADDRESS + (begin_valid ? {ADDRESS_BITS{1'b0}} : {{ADDRESS_BITS - 15{1'b0}}, q_offset})),
        .j_words(begin_valid ? begin_words : q_words),
        .s_valid(s_valid && staged_q && owed_some_q),
        .s_ready(stream_s_ready),
        .s_data(s_data),
        .m_valid(stream_m_valid),
        .m_ready(m_ready && staged_q),
        .m_data(stream_m_data),
        .c_valid(c_valid),
        .c_ready(c_ready),
        .c_write(c_write),
        .c_address(c_address),
        .c_words(c_words),
        .w_valid(w_valid),
        .w_ready(w_ready),
        .w_data(w_data),
        .r_valid(r_valid),
        .r_data(r_data)
    );
endmodule
`default_nettype wire
