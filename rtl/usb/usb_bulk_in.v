// Bulk IN endpoint: two banks of up to 128 words. A bank is offered to the host when it is full or its last word carries
// s_last; it goes out in packets of 512 bytes (64 at full speed). s_last ends the USB transfer: with a short packet, or,
// when the transfer is a multiple of the packet size, with one without data. Words before an s_last wait for a full bank.
// A packet stays until it is acknowledged, through a bus reset too, so no word is lost; what the host must throw away
// after a reset is for the layer above, which knows the session.
// Latency: bank full to in_ready 1 clock. Overflow: none, s_ready falls while both banks wait.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_bulk_in (
    input wire clk,
    input wire rst,
    input wire high_speed,
    input wire toggle_reset,
    input wire in_end,
    input wire in_ack,
    output wire in_ready,
    output wire in_toggle,
    output wire source_none,
    output wire [7:0] source_data,
    output wire source_last,
    input wire source_take,
    input wire s_valid,
    output wire s_ready,
    input wire s_last,
    input wire [31:0] s_data
);
    reg [31:0] memory[0:255];
    reg [1:0] full_q, ends_q;
    reg [6:0] top_q[0:1];  // index of the bank's last word
    reg write_bank_q, read_bank_q, toggle_q, empty_q;
    reg [6:0] write_q;
    reg [6:0] base_q;  // first word of the packet
    reg [8:0] index_q;  // byte of the packet
    reg [31:0] word_q;

    wire take = s_valid && s_ready;
    wire bank_done = take && (s_last || write_q == 7'd127);
    wire [6:0] left = top_q[read_bank_q] - base_q;  // words of the packet and those behind it, less one
    wire final_packet = high_speed || left < 7'd16;
`ifdef NAVE_BUG_USB_ZERO
    wire whole = 1'b0;
`else
    wire whole = high_speed ? left == 7'd127 : left[3:0] == 4'd15;  // the final packet is as long as a packet can be
`endif
    wire [6:0] packet_top = final_packet ? left : 7'd15;
    wire [8:0] index_d = in_end ? 9'd0 : source_take ? index_q + 9'd1 : index_q;

    always @(posedge clk) begin
        if (take) memory[{write_bank_q, write_q}] <= s_data;
        word_q <= memory[{read_bank_q, base_q + index_d[8:2]}];
        if (bank_done) begin
            top_q[write_bank_q] <= write_q;
            ends_q[write_bank_q] <= s_last;
        end
    end

    always @(posedge clk) begin
        if (rst) begin
            full_q <= 2'b00;
            write_bank_q <= 1'b0;
            read_bank_q <= 1'b0;
            toggle_q <= 1'b0;
            empty_q <= 1'b0;
            write_q <= 7'd0;
            base_q <= 7'd0;
            index_q <= 9'd0;
        end else begin
            if (take) write_q <= bank_done ? 7'd0 : write_q + 7'd1;
            if (bank_done) begin
                full_q[write_bank_q] <= 1'b1;
                write_bank_q <= !write_bank_q;
            end
            index_q <= index_d;
`ifdef NAVE_BUG_USB_IN_ACK
            if (in_end) begin
`else
            if (in_ack) begin
`endif
                toggle_q <= !toggle_q;
                if (empty_q || final_packet) begin
                    base_q <= 7'd0;
                    empty_q <= !empty_q && whole && ends_q[read_bank_q];
                    if (empty_q || !(whole && ends_q[read_bank_q])) begin
                        full_q[read_bank_q] <= 1'b0;
                        read_bank_q <= !read_bank_q;
                    end
                end else base_q <= base_q + 7'd16;
            end
            if (toggle_reset) toggle_q <= 1'b0;
        end
    end

    assign s_ready = !full_q[write_bank_q];
    assign in_ready = full_q[read_bank_q];
    assign in_toggle = toggle_q;
    assign source_none = empty_q;
    assign source_data = word_q[8*index_q[1:0]+:8];
    assign source_last = index_q >= {packet_top, 2'b11};

`ifdef FORMAL
    `include "usb_bulk_in_properties.vh"
`endif
endmodule
`default_nettype wire
