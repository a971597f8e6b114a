// Bulk OUT endpoint: two banks of one packet each. A packet is written as it comes and counts only with out_commit. One
// that began while both banks were full is not written and not told to have room, even if a bank is free at its end.
// Words are little-endian; each transfer begins on a word, so what is left of a word at the end of a packet is dropped
// and told by `ragged` (no legal sender makes one: 512 and 64 are whole words).
// m_start goes with the first word after `session` (bus reset, new configuration or interface, cleared halt), so that
// what follows can forget a half frame of an earlier session at the very word where the new one begins.
// A packet without data changes the toggle and nothing else: transfer boundaries carry no meaning to the card.
// Latency: commit to the first word 2 clocks. Overflow: none, no room is told to the transaction layer before.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_bulk_out (
    input wire clk,
    input wire rst,
    input wire toggle_reset,
    input wire session,
    input wire out_begin,
    input wire out_write,
    input wire [7:0] payload,
    input wire out_commit,
    output wire out_room,
    output wire out_toggle,
    output wire out_nyet,
    output wire ragged,
    output wire m_valid,
    input wire m_ready,
    output wire m_start,
    output wire [31:0] m_data
);
    reg [31:0] memory[0:255];
    reg [1:0] full_q, start_q;
    reg [7:0] words_q[0:1];
    reg write_bank_q, read_bank_q, toggle_q, start_pending_q, ragged_q, refuse_q;
    reg [9:0] count_q;
    reg [23:0] part_q;
    reg [6:0] read_q;
    reg valid_q, first_q, out_start_q;
    reg [31:0] data_q;

    wire [7:0] words = count_q[9:2];
    wire free = !full_q[write_bank_q] && !refuse_q;
    wire store = out_write && free && count_q < 10'd512;
    wire give = full_q[read_bank_q] && (!valid_q || m_ready);
    wire read_last = {1'b0, read_q} + 8'd1 == words_q[read_bank_q];

    always @(posedge clk) begin
        if (store) part_q <= {payload, part_q[23:8]};
`ifdef NAVE_BUG_USB_OUT_BANK
        if (store && count_q[1:0] == 2'd3) memory[{1'b0, count_q[8:2]}] <= {payload, part_q};
`else
        if (store && count_q[1:0] == 2'd3) memory[{write_bank_q, count_q[8:2]}] <= {payload, part_q};
`endif
        if (give) data_q <= memory[{read_bank_q, read_q}];
        if (give) out_start_q <= start_q[read_bank_q] && first_q;
        if (out_commit && words != 8'd0) begin
            words_q[write_bank_q] <= words;
            start_q[write_bank_q] <= start_pending_q;
        end
    end

    always @(posedge clk) begin
        if (rst) begin
            full_q <= 2'b00;
            write_bank_q <= 1'b0;
            read_bank_q <= 1'b0;
            toggle_q <= 1'b0;
            start_pending_q <= 1'b1;
            ragged_q <= 1'b0;
            refuse_q <= 1'b0;
            count_q <= 10'd0;
            read_q <= 7'd0;
            first_q <= 1'b1;
            valid_q <= 1'b0;
        end else begin
            ragged_q <= out_commit && count_q[1:0] != 2'd0;
            if (out_begin) refuse_q <= 1'b0;
            else if (out_write && !free) refuse_q <= 1'b1;
            if (out_begin) count_q <= 10'd0;
            else if (store) count_q <= count_q + 10'd1;
            if (out_commit) toggle_q <= !toggle_q;
            if (out_commit && words != 8'd0) begin
                full_q[write_bank_q] <= 1'b1;
                write_bank_q <= !write_bank_q;
                start_pending_q <= 1'b0;
            end
            if (toggle_reset) toggle_q <= 1'b0;
            if (session) start_pending_q <= 1'b1;

            if (give) begin
                read_q <= read_last ? 7'd0 : read_q + 7'd1;
                first_q <= read_last;
                if (read_last) begin
                    full_q[read_bank_q] <= 1'b0;
                    read_bank_q <= !read_bank_q;
                end
            end
            valid_q <= give || (valid_q && !m_ready);
        end
    end

    assign out_room = !full_q[write_bank_q] && !refuse_q;
    assign out_nyet = full_q[!write_bank_q];
    assign out_toggle = toggle_q;
    assign ragged = ragged_q;
    assign m_valid = valid_q;
    assign m_start = out_start_q;
    assign m_data = data_q;

`ifdef FORMAL
    `include "usb_bulk_out_properties.vh"
`endif
endmodule
`default_nettype wire
