// Pins of the HyperRAM: two halves of a clock out and in. CK is late by a quarter of a clock against DQ, so that the device
// samples in the middle of a byte. With NAVE_ECP5 these are the device's DDR cells; else their behavioural twin.
// Latency: out 1 clock; in: a half that was on the pin in clock n is seen in clock n + 1 (twin), n + 2 (ECP5).
// The two-way pins are split: the board's top joins them. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_hyperram_phy (
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
    initial ram_reset_n = 1'b0;  // the device is held from the first moment, whatever its other pins do
    always @(posedge clk) begin
        ram_reset_n <= phy_reset_n;
        ram_cs_n <= phy_cs_n;
        ram_dq_oe <= phy_dq_oe;
        ram_rwds_oe <= phy_rwds_oe;
    end
`ifdef NAVE_ECP5
    wire ck_early;
    ODDRX1F ck_cell (.SCLK(clk), .RST(1'b0), .D0(phy_ck), .D1(1'b0), .Q(ck_early));
    DELAYF #(.DEL_MODE("USER_DEFINED"), .DEL_VALUE("DELAY80")) ck_delay (
        .A(ck_early), .LOADN(1'b1), .MOVE(1'b0), .DIRECTION(1'b0), .Z(ram_ck), .CFLAG()
    );
    genvar g;
    generate
        for (g = 0; g < 8; g = g + 1) begin : g_dq
            ODDRX1F out (.SCLK(clk), .RST(1'b0), .D0(phy_dq_o[8+g]), .D1(phy_dq_o[g]), .Q(ram_dq_o[g]));
            IDDRX1F in (.SCLK(clk), .RST(1'b0), .D(ram_dq_i[g]), .Q0(phy_dq_i[8+g]), .Q1(phy_dq_i[g]));
        end
    endgenerate
    IDDRX1F rwds (.SCLK(clk), .RST(1'b0), .D(ram_rwds_i), .Q0(phy_rwds_i[1]), .Q1(phy_rwds_i[0]));
`else
    reg ck_q;
    reg [15:0] dq_q;
    reg [8:0] first_q;
    reg [17:0] in_q;
    assign ram_ck = ck_q && clk;
    assign ram_dq_o = clk ? dq_q[15:8] : dq_q[7:0];
    assign phy_rwds_i = in_q[17:16];
    assign phy_dq_i = in_q[15:0];
    always @(negedge clk) first_q <= {ram_rwds_i, ram_dq_i};
    always @(posedge clk) begin
        ck_q <= phy_ck;
        dq_q <= phy_dq_o;
        in_q <= {first_q[8], ram_rwds_i, first_q[7:0], ram_dq_i};
    end
`endif
endmodule
`default_nettype wire
