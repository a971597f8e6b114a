// A section with two integrators, and the equaliser's sum over it: nave_svf_step of sim/model/svf.h, nave_eq_step of
// sim/model/eq.c, and two jobs without states: x through (bare), x times a gain (gain).
//   t = x - s - b;  b' = b + q2 t;  ap = x - b - b';  m' = p2 b';  lp = s + (m' - m) / 4;  s' = s + m'
//   y = x + band (b + b') / 2 + shelf (lp, or x - lp - (b + b') / 2)                             gain: limit32(gain x)
// A job every four clocks: one narrowing, one multiplier and one rounding serve the four products of a job, each in a
// phase of its own. States and coefficients are in RAMs: b, s, m of a section, q2, p2, band, shelf of a set.
// A coefficient is {headroom of its word, shift of the product, mantissa}; the dials make the shift (dials.v).
// Latency from the job: ap 26, lp 43, y 64. A section's next job may begin 44 clocks after its last.
// Growth: x 55 bits; t 57, products 63; b + q2 t and s + m' 64. Every narrowing is a rounding to even. Overflow: words of
// multipliers are limited to 32 bits, states, ap, lp and y to 54.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_svf #(
    parameter TAG = 8,
    parameter DSP = 3 // of the multiplier
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               clear,    // all states to zero; no job until `clearing` is low
    output wire               clearing,
    input  wire               p_valid,
    input  wire [7:0]         p_address, // {set, word}
    input  wire [41:0]        p_data,
    input  wire               s_valid,
    output wire [1:0]         phase,
    output wire               s_ready, // in phase 0
    input  wire [7:0]         s_section,
    input  wire [5:0]         s_set,
    input  wire               s_bare,
    input  wire               s_gain, // with s_bare
    input  wire               s_eq,
    input  wire               s_high,
    input  wire [TAG-1:0]     s_tag,
    input  wire signed [54:0] s_x,
    output wire               ap_valid, // not of an equaliser's job
    output wire signed [53:0] ap,
    output wire               soon_valid, // six clocks before the low-pass
    output wire               lp_valid,
    output wire signed [53:0] lp,
    output wire               y_valid, // of an equaliser's job
    output wire signed [53:0] y,
    output wire [TAG-1:0]     m_tag // of the one that is valid
);
    // words of a section, of a set
    localparam [1:0] B = 2'd0, S = 2'd1, M_LOW = 2'd2, M_HIGH = 2'd3;
    localparam [1:0] Q2 = 2'd0, P2 = 2'd1, BAND = 2'd2, SHELF = 2'd3;

    // In clock T of a job it is in phase T % 4, its flags are in flag[(T - 1) / 4], its slot is slot_q - (T + 3) / 4.
    reg [1:0] phase_q;
    reg [3:0] slot_q;
    reg clearing_q;
    reg [9:0] clear_q;
    wire first = phase_q == 2'd0, take = s_valid && s_ready;
    assign phase = phase_q;
    assign s_ready = first && !clearing_q;
    assign clearing = clearing_q;
    reg [15:0] valid_q, bare_q, gain_q, eq_q, high_q;
    always @(posedge clk) begin
        phase_q <= phase_q + 2'd1;
        if (first) begin
            slot_q <= slot_q + 4'd1;
            valid_q <= {valid_q[14:0], take};
            bare_q <= {bare_q[14:0], s_bare};
            gain_q <= {gain_q[14:0], s_gain};
            eq_q <= {eq_q[14:0], s_eq};
            high_q <= {high_q[14:0], s_high};
        end
        clear_q <= clear ? 10'd0 : clear_q + 10'd1;
        clearing_q <= clear || (clearing_q && clear_q != 10'd1023);
        if (rst) begin
            phase_q <= 2'd0;
            slot_q <= 4'd0;
            valid_q <= 16'd0;
            clearing_q <= 1'b0;
        end
    end
    wire unused = &{1'b0, gain_q[15:7], bare_q[15:11], high_q[15:11], eq_q[14:11], valid_q[14:11]};

    // what a job is about, by its slot
    reg [3:0] read_age, write_age, set_age, tag_age, b_age, x_age;
    always @* begin
        case (phase_q)
            2'd0: begin // clocks 20, 40, 44, 64
                b_age = 4'd5;
                x_age = 4'd10;
                write_age = 4'd10;
                set_age = 4'd11;
                tag_age = 4'd0;
                read_age = 4'd0;
            end
            2'd1: begin // 21, 37, 41; 1
                b_age = 4'd6;
                x_age = 4'd0;
                write_age = 4'd11;
                set_age = 4'd6;
                tag_age = 4'd10;
                read_age = 4'd1;
            end
            2'd2: begin // 22, 26, 34
                b_age = 4'd6;
                x_age = 4'd0;
                write_age = 4'd6;
                set_age = 4'd6;
                tag_age = 4'd7;
                read_age = 4'd9;
            end
            default: begin // 3, 23, 35, 39, 43
                b_age = 4'd0;
                x_age = 4'd6;
                write_age = 4'd10;
                set_age = 4'd1;
                tag_age = 4'd11;
                read_age = 4'd9;
            end
        endcase
    end
    wire [7:0] read_section, write_section;
    wire [5:0] set;
    nave_slots #(.WIDTH(8)) sections_read (
        .clk(clk), .write(first), .write_address(slot_q), .write_data(s_section), .read_address(slot_q - read_age),
        .read_data(read_section));
    nave_slots #(.WIDTH(8)) sections_written (
        .clk(clk), .write(first), .write_address(slot_q), .write_data(s_section), .read_address(slot_q - write_age),
        .read_data(write_section));
    nave_slots #(.WIDTH(6)) sets (
        .clk(clk), .write(first), .write_address(slot_q), .write_data(s_set), .read_address(slot_q - set_age),
        .read_data(set));
    nave_slots #(.WIDTH(TAG)) tags (
        .clk(clk), .write(first), .write_address(slot_q), .write_data(s_tag), .read_address(slot_q - tag_age),
        .read_data(m_tag));

    // states: read in clocks 0 (s), 1 (b), 34 and 35 (m); written, a clock later, in 22 (b'), 39, 41 (m') and 40 (s')
    reg write_q;
    reg [9:0] write_address_q;
    reg [53:0] write_data_q;
    wire [53:0] read_data;
    wire [9:0] read_address = phase_q == 2'd0 ? {s_section, S} :
        {read_section, phase_q == 2'd1 ? B : phase_q == 2'd2 ? M_LOW : M_HIGH};
    nave_ram #(.ADDRESS_WIDTH(10), .WIDTH(54)) states (
        .clk(clk), .write(write_q), .write_address(write_address_q), .write_data(write_data_q),
        .read_address(read_address), .read_data(read_data));

    // coefficients: read in clocks 3, 21, 22, 44: two before their headroom is asked for, seven before they multiply
    wire [1:0] coefficient = phase_q == 2'd3 ? Q2 : phase_q == 2'd1 ? P2 : phase_q == 2'd2 ? BAND : SHELF;
    wire [41:0] coefficients;
    nave_ram #(.ADDRESS_WIDTH(8), .WIDTH(42)) parameters (
        .clk(clk), .write(p_valid), .write_address(p_address), .write_data(p_data),
        .read_address({set, coefficient}), .read_data(coefficients));
    reg [31:0] mantissa_q [0:4];
    reg [5:0] shift_q [0:9];
    integer k;
    always @(posedge clk) begin
        mantissa_q[0] <= coefficients[31:0];
        shift_q[0] <= coefficients[37:32];
        for (k = 1; k < 5; k = k + 1)
            mantissa_q[k] <= mantissa_q[k-1];
        for (k = 1; k < 10; k = k + 1)
            shift_q[k] <= shift_q[k-1];
    end

    // t, b', bp and side are put in in clocks 4, 22, 23, 45; their products come in 20, 38, 39, 61
    reg signed [56:0] t_q, side_q, narrow_q;
    reg signed [54:0] bp_q;
    reg signed [53:0] b_new_q;
    wire signed [56:0] narrow_in;
    nave_mux4 #(.WIDTH(57)) choose (
        .a(t_q), .b(side_q), .c({{3{b_new_q[53]}}, b_new_q}), .d({{2{bp_q[54]}}, bp_q}), .select(phase_q),
        .y(narrow_in));
    wire signed [40:0] narrowed;
    nave_round_even #(.WIDTH(57), .FIXED(16), .SHIFT_WIDTH(4), .OUT(41)) narrow (
        .clk(clk), .v(narrow_q), .shift(coefficients[41:38]), .y(narrowed));
    wire signed [31:0] operand;
    nave_saturate #(.WIDTH(41), .OUT(32)) limit_operand (.v(narrowed), .y(operand), .limited());
    reg signed [31:0] operand_q;
    wire signed [63:0] product;
    wire signed [62:0] v;
    nave_mul #(.WIDTH_A(32), .WIDTH_B(32), .DSP(DSP)) multiply (.clk(clk), .a(operand_q), .b(mantissa_q[4]), .p(product));
    nave_round_even #(.WIDTH(64), .FIXED(0), .SHIFT_WIDTH(6), .OUT(63)) round (
        .clk(clk), .v(product), .shift(shift_q[9]), .y(v));
    always @(posedge clk) begin
        narrow_q <= narrow_in;
        operand_q <= operand;
    end

    // words that wait: x from clock 0 on (for 23 and 40), s from 3 (38, 40), b from 4 (20, 22)
    wire signed [54:0] x_held;
    wire signed [53:0] s_held, b_held;
    reg signed [54:0] x_q, x_ap_q;
    reg signed [53:0] s_q, b_q;
    nave_slots #(.WIDTH(55)) xs (
        .clk(clk), .write(first), .write_address(slot_q), .write_data(s_x), .read_address(slot_q - x_age),
        .read_data(x_held));
    nave_slots #(.WIDTH(54)) ss (
        .clk(clk), .write(phase_q == 2'd3), .write_address(slot_q - 4'd1), .write_data(s_q),
        .read_address(slot_q - 4'd10), .read_data(s_held));
    nave_slots #(.WIDTH(54)) bs (
        .clk(clk), .write(first), .write_address(slot_q - 4'd1), .write_data(b_q), .read_address(slot_q - b_age),
        .read_data(b_held));

    // clocks 2 .. 4: t
    wire signed [55:0] less_s;
    wire signed [56:0] less_b;
    reg signed [55:0] less_s_q;
    nave_sum #(.WIDTH(56)) without_s (
        .a({x_q[54], x_q}), .b({{2{read_data[53]}}, read_data}), .with_b(!bare_q[0]), .invert(1'b1),
        .carry(!bare_q[0]), .y(less_s));
    nave_sum #(.WIDTH(57)) without_b (
        .a({less_s_q[55], less_s_q}), .b({{3{read_data[53]}}, read_data}), .with_b(!bare_q[0]), .invert(1'b1),
        .carry(!bare_q[0]), .y(less_b));
    // clocks 20 .. 23: b', bp; a bare job without a gain has none
    wire signed [63:0] b_sum;
    reg signed [63:0] b_sum_q;
    wire signed [53:0] b_new;
    nave_sum #(.WIDTH(64)) more_b (
        .a({{10{b_held[53]}}, b_held}), .b({v[62], v}), .with_b(!bare_q[4] || gain_q[4]), .invert(1'b0), .carry(1'b0),
        .y(b_sum));
    nave_saturate #(.WIDTH(64), .OUT(54)) limit_b (.v(b_sum_q), .y(b_new), .limited());
    // clocks 24 .. 26: ap, or what the gain made
    reg signed [54:0] bp_half_q;
    reg signed [55:0] ap_sum_q, high_q44_q;
    reg signed [53:0] ap_q;
    wire signed [53:0] ap_limited;
    wire signed [31:0] scaled;
    nave_saturate #(.WIDTH(56), .OUT(54)) limit_ap (.v(ap_sum_q), .y(ap_limited), .limited());
    nave_saturate #(.WIDTH(54), .OUT(32)) limit_scaled (.v(b_new_q), .y(scaled), .limited());
    // clocks 36 .. 42: m', s', lp
    reg [53:0] m_low_q;
    reg [62:0] m_old_q, m_q;
    reg signed [63:0] m_change_q, s_sum_q;
    reg signed [61:0] quarter_q;
    reg signed [62:0] lp_sum_q;
    reg signed [53:0] s_new_q, lp_q;
    wire signed [53:0] s_new, lp_limited;
    wire quarter_up = m_change_q[1] && (m_change_q[0] || m_change_q[2]);
    nave_saturate #(.WIDTH(64), .OUT(54)) limit_s (.v(s_sum_q), .y(s_new), .limited());
    nave_saturate #(.WIDTH(63), .OUT(54)) limit_lp (.v(lp_sum_q), .y(lp_limited), .limited());
    // clocks 40, 41: x + band bp waits from 41 to 61; what a high side begins with from 25 to 42
    reg signed [62:0] v_band_q, with_band_q;
    wire signed [62:0] with_band;
    wire signed [55:0] high_begin;
    nave_slots #(.WIDTH(63)) bands (
        .clk(clk), .write(phase_q == 2'd1), .write_address(slot_q - 4'd11), .write_data(with_band_q),
        .read_address(slot_q), .read_data(with_band));
    nave_slots #(.WIDTH(56)) highs (
        .clk(clk), .write(phase_q == 2'd1), .write_address(slot_q - 4'd7), .write_data(high_q44_q),
        .read_address(slot_q - 4'd11), .read_data(high_begin));
    wire signed [56:0] side;
    nave_sum #(.WIDTH(57)) both_sides (
        .a({high_begin[55], high_begin}), .b({{3{lp_q[53]}}, lp_q}), .with_b(1'b1), .invert(high_q[10]),
        .carry(high_q[10]), .y(side));
    reg signed [63:0] y_sum_q;
    reg signed [53:0] y_q;
    wire signed [53:0] y_limited;
    nave_saturate #(.WIDTH(64), .OUT(54)) limit_y (.v(y_sum_q), .y(y_limited), .limited());

    always @(posedge clk) begin
        case (phase_q)
            2'd0: begin
                x_q <= s_x;                                                         // 0
                b_sum_q <= b_sum;                                                   // 20
                ap_sum_q <= {x_ap_q[54], x_ap_q} - {bp_q[54], bp_q};                // 24
                high_q44_q <= high_q[5] ? {x_ap_q[54], x_ap_q} - {bp_half_q[54], bp_half_q} : 56'sd0;
                m_low_q <= read_data;                                               // 36
                lp_sum_q <= {{9{s_held[53]}}, s_held} + {quarter_q[61], quarter_q}; // 40
                with_band_q <= {{8{x_held[54]}}, x_held} + v_band_q;
            end
            2'd1: begin
                b_new_q <= b_new;                                                   // 21
                ap_q <= gain_q[6] ? {{6{scaled[31]}}, scaled, 16'd0} : ap_limited;  // 25
                m_old_q <= {read_data[8:0], m_low_q};                               // 37
                lp_q <= lp_limited;                                                 // 41
                y_sum_q <= {with_band[62], with_band} + {v[62], v};                 // 61
            end
            2'd2: begin
                less_s_q <= less_s;                                                 // 2
                s_q <= bare_q[0] ? 54'd0 : read_data;
                bp_q <= {b_held[53], b_held} + {b_new_q[53], b_new_q};              // 22
                m_change_q <= {v[62], v} - {m_old_q[62], m_old_q};                  // 38
                s_sum_q <= {{10{s_held[53]}}, s_held} + {v[62], v};
                m_q <= v;
                side_q <= side;                                                     // 42
                y_q <= y_limited;                                                   // 62
            end
            default: begin
                t_q <= less_b;                                                      // 3
                b_q <= bare_q[0] ? 54'd0 : read_data;
                x_ap_q <= x_held;                                                   // 23
                bp_half_q <= {bp_q[54], bp_q[54:1]} + {54'd0, bp_q[0] && bp_q[1]};
                quarter_q <= m_change_q[63:2] + {61'd0, quarter_up};                // 39
                s_new_q <= s_new;
                v_band_q <= v;
            end
        endcase
    end

    wire [53:0] write_data;
    nave_mux4 #(.WIDTH(54)) written (
        .a(s_new_q), .b({45'd0, m_q[62:54]}), .c(b_new_q), .d(m_q[53:0]), .select(phase_q), .y(write_data));
    wire [15:0] stores = valid_q & ~bare_q;
    wire unused_stores = &{1'b0, stores[15:11], stores[8:6], stores[4:0]};
    always @(posedge clk) begin
        write_data_q <= clearing_q ? 54'd0 : write_data;
        write_address_q <= clearing_q ? clear_q :
            {write_section, phase_q == 2'd0 ? S : phase_q == 2'd1 ? M_HIGH : phase_q == 2'd2 ? B : M_LOW};
        write_q <= clearing_q || (phase_q == 2'd2 ? stores[5] : phase_q == 2'd1 ? stores[10] : stores[9]);
        if (rst)
            write_q <= 1'b0;
    end

    assign ap_valid = phase_q == 2'd2 && valid_q[6] && !eq_q[6];
    assign ap = ap_q;
    assign soon_valid = phase_q == 2'd1 && valid_q[9] && !eq_q[9];
    assign lp_valid = phase_q == 2'd3 && valid_q[10] && !eq_q[10];
    assign lp = lp_q;
    assign y_valid = phase_q == 2'd0 && valid_q[15] && eq_q[15];
    assign y = y_q;
endmodule

`default_nettype wire
