// Top of the ULX3S with an 85F and a USB3320 ULPI module on its header: pins as in ulx3s.lpf. 25 MHz in, VCO 600 MHz; core clock
// 600 MHz / CORE_DIV. The board's own USB ports are a serial adapter (loading) and full speed only, so the card is not there.
// SDRAM: its clock is a quarter late against the commands. ULPI_EARLY as in cynthion.v.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ulx3s #(
    parameter LANES = 2,
    parameter CORE_DIV = 5,
    parameter ULPI_EARLY = 2,
    parameter SWAP_DP_DM = 0,  // of a USB3343 whose D+ and D- are crossed
    parameter RESET_LOG2_CLOCKS = 16,
    parameter TEST_LOG2_WORDS = 23,
    parameter RAM_INIT_CLOCKS = 24000,
    parameter USB_START_CLOCKS = 66000
) (
    input wire clk_25,
    output wire [7:0] led,
    input wire button,
    output wire wifi_gpio0,
    inout wire [7:0] ulpi_data,
    output wire ulpi_clk,
    input wire ulpi_dir,
    input wire ulpi_nxt,
    output wire ulpi_stp,
    output wire ulpi_rst_n,
    output wire sd_clk,
    output wire sd_cke,
    output wire sd_cs_n,
    output wire sd_ras_n,
    output wire sd_cas_n,
    output wire sd_we_n,
    output wire [1:0] sd_ba,
    output wire [12:0] sd_a,
    output wire [1:0] sd_dqm,
    inout wire [15:0] sd_dq,
    output wire flash_cs_n,
    output wire flash_mosi,
    input wire flash_miso,
    output wire flash_wp_n,
    output wire flash_hold_n
);
    localparam [31:0] CLOCK_HZ = 32'd600000000 / CORE_DIV;

    // two PLLs: one gives too few phases
    wire core_clk, sdram_clk, usb_clk, phy_clk, core_locked, usb_locked;
    nave_pll #(
        .FB_DIV(4), .DIV_0(6), .DIV_1(CORE_DIV), .DIV_2(CORE_DIV), .DIV_3(CORE_DIV), .PHASE_2(2 * CORE_DIV)
    ) core_pll (
        .clk_in(clk_25), .clk_0(), .clk_1(core_clk), .clk_2(sdram_clk), .clk_3(), .locked(core_locked)
    );
    nave_pll #(
        .FB_DIV(4), .DIV_0(6), .DIV_1(10), .DIV_2(10), .DIV_3(10), .PHASE_2(-10 * ULPI_EARLY)
    ) usb_pll (
        .clk_in(clk_25), .clk_0(), .clk_1(usb_clk), .clk_2(phy_clk), .clk_3(), .locked(usb_locked)
    );

    wire [7:0] ulpi_o, ulpi_i;
    wire [15:0] dq_o, dq_i;
    wire ulpi_oe, dq_oe;
    nave_board #(
        .RAM({24'd0, "sdram"}), .ADDRESS_BITS(23), .RAM_BYTES(32'd32768000), .LANES(LANES), .CLOCK_HZ(CLOCK_HZ),
        .SWAP_DP_DM(SWAP_DP_DM), .IGNORE_VBUS(1), .RESET_LOG2_CLOCKS(RESET_LOG2_CLOCKS), .TEST_LOG2_WORDS(TEST_LOG2_WORDS),
        .RAM_INIT_CLOCKS(RAM_INIT_CLOCKS), .USB_START_CLOCKS(USB_START_CLOCKS)
    ) board (
        .core_clk(core_clk), .usb_clk(usb_clk), .locked(core_locked && usb_locked),
        .ulpi_data_i(ulpi_i), .ulpi_data_o(ulpi_o), .ulpi_data_oe(ulpi_oe), .ulpi_dir(ulpi_dir), .ulpi_nxt(ulpi_nxt),
        .ulpi_stp(ulpi_stp), .phy_reset_n(ulpi_rst_n),
        .hr_reset_n(), .hr_cs_n(), .hr_ck(), .hr_dq_o(), .hr_dq_oe(), .hr_dq_i(8'd0), .hr_rwds_oe(), .hr_rwds_i(1'b0),
        .sd_cke(sd_cke), .sd_cs_n(sd_cs_n), .sd_ras_n(sd_ras_n), .sd_cas_n(sd_cas_n), .sd_we_n(sd_we_n),
        .sd_ba(sd_ba), .sd_a(sd_a), .sd_dqm(sd_dqm), .sd_dq_o(dq_o), .sd_dq_oe(dq_oe), .sd_dq_i(dq_i),
        .flash_cs_n(flash_cs_n), .flash_mosi(flash_mosi), .flash_miso(flash_miso),
        .button(button), .held(), .tick(), .led(led[5:0])
    );
    assign led[7:6] = 2'b00;
    assign wifi_gpio0 = 1'b1;  // low would let the board's other processor start over and load its own bitstream
    assign flash_wp_n = 1'b1;
    assign flash_hold_n = 1'b1;

    nave_ddr_out ulpi_clock (.clk(phy_clk), .first(1'b1), .second(1'b0), .q(ulpi_clk));
    nave_ddr_out sdram_clock (.clk(sdram_clk), .first(1'b1), .second(1'b0), .q(sd_clk));
    genvar g;
    generate
        for (g = 0; g < 8; g = g + 1) begin : g_ulpi
            nave_pad data (.o(ulpi_o[g]), .oe(ulpi_oe), .i(ulpi_i[g]), .pad(ulpi_data[g]));
        end
        for (g = 0; g < 16; g = g + 1) begin : g_dq
            nave_pad data (.o(dq_o[g]), .oe(dq_oe), .i(dq_i[g]), .pad(sd_dq[g]));
        end
    endgenerate
endmodule
`default_nettype wire
