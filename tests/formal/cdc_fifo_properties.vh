// Properties of rtl/stream/cdc_fifo.v under two clocks of any ratio and phase: words come out once, in order and
// unchanged; a gray pointer changes by one bit at most, so a sample taken while it changes is the old or the new one.
// SPDX-License-Identifier: ISC
(* gclk *) reg f_clk;
reg f_past = 1'b0;
reg f_s_clk = 1'b0, f_m_clk = 1'b0;
reg [3:0] f_start = 4'd0;
always @(posedge f_clk) begin
    f_past <= 1'b1;
    f_s_clk <= s_clk;
    f_m_clk <= m_clk;
    if (f_start != 4'd4) f_start <= f_start + 4'd1;
end
wire f_s_edge = s_clk && !f_s_clk;
wire f_m_edge = m_clk && !f_m_clk;

// both reset in the first steps, each clock has edges there; released together, for good
always @* begin
    assume (s_rst == (f_start < 4'd3));
    assume (m_rst == (f_start < 4'd3));
    if (f_start == 4'd0) assume (!s_clk && !m_clk);
    if (f_start == 4'd1) assume (s_clk && m_clk);
    if (f_start == 4'd2) assume (!s_clk && !m_clk);
    if (f_start == 4'd3) assume (!s_clk && !m_clk);
    // inputs are registers of their side: they change with its clock only
end
reg f_valid_before, f_ready_before;
reg [WIDTH-1:0] f_data_before;
always @(posedge f_clk) begin
    f_valid_before <= s_valid;
    f_data_before <= s_data;
    f_ready_before <= m_ready;
end
reg f_s_edge_q = 1'b0, f_m_edge_q = 1'b0;
always @(posedge f_clk) begin
    f_s_edge_q <= f_s_edge;
    f_m_edge_q <= f_m_edge;
end
always @* begin
    if (f_start == 4'd4 && !f_s_edge_q) assume (s_valid == f_valid_before && s_data == f_data_before);
    if (f_start == 4'd4 && !f_m_edge_q) assume (m_ready == f_ready_before);
end

function [LOG2_DEPTH:0] f_binary;
    input [LOG2_DEPTH:0] gray;
    integer k;
    begin
        f_binary[LOG2_DEPTH] = gray[LOG2_DEPTH];
        for (k = LOG2_DEPTH - 1; k >= 0; k = k - 1) f_binary[k] = f_binary[k+1] ^ gray[k];
    end
endfunction

wire [LOG2_DEPTH:0] f_stored = write_q - read_q;
// how far each view of a pointer lags behind it
wire [LOG2_DEPTH:0] f_write_lag1 = write_q - f_binary(write_cross_q), f_write_lag2 = write_q - f_binary(write_seen_q);
wire [LOG2_DEPTH:0] f_read_lag1 = read_q - f_binary(read_cross_q), f_read_lag2 = read_q - f_binary(read_seen_q);
// what the writer sees as in use and the reader as waiting
wire [LOG2_DEPTH:0] f_in_use = write_q - f_binary(read_seen_q), f_waiting = f_binary(write_seen_q) - read_q;

(* anyconst *) wire [LOG2_DEPTH:0] f_number;
reg [WIDTH-1:0] f_word;
wire [LOG2_DEPTH:0] f_age = f_number - read_q;
always @(posedge s_clk) if (take && write_q == f_number) f_word <= s_data;

reg [3:0] f_taken = 0, f_given = 0;
always @(posedge s_clk) f_taken <= s_rst ? 4'd0 : f_taken + take;
always @(posedge m_clk) f_given <= m_rst ? 4'd0 : f_given + give;

always @* begin
    if (f_start == 4'd4) begin
        assert (write_gray_q == (write_q ^ (write_q >> 1)));
        assert (read_gray_q == (read_q ^ (read_q >> 1)));
        assert (f_stored <= (1 << LOG2_DEPTH));
        assert (f_in_use <= (1 << LOG2_DEPTH) && f_stored <= f_in_use);
        assert (f_waiting <= f_stored);
        assert (f_write_lag1 <= f_write_lag2 && f_write_lag2 + f_waiting == f_stored);
        assert (f_read_lag1 <= f_read_lag2 && f_read_lag2 + f_stored == f_in_use);
        if (f_age < f_stored) assert (memory[f_number[LOG2_DEPTH-1:0]] == f_word);
        if (f_age == 0 && m_valid) assert (m_data == f_word);
        cover (!s_ready);
        cover (f_given == 4'd1 && !m_valid);
    end
end

reg [LOG2_DEPTH:0] f_write_gray, f_read_gray;
always @(posedge f_clk) begin
    f_write_gray <= write_gray_q;
    f_read_gray <= read_gray_q;
end
wire [LOG2_DEPTH:0] f_write_change = f_write_gray ^ write_gray_q, f_read_change = f_read_gray ^ read_gray_q;
always @* begin
    if (f_start == 4'd4) begin
        assert ((f_write_change & (f_write_change - 1)) == 0);
        assert ((f_read_change & (f_read_change - 1)) == 0);
    end
end
