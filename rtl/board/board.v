// What all boards have: card, RAM controller, test of the RAM, USB device, lamps, and the order in which they start:
// clocks rest, RAM test and number of the flash, then USB, then the card. A card whose RAM failed stays in reset, so that
// no host gets a sample from it; USB and lamps tell.
// RAM: "hyperram" or "sdram"; pins that a kind does not use are low. Two-way pins are split, the board's top joins them.
// Latency, overflow: see the blocks.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_board #(
    parameter [63:0] RAM = "hyperram",
    parameter ADDRESS_BITS = 21,
    parameter [31:0] RAM_BYTES = 32'd7995392,
    parameter LANES = 1,
    parameter MAX_LOG2N = 13,
    parameter [31:0] CLOCK_HZ = 32'd120000000,
    parameter SWAP_DP_DM = 1,
    parameter IGNORE_VBUS = 0,
    parameter RESET_LOG2_CLOCKS = 16,
    parameter TEST_LOG2_WORDS = 21,
    parameter RAM_INIT_CLOCKS = 24000,
    parameter USB_START_CLOCKS = 66000
) (
    input wire core_clk,
    input wire usb_clk,
    input wire locked,  // of the clocks
    input wire [7:0] ulpi_data_i,
    output wire [7:0] ulpi_data_o,
    output wire ulpi_data_oe,
    input wire ulpi_dir,
    input wire ulpi_nxt,
    output wire ulpi_stp,
    output wire phy_reset_n,
    output wire hr_reset_n,
    output wire hr_cs_n,
    output wire hr_ck,
    output wire [7:0] hr_dq_o,
    output wire hr_dq_oe,
    input wire [7:0] hr_dq_i,
    output wire hr_rwds_oe,
    input wire hr_rwds_i,
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
    input wire [15:0] sd_dq_i,
    output wire flash_cs_n,
    output wire flash_mosi,
    input wire flash_miso,
    input wire button,
    output wire held,
    output wire tick,
    output wire [5:0] led
);
    localparam [63:0] HYPERRAM = "hyperram", SDRAM = {24'd0, "sdram"};
    generate
        if (RAM != HYPERRAM && RAM != SDRAM) begin : g_illegal
            board_knows_no_such_ram stop ();
        end
    endgenerate

    // resets: core_rst for RAM and lamps, usb_rst and link_rst for the two sides of USB, card_rst last
    wire rests;
    nave_sync u_locked (.clk(core_clk), .d(locked), .q(rests));
    reg [RESET_LOG2_CLOCKS:0] rest_q;
    reg core_rst, link_rst, card_rst;
    reg [5:0] card_q;
    wire usb_run, ram_ready, ram_fault, test_done, test_good, id_done;
    initial begin
        rest_q = {RESET_LOG2_CLOCKS + 1{1'b0}};
        core_rst = 1'b1;
        link_rst = 1'b1;
        card_rst = 1'b1;
        card_q = 6'd0;
    end
    always @(posedge core_clk) begin
        if (!rests) rest_q <= {RESET_LOG2_CLOCKS + 1{1'b0}};
        else if (!rest_q[RESET_LOG2_CLOCKS]) rest_q <= rest_q + 1'b1;
        core_rst <= !rest_q[RESET_LOG2_CLOCKS];
        link_rst <= core_rst || !test_done || !id_done;
        if (link_rst || !test_good) card_q <= 6'd0;
        else if (card_q != 6'd63) card_q <= card_q + 6'd1;
        card_rst <= card_q != 6'd63;
    end
    nave_sync u_usb_run (.clk(usb_clk), .d(!link_rst), .q(usb_run));
    wire usb_rst = !usb_run;

    wire flash_clock;
    wire [63:0] id;
    reg [63:0] serial;  // at rest since before usb_rst ended
    always @(posedge usb_clk) if (usb_rst) serial <= id;
    nave_flash_id u_flash_id (
        .clk(core_clk), .rst(core_rst), .done(id_done), .id(id), .flash_clock(flash_clock),
        .flash_cs_n(flash_cs_n), .flash_mosi(flash_mosi), .flash_miso(flash_miso)
    );
    nave_flash_clock u_flash_clock (.clock(flash_clock));

    wire configured, high_speed, suspended;
    wire down_valid, down_ready, up_valid, up_ready, up_last;
    wire [31:0] down_data, up_data;
    nave_usb_device #(
        .SWAP_DP_DM(SWAP_DP_DM), .IGNORE_VBUS(IGNORE_VBUS), .START_CLOCKS(USB_START_CLOCKS)
    ) usb (
        .usb_clk(usb_clk), .usb_rst(usb_rst), .serial(serial),
        .ulpi_data_i(ulpi_data_i), .ulpi_data_o(ulpi_data_o), .ulpi_data_oe(ulpi_data_oe), .ulpi_dir(ulpi_dir),
        .ulpi_nxt(ulpi_nxt), .ulpi_stp(ulpi_stp), .phy_reset_n(phy_reset_n),
        .configured(configured), .high_speed(high_speed), .suspended(suspended), .frame(),
        .core_clk(core_clk), .core_rst(link_rst),
        .m_valid(down_valid), .m_ready(down_ready), .m_start(), .m_data(down_data),
        .s_valid(up_valid), .s_ready(up_ready), .s_last(up_last), .s_data(up_data)
    );

    wire p_c_valid, p_c_ready, p_c_write, p_w_valid, p_w_ready, p_r_valid;
    wire [ADDRESS_BITS-1:0] p_c_address;
    wire [6:0] p_c_words;
    wire [31:0] p_w_data, r_data;
    // registers between the two, so that neither waits for the other's logic
    wire card_offers, card_takes, card_room, card_given, card_last;
    wire [31:0] card_words, card_answer;
    nave_skid u_down (
        .clk(core_clk), .rst(card_rst), .s_valid(down_valid), .s_ready(down_ready), .s_data(down_data),
        .m_valid(card_given), .m_ready(card_takes), .m_data(card_words)
    );
    nave_skid #(.WIDTH(33)) u_up (
        .clk(core_clk), .rst(card_rst), .s_valid(card_offers), .s_ready(card_room), .s_data({card_last, card_answer}),
        .m_valid(up_valid), .m_ready(up_ready), .m_data({up_last, up_data})
    );
    nave_card #(
        .RAM({32'd0, "port"}), .ADDRESS_BITS(ADDRESS_BITS), .RAM_BYTES(RAM_BYTES), .MAX_LOG2N(MAX_LOG2N),
        .LANES(LANES), .CLOCK_HZ(CLOCK_HZ)
    ) card (
        .clk(core_clk), .rst(card_rst),
        .s_valid(card_given), .s_ready(card_takes), .s_data(card_words),
        .m_valid(card_offers), .m_ready(card_room), .m_data(card_answer), .m_last(card_last),
        .ram_ready(), .ram_fault(),
        .c_valid(p_c_valid), .c_ready(p_c_ready), .c_write(p_c_write), .c_address(p_c_address), .c_words(p_c_words),
        .w_valid(p_w_valid), .w_ready(p_w_ready), .w_data(p_w_data), .r_valid(p_r_valid), .r_data(r_data),
        .hr_reset_n(), .hr_cs_n(), .hr_ck(), .hr_dq_o(), .hr_dq_oe(), .hr_dq_i(8'd0), .hr_rwds_oe(), .hr_rwds_i(1'b0),
        .sd_cke(), .sd_cs_n(), .sd_ras_n(), .sd_cas_n(), .sd_we_n(), .sd_ba(), .sd_a(), .sd_dqm(), .sd_dq_o(),
        .sd_dq_oe(), .sd_dq_i(16'd0)
    );

    wire c_valid, c_ready, c_write, w_valid, w_ready, r_valid;
    wire [ADDRESS_BITS-1:0] c_address;
    wire [6:0] c_words;
    wire [31:0] w_data;
    nave_ram_test #(
        .ADDRESS_BITS(ADDRESS_BITS), .LOG2_WORDS(TEST_LOG2_WORDS)
    ) ram_test (
        .clk(core_clk), .rst(core_rst), .ready(ram_ready), .done(test_done), .good(test_good),
        .s_c_valid(p_c_valid), .s_c_ready(p_c_ready), .s_c_write(p_c_write), .s_c_address(p_c_address),
        .s_c_words(p_c_words), .s_w_valid(p_w_valid), .s_w_ready(p_w_ready), .s_w_data(p_w_data),
        .s_r_valid(p_r_valid),
        .m_c_valid(c_valid), .m_c_ready(c_ready), .m_c_write(c_write), .m_c_address(c_address), .m_c_words(c_words),
        .m_w_valid(w_valid), .m_w_ready(w_ready), .m_w_data(w_data), .m_r_valid(r_valid), .m_r_data(r_data)
    );

    generate
        if (RAM == HYPERRAM) begin : g_hyperram
            wire y_reset_n, y_cs_n, y_ck, y_dq_oe, y_rwds_oe;
            wire [15:0] y_dq_o, y_dq_i;
            wire [1:0] y_rwds_i;
            nave_hyperram #(
                .ADDRESS_BITS(ADDRESS_BITS), .INIT_CLOCKS(RAM_INIT_CLOCKS), .CSM_CLOCKS(CLOCK_HZ / 32'd250000)
            ) controller (
                .clk(core_clk), .rst(core_rst), .ready(ram_ready), .fault(ram_fault),
                .c_valid(c_valid), .c_ready(c_ready), .c_write(c_write), .c_address(c_address), .c_words(c_words),
                .w_valid(w_valid), .w_ready(w_ready), .w_data(w_data), .r_valid(r_valid), .r_data(r_data),
                .phy_reset_n(y_reset_n), .phy_cs_n(y_cs_n), .phy_ck(y_ck), .phy_dq_o(y_dq_o), .phy_dq_oe(y_dq_oe),
                .phy_rwds_oe(y_rwds_oe), .phy_dq_i(y_dq_i), .phy_rwds_i(y_rwds_i)
            );
            nave_hyperram_phy phy (
                .clk(core_clk), .phy_reset_n(y_reset_n), .phy_cs_n(y_cs_n), .phy_ck(y_ck), .phy_dq_o(y_dq_o),
                .phy_dq_oe(y_dq_oe), .phy_rwds_oe(y_rwds_oe), .phy_dq_i(y_dq_i), .phy_rwds_i(y_rwds_i),
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
            wire [23:0] address = {{24 - ADDRESS_BITS{1'b0}}, c_address};
            nave_sdram #(
                .INIT_CLOCKS(RAM_INIT_CLOCKS), .T_REFI(CLOCK_HZ / 32'd129032)  // 7.75 us
            ) controller (
                .clk(core_clk), .rst(core_rst), .ready(ram_ready), .log2_words(log2_words),
                .c_valid(c_valid), .c_ready(c_ready), .c_write(c_write), .c_address(address), .c_words(c_words),
                .w_valid(w_valid), .w_ready(w_ready), .w_data(w_data), .r_valid(r_valid), .r_data(r_data),
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

    nave_board_status #(
        .CLOCK_HZ(CLOCK_HZ)
    ) status (
        .clk(core_clk), .rst(core_rst), .test_done(test_done), .test_good(test_good), .ram_fault(ram_fault),
        .configured(configured), .high_speed(high_speed), .suspended(suspended),
        .traffic((down_valid && down_ready) || (up_valid && up_ready)), .button(button), .held(held), .tick(tick),
        .led(led)
    );
endmodule
`default_nettype wire
