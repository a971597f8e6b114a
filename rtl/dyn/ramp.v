// Dials in time (twin of sim/model/ramp.c and of move_dials in sim/model/dyn.c): for each frame the events of its time,
// then a step of every dial that moves, and after each step the dial's number, for dials.v; then c_last.
//   after i of n frames: value = start + (target - start) i / n, towards zero; the remainder is handed out frame by frame
// One RAM has the values, and three words of each of the MOVES dials that may move at a time; a ramp beyond jumps.
// Start: values by l_*, then `start`: every dial is passed on and a c_last said; the next frame is 0. Events (e_*) come in the order of
// their frames; a frame is begun when the event that waits is of a later one. A dial that isn't there only marks time.
// Clocks: 5 a frame, 15 a dial that moves, 75 an event, and what dials.v takes. Reads of dials.v: two clocks.
// Growth: values 63 bits, limited; the way between two 64, its quotient 63.
// SPDX-License-Identifier: ISC
`default_nettype none

module nave_ramp #(
    parameter MOVES = 120 // NAVE_DYN_MOVES
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        l_valid, // before the start
    input  wire [9:0]  l_dial,
    input  wire [63:0] l_value,
    input  wire        start,
    input  wire        e_valid,
    output wire        e_ready,
    input  wire [63:0] e_frame,
    input  wire [9:0]  e_dial,
    input  wire [63:0] e_value,
    input  wire [31:0] e_frames, // of the ramp
    output wire        c_valid,
    input  wire        c_ready,
    output wire        c_last,   // all of a frame was said
    output wire [9:0]  c_dial,
    input  wire [9:0]  c_address,
    output wire [62:0] c_value
);
    localparam [9:0] DIALS = 10'd656;
    localparam [31:0] MOVES_32 = MOVES;
    localparam [6:0] MOST = MOVES_32[6:0];
    generate
        if (MOVES < 1 || MOVES > 122)
            nave_ramp_MOVES_must_be_1_to_122 illegal();
    endgenerate
    localparam [4:0] HALT = 5'd0, ALL = 5'd1, LOOK = 5'd2, EVENTS = 5'd3, FETCH = 5'd4, FETCHED = 5'd5, WAY = 5'd6,
        SIZE = 5'd7, DIVIDE = 5'd8, JUMP = 5'd9, TELL_JUMP = 5'd10, PUT = 5'd11, PUT_STEP = 5'd12, PUT_REST = 5'd13,
        PUT_TIME = 5'd14, NEXT = 5'd15, READ = 5'd16, READ_REST = 5'd17, READ_TIME = 5'd18, HAVE_REST = 5'd19,
        HAVE_TIME = 5'd20, OWE = 5'd21, HAVE_VALUE = 5'd22, MOVE = 5'd23, TELL = 5'd24, LAST = 5'd25;
    reg [4:0] state_q;
    reg is_event_q;          // what is put is an event's
    reg later_q;             // the event is of a later frame
    reg [63:0] frame_q;
    reg [9:0] dial_q;
    reg [6:0] moving_q, from_q, to_q; // how many move; the step's place before and after
    reg [9:0] read_q, place_q; // addresses of a place's first word
    reg [62:0] value_q, target_q;
    reg [63:0] way_q;
    reg [62:0] step_q;       // |way| / frames
    reg minus_q;
    reg [31:0] owed_q, rest_q, frames_q, left_q;
    reg [5:0] turn_q;

    wire [71:0] data;
    wire [62:0] e_limited;
    wire [63:0] l_or_e = state_q == HALT ? l_value : e_value;
    nave_saturate #(.WIDTH(64), .OUT(63)) limit_event (.v(l_or_e), .y(e_limited), .limited());
    wire [32:0] more_owed = {1'b0, owed_q} + {1'b0, rest_q};
    reg [32:0] more_owed_q;
    wire [32:0] owed_less = more_owed_q - {1'b0, frames_q};
    reg carry_q;
    wire [62:0] moved;
    nave_sum #(.WIDTH(63)) move (
        .a(value_q), .b(step_q), .with_b(1'b1), .invert(minus_q), .carry(carry_q ^ minus_q), .y(moved));
    // division: the remainder above, the quotient grows from below
    wire [32:0] remainder = {rest_q, step_q[62]};
    wire [32:0] less = remainder - {1'b0, frames_q};
    wire [9:0] place_of = DIALS + {3'd0, data[69:63]} + {2'd0, data[69:63], 1'b0};

    reg write;
    reg [9:0] write_address;
    reg [71:0] write_data;
    always @* begin
        write = 1'b1;
        write_address = place_q;
        write_data = {dial_q[7:0], minus_q, step_q};
        case (state_q)
            HALT: begin
                write = l_valid && l_dial < DIALS;
                write_address = l_dial;
                write_data = {9'd0, e_limited};
            end
            JUMP: begin
                write_address = dial_q;
                write_data = {9'd0, target_q};
            end
            PUT: begin
                write_address = dial_q;
                write_data = {1'b0, left_q != 32'd0, to_q, value_q};
            end
            PUT_STEP: ;
            PUT_REST: begin
                write_address = place_q + 10'd1;
                write_data = {6'd0, dial_q[9:8], owed_q, rest_q};
            end
            PUT_TIME: begin
                write_address = place_q + 10'd2;
                write_data = {8'd0, frames_q, left_q};
            end
            default: write = 1'b0;
        endcase
    end
    wire [9:0] address = c_valid ? c_address : state_q == READ ? read_q : state_q == READ_REST ? read_q + 10'd1 :
        state_q == READ_TIME ? read_q + 10'd2 : dial_q;
    nave_ram #(.ADDRESS_WIDTH(10), .WIDTH(72)) words (
        .clk(clk), .write(write), .write_address(write_address), .write_data(write_data), .read_address(address),
        .read_data(data));
    wire unused = &{1'b0, data[71]};

    assign c_valid = state_q == ALL || state_q == TELL_JUMP || state_q == TELL || state_q == LAST;
    assign c_last = state_q == LAST;
    assign c_dial = dial_q;
    assign c_value = data[62:0];
    wire marks = e_dial >= DIALS;
    assign e_ready = (state_q == EVENTS && e_valid && !later_q && marks) || (state_q == PUT_TIME && is_event_q) ||
        state_q == JUMP;

    always @(posedge clk) begin
        later_q <= e_frame > frame_q;
        case (state_q)
            HALT: begin
                frame_q <= ~64'd0;
                moving_q <= 7'd0;
                dial_q <= 10'd0;
                if (start)
                    state_q <= ALL;
            end
            ALL: if (c_ready) begin
                dial_q <= dial_q + 10'd1;
                if (dial_q == DIALS - 10'd1)
                    state_q <= LAST; // before the first frame
            end
            LOOK: if (e_valid)
                state_q <= EVENTS;
            EVENTS: begin // later_q has seen the event that waits
                dial_q <= e_dial;
                from_q <= 7'd0;
                to_q <= 7'd0;
                read_q <= DIALS;
                place_q <= DIALS;
                is_event_q <= !later_q;
                state_q <= later_q ? NEXT : marks ? LOOK : FETCH;
            end
            FETCH: state_q <= FETCHED;
            FETCHED: state_q <= WAY;
            WAY: begin
                target_q <= e_limited;
                frames_q <= e_frames == 32'd0 ? 32'd1 : e_frames;
                left_q <= e_frames == 32'd0 ? 32'd1 : e_frames;
                value_q <= data[62:0];
                way_q <= {e_limited[62], e_limited} - {data[62], data[62:0]};
                to_q <= data[70] ? data[69:63] : moving_q;
                place_q <= data[70] ? place_of : DIALS + {3'd0, moving_q} + {2'd0, moving_q, 1'b0};
                if (data[70])
                    state_q <= SIZE;
                else if (moving_q == MOST)
                    state_q <= JUMP;
                else begin
                    moving_q <= moving_q + 7'd1;
                    state_q <= SIZE;
                end
            end
            SIZE: begin
                minus_q <= way_q[63];
                step_q <= way_q[63] ? ~way_q[62:0] + 63'd1 : way_q[62:0];
                rest_q <= 32'd0;
                owed_q <= 32'd0;
                turn_q <= 6'd62;
                state_q <= DIVIDE;
            end
            DIVIDE: begin
                step_q <= {step_q[61:0], !less[32]};
                rest_q <= less[32] ? remainder[31:0] : less[31:0];
                turn_q <= turn_q - 6'd1;
                if (turn_q == 6'd0)
                    state_q <= PUT;
            end
            JUMP: state_q <= TELL_JUMP;
            TELL_JUMP: if (c_ready)
                state_q <= LOOK;
            PUT: state_q <= PUT_STEP;
            PUT_STEP: state_q <= PUT_REST;
            PUT_REST: state_q <= PUT_TIME;
            PUT_TIME: state_q <= is_event_q ? LOOK : TELL;
            NEXT: begin
                state_q <= from_q == moving_q ? LAST : READ;
                if (from_q == moving_q)
                    moving_q <= to_q;
            end
            READ: state_q <= READ_REST;
            READ_REST: state_q <= READ_TIME;
            READ_TIME: begin // the first word is there
                {dial_q[7:0], minus_q, step_q} <= data;
                state_q <= HAVE_REST;
            end
            HAVE_REST: begin
                {dial_q[9:8], owed_q, rest_q} <= data[65:0];
                state_q <= HAVE_TIME;
            end
            HAVE_TIME: begin // the value is asked for
                {frames_q, left_q} <= data[63:0];
                more_owed_q <= more_owed;
                state_q <= OWE;
            end
            OWE: begin
                left_q <= left_q - 32'd1;
                carry_q <= !owed_less[32];
                owed_q <= owed_less[32] ? more_owed_q[31:0] : owed_less[31:0];
                state_q <= HAVE_VALUE;
            end
            HAVE_VALUE: begin
                value_q <= data[62:0];
                state_q <= MOVE;
            end
            MOVE: begin
                value_q <= moved;
                state_q <= PUT;
            end
            TELL: if (c_ready) begin
                from_q <= from_q + 7'd1;
                read_q <= read_q + 10'd3;
                if (left_q != 32'd0) begin
                    to_q <= to_q + 7'd1;
                    place_q <= place_q + 10'd3;
                end
                state_q <= NEXT;
            end
            default: if (c_ready) begin // LAST
                frame_q <= frame_q + 64'd1;
                state_q <= LOOK;
            end
        endcase
        if (rst)
            state_q <= HALT;
    end
endmodule

`default_nettype wire
