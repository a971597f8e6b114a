// Work memory of a transform: 2^MAX_LOG2N complex words in four banks, each in LANES parts by the lowest bit of the row.
// The transform reads and writes a row of each bank a cycle, one of two words to each; the CMAC, while `direct`,
// addresses each part by itself and writes p to bank 0, its own words to the others.
// Latency 3 from row to word: input register, RAM, its output register.
// EBR: 32 for 8192 words.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_buffer #(
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter ROW = MAX_LOG2N - 2,
    parameter PART = MAX_LOG2N - 2 - (LANES - 1) // address bits of a part
) (
    input  wire                    clk,
    input  wire [4*ROW-1:0]        read_rows,
    output wire [4*64-1:0]         read_words,
    input  wire [3:0]              write,
    input  wire [4*ROW-1:0]        write_rows,
    input  wire [63:0]             write_p_word,
    input  wire [63:0]             write_q_word,
    input  wire [3:0]              write_p_to, // the banks that take p, not q
    input  wire                    direct,
    input  wire [4*LANES*PART-1:0] direct_read, // part LANES * bank + lane
    output wire [4*LANES*64-1:0]   direct_words,
    input  wire [4*LANES-1:0]      direct_write,
    input  wire [4*LANES*PART-1:0] direct_write_address,
    input  wire [3*LANES*64-1:0]   direct_write_words // of banks 1 to 3: 0 while write_q_word is not
);
    generate
        if (MAX_LOG2N < 8 || MAX_LOG2N > 13)
            nave_buffer_MAX_LOG2N_must_be_8_to_13 illegal();
        if (LANES != 1 && LANES != 2)
            nave_buffer_LANES_must_be_1_or_2 illegal_lanes();
    endgenerate
    wire [4*LANES*64-1:0] extra = {direct_write_words, {LANES{64'd0}}};
    genvar b, l;
    generate
        for (b = 0; b < 4; b = b + 1) begin : bank
            wire [ROW-1:0] read_row = read_rows[ROW*b +: ROW], write_row = write_rows[ROW*b +: ROW];
            for (l = 0; l < LANES; l = l + 1) begin : part
                localparam N = LANES * b + l;
                reg [PART-1:0] read_q, write_address_q;
                reg write_q;
                reg [63:0] word_q;
                wire mine = LANES == 1 || write_row[0] == (l == 1);
                always @(posedge clk) begin
                    read_q <= direct ? direct_read[PART*N +: PART] : read_row[ROW-1:LANES-1];
                    write_q <= direct ? direct_write[N] : write[b] && mine;
                    write_address_q <= direct ? direct_write_address[PART*N +: PART] : write_row[ROW-1:LANES-1];
                    word_q <= (write_p_to[b] ? write_p_word : write_q_word) | extra[64*N +: 64];
                end
                nave_ram #(.ADDRESS_WIDTH(PART), .WIDTH(64)) ram (
                    .clk(clk), .write(write_q), .write_address(write_address_q), .write_data(word_q),
                    .read_address(read_q), .read_data(direct_words[64*N +: 64]));
            end
            if (LANES == 2) begin : choose
                reg [2:0] upper_q;
                always @(posedge clk)
                    upper_q <= {upper_q[1:0], read_row[0]};
                assign read_words[64*b +: 64] = upper_q[2] ? direct_words[128*b+64 +: 64] : direct_words[128*b +: 64];
            end else begin : whole
                assign read_words[64*b +: 64] = direct_words[64*b +: 64];
            end
        end
    endgenerate
endmodule

`default_nettype wire
