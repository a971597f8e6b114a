// Largest magnitude of a stream of WORDS signed 32-bit words a cycle, each with its own valid.
// A word is compared as {v ^ sign, sign}: that orders as |v| does and needs no negation; |v| = (v ^ sign) + sign once.
// Latency 2 + log2(WORDS) from word to `magnitude`; `clear` passes with the words of its cycle, before them.
// Growth: 32 unsigned bits hold 2^31.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_magnitude #(
    parameter WORDS = 8 // a power of two
) (
    input  wire                clk,
    input  wire                clear,
    input  wire [WORDS-1:0]    valid,
    input  wire [32*WORDS-1:0] v,
    output wire [31:0]         magnitude
);
    generate
        if (WORDS != 1 && WORDS != 2 && WORDS != 4 && WORDS != 8)
            nave_magnitude_WORDS_must_be_1_2_4_or_8 illegal();
    endgenerate
    localparam LEVELS = WORDS == 8 ? 3 : WORDS == 4 ? 2 : WORDS == 2 ? 1 : 0;
    wire [33*WORDS-1:0] level [0:LEVELS];
    reg [33*WORDS-1:0] leaf_q;
    reg [LEVELS:0] clear_q;
    wire [LEVELS+1:0] clears = {clear_q, clear};
    wire unused = clears[LEVELS+1];
    reg [32:0] largest_q;
    integer i;
    always @(posedge clk) begin
        for (i = 0; i < WORDS; i = i + 1)
            leaf_q[33*i +: 33] <= valid[i] ? {1'b0, v[32*i +: 31] ^ {31{v[32*i+31]}}, v[32*i+31]} : 33'd0;
        clear_q <= clears[LEVELS:0];
    end
    assign level[0] = leaf_q;
    genvar g, h;
    generate
        for (g = 0; g < LEVELS; g = g + 1) begin : tree
            reg [33*WORDS-1:0] larger_q;
            for (h = 0; h < WORDS; h = h + 1) begin : node
                if (h < (WORDS >> (g + 1))) begin : real_node
                    wire [32:0] a = level[g][33*2*h +: 33], b = level[g][33*(2*h+1) +: 33];
                    always @(posedge clk)
                        larger_q[33*h +: 33] <= a > b ? a : b;
                end else begin : unused
                    always @(posedge clk)
                        larger_q[33*h +: 33] <= 33'd0;
                end
            end
            assign level[g+1] = larger_q;
        end
    endgenerate
    wire [32:0] incoming = level[LEVELS][32:0];
    always @(posedge clk)
        if (clear_q[LEVELS] || incoming > largest_q)
            largest_q <= incoming;
    assign magnitude = largest_q[32:1] + {31'd0, largest_q[0]};
endmodule

`default_nettype wire
