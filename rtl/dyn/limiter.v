// True-peak limiter with look-ahead (twin of sim/model/limiter.c): a frame of two channels and its reading in (of
// true_peak.v), the frame of `latency` frames ago out, at its gain:
//   need = max(0, log2(peak + above) - ceiling), held = its maximum in a window, reduction = held or its release,
//   gain = 2^-(mean of a mean of reduction), out = x gain, limited to the ceiling
// All delays share one RAM that turns: each takes its length from where the one before ends, and every frame begins a
// word lower, so a delay has no state. A maximum is a chain of delays of 1, 2, 4, ... frames. One 32x32 multiplier (of
// one 18x18), one rounding unit and one adder serve all.
// Of the look-ahead (2 .. (2048 BANKS - 134) / 5 frames) and `share` the values are steady while a stream runs;
// s_on .. s_shift are the frame's. All is silent after rst, which takes 2048 BANKS clocks more.
// Rate: at most 220 clocks a frame, its latency too; it begins before the reading is there.
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
    input  wire [31:0] r_peak,      // of the louder channel
    input  wire [31:0] r_above,     // likewise, below 2^31
    output wire        m_valid,
    input  wire        m_ready,
    output wire [63:0] m_data,
    output wire [31:0] m_gain       // log2 Q7.25
);
    localparam AW = BANKS == 1 ? 11 : BANKS == 2 ? 12 : 13;
    localparam [31:0] WORDS = 2048 * BANKS, LAST_WORD = WORDS - 1;
    localparam [AW:0] WRAP = WORDS[AW:0];
    localparam [AW-1:0] LAST = LAST_WORD[AW-1:0], NONE = {AW{1'b0}}, ONE = {{(AW-1){1'b0}}, 1'b1};
    localparam [AW-1:0] OUTER = {{(AW-4){1'b0}}, 4'd9}, WITH_PEAK = {{(AW-5){1'b0}}, 5'd20}; // frames: 2 margins and 1
    localparam [AW-1:0] OF_ABOVE = {{(AW-7){1'b0}}, 7'd64};
    generate
        if (BANKS < 1 || BANKS > 4)
            nave_limiter_BANKS_must_be_1_to_4 illegal();
    endgenerate
    localparam [2:0] MULTIPLY = 3'd7; // clocks
    localparam [5:0] Q43_TO_Q25 = 6'd18;
    localparam [5:0] CUT = 6'd12; // places that every product loses at least
    localparam [31:0] MOST = 32'h7fffffff, ONE_Q28 = 32'h10000000;
    localparam SUM = 50; // bits of the reduction, Q7.43, and of the sums of the boxes

    // Steps of a frame, one-hot. A step is left when what it waits for is there; its work is done in that clock.
    localparam CLEAR = 0, IDLE = 1, TOP_LEVEL = 2, TOP_MULTIPLY = 3, TOP_ROUND = 4, TOP = 5, READ = 6, PEAK = 7,
        ABOVE = 8, ABOVE_SLIDE = 9, NEED = 10, OVER = 11, NEED_SLIDE = 12, HELD = 13, FALL = 14,
        FALL_MULTIPLY = 15, FALL_ROUND = 16, RELEASED = 17, REDUCTION = 18, BOX = 19, BOX_TAKE = 20, BOX_SUM = 21,
        BOX_MEAN = 22, SHARE = 23, SHARE_MULTIPLY = 24, SHARE_ROUND = 25, GAIN = 26, GAIN_LEVEL = 27, AUDIO = 28,
        AUDIO_IN = 29, AUDIO_SWAP = 30, AUDIO_MULTIPLY = 31, AUDIO_ROUND = 32, AUDIO_OUT = 33, AUDIO_LIMIT = 34,
        AUDIO_DONE = 35, STEPS = 36;
    reg [STEPS-1:0] at_q;
    reg [2:0] wait_q; // clocks until the product is there
    wire rounding;
    reg second_q;     // box, channel
    reg full_q, clear_done_q, fast_q, sliding_q, slide_issue_q;
    reg [4:0] slide_take_q;
    wire level_done;
    wire slides = sliding_q || slide_issue_q || slide_take_q != 5'd0;
    // the frame, so that its giver has the next one ready for the detector
    reg held_q, on_q;
    reg [63:0] x_q;
    reg [31:0] ceiling_q, release_q;
    reg [5:0] release_shift_q;
    reg [STEPS-1:0] ready;
    always @* begin
        ready = {STEPS{1'b1}};
        ready[CLEAR] = clear_done_q;
        ready[IDLE] = held_q;
        ready[READ] = r_valid;
        {ready[TOP_LEVEL], ready[NEED], ready[AUDIO]} = {3{level_done}};
        {ready[ABOVE_SLIDE], ready[NEED_SLIDE]} = {2{!slides}};
        ready[AUDIO_DONE] = !full_q;
        // what multiplies or rounds is followed by a step that waits for it
        {ready[TOP_ROUND], ready[FALL_ROUND], ready[SHARE_ROUND], ready[AUDIO_ROUND]} = {4{wait_q == 3'd0}};
        {ready[TOP], ready[FALL], ready[RELEASED], ready[BOX], ready[SHARE], ready[GAIN], ready[AUDIO_OUT]} =
            {7{!rounding}};
    end
    wire [STEPS-1:0] does = at_q & ready;
    wire multiplies = at_q[TOP_MULTIPLY] || at_q[FALL_MULTIPLY] || at_q[SHARE_MULTIPLY] || at_q[AUDIO_MULTIPLY];
    wire of_product = at_q[TOP_ROUND] || at_q[FALL_ROUND] || at_q[SHARE_ROUND] || at_q[AUDIO_ROUND];
    reg signed [SUM-1:0] d_q;
    wire rises = !d_q[SUM-1] || fast_q; // of HELD: no release
    wire rounds = (of_product && wait_q == 3'd0) || (at_q[HELD] && !rises) || at_q[REDUCTION] || at_q[BOX_MEAN];
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
        wait_q <= multiplies ? MULTIPLY - 3'd1 : wait_q - {2'd0, wait_q != 3'd0};
        if (does[BOX_MEAN] || does[AUDIO_DONE])
            second_q <= !second_q;
        if (s_valid && s_ready) begin
            x_q <= s_data;
            on_q <= s_on;
            ceiling_q <= s_ceiling;
            release_q <= s_release;
            release_shift_q <= s_shift;
        end
        held_q <= (s_valid && s_ready) || (held_q && !(does[AUDIO_DONE] && second_q));
        full_q <= (does[AUDIO_DONE] && second_q) || (full_q && !m_ready);
        fast_q <= release_q != 32'd0 && release_shift_q <= 6'd30; // a share of 1 or more
        if (rst) begin
            at_q <= {{(STEPS-1){1'b0}}, 1'b1};
            wait_q <= 3'd0;
            second_q <= 1'b0;
            full_q <= 1'b0;
            held_q <= 1'b0;
        end
    end
    assign s_ready = !held_q;
    assign r_ready = at_q[PEAK];
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
    // a word is there 6 clocks after it is fetched: no step takes it sooner
    wire fetch_latency = does[TOP_LEVEL] || does[AUDIO_MULTIPLY] || (at_q[BOX_TAKE] && second_q);
    wire fetch_box = does[NEED_SLIDE] || (at_q[BOX_TAKE] && !second_q);
    wire clearing = at_q[CLEAR];
    wire take = does[READ] || does[BOX_TAKE] || does[AUDIO_SWAP] || slide_take_q[4];
    wire [AW-1:0] ahead = lookahead[AW-1:0], half = {1'b0, ahead[AW-1:1]};
    wire unused_ahead = &{1'b0, lookahead};
    integer i, b;
    always @(posedge clk) begin
        latency_q <= ahead + WITH_PEAK;
        window_frames_q <= ahead + OUTER;
        box_q[0] <= half + ONE;
        box_q[1] <= ahead - half + ONE;
        for (i = 0; i < 2; i = i + 1) begin
            box_bits_q[i] <= 4'd0;
            for (b = 0; b < AW; b = b + 1)
                if (box_q[i][b])
                    box_bits_q[i] <= b[3:0] + 4'd1;
        end

        issue_q <= fetch_latency || fetch_box || (sliding_q && phase_q);
        slide_issue_q <= sliding_q && phase_q;
        slide_take_q <= {slide_take_q[3:0], slide_issue_q};
        distance_q <= fetch_latency ? latency_q : fetch_box ? box_q[at_q[BOX_TAKE]] :
            !(sliding_q && phase_q) ? distance_q : slide_last ? limit_q - window_q : window_q;
        slide_last_q <= slide_last;
        phase_q <= slide_starts || !phase_q;
        sliding_q <= slide_starts || (sliding_q && (phase_q || !slide_last_q));
        if (slide_starts) begin
            window_q <= ONE;
            limit_q <= at_q[ABOVE] ? OF_ABOVE : window_frames_q;
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
            from_q <= from_q + ONE;
        else if (does[IDLE])
            from_q <= begin_q;
        else if (take)
            from_q <= to_2_q;
        clear_done_q <= clearing && from_q == LAST;
        if (does[IDLE])
            begin_q <= begin_q == NONE ? LAST : begin_q - ONE;
        if (rst) begin
            issue_q <= 1'b0;
            sliding_q <= 1'b0;
            slide_issue_q <= 1'b0;
            slide_take_q <= 5'd0;
            from_q <= NONE;
            begin_q <= NONE;
            clear_done_q <= 1'b0;
        end
    end
    reg [31:0] v_q;
    wire [32*BANKS-1:0] words;
    wire [31:0] of_ram;
    wire [13:0] from = {{(14-AW){1'b0}}, from_q}, to_1 = {{(14-AW){1'b0}}, to_1_q};
    wire unused_bank = &{1'b0, from, to_1}; // of one
    genvar g;
    generate
        for (g = 0; g < BANKS; g = g + 1) begin : bank
            wire here = {29'd0, from[13:11]} == g;
            nave_ram #(.ADDRESS_WIDTH(11), .WIDTH(32)) delays (
                .clk(clk), .write((clearing || take) && here), .write_address(from_q[10:0]), .write_data(v_q),
                .read_address(to_q[10:0]), .read_data(words[32*g +: 32]));
        end
        if (BANKS == 1) begin : one
            assign of_ram = words;
        end else begin : more
            wire [127:0] four = {{(128 - 32 * BANKS){1'b0}}, words};
            nave_mux4 #(.WIDTH(32)) choose (
                .a(four[31:0]), .b(four[63:32]), .c(four[95:64]), .d(four[127:96]), .select(to_1[12:11]),
                .y(of_ram));
        end
    endgenerate

    wire [31:0] of_level;
    // the value at work; beside it what comes out of a delay or in with the frame
    reg [31:0] word_q;
    wire [31:0] word;
    wire from_x = at_q[AUDIO] || at_q[AUDIO_DONE];
    nave_mux4 #(.WIDTH(32)) choose_word (
        .a(of_ram), .b(r_peak), .c(r_above), .d(at_q[AUDIO] ? x_q[31:0] : x_q[63:32]),
        .select({from_x || at_q[PEAK], from_x || does[READ]}), .y(word));
    wire loads = at_q[PEAK] || at_q[ABOVE] || at_q[AUDIO_IN] || at_q[AUDIO_SWAP];
    wire by_rounding = at_q[TOP] || at_q[FALL] || at_q[BOX] || at_q[SHARE] || at_q[GAIN] || at_q[AUDIO_OUT];
    reg signed [33:0] over_q;
    wire [6:0] octave = of_level[31:25] - 7'd28; // the reading is Q28
    wire no_need = !on_q || over_q[33];
    wire is_constant = at_q[IDLE] || (at_q[TOP] && !on_q) || (at_q[OVER] && (no_need || over_q[32:31] != 2'd0));
    wire [31:0] constant = at_q[IDLE] ? ONE_Q28 : at_q[OVER] && no_need ? 32'd0 : MOST;
    wire signed [51:0] rounded;
    wire unused_rounded = &{1'b0, rounded[51:50]}; // repeat the sign where it isn't limited
    wire [31:0] rounded_32, v;
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
        if (loads || (slide_take_q[4] && word_q > v_q) || (by_rounding && !rounding) || at_q[IDLE] || at_q[OVER])
            v_q <= v;
        if (rst)
            v_q <= 32'd0; // clears the RAM
        if (does[READ])
            top_q <= word_q;
        if (at_q[ABOVE])
            peak_q <= v_q;
        over_q <= {{2{octave[6]}}, octave, of_level[24:0]} - {{2{ceiling_q[31]}}, ceiling_q};
        signed_top_q <= signed_top;
        if (does[AUDIO_DONE]) begin
            m_data_q <= {above_top ? signed_top_q : v_q, m_data_q[63:32]};
            m_gain_q <= gain_q;
        end
    end
    assign m_data = m_data_q;
    assign m_gain = m_gain_q;

    // log2 and exp2
    wire asks = does[IDLE] || does[ABOVE_SLIDE] || at_q[GAIN_LEVEL];
    reg level_go_q, level_exp_q, levels_q;
    reg [31:0] level_v_q;
    wire [31:0] factor_a, factor_b;
    wire level_multiplies;
    wire [5:0] level_shift;
    wire signed [63:0] product;
    // the ceiling, the reading, or the gain, - v
    wire [32:0] level_v;
    nave_sum #(.WIDTH(33)) to_level (
        .a({1'b0, at_q[IDLE] ? ceiling_q : at_q[ABOVE_SLIDE] ? peak_q : 32'd0}), .b({1'b0, v_q}),
        .with_b(!at_q[IDLE]), .invert(at_q[GAIN_LEVEL]), .carry(at_q[GAIN_LEVEL]), .y(level_v));
    nave_level #(.MULTIPLY(7)) level (
        .clk(clk), .rst(rst), .in_valid(level_go_q), .exponential(level_exp_q), .v({32'd0, level_v_q}),
        .multiply(level_multiplies), .factor_a(factor_a), .factor_b(factor_b), .product(product),
        .out_valid(level_done), .y(of_level), .shift(level_shift));
    reg [31:0] mantissa_q;
    reg [5:0] shift_q;
    always @(posedge clk) begin
        level_go_q <= !rst && asks;
        if (asks) begin
            level_v_q <= level_v[31:0] | {32{at_q[ABOVE_SLIDE] && level_v[32]}};
            level_exp_q <= !at_q[ABOVE_SLIDE];
            levels_q <= 1'b1;
        end else if (level_done)
            levels_q <= 1'b0;
        if (at_q[GAIN_LEVEL])
            gain_q <= level_v[31:0];
        if (does[FALL])
            {mantissa_q, shift_q} <= {release_q, release_shift_q};
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
    wire [5:0] by_q25 = at_q[BOX_MEAN] ? {2'd0, box_bits_q[second_q]} : Q43_TO_Q25;
    wire [5:0] by_product = shift_q - (at_q[FALL_ROUND] ? Q43_TO_Q25 + CUT : CUT);
    nave_round_serial #(.WIDTH(64 - CUT)) round (
        .clk(clk), .rst(rst), .start(rounds), .v(of_product ? product[63:CUT] : {{(64-CUT-SUM){d_q[SUM-1]}}, d_q}),
        .sticky(of_product && product[CUT-1:0] != {CUT{1'b0}}), .shift(of_product ? by_product : by_q25),
        .busy(rounding), .y(rounded), .limited(rounded_32));
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
