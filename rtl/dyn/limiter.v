// True-peak limiter with look-ahead (twin of sim/model/limiter.c): a frame of two channels and its reading in (of
// true_peak.v), the frame of `latency` frames ago out, at its gain:
//   need = max(0, log2(peak + above) - ceiling), held = its maximum in a window, reduction = held or its release,
//   gain = 2^-(mean of a mean of reduction), out = x gain, limited to the ceiling
// All delays share one RAM that turns: each takes its length from where the one before ends, and every frame begins a
// word lower, so a delay has no state. A maximum is a chain of delays of 1, 2, 4, ... frames. One 32x32 multiplier (of
// one 18x18), one rounding unit and one adder serve all.
// Of the look-ahead (2 .. (2048 BANKS - 134) / 5 frames) and `share` the values are steady while a stream runs;
// s_on .. s_shift are the frame's and steady while it waits, as s_data. All is silent after rst, which takes
// 2048 BANKS clocks more.
// Rate: at most 190 + 2 log2(look-ahead) clocks a frame, its latency too; it begins before the reading is there.
// Growth: reduction 50 bits (Q7.43), sums of the means 42 bits, exact. Overflow: limited to 32 bits where the twin does.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_limiter #(
    parameter BANKS = 1 // of 2048 words
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [12:0] lookahead,
    input  wire [31:0] share,       // mantissa, shift: sim/model/dyn.h
    input  wire [5:0]  share_shift,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [63:0] s_data,      // Q4.28, channel 0 is low; a channel that isn't there: 0
    input  wire        s_on,
    input  wire [31:0] s_ceiling,   // log2 Q7.25
    input  wire [31:0] s_release,   // mantissa, shift
    input  wire [5:0]  s_shift,
    input  wire        r_valid,     // the reading of the same frame
    output wire        r_ready,
    input  wire [63:0] r_peak,
    input  wire [63:0] r_above,     // below 2^31
    output wire        m_valid,
    input  wire        m_ready,
    output wire [63:0] m_data,
    output wire [31:0] m_gain       // log2 Q7.25
);
    localparam AW = 13;
    localparam [31:0] WORDS = 2048 * BANKS, LAST_WORD = WORDS - 1;
    localparam [AW:0] WRAP = WORDS[AW:0];
    localparam [AW-1:0] LAST = LAST_WORD[AW-1:0];
    generate
        if (BANKS < 1 || BANKS > 4)
            nave_limiter_BANKS_must_be_1_to_4 illegal();
    endgenerate
    localparam [2:0] MULTIPLY = 3'd7, ROUND = 3'd5; // clocks
    localparam [5:0] Q43_TO_Q25 = 6'd18;
    localparam [31:0] MOST = 32'h7fffffff, ONE_Q28 = 32'h10000000;
    localparam SUM = 50; // bits of the reduction, Q7.43, and of the sums of the boxes

    // Steps of a frame, one-hot. A step is left when what it waits for is there; its work is done in that clock.
    localparam CLEAR = 0, IDLE = 1, TOP_LEVEL = 2, TOP_MULTIPLY = 3, TOP_ROUND = 4, TOP = 5, READ = 6, PEAK_0 = 7,
        PEAK_1 = 8, ABOVE_0 = 9, ABOVE_1 = 10, ABOVE = 11, ABOVE_SLIDE = 12, NEED = 13, OVER = 14, NEED_SLIDE = 15,
        HELD = 16, FALL = 17, FALL_MULTIPLY = 18, FALL_ROUND = 19, RELEASED = 20, REDUCTION = 21, BOX = 22,
        BOX_TAKE = 23, BOX_SUM = 24, BOX_MEAN = 25, SHARE = 26, SHARE_MULTIPLY = 27, SHARE_ROUND = 28, GAIN = 29,
        GAIN_LEVEL = 30, AUDIO = 31, AUDIO_IN = 32, AUDIO_SWAP = 33, AUDIO_MULTIPLY = 34, AUDIO_ROUND = 35,
        AUDIO_OUT = 36, AUDIO_LIMIT = 37, AUDIO_DONE = 38, STEPS = 39;
    reg [STEPS-1:0] at_q;
    reg [2:0] wait_q; // clocks until what the step before began is there
    reg waited_q;
    reg second_q;     // box, channel
    reg full_q, clear_done_q, fast_q, sliding_q, slide_issue_q;
    reg [4:0] slide_take_q;
    wire level_done;
    wire slides = sliding_q || slide_issue_q || slide_take_q != 5'd0;
    reg [STEPS-1:0] ready;
    always @* begin
        ready = {STEPS{1'b1}};
        ready[CLEAR] = clear_done_q;
        ready[IDLE] = s_valid;
        ready[READ] = r_valid;
        {ready[TOP_LEVEL], ready[NEED], ready[AUDIO]} = {3{level_done}};
        {ready[ABOVE_SLIDE], ready[NEED_SLIDE]} = {2{!slides}};
        ready[AUDIO_DONE] = !full_q;
        // what multiplies and rounds is followed by a step that waits for it
        {ready[TOP_ROUND], ready[FALL_ROUND], ready[SHARE_ROUND], ready[AUDIO_ROUND]} = {4{waited_q}};
        {ready[TOP], ready[FALL], ready[RELEASED], ready[BOX], ready[SHARE], ready[GAIN], ready[AUDIO_OUT]} =
            {7{waited_q}};
    end
    wire [STEPS-1:0] does = at_q & ready;
    wire multiplies = at_q[TOP_MULTIPLY] || at_q[FALL_MULTIPLY] || at_q[SHARE_MULTIPLY] || at_q[AUDIO_MULTIPLY];
    wire of_product = at_q[TOP_ROUND] || at_q[FALL_ROUND] || at_q[SHARE_ROUND] || at_q[AUDIO_ROUND];
    reg signed [SUM-1:0] d_q;
    wire rises = !d_q[SUM-1] || fast_q; // of HELD: no release
    wire rounds = (of_product && waited_q) || (at_q[HELD] && !rises) || at_q[REDUCTION] || at_q[BOX_MEAN];
    reg [STEPS-1:0] next;
    always @* begin
        next = {does[STEPS-2:0], 1'b0};
        next[FALL] = does[HELD] && !rises;
        next[REDUCTION] = does[RELEASED] || (does[HELD] && rises);
        next[BOX] = does[REDUCTION] || (does[BOX_MEAN] && !second_q);
        next[SHARE] = does[BOX_MEAN] && second_q;
        next[AUDIO_IN] = does[AUDIO] || (does[AUDIO_DONE] && !second_q);
        next[IDLE] = does[CLEAR] || (does[AUDIO_DONE] && second_q);
    end
    always @(posedge clk) begin
        at_q <= next | (at_q & ~ready);
        wait_q <= multiplies ? MULTIPLY - 3'd1 : rounds ? ROUND - 3'd1 : wait_q - {2'd0, wait_q != 3'd0};
        waited_q <= !multiplies && !rounds && wait_q <= 3'd1;
        if (does[BOX_MEAN] || does[AUDIO_DONE])
            second_q <= !second_q;
        full_q <= (does[AUDIO_DONE] && second_q) || (full_q && !m_ready);
        fast_q <= s_release != 32'd0 && s_shift <= 6'd30; // a share of 1 or more
        if (rst) begin
            at_q <= {{(STEPS-1){1'b0}}, 1'b1};
            wait_q <= 3'd0;
            waited_q <= 1'b1;
            second_q <= 1'b0;
            full_q <= 1'b0;
        end
    end
    assign s_ready = does[AUDIO_DONE] && second_q;
    assign r_ready = does[ABOVE_0];
    assign m_valid = full_q;

    // the delays: from_q is where the word that goes in lies, to_q where the one that comes out does
    reg [AW-1:0] latency_q, window_frames_q, box_q [0:1];
    reg [3:0] box_bits_q [0:1];
    reg [AW-1:0] begin_q, from_q, to_q, to_1_q, to_2_q, distance_q;
    reg [AW:0] sum_q;
    reg issue_q, summed_q;
    wire [AW:0] wrapped = sum_q - WRAP;
    reg [AW-1:0] window_q, limit_q; // of a maximum: what it covers, what it is to cover
    reg phase_q, slide_last_q;
    wire [AW:0] doubled = {window_q, 1'b0};
    wire slide_last = doubled >= {1'b0, limit_q};
    wire slide_starts = does[ABOVE] || does[OVER];
    wire fetch_latency = does[TOP_LEVEL] || does[AUDIO_MULTIPLY] || (does[BOX_SUM] && second_q);
    wire fetch_box = does[NEED_SLIDE] || (does[BOX_SUM] && !second_q);
    wire clearing = at_q[CLEAR];
    wire take = does[READ] || does[BOX_TAKE] || does[AUDIO_SWAP] || slide_take_q[4];
    wire [AW-1:0] half = {1'b0, lookahead[AW-1:1]};
    integer i, b;
    always @(posedge clk) begin
        latency_q <= lookahead + 13'd20;
        window_frames_q <= lookahead + 13'd9;
        box_q[0] <= half + 13'd1;
        box_q[1] <= lookahead - half + 13'd1;
        for (i = 0; i < 2; i = i + 1) begin
            box_bits_q[i] <= 4'd0;
            for (b = 0; b < AW; b = b + 1)
                if (box_q[i][b])
                    box_bits_q[i] <= b[3:0] + 4'd1;
        end

        issue_q <= fetch_latency || fetch_box || (sliding_q && phase_q);
        slide_issue_q <= sliding_q && phase_q;
        slide_take_q <= {slide_take_q[3:0], slide_issue_q};
        distance_q <= fetch_latency ? latency_q : fetch_box ? box_q[at_q[BOX_SUM]] :
            !(sliding_q && phase_q) ? distance_q : slide_last ? limit_q - window_q : window_q;
        slide_last_q <= slide_last;
        phase_q <= slide_starts || !phase_q;
        sliding_q <= slide_starts || (sliding_q && (phase_q || !slide_last_q));
        if (slide_starts) begin
            window_q <= 13'd1;
            limit_q <= at_q[ABOVE] ? 13'd64 : window_frames_q;
        end else if (slide_issue_q)
            window_q <= window_q + distance_q;

        sum_q <= {1'b0, to_q} + {1'b0, distance_q};
        summed_q <= issue_q;
        if (does[IDLE])
            to_q <= begin_q;
        else if (summed_q)
            to_q <= wrapped[AW] ? sum_q[AW-1:0] : wrapped[AW-1:0];
        to_1_q <= to_q; // as the RAM's words; an address stands for two clocks at least
        to_2_q <= to_1_q;
        if (clearing)
            from_q <= from_q + 13'd1;
        else if (does[IDLE])
            from_q <= begin_q;
        else if (take)
            from_q <= to_2_q;
        clear_done_q <= clearing && from_q == LAST;
        if (does[IDLE])
            begin_q <= begin_q == 13'd0 ? LAST : begin_q - 13'd1;
        if (rst) begin
            issue_q <= 1'b0;
            sliding_q <= 1'b0;
            slide_issue_q <= 1'b0;
            slide_take_q <= 5'd0;
            from_q <= 13'd0;
            begin_q <= 13'd0;
            clear_done_q <= 1'b0;
        end
    end
    reg [31:0] v_q;
    wire [32*BANKS-1:0] words;
    wire [31:0] of_ram;
    genvar g;
    generate
        for (g = 0; g < BANKS; g = g + 1) begin : bank
            wire here = {30'd0, from_q[AW-1:11]} == g;
            nave_ram #(.ADDRESS_WIDTH(11), .WIDTH(32)) delays (
                .clk(clk), .write((clearing || take) && here), .write_address(from_q[10:0]), .write_data(v_q),
                .read_address(to_q[10:0]), .read_data(words[32*g +: 32]));
        end
        if (BANKS == 1) begin : one
            assign of_ram = words;
        end else begin : more
            wire [127:0] four = {{(128 - 32 * BANKS){1'b0}}, words};
            nave_mux4 #(.WIDTH(32)) choose (
                .a(four[31:0]), .b(four[63:32]), .c(four[95:64]), .d(four[127:96]), .select(to_1_q[12:11]),
                .y(of_ram));
        end
    endgenerate

    wire [31:0] of_level;
    // the value at work; beside it what comes out of a delay or in with the frame
    reg [31:0] word_q;
    wire [31:0] word;
    wire high = at_q[PEAK_0] || at_q[ABOVE_0] || at_q[AUDIO_DONE];
    wire from_x = at_q[AUDIO] || at_q[AUDIO_DONE], from_above = at_q[PEAK_1] || at_q[ABOVE_0];
    wire from_peak = does[READ] || at_q[PEAK_0];
    nave_mux4 #(.WIDTH(32)) choose_word (
        .a(of_ram), .b(high ? r_peak[63:32] : r_peak[31:0]), .c(high ? r_above[63:32] : r_above[31:0]),
        .d(high ? s_data[63:32] : s_data[31:0]), .select({from_x || from_above, from_x || from_peak}), .y(word));
    wire loads = does[PEAK_0] || does[ABOVE_0] || does[AUDIO_IN] || does[AUDIO_SWAP];
    wire compares = does[PEAK_1] || does[ABOVE_1] || slide_take_q[4];
    wire by_rounding = at_q[TOP] || at_q[FALL] || at_q[BOX] || at_q[SHARE] || at_q[GAIN] || at_q[AUDIO_OUT];
    reg signed [33:0] over_q;
    wire [6:0] octave = of_level[31:25] - 7'd28; // the reading is Q28
    wire no_need = !s_on || over_q[33];
    wire is_constant = at_q[IDLE] || (at_q[TOP] && !s_on) || (at_q[OVER] && (no_need || over_q[32:31] != 2'd0));
    wire [31:0] constant = at_q[IDLE] ? ONE_Q28 : at_q[OVER] && no_need ? 32'd0 : MOST;
    wire signed [51:0] rounded;
    wire [31:0] rounded_32, v;
    nave_saturate #(.WIDTH(52), .OUT(32)) limit (.v(rounded), .y(rounded_32), .limited());
    nave_mux4 #(.WIDTH(32)) choose_v (
        .a(word_q), .b(rounded_32), .c(over_q[31:0]), .d(constant),
        .select({is_constant || at_q[OVER], is_constant || by_rounding}), .y(v));
    reg [31:0] peak_q, top_q, signed_top_q;
    wire [31:0] signed_top;
    nave_sum #(.WIDTH(32)) sign_top (
        .a(32'd0), .b(top_q), .with_b(1'b1), .invert(v_q[31]), .carry(v_q[31]), .y(signed_top));
    wire above_top = ($signed(v_q) < $signed(signed_top_q)) ^ !v_q[31];
    reg [63:0] m_data_q;
    reg [31:0] gain_q, m_gain_q;
    always @(posedge clk) begin
        word_q <= word;
        if (loads || (compares && word_q > v_q) || (by_rounding && waited_q) || at_q[IDLE] || at_q[OVER])
            v_q <= v;
        if (rst)
            v_q <= 32'd0; // clears the RAM
        if (does[READ])
            top_q <= word_q;
        if (does[ABOVE_0])
            peak_q <= v_q;
        over_q <= {{2{octave[6]}}, octave, of_level[24:0]} - {{2{s_ceiling[31]}}, s_ceiling};
        signed_top_q <= signed_top;
        if (does[AUDIO_DONE]) begin
            m_data_q <= {above_top ? signed_top_q : v_q, m_data_q[63:32]};
            m_gain_q <= gain_q;
        end
    end
    assign m_data = m_data_q;
    assign m_gain = m_gain_q;

    // log2 and exp2
    reg level_go_q, level_exp_q, levels_q;
    reg [31:0] level_v_q;
    wire [32:0] reading = {1'b0, peak_q} + {1'b0, v_q};
    wire [31:0] lowered, factor_a, factor_b;
    wire level_multiplies;
    wire [5:0] level_shift;
    wire signed [63:0] product;
    nave_sum #(.WIDTH(32)) negate (
        .a(32'd0), .b(v_q), .with_b(1'b1), .invert(1'b1), .carry(1'b1), .y(lowered));
    nave_level #(.MULTIPLY(7)) level (
        .clk(clk), .rst(rst), .in_valid(level_go_q), .exponential(level_exp_q), .v({32'd0, level_v_q}),
        .multiply(level_multiplies), .factor_a(factor_a), .factor_b(factor_b), .product(product),
        .out_valid(level_done), .y(of_level), .shift(level_shift));
    reg [31:0] mantissa_q;
    reg [5:0] shift_q;
    always @(posedge clk) begin
        level_go_q <= !rst && (does[IDLE] || does[ABOVE_SLIDE] || does[GAIN_LEVEL]);
        if (does[IDLE] || does[ABOVE_SLIDE] || does[GAIN_LEVEL]) begin
            level_v_q <= at_q[IDLE] ? s_ceiling : at_q[GAIN_LEVEL] ? lowered : reading[31:0] | {32{reading[32]}};
            level_exp_q <= !at_q[ABOVE_SLIDE];
            levels_q <= 1'b1;
        end else if (level_done)
            levels_q <= 1'b0;
        if (does[GAIN_LEVEL])
            gain_q <= lowered;
        if (does[FALL])
            {mantissa_q, shift_q} <= {s_release, s_shift};
        else if (does[SHARE])
            {mantissa_q, shift_q} <= {share, share_shift};
        else if (level_done)
            {mantissa_q, shift_q} <= {of_level, level_shift};
    end
    nave_mul_serial multiply (
        .clk(clk), .start(level_multiplies || multiplies), .a(levels_q ? factor_a : v_q),
        .b(levels_q ? factor_b : mantissa_q), .p(product));

    // sums: the reduction, the boxes
    reg [SUM-1:0] state [0:3];
    reg [1:0] number_q;
    reg signed [32:0] change_q; // of a box
    wire [SUM-1:0] d;
    wire [SUM-1:0] operand = at_q[BOX_SUM] ? {{(SUM-33){change_q[32]}}, change_q} :
        at_q[RELEASED] ? rounded[SUM-1:0] : {1'b0, v_q[30:0], 18'd0};
    nave_sum #(.WIDTH(SUM)) add (
        .a(operand), .b(state[number_q]), .with_b(!at_q[HELD]), .invert(at_q[NEED_SLIDE]), .carry(at_q[NEED_SLIDE]),
        .y(d));
    wire [5:0] less = shift_q - Q43_TO_Q25;
    wire [5:0] by = at_q[FALL_ROUND] ? less : of_product ? shift_q : at_q[BOX_MEAN] ? {2'd0, box_bits_q[second_q]} :
        Q43_TO_Q25;
    nave_round_even #(.WIDTH(64), .SHIFT_WIDTH(6), .OUT(52)) round (
        .clk(clk), .v(of_product ? product : {{(64-SUM){d_q[SUM-1]}}, d_q}), .shift(by), .y(rounded));
    always @(posedge clk) begin
        if (does[NEED_SLIDE] || does[HELD] || does[RELEASED] || does[BOX_SUM])
            d_q <= d;
        number_q <= clearing ? from_q[1:0] : at_q[BOX_TAKE] || at_q[BOX_SUM] ? {second_q, !second_q} : 2'd0;
        change_q <= {v_q[31], v_q} - {word_q[31], word_q};
        if (clearing || does[REDUCTION] || does[BOX_MEAN])
            state[number_q] <= d_q;
        if (rst)
            d_q <= {SUM{1'b0}};
    end
endmodule

`default_nettype wire
