// CRC5 of tokens and CRC16 of data (USB 2.0, 8.3.5), least significant bit first, so both polynomials are reflected:
// x^5 + x^2 + 1 and x^16 + x^15 + x^2 + 1, start value all ones, sent inverted.
// SPDX-License-Identifier: ISC
localparam [15:0] CRC16_START = 16'hffff;

function [4:0] crc5;
    input [10:0] bits;
    integer k;
    begin
        crc5 = 5'h1f;
        for (k = 0; k < 11; k = k + 1) crc5 = {1'b0, crc5[4:1]} ^ (crc5[0] ^ bits[k] ? 5'h14 : 5'h00);
        crc5 = ~crc5;
    end
endfunction

function [15:0] crc16_next;
    input [15:0] crc;
    input [7:0] data;
    integer k;
    begin
        crc16_next = crc ^ {8'h00, data};
        for (k = 0; k < 8; k = k + 1)
            crc16_next = {1'b0, crc16_next[15:1]} ^ (crc16_next[0] ? 16'ha001 : 16'h0000);
    end
endfunction
