// Packets from bytes: checks PID, CRC5, CRC16 and length, and says once at the end of each packet what it was.
// A packet with any fault makes `bad_packet` (or, for data, `data_end` with data_good = 0) and nothing else.
// payload_* are the bytes of a data packet without PID and CRC, as they come: they count only if data_good follows.
// Latency: end of packet to the pulse 1 clock. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_rx (
    input wire clk,
    input wire rst,
    input wire rx_active,
    input wire rx_valid,
    input wire [7:0] rx_data,
    input wire rx_error,
    output wire token,  // SETUP, IN, OUT or PING; pid, address and endpoint are valid with it
    output wire sof,
    output wire handshake,
    output wire [3:0] pid,
    output wire [6:0] token_address,
    output wire [3:0] token_endpoint,
    output wire [10:0] frame,
    output wire payload_valid,
    output wire [7:0] payload,
    output wire data_end,
    output wire data_good,
    output wire bad_packet
);
    `include "usb_crc.vh"
    localparam [3:0] PID_SOF = 4'b0101, PID_PING = 4'b0100;

    reg active_q, fault_q;
    reg [1:0] count_q;  // bytes so far, 3: three or more
    reg more_q;  // more than three
    reg [3:0] pid_q;
    reg [7:0] late_q, later_q;  // the two bytes that may turn out to be the CRC
    reg [15:0] crc_q;
    reg token_q, sof_q, handshake_q, payload_valid_q, data_end_q, data_good_q, bad_q;
    reg [7:0] payload_q;

    wire is_data = pid_q[1:0] == 2'b11;
    wire is_handshake = pid_q[1:0] == 2'b10;
    wire is_token = pid_q[1:0] == 2'b01 || pid_q == PID_PING;
    wire ended = active_q && !rx_active;
    wire [15:0] word = {late_q, later_q};
    wire token_right = is_token && count_q == 2'd3 && !more_q && crc5(word[10:0]) == word[15:11];
`ifdef NAVE_BUG_USB_CRC16
    wire data_right = is_data && count_q == 2'd3;
`else
    wire data_right = is_data && count_q == 2'd3 && crc_q == 16'hb001;  // the residue
`endif
    wire handshake_right = is_handshake && count_q == 2'd1;

    always @(posedge clk) begin
        payload_q <= later_q;
        if (rx_valid) begin
            later_q <= late_q;
            late_q <= rx_data;
            if (count_q == 2'd0) pid_q <= rx_data[3:0];
            crc_q <= count_q == 2'd0 ? CRC16_START : crc16_next(crc_q, rx_data);
        end
        if (rst) begin
            active_q <= 1'b0;
            fault_q <= 1'b0;
            count_q <= 2'd0;
            more_q <= 1'b0;
            token_q <= 1'b0;
            sof_q <= 1'b0;
            handshake_q <= 1'b0;
            payload_valid_q <= 1'b0;
            data_end_q <= 1'b0;
            data_good_q <= 1'b0;
            bad_q <= 1'b0;
        end else begin
            active_q <= rx_active;
            payload_valid_q <= rx_valid && count_q == 2'd3 && is_data && !fault_q;
            if (!rx_active) begin
                count_q <= 2'd0;
                more_q <= 1'b0;
                fault_q <= 1'b0;
            end else begin
                if (rx_valid) begin
                    if (count_q == 2'd3) more_q <= 1'b1;
                    else count_q <= count_q + 2'd1;
                end
                if (rx_error) fault_q <= 1'b1;
`ifndef NAVE_BUG_USB_PID
                if (rx_valid && count_q == 2'd0 && rx_data[7:4] != ~rx_data[3:0]) fault_q <= 1'b1;
`endif
            end
            token_q <= ended && !fault_q && token_right && pid_q != PID_SOF;
            sof_q <= ended && !fault_q && token_right && pid_q == PID_SOF;
            handshake_q <= ended && !fault_q && handshake_right;
            // a packet whose PID is wrong is none of the four, whatever its bits say
            data_end_q <= ended && is_data && count_q != 2'd0;
            data_good_q <= ended && !fault_q && data_right;
            bad_q <= ended && count_q != 2'd0 && (fault_q || !(token_right || data_right || handshake_right));
        end
    end

    assign token = token_q;
    assign sof = sof_q;
    assign handshake = handshake_q;
    assign pid = pid_q;
    assign token_address = word[6:0];
    assign token_endpoint = word[10:7];
    assign frame = word[10:0];
    assign payload_valid = payload_valid_q;
    assign payload = payload_q;
    assign data_end = data_end_q;
    assign data_good = data_good_q;
    assign bad_packet = bad_q;

`ifdef FORMAL
    `include "usb_rx_properties.vh"
`endif
endmodule
`default_nettype wire
