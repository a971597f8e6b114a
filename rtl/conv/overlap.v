// Overlap-save output (nave_overlap_c of sim/model/overlap.c): mix + limit54(round(z 2^shift)), a sample a cycle.
// A complex word of z, with re and im exchanged, is two samples: im first.
// Latency 8 from s_ to m_. The word is held 32 bits up, so that every shift is one to the right: shift is limited to
// -32..32. Overflow: a contribution is limited to 54 bits, so that 512 of them fit a word.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_overlap (
    input  wire              clk,
    input  wire              rst,
    input  wire signed [9:0] shift, // steady while words pass
    input  wire              s_z_valid,
    output wire              s_z_ready,
    input  wire [63:0]       s_z_data,
    input  wire              s_mix_valid,
    output wire              s_mix_ready,
    input  wire [63:0]       s_mix_data,
    output wire              m_valid,
    input  wire              m_ready,
    output wire [63:0]       m_data
);
    localparam LATENCY = 6; // of the rounding
    reg second_q;
    reg [4:0] room_q; // words that may still come in: the queue takes them all
    wire take = s_z_valid && s_mix_valid && room_q != 5'd0;
    assign s_mix_ready = s_z_valid && room_q != 5'd0;
    assign s_z_ready = second_q && s_mix_valid && room_q != 5'd0;
    reg [6:0] right_q;
    wire signed [9:0] right = 10'sd32 - shift;
    wire [31:0] sample = second_q ? s_z_data[31:0] : s_z_data[63:32];
    wire signed [63:0] rounded;
    wire signed [53:0] limited;
    nave_round_even #(.WIDTH(64), .SHIFT_WIDTH(7), .OUT(64)) scale (
        .clk(clk), .v({sample, 32'd0}), .shift(right_q), .y(rounded));
    nave_saturate #(.WIDTH(64), .OUT(54)) limit (.v(rounded), .y(limited), .limited());

    reg [LATENCY-1:0] valid_q;
    reg [53:0] limited_q;
    reg limited_valid_q, sum_valid_q;
    reg [63:0] sum_q;
    wire [63:0] mix;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) waiting (
        .clk(clk), .rst(rst), .push(take), .in(s_mix_data), .pop(limited_valid_q), .out(mix));
    reg [4:0] queued_q;
    wire give = m_valid && m_ready;
    assign m_valid = queued_q != 5'd0;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) result (
        .clk(clk), .rst(rst), .push(sum_valid_q), .in(sum_q), .pop(give), .out(m_data));
    always @(posedge clk) begin
        right_q <= right < 10'sd0 ? 7'd0 : right > 10'sd64 ? 7'd64 : right[6:0];
        valid_q <= {valid_q[LATENCY-2:0], take};
        limited_q <= limited;
        limited_valid_q <= valid_q[LATENCY-1];
        sum_q <= mix + {{10{limited_q[53]}}, limited_q};
        sum_valid_q <= limited_valid_q;
        queued_q <= queued_q + {4'd0, sum_valid_q} - {4'd0, give};
        room_q <= room_q - {4'd0, take} + {4'd0, give};
        if (take)
            second_q <= !second_q;
        if (rst) begin
            second_q <= 1'b0;
            valid_q <= {LATENCY{1'b0}};
            limited_valid_q <= 1'b0;
            sum_valid_q <= 1'b0;
            queued_q <= 5'd0;
            room_q <= 5'd16;
        end
    end
endmodule

`default_nettype wire
