// The card: link, control plane, data plane, RAM. Words of driver/protocol.md in and out; what they do is said by sim/model/card.c.
// RAM chooses what is behind the arbiter: "hyperram" and "sdram" are controllers with their pins, "port" brings the
// controller's port out (rtl/mem/README.md). Pins and ports that a kind does not use are low.
// Ports of the arbiter: 0, 1 link, 2 X reader, 3 H reader, 4 writer, 5 the CPU's.
// RAM_BYTES is what the host sees. Behind it: payloads of the link, exponents, plans, parameter changes; elaboration
// stops if they don't fit into the 4 << ADDRESS_BITS bytes.
// Latency: see the blocks. Overflow: none; a host that doesn't read stops the card.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_card #(
    parameter [63:0] RAM = {32'd0, "port"},
    parameter ADDRESS_BITS = 21,  // of RAM words
    parameter [31:0] RAM_BYTES = 32'd7995392,
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter LOG2_PLAN_WORDS = 12,
    parameter [31:0] CLOCK_HZ = 32'd120000000,
    parameter [31:0] CARD_VERSION = 32'h00000100,
    parameter RAM_INIT_CLOCKS = 24000  // 200 us: how long the RAM's start takes
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
    output wire ram_ready,
    output wire ram_fault,  // no RAM answers, or one that is smaller than the card needs
    // RAM = "port"
    output wire c_valid,
    input wire c_ready,
    output wire c_write,
    output wire [ADDRESS_BITS-1:0] c_address,
    output wire [6:0] c_words,
    output wire w_valid,
    input wire w_ready,
    output wire [31:0] w_data,
    input wire r_valid,
    input wire [31:0] r_data,
    // RAM = "hyperram"
    output wire hr_reset_n,
    output wire hr_cs_n,
    output wire hr_ck,
    output wire [7:0] hr_dq_o,
    output wire hr_dq_oe,
    input wire [7:0] hr_dq_i,
    output wire hr_rwds_oe,
    input wire hr_rwds_i,
    // RAM = "sdram"
    output wire sd_cke,
    output wire sd_cs_n,
    output wire sd_ras_n,
    output wire sd_cas_n,
    output wire sd_we_n,
    output wire [1:0] sd_ba,
    output wire [12:0] sd_a,
    output wire [1:0] sd_dqm,
    output wire [15:0] sd_dq_o,
    output wire sd_dq_oe,
    input wire [15:0] sd_dq_i
);
    localparam [31:0] BEHIND = 32'h10000 + RAM_BYTES / 64 + (32'd32 << LOG2_PLAN_WORDS) + 32'd32768;
    localparam [63:0] PORT = {32'd0, "port"}, HYPERRAM = "hyperram", SDRAM = {24'd0, "sdram"};
    generate
        if (RAM_BYTES[15:0] != 0 || RAM_BYTES + BEHIND > 32'd4 << ADDRESS_BITS || ADDRESS_BITS > 24 || ADDRESS_BITS < 16 ||
            LOG2_PLAN_WORDS < 8 || LOG2_PLAN_WORDS > 14) begin : g_illegal_size
            card_ram_is_too_small_for_what_lies_behind_it stop ();
        end
        if (RAM != PORT && RAM != HYPERRAM && RAM != SDRAM) begin : g_illegal_ram
            card_knows_no_such_ram stop ();
        end
    endgenerate

    localparam PORTS = 6;
    wire [PORTS-1:0] p_c_valid, p_c_ready, p_c_write, p_w_valid, p_w_ready, p_r_valid;
    wire [PORTS*ADDRESS_BITS-1:0] p_c_address;
    wire [PORTS*7-1:0] p_c_words;
    wire [PORTS*32-1:0] p_w_data;
    wire [31:0] p_r_data;

    wire x_valid, x_ready, d_valid, d_answered, xq_valid, xq_ready, xm_valid, xm_ready;
    wire [7:0] x_type;
    wire [2:0] x_context;
    wire [63:0] x_position, xt_position;
    wire [16:0] x_length, xt_length;
    wire [31:0] x_word0, x_word1, d_value, xm_data, xp_data, xr_value;
    wire [3:0] d_status;
    wire [14:0] xq_offset, xq_words;
    wire xt_valid, xt_ready, xp_valid, xp_ready, tick, clipped;
    wire [15:0] xt_context;
    wire [2:0] xr_context, xr_index;
    nave_link #(
        .ADDRESS_BITS(ADDRESS_BITS), .RAM_BYTES(RAM_BYTES), .CARD_VERSION(CARD_VERSION), .CLOCK_HZ(CLOCK_HZ),
        .LANES(LANES), .LOG2_MAX_PARTITION(MAX_LOG2N), .CONTEXTS(32'd8), .MAX_PLAN_WORDS(32'd1 << LOG2_PLAN_WORDS)
    ) link (
        .clk(clk), .rst(rst),
        .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_last(m_last),
        .x_valid(x_valid), .x_ready(x_ready), .x_type(x_type), .x_context(x_context), .x_position(x_position),
        .x_length(x_length), .x_word0(x_word0), .x_word1(x_word1),
        .d_valid(d_valid), .d_status(d_status), .d_value(d_value), .d_answered(d_answered),
        .xq_valid(xq_valid), .xq_ready(xq_ready), .xq_offset(xq_offset), .xq_words(xq_words),
        .xm_valid(xm_valid), .xm_ready(xm_ready), .xm_data(xm_data),
        .xt_valid(xt_valid), .xt_ready(xt_ready), .xt_context(xt_context), .xt_position(xt_position),
        .xt_length(xt_length), .xp_valid(xp_valid), .xp_ready(xp_ready), .xp_data(xp_data),
        .xr_context(xr_context), .xr_index(xr_index), .xr_value(xr_value), .tick(tick), .clipped(clipped),
        .c_valid(p_c_valid[1:0]), .c_ready(p_c_ready[1:0]), .c_write(p_c_write[1:0]),
        .c_address(p_c_address[2*ADDRESS_BITS-1:0]), .c_words(p_c_words[13:0]),
        .w_valid(p_w_valid[1:0]), .w_ready(p_w_ready[1:0]), .w_data(p_w_data[63:0]),
        .r_valid(p_r_valid[1:0]), .r_data(p_r_data)
    );

    wire b_valid, b_write, b_ready;
    wire [31:0] b_address, b_wdata, b_rdata;
    wire [3:0] b_strobe;
    nave_control control (
        .clk(clk), .rst(rst),
        .b_valid(b_valid), .b_write(b_write), .b_address(b_address), .b_strobe(b_strobe), .b_wdata(b_wdata),
        .b_ready(b_ready), .b_rdata(b_rdata)
    );

    nave_engine #(
        .ADDRESS_BITS(ADDRESS_BITS), .RAM_BYTES(RAM_BYTES), .MAX_LOG2N(MAX_LOG2N), .LANES(LANES),
        .LOG2_PLAN_WORDS(LOG2_PLAN_WORDS)
    ) engine (
        .clk(clk), .rst(rst),
        .b_valid(b_valid), .b_write(b_write), .b_address(b_address), .b_strobe(b_strobe), .b_wdata(b_wdata),
        .b_ready(b_ready), .b_rdata(b_rdata),
        .x_valid(x_valid), .x_ready(x_ready), .x_type(x_type), .x_context(x_context), .x_position(x_position),
        .x_length(x_length), .x_word0(x_word0), .x_word1(x_word1),
        .d_valid(d_valid), .d_status(d_status), .d_value(d_value), .d_answered(d_answered),
        .xq_valid(xq_valid), .xq_ready(xq_ready), .xq_offset(xq_offset), .xq_words(xq_words),
        .xm_valid(xm_valid), .xm_ready(xm_ready), .xm_data(xm_data),
        .xt_valid(xt_valid), .xt_ready(xt_ready), .xt_context(xt_context), .xt_position(xt_position),
        .xt_length(xt_length), .xp_valid(xp_valid), .xp_ready(xp_ready), .xp_data(xp_data),
        .xr_context(xr_context), .xr_index(xr_index), .xr_value(xr_value), .tick(tick), .clipped(clipped),
        .c_valid(p_c_valid[5:2]), .c_ready(p_c_ready[5:2]), .c_write(p_c_write[5:2]),
        .c_address(p_c_address[6*ADDRESS_BITS-1:2*ADDRESS_BITS]), .c_words(p_c_words[41:14]),
        .w_valid(p_w_valid[5:2]), .w_ready(p_w_ready[5:2]), .w_data(p_w_data[191:64]),
        .r_valid(p_r_valid[5:2]), .r_data(p_r_data)
    );

    wire a_c_valid, a_c_ready, a_c_write, a_w_valid, a_w_ready, a_r_valid;
    wire [ADDRESS_BITS-1:0] a_c_address;
    wire [6:0] a_c_words;
    wire [31:0] a_w_data, a_r_data;
    nave_ram_arbiter #(
        .PORTS(PORTS), .LOG2_PORTS(3), .ADDRESS_BITS(ADDRESS_BITS)
    ) arbiter (
        .clk(clk), .rst(rst),
        .s_c_valid(p_c_valid), .s_c_ready(p_c_ready), .s_c_write(p_c_write), .s_c_address(p_c_address),
        .s_c_words(p_c_words), .s_w_valid(p_w_valid), .s_w_ready(p_w_ready), .s_w_data(p_w_data),
        .s_r_valid(p_r_valid), .s_r_data(p_r_data),
        .m_c_valid(a_c_valid), .m_c_ready(a_c_ready), .m_c_write(a_c_write), .m_c_address(a_c_address),
        .m_c_words(a_c_words), .m_w_valid(a_w_valid), .m_w_ready(a_w_ready), .m_w_data(a_w_data),
        .m_r_valid(a_r_valid), .m_r_data(a_r_data)
    );

    generate
        if (RAM == PORT) begin : g_port
            assign c_valid = a_c_valid;
            assign c_write = a_c_write;
            assign c_address = a_c_address;
            assign c_words = a_c_words;
            assign w_valid = a_w_valid;
            assign w_data = a_w_data;
            assign a_c_ready = c_ready;
            assign a_w_ready = w_ready;
            assign a_r_valid = r_valid;
            assign a_r_data = r_data;
            assign ram_ready = 1'b1;
            assign ram_fault = 1'b0;
        end else begin : g_no_port
            assign c_valid = 1'b0;
            assign c_write = 1'b0;
            assign c_address = {ADDRESS_BITS{1'b0}};
            assign c_words = 7'd0;
            assign w_valid = 1'b0;
            assign w_data = 32'd0;
            wire unused = &{1'b0, c_ready, w_ready, r_valid, r_data};
        end
        if (RAM == HYPERRAM) begin : g_hyperram
            wire phy_reset_n, phy_cs_n, phy_ck, phy_dq_oe, phy_rwds_oe;
            wire [15:0] phy_dq_o, phy_dq_i;
            wire [1:0] phy_rwds_i;
            nave_hyperram #(
                .ADDRESS_BITS(ADDRESS_BITS), .INIT_CLOCKS(RAM_INIT_CLOCKS)
            ) controller (
                .clk(clk), .rst(rst), .ready(ram_ready), .fault(ram_fault),
                .c_valid(a_c_valid), .c_ready(a_c_ready), .c_write(a_c_write), .c_address(a_c_address),
                .c_words(a_c_words), .w_valid(a_w_valid), .w_ready(a_w_ready), .w_data(a_w_data),
                .r_valid(a_r_valid), .r_data(a_r_data),
                .phy_reset_n(phy_reset_n), .phy_cs_n(phy_cs_n), .phy_ck(phy_ck), .phy_dq_o(phy_dq_o),
                .phy_dq_oe(phy_dq_oe), .phy_rwds_oe(phy_rwds_oe), .phy_dq_i(phy_dq_i), .phy_rwds_i(phy_rwds_i)
            );
            nave_hyperram_phy phy (
                .clk(clk), .phy_reset_n(phy_reset_n), .phy_cs_n(phy_cs_n), .phy_ck(phy_ck), .phy_dq_o(phy_dq_o),
                .phy_dq_oe(phy_dq_oe), .phy_rwds_oe(phy_rwds_oe), .phy_dq_i(phy_dq_i), .phy_rwds_i(phy_rwds_i),
                .ram_reset_n(hr_reset_n), .ram_cs_n(hr_cs_n), .ram_ck(hr_ck), .ram_dq_o(hr_dq_o),
                .ram_dq_oe(hr_dq_oe), .ram_dq_i(hr_dq_i), .ram_rwds_oe(hr_rwds_oe), .ram_rwds_i(hr_rwds_i)
            );
        end else begin : g_no_hyperram
            assign hr_reset_n = 1'b0;
            assign hr_cs_n = 1'b0;
            assign hr_ck = 1'b0;
            assign hr_dq_o = 8'd0;
            assign hr_dq_oe = 1'b0;
            assign hr_rwds_oe = 1'b0;
            wire unused = &{1'b0, hr_dq_i, hr_rwds_i};
        end
        if (RAM == SDRAM) begin : g_sdram
            wire [4:0] log2_words;
            wire [23:0] address;
            if (ADDRESS_BITS < 24) begin : g_widen
                assign address = {{24 - ADDRESS_BITS{1'b0}}, a_c_address};
            end else begin : g_whole
                assign address = a_c_address;
            end
            nave_sdram #(
                .INIT_CLOCKS(RAM_INIT_CLOCKS)
            ) controller (
                .clk(clk), .rst(rst), .ready(ram_ready), .log2_words(log2_words),
                .c_valid(a_c_valid), .c_ready(a_c_ready), .c_write(a_c_write), .c_address(address),
                .c_words(a_c_words), .w_valid(a_w_valid), .w_ready(a_w_ready), .w_data(a_w_data),
                .r_valid(a_r_valid), .r_data(a_r_data),
                .ram_cke(sd_cke), .ram_cs_n(sd_cs_n), .ram_ras_n(sd_ras_n), .ram_cas_n(sd_cas_n), .ram_we_n(sd_we_n),
                .ram_ba(sd_ba), .ram_a(sd_a), .ram_dqm(sd_dqm), .ram_dq_o(sd_dq_o), .ram_dq_oe(sd_dq_oe),
                .ram_dq_i(sd_dq_i)
            );
            assign ram_fault = ram_ready && log2_words < ADDRESS_BITS[4:0];
        end else begin : g_no_sdram
            assign sd_cke = 1'b0;
            assign sd_cs_n = 1'b0;
            assign sd_ras_n = 1'b0;
            assign sd_cas_n = 1'b0;
            assign sd_we_n = 1'b0;
            assign sd_ba = 2'd0;
            assign sd_a = 13'd0;
            assign sd_dqm = 2'd0;
            assign sd_dq_o = 16'd0;
            assign sd_dq_oe = 1'b0;
            wire unused = &{1'b0, sd_dq_i};
        end
    endgenerate
endmodule
`default_nettype wire
