// Saturation (nave_saturate of sim/model/arith.h): y = v limited to OUT bits; `limited` where that changed it.
// Latency 0. Growth: none.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_saturate #(
    parameter WIDTH = 64,
    parameter OUT = 54
) (
    input  wire signed [WIDTH-1:0] v,
    output wire signed [OUT-1:0]   y,
    output wire                    limited
);
    generate
        if (OUT < 2 || OUT >= WIDTH)
            nave_saturate_OUT_must_be_2_to_below_WIDTH illegal();
    endgenerate
    wire [WIDTH-OUT:0] top = v[WIDTH-1:OUT-1];
    assign limited = top != {(WIDTH - OUT + 1){v[WIDTH-1]}};
    assign y = limited ? {v[WIDTH-1], {(OUT - 1){!v[WIDTH-1]}}} : v[OUT-1:0];
endmodule

`default_nettype wire
