// Properties of rtl/usb/usb_bulk_in.v: the bytes of acknowledged packets are the words that came in, in their order, each
// once; a packet that is not acknowledged is sent again as it was; a transfer ends where s_last was, with a short packet.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);
// what usb_transaction and usb_tx keep: a packet is begun when there is one, its bytes are taken up to the last, then it
// is over (in_end), and perhaps acknowledged one clock with that; the speed changes only while nothing is under way
reg f_all;  // the last byte was taken
always @(posedge clk) begin
    if (rst || in_end) f_all <= 1'b0;
    else if (source_take && source_last) f_all <= 1'b1;
end
// and the first byte is taken some clocks behind the token, when the memory was read
reg f_rested;
always @(posedge clk) f_rested <= !rst && in_ready && !in_end;
always @* if (source_take) assume (f_rested && in_ready && !source_none && !f_all && !in_end && !in_ack);
always @* if (in_ack) assume (in_end && in_ready && (f_all || source_none));
reg f_speed;
always @(posedge clk) f_speed <= high_speed;
always @* if (f_past && !rst) assume (high_speed == f_speed);

// a word that came in, followed until its packet is acknowledged
(* anyseq *) wire f_pick;
reg f_follow = 1'b0, f_done = 1'b0, f_bank, f_last;
reg [31:0] f_data;
reg [6:0] f_k;
reg [8:0] f_queued, f_ahead;  // words that are not acknowledged; those before the one that is followed
wire f_start = f_pick && take && !f_follow && !f_done;
// by the account of who takes bytes: of this packet
reg [9:0] f_bytes;
wire [7:0] f_words = f_bytes[9:2];
wire f_here = f_follow && f_ahead < f_words;  // its packet is the one that was sent
always @(posedge clk) begin
    if (rst || in_end) f_bytes <= 10'd0;
    else if (source_take) f_bytes <= f_bytes + 10'd1;
end
wire [7:0] f_gone = in_ack ? f_words : 8'd0;
always @(posedge clk) begin
    if (rst) begin
        f_follow <= 1'b0;
        f_done <= 1'b0;
        f_queued <= 9'd0;
    end else begin
        f_queued <= f_queued + take - f_gone;
        if (f_start) begin
            f_follow <= 1'b1;
            f_bank <= write_bank_q;
            f_k <= write_q;
            f_data <= s_data;
            f_last <= s_last;
            f_ahead <= f_queued - f_gone;
        end else if (f_follow) begin
            if (in_ack && f_here) begin
                f_follow <= 1'b0;
                f_done <= 1'b1;
            end
            f_ahead <= f_ahead - f_gone;
        end
    end
end
// a transfer that is whole packets has an empty one at its end
reg f_end_due = 1'b0;
always @(posedge clk) f_end_due <= !rst && ((in_ack && f_here && f_last && f_words == f_most) || (f_end_due && !in_ack));
reg f_toggle, f_toggled;
always @(posedge clk) begin
    f_toggled <= !rst;
    f_toggle <= toggle_reset ? 1'b0 : in_toggle ^ in_ack;
end

wire [8:0] f_in_bank = full_q[read_bank_q] && !empty_q ? top_q[read_bank_q] + 9'd1 - base_q : 9'd0;
wire [8:0] f_behind = full_q[!read_bank_q] ? top_q[!read_bank_q] + 9'd1 : 9'd0;
wire [8:0] f_most = high_speed ? 9'd128 : 9'd16;
always @* if (f_past && !rst) begin
    // the queue's own account
    if (full_q == 2'b11 || full_q == 2'b00) assert (write_bank_q == read_bank_q);
    else assert (full_q[read_bank_q] && write_bank_q != read_bank_q);
    if (full_q[write_bank_q]) assert (write_q == 7'd0);
    if (!full_q[read_bank_q]) assert (base_q == 7'd0 && !empty_q);
    if (empty_q) assert (base_q == 7'd0 && ends_q[read_bank_q]);
    if (full_q[read_bank_q]) assert (base_q <= top_q[read_bank_q]);
    if (full_q[0] && !ends_q[0]) assert (top_q[0] == 7'd127);
    if (full_q[1] && !ends_q[1]) assert (top_q[1] == 7'd127);
    if (high_speed) assert (base_q == 7'd0);
    assert (base_q[3:0] == 4'd0);
    assert (f_queued == f_in_bank + f_behind + write_q);
    // the packet
    assert (f_bytes == (f_all && index_q == 9'd0 ? 10'd512 : {1'b0, index_q}));
    if (f_bytes != 10'd0) assert (full_q[read_bank_q] && !empty_q);
    if (f_bytes != 10'd0 && !f_all) assert (f_bytes <= {1'b0, packet_top, 2'b11});
    if (f_all) assert (f_bytes == {1'b0, packet_top, 2'b11} + 10'd1);
    if (f_rested && f_follow && f_bank == read_bank_q && !empty_q && f_k == base_q + index_q[8:2]) assert (word_q == f_data);
    // the properties
    if (source_take) assert (f_words < f_most && f_words < f_queued);
    if (source_take && f_follow && f_ahead == f_words) assert (source_data == f_data[8*f_bytes[1:0]+:8]);
    if (f_all) assert (f_bytes[1:0] == 2'd0);
    // what is acknowledged ends with a word that carried s_last, or goes on with a full packet
    if (in_ack && f_here && f_last) assert (f_ahead == f_words - 1);
    if (in_ack && !source_none && f_words != f_most) assert (ends_q[read_bank_q]);
    if (f_follow) begin
        assert (f_ahead < f_queued);
        if (f_bank == write_bank_q && !full_q[write_bank_q]) begin
            assert (f_k < write_q && memory[{f_bank, f_k}] == f_data && !f_last);
            assert (f_ahead == f_in_bank + f_k);
        end else begin
            assert (full_q[f_bank] && f_k <= top_q[f_bank] && memory[{f_bank, f_k}] == f_data);
            if (f_last) assert (f_k == top_q[f_bank] && ends_q[f_bank]);
            if (f_bank == read_bank_q) assert (!empty_q && f_k >= base_q && f_ahead == f_k - base_q);
            else assert (f_ahead == f_in_bank + f_k);
        end
    end
    if (f_end_due) assert (in_ready && source_none);
    if (f_toggled) assert (in_toggle == f_toggle);
    cover (f_done && f_k == 7'd1);
    cover (f_follow && f_here && f_last);
end
