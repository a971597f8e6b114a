// First half of log2 and exp2 (sim/model/level.c): what is looked up, and what it has to be multiplied with.
//   log2 v:      v = 2^octave (1 + (index + fraction / 2^23) / 256)
//   2^(v / 2^25) = 2^octave 2^((index + fraction / 2^23) / 256), of v[31:0], signed, limited to below 2^14
//   in both: value = base + round(step fraction / 2^23), Q25 without its octaves or Q2.30; the user has the multiplier
// `none`: v is 0, whose octave is 0 here, or its power is below 2^-32: then base and step are 0.
// Latency 4, one word a cycle. Growth: value is below 2^31, step fraction below 2^46. Nothing overflows.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_level_table (
    input  wire        clk,
    input  wire        exponential, // of the word at v: exp2, otherwise log2
    input  wire [63:0] v,
    output wire [30:0] base,
    output wire [22:0] step,
    output reg  [22:0] fraction,
    output reg  [6:0]  octave, // signed: 0..63 or -64..13
    output reg         none
);
    // log2: the first 1 moves to bit 31 of 32, by 16, then by 4, then by 1
    wire [1:0] by_16 = |v[63:48] ? 2'd0 : |v[47:32] ? 2'd1 : |v[31:16] ? 2'd2 : 2'd3;
    wire [46:0] sixteens;
    nave_mux4 #(.WIDTH(47)) first (
        .a(v[63:17]), .b(v[47:1]), .c({v[31:0], 15'd0}), .d({v[15:0], 31'd0}), .select(by_16), .y(sixteens));
    reg [46:0] wide_q;
    reg [1:0] wide_by_q;
    wire [1:0] by_4 = |wide_q[46:43] ? 2'd0 : |wide_q[42:39] ? 2'd1 : |wide_q[38:35] ? 2'd2 : 2'd3;
    wire [34:0] fours;
    nave_mux4 #(.WIDTH(35)) second (
        .a(wide_q[46:12]), .b(wide_q[42:8]), .c(wide_q[38:4]), .d(wide_q[34:0]), .select(by_4), .y(fours));
    reg [34:0] narrow_q;
    reg [3:0] narrow_by_q;
    wire [1:0] by_1 = narrow_q[34] ? 2'd0 : narrow_q[33] ? 2'd1 : narrow_q[32] ? 2'd2 : 2'd3;
    wire [31:0] top;
    nave_mux4 #(.WIDTH(32)) third (
        .a(narrow_q[34:3]), .b(narrow_q[33:2]), .c(narrow_q[32:1]), .d(narrow_q[31:0]), .select(by_1), .y(top));

    // exp2: limited to 2^14 less one step
    reg [31:0] level_q, limited_q;
    wire above = !level_q[31] && level_q[30:25] >= 6'd14;
    wire [6:0] power = limited_q[31:25];

    reg [2:0] exponential_q;
    reg [22:0] fraction_q;
    reg [6:0] octave_q;
    reg none_q;
    wire exponential_now = exponential_q[1];
    wire [8:0] index = {exponential_now, exponential_now ? limited_q[24:17] : top[30:23]};
    wire [55:0] word;
    nave_rom #(.ADDRESS_WIDTH(9), .WIDTH(56), .FILE("rtl/dyn/level.hex")) table_rom (
        .clk(clk), .address_0(index), .address_1(9'd0), .other_0(none_q), .other_1(1'b0), .data_0(word), .data_1());
    wire unused = &{1'b0, exponential_q[2], word[55], word[23]};
    assign base = word[54:24];
    assign step = word[22:0];
    always @(posedge clk) begin
        wide_q <= sixteens;
        wide_by_q <= by_16;
        narrow_q <= fours;
        narrow_by_q <= {wide_by_q, by_4};
        level_q <= v[31:0];
        limited_q <= above ? {7'd13, {25{1'b1}}} : level_q;
        exponential_q <= {exponential_q[1:0], exponential};
        fraction_q <= exponential_now ? {limited_q[16:0], 6'd0} : top[22:0];
        octave_q <= exponential_now ? power : {1'b0, ~{narrow_by_q, by_1}};
        none_q <= exponential_now ? power[6] && power[5:0] < 6'd32 : !top[31];
        fraction <= fraction_q;
        octave <= octave_q;
        none <= none_q;
    end
endmodule

`default_nettype wire
