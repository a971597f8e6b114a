// Bytes from packets: a handshake is its PID, a data packet PID, payload and CRC16. One request at a time (send pulse).
// The first byte is the ULPI TX CMD. The source shows a payload byte each clock and moves on with source_take; it is asked
// 2 clocks after `send` at the earliest. source_none: a data packet without payload.
// Latency: send to m_valid 2 clocks, then a byte each clock; one clock between payload and CRC, in which the CRC takes its
// last byte from a register (out of the endpoint's RAM it would be the longest path). The fifo behind it covers that: the PHY
// takes the TX CMD two clocks after it came out at the earliest, by then two bytes wait, and so many stay.
// Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_tx (
    input wire clk,
    input wire rst,
    input wire send,
    input wire [3:0] send_pid,
    input wire source_none,
    input wire [7:0] source_data,
    input wire source_last,
    output wire source_take,
    output wire m_valid,
    input wire m_ready,
    output wire m_last,
    output wire [7:0] m_data
);
    `include "usb_crc.vh"
    localparam [2:0] IDLE = 3'd0, COMMAND = 3'd1, PAYLOAD = 3'd2, CRC_LOW = 3'd3, CRC_HIGH = 3'd4, CRC_WAIT = 3'd5;

    reg [2:0] state_q;
    reg [3:0] pid_q;
    reg [15:0] crc_q;
    reg [7:0] data, byte_q;
    reg byte_valid_q;
    wire talking = state_q != IDLE && state_q != CRC_WAIT;
    wire ready;
    wire is_data = pid_q[1:0] == 2'b11;
    wire last = state_q == CRC_HIGH || (state_q == COMMAND && !is_data);

    always @* begin
        case (state_q)
            COMMAND: data = {4'h4, pid_q};
            PAYLOAD: data = source_data;
            CRC_LOW: data = ~crc_q[7:0];
            default: data = ~crc_q[15:8];
        endcase
    end
    assign source_take = state_q == PAYLOAD && ready;

    always @(posedge clk) begin
        if (send) pid_q <= send_pid;
        if (send) crc_q <= CRC16_START;
        else if (byte_valid_q) crc_q <= crc16_next(crc_q, byte_q);
        byte_q <= source_data;
        if (rst) begin
            state_q <= IDLE;
            byte_valid_q <= 1'b0;
        end else begin
`ifdef NAVE_BUG_USB_TX_CRC
            byte_valid_q <= source_take && !source_last;
`else
            byte_valid_q <= source_take;
`endif
            case (state_q)
                IDLE: if (send) state_q <= COMMAND;
                COMMAND: if (ready) state_q <= !is_data ? IDLE : source_none ? CRC_LOW : PAYLOAD;
                PAYLOAD: if (ready && source_last) state_q <= CRC_WAIT;
                CRC_WAIT: state_q <= CRC_LOW;
                CRC_LOW: if (ready) state_q <= CRC_HIGH;
                CRC_HIGH: if (ready) state_q <= IDLE;
                default: state_q <= IDLE;
            endcase
        end
    end

    nave_fifo #(
        .WIDTH(9),
        .LOG2_DEPTH(2)
    ) u_fifo (
        .clk(clk),
        .rst(rst),
        .s_valid(talking),
        .s_ready(ready),
        .s_data({last, data}),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data({m_last, m_data}),
        .level()
    );

`ifdef FORMAL
    `include "usb_tx_properties.vh"
`endif
endmodule
`default_nettype wire
