// Cynthion's top with its two-way pins split, for tests/cosim/board/check_board.cpp.
// SPDX-License-Identifier: ISC
`default_nettype none
module board_top (
    input wire clk,
    input wire button,
    output wire [5:0] led,
    output wire adv,
    input wire [7:0] phy_data,
    input wire phy_dir,
    input wire phy_nxt,
    output wire [7:0] link_data,
    output wire link_oe,
    output wire link_stp,
    output wire phy_rst_n,
    output wire other_phy_rst_n,
    output wire hr_reset_n,
    output wire hr_cs_n,
    output wire hr_ck,
    output wire [7:0] hr_dq_o,
    output wire hr_dq_oe,
    input wire [7:0] hr_dq_i,
    output wire hr_rwds_oe,
    input wire hr_rwds_i,
    output wire flash_clock,
    output wire flash_cs_n,
    output wire flash_mosi,
    input wire flash_miso
);
    wire [7:0] data, dq, aux;
    wire rwds;
    wire [5:0] led_n;
    assign led = ~led_n;
    assign link_oe = dut.ulpi_oe;
    assign link_data = data;
    assign data = phy_dir ? phy_data : 8'hzz;
    assign hr_dq_oe = dut.dq_oe;
    assign hr_dq_o = dq;
    assign dq = dut.dq_oe ? 8'hzz : hr_dq_i;
    assign hr_rwds_oe = dut.rwds_oe;
    assign rwds = dut.rwds_oe ? 1'bz : hr_rwds_i;
    assign flash_clock = dut.board.flash_clock;
    assign aux = 8'hzz;
    nave_cynthion #(
        .RESET_LOG2_CLOCKS(6), .TEST_LOG2_WORDS(10)
    ) dut (
        .clk_60(clk), .led_n(led_n), .button_n(!button), .fpga_adv(adv),
        .control_data(data), .control_clk(), .control_dir(phy_dir), .control_nxt(phy_nxt), .control_stp(link_stp),
        .control_rst_n(phy_rst_n),
        .aux_data(aux), .aux_clk(), .aux_dir(1'b0), .aux_nxt(1'b0), .aux_stp(), .aux_rst_n(other_phy_rst_n),
        .hr_dq(dq), .hr_rwds(rwds), .hr_ck(hr_ck), .hr_cs_n(hr_cs_n), .hr_rst_n(hr_reset_n),
        .flash_cs_n(flash_cs_n), .flash_mosi(flash_mosi), .flash_miso(flash_miso), .flash_wp_n(), .flash_hold_n()
    );
endmodule
`default_nettype wire
