// Eight 16-bit counters of events, which stay at 65535; read bytewise, little-endian, counter after counter.
// Latency: address to data none. Overflow: a counter that is full says "65535 or more".
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_counters (
    input wire clk,
    input wire rst,
    input wire [7:0] event_seen,
    input wire [3:0] address,
    output wire [7:0] data
);
    reg [127:0] count_q;
    integer i;
    always @(posedge clk) begin
        if (rst) count_q <= 128'd0;
        else
            for (i = 0; i < 8; i = i + 1)
                if (event_seen[i] && count_q[16*i+:16] != 16'hffff) count_q[16*i+:16] <= count_q[16*i+:16] + 16'd1;
    end
    assign data = count_q[8*address+:8];
endmodule
`default_nettype wire
