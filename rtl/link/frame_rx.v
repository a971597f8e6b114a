// Finds frames in the stream of words and checks their CRCs (twin of sim/model/link.c).
// A window of 8 words slides over the stream; a window that is no valid header (magic, length, CRC) loses its first word,
// counted by `skipped`. Per frame: h_* is offered, held until the frame's end; length / 4 words of payload follow on p_*;
// then e_valid with e_good, whether the payload's CRC was right.
// Rate: a payload word a clock; 10 clocks a header, 2 to 10 a skipped word. Overflow: none, s_ready falls.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_frame_rx (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [31:0] s_data,
    output wire h_valid,
    input wire h_ready,
    output wire [7:0] h_version,
    output wire [7:0] h_type,
    output wire [15:0] h_context,
    output wire [31:0] h_sequence,
    output wire [31:0] h_epoch,
    output wire [16:0] h_length,
    output wire [63:0] h_position,
    output wire p_valid,
    input wire p_ready,
    output wire [31:0] p_data,
    output wire e_valid,
    input wire e_ready,
    output wire e_good,
    output wire skipped
);
    `include "protocol.vh"

    localparam [2:0] FILL = 0, CHECK = 1, HEADER = 2, PAYLOAD = 3, TRAILER = 4, FINISH = 5;
    reg [2:0] state_q;
    reg [31:0] word_q[0:7];  // word_q[0] came first
    reg [3:0] count_q;  // words in the window; while it is checked, words gone round
    reg [14:0] left_q;  // payload words to come
    reg [31:0] crc_q;
    reg good_q;

    wire full = count_q == 4'd8;
    reg magic_good_q, length_good_q;  // of the window: word_q[0], word_q[4]
    wire plausible = magic_good_q && length_good_q;
    wire fill = state_q == FILL && !full && s_valid;
    wire turn = state_q == CHECK;
    wire checked = turn && count_q == 4'd7;
    wire [31:0] crc_next;
    nave_crc crc_of_word (
        .state(crc_q),
        .word(state_q == CHECK ? word_q[0] : s_data),
        .next(crc_next)
    );

`ifdef NAVE_BUG_RX_HEADER_CRC
    wire header_good = 1'b1;
`else
    wire header_good = word_q[0] == ~crc_q;
`endif
    assign skipped = (state_q == FILL && full && !plausible) || (checked && !header_good);
    assign s_ready = (state_q == FILL && !full) || (state_q == PAYLOAD && p_ready) || state_q == TRAILER;
    assign h_valid = state_q == HEADER;
    assign h_version = word_q[1][7:0];
    assign h_type = word_q[1][15:8];
    assign h_context = word_q[1][31:16];
    assign h_sequence = word_q[2];
    assign h_epoch = word_q[3];
    assign h_length = word_q[4][16:0];
    assign h_position = {word_q[6], word_q[5]};
    assign p_valid = state_q == PAYLOAD && s_valid;
    assign p_data = s_data;
    assign e_valid = state_q == FINISH;
    assign e_good = good_q;

    integer i;
    always @(posedge clk) begin
        if (fill || turn) begin
            for (i = 0; i < 7; i = i + 1) word_q[i] <= word_q[i+1];
            word_q[7] <= turn ? word_q[0] : s_data;
            magic_good_q <= word_q[1] == NAVE_MAGIC;
            length_good_q <= word_q[5] <= NAVE_MAX_PAYLOAD_BYTES && word_q[5][1:0] == 2'd0;
        end
    end

    always @(posedge clk) begin
        case (state_q)
            FILL: crc_q <= 32'hffffffff;
            CHECK: crc_q <= crc_next;
            HEADER: crc_q <= 32'hffffffff;
            default: if (p_valid && p_ready) crc_q <= crc_next;
        endcase
        if (h_valid) left_q <= h_length[16:2];
        else if (p_valid && p_ready) left_q <= left_q - 15'd1;
        if (h_valid) good_q <= 1'b1;
        else if (state_q == TRAILER && s_valid) good_q <= s_data == ~crc_q;
    end

    always @(posedge clk) begin
        if (rst) begin
            state_q <= FILL;
            count_q <= 4'd0;
        end else begin
            case (state_q)
                FILL: begin
                    if (fill) count_q <= count_q + 4'd1;
                    if (full) begin
                        // a window that failed keeps 7 words: the next one pushes its first word out
                        count_q <= plausible ? 4'd0 : 4'd7;
                        if (plausible) state_q <= CHECK;
                    end
                end
                CHECK: begin
                    count_q <= count_q + 4'd1;
                    if (checked) begin
`ifdef NAVE_BUG_RX_RESCAN
                        count_q <= header_good ? 4'd8 : 4'd0;
`else
                        count_q <= header_good ? 4'd8 : 4'd7;
`endif
                        state_q <= header_good ? HEADER : FILL;
                    end
                end
                HEADER: if (h_ready) state_q <= h_length == 17'd0 ? FINISH : PAYLOAD;
                PAYLOAD: if (p_valid && p_ready && left_q == 15'd1) state_q <= TRAILER;
                TRAILER: if (s_valid) state_q <= FINISH;
                default:
                if (e_ready) begin
                    state_q <= FILL;
                    count_q <= 4'd0;
                end
            endcase
        end
    end

`ifdef FORMAL
    `include "frame_rx_properties.vh"
`endif
endmodule
`default_nettype wire
