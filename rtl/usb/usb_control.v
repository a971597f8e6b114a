// Control endpoint: the requests of USB 2.0 chapter 9, the MS OS 2.0 descriptor set and the status counters.
// Wrong or unknown requests are stalled until the next SETUP; a SETUP is always taken and ends what went before.
// Descriptors come from the ROM of usb_descriptors.vh; its ninth bit marks a byte that is a parameter or an input (ids, serial).
// Effects: at once (configuration, halt), or when the status stage is through (address, test mode).
// Latency: SETUP to the first IN that is not NAKed 2 clocks. Overflow: no request carries data to the device.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_usb_control #(
    parameter [15:0] VENDOR_ID = 16'h1209,
    parameter [15:0] PRODUCT_ID = 16'h0001
) (
    input wire clk,
    input wire rst,
    input wire bus_reset,
    input wire high_speed,
    input wire send_test_packet,
    input wire [63:0] serial,
    // transactions
    input wire setup_begin,
    input wire setup_commit,
    input wire payload_valid,
    input wire [7:0] payload,
    input wire out_begin,
    input wire out_write,
    input wire out_commit,
    output wire out_stall,
    output wire out_room,
    output wire out_toggle,
    output wire in_stall,
    output wire in_ready,
    output wire in_toggle,
    input wire in_end,
    input wire in_ack,
    output wire source_none,
    output wire [7:0] source_data,
    output wire source_last,
    input wire source_take,
    // counters
    output wire [3:0] counter_address,
    input wire [7:0] counter_data,
    // device state
    output wire [6:0] address,
    output wire configured,
    output wire halt_out,
    output wire halt_in,
    output wire toggle_reset_out,
    output wire toggle_reset_in,
    output wire session,
    output wire [2:0] test_mode
);
    localparam [2:0] IDLE = 3'd0, DECODE = 3'd1, DATA_IN = 3'd2, STATUS_IN = 3'd3, STALL = 3'd4;
    localparam [1:0] FROM_ROM = 2'd0, FROM_VALUE = 2'd1, FROM_COUNTERS = 2'd2;
    localparam [7:0] GET_STATUS = 8'd0, CLEAR_FEATURE = 8'd1, SET_FEATURE = 8'd3, SET_ADDRESS = 8'd5, GET_DESCRIPTOR = 8'd6,
        GET_CONFIGURATION = 8'd8, SET_CONFIGURATION = 8'd9, GET_INTERFACE = 8'd10, SET_INTERFACE = 8'd11;

    // of LUTs: a block RAM without its output register is 5 ns late, and a byte has to be out in this clock
    (* rom_style = "logic" *) reg [8:0] rom[0:511];
    `include "usb_descriptors.vh"
    reg [8:0] rom_q;
    reg [63:0] setup_q;
    reg [2:0] state_q;
    reg toggle_q, zero_q, done_q, out_data_q;
    reg [1:0] kind_q;
    reg [8:0] base_q;
    reg [7:0] left_q;  // bytes not yet acknowledged
    reg [5:0] index_q;
    reg [15:0] value_q;
    reg [7:0] other_q;
    reg [6:0] address_q, next_address_q;
    reg set_address_q, configured_q, halt_out_q, halt_in_q, reset_out_q, reset_in_q, session_q, reset_before_q;
    reg [2:0] test_q, next_test_q;

    // the request
    wire [7:0] request_type = setup_q[7:0];
    wire [7:0] request = setup_q[15:8];
    wire [15:0] value = setup_q[31:16];
    wire [15:0] index = setup_q[47:32];
    wire [15:0] length = setup_q[63:48];
    wire no_data = length == 16'd0;
    wire default_state = address_q == 7'd0;
    wire bulk_endpoint = configured_q && index[15:8] == 8'd0 && index[6:0] == 7'd1;
    wire control_endpoint = index[15:8] == 8'd0 && index[6:0] == 7'd0;
    wire [17:0] found = descriptor(value[15:8], value[7:0], high_speed);  // {there is one, address, length}

    reg accept, reply;
    reg [1:0] kind;
    reg [8:0] base;
    reg [7:0] size;
    reg [15:0] answer;
    always @* begin
        accept = 1'b0;
        reply = 1'b0;
        kind = FROM_VALUE;
        base = 9'd0;
        size = 8'd2;
        answer = 16'd0;
        case ({request_type, request})
            {8'h80, GET_STATUS}: begin  // bus powered, no remote wake-up
                accept = !default_state && value == 16'd0 && index == 16'd0;
                reply = 1'b1;
            end
            {8'h81, GET_STATUS}: begin
                accept = configured_q && value == 16'd0 && index == 16'd0;
                reply = 1'b1;
            end
            {8'h82, GET_STATUS}: begin
                accept = !default_state && value == 16'd0 && (control_endpoint || bulk_endpoint);
                answer = {15'd0, bulk_endpoint && (index[7] ? halt_in_q : halt_out_q)};
                reply = 1'b1;
            end
            // halt is the only feature of an endpoint; that of the control endpoint ends with the next SETUP by itself
            {8'h02, CLEAR_FEATURE}:
                accept = !default_state && value == 16'd0 && no_data && (control_endpoint || bulk_endpoint);
            {8'h02, SET_FEATURE}: accept = value == 16'd0 && no_data && bulk_endpoint;
            {8'h00, SET_FEATURE}:  // test mode; remote wake-up is not offered
                accept = value == 16'd2 && index[7:0] == 8'd0 && index[15:8] >= 8'd1 && index[15:8] <= 8'd4 && high_speed && no_data;
            {8'h00, SET_ADDRESS}: accept = value[15:7] == 9'd0 && index == 16'd0 && no_data && !configured_q;
            {8'h80, GET_DESCRIPTOR}: begin
                accept = found[17];
                kind = FROM_ROM;
                base = found[16:8];
                size = found[7:0];
                reply = 1'b1;
            end
            {8'h80, GET_CONFIGURATION}: begin
                accept = !default_state && value == 16'd0 && index == 16'd0;
                answer = {15'd0, configured_q};
                size = 8'd1;
                reply = 1'b1;
            end
            {8'h00, SET_CONFIGURATION}: accept = !default_state && value[15:1] == 15'd0 && index == 16'd0 && no_data;
            {8'h81, GET_INTERFACE}: begin
                accept = configured_q && value == 16'd0 && index == 16'd0;
                size = 8'd1;
                reply = 1'b1;
            end
            {8'h01, SET_INTERFACE}: accept = configured_q && value == 16'd0 && index == 16'd0 && no_data;
            {8'hc0, DESCRIPTOR_MS_VENDOR_CODE}: begin
                accept = value == 16'd0 && index == 16'd7;
                kind = FROM_ROM;
                base = DESCRIPTOR_MS_SET_ADDRESS;
                size = DESCRIPTOR_MS_SET_LENGTH;
                reply = 1'b1;
            end
            {8'hc0, DESCRIPTOR_COUNTERS_CODE}: begin
                accept = value == 16'd0 && index == 16'd0;
                kind = FROM_COUNTERS;
                size = 8'd16;
                reply = 1'b1;
            end
            default: ;
        endcase
    end
    wire [7:0] total = {8'd0, size} > length ? length[7:0] : size;

    // the bytes of a reply
    wire [5:0] index_d = in_end ? 6'd0 : source_take ? index_q + 6'd1 : index_q;
    wire [8:0] at = base_q + {3'd0, index_d};
    wire [7:0] packet = left_q > 8'd64 ? 8'd64 : left_q;
    always @(posedge clk) begin
        rom_q <= rom[at];
        other_q <= kind_q == FROM_COUNTERS ? counter_data : at[0] ? value_q[15:8] : value_q[7:0];
    end
    assign counter_address = at[3:0];

    wire [3:0] digit = serial[4*(15-rom_q[3:0])+:4];
    reg [7:0] rom_byte;
    always @* begin
        rom_byte = rom_q[7:0];
        if (rom_q[8]) begin
            if (rom_q[4]) rom_byte = digit < 4'd10 ? {4'h3, digit} : 8'h37 + {4'h0, digit};
            else
                case (rom_q[1:0])
                    2'd0: rom_byte = VENDOR_ID[7:0];
                    2'd1: rom_byte = VENDOR_ID[15:8];
                    2'd2: rom_byte = PRODUCT_ID[7:0];
                    default: rom_byte = PRODUCT_ID[15:8];
                endcase
        end
    end
    assign source_data = kind_q == FROM_ROM ? rom_byte : other_q;
    assign source_last = {2'b00, index_q} + 8'd1 >= packet;  // a bus reset may take the reply away
    assign source_none = state_q == STATUS_IN || packet == 8'd0;

    always @(posedge clk) begin
        if (payload_valid) setup_q <= {payload, setup_q[63:8]};
        if (rst || bus_reset) begin
            state_q <= IDLE;
            toggle_q <= 1'b0;
            zero_q <= 1'b0;
            done_q <= 1'b0;
            out_data_q <= 1'b0;
            kind_q <= FROM_ROM;
            base_q <= 9'd0;
            left_q <= 8'd0;
            index_q <= 6'd0;
            address_q <= 7'd0;
            set_address_q <= 1'b0;
            configured_q <= 1'b0;
            halt_out_q <= 1'b0;
            halt_in_q <= 1'b0;
            next_test_q <= 3'd0;
            test_q <= 3'd0;
            reset_out_q <= 1'b1;
            reset_in_q <= 1'b1;
            session_q <= !reset_before_q;
            reset_before_q <= 1'b1;
        end else begin
            reset_before_q <= 1'b0;
            reset_out_q <= 1'b0;
            reset_in_q <= 1'b0;
            session_q <= 1'b0;
            index_q <= index_d;
            if (out_begin) out_data_q <= 1'b0;
            else if (out_write) out_data_q <= 1'b1;
            case (state_q)
                DECODE: begin
                    toggle_q <= 1'b1;
                    done_q <= 1'b0;
                    index_q <= 6'd0;
                    kind_q <= kind;
                    base_q <= base;
                    left_q <= total;
                    // shorter than the host asked for, by a whole number of packets: say so with an empty one
                    zero_q <= {8'd0, total} != length && total[5:0] == 6'd0;
                    state_q <= !accept ? STALL : reply && !no_data ? DATA_IN : STATUS_IN;
                    if (accept) begin
                        case ({request_type, request})
                            {8'h02, CLEAR_FEATURE}, {8'h02, SET_FEATURE}: begin
                                if (bulk_endpoint && index[7]) begin
                                    halt_in_q <= request == SET_FEATURE;
                                    reset_in_q <= request == CLEAR_FEATURE;
                                end else if (bulk_endpoint) begin
                                    halt_out_q <= request == SET_FEATURE;
                                    reset_out_q <= request == CLEAR_FEATURE;
                                    session_q <= request == CLEAR_FEATURE;
                                end
                            end
                            {8'h00, SET_FEATURE}: next_test_q <= index[10:8];
`ifdef NAVE_BUG_USB_ADDRESS
                            {8'h00, SET_ADDRESS}: address_q <= value[6:0];
`else
                            {8'h00, SET_ADDRESS}: set_address_q <= 1'b1;
`endif
                            {8'h00, SET_CONFIGURATION}, {8'h01, SET_INTERFACE}: begin
                                if (request == SET_CONFIGURATION) configured_q <= value[0];
                                halt_out_q <= 1'b0;
                                halt_in_q <= 1'b0;
                                reset_out_q <= 1'b1;
                                reset_in_q <= 1'b1;
                                session_q <= 1'b1;
                            end
                            default: ;
                        endcase
                    end
                end
                DATA_IN: begin
                    if (in_ack) begin
                        toggle_q <= !toggle_q;
                        base_q <= base_q + {1'b0, packet};
                        left_q <= left_q - packet;
                        done_q <= left_q == packet && !(zero_q && packet != 8'd0);
                    end
                    // the host decides when it has enough
                    if (out_commit) state_q <= IDLE;
                end
                STATUS_IN: begin
                    if (in_ack) begin
                        state_q <= IDLE;
                        if (set_address_q) address_q <= next_address_q;
                        set_address_q <= 1'b0;
                        test_q <= next_test_q;
                    end
                end
                default: ;
            endcase
            if (setup_begin) begin
                state_q <= IDLE;
                set_address_q <= 1'b0;
                next_test_q <= 3'd0;
            end
            if (setup_commit) state_q <= DECODE;
        end
        if (state_q == DECODE) begin
            value_q <= answer;
            next_address_q <= value[6:0];
        end
        if (send_test_packet && !bus_reset) begin
            kind_q <= FROM_ROM;
            base_q <= DESCRIPTOR_TEST_PACKET_ADDRESS;
            left_q <= DESCRIPTOR_TEST_PACKET_LENGTH;
        end
    end

    // between transfers: a status stage whose ACK was lost comes again and is acknowledged, an IN has nothing to fetch
    assign out_stall = state_q == STALL || state_q == STATUS_IN || out_data_q;
    assign out_room = state_q != DECODE;
    assign out_toggle = state_q != IDLE;
    assign in_stall = state_q == STALL || state_q == IDLE || (state_q == DATA_IN && done_q);
    assign in_ready = (state_q == DATA_IN && !done_q) || state_q == STATUS_IN;
    assign in_toggle = toggle_q;
    assign address = address_q;
    assign configured = configured_q;
    assign halt_out = halt_out_q;
    assign halt_in = halt_in_q;
    assign toggle_reset_out = reset_out_q;
    assign toggle_reset_in = reset_in_q;
    assign session = session_q;
    assign test_mode = test_q;
endmodule
`default_nettype wire
