// The arithmetic blocks side by side for tests/cosim/conv/arith.cpp: small ones to exhaust, the card's own widths.
// SPDX-License-Identifier: ISC
`default_nettype none

module arith_top (
    input  wire        clk,
    input  wire [63:0] v,
    input  wire [5:0]  shift,
    input  wire [31:0] a_re, a_im, b_re, b_im,
    input  wire        split,
    input  wire        clear,
    input  wire [7:0]  valid,
    input  wire [31:0] word [0:7],
    input  wire [29:0] limit,
    input  wire        ask,
    input  wire        minus,
    output wire [5:0]  round_small,
    output wire [31:0] round_fft,
    output wire [31:0] round_align,
    output wire [31:0] round_minus,
    output wire [30:0] round_tile,
    output wire [4:0]  saturate_small,
    output wire        limited_small,
    output wire [53:0] saturate_mix,
    output wire        limited_mix,
    output wire [63:0] mul_3, mul_4,
    output wire [63:0] cmul_re [0:3],
    output wire [63:0] cmul_im [0:3],
    output wire [31:0] magnitude, magnitude_one,
    output wire [2:0]  headroom,
    output wire [6:0]  bits,
    output wire [31:0] left
);
    nave_round_even #(.WIDTH(10), .FIXED(2), .SHIFT_WIDTH(3), .OUT(6)) narrow (
        .clk(clk), .v(v[9:0]), .shift(shift[2:0]), .y(round_small));
    nave_round_even #(.WIDTH(64), .FIXED(29), .SHIFT_WIDTH(3), .OUT(32)) fft (
        .clk(clk), .v(v), .shift(shift[2:0]), .y(round_fft));
    nave_round_even #(.WIDTH(32), .SHIFT_WIDTH(5), .OUT(32)) align (
        .clk(clk), .v(v[31:0]), .shift(shift[4:0]), .y(round_align));
    nave_round_negate #(.WIDTH(64), .FIXED(29), .SHIFT_WIDTH(3), .OUT(32)) negated (
        .clk(clk), .v(v), .shift(shift[2:0]), .negate(minus), .y(round_minus));
    nave_round_even #(.WIDTH(64), .SHIFT_WIDTH(6), .OUT(31)) tile (
        .clk(clk), .v(v), .shift(shift), .y(round_tile));
    nave_saturate #(.WIDTH(8), .OUT(5)) limit_small (.v(v[7:0]), .y(saturate_small), .limited(limited_small));
    nave_saturate #(.WIDTH(64), .OUT(54)) limit_mix (.v(v), .y(saturate_mix), .limited(limited_mix));
    nave_mul #(.DSP(3)) three (.clk(clk), .a(a_re), .b(b_re), .p(mul_3));
    nave_mul #(.DSP(4)) four (.clk(clk), .a(a_re), .b(b_re), .p(mul_4));
    genvar g;
    generate
        for (g = 0; g < 4; g = g + 1) begin : variant
            nave_cmul #(.MULTIPLIES(3 + g / 2), .DSP(3 + g % 2)) cmul (
                .clk(clk), .split(split), .a_re(a_re), .a_im(a_im), .b_re(b_re), .b_im(b_im),
                .p_re(cmul_re[g]), .p_im(cmul_im[g]));
        end
    endgenerate
    wire [255:0] words = {word[7], word[6], word[5], word[4], word[3], word[2], word[1], word[0]};
    nave_magnitude #(.WORDS(8)) largest (.clk(clk), .clear(clear), .valid(valid), .v(words), .magnitude(magnitude));
    nave_magnitude #(.WORDS(1)) largest_one (
        .clk(clk), .clear(clear), .valid(valid[0]), .v(word[0]), .magnitude(magnitude_one));
    nave_headroom room (
        .clk(clk), .start(ask), .magnitude(v[31:0]), .limit(limit), .shift(headroom));
    nave_bit_length length (.clk(clk), .v(v), .bits(bits));
    nave_shift_left up (.clk(clk), .v(v[31:0]), .shift(shift[4:0]), .y(left));
endmodule

`default_nettype wire
