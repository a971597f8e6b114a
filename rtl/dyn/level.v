// log2 of a 64-bit word, Q7.25 (nave_log2_q25 of sim/model/level.c; 0 counts as 1), or 2^level as mantissa and shift
// (nave_exp2_q25, of the lower 32 bits, Q7.25). The kind is chosen word by word.
// The multiplier is its user's: product = factor_a factor_b, MULTIPLY cycles after the factors (nave_mul: 5), which come
// 4 cycles after in_valid; `multiply` marks them, so that one multiplier serves others in between.
// Latency MULTIPLY + 8, one word a cycle. Growth: none; log2 of nearly 2^64 is limited to 32 bits.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_level #(
    parameter MULTIPLY = 5
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        in_valid,
    input  wire        exponential, // exp2, otherwise log2
    input  wire [63:0] v,
    output wire        multiply,
    output wire [31:0] factor_a,
    output wire [31:0] factor_b,
    input  wire [63:0] product,
    output wire        out_valid,
    output reg  [31:0] y,     // log2, or the mantissa
    output wire [5:0]  shift  // of the mantissa: 17..62
);
    generate
        if (MULTIPLY < 1)
            nave_level_MULTIPLY_must_be_1_or_more illegal();
    endgenerate
    localparam TABLE = 4, ROUND = 3, LATENCY = TABLE + MULTIPLY + ROUND + 1;
    wire [30:0] base;
    wire [22:0] step, fraction;
    wire [6:0] octave;
    wire none;
    nave_level_table look_up (
        .clk(clk), .exponential(exponential), .v(v), .base(base), .step(step), .fraction(fraction), .octave(octave),
        .none(none));
    reg [LATENCY-1:0] valid_q;
    reg [TABLE-1:0] exponential_q;
    assign multiply = valid_q[TABLE-1];
    assign out_valid = valid_q[LATENCY-1];
    assign factor_a = {9'd0, step};
    assign factor_b = {9'd0, fraction};

    // the base waits for the product; that of log2 has its octaves on top
    reg [30:0] base_q [1:MULTIPLY+ROUND];
    reg [5:0] shift_q [1:MULTIPLY+ROUND+1];
    wire [23:0] chord;
    nave_round_even #(.WIDTH(47), .FIXED(23), .SHIFT_WIDTH(1), .OUT(24)) round (
        .clk(clk), .v(product[46:0]), .shift(1'b0), .y(chord));
    wire [31:0] sum = {1'b0, base_q[MULTIPLY+ROUND]} + {8'd0, chord};
    wire unused = &{1'b0, product[63:47], octave[6], none};
    assign shift = shift_q[MULTIPLY+ROUND+1];
    integer i;
    always @(posedge clk) begin
        exponential_q <= {exponential_q[TABLE-2:0], exponential};
        base_q[1] <= exponential_q[TABLE-1] ? base : {octave[5:0], base[24:0]};
        shift_q[1] <= none ? 6'd30 : 6'd30 - octave[5:0];
        for (i = 2; i <= MULTIPLY + ROUND; i = i + 1)
            base_q[i] <= base_q[i-1];
        for (i = 2; i <= MULTIPLY + ROUND + 1; i = i + 1)
            shift_q[i] <= shift_q[i-1];
        y <= sum[31] ? 32'h7fffffff : sum;
        valid_q <= rst ? {LATENCY{1'b0}} : {valid_q[LATENCY-2:0], in_valid};
    end
endmodule

`default_nettype wire
