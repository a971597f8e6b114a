// Ramps and dials together, as dyn.v has them.
// SPDX-License-Identifier: ISC
`default_nettype none

module dials_top (
    input  wire        clk,
    input  wire        rst,
    input  wire        stereo,
    input  wire        l_valid,
    input  wire [9:0]  l_dial,
    input  wire [63:0] l_value,
    input  wire        start,
    input  wire        e_valid,
    output wire        e_ready,
    input  wire [63:0] e_frame,
    input  wire [9:0]  e_dial,
    input  wire [63:0] e_value,
    input  wire [31:0] e_frames,
    output wire        o_valid,
    input  wire        o_ready,
    output wire        o_last,
    output wire [3:0]  o_to,
    output wire [9:0]  o_address,
    output wire [41:0] o_data
);
    wire c_valid, c_ready, c_last;
    wire [9:0] c_dial, c_address;
    wire [62:0] c_value;
    nave_ramp ramp (
        .clk(clk), .rst(rst), .l_valid(l_valid), .l_dial(l_dial), .l_value(l_value), .start(start), .e_valid(e_valid),
        .e_ready(e_ready), .e_frame(e_frame), .e_dial(e_dial), .e_value(e_value), .e_frames(e_frames),
        .c_valid(c_valid), .c_ready(c_ready), .c_last(c_last), .c_dial(c_dial), .c_address(c_address),
        .c_value(c_value));
    nave_dials dials (
        .clk(clk), .rst(rst), .stereo(stereo), .c_valid(c_valid), .c_ready(c_ready), .c_last(c_last), .c_dial(c_dial),
        .c_address(c_address), .c_value(c_value), .o_valid(o_valid), .o_ready(o_ready), .o_last(o_last), .o_to(o_to),
        .o_address(o_address), .o_data(o_data));
endmodule

`default_nettype wire
