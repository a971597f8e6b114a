// Walks the bins k = 0..n/2 of a real transform with their mirrors n - k, a pair every two cycles: k, then n - k.
// Bin 0 is its own mirror, as n/2 is. Addresses natural (after the transform) or digit-reversed (before it).
// Cycles from command to result: n + 45.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_pairs #(
    parameter MAX_LOG2N = 13
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 start,
    input  wire [3:0]           log2n,
    input  wire                 reversed,
    output reg                  done,
    output reg                  issue_first,
    output reg                  issue_second,
    output reg [MAX_LOG2N-1:0]  issue_base,
    output reg [13:0]           factor, // of the pair, with its second word
    output reg [2:0]            shift,
    output wire                 ask, // for the shift
    input  wire [2:0]           needed, // six cycles later
    output reg                  clear,
    input  wire                 drained
);
    localparam IDLE = 2'd0, LIMIT = 2'd1, ISSUE = 2'd2, DRAIN = 2'd3;
    reg [1:0] state_q;
    reg [2:0] wait_q;
    assign ask = state_q == LIMIT && wait_q == 3'd0;

    reg [MAX_LOG2N-1:0] k_q;
    reg second_q, first_1_q, second_1_q;
    reg [MAX_LOG2N-1:0] bin_q;
    // steady before the first pair
    reg [MAX_LOG2N-1:0] mask_q, half_q;
    reg [13:0] step_q;
    wire [MAX_LOG2N:0] n = {{MAX_LOG2N{1'b0}}, 1'b1} << log2n;
    wire unused = n[0];
    always @(posedge clk) begin
        mask_q <= n[MAX_LOG2N-1:0] - 1'b1;
        half_q <= n[MAX_LOG2N:1];
        step_q <= 14'd1 << (4'd13 - log2n);
    end
    wire [MAX_LOG2N-1:0] mirror = -k_q & mask_q;
    wire [MAX_LOG2N-1:0] bin = second_q ? mirror : k_q;
    wire [MAX_LOG2N-1:0] turned;
    nave_digit_reverse #(.MAX_LOG2N(MAX_LOG2N)) reverse (.clk(clk), .log2n(log2n), .index(bin_q), .address(turned));

    always @(posedge clk) begin
        first_1_q <= 1'b0;
        second_1_q <= 1'b0;
        bin_q <= bin;
        issue_first <= first_1_q;
        issue_second <= second_1_q;
        done <= 1'b0;
        clear <= 1'b0;
        issue_base <= reversed ? turned : bin_q;
        // exp(-j pi k / n)
        if (issue_second)
            factor <= factor + step_q;
        case (state_q)
        IDLE:
            if (start) begin
                wait_q <= 3'd0;
                state_q <= LIMIT;
            end
        LIMIT: begin
            wait_q <= wait_q + 3'd1;
            clear <= 1'b1;
            k_q <= {MAX_LOG2N{1'b0}};
            second_q <= 1'b0;
            factor <= 14'd0;
            if (wait_q == 3'd6) begin
                shift <= needed;
                state_q <= ISSUE;
            end
        end
        ISSUE: begin
            first_1_q <= !second_q;
            second_1_q <= second_q;
            second_q <= !second_q;
            if (second_q) begin
                k_q <= k_q + 1'b1;
                if (k_q == half_q)
                    state_q <= DRAIN;
            end
        end
        DRAIN:
            if (drained && !second_1_q && !issue_second) begin
                done <= 1'b1;
                state_q <= IDLE;
            end
        default: state_q <= IDLE;
        endcase
        if (rst) begin
            state_q <= IDLE;
            first_1_q <= 1'b0;
            second_1_q <= 1'b0;
            issue_first <= 1'b0;
            issue_second <= 1'b0;
            done <= 1'b0;
        end
    end
endmodule

`default_nettype wire
