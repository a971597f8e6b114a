// Words of the buffer as a stream: `count` words from `from` on, with valid and ready, one a cycle.
// Latency 7. As many reads are under way as the queue has room for.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_unload #(
    parameter MAX_LOG2N = 13
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 start,
    input  wire [MAX_LOG2N-1:0] from,
    input  wire [MAX_LOG2N:0]   count,
    output wire                 read,
    output reg [MAX_LOG2N-1:0]  read_address,
    input  wire                 read_valid,
    input  wire [63:0]          read_data,
    output wire                 m_valid,
    input  wire                 m_ready,
    output wire [63:0]          m_data
);
    reg [MAX_LOG2N:0] left_q;
    reg [4:0] room_q, queued_q;
    reg some_q, gave_q; // queued_q is not 0; room that became free a cycle before
    assign read = left_q != {(MAX_LOG2N+1){1'b0}} && room_q != 5'd0;
    assign m_valid = some_q;
    wire give = m_valid && m_ready;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) words (
        .clk(clk), .rst(rst), .push(read_valid), .in(read_data), .pop(give), .out(m_data));
    always @(posedge clk) begin
        if (start) begin
            left_q <= count;
            read_address <= from;
        end else if (read) begin
            left_q <= left_q - 1'b1;
            read_address <= read_address + 1'b1;
        end
        room_q <= room_q - {4'd0, read} + {4'd0, gave_q};
        queued_q <= queued_q + {4'd0, read_valid} - {4'd0, give};
        some_q <= read_valid || queued_q[4:1] != 4'd0 || (queued_q[0] && !give);
        gave_q <= give;
        if (rst) begin
            left_q <= {(MAX_LOG2N+1){1'b0}};
            room_q <= 5'd16;
            queued_q <= 5'd0;
            some_q <= 1'b0;
            gave_q <= 1'b0;
        end
    end
endmodule

`default_nettype wire
