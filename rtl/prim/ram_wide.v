// Up to 512 words of any width, one write port, one read port, read latency 2 (the RAM's own output register). Inferred:
// block RAM of 36 bits a piece, where ram.v takes pieces of 18 bits and 1024 words.
// What is read from a word in the cycle in which it is written is not defined; the twin returns its complement.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_ram_wide #(
    parameter ADDRESS_WIDTH = 9,
    parameter WIDTH = 36
) (
    input  wire                     clk,
    input  wire                     write,
    input  wire [ADDRESS_WIDTH-1:0] write_address,
    input  wire [WIDTH-1:0]         write_data,
    input  wire [ADDRESS_WIDTH-1:0] read_address,
    output wire [WIDTH-1:0]         read_data
);
    generate
        if (ADDRESS_WIDTH < 1 || ADDRESS_WIDTH > 9)
            nave_ram_wide_ADDRESS_WIDTH_must_be_1_to_9 illegal();
    endgenerate
    (* no_rw_check, ram_style = "block" *)
    reg [WIDTH-1:0] word [0:(1<<ADDRESS_WIDTH)-1];
    reg [WIDTH-1:0] read_q, out_q;
    always @(posedge clk) begin
        if (write)
            word[write_address] <= write_data;
`ifdef NAVE_ECP5
        read_q <= word[read_address];
`else
        read_q <= write && write_address == read_address ? ~word[read_address] : word[read_address];
`endif
        out_q <= read_q;
    end
    assign read_data = out_q;
endmodule

`default_nettype wire
