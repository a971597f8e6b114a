// Signed 32x32 multiplier from one 18x18: p = a b, half words one after the other,
//   al bl, + (al bh + ah bl) 2^16, + ah bh 2^32
// Latency 7 from `start`; a and b are steady for four clocks from then. A product every four clocks; p stands
// until three clocks after the next start.
// Growth: all 64 bits are kept, so nothing overflows.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_mul_serial (
    input  wire               clk,
    input  wire               start,
    input  wire signed [31:0] a,
    input  wire signed [31:0] b,
    output wire signed [63:0] p
);
    localparam STEPS = 4, PRODUCT = 3; // clocks from half words to their product
    reg [STEPS+PRODUCT-2:0] step_q; // [n]: n + 1 clocks after start
    wire [STEPS-1:1] now = step_q[STEPS-2:0];
    reg [17:0] a_q, b_q;
    wire [35:0] product;
    nave_mul18 #(.SIGNED_A(1), .SIGNED_B(1)) halves (.clk(clk), .a(a_q), .b(b_q), .p(product));
    // what is below the weight of the next product has its place
    reg signed [35:0] sum_q;
    reg [31:0] low_q;
    wire first = step_q[PRODUCT-1], next = step_q[PRODUCT] || step_q[PRODUCT+2];
    wire signed [35:0] shifted = sum_q >>> 16;
    assign p = {sum_q[31:0], low_q};
    wire unused = &{1'b0, sum_q[35:32]}; // repeat the sign, once the last product is there
    always @(posedge clk) begin
        step_q <= {step_q[STEPS+PRODUCT-3:0], start};
        a_q <= now[3] || now[2] ? {{2{a[31]}}, a[31:16]} : {2'b00, a[15:0]};
        b_q <= now[3] || now[1] ? {{2{b[31]}}, b[31:16]} : {2'b00, b[15:0]};
        if (step_q[STEPS+PRODUCT-2:PRODUCT-1] != {STEPS{1'b0}})
            sum_q <= product + (first ? 36'd0 : next ? shifted : sum_q);
        if (next)
            low_q <= {sum_q[15:0], low_q[31:16]};
    end
endmodule

`default_nettype wire
