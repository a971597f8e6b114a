// One 32-bit word further with CRC-32C: next = state advanced by the four bytes of word, lowest first.
// x^32 + Castagnoli 0x1edc6f41, bits reflected (0x82f63b78); the frames begin with all ones and invert at the end.
// Each bit of next is the parity of some bits of state ^ word; which ones, is worked out at elaboration.
// Combinational. Twin of sim/model/crc.c.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_crc (
    input wire [31:0] state,
    input wire [31:0] word,
    output wire [31:0] next
);
    // bit 32 i + j: whether bit j goes into bit i of the next state
    function [1023:0] parities;
        input unused;
        integer i, j;
        reg [31:0] c;
        begin
            parities = {1023'd0, unused & 1'b0};
            for (j = 0; j < 32; j = j + 1) begin
                c = 32'd1 << j;
                for (i = 0; i < 32; i = i + 1) c = {1'b0, c[31:1]} ^ (c[0] ? 32'h82f63b78 : 32'd0);
                for (i = 0; i < 32; i = i + 1) parities[32*i+j] = c[i];
            end
        end
    endfunction
    localparam [1023:0] PARITIES = parities(1'b0);

    wire [31:0] both = state ^ word;
    genvar g;
    generate
        for (g = 0; g < 32; g = g + 1) begin : g_bit
            assign next[g] = ^(both & PARITIES[32*g+:32]);
        end
    endgenerate
endmodule
`default_nettype wire
