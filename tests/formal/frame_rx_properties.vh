// Properties of rtl/link/frame_rx.v: only a valid header is announced and none is passed over; a frame's payload has the
// length that its header says and is judged by its CRC; every word that comes in is skipped or is part of one frame.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);
`ifdef NAVE_BUG_RX_HEADER_CRC
`define NAVE_F_HURRY
`endif
`ifdef NAVE_BUG_RX_RESCAN
`define NAVE_F_HURRY
`endif
`ifdef NAVE_F_HURRY
// a planted bug shows without stalls, and so it is found in seconds
always @* if (f_past) assume (!rst && s_valid && h_ready && p_ready && e_ready);
`endif

// CRC of the words that stand behind one another in the window, up to its end
wire [31:0] f_chain[0:8];
assign f_chain[0] = 32'hffffffff;
genvar f_g;
generate
    // f_chain[k]: of the k words that went round first, once k of them have
    for (f_g = 0; f_g < 8; f_g = f_g + 1) begin : g_f_position
        wire [31:0] f_c[0:8];
        assign f_c[0] = 32'hffffffff;
        genvar f_k;
        for (f_k = 0; f_k <= f_g; f_k = f_k + 1) begin : g_f_word
            nave_crc f_step (
                .state(f_c[f_k]),
                .word(word_q[7-f_g+f_k]),
                .next(f_c[f_k+1])
            );
        end
        assign f_chain[f_g+1] = f_c[f_g+1];
    end
endgenerate
wire [31:0] f_c0, f_c1, f_c2, f_c3, f_c4, f_c5, f_c6;  // of the header, while the window stands in its order
nave_crc f_h0 (.state(32'hffffffff), .word(word_q[0]), .next(f_c0));
nave_crc f_h1 (.state(f_c0), .word(word_q[1]), .next(f_c1));
nave_crc f_h2 (.state(f_c1), .word(word_q[2]), .next(f_c2));
nave_crc f_h3 (.state(f_c2), .word(word_q[3]), .next(f_c3));
nave_crc f_h4 (.state(f_c3), .word(word_q[4]), .next(f_c4));
nave_crc f_h5 (.state(f_c4), .word(word_q[5]), .next(f_c5));
nave_crc f_h6 (.state(f_c5), .word(word_q[6]), .next(f_c6));
wire f_plausible = word_q[0] == NAVE_MAGIC && word_q[4] <= NAVE_MAX_PAYLOAD_BYTES && word_q[4][1:0] == 2'd0;
wire f_valid = f_plausible && word_q[7] == ~f_c6;

// what was announced, and what came of it
reg [16:0] f_length;
reg [14:0] f_count;
reg [31:0] f_crc;
reg f_good;
wire [31:0] f_crc_next;
nave_crc f_payload (.state(f_crc), .word(s_data), .next(f_crc_next));
wire f_taken = s_valid && s_ready;
wire f_announced = h_valid && h_ready;
always @(posedge clk) begin
    if (f_announced) begin
        f_length <= h_length;
        f_count <= 15'd0;
        f_crc <= 32'hffffffff;
        f_good <= 1'b1;
    end else if (state_q == PAYLOAD && f_taken) begin
        f_count <= f_count + 15'd1;
        f_crc <= f_crc_next;
    end else if (state_q == TRAILER && f_taken) begin
        f_good <= s_data == ~f_crc;
    end
end

// words in, and where each went
reg [7:0] f_in = 0, f_skipped = 0, f_frames = 0, f_behind = 0;
always @(posedge clk) begin
    f_in <= rst ? 8'd0 : f_in + f_taken;
    f_skipped <= rst ? 8'd0 : f_skipped + skipped;
    f_frames <= rst ? 8'd0 : f_frames + f_announced;
    f_behind <= rst ? 8'd0 : f_behind + (f_taken && (state_q == PAYLOAD || state_q == TRAILER));
end
wire [7:0] f_window = state_q == FILL ? {4'd0, count_q} : state_q == CHECK || state_q == HEADER ? 8'd8 : 8'd0;
wire [7:0] f_told = f_skipped + {f_frames[4:0], 3'd0} + f_behind + f_window;

reg f_held = 1'b0;
reg [16:0] f_held_length;
reg [31:0] f_held_sequence;
always @(posedge clk) begin
    f_held <= !rst && h_valid && !h_ready;
    f_held_length <= h_length;
    f_held_sequence <= h_sequence;
end

always @* begin
    if (f_past && !rst) begin
        assert (state_q <= FINISH);
        assert (f_in == f_told);
        if (state_q != FILL || count_q != 4'd0) assert (plausible == f_plausible);
        if (state_q == FILL) assert (count_q <= 4'd8);
        if (state_q == CHECK) begin
            assert (count_q <= 4'd7);
            assert (crc_q == f_chain[count_q[2:0]]);
            // the first word went round and stands at the end
            assert (word_q[(4'd8-count_q)&4'd7] == NAVE_MAGIC);
            assert (word_q[(4'd12-count_q)&4'd7] <= NAVE_MAX_PAYLOAD_BYTES);
            assert (word_q[(4'd12-count_q)&4'd7][1:0] == 2'd0);
            // no valid header is passed over
            if (skipped) assert (word_q[0] != ~f_chain[7]);
        end
        if (state_q == FILL && skipped) assert (!f_valid);
        if (h_valid) assert (f_valid);
        if (f_held) assert (h_valid && h_length == f_held_length && h_sequence == f_held_sequence);
        if (state_q == PAYLOAD) begin
            assert (left_q != 15'd0 && f_length != 17'd0);
            assert (left_q + f_count == f_length[16:2]);
        end
        if (state_q == PAYLOAD || state_q == TRAILER) assert (crc_q == f_crc && good_q);
        if (state_q == TRAILER) assert (f_length != 17'd0 && f_count == f_length[16:2]);
        if (state_q == FINISH) assert (f_count == f_length[16:2] && good_q == f_good);
        if (state_q >= PAYLOAD && state_q <= FINISH)
            assert (f_length <= NAVE_MAX_PAYLOAD_BYTES && f_length[1:0] == 2'd0);
        if (state_q == FINISH && f_length == 17'd0) assert (e_good);

        cover (e_valid && e_good && f_length == 17'd8);
        cover (e_valid && !e_good);
        cover (e_valid && f_skipped == 8'd1);
    end
end
