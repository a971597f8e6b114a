// Pins of the HyperRAM: two halves of a clock out and in. CK is late by a quarter of a clock against DQ, so that the device
// samples in the middle of a byte; the vendor's cells are in rtl/prim.
// Latency: out 3 clocks, whatever the pin; in: a half that was on the pin in clock n is seen in clock n + 2.
// The two-way pins are split: the board's top joins them. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_hyperram_phy #(
    parameter CK_DELAY = 80  // steps of 25 ps
) (
    input wire clk,
    input wire phy_reset_n,
    input wire phy_cs_n,
    input wire phy_ck,
    input wire [15:0] phy_dq_o,
    input wire phy_dq_oe,
    input wire phy_rwds_oe,
    output wire [15:0] phy_dq_i,
    output wire [1:0] phy_rwds_i,
    output reg ram_reset_n,
    output reg ram_cs_n,
    output wire ram_ck,
    output wire [7:0] ram_dq_o,
    output reg ram_dq_oe,
    input wire [7:0] ram_dq_i,
    output reg ram_rwds_oe,  // drives it low
    input wire ram_rwds_i
);
    // the DDR cells take three clocks, and all pins belong together
    reg [3:0] pins_1, pins_2;
    initial begin
        ram_reset_n = 1'b0;  // the device is held from the first moment, whatever its other pins do
        pins_1 = 4'b0100;
        pins_2 = 4'b0100;
    end
    always @(posedge clk) begin
        pins_1 <= {phy_reset_n, phy_cs_n, phy_dq_oe, phy_rwds_oe};
        pins_2 <= pins_1;
        {ram_reset_n, ram_cs_n, ram_dq_oe, ram_rwds_oe} <= pins_2;
    end

    wire ck;
    nave_ddr_out ck_pin (.clk(clk), .first(phy_ck), .second(1'b0), .q(ck));
    nave_pin_delay #(.STEPS(CK_DELAY)) ck_late (.d(ck), .q(ram_ck));
    nave_ddr_out #(.WIDTH(8)) dq_out (.clk(clk), .first(phy_dq_o[15:8]), .second(phy_dq_o[7:0]), .q(ram_dq_o));
    nave_ddr_in #(.WIDTH(8)) dq_in (.clk(clk), .d(ram_dq_i), .first(phy_dq_i[15:8]), .second(phy_dq_i[7:0]));
    nave_ddr_in rwds_in (.clk(clk), .d(ram_rwds_i), .first(phy_rwds_i[1]), .second(phy_rwds_i[0]));
endmodule
`default_nettype wire
