// Reads the unique number of the board's SPI flash once: command 4B, four bytes of nothing, eight bytes of number. Winbond
// and ISSI know it. A flash that answers only zeros or only ones has none, and FALLBACK is taken.
// The clock cell of the FPGA swallows its first pulses, so eight go before the command, with CS# high.
// Latency: 112 periods of 2 DIVIDE clocks. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_flash_id #(
    parameter DIVIDE = 8,  // half periods of the flash's clock
    parameter [63:0] FALLBACK = 64'h6e61766500000001
) (
    input wire clk,
    input wire rst,
    output reg done,
    output reg [63:0] id,  // rests from done on
    output reg flash_clock,
    output reg flash_cs_n,
    output reg flash_mosi,
    input wire flash_miso
);
    localparam [6:0] SELECTED = 7'd8, ANSWER = 7'd48, END = 7'd112;
    reg [7:0] divide_q;
    reg [6:0] bit_q;
    reg [63:0] shift_q;
    wire half = divide_q == DIVIDE - 1;

    initial begin
        done = 1'b0;
        flash_cs_n = 1'b1;
    end
    always @(posedge clk) begin
        if (rst) begin
            done <= 1'b0;
            flash_clock <= 1'b0;
            flash_cs_n <= 1'b1;
            flash_mosi <= 1'b0;
            divide_q <= 8'd0;
            bit_q <= 7'd0;
        end else if (!done) begin
            divide_q <= half ? 8'd0 : divide_q + 8'd1;
            if (half) begin
                flash_clock <= !flash_clock;
                if (!flash_clock) begin  // it rises: both sides look
                    if (bit_q >= ANSWER) shift_q <= {shift_q[62:0], flash_miso};
                end else begin  // it falls: the next bit
                    bit_q <= bit_q + 7'd1;
                    flash_cs_n <= bit_q + 7'd1 < SELECTED || bit_q + 7'd1 >= END;
                    case (bit_q + 7'd1 - SELECTED)  // 01001011
                        7'd1, 7'd4, 7'd6, 7'd7: flash_mosi <= 1'b1;
                        default: flash_mosi <= 1'b0;
                    endcase
                    if (bit_q + 7'd1 == END) begin
                        done <= 1'b1;
                        id <= shift_q == 64'd0 || shift_q == {64{1'b1}} ? FALLBACK : shift_q;
                    end
                end
            end
        end
    end
endmodule
`default_nettype wire
