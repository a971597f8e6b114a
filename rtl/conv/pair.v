// What the butterfly and the multiplier take of two words: those of an FFT as they are, or of a pair of bins k and
// m = n - k of a real transform (nave_post_c of sim/model/post.c, nave_pre_c of pre.c; the sums are the butterfly's):
//   post: A = z[k] + conj z[m], B = z[k] - conj z[m]; P = exp(-j pi k / n) B;  X[k] = (A - j P) / 2,
//         X[m] = conj((A + j P) / 2)
//   pre:  A = Y[k] + conj Y[m], B = Y[k] - conj Y[m]; Q = exp(+j pi k / n) B;  z[k] = A + j Q, z[m] = conj(A - j Q),
//         and re and im leave exchanged, so that the forward transform inverts
// a is A (of pre with re and im exchanged), b is -conj B, so its factor is the conjugate one and its product is -conj P
// or -conj Q. Bin 0, {Nyquist, DC}, comes as k and as m: post: a.re = a.im = 2 re, b.im = 2 im; pre: the word itself,
// a.re = a.im = re, b.im = im.
// Latency 1. Growth: z, Y in -2^30..2^30 - 1, so A and -conj B fit 32 bits. A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_pair (
    input  wire        clk,
    input  wire        pair, // else a = k, b = m
    input  wire        pre,
    input  wire        bin_0,
    input  wire [63:0] k,
    input  wire [63:0] m,
    output reg  [63:0] a,
    output reg  [63:0] b
);
    wire both = pair && !(pre && bin_0);
    wire [31:0] a_re, a_im, b_re, b_im;
    nave_sum #(.WIDTH(32)) sum_a_re (
        .a(k[31:0]), .b(m[31:0]), .with_b(both), .invert(1'b0), .carry(1'b0), .y(a_re));
    nave_sum #(.WIDTH(32)) sum_a_im (
        .a(k[63:32]), .b(m[63:32]), .with_b(both), .invert(1'b1), .carry(both), .y(a_im));
    nave_sum #(.WIDTH(32)) sum_b_re (
        .a(m[31:0]), .b(k[31:0]), .with_b(both), .invert(1'b1), .carry(both), .y(b_re));
    nave_sum #(.WIDTH(32)) sum_b_im (
        .a(m[63:32]), .b(k[63:32]), .with_b(both), .invert(1'b0), .carry(1'b0), .y(b_im));
    always @(posedge clk) begin
        a[31:0] <= pair && pre && !bin_0 ? a_im : a_re;
        a[63:32] <= pair && (pre || bin_0) ? a_re : a_im;
        b <= {b_im, b_re};
    end
endmodule

`default_nettype wire
