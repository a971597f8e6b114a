// Adder with its second operand under control, one LUT a bit on the FPGA: sum = a + (gate ? invert ? ~b : b : 0) + carry_in.
// Combinational. carry_out is bit WIDTH of that sum: no overflow is lost.
// Yosys puts the gate into LUTs of their own, so the ECP5's carry cell is instantiated.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_addsub #(
    parameter WIDTH = 32 // even
) (
    input  wire [WIDTH-1:0] a,
    input  wire [WIDTH-1:0] b,
    input  wire             gate,
    input  wire             invert,
    input  wire             carry_in,
    output wire [WIDTH-1:0] sum,
    output wire             carry_out
);
    generate
        if (WIDTH < 2 || WIDTH % 2 != 0)
            nave_addsub_WIDTH_must_be_even illegal();
    endgenerate
`ifdef NAVE_ECP5
    // INIT 96AA: D off gives a, D on gives a ^ b ^ C; its low quarter is what the cell generates a carry from, a
    wire [WIDTH/2:0] carry;
    assign carry[0] = carry_in;
    assign carry_out = carry[WIDTH/2];
    genvar g;
    generate
        for (g = 0; g < WIDTH / 2; g = g + 1) begin : pair
            CCU2C #(.INIT0(16'h96AA), .INIT1(16'h96AA), .INJECT1_0("NO"), .INJECT1_1("NO")) carry_cell (
                .CIN(carry[g]), .COUT(carry[g+1]), .S0(sum[2*g]), .S1(sum[2*g+1]),
                .A0(a[2*g]), .B0(b[2*g]), .C0(invert), .D0(gate),
                .A1(a[2*g+1]), .B1(b[2*g+1]), .C1(invert), .D1(gate));
        end
    endgenerate
`else
    wire [WIDTH-1:0] second = gate ? b ^ {WIDTH{invert}} : {WIDTH{1'b0}};
    assign {carry_out, sum} = {1'b0, a} + {1'b0, second} + {{WIDTH{1'b0}}, carry_in};
`endif
endmodule

`default_nettype wire
