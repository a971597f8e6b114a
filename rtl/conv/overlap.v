// Overlap-save output (nave_overlap_c of sim/model/overlap.c): mix + limit54(round(z 2^shift)), a sample a cycle.
// A complex word of z, with re and im exchanged, is two samples: im first. Shifts to the right are made by the loader's
// rounder (`sample`, and what it makes of it five cycles later), which has no other work then; those to the left here.
// Latency 11 from s_ to m_.
// Overflow: a contribution is limited to 54 bits, so that 512 of them fit a word. Shifts beyond -32 and 32 are as those.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_overlap (
    input  wire              clk,
    input  wire              rst,
    input  wire signed [9:0] shift, // steady from two cycles before the first word on
    input  wire              s_z_valid,
    output wire              s_z_ready,
    input  wire [63:0]       s_z_data,
    input  wire              s_mix_valid,
    output wire              s_mix_ready,
    input  wire [63:0]       s_mix_data,
    output wire              m_valid,
    input  wire              m_ready,
    output wire [63:0]       m_data,
    output wire [31:0]       sample,
    output reg  [4:0]        sample_shift,
    input  wire [31:0]       rounded
);
    localparam LATENCY = 8; // of the rounding and the shift to the left, to before the last choice
    reg second_q;
    reg [4:0] room_q; // words that may still come in: the queue takes them all
    wire take = s_z_valid && s_mix_valid && room_q != 5'd0;
    assign s_mix_ready = s_z_valid && room_q != 5'd0;
    assign s_z_ready = second_q && s_mix_valid && room_q != 5'd0;

    // |z| <= 2^31: 2^-32 of it is a half at most, a tie to 0
    wire signed [9:0] right = -shift;
    reg nothing_q;
    reg [5:0] left_q;
    assign sample = nothing_q ? 32'd0 : second_q ? s_z_data[31:0] : s_z_data[63:32];

    // left by 0..3, by 0, 4, 8, 12, then by 0, 16, 32 or limited
    reg [34:0] ones_q;
    reg [46:0] fours_q, whole_q;
    reg [1:0] choice_q;
    reg [53:0] limited_q;
    wire [34:0] by_ones;
    wire [46:0] by_fours;
    wire [53:0] limited;
    wire sign = fours_q[46];
    wire above_16 = fours_q[46:37] != {10{sign}}, above_32 = fours_q[46:21] != {26{sign}};
    nave_mux4 #(.WIDTH(35)) ones (
        .a({{3{rounded[31]}}, rounded}), .b({{2{rounded[31]}}, rounded, 1'd0}), .c({rounded[31], rounded, 2'd0}),
        .d({rounded, 3'd0}), .select(left_q[1:0]), .y(by_ones));
    nave_mux4 #(.WIDTH(47)) fours (
        .a({{12{ones_q[34]}}, ones_q}), .b({{8{ones_q[34]}}, ones_q, 4'd0}), .c({{4{ones_q[34]}}, ones_q, 8'd0}),
        .d({ones_q, 12'd0}), .select(left_q[3:2]), .y(by_fours));
    nave_mux4 #(.WIDTH(54)) last (
        .a({{7{whole_q[46]}}, whole_q}), .b({whole_q[37:0], 16'd0}), .c({whole_q[21:0], 32'd0}),
        .d({whole_q[46], {53{!whole_q[46]}}}), .select(choice_q), .y(limited));

    reg [LATENCY-1:0] valid_q;
    reg limited_valid_q, sum_valid_q;
    reg [63:0] sum_q;
    wire [63:0] mix;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) waiting (
        .clk(clk), .rst(rst), .push(take), .in(s_mix_data), .pop(limited_valid_q), .out(mix));
    reg [4:0] queued_q;
    reg some_q, gave_q; // queued_q is not 0; room that became free a cycle before
    wire give = m_valid && m_ready;
    assign m_valid = some_q;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) result (
        .clk(clk), .rst(rst), .push(sum_valid_q), .in(sum_q), .pop(give), .out(m_data));
    always @(posedge clk) begin
        nothing_q <= right > 10'sd31;
        sample_shift <= right < 10'sd0 ? 5'd0 : right[4:0];
        left_q <= shift < 10'sd0 ? 6'd0 : shift > 10'sd32 ? 6'd32 : shift[5:0];
        ones_q <= by_ones;
        fours_q <= by_fours;
        whole_q <= fours_q;
        choice_q <= left_q[5] ? {1'b1, above_32} : left_q[4] ? {above_16, 1'b1} : 2'd0;
        valid_q <= {valid_q[LATENCY-2:0], take};
        limited_q <= limited;
        limited_valid_q <= valid_q[LATENCY-1];
        sum_q <= mix + {{10{limited_q[53]}}, limited_q};
        sum_valid_q <= limited_valid_q;
        queued_q <= queued_q + {4'd0, sum_valid_q} - {4'd0, give};
        some_q <= sum_valid_q || queued_q[4:1] != 4'd0 || (queued_q[0] && !give);
        gave_q <= give;
        room_q <= room_q - {4'd0, take} + {4'd0, gave_q};
        if (take)
            second_q <= !second_q;
        if (rst) begin
            second_q <= 1'b0;
            valid_q <= {LATENCY{1'b0}};
            limited_valid_q <= 1'b0;
            sum_valid_q <= 1'b0;
            queued_q <= 5'd0;
            some_q <= 1'b0;
            gave_q <= 1'b0;
            room_q <= 5'd16;
        end
    end
endmodule

`default_nettype wire
