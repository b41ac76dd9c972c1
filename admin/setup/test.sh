#!/bin/sh
# What `make test` does once everything is installed: every check in turn, stopping at the first that fails.
set -eu
cd "$(dirname "$0")/../.."
. admin/setup/steps.sh
. admin/setup/ui.sh

python=.venv/bin/python
find_node
shown "代码规则" "lint (ruff)" $python -m ruff check .
shown "代码格式" "format (ruff)" $python -m ruff format --check .
shown "类型" "types (mypy)" $python -m mypy
shown "分层" "imports point down (import-linter)" $python -c 'import sys
from importlinter.cli import lint_imports_command
sys.argv = ["lint-imports"]
lint_imports_command()'
shown "页面类型" "types of the pages (tsc)" ui_script check

# Browsers, killed processes and two database servers on a busy machine: a few failures are run once more on
# their own. What fails again is a failure; what passes then is named, for somebody has to look at it.
FEW=3
failures=$(mktemp -d)
trap 'rm -rf "$failures" "$LOG"' EXIT
kept="-o cache_dir=$failures"
tests() {
    $python -m pytest $kept && return 0
    code=$?
    failed=$failures/v/cache/lastfailed
    [ "$code" = 1 ] && [ -f "$failed" ] && [ "$(grep -c '": true' "$failed")" -le $FEW ] || return "$code"
    cp "$failed" "$failures/first"
    say "→ 再单独跑一次 · once more on their own"
    $python -m pytest $kept --last-failed --last-failed-no-failures none || return
    say "! 初次失败、单独通过，需要查 · failed among the others, passed alone, somebody has to look:"
    grep '": true' "$failures/first"
}
shown "测试" "tests (pytest)" tests
