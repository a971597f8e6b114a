// Rounded right shift, ties to even (nave_round64 of sim/model/arith.h): y = round(v / 2^(FIXED + shift)).
// Latency 2 + ceil(SHIFT_WIDTH / 2). One value a cycle. Growth, overflow: see round_negate.v, of which this is the half.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_round_even #(
    parameter WIDTH = 64,
    parameter FIXED = 0,
    parameter SHIFT_WIDTH = 6,
    parameter OUT = 32
) (
    input  wire                    clk,
    input  wire signed [WIDTH-1:0] v,
    input  wire [SHIFT_WIDTH-1:0]  shift,
    output wire signed [OUT-1:0]   y
);
    generate
        if (OUT > WIDTH - FIXED)
            nave_round_even_OUT_must_be_at_most_WIDTH_less_FIXED illegal();
    endgenerate
    nave_round_negate #(.WIDTH(WIDTH), .FIXED(FIXED), .SHIFT_WIDTH(SHIFT_WIDTH), .OUT(OUT)) round (
        .clk(clk), .v(v), .shift(shift), .negate(1'b0), .y(y));
endmodule

`default_nettype wire
