// First in, first out, show-ahead: m_data is valid with m_valid and stays until m_ready.
// Latency: 1 clock from a word's arrival to m_valid with BLOCK_RAM = 0, 3 with BLOCK_RAM = 1.
// Overflow: none, s_ready falls when all words are in use. BLOCK_RAM = 0 holds 1 << LOG2_DEPTH words in registers or
// distributed RAM; BLOCK_RAM = 1 holds two more, in the block's output and in a register behind it: that output comes late
// in the clock, so nothing but a register may see it. s_ready and m_valid are registers.
// `level` counts the words inside.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_fifo #(
    parameter WIDTH = 32,
    parameter LOG2_DEPTH = 4,
    parameter BLOCK_RAM = 0
) (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [WIDTH-1:0] s_data,
    output wire m_valid,
    input wire m_ready,
    output wire [WIDTH-1:0] m_data,
    output wire [LOG2_DEPTH+1:0] level
);
    generate
        if (WIDTH < 1 || LOG2_DEPTH < 1 || LOG2_DEPTH > 16 || BLOCK_RAM < 0 || BLOCK_RAM > 1) begin : g_illegal
            fifo_width_or_depth_is_out_of_range stop ();
        end
    endgenerate

    localparam [LOG2_DEPTH:0] ONE = 1;

    // no word is read in the clock in which it is written: a block RAM needs no bypass
    (* no_rw_check *)
    reg [WIDTH-1:0] memory[0:(1<<LOG2_DEPTH)-1];
    reg [LOG2_DEPTH:0] write_q, read_q;
    reg [LOG2_DEPTH:0] stored_q;
    reg some_q;  // stored_q is not 0
    wire take = s_valid && s_ready;
    wire give;

`ifdef NAVE_BUG_FIFO_FULL
    assign s_ready = 1'b1;
`else
    assign s_ready = !stored_q[LOG2_DEPTH];
`endif

    always @(posedge clk) begin
        if (rst) begin
            write_q <= 0;
            read_q <= 0;
            stored_q <= 0;
            some_q <= 1'b0;
        end else begin
            if (take) write_q <= write_q + ONE;
            if (give) read_q <= read_q + ONE;
            if (take != give) stored_q <= stored_q + (take ? ONE : {LOG2_DEPTH + 1{1'b1}});
            some_q <= take || stored_q[LOG2_DEPTH:1] != 0 || (stored_q[0] && !give);
        end
    end
    always @(posedge clk) if (take) memory[write_q[LOG2_DEPTH-1:0]] <= s_data;

    generate
        if (BLOCK_RAM != 0) begin : g_block
            reg read_valid_q, valid_q;
            reg [WIDTH-1:0] read_data_q, data_q;
            wire step = !valid_q || m_ready;
            assign give = some_q && (!read_valid_q || step);
            always @(posedge clk) begin
                if (rst) begin
                    read_valid_q <= 1'b0;
                    valid_q <= 1'b0;
                end else begin
                    read_valid_q <= give || (read_valid_q && !step);
                    if (step) valid_q <= read_valid_q;
                end
            end
`ifdef NAVE_BUG_FIFO_HOLD
            always @(posedge clk) read_data_q <= memory[read_q[LOG2_DEPTH-1:0]];
`else
            always @(posedge clk) if (give) read_data_q <= memory[read_q[LOG2_DEPTH-1:0]];
`endif
            always @(posedge clk) if (step) data_q <= read_data_q;
            assign m_valid = valid_q;
            assign m_data = data_q;
            assign level = {1'b0, stored_q} + {{LOG2_DEPTH + 1{1'b0}}, read_valid_q} + {{LOG2_DEPTH + 1{1'b0}}, valid_q};
        end else begin : g_distributed
            assign give = m_valid && m_ready;
            assign m_valid = some_q;
            assign m_data = memory[read_q[LOG2_DEPTH-1:0]];
            assign level = {1'b0, stored_q};
        end
    endgenerate

`ifdef FORMAL
    `include "fifo_properties.vh"
`endif
endmodule
`default_nettype wire
