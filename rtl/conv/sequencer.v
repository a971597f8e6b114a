// Block operations on nave_convolver (twin of forward() and inverse() of sim/model/sequencer.c, between RAM and RAM):
//   forward  load, FFT, post; the block's exponent, -28 + shifts, or that it is zero; then n words are unloaded
//   inverse  load, pre, FFT; overlap of the second half with 2^(base + shifts + 44), limited to +-64, beyond what it knows
// The exponent is given before the words leave. `given` is a word that left: of the spectrum, or of the mix.
// Latency: those of the blocks, and 3 clocks for each change from one to the next.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_sequencer #(
    parameter MAX_LOG2N = 13
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 s_valid,
    output wire                 s_ready,
    input  wire                 s_inverse,
    input  wire [3:0]           s_log2n,
    input  wire signed [11:0]   s_base,
    output wire                 m_valid,    // the result of a forward operation
    input  wire                 m_ready,
    output wire signed [15:0]   m_exponent,
    output wire                 m_zero,
    // to the convolver
    output wire                 load_start,
    input  wire                 load_done,
    input  wire [31:0]          load_magnitude,
    output wire                 op_valid,
    input  wire                 op_ready,
    output wire [1:0]           op,
    output wire [3:0]           log2n,
    output wire                 last30,
    output wire [31:0]          magnitude,
    input  wire                 done_valid,
    output wire                 done_ready,
    input  wire signed [7:0]    done_exponent,
    input  wire [31:0]          done_magnitude,
    output wire                 unload_start,
    output wire [MAX_LOG2N-1:0] unload_from,
    output wire [MAX_LOG2N:0]   unload_count,
    output wire                 unload_overlap,
    output wire signed [9:0]    overlap_shift,
    input  wire                 given
);
    localparam [1:0] FFT = 2'd0, POST = 2'd1, PRE = 2'd2;
    localparam signed [12:0] INPUT_FRACTION = 13'sd28, MIX_FRACTION = 13'sd44;
    localparam [2:0] IDLE = 3'd0, BEGIN = 3'd1, LOAD = 3'd2, JUDGE = 3'd3, ASK = 3'd4, WAIT = 3'd5, UNLOAD = 3'd6,
        WORDS = 3'd7;
    reg [2:0] state_q;
    reg inverse_q, second_q, result_q, zero_q, unload_q;
    reg [3:0] log2n_q;
    reg [31:0] magnitude_q;
    reg signed [12:0] exponent_q;
    reg signed [6:0] shift_q;
    reg [MAX_LOG2N:0] n_q, left_q;
    wire signed [6:0] shift;
    nave_saturate #(.WIDTH(13), .OUT(7)) limit (.v(exponent_q), .y(shift), .limited());

    assign s_ready = state_q == IDLE;
    assign m_valid = result_q;
    assign m_exponent = {{3{exponent_q[12]}}, exponent_q};
    assign m_zero = zero_q;
    assign load_start = state_q == BEGIN;
    assign op_valid = state_q == ASK;
    assign op = inverse_q == second_q ? FFT : inverse_q ? PRE : POST;
    assign log2n = log2n_q;
    assign last30 = !inverse_q;
    assign magnitude = magnitude_q;
    assign done_ready = state_q == WAIT;
    assign unload_start = unload_q;
    assign unload_from = inverse_q ? n_q[MAX_LOG2N:1] : {MAX_LOG2N{1'b0}};
    assign unload_count = inverse_q ? {1'b0, n_q[MAX_LOG2N:1]} : n_q;
    assign unload_overlap = inverse_q;
    assign overlap_shift = {{3{shift_q[6]}}, shift_q};

    always @(posedge clk) begin
        unload_q <= 1'b0;
        shift_q <= shift;
        case (state_q)
            IDLE: begin
                second_q <= 1'b0;
                if (s_valid) begin
                    inverse_q <= s_inverse;
                    log2n_q <= s_log2n;
                    exponent_q <= s_inverse ? {s_base[11], s_base} + MIX_FRACTION : -INPUT_FRACTION;
                    result_q <= 1'b0;
                    state_q <= BEGIN;
                end
            end
            BEGIN: begin
                n_q <= {{MAX_LOG2N{1'b0}}, 1'b1} << log2n_q;
                state_q <= LOAD;
            end
            LOAD:
                if (load_done) begin
                    magnitude_q <= load_magnitude;
                    state_q <= JUDGE;
                end
            JUDGE: begin
                zero_q <= magnitude_q == 32'd0;
                if (magnitude_q == 32'd0 && !inverse_q) begin
                    result_q <= 1'b1;
                    state_q <= IDLE;
                end else
                    state_q <= ASK;
            end
            ASK:
                if (op_ready)
                    state_q <= WAIT;
            WAIT:
                if (done_valid) begin
                    exponent_q <= exponent_q + {{5{done_exponent[7]}}, done_exponent};
                    magnitude_q <= done_magnitude;
                    second_q <= 1'b1;
                    state_q <= second_q ? UNLOAD : ASK;
                end
            UNLOAD: begin // the shift becomes a register
                unload_q <= 1'b1;
                left_q <= n_q;
                result_q <= !inverse_q;
                state_q <= WORDS;
            end
            default:
                if (given) begin
                    left_q <= left_q - 1'b1;
                    if (left_q == {{MAX_LOG2N{1'b0}}, 1'b1})
                        state_q <= IDLE;
                end
        endcase
        if (m_valid && m_ready)
            result_q <= 1'b0;
        if (rst) begin
            state_q <= IDLE;
            result_q <= 1'b0;
            unload_q <= 1'b0;
        end
    end
endmodule

`default_nettype wire
