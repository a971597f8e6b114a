// The order of a band's steps (nave_band_step, nave_band_start of sim/model/band.c): what comes after `step`.
// A curve that is off costs nothing; a hold, the slow envelope and the averages only where they are used.
// A start gives averages 0, and envelopes the gain that each curve has at silence. Combinational.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_band_order (
    input  wire [4:0] step,
    input  wire [1:0] curve,
    input  wire       start,
    input  wire       peak,
    input  wire       listen,
    input  wire       gate,
    input  wire       slow, // envelope
    input  wire       hold,
    input  wire [2:0] on, // curves
    output reg  [4:0] next,
    output reg  [1:0] next_curve,
    output reg        last // of this job, but for WIDTH_STEP, which waits for its turn
);
`include "band.vh"
    // the curve after this one; 3: none
    wire [1:0] after = step == LINK || step == HIGH ? (on[0] || start ? 2'd0 : on[1] ? 2'd1 : on[2] ? 2'd2 : 2'd3) :
        curve == 2'd0 && (on[1] || start) ? 2'd1 :
        curve[1] == 1'b0 && (on[2] || start) ? 2'd2 : 2'd3;
    wire [3:0] wide_on = {1'b0, on};
    always @* begin
        next_curve = curve;
        last = 1'b0;
        case (step)
        SQUARE: next = start ? HIGH : peak ? CHORD : LOW;
        LOW: next = HIGH;
        HIGH: begin
            next = !start ? CHORD : on[0] ? EXCESS : TARGET;
            next_curve = after;
        end
        CHORD: next = LINK;
        LINK: begin
            next = after == 2'd3 ? SUM : EXCESS;
            next_curve = after;
        end
        EXCESS: next = KNEE;
        KNEE: next = gate ? TARGET : SHARE;
        SHARE: next = CURVE;
        CURVE: next = SLOPE;
        SLOPE: next = TARGET;
        TARGET: next = start || hold ? HOLD : FAST;
        HOLD: next = start ? SLOW_TARGET : FAST;
        FAST: next = slow ? SLOW_TARGET : SUM;
        SLOW_TARGET: begin
            next = !start ? SLOW : wide_on[after] ? EXCESS : TARGET;
            last = start && after == 2'd3;
            if (start)
                next_curve = after;
        end
        SLOW: next = COMPARE;
        COMPARE: next = CHOOSE;
        CHOOSE: next = SUM;
        SUM: begin
            next = after != 2'd3 ? EXCESS : listen ? WIDTH_STEP : POWER;
            if (after != 2'd3)
                next_curve = after;
        end
        POWER: next = SCALE;
        SCALE: next = WET;
        WET: next = LEVEL;
        LEVEL: next = HALF;
        default: next = WIDTH_STEP;
        endcase
    end
endmodule

`default_nettype wire
