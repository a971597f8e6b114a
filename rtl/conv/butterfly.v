// Radix-4 butterfly of words that are already multiplied, or two radix-2 ones; rounded once (store of sim/model/fft.c).
//   y0 = a+c + b+d, y1 = a-c - j(b-d), y2 = a+c - (b+d), y3 = a-c + j(b-d);  radix2: a+c, a-c, b+d, b-d
//   each then round(y / 2^(29 + shift))
// Latency 6, one a cycle. Growth: inputs 62 bits, sums 64: (1 + 3 sqrt 2) 2^31 2^29 < 2^62.4. The caller's shift makes
// the result fit 32 bits. A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_butterfly (
    input  wire         clk,
    input  wire         radix2,
    input  wire [2:0]   shift, // both steady while words pass
    input  wire [123:0] a,
    input  wire [123:0] b,
    input  wire [123:0] c,
    input  wire [123:0] d,
    output wire [255:0] y // y0 lowest
);
    reg signed [62:0] t0_q [0:1], t1_q [0:1], t2_q [0:1], t3_q [0:1]; // 0: re, 1: im
    reg signed [63:0] y_q [0:7];
    function signed [62:0] wide(input [61:0] v);
        wide = {v[61], v};
    endfunction
    function signed [63:0] wider(input signed [62:0] v);
        wider = {v[62], v};
    endfunction
    integer i;
    always @(posedge clk) begin
        for (i = 0; i < 2; i = i + 1) begin
            t0_q[i] <= wide(a[62*i +: 62]) + wide(c[62*i +: 62]);
            t1_q[i] <= wide(a[62*i +: 62]) - wide(c[62*i +: 62]);
            t2_q[i] <= wide(b[62*i +: 62]) + wide(d[62*i +: 62]);
            t3_q[i] <= wide(b[62*i +: 62]) - wide(d[62*i +: 62]);
            y_q[i] <= wider(t0_q[i]) + (radix2 ? 64'sd0 : wider(t2_q[i]));
            y_q[4+i] <= radix2 ? wider(t2_q[i]) : wider(t0_q[i]) - wider(t2_q[i]);
        end
        y_q[2] <= wider(t1_q[0]) + (radix2 ? 64'sd0 : wider(t3_q[1]));
        y_q[3] <= wider(t1_q[1]) - (radix2 ? 64'sd0 : wider(t3_q[0]));
        y_q[6] <= radix2 ? wider(t3_q[0]) : wider(t1_q[0]) - wider(t3_q[1]);
        y_q[7] <= radix2 ? wider(t3_q[1]) : wider(t1_q[1]) + wider(t3_q[0]);
    end
    genvar g;
    generate
        for (g = 0; g < 8; g = g + 1) begin : round
            nave_round_even #(.WIDTH(64), .FIXED(29), .SHIFT_WIDTH(3), .OUT(32)) even (
                .clk(clk), .v(y_q[g]), .shift(shift), .y(y[32*g +: 32]));
        end
    endgenerate
endmodule

`default_nettype wire
