// Work memory, multipliers and sequencers of the transforms: FFT, post and pre in place on one buffer, one at a time.
// While idle the buffer takes words (load.v), gives words (overlap.v, stores), and the CMAC may have buffer and
// multipliers to itself (`direct`).
//   s_op: 0 FFT (input digit-reversed), 1 post (natural), 2 pre (digit-reversed)
// Latency: see fft.v and pairs.v; a word is read in 6 cycles, written in 3. Numbers and overflow: see the blocks.
// A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_transform #(
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter MULTIPLIES = 3,
    parameter DSP = 3,
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
    input  wire [63:0]             write_data,
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
    input  wire [4*LANES*64-1:0]   direct_write_words
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
    reg pair_mode_q, pre_q, radix2_q, trivial_q;
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
    wire fft_issue, fft_lane, unit_0, trivial, radix2, fft_clear, first, second, pairs_clear;
    wire [MAX_LOG2N-1:0] fft_base, pairs_base;
    wire [13:0] factor_0, factor_1, pairs_factor;
    wire [3:0] digit;
    wire [4:0] up;
    wire [29:0] fft_limit;
    wire [2:0] needed;
    nave_headroom headroom (
        .clk(clk), .magnitude(pairs_run ? magnitude_q : fft_magnitude), .limit(pairs_run ? LIMIT_PAIR : fft_limit),
        .shift(needed));
    nave_fft #(.MAX_LOG2N(MAX_LOG2N), .LANES(LANES)) fft (
        .clk(clk), .rst(rst), .start(start_q && !pairs_run), .log2n(log2n_q), .last30(last30_q),
        .magnitude(magnitude_q), .done(fft_done), .exponent(fft_exponent), .magnitude_out(fft_magnitude),
        .issue(fft_issue), .issue_lane(fft_lane), .issue_base(fft_base), .factor_0(factor_0), .factor_1(factor_1),
        .unit_0(unit_0), .trivial(trivial), .radix2(radix2), .digit(digit), .shift(fft_shift), .up(up),
        .clear(fft_clear), .drained(drained), .largest(largest), .limit(fft_limit), .needed(needed));
    nave_pairs #(.MAX_LOG2N(MAX_LOG2N)) pairs (
        .clk(clk), .rst(rst), .start(start_q && pairs_run), .log2n(log2n_q), .reversed(op_q == PRE), .done(pairs_done),
        .issue_first(first), .issue_second(second), .issue_base(pairs_base), .factor(pairs_factor),
        .shift(pairs_shift), .needed(needed), .clear(pairs_clear), .drained(drained));

    always @(posedge clk) begin
        pair_mode_q <= pairs_run;
        pre_q <= op_q == PRE;
        radix2_q <= radix2 && !pairs_run;
        trivial_q <= trivial && !pairs_run;
        shift_q <= op_q == FFT ? fft_shift : op_q == POST ? pairs_shift + 3'd1 : pairs_shift;
    end

    // 0: one issue register; 5: the words
    reg [MAX_LOG2N-1:0] base_q;
    reg single_q;
    reg [5:0] fly_q, lane_q, second_q, read_q;
    reg first_q;
    always @(posedge clk) begin
        base_q <= first || second ? pairs_base : fft_issue ? fft_base : read_address;
        single_q <= !fft_issue;
        fly_q <= {fly_q[4:0], fft_issue};
        lane_q <= {lane_q[4:0], fft_lane};
        first_q <= first;
        second_q <= {second_q[4:0], second};
        read_q <= {read_q[4:0], read && !busy_q};
        if (rst) begin
            fly_q <= 6'd0;
            first_q <= 1'b0;
            second_q <= 6'd0;
            read_q <= 6'd0;
        end
    end
    wire [1:0] bank;
    wire odd;
    wire [4*ROW-1:0] read_rows, write_rows;
    wire [255:0] words;
    nave_bank_rows #(.MAX_LOG2N(MAX_LOG2N)) read_banks (
        .clk(clk), .base(base_q), .digit(digit), .single(single_q), .bank_q(bank), .odd_q(odd),
        .single_q(), .rows(read_rows), .words());
    reg [5:0] bank_q;
    reg [2:0] odd_q;
    reg [63:0] x_q [0:3];
    integer i;
    genvar g;
    generate
        for (g = 0; g < 4; g = g + 1) begin : word
            localparam [1:0] I = g;
            wire [1:0] from = bank_q[5:4] + (odd_q[2] ? {I[0], I[1]} : I);
            always @(posedge clk)
                x_q[g] <= words[64*from +: 64];
        end
    endgenerate
    always @(posedge clk) begin
        bank_q <= {bank_q[3:0], bank};
        odd_q <= {odd_q[1:0], odd};
    end
    assign read_valid = read_q[5];
    assign read_data = x_q[0];

    // a pair: A and B at 6
    reg [63:0] z_k_q, a_pair_q, b_pair_q;
    reg bin_0_in_q, pair_load_q;
    wire [63:0] post_a, post_b, pre_a, pre_b, x_k, x_m, z_k, z_m;
    reg bin_0_q;
    wire [255:0] y;
    nave_post post (
        .z_k(z_k_q), .z_m(x_q[0]), .a(post_a), .b(post_b), .bin_0(bin_0_q), .y1(y[127:64]), .y3(y[255:192]),
        .x_k(x_k), .x_m(x_m));
    nave_pre pre_pair (
        .bin_0_in(bin_0_in_q), .y_k(z_k_q), .y_m(x_q[0]), .a(pre_a), .b(pre_b), .bin_0(bin_0_q), .y1(y[127:64]),
        .y3(y[255:192]), .z_k(z_k), .z_m(z_m));
    always @(posedge clk) begin
        z_k_q <= x_q[0];
        a_pair_q <= pre_q ? pre_a : post_a;
        b_pair_q <= pre_q ? pre_b : post_b;
        pair_load_q <= second_q[5] && !rst;
        if (start_q)
            bin_0_in_q <= 1'b1;
        else if (second_q[5])
            bin_0_in_q <= 1'b0;
    end

    // factors: of the first product 4 cycles after its words
    reg [13:0] pairs_factor_q, factor_0_q [0:2], factor_1_q [0:2];
    reg [2:0] unit_q;
    reg [63:0] w_1_q;
    wire [63:0] w_0, w_1;
    always @(posedge clk) begin
        pairs_factor_q <= pairs_factor;
        factor_0_q[0] <= pair_mode_q ? pairs_factor_q : factor_0;
        factor_1_q[0] <= pair_mode_q ? pairs_factor_q : factor_1;
        unit_q <= {unit_q[1:0], unit_0 && !pair_mode_q};
        for (i = 1; i < 3; i = i + 1) begin
            factor_0_q[i] <= factor_0_q[i-1];
            factor_1_q[i] <= factor_1_q[i-1];
        end
        w_1_q <= w_1; // lane 1 is one cycle later
    end
    nave_twiddle #(.LANES(LANES)) twiddle (
        .clk(clk), .k_0(factor_0_q[2]), .k_1(factor_1_q[2]), .unit_0(unit_q[2]), .conjugate(pre_q),
        .w_re_0(w_0[31:0]), .w_im_0(w_0[63:32]), .w_re_1(w_1[31:0]), .w_im_1(w_1[63:32]));

    // the multipliers
    wire [1:0] last;
    wire [247:0] lane_b, lane_c, lane_d;
    wire flying = fly_q[5] && !trivial_q;
    generate
        for (g = 0; g < 2; g = g + 1) begin : multiplier
            if (g < LANES) begin : lane
                wire mine = flying && lane_q[5] == (g == 1);
                nave_lane #(.MULTIPLIES(MULTIPLIES), .DSP(DSP)) unit (
                    .clk(clk), .rst(rst), .load(mine || (g == 0 && pair_load_q)), .pair(g == 0 && pair_mode_q),
                    .inputs({x_q[3], x_q[2], g == 0 && pair_mode_q ? b_pair_q : x_q[1]}), .up(pair_mode_q ? 5'd0 : up),
                    .w_re(g == 0 ? w_0[31:0] : w_1_q[31:0]), .w_im(g == 0 ? w_0[63:32] : w_1_q[63:32]),
                    .direct(direct), .direct_split(direct_split && g == 0), .direct_x(direct_x[64*g +: 64]),
                    .direct_h(direct_h[64*g +: 64]), .product(direct_product[128*g +: 128]), .last(last[g]),
                    .b(lane_b[124*g +: 124]), .c(lane_c[124*g +: 124]), .d(lane_d[124*g +: 124]));
            end else begin : none
                assign last[g] = 1'b0;
                assign lane_b[124*g +: 124] = 124'd0;
                assign lane_c[124*g +: 124] = 124'd0;
                assign lane_d[124*g +: 124] = 124'd0;
                wire unused = &{1'b0, w_1_q};
            end
        end
    endgenerate

    // the input that has no factor waits for the products of the others
    wire [63:0] a_raised, a_kept;
    nave_shift_left up_re (
        .clk(clk), .v(pair_mode_q ? a_pair_q[31:0] : x_q[0][31:0]), .shift(pair_mode_q ? 5'd0 : up), .y(a_raised[31:0]));
    nave_shift_left up_im (
        .clk(clk), .v(pair_mode_q ? a_pair_q[63:32] : x_q[0][63:32]), .shift(pair_mode_q ? 5'd0 : up),
        .y(a_raised[63:32]));
    reg [2:0] keep_q;
    always @(posedge clk)
        keep_q <= rst ? 3'd0 : {keep_q[1:0], flying || pair_load_q};
    nave_queue #(.WIDTH(64), .LOG2_DEPTH(4)) kept (
        .clk(clk), .rst(rst), .push(keep_q[2]), .in(a_raised), .pop(|last), .out(a_kept));

    // the butterfly
    function [123:0] unity(input [63:0] v); // times 1 in Q2.29
        unity = {v[63], v[63:32], 29'd0, v[31], v[31:0], 29'd0};
    endfunction
    reg [123:0] a_q, b_q, c_q, d_q;
    reg [6:0] summed_q;
    wire direct_pass = fly_q[5] && trivial_q;
    always @(posedge clk) begin
        a_q <= unity(direct_pass ? x_q[0] : a_kept);
        b_q <= direct_pass ? unity(radix2_q ? x_q[2] : x_q[1]) : last[1] ? lane_b[247:124] : lane_b[123:0];
        c_q <= direct_pass ? unity(radix2_q ? x_q[1] : x_q[2]) : last[1] ? lane_c[247:124] : lane_c[123:0];
        d_q <= direct_pass ? unity(x_q[3]) : last[1] ? lane_d[247:124] : lane_d[123:0];
        summed_q <= rst ? 7'd0 : {summed_q[5:0], direct_pass || |last};
    end
    wire rounded = summed_q[6];
    nave_butterfly butterfly (
        .clk(clk), .radix2(radix2_q), .shift(shift_q), .a(a_q), .b(b_q), .c(c_q), .d(d_q), .y(y));

    // back to where they came from
    wire [MAX_LOG2N-1:0] home;
    reg mirror_q, to_valid_q, to_single_q;
    reg [63:0] mirror_word_q;
    reg [255:0] to_words_q, to_words_1_q;
    reg [MAX_LOG2N-1:0] to_base_q;
    reg to_valid_1_q, mirror_bin_0_q;
    wire pop = rounded || mirror_q, push = fly_q[0] || first_q || second_q[0];
    nave_queue #(.WIDTH(MAX_LOG2N), .LOG2_DEPTH(5)) homes (
        .clk(clk), .rst(rst), .push(push), .in(base_q), .pop(pop), .out(home));
    always @(posedge clk) begin
        mirror_q <= rounded && pair_mode_q && !rst;
        mirror_word_q <= pre_q ? z_m : x_m;
        mirror_bin_0_q <= bin_0_q;
        if (start_q)
            bin_0_q <= 1'b1;
        else if (rounded)
            bin_0_q <= 1'b0;
        to_valid_q <= (rounded || (mirror_q && !mirror_bin_0_q) || write) && !rst;
        to_single_q <= !rounded || pair_mode_q;
        to_base_q <= pop ? home : write_address;
        to_words_q <= {y[255:64], mirror_q ? mirror_word_q : !rounded ? write_data : !pair_mode_q ? y[63:0] :
            pre_q ? z_k : x_k};
        to_words_1_q <= to_words_q;
        to_valid_1_q <= to_valid_q;
    end
    wire [1:0] to_bank;
    wire to_single;
    wire [7:0] to_which;
    nave_bank_rows #(.MAX_LOG2N(MAX_LOG2N)) write_banks (
        .clk(clk), .base(to_base_q), .digit(digit), .single(to_single_q), .bank_q(to_bank), .odd_q(),
        .single_q(to_single), .rows(write_rows), .words(to_which));
    wire [3:0] write_banks_on;
    wire [255:0] write_words;
    generate
        for (g = 0; g < 4; g = g + 1) begin : to
            wire [1:0] which = to_single ? 2'd0 : to_which[2*g +: 2];
            assign write_banks_on[g] = to_valid_1_q && (!to_single || to_bank == g);
            assign write_words[64*g +: 64] = to_words_1_q[64*which +: 64];
        end
    endgenerate
    nave_magnitude #(.WORDS(8)) result (
        .clk(clk), .clear(fft_clear || pairs_clear), .valid({{6{to_valid_q && !to_single_q}}, {2{to_valid_q}}}),
        .v(to_words_q), .magnitude(largest));

    // drained: nothing on its way, and long enough for the last word and its magnitude
    reg [5:0] away_q;
    reg [2:0] quiet_q;
    assign drained = quiet_q == 3'd7;
    always @(posedge clk) begin
        away_q <= rst ? 6'd0 : away_q + {5'd0, push} - {5'd0, pop};
        quiet_q <= rst || push || away_q != 6'd0 ? 3'd0 : drained ? 3'd7 : quiet_q + 3'd1;
    end

    nave_buffer #(.MAX_LOG2N(MAX_LOG2N), .LANES(LANES)) buffer (
        .clk(clk), .read_rows(read_rows), .read_words(words), .write(write_banks_on), .write_rows(write_rows),
        .write_words(write_words), .direct(direct), .direct_read(direct_read), .direct_words(direct_words),
        .direct_write(direct_write), .direct_write_address(direct_write_address),
        .direct_write_words(direct_write_words));
endmodule

`default_nettype wire
