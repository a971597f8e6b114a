// HyperRAM (HyperBus 1, x8 DDR) behind a RAM port (README.md); the pins are in hyperram_phy.v.
// After INIT_CLOCKS it writes CR0: latency LATENCY, fixed or variable, full drive. Then a burst is
//   CS# low, 3 clocks of command and address, LATENCY - 1 clocks (2 LATENCY - 1 when RWDS said that a refresh is under way,
//   always with FIXED), 2 clocks a word, CS# high. A register write has no latency.
// The device refreshes itself between bursts, so CS# may not stay low for longer than tCSM: the longest burst has to fit into
// CSM_CLOCKS, and elaboration stops if it does not. Words that a read does not get (no device) are given as zero and
// counted by `fault`, so that nobody hangs.
// Latency: 11 clocks + the PHY's to the first word of a read. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_hyperram #(
    parameter ADDRESS_BITS = 21,
    parameter LATENCY = 7,  // clocks: 3 to 83 MHz, 4 to 100, 5 to 133, 6 to 166
    parameter FIXED = 0,
    parameter INIT_CLOCKS = 18000,  // 150 us
    parameter CSM_CLOCKS = 480,  // 4 us
    parameter HIGH_CLOCKS = 2,  // CS# high between bursts
    parameter HOLD_CLOCKS = 2,  // CS# low behind the last clock of a read
    parameter RWDS_CLOCKS = 5  // from the third clock of the address to its RWDS, the PHY's registers included
) (
    input wire clk,
    input wire rst,
    output wire ready,
    output wire fault,
    input wire c_valid,
    output wire c_ready,
    input wire c_write,
    input wire [ADDRESS_BITS-1:0] c_address,
    input wire [6:0] c_words,
    input wire w_valid,
    output wire w_ready,
    input wire [31:0] w_data,
    output wire r_valid,
    output wire [31:0] r_data,
    // PHY: halves of a clock, the first in the upper bits
    output reg phy_reset_n,
    output reg phy_cs_n,
    output reg phy_ck,  // a pulse in this clock
    output reg [15:0] phy_dq_o,
    output reg phy_dq_oe,
    output reg phy_rwds_oe,  // it only ever drives RWDS low
    input wire [15:0] phy_dq_i,
    input wire [1:0] phy_rwds_i
);
    generate
        if (LATENCY < 3 || LATENCY > 7 || ADDRESS_BITS < 8 || ADDRESS_BITS > 27 || (FIXED == 0 && LATENCY < RWDS_CLOCKS + 2) ||
            1 + 3 + 2 * LATENCY - 1 + 128 + HOLD_CLOCKS > CSM_CLOCKS || HIGH_CLOCKS < 1 || INIT_CLOCKS < 16 || INIT_CLOCKS > 65000) begin : g_illegal
            hyperram_timing_is_out_of_range stop ();
        end
    endgenerate

    localparam [3:0] CODE = LATENCY == 3 ? 4'he : LATENCY == 4 ? 4'hf : LATENCY == 5 ? 4'h0 : LATENCY == 6 ? 4'h1 : 4'h2;
    localparam [15:0] CR0 = {8'h8f, CODE, FIXED != 0 ? 1'b1 : 1'b0, 3'b111};
    localparam [47:0] CR0_WRITE = 48'h600001000000;
    localparam [7:0] ONCE = LATENCY - 2, TWICE = 2 * LATENCY - 2;  // last index of the wait
    localparam [7:0] SAMPLE = RWDS_CLOCKS - 1;

    localparam [3:0] INIT = 0, IDLE = 1, SELECT = 2, ADDRESS = 3, REGISTER = 4, WAIT = 5, READ = 6, WRITE = 7, HOLD = 8,
        HIGH = 9;
    reg [3:0] state_q;
    reg [15:0] init_q;
    reg [7:0] count_q;
    reg [47:0] address_q;
    reg write_q, setup_q, twice_q;
    reg [6:0] words_q;
    reg half_q;
    reg [15:0] half_word_q;
    reg collecting;  // words of a read are expected

    wire init_done = init_q == INIT_CLOCKS[15:0] + 16'd16;  // reset comes first
    wire twice = twice_q || FIXED != 0;
    wire wait_done = count_q == (twice ? TWICE : ONCE);
    wire burst_done = half_q && words_q == 7'd1;
    wire [28:0] upper = {{29 - (ADDRESS_BITS - 2) {1'b0}}, c_address[ADDRESS_BITS-1:2]};  // of 8 halfwords

    assign ready = !setup_q && state_q != INIT;
    assign c_ready = state_q == IDLE && !setup_q;
    assign w_ready = state_q == WRITE && half_q;

    always @(posedge clk) begin
        if (c_valid && c_ready) begin
            write_q <= c_write;
            words_q <= c_words;
        end else if ((state_q == READ || (state_q == WRITE && w_valid)) && half_q) words_q <= words_q - 7'd1;
        if (state_q == IDLE) address_q <= setup_q ? CR0_WRITE : {!c_write, 2'b01, upper, 13'd0, c_address[1:0], 1'b0};
        else if (state_q == ADDRESS) address_q <= {address_q[31:0], 16'd0};
        if (count_q == SAMPLE) twice_q <= phy_rwds_i[0];
    end
    always @(posedge clk) begin
        if (rst) begin
            state_q <= INIT;
            init_q <= 16'd0;
            setup_q <= 1'b1;
            count_q <= 8'd0;
            half_q <= 1'b0;
        end else begin
            count_q <= count_q + 8'd1;
            case (state_q)
                INIT: begin
                    if (!init_done) init_q <= init_q + 16'd1;
                    else state_q <= IDLE;
                end
                IDLE: if (c_valid || setup_q) state_q <= SELECT;
                SELECT: begin
                    count_q <= 8'd0;
                    state_q <= ADDRESS;
                end
                ADDRESS:
                if (count_q == 8'd2) begin
                    count_q <= 8'd0;
                    state_q <= setup_q ? REGISTER : WAIT;
                end
                REGISTER: begin
                    count_q <= 8'd0;
                    setup_q <= 1'b0;
                    state_q <= HIGH;
                end
                WAIT: begin
                    half_q <= 1'b0;
                    if (wait_done) state_q <= write_q ? WRITE : READ;
                end
                READ: begin
                    count_q <= 8'd0;
                    half_q <= !half_q;
                    if (burst_done) state_q <= HOLD;
                end
                WRITE: begin
                    count_q <= 8'd0;
                    if (w_valid) half_q <= !half_q;
                    if (w_valid && burst_done) state_q <= HIGH;
                end
                HOLD:
                if (count_q + 8'd1 == HOLD_CLOCKS[7:0]) begin
                    count_q <= 8'd0;
                    state_q <= HIGH;
                end
                default: if (count_q + 8'd1 >= HIGH_CLOCKS[7:0] && !collecting) state_q <= IDLE;
            endcase
        end
    end

    // the PHY's side is registered
    initial phy_reset_n = 1'b0;
    always @(posedge clk) begin
        if (rst) begin
            phy_reset_n <= 1'b0;
            phy_cs_n <= 1'b1;
            phy_ck <= 1'b0;
            phy_dq_oe <= 1'b0;
            phy_rwds_oe <= 1'b0;
        end else begin
            phy_reset_n <= init_q > 16'd8;
            phy_cs_n <= state_q == INIT || state_q == IDLE || state_q == HIGH;
            phy_ck <= state_q == ADDRESS || state_q == REGISTER || state_q == WAIT || state_q == READ ||
                (state_q == WRITE && w_valid);
            phy_dq_oe <= state_q == SELECT || state_q == ADDRESS || state_q == REGISTER || state_q == WRITE;
            // RWDS is low before the first written byte: the device lets go of it behind the address
            phy_rwds_oe <= state_q == WRITE || (state_q == WAIT && write_q && wait_done);
        end
        case (state_q)
            WRITE: phy_dq_o <= half_q ? {w_data[23:16], w_data[31:24]} : {w_data[7:0], w_data[15:8]};
            REGISTER: phy_dq_o <= CR0;
            default: phy_dq_o <= address_q[47:32];
        endcase
    end

    // Read: a halfword is there when RWDS falls, in the middle of a clock or between two.
    reg [6:0] missing_q;
    reg rwds_q;
    reg [7:0] byte_q;
    reg low_q;  // the word's first half has come
    reg [3:0] patience_q;
    wire middle = phy_rwds_i == 2'b10;
    wire between = rwds_q && !phy_rwds_i[1];
    wire strobe = collecting && (middle || between);
    wire [15:0] halfword = middle ? {phy_dq_i[7:0], phy_dq_i[15:8]} : {phy_dq_i[15:8], byte_q};
    wire give_up = collecting && patience_q == 4'd15;
    wire got = (strobe && low_q) || give_up;

    assign r_valid = got;
    assign r_data = give_up ? 32'd0 : {halfword, half_word_q};
    assign fault = give_up;

    always @(posedge clk) begin
        rwds_q <= phy_rwds_i[0] && collecting;
        byte_q <= phy_dq_i[7:0];
        if (strobe) half_word_q <= halfword;
        if (rst) begin
            collecting <= 1'b0;
            missing_q <= 7'd0;
            low_q <= 1'b0;
            patience_q <= 4'd0;
        end else begin
            if (state_q == WAIT && wait_done && !write_q) begin
                collecting <= 1'b1;
                missing_q <= words_q;
                low_q <= 1'b0;
            end else if (got) begin
                missing_q <= missing_q - 7'd1;
                if (missing_q == 7'd1) collecting <= 1'b0;
            end
            if (strobe) low_q <= !low_q;
            // all clocks have been given: what has not come by now will not come
            if (state_q != HIGH) patience_q <= 4'd0;
            else if (patience_q != 4'd15) patience_q <= patience_q + 4'd1;
        end
    end
endmodule
`default_nettype wire
