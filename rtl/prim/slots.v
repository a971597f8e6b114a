// Sixteen words, written at the clock, read at once: what waits in a pipeline for the slot of its job. Latency 0.
// Inferred: the tools map it to distributed RAM. A word that is read in the cycle in which it is written is the old one.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_slots #(
    parameter WIDTH = 54,
    parameter ADDRESS_WIDTH = 4
) (
    input  wire                     clk,
    input  wire                     write,
    input  wire [ADDRESS_WIDTH-1:0] write_address,
    input  wire [WIDTH-1:0]         write_data,
    input  wire [ADDRESS_WIDTH-1:0] read_address,
    output wire [WIDTH-1:0]         read_data
);
    generate
        if (ADDRESS_WIDTH < 4 || ADDRESS_WIDTH > 6)
            nave_slots_ADDRESS_WIDTH_must_be_4_to_6 illegal();
    endgenerate
    (* ram_style = "distributed" *)
    reg [WIDTH-1:0] word [0:(1<<ADDRESS_WIDTH)-1];
    always @(posedge clk)
        if (write)
            word[write_address] <= write_data;
    assign read_data = word[read_address];
endmodule

`default_nettype wire
