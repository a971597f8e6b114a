// Number of bits of an unsigned word: 0 for 0, 64 for a set bit 63 (nave_bit_length64 of sim/model/arith.h).
// Latency 2: groups of eight, then the highest group that is not zero.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_bit_length (
    input  wire        clk,
    input  wire [63:0] v,
    output reg  [6:0]  bits
);
    reg [3:0] within_q [0:7];
    integer g, b;
    always @(posedge clk) begin
        for (g = 0; g < 8; g = g + 1) begin
            within_q[g] <= 4'd0;
            for (b = 0; b < 8; b = b + 1)
                if (v[8*g+b])
                    within_q[g] <= b[3:0] + 4'd1;
        end
        bits <= 7'd0;
        for (g = 0; g < 8; g = g + 1)
            if (within_q[g] != 4'd0)
                bits <= {1'b0, g[2:0], 3'd0} + {3'd0, within_q[g]};
    end
endmodule

`default_nettype wire
