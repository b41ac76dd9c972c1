# All tests, in two passes: side by side, a process a core if memory allows, and then by themselves those that say
# so (`alone`).
# A whole file goes to one process, because what it prepares is kept there. The folders keep their order: xdist
# would put the files with few but long tests last, and one core would wait for the other.
#
# Browsers, killed processes and two database servers on a busy machine: a few failures are run once more on
# their own. What fails again is a failure; what passes then is named, for somebody has to look at it. Where not
# every test was run (tests/whole.py) nothing is tried again.
#
# Sourced after steps.sh, from the root of the repository, by who says which `python` and where `failures` are kept.

FEW=3
MOST=3
EACH=2500000 # kilobytes that a process may need, with its browser and its PostgreSQL; measured up to 2 GB without
MEMORY=${MEMORY:-/proc/meminfo}
code=0

# passed arguments...: runs pytest; failures are kept in `code`, and only where tests were not run it gives up.
passed() {
    rm -f "$failures/v/whole/ended"
    ended=0
    $python -m pytest -p tests.whole -o cache_dir="$failures" "$@" || ended=$?
    if [ "$ended" -le 1 ] && [ -f "$failures/v/whole/ended" ]; then
        [ "$ended" = 0 ] || code=1
        return 0
    fi
    say "! 没有跑完 · not every test was run"
    [ "$ended" != 0 ] || ended=1
    return "$ended"
}

passes() {
    cores=$(nproc 2>/dev/null || echo 1)
    beside=$((cores < MOST ? cores : MOST))
    room=$(awk -v each=$EACH '$1 == "MemAvailable:" { print int($2 / each) }' "$MEMORY" 2>/dev/null || true)
    beside=$((${room:-MOST} < beside ? ${room:-MOST} : beside))
    if [ "$beside" -gt 1 ]; then
        say "→ $beside 个进程并行 · $beside processes side by side"
    else
        beside=0 # xdist's word for this process
        say "→ 一个进程 · one process"
    fi
    passed -m "not alone" -n "$beside" --dist loadfile --no-loadscope-reorder --max-worker-restart 0 || return
    say "→ 须单独跑的 · those that run by themselves"
    passed -m alone || return
    [ "$code" = 1 ] || return 0

    failed=$failures/v/cache/lastfailed
    count=$(grep -c '": true' "$failed" || true)
    [ "$count" -ge 1 ] && [ "$count" -le $FEW ] || return 1
    cp "$failed" "$failures/first"
    code=0
    say "→ 再单独跑一次 · once more on their own"
    passed --last-failed --last-failed-no-failures none || return
    [ "$code" = 0 ] || return 1
    say "! 初次失败、单独通过，需要查 · failed among the others, passed alone, somebody has to look:"
    grep '": true' "$failures/first"
}
