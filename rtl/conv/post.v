// Spectrum of packed real samples from their transform (nave_post_c of sim/model/post.c), one pair of bins:
//   A = z[k] + conj z[m],  B = z[k] - conj z[m],  m = n - k;  the multiplier makes P = exp(-j pi k / n) B
//   X[k] = (A - j P) / 2,  X[m] = conj((A + j P) / 2);  bin 0 holds {Nyquist, DC}
// The sums are the butterfly's y1 and y3, rounded there by 1 bit more. Conjugation after rounding changes nothing:
// ties to even are symmetric.
// Latency 0. Growth: |z| < 2^30, so A and B fit 32 bits, and |X| < 2^30 after the shift. A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_post (
    input  wire [63:0] z_k,
    input  wire [63:0] z_m,
    output wire [63:0] a,
    output wire [63:0] b,
    input  wire        bin_0,
    input  wire [63:0] y1,
    input  wire [63:0] y3,
    output wire [63:0] x_k,
    output wire [63:0] x_m
);
    assign a = {z_k[63:32] - z_m[63:32], z_k[31:0] + z_m[31:0]};
    assign b = {z_k[63:32] + z_m[63:32], z_k[31:0] - z_m[31:0]};
    assign x_k = bin_0 ? {y3[31:0], y1[31:0]} : y1;
    assign x_m = bin_0 ? x_k : {-y3[63:32], y3[31:0]};
endmodule

`default_nettype wire
