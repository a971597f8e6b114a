// Rounded right shift, ties to even (nave_round64 of sim/model/arith.h): y = round(v / 2^(FIXED + shift)), or its
// negative.
// Latency 2 + ceil(SHIFT_WIDTH / 2): fixed part, two bits of the shift a stage, rounding. One value a cycle.
// The word is carried as {integer, guard, sticky}: sticky is the OR of all that was shifted out below the guard.
// Growth: none. The caller proves that the result fits OUT bits; bits above are dropped.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_round_negate #(
    parameter WIDTH = 64,
    parameter FIXED = 0,
    parameter SHIFT_WIDTH = 6,
    parameter OUT = 32
) (
    input  wire                    clk,
    input  wire signed [WIDTH-1:0] v,
    input  wire [SHIFT_WIDTH-1:0]  shift,
    input  wire                    negate, // as shift, of the word at v
    output reg  signed [OUT-1:0]   y
);
    localparam INTEGER = WIDTH - FIXED, STAGES = (SHIFT_WIDTH + 1) / 2, CARRIED = INTEGER + 2;
    generate
        if (FIXED < 0 || FIXED >= WIDTH || OUT > INTEGER || SHIFT_WIDTH < 1)
            nave_round_negate_needs_0_FIXED_below_WIDTH_and_OUT_of_at_most_the_difference illegal();
    endgenerate

    wire [WIDTH+1:0] padded = {v, 2'b00};
    wire signed [CARRIED-1:0] carried [0:STAGES];
    wire [2*STAGES-1:0] amount [0:STAGES]; // a stage takes the top two bits of what is left
    reg signed [CARRIED-1:0] fixed_q;
    reg [2*STAGES-1:0] amount_q;
    reg [STAGES:0] negate_q;
    always @(posedge clk) begin
        fixed_q <= {padded[WIDTH+1:FIXED+1], |padded[FIXED:0]};
        amount_q <= {{(2 * STAGES - SHIFT_WIDTH){1'b0}}, shift};
        negate_q <= {negate_q[STAGES-1:0], negate};
    end
    assign carried[0] = fixed_q;
    assign amount[0] = amount_q;

    genvar g;
    generate
        for (g = 0; g < STAGES; g = g + 1) begin : stage
            localparam STEP = 1 << (2 * (STAGES - 1 - g));
            wire signed [CARRIED-1:0] from = carried[g];
            wire [1:0] by = amount[g][2*STAGES-1 -: 2];
            reg signed [CARRIED-1:0] to_q;
            reg [2*STAGES-1:0] left_q;
            wire signed [CARRIED-1:0] once, shifted;
            nave_sticky_shift #(.WIDTH(CARRIED), .STEP(STEP)) s1 (.v(from), .y(once));
            if (g == 0 && SHIFT_WIDTH % 2 == 1) begin : one_bit
                wire unused_by = by[1];
                assign shifted = by[0] ? once : from;
            end else begin : two_bits
                wire signed [CARRIED-1:0] twice, thrice;
                nave_sticky_shift #(.WIDTH(CARRIED), .STEP(2 * STEP)) s2 (.v(from), .y(twice));
                nave_sticky_shift #(.WIDTH(CARRIED), .STEP(3 * STEP)) s3 (.v(from), .y(thrice));
                nave_mux4 #(.WIDTH(CARRIED)) choose (
                    .a(from), .b(once), .c(twice), .d(thrice), .select(by), .y(shifted));
            end
            always @(posedge clk) begin
                to_q <= shifted;
                left_q <= amount[g] << 2;
            end
            assign carried[g+1] = to_q;
            assign amount[g+1] = left_q;
        end
    endgenerate

    wire [CARRIED-1:0] last = carried[STAGES];
    wire [OUT-1:0] result;
    wire unused = &{1'b0, last[CARRIED-1:1], amount[STAGES]}; // above OUT: repeat the sign
    wire up = last[1] && (last[0] || last[2]), minus = negate_q[STAGES];
    // -(integer + up) = ~integer + 1 - up
    nave_sum #(.WIDTH(OUT)) increment (
        .a({OUT{1'b0}}), .b(last[OUT+1:2]), .with_b(1'b1), .invert(minus), .carry(up ^ minus), .y(result));
    always @(posedge clk)
        y <= result;
endmodule

`default_nettype wire
