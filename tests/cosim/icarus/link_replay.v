// The link under Icarus: replays the pins of a round that ran under Verilator and compares what comes out, so that nothing
// rests on how one simulator begins or orders things. +vectors=FILE
// SPDX-License-Identifier: ISC
`default_nettype none
module link_replay;
    reg clk = 1'b0, rst = 1'b1;
    reg s_valid = 0, m_ready = 0, x_ready = 0, d_valid = 0, d_answered = 0, xq_valid = 0, xm_ready = 0, xt_valid = 0;
    reg xp_valid = 0, tick = 0, clipped = 0;
    reg [31:0] s_data = 0, d_value = 0, xp_data = 0, xr_value = 0, r_data = 0;
    reg [3:0] d_status = 0;
    reg [14:0] xq_offset = 0, xq_words = 0;
    reg [15:0] xt_context = 0;
    reg [63:0] xt_position = 0;
    reg [16:0] xt_length = 0;
    reg [1:0] c_ready = 0, w_ready = 0, r_valid = 0;
    wire s_ready, m_valid, m_last, x_valid, xt_ready, xm_valid;
    wire [31:0] m_data, xm_data;
    wire [7:0] x_type;
    wire [1:0] c_valid, w_valid;
    reg e_s_ready, e_m_valid, e_m_last, e_x_valid, e_xt_ready, e_xm_valid;
    reg [31:0] e_m_data, e_xm_data;
    reg [7:0] e_x_type;
    reg [1:0] e_c_valid, e_w_valid;

    nave_link #(.ADDRESS_BITS(17), .LOG2_CHIP_WORDS(10), .RAM_BYTES(32'h40000)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_last(m_last),
        .x_valid(x_valid), .x_ready(x_ready), .x_type(x_type), .x_context(), .x_position(), .x_length(), .x_word0(),
        .x_word1(), .d_valid(d_valid), .d_status(d_status), .d_value(d_value), .d_answered(d_answered),
        .xq_valid(xq_valid), .xq_ready(), .xq_offset(xq_offset), .xq_words(xq_words),
        .xm_valid(xm_valid), .xm_ready(xm_ready), .xm_data(xm_data),
        .xt_valid(xt_valid), .xt_ready(xt_ready), .xt_context(xt_context), .xt_position(xt_position),
        .xt_length(xt_length), .xp_valid(xp_valid), .xp_ready(), .xp_data(xp_data),
        .xr_context(), .xr_index(), .xr_value(xr_value), .tick(tick), .clipped(clipped),
        .c_valid(c_valid), .c_ready(c_ready), .c_write(), .c_address(), .c_words(),
        .w_valid(w_valid), .w_ready(w_ready), .w_data(), .r_valid(r_valid), .r_data(r_data)
    );

    integer file, n, clocks, errors;
    reg [8*256-1:0] name;
    initial begin
        if (!$value$plusargs("vectors=%s", name)) $finish;
        file = $fopen(name, "r");
        for (n = 0; n < 4; n = n + 1) begin
            #1 clk = 1;
            #1 clk = 0;
        end
        rst = 0;
        clocks = 0;
        errors = 0;
        n = 36;
        while (n == 36 && errors < 5) begin
            n = $fscanf(file, "%h %h %h %h %h %h %h %h %h %h %h ", s_valid, s_data, m_ready, x_ready, d_valid, d_status,
                d_value, d_answered, xq_valid, xq_offset, xq_words);
            n = n + $fscanf(file, "%h %h %h %h %h %h %h %h %h %h ", xm_ready, xt_valid, xt_context, xt_position,
                xt_length, xp_valid, xp_data, xr_value, tick, clipped);
            n = n + $fscanf(file, "%h %h %h %h ", c_ready, w_ready, r_valid, r_data);
            n = n + $fscanf(file, "%h %h %h %h %h %h %h %h %h %h %h\n", e_s_ready, e_m_valid, e_m_data, e_m_last,
                e_x_valid, e_x_type, e_c_valid, e_w_valid, e_xt_ready, e_xm_valid, e_xm_data);
            if (n == 36) begin
                #1;
                if (s_ready !== e_s_ready || m_valid !== e_m_valid || x_valid !== e_x_valid || c_valid !== e_c_valid ||
                    w_valid !== e_w_valid || xt_ready !== e_xt_ready || xm_valid !== e_xm_valid ||
                    (m_valid && (m_data !== e_m_data || m_last !== e_m_last)) || (x_valid && x_type !== e_x_type) ||
                    (xm_valid && xm_data !== e_xm_data)) begin
                    $display("clock %0d: s_ready %b%b m_valid %b%b m_data %h %h x_valid %b%b c_valid %b %b w_valid %b %b",
                        clocks, s_ready, e_s_ready, m_valid, e_m_valid, m_data, e_m_data, x_valid, e_x_valid, c_valid,
                        e_c_valid, w_valid, e_w_valid);
                    errors = errors + 1;
                end
                #1 clk = 1;
                #1 clk = 0;
                clocks = clocks + 1;
            end
        end
        $display("link: %0d clocks as under Verilator", clocks);
        $display("%0d passed, %0d failed", errors == 0 && clocks > 1000, !(errors == 0 && clocks > 1000));
        $finish;
    end
endmodule
`default_nettype wire
