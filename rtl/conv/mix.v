// Mixer (twin of sim/model/mix.c): a sample of the output from its wet sum and its dry input,
//   m = round(limit54(wet) wet_q28 / 2^28) + round(dry dry_q28 / 2^12), Q44
//   Q44 out: m limited to 48 bits, low word first; Q28 out: round(m / 2^16) limited to 32 bits
// Both products are one of 54 by 32 bits (the dry word is taken as Q44: dry 2^16), summed from the lowest 17 bits up with
// two multipliers in four clocks; products are exact, ties go to even. Growth: 58 bits hold every m.
// s_* begins a run: frames that share gains. A dry word holds two frames, low one first; `first` drops the frame that
// an earlier run left. `limited` is high for a clock for each sample that a limit changed.
// Rate: 8 clocks a sample, 4 without dry, 3 more a run. Latency 14, 18 with dry. Overflow: limited as above.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_mix (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [15:0] s_frames,
    input  wire        s_q44,
    input  wire        s_dry,
    input  wire        s_first,
    input  wire [31:0] s_wet_q28,
    input  wire [31:0] s_dry_q28,
    input  wire        wet_valid,
    output wire        wet_ready,
    input  wire [63:0] wet_data,
    input  wire        dry_valid,
    output wire        dry_ready,
    input  wire [63:0] dry_data,
    output wire        m_valid,
    input  wire        m_ready,
    output wire [31:0] m_data,
    output reg         limited,
    output wire        idle
);
    localparam K = 17; // bits of a slice
    localparam ISSUE = 5, ROUND = 3; // clocks from a slice to its sum; of a rounding
    localparam DONE = ISSUE + ROUND, OUT = DONE + 1 + ROUND;

    // the run
    reg running_q, with_dry_q, q44_now_q, odd_q, active_q;
    reg [15:0] left_q; // samples not yet begun
    reg [31:0] wet_q28_q, dry_q28_q;
    reg [2:0] phase_q; // wet slices 0..3, dry slices 4..7
    reg [4:0] room_q;  // words that the queue can still take
    wire last_phase = phase_q == {with_dry_q, 2'd3}, may = !active_q || last_phase, more = left_q != 16'd0;
    wire begins = s_valid && !running_q;
    // samples begin four clocks apart or more: what is left and what has room may come a few clocks late
    reg more_q, roomy_q, started_q;
    wire start = running_q && more_q && roomy_q && may && wet_valid && (!with_dry_q || odd_q || dry_valid);
    assign s_ready = !running_q;
    // a word leaves when the register behind it has been used
    assign wet_ready = active_q && phase_q == 3'd2;
    wire dry_used = active_q && phase_q == 3'd6;
    assign dry_ready = dry_used && !odd_q;

    // slices: 17 bits each, the fourth with the sign
    wire wet_limited;
    nave_saturate #(.WIDTH(64), .OUT(54)) limit (.v(wet_data), .y(), .limited(wet_limited));
    reg wet_limited_q, wet_negative_q; // what is limited is replaced slice by slice, which is less than 54 bits
    reg [52:0] wet_q;
    reg [31:0] kept_q, dry_q;
    reg [17:0] slice, slice_q, gain_low_q, gain_high_q;
    reg [ISSUE:1] fresh_q;
    reg [DONE:1] last_q; // of a product
    reg [DONE:1] alone_q, second_q; // a sample without dry; a dry product
    reg [OUT:1] q44_q;
    wire [31:0] gain = phase_q[2] ? dry_q28_q : wet_q28_q;
    always @* begin
        case (phase_q)
            3'd0: slice = {1'b0, wet_limited_q ? {17{!wet_negative_q}} : wet_q[16:0]};
            3'd1: slice = {1'b0, wet_limited_q ? {17{!wet_negative_q}} : wet_q[33:17]};
            3'd2: slice = {1'b0, wet_limited_q ? {17{!wet_negative_q}} : wet_q[50:34]};
            3'd3: slice = {{16{wet_negative_q}}, wet_limited_q ? {2{!wet_negative_q}} : wet_q[52:51]};
            3'd4: slice = {1'b0, dry_q[0], 16'd0};
            3'd5: slice = {1'b0, dry_q[17:1]};
            3'd6: slice = {1'b0, {3{dry_q[31]}}, dry_q[31:18]};
            default: slice = {18{dry_q[31]}};
        endcase
    end
    always @(posedge clk) begin
        wet_q <= wet_data[52:0];
        wet_limited_q <= wet_limited;
        wet_negative_q <= wet_data[63];
        dry_q <= odd_q ? kept_q : dry_data[31:0];
        if (dry_ready)
            kept_q <= dry_data[63:32];
        slice_q <= slice;
        gain_low_q <= {1'b0, gain[16:0]};
        gain_high_q <= {{3{gain[31]}}, gain[31:17]};
        fresh_q <= {fresh_q[ISSUE-1:1], phase_q[1:0] == 2'd0};
        last_q <= {last_q[DONE-1:1], active_q && phase_q[1:0] == 2'd3};
        second_q <= {second_q[DONE-1:1], phase_q[2]};
        alone_q <= {alone_q[DONE-1:1], !with_dry_q};
        q44_q <= {q44_q[OUT-1:1], q44_now_q};
        more_q <= more;
        roomy_q <= room_q > 5'd1;
        started_q <= start;
        phase_q <= start ? 3'd0 : phase_q + 3'd1;
        active_q <= start || (active_q && !last_phase);
        if (begins) begin
            left_q <= s_frames;
            with_dry_q <= s_dry;
            q44_now_q <= s_q44;
            wet_q28_q <= s_wet_q28;
            dry_q28_q <= s_dry_q28;
        end else if (start)
            left_q <= left_q - 16'd1;
        if (begins && s_first)
            odd_q <= 1'b0;
        else if (dry_used)
            odd_q <= !odd_q;
        running_q <= begins || (running_q && (more || !may));
        if (rst) begin
            running_q <= 1'b0;
            started_q <= 1'b0;
            active_q <= 1'b0;
            odd_q <= 1'b0;
            last_q <= {DONE{1'b0}};
        end
    end

    // products, and their sum: what is below a slice's weight waits in low_q
    wire [35:0] by_low, by_high;
    nave_mul18 #(.SIGNED_A(1), .SIGNED_B(1)) low (.clk(clk), .a(slice_q), .b(gain_low_q), .p(by_low));
    nave_mul18 #(.SIGNED_A(1), .SIGNED_B(1)) high (.clk(clk), .a(slice_q), .b(gain_high_q), .p(by_high));
    reg signed [49:0] product_q, sum_q;
    reg [50:0] low_q;
    wire [32:0] carried = sum_q[49:17];
    wire unused = &{1'b0, by_high[35:33]}; // repeat the sign
    always @(posedge clk) begin
        product_q <= {by_high[32:0] + {{14{by_low[35]}}, by_low[35:17]}, by_low[16:0]};
        sum_q <= product_q + (fresh_q[ISSUE-1] ? 50'd0 : {{17{carried[32]}}, carried});
        low_q <= {sum_q[16:0], low_q[50:17]};
    end
    wire signed [57:0] rounded;
    nave_round_even #(.WIDTH(86), .FIXED(28), .SHIFT_WIDTH(1), .OUT(58)) round (
        .clk(clk), .v({sum_q[34:0], low_q}), .shift(1'b0), .y(rounded));
    reg signed [57:0] first_q, m_q; // first: the wet product while the dry one is made, else 0
    wire whole = alone_q[DONE] || second_q[DONE];
    always @(posedge clk)
        if (last_q[DONE]) begin
            first_q <= whole ? 58'sd0 : rounded;
            m_q <= rounded + first_q;
        end else if (rst)
            first_q <= 58'sd0;

    // the output's format; m_q stands for four clocks. Q44 gives its low word a clock before the high one. A word and
    // whether it is limited are registers before the one is put for the other.
    wire signed [41:0] q28;
    wire q44_limited, q28_limited;
    nave_round_even #(.WIDTH(58), .FIXED(16), .SHIFT_WIDTH(1), .OUT(42)) to_q28 (
        .clk(clk), .v(m_q), .shift(1'b0), .y(q28));
    nave_saturate #(.WIDTH(58), .OUT(48)) limit_q44 (.v(m_q), .y(), .limited(q44_limited));
    nave_saturate #(.WIDTH(42), .OUT(32)) limit_q28 (.v(q28), .y(), .limited(q28_limited));
    reg [OUT:DONE+1] whole_q;
    reg chosen_q, upper_q, sample_q, over_q, negative_q, push_q;
    reg [31:0] raw_q, out_q;
    wire upper = whole_q[OUT] && q44_q[OUT];
    always @(posedge clk) begin
        whole_q <= {whole_q[OUT-1:DONE+1], last_q[DONE] && whole};
        chosen_q <= whole_q[OUT] || (whole_q[OUT-1] && q44_q[OUT-1]);
        sample_q <= whole_q[OUT];
        upper_q <= upper;
        over_q <= whole_q[OUT] && !q44_q[OUT] ? q28_limited : q44_limited;
        negative_q <= m_q[57];
        raw_q <= !whole_q[OUT] ? m_q[31:0] : upper ? {{16{m_q[57]}}, m_q[47:32]} : q28[31:0];
        push_q <= chosen_q;
        limited <= sample_q && over_q;
        // the largest or the smallest: of Q44 in two words, of Q28 in one
        out_q <= !over_q ? raw_q : upper_q ? {{17{negative_q}}, {15{!negative_q}}} :
            {sample_q ? negative_q : !negative_q, {31{!negative_q}}};
        if (rst) begin
            whole_q <= {(OUT-DONE){1'b0}};
            chosen_q <= 1'b0;
            push_q <= 1'b0;
            limited <= 1'b0;
        end
    end
    reg [4:0] queued_q;
    reg some_q, gave_q; // queued_q is not 0; room that became free a cycle before
    wire give = m_valid && m_ready;
    assign m_valid = some_q;
    nave_queue #(.WIDTH(32), .LOG2_DEPTH(4)) words (
        .clk(clk), .rst(rst), .push(push_q), .in(out_q), .pop(give), .out(m_data));
    reg idle_q;
    assign idle = idle_q;
    always @(posedge clk) begin
        queued_q <= queued_q + {4'd0, push_q} - {4'd0, give};
        some_q <= push_q || queued_q[4:1] != 4'd0 || (queued_q[0] && !give);
        gave_q <= give;
        room_q <= room_q - (!started_q ? 5'd0 : q44_now_q ? 5'd2 : 5'd1) + {4'd0, gave_q};
        idle_q <= !s_valid && !running_q && room_q == 5'd16;
        if (rst) begin
            queued_q <= 5'd0;
            some_q <= 1'b0;
            gave_q <= 1'b0;
            room_q <= 5'd16;
            idle_q <= 1'b0;
        end
    end
endmodule

`default_nettype wire
