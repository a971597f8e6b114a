// USB 2.0 high-speed device behind a ULPI PHY: one bulk pipe each way as streams of 32-bit words in the core's clock.
// Out (host to card): m_start marks the first word of a session, see usb_bulk_out; the ends of USB transfers are not
// told, frames say their length. In (card to host): s_last ends a USB transfer, see usb_bulk_in.
// No word is lost or repeated, whatever the packets suffer; words a host fetched for an older session are its business.
// Latency: packet to m_valid about 5 core clocks, s_valid to the offered packet 5 usb clocks. Overflow: none.
// Resets: hold both until each clock has seen its own; no s_valid before both are released.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_device #(
    parameter [15:0] VENDOR_ID = 16'h1209,  // pid.codes test id: never for a device that is given away or sold
    parameter [15:0] PRODUCT_ID = 16'h0001,
    parameter SWAP_DP_DM = 1,
    parameter IGNORE_VBUS = 0,
    parameter START_CLOCKS = 66000
) (
    input wire usb_clk,  // 60 MHz, the PHY's
    input wire usb_rst,
    input wire [63:0] serial,  // 16 hexadecimal digits; rests from the end of usb_rst
    input wire [7:0] ulpi_data_i,
    output wire [7:0] ulpi_data_o,
    output wire ulpi_data_oe,
    input wire ulpi_dir,
    input wire ulpi_nxt,
    output wire ulpi_stp,
    output wire phy_reset_n,
    // state, usb_clk
    output wire configured,
    output wire high_speed,
    output wire suspended,
    output wire [10:0] frame,
    // words, core_clk
    input wire core_clk,
    input wire core_rst,
    output wire m_valid,
    input wire m_ready,
    output wire m_start,
    output wire [31:0] m_data,
    input wire s_valid,
    output wire s_ready,
    input wire s_last,
    input wire [31:0] s_data
);
    // link and packets
    wire rx_active, rx_valid, rx_error, tx_done, tx_aborted, reg_valid, reg_write, reg_done;
    wire [7:0] rx_data, reg_data, reg_value;
    wire [5:0] reg_address;
    wire [1:0] line_state;
    wire vbus_valid;
    wire chirp_valid, chirp_last, packet_valid, packet_last, link_ready;
    wire [7:0] chirp_data, packet_data;
    wire token, sof, handshake, payload_valid, data_end, data_good, bad_packet;
    wire [3:0] pid, token_endpoint, send_pid;
    wire [6:0] token_address, address;
    wire [10:0] token_frame;
    wire [7:0] payload;
    wire send;
    // device state
    wire bus_reset, packets, test_se0_nak, test_packet, reset_seen, suspend_seen;
    wire [2:0] test_mode;
    wire session, halt_out, halt_in, toggle_reset_out, toggle_reset_in;
    // endpoints: bit 0 control, bit 1 bulk
    wire [1:0] out_stall, out_room, out_toggle, out_write, out_commit, in_stall, in_ready, in_toggle, in_ack;
    wire out_nyet, out_begin, setup_begin, setup_commit, in_endpoint, in_end, ragged, no_handshake, repeated, overlong;
    wire [1:0] source_none, source_last, source_take;
    wire [7:0] control_byte, bulk_byte, counter_data;
    wire [3:0] counter_address;
    wire take;
    // words in usb_clk
    wire words_valid, words_ready, words_start, reply_valid, reply_ready, reply_last;
    wire [31:0] words_data, reply_data;

    nave_ulpi u_ulpi (
        .clk(usb_clk),
        .rst(usb_rst),
        .ulpi_data_i(ulpi_data_i),
        .ulpi_data_o(ulpi_data_o),
        .ulpi_data_oe(ulpi_data_oe),
        .ulpi_dir(ulpi_dir),
        .ulpi_nxt(ulpi_nxt),
        .ulpi_stp(ulpi_stp),
        .rx_active(rx_active),
        .rx_valid(rx_valid),
        .rx_data(rx_data),
        .rx_error(rx_error),
        .line_state(line_state),
        .vbus_valid(vbus_valid),
        .s_valid(chirp_valid || packet_valid),
        .s_ready(link_ready),
        .s_last(chirp_valid ? chirp_last : packet_last),
        .s_data(chirp_valid ? chirp_data : packet_data),
        .tx_done(tx_done),
        .tx_aborted(tx_aborted),
        .reg_valid(reg_valid),
        .reg_write(reg_write),
        .reg_address(reg_address),
        .reg_data(reg_data),
        .reg_done(reg_done),
        .reg_value(reg_value)
    );

    nave_usb_reset #(
        .SWAP_DP_DM(SWAP_DP_DM),
        .IGNORE_VBUS(IGNORE_VBUS),
        .START_CLOCKS(START_CLOCKS)
    ) u_reset (
        .clk(usb_clk),
        .rst(usb_rst),
        .phy_reset_n(phy_reset_n),
        .line_state(line_state),
        .vbus_valid(vbus_valid),
        .rx_active(rx_active),
        .tx_done(tx_done),
        .reg_valid(reg_valid),
        .reg_write(reg_write),
        .reg_address(reg_address),
        .reg_data(reg_data),
        .reg_done(reg_done),
        .reg_value(reg_value),
        .m_valid(chirp_valid),
        .m_last(chirp_last),
        .m_data(chirp_data),
        .m_ready(link_ready),
        .test_mode(test_mode),
        .bus_reset(bus_reset),
        .packets(packets),
        .high_speed(high_speed),
        .suspended(suspended),
        .test_se0_nak(test_se0_nak),
        .test_packet(test_packet),
        .reset_seen(reset_seen),
        .suspend_seen(suspend_seen)
    );

    nave_usb_rx u_rx (
        .clk(usb_clk),
        .rst(usb_rst),
        .rx_active(rx_active),
        .rx_valid(rx_valid),
        .rx_data(rx_data),
        .rx_error(rx_error),
        .token(token),
        .sof(sof),
        .handshake(handshake),
        .pid(pid),
        .token_address(token_address),
        .token_endpoint(token_endpoint),
        .frame(token_frame),
        .payload_valid(payload_valid),
        .payload(payload),
        .data_end(data_end),
        .data_good(data_good),
        .bad_packet(bad_packet)
    );

    nave_usb_tx u_tx (
        .clk(usb_clk),
        .rst(usb_rst || !packets),
        .send(send),
        .send_pid(send_pid),
        .source_none(source_none[in_endpoint]),
        .source_data(in_endpoint ? bulk_byte : control_byte),
        .source_last(source_last[in_endpoint]),
        .source_take(take),
        .m_valid(packet_valid),
        .m_ready(link_ready && !chirp_valid),
        .m_last(packet_last),
        .m_data(packet_data)
    );
    assign source_take = {take && in_endpoint, take && !in_endpoint};

    nave_usb_transaction u_transaction (
        .clk(usb_clk),
        .rst(usb_rst || !packets),
        .high_speed(high_speed),
        .address(address),
        .configured(configured),
        .test_se0_nak(test_se0_nak),
        .test_packet(test_packet),
        .rx_active(rx_active),
        .token(token),
        .sof(sof),
        .handshake(handshake),
        .bad_packet(bad_packet),
        .pid(pid),
        .token_address(token_address),
        .token_endpoint(token_endpoint),
        .payload_valid(payload_valid),
        .data_end(data_end),
        .data_good(data_good),
        .send(send),
        .send_pid(send_pid),
        .tx_done(tx_done),
        .out_stall(out_stall),
        .out_room(out_room),
        .out_toggle(out_toggle),
        .out_nyet(out_nyet),
        .out_begin(out_begin),
        .out_write(out_write),
        .out_commit(out_commit),
        .setup_begin(setup_begin),
        .setup_commit(setup_commit),
        .in_stall(in_stall),
        .in_ready(in_ready),
        .in_toggle(in_toggle),
        .in_endpoint(in_endpoint),
        .in_end(in_end),
        .in_ack(in_ack),
        .no_handshake(no_handshake),
        .repeated(repeated),
        .overlong(overlong)
    );

    nave_usb_control #(
        .VENDOR_ID(VENDOR_ID),
        .PRODUCT_ID(PRODUCT_ID)
    ) u_control (
        .clk(usb_clk),
        .rst(usb_rst),
        .bus_reset(bus_reset),
        .high_speed(high_speed),
        .send_test_packet(test_packet),
        .serial(serial),
        .setup_begin(setup_begin),
        .setup_commit(setup_commit),
        .payload_valid(payload_valid),
        .payload(payload),
        .out_begin(out_begin),
        .out_write(out_write[0]),
        .out_commit(out_commit[0]),
        .out_stall(out_stall[0]),
        .out_room(out_room[0]),
        .out_toggle(out_toggle[0]),
        .in_stall(in_stall[0]),
        .in_ready(in_ready[0]),
        .in_toggle(in_toggle[0]),
        .in_end(in_end),
        .in_ack(in_ack[0]),
        .source_none(source_none[0]),
        .source_data(control_byte),
        .source_last(source_last[0]),
        .source_take(source_take[0]),
        .counter_address(counter_address),
        .counter_data(counter_data),
        .address(address),
        .configured(configured),
        .halt_out(halt_out),
        .halt_in(halt_in),
        .toggle_reset_out(toggle_reset_out),
        .toggle_reset_in(toggle_reset_in),
        .session(session),
        .test_mode(test_mode)
    );

    nave_usb_bulk_out u_bulk_out (
        .clk(usb_clk),
        .rst(usb_rst),
        .toggle_reset(toggle_reset_out),
        .session(session),
        .out_begin(out_begin),
        .out_write(out_write[1]),
        .payload(payload),
        .out_commit(out_commit[1]),
        .out_room(out_room[1]),
        .out_toggle(out_toggle[1]),
        .out_nyet(out_nyet),
        .ragged(ragged),
        .m_valid(words_valid),
        .m_ready(words_ready),
        .m_start(words_start),
        .m_data(words_data)
    );
    assign out_stall[1] = halt_out;

    nave_usb_bulk_in u_bulk_in (
        .clk(usb_clk),
        .rst(usb_rst),
        .high_speed(high_speed),
        .toggle_reset(toggle_reset_in),
        .in_end(in_end),
        .in_ack(in_ack[1]),
        .in_ready(in_ready[1]),
        .in_toggle(in_toggle[1]),
        .source_none(source_none[1]),
        .source_data(bulk_byte),
        .source_last(source_last[1]),
        .source_take(source_take[1]),
        .s_valid(reply_valid),
        .s_ready(reply_ready),
        .s_last(reply_last),
        .s_data(reply_data)
    );
    assign in_stall[1] = halt_in;

    // the order is that of COUNTERS in scripts/gen/usb_descriptors.py
    nave_usb_counters u_counters (
        .clk(usb_clk),
        .rst(usb_rst),
        .event_seen({tx_aborted, ragged, overlong, suspend_seen, reset_seen, repeated, no_handshake, bad_packet}),
        .address(counter_address),
        .data(counter_data)
    );

    reg [10:0] frame_q;
    always @(posedge usb_clk) if (sof) frame_q <= token_frame;
    assign frame = frame_q;

    nave_cdc_fifo #(
        .WIDTH(33)
    ) u_out_crossing (
        .s_clk(usb_clk),
        .s_rst(usb_rst),
        .s_valid(words_valid),
        .s_ready(words_ready),
        .s_data({words_start, words_data}),
        .m_clk(core_clk),
        .m_rst(core_rst),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data({m_start, m_data})
    );

    nave_cdc_fifo #(
        .WIDTH(33)
    ) u_in_crossing (
        .s_clk(core_clk),
        .s_rst(core_rst),
        .s_valid(s_valid),
        .s_ready(s_ready),
        .s_data({s_last, s_data}),
        .m_clk(usb_clk),
        .m_rst(usb_rst),
        .m_valid(reply_valid),
        .m_ready(reply_ready),
        .m_data({reply_last, reply_data})
    );
endmodule
`default_nettype wire
