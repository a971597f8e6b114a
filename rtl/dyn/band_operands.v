// What a step of a band multiplies: stages 3 and 4 of band.v. All words of a token are those of its step.
// Stage 3: sum or difference of the channel's word and a parameter (or the other channel's word), what is made of the
// wide word. Stage 4: limits, choice. a and b are given at stage 5: 33 and 32 bits.
// Sums are exact (34 bits) before they are limited to 32; a gate's excess keeps 33.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_band_operands (
    input  wire        clk,
    // of stage 3
    input  wire [4:0]  step_3,
    input  wire        second_3, // channel
    input  wire        gate_3,
    input  wire        above_3,
    input  wire        open_3,
    input  wire [32:0] own_3,    // the channel's word: x, level, excess or gain
    input  wire [37:0] parameter_3,
    input  wire [61:0] wide_3,
    input  wire        sticky_3, // of what lies below bit 17 of the wide word
    // of stage 4
    input  wire [4:0]  step_4,
    input  wire        second_4,
    input  wire        gate_4,
    input  wire        start_4,
    input  wire        off_4,    // the curve
    input  wire        rms_4,
    input  wire        mid_side_4,
    input  wire        mono,
    input  wire        listen_4,
    input  wire        none_4,   // no curve is on
    input  wire        closed_4, // flags of the token
    input  wire        outside_4,
    input  wire        in_knee_4,
    input  wire        attack_4,
    input  wire        holding_4,
    input  wire [31:0] side_4,
    input  wire [22:0] table_step_4,
    input  wire [22:0] fraction_4,
    output wire        one_4,     // a share of 1
    output wire [31:0] parameter_word_4,
    output wire        below_4,   // the sum is negative
    output wire        nothing_4, // the sum is 0
    output reg         less_4,    // the excess is less than half the knee
    output reg  [32:0] a,
    output reg  [31:0] b,
    output reg  [5:0]  shift
);
`include "band.vh"
    localparam [32:0] SILENCE = 33'h194000000; // -54 Q25
    localparam [31:0] UNIT = 32'h00800000;

    // stage 3: t = own +- other; `flip` makes it other - own
    wire other_channel = step_3 == LINK || step_3 == HALF;
    wire add = step_3 == KNEE || step_3 == CURVE ||
        ((step_3 == TARGET || step_3 == SLOW_TARGET) && own_3[32]);
    wire turned = step_3 == LINK || (step_3 == EXCESS && !above_3 && !gate_3) || (step_3 == HALF && second_3);
    wire [31:0] other = other_channel ? wide_3[31:0] : parameter_3[31:0];
    wire with_other = !(step_3 == KNEE && gate_3 && !open_3);
    wire [33:0] t;
    nave_sum #(.WIDTH(34)) sum (
        .a({own_3[32], own_3}), .b({{2{other[31]}}, other}), .with_b(with_other), .invert(!add),
        .carry(!add && !turned), .y(t));
    wire [33:0] knee;
    nave_sum #(.WIDTH(34)) less (
        .a({own_3[32], own_3}), .b({{2{parameter_3[31]}}, parameter_3[31:0]}), .with_b(1'b1), .invert(1'b1),
        .carry(1'b1), .y(knee));

    wire unused = &{1'b0, knee[32:0]};

    // the wide word: its lower half, a difference of averages in two parts, or Q7.43 rounded to Q7.25
    wire over = wide_3[61:60] == 2'b01; // 2^60
    wire [59:0] limited = wide_3[59:0] | {60{over}};
    wire [32:0] rounded = wide_3[50:18] + {32'd0, wide_3[17] && (sticky_3 || wide_3[18])};
    wire round_over = rounded[32] != rounded[31];
    wire [31:0] fine = round_over ? {wide_3[50], {31{!wide_3[50]}}} : rounded[31:0];
    wire [1:0] part = step_3 == LOW ? 2'd1 : step_3 == HIGH ? 2'd2 :
        step_3 == FAST || step_3 == SLOW || step_3 == SUM ? 2'd3 : 2'd0;
    wire [32:0] of_wide;
    nave_mux4 #(.WIDTH(33)) choose_part (
        .a({wide_3[31], wide_3[31:0]}), .b({2'd0, limited[30:0]}),
        .c({{2{wide_3[61]}}, limited[59:31], 2'd0}), .d({fine[31], fine}), .select(part), .y(of_wide));

    reg [33:0] t_4;
    reg flip_4;
    reg [32:0] own_4, wide_4;
    reg [37:0] parameter_4;
    reg [5:0] mantissa_shift_4;
    always @(posedge clk) begin
        t_4 <= t;
        flip_4 <= turned;
        own_4 <= own_3;
        wide_4 <= of_wide;
        parameter_4 <= parameter_3;
        mantissa_shift_4 <= wide_3[37:32];
        less_4 <= knee[33];
    end
    assign parameter_word_4 = parameter_4[31:0];
    assign below_4 = t_4[33];
    assign nothing_4 = t_4 == 34'd0;
    assign one_4 = parameter_4[37:32] == 6'd30 && parameter_4[30];

    // stage 4
    wire negative = t_4[33] ^ flip_4;
    wire exact = (step_4 == EXCESS && gate_4) || step_4 == HALF;
    wire limit = t_4[33:31] != {3{t_4[33]}} && !exact;
    wire [32:0] of_sum = limit ? {negative, negative, {31{!negative}}} : t_4[32:0] ^ {33{flip_4}};
    wire beyond = own_4[32] ? t_4[33] : !t_4[33]; // the range
    wire target = step_4 == TARGET || step_4 == SLOW_TARGET;
    wire to_range = gate_4 ? closed_4 : beyond;
    wire chord = step_4 == CHORD || step_4 == POWER;

    // 0 sum, 1 the channel's word, 2 the wide word, 3 another
    reg [1:0] from, from_other; // another: 0 parameter, 1 side-chain, 2 table, 3 constant
    reg zero;
    always @* begin
        from = 2'd0;
        from_other = 2'd0;
        zero = 1'b0;
        case (step_4)
        SQUARE: begin
            from = 2'd3;
            from_other = start_4 ? 2'd3 : 2'd1;
        end
        LOW, SHARE, FAST, SLOW, WET, WIDTH_STEP: from = 2'd2;
        HIGH: begin
            from = 2'd2;
            zero = start_4;
        end
        CHORD, POWER: begin
            from = 2'd3;
            from_other = 2'd2;
        end
        LINK: zero = negative || mono;
        SLOPE: begin
            from = in_knee_4 ? 2'd2 : 2'd1;
            zero = outside_4;
        end
        TARGET, SLOW_TARGET: begin
            from = to_range ? 2'd3 : 2'd1;
            zero = off_4 || parameter_4[31] || (gate_4 && !closed_4);
        end
        HOLD: begin
            from = 2'd3;
            from_other = attack_4 ? 2'd0 : 2'd3;
            zero = start_4;
        end
        SUM: begin
            from = 2'd2;
            zero = none_4;
        end
        SCALE, LEVEL: from = 2'd1;
        HALF: from = mid_side_4 ? 2'd1 : 2'd0;
        default: ;
        endcase
    end
    wire [32:0] another, chosen;
    nave_mux4 #(.WIDTH(33)) choose_other (
        .a({1'b0, parameter_4[31:0]}), .b({side_4[31], side_4}), .c({10'd0, table_step_4}),
        .d(step_4 == HOLD ? {33{1'b1}} : SILENCE), .select(from_other), .y(another));
    nave_mux4 #(.WIDTH(33)) choose_a (
        .a(of_sum), .b(own_4), .c(wide_4), .d(another), .select(from), .y(chosen));

    // b: a parameter, the wide word, the side-chain or the table's fraction, or a power of two
    wire square = step_4 == SQUARE && !start_4;
    wire envelope = step_4 == FAST || step_4 == SLOW;
    wire still = step_4 == COMPARE || step_4 == CHOOSE || (step_4 == HIGH && (one_4 || start_4)) ||
        (envelope && (one_4 || (step_4 == FAST && holding_4))) ||
        (step_4 == WIDTH_STEP && (listen_4 || mono || (mid_side_4 && !second_4)));
    wire unit = (step_4 == SQUARE && (start_4 || !rms_4)) || step_4 == EXCESS || step_4 == KNEE || target ||
        step_4 == HOLD || step_4 == SUM || step_4 == HALF;
    wire minus = square ? side_4[31] : target && (gate_4 || own_4[32]) && to_range;
    wire [1:0] from_b = step_4 == CURVE || step_4 == SCALE ? 2'd1 : step_4 == SQUARE ? 2'd2 : chord ? 2'd3 : 2'd0;
    wire [31:0] factor;
    wire [31:0] power = square ? UNIT << 5 : UNIT;
    nave_mux4 #(.WIDTH(32)) choose_b (
        .a(parameter_4[31:0]), .b(wide_4[31:0]), .c(side_4), .d({9'd0, fraction_4}), .select(from_b), .y(factor));

    // the shift: that of a coefficient less what its word has, or what the step says
    reg [5:0] base, less_by;
    always @* begin
        base = 6'd0;
        less_by = 6'd0;
        case (step_4)
        SQUARE: base = start_4 ? 6'd23 : 6'd2;
        LOW: base = 6'd29;
        HIGH: begin
            base = still ? 6'd0 : parameter_4[37:32];
            less_by = still ? 6'd0 : 6'd29;
        end
        CHORD, EXCESS, KNEE, HOLD, SUM, POWER: base = 6'd23;
        LINK, WET, LEVEL, WIDTH_STEP: base = 6'd30;
        SHARE: begin
            base = parameter_4[37:32];
            less_by = 6'd6;
        end
        CURVE: base = 6'd32;
        SLOPE: base = parameter_4[37:32];
        TARGET, SLOW_TARGET: base = 6'd5;
        FAST, SLOW: begin
            base = one_4 ? 6'd0 : parameter_4[37:32];
            less_by = one_4 ? 6'd0 : 6'd18;
        end
        SCALE: base = mantissa_shift_4;
        HALF: base = mid_side_4 ? 6'd23 : 6'd24;
        default: ;
        endcase
    end
    always @(posedge clk) begin
        a <= zero ? 33'd0 : chosen;
        b <= still ? 32'd0 : unit ? (minus ? -power : power) : factor;
        shift <= base - less_by;
    end
endmodule

`default_nettype wire
