// The data plane behind the core's bus: convolver, sequencer of block operations, mixer, RAM streams, and the link's side
// of the contexts. What a register does is said in README.md; rtl/conv and rtl/mem say how it is done.
// A register access takes 3 clocks and longer while it stalls: what is asked for is latched, judged, then done.
// RAM ports: 0 X reader, 1 H reader, 2 writer, 3 the core's. Overflow: none.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_engine #(
    parameter ADDRESS_BITS = 21,  // of RAM words
    parameter [31:0] RAM_BYTES = 32'd7995392,
    parameter MAX_LOG2N = 13,
    parameter LANES = 1,
    parameter LOG2_PLAN_WORDS = 12
) (
    input wire clk,
    input wire rst,
    // the core's bus
    input wire b_valid,
    input wire b_write,
    input wire [31:0] b_address,
    input wire [3:0] b_strobe,
    input wire [31:0] b_wdata,
    output wire b_ready,
    output wire [31:0] b_rdata,
    // the link's card side
    input wire x_valid,
    output wire x_ready,
    input wire [7:0] x_type,
    input wire [2:0] x_context,
    input wire [63:0] x_position,
    input wire [16:0] x_length,
    input wire [31:0] x_word0,
    input wire [31:0] x_word1,
    output wire d_valid,
    output wire [3:0] d_status,
    output wire [31:0] d_value,
    output wire d_answered,
    output wire xq_valid,
    input wire xq_ready,
    output wire [14:0] xq_offset,
    output wire [14:0] xq_words,
    input wire xm_valid,
    output wire xm_ready,
    input wire [31:0] xm_data,
    output wire xt_valid,
    input wire xt_ready,
    output wire [15:0] xt_context,
    output wire [63:0] xt_position,
    output wire [16:0] xt_length,
    output wire xp_valid,
    input wire xp_ready,
    output wire [31:0] xp_data,
    input wire [2:0] xr_context,
    input wire [2:0] xr_index,
    output wire [31:0] xr_value,
    output wire tick,
    output wire clipped,
    // RAM ports
    output wire [3:0] c_valid,
    input wire [3:0] c_ready,
    output wire [3:0] c_write,
    output wire [4*ADDRESS_BITS-1:0] c_address,
    output wire [27:0] c_words,
    output wire [3:0] w_valid,
    input wire [3:0] w_ready,
    output wire [127:0] w_data,
    input wire [3:0] r_valid,
    input wire [31:0] r_data
);
    localparam [1:0] REST = 2'd0, JUDGE = 2'd1, DO = 2'd2;
    localparam [1:0] TRANSFORM = 2'd1, CMAC = 2'd2, MIX = 2'd3;
    localparam A = ADDRESS_BITS;

    // bus: an access is latched, judged (the register's word is taken when nothing holds it up), then done
    reg [1:0] bus_q;
    reg write_q;
    reg [9:0] at_q;
    reg [31:0] data_q, of_link_q, of_plane_q;
    reg [31:0] fixed_q;
    reg held;  // the register at at_q stalls
    reg [31:0] of_link, of_plane, fixed;  // a register's word is one of them, the others are 0
    wire done = bus_q == DO;
    wire write = done && write_q;
    wire unused = &{1'b0, b_address[31:10], b_address[1:0], b_strobe, at_q[1:0]};
    assign b_ready = done;
    assign b_rdata = of_link_q | of_plane_q | fixed_q;
    always @(posedge clk) begin
        if (bus_q == REST) begin
            at_q <= b_address[9:0];
            data_q <= b_wdata;
            write_q <= b_write;
        end
        of_link_q <= of_link;
        of_plane_q <= of_plane;
        fixed_q <= fixed;
        if (rst) bus_q <= REST;
        else
            case (bus_q)
                REST: if (b_valid) bus_q <= JUDGE;
                JUDGE: if (!held) bus_q <= DO;
                default: bus_q <= REST;
            endcase
    end
    // who is meant, a register before the access is done
    reg [63:0] to_q;
    always @(posedge clk) begin
        to_q <= at_q[9:8] == 2'd0 ? 64'd1 << at_q[7:2] : 64'd0;
    end
    wire [63:0] put = write ? to_q : 64'd0, got = done && !write_q ? to_q : 64'd0;
    // registers by word: byte address / 4
    localparam [5:0] COMMAND = 6'h00, POSITION_LO = 6'h01, POSITION_HI = 6'h02, LENGTH = 6'h03,
        WORD0 = 6'h04, WORD1 = 6'h05, ANSWER = 6'h06, VALUE = 6'h07, EVENT = 6'h08, CLIPPED = 6'h09,
        BUSY = 6'h0b, PAYLOAD_READ = 6'h0c, PAYLOAD_DATA = 6'h0d,
        OUT_POSITION_LO = 6'h10, OUT_POSITION_HI = 6'h11, OUT_START = 6'h12, X_ADDRESS = 6'h14,
        X_READ = 6'h15, H_ADDRESS = 6'h16, H_READ = 6'h17, W_ADDRESS = 6'h18, W_WRITE = 6'h19,
        W_CONSTANT = 6'h1a, MODE = 6'h1c, STATUS = 6'h1d, C_ADDRESS = 6'h20, C_READ = 6'h21,
        C_DATA = 6'h22, C_WRITE = 6'h23, C_PUSH = 6'h24, C_FILTER = 6'h25, STEP0 = 6'h26, STEP1 = 6'h27,
        OP = 6'h28, RESULT = 6'h29, JOB0 = 6'h2a, JOB1 = 6'h2b, TILE0 = 6'h2d, TILE1 = 6'h2e,
        MIX_WET = 6'h30, MIX_DRY = 6'h31, MIX_RUN = 6'h32;

    // the link: commands, events, payloads, headers of AUDIO_OUT
    reg pending_q, answer_q, answered_q, tick_q, clipped_q, xq_valid_q, to_writer_q, xt_valid_q, waits_q, out_idle_q;
    reg [3:0] answer_status_q;
    reg [31:0] value_q, clipped_count_q, busy_q;
    reg [14:0] offset_q, words_q;
    reg for_writer_q;
    reg [63:0] position_q;
    reg [16:0] length_q;
    reg [2:0] context_q;
    reg [14:0] out_left_q;  // words of the payload that the link still wants
    wire mix_limited, writer_p_ready;
    wire xt_taken = xt_valid_q && xt_ready;
    assign x_ready = !pending_q;
    assign d_valid = answer_q;
    assign d_status = answer_status_q;
    assign d_value = value_q;
    assign d_answered = answered_q;
    assign tick = tick_q;
    assign clipped = clipped_q;
    assign xq_valid = xq_valid_q;
    assign xq_offset = offset_q;
    assign xq_words = words_q;
    assign xm_ready = to_writer_q ? writer_p_ready : got[PAYLOAD_DATA];
    assign xt_valid = xt_valid_q;
    assign xt_context = {13'd0, context_q};
    assign xt_position = position_q;
    assign xt_length = length_q;
    always @(posedge clk) begin
        if (put[VALUE]) value_q <= data_q;
        if (put[PAYLOAD_READ]) begin
            offset_q <= data_q[14:0];
            words_q <= data_q[30:16];
            for_writer_q <= data_q[31];
        end
        if (put[OUT_POSITION_LO]) position_q[31:0] <= data_q;
        if (put[OUT_POSITION_HI]) position_q[63:32] <= data_q;
        if (put[OUT_START]) begin
            length_q <= data_q[16:0];
            context_q <= data_q[22:20];
        end
        answer_status_q <= data_q[3:0];
        answered_q <= data_q[4];
        if (xq_valid_q && xq_ready) to_writer_q <= for_writer_q;
    end
    always @(posedge clk) begin
        answer_q <= put[ANSWER];
        tick_q <= put[EVENT] && data_q[0];
        clipped_q <= mix_limited;
        waits_q <= (xp_valid && !xp_ready) || (xt_valid_q && !xt_ready);
        out_idle_q <= !xt_valid_q && out_left_q == 15'd0;
        if (rst) begin
            pending_q <= 1'b0;
            answer_q <= 1'b0;
            tick_q <= 1'b0;
            clipped_q <= 1'b0;
            xq_valid_q <= 1'b0;
            xt_valid_q <= 1'b0;
            out_left_q <= 15'd0;
            clipped_count_q <= 32'd0;
            busy_q <= 32'd0;
        end else begin
            if (x_valid) pending_q <= 1'b1;
            if (put[ANSWER]) pending_q <= 1'b0;
            xq_valid_q <= put[PAYLOAD_READ] || (xq_valid_q && !xq_ready);
            xt_valid_q <= put[OUT_START] || (xt_valid_q && !xt_ready);
            if (xt_taken) out_left_q <= length_q[16:2];
            else if (xp_valid && xp_ready) out_left_q <= out_left_q - 15'd1;
            clipped_count_q <= clipped_count_q + {31'd0, clipped_q};
            busy_q <= busy_q + {31'd0, !waits_q};
        end
    end

    // registers of the contexts, for the host
    (* no_rw_check *)
    reg [31:0] of_context[0:63];
    reg [31:0] xr_q;
    wire context_write = write && at_q[9:8] == 2'd1;
    assign xr_value = xr_q;
    always @(posedge clk) begin
        if (context_write) of_context[at_q[7:2]] <= data_q;
        // a word that is being written is read a clock later
        if (!context_write || at_q[7:2] != {xr_context, xr_index}) xr_q <= of_context[{xr_context, xr_index}];
    end

    // what the readers' words are for
    reg transform_q, cmac_q, mix_q, open_q;
    wire job_taken;
    always @(posedge clk) begin
        if (put[MODE]) begin
            transform_q <= data_q[1:0] == TRANSFORM;
            cmac_q <= data_q[1:0] == CMAC;
            mix_q <= data_q[1:0] == MIX;
        end
        // the CMAC learns its tiles' size with the first job of a mode: no word before
        if (put[MODE]) open_q <= 1'b0;
        else if (job_taken) open_q <= 1'b1;
        if (rst) begin
            transform_q <= 1'b0;
            cmac_q <= 1'b0;
            mix_q <= 1'b0;
            open_q <= 1'b0;
        end
    end

    // RAM streams
    reg [A-1:0] x_address_q, h_address_q, w_address_q, c_address_q;
    reg [31:0] w_constant_q;
    always @(posedge clk) begin
        if (put[X_ADDRESS]) x_address_q <= data_q[A+1:2];
        if (put[H_ADDRESS]) h_address_q <= data_q[A+1:2];
        if (put[W_ADDRESS]) w_address_q <= data_q[A+1:2];
        if (put[C_ADDRESS]) c_address_q <= data_q[A+1:2];
        if (put[W_CONSTANT]) w_constant_q <= data_q;
    end
    wire x_queue, h_queue, w_queue, x_idle, h_idle, w_idle, w_taken;
    wire x_word_valid, x_word_ready, h_word_valid, h_word_ready;
    wire [63:0] x_word, h_word;
    wire [4:0] x_word_shift;
    wire load_ready, wet_ready, h_ready, mix_in_ready, dry_ready;
    reg to_load_q, to_cmac_q;
    always @(posedge clk) begin
        to_load_q <= transform_q || (cmac_q && open_q);
        to_cmac_q <= cmac_q && open_q;
    end
    assign x_word_ready = (to_load_q && load_ready) || (mix_q && wet_ready);
    assign h_word_ready = (to_cmac_q && h_ready) || (transform_q && mix_in_ready) || (mix_q && dry_ready);
    nave_ram_reader #(
        .ADDRESS_BITS(A), .TAG_BITS(5)
    ) x_reader (
        .clk(clk), .rst(rst), .s_valid(put[X_READ]), .s_ready(x_queue), .s_address(x_address_q),
        .s_count(data_q[15:0]), .s_tag(data_q[20:16]), .s_skip(data_q[21]),
        .m_valid(x_word_valid), .m_ready(x_word_ready), .m_data(x_word), .m_tag(x_word_shift),
        .idle(x_idle), .c_valid(c_valid[0]), .c_ready(c_ready[0]), .c_address(c_address[A-1:0]),
        .c_words(c_words[6:0]), .r_valid(r_valid[0]), .r_data(r_data)
    );
    nave_ram_reader #(
        .ADDRESS_BITS(A), .TAG_BITS(1)
    ) h_reader (
        .clk(clk), .rst(rst), .s_valid(put[H_READ]), .s_ready(h_queue), .s_address(h_address_q),
        .s_count(data_q[15:0]), .s_tag(1'b0), .s_skip(1'b0),
        .m_valid(h_word_valid), .m_ready(h_word_ready), .m_data(h_word), .m_tag(),
        .idle(h_idle), .c_valid(c_valid[1]), .c_ready(c_ready[1]), .c_address(c_address[2*A-1:A]),
        .c_words(c_words[13:7]), .r_valid(r_valid[1]), .r_data(r_data)
    );
    wire [2:0] made_valid, made_ready;  // words of unload, overlap, CMAC
    wire [191:0] made;
    nave_ram_writer #(
        .ADDRESS_BITS(A)
    ) writer (
        .clk(clk), .rst(rst), .s_valid(put[W_WRITE]), .s_ready(w_queue), .s_address(w_address_q),
        .s_words(data_q[19:0]), .s_source(data_q[26:24]), .constant(w_constant_q), .taken(w_taken),
        .p_valid(xm_valid && to_writer_q), .p_ready(writer_p_ready), .p_data(xm_data),
        .d_valid(made_valid), .d_ready(made_ready), .d_data(made), .idle(w_idle),
        .c_valid(c_valid[2]), .c_ready(c_ready[2]), .c_address(c_address[3*A-1:2*A]), .c_words(c_words[20:14]),
        .w_valid(w_valid[2]), .w_ready(w_ready[2]), .w_data(w_data[95:64])
    );
    wire c_job, c_data_valid, c_push_ready, step_valid;
    wire [31:0] c_data, step0, step1;
    reg [31:0] step1_q;
    nave_cpu_port #(
        .ADDRESS_BITS(A)
    ) cpu_port (
        .clk(clk), .rst(rst), .j_valid(put[C_READ] || put[C_WRITE] || put[C_FILTER]), .j_ready(c_job),
        .j_write(put[C_WRITE]), .j_filter(put[C_FILTER]), .j_address(c_address_q), .j_words(data_q[14:0]),
        .s_valid(put[C_PUSH]), .s_ready(c_push_ready), .s_data(data_q),
        .m_valid(c_data_valid), .m_ready(got[C_DATA]), .m_data(c_data),
        .phase_write(put[63:56] != 8'd0), .phase_tier(at_q[4:2]), .phase({data_q[31], data_q[15:0]}),
        .e_valid(step_valid), .e_ready(got[STEP0]), .e_word0(step0), .e_word1(step1),
        .c_valid(c_valid[3]), .c_ready(c_ready[3]), .c_write(c_write[3]), .c_address(c_address[4*A-1:3*A]),
        .c_words(c_words[27:21]), .w_valid(w_valid[3]), .w_ready(w_ready[3]), .w_data(w_data[127:96]),
        .r_valid(r_valid[3]), .r_data(r_data)
    );
    always @(posedge clk) if (got[STEP0] && step_valid) step1_q <= step1;
    assign c_write[2:0] = 3'b100;
    assign w_valid[1:0] = 2'd0;
    assign w_data[63:0] = 64'd0;
    wire unused_port = &{1'b0, w_ready[1:0], r_valid[2]};

    // block operations
    wire op_ready, result_valid, result_zero, load_start, load_done, fft_valid, fft_ready, last30, fft_done, fft_taken;
    wire unload_start, unload_overlap;
    wire signed [15:0] result_exponent;
    wire [31:0] load_magnitude, magnitude, fft_magnitude;
    wire [1:0] op;
    wire [3:0] log2n;
    wire signed [7:0] fft_exponent;
    wire [MAX_LOG2N-1:0] unload_from;
    wire [MAX_LOG2N:0] unload_count;
    wire signed [9:0] overlap_shift;
    reg given_q;
    always @(posedge clk)
        given_q <= !rst && (unload_overlap ? made_valid[1] && made_ready[1] : made_valid[0] && made_ready[0]);
    nave_sequencer #(
        .MAX_LOG2N(MAX_LOG2N)
    ) sequencer (
        .clk(clk), .rst(rst), .s_valid(put[OP]), .s_ready(op_ready), .s_inverse(data_q[0]), .s_log2n(data_q[7:4]),
        .s_base(data_q[27:16]), .m_valid(result_valid), .m_ready(got[RESULT]), .m_exponent(result_exponent),
        .m_zero(result_zero), .load_start(load_start), .load_done(load_done), .load_magnitude(load_magnitude),
        .op_valid(fft_valid), .op_ready(fft_ready), .op(op), .log2n(log2n), .last30(last30), .magnitude(magnitude),
        .done_valid(fft_done), .done_ready(fft_taken), .done_exponent(fft_exponent), .done_magnitude(fft_magnitude),
        .unload_start(unload_start), .unload_from(unload_from), .unload_count(unload_count),
        .unload_overlap(unload_overlap), .overlap_shift(overlap_shift),
        .given(given_q)
    );

    // the CMAC: a job waits while another runs, and until the results of its blocks have room
    reg job_valid_q, running_q, tile_room_q;
    reg [7:0] bins_q;
    reg first_q;
    reg [3:0] batch_q;
    reg [11:0] partitions_q, paths_q;
    reg [4:0] tiles_q;
    wire cmac_ready, tile_done, tile_all, tile_valid, tile_pop;
    wire [3:0] tile_block;
    wire [5:0] tile_shift, shift_of_tile;
    wire [31:0] tile_magnitude, magnitude_of_tile;
    wire job_valid = job_valid_q && cmac_q && tile_room_q && !tile_done;
    wire [4:0] tiles_d = tiles_q + {4'd0, tile_done} - {4'd0, tile_pop};
    assign job_taken = job_valid && cmac_ready;
    assign tile_valid = tiles_q != 5'd0;
    assign tile_pop = got[TILE1] && tile_valid;
    nave_queue #(
        .WIDTH(38), .LOG2_DEPTH(4)
    ) tiles (
        .clk(clk), .rst(rst), .push(tile_done), .in({tile_shift, tile_magnitude}), .pop(tile_pop),
        .out({shift_of_tile, magnitude_of_tile})
    );
    always @(posedge clk) begin
        if (put[JOB0]) begin
            bins_q <= data_q[7:0];
            first_q <= data_q[8];
            batch_q <= data_q[15:12];
        end
        if (put[JOB1]) begin
            partitions_q <= data_q[11:0];
            paths_q <= data_q[27:16];
        end
        job_valid_q <= put[JOB1] || (job_valid_q && !job_taken);
        running_q <= job_taken || (running_q && !(tile_done && tile_all));
        tiles_q <= tiles_d;
        tile_room_q <= tiles_d <= 5'd8;
        if (rst) begin
            job_valid_q <= 1'b0;
            running_q <= 1'b0;
            tiles_q <= 5'd0;
        end
    end
    wire unused_tile = &{1'b0, tile_block};

    nave_convolver #(
        .MAX_LOG2N(MAX_LOG2N), .LANES(LANES)
    ) convolver (
        .clk(clk), .rst(rst), .s_op_valid(fft_valid), .s_op_ready(fft_ready), .s_op(op), .s_log2n(log2n),
        .s_last30(last30), .s_magnitude(magnitude), .m_op_valid(fft_done), .m_op_ready(fft_taken),
        .m_exponent(fft_exponent), .m_magnitude(fft_magnitude),
        .load_start(load_start), .load_reversed(1'b1), .load_done(load_done), .load_magnitude(load_magnitude),
        .s_load_valid(x_word_valid && to_load_q), .s_load_ready(load_ready), .s_load_data(x_word),
        .s_load_shift(x_word_shift), .s_load_skip(1'b0),
        .unload_start(unload_start), .unload_from(unload_from), .unload_count(unload_count),
        .unload_overlap(unload_overlap), .m_unload_valid(made_valid[0]), .m_unload_ready(made_ready[0]),
        .m_unload_data(made[63:0]), .overlap_shift(overlap_shift), .s_mix_valid(h_word_valid && transform_q),
        .s_mix_ready(mix_in_ready), .s_mix_data(h_word), .m_mix_valid(made_valid[1]), .m_mix_ready(made_ready[1]),
        .m_mix_data(made[127:64]),
        .cmac(cmac_q), .s_job_valid(job_valid), .s_job_ready(cmac_ready), .s_job_bins(bins_q), .s_job_first(first_q),
        .s_job_batch(batch_q), .s_job_partitions(partitions_q), .s_job_paths(paths_q),
        .s_h_valid(h_word_valid && to_cmac_q), .s_h_ready(h_ready), .s_h_data(h_word),
        .m_tile_valid(made_valid[2]), .m_tile_ready(made_ready[2]), .m_tile_data(made[191:128]),
        .tile_done(tile_done), .tile_block(tile_block), .tile_shift(tile_shift), .tile_magnitude(tile_magnitude),
        .tile_all(tile_all)
    );

    // the mixer: a run waits while another goes on
    reg [31:0] wet_q28_q, dry_q28_q;
    reg [18:0] run_q;
    reg run_valid_q;
    wire run_ready, mix_idle;
    always @(posedge clk) begin
        if (put[MIX_WET]) wet_q28_q <= data_q;
        if (put[MIX_DRY]) dry_q28_q <= data_q;
        if (put[MIX_RUN]) run_q <= data_q[18:0];
        run_valid_q <= !rst && (put[MIX_RUN] || (run_valid_q && !run_ready));
    end
    nave_mix mixer (
        .clk(clk), .rst(rst), .s_valid(run_valid_q), .s_ready(run_ready), .s_frames(run_q[15:0]),
        .s_q44(run_q[16]), .s_dry(run_q[17]), .s_first(run_q[18]), .s_wet_q28(wet_q28_q), .s_dry_q28(dry_q28_q),
        .wet_valid(x_word_valid && mix_q), .wet_ready(wet_ready), .wet_data(x_word),
        .dry_valid(h_word_valid && mix_q), .dry_ready(dry_ready), .dry_data(h_word),
        .m_valid(xp_valid), .m_ready(xp_ready), .m_data(xp_data), .limited(mix_limited), .idle(mix_idle)
    );

    wire op_idle = op_ready && !job_valid_q && !running_q;
    wire [6:0] status = {out_idle_q, mix_idle && !run_valid_q, op_idle, c_job, w_idle, h_idle, x_idle};
    always @* begin
        held = 1'b0;
        if (at_q[9:8] == 2'd0)
            case (at_q[7:2])
                PAYLOAD_READ: held = xq_valid_q;
                PAYLOAD_DATA: held = !xm_valid || to_writer_q || xq_valid_q;
                OUT_POSITION_LO, OUT_POSITION_HI, OUT_START: held = xt_valid_q;
                X_READ: held = !x_queue;
                H_READ: held = !h_queue;
                W_WRITE: held = !w_queue;
                W_CONSTANT: held = !w_taken;
                C_READ, C_WRITE, C_FILTER: held = !c_job;
                C_DATA: held = !c_data_valid;
                C_PUSH: held = !c_push_ready;
                STEP0: held = !step_valid && !c_job;
                OP: held = !op_ready;
                RESULT: held = !result_valid;
                JOB0, JOB1: held = job_valid_q;
                TILE0: held = !tile_valid;
                MIX_WET, MIX_DRY, MIX_RUN: held = run_valid_q;
                default: ;
            endcase
    end
    always @* begin
        of_link = 32'd0;
        if (at_q[9:6] == 4'd0)
            case (at_q[5:2])
                COMMAND[3:0]: of_link = {13'd0, x_context, x_type, 7'd0, pending_q};
                POSITION_LO[3:0]: of_link = x_position[31:0];
                POSITION_HI[3:0]: of_link = x_position[63:32];
                LENGTH[3:0]: of_link = {15'd0, x_length};
                WORD0[3:0]: of_link = x_word0;
                WORD1[3:0]: of_link = x_word1;
                CLIPPED[3:0]: of_link = clipped_count_q;
                BUSY[3:0]: of_link = busy_q;
                PAYLOAD_DATA[3:0]: of_link = xm_data;
                default: ;
            endcase
        of_plane = 32'd0;
        if (at_q[9:6] == 4'd2)
            case (at_q[5:2])
                C_DATA[3:0]: of_plane = c_data;
                STEP0[3:0]: of_plane = step_valid ? step0 : 32'hffffffff;
                STEP1[3:0]: of_plane = step1_q;
                RESULT[3:0]: of_plane = {result_zero, 15'd0, result_exponent};
                TILE0[3:0]: of_plane = magnitude_of_tile;
                TILE1[3:0]: of_plane = {26'd0, shift_of_tile};
                default: ;
            endcase
        fixed = 32'd0;
        case (at_q[9:2])
            {2'd0, STATUS}: fixed = {25'd0, status};
            8'hc0: fixed = RAM_BYTES;
            8'hc1: fixed = MAX_LOG2N;
            8'hc2: fixed = LANES;
            8'hc3: fixed = LOG2_PLAN_WORDS;
            8'hc4: fixed = 32'd1 << (MAX_LOG2N - 10);
            default: ;
        endcase
    end
endmodule
`default_nettype wire
