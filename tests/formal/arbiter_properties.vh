// Properties of rtl/stream/arbiter.v: one port at a time, bursts whole, offers stay, nobody waits for more than
// PORTS - 1 bursts of others.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);

// the ports keep the rule of valid/ready: an offer stays as it is until taken
reg [PORTS-1:0] f_waits = 0, f_last;
reg [PORTS*WIDTH-1:0] f_data;
always @(posedge clk) begin
    f_waits <= rst ? 0 : s_valid & ~s_ready;
    f_last <= s_last;
    f_data <= s_data;
end
integer f_i;
always @* begin
    for (f_i = 0; f_i < PORTS; f_i = f_i + 1)
        if (f_past && !rst && f_waits[f_i])
            assume (s_valid[f_i] && s_last[f_i] == f_last[f_i] &&
                    s_data[f_i*WIDTH+:WIDTH] == f_data[f_i*WIDTH+:WIDTH]);
end

wire f_moves = m_valid && m_ready;
reg f_offered = 1'b0, f_open = 1'b0, f_offer_last;
reg [WIDTH-1:0] f_offer;
reg [LOG2_PORTS-1:0] f_index;
always @(posedge clk) begin
    f_offered <= !rst && m_valid && !m_ready;
    f_open <= !rst && (f_moves ? !m_last : f_open);
    f_offer <= m_data;
    f_offer_last <= m_last;
    if (m_valid) f_index <= m_index;
end

// one port, any: the bursts of others that end while it waits
(* anyconst *) wire [LOG2_PORTS-1:0] f_port;
always @* assume (f_port < PORTS);
reg [LOG2_PORTS:0] f_others = 0;
wire f_mine = granted_q && owner_q == f_port;
always @(posedge clk) begin
    if (rst || !s_valid[f_port] || f_mine) f_others <= 0;
    else if (f_moves && m_last) f_others <= f_others + 1;
end
// the turns from the owner on to the port, which each burst of another uses up
wire [LOG2_PORTS-1:0] f_turns = (f_port > owner_q ? f_port - owner_q : PORTS + f_port - owner_q) - 1;

always @* begin
    if (f_past && !rst) begin
        assert ((s_ready & (s_ready - 1)) == 0);
        assert (owner_q < PORTS);
        assert (grant_q == (granted_q ? 1 << owner_q : 0));
        assert (f_moves == ((s_ready & s_valid) != 0));
        if (f_moves) assert (s_ready[m_index] && m_data == s_data[m_index*WIDTH+:WIDTH]);
        assert (!f_open || (granted_q && owner_q == f_index));
        if (f_open && m_valid) assert (m_index == f_index);
        if (f_offered) assert (m_valid && m_data == f_offer && m_last == f_offer_last && m_index == f_index);
        if (f_offered) assert (granted_q && owner_q == f_index);
        // a grant is for a burst that waits or has begun
        if (granted_q) assert (f_open || f_waits[owner_q]);
        // its wait is bounded: the bursts it has waited for and those that can still come before it
        if (owner_q == f_port) assert (f_others <= (granted_q ? PORTS - 1 : 0));
        else assert (f_others + f_turns + granted_q <= PORTS - 1);
        cover (f_others == PORTS - 1);
        cover (f_open && !m_valid && (s_valid != 0));
    end
end
