// Pipelined left shift of a 32-bit word: y = v 2^shift. Latency 3, one value a cycle.
// The caller proves that no significant bit leaves at the top (the first pass's room, known from the magnitude).
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_shift_left (
    input  wire        clk,
    input  wire [31:0] v,
    input  wire [4:0]  shift, // steady while words pass
    output reg  [31:0] y
);
    reg [31:0] by_16_q, by_4_q;
    always @(posedge clk) begin
        by_16_q <= shift[4] ? {v[15:0], 16'd0} : v;
        by_4_q <= by_16_q << {shift[3:2], 2'd0};
        y <= by_4_q << shift[1:0];
    end
endmodule

`default_nettype wire
