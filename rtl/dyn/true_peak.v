// True-peak detector (twin of sim/model/true_peak.c): of both channels' sample in the middle of the last 32,
//   peak = max(|x|, |P0|, |P1|, |P2|, |P3|), Pp = sum of 32 narrow words times taps;   above = |A| likewise
// The narrow words are Q4.14, the taps Q2.16. A pair of words with one tap is added first: P2, A and most of P0 are
// symmetric, and P1 + P3 and P1 - P3 take 16 multiplies each. What is added and multiplied when is a program
// (true_peak.hex, made by scripts/gen/true_peak_program.py); both channels follow it, one 18x18 multiplier each.
// Up to four signals: each has a history of its own, that takes a frame with s_* and gives a reading with m_*.
// A reading is of each channel, of a signal with `above` the louder channel's.
// Histories are silent after rst, which takes 512 clocks more.
// Rate: a frame in 84 clocks with `above`, 68 without. Latency 119 and 103. Two readings may be under way.
// |P1| and |P3|: the larger is (|P1 + P3| + |P1 - P3|) / 2.
// Growth: sums are exact in 38 bits (the generator proves it). One rounding of the largest; overflow: limited to
// 32 unsigned bits.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_true_peak (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [1:0]  s_signal,
    input  wire        s_above, // wants m_above too
    input  wire [63:0] s_data,  // Q4.28; channel 0 is low
    output wire        m_valid,
    input  wire        m_ready,
    output wire [1:0]  m_signal,
    output wire [63:0] m_peak,  // Q28, unsigned; of the louder channel: the high word
    output wire [31:0] m_above
);
    localparam SETTLE = 3;  // clocks from a sample to its narrow word
    localparam READ = 4;    // clocks from a slot of the program to the words that it reads
    localparam MULTIPLY = 4; // clocks from there to its product
    localparam SUM = 38;

    // a frame that waits: its narrow words settle, then it is written in three clocks
    reg held_q, above_q;
    reg [1:0] signal_q;
    reg [63:0] x_q;
    reg [SETTLE-1:0] settled_q;
    reg [1:0] put_q; // 1 narrow, 2 upper, 3 lower
    reg [8:0] clear_q;
    reg clearing_q;
    // the run
    reg running_q, end_q;
    reg [7:0] slot_q;
    reg [1:0] run_q, run_1_q, run_2_q;
    reg [4:0] at_q [0:3], now_q, now_1_q, now_2_q;
    reg [1:0] owed_q; // readings that were begun and not taken
    wire take = s_valid && s_ready, give = m_valid && m_ready;
    wire near_end;
    wire begins = held_q && settled_q[SETTLE-1] && put_q == 2'd0 && (!running_q || near_end) && owed_q != 2'd2;
    assign s_ready = !held_q && !clearing_q;
    wire [4:0] next_at = at_q[signal_q] + 5'd1;
    integer i;
    always @(posedge clk) begin
        if (take) begin
            x_q <= s_data;
            signal_q <= s_signal;
            above_q <= s_above;
        end
        settled_q <= {settled_q[SETTLE-2:0] & {(SETTLE-1){held_q}}, held_q};
        slot_q <= begins ? {!above_q, 7'd0} : slot_q + 8'd1;
        if (begins) begin
            run_q <= signal_q;
            now_q <= next_at;
            at_q[signal_q] <= next_at;
        end
        {now_2_q, now_1_q} <= {now_1_q, now_q};
        {run_2_q, run_1_q} <= {run_1_q, run_q};
        put_q <= begins ? 2'd1 : put_q == 2'd0 ? 2'd0 : put_q + 2'd1;
        held_q <= take || (held_q && put_q != 2'd3);
        running_q <= begins || (running_q && !near_end);
        end_q <= running_q && near_end;
        owed_q <= owed_q + {1'b0, begins} - {1'b0, give};
        clear_q <= clear_q + 9'd1;
        clearing_q <= clearing_q && clear_q != 9'd511;
        if (rst) begin
            held_q <= 1'b0;
            settled_q <= {SETTLE{1'b0}};
            put_q <= 2'd0;
            running_q <= 1'b0;
            end_q <= 1'b0;
            owed_q <= 2'd0;
            clear_q <= 9'd0;
            clearing_q <= 1'b1;
            for (i = 0; i < 4; i = i + 1)
                at_q[i] <= 5'd0;
        end
    end

    // the program: fields of a slot; those of the multiplication wait for what is read
    wire [35:0] line;
    nave_rom #(.ADDRESS_WIDTH(8), .WIDTH(36), .FILE("rtl/dyn/true_peak.hex")) program_rom (
        .clk(clk), .address_0(slot_q), .address_1(8'd0), .other_0(1'b0), .other_1(1'b0), .data_0(line), .data_1());
    reg [1:0] busy_q; // the slot at `line` is of a run
    assign near_end = line[33] && busy_q[1];
    wire [1:0] kind = busy_q[1] ? line[31:30] : 2'd0;
    wire unused_line = &{1'b0, line[35:34]};
    reg [8:0] read_q, write_q;
    reg write_enable_q;
    reg [2:0] load_q [0:READ-2]; // kind, and whether it is b
    reg [24:0] multiply_q [0:READ-1];
    reg [READ+MULTIPLY:0] last_q;
    wire [24:0] now = multiply_q[READ-1];
    always @(posedge clk) begin
        busy_q <= {busy_q[0], running_q};
        read_q <= {run_2_q, kind, now_2_q - line[29:25]};
        write_q <= clearing_q ? clear_q : {run_q, put_q, now_q};
        write_enable_q <= clearing_q || put_q != 2'd0;
        load_q[0] <= {line[32], kind};
        multiply_q[0] <= {line[24] && busy_q[1], line[23:0]};
        for (i = 1; i < READ - 1; i = i + 1)
            load_q[i] <= load_q[i-1];
        for (i = 1; i < READ; i = i + 1)
            multiply_q[i] <= multiply_q[i-1];
        last_q <= rst ? {(READ+MULTIPLY+1){1'b0}} : {last_q[READ+MULTIPLY-1:0], end_q};
    end
    reg [17:0] tap_q [1:MULTIPLY-1];
    reg [4:0] sum_q [1:MULTIPLY]; // valid, fresh, number
    reg bank_q; // sums of one run are read while those of the next are made
    wire last = last_q[READ+MULTIPLY];
    always @(posedge clk) begin
        tap_q[1] <= now[17:0];
        sum_q[1] <= {now[24], now[21:18]};
        for (i = 2; i < MULTIPLY; i = i + 1)
            tap_q[i] <= tap_q[i-1];
        for (i = 2; i <= MULTIPLY; i = i + 1)
            sum_q[i] <= sum_q[i-1];
        bank_q <= !rst && (bank_q ^ last);
    end

    // both channels
    reg [2:0] number_q; // of the sum that is read, below
    reg read_bank_q;
    wire [2*SUM-1:0] sums;
    wire [63:0] middles;
    genvar g;
    generate
        for (g = 0; g < 2; g = g + 1) begin : channel
            wire signed [31:0] x = x_q[32*g +: 32];
            wire signed [18:0] rounded;
            wire signed [17:0] narrow;
            nave_round_even #(.WIDTH(33), .FIXED(14), .SHIFT_WIDTH(1), .OUT(19)) round (
                .clk(clk), .v({x[31], x}), .shift(1'b0), .y(rounded));
            nave_saturate #(.WIDTH(19), .OUT(18)) limit (.v(rounded), .y(narrow), .limited());
            reg [17:0] write_data_q;
            wire [17:0] word;
            nave_ram #(.ADDRESS_WIDTH(9), .WIDTH(18)) history (
                .clk(clk), .write(write_enable_q), .write_address(write_q), .write_data(write_data_q),
                .read_address(read_q), .read_data(word));
            reg signed [17:0] a_q, b_q;
            reg [31:0] middle_q;
            reg [18:0] pair_q;
            reg [1:0] lowest_q; // bit 0 of a pair, beside its product
            wire [18:0] pair;
            nave_sum #(.WIDTH(19)) add_words (
                .a({a_q[17], a_q}), .b({b_q[17], b_q}), .with_b(now[22]), .invert(now[23]), .carry(now[23]),
                .y(pair));
            wire [35:0] product;
            nave_mul18 #(.SIGNED_A(1), .SIGNED_B(1)) multiply (
                .clk(clk), .a(pair_q[18:1]), .b(tap_q[1]), .p(product));
            // the lowest bit of a sum of two words has no place in the multiplier
            reg [36:0] product_q;
            wire [36:0] whole;
            nave_sum #(.WIDTH(37)) add_lowest (
                .a({product, 1'b0}), .b({{19{tap_q[3][17]}}, tap_q[3]}), .with_b(lowest_q[1]), .invert(1'b0),
                .carry(1'b0), .y(whole));
            reg [SUM-1:0] sum [0:15];
            wire [SUM-1:0] sum_next;
            nave_sum #(.WIDTH(SUM)) accumulate (
                .a({product_q[36], product_q}), .b(sum[{bank_q, sum_q[4][2:0]}]), .with_b(!sum_q[4][3]),
                .invert(1'b0), .carry(1'b0), .y(sum_next));
            assign sums[SUM*g +: SUM] = sum[{read_bank_q, number_q}];
            assign middles[32*g +: 32] = middle_q;
            always @(posedge clk) begin
                case (put_q)
                    2'd1: write_data_q <= narrow;
                    2'd2: write_data_q <= {2'b00, x[31:16]};
                    2'd3: write_data_q <= {2'b00, x[15:0]};
                    default: write_data_q <= 18'd0;
                endcase
                if (load_q[READ-2] == 3'b001)
                    a_q <= word;
                if (load_q[READ-2] == 3'b101)
                    b_q <= word;
                if (load_q[READ-2] == 3'b010)
                    middle_q[31:16] <= word[15:0];
                if (load_q[READ-2] == 3'b011)
                    middle_q[15:0] <= word[15:0];
                pair_q <= pair;
                lowest_q <= {lowest_q[0], pair_q[0]};
                product_q <= whole;
                if (sum_q[4][4])
                    sum[{bank_q, sum_q[4][2:0]}] <= sum_next;
            end
        end
    endgenerate

    // readings from pairs of words: |P1 + P3| and |P1 - P3|, P0 twice, P2 twice, the sample in the middle twice; one
    // channel after the other, then A twice of each. Twice a magnitude is the sum of a pair's.
    localparam [2:0] BOTH = 3'd0, MIDDLE = 3'd3, ABOVE = 3'd4, DIFFERENCE = 3'd5;
    localparam ROUND = 3;
    localparam [4:0] PEAKS_0 = 5'b00111, PEAKS_1 = 5'b01111, LAST = 5'b10011;
    reg pending_q, reading_q, full_q, begin_bank_q;
    reg [1:0] of_bank_q [0:1], signal_out_q;
    reg joint_of_bank_q [0:1], joint_q;
    reg [4:0] step_q; // 0, channel, pair, first or second; then 1, 0, 0, channel, first or second
    wire starts = pending_q && !reading_q && !full_q;
    reg [4:0] step_1_q, step_2_q, step_3_q, step_4_q;
    reg [3:0] go_q;
    reg [SUM-1:0] v_q, size_q, before_q, twice_q, largest_q;
    wire [SUM-1:0] v, size, twice;
    wire signed [31:0] middle_0 = middles[31:0], middle_1 = middles[63:32];
    wire of_middle = !step_1_q[4] && step_1_q[2:1] == MIDDLE[1:0];
    wire of_high = step_1_q[4] ? step_1_q[1] : step_1_q[3];
    nave_mux4 #(.WIDTH(SUM)) choose (
        .a(sums[SUM-1:0]), .b(sums[2*SUM-1:SUM]), .c({{4{middle_0[31]}}, middle_0, 2'b00}),
        .d({{4{middle_1[31]}}, middle_1, 2'b00}), .select({of_middle, of_high}), .y(v));
    nave_sum #(.WIDTH(SUM)) absolute (
        .a({SUM{1'b0}}), .b(v_q), .with_b(1'b1), .invert(v_q[SUM-1]), .carry(v_q[SUM-1]), .y(size));
    assign twice = size_q + before_q;
    wire joins = joint_q && (step_4_q[4] ? step_4_q[1] : step_4_q[3]);
    wire first_pair = !joins && (step_4_q[4] || step_4_q[2:1] == BOTH[1:0]);
    reg [ROUND:0] peak_q, above_out_q; // the largest is that of a channel's peak, of what lies above
    wire signed [SUM-3:0] rounded;
    nave_round_even #(.WIDTH(SUM+1), .FIXED(3), .SHIFT_WIDTH(1), .OUT(SUM-2)) round (
        .clk(clk), .v({1'b0, largest_q}), .shift(1'b0), .y(rounded));
    wire [31:0] reading;
    wire signed [32:0] limited;
    wire unused = &{1'b0, limited[32]}; // magnitudes
    nave_saturate #(.WIDTH(SUM-2), .OUT(33)) limit (.v(rounded), .y(limited), .limited());
    assign reading = limited[31:0];
    reg [63:0] m_peak_q;
    reg [31:0] m_above_q;
    always @(posedge clk) begin
        if (begins) begin
            of_bank_q[begin_bank_q] <= signal_q;
            joint_of_bank_q[begin_bank_q] <= above_q;
        end
        begin_bank_q <= begin_bank_q ^ begins;
        pending_q <= last || (pending_q && !starts);
        if (last)
            read_bank_q <= bank_q;
        if (starts) begin
            signal_out_q <= of_bank_q[read_bank_q];
            joint_q <= joint_of_bank_q[read_bank_q];
        end
        reading_q <= starts || (reading_q && step_q != LAST);
        step_q <= starts ? 5'd0 : step_q + 5'd1;
        number_q <= step_q[4] ? ABOVE : step_q[2:0] == 3'd1 ? DIFFERENCE : {1'b0, step_q[2:1]};
        step_1_q <= step_q;
        step_2_q <= step_1_q;
        step_3_q <= step_2_q;
        step_4_q <= step_3_q;
        go_q <= {go_q[2:0], reading_q};
        v_q <= v;
        size_q <= size;
        before_q <= size_q;
        twice_q <= twice;
        if (go_q[3] && step_4_q[0] && (first_pair || twice_q > largest_q))
            largest_q <= twice_q;
        peak_q <= {peak_q[ROUND-1:0], go_q[3] && (step_4_q == PEAKS_0 || step_4_q == PEAKS_1)};
        above_out_q <= {above_out_q[ROUND-1:0], go_q[3] && step_4_q == LAST};
        if (peak_q[ROUND])
            m_peak_q <= {reading, m_peak_q[63:32]};
        if (above_out_q[ROUND])
            m_above_q <= reading;
        full_q <= above_out_q[ROUND] || (full_q && !m_ready);
        if (rst) begin
            begin_bank_q <= 1'b0;
            pending_q <= 1'b0;
            reading_q <= 1'b0;
            full_q <= 1'b0;
            go_q <= 4'd0;
            above_out_q <= {(ROUND+1){1'b0}};
        end
    end
    assign m_valid = full_q;
    assign m_signal = signal_out_q;
    assign m_peak = m_peak_q;
    assign m_above = m_above_q;
endmodule

`default_nettype wire
