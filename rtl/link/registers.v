// Registers and counters of the card (twin of register_value() of sim/model/card.c). The counters wrap; a pulse is one
// event. A context's registers are the card's: c_context and c_index go out, c_value must be right in the next clock.
// Latency: value and good are right 2 clocks after the address, which must stay. Overflow: counters wrap.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_registers #(
    parameter [31:0] CARD_VERSION = 32'h00000100,
    parameter [31:0] RAM_BYTES = 32'h00800000,
    parameter [31:0] CLOCK_HZ = 32'd120000000,
    parameter [31:0] LANES = 32'd1,
    parameter [31:0] LOG2_MAX_PARTITION = 32'd13,
    parameter [31:0] CONTEXTS = 32'd8
) (
    input wire clk,
    input wire rst,
    // one pulse an event, in the order of the counters' registers
    input wire frame_ok,
    input wire header_error,
    input wire payload_error,
    input wire stale_frame,
    input wire sequence_error,
    input wire refused,
    input wire tick,
    input wire clipped,
    input wire scratch_write,
    input wire [31:0] scratch_data,
    input wire [31:0] address,
    output reg [31:0] value,
    output reg good,
    output wire [2:0] c_context,
    output wire [2:0] c_index,
    input wire [31:0] c_value
);
    generate
        if (CONTEXTS < 1 || CONTEXTS > 8 || LOG2_MAX_PARTITION < 6 || LOG2_MAX_PARTITION > 13 || RAM_BYTES[9:0] != 0)
        begin : g_illegal
            registers_parameter_is_out_of_range stop ();
        end
    endgenerate
    `include "protocol.vh"

    reg [31:0] counter_q[0:7];
    reg [31:0] scratch_q;
    wire [7:0] event_now = {clipped, tick, refused, sequence_error, stale_frame, payload_error, header_error, frame_ok};
    integer i;
    always @(posedge clk) begin
        for (i = 0; i < 8; i = i + 1) begin
            if (rst) counter_q[i] <= 32'd0;
            else if (event_now[i]) counter_q[i] <= counter_q[i] + 32'd1;
        end
        if (rst) scratch_q <= 32'd0;
        else if (scratch_write) scratch_q <= scratch_data;
    end

    wire [31:0] offset = address - NAVE_REG_CONTEXT_BASE;
    wire of_context = address >= NAVE_REG_CONTEXT_BASE && offset < CONTEXTS * NAVE_REG_CONTEXT_STRIDE;
    assign c_context = offset[8:6];
    assign c_index = offset[4:2];

    always @(posedge clk) begin
        good <= 1'b1;
        case (address)
            NAVE_REG_ID: value <= NAVE_MAGIC;
            NAVE_REG_PROTOCOL: value <= NAVE_PROTOCOL_VERSION;
            NAVE_REG_CARD_VERSION: value <= CARD_VERSION;
            NAVE_REG_RAM_KIB: value <= RAM_BYTES >> 10;
            NAVE_REG_CLOCK_HZ: value <= CLOCK_HZ;
            NAVE_REG_LANES: value <= LANES;
            NAVE_REG_MAX_PARTITION: value <= 32'd1 << LOG2_MAX_PARTITION[4:0];
            NAVE_REG_CONTEXTS: value <= CONTEXTS;
            NAVE_REG_SCRATCH: value <= scratch_q;
            default: begin
                value <= 32'd0;
                good <= 1'b0;
                if (address >= NAVE_REG_FRAMES_OK && address <= NAVE_REG_CLIPPED && address[1:0] == 2'd0) begin
                    value <= counter_q[address[4:2]];
                    good <= 1'b1;
                end
                if (of_context && offset[5:0] <= NAVE_REG_CONTEXT_CLIPPED[5:0] && offset[1:0] == 2'd0) begin
                    value <= c_value;
                    good <= 1'b1;
                end
            end
        endcase
    end
endmodule
`default_nettype wire
