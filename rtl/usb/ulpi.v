// ULPI 1.1 link: decodes what the PHY says (RX CMD, received bytes), sends packets and reads and writes PHY registers.
// Transmit: a stream whose first byte is the TX CMD (0x40 | PID) and whose last one carries s_last; the source must
// offer a byte each clock until then, ULPI has no way to wait for it; one that stops ends the packet. A register access that a DIR interrupts is done
// again until it went through; reg_valid and its fields stay until reg_done.
// Pins: data and STP come out of registers; only the output enable follows DIR at once, as the bus demands.
// Latency: pin to rx_* 2 clocks; first byte taken to pin 1 clock. Overflow: none, a receiver must take each byte.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ulpi (
    input wire clk,
    input wire rst,
    input wire [7:0] ulpi_data_i,
    output wire [7:0] ulpi_data_o,
    output wire ulpi_data_oe,
    input wire ulpi_dir,
    input wire ulpi_nxt,
    output wire ulpi_stp,
    output wire rx_active,
    output wire rx_valid,
    output wire [7:0] rx_data,
    output wire rx_error,
    output wire [1:0] line_state,
    output wire vbus_valid,  // session valid or better
    input wire s_valid,
    output wire s_ready,
    input wire s_last,
    input wire [7:0] s_data,
    output wire tx_done,
    output wire tx_aborted,
    input wire reg_valid,
    input wire reg_write,
    input wire [5:0] reg_address,
    input wire [7:0] reg_data,
    output wire reg_done,
    output wire [7:0] reg_value
);
    localparam [3:0] IDLE = 4'd0, TX = 4'd1, TX_STP = 4'd2, DRAIN = 4'd3, REG_CMD = 4'd4, REG_DATA = 4'd5,
        REG_STP = 4'd6, REG_AFTER = 4'd7, REG_TURN = 4'd8, REG_READ = 4'd9;

    // receive: everything from registers
    reg dir_q, dir_before_q, nxt_q, reg_byte_q;
    reg [7:0] in_q;
    reg active_q, valid_q, error_q;
    reg [7:0] rx_data_q;
    reg [1:0] line_q;
    reg vbus_q;
    wire command = dir_q && dir_before_q && !nxt_q && !reg_byte_q;
    wire byte_in = dir_q && dir_before_q && nxt_q;

    reg [3:0] state_q;
    reg [7:0] out_q;
    reg stp_q, last_q, accepted_q, done_q, aborted_q, reg_done_q;
    reg [7:0] reg_value_q;
    wire ours = !ulpi_dir && !dir_q;  // neither the PHY's turn nor a turnaround
    wire go = state_q == TX && ours && ulpi_nxt;

    always @(posedge clk) begin
        dir_q <= ulpi_dir;
        dir_before_q <= dir_q;
        nxt_q <= ulpi_nxt;
        in_q <= ulpi_data_i;
        reg_byte_q <= state_q == REG_READ && ulpi_dir && !ulpi_nxt;
        rx_data_q <= in_q;
        if (rst) begin
            active_q <= 1'b0;
            valid_q <= 1'b0;
            error_q <= 1'b0;
            line_q <= 2'b00;
            vbus_q <= 1'b0;
        end else begin
            valid_q <= byte_in;
            error_q <= command && in_q[5:4] == 2'b11;
            if (!dir_q) active_q <= 1'b0;
            else if (!dir_before_q) active_q <= nxt_q;
            else if (byte_in) active_q <= 1'b1;
            else if (command) active_q <= in_q[4];
            if (command) begin
                line_q <= in_q[1:0];
                vbus_q <= in_q[3];
            end
        end
    end
    assign rx_active = active_q;
    assign rx_valid = valid_q;
    assign rx_data = rx_data_q;
    assign rx_error = error_q;
    assign line_state = line_q;
    assign vbus_valid = vbus_q;

    // transmit and registers: NXT and DIR are used as they come, the PHY wants the next byte one clock later
    assign s_ready = (state_q == IDLE && ours && !active_q) || (go && !last_q) || state_q == DRAIN;
    assign ulpi_data_o = out_q;
    assign ulpi_data_oe = ours;
    assign ulpi_stp = stp_q;
    assign tx_done = done_q;
    assign tx_aborted = aborted_q;
    assign reg_done = reg_done_q;
    assign reg_value = reg_value_q;

    always @(posedge clk) begin
        if (rst) begin
            state_q <= IDLE;
            out_q <= 8'h00;
            stp_q <= 1'b0;
            last_q <= 1'b0;
            accepted_q <= 1'b0;
            done_q <= 1'b0;
            aborted_q <= 1'b0;
            reg_done_q <= 1'b0;
        end else begin
            stp_q <= 1'b0;
            done_q <= 1'b0;
            aborted_q <= 1'b0;
            reg_done_q <= 1'b0;
            case (state_q)
                IDLE: begin
                    out_q <= 8'h00;
                    accepted_q <= 1'b0;
                    if (s_valid && active_q) begin
                        state_q <= DRAIN;  // the answer to a packet that is over: another one is coming
                    end else if (s_valid && ours) begin
                        out_q <= s_data;
                        last_q <= s_last;
                        state_q <= TX;
                    end else if (reg_valid && !reg_done_q && ours && !active_q) begin
                        out_q <= {1'b1, !reg_write, reg_address};
                        state_q <= REG_CMD;
                    end
                end
                TX: begin
                    if (ulpi_dir && (accepted_q || active_q)) begin
                        out_q <= 8'h00;
                        aborted_q <= 1'b1;
                        done_q <= last_q;
                        state_q <= last_q ? IDLE : DRAIN;
                    end else if (go) begin
                        accepted_q <= 1'b1;
                        last_q <= s_last;
                        out_q <= s_data;
                        if (last_q || !s_valid) begin
                            out_q <= 8'h00;
                            stp_q <= 1'b1;
                            state_q <= TX_STP;
                        end
                    end
                end
                TX_STP: begin
                    done_q <= 1'b1;
                    state_q <= IDLE;
                end
                DRAIN: begin
                    if (!s_valid || s_last) begin
                        done_q <= 1'b1;
                        state_q <= IDLE;
                    end
                end
                REG_CMD: begin
                    if (!ours) begin
                        out_q <= 8'h00;
                        state_q <= IDLE;
                    end else if (ulpi_nxt) begin
                        out_q <= reg_write ? reg_data : 8'h00;
                        state_q <= reg_write ? REG_DATA : REG_TURN;
                    end
                end
                REG_DATA: begin
                    if (!ours) begin
                        out_q <= 8'h00;
                        state_q <= IDLE;
                    end else if (ulpi_nxt) begin
                        out_q <= 8'h00;
                        stp_q <= 1'b1;
                        state_q <= REG_STP;
                    end
                end
                // a DIR that meets STP, or comes right behind it, may have cost the write: writing again does no harm
`ifdef NAVE_BUG_USB_STP
                REG_STP: state_q <= REG_AFTER;
`else
                REG_STP: state_q <= ulpi_dir ? IDLE : REG_AFTER;
`endif
                REG_AFTER: begin
`ifdef NAVE_BUG_USB_STP
                    reg_done_q <= 1'b1;
`else
                    reg_done_q <= !ulpi_dir;
`endif
                    state_q <= IDLE;
                end
                REG_TURN: state_q <= ulpi_dir && !ulpi_nxt ? REG_READ : IDLE;
                REG_READ: begin
                    if (ulpi_dir && !ulpi_nxt) begin
                        reg_value_q <= ulpi_data_i;
                        reg_done_q <= 1'b1;
                    end
                    state_q <= IDLE;
                end
                default: state_q <= IDLE;
            endcase
        end
    end
endmodule
`default_nettype wire
