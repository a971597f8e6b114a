// Radix-4 butterfly of words that are already multiplied, two of its four sums a cycle, rounded once (store of
// sim/model/fft.c):
//   y0, y2 = (a+c) +- (b+d), then y1, y3 = (a-c) -+ j (b-d);   radix2: a +- b, then c +- d
//   each then round(y / 2^(29 + shift))
// For a pair of bins (post.c, pre.c) a is A, b is P or Q as pair.v describes, and p takes bin k, then its mirror:
//   post: k: re = a.re + b.im, im = a.im + b.re; mirror: re = a.re - b.im, im = -(a.im - b.re)
//   pre:  k: re = a.re - b.re, im = a.im - b.im; mirror: re = -(a.re + b.re), im = a.im + b.im
//   bin 0: post: re = a.re + b.im, im = a.im - b.im;  pre: re = a.re - b.im, im = a.im + b.im
// Latency 7 from `go` to the first sums, `first`; the others a cycle later, `second`. A butterfly every two cycles.
// Growth: b, c, d have 62 bits, sums 64: (1 + 3 sqrt 2) 2^31 2^29 < 2^62.4. The caller's shift makes the result fit 32
// bits. A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_butterfly (
    input  wire         clk,
    input  wire         rst,
    input  wire         radix2,
    input  wire         pair,
    input  wire         pre,
    input  wire [2:0]   shift, // all four steady while words pass
    input  wire         go,
    input  wire         bin_0, // with go
    input  wire [63:0]  a,     // with go, as b, c, d: times 1 in Q2.29
    input  wire [123:0] b,
    input  wire [123:0] c,
    input  wire [123:0] d,     // of a pair ignored, c must be 0
    output wire         first,
    output wire         second,
    output wire [63:0]  p, // y0, y1
    output wire [63:0]  q  // y2, y3
);
    localparam LATENCY = 7;
    reg [LATENCY:0] go_q; // 0: the operands, 1: the first sums, 2: the results...
    reg bin_0_q;
    assign first = go_q[LATENCY-1];
    assign second = go_q[LATENCY];
    reg [31:0] a_q [0:1]; // 0: re, 1: im
    reg [61:0] b_q [0:1], c_q [0:1], d_q [0:1];
    reg [62:0] u_q [0:1], v_q [0:1];
    reg [63:0] p_q [0:1], q_q [0:1];
    wire [62:0] u [0:1], v [0:1];
    wire [63:0] p_sum [0:1], q_sum [0:1], w [0:1];

    // the second sums' turn, by stage
    wire late_u = go_q[1], late_y = go_q[2];
    // of re and im: from the other part of v; subtracted (in p; in q the other way round)
    reg [1:0] cross_q, minus_q, negate_q;
    wire pair_minus = late_u ^ pre;
    always @(posedge clk) begin // a cycle ahead of the second stage
        cross_q <= pair ? {!pre && !bin_0_q, !pre || bin_0_q} : {2{late_u && !radix2}};
        minus_q <= pair ? {pair_minus ^ bin_0_q, pair_minus} : {late_u && !radix2, 1'b0};
        negate_q <= pair && late_y ? {!pre, pre} : 2'b00;
    end

    genvar g;
    generate
        for (g = 0; g < 2; g = g + 1) begin : part
            wire [62:0] one = {{2{a_q[g][31]}}, a_q[g], 29'd0};
            nave_sum #(.WIDTH(63)) sum_u (
                .a(one), .b({c_q[g][61], c_q[g]}), .with_b(!radix2 || late_u), .invert(late_u && !radix2),
                .carry(late_u && !radix2), .y(u[g]));
            nave_sum #(.WIDTH(63)) sum_v (
                .a({b_q[g][61], b_q[g]}), .b({d_q[g][61], d_q[g]}), .with_b(!radix2 || late_u),
                .invert(late_u && !radix2), .carry(late_u && !radix2), .y(v[g]));
            assign w[g] = cross_q[g] ? {v_q[1-g][62], v_q[1-g]} : {v_q[g][62], v_q[g]};
            nave_sum #(.WIDTH(64)) sum_p (
                .a({u_q[g][62], u_q[g]}), .b(w[g]), .with_b(1'b1), .invert(minus_q[g]), .carry(minus_q[g]),
                .y(p_sum[g]));
            nave_sum #(.WIDTH(64)) sum_q (
                .a({u_q[g][62], u_q[g]}), .b(w[g]), .with_b(1'b1), .invert(!minus_q[g]), .carry(!minus_q[g]),
                .y(q_sum[g]));
            always @(posedge clk) begin
                if (go) begin
                    a_q[g] <= a[32*g +: 32];
                    b_q[g] <= b[62*g +: 62];
                    c_q[g] <= c[62*g +: 62];
                end else if (radix2) begin // c and d alone
                    a_q[g] <= 32'd0;
                    b_q[g] <= 62'd0;
                end
                if (pair)
                    d_q[g] <= 62'd0;
                else if (go)
                    d_q[g] <= d[62*g +: 62];
                u_q[g] <= u[g];
                v_q[g] <= v[g];
                p_q[g] <= p_sum[g];
                q_q[g] <= q_sum[g];
            end
            nave_round_negate #(.WIDTH(64), .FIXED(29), .SHIFT_WIDTH(3), .OUT(32)) even_p (
                .clk(clk), .v(p_q[g]), .shift(shift), .negate(negate_q[g]), .y(p[32*g +: 32]));
            nave_round_even #(.WIDTH(64), .FIXED(29), .SHIFT_WIDTH(3), .OUT(32)) even_q (
                .clk(clk), .v(q_q[g]), .shift(shift), .y(q[32*g +: 32]));
        end
    endgenerate
    always @(posedge clk) begin
        go_q <= rst ? {(LATENCY+1){1'b0}} : {go_q[LATENCY-1:0], go};
        bin_0_q <= bin_0;
    end
endmodule

`default_nettype wire
