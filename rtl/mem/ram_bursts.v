// Cuts jobs (a word address and a number of words) into bursts that a RAM port allows (README.md): at most
// 2^LOG2_BURST words, none across a multiple of that.
// A burst is planned in two clocks: p_words is what it will have; it is asked for when p_go says that its words are
// here, or have room. `asked` is the clock in which the port takes it. s_ready: all bursts of all jobs were taken.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ram_bursts #(
    parameter ADDRESS_BITS = 21,
    parameter LENGTH_BITS = 17,
    parameter LOG2_BURST = 6
) (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [ADDRESS_BITS-1:0] s_address,
    input wire [LENGTH_BITS-1:0] s_words,
    output wire [6:0] p_words,
    input wire p_go,
    output wire asked,
    // RAM port
    output wire c_valid,
    input wire c_ready,
    output wire [ADDRESS_BITS-1:0] c_address,
    output wire [6:0] c_words
);
    generate
        if (ADDRESS_BITS < 7 || LENGTH_BITS < 8 || LOG2_BURST < 1 || LOG2_BURST > 6) begin : g_illegal
            ram_bursts_parameter_is_out_of_range stop ();
        end
    endgenerate

    reg busy_q, planned_q, ask_q, last_q;
    reg [ADDRESS_BITS-1:0] address_q;
    reg [LENGTH_BITS-1:0] left_q;
    reg [6:0] burst_q;
    wire [6:0] to_boundary = (7'd1 << LOG2_BURST) - {{7 - LOG2_BURST{1'b0}}, address_q[LOG2_BURST-1:0]};
    wire fits = left_q[LENGTH_BITS-1:7] == 0 && left_q[6:0] <= to_boundary;
    wire plan = busy_q && !planned_q && !ask_q;
    wire begins = s_valid && s_ready;

    assign s_ready = !busy_q;
    assign p_words = burst_q;
    assign asked = ask_q && c_ready;
    assign c_valid = ask_q;
    assign c_address = address_q;
    assign c_words = burst_q;

    always @(posedge clk) begin
        if (rst) begin
            busy_q <= 1'b0;
            planned_q <= 1'b0;
            ask_q <= 1'b0;
        end else begin
            if (begins) busy_q <= s_words != 0;
            else if (asked && last_q) busy_q <= 1'b0;
            planned_q <= plan || (planned_q && !p_go);
            ask_q <= (planned_q && p_go) || (ask_q && !c_ready);
        end
    end
    always @(posedge clk) begin
        if (plan) begin
            burst_q <= fits ? left_q[6:0] : to_boundary;
            last_q <= fits;
        end
        if (begins) begin
            address_q <= s_address;
            left_q <= s_words;
        end else if (asked) begin
            // a burst that is not a job's last ends at the boundary
            address_q <= {address_q[ADDRESS_BITS-1:LOG2_BURST] + 1'b1, {LOG2_BURST{1'b0}}};
            left_q <= left_q - {{LENGTH_BITS - 7{1'b0}}, burst_q};
        end
    end
endmodule
`default_nettype wire
