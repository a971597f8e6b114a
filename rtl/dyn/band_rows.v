// Which words of the states and of a slot's own a band's step reads and writes (band.v). Combinational.
// States: {0, kind, curve, band, channel}, or {1, slot, word} of what a slot carries from step to step.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_band_rows (
    input  wire [4:0] step_1,
    input  wire [4:0] step_13,
    input  wire [3:0] slot_13,
    input  wire [5:0] place_13, // {curve, band, channel}
    input  wire [4:0] step_16,
    input  wire [3:0] slot_16,
    input  wire [5:0] place_16,
    input  wire       start_16,
    output reg  [1:0] own_row_1,
    output reg  [8:0] row_13,
    output reg        write_own, // at stage 16
    output reg  [1:0] own_row,
    output reg        write_state,
    output reg  [8:0] row_16,
    output reg        narrow     // the state's row has 32 bits
);
`include "band.vh"
    localparam [1:0] X = 2'd0, LOUDNESS = 2'd1, GAIN = 2'd2; // of a slot; its own of GAIN is that of the curve
    localparam [1:0] FAST_KIND = 2'd0, SLOW_KIND = 2'd1, HOLD_KIND = 2'd2, AVERAGE_KIND = 2'd3;
    always @* begin
        case (step_1)
        LINK, EXCESS: own_row_1 = LOUDNESS;
        SCALE, LEVEL, HALF: own_row_1 = X;
        default: own_row_1 = GAIN;
        endcase
        case (step_13)
        SQUARE, HIGH: row_13 = {1'b0, AVERAGE_KIND, 2'd0, place_13[3:0]};
        TARGET, FAST, COMPARE, CHOOSE: row_13 = {1'b0, FAST_KIND, place_13};
        SLOW_TARGET, SLOW: row_13 = {1'b0, SLOW_KIND, place_13};
        HOLD: row_13 = {1'b0, HOLD_KIND, place_13};
        LINK: row_13 = {3'b100, slot_13, LOUDNESS};
        SUM: row_13 = {3'b100, slot_13, GAIN};
        default: row_13 = {3'b100, slot_13, X};
        endcase
        write_own = 1'b0;
        own_row = X;
        write_state = 1'b0;
        row_16 = {3'b100, slot_16, X};
        narrow = 1'b1;
        case (step_16)
        SQUARE: begin
            write_own = 1'b1;
            own_row = start_16 ? LOUDNESS : X;
            write_state = 1'b1; // of a start: nobody reads it
        end
        HIGH: begin
            write_state = 1'b1;
            row_16 = {1'b0, AVERAGE_KIND, 2'd0, place_16[3:0]};
            narrow = 1'b0;
        end
        CHORD: begin
            write_own = 1'b1;
            own_row = LOUDNESS;
            write_state = 1'b1;
            row_16 = {3'b100, slot_16, LOUDNESS};
        end
        LINK: begin
            write_own = 1'b1;
            own_row = LOUDNESS;
        end
        EXCESS, SLOPE: begin
            write_own = 1'b1;
            own_row = GAIN;
        end
        TARGET, FAST: begin
            write_state = start_16 || step_16 == FAST;
            row_16 = {1'b0, FAST_KIND, place_16};
            narrow = 1'b0;
        end
        SLOW_TARGET, SLOW: begin
            write_state = start_16 || step_16 == SLOW;
            row_16 = {1'b0, SLOW_KIND, place_16};
            narrow = 1'b0;
        end
        HOLD: begin
            write_state = 1'b1;
            row_16 = {1'b0, HOLD_KIND, place_16};
            narrow = 1'b0;
        end
        SUM: begin
            write_state = 1'b1;
            row_16 = {3'b100, slot_16, GAIN};
            narrow = 1'b0;
        end
        WET, LEVEL: begin
            write_own = 1'b1;
            write_state = 1'b1;
        end
        default: ;
        endcase
    end
endmodule

`default_nettype wire
