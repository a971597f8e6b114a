// All filters of an engine, two channels: frames in through equaliser and splits (twin of nave_eq_step and
// nave_crossover_split), side-chains through their cuts, bands out through merge, gain and DC filter, on one section unit
// (svf.v). crossover.v says what follows what.
// A chain works at several frames at once: eight on the way in, four on the way out, four side-chains. One may be at a
// section only after the frame before has left it. Every eight clocks one of them gets its next section, both
// channels after each other; out goes before cuts, cuts before in.
// Cycles a frame: 8 a section and channel pair, and one each for the last band, gain and mid/side. Latency: about 54 a
// section, 76 with an equaliser's sum. What dials set (in_*, out_*, coefficients) may change while a chain is idle.
// Growth: sums of two words 55 bits. Overflow: words are limited to 54 bits, bands and results to 32.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_filters #(
    parameter DSP = 3
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        clear,
    output wire        clearing,
    input  wire        p_valid,
    input  wire [7:0]  p_address,
    input  wire [41:0] p_data,
    input  wire [2:0]  in_splits, // bands - 1
    input  wire        in_steep,
    input  wire        in_mid_side,
    input  wire [7:0]  in_eq,
    input  wire [7:0]  in_eq_high,
    input  wire [2:0]  out_splits,
    input  wire        out_steep,
    input  wire        out_mid_side,
    input  wire        out_dc,
    input  wire        out_dc_high,
    // frames in: {second, first} channel, Q28
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [63:0] s_data,
    output wire        s_idle,
    // their bands, those of a frame from the lowest up; its last is its highest. Frames overlap: which of eight
    output wire        band_valid,
    input  wire        band_ready,
    output wire [2:0]  band_frame,
    output wire [2:0]  band,
    output wire        band_last,
    output wire [63:0] band_data,
    // side-chains
    input  wire        c_valid,
    output wire        c_ready,
    input  wire [2:0]  c_band,
    input  wire        c_low,
    input  wire        c_high,
    input  wire [63:0] c_data,
    output wire        c_idle,
    output wire        heard_valid,
    input  wire        heard_ready,
    output wire [63:0] heard_data,
    // bands out, from the lowest to the one that is `last`
    input  wire        q_valid,
    output wire        q_ready,
    input  wire        q_last,
    input  wire [63:0] q_data,
    output wire        q_idle,
    output wire        m_valid,
    input  wire        m_ready,
    output wire [63:0] m_data
);
    localparam N = 16;        // on their way: 0 .. 7 in, 8 .. 11 out, 12 .. 15 side-chains
    localparam [6:0] NO_MORE = 7'b1111111;
    integer k;

    // ---- who is where ----
    reg [N-1:0] there_q, busy_q;
    reg [6:0] position_q [0:N-1];
    reg [2:0] cut_band_q [0:3];
    reg [3:0] cut_high_q; // a high cut too
    reg out_full_q;       // the bands of a frame to come are there
    reg [2:0] in_head_q, in_tail_q;
    reg [1:0] out_head_q, out_tail_q, cut_head_q, cut_tail_q;
    assign s_idle = there_q[7:0] == 8'd0;
    assign q_idle = there_q[11:8] == 4'd0 && !out_full_q;
    assign c_idle = there_q[15:12] == 4'd0;
    wire [3:0] in_tail = {1'b0, in_tail_q}, in_head = {1'b0, in_head_q}, out_tail = {2'd2, out_tail_q};
    wire [3:0] out_head = {2'd2, out_head_q}, cut_tail = {2'd3, cut_tail_q}, cut_head = {2'd3, cut_head_q};
    wire [N-1:0] at_end, may;
    reg room_q; // for bands
    genvar g;
    generate
        for (g = 0; g < N; g = g + 1) begin : one
            // may it go: the first of a chain, and those that are behind the one before
            wire behind;
            if (g < 8) begin : of_in
                localparam [2:0] ME = g;
                assign behind = room_q && (in_head_q == ME || position_q[g] < position_q[(g + 7) % 8]);
            end else if (g < 12) begin : of_out
                localparam [3:0] ME = g;
                assign behind = out_head == ME || position_q[g] < position_q[8 + (g + 3) % 4];
            end else begin : of_cut
                assign behind = 1'b1;
            end
            assign at_end[g] = there_q[g] && position_q[g] == NO_MORE;
            assign may[g] = there_q[g] && !busy_q[g] && position_q[g] != NO_MORE && behind;
        end
    endgenerate

    // ---- a new job every eight clocks: who (6), its position (7), what it is (0); what follows a job (1, 4) ----
    wire [1:0] phase;
    reg later_q; // the second four
    wire [2:0] clock8 = {later_q, phase};
    reg [3:0] who, who_q, token_q;
    reg go_q, ended_q;
    reg [6:0] at_q;
    always @* begin
        who = 4'd15;
        for (k = 7; k >= 0; k = k - 1)
            if (may[k])
                who = k[3:0];
        for (k = 15; k >= 12; k = k - 1)
            if (may[k])
                who = k[3:0];
        for (k = 11; k >= 8; k = k - 1)
            if (may[k])
                who = k[3:0];
    end
    wire ap_valid, soon_valid, lp_valid, y_valid;
    wire signed [53:0] ap, lp, y;
    wire [7:0] tag;
    wire [3:0] token = tag[3:0];
    wire channel = tag[4], keeps = tag[5], keeps_low = tag[6], finishes = tag[7];
    wire [3:0] look = clock8 == 3'd7 ? who_q : token;
    always @(posedge clk) begin
        if (phase == 2'd3)
            later_q <= !later_q;
        if (clock8 == 3'd6) begin
            who_q <= who;
            go_q <= may != {N{1'b0}} && !clearing;
        end
        token_q <= look;
        at_q <= position_q[look];
        // the second channel's job ends, or will have ended when the next one asks for its words
        ended_q <= (clock8 == 3'd1 && soon_valid && channel) || (clock8 == 3'd4 && y_valid && channel);
        if (rst) begin
            later_q <= 1'b0;
            go_q <= 1'b0;
            ended_q <= 1'b0;
        end
    end

    wire [6:0] next, in_first, out_first, section;
    wire [5:0] words;
    wire [2:0] job_band;
    wire last, from_low, half, both, split, add, first_band, bare, gain, eq, high, keep, keep_low;
    nave_crossover order (
        .in_splits(in_splits), .in_steep(in_steep), .in_mid_side(in_mid_side), .in_eq(in_eq), .in_eq_high(in_eq_high),
        .out_splits(out_splits), .out_steep(out_steep), .out_mid_side(out_mid_side), .out_dc(out_dc),
        .out_dc_high(out_dc_high), .is_in(!token_q[3]), .is_out(!token_q[2]), .position(at_q),
        .cut_band(cut_band_q[token_q[1:0]]), .cut_high(cut_high_q[token_q[1:0]]),
        .next(next), .last(last), .in_first(in_first), .out_first(out_first), .from_low(from_low), .half(half),
        .both(both), .split(split), .add(add), .first_band(first_band), .band(job_band), .section(section),
        .words(words), .bare(bare), .gain(gain), .eq(eq), .high(high), .keep(keep), .keep_low(keep_low));

    // ---- who comes (0 in, 3 out, 4 side-chains), who goes on (2, 5), who leaves (1 out, 2 side-chains, 3 in) ----
    reg heard_valid_q, m_valid_q;
    reg [2:0] out_fill_q;
    reg [63:0] load_q, heard_q, m_q;
    reg [3:0] load_token_q, loading_q; // the four clocks after one came
    wire in_free = !there_q[in_tail], out_free = !there_q[out_tail];
    wire same_band = (there_q[12] && cut_band_q[0] == c_band) || (there_q[13] && cut_band_q[1] == c_band) ||
        (there_q[14] && cut_band_q[2] == c_band) || (there_q[15] && cut_band_q[3] == c_band);
    assign s_ready = clock8 == 3'd0 && in_free && !clearing;
    assign c_ready = clock8 == 3'd4 && !there_q[cut_tail] && !same_band && !clearing;
    assign q_ready = out_free && !out_full_q;
    wire out_comes = clock8 == 3'd3 && out_full_q;
    wire goes_on = ended_q; // 2 and 5
    wire out_leaves = clock8 == 3'd1 && at_end[out_head] && !m_valid_q;
    wire cut_leaves = clock8 == 3'd2 && at_end[cut_head] && !heard_valid_q;
    wire in_leaves = clock8 == 3'd3 && at_end[in_head] && room_q;
    assign m_valid = m_valid_q;
    assign m_data = m_q;
    assign heard_valid = heard_valid_q;
    assign heard_data = heard_q;

    wire place = (s_valid && s_ready) || (c_valid && c_ready) || out_comes || goes_on;
    wire [3:0] placed = clock8 == 3'd0 ? in_tail : clock8 == 3'd4 ? cut_tail : clock8 == 3'd3 ? out_tail : token_q;
    wire [6:0] place_at = clock8 == 3'd0 ? in_first : clock8 == 3'd4 ? (c_low ? 7'd0 : c_high ? 7'd1 : NO_MORE) :
        clock8 == 3'd3 ? out_first : next;
    wire [63:0] results;
    always @(posedge clk) begin
        loading_q <= (s_valid && s_ready) || (c_valid && c_ready) ? 4'd15 : {1'b0, loading_q[3:1]};
        if (place) begin
            position_q[placed] <= place_at;
            there_q[placed] <= 1'b1;
            busy_q[placed] <= 1'b0;
        end
        if (clock8 == 3'd0 && go_q)
            busy_q[who_q] <= 1'b1;
        if (s_valid && s_ready) begin
            in_tail_q <= in_tail_q + 3'd1;
            load_q <= s_data;
            load_token_q <= in_tail;
        end
        if (c_valid && c_ready) begin
            cut_tail_q <= cut_tail_q + 2'd1;
            load_q <= c_data;
            load_token_q <= cut_tail;
            cut_band_q[cut_tail_q] <= c_band;
            cut_high_q[cut_tail_q] <= c_high;
        end
        if (q_valid && q_ready) begin
            out_fill_q <= q_last ? 3'd0 : out_fill_q + 3'd1;
            out_full_q <= q_last;
        end
        if (out_comes) begin
            out_full_q <= 1'b0;
            out_tail_q <= out_tail_q + 2'd1;
        end
        if (in_leaves) begin
            there_q[in_head] <= 1'b0;
            in_head_q <= in_head_q + 3'd1;
        end
        if (out_leaves) begin
            there_q[out_head] <= 1'b0;
            out_head_q <= out_head_q + 2'd1;
            m_q <= results;
        end
        if (cut_leaves) begin
            there_q[cut_head] <= 1'b0;
            cut_head_q <= cut_head_q + 2'd1;
            heard_q <= results;
        end
        m_valid_q <= out_leaves || (m_valid_q && !m_ready);
        heard_valid_q <= cut_leaves || (heard_valid_q && !heard_ready);
        if (rst) begin
            loading_q <= 4'd0;
            there_q <= {N{1'b0}};
            busy_q <= {N{1'b0}};
            in_head_q <= 3'd0;
            in_tail_q <= 3'd0;
            cut_head_q <= 2'd0;
            cut_tail_q <= 2'd0;
            out_head_q <= 2'd0;
            out_tail_q <= 2'd0;
            out_fill_q <= 3'd0;
            out_full_q <= 1'b0;
            m_valid_q <= 1'b0;
            heard_valid_q <= 1'b0;
        end
    end

    // ---- the words of those on their way: w a channel; low-passes; bands out ----
    reg job_q, from_low_q, half_q, both_q, split_q, add_q, first_band_q, bare_q, gain_q, eq_q, high_q;
    reg [6:0] section_q;
    reg [5:0] words_q;
    reg [2:0] job_band_q;
    reg [3:0] job_token_q;
    reg [2:0] job_tag_q;
    wire word_two = phase[1] || (later_q && !half_q && !both_q); // which channel's
    wire load = loading_q[0]; // in phases 1 and 3
    wire [53:0] w, low;
    wire [63:0] bands;
    nave_slots #(.WIDTH(54), .ADDRESS_WIDTH(5)) all_words (
        .clk(clk), .write(phase[0] ? load : keeps && (phase[1] ? ap_valid : y_valid)),
        .write_address(phase[0] ? {load_token_q, phase[1]} : {token, channel}),
        .write_data(phase[0] ? {{6{phase[1] ? load_q[63] : load_q[31]}}, phase[1] ? load_q[63:32] : load_q[31:0], 16'd0} :
            phase[1] ? ap : y),
        .read_address({job_token_q, word_two}), .read_data(w));
    nave_slots #(.WIDTH(54)) lows (
        .clk(clk), .write(lp_valid && keeps_low), .write_address({token[2:0], channel}), .write_data(lp),
        .read_address({job_token_q[2:0], later_q}), .read_data(low));
    nave_slots #(.WIDTH(64), .ADDRESS_WIDTH(5)) bands_out (
        .clk(clk), .write(q_valid && q_ready), .write_address({out_tail_q, out_fill_q}), .write_data(q_data),
        .read_address({job_token_q[1:0], job_band_q}), .read_data(bands));

    // ---- a job's word: seven clocks, phases 1, 2, 3, 0, 1, 2 ----
    reg signed [53:0] a_q, low_q, other_q, second_q;
    reg signed [38:0] low_q28_q;
    reg signed [31:0] band_q, first_word_q, added_q;
    wire signed [31:0] low_band;
    nave_saturate #(.WIDTH(39), .OUT(32)) limit_band (.v(low_q28_q), .y(low_band), .limited());
    reg begin_q, channel_q, minus_q, plus_q, limit_q, halve_q;
    reg [6:0] s_section_q;
    reg [5:0] s_words_q;
    reg [3:0] s_token_q;
    reg [2:0] s_tag_q;
    reg s_bare_q, s_gain_q, s_eq_q, s_high_q;
    reg signed [54:0] sum_q, x_q;
    wire signed [54:0] sum;
    wire signed [53:0] limited;
    nave_sum #(.WIDTH(55)) plus (
        .a({a_q[53], a_q}), .b({second_q[53], second_q}), .with_b(plus_q), .invert(minus_q), .carry(minus_q), .y(sum));
    nave_saturate #(.WIDTH(55), .OUT(54)) limit_sum (.v(sum_q), .y(limited), .limited());
    always @(posedge clk) begin
        case (phase)
            2'd0: begin
                if (!later_q) begin
                    job_q <= go_q;
                    job_token_q <= token_q;
                    job_band_q <= job_band;
                    from_low_q <= from_low;
                    half_q <= half;
                    both_q <= both;
                    split_q <= split;
                    add_q <= add;
                    first_band_q <= first_band;
                    section_q <= section;
                    words_q <= words;
                    bare_q <= bare;
                    gain_q <= gain;
                    eq_q <= eq;
                    high_q <= high;
                    job_tag_q <= {last, keep_low, keep};
                end
                begin_q <= job_q;
                channel_q <= !later_q;
                plus_q <= split_q || add_q || first_band_q || half_q || both_q;
                minus_q <= split_q || ((half_q || both_q) && !later_q);
                limit_q <= split_q || add_q || first_band_q;
                halve_q <= half_q;
                s_section_q <= section_q;
                s_words_q <= words_q;
                s_token_q <= job_token_q;
                s_tag_q <= job_tag_q;
                s_bare_q <= bare_q;
                s_gain_q <= gain_q;
                s_eq_q <= eq_q;
                s_high_q <= high_q;
                second_q <= half_q || both_q ? other_q :
                    {{6{split_q ? band_q[31] : added_q[31]}}, split_q ? band_q : added_q, 16'd0};
                if (later_q)
                    first_word_q <= band_q;
            end
            2'd1: begin
                a_q <= first_band_q ? 54'd0 : from_low_q ? low : w;
                low_q <= low;
                sum_q <= sum;
            end
            2'd2: begin
                other_q <= w;
                added_q <= later_q ? bands[63:32] : bands[31:0];
                low_q28_q <= {low_q[53], low_q[53:16]} + {38'd0, low_q[15] && (low_q[16] || low_q[14:0] != 15'd0)};
                x_q <= halve_q ? {sum_q[54], sum_q[54:1]} + {54'd0, sum_q[0] && sum_q[1]} :
                    limit_q ? {limited[53], limited} : sum_q;
            end
            default:
                band_q <= low_band;
        endcase
        if (rst) begin
            job_q <= 1'b0;
            begin_q <= 1'b0;
        end
    end
    nave_svf #(.TAG(8), .DSP(DSP)) sections (
        .clk(clk), .rst(rst), .clear(clear), .clearing(clearing), .p_valid(p_valid), .p_address(p_address),
        .p_data(p_data), .s_valid(begin_q), .phase(phase), .s_ready(), .s_section({s_section_q, channel_q}),
        .s_set(s_words_q), .s_bare(s_bare_q), .s_gain(s_gain_q), .s_eq(s_eq_q), .s_high(s_high_q),
        .s_tag({s_tag_q, channel_q, s_token_q}), .s_x(x_q), .ap_valid(ap_valid), .ap(ap), .soon_valid(soon_valid), .lp_valid(lp_valid), .lp(lp),
        .y_valid(y_valid), .y(y), .m_tag(tag));

    // ---- what leaves a chain, Q28: allpasses and the like in phases 2, 3, 0, equalisers' sums in 0, 1, 2 ----
    reg signed [53:0] result_q;
    reg signed [38:0] rounded_q;
    wire signed [31:0] result_limited;
    reg [31:0] word_q;
    reg [2:0] finished_q;
    reg [4:0] whose_q [0:2];
    nave_saturate #(.WIDTH(39), .OUT(32)) limit_result (.v(rounded_q), .y(result_limited), .limited());
    wire raw = !phase[0]; // words of a side-chain, in case it has no cuts
    wire [4:0] result_to = raw ? {load_token_q, !phase[1]} : whose_q[2];
    wire [31:0] result = !raw ? word_q : !phase[1] ? load_q[63:32] : load_q[31:0];
    wire store = raw ? loading_q[0] : finished_q[2];
    wire [3:0] leaving = clock8[1:0] == 2'd1 ? out_head : clock8[1:0] == 2'd2 ? cut_head : in_head;
    nave_slots #(.WIDTH(32)) firsts (
        .clk(clk), .write(store && !result_to[0]), .write_address(result_to[4:1]), .write_data(result),
        .read_address(leaving), .read_data(results[31:0]));
    nave_slots #(.WIDTH(32)) seconds (
        .clk(clk), .write(store && result_to[0]), .write_address(result_to[4:1]), .write_data(result),
        .read_address(leaving), .read_data(results[63:32]));
    always @(posedge clk) begin
        result_q <= phase[1] ? ap : y;
        rounded_q <= {result_q[53], result_q[53:16]} + {38'd0, result_q[15] && (result_q[16] || result_q[14:0] != 15'd0)};
        word_q <= result_limited;
        finished_q <= {finished_q[1:0], finishes && (phase == 2'd2 ? ap_valid : phase == 2'd0 && y_valid)};
        whose_q[0] <= {token, channel};
        whose_q[1] <= whose_q[0];
        whose_q[2] <= whose_q[1];
        if (rst)
            finished_q <= 3'd0;
    end

    // ---- bands of a frame on the way in: one by each split (0), its last as it leaves (3) ----
    reg push_q, push_last_q;
    reg [2:0] push_band_q;
    reg [2:0] push_frame_q;
    reg [63:0] push_data_q;
    wire [5:0] waiting;
    wire emits = clock8 == 3'd0 && job_q && split_q;
    always @(posedge clk) begin
        push_q <= emits || in_leaves;
        push_last_q <= !emits;
        push_frame_q <= emits ? job_token_q[2:0] : in_head_q;
        push_band_q <= emits ? job_band_q : in_splits;
        push_data_q <= emits ? {band_q, first_word_q} : results;
        room_q <= waiting < 6'd10;
        if (rst)
            push_q <= 1'b0;
    end
    nave_fifo #(.WIDTH(71), .LOG2_DEPTH(4)) leave (
        .clk(clk), .rst(rst), .s_valid(push_q), .s_ready(), .s_data({push_last_q, push_frame_q, push_band_q, push_data_q}),
        .m_valid(band_valid), .m_ready(band_ready), .m_data({band_last, band_frame, band, band_data}), .level(waiting));
endmodule

`default_nettype wire
