// Properties of rtl/usb/usb_rx.v against CRCs written the other way round, a bit at a time as the standard draws them:
// nothing counts but a whole packet with the right checks, and each packet is told exactly once.
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
function [4:0] f_crc5;
    input [4:0] crc;
    input [7:0] data;
    integer k;
    begin
        f_crc5 = crc;
        for (k = 0; k < 8; k = k + 1) f_crc5 = {f_crc5[3:0], 1'b0} ^ (f_crc5[4] != data[k] ? 5'h05 : 5'h00);
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
always @* if (rx_valid || rx_error) assume (rx_active);
// the PHY's turnarounds keep packets apart
reg f_active = 1'b0;
always @(posedge clk) f_active <= !rst && rx_active;
always @* if (rx_active && !f_active) assume (!rx_valid);

// the packet as it comes
reg [7:0] f_count;
reg [7:0] f_first, f_second, f_third;
reg [15:0] f_data_crc;
reg [4:0] f_token_crc;
reg f_error;
always @(posedge clk) begin
    if (rst || !rx_active) begin
        f_count <= 0;
        f_error <= 1'b0;
    end else begin
        if (rx_error) f_error <= 1'b1;
        if (rx_valid) begin
            if (f_count != 8'hff) f_count <= f_count + 8'd1;
            if (f_count == 0) f_first <= rx_data;
            if (f_count == 1) f_second <= rx_data;
            if (f_count == 2) f_third <= rx_data;
            f_data_crc <= f_count == 0 ? 16'hffff : f_crc16(f_data_crc, rx_data);
            f_token_crc <= f_count == 0 ? 5'h1f : f_crc5(f_token_crc, rx_data);
        end
    end
end
wire f_pid_good = f_first[7:4] == ~f_first[3:0] && !f_error;
wire f_token_good = f_pid_good && f_count == 3 && f_token_crc == 5'h0c && (f_first[1:0] == 2'b01 || f_first[3:0] == 4'b0100);
wire f_data_good = f_pid_good && f_count >= 3 && f_data_crc == 16'h800d && f_first[1:0] == 2'b11;
wire f_handshake_good = f_pid_good && f_count == 1 && f_first[1:0] == 2'b10;

// what the block keeps is what came
always @* if (f_past && !rst) begin
    assert (active_q == f_active);
    assert (count_q == (f_count > 3 ? 3 : f_count[1:0]));
    assert (more_q == (f_count > 3));
    if (!f_active) assert (f_count == 0 && !f_error && !fault_q);
    if (f_count != 0) begin
        assert (fault_q == !f_pid_good);
        assert (pid_q == f_first[3:0]);
        assert (crc_q == f_reversed(f_data_crc));
    end else assert (fault_q == f_error);
    if (f_count == 3) begin
        assert ({late_q, later_q} == {f_third, f_second});
        assert (f_token_crc == f_crc5(f_crc5(5'h1f, f_second), f_third));
    end
    if (f_count == 2) begin
        assert (late_q == f_second);
        assert (f_token_crc == f_crc5(5'h1f, f_second));
    end
    if (f_count == 1) assert (f_token_crc == 5'h1f);
end

// one clock after the end, what it was; at any other time nothing
reg f_told = 1'b0, f_token, f_sof, f_data, f_handshake, f_any;
always @(posedge clk) begin
    f_told <= !rst;
    f_any <= f_active && !rx_active && f_count != 0;
    f_token <= f_active && !rx_active && f_token_good && f_first[3:0] != 4'b0101;
    f_sof <= f_active && !rx_active && f_token_good && f_first[3:0] == 4'b0101;
    f_data <= f_active && !rx_active && f_data_good;
    f_handshake <= f_active && !rx_active && f_handshake_good;
end
always @* if (f_past && f_told && !rst) begin
    assert (token == f_token);
    assert (sof == f_sof);
    assert (data_good == f_data);
    assert (handshake == f_handshake);
    assert (f_any == (token || sof || data_good || handshake || bad_packet));
    assert (token + sof + data_good + handshake + bad_packet <= 1);
    if (data_good) assert (data_end);
end
// payload: all bytes of a good packet but PID and CRC, before its end is told
reg [7:0] f_payload;
always @(posedge clk) f_payload <= rst || !f_active ? 8'd0 : f_payload + (payload_valid && f_payload != 8'hff);
always @* if (f_past && f_told && !rst && f_active) begin
    if (f_count <= 3) assert (f_payload == 0 && !payload_valid);
    else if (f_pid_good && f_first[1:0] == 2'b11 && f_count < 8'hff) assert (f_payload + payload_valid == f_count - 3);
end

always @* if (f_past && !rst) begin
    cover (token);
    cover (sof);
    cover (handshake);
    cover (data_good && f_past);
    cover (bad_packet && !data_end);
end
reg f_one = 1'b0;  // a packet with a byte of payload
always @(posedge clk) if (!rst && payload_valid) f_one <= 1'b1;
always @* cover (f_one && data_good);
