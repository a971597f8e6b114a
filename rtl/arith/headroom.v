// Smallest shift with magnitude <= limit 2^shift (nave_headroom_shift of sim/model/arith.h), at most 4, which is enough
// for every limit of the transforms: 2^31 <= 16 * 204809345.
// Latency 3: inputs, comparisons, count.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_headroom (
    input  wire        clk,
    input  wire [31:0] magnitude,
    input  wire [29:0] limit,
    output reg  [2:0]  shift
);
    reg [31:0] magnitude_q;
    reg [29:0] limit_q;
    reg [3:0] above_q;
    always @(posedge clk) begin
        magnitude_q <= magnitude;
        limit_q <= limit;
        above_q[0] <= {1'b0, magnitude_q} > {3'd0, limit_q};
        above_q[1] <= {1'b0, magnitude_q} > {2'd0, limit_q, 1'd0};
        above_q[2] <= {1'b0, magnitude_q} > {1'd0, limit_q, 2'd0};
        above_q[3] <= {1'b0, magnitude_q} > {limit_q, 3'd0};
        shift <= above_q[3] ? 3'd4 : above_q[2] ? 3'd3 : above_q[1] ? 3'd2 : above_q[0] ? 3'd1 : 3'd0;
    end
endmodule

`default_nettype wire
