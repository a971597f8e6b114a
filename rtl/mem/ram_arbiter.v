// Several RAM ports share one controller (ports: README.md): round robin, a burst at a time.
// Everything between a port and the controller is registered but written words: a command takes 3 clocks, a read word 1, a
// written one none. The next command waits behind the one that the controller has. Bursts are executed in
// the order in which they were taken, whoever asked. Overflow: none; up to 8 bursts that read are under way.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_ram_arbiter #(
    parameter PORTS = 4,
    parameter LOG2_PORTS = 2,
    parameter ADDRESS_BITS = 21
) (
    input wire clk,
    input wire rst,
    input wire [PORTS-1:0] s_c_valid,
    output wire [PORTS-1:0] s_c_ready,
    input wire [PORTS-1:0] s_c_write,
    input wire [PORTS*ADDRESS_BITS-1:0] s_c_address,
    input wire [PORTS*7-1:0] s_c_words,
    input wire [PORTS-1:0] s_w_valid,
    output wire [PORTS-1:0] s_w_ready,
    input wire [PORTS*32-1:0] s_w_data,
    output wire [PORTS-1:0] s_r_valid,
    output wire [31:0] s_r_data,
    output wire m_c_valid,
    input wire m_c_ready,
    output wire m_c_write,
    output wire [ADDRESS_BITS-1:0] m_c_address,
    output wire [6:0] m_c_words,
    output wire m_w_valid,
    input wire m_w_ready,
    output wire [31:0] m_w_data,
    input wire m_r_valid,
    input wire [31:0] m_r_data
);
    localparam WIDTH = ADDRESS_BITS + 8;
    wire [PORTS*WIDTH-1:0] command;
    genvar g;
    generate
        for (g = 0; g < PORTS; g = g + 1) begin : g_port
            assign command[g*WIDTH+:WIDTH] = {s_c_write[g], s_c_words[g*7+:7], s_c_address[g*ADDRESS_BITS+:ADDRESS_BITS]};
        end
    endgenerate

    wire [WIDTH-1:0] pick;
    wire [LOG2_PORTS-1:0] index;
    reg may_q;
    wire [PORTS-1:0] taken = s_c_valid & s_c_ready;
    wire picked = taken != {PORTS{1'b0}};
    nave_arbiter #(
        .WIDTH(WIDTH), .PORTS(PORTS), .LOG2_PORTS(LOG2_PORTS)
    ) turn (
        .clk(clk), .rst(rst),
        .s_valid(s_c_valid), .s_ready(s_c_ready), .s_last({PORTS{1'b1}}), .s_data(command),
        .m_valid(), .m_ready(may_q), .m_last(), .m_data(pick), .m_index(index)
    );

    // the command that the controller takes next; the writer keeps the way of the words until the last has gone
    reg command_valid_q, new_q;
    reg [WIDTH-1:0] command_q;
    reg [LOG2_PORTS-1:0] who_q;
    reg [PORTS-1:0] writes_q;  // one-hot, or none
    reg [6:0] left_q;
    wire written = m_w_valid && m_w_ready;
    wire last_written = left_q == 7'd1;
    assign m_c_valid = command_valid_q;
    assign {m_c_write, m_c_words, m_c_address} = command_q;
    assign m_w_valid = (s_w_valid & writes_q) != {PORTS{1'b0}};
    assign m_w_data = s_w_data[who_q*32+:32];
    assign s_w_ready = m_w_ready ? writes_q : {PORTS{1'b0}};

    // No command is taken in the two clocks behind one: what was so in the clock before is so in the one in which a
    // command is taken.
    wire reads_ready;
    always @(posedge clk) begin
        if (rst) begin
            may_q <= 1'b0;
            command_valid_q <= 1'b0;
            new_q <= 1'b0;
            writes_q <= {PORTS{1'b0}};
        end else begin
            may_q <= !command_valid_q && !picked && reads_ready && (writes_q == {PORTS{1'b0}} || (written && last_written));
            command_valid_q <= picked || (command_valid_q && !m_c_ready);
            new_q <= picked;
            if (picked) writes_q <= taken & s_c_write;
            else if (written && last_written) writes_q <= {PORTS{1'b0}};
        end
        if (picked) begin
            command_q <= pick;
            who_q <= index;
            left_q <= pick[ADDRESS_BITS+:7];
        end else if (written) left_q <= left_q - 7'd1;
    end

    // whose words come next, and how many but one
    reg r_valid_q;
    reg [31:0] r_data_q;
    reg [6:0] read_q;
    wire reader_valid;
    wire [LOG2_PORTS-1:0] reader;
    wire [6:0] reader_words;
    wire last = read_q == reader_words;
    nave_fifo #(
        .WIDTH(LOG2_PORTS + 7), .LOG2_DEPTH(3)
    ) readers (
        .clk(clk), .rst(rst),
        .s_valid(new_q && !m_c_write), .s_ready(reads_ready), .s_data({who_q, m_c_words - 7'd1}),
        .m_valid(reader_valid), .m_ready(r_valid_q && last), .m_data({reader, reader_words}), .level()
    );
    always @(posedge clk) begin
        r_valid_q <= m_r_valid && !rst;
        r_data_q <= m_r_data;
        if (rst) read_q <= 7'd0;
        else if (r_valid_q) read_q <= last ? 7'd0 : read_q + 7'd1;
    end
    assign s_r_valid = r_valid_q && reader_valid ? {{PORTS - 1{1'b0}}, 1'b1} << reader : {PORTS{1'b0}};
    assign s_r_data = r_data_q;
endmodule
`default_nettype wire
