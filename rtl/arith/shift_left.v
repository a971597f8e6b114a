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
    wire [31:0] by_4, by_1;
    nave_mux4 #(.WIDTH(32)) fours (
        .a(by_16_q), .b({by_16_q[27:0], 4'd0}), .c({by_16_q[23:0], 8'd0}), .d({by_16_q[19:0], 12'd0}),
        .select(shift[3:2]), .y(by_4));
    nave_mux4 #(.WIDTH(32)) ones (
        .a(by_4_q), .b({by_4_q[30:0], 1'd0}), .c({by_4_q[29:0], 2'd0}), .d({by_4_q[28:0], 3'd0}), .select(shift[1:0]),
        .y(by_1));
    always @(posedge clk) begin
        by_16_q <= shift[4] ? {v[15:0], 16'd0} : v;
        by_4_q <= by_4;
        y <= by_1;
    end
endmodule

`default_nettype wire
