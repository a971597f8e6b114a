// Adder whose second operand may be inverted or left out, of any width: y = a + (with_b ? b ^ invert : 0) + carry.
// Subtract: invert and carry. Negate: a = 0. One look-up table a bit (addsub.v). Latency 0; modulo 2^WIDTH, the caller
// proves that it fits.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_sum #(
    parameter WIDTH = 32
) (
    input  wire [WIDTH-1:0] a,
    input  wire [WIDTH-1:0] b,
    input  wire             with_b,
    input  wire             invert,
    input  wire             carry,
    output wire [WIDTH-1:0] y
);
    localparam EVEN = WIDTH + WIDTH % 2;
    wire [EVEN-1:0] wide_a, wide_b, wide_y;
    generate
        if (EVEN != WIDTH) begin : odd
            wire unused = wide_y[EVEN-1];
            assign wide_a = {1'b0, a};
            assign wide_b = {1'b0, b};
        end else begin : even
            assign wide_a = a;
            assign wide_b = b;
        end
    endgenerate
    nave_addsub #(.WIDTH(EVEN)) chain (
        .a(wide_a), .b(wide_b), .gate(with_b), .invert(invert), .carry_in(carry), .sum(wide_y), .carry_out());
    assign y = wide_y[WIDTH-1:0];
endmodule

`default_nettype wire
