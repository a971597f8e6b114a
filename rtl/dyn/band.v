// Bands of the dynamics engine: detectors, link, up to three curves, gain, wet and dry, width (nave_band_step with the
// functions that it calls: sim/model/band.c, detector.c, gain.c, level.c, width.c).
//
// One multiplier and one rounder for all. A ring of 16 slots, 8 pairs of channels, runs through a pipeline of 16 stages:
// a slot makes one step of its band in each turn (band.vh, band_order.v), so a new step begins every clock. Steps:
//   SQUARE..CHORD  level; LINK; then for each curve that is on
//   EXCESS, KNEE, SHARE, CURVE, SLOPE  static gain; TARGET, HOLD, FAST  envelope; SLOW_TARGET..CHOOSE  auto release; SUM
//   POWER, SCALE, WET, LEVEL, HALF, WIDTH_STEP  the audio
// Stages: 0 next slot, 1 addresses, 3 sums before, 4 choice, 5..9 multiply, 10 addend, 11..14 round, 15 sum after,
// 16 (stage 0 of the next step) limits and writes; the table of log2 and exp2 is read from there to stage 4.
// A stereo band with RMS and one curve has 19 steps, which is 38 clocks; bands of a frame and of the next overlap. 304 clocks
// of latency; where a parameter moves, its band of the next frame waits for that of this one.
//
// s_: a job is a band of a frame: side-chain after the cuts, delayed audio; it stays until s_ready, 17 clocks from its
// entry. s_start: instead the states as nave_band_start has them, from the parameters. A band waits while its last job
// still has states to write. m_: in the order of the jobs. g_: the gain (log2) of each channel, a clock, before m_.
// p_: parameters, as dials.c decodes them: address = band 64 + the dial's offset; coefficients {shift, mantissa}. A
// write counts for jobs that are offered after it, and waits while a job of its band is inside. Before the first start all are
// written. mono is steady. Growth: sums are exact in 62 bits; audio, levels and gains are limited to 32 bits as in C.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_band (
    input  wire        clk,
    input  wire        rst,
    input  wire        mono,
    input  wire        p_valid,
    output wire        p_ready,
    input  wire [8:0]  p_address,
    input  wire [63:0] p_data,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire        s_start,
    input  wire [2:0]  s_band,
    input  wire        s_mid_side,
    input  wire [63:0] s_side, // channel 1 on top
    input  wire [63:0] s_x,
    output wire        m_valid,
    input  wire        m_ready,
    output wire [2:0]  m_band,
    output wire [63:0] m_x,
    output reg         g_valid,
    output reg  [2:0]  g_band,
    output reg         g_channel,
    output reg  [31:0] g
);
`include "band.vh"
    integer i;

    // ---- jobs ----
    reg [3:0] slot_q;
    reg [7:0] busy_q, past_q; // pairs; past: its states are written
    reg [2:0] band_of_q [0:7];
    reg taking_q, may_enter_q;
    reg [2:0] in_ticket_q, out_ticket_q, room_q;
    wire [7:0] s_blocked, p_blocked;
    genvar k;
    generate
        for (k = 0; k < 8; k = k + 1) begin : pair
            assign s_blocked[k] = busy_q[k] && !past_q[k] && band_of_q[k] == s_band;
            assign p_blocked[k] = busy_q[k] && band_of_q[k] == p_address[8:6];
        end
    endgenerate
    assign p_ready = p_blocked == 8'd0;
    wire p_take = p_valid && p_ready;

    // ---- parameters that steer ----
    reg [1:0] detector [0:7];
    reg listen [0:7];
    reg [4:0] kind [0:31];
    reg [31:0] on_q, hold_q; // of curve {band, curve}
    wire [1:0] p_curve = p_address[5:4] - 2'd1;
    wire [4:0] p_index = {p_address[8:6], p_curve};
    wire p_is_curve = p_address[5:4] != 2'd0;
    always @(posedge clk) begin
        if (p_take && p_address[5:0] == 6'd0)
            detector[p_address[8:6]] <= p_data[1:0];
        if (p_take && p_address[5:0] == 6'd2)
            listen[p_address[8:6]] <= p_data[1];
        if (p_take && p_is_curve && p_address[3:0] == 4'd0) begin
            kind[p_index] <= p_data[4:0];
            on_q[p_index] <= p_data[0];
        end
        if (p_take && p_is_curve && p_address[3:0] == 4'd11 && p_data[31:0] != 32'd0)
            hold_q[p_index] <= 1'b1; // from now on: what was held runs out even if the dial goes to 0
        if (rst) begin
            on_q <= 32'd0;
            hold_q <= 32'd0;
        end
    end

    // ---- stage 0: what the slot does now ----
    reg [14:0] order [0:7]; // {ticket, start, mid_side, band, curve, step} of a pair
    wire [14:0] word = order[slot_q[3:1]];
    wire second = slot_q[0];
    wire busy = busy_q[slot_q[3:1]];
    wire enter = may_enter_q && !busy && !second;
    wire go = busy && !second && word[4:0] == WIDTH_STEP && word[14:12] == out_ticket_q && room_q != 3'd0;
    reg [11:0] id_q [1:16]; // {start, mid_side, band, curve, step}
    reg [2:0] ticket_1;
    reg [3:0] flags [0:15]; // of a slot: {attack, in_knee, outside, closed}
    reg [3:0] flags_q [1:4];
    reg go_1, go_2, negative_1;
    reg [61:0] sum_16;
    always @(posedge clk) begin
        if (!second) begin
            id_q[1] <= busy ? word[11:0] : {s_start, s_mid_side, s_band, 2'd0, enter ? SQUARE : IDLE};
            ticket_1 <= busy ? word[14:12] : in_ticket_q;
            go_1 <= go;
        end
        for (i = 2; i <= 16; i = i + 1)
            id_q[i] <= id_q[i-1];
        flags_q[1] <= flags[slot_q];
        for (i = 2; i <= 4; i = i + 1)
            flags_q[i] <= flags_q[i-1];
        negative_1 <= sum_16[61];
        go_2 <= go_1;
        if (rst)
            for (i = 1; i <= 16; i = i + 1)
                id_q[i][4:0] <= IDLE;
    end

    // ---- stage 1: addresses, the step after this ----
    wire [4:0] step_1 = id_q[1][4:0];
    wire [1:0] curve_1 = id_q[1][6:5];
    wire [2:0] band_1 = id_q[1][9:7];
    wire second_1 = !second;
    wire [3:0] slot_1 = slot_q - 4'd1;
    wire [4:0] kind_1 = kind[{band_1, curve_1}];
    wire hold_1 = hold_q[{band_1, curve_1}];
    wire toward_1 = kind_1[3] ? !negative_1 : negative_1; // the difference of the step before goes to the attack's side
    wire attack_1 = hold_1 ? flags_q[1][3] : toward_1;
    reg [4:0] kind_2;
    reg [2:0] kind_3;
    reg gate_4, off_4;
    reg [2:0] on_2;
    reg hold_2, peak_2, rms_2, listen_2;
    reg [4:2] toward_q, holding_q;
    reg [3:0] low_offset;
    reg from_curve;
    always @* begin
        from_curve = 1'b1;
        low_offset = 4'd1;
        case (step_1)
        LOW, HIGH: from_curve = 1'b0;
        LINK: begin
            from_curve = 1'b0;
            low_offset = 4'd4;
        end
        KNEE, CURVE: low_offset = kind_1[2] ? 4'd4 : 4'd2; // a gate's hysteresis
        SHARE: low_offset = 4'd3;
        SLOPE: low_offset = 4'd6;
        TARGET, SLOW_TARGET: low_offset = 4'd5;
        HOLD: low_offset = 4'd11;
        FAST: low_offset = attack_1 ? 4'd7 : 4'd8;
        SLOW: low_offset = toward_1 ? 4'd9 : 4'd10;
        SUM: begin
            from_curve = 1'b0;
            low_offset = 4'd8;
        end
        WET: begin
            from_curve = 1'b0;
            low_offset = 4'd5;
        end
        LEVEL: begin
            from_curve = 1'b0;
            low_offset = 4'd6;
        end
        WIDTH_STEP: begin
            from_curve = 1'b0;
            low_offset = 4'd7;
        end
        default: ;
        endcase
    end
    wire [8:0] parameter_address = {band_1, from_curve ? curve_1 + 2'd1 : 2'd0, low_offset};
    wire [37:0] parameter_3;
    nave_ram_wide #(.ADDRESS_WIDTH(9), .WIDTH(38)) parameters (
        .clk(clk), .write(p_take), .write_address(p_address), .write_data(p_data[37:0]),
        .read_address(parameter_address), .read_data(parameter_3));

    wire [4:0] next;
    wire [1:0] next_curve;
    wire last;
    nave_band_order following (
        .step(step_1), .curve(curve_1), .start(id_q[1][11]), .peak(peak_2), .listen(listen_2), .gate(kind_2[2]),
        .slow(kind_2[4]), .hold(hold_2), .on(on_2), .next(next), .next_curve(next_curve), .last(last));
    wire done = step_1 == WIDTH_STEP ? go_1 : last;
    always @(posedge clk) begin
        kind_2 <= kind_1;
        kind_3 <= kind_2[2:0];
        gate_4 <= kind_3[2];
        off_4 <= !kind_3[0];
        on_2 <= on_q[{band_1, 2'd0} +: 3];
        hold_2 <= hold_1;
        peak_2 <= detector[band_1] == 2'd0;
        rms_2 <= detector[band_1] == 2'd1;
        listen_2 <= listen[band_1];
        toward_q <= {toward_q[3:2], toward_1};
        holding_q <= {holding_q[3:2], hold_1 && !flags_q[1][3] && !negative_1};
        // written with the pair's second channel, whose first has read the flags
        if (second_1 && step_1 != WIDTH_STEP)
            order[slot_1[3:1]] <= {ticket_1, id_q[1][11:7], next_curve, next};
    end

    always @(posedge clk) begin
        slot_q <= slot_q + 4'd1;
        may_enter_q <= s_valid && !taking_q && !enter && s_blocked == 8'd0;
        if (enter) begin
            taking_q <= 1'b1;
            busy_q[slot_q[3:1]] <= 1'b1;
            past_q[slot_q[3:1]] <= 1'b0;
            band_of_q[slot_q[3:1]] <= s_band;
            in_ticket_q <= in_ticket_q + {2'd0, !s_start};
        end
        if (s_ready)
            taking_q <= 1'b0;
        if (second_1 && step_1 != IDLE) begin
            if (done)
                busy_q[slot_1[3:1]] <= 1'b0;
            if (step_1 == SUM && next != EXCESS)
                past_q[slot_1[3:1]] <= 1'b1;
        end
        out_ticket_q <= out_ticket_q + {2'd0, go};
        room_q <= room_q - {2'd0, go} + {2'd0, m_valid && m_ready};
        if (rst) begin
            slot_q <= 4'd0;
            may_enter_q <= 1'b0;
            taking_q <= 1'b0;
            busy_q <= 8'd0;
            in_ticket_q <= 3'd0;
            out_ticket_q <= 3'd0;
            room_q <= 3'd4;
        end
    end

    // ---- stages 2 to 4: operands ----
    reg [61:0] wide [0:15], wide_too [0:15]; // the result of the step before, for both ends of the pipeline
    wire [3:0] slot_2 = slot_q - 4'd2, slot_9 = slot_q - 4'd9;
    wire [61:0] wide_2 = wide[slot_2];
    reg [61:0] wide_3;
    reg sticky_3, first_3, final_3, go_3;
    reg [4:3] peak_q, rms_q, listen_q;
    reg first_4;
    reg [16:4] give_q; // the last curve's gain, or the words that leave
    reg open [0:63];
    wire [32:0] own_3;
    wire [5:0] open_3 = {id_q[3][6:5], id_q[3][9:7], !second};
    wire [1:0] curve_2 = id_q[2][6:5];
    reg none_17 [0:3];
    reg zero_2, zero_3, zero_4;
    always @(posedge clk) begin
        wide_3 <= wide_2;
        sticky_3 <= |wide_2[16:0];
        first_3 <= curve_2 == 2'd0 || curve_2 == 2'd3 || (!on_2[0] && (curve_2 == 2'd1 || !on_2[1]));
        final_3 <= curve_2[1] || (!on_2[2] && (curve_2 == 2'd1 || !on_2[1]));
        first_4 <= first_3;
        go_3 <= go_2;
        give_q <= {give_q[15:4], id_q[3][4:0] == SUM ? final_3 : go_3};
        peak_q <= {peak_q[3], peak_2};
        rms_q <= {rms_q[3], rms_2};
        listen_q <= {listen_q[3], listen_2};
        for (i = 0; i < 4; i = i + 1)
            none_17[i] <= sum_16[16*i +: 14] == 14'd0 && (i == 3 || sum_16[16*i+14 +: 2] == 2'd0);
        zero_2 <= none_17[0] && none_17[1] && none_17[2] && none_17[3];
        zero_3 <= zero_2;
        zero_4 <= zero_3;
    end
    wire [4:0] step_4 = id_q[4][4:0];
    wire second_4 = second;
    wire start_4 = id_q[4][11];
    wire [3:0] slot_4 = slot_q - 4'd4;
    wire attack_4 = toward_q[4] || zero_4;
    wire holding_4 = holding_q[4];
    wire one_4, below_4, nothing_4, less_4;
    wire [31:0] parameter_4;
    wire [30:0] base;
    wire [22:0] table_step, fraction;
    wire [6:0] octave;
    wire none;
    wire [32:0] a_5;
    wire [31:0] b_5;
    wire [5:0] shift_5;
    nave_band_operands operands (
        .clk(clk), .step_3(id_q[3][4:0]), .second_3(!second), .gate_3(kind_3[2]), .above_3(kind_3[1]),
        .open_3(open[open_3] && !id_q[3][11]), .own_3(own_3), .parameter_3(parameter_3), .wide_3(wide_3),
        .sticky_3(sticky_3), .step_4(step_4), .second_4(second_4), .gate_4(gate_4), .start_4(start_4),
        .off_4(off_4), .rms_4(rms_q[4]), .mid_side_4(id_q[4][10]), .mono(mono), .listen_4(listen_q[4]),
        .none_4(id_q[4][6:5] == 2'd3), .closed_4(flags_q[4][0]), .outside_4(flags_q[4][1]),
        .in_knee_4(flags_q[4][2]), .attack_4(attack_4), .holding_4(holding_4),
        .side_4(second_4 ? s_side[63:32] : s_side[31:0]), .table_step_4(table_step), .fraction_4(fraction),
        .one_4(one_4), .parameter_word_4(parameter_4), .below_4(below_4), .nothing_4(nothing_4), .less_4(less_4),
        .a(a_5), .b(b_5), .shift(shift_5));

    // what the step's end has to know
    wire mark_4 = step_4 == LOW ? one_4 : step_4 == HOLD ? attack_4 : step_4 == CHOOSE ? toward_q[4] :
        step_4 == SQUARE ? peak_q[4] : step_4 == SUM ? first_4 : rms_q[4];
    wire with_wide_4 = (step_4 == HIGH && !start_4) || step_4 == COMPARE ||
        (one_4 && (step_4 == SLOW || (step_4 == FAST && !holding_4)));
    wire [6:0] octave_4 = none ? (peak_q[4] ? -7'd28 : -7'd54) : octave - 7'd54;
    reg [16:5] mark_q;
    reg [9:5] with_wide_q;
    reg [37:0] chain_q [5:9]; // what is added to a chord or a gain
    reg [5:0] shift_q [6:11];
    always @(posedge clk) begin
        mark_q <= {mark_q[15:5], mark_4};
        with_wide_q <= {with_wide_q[8:5], with_wide_4};
        chain_q[5] <= step_4 == POWER ? {6'd30 - octave[5:0], 1'b0, base} :
            step_4 == CHORD ? {{6{octave_4[6]}}, octave_4, base[24:0]} :
            {{6{parameter_4[31]}}, parameter_4} & {38{first_4}};
        for (i = 6; i <= 9; i = i + 1)
            chain_q[i] <= chain_q[i-1];
        shift_q[6] <= shift_5;
        for (i = 7; i <= 11; i = i + 1)
            shift_q[i] <= shift_q[i-1];
        if (step_4 == KNEE)
            flags[slot_4] <= {1'b0, less_4, below_4 || nothing_4, below_4};
        else if (step_4 == HOLD)
            flags[slot_4] <= {attack_4, flags_q[4][2:0]};
        if (id_q[5][4:0] == TARGET)
            open[{id_q[5][6:5], id_q[5][9:7], !second}] <= a_5 == 33'd0 && !id_q[5][11];
    end

    // ---- stages 5 to 14: product, addend, rounding ----
    wire [64:0] product;
    nave_mul #(.WIDTH_A(33), .WIDTH_B(32), .DSP(3)) multiplier (.clk(clk), .a(a_5), .b(b_5), .p(product));
    wire [4:0] step_9 = id_q[9][4:0];
    wire with_chain_9 = step_9 == CHORD || step_9 == POWER || step_9 == SUM;
    wire [61:0] wide_9 = wide_too[slot_9];
    reg [61:0] addend_10;
    reg [63:0] v_11;
    reg added_10, added_11;
    wire [61:0] r_15;
    wire over_15;
    always @(posedge clk) begin
        addend_10 <= with_wide_q[9] ? wide_9 : with_chain_9 ? {chain_q[9][37], chain_q[9], 23'd0} : 62'd0;
        added_10 <= (step_9 == CHORD || step_9 == POWER) && chain_q[9][0];
        added_11 <= added_10;
        v_11 <= product[63:0] + {{2{addend_10[61]}}, addend_10};
    end
    nave_round_limit #(.OUT(62)) round (
        .clk(clk), .v(v_11), .shift(shift_q[11]), .odd(id_q[11][4:0] == LOW), .added(added_11),
        .y(r_15), .over(over_15));

    // ---- stages 13 to 15: the word that a result is added to ----
    wire [3:0] slot_13 = slot_q - 4'd13;
    wire [8:0] row_13, row_16;
    wire [1:0] row_1, own_row;
    wire write_own, write_state, narrow;
    nave_band_rows rows (
        .step_1(step_1), .step_13(id_q[13][4:0]), .slot_13(slot_13), .place_13({id_q[13][6:5], id_q[13][9:7], !second}),
        .step_16(id_q[16][4:0]), .slot_16(slot_q), .place_16({id_q[16][6:5], id_q[16][9:7], second}),
        .start_16(id_q[16][11]), .own_row_1(row_1), .row_13(row_13), .write_own(write_own), .own_row(own_row),
        .write_state(write_state), .row_16(row_16), .narrow(narrow));
    wire [61:0] state_in, y_15;
    nave_ram_wide #(.ADDRESS_WIDTH(9), .WIDTH(62)) states (
        .clk(clk), .write(write_state), .write_address(row_16), .write_data(state_in), .read_address(row_13),
        .read_data(y_15));
    wire [4:0] step_15 = id_q[15][4:0];
    wire start_15 = id_q[15][11], second_15 = !second;
    wire limits_15 = step_15 == SHARE || step_15 == SLOPE || step_15 == SCALE || step_15 == WET || step_15 == LEVEL ||
        step_15 == HALF || step_15 == WIDTH_STEP;
    wire limited_15 = limits_15 && (over_15 || r_15[32] != r_15[31]);
    wire halved_15 = step_15 == CHORD && mark_q[15];
    wire turned_15 = step_15 == WIDTH_STEP && second_15 && !id_q[15][10];
    reg with_y, less_y;
    always @* begin
        with_y = 1'b1;
        less_y = turned_15;
        case (step_15)
        SQUARE: begin
            with_y = !start_15 && !mark_q[15];
            less_y = with_y;
        end
        TARGET, SLOW_TARGET: begin
            with_y = !start_15;
            less_y = with_y;
        end
        HIGH: with_y = !start_15;
        HOLD: with_y = !start_15 && !mark_q[15];
        SUM: with_y = !mark_q[15];
        COMPARE, SCALE: less_y = 1'b1;
        FAST, SLOW, CHOOSE, LINK, WET, WIDTH_STEP: ;
        default: with_y = 1'b0;
        endcase
    end
    wire [61:0] r = halved_15 ? {r_15[61], r_15[61:1]} :
        limited_15 ? {{31{r_15[61]}}, {31{!r_15[61]}}} : r_15;
    wire [61:0] sum_15;
    nave_sum #(.WIDTH(62)) after (
        .a(r), .b(y_15), .with_b(with_y), .invert(less_y),
        .carry(halved_15 ? r_15[0] && r_15[1] : less_y && !turned_15), .y(sum_15));
    always @(posedge clk)
        sum_16 <= sum_15;

    // ---- stage 16: limits, writes ----
    wire [4:0] step_16 = id_q[16][4:0];
    wire start_16 = id_q[16][11], second_16 = second;
    wire turned_16 = step_16 == WIDTH_STEP && second_16 && !id_q[16][10];
    wire limits_16 = step_16 == LINK || step_16 == SUM || step_16 == SCALE || step_16 == WET || step_16 == WIDTH_STEP;
    wire limited_16 = limits_16 && sum_16[34:31] != {4{sum_16[34]}};
    wire sign_16 = sum_16[34] ^ turned_16;
    wire [31:0] result = limited_16 ? {sign_16, {31{!sign_16}}} : sum_16[31:0] ^ {32{turned_16}};
    wire enters_16 = step_16 == SQUARE && !start_16;
    assign s_ready = step_16 == SQUARE && second_16;
    wire [31:0] kept;
    nave_mux4 #(.WIDTH(32)) choose_kept (
        .a(result), .b(sum_16[31:0]), .c(second_16 ? s_x[63:32] : s_x[31:0]),
        .d(second_16 ? s_side[63:32] : s_side[31:0]),
        .select(enters_16 ? {1'b1, listen[s_band]} : {1'b0, step_16 == SUM}), .y(kept));

    assign state_in = {narrow ? {30{kept[31]}} : sum_16[61:32], kept};
    nave_ram_wide #(.ADDRESS_WIDTH(6), .WIDTH(33)) own_words (
        .clk(clk), .write(write_own), .write_address({slot_q, own_row}),
        .write_data({enters_16 ? kept[31] : sum_16[34], kept}), .read_address({slot_1, row_1}), .read_data(own_3));

    // the other channel's level and audio are what the next step needs
    wire [3:0] wide_slot = slot_q ^ {3'd0, step_16 == CHORD || step_16 == LEVEL};
    wire stays = step_16 == IDLE || step_16 == HOLD || step_16 == COMPARE || step_16 == WIDTH_STEP ||
        (step_16 == CHOOSE && mark_q[16]);
    reg [31:0] x_q;
    wire push = step_16 == WIDTH_STEP && second_16 && give_q[16];
    always @(posedge clk) begin
        if (!stays && step_16 != LOW)
            wide[wide_slot] <= {sum_16[61:32], result};
        if (!stays && !(step_16 == LOW && mark_q[16]))
            wide_too[wide_slot] <= {sum_16[61:32], result};
        if (!second_16)
            x_q <= result;
        g_valid <= step_16 == SUM && give_q[16] && !rst;
        g_band <= id_q[16][9:7];
        g_channel <= second_16;
        g <= result;
    end
    nave_level_table level (
        .clk(clk), .exponential(step_16 == SUM), .v({2'd0, sum_16[61:32], result}), .base(base), .step(table_step),
        .fraction(fraction), .octave(octave), .none(none));

    wire [66:0] out;
    nave_fifo #(.WIDTH(67), .LOG2_DEPTH(2)) leaving (
        .clk(clk), .rst(rst), .s_valid(push), .s_ready(), .s_data({id_q[16][9:7], result, x_q}), .m_valid(m_valid),
        .m_ready(m_ready), .m_data(out), .level());
    assign m_band = out[66:64];
    assign m_x = out[63:0];
    wire unused = &{1'b0, kind_2[3], p_data[63:38], product[64], id_q[1][10], octave[6]};
endmodule

`default_nettype wire
