// Clock of the flash that the FPGA was loaded from: it has no pin of its own in a design.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_flash_clock (
    input wire clock
);
`ifdef NAVE_ECP5
    USRMCLK site (.USRMCLKI(clock), .USRMCLKTS(1'b0));
`else
    wire unused = &{1'b0, clock};
`endif
endmodule
`default_nettype wire
