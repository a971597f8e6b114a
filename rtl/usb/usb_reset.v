// What the line means and what the PHY must do: start-up of the PHY, attach, bus reset with the high-speed handshake
// (chirp) and fall-back to full speed, suspend, resume, test modes. All PHY register writes are made here.
// Registers: 0x39 = 0x06 swaps D+ and D- (USB3343 as wired on Cynthion) before the pull-up is switched on; 0x0A = 0: no
// pull-downs; 0x04 FUNC_CTRL: 0x49 detached, 0x45 full speed, 0x54 chirp, 0x40 high speed, 0x50 test J and K.
// Times (USB 2.0, 7.1.7.5 to 7.1.7.7) are in clocks of 60 MHz; one down-counter, wait_q, holds whichever runs, so a
// simulation can skip time in which nothing else happens. No overflow: the transmit stream obeys m_ready.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_reset #(
    parameter SWAP_DP_DM = 1,
    parameter IGNORE_VBUS = 0,  // for boards that do not wire it to the PHY
    parameter START_CLOCKS = 66000  // PHY start-up, 1.1 ms
) (
    input wire clk,
    input wire rst,
    output wire phy_reset_n,
    // line
    input wire [1:0] line_state,
    input wire vbus_valid,  // session valid or better
    input wire rx_active,
    input wire tx_done,
    // PHY registers
    output wire reg_valid,
    output wire reg_write,
    output wire [5:0] reg_address,
    output wire [7:0] reg_data,
    input wire reg_done,
    input wire [7:0] reg_value,
    // chirp K and test J, K
    output wire m_valid,
    output wire m_last,
    output wire [7:0] m_data,
    input wire m_ready,
    // state
    input wire [2:0] test_mode,  // 0 none, 1 J, 2 K, 3 SE0_NAK, 4 packet; taken at high speed
    output wire bus_reset,  // level: no address, no configuration
    output wire packets,  // the device may answer
    output wire high_speed,
    output wire suspended,
    output wire test_se0_nak,
    output wire test_packet,
    output wire reset_seen,  // pulses for the counters
    output wire suspend_seen
);
    generate
        if (START_CLOCKS < 256 || START_CLOCKS > 200000) begin : g_illegal
            usb_reset_start_up_time_is_out_of_range stop ();
        end
    endgenerate

    localparam [1:0] SE0 = 2'b00, J = 2'b01, K = 2'b10;
    localparam [7:0] DETACH = 8'h49, FULL_SPEED = 8'h45, CHIRP_MODE = 8'h54, HIGH_SPEED = 8'h40, TEST_LEVEL = 8'h50;
    localparam [17:0] T_RESET = 18'd300,  // RESETB low, 5 us
        T_CHIRP = 18'd120000,  // device chirp K, 2 ms: 1 ms at least, over 7 ms after the reset began at most
        T_LISTEN = 18'd120000,  // for the hub's chirps, 2 ms: 1.0 to 2.5 ms, then full speed
        T_IDLE = 18'd183000,  // 3.05 ms without activity: 3.0 to 3.125 ms
        T_SETTLE = 18'd12000;  // 200 us at full-speed terminations: 100 to 875 us, then the line tells reset from suspend
    localparam [7:0] T_FILTER = 8'd150;  // 2.5 us of one line state
    localparam [7:0] PATTERN = 8'h5a;  // goes through the PHY's scratch register and back before anything else is done
    localparam [4:0] POWER_UP = 5'd0, START = 5'd1, SCRATCH = 5'd2, CHECK = 5'd3, SWAP = 5'd4, PULL_DOWN = 5'd5,
        DETACHED = 5'd6, FULL = 5'd7, CHIRP_SET = 5'd8, CHIRP = 5'd9, CHIRP_END = 5'd10, LISTEN = 5'd11, FULL_WAIT = 5'd12,
        HIGH = 5'd13, REVERT = 5'd14, SUSPEND = 5'd15, RESUME = 5'd16, TEST = 5'd17;

    reg [4:0] state_q;
    reg [17:0] wait_q  /* verilator public_flat_rw */;
    reg [7:0] filter_q;  // clocks since the line changed, up to T_FILTER
    reg [1:0] line_q;
    reg [2:0] chirps_q, test_q;
    reg [7:0] function_q, sent_q, written_q;
    reg writing_q, written_valid_q, high_q, was_high_q, first_q, reset_seen_q, suspend_seen_q;

    wire vbus = IGNORE_VBUS != 0 || vbus_valid;
    wire steady = filter_q == T_FILTER && line_q == line_state;
    wire waited = wait_q == 18'd0;
    wire settled = written_valid_q && written_q == function_q && !writing_q;
    wire level_test = test_q == 3'd1 || test_q == 3'd2;

    assign reg_valid = (state_q >= SCRATCH && state_q <= PULL_DOWN) || writing_q;
    assign reg_write = state_q != CHECK;
    reg [5:0] address;
    reg [7:0] data;
    always @* begin
        case (state_q)
            SCRATCH, CHECK: {address, data} = {6'h16, PATTERN};
            SWAP: {address, data} = {6'h39, 8'h06};
            PULL_DOWN: {address, data} = {6'h0a, 8'h00};
            default: {address, data} = {6'h04, sent_q};
        endcase
    end
    assign reg_address = address;
    assign reg_data = data;

    assign m_valid = state_q == CHIRP || (state_q == TEST && settled && level_test);
    assign m_last = state_q == CHIRP && waited;
    assign m_data = first_q ? 8'h40 : {8{state_q == TEST && test_q == 3'd1}};

    always @(posedge clk) begin
        if (rst) begin
            state_q <= POWER_UP;
            wait_q <= T_RESET;
            filter_q <= 8'd0;
            line_q <= SE0;
            chirps_q <= 3'd0;
            test_q <= 3'd0;
            function_q <= DETACH;
            sent_q <= DETACH;
            written_q <= 8'h00;
            writing_q <= 1'b0;
            written_valid_q <= 1'b0;
            high_q <= 1'b0;
            was_high_q <= 1'b0;
            first_q <= 1'b1;
            reset_seen_q <= 1'b0;
            suspend_seen_q <= 1'b0;
        end else begin
            reset_seen_q <= 1'b0;
            suspend_seen_q <= 1'b0;
            if (!waited) wait_q <= wait_q - 18'd1;
            line_q <= line_state;
            if (line_q != line_state) filter_q <= 8'd0;
            else if (filter_q != T_FILTER) filter_q <= filter_q + 8'd1;
            // what is wanted may change while an older value is on its way
            if (state_q > PULL_DOWN) begin
                if (!writing_q) begin
                    sent_q <= function_q;
                    writing_q <= !settled;
                end else if (reg_done) begin
                    written_q <= sent_q;
                    written_valid_q <= 1'b1;
                    writing_q <= 1'b0;
                end
            end
            if (m_valid && m_ready) first_q <= 1'b0;
            else if (!m_valid) first_q <= 1'b1;

            case (state_q)
                POWER_UP: begin
                    if (waited) begin
                        state_q <= START;
                        wait_q <= START_CLOCKS[17:0];
                    end
                end
                START: if (waited) state_q <= SCRATCH;
                SCRATCH: if (reg_done) state_q <= CHECK;
                CHECK: begin
                    if (reg_done) begin
                        // a PHY that does not remember is not awake, or its bus is not sampled right: once more
                        state_q <= reg_value != PATTERN ? POWER_UP : SWAP_DP_DM != 0 ? SWAP : PULL_DOWN;
                        wait_q <= T_RESET;
                    end
                end
                SWAP: if (reg_done) state_q <= PULL_DOWN;
                PULL_DOWN: if (reg_done) state_q <= DETACHED;
                DETACHED: begin
                    high_q <= 1'b0;
                    filter_q <= 8'd0;
                    if (settled && vbus) begin
                        state_q <= FULL;
                        function_q <= FULL_SPEED;
                        wait_q <= T_IDLE;
                    end
                end
                FULL: begin
                    if (line_state != J || rx_active || !settled) wait_q <= T_IDLE;
                    else if (waited) begin
                        state_q <= SUSPEND;
                        was_high_q <= 1'b0;
                        suspend_seen_q <= 1'b1;
                    end
                    if (!settled) filter_q <= 8'd0;
                    else if (steady && line_state == SE0) begin
                        state_q <= CHIRP_SET;
                        function_q <= CHIRP_MODE;
                        reset_seen_q <= 1'b1;
                    end
                end
                CHIRP_SET: begin
                    wait_q <= T_CHIRP;
                    chirps_q <= 3'd0;
                    high_q <= 1'b0;
                    if (settled) state_q <= CHIRP;
                end
                CHIRP: if (m_ready && waited) state_q <= CHIRP_END;
                CHIRP_END: begin
                    wait_q <= T_LISTEN;
                    filter_q <= 8'd0;
                    if (tx_done) state_q <= LISTEN;
                end
                LISTEN: begin
                    // K J K J K J, each for 2.5 us
                    if (steady && line_state == (chirps_q[0] ? J : K)) chirps_q <= chirps_q + 3'd1;
                    if (chirps_q == 3'd6) begin
                        state_q <= HIGH;
                        function_q <= HIGH_SPEED;
                        high_q <= 1'b1;
                        wait_q <= T_IDLE;
                    end else if (waited) begin
                        state_q <= FULL_WAIT;
                        function_q <= FULL_SPEED;
                    end
                end
                FULL_WAIT: begin
                    // the reset may last: another SE0 is no other reset before the line was idle
                    if (!settled) filter_q <= 8'd0;
                    else if (steady && line_state == J) begin
                        state_q <= FULL;
                        wait_q <= T_IDLE;
                    end
                end
                HIGH: begin
                    if (!settled || rx_active || line_state != SE0) wait_q <= T_IDLE;
                    else if (waited) begin
                        state_q <= REVERT;
                        function_q <= FULL_SPEED;
                    end
                    if (settled && test_mode != 3'd0) begin
                        state_q <= TEST;
                        test_q <= test_mode;
                        if (test_mode < 3'd3) function_q <= TEST_LEVEL;
                    end
                end
                REVERT: begin
                    high_q <= 1'b0;
                    if (!settled) wait_q <= T_SETTLE;
                    else if (waited) begin
                        if (line_state == SE0) begin
                            state_q <= CHIRP_SET;
                            function_q <= CHIRP_MODE;
                            reset_seen_q <= 1'b1;
                        end else begin
                            state_q <= SUSPEND;
                            was_high_q <= 1'b1;
                            suspend_seen_q <= 1'b1;
                        end
                    end
                end
                SUSPEND: begin
                    if (steady && line_state == K) state_q <= RESUME;
                    else if (steady && line_state == SE0) begin
                        state_q <= CHIRP_SET;
                        function_q <= CHIRP_MODE;
                        reset_seen_q <= 1'b1;
                    end
                end
                RESUME: begin
                    wait_q <= T_IDLE;
                    if (line_state != K) begin
                        // high speed again within two low-speed bits of the end of K
                        state_q <= was_high_q ? HIGH : FULL;
                        function_q <= was_high_q ? HIGH_SPEED : FULL_SPEED;
                        high_q <= was_high_q;
                        filter_q <= 8'd0;
                    end
                end
                TEST: ;  // only a loss of power ends it
                default: state_q <= POWER_UP;
            endcase
            if (state_q > DETACHED && !vbus) begin
                state_q <= DETACHED;
                function_q <= DETACH;
                test_q <= 3'd0;
            end
        end
    end

    assign phy_reset_n = state_q != POWER_UP;
    assign bus_reset = state_q <= DETACHED || (state_q >= CHIRP_SET && state_q <= FULL_WAIT);
    assign packets = settled && (state_q == FULL || state_q == HIGH || (state_q == TEST && !level_test));
    assign high_speed = high_q;
    assign suspended = state_q == SUSPEND || state_q == RESUME;
    assign test_se0_nak = state_q == TEST && test_q == 3'd3;
    assign test_packet = state_q == TEST && test_q == 3'd4;
    assign reset_seen = reset_seen_q;
    assign suspend_seen = suspend_seen_q;
endmodule
`default_nettype wire
