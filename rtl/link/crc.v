// One 32-bit word further with CRC-32C: next = state advanced by the four bytes of word, lowest first.
// x^32 + Castagnoli 0x1edc6f41, bits reflected (0x82f63b78); the frames begin with all ones and invert at the end.
// Combinational. Twin of sim/model/crc.c.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_crc (
    input wire [31:0] state,
    input wire [31:0] word,
    output reg [31:0] next
);
    integer i;
    always @* begin
        next = state ^ word;
        for (i = 0; i < 32; i = i + 1) next = {1'b0, next[31:1]} ^ (next[0] ? 32'h82f63b78 : 32'd0);
    end
endmodule
`default_nettype wire
