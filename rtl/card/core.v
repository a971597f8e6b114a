// The card's core: RV32I with mul and mulhu, one instruction after the other. Without div, rem, mulh, mulhsu, CSRs,
// interrupts, fences, misaligned accesses: the build of the firmware refuses what is missing, the core does not look for it.
// Clocks: 3 for most instructions, 1 more if the first operand is what the one before gave, 3 more for a jump or a branch
// taken, 1 more for every 4 bits and each single bit of a shift (1 at least), 31 more for mul, 32 for mulhu; store 4, load 5,
// and what the bus takes beyond its first clock. One read port on the registers: a (read rs1), b (read rs2), x (steps of
// shifts and products), y (execute), m (bus), l (align what was loaded); a jump waits f, g and h for the code memory. What y
// or l give is written in the clock behind, in which the next instruction's a already runs.
// Products step through one adder: low word from the top bit down, acc = 2 (acc + bit b); high word from the low bit up,
// acc = (acc + bit b) / 2. Nothing else grows; the low 32 bits of every sum are kept, as the ISA says.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_core (
    input  wire        clk,
    input  wire        rst,
    // code memory: i_data is the word that i_address asked for one clock before
    output wire [11:0] i_address,
    input  wire [31:0] i_data,
    // where the access that begins in the next clock lies, if one does: a memory can read a clock earlier
    output wire [31:0] next_address,
    output wire        b_valid,
    output wire        b_write,
    output wire [31:0] b_address,
    output wire [3:0]  b_strobe,
    output wire [31:0] b_wdata,
    input  wire        b_ready,
    input  wire [31:0] b_rdata
);
    reg a_q, b_q, x_q, y_q, m_q, l_q, f_q, g_q, h_q; // one of these states, or a and f
    reg [11:0] pc_q; // of the instruction in a, of the one after it from b on
    reg [11:0] target_q;
    reg [31:2] fetched_q, instruction_q;
    reg [31:0] first_q, second_q, result_q, loaded_q;
    reg [31:0] kept_q;                     // what is stored; the multiplier
    reg [4:0] count_q;
    reg [4:0] index_q; // of the multiplier's bit that the next clock adds
    reg gate_q;                            // the adder's second operand counts
    reg write_q;
    reg [4:0] rd_q;

    // what an instruction is; the registered ones are good from b on
    wire [31:2] i = instruction_q;
    wire unused = &{1'b0, i_data[1:0]}; // 11 in every instruction
    wire [2:0] funct = i[14:12];
    wire is_alu = i[4] && !i[2];
    wire is_op = is_alu && i[5];
    wire is_upper = i[4] && i[2];
    wire is_branch = i[6] && !i[2];
    wire is_jump = i[6] && i[2];
    wire is_mul = is_op && i[25];
    wire is_shift = is_alu && !is_mul && funct[1:0] == 2'b01;
    wire is_compare = is_alu && !is_mul && funct[2:1] == 2'b01;
    wire has_rs2 = i[5] && !i[2] && (i[6] || i[4]);
    reg op_mul_q, op_mulhu_q, op_shift_q, op_compare_q, op_logic_q, op_subtract_q, op_unsigned_q, op_left_q, op_memory_q,
        op_store_q, op_branch_q, op_jump_q, op_writes_q;
    always @(posedge clk) begin
        op_mul_q <= is_mul;
        op_mulhu_q <= is_mul && funct[0];
        op_shift_q <= is_shift;
        op_compare_q <= is_compare;
        op_logic_q <= is_alu && funct[2] && funct[1:0] != 2'b01;
        op_subtract_q <= is_branch || is_compare || (is_op && i[30] && !funct[2]);
        op_unsigned_q <= is_branch ? funct[1] : funct[0];
        op_left_q <= is_mul ? !funct[0] : !funct[2];
        op_memory_q <= !i[6] && !i[4];
        op_store_q <= i[5];
        op_branch_q <= is_branch;
        op_jump_q <= is_jump;
        op_writes_q <= i[11:7] != 5'd0 && !is_branch && (i[4] || i[6] || !i[5]);
        rd_q <= i[11:7];
    end

    // registers: x0 is never written, not even by what is in write_q when the power comes
    reg [31:0] file [0:31];
    wire [4:0] read_address = a_q ? i[19:15] : i[24:20];
    wire [31:0] read = file[read_address];
    initial begin
        file[0] = 32'd0;
        write_q = 1'b0;
    end
    always @(posedge clk)
        if (write_q)
            file[rd_q] <= result_q;
    wire conflict = write_q && rd_q == i[19:15];

    // execution
    wire [31:0] sum;
    wire carry;
    nave_addsub #(.WIDTH(32)) adder (.a(first_q), .b(second_q), .gate(gate_q), .invert(op_subtract_q),
        .carry_in(op_subtract_q), .sum(sum), .carry_out(carry));
    wire [31:0] logical = i[13] ? (i[12] ? first_q & second_q : first_q | second_q) : first_q ^ second_q;
    wire equal = first_q == second_q;
    // the carry comes last: both ways are known by then
    wire differs = !op_unsigned_q && (first_q[31] ^ second_q[31]);
    wire goes_if_carry = y_q && (op_jump_q || (op_branch_q && (i[12] ^ (i[14] ? differs : equal))));
    wire goes_if_not = y_q && (op_jump_q || (op_branch_q && (i[12] ^ (i[14] ? !differs : equal))));
    wire goes = carry ? goes_if_carry : goes_if_not;
    wire less = carry ? differs : !differs;
    wire at_zero = count_q == 5'd0;
    wire steps = op_mul_q || op_shift_q;
    wire last = op_mulhu_q ? at_zero : count_q == 5'd1 || (op_shift_q && (at_zero || count_q == 5'd4)); // step
    wire by_4 = op_shift_q && count_q[4:2] != 3'd0;
    wire [4:0] count_less = count_q - 5'd1;
    wire whole = i[13] || i[4]; // not a narrow store
    wire fill = carry || (i[30] && first_q[31]);
    wire [31:0] immediate = {i[31], is_upper ? i[30:12] : {19{i[31]}}, is_upper ? 1'b0 : i[31], is_upper ? 6'd0 : i[30:25],
        is_upper ? 5'd0 : i[5] && !i[2] ? i[11:7] : i[24:20]};
    wire [11:0] offset = {i[3] ? i[13] : i[31], i[3] ? i[12] : i[31], i[3] ? i[20] : i[7], i[30:25], i[3] ? i[24:22] : i[11:9]};
    always @(posedge clk) begin
        if (rst)
            target_q <= 12'd0; // reset is a jump to 0
        else if (a_q)
            target_q <= pc_q + offset;
        else if (y_q && op_jump_q && !i[3])
            target_q <= sum[13:2];
        if (a_q) begin
            if (is_mul || (is_upper && i[5]))
                first_q <= 32'd0;
            else
                first_q <= is_upper ? {18'd0, pc_q, 2'd0} : read;
        end else if (x_q && !(op_shift_q && at_zero))
            first_q <= op_left_q ? (by_4 ? {sum[27:0], 4'd0} : {sum[30:0], 1'b0}) :
                by_4 ? {{4{fill}}, sum[31:4]} : {fill, sum[31:1]};
        if (b_q)
            second_q <= has_rs2 ? read : immediate;
        index_q <= a_q ? {5{!i[12]}} : index_q + {{4{!i[12]}}, 1'b1};
        gate_q <= op_mul_q ? kept_q[index_q] && (b_q || !at_zero) : !op_shift_q;
        if (a_q || (b_q && !is_mul))
            kept_q <= {whole || !funct[0] ? (whole ? read[31:24] : read[7:0]) : read[15:8], whole ? read[23:16] : read[7:0],
                whole || funct[0] ? read[15:8] : read[7:0], read[7:0]};
        loaded_q <= b_rdata;
    end

    // what was loaded, at its place
    wire [15:0] half = result_q[1] ? loaded_q[31:16] : loaded_q[15:0];
    wire [7:0] low = result_q[0] ? half[15:8] : half[7:0];
    wire sign = !i[14] && (i[12] ? half[15] : low[7]);
    wire [31:0] aligned = {i[13] ? loaded_q[31:16] : {16{sign}}, i[13] || i[12] ? half[15:8] : {8{sign}}, low};
    always @(posedge clk)
        if (l_q)
            result_q <= aligned;
        else if (y_q) begin
            if (op_compare_q)
                result_q <= {31'd0, less};
            else
                result_q <= op_jump_q ? {18'd0, pc_q, 2'd0} : op_logic_q ? logical : sum;
        end

    // what comes next
    wire begins = a_q && !conflict && !f_q; // f beside a: the branch before is taken, this instruction is none
    wire [11:0] following = pc_q + 12'd1;
    always @(posedge clk)
        if (rst) begin
            {a_q, b_q, x_q, y_q, m_q, l_q, g_q, h_q} <= 8'd0;
            f_q <= 1'b1;
            count_q <= 5'd0;
            write_q <= 1'b0;
        end else begin
            a_q <= (a_q && conflict && !f_q) || (y_q && !op_memory_q) || (m_q && b_ready && op_store_q) || l_q || h_q;
            b_q <= begins;
            x_q <= (b_q && steps) || (x_q && !last);
            y_q <= (b_q && !steps) || (x_q && last);
            m_q <= (y_q && op_memory_q) || (m_q && !b_ready);
            l_q <= m_q && b_ready && !op_store_q;
            f_q <= goes;
            g_q <= f_q;
            h_q <= g_q;
            write_q <= op_writes_q && ((y_q && !op_memory_q) || l_q);
            if (b_q)
                count_q <= op_shift_q ? (i[5] ? read[4:0] : i[24:20]) : {5{op_mul_q}};
            else if (x_q && !at_zero)
                count_q <= by_4 ? {count_q[4:2] - 3'd1, count_q[1:0]} : count_less;
        end
    // a branch taken leaves the wrong instruction here until h, but nobody looks at it
    always @(posedge clk) begin
        if (begins)
            pc_q <= following;
        else if (f_q)
            pc_q <= target_q;
        fetched_q <= i_data[31:2];
        if ((y_q && !op_memory_q) || (m_q && b_ready && op_store_q) || l_q || h_q)
            instruction_q <= fetched_q;
    end

    assign i_address = f_q ? target_q : a_q ? following : pc_q;
    assign next_address = sum;
    assign b_valid = m_q;
    assign b_write = op_store_q;
    assign b_address = result_q;
    assign b_strobe = i[13] ? 4'b1111 : i[12] ? {{2{result_q[1]}}, {2{!result_q[1]}}} :
        {result_q[1:0] == 2'd3, result_q[1:0] == 2'd2, result_q[1:0] == 2'd1, result_q[1:0] == 2'd0};
    assign b_wdata = kept_q;
endmodule

`default_nettype wire
