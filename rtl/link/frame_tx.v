// Makes frames: header with its CRC, payload, CRC of the payload (twin of sim/model/output.c).
// t_* asks for a frame; then length / 4 words are taken from p_*. m_last marks the frame's last word. The sequence counts
// frames and begins again with `restart`, which may only come between frames (t_ready high).
// A word is chosen in one clock and sent, and taken into the CRC, in the next.
// Rate: a word a clock, 2 clocks between frames. Overflow: none, p_ready waits for m_ready.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_frame_tx (
    input wire clk,
    input wire rst,
    input wire restart,
    input wire [31:0] epoch,
    input wire t_valid,
    output wire t_ready,
    input wire [7:0] t_type,
    input wire [15:0] t_context,
    input wire [63:0] t_position,
    input wire [16:0] t_length,
    input wire p_valid,
    output wire p_ready,
    input wire [31:0] p_data,
    output wire m_valid,
    input wire m_ready,
    output wire [31:0] m_data,
    output wire m_last
);
    `include "protocol.vh"

    localparam [1:0] IDLE = 0, HEADER = 1, PAYLOAD = 2, TRAILER = 3;
    reg [1:0] state_q;
    reg [2:0] index_q;
    reg [31:0] sequence_q, crc_q;
    reg [7:0] type_q;
    reg [15:0] context_q;
    reg [63:0] position_q;
    reg [16:0] length_q;
    reg [14:0] left_q;
    reg left_one_q;  // left_q is 1
    reg [31:0] header;

    always @* begin
        case (index_q)
            3'd0: header = NAVE_MAGIC;
            3'd1: header = {context_q, type_q, NAVE_PROTOCOL_VERSION[7:0]};
            3'd2: header = sequence_q;
            3'd3: header = epoch;
            3'd4: header = {15'd0, length_q};
            3'd5: header = position_q[31:0];
            3'd6: header = position_q[63:32];
            default: header = 32'd0;  // its CRC is put in when it is sent
        endcase
    end

    // the word on its way: chosen before, so that the CRC begins at a register
    reg valid_q, is_crc_q, last_q;
    reg [31:0] word_q;
    wire choose = !valid_q || m_ready;
    wire chosen = choose && (state_q == HEADER || state_q == TRAILER || (state_q == PAYLOAD && p_valid));
    wire last = state_q == TRAILER || (state_q == HEADER && index_q == 3'd7 && length_q == 17'd0);
    wire [31:0] crc_next;
    nave_crc crc_of_word (
        .state(crc_q),
        .word(word_q),
        .next(crc_next)
    );

    assign t_ready = state_q == IDLE && !valid_q;
    assign p_ready = state_q == PAYLOAD && choose;
    assign m_valid = valid_q;
    assign m_data = is_crc_q ? ~crc_q : word_q;
    assign m_last = last_q;

    always @(posedge clk) begin
        if (t_valid && t_ready) begin
            type_q <= t_type;
            context_q <= t_context;
            position_q <= t_position;
            length_q <= t_length;
        end
        if (state_q == HEADER) begin
            left_q <= length_q[16:2];
            left_one_q <= length_q[16:2] == 15'd1;
        end else if (p_valid && p_ready) begin
            left_q <= left_q - 15'd1;
            left_one_q <= left_q == 15'd2;
        end
        if (choose) begin
            word_q <= state_q == HEADER ? header : p_data;
            is_crc_q <= state_q == TRAILER || (state_q == HEADER && index_q == 3'd7);
            last_q <= last;
        end
        if (t_ready || (m_ready && valid_q && is_crc_q)) crc_q <= 32'hffffffff;
        else if (m_ready && valid_q) crc_q <= crc_next;
    end

    always @(posedge clk) begin
        if (rst) begin
            state_q <= IDLE;
            index_q <= 3'd0;
            sequence_q <= 32'd0;
            valid_q <= 1'b0;
        end else begin
            if (choose) valid_q <= chosen;
            case (state_q)
                IDLE: begin
                    index_q <= 3'd0;
                    if (t_valid && t_ready) state_q <= HEADER;
                end
                HEADER:
                if (choose) begin
                    index_q <= index_q + 3'd1;
                    if (index_q == 3'd7) state_q <= length_q == 17'd0 ? IDLE : PAYLOAD;
                end
                PAYLOAD: if (chosen && left_one_q) state_q <= TRAILER;
                default: if (choose) state_q <= IDLE;
            endcase
            if (restart) sequence_q <= 32'd0;
            else if (chosen && last) sequence_q <= sequence_q + 32'd1;
        end
    end
endmodule
`default_nettype wire
