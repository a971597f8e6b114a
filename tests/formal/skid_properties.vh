// Properties of rtl/stream/skid.v: words come out once, in order and unchanged.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);

wire [1:0] f_level = valid_q + spare_valid_q;
reg [2:0] f_taken = 0, f_given = 0;
(* anyconst *) wire [2:0] f_number;
reg [WIDTH-1:0] f_word;
wire [2:0] f_age = f_number - f_given;
always @(posedge clk) begin
    f_taken <= rst ? 3'd0 : f_taken + take;
    f_given <= rst ? 3'd0 : f_given + (m_valid && m_ready);
    if (take && f_taken == f_number) f_word <= s_data;
end

reg f_offered = 1'b0;
reg [WIDTH-1:0] f_offer;
always @(posedge clk) begin
    f_offered <= !rst && m_valid && !m_ready;
    f_offer <= m_data;
end

always @* begin
    if (f_past && !rst) begin
        assert (f_taken - f_given == {1'b0, f_level});
        assert (!spare_valid_q || valid_q);
        if (f_age == 0 && f_level != 0) assert (m_valid && m_data == f_word);
        if (f_age == 1 && f_level == 2) assert (spare_q == f_word);
        if (f_offered) assert (m_valid && m_data == f_offer);
        cover (!s_ready && f_given == 3'd5);
        cover (f_level == 0 && f_given == 3'd5);
    end
end
