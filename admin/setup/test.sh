#!/bin/sh
# What `make test` does once everything is installed: every check in turn, stopping at the first that fails.
set -eu
cd "$(dirname "$0")/../.."
. admin/setup/steps.sh
. admin/setup/ui.sh
. admin/setup/passes.sh

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

failures=$(mktemp -d)
trap 'rm -rf "$failures" "$LOG"' EXIT
shown "测试" "tests (pytest)" passes
