// Stands for rtl/link/crc.v in proofs of who uses it: any function does, and this one is easy on the solver.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_crc (
    input wire [31:0] state,
    input wire [31:0] word,
    output wire [31:0] next
);
    assign next = {state[30:0], state[31]} ^ word;
endmodule
`default_nettype wire
