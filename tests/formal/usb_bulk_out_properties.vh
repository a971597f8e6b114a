// Properties of rtl/usb/usb_bulk_out.v: the words of committed packets come out in their order, each once, whatever bytes
// come in packets that are not committed (damaged, repeated, refused for want of room); the toggle moves with each commit.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);
// what usb_transaction keeps (proved there): one thing at a time; data is committed only with room and at most 512 bytes
always @* assume (out_begin + out_write + out_commit <= 1);
always @* if (out_commit) assume (out_room && f_bytes <= 10'd512);
always @* if (out_commit) assume (f_open);
// the bytes of this packet, by the account of who sends them
reg f_open;  // since out_begin nothing was committed
reg f_roomy;  // there was room for its first byte, and so there is until its commit
reg [9:0] f_bytes;
(* anyconst *) reg [6:0] f_k;  // the word of the packet that is followed
reg [31:0] f_word;
always @(posedge clk) begin
    if (rst) begin
        f_open <= 1'b0;
        f_bytes <= 10'd0;
        f_roomy <= 1'b0;
    end else if (out_begin) begin
        f_open <= 1'b1;
        f_bytes <= 10'd0;
    end else if (out_commit) f_open <= 1'b0;
    else if (out_write && f_bytes != 10'h3ff) f_bytes <= f_bytes + 10'd1;
    if (out_write && f_bytes == 10'd0) f_roomy <= !full_q[write_bank_q];
    if (out_write && f_bytes[9:2] == {1'b0, f_k}) f_word <= {payload, f_word[31:8]};
end
always @* if (out_write) assume (f_open);

// a committed word, followed to its end
(* anyseq *) wire f_pick;
reg f_follow = 1'b0, f_done = 1'b0, f_bank;
reg [31:0] f_data;
reg [9:0] f_ahead, f_queued;
wire f_taken = m_valid && m_ready;
wire [7:0] f_committed = out_commit ? f_bytes[9:2] : 8'd0;
wire f_start = f_pick && out_commit && f_k < f_bytes[9:2] && !f_follow && !f_done;
always @(posedge clk) begin
    if (rst) begin
        f_follow <= 1'b0;
        f_done <= 1'b0;
        f_queued <= 10'd0;
    end else begin
        f_queued <= f_queued + f_committed - f_taken;
        if (f_start) begin
            f_follow <= 1'b1;
            f_bank <= write_bank_q;
            f_data <= f_word;
            f_ahead <= f_queued + f_k - f_taken;
        end else if (f_follow && f_taken) begin
            f_ahead <= f_ahead - 10'd1;
            if (f_ahead == 10'd0) begin
                f_follow <= 1'b0;
                f_done <= 1'b1;
            end
        end
    end
end
reg f_toggle, f_toggled;
always @(posedge clk) begin
    f_toggled <= !rst;
    f_toggle <= toggle_reset ? 1'b0 : out_toggle ^ out_commit;
end

wire [9:0] f_in_bank = full_q[read_bank_q] ? words_q[read_bank_q] - read_q : 10'd0;
wire [9:0] f_behind = full_q[!read_bank_q] ? words_q[!read_bank_q] : 10'd0;
wire f_in_memory = f_bank == read_bank_q ? f_k >= read_q : 1'b1;
always @* if (f_past && !rst) begin
    // the queue's own account
    if (full_q == 2'b11 || full_q == 2'b00) assert (write_bank_q == read_bank_q);
    else assert (full_q[read_bank_q] && write_bank_q != read_bank_q);
    if (full_q[0]) assert (words_q[0] >= 8'd1 && words_q[0] <= 8'd128);
    if (full_q[1]) assert (words_q[1] >= 8'd1 && words_q[1] <= 8'd128);
    if (full_q[read_bank_q]) assert (read_q < words_q[read_bank_q]);
    else assert (read_q == 7'd0);
    assert (f_queued == f_in_bank + f_behind + valid_q);
    // the packet that comes
    if (f_open && f_bytes == 10'd0) assert (count_q == 10'd0 && !refuse_q);
    if (f_open && f_bytes != 10'd0) assert (refuse_q == !f_roomy);
    if (f_open && f_bytes != 10'd0 && f_roomy) assert (!full_q[write_bank_q]);
    if (f_open && f_bytes != 10'd0 && f_roomy) assert (count_q == (f_bytes > 10'd512 ? 10'd512 : f_bytes));
    if (f_open && f_roomy && f_bytes[9:2] > f_k) assert (memory[{write_bank_q, f_k}] == f_word);
    if (f_open && f_roomy && f_bytes[9:2] == f_k && f_bytes[1:0] == 2'd1) assert (part_q[23:16] == f_word[31:24]);
    if (f_open && f_roomy && f_bytes[9:2] == f_k && f_bytes[1:0] == 2'd2) assert (part_q[23:8] == f_word[31:16]);
    if (f_open && f_roomy && f_bytes[9:2] == f_k && f_bytes[1:0] == 2'd3) assert (part_q == f_word[31:8]);
    // the properties
    if (m_valid) assert (f_queued != 10'd0);
    if (f_follow && f_taken && f_ahead == 10'd0) assert (m_data == f_data);
    if (f_follow) begin
        assert (f_ahead < f_queued);
        if (f_ahead == 10'd0 && valid_q) assert (data_q == f_data);
        else begin
            assert (full_q[f_bank] && f_k < words_q[f_bank] && f_in_memory && memory[{f_bank, f_k}] == f_data);
            assert (f_ahead == valid_q + (f_bank == read_bank_q ? f_k - read_q : f_in_bank + f_k));
        end
    end
    if (f_toggled) assert (out_toggle == f_toggle);
    // none stays behind: a word that is there is offered in the next clock
    if (f_queued != 10'd0) assert (valid_q || full_q[read_bank_q]);
    cover (f_done && f_k == 7'd1);
    cover (f_follow && f_ahead == 10'd1);
end
