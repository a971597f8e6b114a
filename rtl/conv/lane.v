// One complex multiplier with the three twiddled inputs of a butterfly in turn, or the one of a pair, or the CMAC's.
//   b w^p, c w^2p, d w^3p one after the other
// b in cycle 0 with `start`, c in cycle 1, d in cycle 2 at the second input (it was read with c); the factor of each in
// its cycle. Latency 8 from an input, or the CMAC's operands, to `product`; `turn` says whose it is, one-hot.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_lane #(
    parameter MULTIPLIES = 3,
    parameter DSP = 3,
    parameter DSP_LAST = DSP
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    input  wire         pair,   // b only
    input  wire [63:0]  b_or_c, // complex words {im, re}
    input  wire [63:0]  d,
    input  wire [63:0]  w,
    input  wire         direct, // the CMAC has the multiplier
    input  wire         direct_split,
    input  wire [63:0]  direct_x,
    input  wire [63:0]  direct_h,
    output wire [127:0] product, // {im, re}
    output wire [2:0]   turn
);
    localparam LATENCY = 8;
    reg [1:0] next_q; // c, d come
    reg [3*LATENCY-1:0] turns_q;
    assign turn = turns_q[3*(LATENCY-1) +: 3];

    reg [63:0] x_q, w_q;
    reg split_q;
    wire signed [63:0] p_re, p_im;
    nave_cmul #(.MULTIPLIES(MULTIPLIES), .DSP(DSP), .DSP_LAST(DSP_LAST)) cmul (
        .clk(clk), .split(split_q), .a_re(x_q[31:0]), .a_im(x_q[63:32]), .b_re(w_q[31:0]), .b_im(w_q[63:32]),
        .p_re(p_re), .p_im(p_im));
    assign product = {p_im, p_re};

    wire [63:0] x;
    nave_mux4 #(.WIDTH(64)) operand (
        .a(b_or_c), .b(d), .c(direct_x), .d(direct_x), .select({direct, next_q[1]}), .y(x));
    always @(posedge clk) begin
        x_q <= x;
        w_q <= direct ? direct_h : w;
        split_q <= direct && direct_split;
        next_q <= rst || pair ? 2'd0 : {next_q[0], start};
        turns_q <= rst ? {3*LATENCY{1'b0}} : {turns_q[3*(LATENCY-1)-1:0], next_q, start};
    end
endmodule

`default_nettype wire
