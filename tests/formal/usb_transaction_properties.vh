// Properties of rtl/usb/usb_transaction.v: data is committed once, only if it was whole, asked for by the token right before
// it, in turn and with room, and then it is acknowledged; an IN packet counts as delivered only if an ACK was the very next
// packet behind it; nothing is said that was not asked for.
// SPDX-License-Identifier: ISC
reg f_past = 1'b0;
always @(posedge clk) f_past <= 1'b1;
always @* if (!f_past) assume (rst);
// the packet layer tells one thing at a time
always @* assume (token + sof + handshake + data_end + bad_packet <= 1 || (data_end && bad_packet && !token && !sof && !handshake));
always @* if (data_good) assume (data_end && !bad_packet && pid[1:0] == 2'b11);
always @* if (token) assume (pid[1:0] == 2'b01 || pid == PID_PING);
always @* if (handshake) assume (pid[1:0] == 2'b10);
always @* if (tx_done) assume (state_q == SEND);
always @* assume (!test_packet && !test_se0_nak);

wire f_packet = token || sof || handshake || data_end || bad_packet;
wire f_to_us = token && token_address == address && (token_endpoint == 0 || (token_endpoint == 1 && configured));
// the packet before this one
reg f_out, f_setup, f_endpoint, f_delivered, f_in;
always @(posedge clk) begin
    if (rst) begin
        f_out <= 1'b0;
        f_setup <= 1'b0;
        f_endpoint <= 1'b0;
        f_delivered <= 1'b0;
        f_in <= 1'b0;
    end else begin
        if (f_packet) begin
            f_out <= f_to_us && pid == PID_OUT;
            f_setup <= f_to_us && pid == PID_SETUP && token_endpoint == 0;
            f_delivered <= 1'b0;
        end
        if (f_packet && listening) begin
            f_in <= f_to_us && pid == PID_IN && in_ready[endpoint] && !in_stall[endpoint];
            if (token) f_endpoint <= endpoint;
        end
        // our data packet is out and nothing came since
        if (tx_done) f_delivered <= f_in && send_pid_q[1:0] == 2'b11;
    end
end
// payload bytes of this data packet
reg [10:0] f_bytes;
always @(posedge clk) begin
    if (rst || token) f_bytes <= 0;
    else if (payload_valid && state_q == DATA && f_bytes != 11'h7ff) f_bytes <= f_bytes + 11'd1;
end

// what the clock before made true
reg f_ran = 1'b0, f_may_commit, f_may_setup, f_may_ack, f_asked;
reg [1:0] f_which;
always @(posedge clk) begin
    f_ran <= !rst;
    f_which <= f_endpoint ? 2'b10 : 2'b01;
    f_may_commit <= data_end && data_good && f_out && f_bytes <= (f_endpoint && high_speed ? 512 : 64) && !out_stall[f_endpoint]
        && out_room[f_endpoint] && (pid == PID_DATA0 || pid == PID_DATA1) && pid[3] == out_toggle[f_endpoint];
    f_may_setup <= data_end && data_good && f_setup && pid == PID_DATA0 && f_bytes == 8;
    f_may_ack <= handshake && pid == PID_ACK && f_delivered;
    f_asked <= f_to_us || (data_end && data_good && (f_out || f_setup));
end
always @* if (f_past && f_ran && !rst) begin
    assert (state_q <= PAUSE);
    // the two accounts agree
    if (state_q == DATA) assert ((f_out || f_setup) && setup_q == f_setup && endpoint_q == f_endpoint);
    if (state_q == DATA) assert (length_q == (f_bytes > 1023 ? 1023 : f_bytes[9:0]));
    if (state_q == DATA) assert (!in_data_q);
    if (state_q == HANDSHAKE) assert (f_delivered && !in_data_q);
    if (state_q == IDLE) assert (!in_data_q);
    if (state_q == PAUSE) assert (1'b0);
    if (state_q == GAP || state_q == SEND || state_q == HANDSHAKE) assert (endpoint_q == f_endpoint);
    if (in_data_q) assert (f_in && send_pid_q[1:0] == 2'b11 && (state_q == GAP || state_q == SEND));
    if (!in_data_q && (state_q == GAP || state_q == SEND)) assert (send_pid_q[1:0] == 2'b10);
    // the properties
    if (out_commit != 2'b00) assert (f_may_commit && out_commit == f_which);
    if (out_commit != 2'b00) assert (state_q == GAP && (send_pid == PID_ACK || send_pid == PID_NYET));
    if (setup_commit) assert (f_may_setup && state_q == GAP && send_pid == PID_ACK);
    if (in_ack != 2'b00) assert (f_may_ack && in_ack == f_which);
end
// a packet is begun only in SEND, once, and SEND is only entered by way of GAP, GAP only when asked
reg [2:0] f_state = IDLE;
always @(posedge clk) f_state <= rst ? IDLE : state_q;
always @* if (f_past && f_ran && !rst) begin
    if (send) assert (state_q == SEND && f_state == GAP);
    if (state_q == GAP && f_state != GAP) assert (f_asked);
end

reg [2:0] f_commits = 0;
always @(posedge clk) if (!rst && out_commit[1]) f_commits <= f_commits + 3'd1;
always @* begin
    cover (f_commits == 3'd2);
    cover (f_past && !rst && setup_commit);
    cover (f_past && !rst && in_ack[1]);
    cover (f_past && !rst && send && send_pid == PID_NYET);
    cover (f_past && !rst && repeated);
end
