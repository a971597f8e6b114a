// Order in which an in-place decimation-in-time transform wants its input: the address of sample `index` of
// 2^log2n. Base-4 digits in reverse; where log2n is odd the top bit comes first, for the radix-2 pass.
// Latency 0 from index; log2n is steady two cycles before.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_digit_reverse #(
    parameter MAX_LOG2N = 13
) (
    input  wire                 clk,
    input  wire [3:0]           log2n, // 6..MAX_LOG2N
    input  wire [MAX_LOG2N-1:0] index,
    output wire [MAX_LOG2N-1:0] address
);
    wire [MAX_LOG2N-1:0] reversed [0:MAX_LOG2N];
    genvar l, b;
    generate
        for (l = 0; l <= MAX_LOG2N; l = l + 1) begin : size
            for (b = 0; b < MAX_LOG2N; b = b + 1) begin : bits
                if (l < 6 || b >= l) begin : none
                    assign reversed[l][b] = 1'b0;
                end else if (l % 2 == 0) begin : even
                    assign reversed[l][b] = index[l - 2 - (b - b % 2) + b % 2];
                end else if (b == 0) begin : top
                    assign reversed[l][b] = index[l - 1];
                end else begin : odd
                    assign reversed[l][b] = index[l - 3 - ((b - 1) - (b - 1) % 2) + (b - 1) % 2];
                end
            end
        end
    endgenerate
    reg [3:0] size_q;
    always @(posedge clk)
        size_q <= log2n;
    assign address = reversed[size_q];
endmodule

`default_nettype wire
