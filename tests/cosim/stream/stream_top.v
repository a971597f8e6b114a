// All blocks of rtl/stream side by side for tests/cosim/stream/check_stream.cpp.
// SPDX-License-Identifier: ISC
`default_nettype none
module stream_top (
    input wire clk,
    input wire m_clk,
    input wire rst,
    // blocks: 0 fifo of registers, 1 fifo of block RAM, 2 skid, 3 clock crossing (out on m_clk)
    input wire [3:0] s_valid,
    output wire [3:0] s_ready,
    input wire [31:0] s_data,
    output wire [3:0] m_valid,
    input wire [3:0] m_ready,
    output wire [127:0] m_data,
    output wire [4:0] level0,
    output wire [4:0] level1,
    // the arbiter
    input wire [2:0] a_valid,
    output wire [2:0] a_ready,
    input wire [2:0] a_last,
    input wire [95:0] a_data,
    output wire b_valid,
    input wire b_ready,
    output wire b_last,
    output wire [31:0] b_data,
    output wire [1:0] b_index
);
    nave_fifo #(.WIDTH(32), .LOG2_DEPTH(3), .BLOCK_RAM(0)) u0 (
        .clk(clk), .rst(rst), .s_valid(s_valid[0]), .s_ready(s_ready[0]), .s_data(s_data),
        .m_valid(m_valid[0]), .m_ready(m_ready[0]), .m_data(m_data[31:0]), .level(level0)
    );
    nave_fifo #(.WIDTH(32), .LOG2_DEPTH(3), .BLOCK_RAM(1)) u1 (
        .clk(clk), .rst(rst), .s_valid(s_valid[1]), .s_ready(s_ready[1]), .s_data(s_data),
        .m_valid(m_valid[1]), .m_ready(m_ready[1]), .m_data(m_data[63:32]), .level(level1)
    );
    nave_skid #(.WIDTH(32)) u2 (
        .clk(clk), .rst(rst), .s_valid(s_valid[2]), .s_ready(s_ready[2]), .s_data(s_data),
        .m_valid(m_valid[2]), .m_ready(m_ready[2]), .m_data(m_data[95:64])
    );
    nave_cdc_fifo #(.WIDTH(32), .LOG2_DEPTH(3)) u3 (
        .s_clk(clk), .s_rst(rst), .s_valid(s_valid[3]), .s_ready(s_ready[3]), .s_data(s_data),
        .m_clk(m_clk), .m_rst(rst), .m_valid(m_valid[3]), .m_ready(m_ready[3]), .m_data(m_data[127:96])
    );
    nave_arbiter #(.WIDTH(32), .PORTS(3), .LOG2_PORTS(2)) u4 (
        .clk(clk), .rst(rst), .s_valid(a_valid), .s_ready(a_ready), .s_last(a_last), .s_data(a_data),
        .m_valid(b_valid), .m_ready(b_ready), .m_last(b_last), .m_data(b_data), .m_index(b_index)
    );
endmodule
`default_nettype wire
