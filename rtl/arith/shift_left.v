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
        by_4_q <= shift[3:2] == 2'd0 ? by_16_q : shift[3:2] == 2'd1 ? {by_16_q[27:0], 4'd0} :
            shift[3:2] == 2'd2 ? {by_16_q[23:0], 8'd0} : {by_16_q[19:0], 12'd0};
        y <= shift[1:0] == 2'd0 ? by_4_q : shift[1:0] == 2'd1 ? {by_4_q[30:0], 1'd0} :
            shift[1:0] == 2'd2 ? {by_4_q[29:0], 2'd0} : {by_4_q[28:0], 3'd0};
    end
endmodule

`default_nettype wire
