// Words of 32 bits with initial content from a file, written by bytes, one write port, one read port, read latency 1: its
// reader puts a register behind it (the block RAM's own clock to out is 5.8 ns). Inferred: the tools map it to EBR.
// What is read from a word in the cycle in which it is written is not defined; the twin returns its complement.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_ram_init #(
    parameter ADDRESS_WIDTH = 10,
    parameter FILE = "rtl/card/firmware_data.hex" // seen from the top of the source tree
) (
    input  wire                     clk,
    input  wire [3:0]               strobe,
    input  wire [ADDRESS_WIDTH-1:0] write_address,
    input  wire [31:0]              write_data,
    input  wire [ADDRESS_WIDTH-1:0] read_address,
    output wire [31:0]              read_data
);
    generate
        if (ADDRESS_WIDTH < 1 || ADDRESS_WIDTH > 14)
            nave_ram_init_ADDRESS_WIDTH_must_be_1_to_14 illegal();
    endgenerate
    reg [31:0] word [0:(1<<ADDRESS_WIDTH)-1];
    reg [31:0] read_q;
    initial $readmemh(FILE, word);
    always @(posedge clk) begin
        if (strobe[0])
            word[write_address][7:0] <= write_data[7:0];
        if (strobe[1])
            word[write_address][15:8] <= write_data[15:8];
        if (strobe[2])
            word[write_address][23:16] <= write_data[23:16];
        if (strobe[3])
            word[write_address][31:24] <= write_data[31:24];
    end
`ifdef NAVE_ECP5
    integer k;
    always @(posedge clk) begin
        read_q <= word[read_address];
        for (k = 0; k < 4; k = k + 1)
            if (strobe[k] && write_address == read_address)
                read_q[8*k +: 8] <= 8'bx; // or Yosys adds what keeps the old content
    end
`else
    always @(posedge clk)
        read_q <= strobe != 4'd0 && write_address == read_address ? ~word[read_address] : word[read_address];
`endif
    assign read_data = read_q;
endmodule

`default_nettype wire
