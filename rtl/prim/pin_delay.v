// Delay line of a pin: STEPS of about 25 ps. A simulation has none of it.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_pin_delay #(
    parameter STEPS = 0
) (
    input wire d,
    output wire q
);
    generate
        if (STEPS < 0 || STEPS > 127) begin : g_illegal
            pin_delay_has_0_to_127_steps stop ();
        end
    endgenerate
`ifdef NAVE_ECP5
    DELAYF #(.DEL_MODE("USER_DEFINED"), .DEL_VALUE(STEPS)) site (
        .A(d), .LOADN(1'b1), .MOVE(1'b0), .DIRECTION(1'b0), .Z(q), .CFLAG()
    );
`else
    assign q = d;
`endif
endmodule
`default_nettype wire
