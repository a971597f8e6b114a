// What a board's lamps say (rtl/board/README.md), and its button: debounced, pressed and held for a second.
// SPDX-License-Identifier: ISC
`default_nettype none
module nave_board_status #(
    parameter [31:0] CLOCK_HZ = 32'd120000000
) (
    input wire clk,
    input wire rst,
    input wire test_done,
    input wire test_good,
    input wire ram_fault,
    input wire configured,  // these three are of another clock
    input wire high_speed,
    input wire suspended,
    input wire traffic,
    input wire button,  // pin, active high
    output reg held,
    output wire tick,  // a clock each millisecond
    output reg [5:0] led
);
    localparam [31:0] MILLISECOND = CLOCK_HZ / 32'd1000 - 32'd1;
    wire pressed, usb_configured, usb_high_speed, usb_suspended;
    nave_sync #(.WIDTH(4)) u_sync (
        .clk(clk), .d({button, configured, high_speed, suspended}),
        .q({pressed, usb_configured, usb_high_speed, usb_suspended})
    );

    reg [17:0] divide_q;
    reg tick_q, down_q, fault_q;
    reg [9:0] time_q;  // ms
    reg [9:0] pressed_q;  // ms, stays at its end
    reg [6:0] traffic_q;  // ms to go
    assign tick = tick_q;
    wire down = pressed_q >= 10'd10;
    wire slow = time_q[9], quick = time_q[7];
    always @(posedge clk) begin
        if (rst) begin
            divide_q <= 18'd0;
            tick_q <= 1'b0;
            time_q <= 10'd0;
            pressed_q <= 10'd0;
            traffic_q <= 7'd0;
            fault_q <= 1'b0;
            held <= 1'b0;
            down_q <= 1'b0;
            led <= 6'd0;
        end else begin
            tick_q <= divide_q == MILLISECOND[17:0];
            divide_q <= divide_q == MILLISECOND[17:0] ? 18'd0 : divide_q + 18'd1;
            down_q <= down;
            if (ram_fault) fault_q <= 1'b1;
            if (tick_q) begin
                time_q <= time_q + 10'd1;
                pressed_q <= !pressed ? 10'd0 : pressed_q == 10'h3ff ? pressed_q : pressed_q + 10'd1;
                if (pressed_q == 10'h3ff) held <= 1'b1;
            end
            if (traffic) traffic_q <= 7'd100;
            else if (tick_q && traffic_q != 7'd0) traffic_q <= traffic_q - 7'd1;
            led[0] <= down_q || slow;
            led[1] <= down_q || (test_done ? test_good : quick);
            led[2] <= down_q || (usb_configured && (!usb_suspended || slow));
            led[3] <= down_q || usb_high_speed;
            led[4] <= down_q || traffic_q != 7'd0;
            led[5] <= down_q || (test_done && !test_good) || fault_q;
        end
    end
endmodule
`default_nettype wire
