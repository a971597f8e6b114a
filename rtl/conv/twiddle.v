// Twiddle factors (nave_twiddle of sim/model/twiddle.c): w = exp(-j 2 pi k / 16384) in Q2.29, or its conjugate.
// One octant in 4 EBR: the even entries, and for each odd one what it exceeds the mean of its neighbours by.
// Two lanes share the table: k_0 and k_1 must lie at the same entry (they mirror each other at a multiple of an
// octant), or `unit_0` says that lane 0 wants 1. The table is addressed by the highest lane's k.
// Latency 7, a factor a cycle. No rounding here: the integers are those of scripts/gen/twiddle.py.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_twiddle #(
    parameter LANES = 1,
    parameter FILE = "rtl/conv/twiddle_pairs.hex"
) (
    input  wire        clk,
    input  wire [13:0] k_0,
    input  wire [13:0] k_1,
    input  wire        unit_0,
    input  wire        conjugate,
    output wire [31:0] w_re_0,
    output wire [31:0] w_im_0,
    output wire [31:0] w_re_1,
    output wire [31:0] w_im_1
);
    localparam [28:0] CORNER = 29'h16a09e66; // cos = sin of an eighth turn
    localparam [28:0] ZERO = 29'd0;
    localparam DELAY = 5;

    // 1: entry 0..2048 of the octant; odd octants run backwards
    wire [13:0] k = LANES == 2 ? k_1 : k_0;
    reg [11:0] entry_q;
    // 2: the even entry below and the one above, the same if the entry is even
    reg [9:0] low_q, high_q;
    reg low_corner_q, high_corner_q;
    reg [2:0] odd_q;
    // 3, 4: the ROM; the table ends before the corner
    reg low_corner_3_q, high_corner_3_q;
    wire [71:0] low, high;
    nave_rom #(.ADDRESS_WIDTH(10), .WIDTH(72), .OTHER({13'd0, CORNER, 1'b0, CORNER}), .FILE(FILE)) rom (
        .clk(clk), .address_0(low_q), .address_1(high_q), .other_0(low_corner_3_q), .other_1(high_corner_3_q),
        .data_0(low), .data_1(high));
    wire unused = &{1'b0, low[71], high[71:59], k[13:12]};
    wire [30:0] cos_sum = {1'b0, low[29:0]} + {1'b0, high[29:0]};
    wire [29:0] sin_sum = {1'b0, low[58:30]} + {1'b0, high[58:30]};
    wire unused_halves = &{1'b0, cos_sum[0], sin_sum[0]};
    // 5: the mean; 6: the excess of an odd entry added
    reg [29:0] cos_5_q, cos_q;
    reg [28:0] sin_5_q, sin_q;
    reg [5:0] cos_excess_q, sin_excess_q;
    always @(posedge clk) begin
        entry_q <= k[11] ? 12'd2048 - {1'b0, k[10:0]} : {1'b0, k[10:0]};
        low_q <= entry_q[10:1];
        high_q <= entry_q[10:1] + {9'd0, entry_q[0]};
        odd_q <= {odd_q[1:0], entry_q[0]};
        low_corner_q <= entry_q[11];
        high_corner_q <= entry_q[11] || (entry_q[10:1] == 10'd1023 && entry_q[0]);
        low_corner_3_q <= low_corner_q;
        high_corner_3_q <= high_corner_q;
        cos_5_q <= cos_sum[30:1];
        sin_5_q <= sin_sum[29:1];
        cos_excess_q <= odd_q[2] ? low[64:59] : 6'd0;
        sin_excess_q <= odd_q[2] ? low[70:65] : 6'd0;
        cos_q <= cos_5_q + {24'd0, cos_excess_q};
        sin_q <= sin_5_q + {23'd0, sin_excess_q};
    end

    // 7: cos and sin trade places by the octant, signs by the quadrant
    nave_twiddle_turn #(.DELAY(DELAY)) turn_0 (
        .clk(clk), .octant(k_0[13:11]), .unit(unit_0 && LANES == 2), .conjugate(conjugate), .cos(cos_q), .sin(sin_q),
        .w_re(w_re_0), .w_im(w_im_0));
    generate
        if (LANES == 2) begin : two
            nave_twiddle_turn #(.DELAY(DELAY)) turn_1 (
                .clk(clk), .octant(k_1[13:11]), .unit(1'b0), .conjugate(conjugate), .cos(cos_q), .sin(sin_q),
                .w_re(w_re_1), .w_im(w_im_1));
            wire unused_k = &{1'b0, k_0[10:0]};
        end else if (LANES == 1) begin : one
            assign w_re_1 = {ZERO, 3'd0};
            assign w_im_1 = {ZERO, 3'd0};
            wire unused_k = &{1'b0, k_1, unit_0};
        end else begin : illegal
            nave_twiddle_LANES_must_be_1_or_2 lanes();
        end
    endgenerate
endmodule

// Turns cos and sin of the first octant into the factor of the octant that came DELAY + 1 cycles before.
module nave_twiddle_turn #(
    parameter DELAY = 5
) (
    input  wire        clk,
    input  wire [2:0]  octant,
    input  wire        unit,
    input  wire        conjugate,
    input  wire [29:0] cos,
    input  wire [28:0] sin,
    output reg  [31:0] w_re,
    output reg  [31:0] w_im
);
    reg [3*(DELAY+1)-1:0] octant_q;
    reg [DELAY:0] unit_q, conjugate_q;
    wire [2:0] o = octant_q[3*DELAY +: 3];
    wire trade = o[0] ^ o[1], one = unit_q[DELAY];
    wire [31:0] re = one ? 32'd1 << 29 : trade ? {3'd0, sin} : {2'd0, cos};
    wire [31:0] im = one ? 32'd0 : trade ? {2'd0, cos} : {3'd0, sin};
    wire negate_re = !one && (o[1] ^ o[2]), negate_im = !o[2] ^ conjugate_q[DELAY];
    wire [31:0] signed_re, signed_im;
    nave_sum #(.WIDTH(32)) sign_re (
        .a(32'd0), .b(re), .with_b(1'b1), .invert(negate_re), .carry(negate_re), .y(signed_re));
    nave_sum #(.WIDTH(32)) sign_im (
        .a(32'd0), .b(im), .with_b(1'b1), .invert(negate_im), .carry(negate_im), .y(signed_im));
    always @(posedge clk) begin
        octant_q <= {octant_q[3*DELAY-1:0], octant};
        unit_q <= {unit_q[DELAY-1:0], unit};
        conjugate_q <= {conjugate_q[DELAY-1:0], conjugate};
        w_re <= signed_re;
        w_im <= signed_im;
    end
endmodule

`default_nettype wire
