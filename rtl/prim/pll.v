// PLL: f_vco = f_in FB_DIV DIV_0 (400..800 MHz), clk[k] = f_vco / DIV_k, late by PHASE_k eighths of a VCO period (negative: early).
// clk_0 closes the loop, so it is in phase with clk_in. A simulation has all clocks at clk_in's rate and phase: no block
// may hang on their ratio. `locked` rises when the clocks can be used; it can fall again.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_pll #(
    parameter FB_DIV = 1,
    parameter DIV_0 = 10,
    parameter DIV_1 = 5,
    parameter DIV_2 = 10,
    parameter DIV_3 = 5,
    parameter PHASE_1 = 0,
    parameter PHASE_2 = 0,
    parameter PHASE_3 = 0
) (
    input wire clk_in,
    output wire clk_0,
    output wire clk_1,
    output wire clk_2,
    output wire clk_3,
    output wire locked
);
    generate
        if (DIV_0 < 1 || DIV_1 < 1 || DIV_2 < 1 || DIV_3 < 1 || PHASE_1 >= 8 * DIV_1 || PHASE_2 >= 8 * DIV_2 || PHASE_3 >= 8 * DIV_3 ||
            PHASE_1 <= -8 * DIV_1 || PHASE_2 <= -8 * DIV_2 || PHASE_3 <= -8 * DIV_3) begin : g_illegal
            pll_divider_or_phase_is_out_of_range stop ();
        end
    endgenerate
`ifdef NAVE_ECP5
    // eighths from the common start, where a clock that is not late stands at DIV - 1 whole periods
    localparam AT_1 = 8 * (DIV_1 - 1) + PHASE_1 + (8 * (DIV_1 - 1) + PHASE_1 < 0 ? 8 * DIV_1 : 0);
    localparam AT_2 = 8 * (DIV_2 - 1) + PHASE_2 + (8 * (DIV_2 - 1) + PHASE_2 < 0 ? 8 * DIV_2 : 0);
    localparam AT_3 = 8 * (DIV_3 - 1) + PHASE_3 + (8 * (DIV_3 - 1) + PHASE_3 < 0 ? 8 * DIV_3 : 0);
    (* ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
    EHXPLLL #(
        .CLKI_DIV(1), .CLKFB_DIV(FB_DIV), .FEEDBK_PATH("CLKOP"),
        .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(DIV_0), .CLKOP_CPHASE(DIV_0 - 1), .CLKOP_FPHASE(0),
        .CLKOS_ENABLE("ENABLED"), .CLKOS_DIV(DIV_1), .CLKOS_CPHASE(AT_1 / 8), .CLKOS_FPHASE(AT_1 % 8),
        .CLKOS2_ENABLE("ENABLED"), .CLKOS2_DIV(DIV_2), .CLKOS2_CPHASE(AT_2 / 8), .CLKOS2_FPHASE(AT_2 % 8),
        .CLKOS3_ENABLE("ENABLED"), .CLKOS3_DIV(DIV_3), .CLKOS3_CPHASE(AT_3 / 8), .CLKOS3_FPHASE(AT_3 % 8),
        .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"),
        .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED")
    ) site (
        .CLKI(clk_in), .CLKFB(clk_0), .CLKOP(clk_0), .CLKOS(clk_1), .CLKOS2(clk_2), .CLKOS3(clk_3), .LOCK(locked),
        .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1),
        .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0), .ENCLKOS(1'b0), .ENCLKOS2(1'b0), .ENCLKOS3(1'b0),
        .CLKINTFB(), .INTLOCK(), .REFCLK()
    );
`else
    reg [3:0] start_q;
    initial start_q = 4'd0;
    always @(posedge clk_in) if (!locked) start_q <= start_q + 4'd1;
    assign locked = start_q == 4'd15;
    assign clk_0 = clk_in;
    assign clk_1 = clk_in;
    assign clk_2 = clk_in;
    assign clk_3 = clk_in;
`endif
endmodule
`default_nettype wire
