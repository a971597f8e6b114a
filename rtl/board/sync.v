// Levels of another clock: two registers. Each bit by itself, so bits that belong together need more than this.
// Latency 1..2 clocks. SPDX-License-Identifier: ISC
`default_nettype none
module nave_sync #(
    parameter WIDTH = 1
) (
    input wire clk,
    input wire [WIDTH-1:0] d,
    output wire [WIDTH-1:0] q
);
    reg [WIDTH-1:0] cross_q, seen_q;
    initial begin
        cross_q = {WIDTH{1'b0}};
        seen_q = {WIDTH{1'b0}};
    end
    assign q = seen_q;
    always @(posedge clk) begin
        cross_q <= d;
        seen_q <= cross_q;
    end
endmodule
`default_nettype wire
