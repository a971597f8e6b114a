// Smallest shift with magnitude <= limit 2^shift (nave_headroom_shift of sim/model/arith.h), at most 4, which is enough
// for every limit of the transforms: 2^31 <= 16 * 204809345.
// One comparator: it takes limit, 2 limit, 4 limit, 8 limit in turn. Latency 6 from `start`; the inputs are steady
// until then, and a start that comes sooner is a new one.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_headroom (
    input  wire        clk,
    input  wire        start,
    input  wire [31:0] magnitude,
    input  wire [29:0] limit,
    output reg  [2:0]  shift
);
    reg [32:0] limit_q;
    reg [4:0] turn_q; // one-hot: limit_q holds limit, ... 8 limit; the last result counts
    reg above_q;
    always @(posedge clk) begin
        limit_q <= start ? {3'd0, limit} : {limit_q[31:0], 1'b0};
        turn_q <= {turn_q[3:0], start};
        above_q <= {1'b0, magnitude} > limit_q;
        if (turn_q[0])
            shift <= 3'd0;
        else if (above_q && turn_q[4:1] != 4'd0)
            shift <= shift + 3'd1;
    end
endmodule

`default_nettype wire
