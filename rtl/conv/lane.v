// One complex multiplier with the three twiddled inputs of a butterfly in turn, or the one of a pair, or the CMAC's.
//   b w^p, c w^2p, d w^3p one after the other, each input first shifted up by `up` bits (exact)
// Latency: inputs with `load` in cycle 0; the factor of the first must be at w_re, w_im in cycle 4; `last` with
// b, c, d at 14 (a pair at 12). The CMAC's operands in cycle 0 give `product` in 8.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_lane #(
    parameter MULTIPLIES = 3,
    parameter DSP = 3
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         load,
    input  wire         pair,
    input  wire [191:0] inputs, // b lowest; complex words {im, re}
    input  wire [4:0]   up,
    input  wire [31:0]  w_re,
    input  wire [31:0]  w_im,
    input  wire         direct, // the CMAC has the multiplier
    input  wire         direct_split,
    input  wire [63:0]  direct_x,
    input  wire [63:0]  direct_h,
    output wire [127:0] product, // {im, re}
    output wire         last,
    output wire [123:0] b,
    output wire [123:0] c,
    output wire [123:0] d
);
    localparam TO_PRODUCT = 11; // cycles from a held input to its product
    reg [191:0] hold_q;
    reg [2:0] turn_q; // one-hot: which input is held at the front
    reg pair_q;
    reg [3*TO_PRODUCT-1:0] turns_q;
    wire [63:0] raised;
    nave_shift_left up_re (.clk(clk), .v(hold_q[31:0]), .shift(up), .y(raised[31:0]));
    nave_shift_left up_im (.clk(clk), .v(hold_q[63:32]), .shift(up), .y(raised[63:32]));

    reg [63:0] x_q, w_q;
    reg split_q;
    wire signed [63:0] p_re, p_im;
    nave_cmul #(.MULTIPLIES(MULTIPLIES), .DSP(DSP)) cmul (
        .clk(clk), .split(split_q), .a_re(x_q[31:0]), .a_im(x_q[63:32]), .b_re(w_q[31:0]), .b_im(w_q[63:32]),
        .p_re(p_re), .p_im(p_im));
    assign product = {p_im, p_re};

    wire [2:0] turn = turns_q[3*(TO_PRODUCT-1) +: 3];
    wire [123:0] narrow = {p_im[61:0], p_re[61:0]};
    reg [123:0] b_q, c_q;
    assign last = pair_q ? turn[0] : turn[2];
    assign b = pair_q ? narrow : b_q;
    assign c = pair_q ? 124'd0 : c_q;
    assign d = pair_q ? 124'd0 : narrow;

    always @(posedge clk) begin
        hold_q <= load ? inputs : {64'd0, hold_q[191:64]};
        pair_q <= pair;
        x_q <= direct ? direct_x : raised;
        w_q <= direct ? direct_h : {w_im, w_re};
        split_q <= direct && direct_split;
        if (turn[0])
            b_q <= narrow;
        if (turn[1])
            c_q <= narrow;
        turn_q <= rst ? 3'd0 : load ? 3'd1 : pair ? 3'd0 : {turn_q[1:0], 1'b0};
        turns_q <= rst ? {3*TO_PRODUCT{1'b0}} : {turns_q[3*(TO_PRODUCT-1)-1:0], turn_q};
    end
endmodule

`default_nettype wire
