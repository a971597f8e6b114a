// Loader: a stream of complex words, each aligned by its rounded right shift (or skipped: zero); their magnitude is
// taken where they are written (nave_load_c, and `aligned` of sim/model/pre.c and cmac.c): y = round(x / 2^shift).
// To the transform's buffer in natural or digit-reversed order, or, while `to_cmac`, on to the CMAC's tiles.
// Latency 6 from s_ to write; a word a cycle. Growth: none. A complex word is {im, re}.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_load #(
    parameter MAX_LOG2N = 13
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 start, // of a load to the buffer: log2n, reversed and to_cmac are steady until done
    input  wire [3:0]           log2n,
    input  wire                 reversed,
    input  wire                 to_cmac,
    input  wire                 cmac_ready,
    input  wire                 s_valid,
    output wire                 s_ready,
    input  wire [63:0]          s_data,
    input  wire [4:0]           s_shift,
    input  wire                 s_skip,
    input  wire                 lend, // the rounder of the real part to overlap.v: its word, not the stream's
    input  wire [31:0]          lent,
    input  wire [4:0]           lent_shift,
    output wire [31:0]          rounded,
    output reg                  write,
    output reg [MAX_LOG2N-1:0]  write_address,
    output reg                  cmac_write,
    output reg [63:0]           write_data,
    output reg                  done // one cycle: all words written, their magnitude known to the transform
);
    localparam LATENCY = 5; // of the rounding
    reg loading_q;
    reg [MAX_LOG2N-1:0] count_q, index_q;
    reg [LATENCY-1:0] valid_q;
    wire [MAX_LOG2N:0] n = {{MAX_LOG2N{1'b0}}, 1'b1} << log2n;
    wire [MAX_LOG2N:0] less_one = n - 1'b1;
    wire unused = less_one[MAX_LOG2N];
    reg [MAX_LOG2N-1:0] final_q; // steady before the first word's address is
    wire take = s_valid && s_ready;
    assign s_ready = to_cmac ? cmac_ready : loading_q;

    wire [63:0] y;
    assign rounded = y[31:0];
    nave_round_even #(.WIDTH(32), .SHIFT_WIDTH(5), .OUT(32)) re (
        .clk(clk), .v(lend ? lent : s_skip ? 32'd0 : s_data[31:0]), .shift(lend ? lent_shift : s_shift),
        .y(y[31:0]));
    nave_round_even #(.WIDTH(32), .SHIFT_WIDTH(5), .OUT(32)) im (
        .clk(clk), .v(s_skip ? 32'd0 : s_data[63:32]), .shift(s_shift), .y(y[63:32]));
    wire [MAX_LOG2N-1:0] turned;
    nave_digit_reverse #(.MAX_LOG2N(MAX_LOG2N)) reverse (.clk(clk), .log2n(log2n), .index(index_q), .address(turned));

    reg final_word_q;
    reg [5:0] ended_q; // the last word's magnitude takes its time
    always @(posedge clk) begin
        if (start) begin
            loading_q <= 1'b1;
            count_q <= {MAX_LOG2N{1'b0}};
            index_q <= {MAX_LOG2N{1'b0}};
        end else begin
            if (take && !to_cmac) begin
                count_q <= count_q + 1'b1;
                if (count_q == final_q)
                    loading_q <= 1'b0;
            end
            if (valid_q[LATENCY-1])
                index_q <= index_q + 1'b1;
        end
        valid_q <= {valid_q[LATENCY-2:0], take};
        write <= valid_q[LATENCY-1] && !to_cmac;
        cmac_write <= valid_q[LATENCY-1] && to_cmac;
        write_address <= reversed ? turned : index_q;
        write_data <= y;
        final_q <= less_one[MAX_LOG2N-1:0];
        final_word_q <= index_q == final_q;
        ended_q <= {ended_q[4:0], write && final_word_q};
        done <= ended_q[5];
        if (rst) begin
            loading_q <= 1'b0;
            valid_q <= {LATENCY{1'b0}};
            write <= 1'b0;
            cmac_write <= 1'b0;
            ended_q <= 6'd0;
            done <= 1'b0;
        end
    end
endmodule

`default_nettype wire
