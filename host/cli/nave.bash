# bash completion for nave. Made by scripts/gen/gen_cli_docs from the tables of host/cli. Do not edit.
# SPDX-License-Identifier: ISC
_nave() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W 'render plan verify devices info selftest monitor bench chain load help --help --version' -- "$cur")
        return
    fi
    case $command:$prev in
    render:--output | render:-o) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    render:--ir | render:-i) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    render:--chain) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    render:--preset) return ;;
    render:--side-chain) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    render:--wet) return ;;
    render:--dry) return ;;
    render:--format | render:-f) mapfile -t COMPREPLY < <(compgen -W 'auto pcm16 pcm24 pcm32 float' -- "$cur"); return ;;
    render:--seed) return ;;
    render:--plot) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    render:--jobs | render:-j) return ;;
    render:--layout) mapfile -t COMPREPLY < <(compgen -W 'auto diagonal true-stereo' -- "$cur"); return ;;
    render:--normalise) mapfile -t COMPREPLY < <(compgen -W 'none peak energy gain' -- "$cur"); return ;;
    render:--gain) return ;;
    render:--predelay) return ;;
    render:--trim-start) return ;;
    render:--length) return ;;
    render:--trim-below) return ;;
    render:--fade-in) return ;;
    render:--fade-out) return ;;
    render:--tick) return ;;
    render:--min-partition) return ;;
    render:--max-partition) return ;;
    render:--batch) return ;;
    render:--device | render:-d) return ;;
    plan:--board | plan:-b) return ;;
    plan:--rate | plan:-r) return ;;
    plan:--channels | plan:-c) return ;;
    plan:--tick) return ;;
    plan:--min-partition) return ;;
    plan:--max-partition) return ;;
    plan:--batch) return ;;
    plan:--layout) mapfile -t COMPREPLY < <(compgen -W 'auto diagonal true-stereo' -- "$cur"); return ;;
    plan:--normalise) mapfile -t COMPREPLY < <(compgen -W 'none peak energy gain' -- "$cur"); return ;;
    plan:--gain) return ;;
    plan:--predelay) return ;;
    plan:--trim-start) return ;;
    plan:--length) return ;;
    plan:--trim-below) return ;;
    plan:--fade-in) return ;;
    plan:--fade-out) return ;;
    verify:--device | verify:-d) return ;;
    info:--device | info:-d) return ;;
    selftest:--device | selftest:-d) return ;;
    monitor:--device | monitor:-d) return ;;
    bench:--audio | bench:-a) return ;;
    bench:--repeats | bench:-n) return ;;
    bench:--device | bench:-d) return ;;
    chain:--preset) return ;;
    chain:--ir | chain:-i) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    chain:--board | chain:-b) return ;;
    chain:--rate | chain:-r) return ;;
    chain:--channels | chain:-c) return ;;
    chain:--tick) return ;;
    chain:--min-partition) return ;;
    chain:--max-partition) return ;;
    chain:--batch) return ;;
    load:--bitstreams) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    load:--part) return ;;
    esac
    case $command in
    render) words='--output --ir --chain --preset --side-chain --wet --dry --format --no-dither --seed --no-tail --no-overwrite --no-receipt --plot --linear --jobs --layout --normalise --gain --predelay --trim-start --length --trim-below --fade-in --fade-out --reverse --offline --live --tick --min-partition --max-partition --batch --device --json --quiet --help' ;;
    plan) words='--board --rate --channels --offline --live --tick --min-partition --max-partition --batch --layout --normalise --gain --predelay --trim-start --length --trim-below --fade-in --fade-out --reverse --json --quiet --help' ;;
    verify) words='--device --json --quiet --help' ;;
    devices) words='--json --quiet --help' ;;
    info) words='--device --json --quiet --help' ;;
    selftest) words='--device --json --quiet --help' ;;
    monitor) words='--device --json --quiet --help' ;;
    bench) words='--audio --repeats --device --json --quiet --help' ;;
    chain) words='--preset --ir --board --rate --channels --offline --live --tick --min-partition --max-partition --batch --json --quiet --help' ;;
    load) words='--bitstreams --part --flash --dry-run --json --quiet --help' ;;
    help) words='--man --bash --zsh --fish --help' ;;
    esac
    case $command:$cur in
    *:-*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
    help:*) mapfile -t COMPREPLY < <(compgen -W 'render plan verify devices info selftest monitor bench chain load help' -- "$cur") ;;
    render:*) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    plan:*) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    verify:*) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -X '!*.nave' -- "$cur"; compgen -d -- "$cur") ;;
    chain:*) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    esac
}
complete -F _nave nave
