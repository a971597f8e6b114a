// The dynamics engine (twin of sim/model/dyn.c): frames of two channels and their external side-chain in, frames out.
//   ramp, dials -> words of a frame, to four places;  in: equaliser, splits -> ring -> cuts -> bands -> merge, gain, DC ->
//   limiter -> out
// Each place works at a frame of its own, with the words of that frame: it takes words up to the mark of the frame, then
// the frame. Words of filters wait until their chain is idle, others until their place has taken the frame before.
// Start: rst, the shape and the dials (l_*), `start`; what dials are at the start, the bands begin with. Events: ramp.v.
// One channel: the second one's words are 0. Silence, as all of it is after rst, has no effect on the first.
// The ring's RAM and its mask: ring.v. Latency and clocks a frame: README.md. Growth, overflow: those of the parts.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_dyn #(
    parameter BANKS = 3, // of 2048 words, for the limiter
    parameter DSP = 3
) (
    input  wire        clk,
    input  wire        rst,
    // the shape, steady from before the start on
    input  wire        stereo,
    input  wire [13:0] lookahead,
    input  wire [13:0] ring_mask,
    input  wire [12:0] limiter_lookahead,
    input  wire [31:0] limiter_share,
    input  wire [5:0]  limiter_shift,
    input  wire        meters,     // words of each tick; of true peaks too
    input  wire        true_peaks,
    input  wire [12:0] tick,       // frames - 1
    // dials
    input  wire        l_valid,
    input  wire [9:0]  l_dial,
    input  wire [63:0] l_value,
    input  wire        start,
    input  wire        e_valid,
    output wire        e_ready,
    input  wire [63:0] e_frame,
    input  wire [9:0]  e_dial,
    input  wire [63:0] e_value,
    input  wire [31:0] e_frames,
    // frames: {second, first} channel, Q28
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [63:0] s_data,
    input  wire [63:0] s_external,
    output wire        m_valid,
    input  wire        m_ready,
    output wire [63:0] m_data,
    output wire        meter_valid,
    input  wire        meter_ready,
    output wire [31:0] meter_data,
    output wire        meter_last,
    // the look-ahead's RAM
    output wire        w_valid,
    input  wire        w_ready,
    output wire [17:0] w_address,
    output wire [63:0] w_data,
    output wire        r_valid,
    input  wire        r_ready,
    output wire [17:0] r_address,
    input  wire        d_valid,
    output wire        d_ready,
    input  wire [63:0] d_data
);
    // ---- dials: words of each frame, to four places ----
    localparam WORD = 53; // {mark of a frame, address, data}
    wire c_valid, c_ready, c_last, o_valid, o_last;
    wire [9:0] c_dial, c_address, o_address;
    wire [62:0] c_value;
    wire [3:0] o_to, o_free;
    wire [41:0] o_data;
    wire o_ready = (o_to & ~o_free) == 4'd0;
    nave_ramp ramp (
        .clk(clk), .rst(rst), .l_valid(l_valid), .l_dial(l_dial), .l_value(l_value), .start(start), .e_valid(e_valid),
        .e_ready(e_ready), .e_frame(e_frame), .e_dial(e_dial), .e_value(e_value), .e_frames(e_frames),
        .c_valid(c_valid), .c_ready(c_ready), .c_last(c_last), .c_dial(c_dial), .c_address(c_address),
        .c_value(c_value));
    nave_dials dials (
        .clk(clk), .rst(rst), .stereo(stereo), .c_valid(c_valid), .c_ready(c_ready), .c_last(c_last), .c_dial(c_dial),
        .c_address(c_address), .c_value(c_value), .o_valid(o_valid), .o_ready(o_ready), .o_last(o_last), .o_to(o_to),
        .o_address(o_address), .o_data(o_data));
    wire [3:0] word_valid, word_ready, mark;
    wire [4*10-1:0] at;
    wire [4*42-1:0] data;
    genvar g;
    generate
        for (g = 0; g < 4; g = g + 1) begin : place
            nave_fifo #(.WIDTH(WORD), .LOG2_DEPTH(g == 0 ? 4 : 5)) words (
                .clk(clk), .rst(rst), .s_valid(o_valid && o_ready && o_to[g]), .s_ready(o_free[g]),
                .s_data({o_last, o_address, o_data}), .m_valid(word_valid[g]), .m_ready(word_ready[g]),
                .m_data({mark[g], at[10*g +: 10], data[42*g +: 42]}), .level());
        end
    endgenerate
    wire unused = &{1'b0, in_at[8], out_at[8:7], limit_at[9:2], limit_data[41:38]};
    localparam IN = 0, OUT = 1, BANDS = 2, LIMIT = 3;
    wire [9:0] in_at = at[10*IN +: 10], out_at = at[10*OUT +: 10], bands_at = at[10*BANDS +: 10];
    wire [9:0] limit_at = at[10*LIMIT +: 10];
    wire [41:0] in_data = data[42*IN +: 42], out_data = data[42*OUT +: 42], bands_data = data[42*BANDS +: 42];
    wire [41:0] limit_data = data[42*LIMIT +: 42];
    // open: the words of a frame were taken, the frame may come; the first mark is the start's
    reg [3:0] open_q, started_q;
    wire [3:0] take = word_valid & word_ready;
    wire [3:0] shut; // its frame has come
    always @(posedge clk) begin
        open_q <= (open_q & ~shut) | (take & mark & started_q);
        started_q <= started_q | (take & mark);
        if (rst) begin
            open_q <= 4'd0;
            started_q <= 4'd0;
        end
    end

    // what the bands' place knows
    reg [2:0] splits_q, band_q;
    reg mid_side_q, begin_q; // begin: the bands' states are made
    reg [7:0] low_q, high_q, listen_q, external_q;
    reg [13:0] ahead [0:7];

    // ---- filters, whose coefficients have one port: in before out before cuts ----
    wire in_idle, out_idle;
    wire bands_idle; // no job of an earlier frame is before the bands
    wire in_sets = word_valid[IN] && !open_q[IN] && !mark[IN] && !in_at[9];
    wire out_sets = word_valid[OUT] && !open_q[OUT] && !mark[OUT] && !out_at[9];
    wire cut_sets = word_valid[BANDS] && !open_q[BANDS] && !mark[BANDS] && bands_at[9:8] == 2'b10;
    wire in_puts = in_sets && in_idle, out_puts = out_sets && out_idle && !in_puts;
    wire cut_puts = cut_sets && bands_idle && !in_puts && !out_puts;
    assign word_ready[IN] = !open_q[IN] && (mark[IN] || in_idle);
    assign word_ready[OUT] = !open_q[OUT] && (mark[OUT] || (out_idle && (out_at[9] || out_puts)));
    // a split's coefficients are sent as those of the way in
    wire [7:0] out_set = {out_at[6], 1'b0, out_at[5:0]};
    reg [2:0] in_splits_q, out_splits_q;
    reg in_steep_q, in_mid_side_q, out_steep_q, out_mid_side_q;
    reg [7:0] in_eq_q, in_high_q;
    reg [1:0] dc_q;
    always @(posedge clk) begin
        if (take[IN] && !mark[IN] && in_at[9])
            case (in_at[1:0])
                2'd0: in_splits_q <= in_data[2:0];
                2'd1: in_steep_q <= in_data[0];
                2'd2: in_mid_side_q <= in_data[0];
                default: {in_high_q[in_at[5:3]], in_eq_q[in_at[5:3]]} <= {in_data[1], in_data[1:0] != 2'd0};
            endcase
        if (take[OUT] && !mark[OUT] && out_at[9])
            case (out_at[1:0])
                2'd0: out_splits_q <= out_data[2:0];
                2'd1: out_steep_q <= out_data[0];
                2'd2: out_mid_side_q <= out_data[0];
                default: dc_q <= out_data[1:0];
            endcase
    end

    wire ring_free, filters_ready, f_band_valid, f_band_ready, f_band_last;
    wire [2:0] f_band, f_band_frame;
    wire [63:0] f_band_data;
    wire metering_free; // for another frame
    wire enter = s_valid && open_q[IN] && ring_free && metering_free;
    assign s_ready = open_q[IN] && ring_free && metering_free && filters_ready;
    wire [63:0] sample = {s_data[63:32] & {32{stereo}}, s_data[31:0]};
    assign shut[IN] = enter && filters_ready;
    wire cut_valid, cut_ready, heard_valid, heard_ready, q_valid, q_ready, q_last, y_valid, y_ready;
    wire [2:0] cut_band;
    wire [63:0] cut_side, cut_x, heard, q_data, y;
    nave_filters #(.DSP(DSP)) filters (
        .clk(clk), .rst(rst), .clear(start), .clearing(), .p_valid(in_puts || out_puts || cut_puts),
        .p_address(in_puts ? in_at[7:0] : out_puts ? out_set : bands_at[7:0]),
        .p_data(in_puts ? in_data : out_puts ? out_data : bands_data), .in_splits(in_splits_q), .in_steep(in_steep_q),
        .in_mid_side(in_mid_side_q), .in_eq(in_eq_q), .in_eq_high(in_high_q), .out_splits(out_splits_q),
        .out_steep(out_steep_q), .out_mid_side(out_mid_side_q), .out_dc(dc_q != 2'd0), .out_dc_high(dc_q[1]),
        .s_valid(enter), .s_ready(filters_ready), .s_data(sample), .s_idle(in_idle), .band_valid(f_band_valid),
        .band_ready(f_band_ready), .band_frame(f_band_frame), .band(f_band), .band_last(f_band_last),
        .band_data(f_band_data), .c_valid(cut_valid), .c_ready(cut_ready), .c_band(cut_band), .c_low(low_q[cut_band]),
        .c_high(high_q[cut_band]), .c_data(cut_side), .c_idle(), .heard_valid(heard_valid),
        .heard_ready(heard_ready), .heard_data(heard), .q_valid(q_valid), .q_ready(q_ready), .q_last(q_last),
        .q_data(q_data), .q_idle(out_idle), .m_valid(y_valid), .m_ready(y_ready), .m_data(y));

    // ---- the ring, and which bands are read from it ----
    wire j_ready, o_x_valid, o_x_ready;
    wire run = open_q[BANDS] && !begin_q;
    wire last_band = band_q == splits_q;
    assign shut[BANDS] = run && j_ready && last_band;
    nave_ring ring (
        .clk(clk), .rst(rst), .lookahead(lookahead), .mask(ring_mask), .f_valid(shut[IN]), .f_ready(ring_free),
        .f_splits(in_splits_q), .f_external({s_external[63:32] & {32{stereo}}, s_external[31:0]}), .band_valid(f_band_valid), .band_ready(f_band_ready),
        .band_frame(f_band_frame), .band(f_band), .band_last(f_band_last), .band_data(f_band_data), .complete(),
        .j_valid(run), .j_ready(j_ready), .j_last(last_band), .j_band(band_q), .j_external(external_q[band_q]),
        .j_ahead(listen_q[band_q] ? 14'd0 : ahead[band_q]), .o_valid(o_x_valid), .o_ready(o_x_ready), .o_band(cut_band),
        .o_x(cut_x), .o_side(cut_side), .w_valid(w_valid), .w_ready(w_ready), .w_address(w_address), .w_data(w_data),
        .r_valid(r_valid), .r_ready(r_ready), .r_address(r_address), .d_valid(d_valid), .d_ready(d_ready),
        .d_data(d_data));

    // ---- bands: what they hear, after its cuts, and the audio that has waited for it ----
    wire p_ready;
    wire p_valid = word_valid[BANDS] && !open_q[BANDS] && !mark[BANDS] && !bands_at[9] && bands_idle;
    assign word_ready[BANDS] = !open_q[BANDS] && !begin_q &&
        (mark[BANDS] || (bands_idle && (bands_at[9] ? bands_at[8] || cut_puts : p_ready)));
    wire x_free, x_valid, b_ready, b_valid, b_take, last_valid, b_last;
    wire [2:0] x_band;
    wire [63:0] x, b_data;
    wire job_free, gains_free; // of the meters
    wire b_asks = begin_q || (heard_valid && x_valid && job_free);
    wire hand = b_asks && b_ready; // a job is taken
    wire g_valid, g_channel;
    wire [2:0] b_band, g_band;
    wire [31:0] gain;
    reg [4:0] waiting_q;           // jobs that were read and aren't with the bands
    assign bands_idle = waiting_q == 5'd0;
    assign cut_valid = o_x_valid && x_free;
    assign o_x_ready = cut_ready && x_free;
    assign heard_ready = hand && !begin_q;
    nave_fifo #(.WIDTH(67), .LOG2_DEPTH(4)) audio (
        .clk(clk), .rst(rst), .s_valid(o_x_valid && cut_ready), .s_ready(x_free), .s_data({cut_band, cut_x}),
        .m_valid(x_valid), .m_ready(heard_ready), .m_data({x_band, x}), .level());
    nave_fifo #(.WIDTH(1), .LOG2_DEPTH(4)) lasts (
        .clk(clk), .rst(rst), .s_valid(heard_ready), .s_ready(), .s_data(x_band == splits_q), .m_valid(last_valid),
        .m_ready(b_take), .m_data(b_last), .level());
    nave_band bands (
        .clk(clk), .rst(rst), .mono(!stereo), .p_valid(p_valid), .p_ready(p_ready), .p_address(bands_at[8:0]),
        .p_data({22'd0, bands_data}), .s_valid(b_asks), .s_ready(b_ready), .s_start(begin_q),
        .s_band(begin_q ? band_q : x_band), .s_mid_side(mid_side_q), .s_side(heard), .s_x(x), .m_valid(b_valid),
        .m_ready(b_take), .m_band(b_band), .m_x(b_data), .g_valid(g_valid), .g_band(g_band), .g_channel(g_channel), .g(gain));
    always @(posedge clk) begin
        waiting_q <= waiting_q + {4'd0, run && j_ready} - {4'd0, heard_ready};
        if ((run && j_ready) || (begin_q && hand))
            band_q <= (run ? last_band : band_q == 3'd7) ? 3'd0 : band_q + 3'd1;
        if (take[BANDS] && mark[BANDS] && !started_q[BANDS])
            begin_q <= 1'b1;
        else if (hand && band_q == 3'd7)
            begin_q <= 1'b0;
        if (take[BANDS] && !mark[BANDS] && bands_at[9:8] == 2'b11)
            case (bands_at[2:0])
                3'd0: splits_q <= bands_data[2:0];
                3'd2: mid_side_q <= bands_data[0];
                3'd3: {listen_q[bands_at[5:3]], external_q[bands_at[5:3]]} <= bands_data[1:0];
                3'd4: ahead[bands_at[5:3]] <= bands_data[31:14] != 18'd0 ? 14'h3fff : bands_data[13:0];
                3'd5: low_q[bands_at[5:3]] <= bands_data[0];
                3'd6: high_q[bands_at[5:3]] <= bands_data[0];
                default: ;
            endcase
        if (rst) begin
            waiting_q <= 5'd0;
            band_q <= 3'd0;
            begin_q <= 1'b0;
        end
    end

    // ---- merge and what follows; the limiter and its reading ----
    assign q_valid = b_valid && last_valid && open_q[OUT] && gains_free;
    assign q_last = b_last;
    assign q_data = b_data;
    assign b_take = q_valid && q_ready;
    assign shut[OUT] = b_take && b_last;
    assign word_ready[LIMIT] = !open_q[LIMIT];
    reg limited_q, read_q; // the limiter, the detector has the frame
    reg on_q;
    reg [31:0] ceiling_q;
    reg [37:0] release_q;
    wire limiter_ready, peak_ready, peak_valid, peak_taken;
    wire [63:0] peak;
    wire [31:0] above;
    wire offered = y_valid && open_q[LIMIT];
    wire limits = offered && !limited_q && limiter_ready, reads = offered && !read_q && peak_ready;
    assign y_ready = open_q[LIMIT] && (limits || limited_q) && (reads || read_q);
    assign shut[LIMIT] = y_valid && y_ready;
    always @(posedge clk) begin
        limited_q <= (limited_q || limits) && !y_ready;
        read_q <= (read_q || reads) && !y_ready;
        if (take[LIMIT] && !mark[LIMIT])
            case (limit_at[1:0])
                2'd0: on_q <= limit_data[0];
                2'd1: ceiling_q <= limit_data[31:0];
                default: release_q <= limit_data[37:0];
            endcase
        if (rst) begin
            limited_q <= 1'b0;
            read_q <= 1'b0;
        end
    end
    // one detector for the limiter, which goes first, and for the meters
    wire meter_asks, meter_reads, limiter_valid, limiter_taken, counted, sent;
    wire [1:0] meter_signal, peak_signal;
    wire [63:0] meter_data_in, result;
    wire [31:0] limiter_gain;
    wire of_limiter = peak_signal == 2'd0, first = offered && !read_q;
    wire limiter_reads;
    assign peak_taken = of_limiter ? limiter_reads : meter_reads;
    nave_true_peak detector (
        .clk(clk), .rst(rst), .s_valid(first || meter_asks), .s_ready(peak_ready), .s_signal(first ? 2'd0 : meter_signal),
        .s_above(first), .s_data(first ? y : meter_data_in), .m_valid(peak_valid), .m_ready(peak_taken),
        .m_signal(peak_signal), .m_peak(peak), .m_above(above));
    nave_limiter #(.BANKS(BANKS)) limiter (
        .clk(clk), .rst(rst), .lookahead(limiter_lookahead), .share(limiter_share), .share_shift(limiter_shift),
        .s_valid(offered && !limited_q), .s_ready(limiter_ready), .s_data(y), .s_on(on_q), .s_ceiling(ceiling_q),
        .s_release(release_q[31:0]), .s_shift(release_q[37:32]), .r_valid(peak_valid && of_limiter),
        .r_ready(limiter_reads), .r_peak(peak[63:32]), .r_above(above), .m_valid(limiter_valid), .m_ready(limiter_taken),
        .m_data(result), .m_gain(limiter_gain));

    // a frame leaves when it has been taken and counted
    reg sent_q, counted_q;
    assign m_valid = limiter_valid && !sent_q;
    assign m_data = result;
    assign sent = sent_q || m_ready;
    assign limiter_taken = sent && (counted || counted_q);
    always @(posedge clk) begin
        sent_q <= limiter_valid && sent && !limiter_taken;
        counted_q <= limiter_valid && (counted || counted_q) && !limiter_taken;
        if (rst) begin
            sent_q <= 1'b0;
            counted_q <= 1'b0;
        end
    end
    nave_metering metering (
        .clk(clk), .rst(rst), .stereo(stereo), .on(meters), .true_peak(true_peaks), .tick(tick), .a_valid(shut[IN]),
        .a_ready(metering_free), .a_x(sample), .a_splits(in_splits_q), .h_valid(heard_ready), .h_ready(job_free),
        .h_band(x_band), .g_valid(g_valid), .g_band(g_band), .g_channel(g_channel), .g(gain), .b_valid(b_take),
        .b_ready(gains_free), .b_band(b_band), .b_last(b_last), .y_valid(limiter_valid && !counted_q),
        .y_ready(counted), .y(result), .y_gain(limiter_gain), .t_valid(meter_asks), .t_ready(peak_ready && !first),
        .t_signal(meter_signal), .t_data(meter_data_in), .r_valid(peak_valid && !of_limiter), .r_ready(meter_reads),
        .r_signal(peak_signal), .r_peak(peak), .m_valid(meter_valid), .m_ready(meter_ready), .m_data(meter_data),
        .m_last(meter_last));
endmodule

`default_nettype wire
