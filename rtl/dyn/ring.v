// Look-ahead (twin of the ring in sim/model/dyn.c): the bands of each frame and its external side-chain go into a RAM, what
// was there `lookahead` frames ago comes out, and what a band hears, from up to as many frames later.
// A row a frame, a word of both channels a column: the bands, then the external side-chain. Rows before the first
// frame are silent without being written. A row needs 8 columns from its bands, zero where there is no band.
// Frames overlap on their way in: eight of them, told apart by their lowest bits. `rows` - 1 is the mask, rows a power of
// two of `lookahead` + 16 or more, so that none is overwritten that is still read.
// The RAM: writes and reads of 64 bits at row 9 + column; a read sees all writes that were taken before it; words come
// back in order. Latency: the RAM's and 4. Rate: a clock a word. No arithmetic on samples.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_ring (
    input  wire        clk,
    input  wire        rst,
    input  wire [13:0] lookahead, // steady while a stream runs, as the mask
    input  wire [13:0] mask,
    // a frame begins
    input  wire        f_valid,
    output wire        f_ready,
    input  wire [2:0]  f_splits, // its bands - 1
    input  wire [63:0] f_external,
    // its bands
    input  wire        band_valid,
    output wire        band_ready,
    input  wire [2:0]  band_frame,
    input  wire [2:0]  band,
    input  wire        band_last,
    input  wire [63:0] band_data,
    // a frame that is complete is read band by band
    output wire        complete,
    input  wire        j_valid,
    output wire        j_ready,
    input  wire        j_last,   // then the next frame
    input  wire [2:0]  j_band,
    input  wire        j_external,
    input  wire [13:0] j_ahead,  // frames that it hears ahead, limited to the look-ahead
    output wire        o_valid,
    input  wire        o_ready,
    output wire [2:0]  o_band,
    output wire [63:0] o_x,
    output wire [63:0] o_side,
    // the RAM
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
    localparam [3:0] EXTERNAL = 4'd8;
    function [17:0] place(input [13:0] row, input [3:0] column);
        place = {1'b0, row, 3'd0} + {4'd0, row} + {14'd0, column};
    endfunction

    // ---- writes: what a frame brings with it, then bands ----
    reg [13:0] newest_q;             // row of the newest frame
    reg [4:0] begun_q, complete_q, read_q; // frames
    reg fill_q, last_q, valid_q;
    reg [3:0] column_q, to_q;        // to_q: the last that is filled
    reg [63:0] external_q, data_q;
    reg [13:0] row_q;
    reg [3:0] row_column_q;
    wire [2:0] older = newest_q[2:0] - band_frame;
    wire free = !valid_q || w_ready;
    wire [4:0] unread = begun_q - read_q, incomplete = begun_q - complete_q;
    assign f_ready = !fill_q && unread < 5'd14 && incomplete < 5'd8;
    assign band_ready = free && !fill_q;
    assign w_valid = valid_q;
    assign w_address = place(row_q & mask, row_column_q);
    assign w_data = data_q;
    always @(posedge clk) begin
        if (f_valid && f_ready) begin
            newest_q <= newest_q + 14'd1;
            begun_q <= begun_q + 5'd1;
            external_q <= f_external;
            column_q <= EXTERNAL;
            to_q <= {1'b0, f_splits} + 4'd1;
            fill_q <= 1'b1;
        end
        if (free) begin
            valid_q <= fill_q || band_valid;
            last_q <= !fill_q && band_last;
            row_q <= fill_q ? newest_q : newest_q - {11'd0, older};
            row_column_q <= fill_q ? column_q : {1'b0, band};
            data_q <= !fill_q ? band_data : column_q == EXTERNAL ? external_q : 64'd0;
            if (fill_q) begin
                column_q <= column_q - 4'd1;
                fill_q <= column_q != to_q;
            end
        end
        if (valid_q && w_ready && last_q)
            complete_q <= complete_q + 5'd1;
        if (rst) begin
            newest_q <= 14'h3fff;
            begun_q <= 5'd0;
            complete_q <= 5'd0;
            fill_q <= 1'b0;
            valid_q <= 1'b0;
        end
    end

    // ---- reads: a band's audio, then what it hears ----
    reg [13:0] row_now_q, since_q; // of the frame that is read; frames since the start, as far as they count
    reg active_q, second_q, asks_q;
    reg [13:0] from_q, age_q, back_q, ask_row_q;
    reg [3:0] ask_column_q, side_column_q;
    reg [2:0] band_q;
    wire note_ready, note_valid, note_silent;
    wire [13:0] back = second_q ? back_q : lookahead;
    wire silent = age_q < back;
    wire asked = asks_q && r_ready;
    wire step = active_q && note_ready && (!asks_q || asked);
    assign complete = complete_q != read_q;
    assign j_ready = !active_q && complete;
    assign r_valid = asks_q;
    assign r_address = place(ask_row_q & mask, ask_column_q);
    always @(posedge clk) begin
        if (j_valid && j_ready) begin
            active_q <= 1'b1;
            second_q <= 1'b0;
            band_q <= j_band;
            back_q <= j_ahead < lookahead ? lookahead - j_ahead : 14'd0;
            side_column_q <= j_external ? EXTERNAL : {1'b0, j_band};
            from_q <= row_now_q;
            age_q <= since_q;
            if (j_last) begin
                read_q <= read_q + 5'd1;
                row_now_q <= row_now_q + 14'd1;
                since_q <= since_q + {13'd0, since_q != 14'h3fff};
            end
        end
        if (asked)
            asks_q <= 1'b0;
        if (step) begin
            asks_q <= !silent;
            ask_row_q <= from_q - back;
            ask_column_q <= second_q ? side_column_q : {1'b0, band_q};
            second_q <= 1'b1;
            active_q <= !second_q;
        end
        if (rst) begin
            read_q <= 5'd0;
            row_now_q <= 14'd0;
            since_q <= 14'd0;
            active_q <= 1'b0;
            asks_q <= 1'b0;
        end
    end

    // ---- what came back, two by two ----
    reg have_q, out_q;
    reg [2:0] o_band_q;
    reg [63:0] x_q, side_q;
    wire comes = note_valid && (note_silent || d_valid) && (!out_q || o_ready);
    wire [63:0] word = note_silent ? 64'd0 : d_data;
    assign d_ready = note_valid && !note_silent && (!out_q || o_ready);
    assign o_valid = out_q;
    assign o_band = o_band_q;
    assign o_x = x_q;
    assign o_side = side_q;
    wire [2:0] note_band;
    nave_fifo #(.WIDTH(4), .LOG2_DEPTH(4)) notes (
        .clk(clk), .rst(rst), .s_valid(step), .s_ready(note_ready), .s_data({silent, band_q}), .m_valid(note_valid),
        .m_ready(comes), .m_data({note_silent, note_band}), .level());
    always @(posedge clk) begin
        if (o_ready)
            out_q <= 1'b0;
        if (comes) begin
            have_q <= !have_q;
            out_q <= have_q;
            o_band_q <= note_band;
            if (have_q)
                side_q <= word;
            else
                x_q <= word;
        end
        if (rst) begin
            have_q <= 1'b0;
            out_q <= 1'b0;
        end
    end
endmodule

`default_nettype wire
