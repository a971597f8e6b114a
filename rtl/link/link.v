// The link: words in, words out, commands to the card's contexts, payloads to and from the RAM.
// See driver/protocol.md for the frames, README.md here for the card's side of the ports.
// Overflow: none; a host that does not read stops the card's output, then its input.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_link #(
    parameter ADDRESS_BITS = 21,  // of RAM words
    parameter LOG2_CHIP_WORDS = 10,
    parameter [31:0] RAM_BYTES = 32'h007f0000,  // that the host sees; 64 KiB behind them hold long payloads
    parameter [31:0] CARD_VERSION = 32'h00000100,
    parameter [31:0] CLOCK_HZ = 32'd120000000,
    parameter [31:0] LANES = 32'd1,
    parameter [31:0] LOG2_MAX_PARTITION = 32'd13,
    parameter [31:0] CONTEXTS = 32'd8,
    parameter [31:0] MAX_PLAN_WORDS = 32'd16384
) (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [31:0] s_data,
    output wire m_valid,
    input wire m_ready,
    output wire [31:0] m_data,
    output wire m_last,
    // commands to the contexts
    output wire x_valid,
    input wire x_ready,
    output wire [7:0] x_type,
    output wire [2:0] x_context,
    output wire [63:0] x_position,
    output wire [16:0] x_length,
    output wire [31:0] x_word0,
    output wire [31:0] x_word1,
    input wire d_valid,
    input wire [3:0] d_status,
    input wire [31:0] d_value,
    input wire d_answered,
    // their reading of the payload
    input wire xq_valid,
    output wire xq_ready,
    input wire [14:0] xq_offset,
    input wire [14:0] xq_words,
    output wire xm_valid,
    input wire xm_ready,
    output wire [31:0] xm_data,
    // their frames out: AUDIO_OUT
    input wire xt_valid,
    output wire xt_ready,
    input wire [15:0] xt_context,
    input wire [63:0] xt_position,
    input wire [16:0] xt_length,
    input wire xp_valid,
    output wire xp_ready,
    input wire [31:0] xp_data,
    // their registers and events
    output wire [2:0] xr_context,
    output wire [2:0] xr_index,
    input wire [31:0] xr_value,
    input wire tick,
    input wire clipped,
    // RAM ports: 0 keeps payloads, 1 does RAM_WRITE and RAM_READ
    output wire [1:0] c_valid,
    input wire [1:0] c_ready,
    output wire [1:0] c_write,
    output wire [2*ADDRESS_BITS-1:0] c_address,
    output wire [13:0] c_words,
    output wire [1:0] w_valid,
    input wire [1:0] w_ready,
    output wire [63:0] w_data,
    input wire [1:0] r_valid,
    input wire [31:0] r_data
);
    generate
        if (RAM_BYTES[15:0] != 0 || RAM_BYTES + 32'h10000 > 32'd4 << ADDRESS_BITS || ADDRESS_BITS > 28)
        begin : g_illegal
            link_ram_leaves_no_room_for_a_payload stop ();
        end
    endgenerate
    `include "protocol.vh"

    wire h_valid, h_ready, p_valid, p_ready, e_valid, e_ready, e_good, skipped;
    wire [7:0] h_version, h_type;
    wire [15:0] h_context;
    wire [31:0] h_sequence, h_epoch, p_data;
    wire [16:0] h_length;
    wire [63:0] h_position;
    wire in_valid, in_ready;
    wire [31:0] in_data;
    nave_skid #(
        .WIDTH(32)
    ) arrival (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
        .m_valid(in_valid), .m_ready(in_ready), .m_data(in_data)
    );
    nave_frame_rx receiver (
        .clk(clk), .rst(rst),
        .s_valid(in_valid), .s_ready(in_ready), .s_data(in_data),
        .h_valid(h_valid), .h_ready(h_ready), .h_version(h_version), .h_type(h_type), .h_context(h_context),
        .h_sequence(h_sequence), .h_epoch(h_epoch), .h_length(h_length), .h_position(h_position),
        .p_valid(p_valid), .p_ready(p_ready), .p_data(p_data),
        .e_valid(e_valid), .e_ready(e_ready), .e_good(e_good),
        .skipped(skipped)
    );

    wire begin_valid, begin_ready, keep_valid, keep_ready, q_valid, q_ready, copying;
    wire [14:0] q_words;
    wire kept_valid, kept_ready;
    wire [31:0] kept_data;
    wire store_q_ready;
    nave_payload #(
        .ADDRESS_BITS(ADDRESS_BITS), .LOG2_CHIP_WORDS(LOG2_CHIP_WORDS), .STAGE_ADDRESS(RAM_BYTES[ADDRESS_BITS+1:2])
    ) store (
        .clk(clk), .rst(rst),
        .begin_valid(begin_valid), .begin_ready(begin_ready), .begin_words(h_length[16:2]),
        .s_valid(keep_valid), .s_ready(keep_ready), .s_data(p_data),
        .q_valid(q_valid || xq_valid), .q_ready(store_q_ready), .q_offset(q_valid ? 15'd0 : xq_offset),
        .q_words(q_valid ? q_words : xq_words),
        .m_valid(kept_valid), .m_ready(kept_ready), .m_data(kept_data),
        .c_valid(c_valid[0]), .c_ready(c_ready[0]), .c_write(c_write[0]),
        .c_address(c_address[ADDRESS_BITS-1:0]), .c_words(c_words[6:0]),
        .w_valid(w_valid[0]), .w_ready(w_ready[0]), .w_data(w_data[31:0]),
        .r_valid(r_valid[0]), .r_data(r_data)
    );
    assign q_ready = store_q_ready;
    assign xq_ready = store_q_ready && !q_valid;

    wire j_valid, j_ready, j_write, copy_s_ready, ram_m_valid, ram_m_ready;
    wire [ADDRESS_BITS-1:0] j_address;
    wire [14:0] j_words;
    wire [31:0] ram_m_data;
    assign kept_ready = copying ? copy_s_ready : xm_ready;
    assign xm_valid = kept_valid && !copying;
    assign xm_data = kept_data;
    nave_ram_stream #(
        .ADDRESS_BITS(ADDRESS_BITS), .LENGTH_BITS(15)
    ) copy (
        .clk(clk), .rst(rst),
        .j_valid(j_valid), .j_ready(j_ready), .j_write(j_write), .j_address(j_address), .j_words(j_words),
        .s_valid(kept_valid && copying), .s_ready(copy_s_ready), .s_data(kept_data),
        .m_valid(ram_m_valid), .m_ready(ram_m_ready), .m_data(ram_m_data),
        .c_valid(c_valid[1]), .c_ready(c_ready[1]), .c_write(c_write[1]),
        .c_address(c_address[2*ADDRESS_BITS-1:ADDRESS_BITS]), .c_words(c_words[13:7]),
        .w_valid(w_valid[1]), .w_ready(w_ready[1]), .w_data(w_data[63:32]),
        .r_valid(r_valid[1]), .r_data(r_data)
    );

    wire [31:0] register_address, register_value, epoch;
    wire register_good, scratch_write, restart;
    wire count_ok, count_payload_error, count_stale, count_sequence_error, count_refused;
    wire t_valid, t_ready, t_p_valid, t_p_ready;
    wire [7:0] t_type;
    wire [63:0] t_position;
    wire [16:0] t_length;
    wire [31:0] t_p_data;
    nave_command #(
        .ADDRESS_BITS(ADDRESS_BITS), .RAM_BYTES(RAM_BYTES), .CONTEXTS(CONTEXTS)
    ) commands (
        .clk(clk), .rst(rst),
        .h_valid(h_valid), .h_ready(h_ready), .h_version(h_version), .h_type(h_type), .h_context(h_context),
        .h_sequence(h_sequence), .h_epoch(h_epoch), .h_length(h_length), .h_position(h_position),
        .p_valid(p_valid), .p_ready(p_ready), .p_data(p_data),
        .e_valid(e_valid), .e_ready(e_ready), .e_good(e_good),
        .begin_valid(begin_valid), .begin_ready(begin_ready), .keep_valid(keep_valid), .keep_ready(keep_ready),
        .q_valid(q_valid), .q_ready(q_ready), .q_words(q_words), .copying(copying),
        .j_valid(j_valid), .j_ready(j_ready), .j_write(j_write), .j_address(j_address), .j_words(j_words),
        .ram_m_valid(ram_m_valid), .ram_m_ready(ram_m_ready), .ram_m_data(ram_m_data),
        .x_valid(x_valid), .x_ready(x_ready), .x_type(x_type), .x_word0(x_word0), .x_word1(x_word1),
        .d_valid(d_valid), .d_status(d_status), .d_value(d_value), .d_answered(d_answered),
        .register_address(register_address), .register_value(register_value), .register_good(register_good),
        .scratch_write(scratch_write), .count_ok(count_ok), .count_payload_error(count_payload_error),
        .count_stale(count_stale), .count_sequence_error(count_sequence_error), .count_refused(count_refused),
        .epoch(epoch), .restart(restart),
        .t_valid(t_valid), .t_ready(t_ready), .t_type(t_type), .t_position(t_position), .t_length(t_length),
        .t_p_valid(t_p_valid), .t_p_ready(t_p_ready), .t_p_data(t_p_data)
    );
    assign x_context = h_context[2:0];
    assign x_position = h_position;
    assign x_length = h_length;

    nave_registers #(
        .CARD_VERSION(CARD_VERSION), .RAM_BYTES(RAM_BYTES), .CLOCK_HZ(CLOCK_HZ), .LANES(LANES),
        .LOG2_MAX_PARTITION(LOG2_MAX_PARTITION), .CONTEXTS(CONTEXTS), .MAX_PLAN_WORDS(MAX_PLAN_WORDS)
    ) bank (
        .clk(clk), .rst(rst),
        .frame_ok(count_ok), .header_error(skipped), .payload_error(count_payload_error), .stale_frame(count_stale),
        .sequence_error(count_sequence_error), .refused(count_refused), .tick(tick), .clipped(clipped),
        .scratch_write(scratch_write), .scratch_data(x_word0),
        .address(register_address), .value(register_value), .good(register_good),
        .c_context(xr_context), .c_index(xr_index), .c_value(xr_value)
    );

    // the contexts' frames come first: a command's answer waits for those that were before it
    reg mine_q;  // whose frame frame_tx is making
    wire tx_ready, tx_p_ready;
    always @(posedge clk) if (tx_ready) mine_q <= !xt_valid;
    assign xt_ready = tx_ready;
    assign t_ready = tx_ready && !xt_valid;
    assign t_p_ready = tx_p_ready && mine_q;
    assign xp_ready = tx_p_ready && !mine_q;
    nave_frame_tx transmitter (
        .clk(clk), .rst(rst), .restart(restart), .epoch(epoch),
        .t_valid(t_valid || xt_valid), .t_ready(tx_ready),
        .t_type(xt_valid ? NAVE_FRAME_AUDIO_OUT[7:0] : t_type),
        .t_context(xt_valid ? xt_context : h_context),
        .t_position(xt_valid ? xt_position : t_position),
        .t_length(xt_valid ? xt_length : t_length),
        .p_valid(mine_q ? t_p_valid : xp_valid), .p_ready(tx_p_ready), .p_data(mine_q ? t_p_data : xp_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_last(m_last)
    );
endmodule
`default_nettype wire
