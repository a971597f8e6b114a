#!/bin/bash
# Each file of rtl/ as top through Verilator -Wall and Icarus, and parameters that must stop elaboration.
# SPDX-License-Identifier: ISC
build=${1:-build}
library=$build/rtl-library # modules are nave_<basename>: links let the tools find them by name
rm -rf "$library"
mkdir -p "$library"
includes=()
for d in rtl/*/; do
    includes+=("-I$d")
done
for f in rtl/*/*.v; do
    ln -sf "$PWD/$f" "$library/nave_$(basename "$f")"
done
passed=0
failed=0
verdict() { # 0 if good, name, what was said
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n%s\n' "$2" "$(head -20 <<<"$3")"
    fi
}
lint() { # file, parameters
    local f=$1
    shift
    verilator --lint-only -Wall --language 1364-2005 "${includes[@]}" -y "$library" rtl/lint.vlt \
        --top-module "$(sed -nE 's/^module +([a-z0-9_]+).*/\1/p' "$f" | head -1)" "$@" "$f" 2>&1
}
for f in rtl/*/*.v; do
    said=$(lint "$f")
    verdict $? "verilator $f" "$said"
    said=$(iverilog -g2005 -t null -Wall "${includes[@]}" -y "$library" "$f" 2>&1)
    verdict $(($? || $(grep -c . <<<"$said"))) "iverilog $f" "$said"
done
while read -r f parameters; do
    said=$(lint "$f" $parameters)
    verdict $((!$?)) "$f accepts $parameters" ""
done <<'END'
rtl/arith/mul.v -GWIDTH_A=34
rtl/arith/mul.v -GDSP=5
rtl/arith/cmul.v -GMULTIPLIES=2
rtl/arith/round_even.v -GOUT=65
rtl/arith/saturate.v -GOUT=64
rtl/arith/magnitude.v -GWORDS=3
rtl/prim/ram.v -GADDRESS_WIDTH=15
rtl/prim/ram_init.v -GADDRESS_WIDTH=15
rtl/prim/addsub.v -GWIDTH=31
rtl/conv/buffer.v -GMAX_LOG2N=14
rtl/conv/buffer.v -GLANES=3
rtl/conv/twiddle.v -GLANES=4
rtl/conv/cmac.v -GMAX_LOG2N=10
rtl/dyn/limiter.v -GBANKS=5
rtl/arith/round_serial.v -GWIDTH=32
rtl/mem/ram_stream.v -GLOG2_FIFO=1
rtl/mem/ram_bursts.v -GLOG2_BURST=7
rtl/mem/ram_reader.v -GLOG2_FIFO=5
rtl/mem/ram_writer.v -GLOG2_FIFO=5
END
while read -r f parameters; do
    said=$(lint "$f" $parameters)
    verdict $? "verilator $f $parameters" "$said"
done <<'END'
rtl/conv/transform.v -GLANES=2
rtl/mem/ram_stream.v -GLOG2_FIFO=4 -GBLOCK_RAM=0
rtl/card/engine.v -GLANES=2
rtl/conv/convolver.v -GLANES=2
rtl/conv/convolver.v -GMAX_LOG2N=12
rtl/conv/transform.v -GMAX_LOG2N=12 -GMULTIPLIES=4 -GDSP=4
rtl/conv/transform.v -GMAX_LOG2N=10 -GLANES=2
rtl/arith/mul.v -GDSP=4
rtl/arith/magnitude.v -GWORDS=1
rtl/dyn/limiter.v -GBANKS=2
rtl/dyn/limiter.v -GBANKS=3
END
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
