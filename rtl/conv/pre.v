// Packed real samples before the inverse transform from their spectrum (nave_pre_c of sim/model/pre.c), a pair of bins:
//   A = Y[k] + conj Y[m],  B = Y[k] - conj Y[m],  m = n - k;  the multiplier makes Q = exp(+j pi k / n) B
//   z[k] = A + j Q,  z[m] = conj(A - j Q);  re and im leave exchanged, so that the forward transform inverts
// Bin 0, {Nyquist, DC}, has A = {DC - Nyquist, DC + Nyquist} and no B. The sums are the butterfly's y3 and y1.
// Latency 0. Growth: Y in -2^30..2^30 - 1, so A and B fit 32 bits. A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_pre (
    input  wire        bin_0_in,
    input  wire [63:0] y_k,
    input  wire [63:0] y_m,
    output wire [63:0] a,
    output wire [63:0] b,
    input  wire        bin_0,
    input  wire [63:0] y1,
    input  wire [63:0] y3,
    output wire [63:0] z_k,
    output wire [63:0] z_m
);
    assign a = bin_0_in ? {y_k[31:0] - y_k[63:32], y_k[31:0] + y_k[63:32]} :
        {y_k[63:32] - y_m[63:32], y_k[31:0] + y_m[31:0]};
    assign b = bin_0_in ? 64'd0 : {y_k[63:32] + y_m[63:32], y_k[31:0] - y_m[31:0]};
    assign z_k = {y3[31:0], y3[63:32]};
    assign z_m = bin_0 ? z_k : {y1[31:0], -y1[63:32]};
endmodule

`default_nettype wire
