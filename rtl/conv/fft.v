// Sequencer of the block floating point FFT (nave_fft_c of sim/model/fft.c): in place, decimation in time, input in
// digit-reversed order, output in natural order; radix 4 with a radix-2 pass first where log2 n is odd.
//
// Each pass scales by the largest magnitude that the pass before left. Scaling up is exact, so that of the first pass is
// made where the second reads (`up`).
// Three cycles a butterfly (two, where radix 2): as many as it has products. With two lanes four a pair of butterflies,
// as the datapath gives two words a cycle: columns p and m - p, whose factors share a table entry; 0 goes with m / 2.
// The factors of the first pass are 1.
//
// Cycles from command to result: 3 + passes (3n/4 + 43) with one lane, 3 + passes (n/2 + 44) with two.
// Overflow: none; the limits of sim/model/dsp.h bound each pass.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_fft #(
    parameter MAX_LOG2N = 13,
    parameter LANES = 1
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 start,
    input  wire [3:0]           log2n, // 6..MAX_LOG2N, steady while busy, as last30
    input  wire                 last30,
    input  wire [31:0]          magnitude, // of the input, with start
    output reg                  done,      // one cycle
    output reg signed [7:0]     exponent,
    output wire [31:0]          magnitude_out,
    // to the datapath
    output reg                  issue,
    output reg                  issue_lane,
    output reg [MAX_LOG2N-1:0]  issue_base,
    output reg [13:0]           factor_0, // of lane 0, from the cycle of its butterfly on: b, c, d
    output reg [13:0]           factor_1,
    output wire                 unit_0,
    output wire                 radix2,
    output reg [3:0]            digit,
    output reg [2:0]            shift,
    output wire [4:0]           up,
    output reg                  clear, // of the magnitude
    input  wire                 drained, // all words written and their magnitude known
    output wire                 raising, // the largest magnitude is shifted up
    input  wire [31:0]          raised,  // three cycles later
    output wire                 ask,     // for the shift by magnitude_out and its limit in this pass
    output wire [29:0]          limit,
    input  wire [2:0]           needed // six cycles later
);
    localparam [29:0] LIMIT_RADIX2 = 30'd1073741823, LIMIT_RADIX4_FIRST = 30'd536870911, LIMIT_RADIX4 = 30'd409618690;
    localparam IDLE = 3'd0, LIMIT = 3'd1, ISSUE = 3'd2, DRAIN = 3'd3, RAISE = 3'd4;
    reg [2:0] state_q;
    reg [2:0] wait_q;
    reg [31:0] magnitude_q;
    reg [4:0] up_q;
    reg first_q, second_q; // this pass is the first, the second
    assign magnitude_out = magnitude_q;
    assign radix2 = first_q && log2n[0];
    assign raising = state_q == RAISE;
    assign up = (raising ? first_q : second_q) ? up_q : 5'd0;
    assign ask = state_q == LIMIT && wait_q == 3'd0;

    // what this pass needs
    reg last_q, next_last_q;
    reg [3:0] next_digit_q;
    always @(posedge clk) begin // steady long before they are taken
        next_digit_q <= digit + (radix2 ? 4'd1 : 4'd2);
        next_last_q <= next_digit_q + 4'd2 == log2n;
    end
    assign limit = radix2 ? LIMIT_RADIX2 : first_q ? LIMIT_RADIX4_FIRST :
        last_q && last30 ? {1'b0, LIMIT_RADIX4[29:1]} : LIMIT_RADIX4;
    wire [6:0] bits;
    wire unused = bits[6];
    nave_bit_length length (.clk(clk), .v({32'd0, magnitude_q}), .bits(bits));
    // room above the first pass: limits are 2^30 - 1 and 2^29 - 1
    reg [5:0] room_q;
    always @(posedge clk)
        room_q <= (radix2 ? 6'd30 : 6'd29) - bits[5:0];

    // butterflies: count over n/4 (or pairs of them, n/8), three (four) turns each
    reg [MAX_LOG2N-3:0] count_q;
    reg [1:0] turn_q;
    localparam [3:0] LOG2_EACH = LANES == 2 ? 4'd3 : 4'd2; // words of a count
    localparam [1:0] LAST_TURN = LANES == 2 ? 2'd3 : 2'd2;
    wire [MAX_LOG2N-3:0] last_of_pass = ({{(MAX_LOG2N-3){1'b0}}, 1'b1} << (log2n - LOG2_EACH)) - 1'b1;
    wire [MAX_LOG2N-1:0] m = {{(MAX_LOG2N-1){1'b0}}, 1'b1} << digit;
    wire [MAX_LOG2N-1:0] count = {2'b00, count_q};
    // steady from the pass's first cycle on, so they are registers between the digit and the addresses
    reg [MAX_LOG2N-3:0] last_count_q;
    reg [MAX_LOG2N-1:0] low_q, m_q;
    reg [3:0] up_to_root_q;
    wire [MAX_LOG2N-1:0] less_one = m - 1'b1;
    always @(posedge clk) begin
        last_count_q <= last_of_pass;
        low_q <= LANES == 2 ? {1'b0, less_one[MAX_LOG2N-1:1]} : less_one;
        m_q <= m;
        up_to_root_q <= 4'd12 - digit;
    end
    wire [MAX_LOG2N-1:0] column = count & low_q;
    wire [MAX_LOG2N-1:0] group = (count & ~low_q) << LOG2_EACH;
    wire zero = column == {MAX_LOG2N{1'b0}};
    wire [MAX_LOG2N-1:0] mirror = (zero ? {1'b0, m_q[MAX_LOG2N-1:1]} : m_q - column);
    // a turn behind the count
    reg [MAX_LOG2N-1:0] column_q, group_q, mirror_q;
    reg zero_q;
    always @(posedge clk) begin
        column_q <= column;
        group_q <= group;
        mirror_q <= mirror;
        zero_q <= zero;
    end
    wire end_of_turns = turn_q == LAST_TURN;
    // step of the factors of columns p: p 2^14 / 4m
    wire [13:0] step_0 = {{(14-MAX_LOG2N){1'b0}}, column_q} << up_to_root_q;
    wire [13:0] step_1 = {{(14-MAX_LOG2N){1'b0}}, mirror_q} << up_to_root_q;
    reg [13:0] step_0_q, step_1_q;
    reg unit_q;
    assign unit_0 = unit_q;
    reg [MAX_LOG2N-1:0] second_base_q;

    always @(posedge clk) begin
        issue <= 1'b0;
        done <= 1'b0;
        clear <= 1'b0;
        // factors w^p, w^2p, w^3p
        factor_0 <= factor_0 + step_0_q;
        factor_1 <= factor_1 + step_1_q;
        case (state_q)
        IDLE:
            if (start) begin
                magnitude_q <= magnitude;
                exponent <= 8'sd0;
                digit <= 4'd0;
                first_q <= 1'b1;
                last_q <= 1'b0; // no transform has but one
                second_q <= 1'b0;
                wait_q <= 3'd0;
                if (magnitude == 32'd0)
                    done <= 1'b1; // zeros are their own transform
                else
                    state_q <= LIMIT;
            end
        LIMIT: begin // the comparisons take six cycles
            wait_q <= wait_q + 3'd1;
            clear <= 1'b1;
            if (wait_q == 3'd6) begin
                wait_q <= 3'd0;
                shift <= needed;
                if (first_q)
                    up_q <= needed == 3'd0 ? room_q[4:0] : 5'd0;
                exponent <= exponent + {5'd0, needed} - (first_q && needed == 3'd0 ? {2'd0, room_q} : 8'd0);
                count_q <= {(MAX_LOG2N-2){1'b0}};
                turn_q <= 2'd0;
                state_q <= ISSUE;
            end
        end
        ISSUE: begin
            turn_q <= end_of_turns ? 2'd0 : turn_q + 2'd1;
            if (turn_q == 2'd1) begin
                issue <= 1'b1;
                issue_lane <= 1'b0;
                issue_base <= group_q | column_q;
                second_base_q <= group_q | (first_q ? 4 : mirror_q);
                factor_0 <= step_0;
                factor_1 <= LANES == 2 ? step_1 : step_0;
                step_0_q <= step_0;
                step_1_q <= LANES == 2 ? step_1 : step_0;
                unit_q <= zero_q;
            end else if (turn_q == 2'd3 && LANES == 2) begin
                issue <= 1'b1;
                issue_lane <= 1'b1;
                issue_base <= second_base_q;
            end
            if (end_of_turns) begin
                count_q <= count_q + 1'b1;
                if (count_q == last_count_q)
                    state_q <= DRAIN;
            end
        end
        DRAIN: begin
            wait_q <= 3'd0;
            if (drained && !issue)
                state_q <= RAISE;
        end
        RAISE: begin // the shift of the magnitude takes three cycles
            wait_q <= wait_q + 3'd1;
            if (wait_q == 3'd3) begin
                magnitude_q <= raised;
                wait_q <= 3'd0;
                second_q <= first_q;
                first_q <= 1'b0;
                digit <= next_digit_q;
                last_q <= next_last_q;
                done <= last_q;
                state_q <= last_q ? IDLE : LIMIT;
            end
        end
        default: state_q <= IDLE;
        endcase
        if (rst) begin
            state_q <= IDLE;
            issue <= 1'b0;
            done <= 1'b0;
        end
    end
endmodule

`default_nettype wire
