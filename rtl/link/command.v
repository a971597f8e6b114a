// Runs the frames that frame_rx finds, one at a time, and answers them: epoch, sequence and version, registers, RAM; what
// concerns a context goes to the card (twin of nave_card_execute() and command() of sim/model/card.c, with the same order
// of checks). A payload is kept by payload.v until its CRC was right; one that would not be applied anyway is not kept.
//
// To the card: x_* is a command (SYNC too: it ends all contexts) with the first two words of its payload; the rest is read
// from payload.v. The card answers with d_valid: d_status, d_value, and d_answered if output stands for the answer.
// SYNC is answered when the contexts are idle and their last frame has left frame_tx; only then the epoch changes.
// Overflow: none, the next frame waits until the answer of this one has gone to frame_tx.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_command #(
    parameter ADDRESS_BITS = 21,
    parameter [31:0] RAM_BYTES = 32'h007f0000,
    parameter [31:0] CONTEXTS = 32'd8
) (
    input wire clk,
    input wire rst,
    // from frame_rx
    input wire h_valid,
    output wire h_ready,
    input wire [7:0] h_version,
    input wire [7:0] h_type,
    input wire [15:0] h_context,
    input wire [31:0] h_sequence,
    input wire [31:0] h_epoch,
    input wire [16:0] h_length,
    input wire [63:0] h_position,
    input wire p_valid,
    output wire p_ready,
    input wire [31:0] p_data,
    input wire e_valid,
    output wire e_ready,
    input wire e_good,
    // to payload.v
    output wire begin_valid,
    input wire begin_ready,
    output wire keep_valid,
    input wire keep_ready,
    output wire q_valid,
    input wire q_ready,
    output wire [14:0] q_words,
    output wire copying,  // its words go to the RAM
    // to the RAM: ram_stream jobs of RAM_WRITE and RAM_READ
    output wire j_valid,
    input wire j_ready,
    output wire j_write,
    output wire [ADDRESS_BITS-1:0] j_address,
    output wire [14:0] j_words,
    input wire ram_m_valid,
    output wire ram_m_ready,
    input wire [31:0] ram_m_data,
    // the card's contexts
    output wire x_valid,
    input wire x_ready,
    output wire [7:0] x_type,
    output wire [31:0] x_word0,
    output wire [31:0] x_word1,
    input wire d_valid,
    input wire [3:0] d_status,
    input wire [31:0] d_value,
    input wire d_answered,
    // registers
    output wire [31:0] register_address,
    input wire [31:0] register_value,
    input wire register_good,
    output wire scratch_write,
    output wire count_ok,
    output wire count_payload_error,
    output wire count_stale,
    output wire count_sequence_error,
    output wire count_refused,
    // to frame_tx
    output wire [31:0] epoch,
    output wire restart,
    output wire t_valid,
    input wire t_ready,
    output wire [7:0] t_type,
    output wire [63:0] t_position,
    output wire [16:0] t_length,
    output wire t_p_valid,
    input wire t_p_ready,
    output wire [31:0] t_p_data
);
    `include "protocol.vh"

    localparam [3:0] IDLE = 0, TAKE = 1, JUDGE = 2, LOOKUP = 3, RUN = 4, WAIT = 5, COPY = 6, DATA = 7, GIVE = 8,
        ANSWER = 9, WORDS = 10, BEGIN = 11;
    reg [3:0] state_q;
    reg [31:0] epoch_q, expected_q, value_q;
    reg [31:0] word0_q, word1_q;
    reg [1:0] taken_q;  // payload words seen, up to 2
    reg took_q;
    reg [31:0] word_q;
    reg [3:0] status_q;
    reg [1:0] index_q;
    reg [14:0] left_q;
    reg left_one_q;  // left_q is 1
    reg keep_q;
    reg [4:0] lookup_q;

    // what the header says, a clock behind it: it stands until its frame's end
    wire version_good_d = {24'd0, h_version} == NAVE_PROTOCOL_VERSION;
    wire is_sync_d = {24'd0, h_type} == NAVE_FRAME_SYNC;
    wire is_audio_d = {24'd0, h_type} == NAVE_FRAME_AUDIO_IN;
    wire is_write_d = {24'd0, h_type} == NAVE_FRAME_RAM_WRITE;
    wire is_plan_d = {24'd0, h_type} == NAVE_FRAME_PLAN_LOAD;
    wire context_good_d = {16'd0, h_context} < CONTEXTS;
    reg version_good_q, is_sync_q, is_audio_q, is_write_q, context_good_q;
    reg no_payload_q, one_word_q, sync_made_q, scratch_q;
    reg epoch_same_q, sequence_same_q, kept_type_q;
    always @(posedge clk) begin
        version_good_q <= version_good_d;
        is_sync_q <= is_sync_d;
        is_audio_q <= is_audio_d;
        is_write_q <= is_write_d;
        context_good_q <= context_good_d;
        no_payload_q <= h_length == 17'd0;
        one_word_q <= h_length == 17'd4;
        sync_made_q <= is_sync_d && h_length == 17'd0 && context_good_d;
        scratch_q <= h_position == {32'd0, NAVE_REG_SCRATCH};
        epoch_same_q <= h_epoch == epoch_q;
        sequence_same_q <= h_sequence == expected_q;
        kept_type_q <= version_good_d && h_length != 17'd0 && (is_audio_d || is_write_d || is_plan_d);
    end
    wire keep = kept_type_q && epoch_same_q && sequence_same_q;

    // judgement at the frame's end, in the order of the model
    wire synced = sync_made_q && e_good && version_good_q;
    wire stale = version_good_q && !synced && !epoch_same_q;
    wire bad_payload = version_good_q && !stale && !e_good;
`ifdef NAVE_BUG_COMMAND_SEQUENCE
    wire bad_sequence = 1'b0;
`else
    wire bad_sequence = version_good_q && !stale && e_good && !synced && !sequence_same_q;
`endif
    wire accepted = version_good_q && !stale && !bad_payload && !bad_sequence;
    wire judge = state_q == JUDGE && e_valid;

    // what a frame that was accepted asks for: a refusal here, or who runs it
    wire [31:0] range_bytes = is_write_q ? {15'd0, h_length} : word0_q;
    reg [31:0] room_q;  // from the position to the RAM's end
    reg inside_q;
    always @(posedge clk) begin
        room_q <= RAM_BYTES - h_position[31:0];
        inside_q <= h_position[63:32] == 32'd0 && h_position[1:0] == 2'd0 && h_position[31:0] <= RAM_BYTES;
    end
    wire range_good_d = inside_q && range_bytes <= room_q;
    localparam [2:0] REFUSE = 0, DONE = 1, BY_REGISTERS = 2, BY_WRITE = 3, BY_READ = 4, BY_CARD = 5;
    reg [2:0] who_d, who_q;
    reg [3:0] refusal_d, refusal_q;
    reg range_good_q, count_good_q;  // of the words that RAM_READ asks for: word 0
    always @(posedge clk) begin // they stand from LOOKUP's second clock on
        count_good_q <= word0_q != 32'd0 && word0_q[1:0] == 2'd0 && word0_q <= NAVE_MAX_PAYLOAD_BYTES;
        range_good_q <= range_good_d;
        who_q <= who_d;
        refusal_q <= refusal_d;
    end
    always @* begin
        who_d = REFUSE;
        refusal_d = NAVE_STATUS_BAD_LENGTH[3:0];
        if (!context_good_q) begin
            refusal_d = NAVE_STATUS_BAD_CONTEXT[3:0];
        end else begin
            case ({24'd0, h_type})
                NAVE_FRAME_SYNC: if (no_payload_q) who_d = DONE;
                NAVE_FRAME_REG_READ: if (no_payload_q) who_d = BY_REGISTERS;
                NAVE_FRAME_REG_WRITE:
                if (one_word_q) begin
                    refusal_d = NAVE_STATUS_BAD_ADDRESS[3:0];
                    if (scratch_q) who_d = DONE;
                end
                NAVE_FRAME_RAM_WRITE:
                if (!no_payload_q) begin
                    refusal_d = NAVE_STATUS_BAD_ADDRESS[3:0];
                    if (range_good_q) who_d = BY_WRITE;
                end
                NAVE_FRAME_RAM_READ:
                if (one_word_q) begin
                    if (!count_good_q) refusal_d = NAVE_STATUS_BAD_VALUE[3:0];
                    else if (!range_good_q) refusal_d = NAVE_STATUS_BAD_ADDRESS[3:0];
                    else who_d = BY_READ;
                end
                NAVE_FRAME_PLAN_LOAD, NAVE_FRAME_START, NAVE_FRAME_STOP, NAVE_FRAME_UNLOAD, NAVE_FRAME_AUDIO_IN,
                NAVE_FRAME_PARAM: who_d = BY_CARD;
                default: refusal_d = NAVE_STATUS_BAD_TYPE[3:0];
            endcase
        end
    end

    wire [31:0] status = {28'd0, status_q};
    wire refused_by_link = status == NAVE_STATUS_BAD_SEQUENCE || status == NAVE_STATUS_BAD_PAYLOAD ||
        status == NAVE_STATUS_BAD_VERSION;

    assign h_ready = state_q == BEGIN && (!keep || begin_ready) && t_ready;
    assign begin_valid = state_q == BEGIN && h_valid && keep && t_ready;
`ifdef NAVE_BUG_COMMAND_KEEP
    assign keep_valid = state_q == TAKE && keep_q && p_valid && taken_q == 2'd2;
`else
    assign keep_valid = state_q == TAKE && keep_q && p_valid;
`endif
    assign p_ready = state_q == TAKE && (!keep_q || keep_ready);
    assign e_ready = state_q == ANSWER && index_q == 2'd3;  // the header is held until then
    assign q_valid = state_q == RUN && who_q == BY_WRITE && j_ready;
    assign q_words = h_length[16:2];
    assign j_valid = state_q == RUN && (who_q == BY_READ || (who_q == BY_WRITE && q_ready));
    assign j_write = who_q == BY_WRITE;
    assign j_address = h_position[ADDRESS_BITS+1:2];
    assign j_words = is_write_q ? h_length[16:2] : word0_q[16:2];
    assign x_valid = state_q == RUN && (who_q == BY_CARD || sync_made_q);
    assign x_type = h_type;
    assign x_word0 = word0_q;
    assign x_word1 = word1_q;
    assign register_address = h_position[63:32] == 32'd0 ? h_position[31:0] : 32'hffffffff;
    assign scratch_write = state_q == RUN && who_q == DONE && !is_sync_q;
    assign count_ok = judge && accepted;
    assign count_payload_error = judge && bad_payload;
    assign count_stale = judge && stale;
    assign count_sequence_error = judge && bad_sequence;
    assign count_refused = state_q == ANSWER && index_q == 2'd0 && t_ready && status_q != 4'd0;
    assign epoch = epoch_q;
    assign restart = state_q == WAIT && d_valid && sync_made_q;
    assign copying = state_q == COPY;
    assign t_valid = (state_q == ANSWER && index_q == 2'd0) || state_q == DATA;
    assign t_type = state_q == DATA ? NAVE_FRAME_DATA[7:0] :
        refused_by_link || is_audio_q ? NAVE_FRAME_ERROR[7:0] : NAVE_FRAME_REPLY[7:0];
    assign t_position = state_q == DATA ? h_position : 64'd0;
    assign t_length = state_q == DATA ? word0_q[16:0] : 17'd12;
    assign ram_m_ready = state_q == GIVE && t_p_ready;
    assign t_p_valid = state_q == WORDS || (state_q == GIVE && ram_m_valid);
    assign t_p_data = state_q == GIVE ? ram_m_data : index_q == 2'd0 ? h_sequence : index_q == 2'd1 ? status : value_q;

    always @(posedge clk) begin
        took_q <= p_valid && p_ready;  // whether there is room for a word is known late in the clock
        word_q <= p_data;
        if (state_q == IDLE) taken_q <= 2'd0;
        else if (took_q && taken_q != 2'd2) begin
            if (taken_q == 2'd0) word0_q <= word_q;
            else word1_q <= word_q;
            taken_q <= taken_q + 2'd1;
        end
        if (state_q == BEGIN) keep_q <= keep;
        if (state_q == DATA) begin
            left_q <= word0_q[16:2];
            left_one_q <= word0_q[16:2] == 15'd1;
        end else if (t_p_valid && t_p_ready) begin
            left_q <= left_q - 15'd1;
            left_one_q <= left_q == 15'd2;
        end

        if (judge) begin
            value_q <= !version_good_q ? NAVE_PROTOCOL_VERSION : bad_sequence ? expected_q : 32'd0;
            status_q <= !version_good_q ? NAVE_STATUS_BAD_VERSION[3:0] :
                bad_payload ? NAVE_STATUS_BAD_PAYLOAD[3:0] : NAVE_STATUS_BAD_SEQUENCE[3:0];
        end else if (state_q == RUN) begin
            status_q <= who_q == REFUSE ? refusal_q :
                who_q == BY_REGISTERS && !register_good ? NAVE_STATUS_BAD_ADDRESS[3:0] : NAVE_STATUS_OK[3:0];
            if (who_q == BY_REGISTERS) value_q <= register_value;
            if (is_sync_q && context_good_q) value_q <= NAVE_PROTOCOL_VERSION;
        end else if (state_q == WAIT && d_valid && !sync_made_q) begin
            status_q <= d_status;
            value_q <= d_value;
        end
    end

    always @(posedge clk) begin
        if (rst) begin
            state_q <= IDLE;
            index_q <= 2'd0;
            epoch_q <= 32'd0;
            expected_q <= 32'd0;
        end else begin
            if (restart) epoch_q <= h_epoch;  // what the contexts still sent was of the old one
            if (judge && synced) expected_q <= h_sequence + 32'd1;
            else if (judge && accepted) expected_q <= expected_q + 32'd1;
            case (state_q)
                IDLE: begin
                    index_q <= 2'd0;
                    if (h_valid) state_q <= BEGIN;
                end
                BEGIN: if (h_ready) state_q <= TAKE;
                TAKE: if (e_valid) state_q <= JUDGE;
                JUDGE: begin
                    state_q <= accepted ? LOOKUP : ANSWER;
                    lookup_q <= 5'd0;
                    if (stale) index_q <= 2'd3;
                end
                LOOKUP: begin
                    lookup_q <= lookup_q + 5'd1;  // the registers need their time
                    if (lookup_q == (who_q == BY_REGISTERS ? 5'd24 : 5'd1)) state_q <= RUN;
                end
                RUN:
                if (sync_made_q || who_q == BY_CARD) begin
                    if (x_ready) state_q <= WAIT;
                end else if (who_q == BY_WRITE) begin
                    if (q_ready && j_ready) state_q <= COPY;
                end else if (who_q == BY_READ) begin
                    if (j_ready) state_q <= DATA;
                end else state_q <= ANSWER;
                WAIT:
                if (d_valid) begin
                    state_q <= ANSWER;
                    if (!sync_made_q && d_answered) index_q <= 2'd3;
                end
                COPY: if (j_ready) state_q <= ANSWER;
                DATA: if (t_ready) state_q <= GIVE;
                GIVE:
                if (t_p_valid && t_p_ready && left_one_q) begin
                    state_q <= ANSWER;
                    index_q <= 2'd3;
                end
                ANSWER:
                if (index_q == 2'd3) state_q <= IDLE;
                else if (t_ready) state_q <= WORDS;
                default:
                if (t_p_ready) begin
                    index_q <= index_q + 2'd1;
                    if (index_q == 2'd2) state_q <= ANSWER;
                end
            endcase
        end
    end
endmodule
`default_nettype wire
