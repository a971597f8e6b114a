// Meters of a tick (twin of sim/model/dyn_meters.c): of input and output and of both channels the largest sample, the
// largest true peak and the sum of squares; of bands and limiter the lowest gain.
// s_*: a frame, x before the engine, y after it; s_last marks the tick's last, after which m_* gives its words in the
// order of the METERS frame, and all begins anew. b_*: the gains of a band and frame, b_first and b_last those of the
// tick's first frame and the last of its last; a band that is further than that waits. t_*, r_*: to and from a true-peak
// detector: signal INPUT and OUTPUT.
// Silent after rst, which takes 32 clocks more. A frame takes 56 clocks, 5 more for each band, 10 for readings. Latency: the words begin when all of the tick is in.
// Growth: squares are cut to Q40, whose sums have 64 bits: modulo that, as the twin's.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_dyn_meters #(
    parameter [1:0] INPUT = 2'd1,
    parameter [1:0] OUTPUT = 2'd2
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        stereo,    // else channel 1 is left out; its words must be 0. This and the next: steady in a stream
    input  wire        true_peak,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [63:0] s_x,       // Q4.28, channel 0 is low
    input  wire [63:0] s_y,
    input  wire [31:0] s_gain,    // of the limiter, log2 Q7.25
    input  wire [3:0]  s_bands,   // how many there are
    input  wire        s_last,
    input  wire        b_valid,
    output wire        b_ready,
    input  wire [2:0]  b_band,
    input  wire [63:0] b_gain,    // log2 Q7.25
    input  wire        b_first,
    input  wire        b_last,
    output wire        t_valid,
    input  wire        t_ready,
    output wire [1:0]  t_signal,
    output wire [63:0] t_data,
    input  wire        r_valid,
    output wire        r_ready,
    input  wire [1:0]  r_signal,
    input  wire [63:0] r_peak,
    output wire        m_valid,
    input  wire        m_ready,
    output wire [31:0] m_data,
    output wire        m_last
);
    // words as they are sent: {channel, side, one of these}, then {band, channel}
    localparam [1:0] PEAK = 2'd0, TRUE_PEAK = 2'd1, SQUARE = 2'd2, SQUARE_HIGH = 2'd3;
    localparam [3:0] CLEAR = 4'd0, IDLE = 4'd1, SAMPLE = 4'd2, SIZE = 4'd3, READ = 4'd4, WRITE = 4'd5, PRODUCT = 4'd6,
        SEND = 4'd7, HOLD = 4'd8;
    localparam [1:0] OF_FRAME = 2'd0, OF_BAND = 2'd1, OF_READING = 2'd2;
    localparam [2:0] MULTIPLY = 3'd7; // clocks
    reg [3:0] state_q;
    reg [2:0] wait_q;
    reg [1:0] what_q;
    reg [4:0] at_q;
    reg [31:0] word [0:31];
    reg [31:0] operand_q, old_q, limiter_q, sample_q;
    reg [13:0] frames_q; // 8192 at most
    reg fresh_q, lower_q;  // of the limiter's gain: none yet, lower than what is kept
    reg adds_q, sets_q, carry_q; // else a word is kept or replaced: by what is larger, of a gain lower
    reg begun_q; // the frame that waits is counted or will be
    reg frame_done_q, bands_done_q, last_q; // of the tick: all of its frames, all of their gains; of b_last
    reg [3:0] bands_q;
    reg [1:0] owed_q; // readings
    reg [1:0] ask_q;  // 1: input, 2: output is offered to the detector; 3: both were taken
    reg [1:0] head_q; // of the words that are sent: header, frames, limiter, then those that are kept
    reg [31:0] m_data_q;
    reg m_valid_q, m_last_q;

    wire is_gain = what_q == OF_BAND;
    wire is_larger = {operand_q[31] ^ is_gain, operand_q[30:0]} > {old_q[31] ^ is_gain, old_q[30:0]};
    wire sent = m_valid_q && m_ready;
    wire writes = state_q == CLEAR || (sent && head_q == 2'd3) ||
        (state_q == WRITE && (adds_q || sets_q || (is_larger ^ is_gain)));
    wire [32:0] result;
    nave_sum #(.WIDTH(33)) add (
        .a({1'b0, operand_q}), .b({1'b0, old_q}), .with_b(adds_q), .invert(1'b0), .carry(carry_q), .y(result));
    wire [31:0] sample, size;
    nave_mux4 #(.WIDTH(32)) choose (
        .a(s_x[31:0]), .b(s_y[31:0]), .c(s_x[63:32]), .d(s_y[63:32]), .select(at_q[3:2]), .y(sample));
    nave_sum #(.WIDTH(32)) absolute (
        .a(32'd0), .b(sample_q), .with_b(1'b1), .invert(sample_q[31]), .carry(sample_q[31]), .y(size));
    wire signed [63:0] square;
    wire unused = &{1'b0, square[15:0]}; // cut
    nave_mul_serial multiply (
        .clk(clk), .start(state_q == SIZE), .a(sample_q), .b(sample_q), .p(square));

    // what meets a word: a gain or a reading of either channel, a size, a square's low and high bits
    wire [31:0] outside, operand;
    wire is_first = state_q == IDLE;
    nave_mux4 #(.WIDTH(32)) choose_outside (
        .a(r_peak[31:0]), .b(r_peak[63:32]), .c(b_gain[31:0]), .d(b_gain[63:32]),
        .select({is_first ? !r_valid : is_gain, !is_first}), .y(outside));
    nave_mux4 #(.WIDTH(32)) choose_operand (
        .a(outside), .b(size), .c(square[47:16]), .d({16'd0, square[63:48]}),
        .select({state_q == PRODUCT || (state_q == WRITE && what_q == OF_FRAME),
                 state_q == SIZE || (state_q == WRITE && what_q == OF_FRAME)}), .y(operand));

    // readings first, so that the detector never waits for long; a frame leaves when it is counted and with the detector
    wire idle = state_q == IDLE;
    wire reading = idle && r_valid;
    wire gains = idle && !r_valid && b_valid && !bands_done_q;
    wire free = idle && !reading && !gains;
    wire begins = free && !begun_q && s_valid && !frame_done_q;
    wire leaves = free && begun_q && ask_q == 2'd3;
    wire ends = free && frame_done_q && bands_done_q && owed_q == 2'd0;
    wire second = is_gain ? at_q[0] : at_q[3];
    wire asks = t_valid && t_ready;
    assign s_ready = leaves;
    assign r_ready = state_q == WRITE && what_q == OF_READING && second;
    assign b_ready = state_q == WRITE && is_gain && second;
    assign t_valid = ask_q == 2'd1 || ask_q == 2'd2;
    assign t_signal = ask_q[1] ? OUTPUT : INPUT;
    assign t_data = ask_q[1] ? s_y : s_x;
    assign m_valid = m_valid_q;
    assign m_data = m_data_q;
    assign m_last = m_last_q;

    wire is_band = at_q[4], beyond = {1'b0, at_q[3:1]} >= bands_q;
    wire [4:0] after = !stereo && at_q == 5'd7 ? 5'd16 : at_q + (is_band && !stereo ? 5'd2 : 5'd1);
    wire last_word = at_q[4:1] == 4'd15 && (at_q[0] || !stereo);
    always @(posedge clk) begin
        old_q <= word[at_q];
        lower_q <= $signed(s_gain) < $signed(limiter_q);
        if (writes)
            word[at_q] <= result[31:0];
        wait_q <= state_q == SAMPLE ? MULTIPLY : wait_q - {2'd0, wait_q != 3'd0};
        if (asks)
            ask_q <= ask_q + 2'd1;
        owed_q <= owed_q + {1'b0, asks} - {1'b0, r_ready};
        case (state_q)
            CLEAR: begin
                at_q <= at_q + 5'd1;
                if (at_q == 5'd31)
                    state_q <= IDLE;
            end
            IDLE: begin
                adds_q <= 1'b0;
                sets_q <= gains && b_first;
                last_q <= b_last;
                what_q <= reading ? OF_READING : gains ? OF_BAND : OF_FRAME;
                at_q <= reading ? {2'b00, r_signal == OUTPUT, TRUE_PEAK} : gains ? {1'b1, b_band, 1'b0} : 5'd0;
                operand_q <= operand & {32{reading || gains}};
                head_q <= 2'd0;
                if (begins) begin
                    begun_q <= 1'b1;
                    ask_q <= true_peak ? 2'd1 : 2'd3;
                    frames_q <= frames_q + 14'd1;
                end
                if (leaves) begin
                    begun_q <= 1'b0;
                    ask_q <= 2'd0;
                    bands_q <= s_bands;
                    frame_done_q <= s_last;
                end
                state_q <= reading || gains ? READ : begins ? SAMPLE : ends ? SEND : IDLE;
            end
            SAMPLE: begin
                sample_q <= sample;
                adds_q <= 1'b0;
                state_q <= SIZE;
            end
            SIZE: begin
                operand_q <= operand;
                if (at_q == 5'd0 && (fresh_q || lower_q))
                    limiter_q <= s_gain;
                fresh_q <= 1'b0;
                state_q <= READ;
            end
            READ:
                state_q <= WRITE;
            WRITE: begin
                operand_q <= operand;
                state_q <= READ;
                carry_q <= 1'b0;
                if (what_q != OF_FRAME) begin // channel 1 after channel 0
                    at_q <= is_gain ? at_q | 5'd1 : at_q | 5'd8;
                    if (second)
                        state_q <= IDLE;
                    if (b_ready && last_q)
                        bands_done_q <= 1'b1;
                end else if (at_q[1:0] == PEAK) begin
                    at_q[1:0] <= SQUARE;
                    state_q <= PRODUCT;
                end else if (at_q[1:0] == SQUARE) begin
                    at_q[1:0] <= SQUARE_HIGH;
                    carry_q <= result[32];
                end else begin
                    at_q <= at_q + 5'd1;
                    state_q <= at_q[3:2] == 2'd3 ? IDLE : SAMPLE;
                end
            end
            PRODUCT: begin
                operand_q <= operand;
                adds_q <= 1'b1;
                if (wait_q == 3'd0)
                    state_q <= READ;
            end
            SEND: begin
                m_data_q <= head_q == 2'd0 ? {20'd0, bands_q, 6'd0, stereo, !stereo} : head_q == 2'd1 ? {18'd0, frames_q} :
                    head_q == 2'd2 ? limiter_q : is_band && beyond ? 32'd0 : word[at_q];
                m_last_q <= head_q == 2'd3 && last_word;
                m_valid_q <= 1'b1;
                state_q <= HOLD;
            end
            default: // what was sent begins anew
                if (sent) begin
                    m_valid_q <= 1'b0;
                    state_q <= m_last_q ? IDLE : SEND;
                    if (head_q != 2'd3)
                        head_q <= head_q + 2'd1;
                    else
                        at_q <= after;
                    if (m_last_q) begin
                        frames_q <= 14'd0;
                        fresh_q <= 1'b1;
                        frame_done_q <= 1'b0;
                        bands_done_q <= 1'b0;
                    end
                end
        endcase
        if (rst) begin
            state_q <= CLEAR;
            at_q <= 5'd0;
            operand_q <= 32'd0;
            adds_q <= 1'b0;
            carry_q <= 1'b0;
            frames_q <= 14'd0;
            fresh_q <= 1'b1;
            begun_q <= 1'b0;
            frame_done_q <= 1'b0;
            bands_done_q <= 1'b0;
            owed_q <= 2'd0;
            ask_q <= 2'd0;
            m_valid_q <= 1'b0;
        end
    end
endmodule

`default_nettype wire
