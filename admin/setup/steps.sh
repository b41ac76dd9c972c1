# One line a step with its seconds; what a step printed is shown only when it failed.
# Sourced by the other scripts of this folder, from the root of the repository.

LOG=${TMPDIR:-/tmp}/yibiao-setup.$$.log
trap 'rm -f "$LOG"' EXIT

say() {
    printf '%s\n' "$*"
}

# stop "中文" "English": what is wrong and what to do next, in both languages.
stop() {
    printf '\n✗ %s\n✗ %s\n' "$1" "$2" >&2
    exit 1
}

seconds_since() {
    awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f s", b - a }'
}

# step "中文" "English" command...: runs it, and prints how long it took.
step() {
    step_name="$1 · $2"
    shift 2
    printf '→ %s … ' "$step_name"
    step_began=$(date +%s.%N)
    if "$@" >"$LOG" 2>&1 </dev/null; then
        seconds_since "$step_began"
        printf '\n'
    else
        step_code=$?
        printf '✗ '
        seconds_since "$step_began"
        printf '\n\n'
        tail -n 40 "$LOG" >&2
        printf '\n✗ %s\n' "$step_name" >&2
        exit "$step_code"
    fi
}

# shown "中文" "English" command...: as `step`, for a check whose findings a person reads.
shown() {
    shown_name="$1 · $2"
    shift 2
    printf '\n→ %s\n' "$shown_name"
    shown_began=$(date +%s.%N)
    if "$@" </dev/null; then
        printf '  %s\n' "$(seconds_since "$shown_began")"
    else
        shown_code=$?
        printf '✗ %s · %s\n' "$shown_name" "$(seconds_since "$shown_began")" >&2
        exit "$shown_code"
    fi
}

# retried command...: three tries, because a mirror answers 503 now and then.
retried() {
    for pause in 2 8 0; do
        "$@" && return 0
        [ "$pause" = 0 ] || { say "again in $pause s: $*"; sleep "$pause"; }
    done
    return 1
}

# fingerprint file...: one value for the contents of the files, the tree's place and the interpreter.
fingerprint() {
    { pwd; cat "$@"; } | sha256sum | cut -d ' ' -f 1
}

stamped() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}
