// What the dials mean (twin of sim/model/dials.c): a dial that changed becomes the words that depend on it. Every value
// gives a legal word: counts and shares are limited, filters to 0 <= q2 < 2 and q2 (2 + p2) < 4.
//   a coefficient is {headroom, shift, mantissa}, the mantissa 31 bits of the value with its first 1 on top
// Words go to those that o_to marks, for the frame that is being told; o_last: the frame's words were all said.
//   o_to[0], [1] (filters, before and after the bands): {0, set, word} a coefficient of svf.v, the shift less what a
//     product of Q44 needs; {1, 000, section, kind} 0 bands - 1, 1 steep, 2 mid/side, 3 kind of the section
//   o_to[2] (bands): {0, band, offset} as the dials of a band; {10, set, word} of a cut; {11, 00, band, kind}
//     0 bands - 1, 2 mid/side, 3 side, 4 look-ahead, 5 and 6 low and high cut on
//   o_to[3] (limiter): 0 on, 1 ceiling, 2 release
// One word after the other: about 10 clocks a plain dial, 25 a coefficient, 110 a section; of these 30 are for the
// division that keeps it stable. No growth; every rounding is to even.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_dials (
    input  wire        clk,
    input  wire        rst,
    input  wire        stereo, // otherwise no mid/side, no width; steady while a stream runs
    input  wire        c_valid,
    output wire        c_ready,
    input  wire        c_last,
    input  wire [9:0]  c_dial,
    output wire [9:0]  c_address,
    input  wire [62:0] c_value, // two clocks after its address
    output wire        o_valid,
    input  wire        o_ready,
    output wire        o_last,
    output wire [3:0]  o_to,
    output wire [9:0]  o_address,
    output wire [41:0] o_data
);
    localparam [3:0] FILTERS_IN = 4'd1, FILTERS_OUT = 4'd2, BANDS = 4'd4, LIMITER = 4'd8;
    localparam [3:0] NOTHING = 4'd0, SMALL = 4'd1, WORD = 4'd2, WHOLE = 4'd3, LINK = 4'd4, SHARE = 4'd5, PLAIN = 4'd6,
        MIX = 4'd7, SECTION = 4'd8, OUTPUT = 4'd9;
    // places of the filters' sets, as in crossover.v
    localparam [5:0] SET_DC = 6'd8, SET_GAIN = 6'd9;

    // ---- which dial it is: what to make of it, for whom ----
    reg [9:0] band_dial_q; // from the first band's on
    wire is_band = !band_dial_q[9];
    wire [2:0] band = band_dial_q[8:6];
    wire [5:0] offset = band_dial_q[5:0];
    wire is_split = c_dial >= 10'd80 && !is_band, is_eq = c_dial >= 10'd16 && c_dial < 10'd80;
    wire is_dc = c_dial >= 10'd4 && c_dial < 10'd9;
    wire [2:0] part = c_dial[5:3]; // of equaliser and splits: 16 and 80 are multiples of 16 and of 8
    wire [2:0] what = is_dc ? c_dial[2:0] - 3'd4 : c_dial[2:0];
    wire [2:0] section = part - 3'd2;
    reg [3:0] make, to;
    reg [9:0] address;
    reg [8:0] most; // of a small one
    always @* begin
        make = NOTHING;
        to = 4'd0;
        address = 10'd0;
        most = 9'd1;
        if (is_band) begin
            to = BANDS;
            address = {1'b0, band, offset};
            if (offset[5:4] == 2'd0)
                case (offset[3:0])
                    4'd0: begin
                        make = SMALL;
                        most = 9'd2;
                    end
                    4'd2: begin
                        make = SMALL;
                        most = 9'd3;
                    end
                    4'd3: begin
                        make = WHOLE;
                        address = {4'b1100, band, 3'd4};
                    end
                    4'd1: make = SHARE;
                    4'd4: make = LINK;
                    4'd5, 4'd6, 4'd7, 4'd8: make = WORD;
                    4'd9, 4'd10, 4'd11, 4'd12, 4'd13: make = SECTION;
                    default: ;
                endcase
            else
                case (offset[3:0])
                    4'd0: begin
                        make = SMALL;
                        most = 9'd31;
                    end
                    4'd1, 4'd2, 4'd4, 4'd5: make = WORD;
                    4'd3, 4'd6: make = PLAIN;
                    4'd7, 4'd8, 4'd9, 4'd10: make = SHARE;
                    4'd11: make = WHOLE;
                    default: ;
                endcase
        end else if (is_split || is_eq || is_dc) begin
            to = is_split ? FILTERS_IN | FILTERS_OUT : is_eq ? FILTERS_IN : FILTERS_OUT;
            address = {2'd0, is_eq ? {3'd0, section} : SET_DC, what == 3'd3 ? 2'd2 : 2'd3};
            if (is_split)
                make = section != 3'd7 && what <= 3'd4 ? SECTION : NOTHING;
            else
                make = what <= 3'd2 ? SECTION : what <= 3'd4 ? MIX : NOTHING;
        end else begin
            to = c_dial[3] ? LIMITER : FILTERS_IN | FILTERS_OUT;
            case (c_dial[3:0])
                4'd0: begin
                    make = SMALL;
                    most = 9'd8;
                    to = FILTERS_IN | FILTERS_OUT | BANDS;
                    address = 10'b1100000000;
                end
                4'd1: begin
                    make = SMALL;
                    address = 10'b1100000001;
                end
                4'd2: begin
                    make = SMALL;
                    to = FILTERS_IN | FILTERS_OUT | BANDS;
                    address = 10'b1100000010;
                end
                4'd3: begin
                    make = OUTPUT;
                    to = FILTERS_OUT;
                    address = {2'b00, SET_GAIN, 2'd0};
                end
                4'd9: make = SMALL;
                4'd10: begin
                    make = WORD;
                    address = 10'd1;
                end
                4'd11: begin
                    make = SHARE;
                    address = 10'd2;
                end
                default: ;
            endcase
        end
    end
    wire to_second = is_split ? what[1] : is_band && (offset[1:0] == 2'd3 || offset[2:0] == 3'd4); // of two sections
    wire of_both = is_split ? what == 3'd4 : is_band && offset[3:0] == 4'd13;
    wire [9:0] q2_dial = is_band ? {c_dial[9:4], 4'd9} + {8'd0, to_second, 1'b0} : is_dc ? 10'd5 :
        is_eq ? {c_dial[9:3], 3'd1} : {c_dial[9:3], 1'b0, to_second, 1'b0};
    wire [9:0] headroom_dial = is_band ? {c_dial[9:4], 4'd13} : is_dc ? 10'd4 : {c_dial[9:3], is_split, 2'd0};

    // ---- one step after the other ----
    localparam [4:0] IDLE = 5'd0, LOOK = 5'd1, ASK = 5'd2, WAIT = 5'd3, TAKE = 5'd4, USE = 5'd5, LEVEL = 5'd6,
        DIVIDE = 5'd7, BOUND = 5'd8, SIGN = 5'd9, NORMAL = 5'd10, ROUND = 5'd11, NEGATE = 5'd12, FIT = 5'd13,
        SAY = 5'd14, SAID = 5'd15, DONE = 5'd16, SAY_LAST = 5'd17;
    reg [4:0] state_q;
    reg [3:0] make_q, to_q;
    reg [9:0] address_q, ask_q, q2_dial_q;
    reg [8:0] most_q;
    reg [1:0] step_q;     // of a section: headroom, p2, q2
    reg second_q, twice_q;
    reg [2:0] say_q;      // which of its words
    reg [62:0] v_q;
    reg [5:0] places_q;
    reg minus_q, on_q;
    reg [13:0] rooms_q;   // of two sections: 3 bits for p2, 4 for q2
    reg [1:0] kind_q;
    reg [30:0] divisor_q, remainder_q;
    reg [29:0] quotient_q;
    reg [4:0] turn_q;
    reg signed [31:0] mantissa_q;
    reg [5:0] shift_q;
    reg [37:0] p2_q;      // shift, mantissa
    reg [3:0] t_q;
    reg [2:0] b_q;
    reg [41:0] data_q;
    assign c_address = ask_q;
    assign c_ready = (state_q == DONE && !twice_q) || (state_q == SAY_LAST && o_ready);
    assign o_valid = state_q == SAY || state_q == SAY_LAST;
    assign o_last = state_q == SAY_LAST;
    assign o_to = o_last ? 4'd15 : to_q;
    assign o_address = address_q;
    assign o_data = data_q;

    // limits of what was read
    wire negative = v_q[62];
    wire [31:0] word;
    nave_saturate #(.WIDTH(63), .OUT(32)) limit_word (.v(v_q), .y(word), .limited());
    wire big = v_q[61:14] != 48'd0; // more than any small dial
    wire [8:0] count = negative ? 9'd0 : big || v_q[13:0] > {5'd0, most_q} ? most_q : v_q[8:0];
    wire [13:0] rooms = negative ? 14'd0 : big ? 14'h3fff : v_q[13:0];
    wire [8:0] eq_kind = rooms[13:9] != 5'd0 ? 9'd511 : rooms[8:0];
    wire [31:0] whole = negative ? 32'd0 : v_q[61:32] != 30'd0 ? 32'hffffffff : v_q[31:0];
    wire [31:0] link = negative ? 32'd0 : v_q[61:30] != 32'd0 ? 32'h40000000 : v_q[31:0];
    wire [62:0] share = negative ? 63'd0 : v_q[61:52] != 10'd0 ? {10'd0, 1'b1, 52'd0} : v_q;
    wire [62:0] p2 = negative ? 63'd0 : v_q[61:52] >= 10'd1000 ? {1'b0, 10'd1000, 52'd0} : v_q;
    wire [62:0] q2 = negative ? 63'd0 : v_q[61:53] != 9'd0 || v_q[52:32] == {21{1'b1}} ?
        {9'd0, 1'b0, {21{1'b1}}, 32'd0} : v_q;
    // (4 - 2^-18) / (2 + p2) of 24 bits each: 2^50 - 2^30 by 2^21 + p2, whose lower 30 bits are 0
    wire [31:0] remainder = {remainder_q, 1'b0};
    wire [31:0] less = remainder - {1'b0, divisor_q};
    // the first 1 on top: 31 bits, the next one and what is below
    wire up = v_q[31] && (v_q[30:0] != 31'd0 || v_q[32]);
    wire [31:0] rounded = {1'b0, v_q[62:32]} + {31'd0, up};
    wire small_value = places_q > 6'd42; // below 2^-31
    // headroom: no more than the shift leaves
    wire [6:0] room = second_q ? rooms_q[13:7] : rooms_q[6:0];
    wire [5:0] t_most = shift_q - 6'd16, b_most = p2_q[37:32] - 6'd16;

    wire signed [31:0] factor_a, factor_b;
    wire [31:0] level;
    wire signed [63:0] product;
    wire multiplies, level_valid;
    wire [5:0] level_shift;
    nave_level #(.MULTIPLY(7)) power (
        .clk(clk), .rst(rst), .in_valid(state_q == USE && make_q == OUTPUT), .exponential(1'b1),
        .v({{32{word[31]}}, word}), .multiply(multiplies), .factor_a(factor_a), .factor_b(factor_b), .product(product),
        .out_valid(level_valid), .y(level), .shift(level_shift));
    nave_mul_serial multiply (.clk(clk), .start(multiplies), .a(factor_a), .b(factor_b), .p(product));

    wire [5:0] set = is_band ? {2'b11, band, second_q} : is_split ? {2'b01, section, second_q} :
        is_eq ? {3'd0, section} : SET_DC;
    wire [31:0] minus_one = 32'hc0000000; // of a cut, whose shift is 30 less 16
    always @(posedge clk) begin
        case (state_q)
            IDLE: begin
                band_dial_q <= c_dial - 10'd144;
                if (c_valid)
                    state_q <= c_last ? SAY_LAST : LOOK;
            end
            LOOK: begin
                make_q <= make;
                to_q <= to;
                address_q <= address;
                most_q <= most;
                q2_dial_q <= q2_dial;
                ask_q <= make == SECTION ? headroom_dial : c_dial;
                step_q <= 2'd0;
                second_q <= to_second && !of_both;
                twice_q <= of_both && make == SECTION;
                say_q <= 3'd0;
                state_q <= make == NOTHING ? DONE : ASK;
            end
            ASK: state_q <= WAIT;
            WAIT: state_q <= TAKE;
            TAKE: begin
                v_q <= c_value;
                state_q <= USE;
            end
            USE: begin
                state_q <= SIGN;
                case (make_q)
                    SMALL: begin
                        data_q <= address_q == 10'b1100000000 ? {33'd0, count == 9'd0 ? 9'd0 : count - 9'd1} :
                            {33'd0, address_q == 10'b1100000010 && !stereo ? 9'd0 : count};
                        state_q <= SAY;
                    end
                    WORD: begin
                        data_q <= {10'd0, is_band && offset == 6'd7 && !stereo ? 32'd0 : word};
                        state_q <= SAY;
                    end
                    WHOLE: begin
                        data_q <= {10'd0, whole};
                        state_q <= SAY;
                    end
                    LINK: begin
                        data_q <= {10'd0, link};
                        state_q <= SAY;
                    end
                    SHARE: v_q <= share;
                    OUTPUT: state_q <= LEVEL;
                    SECTION: case (step_q)
                        2'd0: begin
                            rooms_q <= is_eq || is_dc ? {7'd0, eq_kind[8:2]} : rooms;
                            kind_q <= eq_kind[1:0] == 2'd3 ? 2'd2 : eq_kind[1:0];
                            step_q <= 2'd1;
                            ask_q <= q2_dial_q + 10'd1;
                            state_q <= ASK;
                        end
                        2'd1: begin
                            v_q <= p2;
                            divisor_q <= p2[62:32] + 31'h200000;
                        end
                        default: begin
                            v_q <= q2;
                            on_q <= v_q != 63'd0;
                            remainder_q <= 31'hfffff;
                            turn_q <= 5'd29;
                            state_q <= DIVIDE;
                        end
                    endcase
                    default: ;
                endcase
            end
            LEVEL: begin
                data_q <= {4'd0, level_shift, level};
                if (level_valid)
                    state_q <= SAY;
            end
            DIVIDE: begin
                remainder_q <= less[31] ? remainder[30:0] : less[30:0];
                quotient_q <= {quotient_q[28:0], !less[31]};
                turn_q <= turn_q - 5'd1;
                if (turn_q == 5'd0)
                    state_q <= BOUND;
            end
            BOUND: begin
                if (v_q[53:24] > quotient_q)
                    v_q <= {9'd0, quotient_q, 24'd0};
                state_q <= SIGN;
            end
            SIGN: begin
                minus_q <= negative;
                v_q <= negative ? ~v_q + 63'd1 : v_q;
                places_q <= 6'd0;
                state_q <= NORMAL;
            end
            NORMAL: if (v_q[62] || small_value)
                state_q <= ROUND;
            else if (v_q[62:55] == 8'd0) begin
                v_q <= {v_q[54:0], 8'd0};
                places_q <= places_q + 6'd8;
            end else begin
                v_q <= {v_q[61:0], 1'b0};
                places_q <= places_q + 6'd1;
            end
            ROUND: begin
                mantissa_q <= small_value ? 32'sd0 : rounded[31] ? 32'sh40000000 : $signed(rounded);
                shift_q <= small_value ? 6'd30 : rounded[31] ? places_q + 6'd19 : places_q + 6'd20;
                state_q <= NEGATE;
            end
            NEGATE: begin
                if (minus_q)
                    mantissa_q <= -mantissa_q;
                state_q <= FIT;
            end
            FIT: begin
                data_q <= make_q == MIX ? {3'd0, what == 3'd3, shift_q - 6'd16, mantissa_q} : {4'd0, shift_q, mantissa_q};
                t_q <= t_most < {2'd0, room[3:0]} ? t_most[3:0] : room[3:0];
                b_q <= b_most < {3'd0, room[6:4]} ? b_most[2:0] : room[6:4];
                if (make_q == SECTION && step_q == 2'd1) begin
                    p2_q <= {shift_q, mantissa_q};
                    step_q <= 2'd2;
                    ask_q <= q2_dial_q;
                    state_q <= ASK;
                end else
                    state_q <= make_q == SECTION ? SAID : SAY;
            end
            SAY: if (o_ready)
                state_q <= SAID;
            SAID: begin // is there more to say?
                state_q <= SAY;
                say_q <= say_q + 3'd1;
                if (make_q == SECTION) begin
                    address_q <= {is_band, 1'b0, set, say_q[1:0]};
                    case (say_q)
                        3'd0: data_q <= {t_q, shift_q - 6'd16 - {2'd0, t_q}, mantissa_q};
                        3'd1: data_q <= {1'b0, b_q, p2_q[37:32] - 6'd16 - {3'd0, b_q}, p2_q[31:0]};
                        3'd2: begin // a cut's sum, the others' kind
                            data_q <= is_band ? {4'd1, 6'd14, minus_one} : {40'd0, kind_q};
                            if (is_eq || is_dc)
                                address_q <= {4'b1000, is_eq ? section : 3'd0, 3'd3};
                            else if (is_split)
                                state_q <= DONE;
                        end
                        3'd3: begin
                            data_q <= {4'd0, 6'd14, minus_one};
                            if (!is_band)
                                state_q <= DONE;
                        end
                        3'd4: begin
                            data_q <= {41'd0, on_q};
                            address_q <= {4'b1100, band, second_q ? 3'd6 : 3'd5};
                        end
                        default: state_q <= DONE;
                    endcase
                end else if (is_band && offset == 6'd2 && say_q == 3'd0)
                    address_q <= {4'b1100, band, 3'd3};
                else
                    state_q <= DONE;
            end
            SAY_LAST: if (o_ready)
                state_q <= IDLE;
            default: begin // DONE
                state_q <= IDLE;
                if (twice_q) begin
                    twice_q <= 1'b0;
                    second_q <= 1'b1;
                    say_q <= 3'd0;
                    q2_dial_q <= q2_dial_q + 10'd2;
                    ask_q <= q2_dial_q + 10'd3;
                    step_q <= 2'd1;
                    state_q <= ASK;
                end
            end
        endcase
        if (rst)
            state_q <= IDLE;
    end
endmodule

`default_nettype wire
