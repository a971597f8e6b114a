// Transactions: token -> (data) -> handshake, for endpoint 0 (control) and endpoint 1 (bulk, both ways).
// OUT: data that is whole, in turn and has room is committed and acknowledged; a repeated one (toggle) is acknowledged
// and dropped; one with a fault gets no answer, so the host sends it again. IN: the packet stays until its ACK came.
// PING is answered at high speed; NYET says that the packet was taken and the next one would have no room.
// Timing: the answer's TX CMD is on the bus 8 clocks after DIR falls at high speed (ULPI allows 1..14), FULL_GAP
// clocks later at full speed (7..18). A missing data or handshake packet is given up after TIMEOUT_HIGH/FULL clocks, or when
// any other packet comes; at full speed the time runs from STP, which a PHY may want one byte before the end of its packet.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_transaction #(
    parameter TIMEOUT_HIGH = 92,
    parameter TIMEOUT_FULL = 160,
    parameter FULL_GAP = 4
) (
    input wire clk,
    input wire rst,  // also while the bus is reset or the device detached
    input wire high_speed,
    input wire [6:0] address,
    input wire configured,
    input wire test_se0_nak,
    input wire test_packet,
    // packet layer
    input wire rx_active,
    input wire token,
    input wire sof,
    input wire handshake,
    input wire bad_packet,
    input wire [3:0] pid,
    input wire [6:0] token_address,
    input wire [3:0] token_endpoint,
    input wire payload_valid,
    input wire data_end,
    input wire data_good,
    output wire send,
    output wire [3:0] send_pid,
    input wire tx_done,
    // endpoints: bit 0 control, bit 1 bulk
    input wire [1:0] out_stall,
    input wire [1:0] out_room,
    input wire [1:0] out_toggle,
    input wire out_nyet,  // bulk: no room behind the packet that is being taken
    output wire out_begin,  // a data packet may come, forget what an earlier one left
    output wire [1:0] out_write,  // the payload byte is for this endpoint
    output wire [1:0] out_commit,
    output wire setup_begin,
    output wire setup_commit,
    input wire [1:0] in_stall,
    input wire [1:0] in_ready,
    input wire [1:0] in_toggle,
    output wire in_endpoint,  // whose byte source is sent
    output wire in_end,  // the packet is over, acknowledged or not: begin it again
    output wire [1:0] in_ack,
    // counters
    output wire no_handshake,
    output wire repeated,
    output wire overlong
);
    generate
        if (TIMEOUT_HIGH < 32 || TIMEOUT_HIGH > 250 || TIMEOUT_FULL < 80 || TIMEOUT_FULL > 250 || FULL_GAP < 1 || FULL_GAP > 8)
        begin : g_illegal
            usb_transaction_timing_is_out_of_range stop ();
        end
    endgenerate

    localparam [3:0] PID_OUT = 4'b0001, PID_IN = 4'b1001, PID_SETUP = 4'b1101, PID_PING = 4'b0100, PID_DATA0 = 4'b0011,
        PID_DATA1 = 4'b1011, PID_ACK = 4'b0010, PID_NAK = 4'b1010, PID_STALL = 4'b1110, PID_NYET = 4'b0110;
    localparam [2:0] IDLE = 3'd0, DATA = 3'd1, GAP = 3'd2, SEND = 3'd3, HANDSHAKE = 3'd4, PAUSE = 3'd5;

    reg [2:0] state_q;
    reg endpoint_q, setup_q, send_q, in_data_q;
    reg [3:0] send_pid_q;
    reg [7:0] timer_q;
    reg [9:0] length_q;
    reg begin_q, setup_begin_q, setup_commit_q, in_end_q, no_handshake_q, repeated_q, overlong_q;
    reg [1:0] commit_q, ack_q;

    wire endpoint = token_endpoint[0];
    wire ours = token_address == address && (token_endpoint == 4'd0 || (token_endpoint == 4'd1 && configured));
    wire [7:0] limit = high_speed ? TIMEOUT_HIGH[7:0] : TIMEOUT_FULL[7:0];
    wire late = timer_q == limit && !rx_active;
    wire [9:0] most = endpoint_q && high_speed ? 10'd512 : 10'd64;
    wire too_long = length_q > most;
    // DATA0 and DATA1 only: DATA2 and MDATA are no bulk or control packets
    wire data_usable = data_end && data_good && !too_long && pid[2:0] == 3'b011;
    wire in_turn = pid[3] == out_toggle[endpoint_q];
    wire [1:0] selected = endpoint_q ? 2'b10 : 2'b01;
    // what was not understood may have been a token for another device, whose data or ACK would then come next
`ifdef NAVE_BUG_USB_FOREIGN
    wire other_packet = token || data_end || sof;
`else
    wire other_packet = token || data_end || sof || bad_packet;
`endif
    wire listening = state_q == IDLE || state_q == DATA || state_q == HANDSHAKE;

    always @(posedge clk) begin
        if (rst) begin
            state_q <= IDLE;
            endpoint_q <= 1'b0;
            setup_q <= 1'b0;
            send_q <= 1'b0;
            send_pid_q <= 4'd0;
            in_data_q <= 1'b0;
            timer_q <= 8'd0;
            length_q <= 10'd0;
            begin_q <= 1'b0;
            setup_begin_q <= 1'b0;
            setup_commit_q <= 1'b0;
            commit_q <= 2'b00;
            ack_q <= 2'b00;
            in_end_q <= 1'b1;  // whatever was being sent begins anew
            no_handshake_q <= 1'b0;
            repeated_q <= 1'b0;
            overlong_q <= 1'b0;
        end else begin
            send_q <= 1'b0;
            begin_q <= 1'b0;
            setup_begin_q <= 1'b0;
            setup_commit_q <= 1'b0;
            commit_q <= 2'b00;
            ack_q <= 2'b00;
            in_end_q <= 1'b0;
            no_handshake_q <= 1'b0;
            repeated_q <= 1'b0;
            overlong_q <= 1'b0;
            if (rx_active) timer_q <= 8'd0;
            else if (timer_q != 8'hff) timer_q <= timer_q + 8'd1;

            case (state_q)
                DATA: begin
                    if (payload_valid && length_q != 10'h3ff) length_q <= length_q + 10'd1;
                    if (data_end) begin
                        state_q <= IDLE;
                        overlong_q <= too_long;
                        if (data_usable && setup_q) begin
                            if (pid == PID_DATA0 && length_q == 10'd8) begin
                                setup_commit_q <= 1'b1;
                                send_pid_q <= PID_ACK;
                                state_q <= GAP;
                            end
                        end else if (data_usable) begin
                            state_q <= GAP;
                            if (out_stall[endpoint_q]) send_pid_q <= PID_STALL;
`ifdef NAVE_BUG_USB_TOGGLE
                            else if (1'b0) begin
`else
                            else if (!in_turn) begin
`endif
                                send_pid_q <= PID_ACK;
                                repeated_q <= 1'b1;
                            end else if (!out_room[endpoint_q]) send_pid_q <= PID_NAK;
                            else begin
                                send_pid_q <= high_speed && endpoint_q && out_nyet ? PID_NYET : PID_ACK;
                                commit_q <= selected;
                            end
                        end
                    end else if (late || handshake || sof || bad_packet) state_q <= IDLE;
                end
                HANDSHAKE: begin
                    if (handshake) begin
                        state_q <= IDLE;
                        in_end_q <= 1'b1;
                        if (pid == PID_ACK) ack_q <= selected;
                    end else if (late || other_packet) begin
                        state_q <= IDLE;
                        in_end_q <= 1'b1;
                        no_handshake_q <= 1'b1;
                    end
                end
                GAP: begin
                    // a host that talks before it was answered does not want the answer any more
                    if (rx_active) begin
                        state_q <= IDLE;
                        in_data_q <= 1'b0;
                    end else if (high_speed || timer_q >= FULL_GAP[7:0]) begin
                        send_q <= 1'b1;
                        state_q <= SEND;
                    end
                end
                SEND: begin
                    timer_q <= 8'd0;
                    if (tx_done) begin
                        in_data_q <= 1'b0;
                        state_q <= test_packet ? PAUSE : in_data_q ? HANDSHAKE : IDLE;
                        in_end_q <= test_packet;
                    end
                end
                PAUSE: if (timer_q == 8'd16) state_q <= IDLE;
                default: begin
                    state_q <= IDLE;
                    if (test_packet) begin
                        endpoint_q <= 1'b0;
                        in_data_q <= 1'b1;
                        send_pid_q <= PID_DATA0;
                        state_q <= GAP;
                    end
                end
            endcase

            if (token && listening && !test_packet) begin
                state_q <= IDLE;
                endpoint_q <= endpoint;
                setup_q <= 1'b0;
                length_q <= 10'd0;
                begin_q <= 1'b1;
                if (test_se0_nak) begin
                    if (pid == PID_IN) begin
                        send_pid_q <= PID_NAK;
                        state_q <= GAP;
                    end
                end else if (ours) begin
                    case (pid)
                        PID_SETUP: begin
                            setup_q <= 1'b1;
                            setup_begin_q <= !endpoint;
                            if (!endpoint) state_q <= DATA;
                        end
                        PID_OUT: state_q <= DATA;
                        PID_PING: begin
                            send_pid_q <= out_stall[endpoint] ? PID_STALL : out_room[endpoint] ? PID_ACK : PID_NAK;
                            if (high_speed) state_q <= GAP;
                        end
                        PID_IN: begin
                            state_q <= GAP;
                            if (in_stall[endpoint]) send_pid_q <= PID_STALL;
                            else if (!in_ready[endpoint]) send_pid_q <= PID_NAK;
                            else begin
                                send_pid_q <= in_toggle[endpoint] ? PID_DATA1 : PID_DATA0;
                                in_data_q <= 1'b1;
                            end
                        end
                        default: state_q <= IDLE;
                    endcase
                end
            end
        end
    end

    assign send = send_q;
    assign send_pid = send_pid_q;
    assign out_begin = begin_q;
    assign out_write = payload_valid && state_q == DATA && !setup_q ? selected : 2'b00;
    assign out_commit = commit_q;
    assign setup_begin = setup_begin_q;
    assign setup_commit = setup_commit_q;
    assign in_endpoint = endpoint_q;
    assign in_end = in_end_q;
    assign in_ack = ack_q;
    assign no_handshake = no_handshake_q;
    assign repeated = repeated_q;
    assign overlong = overlong_q;

`ifdef FORMAL
    `include "usb_transaction_properties.vh"
`endif
endmodule
`default_nettype wire
