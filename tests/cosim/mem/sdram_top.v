// Arbiter and controller of the SDRAM with three ports, for tests/cosim/mem/check_mem.cpp.
// SPDX-License-Identifier: ISC
`default_nettype none
module sdram_top (
    input wire clk,
    input wire rst,
    output wire ready,
    output wire [4:0] log2_words,
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
    output wire ram_cke,
    output wire ram_cs_n,
    output wire ram_ras_n,
    output wire ram_cas_n,
    output wire ram_we_n,
    output wire [1:0] ram_ba,
    output wire [12:0] ram_a,
    output wire [1:0] ram_dqm,
    output wire [15:0] ram_dq_o,
    output wire ram_dq_oe,
    input wire [15:0] ram_dq_i
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
    nave_sdram controller (
        .clk(clk), .rst(rst), .ready(ready), .log2_words(log2_words),
        .c_valid(m_c_valid), .c_ready(m_c_ready), .c_write(m_c_write), .c_address(m_c_address), .c_words(m_c_words),
        .w_valid(m_w_valid), .w_ready(m_w_ready), .w_data(m_w_data), .r_valid(m_r_valid), .r_data(m_r_data),
        .ram_cke(ram_cke), .ram_cs_n(ram_cs_n), .ram_ras_n(ram_ras_n), .ram_cas_n(ram_cas_n), .ram_we_n(ram_we_n),
        .ram_ba(ram_ba), .ram_a(ram_a), .ram_dqm(ram_dqm), .ram_dq_o(ram_dq_o), .ram_dq_oe(ram_dq_oe),
        .ram_dq_i(ram_dq_i)
    );
endmodule
`default_nettype wire
