// Small first-in first-out store in distributed RAM whose user knows that it neither over- nor underflows.
// `out` is the oldest word, at once.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_queue #(
    parameter WIDTH = 64,
    parameter LOG2_DEPTH = 4
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             push,
    input  wire [WIDTH-1:0] in,
    input  wire             pop,
    output wire [WIDTH-1:0] out
);
    reg [WIDTH-1:0] word [0:(1<<LOG2_DEPTH)-1];
    reg [LOG2_DEPTH-1:0] head_q, tail_q;
    assign out = word[head_q];
    always @(posedge clk) begin
        if (push)
            word[tail_q] <= in;
        tail_q <= rst ? {LOG2_DEPTH{1'b0}} : tail_q + {{(LOG2_DEPTH-1){1'b0}}, push};
        head_q <= rst ? {LOG2_DEPTH{1'b0}} : head_q + {{(LOG2_DEPTH-1){1'b0}}, pop};
    end
endmodule

`default_nettype wire
