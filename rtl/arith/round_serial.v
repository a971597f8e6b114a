// Rounded right shift of one word after the other, ties to even (nave_round64 of sim/model/arith.h):
// y = round(v / 2^shift), by 16, 4 or 1 places a clock. A third of the look-up tables of round_negate.v.
// `busy` from the clock after `start` until y is there, which then stands until the next. Latency 2 + the sum of the
// digits of `shift` to the base of 4, the highest counted four times less: at most 11.
// Growth: none; y may need all bits of v; `limited` is y limited to 32 bits (nave_saturate).
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_round_serial #(
    parameter WIDTH = 52
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    start,
    input  wire signed [WIDTH-1:0] v,
    input  wire                    sticky, // something below v was cut off
    input  wire [5:0]              shift,
    output reg                     busy,
    output reg signed [WIDTH-1:0]  y,
    output wire [31:0]             limited
);
    generate
        if (WIDTH < 33)
            nave_round_serial_WIDTH_must_be_33_or_more illegal();
    endgenerate
    // {integer, guard, sticky}
    reg [WIDTH+1:0] word_q;
    reg [5:0] left_q;
    wire [WIDTH+1:0] by_16, by_4, by_1, next;
    nave_sticky_shift #(.WIDTH(WIDTH + 2), .STEP(16)) s16 (.v(word_q), .y(by_16));
    nave_sticky_shift #(.WIDTH(WIDTH + 2), .STEP(4)) s4 (.v(word_q), .y(by_4));
    nave_sticky_shift #(.WIDTH(WIDTH + 2), .STEP(1)) s1 (.v(word_q), .y(by_1));
    wire sixteens = left_q[5:4] != 2'd0, fours = !sixteens && left_q[3:2] != 2'd0;
    nave_mux4 #(.WIDTH(WIDTH + 2)) choose (
        .a(by_1), .b(by_4), .c(by_16), .d({v, 1'b0, sticky}), .select({start || sixteens, start || fours}), .y(next));
    wire [WIDTH-1:0] rounded;
    nave_sum #(.WIDTH(WIDTH)) increment (
        .a(word_q[WIDTH+1:2]), .b({WIDTH{1'b0}}), .with_b(1'b0), .invert(1'b0),
        .carry(word_q[1] && (word_q[0] || word_q[2])), .y(rounded));
    // beyond 32 bits before the increment, or by it
    reg over_q;
    wire [WIDTH-32:0] top = word_q[WIDTH+1:33];
    assign limited = over_q || y[32] != y[31] ? {y[WIDTH-1], {31{!y[WIDTH-1]}}} : y[31:0];
    always @(posedge clk) begin
        if (start || left_q != 6'd0)
            word_q <= next;
        if (start)
            left_q <= shift;
        else if (sixteens)
            left_q[5:4] <= left_q[5:4] - 2'd1;
        else if (fours)
            left_q[3:2] <= left_q[3:2] - 2'd1;
        else if (left_q[1:0] != 2'd0)
            left_q[1:0] <= left_q[1:0] - 2'd1;
        if (busy) begin
            y <= rounded;
            over_q <= top != {(WIDTH-31){word_q[WIDTH+1]}};
        end
        busy <= !rst && (start || (busy && left_q != 6'd0));
    end
endmodule

`default_nettype wire
