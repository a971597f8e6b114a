// SDR SDRAM, 16 bits, four banks, behind a RAM port (README.md). Bursts of two halfwords, a word every 2 clocks without a
// gap; rows stay open until another row of the bank or a refresh needs them. At the start it finds out what is fitted: 12
// or 13 row bits, 8 to 10 column bits; `log2_words` tells the size when `ready` rises. A row of the map is 256 halfwords of
// one bank, the banks follow each other, and what a larger part has more of (row bit 12, column bits 8, 9) comes on top.
// Times are in clocks (defaults: 120 MHz, speed grade -7). Refreshes that had to wait for a burst are made up for.
// Latency: 7 clocks to the first word of a read in an open row, T_RP + T_RCD more in another. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_sdram #(
    parameter INIT_CLOCKS = 24000,  // 200 us
    parameter T_RP = 3,
    parameter T_RCD = 3,
    parameter T_RAS = 6,
    parameter T_RFC = 9,
    parameter T_WR = 3,
    parameter T_REFI = 930,  // 7.8 us
    parameter CAS = 3,
    parameter READ_CLOCKS = 5  // between a read in this block and its word, with the board's delays: CAS + 2 without any
) (
    input wire clk,
    input wire rst,
    output wire ready,
    output wire [4:0] log2_words,
    input wire c_valid,
    output wire c_ready,
    input wire c_write,
    input wire [23:0] c_address,
    input wire [6:0] c_words,
    input wire w_valid,
    output wire w_ready,
    input wire [31:0] w_data,
    output wire r_valid,
    output wire [31:0] r_data,
    output reg ram_cke,
    output wire ram_cs_n,
    output reg ram_ras_n,
    output reg ram_cas_n,
    output reg ram_we_n,
    output reg [1:0] ram_ba,
    output reg [12:0] ram_a,
    output reg [1:0] ram_dqm,
    output reg [15:0] ram_dq_o,
    output reg ram_dq_oe,
    input wire [15:0] ram_dq_i
);
    generate
        if (CAS < 2 || CAS > 3 || T_RP < 1 || T_RCD < 1 || T_RP > 15 || T_RCD > 15 || T_RFC > 15 || T_RAS > 15 || T_WR < 1 || T_WR > 7 ||
            READ_CLOCKS < CAS || READ_CLOCKS > 8 || T_REFI < 200 || INIT_CLOCKS > 65535) begin : g_illegal
            sdram_timing_is_out_of_range stop ();
        end
    endgenerate

    localparam [2:0] NOP = 3'b111, ACTIVATE = 3'b011, READ = 3'b101, WRITE = 3'b100, PRECHARGE = 3'b010,
        REFRESH = 3'b001, MODE = 3'b000;
    localparam [12:0] MODE_WORD = {6'd0, CAS[2:0], 1'b0, 3'd1};

    localparam [2:0] START = 0, SETTLE = 1, IDLE = 2, CLOSE = 3, OPEN = 4, BURST = 5, CLOSE_ALL = 6, RENEW = 7;
    reg [2:0] state_q;
    reg [15:0] init_q;
    reg [3:0] wait_q;  // clocks until the next command may go
    reg [3:0] setup_q;  // refreshes at the start, then the mode
    reg [9:0] interval_q;
    reg [3:0] owed_q;  // refreshes due
    reg [3:0] ras_q, bus_q;
    reg [2:0] wr_q;
    reg half_q;

    // addresses inside: column bits 9 and 8, row, bank, column bits 7..1
    reg has_c9_q, has_c8_q, has_r12_q;
    reg [2:0] top;
    always @* begin
        case ({has_c9_q, has_c8_q, has_r12_q})
            3'b111: top = c_address[23:21];
            3'b110: top = {c_address[22:21], 1'b0};
            3'b011: top = {1'b0, c_address[22:21]};
            3'b010: top = {1'b0, c_address[21], 1'b0};
            3'b001: top = {2'b00, c_address[21]};
            default: top = 3'b000;
        endcase
    end

    // what is fitted: write at four places, the last at 0; a place whose top bit does nothing reads as 0 was written
    reg [2:0] probe_q;
    reg probing_q, probe_wait_q;
    wire [2:0] probe_top = probe_q[1:0] == 2'd3 ? 3'b000 : 3'b100 >> probe_q[1:0];
    wire probe_write = !probe_q[2];
    wire [31:0] probe_word = 32'h5a3c0000 | {29'd0, probe_top};

    // the command that waits, the one that runs
    reg next_valid_q, next_write_q;
    reg [23:0] next_q, now_q;
    reg [6:0] next_words_q, words_q;
    reg write_q;
    wire offer_valid = probing_q ? !probe_wait_q : c_valid && ready;
    wire offer_taken = offer_valid && !next_valid_q;
    assign c_ready = ready && !next_valid_q;
    assign ready = !probing_q && state_q != START && state_q != SETTLE;

    reg [12:0] row_q[0:3];
    reg [3:0] open_q;
    wire [1:0] next_bank = next_q[8:7], bank = now_q[8:7];
    wire [12:0] next_row = next_q[21:9], row = now_q[21:9];
    wire next_hit = open_q[next_bank] && row_q[next_bank] == next_row;
    wire go = wait_q == 4'd0;
    wire word_valid = probing_q || w_valid;
    wire burst_go = state_q == BURST && go && (half_q || !write_q || (bus_q == 4'd0 && word_valid));
    wire burst_done = burst_go && half_q && words_q == 7'd1;
    wire refresh_due = owed_q != 4'd0;
    wire choose = (state_q == IDLE || burst_done) && !refresh_due && next_valid_q;
    wire [31:0] word = probing_q ? probe_word : w_data;
    assign w_ready = !probing_q && burst_go && write_q && half_q;

    reg [2:0] command;
    reg [12:0] address;
    reg [1:0] command_bank;
    wire closing = state_q == CLOSE && go && ras_q == 4'd0 && wr_q == 3'd0;
    wire opening = state_q == OPEN && go;
    wire closing_all = state_q == CLOSE_ALL && go && ras_q == 4'd0 && wr_q == 3'd0;
    wire renewing = (state_q == RENEW || (state_q == SETTLE && setup_q != 4'd0)) && go;
    wire setting = state_q == SETTLE && setup_q == 4'd0 && go;
    always @* begin
        command = NOP;
        address = row;
        command_bank = bank;
        if (opening) command = ACTIVATE;
        if (closing) begin
            command = PRECHARGE;
            address = 13'd0;
        end
        if (closing_all) begin
            command = PRECHARGE;
            address = 13'h400;
        end
        if (renewing) command = REFRESH;
        if (setting) begin
            command = MODE;
            address = MODE_WORD;
            command_bank = 2'd0;
        end
        if (burst_go && !half_q) begin
            command = write_q ? WRITE : READ;
            address = {3'd0, now_q[23:22], now_q[6:0], 1'b0};
        end
    end

    initial ram_cke = 1'b0;  // no command before the first clock
    always @(posedge clk) begin
        ram_ba <= command_bank;
        ram_a <= address;
        ram_dq_o <= half_q ? word[31:16] : word[15:0];
        if (rst) begin
            {ram_ras_n, ram_cas_n, ram_we_n} <= NOP;
            ram_cke <= 1'b0;
            ram_dqm <= 2'b11;
            ram_dq_oe <= 1'b0;
        end else begin
            {ram_ras_n, ram_cas_n, ram_we_n} <= command;
            ram_cke <= 1'b1;
            ram_dqm <= state_q == START ? 2'b11 : 2'b00;
            ram_dq_oe <= burst_go && write_q;
        end
    end
    assign ram_cs_n = 1'b0;
    assign log2_words = 5'd21 + {4'd0, has_c9_q} + {4'd0, has_c8_q} + {4'd0, has_r12_q};

    always @(posedge clk) begin
        if (offer_taken) begin
            next_q <= probing_q ? {probe_top[2:1], probe_top[0], 21'd0} : {top, c_address[20:0]};
            next_write_q <= probing_q ? probe_write : c_write;
            next_words_q <= probing_q ? 7'd1 : c_words;
        end
        if (choose) begin
            now_q <= next_q;
            write_q <= next_write_q;
            words_q <= next_words_q;
        end else if (burst_go && half_q) begin
            now_q[6:0] <= now_q[6:0] + 7'd1;
            words_q <= words_q - 7'd1;
        end
        if (opening) row_q[bank] <= row;
    end

    always @(posedge clk) begin
        if (rst) begin
            state_q <= START;
            init_q <= 16'd0;
            wait_q <= 4'd0;
            setup_q <= 4'd8;
            interval_q <= 10'd0;
            owed_q <= 4'd0;
            ras_q <= 4'd0;
            bus_q <= 4'd0;
            wr_q <= 3'd0;
            half_q <= 1'b0;
            open_q <= 4'd0;
            next_valid_q <= 1'b0;
        end else begin
            if (wait_q != 4'd0) wait_q <= wait_q - 4'd1;
            if (ras_q != 4'd0) ras_q <= ras_q - 4'd1;
            if (bus_q != 4'd0) bus_q <= bus_q - 4'd1;
            if (wr_q != 3'd0) wr_q <= wr_q - 3'd1;
            if (offer_taken) next_valid_q <= 1'b1;
            else if (choose) next_valid_q <= 1'b0;
            if (state_q != START) begin
                interval_q <= interval_q == T_REFI[9:0] - 10'd1 ? 10'd0 : interval_q + 10'd1;
                owed_q <= owed_q + {3'd0, interval_q == T_REFI[9:0] - 10'd1} - {3'd0, state_q == RENEW && go};
            end
            if (burst_go) half_q <= !half_q;
            if (burst_go && !half_q && !write_q) bus_q <= CAS[3:0] + 4'd2;
            if (burst_go && half_q && write_q) wr_q <= T_WR[2:0] - 3'd1;
            case (state_q)
                START: begin
                    init_q <= init_q + 16'd1;
                    if (init_q == INIT_CLOCKS[15:0]) state_q <= CLOSE_ALL;
                end
                CLOSE_ALL:
                if (closing_all) begin
                    open_q <= 4'd0;
                    wait_q <= T_RP[3:0] - 4'd1;
                    state_q <= setup_q != 4'd0 ? SETTLE : RENEW;
                end
                SETTLE:
                if (go) begin
                    wait_q <= setup_q != 4'd0 ? T_RFC[3:0] - 4'd1 : 4'd2;
                    if (setup_q != 4'd0) setup_q <= setup_q - 4'd1;
                    else state_q <= IDLE;
                end
                RENEW:
                if (go) begin
                    wait_q <= T_RFC[3:0] - 4'd1;
                    state_q <= IDLE;
                end
                CLOSE:
                if (closing) begin
                    open_q[bank] <= 1'b0;
                    wait_q <= T_RP[3:0] - 4'd1;
                    state_q <= OPEN;
                end
                OPEN:
                if (opening) begin
                    open_q[bank] <= 1'b1;
                    ras_q <= T_RAS[3:0] - 4'd1;
                    wait_q <= T_RCD[3:0] - 4'd1;
                    state_q <= BURST;
                end
                default:  // IDLE, BURST
                if (state_q == IDLE || burst_done) begin
                    if (refresh_due) state_q <= CLOSE_ALL;
                    else if (!next_valid_q) state_q <= IDLE;
                    else state_q <= next_hit ? BURST : open_q[next_bank] ? CLOSE : OPEN;
                end
            endcase
        end
    end

    // what was read comes back READ_CLOCKS later, its second half a clock behind
    reg [READ_CLOCKS:0] coming_q;
    reg [15:0] dq_q, low_q;
    always @(posedge clk) begin
        dq_q <= ram_dq_i;
        low_q <= dq_q;
        if (rst) coming_q <= 0;
        else coming_q <= {coming_q[READ_CLOCKS-1:0], burst_go && !half_q && !write_q};
    end
    assign r_valid = coming_q[READ_CLOCKS] && !probing_q;
    assign r_data = {dq_q, low_q};

    always @(posedge clk) begin
        if (rst) begin
            probing_q <= 1'b1;
            probe_q <= 3'd0;
            probe_wait_q <= 1'b0;
            has_c9_q <= 1'b0;
            has_c8_q <= 1'b0;
            has_r12_q <= 1'b0;
        end else if (probing_q) begin
            if (offer_taken) probe_wait_q <= 1'b1;
            if ((burst_done && write_q) || coming_q[READ_CLOCKS]) begin
                probe_wait_q <= 1'b0;
                probe_q <= probe_q + 3'd1;
                if (coming_q[READ_CLOCKS]) begin
                    if (probe_q == 3'd4) has_c9_q <= r_data == probe_word;
                    if (probe_q == 3'd5) has_c8_q <= r_data == probe_word;
                    if (probe_q == 3'd6) begin
                        has_r12_q <= r_data == probe_word;
                        probing_q <= 1'b0;
                    end
                end
            end
        end
    end
endmodule
`default_nettype wire
