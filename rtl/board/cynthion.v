// Top of Great Scott Gadgets' Cynthion r1.4: pins as in cynthion.lpf. 60 MHz in; core clock 60 MHz VCO_DIV / CORE_DIV.
// AUX = 0: the card is on the CONTROL port, which the debug controller hands over while FPGA_ADV toggles; a button held for a
// second gives it back. AUX = 1: on the AUX port, which is the FPGA's alone. The other PHYs stay in reset.
// ULPI: the FPGA drives the PHY's 60 MHz; ULPI_EARLY, in eighths of its period, is how early it is against the registers.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_cynthion #(
    parameter AUX = 0,
    parameter LANES = 1,
    parameter VCO_DIV = 10,
    parameter CORE_DIV = 5,
    parameter ULPI_EARLY = 2,
    parameter RESET_LOG2_CLOCKS = 16,
    parameter TEST_LOG2_WORDS = 21,
    parameter RAM_INIT_CLOCKS = 24000,
    parameter USB_START_CLOCKS = 66000
) (
    input wire clk_60,
    output wire [5:0] led_n,
    input wire button_n,
    output wire fpga_adv,
    inout wire [7:0] control_data,
    output wire control_clk,
    input wire control_dir,
    input wire control_nxt,
    output wire control_stp,
    output wire control_rst_n,
    inout wire [7:0] aux_data,
    output wire aux_clk,
    input wire aux_dir,
    input wire aux_nxt,
    output wire aux_stp,
    output wire aux_rst_n,
    inout wire [7:0] hr_dq,
    inout wire hr_rwds,
    output wire hr_ck,
    output wire hr_cs_n,
    output wire hr_rst_n,
    output wire flash_cs_n,
    output wire flash_mosi,
    input wire flash_miso,
    output wire flash_wp_n,
    output wire flash_hold_n
);
    localparam [31:0] CLOCK_HZ = 32'd60000000 / CORE_DIV * VCO_DIV;

    wire usb_clk, core_clk, ulpi_clk, locked;
    nave_pll #(
        .FB_DIV(1), .DIV_0(VCO_DIV), .DIV_1(CORE_DIV), .DIV_2(VCO_DIV), .DIV_3(CORE_DIV), .PHASE_2(-ULPI_EARLY * VCO_DIV)
    ) pll (
        .clk_in(clk_60), .clk_0(usb_clk), .clk_1(core_clk), .clk_2(ulpi_clk), .clk_3(), .locked(locked)
    );

    wire [7:0] ulpi_o, ulpi_i, control_i, aux_i, dq_o, dq_i;
    wire ulpi_oe, ulpi_dir, ulpi_nxt, ulpi_stp, ulpi_rst_n, ulpi_pin_clk, dq_oe, rwds_oe, rwds_i, held, tick;
    wire [5:0] led;
    nave_board #(
        .RAM("hyperram"), .ADDRESS_BITS(21), .RAM_BYTES(32'd7995392), .LANES(LANES), .CLOCK_HZ(CLOCK_HZ),
        .SWAP_DP_DM(1), .IGNORE_VBUS(0), .RESET_LOG2_CLOCKS(RESET_LOG2_CLOCKS), .TEST_LOG2_WORDS(TEST_LOG2_WORDS),
        .RAM_INIT_CLOCKS(RAM_INIT_CLOCKS), .USB_START_CLOCKS(USB_START_CLOCKS)
    ) board (
        .core_clk(core_clk), .usb_clk(usb_clk), .locked(locked),
        .ulpi_data_i(ulpi_i), .ulpi_data_o(ulpi_o), .ulpi_data_oe(ulpi_oe), .ulpi_dir(ulpi_dir), .ulpi_nxt(ulpi_nxt),
        .ulpi_stp(ulpi_stp), .phy_reset_n(ulpi_rst_n),
        .hr_reset_n(hr_rst_n), .hr_cs_n(hr_cs_n), .hr_ck(hr_ck), .hr_dq_o(dq_o), .hr_dq_oe(dq_oe), .hr_dq_i(dq_i),
        .hr_rwds_oe(rwds_oe), .hr_rwds_i(rwds_i),
        .sd_cke(), .sd_cs_n(), .sd_ras_n(), .sd_cas_n(), .sd_we_n(), .sd_ba(), .sd_a(), .sd_dqm(), .sd_dq_o(),
        .sd_dq_oe(), .sd_dq_i(16'd0),
        .flash_cs_n(flash_cs_n), .flash_mosi(flash_mosi), .flash_miso(flash_miso),
        .button(!button_n), .held(held), .tick(tick), .led(led)
    );
    assign led_n = ~led;
    assign flash_wp_n = 1'b1;
    assign flash_hold_n = 1'b1;

    nave_ddr_out ulpi_clock (.clk(ulpi_clk), .first(1'b1), .second(1'b0), .q(ulpi_pin_clk));
    localparam USE_AUX = AUX != 0;
    assign ulpi_i = USE_AUX ? aux_i : control_i;
    assign ulpi_dir = USE_AUX ? aux_dir : control_dir;
    assign ulpi_nxt = USE_AUX ? aux_nxt : control_nxt;
    assign control_clk = !USE_AUX && ulpi_pin_clk;
    assign control_stp = !USE_AUX && ulpi_stp;
    assign control_rst_n = !USE_AUX && ulpi_rst_n;
    assign aux_clk = USE_AUX && ulpi_pin_clk;
    assign aux_stp = USE_AUX && ulpi_stp;
    assign aux_rst_n = USE_AUX && ulpi_rst_n;
    genvar g;
    generate
        for (g = 0; g < 8; g = g + 1) begin : g_pads
            nave_pad control (.o(!USE_AUX && ulpi_o[g]), .oe(!USE_AUX && ulpi_oe), .i(control_i[g]), .pad(control_data[g]));
            nave_pad aux (.o(USE_AUX && ulpi_o[g]), .oe(USE_AUX && ulpi_oe), .i(aux_i[g]), .pad(aux_data[g]));
            nave_pad dq (.o(dq_o[g]), .oe(dq_oe), .i(dq_i[g]), .pad(hr_dq[g]));
        end
    endgenerate
    nave_pad rwds (.o(1'b0), .oe(rwds_oe), .i(rwds_i), .pad(hr_rwds));
    wire unused = &{1'b0, USE_AUX ? {control_i, control_dir, control_nxt} : {aux_i, aux_dir, aux_nxt}};

    // 50 Hz while the card wants the CONTROL port
    reg [3:0] adv_q;
    reg adv_level_q;
    initial begin
        adv_q = 4'd0;
        adv_level_q = 1'b0;
    end
    always @(posedge core_clk) begin
        if (tick && !held && !USE_AUX) begin
            adv_q <= adv_q == 4'd9 ? 4'd0 : adv_q + 4'd1;
            if (adv_q == 4'd9) adv_level_q <= !adv_level_q;
        end
    end
    assign fpga_adv = adv_level_q;
endmodule
`default_nettype wire
