// A pin that goes both ways: driven while oe is high.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_pad (
    input wire o,
    input wire oe,
    output wire i,
    inout wire pad
);
`ifdef NAVE_ECP5
    BB site (.I(o), .T(!oe), .O(i), .B(pad));
`else
    assign pad = oe ? o : 1'bz;
    assign i = pad;
`endif
endmodule
`default_nettype wire
