// nave_level with a multiplier of its own, for tests.
// SPDX-License-Identifier: ISC
`default_nettype none

module level_top (
    input  wire        clk,
    input  wire        rst,
    input  wire        in_valid,
    input  wire        exponential,
    input  wire [63:0] v,
    output wire        multiply,
    output wire        out_valid,
    output wire [31:0] y,
    output wire [5:0]  shift
);
    wire [31:0] a, b;
    wire [63:0] product;
    nave_mul multiplier (.clk(clk), .a(multiply ? a : 32'h5a5a5a5a), .b(b), .p(product));
    nave_level level (
        .clk(clk), .rst(rst), .in_valid(in_valid), .exponential(exponential), .v(v), .multiply(multiply), .factor_a(a),
        .factor_b(b), .product(product), .out_valid(out_valid), .y(y), .shift(shift));
endmodule

`default_nettype wire
