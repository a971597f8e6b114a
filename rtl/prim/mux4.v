// One of four words: y = select == 0 ? a : select == 1 ? b : select == 2 ? c : d. Latency 0.
// On the FPGA two look-up tables and the multiplexer between them a bit; the tools find no way below three.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_mux4 #(
    parameter WIDTH = 64
) (
    input  wire [WIDTH-1:0] a,
    input  wire [WIDTH-1:0] b,
    input  wire [WIDTH-1:0] c,
    input  wire [WIDTH-1:0] d,
    input  wire [1:0]       select,
    output wire [WIDTH-1:0] y
);
`ifdef NAVE_ECP5
    wire [WIDTH-1:0] low, high;
    genvar g;
    generate
        for (g = 0; g < WIDTH; g = g + 1) begin : bits
            LUT4 #(.INIT(16'hCACA)) of_ab (.A(a[g]), .B(b[g]), .C(select[0]), .D(1'b0), .Z(low[g]));
            LUT4 #(.INIT(16'hCACA)) of_cd (.A(c[g]), .B(d[g]), .C(select[0]), .D(1'b0), .Z(high[g]));
            PFUMX of_both (.ALUT(high[g]), .BLUT(low[g]), .C0(select[1]), .Z(y[g]));
        end
    endgenerate
`else
    assign y = select == 2'd0 ? a : select == 2'd1 ? b : select == 2'd2 ? c : d;
`endif
endmodule

`default_nettype wire
