// Complex multiplier: p = a b, or part by part, p = (re a re b) + j (im a im b), where `split` is set.
//   MULTIPLIES = 3: k1 = br (ar + ai), k2 = ar (bi - br), k3 = ai (br + bi);  re = k1 - k3, im = k1 + k2
//   MULTIPLIES = 4: re = ar br - ai bi, im = ar bi + ai br
// Latency 7. 32-bit parts; p is exact modulo 2^64, so sums that stay below 2^63 in the end are exact.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_cmul #(
    parameter MULTIPLIES = 3,
    parameter DSP = 3,      // of each multiply
    parameter DSP_LAST = DSP // of the last, so that 10 DSP are a choice too: one saves 70 LUT
) (
    input  wire               clk,
    input  wire               split,
    input  wire signed [31:0] a_re,
    input  wire signed [31:0] a_im,
    input  wire signed [31:0] b_re,
    input  wire signed [31:0] b_im,
    output reg  signed [63:0] p_re,
    output reg  signed [63:0] p_im
);
    localparam MUL_LATENCY = 5;
    generate
        if (MULTIPLIES != 3 && MULTIPLIES != 4)
            nave_cmul_MULTIPLIES_must_be_3_or_4 illegal();
    endgenerate
    reg [MUL_LATENCY:0] split_q;
    always @(posedge clk)
        split_q <= {split_q[MUL_LATENCY-1:0], split};
    wire parts = split_q[MUL_LATENCY];
    generate
        if (MULTIPLIES == 3) begin : three
            // split: k1 = ar br, k2 = ai bi, k3 is not used
            reg signed [31:0] ar_q, ai_q, br_q;
            reg signed [32:0] sum_a_q, difference_q, sum_b_q;
            wire signed [32:0] sum_a, difference, sum_b;
            wire signed [64:0] k1, k2, k3;
            wire unused = &{1'b0, k1[64], k2[64], k3[64]}; // modulo 2^64
            wire signed [32:0] ar = {a_re[31], a_re}, ai = {a_im[31], a_im}, br = {b_re[31], b_re}, bi = {b_im[31], b_im};
            nave_sum #(.WIDTH(33)) a_both (
                .a(ar), .b(ai), .with_b(!split), .invert(1'b0), .carry(1'b0), .y(sum_a));
            nave_sum #(.WIDTH(33)) b_less (
                .a(bi), .b(br), .with_b(!split), .invert(1'b1), .carry(!split), .y(difference));
            assign sum_b = br + bi;
            always @(posedge clk) begin
                sum_a_q <= sum_a;
                difference_q <= difference;
                sum_b_q <= sum_b;
                ar_q <= split ? a_im : a_re;
                ai_q <= a_im;
                br_q <= b_re;
            end
            nave_mul #(.WIDTH_A(33), .WIDTH_B(32), .DSP(DSP)) m1 (.clk(clk), .a(sum_a_q), .b(br_q), .p(k1));
            nave_mul #(.WIDTH_A(33), .WIDTH_B(32), .DSP(DSP)) m2 (.clk(clk), .a(difference_q), .b(ar_q), .p(k2));
            nave_mul #(.WIDTH_A(33), .WIDTH_B(32), .DSP(DSP_LAST)) m3 (.clk(clk), .a(sum_b_q), .b(ai_q), .p(k3));
            wire [63:0] re, im;
            nave_sum #(.WIDTH(64)) less (
                .a(k1[63:0]), .b(k3[63:0]), .with_b(!parts), .invert(1'b1), .carry(!parts), .y(re));
            nave_sum #(.WIDTH(64)) more (
                .a(k2[63:0]), .b(k1[63:0]), .with_b(!parts), .invert(1'b0), .carry(1'b0), .y(im));
            always @(posedge clk) begin
                p_re <= re;
                p_im <= im;
            end
        end else begin : four
            reg signed [31:0] ar_q, ai_q, br_q, bi_q;
            wire signed [63:0] rr, ii, ri, ir;
            always @(posedge clk) begin
                ar_q <= a_re;
                ai_q <= a_im;
                br_q <= b_re;
                bi_q <= b_im;
            end
            nave_mul #(.DSP(DSP)) m1 (.clk(clk), .a(ar_q), .b(br_q), .p(rr));
            nave_mul #(.DSP(DSP)) m2 (.clk(clk), .a(ai_q), .b(bi_q), .p(ii));
            nave_mul #(.DSP(DSP)) m3 (.clk(clk), .a(ar_q), .b(bi_q), .p(ri));
            nave_mul #(.DSP(DSP_LAST)) m4 (.clk(clk), .a(ai_q), .b(br_q), .p(ir));
            always @(posedge clk) begin
                p_re <= rr - (parts ? 64'sd0 : ii);
                p_im <= (parts ? 64'sd0 : ri) + (parts ? ii : ir);
            end
        end
    endgenerate
endmodule

`default_nettype wire
