# The firmware of the card's core, a generated file like the others but for the compiler that it needs.
.PHONY: firmware
## make firmware     compile rtl/card/firmware into rtl/card/firmware.hex, firmware_high.hex and firmware_data.hex
firmware:
	$(Q)python3 scripts/gen/firmware.py
