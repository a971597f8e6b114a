// Fifo between two clocks: gray pointers, each through two registers of the other clock. Show-ahead.
// Latency: 1 clock of s_clk and 2..3 of m_clk. Overflow: none, s_ready falls (late by the crossing) when it is full.
// Resets: hold both until each clock has seen its own; no word may be offered before both are released.
// Constraint for a board: skew between the bits of a gray pointer below one period of the faster clock.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_cdc_fifo #(
    parameter WIDTH = 32,
    parameter LOG2_DEPTH = 4
) (
    input wire s_clk,
    input wire s_rst,
    input wire s_valid,
    output wire s_ready,
    input wire [WIDTH-1:0] s_data,
    input wire m_clk,
    input wire m_rst,
    output wire m_valid,
    input wire m_ready,
    output wire [WIDTH-1:0] m_data
);
    generate
        if (WIDTH < 1 || LOG2_DEPTH < 2 || LOG2_DEPTH > 12) begin : g_illegal
            cdc_fifo_width_or_depth_is_out_of_range stop ();
        end
    endgenerate

    localparam [LOG2_DEPTH:0] ONE = 1;

    reg [WIDTH-1:0] memory[0:(1<<LOG2_DEPTH)-1];
    reg [LOG2_DEPTH:0] write_q, write_gray_q, read_q, read_gray_q;
    // the synchronisers: the names are for the boards' constraints
    reg [LOG2_DEPTH:0] write_cross_q, write_seen_q, read_cross_q, read_seen_q;
    wire [LOG2_DEPTH:0] write_d = write_q + ONE;
    wire [LOG2_DEPTH:0] read_d = read_q + ONE;
    wire take = s_valid && s_ready;
    wire give = m_valid && m_ready;

    // full: the gray pointers differ in the two top bits only
`ifdef NAVE_BUG_CDC_FULL
    assign s_ready = write_gray_q != {~read_seen_q[LOG2_DEPTH], read_seen_q[LOG2_DEPTH-1:0]};
`else
    assign s_ready = write_gray_q != {~read_seen_q[LOG2_DEPTH:LOG2_DEPTH-1], read_seen_q[LOG2_DEPTH-2:0]};
`endif
    assign m_valid = read_gray_q != write_seen_q;
    assign m_data = memory[read_q[LOG2_DEPTH-1:0]];

    always @(posedge s_clk) begin
        if (s_rst) begin
            write_q <= 0;
            write_gray_q <= 0;
            read_cross_q <= 0;
            read_seen_q <= 0;
        end else begin
            if (take) begin
                write_q <= write_d;
                write_gray_q <= write_d ^ (write_d >> 1);
            end
            read_cross_q <= read_gray_q;
            read_seen_q <= read_cross_q;
        end
    end
    always @(posedge s_clk) if (take) memory[write_q[LOG2_DEPTH-1:0]] <= s_data;

    always @(posedge m_clk) begin
        if (m_rst) begin
            read_q <= 0;
            read_gray_q <= 0;
            write_cross_q <= 0;
            write_seen_q <= 0;
        end else begin
            if (give) begin
                read_q <= read_d;
                read_gray_q <= read_d ^ (read_d >> 1);
            end
            write_cross_q <= write_gray_q;
            write_seen_q <= write_cross_q;
        end
    end

`ifdef FORMAL
    `include "cdc_fifo_properties.vh"
`endif
endmodule
`default_nettype wire
