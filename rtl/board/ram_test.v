// Power-on test of the RAM, between the card and its controller (RAM port, rtl/mem/README.md): two rounds write all words
// and read them again, the second with every bit inverted. The word of an address is the next state of a shift register
// of period 2^32 - 1, so a word that is found at another address is an error too.
// While `done` is low the card is held in reset; then its port goes through. `good` rests from done on.
// Latency of the port: none. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ram_test #(
    parameter ADDRESS_BITS = 21,
    parameter LOG2_WORDS = 21  // tested from word 0 on
) (
    input wire clk,
    input wire rst,
    input wire ready,  // of the controller
    output wire done,
    output wire good,
    input wire s_c_valid,
    output wire s_c_ready,
    input wire s_c_write,
    input wire [ADDRESS_BITS-1:0] s_c_address,
    input wire [6:0] s_c_words,
    input wire s_w_valid,
    output wire s_w_ready,
    input wire [31:0] s_w_data,
    output wire s_r_valid,
    output wire m_c_valid,
    input wire m_c_ready,
    output wire m_c_write,
    output wire [ADDRESS_BITS-1:0] m_c_address,
    output wire [6:0] m_c_words,
    output wire m_w_valid,
    input wire m_w_ready,
    output wire [31:0] m_w_data,
    input wire m_r_valid,
    input wire [31:0] m_r_data
);
    generate
        if (LOG2_WORDS < 7 || LOG2_WORDS > ADDRESS_BITS) begin : g_illegal
            ram_test_size_is_out_of_range stop ();
        end
    endgenerate

    localparam BURSTS = LOG2_WORDS - 6;
    localparam [31:0] SEED = 32'h6e617665, TAPS = 32'h80200003;
    localparam [2:0] WAIT = 3'd0, ASK = 3'd1, WORDS = 3'd2, SETTLE = 3'd3, DONE = 3'd4;
    reg [2:0] state_q;
    reg read_q, invert_q, good_q, fault_q;
    reg [BURSTS-1:0] burst_q;
    reg [5:0] left_q;
    reg [31:0] word_q;

    wire asking = state_q == ASK;
    wire moves = state_q == WORDS && (read_q ? m_r_valid : m_w_ready);
    // what was read is compared from registers
    reg came_q, differs_q;
    reg [31:0] came_data_q, wanted_q;

    assign done = state_q == DONE;
    assign good = good_q;

    assign m_c_valid = done ? s_c_valid : asking;
    assign m_c_write = done ? s_c_write : !read_q;
    assign m_c_words = done ? s_c_words : 7'd64;
    wire [ADDRESS_BITS-1:0] address;
    generate
        if (LOG2_WORDS < ADDRESS_BITS) begin : g_part
            assign address = {{ADDRESS_BITS - LOG2_WORDS{1'b0}}, burst_q, 6'd0};
        end else begin : g_whole
            assign address = {burst_q, 6'd0};
        end
    endgenerate
    assign m_c_address = done ? s_c_address : address;
    assign m_w_valid = done ? s_w_valid : state_q == WORDS && !read_q;
    assign m_w_data = done ? s_w_data : word_q;
    assign s_c_ready = m_c_ready && done;
    assign s_w_ready = m_w_ready && done;
    assign s_r_valid = m_r_valid && done;

    always @(posedge clk) begin
        came_data_q <= m_r_data;
        wanted_q <= word_q;
        if (rst) begin
            state_q <= WAIT;
            read_q <= 1'b0;
            invert_q <= 1'b0;
            good_q <= 1'b0;
            fault_q <= 1'b0;
            burst_q <= {BURSTS{1'b0}};
            left_q <= 6'd0;
            came_q <= 1'b0;
            differs_q <= 1'b0;
            word_q <= SEED;
        end else begin
            came_q <= moves && read_q;
            differs_q <= came_q && came_data_q != wanted_q;
            if (differs_q) fault_q <= 1'b1;
            if (moves) begin
                left_q <= left_q + 6'd1;
                word_q <= invert_q ? ~((~word_q >> 1) ^ (word_q[0] ? 32'd0 : TAPS)) : (word_q >> 1) ^ (word_q[0] ? TAPS : 32'd0);
            end
            case (state_q)
                WAIT: if (ready) state_q <= ASK;
                ASK: if (m_c_ready) state_q <= WORDS;
                WORDS:
                if (moves && left_q == 6'd63) begin
                    burst_q <= burst_q + 1'b1;
                    state_q <= burst_q == {BURSTS{1'b1}} ? SETTLE : ASK;
                end
                SETTLE: begin
                    // a pass is over: the last word's verdict takes two clocks more, the next pass starts alike
                    left_q <= left_q + 6'd1;
                    word_q <= invert_q ^ read_q ? ~SEED : SEED;
                    if (left_q == 6'd3) begin
                        left_q <= 6'd0;
                        read_q <= !read_q;
                        if (read_q) invert_q <= 1'b1;
                        state_q <= read_q && invert_q ? DONE : ASK;
                        good_q <= read_q && invert_q && !fault_q;
                    end
                end
                default: state_q <= DONE;
            endcase
        end
    end
endmodule
`default_nettype wire
