// Control plane of the card: the core, its code and its data memory, and the bus to the engine's registers (0x2.......; all
// other addresses are data memory). Data memory answers a read in the second clock, a write in the first.
// The firmware comes from the hex files that `make firmware` makes; it is in the bitstream, not loaded.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_control #(
    parameter CODE = "rtl/card/firmware.hex", // 2048 words, seen from the top of the source tree
    parameter HIGH = "rtl/card/firmware_high.hex", // the 512 words behind them
    parameter DATA = "rtl/card/firmware_data.hex"
) (
    input  wire        clk,
    input  wire        rst,
    output wire        b_valid,
    output wire        b_write,
    output wire [31:0] b_address,
    output wire [3:0]  b_strobe,
    output wire [31:0] b_wdata,
    input  wire        b_ready,
    input  wire [31:0] b_rdata
);
    wire [11:0] i_address;
    wire [31:0] low_data, high_data, next_address, read_data;
    wire valid;
    wire own = !b_address[29];
    reg [31:0] read_q;
    reg second_q, high_q;
    wire ready = own ? b_write || second_q : b_ready;
    wire unused = &{1'b0, next_address[31:12], next_address[1:0]};
    assign b_valid = valid && !own;

    always @(posedge clk) begin
        second_q <= valid && !second_q && !rst;
        read_q <= read_data;
        high_q <= i_address[11];
    end

    nave_core core (
        .clk(clk), .rst(rst), .i_address(i_address), .i_data(high_q ? high_data : low_data), .next_address(next_address), .b_valid(valid),
        .b_write(b_write), .b_address(b_address), .b_strobe(b_strobe), .b_wdata(b_wdata), .b_ready(ready),
        .b_rdata(own ? read_q : b_rdata)
    );
    nave_ram_init #(.ADDRESS_WIDTH(11), .FILE(CODE)) low (
        .clk(clk), .strobe(4'd0), .write_address(11'd0), .write_data(32'd0), .read_address(i_address[10:0]), .read_data(low_data)
    );
    nave_ram_init #(.ADDRESS_WIDTH(9), .FILE(HIGH)) high (
        .clk(clk), .strobe(4'd0), .write_address(9'd0), .write_data(32'd0), .read_address(i_address[8:0]), .read_data(high_data)
    );
    nave_ram_init #(.ADDRESS_WIDTH(10), .FILE(DATA)) data (
        .clk(clk), .strobe(valid && own && b_write ? b_strobe : 4'd0), .write_address(b_address[11:2]),
        .write_data(b_wdata), .read_address(next_address[11:2]), .read_data(read_data)
    );
endmodule

`default_nettype wire
