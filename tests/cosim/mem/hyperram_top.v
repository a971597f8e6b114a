// Arbiter, controller and pins of the HyperRAM with three ports, for tests/cosim/mem/check_mem.cpp.
// SPDX-License-Identifier: ISC
`default_nettype none
module hyperram_top #(
    parameter LATENCY = 7,
    parameter FIXED = 0
) (
    input wire clk,
    input wire rst,
    output wire ready,
    output wire fault,
    input wire [2:0] c_valid,
    output wire [2:0] c_ready,
    input wire [2:0] c_write,
    input wire [71:0] c_address,
    input wire [20:0] c_words,
    input wire [2:0] w_valid,
    output wire [2:0] w_ready,
    input wire [95:0] w_data,
    output wire [2:0] r_valid,
    output wire [31:0] r_data,
    output wire ram_reset_n,
    output wire ram_cs_n,
    output wire ram_ck,
    output wire [7:0] ram_dq_o,
    output wire ram_dq_oe,
    input wire [7:0] ram_dq_i,
    output wire ram_rwds_oe,
    input wire ram_rwds_i
);
    wire m_c_valid, m_c_ready, m_c_write, m_w_valid, m_w_ready, m_r_valid;
    wire [23:0] m_c_address;
    wire [6:0] m_c_words;
    wire [31:0] m_w_data, m_r_data;
    nave_ram_arbiter #(
        .PORTS(3), .LOG2_PORTS(2), .ADDRESS_BITS(24)
    ) arbiter (
        .clk(clk), .rst(rst),
        .s_c_valid(c_valid), .s_c_ready(c_ready), .s_c_write(c_write), .s_c_address(c_address), .s_c_words(c_words),
        .s_w_valid(w_valid), .s_w_ready(w_ready), .s_w_data(w_data), .s_r_valid(r_valid), .s_r_data(r_data),
        .m_c_valid(m_c_valid), .m_c_ready(m_c_ready), .m_c_write(m_c_write), .m_c_address(m_c_address),
        .m_c_words(m_c_words), .m_w_valid(m_w_valid), .m_w_ready(m_w_ready), .m_w_data(m_w_data),
        .m_r_valid(m_r_valid), .m_r_data(m_r_data)
    );
    wire phy_reset_n, phy_cs_n, phy_ck, phy_dq_oe, phy_rwds_oe;
    wire [15:0] phy_dq_o, phy_dq_i;
    wire [1:0] phy_rwds_i;
    nave_hyperram #(
        .ADDRESS_BITS(24), .LATENCY(LATENCY), .FIXED(FIXED)
    ) controller (
        .clk(clk), .rst(rst), .ready(ready), .fault(fault),
        .c_valid(m_c_valid), .c_ready(m_c_ready), .c_write(m_c_write), .c_address(m_c_address), .c_words(m_c_words),
        .w_valid(m_w_valid), .w_ready(m_w_ready), .w_data(m_w_data), .r_valid(m_r_valid), .r_data(m_r_data),
        .phy_reset_n(phy_reset_n), .phy_cs_n(phy_cs_n), .phy_ck(phy_ck), .phy_dq_o(phy_dq_o), .phy_dq_oe(phy_dq_oe),
        .phy_rwds_oe(phy_rwds_oe), .phy_dq_i(phy_dq_i), .phy_rwds_i(phy_rwds_i)
    );
    nave_hyperram_phy phy (
        .clk(clk), .phy_reset_n(phy_reset_n), .phy_cs_n(phy_cs_n), .phy_ck(phy_ck), .phy_dq_o(phy_dq_o),
        .phy_dq_oe(phy_dq_oe), .phy_rwds_oe(phy_rwds_oe), .phy_dq_i(phy_dq_i), .phy_rwds_i(phy_rwds_i),
        .ram_reset_n(ram_reset_n), .ram_cs_n(ram_cs_n), .ram_ck(ram_ck), .ram_dq_o(ram_dq_o), .ram_dq_oe(ram_dq_oe),
        .ram_dq_i(ram_dq_i), .ram_rwds_oe(ram_rwds_oe), .ram_rwds_i(ram_rwds_i)
    );
endmodule
`default_nettype wire
