// Input of two halves of a clock: `first` was on the pin when clk fell, `second` when it rose after that.
// Latency 2: both are there from the second rise on, counted with the one that took `second`. No overflow.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ddr_in #(
    parameter WIDTH = 1
) (
    input wire clk,
    input wire [WIDTH-1:0] d,
    output wire [WIDTH-1:0] first,
    output wire [WIDTH-1:0] second
);
`ifdef NAVE_ECP5
    genvar g;
    generate
        for (g = 0; g < WIDTH; g = g + 1) begin : g_pin
            IDDRX1F site (.SCLK(clk), .RST(1'b0), .D(d[g]), .Q0(first[g]), .Q1(second[g]));
        end
    endgenerate
`else
    reg [WIDTH-1:0] fall_q, first_1, first_2, second_1, second_2;
    assign first = first_2;
    assign second = second_2;
    always @(negedge clk) fall_q <= d;
    always @(posedge clk) begin
        first_1 <= fall_q;
        first_2 <= first_1;
        second_1 <= d;
        second_2 <= second_1;
    end
`endif
endmodule
`default_nettype wire
