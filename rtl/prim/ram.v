// One write port, one read port, read latency 2 (the RAM's own output register: 1.0 ns clock to out, 5.8 without).
// What is read from a word in the cycle in which it is written is not defined; the twin returns its complement, so that
// a design that relies on it fails in simulation.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_ram #(
    parameter ADDRESS_WIDTH = 11,
    parameter WIDTH = 64
) (
    input  wire                     clk,
    input  wire                     write,
    input  wire [ADDRESS_WIDTH-1:0] write_address,
    input  wire [WIDTH-1:0]         write_data,
    input  wire [ADDRESS_WIDTH-1:0] read_address,
    output wire [WIDTH-1:0]         read_data
);
    generate
        if (ADDRESS_WIDTH < 1 || ADDRESS_WIDTH > 14)
            nave_ram_ADDRESS_WIDTH_must_be_1_to_14 illegal();
    endgenerate
`ifdef NAVE_ECP5
    localparam SLICE = ADDRESS_WIDTH <= 10 ? 18 : ADDRESS_WIDTH == 11 ? 9 : ADDRESS_WIDTH == 12 ? 4 :
        ADDRESS_WIDTH == 13 ? 2 : 1;
    localparam DEPTH = ADDRESS_WIDTH <= 10 ? 10 : ADDRESS_WIDTH;
    localparam SLICES = (WIDTH + SLICE - 1) / SLICE;
    wire [SLICES*SLICE-1:0] wide_in = write_data;
    wire [SLICES*SLICE-1:0] wide_out;
    wire [DEPTH-1:0] wide_write = write_address, wide_read = read_address;
    assign read_data = wide_out[WIDTH-1:0];
    genvar g;
    generate
        for (g = 0; g < SLICES; g = g + 1) begin : slice
            nave_dp16kd #(.WIDTH(SLICE), .ADDRESS_WIDTH(DEPTH)) ebr (
                .clk(clk), .write(write), .write_address(wide_write), .write_data(wide_in[g*SLICE +: SLICE]),
                .read_address(wide_read), .read_data(wide_out[g*SLICE +: SLICE]));
        end
    endgenerate
`else
    reg [WIDTH-1:0] word [0:(1<<ADDRESS_WIDTH)-1];
    reg [WIDTH-1:0] read_q, out_q;
    always @(posedge clk) begin
        if (write)
            word[write_address] <= write_data;
        read_q <= write && write_address == read_address ? ~word[read_address] : word[read_address];
        out_q <= read_q;
    end
    assign read_data = out_q;
`endif
endmodule

`ifdef NAVE_ECP5
// One DP16KD: port A writes, port B reads. WIDTH and ADDRESS_WIDTH: 18 and 10, 9 and 11, 4 and 12, 2 and 13, 1 and 14.
module nave_dp16kd #(
    parameter WIDTH = 18,
    parameter ADDRESS_WIDTH = 10
) (
    input  wire                     clk,
    input  wire                     write,
    input  wire [ADDRESS_WIDTH-1:0] write_address,
    input  wire [WIDTH-1:0]         write_data,
    input  wire [ADDRESS_WIDTH-1:0] read_address,
    output wire [WIDTH-1:0]         read_data
);
    // the low bits of a write address of the widest mode are its byte enables
    wire [13:0] a = WIDTH == 18 ? {write_address, 4'b0011} : write_address << (14 - ADDRESS_WIDTH);
    wire [13:0] b = read_address << (14 - ADDRESS_WIDTH);
    wire [17:0] d = write_data;
    wire [17:0] q;
    assign read_data = q[WIDTH-1:0];
    DP16KD #(
        .DATA_WIDTH_A(WIDTH), .DATA_WIDTH_B(WIDTH), .REGMODE_A("NOREG"), .REGMODE_B("OUTREG"), .RESETMODE("SYNC"),
        .ASYNC_RESET_RELEASE("SYNC"), .CSDECODE_A("0b000"), .CSDECODE_B("0b000"), .WRITEMODE_A("NORMAL"),
        .WRITEMODE_B("NORMAL"), .GSR("DISABLED")
    ) ebr (
        .CLKA(clk), .CEA(1'b1), .OCEA(1'b1), .WEA(write), .RSTA(1'b0), .CSA0(1'b0), .CSA1(1'b0), .CSA2(1'b0),
        .CLKB(clk), .CEB(1'b1), .OCEB(1'b1), .WEB(1'b0), .RSTB(1'b0), .CSB0(1'b0), .CSB1(1'b0), .CSB2(1'b0),
        .ADA0(a[0]), .ADA1(a[1]), .ADA2(a[2]), .ADA3(a[3]), .ADA4(a[4]), .ADA5(a[5]), .ADA6(a[6]), .ADA7(a[7]),
        .ADA8(a[8]), .ADA9(a[9]), .ADA10(a[10]), .ADA11(a[11]), .ADA12(a[12]), .ADA13(a[13]),
        .ADB0(b[0]), .ADB1(b[1]), .ADB2(b[2]), .ADB3(b[3]), .ADB4(b[4]), .ADB5(b[5]), .ADB6(b[6]), .ADB7(b[7]),
        .ADB8(b[8]), .ADB9(b[9]), .ADB10(b[10]), .ADB11(b[11]), .ADB12(b[12]), .ADB13(b[13]),
        .DIA0(d[0]), .DIA1(d[1]), .DIA2(d[2]), .DIA3(d[3]), .DIA4(d[4]), .DIA5(d[5]), .DIA6(d[6]), .DIA7(d[7]),
        .DIA8(d[8]), .DIA9(d[9]), .DIA10(d[10]), .DIA11(d[11]), .DIA12(d[12]), .DIA13(d[13]), .DIA14(d[14]),
        .DIA15(d[15]), .DIA16(d[16]), .DIA17(d[17]),
        .DIB0(1'b0), .DIB1(1'b0), .DIB2(1'b0), .DIB3(1'b0), .DIB4(1'b0), .DIB5(1'b0), .DIB6(1'b0), .DIB7(1'b0),
        .DIB8(1'b0), .DIB9(1'b0), .DIB10(1'b0), .DIB11(1'b0), .DIB12(1'b0), .DIB13(1'b0), .DIB14(1'b0),
        .DIB15(1'b0), .DIB16(1'b0), .DIB17(1'b0),
        .DOB0(q[0]), .DOB1(q[1]), .DOB2(q[2]), .DOB3(q[3]), .DOB4(q[4]), .DOB5(q[5]), .DOB6(q[6]), .DOB7(q[7]),
        .DOB8(q[8]), .DOB9(q[9]), .DOB10(q[10]), .DOB11(q[11]), .DOB12(q[12]), .DOB13(q[13]), .DOB14(q[14]),
        .DOB15(q[15]), .DOB16(q[16]), .DOB17(q[17])
    );
endmodule
`endif

`default_nettype wire
