// Registers and counters of the card (twin of register_value() of sim/model/card.c). The counters wrap; a pulse is one
// event. They lie in one small RAM with one adder, which goes round them and adds what has gathered since it was there.
// A context's registers are the card's: c_context and c_index go out, c_value must be right in the next clock.
// Latency: `value` and `good` are right 21 clocks after the address, which must stay; an event is in what is read from 11
// clocks after it. Overflow: counters wrap.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_registers #(
    parameter [31:0] CARD_VERSION = 32'h00000100,
    parameter [31:0] RAM_BYTES = 32'h00800000,
    parameter [31:0] CLOCK_HZ = 32'd120000000,
    parameter [31:0] LANES = 32'd1,
    parameter [31:0] LOG2_MAX_PARTITION = 32'd13,
    parameter [31:0] CONTEXTS = 32'd8,
    parameter [31:0] MAX_PLAN_WORDS = 32'd16384
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

    reg [7:0] event_q;
    wire [7:0] event_now = {clipped, tick, refused, sequence_error, stale_frame, payload_error, header_error, frame_ok};
    reg [31:0] counter[0:7];
    reg [3:0] gathered_q[0:7];
    reg [2:0] turn_q, sum_turn_q;  // the counter that is read, and the one before, which is written
    reg fresh_q;  // the first round after a reset: what the RAM holds is not looked at
    reg [31:0] old_q, counter_q, scratch_q;
    reg [3:0] more_q;
    reg far_q;
    reg [11:0] near_q;
    wire [31:0] sum = old_q + {28'd0, more_q};
    integer i;
    always @(posedge clk) begin
        old_q <= fresh_q ? 32'd0 : counter[turn_q];
        more_q <= gathered_q[turn_q];
        sum_turn_q <= turn_q;
        counter[sum_turn_q] <= sum;
        if (sum_turn_q == near_q[4:2]) counter_q <= sum;
    end
    always @(posedge clk) begin
        for (i = 0; i < 8; i = i + 1) begin
            if (rst) gathered_q[i] <= 4'd0;
            else gathered_q[i] <= (turn_q == i[2:0] ? 4'd0 : gathered_q[i]) + {3'd0, event_q[i]};
        end
        event_q <= rst ? 8'd0 : event_now;
        if (rst) begin
            turn_q <= 3'd0;
            fresh_q <= 1'b1;
            scratch_q <= 32'd0;
        end else begin
            turn_q <= turn_q + 3'd1;
            if (turn_q == 3'd7) fresh_q <= 1'b0;
            if (scratch_write) scratch_q <= scratch_data;
        end
    end

    // all registers lie below 0x1000
    wire [31:0] where = {19'd0, far_q, near_q};
    always @(posedge clk) begin
        far_q <= address[31:12] != 20'd0;
        near_q <= address[11:0];
    end
    wire [31:0] offset = where - NAVE_REG_CONTEXT_BASE;
    wire of_context = where >= NAVE_REG_CONTEXT_BASE && offset < CONTEXTS * NAVE_REG_CONTEXT_STRIDE;
    assign c_context = offset[8:6];
    assign c_index = offset[4:2];

    // which one it is, then its value
    reg of_context_q, of_counter_q, fixed_good_q;
    reg [31:0] fixed_q;
    always @(posedge clk) begin
        of_context_q <= of_context && offset[5:0] <= NAVE_REG_CONTEXT_CYCLES[5:0] && offset[1:0] == 2'd0;
        of_counter_q <= where >= NAVE_REG_FRAMES_OK && where <= NAVE_REG_CLIPPED && where[1:0] == 2'd0;
        fixed_good_q <= 1'b1;
        case (where)
            NAVE_REG_ID: fixed_q <= NAVE_MAGIC;
            NAVE_REG_PROTOCOL: fixed_q <= NAVE_PROTOCOL_VERSION;
            NAVE_REG_CARD_VERSION: fixed_q <= CARD_VERSION;
            NAVE_REG_RAM_KIB: fixed_q <= RAM_BYTES >> 10;
            NAVE_REG_CLOCK_HZ: fixed_q <= CLOCK_HZ;
            NAVE_REG_LANES: fixed_q <= LANES;
            NAVE_REG_MAX_PARTITION: fixed_q <= 32'd1 << LOG2_MAX_PARTITION[4:0];
            NAVE_REG_CONTEXTS: fixed_q <= CONTEXTS;
            NAVE_REG_MAX_PLAN_WORDS: fixed_q <= MAX_PLAN_WORDS;
            NAVE_REG_SCRATCH: fixed_q <= scratch_q;
            default: begin
                fixed_q <= 32'd0;
                fixed_good_q <= 1'b0;
            end
        endcase
        good <= of_context_q || of_counter_q || fixed_good_q;
        value <= of_context_q ? c_value : of_counter_q ? counter_q : fixed_q;
    end
endmodule
`default_nettype wire
