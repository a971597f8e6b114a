// y = v >>> STEP with the lowest bit the OR of itself and all bits that leave: a rounding can still see them. Latency 0.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_sticky_shift #(
    parameter WIDTH = 34,
    parameter STEP = 1
) (
    input  wire signed [WIDTH-1:0] v,
    output wire signed [WIDTH-1:0] y
);
    generate
        if (STEP >= WIDTH - 1) begin : all
            assign y = {{(WIDTH - 1){v[WIDTH-1]}}, |v};
        end else begin : some
            assign y = {{STEP{v[WIDTH-1]}}, v[WIDTH-1:STEP+1], |v[STEP:0]};
        end
    endgenerate
endmodule

`default_nettype wire
