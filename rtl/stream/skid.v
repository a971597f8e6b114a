// Registers valid, ready and data both ways, so that neither side sees the other's logic.
// Latency 1 clock, a word every clock. Overflow: none, it holds two words and s_ready falls with the second.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_skid #(
    parameter WIDTH = 32
) (
    input wire clk,
    input wire rst,
    input wire s_valid,
    output wire s_ready,
    input wire [WIDTH-1:0] s_data,
    output wire m_valid,
    input wire m_ready,
    output wire [WIDTH-1:0] m_data
);
    generate
        if (WIDTH < 1) begin : g_illegal
            skid_width_is_out_of_range stop ();
        end
    endgenerate

    reg valid_q, spare_valid_q;
    reg [WIDTH-1:0] data_q, spare_q;
    wire take = s_valid && s_ready;
    wire move = !valid_q || m_ready;

    assign s_ready = !spare_valid_q;
    assign m_valid = valid_q;
    assign m_data = data_q;

    always @(posedge clk) begin
        if (rst) begin
            valid_q <= 1'b0;
            spare_valid_q <= 1'b0;
        end else begin
            if (move) valid_q <= spare_valid_q || take;
`ifdef NAVE_BUG_SKID
            spare_valid_q <= 1'b0;
`else
            spare_valid_q <= !move && (spare_valid_q || take);
`endif
        end
    end
    always @(posedge clk) begin
        if (move) data_q <= spare_valid_q ? spare_q : s_data;
        if (take) spare_q <= s_data;
    end

`ifdef FORMAL
    `include "skid_properties.vh"
`endif
endmodule
`default_nettype wire
