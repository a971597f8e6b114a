// Output of two halves of a clock: `first` is on the pin while clk is high, `second` while it is low.
// Latency 3: what is given in clock n is on the pin in clock n + 3, which is what the FPGA's cell takes; a pin beside it that
// is no DDR pin needs as many registers. No overflow.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ddr_out #(
    parameter WIDTH = 1
) (
    input wire clk,
    input wire [WIDTH-1:0] first,
    input wire [WIDTH-1:0] second,
    output wire [WIDTH-1:0] q
);
`ifdef NAVE_ECP5
    genvar g;
    generate
        for (g = 0; g < WIDTH; g = g + 1) begin : g_pin
            ODDRX1F site (.SCLK(clk), .RST(1'b0), .D0(first[g]), .D1(second[g]), .Q(q[g]));
        end
    endgenerate
`else
    reg [WIDTH-1:0] first_1, first_2, first_3, second_1, second_2, second_3;
    assign q = clk ? first_3 : second_3;
    always @(posedge clk) begin
        first_1 <= first;
        first_2 <= first_1;
        first_3 <= first_2;
        second_1 <= second;
        second_2 <= second_1;
        second_3 <= second_2;
    end
`endif
endmodule
`default_nettype wire
