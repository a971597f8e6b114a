// Where the four words base + (i << digit), i = 0..3, of a radix-4 butterfly lie in the four banks.
//   bank(address) = {parity of its odd bits, parity of its even bits}, row = address / 4
// Four words that differ in two neighbouring bits never share a bank. `single` wants the word at base only: all banks
// are given its row.
// Latency 1: `bank_q` (of base), with what is needed to find the words of the banks; rows follow from those in 0.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_bank_rows #(
    parameter MAX_LOG2N = 13
) (
    input  wire                       clk,
    input  wire [MAX_LOG2N-1:0]       base,
    input  wire [3:0]                 digit,
    input  wire                       single,
    output reg  [1:0]                 bank_q,
    output reg                        odd_q, // the digit stands at an odd bit
    output reg                        single_q,
    output wire [4*(MAX_LOG2N-2)-1:0] rows,  // of bank 0, 1, 2, 3
    output wire [7:0]                 words  // i of the word in bank 0, 1, 2, 3
);
    localparam ROW = MAX_LOG2N - 2;
    reg [ROW-1:0] row_q, low_q, high_q; // low, high: the digit's bits
    reg [1:0] parity;
    integer n;
    always @* begin
        parity = 2'd0;
        for (n = 0; n < MAX_LOG2N; n = n + 1)
            parity[n % 2] = parity[n % 2] ^ base[n];
    end
    wire [MAX_LOG2N:0] low = {{MAX_LOG2N{1'b0}}, 1'b1} << digit, high = {{MAX_LOG2N{1'b0}}, 1'b1} << (digit + 4'd1);
    wire unused = &{1'b0, low[MAX_LOG2N], low[1:0], high[MAX_LOG2N], high[1:0]};
    always @(posedge clk) begin
        bank_q <= parity;
        odd_q <= digit[0];
        single_q <= single;
        row_q <= base[MAX_LOG2N-1:2];
        low_q <= single ? {ROW{1'b0}} : low[MAX_LOG2N-1:2];
        high_q <= single ? {ROW{1'b0}} : high[MAX_LOG2N-1:2];
    end
    genvar b;
    generate
        for (b = 0; b < 4; b = b + 1) begin : of_bank
            localparam [1:0] BANK = b;
            wire [1:0] away = BANK ^ bank_q;
            wire [1:0] word = odd_q ? {away[0], away[1]} : away;
            assign words[2*b +: 2] = word;
            assign rows[ROW*b +: ROW] = row_q | (word[0] ? low_q : {ROW{1'b0}}) | (word[1] ? high_q : {ROW{1'b0}});
        end
    endgenerate
endmodule

`default_nettype wire
