// Signed multiplier from registered 18x18 partial products: p = a * b. Split at 16 bits, a = ah 2^16 + al:
//   DSP = 4: ah bh 2^32 + (ah bl + al bh) 2^16 + al bl
//   DSP = 3: the middle term is (ah + al)(bh + bl) - ah bh - al bl (Karatsuba)
// Latency 5 for both. Growth: all WIDTH_A + WIDTH_B bits are kept, so nothing overflows.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_mul #(
    parameter WIDTH_A = 32,
    parameter WIDTH_B = 32,
    parameter DSP = 3
) (
    input  wire                              clk,
    input  wire signed [WIDTH_A-1:0]         a,
    input  wire signed [WIDTH_B-1:0]         b,
    output wire signed [WIDTH_A+WIDTH_B-1:0] p
);
    localparam K = 16, HIGH_A = WIDTH_A - K, HIGH_B = WIDTH_B - K, WIDTH = WIDTH_A + WIDTH_B;
    generate
        // above 33 bits the sum of two halves no longer fits 18
        if (WIDTH_A < 18 || WIDTH_A > 33 || WIDTH_B < 18 || WIDTH_B > 33)
            nave_mul_widths_must_be_18_to_33 illegal();
        if (DSP != 3 && DSP != 4)
            nave_mul_DSP_must_be_3_or_4 illegal();
    endgenerate
    wire [17:0] ah = {{(18 - HIGH_A){a[WIDTH_A-1]}}, a[WIDTH_A-1:K]}, al = {2'd0, a[K-1:0]};
    wire [17:0] bh = {{(18 - HIGH_B){b[WIDTH_B-1]}}, b[WIDTH_B-1:K]}, bl = {2'd0, b[K-1:0]};
    wire [35:0] hh, ll;
    wire unused = &{1'b0, hh[35:WIDTH-2*K], ll[35:2*K]}; // repeat the sign; zero
    nave_mul18 #(.SIGNED_A(1), .SIGNED_B(1)) high (.clk(clk), .a(ah), .b(bh), .p(hh));
    nave_mul18 #(.SIGNED_A(0), .SIGNED_B(0)) low (.clk(clk), .a(al), .b(bl), .p(ll));

    reg signed [35:0] middle_q;
    reg [WIDTH-1:0] outer_q, delay_q;
    generate
        if (DSP == 3) begin : karatsuba
            reg [17:0] sum_a_q, sum_b_q;
            reg [35:0] both_q;
            wire [35:0] ss;
            nave_mul18 #(.SIGNED_A(1), .SIGNED_B(1)) between (.clk(clk), .a(sum_a_q), .b(sum_b_q), .p(ss));
            always @(posedge clk) begin
                sum_a_q <= ah + al;
                sum_b_q <= bh + bl;
                both_q <= hh + ll;
                middle_q <= ss - both_q;
            end
        end else begin : four
            reg [35:0] sum_q;
            wire [35:0] hl, lh;
            nave_mul18 #(.SIGNED_A(1), .SIGNED_B(0)) between_a (.clk(clk), .a(ah), .b(bl), .p(hl));
            nave_mul18 #(.SIGNED_A(0), .SIGNED_B(1)) between_b (.clk(clk), .a(al), .b(bh), .p(lh));
            always @(posedge clk) begin
                sum_q <= hl + lh;
                middle_q <= sum_q;
            end
        end
    endgenerate

    reg signed [WIDTH-1:0] p_q;
    wire signed [WIDTH-K-1:0] upper = outer_q[WIDTH-1:K], middle = {{(WIDTH - K - 36){middle_q[35]}}, middle_q};
    always @(posedge clk) begin
        delay_q <= {hh[WIDTH-2*K-1:0], ll[2*K-1:0]};
        outer_q <= delay_q;
        p_q <= {upper + middle, outer_q[K-1:0]};
    end
    assign p = p_q;
endmodule

`default_nettype wire
