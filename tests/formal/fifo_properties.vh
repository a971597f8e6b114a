// Properties of rtl/stream/fifo.v: every word comes out once, in order and unchanged; nothing is overwritten.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);

// any one word, named by its number: followed from its arrival to its departure
(* anyconst *) wire [LOG2_DEPTH:0] f_number;
reg [WIDTH-1:0] f_word;
wire [LOG2_DEPTH:0] f_age = f_number - read_q;
wire [LOG2_DEPTH:0] f_stored = write_q - read_q;
wire f_inside = f_age < stored_q;
always @(posedge clk) if (take && write_q == f_number) f_word <= s_data;

reg [7:0] f_taken = 0, f_given = 0;
wire [7:0] f_held = f_taken - f_given;
always @(posedge clk) begin
    f_taken <= rst ? 8'd0 : f_taken + take;
    f_given <= rst ? 8'd0 : f_given + (m_valid && m_ready);
end

always @* begin
    if (f_past && !rst) begin
        assert (stored_q <= (1 << LOG2_DEPTH));
        assert (stored_q == f_stored);
        assert (some_q == (stored_q != 0));
        assert (f_held == level);
        if (f_inside) assert (memory[f_number[LOG2_DEPTH-1:0]] == f_word);
    end
end

generate
    if (BLOCK_RAM != 0) begin : g_f_block
        reg f_read = 1'b0, f_out = 1'b0;  // the followed word is in the block's output, in the output register
        always @(posedge clk) begin
            if (rst) f_read <= 1'b0;
            else if (give) f_read <= f_inside && read_q == f_number;
            else if (g_block.step) f_read <= 1'b0;
            if (rst) f_out <= 1'b0;
            else if (g_block.step) f_out <= f_read;
        end
        always @* begin
            if (f_past && !rst) begin
                assert (level == stored_q + g_block.read_valid_q + m_valid);
                if (f_read) assert (g_block.read_valid_q && g_block.read_data_q == f_word);
                if (f_out) assert (m_valid && m_data == f_word);
            end
            // a second word of the same number must not replace the one that is followed
            if (f_read || f_out) assume (!(take && write_q == f_number));
        end
    end else begin : g_f_distributed
        always @* if (f_past && !rst) assert (level == stored_q);
        always @* if (f_past && !rst && f_inside && read_q == f_number) assert (m_valid && m_data == f_word);
    end
endgenerate

// an offer stays until it is taken
reg f_offered = 1'b0;
reg [WIDTH-1:0] f_offer;
always @(posedge clk) begin
    f_offered <= !rst && m_valid && !m_ready;
    f_offer <= m_data;
end
always @* if (f_past && !rst && f_offered) assert (m_valid && m_data == f_offer);

always @* begin
    if (f_past && !rst) begin
        cover (!s_ready);
        cover (f_given == 8'd12);
        cover (level == 0 && f_given == 8'd5);
    end
end
