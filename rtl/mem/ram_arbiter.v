// Several RAM ports share one controller (ports: README.md): round robin, a burst at a time.
// Commands pass a skid, 1 clock; the words of a written burst and those read pass without a clock. Bursts are executed in
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

    wire pick_valid, pick_ready, skid_ready, reads_ready;
    wire [WIDTH-1:0] pick;
    wire [LOG2_PORTS-1:0] index;
    nave_arbiter #(
        .WIDTH(WIDTH), .PORTS(PORTS), .LOG2_PORTS(LOG2_PORTS)
    ) turn (
        .clk(clk), .rst(rst),
        .s_valid(s_c_valid), .s_ready(s_c_ready), .s_last({PORTS{1'b1}}), .s_data(command),
        .m_valid(pick_valid), .m_ready(pick_ready), .m_last(), .m_data(pick), .m_index(index)
    );
    wire pick_write = pick[WIDTH-1];
    wire [6:0] pick_words = pick[ADDRESS_BITS+:7];

    // the writer keeps the way of the words until the last has gone
    reg [6:0] left_q;
    reg [LOG2_PORTS-1:0] writer_q;
    wire writing = left_q != 7'd0;
    assign pick_ready = skid_ready && reads_ready && !writing;
    wire picked = pick_valid && pick_ready;
    assign m_w_valid = writing && s_w_valid[writer_q];
    assign m_w_data = s_w_data[writer_q*32+:32];
    assign s_w_ready = writing && m_w_ready ? {{PORTS - 1{1'b0}}, 1'b1} << writer_q : {PORTS{1'b0}};
    always @(posedge clk) begin
        if (rst) left_q <= 7'd0;
        else if (picked && pick_write) left_q <= pick_words;
        else if (m_w_valid && m_w_ready) left_q <= left_q - 7'd1;
        if (picked && pick_write) writer_q <= index;
    end

    nave_skid #(
        .WIDTH(WIDTH)
    ) step (
        .clk(clk), .rst(rst),
        .s_valid(pick_valid && reads_ready && !writing), .s_ready(skid_ready), .s_data(pick),
        .m_valid(m_c_valid), .m_ready(m_c_ready), .m_data({m_c_write, m_c_words, m_c_address})
    );

    // whose words come next, and how many
    wire reader_valid;
    wire [LOG2_PORTS-1:0] reader;
    wire [6:0] reader_words;
    reg [6:0] read_q;
    wire last = read_q + 7'd1 == reader_words;
    nave_fifo #(
        .WIDTH(LOG2_PORTS + 7), .LOG2_DEPTH(3)
    ) readers (
        .clk(clk), .rst(rst),
        .s_valid(picked && !pick_write), .s_ready(reads_ready), .s_data({index, pick_words}),
        .m_valid(reader_valid), .m_ready(m_r_valid && last), .m_data({reader, reader_words}), .level()
    );
    always @(posedge clk) begin
        if (rst) read_q <= 7'd0;
        else if (m_r_valid) read_q <= last ? 7'd0 : read_q + 7'd1;
    end
    assign s_r_valid = m_r_valid && reader_valid ? {{PORTS - 1{1'b0}}, 1'b1} << reader : {PORTS{1'b0}};
    assign s_r_data = m_r_data;
endmodule
`default_nettype wire
