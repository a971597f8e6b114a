// Round robin between PORTS streams of bursts: who is granted keeps the output until the word with s_last has gone,
// then the turn goes to the next port that waits, so a port waits for at most PORTS - 1 bursts of others.
// Latency 0 (put a skid behind it where the path is long); a change of port costs no clock. Overflow: none.
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

    reg locked_q;
    reg [LOG2_PORTS-1:0] owner_q;  // locked: whose burst it is; else: who had the last one
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
`ifdef NAVE_BUG_ARBITER_LOCK
`else
        if (locked_q) next = owner_q;
`endif
    end

    assign m_valid = s_valid[next];
    assign m_last = s_last[next];
    assign m_data = s_data[next*WIDTH+:WIDTH];
    assign m_index = next;
    assign s_ready = m_valid && m_ready ? {{PORTS - 1{1'b0}}, 1'b1} << next : {PORTS{1'b0}};

    always @(posedge clk) begin
        if (rst) begin
            locked_q <= 1'b0;
            owner_q <= 0;
        end else if (m_valid) begin
            // offered and not taken is locked too: an offer must stay
            locked_q <= !(m_ready && m_last);
`ifdef NAVE_BUG_ARBITER_TURN
            owner_q <= m_ready && m_last ? {LOG2_PORTS{1'b1}} : next;
`else
            owner_q <= next;
`endif
        end
    end

`ifdef FORMAL
    `include "arbiter_properties.vh"
`endif
endmodule
`default_nettype wire
