// The ULX3S' top with its two-way pins split, for tests/cosim/board/check_board.cpp.
// SPDX-License-Identifier: ISC
`default_nettype none
module board_top (
    input wire clk,
    input wire button,
    output wire [7:0] led,
    input wire [7:0] phy_data,
    input wire phy_dir,
    input wire phy_nxt,
    output wire [7:0] link_data,
    output wire link_oe,
    output wire link_stp,
    output wire phy_rst_n,
    output wire sd_cke,
    output wire sd_cs_n,
    output wire sd_ras_n,
    output wire sd_cas_n,
    output wire sd_we_n,
    output wire [1:0] sd_ba,
    output wire [12:0] sd_a,
    output wire [1:0] sd_dqm,
    output wire [15:0] sd_dq_o,
    output wire sd_dq_oe,
    input wire [15:0] sd_dq_i,
    output wire flash_clock,
    output wire flash_cs_n,
    output wire flash_mosi,
    input wire flash_miso
);
    wire [7:0] data;
    wire [15:0] dq;
    assign link_oe = dut.ulpi_oe;
    assign link_data = data;
    assign data = phy_dir ? phy_data : 8'hzz;
    assign sd_dq_oe = dut.dq_oe;
    assign sd_dq_o = dq;
    assign dq = dut.dq_oe ? 16'hzzzz : sd_dq_i;
    assign flash_clock = dut.board.flash_clock;
    nave_ulx3s #(
        .LANES(1), .SWAP_DP_DM(1), .RESET_LOG2_CLOCKS(6), .TEST_LOG2_WORDS(10)
    ) dut (
        .clk_25(clk), .led(led), .button(button), .wifi_gpio0(),
        .ulpi_data(data), .ulpi_clk(), .ulpi_dir(phy_dir), .ulpi_nxt(phy_nxt), .ulpi_stp(link_stp), .ulpi_rst_n(phy_rst_n),
        .sd_clk(), .sd_cke(sd_cke), .sd_cs_n(sd_cs_n), .sd_ras_n(sd_ras_n), .sd_cas_n(sd_cas_n), .sd_we_n(sd_we_n),
        .sd_ba(sd_ba), .sd_a(sd_a), .sd_dqm(sd_dqm), .sd_dq(dq),
        .flash_cs_n(flash_cs_n), .flash_mosi(flash_mosi), .flash_miso(flash_miso), .flash_wp_n(), .flash_hold_n()
    );
endmodule
`default_nettype wire
