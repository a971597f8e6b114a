// The control plane under Icarus: the compiled test program with the words that it got under Verilator must give the same
// words. +vectors=FILE, a word in and a word out a line.
// SPDX-License-Identifier: ISC
`default_nettype none
module control_replay;
    parameter CODE = "program.hex";
    parameter HIGH = "program_high.hex";
    parameter DATA = "program_data.hex";
    localparam WORDS = 627; // that the program gives
    reg clk = 1'b0, rst = 1'b1, b_ready = 1'b0;
    reg [31:0] b_rdata = 32'd0;
    wire b_valid, b_write;
    wire [31:0] b_address, b_wdata;
    wire [3:0] b_strobe;
    reg [31:0] in [0:WORDS-1];
    reg [31:0] out [0:WORDS-1];
    integer file, n, got, put, clocks, errors;
    reg [8*256-1:0] name;

    nave_control #(.CODE(CODE), .HIGH(HIGH), .DATA(DATA)) dut (
        .clk(clk), .rst(rst), .b_valid(b_valid), .b_write(b_write), .b_address(b_address), .b_strobe(b_strobe),
        .b_wdata(b_wdata), .b_ready(b_ready), .b_rdata(b_rdata)
    );

    initial begin
        if (!$value$plusargs("vectors=%s", name)) $finish;
        file = $fopen(name, "r");
        errors = 0;
        for (n = 0; n < WORDS; n = n + 1)
            if ($fscanf(file, "%h %h\n", in[n], out[n]) != 2) errors = errors + 1;
        for (n = 0; n < 4; n = n + 1) begin
            #1 clk = 1;
            #1 clk = 0;
        end
        rst = 0;
        got = 0;
        put = 0;
        for (clocks = 0; put < WORDS && clocks < 20000000 && errors < 5; clocks = clocks + 1) begin
            b_ready = clocks % 3 == 0;
            b_rdata = in[got];
            #1;
            if (b_valid === 1'bx) errors = errors + 1;
            if (b_valid && b_ready) begin
                if (b_write) begin
                    if (b_address !== 32'h20000020 || b_wdata !== out[put] || b_strobe !== 4'd15) begin
                        $display("word %0d: %h to %h, not %h", put, b_wdata, b_address, out[put]);
                        errors = errors + 1;
                    end
                    put = put + 1;
                end else
                    got = got + 1;
            end
            clk = 1;
            #1 clk = 0;
        end
        $display("control: %0d clocks, %0d words", clocks, put);
        $display("%0d passed, %0d failed", errors == 0 && put == WORDS, !(errors == 0 && put == WORDS));
        $finish;
    end
endmodule
`default_nettype wire
