// Which section follows which: equaliser, splits and merge of a frame, DC filter, cuts of a side-chain (nave_crossover_split
// and _merge of sim/model/crossover.c, the order of sim/model/dyn.c, side_chain of sim/model/band.c).
// A frame on its way is at a position; positions of a chain only grow:
//   in    {0, 0, section} equaliser, {1, split, step} splits, END the last band
//   out   {0, split, step} allpasses, LOAD the last band but one, PASS the last of mid and side, GAIN, DC
//   cut   LOW, HIGH
// From a position: the job there, and the position after it. Latency 0. No arithmetic.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_crossover (
    // what the dials say; steady while a frame is in the chain
    input  wire [2:0]  in_splits, // bands - 1
    input  wire        in_steep,
    input  wire        in_mid_side,
    input  wire [7:0]  in_eq,
    input  wire [7:0]  in_eq_high,
    input  wire [2:0]  out_splits,
    input  wire        out_steep,
    input  wire        out_mid_side,
    input  wire        out_dc,
    input  wire        out_dc_high,
    // where one is
    input  wire        is_in,
    input  wire        is_out,
    input  wire [6:0]  position,
    input  wire [2:0]  cut_band,
    input  wire        cut_high,
    // where it goes
    output reg  [6:0]  next,
    output reg         last,    // nothing follows
    output wire [6:0]  in_first,
    output wire [6:0]  out_first,
    // the job
    output reg         from_low,  // its word is the low-pass of the job before, otherwise the frame's, w
    output reg         half,      // mid and side: (w0 + w1) / 2, (w0 - w1) / 2
    output reg         both,      // left and right: w0 + w1, w0 - w1
    output reg         split,     // w less the band that leaves
    output reg         add,       // w and a band
    output reg         first_band, // a band
    output reg  [2:0]  band,      // which
    output reg  [6:0]  section,
    output reg  [5:0]  words,     // set of coefficients
    output reg         bare,
    output reg         gain,
    output reg         eq,
    output reg         high,
    output reg         keep,      // allpass, sum or what was scaled is the frame's word
    output reg         keep_low
);
    localparam [6:0] END = 7'b1111000, LOAD = 7'b1000000, PASS = 7'b1000001, GAIN = 7'b1000010, DC = 7'b1000011;
    localparam [6:0] LOW = 7'd0, HIGH = 7'd1, NO_MORE = 7'b1111111;

    // the lowest section that is on, beyond the position
    function [2:0] lowest(input [6:0] on);
        lowest = on[0] ? 3'd0 : on[1] ? 3'd1 : on[2] ? 3'd2 : on[3] ? 3'd3 : on[4] ? 3'd4 : on[5] ? 3'd5 : on[6] ? 3'd6 :
            3'd7;
    endfunction
    wire [2:0] part = position[5:3], step = position[2:0], part_more = part + 3'd1;
    wire [7:0] sections = in_eq & (8'hfe << step);
    wire [6:0] splits = in_splits == 3'd0 ? END : 7'b1000000;
    wire [6:0] after_merge = out_mid_side ? PASS : GAIN;
    assign in_first = in_eq != 8'd0 ? {4'd0, lowest(in_eq[6:0])} : splits;
    assign out_first = out_splits > 3'd1 ? 7'b0001000 : out_splits == 3'd1 ? LOAD : after_merge;

    always @* begin
        next = NO_MORE;
        from_low = 1'b0;
        half = 1'b0;
        both = 1'b0;
        split = 1'b0;
        add = 1'b0;
        first_band = 1'b0;
        band = 3'd0;
        section = position;
        words = 6'd0;
        bare = 1'b0;
        gain = 1'b0;
        eq = 1'b0;
        high = 1'b0;
        keep = 1'b1;
        keep_low = 1'b0;
        if (is_in) begin
            if (!position[6]) begin
                next = sections != 8'd0 ? {4'd0, lowest(sections[6:0])} : splits;
                section = {4'b1111, step};
                words = {3'd0, step};
                eq = 1'b1;
                high = in_eq_high[step];
            end else if (position == END) begin
                half = in_mid_side && in_splits == 3'd0;
                split = in_splits != 3'd0;
                band = in_splits - 3'd1;
                bare = 1'b1;
            end else begin
                next = step != (in_steep ? 3'd4 : 3'd1) ? {1'b1, part, step + 3'd1} :
                    part_more != in_splits ? {1'b1, part_more, 3'd0} : END;
                half = in_mid_side && step == 3'd0 && part == 3'd0;
                split = step == 3'd0 && part != 3'd0;
                band = part - 3'd1;
                // after the first: its allpass once more where steep, its low-pass through what is left
                from_low = step != 3'd0 && !(in_steep && step == 3'd1);
                words = {2'b01, part, in_steep && (step == 3'd1 || step == 3'd2 || step == 3'd4)};
                keep = !from_low;
                keep_low = step != 3'd1 || !in_steep;
            end
        end else if (is_out) begin
            if (!position[6]) begin
                next = out_steep && step == 3'd0 ? {1'b0, part, 3'd1} :
                    part_more != out_splits ? {1'b0, part_more, 3'd0} : LOAD;
                first_band = step == 3'd0 && part == 3'd1;
                add = step == 3'd0 && part != 3'd1;
                band = part - 3'd1;
                words = {2'b10, part, step[0]};
            end else begin
                next = position == DC || (position == GAIN && !out_dc) ? NO_MORE :
                    position == GAIN ? DC : position == PASS ? GAIN : after_merge;
                both = position == GAIN && out_mid_side;
                first_band = position != DC && (position == LOAD ? out_splits == 3'd1 : !both && out_splits == 3'd0);
                add = position != DC && !both && !first_band;
                band = position == LOAD ? out_splits - 3'd1 : out_splits;
                section = 7'd0;
                words = position == DC ? 6'd8 : 6'd9;
                bare = position != DC;
                gain = position == GAIN;
                eq = position == DC;
                high = out_dc_high;
            end
        end else begin
            next = position == LOW && cut_high ? HIGH : NO_MORE;
            section = {1'b0, cut_band, 2'b10, step[0]};
            words = {2'b11, cut_band, step[0]};
            eq = 1'b1;
            high = step[0];
        end
        last = next == NO_MORE;
    end
endmodule

`default_nettype wire
