// Properties of rtl/usb/usb_tx.v: a packet is TX CMD with its PID, the source's bytes in order, and a CRC that leaves the
// residue of the standard; a handshake is its TX CMD alone. (The fifo behind it is proved by itself.)
// SPDX-License-Identifier: ISC
function [15:0] f_crc16;
    input [15:0] crc;
    input [7:0] data;
    integer k;
    begin
        f_crc16 = crc;
        for (k = 0; k < 8; k = k + 1) f_crc16 = {f_crc16[14:0], 1'b0} ^ (f_crc16[15] != data[k] ? 16'h8005 : 16'h0000);
    end
endfunction
function [15:0] f_reversed;
    input [15:0] bits;
    integer k;
    for (k = 0; k < 16; k = k + 1) f_reversed[k] = bits[15-k];
endfunction

reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);
always @* if (send) assume (state_q == IDLE && (send_pid[1:0] == 2'b11 || send_pid[1:0] == 2'b10));

wire f_go = talking && ready;
reg f_inside = 1'b0;  // between the TX CMD and the last byte
reg [15:0] f_crc;
reg [7:0] f_taken;
always @(posedge clk) begin
    if (rst) begin
        f_inside <= 1'b0;
        f_taken <= 0;
    end else if (f_go) begin
        f_inside <= !last;
        f_crc <= f_inside ? f_crc16(f_crc, data) : 16'hffff;
        if (f_taken != 8'hff) f_taken <= f_inside ? f_taken + 8'd1 : 8'd0;
    end
end
always @* if (f_past && !rst) begin
    assert (state_q <= CRC_WAIT);
    assert (f_inside == (state_q == PAYLOAD || state_q == CRC_WAIT || state_q == CRC_LOW || state_q == CRC_HIGH));
    if (byte_valid_q) assert (state_q == PAYLOAD || state_q == CRC_WAIT);
    if (state_q == CRC_WAIT) assert (byte_valid_q);
    if (f_inside) assert (is_data);
    if (state_q == COMMAND) assert (crc_q == 16'hffff && (is_data || pid_q[1:0] == 2'b10));
    if (state_q == PAYLOAD || state_q == CRC_WAIT || state_q == CRC_LOW)
        assert (f_crc == (byte_valid_q ? f_crc16(f_reversed(crc_q), byte_q) : f_reversed(crc_q)));
    if (state_q == CRC_HIGH) assert (f_crc == f_crc16(f_reversed(crc_q), ~crc_q[7:0]));
    if (f_go && !f_inside) assert (data == {4'h4, pid_q} && last == !is_data);
    if (f_go && f_inside) assert (last == (state_q == CRC_HIGH));
    if (f_go && f_inside && last) assert (f_crc16(f_crc, data) == 16'h800d);
    if (source_take) assert (data == source_data && !last);
end
always @* begin
    cover (f_past && !rst && f_go && f_inside && last && f_taken == 8'd4);
    cover (f_past && !rst && f_go && !f_inside && last);
    cover (f_past && !rst && m_valid && m_ready && m_last && f_taken == 8'd3);
end
