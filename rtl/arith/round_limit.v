// Rounded right shift of a 64-bit word, ties to even (nave_round64 of sim/model/arith.h): y = round(v / 2^shift); `odd`:
// what is shifted out only sets bit 0, so that a sum with it can be rounded later as the whole would be.
// `added`: v has an odd integer in it that was added before; ties are those of v without it.
// `over`: y is to be limited to 32 bits by its sign; y[32] != y[31] says so too, after a carry (both are to be looked at).
// Latency 4: two bits of the shift a stage, rounding. Growth: none; the caller proves that y fits OUT bits.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_round_limit #(
    parameter OUT = 62
) (
    input  wire           clk,
    input  wire [63:0]    v,
    input  wire [5:0]     shift,
    input  wire           odd,
    input  wire           added,
    output reg  [OUT-1:0] y,
    output reg            over
);
    generate
        if (OUT < 33 || OUT > 64)
            nave_round_limit_OUT_must_be_33_to_64 illegal();
    endgenerate
    // {integer, guard, sticky}
    wire [65:0] whole = {v, 2'b00};
    wire [65:0] by_16, by_32, by_48, by_4, by_8, by_12, by_1, by_2, by_3, first, second, third;
    reg [65:0] first_q, second_q, last_q;
    reg [3:0] shift_first_q;
    reg [1:0] shift_second_q;
    reg [2:0] odd_q, added_q;
    nave_sticky_shift #(.WIDTH(66), .STEP(16)) s16 (.v(whole), .y(by_16));
    nave_sticky_shift #(.WIDTH(66), .STEP(32)) s32 (.v(whole), .y(by_32));
    nave_sticky_shift #(.WIDTH(66), .STEP(48)) s48 (.v(whole), .y(by_48));
    nave_sticky_shift #(.WIDTH(66), .STEP(4)) s4 (.v(first_q), .y(by_4));
    nave_sticky_shift #(.WIDTH(66), .STEP(8)) s8 (.v(first_q), .y(by_8));
    nave_sticky_shift #(.WIDTH(66), .STEP(12)) s12 (.v(first_q), .y(by_12));
    nave_sticky_shift #(.WIDTH(66), .STEP(1)) s1 (.v(second_q), .y(by_1));
    nave_sticky_shift #(.WIDTH(66), .STEP(2)) s2 (.v(second_q), .y(by_2));
    nave_sticky_shift #(.WIDTH(66), .STEP(3)) s3 (.v(second_q), .y(by_3));
    nave_mux4 #(.WIDTH(66)) of_16 (.a(whole), .b(by_16), .c(by_32), .d(by_48), .select(shift[5:4]), .y(first));
    nave_mux4 #(.WIDTH(66)) of_4 (
        .a(first_q), .b(by_4), .c(by_8), .d(by_12), .select(shift_first_q[3:2]), .y(second));
    nave_mux4 #(.WIDTH(66)) of_1 (.a(second_q), .b(by_1), .c(by_2), .d(by_3), .select(shift_second_q), .y(third));
    wire below = last_q[1] || last_q[0];
    wire up = !odd_q[2] && last_q[1] && (last_q[0] || last_q[2] != added_q[2]);
    wire [63:0] rounded = {last_q[65:3], last_q[2] || (odd_q[2] && below)} + {63'd0, up};
    generate
        if (OUT < 64) begin : narrow
            wire unused = &{1'b0, rounded[63:OUT]};
        end
    endgenerate
    always @(posedge clk) begin
        first_q <= first;
        shift_first_q <= shift[3:0];
        second_q <= second;
        shift_second_q <= shift_first_q[1:0];
        last_q <= third;
        odd_q <= {odd_q[1:0], odd};
        added_q <= {added_q[1:0], added};
        y <= rounded[OUT-1:0];
        over <= last_q[65:33] != {33{last_q[65]}};
    end
endmodule

`default_nettype wire
