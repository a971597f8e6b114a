// Work memory, multipliers and sequencers of the transforms: FFT, post and pre in place on one buffer, one at a time.
// While idle the buffer takes words (load.v), gives words (overlap.v, stores), and the CMAC may have buffer and
// multipliers to itself (`direct`).
//   s_op: 0 FFT (input digit-reversed), 1 post (natural), 2 pre (digit-reversed)
// The datapath takes and gives two words a cycle: a and b of a butterfly, then d and c; y0 and y2, then y1 and y3.
// Latency: see fft.v and pairs.v; a word is read in 6 cycles, written in 4. Numbers and overflow: see the blocks.
// A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_transform #(
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter MULTIPLIES = 3,
    parameter DSP = 3,
    parameter DSP_LAST = DSP,
    parameter PART = MAX_LOG2N - 2 - (LANES - 1)
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    s_valid,
    output wire                    s_ready,
    input  wire [1:0]              s_op,
    input  wire [3:0]              s_log2n,
    input  wire                    s_last30,
    input  wire [31:0]             s_magnitude, // of the words in the buffer
    output reg                     m_valid,
    input  wire                    m_ready,
    output reg signed [7:0]        m_exponent,  // sum of the shifts made
    output reg [31:0]              m_magnitude, // of the result; not defined after post
    input  wire                    write,
    input  wire [MAX_LOG2N-1:0]    write_address,
    input  wire [63:0]             write_data, // while direct the CMAC's, for its bank 0
    input  wire                    write_clear, // before the first: of their magnitude
    output wire [31:0]             write_magnitude, // five cycles after the last
    input  wire                    read,
    input  wire [MAX_LOG2N-1:0]    read_address,
    output wire                    read_valid,
    output wire [63:0]             read_data,
    input  wire                    direct,
    input  wire                    direct_split,
    input  wire [64*LANES-1:0]     direct_x,
    input  wire [64*LANES-1:0]     direct_h,
    output wire [128*LANES-1:0]    direct_product,
    input  wire [4*LANES*PART-1:0] direct_read,
    output wire [4*LANES*64-1:0]   direct_words,
    input  wire [4*LANES-1:0]      direct_write,
    input  wire [4*LANES*PART-1:0] direct_write_address,
    input  wire [3*LANES*64-1:0]   direct_write_words
);
    localparam ROW = MAX_LOG2N - 2;
    localparam [29:0] LIMIT_PAIR = 30'd444758420; // NAVE_LIMIT_POST and NAVE_LIMIT_PRE
    localparam [1:0] FFT = 2'd0, POST = 2'd1, PRE = 2'd2;

    // the command
    reg busy_q;
    reg [1:0] op_q;
    reg [3:0] log2n_q;
    reg last30_q, start_q;
    reg [31:0] magnitude_q;
    assign s_ready = !busy_q && !m_valid && !direct;
    wire pairs_run = op_q != FFT;
    // what the datapath knows of the command and the pass: registers, steady before the first word comes
    reg pair_mode_q, pre_q, radix2_q;
    reg [2:0] shift_q;
    wire fft_done, pairs_done, drained;
    wire signed [7:0] fft_exponent;
    wire [31:0] fft_magnitude, largest;
    wire [2:0] fft_shift, pairs_shift;
    always @(posedge clk) begin
        start_q <= s_valid && s_ready;
        if (s_valid && s_ready) begin
            busy_q <= 1'b1;
            op_q <= s_op;
            log2n_q <= s_log2n;
            last30_q <= s_last30;
            magnitude_q <= s_magnitude;
        end
        if (fft_done || pairs_done) begin
            busy_q <= 1'b0;
            m_valid <= 1'b1;
            m_exponent <= pairs_run ? {5'd0, pairs_shift} : fft_exponent;
            m_magnitude <= pairs_run ? largest : fft_magnitude;
        end
        if (m_valid && m_ready)
            m_valid <= 1'b0;
        if (rst) begin
            start_q <= 1'b0;
            busy_q <= 1'b0;
            m_valid <= 1'b0;
        end
    end

    // the sequencers
    wire fft_issue, fft_lane, unit_0, radix2, fft_clear, first, second, pairs_clear, fft_ask, pairs_ask, raising;
    wire [63:0] a_raised;
    wire [MAX_LOG2N-1:0] fft_base, pairs_base;
    wire [13:0] factor_0, factor_1, pairs_factor;
    wire [3:0] digit;
    wire [4:0] up;
    wire [29:0] fft_limit;
    wire [2:0] needed;
    reg [31:0] asked_q; // the comparisons begin a cycle behind the question
    always @(posedge clk)
        asked_q <= pairs_run ? magnitude_q : fft_magnitude;
    nave_headroom headroom (
        .clk(clk), .start(fft_ask || pairs_ask), .magnitude(asked_q),
        .limit(pairs_run ? LIMIT_PAIR : fft_limit), .shift(needed));
    nave_fft #(.MAX_LOG2N(MAX_LOG2N), .LANES(LANES)) fft (
        .clk(clk), .rst(rst), .start(start_q && !pairs_run), .log2n(log2n_q), .last30(last30_q),
        .magnitude(magnitude_q), .done(fft_done), .exponent(fft_exponent), .magnitude_out(fft_magnitude),
        .issue(fft_issue), .issue_lane(fft_lane), .issue_base(fft_base), .factor_0(factor_0), .factor_1(factor_1),
        .unit_0(unit_0), .radix2(radix2), .digit(digit), .shift(fft_shift), .up(up),
        .clear(fft_clear), .drained(drained), .raising(raising), .raised(a_raised[31:0]), .ask(fft_ask),
        .limit(fft_limit), .needed(needed));
    nave_pairs #(.MAX_LOG2N(MAX_LOG2N)) pairs (
        .clk(clk), .rst(rst), .start(start_q && pairs_run), .log2n(log2n_q), .reversed(op_q == PRE), .done(pairs_done),
        .issue_first(first), .issue_second(second), .issue_base(pairs_base), .factor(pairs_factor),
        .shift(pairs_shift), .ask(pairs_ask), .needed(needed), .clear(pairs_clear), .drained(drained));

    always @(posedge clk) begin
        pair_mode_q <= pairs_run;
        pre_q <= op_q == PRE;
        radix2_q <= radix2 && !pairs_run;
        shift_q <= op_q == FFT ? fft_shift : op_q == POST ? pairs_shift + 3'd1 : pairs_shift;
    end

    // 0: one issue register, which stands still for both halves of a butterfly; 5: its words
    localparam WORDS = 5, RAISED = 9; // 6 behind pair.v, 9 behind the shifters
    reg [MAX_LOG2N-1:0] base_q;
    reg single_q;
    genvar g;
    reg [RAISED:0] fly_q, lane_q, second_q;
    reg [WORDS:0] read_q;
    reg first_q;
    always @(posedge clk) begin
        base_q <= pair_mode_q && busy_q ? pairs_base : busy_q ? fft_base : read_address;
        single_q <= pair_mode_q || !busy_q;
        fly_q <= {fly_q[RAISED-1:0], fft_issue};
        lane_q <= {lane_q[RAISED-1:0], fft_lane};
        first_q <= first;
        second_q <= {second_q[RAISED-1:0], second};
        read_q <= {read_q[WORDS-1:0], read && !busy_q};
        if (rst) begin
            fly_q <= {(RAISED+1){1'b0}};
            first_q <= 1'b0;
            second_q <= {(RAISED+1){1'b0}};
            read_q <= {(WORDS+1){1'b0}};
        end
    end
    wire [1:0] bank;
    wire odd, one;
    wire [4*ROW-1:0] read_rows, write_rows;
    wire [255:0] words;
    nave_bank_rows #(.MAX_LOG2N(MAX_LOG2N)) read_banks (
        .clk(clk), .base(base_q), .digit(digit), .single(single_q), .bank_q(bank), .odd_q(odd), .single_q(one),
        .rows(read_rows), .words());
    // a and b, then d and c; a word that is read alone is in a's place, the mirror of a pair's bin in b's
    reg [1:0] from_a_q [0:2], from_b_q [0:2];
    wire [1:0] word_a = one ? 2'd0 : {2{fly_q[2]}}, word_b = one ? 2'd0 : fly_q[2] ? 2'd2 : 2'd1;
    wire [63:0] word_at_a, word_at_b;
    nave_mux4 #(.WIDTH(64)) choose_a (
        .a(words[63:0]), .b(words[127:64]), .c(words[191:128]), .d(words[255:192]), .select(from_a_q[2]),
        .y(word_at_a));
    nave_mux4 #(.WIDTH(64)) choose_b (
        .a(words[63:0]), .b(words[127:64]), .c(words[191:128]), .d(words[255:192]), .select(from_b_q[2]),
        .y(word_at_b));
    reg [63:0] word_a_q, word_b_q;
    integer i;
    always @(posedge clk) begin
        from_a_q[0] <= bank ^ (odd ? {word_a[0], word_a[1]} : word_a);
        from_b_q[0] <= bank ^ (odd ? {word_b[0], word_b[1]} : word_b);
        for (i = 1; i < 3; i = i + 1) begin
            from_a_q[i] <= from_a_q[i-1];
            from_b_q[i] <= from_b_q[i-1];
        end
        if (!second_q[WORDS-1]) // bin k waits for its mirror
            word_a_q <= word_at_a;
        word_b_q <= word_at_b;
    end
    assign read_valid = read_q[WORDS];
    assign read_data = word_a_q;

    // a pair's sums; the first pass's room, of its words and of their magnitude
    reg bin_0_in_q;
    wire [63:0] a, b, b_raised;
    reg [63:0] d_q;
    wire [4:0] raise = pair_mode_q ? 5'd0 : up;
    nave_pair sums (
        .clk(clk), .pair(pair_mode_q), .pre(pre_q), .bin_0(bin_0_in_q), .k(word_a_q), .m(word_b_q), .a(a), .b(b));
    nave_shift_left a_re (.clk(clk), .v(raising ? largest : a[31:0]), .shift(raise), .y(a_raised[31:0]));
    nave_shift_left a_im (.clk(clk), .v(a[63:32]), .shift(raise), .y(a_raised[63:32]));
    nave_shift_left b_re (.clk(clk), .v(b[31:0]), .shift(raise), .y(b_raised[31:0]));
    nave_shift_left b_im (.clk(clk), .v(b[63:32]), .shift(raise), .y(b_raised[63:32]));
    always @(posedge clk) begin
        d_q <= a_raised; // its turn comes after c's
        if (start_q)
            bin_0_in_q <= 1'b1;
        else if (second_q[WORDS])
            bin_0_in_q <= 1'b0;
    end

    // factors: beside their words
    reg [13:0] factor_0_q [0:2], factor_1_q [0:2];
    reg [2:0] unit_q;
    reg [63:0] w_1_q [0:1];
    wire [63:0] w_0, w_1;
    always @(posedge clk) begin
        factor_0_q[0] <= pair_mode_q ? pairs_factor : factor_0;
        factor_1_q[0] <= pair_mode_q ? pairs_factor : factor_1;
        unit_q <= {unit_q[1:0], unit_0 && !pair_mode_q};
        for (i = 1; i < 3; i = i + 1) begin
            factor_0_q[i] <= factor_0_q[i-1];
            factor_1_q[i] <= factor_1_q[i-1];
        end
        w_1_q[0] <= w_1; // lane 1 is two cycles later
        w_1_q[1] <= w_1_q[0];
    end
    nave_twiddle #(.LANES(LANES)) twiddle (
        .clk(clk), .k_0(factor_0_q[2]), .k_1(factor_1_q[2]), .unit_0(unit_q[2]), .conjugate(pair_mode_q && !pre_q),
        .w_re_0(w_0[31:0]), .w_im_0(w_0[63:32]), .w_re_1(w_1[31:0]), .w_im_1(w_1[63:32]));

    // the multipliers
    wire load = fly_q[RAISED] || second_q[RAISED];
    wire [2:0] turn [0:1];
    wire [123:0] narrow [0:1];
    generate
        for (g = 0; g < 2; g = g + 1) begin : multiplier
            if (g < LANES) begin : lane
                wire [127:0] product;
                nave_lane #(.MULTIPLIES(MULTIPLIES), .DSP(DSP), .DSP_LAST(DSP_LAST)) unit (
                    .clk(clk), .rst(rst), .start(load && (lane_q[RAISED] && !pair_mode_q) == (g == 1)),
                    .pair(pair_mode_q), .b_or_c(b_raised), .d(d_q), .w(g == 0 ? w_0 : w_1_q[1]), .direct(direct),
                    .direct_split(direct_split && g == 0), .direct_x(direct_x[64*g +: 64]),
                    .direct_h(direct_h[64*g +: 64]), .product(product), .turn(turn[g]));
                assign direct_product[128*g +: 128] = product;
                assign narrow[g] = {product[125:64], product[61:0]};
            end else begin : none
                assign turn[g] = 3'd0;
                assign narrow[g] = 124'd0;
                wire unused = &{1'b0, w_1_q[1]};
            end
        end
    endgenerate

    // the butterfly: what has no factor, b and c wait for d; a lane has its b and c while the other has its d
    wire other = |turn[1][1:0];
    wire [123:0] b_or_c = other ? narrow[1] : narrow[0], of_d = other || !turn[1][2] ? narrow[0] : narrow[1];
    reg [123:0] b_q, c_q;
    reg pair_go_q;
    wire go = pair_go_q || turn[0][2] || turn[1][2];
    wire first_out, second_out;
    reg bin_0_q;
    wire [63:0] a_kept, p, q;
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) kept (
        .clk(clk), .rst(rst), .push(load), .in(a_raised), .pop(go), .out(a_kept));
    always @(posedge clk) begin
        if (turn[0][0] || turn[1][0])
            b_q <= b_or_c;
        if (pair_mode_q)
            c_q <= 124'd0;
        else if (turn[0][1] || turn[1][1])
            c_q <= b_or_c;
        pair_go_q <= pair_mode_q && turn[0][0] && !rst;
        if (start_q)
            bin_0_q <= 1'b1;
        else if (go)
            bin_0_q <= 1'b0;
    end
    nave_butterfly butterfly (
        .clk(clk), .rst(rst), .radix2(radix2_q), .pair(pair_mode_q), .pre(pre_q), .shift(shift_q), .go(go),
        .bin_0(bin_0_q), .a(a_kept), .b(b_q), .c(c_q), .d(of_d), .first(first_out), .second(second_out), .p(p), .q(q));

    // back to where they came from
    wire [MAX_LOG2N-1:0] home;
    reg [63:0] p_word_q, q_word_q, p_word_1_q, q_word_1_q;
    reg [MAX_LOG2N-1:0] to_base_q;
    reg to_valid_q, to_valid_1_q, to_single_q, to_late_q, to_late_1_q, bin_0_out_q;
    wire out = first_out || second_out, pop = second_out || (pair_mode_q && first_out);
    wire push = fly_q[0] || first_q || second_q[0];
    nave_queue #(.WIDTH(MAX_LOG2N), .LOG2_DEPTH(5)) homes (
        .clk(clk), .rst(rst), .push(push), .in(base_q), .pop(pop), .out(home));
    always @(posedge clk) begin
        if (start_q)
            bin_0_out_q <= 1'b1;
        else if (second_out)
            bin_0_out_q <= 1'b0;
        // bin 0 is its own mirror
        to_valid_q <= (first_out || (second_out && !(pair_mode_q && bin_0_out_q)) || write) && !rst;
        to_valid_1_q <= to_valid_q && !direct;
        to_single_q <= !out || pair_mode_q;
        to_late_q <= second_out;
        to_late_1_q <= to_late_q;
        to_base_q <= out ? home : write_address;
        p_word_q <= out ? p : write_data;
        p_word_1_q <= p_word_q;
        q_word_q <= q;
        if (direct)
            q_word_1_q <= 64'd0; // the banks take what the CMAC gives them
        else
            q_word_1_q <= q_word_q;
    end
    wire [1:0] to_bank;
    wire to_single;
    wire [7:0] to_which;
    nave_bank_rows #(.MAX_LOG2N(MAX_LOG2N)) write_banks (
        .clk(clk), .base(to_base_q), .digit(digit), .single(to_single_q), .bank_q(to_bank), .odd_q(),
        .single_q(to_single), .rows(write_rows), .words(to_which));
    wire [3:0] write_banks_on, p_to;
    generate
        for (g = 0; g < 4; g = g + 1) begin : to
            wire [1:0] i_of = to_which[2*g +: 2]; // radix 4: 0 and 2, then 1 and 3; radix 2: 0 and 1, then 2 and 3
            wire late = radix2_q ? i_of[1] : i_of[0], of_q = radix2_q ? i_of[0] : i_of[1];
            assign write_banks_on[g] = to_valid_1_q && (to_single ? to_bank == g : late == to_late_1_q);
            assign p_to[g] = direct ? g == 0 : to_single || !of_q;
        end
    endgenerate
    nave_magnitude #(.WORDS(4)) result (
        .clk(clk), .clear(fft_clear || pairs_clear || write_clear),
        .valid({{2{to_valid_q && !to_single_q}}, {2{to_valid_q}}}), .v({q_word_q, p_word_q}), .magnitude(largest));
    assign write_magnitude = largest;

    // drained: nothing on its way, and long enough for the last word and its magnitude
    localparam [2:0] QUIET = 3'd3;
    reg [5:0] away_q;
    reg [2:0] quiet_q;
    assign drained = quiet_q == QUIET;
    always @(posedge clk) begin
        away_q <= rst ? 6'd0 : away_q + {5'd0, push} - {5'd0, pop};
        quiet_q <= rst || push || away_q != 6'd0 ? 3'd0 : drained ? QUIET : quiet_q + 3'd1;
    end

    nave_buffer #(.MAX_LOG2N(MAX_LOG2N), .LANES(LANES)) buffer (
        .clk(clk), .read_rows(read_rows), .read_words(words), .write(write_banks_on), .write_rows(write_rows),
        .write_p_word(p_word_1_q), .write_q_word(q_word_1_q), .write_p_to(p_to), .direct(direct),
        .direct_read(direct_read), .direct_words(direct_words),
        .direct_write(direct_write), .direct_write_address(direct_write_address),
        .direct_write_words(direct_write_words));
endmodule

`default_nettype wire
