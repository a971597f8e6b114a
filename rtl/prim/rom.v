// Two read ports on one table from a file, read latency 2; a word that the table lacks in place of what was read. Inferred: the tools map it to dual-port EBR.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_rom #(
    parameter ADDRESS_WIDTH = 10,
    parameter WIDTH = 72,
    parameter [WIDTH-1:0] OTHER = {WIDTH{1'b0}},
    parameter FILE = "rtl/conv/twiddle_pairs.hex" // seen from the top of the source tree
) (
    input  wire                     clk,
    input  wire [ADDRESS_WIDTH-1:0] address_0,
    input  wire [ADDRESS_WIDTH-1:0] address_1,
    input  wire                     other_0, // a cycle after the address
    input  wire                     other_1,
    output reg  [WIDTH-1:0]         data_0,
    output reg  [WIDTH-1:0]         data_1
);
    reg [WIDTH-1:0] word [0:(1<<ADDRESS_WIDTH)-1];
    reg [WIDTH-1:0] read_0_q, read_1_q;
    initial $readmemh(FILE, word);
    always @(posedge clk) begin
        read_0_q <= word[address_0];
        read_1_q <= word[address_1];
        data_0 <= other_0 ? OTHER : read_0_q;
        data_1 <= other_1 ? OTHER : read_1_q;
    end
endmodule

`default_nettype wire
