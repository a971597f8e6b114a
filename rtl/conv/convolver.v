// The convolver's blocks around one buffer and its multipliers; the plan sequencer says what they do:
//   forward   load, transform FFT, post, unload (store)
//   multiply  the CMAC's jobs, while `cmac`
//   inverse   load (aligned, digit-reversed), transform pre, FFT, unload of the second half into overlap
// One at a time: `cmac` only while the transform is idle and nothing is loading or unloading.
// A complex word is {im, re}. Latencies, growth and overflow: see the blocks.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_convolver #(
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter MULTIPLIES = 3,
    parameter DSP = LANES == 1 ? 4 : 3, // 12 DSP for one lane, 20 for two
    parameter DSP_LAST = 4
) (
    input  wire                clk,
    input  wire                rst,
    // transform
    input  wire                s_op_valid,
    output wire                s_op_ready,
    input  wire [1:0]          s_op,
    input  wire [3:0]          s_log2n,
    input  wire                s_last30,
    input  wire [31:0]         s_magnitude,
    output wire                m_op_valid,
    input  wire                m_op_ready,
    output wire signed [7:0]   m_exponent,
    output wire [31:0]         m_magnitude,
    // load, for the transform and for the CMAC's X
    input  wire                load_start,
    input  wire                load_reversed,
    output wire                load_done,
    output wire [31:0]         load_magnitude,
    input  wire                s_load_valid,
    output wire                s_load_ready,
    input  wire [63:0]         s_load_data,
    input  wire [4:0]          s_load_shift,
    input  wire                s_load_skip,
    // unload, to the stream or into overlap
    input  wire                unload_start,
    input  wire [MAX_LOG2N-1:0] unload_from,
    input  wire [MAX_LOG2N:0]  unload_count,
    input  wire                unload_overlap,
    output wire                m_unload_valid,
    input  wire                m_unload_ready,
    output wire [63:0]         m_unload_data,
    input  wire signed [9:0]   overlap_shift,
    input  wire                s_mix_valid,
    output wire                s_mix_ready,
    input  wire [63:0]         s_mix_data,
    output wire                m_mix_valid,
    input  wire                m_mix_ready,
    output wire [63:0]         m_mix_data,
    // CMAC
    input  wire                cmac,
    input  wire                s_job_valid,
    output wire                s_job_ready,
    input  wire [7:0]          s_job_bins,
    input  wire                s_job_first,
    input  wire [3:0]          s_job_batch,
    input  wire [11:0]         s_job_partitions,
    input  wire [11:0]         s_job_paths,
    input  wire                s_h_valid,
    output wire                s_h_ready,
    input  wire [63:0]         s_h_data,
    output wire                m_tile_valid,
    input  wire                m_tile_ready,
    output wire [63:0]         m_tile_data,
    output wire                tile_done,
    output wire [3:0]          tile_block,
    output wire [5:0]          tile_shift,
    output wire [31:0]         tile_magnitude,
    output wire                tile_all
);
    localparam PART = MAX_LOG2N - 2 - (LANES - 1);
    wire load_write, cmac_write, x_ready, read, read_valid, words_valid, z_ready, split;
    wire [MAX_LOG2N-1:0] load_address, read_address;
    wire [63:0] load_data, read_data;
    wire [31:0] sample, rounded;
    wire [4:0] sample_shift;
    wire [64*LANES-1:0] x, h;
    wire [128*LANES-1:0] product;
    wire [4*LANES*PART-1:0] direct_read, direct_write_address;
    wire [4*LANES*64-1:0] direct_words;
    wire [3*LANES*64-1:0] direct_write_words;
    wire [4*LANES-1:0] direct_write;
    reg [3:0] log2n_q; // of the words in the buffer
    reg reversed_q;
    always @(posedge clk)
        if (rst) begin
            log2n_q <= 4'd6; // a size, so that the loader's count of words is never 1
        end else if (load_start) begin
            log2n_q <= s_log2n;
            reversed_q <= load_reversed;
        end

    nave_load #(.MAX_LOG2N(MAX_LOG2N)) load (
        .clk(clk), .rst(rst), .start(load_start), .log2n(log2n_q), .reversed(reversed_q), .to_cmac(cmac),
        .cmac_ready(x_ready), .s_valid(s_load_valid), .s_ready(s_load_ready), .s_data(s_load_data),
        .s_shift(s_load_shift), .s_skip(s_load_skip), .lend(words_valid && unload_overlap), .lent(sample),
        .lent_shift(sample_shift), .rounded(rounded), .write(load_write), .write_address(load_address),
        .cmac_write(cmac_write), .write_data(load_data), .done(load_done));
    nave_transform #(
        .MAX_LOG2N(MAX_LOG2N), .LANES(LANES), .MULTIPLIES(MULTIPLIES), .DSP(DSP), .DSP_LAST(DSP_LAST)
    ) transform (
        .clk(clk), .rst(rst), .s_valid(s_op_valid), .s_ready(s_op_ready), .s_op(s_op), .s_log2n(s_log2n),
        .s_last30(s_last30), .s_magnitude(s_magnitude), .m_valid(m_op_valid), .m_ready(m_op_ready),
        .m_exponent(m_exponent), .m_magnitude(m_magnitude), .write(load_write), .write_address(load_address),
        .write_data(load_data), .write_clear(load_start),
        .write_magnitude(load_magnitude), .read(read), .read_address(read_address), .read_valid(read_valid),
        .read_data(read_data), .direct(cmac), .direct_split(split), .direct_x(x), .direct_h(h),
        .direct_product(product), .direct_read(direct_read), .direct_words(direct_words),
        .direct_write(direct_write), .direct_write_address(direct_write_address),
        .direct_write_words(direct_write_words));
    nave_unload #(.MAX_LOG2N(MAX_LOG2N)) unload (
        .clk(clk), .rst(rst), .start(unload_start), .from(unload_from), .count(unload_count), .read(read),
        .read_address(read_address), .read_valid(read_valid), .read_data(read_data), .m_valid(words_valid),
        .m_ready(unload_overlap ? z_ready : m_unload_ready), .m_data(m_unload_data));
    assign m_unload_valid = words_valid && !unload_overlap;
    nave_overlap overlap (
        .clk(clk), .rst(rst), .shift(overlap_shift), .s_z_valid(words_valid && unload_overlap), .s_z_ready(z_ready),
        .s_z_data(m_unload_data), .s_mix_valid(s_mix_valid), .s_mix_ready(s_mix_ready), .s_mix_data(s_mix_data),
        .m_valid(m_mix_valid), .m_ready(m_mix_ready), .m_data(m_mix_data),
        .sample(sample), .sample_shift(sample_shift), .rounded(rounded));
    nave_cmac #(.MAX_LOG2N(MAX_LOG2N), .LANES(LANES)) multiply (
        .clk(clk), .rst(rst), .s_valid(s_job_valid && cmac), .s_ready(s_job_ready), .s_bins(s_job_bins),
        .s_first(s_job_first), .s_batch(s_job_batch), .s_partitions(s_job_partitions), .s_paths(s_job_paths),
        .x_ready(x_ready), .x_take(s_load_valid && s_load_ready && cmac), .x_write(cmac_write),
        .s_h_valid(s_h_valid && cmac), .s_h_ready(s_h_ready), .s_h_data(s_h_data), .m_valid(m_tile_valid),
        .m_ready(m_tile_ready), .m_data(m_tile_data), .done(tile_done), .done_block(tile_block),
        .done_shift(tile_shift), .done_magnitude(tile_magnitude), .done_all(tile_all), .split(split), .x(x), .h(h),
        .product(product), .read(direct_read), .words(direct_words), .write(direct_write),
        .write_address(direct_write_address), .write_words(direct_write_words));
endmodule

`default_nettype wire
