// Steps of a band: each is one way of a channel through the pipeline of band.v, with one multiply.
// SPDX-License-Identifier: ISC
localparam [4:0] IDLE = 5'd0, SQUARE = 5'd1, LOW = 5'd2, HIGH = 5'd3, CHORD = 5'd4, LINK = 5'd5, EXCESS = 5'd6,
    KNEE = 5'd7, SHARE = 5'd8, CURVE = 5'd9, SLOPE = 5'd10, TARGET = 5'd11, HOLD = 5'd12, FAST = 5'd13,
    SLOW_TARGET = 5'd14, SLOW = 5'd15, COMPARE = 5'd16, CHOOSE = 5'd17, SUM = 5'd18, POWER = 5'd19, SCALE = 5'd20,
    WET = 5'd21, LEVEL = 5'd22, HALF = 5'd23, WIDTH_STEP = 5'd24;
