// What the meters (dyn_meters.v) need from an engine whose parts are at different frames: each frame's input waits for its
// output, and the gains of a band's jobs, which the bands give in any order of bands, for the job that leaves.
// a_: a frame enters; h_: a job of a band is handed to the bands, two of a band at most; g_: its gains; b_: it leaves,
// b_last with the highest band of a frame; y_: a frame leaves, and stays until it has been counted. A tick's first job after
// the last one of another waits until that has been counted. Without `on` nothing waits.
// Latency: none for what passes. 31 frames may be under way. No arithmetic.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_metering (
    input  wire        clk,
    input  wire        rst,
    input  wire        stereo, // this and the next three: steady while a stream runs
    input  wire        on,
    input  wire        true_peak,
    input  wire [12:0] tick, // frames - 1
    input  wire        a_valid,
    output wire        a_ready,
    input  wire [63:0] a_x,
    input  wire [2:0]  a_splits, // bands - 1
    input  wire        h_valid,
    output wire        h_ready,
    input  wire [2:0]  h_band,
    input  wire        g_valid,
    input  wire [2:0]  g_band,
    input  wire        g_channel,
    input  wire [31:0] g,
    input  wire        b_valid,
    output wire        b_ready,
    input  wire [2:0]  b_band,
    input  wire        b_last,
    input  wire        y_valid,
    output wire        y_ready,
    input  wire [63:0] y,
    input  wire [31:0] y_gain,
    output wire        t_valid, // to and from the detector of true peaks
    input  wire        t_ready,
    output wire [1:0]  t_signal,
    output wire [63:0] t_data,
    input  wire        r_valid,
    output wire        r_ready,
    input  wire [1:0]  r_signal,
    input  wire [63:0] r_peak,
    output wire        m_valid,
    input  wire        m_ready,
    output wire [31:0] m_data,
    output wire        m_last
);
    // gains: two jobs of a band, by the lowest bit of their numbers
    reg [7:0] given_q, left_q;      // of the gains that came, of the jobs that left
    reg [7:0] one_q, two_q;         // how many are under way
    wire [63:0] gain;
    nave_slots #(.WIDTH(32)) firsts (
        .clk(clk), .write(g_valid && !g_channel), .write_address({g_band, given_q[g_band]}), .write_data(g),
        .read_address({b_band, left_q[b_band]}), .read_data(gain[31:0]));
    nave_slots #(.WIDTH(32)) seconds (
        .clk(clk), .write(g_valid && g_channel), .write_address({g_band, given_q[g_band]}), .write_data(g),
        .read_address({b_band, left_q[b_band]}), .read_data(gain[63:32]));
    assign h_ready = !two_q[h_band];
    wire h_take = h_valid && h_ready, b_take = b_valid && b_ready, y_take = y_valid && y_ready;
    wire same = h_take && b_take && h_band == b_band;
    reg gain_q, first_q, last_q;    // one waits for the meters
    reg [2:0] band_q;
    reg [63:0] gains_q;
    reg [12:0] gain_frame_q, frame_q;
    wire gain_ready;
    assign b_ready = !gain_q || !on;
    always @(posedge clk) begin
        if (g_valid && g_channel)
            given_q[g_band] <= !given_q[g_band];
        if (b_take)
            left_q[b_band] <= !left_q[b_band];
        if (h_take && !same) begin
            one_q[h_band] <= 1'b1;
            two_q[h_band] <= one_q[h_band];
        end
        if (b_take && !same) begin
            two_q[b_band] <= 1'b0;
            one_q[b_band] <= two_q[b_band];
        end
        gain_q <= (b_take && on) || (gain_q && !gain_ready);
        if (b_take) begin
            band_q <= b_band;
            gains_q <= gain;
            first_q <= gain_frame_q == 13'd0;
            last_q <= b_last && gain_frame_q == tick;
            if (b_last)
                gain_frame_q <= gain_frame_q == tick ? 13'd0 : gain_frame_q + 13'd1;
        end
        if (y_take)
            frame_q <= frame_q == tick ? 13'd0 : frame_q + 13'd1;
        if (rst) begin
            given_q <= 8'd0;
            left_q <= 8'd0;
            one_q <= 8'd0;
            two_q <= 8'd0;
            gain_q <= 1'b0;
            gain_frame_q <= 13'd0;
            frame_q <= 13'd0;
        end
    end

    wire x_valid, counted;
    wire [2:0] splits;
    wire [63:0] x;
    nave_fifo #(.WIDTH(67), .LOG2_DEPTH(5)) inputs (
        .clk(clk), .rst(rst), .s_valid(a_valid), .s_ready(a_ready), .s_data({a_splits, a_x}), .m_valid(x_valid),
        .m_ready(y_take), .m_data({splits, x}), .level());
    assign y_ready = x_valid && (counted || !on);
    nave_dyn_meters meters (
        .clk(clk), .rst(rst), .stereo(stereo), .true_peak(true_peak), .s_valid(on && y_valid && x_valid),
        .s_ready(counted), .s_x(x), .s_y(y), .s_gain(y_gain), .s_bands({1'b0, splits} + 4'd1), .s_last(frame_q == tick),
        .b_valid(gain_q), .b_ready(gain_ready), .b_band(band_q), .b_gain(gains_q), .b_first(first_q), .b_last(last_q),
        .t_valid(t_valid), .t_ready(t_ready), .t_signal(t_signal), .t_data(t_data), .r_valid(r_valid),
        .r_ready(r_ready), .r_signal(r_signal), .r_peak(r_peak), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data),
        .m_last(m_last));
endmodule

`default_nettype wire
