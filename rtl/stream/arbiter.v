// Round robin between PORTS streams of bursts: who is granted keeps the output until the word with s_last has gone,
// then the turn goes to the next port that waits, so a port waits for at most PORTS - 1 bursts of others.
// The grant is a register: no path leads from the valid of one port to the ready of another. So a port that waits is
// granted a clock later, and a clock lies between two bursts; a word takes none. Overflow: none.
// Stream i is bits i of s_valid, s_ready, s_last and slice i of s_data. m_index tells whose word it is.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_arbiter #(
    parameter WIDTH = 32,
    parameter PORTS = 4,
    parameter LOG2_PORTS = 2
) (
    input wire clk,
    input wire rst,
    input wire [PORTS-1:0] s_valid,
    output wire [PORTS-1:0] s_ready,
    input wire [PORTS-1:0] s_last,
    input wire [PORTS*WIDTH-1:0] s_data,
    output wire m_valid,
    input wire m_ready,
    output wire m_last,
    output wire [WIDTH-1:0] m_data,
    output wire [LOG2_PORTS-1:0] m_index
);
    generate
        if (WIDTH < 1 || PORTS < 2 || PORTS > (1 << LOG2_PORTS) || LOG2_PORTS > 4) begin : g_illegal
            arbiter_ports_are_out_of_range stop ();
        end
    endgenerate

    reg granted_q;
    reg [PORTS-1:0] grant_q;       // to whom, one-hot
    reg [LOG2_PORTS-1:0] owner_q;  // granted: whose burst it is; else: who had the last one
    reg [LOG2_PORTS-1:0] next;
    reg found;
    integer i;

    // the first that waits behind the last owner; a port above it comes before one at or below it
    always @* begin
        next = owner_q;
        found = 1'b0;
        for (i = 0; i < PORTS; i = i + 1)
            if (!found && s_valid[i] && i[LOG2_PORTS-1:0] > owner_q) begin
                next = i[LOG2_PORTS-1:0];
                found = 1'b1;
            end
        for (i = 0; i < PORTS; i = i + 1)
            if (!found && s_valid[i]) begin
                next = i[LOG2_PORTS-1:0];
                found = 1'b1;
            end
    end

    assign m_valid = granted_q && s_valid[owner_q];
    assign m_last = s_last[owner_q];
    assign m_data = s_data[owner_q*WIDTH+:WIDTH];
    assign m_index = owner_q;
    assign s_ready = m_ready ? grant_q : {PORTS{1'b0}};
`ifdef NAVE_BUG_ARBITER_LOCK
    wire ends = m_valid && m_ready;
`else
    wire ends = m_valid && m_ready && m_last;
`endif

    always @(posedge clk) begin
        if (rst) begin
            granted_q <= 1'b0;
            grant_q <= {PORTS{1'b0}};
            owner_q <= 0;
        end else if (!granted_q) begin
            granted_q <= found;
            grant_q <= found ? {{PORTS - 1{1'b0}}, 1'b1} << next : {PORTS{1'b0}};
            owner_q <= next;
        end else if (ends) begin
            granted_q <= 1'b0;
            grant_q <= {PORTS{1'b0}};
`ifdef NAVE_BUG_ARBITER_TURN
            owner_q <= {LOG2_PORTS{1'b1}};
`endif
        end
    end

`ifdef FORMAL
    `include "arbiter_properties.vh"
`endif
endmodule
`default_nettype wire
