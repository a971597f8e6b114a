// The core's way to the RAM: jobs of up to 32767 words, read or written word by word, and the step filter: of a plan's
// steps (two words each) only those that are due come out. Step word 0 bits 10..8 are the tier; a step is due if
// bit 16 of its tier's phase is set and the phase's lower 16 bits are those of step word 1.
// j_* begins a job. j_ready: the one before is done; of the step filter: it has no other due step. Read words come at m_*,
// those to write go in at s_*. e_*: a due step's two words. Rate: a word a clock; a step takes 4. Overflow: none. Bursts
// are of 16 words.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_cpu_port #(
    parameter ADDRESS_BITS = 21
) (
    input wire clk,
    input wire rst,
    input wire j_valid,
    output wire j_ready,
    input wire j_write,
    input wire j_filter,
    input wire [ADDRESS_BITS-1:0] j_address,
    input wire [14:0] j_words,
    input wire s_valid,
    output wire s_ready,
    input wire [31:0] s_data,
    output wire m_valid,
    input wire m_ready,
    output wire [31:0] m_data,
    input wire phase_write,
    input wire [2:0] phase_tier,
    input wire [16:0] phase,
    output wire e_valid,
    input wire e_ready,
    output wire [31:0] e_word0,
    output wire [31:0] e_word1,
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
    localparam [1:0] FIRST = 2'd0, SECOND = 2'd1, JUDGE = 2'd2, OFFER = 2'd3;
    reg filter_q;
    reg [1:0] state_q;
    reg [31:0] word0_q, word1_q;
    reg [16:0] phase_of[0:7];
    reg [16:0] wanted_q;
    wire read_valid, ready;
    wire [31:0] read_data;
    wire take = filter_q && read_valid && (state_q == FIRST || state_q == SECOND);

    assign j_ready = ready && state_q == FIRST;
    assign m_valid = read_valid && !filter_q;
    assign m_data = read_data;
    assign e_valid = state_q == OFFER;
    assign e_word0 = word0_q;
    assign e_word1 = word1_q;

    nave_ram_stream #(
        .ADDRESS_BITS(ADDRESS_BITS), .LENGTH_BITS(15), .LOG2_FIFO(4), .BLOCK_RAM(0)
    ) words (
        .clk(clk), .rst(rst), .j_valid(j_valid && j_ready), .j_ready(ready), .j_write(j_write), .j_address(j_address),
        .j_words(j_words), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
        .m_valid(read_valid), .m_ready(filter_q ? take : m_ready), .m_data(read_data),
        .c_valid(c_valid), .c_ready(c_ready), .c_write(c_write), .c_address(c_address), .c_words(c_words),
        .w_valid(w_valid), .w_ready(w_ready), .w_data(w_data), .r_valid(r_valid), .r_data(r_data)
    );

    always @(posedge clk) begin
        if (phase_write) phase_of[phase_tier] <= phase;
        wanted_q <= phase_of[word0_q[10:8]];
        if (take && state_q == FIRST) word0_q <= read_data;
        if (take && state_q == SECOND) word1_q <= read_data;
    end
    always @(posedge clk) begin
        if (rst) begin
            filter_q <= 1'b0;
            state_q <= FIRST;
        end else begin
            if (j_valid && j_ready) filter_q <= j_filter;
            case (state_q)
                FIRST: if (take) state_q <= SECOND;
                SECOND: if (take) state_q <= JUDGE;
                // wanted_q is of this word 0: word 1 took a clock at least
                JUDGE: state_q <= wanted_q[16] && wanted_q[15:0] == word1_q[15:0] ? OFFER : FIRST;
                default: if (e_ready) state_q <= FIRST;
            endcase
        end
    end
endmodule
`default_nettype wire
